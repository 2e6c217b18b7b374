/* 41_fallback.py - a fallback after a timeout. Durations instead of random ones: 1.5, 3.0, 2.0, 4.2, 1.1 s
 * (2.0 ties with its limit of 2: the limit's timer was set first, so it times out). */
#include "vt.h"

struct primary_operation {                      /* async def primary_operation(duration) */
    AIOT_FRAME;
    double duration;
    const char *text;                           /* result */
};

static AIOT_CORO(primary_operation)
{
    AIOT_BEGIN();
    log("Primary operation running (will take %.1fs)", self->duration);
    AIOT_SLEEP(S(self->duration));
    self->text = "Primary result";
    AIOT_END();
}

struct fallback_operation {                     /* async def fallback_operation() */
    AIOT_FRAME;
    const char *text;                           /* result */
};

static AIOT_CORO(fallback_operation)
{
    AIOT_BEGIN();
    log("Fallback operation running");
    AIOT_SLEEP(S(0.5));
    self->text = "Fallback result";
    AIOT_END();
}

struct with_fallback {                          /* async def with_fallback(duration, limit) */
    AIOT_FRAME;
    double duration;
    int limit;
    const char *text;                           /* result */
    struct primary_operation primary;
    struct fallback_operation fallback;
    aiot_timeout timeout;
};

static AIOT_CORO(with_fallback)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->timeout, S(self->limit), primary_operation, &self->primary, .duration = self->duration);
        log("Primary operation succeeded");
        self->text = self->primary.text;
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Primary operation timed out after %ds, using fallback", self->limit);
        AIOT_AWAIT(fallback_operation, &self->fallback);
        self->text = self->fallback.text;
        AIOT_RETURN();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct with_fallback with_fallback;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const double d[] = {1.5, 3.0, 2.0, 4.2, 1.1};
    for (self->i = 0; self->i < 5; self->i++) {
        AIOT_AWAIT(with_fallback, &self->with_fallback, .duration = d[self->i], .limit = 2);
        log("Result: %s", self->with_fallback.text);
    }
    AIOT_END();
}

RUN(root)
