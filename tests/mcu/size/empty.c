/* empty.c - what two.c is compared with: starts up, sleeps from tick to tick for 200 ms, and ends. */
#include "../../../examples/mcu/board.h"

int main(void)
{
    tick_start();
    while (tick_now() < 200) tick_idle();
    board_exit(0);
}
