/* 24_wait_for_named.py - the same limit through wait_for. */
#include "vt.h"

struct slow_operation {                         /* async def slow_operation(name, seconds) */
    AIOT_FRAME;
    const char *name;
    int seconds;
    char text[64];                              /* result */
};

static AIOT_CORO(slow_operation)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->seconds));
    snprintf(self->text, sizeof self->text, "%s result", self->name);
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct slow_operation slow_operation;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(2), slow_operation, &self->slow_operation, .name = "task", .seconds = 5);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("wait_for timed out");
    }
    AIOT_END();
}

RUN(root)
