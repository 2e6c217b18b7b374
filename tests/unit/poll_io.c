/* poll_io.c - waiting for file descriptors through poll(2), with pipes. */
#define _POSIX_C_SOURCE 200809L
#define AIOT_POLL 1
#include "check.h"
#include <sys/resource.h>
#include <unistd.h>

static aiot_loop loop;
static struct pollfd fds[3];
static aiot_io *owners[3];
static aiot_poll backend;

static void start(unsigned capacity)
{
    aiot_loop_init(&loop);
    aiot_poll_init(&backend, &loop, fds, owners, capacity);
}

static void check_nothing_is_watched(void)
{
    CHECK_EQUAL(backend.backend.watched, 0);
    CHECK_EQUAL(backend.count, 0);
    CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
}

static void open_pipe(int ends[2]) { CHECK_EQUAL(pipe(ends), 0); }
static void close_pipe(const int ends[2]) { close(ends[0]); close(ends[1]); }
static void put(int fd, char c) { CHECK_EQUAL(write(fd, &c, 1), 1); }
static char take(int fd) { char c = 0; return read(fd, &c, 1) == 1 ? c : '-'; }

/* Reads `n` bytes, waiting for each. */
struct reader { AIOT_FRAME; int fd, n; const char *name; aiot_io io; };
static AIOT_CORO(reader)
{
    AIOT_BEGIN();
    for (; self->n > 0; self->n--) {
        AIOT_READABLE(&self->io, self->fd);
        say("%s%c ", self->name, take(self->fd));
    }
    AIOT_END();
}

/* Writes a text, one byte a millisecond. */
struct writer { AIOT_FRAME; int fd; const char *text; aiot_io io; };
static AIOT_CORO(writer)
{
    AIOT_BEGIN();
    for (; *self->text; self->text++) {
        AIOT_WRITABLE(&self->io, self->fd);
        put(self->fd, *self->text);
        AIOT_SLEEP(AIOT_MS(1));
    }
    AIOT_END();
}

struct readable_and_writable { AIOT_FRAME; int ends[2]; struct reader r; struct writer w; aiot_task t, u; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(readable_and_writable)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = self->ends[0], .n = 3, .name = "");
    AIOT_SPAWN(&self->u, writer, &self->w, .fd = self->ends[1], .text = "abc");
    AIOT_GATHER(&self->all, &self->t, &self->u);
    CHECK_SAID("a b c ");
    close(self->ends[1]);                       /* end of file is readable: the read says so */
    AIOT_AWAIT(reader, &self->r, .fd = self->ends[0], .n = 1, .name = "");
    CHECK_SAID("- ");
    close(self->ends[0]);
    CHECK_END();
}

