/* group_cancel_level.py - a holder already asked to cancel keeps its count through a group that ends in errors. */
#include "vt.h"

struct bad { AIOT_FRAME; };

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_RAISE(2);
    AIOT_END();
}

struct holder { AIOT_FRAME; struct bad bad; aiot_group_task t; aiot_group tg; };

static AIOT_CORO(holder)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cancelling %u", aiot_task_cancelling(task));
    }
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t, bad, &self->bad);
    } AIOT_EXCEPT(AIOT_EGROUP) {
        log("%s cancelling %u", desc(aiot_caught(task)), aiot_task_cancelling(task));
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct holder holder; aiot_task h; AIOT_WAIT_SET(1) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->h, holder, &self->holder);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->h);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->h);
    log("%s", outcome(&self->h, "None"));
    AIOT_END();
}

RUN(root)
