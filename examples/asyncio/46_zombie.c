/* 46_zombie.py - a task that ignores a cancellation lives on until a second one; a good one ends at the first. */
#include "vt.h"

struct zombie { AIOT_FRAME; };                  /* async def zombie() */

static AIOT_CORO(zombie)
{
    AIOT_BEGIN();
    AIOT_TRY {
        while (true) {
            AIOT_SLEEP(S(1));
            log("Still running...");
        }
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Cancelled, but ignoring it!");
        while (true) {
            AIOT_SLEEP(S(1));
            log("Zombie task!");
        }
    }
    AIOT_END();
}

struct polite { AIOT_FRAME; };                  /* async def polite() */

static AIOT_CORO(polite)
{
    AIOT_BEGIN();
    AIOT_TRY {
        while (true) {
            AIOT_SLEEP(S(1));
            log("Still running...");
        }
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Cancelled, cleaning up...");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int which;                                  /* 0: zombie, 1: polite */
    struct zombie zombie;
    struct polite polite;
    aiot_task task;
    AIOT_WAIT_SET(1) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->which = 0; self->which < 2; self->which++) {
        if (self->which == 0) AIOT_SPAWN(&self->task, zombie, &self->zombie);
        else AIOT_SPAWN(&self->task, polite, &self->polite);
        AIOT_SLEEP(S(2.5));
        aiot_cancel(&self->task);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, S(3), &self->task);
        log("after one cancel: %s", outcome(&self->task, "None"));
        aiot_cancel(&self->task);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);
        log("after two: %s", outcome(&self->task, "None"));
    }
    AIOT_END();
}

RUN(root)
