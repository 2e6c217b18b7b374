/* loops.c - running a loop: run(), run_until(), run_forever() and stop(), run_once(); several loops; deadlocks; what is left over. */
#define AIOT_POLL 2
#include <poll.h>
static int between_turns(struct pollfd *fds, nfds_t count, int limit_ms);
#define poll between_turns                      /* the loop calls this instead */
#define AIOT_I_PPOLL 0
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

static aiot_loop loop, other;

/* What is reported, by whom. */
static void hear(aiot_loop *loop_, const aiot_report *report)
{
    (void)loop_;
    say("%s:%d ", report->reason == AIOT_REPORT_LEFT_OVER ? "left over" : report->reason == AIOT_REPORT_UNCOLLECTED ? "uncollected" : "?",
        report->error.code);
}

/* aiot_run(): how the program ended; and one after the other on one loop. */
static void programs_one_after_the_other(void)
{
    static struct job one;
    aiot_loop_init_virtual(&loop);
    loop.on_error = hear;
    CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = AIOT_S(1)), AIOT_OK);
    CHECK_EQUAL(aiot_now(&loop), AIOT_S(1));
    CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = AIOT_S(1), .error = 5), 5);
    CHECK_SAID("");                             /* the error is returned, not reported */
    CHECK_EQUAL(aiot_run(&loop, job, &one, .error = AIOT_ECANCELED), AIOT_ECANCELED);
    CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = AIOT_S(1)), AIOT_OK);
    CHECK_EQUAL(aiot_now(&loop), AIOT_S(3));
    CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
    CHECK(aiot_current_task(&loop) == NULL);
}

/* 35, 36: when main has ended, what it left is cancelled, in order of creation, and awaited; errors go to the handler. */
static struct job left[3];
static aiot_task left_task[3];
struct leaves_tasks { AIOT_FRAME; int error; };
static AIOT_CORO(leaves_tasks)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&left_task[0], job, &left[0], .name = "a", .delay = AIOT_FOREVER, .cleanup = AIOT_S(2));
    AIOT_SPAWN(&left_task[1], job, &left[1], .name = "b", .delay = AIOT_S(60), .late_error = 9);
    AIOT_SPAWN(&left_task[2], job, &left[2], .name = "c", .delay = AIOT_S(60), .swallows = true);
    AIOT_SLEEP(AIOT_S(1));
    if (self->error) AIOT_RAISE(self->error);
    AIOT_END();
}
static void left_overs_are_cancelled_and_awaited(void)
{
    static struct leaves_tasks main_frame;
    for (int error = 0; error < 2; error++) {
        aiot_loop_init_virtual(&loop);
        loop.on_error = hear;
        CHECK_EQUAL(aiot_run(&loop, leaves_tasks, &main_frame, .error = error), error);
        CHECK_SAID("a! b! left over:9 c! ");
        CHECK_EQUAL(aiot_now(&loop), AIOT_S(3));
        CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
        CHECK(aiot_cancelled(&left_task[0]) && left[2].value == 43);
    }
}

/* One that spawns another while it is being cleaned up: that one is abandoned, and goes on if the loop does. */
struct spawns_late { AIOT_FRAME; };
static AIOT_CORO(spawns_late)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_FINALLY { AIOT_SPAWN(&left_task[1], job, &left[1], .delay = AIOT_S(1)); }
    AIOT_END();
}
struct leaves_one { AIOT_FRAME; };
static struct spawns_late late_frame;
static AIOT_CORO(leaves_one) { AIOT_BEGIN(); AIOT_SPAWN(&left_task[0], spawns_late, &late_frame); AIOT_YIELD(); AIOT_END(); }
static void what_left_overs_start_is_abandoned(void)
{
    static struct leaves_one frame;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, leaves_one, &frame), AIOT_OK);
    CHECK_EQUAL(aiot_loop_task_count(&loop), 1);
    CHECK_EQUAL(aiot_run_until(&loop, &left_task[1]), AIOT_OK);
    CHECK_EQUAL(left[1].value, 42);
    CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
}

/* A loop that nobody has initialised runs nothing.  Debug builds say so. */
static void a_loop_that_was_not_initialised(void)
{
    static aiot_loop zeroed;
    static struct job one;
    static aiot_task t;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, job, &one, .delay = AIOT_S(1)), 0);
    CHECK_EQUAL(aiot_run_once(&zeroed), AIOT_FOREVER);
    CHECK_EQUAL(aiot_run_until(&zeroed, &t), AIOT_ERUNTIME);
    if (AIOT_I_TELLS) CHECK_EQUAL(aiot_run_forever(&zeroed), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run(&zeroed, job, &left[0], .delay = 1), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_spawn_on(&zeroed, &left_task[0], job, &left[0], .delay = 1), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_spawn_on((aiot_loop *)NULL, &left_task[0], job, &left[0], .delay = 1), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run_until(&loop, &t), AIOT_OK);
}

