/* 03_deadline_budget.c - one deadline for a whole request, handed down.  Each callee uses what is left of it.
 *
 *     async def stage(name, deadline, takes):
 *         async with asyncio.timeout_at(deadline): await asyncio.sleep(takes)
 *
 *     deadline = loop.time() + budget             # in serve()
 *     try: await stage("cache", min(loop.time() + 0.05, deadline), 3600)
 *     except TimeoutError: print("goes on without the cache")
 *     await stage("database", deadline, 0.05)
 *     if deadline - loop.time() > 0.07: await stage("pictures", deadline, 0.05)
 *
 * Notice: a deadline is a point in time, so it stays right however long the way down takes.  A delay would begin anew in each callee.
 * A callee may get less than all, as the cache does, and work for which the rest is too short is left out.  One block around serve()
 * could do neither.  Build: cc -I../.. 03_deadline_budget.c */
#include "aio_timeout.h"
#include <stdio.h>

struct stage { AIOT_FRAME; const char *name; aiot_time deadline, takes; aiot_timeout limit; };
static AIOT_CORO(stage)
{
    AIOT_BEGIN();
    printf("  %s: has %d ms\n", self->name, (int)(aiot_time_between(aiot_now(task->loop), self->deadline) / AIOT_MS(1)));
    AIOT_TIMEOUT_AT(&self->limit, self->deadline) { AIOT_SLEEP(self->takes); }
    AIOT_END();
}

static aiot_time sooner(aiot_time a, aiot_time b) { return aiot_time_before(a, b) ? a : b; }

struct serve { AIOT_FRAME; aiot_time budget, deadline; struct stage stage; };
static AIOT_CORO(serve)
{
    AIOT_BEGIN();
    printf("a request that may take %d ms\n", (int)(self->budget / AIOT_MS(1)));
    self->deadline = aiot_time_after(aiot_now(task->loop), self->budget);
    AIOT_TRY {
        AIOT_AWAIT(stage, &self->stage, .name = "cache",
                   .deadline = sooner(aiot_time_after(aiot_now(task->loop), AIOT_MS(50)), self->deadline), .takes = AIOT_S(3600));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { puts("  goes on without the cache"); }
    AIOT_TRY {
        AIOT_AWAIT(stage, &self->stage, .name = "database", .deadline = self->deadline, .takes = AIOT_MS(50));
        if (aiot_time_between(aiot_now(task->loop), self->deadline) > AIOT_MS(70))
            AIOT_AWAIT(stage, &self->stage, .name = "pictures", .deadline = self->deadline, .takes = AIOT_MS(50));
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
