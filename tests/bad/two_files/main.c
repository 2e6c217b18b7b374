/* Two files that include the header make one program; a coroutine without `static` can be used from both. */
#include "worker.h"

struct helper { AIOT_FRAME; struct worker one, two; aiot_task t; aiot_timeout limit; int ran; };
static AIOT_CORO(helper)
{
    AIOT_BEGIN();
    AIOT_AWAIT(worker, &self->one, .n = 3);
    AIOT_SPAWN(&self->t, worker, &self->two, .n = 4);
    AIOT_JOIN(&self->t);
    self->ran = self->one.result + self->two.result;
    AIOT_WAIT_FOR(&self->limit, 9, worker, &self->one, .n = 5);
    AIOT_AWAIT_FRAME(worker, &self->one);
    AIOT_END();
}

struct waits { AIOT_FRAME; aiot_event *event; aiot_waiter waiter; };
static AIOT_CORO(waits) { AIOT_BEGIN(); AIOT_EVENT_WAIT(self->event, &self->waiter); AIOT_END(); }

/* Locals of who runs the loop outlive the waits of its coroutines, even where the compiler makes one function of the two: so it is run
 * in one place only. */
int main(void)
{
    aiot_loop loop;
    struct helper helper_frame = { 0 };
    struct waits waits_frame = { 0 };
    aiot_task helper_task = { 0 }, waits_task = { 0 };
    aiot_event event = { 0 };
    aiot_loop_init_virtual(&loop);
    if (aiot_spawn_on(&loop, &helper_task, helper, &helper_frame) != 0) return 1;
    if (aiot_spawn_on(&loop, &waits_task, waits, &waits_frame, .event = &event) != 0) return 1;
    while (!aiot_done(&helper_task) || !aiot_done(&waits_task)) {
        (void)aiot_run_once(&loop);
        aiot_clock_advance(&loop, 1);
        aiot_event_set(&event);
    }
    return !(aiot_result(&helper_task) == AIOT_OK && helper_frame.ran == 14 && helper_frame.one.result == 10 && helper_runs(&loop));
}
