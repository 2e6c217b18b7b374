/* barrier_abort_reset.py - abort() fails those waiting and all later ones; reset() fails those waiting and makes it usable again. */
#include "vt.h"

struct party { AIOT_FRAME; int n; aiot_barrier *b; struct aiot_barrier_wait wait; };

static AIOT_CORO(party)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = self->b);
        log("%d passed", self->n);
    } AIOT_EXCEPT(AIOT_EBROKEN) {
        log("%d: %s", self->n, desc(aiot_caught(task)));
    }
    AIOT_END();
}

struct root {
    AIOT_FRAME;
    aiot_barrier b;
    struct party parties[8];
    aiot_task t[3];
    struct aiot_barrier_reset reset;
    struct aiot_barrier_abort abort;
    AIOT_WAIT_SET(2) set;
    AIOT_GATHER_SET(3) all;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_barrier_init(&self->b, 3);
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], party, &self->parties[i], .n = i, .b = &self->b);
    AIOT_SLEEP(S(1));
    AIOT_AWAIT(aiot_barrier_reset, &self->reset, .barrier = &self->b);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t[0], &self->t[1]);
    log("after reset: broken %d", aiot_barrier_broken(&self->b));
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], party, &self->parties[2 + i], .n = 2 + i, .b = &self->b);
    AIOT_SLEEP(S(1));
    AIOT_AWAIT(aiot_barrier_abort, &self->abort, .barrier = &self->b);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t[0], &self->t[1]);
    log("after abort: broken %d", aiot_barrier_broken(&self->b));
    AIOT_AWAIT(party, &self->parties[4], .n = 4, .b = &self->b);
    AIOT_AWAIT(aiot_barrier_reset, &self->reset, .barrier = &self->b);
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&self->t[i], party, &self->parties[5 + i], .n = 5 + i, .b = &self->b);
    AIOT_GATHER(&self->all, &self->t[0], &self->t[1], &self->t[2]);
    AIOT_END();
}

RUN(root)
