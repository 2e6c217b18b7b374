/* scheduling.c - what tasks cost: yields, awaits, spawning, cancelling, waits with a limit.  Every operation is counted where it is done, yields by what their task has left of them, and the sum is checked:
 * what is left out is no gain. */
#include "harness.h"
#include "aio_timeout.h"

static aiot_loop loop;
static long executed;

static void check(int code, long wanted, const char *what)
{
    if (code == AIOT_OK && executed == wanted) return;
    fprintf(stderr, "scheduling: wrong: %s: %ld of %ld, result %d\n", what, executed, wanted, code);
    exit(1);
}

static void prepare(void)
{
    aiot_loop_init(&loop);
    executed = 0;
}

/* What all workloads of yields measure: turns, when each task has run once; until the one that runs first in a turn has ended and calls
 * end(), or, where each yields so often that their ends do not count, until all have. */
static int run_yields(void)
{
    aiot_run_once(&loop);
    begin();
    int code = aiot_run_forever(&loop);
    if (bench_ended_ns == 0) end();
    return code;
}

/* yield: tasks that do nothing but AIOT_YIELD().  Without blocks they need no error slot; one of them has 32 + 72 bytes.  Frames are in one
 * array, tasks in another, as whoever has many would lay them out: what is touched at each yield lies together. */
static const aiot_task *first_yielder;          /* the one that runs first in each turn */
struct yielder { AIOT_FRAME_DEPTH(0); long left; };
static AIOT_CORO(yielder)
{
    AIOT_BEGIN();
    while (self->left-- > 0) AIOT_YIELD();
    if (task == first_yielder) end();
    AIOT_END();
}

static struct yielder *yielders;
static aiot_task *tasks_of_yielders;
static void allocate_yielders(unsigned tasks)
{
    yielders = (struct yielder *)aligned_alloc(64, (tasks * sizeof *yielders + 63) / 64 * 64);
    tasks_of_yielders = (aiot_task *)aligned_alloc(64, (tasks * sizeof *tasks_of_yielders + 63) / 64 * 64);
    memset(yielders, 0, tasks * sizeof *yielders);
    memset(tasks_of_yielders, 0, tasks * sizeof *tasks_of_yielders);
}

static void free_yielders(unsigned tasks, long count, const char *what)
{
    for (unsigned k = 0; k < tasks; k++) executed += count / tasks - (yielders[k].left + 1);
    check(AIOT_OK, count / tasks * tasks, what);
    free(yielders);
    free(tasks_of_yielders);
}

static void yields_in(unsigned tasks, long count, bool shuffled)
{
    unsigned *order = (unsigned *)malloc(tasks * sizeof *order);
    allocate_yielders(tasks);
    prepare();
    for (unsigned k = 0; k < tasks; k++) order[k] = k;
    for (unsigned k = tasks - 1; shuffled && k > 0; k--) {
        unsigned other = (unsigned)(bench_random() % (k + 1)), swapped = order[k];
        order[k] = order[other];
        order[other] = swapped;
    }
    for (unsigned k = 0; k < tasks; k++)
        aiot_spawn_on(&loop, &tasks_of_yielders[order[k]], yielder, &yielders[order[k]], .left = count / tasks + 1);
    first_yielder = &tasks_of_yielders[order[0]];
    free(order);
    check(run_yields(), 0, "result");
    free_yielders(tasks, count, "yields");
}
static void yields(unsigned tasks, long count) { yields_in(tasks, count, false); }
static void yields_shuffled(unsigned tasks, long count) { yields_in(tasks, count, true); }

/* floor: what the memory alone costs.  Of the same objects, in order, this reads and writes what a yield does, and does nothing else. */
static void yields_floor(unsigned tasks, long count)
{
    allocate_yielders(tasks);
    prepare();
    begin();
    for (long i = 0; i < count / tasks; i++)
        for (unsigned k = 0; k < tasks; k++) {
            yielders[k].AIOT_FRAME_comes_first_in_the_struct.head.at = (unsigned)i;
            yielders[k].left--;
            aiot_i_entry *entry = &tasks_of_yielders[k].awaitable.entry;
            entry->link.next = entry->code == 0 ? &entry->link : NULL;
        }
    end();
    for (unsigned k = 0; k < tasks; k++) yielders[k].left += count / tasks - 1;
    free_yielders(tasks, 0, "visits");
}

