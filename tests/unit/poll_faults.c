/* poll_faults.c - system calls that fail: those that open what watches, watch, look, wake and close.  An error is returned or raised; nothing
 * is lost or left open.  By what the system has, epoll(7) or kqueue(2); poll_faults_2.c: by poll(2); poll_faults_old.c: on an
 * old Linux. */
#define _POSIX_C_SOURCE 200809L
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = 0)
#define AIOT_CRITICAL_LEAVE(state) ((void)(state))
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The n-th next call of a function fails with an error, and those that follow, `times` in all. */
static struct fault { const char *of; int nth, times, error; } faults[2];
static bool fails(const char *name)
{
    for (int i = 0; i < 2; i++) {
        struct fault *f = &faults[i];
        if (f->times == 0 || strcmp(f->of, name) != 0 || --f->nth > 0) continue;
        f->times--;
        errno = f->error;
        return true;
    }
    return false;
}
static void fail(const char *name, int nth, int times, int error)
{
    struct fault *f = &faults[faults[0].times > 0];
    *f = (struct fault){ name, nth, times, error };
}

static int pipe_or_fail(int ends[2]) { return fails("pipe") ? -1 : pipe(ends); }
static ssize_t write_or_fail(int fd, const void *bytes, size_t size) { return fails("write") ? -1 : write(fd, bytes, size); }
static int close_and_fail(int fd)
{
    int code = close(fd);
    return fails("close") ? -1 : code;
}
static int poll_or_fail(struct pollfd *fds, nfds_t count, int limit_ms) { return fails("poll") ? -1 : poll(fds, count, limit_ms); }
static int ppoll_or_fail(struct pollfd *fds, nfds_t count, const struct timespec *limit, const void *mask)
{
    (void)mask;
    return poll_or_fail(fds, count, limit ? (int)(limit->tv_sec * 1000 + (limit->tv_nsec + 999999) / 1000000) : -1);
}
#define pipe(ends) pipe_or_fail(ends)
#define write(fd, bytes, size) write_or_fail(fd, bytes, size)
#define close(fd) close_and_fail(fd)
#define poll(fds, count, limit_ms) poll_or_fail(fds, count, limit_ms)
#define ppoll ppoll_or_fail
#if AIOT_POLL == 2
#define OPEN ""
#define CHANGE ""
#elif defined AIOT_I_POLLER || !defined __linux__
#include <sys/types.h>
#include <sys/event.h>
#define OPEN "kqueue"
#define CHANGE "kevent"
static int kqueue_or_fail(void) { return fails("kqueue") ? -1 : kqueue(); }
static int kevent_or_fail(int fd, const struct kevent *list, int n, struct kevent *events, int capacity, const struct timespec *limit)
{
    return n > 0 && fails("kevent") ? -1 : kevent(fd, list, n, events, capacity, limit);
}
#define kqueue() kqueue_or_fail()
#define kevent(fd, list, n, events, capacity, limit) kevent_or_fail(fd, list, n, events, capacity, limit)
#else
#include <sys/epoll.h>
#define OPEN "epoll_create1"
#define CHANGE "epoll_ctl"
static int epoll_create1_or_fail(int flags) { return fails("epoll_create1") ? -1 : epoll_create1(flags); }
static int epoll_ctl_or_fail(int fd, int operation, int of, struct epoll_event *e) { return fails("epoll_ctl") ? -1 : epoll_ctl(fd, operation, of, e); }
#define epoll_create1 epoll_create1_or_fail
#define epoll_ctl epoll_ctl_or_fail
#ifdef KERNEL_IS_OLD
static int no_epoll_pwait2(int poller, const void *events, int capacity, const struct timespec *limit, const void *mask)
{
    (void)poller; (void)events; (void)capacity; (void)limit; (void)mask;
    errno = ENOSYS;
    return -1;
}
#define epoll_pwait2 no_epoll_pwait2
#endif
#endif
#include "check.h"
#undef kqueue
#undef kevent
#undef poll
#include "links.h"

