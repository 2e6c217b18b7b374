/* 19_time_left.c - a callee that plans by the time it has: it skips work that cannot end in time, and hands its budget on.
 *
 *     async def search():
 *         await asyncio.sleep(0.02)
 *         left = trio.current_effective_deadline() - trio.current_time()          # asyncio cannot tell
 *         if left > 0.05: await rank()
 *         await asyncio.create_task(shop(budget=left))            # as it is now
 *
 *     await search()
 *     async with asyncio.timeout(0.2): await search()
 *     async with asyncio.timeout(0.2), asyncio.timeout(0.06): await search()
 *
 * Notice: search() has no argument for it.  aiot_time_left() is the time until the earliest of all limits around the call, those
 * of its callers too; AIOT_FOREVER if there is none.  A task that is spawned begins without limits, and another machine knows none
 * of ours: hand them the time that is left. */
#include "aio_timeout.h"
#include <stdio.h>

static void print_time(const char *text, aiot_time time)
{
    if (time == AIOT_FOREVER) printf("  %s without a limit\n", text);
    else printf("  %s within %d ms\n", text, (int)(time / AIOT_MS(1)));
}

struct shop { AIOT_FRAME; aiot_time budget; aiot_timeout limit; };

static AIOT_CORO(shop)                          /* could run on another machine */
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, self->budget) {
        print_time("the shop answers", aiot_time_left(task));
        AIOT_SLEEP(AIOT_MS(20));
    }
    AIOT_END();
}

struct search { AIOT_FRAME; bool ranks; struct shop shop; aiot_task shopping; };

static AIOT_CORO(search)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(20));
    print_time("found, goes on", aiot_time_left(task));
    self->ranks = aiot_time_left(task) > AIOT_MS(50);
    if (self->ranks) AIOT_SLEEP(AIOT_MS(40));
    puts(self->ranks ? "  ranked" : "  not ranked");
    AIOT_SPAWN(&self->shopping, shop, &self->shop, .budget = aiot_time_left(task));
    AIOT_JOIN(&self->shopping);
    AIOT_END();
}

struct root { AIOT_FRAME; struct search search; aiot_timeout whole, step; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    puts("no limit");
    AIOT_AWAIT(search, &self->search);
    puts("200 ms");
    AIOT_TIMEOUT(&self->whole, AIOT_MS(200)) { AIOT_AWAIT(search, &self->search); }
    puts("200 ms, and 60 ms inside");
    AIOT_TIMEOUT(&self->whole, AIOT_MS(200)) {
        AIOT_TIMEOUT(&self->step, AIOT_MS(60)) { AIOT_AWAIT(search, &self->search); }
    }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
