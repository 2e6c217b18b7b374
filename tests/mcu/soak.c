/* soak.c - a port for longer than its clock takes to wrap: interrupts at random times, a task that waits for them with a limit, and
 * two that sleep for random times, half of them until a few ticks before the next interrupt: so that some come when the core is just
 * falling asleep.  No interrupt may be lost, or come more than 2 us early (some timers are early by that); nobody may be woken early, or more
 * than 2 ms after the time or interrupt. */
#include "board.h"

enum { INTERRUPTS = 2500 };

/* The longest of the random times: so that their sum is more than the clock's range, where that can be tried. */
#define RANGE_MS ((UINT64_C(1) << AIOT_TIME_BITS) / ((uint64_t)AIOT_MS(1)))
#define MOST_MS  (RANGE_MS / 1000 < 5000 ? (uint16_t)(RANGE_MS / 1000) : 60)

static aiot_signal       signal;
static volatile uint16_t raised, early;
static aiot_time         raised_at, due;         /* the last one, and the next */

static uint16_t random_from(uint16_t *seed)
{
    *seed = (uint16_t)(*seed * 25173u + 13849u);
    return (uint16_t)(*seed >> 3);
}

static aiot_time random_time(uint16_t *seed)
{
    return (aiot_time)((4u + random_from(seed) % MOST_MS) * (uint32_t)AIOT_MS(1));
}

void board_alarm(aiot_time now)                 /* an interrupt */
{
    static uint16_t seed = 1;
    if (now == AIOT_FOREVER) now = -AIOT_FOREVER;       /* the counter shows that for a tick, and it is no time */
    if (raised > 0 && aiot_time_before(now, due)) {
        if (aiot_time_before(aiot_time_after(now, AIOT_US(2)), due)) early++;
        board_alarm_at(due);
    } else if (raised < INTERRUPTS) {
        raised++;
        raised_at = now;
        aiot_signal_raise(&signal);
        due = aiot_time_after(now, random_time(&seed));
        board_alarm_at(due);
    }
}

static bool is_late(aiot_loop *loop, aiot_time when)
{
    return aiot_time_before(aiot_time_after(when, AIOT_MS(2)), aiot_now(loop));
}

static aiot_time read_time(const aiot_time *shared)
{
    AIOT_CRITICAL_STATE state;
    AIOT_CRITICAL_ENTER(state);
    aiot_time time = *shared;
    AIOT_CRITICAL_LEAVE(state);
    return time;
}

struct sleeper { AIOT_FRAME; uint16_t seed, wrong; bool just_before; aiot_time next; };

static AIOT_CORO(sleeper)
{
    AIOT_BEGIN();
    for (;;) {
        self->next = aiot_time_after(aiot_now(task->loop), random_time(&self->seed));
        self->just_before = !self->just_before;
        if (self->just_before && aiot_time_before(aiot_now(task->loop), read_time(&due)))
            self->next = aiot_time_after(read_time(&due), (aiot_time)-(int)(random_from(&self->seed) % 32));
        if (aiot_time_before(self->next, aiot_now(task->loop))) self->next = aiot_now(task->loop);      /* due is near */
        AIOT_SLEEP_UNTIL(self->next);
        if (aiot_time_before(aiot_now(task->loop), self->next)) self->wrong++;
        if (is_late(task->loop, self->next)) self->wrong++;
        for (volatile uint8_t i = random_from(&self->seed) % 64; i > 0; i--) { }        /* not always at the same instruction */
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct sleeper one, two; aiot_task first, second; aiot_timeout limit; uint16_t seed, got, late, timeouts; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->first, sleeper, &self->one, .seed = 2);
    AIOT_SPAWN(&self->second, sleeper, &self->two, .seed = 3);
    while (self->got < INTERRUPTS) {
        AIOT_TIMEOUT(&self->limit, random_time(&self->seed)) {
            AIOT_SIGNAL_WAIT(&signal);
            self->got++;
            if (is_late(task->loop, read_time(&raised_at))) self->late++;
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            if (raised == INTERRUPTS && ++self->timeouts == 3) AIOT_RETURN();       /* one was lost: no more will come */
        }
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root root;
    board_init(&loop);
    aiot_signal_init(&signal, &loop);
    board_alarm_at(AIOT_MS(5));
    int result = aiot_run_frame(&loop, root, &root);
    if (root.got != INTERRUPTS) board_puts("interrupts were lost\n");
    if (early != 0) board_puts("interrupts were early\n");
    if (root.late != 0) board_puts("the task was told late of interrupts\n");
    if (root.one.wrong + root.two.wrong != 0) board_puts("sleepers were woken early or late\n");
    board_puts("end\n");
    board_exit(result == AIOT_OK ? 0 : 1);
}
