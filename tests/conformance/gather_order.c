/* gather_order.py - gather starts members in order, returns results in argument order; a task given twice gives two results. */
#include "vt.h"

struct job { AIOT_FRAME; const char *name; double delay; const char *result; };         /* async def job(name, delay) */

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    log("%s starts", self->name);
    AIOT_SLEEP(S(self->delay));
    log("%s ends", self->name);
    self->result = self->name;
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct job t, a, b;
    aiot_task tt, ta, tb;
    AIOT_GATHER_SET(4) all;
    AIOT_GATHER_SET(1) empty;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tt, job, &self->t, .name = "t", .delay = 2);
    AIOT_SPAWN(&self->ta, job, &self->a, .name = "a", .delay = 3);
    AIOT_SPAWN(&self->tb, job, &self->b, .name = "b", .delay = 1);
    AIOT_GATHER(&self->all, &self->ta, &self->tt, &self->tb, &self->tt);
    log("%s %s %s %s", self->a.result, self->t.result, self->b.result, self->t.result);
    AIOT_GATHER_ARRAY(&self->empty, NULL, 0);
    log("empty: %u", self->empty.gather.count);
    AIOT_END();
}

RUN(root)
