/* 56_loop_time.py - the loop's clock is monotonic: it advances by exactly the sleep. */
#include "vt.h"

struct root { AIOT_FRAME; double start; };      /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    self->start = now();
    log("Loop time: %.6f", self->start);
    AIOT_SLEEP(S(1));
    log("Loop elapsed: %.6fs", now() - self->start);
    busy(0.25);
    log("Loop elapsed after blocking: %.6fs", now() - self->start);
    AIOT_END();
}

RUN(root)
