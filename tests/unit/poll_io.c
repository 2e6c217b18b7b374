/* poll_io.c - waiting for file descriptors, with pipes: by what the system has, epoll(7) or kqueue(2); poll_io_2.c: by poll(2). */
#define _POSIX_C_SOURCE 200809L
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include "check.h"
#include <sys/resource.h>
#include <unistd.h>

static aiot_loop loop;
static AIOT_POLL_SET(4) poller;

static void start(void)
{
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
}

/* Each test closes its aiot_fds. */
static void check_nothing_is_watched(void)
{
    CHECK_EQUAL(loop.watched, 0);
#if AIOT_I_POLLER == AIOT_I_POLL
    CHECK_EQUAL(poller.poll.count, 0);
#else
    CHECK(aiot_i_list_empty(&poller.poll.armed));
#endif
    CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
}

/* A pipe whose ends are aiot_fds. */
struct ends { aiot_fd in, out; };
static void open_ends(struct ends *e)
{
    int numbers[2];
    CHECK_EQUAL(pipe(numbers), 0);
    CHECK_EQUAL(aiot_fd_open(&e->in, &loop, numbers[0]), 0);
    CHECK_EQUAL(aiot_fd_open(&e->out, &loop, numbers[1]), 0);
}
static void close_ends(struct ends *e)
{
    CHECK_EQUAL(aiot_fd_close(&e->in), 0);
    CHECK_EQUAL(aiot_fd_close(&e->out), 0);
}
static void put(const struct ends *e, char c) { CHECK_EQUAL(write(e->out.fd, &c, 1), 1); }
static char take(const aiot_fd *f) { char c = 0; return read(f->fd, &c, 1) == 1 ? c : '-'; }

/* Reads `n` bytes, waiting for each. */
struct reader { AIOT_FRAME; aiot_fd *fd; int n; const char *name; };
static AIOT_CORO(reader)
{
    AIOT_BEGIN();
    for (; self->n > 0; self->n--) {
        AIOT_READABLE(self->fd);
        say("%s%c ", self->name, take(self->fd));
    }
    AIOT_END();
}

/* Writes a text, one byte a millisecond. */
struct writer { AIOT_FRAME; struct ends *ends; const char *text; };
static AIOT_CORO(writer)
{
    AIOT_BEGIN();
    for (; *self->text; self->text++) {
        AIOT_WRITABLE(&self->ends->out);
        put(self->ends, *self->text);
        AIOT_SLEEP(AIOT_MS(1));
    }
    AIOT_END();
}

struct readable_and_writable { AIOT_FRAME; struct ends ends; struct reader r; struct writer w; aiot_task t, u; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(readable_and_writable)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = &self->ends.in, .n = 3, .name = "");
    AIOT_SPAWN(&self->u, writer, &self->w, .ends = &self->ends, .text = "abc");
    AIOT_GATHER(&self->all, &self->t, &self->u);
    CHECK_SAID("a b c ");
    CHECK_EQUAL(aiot_fd_close(&self->ends.out), 0);             /* end of file is readable: the read says so */
    AIOT_AWAIT(reader, &self->r, .fd = &self->ends.in, .n = 1, .name = "");
    CHECK_SAID("- ");
    CHECK_EQUAL(aiot_fd_close(&self->ends.in), 0);
    CHECK_END();
}

/* Three on three, that end in any order: each is found where it lies then. */
struct in_any_order { AIOT_FRAME; struct ends ends[3]; struct reader r[3]; aiot_task t[3]; int i, k; };
static AIOT_CORO(in_any_order)
{
    static const int ORDERS[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    static const char *const NAMES[3] = { "a", "b", "c" };
    AIOT_BEGIN();
    for (int k = 0; k < 3; k++) open_ends(&self->ends[k]);
    for (self->i = 0; self->i < 6; self->i++) {
        for (int k = 0; k < 3; k++) AIOT_SPAWN(&self->t[k], reader, &self->r[k], .fd = &self->ends[k].in, .n = 1, .name = NAMES[k]);
        AIOT_YIELD();
        for (self->k = 0; self->k < 3; self->k++) {
            put(&self->ends[ORDERS[self->i][self->k]], (char)('1' + self->k));
            AIOT_JOIN(&self->t[ORDERS[self->i][self->k]]);
        }
    }
    CHECK_SAID("a1 b2 c3 a1 c2 b3 b1 a2 c3 b1 c2 a3 c1 a2 b3 c1 b2 a3 ");
    for (int k = 0; k < 3; k++) close_ends(&self->ends[k]);
    CHECK_END();
}

/* Cancelled while it waits; when it is ready, but has not run; and before it has begun: nothing is read. */
struct cancelled { AIOT_FRAME; struct ends ends; struct reader r; aiot_task t; };
static AIOT_CORO(cancelled)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = &self->ends.in, .n = 1, .name = "");
    AIOT_YIELD();
    CHECK_EQUAL(loop.watched, 1);
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(loop.watched, 0);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = &self->ends.in, .n = 1, .name = "");
    AIOT_YIELD();
    put(&self->ends, 'x');
    AIOT_YIELD();                               /* it is ready now: its turn comes behind this */
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(loop.watched, 0);
    CHECK_SAID("");
    CHECK_EQUAL(take(&self->ends.in), 'x');
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = &self->ends.in, .n = 1, .name = "");
    aiot_cancel(&self->t);
    AIOT_YIELD();
    CHECK_EQUAL(loop.watched, 0);
    close_ends(&self->ends);
    CHECK_END();
}

