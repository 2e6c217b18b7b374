/* timeout_nested_inner_fires.py - of nested timeouts the inner one that fires gives TimeoutError at its own edge; the outer goes
 * on counting. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout outer, inner;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, S(4)) {
        AIOT_TIMEOUT(&self->inner, S(1)) {
            AIOT_SLEEP(S(10));
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("inner: outer %d inner %d", aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner));
        }
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("outer: outer %d inner %d", aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner));
    }
    AIOT_END();
}

RUN(root)
