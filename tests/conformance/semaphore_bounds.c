/* semaphore_bounds.py - a bounded semaphore refuses a release too many; a negative start is an error; an unbounded one grows. */
#include "vt.h"

struct root { AIOT_FRAME; aiot_semaphore b, s; aiot_waiter w; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_bounded_semaphore_init(&self->b, 1);
    AIOT_SEMAPHORE_ACQUIRE(&self->b, &self->w);
    aiot_semaphore_release(&self->b);
    if (aiot_semaphore_release(&self->b) == AIOT_EINVAL) log("%s", aiot_error_name(AIOT_EINVAL));
    if (aiot_semaphore_init(&self->s, -1) == AIOT_EINVAL) log("%s", aiot_error_name(AIOT_EINVAL));
    aiot_semaphore_init(&self->s, 0);
    log("locked %d", aiot_semaphore_locked(&self->s));
    aiot_semaphore_release(&self->s);
    aiot_semaphore_release(&self->s);
    AIOT_SEMAPHORE_ACQUIRE(&self->s, &self->w);
    AIOT_SEMAPHORE_ACQUIRE(&self->s, &self->w);
    log("locked %d", aiot_semaphore_locked(&self->s));
    AIOT_END();
}

RUN(root)
