/* poll_limits.c - how long poll(2) is told to wait: whole milliseconds, rounded up, for ever, or an hour at a time; and no longer than the poller's
 * longest sleep. */
#include <poll.h>
static int told_ms;
static int told_poll(struct pollfd *fds, nfds_t count, int limit_ms) { (void)fds; (void)count; told_ms = limit_ms; return 0; }
#define poll told_poll
#define AIOT_POLL 1
#include "check.h"

int main(void)
{
    static aiot_loop loop;
    static struct pollfd fds[1];
    static aiot_io *owners[1];
    static aiot_poll backend;
    static const struct { aiot_time limit; int ms, ms_of_20; } CASES[] = {
        { 0, 0, 0 }, { 1, 1, 1 }, { AIOT_US(999), 1, 1 }, { AIOT_MS(1), 1, 1 }, { AIOT_MS(1) + 1, 2, 2 }, { AIOT_MS(5), 5, 5 },
        { AIOT_MS(20), 20, 20 }, { AIOT_MS(20) + 1, 21, 20 },
        { AIOT_S(3600) - 1, 3600000, 20 }, { AIOT_S(3600), 3600000, 20 }, { AIOT_S(86400 * 365), 3600000, 20 },
        { AIOT_FOREVER - 1, 3600000, 20 }, { AIOT_FOREVER, -1, 20 },
    };
    aiot_loop_init(&loop);
    aiot_poll_init(&backend, &loop, fds, owners, 1);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        backend.backend.wait(&backend.backend, CASES[i].limit);
        CHECK_EQUAL(told_ms, CASES[i].ms);
        aiot_poll_set_longest_sleep(&backend, AIOT_MS(20));
        backend.backend.wait(&backend.backend, CASES[i].limit);
        CHECK_EQUAL(told_ms, CASES[i].ms_of_20);
        aiot_poll_set_longest_sleep(&backend, i & 1 ? AIOT_FOREVER : 0);        /* none, as before */
    }
    return 0;
}
