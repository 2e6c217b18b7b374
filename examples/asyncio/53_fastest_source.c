/* 53_fastest_source.py - first of three sources within 2.5 s, the losers cancelled. Delays are a script: 3.0, 1.2, 2.0
 * and then 4.0, 3.5, 2.6 (nobody in time). */
#include "vt.h"

struct fetch {                                  /* async def fetch(url, delay) */
    AIOT_FRAME;
    const char *url;
    double delay;
    char result[64];
};

static AIOT_CORO(fetch)
{
    AIOT_BEGIN();
    log("Fetching %s (will take %.1fs)", self->url, self->delay);
    AIOT_SLEEP(S(self->delay));
    snprintf(self->result, sizeof self->result, "Result from %s", self->url);
    AIOT_END();
}

struct fastest {                                /* async def fastest(delays, limit) */
    AIOT_FRAME;
    const double *delays;
    double limit;
    char urls[3][16];
    struct fetch fetches[3];
    aiot_task tasks[3];
    AIOT_WAIT_SET(3) set;
    AIOT_GATHER_SET(3) all;
    int first;                                  /* of those that are done */
    const char *result;                         /* NULL: None */
};

static AIOT_CORO(fastest)
{
    AIOT_BEGIN();
    for (int i = 0; i < 3; i++) {
        snprintf(self->urls[i], sizeof self->urls[i], "api%d", i + 1);
        AIOT_SPAWN(&self->tasks[i], fetch, &self->fetches[i], .url = self->urls[i], .delay = self->delays[i]);
    }
    AIOT_TRY {
        AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, S(self->limit), &self->tasks[0], &self->tasks[1], &self->tasks[2]);
        for (int i = 0; i < 3; i++)
            if (!aiot_wait_is_done(&self->set, i)) aiot_cancel(&self->tasks[i]);
        if (aiot_wait_done_count(&self->set) > 0) {
            while (!aiot_wait_is_done(&self->set, self->first)) self->first++;
            AIOT_JOIN(&self->tasks[self->first]);
            self->result = self->fetches[self->first].result;
            log("Got result from fastest source: %s", self->result);
            AIOT_RETURN();
        }
        log("All sources timed out after %.1fs", self->limit);
    } AIOT_FINALLY {
        for (int i = 0; i < 3; i++)
            if (!aiot_done(&self->tasks[i])) aiot_cancel(&self->tasks[i]);
        AIOT_GATHER_ALL(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
        for (int i = 0; i < 3; i++) log("%s", outcome(&self->tasks[i], "%s", self->fetches[i].result));
    }
    AIOT_END();
}

struct root { AIOT_FRAME; int i; struct fastest fastest; };     /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const double delays[2][3] = { { 3.0, 1.2, 2.0 }, { 4.0, 3.5, 2.6 } };
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_AWAIT(fastest, &self->fastest, .delays = delays[self->i], .limit = 2.5);
        if (self->fastest.result) log("Final result: %s", self->fastest.result);
        else log("No result received in time");
    }
    AIOT_END();
}

RUN(root)
