/* beyond_ticker_backoff.c - AIOT_TICK and aiot_backoff_next(): rules 34 to 38, 40 and 41 of tests/beyond/README.md. */
#include "check.h"
#include "job.h"

#if AIOT_TIME_BITS != 64
static volatile int64_t too_long = 3000000000;   /* as a constant it would not compile */
#endif

static int ms(aiot_time time) { return (int)(time / AIOT_MS(1)); }

struct b34_start_plus_n_periods { AIOT_FRAME; aiot_ticker k, l; int i; };
static AIOT_CORO(b34_start_plus_n_periods)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(7));
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_MS(10), AIOT_TICK_SKIP), 0);
    CHECK_EQUAL(aiot_ticker_init(&self->l, task->loop, AIOT_MS(3), AIOT_TICK_BURST), 0);
    CHECK_EQUAL(aiot_ticker_missed(&self->k), 0);
    for (self->i = 0; self->i < 4; self->i++) {
        AIOT_TICK(&self->k);
        say("%d ", ms(aiot_now(task->loop)));
        CHECK_EQUAL(aiot_ticker_missed(&self->k), 0);
        AIOT_SLEEP(AIOT_MS(1 + self->i));                       /* 35: work that takes less than a period does not matter */
    }
    CHECK_SAID("17 27 37 47 ");
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}
struct b34_refused { AIOT_FRAME; aiot_ticker k; };
static AIOT_CORO(b34_refused)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_MS(10), AIOT_TICK_SKIP), 0);
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, 0, AIOT_TICK_SKIP), AIOT_EINVAL);
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, -1, AIOT_TICK_BURST), AIOT_EINVAL);
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, -AIOT_S(1), AIOT_TICK_RESTART), AIOT_EINVAL);
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_FOREVER, AIOT_TICK_SKIP), AIOT_EINVAL);
#if AIOT_TIME_BITS != 64
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, too_long, AIOT_TICK_SKIP), AIOT_EINVAL);
#endif
    AIOT_TRY { AIOT_TICK(&self->k); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { }           /* refused, it does not tick */
    CHECK_COMPLAINED(1);
    CHECK_END();
}

/* 35: it resumes as a sleep until that time does: with another sleeper of that time, in the order in which they began. */
static int turn;
struct counter { AIOT_FRAME; };
static AIOT_CORO(counter) { AIOT_BEGIN(); for (;;) { turn++; AIOT_YIELD(); } AIOT_END(); }
struct count { aiot_task task; struct counter frame; };
#define COUNT_TURNS(count) do { turn = 0; AIOT_SPAWN(&(count)->task, counter, &(count)->frame); } while (0)

struct says { AIOT_FRAME; const char *text; };
static AIOT_CORO(says) { AIOT_BEGIN(); AIOT_SLEEP_UNTIL(AIOT_MS(10)); say("%s ", self->text); AIOT_END(); }
struct b35_as_a_sleep_does { AIOT_FRAME; aiot_ticker k; struct says s[2]; aiot_task t[2]; };
static AIOT_CORO(b35_as_a_sleep_does)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_MS(10), AIOT_TICK_SKIP), 0);
    AIOT_SPAWN(&self->t[0], says, &self->s[0], .text = "before");
    AIOT_YIELD();
    AIOT_SPAWN(&self->t[1], says, &self->s[1], .text = "behind");
    AIOT_TICK(&self->k);
    say("tick ");
    AIOT_JOIN(&self->t[1]);
    CHECK_SAID("before tick behind ");
    CHECK_END();
}
struct b35_two_turns { AIOT_FRAME; struct count count; aiot_ticker k; int before; };
static AIOT_CORO(b35_two_turns)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_MS(10), AIOT_TICK_BURST), 0);
    COUNT_TURNS(&self->count);
    AIOT_YIELD();
    aiot_clock_advance(task->loop, AIOT_MS(10));                /* now it is the time of the tick: not past, and a sleep of one turn */
    self->before = turn;
    AIOT_TICK(&self->k);
    CHECK_EQUAL(turn - self->before, 1);
    CHECK_EQUAL(aiot_ticker_missed(&self->k), 0);
    aiot_clock_advance(task->loop, AIOT_MS(15));                /* 36: past: the next turn */
    self->before = turn;
    AIOT_TICK(&self->k);
    CHECK_EQUAL(turn - self->before, 1);
    CHECK_END();
}

