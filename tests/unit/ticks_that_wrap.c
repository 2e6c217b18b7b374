/* ticks_that_wrap.c - AIOT_TIME_BITS 16: order, limits and sleeps across the end of the clock's range; delays that are too long are an
 * error, and nothing waits for ever because a deadline would be AIOT_FOREVER. */
#define AIOT_TIME_BITS 16
#define AIOT_TICKS_PER_S 1000
#define AIOT_POLL 2
#include <poll.h>
#include <time.h>
static int waited;                              /* ms */
static int told_poll(struct pollfd *fds, nfds_t count, int limit_ms) { (void)fds; (void)count; waited = limit_ms; return 0; }
#define poll told_poll
#define AIOT_I_PPOLL 0
#include "check.h"

static aiot_loop loop;
static void start_at(int tick) { aiot_loop_init_virtual(&loop); loop.now = (aiot_time)tick; }

struct sleeper { AIOT_FRAME; aiot_time delay; int number; };
static AIOT_CORO(sleeper) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); say("%d ", self->number); AIOT_END(); }

struct order { AIOT_FRAME; struct sleeper frame[4]; aiot_task task[4]; int i; aiot_timeout limit; };
static AIOT_CORO(order)
{
    static const aiot_time delay[4] = { 30, 10, 32766, 10 };
    AIOT_BEGIN();
    for (self->i = 0; self->i < 4; self->i++)
        AIOT_SPAWN(&self->task[self->i], sleeper, &self->frame[self->i], .delay = delay[self->i], .number = self->i);
    AIOT_SLEEP(AIOT_MS(20));
    say("| ");
    AIOT_TRY {
        AIOT_TIMEOUT(&self->limit, AIOT_MS(15)) { AIOT_JOIN(&self->task[2]); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    AIOT_END();
}

/* 66 is what a sensor said: 66 s are 66 000 ticks. */
struct too_long { AIOT_FRAME; long seconds; aiot_time delay; aiot_timeout limit; AIOT_WAIT_SET(1) set; AIOT_AS_COMPLETED_SET(1) next; struct sleeper frame; aiot_task task; aiot_handle handle; };
static int never(void *argument) { (void)argument; NOT_REACHED(); return 0; }
static AIOT_CORO(too_long)
{
    AIOT_BEGIN();
    self->seconds = 66;
    AIOT_SLEEP(1);
    AIOT_TRY { AIOT_SLEEP(AIOT_S(self->seconds)); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { CHECK(aiot_caught(task).info == NULL); say("sleep "); }
    AIOT_TIMEOUT(&self->limit, AIOT_S(self->seconds)) { NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("timeout "); }
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_S(self->seconds), sleeper, &self->frame); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("wait_for "); }
    AIOT_SPAWN(&self->task, sleeper, &self->frame, .delay = 1, .number = 7);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(self->seconds), &self->task); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("join_for "); }
    AIOT_TRY { AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_S(self->seconds), &self->task); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("wait "); }
    aiot_as_completed(&self->next, AIOT_S(self->seconds), &self->task);
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->next); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("as_completed "); }
    CHECK_EQUAL(aiot_call_later(task->loop, &self->handle, AIOT_S(self->seconds), never, NULL), AIOT_EINVAL);
    self->seconds = 33000;                                      /* a plain number, a product, a sum; what fits is taken */
    AIOT_TRY { AIOT_SLEEP(self->seconds); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("number "); }
    AIOT_TRY { AIOT_SLEEP(self->delay * 80); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("product "); }
    AIOT_TRY { AIOT_SLEEP(AIOT_MS(self->seconds - 1000) + self->delay + self->delay); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("sum "); }
    AIOT_SLEEP(self->delay + AIOT_MS(1));
    AIOT_SLEEP(-self->seconds / 2);
    self->seconds = 1;
    AIOT_TIMEOUT(&self->limit, AIOT_S(self->seconds)) { AIOT_JOIN(&self->task); }            /* the objects can be used again */
    AIOT_END();
}

/* A limit that is in use is one thing, and a delay that is too long another. */
struct in_use { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(in_use)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_MS(10)) {
        AIOT_TRY { AIOT_TIMEOUT(&self->limit, AIOT_MS(5)) { NOT_REACHED(); } } AIOT_EXCEPT(AIOT_ERUNTIME) { say("in use "); }
        AIOT_SLEEP(AIOT_FOREVER);               /* no time at all, and no delay */
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_EQUAL(aiot_now(task->loop), 10);
    AIOT_END();
}

/* AIOT_FOREVER is no time, so a clock never stands at it. */
static aiot_time at_the_last_tick(aiot_loop *unused) { (void)unused; return AIOT_FOREVER; }

/* What poll(2) is told to wait, wherever in its range the clock is. */
static aiot_time pause_ticks;
static aiot_time clock_by_hand(aiot_loop *of)
{
    aiot_time now = aiot_time_after(of->now, pause_ticks);
    pause_ticks = 0;
    return now;
}
static void idle_by_hand(aiot_loop *unused, aiot_time until) { unused->now = until; }
static void poll_waits_until_the_deadline(void)
{
    static AIOT_POLL_SET(1) poller;
    for (int tick = -32768; tick <= 32760; tick += tick < -32750 || tick > 32740 ? 1 : 999) {
        static aiot_handle handle;
        memset(&handle, 0, sizeof handle);
        aiot_loop_init_clock(&loop, clock_by_hand, idle_by_hand);
        loop.now = (aiot_time)tick;
        CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
        loop.watched = 1;
        CHECK_EQUAL(aiot_call_later(&loop, &handle, 5, never, NULL), 0);
        aiot_i_poll(&loop, aiot_next_deadline(&loop));
        CHECK(waited == 5 || waited == 6);                      /* 6: where a tick is no time */
    }
}

