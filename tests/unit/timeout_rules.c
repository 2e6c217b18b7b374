/* timeout_rules.c - timeout(), timeout_at(), reschedule(): rules 37-59 of asyncio's behaviour, one short program each. */
#include "check.h"
#include "job.h"

struct r37_the_deadline_is_fixed_when_it_is_made { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r37_the_deadline_is_fixed_when_it_is_made)
{
    AIOT_BEGIN();
    aiot_timeout_init(&self->limit, task->loop, AIOT_S(3));
    CHECK_EQUAL(aiot_timeout_when(&self->limit), AIOT_S(3));
    AIOT_SLEEP(AIOT_S(2));
    AIOT_TIMEOUT_ENTER(&self->limit) {
        AIOT_SLEEP(AIOT_S(2));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    }
    AIOT_TIMEOUT_AT(&self->limit, AIOT_S(4)) {
        CHECK_EQUAL(aiot_timeout_when(&self->limit), AIOT_S(4));
        AIOT_SLEEP(AIOT_S(2));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(4));
    }
    CHECK_END();
}

/* 38, 39: the wait inside sees a cancellation; at the edge it becomes the timeout, whose pointer is the limit that struck. */
struct r38_r39_a_cancellation_inside_a_timeout_outside { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r38_r39_a_cancellation_inside_a_timeout_outside)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_TRY {
            CHECK(!aiot_timeout_expired(&self->limit));
            AIOT_SLEEP(AIOT_S(2));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            CHECK(aiot_timeout_expired(&self->limit));
            CHECK_EQUAL(aiot_task_cancelling(task), 1);
            AIOT_SLEEP(AIOT_S(1));              /* clean-up has the time it needs */
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT_ALL {
        CHECK_EQUAL(aiot_caught(task).code, AIOT_ETIMEDOUT);
        CHECK(aiot_caught(task).info == &self->limit);
        CHECK_EQUAL(aiot_task_cancelling(task), 0);
        CHECK(aiot_timeout_expired(&self->limit));
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    }
    CHECK_END();
}

struct r40_the_count_on_entry_is_what_counts { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r40_the_count_on_entry_is_what_counts)
{
    AIOT_BEGIN();
    AIOT_TRY { aiot_cancel(task); AIOT_YIELD(); } AIOT_EXCEPT(AIOT_ECANCELED) { }           /* an old request, swallowed */
    CHECK_EQUAL(aiot_task_cancelling(task), 1);
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(2)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_EQUAL(aiot_task_cancelling(task), 1);
    CHECK_SAID("timeout ");
    CHECK_END();
}

/* 41, 44: cancelled from outside: while its timeout is being handled, or before the deadline. */
struct limited { AIOT_FRAME; aiot_time limit_ns, cleanup; aiot_timeout limit; };
static AIOT_CORO(limited)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, self->limit_ns) {
        AIOT_TRY { AIOT_SLEEP(AIOT_S(10)); } AIOT_FINALLY { if (self->cleanup) AIOT_SLEEP(self->cleanup); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        say("timeout ");
    }
    AIOT_END();
}
struct r41_r44_a_cancel_from_outside { AIOT_FRAME; struct limited limited; aiot_task t; };
static AIOT_CORO(r41_r44_a_cancel_from_outside)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, limited, &self->limited, .limit_ns = AIOT_S(1), .cleanup = AIOT_S(5));
    AIOT_SLEEP(AIOT_S(2));
    aiot_cancel(&self->t);
    AIOT_YIELD();
    CHECK(aiot_cancelled(&self->t) && aiot_timeout_expired(&self->limited.limit));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    AIOT_SPAWN(&self->t, limited, &self->limited, .limit_ns = AIOT_S(1));
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_YIELD();
    CHECK(aiot_cancelled(&self->t) && !aiot_timeout_expired(&self->limited.limit));
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);  /* its timer is gone */
    CHECK_SAID("");
    CHECK_END();
}

struct r42_another_error_comes_out_instead { AIOT_FRAME; aiot_timeout limit; struct job job; };
static AIOT_CORO(r42_another_error_comes_out_instead)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_AWAIT(job, &self->job, .delay = AIOT_S(5), .late_error = 7);
    } AIOT_EXCEPT_ALL {
        CHECK_EQUAL(aiot_caught(task).code, 7);
        CHECK(aiot_caught(task).info == NULL);
    }
    CHECK(aiot_timeout_expired(&self->limit));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