/* run_until: with the rest of the turn in which the end is noticed, that is the one after it. */
static int say_it(void *text) { say("%s", (const char *)text); return 0; }
static void run_until_an_awaitable_is_done(void)
{
    static aiot_future future;
    static aiot_handle h, k;
    static struct job one;
    static aiot_task t;
    static char text[] = "callback ";
    aiot_loop_init_virtual(&loop);
    aiot_future_init(&future, &loop);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, job, &one, .delay = AIOT_S(1)), 0);
    aiot_add_done_callback(&t, &h, say_it, text);
    CHECK_EQUAL(aiot_run_until(&loop, &t), AIOT_OK);
    CHECK_SAID("callback ");
    aiot_call_soon(&loop, &h, say_it, text);
    CHECK_EQUAL(aiot_run_until(&loop, &t), AIOT_OK);            /* it is done already: one turn is run all the same */
    CHECK_SAID("callback ");
    CHECK_EQUAL(aiot_run_until(&loop, &future), AIOT_EDEADLK);  /* nobody can ever set it */
    aiot_call_later(&loop, &k, AIOT_S(1), say_it, text);
    CHECK_EQUAL(aiot_run_until(&loop, &future), AIOT_EDEADLK);
    CHECK_SAID("callback ");
    aiot_future_set_error(&future, 6, NULL);
    CHECK_EQUAL(aiot_run_until(&loop, &future), 6);
}

/* A deadlock is an answer, with the number of tasks that wait for ever; and they can be cancelled. */
struct waits { AIOT_FRAME; aiot_future *future; struct job one; aiot_task t; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->one, .name = "job", .delay = AIOT_FOREVER);
    AIOT_TRY { AIOT_JOIN(self->future); } AIOT_FINALLY { say("main "); }
    AIOT_END();
}
static void a_deadlock_is_an_answer(void)
{
    static aiot_future never;
    static struct waits frame;
    static struct job one;
    aiot_loop_init_virtual(&loop);
    aiot_future_init(&never, &loop);
    CHECK_EQUAL(aiot_run(&loop, waits, &frame, .future = &never), AIOT_EDEADLK);
    CHECK_EQUAL(aiot_loop_task_count(&loop), 2);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_EDEADLK);
    CHECK_SAID("");
    CHECK_EQUAL(aiot_cancel_all(&loop), AIOT_OK);
    CHECK_SAID("main job! ");
    CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = 1), AIOT_OK);                           /* and the loop is good for another */
    CHECK_SAID("");
}

/* One that swallows its cancel and waits for ever. */
struct stubborn { AIOT_FRAME; };
static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ECANCELED) { say("no "); }
    AIOT_SLEEP(AIOT_FOREVER);
    AIOT_END();
}
static struct stubborn stubborn_frame;
struct leaves_a_stubborn_one { AIOT_FRAME; };
static AIOT_CORO(leaves_a_stubborn_one) { AIOT_BEGIN(); AIOT_SPAWN(&left_task[0], stubborn, &stubborn_frame); AIOT_YIELD(); AIOT_END(); }
static void a_left_over_that_waits_for_ever(void)
{
    static struct leaves_a_stubborn_one frame;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, leaves_a_stubborn_one, &frame), AIOT_EDEADLK);
    CHECK_SAID("no ");
    CHECK_EQUAL(aiot_loop_task_count(&loop), 1);
    CHECK_EQUAL(aiot_cancel_all(&loop), AIOT_OK);
    CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
}

/* run_forever() ends with the turn in which stop() was called, and goes on where it was. */
static int stop_it(void *loop_) { say("stop "); aiot_loop_stop((aiot_loop *)loop_); return 0; }
static void run_forever_until_stop(void)
{
    static aiot_handle h, k, l;
    static char now[] = "now ", later[] = "later ";
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);              /* nothing to do */
    aiot_call_soon(&loop, &h, stop_it, &loop);
    aiot_call_soon(&loop, &k, say_it, now);
    aiot_call_later(&loop, &l, AIOT_S(1), say_it, later);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("stop now ");
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_S(1));
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("later ");
    aiot_call_later(&loop, &h, AIOT_S(1), stop_it, &loop);      /* from a timer */
    aiot_call_later(&loop, &l, AIOT_S(2), say_it, later);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("stop ");
    CHECK_EQUAL(aiot_now(&loop), AIOT_S(2));
}

/* Asked before it runs, it runs one turn.  run_until() and run() are ended by it, too: asyncio's RuntimeError, "Event loop stopped
 * before Future completed"; run() still cancels and awaits what is left, main among it. */
