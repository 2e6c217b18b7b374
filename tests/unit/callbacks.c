/* callbacks.c - call_soon, call_later, call_at and done callbacks: their order, taking them back, moving them, and their errors. */
#define NEEDS_REPORTS
#include "check.h"

static aiot_loop loop;
static aiot_handle a, b, c;

static int say_it(void *text) { say("%s", (const char *)text); return 0; }
static char A[] = "a ", B[] = "b ", C[] = "c ", D[] = "d ";

static void in_order_of_time_then_of_registration(void)
{
    static aiot_handle d;
    aiot_call_soon(&loop, &a, say_it, A);
    aiot_call_later(&loop, &b, AIOT_MS(5), say_it, B);
    aiot_call_at(&loop, &c, aiot_now(&loop) + AIOT_MS(2), say_it, C);
    aiot_call_later(&loop, &d, AIOT_MS(5), say_it, D);
    CHECK_EQUAL(aiot_handle_when(&b), aiot_now(&loop) + AIOT_MS(5));
    CHECK_EQUAL(aiot_next_deadline(&loop), aiot_now(&loop));
    aiot_run_once(&loop);
    CHECK_EQUAL(aiot_next_deadline(&loop), aiot_handle_when(&c));
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("a c b d ");
    aiot_call_later(&loop, &a, -5, say_it, A);                  /* past already: the next turn, in order of time */
    aiot_call_later(&loop, &b, -7, say_it, B);
    aiot_call_later(&loop, &c, 0, say_it, C);
    aiot_call_at(&loop, &d, INT64_MIN, say_it, D);
    CHECK_SAID("");
    aiot_run_once(&loop);
    CHECK_SAID("d b a c ");
}

/* Cancelling says if the callback will now never run. */
static void cancelled_ones_do_not_run(void)
{
    aiot_handle never_armed = { 0 };
    CHECK(!aiot_handle_cancel(&never_armed));
    aiot_call_soon(&loop, &a, say_it, A);
    aiot_call_later(&loop, &b, 5, say_it, B);
    aiot_call_later(&loop, &c, 5, say_it, C);
    CHECK(!aiot_handle_cancelled(&b));
    CHECK(aiot_handle_cancel(&a));
    CHECK(aiot_handle_cancel(&b));
    CHECK(aiot_handle_cancelled(&b));
    CHECK(!aiot_handle_cancel(&b));
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("c ");
    CHECK(!aiot_handle_cancel(&c));             /* it has run */
}

/* 5: one that is due already, but has not had its turn, can be taken back still: the next one, and one further behind. */
static int cancels_b(void *argument) { (void)argument; say("a "); CHECK(aiot_handle_cancel(&b)); return 0; }
static int cancels_b_and_c(void *argument) { (void)cancels_b(argument); CHECK(aiot_handle_cancel(&c)); return 0; }
static int cancels_c_and_b(void *argument) { CHECK(aiot_handle_cancel(&c)); return cancels_b(argument); }
static int cancels_itself(void *argument) { (void)argument; say("a "); CHECK(!aiot_handle_cancel(&a)); return 0; }

static void cancelled_in_the_turn_in_which_they_are_due(void)
{
    static const struct { aiot_callback first; const char *said; } cases[] = {
        { cancels_b, "a c d " }, { cancels_b_and_c, "a d " }, { cancels_c_and_b, "a d " }, { cancels_itself, "a b c d " },
    };
    static aiot_handle d;
    for (int later = 0; later < 2; later++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            aiot_call_later(&loop, &a, later, cases[i].first, NULL);
            aiot_call_later(&loop, &b, later, say_it, B);
            aiot_call_later(&loop, &c, later, say_it, C);
            aiot_call_later(&loop, &d, later, say_it, D);
            CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
            CHECK_SAID(cases[i].said);
        }
    }
    aiot_call_soon(&loop, &a, cancels_b, NULL);                 /* the last of the turn */
    aiot_call_soon(&loop, &b, say_it, B);
    aiot_run_once(&loop);
    CHECK_SAID("a ");
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
}

