/* beyond_stop.c - AIOT_STOP and AIOT_STOP_ARRAY: rules 22 to 27 of tests/beyond/README.md. */
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

static int turn, event_turn;
struct counter { AIOT_FRAME; };
static AIOT_CORO(counter) { AIOT_BEGIN(); for (;;) { turn++; AIOT_YIELD(); } AIOT_END(); }
struct count { aiot_task task; struct counter frame; };
#define COUNT_TURNS(count) do { turn = event_turn = 0; AIOT_SPAWN(&(count)->task, counter, &(count)->frame); } while (0)

static void tell(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    say("[%s %s at %d, asked at %d] ", report->reason == AIOT_REPORT_STILL_RUNS ? "still runs" : aiot_reason_text(report->reason),
        report->name ? report->name : "-", report->line > 0, (int)(report->asked_at / AIOT_S(1)));
    CHECK_EQUAL(report->error.code, report->reason == AIOT_REPORT_STILL_RUNS ? AIOT_ETIMEDOUT : report->error.code);
}

/* Ends `turns` turns after the one in which its cancel reaches it. */
struct slow { AIOT_FRAME; int turns; const char *name; };
static AIOT_CORO(slow)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) {
        if (self->name) say("%s ", self->name);
        while (self->turns-- > 0) AIOT_YIELD();
    }
    event_turn = turn;
    AIOT_END();
}

struct b22_it_resumes_two_turns_after_the_end { AIOT_FRAME; struct count count; aiot_timeout limit; struct slow slow; aiot_task t; int i; };
static AIOT_CORO(b22_it_resumes_two_turns_after_the_end)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_SPAWN(&self->t, slow, &self->slow, .turns = self->i);
        AIOT_YIELD();
        AIOT_STOP(&self->limit, AIOT_FOREVER, &self->t);
        CHECK(aiot_done(&self->t));
        CHECK_EQUAL(turn - event_turn, 2);
        CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);         /* asked once */
        CHECK(!aiot_timeout_expired(&self->limit));
    }
    CHECK_EQUAL(aiot_next_deadline(task->loop), aiot_now(task->loop));          /* the counter, and no timer */
    CHECK_END();
}

/* Nothing is raised, however x ends. An error is not collected: it is told unless somebody asks for it. */
struct b22_however_it_ends { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; aiot_future f; int i; };
static AIOT_CORO(b22_however_it_ends)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(9));
    AIOT_YIELD();
    AIOT_STOP(&self->limit, AIOT_S(1), &self->t);
    CHECK(aiot_cancelled(&self->t));
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .swallows = true);
    AIOT_YIELD();
    AIOT_STOP(&self->limit, AIOT_S(1), &self->t);
    CHECK(!aiot_cancelled(&self->t) && self->job.value == 43);
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .cleanup = AIOT_S(1), .late_error = 7);
    AIOT_YIELD();
    AIOT_STOP(&self->limit, AIOT_S(2), &self->t);
    CHECK_EQUAL(aiot_result(&self->t), 7);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9));  /* not begun */
    AIOT_STOP(&self->limit, AIOT_S(2), &self->t);
    CHECK(aiot_cancelled(&self->t));
    aiot_future_init(&self->f, task->loop);
    AIOT_STOP(&self->limit, AIOT_S(2), &self->f);
    CHECK(aiot_cancelled(&self->f));
    CHECK_SAID("job! ");
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}
struct stops_one_that_fails { AIOT_FRAME; aiot_timeout limit; struct job *job; aiot_task *t; bool asks; };
static AIOT_CORO(stops_one_that_fails)
{
    AIOT_BEGIN();
    task->loop->on_error = tell;
    AIOT_SPAWN(self->t, job, self->job, .delay = AIOT_S(9), .late_error = 7);
    AIOT_YIELD();
    AIOT_STOP(&self->limit, AIOT_S(1), self->t);
    if (self->asks) CHECK_EQUAL(aiot_result(self->t), 7);
    CHECK_END();
}
static void b22_an_error_is_not_collected(void)
{
    static struct job one[2];
    static aiot_task t[2];
    static aiot_loop loops[2];
    static struct stops_one_that_fails frame;
    for (int asks = 0; asks < 2; asks++) {
        aiot_loop_init_virtual(&loops[asks]);
        CHECK_EQUAL(aiot_run(&loops[asks], stops_one_that_fails, &frame, .job = &one[asks], .t = &t[asks], .asks = asks), AIOT_OK);
        CHECK_SAID(asks ? "" : "[a task failed and nobody asked how it ended job at 1, asked at 0] ");
    }
}

