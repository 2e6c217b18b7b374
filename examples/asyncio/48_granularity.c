/* 48_granularity.py - a limit per step versus one limit over two steps (3 s fetch, 8 s process, 4 s store). */
#include "vt.h"

struct fetch_data {                             /* async def fetch_data() */
    AIOT_FRAME;
    const char *data;                           /* result */
};

static AIOT_CORO(fetch_data)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(3));
    self->data = "data";
    AIOT_END();
}

struct process_data {                           /* async def process_data(data) */
    AIOT_FRAME;
    const char *data;
    char done[64];                              /* result */
};

static AIOT_CORO(process_data)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(8));
    snprintf(self->done, sizeof self->done, "processed %s", self->data);
    AIOT_END();
}

struct store_result {                           /* async def store_result(r) */
    AIOT_FRAME;
    const char *r;
    char stored[64];                            /* result */
};

static AIOT_CORO(store_result)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(4));
    snprintf(self->stored, sizeof self->stored, "stored %s", self->r);
    AIOT_END();
}

struct fine_grained {                           /* async def fine_grained() */
    AIOT_FRAME;
    aiot_timeout limit;
    struct fetch_data fetch;
    struct process_data process;
    struct store_result store;
    const char *result;
};

static AIOT_CORO(fine_grained)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(5), fetch_data, &self->fetch);
        AIOT_WAIT_FOR(&self->limit, S(10), process_data, &self->process, .data = self->fetch.data);
        AIOT_WAIT_FOR(&self->limit, S(3), store_result, &self->store, .r = self->process.done);
        self->result = self->store.stored;
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Some operation timed out");
        self->result = "None";
    }
    AIOT_END();
}

struct balanced {                               /* async def balanced() */
    AIOT_FRAME;
    aiot_timeout limit;
    struct fetch_data fetch;
    struct process_data process;
    struct store_result store;
    const char *result;
};

static AIOT_CORO(balanced)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(5), fetch_data, &self->fetch);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Fetch timed out");
        self->result = "None";
        AIOT_RETURN();
    }
    AIOT_TIMEOUT(&self->limit, S(13)) {
        AIOT_AWAIT(process_data, &self->process, .data = self->fetch.data);
        AIOT_AWAIT(store_result, &self->store, .r = self->process.done);
        self->result = self->store.stored;
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Processing or storing timed out");
        self->result = "None";
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct fine_grained fine;
    struct balanced balanced;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(fine_grained, &self->fine);
    log("fine: %s", self->fine.result);
    AIOT_AWAIT(balanced, &self->balanced);
    log("balanced: %s", self->balanced.result);
    AIOT_END();
}

RUN(root)
