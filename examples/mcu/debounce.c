/* debounce.c - a button whose contact bounces.
 *
 *     async def steady():                         # until the level has not changed for 20 ms
 *         with suppress(TimeoutError):
 *             while True:
 *                 async with asyncio.timeout(0.02):
 *                     await edge.wait()
 *
 *     async with asyncio.timeout(0.5):            # in root
 *         await edge.wait()
 *         await steady()
 *
 * Notice: the interrupt only says that something has changed.  What that means is decided by a task, which can count time.  While
 * nobody touches the button nothing runs, neither a task nor a poll.  A spike (at 300 ms) is not a press. */
#include "board.h"

static aiot_signal   edge;
static volatile bool level;                     /* the pin: true while the contact is closed */

static void on_edge(uint8_t value)              /* an interrupt */
{
    level = value != 0;
    aiot_signal_raise(&edge);
}

struct steady { AIOT_FRAME; aiot_timeout limit; bool changes; };

static AIOT_CORO(steady)
{
    AIOT_BEGIN();
    for (self->changes = true; self->changes;) {
        AIOT_TIMEOUT(&self->limit, AIOT_MS(20)) {
            AIOT_SIGNAL_WAIT(&edge);            /* it bounces: the 20 ms begin again */
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            self->changes = false;
        }
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct steady steady; aiot_timeout limit; bool pressed, idle; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    while (!self->idle) {
        AIOT_TIMEOUT(&self->limit, AIOT_MS(500)) {
            AIOT_SIGNAL_WAIT(&edge);
            AIOT_AWAIT(steady, &self->steady);
            if (self->pressed != level) {
                self->pressed = !self->pressed;
                board_led(self->pressed);
                board_log(task->loop, self->pressed ? "pressed" : "released");
            }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            board_log(task->loop, "nobody has touched it for 500 ms");
            self->idle = true;
        }
    }
    AIOT_END();
}

static const struct board_stimulus script[] = {
    { 100, 1 }, { 101, 0 }, { 103, 1 }, { 104, 0 }, { 106, 1 },         /* pressed: rings for 6 ms */
    { 200, 0 }, { 202, 1 }, { 205, 0 },                                 /* released */
    { 300, 1 }, { 302, 0 },                                             /* a spike */
    { 400, 1 }, { 460, 0 }, { 463, 1 }, { 465, 0 }
};

int main(void)
{
    static aiot_loop loop;
    static struct root root;
    board_init(&loop);
    aiot_signal_init(&edge, &loop);
    board_play(script, sizeof script / sizeof *script, on_edge);
    board_exit(aiot_run_frame(&loop, root, &root) == AIOT_OK ? 0 : 1);
}
