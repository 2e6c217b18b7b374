/* beyond_firm.c - firm limits and firm cancels: rules 14 to 21 of tests/beyond/README.md. */
#include "check.h"
#include "job.h"

static char MESSAGE[] = "message";

static int turn;
struct counter { AIOT_FRAME; };
static AIOT_CORO(counter) { AIOT_BEGIN(); for (;;) { turn++; AIOT_YIELD(); } AIOT_END(); }
struct count { aiot_task task; struct counter frame; };
#define COUNT_TURNS(count) do { turn = 0; AIOT_SPAWN(&(count)->task, counter, &(count)->frame); } while (0)

/* Swallows every cancel: says "x" for each, "." for each wait that goes well. Ends after `waits` waits. */
struct stubborn {
    AIOT_FRAME; int waits, how, i; struct job job; aiot_task t; aiot_future f; aiot_event event; aiot_lock lock; aiot_waiter w; aiot_timeout limit;
    AIOT_WAIT_SET(1) set; aiot_semaphore semaphore; struct aiot_sleep sleep; aiot_error seen; aiot_ticker ticker; AIOT_GATHER_SET(1) all; AIOT_RACE_SET(1) race;
};
static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    memset(&self->event, 0, sizeof self->event);
    self->lock.is_locked = true;
    CHECK_EQUAL(aiot_semaphore_init(&self->semaphore, 0), 0);
    CHECK_EQUAL(aiot_ticker_init(&self->ticker, task->loop, AIOT_S(1), AIOT_TICK_SKIP), 0);
    memset(&self->race, 0, sizeof self->race);
    for (self->i = 0; self->i < self->waits; self->i++) {
        aiot_future_init(&self->f, task->loop);
        AIOT_TRY {
            if (self->how == 0) AIOT_SLEEP(AIOT_S(1));
            if (self->how == 1) AIOT_YIELD();
            if (self->how == 2) AIOT_JOIN(&self->f);
            if (self->how == 3) AIOT_EVENT_WAIT(&self->event, &self->w);
            if (self->how == 4) AIOT_LOCK_ACQUIRE(&self->lock, &self->w);
            if (self->how == 5) AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->f);
            if (self->how == 6) AIOT_SEMAPHORE_ACQUIRE(&self->semaphore, &self->w);
            if (self->how == 7) AIOT_JOIN_FOR(&self->limit, AIOT_S(5), &self->f);
            if (self->how == 8) AIOT_WAIT_FOR(&self->limit, AIOT_S(5), aiot_sleep, &self->sleep, .delay_ns = AIOT_S(9));
            if (self->how == 9) AIOT_WAIT_FOR(&self->limit, 0, aiot_sleep, &self->sleep);
            if (self->how == 10) AIOT_AWAIT(aiot_sleep, &self->sleep, .delay_ns = AIOT_FOREVER);
            if (self->how == 11) AIOT_SLEEP_UNTIL(0);
            if (self->how == 12) AIOT_TICK(&self->ticker);
            if (self->how == 13) AIOT_GATHER(&self->all, &self->f);
            if (self->how == 14) AIOT_JOIN_FOR(&self->limit, 0, &self->f);
            if (self->how == 15) AIOT_RACE(&self->race, &self->f);
            if (self->how == 16) {
                AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(1));
                AIOT_STOP(&self->limit, AIOT_S(5), &self->t);
            }
            say(". ");
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            self->seen = aiot_caught(task);
            say("x%u ", aiot_task_cancelling(task));
        }
    }
    AIOT_END();
}

struct b14_every_wait_is_cancelled { AIOT_FRAME; struct stubborn s; aiot_timeout limit; int how; };
static AIOT_CORO(b14_every_wait_is_cancelled)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 17; self->how++) {
        self->s.lock.waiters.next = self->s.w.link.next = NULL;
        AIOT_TIMEOUT_FIRM(&self->limit, 0) {
            AIOT_AWAIT(stubborn, &self->s, .waits = 3, .how = self->how);
            CHECK(aiot_timeout_expired(&self->limit));
        }
        CHECK_SAID("x1 x1 x1 ");                                /* each counts none, but for the strike: 15; no error, nothing raised: 16 */
        CHECK_EQUAL(aiot_task_cancelling(task), 0);
        CHECK_EQUAL(aiot_now(task->loop), 0);
        AIOT_YIELD();                                           /* and behind the block all is well */
    }
    AIOT_AWAIT(stubborn, &self->s, .waits = 1);
    CHECK_SAID(". ");
    CHECK_END();
}

