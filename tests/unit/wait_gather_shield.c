/* wait_gather_shield.c - wait(), gather() and shield(): rules 78-95 of asyncio's behaviour; the array forms; and cancelling through
 * thousands of tasks and gathers, which must not recurse. */
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

/* ------------------------------------------------------------------------------------------------------------ wait() */
struct four_jobs { struct job job[4]; aiot_task t[4]; };

struct r78_raises_nothing_for_its_members { AIOT_FRAME; struct four_jobs j; AIOT_WAIT_SET(4) set; };
static AIOT_CORO(r78_raises_nothing_for_its_members)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 1);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 2, .error = 7);
    AIOT_SPAWN(&self->j.t[2], job, &self->j.job[2], .delay = 3);
    AIOT_SPAWN(&self->j.t[3], job, &self->j.job[3], .delay = 9);
    aiot_cancel(&self->j.t[2]);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, 5, &self->j.t[0], &self->j.t[1], &self->j.t[2], &self->j.t[3]);
    CHECK_EQUAL(aiot_wait_done_count(&self->set), 3);
    CHECK_EQUAL(aiot_wait_pending_count(&self->set), 1);
    for (int i = 0; i < 4; i++) {
        CHECK(aiot_wait_is_done(&self->set, i) == (i < 3));
        CHECK(aiot_wait_has(&self->set, &self->j.t[i]) == (i < 3));
    }
    CHECK(!aiot_wait_has(&self->set, task));
    CHECK_EQUAL(aiot_result(&self->j.t[1]), 7);
    CHECK(!aiot_cancelled(&self->j.t[3]));      /* 81: the limit cancels nothing */
    CHECK_EQUAL(aiot_now(task->loop), 5);
    CHECK_END();
}

struct r79_first_completed { AIOT_FRAME; struct four_jobs j; AIOT_WAIT_SET(4) set; };
static AIOT_CORO(r79_first_completed)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 9);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 2);
    AIOT_SPAWN(&self->j.t[2], job, &self->j.job[2], .delay = 2);
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->j.t[0], &self->j.t[1], &self->j.t[2]);
    CHECK_EQUAL(aiot_wait_done_count(&self->set), 2);           /* all that is done when the waiter resumes */
    CHECK(!aiot_wait_is_done(&self->set, 0));
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->j.t[0], &self->j.t[1]);        /* done already: at once */
    CHECK_EQUAL(aiot_wait_done_count(&self->set), 1);
    CHECK_EQUAL(aiot_now(task->loop), 2);
    CHECK_END();
}

struct r80_first_exception { AIOT_FRAME; struct four_jobs j; AIOT_WAIT_SET(4) set; };
static AIOT_CORO(r80_first_exception)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 1);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 9);
    AIOT_SPAWN(&self->j.t[2], job, &self->j.job[2], .delay = 3, .error = 7);
    AIOT_SPAWN(&self->j.t[3], job, &self->j.job[3], .delay = 5);
    aiot_cancel(&self->j.t[3]);                 /* does not count as one */
    AIOT_WAIT(&self->set, AIOT_FIRST_EXCEPTION, AIOT_FOREVER, &self->j.t[0], &self->j.t[1], &self->j.t[2], &self->j.t[3]);
    CHECK_EQUAL(aiot_now(task->loop), 3);
    CHECK_EQUAL(aiot_wait_done_count(&self->set), 3);
    AIOT_WAIT(&self->set, AIOT_FIRST_EXCEPTION, AIOT_FOREVER, &self->j.t[0], &self->j.t[1], &self->j.t[3]);         /* none: all */
    CHECK_EQUAL(aiot_now(task->loop), 9);
    CHECK_EQUAL(aiot_wait_pending_count(&self->set), 0);
    CHECK_END();
}

/* 82: a member that ends in the instant of the limit counts only if its end had its turns by then: a sleep's comes a turn later. */
static int set_it(void *future) { return aiot_future_set_result((aiot_future *)future, 1); }
struct r82_in_the_instant_of_the_limit {
    AIOT_FRAME; struct job job; aiot_task t; aiot_future future; aiot_handle later; AIOT_WAIT_SET(2) set;
};
static AIOT_CORO(r82_in_the_instant_of_the_limit)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    aiot_call_later(task->loop, &self->later, 5, set_it, &self->future);
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 5);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, 5, &self->t, &self->future);
    CHECK(aiot_wait_has(&self->set, &self->future));
    CHECK(!aiot_wait_has(&self->set, &self->t));
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, 0, &self->t);     /* 81 */
    CHECK(aiot_wait_has(&self->set, &self->t));
    CHECK_END();
}

