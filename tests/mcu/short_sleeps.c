/* short_sleeps.c - the tickless Cortex-M0 as slow as it is (16 million instructions a second, code without optimisation): 20 000 sleeps
 * of some microseconds.  A deadline that passes while it is being set must not be slept through, which would take until the counter has
 * come round.  The loop's own clock would not show that, so a second timer looks on. */
#include "board.h"

#define TIMER1(offset) (*(volatile uint32_t *)(0x40009000u + (offset)))         /* at 31 250 Hz, 32 bits */
#define START     TIMER1(0x000)
#define CAPTURE0  TIMER1(0x040)
#define BITMODE   TIMER1(0x508)
#define PRESCALER TIMER1(0x510)
#define COMPARE0  TIMER1(0x540)

struct sleeps { AIOT_FRAME; uint32_t seed; uint16_t n; aiot_time asleep; };
static AIOT_CORO(sleeps)
{
    AIOT_BEGIN();
    for (self->n = 0; self->n < 20000; self->n++) {
        self->seed = self->seed * 1103515245u + 12345u;
        self->asleep = (aiot_time)(1 + (self->seed >> 16) % 200);
        AIOT_SLEEP(self->asleep);
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct sleeps frame;
    BITMODE = 3;
    PRESCALER = 9;
    START = 1;
    board_init(&loop);
    int code = aiot_run_frame(&loop, sleeps, &frame);
    CAPTURE0 = 1;
    board_puts(COMPARE0 < 10 * 31250u ? "20000 sleeps in less than 10 s\n" : "some sleeps lasted until the counter had come round\n");
    board_exit(code);
}
