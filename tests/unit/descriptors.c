/* descriptors.c - the rules of aiot_fd: how long the kernel watches it, what closing does, both ways at once, what is ready when, callbacks.
 * By what the system has, epoll(7) or kqueue(2); descriptors_2.c: by poll(2). */
#define _POSIX_C_SOURCE 200809L
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <poll.h>
#include <time.h>
static int changes, looks;                      /* system calls that change what epoll(7) watches; that look what is ready, with all three */
#if defined __linux__ && defined __GNUC__ && AIOT_POLL == 1 && !defined AIOT_I_POLLER
#include <sys/epoll.h>
static int counting_ctl(int poller, int operation, int fd, struct epoll_event *event)
{
    changes++;
    return epoll_ctl(poller, operation, fd, event);
}
static int counting_wait(int poller, struct epoll_event *events, int capacity, int limit_ms)
{
    looks++;
    return epoll_wait(poller, events, capacity, limit_ms);
}
static int counting_wait2(int poller, struct epoll_event *events, int capacity, const struct timespec *limit, const void *mask)
{
    (void)mask;
    return counting_wait(poller, events, capacity, limit ? (int)(limit->tv_sec * 1000 + limit->tv_nsec / 1000000 + 1) : -1);
}
#define epoll_ctl counting_ctl
#define epoll_wait counting_wait
#define epoll_pwait2 counting_wait2
#endif
static int counting_poll(struct pollfd *fds, nfds_t count, int limit_ms) { looks++; return poll(fds, count, limit_ms); }
static int counting_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit, const void *mask)
{
    (void)mask;
    return counting_poll(fds, count, limit ? (int)(limit->tv_sec * 1000 + limit->tv_nsec / 1000000 + 1) : -1);
}
#define poll counting_poll
#define ppoll counting_ppoll
#include "check.h"
#include "links.h"
#define CHECK_CHANGES(n) (CHECK_EQUAL(changes, AIOT_I_POLLER == AIOT_I_EPOLL ? (n) : changes), (void)(changes = 0))

static void fill(int fd) { char bytes[4096] = { 0 }; while (write(fd, bytes, sizeof bytes) > 0) { } }
static void empty(int fd) { char bytes[4096]; while (read(fd, bytes, sizeof bytes) > 0) { } }

struct waits { AIOT_FRAME; aiot_fd *fd; bool writes; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    AIOT_TRY {
        if (self->writes) AIOT_WRITABLE(self->fd);
        else AIOT_READABLE(self->fd);
        say("%s ", self->writes ? "writable" : "readable");
    } AIOT_EXCEPT(AIOT_EBADF) {
        say("closed ");
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        say("cancelled ");
    }
    AIOT_END();
}

/* ---- How long the kernel watches. */
struct an_unchanged_interest_costs_no_system_call { AIOT_FRAME; struct link link; int i; };
static AIOT_CORO(an_unchanged_interest_costs_no_system_call)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    changes = 0;
    for (self->i = 0; self->i < 10; self->i++) {
        send_here(&self->link);
        AIOT_READABLE(&self->link.here);
        CHECK_EQUAL(take(&self->link.here), 'x');
    }
    CHECK_CHANGES(1);                           /* the first wait */
    close_both(&self->link);
    CHECK_CHANGES(1);
    CHECK_END();
}

/* What is ready while nobody waits for it is told once: then the kernel is told to watch less, and the loop sleeps. */
struct what_nobody_waits_for_does_not_spin { AIOT_FRAME; struct link link, other; struct waits r; aiot_task t; };
static AIOT_CORO(what_nobody_waits_for_does_not_spin)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    connect_both(&self->other);
    AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->other.here);
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    AIOT_YIELD();                               /* this turn's look, or one before, tells of the byte again */
    changes = looks = 0;
    AIOT_SLEEP(AIOT_MS(20));
    CHECK(looks <= 3);                          /* a loop that spins looks some thousand times */
    AIOT_READABLE(&self->link.here);
    CHECK_CHANGES(1);                           /* it is watched again */
    close_both(&self->link);
    close_both(&self->other);
    AIOT_JOIN(&self->t);
    CHECK_SAID("closed ");
    CHECK_END();
}

