/* shield_outer_cancel.py - cancelling the waiter of a shield leaves the inner task running. */
#include "vt.h"

struct inner { AIOT_FRAME; const char *result; };       /* async def inner() */

static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(3));
    log("inner done");
    self->result = "value";
    AIOT_END();
}

/* The shield outlives its waiter, as what it shields does: both belong to the root. */
struct shielded { struct inner inner; aiot_task task; aiot_shield shield; };

struct outer { AIOT_FRAME; struct shielded *i; };       /* async def outer(task) */

static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SHIELD(&self->i->shield, &self->i->task);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("outer cancelled, inner %s", outcome(&self->i->task, "%s", self->i->inner.result));
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct shielded i; struct outer outer; aiot_task o; AIOT_WAIT_SET(1) set; };  /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->i.task, inner, &self->i.inner);
    AIOT_SPAWN(&self->o, outer, &self->outer, .i = &self->i);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->o);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->o);
    log("outer %s", outcome(&self->o, "None"));
    AIOT_JOIN(&self->i.task);
    log("%s", self->i.inner.result);
    AIOT_END();
}

RUN(root)
