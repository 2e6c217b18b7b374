/* flaws.c - known weaknesses of asyncio: each test shows one with the primitives that behave as asyncio does, then what does better.
 * gh-N is an issue or pull request of github.com/python/cpython. */
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

static void tell(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    if (report->reason == AIOT_REPORT_STILL_RUNS) say("still runs: %s ", report->name);
    else say("reported: %d ", report->error.code);
}
/* Ends a task that was left over, so that the next part of a test begins with nothing. */
#define END_OF(t) AIOT_TRY { AIOT_JOIN(t); } AIOT_EXCEPT_ALL { }

/* asyncio waits without limit for a task that does not obey its cancel (gh-87555). AIOT_STOP gives it a grace, and tells who still runs. */
struct flaw_2_a_task_that_does_not_obey { AIOT_FRAME; struct job job; aiot_task t; aiot_timeout limit; };
static AIOT_CORO(flaw_2_a_task_that_does_not_obey)
{
    AIOT_BEGIN();
    task->loop->on_error = tell;
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(99), .cleanup = AIOT_S(60));
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(61));              /* a limit of 1 s takes a minute */
    CHECK_SAID("");

    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(99), .cleanup = AIOT_S(60));
    AIOT_SLEEP(AIOT_S(1));
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(2), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(64));
    CHECK_SAID("still runs: job ");
    END_OF(&self->t);
    CHECK_END();
}

/* asyncio delivers a cancel once: code that swallows it runs on, and the limit is not heard of again (gh-145370). In a firm limit every
 * wait is cancelled until the block is left. */
struct swallows { AIOT_FRAME; int i; };
static AIOT_CORO(swallows)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 10; self->i++) AIOT_TRY { AIOT_SLEEP(AIOT_S(1)); } AIOT_EXCEPT(AIOT_ECANCELED) { say("swallowed "); }
    AIOT_END();
}
struct flaw_3_a_swallowed_cancel { AIOT_FRAME; struct swallows swallows; aiot_timeout limit; };
static AIOT_CORO(flaw_3_a_swallowed_cancel)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_MS(1500)) { AIOT_AWAIT(swallows, &self->swallows); }
    CHECK_SAID("swallowed ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_MS(9500));           /* 8 s too late */

    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_MS(1500)) {
        AIOT_AWAIT(swallows, &self->swallows);
        AIOT_SLEEP(AIOT_S(9));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("swallowed swallowed swallowed swallowed swallowed swallowed swallowed swallowed swallowed timeout ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(11));              /* in time */
    CHECK_END();
}

/* asyncio's timeout(0) swallows a cancel that was asked for before it (gh-134471). A shielded block holds it, and delivers it at its end. */
struct flaw_5_a_limit_of_0_and_an_earlier_cancel { AIOT_FRAME; aiot_timeout limit; aiot_guard g; };
static AIOT_CORO(flaw_5_a_limit_of_0_and_an_earlier_cancel)
{
    AIOT_BEGIN();
    aiot_cancel(task);
    AIOT_TIMEOUT(&self->limit, 0) { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    AIOT_YIELD();
    CHECK_SAID("timeout ");                                     /* and the cancel was never seen */
    CHECK_EQUAL(aiot_task_uncancel(task), 0);

    aiot_cancel(task);
    AIOT_SHIELDED(&self->g, 0) { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK_SAID("timeout cancelled ");
    CHECK_END();
}

/* asyncio's TimeoutError does not say which limit struck, nor if one did. AIOT_ETIMEDOUT has the limit as pointer, an error of the body its
 * own. */
struct flaw_7_which_limit { AIOT_FRAME; aiot_timeout outer, inner; aiot_guard g; };
static AIOT_CORO(flaw_7_which_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) { AIOT_TIMEOUT(&self->inner, AIOT_S(2)) { AIOT_SLEEP(AIOT_S(9)); } }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }            /* the code alone, as in asyncio: one of the two, or neither */
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) { AIOT_RAISE(AIOT_ETIMEDOUT); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("timeout timeout ");

    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) { AIOT_TIMEOUT(&self->inner, AIOT_S(2)) { AIOT_SLEEP(AIOT_S(9)); } }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->outer); }
    AIOT_TIMEOUT(&self->outer, AIOT_S(2)) { AIOT_TIMEOUT(&self->inner, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(9)); } }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->inner); }
    AIOT_TIMEOUT(&self->outer, AIOT_S(2)) { AIOT_SHIELDED(&self->g, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(9)); } }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->g); }
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) { AIOT_RAISE(AIOT_ETIMEDOUT); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == NULL); }
    CHECK_END();
}

