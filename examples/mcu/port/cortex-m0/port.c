/* port.c - nRF51822: TIMER0 at 1 MHz, 32 bits.  Compare register 0 wakes the core, 2 is the alarm; 1 reads the counter for the loop,
 * and 3 where interrupts do not disturb.
 *
 * No tick: the core sleeps from one deadline to the next.  What is in flight between looking at the clock and sleeping must not be
 * lost, so both happen with interrupts masked: WFI ends when an interrupt is pending, masked or not, and it is served after that. */
#include "../../board.h"

#define TIMER0(offset) (*(volatile uint32_t *)(0x40008000u + (offset)))
#define START          TIMER0(0x000)
#define CAPTURE(n)     TIMER0(0x040 + 4 * (n))          /* to COMPARE(n) */
#define COMPARED(n)    TIMER0(0x140 + 4 * (n))          /* the event: 1 when the counter has come to COMPARE(n) */
#define INTERRUPT_ON   TIMER0(0x304)
#define INTERRUPT_OFF  TIMER0(0x308)
#define BITMODE        TIMER0(0x508)
#define PRESCALER      TIMER0(0x510)
#define COMPARE(n)     TIMER0(0x540 + 4 * (n))
#define BIT(n)         (0x10000u << (n))                /* of COMPARE(n), in the interrupt registers */
#define NVIC_ENABLE    (*(volatile uint32_t *)0xE000E100u)
#define NVIC_FORGET    (*(volatile uint32_t *)0xE000E280u)     /* clears what is pending */
#define IRQ8           (1u << 8)
#define NEAREST        10u              /* us: more than setting a compare takes, which would match too late when the counter has come round */
#define GPIO_SET       (*(volatile uint32_t *)0x50000508u)
#define GPIO_CLEAR     (*(volatile uint32_t *)0x5000050Cu)
#define GPIO_OUTPUTS   (*(volatile uint32_t *)0x50000518u)

void IRQ8_Handler(void);

static aiot_time now(void)                              /* not by the loop's register, so that interrupts need not be masked there */
{
    CAPTURE(3) = 1;
    return (aiot_time)COMPARE(3);
}

/* May return early, as idle hooks may: the loop looks at the clock, and comes again.  So no loop here. */
void board_idle(aiot_loop *loop, aiot_time until)
{
    __asm__ volatile("cpsid i" : : : "memory");
    uint32_t here = (uint32_t)board_clock(), left = (uint32_t)until - here;
    bool is_ahead = left - 1 < INT32_MAX || until == AIOT_FOREVER;
    if (is_ahead && !aiot_interrupted(loop)) {
        COMPARE(0) = left < NEAREST ? here + NEAREST : (uint32_t)until;        /* for ever: 71 minutes at most, and again */
        COMPARED(0) = 0;
        INTERRUPT_ON = BIT(0);
        __asm__ volatile("dsb\n\twfi" : : : "memory");
        INTERRUPT_OFF = BIT(0);                         /* to wake the core is all it does: no interrupt for that */
        NVIC_FORGET = IRQ8;                             /* the alarm's comes again by itself, its event being 1 */
    }
    __asm__ volatile("cpsie i" : : : "memory");         /* what else has woken us is served here */
}

void board_alarm_at(aiot_time when)
{
    AIOT_CRITICAL_STATE state;
    AIOT_CRITICAL_ENTER(state);
    COMPARE(2) = (uint32_t)when;
    COMPARED(2) = 0;                                    /* behind it: what was there before may have matched until then */
    INTERRUPT_ON = BIT(2);
    if (!aiot_time_before(aiot_time_after(now(), AIOT_US(2)), when)) COMPARE(2) = (uint32_t)now() + 4;         /* too late: soon */
    AIOT_CRITICAL_LEAVE(state);
}

void IRQ8_Handler(void)
{
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
    START = 1;
    NVIC_ENABLE = IRQ8;
    aiot_loop_init(loop);
}