struct r43_swallowed { AIOT_FRAME; aiot_timeout limit; struct job job; };
static AIOT_CORO(r43_swallowed)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_AWAIT(job, &self->job, .delay = AIOT_S(5), .swallows = true);
        AIOT_SLEEP(AIOT_S(5));                  /* it is not cancelled again */
        say("end ");
    } AIOT_EXCEPT_ALL {
        NOT_REACHED();
    }
    CHECK_SAID("end ");
    CHECK(aiot_timeout_expired(&self->limit));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(6));
    CHECK_END();
}

struct r45_no_limit { AIOT_FRAME; aiot_timeout outer, inner; };
static AIOT_CORO(r45_no_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) {
        AIOT_TIMEOUT(&self->inner, AIOT_FOREVER) {
            AIOT_SLEEP(AIOT_S(5));
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_caught(task).info == &self->outer && !aiot_timeout_expired(&self->inner));
    }
    AIOT_TIMEOUT(&self->inner, AIOT_FOREVER) { AIOT_SLEEP(AIOT_S(5)); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(6));
    CHECK_END();
}

struct r46_a_deadline_already_past { AIOT_FRAME; aiot_timeout limit; int i; };
static AIOT_CORO(r46_a_deadline_already_past)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_S(1));
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_TIMEOUT(&self->limit, -self->i) { say("in "); AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
        AIOT_TIMEOUT_AT(&self->limit, self->i) { AIOT_SLEEP(AIOT_S(9)); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
        AIOT_TIMEOUT(&self->limit, 0) { say("no wait "); }
        CHECK(!aiot_timeout_expired(&self->limit));
        CHECK_SAID("in timeout timeout no wait ");
    }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_END();
}

/* 47: asyncio's bug gh-134471, reproduced: a request that was pending before is swallowed. */
struct r47_a_pending_cancel_and_a_limit_of_0 { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r47_a_pending_cancel_and_a_limit_of_0)
{
    AIOT_BEGIN();
    aiot_cancel(task);
    AIOT_TIMEOUT(&self->limit, 0) { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("timeout ");
    AIOT_YIELD();
    CHECK_EQUAL(aiot_task_cancelling(task), 1);
    CHECK_END();
}

struct r48_a_block_that_ends_with_its_timer_queued { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r48_a_block_that_ends_with_its_timer_queued)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_YIELD();
        aiot_clock_advance(task->loop, AIOT_S(2));
        AIOT_YIELD();                           /* back before the timer that is now due: it lies behind in this turn */
    }
    AIOT_YIELD();
    AIOT_SLEEP(AIOT_S(5));
    CHECK(!aiot_timeout_expired(&self->limit));
    CHECK_END();
}

struct r49_reschedule { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r49_reschedule)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, AIOT_S(3)), 0);
        CHECK_EQUAL(aiot_timeout_when(&self->limit), AIOT_S(3));
        AIOT_SLEEP(AIOT_S(5));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    }
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {     /* taken away */
        CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, AIOT_FOREVER), 0);
        AIOT_SLEEP(AIOT_S(5));
        CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, aiot_now(task->loop) + AIOT_S(1)), 0);       /* and given again */
        AIOT_SLEEP(AIOT_S(5));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(9));
    }
    AIOT_TIMEOUT(&self->limit, AIOT_FOREVER) {  /* to the past: the next wait */
        CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, AIOT_S(2)), 0);
        say("goes on ");
        AIOT_YIELD();
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
    }
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {     /* its timer is queued already, but has not had its turn: saved */
        AIOT_YIELD();
        aiot_clock_advance(task->loop, AIOT_S(1));
        AIOT_YIELD();
        CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, aiot_now(task->loop) + AIOT_S(2)), 0);
        AIOT_SLEEP(AIOT_S(1));
    }
    CHECK(!aiot_timeout_expired(&self->limit));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(11));
    CHECK_SAID("goes on ");
    CHECK_END();
}