/* asyncio tells a callee nothing of its deadline, so each layer sets a limit of its own (gh-144592). aiot_time_left() tells. */
struct callee { AIOT_FRAME; bool asks; int tries; aiot_timeout limit; };
static AIOT_CORO(callee)
{
    AIOT_BEGIN();
    self->tries = 0;
    while (!self->asks || aiot_time_left(task) > AIOT_S(2)) {   /* a try takes 2 s */
        self->tries++;
        AIOT_TRY { AIOT_SLEEP(AIOT_S(2)); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cut "); AIOT_RERAISE(); }
    }
    say("gave up ");
    AIOT_END();
}
struct flaw_8_how_much_time_is_left { AIOT_FRAME; struct callee callee; aiot_timeout limit; };
static AIOT_CORO(flaw_8_how_much_time_is_left)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) { AIOT_AWAIT(callee, &self->callee); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_EQUAL(self->callee.tries, 3);                         /* one that could not come to its end */
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) { AIOT_AWAIT(callee, &self->callee, .asks = true); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { NOT_REACHED(); }
    CHECK_EQUAL(self->callee.tries, 2);
    CHECK_SAID("cut timeout gave up ");
    CHECK_END();
}

/* asyncio's gather leaves the siblings of a member that fails alone (gh-75633). A race cancels them. */
struct flaw_9_siblings_run_on { AIOT_FRAME; struct job job[2]; aiot_task t[2]; AIOT_GATHER_SET(2) all; AIOT_RACE_SET(2) set; };
static AIOT_CORO(flaw_9_siblings_run_on)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .delay = AIOT_S(1), .error = 7);
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "sibling", .delay = AIOT_S(9));
    AIOT_TRY { AIOT_GATHER_TASKS(&self->all, self->t, 2); NOT_REACHED(); } AIOT_EXCEPT(7) { }
    CHECK(!aiot_done(&self->t[1]));                             /* nobody waits for it */
    CHECK_SAID("");
    END_OF(&self->t[1]);

    AIOT_SPAWN(&self->t[0], job, &self->job[0], .delay = AIOT_S(1), .error = 7);
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "sibling", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
    AIOT_TRY { AIOT_RACE(&self->set, &self->t[0], &self->t[1]); NOT_REACHED(); } AIOT_EXCEPT(7) { }
    CHECK(aiot_cancelled(&self->t[1]));
    CHECK_SAID("sibling! ");
    CHECK_END();
}

/* asyncio's gather, cancelled or limited, ends with the first member that obeys, while others still clean up (gh-81884). A race ends with the
 * last one. */
struct flaw_10_members_still_clean_up { AIOT_FRAME; struct job job[2]; aiot_task t[2]; AIOT_GATHER_SET(2) all; AIOT_RACE_SET(2) set; aiot_timeout limit; };
static AIOT_CORO(flaw_10_members_still_clean_up)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .delay = AIOT_S(9));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .delay = AIOT_S(9), .cleanup = AIOT_S(5));
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_GATHER_TASKS(&self->all, self->t, 2); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK(!aiot_done(&self->t[1]));                             /* it cleans up, and its owner has gone on */
    END_OF(&self->t[1]);

    AIOT_SPAWN(&self->t[0], job, &self->job[0], .delay = AIOT_S(9));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .delay = AIOT_S(9), .cleanup = AIOT_S(5));
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_RACE(&self->set, &self->t[0], &self->t[1]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK(aiot_done(&self->t[0]) && aiot_done(&self->t[1]));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(12));
    CHECK_END();
}

