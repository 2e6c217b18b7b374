/* port.c - RISC-V, machine mode: the CLINT's mtime is the clock, its mtimecmp wakes the core for the loop's deadline or the alarm,
 * whichever is first.  Console: a 16550 UART.
 *
 * No tick: the core sleeps from one deadline to the next.  What is in flight between looking at the clock and sleeping must not be
 * lost, so both happen with interrupts masked: WFI ends when one is pending and enabled in mie, whatever mstatus says. */
#include "../../board.h"

#define MTIMECMP ((volatile uint32_t *)0x02004000u)     /* low and high half */
#define MTIME    ((volatile uint32_t *)0x0200BFF8u)
#define UART     (*(volatile uint8_t *)0x10000000u)
#define TEST     (*(volatile uint32_t *)0x00100000u)    /* ends QEMU */

void trap(void);

static volatile bool wake_set, alarm_set;               /* changed with interrupts masked; wake_set is set only while they are */
static aiot_time     wake_time, alarm_time;

static aiot_time now(void) { return AIOT_CLOCK(0); }

/* By subtraction: aiot_time_before() would take the tick that looks like AIOT_FOREVER for no time. */
static bool is_before(aiot_time a, aiot_time b) { return (int32_t)((uint32_t)a - (uint32_t)b) < 0; }

/* mtimecmp matches all later times, so one that has passed already is served at once. */
static void compare_at(aiot_time when)
{
    uint32_t low, high;
    do { high = MTIME[1]; low = MTIME[0]; } while (high != MTIME[1]);
    uint32_t wanted = (uint32_t)when;
    if (is_before((aiot_time)low, when)) high += wanted < low; else wanted = low;
    MTIMECMP[1] = UINT32_MAX;                           /* no match in between */
    MTIMECMP[0] = wanted;
    MTIMECMP[1] = high;
}

static void compare_at_first(void)
{
    if (wake_set && (!alarm_set || is_before(wake_time, alarm_time))) compare_at(wake_time);
    else if (alarm_set) compare_at(alarm_time);
    else MTIMECMP[1] = UINT32_MAX;
}

void board_idle(aiot_loop *loop, aiot_time until)
{
    __asm__ volatile("csrci mstatus, 8" : : : "memory");
    if (!aiot_interrupted(loop)) {
        wake_set = until != AIOT_FOREVER;
        wake_time = until;
        compare_at_first();
        __asm__ volatile("wfi" : : : "memory");         /* goes on at once if the time has come meanwhile */
        wake_set = false;                               /* to wake the core is all it does: no interrupt for that */
        compare_at_first();
    }
    __asm__ volatile("csrsi mstatus, 8" : : : "memory");        /* what else has woken us is served here */
}

void board_alarm_at(aiot_time when)
{
    AIOT_CRITICAL_STATE state;
    AIOT_CRITICAL_ENTER(state);
    alarm_time = when;
    alarm_set = true;
    compare_at_first();
    AIOT_CRITICAL_LEAVE(state);
}

__attribute__((interrupt("machine"), aligned(4))) void trap(void)
{
    uint32_t cause;
    __asm__ volatile("csrr %0, mcause" : "=r"(cause));
    if (cause != 0x80000007) {                          /* not the timer */
        board_puts("trap\n");
        board_exit(99);
    }
    if (alarm_set && !is_before(now(), alarm_time)) {
        alarm_set = false;
        board_alarm(now());
    }
    compare_at_first();
}

void board_puts(const char *text) { while (*text) UART = (uint8_t)*text++; }

void board_led(bool on) { (void)on; }                   /* the machine has none */

void board_exit(int code)
{
    TEST = code == 0 ? 0x5555 : (uint32_t)code << 16 | 0x3333;
    for (;;) { }
}

void board_init(aiot_loop *loop)
{
    MTIMECMP[1] = UINT32_MAX;
    __asm__ volatile("csrw mtvec, %0" : : "r"(trap));
    __asm__ volatile("csrs mie, %0" : : "r"(1u << 7));  /* the timer's */
    __asm__ volatile("csrsi mstatus, 8" : : : "memory");
    aiot_loop_init(loop);
}
