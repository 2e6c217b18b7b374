/* sleepers.c - what sleeping tasks cost: CPU time when they wake, memory while they sleep, how late they wake.
 *
 *     sleepers [...]     the workloads, see harness.h; the programs in peers/ have the same under the same names
 *     sleepers -m N      N tasks (default: 100000): bytes, CPU time while nothing is due, wake-ups of the loop per expiry, lateness;
 *                        a wake-up beside the floor; fails when a limit that it prints is exceeded
 *
 *   sleepers-N       N tasks go to sleep, each for a random part of one second, on the real clock.  CPU time of the process, system
 *                    calls included, from when the last has gone to sleep until the last has woken and ended, per task
 *   sleepers-ms-N    the same with an idle hook of three lines that sleeps to the end of a millisecond: up to one later, and in as many
 *                    sleeps of the CPU as the floor.  Order stays exact to the nanosecond
 *   sleepers-floor-N the same N wake-ups by the least there is: objects of 64 bytes in a wheel of 1000 slots of one millisecond, each a
 *                    singly linked list, so in no order within a slot; one call through a pointer for each, which does nothing else.
 *                    Nothing can be cancelled, no time is exact, and no sleep may be longer than a second
 *   bytes-per-task   how much the resident memory grows, per task that sleeps; the figure is bytes, not ns
 *
 * When fewer are asleep than there are moments to wake up in, a wake-up is a system call, and a sleep of the CPU; when many are, the
 * system lets a sleep last 50 us longer than asked for, and then several are due at once. */
#include "harness.h"
#include <unistd.h>
#include "aio_timeout.h"

struct sleeper { AIOT_FRAME; aiot_time when; };
struct one { struct sleeper frame; aiot_task task; };

static aiot_loop loop;
static long woken, idle_calls;
static bool keep_lateness;
static long late[64];                           /* how many woke so late: below 1 ns, 2 ns, 4 ns, ... */
static double late_sum, late_most;

static void note_lateness(aiot_time by)
{
    unsigned power = 0;
    while (power < 63 && by >> power > 0) power++;
    late[power]++;
    late_sum += (double)by;
    if ((double)by > late_most) late_most = (double)by;
}

static AIOT_CORO(sleeper)
{
    AIOT_BEGIN();
    AIOT_SLEEP_UNTIL(self->when);
    woken++;
    if (keep_lateness) note_lateness(loop.clock(&loop) - self->when);
    AIOT_END();
}

static void (*sleep_until)(aiot_loop *loop, aiot_time until);

static void counting_idle(aiot_loop *l, aiot_time until)
{
    idle_calls++;
    sleep_until(l, until);
}

