/* semaphore_fifo.py - permits go to waiters in order; a newcomer never overtakes one that has been woken. */
#include "vt.h"

struct user { AIOT_FRAME; char name; aiot_semaphore *sem; aiot_waiter w; };

static AIOT_CORO(user)
{
    AIOT_BEGIN();
    AIOT_SEMAPHORE(self->sem, &self->w) {
        log("%c in", self->name);
        AIOT_SLEEP(S(1));
    }
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_semaphore sem; struct user users[4]; aiot_task tasks[4]; aiot_waiter w; AIOT_WAIT_SET(4) set; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_semaphore_init(&self->sem, 2);
    for (int i = 0; i < 4; i++) AIOT_SPAWN(&self->tasks[i], user, &self->users[i], .name = "abcd"[i], .sem = &self->sem);
    AIOT_SLEEP(S(0.5));
    log("locked %d", aiot_semaphore_locked(&self->sem));
    AIOT_SEMAPHORE_ACQUIRE(&self->sem, &self->w);
    log("main in last");
    aiot_semaphore_release(&self->sem);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[0], &self->tasks[1], &self->tasks[2], &self->tasks[3]);
    AIOT_SLEEP(S(1));
    log("locked %d", aiot_semaphore_locked(&self->sem));
    AIOT_END();
}

RUN(root)
