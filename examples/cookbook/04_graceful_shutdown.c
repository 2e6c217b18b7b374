/* 04_graceful_shutdown.c - accept nothing more, let the workers finish for a grace period, cancel the rest, wait for their clean-up.
 *
 *     async with asyncio.timeout(None) as grace, asyncio.TaskGroup() as group:
 *         accepting = group.create_task(acceptor(group))
 *         await asyncio.sleep(0.18)               # until a signal comes
 *         accepting.cancel()
 *         grace.reschedule(loop.time() + 0.2)
 *
 * Notice: the end of the group waits for the workers.  When the limit around it strikes, the group cancels those that are left, and waits
 * for their clean-up, too.  How a signal begins this: examples/net/shutdown.c.  Build: cc -I../.. 04_graceful_shutdown.c */
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

struct acceptor { AIOT_FRAME; aiot_group *group; int n; struct worker workers[MOST]; aiot_group_task t[MOST]; };
static AIOT_CORO(acceptor)
{
    AIOT_BEGIN();
    for (; self->n < MOST; self->n++) {
        AIOT_SLEEP(AIOT_MS(50));                                        /* until a client comes */
        AIOT_CHECK(aiot_group_spawn(self->group, &self->t[self->n], worker, &self->workers[self->n], .number = self->n));
    }
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_timeout grace; aiot_group group; struct acceptor acceptor; aiot_group_task accepting; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->grace, AIOT_FOREVER) {
        AIOT_GROUP(&self->group) {
            AIOT_CHECK(aiot_group_spawn(&self->group, &self->accepting, acceptor, &self->acceptor, .group = &self->group));
            AIOT_SLEEP(AIOT_MS(180));
            puts("shutdown");
            aiot_cancel(&self->accepting);
            AIOT_CHECK(aiot_timeout_reschedule(&self->grace, aiot_time_after(aiot_now(task->loop), AIOT_MS(200))));
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { puts("the grace period was too short for some"); }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