/* With nothing waited for there is no look at all. */
struct nothing_waited_for_nothing_looked_at { AIOT_FRAME; struct link link; };
static AIOT_CORO(nothing_waited_for_nothing_looked_at)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    looks = 0;
    AIOT_SLEEP(AIOT_MS(1));
    AIOT_YIELD();
    CHECK_EQUAL(looks, 0);
    close_both(&self->link);
    CHECK_END();
}

/* ---- Both ways at once. */
struct two_tasks_wait_for_the_two_ways { AIOT_FRAME; struct link link; struct waits r, w; aiot_task t, u; };
static AIOT_CORO(two_tasks_wait_for_the_two_ways)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    fill(self->link.here.fd);
    AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->link.here);
    AIOT_SPAWN(&self->u, waits, &self->w, .fd = &self->link.here, .writes = true);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("");
    send_here(&self->link);
    AIOT_JOIN(&self->t);
    CHECK_SAID("readable ");
    AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->link.here);
    (void)take(&self->link.here);
    empty(self->link.there);
    AIOT_JOIN(&self->u);
    CHECK_SAID("writable ");
    close(self->link.there);                    /* an end is both */
    self->link.there = -1;
    AIOT_SPAWN(&self->u, waits, &self->w, .fd = &self->link.here, .writes = true);
    AIOT_JOIN(&self->t);
    AIOT_JOIN(&self->u);
    CHECK_SAID("readable writable ");
    close_both(&self->link);
    CHECK_END();
}

/* The kernel goes on watching a way for which nobody waits just now, until it tells of that way. */
static int takes_one(void *f) { CHECK_EQUAL(take((aiot_fd *)f), 'x'); say("taken "); CHECK(aiot_remove_reader((aiot_fd *)f)); return 0; }
struct a_way_that_is_not_told_stays_watched { AIOT_FRAME; struct link link; struct waits w; aiot_task u; };
static AIOT_CORO(a_way_that_is_not_told_stays_watched)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    fill(self->link.here.fd);
    changes = 0;
    CHECK_EQUAL(aiot_add_reader(&self->link.here, takes_one, &self->link.here), 0);
    AIOT_SPAWN(&self->u, waits, &self->w, .fd = &self->link.here, .writes = true);
    AIOT_YIELD();
    CHECK_CHANGES(2);
    send_here(&self->link);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("taken ");
    empty(self->link.there);
    AIOT_JOIN(&self->u);
    CHECK_SAID("writable ");
    CHECK_CHANGES(0);                           /* nobody reads, and there is nothing to read */
    close_both(&self->link);
    CHECK_END();
}

/* ---- Closing. A cancel, an event and a close in adjacent turns. */
struct both_waiters_are_told { AIOT_FRAME; struct link link; struct waits r, w; aiot_task t, u; };
static AIOT_CORO(both_waiters_are_told)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    fill(self->link.here.fd);
    AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->link.here);
    AIOT_SPAWN(&self->u, waits, &self->w, .fd = &self->link.here, .writes = true);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_fd_close(&self->link.here), 0);
    CHECK_EQUAL(aiot_fd_close(&self->link.here), AIOT_EBADF);
    CHECK_EQUAL(loop.watched, 0);
    CHECK_SAID("");
    AIOT_YIELD();                               /* both run in the next turn */
    CHECK_SAID("closed closed ");
    close_both(&self->link);
    CHECK_END();
}

