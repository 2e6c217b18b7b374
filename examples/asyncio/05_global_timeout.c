/* 05_global_timeout.py - three fetches gathered under one 5 s timeout: all done at 3 s, results in argument order. */
#include "vt.h"

struct fetch_data {                             /* async def fetch_data(source, delay) */
    AIOT_FRAME;
    const char *source;
    double delay;
    char text[64];                              /* result */
};

static AIOT_CORO(fetch_data)
{
    AIOT_BEGIN();
    log("Fetching from %s...", self->source);
    AIOT_SLEEP(S(self->delay));
    snprintf(self->text, sizeof self->text, "Data from %s", self->source);
    AIOT_END();
}

struct fetch_multiple {                         /* async def fetch_multiple() */
    AIOT_FRAME;
    struct fetch_data fetches[3];               /* results */
    aiot_task tasks[3];
    AIOT_GATHER_SET(3) all;
};

static AIOT_CORO(fetch_multiple)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], fetch_data, &self->fetches[0], .source = "Database", .delay = 2);
    AIOT_SPAWN(&self->tasks[1], fetch_data, &self->fetches[1], .source = "API", .delay = 3);
    AIOT_SPAWN(&self->tasks[2], fetch_data, &self->fetches[2], .source = "Cache", .delay = 1);
    AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct fetch_multiple fetch_multiple;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(5.0), fetch_multiple, &self->fetch_multiple);
        const struct fetch_data *results = self->fetch_multiple.fetches;
        log("All results: ['%s', '%s', '%s']", results[0].text, results[1].text, results[2].text);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Not all operations completed within 5 seconds");
    }
    AIOT_END();
}

RUN(root)