static void stop_before_the_end(void)
{
    static aiot_handle h, k;
    static struct job waits, one;
    static aiot_task waiting;
    static char now[] = "now ";
    aiot_loop_init_virtual(&loop);
    aiot_call_soon(&loop, &k, say_it, now);
    aiot_call_later(&loop, &h, AIOT_S(1), stop_it, &loop);
    aiot_loop_stop(&loop);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("now ");
    aiot_spawn_on(&loop, &waiting, job, &waits, .name = "waits", .delay = AIOT_S(5));
    CHECK_EQUAL(aiot_run_until(&loop, &waiting), AIOT_ERUNTIME);
    CHECK_SAID("stop ");
    CHECK_EQUAL(aiot_now(&loop), AIOT_S(1));
    aiot_call_later(&loop, &h, AIOT_S(1), stop_it, &loop);
    CHECK_EQUAL(aiot_run(&loop, job, &one, .name = "main", .delay = AIOT_S(9)), AIOT_ERUNTIME);
    CHECK_SAID("stop waits! main! ");
    CHECK_EQUAL(aiot_now(&loop), AIOT_S(2));
    loop.on_error = hear;
    aiot_call_later(&loop, &h, AIOT_S(1), stop_it, &loop);
    CHECK_EQUAL(aiot_run(&loop, job, &one, .name = "main", .delay = AIOT_S(9), .late_error = 9), AIOT_ERUNTIME);
    CHECK_SAID("stop main! left over:9 ");                      /* its error then is told of once */
    CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
    CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = AIOT_S(1)), AIOT_OK);      /* and is asked for anew */
}

/* Asked for in the clean-up it is forgotten: all of that runs, and the next run is not ended by it. */
struct stops { AIOT_FRAME; };
static AIOT_CORO(stops)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); }
    AIOT_FINALLY { (void)stop_it(task->loop); AIOT_SLEEP(AIOT_S(1)); say("end "); }
    AIOT_END();
}
static struct stops stops_frame;
struct leaves_one_that_stops { AIOT_FRAME; };
static AIOT_CORO(leaves_one_that_stops) { AIOT_BEGIN(); AIOT_SPAWN(&left_task[0], stops, &stops_frame); AIOT_YIELD(); AIOT_END(); }
static void stop_in_the_clean_up(void)
{
    static struct leaves_one_that_stops main_frame;
    static struct job one;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, leaves_one_that_stops, &main_frame), AIOT_OK);
    CHECK_SAID("stop end ");
    CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = AIOT_S(1)), AIOT_OK);
}

/* So it is in each of the turns that a run adds to the last one of main. */
static aiot_handle stop_handle;
static int turns_before;
static int stop_then(void *loop_)
{
    if (turns_before-- == 0) return stop_it(loop_);
    aiot_call_soon((aiot_loop *)loop_, &stop_handle, stop_then, loop_);
    return 0;
}
struct stops_at_last { AIOT_FRAME; };
static AIOT_CORO(stops_at_last) { AIOT_BEGIN(); aiot_call_soon(task->loop, &stop_handle, stop_then, task->loop); AIOT_END(); }
static void stop_in_the_last_turns(void)
{
    static struct stops_at_last last;
    static struct job one;
    aiot_loop_init_virtual(&loop);
    for (int turn = 0; turn < 5; turn++) {
        turns_before = turn;
        CHECK_EQUAL(aiot_run(&loop, stops_at_last, &last), AIOT_OK);
        CHECK_SAID("stop ");
        CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = AIOT_S(1)), AIOT_OK);
    }
}

/* A loop may be made in memory that holds anything. */
static void made_of_anything(void)
{
    static struct job one;
    memset(&loop, 0xa5, sizeof loop);
    aiot_loop_init_virtual(&loop);
#if !AIOT_SMALL
    CHECK(loop.user == NULL);
#endif
    CHECK(loop.poll == NULL && aiot_current_task(&loop) == NULL);
    CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = AIOT_S(1)), AIOT_OK);
    CHECK_EQUAL(aiot_now(&loop), AIOT_S(1));
}

/* A loop does not run within itself. */
static aiot_future inner_future;
static int runs_the_loop(void *argument)
{
    (void)argument;
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run_until(&loop, &inner_future), AIOT_ERUNTIME);
    aiot_run_once(&loop);
    say("once ");
    return 0;
}
static void not_within_itself(void)
{
    static aiot_handle h, k;
    static char text[] = "next ";
    aiot_loop_init_virtual(&loop);
    aiot_future_init(&inner_future, &loop);
    aiot_call_soon(&loop, &h, runs_the_loop, NULL);
    aiot_call_soon(&loop, &k, say_it, text);
    aiot_run_once(&loop);
    CHECK_SAID("once next ");
}

/* run_once() does not sleep, and says when it wants to be called again. */
static void run_once_from_a_main_loop(void)
{
    static struct job one;
    static aiot_task t;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, job, &one, .delay = 100), 0);
    CHECK_EQUAL(aiot_next_deadline(&loop), 0);
    CHECK_EQUAL(aiot_run_once(&loop), 100);
    CHECK_EQUAL(aiot_run_once(&loop), 100);
    aiot_clock_advance(&loop, 99);
    CHECK_EQUAL(aiot_run_once(&loop), 100);
    aiot_clock_advance(&loop, 1);
    CHECK_EQUAL(aiot_run_once(&loop), 100);     /* the sleeper runs in the next turn: now */
    CHECK(!aiot_done(&t));
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    CHECK(aiot_done(&t));
}