struct waiting { AIOT_FRAME; aiot_task *a, *b; AIOT_WAIT_SET(2) set; };
static AIOT_CORO(waiting) { AIOT_BEGIN(); AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, 100, self->a, self->b); AIOT_END(); }
struct r83_cancelling_the_waiter { AIOT_FRAME; struct four_jobs j; struct waiting w; aiot_task t; int i; };
static AIOT_CORO(r83_cancelling_the_waiter)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {                 /* while they run; while one, and both, have just ended */
        AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 5);
        AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = self->i == 2 ? 5 : 9);
        AIOT_SPAWN(&self->t, waiting, &self->w, .a = &self->j.t[0], .b = &self->j.t[1]);
        AIOT_SLEEP(self->i ? 5 : 1);
        aiot_cancel(&self->t);
        AIOT_YIELD();
        CHECK(aiot_cancelled(&self->t));
        CHECK(!aiot_cancelled(&self->j.t[0]) && !aiot_cancelled(&self->j.t[1]));
        memset(&self->w, 0, sizeof self->w);    /* its memory may die with the wait: nothing points to it */
        AIOT_SLEEP(20);
        CHECK(self->j.job[0].value == 42 && self->j.job[1].value == 42);
        CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    }
    CHECK_END();
}

struct r84_odd_sets { AIOT_FRAME; struct four_jobs j; AIOT_WAIT_SET(3) set; aiot_awaitable *members[4]; aiot_future no_future; int mode; };
static AIOT_CORO(r84_odd_sets)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_WAIT_ARRAY(&self->set, AIOT_ALL_COMPLETED, 5, self->members, 0); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_EINVAL) { say("empty "); }
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 1);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 9);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, 5, &self->j.t[0], &self->j.t[1], &self->j.t[0]);       /* twice is once */
    CHECK_EQUAL(aiot_wait_done_count(&self->set), 1);
    CHECK_EQUAL(aiot_wait_pending_count(&self->set), 1);
    CHECK(aiot_wait_is_done(&self->set, 0) && aiot_wait_is_done(&self->set, 2));
    for (int i = 0; i < 4; i++) self->members[i] = AIOT_AWAITABLE(&self->j.t[i % 2]);
    AIOT_TRY { AIOT_WAIT_ARRAY(&self->set, AIOT_ALL_COMPLETED, 5, self->members, 4); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    for (self->mode = AIOT_ALL_COMPLETED - 1; self->mode <= AIOT_FIRST_EXCEPTION + 1; self->mode += AIOT_FIRST_EXCEPTION + 2) {
        AIOT_TRY { AIOT_WAIT(&self->set, self->mode, 5, &self->j.t[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("no such way "); }
    }
    AIOT_WAIT_ARRAY(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, self->members + 1, 1);
    CHECK(aiot_now(task->loop) == 9 && aiot_wait_has(&self->set, &self->j.t[1]));
    self->members[0] = NULL;
    AIOT_TRY { AIOT_WAIT_ARRAY(&self->set, AIOT_ALL_COMPLETED, 5, self->members, 2); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_EINVAL) { say("NULL "); }
    AIOT_TRY { AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, 5, &self->no_future); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_EINVAL) { say("not made "); }
    CHECK_SAID("empty too many no such way no such way NULL not made ");
    CHECK(!AIOT_DEBUG || complaints == 5);      /* all but the empty one */
    complaints = 0;
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------------ gather() */
struct r85_order_and_odd_members { AIOT_FRAME; struct four_jobs j; AIOT_GATHER_SET(3) all; aiot_awaitable *members[4]; };
static AIOT_CORO(r85_order_and_odd_members)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 3);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 1);
    AIOT_GATHER(&self->all, &self->j.t[0], &self->j.t[1], &self->j.t[0]);
    CHECK_EQUAL(aiot_now(task->loop), 3);
    CHECK(self->j.job[0].value == 42 && self->j.job[1].value == 42);
    AIOT_GATHER_ARRAY(&self->all, self->members, 0);            /* no members: done at once */
    CHECK(aiot_done(&self->all) && aiot_result(&self->all) == AIOT_OK);
    complaints = 0; /* BUG 1 */
    for (int i = 0; i < 4; i++) self->members[i] = AIOT_AWAITABLE(&self->j.t[i % 2]);
    AIOT_TRY { AIOT_GATHER_ARRAY(&self->all, self->members, 4); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    AIOT_TRY { AIOT_GATHER_ALL_ARRAY(&self->all, self->members, 4); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    AIOT_GATHER_ARRAY(&self->all, self->members, 3);
    AIOT_GATHER_ALL_ARRAY(&self->all, self->members, 3);
    self->members[1] = NULL;
    AIOT_TRY { AIOT_GATHER_ARRAY(&self->all, self->members, 3); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("NULL "); }
    AIOT_TRY { AIOT_GATHER(&self->all, &self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("itself "); }
    AIOT_TRY { AIOT_GATHER(&self->all, &self->j.t[3]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("never started "); }
    CHECK_SAID("too many too many NULL itself never started ");
    complaints = 0;                             /* of the last two */
    CHECK_END();
}

struct r86_r87_errors { AIOT_FRAME; struct four_jobs j; AIOT_GATHER_SET(4) all; };
static AIOT_CORO(r86_r87_errors)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 9);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 1, .error = 7);
    AIOT_SPAWN(&self->j.t[2], job, &self->j.job[2], .delay = 2, .error = 8);
    AIOT_TRY { AIOT_GATHER(&self->all, &self->j.t[0], &self->j.t[1], &self->j.t[2]); NOT_REACHED(); } AIOT_EXCEPT(7) { }
    CHECK_EQUAL(aiot_now(task->loop), 1);
    CHECK(!aiot_done(&self->j.t[0]) && !aiot_done(&self->j.t[2]));                          /* the others run on */
    AIOT_GATHER_ALL(&self->all, &self->j.t[0], &self->j.t[1], &self->j.t[2]);
    CHECK_EQUAL(aiot_now(task->loop), 9);
    CHECK(aiot_result(&self->j.t[0]) == 0 && aiot_result(&self->j.t[1]) == 7 && aiot_result(&self->j.t[2]) == 8);
    CHECK_EQUAL(aiot_result(&self->all), AIOT_OK);
    CHECK(!aiot_cancel(&self->all));            /* 91 */
    CHECK_END();
}

