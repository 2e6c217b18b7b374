/* 25_adaptive_steps.py - five 2 s steps under a 10 s timeout: at t=10 the last sleep and the timeout tie, and the
 * timeout wins because its timer was set first. (The pending-cancel flag the listing peeks at is 0 all along.) */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();                               /* task is current_task() */
    AIOT_TIMEOUT(&self->limit, S(10)) {
        for (self->i = 0; self->i < 5; self->i++) {
            log("Step %d: doing work (cancelling %u)", self->i, aiot_task_cancelling(task));
            AIOT_SLEEP(S(2));
        }
        log("all steps done");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Out of time; aborting remaining steps");
    }
    AIOT_END();
}

RUN(root)
