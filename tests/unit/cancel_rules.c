/* cancel_rules.c - cancel(), uncancel(), cancelling(): rules 15-32 of asyncio's behaviour, one short program each. */
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

static const char MESSAGE[] = "message", OTHER[] = "other";

/* Awaits a future or task, and says how that ended for it. */
struct waiter { AIOT_FRAME; aiot_awaitable *target; const char *name; aiot_error seen; unsigned cancelling; };
static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_JOIN((aiot_future *)(void *)self->target);         /* whatever it is: it begins as a future does */
    } AIOT_EXCEPT_ALL {
        self->seen = aiot_caught(task);
        self->cancelling = aiot_task_cancelling(task);
        say("%s:%s ", self->name, aiot_error_name(self->seen.code));
        AIOT_RERAISE();
    }
    say("%s:ok ", self->name);
    AIOT_END();
}

struct r15_cancel_goes_to_the_wait { AIOT_FRAME; struct job job; struct waiter w; aiot_task t; aiot_future future; };
static AIOT_CORO(r15_cancel_goes_to_the_wait)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(10));
    AIOT_SLEEP(AIOT_S(1));
    CHECK(aiot_cancel(&self->t));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    CHECK(!aiot_done(&self->t));                /* in the next turn */
    AIOT_YIELD();
    CHECK_SAID("job! ");
    CHECK(aiot_cancelled(&self->t) && aiot_result(&self->t) == AIOT_ECANCELED);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));               /* its timer is gone: nothing waits for it */
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);

    aiot_future_init(&self->future, task->loop);
    AIOT_SPAWN(&self->t, waiter, &self->w, .target = &self->future.awaitable, .name = "w");
    AIOT_YIELD();
    CHECK(aiot_cancel(&self->t));
    CHECK(aiot_cancelled(&self->future));       /* a future is cancelled at once */
    AIOT_YIELD();
    CHECK_SAID("w:CancelledError ");
    CHECK_END();
}

struct r16_cancel_after_the_event_still_wins { AIOT_FRAME; struct waiter w; aiot_task t; aiot_future future; struct job job; };
static AIOT_CORO(r16_cancel_after_the_event_still_wins)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    AIOT_SPAWN(&self->t, waiter, &self->w, .target = &self->future.awaitable, .name = "w");
    AIOT_YIELD();
    aiot_future_set_result(&self->future, 5);
    CHECK(aiot_cancel(&self->t));
    AIOT_YIELD();
    CHECK_SAID("w:CancelledError ");
    CHECK_EQUAL(aiot_future_value(&self->future), 5);
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(1));       /* and when its sleep is over */
    AIOT_YIELD();
    aiot_clock_advance(task->loop, AIOT_S(2));
    AIOT_YIELD();
    CHECK(aiot_cancel(&self->t));
    AIOT_YIELD();
    CHECK_SAID("job! ");
    CHECK_END();
}

struct r17_cancel_of_what_is_done { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(r17_cancel_of_what_is_done)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job);
    AIOT_JOIN(&self->t);
    CHECK(!aiot_cancel(&self->t));
    CHECK(!aiot_task_cancel_msg(&self->t, MESSAGE));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 0);
    CHECK_EQUAL(aiot_result(&self->t), AIOT_OK);
    aiot_task never_started = { 0 };
    CHECK(!aiot_cancel(&never_started));
    CHECK_END();
}

struct r18_before_the_first_step { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(r18_before_the_first_step)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job");
    CHECK(aiot_cancel_msg(&self->t, MESSAGE));
    CHECK(aiot_cancel_msg(&self->t, OTHER));    /* 28: not started: the last message wins */
    AIOT_YIELD();
    CHECK_SAID("");                             /* its body never ran */
    CHECK(aiot_cancelled(&self->t));
    CHECK(aiot_error_of(&self->t).info == OTHER);
    CHECK_EQUAL(aiot_spawn(&self->t, job, &self->job), 0);      /* task and frame are free again */
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->job.value, 42);
    CHECK_END();
}

