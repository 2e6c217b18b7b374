/* 50_monitored_operation.py - start, end and near-limit warnings around wait_for, timed with the loop's clock. */
#include "vt.h"

struct demo_operation {                         /* async def demo_operation(name, duration) */
    AIOT_FRAME;
    const char *name;
    double duration;
    char result[64];
};

static AIOT_CORO(demo_operation)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->duration));
    snprintf(self->result, sizeof self->result, "Result from %s", self->name);
    AIOT_END();
}

struct monitored {                              /* async def monitored(name, duration, limit) */
    AIOT_FRAME;
    const char *name;
    double duration;
    int limit;
    double start, took;
    aiot_timeout timeout;
    struct demo_operation operation;
    const char *result;
};

static AIOT_CORO(monitored)
{
    AIOT_BEGIN();
    self->start = now();
    log("INFO Starting %s with timeout %ds", self->name, self->limit);
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->timeout, S(self->limit), demo_operation, &self->operation, .name = self->name, .duration = self->duration);
        self->result = self->operation.result;
        self->took = now() - self->start;
        log("INFO Completed %s in %.3fs", self->name, self->took);
        if (self->took > self->limit * 0.8)
            log("WARNING %s took %.3fs, which is over 80%% of timeout (%ds)", self->name, self->took, self->limit);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("ERROR Timeout in %s after %.3fs (limit: %ds)", self->name, now() - self->start, self->limit);
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int i; struct monitored monitored; }; /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct { const char *title, *name; double duration; } script[] = {
        { "Fast", "fast", 1 }, { "Close", "close", 1.7 }, { "Slow", "slow", 3 },
    };
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_TRY {
            AIOT_AWAIT(monitored, &self->monitored, .name = script[self->i].name, .duration = script[self->i].duration, .limit = 2);
            log("%s operation result: %s", script[self->i].title, self->monitored.result);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("%s operation timed out (expected)", script[self->i].title);
        }
    }
    AIOT_END();
}

RUN(root)
