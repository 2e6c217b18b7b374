/* timeout_nested_outer_fires.py - when the outer fires, the inner block passes CancelledError on unconverted. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout outer, inner;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, S(1)) {
        AIOT_TIMEOUT(&self->inner, S(4)) {
            AIOT_SLEEP(S(10));
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("not here");
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("passing: outer %d inner %d", aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner));
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("outer: outer %d inner %d cancelling %u",
            aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner), aiot_task_cancelling(task));
    }
    AIOT_END();
}

RUN(root)
