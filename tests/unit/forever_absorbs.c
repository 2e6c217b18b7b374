/* forever_absorbs.c - AIOT_FOREVER is no time: a sum with it is AIOT_FOREVER, every time lies before it, and no result of two times is it.
 * Each time with 16 bits beside all near the ends, 0 and itself, and every 61st; the ends with 32 and 64; all beside a model in wider
 * integers.  -DALL_PAIRS: all that there are with 16 bits, in a minute. */
#include "check.h"

#define FIRST (-AIOT_FOREVER - 1)                               /* with ticks that wrap no delay: too long to be one */
#define WRAPS (AIOT_TIME_BITS != 64)

/* The number of the tick that the clock shows after n, in its range. */
static CHECK_ANY int64_t wrapped(int64_t n)
{
    const int64_t half = AIOT_TIME_BITS == 16 ? 32768 : INT64_C(2147483648);
    return n >= half ? n - 2 * half : n < -half ? n + 2 * half : n;
}

static int64_t model_of_after(int64_t now, int64_t delay)
{
    if (now == AIOT_FOREVER || delay == AIOT_FOREVER) return AIOT_FOREVER;
#if AIOT_TIME_BITS == 64
    if (delay > 0 && now > INT64_MAX - delay) return INT64_MAX;
    return delay < 0 && now < INT64_MIN - delay ? INT64_MIN : now + delay;
#else
    if (delay == FIRST) return AIOT_FOREVER;
    int64_t when = wrapped(now + delay);
    if (when == AIOT_FOREVER) when = FIRST;                     /* a tick that is no time, and the one that the clock shows instead */
    else if (when == FIRST) when++;
    return when;
#endif
}

static int64_t model_of_between(int64_t from, int64_t to)
{
    if (to == AIOT_FOREVER) return AIOT_FOREVER;
    if (from == AIOT_FOREVER) return -AIOT_FOREVER;
#if AIOT_TIME_BITS == 64
    if (from < 0 && to > INT64_MAX + from) return INT64_MAX;
    return from > 0 && to < INT64_MIN + from ? INT64_MIN : to - from;
#else
    int64_t distance = wrapped(to - from);
    return distance == AIOT_FOREVER ? AIOT_FOREVER - 1 : distance;
#endif
}

static bool model_of_before(int64_t a, int64_t b)
{
    if (a == AIOT_FOREVER) return false;
    if (b == AIOT_FOREVER) return true;
    return WRAPS ? wrapped(a - b) < 0 : a < b;
}

static void compare(aiot_time a, aiot_time b)
{
    if (aiot_time_after(a, b) != model_of_after(a, b)) CHECK_EQUAL(aiot_time_after(a, b), model_of_after(a, b));
    if (aiot_time_between(a, b) != model_of_between(a, b)) CHECK_EQUAL(aiot_time_between(a, b), model_of_between(a, b));
    if (aiot_time_before(a, b) != model_of_before(a, b)) CHECK_EQUAL(aiot_time_before(a, b), model_of_before(a, b));
}

/* What is left of an outer limit is an inner one: of one that never strikes, none that strikes. */
struct inner { AIOT_FRAME; aiot_timeout outer, limit; bool computed; };
static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limit, aiot_time_between(aiot_now(task->loop), aiot_timeout_when(&self->outer))) { AIOT_SLEEP(5); }
        AIOT_TIMEOUT_AT(&self->limit, aiot_time_after(aiot_timeout_when(&self->outer), -3)) { AIOT_SLEEP(5); }
        self->computed = true;
    }
    AIOT_END();
}

int main(void)
{
#if AIOT_TIME_BITS == 16
    for (int a = INT16_MIN; a <= INT16_MAX; a++) {
        int step = 61;
#ifdef ALL_PAIRS
        step = 1;
#endif
        for (int b = INT16_MIN + (step > 1 ? a & 31 : 0); b <= INT16_MAX; b += step) compare((aiot_time)a, (aiot_time)b);
        for (int b = -20; b <= 20; b++) {
            compare((aiot_time)a, (aiot_time)(uint16_t)b);
            compare((aiot_time)a, (aiot_time)(uint16_t)(b + 32768));
            compare((aiot_time)a, (aiot_time)(uint16_t)(b + a));
            compare((aiot_time)a, (aiot_time)(uint16_t)(b + 32768 - a));
        }
    }
#else
    static const aiot_time ends[] = { FIRST, FIRST / 2, 0, AIOT_FOREVER / 2, AIOT_FOREVER };
    for (unsigned a = 0; a < 5 * 81; a++)
        for (unsigned b = 0; b < 5 * 81; b++) {
            int away_a = (int)(a % 81) - 40, away_b = (int)(b % 81) - 40;
            aiot_time x = ends[a / 81], y = ends[b / 81];
            if ((a / 81 == 0 && away_a < 0) || (a / 81 == 4 && away_a > 0) || (b / 81 == 0 && away_b < 0) || (b / 81 == 4 && away_b > 0)) continue;
            compare(x + away_a, y + away_b);
        }
#endif
    for (int at = -50; at <= 50; at++) {                        /* wherever the clock is: in the upper half, at the wrap, at 0 */
        static aiot_loop loop;
        static struct inner frame;
        aiot_time begins = aiot_time_after(AIOT_FOREVER - 1, WRAPS ? (aiot_time)at : (aiot_time)(at - 60));
        aiot_loop_init_virtual(&loop);
        loop.now = begins;
        CHECK_EQUAL(aiot_run(&loop, inner, &frame), AIOT_OK);
        CHECK(frame.computed);
        aiot_loop_init_virtual(&loop);                          /* a clock that is moved by hand stays at a time */
        loop.now = begins;
        aiot_clock_advance(&loop, AIOT_FOREVER);
        CHECK_EQUAL(loop.now, begins);
        aiot_clock_advance(&loop, AIOT_FOREVER - 1);
        CHECK(loop.now != AIOT_FOREVER);
    }
    return 0;
}
