/* 16_suppress_vs_reraise.py - suppressing a cancellation: the task ends normally (not cancelled); re-raising ends it cancelled. */
#include "vt.h"

struct bad_coroutine { AIOT_FRAME; };           /* async def bad_coroutine() */

static AIOT_CORO(bad_coroutine)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        /* pass */
    }
    AIOT_END();
}

struct good_coroutine { AIOT_FRAME; };          /* async def good_coroutine() */

static AIOT_CORO(good_coroutine)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Cancelled! Cleaning up.");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct bad_coroutine bad;
    struct good_coroutine good;
    aiot_task tasks[2];
    AIOT_WAIT_SET(2) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], bad_coroutine, &self->bad);
    AIOT_SPAWN(&self->tasks[1], good_coroutine, &self->good);
    AIOT_SLEEP(S(1));
    for (int i = 0; i < 2; i++) aiot_cancel(&self->tasks[i]);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1]);
    log("bad: %s", outcome(&self->tasks[0], "None"));
    log("good: %s", outcome(&self->tasks[1], "None"));
    AIOT_END();
}

RUN(root)
