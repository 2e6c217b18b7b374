/* gather_cancel_swallowed.py - if the members swallow the cancel and return values, the cancelled gather still raises
 * CancelledError. */
#include "vt.h"

struct stubborn { AIOT_FRAME; int n; int result; };     /* async def stubborn(n) */

static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        AIOT_SLEEP(S(self->n));
    }
    log("member %d returns", self->n);
    self->result = self->n;
    AIOT_END();
}

struct outer {                                  /* async def outer(flag) */
    AIOT_FRAME;
    bool flag;
    struct stubborn members[2];
    aiot_task tasks[2];
    AIOT_GATHER_SET(2) all;
};

static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SPAWN(&self->tasks[0], stubborn, &self->members[0], .n = 1);
        AIOT_SPAWN(&self->tasks[1], stubborn, &self->members[1], .n = 2);
        if (self->flag) AIOT_GATHER_ALL(&self->all, &self->tasks[0], &self->tasks[1]);
        else AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1]);
        log("values");
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("CancelledError");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int flag; struct outer outer; aiot_task o; AIOT_WAIT_SET(1) set; };   /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->flag = 0; self->flag < 2; self->flag++) {
        AIOT_SPAWN(&self->o, outer, &self->outer, .flag = self->flag);
        AIOT_SLEEP(S(1));
        aiot_cancel(&self->o);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->o);
    }
    AIOT_END();
}

RUN(root)