/* 35: it resumes late, for another task computes. The tick was not missed when it was called: the following one is a period later. */
struct computes { AIOT_FRAME; aiot_time at, by; };
static AIOT_CORO(computes) { AIOT_BEGIN(); AIOT_SLEEP_UNTIL(self->at); aiot_clock_advance(task->loop, self->by); AIOT_END(); }
struct ticks { AIOT_FRAME; enum aiot_tick_policy policy; aiot_ticker k; struct computes c; aiot_task t; int i; };
static AIOT_CORO(ticks)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_MS(10), self->policy), 0);
    AIOT_SPAWN(&self->t, computes, &self->c, .at = aiot_now(task->loop) + AIOT_MS(9), .by = AIOT_MS(5));
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_TICK(&self->k);
        say("%d/%u ", ms(aiot_now(task->loop)) % 100, (unsigned)aiot_ticker_missed(&self->k));
    }
    AIOT_SLEEP_UNTIL((aiot_now(task->loop) / AIOT_MS(100) + 1) * AIOT_MS(100));
    AIOT_END();
}
struct b35_no_drift { AIOT_FRAME; struct ticks ticks; };
static AIOT_CORO(b35_no_drift)
{
    AIOT_BEGIN();
    AIOT_AWAIT(ticks, &self->ticks, .policy = AIOT_TICK_SKIP);
    CHECK_SAID("14/0 20/0 30/0 ");
    AIOT_AWAIT(ticks, &self->ticks, .policy = AIOT_TICK_BURST);
    CHECK_SAID("14/0 20/0 30/0 ");
    CHECK_END();
}
struct b35_no_drift_with_restart { AIOT_FRAME; struct ticks ticks; };
static AIOT_CORO(b35_no_drift_with_restart)
{
    AIOT_BEGIN();
    AIOT_AWAIT(ticks, &self->ticks, .policy = AIOT_TICK_RESTART);
    CHECK_SAID("14/0 20/0 30/0 ");
    CHECK_END();
}

/* 36, 37: computes for 35 ms of a period of 10. The ticks of 10, 20 and 30 are past. */
struct late { AIOT_FRAME; enum aiot_tick_policy policy; aiot_time by; aiot_ticker k; int i; };
static AIOT_CORO(late)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_MS(10), self->policy), 0);
    aiot_clock_advance(task->loop, self->by);
    for (self->i = 0; self->i < 6; self->i++) {
        AIOT_TICK(&self->k);
        say("%d/%u ", ms(aiot_now(task->loop)) % 100, (unsigned)aiot_ticker_missed(&self->k));
    }
    AIOT_SLEEP_UNTIL((aiot_now(task->loop) / AIOT_MS(100) + 1) * AIOT_MS(100));
    AIOT_END();
}
struct b36_b37_missed_ticks { AIOT_FRAME; struct late late; };
static AIOT_CORO(b36_b37_missed_ticks)
{
    AIOT_BEGIN();
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_SKIP, .by = AIOT_MS(35));
    CHECK_SAID("40/3 50/0 60/0 70/0 80/0 90/0 ");
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_BURST, .by = AIOT_MS(35));
    CHECK_SAID("35/2 35/1 35/0 40/0 50/0 60/0 ");
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_RESTART, .by = AIOT_MS(35));
    CHECK_SAID("35/2 45/0 55/0 65/0 75/0 85/0 ");
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_SKIP, .by = AIOT_MS(11));
    CHECK_SAID("20/1 30/0 40/0 50/0 60/0 70/0 ");
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_RESTART, .by = AIOT_MS(11));
    CHECK_SAID("11/0 21/0 31/0 41/0 51/0 61/0 ");
    CHECK_END();
}
/* Exactly on a tick: that of 30 is now, and not past. */
struct b36_b37_on_a_tick { AIOT_FRAME; struct late late; };
static AIOT_CORO(b36_b37_on_a_tick)
{
    AIOT_BEGIN();
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_SKIP, .by = AIOT_MS(30));
    CHECK_SAID("30/2 40/0 50/0 60/0 70/0 80/0 ");
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_BURST, .by = AIOT_MS(30));
    CHECK_SAID("30/1 30/0 30/0 40/0 50/0 60/0 ");
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_RESTART, .by = AIOT_MS(30));
    CHECK_SAID("30/1 40/0 50/0 60/0 70/0 80/0 ");
    CHECK_END();
}
/* On time, whatever the policy. */
struct b36_on_time { AIOT_FRAME; struct late late; };
static AIOT_CORO(b36_on_time)
{
    AIOT_BEGIN();
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_SKIP, .by = AIOT_MS(10));
    CHECK_SAID("10/0 20/0 30/0 40/0 50/0 60/0 ");
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_BURST, .by = AIOT_MS(10));
    CHECK_SAID("10/0 20/0 30/0 40/0 50/0 60/0 ");
    AIOT_AWAIT(late, &self->late, .policy = AIOT_TICK_RESTART, .by = AIOT_MS(10));
    CHECK_SAID("10/0 20/0 30/0 40/0 50/0 60/0 ");
    CHECK_END();
}

