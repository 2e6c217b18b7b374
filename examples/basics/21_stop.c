/* 21_stop.c - ask a task to end, and wait for its end, but not for ever.
 *
 *     task.cancel()                               # asyncio's way to stop one
 *     done, pending = await asyncio.wait([task], timeout=grace)
 *     if pending: print(task.get_name(), "still runs at", task.get_stack())
 *
 * Notice: AIOT_STOP() raises nothing of what the task ends with.  An AIOT_ECANCELED that comes out is a cancel of the caller, never
 * the task's.  After the grace it raises AIOT_ETIMEDOUT, and loop.on_error is told which task still runs, where, and since when it
 * was asked.  That task runs on, and its memory is in use until it has ended: see 23_firm.c.  AIOT_STOP_TASKS() asks all at once. */
#include "aio_timeout.h"
#include <stdio.h>

struct worker { AIOT_FRAME; aiot_time cleanup; int refusals; };

static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    while (true) {
        AIOT_TRY {
            AIOT_SLEEP(AIOT_S(3600));
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            AIOT_SLEEP(self->cleanup);
            if (self->refusals-- == 0) AIOT_RERAISE();
            puts("  a cancel is swallowed");
        }
    }
    AIOT_END();
}

#if !AIOT_SMALL || AIOT_DEBUG                  /* the small loop reports with AIOT_DEBUG only */
static void on_error(aiot_loop *loop, const aiot_report *report)
{
    if (report->reason == AIOT_REPORT_STILL_RUNS)
        printf("  %s still waits in line %u, asked to end %d ms ago\n", report->name, report->line,
               (int)(aiot_time_between(report->asked_at, aiot_now(loop)) / AIOT_MS(1)));
}
#endif

struct root { AIOT_FRAME; struct worker workers[3]; aiot_task t[3]; aiot_timeout grace; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < 3; i++) {
        AIOT_SPAWN(&self->t[i], worker, &self->workers[i], .cleanup = AIOT_MS(10 * (i + 1)), .refusals = i == 0);
        aiot_task_set_name(&self->t[i], i == 0 ? "the stubborn one" : "worker");
    }
    AIOT_YIELD();                               /* they begin */
    AIOT_TRY {
        puts("one that obeys:");
        AIOT_STOP(&self->grace, AIOT_MS(50), &self->t[1]);
        printf("  its end: %s\n", aiot_strerror(aiot_result(&self->t[1])));
        puts("one that does not:");
        AIOT_STOP(&self->grace, AIOT_MS(50), &self->t[0]);
        puts("never printed");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        puts("all, once more:");
        AIOT_STOP_TASKS(&self->grace, AIOT_MS(50), self->t, 3);
        puts("  all have ended");
    }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
#if !AIOT_SMALL || AIOT_DEBUG
    loop.on_error = on_error;
#endif
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
