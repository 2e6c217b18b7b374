/* gather_cancelled.py - cancelling a gather cancels every member; but it ends with the first member that ends cancelled, leaving
 * the others to their cleanup (with return_exceptions it waits for all). */
#include "vt.h"

struct job { AIOT_FRAME; const char *name; double cleanup; };

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        AIOT_SLEEP(S(self->cleanup));
        log("%s cleaned", self->name);
        AIOT_RERAISE();
    }
    AIOT_END();
}

/* The jobs may outlive the gather: they belong to the root. */
struct jobs { struct job a, b; aiot_task ta, tb; };

struct outer { AIOT_FRAME; bool flag; struct jobs *jobs; AIOT_GATHER_SET(2) all; };

static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->jobs->ta, job, &self->jobs->a, .name = "a", .cleanup = 2);
    AIOT_SPAWN(&self->jobs->tb, job, &self->jobs->b, .name = "b", .cleanup = 1);
    AIOT_TRY {
        if (self->flag) AIOT_GATHER_ALL(&self->all, &self->jobs->ta, &self->jobs->tb);
        else AIOT_GATHER(&self->all, &self->jobs->ta, &self->jobs->tb);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("outer: cancelled");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int flag; struct jobs jobs; struct outer outer; aiot_task o; AIOT_WAIT_SET(1) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->flag = 0; self->flag < 2; self->flag++) {
        AIOT_SPAWN(&self->o, outer, &self->outer, .flag = self->flag, .jobs = &self->jobs);
        AIOT_SLEEP(S(1));
        aiot_cancel(&self->o);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->o);
        log("%s", outcome(&self->o, "None"));
        AIOT_SLEEP(S(4));
    }
    AIOT_END();
}

RUN(root)