struct r19_several_cancels_are_one_error { AIOT_FRAME; struct job job; aiot_task t; int i; };
static AIOT_CORO(r19_several_cancels_are_one_error)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(10), .cleanup = AIOT_S(1));
    AIOT_YIELD();
    for (self->i = 0; self->i < 3; self->i++) CHECK(aiot_cancel(&self->t));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 3);
    AIOT_SLEEP(AIOT_S(5));
    CHECK_SAID("job! ");
    CHECK(aiot_cancelled(&self->t));
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(10), .swallows = true);
    AIOT_YIELD();
    for (self->i = 0; self->i < 70000; self->i++) aiot_cancel(&self->t);        /* the count does not wrap */
    CHECK(aiot_task_cancelling(&self->t) > 60000);
    AIOT_JOIN(&self->t);
    CHECK_END();
}

struct r20_cancel_cuts_the_cleanup_short { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(r20_cancel_cuts_the_cleanup_short)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(10), .cleanup = AIOT_S(5), .swallows = true);
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel(&self->t);
    AIOT_SLEEP(AIOT_S(1));
    CHECK(!aiot_done(&self->t));
    aiot_cancel(&self->t);
    AIOT_YIELD();
    CHECK(aiot_cancelled(&self->t));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_EQUAL(self->job.value, 0);
    CHECK_END();
}

struct r21_cancelling_oneself { AIOT_FRAME; aiot_future future; struct job job; };
static AIOT_CORO(r21_cancelling_oneself)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    aiot_future_set_result(&self->future, 0);
    AIOT_TRY {
        CHECK(aiot_cancel_msg(task, MESSAGE));
        AIOT_JOIN(&self->future);               /* no suspension */
        say("goes on ");
        AIOT_YIELD();
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        CHECK(aiot_caught(task).info == MESSAGE);
    }
    AIOT_TRY {
        aiot_cancel_msg(task, OTHER);
        AIOT_AWAIT(job, &self->job, .name = "job", .delay = AIOT_S(1));         /* it begins, and is cancelled at its wait */
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        CHECK(aiot_caught(task).info == OTHER);
    }
    CHECK_EQUAL(aiot_now(task->loop), 0);
    CHECK_SAID("goes on job! ");
    CHECK_END();
}

/* Whatever it waits for: the cancel goes there at once. */
struct cancels_itself {
    AIOT_FRAME; int how; aiot_future future; struct job job; aiot_task t; struct aiot_sleep sleep; aiot_timeout limit; aiot_shield guard;
    AIOT_WAIT_SET(1) set; AIOT_GATHER_SET(1) all;
};
static AIOT_CORO(cancels_itself)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(1));
    aiot_cancel_msg(task, MESSAGE);
    if (self->how == 0) AIOT_SLEEP(AIOT_FOREVER);
    if (self->how == 1) AIOT_JOIN(&self->future);
    if (self->how == 2) AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t);
    if (self->how == 3) AIOT_GATHER(&self->all, &self->t);
    if (self->how == 4) AIOT_SHIELD(&self->guard, &self->t);
    if (self->how == 5) AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->future);
    if (self->how == 6) AIOT_JOIN_FOR(&self->limit, 0, &self->future);
    if (self->how == 7) AIOT_WAIT_FOR(&self->limit, 0, aiot_sleep, &self->sleep);
    NOT_REACHED();
    AIOT_END();
}
struct r21_cancelling_oneself_at_each_wait { AIOT_FRAME; struct cancels_itself one; aiot_task t; int how; };
static AIOT_CORO(r21_cancelling_oneself_at_each_wait)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 8; self->how++) {
        AIOT_SPAWN(&self->t, cancels_itself, &self->one, .how = self->how);
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2 * self->how));
        AIOT_SLEEP(AIOT_S(2));                  /* the job ends */
    }
    CHECK_END();
}

