/* 04_cancel.c - a task is asked to end, cleans up, and ends.
 *
 *     async def worker():
 *         try: await asyncio.sleep(3600)
 *         except asyncio.CancelledError:
 *             print("worker: cleaning up")
 *             await asyncio.sleep(0.02)
 *             raise
 *
 *     task.cancel()                               # in root
 *     print("root: has asked")
 *     try: await task
 *     except asyncio.CancelledError: print("root: the worker was cancelled")
 *
 * Notice: a cancel is a request.  The worker sees it in the next turn, as an error at its wait.  It cleans up, which may
 * take time, and raises the error again.  A worker that does not has refused the cancel.  AIOT_JOIN() raises AIOT_ECANCELED
 * if the task was cancelled. */
#include "aio_timeout.h"
#include <stdio.h>

struct worker { AIOT_FRAME; };

static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(AIOT_S(3600));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        puts("worker: cleaning up");
        AIOT_SLEEP(AIOT_MS(20));
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct worker worker; aiot_task task; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, worker, &self->worker);
    AIOT_SLEEP(AIOT_MS(20));
    aiot_cancel(&self->task);
    puts("root: has asked");
    AIOT_TRY {
        AIOT_JOIN(&self->task);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        puts("root: the worker was cancelled");
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
