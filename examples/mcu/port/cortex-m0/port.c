/* port.c - nRF51822: TIMER0 at 1 MHz, 32 bits.  Compare register 0 wakes the core, 2 is the alarm; 1 reads the counter for the loop,
 * and 3 where interrupts do not disturb.
 *
 * No tick: the core sleeps from one deadline to the next, in port.h. */
#include "../../board.h"

#define START          TIMER0(0x000)
#define INTERRUPT_ON   TIMER0(0x304)
#define INTERRUPT_OFF  TIMER0(0x308)
#define BITMODE        TIMER0(0x508)
#define PRESCALER      TIMER0(0x510)
#define BIT(n)         (0x10000u << (n))                /* of COMPARE(n), in the interrupt registers */
#define NVIC_ENABLE    (*(volatile uint32_t *)0xE000E100u)
#define GPIO_SET       (*(volatile uint32_t *)0x50000508u)
#define GPIO_CLEAR     (*(volatile uint32_t *)0x5000050Cu)
#define GPIO_OUTPUTS   (*(volatile uint32_t *)0x50000518u)

void IRQ8_Handler(void);

static aiot_time now(void)                              /* not by the loop's register, so that interrupts need not be masked there */
{
    CAPTURE(3) = 1;
    return (aiot_time)COMPARE(3);
}

void board_alarm_at(aiot_time when)
{
    AIOT_CRITICAL_STATE state;
    AIOT_CRITICAL_ENTER(state);
    COMPARE(2) = (uint32_t)when;
    COMPARED(2) = 0;                                    /* behind it: what was there before may have matched until then */
    INTERRUPT_ON = BIT(2);
    if ((int32_t)((uint32_t)when - (uint32_t)now()) <= AIOT_US(2)) COMPARE(2) = (uint32_t)now() + 4;         /* too late: soon */
    AIOT_CRITICAL_LEAVE(state);
}

void IRQ8_Handler(void)
{
    COMPARED(0) = 0;                                    /* something else has woken the core, and the deadline came while it was awake */
    if (COMPARED(2) == 0 || !(INTERRUPT_ON & BIT(2))) return;
    COMPARED(2) = 0;
    INTERRUPT_OFF = BIT(2);
    board_alarm(now());
}

void board_led(bool on)                                 /* row 1 is pin 13, column 1 (low) is pin 4 */
{
    if (on) GPIO_SET = 1u << 13; else GPIO_CLEAR = 1u << 13;
}

void board_init(aiot_loop *loop)
{
    GPIO_OUTPUTS = 1u << 13 | 1u << 4;
    BITMODE = 3;                                        /* 32 bits */
    PRESCALER = 4;                                      /* 16 MHz / 2^4 */
    COMPARE(0) = UINT32_MAX;                            /* a time to come */
    START = 1;
    INTERRUPT_ON = BIT(0);
    NVIC_ENABLE = IRQ8;
    aiot_loop_init(loop);
}
