/* group_parent_cancelled_twice.py - a second cancel of the holder while the group waits for cleanups is counted but cancels no task
 * again. */
#include "vt.h"

struct cleaner { AIOT_FRAME; };

static AIOT_CORO(cleaner)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cleaning");
        AIOT_SLEEP(S(3));
        log("clean");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct holder { AIOT_FRAME; aiot_group tg; struct cleaner cleaner; aiot_group_task t; };

static AIOT_CORO(holder)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t, cleaner, &self->cleaner);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("holder out, cancelling %u", aiot_task_cancelling(task));
        AIOT_RERAISE();
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
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->h);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->h);
    log("%s", outcome(&self->h, "None"));
    AIOT_END();
}

RUN(root)
