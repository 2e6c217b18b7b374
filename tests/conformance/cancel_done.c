/* cancel_done.py - cancel() of a finished task returns false and changes nothing, not even the request count. */
#include "vt.h"

struct ok { AIOT_FRAME; int result; };          /* async def ok() */

static AIOT_CORO(ok)
{
    AIOT_BEGIN();
    self->result = 5;
    AIOT_END();
}

struct bad { AIOT_FRAME; };                     /* async def bad() */

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_RAISE(6);
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct ok ok;
    struct bad bad;
    struct aiot_sleep sleep;
    aiot_task tasks[3];
    AIOT_WAIT_SET(3) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], ok, &self->ok);
    AIOT_SPAWN(&self->tasks[1], bad, &self->bad);
    AIOT_SPAWN(&self->tasks[2], aiot_sleep, &self->sleep, .delay_ns = S(9));
    aiot_cancel(&self->tasks[2]);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    for (int i = 0; i < 3; i++) {
        aiot_task *t = &self->tasks[i];
        unsigned before = aiot_task_cancelling(t);
        bool said = aiot_cancel(t);
        log("cancel says %d, count %u to %u, %s", said, before, aiot_task_cancelling(t), outcome(t, "%d", self->ok.result));
    }
    AIOT_END();
}

RUN(root)
