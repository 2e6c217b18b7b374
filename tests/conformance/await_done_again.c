/* await_done_again.py - a finished task can be awaited many times: same value or same error each time, without a loop turn. */
#include "vt.h"

struct bad { AIOT_FRAME; };                     /* async def bad() */

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_RAISE(8);
    AIOT_END();
}

struct good { AIOT_FRAME; int result; };        /* async def good() */

static AIOT_CORO(good)
{
    AIOT_BEGIN();
    self->result = 3;
    AIOT_END();
}

struct other { AIOT_FRAME; };                   /* async def other() */

static AIOT_CORO(other)
{
    AIOT_BEGIN();
    log("other runs");
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct good good;
    struct bad bad;
    struct other other;
    aiot_task g, b, o;
    AIOT_WAIT_SET(2) set;
    int i;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->g, good, &self->good);
    AIOT_SPAWN(&self->b, bad, &self->bad);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->g, &self->b);
    AIOT_SPAWN(&self->o, other, &self->other);
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_JOIN(&self->g);
        log("%d", self->good.result);
        AIOT_TRY {
            AIOT_JOIN(&self->b);
        } AIOT_EXCEPT_ANY {
            log("%s", desc(aiot_caught(task)));
        }
    }
    log("no turn taken yet");
    AIOT_SLEEP(0);
    AIOT_END();
}

RUN(root)
