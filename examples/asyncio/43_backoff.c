/* 43_backoff.py - retries whose limit doubles, with jitter. The dice are a script: attempt 1 fails at once,
 * 2 hangs, 3 hangs, 4 succeeds (jitter 0.25, 0.75, 1.5); then a run where every attempt of 3 fails or hangs. */
#include "vt.h"

struct unreliable {                             /* async def unreliable(kind) */
    AIOT_FRAME;
    char kind;
    const char *result;
};

static AIOT_CORO(unreliable)
{
    AIOT_BEGIN();
    if (self->kind == 'F') {
        log("Operation failed immediately");
        AIOT_RAISE(5);
    }
    if (self->kind == 'H') {
        log("Operation hanging...");
        AIOT_SLEEP(S(10));
        self->result = "This won't be reached due to timeout";
        AIOT_RETURN();
    }
    AIOT_SLEEP(S(0.5));
    log("Operation succeeded");
    self->result = "Success";
    AIOT_END();
}

struct retry {                                  /* async def retry(script, jitters, max_retries) */
    AIOT_FRAME;
    const char *script;
    const double *jitters;
    int max_retries;
    int retries;
    aiot_error last;
    double limit;
    aiot_timeout timeout;
    struct unreliable unreliable;
    const char *result;
};

static AIOT_CORO(retry)
{
    AIOT_BEGIN();
    while (self->retries <= self->max_retries) {
        self->limit = 1.0 * (1 << self->retries);
        AIOT_TRY {
            log("Attempt %d with timeout %.1fs", self->retries + 1, self->limit);
            AIOT_WAIT_FOR(&self->timeout, S(self->limit), unreliable, &self->unreliable, .kind = self->script[self->retries]);
            self->result = self->unreliable.result;
            AIOT_RETURN();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Timeout on attempt %d", self->retries + 1);
            self->last = aiot_caught(task);
        } AIOT_EXCEPT_ANY {
            log("Error on attempt %d: %d", self->retries + 1, aiot_caught(task).code);
            self->last = aiot_caught(task);
        }
        AIOT_SLEEP(S(self->limit / 2 + self->jitters[self->retries]));
        self->retries++;
    }
    AIOT_RAISE_INFO(self->last.code, self->last.info);
    AIOT_END();
}

struct root { AIOT_FRAME; int run; struct retry retry; };       /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct { const char *script; double jitters[4]; } runs[] = {
        { "FHHS", { 0.25, 0.75, 1.5, 0 } }, { "HHF", { 0.125, 0, 0.5 } }, { "FFH", { 0, 0, 0 } },
    };
    for (self->run = 0; self->run < 3; self->run++) {
        AIOT_TRY {
            AIOT_AWAIT(retry, &self->retry, .script = runs[self->run].script, .jitters = runs[self->run].jitters,
                       .max_retries = (int)strlen(runs[self->run].script) - 1);
            log("Final result: %s", self->retry.result);
        } AIOT_EXCEPT_ANY {
            log("All retries failed: %s", desc(aiot_caught(task)));
        }
    }
    AIOT_END();
}

RUN(root)
