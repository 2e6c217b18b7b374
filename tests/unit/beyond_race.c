/* beyond_race.c - AIOT_RACE: rules 28 to 33 of tests/beyond/README.md. */
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

static char MESSAGE[] = "message";

static int turn, event_turn;
struct counter { AIOT_FRAME; };
static AIOT_CORO(counter) { AIOT_BEGIN(); for (;;) { turn++; AIOT_YIELD(); } AIOT_END(); }
struct count { aiot_task task; struct counter frame; };
#define COUNT_TURNS(count) do { turn = event_turn = 0; AIOT_SPAWN(&(count)->task, counter, &(count)->frame); } while (0)

/* Ends `turns` turns after its first step, with an error if there is one. A cancel ends it after `cleanup` turns. */
struct runner { AIOT_FRAME; const char *name; int turns, cleanup, error; bool swallows; int asked_at, ended_at; };
static AIOT_CORO(runner)
{
    AIOT_BEGIN();
    self->asked_at = -1;
    AIOT_TRY { while (self->turns-- > 0) AIOT_YIELD(); } AIOT_EXCEPT(AIOT_ECANCELED) {
        self->asked_at = turn;
        if (self->name) say("%s! ", self->name);
        while (self->cleanup-- > 0) AIOT_YIELD();
        self->ended_at = event_turn = turn;
        if (!self->swallows) AIOT_RERAISE();
        AIOT_RETURN();
    }
    self->ended_at = event_turn = turn;
    if (self->error) AIOT_RAISE(self->error);
    AIOT_END();
}
#define MEMBERS(n) AIOT_RACE_SET(n) set; struct runner r[n]; aiot_task t[n]
#define START(i, ...) CHECK_EQUAL(aiot_spawn(&self->t[i], runner, &self->r[i], __VA_ARGS__), 0)

struct b28_the_others_are_cancelled_in_order { AIOT_FRAME; struct count count; MEMBERS(3); };
static AIOT_CORO(b28_the_others_are_cancelled_in_order)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    COUNT_TURNS(&self->count);
    START(0, .name = "a", .turns = 99, .cleanup = 3);
    START(1, .name = "b", .turns = 2);
    START(2, .name = "c", .turns = 99, .cleanup = 1);
    AIOT_RACE(&self->set, &self->t[2], &self->t[1], &self->t[0]);
    CHECK_SAID("c! a! ");                                       /* each at its next step: that of a is over in this turn */
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK_EQUAL(self->r[2].asked_at - self->r[1].ended_at, 1);  /* the race hears of it a turn after the end, and cancels at once */
    CHECK_EQUAL(self->r[0].asked_at - self->r[1].ended_at, 2);
    CHECK(aiot_cancelled(&self->t[0]) && aiot_cancelled(&self->t[2]) && !aiot_cancelled(&self->t[1]));
    CHECK_EQUAL(turn - event_turn, 2);                          /* heard in the first turn after the last end, over in the second */
    CHECK_EQUAL(event_turn, self->r[0].ended_at);
    CHECK_EQUAL(aiot_task_cancelling(&self->t[0]), 1);
    CHECK_EQUAL(aiot_task_cancelling(&self->t[1]), 0);
    CHECK_END();
}
struct sleeper { AIOT_FRAME; const char *name; };
static AIOT_CORO(sleeper) { AIOT_BEGIN(); AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_FINALLY { say("%s ", self->name); } AIOT_END(); }
struct b28_in_order_of_the_call { AIOT_FRAME; AIOT_RACE_SET(4) set; struct sleeper s[3]; aiot_task t[3], w; struct job job; };
static AIOT_CORO(b28_in_order_of_the_call)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_SPAWN(&self->t[0], sleeper, &self->s[0], .name = "a");
    AIOT_SPAWN(&self->t[1], sleeper, &self->s[1], .name = "b");
    AIOT_SPAWN(&self->t[2], sleeper, &self->s[2], .name = "c");
    AIOT_SPAWN(&self->w, job, &self->job, .delay = AIOT_S(1));
    AIOT_RACE(&self->set, &self->t[1], &self->t[2], &self->w, &self->t[0]);
    CHECK_SAID("b c a ");
    CHECK_EQUAL(aiot_race_winner(&self->set), 2);
    CHECK_EQUAL(self->job.value, 42);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_END();
}