struct r22_undelivered { AIOT_FRAME; int error; };
static AIOT_CORO(r22_undelivered)
{
    AIOT_BEGIN();
    AIOT_YIELD();
    aiot_cancel_msg(task, MESSAGE);
    if (self->error) AIOT_RAISE(self->error);
    AIOT_END();
}
struct r22_a_cancel_not_delivered_takes_the_value { AIOT_FRAME; struct r22_undelivered one; aiot_task t; };
static AIOT_CORO(r22_a_cancel_not_delivered_takes_the_value)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, r22_undelivered, &self->one);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK(aiot_cancelled(&self->t));
    AIOT_SPAWN(&self->t, r22_undelivered, &self->one, .error = 9);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(9) { }
    CHECK(!aiot_cancelled(&self->t));
    CHECK_END();
}

/* An error that is raised at once in between has its pointer where the message was, which is lost; the one is not taken for the other. */
struct fails_at_once { AIOT_FRAME; aiot_future *failed; bool sleeps; };
static AIOT_CORO(fails_at_once)
{
    AIOT_BEGIN();
    aiot_cancel_msg(task, MESSAGE);
    AIOT_TRY { AIOT_JOIN(self->failed); NOT_REACHED(); } AIOT_EXCEPT(5) { CHECK(aiot_caught(task).info == OTHER); }
    if (self->sleeps) AIOT_SLEEP(1);
    AIOT_END();
}
struct r22_a_message_is_lost { AIOT_FRAME; struct fails_at_once one; aiot_task t; aiot_future failed; int i; };
static AIOT_CORO(r22_a_message_is_lost)
{
    AIOT_BEGIN();
    aiot_future_init(&self->failed, task->loop);
    CHECK_EQUAL(aiot_future_set_error(&self->failed, 5, OTHER), 0);
    for (self->i = 0; self->i < 2; self->i++) {         /* the cancel comes at its end, or at its next wait */
        AIOT_SPAWN(&self->t, fails_at_once, &self->one, .failed = &self->failed, .sleeps = self->i == 1);
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == NULL); }
    }
    CHECK_END();
}

struct r23_swallowing_ends_normally { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(r23_swallowing_ends_normally)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(10), .swallows = true);
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_JOIN(&self->t);
    CHECK(aiot_done(&self->t) && !aiot_cancelled(&self->t) && aiot_result(&self->t) == AIOT_OK);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    CHECK_EQUAL(self->job.value, 43);
    CHECK_END();
}

struct r24_raising_it_is_being_cancelled { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(r24_raising_it_is_being_cancelled)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .error = AIOT_ECANCELED);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(aiot_cancelled(&self->t));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

struct r25_cancelling_what_is_awaited { AIOT_FRAME; aiot_future future; struct waiter w; struct job job; aiot_task t, u; };
static AIOT_CORO(r25_cancelling_what_is_awaited)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    AIOT_SPAWN(&self->t, waiter, &self->w, .target = &self->future.awaitable, .name = "w");
    AIOT_YIELD();
    aiot_cancel_msg(&self->future, MESSAGE);
    AIOT_YIELD();
    CHECK_SAID("w:CancelledError ");
    CHECK(self->w.seen.info == MESSAGE);
    CHECK_EQUAL(self->w.cancelling, 0);
    AIOT_SPAWN(&self->u, job, &self->job, .delay = AIOT_S(10), .cleanup = AIOT_S(2));
    AIOT_SPAWN(&self->t, waiter, &self->w, .target = &self->u.awaitable, .name = "w");
    AIOT_YIELD();
    aiot_cancel(&self->u);
    AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("w:CancelledError ");
    CHECK_EQUAL(self->w.cancelling, 0);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_END();
}

