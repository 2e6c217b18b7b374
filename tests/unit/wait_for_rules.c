/* wait_for_rules.c - wait_for() of coroutines (AIOT_WAIT_FOR) and of everything else (AIOT_JOIN_FOR): rules 60-77 of asyncio's
 * behaviour, one short program each. */
#include "check.h"
#include "job.h"

struct r60_values_and_errors_pass_through { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; aiot_future future; };
static AIOT_CORO(r60_values_and_errors_pass_through)
{
    AIOT_BEGIN();
    AIOT_WAIT_FOR(&self->limit, AIOT_S(2), job, &self->job, .delay = AIOT_S(1));
    CHECK_EQUAL(self->job.value, 42);
    AIOT_WAIT_FOR(&self->limit, AIOT_FOREVER, job, &self->job, .delay = AIOT_S(1000));      /* None */
    CHECK_EQUAL(self->job.value, 42);
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(2), job, &self->job, .error = 7); NOT_REACHED(); } AIOT_EXCEPT(7) { say("7 "); }
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(1));
    AIOT_JOIN_FOR(&self->limit, AIOT_S(2), &self->t);
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(1000));
    AIOT_JOIN_FOR(&self->limit, AIOT_FOREVER, &self->t);
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(1), .error = 8);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(2), &self->t); NOT_REACHED(); } AIOT_EXCEPT(8) { say("8 "); }
    CHECK_SAID("7 8 ");
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);  /* no timer is left behind */
    CHECK_END();
}

/* 61: a coroutine runs in the caller's task, at once. */
struct inner { AIOT_FRAME; aiot_task *expected; };
static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    CHECK(task == self->expected && aiot_current_task(task->loop) == task);
    say("in ");
    AIOT_YIELD();
    AIOT_END();
}
struct r61_in_the_callers_task { AIOT_FRAME; aiot_timeout limit; struct inner inner; };
static AIOT_CORO(r61_in_the_callers_task)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_loop_task_count(task->loop), 1);
    AIOT_WAIT_FOR(&self->limit, 1, inner, &self->inner, .expected = task);
    self->inner.expected = task;
    AIOT_WAIT_FOR_FRAME(&self->limit, 1, inner, &self->inner);
    CHECK_SAID("in in ");
    CHECK_END();
}

/* 62, 63, 64: a limit of 0 or less. */
struct r62_r64_a_limit_of_0_or_less { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; aiot_future future; aiot_time d; };
static AIOT_CORO(r62_r64_a_limit_of_0_or_less)
{
    AIOT_BEGIN();
    for (self->d = 0; self->d >= -1; self->d--) {
        aiot_future_init(&self->future, task->loop);
        aiot_future_set_result(&self->future, 9);
        AIOT_JOIN_FOR(&self->limit, self->d, &self->future);                                /* 62: done: its result, */
        AIOT_SPAWN(&self->t, job, &self->job, .error = 7);
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(7) { }
        AIOT_TRY { AIOT_JOIN_FOR(&self->limit, self->d, &self->t); NOT_REACHED(); } AIOT_EXCEPT(7) { say("7 "); }       /* or error */

        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, job, &self->job, .name = "job"); NOT_REACHED(); }             /* 63: never starts */
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); say("timeout "); }
        CHECK_EQUAL(self->job.value, 0);

        AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(5), .cleanup = AIOT_S(1));
        AIOT_YIELD();
        AIOT_TRY { AIOT_JOIN_FOR(&self->limit, self->d, &self->t); NOT_REACHED(); }                                   /* 64: and awaited */
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); say("timeout "); }
        CHECK(aiot_cancelled(&self->t));
        CHECK_SAID("7 timeout job! timeout ");

        AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(5), .swallows = true);         /* it ends in its own way */
        AIOT_YIELD();
        AIOT_JOIN_FOR(&self->limit, self->d, &self->t);
        AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(5), .late_error = 8);
        AIOT_YIELD();
        AIOT_TRY { AIOT_JOIN_FOR(&self->limit, self->d, &self->t); NOT_REACHED(); } AIOT_EXCEPT(8) { }
    }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* A waiter with a limit, to be looked at and cancelled from outside. */
struct limited { AIOT_FRAME; aiot_task *target; aiot_time limit_ns; aiot_timeout limit; int code; const void *info; };
static AIOT_CORO(limited)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->limit, self->limit_ns, self->target);
    } AIOT_EXCEPT_ALL {
        self->code = aiot_caught(task).code;
        self->info = aiot_caught(task).info;
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct r65_waits_for_the_real_end { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; };
static AIOT_CORO(r65_waits_for_the_real_end)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .cleanup = AIOT_S(5));
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(6));
    CHECK(aiot_cancelled(&self->t));
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(1), job, &self->job, .delay = AIOT_S(9), .cleanup = AIOT_S(5)); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(12));
    CHECK_END();
}

