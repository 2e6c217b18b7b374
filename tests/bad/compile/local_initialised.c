#include "aio_timeout.h"
struct root { AIOT_FRAME; int seen; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    int local = 5;
    AIOT_SLEEP(1);
    self->seen = local;
    AIOT_END();
}
int main(void) { static aiot_loop loop; static struct root frame; aiot_loop_init_virtual(&loop); return aiot_run_frame(&loop, root, &frame); }
