/* A guard that is entered twice: AIOT_ERUNTIME, and the outer block goes on. */
/* expect debug: guard_in_use.c:12: task .root.: this guard is in use, or was not zeroed before its first use */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a limit or a guard that is in use, over or was never made */
#include "aio_timeout.h"
struct root { AIOT_FRAME_DEPTH(2); aiot_guard guard; int is_inside; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->guard, AIOT_MS(5)) {
        aiot_cancel(task);
        AIOT_SHIELDED(&self->guard, AIOT_MS(1)) { AIOT_RAISE(1); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
        AIOT_SLEEP(AIOT_MS(2));
        if (aiot_task_cancelling(task) != 1) AIOT_RAISE(2);
    }
    AIOT_TRY { AIOT_YIELD(); AIOT_RAISE(3); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    AIOT_END();
}
int main(void)
{
    static aiot_loop loop;
    static struct root root;
    aiot_loop_init_virtual(&loop);
    return aiot_run(&loop, root, &root);
}
