/* startup.c - Cortex-M: vectors, reset, and a console and an exit that go to whoever debugs: semihosting.  On a product the console
 * is a UART, and exit is a reset. */
#include "../../board.h"

extern uint32_t link_stack[], link_data_start[], link_data_end[], link_data_load[], link_bss_start[], link_bss_end[];
int main(void);
void reset(void);
void fault(void);
void SysTick_Handler(void);
void IRQ8_Handler(void);

static void semihosting(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void board_puts(const char *text) { semihosting(0x04, text); }          /* SYS_WRITE0 */

void board_exit(int code)
{
    const uint32_t arguments[2] = { 0x20026, (uint32_t)code };
    semihosting(0x20, arguments);                                       /* SYS_EXIT_EXTENDED */
    for (;;) { }
}

void fault(void)
{
    board_puts("fault\n");
    board_exit(99);
}

void reset(void)
{
    const uint32_t *from = link_data_load;
    for (uint32_t *to = link_data_start; to < link_data_end; to++) *to = *from++;
    for (uint32_t *to = link_bss_start; to < link_bss_end; to += 8)     /* by eights, which is quicker; behind the end nothing has begun yet */
        to[0] = to[1] = to[2] = to[3] = to[4] = to[5] = to[6] = to[7] = 0;
    (void)main();
    board_exit(0);
}

__attribute__((weak, alias("fault"))) void SysTick_Handler(void);       /* a port defines the one that it uses */
__attribute__((weak, alias("fault"))) void IRQ8_Handler(void);

struct vectors { uint32_t *stack; void (*handler[15 + 9])(void); };
extern const struct vectors vectors;
__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    link_stack, { reset, fault, fault, [10] = fault, [13] = fault, [14] = SysTick_Handler, [15 + 8] = IRQ8_Handler }
};
