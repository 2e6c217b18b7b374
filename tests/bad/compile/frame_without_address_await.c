/* A frame for its address. */
/* expect any: coroutine [a-z]* takes a pointer to a struct [a-z]*: &self->frame */
/* expect g++: a pointer to an object of type T is taken: &self->x */
#include "aio_timeout.h"
struct child { AIOT_FRAME; int n; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
struct root { AIOT_FRAME; struct child one; aiot_task t; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(child, self->one, .n = 1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
