/* turn_model.c - the turn, and what each wait costs in turns (rules 1-11 of asyncio's behaviour).
 *
 * Turns are counted by a task that yields all the time: once first in a turn, it is first in all.  As something is always ready then,
 * the clock stands, unless a test moves it. */
#include "check.h"

static int turn, event_turn;                    /* now; and when what is waited for happened */

struct counter { AIOT_FRAME; };
static AIOT_CORO(counter) { AIOT_BEGIN(); for (;;) { turn++; AIOT_YIELD(); } AIOT_END(); }

struct count { aiot_task task; struct counter frame; };
#define COUNT_TURNS(count) do { turn = event_turn = 0; AIOT_SPAWN(&(count)->task, counter, &(count)->frame); } while (0)

/* Ends two turns after its start. */
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_YIELD(); AIOT_YIELD(); event_turn = turn; AIOT_END(); }

struct setter { AIOT_FRAME; aiot_future *future; };
static AIOT_CORO(setter) { AIOT_BEGIN(); AIOT_YIELD(); event_turn = turn; aiot_future_set_result(self->future, 7); AIOT_END(); }

static int note_turn(void *argument) { *(int *)argument = turn; return 0; }

/* 8, 11. */
struct a_result_reaches_its_waiter_in_the_next_turn { AIOT_FRAME; struct count count; aiot_future future; struct setter set; aiot_task t; };
static AIOT_CORO(a_result_reaches_its_waiter_in_the_next_turn)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    aiot_future_init(&self->future, task->loop);
    AIOT_SPAWN(&self->t, setter, &self->set, .future = &self->future);
    AIOT_JOIN(&self->future);
    CHECK_EQUAL(turn - event_turn, 1);
    CHECK_EQUAL(aiot_future_value(&self->future), 7);
    CHECK_END();
}

struct the_end_of_a_task_costs_1 { AIOT_FRAME; struct count count; struct child one; aiot_task t; };
static AIOT_CORO(the_end_of_a_task_costs_1)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    AIOT_SPAWN(&self->t, child, &self->one);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(turn - event_turn, 1);
    CHECK_END();
}

struct gather_shield_wait_and_group_cost_2 {
    AIOT_FRAME; struct count count; struct child one, two; aiot_task t, u; aiot_group_task member; aiot_shield guard; aiot_group group;
    AIOT_GATHER_SET(2) all; AIOT_WAIT_SET(2) set;
};
static AIOT_CORO(gather_shield_wait_and_group_cost_2)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    AIOT_SPAWN(&self->t, child, &self->one);
    AIOT_SPAWN(&self->u, child, &self->two);
    AIOT_GATHER(&self->all, &self->t, &self->u);
    CHECK_EQUAL(turn - event_turn, 2);
    AIOT_SPAWN(&self->t, child, &self->one);
    AIOT_SHIELD(&self->guard, &self->t);
    CHECK_EQUAL(turn - event_turn, 2);
    AIOT_SPAWN(&self->t, child, &self->one);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t);
    CHECK_EQUAL(turn - event_turn, 2);
    AIOT_GROUP(&self->group) {
        aiot_group_spawn(&self->group, &self->member, child, &self->one);
    }
    CHECK_EQUAL(turn - event_turn, 2);
    CHECK_END();
}

/* Moves the clock over a deadline: the timer has its turn in the next. */
struct mover { AIOT_FRAME; aiot_time by; };
static AIOT_CORO(mover)
{
    AIOT_BEGIN();
    AIOT_YIELD();
    AIOT_YIELD();
    event_turn = turn;
    aiot_clock_advance(task->loop, self->by);
    AIOT_END();
}

struct an_expiring_sleep_costs_2 { AIOT_FRAME; struct count count; struct mover mover; aiot_task t; aiot_handle later; int callback_turn; };
static AIOT_CORO(an_expiring_sleep_costs_2)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    AIOT_SPAWN(&self->t, mover, &self->mover, .by = 10);
    AIOT_SLEEP(10);
    CHECK_EQUAL(turn - event_turn, 2);

    /* A callback set after the sleep, for the same instant, runs before the sleeper. */
    AIOT_SPAWN(&self->t, mover, &self->mover, .by = 10);
    AIOT_YIELD();
    aiot_call_later(task->loop, &self->later, 10, note_turn, &self->callback_turn);
    AIOT_SLEEP(10);
    CHECK_EQUAL(turn - event_turn, 2);
    CHECK_EQUAL(self->callback_turn - event_turn, 1);

    AIOT_SLEEP(0);
    CHECK_EQUAL(turn - event_turn, 3);
    AIOT_SLEEP(-5);
    CHECK_EQUAL(turn - event_turn, 4);
    AIOT_SLEEP_UNTIL(3);
    CHECK_EQUAL(turn - event_turn, 5);
    CHECK_END();
}

