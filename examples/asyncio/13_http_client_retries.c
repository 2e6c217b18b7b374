/* 13_http_client_retries.py - retries with backoff, each attempt under its own timeout, all under one outer limit.
 * The network is a script: fast answers after 1 s, slow after 5 s, the unknown host fails after 0.25 s. */
#include "vt.h"

static const char FAST[] = "fast", SLOW[] = "slow", NOHOST[] = "nohost";

struct get {                                    /* async def get(url) */
    AIOT_FRAME;
    const char *url;
    int status;                                 /* result */
};

static AIOT_CORO(get)
{
    AIOT_BEGIN();
    if (self->url == FAST) {
        AIOT_SLEEP(S(1));
        self->status = 200;
        AIOT_RETURN();
    }
    if (self->url == SLOW) {
        AIOT_SLEEP(S(5));
        self->status = 200;
        AIOT_RETURN();
    }
    AIOT_SLEEP(S(0.25));
    AIOT_RAISE(11);
    AIOT_END();
}

struct fetch_with_timeout {                     /* async def fetch_with_timeout(url, limit, retries) */
    AIOT_FRAME;
    const char *url;
    double limit;
    int retries;
    int attempt;
    char last[64], text[128];                   /* text: result */
    aiot_timeout timeout;
    struct get get;
};

static AIOT_CORO(fetch_with_timeout)
{
    AIOT_BEGIN();
    for (self->attempt = 0; self->attempt <= self->retries; self->attempt++) {
        log("Attempt %d/%d for %s", self->attempt + 1, self->retries + 1, self->url);
        AIOT_TIMEOUT(&self->timeout, S(self->limit)) {
            AIOT_AWAIT(get, &self->get, .url = self->url);
            snprintf(self->text, sizeof self->text, "%s status %d on attempt %d", self->url, self->get.status, self->attempt + 1);
            AIOT_RETURN();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            snprintf(self->last, sizeof self->last, "Timeout after %.1f seconds", self->limit);
            log("Timeout on attempt %d of %s", self->attempt + 1, self->url);
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            log("Request %s was cancelled", self->url);
            AIOT_RERAISE();
        } AIOT_EXCEPT_ANY {
            snprintf(self->last, sizeof self->last, "Client error: %d", aiot_caught(task).code);
            log("Client error on attempt %d of %s: %d", self->attempt + 1, self->url, aiot_caught(task).code);
        }
        if (self->attempt < self->retries) {
            log("Waiting %d seconds before retry of %s...", 1 << self->attempt, self->url);
            AIOT_SLEEP(S(1 << self->attempt));
        }
    }
    snprintf(self->text, sizeof self->text, "%s failed: %s", self->url, self->last);
    AIOT_END();
}

struct demo {                                   /* async def demo(limit) */
    AIOT_FRAME;
    double limit;
    struct fetch_with_timeout fetches[3];
    aiot_task tasks[3];
    AIOT_GATHER_SET(3) all;
    aiot_timeout timeout;
};

static AIOT_CORO(demo)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], fetch_with_timeout, &self->fetches[0], .url = FAST, .limit = 2.0, .retries = 2);
    AIOT_SPAWN(&self->tasks[1], fetch_with_timeout, &self->fetches[1], .url = SLOW, .limit = 2.0, .retries = 2);
    AIOT_SPAWN(&self->tasks[2], fetch_with_timeout, &self->fetches[2], .url = NOHOST, .limit = 2.0, .retries = 2);
    aiot_gather_all(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->timeout, S(self->limit), &self->all);
        for (int i = 0; i < 3; i++) log("Result: %s", self->fetches[i].text);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Overall operation timed out");
        for (int i = 0; i < 3; i++) log("task: %s", outcome(&self->tasks[i], "%s", self->fetches[i].text));
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct demo demo; };  /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(demo, &self->demo, .limit = 10.0);
    log("---");
    AIOT_AWAIT(demo, &self->demo, .limit = 6.5);
    AIOT_END();
}

RUN(root)
