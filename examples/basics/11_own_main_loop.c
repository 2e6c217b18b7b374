/* 11_own_main_loop.c - in a program that has a main loop of its own: a game, a user interface, firmware.
 *
 *     task = loop.create_task(blink(3))
 *     while not task.done():
 *         loop.stop(); loop.run_forever()         # one turn; asyncio does not say when the next is due
 *         ...                                     # the program's own work
 *
 * Notice: aiot_run_once() runs what is ready or due, never sleeps, and says when it wants to be called again.  Between two
 * calls the program does what it likes.  A real one would wait for its own events until that time: with poll(), with the
 * user interface's wait, or with a timer interrupt and WFI.  Here the loop's own sleep stands for that. */
#include "aio_timeout.h"
#include <stdio.h>

struct blink { AIOT_FRAME; int times, done; };

static AIOT_CORO(blink)
{
    AIOT_BEGIN();
    for (self->done = 0; self->done < self->times; self->done++) {
        puts("on");
        AIOT_SLEEP(AIOT_MS(20));
        puts("off");
        AIOT_SLEEP(AIOT_MS(20));
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct blink led;
    static aiot_task blinking;
    int turns = 0;

    aiot_loop_init(&loop);
    aiot_spawn_on(&loop, &blinking, blink, &led, .times = 3);
    while (!aiot_done(&blinking)) {
        aiot_time next = aiot_run_once(&loop);
        if (next != AIOT_FOREVER) loop.idle(&loop, next);
        turns++;
    }
    printf("%d blinks, %s\n", led.done, turns < 100 ? "and no busy waiting" : "much too busy");
    return aiot_result(&blinking) == AIOT_OK ? 0 : 1;
}
