/* 03_deadline_budget.c - one limit for a whole request.  Each callee sees what is left of it, and plans by that.
 *
 *     async def stage(name, takes):
 *         print(name, trio.current_effective_deadline() - trio.current_time())    # asyncio cannot tell
 *         await asyncio.sleep(takes)
 *
 *     async with asyncio.timeout(budget):         # in serve()
 *         try:
 *             async with asyncio.timeout(0.05): await stage("cache", 3600)
 *         except TimeoutError: print("goes on without the cache")
 *         await stage("database", 0.05)
 *         if trio.current_effective_deadline() - trio.current_time() > 0.07: await stage("pictures", 0.05)
 *
 * Notice: nothing is handed down: aiot_time_left() finds the earliest limit around the call.  A callee may get less than all, as the
 * cache does, and work for which the rest is too short is left out.  A spawned task begins without limits: give it aiot_deadline(task),
 * for AIOT_TIMEOUT_AT().  Build: cc -I../.. 03_deadline_budget.c */
#include "aio_timeout.h"
#include <stdio.h>

struct stage { AIOT_FRAME; const char *name; aiot_time takes; };
static AIOT_CORO(stage)
{
    AIOT_BEGIN();
    printf("  %s: has %d ms\n", self->name, (int)(aiot_time_left(task) / AIOT_MS(1)));
    AIOT_SLEEP(self->takes);
    AIOT_END();
}

struct serve { AIOT_FRAME; aiot_time budget; aiot_timeout whole, part; struct stage stage; };
static AIOT_CORO(serve)
{
    AIOT_BEGIN();
    printf("a request that may take %d ms\n", (int)(self->budget / AIOT_MS(1)));
    AIOT_TIMEOUT(&self->whole, self->budget) {
        AIOT_TIMEOUT(&self->part, AIOT_MS(50)) {
            AIOT_AWAIT(stage, &self->stage, .name = "cache", .takes = AIOT_S(3600));
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { puts("  goes on without the cache"); }
        AIOT_AWAIT(stage, &self->stage, .name = "database", .takes = AIOT_MS(50));
        if (aiot_time_left(task) > AIOT_MS(70)) AIOT_AWAIT(stage, &self->stage, .name = "pictures", .takes = AIOT_MS(50));
        puts("  answers");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { puts("  out of time"); }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct serve serve;
    aiot_loop_init(&loop);
    if (aiot_run(&loop, serve, &serve, .budget = AIOT_MS(300)) != AIOT_OK) return 1;
    if (aiot_run(&loop, serve, &serve, .budget = AIOT_MS(150)) != AIOT_OK) return 1;
    return aiot_run(&loop, serve, &serve, .budget = AIOT_MS(80)) == AIOT_OK ? 0 : 1;
}
