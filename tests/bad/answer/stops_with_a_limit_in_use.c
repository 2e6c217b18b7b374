/* A stop whose limit is that of the block around it, and one of the task itself: AIOT_ERUNTIME, and nobody is asked. */
/* expect debug: stops_with_a_limit_in_use.c:17: task .root.: this limit is in use, or was not zeroed before its first use */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a limit or a guard that is in use, over or was never made */
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_MS(1)); AIOT_END(); }
struct root { AIOT_FRAME; aiot_timeout limit, other; struct child child; aiot_task t; int refused; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, child, &self->child);
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_TRY { AIOT_STOP(&self->other, AIOT_MS(5), task); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
        AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_MS(5), &self->t); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
        AIOT_TRY {
            AIOT_STOP(&self->limit, AIOT_MS(5), &self->t);
        } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
        AIOT_JOIN(&self->t);
    }
    if (self->refused != 3) AIOT_RAISE(1);
    AIOT_END();
}
int main(void)
{
    static aiot_loop loop;
    static struct root root;
    aiot_loop_init_virtual(&loop);
    return aiot_run(&loop, root, &root);
}
