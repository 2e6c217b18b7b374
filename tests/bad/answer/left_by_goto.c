/* A block left by goto: its FINALLY has not run. */
/* expect debug: left_by_goto.c:[0-9]+: task .root.: a block was left by goto: its FINALLY or its exit has not run */
/* exit debug: abort */
/* exit release: skip */
#include "aio_timeout.h"
#include <stdio.h>
struct job { AIOT_FRAME; aiot_time delay; int done; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->done++; AIOT_END(); }
struct root { AIOT_FRAME; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(1);
        goto out;
    } AIOT_FINALLY {
        self->ok = true;
    }
out:
    AIOT_SLEEP(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