enum { BY_POLL = AIOT_I_POLLER == AIOT_I_POLL, BY_EPOLL = AIOT_I_POLLER == AIOT_I_EPOLL };

static int lowest_free(void)
{
    int fd = dup(0);
    (void)close(fd);
    return fd;
}

struct waits { AIOT_FRAME; aiot_fd *fd; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_READABLE(self->fd); say("readable "); } AIOT_EXCEPT_APP { NOT_REACHED(); } AIOT_EXCEPT_ANY { say("%s ", aiot_error_name(aiot_caught(task).code)); }
    AIOT_END();
}

/* ---- Opening. */
static void an_open_that_fails_leaves_nothing_open(void)
{
    static const struct { const char *of; int nth; bool in_poll; } CASES[] = { { OPEN, 1, false }, { "pipe", 1, true }, { CHANGE, 1, false }, { CHANGE, 2, false } };
    int free_before = lowest_free();
    for (int i = 0; i < 4; i++) {
        if ((BY_POLL && !CASES[i].in_poll) || (!BY_EPOLL && CASES[i].nth == 2)) continue;       /* it makes no such call */
        aiot_loop_init(&loop);
        fail(CASES[i].of, CASES[i].nth, 1, EMFILE);
        CHECK_EQUAL(aiot_poll_open(&loop, &poller), EMFILE);
        CHECK_EQUAL(lowest_free(), free_before);
        CHECK_EQUAL(aiot_poll_fd(&loop), -1);
        aiot_poll_set_longest_sleep(&loop, 1);                  /* of nothing */
        CHECK_EQUAL(aiot_poll_close(&loop), AIOT_ERUNTIME);
        CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
        CHECK(BY_POLL ? aiot_poll_fd(&loop) == -1 : aiot_poll_fd(&loop) >= 0);
        CHECK_EQUAL(aiot_poll_close(&loop), 0);
        CHECK_EQUAL(lowest_free(), free_before);
    }
}
static void no_room_at_all(void)
{
#ifdef __GNUC__
    __extension__ static AIOT_POLL_SET(0) none;
    CHECK_EQUAL(aiot_poll_open(&loop, &none), AIOT_ENOBUFS);
    CHECK_EQUAL(aiot_poll_fd(&loop), -1);
#endif
}

/* ---- Watching. */
struct a_wait_that_the_kernel_refuses { AIOT_FRAME; struct link link; int i; };
static AIOT_CORO(a_wait_that_the_kernel_refuses)
{
    static const struct { int error, code; } CASES[] = {
        { ENOMEM, AIOT_ENOBUFS }, { ENOSPC, AIOT_ENOBUFS }, { EBADF, AIOT_EBADF }, { EEXIST, AIOT_ERUNTIME }, { ELOOP, AIOT_EINVAL } };
    AIOT_BEGIN();
    connect_both(&self->link);
    for (self->i = 0; self->i < 5 && !BY_POLL; self->i++) {
        fail(CHANGE, 1, 1, CASES[self->i].error);
        AIOT_TRY { AIOT_WRITABLE(&self->link.here); NOT_REACHED(); } AIOT_EXCEPT_ANY { CHECK_EQUAL(aiot_caught(task).code, CASES[self->i].code); }
    }
    AIOT_WRITABLE(&self->link.here);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);
    CHECK_END();
}

/* A callback for what was never opened. */
static int never(void *unused) { (void)unused; NOT_REACHED(); return 0; }
static void no_callback_for_what_is_not_open(void)
{
    static aiot_fd zeroed;
    CHECK(!aiot_remove_reader(&zeroed));
    CHECK_EQUAL(aiot_add_reader(&zeroed, never, NULL), AIOT_EBADF);
    CHECK(!aiot_remove_reader(&zeroed));
}

