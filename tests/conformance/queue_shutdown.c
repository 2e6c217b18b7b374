/* queue_shutdown.py - after shutdown() put fails at once, get serves what is left and then fails; waiting ones are woken. */
#include "vt.h"

struct getter { AIOT_FRAME; const char *name; aiot_queue *q; int item; aiot_waiter w; };

static AIOT_CORO(getter)
{
    AIOT_BEGIN();
    AIOT_TRY {
        while (true) {
            AIOT_QUEUE_GET(self->q, &self->w, &self->item);
            log("%s got %d", self->name, self->item);
        }
    } AIOT_EXCEPT(AIOT_ESHUTDOWN) {
        log("%s: %s", self->name, desc(aiot_caught(task)));
    }
    AIOT_END();
}

struct putter { AIOT_FRAME; aiot_queue *q; int x; aiot_waiter w; };

static AIOT_CORO(putter)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_QUEUE_PUT(self->q, &self->w, &self->x);
        log("put %d", self->x);
    } AIOT_EXCEPT(AIOT_ESHUTDOWN) {
        log("put %d: %s", self->x, desc(aiot_caught(task)));
    }
    AIOT_END();
}

static const int one = 1, two = 2;

struct root { AIOT_FRAME; int items[2]; aiot_queue q; struct putter putter; struct getter getter; aiot_task p, g; aiot_waiter w; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    aiot_queue_put_nowait(&self->q, &one);
    aiot_queue_put_nowait(&self->q, &two);
    AIOT_SPAWN(&self->p, putter, &self->putter, .q = &self->q, .x = 3);
    AIOT_SLEEP(S(1));
    aiot_queue_shutdown(&self->q, false);
    AIOT_JOIN(&self->p);
    AIOT_AWAIT(getter, &self->getter, .name = "a", .q = &self->q);
    aiot_queue_init(&self->q, self->items);
    AIOT_SPAWN(&self->g, getter, &self->getter, .name = "b", .q = &self->q);
    AIOT_SLEEP(S(1));
    aiot_queue_shutdown(&self->q, false);
    AIOT_JOIN(&self->g);
    aiot_queue_init(&self->q, self->items);
    aiot_queue_put_nowait(&self->q, &one);
    aiot_queue_shutdown(&self->q, true);
    AIOT_AWAIT(getter, &self->getter, .name = "c", .q = &self->q);
    AIOT_QUEUE_JOIN(&self->q, &self->w);
    log("joined");
    AIOT_END();
}

RUN(root)
