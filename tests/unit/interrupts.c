/* interrupts.c - an interrupt at any moment wakes whom it should: nothing is lost, nothing comes twice.  On x86-64 Linux the program
 * steps through itself, one machine instruction at a time (the trap flag), and the interrupt is fired after the first of them, in the
 * next run after the second, and so on through the whole way of a wake-up, from the last look for work to sleep and back.  Elsewhere it is fired wherever interrupts are let in. */
static int masked;
static void let_in(void);
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = masked, masked = 1)
#define AIOT_CRITICAL_LEAVE(state) (masked = (state), let_in())
#if defined __linux__ && defined __x86_64__ && defined __GNUC__
#define _GNU_SOURCE
#include <signal.h>
#include <ucontext.h>
#define BY_INSTRUCTION 1
#else
#define BY_INSTRUCTION 0
#endif
#include <stdint.h>
#ifndef NAPS
#define NAPS 0                                  /* of a task beside those that wait: more to step through, and the square of it takes the time */
#endif
static int64_t ticks;
struct aiot_loop;
static int64_t clock_ticks(struct aiot_loop *l);
static void idle(struct aiot_loop *l, int64_t until);
#include "check.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined __SANITIZE_ADDRESS__ || __has_feature(memory_sanitizer)     /* each of their checks is many instructions, and a step takes a microsecond: */
enum { STRIDE = 31 };
#elif AIOT_DEBUG                                /* the builds for users step after each */
enum { STRIDE = 7 };
#else
enum { STRIDE = 1 };
#endif

static aiot_loop loop;
static aiot_signal signal_;
static aiot_inbox inbox;
static int places[2];
static aiot_event event;
static aiot_post post;

/* The interrupt: fires once, `left` steps from the start, or when it may again if interrupts are masked just then. */
static volatile long left;
static volatile int fired, pending, idled;

static void fire(void)
{
    static const int item = 7;
    pending = 0;
    fired = 1;
    aiot_signal_raise(&signal_);
    aiot_signal_raise(&signal_);
    CHECK(aiot_inbox_put(&inbox, &item) == AIOT_OK);
    aiot_post_raise(&post);
}

static void step(void)
{
    if (left <= 0 || --left > 0) return;
    if (masked) pending = 1;
    else fire();
}

static void let_in(void)
{
    if (!BY_INSTRUCTION && !fired) step();
    if (pending && !masked) fire();
}

static int from_the_start;                      /* or when all three wait already */
#if BY_INSTRUCTION
static void on_step(int number, siginfo_t *info, void *context)
{
    (void)number; (void)info;
    step();
    if (left <= 0) ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;       /* full speed from here on */
}
static void begin_stepping(void)                /* 128: leave the red zone alone */
{
    __asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; orl $0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" ::: "memory", "cc");
}
#else
static void begin_stepping(void) { }
#endif

/* A port: it sleeps only if nothing has been posted, looking with interrupts masked; what wakes it then is its time, or the interrupt. */
static int64_t clock_ticks(struct aiot_loop *l) { (void)l; return ticks; }
static void idle(struct aiot_loop *l, int64_t until)
{
    masked = 1;
    if (!aiot_interrupted(l) && until != AIOT_FOREVER) {
        ticks = until;
    } else if (!aiot_interrupted(l)) {
        CHECK(!fired || pending);               /* asleep for ever, with the interrupt gone: a lost wake-up */
        idled = 1;
        left = 0;
        pending = 1;
    }
    masked = 0;
    let_in();
}