/* 29: the member that ended first. All end in one turn; or with one turn between, in both orders; or are done. */
struct b29_the_first_end { AIOT_FRAME; MEMBERS(2); int n; aiot_future f[2]; };
static AIOT_CORO(b29_the_first_end)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    for (self->n = -2; self->n <= 2; self->n++) {               /* the first is spawned first; the second ends n turns later */
        START(0, .turns = 3);
        START(1, .turns = 3 + self->n, .name = "second");
        AIOT_RACE(&self->set, &self->t[0], &self->t[1]);
        CHECK_EQUAL(aiot_race_winner(&self->set), self->n < 0);
        CHECK_SAID(self->n > 0 ? "second! " : "");
        START(0, .turns = 3);                                   /* the places changed */
        START(1, .turns = 3 + self->n);
        AIOT_RACE(&self->set, &self->t[1], &self->t[0]);
        CHECK_EQUAL(aiot_race_winner(&self->set), self->n >= 0);
        /* A turn later the first one ends before the race hears of the second one: they step in this order. */
        CHECK_EQUAL(aiot_cancelled(&self->t[1]), self->n > 0);
        CHECK_EQUAL(aiot_cancelled(&self->t[0]), self->n == -2);
    }
    START(0, .turns = 0);                                       /* done: the first in the call */
    START(1, .turns = 0);
    AIOT_JOIN(&self->t[1]);
    AIOT_JOIN(&self->t[0]);
    AIOT_RACE(&self->set, &self->t[1], &self->t[0]);
    CHECK_EQUAL(aiot_race_winner(&self->set), 0);
    START(0, .turns = 9, .name = "a");                          /* one is done, one is not */
    AIOT_RACE(&self->set, &self->t[0], &self->t[1]);
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK_SAID("a! ");
    aiot_future_init(&self->f[0], task->loop);                  /* futures: set in one turn, the second first */
    aiot_future_init(&self->f[1], task->loop);
    START(0, .turns = 9, .name = "a");
    AIOT_YIELD();
    aiot_future_set_result(&self->f[1], 1);
    aiot_future_set_result(&self->f[0], 1);
    AIOT_TRY { AIOT_RACE(&self->set, &self->t[0], &self->f[0]); } AIOT_EXCEPT_ALL { NOT_REACHED(); }
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK_SAID("a! ");
    aiot_future_init(&self->f[0], task->loop);
    START(0, .turns = 1);
    AIOT_RACE(&self->set, &self->f[0], &self->t[0]);
    CHECK(aiot_cancelled(&self->f[0]));                         /* a loser, too */
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK_END();
}
struct b29_a_cancelled_member_wins { AIOT_FRAME; MEMBERS(2); };
static AIOT_CORO(b29_a_cancelled_member_wins)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    START(0, .turns = 9, .name = "a");
    START(1, .turns = 9, .name = "b");
    AIOT_YIELD();
    aiot_cancel_msg(&self->t[1], MESSAGE);
    AIOT_TRY { AIOT_RACE(&self->set, &self->t[0], &self->t[1]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);                 /* the caller was not cancelled itself */
    CHECK_SAID("b! a! ");
    AIOT_YIELD();
    CHECK_END();
}

/* 30: errors. */
static void tell(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    if (report->reason == AIOT_REPORT_UNCOLLECTED) say("[%d uncollected, %d] ", (int)report->count, report->error.code);
    else say("[%s] ", aiot_reason_text(report->reason));
}
struct races { AIOT_FRAME; int how; AIOT_RACE_SET(2) set; struct runner r[2]; aiot_task t[2]; };
static AIOT_CORO(races)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    task->loop->on_error = tell;
    START(0, .turns = 2, .error = 7);
    START(1, .turns = self->how == 1 ? 2 : 9, .error = 8, .swallows = true);
    AIOT_TRY { AIOT_RACE(&self->set, &self->t[0], &self->t[1]); NOT_REACHED(); } AIOT_EXCEPT_ALL { say("raised %d ", aiot_caught(task).code); }
    CHECK_EQUAL(aiot_race_winner(&self->set), 0);
    if (self->how == 2) CHECK_EQUAL(aiot_result(&self->t[1]), 0);
    CHECK_END();
}
static void b30_the_winners_error_is_raised(void)
{
    static const char *const said[] = { "raised 7 ", "raised 7 [1 uncollected, 8] ", "raised 7 " };
    static aiot_loop loops[3];
    static struct races frames[3];
    for (int how = 0; how < 3; how++) {
        aiot_loop_init_virtual(&loops[how]);
        CHECK_EQUAL(aiot_run(&loops[how], races, &frames[how], .how = how), AIOT_OK);
        CHECK_SAID(said[how]);
    }
}
struct b30_the_pointer_of_the_error { AIOT_FRAME; AIOT_RACE_SET(2) set; aiot_future f; aiot_task t; struct job job; };
static AIOT_CORO(b30_the_pointer_of_the_error)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    aiot_future_init(&self->f, task->loop);
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(1), .late_error = 9);
    aiot_future_set_error(&self->f, 7, MESSAGE);
    AIOT_TRY { AIOT_SLEEP(1); AIOT_RACE(&self->set, &self->t, &self->f); NOT_REACHED(); } AIOT_EXCEPT(7) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_EQUAL(aiot_result(&self->t), 9);                      /* the loser's stays with it */
    CHECK_SAID("job! ");
    CHECK_END();
}

