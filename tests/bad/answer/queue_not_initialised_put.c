/* A queue without an init, put into outside of a task. */
/* expect debug: queue_not_initialised_put.c:9: task .none.: uses a queue that was not initialised, or whose init was refused */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: a barrier, queue, semaphore or ticker without its init */
#include "aio_timeout.h"
int main(void)
{
    static aiot_queue q;
    return aiot_queue_put_nowait(&q, "item") == AIOT_EINVAL ? 0 : 1;
}
