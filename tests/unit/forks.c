/* forks.c - fork() with a loop that other threads wake: aiot_poll_after_fork() in the child.  Each process forks before it starts a thread,
 * and each child ends with _exit(): 0 if its checks were good.  forks_2.c: with poll(2). */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
static pthread_mutex_t critical = PTHREAD_MUTEX_INITIALIZER;
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = pthread_mutex_lock(&critical))
#define AIOT_CRITICAL_LEAVE(state) ((void)(state), (void)pthread_mutex_unlock(&critical))
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include "check.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static aiot_loop loop;
static AIOT_POLL_SET(4) poller;
static struct timespec const a_moment = {0, 5000000};

static void start(void)
{
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
}

static pid_t fork_here(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    return child;
}
static void expect_good_end(pid_t child)
{
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
static int flags_of(int end, int which) { return fcntl(poller.poll.pipe[end], which); }
static bool was_raised(void) { struct pollfd in = { .fd = poller.poll.pipe[0], .events = POLLIN }; return poll(&in, 1, 0) == 1; }

/* Sleeps until a thread wakes it, 30 times.  A wake-up that is lost ends it with AIOT_ETIMEDOUT. */
static aiot_signal raised, other;
static void *raise_later(void *unused) { (void)unused; (void)nanosleep(&a_moment, NULL); aiot_signal_raise(&raised); return NULL; }
struct is_woken { AIOT_FRAME; int times; pthread_t thread; aiot_timeout limit; };
static AIOT_CORO(is_woken)
{
    AIOT_BEGIN();
    aiot_signal_init(&raised, task->loop);
    for (self->times = 0; self->times < 30; self->times++) {
        CHECK_EQUAL(pthread_create(&self->thread, NULL, raise_later, NULL), 0);
        AIOT_TIMEOUT(&self->limit, AIOT_S(60)) { AIOT_SIGNAL_WAIT(&raised); }
        (void)pthread_join(self->thread, NULL);
    }
    AIOT_END();
}
static struct is_woken frame;

static void parent_and_child_are_each_woken_by_their_own_threads(void)
{
    start();
    pid_t child = fork_here();
    if (child == 0) {
        CHECK_EQUAL(aiot_poll_after_fork(&loop), 0);
        for (int end = 0; end < 2; end++) CHECK((flags_of(end, F_GETFD) & FD_CLOEXEC) && (flags_of(end, F_GETFL) & O_NONBLOCK));
    }
    CHECK_EQUAL(aiot_run(&loop, is_woken, &frame), AIOT_OK);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    if (child == 0) _exit(0);
    expect_good_end(child);
}

/* Neither hears what the other raises. */
static void the_pipe_of_the_child_is_another(void)
{
    start();
    aiot_signal_init(&raised, &loop);
    pid_t child = fork_here();
    if (child == 0) {
        CHECK_EQUAL(aiot_poll_after_fork(&loop), 0);
        aiot_signal_raise(&raised);
        CHECK(was_raised());
        _exit(0);
    }
    expect_good_end(child);
    CHECK(!was_raised());
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}

/* A task of the copied loop goes on waiting for its descriptor.  The child forks off inside a task; its byte comes first. */
struct reads { AIOT_FRAME; aiot_fd *fd; char byte; };
static AIOT_CORO(reads)
{
    AIOT_BEGIN();
    AIOT_READABLE(self->fd);
    CHECK_EQUAL(read(self->fd->fd, &self->byte, 1), 1);
    AIOT_END();
}
struct forks_inside { AIOT_FRAME; int ends[2]; aiot_fd fds[2]; struct reads r, other; aiot_task t, u; pid_t child; struct is_woken woken; };
static AIOT_CORO(forks_inside)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pipe(self->ends), 0);
    for (int end = 0; end < 2; end++) CHECK_EQUAL(aiot_fd_open(&self->fds[end], task->loop, self->ends[end]), 0);
    AIOT_SPAWN(&self->u, reads, &self->other, .fd = &self->fds[1]);     /* never readable */
    AIOT_SPAWN(&self->t, reads, &self->r, .fd = &self->fds[0]);
    AIOT_SLEEP(AIOT_MS(1));
    aiot_cancel(&self->u);                      /* what waits changes its place, before the fork and behind it */
    AIOT_SLEEP(AIOT_MS(1));
    self->child = fork_here();
    if (self->child == 0) CHECK_EQUAL(aiot_poll_after_fork(&loop), 0);
    else expect_good_end(self->child);
    CHECK(!aiot_done(&self->t));
    AIOT_AWAIT(is_woken, &self->woken);
    CHECK(!aiot_done(&self->t));
    CHECK_EQUAL(write(self->ends[1], self->child == 0 ? "c" : "p", 1), 1);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->r.byte, self->child == 0 ? 'c' : 'p');
    CHECK_EQUAL(loop.watched, 1);
    for (int end = 0; end < 2; end++) CHECK_EQUAL(aiot_fd_close(&self->fds[end]), 0);
    CHECK_END();
}

static void descriptors_are_waited_for_on_both_sides(void)
{
    static struct forks_inside inside;
    start();
    CHECK_EQUAL(aiot_run(&loop, forks_inside, &inside), AIOT_OK);
    CHECK(check_end == &inside);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    if (inside.child == 0) _exit(0);
}

