/* gather_cancel_return_exceptions.py - return_exceptions does not hide a cancel of the gather itself: CancelledError, not a
 * list. */
#include "vt.h"

struct outer { AIOT_FRAME; struct aiot_sleep sleeps[2]; aiot_task tasks[2]; AIOT_GATHER_SET(2) all; };  /* async def outer() */

static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SPAWN(&self->tasks[0], aiot_sleep, &self->sleeps[0], .delay_ns = S(5));
        AIOT_SPAWN(&self->tasks[1], aiot_sleep, &self->sleeps[1], .delay_ns = S(6));
        AIOT_GATHER_ALL(&self->all, &self->tasks[0], &self->tasks[1]);
        log("list of %u", self->all.gather.count);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("CancelledError");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct outer outer; aiot_task o; AIOT_WAIT_SET(1) set; };     /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->o, outer, &self->outer);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->o);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->o);
    log("%s", outcome(&self->o, "None"));
    AIOT_END();
}

RUN(root)
