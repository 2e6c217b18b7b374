/* beyond_reason.c - aiot_cancel_reason(), report->canceller and aiot_dump(): rule 39 of tests/beyond/README.md. */
#include "stderr_text.h"
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

static char MESSAGE[] = "message", OTHER[] = "other";

/* Says who has asked the task to end, and whether that is another object than the one expected. */
static void tell_reason(const aiot_task *t, const void *object)
{
    aiot_canceller by = aiot_cancel_reason(t);
    say("%s%s%s%s. ", aiot_canceller_text(by.kind), by.message ? ": " : "", by.message ? by.message : "", by.object == object ? "" : " (another object)");
}

/* Tells who cancels it. Then it cleans up for a while, and fails or goes on being cancelled. */
struct spy { AIOT_FRAME; const void *object; aiot_time cleanup; int late_error; };
static AIOT_CORO(spy)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) {
        tell_reason(task, self->object);
        if (self->cleanup) AIOT_SLEEP(self->cleanup);
        if (self->late_error) AIOT_RAISE(self->late_error);
        AIOT_RERAISE();
    }
    AIOT_END();
}
/* Tells who cancels it, as often as that happens, and ends when it is told to. */
struct stubborn { AIOT_FRAME; const void *object; bool ends; };
static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    while (!self->ends) {
        AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, self->object); }
    }
    AIOT_END();
}
#define JOIN_ANYHOW(x) do { AIOT_TRY { AIOT_JOIN(x); } AIOT_EXCEPT_ALL { } } while (0)

struct b39_nobody { AIOT_FRAME; struct job job; struct stubborn one; aiot_task t, never; aiot_future f; aiot_timeout limit; };
static AIOT_CORO(b39_nobody)
{
    AIOT_BEGIN();
    memset(&self->never, 0, sizeof self->never);
    tell_reason(&self->never, NULL);
    tell_reason(task, NULL);
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(9));
    tell_reason(&self->t, NULL);                                /* not begun */
    AIOT_YIELD();
    tell_reason(&self->t, NULL);
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, NULL); }      /* the child's cancel, not its own */
    aiot_future_init(&self->f, task->loop);
    aiot_cancel(&self->f);
    AIOT_TRY { AIOT_JOIN(&self->f); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, NULL); }
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(5)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { tell_reason(task, NULL); }     /* its block is left */
    CHECK_SAID("nobody. nobody. nobody. nobody. nobody. nobody. nobody. ");
    AIOT_SPAWN(&self->t, stubborn, &self->one);
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_YIELD();
    tell_reason(&self->t, NULL);                                /* swallowed, but counted */
    CHECK_EQUAL(aiot_task_uncancel(&self->t), 0);
    tell_reason(&self->t, NULL);                                /* and taken back */
    self->one.ends = true;
    aiot_cancel(&self->t);
    AIOT_JOIN(&self->t);
    CHECK_SAID("a cancel. a cancel. nobody. a cancel. ");
    CHECK_END();
}

