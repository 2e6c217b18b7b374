/* 08_gather.c - several at once: all values, the first error, or all outcomes.
 *
 *     values = await asyncio.gather(isqrt(9), isqrt(16))
 *     try:
 *         await asyncio.gather(isqrt(-1), other)            # other: the task of isqrt(25)
 *     except ValueError:
 *         print("one failed, the other goes on to find", await other)
 *     outcomes = await asyncio.gather(isqrt(-1), isqrt(36), return_exceptions=True)
 *
 * Notice: members are spawned first, and their values are read from their frames.  The first error comes out at once while the
 * others run on, so no pair is used for two gathers.  start() is a plain C function: it may spawn, because that does not wait. */
#include "aio_timeout.h"
#include <stdio.h>

struct isqrt { AIOT_FRAME; int n, value; };

static AIOT_CORO(isqrt)
{
    AIOT_BEGIN();
    if (self->n < 0) AIOT_RAISE(AIOT_EINVAL);
    AIOT_SLEEP(AIOT_MS(20));
    while ((self->value + 1) * (self->value + 1) <= self->n) self->value++;
    AIOT_END();
}

struct pair { struct isqrt a, b; aiot_task ta, tb; };

static void start(aiot_loop *loop, struct pair *pair, int a, int b)
{
    aiot_spawn_on(loop, &pair->ta, isqrt, &pair->a, .n = a);
    aiot_spawn_on(loop, &pair->tb, isqrt, &pair->b, .n = b);
}

struct root { AIOT_FRAME; struct pair one, two, three; AIOT_GATHER_SET(2) all; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    start(task->loop, &self->one, 9, 16);
    AIOT_GATHER(&self->all, &self->one.ta, &self->one.tb);
    printf("values: %d and %d\n", self->one.a.value, self->one.b.value);
    start(task->loop, &self->two, -1, 25);
    AIOT_TRY {
        AIOT_GATHER(&self->all, &self->two.ta, &self->two.tb);
    } AIOT_EXCEPT(AIOT_EINVAL) {
        AIOT_JOIN(&self->two.tb);
        printf("one failed, the other goes on to find %d\n", self->two.b.value);
    }
    start(task->loop, &self->three, -1, 36);
    AIOT_GATHER_ALL(&self->all, &self->three.ta, &self->three.tb);
    printf("outcomes: %s, and %d\n", aiot_error_name(aiot_result(&self->three.ta)), self->three.b.value);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
