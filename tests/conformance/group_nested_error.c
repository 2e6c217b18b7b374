/* group_nested_error.py - an error in an inner group comes out as a group, which the outer group wraps again. */
#include "vt.h"

struct bad { AIOT_FRAME; int code; };

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(1));
    AIOT_RAISE(self->code);
    AIOT_END();
}

struct inner { AIOT_FRAME; aiot_group tg; struct bad bad; struct aiot_sleep sleep; aiot_group_task t1, t2; };

static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t1, bad, &self->bad, .code = 1);
        aiot_group_spawn(&self->tg, &self->t2, aiot_sleep, &self->sleep, .delay_ns = S(5));
    }
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_group tg; struct inner inner; struct aiot_sleep sleep; aiot_group_task t1, t2; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t1, inner, &self->inner);
        aiot_group_spawn(&self->tg, &self->t2, aiot_sleep, &self->sleep, .delay_ns = S(5));
    } AIOT_EXCEPT(AIOT_EGROUP) {
        log("%s", desc(aiot_caught(task)));
    }
    AIOT_END();
}

RUN(root)