/* mixed: eight coroutines with three resume points each, in random order: what branch prediction is worth. */
#define MIXED(name, a, b, c) \
    static AIOT_CORO(name) \
    { \
        AIOT_BEGIN(); \
        while ((self->left -= 3) >= 0) { \
            self->state = self->state * 2654435761u + (a); \
            if (self->state & 64) AIOT_YIELD(); else AIOT_YIELD(); \
            self->state ^= self->state >> (b); \
            AIOT_YIELD(); \
            self->state += (c); \
            AIOT_YIELD(); \
        } \
        AIOT_END(); \
    }
struct mixed_1 { AIOT_FRAME; long left; unsigned state; }; MIXED(mixed_1, 1, 3, 5)
struct mixed_2 { AIOT_FRAME; long left; unsigned state; }; MIXED(mixed_2, 2, 5, 7)
struct mixed_3 { AIOT_FRAME; long left; unsigned state; }; MIXED(mixed_3, 3, 7, 11)
struct mixed_4 { AIOT_FRAME; long left; unsigned state; }; MIXED(mixed_4, 4, 9, 13)
struct mixed_5 { AIOT_FRAME; long left; unsigned state; }; MIXED(mixed_5, 5, 11, 17)
struct mixed_6 { AIOT_FRAME; long left; unsigned state; }; MIXED(mixed_6, 6, 13, 19)
struct mixed_7 { AIOT_FRAME; long left; unsigned state; }; MIXED(mixed_7, 7, 15, 23)
struct mixed_8 { AIOT_FRAME; long left; unsigned state; }; MIXED(mixed_8, 8, 17, 29)

static void mixed(unsigned tasks, long count)
{
    union frame {
        struct mixed_1 f1; struct mixed_2 f2; struct mixed_3 f3; struct mixed_4 f4;
        struct mixed_5 f5; struct mixed_6 f6; struct mixed_7 f7; struct mixed_8 f8;
    };
    struct one { union frame frame; aiot_task task; } *all = (struct one *)calloc(tasks, sizeof *all);
    prepare();
#define SPAWN(n) case n - 1: aiot_spawn_on(&loop, &all[k].task, mixed_##n, &all[k].frame.f##n, .left = count / tasks, .state = k); break
    for (unsigned k = 0; k < tasks; k++)
        switch (bench_random() % 8) { SPAWN(1); SPAWN(2); SPAWN(3); SPAWN(4); SPAWN(5); SPAWN(6); SPAWN(7); SPAWN(8); }
    int code = run_yields();
    for (unsigned k = 0; k < tasks; k++) executed += count / tasks - (all[k].frame.f1.left + 3);        /* all eight begin alike */
    check(code, count / tasks / 3 * 3 * tasks, "yields");
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
    prepare();
    for (unsigned k = 0; k < TASKS; k++)
        aiot_spawn_on(&loop, &all[k].task, deep, &all[k].frames[0], .depth = (int)depth, .below = &all[k].frames[1], .left = count / TASKS);
    int code = run_yields();
    for (unsigned k = 0; k < TASKS; k++) executed += count / TASKS - (all[k].frames[depth - 1].left + 1);
    check(code, count / TASKS * TASKS, "yields");
    free(all);
}

/* spawn: a task that ends at once, spawned and joined. */
struct nothing { AIOT_FRAME; };
static AIOT_CORO(nothing)
{
    AIOT_BEGIN();
    executed++;
    AIOT_END();
}

enum { BATCH = 100 };
struct spawner { AIOT_FRAME; long left; int i; struct nothing frames[BATCH]; aiot_task tasks[BATCH]; };
static AIOT_CORO(spawner)
{
    AIOT_BEGIN();
    for (; self->left > 0; self->left -= BATCH) {
        for (int i = 0; i < BATCH; i++) AIOT_SPAWN(&self->tasks[i], nothing, &self->frames[i]);
        for (self->i = 0; self->i < BATCH; self->i++) AIOT_JOIN(&self->tasks[self->i]);
    }
    AIOT_END();
}