struct a_limit_around_a_read { AIOT_FRAME; struct ends ends; aiot_timeout limit; struct reader r; aiot_time began; };
static AIOT_CORO(a_limit_around_a_read)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    self->began = aiot_now(task->loop);
    AIOT_TIMEOUT(&self->limit, AIOT_MS(5)) {
        AIOT_READABLE(&self->ends.in);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_now(task->loop) - self->began >= AIOT_MS(5));
    }
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_US(10), reader, &self->r, .fd = &self->ends.in, .n = 1, .name = ""); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    put(&self->ends, 'y');
    AIOT_WAIT_FOR(&self->limit, AIOT_S(60), reader, &self->r, .fd = &self->ends.in, .n = 1, .name = "");
    CHECK_SAID("y ");
    close_ends(&self->ends);
    CHECK_END();
}

/* Descriptors are looked at in each turn, also while a task is ready in each. */
struct busy { AIOT_FRAME; const aiot_task *until; };
static AIOT_CORO(busy) { AIOT_BEGIN(); while (!aiot_task_done(self->until)) AIOT_YIELD(); AIOT_END(); }
struct not_starved { AIOT_FRAME; struct ends ends; struct reader r; struct busy busy; aiot_task t; };
static AIOT_CORO(not_starved)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = &self->ends.in, .n = 1, .name = "");
    AIOT_YIELD();
    put(&self->ends, 'n');
    AIOT_AWAIT(busy, &self->busy, .until = &self->t);
    CHECK_SAID("n ");
    close_ends(&self->ends);
    CHECK_END();
}

/* The kernel may tell of one descriptor more than once before its turn: it stands in the list once, and nobody else falls out of it. */
struct told_twice { AIOT_FRAME; struct ends ends[2]; struct reader r, s; aiot_task t, u; };
static AIOT_CORO(told_twice)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) open_ends(&self->ends[i]);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = &self->ends[0].in, .n = 1, .name = "r");
    AIOT_SPAWN(&self->u, reader, &self->s, .fd = &self->ends[1].in, .n = 1, .name = "s");
    AIOT_YIELD();
    aiot_i_fd_tell(&self->ends[1].in, true, false, 0);
    aiot_i_fd_tell(&self->ends[0].in, true, true, 0);
    aiot_i_fd_tell(&self->ends[1].in, true, true, 0);
    AIOT_YIELD();                               /* their turn; until now the kernel itself had nothing to tell */
    put(&self->ends[0], '1');
    put(&self->ends[1], '2');
    AIOT_YIELD();                               /* the tasks' turn */
    CHECK_SAID("s2 r1 ");
    for (int i = 0; i < 2; i++) close_ends(&self->ends[i]);
    CHECK_END();
}

/* Any number is a descriptor, 0 as well. */
struct descriptor_0 { AIOT_FRAME; struct ends ends; aiot_fd zero; int kept; struct reader r; };
static AIOT_CORO(descriptor_0)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    self->kept = dup(0);
    CHECK_EQUAL(dup2(self->ends.in.fd, 0), 0);
    CHECK_EQUAL(aiot_fd_open(&self->zero, &loop, 0), 0);
    put(&self->ends, '3');
    AIOT_AWAIT(reader, &self->r, .fd = &self->zero, .n = 1, .name = "");
    CHECK_SAID("3 ");
    CHECK_EQUAL(aiot_fd_detach(&self->zero), 0);
    if (self->kept >= 0) { (void)dup2(self->kept, 0); close(self->kept); }
    close_ends(&self->ends);
    CHECK_END();
}

/* A look that finds nothing is no failure, whatever errno is from before. */
struct errno_from_before { AIOT_FRAME; struct ends ends; struct reader r; aiot_task t; };
static AIOT_CORO(errno_from_before)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = &self->ends.in, .n = 1, .name = "");
    AIOT_YIELD();
    errno = EINVAL;
    AIOT_SLEEP(AIOT_MS(1));
    CHECK(!aiot_done(&self->t));
    put(&self->ends, 'e');
    AIOT_JOIN(&self->t);
    CHECK_SAID("e ");
    close_ends(&self->ends);
    CHECK_END();
}

