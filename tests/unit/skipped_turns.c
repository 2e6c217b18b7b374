/* skipped_turns.c - The small loop with AIOT_IDLE() skips the turn in which sleepers' time has come and nothing else happens
 * (skipped_turns_small.c).  Its order is that of all the turns, though: here are the cases in which somebody could tell.  What is said in
 * them is what asyncio prints, and what the host's loop says, which takes all turns. */
#include <stdint.h>
static int64_t time_now;
static unsigned clock_readings;
static void (*while_idle)(void);
#define AIOT_CLOCK(loop)       (clock_readings++, time_now)
#define AIOT_IDLE(loop, until) do { time_now = (until); if (while_idle) while_idle(); } while (0)
#define NEEDS_REPORTS
#include "check.h"

static aiot_loop loop;
static void begin(void)
{
    time_now = 0;
    aiot_loop_init(&loop);
}

struct sleeper { AIOT_FRAME; aiot_time delay; int number; };
static AIOT_CORO(sleeper)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(self->delay);
        say("%d ", self->number);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        say("%d! ", self->number);
        AIOT_RERAISE();
    }
    AIOT_END();
}

/* Sleepers of one instant wake in one turn: so often is the clock read, as long as a timer waits. */
static int note(void *argument) { (void)argument; say("callback "); return 0; }
static void turn_that_nobody_sees_is_skipped(void)
{
    static struct sleeper frame[3];
    static aiot_task task[3];
    static aiot_handle later;
    for (int sleepers = 1; sleepers <= 3; sleepers++) {
        begin();
        for (int i = 0; i < sleepers; i++) aiot_spawn_on(&loop, &task[i], sleeper, &frame[i], .delay = AIOT_S(1), .number = i);
        aiot_run_once(&loop);
        aiot_call_at(&loop, &later, AIOT_S(2), note, NULL);
        clock_readings = 0;
        CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
        CHECK_EQUAL(clock_readings, AIOT_SMALL ? 2 : 3);        /* one turn is the callback's */
    }
    CHECK_SAID("0 callback 0 1 callback 0 1 2 callback ");
}

/* Whoever runs first of them finds the others awake: one that it cancels hears so in its own turn, and not a turn later. */
struct cancels { AIOT_FRAME; aiot_task *other; aiot_handle handle; };
static AIOT_CORO(cancels)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_S(1));
    aiot_call_soon(task->loop, &self->handle, note, NULL);
    aiot_cancel(self->other);
    AIOT_END();
}
static void sleepers_of_one_instant_are_awake_together(void)
{
    static struct cancels first;
    static struct sleeper second;
    static aiot_task tasks[2];
    begin();
    aiot_spawn_on(&loop, &tasks[0], cancels, &first, .other = &tasks[1]);
    aiot_spawn_on(&loop, &tasks[1], sleeper, &second, .delay = AIOT_S(1), .number = 7);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("7! callback ");
}

/* aiot_run_once() is one turn: the sleeper's time comes in one, and it runs in the next. */
static void single_turns_stay_single(void)
{
    static struct sleeper frame;
    static aiot_task task;
    begin();
    aiot_spawn_on(&loop, &task, sleeper, &frame, .delay = AIOT_S(1), .number = 7);
    aiot_run_once(&loop);
    time_now = AIOT_S(1);
    aiot_run_once(&loop);
    CHECK_SAID("");
    aiot_run_once(&loop);
    CHECK_SAID("7 ");
}

/* A callback that is due after the sleepers runs a turn before them.  The clock is read once in each turn. */
static void callback_of_the_same_instant_comes_first(void)
{
    static struct sleeper frames[2];
    static aiot_task tasks[2];
    static aiot_handle handle;
    begin();
    for (int i = 0; i < 2; i++) aiot_spawn_on(&loop, &tasks[i], sleeper, &frames[i], .delay = AIOT_S(1), .number = i);
    aiot_run_once(&loop);
    aiot_call_at(&loop, &handle, AIOT_S(1), note, NULL);
    clock_readings = 0;
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_EQUAL(clock_readings, 1);             /* in the other turn no timer waits, and nobody asks */
    CHECK_SAID("callback 0 1 ");
}

