/* port.h - aio_timeout.h on a Cortex-M0: nRF51822 (BBC micro:bit), TIMER0 counting microseconds, no periodic tick. */
#ifndef PORT_H
#define PORT_H
#include <stdint.h>

#define AIOT_HOSTED      0
#define AIOT_TASK_NAMES  0
#define AIOT_TIME_BITS   32             /* wraps after 71 minutes: the longest delay is 35 */
#define AIOT_TICKS_PER_S 1000000
#define AIOT_INTERRUPTS  1

/* Saves whether interrupts were masked and masks them; puts that back.  So sections may be nested, and used in an interrupt. */
#define AIOT_CRITICAL_STATE        uint32_t
#define AIOT_CRITICAL_ENTER(state) __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(state) : : "memory")
#define AIOT_CRITICAL_LEAVE(state) __asm__ volatile("msr primask, %0" : : "r"(state) : "memory")

/* Clock and sleep are known here, so the loop need not keep pointers to them. */
#define AIOT_CLOCK(loop)       board_clock()
#define AIOT_IDLE(loop, until) board_idle(loop, until)
struct aiot_loop;
void board_idle(struct aiot_loop *loop, int32_t until);

static inline int32_t board_clock(void)                 /* in us, by a register of TIMER0 that nothing else uses */
{
    *(volatile uint32_t *)0x40008044u = 1;              /* CAPTURE[1] to */
    return (int32_t)*(volatile uint32_t *)0x40008544u;  /* CC[1] */
}

#include "aio_timeout.h"
#endif
