/* 37_layered_timeouts.py - limits per phase under an overall limit; run with phases that fit, a slow fetch, a slow
 * processing, and an overall limit that is too small. */
#include "vt.h"

struct fetch_data {                             /* async def fetch_data(seconds) */
    AIOT_FRAME;
    int seconds;
    const char *data;                           /* result */
};

static AIOT_CORO(fetch_data)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->seconds));
    self->data = "sample";
    AIOT_END();
}

struct process_data {                           /* async def process_data(data, seconds) */
    AIOT_FRAME;
    const char *data;
    int seconds;
    char text[64];                              /* result */
};

static AIOT_CORO(process_data)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->seconds));
    snprintf(self->text, sizeof self->text, "processed %s", self->data);
    AIOT_END();
}

struct layered {                                /* async def layered(fetch_s, process_s, overall) */
    AIOT_FRAME;
    int fetch_s, process_s, overall;
    const char *data;
    char text[64];                              /* result */
    struct fetch_data fetch;
    struct process_data process;
    aiot_timeout timeout, limit;
};

static AIOT_CORO(layered)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->timeout, S(self->overall)) {
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, S(10), fetch_data, &self->fetch, .seconds = self->fetch_s);
            self->data = self->fetch.data;
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Fetch operation timed out, using cached data");
            self->data = "cached";
        }
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, S(15), process_data, &self->process, .data = self->data, .seconds = self->process_s);
            snprintf(self->text, sizeof self->text, "%s", self->process.text);
            AIOT_RETURN();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Processing timed out, returning partial result");
            snprintf(self->text, sizeof self->text, "partial %s", self->data);
            AIOT_RETURN();
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Overall operation timed out after %ds", self->overall);
        snprintf(self->text, sizeof self->text, "None");
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct layered layered;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct { int f, p, o; } runs[] = {{5, 7, 30}, {12, 7, 30}, {5, 20, 30}, {5, 7, 8}};
    for (self->i = 0; self->i < 4; self->i++) {
        AIOT_AWAIT(layered, &self->layered, .fetch_s = runs[self->i].f, .process_s = runs[self->i].p, .overall = runs[self->i].o);
        log("Result: %s", self->layered.text);
    }
    AIOT_END();
}

RUN(root)
