/* port.c - ATmega328P with a tick: Timer0 counts milliseconds, and wakes the core for each.  Console: the UART at 2 Mbaud.
 *
 * The core sleeps until the next interrupt, looks at the clock and sleeps again.  Looking and sleeping must not let an interrupt in
 * between them: on an AVR the instruction after `sei` is still protected, and here that is `sleep`. */
#include "../../board.h"
#include <avr/sleep.h>

static volatile uint16_t ticks;
static volatile bool     alarm_set;
static aiot_time         alarm_time;

static aiot_time clock(aiot_loop *loop)
{
    uint16_t now;
    AIOT_CRITICAL_STATE state;
    (void)loop;
    AIOT_CRITICAL_ENTER(state);                         /* two bytes: an interrupt could come between them */
    now = ticks;
    AIOT_CRITICAL_LEAVE(state);
    return (aiot_time)now;
}

/* By subtraction: aiot_time_before() would take the tick that looks like AIOT_FOREVER for no time. */
static bool is_reached(aiot_time when) { return (aiot_time)(ticks - (uint16_t)when) >= 0; }

static void idle(aiot_loop *loop, aiot_time until)
{
    for (;;) {                                          /* a tick that is not the one: back to sleep, without a turn of the loop */
        cli();
        if (aiot_interrupted(loop) || (until != AIOT_FOREVER && is_reached(until))) break;
        sleep_enable();
        sei();
        sleep_cpu();
        sleep_disable();
    }
    sei();
}

void board_alarm_at(aiot_time when)
{
    AIOT_CRITICAL_STATE state;
    AIOT_CRITICAL_ENTER(state);
    alarm_time = when;
    alarm_set = true;
    AIOT_CRITICAL_LEAVE(state);
}

ISR(TIMER0_COMPA_vect)
{
    ticks++;
    if (alarm_set && is_reached(alarm_time)) {
        alarm_set = false;
        board_alarm((aiot_time)ticks);
    }
}

void board_puts(const char *text)
{
    for (; *text; text++) {
        loop_until_bit_is_set(UCSR0A, UDRE0);
        UDR0 = (uint8_t)*text;
    }
}

void board_led(bool on)
{
    if (on) PORTB |= _BV(PORTB5); else PORTB &= (uint8_t)~_BV(PORTB5);
}

/* The simulator ends when the core sleeps with interrupts masked, and finds the code in GPIOR1 (tests/mcu/avr_runner.c). */
void board_exit(int code)
{
    cli();
    loop_until_bit_is_set(UCSR0A, UDRE0);
    GPIOR1 = (uint8_t)code;
    GPIOR2 = 0xE7;
    for (;;) sleep_mode();
}

void board_init(aiot_loop *loop)
{
    DDRB |= _BV(DDB5);
    UCSR0A = _BV(U2X0);
    UBRR0 = 0;
    UCSR0B = _BV(TXEN0);
    TCCR0A = _BV(WGM01);                                /* starts again at OCR0A */
    OCR0A = F_CPU / 64 / AIOT_TICKS_PER_S - 1;
    TIMSK0 = _BV(OCIE0A);
    TCCR0B = _BV(CS01) | _BV(CS00);                     /* clock / 64 */
    sei();
    aiot_loop_init_clock(loop, clock, idle);
}
