/* 01_retry.c - try again, with exponential backoff and full jitter, until it works, n tries are over, or the time left is too short.
 *
 *     async with asyncio.timeout(whole) as limit:
 *         for attempt in range(1, TRIES + 1):
 *             try: return await request()
 *             except Refused:
 *                 pause = random.uniform(0, min(0.02 * 2 ** (attempt - 1), 0.16))
 *                 if attempt == TRIES or loop.time() + pause >= limit.when(): raise
 *                 await asyncio.sleep(pause)
 *
 * Notice: aiot_backoff_next() looks at all limits around the call, also at the callers', and begins no pause that would outlast one.
 * So the caller gets the last refusal at once; AIOT_ETIMEDOUT only if a request itself takes too long.  Give each client its own seed:
 * with the same one, all of them come back at the same moment.  Build: cc -I../.. 01_retry.c */
#include "aio_timeout.h"
#include <stdio.h>

enum { REFUSED = 1, TRIES = 5 };
struct request { AIOT_FRAME; aiot_time takes; int code; };
static AIOT_CORO(request) { AIOT_BEGIN(); AIOT_SLEEP(self->takes); AIOT_CHECK(self->code); AIOT_END(); }

struct retry {
    AIOT_FRAME; aiot_time whole, takes; uint32_t seed; int refusals, attempt;
    struct request request; aiot_backoff backoff; aiot_timeout limit;
};
static AIOT_CORO(retry)
{
    AIOT_BEGIN();
    aiot_backoff_init(&self->backoff, AIOT_MS(20), AIOT_MS(160), self->seed);
    AIOT_TIMEOUT(&self->limit, self->whole) {
        for (self->attempt = 1;; self->attempt++) {
            AIOT_TRY {
                AIOT_AWAIT(request, &self->request, .takes = self->takes, .code = self->attempt <= self->refusals ? REFUSED : 0);
                AIOT_RETURN();
            } AIOT_EXCEPT(REFUSED) {
                if (self->attempt == TRIES || !aiot_backoff_next(&self->backoff, task)) AIOT_RERAISE();
                printf("  refused: waits %d ms\n", (int)(self->backoff.delay_ns / AIOT_MS(1)));
                AIOT_SLEEP(self->backoff.delay_ns);
            }
        }
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int i; struct retry retry; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct { int whole, takes, refusals; } cases[] = { {1000, 5, 2}, {1000, 5, 99}, {70, 5, 99}, {70, 3600, 0} };
    for (; self->i < 4; self->i++) {
        AIOT_TRY {
            AIOT_AWAIT(retry, &self->retry, .whole = AIOT_MS(cases[self->i].whole), .takes = AIOT_MS(cases[self->i].takes),
                       .seed = 42, .refusals = cases[self->i].refusals);
            printf("attempt %d is answered\n", self->retry.attempt);
        } AIOT_EXCEPT(REFUSED) { printf("attempt %d was the last one\n", self->retry.attempt);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { printf("attempt %d takes too long\n", self->retry.attempt); }
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