struct b23_done_or_never_started { AIOT_FRAME; struct count count; aiot_timeout limit; struct job job; aiot_task t, never; aiot_future f; aiot_awaitable *all[3]; };
static AIOT_CORO(b23_done_or_never_started)
{
    AIOT_BEGIN();
    memset(&self->never, 0, sizeof self->never);
    AIOT_SPAWN(&self->t, job, &self->job);
    AIOT_JOIN(&self->t);
    aiot_future_init(&self->f, task->loop);
    aiot_future_set_error(&self->f, 7, NULL);
    COUNT_TURNS(&self->count);
    AIOT_STOP(&self->limit, AIOT_S(1), &self->t);
    AIOT_STOP(&self->limit, 0, &self->never);
    AIOT_STOP(&self->limit, AIOT_FOREVER, &self->f);
    self->all[0] = AIOT_AWAITABLE(&self->t);
    self->all[1] = AIOT_AWAITABLE(&self->never);
    self->all[2] = AIOT_AWAITABLE(&self->f);
    AIOT_STOP_ARRAY(&self->limit, AIOT_S(1), self->all, 3);
    AIOT_STOP_ARRAY(&self->limit, AIOT_S(1), self->all, 0);
    CHECK_EQUAL(turn, 0);
    CHECK(!aiot_cancelled(&self->t) && aiot_result(&self->t) == 0);
    CHECK_EQUAL(aiot_result(&self->f), 7);
    CHECK_END();
}

/* What is refused: nobody is asked. */
struct b23_refused { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; aiot_awaitable *all[2]; };
static AIOT_CORO(b23_refused)
{
    static aiot_loop other_loop;
    static aiot_task foreign;
    static struct job foreign_job;
    AIOT_BEGIN();
    aiot_loop_init_virtual(&other_loop);
    aiot_spawn_on(&other_loop, &foreign, job, &foreign_job);
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(1));
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(1), task); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { CHECK(aiot_caught(task).info == &self->limit); }
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(1), &foreign); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("foreign "); }
    self->all[0] = AIOT_AWAITABLE(&self->t);
    self->all[1] = &task->awaitable;
    AIOT_TRY { AIOT_STOP_ARRAY(&self->limit, AIOT_S(1), self->all, 2); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("itself "); }
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
        AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("in use "); }
        CHECK_EQUAL(aiot_time_left(task), AIOT_S(5));
    }
    CHECK_COMPLAINED(2);                                        /* of itself, of a limit in use */
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_EQUAL(aiot_task_cancelling(&foreign), 0);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->job.value, 42);
    CHECK_SAID("foreign itself in use ");
    CHECK_END();
}
/* Two tasks with one limit: the second is refused, and the first goes on. */
struct other_stops { AIOT_FRAME; aiot_timeout *limit; aiot_task *t; };
static AIOT_CORO(other_stops)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_STOP(self->limit, AIOT_S(1), self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("in use "); }
    AIOT_END();
}
struct first_stops { AIOT_FRAME; aiot_timeout *limit; aiot_task *t; };
static AIOT_CORO(first_stops) { AIOT_BEGIN(); AIOT_STOP(self->limit, AIOT_FOREVER, self->t); say("over "); AIOT_END(); }
struct b23_a_limit_in_use { AIOT_FRAME; aiot_timeout limit; struct job job, job2; struct first_stops first; struct other_stops other; aiot_task t, u, a, b; };
static AIOT_CORO(b23_a_limit_in_use)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .cleanup = AIOT_S(1));
    AIOT_SPAWN(&self->u, job, &self->job2, .delay = AIOT_S(3));
    AIOT_YIELD();
    AIOT_SPAWN(&self->a, first_stops, &self->first, .limit = &self->limit, .t = &self->t);
    AIOT_SPAWN(&self->b, other_stops, &self->other, .limit = &self->limit, .t = &self->u);
    AIOT_JOIN(&self->b);
    AIOT_JOIN(&self->a);
    AIOT_JOIN(&self->u);
    CHECK_SAID("in use over ");
    CHECK_COMPLAINED(1);
    CHECK_EQUAL(self->job2.value, 42);
    CHECK_END();
}

