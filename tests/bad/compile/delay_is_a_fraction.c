/* asyncio.sleep(0.5), taken over as it is: it would be 0 ns. */
/* expect any: write AIOT_S.0.5. for 0.5 */
/* expect g++: write AIOT_S.0.5. for 0.5 */
#include "aio_timeout.h"
struct root { AIOT_FRAME; double pause; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->pause);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
