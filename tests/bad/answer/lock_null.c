/* Pointers to a lock, an event, a condition, a semaphore, a barrier and a waiter that were never set. */
/* expect debug: lock_null.c:24: task .root.: waits for a lock that is NULL */
/* exit debug: abort */
/* release: refused AIOT_EINVAL */  /* mistake: a handle, lock, event, condition, semaphore, barrier or queue that is NULL */
#include "aio_timeout.h"
struct root {
    AIOT_FRAME;
    aiot_lock *lock, good;
    aiot_event *event;
    aiot_condition *condition;
    aiot_semaphore *semaphore;
    aiot_barrier *barrier;
    aiot_waiter w, *no_waiter;
    struct aiot_barrier_wait wait;
    struct aiot_barrier_reset reset;
};
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    if (aiot_lock_release(self->lock) != AIOT_ERUNTIME || aiot_condition_release(self->condition) != AIOT_ERUNTIME) AIOT_RAISE(1);
    if (aiot_condition_notify_all(self->condition) != AIOT_ERUNTIME || aiot_semaphore_release(self->semaphore) != AIOT_EINVAL) AIOT_RAISE(2);
    aiot_event_set(self->event);
    aiot_event_clear(self->event);
    AIOT_TRY { AIOT_LOCK(self->lock, &self->w) { AIOT_RAISE(3); } } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_LOCK(&self->good, self->no_waiter) { AIOT_RAISE(4); } } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_EVENT_WAIT(self->event, &self->w); AIOT_RAISE(5); } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_CONDITION(self->condition, &self->w) { AIOT_RAISE(6); } } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_CONDITION_WAIT(self->condition, &self->w); AIOT_RAISE(7); } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_SEMAPHORE_ACQUIRE(self->semaphore, &self->w); AIOT_RAISE(8); } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = self->barrier); AIOT_RAISE(9); } AIOT_EXCEPT(AIOT_EINVAL) { }
    AIOT_TRY { AIOT_AWAIT(aiot_barrier_reset, &self->reset, .barrier = self->barrier); AIOT_RAISE(10); } AIOT_EXCEPT(AIOT_EINVAL) { }
    if (aiot_lock_locked(&self->good)) AIOT_RAISE(11);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
