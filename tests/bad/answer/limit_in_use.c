/* A limit that is running entered again, and one that was never made. */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a limit or a guard that is in use, over or was never made */
#include "aio_timeout.h"
#include <stdio.h>
struct job { AIOT_FRAME; aiot_time delay; int done; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->done++; AIOT_END(); }
struct root { AIOT_FRAME; aiot_timeout limit, unmade; int refused; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, 10) {
        AIOT_TIMEOUT(&self->limit, 5) { AIOT_SLEEP(1); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
        AIOT_SLEEP(20);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        self->ok = aiot_now(task->loop) == 10;
    }
    AIOT_TIMEOUT_ENTER(&self->unmade) { AIOT_SLEEP(1); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
    self->ok = self->ok && self->refused == 2;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
