/* timers.c - what a timer costs: cancelling, moving, expiring; and how long one turn of the loop may last.
 *
 *     timers [...]    the workloads, see harness.h; the programs in peers/ have the same under the same names
 *     timers -p       the longest single turns, in ms of CPU time, with a million timers
 *
 *   timer-floor-N       visits an object and writes one field: what the memory alone costs
 *   timer-cancel-N      cancels a timer of 30 s and arms it anew, all in one turn; the clock moves 1 us per pair and is read every 64 pairs
 *   timer-rearm-N       moves one to 30 s from now; the same clock
 *   timer-cancel-exp-N  cancels and arms anew with delays of 30 s in the mean, a turn of the loop every 64 pairs; about 3 % fire
 *                       before they are visited, and their callbacks arm them anew
 *   timer-expire-N      turns in which 10 timers expire on average; each is armed anew in its callback, with a random delay below
 *                       1 s, or N * 200 us if that is more
 *
 * Every timer lies in an object of 128 bytes.  The objects lie in one array and are visited in the order of precomputed random
 * permutations, two of them alternating, so that nobody finds his timers in the order in which he armed them.  The clock is moved by
 * hand: reading it is a call that returns a variable.  The numbers of operations in a round with many timers are such that a round
 * always holds the same number of slots' ends (1.07 s, 68.7 s): the cascades are in the minimum, too. */
#include "harness.h"
#include "aio_timeout.h"

struct object { aiot_handle timer; unsigned visits; char rest[128 - sizeof(aiot_handle) - sizeof(unsigned)]; };
enum kind { THIRTY = 1, EXPONENTIAL, UNIFORM };
enum { DELAYS = 16384, BATCH = 64 };

static aiot_loop loop;
static struct object *objects;
static uint32_t *order;                         /* whom to visit */
static size_t order_length, order_at;
static aiot_time now_ns, delays[DELAYS], last_due;
static unsigned delay_at;
static long fired, out_of_order;

static aiot_time clock_by_hand(aiot_loop *unused) { (void)unused; return now_ns; }
static void idle_by_hand(aiot_loop *unused, aiot_time until) { (void)unused; now_ns = until; }
static inline struct object *visit(void)
{
    struct object *o = &objects[order[order_at]];
    if (++order_at == order_length) order_at = 0;
    return o;
}
static inline aiot_time next_delay(void) { return delays[delay_at++ % DELAYS]; }
static double uniform(void) { return (double)(bench_random() >> 11) / 9007199254740992.0; }
static aiot_time range_ns(unsigned n) { return n <= 5000 ? AIOT_S(1) : n * AIOT_US(200); }

static void shuffle(unsigned n)
{
    size_t copies = n < 32768 ? 65536 / n : 2;
    free(order);
    order = (uint32_t *)malloc(copies * n * sizeof *order);
    order_length = copies * n;
    order_at = 0;
    for (size_t c = 0; c < copies; c++) {
        uint32_t *p = order + c * n;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t k = (uint32_t)(bench_random() % (i + 1));
            p[i] = p[k];
            p[k] = i;
        }
    }
}

static void draw_delays(enum kind kind, unsigned n)
{
    for (int i = 0; i < DELAYS; i++) {
        double d = uniform() * (double)range_ns(n);
        if (kind == EXPONENTIAL) {                                      /* geometric, in steps of 1/256 of the mean */
            unsigned steps = 0;
            while (bench_random() >> 56 != 0) steps++;
            d = (steps + uniform()) * (30e9 / 256);
        }
        delays[i] = kind == THIRTY ? AIOT_S(30) : (aiot_time)d + 1;
    }
}

static int expired(void *argument)
{
    struct object *o = (struct object *)argument;
    aiot_time due = aiot_handle_when(&o->timer);
    fired++;
    out_of_order += due < last_due;
    last_due = due;
    aiot_call_later(&loop, &o->timer, next_delay(), expired, o);
    return 0;
}

static inline void tick(void) { now_ns += BATCH * AIOT_US(1); aiot_clock_refresh(&loop); }

