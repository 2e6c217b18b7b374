/* 11_loop_without_awaits.py - a computing loop without awaits overruns its timeout; with sleep(0) it is cut.
 * busy(1) stands for one second of computing. */
#include "vt.h"

struct bad_loop { AIOT_FRAME; int result; };            /* async def bad_loop() */

static AIOT_CORO(bad_loop)
{
    AIOT_BEGIN();
    for (int i = 0; i < 5; i++) {
        busy(1);
    }
    log("bad loop finished");
    self->result = 5;
    AIOT_END();
}

struct good_loop { AIOT_FRAME; int i, result; };        /* async def good_loop() */

static AIOT_CORO(good_loop)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 5; self->i++) {
        busy(1);
        log("good loop step %d", self->i);
        if (self->i % 2 == 1) AIOT_SLEEP(0);
    }
    self->result = 5;
    AIOT_END();
}

struct root {                                           /* async def main() */
    AIOT_FRAME;
    int which;
    struct bad_loop bad_loop;
    struct good_loop good_loop;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->which = 0; self->which < 2; self->which++) {
        AIOT_TRY {
            if (self->which == 0) AIOT_WAIT_FOR(&self->limit, S(2), bad_loop, &self->bad_loop);
            else AIOT_WAIT_FOR(&self->limit, S(2), good_loop, &self->good_loop);
            log("returned: %d", self->which == 0 ? self->bad_loop.result : self->good_loop.result);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("timed out");
        }
    }
    AIOT_END();
}

RUN(root)
