/* wait_for_cancel_suppressed.py - cancel of the waiter goes to the awaited task; if that swallows it, wait_for returns its value
 * and the waiter is not cancelled (its request count stays 1). */
#include "vt.h"

struct inner {                                  /* async def inner() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        self->result = "kept going";
        AIOT_RETURN();
    }
    AIOT_END();
}

struct outer {                                  /* async def outer() */
    AIOT_FRAME;
    const char *value;                          /* result */
    struct inner inner;
    aiot_task task;
    aiot_timeout limit;
};

static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, inner, &self->inner);
    AIOT_JOIN_FOR(&self->limit, S(5), &self->task);
    self->value = self->inner.result;
    log("%s, cancelling %u", self->value, aiot_task_cancelling(task));
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct outer outer;
    aiot_task o;
    AIOT_WAIT_SET(1) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->o, outer, &self->outer);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->o);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->o);
    log("%s", outcome(&self->o, "%s", self->outer.value));
    AIOT_END();
}

RUN(root)
