/* A queue over a pointer, whose length is not known. */
/* expect any: a pointer is no array */
/* expect g++: no matching function for call to .aiot_i_length_of_array */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int *items; aiot_queue q; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
