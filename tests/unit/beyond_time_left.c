/* beyond_time_left.c - the chain of limits, aiot_deadline(), aiot_time_left(): rules 1 to 5 of tests/beyond/README.md. */
#include "check.h"
#include "job.h"

/* Two coroutines deep: the callee reads what its awaiters have entered, and adds a limit of its own. */
struct callee { AIOT_FRAME; aiot_time outside, inside; aiot_timeout limit; };
static AIOT_CORO(callee)
{
    AIOT_BEGIN();
    self->outside = aiot_time_left(task);
    AIOT_TIMEOUT(&self->limit, AIOT_S(2)) { self->inside = aiot_time_left(task); AIOT_SLEEP(AIOT_S(1)); }
    CHECK(self->outside != AIOT_S(9) || aiot_time_left(task) == AIOT_S(8));     /* its own limit is gone again */
    AIOT_END();
}
struct between { AIOT_FRAME; struct callee callee; };
static AIOT_CORO(between) { AIOT_BEGIN(); AIOT_AWAIT(callee, &self->callee); AIOT_END(); }

struct b1_a_callee_is_inside_the_limits_of_its_awaiter { AIOT_FRAME; struct between between; aiot_timeout limit; };
static AIOT_CORO(b1_a_callee_is_inside_the_limits_of_its_awaiter)
{
    AIOT_BEGIN();
    AIOT_AWAIT(between, &self->between);
    CHECK_EQUAL(self->between.callee.outside, AIOT_FOREVER);
    CHECK_EQUAL(self->between.callee.inside, AIOT_S(2));
    AIOT_TIMEOUT(&self->limit, AIOT_S(9)) {
        AIOT_AWAIT(between, &self->between);
        CHECK_EQUAL(aiot_time_left(task), AIOT_S(8));
    }
    CHECK_EQUAL(self->between.callee.outside, AIOT_S(9));
    CHECK_EQUAL(self->between.callee.inside, AIOT_S(2));
    AIOT_WAIT_FOR(&self->limit, AIOT_MS(1500), between, &self->between);        /* a wait's limit counts for what it runs */
    CHECK_EQUAL(self->between.callee.outside, AIOT_MS(1500));
    CHECK_EQUAL(self->between.callee.inside, AIOT_MS(1500));
    CHECK_EQUAL(aiot_deadline(task), AIOT_FOREVER);
    CHECK_END();
}

struct b1_a_spawned_task_begins_with_an_empty_chain { AIOT_FRAME; struct callee callee; aiot_task t; aiot_group g; aiot_group_task m; aiot_timeout limit; };
static AIOT_CORO(b1_a_spawned_task_begins_with_an_empty_chain)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
        AIOT_SPAWN(&self->t, callee, &self->callee);
        CHECK_EQUAL(aiot_deadline(&self->t), AIOT_FOREVER);
        AIOT_JOIN(&self->t);
        CHECK_EQUAL(self->callee.outside, AIOT_FOREVER);
        AIOT_GROUP(&self->g) { aiot_group_spawn(&self->g, &self->m, callee, &self->callee); }   /* also in a group */
        CHECK_EQUAL(self->callee.outside, AIOT_FOREVER);
        CHECK_EQUAL(self->callee.inside, AIOT_S(2));
        CHECK_EQUAL(aiot_time_left(task), AIOT_S(3));
    }
    CHECK_END();
}

