/* many_ticks.c - ticks that are shorter than a nanosecond: converted exactly over their whole range, and slept. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <time.h>
static int64_t slept;
static int told_nanosleep(const struct timespec *limit, struct timespec *rest)
{
    (void)rest;
    slept = (int64_t)limit->tv_sec * 1000000000 + limit->tv_nsec;
    return 0;
}
#define nanosleep told_nanosleep
#define AIOT_TICKS_PER_S 5000000000
#define AIOT_POLL 1
#include "check.h"

/* A sleep is rounded up to nanoseconds, but to no whole second: that is no tv_nsec. An hour at most. */
static void sleeps(void)
{
    static aiot_loop loop;
    aiot_i_system_sleep(1);
    CHECK_EQUAL(slept, 1);
    aiot_i_system_sleep(UINT64_C(9999999996));
    CHECK_EQUAL(slept, 1999999999);
    aiot_i_system_sleep(UINT64_C(9999999999));
    CHECK_EQUAL(slept, 1999999999);
    CHECK_EQUAL(aiot_i_timespec(INT64_C(9999999995)).tv_nsec, 999999999);
    CHECK_EQUAL(aiot_i_timespec(INT64_C(9999999999)).tv_nsec, 999999999);
    aiot_loop_init(&loop);
    loop.idle(&loop, AIOT_FOREVER);
    CHECK_EQUAL(slept, INT64_C(3600000000000));
    loop.idle(&loop, aiot_now(&loop) + AIOT_S(7200));
    CHECK_EQUAL(slept, INT64_C(3600000000000));
    slept = -1;
    loop.idle(&loop, aiot_now(&loop));
    CHECK_EQUAL(slept, -1);                     /* that time has come */
}

int main(void)
{
    static volatile int64_t n;                                  /* no constant: converted at run time */
    CHECK_EQUAL(AIOT_NS(999999999), INT64_C(4999999995));
    CHECK_EQUAL(AIOT_S(1800000000), INT64_C(9000000000000000000));
    n = 999999999;              CHECK_EQUAL(AIOT_NS(n), INT64_C(4999999995));
    n = -999999999;             CHECK_EQUAL(AIOT_NS(n), INT64_C(-4999999995));
    n = 1800000000;             CHECK_EQUAL(AIOT_S(n), INT64_C(9000000000000000000));
    n = -1800000000;            CHECK_EQUAL(AIOT_S(n), INT64_C(-9000000000000000000));
    sleeps();
    return 0;
}
