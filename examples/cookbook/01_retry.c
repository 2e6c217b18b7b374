/* 01_retry.c - try again, with exponential backoff and full jitter, until it works, n tries are over, or the whole limit is.
 *
 *     async with asyncio.timeout(whole):
 *         for attempt in range(TRIES):
 *             try: return await request()
 *             except Refused:
 *                 if attempt == TRIES - 1: raise
 *                 await asyncio.sleep(random.uniform(0, min(0.02 * 2 ** attempt, 0.16)))
 *
 * Notice: AIOT_RETURN() in the block leaves the loop around it.  The caller gets the last refusal, or the limit's AIOT_ETIMEDOUT.  Give
 * each client its own seed: with the same one, all of them come back at the same moment.  Build: cc -I../.. 01_retry.c */
#include "aio_timeout.h"
#include <stdio.h>

enum { REFUSED = 1, TRIES = 5 };
struct request { AIOT_FRAME; bool is_refused; };
static AIOT_CORO(request) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_MS(5)); if (self->is_refused) AIOT_RAISE(REFUSED); AIOT_END(); }

struct retry { AIOT_FRAME; aiot_time whole, most; uint32_t seed; int refusals, attempt; struct request request; aiot_timeout limit; };
static AIOT_CORO(retry)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, self->whole) {
        for (self->attempt = 1, self->most = AIOT_MS(20);; self->attempt++, self->most *= self->most < AIOT_MS(160) ? 2 : 1) {
            AIOT_TRY {
                AIOT_AWAIT(request, &self->request, .is_refused = self->attempt <= self->refusals);
                AIOT_RETURN();
            } AIOT_EXCEPT(REFUSED) {
                if (self->attempt == TRIES) AIOT_RERAISE();
                printf("  refused: waits 0 to %d ms\n", (int)(self->most / AIOT_MS(1)));
                self->seed = self->seed * 1664525u + 1013904223u;       /* the upper 16 bits are random enough */
                AIOT_SLEEP((aiot_time)(((int64_t)self->most * (self->seed >> 16)) >> 16));
            }
        }
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int i; struct retry retry; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (; self->i < 3; self->i++) {
        AIOT_TRY {
            AIOT_AWAIT(retry, &self->retry, .whole = self->i < 2 ? AIOT_S(1) : AIOT_MS(70), .seed = 42, .refusals = self->i < 1 ? 2 : 99);
            printf("attempt %d is answered\n", self->retry.attempt);
        } AIOT_EXCEPT(REFUSED) { printf("attempt %d was the last one\n", self->retry.attempt);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { printf("attempt %d: the whole limit is over\n", self->retry.attempt); }
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
