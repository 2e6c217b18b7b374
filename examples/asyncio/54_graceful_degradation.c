/* 54_graceful_degradation.py - full data (3 s), else basic (1 s), else minimal (0.2 s), within the time left. As listed, the
 * first try may use all the time, so nothing is left to degrade to; with half of it, degrading works. */
#include "vt.h"

struct fetch_full { AIOT_FRAME; const char *data; };    /* async def fetch_full() */

static AIOT_CORO(fetch_full)
{
    AIOT_BEGIN();
    log("Fetching full product data...");
    AIOT_SLEEP(S(3));
    self->data = "full";
    AIOT_END();
}

struct fetch_basic { AIOT_FRAME; const char *data; };   /* async def fetch_basic() */

static AIOT_CORO(fetch_basic)
{
    AIOT_BEGIN();
    log("Fetching basic product data...");
    AIOT_SLEEP(S(1));
    self->data = "basic";
    AIOT_END();
}

struct fetch_minimal { AIOT_FRAME; const char *data; }; /* async def fetch_minimal() */

static AIOT_CORO(fetch_minimal)
{
    AIOT_BEGIN();
    log("Fetching minimal product data...");
    AIOT_SLEEP(S(0.2));
    self->data = "minimal";
    AIOT_END();
}

struct get_product {                            /* async def get_product(max_wait, first_try) */
    AIOT_FRAME;
    double max_wait, first_try;
    double start, remaining;                    /* remaining: not above 0 when nothing is left */
    struct fetch_full full;
    struct fetch_basic basic;
    struct fetch_minimal minimal;
    aiot_task full_task, basic_task, minimal_task;
    aiot_timeout limit;
    const char *result;
};

static AIOT_CORO(get_product)
{
    AIOT_BEGIN();
    self->start = now();
    AIOT_TRY {
        AIOT_SPAWN(&self->full_task, fetch_full, &self->full);
        AIOT_JOIN_FOR(&self->limit, S(self->first_try), &self->full_task);
        self->result = self->full.data;
        log("Using full data");
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Full data timed out");
    }
    self->remaining = self->max_wait - (now() - self->start);
    if (self->remaining > 0.5) {
        AIOT_TRY {
            AIOT_SPAWN(&self->basic_task, fetch_basic, &self->basic);
            AIOT_JOIN_FOR(&self->limit, S(self->remaining), &self->basic_task);
            self->result = self->basic.data;
            log("Using basic data");
            AIOT_RETURN();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Basic data timed out");
        }
    } else {
        log("Not enough time for basic data");
    }
    self->remaining = self->max_wait - (now() - self->start);
    if (self->remaining > 0) {
        AIOT_TRY {
            AIOT_SPAWN(&self->minimal_task, fetch_minimal, &self->minimal);
            AIOT_JOIN_FOR(&self->limit, S(self->remaining), &self->minimal_task);
            self->result = self->minimal.data;
            log("Using minimal data");
            AIOT_RETURN();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Minimal data timed out");
        }
    }
    log("All data fetches timed out");
    self->result = "unavailable";
    AIOT_END();
}

struct root { AIOT_FRAME; int i; struct get_product product; }; /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const double max_waits[] = { 0.5, 1.5, 3.5 }, halved[] = { 0.25, 1.5, 3.5, 7.0, 0.5 };
    for (self->i = 0; self->i < 3; self->i++) {
        log("Trying with max_wait=%.2fs", max_waits[self->i]);
        AIOT_AWAIT(get_product, &self->product, .max_wait = max_waits[self->i], .first_try = max_waits[self->i]);
        log("Final result: %s", self->product.result);
    }
    for (self->i = 0; self->i < 5; self->i++) {
        log("Trying with max_wait=%.2fs, half of it for full data", halved[self->i]);
        AIOT_AWAIT(get_product, &self->product, .max_wait = halved[self->i], .first_try = halved[self->i] / 2);
        log("Final result: %s", self->product.result);
    }
    AIOT_END();
}

RUN(root)
