/* pthreads.c - threads of the operating system.  With the workloads of ../scheduling.c and ../sleepers.c.
 *
 * debian: libc6-dev
 * flags: -pthread
 * link: -pthread
 *
 * All threads share one CPU, the one the program is on when it starts, so that a yield, sched_yield(), is a switch to another thread as
 * it is elsewhere; with more CPUs most would find nobody to yield to.  This is kinder to them than life: nothing is ever shared between
 * CPUs.  Stacks have 32 KiB.  The clean-up of spawn-cancel is a handler, pthread_cleanup_push().
 * Not seen by bytes-per-task: what the kernel needs for each thread, its stack of 16 KiB there above all.
 * Left out: yield-1000000, sleepers-100000, sleepers-1000000 and timed-wait-100k, for Linux refuses so many threads unless it is told
 * not to. */
#include "../harness.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

enum { MOST = 10000, BATCH = 100, TASKS = 100 };

static pthread_t threads[MOST];
static pthread_attr_t attributes;
static pthread_barrier_t all_there;
static long executed, woken;                    /* by many threads: on one CPU, still with atomic additions */
#define ADD(counter) __atomic_add_fetch(&(counter), 1, __ATOMIC_RELAXED)

static void check(bool right, const char *what)
{
    if (right) return;
    fprintf(stderr, "pthreads: wrong: %s\n", what);
    exit(1);
}

static void prepare(void)
{
    static bool prepared;
    if (!prepared) {
        cpu_set_t here;
        CPU_ZERO(&here);
        CPU_SET(sched_getcpu(), &here);
        sched_setaffinity(0, sizeof here, &here);
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 32768);
        prepared = true;
    }
    executed = woken = 0;
}

static pthread_t spawn(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    check(pthread_create(&thread, &attributes, body, argument) == 0, "cannot create a thread");
    return thread;
}

static long first, last;                        /* yields: those between are measured, for then no thread begins or ends */

static void *yielder(void *argument)
{
    long left = *(const long *)argument;
    pthread_barrier_wait(&all_there);
    for (; left > 0; left--) {
        sched_yield();
        long nth = ADD(executed);
        if (nth == first) begin();
        if (nth == last) end();
    }
    return NULL;
}

static void yields(unsigned tasks, long count)
{
    long each = count / tasks + 2;
    prepare();
    first = tasks;
    last = (each - 1) * tasks;
    pthread_barrier_init(&all_there, NULL, tasks);
    for (unsigned k = 0; k < tasks; k++) threads[k] = spawn(yielder, &each);
    for (unsigned k = 0; k < tasks; k++) pthread_join(threads[k], NULL);
    pthread_barrier_destroy(&all_there);
    check(executed == each * tasks, "yields");
}

static void *nothing(void *unused)
{
    ADD(executed);
    return unused;
}

static void spawns(unsigned unused, long count)
{
    (void)unused;
    prepare();
    begin();
    for (long left = count; left > 0; left -= BATCH) {
        for (int i = 0; i < BATCH; i++) threads[i] = spawn(nothing, NULL);
        for (int i = 0; i < BATCH; i++) pthread_join(threads[i], NULL);
    }
    end();
    check(executed >= count && executed < count + BATCH, "spawned");
}

static void clean_up(void *unused)
{
    (void)unused;
    sched_yield();
    ADD(executed);
}

static void *parked(void *unused)
{
    struct timespec long_time = { 100, 0 };
    pthread_cleanup_push(clean_up, NULL);
    nanosleep(&long_time, NULL);
    pthread_cleanup_pop(0);
    return unused;
}

static void cancels(unsigned together, long count)
{
    prepare();
    begin();
    for (long left = count; left > 0; left -= together) {
        for (unsigned i = 0; i < together; i++) threads[i] = spawn(parked, NULL);
        sched_yield();
        for (unsigned i = 0; i < together; i++) pthread_cancel(threads[i]);
        for (unsigned i = 0; i < together; i++) {
            void *result = NULL;
            pthread_join(threads[i], &result);
            if (result != PTHREAD_CANCELED) check(false, "ended by itself");
        }
    }
    end();
    /* One that is cancelled before it has first run ends without its handler. */
    check(executed > count * 9 / 10 && executed < count + together, "cancelled");
}

