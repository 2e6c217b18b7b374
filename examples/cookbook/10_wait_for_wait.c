/* 10_wait_for_wait.c - a limit around a wait for several tasks: wait_for() takes a coroutine, so the wait is made one.
 *
 *     a, b = (asyncio.create_task(fetch(d)) for d in (0.02, 3600))
 *     try:
 *         await asyncio.wait_for(asyncio.wait([a, b]), 0.05)
 *     except TimeoutError:
 *         print("not both in time")
 *     for task in (a, b): task.cancel()
 *     await asyncio.wait([a, b])
 *
 * Notice: `both` is the coroutine around the wait.  It can also be spawned, as in create_task(wait([a, b])).  The limit cancels the wait
 * and not its members: they run on until somebody cancels them.  AIOT_WAIT() takes a limit, too, but at that one it raises nothing.
 * Without a coroutine, AIOT_TIMEOUT(&self->limit, d) { AIOT_WAIT(...); } raises AIOT_ETIMEDOUT as well.
 * Build: cc -I../.. 10_wait_for_wait.c */
#include "aio_timeout.h"
#include <stdio.h>

struct fetch { AIOT_FRAME; const char *name; aiot_time delay; };
static AIOT_CORO(fetch)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->delay);
    printf("%s is there\n", self->name);
    AIOT_END();
}

struct both { AIOT_FRAME; aiot_task *a, *b; AIOT_WAIT_SET(2) set; };
static AIOT_CORO(both)
{
    AIOT_BEGIN();
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->a, self->b);
    AIOT_END();
}

struct root { AIOT_FRAME; struct fetch one, two; aiot_task a, b; struct both both; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->a, fetch, &self->one, .name = "a", .delay = AIOT_MS(20));
    AIOT_SPAWN(&self->b, fetch, &self->two, .name = "b", .delay = AIOT_S(3600));
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, AIOT_MS(50), both, &self->both, .a = &self->a, .b = &self->b);
        puts("both in time");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        printf("not both in time; done: a %d, b %d\n", aiot_done(&self->a), aiot_done(&self->b));
        aiot_cancel(&self->b);
        AIOT_AWAIT(both, &self->both, .a = &self->a, .b = &self->b);
    }
    printf("b ended: %s\n", aiot_strerror(aiot_result(&self->b)));
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