/* Armed between turns, long after the last one: in order of what is left of each, and not of what it was then. */
static int say_tick(void *handle) { say("%d ", (int)aiot_handle_when((aiot_handle *)handle)); return 0; }
static void armed_after_a_pause(void)
{
    static aiot_handle sooner, later;
    aiot_loop_init_clock(&loop, clock_by_hand, idle_by_hand);
    loop.now = 0;
    aiot_call_at(&loop, &sooner, 20000, say_tick, &sooner);
    (void)aiot_run_once(&loop);
    pause_ticks = 15000;
    aiot_call_at(&loop, &later, (aiot_time)(40000 - 65536), say_tick, &later);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("20000 -25536 ");
}

/* A delay that is too long, in a task with a cancel to come; and in a limit that is made anew while it is in use, which it is not. */
struct too_long_and_busy { AIOT_FRAME; long seconds; aiot_timeout limit; aiot_task *unused; struct sleeper frame; aiot_task t; };
static AIOT_CORO(too_long_and_busy)
{
    AIOT_BEGIN();
    self->seconds = 66;
    aiot_cancel_msg(task, "why");
    AIOT_TRY { AIOT_SLEEP(AIOT_S(self->seconds)); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("%s ", (const char *)aiot_caught(task).info); }
    CHECK_EQUAL(aiot_task_uncancel(task), 0);
    AIOT_TIMEOUT(&self->limit, AIOT_MS(10)) {
        aiot_timeout_init(&self->limit, task->loop, AIOT_S(self->seconds));
        AIOT_SLEEP(AIOT_MS(20));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    AIOT_SPAWN(&self->t, sleeper, &self->frame, .delay = 1, .number = 8);
    AIOT_TRY { AIOT_STOP(&self->limit, AIOT_S(self->seconds), &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("stop "); }
    AIOT_JOIN(&self->t);
    AIOT_END();
}

int main(void)
{
    static struct order order_frame;
    static struct too_long too_long_frame;
    static struct sleeper sleeper_frame;
    for (int tick = 32720; tick < 32767; tick++) {              /* the wrap falls everywhere */
        start_at(tick);
        CHECK_EQUAL(aiot_run(&loop, order, &order_frame), AIOT_OK);
        CHECK_SAID("1 3 | 0 timeout ");                         /* joined under a limit: the limit cancels it */
    }
    for (int tick = 32757; tick < 32767; tick++) {              /* one of these would end at AIOT_FOREVER */
        aiot_time began = (aiot_time)tick;
        start_at(tick);
        CHECK_EQUAL(aiot_run(&loop, sleeper, &sleeper_frame, .delay = 10), AIOT_OK);
        CHECK(!aiot_time_before(loop.now, aiot_time_after(began, 10)));
        CHECK(aiot_time_before(loop.now, aiot_time_after(began, 12)));
        CHECK_SAID("0 ");
    }
    start_at(0);
    CHECK_EQUAL(aiot_run(&loop, too_long, &too_long_frame, .delay = 500), AIOT_OK);
    CHECK_SAID("sleep timeout wait_for join_for wait as_completed number product sum 7 ");

    CHECK(aiot_time_before(32766, -32768) && !aiot_time_before(-32768, 32766));       /* 32767 is AIOT_FOREVER: forever_absorbs.c */
    CHECK_EQUAL(aiot_time_between(32760, -32760), 16);
    CHECK_EQUAL(aiot_time_between(-32760, 32760), -16);
    CHECK_EQUAL(aiot_time_after(32766, 1), -32768);             /* not AIOT_FOREVER */
    CHECK_EQUAL(aiot_time_after(5, AIOT_FOREVER), AIOT_FOREVER);
    CHECK_EQUAL(AIOT_US(1), 1);                                 /* rounded up: never early */
    CHECK_EQUAL(AIOT_US(1001), 2);
    CHECK_EQUAL(AIOT_MS(32766), 32766);
    CHECK_EQUAL(AIOT_MS(0.5), 1);
    CHECK_EQUAL(AIOT_MS(1.9), 2);
    CHECK_EQUAL(AIOT_S(0.0005), 1);
    CHECK_EQUAL(AIOT_S(0.1), 100);                              /* which is a little more than a tenth */
    CHECK_EQUAL(AIOT_S(32.766), 32766);
    CHECK_EQUAL(AIOT_MS(-5), -5);
    static volatile long asked = 66;                            /* a time that was too long to be one is not in the past */
    CHECK_EQUAL(aiot_time_after(5, AIOT_S(asked)), AIOT_FOREVER);
    poll_waits_until_the_deadline();
    armed_after_a_pause();
    static struct in_use in_use_frame;
    start_at(0);
    CHECK_EQUAL(aiot_run(&loop, in_use, &in_use_frame), AIOT_OK);
    CHECK_SAID("in use timeout ");
    aiot_loop_init_clock(&loop, at_the_last_tick, idle_by_hand);
    CHECK_EQUAL(aiot_now(&loop), -32768);
    static struct too_long_and_busy too_long_and_busy_frame;
    start_at(0);
    CHECK_EQUAL(aiot_run(&loop, too_long_and_busy, &too_long_and_busy_frame), AIOT_OK);
    CHECK_SAID("why timeout stop 8 ");
    for (int tick = -32768; tick < 32767; tick++) CHECK(aiot_i_is_later(AIOT_FOREVER, (aiot_time)tick));
    return 0;
}
