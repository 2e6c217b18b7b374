/* 01_task_basics.py - a task runs a sleeping coroutine and its result is awaited. */
#include "vt.h"

struct slow_operation {                         /* async def slow_operation(name, duration) */
    AIOT_FRAME;
    const char *name;
    int duration;
    char text[64];                              /* result */
};

static AIOT_CORO(slow_operation)
{
    AIOT_BEGIN();
    log("Starting %s - will take %d seconds", self->name, self->duration);
    AIOT_SLEEP(S(self->duration));
    log("Completed %s", self->name);
    snprintf(self->text, sizeof self->text, "Result from %s", self->name);
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct slow_operation slow_operation;
    aiot_task task;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, slow_operation, &self->slow_operation, .name = "API call", .duration = 3);
    AIOT_JOIN(&self->task);
    log("Got: %s", self->slow_operation.text);
    AIOT_END();
}

RUN(root)
