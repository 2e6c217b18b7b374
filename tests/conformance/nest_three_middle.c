/* nest_three_middle.py - three nested timeouts, the middle one fires: inner passes, middle converts, outer goes on and fires
 * later. */
#include "vt.h"

struct root { AIOT_FRAME; aiot_timeout a, b, c; };      /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->a, S(5)) {
        AIOT_TIMEOUT(&self->b, S(2)) {
            AIOT_TIMEOUT(&self->c, S(9)) {
                AIOT_SLEEP(S(20));
            } AIOT_EXCEPT(AIOT_ECANCELED) {
                log("c passes %d %d %d", aiot_timeout_expired(&self->a), aiot_timeout_expired(&self->b), aiot_timeout_expired(&self->c));
                AIOT_RERAISE();
            }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("b converts %d %d %d", aiot_timeout_expired(&self->a), aiot_timeout_expired(&self->b), aiot_timeout_expired(&self->c));
        }
        AIOT_SLEEP(S(20));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("a converts %d %d %d", aiot_timeout_expired(&self->a), aiot_timeout_expired(&self->b), aiot_timeout_expired(&self->c));
    }
    AIOT_END();
}

RUN(root)