/* Limits: the innermost that has struck. */
struct b39_a_limit { AIOT_FRAME_DEPTH(2); aiot_timeout outer, inner; struct spy spy; };
static AIOT_CORO(b39_a_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_S(9)) {
        AIOT_TRY {
            AIOT_TIMEOUT(&self->inner, AIOT_S(1)) { AIOT_AWAIT(spy, &self->spy, .object = &self->inner); }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { tell_reason(task, NULL); }
    }
    CHECK_SAID("a limit. nobody. ");
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) {
        AIOT_TIMEOUT(&self->inner, AIOT_S(9)) { AIOT_AWAIT(spy, &self->spy, .object = &self->outer); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { tell_reason(task, NULL); }
    CHECK_SAID("a limit. nobody. ");
    AIOT_TIMEOUT(&self->outer, AIOT_S(1)) {                     /* both, the inner one later: behind its block it is the outer one */
        AIOT_TIMEOUT(&self->inner, AIOT_S(2)) {
            AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, &self->outer); }
            AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, &self->inner); }
        }
        tell_reason(task, &self->outer);
    }
    CHECK_SAID("a limit. a limit. a limit. ");
    AIOT_TRY { AIOT_WAIT_FOR(&self->inner, AIOT_S(1), spy, &self->spy, .object = &self->inner); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { tell_reason(task, NULL); }
    CHECK_SAID("a limit. nobody. ");
    CHECK_END();
}
struct b39_a_firm_limit { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(b39_a_firm_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(1)) {
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, &self->limit); }
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, &self->limit); }
    }
    CHECK_SAID("a limit. a limit. ");
    tell_reason(task, NULL);
    CHECK_SAID("nobody. ");
    CHECK_END();
}
struct b39_a_guard { AIOT_FRAME_DEPTH(2); aiot_timeout limit; aiot_guard g; struct spy spy; };
static AIOT_CORO(b39_a_guard)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->g, AIOT_S(1)) { AIOT_AWAIT(spy, &self->spy, .object = &self->g); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { tell_reason(task, NULL); }
    CHECK_SAID("a limit. nobody. ");
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {                     /* held, but asked */
        AIOT_SHIELDED(&self->g, AIOT_FOREVER) { AIOT_SLEEP(AIOT_S(2)); tell_reason(task, &self->limit); }
        tell_reason(task, &self->limit);
    }
    CHECK_SAID("a limit. a limit. ");
    CHECK_END();
}

/* Groups: a member, and the holder. */
struct b39_a_group { AIOT_FRAME_DEPTH(2); aiot_group g; aiot_group_task t[2]; struct spy spy; struct job job; };
static AIOT_CORO(b39_a_group)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], spy, &self->spy, .object = &self->g), 0);
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[1], job, &self->job, .delay = AIOT_S(1), .error = 7), 0);
        AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, &self->g); AIOT_RERAISE(); }
    } AIOT_EXCEPT(AIOT_EGROUP) { tell_reason(task, NULL); }
    CHECK_SAID("its group. its group. nobody. ");
    AIOT_GROUP(&self->g) {                                      /* one ends by itself; the other is asked by this task, not by the group */
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], spy, &self->spy, .object = NULL), 0);
        AIOT_YIELD();
        aiot_cancel(&self->t[0]);
    }
    CHECK_SAID("a cancel. ");
    AIOT_GROUP(&self->g) {                                      /* it ends without an error */
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], spy, &self->spy, .object = &self->g), 0);
        AIOT_YIELD();
        aiot_group_cancel(&self->g);
        AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, &self->g); AIOT_RERAISE(); }
    }
    CHECK_SAID("its group. its group. ");
    tell_reason(task, NULL);
    CHECK_SAID("nobody. ");
    CHECK_END();
}
/* The holder is cancelled: its members are asked by the group, the holder is not. */
struct holder { AIOT_FRAME_DEPTH(2); aiot_group g; aiot_group_task t; struct spy spy; };
static AIOT_CORO(holder)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t, spy, &self->spy, .object = &self->g), 0);
        AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, NULL); AIOT_RERAISE(); }
    }
    AIOT_END();
}
struct b39_a_cancelled_holder { AIOT_FRAME; struct holder holder; aiot_task t; };
static AIOT_CORO(b39_a_cancelled_holder)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, holder, &self->holder);
    AIOT_YIELD();
    AIOT_YIELD();
    aiot_cancel(&self->t);
    JOIN_ANYHOW(&self->t);
    CHECK(aiot_cancelled(&self->t));
    CHECK_SAID("a cancel. its group. ");
    CHECK_END();
}

