/* port.c - the tick of the programs that size.sh measures, on each of its targets.  What starts up Arm and RISC-V is that of
 * examples/mcu/port.
 *   -DQUIET           no interrupts: time goes on when the loop is idle
 *   -DPAINT           can tell how much of the stack has been used */
#include "../../../examples/mcu/board.h"

#if defined __AVR__                             /* ATmega328P: Timer0 */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

static volatile uint16_t ticks;

ISR(TIMER0_COMPA_vect) { ticks++; }

uint16_t tick_now(void)
{
    uint8_t state = SREG;
    cli();                                      /* two bytes: an interrupt could come between them */
    uint16_t now = ticks;
    SREG = state;
    return now;
}

#ifndef QUIET
void tick_start(void)
{
    TCCR0A = _BV(WGM01);
    OCR0A = F_CPU / 64 / 1000 - 1;
    TIMSK0 = _BV(OCIE0A);
    TCCR0B = _BV(CS01) | _BV(CS00);
    sei();
}

void tick_idle(void)
{
    cli();
    sleep_enable();
    sei();
    sleep_cpu();
    sleep_disable();
}
#endif

void board_exit(int code)                       /* as tests/mcu/avr_runner.c wants it */
{
    cli();
    GPIOR1 = (uint8_t)code;
    GPIOR2 = 0xE7;
    for (;;) sleep_mode();
}

#elif defined __riscv                           /* QEMU's virt: mtime at 10 MHz */
#define MTIMECMP ((volatile uint32_t *)0x02004000u)
#define MTIME    ((volatile uint32_t *)0x0200BFF8u)
#define TEST     (*(volatile uint32_t *)0x00100000u)

void trap(void);

static volatile uint32_t ticks;
static uint32_t low, high;                       /* of the time of the last tick */

/* In line: a handler that calls a function saves sixteen registers. */
static inline __attribute__((always_inline)) void compare_at_next(void)
{
    low += 10000;
    high += low < 10000;
    MTIMECMP[1] = UINT32_MAX;                   /* no match in between */
    MTIMECMP[0] = low;
    MTIMECMP[1] = high;
}

__attribute__((interrupt("machine"), aligned(4))) void trap(void)
{
    ticks++;
    compare_at_next();
}

uint32_t tick_now(void) { return ticks; }

#ifndef QUIET
void tick_start(void)
{
    do { high = MTIME[1]; low = MTIME[0]; } while (high != MTIME[1]);
    compare_at_next();
    __asm__ volatile("csrw mtvec, %0" : : "r"(trap));
    __asm__ volatile("csrs mie, %0" : : "r"(1u << 7));
    __asm__ volatile("csrsi mstatus, 8" : : : "memory");
}

void tick_idle(void) { __asm__ volatile("csrci mstatus, 8\n\twfi\n\tcsrsi mstatus, 8" : : : "memory"); }
#endif

void board_exit(int code)
{
    TEST = code == 0 ? 0x5555 : (uint32_t)code << 16 | 0x3333;
    for (;;) { }
}

#else                                           /* Cortex-M: SysTick */
#define SYSTICK_CSR    (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE  (*(volatile uint32_t *)0xE000E018u)

void SysTick_Handler(void);

static volatile uint32_t ticks;

void SysTick_Handler(void) { ticks++; }

uint32_t tick_now(void) { return ticks; }

#ifndef QUIET
void tick_start(void)
{
    SYSTICK_RELOAD = CORE_HZ / 1000 - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CSR = 7;
}

void tick_idle(void) { __asm__ volatile("cpsid i\n\tdsb\n\twfi\n\tcpsie i" : : : "memory"); }
#endif
#endif

#ifdef QUIET
void tick_start(void) { }
void tick_idle(void) { ticks++; }
#endif

#ifdef PAINT
/* The stack's high-water mark.  Painted is from PAINTED bytes under its top, far from the data on all targets, up to a little below the
 * frame of stack_paint(): the call chains of these programs are deeper than main(), it and 8 bytes. */
#ifdef __AVR__
#define TOP ((uintptr_t)RAMEND + 1)
#else
extern char link_stack[];
#define TOP ((uintptr_t)link_stack)
#endif
#define PAINTED 1000u

static volatile uint8_t *below(uintptr_t bytes) { return (volatile uint8_t *)(TOP - bytes); }

void stack_paint(void)
{
    volatile uint8_t here = 0;
    for (uintptr_t bytes = PAINTED; TOP - bytes < (uintptr_t)&here - 8; bytes--) *below(bytes) = 0xA5;
}

unsigned stack_used(void)
{
    unsigned bytes = PAINTED;
    while (*below(bytes) == 0xA5) bytes--;
    return bytes;
}
#endif
