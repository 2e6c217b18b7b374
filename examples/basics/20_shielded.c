/* 20_shielded.c - clean-up that no second cancel may cut, and that may not hang.
 *
 *     try:
 *         await asyncio.sleep(3600)
 *     finally:
 *         with trio.move_on_after(0.05, shield=True):             # asyncio has no such block
 *             await flush()
 *         await asyncio.sleep(3600)                               # raises the second cancel
 *
 *     task.cancel(); await asyncio.sleep(0.01); task.cancel()     # in root()
 *
 * Notice: the second cancel comes during the flush.  It is counted at once, held to the end of the block, and raised by the next
 * wait.  In a FINALLY without AIOT_SHIELDED it would cut the flush.  The block has a limit of its own: a flush that hangs ends with
 * AIOT_ETIMEDOUT, whose pointer is the guard.  AIOT_FRAME_DEPTH(2): the block stands in a FINALLY part. */
#include "aio_timeout.h"
#include <stdio.h>

struct writer { AIOT_FRAME_DEPTH(2); aiot_time flush; aiot_guard guard; };

static AIOT_CORO(writer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(AIOT_S(3600));
    } AIOT_FINALLY {
        puts("  flushes");
        AIOT_SHIELDED(&self->guard, AIOT_MS(50)) {
            AIOT_SLEEP(self->flush);
            printf("  has flushed; cancelled %u times\n", (unsigned)aiot_task_cancelling(task));
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            puts("  the flush hangs: given up");
        }
        AIOT_SLEEP(AIOT_S(3600));
        puts("never printed");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct writer writer; aiot_task t; aiot_time start; AIOT_WAIT_SET(1) set; int i; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_SPAWN(&self->t, writer, &self->writer, .flush = self->i == 0 ? AIOT_MS(30) : AIOT_FOREVER);
        AIOT_SLEEP(AIOT_MS(10));
        puts("cancel");
        self->start = aiot_now(task->loop);
        aiot_cancel(&self->t);
        AIOT_SLEEP(AIOT_MS(10));
        puts("cancel again");
        aiot_cancel(&self->t);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t);
        printf("%s after %d ms\n", aiot_strerror(aiot_result(&self->t)),
               (int)(aiot_time_between(self->start, aiot_now(task->loop)) / AIOT_MS(1)));
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
