/* 28_cancel_endless_worker.py - a worker prints every 0.2 s until it is cancelled at 0.7 s. */
#include "vt.h"

struct worker { AIOT_FRAME; };                  /* async def worker() */

static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        while (true) {
            log("working");
            AIOT_SLEEP(S(0.2));
        }
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("cancelled");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct worker worker;
    aiot_task task;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, worker, &self->worker);
    AIOT_SLEEP(S(0.7));
    aiot_cancel(&self->task);
    AIOT_TRY {
        AIOT_JOIN(&self->task);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("task cancelled confirmed");
    }
    AIOT_END();
}

RUN(root)