/* 24: a cancel of the caller, one turn before, in, and after the turn in which x ends. */
struct caller { AIOT_FRAME; aiot_timeout limit; aiot_task *t; aiot_time grace; };
static AIOT_CORO(caller)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_STOP(&self->limit, self->grace, self->t); say("stopped "); } AIOT_EXCEPT_ALL {
        say("%s ", aiot_error_name(aiot_caught(task).code));
        AIOT_RERAISE();
    }
    AIOT_END();
}
struct b24_a_cancel_of_the_caller { AIOT_FRAME; struct caller caller; struct slow slow; aiot_task c, t; };
static AIOT_CORO(b24_a_cancel_of_the_caller)
{
    AIOT_BEGIN();
    task->loop->on_error = tell;
    AIOT_SPAWN(&self->t, slow, &self->slow, .turns = 20);
    AIOT_YIELD();
    AIOT_SPAWN(&self->c, caller, &self->caller, .t = &self->t, .grace = AIOT_S(1));
    AIOT_YIELD();
    AIOT_YIELD();
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    aiot_cancel(&self->c);
    AIOT_YIELD();
    CHECK(aiot_cancelled(&self->c));
    CHECK_SAID("CancelledError ");
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);             /* it does not go on to x */
    CHECK(!aiot_done(&self->t));
    AIOT_SPAWN(&self->c, caller, &self->caller, .t = &self->t, .grace = AIOT_S(1));         /* limit and x are free for another stop */
    AIOT_JOIN(&self->c);
    CHECK_SAID("stopped ");
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 2);
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}
struct b24_in_each_turn { AIOT_FRAME; struct caller caller; struct slow slow; aiot_task c, t; int i, n; };
static AIOT_CORO(b24_in_each_turn)
{
    AIOT_BEGIN();
    for (self->n = 0; self->n < 7; self->n++) {                 /* x ends in turn 4, the caller resumes in turn 6 */
        AIOT_SPAWN(&self->t, slow, &self->slow, .turns = 2);
        AIOT_YIELD();
        AIOT_SPAWN(&self->c, caller, &self->caller, .t = &self->t, .grace = AIOT_S(1));
        AIOT_YIELD();                                           /* the caller begins in turn 1, behind this task */
        for (self->i = 0; self->i < self->n; self->i++) AIOT_YIELD();           /* to turn n + 1 */
        aiot_cancel(&self->c);
        AIOT_TRY { AIOT_JOIN(&self->c); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        AIOT_YIELD();
        CHECK_SAID(self->n < 5 ? "CancelledError " : "stopped ");
        CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    }
    CHECK_END();
}

/* 25: after the grace. */
struct b25_after_the_grace { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; };
static AIOT_CORO(b25_after_the_grace)
{
    AIOT_BEGIN();
    task->loop->on_error = tell;
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(9), .cleanup = AIOT_S(5));
    AIOT_SLEEP(AIOT_S(2));
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(3), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_caught(task).info == &self->limit);
        CHECK(aiot_timeout_expired(&self->limit));
    }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(5));
    CHECK_SAID("job! [still runs job at 1, asked at 2] ");
    CHECK(!aiot_done(&self->t));                                /* it runs on */
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_MS(500), &self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { NOT_REACHED(); }     /* stopped again: cut */
    CHECK(aiot_cancelled(&self->t));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(5));
    task->loop->on_error = NULL;                                /* without a handler it is only raised */
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .cleanup = AIOT_S(5));
    AIOT_YIELD();
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(10));
    CHECK_SAID("");
    CHECK_END();
}