/* 38: a limit in the instant before the tick, in the instant of the tick, and behind it. */
struct b38_a_cancelled_tick_is_not_used_up { AIOT_FRAME; aiot_ticker k; aiot_timeout limit; int policy; };
static AIOT_CORO(b38_a_cancelled_tick_is_not_used_up)
{
    AIOT_BEGIN();
    for (self->policy = 0; self->policy < 3; self->policy++) {
        CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_MS(10), (enum aiot_tick_policy)self->policy), 0);
        AIOT_TIMEOUT(&self->limit, AIOT_MS(9)) { AIOT_TICK(&self->k); say("tick "); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("cut "); }
        AIOT_TICK(&self->k);
        say("%d ", ms(aiot_now(task->loop)) % 100);
        AIOT_TIMEOUT(&self->limit, AIOT_MS(10)) { AIOT_TICK(&self->k); say("tick "); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("cut "); }
        AIOT_TICK(&self->k);                                    /* of 20, not 30 */
        say("%d ", ms(aiot_now(task->loop)) % 100);
        AIOT_TIMEOUT(&self->limit, AIOT_MS(11)) { AIOT_TICK(&self->k); say("tick "); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("cut "); }
        say("%d ", ms(aiot_now(task->loop)) % 100);
        CHECK_SAID("cut 10 cut 20 tick 30 ");
        AIOT_SLEEP(AIOT_MS(70));
    }
    CHECK_END();
}
/* One that was missed, cancelled in the turn in which it comes. */
struct b38_a_missed_tick { AIOT_FRAME; aiot_ticker k; };
static AIOT_CORO(b38_a_missed_tick)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, AIOT_MS(10), AIOT_TICK_BURST), 0);
    aiot_clock_advance(task->loop, AIOT_MS(25));
    aiot_cancel(task);
    AIOT_TRY { AIOT_TICK(&self->k); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { CHECK_EQUAL(aiot_task_uncancel(task), 0); }
    AIOT_TICK(&self->k);
    CHECK_EQUAL(aiot_ticker_missed(&self->k), 1);               /* that of 20 */
    AIOT_TICK(&self->k);
    CHECK_EQUAL(aiot_ticker_missed(&self->k), 0);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_MS(25));
    AIOT_TICK(&self->k);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_MS(30));
    CHECK_END();
}

/* 40 */
struct b40_evenly_from_0_to_the_bound { AIOT_FRAME; aiot_backoff b; unsigned counts[5]; };
static AIOT_CORO(b40_evenly_from_0_to_the_bound)
{
    AIOT_BEGIN();
    aiot_backoff_init(&self->b, 4, 4, 1);
    memset(self->counts, 0, sizeof self->counts);
    for (int i = 0; i < 5000; i++) {
        CHECK(aiot_backoff_next(&self->b, task));
        CHECK(self->b.delay_ns >= 0 && self->b.delay_ns <= 4);
        self->counts[self->b.delay_ns]++;
    }
    for (int i = 0; i < 5; i++) CHECK(self->counts[i] > 850 && self->counts[i] < 1150);         /* 1 000 each: 5 sigma */
    CHECK_END();
}
struct b40_the_bound_doubles { AIOT_FRAME; aiot_backoff b, c; aiot_time most[8]; };
static AIOT_CORO(b40_the_bound_doubles)
{
    AIOT_BEGIN();
    memset(self->most, 0, sizeof self->most);
    for (uint32_t seed = 0; seed < 2000; seed++) {
        aiot_backoff_init(&self->b, 100, 1000, seed);
        aiot_backoff_init(&self->c, 100, 1000, seed);           /* the same seed, the same delays: also of a copy */
        for (int i = 0; i < 8; i++) {
            aiot_time bound = i < 4 ? 100 << i : 1000;
            CHECK(aiot_backoff_next(&self->b, task) && aiot_backoff_next(&self->c, task));
            CHECK_EQUAL(self->b.delay_ns, self->c.delay_ns);
            CHECK(self->b.delay_ns >= 0 && self->b.delay_ns <= bound);
            if (self->b.delay_ns > self->most[i]) self->most[i] = self->b.delay_ns;
            if (i == 3) self->c = self->b;
        }
    }
    for (int i = 0; i < 8; i++) CHECK(self->most[i] > (i < 4 ? 100 << i : 1000) * 98 / 100);    /* and the whole range is used */
    aiot_backoff_init(&self->b, 2000, 1000, 5);                 /* `longest` is the most from the first one on */
    for (int i = 0; i < 100; i++) { CHECK(aiot_backoff_next(&self->b, task)); CHECK(self->b.delay_ns <= 1000); }
    aiot_backoff_init(&self->b, 0, 0, 5);
    for (int i = 0; i < 100; i++) { CHECK(aiot_backoff_next(&self->b, task)); CHECK_EQUAL(self->b.delay_ns, 0); }
    aiot_backoff_init(&self->b, AIOT_FOREVER - 1, AIOT_FOREVER - 1, 5);         /* no overflow */
    for (int i = 0; i < 100; i++) { CHECK(aiot_backoff_next(&self->b, task)); CHECK(self->b.delay_ns >= 0); }
    CHECK_END();
}

