/* cancel_chain.py - cancelling a task that awaits a task that awaits a task reaches the innermost first; they unwind outwards. */
#include "vt.h"

struct level {                                  /* async def level(n) */
    AIOT_FRAME;
    int n;
    struct level *levels;                       /* the frames of all levels, 1 first: they belong to the root */
    aiot_task inner;
};

static AIOT_CORO(level)
{
    AIOT_BEGIN();
    AIOT_TRY {
        if (self->n == 3) {
            AIOT_SLEEP(S(10));
        } else {
            AIOT_SPAWN(&self->inner, level, &self->levels[self->n], .n = self->n + 1, .levels = self->levels);
            AIOT_JOIN(&self->inner);
        }
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("level %d unwinds, cancelling %u", self->n, aiot_task_cancelling(task));
        AIOT_SLEEP(S(1));
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct level levels[3]; aiot_task top; AIOT_WAIT_SET(1) set; };       /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->top, level, &self->levels[0], .n = 1, .levels = self->levels);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->top);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->top);
    log("%s", outcome(&self->top, "None"));
    AIOT_END();
}

RUN(root)
