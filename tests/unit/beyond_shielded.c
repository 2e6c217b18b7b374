/* beyond_shielded.c - the shielded block: rules 6 to 13 of tests/beyond/README.md. */
#include "check.h"
#include "job.h"

#if AIOT_TIME_BITS != 64
static volatile int64_t too_long = 3000000000;   /* as a constant it would not compile */
#endif

static char MESSAGE[] = "message", OTHER[] = "other";

/* Turns are counted by a task that yields all the time. It is the first in each turn, and the clock stands meanwhile. */
static int turn;
struct counter { AIOT_FRAME; };
static AIOT_CORO(counter) { AIOT_BEGIN(); for (;;) { turn++; AIOT_YIELD(); } AIOT_END(); }
struct count { aiot_task task; struct counter frame; };
#define COUNT_TURNS(count) do { turn = 0; AIOT_SPAWN(&(count)->task, counter, &(count)->frame); } while (0)

/* Sleeps `inside` in a shielded block, then `behind` it, and says what it sees. */
struct worker {
    AIOT_FRAME; aiot_time limit, inside, behind; int how; aiot_guard g; unsigned counted; const void *info; struct job job; aiot_timeout outer;
};
static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SHIELDED(&self->g, self->limit) {
            AIOT_SLEEP(self->inside);
            self->counted = aiot_task_cancelling(task);
            say("inside:%u ", self->counted);
            if (self->how == 1) break;
            if (self->how == 2) AIOT_RETURN();
            if (self->how == 3) AIOT_RAISE(7);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            CHECK(aiot_caught(task).info == &self->g);
            say("timeout:%u ", aiot_task_cancelling(task));
        }
        say("behind:%u ", aiot_task_cancelling(task));
        if (self->behind) AIOT_SLEEP(self->behind);
        say("end ");
    } AIOT_EXCEPT_ALL {
        self->info = aiot_caught(task).info;
        say("%s ", aiot_error_name(aiot_caught(task).code));
        AIOT_RERAISE();
    }
    AIOT_END();
}
#define START(...) CHECK_EQUAL(aiot_spawn(&self->t, worker, &self->w, .limit = AIOT_FOREVER, __VA_ARGS__), 0)
#define JOIN_ANY(t) AIOT_TRY { AIOT_JOIN(t); } AIOT_EXCEPT_ALL { }

struct b6_counted_at_once_and_held { AIOT_FRAME; struct worker w; aiot_task t; };
static AIOT_CORO(b6_counted_at_once_and_held)
{
    AIOT_BEGIN();
    START(.inside = AIOT_S(2), .behind = AIOT_S(9));
    AIOT_SLEEP(AIOT_S(1));
    CHECK(aiot_cancel_msg(&self->t, MESSAGE));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    CHECK(aiot_cancel_msg(&self->t, OTHER));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 2);
    JOIN_ANY(&self->t);
    CHECK_SAID("inside:2 behind:2 CancelledError ");            /* one error, with the last message */
    CHECK(self->w.info == OTHER);
    CHECK(aiot_cancelled(&self->t));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 2);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_END();
}

/* A cancel of the task by itself, by a waiter, by a limit around the block. */
struct cancels_itself { AIOT_FRAME; aiot_guard g; };
static AIOT_CORO(cancels_itself)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        aiot_cancel(task);
        say("%u ", aiot_task_cancelling(task));
        AIOT_YIELD();
        AIOT_SLEEP(AIOT_S(1));
        say("held ");
    }
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    AIOT_END();
}
struct waiter { AIOT_FRAME; aiot_task *t; aiot_timeout limit; aiot_time delay; };
static AIOT_CORO(waiter) { AIOT_BEGIN(); AIOT_JOIN_FOR(&self->limit, self->delay, self->t); AIOT_END(); }