/* 31: a cancel of the waiter, before any end. */
struct waiter { AIOT_FRAME; int count; aiot_awaitable *members[3]; AIOT_RACE_SET(3) set; };
static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_TRY { AIOT_RACE_ARRAY(&self->set, self->members, self->count); say("won by %d ", aiot_race_winner(&self->set)); } AIOT_EXCEPT_ALL {
        say("%s, won by %d ", aiot_error_name(aiot_caught(task).code), aiot_race_winner(&self->set));
        AIOT_RERAISE();
    }
    AIOT_END();
}
struct b31_a_cancel_of_the_waiter { AIOT_FRAME; struct waiter w; struct job job[2]; aiot_task t[2], wt; };
static AIOT_CORO(b31_a_cancel_of_the_waiter)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(2));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9), .cleanup = AIOT_S(1), .swallows = true);
    AIOT_SPAWN(&self->wt, waiter, &self->w, .count = 2, .members = { AIOT_AWAITABLE(&self->t[1]), AIOT_AWAITABLE(&self->t[0]) });
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel_msg(&self->wt, MESSAGE);
    AIOT_SLEEP(AIOT_MS(500));
    CHECK_SAID("b! a! ");
    aiot_cancel(&self->wt);                                     /* counted, and without effect */
    aiot_cancel(&self->wt);
    CHECK_EQUAL(aiot_task_cancelling(&self->wt), 3);
    CHECK_EQUAL(aiot_task_cancelling(&self->t[0]), 1);
    AIOT_TRY { AIOT_JOIN(&self->wt); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK(aiot_caught(task).info == MESSAGE); }
    CHECK_SAID("CancelledError, won by -1 ");
    CHECK_EQUAL(self->job[1].value, 43);
    CHECK_EQUAL(aiot_task_cancelling(&self->t[0]), 1);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    CHECK_END();
}

/* 31, 32: the cancel in each turn, counted from the waiter's step, 0. a ends in turn 2. The race hears of it in turn 3 and cancels b, which
 * ends in that turn. The race hears of that in turn 4, and the waiter resumes in turn 5. */