struct b14_from_the_strike_on { AIOT_FRAME; struct stubborn s; aiot_timeout limit; };
static AIOT_CORO(b14_from_the_strike_on)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_MS(2500)) { AIOT_AWAIT(stubborn, &self->s, .waits = 5); }
    CHECK_SAID(". . x1 x1 x1 ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_MS(2500));
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(2)) {                /* 16: AIOT_ECANCELED becomes AIOT_ETIMEDOUT */
        AIOT_AWAIT(stubborn, &self->s, .waits = 3);
        AIOT_YIELD();
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); say("timeout "); }
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(2)) { AIOT_AWAIT(stubborn, &self->s, .waits = 1); }      /* in time: an ordinary limit */
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) { AIOT_AWAIT(stubborn, &self->s, .waits = 2); AIOT_RAISE(7); }
    AIOT_EXCEPT_ALL { CHECK_EQUAL(aiot_caught(task).code, 7); }
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}

/* 14: a wait that refuses its cancel: the joined task ends with a value, or goes on for a while. 15: each join cancels it. */
struct b14_b15_a_refused_cancel { AIOT_FRAME; struct job job; aiot_task t; aiot_timeout limit; struct stubborn s; int i; };
static AIOT_CORO(b14_b15_a_refused_cancel)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(9), .swallows = true);
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("job! timeout ");
    CHECK_EQUAL(self->job.value, 43);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    AIOT_SPAWN(&self->t, stubborn, &self->s, .waits = 4);
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_MS(500)) {
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("joined "); }
        CHECK(aiot_done(&self->t));
        AIOT_JOIN(&self->t);                                    /* 21: it is done */
        AIOT_SPAWN(&self->t, stubborn, &self->s, .waits = 2);
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("joined "); }
    }
    CHECK_SAID("x1 . . . joined joined ");                      /* one that had not begun ends at once */
    CHECK(aiot_cancelled(&self->t));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    CHECK_END();
}

/* 15: the later cancels have no message. */
struct holds { AIOT_FRAME; struct stubborn s; };
static AIOT_CORO(holds) { AIOT_BEGIN(); AIOT_AWAIT(stubborn, &self->s, .waits = 3, .how = 1); AIOT_END(); }

