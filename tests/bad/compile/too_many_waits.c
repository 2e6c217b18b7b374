/* More waits than the label of one, of 16 bits, can count. */
/* expect any: at most 65 532 waits */
/* expect g++: at most 65 532 waits */
#include "aio_timeout.h"
#define A (void)AIOT_I_LABEL;                   /* what a wait takes */
#define B A A A A A A A A A A A A A A A A
#define C B B B B B B B B B B B B B B B B
#define D C C C C C C C C C C C C C C C C
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    D D D D D D D D D D D D D D D D
    AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
