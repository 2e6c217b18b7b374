/* 45_cleanup_bad_good.py - without try/finally the timeout leaks the resource; with it the release runs, even awaiting. */
#include "vt.h"

static int held;

struct acquire { AIOT_FRAME; };                 /* async def acquire() */

static AIOT_CORO(acquire)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(0.1));
    held++;
    log("acquired, held %d", held);
    AIOT_END();
}

struct release { AIOT_FRAME; };                 /* async def release() */

static AIOT_CORO(release)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(0.1));
    held--;
    log("released, held %d", held);
    AIOT_END();
}

struct bad {                                    /* async def bad() */
    AIOT_FRAME;
    struct acquire acquire;
    struct release release;
};

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_AWAIT(acquire, &self->acquire);
    AIOT_SLEEP(S(5));
    AIOT_AWAIT(release, &self->release);
    AIOT_END();
}

struct good {                                   /* async def good() */
    AIOT_FRAME;
    struct acquire acquire;
    struct release release;
};

static AIOT_CORO(good)
{
    AIOT_BEGIN();
    AIOT_AWAIT(acquire, &self->acquire);
    AIOT_TRY {
        AIOT_SLEEP(S(5));
    } AIOT_FINALLY {
        AIOT_AWAIT(release, &self->release);
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int which;                                  /* 0: bad, 1: good */
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
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("timed out, held %d", held);
        }
    }
    AIOT_END();
}

RUN(root)