/* Two tasks on two descriptors; and two on one. */
struct two_tasks { AIOT_FRAME; int a[2], b[2]; struct reader ra, rb; aiot_task t, u; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(two_tasks)
{
    AIOT_BEGIN();
    open_pipe(self->a);
    open_pipe(self->b);
    AIOT_SPAWN(&self->t, reader, &self->ra, .fd = self->a[0], .n = 1, .name = "a:");
    AIOT_SPAWN(&self->u, reader, &self->rb, .fd = self->b[0], .n = 1, .name = "b:");
    AIOT_SLEEP(AIOT_MS(1));
    put(self->b[1], '1');
    AIOT_JOIN(&self->u);
    put(self->a[1], '2');
    AIOT_JOIN(&self->t);
    CHECK_SAID("b:1 a:2 ");
    AIOT_SPAWN(&self->t, reader, &self->ra, .fd = self->a[0], .n = 1, .name = "first:");
    AIOT_SPAWN(&self->u, reader, &self->rb, .fd = self->a[0], .n = 1, .name = "second:");
    AIOT_SLEEP(AIOT_MS(1));
    put(self->a[1], '3');
    put(self->a[1], '4');
    AIOT_GATHER(&self->all, &self->t, &self->u);
    CHECK_SAID("first:3 second:4 ");
    close_pipe(self->a);
    close_pipe(self->b);
    CHECK_END();
}

/* Three on three, that end in any order: each is found where it lies then. */
struct in_any_order { AIOT_FRAME; int ends[3][2]; struct reader r[3]; aiot_task t[3]; int i, k; };
static AIOT_CORO(in_any_order)
{
    static const int ORDERS[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    static const char *const NAMES[3] = { "a", "b", "c" };
    AIOT_BEGIN();
    for (int k = 0; k < 3; k++) open_pipe(self->ends[k]);
    for (self->i = 0; self->i < 6; self->i++) {
        for (int k = 0; k < 3; k++) AIOT_SPAWN(&self->t[k], reader, &self->r[k], .fd = self->ends[k][0], .n = 1, .name = NAMES[k]);
        AIOT_YIELD();
        for (self->k = 0; self->k < 3; self->k++) {
            put(self->ends[ORDERS[self->i][self->k]][1], (char)('1' + self->k));
            AIOT_JOIN(&self->t[ORDERS[self->i][self->k]]);
        }
    }
    CHECK_SAID("a1 b2 c3 a1 c2 b3 b1 a2 c3 b1 c2 a3 c1 a2 b3 c1 b2 a3 ");
    for (int k = 0; k < 3; k++) close_pipe(self->ends[k]);
    CHECK_END();
}

/* Cancelled while it waits; and when it is ready, but has not run: nothing is read. */
struct cancelled { AIOT_FRAME; int ends[2]; struct reader r; aiot_task t; };
static AIOT_CORO(cancelled)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = self->ends[0], .n = 1, .name = "");
    AIOT_YIELD();
    CHECK_EQUAL(backend.backend.watched, 1);
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(backend.backend.watched, 0);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = self->ends[0], .n = 1, .name = "");
    AIOT_YIELD();
    put(self->ends[1], 'x');
    AIOT_YIELD();                               /* it is ready now: its turn comes behind this */
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(backend.backend.watched, 0);
    CHECK_SAID("");
    CHECK_EQUAL(take(self->ends[0]), 'x');
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = self->ends[0], .n = 1, .name = "");        /* before it has begun */
    aiot_cancel(&self->t);
    AIOT_YIELD();
    CHECK_EQUAL(backend.backend.watched, 0);
    close_pipe(self->ends);
    CHECK_END();
}

struct a_limit_around_a_read { AIOT_FRAME; int ends[2]; aiot_timeout limit; struct reader r; aiot_io io; aiot_time began; };
static AIOT_CORO(a_limit_around_a_read)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    self->began = aiot_now(task->loop);
    AIOT_TIMEOUT(&self->limit, AIOT_MS(5)) {
        AIOT_READABLE(&self->io, self->ends[0]);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_now(task->loop) - self->began >= AIOT_MS(5));
    }
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_US(10), reader, &self->r, .fd = self->ends[0], .n = 1, .name = ""); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    put(self->ends[1], 'y');
    AIOT_WAIT_FOR(&self->limit, AIOT_S(60), reader, &self->r, .fd = self->ends[0], .n = 1, .name = "");
    CHECK_SAID("y ");
    close_pipe(self->ends);
    CHECK_END();
}

/* Descriptors are looked at in each turn, also while a task is ready in each. */
struct busy { AIOT_FRAME; const aiot_task *until; };
static AIOT_CORO(busy) { AIOT_BEGIN(); while (!aiot_task_done(self->until)) AIOT_YIELD(); AIOT_END(); }
struct not_starved { AIOT_FRAME; int ends[2]; struct reader r; struct busy busy; aiot_task t; };
static AIOT_CORO(not_starved)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = self->ends[0], .n = 1, .name = "");
    AIOT_YIELD();
    put(self->ends[1], 'n');
    AIOT_AWAIT(busy, &self->busy, .until = &self->t);
    CHECK_SAID("n ");
    close_pipe(self->ends);
    CHECK_END();
}

/* A backend may tell of one descriptor more than once before its turn: it stands in the list once, and nobody else falls out of it. */
struct told_twice { AIOT_FRAME; int ends[2]; struct reader r, s; aiot_task t, u; };
static AIOT_CORO(told_twice)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = self->ends[0], .n = 1, .name = "r");
    AIOT_SPAWN(&self->u, reader, &self->s, .fd = self->ends[0], .n = 1, .name = "s");
    AIOT_YIELD();
    aiot_io_ready(&self->s.io, POLLIN);
    aiot_io_ready(&self->r.io, POLLIN);
    aiot_io_ready(&self->s.io, POLLIN);
    AIOT_YIELD();                               /* their turn; until now poll(2) itself had nothing to tell */
    put(self->ends[1], '1');
    put(self->ends[1], '2');
    AIOT_YIELD();                               /* the tasks' turn */
    CHECK_SAID("s1 r2 ");
    close_pipe(self->ends);
    CHECK_END();
}

