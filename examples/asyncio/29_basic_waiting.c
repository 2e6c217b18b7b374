/* 29_basic_waiting.py - two sleepers overlap: both end at 2 s. */
#include "vt.h"

struct waiting { AIOT_FRAME; };                 /* async def waiting() */

static AIOT_CORO(waiting)
{
    AIOT_BEGIN();
    log("Starting");
    AIOT_SLEEP(S(2));
    log("After 2 seconds");
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct waiting waiting[2];
    aiot_task tasks[2];
    AIOT_GATHER_SET(2) all;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], waiting, &self->waiting[0]);
    AIOT_SPAWN(&self->tasks[1], waiting, &self->waiting[1]);
    AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1]);
    AIOT_END();
}

RUN(root)
