/* A limit for its address. */
/* expect any: an aiot_timeout is taken here, by its address: &self->limit */
/* expect g++: a pointer to an object of type T is taken: &self->x */
#include "aio_timeout.h"
struct child { AIOT_FRAME; int n; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; aiot_timeout t; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(self->t, AIOT_S(1)) { AIOT_SLEEP(1); }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
