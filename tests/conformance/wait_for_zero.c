/* wait_for_zero.py - with timeout <= 0, a done future gives its result; a coroutine never starts; a pending task is cancelled. */
#include "vt.h"

struct body {                                   /* async def body() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(body)
{
    AIOT_BEGIN();
    log("body runs");
    self->result = "x";
    AIOT_END();
}

struct quick {                                  /* async def quick() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(quick)
{
    AIOT_BEGIN();
    self->result = "done already";
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int limit;
    struct quick quick;
    struct body body;
    struct aiot_sleep sleep;
    aiot_task task, other;
    aiot_timeout timeout;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, quick, &self->quick);
    AIOT_SLEEP(S(1));
    for (self->limit = 0; self->limit >= -2; self->limit -= 2) {
        AIOT_JOIN_FOR(&self->timeout, S(self->limit), &self->task);
        log("done task: %s", self->quick.result);
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->timeout, S(self->limit), body, &self->body);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("coroutine: timed out, never started");
        }
        AIOT_SPAWN(&self->other, aiot_sleep, &self->sleep, .delay_ns = S(10));
        AIOT_SLEEP(0);
        AIOT_TRY {
            AIOT_JOIN_FOR(&self->timeout, S(self->limit), &self->other);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("pending task: timed out, %s", outcome(&self->other, "None"));
        }
    }
    AIOT_END();
}

RUN(root)