/* What a waiter waits for. */
struct event { pthread_mutex_t mutex; pthread_cond_t changed; bool happened; long left; };

static void *waiter(void *argument)
{
    struct event *e = (struct event *)argument;
    for (; e->left > 0; e->left--) {
        struct timespec limit;
        int failed = 0;
        clock_gettime(CLOCK_MONOTONIC, &limit);
        limit.tv_sec++;
        pthread_mutex_lock(&e->mutex);
        while (!e->happened && failed == 0) failed = pthread_cond_timedwait(&e->changed, &e->mutex, &limit);
        if (e->happened) ADD(executed);
        e->happened = false;
        pthread_mutex_unlock(&e->mutex);
    }
    return NULL;
}

static void timed_waits(unsigned unused, long count)
{
    static struct event events[TASKS];
    pthread_condattr_t monotonic;
    (void)unused;
    prepare();
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    for (int i = 0; i < TASKS; i++) {
        struct event *e = &events[i];
        pthread_mutex_init(&e->mutex, NULL);
        pthread_cond_init(&e->changed, &monotonic);
        e->happened = false;
        e->left = count / TASKS;
        threads[i] = spawn(waiter, e);
    }
    usleep(10000);                              /* all wait */
    begin();
    while (__atomic_load_n(&executed, __ATOMIC_RELAXED) < count / TASKS * TASKS) {
        for (int i = 0; i < TASKS; i++) {
            struct event *e = &events[i];
            pthread_mutex_lock(&e->mutex);
            e->happened = true;
            pthread_mutex_unlock(&e->mutex);
            pthread_cond_signal(&e->changed);
        }
        sched_yield();
    }
    end();
    for (int i = 0; i < TASKS; i++) {
        pthread_join(threads[i], NULL);
        pthread_cond_destroy(&events[i].changed);
        pthread_mutex_destroy(&events[i].mutex);
    }
    pthread_condattr_destroy(&monotonic);
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

static struct timespec moments[MOST];

static void *sleeper(void *argument)
{
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, (const struct timespec *)argument, NULL) == EINTR) { }
    ADD(woken);
    return NULL;
}

/* Until random moments of one second; the last is asleep before the first wakes. */
static void put_to_sleep(unsigned n)
{
    prepare();
    double lead = bench_now_ns() + 20e6 + 50e3 * n;
    for (unsigned k = 0; k < n; k++) {
        int64_t when = (int64_t)lead + (int64_t)(bench_random() % 1000000000);
        moments[k].tv_sec = when / 1000000000;
        moments[k].tv_nsec = when % 1000000000;
        threads[k] = spawn(sleeper, &moments[k]);
    }
    usleep(10000);
}

static void wake_all(unsigned n)
{
    for (unsigned k = 0; k < n; k++) pthread_join(threads[k], NULL);
    check(woken == (long)n, "not all have woken");
}

static void sleepers(unsigned n, long count)
{
    double cpu = 0;
    long measured = 0;
    while (measured < count) {
        put_to_sleep(n);
        long early = __atomic_load_n(&woken, __ATOMIC_RELAXED);
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
    { "bytes-per-task",   bytes_per_task, 1000,  1000,   100,   0 },           /* first: of a process that has no free memory yet */
    { "yield-1",          yields,         1,     200000, 1,     0 },
    { "yield-100",        yields,         100,   200000, 100,   0 },
    { "yield-10000",      yields,         10000, 100000, 10000, 0 },
    { "spawn",            spawns,         0,     5000,   100,   0 },
    { "spawn-cancel",     cancels,        BATCH, 3000,   100,   0 },
    { "spawn-cancel-1",   cancels,        1,     3000,   100,   0 },
    { "timed-wait",       timed_waits,    0,     30000,  100,   0 },
    { "sleepers-1000",    sleepers,       1000,  1000,   100,   0 },
    { NULL, NULL, 0, 0, 0, 0 }
};
BENCH_MAIN("pthreads", workloads)