struct racer { AIOT_FRAME; AIOT_RACE_SET(2) set; aiot_awaitable *a, *b; };
static AIOT_CORO(racer) { AIOT_BEGIN(); memset(&self->set, 0, sizeof self->set); AIOT_RACE(&self->set, AIOT_ANY(self->a), AIOT_ANY(self->b)); AIOT_END(); }
struct b39_a_race { AIOT_FRAME; AIOT_RACE_SET(2) set; struct spy spy, spy2; struct job job; struct racer racer; aiot_task t, u, r; };
static AIOT_CORO(b39_a_race)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = &self->set);
    AIOT_SPAWN(&self->u, job, &self->job, .delay = AIOT_S(1));
    AIOT_RACE(&self->set, &self->t, &self->u);
    CHECK_SAID("its race. ");
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = &self->racer.set);                              /* the race is cancelled */
    AIOT_SPAWN(&self->u, spy, &self->spy2, .object = &self->racer.set, .cleanup = AIOT_S(1));
    AIOT_SPAWN(&self->r, racer, &self->racer, .a = AIOT_AWAITABLE(&self->t), .b = AIOT_AWAITABLE(&self->u));
    AIOT_YIELD();
    aiot_cancel(&self->r);
    JOIN_ANYHOW(&self->r);
    CHECK_SAID("its race. its race. ");
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = NULL);     /* the race has asked nobody yet */
    AIOT_SPAWN(&self->u, job, &self->job, .delay = AIOT_S(1));
    AIOT_SPAWN(&self->r, racer, &self->racer, .a = AIOT_AWAITABLE(&self->t), .b = AIOT_AWAITABLE(&self->u));
    AIOT_YIELD();
    aiot_cancel(&self->t);
    JOIN_ANYHOW(&self->r);
    CHECK_SAID("a cancel. ");
    CHECK_END();
}

struct b39_a_stop { AIOT_FRAME; aiot_timeout limit; struct spy spy, spy2; aiot_task t[2]; aiot_awaitable *all[2]; };
static AIOT_CORO(b39_a_stop)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], spy, &self->spy, .object = &self->limit);
    AIOT_YIELD();
    AIOT_STOP(&self->limit, AIOT_S(1), &self->t[0]);
    CHECK_SAID("a stop. ");
    AIOT_SPAWN(&self->t[0], spy, &self->spy, .object = &self->limit, .cleanup = AIOT_S(1));
    AIOT_YIELD();
    self->all[0] = AIOT_AWAITABLE(&self->t[0]);
    AIOT_STOP_ARRAY(&self->limit, AIOT_S(2), self->all, 1);
    CHECK_SAID("a stop. ");
    CHECK_END();
}

/* Of several, the one that the stop waits for. */
struct b39_a_stop_of_several { AIOT_FRAME; aiot_timeout limit; struct spy spy[3]; aiot_task t[3]; };
static AIOT_CORO(b39_a_stop_of_several)
{
    AIOT_BEGIN();
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&self->t[i], spy, &self->spy[i], .object = &self->limit, .cleanup = AIOT_S(1));
    AIOT_YIELD();
    AIOT_STOP_TASKS(&self->limit, AIOT_S(2), self->t, 3);
    CHECK_SAID("a cancel (another object). a cancel (another object). a stop. ");
    CHECK_END();
}

