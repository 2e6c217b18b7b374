/* Arduino.h - not Arduino: the few declarations of it that examples/mcu/arduino uses, and the macros of its that a library may trip
 * over, written for their test. */
#ifndef STUB_ARDUINO_H
#define STUB_ARDUINO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIGH 0x1
#define LOW 0x0
#define INPUT 0x0
#define OUTPUT 0x1
#define INPUT_PULLUP 0x2
#define LED_BUILTIN 13

#define DEFAULT 1
#define EXTERNAL 0
#define INTERNAL 3
#define CHANGE 1
#define FALLING 2
#define RISING 3
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define abs(x) ((x) > 0 ? (x) : -(x))
#define round(x) ((x) >= 0 ? (long)((x) + 0.5) : (long)((x) - 0.5))
#define bit(b) (1UL << (b))
#define lowByte(w) ((uint8_t)((w) & 0xff))
#define _BV(b) (1 << (b))
typedef uint8_t byte;
typedef unsigned int word;

extern "C" {
unsigned long millis(void);
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t value);
int digitalRead(uint8_t pin);
}
void setup();
void loop();
#endif
