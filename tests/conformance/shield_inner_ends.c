/* shield_inner_ends.py - value, error and cancellation of the inner task pass out through the shield. */
#include "vt.h"

struct job { AIOT_FRAME; int code; const char *result; };       /* async def job(code) */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(1));
    if (self->code) AIOT_RAISE(self->code);
    self->result = "v";
    AIOT_END();
}

static int cancel(void *argument)
{
    aiot_task *t = (aiot_task *)argument;
    aiot_cancel(t);
    return 0;
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct job good, bad;
    struct aiot_sleep sleep;
    aiot_task tg, tb, t;
    aiot_handle later;
    aiot_shield shields[3];
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tg, job, &self->good, .code = 0);
    AIOT_SHIELD(&self->shields[0], &self->tg);
    log("%s", self->good.result);
    AIOT_TRY {
        AIOT_SPAWN(&self->tb, job, &self->bad, .code = 3);
        AIOT_SHIELD(&self->shields[1], &self->tb);
    } AIOT_EXCEPT_ANY {
        log("%s", desc(aiot_caught(task)));
    }
    AIOT_SPAWN(&self->t, aiot_sleep, &self->sleep, .delay_ns = S(9));
    aiot_call_later(task->loop, &self->later, S(1), cancel, &self->t);
    AIOT_TRY {
        AIOT_SHIELD(&self->shields[2], &self->t);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("CancelledError, own count %u", aiot_task_cancelling(task));
    }
    AIOT_END();
}

RUN(root)