/* Waiters: joins with and without a limit. */
struct joiner { AIOT_FRAME; aiot_timeout limit; aiot_time delay; aiot_task *t; };
static AIOT_CORO(joiner)
{
    AIOT_BEGIN();
    if (self->delay == AIOT_FOREVER) AIOT_JOIN(self->t); else AIOT_JOIN_FOR(&self->limit, self->delay, self->t);
    AIOT_END();
}
struct b39_a_waiter { AIOT_FRAME; aiot_timeout limit; struct spy spy; struct joiner joiner; aiot_task t, w; int i; };
static AIOT_CORO(b39_a_waiter)
{
    static const aiot_time delays[] = { AIOT_FOREVER, AIOT_S(9), 0 };
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = task);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { tell_reason(task, NULL); }
    CHECK_SAID("its waiter. nobody. ");
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = task, .cleanup = AIOT_S(1));
    AIOT_YIELD();
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { tell_reason(task, NULL); }
    CHECK_SAID("its waiter. nobody. ");
    for (self->i = 0; self->i < 2; self->i++) {                 /* the waiter is cancelled */
        AIOT_SPAWN(&self->t, spy, &self->spy, .object = &self->w, .cleanup = AIOT_S(1));
        AIOT_SPAWN(&self->w, joiner, &self->joiner, .delay = delays[self->i], .t = &self->t);
        AIOT_SLEEP(AIOT_S(1));
        aiot_cancel(&self->w);
        AIOT_YIELD();
        tell_reason(&self->w, NULL);
        JOIN_ANYHOW(&self->w);
        CHECK_SAID("its waiter. a cancel. ");
    }
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = &self->w);  /* a limit in the waiter */
    AIOT_SPAWN(&self->w, joiner, &self->joiner, .delay = AIOT_S(1), .t = &self->t);
    JOIN_ANYHOW(&self->w);
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = &self->w);
    AIOT_YIELD();
    AIOT_SPAWN(&self->w, joiner, &self->joiner, .delay = delays[2], .t = &self->t);
    JOIN_ANYHOW(&self->w);
    CHECK_SAID("its waiter. its waiter. ");
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = NULL);      /* it waits, but was not cancelled */
    AIOT_SPAWN(&self->w, joiner, &self->joiner, .delay = AIOT_FOREVER, .t = &self->t);
    AIOT_YIELD();
    aiot_cancel(&self->t);
    JOIN_ANYHOW(&self->w);
    CHECK_SAID("a cancel. ");
    CHECK_END();
}

struct b39_a_gather { AIOT_FRAME; AIOT_GATHER_SET(2) set, outer; struct spy spy[2]; struct joiner joiner; aiot_task t[2], w; };
static AIOT_CORO(b39_a_gather)
{
    AIOT_BEGIN();
    memset(&self->set, 0, sizeof self->set);
    memset(&self->outer, 0, sizeof self->outer);
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], spy, &self->spy[i], .object = &self->set);
    aiot_gather(&self->set, &self->t[0], &self->t[1]);
    AIOT_YIELD();
    aiot_cancel(&self->set);
    JOIN_ANYHOW(&self->set);
    CHECK_SAID("its gather. its gather. ");
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], spy, &self->spy[i], .object = &self->set);
    aiot_gather(&self->set, &self->t[0], &self->t[1]);
    aiot_gather_all(&self->outer, &self->set);                  /* the cancel comes through another gather */
    AIOT_YIELD();
    aiot_cancel(&self->outer);
    JOIN_ANYHOW(&self->outer);
    CHECK_SAID("its gather. its gather. ");
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], spy, &self->spy[i], .object = i == 0 ? NULL : &self->set);
    aiot_gather_all(&self->set, &self->t[0], &self->t[1]);
    AIOT_YIELD();
    aiot_cancel(&self->t[0]);                                   /* a member, not the gather */
    AIOT_YIELD();
    CHECK_SAID("a cancel. ");
    aiot_cancel(&self->set);
    JOIN_ANYHOW(&self->set);
    CHECK_SAID("its gather. ");
    CHECK_END();
}

