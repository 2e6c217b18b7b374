/* arduino_sim.cc - runs examples/mcu/arduino on the host: a board whose millis() begins at FIRST_MS, which may wrap, and whose button is
 * pressed (and bounces) at times that are given here.  Prints what the pins do, in milliseconds since the start. */
#include <stdio.h>
#include <stdlib.h>
#include "Arduino.h"

static uint32_t first_ms, ms;
static bool down(uint32_t t)
{
    static const uint32_t presses[][2] = { { 1200, 1300 }, { 4000, 4150 }, { 4600, 4700 }, { 6000, 6080 }, { 6900, 7000 } };
    for (const uint32_t *p : presses)
        if (t >= p[0] && t < p[1]) return t - p[0] > 7 || t % 2;        /* contacts that bounce for 7 ms */
    return false;
}

extern "C" {
unsigned long millis(void) { return ms; }
void pinMode(uint8_t pin, uint8_t mode) { printf("%5u pin %d is %s\n", (unsigned)(ms - first_ms), pin, mode == OUTPUT ? "output" : "input"); }
void digitalWrite(uint8_t pin, uint8_t value) { printf("%5u pin %d %s\n", (unsigned)(ms - first_ms), pin, value ? "on" : "off"); }
int digitalRead(uint8_t) { return down(ms - first_ms) ? LOW : HIGH; }
}

int main(int, char **arguments)
{
    first_ms = ms = (uint32_t)strtoul(arguments[1], NULL, 0);
    setup();
    for (; ms - first_ms < 9000; ms++) { loop(); loop(); }
    return 0;
}
