/* z80.c - core.c on the Z80 that SDCC simulates.  Prints core.c's result, 0 if all is well, and halts. */
#define main core
#include "core.c"
#undef main

__sfr __at(0xff) simulator;                     /* sz80 -I if=outputs[0xff]: 'p', and the character to print */
static void print(char c) { simulator = 'p'; simulator = c; }

void main(void)
{
    int code = core();
    print((char)('0' + code / 100));
    print((char)('0' + code / 10 % 10));
    print((char)('0' + code % 10));
    print('\n');
    for (;;) __asm__("halt");
}
