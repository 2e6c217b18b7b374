/* A limit whose block was left by goto: it stays armed, and its frame may go away before it strikes. */
/* expect debug: task .root.: a block was left by goto */
/* exit debug: abort */
/* release: undefined (the limit, lock or group of that block stays in use) */  /* mistake: goto out of a block with a limit, a lock or a group */
#include "aio_timeout.h"
struct child { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(child)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, 5) { AIOT_SLEEP(1); goto out; }
out:
    AIOT_END();
}
struct root { AIOT_FRAME; struct child child; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(child, &self->child);
    AIOT_SLEEP(10);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