/* Arming one that is armed moves it: it runs once, at the new time, in the new place. */
static int moves_b_behind_c(void *argument) { (void)argument; say("a "); aiot_call_soon(&loop, &b, say_it, B); return 0; }
static void arming_again_moves(void)
{
    aiot_call_soon(&loop, &a, say_it, A);
    aiot_call_soon(&loop, &b, say_it, B);
    aiot_call_soon(&loop, &a, say_it, A);
    aiot_run_once(&loop);
    CHECK_SAID("b a ");
    aiot_call_later(&loop, &a, AIOT_S(1), say_it, A);
    aiot_call_later(&loop, &b, AIOT_S(2), say_it, B);
    aiot_call_later(&loop, &a, AIOT_S(3), say_it, C);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("b c ");
    aiot_call_later(&loop, &a, AIOT_S(1), say_it, A);
    aiot_call_soon(&loop, &a, say_it, B);
    aiot_run_once(&loop);
    CHECK_SAID("b ");
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
    aiot_call_soon(&loop, &a, moves_b_behind_c, NULL);          /* due already, in this turn: now in the next */
    aiot_call_soon(&loop, &b, say_it, B);
    aiot_call_soon(&loop, &c, say_it, C);
    aiot_run_once(&loop);
    CHECK_SAID("a c ");
    aiot_run_once(&loop);
    CHECK_SAID("b ");
}

static int rounds;
static int arms_itself(void *argument)
{
    CHECK(aiot_current_task(&loop) == NULL);
    if (++rounds < 5) aiot_call_later(&loop, &a, rounds % 2, arms_itself, argument);
    return 0;
}
static void a_callback_may_arm_itself(void)
{
    aiot_call_soon(&loop, &a, arms_itself, NULL);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_EQUAL(rounds, 5);
}

/* While it runs no task does, though one did just before. */
static int looks_for_a_task(void *argument) { (void)argument; CHECK(aiot_current_task(&loop) == NULL); say("none "); return 0; }
struct yields { AIOT_FRAME; };
static AIOT_CORO(yields) { AIOT_BEGIN(); CHECK(aiot_current_task(task->loop) == task); say("task "); AIOT_YIELD(); AIOT_END(); }
static void a_callback_is_no_task(void)
{
    static struct yields frame;
    static aiot_task task;
    aiot_spawn_on(&loop, &task, yields, &frame);
    aiot_call_soon(&loop, &a, looks_for_a_task, NULL);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("task none ");
}

/* For ever is never. */
static void at_forever_never_runs(void)
{
    aiot_call_at(&loop, &a, AIOT_FOREVER, say_it, A);
    aiot_call_later(&loop, &b, AIOT_FOREVER, say_it, B);
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("");
    aiot_call_soon(&loop, &a, say_it, A);
    aiot_run_once(&loop);
    CHECK_SAID("a ");
}

/* 7: an error goes to the loop's handler and stops nothing. */
static int fails(void *argument) { (void)argument; return 17; }
static void hear(aiot_loop *loop_, const aiot_report *report)
{
    CHECK(loop_ == &loop && report->source == NULL && report->error.info == NULL);
    say("%s:%d ", report->reason == AIOT_REPORT_CALLBACK ? "callback" : "?", report->error.code);
}
static void errors_go_to_the_handler(void)
{
    loop.on_error = hear;
    aiot_call_soon(&loop, &a, fails, NULL);
    aiot_call_soon(&loop, &b, say_it, B);
    aiot_run_once(&loop);
    CHECK_SAID("callback:17 b ");
    loop.on_error = NULL;                       /* dropped */
    aiot_call_soon(&loop, &a, fails, NULL);
    aiot_run_once(&loop);
    CHECK_SAID("");
}

/* Done callbacks: in order of registration, whichever of them is taken back. */
static void done_callbacks(void)
{
    for (int taken = 0; taken < 8; taken++) {
        aiot_future future;
        char expected[20] = "";
        aiot_future_init(&future, &loop);
        aiot_add_done_callback(&future, &a, say_it, A);
        aiot_add_done_callback(&future, &b, say_it, B);
        aiot_add_done_callback(&future, &c, say_it, C);
        if (taken & 1) CHECK(aiot_handle_cancel(&a)); else strcat(expected, A);
        if (taken & 2) CHECK(aiot_handle_cancel(&b)); else strcat(expected, B);
        if (taken & 4) CHECK(aiot_handle_cancel(&c)); else strcat(expected, C);
        CHECK_EQUAL(aiot_future_set_result(&future, 1), 0);
        CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
        CHECK_SAID(expected);
        aiot_add_done_callback(&future, &a, say_it, D);         /* it is done: the next turn */
        CHECK_SAID("");
        aiot_run_once(&loop);
        CHECK_SAID("d ");
    }
    static aiot_future one, other;
    aiot_future_init(&one, &loop);
    aiot_future_init(&other, &loop);
    aiot_add_done_callback(&one, &a, say_it, A);
    aiot_add_done_callback(&other, &a, say_it, B);              /* moved */
    aiot_cancel(&one);
    aiot_run_once(&loop);
    CHECK_SAID("");
    aiot_cancel(&other);
    aiot_run_once(&loop);
    CHECK_SAID("b ");
}

