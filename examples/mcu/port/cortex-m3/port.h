/* port.h - aio_timeout.h on a Cortex-M3: Arm MPS2 (AN385) at 25 MHz, the SysTick timer as a tick of 1 ms. */
#ifndef PORT_H
#define PORT_H
#include <stdint.h>

#define AIOT_HOSTED      0
#define AIOT_TIME_BITS   32             /* wraps after 49 days: the longest delay is 24 */
#define AIOT_TICKS_PER_S 1000

/* Saves whether interrupts were masked and masks them; puts that back.  So sections may be nested, and used in an interrupt. */
#define AIOT_CRITICAL_STATE        uint32_t
#define AIOT_CRITICAL_ENTER(state) __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(state) : : "memory")
#define AIOT_CRITICAL_LEAVE(state) __asm__ volatile("msr primask, %0" : : "r"(state) : "memory")

#include "aio_timeout.h"
#endif