/* While it sleeps, a loop is running, though no task is: its idle hook may look, but not run it. */
static aiot_time slept_until;
static aiot_time clock_of(aiot_loop *loop_) { (void)loop_; return slept_until; }
static void sleep_and_look(aiot_loop *loop_, aiot_time until)
{
    CHECK(aiot_current_task(loop_) == NULL);
    CHECK_EQUAL(aiot_now(loop_), slept_until);
    CHECK_EQUAL(aiot_run_once(loop_), until);
    CHECK_EQUAL(aiot_cancel_all(loop_), AIOT_ERUNTIME);
    slept_until = until;
}
static void sleeping_is_running(void)
{
    static struct job one;
    aiot_loop_init_clock(&loop, clock_of, sleep_and_look);
    CHECK_EQUAL(aiot_run(&loop, job, &one, .delay = 7), AIOT_OK);
    CHECK_EQUAL(aiot_now(&loop), 7);
}

/* It sleeps for ever only if an interrupt could wake it: not for a timer that was past when it was set, and has been cancelled. */
static int not_called(void *unused) { (void)unused; CHECK(false); return 0; }
static void never_sleeps_for_ever(aiot_loop *loop_, aiot_time until) { (void)loop_; CHECK(until != AIOT_FOREVER); slept_until = until; }
struct past { AIOT_FRAME; aiot_handle handle; aiot_future never; };
static AIOT_CORO(past)
{
    AIOT_BEGIN();
    aiot_call_later(task->loop, &self->handle, -AIOT_S(1), not_called, NULL);
    aiot_handle_cancel(&self->handle);
    aiot_future_init(&self->never, task->loop);
    AIOT_JOIN(&self->never);
    AIOT_END();
}
static void no_sleep_for_ever(void)
{
    static struct past frame;
    aiot_loop_init_clock(&loop, clock_of, never_sleeps_for_ever);
    CHECK_EQUAL(aiot_run(&loop, past, &frame), AIOT_EDEADLK);
    CHECK_EQUAL(aiot_cancel_all(&loop), AIOT_OK);
}

/* Between turns the clock is read each time: what a main loop arms later counts from then. */
static void time_between_turns(void)
{
    static aiot_handle handle, soon;
    for (int ready = 0; ready < 2; ready++) {
        slept_until = 0;
        aiot_loop_init_clock(&loop, clock_of, never_sleeps_for_ever);
        if (ready) aiot_call_soon(&loop, &soon, not_called, NULL);
        if (ready) aiot_handle_cancel(&soon);
        (void)aiot_run_once(&loop);
        if (ready) aiot_call_soon(&loop, &soon, not_called, NULL);
        (void)aiot_next_deadline(&loop);
        slept_until = 1000;
        aiot_call_later(&loop, &handle, 500, not_called, NULL);
        CHECK_EQUAL(aiot_handle_when(&handle), 1500);
    }
}

/* However often it is asked, the time of a turn is read once.  Only a virtual clock can be moved by hand, and only forwards. */
static int readings;
static aiot_time counting_clock(aiot_loop *loop_) { (void)loop_; return ++readings; }
static int asks_often(void *unused)
{
    aiot_time now = aiot_now(&loop);
    (void)unused;
    for (int i = 0; i < 10; i++) CHECK_EQUAL(aiot_now(&loop), now);
    return 0;
}
static void the_clock_is_read_once(void)
{
    static aiot_handle handles[2];
    aiot_loop_init_clock(&loop, counting_clock, never_sleeps_for_ever);
    CHECK_EQUAL(readings, !AIOT_SMALL || AIOT_POLL);            /* the wheel and the poller count from there, a list does not */
    for (int i = 0; i < 2; i++) aiot_call_soon(&loop, &handles[i], asks_often, NULL);
    readings = 0;
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(readings, 1);
    aiot_time before = aiot_now(&loop);
    aiot_clock_advance(&loop, AIOT_S(5));
    CHECK(aiot_now(&loop) < before + AIOT_S(1));
    aiot_loop_init_virtual(&loop);
    aiot_clock_advance(&loop, AIOT_S(5));
    aiot_clock_advance(&loop, -AIOT_S(1));
    CHECK_EQUAL(aiot_now(&loop), AIOT_S(5));
}

/* Nothing to look at but the task that yields: but it may look at the clock itself, and then time passes, and what it arms comes. */
static int note_call(void *called) { *(bool *)called = true; return 0; }
struct yields_alone { AIOT_FRAME; aiot_timeout limit; aiot_handle handle; aiot_time before; bool called; int i; };
static AIOT_CORO(yields_alone)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 5; self->i++) {
        self->before = aiot_now(task->loop);
        AIOT_YIELD();
        CHECK_EQUAL(aiot_now(task->loop), self->before + 1);
    }
    AIOT_YIELD();
    aiot_call_at(task->loop, &self->handle, aiot_now(task->loop) + 10, note_call, &self->called);
    aiot_clock_refresh(task->loop);
    for (self->i = 0; !self->called; self->i++) {
        CHECK(self->i < 100);
        AIOT_YIELD();
    }
    AIOT_YIELD();
    AIOT_TIMEOUT(&self->limit, 10) {
        for (self->i = 0; self->i < 100; self->i++) AIOT_YIELD();
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
    }
    CHECK_END();
}
static void a_lone_task_has_a_clock(void)
{
    static struct yields_alone frame;
    aiot_loop_init_clock(&loop, counting_clock, never_sleeps_for_ever);
    CHECK_EQUAL(aiot_run(&loop, yields_alone, &frame), AIOT_OK);
}

