/* poll_looks.c - how often the loop looks for descriptors: once for each wake-up, and once a turn while tasks are ready. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <time.h>
#include <unistd.h>
static int looks;
static int counting_poll(struct pollfd *fds, nfds_t count, int limit_ms) { looks++; return poll(fds, count, limit_ms); }
static int counting_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit, const void *mask)
{
    (void)mask;
    return counting_poll(fds, count, limit ? (int)(limit->tv_sec * 1000 + limit->tv_nsec / 1000000) : -1);
}
#define poll counting_poll
#define ppoll counting_ppoll
#define AIOT_POLL 2
#include "check.h"

struct root { AIOT_FRAME; int ends[2]; aiot_fd in, other; struct aiot_readable waits; aiot_task t; int i; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pipe(self->ends), 0);
    CHECK_EQUAL(write(self->ends[1], "x", 1), 1);
    CHECK_EQUAL(aiot_fd_open(&self->in, task->loop, self->ends[0]), 0);
    CHECK_EQUAL(aiot_fd_open(&self->other, task->loop, self->ends[1]), 0);
    looks = 0;
    for (self->i = 0; self->i < 10; self->i++) AIOT_READABLE(&self->in);
    CHECK_EQUAL(looks, 10);                     /* the turn in which the task runs does not look again */
    AIOT_SPAWN(&self->t, aiot_readable, &self->waits, .fd = &self->other);
    AIOT_YIELD();
    looks = 0;
    for (self->i = 0; self->i < 10; self->i++) AIOT_YIELD();
    CHECK_EQUAL(looks, 10);                     /* a busy loop looks in each turn, as asyncio's does */
    aiot_cancel(&self->t);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_fd_close(&self->in), 0);
    CHECK_EQUAL(aiot_fd_close(&self->other), 0);
    CHECK_END();
}

int main(void)
{
    static AIOT_POLL_SET(2) poller;
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_run(&loop, root, &frame), AIOT_OK);
    CHECK(check_end == &frame);
    return 0;
}
