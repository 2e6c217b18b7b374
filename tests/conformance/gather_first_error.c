/* gather_first_error.py - the first error comes out of gather at once; the others run on, and their errors are dropped. */
#include "vt.h"

struct job { AIOT_FRAME; const char *name; double delay; int code; const char *result; };       /* async def job(name, delay, code) */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    log("%s ends", self->name);
    if (self->code) AIOT_RAISE(self->code);
    self->result = self->name;
    AIOT_END();
}

struct root { AIOT_FRAME; struct job jobs[3]; aiot_task tasks[3]; AIOT_GATHER_SET(3) all; };    /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SPAWN(&self->tasks[0], job, &self->jobs[0], .name = "a", .delay = 3, .code = 0);
        AIOT_SPAWN(&self->tasks[1], job, &self->jobs[1], .name = "b", .delay = 1, .code = 1);
        AIOT_SPAWN(&self->tasks[2], job, &self->jobs[2], .name = "c", .delay = 2, .code = 2);
        AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    } AIOT_EXCEPT_ANY {
        log("%s", desc(aiot_caught(task)));
    }
    AIOT_SLEEP(S(5));
    AIOT_END();
}

RUN(root)
