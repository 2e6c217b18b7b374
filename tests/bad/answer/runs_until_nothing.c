/* Run until what was never started is done. */
/* expect debug: runs_until_nothing.c:11: task .none.: runs until an awaitable is done that was never started */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a join of what was never started, or of the task itself */
#include "aio_timeout.h"
int main(void)
{
    static aiot_loop loop;
    static aiot_future never_made;
    aiot_loop_init_virtual(&loop);
    return aiot_run_until(&loop, &never_made) != AIOT_ERUNTIME;
}