/* A descriptor that was closed behind the loop's back; and one whose number is another's by now. */
struct closed_by_others { AIOT_FRAME; struct link link, other; };
static AIOT_CORO(closed_by_others)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    (void)close(self->link.here.fd);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), EBADF);
    (void)close(self->link.there);
    connect_both(&self->other);

    connect_both(&self->link);
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    CHECK_EQUAL(dup2(self->other.here.fd, self->link.here.fd), self->link.here.fd);
    AIOT_WRITABLE(&self->link.here);            /* watched as if it had been opened now */
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);

    connect_both(&self->link);
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    CHECK_EQUAL(dup2(self->other.here.fd, self->link.here.fd), self->link.here.fd);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);

    send_here(&self->other);
    AIOT_READABLE(&self->other.here);
    CHECK_EQUAL(aiot_fd_close(&self->other.here), 0);
    (void)close(self->other.there);
    CHECK_END();
}

/* The loop goes on watching for the task that waits by now, when the one that was told of the close runs. */
struct closed_and_opened_anew { AIOT_FRAME; struct link link; struct waits w; aiot_task t; int end; };
static AIOT_CORO(closed_and_opened_anew)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    AIOT_SPAWN(&self->t, waits, &self->w, .fd = &self->link.here);
    AIOT_YIELD();
    self->end = dup(self->link.here.fd);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    CHECK_EQUAL(aiot_fd_open(&self->link.here, task->loop, self->end), 0);
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    CHECK_SAID("OSError ");
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);
    CHECK_END();
}

#if AIOT_I_POLLER == AIOT_I_POLL && AIOT_I_TELLS
/* poll(2) tells of a descriptor that was closed: its callback is removed, and the error reported. */
static void note_report(aiot_loop *l, const aiot_report *report) { (void)l; say("%s %s ", aiot_reason_text(report->reason), aiot_error_name(report->error.code)); }
struct a_callback_whose_descriptor_is_closed { AIOT_FRAME; struct link link; };
static AIOT_CORO(a_callback_whose_descriptor_is_closed)
{
    AIOT_BEGIN();
    task->loop->on_error = note_report;
    connect_both(&self->link);
    CHECK_EQUAL(aiot_add_reader(&self->link.here, never, NULL), 0);
    (void)close(self->link.here.fd);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("a callback returned an error OSError ");
    CHECK(!aiot_remove_reader(&self->link.here));
    CHECK(aiot_fd_detach(&self->link.here) >= 0);
    (void)close(self->link.there);
    CHECK_END();
}
#endif

/* ---- Looking. */
#if AIOT_I_POLLER == AIOT_I_POLL
/* poll(2) refuses everything: the wait fails, and the loop goes on. */
struct a_look_that_is_refused { AIOT_FRAME; struct link link; struct waits w; aiot_task t; };
static AIOT_CORO(a_look_that_is_refused)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    AIOT_SPAWN(&self->t, waits, &self->w, .fd = &self->link.here);
    AIOT_YIELD();
    fail("poll", 1, 3, EINVAL);                 /* with the wake-up and the socket; with the wake-up; with nothing */
    AIOT_JOIN(&self->t);
    CHECK_SAID("BufferError ");
    fail("poll", 1, 1, EINTR);                  /* nothing is refused: looks again */
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);
    CHECK_END();
}
#else