/* What an idle hook makes ready is before the sleepers whose time has come meanwhile, and they take their turn. */
static aiot_handle from_idle, from_callback;
static int notes_and_calls(void *argument)
{
    aiot_call_soon(&loop, &from_callback, note, NULL);
    return note(argument);
}
static void call_from_idle(void) { aiot_call_soon(&loop, &from_idle, notes_and_calls, NULL); }
static void what_the_idle_hook_makes_ready_runs(void)
{
    static struct sleeper frame;
    static aiot_task task;
    begin();
    while_idle = call_from_idle;
    aiot_spawn_on(&loop, &task, sleeper, &frame, .delay = AIOT_S(1), .number = 7);
    CHECK_EQUAL(aiot_run_until(&loop, &task), AIOT_OK);
    CHECK_SAID("callback callback 7 ");
    while_idle = NULL;
}

/* Main ends; in the turn after, the run's last, the sleeper's time has come.  It is cancelled before it runs. */
struct ends { AIOT_FRAME; struct sleeper frame; aiot_task task; };
static AIOT_CORO(ends)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, sleeper, &self->frame, .delay = AIOT_S(1), .number = 7);
    AIOT_YIELD();
    AIOT_YIELD();
    time_now = AIOT_S(1);
    AIOT_END();
}

static void last_turn_of_a_run_is_not_skipped(void)
{
    static struct ends frame;
    begin();
    CHECK_EQUAL(aiot_run(&loop, ends, &frame), AIOT_OK);
    CHECK_SAID("7! ");
}

/* A loop that was told to stop before it runs does one turn, and does not sleep. */
static void stopped_before_it_runs(void)
{
    static struct sleeper frame;
    static aiot_task task;
    begin();
    aiot_spawn_on(&loop, &task, sleeper, &frame, .delay = AIOT_S(1), .number = 7);
    aiot_run_once(&loop);
    aiot_loop_stop(&loop);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("");
    CHECK_EQUAL(aiot_now(&loop), 0);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("7 ");
}

struct yields { AIOT_FRAME; int left; };
static AIOT_CORO(yields) { AIOT_BEGIN(); for (; self->left > 0; self->left--) { say("%d ", self->left); AIOT_YIELD(); } AIOT_END(); }

/* A turn has its own time, whether the loop has slept before it or not; and who sleeps until a time past waits for the next turn. */
struct computes { AIOT_FRAME; };
static AIOT_CORO(computes)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_now(task->loop), 0);
    time_now = 5;
    CHECK_EQUAL(aiot_now(task->loop), 0);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_now(task->loop), 5);
    AIOT_SLEEP_UNTIL(5);
    say("past ");
    AIOT_SLEEP_UNTIL(6);
    CHECK_EQUAL(aiot_now(task->loop), 6);
    say("came ");
    AIOT_END();
}
static void each_turn_has_its_time(void)
{
    static struct computes frame;
    static struct yields other;
    static aiot_task task, other_task;
    begin();
    aiot_spawn_on(&loop, &task, computes, &frame);
    aiot_spawn_on(&loop, &other_task, yields, &other, .left = 3);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("3 2 past 1 came ");
}

/* What becomes ready between two turns runs behind a task that has yielded. */
static void between_turns_means_behind(void)
{
    static struct yields frame;
    static aiot_task task;
    static aiot_handle handle;
    begin();
    aiot_spawn_on(&loop, &task, yields, &frame, .left = 2);
    aiot_run_once(&loop);
    aiot_call_soon(&loop, &handle, note, NULL);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("2 1 callback ");
}

