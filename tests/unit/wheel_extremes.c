/* wheel_extremes.c - times at the edges: sums that would overflow, deadlines near the end of 64 bits, the 49 days of a 32-bit clock of
 * milliseconds, and sleeping for ever. */
#define NEEDS_WHEEL
#include "check.h"

static void sums_saturate(void)
{
    CHECK_EQUAL(aiot_time_after(0, AIOT_FOREVER), AIOT_FOREVER);
    CHECK_EQUAL(aiot_time_after(1, AIOT_FOREVER), AIOT_FOREVER);
    CHECK_EQUAL(aiot_time_after(AIOT_FOREVER, AIOT_FOREVER), AIOT_FOREVER);
    CHECK_EQUAL(aiot_time_after(AIOT_FOREVER - 1, 1), AIOT_FOREVER);
    CHECK_EQUAL(aiot_time_after(AIOT_FOREVER - 2, 1), AIOT_FOREVER - 1);
    CHECK_EQUAL(aiot_time_after(5, -7), -2);
    CHECK_EQUAL(aiot_time_after(5, INT64_MIN), INT64_MIN + 5);
    CHECK_EQUAL(aiot_time_after(-1, INT64_MIN), INT64_MIN);
    CHECK_EQUAL(aiot_time_after(INT64_MIN, INT64_MIN), INT64_MIN);
}

/* A timer set at `from` for `when` runs exactly then: not one nanosecond before. */
static void fires_exactly(aiot_time from, aiot_time when)
{
    static aiot_i_timers wheel;
    aiot_i_entry timer;
    aiot_i_link ready;
    aiot_i_timers_init(&wheel, from);
    aiot_i_list_init(&ready);
    timer.u.when = when;
    aiot_i_timers_insert(&wheel, &timer, 0);
    if (when > from) {
        CHECK_EQUAL(aiot_i_timers_next(&wheel), when);
        aiot_i_timers_expire(&wheel, when - 1, &ready);
        CHECK(aiot_i_list_empty(&ready));
        CHECK_EQUAL(aiot_i_timers_next(&wheel), when);
    }
    aiot_i_timers_expire(&wheel, when > from ? when : from, &ready);
    CHECK(ready.next == &timer.link);
    CHECK_EQUAL(aiot_i_timers_next(&wheel), AIOT_FOREVER);
    CHECK_EQUAL(wheel.levels, 0);
}

static void deadlines_fire_exactly(void)
{
    const aiot_time days49 = AIOT_MS((int64_t)1 << 32), end = AIOT_FOREVER - 1, half = (aiot_time)1 << 62;
    const aiot_time edges[] = { 1, 64, days49, days49 * 7, half, end };
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        for (aiot_time before = -2; before <= 2; before++)
            for (aiot_time after = -2; after <= 2; after++)
                for (size_t k = i; k < sizeof edges / sizeof edges[0]; k++) {
                    aiot_time from = aiot_time_after(edges[i], before), when = aiot_time_after(edges[k], after);
                    if (from >= 0 && from < AIOT_FOREVER && when < AIOT_FOREVER) fires_exactly(from, when);
                }
    for (unsigned bit = 0; bit < 63; bit++) {
        fires_exactly(0, (aiot_time)1 << bit);
        fires_exactly(((aiot_time)1 << bit) - 1, (aiot_time)1 << bit);
        fires_exactly(0, ((aiot_time)1 << bit) - 1);
    }
    fires_exactly(10, INT64_MIN);               /* long past */
}

/* The wheel keeps the list of its last insertion at hand. Later another timer is in that list: what is inserted anew for the old time, which is
 * past, does not wait for it. */
static void a_time_that_is_past_finds_no_list(void)
{
    static aiot_i_timers wheel;
    aiot_i_entry near = { .u.when = 64 + 36 }, far = { .u.when = 4096 + 64 }, again = near;
    aiot_i_link ready;
    while (aiot_i_chain(far.u.when) != aiot_i_chain(near.u.when)) far.u.when++;
    aiot_i_timers_init(&wheel, 0);
    aiot_i_list_init(&ready);
    aiot_i_timers_insert(&wheel, &far, 0);
    aiot_i_timers_insert(&wheel, &near, 0);
    const aiot_i_link *list = wheel.last_list;
    aiot_i_timers_expire(&wheel, 4096, &ready);
    CHECK(ready.next == &near.link && far.link.next == list);
    aiot_i_list_init(&ready);
    aiot_i_timers_insert(&wheel, &again, 4096);
    CHECK_EQUAL(aiot_i_timers_next(&wheel), 4096);
    aiot_i_timers_expire(&wheel, 4096, &ready);
    CHECK(ready.next == &again.link);
}

