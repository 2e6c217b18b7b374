/* 30_three_sleepers.py - tasks with different delays end in order of delay. */
#include "vt.h"

struct wait_and_print {                         /* async def wait_and_print(delay, message) */
    AIOT_FRAME;
    int delay;
    const char *message;
};

static AIOT_CORO(wait_and_print)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    log("%s", self->message);
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct wait_and_print one, two, three;
    aiot_task a, b, c;
    AIOT_GATHER_SET(3) all;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->a, wait_and_print, &self->one, .delay = 1, .message = "Task 1 after 1s");
    AIOT_SPAWN(&self->b, wait_and_print, &self->two, .delay = 2, .message = "Task 2 after 2s");
    AIOT_SPAWN(&self->c, wait_and_print, &self->three, .delay = 3, .message = "Task 3 after 3s");
    AIOT_GATHER(&self->all, &self->a, &self->b, &self->c);
    AIOT_END();
}

RUN(root)
