/* conversions_saturate.c - AIOT_S(n) and the like at the ends of all types of n: rounded up to whole ticks, never early, nothing wraps.
 * What is too long is AIOT_FOREVER with 64 bits, too long ago INT64_MIN, and AIOT_EINVAL with ticks that wrap; so are infinity and NaN.
 * Beside a model in wider integers; with -fsanitize=undefined,float-cast-overflow in silence. */
#include "check.h"
#include <float.h>
#include <math.h>

#if AIOT_TIME_BITS == 64
#define TOO_LONG AIOT_FOREVER
#define TOO_LONG_AGO INT64_MIN
#else
#define TOO_LONG ((aiot_time)(-AIOT_FOREVER - 1))               /* what is AIOT_EINVAL */
#define TOO_LONG_AGO TOO_LONG
#endif

/* As constants, too, and in initialisers. */
static const aiot_time five_ms = AIOT_MS(5), small_unsigned = AIOT_MS(7u), ago = AIOT_MS(-5);
#ifdef __TINYC__                                /* tcc 0.9.27 does not fold comparisons of floats */
#define half AIOT_S(0.5)
#define centuries AIOT_S(9460800000000000)
#define huge_float AIOT_S(1e30)
#define no_number AIOT_MS(NAN)
#define endless AIOT_US(INFINITY)
#define long_ago AIOT_MS(INT64_MIN)
#define float_ago AIOT_S(-1e30)
#define huge_unsigned AIOT_US(UINT64_MAX)
#else
static const aiot_time half = AIOT_S(0.5);
#if AIOT_TIME_BITS == 64
static const aiot_time centuries = AIOT_S(9460800000000000), huge_float = AIOT_S(1e30), no_number = AIOT_MS(NAN), endless = AIOT_US(INFINITY),
                       long_ago = AIOT_MS(INT64_MIN), float_ago = AIOT_S(-1e30), huge_unsigned = AIOT_US(UINT64_MAX);
#endif
#endif

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide;
static aiot_time model(wide n, int64_t parts)
{
    wide product = n * AIOT_TICKS_PER_S, ticks = product / parts + (product % parts > 0);
    if (n > INT64_MAX) ticks = INT64_MAX;
#if AIOT_TIME_BITS == 64
    return ticks > INT64_MAX ? INT64_MAX : ticks < INT64_MIN ? INT64_MIN : (aiot_time)ticks;
#else
    return ticks < AIOT_FOREVER && ticks > -AIOT_FOREVER ? (aiot_time)ticks : TOO_LONG;
#endif
}

#define CHECK_UNITS(type, value) \
    do { \
        volatile type n = (type)(value); \
        CHECK_EQUAL(AIOT_S(n), model(n, 1)); \
        CHECK_EQUAL(AIOT_MS(n), model(n, 1000)); \
        CHECK_EQUAL(AIOT_US(n), model(n, 1000000)); \
        CHECK_EQUAL(AIOT_NS(n), model(n, 1000000000)); \
    } while (0)

static void whole_numbers(void)
{
    static const int64_t units[] = { 1, 1000, 1000000, 1000000000 };
    for (int u = 0; u < 4; u++) {
        wide last = (wide)INT64_MAX * units[u] / AIOT_TICKS_PER_S, end = (wide)AIOT_FOREVER * units[u] / AIOT_TICKS_PER_S;
        for (int away = -3; away <= 3; away++) {
            const wide near[] = { last, -last, end, -end, INT64_MAX, INT64_MIN, UINT64_MAX, UINT32_MAX, INT32_MAX, INT32_MIN, 65535, 32767, -32768, 0 };
            for (unsigned i = 0; i < sizeof near / sizeof *near; i++) {
                CHECK_UNITS(int64_t, near[i] + away);
                CHECK_UNITS(uint64_t, near[i] + away);
                CHECK_UNITS(int32_t, near[i] + away);
                CHECK_UNITS(uint32_t, near[i] + away);
                CHECK_UNITS(int16_t, near[i] + away);
                CHECK_UNITS(uint8_t, near[i] + away);
            }
        }
    }
    CHECK_UNITS(int64_t, 9460800000);
}
#else
static void whole_numbers(void) { }
#endif

