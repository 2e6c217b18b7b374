/* bench.c - what the header costs, each figure beside a bare switch coroutine measured in the same round.
 *
 *     bench                 a table: ns per operation (minimum and median of the rounds), ratio to the bare loop, budget
 *     bench NAME COUNT      runs one workload COUNT times and says nothing: for hyperfine and callgrind
 *     bench list            the names */
#include "aio_timeout.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static aiot_loop loop;

/* Setting up is not measured: each workload says when it begins. */
static double began_ns;
static double now_ns(void) { return (double)aiot_i_clock_monotonic(NULL); }
static void begin(void) { began_ns = now_ns(); }

/* The baseline: two lines of protothread, round robin over an array, called through a pointer. */
struct bare { unsigned short at; unsigned n; };

static int bare_step(struct bare *self)
{
    switch (self->at) {
    case 0:
        for (;;) {
            self->n++;
            self->at = 1;
            return 1;
    case 1:;
        }
    }
    return 0;
}

static int (*volatile bare_pointer)(struct bare *) = bare_step;

static void bare(unsigned tasks, long count)
{
    static struct bare *all;
    int (*step)(struct bare *) = bare_pointer;
    all = (struct bare *)realloc(all, tasks * sizeof *all);
    memset(all, 0, tasks * sizeof *all);
    begin();
    for (long i = 0; i < count / tasks; i++)
        for (unsigned k = 0; k < tasks; k++) step(&all[k]);
}

/* yield: tasks that do nothing but AIOT_YIELD(). */
struct yielder { AIOT_FRAME; long left; };
static AIOT_CORO(yielder)
{
    AIOT_BEGIN();
    while (self->left-- > 0) AIOT_YIELD();
    AIOT_END();
}

static void yields(unsigned tasks, long count)
{
    struct one { struct yielder frame; aiot_task task; } *all = (struct one *)calloc(tasks, sizeof *all);
    aiot_loop_init(&loop);
    for (unsigned k = 0; k < tasks; k++) aiot_spawn_on(&loop, &all[k].task, yielder, &all[k].frame, .left = count / tasks);
    aiot_run_once(&loop);
    begin();
    aiot_run_forever(&loop);
    free(all);
}

/* depth: 100 tasks that yield `depth` awaits deep. */
enum { DEEPEST = 16 };
struct deep { AIOT_FRAME; struct deep *below; int depth; long left; };
static AIOT_CORO(deep)
{
    AIOT_BEGIN();
    if (self->depth > 1) {
        self->below->depth = self->depth - 1;
        self->below->below = self->below + 1;
        self->below->left = self->left;
        AIOT_AWAIT_FRAME(deep, self->below);
        AIOT_RETURN();
    }
    while (self->left-- > 0) AIOT_YIELD();
    AIOT_END();
}

static void yields_deep(unsigned depth, long count)
{
    enum { TASKS = 100 };
    struct one { struct deep frames[DEEPEST]; aiot_task task; } *all = (struct one *)calloc(TASKS, sizeof *all);
    aiot_loop_init(&loop);
    for (unsigned k = 0; k < TASKS; k++)
        aiot_spawn_on(&loop, &all[k].task, deep, &all[k].frames[0], .depth = (int)depth, .below = &all[k].frames[1], .left = count / TASKS);
    aiot_run_once(&loop);
    begin();
    aiot_run_forever(&loop);
    free(all);
}

/* spawn: a task that ends at once, spawned and joined. */
struct nothing { AIOT_FRAME; };
static AIOT_CORO(nothing)
{
    AIOT_BEGIN();
    AIOT_END();
}

enum { BATCH = 100 };
struct spawner { AIOT_FRAME; long left; struct nothing frames[BATCH]; aiot_task tasks[BATCH]; };
static AIOT_CORO(spawner)
{
    AIOT_BEGIN();
    for (; self->left > 0; self->left -= BATCH) {
        for (int i = 0; i < BATCH; i++) aiot_spawn(&self->tasks[i], nothing, &self->frames[i]);
        AIOT_YIELD();
    }
    AIOT_END();
}

static void spawns(unsigned unused, long count)
{
    static struct spawner frame;
    (void)unused;
    aiot_loop_init(&loop);
    memset(&frame, 0, sizeof frame);
    frame.left = count;
    begin();
    aiot_run_frame(&loop, spawner, &frame);
}

/* timed wait: 100 tasks wait under a limit for a future that is completed in time, while `sleepers` others sleep. */
struct waiter { AIOT_FRAME; aiot_timeout limit; aiot_future future; long left; };
static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    while (self->left-- > 0) {
        aiot_future_init(&self->future, task->loop);
        AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->future);
    }
    AIOT_END();
}

struct waker { AIOT_FRAME; struct waiter *waiters; unsigned count; long left; };
static AIOT_CORO(waker)
{
    AIOT_BEGIN();
    while (self->left-- > 0) {
        AIOT_YIELD();
        for (unsigned i = 0; i < self->count; i++) (void)aiot_future_set_result(&self->waiters[i].future, 0);
    }
    AIOT_END();
}

struct sleeper { struct aiot_sleep frame; aiot_task task; };