/* 2: struck limits, and limits that never strike, are in the chain until the end of their block. */
struct b2_until_the_end_of_the_block { AIOT_FRAME_DEPTH(2); aiot_timeout outer, middle, inner; };
static AIOT_CORO(b2_until_the_end_of_the_block)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(9)) {
        AIOT_TIMEOUT(&self->middle, AIOT_S(1)) {
            AIOT_TRY { AIOT_SLEEP(AIOT_S(5)); } AIOT_EXCEPT(AIOT_ECANCELED) {
                CHECK(aiot_timeout_expired(&self->middle));
                AIOT_SLEEP(AIOT_S(1));                          /* swallowed: the struck limit still counts, and is past */
                CHECK_EQUAL(aiot_deadline(task), AIOT_S(1));
                CHECK_EQUAL(aiot_time_left(task), 0);
                AIOT_TIMEOUT(&self->inner, AIOT_FOREVER) { CHECK_EQUAL(aiot_deadline(task), AIOT_S(1)); }
            }
            CHECK_EQUAL(aiot_deadline(task), AIOT_S(1));
        }
        CHECK_EQUAL(aiot_deadline(task), AIOT_S(9));
        CHECK_EQUAL(aiot_time_left(task), AIOT_S(7));
    }
    CHECK_EQUAL(aiot_deadline(task), AIOT_FOREVER);
    AIOT_TIMEOUT(&self->outer, AIOT_FOREVER) {
        CHECK_EQUAL(aiot_deadline(task), AIOT_FOREVER);
        CHECK_EQUAL(aiot_time_left(task), AIOT_FOREVER);
        AIOT_TIMEOUT(&self->inner, AIOT_S(2)) { CHECK_EQUAL(aiot_time_left(task), AIOT_S(2)); }
    }
    CHECK_END();
}

/* Waits in the way that it is told to. The test looks at it from outside. */
struct waits {
    AIOT_FRAME; int how; aiot_timeout limit; aiot_future *future; aiot_task *t; struct job job; AIOT_WAIT_SET(1) set; AIOT_AS_COMPLETED_SET(1) next;
};
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_TRY {
        if (self->how == 0) AIOT_JOIN_FOR(&self->limit, AIOT_S(3), self->future);
        if (self->how == 1) AIOT_WAIT_FOR(&self->limit, AIOT_S(3), job, &self->job, .delay = AIOT_S(9));
        if (self->how == 2) AIOT_JOIN_FOR(&self->limit, 0, self->t);
        if (self->how == 3) AIOT_WAIT_FOR(&self->limit, 0, job, &self->job, .delay = AIOT_S(9));
        if (self->how == 4) AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_S(3), self->t);
        if (self->how == 5) {
            aiot_as_completed(&self->next, AIOT_S(3), self->t);
            AIOT_NEXT_COMPLETED(&self->next);
        }
        if (self->how == 6) AIOT_STOP(&self->limit, AIOT_S(3), self->t);
        if (self->how == 7) AIOT_JOIN_FOR(&self->limit, AIOT_FOREVER, self->future);
    } AIOT_FINALLY { if (self->how == 5) aiot_as_completed_close(&self->next); }
    AIOT_END();
}
struct b2_which_waits_count { AIOT_FRAME; struct waits waits; struct job job; aiot_task t, w; aiot_future future; int how; };
static AIOT_CORO(b2_which_waits_count)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 8; self->how++) {
        aiot_future_init(&self->future, task->loop);
        AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .cleanup = AIOT_S(5));
        AIOT_SPAWN(&self->w, waits, &self->waits, .how = self->how, .future = &self->future, .t = &self->t);
        AIOT_YIELD();
        AIOT_YIELD();
        CHECK_EQUAL(aiot_time_left(&self->w), self->how < 2 ? AIOT_S(3) : AIOT_FOREVER);
        aiot_cancel(&self->w);
        AIOT_YIELD();
        AIOT_YIELD();
        aiot_cancel(&self->t);
        AIOT_YIELD();
        aiot_cancel(&self->t);                                  /* its clean-up, too */
        AIOT_YIELD();
        AIOT_YIELD();
        CHECK(aiot_done(&self->t) && aiot_done(&self->w));
        CHECK_EQUAL(aiot_deadline(&self->w), AIOT_FOREVER);
        CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    }
    CHECK_EQUAL(aiot_now(task->loop), 0);
    CHECK_END();
}

