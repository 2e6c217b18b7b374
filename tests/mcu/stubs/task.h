/* task.h - the declarations of FreeRTOS's task.h that examples/mcu/freertos.c uses, written for its test. */
#ifndef STUB_TASK_H
#define STUB_TASK_H
#include "FreeRTOS.h"

typedef struct sim_task *TaskHandle_t;

BaseType_t xTaskCreate(void (*code)(void *), const char *name, uint16_t stack_depth, void *argument, UBaseType_t priority, TaskHandle_t *task);
void vTaskStartScheduler(void);
void vTaskDelay(TickType_t ticks);
TickType_t xTaskGetTickCount(void);
uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks);
BaseType_t xTaskNotifyGive(TaskHandle_t task);
void vTaskNotifyGiveFromISR(TaskHandle_t task, BaseType_t *yield);

#define taskENTER_CRITICAL_FROM_ISR() sim_mask()
#define taskEXIT_CRITICAL_FROM_ISR(state) sim_unmask(state)
UBaseType_t sim_mask(void);
void sim_unmask(UBaseType_t state);
#endif
