/* group_stubborn_child.py - a task that swallows the abort keeps the group open until it ends by itself. */
#include "vt.h"

struct stubborn { AIOT_FRAME; const char *text; };                      /* text: result */

static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(10));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("swallowed");
    }
    AIOT_SLEEP(S(4));
    log("stubborn ends");
    self->text = "value";
    AIOT_END();
}

struct bad { AIOT_FRAME; };

static AIOT_CORO(bad)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(1));
    AIOT_RAISE(1);
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_group tg; struct stubborn stubborn; struct bad bad; aiot_group_task t, t2; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t, stubborn, &self->stubborn);
        aiot_group_spawn(&self->tg, &self->t2, bad, &self->bad);
    } AIOT_EXCEPT(AIOT_EGROUP) {
        log("%s, stubborn %s", desc(aiot_caught(task)), outcome(&self->t, "%s", self->stubborn.text));
    }
    AIOT_END();
}

RUN(root)
