/* 33_home_made_wait_for.py - wait_for rebuilt from wait() and a sleeping task, shown finishing and timing out. */
#include "vt.h"

struct my_wait_for {                            /* async def my_wait_for(task, seconds) */
    AIOT_FRAME;
    aiot_task *task;
    int seconds;
    struct aiot_sleep sleep;
    aiot_task clock;
    AIOT_WAIT_SET(2) set;
};

static AIOT_CORO(my_wait_for)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->clock, aiot_sleep, &self->sleep, .delay_ns = S(self->seconds));
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, self->task, &self->clock);
    if (aiot_wait_is_done(&self->set, 1)) {     /* clock in done */
        aiot_cancel(self->task);
        AIOT_TRY {
            AIOT_JOIN(self->task);
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            /* pass */
        }
        AIOT_RAISE(AIOT_ETIMEDOUT);
    }
    aiot_cancel(&self->clock);
    AIOT_JOIN(self->task);                      /* its result lies in its own frame */
    AIOT_END();
}

struct job {                                    /* async def job(seconds) */
    AIOT_FRAME;
    int seconds;
    char text[64];                              /* result */
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->seconds));
    snprintf(self->text, sizeof self->text, "job of %ds", self->seconds);
    AIOT_END();
}

/* A cancelled clock ends a turn after my_wait_for has returned: each call has a frame of its own. */
struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct job jobs[2];
    aiot_task tasks[2];
    struct my_wait_for waits[2];
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const int seconds[] = {1, 3};
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_TRY {
            AIOT_SPAWN(&self->tasks[self->i], job, &self->jobs[self->i], .seconds = seconds[self->i]);
            AIOT_AWAIT(my_wait_for, &self->waits[self->i], .task = &self->tasks[self->i], .seconds = 2);
            log("%s", self->jobs[self->i].text);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("timed out");
        }
    }
    AIOT_END();
}

RUN(root)