struct gathers { AIOT_FRAME; struct four_jobs *j; bool return_exceptions; AIOT_GATHER_SET(2) all; int code; };
static AIOT_CORO(gathers)
{
    AIOT_BEGIN();
    AIOT_TRY {
        if (self->return_exceptions) AIOT_GATHER_ALL(&self->all, &self->j->t[0], &self->j->t[1]);
        else AIOT_GATHER(&self->all, &self->j->t[0], &self->j->t[1]);
    } AIOT_EXCEPT_ALL {
        self->code = aiot_caught(task).code;
        AIOT_RERAISE();
    }
    AIOT_END();
}
struct r88_r90_cancelled { AIOT_FRAME; struct four_jobs j; struct gathers g; aiot_task t; };
static AIOT_CORO(r88_r90_cancelled)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .name = "a", .delay = 50, .cleanup = 2);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .name = "b", .delay = 50, .cleanup = 5);
    AIOT_SPAWN(&self->t, gathers, &self->g, .j = &self->j);
    AIOT_SLEEP(1);
    CHECK(aiot_cancel(&self->t));               /* 88: every member; ends with the first that ends */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(aiot_now(task->loop) == 3 && !aiot_done(&self->j.t[1]));
    AIOT_SLEEP(10);
    CHECK_SAID("a! b! ");
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .name = "a", .delay = 50, .cleanup = 2);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .name = "b", .delay = 50, .cleanup = 5);
    AIOT_SPAWN(&self->t, gathers, &self->g, .j = &self->j, .return_exceptions = true);
    AIOT_SLEEP(1);
    CHECK(aiot_cancel(&self->t));               /* 88: with return_exceptions it waits for all; 89: and is cancelled */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(aiot_now(task->loop), 13 + 1 + 5);
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 50, .swallows = true);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 50, .swallows = true);
    AIOT_SPAWN(&self->t, gathers, &self->g, .j = &self->j, .return_exceptions = true);
    AIOT_SLEEP(1);
    CHECK(aiot_cancel(&self->t));               /* 89: even if all swallow it */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(self->j.job[0].value == 43 && self->j.job[1].value == 43);
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 50);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 50);
    AIOT_SPAWN(&self->t, gathers, &self->g, .j = &self->j);
    AIOT_SLEEP(1);
    aiot_cancel(&self->j.t[1]);                 /* 90: a member by hand */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 0);
    CHECK(!aiot_done(&self->j.t[0]));
    AIOT_JOIN(&self->j.t[0]);
    CHECK_END();
}

