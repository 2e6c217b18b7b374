/* wait_timeout.py - wait() with a timeout raises nothing and cancels nothing: the pending ones just go on. */
#include "vt.h"

struct job {                                    /* async def job(delay) */
    AIOT_FRAME;
    int delay;
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    log("job %d done", self->delay);
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct job jobs[2];
    aiot_task tasks[2];
    AIOT_WAIT_SET(2) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const int limits[] = { 0, 2, 2 };
    AIOT_SPAWN(&self->tasks[0], job, &self->jobs[0], .delay = 1);
    AIOT_SPAWN(&self->tasks[1], job, &self->jobs[1], .delay = 3);
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, S(limits[self->i]), &self->tasks[0], &self->tasks[1]);
        log("limit %d: done %u pending %u",
            limits[self->i], aiot_wait_done_count(&self->set), aiot_wait_pending_count(&self->set));
    }
    AIOT_END();
}

RUN(root)
