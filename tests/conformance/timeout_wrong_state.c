/* timeout_wrong_state.py - reschedule() before entry, while expiring, or after the end is an error, and so is entering twice. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_timeout_init(&self->t, task->loop, S(1));
    if (aiot_timeout_reschedule(&self->t, S(5)) == AIOT_ERUNTIME)       /* lower case: the error is returned, not raised */
        log("before entry: %s", aiot_error_name(AIOT_ERUNTIME));
    AIOT_TIMEOUT_ENTER(&self->t) {
        AIOT_TRY {
            AIOT_SLEEP(S(5));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            if (aiot_timeout_reschedule(&self->t, S(9)) == AIOT_ERUNTIME)
                log("expiring: %s", aiot_error_name(AIOT_ERUNTIME));
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("timed out");
    }
    if (aiot_timeout_reschedule(&self->t, S(9)) == AIOT_ERUNTIME)
        log("expired: %s", aiot_error_name(AIOT_ERUNTIME));
    AIOT_TIMEOUT(&self->t, S(1)) {
    }
    if (aiot_timeout_reschedule(&self->t, S(9)) == AIOT_ERUNTIME)
        log("finished: %s", aiot_error_name(AIOT_ERUNTIME));
    AIOT_TIMEOUT_ENTER(&self->t) {
        log("not reached");
    } AIOT_EXCEPT(AIOT_ERUNTIME) {                                      /* UPPER CASE: raised */
        log("entered again: %s", desc(aiot_caught(task)));
    }
    AIOT_END();
}

RUN(root)