/* 34: a future is completed once. */
static void futures_are_completed_once(void)
{
    static const char text[] = "text";
    aiot_future future;
    aiot_future_init(&future, &loop);
    CHECK_EQUAL(aiot_result(&future), AIOT_ESTATE);             /* 33 */
    CHECK_EQUAL(aiot_future_value(&future), 0);
    CHECK_EQUAL(aiot_future_set_error(&future, 0, NULL), AIOT_EINVAL);
    CHECK_EQUAL(aiot_future_set_error(&future, INT16_MIN, NULL), AIOT_EINVAL);          /* AIOT_RETURN() is known by it */
    CHECK_EQUAL(aiot_future_set_error(&future, 5, text), 0);
    CHECK_EQUAL(aiot_future_set_result(&future, 1), AIOT_ESTATE);
    CHECK_EQUAL(aiot_future_set_ptr(&future, text), AIOT_ESTATE);
    CHECK_EQUAL(aiot_future_set_error(&future, 6, NULL), AIOT_ESTATE);
    CHECK(!aiot_cancel(&future));
    CHECK(aiot_done(&future) && !aiot_cancelled(&future));
    CHECK(aiot_error_of(&future).code == 5 && aiot_error_of(&future).info == text);
    CHECK(aiot_future_ptr(&future) == NULL);

    aiot_future_init(&future, &loop);
    CHECK_EQUAL(aiot_future_set_result(&future, -3), 0);
    CHECK(aiot_future_value(&future) == -3 && aiot_result(&future) == AIOT_OK && aiot_error_of(&future).info == NULL);
    CHECK_EQUAL(aiot_future_set_error(&future, 6, NULL), AIOT_ESTATE);

    aiot_future_init(&future, &loop);
    CHECK(aiot_cancel_msg(&future, text));
    CHECK(!aiot_cancel(&future));
    CHECK(aiot_cancelled(&future) && aiot_result(&future) == AIOT_ECANCELED && aiot_error_of(&future).info == text);
    CHECK_EQUAL(aiot_future_set_result(&future, 1), AIOT_ESTATE);
}

/* Three tasks yield; one of them asks for two callbacks, which run after those that yielded before and before those that yield after;
 * and one takes back the first or the second: from wherever and whenever that is. */
enum { TASKS = 3, TURNS = 4 };
struct yields_and_calls { AIOT_FRAME; int own, asks, asks_in, cancels, cancels_in, turn; aiot_handle *cancelled; };
static AIOT_CORO(yields_and_calls)
{
    AIOT_BEGIN();
    for (self->turn = 0; self->turn < TURNS; self->turn++) {
        if (self->own == self->asks && self->turn == self->asks_in) {
            aiot_call_soon(task->loop, &a, say_it, A);
            aiot_call_soon(task->loop, &b, say_it, B);
        }
        say("%d ", self->own);
        if (self->own == self->cancels && self->turn == self->cancels_in) say(aiot_handle_cancel(self->cancelled) ? "taken " : "late ");
        if (self->own == 0 && !(self->asks == 0 && self->turn == self->asks_in))
            CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);          /* nothing is ready for the next turn yet */
        else
            CHECK_EQUAL(aiot_next_deadline(task->loop), aiot_now(task->loop));
        AIOT_YIELD();
    }
    AIOT_END();
}
static void between_those_that_yield(void)
{
    static struct yields_and_calls frames[TASKS];
    static aiot_task tasks[TASKS];
    for (int asks = 0; asks < TASKS; asks++)
        for (int asks_in = 0; asks_in < 2; asks_in++)
            for (int cancels = 0; cancels < TASKS; cancels++)
                for (int cancels_in = asks_in; cancels_in < 3; cancels_in++)
                for (int second = 0; second < 2; second++) {
                    char expected[200] = "";
                    for (int turn = 0; turn < TURNS; turn++)
                        for (int own = 0; own < TASKS; own++) {
                            bool asked = turn == asks_in + 1 && own == asks;    /* the callbacks come right before the one who asked */
                            bool taken = cancels_in == asks_in ? cancels >= asks : cancels_in == asks_in + 1 && cancels < asks;
                            if (asked) strcat(expected, !taken ? "a b " : second ? "a " : "b ");
                            sprintf(expected + strlen(expected), "%d ", own);
                            if (own == cancels && turn == cancels_in)
                                strcat(expected, cancels_in == asks_in && cancels < asks ? "late " : taken ? "taken " : "late ");
                        }
                    aiot_loop_init_virtual(&loop);
                    memset(&a, 0, sizeof a);
                    memset(&b, 0, sizeof b);
                    for (int i = 0; i < TASKS; i++)
                        aiot_spawn_on(&loop, &tasks[i], yields_and_calls, &frames[i], .own = i, .asks = asks, .asks_in = asks_in,
                                      .cancels = cancels, .cancels_in = cancels_in, .cancelled = second ? &b : &a);
                    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
                    CHECK_SAID(expected);
                }
}

