/* A frame of another coroutine: aiot_run. */
/* expect any: coroutine [a-z]* takes a pointer to a struct [a-z]*: &self->frame */
/* expect g++: a pointer to an object of type T is taken: &self->x */
#include "aio_timeout.h"
struct fetch { AIOT_FRAME; int n; };
static AIOT_CORO(fetch) { AIOT_BEGIN(); AIOT_SLEEP(self->n); AIOT_END(); }
struct other { AIOT_FRAME; int n; };
static AIOT_CORO(other) { AIOT_BEGIN(); AIOT_SLEEP(self->n); AIOT_END(); }
struct root { AIOT_FRAME; struct other wrong; aiot_task t; aiot_timeout limit; aiot_group group; aiot_group_task member; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(other, &self->wrong, .n = 1);
    (void)aiot_run(task->loop, fetch, &self->wrong);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
