/* blink.c - two tasks with periods of their own, and a third that ends them.
 *
 *     async def blink(period, what):
 *         while True:
 *             print(what)
 *             await asyncio.sleep(period)
 *
 *     async with asyncio.timeout(2), asyncio.TaskGroup() as lamps:
 *         lamps.create_task(blink(0.25, "red")); ...
 *
 * Notice: all memory is static, and there is no stack for each task.  A period is counted from when it should have begun, so it does
 * not drift: AIOT_SLEEP() would add to it what the task itself takes.  Between two flashes the core sleeps in the port's idle(). */
#include "board.h"

struct blink { AIOT_FRAME; const char *name; aiot_time period, next; bool on; };

static AIOT_CORO(blink)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (self->next = aiot_now(task->loop);;) {
            self->on = !self->on;
            board_led(self->on);
            board_log(task->loop, self->name);
            self->next = aiot_time_after(self->next, self->period);
            AIOT_SLEEP_UNTIL(self->next);
        }
    } AIOT_FINALLY {
        board_led(false);                       /* however it ends */
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct blink red, green; aiot_group lamps; aiot_group_task first, second; aiot_timeout limit; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_MS(1100)) {
        AIOT_GROUP(&self->lamps) {
            aiot_group_spawn(&self->lamps, &self->first, blink, &self->red, .name = "red", .period = AIOT_MS(250));
            aiot_group_spawn(&self->lamps, &self->second, blink, &self->green, .name = "  green", .period = AIOT_MS(400));
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        board_log(task->loop, "enough");
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root root;
    board_init(&loop);
    board_exit(aiot_run_frame(&loop, root, &root) == AIOT_OK ? 0 : 1);
}
