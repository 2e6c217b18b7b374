/* wait_for_inline.py - wait_for on a coroutine runs it inside the caller's own task, at once; on a task it is a task of its
 * own. */
#include "vt.h"

struct who {                                    /* async def who(caller) */
    AIOT_FRAME;
    aiot_task *caller;
};

static AIOT_CORO(who)
{
    AIOT_BEGIN();
    log("same task: %d", aiot_current_task(&vt_loop) == self->caller);
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_task *me;
    struct who who;
    aiot_task task;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    self->me = aiot_current_task(&vt_loop);
    log("before");
    AIOT_WAIT_FOR(&self->limit, S(1), who, &self->who, .caller = self->me);
    log("between");
    AIOT_SPAWN(&self->task, who, &self->who, .caller = self->me);
    AIOT_JOIN_FOR(&self->limit, S(1), &self->task);
    log("after");
    AIOT_END();
}

RUN(root)