struct r50_wrong_states { AIOT_FRAME; aiot_timeout limit, fresh; };
static AIOT_CORO(r50_wrong_states)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, 1), AIOT_ERUNTIME);                   /* not entered */
    AIOT_TRY { AIOT_TIMEOUT_ENTER(&self->fresh) { NOT_REACHED(); } } AIOT_EXCEPT(AIOT_ERUNTIME) { say("never made "); }
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_TRY {
            AIOT_TIMEOUT_ENTER(&self->limit) { NOT_REACHED(); }
        } AIOT_EXCEPT(AIOT_ERUNTIME) {
            CHECK(aiot_caught(task).info == &self->limit);
            say("entered ");
        }
        AIOT_TRY { AIOT_TIMEOUT(&self->limit, AIOT_S(9)) { NOT_REACHED(); } } AIOT_EXCEPT(AIOT_ERUNTIME) { say("in use "); }
        CHECK_EQUAL(aiot_timeout_when(&self->limit), AIOT_S(1));                            /* untouched by that */
        AIOT_TRY {
            AIOT_SLEEP(AIOT_S(5));
        } AIOT_FINALLY {
            CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, AIOT_S(9)), AIOT_ERUNTIME);   /* expiring */
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, AIOT_S(9)), AIOT_ERUNTIME);       /* expired */
    }
    AIOT_TRY { AIOT_TIMEOUT_ENTER(&self->limit) { NOT_REACHED(); } } AIOT_EXCEPT(AIOT_ERUNTIME) { say("expired "); }
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { }
    CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, AIOT_S(9)), AIOT_ERUNTIME);           /* finished */
    AIOT_TRY { AIOT_TIMEOUT_ENTER(&self->limit) { NOT_REACHED(); } } AIOT_EXCEPT(AIOT_ERUNTIME) { say("finished "); }
    CHECK_SAID("never made entered in use expired finished ");
    CHECK_COMPLAINED(6);
    CHECK_END();
}

/* 51: of three nested limits the one that strikes converts at its own edge; the error's pointer says which it was. */
struct nest { AIOT_FRAME; aiot_time a, b, c; aiot_timeout outer, middle, inner; };
static AIOT_CORO(nest)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, self->a) {
        AIOT_TIMEOUT(&self->middle, self->b) {
            AIOT_TIMEOUT(&self->inner, self->c) {
                AIOT_SLEEP(AIOT_S(10));
            } AIOT_EXCEPT(AIOT_ETIMEDOUT, AIOT_ECANCELED) {
                say("inner:%s%s ", aiot_error_name(aiot_caught(task).code), aiot_caught(task).info == &self->inner ? "(inner)" : "");
                AIOT_RERAISE();
            }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT, AIOT_ECANCELED) {
            say("middle:%s%s ", aiot_error_name(aiot_caught(task).code), aiot_caught(task).info == &self->middle ? "(middle)" : "");
        }
        AIOT_YIELD();
        say("goes on ");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        say("outer:TimeoutError%s ", aiot_caught(task).info == &self->outer ? "(outer)" : "");
    }
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_END();
}
struct r51_nested { AIOT_FRAME; struct nest nest; };
static AIOT_CORO(r51_nested)
{
    AIOT_BEGIN();
    AIOT_AWAIT(nest, &self->nest, .a = AIOT_S(3), .b = AIOT_S(2), .c = AIOT_S(1));
    CHECK_SAID("inner:TimeoutError(inner) middle:TimeoutError goes on ");
    AIOT_AWAIT(nest, &self->nest, .a = AIOT_S(3), .b = AIOT_S(1), .c = AIOT_S(2));
    CHECK_SAID("inner:CancelledError middle:TimeoutError(middle) goes on ");
    AIOT_AWAIT(nest, &self->nest, .a = AIOT_S(1), .b = AIOT_S(2), .c = AIOT_S(3));          /* the middle part swallows it */
    CHECK_SAID("inner:CancelledError middle:CancelledError goes on ");
    CHECK_END();
}