struct b6_what_comes_from_outside { AIOT_FRAME; struct worker w; struct cancels_itself c; struct waiter waiter; aiot_task t, u; aiot_timeout limit; };
static AIOT_CORO(b6_what_comes_from_outside)
{
    AIOT_BEGIN();
    AIOT_AWAIT(cancels_itself, &self->c);                       /* the task's own */
    CHECK_SAID("1 held cancelled ");
    CHECK_EQUAL(aiot_task_uncancel(task), 0);

    START(.inside = AIOT_S(2), .behind = AIOT_S(1));            /* one that a waiter passes on */
    AIOT_SPAWN(&self->u, waiter, &self->waiter, .t = &self->t, .delay = AIOT_FOREVER);
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel(&self->u);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    AIOT_YIELD();
    CHECK(!aiot_done(&self->u));
    JOIN_ANY(&self->u);
    CHECK(aiot_cancelled(&self->u) && aiot_cancelled(&self->t));
    CHECK_SAID("inside:1 behind:1 CancelledError ");

    START(.inside = AIOT_S(2), .behind = AIOT_S(1));            /* one of a waiter's limit */
    AIOT_SPAWN(&self->u, waiter, &self->waiter, .t = &self->t, .delay = AIOT_S(1));
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->waiter.limit); }
    CHECK_SAID("inside:1 behind:1 CancelledError ");

    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {                     /* the strike of a limit around the block, two coroutines further out */
        AIOT_AWAIT(worker, &self->w, .limit = AIOT_FOREVER, .inside = AIOT_S(2), .behind = AIOT_S(1));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_caught(task).info == &self->limit);
    }
    CHECK_SAID("inside:1 behind:1 CancelledError ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(7));
    CHECK_END();
}

/* The abort of a group whose block is around the shielded one, and of a group to which the task belongs. */
struct b6_the_abort_of_a_group { AIOT_FRAME; aiot_group g; aiot_group_task t[2]; struct worker w; struct job job; };
static AIOT_CORO(b6_the_abort_of_a_group)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        aiot_group_spawn(&self->g, &self->t[0], job, &self->job, .delay = AIOT_S(1), .error = 7);
        AIOT_AWAIT(worker, &self->w, .limit = AIOT_FOREVER, .inside = AIOT_S(2), .behind = AIOT_S(5));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("inside:1 behind:1 CancelledError group ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_SLEEP(AIOT_S(1));
    AIOT_GROUP(&self->g) {                                      /* the body ends without another wait */
        aiot_group_spawn(&self->g, &self->t[0], job, &self->job, .delay = AIOT_S(1), .error = 7);
        AIOT_AWAIT(worker, &self->w, .limit = AIOT_FOREVER, .inside = AIOT_S(2));
        say("body ");
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("inside:1 behind:1 end body group ");
    AIOT_YIELD();
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_GROUP(&self->g) {                                      /* a task of the group */
        aiot_group_spawn(&self->g, &self->t[0], job, &self->job, .delay = AIOT_S(1), .error = 7);
        aiot_group_spawn(&self->g, &self->t[1], worker, &self->w, .limit = AIOT_FOREVER, .inside = AIOT_S(2), .behind = AIOT_S(5));
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("inside:1 behind:1 CancelledError group ");
    CHECK(aiot_cancelled(&self->t[1]));
    AIOT_GROUP(&self->g) {                                      /* aiot_group_cancel() */
        aiot_group_spawn(&self->g, &self->t[1], worker, &self->w, .limit = AIOT_FOREVER, .inside = AIOT_S(2), .behind = AIOT_S(5));
        AIOT_YIELD();
        aiot_group_cancel(&self->g);
        AIOT_YIELD();
        NOT_REACHED();
    }
    CHECK_SAID("inside:1 behind:1 CancelledError ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(9));
    CHECK_END();
}

/* A limit and a group in which the block stands, left without a wait: each takes its own request back. */
struct b9_no_wait_follows { AIOT_FRAME; struct worker w; aiot_timeout limit; aiot_task t; };
static AIOT_CORO(b9_no_wait_follows)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_AWAIT(worker, &self->w, .limit = AIOT_FOREVER, .inside = AIOT_S(2));
    } AIOT_EXCEPT_ALL { NOT_REACHED(); }
    CHECK(aiot_timeout_expired(&self->limit));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();
    CHECK_SAID("inside:1 behind:1 end ");
    START(.inside = AIOT_S(2));                                 /* a task that ends is cancelled */
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, MESSAGE);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_SAID("inside:1 behind:1 end ");
    CHECK(aiot_cancelled(&self->t));
    CHECK_END();
}

