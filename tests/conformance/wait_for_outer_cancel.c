/* wait_for_outer_cancel.py - cancelling the task that is in wait_for cancels the awaited task too, and CancelledError comes
 * out. */
#include "vt.h"

struct inner { AIOT_FRAME; };                   /* async def inner() */

static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("inner cancelled");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct outer {                                  /* async def outer(task) */
    AIOT_FRAME;
    aiot_task *task;
    aiot_timeout limit;
};

static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->limit, S(5), self->task);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("outer sees CancelledError, inner %s", outcome(self->task, "None"));
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct inner inner;
    struct outer outer;
    aiot_task i, o;
    AIOT_WAIT_SET(1) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->i, inner, &self->inner);
    AIOT_SPAWN(&self->o, outer, &self->outer, .task = &self->i);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->o);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->o);
    log("outer %s", outcome(&self->o, "None"));
    AIOT_END();
}

RUN(root)
