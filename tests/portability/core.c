/* core.c - tasks, sleep, timeout and cancel on a virtual clock, with nothing of the C library: for compilers and simulators that have
 * none.  It is C++ too.  What ends well is a bit of the result, so that one number tells what failed. */
#include "aio_timeout.h"

static unsigned char seen;                      /* a bit for each step that went as it should */
#define SEEN_ALL 0x7f

struct worker { AIOT_FRAME; aiot_time delay; unsigned char ended, closed; };
static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(self->delay);
        self->ended = 1;
    } AIOT_FINALLY {
        AIOT_SLEEP(AIOT_MS(1));
        self->closed = 1;
    }
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_time from; aiot_timeout limit; struct worker one, two, three; aiot_task t1, t2; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    self->from = aiot_now(task->loop);
    AIOT_TIMEOUT(&self->limit, AIOT_MS(50)) {                   /* cut short, and cleaned up */
        self->one.delay = AIOT_MS(300);
        AIOT_AWAIT_FRAME(worker, &self->one);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        seen |= 0x01;
    }
    if (!self->one.ended && self->one.closed) seen |= 0x02;
    if (aiot_now(task->loop) == aiot_time_after(self->from, AIOT_MS(51))) seen |= 0x04;

    self->two.delay = AIOT_MS(20);
    self->three.delay = AIOT_MS(200);
    AIOT_SPAWN_FRAME(&self->t1, worker, &self->two);
    AIOT_SPAWN_FRAME(&self->t2, worker, &self->three);
    AIOT_SLEEP(AIOT_MS(30));
    if (aiot_done(&self->t1) && self->two.ended && self->two.closed) seen |= 0x08;
    if (!aiot_done(&self->t2) && aiot_cancel(&self->t2)) seen |= 0x10;
    AIOT_TRY {
        AIOT_JOIN(&self->t2);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        if (!self->three.ended && self->three.closed) seen |= 0x20;
    }
    if (aiot_now(task->loop) == aiot_time_after(self->from, AIOT_MS(82))) seen |= 0x40;
    AIOT_END();
}

static aiot_loop loop;
static struct root frame;

int main(void)
{
    aiot_loop_init_virtual(&loop);
    if (aiot_run_frame(&loop, root, &frame) != AIOT_OK) return 1;
    return seen == SEEN_ALL ? 0 : 0x80 | seen;                  /* 128: none; 255 with a bit less for each that failed */
}
