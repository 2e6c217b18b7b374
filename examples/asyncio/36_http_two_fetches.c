/* 36_http_two_fetches.py - a fetch with a timeout returns the text, or nothing after a message.
 * The network is a script: example.com answers after 1 s, the delay page after 3 s, the dead host fails after 0.5 s. */
#include "vt.h"

struct get {                                    /* async def get(url) */
    AIOT_FRAME;
    const char *url;
    const char *text;                           /* result */
};

static AIOT_CORO(get)
{
    AIOT_BEGIN();
    if (strcmp(self->url, "https://example.com") == 0) {
        AIOT_SLEEP(S(1));
        self->text = "page";
        AIOT_RETURN();
    }
    if (strcmp(self->url, "https://dead.example") == 0) {
        AIOT_SLEEP(S(0.5));
        AIOT_RAISE(7);
    }
    AIOT_SLEEP(S(3));
    self->text = "late page";
    AIOT_END();
}

struct fetch_with_timeout {                     /* async def fetch_with_timeout(url, limit) */
    AIOT_FRAME;
    const char *url;
    int limit;
    const char *text;                           /* result */
    aiot_timeout timeout;
    struct get get;
};

static AIOT_CORO(fetch_with_timeout)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->timeout, S(self->limit)) {
        AIOT_AWAIT(get, &self->get, .url = self->url);
        self->text = self->get.text;
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Request to %s timed out after %ds", self->url, self->limit);
    } AIOT_EXCEPT_ANY {
        log("Error fetching %s: %d", self->url, aiot_caught(task).code);
    }
    self->text = NULL;
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct fetch_with_timeout fast, slow, dead;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(fetch_with_timeout, &self->fast, .url = "https://example.com", .limit = 5);
    AIOT_AWAIT(fetch_with_timeout, &self->slow, .url = "https://httpbin.org/delay/3", .limit = 2);
    AIOT_AWAIT(fetch_with_timeout, &self->dead, .url = "https://dead.example", .limit = 2);
    log("Fast result: %s", self->fast.text ? "True" : "False");
    log("Slow result: %s", self->slow.text ? "True" : "False");
    log("Dead result: %s", self->dead.text ? "True" : "False");
    AIOT_END();
}

RUN(root)