/* Any number is a descriptor, 0 as well. */
struct descriptor_0 { AIOT_FRAME; int ends[2], kept; struct reader r; };
static AIOT_CORO(descriptor_0)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    self->kept = dup(0);
    CHECK_EQUAL(dup2(self->ends[0], 0), 0);
    put(self->ends[1], '3');
    AIOT_AWAIT(reader, &self->r, .fd = 0, .n = 1, .name = "");
    CHECK_SAID("3 ");
    if (self->kept >= 0) { (void)dup2(self->kept, 0); close(self->kept); }
    close_pipe(self->ends);
    CHECK_END();
}

/* A poll that finds nothing is no failure, whatever errno is from before. */
struct errno_from_before { AIOT_FRAME; int ends[2]; struct reader r; aiot_task t; };
static AIOT_CORO(errno_from_before)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    AIOT_SPAWN(&self->t, reader, &self->r, .fd = self->ends[0], .n = 1, .name = "");
    AIOT_YIELD();
    errno = EINVAL;
    AIOT_SLEEP(AIOT_MS(1));
    CHECK(!aiot_done(&self->t));
    put(self->ends[1], 'e');
    AIOT_JOIN(&self->t);
    CHECK_SAID("e ");
    close_pipe(self->ends);
    CHECK_END();
}

struct what_cannot_be_waited_for { AIOT_FRAME; int ends[2]; aiot_io io; struct reader r[3]; aiot_task t[3]; };
static AIOT_CORO(what_cannot_be_waited_for)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_READABLE(&self->io, -1); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("negative "); }
    open_pipe(self->ends);
    close_pipe(self->ends);
    AIOT_TRY { AIOT_READABLE(&self->io, self->ends[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("closed "); }
    AIOT_TRY { AIOT_WRITABLE(&self->io, self->ends[1]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("closed "); }
    open_pipe(self->ends);
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&self->t[i], reader, &self->r[i], .fd = self->ends[0], .n = 1, .name = "");
    AIOT_YIELD();
    AIOT_TRY { AIOT_READABLE(&self->io, self->ends[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ENOBUFS) { say("too many "); }
    aiot_cancel(&self->t[0]);                   /* a place becomes free */
    AIOT_TRY { AIOT_JOIN(&self->t[0]); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    put(self->ends[1], 'y');
    put(self->ends[1], 'z');
    AIOT_READABLE(&self->io, self->ends[0]);
    CHECK_SAID("negative closed closed too many y z ");
    close_pipe(self->ends);
    CHECK_END();
}

struct without_a_backend { AIOT_FRAME; aiot_io io; };
static AIOT_CORO(without_a_backend)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_READABLE(&self->io, 0); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("none "); }
    CHECK_SAID("none ");
    CHECK_END();
}

/* Who waits for a descriptor only is no deadlock; aiot_run_once() looks at the descriptors, but does not sleep. */
static void from_a_main_loop(void)
{
    static struct reader r;
    static aiot_task t;
    int ends[2];
    open_pipe(ends);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, reader, &r, .fd = ends[0], .n = 1, .name = ""), 0);
    aiot_run_once(&loop);
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    put(ends[1], 'm');
    aiot_run_once(&loop);
    aiot_run_once(&loop);
    CHECK(aiot_done(&t));
    CHECK_SAID("m ");
    close_pipe(ends);
}

