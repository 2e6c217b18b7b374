/* 08_timeout_task_race.py - a home-made timeout: race the operation against a sleeping task, cancel the loser. */
#include "vt.h"

struct some_operation {                         /* async def some_operation() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(some_operation)
{
    AIOT_BEGIN();
    log("Starting operation...");
    AIOT_SLEEP(S(3));
    log("Operation completed!");
    self->result = "Success";
    AIOT_END();
}

struct raced {                                  /* async def raced(seconds) */
    AIOT_FRAME_DEPTH(2);
    double seconds;
    const char *result;
    struct aiot_sleep sleep;
    struct some_operation some_operation;
    aiot_task clock, operation;
    AIOT_WAIT_SET(2) set;
    AIOT_GATHER_SET(1) ended;
};

static AIOT_CORO(raced)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->clock, aiot_sleep, &self->sleep, .delay_ns = S(self->seconds));
    AIOT_TRY {
        AIOT_SPAWN(&self->operation, some_operation, &self->some_operation);
        AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->operation, &self->clock);
        if (aiot_wait_is_done(&self->set, 1)) {         /* the clock */
            aiot_cancel(&self->operation);
            AIOT_GATHER_ALL(&self->ended, &self->operation);
            AIOT_RAISE_INFO(AIOT_ETIMEDOUT, "Operation timed out");
        }
        AIOT_JOIN(&self->operation);
        self->result = self->some_operation.result;
        AIOT_RETURN();
    } AIOT_FINALLY {
        if (!aiot_done(&self->clock)) {
            aiot_cancel(&self->clock);
            AIOT_TRY {
                AIOT_JOIN(&self->clock);
            } AIOT_EXCEPT(AIOT_ECANCELED) {
                /* pass */
            }
        }
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int limit;
    const char *result;
    struct raced raced;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->limit = 2; self->limit <= 4; self->limit += 2) {
        AIOT_TRY {
            AIOT_AWAIT(raced, &self->raced, .seconds = self->limit);
            self->result = self->raced.result;
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Operation was cancelled due to timeout");
            self->result = "None";
        }
        log("Final result: %s", self->result);
    }
    AIOT_END();
}

RUN(root)
