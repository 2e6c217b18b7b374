/* timeout_zero_in_live_timeout.py - zero limits of both kinds inside a running block leave the block's own limit and the count
 * untouched. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    aiot_timeout t, zero;
    struct aiot_sleep sleep;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->t, S(2)) {
        for (self->i = 0; self->i < 3; self->i++) {
            AIOT_TRY {
                AIOT_WAIT_FOR(&self->zero, S(0), aiot_sleep, &self->sleep, .delay_ns = S(5));
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
                log("zero wait_for, cancelling %u", aiot_task_cancelling(task));
            }
            AIOT_TIMEOUT(&self->zero, S(0)) {
                AIOT_SLEEP(S(5));
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
                log("zero timeout, cancelling %u", aiot_task_cancelling(task));
            }
            AIOT_SLEEP(S(0.5));
        }
        AIOT_SLEEP(S(5));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("own limit, expired %d", aiot_timeout_expired(&self->t));
    }
    AIOT_END();
}

RUN(root)
