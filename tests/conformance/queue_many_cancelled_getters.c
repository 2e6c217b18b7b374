/* queue_many_cancelled_getters.py - several getters cancelled in the turn of a put: the one that is left gets the item. */
#include "vt.h"

struct getter { AIOT_FRAME; char name; aiot_queue *q; const char *item; aiot_waiter w; };

static AIOT_CORO(getter)
{
    AIOT_BEGIN();
    AIOT_QUEUE_GET(self->q, &self->w, &self->item);
    log("%c got %s", self->name, self->item);
    AIOT_END();
}

static const char *const x = "x", *const y = "y";

struct root { AIOT_FRAME; const char *items[2]; aiot_queue q; struct getter getters[4]; aiot_task tasks[4]; AIOT_WAIT_SET(4) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    for (int i = 0; i < 4; i++) AIOT_SPAWN(&self->tasks[i], getter, &self->getters[i], .name = "abcd"[i], .q = &self->q);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->tasks[1]);
    aiot_queue_put_nowait(&self->q, &x);
    aiot_cancel(&self->tasks[0]);
    aiot_queue_put_nowait(&self->q, &y);
    aiot_cancel(&self->tasks[2]);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, S(2), &self->tasks[0], &self->tasks[1], &self->tasks[2], &self->tasks[3]);
    for (int i = 0; i < 4; i++) log("%s", outcome(&self->tasks[i], "None"));
    log("left %zu", aiot_queue_size(&self->q));
    AIOT_END();
}

RUN(root)
