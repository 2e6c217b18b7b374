/* real_ticks.c - AIOT_TIME_BITS 16 on the system's clock, in microseconds, of which it holds 65 ms: sleeps that reach across the end of
 * its range are as long as any. */
#define _POSIX_C_SOURCE 200809L
#define AIOT_TIME_BITS 16
#define AIOT_TICKS_PER_S 1000000
#include "check.h"
#include <unistd.h>

static int64_t real_us(void)
{
    struct timespec now;
    CHECK_EQUAL(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct sleeps { AIOT_FRAME; int i; int64_t began; };
static AIOT_CORO(sleeps)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 20; self->i++) {
        self->began = real_us();
        AIOT_SLEEP(AIOT_MS(10));
        CHECK(real_us() - self->began >= 10000 - 1);            /* a clock of ticks stands still within each */
    }
    CHECK_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct sleeps frame;
    (void)alarm(60);                                            /* not an hour, which is how long a wrong difference is slept */
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_run(&loop, sleeps, &frame), AIOT_OK);
    CHECK(check_end == &frame);
    return 0;
}