/* Refused with an error: what is not open, a second task for the same way, an object that is open, another loop's. */
static aiot_loop other_loop;
struct what_cannot_be_waited_for { AIOT_FRAME; struct ends ends; aiot_fd never_opened, fd; struct reader r; aiot_task t; };
static AIOT_CORO(what_cannot_be_waited_for)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_READABLE(&self->never_opened); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EBADF) { say("zeroed "); }
    CHECK_EQUAL(aiot_fd_close(&self->never_opened), AIOT_EBADF);
    CHECK_EQUAL(aiot_fd_open(&self->fd, &loop, -1), AIOT_EBADF);
    open_ends(&self->ends);
    CHECK_EQUAL(aiot_fd_open(&self->ends.in, &loop, self->ends.in.fd), AIOT_ERUNTIME);
    CHECK_COMPLAINED(1);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = &self->ends.in, .n = 1, .name = "");
    AIOT_YIELD();
    AIOT_TRY { AIOT_READABLE(&self->ends.in); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("second "); }
    put(&self->ends, 'y');
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(aiot_fd_open(&self->fd, &loop, self->ends.in.fd), 0);
#if AIOT_I_POLLER == AIOT_I_EPOLL
    AIOT_TRY { AIOT_READABLE(&self->fd); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("double "); }
    CHECK_SAID("zeroed second y double ");
#else
    CHECK_SAID("zeroed second y ");
#endif
    CHECK_EQUAL(aiot_fd_detach(&self->fd), self->ends.in.fd);
    close_ends(&self->ends);
    AIOT_TRY { AIOT_READABLE(&self->ends.in); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EBADF) { say("closed "); }
    CHECK_EQUAL(aiot_fd_open(&self->fd, &loop, 1000), 0);       /* no descriptor has that number */
    AIOT_TRY { AIOT_WRITABLE(&self->fd); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EBADF) { say("not open "); }
    CHECK_EQUAL(aiot_fd_detach(&self->fd), 1000);
    aiot_loop_init(&other_loop);
    CHECK_EQUAL(aiot_fd_open(&self->fd, &other_loop, 0), 0);
    AIOT_TRY { AIOT_WRITABLE(&self->fd); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("other loop "); }
    CHECK_SAID("closed not open other loop ");
    CHECK_END();
}

struct without_a_poller { AIOT_FRAME; aiot_fd fd; };
static AIOT_CORO(without_a_poller)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_fd_open(&self->fd, &loop, 0), 0);
    AIOT_TRY { AIOT_READABLE(&self->fd); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("none "); }
    CHECK_SAID("none ");
    CHECK_END();
}

/* A task that waits for a descriptor only is no deadlock; aiot_run_once() looks at the descriptors, but does not sleep. */
static void from_a_main_loop(void)
{
    static struct reader r;
    static aiot_task t;
    static struct ends ends;
    open_ends(&ends);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, reader, &r, .fd = &ends.in, .n = 1, .name = ""), 0);
    aiot_run_once(&loop);
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    put(&ends, 'm');
    aiot_run_once(&loop);
    aiot_run_once(&loop);
    CHECK(aiot_done(&t));
    CHECK_SAID("m ");
    close_ends(&ends);
}

/* In virtual time a descriptor is looked at, and then the clock jumps. */
struct virtual_limit { AIOT_FRAME; struct ends ends; aiot_timeout limit; };
static AIOT_CORO(virtual_limit)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    AIOT_TIMEOUT(&self->limit, AIOT_S(1000)) { AIOT_READABLE(&self->ends.in); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("limit "); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1000));
    put(&self->ends, 'v');
    AIOT_TIMEOUT(&self->limit, AIOT_S(1000)) { AIOT_READABLE(&self->ends.in); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1000));
    CHECK_SAID("limit ");
    close_ends(&self->ends);
    AIOT_END();
}
static void in_virtual_time(void)
{
    static struct virtual_limit frame;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_run(&loop, virtual_limit, &frame), AIOT_OK);
    check_nothing_is_watched();
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}

struct as_tasks { AIOT_FRAME; struct ends ends; struct aiot_readable r; struct aiot_writable w; aiot_task t, u; AIOT_WAIT_SET(2) set; };
static AIOT_CORO(as_tasks)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    CHECK(aiot_task_idle(&self->t));
    AIOT_SPAWN(&self->t, aiot_readable, &self->r, .fd = &self->ends.in);
    AIOT_SPAWN(&self->u, aiot_writable, &self->w, .fd = &self->ends.out);
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->t, &self->u);
    CHECK(aiot_task_done(&self->u) && !aiot_task_done(&self->t) && !aiot_task_idle(&self->t));
    put(&self->ends, 'x');
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(take(&self->ends.in), 'x');
    close_ends(&self->ends);
    CHECK_END();
}

