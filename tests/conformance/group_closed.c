/* group_closed.py - no new task before entry, after the end, or once the group is shutting down. */
#include "vt.h"

/* What a task needs: it would outlive try_add(). */
struct place { struct aiot_sleep coro; aiot_group_task task; };

static void try_add(aiot_group *tg, struct place *place, const char *where)
{
    int error = aiot_group_spawn(tg, &place->task, aiot_sleep, &place->coro, .delay_ns = S(1));
    if (error == AIOT_OK) log("%s: accepted", where);
    else if (error == AIOT_ERUNTIME) log("%s: %s", where, aiot_error_name(error));
}

struct late { AIOT_FRAME; aiot_group *tg; struct place *place; };

static AIOT_CORO(late)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        try_add(self->tg, self->place, "shutting down");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct bad { AIOT_FRAME; };

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_RAISE(1);
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_group tg; struct late late; struct bad bad; aiot_group_task t1, t2; struct place places[3]; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    try_add(&self->tg, &self->places[0], "before entry");
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t1, late, &self->late, .tg = &self->tg, .place = &self->places[1]);
        AIOT_SLEEP(S(1));
        aiot_group_spawn(&self->tg, &self->t2, bad, &self->bad);
        AIOT_SLEEP(S(1));
    } AIOT_EXCEPT(AIOT_EGROUP) {
        log("%s", desc(aiot_caught(task)));
    }
    try_add(&self->tg, &self->places[2], "after the end");
    AIOT_END();
}

RUN(root)
