/* A shield of nothing. */
/* expect debug: shields_null.c:10: task .none.: shields NULL, or what was never started or initialised */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: NULL in place of an awaitable, a task or a frame */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_task *none; aiot_shield s; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SHIELD(&self->s, self->none); } AIOT_EXCEPT(AIOT_ERUNTIME) { AIOT_RETURN(); }
    AIOT_RAISE(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
