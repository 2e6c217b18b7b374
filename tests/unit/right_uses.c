/* right_uses.c - what is unusual and right: the checks of debug builds, and those of the compiler, have nothing to say about it. */
#define AIOT_DEBUG 1
#include "check.h"

/* A loop in a frame, for a simulation within a program, is none of the frame's own callbacks. */
struct tick { AIOT_FRAME; int left; };
static AIOT_CORO(tick)
{
    AIOT_BEGIN();
    for (; self->left > 0; self->left--) AIOT_SLEEP(AIOT_MS(1));
    AIOT_END();
}

struct simulation { AIOT_FRAME; aiot_loop inner; struct tick tick; };
static AIOT_CORO(simulation)
{
    AIOT_BEGIN();
    aiot_loop_init_virtual(&self->inner);
    AIOT_CHECK(aiot_run(&self->inner, tick, &self->tick, .left = 3));
    AIOT_YIELD();
    AIOT_END();
}

struct a_loop_in_a_frame { AIOT_FRAME; struct simulation simulation; struct tick tick; aiot_task task; };
static AIOT_CORO(a_loop_in_a_frame)
{
    AIOT_BEGIN();
    AIOT_AWAIT(simulation, &self->simulation);
    AIOT_AWAIT(simulation, &self->simulation);
    AIOT_CHECK(aiot_spawn(&self->task, simulation, &self->simulation));
    AIOT_JOIN(&self->task);
    AIOT_CHECK(aiot_run(&self->simulation.inner, tick, &self->tick, .left = 2));       /* it outlives who made it */
    CHECK_END();
}

/* A semaphore whose permits are all still to come. */
struct no_permit_yet { AIOT_FRAME; aiot_semaphore none, bounded; aiot_waiter waiter; aiot_timeout limit; };
static AIOT_CORO(no_permit_yet)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_semaphore_init(&self->none, 0));
    AIOT_CHECK(aiot_bounded_semaphore_init(&self->bounded, 0));
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_SEMAPHORE_ACQUIRE(&self->none, &self->waiter); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("none "); }
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_SEMAPHORE_ACQUIRE(&self->bounded, &self->waiter); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("bounded "); }
    CHECK_EQUAL(aiot_semaphore_release(&self->bounded), AIOT_EINVAL);
    CHECK_SAID("none bounded ");
    CHECK_END();
}

static aiot_loop loop;
static aiot_task tasks[2];
static struct tick frames[2];
static int started;
static aiot_task *start(void)
{
    CHECK_EQUAL(aiot_spawn_on(&loop, &tasks[started], tick, &frames[started]), 0);
    return &tasks[started++];
}

static void what_is_run_is_evaluated_once(void)
{
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_run_until(&loop, start()), AIOT_OK);
    CHECK_EQUAL(started, 1);
}

/* An array whose length is known at run time only, or is not what its type says. */
struct pool { aiot_queue queue; size_t length; int items[]; };
struct old_pool { aiot_queue queue; int items[1]; };
extern int elsewhere[];
static const size_t four = 4;

static void queues_over_arrays_of_all_kinds(void)
{
    static int items[4], rows[3][4];
    aiot_queue queue;
    struct pool *pool = (struct pool *)calloc(1, sizeof *pool + 8 * sizeof(int));
    struct old_pool *old = (struct old_pool *)calloc(1, sizeof *old + 7 * sizeof(int));
    const size_t half = four / 2;
    CHECK(pool && old);
    pool->length = 8;
    aiot_queue_init_array(&pool->queue, pool->items, pool->length);
    aiot_queue_init_array(&pool->queue, pool->items, 8);
    aiot_lifo_queue_init_array(&old->queue, old->items, 8);
    aiot_queue_init_array(&queue, elsewhere, 8);
    aiot_queue_init_array(&queue, rows, 3);
    aiot_queue_init_array(&queue, rows[0], four);
    aiot_queue_init_array(&queue, items, half);
    for (int i = 0; i < 8; i++) CHECK_EQUAL(aiot_queue_put_nowait(&pool->queue, &i), 0);
    CHECK_EQUAL(pool->items[7], 7);
    CHECK(aiot_queue_full(&pool->queue));
    free(old);
    free(pool);
}
int elsewhere[8];

int main(void)
{
    RUN(a_loop_in_a_frame);
    RUN(no_permit_yet);
    what_is_run_is_evaluated_once();
    queues_over_arrays_of_all_kinds();
    CHECK_EQUAL(complaints, 0);
    return 0;
}