struct waits_signal { AIOT_FRAME; };
static AIOT_CORO(waits_signal) { AIOT_BEGIN(); AIOT_SIGNAL_WAIT(&signal_); AIOT_END(); }
struct waits_item { AIOT_FRAME; int item; };
static AIOT_CORO(waits_item) { AIOT_BEGIN(); AIOT_INBOX_GET(&inbox, &self->item); AIOT_END(); }
struct waits_event { AIOT_FRAME; aiot_waiter w; };
static AIOT_CORO(waits_event) { AIOT_BEGIN(); AIOT_EVENT_WAIT(&event, &self->w); AIOT_END(); }
struct naps { AIOT_FRAME; int left; };
static AIOT_CORO(naps) { AIOT_BEGIN(); for (self->left = NAPS; self->left > 0; self->left--) AIOT_SLEEP(1); AIOT_END(); }
struct root
{
    AIOT_FRAME;
    struct waits_signal a;
    struct waits_item b;
    struct waits_event c;
    struct naps d;
    aiot_task ta, tb, tc, td;
    AIOT_GATHER_SET(4) all;
};
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->ta, waits_signal, &self->a);
    AIOT_SPAWN(&self->tb, waits_item, &self->b);
    AIOT_SPAWN(&self->tc, waits_event, &self->c);
    AIOT_SPAWN(&self->td, naps, &self->d);
    AIOT_YIELD();
    AIOT_YIELD();
    if (!from_the_start) begin_stepping();
    AIOT_GATHER(&self->all, &self->ta, &self->tb, &self->tc, &self->td);
    AIOT_END();
}

/* True while the interrupt came before the loop had to wait for it. */
static int run_with_interrupt_at(long steps)
{
    static const aiot_event cleared;
    static struct root frame;
    int more = 0;
    fired = pending = masked = idled = 0;
    event = cleared;
#ifdef AIOT_IDLE
    aiot_loop_init(&loop);
#else
    aiot_loop_init_clock(&loop, clock_ticks, idle);
#endif
    aiot_signal_init(&signal_, &loop);
    aiot_post_init_event(&post, &loop, &event);
    CHECK(aiot_inbox_init(&inbox, &loop, places, sizeof places[0], 2) == AIOT_OK);
    left = steps;
    if (from_the_start) begin_stepping();
    int code = aiot_run(&loop, root, &frame);
    CHECK(code == AIOT_OK);
    CHECK(fired);
    CHECK(frame.b.item == 7);
    CHECK(aiot_inbox_get_nowait(&inbox, &more) == AIOT_EEMPTY);         /* it came once */
    CHECK(!signal_.is_raised && !aiot_interrupted(&loop));
    return !idled;
}

int main(void)
{
    long steps = 1;
#if BY_INSTRUCTION
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_step;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGTRAP, &action, NULL);
#endif
    while (run_with_interrupt_at(steps)) steps += STRIDE;               /* the way of the wake-up: everywhere */
    CHECK(steps > (BY_INSTRUCTION ? 100 : 1));
    from_the_start = 1;                                         /* and before anybody waits: here and there */
    for (steps = 1; run_with_interrupt_at(steps);) steps += BY_INSTRUCTION ? 23 * STRIDE : 1;
    CHECK(steps > (BY_INSTRUCTION ? 300 : 1));
    CHECK(aiot_inbox_init(&inbox, &loop, places, sizeof places[0], 3) == AIOT_EINVAL);
    CHECK(aiot_inbox_init(&inbox, &loop, places, sizeof places[0], 0) == AIOT_EINVAL);
    CHECK(aiot_inbox_init(&inbox, &loop, places, SIZE_MAX / 2, 2) == AIOT_EINVAL);
    CHECK(aiot_inbox_init(&inbox, &loop, places, SIZE_MAX / 2 / 2, 2) == AIOT_OK);              /* half of all memory */
    CHECK(aiot_inbox_init(&inbox, &loop, places, 0, 2) == AIOT_EINVAL);
    CHECK(aiot_inbox_init(&inbox, &loop, NULL, sizeof places[0], 2) == AIOT_EINVAL);
    CHECK(aiot_inbox_put(&inbox, &places[0]) == AIOT_EINVAL && aiot_inbox_get_nowait(&inbox, &places[0]) == AIOT_EINVAL);      /* nor used after it */
    return 0;
}