struct r66_its_own_end_comes_out_instead { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; };
static AIOT_CORO(r66_its_own_end_comes_out_instead)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .late_error = 7);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); } AIOT_EXCEPT(7) { say("7 "); }
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(1), job, &self->job, .delay = AIOT_S(9), .late_error = 8); NOT_REACHED(); }
    AIOT_EXCEPT(8) { say("8 "); }
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .swallows = true);
    AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->t);
    CHECK_EQUAL(self->job.value, 43);
    AIOT_WAIT_FOR(&self->limit, AIOT_S(1), job, &self->job, .delay = AIOT_S(9), .swallows = true);
    CHECK_EQUAL(self->job.value, 43);
    CHECK(aiot_timeout_expired(&self->limit));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_SAID("7 8 ");
    CHECK_END();
}

/* 67, 68: the waiter is cancelled: so is what it waits for; and if that swallows it, the waiter gets its value. */
struct r67_r68_cancelling_the_waiter { AIOT_FRAME; struct limited w; struct job job; aiot_task t, u; };
static AIOT_CORO(r67_r68_cancelling_the_waiter)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
    AIOT_SPAWN(&self->u, limited, &self->w, .target = &self->t, .limit_ns = AIOT_S(5));
    AIOT_YIELD();
    aiot_cancel(&self->u);
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(aiot_cancelled(&self->t));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_SAID("job! ");
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .swallows = true);
    AIOT_SPAWN(&self->u, limited, &self->w, .target = &self->t, .limit_ns = AIOT_S(5));
    AIOT_YIELD();
    aiot_cancel(&self->u);
    AIOT_JOIN(&self->u);
    CHECK(!aiot_cancelled(&self->u));
    CHECK_EQUAL(aiot_task_cancelling(&self->u), 1);
    CHECK_END();
}

struct r69_a_third_party_cancels_the_awaited { AIOT_FRAME; struct limited w; struct job job; aiot_task t, u; };
static AIOT_CORO(r69_a_third_party_cancels_the_awaited)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9));
    AIOT_SPAWN(&self->u, limited, &self->w, .target = &self->t, .limit_ns = AIOT_S(5));
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(self->w.code, AIOT_ECANCELED);
    CHECK_EQUAL(aiot_task_cancelling(&self->u), 0);
    CHECK_END();
}

/* 70: in the instant of the limit the limit wins, though the task has returned; its value stays in it. */
static int set_it(void *future) { return aiot_future_set_result((aiot_future *)future, 1); }
struct r70_in_the_instant_of_the_limit { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_future future; aiot_handle later; };
static AIOT_CORO(r70_in_the_instant_of_the_limit)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    aiot_call_later(task->loop, &self->later, AIOT_S(1), set_it, &self->future);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->future); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_EQUAL(aiot_future_value(&self->future), 1);
    aiot_future_init(&self->future, task->loop);
    aiot_call_later(task->loop, &self->later, AIOT_S(1) - 1, set_it, &self->future);        /* earlier: it wins */
    AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->future);
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(1), job, &self->job, .delay = AIOT_S(1)); NOT_REACHED(); }    /* 143 */
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("timeout timeout ");
    CHECK_END();
}

/* 71, 72, 73: around a shield, a wait, a gather. */
struct waits { AIOT_FRAME; aiot_task *target; AIOT_WAIT_SET(1) set; };
static AIOT_CORO(waits) { AIOT_BEGIN(); AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->target); AIOT_END(); }
struct r71_r73_around_others {
    AIOT_FRAME; aiot_timeout limit; struct job a, b; aiot_task t, u; aiot_shield guard; struct waits waits; AIOT_GATHER_SET(2) all;
};
static AIOT_CORO(r71_r73_around_others)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->a, .name = "a", .delay = AIOT_S(9));
    aiot_shield(&self->guard, &self->t);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->guard); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("shield "); }
    aiot_shield(&self->guard, &self->t);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &self->guard); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("shield0 "); }
    CHECK(!aiot_done(&self->t));
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(1), waits, &self->waits, .target = &self->t); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("wait "); }
    CHECK(!aiot_done(&self->t));
    AIOT_SPAWN(&self->u, job, &self->b, .name = "b", .delay = AIOT_S(9), .cleanup = AIOT_S(5));
    AIOT_YIELD();
    aiot_gather(&self->all, &self->t, &self->u);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("gather "); }
    CHECK(aiot_cancelled(&self->t) && !aiot_done(&self->u));    /* the first that ends */
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    CHECK_SAID("shield shield0 wait a! b! gather ");
    AIOT_TRY { AIOT_JOIN(&self->u); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_END();
}

