/* 52_condition_wait.py - two tasks wait for a counter to pass 2 and 4; notify_all wakes both each time. */
#include "vt.h"

static int count;

struct waiter { AIOT_FRAME; aiot_condition *cond; int limit; aiot_waiter w; };      /* async def waiter(cond, limit) */

static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    AIOT_CONDITION(self->cond, &self->w) {
        while (count < self->limit) AIOT_CONDITION_WAIT(self->cond, &self->w);
        log("Condition is now true");
    }
    AIOT_END();
}

struct updater { AIOT_FRAME; aiot_condition *cond; int i; aiot_waiter w; };         /* async def updater(cond) */

static AIOT_CORO(updater)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 5; self->i++) {
        AIOT_SLEEP(S(1));
        AIOT_CONDITION(self->cond, &self->w) {
            count++;
            log("Updated count to %d", count);
            aiot_condition_notify_all(self->cond);
        }
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    aiot_condition cond;
    struct waiter waiters[2];
    struct updater updater;
    aiot_task tasks[3];
    AIOT_GATHER_SET(3) all;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], waiter, &self->waiters[0], .cond = &self->cond, .limit = 2);
    AIOT_SPAWN(&self->tasks[1], waiter, &self->waiters[1], .cond = &self->cond, .limit = 4);
    AIOT_SPAWN(&self->tasks[2], updater, &self->updater, .cond = &self->cond);
    AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    AIOT_END();
}

RUN(root)
