/* shield_late_error.py - an error of a shielded task whose waiter is gone goes to the loop's error handler. */
#ifndef AIOT_DEBUG
#define AIOT_DEBUG 1                            /* then the small loop reports errors, too */
#endif
#include "vt.h"

struct job { AIOT_FRAME; };                     /* async def job() */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(3));
    AIOT_RAISE(13);
    AIOT_END();
}

/* The shield outlives its waiter, as what it shields does: it belongs to the root. */
struct outer { AIOT_FRAME; aiot_task *task; aiot_shield *shield; };     /* async def outer(task) */

static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_SHIELD(self->shield, self->task);
    AIOT_END();
}

static void handler(aiot_error e)
{
    log("handler got %s", desc(e));
}

struct root { AIOT_FRAME; struct job job; struct outer outer; aiot_shield shield; aiot_task t, o; };    /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    vt_on_error = handler;
    AIOT_SPAWN(&self->t, job, &self->job);
    AIOT_SPAWN(&self->o, outer, &self->outer, .task = &self->t, .shield = &self->shield);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->o);
    AIOT_SLEEP(S(3));
    log("%s / %s", outcome(&self->o, "None"), outcome(&self->t, "None"));
    AIOT_END();
}

RUN(root)