/* One loop whose clock runs through all of 64-bit time. */
static const aiot_time STOPS[] = {
    1, AIOT_MS(4294967295), AIOT_MS(4294967296), AIOT_MS(4294967297), AIOT_S(86400) * 365 * 100,
    INT64_MAX / 2, INT64_MAX / 2 + 1, INT64_MAX - 1,
};
struct journey { AIOT_FRAME; size_t i; };
static AIOT_CORO(journey)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < sizeof STOPS / sizeof STOPS[0]; self->i++) {
        AIOT_SLEEP_UNTIL(STOPS[self->i]);
        CHECK_EQUAL(aiot_now(task->loop), STOPS[self->i]);
    }
    CHECK_END();
}

/* Whoever sleeps for ever waits, and can be cancelled; when only such tasks are left, that is a deadlock, not a time that comes. */
struct endless { AIOT_FRAME; struct aiot_sleep sleep; aiot_task sleeper; aiot_timeout limit; };
static AIOT_CORO(endless)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->sleeper, aiot_sleep, &self->sleep, .delay_ns = AIOT_FOREVER);
    AIOT_SLEEP(AIOT_S(86400) * 365 * 100);
    CHECK(!aiot_done(&self->sleeper));
    aiot_cancel(&self->sleeper);
    AIOT_YIELD();
    CHECK(aiot_cancelled(&self->sleeper));
    AIOT_TIMEOUT(&self->limit, AIOT_MS(1)) {
        AIOT_SLEEP(AIOT_FOREVER - 1);           /* the sum is beyond the end: for ever, too */
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
    }
    AIOT_TIMEOUT(&self->limit, AIOT_FOREVER) {
        CHECK_EQUAL(aiot_timeout_when(&self->limit), AIOT_FOREVER);
        AIOT_SLEEP(1);
    }
    AIOT_SLEEP_UNTIL(AIOT_FOREVER);
    NOT_REACHED();
    AIOT_END();
}

static void forever_is_a_deadlock(void)
{
    static aiot_loop loop;
    static struct endless frame;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run(&loop, endless, &frame), AIOT_EDEADLK);
    CHECK_EQUAL(aiot_loop_task_count(&loop), 1);
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
}

/* So is a limit whose end lies beyond all time. */
enum far { TIMEOUT, JOIN_FOR, WAIT_FOR, WAIT, AS_COMPLETED, FARS };
struct far_away { AIOT_FRAME; int how; aiot_future never; aiot_timeout limit; AIOT_WAIT_SET(1) wait; AIOT_AS_COMPLETED_SET(1) set; struct aiot_sleep sleep; };
static AIOT_CORO(far_away)
{
    AIOT_BEGIN();
    aiot_future_init(&self->never, task->loop);
    AIOT_SLEEP(AIOT_S(1));
    if (self->how == TIMEOUT) AIOT_TIMEOUT(&self->limit, AIOT_FOREVER - 1) { AIOT_JOIN(&self->never); }
    if (self->how == JOIN_FOR) AIOT_JOIN_FOR(&self->limit, AIOT_FOREVER - 1, &self->never);
    if (self->how == WAIT_FOR) AIOT_WAIT_FOR(&self->limit, AIOT_FOREVER - 1, aiot_sleep, &self->sleep, .delay_ns = AIOT_FOREVER);
    if (self->how == WAIT) AIOT_WAIT(&self->wait, AIOT_ALL_COMPLETED, AIOT_FOREVER - 1, &self->never);
    if (self->how == AS_COMPLETED) { aiot_as_completed(&self->set, AIOT_FOREVER - 1, &self->never); AIOT_NEXT_COMPLETED(&self->set); }
    NOT_REACHED();
    AIOT_END();
}

static void beyond_all_time_is_a_deadlock(void)
{
    for (int how = 0; how < FARS; how++) {
        static aiot_loop loop;
        static struct far_away frame;
        aiot_loop_init_virtual(&loop);
        CHECK_EQUAL(aiot_run(&loop, far_away, &frame, .how = how), AIOT_EDEADLK);
        CHECK_EQUAL(aiot_now(&loop), AIOT_S(1));
    }
}

int main(void)
{
    sums_saturate();
    deadlines_fire_exactly();
    a_time_that_is_past_finds_no_list();
    RUN(journey);
    forever_is_a_deadlock();
    beyond_all_time_is_a_deadlock();
    return 0;
}
