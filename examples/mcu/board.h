/* board.h - what the examples want of a board.  port/NAME/ has what differs, board.c what does not.
 *
 * A port is port.h (the options of aio_timeout.h, and how to mask interrupts) and port.c (a clock, a way to sleep until a time of it).
 * Where there is no tick, port.h has the clock, too, so that it is read in line; on cortex-m0 the sleep as well, for the same reason.
 * To begin on another chip, take the one that is nearest: cortex-m3 and avr have a periodic tick, cortex-m0 and rv32 have none.
 * tests/mcu/run.sh builds the examples for each of them and runs them in emulators: the commands are there. */
#ifndef BOARD_H
#define BOARD_H
#include "port.h"

/* the port's: */
void board_init(aiot_loop *loop);               /* starts clock and interrupts, and prepares the loop */
void board_puts(const char *text);
void board_led(bool on);
void board_alarm_at(aiot_time when);            /* calls board_alarm() then, in an interrupt */
_Noreturn void board_exit(int code);

/* board.c's: */
void board_put_unsigned(unsigned n);
void board_log(aiot_loop *loop, const char *text);                      /* the time in ms, the text, end of line */
void board_log_number(aiot_loop *loop, const char *text, unsigned n);   /* the same with a number behind the text */
void board_alarm(aiot_time now);

/* What would come from the world outside: at each of these times `interrupt` is called with the value, in an interrupt.  In order of
 * time; after board_init(). */
struct board_stimulus { uint16_t at_ms; uint8_t value; };
void board_play(const struct board_stimulus *script, unsigned count, void (*interrupt)(uint8_t value));

#endif
