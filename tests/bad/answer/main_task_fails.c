/* Where the main task failed is printed; in release only its error comes back. */
/* expect debug: ^task .root., line 10: aiot_run.. ends with an error of the application .7.$ */
/* exit debug: 0 */
/* release: harmless */  /* mistake: a task that fails, and nobody asks how it ended */
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_RAISE(7);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != 7;
}
