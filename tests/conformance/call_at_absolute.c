/* call_at_absolute.py - call_at takes loop time; call_at in the past runs on the next turn, oldest first. */
#include "vt.h"

static int say(void *text)
{
    log("%s", (const char *)text);
    return 0;
}

struct root { AIOT_FRAME; aiot_handle six, four, two; };        /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(5));
    aiot_call_at(task->loop, &self->six, clock_at(6), say, (void *)"six");
    aiot_call_at(task->loop, &self->four, clock_at(4), say, (void *)"four");
    aiot_call_at(task->loop, &self->two, clock_at(2), say, (void *)"two");
    log("registered");
    AIOT_SLEEP(S(2));
    AIOT_END();
}

RUN(root)
