/* queue_bounded.py - put() on a full queue waits for a free slot; the nowait forms fail instead of waiting; order is kept. */
#include "vt.h"

struct producer { AIOT_FRAME; aiot_queue *q; int i; aiot_waiter w; };

static AIOT_CORO(producer)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 4; self->i++) {
        AIOT_QUEUE_PUT(self->q, &self->w, &self->i);
        log("put %d, size %zu", self->i, aiot_queue_size(self->q));
    }
    AIOT_END();
}

static const int one_more = 99;

struct root { AIOT_FRAME; int items[2]; aiot_queue q; struct producer producer; aiot_task p; int i, got; aiot_waiter w; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    AIOT_SPAWN(&self->p, producer, &self->producer, .q = &self->q);
    AIOT_SLEEP(S(1));
    if (aiot_queue_put_nowait(&self->q, &one_more) == AIOT_EFULL) log("%s", aiot_error_name(AIOT_EFULL));
    for (self->i = 0; self->i < 4; self->i++) {
        AIOT_QUEUE_GET(&self->q, &self->w, &self->got);
        log("got %d", self->got);
        AIOT_SLEEP(S(1));
    }
    if (aiot_queue_get_nowait(&self->q, &self->got) == AIOT_EEMPTY) log("%s", aiot_error_name(AIOT_EEMPTY));
    log("empty %d full %d", aiot_queue_empty(&self->q), aiot_queue_full(&self->q));
    AIOT_END();
}

RUN(root)
