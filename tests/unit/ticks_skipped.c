/* ticks_skipped.c - a loop that skips turns keeps what its clock shows, AIOT_FOREVER as well when 32 bits come round.  Nobody is told that
 * time, nothing ends early by the time that is told, and nothing waits for ever. */
#define AIOT_SMALL 1
#define AIOT_TIME_BITS 32
#define AIOT_TICKS_PER_S 1000
#include <stdint.h>
static int32_t time_now;
#define AIOT_CLOCK(loop)       time_now
#define AIOT_IDLE(loop, until) (time_now = (until))
#include "check.h"

enum { LAST = INT32_MAX - 1 };                  /* before AIOT_FOREVER */
static aiot_loop loop;

struct sleeps { AIOT_FRAME; aiot_time ticks, began; };
static AIOT_CORO(sleeps)
{
    AIOT_BEGIN();
    CHECK(aiot_now(task->loop) != AIOT_FOREVER);
    self->began = aiot_now(task->loop);
    AIOT_SLEEP(self->ticks);
    CHECK(aiot_time_between(self->began, aiot_now(task->loop)) >= self->ticks);
    CHECK(aiot_time_between(self->began, aiot_now(task->loop)) <= self->ticks + 2);
    say("slept ");
    AIOT_END();
}
struct limited { AIOT_FRAME; aiot_time ticks, began; aiot_timeout limit; };
static AIOT_CORO(limited)
{
    AIOT_BEGIN();
    self->began = aiot_now(task->loop);
    AIOT_TIMEOUT(&self->limit, self->ticks) { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK(aiot_time_between(self->began, aiot_now(task->loop)) >= self->ticks);
    CHECK(aiot_time_between(self->began, aiot_now(task->loop)) <= self->ticks + 2);
    say("limit ");
    AIOT_END();
}

static void delays_across_the_end(void)
{
    static struct sleeps sleeper;
    static struct limited waiter;
    for (int begin = -4; begin <= 2; begin++)
        for (aiot_time ticks = 1; ticks <= 6; ticks++) {
            time_now = aiot_time_between(-begin, LAST);
            aiot_loop_init(&loop);
            CHECK_EQUAL(aiot_run(&loop, sleeps, &sleeper, .ticks = ticks), AIOT_OK);
            CHECK_SAID("slept ");
            time_now = aiot_time_between(-begin, LAST);
            CHECK_EQUAL(aiot_run(&loop, limited, &waiter, .ticks = ticks), AIOT_OK);
            CHECK_SAID("limit ");
        }
}

/* Something is ready: the loop wants to run now, and not never. */
static int nothing(void *unused) { (void)unused; return 0; }
static void next_deadline_when_the_clock_shows_forever(void)
{
    static aiot_handle soon;
    time_now = INT32_MAX;
    aiot_loop_init(&loop);
    aiot_call_soon(&loop, &soon, nothing, NULL);
    CHECK(aiot_next_deadline(&loop) != AIOT_FOREVER);
    aiot_run_once(&loop);
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
}

int main(void)
{
    delays_across_the_end();
    next_deadline_when_the_clock_shows_forever();
    return 0;
}