struct r74_two_waiters_the_shorter_limit_cancels_for_both { AIOT_FRAME; struct limited w, x; struct job job; aiot_task t, u, v; };
static AIOT_CORO(r74_two_waiters_the_shorter_limit_cancels_for_both)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9));
    AIOT_SPAWN(&self->u, limited, &self->w, .target = &self->t, .limit_ns = AIOT_S(1));
    AIOT_SPAWN(&self->v, limited, &self->x, .target = &self->t, .limit_ns = AIOT_S(2));
    AIOT_SLEEP(AIOT_S(3));
    CHECK_EQUAL(self->w.code, AIOT_ETIMEDOUT);
    CHECK(self->w.info == &self->w.limit);
    CHECK_EQUAL(self->x.code, AIOT_ECANCELED);
    CHECK(!aiot_timeout_expired(&self->x.limit));
    CHECK_END();
}

struct inner_limit { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_time d; int code; };
static AIOT_CORO(inner_limit)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, job, &self->job, .delay = AIOT_S(9)); }
    AIOT_EXCEPT_ALL { self->code = aiot_caught(task).code; AIOT_RERAISE(); }
    AIOT_END();
}
struct r75_within_another_of_the_same_limit { AIOT_FRAME; aiot_timeout limit; struct inner_limit inner; };
static AIOT_CORO(r75_within_another_of_the_same_limit)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(1), inner_limit, &self->inner, .d = AIOT_S(1)); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); }
    CHECK_EQUAL(self->inner.code, AIOT_ECANCELED);
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(2), inner_limit, &self->inner, .d = AIOT_S(1)); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->inner.limit); }        /* the inner one struck */
    CHECK_EQUAL(self->inner.code, AIOT_ETIMEDOUT);
    CHECK_END();
}

/* 76: a stubborn task keeps waiting; an outer limit cancels it again, and its late value comes out. */
struct stubborn { AIOT_FRAME; int refused; };
static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    while (self->refused < 2) { AIOT_TRY { AIOT_SLEEP(AIOT_S(100)); } AIOT_EXCEPT(AIOT_ECANCELED) { self->refused++; } }
    AIOT_END();
}
struct r76_a_stubborn_task { AIOT_FRAME; aiot_timeout outer, limit; struct stubborn stubborn; aiot_task t; };
static AIOT_CORO(r76_a_stubborn_task)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, stubborn, &self->stubborn);
    AIOT_TIMEOUT(&self->outer, AIOT_S(2)) {
        AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->t);
        say("value ");
    }
    CHECK_SAID("value ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK(aiot_timeout_expired(&self->outer) && aiot_timeout_expired(&self->limit));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

struct r77_a_zero_limit_inside_a_running_block { AIOT_FRAME; aiot_timeout outer, limit; struct job job; aiot_task t; };
static AIOT_CORO(r77_a_zero_limit_inside_a_running_block)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(2)) {
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, 0, job, &self->job); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9));
        AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        CHECK_EQUAL(aiot_task_cancelling(task), 0);
        AIOT_SLEEP(AIOT_S(9));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
        CHECK(aiot_caught(task).info == &self->outer);
    }
    CHECK_END();
}

/* What cannot be waited for: AIOT_ERUNTIME, and nothing is disturbed. */
struct wrong_use { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; };
static AIOT_CORO(wrong_use)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), task); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("itself "); }
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("never started "); }
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("at once "); }
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(1), job, &self->job); NOT_REACHED(); }
        AIOT_EXCEPT(AIOT_ERUNTIME) { say("limit in use "); }
        AIOT_SPAWN(&self->t, job, &self->job, .delay = 1);
        AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("again "); }
        AIOT_JOIN(&self->t);
        CHECK_EQUAL(aiot_timeout_when(&self->limit), AIOT_S(5));
        CHECK_COMPLAINED(2);
    }
    AIOT_WAIT_FOR(&self->limit, AIOT_S(1), job, &self->job);
    CHECK_EQUAL(self->job.value, 42);
    CHECK_SAID("itself never started at once limit in use again ");
    CHECK_END();
}

/* Waiting for oneself is said a turn later, as `await` says it. */
static int says_soon(void *unused) { (void)unused; say("soon "); return 0; }
struct for_oneself { AIOT_FRAME; aiot_handle h; aiot_timeout limit; };
static AIOT_CORO(for_oneself)
{
    AIOT_BEGIN();
    aiot_call_soon(task->loop, &self->h, says_soon, NULL);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 1, task); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("error "); }
    CHECK_SAID("soon error ");
    CHECK_END();
}

/* wait_for(t, 0) takes the message with which its task ends; who looks after it gets none. */
struct own_message { AIOT_FRAME; };
static AIOT_CORO(own_message)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(9); } AIOT_EXCEPT(AIOT_ECANCELED) { AIOT_RAISE_INFO(AIOT_ECANCELED, "own"); }
    AIOT_END();
}
struct r28_r64_takes_the_message { AIOT_FRAME; struct own_message own; aiot_task t; aiot_timeout limit; };
static AIOT_CORO(r28_r64_takes_the_message)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, own_message, &self->own);
    AIOT_SLEEP(1);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == NULL); }
    CHECK_END();
}

