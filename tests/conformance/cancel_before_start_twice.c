/* cancel_before_start_twice.py - cancelled twice before the first step, then uncancelled once: still one request, the body never
 * runs; taken back twice, it runs as if nothing had been. */
#include "vt.h"

struct body { AIOT_FRAME; const char *result; };        /* async def body() */

static AIOT_CORO(body)
{
    AIOT_BEGIN();
    log("runs, cancelling %u", aiot_task_cancelling(task));
    self->result = "ran";
    AIOT_END();
}

struct root { AIOT_FRAME; int back; struct body body; aiot_task task; AIOT_WAIT_SET(1) set; };  /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->back = 1; self->back <= 2; self->back++) {
        AIOT_SPAWN(&self->task, body, &self->body);
        aiot_cancel(&self->task);
        aiot_cancel(&self->task);
        for (int i = 0; i < self->back; i++) aiot_task_uncancel(&self->task);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);
        log("%s cancelling %u", outcome(&self->task, "%s", self->body.result), aiot_task_cancelling(&self->task));
    }
    AIOT_END();
}

RUN(root)
