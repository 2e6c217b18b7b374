/* 02_tasks.c - two coroutines at once.
 *
 *     async def fetch(name, delay):
 *         await asyncio.sleep(delay)
 *         print(name, "has arrived")
 *         return len(name)
 *
 *     async def root():
 *         first = asyncio.create_task(fetch("tortoise", 0.09))
 *         second = asyncio.create_task(fetch("hare", 0.03))
 *         print("both are on their way")
 *         print("together:", await first + await second)
 *
 * Notice: a task is an aiot_task and a frame.  Both belong to the caller of AIOT_SPAWN(), and live until the task has ended:
 * here they lie in root's frame, and root joins both.  AIOT_SPAWN() only makes the task ready, and root goes on.  It raises an error
 * if the task or the frame is in use.
 * AIOT_JOIN() waits until the task has ended.  Then the result is read where the task left it, in its frame. */
#include "aio_timeout.h"
#include <stdio.h>
#include <string.h>

struct fetch { AIOT_FRAME; const char *name; aiot_time delay; size_t length; };

static AIOT_CORO(fetch)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->delay);
    printf("%s has arrived\n", self->name);
    self->length = strlen(self->name);
    AIOT_END();
}

struct root { AIOT_FRAME; struct fetch tortoise, hare; aiot_task first, second; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->first, fetch, &self->tortoise, .name = "tortoise", .delay = AIOT_MS(90));
    AIOT_SPAWN(&self->second, fetch, &self->hare, .name = "hare", .delay = AIOT_MS(30));
    puts("both are on their way");
    AIOT_JOIN(&self->first);
    AIOT_JOIN(&self->second);
    printf("together: %zu\n", self->tortoise.length + self->hare.length);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