static void spawns(unsigned unused, long count)
{
    static struct spawner frame;
    (void)unused;
    prepare();
    memset(&frame, 0, sizeof frame);
    frame.left = count;
    begin();
    int code = aiot_run_frame(&loop, spawner, &frame);
    end();
    check(code, (count + BATCH - 1) / BATCH * BATCH, "spawned");
}

/* spawn-end: the same, but nobody asks how they ended; and with a frame of 1 KB, which spawning zeroes. */
struct large { AIOT_FRAME; char data[1024 - sizeof(struct nothing)]; };
static AIOT_CORO(large)
{
    AIOT_BEGIN();
    executed++;
    AIOT_END();
}

struct starter { AIOT_FRAME; long left; bool are_large; struct nothing frames[BATCH]; struct large large[BATCH]; aiot_task tasks[BATCH]; };
static AIOT_CORO(starter)
{
    AIOT_BEGIN();
    for (; self->left > 0; self->left -= BATCH) {
        if (self->are_large) for (int i = 0; i < BATCH; i++) AIOT_SPAWN(&self->tasks[i], large, &self->large[i]);
        else for (int i = 0; i < BATCH; i++) AIOT_SPAWN(&self->tasks[i], nothing, &self->frames[i]);
        AIOT_YIELD();
    }
    AIOT_END();
}

static void starts(unsigned bytes, long count)
{
    static struct starter frame;
    prepare();
    memset(&frame, 0, sizeof frame);
    frame.left = count;
    frame.are_large = bytes > 0;
    begin();
    int code = aiot_run_frame(&loop, starter, &frame);
    end();
    check(code, (count + BATCH - 1) / BATCH * BATCH, "started");
}

/* timed wait: 100 tasks wait under a limit for a future that is completed in time, while `sleepers` others sleep; by wait_for() of the
 * future, or in a block. */
enum { WAITERS = 100 };
static aiot_future futures[WAITERS];

struct waiter { AIOT_FRAME; aiot_timeout limit; aiot_future *future; long left; };
static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    while (self->left-- > 0) {
        aiot_future_init(self->future, task->loop);
        AIOT_JOIN_FOR(&self->limit, AIOT_S(1), self->future);
        executed++;
    }
    AIOT_END();
}

struct block_waiter { AIOT_FRAME; aiot_timeout limit; aiot_future *future; long left; };
static AIOT_CORO(block_waiter)
{
    AIOT_BEGIN();
    while (self->left-- > 0) {
        aiot_future_init(self->future, task->loop);
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
            AIOT_JOIN(self->future);
        }
        executed++;
    }
    AIOT_END();
}

struct waker { AIOT_FRAME; long left; };
static AIOT_CORO(waker)
{
    AIOT_BEGIN();
    while (self->left-- > 0) {
        AIOT_YIELD();
        for (int i = 0; i < WAITERS; i++) (void)aiot_future_set_result(&futures[i], 0);
    }
    AIOT_YIELD();                               /* those who waited last have run again */
    AIOT_END();
}

struct sleeper { struct aiot_sleep frame; aiot_task task; };

static void timed_waits_by(bool in_block, unsigned sleepers, long count)
{
    union waiter_frame { struct waiter waiter; struct block_waiter block_waiter; };
    static union waiter_frame frames[WAITERS];
    static aiot_task tasks[WAITERS], waker_task;
    static struct waker waker_frame;
    struct sleeper *asleep = (struct sleeper *)calloc(sleepers + 1, sizeof *asleep);
    memset(frames, 0, sizeof frames);
    memset(tasks, 0, sizeof tasks);
    memset(&waker_task, 0, sizeof waker_task);
    memset(&waker_frame, 0, sizeof waker_frame);
    prepare();
    for (unsigned k = 0; k < sleepers; k++)
        aiot_spawn_on(&loop, &asleep[k].task, aiot_sleep, &asleep[k].frame, .delay_ns = AIOT_S(1000) + AIOT_US(k));
    for (unsigned k = 0; k < WAITERS; k++) {
        if (in_block)
            aiot_spawn_on(&loop, &tasks[k], block_waiter, &frames[k].block_waiter, .future = &futures[k], .left = count / WAITERS);
        else
            aiot_spawn_on(&loop, &tasks[k], waiter, &frames[k].waiter, .future = &futures[k], .left = count / WAITERS);
    }
    aiot_spawn_on(&loop, &waker_task, waker, &waker_frame, .left = count / WAITERS);
    aiot_run_once(&loop);
    begin();
    int code = aiot_run_until(&loop, &waker_task);
    end();
    check(code, count / WAITERS * WAITERS, "timed waits");
    check(aiot_cancel_all(&loop), executed, "others asleep");
    free(asleep);
}
static void timed_waits(unsigned sleepers, long count) { timed_waits_by(false, sleepers, count); }
static void timed_blocks(unsigned sleepers, long count) { timed_waits_by(true, sleepers, count); }