/* In virtual time a descriptor is looked at, and then the clock jumps. */
struct virtual_limit { AIOT_FRAME; int ends[2]; aiot_io io; aiot_timeout limit; };
static AIOT_CORO(virtual_limit)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    AIOT_TIMEOUT(&self->limit, AIOT_S(1000)) { AIOT_READABLE(&self->io, self->ends[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("limit "); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1000));
    put(self->ends[1], 'v');
    AIOT_TIMEOUT(&self->limit, AIOT_S(1000)) { AIOT_READABLE(&self->io, self->ends[0]); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1000));
    CHECK_SAID("limit ");
    close_pipe(self->ends);
    AIOT_END();
}
static void in_virtual_time(void)
{
    static struct virtual_limit frame;
    aiot_loop_init_virtual(&loop);
    aiot_poll_init(&backend, &loop, fds, owners, 3);
    CHECK_EQUAL(aiot_run(&loop, virtual_limit, &frame), AIOT_OK);
    check_nothing_is_watched();
}

/* poll(2) takes no more at once than the process may have open: who is one too many is told, and the others go on. */
enum { MANY = 40, FEW = 32 };
static int readable, refused;
struct one_of_many { AIOT_FRAME; int fd; aiot_io io; };
static AIOT_CORO(one_of_many)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_READABLE(&self->io, self->fd); readable++; } AIOT_EXCEPT(AIOT_ENOBUFS) { refused++; }
    AIOT_END();
}
struct too_many { AIOT_FRAME; int ends[2], i; struct one_of_many frames[MANY]; aiot_task tasks[MANY]; aiot_awaitable *all[MANY]; AIOT_GATHER_SET(MANY) gather; };
static AIOT_CORO(too_many)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    put(self->ends[1], 't');
    for (int i = 0; i < MANY; i++) {
        AIOT_SPAWN(&self->tasks[i], one_of_many, &self->frames[i], .fd = self->ends[0]);
        self->all[i] = AIOT_AWAITABLE(&self->tasks[i]);
    }
    AIOT_GATHER_ARRAY(&self->gather, self->all, MANY);
    close_pipe(self->ends);
    AIOT_END();
}
static void more_than_may_be_open(void)
{
    static struct too_many frame;
    static struct pollfd many_fds[MANY];
    static aiot_io *many_owners[MANY];
    struct rlimit before, few;
    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = FEW;
    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &few), 0);
    aiot_loop_init(&loop);
    aiot_poll_init(&backend, &loop, many_fds, many_owners, MANY);
    CHECK_EQUAL(aiot_run(&loop, too_many, &frame), AIOT_OK);
    check_nothing_is_watched();
    CHECK_EQUAL(readable + refused, MANY);
    CHECK(refused == MANY - FEW || refused == 0);               /* not every system minds */
    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
}

struct as_tasks { AIOT_FRAME; int ends[2]; struct aiot_readable r; struct aiot_writable w; aiot_task t, u; AIOT_WAIT_SET(2) set; };
static AIOT_CORO(as_tasks)
{
    AIOT_BEGIN();
    open_pipe(self->ends);
    CHECK(aiot_task_idle(&self->t));
    AIOT_SPAWN(&self->t, aiot_readable, &self->r, .fd = self->ends[0]);
    AIOT_SPAWN(&self->u, aiot_writable, &self->w, .fd = self->ends[1]);
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->t, &self->u);
    CHECK(aiot_task_done(&self->u) && !aiot_task_done(&self->t) && !aiot_task_idle(&self->t));
    put(self->ends[1], 'x');
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(take(self->ends[0]), 'x');
    close_pipe(self->ends);
    CHECK_END();
}

#define RUN_REAL(fn) \
    do { \
        static struct fn frame; \
        CHECK_EQUAL(aiot_run(&loop, fn, &frame), AIOT_OK); \
        CHECK(check_end == &frame); \
        check_nothing_is_watched(); \
    } while (0)

int main(void)
{
    start(3);
    RUN_REAL(readable_and_writable);
    RUN_REAL(two_tasks);
    RUN_REAL(as_tasks);
    RUN_REAL(in_any_order);
    RUN_REAL(cancelled);
    RUN_REAL(a_limit_around_a_read);
    RUN_REAL(told_twice);
    RUN_REAL(descriptor_0);
    RUN_REAL(not_starved);
    RUN_REAL(errno_from_before);
    RUN_REAL(what_cannot_be_waited_for);
    from_a_main_loop();
    check_nothing_is_watched();
    loop.io = NULL;
    RUN_REAL(without_a_backend);
    in_virtual_time();
    more_than_may_be_open();
    return 0;
}
