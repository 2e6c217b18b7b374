/* libev.c - libev's timers (ev_timer, a 4-ary heap of doubles), with the workloads of ../timers.c, whose head describes them.
 *
 * debian: libev-dev
 * link: -lev
 *
 * Kinder to libev than life: clock_gettime(), gettimeofday() and epoll_wait() are answered by this file, with the same clock moved by
 * hand as in timers.c and without a system call; what is left is the library's own work.  Each turn is ev_run(EVRUN_NOWAIT), which
 * reads the clock, as ours does.  timer-rearm is ev_timer_again(), as its manual recommends for idle timeouts; elsewhere a timer is
 * stopped, set and started.  Every timer lies in an object of 128 bytes, as ours. */
#include "../harness.h"
#include <ev.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

struct object { ev_timer timer; int64_t due; char rest[128 - sizeof(ev_timer) - sizeof(int64_t)]; };
enum kind { THIRTY = 1, EXPONENTIAL, UNIFORM };
enum { DELAYS = 16384, BATCH = 64 };

static struct ev_loop *loop;
static struct object *objects;
static uint32_t *order;                         /* whom to visit */
static size_t order_length, order_at;
static int64_t now_ns, delays[DELAYS], last_due;
static unsigned delay_at;
static long fired, out_of_order;
static bool by_hand;

int clock_gettime(clockid_t id, struct timespec *now)                   /* in place of the C library's */
{
    if (!by_hand) return (int)syscall(SYS_clock_gettime, id, now);
    now->tv_sec = now_ns / 1000000000;
    now->tv_nsec = now_ns % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)     /* which Debian's libev asks too, when the clock has moved on */
{
    struct timespec exact;
    (void)zone;
    if (by_hand) (void)clock_gettime(CLOCK_MONOTONIC, &exact);
    else (void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout)
{
    (void)fd; (void)events; (void)most; (void)timeout;
    return 0;
}

static void start(void) { by_hand = false; begin(); by_hand = true; }
static void stop(void) { by_hand = false; end(); by_hand = true; }

static inline struct object *visit(void)
{
    struct object *o = &objects[order[order_at]];
    if (++order_at == order_length) order_at = 0;
    return o;
}
static inline int64_t next_delay(void) { return delays[delay_at++ % DELAYS]; }
static double uniform(void) { return (double)(bench_random() >> 11) / 9007199254740992.0; }
static int64_t range_ns(unsigned n) { return n <= 5000 ? 1000000000 : n * INT64_C(200000); }

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
        delays[i] = kind == THIRTY ? INT64_C(30000000000) : (int64_t)d + 1;
    }
}

static inline void arm(struct object *o, int64_t delay)
{
    o->due = now_ns + delay;
    ev_timer_set(&o->timer, (double)delay * 1e-9, 0.);
    ev_timer_start(loop, &o->timer);
}

static void expired(struct ev_loop *unused, ev_timer *timer, int events)
{
    struct object *o = (struct object *)(void *)timer;
    (void)unused; (void)events;
    fired++;
    out_of_order += o->due < last_due;
    last_due = o->due;
    arm(o, next_delay());
}

static inline void tick(void) { now_ns += BATCH * 1000; ev_now_update(loop); }

/* `n` timers, pending already: built once for rounds that follow each other. */
static void stand(enum kind kind, unsigned n)
{
    static enum kind standing;
    static unsigned count;
    fired = out_of_order = 0;
    by_hand = true;
    if (standing == kind && count == n) return;
    standing = kind;
    count = n;
    if (loop) ev_loop_destroy(loop);
    free(objects);
    objects = (struct object *)aligned_alloc(128, n * sizeof *objects);
    memset(objects, 0, n * sizeof *objects);
    shuffle(n);
    draw_delays(kind, n);
    now_ns = INT64_C(1000000000000);
    last_due = 0;
    loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    for (unsigned i = 0; i < n; i++) {
        struct object *o = &objects[order[order_length - n + i]];       /* not in the order of the first visits */
        int64_t delay = next_delay();
        if (kind == UNIFORM) {                                          /* what is left of those of a program that has run for long */
            int64_t other = next_delay();
            if (other < delay) delay = other;
        }
        if (kind == THIRTY && i % BATCH == 0) tick();
        ev_timer_init(&o->timer, expired, 0., 0.);
        arm(o, delay);
    }
}

