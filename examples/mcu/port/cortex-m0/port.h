/* port.h - aio_timeout.h on a Cortex-M0: nRF51822 (BBC micro:bit), TIMER0 counting microseconds, no periodic tick. */
#ifndef PORT_H
#define PORT_H
#include <stdint.h>

#define AIOT_HOSTED      0
#define AIOT_TIME_BITS   32             /* wraps after 71 minutes: the longest delay is 35 */
#define AIOT_TICKS_PER_S 1000000

/* Saves whether interrupts were masked and masks them; puts that back.  So sections may be nested, and used in an interrupt. */
#define AIOT_CRITICAL_STATE        uint32_t
#define AIOT_CRITICAL_ENTER(state) __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(state) : : "memory")
#define AIOT_CRITICAL_LEAVE(state) __asm__ volatile("msr primask, %0" : : "r"(state) : "memory")

/* Clock and sleep are known here, and in line, so the loop need not keep pointers to them. */
#define AIOT_CLOCK(loop)       board_clock()
#define AIOT_IDLE(loop, until) board_idle(loop, until)

#define TIMER0(offset) (*(volatile uint32_t *)(0x40008000u + (offset)))
#define CAPTURE(n)     TIMER0(0x040 + 4 * (n))          /* to COMPARE(n) */
#define COMPARED(n)    TIMER0(0x140 + 4 * (n))          /* the event: 1 when the counter has come to COMPARE(n) */
#define COMPARE(n)     TIMER0(0x540 + 4 * (n))
#define NVIC_FORGET    (*(volatile uint32_t *)0xE000E280u)     /* clears what is pending */
#define IRQ8           (1u << 8)
#define NEAREST        10               /* us: more than setting a compare takes, which would match too late when the counter has come round */

static inline int32_t board_clock(void)                 /* in us, by a register of TIMER0 that nothing else uses */
{
    CAPTURE(1) = 1;
    return (int32_t)COMPARE(1);
}

struct aiot_loop;
static inline void board_idle(struct aiot_loop *loop, int32_t until);

#include "aio_timeout.h"

/* What is in flight between looking at the clock and sleeping must not be lost, so both happen with interrupts masked: WFI ends when an
 * interrupt is pending, masked or not, and it is served after that.
 * May return early, as idle hooks may: the loop looks at the clock, and comes again.  So no loop here. */
static inline void board_idle(struct aiot_loop *loop, int32_t until)
{
    __asm__ volatile("cpsid i" : : : "memory");
    bool is_near = (int32_t)((uint32_t)until - (uint32_t)board_clock()) < NEAREST && until != AIOT_FOREVER;
    if (!is_near && !aiot_interrupted(loop)) {
        COMPARE(0) = (uint32_t)until;                   /* for ever: 71 minutes at most, and again */
        __asm__ volatile("dsb\n\twfi" : : : "memory");
        COMPARE(0) = 0;                                 /* to wake the core is all it does: no interrupt for that; */
        COMPARED(0) = 0;                                /*   QEMU's timer would match again as long as the counter stands there */
        NVIC_FORGET = IRQ8;                             /* the alarm's comes again by itself, its event being 1 */
    }
    __asm__ volatile("cpsie i" : : : "memory");         /* what else has woken us is served here */
}
#endif
