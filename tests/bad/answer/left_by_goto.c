/* A block left by goto in a release build: nothing is said, its FINALLY has not run; and what comes after is not disturbed.  As often as a byte can count. */
/* expect debug: task .root.: a block was left by goto */
/* exit debug: abort */
/* release: harmless */  /* mistake: goto out of an AIOT_TRY block */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int i, finally_ran; bool ok; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 256; self->i++) {
        AIOT_TRY { AIOT_SLEEP(1); goto next; } AIOT_FINALLY { self->finally_ran++; }
    next:
        AIOT_SLEEP(1);
    }
    AIOT_TRY { AIOT_RAISE(5); } AIOT_EXCEPT(5) { self->ok = self->finally_ran == 0; }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame) != AIOT_OK || !frame.ok;
}
