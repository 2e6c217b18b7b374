/* 14_event_and_condition.c - something has happened, and something holds.
 *
 *     async def customer(name, wants):
 *         await opening.wait()                                    # asyncio.Event()
 *         async with shelf:                                       # asyncio.Condition()
 *             await shelf.wait_for(lambda: loaves >= wants)
 *             loaves -= wants
 *             print(name, "takes", wants)
 *
 *     opening.set()                                               # in root
 *     for _ in range(4):
 *         await asyncio.sleep(0.02)
 *         async with shelf: loaves += 1; shelf.notify_all()
 *
 * Notice: an event stays set, and wakes all.  A condition waits for whatever can be said in C: the predicate is an expression,
 * asked again each time somebody notifies, and it holds when the wait is over, because the condition's lock is held then.
 * A wait is also a coroutine (aiot_event_wait), which can be spawned or given a limit. */
#include "aio_timeout.h"
#include <stdio.h>

struct bakery { aiot_event opening; aiot_condition shelf; int loaves; };
struct customer { AIOT_FRAME; struct bakery *bakery; const char *name; int wants; aiot_waiter w; };

static AIOT_CORO(customer)
{
    AIOT_BEGIN();
    AIOT_EVENT_WAIT(&self->bakery->opening, &self->w);
    AIOT_CONDITION(&self->bakery->shelf, &self->w) {
        AIOT_CONDITION_WAIT_FOR(&self->bakery->shelf, &self->w, self->bakery->loaves >= self->wants);
        self->bakery->loaves -= self->wants;
        printf("%s takes %d\n", self->name, self->wants);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct bakery bakery; struct customer ann, bob; aiot_task first, second; int delivery; aiot_waiter w; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->first, customer, &self->ann, .bakery = &self->bakery, .name = "ann", .wants = 3);
    AIOT_SPAWN(&self->second, customer, &self->bob, .bakery = &self->bakery, .name = "bob", .wants = 1);
    AIOT_SLEEP(AIOT_MS(20));
    puts("the bakery opens");
    aiot_event_set(&self->bakery.opening);
    for (self->delivery = 0; self->delivery < 4; self->delivery++) {
        AIOT_SLEEP(AIOT_MS(20));
        AIOT_CONDITION(&self->bakery.shelf, &self->w) {
            self->bakery.loaves++;
            puts("a loaf");
            aiot_condition_notify_all(&self->bakery.shelf);
        }
    }
    AIOT_JOIN(&self->first);
    AIOT_JOIN(&self->second);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
