/* sort_overdue.c - a hundred thousand timers set for times already past, in random order, run in order of time, FIFO among equals; and
 * soon: the sort is O(n log n). */
#define NEEDS_WHEEL
#include "check.h"
#include <time.h>

enum { MANY = 100000, TIMES = 30000 };          /* fewer times than timers: there are equals */

static aiot_loop loop;
static aiot_handle timers[MANY];
static int ran;
static aiot_time last_time;
static const aiot_handle *last;

static int run_in_order(void *argument)
{
    const aiot_handle *timer = (const aiot_handle *)argument;
    CHECK(ran == 0 || aiot_handle_when(timer) > last_time || (aiot_handle_when(timer) == last_time && timer > last));
    last_time = aiot_handle_when(timer);
    last = timer;
    ran++;
    return 0;
}

static void overdue_timers_run_in_order(aiot_time (*when)(int i))
{
    ran = 0;
    for (int i = 0; i < MANY; i++) aiot_call_at(&loop, &timers[i], when(i), run_in_order, &timers[i]);
    CHECK(!aiot_i_list_empty(&loop.timers.overdue));
    aiot_run_once(&loop);
    CHECK_EQUAL(ran, MANY);
}

static uint32_t seed = 1;
static aiot_time at_random(int i) { (void)i; return (aiot_time)((seed = seed * 1664525 + 1013904223) >> 8) % TIMES; }
static aiot_time backwards(int i) { return MANY - i; }
static aiot_time in_order(int i) { return i; }
static aiot_time all_equal(int i) { (void)i; return 7; }
static aiot_time two_runs(int i) { return i % (MANY / 2); }

static int nothing(void *argument) { (void)argument; return 0; }

int main(void)
{
    aiot_handle first = { 0 };
    clock_t began = clock();
    aiot_loop_init_virtual(&loop);
    aiot_call_at(&loop, &first, AIOT_S(1), nothing, NULL);      /* the wheel's time moves on when one expires */
    aiot_run_forever(&loop);
    CHECK(loop.timers.time >= MANY);
    overdue_timers_run_in_order(at_random);
    overdue_timers_run_in_order(backwards);
    overdue_timers_run_in_order(in_order);
    overdue_timers_run_in_order(all_equal);
    overdue_timers_run_in_order(two_runs);
    CHECK((double)(clock() - began) / CLOCKS_PER_SEC < 20);     /* a quadratic sort would take minutes */
    return 0;
}
