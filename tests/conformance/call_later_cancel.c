/* call_later_cancel.py - a cancelled timer never runs, even when it was already due in this very turn. */
#include "vt.h"

static int say(void *text)
{
    log("%s", (const char *)text);
    return 0;
}

static int first(void *other)
{
    log("first cancels second");
    aiot_handle_cancel((aiot_handle *)other);
    return 0;
}

struct root { AIOT_FRAME; aiot_handle first, second, third; };  /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_call_later(task->loop, &self->first, S(1), first, &self->second);
    aiot_call_later(task->loop, &self->second, S(1), say, (void *)"second");
    aiot_call_later(task->loop, &self->third, S(2), say, (void *)"third");
    log("when %.3f cancelled %d", seconds(aiot_handle_when(&self->third)), aiot_handle_cancelled(&self->third));
    aiot_handle_cancel(&self->third);
    aiot_handle_cancel(&self->third);
    log("cancelled %d", aiot_handle_cancelled(&self->third));
    AIOT_SLEEP(S(3));
    log("end");
    AIOT_END();
}

RUN(root)
