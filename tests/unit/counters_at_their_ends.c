/* counters_at_their_ends.c - each counter gives an error at its end, or stays there; none wraps.  Where an end is out of reach, the test puts
 * the counter there first.  examples/README.md lists the ends.  Those of conversions, sums of times, semaphores, queues and a stop's array
 * are in conversions_saturate.c, wheel_extremes.c, forever_absorbs.c, sync_rules.c, queue_rules.c and beyond_stop.c. */
#include "check.h"
#include <limits.h>

/* Debug builds look through all tasks at each spawn, so there are fewer of them. */
enum { MANY = AIOT_DEBUG ? 3000 : 100000, DEEP = AIOT_DEBUG ? 3000 : 100000 };

static unsigned count;

/* -------------------------------------------------------------------------------------------------- requests of a cancel */
struct stubborn { AIOT_FRAME; aiot_guard guard; aiot_event end; aiot_waiter w; bool is_in; };
static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {
        self->is_in = true;
        AIOT_EVENT_WAIT(&self->end, &self->w);
    }
    AIOT_TRY { AIOT_YIELD(); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(aiot_task_cancelling(task), 65535);
    AIOT_END();
}
struct cancel_requests { AIOT_FRAME; struct stubborn stubborn; aiot_task t; };
static AIOT_CORO(cancel_requests)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, stubborn, &self->stubborn);
    AIOT_YIELD();
    CHECK(self->stubborn.is_in);
    for (long i = 0; i < 65536 + 10; i++) CHECK(aiot_cancel(&self->t));         /* held: the guard's counter */
    CHECK_EQUAL(self->stubborn.guard.held, 65535);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 65535);
    self->t.entry.count = 10;                   /* and some from before the block: together they are no more */
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 65535);
    aiot_event_set(&self->stubborn.end);
    AIOT_JOIN(&self->t);
    CHECK_END();
}

#if AIOT_DEBUG
/* Blocks that were left by goto: a debug build counts them in the frame. */
struct open_blocks { AIOT_FRAME; int parts; };
static AIOT_CORO(open_blocks)
{
    AIOT_BEGIN();
    task->frame->open = UINT16_MAX;
    AIOT_TRY { self->parts++; } AIOT_FINALLY { self->parts++; }
    AIOT_TRY { AIOT_TRY { AIOT_RAISE(7); } AIOT_FINALLY { self->parts++; } } AIOT_EXCEPT(7) { self->parts++; }
    CHECK_EQUAL(self->parts, 4);
    CHECK_EQUAL(task->frame->open, UINT16_MAX);
    task->frame->open = 0;
    CHECK_END();
}
#endif

