/* 09_poll_shielded.c - look at a task again and again, and say that it is still at work, without cancelling it.
 *
 *     job = asyncio.create_task(backup())
 *     while not job.done():
 *         try:
 *             await asyncio.wait_for(asyncio.shield(job), 0.1)
 *         except TimeoutError:
 *             print("still at work,", percent)
 *
 * Notice: the limit cancels the shield, not the job.  The shield may be made anew for the same task, so one is enough for the loop.  If
 * the job fails, the join raises its error.  As in asyncio, loop.on_error is told of it, too, if an earlier shield was cancelled.  The job
 * and the shield lie in root's frame, which outlives both.  AIOT_WAIT() with a limit needs no shield: it cancels nothing, and raises
 * neither AIOT_ETIMEDOUT nor the job's error.
 * Build: cc -I../.. 09_poll_shielded.c */
#include "aio_timeout.h"
#include <stdio.h>

struct backup { AIOT_FRAME; int percent; };
static AIOT_CORO(backup)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (; self->percent < 100; self->percent += 10) AIOT_SLEEP(AIOT_MS(42));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        puts("never printed: nobody cancels the backup");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct backup backup; aiot_task job; aiot_shield guard; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->job, backup, &self->backup);
    while (!aiot_done(&self->job)) {
        aiot_shield(&self->guard, &self->job);
        AIOT_TRY {
            AIOT_JOIN_FOR(&self->limit, AIOT_MS(100), &self->guard);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            printf("still at work, %d percent\n", self->backup.percent);
        }
    }
    puts("the backup is complete");
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
