/* libevent.c - libevent's timers (struct event: a binary heap of pointers, or a list for timers of one duration), with the workloads of
 * ../timers.c, whose head describes them.
 *
 * debian: libevent-dev
 * link: -levent_core
 *
 * Kinder to libevent than life: clock_gettime() and epoll_wait() are answered by this file, with the same clock moved by hand as in
 * timers.c and without a system call; what is left is the library's own work.  Each turn is event_base_loop(EVLOOP_ONCE |
 * EVLOOP_NONBLOCK), which reads the clock, as ours does.  Its times are whole microseconds.  What arms timers outside expiries does so in
 * a callback, where the library has the time cached; in timer-cancel-exp that takes a turn more every 64 pairs: slightly harsher.  Where
 * all timers last 30 s they have a common timeout (event_base_init_common_timeout), as its documentation recommends: a list, not a heap;
 * timer-cancel-heap and timer-rearm-heap are the same without.  Every timer lies in an object of 128 bytes, which a struct event fills.
 * Rounds are shorter than ours: a heap has no cascades to be in them. */
#include "../harness.h"
#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

struct object { struct event timer; };
enum kind { THIRTY = 1, THIRTY_IN_COMMON, EXPONENTIAL, UNIFORM };
enum { DELAYS = 16384, BATCH = 64 };

static struct event_base *base;
static struct event driver;
static const struct timeval *thirty;
static struct object *objects;
static uint32_t *order;                         /* whom to visit */
static size_t order_length, order_at;
static int64_t now_ns;
static struct timeval delays[DELAYS], last_due;
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
static inline const struct timeval *next_delay(void) { return &delays[delay_at++ % DELAYS]; }
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
        delays[i].tv_sec = (time_t)(d / 1e9);
        delays[i].tv_usec = (suseconds_t)(d / 1e3) % 1000000 + (d < 1e3);
    }
}

static void expired(evutil_socket_t unused, short what, void *argument)
{
    struct object *o = (struct object *)argument;
    struct timeval due = o->timer.ev_timeout;
    (void)unused; (void)what;
    fired++;
    out_of_order += evutil_timercmp(&due, &last_due, <);
    last_due = due;
    event_add(&o->timer, next_delay());
}

/* Runs a turn in which `run` is called, and what is due. */
static void turn_with(event_callback_fn run, void *argument)
{
    event_assign(&driver, base, -1, 0, run, argument);
    event_active(&driver, EV_TIMEOUT, 0);
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static inline void tick(void) { now_ns += BATCH * 1000; event_base_update_cache_time(base); }

/* `n` timers, pending already: built once for rounds that follow each other. */
struct standing { enum kind kind; unsigned n; };

static void arm_all(evutil_socket_t unused, short what, void *argument)
{
    const struct standing *s = (const struct standing *)argument;
    (void)unused; (void)what;
    for (unsigned i = 0; i < s->n; i++) {
        struct object *o = &objects[order[order_length - s->n + i]];    /* not in the order of the first visits */
        const struct timeval *delay = s->kind <= THIRTY_IN_COMMON ? thirty : next_delay();
        if (s->kind == UNIFORM) {                                       /* what is left of those of a program that has run for long */
            const struct timeval *other = next_delay();
            if (evutil_timercmp(other, delay, <)) delay = other;
        }
        if (s->kind <= THIRTY_IN_COMMON && i % BATCH == 0) tick();
        event_assign(&o->timer, base, -1, 0, expired, o);
        event_add(&o->timer, delay);
    }
}

static void stand(enum kind kind, unsigned n)
{
    static const struct timeval thirty_seconds = { 30, 0 };
    static struct standing now;
    fired = out_of_order = 0;
    by_hand = true;
    if (now.kind == kind && now.n == n) return;
    for (unsigned i = 0; i < now.n; i++) event_del(&objects[i].timer);
    if (base) event_base_free(base);
    now.kind = kind;
    now.n = n;
    free(objects);
    objects = (struct object *)aligned_alloc(128, n * sizeof *objects);
    memset(objects, 0, n * sizeof *objects);
    shuffle(n);
    draw_delays(kind, n);
    now_ns = INT64_C(1000000000000);
    evutil_timerclear(&last_due);
    base = event_base_new();
    thirty = kind == THIRTY_IN_COMMON ? event_base_init_common_timeout(base, &thirty_seconds) : &thirty_seconds;
    turn_with(arm_all, &now);
}

static void check(unsigned n, bool right)
{
    struct timeval now;
    now.tv_sec = now_ns / 1000000000;
    now.tv_usec = now_ns % 1000000000 / 1000;
    for (unsigned i = 0; i < n; i++) {
        const struct event *timer = &objects[i].timer;
        right = right && event_pending(timer, EV_TIMEOUT, NULL) && evutil_timercmp(&timer->ev_timeout, &now, >);
    }
    by_hand = false;
    if (right && out_of_order == 0) return;
    fprintf(stderr, "libevent: wrong: %ld fired, %ld out of order\n", fired, out_of_order);
    exit(1);
}

static void cancelling(evutil_socket_t unused, short what, void *argument)
{
    long count = *(long *)argument;
    (void)unused; (void)what;
    start();
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        if (i % BATCH == 0) tick();
        event_del(&o->timer);
        event_add(&o->timer, thirty);
    }
    stop();
}

