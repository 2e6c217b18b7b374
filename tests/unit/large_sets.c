/* large_sets.c - a set of n members takes time in proportion to n: filling it, waiting, asking for each member in any order, cancelling;
 * whether the members are different, the same, or done already.  So do a group's errors, and the shields of one task.  What would grow
 * with n * n would take minutes here. */
#define NEEDS_REPORTS
#include "check.h"
#include <time.h>

enum { MANY = 200000 };
enum members { DIFFERENT, THE_SAME, DONE, THE_SAME_DONE, IN_PAIRS, KINDS };

static aiot_future futures[MANY];
static aiot_awaitable *array[MANY];

/* Returns how many of them are different. */
static unsigned make(aiot_loop *loop, int kind)
{
    bool same = kind == THE_SAME || kind == THE_SAME_DONE;
    for (int i = 0; i < MANY; i++) {
        aiot_future_init(&futures[i], loop);
        if (kind == DONE || kind == THE_SAME_DONE) CHECK_EQUAL(aiot_future_set_result(&futures[i], i), 0);
        array[i] = AIOT_AWAITABLE(&futures[same ? 0 : kind == IN_PAIRS ? i % (MANY / 2) : i]);
    }
    return same ? 1 : kind == IN_PAIRS ? MANY / 2 : MANY;
}

static void finish(int kind)
{
    if (kind != DONE && kind != THE_SAME_DONE) for (int i = 0; i < MANY; i++) CHECK_EQUAL(aiot_future_set_result(&futures[i], i), 0);
}

static void check_loops(const aiot_loop *loop)
{
    for (int i = 0; i < MANY; i++) CHECK(futures[i].awaitable.loop == loop);
}

/* Ends them all in the turn after. */
static int kind_now;
static int finish_all(void *argument) { (void)argument; finish(kind_now); return 0; }

static AIOT_WAIT_SET(MANY) wait_set;
struct waits { AIOT_FRAME; unsigned different; aiot_handle handle; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    for (kind_now = 0; kind_now < KINDS; kind_now++) {
        self->different = make(task->loop, kind_now);
        aiot_call_soon(task->loop, &self->handle, finish_all, NULL);
        AIOT_WAIT_ARRAY(&wait_set, AIOT_ALL_COMPLETED, AIOT_FOREVER, array, MANY);
        check_loops(task->loop);
        CHECK_EQUAL(aiot_wait_done_count(&wait_set), self->different);
        CHECK_EQUAL(aiot_wait_pending_count(&wait_set), 0);
        for (unsigned i = 0; i < MANY; i++) {
            unsigned far = (unsigned)((uint64_t)i * 7919 % MANY);
            CHECK(aiot_wait_is_done(&wait_set, i) && aiot_wait_has(&wait_set, AIOT_ANY(array[i])));
            CHECK(aiot_wait_has(&wait_set, AIOT_ANY(array[MANY - 1 - i])) && aiot_wait_has(&wait_set, AIOT_ANY(array[far])));
        }
        CHECK(!aiot_wait_has(&wait_set, task));
    }
    CHECK_END();
}

/* With a limit, every third being done: has() tells them apart. */
struct waits_in_part { AIOT_FRAME; };
static AIOT_CORO(waits_in_part)
{
    AIOT_BEGIN();
    (void)make(task->loop, IN_PAIRS);
    for (int i = 0; i < MANY; i += 3) CHECK_EQUAL(aiot_future_set_result(&futures[i], i), 0);
    AIOT_WAIT_ARRAY(&wait_set, AIOT_ALL_COMPLETED, 1, array, MANY);
    CHECK_EQUAL(aiot_wait_done_count(&wait_set), (MANY / 2 + 2) / 3);
    for (unsigned i = 0; i < MANY; i++) {
        CHECK_EQUAL(aiot_wait_is_done(&wait_set, i), i % (MANY / 2) % 3 == 0);
        CHECK_EQUAL(aiot_wait_has(&wait_set, &futures[i]), i < MANY / 2 && i % 3 == 0);
    }
    CHECK_END();
}