/* While the loop looks for descriptors, between two turns, no task is running. A task is taken out of the ready list there. */
static aiot_task sleeper, yielders[3];
static int looks;
static int between_turns(struct pollfd *fds, nfds_t count, int limit_ms)
{
    (void)fds; (void)count; (void)limit_ms;
    CHECK(aiot_current_task(&loop) == NULL);
    if (++looks == 3) CHECK(aiot_task_cancel(&sleeper));
    return 0;
}
struct counts { AIOT_FRAME; int left; };
static AIOT_CORO(counts) { AIOT_BEGIN(); while (self->left-- > 0) AIOT_YIELD(); AIOT_END(); }
static void between_turns_nobody_runs(void)
{
    static AIOT_POLL_SET(1) poller;
    static struct counts frames[3];
    static struct job one;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    loop.watched = 1;                           /* so it looks */
    for (int i = 0; i < 3; i++) aiot_spawn_on(&loop, &yielders[i], counts, &frames[i], .left = 8);
    aiot_spawn_on(&loop, &sleeper, job, &one, .delay = 1);
    aiot_clock_advance(&loop, 1);
    for (int i = 0; i < 12; i++) (void)aiot_run_once(&loop);
    for (int i = 0; i < 3; i++) CHECK(aiot_done(&yielders[i]));
    CHECK(aiot_cancelled(&sleeper));
    CHECK_SAID("");
}

/* Two loops, interleaved turn by turn; each has its own time. */
struct steps { AIOT_FRAME; const char *name; aiot_time pause; int i; };
static AIOT_CORO(steps)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) { say("%s@%d ", self->name, (int)aiot_now(task->loop)); AIOT_SLEEP(self->pause); }
    AIOT_END();
}
static void two_loops_interleaved(void)
{
    static struct steps a, b;
    static aiot_task t, u;
    aiot_loop_init_virtual(&loop);
    aiot_loop_init_virtual(&other);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, steps, &a, .name = "a", .pause = 5), 0);
    CHECK_EQUAL(aiot_spawn_on(&other, &u, steps, &b, .name = "b", .pause = 7), 0);
    while (!aiot_done(&t) || !aiot_done(&u)) {
        CHECK(aiot_current_task(&loop) == NULL && aiot_current_task(&other) == NULL);
        aiot_time next = aiot_run_once(&loop);
        if (next != AIOT_FOREVER) aiot_clock_advance(&loop, next - aiot_now(&loop));
        next = aiot_run_once(&other);
        if (next != AIOT_FOREVER) aiot_clock_advance(&other, next - aiot_now(&other));
    }
    CHECK_SAID("a@0 b@0 a@5 b@7 a@10 b@14 ");
    CHECK(aiot_now(&loop) == 15 && aiot_now(&other) == 21);
}

/* A task cannot await what belongs to another loop; one loop may run inside a callback of another. */
struct joins { AIOT_FRAME; aiot_future *future; };
static AIOT_CORO(joins) { AIOT_BEGIN(); AIOT_JOIN(self->future); AIOT_END(); }
static int runs_another(void *argument)
{
    static struct job one;
    (void)argument;
    CHECK_EQUAL(aiot_run(&other, job, &one, .delay = 5), AIOT_OK);
    say("other ");
    return 0;
}
static void loops_do_not_mix(void)
{
    static aiot_future foreign, never_made;
    static struct joins one;
    static aiot_handle h;
    aiot_loop_init_virtual(&loop);
    aiot_loop_init_virtual(&other);
    aiot_future_init(&foreign, &other);
    CHECK_EQUAL(aiot_run(&loop, joins, &one, .future = &foreign), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run_until(&loop, &foreign), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run_until(&loop, &never_made), AIOT_ERUNTIME);
    aiot_call_soon(&loop, &h, runs_another, NULL);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("other ");
}

