/* 10_swallowed_cancellation.py - catching the cancellation and returning makes wait_for return that value, not time out;
 * re-raising lets the timeout show. (A broad handler is spelled here as one that catches both.) */
#include "vt.h"

struct bad { AIOT_FRAME; const char *result; };         /* async def bad() */

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT_ALL {                                 /* CancelledError too */
        log("Something went wrong");
        self->result = "Error result";
        AIOT_RETURN();
    }
    AIOT_END();
}

struct good { AIOT_FRAME; const char *result; };        /* async def good() */

static AIOT_CORO(good)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Operation was cancelled");
        AIOT_RERAISE();
    } AIOT_EXCEPT_ANY {
        log("Other error occurred: %s", desc(aiot_caught(task)));
        self->result = "Error result";
        AIOT_RETURN();
    }
    AIOT_END();
}

struct root {                                           /* async def main() */
    AIOT_FRAME;
    int which;
    struct bad bad;
    struct good good;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->which = 0; self->which < 2; self->which++) {
        AIOT_TRY {
            if (self->which == 0) AIOT_WAIT_FOR(&self->limit, S(1), bad, &self->bad);
            else AIOT_WAIT_FOR(&self->limit, S(1), good, &self->good);
            log("returned: %s", self->which == 0 ? self->bad.result : self->good.result);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("timed out");
        }
    }
    AIOT_END();
}

RUN(root)
