/* 49_realistic_timeouts.py - a limit computed from averages, clamped to 1..30 s. Jitter is a script: each request takes
 * its base time plus 0.1, 0.3, 0.2, 9.0 s. */
#include "vt.h"

struct fetch_from_api {                         /* async def fetch_from_api(seconds) */
    AIOT_FRAME;
    double seconds;
    int answer;                                 /* result */
};

static AIOT_CORO(fetch_from_api)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->seconds));
    self->answer = 1;
    AIOT_END();
}

struct realistic {                              /* async def realistic(url, seconds) */
    AIOT_FRAME;
    const char *url;
    double seconds;
    double average, deviation, limit;
    aiot_timeout timeout;
    struct fetch_from_api fetch;
    int answer;                                 /* result */
};

static AIOT_CORO(realistic)
{
    AIOT_BEGIN();
    self->average = strstr(self->url, "fast") ? 0.5 : 2.5;
    self->deviation = strstr(self->url, "-stable") ? 0.2 : 0.8;
    self->limit = self->average + 3 * self->deviation + 1;
    if (self->limit < 1) self->limit = 1;
    if (self->limit > 30) self->limit = 30;
    log("Setting timeout of %.2fs for %s", self->limit, self->url);
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->timeout, S(self->limit), fetch_from_api, &self->fetch, .seconds = self->seconds);
        self->answer = self->fetch.answer;
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Request to %s timed out after %.2fs", self->url, self->limit);
        self->answer = 0;
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int i; struct realistic realistic; }; /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct { const char *url; double seconds; } script[] = {
        { "fast-stable-api", 0.3 + 0.1 }, { "fast-unstable-api", 0.3 + 0.3 },
        { "slow-stable-api", 1.5 + 0.2 }, { "slow-unstable-api", 1.5 + 9.0 },
    };
    for (self->i = 0; self->i < 4; self->i++) {
        AIOT_AWAIT(realistic, &self->realistic, .url = script[self->i].url, .seconds = script[self->i].seconds);
        log("Result for %s: %s", script[self->i].url, self->realistic.answer ? "True" : "False");
    }
    AIOT_END();
}

RUN(root)