/* wait() and gather() do not take members of several loops, ended or not. */
struct mixes { AIOT_FRAME; aiot_task *foreign; aiot_future own; AIOT_WAIT_SET(2) set; AIOT_GATHER_SET(2) all; AIOT_AS_COMPLETED_SET(2) next; int refused; };
static AIOT_CORO(mixes)
{
    AIOT_BEGIN();
    aiot_future_init(&self->own, task->loop);
    AIOT_TRY { AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, 10, self->foreign, &self->own); } AIOT_EXCEPT(AIOT_EINVAL) { self->refused++; }
    AIOT_TRY { AIOT_GATHER(&self->all, &self->own, self->foreign); } AIOT_EXCEPT(AIOT_EINVAL) { self->refused++; }
    AIOT_TRY { AIOT_GATHER(&self->all, self->foreign); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
    aiot_as_completed(&self->next, AIOT_FOREVER, &self->own, self->foreign);
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->next); } AIOT_EXCEPT(AIOT_EINVAL) { self->refused++; }
    AIOT_END();
}
static void members_of_two_loops(void)
{
    static struct job job_frame;
    static struct mixes frame;
    static aiot_task foreign;
    for (int ended = 0; ended < 2; ended++) {
        memset(&foreign, 0, sizeof foreign);
        memset(&job_frame, 0, sizeof job_frame);
        aiot_loop_init_virtual(&loop);
        aiot_loop_init_virtual(&other);
        CHECK_EQUAL(aiot_spawn_on(&other, &foreign, job, &job_frame), 0);
        if (ended) CHECK_EQUAL(aiot_run_until(&other, &foreign), AIOT_OK);
        CHECK_EQUAL(aiot_run(&loop, mixes, &frame, .foreign = &foreign), AIOT_OK);
        CHECK_EQUAL(frame.refused, ended ? 3 : 4);      /* gather of one loop's alone: its result can be taken when it is there */
    }
}

/* aiot_run(), aiot_run_forever() and aiot_cancel_all() in a running loop do nothing, nor does aiot_run() after a deadlock that was not
 * cleared away. */
static struct job second;
struct runs_again { AIOT_FRAME; };
static AIOT_CORO(runs_again)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_run(task->loop, job, &second), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run_frame(task->loop, job, &second), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run_forever(task->loop), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_cancel_all(task->loop), AIOT_ERUNTIME);
    AIOT_SLEEP(1);
    AIOT_END();
}
static void no_second_main_task(void)
{
    static struct runs_again frame;
    static struct joins stuck;
    static aiot_future never;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, runs_again, &frame), AIOT_OK);
    aiot_future_init(&never, &loop);
    CHECK_EQUAL(aiot_run(&loop, joins, &stuck, .future = &never), AIOT_EDEADLK);
    CHECK_EQUAL(aiot_run(&loop, job, &second), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_cancel_all(&loop), AIOT_OK);
    CHECK_EQUAL(aiot_run(&loop, job, &second), AIOT_OK);
}

/* A task may be used again though its loop is gone and nobody asked for its error. */
static void run_on(aiot_loop *short_lived, aiot_task *t, struct job *frame)
{
    aiot_loop_init_virtual(short_lived);
    CHECK_EQUAL(aiot_spawn_on(short_lived, t, job, frame, .error = 5), 0);
    CHECK_EQUAL(aiot_run_forever(short_lived), AIOT_OK);
    memset(short_lived, 0xa5, sizeof *short_lived);
}
static void a_task_outlives_its_loop(void)
{
    static aiot_task t;
    static struct job frame;
    run_on(&loop, &t, &frame);
    run_on(&other, &t, &frame);
}

/* After the main task, asyncio.run() goes through five more turns, and eight if it had to cancel one task; then callbacks are forgotten,
 * whatever their time, and their handles may be used again. */
struct leaves_calls { AIOT_FRAME; bool and_a_task; struct aiot_sleep sleep; aiot_task sleeper; aiot_handle turns, soon, late; };
static int turns_seen;
static int count_turns(void *handle)
{
    turns_seen++;
    aiot_call_soon(&loop, (aiot_handle *)handle, count_turns, handle);
    return 0;
}
static AIOT_CORO(leaves_calls)
{
    AIOT_BEGIN();
    if (self->and_a_task) {
        AIOT_SPAWN(&self->sleeper, aiot_sleep, &self->sleep, .delay_ns = AIOT_S(100));
        AIOT_YIELD();
    }
    turns_seen = 0;
    aiot_call_soon(&loop, &self->turns, count_turns, &self->turns);
    (void)aiot_call_later(&loop, &self->soon, 0, say_it, (void *)"soon ");
    (void)aiot_call_later(&loop, &self->late, AIOT_S(50), say_it, (void *)"late ");
    AIOT_END();
}
static void callbacks_after_the_main_task(void)
{
    static struct leaves_calls frame;           /* the same memory each time */
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, leaves_calls, &frame), AIOT_OK);
    CHECK_EQUAL(turns_seen, 5);
    CHECK_SAID("soon ");
    CHECK_EQUAL(aiot_run(&loop, leaves_calls, &frame, .and_a_task = true), AIOT_OK);
    CHECK_EQUAL(turns_seen, 8);
    CHECK_SAID("soon ");
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
}