static void idle_to_the_ms(aiot_loop *l, aiot_time until)
{
    if (until != AIOT_FOREVER) until += AIOT_MS(1) - 1 - (until - 1) % AIOT_MS(1);
    counting_idle(l, until);
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

static void wrong(const char *what)
{
    fprintf(stderr, "sleepers: wrong: %s\n", what);
    exit(1);
}

/* Puts `n` to sleep until random moments of the second that begins at `lead`, from now. */
static struct one *put_to_sleep(unsigned n, aiot_time lead)
{
    struct one *all = (struct one *)calloc(n, sizeof *all);
    if (all == NULL) wrong("no memory");
    aiot_loop_init(&loop);
    sleep_until = loop.idle;
    loop.idle = counting_idle;
    woken = idle_calls = 0;
    for (unsigned k = 0; k < n; k++) {
        aiot_time when = aiot_now(&loop) + lead + (aiot_time)(bench_random() % AIOT_S(1));
        aiot_spawn_on(&loop, &all[k].task, sleeper, &all[k].frame, .when = when);
    }
    aiot_run_once(&loop);
    return all;
}

static void wake_all(struct one *all, unsigned n)
{
    if (aiot_run_forever(&loop) != AIOT_OK || woken != (long)n) wrong("not all have woken");
    for (unsigned k = 0; k < n; k++)
        if (!aiot_done(&all[k].task) || aiot_result(&all[k].task) != 0) wrong("a task has not ended as it should");
    free(all);
}

static void sleepers_with(void (*idle)(aiot_loop *loop, aiot_time until), unsigned n, long count)
{
    double cpu = 0;
    long measured = 0;
    while (measured < count) {
        struct one *all = put_to_sleep(n, AIOT_MS(1) + AIOT_US(1) * n);       /* the last is asleep before the first wakes */
        long early = woken;
        loop.idle = idle;
        idle_calls = 0;
        double before = cpu_ns();
        if (aiot_run_forever(&loop) != AIOT_OK) wrong("some never wake");
        cpu += cpu_ns() - before;
        measured += woken - early;
        wake_all(all, n);
    }
    bench_began_ns = 0;
    bench_ended_ns = cpu / (double)measured * (double)count;
}
static void sleepers(unsigned n, long count) { sleepers_with(counting_idle, n, count); }
static void sleepers_ms(unsigned n, long count) { sleepers_with(idle_to_the_ms, n, count); }

/* THE FLOOR. */
struct bare_sleeper { struct bare_sleeper *next; aiot_time when; void (*step)(struct bare_sleeper *b); long woken; char rest[32]; };
enum { BARE_SLOTS = 1000 };                     /* a millisecond each */

static void wake_bare(struct bare_sleeper *b) { b->woken = 1; woken++; }

static void sleep_to(aiot_time when)
{
    struct timespec rest;
    aiot_time left = when - aiot_i_clock_monotonic(NULL);
    if (left <= 0) return;
    idle_calls++;
    rest.tv_sec = (time_t)(left / 1000000000);
    rest.tv_nsec = (long)(left % 1000000000);
    nanosleep(&rest, NULL);
}

/* CPU time of waking all `n`, which is measured as above. */
static double bare_wheel_ns(unsigned n)
{
    static struct bare_sleeper *slots[BARE_SLOTS];
    struct bare_sleeper *all = (struct bare_sleeper *)calloc(n, sizeof *all);
    if (all == NULL) wrong("no memory");
    aiot_time start = aiot_i_clock_monotonic(NULL) + AIOT_MS(1) + AIOT_NS(100) * n;
    woken = 0;
    for (unsigned k = 0; k < n; k++) {
        aiot_time after = (aiot_time)(bench_random() % AIOT_S(1));
        struct bare_sleeper **slot = &slots[after / AIOT_MS(1)];
        all[k].when = start + after;
        all[k].step = wake_bare;
        all[k].next = *slot;
        *slot = &all[k];
    }
    idle_calls = 0;
    double before = cpu_ns();
    for (unsigned ms = 0; ms < BARE_SLOTS; ms++) {
        struct bare_sleeper *b = slots[ms];
        slots[ms] = NULL;
        if (b == NULL) continue;
        sleep_to(start + AIOT_MS(ms + 1));      /* the end of the slot: never early */
        for (struct bare_sleeper *next; b; b = next) {
            next = b->next;
            b->step(b);
        }
    }
    double cpu = cpu_ns() - before;
    if (woken != (long)n) wrong("the bare wheel has lost some");
    free(all);
    return cpu / n;
}

static void sleepers_floor(unsigned n, long count)
{
    bench_began_ns = 0;
    bench_ended_ns = bare_wheel_ns(n) * (double)count;
}

static void bytes_per_task(unsigned n, long unused)
{
    static double bytes;                        /* of the first time: later the memory is the process's already */
    if (bytes == 0) {
        double before = resident_bytes();
        struct one *all = put_to_sleep(n, AIOT_MS(1) + AIOT_US(1) * n);
        bytes = (resident_bytes() - before) / n;
        wake_all(all, n);
    }
    bench_began_ns = 0;
    bench_ended_ns = bytes * (double)unused;
}

static void print_time(double ns)
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    int u = 0;
    while (u < 3 && ns >= 1000) { ns /= 1000; u++; }
    printf("%5.*f %-2s", ns < 10 && u > 0 ? 1 : 0, ns, units[u]);
}

static const char *verdict(bool within) { return within ? "pass" : "MISS"; }

