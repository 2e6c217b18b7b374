/* port.c - Cortex-M3 with a tick: SysTick counts milliseconds, and wakes the core for each.
 *
 * The simplest port there is, and any Cortex-M runs it.  Sleeping takes no compare register, only WFI until the next interrupt, a look
 * at the clock, and WFI again.  Both happen with interrupts masked, so that none is lost between them: WFI ends when one is pending,
 * masked or not, and it is served after that. */
#include "../../board.h"

#define CORE_HZ        25000000u
#define SYSTICK_CSR    (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE  (*(volatile uint32_t *)0xE000E018u)
#define MPS2_LEDS      (*(volatile uint32_t *)0x40028000u)

void SysTick_Handler(void);

static volatile uint32_t ticks;
static volatile bool     alarm_set;
static aiot_time         alarm_time;

static aiot_time clock(aiot_loop *loop) { (void)loop; return (aiot_time)ticks; }        /* one load, no section needed */

/* By subtraction: aiot_time_before() would take the tick that looks like AIOT_FOREVER for no time. */
static bool is_reached(aiot_time when) { return (aiot_time)(ticks - (uint32_t)when) >= 0; }

static void idle(aiot_loop *loop, aiot_time until)
{
    for (;;) {                                          /* a tick that is not the one: back to sleep, without a turn of the loop */
        __asm__ volatile("cpsid i" : : : "memory");
        if (aiot_interrupted(loop) || (until != AIOT_FOREVER && is_reached(until))) break;
        __asm__ volatile("dsb\n\twfi\n\tcpsie i\n\tisb" : : : "memory");      /* what has woken us is served here */
    }
    __asm__ volatile("cpsie i" : : : "memory");
}

void board_alarm_at(aiot_time when)
{
    alarm_time = when;
    __asm__ volatile("" : : : "memory");
    alarm_set = true;
}

void SysTick_Handler(void)
{
    ticks++;
    if (alarm_set && is_reached(alarm_time)) {
        alarm_set = false;
        board_alarm((aiot_time)ticks);
    }
}

void board_led(bool on) { MPS2_LEDS = on; }

void board_init(aiot_loop *loop)
{
    SYSTICK_RELOAD = CORE_HZ / AIOT_TICKS_PER_S - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CSR = 7;                                    /* core clock, interrupt, on */
    aiot_loop_init_clock(loop, clock, idle);
}
