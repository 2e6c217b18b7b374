/* timeout_own_timeouterror.py - a TimeoutError raised by the block's own code is the same class; only expired() tells them
 * apart. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int own;
    aiot_timeout t;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->own = 1; self->own >= 0; self->own--) {
        AIOT_TIMEOUT(&self->t, S(2)) {
            if (self->own) AIOT_RAISE(AIOT_ETIMEDOUT);
            AIOT_SLEEP(S(5));
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("own %d expired %d", self->own, aiot_timeout_expired(&self->t));
        }
    }
    AIOT_END();
}

RUN(root)
