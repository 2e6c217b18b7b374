/* 09_shield.c - a save that must not be cut.
 *
 *     saving = asyncio.create_task(save())
 *     try:
 *         await asyncio.wait_for(asyncio.shield(saving), 0.02)
 *         print("saved")
 *     except TimeoutError:
 *         print("answer: it takes longer")
 *     await saving
 *
 * Notice: the limit cancels the shield, not the task.  The shield and the task belong to a frame that outlives both: here
 * root, which waits for the task before it ends. */
#include "aio_timeout.h"
#include <stdio.h>

struct save { AIOT_FRAME; };

static AIOT_CORO(save)
{
    AIOT_BEGIN();
    puts("write: first half");
    AIOT_SLEEP(AIOT_MS(80));
    puts("write: second half");
    AIOT_END();
}

struct root { AIOT_FRAME; struct save save; aiot_task saving; aiot_shield guard; aiot_timeout limit; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->saving, save, &self->save);
    aiot_shield(&self->guard, &self->saving);
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->limit, AIOT_MS(20), &self->guard);
        puts("saved");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        puts("answer: it takes longer");
    }
    AIOT_JOIN(&self->saving);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