/* asyncio's wait() leaves its members alone when its limit ends it, or a cancel (gh-76935). AIOT_STOP_ARRAY ends them; a race never leaves any. */
struct flaw_12_abandoned_members {
    AIOT_FRAME; struct job job[2]; aiot_task t[2]; AIOT_WAIT_SET(2) set; AIOT_RACE_SET(3) race; aiot_awaitable *all[2]; aiot_timeout limit;
    struct aiot_sleep sleep; aiot_task sleeper;
};
static AIOT_CORO(flaw_12_abandoned_members)
{
    AIOT_BEGIN();
    memset(&self->race, 0, sizeof self->race);
    self->all[0] = AIOT_AWAITABLE(&self->t[0]);
    self->all[1] = AIOT_AWAITABLE(&self->t[1]);
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_S(1), &self->t[0], &self->t[1]);
    CHECK(!aiot_done(&self->t[0]) && !aiot_done(&self->t[1]));  /* both run on */
    CHECK_SAID("");

    AIOT_STOP_ARRAY(&self->limit, AIOT_S(5), self->all, 2);
    CHECK(aiot_done(&self->t[0]) && aiot_done(&self->t[1]));
    CHECK_SAID("a! b! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
    AIOT_SPAWN(&self->sleeper, aiot_sleep, &self->sleep, .delay_ns = AIOT_S(1));
    AIOT_RACE(&self->race, &self->t[0], &self->t[1], &self->sleeper);
    CHECK(aiot_done(&self->t[0]) && aiot_done(&self->t[1]));
    CHECK_SAID("a! b! ");
    CHECK_END();
}

/* asyncio's loop knows tasks by weak references: one that nobody holds can vanish (gh-91887). Here its memory is yours, and the loop lists it. */
struct flaw_13_a_task_that_nobody_holds { AIOT_FRAME; };
static AIOT_CORO(flaw_13_a_task_that_nobody_holds)
{
    static struct job one;
    static aiot_task t;
    AIOT_BEGIN();
    AIOT_SPAWN(&t, job, &one, .name = "job", .delay = AIOT_S(1));
    CHECK_EQUAL(aiot_loop_task_count(task->loop), 2);
    AIOT_SLEEP(AIOT_S(2));
    CHECK_EQUAL(one.value, 42);
    CHECK_END();
}

/* asyncio's shield() detaches: the waiter goes on, and nobody owns the task inside, nor its error (gh-86802). A shielded block is waited for by
 * its task, and its error goes on. */
struct saves { AIOT_FRAME; int how; struct job job; aiot_task *t; aiot_shield shield; aiot_guard g; };
static AIOT_CORO(saves)
{
    AIOT_BEGIN();
    if (self->how == 0) {
        AIOT_SPAWN(self->t, job, &self->job, .delay = AIOT_S(2), .error = 7);
        AIOT_SHIELD(&self->shield, self->t);
    } else {
        AIOT_SHIELDED(&self->g, AIOT_FOREVER) { AIOT_AWAIT(job, &self->job, .delay = AIOT_S(2), .error = 7); }
    }
    AIOT_END();
}
struct flaw_14_a_shield_detaches { AIOT_FRAME; struct saves saves; aiot_task t, u; };
static AIOT_CORO(flaw_14_a_shield_detaches)
{
    AIOT_BEGIN();
    task->loop->on_error = tell;
    AIOT_SPAWN(&self->t, saves, &self->saves, .t = &self->u);
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK(!aiot_done(&self->u));                                /* it runs on without an owner */
    AIOT_SLEEP(AIOT_S(2));
    CHECK_SAID("cancelled reported: 7 ");                       /* nobody is there for its error */

    AIOT_SPAWN(&self->t, saves, &self->saves, .how = 1);
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(7) { say("7 "); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(5));
    CHECK_SAID("7 ");
    CHECK_END();
}