/* 26: with a grace of 0 or less x has two turns: that in which the cancel reaches it, and the next one. */
static void tell_briefly(aiot_loop *loop, const aiot_report *report) { (void)loop; say(report->reason == AIOT_REPORT_STILL_RUNS ? "still " : "? "); }
struct b26_a_grace_of_0 { AIOT_FRAME; struct count count; aiot_timeout limit; struct slow slow; aiot_task t; int i, began; };
static AIOT_CORO(b26_a_grace_of_0)
{
    AIOT_BEGIN();
    task->loop->on_error = tell_briefly;
    COUNT_TURNS(&self->count);
    for (self->i = 0; self->i < 8; self->i++) {
        AIOT_SPAWN(&self->t, slow, &self->slow, .turns = self->i / 2);
        AIOT_YIELD();
        self->began = turn;
        AIOT_TRY { AIOT_STOP(&self->limit, -(self->i % 2), &self->t); say("stopped "); } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            say("timeout ");
            CHECK_EQUAL(turn - self->began, 2);
        }
        if (!aiot_done(&self->t)) AIOT_JOIN(&self->t);
    }
    CHECK_SAID("stopped stopped stopped stopped still timeout still timeout still timeout still timeout ");
    CHECK_END();
}

/* 26: x ends about when the grace does. Where x comes first in the turn in which both resume, its end wins. */
struct ends { AIOT_FRAME; int turns; bool is_first; aiot_time when; aiot_guard g; };
static AIOT_CORO(ends)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SHIELDED(&self->g, AIOT_FOREVER) {                 /* begins before the stop, and does not see it */
            if (self->is_first) AIOT_SLEEP(self->when);
            while (self->is_first && self->turns-- > 0) AIOT_YIELD();
        }
        if (!self->is_first) AIOT_SLEEP(AIOT_FOREVER);
    } AIOT_EXCEPT(AIOT_ECANCELED) {                             /* begins behind the stop */
        AIOT_SLEEP(self->when);
        while (self->turns-- > 0) AIOT_YIELD();
    }
    AIOT_END();
}
struct b26_its_end_wins { AIOT_FRAME; struct caller caller; struct ends ends; aiot_task c, t; int turns, i; };
static AIOT_CORO(b26_its_end_wins)
{
    static const struct { bool is_first; int turns; aiot_time sooner; const char *said; } cases[] = {
        { true, 0, 0, "stopped " }, { true, 1, 0, "still TimeoutError " }, { true, 2, 0, "still TimeoutError " },
        { false, 0, 0, "still TimeoutError " }, { false, 1, 0, "still TimeoutError " },
        { true, 0, 1, "stopped " }, { true, 1, 1, "stopped " }, { false, 0, 1, "stopped " }, { false, 5, 1, "stopped " },
    };
    AIOT_BEGIN();
    task->loop->on_error = tell_briefly;
    for (self->i = 0; self->i < (int)(sizeof cases / sizeof cases[0]); self->i++) {
        AIOT_SPAWN(&self->t, ends, &self->ends, .turns = cases[self->i].turns, .is_first = cases[self->i].is_first, .when = AIOT_S(1) - cases[self->i].sooner);
        AIOT_YIELD();
        AIOT_SPAWN(&self->c, caller, &self->caller, .t = &self->t, .grace = AIOT_S(1));
        AIOT_TRY { AIOT_JOIN(&self->c); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        CHECK_SAID(cases[self->i].said);
    }
    CHECK_END();
}

/* 27 */
struct b27_an_array { AIOT_FRAME; struct count count; aiot_timeout limit; struct slow slow[3]; aiot_task t[3]; aiot_awaitable *all[3]; int i; };
static AIOT_CORO(b27_an_array)
{
    static const int turns[3] = { 1, 3, 0 };
    static const char *const names[3] = { "a", "b", "c" };
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_SPAWN(&self->t[self->i], slow, &self->slow[self->i], .turns = turns[self->i], .name = names[self->i]);
        self->all[self->i] = AIOT_AWAITABLE(&self->t[self->i]);
    }
    AIOT_YIELD();
    AIOT_STOP_ARRAY(&self->limit, AIOT_FOREVER, self->all, 3);
    CHECK_SAID("a b c ");                                       /* in order, in one turn */
    CHECK_EQUAL(turn - event_turn, 2);                          /* of the last end */
    CHECK(aiot_done(&self->t[0]) && aiot_done(&self->t[1]) && aiot_done(&self->t[2]));
    for (self->i = 0; self->i < 3; self->i++) CHECK_EQUAL(aiot_task_cancelling(&self->t[self->i]), 1);
    CHECK_END();
}
/* In whatever order they end. The caller waits for the last in the array that runs, resumes two turns after its end, and so on. All are asked
 * in turn `began`, and x ends `turns` turns after the next one. In the turn in which the caller resumes they step before it. */
