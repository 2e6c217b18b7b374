/* 24_ticker.c - every 10 ms, without drift, and what happens to the ticks that were missed.
 *
 *     ticker = tokio::time::interval(10 ms), with a MissedTickBehavior        # asyncio has none
 *     for tick in range(1, 8):
 *         await ticker.tick()
 *         print(loop.time() - start, ticker.missed)
 *         if tick == 2: await asyncio.sleep(0.035)                # takes too long: the ticks at 30, 40 and 50 ms pass
 *
 * Notice: work that takes less than a period does not move the ticks, as sleep(0.01) behind it would.  Take SKIP for a sample that is
 * worth nothing late, BURST if the number of ticks counts, RESTART if the distance between two of them does.  aiot_ticker_missed() tells
 * how many ticks were past, without the one that came. */
#include "aio_timeout.h"
#include <stdio.h>

struct sampler { AIOT_FRAME; const char *name; enum aiot_tick_policy policy; aiot_ticker ticker; aiot_time start; int tick; };

static AIOT_CORO(sampler)
{
    AIOT_BEGIN();
    printf("%-8s", self->name);
    self->start = aiot_now(task->loop);
    AIOT_CHECK(aiot_ticker_init(&self->ticker, task->loop, AIOT_MS(10), self->policy));
    for (self->tick = 1; self->tick <= 7; self->tick++) {
        AIOT_TICK(&self->ticker);
        printf("  %d", (int)(aiot_time_between(self->start, aiot_now(task->loop)) / AIOT_MS(1)));
        if (aiot_ticker_missed(&self->ticker) > 0) printf(" (missed %u)", (unsigned)aiot_ticker_missed(&self->ticker));
        AIOT_SLEEP(self->tick == 2 ? AIOT_MS(35) : AIOT_MS(2));
    }
    puts("");
    AIOT_END();
}

struct root { AIOT_FRAME; struct sampler sampler; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(sampler, &self->sampler, .name = "skip", .policy = AIOT_TICK_SKIP);
    AIOT_AWAIT(sampler, &self->sampler, .name = "burst", .policy = AIOT_TICK_BURST);
    AIOT_AWAIT(sampler, &self->sampler, .name = "restart", .policy = AIOT_TICK_RESTART);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