/* `n` timers, pending already: built once for rounds that follow each other. */
static void stand(enum kind kind, unsigned n)
{
    static enum kind standing;
    static unsigned count;
    fired = out_of_order = 0;
    if (standing == kind && count == n) return;
    standing = kind;
    count = n;
    free(objects);
    objects = (struct object *)aligned_alloc(128, n * sizeof *objects);
    memset(objects, 0, n * sizeof *objects);
    shuffle(n);
    draw_delays(kind, n);
    now_ns = AIOT_S(1000);
    last_due = 0;
    aiot_loop_init_clock(&loop, clock_by_hand, idle_by_hand);
    for (unsigned i = 0; i < n; i++) {
        struct object *o = &objects[order[order_length - n + i]];       /* not in the order of the first visits */
        aiot_time delay = next_delay();
        if (kind == UNIFORM) {                                          /* what is left of those of a program that has run for long */
            aiot_time other = next_delay();
            if (other < delay) delay = other;
        }
        if (kind == THIRTY && i % BATCH == 0) tick();
        aiot_call_later(&loop, &o->timer, delay, expired, o);
    }
}

static void check(unsigned n, bool right)
{
    for (unsigned i = 0; i < n; i++) right = right && aiot_handle_when(&objects[i].timer) > now_ns;     /* pending; none was lost */
    if (right && out_of_order == 0) return;
    fprintf(stderr, "timers: wrong: %ld fired, %ld out of order\n", fired, out_of_order);
    exit(1);
}

static void floors(unsigned n, long count)
{
    stand(THIRTY, n);
    begin();
    for (long i = 0; i < count; i++) visit()->visits++;
}

/* Inside a callback, where timers are used, and where the loop reads its clock once a turn. */
static void within(aiot_callback operations, long count)
{
    static aiot_handle handle;
    aiot_call_soon(&loop, &handle, operations, &count);
    aiot_run_once(&loop);
}

static int cancel_and_arm(void *argument)
{
    long count = *(long *)argument;
    begin();
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        if (i % BATCH == 0) tick();
        aiot_handle_cancel(&o->timer);
        aiot_call_later(&loop, &o->timer, AIOT_S(30), expired, o);
    }
    end();
    return 0;
}

static void cancels(unsigned n, long count)
{
    stand(THIRTY, n);
    within(cancel_and_arm, count);
    check(n, fired == 0);
}

static int move(void *argument)
{
    long count = *(long *)argument;
    begin();
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        if (i % BATCH == 0) tick();
        aiot_call_later(&loop, &o->timer, AIOT_S(30), expired, o);
    }
    end();
    return 0;
}

static void rearms(unsigned n, long count)
{
    stand(THIRTY, n);
    within(move, count);
    check(n, fired == 0);
}

static int cancel_a_batch(void *argument)
{
    long count = *(long *)argument;
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        aiot_handle_cancel(&o->timer);
        aiot_call_later(&loop, &o->timer, next_delay(), expired, o);
    }
    return 0;
}

static void cancels_exponential(unsigned n, long count)
{
    aiot_time step = AIOT_MS(914) * BATCH / n;                          /* each is visited every 0.914 s: -30 s * ln(0.97) */
    static aiot_handle handle;
    long batch = BATCH;
    stand(EXPONENTIAL, n);
    begin();
    for (long i = 0; i < count; i += BATCH) {
        now_ns += step;
        aiot_call_later(&loop, &handle, 0, cancel_a_batch, &batch);     /* behind those that are due */
        aiot_run_once(&loop);
    }
    end();
    aiot_run_once(&loop);
    check(n, count < 100000 || (fired > count / 50 && fired < count / 25));
}

static void expires(unsigned n, long count)
{
    aiot_time step = 5 * range_ns(n) / n;
    stand(UNIFORM, n);
    begin();
    while (fired < count) {
        now_ns += step;
        aiot_run_once(&loop);
    }
    end();
    check(n, fired < count + (long)n);
}

/* -p: armed 100 s ahead; the clock moves by 1 ms from turn to turn, as it does for a program that is busy. */
static int nothing(void *argument)
{
    ((struct object *)argument)->visits++;
    fired++;
    return 0;
}

static double cpu_ms(void)                      /* not wall time: other processes are no pauses of ours */
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