static int end_of(int i, int n) { return 1 + (i == 0 ? n % 3 : i == 1 ? n / 3 % 3 : n / 9); }
static int resumes(int n)
{
    int now = 0, i = 3;
    while (i > 0)
        if (end_of(i - 1, n) <= now) i--;
        else now = end_of(i - 1, n) + 2;
    return now;
}
struct b27_in_every_order { AIOT_FRAME; struct count count; aiot_timeout limit; struct slow slow[3]; aiot_task t[3]; aiot_awaitable *all[3]; int i, n, began; };
static AIOT_CORO(b27_in_every_order)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    for (self->n = 0; self->n < 54; self->n++) {
        for (self->i = 0; self->i < 3; self->i++) {
            AIOT_SPAWN(&self->t[self->i], slow, &self->slow[self->i], .turns = end_of(self->i, self->n % 27) - 1);
            self->all[self->i] = AIOT_AWAITABLE(&self->t[self->i]);
        }
        AIOT_YIELD();
        self->began = turn;
        if (self->n < 27) AIOT_STOP_ARRAY(&self->limit, AIOT_S(1), self->all, 3);
        else AIOT_STOP_TASKS(&self->limit, AIOT_S(1), self->t, 3);
        CHECK_EQUAL(turn - self->began, resumes(self->n % 27));
        CHECK(aiot_done(&self->t[0]) && aiot_done(&self->t[1]) && aiot_done(&self->t[2]));
    }
    CHECK_EQUAL(aiot_next_deadline(task->loop), aiot_now(task->loop));
    CHECK_END();
}
/* Arrays of structs, of group tasks, of futures; one that is too long. */
struct member { int id; struct job job; aiot_task t; };
struct b27_tasks { AIOT_FRAME; struct count count; aiot_timeout limit; struct member m[3]; aiot_future f[2]; aiot_group g; aiot_group_task gt[2]; struct job job[2]; aiot_awaitable *all[1]; };
static AIOT_CORO(b27_tasks)
{
    AIOT_BEGIN();
    memset(self->m, 0, sizeof self->m);
    AIOT_SPAWN(&self->m[0].t, job, &self->m[0].job, .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(2));
    AIOT_SPAWN(&self->m[2].t, job, &self->m[2].job, .name = "c", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
    AIOT_YIELD();
    AIOT_STOP_TASKS(&self->limit, AIOT_S(5), self->m, 3, .t);   /* the second was never started */
    CHECK_SAID("a! c! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    AIOT_GROUP(&self->g) {
        aiot_group_spawn(&self->g, &self->gt[0], job, &self->job[0], .name = "x", .delay = AIOT_S(9));
        aiot_group_spawn(&self->g, &self->gt[1], job, &self->job[1], .name = "y", .delay = AIOT_S(9));
        AIOT_YIELD();
        AIOT_STOP_TASKS(&self->limit, AIOT_S(5), self->gt, 2);
        CHECK_SAID("x! y! ");
    }
    COUNT_TURNS(&self->count);
    aiot_future_init(&self->f[0], task->loop);
    aiot_future_init(&self->f[1], task->loop);
    AIOT_STOP_TASKS(&self->limit, AIOT_S(5), self->f, 2);       /* 23: futures end when they are asked: no turn */
    CHECK(aiot_cancelled(&self->f[0]) && aiot_cancelled(&self->f[1]));
    aiot_future_init(&self->f[0], task->loop);
    AIOT_STOP(&self->limit, 0, &self->f[0]);
    CHECK(aiot_cancelled(&self->f[0]));
    CHECK_EQUAL(turn, 0);
    self->all[0] = AIOT_AWAITABLE(&self->f[0]);
    AIOT_TRY { AIOT_STOP_ARRAY(&self->limit, 0, self->all, 65536); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    CHECK_SAID("too many ");
    CHECK_END();
}
/* One that is started meanwhile is waited for, but not asked. */
struct stops_both { AIOT_FRAME; aiot_timeout limit; aiot_task *t; };
static AIOT_CORO(stops_both) { AIOT_BEGIN(); AIOT_STOP_TASKS(&self->limit, AIOT_S(9), self->t, 2); say("over "); AIOT_END(); }
struct b27_started_meanwhile { AIOT_FRAME; struct job job[2]; aiot_task t[2], s; struct stops_both both; };
static AIOT_CORO(b27_started_meanwhile)
{
    AIOT_BEGIN();
    memset(self->t, 0, sizeof self->t);
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .delay = AIOT_S(9), .cleanup = AIOT_S(2));
    AIOT_SPAWN(&self->s, stops_both, &self->both, .t = self->t);
    AIOT_SLEEP(AIOT_S(1));
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(3));
    AIOT_JOIN(&self->s);
    CHECK_SAID("over ");
    CHECK_EQUAL(self->job[0].value, 42);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(4));
    CHECK_END();
}
struct b27_each_that_still_runs_is_told_of { AIOT_FRAME; aiot_timeout limit; struct job job[3]; aiot_task t[3]; aiot_awaitable *all[3]; int i; };
static AIOT_CORO(b27_each_that_still_runs_is_told_of)
{
    static const char *const names[3] = { "a", "b", "c" };
    AIOT_BEGIN();
    task->loop->on_error = tell;
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_SPAWN(&self->t[self->i], job, &self->job[self->i], .delay = AIOT_S(9), .cleanup = self->i == 1 ? AIOT_S(1) : AIOT_S(5));
        aiot_task_set_name(&self->t[self->i], names[self->i]);
        self->all[self->i] = AIOT_AWAITABLE(&self->t[self->i]);
    }
    AIOT_SLEEP(AIOT_S(1));
    AIOT_TRY { AIOT_STOP_ARRAY(&self->limit, AIOT_S(2), self->all, 3); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); }
    CHECK_SAID("[still runs a at 1, asked at 1] [still runs c at 1, asked at 1] ");
    CHECK(aiot_done(&self->t[1]));
    CHECK_END();
}
/* It looks at the clock each time it resumes: here the clock passes the end of the grace before it hears of the last one. */
struct mover { AIOT_FRAME; };
static AIOT_CORO(mover) { AIOT_BEGIN(); AIOT_YIELD(); AIOT_YIELD(); aiot_clock_advance(task->loop, AIOT_S(1)); AIOT_END(); }
struct b27_it_looks_at_the_clock_when_it_resumes { AIOT_FRAME; aiot_timeout limit; struct slow slow[2]; struct mover mover; aiot_task t[2], m; aiot_awaitable *all[2]; int i; };
static AIOT_CORO(b27_it_looks_at_the_clock_when_it_resumes)
{
    AIOT_BEGIN();
    task->loop->on_error = tell_briefly;
    for (self->i = 0; self->i < 2; self->i++) self->all[self->i] = AIOT_AWAITABLE(&self->t[self->i]);
    AIOT_SPAWN(&self->t[0], slow, &self->slow[0], .turns = 3);  /* cancelled in turn 1, ends in turn 4 */
    AIOT_SPAWN(&self->t[1], slow, &self->slow[1], .turns = 0);  /* ends in turn 1; the caller hears of it in turn 2, and looks in turn 3 */
    AIOT_SPAWN(&self->m, mover, &self->mover);                  /* the clock passes the end of the grace in turn 2 */
    AIOT_YIELD();
    AIOT_TRY { AIOT_STOP_ARRAY(&self->limit, AIOT_S(1), self->all, 2); say("stopped "); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    if (!aiot_done(&self->t[0])) AIOT_JOIN(&self->t[0]);
    CHECK_SAID("still timeout ");
    CHECK_END();
}

/* Nests: a stop in FINALLY, in a shielded block, under a limit and a firm limit. */
struct b24_in_nests { AIOT_FRAME_DEPTH(2); aiot_timeout limit, stop; aiot_guard g; struct job job; aiot_task t; };
static AIOT_CORO(b24_in_nests)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(9), .cleanup = AIOT_S(2));
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_FINALLY { AIOT_STOP(&self->stop, AIOT_S(5), &self->t); say("stopped "); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("job! stopped timeout ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {
        AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(9), .cleanup = AIOT_S(2));
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_FINALLY {
            AIOT_SHIELDED(&self->g, AIOT_S(5)) { AIOT_STOP(&self->stop, AIOT_S(3), &self->t); say("stopped "); }
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("job! stopped timeout ");
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {                /* without the block its wait is cut, but x is asked */
        AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(9), .cleanup = AIOT_S(2));
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_FINALLY { AIOT_STOP(&self->stop, AIOT_S(5), &self->t); NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK(!aiot_done(&self->t));
    CHECK_SAID("job! timeout ");
    AIOT_STOP(&self->stop, AIOT_S(5), &self->t);
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {                     /* the limit strikes before the grace: a cancel of the caller */
        AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .cleanup = AIOT_S(2));
        AIOT_YIELD();
        AIOT_STOP(&self->stop, AIOT_S(5), &self->t);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); CHECK(!aiot_timeout_expired(&self->stop)); }
    CHECK(!aiot_done(&self->t));
    AIOT_STOP(&self->stop, AIOT_S(5), &self->t);
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}
/* A task in a shielded block is stopped when it leaves it. */
struct in_block { AIOT_FRAME; aiot_guard g; };
static AIOT_CORO(in_block) { AIOT_BEGIN(); AIOT_SHIELDED(&self->g, AIOT_FOREVER) { AIOT_SLEEP(AIOT_S(2)); say("block "); } AIOT_SLEEP(AIOT_S(5)); AIOT_END(); }
struct b22_a_task_in_a_shielded_block { AIOT_FRAME; aiot_timeout limit; struct in_block one; aiot_task t; };
static AIOT_CORO(b22_a_task_in_a_shielded_block)
{
    AIOT_BEGIN();
    task->loop->on_error = tell;
    AIOT_SPAWN(&self->t, in_block, &self->one);
    AIOT_YIELD();
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_STOP(&self->limit, AIOT_S(2), &self->t);
    CHECK_SAID("[still runs in_block at 1, asked at 0] block ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_END();
}

/* More than a call can count. */
struct b23_too_many { AIOT_FRAME; aiot_timeout limit; aiot_future f; };
static AIOT_CORO(b23_too_many)
{
    static aiot_awaitable *all[65536];
    AIOT_BEGIN();
    aiot_future_init(&self->f, task->loop);
    for (size_t i = 0; i < 65536; i++) all[i] = AIOT_AWAITABLE(&self->f);
    AIOT_TRY { AIOT_STOP_ARRAY(&self->limit, AIOT_S(1), all, 65536); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    CHECK(!aiot_done(&self->f));
    AIOT_STOP_ARRAY(&self->limit, AIOT_S(1), all, 65535);
    CHECK(aiot_cancelled(&self->f));
    CHECK_SAID("too many ");
    CHECK_END();
}

/* What still runs may be no task: it has neither name nor line. */
static void tell_of_any(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    say("%s%u %s ", report->name ? report->name : "-", report->line, report->source->entry.kind == AIOT_I_GATHER ? "gather" : "other");
}
struct b25_a_gather { AIOT_FRAME; aiot_timeout limit; struct job job; aiot_task t; AIOT_GATHER_SET(1) all; };
static AIOT_CORO(b25_a_gather)
{
    AIOT_BEGIN();
    task->loop->on_error = tell_of_any;
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9), .cleanup = AIOT_S(2));
    AIOT_YIELD();
    aiot_gather(&self->all, &self->t);
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(1), &self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_SAID("-0 gather ");
    AIOT_STOP(&self->limit, AIOT_S(5), &self->all);
    CHECK(aiot_done(&self->all));
    CHECK_END();
}

int main(void)
{
    RUN(b22_it_resumes_two_turns_after_the_end);
    RUN(b22_however_it_ends);
    b22_an_error_is_not_collected();
    RUN(b22_a_task_in_a_shielded_block);
    RUN(b23_done_or_never_started);
    RUN(b23_refused);
    RUN(b23_a_limit_in_use);
    RUN(b24_a_cancel_of_the_caller);
    RUN(b24_in_each_turn);
    RUN(b24_in_nests);
    RUN(b25_after_the_grace);
    RUN(b26_a_grace_of_0);
    RUN(b26_its_end_wins);
    RUN(b27_an_array);
    RUN(b27_in_every_order);
    RUN(b27_each_that_still_runs_is_told_of);
    RUN(b27_it_looks_at_the_clock_when_it_resumes);
    RUN(b27_tasks);
    RUN(b27_started_meanwhile);
    RUN(b23_too_many);
    RUN(b25_a_gather);
    return 0;
}
