/* freertos_sim.c - runs examples/mcu/freertos.c on the host, with the board of the test and as much of an RTOS as it uses: tasks on
 * stacks of their own, the highest priority first; the tick comes when all of them wait.  The button's interrupt comes at a place of
 * choice: while all sleep, or after one of the loop's readings of the clock or ends of a critical section; the last of these is between
 * its look for work and its sleep.
 *
 *   freertos_sim FIRST_TICK PLACE       prints what the board does, in ticks since the start.  It is the same for every FIRST_TICK (the
 *                                       count may wrap) and for every PLACE: the how manieth in its tick; 0: the sleep. */
#define _XOPEN_SOURCE 600
#include "FreeRTOS.h"
#include "task.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

enum { TASKS = 2, STACK = 256 * 1024, END = 21000 };

struct sim_task {
    ucontext_t context;
    void (*code)(void *);
    UBaseType_t priority;
    bool waiting, takes;                        /* takes: for a notification, else for time alone */
    TickType_t since, limit;
    uint32_t notified;
};

static struct sim_task tasks[TASKS], *running;
static unsigned task_count;
static ucontext_t scheduler;
static TickType_t first_tick, tick;
static unsigned place, places;                  /* places: how many of them the loop has passed in this tick */
static bool in_isr;
static UBaseType_t masked;
static unsigned waits;

/* ---- the board */

static const TickType_t presses[] = { 1000, 6000, 7777, 9000 };        /* but for 7777 when the LED is due, too: the loop runs at that tick */
static unsigned pressed, cleared, led_changes;

void button_isr(void);
void board_light(bool on);
void board_led(bool on);
void board_alarm(void);
int board_measure(void);
void board_button_start(void);
void board_button_clear(void);

static void say(const char *text) { printf("%5lu %s\n", (unsigned long)(tick - first_tick), text); }

void board_light(bool on) { say(on ? "light on" : "light off"); }
void board_led(bool on) { (void)on; led_changes++; }

void board_alarm(void)
{
    say("alarm");
    if (tick - first_tick > 16000) tick += 450;         /* takes long, the last time: a deadline passes before the loop sleeps */
}

void board_button_start(void) { say("button works"); }
void board_button_clear(void) { cleared++; }

int board_measure(void)
{
    static const struct { TickType_t takes; int value; } measures[] = { { 700, 20 }, { 2500, 95 }, { 900, 30 }, { 7000, 25 }, { 50000, 0 } };
    static unsigned next;
    vTaskDelay(measures[next].takes);
    say("measured");
    return measures[next++].value;
}

static void interrupt_if_due(void)
{
    if (pressed == sizeof presses / sizeof presses[0] || masked || in_isr || tick - first_tick != presses[pressed]) return;
    pressed++;
    in_isr = true;
    button_isr();
    in_isr = false;
    if (cleared != pressed) { puts("the interrupt was not acknowledged"); exit(1); }
}

/* ---- the RTOS */

static void die(const char *text)
{
    printf("%5lu FAILED: %s\n", (unsigned long)(tick - first_tick), text);
    exit(1);
}

UBaseType_t sim_mask(void)
{
    UBaseType_t state = masked;
    masked = 1;
    return state;
}

static void pass(void)
{
    if (place && !in_isr && !masked && running->priority == 2 && ++places == place) interrupt_if_due();
}

void sim_unmask(UBaseType_t state)
{
    masked = state;
    pass();
}

static void enter(void)
{
    running->code(NULL);
    die("a task has returned");
}

BaseType_t xTaskCreate(void (*code)(void *), const char *name, uint16_t stack_depth, void *argument, UBaseType_t priority, TaskHandle_t *task)
{
    (void)name; (void)stack_depth; (void)argument;
    if (task_count == TASKS) return pdFALSE;
    struct sim_task *made = &tasks[task_count++];
    made->code = code;
    made->priority = priority;
    getcontext(&made->context);
    made->context.uc_stack.ss_sp = malloc(STACK);
    made->context.uc_stack.ss_size = STACK;
    made->context.uc_link = NULL;
    makecontext(&made->context, enter, 0);
    *task = made;
    return pdPASS;
}

void vTaskStartScheduler(void)
{
    while (tick - first_tick <= END) {
        struct sim_task *best = NULL;
        for (unsigned i = 0; i < task_count; i++) {
            struct sim_task *t = &tasks[i];
            bool awake = !t->waiting || (t->takes && t->notified) || (t->limit != portMAX_DELAY && tick - t->since >= t->limit);
            if (awake && (!best || t->priority > best->priority)) best = t;
        }
        if (best) {
            best->waiting = false;
            running = best;
            swapcontext(&scheduler, &best->context);
            continue;
        }
        unsigned before = pressed;
        interrupt_if_due();                     /* all sleep */
        if (pressed != before) continue;
        tick++;
        places = 0;
    }
    printf("%5u presses, the LED changed %u times, %s\n", cleared, led_changes, waits < 200 ? "and no busy waiting" : "much too busy");
    exit(0);
}

static void wait(bool takes, TickType_t limit)
{
    if (in_isr || masked) die("a wait in an interrupt or with interrupts masked");
    waits++;
    running->takes = takes;
    running->since = tick;
    running->limit = limit;
    running->waiting = true;
    swapcontext(&running->context, &scheduler);
}

void vTaskDelay(TickType_t ticks) { wait(false, ticks); }

TickType_t xTaskGetTickCount(void)
{
    TickType_t now = tick;
    pass();
    return now;
}

uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks)
{
    (void)clear;
    if (!running->notified && ticks) wait(true, ticks);
    uint32_t count = running->notified;
    running->notified = 0;
    return count;
}

BaseType_t xTaskNotifyGive(TaskHandle_t task)
{
    if (in_isr) die("xTaskNotifyGive() in an interrupt");
    task->notified++;
    if (task->priority > running->priority) swapcontext(&running->context, &scheduler);         /* it goes first */
    return pdPASS;
}

void vTaskNotifyGiveFromISR(TaskHandle_t task, BaseType_t *yield)
{
    if (!in_isr) die("vTaskNotifyGiveFromISR() in a task");
    task->notified++;
    *yield = pdTRUE;
}

void sim_yield_from_isr(BaseType_t yield) { if (yield != pdTRUE) die("the loop is not run at once after the interrupt"); }

int firmware_main(void);                        /* main() of the example */

int main(int count, char **arguments)
{
    if (count != 3) return 2;
    first_tick = tick = (TickType_t)strtoul(arguments[1], NULL, 0);
    place = (unsigned)strtoul(arguments[2], NULL, 0);
    return firmware_main();
}
