/* 35_reschedule.py - reschedule() takes an absolute loop time: the listing's reschedule(2), called at t=2, fires
 * at once; the intended "2 more seconds" is now()+2. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int relative;
    aiot_timeout limit, t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, S(1)) {
        AIOT_SLEEP(S(2));
        log("This won't be reached");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("The operation timed out");
    }
    for (self->relative = 0; self->relative < 2; self->relative++) {
        AIOT_TIMEOUT(&self->t, S(10)) {
            AIOT_SLEEP(S(1));
            log("First part completed");
            aiot_timeout_reschedule(&self->t, self->relative ? aiot_now(task->loop) + S(2) : S(2));
            AIOT_SLEEP(S(3));
            log("This won't be reached");
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("The operation timed out after reset");
        }
    }
    AIOT_END();
}

RUN(root)
