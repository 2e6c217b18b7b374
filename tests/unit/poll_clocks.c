/* poll_clocks.c - a loop whose clock is not the one by which the kernel sleeps: aiot_poll_set_longest_sleep(). */
#define _POSIX_C_SOURCE 200809L
#define AIOT_POLL 1
#include "check.h"
#include <unistd.h>

/* The monotonic clock; after 50 ms it jumps an hour ahead, as one does that counts the time of a suspend. */
static aiot_time began;
static aiot_time monotonic(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (aiot_time)now.tv_sec * 1000000000 + now.tv_nsec;
}
static aiot_time jumping(aiot_loop *loop)
{
    aiot_time now = monotonic();
    (void)loop;
    return now - began < AIOT_MS(50) ? now : now + AIOT_S(3600);
}
static void idle(aiot_loop *loop, aiot_time until) { (void)loop; (void)until; NOT_REACHED(); }      /* while a descriptor is watched */

struct waits { AIOT_FRAME; int ends[2]; aiot_fd in; struct aiot_readable wait; aiot_task t; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pipe(self->ends), 0);
    CHECK_EQUAL(aiot_fd_open(&self->in, task->loop, self->ends[0]), 0);
    AIOT_SPAWN(&self->t, aiot_readable, &self->wait, .fd = &self->in);
    AIOT_YIELD();
    AIOT_SLEEP(AIOT_S(60));
    CHECK(monotonic() - began < AIOT_S(30));    /* about 70 ms; without a longest sleep it is 60 s */
    CHECK_EQUAL(write(self->ends[1], "x", 1), 1);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(aiot_fd_close(&self->in), 0);
    (void)close(self->ends[1]);
    CHECK_END();
}

/* Each reading is 10 later: the deadline is past when the loop would sleep for it, and it only looks. */
static aiot_time stepping(aiot_loop *loop) { static aiot_time now; (void)loop; return now += 10; }
struct late { AIOT_FRAME; int ends[2]; aiot_fd in; struct aiot_readable wait; aiot_task t; };
static AIOT_CORO(late)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pipe(self->ends), 0);
    CHECK_EQUAL(aiot_fd_open(&self->in, task->loop, self->ends[0]), 0);
    AIOT_SPAWN(&self->t, aiot_readable, &self->wait, .fd = &self->in);
    AIOT_YIELD();
    AIOT_SLEEP(5);
    CHECK_EQUAL(write(self->ends[1], "x", 1), 1);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(aiot_fd_close(&self->in), 0);
    (void)close(self->ends[1]);
    CHECK_END();
}

int main(void)
{
    static aiot_loop loop;
    static AIOT_POLL_SET(2) poller;
    static struct waits frame;
    began = monotonic();
    aiot_loop_init_clock(&loop, jumping, idle);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    aiot_poll_set_longest_sleep(&loop, AIOT_MS(20));
    CHECK_EQUAL(aiot_run(&loop, waits, &frame), AIOT_OK);
    CHECK(check_end == &frame);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    static struct late late_frame;
    aiot_loop_init_clock(&loop, stepping, idle);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_run(&loop, late, &late_frame), AIOT_OK);
    CHECK(check_end == &late_frame);
    return 0;
}
