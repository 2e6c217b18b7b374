/* call_soon_turns.py - a callback added by a callback runs on the next turn, after all that were ready; timers come after
 * those. */
#include "vt.h"

static int say(void *text)
{
    log("%s", (const char *)text);
    return 0;
}

struct nest { aiot_handle handle; int n; };

static int nest(void *argument)
{
    struct nest *self = (struct nest *)argument;
    log("soon %d", self->n);
    if (self->n < 3) {
        self->n++;
        aiot_call_soon(&vt_loop, &self->handle, nest, self);
    }
    return 0;
}

struct root { AIOT_FRAME; aiot_handle timer, other; struct nest nest; };        /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_call_later(task->loop, &self->timer, 0, say, (void *)"timer 0");
    self->nest.n = 1;
    aiot_call_soon(task->loop, &self->nest.handle, nest, &self->nest);
    aiot_call_soon(task->loop, &self->other, say, (void *)"other");
    AIOT_SLEEP(S(1));
    AIOT_END();
}

RUN(root)