/* 91: a cancel that comes when all members are done, but the gather is not yet, is not taken by it; so its waiter gets it. */
struct r91_all_members_done { AIOT_FRAME; struct four_jobs j; struct gathers g; aiot_task t; };
static AIOT_CORO(r91_all_members_done)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->j.t[i], job, &self->j.job[i], .delay = 5);
    AIOT_SPAWN(&self->t, gathers, &self->g, .j = &self->j);
    AIOT_YIELD();
    AIOT_SLEEP(5);                              /* behind the jobs */
    CHECK(aiot_done(&self->j.t[0]) && aiot_done(&self->j.t[1]) && !aiot_done(&self->g.all));
    CHECK(!aiot_cancel(&self->g.all));
    CHECK(aiot_cancel(&self->t));
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(aiot_result(&self->g.all), AIOT_OK);
    CHECK_END();
}

/* When a gather is done its set may die, though members run on. */
struct a_set_that_dies { AIOT_FRAME; struct four_jobs j; AIOT_GATHER_SET(3) all; };
static AIOT_CORO(a_set_that_dies)
{
    AIOT_BEGIN();
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&self->j.t[i], job, &self->j.job[i], .delay = 5 + i % 2, .error = i == 0 ? 7 : 0);
    AIOT_TRY { AIOT_GATHER(&self->all, &self->j.t[0], &self->j.t[1], &self->j.t[2]); NOT_REACHED(); } AIOT_EXCEPT(7) { }
    memset(&self->all, 0xa5, sizeof self->all);
    AIOT_SLEEP(5);
    CHECK(self->j.job[1].value == 42 && self->j.job[2].value == 42);
    CHECK_END();
}

/* A set may be used again while its gather runs: the old one is let go, and its members run on. */
struct a_set_used_again { AIOT_FRAME; struct four_jobs j; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(a_set_used_again)
{
    AIOT_BEGIN();
    for (int i = 0; i < 4; i++) AIOT_SPAWN(&self->j.t[i], job, &self->j.job[i], .delay = i + 1);
    aiot_gather(&self->all, &self->j.t[0], &self->j.t[1]);
    AIOT_GATHER(&self->all, &self->j.t[2], &self->j.t[3]);
    for (int i = 0; i < 4; i++) CHECK_EQUAL(self->j.job[i].value, 42);
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------------ shield() */
static void hear(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    say("%s:%d ", report->reason == AIOT_REPORT_SHIELD ? "late" : "?", report->error.code);
}

static int say_done(void *argument) { (void)argument; say("done "); return 0; }

struct shields { AIOT_FRAME; aiot_task *inner; aiot_shield *guard; };
static AIOT_CORO(shields) { AIOT_BEGIN(); AIOT_SHIELD(self->guard, self->inner); AIOT_END(); }
struct r92_r94_shield { AIOT_FRAME; struct job job; struct shields s; aiot_shield guard; aiot_task t, u; int i; aiot_handle done; };
static AIOT_CORO(r92_r94_shield)
{
    AIOT_BEGIN();
    task->loop->on_error = hear;
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 9);
    AIOT_SPAWN(&self->u, shields, &self->s, .inner = &self->t, .guard = &self->guard);
    AIOT_SLEEP(1);
    aiot_cancel(&self->u);                      /* 92: the inner task runs on */
    AIOT_YIELD();
    CHECK(aiot_cancelled(&self->u) && aiot_cancelled(&self->guard) && !aiot_done(&self->t));
    AIOT_SHIELD(&self->guard, &self->t);        /* the same object again, for the same task, while it runs: 93, its value */
    CHECK_EQUAL(self->job.value, 42);
    AIOT_SHIELD(&self->guard, &self->t);        /* and when it is done */
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 1, .error = 7);
    AIOT_TRY { AIOT_SHIELD(&self->guard, &self->t); NOT_REACHED(); } AIOT_EXCEPT(7) { }     /* 93: its error */
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 9);
    AIOT_SPAWN(&self->u, shields, &self->s, .inner = &self->t, .guard = &self->guard);
    AIOT_SLEEP(1);
    aiot_cancel(&self->t);                      /* 93: its cancellation */
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("");
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 9, .error = 8);
    AIOT_SPAWN(&self->u, shields, &self->s, .inner = &self->t, .guard = &self->guard);
    AIOT_SLEEP(1);
    aiot_cancel(&self->u);                      /* 94: its error when its waiter has gone */
    AIOT_SLEEP(20);
    CHECK_SAID("late:8 ");
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 9, .error = 8);
    for (self->i = 0; self->i < 6; self->i++) { /* made and cancelled again and again, with turns between and without */
        aiot_shield(&self->guard, &self->t);
        if (self->i == 2) AIOT_YIELD();
        aiot_cancel(&self->guard);
        if (self->i >= 3) AIOT_SLEEP(1);
        if (self->i == 3) aiot_add_done_callback(&self->t, &self->done, say_done, NULL);
    }
    AIOT_SLEEP(20);
    CHECK_SAID("done late:8 ");                 /* one object, one report */
    CHECK_END();
}

