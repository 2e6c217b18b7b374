/* cancel_before_start.py - a task cancelled before its first step never runs any of its body. */
#include "vt.h"

struct body { AIOT_FRAME; };                    /* async def body() */

static AIOT_CORO(body)
{
    AIOT_BEGIN();
    log("never printed");
    AIOT_TRY {
        AIOT_SLEEP(S(1));
    } AIOT_FINALLY {
        log("never printed either");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct body body; aiot_task task; bool said; AIOT_WAIT_SET(1) set; };        /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, body, &self->body);
    self->said = aiot_cancel(&self->task);
    log("cancel says %d, done %d", self->said, aiot_done(&self->task));
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);
    log("%s", outcome(&self->task, "None"));
    AIOT_END();
}

RUN(root)
