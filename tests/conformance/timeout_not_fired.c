/* timeout_not_fired.py - a block that ends in time leaves no trace: when() is the deadline, expired() is false, no cancel
 * request. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->t, S(2)) {
        log("deadline %.3f expired %d", seconds(aiot_timeout_when(&self->t)), aiot_timeout_expired(&self->t));
        AIOT_SLEEP(S(1));
    }
    log("expired %d cancelling %u", aiot_timeout_expired(&self->t), aiot_task_cancelling(task));
    AIOT_SLEEP(S(5));
    log("still alive");
    AIOT_END();
}

RUN(root)
