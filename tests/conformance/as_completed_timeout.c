/* as_completed_timeout.py - after its timeout as_completed raises TimeoutError for every member not handed out; they run on. */
#include "vt.h"

struct job { AIOT_FRAME; int delay; };          /* async def job(delay): its result is delay */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    log("job %d ends", self->delay);
    AIOT_END();
}

struct root { AIOT_FRAME; struct job jobs[4]; aiot_task tasks[4]; AIOT_AS_COMPLETED_SET(4) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], job, &self->jobs[0], .delay = 1);
    AIOT_SPAWN(&self->tasks[1], job, &self->jobs[1], .delay = 2);
    AIOT_SPAWN(&self->tasks[2], job, &self->jobs[2], .delay = 4);
    AIOT_SPAWN(&self->tasks[3], job, &self->jobs[3], .delay = 5);
    aiot_as_completed(&self->set, S(3), &self->tasks[0], &self->tasks[1], &self->tasks[2], &self->tasks[3]);
    while (aiot_as_completed_left(&self->set)) {
        AIOT_TRY {
            AIOT_NEXT_COMPLETED(&self->set);
            for (int i = 0; i < 4; i++)
                if (aiot_completed(&self->set) == AIOT_AWAITABLE(&self->tasks[i])) log("got %d", self->jobs[i].delay);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("TimeoutError");
        }
    }
    AIOT_SLEEP(S(3));
    AIOT_END();
}

RUN(root)
