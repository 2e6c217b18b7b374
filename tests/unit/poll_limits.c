/* poll_limits.c - how long ppoll(2) is told to wait: to the nanosecond, for ever, or an hour at a time; and no longer than the longest
 * sleep.  poll_limits_ms.c: where there is no ppoll(2), poll(2) is told whole milliseconds, rounded up.  poll_limits_epoll.c: the same of
 * epoll_pwait2(2), and where the kernel has none. */
#include <poll.h>
#include <stdint.h>
#include <time.h>
static int64_t told;                            /* -1: for ever */
static int told_poll(struct pollfd *fds, nfds_t count, int limit_ms) { (void)fds; (void)count; told = limit_ms; return 0; }
static int told_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit, const void *mask)
{
    (void)fds; (void)count; (void)mask;
    told = limit ? (int64_t)limit->tv_sec * 1000000000 + limit->tv_nsec : -1;
    return 0;
}
#define poll told_poll
#define ppoll told_ppoll
#ifndef AIOT_POLL
#define AIOT_POLL 2
#endif
#include "check.h"

static aiot_loop loop;
static AIOT_POLL_SET(1) poller;

static void check_limits(void)
{
    static const struct { aiot_time limit; int ms, ms_of_20; } CASES[] = {
        { 0, 0, 0 }, { 1, 1, 1 }, { AIOT_US(999), 1, 1 }, { AIOT_MS(1), 1, 1 }, { AIOT_MS(1) + 1, 2, 2 }, { AIOT_MS(5), 5, 5 },
        { AIOT_MS(20), 20, 20 }, { AIOT_MS(20) + 1, 21, 20 },
        { AIOT_S(3600) - 1, 3600000, 20 }, { AIOT_S(3600), 3600000, 20 }, { AIOT_S(86400 * 365), 3600000, 20 },
        { AIOT_FOREVER - 1, 3600000, 20 }, { AIOT_FOREVER, -1, 20 },
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        aiot_time limit = CASES[i].limit, hour = AIOT_S(3600), least = AIOT_MS(20);
        aiot_i_poll_look(&loop, limit);
        CHECK_EQUAL(told, limit == AIOT_FOREVER ? -1 : AIOT_I_PPOLL ? (limit < hour ? limit : hour) : CASES[i].ms);
        aiot_poll_set_longest_sleep(&loop, least);
        aiot_i_poll_look(&loop, limit);
        CHECK_EQUAL(told, AIOT_I_PPOLL ? (limit < least ? limit : least) : CASES[i].ms_of_20);
        aiot_poll_set_longest_sleep(&loop, i & 1 ? AIOT_FOREVER : 0);           /* none, as before */
    }
}

#ifndef OWN_MAIN
int main(void)
{
    aiot_loop_init(&loop);
    (void)told_poll(NULL, 0, 0);
    (void)told_ppoll(NULL, 0, NULL, NULL);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    check_limits();
    return 0;
}
#endif
