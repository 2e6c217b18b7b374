/* 42_progress_monitor.py - a shielded task is polled with short wait_for's; the overall limit cancels the task itself.
 * At each half second several timers tie, so the order of lines shows the order of timers. */
#include "vt.h"

struct operation {                              /* async def operation(steps, step_time) */
    AIOT_FRAME;
    int steps;
    double step_time;
    int i;
    const char *text;                           /* result */
};

static AIOT_CORO(operation)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < self->steps; self->i++) {
        AIOT_SLEEP(S(self->step_time));
        log("Progress: %.1f%%", (self->i + 1) * 100.0 / self->steps);
        AIOT_SLEEP(0);
    }
    self->text = "Operation completed";
    AIOT_END();
}

struct monitored {                              /* async def monitored(limit, interval) */
    AIOT_FRAME;
    double limit, interval;
    double start, elapsed;
    bool ended;                                 /* the loop has been left by `break` */
    const char *text;                           /* result */
    struct operation operation;
    aiot_task task;
    aiot_shield shield;
    aiot_timeout timeout;
};

static AIOT_CORO(monitored)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->task, operation, &self->operation, .steps = 10, .step_time = 0.5);
    self->start = now();
    while (!self->ended && !aiot_done(&self->task)) {
        self->elapsed = now() - self->start;
        if (self->elapsed >= self->limit) {
            aiot_cancel(&self->task);
            AIOT_TRY {
                AIOT_JOIN(&self->task);
            } AIOT_EXCEPT(AIOT_ECANCELED) {
                /* pass */
            }
            log("giving up after %.1fs", self->elapsed);
            AIOT_RAISE(AIOT_ETIMEDOUT);
        }
        AIOT_TRY {
            aiot_shield(&self->shield, &self->task);
            AIOT_JOIN_FOR(&self->timeout, S(self->interval), &self->shield);
            self->ended = true;
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Elapsed: %.1fs, Remaining: %.1fs", self->elapsed, self->limit - self->elapsed);
        }
    }
    AIOT_JOIN(&self->task);
    self->text = self->operation.text;
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct monitored monitored;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const int limit[] = {7, 3};
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_TRY {
            AIOT_AWAIT(monitored, &self->monitored, .limit = limit[self->i], .interval = 0.5);
            log("Success: %s", self->monitored.text);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Timed out");
        }
        log("---");
    }
    AIOT_END();
}

RUN(root)