static AIOT_GATHER_SET(MANY) gather_set;
struct gathers { AIOT_FRAME; aiot_handle handle; };
static AIOT_CORO(gathers)
{
    AIOT_BEGIN();
    for (kind_now = 0; kind_now < KINDS; kind_now++) {
        (void)make(task->loop, kind_now);
        aiot_call_soon(task->loop, &self->handle, finish_all, NULL);
        AIOT_GATHER_ARRAY(&gather_set, array, MANY);
        check_loops(task->loop);
        AIOT_YIELD();
        (void)make(task->loop, kind_now);
        aiot_gather_array(&gather_set, array, MANY);            /* each member is cancelled; those that are given again, once more */
        CHECK_EQUAL(aiot_cancel(&gather_set), kind_now != DONE && kind_now != THE_SAME_DONE);
        AIOT_TRY { AIOT_JOIN(&gather_set); CHECK(kind_now == DONE || kind_now == THE_SAME_DONE); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    }
    CHECK_END();
}

static AIOT_AS_COMPLETED_SET(MANY) completed_set;
struct reads { AIOT_FRAME; int i, different; aiot_handle handle; };
static AIOT_CORO(reads)
{
    AIOT_BEGIN();
    for (kind_now = 0; kind_now < KINDS; kind_now++) {
        self->different = (int)make(task->loop, kind_now);
        aiot_call_soon(task->loop, &self->handle, finish_all, NULL);
        aiot_as_completed_array(&completed_set, AIOT_FOREVER, array, MANY);
        check_loops(task->loop);
        for (self->i = 0; aiot_as_completed_left(&completed_set); self->i++) {
            AIOT_NEXT_COMPLETED(&completed_set);
            CHECK_EQUAL(aiot_completed_index(&completed_set), self->i);
            CHECK(aiot_completed(&completed_set) == array[self->i]);
        }
        CHECK_EQUAL(self->i, self->different);
    }
    CHECK_END();
}

/* A task that is in a gather many times is asked to end as often. */
struct sleeps { AIOT_FRAME; };
static AIOT_CORO(sleeps) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_FOREVER); AIOT_END(); }
struct asked_often { AIOT_FRAME; struct sleeps frame; aiot_task t; };
static AIOT_CORO(asked_often)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_spawn(&self->t, sleeps, &self->frame), 0);
    for (int i = 0; i < MANY; i++) array[i] = AIOT_AWAITABLE(&self->t);
    aiot_gather_array(&gather_set, array, 1000);
    AIOT_YIELD();
    CHECK(aiot_cancel(&gather_set));
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1000);
    AIOT_TRY { AIOT_JOIN(&gather_set); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_END();
}

/* More members than there is room for: refused, and none of them is looked at. */
struct too_many { AIOT_FRAME; };
static AIOT_CORO(too_many)
{
    AIOT_BEGIN();
    (void)make(task->loop, DIFFERENT);
    AIOT_TRY { AIOT_WAIT_ARRAY(&wait_set, AIOT_ALL_COMPLETED, AIOT_FOREVER, array, SIZE_MAX); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { }
    CHECK(!aiot_wait_has(&wait_set, &futures[0]));
    AIOT_TRY { AIOT_GATHER_ARRAY(&gather_set, array, SIZE_MAX); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { }
    aiot_as_completed_array(&completed_set, AIOT_FOREVER, array, SIZE_MAX);
    AIOT_TRY { AIOT_NEXT_COMPLETED(&completed_set); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { }
    CHECK(!AIOT_DEBUG || complaints == 3);      /* debug builds say why */
    complaints = 0;
    CHECK_END();
}

/* The errors of a group, from first to last, from last to first, and across. */
enum { FAILING = 20000 };
struct fails { AIOT_FRAME; int code; };
static AIOT_CORO(fails) { AIOT_BEGIN(); AIOT_RAISE(self->code); AIOT_END(); }
struct groups { AIOT_FRAME; aiot_group group; };
static struct fails failing[FAILING];
static aiot_group_task tasks[FAILING];
static AIOT_CORO(groups)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        for (int i = 0; i < FAILING; i++) CHECK_EQUAL(aiot_group_spawn(&self->group, &tasks[i], fails, &failing[i], .code = i + 1), 0);
    } AIOT_EXCEPT(AIOT_EGROUP) {
        CHECK_EQUAL(aiot_group_error_count(&self->group), FAILING);
        for (unsigned i = 0; i < FAILING; i++) {
            unsigned order[3] = { i, FAILING - 1 - i, (unsigned)((uint64_t)i * 7919 % FAILING) };
            for (int k = 0; k < 3; k++) {
                CHECK_EQUAL(aiot_group_error(&self->group, order[k]).code, order[k] + 1);
                CHECK(aiot_group_error_task(&self->group, order[k]) == &tasks[order[k]]);
            }
        }
        CHECK(aiot_group_error_task(&self->group, FAILING) == NULL);
    }
    CHECK_END();
}

/* Many shields of one task that are given up: its error is reported once. */
static aiot_shield shields[MANY];
static int reports;
static void count_report(aiot_loop *loop, const aiot_report *report) { (void)loop; reports += report->reason == AIOT_REPORT_SHIELD; }
struct shields_one { AIOT_FRAME; aiot_future future; };
static AIOT_CORO(shields_one)
{
    AIOT_BEGIN();
    task->loop->on_error = count_report;
    aiot_future_init(&self->future, task->loop);
    for (int i = 0; i < MANY; i++) aiot_shield(&shields[i], &self->future);
    for (int i = 0; i < MANY; i++) CHECK(aiot_cancel(&shields[i]));
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_future_set_error(&self->future, 5, NULL), 0);
    AIOT_SLEEP(1);
    CHECK_EQUAL(reports, 1);
    CHECK_END();
}

int main(void)
{
    clock_t began = clock();
    RUN(waits);
    RUN(waits_in_part);
    RUN(gathers);
    RUN(reads);
    RUN(asked_often);
    RUN(too_many);
    RUN(groups);
    RUN(shields_one);
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    if (getenv("SHOW_SECONDS")) printf("%.3f s\n", seconds);
    CHECK(seconds < 20);                        /* 0.3 s, with sanitizers some more */
    return 0;
}