/* asyncio's condition refuses cancels while it takes its lock back, so its limit comes late (gh-77819), and code under a level cancel would
 * spin. Under a firm limit it waits for its lock once, and the next wait is cancelled. */
struct keeper { AIOT_FRAME; aiot_condition *c; aiot_waiter w; };
static AIOT_CORO(keeper) { AIOT_BEGIN(); AIOT_CONDITION(self->c, &self->w) { AIOT_SLEEP(AIOT_S(3)); } AIOT_END(); }
struct flaw_16_a_condition_takes_its_lock_back { AIOT_FRAME_DEPTH(2); aiot_condition c; aiot_waiter w, u; struct keeper keeper; aiot_task t; aiot_timeout limit; int how; };
static AIOT_CORO(flaw_16_a_condition_takes_its_lock_back)
{
    AIOT_BEGIN();
    aiot_condition_init(&self->c, NULL);
    self->w.link.next = self->u.link.next = self->keeper.w.link.next = NULL;
    for (self->how = 0; self->how < 2; self->how++) {
        AIOT_CONDITION(&self->c, &self->w) {
            AIOT_SPAWN(&self->t, keeper, &self->keeper, .c = &self->c);
            if (self->how == 0) {
                AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
                    AIOT_TRY { AIOT_CONDITION_WAIT(&self->c, &self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("swallowed "); }
                    AIOT_SLEEP(AIOT_S(5));
                    say("runs on ");
                }
            } else {
                AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {
                    AIOT_TRY { AIOT_CONDITION_WAIT(&self->c, &self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("swallowed "); }
                    CHECK(aiot_lock_locked(aiot_condition_lock(&self->c)));
                    AIOT_SLEEP(AIOT_S(5));
                    NOT_REACHED();
                } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
            }
        }
        CHECK_SAID(self->how == 0 ? "swallowed runs on " : "swallowed timeout ");
        CHECK_EQUAL(aiot_now(task->loop), self->how == 0 ? AIOT_S(8) : AIOT_S(11));             /* both wait for the lock: 3 s, not 1 */
    }
    CHECK_END();
}

/* asyncio's clean-up is cut by any second cancel, and has no limit of its own. In a shielded block it has one, and no cancel cuts it. */
struct cleans { AIOT_FRAME_DEPTH(2); int how; aiot_time takes; aiot_guard g; };
static AIOT_CORO(cleans)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_FINALLY {
        if (self->how == 0) {
            AIOT_SLEEP(self->takes);
            say("clean ");
        } else {
            AIOT_SHIELDED(&self->g, AIOT_S(5)) { AIOT_SLEEP(self->takes); say("clean "); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("too long "); }
        }
    }
    AIOT_END();
}
struct flaw_17_clean_up_that_is_cut { AIOT_FRAME; struct cleans cleans; aiot_task t; int how; };
static AIOT_CORO(flaw_17_clean_up_that_is_cut)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 2; self->how++) {
        AIOT_SPAWN(&self->t, cleans, &self->cleans, .how = self->how, .takes = AIOT_S(2));
        AIOT_YIELD();
        aiot_cancel(&self->t);
        AIOT_SLEEP(AIOT_S(1));
        aiot_cancel(&self->t);                                  /* impatient */
        END_OF(&self->t);
        CHECK_SAID(self->how == 0 ? "" : "clean ");
        CHECK(aiot_cancelled(&self->t));
    }
    AIOT_SPAWN(&self->t, cleans, &self->cleans, .how = 1, .takes = AIOT_S(60));
    AIOT_YIELD();
    aiot_cancel(&self->t);
    END_OF(&self->t);
    CHECK_SAID("too long ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(8));
    CHECK_END();
}

