/* barrier_rounds.py - a barrier lets all go at once, numbers them in order of arrival, and can be used again. */
#include "vt.h"

struct party { AIOT_FRAME; int n; aiot_barrier *b; int rnd; struct aiot_barrier_wait wait; };

static AIOT_CORO(party)
{
    AIOT_BEGIN();
    for (self->rnd = 0; self->rnd < 2; self->rnd++) {
        AIOT_SLEEP(S(self->n + 1));
        AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = self->b);
        log("party %d passes round %d as %d", self->n, self->rnd, self->wait.index);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_barrier b; struct party parties[3]; aiot_task tasks[3]; AIOT_GATHER_SET(3) all; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_barrier_init(&self->b, 3);
    AIOT_SPAWN(&self->tasks[0], party, &self->parties[0], .n = 2, .b = &self->b);
    AIOT_SPAWN(&self->tasks[1], party, &self->parties[1], .n = 0, .b = &self->b);
    AIOT_SPAWN(&self->tasks[2], party, &self->parties[2], .n = 1, .b = &self->b);
    AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    log("waiting %d broken %d", aiot_barrier_waiting(&self->b), aiot_barrier_broken(&self->b));
    AIOT_END();
}

RUN(root)
