/* bus.c - a sensor on a bus that hangs: a limit, a recovery, another attempt; and a watchdog that is fed only if all goes on.
 *
 *     for attempt in range(1, 4):
 *         try:
 *             async with asyncio.timeout(0.01):
 *                 return await transfer()
 *         except TimeoutError:
 *             await recover()
 *     raise SensorDead
 *
 * Notice: transfer() knows nothing of limits, and yet releases the bus when one strikes.  An answer that comes too late (at 311 ms)
 * sets the event as well: so transfer() clears it before it begins.  The watchdog is fed by a task, and only if the sensor's task has
 * come round meanwhile: a loop that merely turns feeds nothing. */
#include "board.h"

enum { SENSOR_DEAD = 1 };

static aiot_event       answered;
static aiot_post        answer;
static volatile uint8_t data;                   /* the bus controller's register */

static void on_transfer_done(uint8_t value)     /* an interrupt */
{
    data = value;
    aiot_post_raise(&answer);                   /* an event belongs to the loop: it is set there, in its next turn */
}

struct transfer { AIOT_FRAME; uint8_t value; aiot_waiter w; };

static AIOT_CORO(transfer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        aiot_event_clear(&answered);
        board_led(true);                        /* here: take the bus, and start the controller */
        AIOT_EVENT_WAIT(&answered, &self->w);
        self->value = data;
    } AIOT_FINALLY {
        board_led(false);                       /* here: release the bus, whatever has happened */
    }
    AIOT_END();
}

struct read_sensor { AIOT_FRAME; uint8_t value, attempt; struct transfer transfer; aiot_timeout limit; };

static AIOT_CORO(read_sensor)
{
    AIOT_BEGIN();
    for (self->attempt = 1; self->attempt <= 3; self->attempt++) {
        AIOT_TIMEOUT(&self->limit, AIOT_MS(10)) {
            AIOT_AWAIT(transfer, &self->transfer);
            self->value = self->transfer.value;
            AIOT_RETURN();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            board_log_number(task->loop, "no answer to attempt ", self->attempt);
            AIOT_SLEEP(AIOT_MS(2));             /* here: nine clock pulses, until the sensor lets go of the line */
        }
    }
    AIOT_RAISE(SENSOR_DEAD);
    AIOT_END();
}

struct sensor { AIOT_FRAME; struct read_sensor reading; aiot_time next; bool alive; };

static AIOT_CORO(sensor)
{
    AIOT_BEGIN();
    for (self->next = aiot_now(task->loop);;) {
        self->next = aiot_time_after(self->next, AIOT_MS(100));
        AIOT_SLEEP_UNTIL(self->next);
        AIOT_AWAIT(read_sensor, &self->reading);
        board_log_number(task->loop, "temperature ", self->reading.value);
        self->alive = true;
    }
    AIOT_END();
}

struct watchdog { AIOT_FRAME; struct sensor *sensor; };

static AIOT_CORO(watchdog)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_SLEEP(AIOT_MS(150));
        if (self->sensor->alive) {
            board_log(task->loop, "watchdog fed");      /* here: its register is written */
            self->sensor->alive = false;
        }
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct sensor sensor; struct watchdog watchdog; aiot_task feeding; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->feeding, watchdog, &self->watchdog, .sensor = &self->sensor);
    AIOT_TRY {
        AIOT_AWAIT(sensor, &self->sensor);
    } AIOT_EXCEPT_APP {
        board_log(task->loop, "the sensor is dead");    /* on a product: no dog food any more, hence a reset */
    }
    AIOT_END();
}

static const struct board_stimulus script[] = {         /* transfers begin at 100, 200, 300, 400 ms, and after a recovery */
    { 103, 21 }, { 203, 22 },
    { 311, 99 }, { 315, 23 },                           /* too late; and the second attempt's */
};

int main(void)
{
    static aiot_loop loop;
    static struct root root;
    board_init(&loop);
    aiot_post_init_event(&answer, &loop, &answered);
    board_play(script, sizeof script / sizeof *script, on_transfer_done);
    board_exit(aiot_run_frame(&loop, root, &root) == AIOT_OK ? 0 : 1);
}
