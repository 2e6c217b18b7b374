/* 04_graceful_shutdown.c - accept nothing more, let the workers finish for a grace period, cancel the rest, wait for their clean-up.
 *
 *     accepting = asyncio.create_task(acceptor(workers))
 *     await asyncio.sleep(0.18)                   # until a signal comes
 *     accepting.cancel()
 *     await asyncio.wait([accepting], timeout=0.05)
 *     _, pending = await asyncio.wait(workers, timeout=0.2)
 *     for task in pending: task.cancel()
 *     _, pending = await asyncio.wait(pending, timeout=0.1)
 *     for task in pending: print(task.get_name(), "still runs at", task.get_stack())
 *
 * Notice: each step has its own limit, so the shutdown cannot hang.  When the acceptor has ended, no worker can be added any more.
 * AIOT_STOP_TASKS() leaves out those that are done.  One that hangs in its clean-up is told to loop.on_error, by name and line, and
 * AIOT_ETIMEDOUT comes out.  How a signal begins this: examples/net/shutdown.c.  Build: cc -I../.. 04_graceful_shutdown.c */
#include "aio_timeout.h"
#include <stdio.h>

enum { MOST = 8 };
struct worker { AIOT_FRAME; int number; };
static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(self->number == 1 ? AIOT_FOREVER : AIOT_MS(120)); } AIOT_FINALLY {
        AIOT_SLEEP(AIOT_MS(10));
        printf("worker %d has cleaned up after %s\n", self->number, aiot_caught(task).code == AIOT_ECANCELED ? "a cancel" : "its work");
    }
    AIOT_END();
}

struct acceptor { AIOT_FRAME; int n; struct worker workers[MOST]; aiot_task t[MOST]; };
static AIOT_CORO(acceptor)
{
    AIOT_BEGIN();
    for (; self->n < MOST; self->n++) {
        AIOT_SLEEP(AIOT_MS(50));                                        /* until a client comes */
        AIOT_SPAWN(&self->t[self->n], worker, &self->workers[self->n], .number = self->n);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct acceptor acceptor; aiot_task accepting; aiot_timeout limit; AIOT_WAIT_SET(MOST) set; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->accepting, acceptor, &self->acceptor);
    AIOT_SLEEP(AIOT_MS(180));
    puts("shutdown");
    AIOT_STOP(&self->limit, AIOT_MS(50), &self->accepting);
    if (self->acceptor.n > 0) AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_MS(200), self->acceptor.t, self->acceptor.n);
    AIOT_STOP_TASKS(&self->limit, AIOT_MS(100), self->acceptor.t, self->acceptor.n);
    printf("all %d workers have ended\n", self->acceptor.n);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
