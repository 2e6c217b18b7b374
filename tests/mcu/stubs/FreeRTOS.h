/* FreeRTOS.h - not FreeRTOS: the few types and macros of it that examples/mcu/freertos.c uses, written for its test. */
#ifndef STUB_FREERTOS_H
#define STUB_FREERTOS_H
#include <stdint.h>

typedef uint32_t TickType_t;
typedef long BaseType_t;
typedef unsigned long UBaseType_t;

#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define pdPASS pdTRUE
#define portMAX_DELAY ((TickType_t)0xffffffffUL)
#define configTICK_RATE_HZ ((TickType_t)1000)
#define configMINIMAL_STACK_SIZE ((uint16_t)128)
#define portYIELD_FROM_ISR(yield) sim_yield_from_isr(yield)

void sim_yield_from_isr(BaseType_t yield);
#endif