/* Who runs: the task; nobody in a callback, or between turns. */
static int nobody(void *argument) { (void)argument; CHECK(aiot_current_task(&loop) == NULL); say("nobody "); return 0; }
struct looks { AIOT_FRAME; };
static AIOT_CORO(looks)
{
    AIOT_BEGIN();
    CHECK(aiot_current_task(task->loop) == task);
    AIOT_YIELD();
    CHECK(aiot_current_task(task->loop) == task);
    AIOT_END();
}
static void the_current_task(void)
{
    static struct looks frames[2];
    static aiot_task tasks[2];
    static aiot_handle handles[2];
    memset(&loop, 0xa5, sizeof loop);
    begin();
    for (int i = 0; i < 2; i++) {
        aiot_spawn_on(&loop, &tasks[i], looks, &frames[i]);
        aiot_call_soon(&loop, &handles[i], nobody, NULL);
    }
    for (int turn = 0; turn < 3; turn++) {
        CHECK(aiot_current_task(&loop) == NULL);
        aiot_run_once(&loop);
    }
    CHECK(aiot_current_task(&loop) == NULL && aiot_done(&tasks[0]) && aiot_done(&tasks[1]));
    CHECK_SAID("nobody nobody ");
}

/* What a run leaves ready is forgotten with it. */
static int arms_itself(void *handle) { aiot_call_soon(&loop, (aiot_handle *)handle, arms_itself, handle); return 0; }
static void nothing_is_left_of_a_run(void)
{
    static struct sleeper frame;
    static aiot_handle again;
    begin();
    aiot_call_soon(&loop, &again, arms_itself, &again);
    CHECK_EQUAL(aiot_run(&loop, sleeper, &frame, .delay = 0, .number = 7), AIOT_OK);
    CHECK_SAID("7 ");
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
    CHECK(!aiot_handle_cancel(&again));
}

/* In the handler of an error, when the task that failed has left the list, no task runs: not what stands there now. */
static int handler_calls;
static void look_who_runs(aiot_loop *of, const aiot_report *report)
{
    CHECK_EQUAL(report->error.code, 7);
    CHECK(aiot_current_task(of) == NULL);
    handler_calls++;
}
struct fails_late { AIOT_FRAME; };
static AIOT_CORO(fails_late)
{
    AIOT_BEGIN();
    CHECK(aiot_current_task(task->loop) == task);
    AIOT_TRY { AIOT_SLEEP(100); } AIOT_EXCEPT_ALL { CHECK(aiot_current_task(task->loop) == task); AIOT_RAISE(7); }
    AIOT_END();
}
struct leaves_three { AIOT_FRAME; };
static struct fails_late late[3];
static aiot_task late_task[3];
static AIOT_CORO(leaves_three)
{
    AIOT_BEGIN();
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&late_task[i], fails_late, &late[i]);
    AIOT_SLEEP(1);
    AIOT_END();
}
static void nobody_runs_in_the_handler(void)
{
    static struct leaves_three program;
    begin();
    loop.on_error = look_who_runs;
    CHECK_EQUAL(aiot_run(&loop, leaves_three, &program), AIOT_OK);
    CHECK_EQUAL(handler_calls, 3);
}

/* Who joins itself, or what another loop runs, leaves the list and stands in it anew: it hears so a turn later, and disturbs nobody. */
struct joins_wrongly { AIOT_FRAME; aiot_task *of; int number; };
static AIOT_CORO(joins_wrongly)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN(self->of); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("refused%d ", self->number); }
    AIOT_YIELD();
    say("on%d ", self->number);
    AIOT_END();
}
static void joins_that_are_refused(void)
{
    static struct joins_wrongly frames[2];
    static struct yields between;
    static aiot_task tasks[3], never_started;
    begin();
    aiot_spawn_on(&loop, &tasks[0], joins_wrongly, &frames[0], .of = &tasks[0], .number = 0);
    aiot_spawn_on(&loop, &tasks[1], yields, &between, .left = 3);
    aiot_spawn_on(&loop, &tasks[2], joins_wrongly, &frames[1], .of = &never_started, .number = 1);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("3 refused0 2 refused1 on0 1 on1 ");
}

