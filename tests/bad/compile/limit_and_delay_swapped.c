/* The delay where the limit belongs. */
/* expect any: an aiot_timeout is taken here, by its address: &self->limit */
/* expect g++: a pointer to an object of type T is taken: &self->x */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(AIOT_S(1), &self->limit) {
        AIOT_YIELD();
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
