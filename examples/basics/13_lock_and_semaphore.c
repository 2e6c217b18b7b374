/* 13_lock_and_semaphore.c - one at a time, and two at a time.
 *
 *     async def deposit(amount):
 *         async with lock:                        # asyncio.Lock()
 *             before = balance
 *             await asyncio.sleep(0.01)
 *             balance = before + amount
 *
 *     async with pumps:                           # asyncio.Semaphore(2), in fill()
 *         await asyncio.sleep(time)
 *
 * Notice: the blocks hold what they name and release it on every way out: return, error, cancellation.  Who waits stands in a
 * line; an aiot_waiter is the place in it, in the frame of who waits, so no line is ever full.  A zeroed lock is ready for use.
 * Without it both deposits would read the balance before either has written it, and one would be lost. */
#include "aio_timeout.h"
#include <stdio.h>

struct bank { aiot_lock lock; int balance; };
struct deposit { AIOT_FRAME; struct bank *bank; int amount, before; aiot_waiter w; };

static AIOT_CORO(deposit)
{
    AIOT_BEGIN();
    AIOT_LOCK(&self->bank->lock, &self->w) {
        self->before = self->bank->balance;
        AIOT_SLEEP(AIOT_MS(10));
        self->bank->balance = self->before + self->amount;
    }
    AIOT_END();
}

struct fill { AIOT_FRAME; aiot_semaphore *pumps; const char *car; aiot_time time; aiot_waiter w; };

static AIOT_CORO(fill)
{
    AIOT_BEGIN();
    AIOT_SEMAPHORE(self->pumps, &self->w) {
        printf("%s begins\n", self->car);
        AIOT_SLEEP(self->time);
        printf("%s has finished\n", self->car);
    }
    AIOT_END();
}

struct root {
    AIOT_FRAME; struct bank bank; struct deposit one, two; aiot_semaphore pumps; struct fill taxi, truck, van;
    aiot_task t[5]; AIOT_GATHER_SET(3) all;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], deposit, &self->one, .bank = &self->bank, .amount = 50);
    AIOT_SPAWN(&self->t[1], deposit, &self->two, .bank = &self->bank, .amount = 50);
    AIOT_GATHER(&self->all, &self->t[0], &self->t[1]);
    printf("balance: %d\n", self->bank.balance);

    aiot_semaphore_init(&self->pumps, 2);
    AIOT_SPAWN(&self->t[2], fill, &self->taxi, .pumps = &self->pumps, .car = "taxi", .time = AIOT_MS(20));
    AIOT_SPAWN(&self->t[3], fill, &self->truck, .pumps = &self->pumps, .car = "truck", .time = AIOT_MS(120));
    AIOT_SPAWN(&self->t[4], fill, &self->van, .pumps = &self->pumps, .car = "van", .time = AIOT_MS(20));
    AIOT_GATHER(&self->all, &self->t[2], &self->t[3], &self->t[4]);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
