/* 05_timeout.c - limits in time: which of two struck, and one that is moved.
 *
 *     try:
 *         async with asyncio.timeout(total):
 *             async with asyncio.timeout(step) as inner:
 *                 await asyncio.sleep(3600)
 *     except TimeoutError:
 *         print("the limit of the", "step" if inner.expired() else "whole", "struck")
 *
 *     async with asyncio.timeout(0.02) as limit:
 *         limit.reschedule(loop.time() + 60)
 *         await asyncio.sleep(0.04)
 *
 * Notice: the parts after a timeout's block stand outside it, as if a try surrounded it.  The error's pointer is the limit that
 * struck.  If the outer limit strikes, the inner block passes its cancel on. */
#include "aio_timeout.h"
#include <stdio.h>

struct nested { AIOT_FRAME; aiot_time total_ns, step_ns; aiot_timeout total, step; };

static AIOT_CORO(nested)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->total, self->total_ns) {
        AIOT_TIMEOUT(&self->step, self->step_ns) {
            AIOT_SLEEP(AIOT_S(3600));
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        printf("the limit of the %s struck\n", aiot_caught(task).info == &self->step ? "step" : "whole");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct nested nested; aiot_timeout limit; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(nested, &self->nested, .total_ns = AIOT_S(60), .step_ns = AIOT_MS(20));
    AIOT_AWAIT(nested, &self->nested, .total_ns = AIOT_MS(20), .step_ns = AIOT_S(60));
    AIOT_TIMEOUT(&self->limit, AIOT_MS(20)) {
        aiot_timeout_reschedule(&self->limit, aiot_time_after(aiot_now(task->loop), AIOT_S(60)));
        AIOT_SLEEP(AIOT_MS(40));
        puts("the moved limit did not strike");
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
