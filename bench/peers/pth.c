/* pth.c - GNU Pth: coroutines with stacks of their own, in one thread, since 1999.  With the workloads of ../scheduling.c and
 * ../sleepers.c.
 *
 * debian: libpth-dev
 * link: -lpth
 *
 * Every switch goes through a scheduler thread with swapcontext() and looks for signals and descriptors, so a yield is seven system
 * calls.  What is ready is a list in order of priority, walked from its head on insertion; all that wait are looked at after every
 * switch: both are O(number of threads).
 *
 * Kinder than its examples: stacks of 16 KiB, not 64; and the main thread is one of those that yield, so that nobody waits.  The
 * clean-up of spawn-cancel is a handler, pth_cleanup_push().
 * Left out: yield-10000, whose yields take 0.4 ms each; yield-1000000, sleepers-100000, sleepers-1000000 and timed-wait-100k, which
 * would walk for hours. */
#include "../harness.h"
#include <unistd.h>
#include <pth.h>

enum { MOST = 1000, BATCH = 100, TASKS = 100 };

static pth_t threads[MOST];
static pth_attr_t attributes;
static long executed, woken;

static void check(bool right, const char *what)
{
    if (right) return;
    fprintf(stderr, "pth: wrong: %s\n", what);
    exit(1);
}

static void prepare(void)
{
    if (attributes == NULL) {
        pth_init();
        attributes = pth_attr_new();
        pth_attr_set(attributes, PTH_ATTR_STACK_SIZE, 16384u);
        pth_attr_set(attributes, PTH_ATTR_JOINABLE, 1);
    }
    executed = woken = 0;
}

static pth_t spawn(void *(*body)(void *), void *argument)
{
    pth_t thread = pth_spawn(attributes, body, argument);
    check(thread != NULL, "cannot spawn");
    return thread;
}

static void *yielder(void *argument)
{
    long each = *(const long *)argument;
    for (long left = each; left > 0; left--) pth_yield(NULL);
    executed += each;
    return NULL;
}

static void yields(unsigned tasks, long count)
{
    long each = count / tasks;
    prepare();
    for (unsigned k = 0; k < tasks - 1; k++) threads[k] = spawn(yielder, &each);
    pth_yield(NULL);                            /* all have begun */
    begin();
    yielder(&each);
    end();
    for (unsigned k = 0; k < tasks - 1; k++) pth_join(threads[k], NULL);
    check(executed == each * tasks, "yields");
}

static void *nothing(void *unused)
{
    executed++;
    return unused;
}

static void spawns(unsigned unused, long count)
{
    (void)unused;
    prepare();
    begin();
    for (long left = count; left > 0; left -= BATCH) {
        for (int i = 0; i < BATCH; i++) threads[i] = spawn(nothing, NULL);
        for (int i = 0; i < BATCH; i++) pth_join(threads[i], NULL);
    }
    end();
    check(executed >= count && executed < count + BATCH, "spawned");
}

static void clean_up(void *unused)
{
    (void)unused;
    pth_yield(NULL);
    executed++;
}

static void *parked(void *unused)
{
    pth_cleanup_push(clean_up, NULL);
    pth_nap(pth_time(100, 0));
    pth_cleanup_pop(0);
    return unused;
}

static void cancels(unsigned together, long count)
{
    prepare();
    begin();
    for (long left = count; left > 0; left -= together) {
        for (unsigned i = 0; i < together; i++) threads[i] = spawn(parked, NULL);
        pth_yield(NULL);
        for (unsigned i = 0; i < together; i++) pth_cancel(threads[i]);
        for (unsigned i = 0; i < together; i++) {
            void *result = NULL;
            pth_join(threads[i], &result);
            check(result == PTH_CANCELED, "ended by itself");
        }
    }
    end();
    check(executed >= count && executed < count + together, "cancelled");
}

/* What a waiter waits for. */
struct event { pth_mutex_t mutex; pth_cond_t changed; bool happened; long left; };

