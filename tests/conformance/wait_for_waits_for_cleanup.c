/* wait_for_waits_for_cleanup.py - at the timeout, wait_for waits (without limit) until the cancelled task has really ended. */
#include "vt.h"

struct slow_to_die { AIOT_FRAME; };             /* async def slow_to_die() */

static AIOT_CORO(slow_to_die)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cancelled, cleaning for 3 s");
        AIOT_SLEEP(S(3));
        log("clean");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int limit;
    struct slow_to_die slow_to_die;
    aiot_task task;
    aiot_timeout timeout;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->limit = 1; self->limit >= 0; self->limit--) {
        AIOT_SPAWN(&self->task, slow_to_die, &self->slow_to_die);
        AIOT_SLEEP(0);
        AIOT_TRY {
            AIOT_JOIN_FOR(&self->timeout, S(self->limit), &self->task);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("timed out: %s", outcome(&self->task, "None"));
        }
    }
    AIOT_END();
}

RUN(root)
