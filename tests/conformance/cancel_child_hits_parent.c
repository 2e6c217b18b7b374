/* cancel_child_hits_parent.py - awaiting a task that someone cancelled raises CancelledError in the awaiter, whose own count
 * stays 0. */
#include "vt.h"

struct parent { AIOT_FRAME; aiot_task *child; };        /* async def parent(child) */

static AIOT_CORO(parent)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_JOIN(self->child);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("parent: CancelledError, cancelling %u", aiot_task_cancelling(task));
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct aiot_sleep sleep;
    struct parent parent;
    aiot_task child, p;
    AIOT_WAIT_SET(1) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->child, aiot_sleep, &self->sleep, .delay_ns = S(10));
    AIOT_SPAWN(&self->p, parent, &self->parent, .child = &self->child);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->child);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->p);
    log("parent %s", outcome(&self->p, "None"));
    AIOT_END();
}

RUN(root)