struct b3_the_earliest_of_all { AIOT_FRAME; aiot_timeout a, b, c; };
static AIOT_CORO(b3_the_earliest_of_all)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->a, AIOT_S(3)) {
        AIOT_TIMEOUT(&self->b, AIOT_S(1)) {
            AIOT_TIMEOUT_FIRM(&self->c, AIOT_S(2)) { CHECK_EQUAL(aiot_deadline(task), AIOT_S(1)); }
            CHECK_EQUAL(aiot_deadline(task), AIOT_S(1));
        }
        CHECK_EQUAL(aiot_deadline(task), AIOT_S(3));
        AIOT_TIMEOUT_FIRM(&self->c, AIOT_S(2)) { CHECK_EQUAL(aiot_deadline(task), AIOT_S(2)); }
        CHECK_EQUAL(aiot_deadline(task), AIOT_S(3));
        AIOT_TIMEOUT_AT(&self->c, -AIOT_S(2)) { CHECK_EQUAL(aiot_deadline(task), -AIOT_S(2)); CHECK_EQUAL(aiot_time_left(task), 0); }
    }
    CHECK_END();
}

struct b3_the_search_ends_at_the_innermost_shielded_block { AIOT_FRAME; aiot_timeout outer, inner; aiot_guard g, h; struct between between; };
static AIOT_CORO(b3_the_search_ends_at_the_innermost_shielded_block)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) {
        AIOT_SHIELDED(&self->g, AIOT_S(9)) {
            CHECK_EQUAL(aiot_deadline(task), AIOT_S(9));        /* its own limit counts */
            AIOT_TIMEOUT(&self->inner, AIOT_S(8)) {
                CHECK_EQUAL(aiot_deadline(task), AIOT_S(8));
                AIOT_SHIELDED(&self->h, AIOT_FOREVER) { CHECK_EQUAL(aiot_deadline(task), AIOT_FOREVER); }
                AIOT_SHIELDED(&self->h, AIOT_S(20)) {
                    CHECK_EQUAL(aiot_deadline(task), AIOT_S(20));
                    AIOT_AWAIT(between, &self->between);
                    CHECK_EQUAL(self->between.callee.outside, AIOT_S(20));
                    CHECK_EQUAL(self->between.callee.inside, AIOT_S(2));
                }
            }
            CHECK_EQUAL(aiot_time_left(task), AIOT_S(8));
        }
        CHECK_EQUAL(aiot_deadline(task), AIOT_S(1));            /* and the outer one is back, struck */
        CHECK_EQUAL(aiot_time_left(task), 0);
    }
    CHECK(aiot_timeout_expired(&self->outer));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* The clock may have passed a deadline whose limit has not struck yet. */
struct b4_never_negative { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(b4_never_negative)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(2)) {
        aiot_clock_advance(task->loop, AIOT_S(2) - 1);
        CHECK_EQUAL(aiot_time_left(task), 1);
        aiot_clock_advance(task->loop, 1);
        CHECK_EQUAL(aiot_time_left(task), 0);
        aiot_clock_advance(task->loop, AIOT_S(7));
        CHECK_EQUAL(aiot_time_left(task), 0);
        CHECK_EQUAL(aiot_deadline(task), AIOT_S(2));
        CHECK(!aiot_timeout_expired(&self->limit));
    }
    CHECK_EQUAL(aiot_time_left(task), AIOT_FOREVER);
    AIOT_TIMEOUT(&self->limit, 0) { CHECK_EQUAL(aiot_time_left(task), 0); CHECK_EQUAL(aiot_deadline(task), AIOT_S(9)); }
    CHECK_END();
}

