/* The length of a queue's array in bytes. */
/* expect any: more items than the array has */
/* expect g++: more items than the array has */
/* flags gcc: -O1 */
/* flags clang: -O1 */
/* flags g++: -O1 */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_END(); }
struct root { AIOT_FRAME; struct child child; aiot_task t; int items[4]; aiot_queue q; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init_array(&self->q, self->items, sizeof self->items);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
