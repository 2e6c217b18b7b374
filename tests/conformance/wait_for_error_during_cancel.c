/* wait_for_error_during_cancel.py - an error raised by the task in answer to the timeout comes out of wait_for instead of
 * TimeoutError. */
#include "vt.h"

struct job {                                    /* async def job(code) */
    AIOT_FRAME;
    int code;
};

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        AIOT_SLEEP(S(1));
        AIOT_RAISE(self->code);
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int limit;
    struct job job;
    aiot_task task;
    aiot_timeout timeout;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->limit = 2; self->limit >= 0; self->limit -= 2) {
        AIOT_SPAWN(&self->task, job, &self->job, .code = self->limit + 10);
        AIOT_SLEEP(0);
        AIOT_TRY {
            AIOT_JOIN_FOR(&self->timeout, S(self->limit), &self->task);
        } AIOT_EXCEPT_APP {
            log("%s, task %s", desc(aiot_caught(task)), outcome(&self->task, "None"));
        }
    }
    AIOT_END();
}

RUN(root)