struct a_limit_of_0_costs_3 {
    AIOT_FRAME; struct count count; struct child one; aiot_task t; aiot_future future; aiot_timeout limit; AIOT_WAIT_SET(1) set;
};
static AIOT_CORO(a_limit_of_0_costs_3)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    AIOT_YIELD();
    CHECK_EQUAL(turn, 1);
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, 0, child, &self->one); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(turn, 4);
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, -1, child, &self->one); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(turn, 7);
    AIOT_SPAWN(&self->t, child, &self->one);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(turn, 10);
    aiot_future_init(&self->future, task->loop);                /* a future ends at once when it is cancelled: one less */
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &self->future); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(turn, 12);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, 0, &self->t);     /* wait(): 2, though it is done */
    CHECK_EQUAL(turn, 14);
    aiot_future_init(&self->future, task->loop);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, 0, &self->future);
    CHECK_EQUAL(turn, 16);
    CHECK_END();
}

/* 10. */
struct what_is_done_costs_nothing {
    AIOT_FRAME; struct count count; struct child one; aiot_task t; aiot_future future; aiot_timeout limit;
    AIOT_GATHER_SET(2) all; aiot_shield guard;
};
static AIOT_CORO(what_is_done_costs_nothing)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    aiot_future_init(&self->future, task->loop);
    CHECK_EQUAL(aiot_future_set_result(&self->future, 1), 0);
    AIOT_SPAWN(&self->t, child, &self->one);
    AIOT_JOIN(&self->t);
    turn = 0;
    AIOT_JOIN(&self->t);
    AIOT_JOIN(&self->future);
    AIOT_JOIN_FOR(&self->limit, 0, &self->t);
    AIOT_JOIN_FOR(&self->limit, 1, &self->future);
    AIOT_GATHER(&self->all, &self->t, &self->future);
    AIOT_GATHER_ALL(&self->all, &self->t, &self->future);
    AIOT_SHIELD(&self->guard, &self->t);
    AIOT_SHIELD(&self->guard, &self->all);
    CHECK_EQUAL(turn, 0);
    CHECK_END();
}

/* 61: a coroutine that is awaited begins at once, and its awaiter goes on at once. */
struct grandchild { AIOT_FRAME; };
static AIOT_CORO(grandchild) { AIOT_BEGIN(); say("inside "); AIOT_END(); }

struct awaiting_a_coroutine_costs_nothing { AIOT_FRAME; struct count count; struct grandchild one; aiot_timeout limit; };
static AIOT_CORO(awaiting_a_coroutine_costs_nothing)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    AIOT_AWAIT(grandchild, &self->one);
    AIOT_WAIT_FOR(&self->limit, 1, grandchild, &self->one);
    CHECK_SAID("inside inside ");
    CHECK_EQUAL(turn, 0);
    CHECK_END();
}

/* 1: what is queued in a turn runs in the next. */
static aiot_handle handles[4];
static int queue_another(void *argument)
{
    say("first@%d ", turn);
    aiot_call_soon((aiot_loop *)argument, &handles[1], note_turn, &event_turn);
    return 0;
}
struct what_a_turn_adds_runs_in_the_next { AIOT_FRAME; struct count count; };
static AIOT_CORO(what_a_turn_adds_runs_in_the_next)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    aiot_call_soon(task->loop, &handles[0], queue_another, task->loop);
    AIOT_YIELD();
    CHECK_SAID("first@1 ");
    CHECK_EQUAL(event_turn, 0);
    AIOT_YIELD();
    CHECK_EQUAL(event_turn, 2);
    CHECK_END();
}