/* aiot_cancel() and aiot_cancel_msg(): the message while the cancel is on its way, and where it is handled. */
struct handles { AIOT_FRAME; aiot_event leave, end; aiot_waiter w; };
static AIOT_CORO(handles)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) {
        tell_reason(task, NULL);
        AIOT_EVENT_WAIT(&self->leave, &self->w);
        tell_reason(task, NULL);
    }
    tell_reason(task, NULL);
    AIOT_EVENT_WAIT(&self->end, &self->w);
    AIOT_END();
}
struct b39_a_cancel { AIOT_FRAME; struct handles one; struct spy spy; aiot_task t; };
static AIOT_CORO(b39_a_cancel)
{
    AIOT_BEGIN();
    memset(&self->one, 0, sizeof self->one);
    AIOT_SPAWN(&self->t, handles, &self->one);
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, MESSAGE);
    AIOT_YIELD();
    CHECK_SAID("a cancel: message. ");
    tell_reason(&self->t, NULL);                                /* seen from another task, while it is handled */
    aiot_event_set(&self->one.leave);
    AIOT_YIELD();
    tell_reason(&self->t, NULL);                                /* the handler is left */
    CHECK_SAID("a cancel: message. a cancel: message. a cancel. a cancel. ");
    aiot_cancel_msg(&self->t, OTHER);
    JOIN_ANYHOW(&self->t);
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = NULL);
    AIOT_YIELD();
    aiot_cancel(&self->t);
    JOIN_ANYHOW(&self->t);
    CHECK_SAID("a cancel. ");
    CHECK_END();
}
/* Pending in a task that sleeps, that is ready, and that joins another one. */
struct b39_a_message_on_its_way { AIOT_FRAME; struct spy spy; struct joiner joiner; aiot_task t, w; };
static AIOT_CORO(b39_a_message_on_its_way)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, spy, &self->spy);
    aiot_cancel_msg(&self->t, MESSAGE);                         /* not begun */
    tell_reason(&self->t, NULL);
    JOIN_ANYHOW(&self->t);
    CHECK_SAID("a cancel: message. ");
    AIOT_SPAWN(&self->t, spy, &self->spy, .object = &self->w);
    AIOT_SPAWN(&self->w, joiner, &self->joiner, .delay = AIOT_FOREVER, .t = &self->t);
    AIOT_YIELD();
    aiot_cancel_msg(&self->w, MESSAGE);                         /* handed on: the message is the one of the joined task now */
    JOIN_ANYHOW(&self->w);
    CHECK_SAID("its waiter: message. ");
    CHECK_END();
}
struct b39_a_message_to_one_that_sleeps { AIOT_FRAME; struct spy spy; aiot_task t; };
static AIOT_CORO(b39_a_message_to_one_that_sleeps)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, spy, &self->spy);
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, MESSAGE);
    tell_reason(&self->t, NULL);
    JOIN_ANYHOW(&self->t);
    CHECK_SAID("a cancel: message. a cancel: message. ");
    CHECK_END();
}
/* Held by a shielded block. */
struct shielded { AIOT_FRAME; aiot_guard g; };
static AIOT_CORO(shielded) { AIOT_BEGIN(); AIOT_SHIELDED(&self->g, AIOT_FOREVER) { AIOT_SLEEP(AIOT_S(1)); } AIOT_SLEEP(AIOT_S(1)); AIOT_END(); }
struct b39_a_message_that_is_held { AIOT_FRAME; struct shielded one; aiot_task t; };
static AIOT_CORO(b39_a_message_that_is_held)
{
    AIOT_BEGIN();
    memset(&self->one, 0, sizeof self->one);
    AIOT_SPAWN(&self->t, shielded, &self->one);
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, MESSAGE);
    AIOT_YIELD();
    tell_reason(&self->t, NULL);
    JOIN_ANYHOW(&self->t);
    CHECK_SAID("a cancel: message. ");
    CHECK_END();
}
/* Handled by a coroutine whose clean-up awaits another one. */
struct cleans_up_in_another { AIOT_FRAME; struct job job; };
static AIOT_CORO(cleans_up_in_another)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { AIOT_AWAIT(job, &self->job, .delay = AIOT_S(1)); }
    AIOT_END();
}
struct b39_a_message_handled_further_out { AIOT_FRAME; struct cleans_up_in_another one; aiot_task t; };
static AIOT_CORO(b39_a_message_handled_further_out)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, cleans_up_in_another, &self->one);
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, MESSAGE);
    AIOT_YIELD();
    tell_reason(&self->t, NULL);
    AIOT_JOIN(&self->t);
    CHECK_SAID("a cancel: message. ");
    CHECK_END();
}

