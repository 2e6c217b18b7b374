/* timeout_none.py - timeout(None) never fires and has no deadline, until reschedule() gives it one. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->t, AIOT_FOREVER) {
        log("has deadline: %d", aiot_timeout_when(&self->t) != AIOT_FOREVER);
        AIOT_SLEEP(S(100));
    }
    log("never fired");
    AIOT_TIMEOUT(&self->t, AIOT_FOREVER) {
        AIOT_SLEEP(S(1));
        aiot_timeout_reschedule(&self->t, aiot_now(task->loop) + S(0.5));
        log("deadline %.3f", seconds(aiot_timeout_when(&self->t)));
        AIOT_SLEEP(S(100));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("fired");
    }
    AIOT_END();
}

RUN(root)
