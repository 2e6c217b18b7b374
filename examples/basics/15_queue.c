/* 15_queue.c - jobs for two workers, through a queue with room for two.
 *
 *     async def worker(name, pace):
 *         try:
 *             while True:
 *                 job = await queue.get()                         # asyncio.Queue(2)
 *                 await asyncio.sleep(pace)
 *                 print(name, "has done job", job)
 *                 queue.task_done()
 *         except asyncio.QueueShutDown:
 *             print(name, "goes home")
 *
 *     for job in range(1, 6): await queue.put(job)                # in root
 *     print("all jobs are in the queue")
 *     await queue.join()
 *     queue.shutdown()
 *
 * Notice: the queue lies over an array of yours, of any type, and its length is the bound: root waits while it is full, so a
 * slow consumer slows the producer down and nothing piles up.  Items are copied in and out.  join() waits until every job was
 * said to be done, not just taken.  shutdown() ends the workers' loops by an error at their get. */
#include "aio_timeout.h"
#include <stdio.h>

struct worker { AIOT_FRAME; aiot_queue *queue; const char *name; aiot_time pace; int job; aiot_waiter w; };

static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        while (true) {
            AIOT_QUEUE_GET(self->queue, &self->w, &self->job);
            AIOT_SLEEP(self->pace);
            printf("%s has done job %d\n", self->name, self->job);
            aiot_queue_task_done(self->queue);
        }
    } AIOT_EXCEPT(AIOT_ESHUTDOWN) {
        printf("%s goes home\n", self->name);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int jobs[2]; aiot_queue queue; struct worker a, b; aiot_task quick, slow; int job; aiot_waiter w; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->queue, self->jobs);
    AIOT_SPAWN(&self->quick, worker, &self->a, .queue = &self->queue, .name = "quick", .pace = AIOT_MS(20));
    AIOT_SPAWN(&self->slow, worker, &self->b, .queue = &self->queue, .name = "slow", .pace = AIOT_MS(160));
    for (self->job = 1; self->job <= 5; self->job++) AIOT_QUEUE_PUT(&self->queue, &self->w, &self->job);
    puts("all jobs are in the queue");
    AIOT_QUEUE_JOIN(&self->queue, &self->w);
    puts("all jobs are done");
    aiot_queue_shutdown(&self->queue, false);
    AIOT_JOIN(&self->quick);
    AIOT_JOIN(&self->slow);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
