/* arduino.ino - coroutines in a sketch: loop() runs what is ready or due, and returns at once.
 *
 * The LED blinks, slowly or fast; two presses of the button within a second change that, a single one lights the other LED for
 * a moment.  There is no delay() anywhere, and loop() has time for other libraries.
 *
 * Copy aio_timeout.h into the sketch's folder. */
#include <Arduino.h>

#define AIOT_HOSTED 0
#define AIOT_TIME_BITS 32                       /* millis(), which wraps after 49 days; a delay may be 24 days */
#define AIOT_TICKS_PER_S 1000
#include "aio_timeout.h"

static const uint8_t BUTTON = 2, LAMP = 12;     /* the button connects to ground */

static aiot_loop tasks;
static aiot_time half_period;

struct blink { AIOT_FRAME; uint8_t pin; bool on; };

static AIOT_CORO(blink)
{
    AIOT_BEGIN();
    for (;;) {
        self->on = !self->on;
        digitalWrite(self->pin, self->on ? HIGH : LOW);
        AIOT_SLEEP(half_period);
    }
    AIOT_END();
}

struct pressing { AIOT_FRAME; uint8_t pin; };

/* Ends when the button goes down, after it was up.  It is looked at every 20 ms: contacts bounce for less, so a press is seen once. */
static AIOT_CORO(pressing)
{
    AIOT_BEGIN();
    while (digitalRead(self->pin) == LOW) AIOT_SLEEP(AIOT_MS(20));
    while (digitalRead(self->pin) == HIGH) AIOT_SLEEP(AIOT_MS(20));
    AIOT_END();
}

struct controls { AIOT_FRAME; struct pressing pressing; aiot_timeout limit; };

static AIOT_CORO(controls)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_AWAIT(pressing, &self->pressing, .pin = BUTTON);
        AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
            AIOT_AWAIT(pressing, &self->pressing, .pin = BUTTON);
            half_period = half_period == AIOT_MS(500) ? AIOT_MS(100) : AIOT_MS(500);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            digitalWrite(LAMP, HIGH);
            AIOT_SLEEP(AIOT_MS(250));
            digitalWrite(LAMP, LOW);
        }
    }
    AIOT_END();
}

static aiot_time now_ms(aiot_loop *) { return (aiot_time)millis(); }
static void no_idle(aiot_loop *, aiot_time) { }         /* aiot_run_once() never sleeps */

void setup()
{
    static aiot_task blinking, controlling;
    static struct blink a_blink;
    static struct controls a_controls;

    pinMode(LED_BUILTIN, OUTPUT);
    pinMode(LAMP, OUTPUT);
    pinMode(BUTTON, INPUT_PULLUP);
    half_period = AIOT_MS(500);

    aiot_loop_init_clock(&tasks, now_ms, no_idle);
    aiot_spawn_on(&tasks, &blinking, blink, &a_blink, .pin = LED_BUILTIN);
    aiot_spawn_on(&tasks, &controlling, controls, &a_controls);
}

void loop()
{
    aiot_run_once(&tasks);                      /* returns when it wants to run next: the time to sleep until, if nothing else is to be done */
}