static int in_detail(unsigned n)
{
    enum { BYTES = sizeof(aiot_task) + sizeof(aiot_frame), BYTES_WANTED = 96, BYTES_LIMIT = 112 };
    const aiot_time quiet = AIOT_S(2);
    double bytes = resident_bytes();
    struct one *all = put_to_sleep(n, quiet + AIOT_MS(200) + AIOT_US(1) * n);
    bytes = resident_bytes() - bytes;
    printf("%u tasks asleep\n", n);
    printf("  bytes: task and frame header %31d  wanted %d, limit %d  %s\n", (int)BYTES, (int)BYTES_WANTED, (int)BYTES_LIMIT,
           verdict((int)BYTES <= (int)BYTES_LIMIT));
    printf("  bytes: with the frame's error slot, and one time in it %5d\n", (int)sizeof *all);
    printf("  bytes: growth of resident memory, for each %19.1f\n", bytes / n);

    struct aiot_sleep frame;
    aiot_task observer;
    memset(&frame, 0, sizeof frame);
    memset(&observer, 0, sizeof observer);
    double cpu = cpu_ns();
    idle_calls = 0;
    aiot_spawn_on(&loop, &observer, aiot_sleep, &frame, .delay_ns = quiet);
    if (aiot_run_until(&loop, &observer) != AIOT_OK || woken != 0) wrong("something woke too early");
    printf("  CPU seconds in 2 s with nothing due %26.6f  %ld wake-ups of the loop\n", (cpu_ns() - cpu) / 1e9, idle_calls);

    cpu = cpu_ns();
    idle_calls = 0;
    keep_lateness = true;
    wake_all(all, n);
    keep_lateness = false;
    cpu = cpu_ns() - cpu;
    double each = (double)idle_calls / n;
    printf("  CPU ns of waking one, its lateness noted %19.0f\n", cpu / n);
    printf("  wake-ups of the loop per expiry %30.3f  limit 1.02  %s\n", each, verdict(each <= 1.02));
    printf("  lateness: mean");
    print_time(late_sum / n);
    printf(", most");
    print_time(late_most);
    puts("");
    long most = 1, before = 0;
    for (int p = 0; p < 64; p++) if (late[p] > most) most = late[p];
    for (int p = 0; p < 64; p++) {
        if (late[p] > 0) {
            printf("    ");
            print_time(p == 0 ? 0 : (double)(UINT64_C(1) << (p - 1)));
            printf(" to ");
            print_time((double)(UINT64_C(1) << p));
            printf("%9ld  %5.1f %%  ", late[p], 100.0 * (double)(before += late[p]) / n);
            for (long star = 0; star < (late[p] * 40 + most - 1) / most; star++) putchar('*');
            puts("");
        }
    }
    struct { void (*workload)(unsigned n, long count); const char *name; double least; long sleeps; } ways[] = {
        { sleepers_floor, "bare wheel of milliseconds", 0, 0 },
        { sleepers, "sleeps to the nanosecond", 0, 0 },
        { sleepers_ms, "sleeps to the millisecond", 0, 0 },
    };
    enum { FLOOR, EXACT, TO_THE_MS, WAYS };
    for (int round = 0; round < (n > 1000000 ? 2 : 5); round++)         /* alternating; the least of each */
        for (int w = 0; w < WAYS; w++) {
            ways[w].workload(n, 1);
            if (round > 0 && bench_ended_ns >= ways[w].least) continue;
            ways[w].least = bench_ended_ns;
            ways[w].sleeps = idle_calls;
        }
    puts("  CPU ns of waking one");
    for (int w = 0; w < WAYS; w++)
        printf("    %-34s %20.0f  %ld sleeps of the CPU, ratio %.2f\n", ways[w].name, ways[w].least, ways[w].sleeps,
               ways[w].least / ways[FLOOR].least);
    bool near = ways[TO_THE_MS].least <= 1.5 * ways[FLOOR].least;
    printf("    with as many sleeps as the bare wheel has %13.2f  limit 1.5  %s\n", ways[TO_THE_MS].least / ways[FLOOR].least,
           verdict(near));
    return (int)BYTES <= (int)BYTES_LIMIT && each <= 1.02 && near ? 0 : 1;
}

static const struct workload workloads[] = {
    { "bytes-per-task",   bytes_per_task, 100000,  100000,  100, 0, 0 },      /* first: of a process that has no free memory yet */
    { "sleepers-1000",    sleepers,       1000,    1000,    100, 0, 0 },
    { "sleepers-100000",  sleepers,       100000,  100000,  100, 0, 0 },
    { "sleepers-1000000", sleepers,       1000000, 1000000, 100, 0, 0 },
    { "sleepers-ms-1000",    sleepers_ms,  1000,    1000,    100, 0, 0 },
    { "sleepers-ms-100000",  sleepers_ms,  100000,  100000,  100, 0, 0 },
    { "sleepers-ms-1000000", sleepers_ms,  1000000, 1000000, 100, 0, 0 },
    { "sleepers-floor-1000",    sleepers_floor, 1000,    1000,    100, 0, 0 },
    { "sleepers-floor-100000",  sleepers_floor, 100000,  100000,  100, 0, 0 },
    { "sleepers-floor-1000000", sleepers_floor, 1000000, 1000000, 100, 0, 0 },
    { NULL, NULL, 0, 0, 0, 0, 0 }
};

int main(int argc, char **argv)
{
    if (argc >= 2 && argc <= 3 && strcmp(argv[1], "-m") == 0) {
        long n = argc == 3 ? atol(argv[2]) : 100000;
        if (n < 1 || n > 100000000) { fprintf(stderr, "usage: sleepers -m [N]\n"); return 2; }
        return in_detail((unsigned)n);
    }
    return bench_main(argc, argv, "aio_timeout.h", workloads);
}
