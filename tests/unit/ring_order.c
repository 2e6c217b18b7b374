/* ring_order.c - AIOT_RING with so many ready at once that they are fetched ahead: they run in the order in which they became ready,
 * wherever they lie, whether all fit into the ring or not, and with places in between that have been given up. */
#define AIOT_RING 1
#undef AIOT_DEBUG
#define AIOT_DEBUG 0                            /* its checks go through all tasks at each spawn */
#include "check.h"

enum { TASKS = 20000, CALLS = TASKS / 10, ROUNDS = 3 };

struct runner { AIOT_FRAME; unsigned number; int left; };

static aiot_loop loop;
static struct runner frames[TASKS];
static aiot_task tasks[TASKS];
static aiot_handle calls[CALLS];
static aiot_ready_place ring[32768];
static unsigned next, called;

static AIOT_CORO(runner)
{
    AIOT_BEGIN();
    for (;;) {
        CHECK_EQUAL(self->number, next);
        next = (next + 1) % TASKS;
        if (self->left-- == 0) AIOT_RETURN();
        AIOT_YIELD();
    }
    AIOT_END();
}

static int count(void *argument) { (void)argument; called++; return 0; }

static void all_run_in_order(size_t capacity)
{
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, capacity), AIOT_OK);
    next = called = 0;
    for (unsigned k = 0; k < TASKS; k++) {
        unsigned place = (unsigned)(k * 7919u % TASKS);         /* 7919 is prime: each place once */
        CHECK_EQUAL(aiot_spawn_on(&loop, &tasks[place], runner, &frames[place], .number = k, .left = ROUNDS), AIOT_OK);
        if (k % 10 == 0) aiot_call_soon(&loop, &calls[k / 10], count, NULL);
    }
    for (unsigned k = 0; k < CALLS; k += 2) CHECK(aiot_handle_cancel(&calls[k]));
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_EQUAL(next, 0);
    CHECK_EQUAL(called, CALLS / 2);
    for (unsigned k = 0; k < TASKS; k++) CHECK(aiot_task_done(&tasks[k]) && frames[k].left == -1);
}

/* A ring cannot be given while something is ready, nor within a turn; a loop has none until it is given one, whatever its memory held. */
static int not_within_a_turn(void *argument)
{
    CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 8), AIOT_ERUNTIME);
    if (argument) aiot_call_soon(&loop, &calls[0], not_within_a_turn, NULL);
    return 0;
}
static void given_when_nothing_is_ready(void)
{
    memset(&loop, 0xa5, sizeof loop);
    aiot_loop_init_virtual(&loop);
    for (int rings = 0; rings < 2; rings++) {
        aiot_call_soon(&loop, &calls[0], not_within_a_turn, &loop);
        CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 8), AIOT_ERUNTIME);
        CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
        CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 8), AIOT_OK);
    }
    CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 0), AIOT_EINVAL);
    CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 1), AIOT_EINVAL);
    CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 12), AIOT_EINVAL);
}

/* What a run leaves ready is forgotten with it, as without a ring. */
static int arms_itself(void *handle) { aiot_call_soon(&loop, (aiot_handle *)handle, arms_itself, handle); return 0; }
static void nothing_is_left_of_a_run(void)
{
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 8), AIOT_OK);
    for (int i = 0; i < 3; i++) aiot_call_soon(&loop, &calls[i], arms_itself, &calls[i]);
    next = 0;
    CHECK_EQUAL(aiot_run(&loop, runner, &frames[0], .left = 0), AIOT_OK);
    CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
    for (int i = 0; i < 3; i++) CHECK(!aiot_handle_cancel(&calls[i]));
}

int main(void)
{
    nothing_is_left_of_a_run();
    given_when_nothing_is_ready();
    all_run_in_order(32768);
    all_run_in_order(16384);
    all_run_in_order(2);
    return 0;
}