static void *waiter(void *argument)
{
    struct event *e = (struct event *)argument;
    for (; e->left > 0; e->left--) {
        pth_event_t limit = pth_event(PTH_EVENT_TIME, pth_timeout(1, 0));
        pth_mutex_acquire(&e->mutex, FALSE, NULL);
        while (!e->happened && pth_event_status(limit) != PTH_STATUS_OCCURRED) pth_cond_await(&e->changed, &e->mutex, limit);
        if (e->happened) executed++;
        e->happened = false;
        pth_mutex_release(&e->mutex);
        pth_event_free(limit, PTH_FREE_THIS);
    }
    return NULL;
}

static void timed_waits(unsigned unused, long count)
{
    static struct event events[TASKS];
    (void)unused;
    prepare();
    for (int i = 0; i < TASKS; i++) {
        struct event *e = &events[i];
        pth_mutex_init(&e->mutex);
        pth_cond_init(&e->changed);
        e->happened = false;
        e->left = count / TASKS;
        threads[i] = spawn(waiter, e);
    }
    pth_yield(NULL);
    begin();
    while (executed < count / TASKS * TASKS) {
        for (int i = 0; i < TASKS; i++) {
            struct event *e = &events[i];
            pth_mutex_acquire(&e->mutex, FALSE, NULL);
            e->happened = true;
            pth_cond_notify(&e->changed, FALSE);
            pth_mutex_release(&e->mutex);
        }
        pth_yield(NULL);
    }
    end();
    for (int i = 0; i < TASKS; i++) pth_join(threads[i], NULL);
    check(executed == count / TASKS * TASKS, "timed waits");
}

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static pth_time_t moments[MOST];

static void *sleeper(void *argument)
{
    pth_event_t moment = pth_event(PTH_EVENT_TIME, *(const pth_time_t *)argument);
    pth_wait(moment);
    pth_event_free(moment, PTH_FREE_THIS);
    woken++;
    return NULL;
}

/* Until random moments of one second; the last is asleep before the first wakes. */
static void put_to_sleep(unsigned n)
{
    prepare();
    for (unsigned k = 0; k < n; k++) {
        long us = 20000 + 100 * (long)n / 2 + (long)(bench_random() % 1000000);
        moments[k] = pth_timeout(us / 1000000, us % 1000000);
        threads[k] = spawn(sleeper, &moments[k]);
    }
    pth_yield(NULL);
}

static void wake_all(unsigned n)
{
    for (unsigned k = 0; k < n; k++) pth_join(threads[k], NULL);
    check(woken == (long)n, "not all have woken");
}

static void sleepers(unsigned n, long count)
{
    double cpu = 0;
    long measured = 0;
    while (measured < count) {
        put_to_sleep(n);
        long early = woken;
        double before = cpu_ns();
        wake_all(n);
        cpu += cpu_ns() - before;
        measured += woken - early;
    }
    bench_began_ns = 0;
    bench_ended_ns = cpu / (double)measured * (double)count;
}

static void bytes_per_task(unsigned n, long count)
{
    static double bytes;                        /* of the first time: later the memory is the process's already */
    if (bytes == 0) {
        prepare();
        double before = resident_bytes();
        put_to_sleep(n);
        bytes = (resident_bytes() - before) / n;
        wake_all(n);
    }
    bench_began_ns = 0;
    bench_ended_ns = bytes * (double)count;
}

static const struct workload workloads[] = {
    { "bytes-per-task",   bytes_per_task, 1000,  1000,   100,   0 },      /* first: of a process that has no free memory yet */
    { "yield-1",          yields,         1,     50000,  1,     0 },
    { "yield-100",        yields,         100,   50000,  100,   0 },
    { "spawn",            spawns,         0,     10000,  100,   0 },
    { "spawn-cancel",     cancels,        BATCH, 5000,   100,   0 },
    { "spawn-cancel-1",   cancels,        1,     5000,   100,   0 },
    { "timed-wait",       timed_waits,    0,     2000,   100,   0 },
    { "sleepers-1000",    sleepers,       1000,  1000,   100,   0 },
    { NULL, NULL, 0, 0, 0, 0 }
};
BENCH_MAIN("pth", workloads)