/* Sleepers and callbacks at random instants, of which the idle hook lets many pass at once: the order is that of single turns, in which
 * nothing is skipped.  Callbacks cancel sleepers; some of these are due already. */
enum { THINGS = 60, LINES = 4 * THINGS };
static struct { aiot_time at; int number, what; } lines[LINES], single[LINES];      /* compared as bytes: no padding */
static int line_count;
static void line(int what, int number)
{
    CHECK(line_count < LINES);
    lines[line_count].at = aiot_now(&loop);
    lines[line_count].what = what;
    lines[line_count++].number = number;
}
struct any_sleeper { AIOT_FRAME; aiot_time when; int number; };
static AIOT_CORO(any_sleeper)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP_UNTIL(self->when);
        line('s', self->number);
        AIOT_YIELD();
        line('y', self->number);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        line('!', self->number);
    }
    AIOT_END();
}
static struct any_sleeper any_frames[THINGS];
static aiot_task any_tasks[THINGS];
static aiot_handle any_calls[THINGS];
static int cancels_one(void *argument)
{
    int number = (int)(intptr_t)argument;
    line('c', number);
    if (any_tasks[number * 7 % THINGS].loop == &loop) aiot_task_cancel(&any_tasks[number * 7 % THINGS]);
    return 0;
}
static void lets_time_pass(void) { time_now = (time_now + 99) / 100 * 100; }
static void arm_at_random(unsigned seed)
{
    begin();
    memset(any_tasks, 0, sizeof any_tasks);
    memset(any_calls, 0, sizeof any_calls);
    line_count = 0;
    for (int i = 0; i < THINGS; i++) {
        seed = seed * 1103515245u + 12345u;
        aiot_time when = 1 + (aiot_time)(seed >> 16) % 400;
        if (seed >> 8 & 15) aiot_spawn_on(&loop, &any_tasks[i], any_sleeper, &any_frames[i], .when = when, .number = i);
        else aiot_call_at(&loop, &any_calls[i], when, cancels_one, (void *)(intptr_t)i);
    }
    aiot_run_once(&loop);
}
static void order_is_that_of_single_turns(void)
{
    for (unsigned seed = 1; seed <= 300; seed++) {
        memset(lines, 0, sizeof lines);
        arm_at_random(seed);
        for (aiot_time until; (until = aiot_run_once(&loop)) != AIOT_FOREVER;) if (until > time_now) { time_now = until; lets_time_pass(); }
        int count = line_count;
        memcpy(single, lines, sizeof lines);
        memset(lines, 0, sizeof lines);
        while_idle = lets_time_pass;
        arm_at_random(seed);
        CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
        while_idle = NULL;
        CHECK(count >= THINGS);
        CHECK_EQUAL(line_count, count);
        CHECK(memcmp(lines, single, sizeof lines) == 0);
    }
}

/* A deadline that is past when the loop has nothing to run: it does not sleep, and the clock stays. */
static void a_deadline_that_is_past(void)
{
    static aiot_handle past;
    begin();
    time_now = 9;
    (void)aiot_now(&loop);
    aiot_call_at(&loop, &past, 5, note, NULL);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("callback ");
    CHECK_EQUAL(time_now, 9);
}

int main(void)
{
    order_is_that_of_single_turns();
    joins_that_are_refused();
    the_current_task();
    nothing_is_left_of_a_run();
    between_turns_means_behind();
    turn_that_nobody_sees_is_skipped();
    single_turns_stay_single();
    sleepers_of_one_instant_are_awake_together();
    callback_of_the_same_instant_comes_first();
    what_the_idle_hook_makes_ready_runs();
    last_turn_of_a_run_is_not_skipped();
    stopped_before_it_runs();
    each_turn_has_its_time();
    if (AIOT_SMALL) nobody_runs_in_the_handler();               /* another loop knows the task that failed by name, and not by its place */
    a_deadline_that_is_past();
    return 0;
}