/* What is armed when a program ends is forgotten: in slots, overdue, ready.  It never runs, its memory may go, and a later program's
 * timers are in order. */
static int always_due(void *argument) { (void)argument; aiot_call_later(&loop, &a, -1, always_due, NULL); return 0; }
static int always_ready(void *argument) { (void)argument; aiot_call_soon(&loop, &b, always_ready, NULL); return 0; }

enum { LEFT = 40 };
struct leaves { AIOT_FRAME; aiot_handle left[LEFT]; };
static AIOT_CORO(leaves)
{
    static char never[] = "never ";
    AIOT_BEGIN();
    for (int i = 0; i < LEFT; i++) aiot_call_later(&loop, &self->left[i], (aiot_time)1 << (i + 3), say_it, never);
    aiot_call_soon(&loop, &a, always_due, NULL);
    aiot_call_soon(&loop, &b, always_ready, NULL);
    CHECK_END();
}

struct sleeps { AIOT_FRAME; int i; aiot_time began; };
static AIOT_CORO(sleeps)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < LEFT; self->i++) {
        aiot_call_later(&loop, &b, ((aiot_time)1 << self->i) + 1, say_it, B);
        aiot_call_later(&loop, &a, (aiot_time)1 << self->i, say_it, A);
        AIOT_SLEEP(((aiot_time)1 << self->i) + 2);
        CHECK_SAID("a b ");
    }
    CHECK_EQUAL(aiot_now(&loop), (1LL << LEFT) - 1 + 2LL * LEFT + self->began);
    CHECK_END();
}

static void forgotten_at_the_end(void)
{
    static struct leaves frame;
    static struct sleeps sleeper;
    CHECK_EQUAL(aiot_run(&loop, leaves, &frame), AIOT_OK);
    CHECK(check_end == &frame);
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
    for (int i = 0; i < LEFT; i++) CHECK(!aiot_handle_cancel(&frame.left[i]));
    CHECK(!aiot_handle_cancel(&a));
    CHECK(!aiot_handle_cancel(&b));
    memset(&frame, 0xA5, sizeof frame);
    CHECK_EQUAL(aiot_run(&loop, sleeps, &sleeper, .began = aiot_now(&loop)), AIOT_OK);
    CHECK(check_end == &sleeper);
}

/* What was taken out is in no list: taking it out again leaves the others there. */
static void cancelled_twice_leaves_the_others(void)
{
    aiot_call_later(&loop, &a, 5, say_it, A);
    CHECK(aiot_handle_cancel(&a));
    aiot_call_later(&loop, &b, 5, say_it, B);
    CHECK(!aiot_handle_cancel(&a));
    aiot_call_soon(&loop, &c, say_it, C);
    CHECK(aiot_handle_cancel(&c) && !aiot_handle_cancel(&c));
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("b ");
}

int main(void)
{
    aiot_loop_init_virtual(&loop);
    between_those_that_yield();
    in_order_of_time_then_of_registration();
    cancelled_ones_do_not_run();
    cancelled_in_the_turn_in_which_they_are_due();
    cancelled_twice_leaves_the_others();
    arming_again_moves();
    a_callback_may_arm_itself();
    a_callback_is_no_task();
    at_forever_never_runs();
    errors_go_to_the_handler();
    done_callbacks();
    futures_are_completed_once();
    forgotten_at_the_end();
    return 0;
}