#if AIOT_I_POLLER == AIOT_I_POLL
/* With poll(2), each descriptor that is waited for has a place. */
struct too_many_for_the_places { AIOT_FRAME; struct ends ends[5]; struct reader r[4]; aiot_task t[4]; };
static AIOT_CORO(too_many_for_the_places)
{
    AIOT_BEGIN();
    for (int i = 0; i < 5; i++) open_ends(&self->ends[i]);
    for (int i = 0; i < 4; i++) AIOT_SPAWN(&self->t[i], reader, &self->r[i], .fd = &self->ends[i].in, .n = 1, .name = "");
    AIOT_YIELD();
    AIOT_TRY { AIOT_READABLE(&self->ends[4].in); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ENOBUFS) { say("too many "); }
    aiot_cancel(&self->t[0]);                   /* a place becomes free */
    AIOT_TRY { AIOT_JOIN(&self->t[0]); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    put(&self->ends[4], 'z');
    AIOT_READABLE(&self->ends[4].in);
    CHECK_SAID("too many ");
    for (int i = 1; i < 4; i++) aiot_cancel(&self->t[i]);
    AIOT_YIELD();
    for (int i = 0; i < 5; i++) close_ends(&self->ends[i]);
    CHECK_END();
}

/* poll(2) takes no more at once than the process may have open: the task of one too many is told, and the others go on. */
enum { MANY = 40, FEW = 32 };
static int readable, refused;
struct one_of_many { AIOT_FRAME; aiot_fd *fd; };
static AIOT_CORO(one_of_many)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_READABLE(self->fd); readable++; } AIOT_EXCEPT(AIOT_ENOBUFS) { refused++; }
    AIOT_END();
}
struct too_many { AIOT_FRAME; struct ends ends; struct one_of_many frames[MANY]; aiot_fd fds[MANY]; aiot_task tasks[MANY]; AIOT_GATHER_SET(MANY) gather; };
static AIOT_CORO(too_many)
{
    AIOT_BEGIN();
    open_ends(&self->ends);
    put(&self->ends, 't');
    for (int i = 0; i < MANY; i++) {
        CHECK_EQUAL(aiot_fd_open(&self->fds[i], &loop, self->ends.in.fd), 0);
        AIOT_SPAWN(&self->tasks[i], one_of_many, &self->frames[i], .fd = &self->fds[i]);
    }
    AIOT_GATHER_TASKS(&self->gather, self->tasks, MANY);
    close_ends(&self->ends);
    AIOT_END();
}
#if defined __linux__ && defined __x86_64__     /* not every system minds */
enum { MINDS = 1 };
#else
enum { MINDS = 0 };
#endif
static void more_than_may_be_open(void)
{
    static struct too_many frame;
    static AIOT_POLL_SET(MANY) many;
    struct rlimit before, few;
    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = FEW;
    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &few), 0);
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &many), 0);
    CHECK_EQUAL(aiot_run(&loop, too_many, &frame), AIOT_OK);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    CHECK_EQUAL(readable + refused, MANY);
    CHECK(refused == MANY - FEW || (refused == 0 && !MINDS));
    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
}
#endif

#define RUN_REAL(fn) \
    do { \
        static struct fn frame; \
        CHECK_EQUAL(aiot_run(&loop, fn, &frame), AIOT_OK); \
        CHECK(check_end == &frame); \
        check_nothing_is_watched(); \
    } while (0)

int main(void)
{
    start();
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), AIOT_ERUNTIME);
    RUN_REAL(readable_and_writable);
    RUN_REAL(as_tasks);
    RUN_REAL(in_any_order);
    RUN_REAL(cancelled);
    RUN_REAL(a_limit_around_a_read);
    RUN_REAL(told_twice);
    RUN_REAL(descriptor_0);
    RUN_REAL(not_starved);
    RUN_REAL(errno_from_before);
    RUN_REAL(what_cannot_be_waited_for);
#if AIOT_I_POLLER == AIOT_I_POLL
    RUN_REAL(too_many_for_the_places);
#endif
    from_a_main_loop();
    check_nothing_is_watched();
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    CHECK_EQUAL(aiot_poll_close(&loop), AIOT_ERUNTIME);
    RUN_REAL(without_a_poller);
    in_virtual_time();
#if AIOT_I_POLLER == AIOT_I_POLL
    more_than_may_be_open();
#endif
    return 0;
}
