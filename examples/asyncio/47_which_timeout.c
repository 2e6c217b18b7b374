/* 47_which_timeout.py - nested timeouts: the shorter one fires, wherever it stands; expired() tells which it was. */
#include "vt.h"

struct nested {                                 /* async def nested(outer_s, inner_s, work_s) */
    AIOT_FRAME;
    int outer_s, inner_s, work_s;
    aiot_timeout outer, inner;
};

static AIOT_CORO(nested)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, S(self->outer_s)) {
        AIOT_TIMEOUT(&self->inner, S(self->inner_s)) {
            AIOT_SLEEP(S(self->work_s));
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Inner timeout triggered after %ds (outer %d inner %d)", self->inner_s,
                aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner));
        }
    }
    log("no outer timeout");
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_timeout outer, inner;
    struct nested nested;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, S(5)) {
        AIOT_TIMEOUT(&self->inner, S(10)) {
            AIOT_SLEEP(S(7));
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Which timeout was triggered? outer %d inner %d", aiot_timeout_expired(&self->outer), aiot_timeout_expired(&self->inner));
    }
    AIOT_AWAIT(nested, &self->nested, .outer_s = 5, .inner_s = 2, .work_s = 3);
    AIOT_TRY {
        AIOT_AWAIT(nested, &self->nested, .outer_s = 2, .inner_s = 5, .work_s = 3);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Outer timeout triggered after 2s");
    }
    AIOT_END();
}

RUN(root)