struct b31_b32_in_each_turn { AIOT_FRAME; struct waiter w; struct runner r[2]; aiot_task t[2], wt; int n, i; };
static AIOT_CORO(b31_b32_in_each_turn)
{
    AIOT_BEGIN();
    for (self->n = 0; self->n < 8; self->n++) {
        AIOT_SPAWN(&self->wt, waiter, &self->w, .count = 2, .members = { AIOT_AWAITABLE(&self->t[0]), AIOT_AWAITABLE(&self->t[1]) });
        AIOT_SPAWN(&self->t[0], runner, &self->r[0], .name = "a", .turns = 2);
        AIOT_SPAWN(&self->t[1], runner, &self->r[1], .name = "b", .turns = 99);
        AIOT_YIELD();
        for (self->i = 0; self->i < self->n; self->i++) AIOT_YIELD();
        aiot_cancel(&self->wt);                                 /* behind the others in turn n */
        AIOT_TRY { AIOT_JOIN(&self->wt); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        CHECK(aiot_done(&self->t[0]) && aiot_done(&self->t[1]));
        say("| ");
    }
    /* Cancelled in turn 0, the waiter asks in turn 1. Cancelled in turn 1, it asks in turn 2, behind the end of a, of which it has not heard. */
    CHECK_SAID("a! b! CancelledError, won by -1 | b! CancelledError, won by -1 | b! CancelledError, won by 0 | b! CancelledError, won by 0 | "
               "b! CancelledError, won by 0 | b! won by 0 | b! won by 0 | b! won by 0 | ");
    CHECK_END();
}

/* 33: what is refused, and members given twice. */
struct b33_refused { AIOT_FRAME; AIOT_RACE_SET(2) set; struct job job; aiot_task t, never; aiot_awaitable *all[3]; };
static AIOT_CORO(b33_refused)
{
    static aiot_loop other_loop;
    static aiot_future foreign;
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    memset(&self->never, 0, sizeof self->never);
    aiot_loop_init_virtual(&other_loop);
    aiot_future_init(&foreign, &other_loop);
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(1));
    AIOT_TRY { AIOT_RACE_ARRAY(&self->set, self->all, 0); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("empty "); }
    self->all[0] = AIOT_AWAITABLE(&self->t);
    self->all[1] = NULL;
    AIOT_TRY { AIOT_RACE_ARRAY(&self->set, self->all, 2); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("NULL "); }
    AIOT_TRY { AIOT_RACE(&self->set, &self->t, &self->never); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("never started "); }
    AIOT_TRY { AIOT_RACE(&self->set, &self->t, &foreign); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("foreign "); }
    AIOT_TRY { AIOT_RACE_ARRAY(&self->set, self->all, 3); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    CHECK_COMPLAINED(4);                                        /* not of an empty set */
    CHECK_SAID("empty NULL never started foreign too many ");
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 0);             /* nobody is cancelled, and the set is free */
    CHECK_EQUAL(aiot_race_winner(&self->set), -1);
    AIOT_RACE(&self->set, &self->t);                            /* one member: its end */
    CHECK_EQUAL(aiot_race_winner(&self->set), 0);
    CHECK_EQUAL(self->job.value, 42);
    CHECK_END();
}
struct b33_a_member_given_twice { AIOT_FRAME; AIOT_RACE_SET(4) set; struct job job[2]; aiot_task t[2]; };
static AIOT_CORO(b33_a_member_given_twice)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(1));
    AIOT_RACE(&self->set, &self->t[0], &self->t[1], &self->t[1], &self->t[0]);
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK_EQUAL(aiot_task_cancelling(&self->t[0]), 1);
    CHECK_SAID("a! ");
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .delay = AIOT_S(1));
    AIOT_RACE(&self->set, &self->t[0], &self->t[0]);
    CHECK_EQUAL(aiot_race_winner(&self->set), 0);
    CHECK_EQUAL(self->job[0].value, 42);
    CHECK_END();
}