/* One that was made for a task, and never waited for, may be made for another: it knows nothing of the first any more. */
struct shields_another { AIOT_FRAME; struct four_jobs j; aiot_shield guard; int i; };
static AIOT_CORO(shields_another)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) {
        AIOT_SPAWN(&self->j.t[i], job, &self->j.job[i], .delay = 1 + 2 * i);
        aiot_shield(&self->guard, &self->j.t[i]);
    }
    AIOT_JOIN(&self->j.t[0]);
    CHECK(!aiot_done(&self->guard));
    AIOT_JOIN(&self->guard);
    CHECK_EQUAL(aiot_now(task->loop), 3);
    task->loop->on_error = hear;
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->j.t[i], job, &self->j.job[i], .delay = 2 - i, .error = 8 + i);
    for (self->i = 0; self->i < 2; self->i++) { /* given up for both: it tells the late error of the one that it was made for last */
        aiot_shield(&self->guard, &self->j.t[self->i]);
        aiot_cancel(&self->guard);
        AIOT_YIELD();
    }
    AIOT_SLEEP(5);
    CHECK_SAID("late:9 ");
    AIOT_SPAWN(&self->j.t[2], job, &self->j.job[2], .delay = 1, .error = 8);
    for (int i = 0; i < 2; i++) aiot_shield(&self->guard, &self->j.t[2]);     /* twice for the same, and not given up: nothing is late */
    AIOT_TRY { AIOT_JOIN(&self->guard); NOT_REACHED(); } AIOT_EXCEPT(8) { }
    AIOT_SLEEP(5);
    CHECK_SAID("");
    CHECK_END();
}

struct r95_shields_and_gathers { AIOT_FRAME; struct four_jobs j; aiot_shield guard[2]; AIOT_GATHER_SET(2) all; aiot_timeout limit; };
static AIOT_CORO(r95_shields_and_gathers)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) {
        AIOT_SPAWN(&self->j.t[i], job, &self->j.job[i], .delay = 9);
        aiot_shield(&self->guard[i], &self->j.t[i]);
    }
    aiot_gather(&self->all, &self->guard[0], &self->guard[1]);  /* a gather of shields */
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 1, &self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("limit "); }
    CHECK(!aiot_done(&self->j.t[0]) && !aiot_done(&self->j.t[1]) && aiot_cancelled(&self->guard[1]));
    aiot_gather(&self->all, &self->j.t[0], &self->j.t[1]);      /* a shield of a gather */
    aiot_shield(&self->guard[0], &self->all);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 1, &self->guard[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("limit "); }
    CHECK(!aiot_done(&self->all));
    AIOT_JOIN(&self->all);
    CHECK(self->j.job[0].value == 42 && self->j.job[1].value == 42);
    CHECK_SAID("limit limit ");
    CHECK_END();
}

/* A cancel that goes through a gather asks each member for itself: one that is done takes nothing back from the one before it, whose
 * task has swallowed it. */