/* Whatever the way out: normal, break, AIOT_RETURN, an error, the block's own limit. */
struct b9_whatever_the_way_out { AIOT_FRAME; struct worker w; aiot_task t; int how; };
static AIOT_CORO(b9_whatever_the_way_out)
{
    static const char *const said[] = { "inside:1 behind:1 CancelledError ", "inside:1 behind:1 CancelledError ", "inside:1 ", "inside:1 AppError ",
                                        "timeout:1 behind:1 CancelledError " };
    AIOT_BEGIN();
    for (self->how = 0; self->how < 5; self->how++) {
        START(.how = self->how, .inside = AIOT_S(4), .behind = AIOT_S(1));
        AIOT_YIELD();
        if (self->how == 4) CHECK_EQUAL(aiot_timeout_reschedule(&self->w.g.limit, aiot_now(task->loop) + AIOT_S(2)), 0);
        aiot_cancel(&self->t);
        JOIN_ANY(&self->t);
        CHECK_SAID(said[self->how]);
        CHECK_EQUAL(aiot_result(&self->t), self->how == 3 ? 7 : AIOT_ECANCELED);        /* an error that leaves the block goes on */
        CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    }
    CHECK_END();
}

/* 9: an error of the block goes on through a coroutine. The next wait behind it raises the cancel, with its message. */
struct fails_in_a_block { AIOT_FRAME; aiot_guard g; };
static AIOT_CORO(fails_in_a_block)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        aiot_cancel_msg(task, MESSAGE);
        AIOT_SLEEP(AIOT_S(1));
        AIOT_RAISE_INFO(7, OTHER);
    }
    AIOT_END();
}
struct b9_an_error_goes_on_and_the_cancel_follows { AIOT_FRAME; struct fails_in_a_block one; };
static AIOT_CORO(b9_an_error_goes_on_and_the_cancel_follows)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_AWAIT(fails_in_a_block, &self->one); NOT_REACHED(); }
    AIOT_EXCEPT(7) { CHECK(aiot_caught(task).info == OTHER); }
    CHECK_EQUAL(aiot_task_cancelling(task), 1);
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK_SAID("cancelled ");
    AIOT_YIELD();
    CHECK_END();
}

/* 9: the error that leaves the coroutine takes the place of the message. */
struct b9_an_error_takes_the_messages_place { AIOT_FRAME; struct fails_in_a_block one; };
static AIOT_CORO(b9_an_error_takes_the_messages_place)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_AWAIT(fails_in_a_block, &self->one); NOT_REACHED(); } AIOT_EXCEPT(7) { }
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == NULL); }
    CHECK_END();
}

struct b7_no_turn { AIOT_FRAME; struct count count; aiot_guard g, h; };
static AIOT_CORO(b7_no_turn)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    AIOT_YIELD();
    AIOT_SHIELDED(&self->g, AIOT_S(1)) { AIOT_SHIELDED(&self->h, 0) { aiot_cancel(task); } }
    CHECK_EQUAL(turn, 1);
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(turn, 2);
    CHECK_END();
}

/* A task that is spawned in the block is not inside. */
struct b7_spawned_tasks_are_not_inside { AIOT_FRAME; aiot_guard g; struct job job; aiot_task t; };
static AIOT_CORO(b7_spawned_tasks_are_not_inside)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(5));
        AIOT_SLEEP(AIOT_S(1));
        aiot_cancel(&self->t);
        AIOT_YIELD();
        CHECK_SAID("job! ");
        CHECK(aiot_cancelled(&self->t));
        AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(5));
        AIOT_YIELD();
        aiot_cancel(task);                                      /* the waiter is shielded: nothing reaches the job */
        AIOT_JOIN(&self->t);
        CHECK_EQUAL(self->job.value, 42);
    }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);                   /* behind the block it is an ordinary pending request */
    AIOT_YIELD();
    CHECK_END();
}

/* 8: a limit in the block strikes one turn before, in the turn of, and one turn after a cancel from outside. */
struct inner { AIOT_FRAME; aiot_guard g; aiot_timeout limit; };
static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(9)); NOT_REACHED(); } AIOT_EXCEPT_ALL {
            CHECK_EQUAL(aiot_caught(task).code, AIOT_ETIMEDOUT);
            CHECK(aiot_caught(task).info == &self->limit);
            say("timeout ");
        }
        AIOT_SLEEP(AIOT_S(1));
        say("inside:%u ", aiot_task_cancelling(task));
    }
    AIOT_YIELD();
    NOT_REACHED();
    AIOT_END();
}
static int again_after;                          /* turns until the cancel */
static aiot_handle soon;
static int cancel_soon(void *task)
{
    if (again_after-- > 0) aiot_call_soon(((aiot_task *)task)->loop, &soon, cancel_soon, task);
    else aiot_cancel((aiot_task *)task);
    return 0;
}
struct b8_a_limit_in_the_block_in_the_instant_of_a_cancel { AIOT_FRAME; struct inner inner; aiot_task t; aiot_handle later; int first, after; };
static AIOT_CORO(b8_a_limit_in_the_block_in_the_instant_of_a_cancel)
{
    AIOT_BEGIN();
    for (self->first = 0; self->first < 2; self->first++) {
        for (self->after = 0; self->after < 4; self->after++) {
            again_after = self->after;
            if (self->first) aiot_call_later(task->loop, &self->later, AIOT_S(1), cancel_soon, &self->t);
            AIOT_SPAWN(&self->t, inner, &self->inner);
            AIOT_YIELD();
            if (!self->first) aiot_call_later(task->loop, &self->later, AIOT_S(1), cancel_soon, &self->t);
            JOIN_ANY(&self->t);
            CHECK_SAID("timeout inside:1 ");
            CHECK(aiot_cancelled(&self->t) && aiot_task_cancelling(&self->t) == 1);
        }
    }
    CHECK_END();
}