struct r26_down_the_chain_and_out_again { AIOT_FRAME; struct job job; struct waiter b, a; aiot_task t, u, v; };
static AIOT_CORO(r26_down_the_chain_and_out_again)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(10), .cleanup = AIOT_S(1));
    AIOT_SPAWN(&self->u, waiter, &self->b, .target = &self->t.awaitable, .name = "b");
    AIOT_SPAWN(&self->v, waiter, &self->a, .target = &self->u.awaitable, .name = "a");
    AIOT_SLEEP(1);
    CHECK(aiot_cancel_msg(&self->v, MESSAGE));
    CHECK_EQUAL(aiot_task_cancelling(&self->t) + aiot_task_cancelling(&self->u) + aiot_task_cancelling(&self->v), 3);
    AIOT_TRY { AIOT_JOIN(&self->v); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_SAID("job! b:CancelledError a:CancelledError ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1) + 1);
    CHECK_END();
}

struct r27_two_waiters_of_one_task { AIOT_FRAME; struct job job; struct waiter a, b; aiot_task t, u, v; };
static AIOT_CORO(r27_two_waiters_of_one_task)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(10));
    AIOT_SPAWN(&self->u, waiter, &self->a, .target = &self->t.awaitable, .name = "a");
    AIOT_SPAWN(&self->v, waiter, &self->b, .target = &self->t.awaitable, .name = "b");
    AIOT_SLEEP(1);
    aiot_cancel(&self->v);
    AIOT_SLEEP(1);
    CHECK_SAID("job! a:CancelledError b:CancelledError ");
    CHECK_EQUAL(self->a.cancelling, 0);
    CHECK_EQUAL(self->b.cancelling, 1);
    CHECK_END();
}

struct r28_messages { AIOT_FRAME; struct waiter w, x; aiot_task t, u; aiot_future future; };
static AIOT_CORO(r28_messages)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    AIOT_SPAWN(&self->t, waiter, &self->w, .target = &self->future.awaitable, .name = "w");
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, MESSAGE);
    aiot_cancel_msg(&self->t, OTHER);           /* the future has taken the first */
    AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK(self->w.seen.info == MESSAGE);
    AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == NULL); }        /* given once */
    AIOT_TRY { AIOT_JOIN(&self->future); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_END();
}

struct r29_uncancel_counts { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(r29_uncancel_counts)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_task_uncancel(task), 0);   /* never below 0 */
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(10), .cleanup = AIOT_S(1));
    AIOT_YIELD();
    aiot_cancel(&self->t);
    aiot_cancel(&self->t);
    CHECK_EQUAL(aiot_task_uncancel(&self->t), 1);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    CHECK_EQUAL(aiot_task_uncancel(&self->t), 0);
    CHECK_EQUAL(aiot_task_uncancel(&self->t), 0);
    AIOT_SLEEP(AIOT_S(2));
    CHECK_SAID("job! ");                        /* 31: it was on its way */
    CHECK_END();
}

/* The count stops at the greatest there is. */
struct stubborn { AIOT_FRAME; long left; };
static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    while (self->left > 0) { AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { self->left--; } }
    AIOT_END();
}
struct r29_no_count_wraps { AIOT_FRAME; struct stubborn stubborn; aiot_task t; long i; };
static AIOT_CORO(r29_no_count_wraps)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, stubborn, &self->stubborn, .left = 65537);
    for (self->i = 0; self->i < 65537; self->i++) { AIOT_YIELD(); aiot_cancel(&self->t); }
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 65535);
    AIOT_JOIN(&self->t);
    CHECK_END();
}

struct r30_uncancel_withdraws_what_is_not_delivered { AIOT_FRAME; struct job job; struct r22_undelivered one; aiot_task t; };
static AIOT_CORO(r30_uncancel_withdraws_what_is_not_delivered)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job");
    aiot_cancel(&self->t);
    aiot_cancel(&self->t);
    CHECK_EQUAL(aiot_task_uncancel(&self->t), 1);               /* one is left */
    CHECK_EQUAL(aiot_task_uncancel(&self->t), 0);
    AIOT_JOIN(&self->t);                        /* it never hears of it */
    CHECK_EQUAL(self->job.value, 42);
    aiot_cancel(task);
    aiot_task_uncancel(task);
    AIOT_YIELD();
    CHECK_SAID("");
    CHECK_END();
}