/* A byte comes; so many turns later the descriptor is closed; its waiter is cancelled just before or after that. */
static const struct closing_case { int turns; bool cancels_before, cancels_after; const char *said; } CLOSINGS[] = {
    { 0, false, false, "closed " },
    { 1, false, false, "closed " },             /* it is ready, and its call has not run */
    { 2, false, false, "closed " },             /* its task has not run: it must not read a number that may be another's by then */
    { 3, false, false, "readable " },
    { 0, true, false, "cancelled " }, { 0, false, true, "cancelled " },         /* a cancel is delivered in any case */
    { 1, true, false, "cancelled " }, { 1, false, true, "cancelled " },
    { 2, true, false, "cancelled " }, { 2, false, true, "cancelled " },
};
enum { CLOSING_CASES = sizeof CLOSINGS / sizeof CLOSINGS[0] };
struct closed_at_each_turn { AIOT_FRAME; struct link link; struct waits r; aiot_task t; int i, turn; };
static AIOT_CORO(closed_at_each_turn)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < CLOSING_CASES; self->i++) {
        connect_both(&self->link);
        AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->link.here);
        AIOT_YIELD();
        send_here(&self->link);
        for (self->turn = 0; self->turn < CLOSINGS[self->i].turns; self->turn++) AIOT_YIELD();
        if (CLOSINGS[self->i].cancels_before) aiot_cancel(&self->t);
        close_both(&self->link);
        if (CLOSINGS[self->i].cancels_after) aiot_cancel(&self->t);
        AIOT_YIELD();
        CHECK(aiot_done(&self->t));
        CHECK_SAID(CLOSINGS[self->i].said);
    }
    CHECK_END();
}

/* The number of a closed descriptor may be used at once, by the same object or by another. */
struct a_number_used_again_is_a_new_descriptor { AIOT_FRAME; struct link link, other; struct waits r, w; aiot_task t, u; int number; };
static AIOT_CORO(a_number_used_again_is_a_new_descriptor)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    self->number = self->link.here.fd;
    AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->link.here);
    AIOT_YIELD();
    close_both(&self->link);
    connect_both(&self->other);
    CHECK_EQUAL(self->other.here.fd, self->number);
    AIOT_SPAWN(&self->u, waits, &self->w, .fd = &self->other.here);
    AIOT_YIELD();
    CHECK_SAID("closed ");
    send_here(&self->other);
    AIOT_JOIN(&self->u);
    CHECK_SAID("readable ");
    close_both(&self->other);

    connect_both(&self->link);                  /* the same object; the first waiter has not run yet */
    AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->link.here);
    AIOT_YIELD();
    close_both(&self->link);
    connect_both(&self->link);
    AIOT_SPAWN(&self->u, waits, &self->w, .fd = &self->link.here, .writes = true);
    AIOT_JOIN(&self->u);
    CHECK_SAID("closed writable ");
    close_both(&self->link);
    CHECK_END();
}

/* A library closes its descriptor itself, and its program says so before. */
struct detached { AIOT_FRAME; struct link link; struct waits r; aiot_task t; int fd; };
static AIOT_CORO(detached)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->link.here);
    AIOT_YIELD();
    self->fd = aiot_fd_detach(&self->link.here);
    CHECK_EQUAL(aiot_fd_detach(&self->link.here), -1);
    AIOT_JOIN(&self->t);
    CHECK_SAID("closed ");
    CHECK_EQUAL(write(self->fd, "x", 1), 1);    /* it is open */
    CHECK_EQUAL(aiot_fd_open(&self->link.here, &loop, self->fd), 0);
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    close_both(&self->link);
    CHECK_END();
}

/* 0 is a descriptor as any other. */
struct descriptor_0 { AIOT_FRAME; aiot_fd in; };
static AIOT_CORO(descriptor_0)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_fd_open(&self->in, &loop, 0), 0);
    CHECK_EQUAL(aiot_fd_open(&self->in, &loop, 0), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_fd_detach(&self->in), 0);
    CHECK_EQUAL(aiot_fd_detach(&self->in), -1);
    CHECK_COMPLAINED(1);
    CHECK_END();
}

