/* 27_slow_cut_at_one.py - wait_for cuts at 1 s. */
#include "vt.h"

struct slow {                                   /* async def slow() */
    AIOT_FRAME;
    const char *text;                           /* result */
};

static AIOT_CORO(slow)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(5));
    self->text = "ok";
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct slow slow;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(1), slow, &self->slow);
        log("%s", self->slow.text);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("timed out");
    }
    AIOT_END();
}

RUN(root)