/* The kernel's descriptor was closed, and no new one is to be had: the loop tries again. */
struct the_kernels_descriptor_is_closed { AIOT_FRAME; struct link link; struct waits w; aiot_task t; aiot_timeout limit; };
static AIOT_CORO(the_kernels_descriptor_is_closed)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    AIOT_SPAWN(&self->t, waits, &self->w, .fd = &self->link.here);
    AIOT_YIELD();
    (void)close(aiot_poll_fd(&loop));
    fail(OPEN, 1, 1, EMFILE);
    send_here(&self->link);
    AIOT_JOIN_FOR(&self->limit, AIOT_S(60), &self->t);
    CHECK_SAID("readable ");
    CHECK_COMPLAINED(2);

    CHECK_EQUAL(take(&self->link.here), 'x');
    AIOT_SPAWN(&self->t, waits, &self->w, .fd = &self->link.here);
    AIOT_YIELD();
    (void)close(aiot_poll_fd(&loop));
    fail(CHANGE, BY_EPOLL ? 3 : 2, 1, ENOMEM);  /* behind those of the wake-up: the task is told that it is not watched any more */
    AIOT_JOIN(&self->t);
    CHECK_SAID("BufferError ");
    CHECK_COMPLAINED(1);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);
    CHECK_END();
}
#endif
#if AIOT_I_POLLER == AIOT_I_KQUEUE
/* A device of which kqueue(2) watches one way and refuses the other is writable at once, and is not watched any more once it is closed. */
struct a_device_with_one_way { AIOT_FRAME; aiot_fd device; struct waits w; aiot_task t; };
static AIOT_CORO(a_device_with_one_way)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_fd_open(&self->device, task->loop, open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)), 0);
    AIOT_SPAWN(&self->t, waits, &self->w, .fd = &self->device);
    AIOT_YIELD();
    fail("kevent", 2, 1, EINVAL);               /* the first adds the reader's filter again */
    AIOT_WRITABLE(&self->device);
    CHECK(!aiot_done(&self->t));
    CHECK_EQUAL(aiot_fd_close(&self->device), 0);
    AIOT_JOIN(&self->t);
    CHECK_SAID("OSError ");
    CHECK(aiot_i_list_empty(&poller.poll.armed));
    CHECK_END();
}

/* What is no file is not always ready; nor is a device of which poll(2) says so. */
struct what_kqueue_refuses { AIOT_FRAME; aiot_fd f; };
static AIOT_CORO(what_kqueue_refuses)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_fd_open(&self->f, task->loop, open("/", O_RDONLY)), 0);
    AIOT_READABLE(&self->f);                    /* a directory is always ready */
    CHECK_EQUAL(aiot_fd_close(&self->f), 0);
    CHECK_EQUAL(aiot_fd_open(&self->f, task->loop, open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)), 0);
    fail("kevent", 1, 1, EINVAL);
    fail("poll", 1, 1, EINTR);
    AIOT_TRY { AIOT_READABLE(&self->f); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { }
    CHECK_EQUAL(aiot_fd_close(&self->f), 0);
    CHECK_END();
}

/* Both ways are ready, in one look, and nobody wants either any more. */
struct both_ways_for_nobody { AIOT_FRAME; struct link link; };
static AIOT_CORO(both_ways_for_nobody)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    send_here(&self->link);
    CHECK_EQUAL(aiot_add_reader(&self->link.here, never, NULL), 0);
    CHECK_EQUAL(aiot_add_writer(&self->link.here, never, NULL), 0);
    CHECK(aiot_remove_reader(&self->link.here) && aiot_remove_writer(&self->link.here));
    CHECK_EQUAL(self->link.here.armed, AIOT_I_READS | AIOT_I_WRITES);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK(aiot_i_list_empty(&poller.poll.armed));
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);
    CHECK_END();
}
#endif
#if AIOT_I_POLLER == AIOT_I_EPOLL
/* Its number is another file's by now. */
struct the_kernels_descriptor_is_another { AIOT_FRAME; struct link link; struct waits w; aiot_task t; int other; };
static AIOT_CORO(the_kernels_descriptor_is_another)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    AIOT_SPAWN(&self->t, waits, &self->w, .fd = &self->link.here);
    AIOT_YIELD();
    self->other = aiot_poll_fd(&loop);
    CHECK_EQUAL(dup2(self->link.there, self->other), self->other);
    send_here(&self->link);
    AIOT_JOIN(&self->t);
    CHECK_SAID("readable ");
    CHECK_COMPLAINED(1);
    (void)close(self->other);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);
    CHECK_END();
}
#endif