/* An error is on its way when the cancel comes, and the cancel is taken back, or not.  Their pointers do not mix; one place is for both,
 * so the message of a cancel that meets an error with a pointer is lost. */
struct r30_an_error_and_a_message { AIOT_FRAME; struct waiter w; aiot_task t; aiot_future future; int order; };
static AIOT_CORO(r30_an_error_and_a_message)
{
    AIOT_BEGIN();
    for (self->order = 0; self->order < 4; self->order++) {
        aiot_future_init(&self->future, task->loop);
        AIOT_SPAWN(&self->t, waiter, &self->w, .target = AIOT_AWAITABLE(&self->future), .name = "w");
        AIOT_YIELD();
        CHECK_EQUAL(aiot_future_set_error(&self->future, 5, self->order & 1 ? OTHER : NULL), 0);
        aiot_cancel_msg(&self->t, MESSAGE);
        if (self->order & 2) aiot_task_uncancel(&self->t);
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT_ALL { }
        CHECK_EQUAL(self->w.seen.code, self->order & 2 ? 5 : AIOT_ECANCELED);
        CHECK(self->w.seen.info == (self->order == 0 ? MESSAGE : self->order == 3 ? OTHER : NULL));
    }
    check_notes[0] = 0;
    CHECK_END();
}

/* The same when the waiter is asked while what it waits for is past taking it: a gather whose member has ended.  A cancellation that is on
 * its way stays as it is, without a message if it has none. */
struct r30_asked_too_late { AIOT_FRAME; struct waiter w; aiot_task t; aiot_future f; AIOT_GATHER_SET(1) all; int way; };
static AIOT_CORO(r30_asked_too_late)
{
    static const char *const SEEN[4] = { MESSAGE, MESSAGE, NULL, NULL };       /* the third: CPython still has the message */
    AIOT_BEGIN();
    for (self->way = 0; self->way < 4; self->way++) {
        aiot_future_init(&self->f, task->loop);
        aiot_gather(&self->all, &self->f);
        AIOT_SPAWN(&self->t, waiter, &self->w, .target = AIOT_AWAITABLE(&self->all), .name = "w");
        AIOT_YIELD();
        if (self->way == 0) aiot_future_set_result(&self->f, 1);
        if (self->way == 1) aiot_future_set_error(&self->f, 5, NULL);
        if (self->way == 2) aiot_future_set_error(&self->f, 5, OTHER);
        if (self->way == 3) aiot_cancel(&self->f);
        CHECK(aiot_cancel_msg(&self->t, MESSAGE));
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        CHECK(self->w.seen.code == AIOT_ECANCELED && self->w.seen.info == SEEN[self->way]);
    }
    check_notes[0] = 0;
    CHECK_END();
}

/* Two that wait for each other, and a gather of many that wait for one of them: each is asked through each of its ways, and no more. */
enum { WAYS = 24 };
struct joins { AIOT_FRAME; aiot_task *of; };
static AIOT_CORO(joins) { AIOT_BEGIN(); AIOT_JOIN(self->of); AIOT_END(); }
struct cycles { AIOT_FRAME; struct joins f[WAYS + 2]; aiot_task t[WAYS + 2]; AIOT_GATHER_SET(WAYS) set; aiot_awaitable *members[WAYS]; };
static AIOT_CORO(cycles)
{
    AIOT_BEGIN();
    for (int i = 0; i < WAYS + 2; i++) AIOT_SPAWN(&self->t[i], joins, &self->f[i], .of = &self->t[i == 0]);
    for (int i = 0; i < WAYS; i++) self->members[i] = AIOT_AWAITABLE(&self->t[i + 2]);
    AIOT_YIELD();
    aiot_gather_array(&self->set, self->members, WAYS);
    CHECK(aiot_cancel(&self->set));
    for (int i = 0; i < 2; i++) CHECK_EQUAL(aiot_task_cancelling(&self->t[i]), 2 * WAYS);      /* once more, to see that it is a cycle */
    for (int i = 0; i < WAYS; i++) CHECK_EQUAL(aiot_task_cancelling(&self->t[i + 2]), 1);
    AIOT_END();
}
static void cycles_in_a_gather(void)
{
    static aiot_loop loop;
    static struct cycles program;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, cycles, &program), AIOT_EDEADLK);       /* they wait for each other for good */
}

