/* poll_limits_ticks.c - how long ppoll(2) is told to wait by a clock of 32 bits that ticks each millisecond: an hour at most. */
#define AIOT_POLL 2
#define AIOT_TIME_BITS 32
#define AIOT_TICKS_PER_S 1000
#include <poll.h>
#include <stdint.h>
#include <time.h>
static int64_t told_ms;                         /* -1: for ever */
static int told_poll(struct pollfd *fds, nfds_t count, int limit_ms) { (void)fds; (void)count; told_ms = limit_ms; return 0; }
static int told_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit, const void *mask)
{
    (void)mask;
    return told_poll(fds, count, limit ? (int)(limit->tv_sec * 1000 + limit->tv_nsec / 1000000) : -1);
}
#define poll told_poll
#define ppoll told_ppoll
#include "check.h"

int main(void)
{
    static aiot_loop loop;
    static AIOT_POLL_SET(1) poller;
    static const struct { aiot_time limit; int ms; } CASES[] = {
        { 0, 0 }, { 1, 1 }, { AIOT_S(1), 1000 }, { AIOT_S(3600) - 1, 3599999 }, { AIOT_S(3600), 3600000 }, { AIOT_S(86400), 3600000 }, { AIOT_FOREVER, -1 },
    };
    aiot_loop_init_virtual(&loop);
    (void)told_ppoll(NULL, 0, NULL, NULL);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        aiot_i_poll_look(&loop, CASES[i].limit);
        CHECK_EQUAL(told_ms, CASES[i].ms);
    }
    return 0;
}
