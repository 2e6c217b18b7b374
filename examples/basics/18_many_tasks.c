/* 18_many_tasks.c - a hundred thousand tasks, all of them ready all the time.
 *
 *     async def climber(n):                       # the Collatz conjecture: each comes down to 1
 *         steps = 0
 *         while n != 1:
 *             n = n // 2 if n % 2 == 0 else 3 * n + 1
 *             steps += 1
 *             await asyncio.sleep(0)
 *         return steps
 *
 * Notice: nothing is allocated, a task and its frame are 112 bytes.  AIOT_FRAME_DEPTH(0): a coroutine without blocks needs no room for
 * an error. */
#include "aio_timeout.h"
#include <stdio.h>

enum { CLIMBERS = 100000 };

struct climber { AIOT_FRAME_DEPTH(0); uint64_t n; int steps; };

static struct climber climbers[CLIMBERS];
static aiot_task tasks[CLIMBERS];

static AIOT_CORO(climber)
{
    AIOT_BEGIN();
    while (self->n != 1) {
        self->n = self->n % 2 == 0 ? self->n / 2 : 3 * self->n + 1;
        self->steps++;
        AIOT_YIELD();
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    aiot_loop_init(&loop);
    for (int i = 0; i < CLIMBERS; i++) aiot_spawn_on(&loop, &tasks[i], climber, &climbers[i], .n = (uint64_t)i + 1);
    if (aiot_run_forever(&loop) != AIOT_OK) return 1;           /* until nothing is left to run */

    long steps = 0;
    int longest = 0;
    for (int i = 0; i < CLIMBERS; i++) {
        steps += climbers[i].steps;
        if (climbers[i].steps > climbers[longest].steps) longest = i;
    }
    printf("all are down, after %ld steps\n", steps);
    printf("the longest way was that from %d: %d steps\n", longest + 1, climbers[longest].steps);
    return 0;
}
