/* group_body_error.py - an error of the body cancels the tasks, waits for them, and is reported as a group of one. */
#include "vt.h"

struct job { AIOT_FRAME; };

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_FINALLY {
        AIOT_SLEEP(S(0.5));
        log("job cleaned");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct job job; aiot_group_task t; aiot_group tg; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t, job, &self->job);
        AIOT_SLEEP(S(1));
        AIOT_RAISE(3);
    } AIOT_EXCEPT(AIOT_EGROUP) {
        log("%s", desc(aiot_caught(task)));
    }
    AIOT_END();
}

RUN(root)
