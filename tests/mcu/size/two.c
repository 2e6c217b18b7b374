/* two.c - two tasks, every 10 and every 25 ms, for 200 ms.  Variants:
 *   -DYIELDS=n        two tasks that only yield, n times in all
 *   -DCOUNTED_TWICE   and count it twice, so that the cost of counting is known
 *   -DTASKS=n         as many that yield
 *   -DPAINT=n         measures how much of the stack it uses, and exits with 200 + the bytes / n % 32
 *   -DQUIET           and that without interrupts (port.c) */
#include "../../../examples/mcu/board.h"

struct every { AIOT_FRAME_DEPTH(0); aiot_time period; };

#ifndef TASKS
#define TASKS 2
#endif

static aiot_loop loop;
static struct every frames[TASKS];
static aiot_task tasks[TASKS];

#ifdef YIELDS
static volatile uint16_t left = YIELDS;
#ifdef COUNTED_TWICE
static volatile uint16_t more = 60000;
#endif

static AIOT_CORO(every)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_YIELD();
        if (--left == 0) aiot_loop_stop(&loop);
#ifdef COUNTED_TWICE
        if (--more == 0) aiot_loop_stop(&loop);
#endif
    }
    AIOT_END();
}
#else
static AIOT_CORO(every)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_SLEEP(self->period);
        if (tick_now() >= 200) aiot_loop_stop(&loop);
    }
    AIOT_END();
}
#endif

int main(void)
{
#ifdef PAINT
    stack_paint();
#endif
#ifndef YIELDS
    tick_start();
#endif
    aiot_loop_init(&loop);
    frames[0].period = AIOT_MS(10);
    frames[1].period = AIOT_MS(25);
    (void)aiot_spawn_frame_on(&loop, &tasks[0], every, &frames[0]);
    (void)aiot_spawn_frame_on(&loop, &tasks[1], every, &frames[1]);
#if TASKS > 2
    for (uint8_t k = 2; k < TASKS; k++) (void)aiot_spawn_frame_on(&loop, &tasks[k], every, &frames[k]);
#endif
    (void)aiot_run_forever(&loop);
#ifdef PAINT
    board_exit((int)(200 + stack_used() / PAINT % 32));
#else
    board_exit(0);
#endif
}
