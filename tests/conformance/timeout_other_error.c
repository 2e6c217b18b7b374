/* timeout_other_error.py - an error of the block's own passes through; one raised in answer to the timeout replaces the
 * TimeoutError. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->t, S(1)) {
        AIOT_RAISE(1);
    } AIOT_EXCEPT_APP {
        log("%s expired %d", desc(aiot_caught(task)), aiot_timeout_expired(&self->t));
    }
    AIOT_TIMEOUT(&self->t, S(1)) {
        AIOT_TRY {
            AIOT_SLEEP(S(10));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            AIOT_RAISE(2);
        }
    } AIOT_EXCEPT_APP {
        log("%s expired %d cancelling %u", desc(aiot_caught(task)), aiot_timeout_expired(&self->t), aiot_task_cancelling(task));
    }
    AIOT_END();
}

RUN(root)
