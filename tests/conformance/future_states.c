/* future_states.py - a future is set once; a second set is an error; callbacks run in order on the next turn; late ones too. */
#include "vt.h"

struct cb { aiot_handle handle; const char *name; aiot_future *fut; };

static int cb(void *argument)
{
    const struct cb *self = (const struct cb *)argument;
    log("callback %s: %s", self->name, outcome(self->fut, "%d", (int)aiot_future_value(self->fut)));
    return 0;
}

struct root { AIOT_FRAME; aiot_future fut; struct cb a, b, late; };     /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&self->fut, task->loop);
    self->a = (struct cb){ .name = "a", .fut = &self->fut };
    aiot_add_done_callback(&self->fut, &self->a.handle, cb, &self->a);
    self->b = (struct cb){ .name = "b", .fut = &self->fut };
    aiot_add_done_callback(&self->fut, &self->b.handle, cb, &self->b);
    aiot_future_set_result(&self->fut, 1);
    log("set, nothing called yet");
    if (aiot_future_set_result(&self->fut, 2) == AIOT_ESTATE) log("%s", aiot_error_name(AIOT_ESTATE));
    log("cancel says %d", aiot_cancel(&self->fut));
    self->late = (struct cb){ .name = "late", .fut = &self->fut };
    aiot_add_done_callback(&self->fut, &self->late.handle, cb, &self->late);
    AIOT_SLEEP(0);
    log("end");
    AIOT_END();
}

RUN(root)
