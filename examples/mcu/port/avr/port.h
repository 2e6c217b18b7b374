/* port.h - aio_timeout.h on an AVR: ATmega328P (Arduino Uno) at 16 MHz, Timer0 as a tick of 1 ms, times of 16 bits. */
#ifndef PORT_H
#define PORT_H
#include <avr/io.h>
#include <avr/interrupt.h>
#include <stdint.h>

#define AIOT_HOSTED      0
#define AIOT_TIME_BITS   16             /* wraps after 65 s: the longest delay is 32 s */
#define AIOT_TICKS_PER_S 1000

/* Saves SREG, which has the interrupt flag, and masks; puts that back.  So sections may be nested, and used in an interrupt. */
#define AIOT_CRITICAL_STATE        uint8_t
#define AIOT_CRITICAL_ENTER(state) do { (state) = SREG; cli(); } while (0)
#define AIOT_CRITICAL_LEAVE(state) do { __asm__ volatile("" : : : "memory"); SREG = (state); } while (0)

#include "aio_timeout.h"
#endif