/* Several at once. */
struct limited { AIOT_FRAME; aiot_timeout limit; struct stubborn stubborn; };
static AIOT_CORO(limited) { AIOT_BEGIN(); AIOT_TIMEOUT(&self->limit, AIOT_S(8)) { AIOT_AWAIT_FRAME(stubborn, &self->stubborn); } AIOT_END(); }
struct holds { AIOT_FRAME; aiot_group g; aiot_group_task t; struct limited limited; };
static AIOT_CORO(holds)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) { CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t, limited, &self->limited), 0); }
    AIOT_END();
}
struct stopper { AIOT_FRAME; aiot_timeout limit; aiot_task *t; };
static AIOT_CORO(stopper) { AIOT_BEGIN(); AIOT_STOP(&self->limit, AIOT_FOREVER, self->t); AIOT_END(); }
struct b39_the_first_of_several {
    AIOT_FRAME; struct holds holds; struct racer racer; struct stopper stopper; struct joiner joiner; AIOT_GATHER_SET(1) gather; struct job winner;
    aiot_task h, r, s, j, w, *t; struct stubborn *it;
};
static AIOT_CORO(b39_the_first_of_several)
{
    AIOT_BEGIN();
    memset(&self->gather, 0, sizeof self->gather);
    AIOT_SPAWN(&self->h, holds, &self->holds);
    AIOT_YIELD();
    self->t = &self->holds.t.task;
    self->it = &self->holds.limited.stubborn;
    AIOT_SPAWN(&self->w, job, &self->winner, .delay = AIOT_S(6) - 1);
    AIOT_SPAWN(&self->r, racer, &self->racer, .a = AIOT_AWAITABLE(self->t), .b = AIOT_AWAITABLE(&self->w));
    AIOT_SPAWN(&self->j, joiner, &self->joiner, .delay = AIOT_FOREVER, .t = self->t);
    aiot_gather(&self->gather, self->t);
    AIOT_SLEEP(AIOT_S(1));                                      /* the race, the join and the gather wait, and have not asked */
    tell_reason(self->t, NULL);
    aiot_cancel(self->t);
    AIOT_SLEEP(AIOT_S(1));
    self->it->object = &self->gather;
    aiot_cancel(&self->gather);
    AIOT_SLEEP(AIOT_S(1));
    self->it->object = &self->j;
    aiot_cancel(&self->j);
    AIOT_SLEEP(AIOT_S(1));
    self->it->object = &self->stopper.limit;
    AIOT_SPAWN(&self->s, stopper, &self->stopper, .t = self->t);
    AIOT_SLEEP(AIOT_S(1));
    self->it->object = &self->racer.set;
    AIOT_SLEEP(AIOT_S(1));
    self->it->object = &self->holds.g;
    aiot_group_cancel(&self->holds.g);
    AIOT_SLEEP(AIOT_S(1));
    self->it->object = &self->holds.limited.limit;
    self->it->ends = true;
    JOIN_ANYHOW(&self->h);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(8));
    CHECK_EQUAL(aiot_task_cancelling(self->t), 6);              /* that of the limit was taken back */
    CHECK_SAID("nobody. a cancel. its gather. its waiter. a stop. its race. its group. a limit. ");
    JOIN_ANYHOW(&self->j);
    JOIN_ANYHOW(&self->r);
    JOIN_ANYHOW(&self->s);
    JOIN_ANYHOW(&self->gather);
    CHECK_END();
}

struct b39_a_limit_in_a_group { AIOT_FRAME_DEPTH(3); aiot_timeout limit; aiot_group g; aiot_group_task t; struct job job; };
static AIOT_CORO(b39_a_limit_in_a_group)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t, job, &self->job, .delay = AIOT_S(1), .error = 7), 0);
        AIOT_TIMEOUT(&self->limit, AIOT_S(2)) {
            AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, &self->g); }
            AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { tell_reason(task, &self->limit); }
        }
        tell_reason(task, &self->g);
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group. "); }
    CHECK_SAID("its group. a limit. its group. group. ");
    CHECK_END();
}

