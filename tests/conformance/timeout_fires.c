/* timeout_fires.py - when the deadline passes, the await in the block sees CancelledError and the block ends in TimeoutError. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_timeout_init(&self->t, task->loop, S(1.5));
    AIOT_TIMEOUT_ENTER(&self->t) {
        AIOT_TRY {
            AIOT_SLEEP(S(10));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("inside: %s, expired %d, cancelling %u",
                desc(aiot_caught(task)), aiot_timeout_expired(&self->t), aiot_task_cancelling(task));
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("outside: %s, expired %d, cancelling %u",
            desc(aiot_caught(task)), aiot_timeout_expired(&self->t), aiot_task_cancelling(task));
    }
    AIOT_SLEEP(S(1));
    log("went on");
    AIOT_END();
}

RUN(root)
