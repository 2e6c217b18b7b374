/* nest_timeout_in_finally.py - a timeout used inside the cleanup of an expired one works and is told apart; the outer then still
 * converts. */
#include "vt.h"

struct root { AIOT_FRAME_DEPTH(2); aiot_timeout a, b; };        /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->a, S(1)) {
        AIOT_TRY {
            AIOT_SLEEP(S(10));
        } AIOT_FINALLY {
            log("in cleanup, cancelling %u", aiot_task_cancelling(task));
            AIOT_TIMEOUT(&self->b, S(2)) {
                AIOT_SLEEP(S(10));
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
                log("cleanup limit, cancelling %u expired %d%d", aiot_task_cancelling(task),
                    aiot_timeout_expired(&self->a), aiot_timeout_expired(&self->b));
            }
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("outer converts, cancelling %u", aiot_task_cancelling(task));
    }
    AIOT_END();
}

RUN(root)
