/* 06_individual_timeouts.py - each fetch has its own timeout; one gives up, the others are untouched. */
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

struct safe_fetch {                             /* async def safe_fetch(source, delay, limit) */
    AIOT_FRAME;
    const char *source;
    double delay, limit;
    char text[64];                              /* result */
    struct fetch_data fetch_data;
    aiot_timeout timeout;
};

static AIOT_CORO(safe_fetch)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->timeout, S(self->limit), fetch_data, &self->fetch_data, .source = self->source, .delay = self->delay);
        snprintf(self->text, sizeof self->text, "%s", self->fetch_data.text);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        snprintf(self->text, sizeof self->text, "Timeout: %s took too long", self->source);
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct safe_fetch fetches[3];
    aiot_task tasks[3];
    AIOT_GATHER_SET(3) all;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], safe_fetch, &self->fetches[0], .source = "Database", .delay = 2, .limit = 3.0);
    AIOT_SPAWN(&self->tasks[1], safe_fetch, &self->fetches[1], .source = "API", .delay = 4, .limit = 2.0);
    AIOT_SPAWN(&self->tasks[2], safe_fetch, &self->fetches[2], .source = "Cache", .delay = 1, .limit = 5.0);
    AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    for (int i = 0; i < 3; i++) log("%s", self->fetches[i].text);
    AIOT_END();
}

RUN(root)
