/* A member that was never started: the wait raises AIOT_EINVAL, and a debug build says why. */
/* expect debug: set_refused.c:10: task .root.: a set is refused: a member is NULL, never started, another loop's or one too many */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: a member of a set that is NULL, another loop's or was never started */
#include "aio_timeout.h"
struct root { AIOT_FRAME; aiot_task unstarted; AIOT_WAIT_SET(1) set; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->unstarted); } AIOT_EXCEPT(AIOT_EINVAL) { AIOT_RETURN(); }
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
