/* 19_many_fetches_one_block.py - a gather inside a timeout block; everything fits. */
#include "vt.h"

struct fetch_data_from_api {                    /* async def fetch_data_from_api(api) */
    AIOT_FRAME;
    const char *api;
    char text[64];                              /* result */
};

static AIOT_CORO(fetch_data_from_api)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(2));
    snprintf(self->text, sizeof self->text, "Data from %s", self->api);
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct fetch_data_from_api fetches[3];
    aiot_task tasks[3];
    AIOT_GATHER_SET(3) all;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, S(5)) {
        AIOT_SPAWN(&self->tasks[0], fetch_data_from_api, &self->fetches[0], .api = "api1");
        AIOT_SPAWN(&self->tasks[1], fetch_data_from_api, &self->fetches[1], .api = "api2");
        AIOT_SPAWN(&self->tasks[2], fetch_data_from_api, &self->fetches[2], .api = "api3");
        AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
        log("All results: ['%s', '%s', '%s']", self->fetches[0].text, self->fetches[1].text, self->fetches[2].text);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Failed to fetch all data within 5 seconds");
    }
    AIOT_END();
}

RUN(root)
