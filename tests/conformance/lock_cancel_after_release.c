/* lock_cancel_after_release.py - the lock was released for a waiter that is cancelled before it runs: the next waiter gets it, no
 * deadlock. */
#include "vt.h"

struct user { AIOT_FRAME; char name; aiot_lock *lock; aiot_waiter w; };

static AIOT_CORO(user)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_LOCK_ACQUIRE(self->lock, &self->w);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("%c cancelled", self->name);
        AIOT_RERAISE();
    }
    log("%c in", self->name);
    aiot_lock_release(self->lock);
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_lock lock; aiot_waiter w; struct user users[3]; aiot_task tasks[3]; AIOT_WAIT_SET(3) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_LOCK_ACQUIRE(&self->lock, &self->w);
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&self->tasks[i], user, &self->users[i], .name = "abc"[i], .lock = &self->lock);
    AIOT_SLEEP(S(1));
    aiot_lock_release(&self->lock);
    aiot_cancel(&self->tasks[0]);
    aiot_cancel(&self->tasks[1]);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, S(5), &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    for (int i = 0; i < 3; i++) log("%s", outcome(&self->tasks[i], "None"));
    log("locked %d", aiot_lock_locked(&self->lock));
    AIOT_END();
}

RUN(root)
