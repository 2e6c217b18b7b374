/* wait_cancelled.py - cancelling a task that is in wait() does not cancel what it waits for. */
#include "vt.h"

struct waiter {                                 /* async def waiter(tasks) */
    AIOT_FRAME;
    aiot_task *tasks;
    AIOT_WAIT_SET(2) set;
};

static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1]);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("waiter cancelled");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct aiot_sleep sleeps[2];
    aiot_task tasks[2];
    struct waiter waiter;
    aiot_task w;
    AIOT_WAIT_SET(2) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const char *const results[] = { "x", "y" };          /* sleep(delay, result) */
    AIOT_SPAWN(&self->tasks[0], aiot_sleep, &self->sleeps[0], .delay_ns = S(2));
    AIOT_SPAWN(&self->tasks[1], aiot_sleep, &self->sleeps[1], .delay_ns = S(3));
    AIOT_SPAWN(&self->w, waiter, &self->waiter, .tasks = self->tasks);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->w);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->w);
    for (int i = 0; i < 2; i++) log("%s", outcome(&self->tasks[i], "%s", results[i]));
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1]);
    for (int i = 0; i < 2; i++) log("%s", outcome(&self->tasks[i], "%s", results[i]));
    AIOT_END();
}

RUN(root)
