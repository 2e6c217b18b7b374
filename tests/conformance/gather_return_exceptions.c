/* gather_return_exceptions.py - with return_exceptions, errors and cancellations of members become entries of the result. */
#include "vt.h"

struct job { AIOT_FRAME; double delay; int code; const char *result; };         /* async def job(delay, code) */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    if (self->code) AIOT_RAISE(self->code);
    self->result = "ok";
    AIOT_END();
}

static int cancel(void *argument)
{
    aiot_task *c = (aiot_task *)argument;
    aiot_cancel(c);
    return 0;
}

struct root { AIOT_FRAME; struct job jobs[3]; aiot_task tasks[3]; aiot_handle later; AIOT_GATHER_SET(3) all; }; /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[2], job, &self->jobs[2], .delay = 9, .code = 0);
    aiot_call_later(task->loop, &self->later, S(2), cancel, &self->tasks[2]);
    AIOT_SPAWN(&self->tasks[0], job, &self->jobs[0], .delay = 3, .code = 0);
    AIOT_SPAWN(&self->tasks[1], job, &self->jobs[1], .delay = 1, .code = 6);
    AIOT_GATHER_ALL(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    for (int i = 0; i < 3; i++) {
        aiot_error r = aiot_error_of(&self->tasks[i]);
        log("%s", r.code != AIOT_OK ? desc(r) : self->jobs[i].result);
    }
    AIOT_END();
}

RUN(root)
