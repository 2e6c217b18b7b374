/* queue_getters_fifo.py - items go to getters in the order they began to wait. */
#include "vt.h"

struct getter { AIOT_FRAME; char name; aiot_queue *q; int item; aiot_waiter w; };

static AIOT_CORO(getter)
{
    AIOT_BEGIN();
    AIOT_QUEUE_GET(self->q, &self->w, &self->item);
    log("%c got %d", self->name, self->item);
    AIOT_END();
}

struct root { AIOT_FRAME; int items[3]; aiot_queue q; struct getter getters[3]; aiot_task tasks[3]; AIOT_WAIT_SET(3) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&self->tasks[i], getter, &self->getters[i], .name = "abc"[i], .q = &self->q);
    AIOT_SLEEP(S(1));
    for (int i = 0; i < 3; i++) aiot_queue_put_nowait(&self->q, &i);
    log("all put");
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    AIOT_END();
}

RUN(root)