/* What loop.on_error is told of a task that was cancelled and fails in its clean-up. */
static const void *told_object;
static void tell_report(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    say("%d by %s. ", report->error.code, aiot_canceller_text(report->canceller.kind));
    CHECK(report->canceller.object == told_object);
}
static aiot_loop *start(const void *object)
{
    static aiot_loop loop;
    aiot_loop_init_virtual(&loop);
    loop.on_error = tell_report;
    told_object = object;
    return &loop;
}
static aiot_timeout limit;
static struct spy failing;
static struct job other_job;
static aiot_task failing_task, other_task;
static AIOT_RACE_SET(2) race;
enum how { BY_ITSELF, CANCEL, STOP, RACE };
struct ends_one_that_fails { AIOT_FRAME; enum how how; const void *object; bool detached; };
static AIOT_CORO(ends_one_that_fails)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&failing_task, spy, &failing, .object = self->object, .late_error = 7);
    if (self->detached) aiot_task_detach(&failing_task);
    AIOT_SPAWN(&other_task, job, &other_job, .delay = AIOT_S(1), .error = self->how == BY_ITSELF ? 8 : 0);
    AIOT_YIELD();
    if (self->how == STOP) AIOT_STOP(&limit, AIOT_S(1), &failing_task);
    else if (self->how == RACE) AIOT_RACE(&race, &failing_task, &other_task);
    else if (self->how == CANCEL) aiot_cancel_msg(&failing_task, MESSAGE);
    if (self->how == BY_ITSELF) {
        aiot_cancel(&failing_task);
        JOIN_ANYHOW(&failing_task);
    }
    AIOT_SLEEP(AIOT_S(2));
    say("end. ");
    CHECK_END();
}
static void b39_told_of_a_failed_clean_up(void)
{
    static const struct { enum how how; const void *object; const char *said, *report; } cases[] = {
        { BY_ITSELF, NULL, "a cancel. ", "8 by nobody. " }, { CANCEL, NULL, "a cancel: message. ", "7 by a cancel. " },
        { STOP, &limit, "a stop. ", "7 by a stop. " }, { RACE, &race, "its race. ", "7 by its race. " },
    };
    static struct ends_one_that_fails frame;
    for (int i = 0; i < 8; i++) {
        memset(&failing_task, 0, sizeof failing_task);
        memset(&other_task, 0, sizeof other_task);
        char expected[80];
        int n = i / 2;
        bool detached = i % 2 && n != BY_ITSELF;                /* told at once, else when the run ends */
        snprintf(expected, sizeof expected, "%s%s%s%s", cases[n].said, detached ? cases[n].report : "", "end. ", detached ? "" : cases[n].report);
        aiot_loop *loop = start(cases[n].object);
        CHECK_EQUAL(aiot_run(loop, ends_one_that_fails, &frame, .how = cases[n].how, .object = cases[n].object, .detached = detached), AIOT_OK);
        CHECK_SAID(expected);
    }
}

static void tell_still_runs(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    CHECK(report->reason == AIOT_REPORT_STILL_RUNS);
    CHECK(report->canceller.object == told_object && report->canceller.message == NULL);
    say("%s. ", aiot_canceller_text(report->canceller.kind));
}
struct b39_told_of_one_that_still_runs { AIOT_FRAME; aiot_timeout limit; struct job job[2]; struct stubborn one; aiot_task t[2]; };
static AIOT_CORO(b39_told_of_one_that_still_runs)
{
    AIOT_BEGIN();
    task->loop->on_error = tell_still_runs;
    told_object = &self->limit;
    AIOT_SPAWN(&self->t[0], stubborn, &self->one);
    AIOT_YIELD();
    aiot_cancel(&self->t[0]);
    AIOT_YIELD();
    self->one.object = &self->limit;
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(1), &self->t[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_SAID("a cancel. a stop. a stop. ");                   /* the last one is the report */
    self->one.ends = true;
    AIOT_STOP(&self->limit, AIOT_S(1), &self->t[0]);
    CHECK_SAID("a stop. ");
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], job, &self->job[i], .delay = AIOT_S(9), .cleanup = AIOT_S(5));
    AIOT_YIELD();
    AIOT_TRY { AIOT_STOP_TASKS(&self->limit, AIOT_S(1), self->t, 2); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    JOIN_ANYHOW(&self->t[0]);
    JOIN_ANYHOW(&self->t[1]);
    CHECK_SAID("a stop. a stop. ");
    CHECK_END();
}