static void timed_waits(unsigned sleepers, long count)
{
    enum { TASKS = 100 };
    static struct waiter waiters[TASKS];
    static aiot_task tasks[TASKS], waker_task;
    static struct waker waker_frame;
    struct sleeper *asleep = (struct sleeper *)calloc(sleepers + 1, sizeof *asleep);
    memset(waiters, 0, sizeof waiters);
    memset(tasks, 0, sizeof tasks);
    memset(&waker_task, 0, sizeof waker_task);
    memset(&waker_frame, 0, sizeof waker_frame);
    aiot_loop_init(&loop);
    for (unsigned k = 0; k < sleepers; k++)
        aiot_spawn_on(&loop, &asleep[k].task, aiot_sleep, &asleep[k].frame, .delay_ns = AIOT_S(1000) + AIOT_US(k));
    for (unsigned k = 0; k < TASKS; k++) aiot_spawn_on(&loop, &tasks[k], waiter, &waiters[k], .left = count / TASKS);
    aiot_spawn_on(&loop, &waker_task, waker, &waker_frame, .waiters = waiters, .count = TASKS, .left = count / TASKS);
    aiot_run_once(&loop);
    begin();
    aiot_run_until(&loop, &waker_task);
    double ended = now_ns();
    aiot_cancel_all(&loop);
    free(asleep);
    began_ns += now_ns() - ended;                               /* nor is clearing up */
}

/* park, cancel, clean up, join. */
struct parked { AIOT_FRAME; };
static AIOT_CORO(parked)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_S(100)); } AIOT_FINALLY { AIOT_YIELD(); }
    AIOT_END();
}

struct canceller { AIOT_FRAME; long left; struct parked frame; aiot_task task; };
static AIOT_CORO(canceller)
{
    AIOT_BEGIN();
    for (; self->left > 0; self->left--) {
        aiot_spawn(&self->task, parked, &self->frame);
        AIOT_YIELD();
        aiot_task_cancel(&self->task);
        AIOT_TRY { AIOT_JOIN(&self->task); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    }
    AIOT_END();
}

static void cancels(unsigned unused, long count)
{
    static struct canceller frame;
    (void)unused;
    memset(&frame, 0, sizeof frame);
    frame.left = count;
    aiot_loop_init(&loop);
    begin();
    aiot_run_frame(&loop, canceller, &frame);
}

struct bench { const char *name; void (*run)(unsigned n, long count); unsigned n; long count; unsigned bare_tasks; double budget; };
static const struct bench benches[] = {
    { "yield-1",          yields,      1,       4000000, 1,       1.6 },
    { "yield-100",        yields,      100,     4000000, 100,     1.3 },
    { "yield-10000",      yields,      10000,   4000000, 10000,   1.3 },
    { "yield-1000000",    yields,      1000000, 4000000, 1000000, 2.2 },
    { "await-1",          yields_deep, 1,       4000000, 100,     1.3 },
    { "await-4",          yields_deep, 4,       4000000, 100,     1.3 },
    { "await-16",         yields_deep, 16,      4000000, 100,     1.3 },
    { "spawn",            spawns,      0,       2000000, 100,     4 },
    { "spawn-cancel",     cancels,     0,       500000,  100,     30 },
    { "timed-wait",       timed_waits, 0,       1000000, 100,     7 },
    { "timed-wait-100k",  timed_waits, 100000,  1000000, 100,     9.1 },
};
enum { BENCHES = sizeof benches / sizeof benches[0], ROUNDS = 7 };

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        for (int i = 0; i < BENCHES; i++) puts(benches[i].name);
        return 0;
    }
    if (argc == 3) {
        for (int i = 0; i < BENCHES; i++) {
            if (strcmp(argv[1], benches[i].name) == 0) { benches[i].run(benches[i].n, atol(argv[2])); return 0; }
        }
        if (strncmp(argv[1], "bare-", 5) == 0 && atoi(argv[1] + 5) > 0) { bare((unsigned)atoi(argv[1] + 5), atol(argv[2])); return 0; }
        fprintf(stderr, "bench: no workload is called %s\n", argv[1]);
        return 2;
    }
    if (argc != 1) { fprintf(stderr, "usage: bench [NAME COUNT | list]\n"); return 2; }
    printf("%-18s %9s %9s %9s %7s %7s\n", "", "min ns", "median", "bare ns", "ratio", "budget");
    for (int i = 0; i < BENCHES; i++) {
        const struct bench *b = &benches[i];
        double ours[ROUNDS], bares[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {          /* interleaved: noise hits both */
            bare(b->bare_tasks, b->count);
            bares[round] = (now_ns() - began_ns) / (double)b->count;
            b->run(b->n, b->count);
            ours[round] = (now_ns() - began_ns) / (double)b->count;
        }
        qsort(ours, ROUNDS, sizeof ours[0], ascending);
        qsort(bares, ROUNDS, sizeof bares[0], ascending);
        double ratio = ours[0] / bares[0];
        printf("%-18s %9.2f %9.2f %9.2f %6.2fx %6.1fx%s\n", b->name, ours[0], ours[ROUNDS / 2], bares[0], ratio, b->budget, ratio <= b->budget ? "" : "  over");
    }
    return 0;
}