/* Others put another socket in the place of one that is watched: the next wait watches the new one. */
struct another_socket_of_the_same_number { AIOT_FRAME; struct link link, other, third; };
static AIOT_CORO(another_socket_of_the_same_number)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    connect_both(&self->other);
    connect_both(&self->third);
    send_here(&self->link);
    AIOT_READABLE(&self->link.here);
    CHECK_EQUAL(dup2(self->third.here.fd, self->link.here.fd), self->link.here.fd);
    close_both(&self->third);
    AIOT_WRITABLE(&self->link.here);
    CHECK_EQUAL(close(self->link.here.fd), 0);
    AIOT_TRY { AIOT_READABLE(&self->link.here); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EBADF) { }
    CHECK_EQUAL(dup2(self->other.here.fd, self->link.here.fd), self->link.here.fd);
    AIOT_WRITABLE(&self->link.here);
    send_here(&self->other);
    AIOT_READABLE(&self->link.here);
    CHECK_EQUAL(take(&self->link.here), 'x');
    close_both(&self->link);
    close_both(&self->other);
    CHECK_END();
}

/* A close that fails says why, and the aiot_fd is free all the same. */
struct a_close_that_fails { AIOT_FRAME; aiot_fd f; };
static AIOT_CORO(a_close_that_fails)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_fd_open(&self->f, &loop, dup(0)), 0);
    CHECK_EQUAL(close(self->f.fd), 0);
    CHECK_EQUAL(aiot_fd_close(&self->f), EBADF);
    CHECK_EQUAL(aiot_fd_close(&self->f), AIOT_EBADF);
    CHECK_END();
}

/* ---- What is ready: the table in examples/asyncio/README.md. */
struct ready_in { AIOT_FRAME; aiot_fd *fd; bool readable, writable; aiot_timeout limit; };
static AIOT_CORO(ready_in)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_MS(2)) { AIOT_READABLE(self->fd); self->readable = true; } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_TIMEOUT(&self->limit, AIOT_MS(2)) { AIOT_WRITABLE(self->fd); self->writable = true; } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    say("%c%c ", self->readable ? 'r' : '-', self->writable ? 'w' : '-');
    AIOT_END();
}
#define IS_READY(as) do { AIOT_AWAIT(ready_in, &self->ready, .fd = self->fd); CHECK_SAID(as " "); } while (0)
struct what_is_ready { AIOT_FRAME; struct link link; aiot_fd ends[2], file, *fd; struct ready_in ready; };
static void open_pipe(aiot_fd ends[2])
{
    int numbers[2];
    CHECK_EQUAL(pipe(numbers), 0);
    for (int i = 0; i < 2; i++) CHECK_EQUAL(aiot_fd_open(&ends[i], &loop, numbers[i]), 0);
    CHECK(fcntl(numbers[1], F_SETFL, O_NONBLOCK) == 0);
}
static AIOT_CORO(what_is_ready)
{
    AIOT_BEGIN();
    self->fd = &self->link.here;
    connect_both(&self->link);
    IS_READY("-w");                             /* an idle socket */
    fill(self->fd->fd);
    IS_READY("--");                             /* the peer does not read */
    empty(self->link.there);
    CHECK_EQUAL(shutdown(self->link.there, SHUT_WR), 0);
    IS_READY("rw");                             /* the peer has ended its half */
    close(self->link.there);
    self->link.there = -1;
    IS_READY("rw");                             /* the peer has closed: read() gives 0, write() EPIPE */
    close_both(&self->link);

    self->fd = &self->ends[0];
    open_pipe(self->ends);
    IS_READY("--");
    CHECK_EQUAL(aiot_fd_close(&self->ends[1]), 0);
    AIOT_READABLE(self->fd);                    /* a pipe without a writer: end of file */
    CHECK_EQUAL(aiot_fd_close(self->fd), 0);
    self->fd = &self->ends[1];
    open_pipe(self->ends);
    fill(self->fd->fd);
    CHECK_EQUAL(aiot_fd_close(&self->ends[0]), 0);
    AIOT_WRITABLE(self->fd);                    /* a pipe without a reader: EPIPE */
    CHECK_EQUAL(aiot_fd_close(self->fd), 0);

    self->fd = &self->file;
    CHECK_EQUAL(aiot_fd_open(self->fd, &loop, open(__FILE__, O_RDONLY)), 0);
    IS_READY("rw");                             /* a regular file */
    CHECK(lseek(self->fd->fd, 0, SEEK_END) > 0);
    IS_READY("rw");                             /*   at its end, too */
    CHECK_EQUAL(aiot_fd_close(self->fd), 0);
    CHECK_EQUAL(aiot_fd_open(self->fd, &loop, open("/dev/null", O_RDWR)), 0);
    IS_READY("rw");
    CHECK_EQUAL(aiot_fd_close(self->fd), 0);
    CHECK_END();
}