/* An error that nobody asked for is reported when the program ends, once; one that was asked for is not. */
static struct job failing[2];
static aiot_task failing_task[2];
struct drops_errors { AIOT_FRAME; bool asks; };
static AIOT_CORO(drops_errors)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&failing_task[i], job, &failing[i], .delay = i + 1, .error = i + 5);
    AIOT_SLEEP(5);
    for (int i = 0; i < 2; i++) if (self->asks) CHECK_EQUAL(aiot_result(&failing_task[i]), i + 5);
    AIOT_END();
}
static void uncollected_errors_are_reported(void)
{
    static struct drops_errors frame;
    static struct job one;
    aiot_loop_init_virtual(&loop);
    loop.on_error = hear;
    CHECK_EQUAL(aiot_run(&loop, drops_errors, &frame, .asks = true), AIOT_OK);
    CHECK_SAID("");
    CHECK_EQUAL(aiot_run(&loop, drops_errors, &frame), AIOT_OK);
    CHECK_SAID("uncollected:6 ");               /* the last of them */
    CHECK_EQUAL(aiot_run(&loop, job, &one), AIOT_OK);
    CHECK_SAID("");
}

/* Or it is reported when its task is used again; not when that is refused. */
static aiot_report last_report;
static void keep(aiot_loop *loop_, const aiot_report *report) { last_report = *report; hear(loop_, report); }
static void uncollected_errors_of_tasks_used_again(void)
{
    static struct job again, busy, gone;
    static aiot_task again_task, busy_task;
    aiot_loop_init_virtual(&loop);
    loop.on_error = hear;
    CHECK_EQUAL(aiot_spawn_on(&loop, &busy_task, job, &busy, .delay = 10), AIOT_OK);            /* it could ask: nothing is told yet */
    CHECK_EQUAL(aiot_spawn_on(&loop, &again_task, job, &again, .error = 5), AIOT_OK);
    for (int turn = 0; turn < 3; turn++) (void)aiot_run_once(&loop);
    CHECK_EQUAL(aiot_spawn_on(&loop, &again_task, job, &busy), AIOT_ERUNTIME);
    CHECK_SAID("");
    CHECK_EQUAL(aiot_spawn_on(&loop, &again_task, job, &again), AIOT_OK);
    CHECK_SAID("uncollected:5 ");
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("");
    CHECK_EQUAL(aiot_spawn_on(&loop, &busy_task, job, &busy, .delay = 10), AIOT_OK);
    CHECK_EQUAL(aiot_spawn_on(&loop, &again_task, job, &gone, .error = 6), AIOT_OK);
    for (int turn = 0; turn < 3; turn++) (void)aiot_run_once(&loop);
    memset(&gone, 0xff, sizeof gone);           /* the frame may be anything by now: neither name nor line is read from it */
    loop.on_error = keep;
    CHECK_EQUAL(aiot_spawn_on(&loop, &again_task, job, &again), AIOT_OK);
    CHECK_SAID("uncollected:6 ");
    CHECK(last_report.name == NULL && last_report.line == 0);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
}

/* What was run until is started again by its own done callback: the answer is how it ended, not that it runs. */
static struct job restarted;
static aiot_task restarted_task;
static int restart(void *unused) { (void)unused; return aiot_spawn_on(&loop, &restarted_task, job, &restarted, .delay = 5); }
static void run_until_what_is_started_again(void)
{
    static aiot_handle handle;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_spawn_on(&loop, &restarted_task, job, &restarted, .delay = 5, .error = 9), AIOT_OK);
    CHECK_EQUAL(aiot_add_done_callback(&restarted_task, &handle, restart, NULL), AIOT_OK);
    CHECK_EQUAL(aiot_run_until(&loop, &restarted_task), 9);
    CHECK(!aiot_done(&restarted_task));
    CHECK_EQUAL(aiot_run_until(&loop, &restarted_task), AIOT_OK);
    CHECK_EQUAL(aiot_now(&loop), 10);
}

/* Another loop's is not for this one, done or not, and nothing runs for it. */
static int count_call(void *counter) { ++*(int *)counter; return 0; }
static void run_until_what_another_loop_runs(void)
{
    static struct job frame;
    static aiot_task its;
    static aiot_handle handle;
    int calls = 0;
    aiot_loop_init_virtual(&loop);
    aiot_loop_init_virtual(&other);
    aiot_spawn_on(&other, &its, job, &frame, .delay = 5);
    aiot_call_soon(&loop, &handle, count_call, &calls);
    CHECK_EQUAL(aiot_run_until(&loop, &its), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run_until(&other, &its), AIOT_OK);
    CHECK_EQUAL(aiot_run_until(&loop, &its), AIOT_ERUNTIME);
    CHECK_EQUAL(calls, 0);
}

/* What is done and knows no loop: a gather of nothing, made outside of coroutines. */
static void run_until_what_has_no_loop(void)
{
    static AIOT_GATHER_SET(1) none;
    aiot_loop_init_virtual(&loop);
    aiot_gather_array(&none, NULL, 0);
    CHECK_EQUAL(aiot_run_until(&loop, &none), AIOT_OK);
}