/* park, cancel, clean up, join. */
struct parked { AIOT_FRAME; };
static AIOT_CORO(parked)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_S(100)); } AIOT_FINALLY { AIOT_YIELD(); executed++; }
    AIOT_END();
}

struct canceller { AIOT_FRAME; long left; int i, together; struct parked frames[BATCH]; aiot_task tasks[BATCH]; };
static AIOT_CORO(canceller)
{
    AIOT_BEGIN();
    for (; self->left > 0; self->left -= self->together) {
        for (int i = 0; i < self->together; i++) AIOT_SPAWN(&self->tasks[i], parked, &self->frames[i]);
        AIOT_YIELD();
        for (int i = 0; i < self->together; i++) aiot_task_cancel(&self->tasks[i]);
        for (self->i = 0; self->i < self->together; self->i++) {
            AIOT_TRY { AIOT_JOIN(&self->tasks[self->i]); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        }
    }
    AIOT_END();
}

static void cancels(unsigned together, long count)
{
    static struct canceller frame;
    memset(&frame, 0, sizeof frame);
    frame.left = count;
    frame.together = (int)together;
    prepare();
    begin();
    int code = aiot_run_frame(&loop, canceller, &frame);
    end();
    check(code, (count + together - 1) / together * together, "cancelled");
}

static const struct workload workloads[] = {
    { "yield-1",         yields,      1,       4000000, 1,       1.6, 0 },
    { "yield-100",       yields,      100,     4000000, 100,     1.3, 0 },
    { "yield-10000",     yields,      10000,   4000000, 10000,   0, 2.5 },
    { "yield-1000000",   yields,      1000000, 16000000, 1000000, 0, 6.7 },
    { "yield-floor-10000", yields_floor, 10000,  4000000, 10000,   0, 0 },
    { "yield-floor-1000000", yields_floor, 1000000, 4000000, 1000000, 0, 0 },
    { "yield-shuffled-1000000", yields_shuffled, 1000000, 4000000, 1000000, 0, 0 },
    { "yield-mixed-10000", mixed,   10000,   4000000, 10000,   0, 0 },
    { "await-1",         yields_deep, 1,       4000000, 100,     1.3, 0 },
    { "await-4",         yields_deep, 4,       4000000, 100,     1.3, 0 },
    { "await-16",        yields_deep, 16,      4000000, 100,     1.3, 0 },
    { "spawn",           spawns,      0,       1000000, 100,     0, 7 },
    { "spawn-end",       starts,      0,       1000000, 100,     4, 0 },
    { "spawn-end-1k",    starts,      1024,    1000000, 100,     0, 0 },
    { "spawn-cancel",    cancels,     BATCH,   500000,  100,     30, 0 },
    { "spawn-cancel-1",  cancels,     1,       500000,  100,     0, 42 },
    { "timed-wait",      timed_waits, 0,       1000000, 100,     7, 0 },
    { "timed-wait-1k",   timed_waits, 1000,    1000000, 100,     9.1, 0 },
    { "timed-wait-10k",  timed_waits, 10000,   1000000, 100,     9.1, 0 },
    { "timed-wait-100k", timed_waits, 100000,  1000000, 100,     9.1, 0 },
    { "timed-block",     timed_blocks, 0,      1000000, 100,     7, 0 },
    { "timed-block-100k", timed_blocks, 100000, 1000000, 100,    9.1, 0 },
    { NULL, NULL, 0, 0, 0, 0, 0 }
};
BENCH_MAIN("aio_timeout.h", workloads)