/* ---- Callbacks: loop.add_reader(). */
static aiot_fd *watched;
static int reads(void *name) { say("%s:%c ", (const char *)name, take(watched)); return 0; }
static int is_told(void *name) { say("%s ", (const char *)name); return 0; }
static int removes_itself(void *name)
{
    say("%s ", (const char *)name);
    CHECK(aiot_remove_reader(watched));
    return 0;
}
static char a[] = "a", b[] = "b";

struct callbacks { AIOT_FRAME; struct link link; };
static AIOT_CORO(callbacks)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    watched = &self->link.here;
    CHECK(!aiot_remove_reader(watched));
    CHECK_EQUAL(aiot_add_reader(watched, NULL, a), AIOT_EINVAL);
    CHECK_EQUAL(aiot_add_reader(watched, reads, a), 0);
    CHECK_EQUAL(loop.watched, 1);
    send_here(&self->link);
    send_here(&self->link);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("a:x a:x ");                     /* once a turn while it is readable */

    CHECK_EQUAL(aiot_add_reader(watched, is_told, b), 0);       /* in place of the other */
    CHECK_EQUAL(loop.watched, 1);
    AIOT_TRY { AIOT_READABLE(watched); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_WRITABLE(watched);                     /* the other way is free */
    send_here(&self->link);
    AIOT_YIELD();                               /* its call is due in this turn */
    CHECK(aiot_remove_reader(watched));
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("");
    CHECK_EQUAL(loop.watched, 0);

    CHECK_EQUAL(aiot_add_reader(watched, removes_itself, b), 0);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("b ");
    CHECK_EQUAL(aiot_add_writer(watched, is_told, a), 0);
    AIOT_SLEEP(0);
    AIOT_SLEEP(0);
    CHECK_SAID("a ");
    CHECK_EQUAL(aiot_fd_close(watched), 0);     /* is enough */
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("");
    CHECK_EQUAL(aiot_add_writer(watched, is_told, a), AIOT_EBADF);
    CHECK(!aiot_remove_writer(watched));
    close_both(&self->link);
    CHECK_END();
}

#if AIOT_I_TELLS
static int fails(void *unused) { (void)unused; (void)take(watched); return 77; }
static void note_report(aiot_loop *l, const aiot_report *report) { (void)l; say("%s %d ", aiot_reason_text(report->reason), report->error.code); }
struct a_callback_that_fails_is_reported_and_stays { AIOT_FRAME; struct link link; };
static AIOT_CORO(a_callback_that_fails_is_reported_and_stays)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    watched = &self->link.here;
    loop.on_error = note_report;
    CHECK_EQUAL(aiot_add_reader(watched, fails, NULL), 0);
    send_here(&self->link);
    AIOT_SLEEP(AIOT_MS(1));
    send_here(&self->link);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("a callback returned an error 77 a callback returned an error 77 ");
    close_both(&self->link);
    CHECK_END();
}
#endif

/* A regular file is always ready: its callback runs in each turn, and not after it is removed. */
static int times;
static int counts(void *unused) { (void)unused; if (++times == 3) CHECK(aiot_remove_reader(watched)); return 0; }
struct a_callback_for_a_file { AIOT_FRAME; aiot_fd file; };
static AIOT_CORO(a_callback_for_a_file)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_fd_open(&self->file, &loop, open(__FILE__, O_RDONLY)), 0);
    watched = &self->file;
    CHECK_EQUAL(aiot_add_reader(watched, counts, NULL), 0);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_EQUAL(times, 3);
    CHECK_EQUAL(aiot_fd_close(watched), 0);
    CHECK_END();
}

