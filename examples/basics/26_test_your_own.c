/* 26_test_your_own.c - tools that find the bug in your code: a cancel, a limit or an error at every await, and the ready tasks in any order.
 *
 *     for await_number in range(count_of_awaits(copy)):           # asyncio has none
 *         task = asyncio.create_task(copy())
 *         ... cancel it there, and see what it leaves behind
 *
 * copy() has a bug: between the opening of the file and the try, it waits.  Cancelled there, it never closes the file.  The tool says so:
 *
 *     task 'copy', cancelled at await 1 of 3, line 39: the counter is 1 at the end
 *
 * reader() has another: it takes it that writer() has run before it.  In asyncio's order it has.  With the order of some seeds it has not.
 *
 * Notice: begin() makes all as it is at the start, and spawns the task: it is called for each run.  The tools are there in debug builds
 * only, and need the virtual clock, so a test of hours takes no time. */
#define AIOT_DEBUG 1
#include "aio_timeout.h"
#include <stdio.h>
#include <string.h>

static aiot_loop loop;
static aiot_task tested;
static int open_files;

/* ---- A cancel at every await. */
struct copy { AIOT_FRAME; bool is_mended; };

static AIOT_CORO(copy)
{
    AIOT_BEGIN();
    if (self->is_mended) {
        AIOT_TRY {
            open_files++;
            AIOT_SLEEP(AIOT_MS(1));
            AIOT_SLEEP(AIOT_S(60));
            AIOT_YIELD();
        } AIOT_FINALLY { open_files--; }
    } else {
        open_files++;
        AIOT_SLEEP(AIOT_MS(1));                 /* the bug: nothing closes the file if this raises */
        AIOT_TRY {
            AIOT_SLEEP(AIOT_S(60));
            AIOT_YIELD();
        } AIOT_FINALLY { open_files--; }
    }
    AIOT_END();
}

static struct copy frame;
static int begin(aiot_test *t)
{
    open_files = 0;
    memset(&frame, 0, sizeof frame);
    return aiot_spawn_on(t->loop, t->task, copy, &frame, .is_mended = t->user != NULL);
}

/* ---- Another order. */
static int value, wrong_reads;
struct writer { AIOT_FRAME; };
static AIOT_CORO(writer) { AIOT_BEGIN(); value = 42; AIOT_YIELD(); AIOT_END(); }

struct reader { AIOT_FRAME; struct writer w; aiot_task writing; };
static AIOT_CORO(reader)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->writing, writer, &self->w);
    AIOT_YIELD();
    if (value != 42) wrong_reads++;             /* the bug: an AIOT_JOIN() belongs here */
    AIOT_JOIN(&self->writing);
    AIOT_END();
}

static struct reader reads;
static int begin_reading(aiot_test *t)
{
    value = wrong_reads = 0;
    memset(&reads, 0, sizeof reads);
    return aiot_spawn_on(t->loop, t->task, reader, &reads);
}

int main(void)
{
    static int mended;
    aiot_test test = { .loop = &loop, .task = &tested, .begin = begin, .counter = &open_files };
    int findings = aiot_test_cancel_everywhere(&test);
    printf("cancelled at each of %u awaits: %d runs were not clean\n", test.awaits, findings);
    test.user = &mended;
    findings = aiot_test_cancel_everywhere(&test) + aiot_test_time_out_everywhere(&test) + aiot_test_fail_everywhere(&test, 5);
    printf("mended, and also timed out and failed there: %d\n", findings);

    aiot_test order = { .loop = &loop, .task = &tested, .begin = begin_reading, .counter = &wrong_reads };
    printf("in 10 orders: %s\n", aiot_test_orders(&order, 10) > 0 ? "some runs were not clean" : "all runs were clean");
    uint64_t hash = aiot_trace_hash(&loop);
    (void)aiot_test_orders(&order, 10);
    printf("the last order again: %s\n", hash == aiot_trace_hash(&loop) ? "the same run" : "another run");
    return 0;
}