/* ---- Waking. */
static int calls;
static int counts(void *unused) { (void)unused; calls++; return 0; }
static aiot_post posts[70];
struct many_posts { AIOT_FRAME; };
static AIOT_CORO(many_posts)
{
    AIOT_BEGIN();
    for (int i = 0; i < 70; i++) {
        aiot_post_init(&posts[i], task->loop, counts, NULL);
        aiot_post_raise(&posts[i]);
    }
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_EQUAL(calls, 70);
    CHECK(read(poller.poll.pipe[0], &(char){ 0 }, 1) < 0);      /* the wake-up is empty: the loop can sleep */
    CHECK_END();
}
struct a_wake_up_that_fails { AIOT_FRAME; int times; };
static AIOT_CORO(a_wake_up_that_fails)
{
    AIOT_BEGIN();
    for (self->times = 1; self->times <= 3; self->times++) {
        calls = 0;
        fail("write", 1, self->times, EINTR);
        errno = ERANGE;
        aiot_post_raise(&posts[0]);
        CHECK_EQUAL(errno, ERANGE);             /* the program's, kept */
        CHECK_EQUAL(faults[0].times, 0);
        CHECK_EQUAL(read(poller.poll.pipe[0], &(char){ 0 }, 1), self->times < 3 ? 1 : -1);
        AIOT_YIELD();
        AIOT_YIELD();
        CHECK_EQUAL(calls, 1);                  /* at the latest in the next turn */
    }
    fail("write", 1, 1, EAGAIN);                /* the pipe is full, and wakes the loop: no second try */
    aiot_post_raise(&posts[0]);
    CHECK_EQUAL(read(poller.poll.pipe[0], &(char){ 0 }, 1), -1);
    CHECK_END();
}

/* ---- Closing. */
struct a_close_that_fails { AIOT_FRAME; struct link link; };
static AIOT_CORO(a_close_that_fails)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    fail("close", 1, 1, EIO);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), EIO);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), AIOT_EBADF);   /* it is closed */
    (void)close(self->link.there);
    connect_both(&self->link);
    fail("close", 1, 1, EINTR);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    (void)close(self->link.there);
    CHECK_END();
}

/* What is watched when the poller is closed is watched again by the next one. */
static struct link kept;
struct waits_for_kept { AIOT_FRAME; };
static AIOT_CORO(waits_for_kept)
{
    AIOT_BEGIN();
    send_here(&kept);
    AIOT_READABLE(&kept.here);
    CHECK_EQUAL(take(&kept.here), 'x');
    CHECK_END();
}

#define RUN_REAL(fn) \
    do { \
        static struct fn frame; \
        CHECK_EQUAL(aiot_run(&loop, fn, &frame), AIOT_OK); \
        CHECK(check_end == &frame); \
        CHECK_EQUAL(faults[0].times + faults[1].times, 0); \
        CHECK_EQUAL(complaints, 0); \
        CHECK_EQUAL(loop.watched, 1);           /* the wake-up */ \
    } while (0)

int main(void)
{
    an_open_that_fails_leaves_nothing_open();
    aiot_loop_init(&loop);
    no_room_at_all();
    no_callback_for_what_is_not_open();
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    RUN_REAL(a_wait_that_the_kernel_refuses);
    RUN_REAL(closed_by_others);
    RUN_REAL(closed_and_opened_anew);
#if AIOT_I_POLLER == AIOT_I_POLL
#if AIOT_I_TELLS
    RUN_REAL(a_callback_whose_descriptor_is_closed);
#endif
    RUN_REAL(a_look_that_is_refused);
#else
    RUN_REAL(the_kernels_descriptor_is_closed);
#endif
#if AIOT_I_POLLER == AIOT_I_KQUEUE
    RUN_REAL(a_device_with_one_way);
    RUN_REAL(what_kqueue_refuses);
    RUN_REAL(both_ways_for_nobody);
#endif
#if AIOT_I_POLLER == AIOT_I_EPOLL
    RUN_REAL(the_kernels_descriptor_is_another);
#endif
    RUN_REAL(many_posts);
    RUN_REAL(a_wake_up_that_fails);
    RUN_REAL(a_close_that_fails);

    connect_both(&kept);
    RUN_REAL(waits_for_kept);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    RUN_REAL(waits_for_kept);
    CHECK_EQUAL(aiot_fd_close(&kept.here), 0);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    return 0;
}
