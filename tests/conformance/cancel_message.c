/* cancel_message.py - cancel(msg) carries its text to the await in the task and to whoever awaits the task; of two texts the
 * first wins if the task was awaiting something, the last if it had not started. */
#include "vt.h"

struct job { AIOT_FRAME; };                     /* async def job() */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("inside: %s", desc(aiot_caught(task)));
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int started, i; struct job job; aiot_task task; };    /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct { int count; const char *text[2]; } texts[3] = { { 1, { "bye" } }, { 2, { "one", "two" } }, { 1, { NULL } } };
    for (self->started = 1; self->started >= 0; self->started--) {
        for (self->i = 0; self->i < 3; self->i++) {
            AIOT_SPAWN(&self->task, job, &self->job);
            if (self->started) AIOT_SLEEP(S(1));
            for (int x = 0; x < texts[self->i].count; x++) aiot_cancel_msg(&self->task, texts[self->i].text[x]);
            AIOT_TRY {
                AIOT_JOIN(&self->task);
            } AIOT_EXCEPT(AIOT_ECANCELED) {
                log("started %d, outside: %s", self->started, desc(aiot_caught(task)));
            }
        }
    }
    AIOT_END();
}

RUN(root)