struct r32_awaited_again_and_again { AIOT_FRAME; struct job job; aiot_task t; int i; };
static AIOT_CORO(r32_awaited_again_and_again)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .error = 5);
    CHECK_EQUAL(aiot_result(&self->t), AIOT_ESTATE);            /* 33 */
    CHECK(aiot_error_of(&self->t).info == NULL);
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(5) { }
        CHECK_EQUAL(aiot_task_result(&self->t), 5);
        CHECK(aiot_task_done(&self->t) && !aiot_task_cancelled(&self->t));
    }
    CHECK_END();
}

/* Names: that of the coroutine, unless set. */
struct names { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(names)
{
    AIOT_BEGIN();
    aiot_task_set_name(&self->t, "early");      /* there is nobody to have it yet */
    CHECK(strcmp(aiot_task_name(&self->t), "task") == 0);
    AIOT_SPAWN(&self->t, job, &self->job);
    CHECK(strcmp(aiot_task_name(task), "names") == 0 && strcmp(aiot_task_name(&self->t), "job") == 0);
    aiot_task_set_name(&self->t, NULL);
    CHECK(strcmp(aiot_task_name(&self->t), "task") == 0);
    aiot_task_set_name(&self->t, "worker");
    AIOT_JOIN(&self->t);
    CHECK(strcmp(aiot_task_name(&self->t), "worker") == 0);
    CHECK(aiot_current_task(task->loop) == task);
    CHECK_END();
}

/* 21: the wait is for a gather whose members have all ended, so nobody takes the cancel: it comes at the end of the wait. */
struct r21_nobody_takes_it { AIOT_FRAME; struct job job; aiot_task t; AIOT_GATHER_SET(1) all; };
static AIOT_CORO(r21_nobody_takes_it)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job);
    aiot_gather(&self->all, &self->t);
    AIOT_YIELD();
    AIOT_YIELD();
    CHECK(aiot_done(&self->t) && !aiot_done(&self->all));
    aiot_cancel(task);
    AIOT_TRY { AIOT_JOIN(&self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK_EQUAL(aiot_result(&self->all), AIOT_OK);
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    CHECK_SAID("cancelled ");
    CHECK_END();
}

int main(void)
{
    RUN(r15_cancel_goes_to_the_wait);
    RUN(r16_cancel_after_the_event_still_wins);
    RUN(r17_cancel_of_what_is_done);
    RUN(r18_before_the_first_step);
    RUN(r19_several_cancels_are_one_error);
    RUN(r20_cancel_cuts_the_cleanup_short);
    RUN(r21_cancelling_oneself);
    RUN(r21_cancelling_oneself_at_each_wait);
    RUN(r22_a_cancel_not_delivered_takes_the_value);
    RUN(r22_a_message_is_lost);
    RUN(r23_swallowing_ends_normally);
    RUN(r24_raising_it_is_being_cancelled);
    RUN(r25_cancelling_what_is_awaited);
    RUN(r26_down_the_chain_and_out_again);
    RUN(r27_two_waiters_of_one_task);
    RUN(r28_messages);
    RUN(r29_uncancel_counts);
    RUN(r29_no_count_wraps);
    RUN(r30_uncancel_withdraws_what_is_not_delivered);
    RUN(r30_an_error_and_a_message);
    RUN(r30_asked_too_late);
    RUN(r32_awaited_again_and_again);
    cycles_in_a_gather();
    RUN(names);
    RUN(r21_nobody_takes_it);
    return 0;
}