#if AIOT_I_POLLER != AIOT_I_POLL
/* Another event loop watches ours: its descriptor is readable when one of ours is ready. */
static bool is_readable(int fd) { struct pollfd p = { .fd = fd, .events = POLLIN }; return poll(&p, 1, 0) == 1; }
struct one_descriptor_stands_for_all { AIOT_FRAME; struct link link; struct waits r; aiot_task t; };
static AIOT_CORO(one_descriptor_stands_for_all)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    AIOT_SPAWN(&self->t, waits, &self->r, .fd = &self->link.here);
    AIOT_YIELD();
    CHECK(!is_readable(aiot_poll_fd(&loop)));
    send_here(&self->link);
    CHECK(is_readable(aiot_poll_fd(&loop)));
    AIOT_JOIN(&self->t);
    CHECK_SAID("readable ");
    close_both(&self->link);
    CHECK_END();
}
#endif

#if AIOT_I_POLLER != AIOT_I_POLL
/* Bytes that nobody waits for do not keep it readable: the outer loop would spin. */
static void run_once_settles_what_nobody_waits_for(void)
{
    static struct link link;
    static struct waits r;
    static aiot_task t;
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    connect_both(&link);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, waits, &r, .fd = &link.here), 0);
    send_here(&link);
    for (int turn = 0; turn < 3; turn++) (void)aiot_run_once(&loop);
    CHECK_SAID("readable ");
    CHECK(is_readable(aiot_poll_fd(&loop)));
    (void)aiot_run_once(&loop);
    CHECK(!is_readable(aiot_poll_fd(&loop)));
    close_both(&link);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#endif

#if AIOT_I_POLLER == AIOT_I_EPOLL
/* If others have closed the kernel's descriptor, a new one is opened in the same look, with all that was watched. */
static void what_was_closed_is_opened_at_once(void)
{
    static struct link link;
    static struct waits r;
    static aiot_task t;
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    connect_both(&link);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, waits, &r, .fd = &link.here), 0);
    (void)aiot_run_once(&loop);
    send_here(&link);
    CHECK_EQUAL(close(aiot_poll_fd(&loop)), 0);
    looks = 0;
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(looks, 1);
    for (int turn = 0; turn < 3; turn++) (void)aiot_run_once(&loop);
    CHECK_SAID("readable ");
    CHECK_COMPLAINED(1);
    close_both(&link);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#endif

#define RUN_REAL(fn) \
    do { \
        static struct fn frame; \
        aiot_loop_init(&loop); \
        CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0); \
        CHECK_EQUAL(aiot_run(&loop, fn, &frame), AIOT_OK); \
        CHECK(check_end == &frame); \
        CHECK_EQUAL(loop.watched, 0); \
        CHECK_EQUAL(aiot_poll_close(&loop), 0); \
        changes = 0; \
    } while (0)

int main(void)
{
    CHECK(AIOT_DEBUG || sizeof(void *) != 8 || sizeof(aiot_fd) <= 128);
    RUN_REAL(an_unchanged_interest_costs_no_system_call);
    RUN_REAL(what_nobody_waits_for_does_not_spin);
    RUN_REAL(nothing_waited_for_nothing_looked_at);
    RUN_REAL(two_tasks_wait_for_the_two_ways);
    RUN_REAL(a_way_that_is_not_told_stays_watched);
    RUN_REAL(both_waiters_are_told);
    RUN_REAL(closed_at_each_turn);
    RUN_REAL(a_number_used_again_is_a_new_descriptor);
    RUN_REAL(detached);
    RUN_REAL(descriptor_0);
    RUN_REAL(another_socket_of_the_same_number);
    RUN_REAL(a_close_that_fails);
    RUN_REAL(what_is_ready);
    RUN_REAL(callbacks);
#if AIOT_I_TELLS
    RUN_REAL(a_callback_that_fails_is_reported_and_stays);
#endif
    RUN_REAL(a_callback_for_a_file);
#if AIOT_I_POLLER == AIOT_I_EPOLL
    what_was_closed_is_opened_at_once();
#endif
#if AIOT_I_POLLER != AIOT_I_POLL
    RUN_REAL(one_descriptor_stands_for_all);
    run_once_settles_what_nobody_waits_for();
#endif
    return 0;
}
