/* 08_backpressure.c - a producer that is faster than its consumer has to wait: the queue is bounded, and memory does not grow.
 *
 *     async def consumer():
 *         with suppress(asyncio.QueueShutDown):
 *             while True:
 *                 item = await queue.get()
 *                 await asyncio.sleep(0.05)
 *
 *     task = asyncio.create_task(consumer())      # in producer()
 *     for item in range(1, 7):
 *         await asyncio.sleep(0.01)
 *         await queue.put(item)                   # asyncio.Queue(2)
 *     queue.shutdown()
 *     await task
 *
 * Notice: the length of the array is the bound.  A put waits for room, so the producer slows down to the consumer's pace.  Items that are
 * in the queue at its shutdown are still consumed.  A producer that must not wait calls aiot_queue_put_nowait(), which returns AIOT_EFULL
 * if there is no room.  Build: cc -I../.. 08_backpressure.c */
#include "aio_timeout.h"
#include <stdio.h>

struct consumer { AIOT_FRAME; aiot_queue *queue; int item; aiot_waiter w; };
static AIOT_CORO(consumer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        while (true) {
            AIOT_QUEUE_GET(self->queue, &self->w, &self->item);
            AIOT_SLEEP(AIOT_MS(50));
            printf("    consumed %d\n", self->item);
        }
    } AIOT_EXCEPT(AIOT_ESHUTDOWN) { puts("    all is consumed"); }
    AIOT_END();
}

struct producer { AIOT_FRAME; int room[2], item; aiot_queue queue; aiot_waiter w; aiot_time start; struct consumer consumer; aiot_task t; };
static AIOT_CORO(producer)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_queue_init(&self->queue, self->room));
    AIOT_SPAWN(&self->t, consumer, &self->consumer, .queue = &self->queue);
    for (self->item = 1; self->item <= 6; self->item++) {
        AIOT_SLEEP(AIOT_MS(10));
        self->start = aiot_now(task->loop);
        AIOT_QUEUE_PUT(&self->queue, &self->w, &self->item);
        printf("put %d, waited %d ms\n", self->item, (int)(aiot_time_between(self->start, aiot_now(task->loop)) / AIOT_MS(1)));
    }
    aiot_queue_shutdown(&self->queue, false);
    AIOT_JOIN(&self->t);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct producer producer;
    aiot_loop_init(&loop);
    return aiot_run(&loop, producer, &producer) == AIOT_OK ? 0 : 1;
}
