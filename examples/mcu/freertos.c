/* freertos.c - the loop inside one task of FreeRTOS: any number of coroutines on the stack and the priority of that one.
 *
 * A light goes on when a button is pressed, and off three seconds after the last press; a sensor is read by a driver that blocks, in an
 * RTOS task of its own, and an alarm sounds if it stays silent for five seconds; an LED shows that the loop is alive.
 *
 * Notice: an interrupt and another task reach the loop in the same two steps.  aiot_post_raise() notes what happened, the notification
 * of FreeRTOS ends the loop's sleep.  All else runs in the loop's task, so that events, flags and coroutines need no locks. */
#include "FreeRTOS.h"
#include "task.h"

#define AIOT_HOSTED 0
#define AIOT_TIME_BITS 32                       /* the loop's clock is the RTOS's tick count, which may wrap */
#define AIOT_TICKS_PER_S 1000                   /* as configTICK_RATE_HZ says, which is often a cast that #if cannot read: checked below */
/* The form for interrupts saves and restores the mask, so it is right in tasks too, on Cortex-M.  On a port where it does nothing, as
 * interrupts do not nest there, mask them by hand.  As with all of ...FromISR(), the interrupts that post must have a priority
 * that the RTOS may mask: configMAX_SYSCALL_INTERRUPT_PRIORITY. */
#define AIOT_CRITICAL_STATE UBaseType_t
#define AIOT_CRITICAL_ENTER(state) ((state) = taskENTER_CRITICAL_FROM_ISR())
#define AIOT_CRITICAL_LEAVE(state) taskEXIT_CRITICAL_FROM_ISR(state)
#include "aio_timeout.h"

_Static_assert(configTICK_RATE_HZ == AIOT_TICKS_PER_S, "the loop counts ticks of the RTOS");
_Static_assert(sizeof(TickType_t) == sizeof(aiot_time), "they wrap together");

/* The board: written elsewhere. */
void board_light(bool on);
void board_led(bool on);
void board_alarm(void);
int board_measure(void);                        /* blocks for as long as it takes */
void board_button_start(void);                  /* lets the button interrupt */
void board_button_clear(void);                  /* acknowledges it */
void button_isr(void);

static aiot_loop loop;
static TaskHandle_t loop_task, sensor_task;

static aiot_event pressed, measured;
static aiot_post press, measurement;
static int reading, temperature;                /* reading: the sensor task's until it posts, then the loop's until it answers */

/* ---- the loop's clock, and its sleep */

static aiot_time ticks(aiot_loop *of)
{
    (void)of;
    return (aiot_time)xTaskGetTickCount();
}

/* Blocks until a notification or the next deadline.  On bare metal this must look at aiot_interrupted() with interrupts masked, or an
 * interrupt just before the sleep is slept through.  Not here: FreeRTOS counts a notification given before the wait, and the
 * wait then ends at once.  One that comes for something already done only costs a turn in which nothing is ready. */
static void sleep_until(aiot_loop *of, aiot_time until)
{
    TickType_t left = portMAX_DELAY;
    (void)of;
    if (until != AIOT_FOREVER) {
        left = (TickType_t)until - xTaskGetTickCount();
        if (left == 0 || left > portMAX_DELAY / 2) return;      /* it is due; the difference is right when the count has wrapped, too */
    }
    (void)ulTaskNotifyTake(pdTRUE, left);
}

/* ---- what runs outside the loop's task */

void button_isr(void)
{
    BaseType_t yield = pdFALSE;
    board_button_clear();
    aiot_post_raise(&press);
    vTaskNotifyGiveFromISR(loop_task, &yield);
    portYIELD_FROM_ISR(yield);
}

static void sensor_main(void *unused)
{
    (void)unused;
    for (;;) {
        reading = board_measure();
        aiot_post_raise(&measurement);          /* before the wake: after it the loop might look, find nothing, and sleep */
        (void)xTaskNotifyGive(loop_task);
        (void)ulTaskNotifyTake(pdTRUE, portMAX_DELAY);          /* until the loop has taken it */
    }
}

/* ---- in the loop */

static int take_reading(void *unused)           /* the callback of `measurement` */
{
    (void)unused;
    temperature = reading;
    aiot_event_set(&measured);
    (void)xTaskNotifyGive(sensor_task);
    return 0;
}

struct light { AIOT_FRAME; aiot_waiter waiter; aiot_timeout limit; };

static AIOT_CORO(light)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_EVENT_WAIT(&pressed, &self->waiter);
        board_light(true);
        while (aiot_event_is_set(&pressed)) {   /* each press gives it three seconds */
            aiot_event_clear(&pressed);
            AIOT_TIMEOUT(&self->limit, AIOT_S(3)) {
                AIOT_EVENT_WAIT(&pressed, &self->waiter);
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        }
        board_light(false);
    }
    AIOT_END();
}

struct watch { AIOT_FRAME; aiot_waiter waiter; aiot_timeout limit; };

static AIOT_CORO(watch)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
            AIOT_EVENT_WAIT(&measured, &self->waiter);
            aiot_event_clear(&measured);
            if (temperature > 80) board_alarm();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            board_alarm();
        }
    }
    AIOT_END();
}

struct blink { AIOT_FRAME; bool on; };

static AIOT_CORO(blink)
{
    AIOT_BEGIN();
    for (;;) {
        self->on = !self->on;
        board_led(self->on);
        AIOT_SLEEP(AIOT_MS(500));
    }
    AIOT_END();
}

static void loop_main(void *unused)
{
    static aiot_task lighting, watching, blinking;
    static struct light a_light;
    static struct watch a_watch;
    static struct blink a_blink;
    (void)unused;

    aiot_loop_init_clock(&loop, ticks, sleep_until);
    aiot_post_init_event(&press, &loop, &pressed);
    aiot_post_init(&measurement, &loop, take_reading, NULL);
    (void)aiot_spawn_frame_on(&loop, &lighting, light, &a_light);
    (void)aiot_spawn_frame_on(&loop, &watching, watch, &a_watch);
    (void)aiot_spawn_frame_on(&loop, &blinking, blink, &a_blink);

    /* Only now may anything post. */
    if (xTaskCreate(sensor_main, "sensor", configMINIMAL_STACK_SIZE, NULL, 1, &sensor_task) != pdPASS) return;
    board_button_start();
    for (;;) (void)aiot_run_forever(&loop);
}

int main(void)
{
    if (xTaskCreate(loop_main, "loop", 2 * configMINIMAL_STACK_SIZE, NULL, 2, &loop_task) != pdPASS) return 1;
    vTaskStartScheduler();
    return 1;                                   /* there was no memory for the RTOS's own tasks */
}
