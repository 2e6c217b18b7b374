/* run_cancels_leftovers.py - when main ends, tasks still running are cancelled in one go and awaited, cleanup included. */
#include "vt.h"

struct job { AIOT_FRAME; int n; };              /* async def job(n) */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(100));
    } AIOT_FINALLY {
        log("job %d cleans", self->n);
        AIOT_SLEEP(S(self->n));
        log("job %d clean", self->n);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct job jobs[2]; aiot_task tasks[2]; };    /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->tasks[i], job, &self->jobs[i], .n = 2 - i);
    AIOT_SLEEP(S(1));
    log("main ends");
    AIOT_END();
}

RUN(root)
