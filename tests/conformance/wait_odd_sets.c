/* wait_odd_sets.py - an empty set is an error; a task given twice counts once; done members make it return without time
 * passing. */
#include "vt.h"

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct aiot_sleep sleeps[2];
    aiot_task t, u;
    AIOT_WAIT_SET(2) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_WAIT_ARRAY(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, NULL, 0);
    } AIOT_EXCEPT(AIOT_EINVAL) {
        log("%s", desc(aiot_caught(task)));
    }
    AIOT_SPAWN(&self->t, aiot_sleep, &self->sleeps[0], .delay_ns = S(1));
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t, &self->t);
    log("done %u", aiot_wait_done_count(&self->set));
    AIOT_SPAWN(&self->u, aiot_sleep, &self->sleeps[1], .delay_ns = S(5));
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->t, &self->u);
    log("done %u pending %u", aiot_wait_done_count(&self->set), aiot_wait_pending_count(&self->set));
    AIOT_END();
}

RUN(root)