/* A main task that ends with AIOT_EDEADLK is no deadlock: what it left behind is cancelled. */
struct says_deadlock { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(says_deadlock)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = 5);
    AIOT_YIELD();
    AIOT_RAISE(AIOT_EDEADLK);
    AIOT_END();
}
static void a_main_task_that_ends_with_that_code(void)
{
    static struct says_deadlock frame;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, says_deadlock, &frame), AIOT_EDEADLK);
    CHECK_SAID("job! ");
    CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
}

/* The hooks of the virtual clock: it does not go back, nor to AIOT_FOREVER. */
static void the_virtual_clock_only_goes_on(void)
{
    aiot_loop_init_virtual(&loop);
    aiot_clock_advance(&loop, 7);
    loop.idle(&loop, 5);
    CHECK_EQUAL(aiot_now(&loop), 7);
    loop.idle(&loop, AIOT_FOREVER);
    CHECK_EQUAL(aiot_now(&loop), 7);
    loop.idle(&loop, 9);
    CHECK_EQUAL(aiot_now(&loop), 9);
}

/* A held virtual clock: the loop waits, and asks the idle hook until the clock is released. */
#if AIOT_I_TESTS
static int asked;
static void release_at_the_third(aiot_loop *of, aiot_time until)
{
    CHECK_EQUAL(until, AIOT_FOREVER);
    if (++asked < 3) return;
    aiot_clock_release(of);
    of->idle = aiot_i_idle_virtual;
}
static void a_held_clock_waits(void)
{
    static struct job frame;
    aiot_loop_init_virtual(&loop);
    loop.idle = release_at_the_third;
    aiot_clock_hold(&loop);
    CHECK_EQUAL(aiot_run(&loop, job, &frame, .delay = 5), AIOT_OK);
    CHECK_EQUAL(asked, 3);
    CHECK_EQUAL(aiot_now(&loop), 5);
}
#else
static void a_held_clock_waits(void) { }
#endif

/* With no task left, nobody will ask for an error any more: it is reported before the loop sleeps until a callback is due. */
static int notes_time(void *unused) { (void)unused; say("callback@%d ", (int)aiot_now(&loop)); return 0; }
static void errors_are_reported_before_a_sleep(void)
{
    static struct job fails;
    static aiot_task t;
    static aiot_handle handle;
    aiot_loop_init_virtual(&loop);
    loop.on_error = hear;
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, job, &fails, .error = 5), AIOT_OK);
    CHECK_EQUAL(aiot_call_later(&loop, &handle, 10, notes_time, NULL), AIOT_OK);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("uncollected:5 callback@10 ");
}

/* A wait for the first exception asks each member that ends for its error, but not the last one, as in asyncio: that is reported if nobody
 * else asks. */
struct waits_for_an_exception { AIOT_FRAME; AIOT_WAIT_SET(2) set; struct job first, last; aiot_task t, u; aiot_time delay; };
static AIOT_CORO(waits_for_an_exception)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->first, .delay = 2);
    AIOT_SPAWN(&self->u, job, &self->last, .delay = self->delay, .error = 5);
    AIOT_WAIT(&self->set, AIOT_FIRST_EXCEPTION, AIOT_FOREVER, &self->t, &self->u);
    AIOT_SLEEP(3);
    AIOT_END();
}
static void the_last_of_a_wait_is_not_asked(void)
{
    static struct waits_for_an_exception frame;
    aiot_loop_init_virtual(&loop);
    loop.on_error = hear;
    CHECK_EQUAL(aiot_run(&loop, waits_for_an_exception, &frame, .delay = 1), AIOT_OK);
    CHECK_SAID("");
    CHECK_EQUAL(aiot_run(&loop, waits_for_an_exception, &frame, .delay = 3), AIOT_OK);
    CHECK_SAID("uncollected:5 ");
}

int main(void)
{
    programs_one_after_the_other();
    left_overs_are_cancelled_and_awaited();
    what_left_overs_start_is_abandoned();
    a_loop_that_was_not_initialised();
    run_until_an_awaitable_is_done();
    a_deadlock_is_an_answer();
    a_left_over_that_waits_for_ever();
    run_until_what_is_started_again();
    run_until_what_another_loop_runs();
    run_forever_until_stop();
    stop_before_the_end();
    stop_in_the_clean_up();
    stop_in_the_last_turns();
    made_of_anything();
    not_within_itself();
    run_once_from_a_main_loop();
    sleeping_is_running();
    no_sleep_for_ever();
    time_between_turns();
    the_clock_is_read_once();
    a_lone_task_has_a_clock();
    between_turns_nobody_runs();
    two_loops_interleaved();
    loops_do_not_mix();
    members_of_two_loops();
    no_second_main_task();
    a_task_outlives_its_loop();
    callbacks_after_the_main_task();
    uncollected_errors_are_reported();
    uncollected_errors_of_tasks_used_again();
    run_until_what_has_no_loop();
    a_main_task_that_ends_with_that_code();
    the_virtual_clock_only_goes_on();
    a_held_clock_waits();
    errors_are_reported_before_a_sleep();
    the_last_of_a_wait_is_not_asked();
    return 0;
}
