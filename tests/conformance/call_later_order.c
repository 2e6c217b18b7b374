/* call_later_order.py - callbacks run by time; these three of one instant come out as registered; a negative delay is due at
 * once. */
#include "vt.h"

static int say(void *text)
{
    log("%s", (const char *)text);
    return 0;
}

struct root { AIOT_FRAME; aiot_handle later[6], soon; };        /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct { const char *name; double delay; } calls[6] = {
        { "c3", 3 }, { "a1", 1 }, { "b1", 1 }, { "c1", 1 }, { "z2", 2 }, { "neg", -5 }
    };
    for (int i = 0; i < 6; i++) aiot_call_later(task->loop, &self->later[i], S(calls[i].delay), say, (void *)calls[i].name);
    aiot_call_soon(task->loop, &self->soon, say, (void *)"soon");
    log("registered");
    AIOT_SLEEP(S(4));
    log("end");
    AIOT_END();
}

RUN(root)
