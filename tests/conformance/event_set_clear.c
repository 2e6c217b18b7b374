/* event_set_clear.py - set() wakes all who wait, even if clear() follows before they run; wait() on a set event takes no turn. */
#include "vt.h"

struct waiter { AIOT_FRAME; int n; aiot_event *ev; aiot_waiter w; };

static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    AIOT_EVENT_WAIT(self->ev, &self->w);
    log("waiter %d woke, is_set %d", self->n, aiot_event_is_set(self->ev));
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_event ev; struct waiter waiters[3]; aiot_task tasks[3]; AIOT_WAIT_SET(2) set; aiot_waiter w; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->tasks[i], waiter, &self->waiters[i], .n = i, .ev = &self->ev);
    AIOT_SLEEP(S(1));
    aiot_event_set(&self->ev);
    aiot_event_clear(&self->ev);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1]);
    aiot_event_set(&self->ev);
    AIOT_SPAWN(&self->tasks[2], waiter, &self->waiters[2], .n = 9, .ev = &self->ev);
    AIOT_EVENT_WAIT(&self->ev, &self->w);
    log("no turn taken");
    AIOT_SLEEP(0);
    AIOT_END();
}

RUN(root)