static void rearming(evutil_socket_t unused, short what, void *argument)
{
    long count = *(long *)argument;
    (void)unused; (void)what;
    start();
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        if (i % BATCH == 0) tick();
        event_add(&o->timer, thirty);
    }
    stop();
}

static void of_thirty(enum kind kind, event_callback_fn run, unsigned n, long count)
{
    stand(kind, n);
    turn_with(run, &count);
    check(n, fired == 0);
}

static void cancels(unsigned n, long count) { of_thirty(THIRTY_IN_COMMON, cancelling, n, count); }
static void cancels_in_heap(unsigned n, long count) { of_thirty(THIRTY, cancelling, n, count); }
static void rearms(unsigned n, long count) { of_thirty(THIRTY_IN_COMMON, rearming, n, count); }
static void rearms_in_heap(unsigned n, long count) { of_thirty(THIRTY, rearming, n, count); }

static void cancelling_batch(evutil_socket_t unused, short what, void *argument)
{
    (void)unused; (void)what; (void)argument;
    for (int i = 0; i < BATCH; i++) {
        struct object *o = visit();
        event_del(&o->timer);
        event_add(&o->timer, next_delay());
    }
}

static void cancels_exponential(unsigned n, long count)
{
    int64_t step = INT64_C(914000000) * BATCH / n;                      /* each is visited every 0.914 s: -30 s * ln(0.97) */
    stand(EXPONENTIAL, n);
    start();
    event_assign(&driver, base, -1, 0, cancelling_batch, NULL);
    for (long i = 0; i < count; i += BATCH) {
        event_active(&driver, EV_TIMEOUT, 0);
        event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        now_ns += step;
        event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    }
    stop();
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    check(n, count < 100000 || (fired > count / 50 && fired < count / 25));
}

static void expires(unsigned n, long count)
{
    int64_t step = 5 * range_ns(n) / n;
    stand(UNIFORM, n);
    start();
    while (fired < count) {
        now_ns += step;
        event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    }
    stop();
    check(n, fired < count + (long)n);
}

static const struct workload workloads[] = {
    { "timer-cancel-10",          cancels,             10,      500000,  100, 0 },
    { "timer-cancel-1000",        cancels,             1000,    500000,  100, 0 },
    { "timer-cancel-100000",      cancels,             100000,  500000,  100, 0 },
    { "timer-cancel-1000000",     cancels,             1000000, 1000000, 100, 0 },
    { "timer-rearm-10",           rearms,              10,      500000,  100, 0 },
    { "timer-rearm-1000",         rearms,              1000,    500000,  100, 0 },
    { "timer-rearm-100000",       rearms,              100000,  500000,  100, 0 },
    { "timer-rearm-1000000",      rearms,              1000000, 1000000, 100, 0 },
    { "timer-cancel-exp-10",      cancels_exponential, 10,      500000,  100, 0 },
    { "timer-cancel-exp-1000",    cancels_exponential, 1000,    500000,  100, 0 },
    { "timer-cancel-exp-100000",  cancels_exponential, 100000,  500000,  100, 0 },
    { "timer-cancel-exp-1000000", cancels_exponential, 1000000, 500000,  100, 0 },
    { "timer-expire-10",          expires,             10,      200000,  100, 0 },
    { "timer-expire-1000",        expires,             1000,    200000,  100, 0 },
    { "timer-expire-100000",      expires,             100000,  200000,  100, 0 },
    { "timer-expire-1000000",     expires,             1000000, 200000,  100, 0 },
    { "timer-cancel-heap-10",        cancels_in_heap,     10,      300000,  100, 0 },
    { "timer-cancel-heap-1000",      cancels_in_heap,     1000,    300000,  100, 0 },
    { "timer-cancel-heap-100000",    cancels_in_heap,     100000,  300000,  100, 0 },
    { "timer-cancel-heap-1000000",   cancels_in_heap,     1000000, 400000,  100, 0 },
    { "timer-rearm-heap-10",         rearms_in_heap,      10,      300000,  100, 0 },
    { "timer-rearm-heap-1000",       rearms_in_heap,      1000,    300000,  100, 0 },
    { "timer-rearm-heap-100000",     rearms_in_heap,      100000,  300000,  100, 0 },
    { "timer-rearm-heap-1000000",    rearms_in_heap,      1000000, 400000,  100, 0 },
    { NULL, NULL, 0, 0, 0, 0 }
};
BENCH_MAIN("libevent", workloads)