struct b17_a_firm_cancel { AIOT_FRAME; struct holds holds; struct job job; aiot_task t; aiot_future f; struct stubborn s; AIOT_GATHER_SET(1) all; };
static AIOT_CORO(b17_a_firm_cancel)
{
    static aiot_task never_started;
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, holds, &self->holds);
    AIOT_YIELD();
    CHECK(aiot_cancel_firmly(&self->t));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    AIOT_JOIN(&self->t);                                        /* it ends well, as nothing is delivered at the end */
    CHECK_SAID("x1 x1 x1 ");
    CHECK(!aiot_cancel_firmly(&self->t));                       /* it is done */
    AIOT_SPAWN(&self->t, stubborn, &self->s, .waits = 2);       /* and free again: nothing is left of it */
    AIOT_JOIN(&self->t);
    CHECK_SAID(". . ");
    AIOT_SPAWN(&self->t, stubborn, &self->s, .waits = 3);
    AIOT_YIELD();
    aiot_cancel_firmly(&self->t);
    CHECK_EQUAL(aiot_task_uncancel(&self->t), 0);               /* does not lift it */
    AIOT_JOIN(&self->t);
    CHECK_SAID("x0 x0 x0 ");
    AIOT_SPAWN(&self->t, stubborn, &self->s, .waits = 3);
    CHECK(aiot_cancel_firmly(&self->t));                        /* before its first step */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("");
    AIOT_SPAWN(&self->t, stubborn, &self->s, .waits = 3);
    AIOT_YIELD();
    aiot_cancel_firmly(&self->t);
    aiot_cancel_msg(&self->t, MESSAGE);
    aiot_cancel_firmly(&self->t);
    AIOT_JOIN(&self->t);
    CHECK_SAID("x3 x3 x3 ");
    CHECK(self->s.seen.info == NULL);                           /* of the last one, by firmness alone */
    CHECK(!aiot_cancel_firmly(&never_started));
    aiot_future_init(&self->f, task->loop);                     /* no tasks: as aiot_cancel() */
    CHECK(aiot_cancel_firmly(&self->f) && aiot_cancelled(&self->f));
    CHECK(!aiot_cancel_firmly(&self->f));
    AIOT_SPAWN(&self->t, stubborn, &self->s, .waits = 3);
    AIOT_YIELD();
    aiot_gather_all(&self->all, &self->t);
    CHECK(aiot_cancel_firmly(&self->all));
    AIOT_TRY { AIOT_JOIN(&self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("x1 . . ");
    CHECK_END();
}

/* A task cancels itself firmly. */
struct b17_a_task_cancels_itself { AIOT_FRAME; struct stubborn s; aiot_event event; aiot_waiter w; aiot_guard g; };
static AIOT_CORO(b17_a_task_cancels_itself)
{
    AIOT_BEGIN();
    CHECK(aiot_cancel_firmly(task));
    AIOT_AWAIT(stubborn, &self->s, .waits = 2, .how = 1);
    memset(&self->event, 0, sizeof self->event);
    aiot_event_set(&self->event);
    AIOT_EVENT_WAIT(&self->event, &self->w);                    /* 21: no turn, no wait */
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) { AIOT_AWAIT(stubborn, &self->s, .waits = 2); }
    CHECK_SAID("x1 x1 . . ");
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_END();
}

/* 18: a shielded block inside; firm limits around it, inside it, and around both. */
struct b18_a_shielded_block_inside { AIOT_FRAME_DEPTH(2); struct stubborn s; aiot_timeout limit, inner; aiot_guard g, h; };
static AIOT_CORO(b18_a_shielded_block_inside)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_FINALLY {
            AIOT_SHIELDED(&self->g, AIOT_FOREVER) { AIOT_AWAIT(stubborn, &self->s, .waits = 2); }
            AIOT_AWAIT(stubborn, &self->s, .waits = 1);         /* it acts again at the next wait */
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID(". . x1 timeout ");
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {                /* it strikes in the block: held, then firm */
        AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
            AIOT_AWAIT(stubborn, &self->s, .waits = 2);
            AIOT_SHIELDED(&self->h, AIOT_FOREVER) { AIOT_AWAIT(stubborn, &self->s, .waits = 1); }
            AIOT_AWAIT(stubborn, &self->s, .waits = 1);
        }
        AIOT_AWAIT(stubborn, &self->s, .waits = 2);
    }
    CHECK_SAID(". . . . x1 x1 ");
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {                     /* firm inside, shielded outside */
        AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) { AIOT_AWAIT(stubborn, &self->s, .waits = 3, .how = 2); }
        AIOT_AWAIT(stubborn, &self->s, .waits = 1);
    }
    CHECK_SAID("x1 x1 x1 . ");
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {                /* firm in shielded in firm: both strike */
        AIOT_SHIELDED(&self->g, AIOT_S(9)) {
            AIOT_TIMEOUT_FIRM(&self->inner, AIOT_S(2)) { AIOT_AWAIT(stubborn, &self->s, .waits = 4); }
            AIOT_AWAIT(stubborn, &self->s, .waits = 1);
        }
        AIOT_AWAIT(stubborn, &self->s, .waits = 1);
    }
    CHECK_SAID(". x2 x2 x2 . x1 ");                             /* the held one counts */
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();
    CHECK_END();
}

