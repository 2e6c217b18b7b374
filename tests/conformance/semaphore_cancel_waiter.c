/* semaphore_cancel_waiter.py - a cancelled waiter takes no permit; the next waiter gets it. */
#include "vt.h"

struct user { AIOT_FRAME; char name; aiot_semaphore *sem; aiot_waiter w; };

static AIOT_CORO(user)
{
    AIOT_BEGIN();
    AIOT_SEMAPHORE_ACQUIRE(self->sem, &self->w);
    log("%c got it", self->name);
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_semaphore sem; struct user users[3]; aiot_task tasks[3]; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_semaphore_init(&self->sem, 0);
    for (int i = 0; i < 3; i++) AIOT_SPAWN(&self->tasks[i], user, &self->users[i], .name = "abc"[i], .sem = &self->sem);
    AIOT_SLEEP(S(1));
    aiot_cancel(&self->tasks[0]);
    aiot_semaphore_release(&self->sem);
    AIOT_SLEEP(S(1));
    for (int i = 0; i < 3; i++) log("%s", outcome(&self->tasks[i], "None"));
    AIOT_END();
}

RUN(root)
