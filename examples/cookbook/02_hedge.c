/* 02_hedge.c - a second request goes out if the first has not answered in time.  The first answer wins, the other one is cancelled.
 *
 *     async def ask(server):
 *         winner = await fetch(server)            # a failure is no answer, and no exception here
 *         race.cancel()                           # Python 3.15
 *
 *     async with asyncio.TaskGroup() as race:
 *         await asyncio.wait([race.create_task(ask(1))], timeout=0.05)
 *         race.create_task(ask(2))
 *
 * Notice: the end of the block waits for the loser's clean-up.  A cancel of the caller ends both.  If the first fails, its wait is over,
 * and the second goes out at once.  Build: cc -I../.. 02_hedge.c */
#include "aio_timeout.h"
#include <stdio.h>

struct ask { AIOT_FRAME; struct hedge *hedge; int server; aiot_time delay; bool fails; };
struct hedge {
    AIOT_FRAME; aiot_time delay; bool fails; struct ask ask[2]; aiot_group_task t[2]; aiot_group race; AIOT_WAIT_SET(1) set; int winner;
};

static AIOT_CORO(ask)
{
    AIOT_BEGIN();
    AIOT_TRY {
        printf("  asks server %d\n", self->server);
        AIOT_SLEEP(self->delay);
    } AIOT_FINALLY {
        AIOT_SLEEP(AIOT_MS(5));
        printf("  leaves server %d\n", self->server);
    }
    if (self->fails) AIOT_RETURN();
    self->hedge->winner = self->server;
    aiot_group_cancel(&self->hedge->race);      /* comes last: it cancels this task, too */
    AIOT_END();
}

static AIOT_CORO(hedge)
{
    AIOT_BEGIN();
    printf("server 1 %s\n", self->fails ? "fails" : self->delay < AIOT_MS(50) ? "is quick" : "is slow");
    AIOT_GROUP(&self->race) {
        AIOT_CHECK(aiot_group_spawn(&self->race, &self->t[0], ask, &self->ask[0],
                                    .hedge = self, .server = 1, .delay = self->delay, .fails = self->fails));
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_MS(50), &self->t[0]);
        AIOT_CHECK(aiot_group_spawn(&self->race, &self->t[1], ask, &self->ask[1], .hedge = self, .server = 2, .delay = AIOT_MS(50)));
    }
    printf("winner: server %d\n", self->winner);         /* 0: both have failed */
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct hedge hedge;
    aiot_loop_init(&loop);
    if (aiot_run(&loop, hedge, &hedge, .delay = AIOT_MS(5)) != AIOT_OK) return 1;
    if (aiot_run(&loop, hedge, &hedge, .delay = AIOT_S(60)) != AIOT_OK) return 1;
    return aiot_run(&loop, hedge, &hedge, .delay = AIOT_MS(5), .fails = true) == AIOT_OK ? 0 : 1;
}
