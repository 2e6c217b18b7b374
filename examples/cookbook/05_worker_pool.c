/* 05_worker_pool.c - n workers share a queue of jobs.  Each job has a limit.  The pool ends when all jobs are done.
 *
 *     while True:                                 # in worker(), until QueueShutDown
 *         job = await jobs.get()
 *         try:
 *             async with asyncio.timeout(0.1): await work(job)
 *         except TimeoutError: print("gives up", job)
 *         finally: jobs.task_done()
 *
 *     async with asyncio.TaskGroup() as pool:
 *         for _ in range(2): pool.create_task(worker())
 *         for job in range(1, 7): await jobs.put(job)
 *         await jobs.join(); jobs.shutdown()
 *
 * Notice: a limit ends one job, not its worker.  If a worker fails, the group cancels the others and the join, which would wait for
 * ever otherwise.  Build: cc -I../.. 05_worker_pool.c */
#include "aio_timeout.h"
#include <stdio.h>

struct worker { AIOT_FRAME; aiot_queue *jobs; int number, job; aiot_waiter w; aiot_timeout limit; };
static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        while (true) {
            AIOT_QUEUE_GET(self->jobs, &self->w, &self->job);
            AIOT_TIMEOUT(&self->limit, AIOT_MS(100)) {
                AIOT_SLEEP(self->job == 2 ? AIOT_S(60) : AIOT_MS(40));          /* the work */
                printf("worker %d has done job %d\n", self->number, self->job);
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
                printf("worker %d gives up job %d\n", self->number, self->job);
            } AIOT_FINALLY { AIOT_CHECK(aiot_queue_task_done(self->jobs)); }
        }
    } AIOT_EXCEPT(AIOT_ESHUTDOWN) { printf("worker %d goes home\n", self->number); }
    AIOT_END();
}

struct root { AIOT_FRAME; int items[2], job; aiot_queue jobs; aiot_waiter w; aiot_group pool; aiot_group_task t[2]; struct worker a[2]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_queue_init(&self->jobs, self->items));
    AIOT_GROUP(&self->pool) {
        for (int i = 0; i < 2; i++)
            AIOT_CHECK(aiot_group_spawn(&self->pool, &self->t[i], worker, &self->a[i], .jobs = &self->jobs, .number = i));
        for (self->job = 1; self->job <= 6; self->job++) AIOT_QUEUE_PUT(&self->jobs, &self->w, &self->job);
        AIOT_QUEUE_JOIN(&self->jobs, &self->w);
        aiot_queue_shutdown(&self->jobs, false);
    }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
