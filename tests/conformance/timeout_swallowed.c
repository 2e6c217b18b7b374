/* timeout_swallowed.py - if the block swallows the cancellation and ends normally, nothing is raised; expired() still tells. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->t, S(1)) {
        AIOT_TRY {
            AIOT_SLEEP(S(10));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("swallowed");
        }
        AIOT_SLEEP(S(3));
        log("block goes on, no second cancel");
    }
    log("after: expired %d cancelling %u", aiot_timeout_expired(&self->t), aiot_task_cancelling(task));
    AIOT_END();
}

RUN(root)