/* 41 */
struct b41_the_deadline { AIOT_FRAME; aiot_backoff b, c; aiot_timeout limit; aiot_guard g; aiot_time kept; uint32_t seed; };
static AIOT_CORO(b41_the_deadline)
{
    AIOT_BEGIN();
    for (self->seed = 0; self->seed < 200; self->seed++) {
        aiot_backoff_init(&self->c, 100, 100, self->seed);
        CHECK(aiot_backoff_next(&self->c, task));               /* what it will be */
        aiot_backoff_init(&self->b, 100, 100, self->seed);
        self->b.delay_ns = 12345;
        AIOT_TIMEOUT(&self->limit, self->c.delay_ns) {          /* reaches it */
            CHECK(!aiot_backoff_next(&self->b, task));
            CHECK_EQUAL(self->b.delay_ns, 12345);
        }
        aiot_backoff_init(&self->b, 100, 100, self->seed);
        AIOT_TIMEOUT(&self->limit, self->c.delay_ns + 1) {      /* ends a tick before it */
            CHECK(aiot_backoff_next(&self->b, task));
            CHECK_EQUAL(self->b.delay_ns, self->c.delay_ns);
            AIOT_SLEEP(self->b.delay_ns);
        } AIOT_EXCEPT_ALL { NOT_REACHED(); }
    }
    aiot_backoff_init(&self->b, 0, 0, 1);
    AIOT_TIMEOUT(&self->limit, 0) { CHECK(!aiot_backoff_next(&self->b, task)); }            /* no time is left at all */
    AIOT_TIMEOUT(&self->limit, 1) { CHECK(aiot_backoff_next(&self->b, task)); }
    AIOT_TIMEOUT(&self->limit, 1) {
        AIOT_SHIELDED(&self->g, AIOT_FOREVER) { aiot_backoff_init(&self->b, AIOT_S(1), AIOT_S(1), 1); CHECK(aiot_backoff_next(&self->b, task)); }
        aiot_clock_advance(task->loop, 5);
        CHECK(!aiot_backoff_next(&self->b, task));              /* past */
    }
    CHECK_END();
}

/* 37: more than can be counted. */
struct b37_more_than_can_be_counted { AIOT_FRAME; aiot_ticker k; };
static AIOT_CORO(b37_more_than_can_be_counted)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, 1, AIOT_TICK_SKIP), 0);
    aiot_clock_advance(task->loop, AIOT_S(5));
    AIOT_TICK(&self->k);
    CHECK_EQUAL(aiot_ticker_missed(&self->k), AIOT_S(5) > INT64_C(4294967295) ? 4294967295 : AIOT_S(5) - 1);
    CHECK_END();
}

/* 40: a bound below 0 is one of 0. */
struct b40_below_0 { AIOT_FRAME; aiot_backoff b; };
static AIOT_CORO(b40_below_0)
{
    AIOT_BEGIN();
    aiot_backoff_init(&self->b, -5, 1000, 5);
    CHECK(aiot_backoff_next(&self->b, task));
    CHECK_EQUAL(self->b.delay_ns, 0);
    CHECK_END();
}

int main(void)
{
    RUN(b34_start_plus_n_periods);
    RUN(b34_refused);
    RUN(b35_as_a_sleep_does);
    RUN(b35_two_turns);
    RUN(b35_no_drift);
    RUN(b35_no_drift_with_restart);
    RUN(b36_b37_missed_ticks);
    RUN(b36_b37_on_a_tick);
    RUN(b36_on_time);
    RUN(b38_a_cancelled_tick_is_not_used_up);
    RUN(b38_a_missed_tick);
    RUN(b40_evenly_from_0_to_the_bound);
    RUN(b40_the_bound_doubles);
    RUN(b41_the_deadline);
    RUN(b37_more_than_can_be_counted);
    RUN(b40_below_0);
    return 0;
}