/* 8: a group in the block, while a cancel is held. */
struct b8_a_group_in_the_block { AIOT_FRAME; aiot_guard g; aiot_group group; aiot_group_task t[2]; struct job job[2]; };
static AIOT_CORO(b8_a_group_in_the_block)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        aiot_cancel(task);
        AIOT_GROUP(&self->group) {
            aiot_group_spawn(&self->group, &self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9));
            aiot_group_spawn(&self->group, &self->t[1], job, &self->job[1], .delay = AIOT_S(1), .error = 7);
            AIOT_SLEEP(AIOT_S(5));
            NOT_REACHED();
        } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
        AIOT_YIELD();                                           /* the held request is not asked again by the group */
        CHECK_SAID("a! group ");
        AIOT_GROUP(&self->group) {
            aiot_group_spawn(&self->group, &self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9));
            AIOT_YIELD();
            aiot_group_cancel(&self->group);
            AIOT_YIELD();
            NOT_REACHED();
        }
        CHECK_SAID("a! ");
        CHECK_EQUAL(aiot_task_cancelling(task), 1);
    }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    CHECK_END();
}

/* 8: a limit in the block strikes the holder of a group that fails. The group asks for that cancel again: it is not held by the block. */
struct b8_a_group_asks_again_in_the_block {
    AIOT_FRAME_DEPTH(2); aiot_guard g; aiot_timeout limit; aiot_group group; aiot_group_task t; struct job job;
};
static AIOT_CORO(b8_a_group_asks_again_in_the_block)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
            AIOT_GROUP(&self->group) {
                aiot_group_spawn(&self->group, &self->t, job, &self->job, .delay = AIOT_S(9), .late_error = 7);
            } AIOT_EXCEPT(AIOT_EGROUP) {
                say("group ");
                AIOT_YIELD();
                say("the request was lost ");
            }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
        CHECK_SAID("group timeout ");
    }
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();
    CHECK_END();
}

/* 10: a cancel that was asked for before the block, and is not delivered yet. */
struct b10_a_cancel_from_before { AIOT_FRAME; aiot_guard g; };
static AIOT_CORO(b10_a_cancel_from_before)
{
    AIOT_BEGIN();
    aiot_cancel_msg(task, MESSAGE);
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        CHECK_EQUAL(aiot_task_cancelling(task), 1);
        AIOT_YIELD();
        AIOT_SLEEP(AIOT_S(1));
        CHECK_EQUAL(aiot_task_cancelling(task), 1);
    }
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    AIOT_SHIELDED(&self->g, AIOT_S(1)) { AIOT_YIELD(); }        /* delivered: it does not come again */
    AIOT_YIELD();
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    aiot_cancel(task);                                          /* taken back inside */
    AIOT_SHIELDED(&self->g, AIOT_S(1)) { CHECK_EQUAL(aiot_task_uncancel(task), 0); }
    AIOT_YIELD();
    CHECK_END();
}

/* 8, 10: such a cancel does not count for a limit, nor for a group, inside. */
struct b10_it_does_not_count_inside { AIOT_FRAME; aiot_guard g; aiot_timeout limit; aiot_group group; aiot_group_task t; struct job job; };
static AIOT_CORO(b10_it_does_not_count_inside)
{
    AIOT_BEGIN();
    aiot_cancel(task);
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
        CHECK_SAID("timeout ");
        AIOT_GROUP(&self->group) {
            aiot_group_spawn(&self->group, &self->t, job, &self->job, .delay = AIOT_S(1), .error = 7);
            AIOT_SLEEP(AIOT_S(5));
        } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
        CHECK_SAID("group ");
        AIOT_TRY { AIOT_YIELD(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("the group asked again "); }
        CHECK_SAID("");
        AIOT_GROUP(&self->group) { aiot_group_cancel(&self->group); AIOT_SLEEP(1); }
        CHECK_EQUAL(aiot_task_cancelling(task), 1);
    }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    CHECK_END();
}
/* 8, 10: of two from before one request is held. The other counts for a group inside, as one does that was delivered before. The group asks for
 * a cancel again, which has no message. As all requests are older than the block, it is held, too. */