/* A waiter that is cancelled while what it has cancelled cleans up lets go of it: its memory may be anything when that has ended. */
struct waits_zero { AIOT_FRAME; aiot_task *of; aiot_timeout limit; };
static AIOT_CORO(waits_zero) { AIOT_BEGIN(); AIOT_JOIN_FOR(&self->limit, 0, self->of); AIOT_END(); }
struct lets_go { AIOT_FRAME; struct job job; struct waits_zero waiter; aiot_task t, u; };
static AIOT_CORO(lets_go)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 9, .cleanup = 5);
    AIOT_YIELD();
    AIOT_SPAWN(&self->u, waits_zero, &self->waiter, .of = &self->t);
    AIOT_SLEEP(1);
    aiot_cancel(&self->u);
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(!aiot_done(&self->t));
    memset(&self->waiter, 0xa5, sizeof self->waiter);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(aiot_now(task->loop), 5);
    CHECK_END();
}

/* A limit that another task waits with is in use, also if it is 0. */
struct shared_limit { AIOT_FRAME; aiot_timeout *limit; aiot_time delay; aiot_future *of; struct job job; };
static AIOT_CORO(shared_limit)
{
    AIOT_BEGIN();
    AIOT_TRY {
        if (self->of) AIOT_JOIN_FOR(self->limit, self->delay, self->of);
        else AIOT_WAIT_FOR(self->limit, self->delay, job, &self->job, .delay = 9);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        say("limit@%d ", (int)aiot_now(task->loop));
    } AIOT_EXCEPT(AIOT_ERUNTIME) {
        say("in-use@%d ", (int)aiot_now(task->loop));
    }
    AIOT_END();
}
struct zero_is_in_use { AIOT_FRAME; aiot_timeout limit; aiot_future future; struct shared_limit f[4]; aiot_task t[4]; int i; };
static AIOT_CORO(zero_is_in_use)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], shared_limit, &self->f[i], .limit = &self->limit, .delay = 5 * i);
    for (self->i = 0; self->i < 2; self->i++) AIOT_JOIN(&self->t[self->i]);
    CHECK_SAID("in-use@0 limit@0 ");
    for (int i = 0; i < 4; i++)
        AIOT_SPAWN(&self->t[i], shared_limit, &self->f[i], .limit = &self->limit, .delay = 5 * (i % 2), .of = &self->future);
    for (self->i = 0; self->i < 4; self->i++) AIOT_JOIN(&self->t[self->i]);
    CHECK_SAID("in-use@0 in-use@0 in-use@0 limit@0 ");
    CHECK_COMPLAINED(4);
    CHECK_END();
}

/* Of oneself, and no time: it is cancelled and waited for, as any other. */
struct for_oneself_and_no_time { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(for_oneself_and_no_time)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, task); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK_EQUAL(aiot_task_cancelling(task), 1);
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    AIOT_YIELD();
    CHECK_SAID("cancelled ");
    CHECK_END();
}

/* A limit in use by a block refuses a wait of 0, as a longer one, and still strikes. */
struct in_use_by_a_block_and_no_time { AIOT_FRAME; aiot_timeout limit; struct job job; };
static AIOT_CORO(in_use_by_a_block_and_no_time)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, 10) {
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, 0, job, &self->job); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("in use "); }
        AIOT_SLEEP(20);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        say("timeout@%d ", (int)aiot_now(task->loop));
    }
    CHECK_SAID("in use timeout@10 ");
    CHECK_COMPLAINED(1);
    CHECK_END();
}

int main(void)
{
    RUN(r60_values_and_errors_pass_through);
    RUN(r61_in_the_callers_task);
    RUN(r62_r64_a_limit_of_0_or_less);
    RUN(r65_waits_for_the_real_end);
    RUN(r66_its_own_end_comes_out_instead);
    RUN(r67_r68_cancelling_the_waiter);
    RUN(r69_a_third_party_cancels_the_awaited);
    RUN(r70_in_the_instant_of_the_limit);
    RUN(r71_r73_around_others);
    RUN(r74_two_waiters_the_shorter_limit_cancels_for_both);
    RUN(r75_within_another_of_the_same_limit);
    RUN(r76_a_stubborn_task);
    RUN(r77_a_zero_limit_inside_a_running_block);
    RUN(r28_r64_takes_the_message);
    RUN(wrong_use);
    RUN(for_oneself);
    RUN(for_oneself_and_no_time);
    RUN(zero_is_in_use);
    RUN(lets_go);
    RUN(in_use_by_a_block_and_no_time);
    return 0;
}
