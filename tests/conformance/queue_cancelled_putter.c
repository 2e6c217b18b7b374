/* queue_cancelled_putter.py - a put() cancelled after a slot was freed for it does not lose the slot: the next putter uses it. */
#include "vt.h"

struct putter { AIOT_FRAME; const char *x; aiot_queue *q; aiot_waiter w; };

static AIOT_CORO(putter)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_QUEUE_PUT(self->q, &self->w, &self->x);
        log("put %s", self->x);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("%s cancelled", self->x);
        AIOT_RERAISE();
    }
    AIOT_END();
}

static const char *const first = "first";

struct root {
    AIOT_FRAME;
    const char *items[1], *got;
    aiot_queue q;
    struct putter pa, pb;
    aiot_task a, b;
    AIOT_WAIT_SET(2) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    aiot_queue_put_nowait(&self->q, &first);
    AIOT_SPAWN(&self->a, putter, &self->pa, .x = "a", .q = &self->q);
    AIOT_SPAWN(&self->b, putter, &self->pb, .x = "b", .q = &self->q);
    AIOT_SLEEP(S(1));
    aiot_queue_get_nowait(&self->q, &self->got);
    log("got %s", self->got);
    aiot_cancel(&self->a);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->a, &self->b);
    aiot_queue_get_nowait(&self->q, &self->got);
    log("got %s, left %zu", self->got, aiot_queue_size(&self->q));
    AIOT_END();
}

RUN(root)
