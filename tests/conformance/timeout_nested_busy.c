/* timeout_nested_busy.py - deadlines that pass while the thread is blocked fire together, in order of deadline. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout outer, inner;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, S(1)) {
        AIOT_TIMEOUT(&self->inner, S(2)) {
            busy(3);
            AIOT_SLEEP(S(10));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("inner passes: outer %d inner %d cancelling %u",
                aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner), aiot_task_cancelling(task));
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("outer: outer %d inner %d", aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner));
    }
    AIOT_END();
}

RUN(root)
