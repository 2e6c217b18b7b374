/* 07_wait.c - the first of several, and an end for the others.
 *
 *     tasks = [asyncio.create_task(query(d)) for d in (3600, 0.02, 3600)]
 *     done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
 *     print(len(done), "done,", len(pending), "pending")
 *     for task in pending: task.cancel()
 *     await asyncio.wait(tasks)
 *
 * Notice: wait() raises nothing for its members and cancels nothing.  The AIOT_WAIT_SET says how many members fit, and is asked
 * afterwards who is done.  The last wait matters: a task that was asked to end still needs its memory until it has ended. */
#include "aio_timeout.h"
#include <stdio.h>

enum { MIRRORS = 3 };

struct query { AIOT_FRAME; aiot_time delay; };

static AIOT_CORO(query)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->delay);
    AIOT_END();
}

struct root { AIOT_FRAME; struct query query[MIRRORS]; aiot_task mirror[MIRRORS]; AIOT_WAIT_SET(MIRRORS) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const aiot_time delay[MIRRORS] = { AIOT_S(3600), AIOT_MS(20), AIOT_S(3600) };
    for (int i = 0; i < MIRRORS; i++) AIOT_SPAWN(&self->mirror[i], query, &self->query[i], .delay = delay[i]);

    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->mirror[0], &self->mirror[1], &self->mirror[2]);
    printf("%u done, %u pending\n", aiot_wait_done_count(&self->set), aiot_wait_pending_count(&self->set));
    for (int i = 0; i < MIRRORS; i++) {
        if (aiot_wait_is_done(&self->set, i)) printf("mirror %d has answered\n", i);
        else aiot_cancel(&self->mirror[i]);
    }

    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->mirror[0], &self->mirror[1], &self->mirror[2]);
    for (int i = 0; i < MIRRORS; i++) printf("mirror %d: %s\n", i, aiot_strerror(aiot_result(&self->mirror[i])));
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