struct joins_it { AIOT_FRAME; aiot_task *it; int result; };
static AIOT_CORO(joins_it) { AIOT_BEGIN(); AIOT_JOIN(self->it); self->result = 42; AIOT_END(); }
struct asks_each_for_itself { AIOT_FRAME; struct job inner; struct joins_it outer; aiot_task t, u; aiot_future done; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(asks_each_for_itself)
{
    AIOT_BEGIN();
    aiot_future_init(&self->done, task->loop);
    aiot_future_set_result(&self->done, 1);
    AIOT_SPAWN(&self->t, job, &self->inner, .delay = 9, .cleanup = 1, .swallows = true);
    AIOT_SPAWN(&self->u, joins_it, &self->outer, .it = &self->t);
    AIOT_YIELD();
    aiot_gather(&self->all, &self->u, &self->done);
    CHECK(aiot_cancel(&self->all));
    AIOT_TRY { AIOT_JOIN(&self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(self->inner.value == 43 && self->outer.result == 42);
    CHECK_END();
}

/* What is given twice counts once, also when it is done before: the gather goes on waiting for the other one. */
struct done_and_given_twice { AIOT_FRAME; struct four_jobs j; aiot_future done; AIOT_GATHER_SET(3) all; };
static AIOT_CORO(done_and_given_twice)
{
    AIOT_BEGIN();
    aiot_future_init(&self->done, task->loop);
    aiot_future_set_result(&self->done, 1);
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 5);
    AIOT_GATHER(&self->all, &self->done, &self->done, &self->j.t[0]);
    CHECK_EQUAL(aiot_now(task->loop), 5);
    CHECK_END();
}

/* A gather whose members are all done takes no cancel, though it has taken one before and does not end until the next turn. */
struct asked_twice { AIOT_FRAME; aiot_future f[2]; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(asked_twice)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) aiot_future_init(&self->f[i], task->loop);
    aiot_gather(&self->all, &self->f[0], &self->f[1]);
    CHECK(aiot_cancel(&self->all));
    CHECK(aiot_cancelled(&self->f[0]) && aiot_cancelled(&self->f[1]) && !aiot_done(&self->all));
    CHECK(!aiot_cancel(&self->all));
    AIOT_TRY { AIOT_JOIN(&self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------------ depth
 * Debug builds look through all tasks at each spawn, so there are fewer of them. */
enum { CHAIN = AIOT_DEBUG ? 2000 : 100000, NEST = 1000 };

struct link { AIOT_FRAME; aiot_task *next; };
static AIOT_CORO(link) { AIOT_BEGIN(); if (self->next) AIOT_JOIN(self->next); else AIOT_SLEEP(AIOT_FOREVER); AIOT_END(); }

static struct link links[CHAIN];
static aiot_task tasks[CHAIN];

/* Tasks that each await the next: cancelling the first reaches the last, and comes back through all, in as many turns. */
struct a_chain_of_tasks { AIOT_FRAME; int i; };
static AIOT_CORO(a_chain_of_tasks)
{
    AIOT_BEGIN();
    for (int i = CHAIN - 1; i >= 0; i--) AIOT_SPAWN(&tasks[i], link, &links[i], .next = i + 1 < CHAIN ? &tasks[i + 1] : NULL);
    AIOT_YIELD();
    CHECK(aiot_cancel(&tasks[0]));
    AIOT_TRY { AIOT_JOIN(&tasks[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    for (int i = 0; i < CHAIN; i++) CHECK(aiot_cancelled(&tasks[i]) && aiot_task_cancelling(&tasks[i]) == 1);
    CHECK_END();
}

/* Gathers of gathers. */
static AIOT_GATHER_SET(2) nest[NEST];
struct a_nest_of_gathers { AIOT_FRAME; struct four_jobs j; };
static AIOT_CORO(a_nest_of_gathers)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->j.t[i], job, &self->j.job[i], .delay = AIOT_FOREVER);
    AIOT_YIELD();
    aiot_gather(&nest[0], &self->j.t[0], &self->j.t[1]);
    for (int i = 1; i < NEST; i++) aiot_gather(&nest[i], &nest[i - 1]);
    CHECK(aiot_cancel(&nest[NEST - 1]));
    AIOT_TRY { AIOT_JOIN(&nest[NEST - 1]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(aiot_cancelled(&self->j.t[0]) && aiot_cancelled(&self->j.t[1]));
    CHECK_END();
}

/* Tasks that wait for gathers of tasks that wait for gathers ... */
static AIOT_GATHER_SET(2) sets[NEST];
static struct gatherer { AIOT_FRAME; int i; } gatherers[NEST];
static AIOT_CORO(gatherer)
{
    AIOT_BEGIN();
    if (self->i == 0) AIOT_SLEEP(AIOT_FOREVER);
    else AIOT_GATHER(&sets[self->i], &tasks[self->i - 1]);
    AIOT_END();
}
struct gathers_and_tasks_in_turn { AIOT_FRAME; };
static AIOT_CORO(gathers_and_tasks_in_turn)
{
    AIOT_BEGIN();
    for (int i = 0; i < NEST; i++) AIOT_SPAWN(&tasks[i], gatherer, &gatherers[i], .i = i);
    AIOT_YIELD();
    CHECK(aiot_cancel(&tasks[NEST - 1]));
    AIOT_TRY { AIOT_JOIN(&tasks[NEST - 1]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    for (int i = 0; i < NEST; i++) CHECK(aiot_cancelled(&tasks[i]));
    CHECK_END();
}

/* Tasks that wait for each other can never end; but cancelling one of them does not hang, whatever the length of the cycle and of
 * the way into it.  (asyncio recurses until Python stops it.) */
static void cycles_of_tasks(void)
{
    static aiot_loop loop;
    for (int length = 1; length <= 20; length++) {
        for (int way = 0; way <= 10; way++) {
            int n = way + length;
            if (length == 1) continue;          /* joining oneself is refused */
            memset(tasks, 0, (size_t)n * sizeof tasks[0]);
            memset(links, 0, (size_t)n * sizeof links[0]);
            aiot_loop_init_virtual(&loop);
            for (int i = 0; i < n; i++) aiot_spawn_on(&loop, &tasks[i], link, &links[i], .next = i + 1 < n ? &tasks[i + 1] : &tasks[way]);
            CHECK_EQUAL(aiot_run_until(&loop, &tasks[0]), AIOT_EDEADLK);
            CHECK(aiot_cancel(&tasks[0]));
            CHECK_EQUAL(aiot_run_until(&loop, &tasks[0]), AIOT_EDEADLK);
            CHECK_EQUAL(aiot_loop_task_count(&loop), n);
        }
    }
}

/* The same by way of gathers. */
static aiot_task cycle_task[2];
static AIOT_GATHER_SET(2) cycle_set[2];
static struct in_a_cycle { AIOT_FRAME; int i; } cycle_frame[2];
static AIOT_CORO(in_a_cycle) { AIOT_BEGIN(); AIOT_GATHER(&cycle_set[self->i], &cycle_task[0], &cycle_task[1]); AIOT_END(); }
static void cycles_of_gathers(void)
{
    static aiot_loop loop;
    aiot_loop_init_virtual(&loop);
    for (int i = 0; i < 2; i++) aiot_spawn_on(&loop, &cycle_task[i], in_a_cycle, &cycle_frame[i], .i = i);
    CHECK_EQUAL(aiot_run_until(&loop, &cycle_task[0]), AIOT_EDEADLK);
    CHECK(aiot_cancel(&cycle_task[0]));
    CHECK(aiot_cancel(&cycle_set[1]));
    CHECK_EQUAL(aiot_cancel_all(&loop), AIOT_EDEADLK);
    CHECK_EQUAL(aiot_loop_task_count(&loop), 2);
}

/* ------------------------------------------------------------------------------------- against CPython 3.14, one by one */
/* A cancelled gather(return_exceptions=True) has the text of the member that was given last, not of the one that ended last. */
struct text_of_the_last_given { AIOT_FRAME; struct four_jobs j; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(text_of_the_last_given)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->j.t[0], job, &self->j.job[0], .delay = 9, .cleanup = 2, .swallows = true);
    AIOT_SPAWN(&self->j.t[1], job, &self->j.job[1], .delay = 9, .cleanup = 1);
    aiot_gather_all(&self->all, &self->j.t[0], &self->j.t[1]);
    AIOT_SLEEP(1);
    aiot_cancel_msg(&self->all, "m");
    AIOT_TRY { AIOT_JOIN(&self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) {
        CHECK_EQUAL(aiot_now(task->loop), 3);
        CHECK(aiot_caught(task).info && strcmp((const char *)aiot_caught(task).info, "m") == 0);
    }
    CHECK_END();
}

/* However many shields of one task were given up: its late error is told once. */
static int told;
static void count_reports(aiot_loop *unused, const aiot_report *report) { (void)unused; told += report->reason == AIOT_REPORT_SHIELD; }
struct gives_up { AIOT_FRAME; aiot_task *inner; aiot_shield s; aiot_timeout limit; };
static AIOT_CORO(gives_up)
{
    AIOT_BEGIN();
    aiot_shield(&self->s, self->inner);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 1, &self->s); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_END();
}
struct told_once { AIOT_FRAME; struct job job; aiot_task t, u[2]; struct gives_up g[2]; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(told_once)
{
    AIOT_BEGIN();
    task->loop->on_error = count_reports;
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 2, .error = 1);
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->u[i], gives_up, &self->g[i], .inner = &self->t);
    AIOT_GATHER(&self->all, &self->u[0], &self->u[1]);
    AIOT_SLEEP(2);
    CHECK_EQUAL(told, 1);
    CHECK_END();
}

/* A done callback that is ready runs, removed or not; aiot_handle_cancel() takes back that one, too. */
struct removes { AIOT_FRAME; aiot_future f; aiot_handle a, b, c; };
static struct removes removing;
static int says_b(void *unused) { (void)unused; say("b "); return 0; }
static int removes_b(void *unused)
{
    (void)unused;
    CHECK(!aiot_remove_done_callback(&removing.b));
    CHECK(aiot_handle_cancel(&removing.c));
    return 0;
}
static AIOT_CORO(removes)
{
    AIOT_BEGIN();
    aiot_future_init(&self->f, task->loop);
    CHECK_EQUAL(aiot_add_done_callback(&self->f, &removing.a, says_b, NULL), 0);
    CHECK(aiot_remove_done_callback(&removing.a));              /* not done yet: it never runs */
    CHECK(!aiot_remove_done_callback(&removing.a));
    CHECK_EQUAL(aiot_add_done_callback(&self->f, &removing.a, removes_b, NULL), 0);
    CHECK_EQUAL(aiot_add_done_callback(&self->f, &removing.b, says_b, NULL), 0);
    CHECK_EQUAL(aiot_add_done_callback(&self->f, &removing.c, says_b, NULL), 0);
    CHECK_EQUAL(aiot_future_set_result(&self->f, 1), 0);
    AIOT_YIELD();
    CHECK_SAID("b ");
    CHECK_END();
}

/* A gather of nothing is done; it can be joined, waited for, gathered and shielded.  What was never started cannot. */
static AIOT_GATHER_SET(1) nothing;
static aiot_task *null;
static void gather_nothing(void) { aiot_gather_array(&nothing, NULL, 0); }
struct of_nothing { AIOT_FRAME; aiot_task unstarted; aiot_handle h; aiot_shield s; AIOT_WAIT_SET(1) set; AIOT_AS_COMPLETED_SET(1) completed;
                    AIOT_GATHER_SET(1) none, outer; int refused; };
static AIOT_CORO(of_nothing)
{
    AIOT_BEGIN();
    aiot_gather_array(&self->none, NULL, 0);
    AIOT_JOIN(&self->none);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->none);
    CHECK_EQUAL(aiot_wait_done_count(&self->set), 1);
    AIOT_GATHER(&self->outer, &self->none);
    AIOT_SHIELD(&self->s, &self->none);
    CHECK_EQUAL(aiot_add_done_callback(&self->s, &self->h, says_b, NULL), 0);
    CHECK(aiot_handle_cancel(&self->h));
    CHECK_EQUAL(aiot_add_done_callback(&self->none, &self->h, says_b, NULL), 0);
    CHECK_SAID("");
    AIOT_YIELD();                                               /* it runs in the next turn, as asyncio's */
    CHECK_SAID("b ");
    AIOT_GATHER_ALL_ARRAY(&self->none, NULL, 0);
    CHECK_EQUAL(aiot_add_done_callback(&self->none, &self->h, says_b, NULL), 0);
    AIOT_YIELD();
    CHECK_SAID("b ");
    aiot_as_completed(&self->completed, AIOT_FOREVER, &self->none);
    AIOT_NEXT_COMPLETED(&self->completed);
    CHECK(!aiot_as_completed_left(&self->completed));
    gather_nothing();                           /* outside of a coroutine: it has no loop to run it on */
    AIOT_JOIN(&nothing);
    CHECK_EQUAL(aiot_add_done_callback(&nothing, &self->h, says_b, NULL), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_add_done_callback(&self->unstarted, &self->h, says_b, NULL), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_add_done_callback(null, &self->h, says_b, NULL), AIOT_ERUNTIME);
    AIOT_TRY { AIOT_SHIELD(&self->s, &self->unstarted); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
    CHECK(aiot_done(&self->s));
    AIOT_TRY { AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->unstarted); } AIOT_EXCEPT(AIOT_EINVAL) { self->refused++; }
    AIOT_TRY { AIOT_GATHER(&self->outer, &self->unstarted); } AIOT_EXCEPT(AIOT_EINVAL) { self->refused++; }
    CHECK_EQUAL(self->refused, 3);
    CHECK(!AIOT_DEBUG || complaints == 6);      /* three callbacks, a shield, a wait, a gather */
    complaints = 0;
    CHECK_END();
}

/* Outside of coroutines a gather takes its loop from the members: from none that is NULL. */
static void a_gather_of_null(void)
{
    static AIOT_GATHER_SET(1) all;
    static aiot_awaitable *none[1];
    aiot_gather_array(&all, none, 1);
    CHECK_EQUAL(aiot_result(&all), AIOT_EINVAL);
    CHECK_COMPLAINED(1);
}

int main(void)
{
    RUN(r78_raises_nothing_for_its_members);
    RUN(r79_first_completed);
    RUN(r80_first_exception);
    RUN(r82_in_the_instant_of_the_limit);
    RUN(r83_cancelling_the_waiter);
    RUN(r84_odd_sets);
    RUN(r85_order_and_odd_members);
    RUN(r86_r87_errors);
    RUN(r88_r90_cancelled);
    RUN(r91_all_members_done);
    RUN(a_set_that_dies);
    RUN(a_set_used_again);
    RUN(r92_r94_shield);
    RUN(shields_another);
    RUN(r95_shields_and_gathers);
    RUN(asks_each_for_itself);
    RUN(done_and_given_twice);
    RUN(asked_twice);
    RUN(a_chain_of_tasks);
    RUN(a_nest_of_gathers);
    RUN(gathers_and_tasks_in_turn);
    cycles_of_tasks();
    cycles_of_gathers();
    RUN(text_of_the_last_given);
    RUN(told_once);
    RUN(removes);
    RUN(of_nothing);
    a_gather_of_null();
    return 0;
}
