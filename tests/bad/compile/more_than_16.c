/* More members than can be written out. */
/* expect any: at_most_16_are_written_out_more_come_as_an_array */
/* expect g++: at_most_16_are_written_out_more_come_as_an_array */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_task t[17]; AIOT_GATHER_SET(17) all; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GATHER(&self->all, &self->t[0], &self->t[1], &self->t[2], &self->t[3], &self->t[4], &self->t[5], &self->t[6], &self->t[7],
        &self->t[8], &self->t[9], &self->t[10], &self->t[11], &self->t[12], &self->t[13], &self->t[14], &self->t[15], &self->t[16]);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
