/* start_order.py - a new task starts on the next turn, in order of creation; sleep(0) hands over to all that are ready. */
#include "vt.h"

struct job { AIOT_FRAME; const char *name; int i; };    /* async def job(name) */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        log("%s%d", self->name, self->i);
        AIOT_SLEEP(0);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct job a, b, c; aiot_task ta, tb, tc; AIOT_WAIT_SET(3) set; };    /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->ta, job, &self->a, .name = "a");
    AIOT_SPAWN(&self->tb, job, &self->b, .name = "b");
    log("nothing started");
    AIOT_SLEEP(0);
    log("main after one turn");
    AIOT_SPAWN(&self->tc, job, &self->c, .name = "c");
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->ta, &self->tb, &self->tc);
    AIOT_END();
}

RUN(root)
