/* A frame that is awaited again while an AIOT_AS_COMPLETED_SET in it has not been read to its end: it is to be closed. */
/* expect debug: set_lives_in_frame.c:[0-9]+: task .root.: a callback, a shield or a set in this frame is still in use: .*aiot_as_completed_close\(\) */
/* exit debug: abort */
/* release: undefined (only a search of the whole frame would find it) */  /* mistake: a frame started anew while a task, a callback, a shield or a set in it is in use */
#include "aio_timeout.h"
struct reads { AIOT_FRAME; aiot_future *future; AIOT_AS_COMPLETED_SET(1) set; };
static AIOT_CORO(reads)
{
    AIOT_BEGIN();
    aiot_as_completed(&self->set, AIOT_FOREVER, self->future);
    AIOT_END();
}
struct root { AIOT_FRAME; aiot_future future; struct reads reads; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    AIOT_AWAIT(reads, &self->reads, .future = &self->future);
    AIOT_AWAIT(reads, &self->reads, .future = &self->future);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
