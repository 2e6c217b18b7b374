/* avr_runner.c - runs a program for an AVR in libsimavr, in virtual time: what its UART sends to stdout; its exit code, which it leaves
 * in GPIOR1, with 0xE7 in GPIOR2, before it sleeps with interrupts masked; 124 after MOST cycles, 134 if it crashes.  On stderr, how
 * many cycles it took and how many of them it was awake.
 *
 *     cc avr_runner.c -lsimavr -lelf -o avr_runner;  avr_runner MCU HZ PROGRAM.elf [MOST] */
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned long long asleep;

static void on_sleep(avr_t *avr, avr_cycle_count_t cycles)      /* instead of sleeping really */
{
    (void)avr;
    asleep += cycles;
}

static void on_byte(struct avr_irq_t *irq, uint32_t value, void *argument)
{
    (void)irq, (void)argument;
    putchar((int)(value & 0xff));
}

int main(int argc, char **argv)
{
    static elf_firmware_t firmware;
    if (argc < 4) {
        fputs("usage: avr_runner MCU HZ PROGRAM.elf [MOST-CYCLES]\n", stderr);
        return 125;
    }
    int out = dup(1);                           /* what libsimavr says about the file goes to stderr */
    dup2(2, 1);
    int bad = elf_read_firmware(argv[3], &firmware);
    fflush(stdout);
    dup2(out, 1);
    if (bad) return 125;
    strncpy(firmware.mmcu, argv[1], sizeof firmware.mmcu - 1);
    firmware.frequency = (uint32_t)strtoul(argv[2], NULL, 10);
    unsigned long long most = argc > 4 ? strtoull(argv[4], NULL, 10) : 1600000000u;

    avr_t *avr = avr_make_mcu_by_name(firmware.mmcu);
    if (avr == NULL) {
        fprintf(stderr, "avr_runner: no such MCU: %s\n", firmware.mmcu);
        return 125;
    }
    avr_init(avr);
    avr->log = LOG_ERROR;
    avr->sleep = on_sleep;
    avr_load_firmware(avr, &firmware);
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);       /* neither its own echo nor naps while we poll */
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_byte, NULL);

    int state = cpu_Running;
    while (state != cpu_Done && state != cpu_Crashed && avr->cycle < most) state = avr_run(avr);
    fflush(stdout);
    fprintf(stderr, "cycles %llu awake %llu\n", (unsigned long long)avr->cycle, (unsigned long long)avr->cycle - asleep);
    uint8_t code = avr->data[0x4a], marker = avr->data[0x4b];
    return state == cpu_Crashed ? 134 : avr->cycle >= most ? 124 : marker == 0xE7 ? code : 1;
}