static void check(unsigned n, bool right)
{
    for (unsigned i = 0; i < n; i++) right = right && ev_is_active(&objects[i].timer) && ev_timer_remaining(loop, &objects[i].timer) > 0;
    by_hand = false;
    if (right && out_of_order == 0) return;
    fprintf(stderr, "libev: wrong: %ld fired, %ld out of order\n", fired, out_of_order);
    exit(1);
}

static void cancels(unsigned n, long count)
{
    stand(THIRTY, n);
    start();
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        if (i % BATCH == 0) tick();
        ev_timer_stop(loop, &o->timer);
        ev_timer_set(&o->timer, 30., 0.);
        ev_timer_start(loop, &o->timer);
    }
    stop();
    check(n, fired == 0);
}

static void rearms(unsigned n, long count)
{
    stand(THIRTY, n);
    start();
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        if (i % BATCH == 0) tick();
        o->timer.repeat = 30.;
        ev_timer_again(loop, &o->timer);
    }
    stop();
    check(n, fired == 0);
}

static void cancels_exponential(unsigned n, long count)
{
    int64_t step = INT64_C(914000000) * BATCH / n;                      /* each is visited every 0.914 s: -30 s * ln(0.97) */
    stand(EXPONENTIAL, n);
    start();
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        ev_timer_stop(loop, &o->timer);
        arm(o, next_delay());
        if (i % BATCH == BATCH - 1) {
            now_ns += step;
            ev_run(loop, EVRUN_NOWAIT);
        }
    }
    stop();
    ev_run(loop, EVRUN_NOWAIT);
    check(n, count < 100000 || (fired > count / 50 && fired < count / 25));
}

static void expires(unsigned n, long count)
{
    int64_t step = 5 * range_ns(n) / n;
    stand(UNIFORM, n);
    start();
    while (fired < count) {
        now_ns += step;
        ev_run(loop, EVRUN_NOWAIT);
    }
    stop();
    check(n, fired < count + (long)n);
}

static const struct workload workloads[] = {
    { "timer-cancel-10",          cancels,             10,      1000000, 100, 0 },
    { "timer-cancel-1000",        cancels,             1000,    1000000, 100, 0 },
    { "timer-cancel-100000",      cancels,             100000,  1000000, 100, 0 },
    { "timer-cancel-1000000",     cancels,             1000000, 1000000, 100, 0 },
    { "timer-rearm-10",           rearms,              10,      1000000, 100, 0 },
    { "timer-rearm-1000",         rearms,              1000,    1000000, 100, 0 },
    { "timer-rearm-100000",       rearms,              100000,  1000000, 100, 0 },
    { "timer-rearm-1000000",      rearms,              1000000, 2000000, 100, 0 },
    { "timer-cancel-exp-10",      cancels_exponential, 10,      1000000, 100, 0 },
    { "timer-cancel-exp-1000",    cancels_exponential, 1000,    1000000, 100, 0 },
    { "timer-cancel-exp-100000",  cancels_exponential, 100000,  1000000, 100, 0 },
    { "timer-cancel-exp-1000000", cancels_exponential, 1000000, 2350000, 100, 0 },
    { "timer-expire-10",          expires,             10,      500000,  100, 0 },
    { "timer-expire-1000",        expires,             1000,    500000,  100, 0 },
    { "timer-expire-100000",      expires,             100000,  687195,  100, 0 },
    { "timer-expire-1000000",     expires,             1000000, 687195,  100, 0 },
    { NULL, NULL, 0, 0, 0, 0 }
};
BENCH_MAIN("libev", workloads)