/* 52: at the same instant the inner one passes, the outer one converts. */
struct r52_nested_same_instant { AIOT_FRAME; aiot_timeout outer, inner; };
static AIOT_CORO(r52_nested_same_instant)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) {
        AIOT_TIMEOUT(&self->inner, AIOT_S(1)) {
            AIOT_SLEEP(AIOT_S(2));
        } AIOT_EXCEPT_ALL {
            CHECK_EQUAL(aiot_caught(task).code, AIOT_ECANCELED);
            CHECK(aiot_timeout_expired(&self->inner) && aiot_timeout_expired(&self->outer));
            CHECK_EQUAL(aiot_task_cancelling(task), 1);
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT_ALL {
        CHECK_EQUAL(aiot_caught(task).code, AIOT_ETIMEDOUT);
        CHECK(aiot_caught(task).info == &self->outer);
    }
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* 53: overdue together after computing: all expire, and the outermost converts. */
struct r53_nested_overdue { AIOT_FRAME; aiot_timeout outer, middle, inner; };
static AIOT_CORO(r53_nested_overdue)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(3)) {
        AIOT_TIMEOUT(&self->middle, AIOT_S(1)) {
            AIOT_TIMEOUT(&self->inner, AIOT_S(2)) {
                aiot_clock_advance(task->loop, AIOT_S(5));
                AIOT_SLEEP(AIOT_S(1));
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) { NOT_REACHED(); }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_timeout_expired(&self->inner) && aiot_timeout_expired(&self->middle) && aiot_caught(task).info == &self->outer);
    }
    CHECK_END();
}

struct r54_the_outer_limit_cuts_the_inner_cleanup { AIOT_FRAME; aiot_timeout outer, inner; struct job job; };
static AIOT_CORO(r54_the_outer_limit_cuts_the_inner_cleanup)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(2)) {
        AIOT_TIMEOUT(&self->inner, AIOT_S(1)) {
            AIOT_AWAIT(job, &self->job, .name = "job", .delay = AIOT_S(9), .cleanup = AIOT_S(5));
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_caught(task).info == &self->outer);
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    }
    CHECK_SAID("job! ");
    CHECK_END();
}

struct r55_a_limit_within_the_cleanup { AIOT_FRAME_DEPTH(2); aiot_timeout outer, inner; };
static AIOT_CORO(r55_a_limit_within_the_cleanup)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) {
        AIOT_TRY {
            AIOT_SLEEP(AIOT_S(9));
        } AIOT_FINALLY {
            AIOT_TIMEOUT(&self->inner, AIOT_S(1)) {
                AIOT_SLEEP(AIOT_S(9));
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
                CHECK(aiot_caught(task).info == &self->inner);
                say("inner ");
            }
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_caught(task).info == &self->outer);
        say("outer ");
    }
    CHECK_SAID("inner outer ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_END();
}

struct r56_taken_back_by_hand { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r56_taken_back_by_hand)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_FINALLY { CHECK_EQUAL(aiot_task_uncancel(task), 0); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        say("timeout ");
    }
    CHECK_SAID("timeout ");
    CHECK_END();
}

struct r57_an_ETIMEDOUT_of_ones_own { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r57_an_ETIMEDOUT_of_ones_own)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_RAISE(AIOT_ETIMEDOUT);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(!aiot_timeout_expired(&self->limit) && aiot_caught(task).info == NULL);
    }
    CHECK_END();
}

struct r58_computing_is_not_interrupted { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(r58_computing_is_not_interrupted)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        aiot_clock_advance(task->loop, AIOT_S(5));
        CHECK(!aiot_timeout_expired(&self->limit));
        say("computed ");
    }
    CHECK_SAID("computed ");
    AIOT_YIELD();
    AIOT_YIELD();                               /* no stray cancel */
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

struct r59_a_group_of_errors_passes_through { AIOT_FRAME; aiot_timeout limit; aiot_group group; struct job job; aiot_group_task t; };
static AIOT_CORO(r59_a_group_of_errors_passes_through)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_GROUP(&self->group) {
            aiot_group_spawn(&self->group, &self->t, job, &self->job, .delay = AIOT_S(9), .late_error = 7);
        }
    } AIOT_EXCEPT_ALL {
        CHECK_EQUAL(aiot_caught(task).code, AIOT_EGROUP);
        CHECK_EQUAL(aiot_group_error_count(&self->group), 1);
        CHECK_EQUAL(aiot_group_error(&self->group, 0).code, 7);
    }
    CHECK(aiot_timeout_expired(&self->limit));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* 139: a cancel and a timeout in one instant, in either order: CancelledError, expired, one request left. */