struct b8_b10_two_from_before { AIOT_FRAME; aiot_guard g; aiot_group group; aiot_group_task t; struct job job; int delivered; };
static AIOT_CORO(b8_b10_two_from_before)
{
    AIOT_BEGIN();
    for (self->delivered = 0; self->delivered < 2; self->delivered++) {
        aiot_cancel(task);
        AIOT_TRY { if (self->delivered) AIOT_YIELD(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        aiot_cancel_msg(task, MESSAGE);
        AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
            CHECK_EQUAL(aiot_task_cancelling(task), 2);
            AIOT_GROUP(&self->group) {
                aiot_group_spawn(&self->group, &self->t, job, &self->job, .delay = AIOT_S(1), .error = 7);
                AIOT_SLEEP(AIOT_S(5));
            } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
            AIOT_YIELD();
            CHECK_EQUAL(aiot_task_cancelling(task), 2);
        }
        AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == NULL); }
        CHECK_SAID("group ");
        AIOT_YIELD();                                           /* one error */
        CHECK_EQUAL(aiot_task_uncancel(task), 1);
        CHECK_EQUAL(aiot_task_uncancel(task), 0);
    }
    CHECK_END();
}
/* A limit inside strikes the running task, and its block ends without a wait: it takes its own request back, and nothing is left. */
struct b10_a_limit_that_is_not_waited_for { AIOT_FRAME; aiot_guard g; aiot_timeout limit; aiot_future f; };
static int set_future(void *f) { return aiot_future_set_result((aiot_future *)f, 1); }
static AIOT_CORO(b10_a_limit_that_is_not_waited_for)
{
    AIOT_BEGIN();
    aiot_cancel(task);
    aiot_future_init(&self->f, task->loop);
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limit, 0) {                         /* its timer is the first in the next turn */
            aiot_call_soon(task->loop, &soon, set_future, &self->f);
            AIOT_TRY { AIOT_JOIN(&self->f); } AIOT_EXCEPT(AIOT_ECANCELED) { say("struck "); }
            CHECK(aiot_timeout_expired(&self->limit));
        }
        CHECK_SAID("struck ");
        AIOT_YIELD();
    }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    AIOT_YIELD();
    aiot_cancel(task);
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
            AIOT_YIELD();
            aiot_clock_advance(task->loop, AIOT_S(2));
            AIOT_YIELD();                                       /* back before the timer that is now due */
            AIOT_YIELD();                                       /* struck in that turn: this one sees it */
            NOT_REACHED();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
        AIOT_YIELD();
        CHECK_SAID("timeout ");
    }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    CHECK_END();
}

/* 11: nested. */
struct nest { AIOT_FRAME; aiot_guard outer, inner; aiot_timeout between; bool has_limit; };
static AIOT_CORO(nest)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->outer, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->between, self->has_limit ? AIOT_S(2) : AIOT_FOREVER) {
            AIOT_SHIELDED(&self->inner, AIOT_FOREVER) {
                AIOT_SLEEP(AIOT_S(4));
                say("inner:%u ", aiot_task_cancelling(task));
            }
            say("between:%u ", aiot_task_cancelling(task));
            AIOT_SLEEP(AIOT_S(1));
            say("on ");
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->between); say("timeout "); }
        AIOT_SLEEP(AIOT_S(1));
        say("outer:%u ", aiot_task_cancelling(task));
    }
    AIOT_SLEEP(AIOT_S(1));
    NOT_REACHED();
    AIOT_END();
}
struct b11_held_by_the_outermost_block_that_it_comes_from_outside_of { AIOT_FRAME; struct nest nest; aiot_task t; };
static AIOT_CORO(b11_held_by_the_outermost_block_that_it_comes_from_outside_of)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, nest, &self->nest);
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel_msg(&self->t, MESSAGE);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_SAID("inner:1 between:1 on outer:1 ");
    AIOT_SPAWN(&self->t, nest, &self->nest, .has_limit = true);
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel(&self->t);                                      /* the outer one holds this, the inner one the limit's */
    AIOT_SLEEP(AIOT_S(2));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 2);
    JOIN_ANY(&self->t);
    CHECK(aiot_cancelled(&self->t));
    CHECK_SAID("inner:2 between:2 timeout outer:1 ");
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    CHECK_END();
}

