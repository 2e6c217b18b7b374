/* gather_member_cancelled.py - one member cancelled by hand: gather raises CancelledError at once though nobody cancelled the
 * waiter. */
#include "vt.h"

struct sleep_then { AIOT_FRAME; double delay; const char *result; };    /* asyncio's sleep(delay, result) */

static AIOT_CORO(sleep_then)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    AIOT_END();
}

struct member { struct sleep_then sleep; aiot_task task; };

struct outer { AIOT_FRAME; struct member *a, *b; AIOT_GATHER_SET(2) all; };     /* async def outer(a, b) */

static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_GATHER(&self->all, &self->a->task, &self->b->task);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("CancelledError, own count %u, b %s", aiot_task_cancelling(task), outcome(&self->b->task, "%s", self->b->sleep.result));
    }
    AIOT_JOIN(&self->b->task);
    log("b: %s", self->b->sleep.result);
    AIOT_END();
}

struct root { AIOT_FRAME; struct member a, b; struct outer outer; aiot_task o; };       /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->a.task, sleep_then, &self->a.sleep, .delay = 5, .result = "a");
    AIOT_SPAWN(&self->b.task, sleep_then, &self->b.sleep, .delay = 3, .result = "b");
    AIOT_SPAWN(&self->o, outer, &self->outer, .a = &self->a, .b = &self->b);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->a.task);
    AIOT_JOIN(&self->o);
    AIOT_END();
}

RUN(root)
