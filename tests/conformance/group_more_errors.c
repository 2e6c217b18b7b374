/* group_more_errors.py - errors raised while being cancelled are collected too, in order of completion; cancellations are not. */
#include "vt.h"

struct job { AIOT_FRAME; double delay; int code; double cleanup; int late; };

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(self->delay));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        AIOT_SLEEP(S(self->cleanup));
        if (self->late) AIOT_RAISE(self->late);
        AIOT_RERAISE();
    }
    AIOT_RAISE(self->code);
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_group tg; struct job jobs[4]; aiot_group_task tasks[4]; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->tasks[0], job, &self->jobs[0], .delay = 1, .code = 1, .cleanup = 0, .late = 0);
        aiot_group_spawn(&self->tg, &self->tasks[1], job, &self->jobs[1], .delay = 9, .code = 2, .cleanup = 2, .late = 22);
        aiot_group_spawn(&self->tg, &self->tasks[2], job, &self->jobs[2], .delay = 9, .code = 3, .cleanup = 1, .late = 33);
        aiot_group_spawn(&self->tg, &self->tasks[3], job, &self->jobs[3], .delay = 9, .code = 4, .cleanup = 3, .late = 0);
    } AIOT_EXCEPT(AIOT_EGROUP) {
        log("%s", desc(aiot_caught(task)));
    }
    AIOT_END();
}

RUN(root)