/* Every way out of a shielded block in a firm limit that has struck. */
struct ways { AIOT_FRAME_DEPTH(2); aiot_guard g; int how; struct stubborn s; };
static AIOT_CORO(ways)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_SLEEP(AIOT_S(2));
        if (self->how == 1) break;
        if (self->how == 2) AIOT_RETURN();
        if (self->how == 3) AIOT_RAISE(7);
    } AIOT_EXCEPT(7) { }
    AIOT_END();
}
struct b18_every_way_out { AIOT_FRAME; struct ways ways; int how; struct stubborn s; aiot_timeout limit; };
static AIOT_CORO(b18_every_way_out)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 4; self->how++) {
        AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {
            AIOT_AWAIT(ways, &self->ways, .how = self->how);
            AIOT_AWAIT(stubborn, &self->s, .waits = 2);
            if (self->how == 1) break;
            if (self->how == 2) continue;
            if (self->how == 3) AIOT_RAISE(8);
        } AIOT_EXCEPT(8) { }
        CHECK_SAID("x1 x1 ");
        AIOT_AWAIT(stubborn, &self->s, .waits = 1);             /* behind the limit nothing is firm */
        CHECK_SAID(". ");
        CHECK_EQUAL(aiot_task_cancelling(task), 0);
    }
    CHECK_END();
}

/* 19: a limit inside that strikes, too. */
struct b19_the_outer_one_is_the_reason { AIOT_FRAME_DEPTH(3); aiot_timeout outer, inner; aiot_guard g; };
static AIOT_CORO(b19_the_outer_one_is_the_reason)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->outer, AIOT_S(1)) {
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) {
            AIOT_TIMEOUT(&self->inner, 0) { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT_ALL {
                CHECK_EQUAL(aiot_caught(task).code, AIOT_ECANCELED);
                say("inner ");
            }
        }
    }
    CHECK_SAID("inner ");
    AIOT_TIMEOUT_FIRM(&self->outer, AIOT_S(1)) {                /* both in one instant */
        AIOT_TIMEOUT(&self->inner, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->outer); say("outer "); }
    CHECK_SAID("outer ");
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) {                     /* an ordinary limit around a firm one, in one instant */
        AIOT_TIMEOUT_FIRM(&self->inner, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->outer); say("outer "); }
    CHECK_SAID("outer ");
    AIOT_TIMEOUT_FIRM(&self->outer, AIOT_S(1)) {                /* a guard between: its limits are their own reasons */
        AIOT_SHIELDED(&self->g, AIOT_S(2)) { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->g); say("guard "); }
    }
    CHECK_SAID("guard ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    aiot_cancel_firmly(task);
    AIOT_TIMEOUT(&self->inner, AIOT_S(1)) { AIOT_YIELD(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    AIOT_TIMEOUT(&self->inner, 0) { AIOT_YIELD(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK_SAID("cancelled cancelled ");
    CHECK_END();
}

/* Nests of all: firm in a limit, a guard in it, with a race of a task that holds a group in a guard. Every layer of it is two coroutines deep. */
struct holder { AIOT_FRAME; aiot_guard g; aiot_group group; aiot_group_task m; struct job job; };
static AIOT_CORO(holder)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_GROUP(&self->group) { aiot_group_spawn(&self->group, &self->m, job, &self->job, .name = "member", .delay = AIOT_S(3)); }
        say("group ");
    }
    AIOT_END();
}
struct races { AIOT_FRAME; aiot_guard g; AIOT_RACE_SET(2) set; struct holder holder; struct job job; aiot_task t[2]; };
static AIOT_CORO(races)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_SHIELDED(&self->g, AIOT_FOREVER) {
        AIOT_SPAWN(&self->t[0], holder, &self->holder);
        AIOT_SPAWN(&self->t[1], job, &self->job, .delay = AIOT_S(2));
        AIOT_RACE(&self->set, &self->t[0], &self->t[1]);
        say("winner %d ", aiot_race_winner(&self->set));
    }
    AIOT_END();
}
struct calls_races { AIOT_FRAME; struct races races; struct stubborn s; };
static AIOT_CORO(calls_races) { AIOT_BEGIN(); AIOT_AWAIT(races, &self->races); AIOT_AWAIT(stubborn, &self->s, .waits = 2); AIOT_END(); }
struct b18_in_nests { AIOT_FRAME; aiot_timeout limit, firm; struct calls_races calls; aiot_time limits[2]; int i; };
static AIOT_CORO(b18_in_nests)
{
    static const char *const said[] = { "group winner 1 x1 x1 end ", "group winner 1 x1 x1 end ", "group winner 1 x1 . end ", "group winner 1 x2 x2 end " };
    static const int limits[4][2] = { { 9, 1 }, { 9, 0 }, { 1, 9 }, { 1, 1 } };             /* seconds: of the limit, of the firm limit in it */
    AIOT_BEGIN();
    for (self->i = 0; self->i < 4; self->i++) {
        AIOT_TIMEOUT(&self->limit, AIOT_S(1) * limits[self->i][0]) {
            AIOT_TIMEOUT_FIRM(&self->firm, AIOT_S(1) * limits[self->i][1]) { AIOT_AWAIT(calls_races, &self->calls); say("end "); }
        } AIOT_EXCEPT_ALL { NOT_REACHED(); }
        CHECK_SAID(said[self->i]);
        CHECK_EQUAL(aiot_task_cancelling(task), 0);
        AIOT_YIELD();
        CHECK(aiot_cancelled(&self->calls.races.t[0]));         /* a cancel that was held, and no wait behind it */
    }
    CHECK_END();
}

/* A firm limit in use, or too long: refused, and nothing becomes firm. */
struct b14_refused { AIOT_FRAME; aiot_timeout limit; struct stubborn s; };
static AIOT_CORO(b14_refused)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
        AIOT_TIMEOUT_FIRM(&self->limit, 0) { NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("in use "); }
        CHECK_COMPLAINED(1);
        AIOT_AWAIT(stubborn, &self->s, .waits = 2);
        CHECK_EQUAL(aiot_time_left(task), AIOT_S(3));
    }
    CHECK_SAID("in use . . ");
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_MS(1500)) { AIOT_AWAIT(stubborn, &self->s, .waits = 3); }
    AIOT_TIMEOUT(&self->limit, 0) { AIOT_AWAIT(stubborn, &self->s, .waits = 2, .how = 1); }  /* the same object, no longer firm */
    CHECK_SAID(". x1 x1 x1 . ");
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_FOREVER) {             /* rescheduled into the past, it strikes firmly */
        CHECK_EQUAL(aiot_timeout_reschedule(&self->limit, aiot_now(task->loop)), 0);
        AIOT_AWAIT(stubborn, &self->s, .waits = 2, .how = 1);
    }
    CHECK_SAID("x1 x1 ");
    CHECK_END();
}

