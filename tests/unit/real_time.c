/* real_time.c - on real clocks: no sleep ends early, deadlines are met with generous margins, and a clock that goes backwards is one
 * that stands still. */
#include "check.h"

/* Twenty sleeps on the system's clock. */
struct sleeps { AIOT_FRAME; int i; aiot_time began, delay; };
static AIOT_CORO(sleeps)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 20; self->i++) {
        self->delay = AIOT_US(200 * (self->i % 10) + 1);
        self->began = aiot_now(task->loop);
        AIOT_SLEEP(self->delay);
        CHECK(aiot_now(task->loop) - self->began >= self->delay);
        CHECK(aiot_i_clock_monotonic(task->loop) - self->began >= self->delay);
    }
    AIOT_END();
}

/* Several at once, and a limit: in order, none early, all soon. */
struct sleeper { AIOT_FRAME; aiot_time until; };
static AIOT_CORO(sleeper)
{
    AIOT_BEGIN();
    AIOT_SLEEP_UNTIL(self->until);
    CHECK(aiot_now(task->loop) >= self->until);
    say("%c", 'a' + (char)(self->until / 1000000 % 26));
    AIOT_END();
}
struct at_once { AIOT_FRAME; struct sleeper s[5]; aiot_task t[5]; aiot_time began; aiot_timeout limit; AIOT_GATHER_SET(5) all; };
static AIOT_CORO(at_once)
{
    static const aiot_time ORDER[5] = { 3, 1, 4, 2, 5 };
    AIOT_BEGIN();
    self->began = aiot_now(task->loop) / AIOT_MS(26) * AIOT_MS(26) + AIOT_MS(52);           /* so that the letters are those */
    for (int i = 0; i < 5; i++) AIOT_SPAWN(&self->t[i], sleeper, &self->s[i], .until = self->began + AIOT_MS(ORDER[i]));
    AIOT_GATHER(&self->all, &self->t[0], &self->t[1], &self->t[2], &self->t[3], &self->t[4]);
    CHECK_SAID("bcdef");
    self->began = aiot_now(task->loop);
    AIOT_TIMEOUT(&self->limit, AIOT_MS(10)) {
        AIOT_SLEEP(AIOT_S(60));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_now(task->loop) - self->began >= AIOT_MS(10));
    }
    CHECK(aiot_now(task->loop) - self->began < AIOT_S(20));
    AIOT_END();
}

/* The clock is read once a turn; aiot_clock_refresh() reads it anew. */
struct reads_the_clock { AIOT_FRAME; };
static AIOT_CORO(reads_the_clock)
{
    AIOT_BEGIN();
    {
        aiot_time now = aiot_now(task->loop), until = now + AIOT_MS(2);
        while (aiot_i_clock_monotonic(task->loop) < until) { }
        CHECK_EQUAL(aiot_now(task->loop), now);
        aiot_clock_refresh(task->loop);
        CHECK(aiot_now(task->loop) >= until);
    }
    AIOT_YIELD();
    AIOT_END();
}

static void on_the_systems_clock(void)
{
    static aiot_loop loop;
    static struct sleeps a;
    static struct at_once b;
    static struct reads_the_clock c;
    aiot_loop_init(&loop);
    CHECK(aiot_now(&loop) > 0);
    CHECK_EQUAL(aiot_run(&loop, sleeps, &a), AIOT_OK);
    CHECK_EQUAL(aiot_run(&loop, at_once, &b), AIOT_OK);
    CHECK_EQUAL(aiot_run(&loop, reads_the_clock, &c), AIOT_OK);
}

/* A clock of one's own, and what it does when it is asked to sleep. */
static aiot_time clock_ns, jump_ns, asked_until;
static int idles;
static aiot_time own_clock(aiot_loop *loop) { (void)loop; return clock_ns; }
static void own_idle(aiot_loop *loop, aiot_time until)
{
    (void)loop;
    asked_until = until;
    idles++;
    if (jump_ns) { clock_ns += jump_ns; jump_ns = 0; }          /* a jump, once */
    else if (idles % 3 == 0) clock_ns = until;                  /* it may sleep less than it is asked to */
    else clock_ns += (until - clock_ns) / 2;
}

struct naps { AIOT_FRAME; int i; aiot_time began; };
static AIOT_CORO(naps)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 10; self->i++) {
        self->began = aiot_now(task->loop);
        AIOT_SLEEP(1000);
        CHECK(aiot_now(task->loop) - self->began >= 1000);
    }
    AIOT_END();
}

static void on_a_clock_that_jumps(void)
{
    static aiot_loop loop;
    static struct naps frame;
    clock_ns = 5000;
    aiot_loop_init_clock(&loop, own_clock, own_idle);
    CHECK_EQUAL(aiot_now(&loop), 5000);
    CHECK_EQUAL(aiot_run(&loop, naps, &frame), AIOT_OK);
    CHECK(clock_ns >= 15000);

    jump_ns = -3000;                            /* back: the loop's time stands still, until the clock has come there again */
    aiot_time before = aiot_now(&loop);
    clock_ns -= 1000;
    aiot_clock_refresh(&loop);
    CHECK_EQUAL(aiot_now(&loop), before);
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    CHECK_EQUAL(aiot_now(&loop), before);
    CHECK_EQUAL(aiot_run(&loop, naps, &frame), AIOT_OK);
    CHECK(aiot_now(&loop) >= before + 10000 && clock_ns == aiot_now(&loop));

    jump_ns = AIOT_S(86400);                    /* a day ahead: everything is due, and no sleep ended early */
    before = aiot_now(&loop);
    CHECK_EQUAL(aiot_run(&loop, naps, &frame), AIOT_OK);
    CHECK(aiot_now(&loop) >= before + AIOT_S(86400));
    CHECK(asked_until <= aiot_now(&loop));
}

/* It may sleep longer, too: what falls due meanwhile wakes in one turn, late, and in order of time. */
static void idle_to_the_millisecond(aiot_loop *loop, aiot_time until)
{
    (void)loop;
    idles++;
    clock_ns = (until + AIOT_MS(1) - 1) / AIOT_MS(1) * AIOT_MS(1);
}

static aiot_time woken_last;
struct naps_once { AIOT_FRAME; aiot_time until; };
static AIOT_CORO(naps_once)
{
    AIOT_BEGIN();
    AIOT_SLEEP_UNTIL(self->until);
    CHECK(self->until >= woken_last);
    woken_last = self->until;
    CHECK(aiot_now(task->loop) >= self->until && aiot_now(task->loop) < self->until + AIOT_MS(1));
    AIOT_END();
}

static void on_an_idle_hook_that_sleeps_to_the_millisecond(void)
{
    enum { SLEEPERS = 500, MILLISECONDS = 5 };
    static aiot_loop loop;
    static struct { aiot_task task; struct naps_once frame; } all[SLEEPERS];
    clock_ns = 0;
    idles = 0;
    aiot_loop_init_clock(&loop, own_clock, idle_to_the_millisecond);
    for (int k = 0; k < SLEEPERS; k++)
        aiot_spawn_on(&loop, &all[k].task, naps_once, &all[k].frame, .until = 1 + k * 7919L % SLEEPERS * 10000);   /* a permutation */
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_EQUAL(woken_last, 1 + (SLEEPERS - 1) * 10000);
    CHECK_EQUAL(idles, MILLISECONDS);
}

int main(void)
{
    on_the_systems_clock();
    on_a_clock_that_jumps();
    on_an_idle_hook_that_sleeps_to_the_millisecond();
    return 0;
}