/* Arrays of tasks, of structs with a task, of group tasks, of futures. */
struct runs { int id; struct job job; aiot_task t; };
struct b28_arrays { AIOT_FRAME; AIOT_RACE_SET(3) set; struct job job[3]; aiot_task t[3]; struct runs r[3]; aiot_future f[3]; aiot_group g; aiot_group_task m[3]; int i; };
static AIOT_CORO(b28_arrays)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    memset(self->r, 0, sizeof self->r);
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_SPAWN(&self->t[self->i], job, &self->job[self->i], .delay = AIOT_S(3 - self->i));
        AIOT_SPAWN(&self->r[self->i].t, job, &self->r[self->i].job, .delay = AIOT_S(self->i == 1 ? 2 : 9));
        aiot_future_init(&self->f[self->i], task->loop);
    }
    AIOT_RACE_TASKS(&self->set, self->t, 3);
    CHECK_EQUAL(aiot_race_winner(&self->set), 2);
    AIOT_RACE_TASKS(&self->set, self->r, 3, .t);
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK(aiot_cancelled(&self->r[0].t) && aiot_cancelled(&self->r[2].t) && aiot_cancelled(&self->t[0]));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    aiot_future_set_result(&self->f[1], 1);
    AIOT_RACE_TASKS(&self->set, self->f, 3);
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK(aiot_cancelled(&self->f[0]) && aiot_cancelled(&self->f[2]));
    AIOT_GROUP(&self->g) {                                      /* losers that end cancelled are no errors of their group */
        for (self->i = 0; self->i < 3; self->i++) aiot_group_spawn(&self->g, &self->m[self->i], job, &self->job[self->i], .delay = AIOT_S(1 + self->i));
        AIOT_RACE_TASKS(&self->set, self->m, 3);
        CHECK_EQUAL(aiot_race_winner(&self->set), 0);
    }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    memset(self->r, 0, sizeof self->r);
    AIOT_TRY { AIOT_RACE_TASKS(&self->set, self->r, 2, .t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("never started "); }
    AIOT_TRY { AIOT_RACE_TASKS(&self->set, self->t, 4); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    CHECK_COMPLAINED(2);
    CHECK_SAID("never started too many ");
    CHECK_END();
}

/* Nests. A race under a limit, in a shielded block, in a group whose tasks race, of a gather and a shield; a race as the limit of another. */
struct b31_in_nests { AIOT_FRAME_DEPTH(2); AIOT_RACE_SET(3) set; struct job job[3]; aiot_task t[3]; aiot_timeout limit; aiot_guard g; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(b31_in_nests)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9));
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_RACE(&self->set, &self->t[0], &self->t[1]); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); say("timeout "); }
    CHECK_SAID("a! b! timeout ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
            AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(2));
            AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9));
            AIOT_RACE(&self->set, &self->t[0], &self->t[1]);
            CHECK_EQUAL(aiot_race_winner(&self->set), 0);
        }
        AIOT_YIELD();
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("b! timeout ");
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9));
    AIOT_SPAWN(&self->t[2], job, &self->job[2], .delay = AIOT_S(1));
    aiot_gather(&self->all, &self->t[0], &self->t[1]);          /* a gather loses: all its members are cancelled */
    AIOT_RACE(&self->set, &self->all, &self->t[2]);
    CHECK_EQUAL(aiot_race_winner(&self->set), 1);
    CHECK_SAID("a! b! ");
    CHECK(aiot_cancelled(&self->t[0]) && aiot_done(&self->all));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}
/* A loser in a shielded block takes its time. */
struct in_block { AIOT_FRAME; aiot_guard g; };
static AIOT_CORO(in_block) { AIOT_BEGIN(); AIOT_SHIELDED(&self->g, AIOT_FOREVER) { AIOT_SLEEP(AIOT_S(3)); say("block "); } AIOT_SLEEP(AIOT_S(5)); AIOT_END(); }
struct b28_a_shielded_loser { AIOT_FRAME; AIOT_RACE_SET(2) set; struct in_block one; struct job job; aiot_task t, u; };
static AIOT_CORO(b28_a_shielded_loser)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_SPAWN(&self->t, in_block, &self->one);
    AIOT_SPAWN(&self->u, job, &self->job, .delay = AIOT_S(1));
    AIOT_RACE(&self->set, &self->t, &self->u);
    CHECK_SAID("block ");
    CHECK(aiot_cancelled(&self->t));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    CHECK_END();
}
/* Behind a race, set and members may go: here they are in freed memory. */
struct racers { AIOT_RACE_SET(2) set; struct job job[2]; aiot_task t[2]; };
struct b28_nothing_is_left { AIOT_FRAME; struct racers *r; int i; };
static AIOT_CORO(b28_nothing_is_left)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        self->r = (struct racers *)calloc(1, sizeof *self->r);
        CHECK(self->r != NULL);
        AIOT_SPAWN(&self->r->t[0], job, &self->r->job[0], .delay = AIOT_S(1));
        AIOT_SPAWN(&self->r->t[1], job, &self->r->job[1], .delay = AIOT_S(self->i));
        AIOT_RACE(&self->r->set, &self->r->t[0], &self->r->t[1]);
        CHECK_EQUAL(aiot_race_winner(&self->r->set), self->i == 0);
        free(self->r);
        AIOT_YIELD();
        AIOT_SLEEP(AIOT_S(1));
    }
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}

int main(void)
{
    RUN(b28_the_others_are_cancelled_in_order);
    RUN(b28_in_order_of_the_call);
    RUN(b28_arrays);
    RUN(b28_a_shielded_loser);
    RUN(b28_nothing_is_left);
    RUN(b29_the_first_end);
    RUN(b29_a_cancelled_member_wins);
    b30_the_winners_error_is_raised();
    RUN(b30_the_pointer_of_the_error);
    RUN(b31_a_cancel_of_the_waiter);
    RUN(b31_b32_in_each_turn);
    RUN(b31_in_nests);
    RUN(b33_refused);
    RUN(b33_a_member_given_twice);
    return 0;
}