/* 20: a group. The first wait at its end is cancelled, so it aborts. Then it waits for its tasks. */
struct b20_a_group_waits_for_its_tasks { AIOT_FRAME_DEPTH(2); aiot_timeout limit; aiot_group g; aiot_group_task t[2]; struct job job[2]; };
static AIOT_CORO(b20_a_group_waits_for_its_tasks)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {
        AIOT_GROUP(&self->g) {
            aiot_group_spawn(&self->g, &self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
            aiot_group_spawn(&self->g, &self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9), .cleanup = AIOT_S(2));
        }
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("a! b! timeout ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {                /* struck before the group begins */
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        AIOT_GROUP(&self->g) {
            aiot_group_spawn(&self->g, &self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
        } AIOT_EXCEPT(AIOT_ECANCELED) { say("group "); AIOT_RERAISE(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("a! group timeout ");
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {                /* a task fails in the clean-up: the group's error */
        AIOT_GROUP(&self->g) {
            aiot_group_spawn(&self->g, &self->t[0], job, &self->job[0], .delay = AIOT_S(9), .late_error = 7);
        }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("group ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();
    CHECK_END();
}

/* 20: a condition takes its lock back. The holder of the lock gives it up a second after the strike. */
struct keeper { AIOT_FRAME; aiot_condition *c; aiot_waiter w; aiot_time before, delay; int notify; };
static AIOT_CORO(keeper)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->before);
    AIOT_CONDITION(self->c, &self->w) { AIOT_SLEEP(self->delay); if (self->notify) aiot_condition_notify(self->c, 1); }
    say("given ");
    AIOT_END();
}
struct in_condition { AIOT_FRAME; aiot_condition *c; aiot_waiter w, u; aiot_timeout limit; aiot_time d; aiot_error seen; struct stubborn s; };
static AIOT_CORO(in_condition)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->limit, self->d) {
        AIOT_CONDITION(self->c, &self->w) {
            AIOT_TRY { AIOT_CONDITION_WAIT(self->c, &self->u); say("notified "); } AIOT_EXCEPT_ALL {
                self->seen = aiot_caught(task);
                say("%s ", aiot_error_name(self->seen.code));
            }
            CHECK(aiot_lock_locked(aiot_condition_lock(self->c)));
            AIOT_TRY { AIOT_YIELD(); say(". "); } AIOT_EXCEPT(AIOT_ECANCELED) { say("x "); }
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    AIOT_END();
}
struct b20_a_condition_takes_its_lock_back { AIOT_FRAME; aiot_condition c; struct keeper k; struct in_condition in; aiot_task t, u; };
static AIOT_CORO(b20_a_condition_takes_its_lock_back)
{
    AIOT_BEGIN();
    aiot_condition_init(&self->c, NULL);
    self->in.w.link.next = self->in.u.link.next = self->k.w.link.next = NULL;
    AIOT_SPAWN(&self->t, in_condition, &self->in, .c = &self->c, .d = AIOT_S(1));
    AIOT_SPAWN(&self->u, keeper, &self->k, .c = &self->c, .delay = AIOT_S(2));
    AIOT_JOIN(&self->t);
    CHECK_SAID("given CancelledError x ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    AIOT_SPAWN(&self->t, in_condition, &self->in, .c = &self->c, .d = AIOT_FOREVER);        /* the same with a firm cancel */
    AIOT_SPAWN(&self->u, keeper, &self->k, .c = &self->c, .delay = AIOT_S(2));
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel_firmly(&self->t);
    AIOT_SLEEP(AIOT_MS(500));
    CHECK(!aiot_done(&self->t));
    aiot_cancel_msg(&self->t, MESSAGE);                         /* a cancel while it waits for the lock: the last one is raised */
    AIOT_JOIN(&self->t);
    CHECK_SAID("given CancelledError x ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(4));
    CHECK(!aiot_lock_locked(aiot_condition_lock(&self->c)));
    CHECK_END();
}
struct b20_the_last_cancel_keeps_its_message { AIOT_FRAME; aiot_condition c; struct keeper k; struct in_condition in; aiot_task t, u; };
static AIOT_CORO(b20_the_last_cancel_keeps_its_message)
{
    AIOT_BEGIN();
    aiot_condition_init(&self->c, NULL);
    self->in.w.link.next = self->in.u.link.next = self->k.w.link.next = NULL;
    AIOT_SPAWN(&self->t, in_condition, &self->in, .c = &self->c, .d = AIOT_FOREVER);
    AIOT_SPAWN(&self->u, keeper, &self->k, .c = &self->c, .delay = AIOT_S(2));
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel_firmly(&self->t);
    AIOT_YIELD();
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, MESSAGE);
    AIOT_JOIN(&self->t);
    CHECK_SAID("given CancelledError x ");
    CHECK(self->in.seen.info == MESSAGE);
    CHECK_END();
}

/* 17, 20: a cancel in the turn in which the lock is handed to the task: it passes it on, and takes it back later. A firm cancel is a cancel. */
struct queues { AIOT_FRAME; aiot_condition *c; aiot_waiter w; const char *name; aiot_event *until; aiot_waiter u; };
static AIOT_CORO(queues)
{
    AIOT_BEGIN();
    AIOT_CONDITION(self->c, &self->w) { say("%s ", self->name); if (self->until) AIOT_EVENT_WAIT(self->until, &self->u); }
    AIOT_END();
}
struct b20_the_lock_is_passed_on { AIOT_FRAME; aiot_condition c; aiot_event go; struct in_condition in; struct queues a, b; aiot_task t, u, v; int firm; };
static AIOT_CORO(b20_the_lock_is_passed_on)
{
    AIOT_BEGIN();
    for (self->firm = 0; self->firm < 2; self->firm++) {
        memset(&self->go, 0, sizeof self->go);
        aiot_condition_init(&self->c, NULL);
        self->in.w.link.next = self->in.u.link.next = self->a.w.link.next = self->a.u.link.next = self->b.w.link.next = NULL;
        AIOT_SPAWN(&self->t, in_condition, &self->in, .c = &self->c, .d = AIOT_FOREVER);
        AIOT_SPAWN(&self->u, queues, &self->a, .c = &self->c, .name = "a", .until = &self->go);     /* has the lock when the wait begins */
        AIOT_SLEEP(AIOT_S(1));
        aiot_cancel(&self->t);
        AIOT_SLEEP(AIOT_S(1));                                  /* it waits for the lock */
        AIOT_SPAWN(&self->v, queues, &self->b, .c = &self->c, .name = "b");     /* behind it */
        AIOT_SLEEP(AIOT_S(1));
        aiot_event_set(&self->go);                              /* a gives the lock to the first in the next turn */
        AIOT_YIELD();
        if (self->firm) aiot_cancel_firmly(&self->t);
        else aiot_cancel(&self->t);
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        CHECK_SAID(self->firm ? "a b CancelledError x " : "a b CancelledError . ");
    }
    CHECK_END();
}

/* 20: a race waits for its losers. */
struct b20_a_race_waits_for_its_losers { AIOT_FRAME_DEPTH(2); aiot_timeout limit; AIOT_RACE_SET(2) set; struct job job[2]; aiot_task t[2]; };
static AIOT_CORO(b20_a_race_waits_for_its_losers)
{
    AIOT_BEGIN();
    self->set.state.task = NULL;
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(2));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) { AIOT_RACE(&self->set, &self->t[0], &self->t[1]); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("a! b! timeout ");
    CHECK_EQUAL(aiot_race_winner(&self->set), -1);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {                /* struck before */
        AIOT_TRY { AIOT_SLEEP(AIOT_S(2)); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(2));
        AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9));
        AIOT_TRY { AIOT_RACE(&self->set, &self->t[0], &self->t[1]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
        CHECK(aiot_done(&self->t[0]) && aiot_done(&self->t[1]));
    }
    CHECK_SAID("a! b! cancelled ");
    CHECK_END();
}

/* 21: what takes no turn. */
struct b21_no_waits { AIOT_FRAME; struct count count; aiot_timeout limit; struct job job; aiot_task t; aiot_event event; aiot_lock lock; aiot_waiter w; int before; };
static AIOT_CORO(b21_no_waits)
{
    AIOT_BEGIN();
    memset(&self->event, 0, sizeof self->event);
    memset(&self->lock, 0, sizeof self->lock);
    self->w.link.next = NULL;
    AIOT_SPAWN(&self->t, job, &self->job);
    AIOT_JOIN(&self->t);
    aiot_event_set(&self->event);
    COUNT_TURNS(&self->count);
    AIOT_TIMEOUT_FIRM(&self->limit, 0) {
        AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        self->before = turn;
        AIOT_JOIN(&self->t);
        AIOT_EVENT_WAIT(&self->event, &self->w);
        AIOT_LOCK(&self->lock, &self->w) { say("locked "); }
        AIOT_AWAIT(job, &self->job, .delay = 0, .swallows = true);              /* a coroutine that waits is cancelled inside */
        CHECK_EQUAL(self->job.value, 43);
        CHECK_EQUAL(turn, self->before + 1);
    }
    CHECK_SAID("locked ");
    CHECK_END();
}

/* The strike, a cancel and the end of the wait in adjacent turns. The future is set, the task cancelled n turns after the timer. */
struct limited { AIOT_FRAME; aiot_timeout limit; aiot_future *f; };
static AIOT_CORO(limited)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {
        AIOT_TRY { AIOT_JOIN(self->f); say("value "); } AIOT_EXCEPT(AIOT_ECANCELED) { say("x%u ", aiot_task_cancelling(task)); }
        AIOT_TRY { AIOT_YIELD(); say(". "); } AIOT_EXCEPT(AIOT_ECANCELED) { say("x%u ", aiot_task_cancelling(task)); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { NOT_REACHED(); }
    say("left:%u ", aiot_task_cancelling(task));
    AIOT_END();
}
static int after;
static aiot_handle soon;
static aiot_future *future;
static aiot_task *victim;
static int acts_soon(void *what)
{
    if (after-- > 0) { aiot_call_soon(victim->loop, &soon, acts_soon, what); return 0; }
    if (*(char *)what == 's') aiot_future_set_result(future, 1);
    else aiot_cancel(victim);
    return 0;
}
struct b14_in_adjacent_turns { AIOT_FRAME; struct limited limited; aiot_task t; aiot_future f; aiot_handle later; int first, after; };
static AIOT_CORO(b14_in_adjacent_turns)
{
    static char set[] = "s", cancel[] = "c";
    /* The strike is in turn 1, the task resumes in turn 2. The other event comes behind the strike or before it in that turn, or later. */
    static const char *const said_set[2][3] = { { "x1 x1 left:0 ", "x1 x1 left:0 ", "x1 x1 left:0 " }, { "x1 x1 left:0 ", "x1 x1 left:0 ", "x1 x1 left:0 " } };
    static const char *const said_cancel[2][3] = { { "x2 x2 left:1 ", "x1 x2 left:1 ", "x1 x1 left:0 " }, { "x2 x2 left:1 ", "x2 x2 left:1 ", "x1 x2 left:1 " } };
    AIOT_BEGIN();
    victim = &self->t;
    future = &self->f;
    for (self->first = 0; self->first < 2; self->first++) {
        for (self->after = 0; self->after < 3; self->after++) {
            aiot_future_init(&self->f, task->loop);
            after = self->after;
            if (self->first) aiot_call_later(task->loop, &self->later, AIOT_S(1), acts_soon, set);
            AIOT_SPAWN(&self->t, limited, &self->limited, .f = &self->f);
            AIOT_YIELD();
            if (!self->first) aiot_call_later(task->loop, &self->later, AIOT_S(1), acts_soon, set);
            AIOT_JOIN(&self->t);
            AIOT_SLEEP(AIOT_S(1));
            CHECK_SAID(said_set[self->first][self->after]);

            aiot_future_init(&self->f, task->loop);
            after = self->after;
            if (self->first) aiot_call_later(task->loop, &self->later, AIOT_S(1), acts_soon, cancel);
            AIOT_SPAWN(&self->t, limited, &self->limited, .f = &self->f);
            AIOT_YIELD();
            if (!self->first) aiot_call_later(task->loop, &self->later, AIOT_S(1), acts_soon, cancel);
            AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { say("ended cancelled "); }
            AIOT_SLEEP(AIOT_S(1));
            CHECK_SAID(said_cancel[self->first][self->after]);
        }
    }
    aiot_future_init(&self->f, task->loop);                     /* the end a turn before the strike: the task resumes first */
    AIOT_SPAWN(&self->t, limited, &self->limited, .f = &self->f);
    AIOT_YIELD();
    aiot_future_set_result(&self->f, 1);
    aiot_clock_advance(task->loop, AIOT_S(1));
    AIOT_JOIN(&self->t);
    CHECK_SAID("value x1 left:0 ");
    CHECK_END();
}

int main(void)
{
    RUN(b14_every_wait_is_cancelled);
    RUN(b14_from_the_strike_on);
    RUN(b14_b15_a_refused_cancel);
    RUN(b14_in_adjacent_turns);
    RUN(b17_a_firm_cancel);
    RUN(b17_a_task_cancels_itself);
    RUN(b18_a_shielded_block_inside);
    RUN(b18_every_way_out);
    RUN(b18_in_nests);
    RUN(b14_refused);
    RUN(b19_the_outer_one_is_the_reason);
    RUN(b20_a_group_waits_for_its_tasks);
    RUN(b20_a_condition_takes_its_lock_back);
    RUN(b20_the_last_cancel_keeps_its_message);
    RUN(b20_the_lock_is_passed_on);
    RUN(b20_a_race_waits_for_its_losers);
    RUN(b21_no_waits);
    return 0;
}