/* An overdue limit of asyncio acts when its timer has its turn: a wait may slip by (gh-95051). aiot_time_left() tells before. */
struct flaw_18_an_overdue_limit { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(flaw_18_an_overdue_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_YIELD();
        aiot_clock_advance(task->loop, AIOT_S(2));
        AIOT_YIELD();                                           /* 1 s overdue, and it slips by */
        say("slipped by ");
    }
    CHECK_SAID("slipped by ");
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        aiot_clock_advance(task->loop, AIOT_S(2));
        if (aiot_time_left(task) > 0) AIOT_YIELD(); else say("no time left ");
    }
    CHECK_SAID("no time left ");
    CHECK_END();
}

/* asyncio cancels the tasks of a group, and lists what wait() has done, in the order of a set (taskgroups.py). Here it is that of the program. */
struct flaw_19_the_order { AIOT_FRAME; aiot_group g; aiot_group_task t[8]; struct job job[8]; aiot_handle handles[8]; int i; };
static const char *const names[8] = { "0", "1", "2", "3", "4", "5", "6", "7" };
static int says_name(void *name) { say("%s ", *(const char *const *)name); return 0; }
static AIOT_CORO(flaw_19_the_order)
{
    AIOT_BEGIN();
    memset(self->handles, 0, sizeof self->handles);
    AIOT_GROUP(&self->g) {
        for (self->i = 0; self->i < 8; self->i++)
            aiot_group_spawn(&self->g, &self->t[self->i], job, &self->job[self->i], .name = names[self->i], .delay = AIOT_S(9));
        AIOT_YIELD();
        AIOT_RAISE(7);
    } AIOT_EXCEPT(AIOT_EGROUP) { }
    CHECK_SAID("0! 1! 2! 3! 4! 5! 6! 7! ");
    for (self->i = 0; self->i < 8; self->i++)                   /* timers of one instant */
        aiot_call_later(task->loop, &self->handles[self->i], AIOT_S(1), says_name, (void *)(uintptr_t)&names[self->i]);
    AIOT_SLEEP(AIOT_S(1));
    CHECK_SAID("0 1 2 3 4 5 6 7 ");
    CHECK_END();
}

/* Before Python 3.15 a group ends early only by an error (gh-108951). aiot_group_cancel() ends it without one. */
struct ends_the_group { AIOT_FRAME; aiot_group *g; int error; };
static AIOT_CORO(ends_the_group)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_S(1));
    if (self->error) AIOT_RAISE(self->error);
    aiot_group_cancel(self->g);
    AIOT_END();
}
struct flaw_20_a_group_that_ends_early { AIOT_FRAME; aiot_group g; aiot_group_task t[2]; struct job job; struct ends_the_group ends; int how; };
static AIOT_CORO(flaw_20_a_group_that_ends_early)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 2; self->how++) {
        AIOT_GROUP(&self->g) {
            aiot_group_spawn(&self->g, &self->t[0], job, &self->job, .name = "job", .delay = AIOT_S(9));
            aiot_group_spawn(&self->g, &self->t[1], ends_the_group, &self->ends, .g = &self->g, .error = self->how == 0 ? 7 : 0);
        } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
        CHECK_SAID(self->how == 0 ? "job! group " : "job! ");
    }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_END();
}

int main(void)
{
    RUN(flaw_2_a_task_that_does_not_obey);
    RUN(flaw_3_a_swallowed_cancel);
    RUN(flaw_5_a_limit_of_0_and_an_earlier_cancel);
    RUN(flaw_7_which_limit);
    RUN(flaw_8_how_much_time_is_left);
    RUN(flaw_9_siblings_run_on);
    RUN(flaw_10_members_still_clean_up);
    RUN(flaw_12_abandoned_members);
    RUN(flaw_13_a_task_that_nobody_holds);
    RUN(flaw_14_a_shield_detaches);
    RUN(flaw_16_a_condition_takes_its_lock_back);
    RUN(flaw_17_clean_up_that_is_cut);
    RUN(flaw_18_an_overdue_limit);
    RUN(flaw_19_the_order);
    RUN(flaw_20_a_group_that_ends_early);
    return 0;
}
