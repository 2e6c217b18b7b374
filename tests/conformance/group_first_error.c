/* group_first_error.py - the first error cancels the other tasks and the body; the group raises the errors as a group, no cancel
 * left. */
#include "vt.h"

struct good { AIOT_FRAME; };

static AIOT_CORO(good)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("good cancelled");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct bad { AIOT_FRAME; };

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(1));
    AIOT_RAISE(1);
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_group tg; struct good good; struct bad bad; aiot_group_task t1, t2; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t1, good, &self->good);
        aiot_group_spawn(&self->tg, &self->t2, bad, &self->bad);
        AIOT_TRY {
            AIOT_SLEEP(S(10));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("body cancelled, cancelling %u", aiot_task_cancelling(task));
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT(AIOT_EGROUP) {
        log("%s, cancelling %u", desc(aiot_caught(task)), aiot_task_cancelling(task));
    }
    AIOT_SLEEP(S(1));
    log("main goes on");
    AIOT_END();
}

RUN(root)
