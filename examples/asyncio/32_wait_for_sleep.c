/* 32_wait_for_sleep.py - wait_for directly on a sleep. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct aiot_sleep sleep;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(2), aiot_sleep, &self->sleep, .delay_ns = S(10));
        log("This won't be reached");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("The operation timed out after 2 seconds");
    }
    AIOT_END();
}

RUN(root)
