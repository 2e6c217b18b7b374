/* group_cleanup_cut_by_timeout.py - the limit fires while the group is already aborting after an error: tasks are not cancelled a
 * second time, the group still waits for all, and the error group wins over the timeout. */
#include "vt.h"

struct slow_cleaner { AIOT_FRAME_DEPTH(2); };

static AIOT_CORO(slow_cleaner)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cleaning");
        AIOT_TRY {
            AIOT_SLEEP(S(4));
            log("clean");
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("cleaning cut");
            AIOT_RERAISE();
        }
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

struct root {
    AIOT_FRAME;
    aiot_timeout t;
    aiot_group tg;
    struct slow_cleaner slow_cleaner;
    struct bad bad;
    aiot_group_task t1, t2;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_timeout_init(&self->t, task->loop, S(2));
    AIOT_TIMEOUT_ENTER(&self->t) {
        AIOT_GROUP(&self->tg) {
            aiot_group_spawn(&self->tg, &self->t1, slow_cleaner, &self->slow_cleaner);
            aiot_group_spawn(&self->tg, &self->t2, bad, &self->bad);
        }
    } AIOT_EXCEPT(AIOT_EGROUP) {
        log("%s expired %d cancelling %u", desc(aiot_caught(task)), aiot_timeout_expired(&self->t), aiot_task_cancelling(task));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("TimeoutError");
    }
    AIOT_END();
}

RUN(root)
