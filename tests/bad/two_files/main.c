/* Two files that include the header make one program; a coroutine without `static` can be used from both. */
#include "worker.h"

struct helper { AIOT_FRAME; struct worker one, two; aiot_task t; aiot_timeout limit; int ran; };
static AIOT_CORO(helper)
{
    AIOT_BEGIN();
    AIOT_AWAIT(worker, &self->one, .n = 3);
    aiot_spawn(&self->t, worker, &self->two, .n = 4);
    AIOT_JOIN(&self->t);
    self->ran = self->one.result + self->two.result;
    AIOT_WAIT_FOR(&self->limit, 9, worker, &self->one, .n = 5);
    AIOT_AWAIT_FRAME(worker, &self->one);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct helper frame;
    aiot_loop_init_virtual(&loop);
    return !(aiot_run(&loop, helper, &frame) == AIOT_OK && frame.ran == 14 && frame.one.result == 10 && helper_runs(&loop));
}
