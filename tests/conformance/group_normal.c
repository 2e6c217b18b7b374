/* group_normal.py - a task group waits for all its tasks, also those its own tasks add while it is closing. */
#include "vt.h"

struct leaf { AIOT_FRAME; int n; };             /* its result is n */

static AIOT_CORO(leaf)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->n));
    log("leaf %d", self->n);
    AIOT_END();
}

/* Its leaf runs on after it; but its frame is the root's, which waits for both. */
struct branch { AIOT_FRAME; aiot_group *tg; struct leaf leaf; aiot_group_task t; };

static AIOT_CORO(branch)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(1));
    aiot_group_spawn(self->tg, &self->t, leaf, &self->leaf, .n = 2);
    log("branch added a leaf");
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_group tg; struct leaf leaf; struct branch branch; aiot_group_task t1, t2; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->tg) {
        aiot_group_spawn(&self->tg, &self->t1, leaf, &self->leaf, .n = 1);
        aiot_group_spawn(&self->tg, &self->t2, branch, &self->branch, .tg = &self->tg);
        log("body ends");
    }
    log("group ends");
    AIOT_END();
}

RUN(root)
