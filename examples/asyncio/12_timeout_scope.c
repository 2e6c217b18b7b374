/* 12_timeout_scope.py - one timeout over setup+operation hides which part was slow; one per phase does not. */
#include "vt.h"

struct expensive_setup_and_operation {          /* async def expensive_setup_and_operation() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(expensive_setup_and_operation)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(3));
    AIOT_SLEEP(S(4));
    self->result = "Done";
    AIOT_END();
}

struct bad_timeout_scope {                      /* async def bad_timeout_scope() */
    AIOT_FRAME;
    struct expensive_setup_and_operation both;
    aiot_timeout limit;
};

static AIOT_CORO(bad_timeout_scope)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(5.0), expensive_setup_and_operation, &self->both);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Timeout - but was it setup or operation?");
    }
    AIOT_END();
}

struct setup_phase { AIOT_FRAME; };             /* async def setup_phase() */

static AIOT_CORO(setup_phase)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(3));
    log("Setup complete");
    AIOT_END();
}

struct operation_phase {                        /* async def operation_phase() */
    AIOT_FRAME;
    const char *result;
};

static AIOT_CORO(operation_phase)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(2));
    self->result = "Operation complete";
    AIOT_END();
}

struct good_timeout_scope {                     /* async def good_timeout_scope() */
    AIOT_FRAME;
    const char *result;
    struct setup_phase setup;
    struct operation_phase operation;
    aiot_timeout limit;
};

static AIOT_CORO(good_timeout_scope)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(5.0), setup_phase, &self->setup);
        AIOT_WAIT_FOR(&self->limit, S(3.0), operation_phase, &self->operation);
        self->result = self->operation.result;
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Timeout occurred in specific phase");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct bad_timeout_scope bad;
    struct good_timeout_scope good;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(bad_timeout_scope, &self->bad);
    AIOT_AWAIT(good_timeout_scope, &self->good);
    log("result: %s", self->good.result);
    AIOT_END();
}

RUN(root)
