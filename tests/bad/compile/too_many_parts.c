/* A block inside more handler parts than a byte can count. */
/* expect any: more than 254 EXCEPT or FINALLY parts|bracket nesting level exceeded */
/* expect g++: more than 254 EXCEPT or FINALLY parts */
#include "aio_timeout.h"
#define A AIOT_TRY { AIOT_RAISE(1); } AIOT_EXCEPT(1) {
#define B A A A A A A A A A A A A A A A A
#define C } } } } } } } } } } } } } } } }
struct root { AIOT_FRAME_DEPTH(300); };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    B B B B B B B B B B B B B B B B
    C C C C C C C C C C C C C C C C
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
