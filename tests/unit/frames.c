/* frames.c - the memory of coroutines: what is zeroed and what is kept, the forms that take a frame as it is, frames used again, and
 * ten thousand awaits deep on a constant C stack. */
#define NEEDS_REPORTS
#include "check.h"

struct adds { AIOT_FRAME; int a, b, sum, before; };
static AIOT_CORO(adds)
{
    AIOT_BEGIN();
    self->before = self->sum;
    AIOT_YIELD();
    self->sum = self->a + self->b;
    AIOT_END();
}

/* AIOT_AWAIT and aiot_spawn zero the frame and set the named fields; the _FRAME forms change nothing in it. */
struct zeroed_or_kept { AIOT_FRAME; struct adds one; aiot_task t; aiot_timeout limit; };
static AIOT_CORO(zeroed_or_kept)
{
    AIOT_BEGIN();
    AIOT_AWAIT(adds, &self->one, .a = 2, .b = 3);
    CHECK(self->one.before == 0 && self->one.sum == 5);
    AIOT_AWAIT(adds, &self->one, .a = 2);
    CHECK(self->one.before == 0 && self->one.sum == 2);
    AIOT_AWAIT_FRAME(adds, &self->one);
    CHECK(self->one.before == 2 && self->one.sum == 2);
    CHECK_EQUAL(aiot_spawn(&self->t, adds, &self->one), 0);
    AIOT_JOIN(&self->t);
    CHECK(self->one.before == 0 && self->one.sum == 0);
    self->one.a = 7;
    CHECK_EQUAL(aiot_spawn_frame(&self->t, adds, &self->one), 0);
    AIOT_JOIN(&self->t);
    CHECK(self->one.before == 0 && self->one.sum == 7);
    AIOT_WAIT_FOR(&self->limit, AIOT_S(1), adds, &self->one, .b = 4);
    CHECK(self->one.before == 0 && self->one.sum == 4);
    AIOT_WAIT_FOR_FRAME(&self->limit, AIOT_S(1), adds, &self->one);
    CHECK(self->one.before == 4 && self->one.sum == 4);
    CHECK_END();
}

/* Outside coroutines. */
static void from_outside(void)
{
    static aiot_loop loop;
    static struct adds one = { .a = 1, .b = 1 }, two;
    static aiot_task t, u;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run_frame(&loop, adds, &one), AIOT_OK);
    CHECK_EQUAL(one.sum, 2);
    CHECK_EQUAL(aiot_run(&loop, adds, &one, .b = 9), AIOT_OK);
    CHECK(one.sum == 9 && one.before == 0);
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, adds, &one, .a = 5), 0);
    two.a = 6;
    CHECK_EQUAL(aiot_spawn_frame_on(&loop, &u, adds, &two), 0);
    CHECK_EQUAL(aiot_run_until(&loop, &u), AIOT_OK);
    CHECK(one.sum == 5 && two.sum == 6 && aiot_done(&t));
}

/* In use: AIOT_ERUNTIME, and the coroutine in it goes on undisturbed; as soon as it has ended the frame is free. */
struct awaits { AIOT_FRAME; struct adds *one; };
static AIOT_CORO(awaits) { AIOT_BEGIN(); AIOT_AWAIT(adds, self->one, .a = 9); AIOT_END(); }
struct in_use { AIOT_FRAME; struct adds one, two; struct awaits awaits; aiot_task t, u; aiot_timeout limit; int i; };
static AIOT_CORO(in_use)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_spawn(&self->t, adds, &self->one, .a = 5), 0);
    CHECK_EQUAL(aiot_spawn(&self->t, adds, &self->two, .a = 6), AIOT_ERUNTIME);             /* the task */
    CHECK_EQUAL(aiot_spawn(&self->u, adds, &self->one, .a = 7), AIOT_ERUNTIME);             /* the frame */
    CHECK_EQUAL(aiot_spawn_frame(&self->u, adds, &self->one), AIOT_ERUNTIME);
    AIOT_TRY { AIOT_AWAIT(adds, &self->one, .a = 8); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("await "); }
    AIOT_TRY { AIOT_AWAIT_FRAME(adds, &self->one); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("await_frame "); }
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, 5, adds, &self->one, .a = 9); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("wait_for "); }
    AIOT_TRY { AIOT_WAIT_FOR_FRAME(&self->limit, 5, adds, &self->one); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ERUNTIME) { say("wait_for_frame "); }
    CHECK_SAID("await await_frame wait_for wait_for_frame ");
    for (self->i = 0; self->i < 2; self->i++) {                 /* what was refused leaves no trace: the limit ends with its wait */
        AIOT_WAIT_FOR(&self->limit, 5, adds, &self->two, .a = self->i);
        CHECK_EQUAL(self->two.sum, self->i);
    }
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->one.sum, 5);
    CHECK_EQUAL(aiot_loop_task_count(task->loop), 1);
    AIOT_AWAIT(adds, &self->one, .a = 8);
    CHECK_EQUAL(self->one.sum, 8);
    CHECK_EQUAL(aiot_spawn(&self->t, awaits, &self->awaits, .one = &self->one), 0);
    AIOT_YIELD();
    AIOT_TRY { AIOT_AWAIT(adds, &self->one, .a = 10); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("awaited "); }
    CHECK_EQUAL(aiot_spawn(&self->u, adds, &self->one, .a = 11), AIOT_ERUNTIME);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->one.sum, 9);
    CHECK_SAID("awaited ");
    CHECK(!AIOT_DEBUG || complaints == 9);      /* debug builds said so, each time */
    complaints = 0;
    CHECK_END();
}

