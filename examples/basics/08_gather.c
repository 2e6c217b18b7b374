/* 08_gather.c - several at once: all values, the first error, or all outcomes.
 *
 *     async def root_of(square):
 *         if square < 0: raise ValueError
 *         await asyncio.sleep(0.02)
 *         return math.isqrt(square)
 *
 *     a, b = await asyncio.gather(root_of(9), root_of(16))
 *     try: await asyncio.gather(root_of(-1), root_of(25))
 *     except ValueError: print("one of them failed")
 *     results = await asyncio.gather(root_of(-1), root_of(36), return_exceptions=True)
 *
 * Notice: members are spawned first, and their values are read from their frames.  The first error comes out at once, and the
 * others run on: so a pair lives in root's frame, and no pair is used twice.  A plain C function may spawn: it does not wait. */
#include "aio_timeout.h"
#include <stdio.h>

struct root_of { AIOT_FRAME; int square, value; };

static AIOT_CORO(root_of)
{
    AIOT_BEGIN();
    if (self->square < 0) AIOT_RAISE(AIOT_EINVAL);
    AIOT_SLEEP(AIOT_MS(20));
    while (self->value * self->value < self->square) self->value++;
    AIOT_END();
}

struct pair { struct root_of a, b; aiot_task ta, tb; };

static void start(aiot_loop *loop, struct pair *pair, int a, int b)
{
    aiot_spawn_on(loop, &pair->ta, root_of, &pair->a, .square = a);
    aiot_spawn_on(loop, &pair->tb, root_of, &pair->b, .square = b);
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
        printf("one of them failed; the other has ended: %d\n", aiot_done(&self->two.tb));
    }
    start(task->loop, &self->three, -1, 36);
    AIOT_GATHER_ALL(&self->all, &self->three.ta, &self->three.tb);
    printf("outcomes: %s, and %d\n", aiot_error_name(aiot_result(&self->three.ta)), self->three.b.value);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    static struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
