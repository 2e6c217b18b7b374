/* units.c - delays that are not constant are converted at run time, with a division of 64 bits where the unit is no whole number of
 * ticks: it links on each target, and gives what the compiler gives. */
#include "board.h"

static aiot_loop loop;
static volatile int16_t n;

#define CHECK(unit, number) (n = (number), unit(n) == unit(number) ? (void)0 : board_puts(#unit "(" #number ") is wrong\n"))

struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    CHECK(AIOT_NS, 1);
    CHECK(AIOT_NS, 32000);
    CHECK(AIOT_US, 1);
    CHECK(AIOT_US, 32000);
    CHECK(AIOT_US, -32000);
    CHECK(AIOT_MS, 32000);
    CHECK(AIOT_S, 30);
    AIOT_SLEEP(AIOT_NS(n));
    board_puts("end\n");
    AIOT_END();
}

int main(void)
{
    static struct root frame;
    board_init(&loop);
    board_exit(aiot_run_frame(&loop, root, &frame));
}