/* Each awaits the next, and the last one waits: it is resumed directly, and its error passes through all. */
enum { DEPTH = 10000 };
struct deep { AIOT_FRAME; int i; };
static struct deep chain[DEPTH];
static uintptr_t lowest = UINTPTR_MAX, highest;
static int cleaned;

static void note_stack(void)
{
#if defined __GNUC__
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
#else
    int local;
    uintptr_t here = (uintptr_t)&local;
#endif
    if (here < lowest) lowest = here;
    if (here > highest) highest = here;
}

static AIOT_CORO(deep)
{
    AIOT_BEGIN();
    note_stack();
    AIOT_TRY {
        if (self->i + 1 < DEPTH) AIOT_AWAIT(deep, &chain[self->i + 1], .i = self->i + 1);
        else { AIOT_YIELD(); note_stack(); AIOT_SLEEP(1); AIOT_RAISE(77); }
    } AIOT_FINALLY {
        note_stack();
        cleaned++;
        if (self->i % 1000 == 0) AIOT_SLEEP(1); /* clean-up may wait, at any depth */
    }
    AIOT_END();
}
struct ten_thousand_deep { AIOT_FRAME; aiot_task t; aiot_timeout limit; };
static AIOT_CORO(ten_thousand_deep)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_spawn(&self->t, deep, &chain[0], .i = 0), 0);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(77) { }
    CHECK_EQUAL(cleaned, DEPTH);
    CHECK_EQUAL(aiot_now(task->loop), 11);
    CHECK(strcmp(aiot_task_name(&self->t), "deep") == 0);
    AIOT_SPAWN(&self->t, deep, &chain[0], .i = 0);
    AIOT_YIELD();
    CHECK(strcmp(aiot_task_name(&self->t), "deep") == 0);
    aiot_cancel(&self->t);                      /* so does a cancellation */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(cleaned, 2 * DEPTH);
    CHECK(highest - lowest < 16384);
    CHECK_END();
}

/* A coroutine may await itself, in another frame. */
struct factorial { AIOT_FRAME; int n; long result; struct factorial *frames; };
static AIOT_CORO(factorial)
{
    AIOT_BEGIN();
    AIOT_YIELD();
    self->result = 1;
    if (self->n > 1) {
        AIOT_AWAIT(factorial, &self->frames[0], .n = self->n - 1, .frames = self->frames + 1);
        self->result = self->n * self->frames[0].result;
    }
    AIOT_END();
}
struct recursion { AIOT_FRAME; struct factorial frames[10]; };
static AIOT_CORO(recursion)
{
    AIOT_BEGIN();
    AIOT_AWAIT(factorial, &self->frames[0], .n = 10, .frames = self->frames + 1);
    CHECK_EQUAL(self->frames[0].result, 3628800);
    CHECK_END();
}

/* A coroutine without a wait, and one that ends at once, in loops. */
struct empty { AIOT_FRAME; };
static AIOT_CORO(empty) { AIOT_BEGIN(); AIOT_END(); }
struct many_empty_ones { AIOT_FRAME; struct empty one; aiot_task t; int i; };
static AIOT_CORO(many_empty_ones)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 10000; self->i++) AIOT_AWAIT(empty, &self->one);
    for (self->i = 0; self->i < 1000; self->i++) { AIOT_SPAWN(&self->t, empty, &self->one); AIOT_JOIN(&self->t); }
    CHECK_END();
}

/* gcc 12 clears more than the padding behind such an array: debug builds, which look through the arguments for C locals, must not lose any. */
struct pair { int k; long p, q; };
struct arguments_arrive_whole { AIOT_FRAME; struct pair pairs[8]; long numbers[4]; int i; long last; };
static AIOT_CORO(arguments_arrive_whole)
{
    AIOT_BEGIN();
    CHECK_EQUAL(self->pairs[1].p, -1);
    CHECK_EQUAL(self->pairs[1].q, -1);
    CHECK_END();
}

/* A frame that is taken as it is has caught nothing, though the slot of an error is as its last run left it. */
struct catches { AIOT_FRAME; int before; };
static AIOT_CORO(catches)
{
    AIOT_BEGIN();
    self->before = aiot_caught(task).code;
    AIOT_TRY { AIOT_RAISE(7); } AIOT_EXCEPT(7) { }
    AIOT_END();
}
struct a_frame_used_again_has_caught_nothing { AIOT_FRAME; struct catches one; aiot_task t; };
static AIOT_CORO(a_frame_used_again_has_caught_nothing)
{
    AIOT_BEGIN();
    AIOT_AWAIT(catches, &self->one, .before = 1);
    CHECK_EQUAL(self->one.before, 0);
    AIOT_AWAIT_FRAME(catches, &self->one);
    CHECK_EQUAL(self->one.before, 0);
    CHECK_EQUAL(aiot_spawn_frame(&self->t, catches, &self->one), 0);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->one.before, 0);
    CHECK_END();
}

int main(void)
{
    RUN(zeroed_or_kept);
    from_outside();
    RUN(in_use);
    RUN(ten_thousand_deep);
    RUN(recursion);
    RUN(many_empty_ones);
    RUN(arguments_arrive_whole, .pairs = { { 1, -1, -1 }, { 1, -1, -1 } });
    RUN(a_frame_used_again_has_caught_nothing);
    return 0;
}
