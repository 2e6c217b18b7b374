/* libuv.c - libuv's timers (uv_timer_t, a binary heap of nodes with pointers), with the workloads of ../timers.c, whose head describes
 * them.
 *
 * debian: libuv1-dev
 * link: -luv
 *
 * Kinder to libuv than life: clock_gettime() and epoll_pwait() are answered by this file, with the same clock moved by hand as in
 * timers.c and without a system call; what is left is the library's own work.  Each turn is uv_run(UV_RUN_NOWAIT), which reads the
 * clock, as ours does.  Its times are whole milliseconds: delays are rounded up to them, so many timers have one deadline.
 * timer-rearm is uv_timer_again().  Harsher: a uv_timer_t has 152 bytes, so every timer lies in an object of 192 bytes, not of 128.
 * Rounds are shorter than ours: a heap has no cascades to be in them. */
#include "../harness.h"
#include <uv.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

struct object { uv_timer_t timer; uint64_t due; char rest[192 - sizeof(uv_timer_t) - sizeof(uint64_t)]; };
enum kind { THIRTY = 1, EXPONENTIAL, UNIFORM };
enum { DELAYS = 16384, BATCH = 64 };

static uv_loop_t loop;
static struct object *objects;
static uint32_t *order;                         /* whom to visit */
static size_t order_length, order_at;
static int64_t now_ns;
static uint64_t delays[DELAYS], last_due;   /* ms */
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

int epoll_pwait(int fd, struct epoll_event *events, int most, int timeout, const sigset_t *mask)
{
    (void)fd; (void)events; (void)most; (void)timeout; (void)mask;
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
static inline uint64_t next_delay(void) { return delays[delay_at++ % DELAYS]; }
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
        delays[i] = kind == THIRTY ? 30000 : (uint64_t)(d / 1e6) + 1;
    }
}

static void expired(uv_timer_t *timer);

static inline void arm(struct object *o, uint64_t delay)
{
    o->due = uv_now(&loop) + delay;
    uv_timer_start(&o->timer, expired, delay, 0);
}

static void expired(uv_timer_t *timer)
{
    struct object *o = (struct object *)(void *)timer;
    fired++;
    out_of_order += o->due < last_due;
    last_due = o->due;
    arm(o, next_delay());
}

static inline void tick(void) { now_ns += BATCH * 1000; uv_update_time(&loop); }

/* `n` timers, pending already: built once for rounds that follow each other. */
static void stand(enum kind kind, unsigned n)
{
    static enum kind standing;
    static unsigned count;
    fired = out_of_order = 0;
    by_hand = true;
    if (standing == kind && count == n) return;
    if (count) {
        for (unsigned i = 0; i < count; i++) uv_close((uv_handle_t *)&objects[i].timer, NULL);
        uv_run(&loop, UV_RUN_DEFAULT);
        uv_loop_close(&loop);
    }
    standing = kind;
    count = n;
    free(objects);
    objects = (struct object *)aligned_alloc(64, n * sizeof *objects);
    memset(objects, 0, n * sizeof *objects);
    shuffle(n);
    draw_delays(kind, n);
    now_ns = INT64_C(1000000000000);
    last_due = 0;
    uv_loop_init(&loop);
    for (unsigned i = 0; i < n; i++) {
        struct object *o = &objects[order[order_length - n + i]];       /* not in the order of the first visits */
        uint64_t delay = next_delay();
        if (kind == UNIFORM) {                                          /* what is left of those of a program that has run for long */
            uint64_t other = next_delay();
            if (other < delay) delay = other;
        }
        if (kind == THIRTY && i % BATCH == 0) tick();
        uv_timer_init(&loop, &o->timer);
        arm(o, delay);
        uv_timer_set_repeat(&o->timer, kind == THIRTY ? 30000 : 0);     /* for uv_timer_again() */
    }
}

static void check(unsigned n, bool right)
{
    for (unsigned i = 0; i < n; i++) {
        const uv_timer_t *timer = &objects[i].timer;
        right = right && uv_is_active((const uv_handle_t *)timer) && uv_timer_get_due_in(timer) > 0;
    }
    by_hand = false;
    if (right && out_of_order == 0) return;
    fprintf(stderr, "libuv: wrong: %ld fired, %ld out of order\n", fired, out_of_order);
    exit(1);
}

static void cancels(unsigned n, long count)
{
    stand(THIRTY, n);
    start();
    for (long i = 0; i < count; i++) {
        struct object *o = visit();
        if (i % BATCH == 0) tick();
        uv_timer_stop(&o->timer);
        uv_timer_start(&o->timer, expired, 30000, 30000);
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
        uv_timer_again(&o->timer);
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
        uv_timer_stop(&o->timer);
        arm(o, next_delay());
        if (i % BATCH == BATCH - 1) {
            now_ns += step;
            uv_run(&loop, UV_RUN_NOWAIT);
        }
    }
    stop();
    uv_run(&loop, UV_RUN_NOWAIT);
    check(n, count < 100000 || (fired > count / 50 && fired < count / 25));
}

static void expires(unsigned n, long count)
{
    int64_t step = 5 * range_ns(n) / n;
    stand(UNIFORM, n);
    start();
    while (fired < count) {
        now_ns += step;
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    stop();
    check(n, fired < count + (long)n);
}

static const struct workload workloads[] = {
    { "timer-cancel-10",          cancels,             10,      300000,  100, 0 },
    { "timer-cancel-1000",        cancels,             1000,    300000,  100, 0 },
    { "timer-cancel-100000",      cancels,             100000,  300000,  100, 0 },
    { "timer-cancel-1000000",     cancels,             1000000, 500000,  100, 0 },
    { "timer-rearm-10",           rearms,              10,      300000,  100, 0 },
    { "timer-rearm-1000",         rearms,              1000,    300000,  100, 0 },
    { "timer-rearm-100000",       rearms,              100000,  300000,  100, 0 },
    { "timer-rearm-1000000",      rearms,              1000000, 500000,  100, 0 },
    { "timer-cancel-exp-10",      cancels_exponential, 10,      300000,  100, 0 },
    { "timer-cancel-exp-1000",    cancels_exponential, 1000,    300000,  100, 0 },
    { "timer-cancel-exp-100000",  cancels_exponential, 100000,  300000,  100, 0 },
    { "timer-cancel-exp-1000000", cancels_exponential, 1000000, 500000,  100, 0 },
    { "timer-expire-10",          expires,             10,      200000,  100, 0 },
    { "timer-expire-1000",        expires,             1000,    200000,  100, 0 },
    { "timer-expire-100000",      expires,             100000,  200000,  100, 0 },
    { "timer-expire-1000000",     expires,             1000000, 200000,  100, 0 },
    { NULL, NULL, 0, 0, 0, 0 }
};
BENCH_MAIN("libuv", workloads)
