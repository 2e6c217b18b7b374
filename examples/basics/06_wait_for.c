/* 06_wait_for.c - a value in time, or TimeoutError: for a coroutine, and for a task.
 *
 *     value = await asyncio.wait_for(measure(0.01), 60)
 *
 *     task = asyncio.create_task(measure(3600))
 *     try:
 *         await asyncio.wait_for(task, 0.03)
 *     except TimeoutError:
 *         print("no value in time; cancelled:", task.cancelled())
 *
 * Notice: AIOT_WAIT_FOR() takes a coroutine, which runs inside this task, as AIOT_AWAIT() does.  AIOT_JOIN_FOR() takes what
 * runs by itself: a task, a future, a gather, a shield.  At the limit both cancel it, and wait until it has really ended:
 * "sensor off" comes first. */
#include "aio_timeout.h"
#include <stdio.h>

struct measure { AIOT_FRAME; aiot_time delay; int value; };

static AIOT_CORO(measure)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(self->delay);
        self->value = 21;
    } AIOT_FINALLY {
        AIOT_SLEEP(AIOT_MS(10));
        puts("sensor off");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct measure quick, slow; aiot_task task; aiot_timeout limit; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_WAIT_FOR(&self->limit, AIOT_S(60), measure, &self->quick, .delay = AIOT_MS(10));
    printf("value: %d\n", self->quick.value);
    AIOT_SPAWN(&self->task, measure, &self->slow, .delay = AIOT_S(3600));
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->limit, AIOT_MS(30), &self->task);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        printf("no value in time; cancelled: %d\n", aiot_cancelled(&self->task));
    }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
