/* Two tasks wait with one aiot_waiter: the second wait raises AIOT_ERUNTIME.  The answer has its line. */
/* expect debug: waiter_in_use.c:9: task .waits.: waits with an aiot_waiter, or reads a set, with which a task waits already */
/* exit debug: 0 */
/* release: refused AIOT_ERUNTIME */  /* mistake: a waiter or a set with which another task waits */
#include "aio_timeout.h"
static aiot_event event;
static aiot_waiter waiter;
struct waits { AIOT_FRAME; };
static AIOT_CORO(waits) { AIOT_BEGIN(); AIOT_EVENT_WAIT(&event, &waiter); AIOT_END(); }
struct locks { AIOT_FRAME; aiot_lock lock; };
static AIOT_CORO(locks) { AIOT_BEGIN(); AIOT_LOCK(&self->lock, &waiter) { AIOT_YIELD(); } AIOT_END(); }
struct root { AIOT_FRAME; struct waits frames[2]; struct locks locks; aiot_task tasks[2]; int refused; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_CHECK(aiot_spawn(&self->tasks[i], waits, &self->frames[i]));
    AIOT_TRY { AIOT_JOIN(&self->tasks[1]); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
    AIOT_TRY { AIOT_AWAIT(locks, &self->locks); } AIOT_EXCEPT(AIOT_ERUNTIME) { self->refused++; }
    if (aiot_lock_locked(&self->locks.lock)) AIOT_RAISE(1);
    aiot_event_set(&event);
    AIOT_JOIN(&self->tasks[0]);
    AIOT_AWAIT(locks, &self->locks);            /* it is free again */
    if (self->refused != 2) AIOT_RAISE(2);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