/* 2: no time passes while something is ready. */
struct time_stands_while_tasks_yield { AIOT_FRAME; struct count count; aiot_handle later; int ran_in; };
static AIOT_CORO(time_stands_while_tasks_yield)
{
    AIOT_BEGIN();
    COUNT_TURNS(&self->count);
    aiot_call_later(task->loop, &self->later, 1, note_turn, &self->ran_in);
    while (turn < 1000) AIOT_YIELD();
    CHECK_EQUAL(aiot_now(task->loop), 0);
    CHECK_EQUAL(self->ran_in, 0);
    aiot_cancel(&self->count.task);
    AIOT_SLEEP(2);                              /* nothing is ready now */
    CHECK_EQUAL(self->ran_in, 1000);
    CHECK_EQUAL(aiot_now(task->loop), 2);
    CHECK_END();
}

/* 3: overdue timers are queued behind what is ready. */
struct what_is_ready_runs_before_an_overdue_limit { AIOT_FRAME; aiot_timeout limit; int rounds; };
static AIOT_CORO(what_is_ready_runs_before_an_overdue_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, 5) {
        for (;;) {
            self->rounds++;
            aiot_clock_advance(task->loop, 10);
            AIOT_YIELD();
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK_EQUAL(self->rounds, 2);
    }
    CHECK_END();
}

/* 4, 6: timers due in one turn run in order of time, equals in order of registration. */
static const char *const NAMES[] = { "a ", "b ", "c ", "d " };
static int say_name(void *argument) { say("%s", *(const char *const *)argument); return 0; }

struct due_together_run_in_order_of_time { AIOT_FRAME; };
static AIOT_CORO(due_together_run_in_order_of_time)
{
    AIOT_BEGIN();
    aiot_call_at(task->loop, &handles[0], 30, say_name, (void *)(uintptr_t)&NAMES[0]);
    aiot_call_at(task->loop, &handles[1], 20, say_name, (void *)(uintptr_t)&NAMES[1]);
    aiot_call_at(task->loop, &handles[2], 30, say_name, (void *)(uintptr_t)&NAMES[2]);
    aiot_call_at(task->loop, &handles[3], -3, say_name, (void *)(uintptr_t)&NAMES[3]);
    aiot_clock_advance(task->loop, 100);
    AIOT_YIELD();
    CHECK_SAID("");                             /* they lie behind it in the turn */
    AIOT_YIELD();
    CHECK_SAID("d b a c ");
    CHECK_END();
}

/* 12, 13: tasks start in order of creation, and those woken by one event run in the order in which they began to wait. */
struct waiter { AIOT_FRAME; const char *name; aiot_future *future; };
static AIOT_CORO(waiter) { AIOT_BEGIN(); say("%s", self->name); AIOT_JOIN(self->future); say("%s", self->name); AIOT_END(); }

struct start_and_wake_in_order { AIOT_FRAME; aiot_future future; struct waiter w[3]; aiot_task t[3]; aiot_handle done; };
static AIOT_CORO(start_and_wake_in_order)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], waiter, &self->w[i], .name = NAMES[i], .future = &self->future);
    AIOT_YIELD();
    aiot_add_done_callback(&self->future, &self->done, say_name, (void *)(uintptr_t)&NAMES[3]);      /* 8: callbacks and tasks alike */
    AIOT_SPAWN(&self->t[2], waiter, &self->w[2], .name = NAMES[2], .future = &self->future);
    AIOT_YIELD();
    CHECK_SAID("a b c ");
    aiot_future_set_result(&self->future, 0);
    CHECK_SAID("");                             /* none of them runs inside it */
    AIOT_YIELD();
    CHECK_SAID("a b d c ");
    aiot_add_done_callback(&self->future, &self->done, say_name, (void *)(uintptr_t)&NAMES[3]);      /* 9: at once, for the next turn */
    CHECK_SAID("");
    AIOT_YIELD();
    CHECK_SAID("d ");
    CHECK_END();
}

int main(void)
{
    RUN(a_result_reaches_its_waiter_in_the_next_turn);
    RUN(the_end_of_a_task_costs_1);
    RUN(gather_shield_wait_and_group_cost_2);
    RUN(an_expiring_sleep_costs_2);
    RUN(a_limit_of_0_costs_3);
    RUN(what_is_done_costs_nothing);
    RUN(awaiting_a_coroutine_costs_nothing);
    RUN(what_a_turn_adds_runs_in_the_next);
    RUN(time_stands_while_tasks_yield);
    RUN(what_is_ready_runs_before_an_overdue_limit);
    RUN(due_together_run_in_order_of_time);
    RUN(start_and_wake_in_order);
    return 0;
}
