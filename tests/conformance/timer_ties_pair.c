/* timer_ties_pair.py - even two timers of one instant can come out reversed in CPython's heap when earlier ones were set before
 * them; this library promises FIFO, in order of registration (see ties.txt). */
#include "vt.h"

struct tick { const char *name; double delay; aiot_event *ev; aiot_handle timer; };

static int tick(void *argument)
{
    const struct tick *self = (const struct tick *)argument;
    log("%s", self->name);
    if (strcmp(self->name, "a") == 0) aiot_event_set(self->ev);
    return 0;
}

struct root { AIOT_FRAME; aiot_event ev; struct tick ticks[4]; aiot_waiter w; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    self->ticks[0] = (struct tick) { .name = "z", .delay = 0.25, .ev = &self->ev };
    self->ticks[1] = (struct tick) { .name = "y", .delay = 0.5, .ev = &self->ev };
    self->ticks[2] = (struct tick) { .name = "a", .delay = 1, .ev = &self->ev };
    self->ticks[3] = (struct tick) { .name = "b", .delay = 1, .ev = &self->ev };
    for (int i = 0; i < 4; i++) aiot_call_later(task->loop, &self->ticks[i].timer, S(self->ticks[i].delay), tick, &self->ticks[i]);
    AIOT_EVENT_WAIT(&self->ev, &self->w);
    AIOT_SLEEP(S(1));
    AIOT_END();
}

RUN(root)
