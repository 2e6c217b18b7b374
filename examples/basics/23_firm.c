/* 23_firm.c - code that swallows a cancel: an ordinary limit lets it live on, a firm one does not.
 *
 *     async def pump():
 *         for round in range(1, 6):
 *             try:
 *                 await asyncio.sleep(0.03)
 *             except BaseException:               # the bug: it catches CancelledError, too
 *                 print("an error is swallowed")
 *             await asyncio.sleep(0.01)
 *             print("round", round)
 *
 *     async with asyncio.timeout(0.05): await pump()
 *     with trio.move_on_after(0.05): ...          # firm: cancels each wait, until the block is left
 *
 * Notice: an ordinary limit cancels once.  When that cancel is swallowed, the block runs on, as long as it likes, and ends without
 * an error.  After a firm one has struck, every wait in the block is cancelled.  aiot_cancel_firmly() does the same to a task.
 * Clean-up that must wait then stands in AIOT_SHIELDED().  A loop that swallows every cancel does not end either: it spins. */
#include "aio_timeout.h"
#include <stdio.h>

struct pump { AIOT_FRAME; int round; };

static AIOT_CORO(pump)
{
    AIOT_BEGIN();
    for (self->round = 1; self->round <= 5; self->round++) {
        AIOT_TRY {
            AIOT_SLEEP(AIOT_MS(30));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            puts("  an error is swallowed");
        }
        AIOT_SLEEP(AIOT_MS(10));
        printf("  round %d\n", self->round);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct pump pump; aiot_timeout limit; aiot_task t; AIOT_WAIT_SET(1) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    puts("an ordinary limit of 50 ms");
    AIOT_TIMEOUT(&self->limit, AIOT_MS(50)) {
        AIOT_AWAIT(pump, &self->pump);
        printf("  it has struck (%d), but nobody sees it\n", aiot_timeout_expired(&self->limit));
    }
    puts("a firm limit of 50 ms");
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_MS(50)) {
        AIOT_AWAIT(pump, &self->pump);
        puts("never printed");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        puts("  timed out");
    }
    puts("a task, cancelled");
    AIOT_SPAWN(&self->t, pump, &self->pump);
    AIOT_SLEEP(AIOT_MS(10));
    aiot_cancel(&self->t);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_MS(50), &self->t);
    printf("  done: %d\n", aiot_done(&self->t));
    puts("and now firmly");
    aiot_cancel_firmly(&self->t);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_MS(50), &self->t);
    printf("  done: %d, %s\n", aiot_done(&self->t), aiot_strerror(aiot_result(&self->t)));
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