static int cancel_it(void *task) { aiot_cancel((aiot_task *)task); return 0; }
struct a_cancel_and_a_timeout_in_one_instant { AIOT_FRAME; struct limited limited; aiot_task t; aiot_handle later; int first; };
static AIOT_CORO(a_cancel_and_a_timeout_in_one_instant)
{
    AIOT_BEGIN();
    for (self->first = 0; self->first < 2; self->first++) {
        if (self->first) aiot_call_later(task->loop, &self->later, AIOT_S(1), cancel_it, &self->t);
        AIOT_SPAWN(&self->t, limited, &self->limited, .limit_ns = AIOT_S(1));
        AIOT_YIELD();
        if (!self->first) aiot_call_later(task->loop, &self->later, AIOT_S(1), cancel_it, &self->t);
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        CHECK(aiot_timeout_expired(&self->limited.limit));
        CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    }
    CHECK_END();
}

/* return, break and continue leave the block as its end does: the timer is dropped. */
struct left_early { AIOT_FRAME; aiot_timeout limit; int how; };
static AIOT_CORO(left_early)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        if (self->how == 0) AIOT_RETURN();
        if (self->how == 1) break;
        if (self->how == 2) continue;
        AIOT_RAISE(5);
    } AIOT_EXCEPT(5) {
    }
    AIOT_END();
}
struct a_limit_left_early_is_dropped { AIOT_FRAME; struct left_early one; int how; };
static AIOT_CORO(a_limit_left_early_is_dropped)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 4; self->how++) {
        AIOT_AWAIT(left_early, &self->one, .how = self->how);
        CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
        CHECK(!aiot_timeout_expired(&self->one.limit));
    }
    CHECK_END();
}

/* Several tasks may use one object in turn: it strikes the one that is in it. */
struct user { AIOT_FRAME; aiot_timeout *limit; aiot_time delay_ns; };
static AIOT_CORO(user)
{
    AIOT_BEGIN();
    (void)aiot_now(task->loop);                 /* once the clock is read, a limit takes the short way */
    AIOT_TIMEOUT(self->limit, AIOT_S(2)) { AIOT_SLEEP(self->delay_ns); }
    AIOT_END();
}
struct a_limit_strikes_the_task_that_is_in_it { AIOT_FRAME; struct user user; aiot_task t[2]; aiot_timeout limit; int i; };
static AIOT_CORO(a_limit_strikes_the_task_that_is_in_it)
{
    AIOT_BEGIN();
    aiot_timeout_init(&self->limit, task->loop, AIOT_S(2));
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_SPAWN(&self->t[self->i], user, &self->user, .limit = &self->limit, .delay_ns = AIOT_S(1));
        AIOT_JOIN(&self->t[self->i]);
        AIOT_SPAWN(&self->t[!self->i], user, &self->user, .limit = &self->limit, .delay_ns = AIOT_S(3));
        AIOT_TRY { AIOT_JOIN(&self->t[!self->i]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        CHECK(aiot_timeout_expired(&self->limit));
    }
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(2)); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(7));
    CHECK_END();
}

int main(void)
{
    RUN(r37_the_deadline_is_fixed_when_it_is_made);
    RUN(r38_r39_a_cancellation_inside_a_timeout_outside);
    RUN(r40_the_count_on_entry_is_what_counts);
    RUN(r41_r44_a_cancel_from_outside);
    RUN(r42_another_error_comes_out_instead);
    RUN(r43_swallowed);
    RUN(r45_no_limit);
    RUN(r46_a_deadline_already_past);
    RUN(r47_a_pending_cancel_and_a_limit_of_0);
    RUN(r48_a_block_that_ends_with_its_timer_queued);
    RUN(r49_reschedule);
    RUN(r50_wrong_states);
    RUN(r51_nested);
    RUN(r52_nested_same_instant);
    RUN(r53_nested_overdue);
    RUN(r54_the_outer_limit_cuts_the_inner_cleanup);
    RUN(r55_a_limit_within_the_cleanup);
    RUN(r56_taken_back_by_hand);
    RUN(r57_an_ETIMEDOUT_of_ones_own);
    RUN(r58_computing_is_not_interrupted);
    RUN(r59_a_group_of_errors_passes_through);
    RUN(a_cancel_and_a_timeout_in_one_instant);
    RUN(a_limit_left_early_is_dropped);
    RUN(a_limit_strikes_the_task_that_is_in_it);
    return 0;
}
