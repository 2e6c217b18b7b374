/* forks.c - fork() with a loop that other threads wake: aiot_poll_after_fork() in the child.  Each process forks before it starts a thread,
 * and each child ends with _exit(): 0 if its checks were good. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
static pthread_mutex_t critical = PTHREAD_MUTEX_INITIALIZER;
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = pthread_mutex_lock(&critical))
#define AIOT_CRITICAL_LEAVE(state) ((void)(state), (void)pthread_mutex_unlock(&critical))
#include <poll.h>
static unsigned polled;
static int counting_poll(struct pollfd *fds, nfds_t count, int limit_ms) { polled++; return poll(fds, count, limit_ms); }
#define poll counting_poll
#define AIOT_POLL 1
#include "check.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static aiot_loop loop;
static struct pollfd fds[4];
static aiot_io *owners[4];
static aiot_poll backend;
static struct timespec const a_moment = {0, 5000000};

static void start(bool wakes)
{
    aiot_loop_init(&loop);
    aiot_poll_init(&backend, &loop, fds, owners, 4);
    if (wakes) CHECK_EQUAL(aiot_poll_open_wakeup(&backend), 0);
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
static int flags_of(int end, int which) { return fcntl(backend.pipe[end], which); }

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
    start(true);
    pid_t child = fork_here();
    if (child == 0) {
        CHECK_EQUAL(aiot_poll_after_fork(&backend), 0);
        for (int end = 0; end < 2; end++) CHECK((flags_of(end, F_GETFD) & FD_CLOEXEC) && (flags_of(end, F_GETFL) & O_NONBLOCK));
    }
    CHECK_EQUAL(aiot_run(&loop, is_woken, &frame), AIOT_OK);
    CHECK_EQUAL(aiot_poll_close_wakeup(&backend), 0);
    if (child == 0) _exit(0);
    expect_good_end(child);
}

/* Neither hears what the other raises. */
static void the_pipe_of_the_child_is_another(void)
{
    start(true);
    aiot_signal_init(&raised, &loop);
    pid_t child = fork_here();
    if (child == 0) {
        CHECK_EQUAL(aiot_poll_after_fork(&backend), 0);
        aiot_signal_raise(&raised);
        CHECK_EQUAL(poll(fds, 1, 0), 1);
        _exit(0);
    }
    expect_good_end(child);
    CHECK_EQUAL(poll(fds, 1, 0), 0);
    CHECK_EQUAL(aiot_poll_close_wakeup(&backend), 0);
}

/* A task of the copied loop goes on waiting for its descriptor.  The child forks off inside a task; its byte comes first. */
struct reads { AIOT_FRAME; int fd; char byte; aiot_io io; };
static AIOT_CORO(reads)
{
    AIOT_BEGIN();
    AIOT_READABLE(&self->io, self->fd);
    CHECK_EQUAL(read(self->fd, &self->byte, 1), 1);
    AIOT_END();
}
struct forks_inside { AIOT_FRAME; int ends[2]; struct reads r, other; aiot_task t, u; pid_t child; struct is_woken woken; };
static AIOT_CORO(forks_inside)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pipe(self->ends), 0);
    AIOT_SPAWN(&self->u, reads, &self->other, .fd = self->ends[1]);     /* never readable */
    AIOT_SPAWN(&self->t, reads, &self->r, .fd = self->ends[0]);
    AIOT_SLEEP(AIOT_MS(1));
    aiot_cancel(&self->u);                      /* what waits changes its place, before the fork and behind it */
    AIOT_SLEEP(AIOT_MS(1));
    self->child = fork_here();
    if (self->child == 0) CHECK_EQUAL(aiot_poll_after_fork(&backend), 0);
    else expect_good_end(self->child);
    CHECK(!aiot_done(&self->t));
    AIOT_AWAIT(is_woken, &self->woken);
    CHECK(!aiot_done(&self->t));
    CHECK_EQUAL(write(self->ends[1], self->child == 0 ? "c" : "p", 1), 1);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->r.byte, self->child == 0 ? 'c' : 'p');
    CHECK_EQUAL(backend.count, 1);
    for (int end = 0; end < 2; end++) (void)close(self->ends[end]);
    CHECK_END();
}

static void descriptors_are_waited_for_on_both_sides(void)
{
    static struct forks_inside inside;
    start(true);
    CHECK_EQUAL(aiot_run(&loop, forks_inside, &inside), AIOT_OK);
    CHECK(check_end == &inside);
    CHECK_EQUAL(aiot_poll_close_wakeup(&backend), 0);
    if (inside.child == 0) _exit(0);
}

/* Without a pipe there is nothing to replace. */
struct sleeps { AIOT_FRAME; };
static AIOT_CORO(sleeps) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_MS(1)); AIOT_END(); }
static void a_child_without_wakeup_has_nothing_to_do(void)
{
    static struct sleeps one;
    start(false);
    CHECK_EQUAL(aiot_poll_after_fork(&backend), 0);
    CHECK_EQUAL(aiot_poll_close_wakeup(&backend), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_run(&loop, sleeps, &one), AIOT_OK);
}

/* It needs no more descriptors than were open; and where the system refuses, it may be called again. */
static void a_child_that_has_no_descriptor_left(void)
{
    start(true);
    pid_t child = fork_here();
    if (child == 0) {
        struct rlimit most = { 32, 32 }, none = { 0, 32 };
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &most), 0);
        while (dup(0) >= 0) { }
        CHECK_EQUAL(errno, EMFILE);
        CHECK_EQUAL(aiot_poll_after_fork(&backend), 0);
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &none), 0);
        CHECK_EQUAL(aiot_poll_after_fork(&backend), EMFILE);
        aiot_signal_init(&other, &loop);
        aiot_signal_raise(&other);              /* writes nothing, anywhere */
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &most), 0);
        CHECK_EQUAL(aiot_poll_after_fork(&backend), 0);
        CHECK_EQUAL(aiot_run(&loop, is_woken, &frame), AIOT_OK);
        _exit(0);
    }
    expect_good_end(child);
    CHECK_EQUAL(aiot_poll_close_wakeup(&backend), 0);
}

/* A child that closes all descriptors, as daemons do, is woken all the same, and does not look at a closed one in each turn. */
static void a_pipe_that_was_closed_is_opened_anew(void)
{
    for (int ends = 1; ends <= 2; ends++) {
        start(true);
        pid_t child = fork_here();
        if (child == 0) {
            for (int end = 0; end < ends; end++) (void)close(backend.pipe[end]);
            polled = 0;
            CHECK_EQUAL(aiot_run(&loop, is_woken, &frame), AIOT_OK);
            CHECK(polled < 1000);
            _exit(0);
        }
        expect_good_end(child);
        CHECK_EQUAL(aiot_poll_close_wakeup(&backend), 0);
    }
}

int main(void)
{
    parent_and_child_are_each_woken_by_their_own_threads();
    the_pipe_of_the_child_is_another();
    descriptors_are_waited_for_on_both_sides();
    a_child_without_wakeup_has_nothing_to_do();
    a_child_that_has_no_descriptor_left();
    a_pipe_that_was_closed_is_opened_anew();
    return 0;
}