struct b5_rescheduling_moves_both { AIOT_FRAME; aiot_timeout outer, inner; aiot_guard g; };
static AIOT_CORO(b5_rescheduling_moves_both)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(5)) {
        AIOT_TIMEOUT(&self->inner, AIOT_S(3)) {
            CHECK_EQUAL(aiot_timeout_reschedule(&self->inner, AIOT_S(7)), 0);
            CHECK(aiot_deadline(task) == AIOT_S(5) && aiot_time_left(task) == AIOT_S(5));
            CHECK_EQUAL(aiot_timeout_reschedule(&self->outer, AIOT_FOREVER), 0);
            CHECK(aiot_deadline(task) == AIOT_S(7) && aiot_time_left(task) == AIOT_S(7));
            CHECK_EQUAL(aiot_timeout_reschedule(&self->inner, AIOT_FOREVER), 0);
            CHECK(aiot_deadline(task) == AIOT_FOREVER && aiot_time_left(task) == AIOT_FOREVER);
            CHECK_EQUAL(aiot_timeout_reschedule(&self->outer, AIOT_S(1)), 0);
            CHECK(aiot_deadline(task) == AIOT_S(1) && aiot_time_left(task) == AIOT_S(1));
            CHECK_EQUAL(aiot_timeout_reschedule(&self->outer, AIOT_S(4)), 0);
        }
        AIOT_SHIELDED(&self->g, AIOT_S(1)) {                    /* a guard's limit, too */
            CHECK_EQUAL(aiot_timeout_reschedule(&self->g.limit, AIOT_S(6)), 0);
            CHECK(aiot_deadline(task) == AIOT_S(6) && aiot_time_left(task) == AIOT_S(6));
            AIOT_SLEEP(AIOT_S(2));
            CHECK_EQUAL(aiot_time_left(task), AIOT_S(4));
        }
    }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_END();
}

/* Every way out of a block takes its limit out of the chain. A block that is refused never enters it. */
struct leaves { AIOT_FRAME; int how; aiot_timeout limit, firm; aiot_guard g; };
static AIOT_CORO(leaves)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_TIMEOUT_FIRM(&self->firm, AIOT_S(1)) {
            AIOT_SHIELDED(&self->g, AIOT_S(1)) {
                if (self->how == 0) AIOT_RETURN();
                if (self->how == 1) break;
                if (self->how == 2) continue;
                if (self->how == 3) AIOT_RAISE(5);
                if (self->how == 4) AIOT_SLEEP(AIOT_S(2));
            }
            CHECK(self->how != 0 && self->how != 3);
            CHECK_EQUAL(aiot_time_left(task), AIOT_S(1));
        } AIOT_EXCEPT(5) { CHECK_EQUAL(aiot_time_left(task), AIOT_S(1)); }
        AIOT_TIMEOUT(&self->limit, AIOT_MS(5)) { NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("in use "); }
        CHECK_EQUAL(aiot_time_left(task), AIOT_S(1));
        if (self->how == 5) AIOT_TIMEOUT(&self->limit, AIOT_MS(5)) { NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("raised "); }
    CHECK_EQUAL(aiot_deadline(task), AIOT_FOREVER);
    AIOT_END();
}
struct b2_every_way_out { AIOT_FRAME; struct leaves leaves; int how; };
static AIOT_CORO(b2_every_way_out)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 6; self->how++) {
        AIOT_AWAIT(leaves, &self->leaves, .how = self->how);
        CHECK_SAID(self->how == 0 ? "" : self->how == 4 ? "timeout " : self->how == 5 ? "in use raised " : "in use ");
        CHECK_COMPLAINED(self->how == 0 || self->how == 4 ? 0 : self->how == 5 ? 2 : 1);
        CHECK_EQUAL(aiot_deadline(task), AIOT_FOREVER);
        CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    }
    CHECK_END();
}

int main(void)
{
    RUN(b1_a_callee_is_inside_the_limits_of_its_awaiter);
    RUN(b1_a_spawned_task_begins_with_an_empty_chain);
    RUN(b2_until_the_end_of_the_block);
    RUN(b2_which_waits_count);
    RUN(b2_every_way_out);
    RUN(b3_the_earliest_of_all);
    RUN(b3_the_search_ends_at_the_innermost_shielded_block);
    RUN(b4_never_negative);
    RUN(b5_rescheduling_moves_both);
    return 0;
}
