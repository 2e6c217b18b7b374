/* 17_cpu_bound_not_interrupted.py - a timeout cannot interrupt computing. One sleep(0) after it is not enough either (the task
 * is already queued ahead of the overdue timer): the block is left without a timeout. A second one is cut. */
#include "vt.h"

struct cpu_bound { AIOT_FRAME; int yields, i; };        /* async def cpu_bound(yields) */

static AIOT_CORO(cpu_bound)
{
    AIOT_BEGIN();
    for (int i = 0; i < 10; i++) {
        busy(1);
    }
    log("computing done");
    for (self->i = 0; self->i < self->yields; self->i++) {
        AIOT_SLEEP(0);
        log("after sleep(0) number %d", self->i + 1);
    }
    AIOT_END();
}

struct root {                                           /* async def main() */
    AIOT_FRAME;
    int yields;
    struct cpu_bound cpu_bound;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->yields = 1; self->yields <= 2; self->yields++) {
        AIOT_TRY {
            AIOT_TIMEOUT(&self->limit, S(2)) {
                AIOT_AWAIT(cpu_bound, &self->cpu_bound, .yields = self->yields);
            }
            log("no timeout");
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("timed out");
        }
    }
    AIOT_END();
}

RUN(root)
