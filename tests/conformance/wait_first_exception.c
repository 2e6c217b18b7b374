/* wait_first_exception.py - FIRST_EXCEPTION ends at the first error; a cancelled member does not count as one. */
#include "vt.h"

struct job {                                    /* async def job(delay, code) */
    AIOT_FRAME;
    int delay, code;
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    if (self->code) AIOT_RAISE(self->code);
    AIOT_END();
}

static int cancel(void *task)                   /* task.cancel as a callback */
{
    aiot_cancel((aiot_task *)task);
    return 0;
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct job jobs[4];
    aiot_task tasks[4];
    aiot_handle timer;
    AIOT_WAIT_SET(4) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], job, &self->jobs[0], .delay = 1, .code = 0);
    AIOT_SPAWN(&self->tasks[1], job, &self->jobs[1], .delay = 10, .code = 0);
    AIOT_SPAWN(&self->tasks[2], job, &self->jobs[2], .delay = 3, .code = 5);
    AIOT_SPAWN(&self->tasks[3], job, &self->jobs[3], .delay = 4, .code = 0);
    aiot_call_later(task->loop, &self->timer, S(2), cancel, &self->tasks[1]);
    AIOT_WAIT(&self->set, AIOT_FIRST_EXCEPTION, AIOT_FOREVER, &self->tasks[0], &self->tasks[1], &self->tasks[2], &self->tasks[3]);
    for (int i = 0; i < 4; i++) log("%s", outcome(&self->tasks[i], "None"));
    AIOT_WAIT(&self->set, AIOT_FIRST_EXCEPTION, AIOT_FOREVER, &self->tasks[3]);
    log("no error at all: waits for the end, done %u", aiot_wait_done_count(&self->set));
    AIOT_END();
}

RUN(root)
