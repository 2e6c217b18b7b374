/* run_main_raises.py - an error of main comes out of run(), after the left-over tasks have been cancelled. */
#include "vt.h"

struct job { AIOT_FRAME; };                     /* async def job() */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(100));
    } AIOT_FINALLY {
        log("job cleans");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct job job; aiot_task task; };    /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, job, &self->job);
    AIOT_SLEEP(S(1));
    AIOT_RAISE(1);
    AIOT_END();
}

RUN(root)
