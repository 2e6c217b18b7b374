/* port.h - the least that a program needs to sleep: a tick of 1 ms and the options of aio_timeout.h that make it smallest. */
#ifndef PORT_H
#define PORT_H
#include <stdbool.h>
#include <stdint.h>

void tick_start(void);                          /* starts the tick and unmasks interrupts */
void tick_idle(void);                           /* sleeps until an interrupt */
#ifdef PAINT
void stack_paint(void);                         /* fills what is free of the stack */
unsigned stack_used(void);                      /* the most that has been in use since, from the top; PAINTED: more */
#endif

#define AIOT_HOSTED      0
#define AIOT_TASK_LIST   0
#define AIOT_TICKS_PER_S 1000
#define AIOT_CLOCK(loop) ((aiot_time)tick_now())
#define AIOT_IDLE(loop, until) do tick_idle(); while ((aiot_time)((uint32_t)tick_now() - (uint32_t)(until)) < 0)
#ifdef __AVR__
#define AIOT_TIME_BITS 16
uint16_t tick_now(void);
#else
#define AIOT_TIME_BITS 32
uint32_t tick_now(void);
#endif

#include "aio_timeout.h"
#endif
