/* 22_race.c - the first mirror that answers wins, and the other is not left behind.
 *
 *     tasks = [asyncio.create_task(fetch("north", 0.03)), asyncio.create_task(fetch("south", 0.08))]
 *     try:                                        # asyncio's way, by hand
 *         done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
 *     finally:
 *         for task in tasks: task.cancel()
 *         await asyncio.wait(tasks)               # a cancel here leaves the losers running
 *     await done.pop()
 *
 * Notice: when AIOT_RACE() is over, all its tasks have ended, and their clean-up too.  A limit around it, or a cancel, ends all of them,
 * and comes out after that.  The first end decides, also if it is an error: that error is raised.  Where a failure is no answer, see
 * ../cookbook/02_hedge.c. */
#include "aio_timeout.h"
#include <stdio.h>

enum { GONE = 1 };
struct fetch { AIOT_FRAME; const char *mirror; aiot_time delay; int error; };

static AIOT_CORO(fetch)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(self->delay);
        AIOT_CHECK(self->error);
        printf("  %s answers\n", self->mirror);
    } AIOT_FINALLY {
        AIOT_SLEEP(AIOT_MS(5));
        printf("  %s: connection closed\n", self->mirror);
    }
    AIOT_END();
}

struct download {
    AIOT_FRAME; aiot_time limit_ns; int error; struct fetch north, south; aiot_task t[2]; AIOT_RACE_SET(2) race; aiot_timeout limit;
};

static AIOT_CORO(download)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], fetch, &self->north, .mirror = "north", .delay = AIOT_MS(30), .error = self->error);
    AIOT_SPAWN(&self->t[1], fetch, &self->south, .mirror = "south", .delay = AIOT_MS(80));
    AIOT_TIMEOUT(&self->limit, self->limit_ns) {
        AIOT_RACE(&self->race, &self->t[0], &self->t[1]);
        printf("winner: %s; ", aiot_race_winner(&self->race) == 0 ? "north" : "south");
        printf("south ended: %s\n", aiot_strerror(aiot_result(&self->t[1])));
    } AIOT_EXCEPT(GONE) {
        puts("the first end was an error");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        puts("no answer in time");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct download download; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(download, &self->download, .limit_ns = AIOT_S(60));
    AIOT_AWAIT(download, &self->download, .limit_ns = AIOT_S(60), .error = GONE);
    AIOT_AWAIT(download, &self->download, .limit_ns = AIOT_MS(20));
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