#define CHECK_FLOATS(type, max) \
    do { \
        volatile type n = (type)NAN; \
        CHECK(AIOT_S(n) == TOO_LONG && AIOT_MS(n) == TOO_LONG && AIOT_US(n) == TOO_LONG && AIOT_NS(n) == TOO_LONG); \
        for (n = (type)1e30; ; n = n < max ? max : (type)INFINITY) { \
            CHECK(AIOT_S(n) == TOO_LONG && AIOT_MS(n) == TOO_LONG && AIOT_US(n) == TOO_LONG && AIOT_NS(n) == TOO_LONG); \
            n = -n; \
            CHECK(AIOT_S(n) == TOO_LONG_AGO && AIOT_MS(n) == TOO_LONG_AGO && AIOT_US(n) == TOO_LONG_AGO && AIOT_NS(n) == TOO_LONG_AGO); \
            n = -n; \
            if (n > max) break; \
        } \
        n = (type)0.5; \
        CHECK_EQUAL(AIOT_S(n), half); \
        n = (type)5; \
        CHECK_EQUAL(AIOT_MS(n), five_ms); \
        n = (type)0; \
        CHECK_EQUAL(AIOT_S(n), 0); \
    } while (0)

/* As a delay; and plain numbers that no aiot_time holds, which are no time in the past. */
struct sleeps { AIOT_FRAME; double seconds; uint64_t number; int kind; aiot_timeout limit; };
static AIOT_CORO(sleeps)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_TIMEOUT(&self->limit, 100) {
            if (self->kind == 0) AIOT_SLEEP(AIOT_S(self->seconds));
            else AIOT_SLEEP(self->number);
        }
        NOT_REACHED();
    } AIOT_EXCEPT_IF(aiot_caught(task).code == (AIOT_TIME_BITS == 64 ? AIOT_ETIMEDOUT : AIOT_EINVAL)) { }
    CHECK_END();
}

/* A time of the clock that is given as an unsigned number. */
static int never(void *unused) { (void)unused; NOT_REACHED(); return 0; }
static void unsigned_times(void)
{
    static aiot_loop loop;
    static aiot_handle handle;
    uint64_t when = 5;
    aiot_loop_init_virtual(&loop);
    aiot_call_at(&loop, &handle, when, never, NULL);
    CHECK_EQUAL(aiot_handle_when(&handle), 5);
    when = UINT64_MAX - 1;                      /* beyond all times; times that wrap do so */
    aiot_call_at(&loop, &handle, when, never, NULL);
    CHECK_EQUAL(aiot_handle_when(&handle), AIOT_TIME_BITS == 64 ? AIOT_FOREVER : -2);
    CHECK_EQUAL(aiot_handle_cancel(&handle), AIOT_TIME_BITS != 64);
}

int main(void)
{
    CHECK_EQUAL(small_unsigned, AIOT_MS(7));
    CHECK(ago <= 0 && five_ms > 0);
#if AIOT_TIME_BITS == 64
    CHECK(centuries == AIOT_FOREVER && huge_float == AIOT_FOREVER && no_number == AIOT_FOREVER && endless == AIOT_FOREVER);
    CHECK(float_ago == INT64_MIN && huge_unsigned == AIOT_FOREVER && long_ago < -AIOT_S(1000000));
#endif
    whole_numbers();
    CHECK_FLOATS(float, FLT_MAX);
    CHECK_FLOATS(double, DBL_MAX);
    CHECK_FLOATS(long double, LDBL_MAX);
    RUN(sleeps, .seconds = 1e30);
    RUN(sleeps, .seconds = (double)NAN);
    RUN(sleeps, .kind = 1, .number = UINT64_MAX);
    unsigned_times();
    return 0;
}
