/* 21_timeout_block_named.py - as printed in the document: the operation starts, never completes. */
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
    log("%s starting, will take %ds", self->name, self->seconds);
    AIOT_SLEEP(S(self->seconds));
    log("%s complete", self->name);
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
    AIOT_TIMEOUT(&self->limit, S(2)) {
        AIOT_AWAIT(slow_operation, &self->slow_operation, .name = "task", .seconds = 5);
        log("Result: %s", self->slow_operation.text);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Operation timed out!");
    }
    AIOT_END();
}

RUN(root)