static void pause_of(const char *what, aiot_time spread_ns, bool shuffled)
{
    enum { N = 1000000 };
    double longest = 0, longest_without = 0;
    aiot_time longest_at = 0, longest_without_at = 0;
    free(objects);
    objects = (struct object *)aligned_alloc(128, N * sizeof *objects);
    memset(objects, 0, N * sizeof *objects);
    shuffle(N);
    fired = 0;
    now_ns = 0;
    aiot_loop_init_clock(&loop, clock_by_hand, idle_by_hand);
    for (unsigned i = 0; i < N; i++) {
        struct object *o = &objects[shuffled ? order[i] : i];
        aiot_call_at(&loop, &o->timer, AIOT_S(100) + (aiot_time)(uniform() * (double)spread_ns), nothing, o);
    }
    while (fired < N && now_ns < AIOT_S(120)) {
        long before = fired;
        now_ns += AIOT_MS(1);
        double began = cpu_ms();
        aiot_run_once(&loop);
        double ms = cpu_ms() - began;
        if (ms > longest) { longest = ms; longest_at = now_ns; }
        if (fired == before && ms > longest_without) { longest_without = ms; longest_without_at = now_ns; }
    }
    printf("%-24s %-13s %8.2f ms (at %7.3f s) %8.2f ms (at %7.3f s)%s\n", what, shuffled ? "random order" : "array order", longest,
           (double)longest_at / 1e9, longest_without, (double)longest_without_at / 1e9, fired == N ? "" : "  wrong: some did not fire");
}

static int pauses(void)
{
    printf("%-24s %-13s %-27s   the longest without callbacks\n", "a million timers", "armed in", "  the longest turn");
    for (int shuffled = 1; shuffled >= 0; shuffled--) {
        pause_of("one deadline", 0, shuffled);
        pause_of("spread over one second", AIOT_S(1), shuffled);
    }
    return 0;
}

/* A round of expire has one end of a slot of 68.7 s if N * 200 us > 68.7 s, of cancel-exp two of 1.07 s if N is a million. */
static const struct workload workloads[] = {
    { "timer-floor-10",           floors,              10,      1000000, 100, 0, 0 },
    { "timer-floor-1000",         floors,              1000,    1000000, 100, 0, 0 },
    { "timer-floor-100000",       floors,              100000,  1000000, 100, 0, 0 },
    { "timer-floor-1000000",      floors,              1000000, 1000000, 100, 0, 0 },
    { "timer-cancel-10",          cancels,             10,      1000000, 100, 0, 0 },
    { "timer-cancel-1000",        cancels,             1000,    1000000, 100, 0, 4.7 },
    { "timer-cancel-100000",      cancels,             100000,  1000000, 100, 0, 0 },
    { "timer-cancel-1000000",     cancels,             1000000, 1000000, 100, 0, 156 },
    { "timer-rearm-10",           rearms,              10,      1000000, 100, 0, 0 },
    { "timer-rearm-1000",         rearms,              1000,    1000000, 100, 0, 4.5 },
    { "timer-rearm-100000",       rearms,              100000,  1000000, 100, 0, 0 },
    { "timer-rearm-1000000",      rearms,              1000000, 2000000, 100, 0, 146 },
    { "timer-cancel-exp-10",      cancels_exponential, 10,      1000000, 100, 0, 0 },
    { "timer-cancel-exp-1000",    cancels_exponential, 1000,    1000000, 100, 0, 0 },
    { "timer-cancel-exp-100000",  cancels_exponential, 100000,  1000000, 100, 0, 0 },
    { "timer-cancel-exp-1000000", cancels_exponential, 1000000, 2350000, 100, 0, 0 },
    { "timer-expire-10",          expires,             10,      500000,  100, 0, 0 },
    { "timer-expire-1000",        expires,             1000,    500000,  100, 0, 21 },
    { "timer-expire-100000",      expires,             100000,  687195,  100, 0, 0 },
    { "timer-expire-1000000",     expires,             1000000, 687195,  100, 0, 100 },
    { NULL, NULL, 0, 0, 0, 0, 0 }
};

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "-p") == 0) return pauses();
    return bench_main(argc, argv, "aio_timeout.h", workloads);
}
