/* 09_shield.c - a write that must not be cut.
 *
 *     writing = asyncio.create_task(write())
 *     try:
 *         await asyncio.wait_for(asyncio.shield(writing), 0.02)
 *         print("saved")
 *     except TimeoutError:
 *         print("answer: it takes longer")
 *     await writing
 *
 * Notice: the limit cancels the shield, not the write.  The shield and the write belong to somebody who outlives both: here
 * root, which waits for the write before it ends. */
#include "aio_timeout.h"
#include <stdio.h>

struct write { AIOT_FRAME; };

static AIOT_CORO(write)
{
    AIOT_BEGIN();
    puts("write: first half");
    AIOT_SLEEP(AIOT_MS(80));
    puts("write: second half");
    AIOT_END();
}

struct root { AIOT_FRAME; struct write write; aiot_task writing; aiot_shield guard; aiot_timeout limit; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->writing, write, &self->write);
    aiot_shield(&self->guard, &self->writing);
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->limit, AIOT_MS(20), &self->guard);
        puts("saved");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        puts("answer: it takes longer");
    }
    AIOT_JOIN(&self->writing);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
