/* 01_hello.c - a coroutine, a wait, and the loop that runs them.
 *
 *     async def countdown(what, count):
 *         for left in range(count, 0, -1):
 *             print(what, "in", left)
 *             await asyncio.sleep(0.02)
 *         return count
 *
 *     async def root():
 *         waits = await countdown("hello", 3)
 *         print(f"hello, world, after {waits} waits")
 *
 *     asyncio.run(root())
 *
 * Notice: a coroutine is a struct and a function of the same name.  The struct is its frame: the arguments, the locals that
 * must survive a wait (`left`) and the result (`waits`).  The function reaches them through `self`.  The caller of
 * a coroutine owns its frame: countdown's lies in root's, and root's in main().  Arguments are given by name.  All other
 * members begin as zero. */
#include "aio_timeout.h"
#include <stdio.h>

struct countdown { AIOT_FRAME; const char *what; int count, left, waits; };

static AIOT_CORO(countdown)
{
    AIOT_BEGIN();
    for (self->left = self->count; self->left > 0; self->left--) {
        printf("%s in %d\n", self->what, self->left);
        AIOT_SLEEP(AIOT_MS(20));
    }
    self->waits = self->count;
    AIOT_END();
}

struct root { AIOT_FRAME; struct countdown countdown; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(countdown, &self->countdown, .what = "hello", .count = 3);
    printf("hello, world, after %d waits\n", self->countdown.waits);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
