/* sleep_forms.py - sleep(0) and a negative sleep take exactly one turn and no time; sleep can hand back a value. */
#include "vt.h"

struct sleep_then { AIOT_FRAME; double delay; const char *result; };    /* asyncio's sleep(delay, result) */

static AIOT_CORO(sleep_then)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    AIOT_END();
}

struct ticker { AIOT_FRAME; int i; };           /* async def ticker() */

static AIOT_CORO(ticker)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 4; self->i++) {
        log("tick %d", self->i);
        AIOT_SLEEP(0);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct ticker ticker; aiot_task task; struct sleep_then sleep; };     /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, ticker, &self->ticker);
    AIOT_AWAIT(sleep_then, &self->sleep, .delay = 0, .result = "a");
    log("zero: %s", self->sleep.result);
    AIOT_AWAIT(sleep_then, &self->sleep, .delay = -3, .result = "b");
    log("negative: %s", self->sleep.result);
    AIOT_AWAIT(sleep_then, &self->sleep, .delay = 1, .result = "c");
    log("one: %s", self->sleep.result);
    AIOT_JOIN(&self->task);
    AIOT_END();
}

RUN(root)
