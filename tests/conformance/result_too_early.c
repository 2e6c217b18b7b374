/* result_too_early.py - result() and exception() of an unfinished task are errors; of a cancelled one they raise
 * CancelledError. */
#include "vt.h"

struct root { AIOT_FRAME; struct aiot_sleep sleep; aiot_task task; int i; AIOT_WAIT_SET(1) set; };      /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, aiot_sleep, &self->sleep, .delay_ns = S(5));
    for (self->i = 0; self->i < 2; self->i++) {
        if (aiot_result(&self->task) != AIOT_OK) log("result: %s", aiot_error_name(aiot_result(&self->task)));
        if (aiot_error_of(&self->task).code != AIOT_OK) log("exception: %s", desc(aiot_error_of(&self->task)));
        aiot_cancel(&self->task);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);
    }
    AIOT_END();
}

RUN(root)
