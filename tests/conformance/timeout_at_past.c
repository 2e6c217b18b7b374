/* timeout_at_past.py - timeout_at() takes an absolute time; one already past fires at the first suspension. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    aiot_timeout t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const int at[] = { 12, 10, 3 };
    AIOT_SLEEP(S(10));
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_TIMEOUT_AT(&self->t, clock_at(at[self->i])) {
            AIOT_SLEEP(S(5));
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("deadline %.3f fired", seconds(aiot_timeout_when(&self->t)));
        }
    }
    AIOT_END();
}

RUN(root)