/* A limit knows its own cancel when the counter is at its end. */
struct a_limit_at_the_end { AIOT_FRAME; aiot_timeout limit; int i; };
static AIOT_CORO(a_limit_at_the_end)
{
    AIOT_BEGIN();
    task->entry.count = 65535;
    AIOT_TIMEOUT(&self->limit, 5) { AIOT_SLEEP(AIOT_FOREVER); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { self->i++; }
    CHECK_EQUAL(self->i, 1);
    CHECK(aiot_task_cancelling(task) >= 65534);
    CHECK_END();
}

/* --------------------------------------------------------------------------------------------------------- places in sets */
#if SIZE_MAX > 0xffffffff && !defined __TINYC__       /* it has no such arrays */
/* Their types have more than INT_MAX places. Nothing but the state is looked at. */
static union { AIOT_WAIT_SET(1) wait; AIOT_RACE_SET(1) race; AIOT_GATHER_SET(1) gather; AIOT_AS_COMPLETED_SET(1) completed; } memory;
typedef AIOT_WAIT_SET((size_t)1 << 33) huge_wait;
typedef AIOT_RACE_SET((size_t)1 << 33) huge_race;
typedef AIOT_GATHER_SET((size_t)1 << 33) huge_gather;
typedef AIOT_AS_COMPLETED_SET((size_t)1 << 33) huge_completed;
static huge_wait *const wait_set = (huge_wait *)(void *)&memory;
static huge_race *const race_set = (huge_race *)(void *)&memory;
static huge_gather *const gather_set = (huge_gather *)(void *)&memory;
static huge_completed *const completed_set = (huge_completed *)(void *)&memory;
struct places_in_sets { AIOT_FRAME; aiot_awaitable *none[1]; int k; };
static AIOT_CORO(places_in_sets)
{
    static const size_t counts[] = { (size_t)INT_MAX + 1, UINT_MAX, (size_t)UINT_MAX + 1, (size_t)UINT_MAX + 2, (size_t)1 << 33 };
    AIOT_BEGIN();
    for (self->k = 0; self->k < 5; self->k++) {
        memset(&memory, 0, sizeof memory);
        AIOT_TRY { AIOT_WAIT_ARRAY(wait_set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->none, counts[self->k]); NOT_REACHED(); }
        AIOT_EXCEPT(AIOT_EINVAL) { count++; }
        memset(&memory, 0, sizeof memory);
        AIOT_TRY { AIOT_RACE_ARRAY(race_set, self->none, counts[self->k]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { count++; }
        memset(&memory, 0, sizeof memory);
        AIOT_TRY { AIOT_GATHER_ARRAY(gather_set, self->none, counts[self->k]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { count++; }
        memset(&memory, 0, sizeof memory);
        aiot_as_completed_array(completed_set, AIOT_FOREVER, self->none, counts[self->k]);
        AIOT_TRY { AIOT_NEXT_COMPLETED(completed_set); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { count++; }
    }
    CHECK_EQUAL(count, 20);
    CHECK(!AIOT_DEBUG || complaints == 20);
    complaints = 0;
    CHECK_END();
}
#endif

static aiot_future futures[MANY];
static aiot_awaitable *array[MANY];
static AIOT_RACE_SET(MANY) large_race;
struct a_large_race { AIOT_FRAME; aiot_handle handle; };
static int end_last(void *argument) { (void)argument; return aiot_future_set_result(&futures[MANY - 1], 1); }
static AIOT_CORO(a_large_race)
{
    AIOT_BEGIN();
    for (int i = 0; i < MANY; i++) {
        aiot_future_init(&futures[i], task->loop);
        array[i] = AIOT_AWAITABLE(&futures[i]);
    }
    aiot_call_soon(task->loop, &self->handle, end_last, NULL);
    AIOT_RACE_ARRAY(&large_race, array, MANY);
    CHECK_EQUAL(aiot_race_winner(&large_race), MANY - 1);
    for (int i = 0; i + 1 < MANY; i++) CHECK(aiot_cancelled(&futures[i]));
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------ many, and deep */
static aiot_event event;
static aiot_lock lock;
static struct waits { AIOT_FRAME; aiot_waiter w; unsigned place; } waiting[MANY];
static aiot_task tasks[MANY];
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_EVENT_WAIT(&event, &self->w);
    CHECK_EQUAL(count, self->place);            /* all in one turn, in order */
    count++;
    AIOT_YIELD();
    AIOT_LOCK(&lock, &self->w) { count--; }
    AIOT_END();
}
struct many_waiters { AIOT_FRAME; };
static AIOT_CORO(many_waiters)
{
    AIOT_BEGIN();
    lock.is_locked = true;
    for (unsigned i = 0; i < MANY; i++) AIOT_CHECK(aiot_spawn(&tasks[i], waits, &waiting[i], .place = i));
    AIOT_YIELD();
    CHECK_EQUAL(aiot_loop_task_count(task->loop), MANY + 1);
    aiot_event_set(&event);
    AIOT_YIELD();
    AIOT_YIELD();
    CHECK_EQUAL(count, MANY);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_lock_release(&lock), 0);
    AIOT_JOIN(&tasks[MANY - 1]);
    CHECK_EQUAL(count, 0);
    AIOT_YIELD();
    CHECK_END();
}

static struct nests { AIOT_FRAME; aiot_timeout limit; unsigned depth; } nests[DEEP];
static AIOT_CORO_DECLARE(nests);
static AIOT_CORO(nests)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(2)) {
        if (self->depth + 1 < DEEP) AIOT_AWAIT(nests, &nests[self->depth + 1], .depth = self->depth + 1);
        else AIOT_SLEEP(AIOT_FOREVER);
    }
    AIOT_END();
}
struct deep_awaits { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(deep_awaits)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_MS(5)) { AIOT_AWAIT(nests, &nests[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { count++; }
    CHECK_EQUAL(count, 1);
    for (unsigned i = 0; i < DEEP; i++) CHECK(nests[i].depth == i && nests[i].limit.scope.state == AIOT_I_EXITED);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* --------------------------------------------------------------------------------------------------- barriers, semaphores */
struct party { AIOT_FRAME; aiot_barrier *b; struct aiot_barrier_wait wait; };
static AIOT_CORO(party) { AIOT_BEGIN(); AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = self->b); AIOT_END(); }
struct all_parties { AIOT_FRAME; aiot_barrier b; struct party first, last; aiot_task t; };
static AIOT_CORO(all_parties)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_barrier_init(&self->b, INT_MAX), 0);
    AIOT_SPAWN(&self->t, party, &self->first, .b = &self->b);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_barrier_waiting(&self->b), 1);
    self->b.count = INT_MAX - 1;                /* as if all but the last had come */
    AIOT_AWAIT(party, &self->last, .b = &self->b);
    CHECK_EQUAL(self->last.wait.index, INT_MAX - 1);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->b.count, INT_MAX - 2);
    CHECK_END();
}

/* -------------------------------------------------------------------------------------------------------- ticker, backoff */
struct missed_ticks { AIOT_FRAME; aiot_ticker k; aiot_time end; };
static AIOT_CORO(missed_ticks)
{
    AIOT_BEGIN();
    self->end = AIOT_TIME_BITS == 64 ? AIOT_FOREVER - 1 : aiot_time_after(aiot_now(task->loop), AIOT_FOREVER - 1);
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, 1, AIOT_TICK_RESTART), 0);
    aiot_clock_advance(task->loop, AIOT_FOREVER - 1);
    AIOT_TICK(&self->k);
    CHECK_EQUAL(aiot_ticker_missed(&self->k), AIOT_TIME_BITS == 64 ? UINT32_MAX : AIOT_FOREVER - 3);
    CHECK_END();
}
/* A period of which three are longer than time can count: the next tick is not in the past. */
struct long_periods { AIOT_FRAME; aiot_ticker k; aiot_time period, began; aiot_timeout limit; };
static AIOT_CORO(long_periods)
{
    AIOT_BEGIN();
    self->period = (aiot_time)(AIOT_FOREVER / 5 * 3);
    self->began = aiot_now(task->loop);
    CHECK_EQUAL(aiot_ticker_init(&self->k, task->loop, self->period, AIOT_TICK_SKIP), 0);
    AIOT_TICK(&self->k);
    CHECK_EQUAL(aiot_time_between(self->began, aiot_now(task->loop)), self->period);
#if AIOT_TIME_BITS == 64
    self->k.next = AIOT_MS(1);                  /* one that was due long ago, and a period of which two are beyond the end of time */
    aiot_clock_advance(task->loop, AIOT_FOREVER - 1);
    AIOT_TRY {
        AIOT_TIMEOUT(&self->limit, 0) { AIOT_TICK(&self->k); NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(self->k.next, AIOT_FOREVER);
#else
    aiot_clock_advance(task->loop, AIOT_FOREVER - 1);       /* two are past; the third is a fraction of a period from now */
    self->began = aiot_time_after(self->k.next, self->period);
    AIOT_TICK(&self->k);
    CHECK_EQUAL(aiot_ticker_missed(&self->k), 1);
    CHECK_EQUAL(aiot_time_between(self->began, aiot_now(task->loop)), 0);
#endif
    CHECK_END();
}

struct backs_off { AIOT_FRAME; aiot_backoff b; };
static AIOT_CORO(backs_off)
{
    static const aiot_time ends[] = { 1, AIOT_FOREVER - 1, AIOT_FOREVER, 0, -1, -5, -AIOT_FOREVER, -AIOT_FOREVER - 1 };
    enum { ENDS = sizeof ends / sizeof ends[0] };
    AIOT_BEGIN();
    for (int first = 0; first < ENDS; first++) {
        for (int longest = 0; longest < ENDS; longest++) {
            aiot_backoff_init(&self->b, ends[first], ends[longest], UINT32_MAX);
            for (long i = 0; i < 70000; i++) {  /* attempts: nothing counts them */
                CHECK(self->b.bound_ns >= 0 && self->b.bound_ns < AIOT_FOREVER);
                aiot_time bound = self->b.bound_ns;
                CHECK(aiot_backoff_next(&self->b, task));
                CHECK(self->b.delay_ns >= 0 && self->b.delay_ns <= bound && self->b.bound_ns >= bound);
            }
            if (ends[first] == 1 && ends[longest] == AIOT_FOREVER) CHECK_EQUAL(self->b.bound_ns, AIOT_FOREVER - 1);
            if (ends[longest] < 0 && !aiot_i_is_too_long(ends[longest])) CHECK_EQUAL(self->b.bound_ns, 0);
        }
    }
    CHECK_END();
}

/* -------------------------------------------------------------------------------------------------- reports, a clock held */
#if AIOT_I_TELLS
static size_t told;
static void hear(aiot_loop *loop, const aiot_report *report) { (void)loop; told = report->count; }
struct fails { AIOT_FRAME; };
static AIOT_CORO(fails) { AIOT_BEGIN(); AIOT_RAISE(3); AIOT_END(); }
struct errors_nobody_takes { AIOT_FRAME; struct fails fails[2]; aiot_task t[2]; };
static AIOT_CORO(errors_nobody_takes)
{
    AIOT_BEGIN();
    task->loop->on_error = hear;
    for (int i = 0; i < 2; i++) AIOT_CHECK(aiot_spawn(&self->t[i], fails, &self->fails[i]));
    task->loop->uncollected.count = SIZE_MAX - 1;
    AIOT_YIELD();
    CHECK_END();
}
#endif
#if AIOT_I_TESTS
static void held_clocks(void)
{
    static aiot_loop loop;
    aiot_loop_init_virtual(&loop);
    loop.held = UINT_MAX;
    aiot_clock_hold(&loop);
    CHECK_EQUAL(loop.held, UINT_MAX);
}
#endif

int main(void)
{
    RUN(cancel_requests);
#if AIOT_DEBUG
    RUN(open_blocks);
#endif
    RUN(a_limit_at_the_end);
#if SIZE_MAX > 0xffffffff && !defined __TINYC__       /* it has no such arrays */
    RUN(places_in_sets);
#endif
    RUN(a_large_race);
    count = 0;
    RUN(many_waiters);
    RUN(deep_awaits);
    RUN(all_parties);
    RUN(missed_ticks);
    RUN(long_periods);
    RUN(backs_off);
#if AIOT_I_TELLS
    RUN(errors_nobody_takes);
    CHECK_EQUAL(told, SIZE_MAX);
#endif
#if AIOT_I_TESTS
    held_clocks();
#endif
    return 0;
}