struct b12_the_guards_own_limit { AIOT_FRAME; aiot_guard g; aiot_timeout limit; struct job job; };
static AIOT_CORO(b12_the_guards_own_limit)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_S(1)) {
        AIOT_AWAIT(job, &self->job, .name = "job", .delay = AIOT_S(9), .cleanup = AIOT_S(1));   /* inside it is a cancel, as ever */
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_caught(task).info == &self->g);
        CHECK(aiot_timeout_expired(&self->g.limit));
    }
    CHECK_SAID("job! ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    AIOT_SHIELDED(&self->g, AIOT_S(1)) { AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) { } say("swallowed "); }
    CHECK_SAID("swallowed ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_SHIELDED(&self->g, 0) { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("at once "); }
    AIOT_SHIELDED(&self->g, -1) { say("no wait "); }
    AIOT_SHIELDED(&self->g, AIOT_S(1)) {
        CHECK_EQUAL(aiot_timeout_reschedule(&self->g.limit, aiot_now(task->loop) + AIOT_S(4)), 0);
        AIOT_SLEEP(AIOT_S(3));
    }
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {                     /* both limits in one instant: each ends its own block */
        AIOT_SHIELDED(&self->g, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(9)); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            CHECK(aiot_caught(task).info == &self->g);
            say("guard ");
        }
        AIOT_YIELD();
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); say("limit "); }
    CHECK_SAID("at once no wait guard limit ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}

struct b13_a_held_request_is_taken_back { AIOT_FRAME; aiot_guard g, h; aiot_timeout limit; };
static AIOT_CORO(b13_a_held_request_is_taken_back)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        aiot_cancel(task);
        aiot_cancel(task);
        CHECK_EQUAL(aiot_task_uncancel(task), 1);
        CHECK_EQUAL(aiot_task_uncancel(task), 0);
        CHECK_EQUAL(aiot_task_uncancel(task), 0);
        AIOT_YIELD();
    }
    AIOT_YIELD();                                               /* withdrawn */
    AIOT_TRY { aiot_cancel(task); AIOT_YIELD(); } AIOT_EXCEPT(AIOT_ECANCELED) { }            /* one that was delivered goes first */
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        aiot_cancel_msg(task, MESSAGE);
        CHECK_EQUAL(aiot_task_cancelling(task), 2);
        CHECK_EQUAL(aiot_task_uncancel(task), 1);
    }
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {                     /* of the innermost block that holds any */
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
            AIOT_SHIELDED(&self->h, AIOT_FOREVER) {
                aiot_cancel(task);
                AIOT_SLEEP(AIOT_S(2));
                CHECK_EQUAL(aiot_task_cancelling(task), 2);
                CHECK_EQUAL(aiot_task_uncancel(task), 1);       /* that of the limit: its end finds none of its own */
            }
            AIOT_YIELD();                                       /* nothing is delivered here */
            say("on ");
        }
        CHECK_EQUAL(aiot_task_cancelling(task), 1);
    }
    CHECK_SAID("on ");
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("outer "); }
    CHECK_SAID("outer ");
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    CHECK_END();
}
/* 10, 13: a request from before the outer block is a held one, too: the innermost block's goes first. */
struct b13_a_request_from_before_is_a_held_one { AIOT_FRAME; aiot_guard g, h; aiot_timeout limit; };
static AIOT_CORO(b13_a_request_from_before_is_a_held_one)
{
    AIOT_BEGIN();
    aiot_cancel_msg(task, MESSAGE);
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
            AIOT_SHIELDED(&self->h, AIOT_FOREVER) {
                AIOT_SLEEP(AIOT_S(2));
                CHECK_EQUAL(aiot_task_cancelling(task), 2);
                CHECK_EQUAL(aiot_task_uncancel(task), 1);       /* that of the limit, held by the inner block */
            }
            AIOT_YIELD();
            say("on ");
        } AIOT_EXCEPT_ALL { say("%s ", aiot_error_name(aiot_caught(task).code)); }
    }
    CHECK_SAID("on ");
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    CHECK_END();
}

