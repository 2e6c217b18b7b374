/* 07_watchdog.c - a task must report in time.  If it does not, the watchdog says its name and where it hangs, and starts it again.
 *
 *     while True:                                 # in watchdog()
 *         task = asyncio.create_task(pump(), name="pump 1")
 *         while not task.done() and reported + 0.1 > loop.time():
 *             await asyncio.wait([task], timeout=reported + 0.1 - loop.time())
 *         if task.done(): return await task
 *         print(task.get_name(), "hangs at", task.get_stack())
 *         task.cancel(); await asyncio.wait([task], timeout=1)
 *
 * Notice: the wait ends at once when the task ends.  AIOT_STOP() lets the task clean up: until it has ended, it cannot be started again.
 * If the clean-up hangs, too, AIOT_ETIMEDOUT comes out.  A task that computes without a wait stops the watchdog, too: only one in
 * hardware helps there.  aiot_task_line() is 0 in release builds of the small loop.  Build: cc -I../.. 07_watchdog.c */
#include "aio_timeout.h"
#include <stdio.h>

struct sensor { AIOT_FRAME; bool hangs; };
static AIOT_CORO(sensor) { AIOT_BEGIN(); AIOT_SLEEP(self->hangs ? AIOT_FOREVER : AIOT_MS(30)); AIOT_END(); }

struct pump { AIOT_FRAME; aiot_time *reported; int hangs_in, round; struct sensor sensor; };
static AIOT_CORO(pump)
{
    AIOT_BEGIN();
    for (self->round = 1; self->round <= 3; self->round++) {
        AIOT_AWAIT(sensor, &self->sensor, .hangs = self->round == self->hangs_in);
        printf("pump: round %d\n", self->round);
        *self->reported = aiot_now(task->loop);
    }
    AIOT_END();
}

struct watchdog { AIOT_FRAME; aiot_time reported; int starts; struct pump pump; aiot_task t; AIOT_WAIT_SET(1) set; aiot_timeout grace; };
static aiot_time left(aiot_loop *loop, aiot_time since) { return aiot_time_between(aiot_now(loop), aiot_time_after(since, AIOT_MS(100))); }
static AIOT_CORO(watchdog)
{
    AIOT_BEGIN();
    for (self->starts = 1;; self->starts++) {
        self->reported = aiot_now(task->loop);
        AIOT_SPAWN(&self->t, pump, &self->pump, .reported = &self->reported, .hangs_in = self->starts + 1);
        aiot_task_set_name(&self->t, "pump 1");
        while (!aiot_done(&self->t) && left(task->loop, self->reported) > 0)
            AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, left(task->loop, self->reported), &self->t);
        if (aiot_done(&self->t)) break;
        printf("%s hangs in line %u, ", aiot_task_name(&self->t), aiot_task_line(&self->t, 0));
        printf("awaited in line %u: restart\n", aiot_task_line(&self->t, 1));
        AIOT_STOP(&self->grace, AIOT_S(1), &self->t);
    }
    AIOT_JOIN(&self->t);                        /* raises its error, if it failed */
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct watchdog watchdog;
    aiot_loop_init(&loop);
    return aiot_run(&loop, watchdog, &watchdog) == AIOT_OK ? 0 : 1;
}
