/* timeout_nested_same_instant.py - two nested timeouts due at the same instant both expire; the inner sees two requests, so it
 * passes CancelledError on and only the outer turns it into TimeoutError. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout outer, inner;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, S(2)) {
        AIOT_TIMEOUT(&self->inner, S(2)) {
            AIOT_TRY {
                AIOT_SLEEP(S(10));
            } AIOT_EXCEPT(AIOT_ECANCELED) {
                log("cancelling %u", aiot_task_cancelling(task));
                AIOT_RERAISE();
            }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("inner converted");
            AIOT_RERAISE();
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("inner passed it on, cancelling %u", aiot_task_cancelling(task));
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("outer converted, cancelling %u, expired %d %d",
            aiot_task_cancelling(task), aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner));
    }
    AIOT_END();
}

RUN(root)
