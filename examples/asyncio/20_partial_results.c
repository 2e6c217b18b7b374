/* 20_partial_results.py - one timeout per fetch, then count who made it. Delays: 0.5 s, 3 s, 1.5 s. */
#include "vt.h"

struct fetch_data { AIOT_FRAME; double delay; };        /* async def fetch_data(delay) */

static AIOT_CORO(fetch_data)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    AIOT_END();
}

struct fetch_one {                                      /* async def fetch_one(url, delay, limit) */
    AIOT_FRAME;
    const char *url;
    double delay, limit;
    int result;
    struct fetch_data fetch_data;
    aiot_timeout timeout;
};

static AIOT_CORO(fetch_one)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->timeout, S(self->limit), fetch_data, &self->fetch_data, .delay = self->delay);
        log("%s: success", self->url);
        self->result = 1;
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("%s: timeout", self->url);
        self->result = 0;
    }
    AIOT_END();
}

struct root {                                           /* async def main() */
    AIOT_FRAME;
    struct fetch_one fetches[3];
    aiot_task tasks[3];
    AIOT_GATHER_SET(3) all;
    int successful;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], fetch_one, &self->fetches[0], .url = "fast-api", .delay = 0.5, .limit = 2);
    AIOT_SPAWN(&self->tasks[1], fetch_one, &self->fetches[1], .url = "slow-api", .delay = 3, .limit = 2);
    AIOT_SPAWN(&self->tasks[2], fetch_one, &self->fetches[2], .url = "normal-api", .delay = 1.5, .limit = 2);
    AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    for (int i = 0; i < 3; i++) self->successful += self->fetches[i].result;
    log("Successful: %d", self->successful);
    log("Failed: %d", 3 - self->successful);
    AIOT_END();
}

RUN(root)
