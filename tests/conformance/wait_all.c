/* wait_all.py - wait() never raises for its members: results, errors and cancellations all just count as done. */
#include "vt.h"

struct job {                                    /* async def job(delay, code) */
    AIOT_FRAME;
    int delay, code;
    int result;
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    if (self->code) AIOT_RAISE(self->code);
    self->result = self->delay;
    AIOT_END();
}

static int cancel(void *task)                   /* task.cancel as a callback */
{
    aiot_cancel((aiot_task *)task);
    return 0;
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct job jobs[3];
    aiot_task tasks[3];
    aiot_handle timer;
    AIOT_WAIT_SET(3) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], job, &self->jobs[0], .delay = 1, .code = 0);
    AIOT_SPAWN(&self->tasks[1], job, &self->jobs[1], .delay = 2, .code = 9);
    AIOT_SPAWN(&self->tasks[2], job, &self->jobs[2], .delay = 3, .code = 0);
    aiot_call_later(task->loop, &self->timer, S(1.5), cancel, &self->tasks[2]);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    log("done %u pending %u", aiot_wait_done_count(&self->set), aiot_wait_pending_count(&self->set));
    for (int i = 0; i < 3; i++) log("%s", outcome(&self->tasks[i], "%d", self->jobs[i].result));
    AIOT_END();
}

RUN(root)