/* Without a poller there is nothing to replace. */
struct sleeps { AIOT_FRAME; };
static AIOT_CORO(sleeps) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_MS(1)); AIOT_END(); }
static void a_child_without_a_poller_has_nothing_to_do(void)
{
    static struct sleeps one;
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_after_fork(&loop), 0);
    CHECK_EQUAL(aiot_poll_close(&loop), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run(&loop, sleeps, &one), AIOT_OK);
}

/* It needs no more descriptors than were open; and where the system refuses, it may be called again. */
static void a_child_that_has_no_descriptor_left(void)
{
    start();
    pid_t child = fork_here();
    if (child == 0) {
        struct rlimit most = { 32, 32 }, none = { 0, 32 };
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &most), 0);
        while (dup(0) >= 0) { }
        CHECK_EQUAL(errno, EMFILE);
        CHECK_EQUAL(aiot_poll_after_fork(&loop), 0);
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &none), 0);
        CHECK_EQUAL(aiot_poll_after_fork(&loop), EMFILE);
        aiot_signal_init(&other, &loop);
        aiot_signal_raise(&other);              /* writes nothing, anywhere */
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &most), 0);
        CHECK_EQUAL(aiot_poll_after_fork(&loop), 0);
        CHECK_EQUAL(aiot_run(&loop, is_woken, &frame), AIOT_OK);
        _exit(0);
    }
    expect_good_end(child);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}

/* A child that closes descriptors of the loop's, or all, as daemons do, is woken all the same. It does not look at a closed one in each turn,
 * and opens no more than it had. epoll(7) and kqueue(2) do not tell if both ends of the pipe are closed, and nothing else; nor kqueue(2) of the
 * reading end. */
enum { READING = 1, WRITING = 2, ALL = 4 };
static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 64; fd++) count += fcntl(fd, F_GETFD) != -1;
    return count;
}
static void close_in_child(unsigned which)
{
    pid_t child = fork_here();
    if (child == 0) {
        start();                                /* its own: no other process has an end of it */
        int before = open_descriptors();
        if (which & READING) (void)close(poller.poll.pipe[0]);
        if (which & WRITING) (void)close(poller.poll.pipe[1]);
        for (int fd = 3; fd < 64 && which == ALL; fd++) (void)close(fd);
        CHECK_EQUAL(aiot_run(&loop, is_woken, &frame), AIOT_OK);
        CHECK(clock() < 5 * CLOCKS_PER_SEC);    /* of CPU time */
        bool all = which == ALL && AIOT_I_POLLER != AIOT_I_POLL;
        CHECK(!AIOT_DEBUG || strstr(check_complaint, all ? "the loop's descriptors were closed" : "the loop's wake-up was closed"));
        CHECK(open_descriptors() <= before + 1);                /* one end may have been closed by others, and is not closed then */
        _exit(0);
    }
    expect_good_end(child);
}
static void what_was_closed_is_opened_anew(void)
{
    close_in_child(WRITING);
    close_in_child(ALL);
    if (AIOT_I_POLLER != AIOT_I_KQUEUE) close_in_child(READING);
    if (AIOT_I_POLLER == AIOT_I_POLL) close_in_child(READING | WRITING);
}

/* Where no new wake-up can be opened, the loop forgets the old one: it does not close later what has its numbers then. */
static void a_wake_up_that_is_lost_is_not_closed_twice(void)
{
    pid_t child = fork_here();
    if (child == 0) {
        start();
        struct rlimit before, few;
        CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
        few = before;
        few.rlim_cur = 1;                       /* enough for poll(2), and too few for pipe(2) */
        int in = poller.poll.pipe[0], out = poller.poll.pipe[1];
        (void)close(out);
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &few), 0);
        (void)aiot_run_once(&loop);
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
        CHECK_EQUAL(dup2(0, in), in);           /* others have these numbers now */
        CHECK_EQUAL(dup2(0, out), out);
        CHECK_EQUAL(aiot_poll_close(&loop), 0);
        CHECK(fcntl(in, F_GETFD) != -1 && fcntl(out, F_GETFD) != -1);
        _exit(0);
    }
    expect_good_end(child);
}

/* In a daemon without stdin, the kernel's descriptor may be 0. */
static void the_poller_may_be_descriptor_0(void)
{
    pid_t child = fork_here();
    if (child == 0) {
        (void)close(0);
        errno = EIO;                            /* of an earlier call */
        start();
        CHECK_EQUAL(aiot_run(&loop, is_woken, &frame), AIOT_OK);
        CHECK_EQUAL(aiot_poll_close(&loop), 0);
        CHECK_EQUAL(fcntl(0, F_GETFD), -1);
        _exit(0);
    }
    expect_good_end(child);
}

int main(void)
{
    parent_and_child_are_each_woken_by_their_own_threads();
    the_pipe_of_the_child_is_another();
    descriptors_are_waited_for_on_both_sides();
    a_child_without_a_poller_has_nothing_to_do();
    a_child_that_has_no_descriptor_left();
    what_was_closed_is_opened_anew();
    the_poller_may_be_descriptor_0();
    if (AIOT_I_POLLER != AIOT_I_KQUEUE) a_wake_up_that_is_lost_is_not_closed_twice();
    return 0;
}
