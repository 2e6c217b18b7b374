/* tickless.c - what two.c does, on a port of examples/mcu that has no tick: two tasks, every 10 and every 25 ms, for 200 ms. */
#include "../../../examples/mcu/board.h"

struct fast { AIOT_FRAME_DEPTH(0); aiot_time next; };
struct slow { AIOT_FRAME_DEPTH(0); aiot_time next; unsigned left; };

static aiot_loop loop;
static aiot_task fast_task, slow_task;
static struct fast fast_frame;
static struct slow slow_frame;

static AIOT_CORO(fast)
{
    AIOT_BEGIN();
    self->next = aiot_now(task->loop);
    for (;;) {
        self->next = aiot_time_after(self->next, AIOT_MS(10));          /* from deadline to deadline: no drift */
        AIOT_SLEEP_UNTIL(self->next);
    }
    AIOT_END();
}

static AIOT_CORO(slow)
{
    AIOT_BEGIN();
    self->next = aiot_now(task->loop);
    for (self->left = 8; self->left > 0; self->left--) {
        self->next = aiot_time_after(self->next, AIOT_MS(25));
        AIOT_SLEEP_UNTIL(self->next);
    }
    aiot_loop_stop(task->loop);
    AIOT_END();
}

int main(void)
{
    board_init(&loop);
    (void)aiot_spawn_frame_on(&loop, &fast_task, fast, &fast_frame);
    (void)aiot_spawn_frame_on(&loop, &slow_task, slow, &slow_frame);
    (void)aiot_run_forever(&loop);
    board_exit(0);
}

void board_alarm(aiot_time now) { (void)now; }