#if AIOT_DEBUG && CATCHES_STDERR
/* aiot_dump() says who has cancelled a task. */
static void dump(void *loop) { aiot_dump((aiot_loop *)loop); }
/* Says for each task that is dumped who has cancelled it. */
static void tell_dump(aiot_loop *loop)
{
    char text[2000];
    stderr_text(dump, loop, text, sizeof text);
    bool is_told = true;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        const char *by = strstr(line, "cancelled by ");
        if (by) say("%s. ", by);
        if (strncmp(line + strspn(line, " "), "task ", 5) == 0) {
            if (!is_told) say("-. ");
            is_told = false;
        } else if (by) is_told = true;
    }
    if (!is_told) say("-. ");
}
struct in_limit { AIOT_FRAME; aiot_timeout limit; struct spy spy; };
static AIOT_CORO(in_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, 1) { AIOT_AWAIT(spy, &self->spy, .object = &self->limit, .cleanup = AIOT_S(5)); }
    AIOT_END();
}
struct b39_a_dump { AIOT_FRAME; struct in_limit in_limit; struct spy spy[4]; struct stopper stopper; struct joiner joiner; aiot_task t[6]; };
static AIOT_CORO(b39_a_dump)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], in_limit, &self->in_limit);
    AIOT_SPAWN(&self->t[1], spy, &self->spy[0], .object = &self->stopper.limit, .cleanup = AIOT_S(5));
    AIOT_SPAWN(&self->t[2], spy, &self->spy[1], .object = &self->t[5], .cleanup = AIOT_S(5));
    AIOT_SPAWN(&self->t[3], spy, &self->spy[2], .cleanup = AIOT_S(5));
    AIOT_YIELD();
    AIOT_SPAWN(&self->t[4], stopper, &self->stopper, .t = &self->t[1]);
    AIOT_SPAWN(&self->t[5], joiner, &self->joiner, .delay = AIOT_S(1), .t = &self->t[2]);
    aiot_cancel_msg(&self->t[3], MESSAGE);
    AIOT_YIELD();
    aiot_cancel(&self->t[1]);                                   /* it counts */
    AIOT_SLEEP(AIOT_S(2));
    check_notes[0] = '\0';
    tell_dump(task->loop);
    CHECK_SAID("-. cancelled by a limit. cancelled by a cancel: message. -. cancelled by a stop, 2 requests. cancelled by a limit. cancelled by its waiter. ");
    JOIN_ANYHOW(&self->t[0]);
    CHECK_END();
}
#endif

/* With an argument also what the header answers otherwise than the rule. */
int main(void)
{
    RUN(b39_nobody);
    RUN(b39_a_limit);
    RUN(b39_a_firm_limit);
    RUN(b39_a_guard);
    RUN(b39_a_group);
    RUN(b39_a_cancelled_holder);
    RUN(b39_a_race);
    RUN(b39_a_stop);
    RUN(b39_a_waiter);
    RUN(b39_a_gather);
    RUN(b39_a_cancel);
    RUN(b39_a_message_on_its_way);
    RUN(b39_the_first_of_several);
    RUN(b39_a_limit_in_a_group);
    b39_told_of_a_failed_clean_up();
    RUN(b39_told_of_one_that_still_runs);
#if AIOT_DEBUG && CATCHES_STDERR
    RUN(b39_a_dump);
#endif
    RUN(b39_a_stop_of_several);
    RUN(b39_a_message_to_one_that_sleeps);
    RUN(b39_a_message_that_is_held);
    RUN(b39_a_message_handled_further_out);
    return 0;
}
