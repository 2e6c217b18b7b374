/* queue_kinds.py - a priority queue gives the smallest first, a LIFO queue the newest. */
#include "vt.h"

static bool less(const void *a, const void *b) { return *(const int *)a < *(const int *)b; }

struct root { AIOT_FRAME; int items[3][3]; aiot_queue queues[3]; int i, a, b, c; aiot_waiter w; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const int xs[] = { 3, 1, 2 };
    aiot_priority_queue_init(&self->queues[0], self->items[0], less);
    aiot_lifo_queue_init(&self->queues[1], self->items[1]);
    aiot_queue_init(&self->queues[2], self->items[2]);
    for (self->i = 0; self->i < 3; self->i++) {
        for (int x = 0; x < 3; x++) aiot_queue_put_nowait(&self->queues[self->i], &xs[x]);
        AIOT_QUEUE_GET(&self->queues[self->i], &self->w, &self->a);
        AIOT_QUEUE_GET(&self->queues[self->i], &self->w, &self->b);
        AIOT_QUEUE_GET(&self->queues[self->i], &self->w, &self->c);
        log("%d %d %d", self->a, self->b, self->c);
    }
    AIOT_END();
}

RUN(root)
