/* 22_stages_in_envelope.py - three stages, each with its own timeout, inside a 10 s envelope: 2+1+3 s fit. */
#include "vt.h"

struct root { AIOT_FRAME; aiot_timeout envelope, stage; };      /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->envelope, S(10)) {
        log("Stage 1: fetching");
        AIOT_TIMEOUT(&self->stage, S(3)) {
            AIOT_SLEEP(S(2));
            log("Stage 1 done");
        }
        log("Stage 2: processing");
        AIOT_TIMEOUT(&self->stage, S(2)) {
            AIOT_SLEEP(S(1));
            log("Stage 2 done");
        }
        log("Stage 3: saving");
        AIOT_TIMEOUT(&self->stage, S(5)) {
            AIOT_SLEEP(S(3));
            log("Stage 3 done");
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Multi-stage operation timed out");
    }
    AIOT_END();
}

RUN(root)