/* Adjacent turns: the cancel comes n turns after the start of a task that is in its block from its first turn to its fourth. */
struct short_block { AIOT_FRAME; aiot_guard g; };
static AIOT_CORO(short_block)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) { say("1 "); AIOT_YIELD(); say("2 "); AIOT_YIELD(); say("3 "); }
    AIOT_YIELD();
    say("4 ");
    AIOT_END();
}
struct b6_b9_in_each_turn { AIOT_FRAME; struct short_block block; aiot_task t; aiot_handle handle; int first, n; };
static AIOT_CORO(b6_b9_in_each_turn)
{
    static const char *const said[2][5] = {             /* the cancel comes behind the task's step, or before it */
        { "1 2 3 ", "1 2 3 ", "1 2 3 ", "1 2 3 4 ", "1 2 3 4 " },
        { "", "1 2 3 ", "1 2 3 ", "1 2 3 ", "1 2 3 4 " }
    };
    static const bool cancelled[2][5] = { { true, true, true, false, false }, { true, true, true, true, false } };
    AIOT_BEGIN();
    for (self->first = 0; self->first < 2; self->first++) {
        for (self->n = 0; self->n < 5; self->n++) {
            again_after = self->n;
            if (self->first) aiot_call_soon(task->loop, &soon, cancel_soon, &self->t);
            AIOT_SPAWN(&self->t, short_block, &self->block);
            if (!self->first) aiot_call_soon(task->loop, &soon, cancel_soon, &self->t);
            JOIN_ANY(&self->t);
            aiot_handle_cancel(&soon);
            CHECK_SAID(said[self->first][self->n]);
            CHECK_EQUAL(aiot_cancelled(&self->t), cancelled[self->first][self->n]);
        }
    }
    CHECK_END();
}

/* A shielded block in FINALLY: clean-up that neither a second cancel nor the limit around it cuts. */
struct cleans { AIOT_FRAME_DEPTH(2); aiot_guard g; aiot_time limit; };
static AIOT_CORO(cleans)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_FINALLY {
        AIOT_SHIELDED(&self->g, self->limit) { AIOT_SLEEP(AIOT_S(2)); say("clean "); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("too long "); }
    }
    AIOT_END();
}
struct b9_in_finally { AIOT_FRAME; struct cleans cleans; aiot_task t; aiot_timeout limit; };
static AIOT_CORO(b9_in_finally)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, cleans, &self->cleans, .limit = AIOT_FOREVER);
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, MESSAGE);
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel_msg(&self->t, OTHER);
    JOIN_ANY(&self->t);
    CHECK_SAID("clean ");
    CHECK(aiot_cancelled(&self->t) && aiot_task_cancelling(&self->t) == 2);
    AIOT_SPAWN(&self->t, cleans, &self->cleans, .limit = AIOT_S(1));
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("too long ");
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_AWAIT(cleans, &self->cleans, .limit = AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("clean timeout ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* The end of the run cancels what is left over, and waits for it: a shielded block comes to its end. */
struct left_over { AIOT_FRAME; aiot_task *t; struct worker *w; };
static AIOT_CORO(left_over)
{
    AIOT_BEGIN();
    AIOT_SPAWN(self->t, worker, self->w, .limit = AIOT_FOREVER, .inside = AIOT_S(2), .behind = AIOT_S(2));
    AIOT_YIELD();
    CHECK_END();
}
static void b6_the_end_of_the_run(void)
{
    static aiot_loop loop;
    static struct left_over main_frame;
    static struct worker w;
    static aiot_task t;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, left_over, &main_frame, .t = &t, .w = &w), AIOT_OK);
    CHECK_SAID("inside:1 behind:1 CancelledError ");
    CHECK(aiot_cancelled(&t));
    CHECK_EQUAL(aiot_now(&loop), AIOT_S(2));
}

