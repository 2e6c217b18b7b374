/* 55_timed_functions.py - entry, exit and duration around nested coroutine calls; the exit line prints on errors too. */
#include "vt.h"

/* async def timed(name, coro): in C the frame of `coro` lies in that of `timed`, so there is one for each type of coroutine.
 * The arguments of the inner one are set by the caller: .coro.delay = 1.0 */
#define TIMED(fn) \
    struct timed_##fn { AIOT_FRAME; const char *name; struct fn coro; double start; }; \
    static AIOT_CORO(timed_##fn) \
    { \
        AIOT_BEGIN(); \
        log("Starting %s", self->name); \
        self->start = now(); \
        AIOT_TRY { \
            AIOT_AWAIT_FRAME(fn, &self->coro); \
        } AIOT_FINALLY { \
            log("%s completed in %.4f seconds", self->name, now() - self->start); \
        } \
        AIOT_END(); \
    }

struct fetch_data {                             /* async def fetch_data(delay) */
    AIOT_FRAME;
    double delay;
    const char *result;
};

static AIOT_CORO(fetch_data)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    self->result = "result";
    AIOT_END();
}

TIMED(fetch_data)

struct process_data {                           /* async def process_data(data, delay) */
    AIOT_FRAME;
    const char *data;
    double delay;
    char result[64];
};

static AIOT_CORO(process_data)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    snprintf(self->result, sizeof self->result, "processed %s", self->data);
    AIOT_END();
}

TIMED(process_data)

struct complex_operation {                      /* async def complex_operation() */
    AIOT_FRAME;
    struct timed_fetch_data fetch;
    struct timed_process_data process;
    const char *result;
};

static AIOT_CORO(complex_operation)
{
    AIOT_BEGIN();
    AIOT_AWAIT(timed_fetch_data, &self->fetch, .name = "fetch_data", .coro.delay = 1.0);
    AIOT_AWAIT(timed_process_data, &self->process, .name = "process_data", .coro.data = self->fetch.coro.result, .coro.delay = 0.5);
    self->result = self->process.coro.result;
    AIOT_END();
}

TIMED(complex_operation)

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct timed_complex_operation operation;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(timed_complex_operation, &self->operation, .name = "complex_operation");
    log("%s", self->operation.coro.result);
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(1.25), timed_complex_operation, &self->operation, .name = "complex_operation");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("timed out");
    }
    AIOT_END();
}

RUN(root)
