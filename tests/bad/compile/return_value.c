#include "aio_timeout.h"
struct root { AIOT_FRAME; int kind; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
    return 0;
    AIOT_END();
}
int main(void) { static aiot_loop loop; static struct root frame; aiot_loop_init_virtual(&loop); return aiot_run_frame(&loop, root, &frame); }