/* A guard in use, by this task or another one. Refused, it stays as it is, and is free again behind its block. */
struct uses { AIOT_FRAME; aiot_guard *g; };
static AIOT_CORO(uses)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(self->g, AIOT_FOREVER) { say("in "); AIOT_SLEEP(AIOT_S(1)); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("refused "); }
    AIOT_END();
}
struct b6_a_guard_in_use { AIOT_FRAME; aiot_guard g; struct uses uses; aiot_task t; int i; };
static AIOT_CORO(b6_a_guard_in_use)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_SHIELDED(&self->g, AIOT_S(3)) {
            aiot_cancel(task);
            AIOT_SHIELDED(&self->g, AIOT_S(1)) { NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("refused "); }
            CHECK_COMPLAINED(1);
            AIOT_SPAWN(&self->t, uses, &self->uses, .g = &self->g);
            AIOT_JOIN(&self->t);
            CHECK_COMPLAINED(1);
            CHECK_EQUAL(aiot_task_uncancel(task), 0);           /* still held by the block that is open */
            AIOT_SLEEP(AIOT_S(1));
        }
        CHECK_SAID("refused refused ");
        AIOT_SPAWN(&self->t, uses, &self->uses, .g = &self->g);
        AIOT_JOIN(&self->t);
        CHECK_SAID("in ");
    }
#if AIOT_TIME_BITS != 64
    AIOT_SHIELDED(&self->g, too_long) { NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too long "); }
    CHECK_SAID("too long ");
    AIOT_SHIELDED(&self->g, 1) { }
#endif
    CHECK_END();
}

/* Neither what a block holds nor what it hands over wraps. */
struct b6_no_count_wraps { AIOT_FRAME; aiot_guard g; aiot_timeout limit; };
static AIOT_CORO(b6_no_count_wraps)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        for (long i = 0; i < 65537; i++) aiot_cancel(task);
        CHECK_EQUAL(aiot_task_cancelling(task), 65535);
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
            AIOT_TRY { AIOT_SLEEP(AIOT_S(2)); } AIOT_EXCEPT(AIOT_ECANCELED) { AIOT_RAISE(7); }
        } AIOT_EXCEPT(7) { }
        CHECK_EQUAL(aiot_task_cancelling(task), 65535);
    }
    CHECK_EQUAL(aiot_task_cancelling(task), 65535);
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {                     /* more than were there before come in the block */
        aiot_cancel(task);
        CHECK_EQUAL(aiot_task_cancelling(task), 65535);         /* it stays at its end */
    }
    CHECK_EQUAL(aiot_task_cancelling(task), 65535);
    while (aiot_task_uncancel(task) > 0) { }
    AIOT_YIELD();
    CHECK_END();
}

/* Of two requests of the block's own, one is taken back: the held one stays. */
struct b13_two_of_the_blocks_own { AIOT_FRAME; aiot_guard g; aiot_timeout limit, other; };
static AIOT_CORO(b13_two_of_the_blocks_own)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        aiot_cancel(task);
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
            AIOT_TIMEOUT(&self->other, AIOT_S(1)) {
                AIOT_TRY {
                    AIOT_SLEEP(AIOT_S(2));
                } AIOT_EXCEPT(AIOT_ECANCELED) {
                    CHECK_EQUAL(aiot_task_cancelling(task), 3);
                    CHECK_EQUAL(aiot_task_uncancel(task), 2);
                    AIOT_RERAISE();
                }
            }
        } AIOT_EXCEPT_ALL { say("struck "); }
        CHECK_EQUAL(aiot_task_cancelling(task), 1);
    }
    CHECK_SAID("struck ");
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_END();
}

int main(void)
{
    RUN(b6_counted_at_once_and_held);
    RUN(b6_what_comes_from_outside);
    RUN(b6_the_abort_of_a_group);
    RUN(b6_b9_in_each_turn);
    b6_the_end_of_the_run();
    RUN(b6_a_guard_in_use);
    RUN(b7_no_turn);
    RUN(b7_spawned_tasks_are_not_inside);
    RUN(b8_a_limit_in_the_block_in_the_instant_of_a_cancel);
    RUN(b8_a_group_in_the_block);
    RUN(b8_a_group_asks_again_in_the_block);
    RUN(b9_no_wait_follows);
    RUN(b9_whatever_the_way_out);
    RUN(b9_an_error_goes_on_and_the_cancel_follows);
    RUN(b9_an_error_takes_the_messages_place);
    RUN(b9_in_finally);
    RUN(b10_a_cancel_from_before);
    RUN(b10_it_does_not_count_inside);
    RUN(b8_b10_two_from_before);
    RUN(b10_a_limit_that_is_not_waited_for);
    RUN(b11_held_by_the_outermost_block_that_it_comes_from_outside_of);
    RUN(b12_the_guards_own_limit);
    RUN(b13_a_held_request_is_taken_back);
    RUN(b13_a_request_from_before_is_a_held_one);
    RUN(b6_no_count_wraps);
    RUN(b13_two_of_the_blocks_own);
    return 0;
}
