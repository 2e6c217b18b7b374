/* poll_limits_epoll.c - the same of epoll_pwait2(2), and of a kernel without it: there ppoll(2) sleeps, on epoll's own descriptor. */
#define AIOT_POLL 1
#define OWN_MAIN
#if defined __linux__ && defined __GNUC__
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>
static bool is_old;
static int told_epoll(int poller, struct epoll_event *events, int capacity, int limit_ms);
static int told_epoll2(int poller, struct epoll_event *events, int capacity, const struct timespec *limit, const void *mask);
#define epoll_wait told_epoll
#define epoll_pwait2 told_epoll2
#include "poll_limits.c"

static int told_epoll(int fd, struct epoll_event *events, int capacity, int limit_ms)
{
    (void)fd; (void)events; (void)capacity;
    if (limit_ms != 0) told = limit_ms;         /* -1; a look after ppoll() is told 0 */
    return 0;
}
static int told_epoll2(int fd, struct epoll_event *events, int capacity, const struct timespec *limit, const void *mask)
{
    (void)fd; (void)events; (void)capacity; (void)mask;
    told = (int64_t)limit->tv_sec * 1000000000 + limit->tv_nsec;
    if (!is_old) return 0;
    told = -2;
    errno = ENOSYS;
    return -1;
}

static void a_look_is_told_nothing(void)
{
    told = 0;                                   /* the first case is a limit of 0 */
    check_limits();
}
int main(void)
{
    (void)told_poll(NULL, 0, 0);
    (void)told_epoll2(0, NULL, 0, &(struct timespec){ 0, 0 }, NULL);
    for (int run = 0; run < 2; run++) {
        is_old = run == 1;
        aiot_loop_init(&loop);
        CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
        a_look_is_told_nothing();
        CHECK_EQUAL(aiot_poll_close(&loop), 0);
    }
    return 0;
}
#else
int main(void) { return 0; }
#endif
