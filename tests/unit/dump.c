/* dump.c - aiot_dump() prints the tree of tasks, and names cycles; aiot_loop_lag() tells what held a loop up. Both are in debug builds. */
#include "stderr_text.h"
#ifndef AIOT_DEBUG
#define AIOT_DEBUG 1
#endif
#include "check.h"

#if AIOT_DEBUG && CATCHES_STDERR
static char text[4000];
static void dump(void *loop) { aiot_dump((aiot_loop *)loop); }
#define CHECK_DUMP(expected) \
    (stderr_text(dump, task->loop, text, sizeof text), strcmp(text, expected) == 0 ? (void)0 : \
     (fprintf(stderr, "%s", text), check_failed(__FILE__, __LINE__, "expected another dump")))

/* ---- One of each, in lines that are known. */
#line 101
struct sleeps { AIOT_FRAME; aiot_time delay; };
static AIOT_CORO(sleeps) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); AIOT_END(); }
#line 111
struct awaits { AIOT_FRAME; aiot_timeout outer, inner; struct sleeps one; };
static AIOT_CORO(awaits)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->outer, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->inner, AIOT_MS(1500)) { AIOT_AWAIT(sleeps, &self->one, .delay = AIOT_S(2)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    }
    AIOT_END();
}
#line 121
struct joins { AIOT_FRAME; aiot_task *other; };
static AIOT_CORO(joins) { AIOT_BEGIN(); AIOT_JOIN(self->other); AIOT_END(); }
#line 131
struct groups { AIOT_FRAME; aiot_group group; aiot_group_task t[2]; struct sleeps s[2]; };
static AIOT_CORO(groups)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        for (int i = 0; i < 2; i++) AIOT_CHECK(aiot_group_spawn(&self->group, &self->t[i], sleeps, &self->s[i], .delay = AIOT_S(i + 1)));
    }
    AIOT_END();
}

struct a_tree { AIOT_FRAME; struct awaits awaits; struct joins joins; struct groups groups; aiot_task t[3]; };
#line 151
static AIOT_CORO(a_tree)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], awaits, &self->awaits);
    AIOT_SPAWN(&self->t[1], joins, &self->joins, .other = &self->t[0]);
    AIOT_SPAWN(&self->t[2], groups, &self->groups);
    CHECK_DUMP("task 'a_tree': runs\n"
               "task 'awaits': has not begun\n"
               "task 'joins': has not begun\n"
               "task 'groups': has not begun\n");
    AIOT_YIELD();
    AIOT_YIELD();
    aiot_cancel_msg(&self->t[0], "enough");
    CHECK_DUMP("task 'a_tree', line 162: runs\n"
               "task 'joins', line 122: waits for task 'awaits'\n"
               "  task 'awaits', line 116 > 102: ready\n"
               "      limit: 1.500 s left\n"
               "      limit: none\n"
               "      cancelled by a cancel: enough\n"
               "task 'groups', line 135: waits for the tasks of its group\n"
               "    in a group\n"
               "  task 'sleeps', line 102: sleeps, 1.000 s left\n"
               "  task 'sleeps', line 102: sleeps, 2.000 s left\n");
    AIOT_TRY { AIOT_JOIN(&self->t[1]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    AIOT_JOIN(&self->t[2]);
    CHECK_END();
}

/* ---- Each way to wait has its words. A task stands below the one that waits for it through a set, a gather or a shield. */
#line 201
struct waits { AIOT_FRAME; aiot_event event; aiot_semaphore semaphore; aiot_condition condition; aiot_queue queue; int items[1], item; aiot_waiter w; int what; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    if (self->what == 0) AIOT_EVENT_WAIT(&self->event, &self->w);
    if (self->what == 1) { aiot_semaphore_init(&self->semaphore, 0); AIOT_SEMAPHORE_ACQUIRE(&self->semaphore, &self->w); }
    if (self->what == 2) AIOT_CONDITION(&self->condition, &self->w) { AIOT_CONDITION_WAIT(&self->condition, &self->w); }
    if (self->what >= 3) aiot_queue_init(&self->queue, self->items);
    if (self->what == 3) AIOT_QUEUE_GET(&self->queue, &self->w, &self->item);
    if (self->what == 4) while (true) AIOT_QUEUE_PUT(&self->queue, &self->w, &self->item);
    if (self->what == 5) AIOT_SLEEP(AIOT_FOREVER);
    AIOT_END();
}
#line 221
struct sets { AIOT_FRAME; AIOT_WAIT_SET(1) wait; AIOT_RACE_SET(1) race; AIOT_GATHER_SET(1) all; AIOT_AS_COMPLETED_SET(1) next; aiot_shield shield; aiot_timeout limit; aiot_task *x; int what; };
static AIOT_CORO(sets)
{
    AIOT_BEGIN();
    if (self->what == 0) AIOT_WAIT(&self->wait, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->x);
    if (self->what == 1) AIOT_RACE(&self->race, self->x);
    if (self->what == 2) AIOT_GATHER(&self->all, self->x);
    if (self->what == 3) { aiot_as_completed(&self->next, AIOT_FOREVER, self->x); AIOT_NEXT_COMPLETED(&self->next); }
    if (self->what == 4) AIOT_SHIELD(&self->shield, self->x);
    if (self->what == 5) AIOT_STOP(&self->limit, AIOT_S(3), self->x);
    AIOT_END();
}
#line 241
struct stubborn { AIOT_FRAME; bool ends; };
static AIOT_CORO(stubborn) { AIOT_BEGIN(); while (!self->ends) { AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT_ALL { } } AIOT_END(); }

struct ways_to_wait { AIOT_FRAME; struct waits waits[6]; struct sets sets[6]; aiot_task t[6], u[6]; struct stubborn stubborn; };
#line 251
static AIOT_CORO(ways_to_wait)
{
    AIOT_BEGIN();
    for (int i = 0; i < 6; i++) {
        if (i < 5) AIOT_SPAWN(&self->t[i], waits, &self->waits[i], .what = i);
        else AIOT_SPAWN(&self->t[i], stubborn, &self->stubborn);
        AIOT_SPAWN(&self->u[i], sets, &self->sets[i], .x = &self->t[i], .what = i);
    }
    AIOT_SLEEP(AIOT_S(1));
    CHECK_DUMP("task 'ways_to_wait', line 259: runs\n"
               "task 'sets', line 225: waits for the members of a wait\n"
               "  task 'waits', line 205: waits for an event\n"
               "task 'sets', line 226: waits for the members of a race\n"
               "  task 'waits', line 206: waits for a semaphore\n"
               "task 'sets', line 227: waits for a gather, 1 unfinished\n"
               "  task 'waits', line 207: waits for a condition\n"
               "task 'sets', line 228: waits for the next that is completed\n"
               "  task 'waits', line 209: waits for an item of a queue\n"
               "task 'sets', line 229: waits for a future or shield\n"
               "  task 'waits', line 210: waits for room in a queue\n"
               "task 'sets', line 230: waits for what it stops, 2.000 s left\n"
               "  task 'stubborn', line 242: sleeps for ever\n"
               "      cancelled by a stop\n");
    self->stubborn.ends = true;
    CHECK_END();
}

/* ---- What nobody waits for in the end stands at the left: a set that nobody reads, and gathers of gathers, after 99 of them. */
#line 261
struct reads_later { AIOT_FRAME; AIOT_AS_COMPLETED_SET(1) next; aiot_task *x; };
static AIOT_CORO(reads_later) { AIOT_BEGIN(); aiot_as_completed(&self->next, AIOT_FOREVER, self->x); AIOT_SLEEP(AIOT_S(1)); AIOT_END(); }
struct deep { AIOT_FRAME; AIOT_GATHER_SET(1) sets[100]; aiot_task *x; };
static AIOT_CORO(deep)
{
    AIOT_BEGIN();
    aiot_gather(&self->sets[0], self->x);
    for (int i = 1; i < 100; i++) aiot_gather(&self->sets[i], &self->sets[i - 1]);
    AIOT_JOIN(&self->sets[99]);
    AIOT_END();
}
struct nobody_waits { AIOT_FRAME; struct sleeps s[2]; struct reads_later later; struct deep deep; aiot_task t[4]; };
static AIOT_CORO(nobody_waits)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], sleeps, &self->s[i], .delay = AIOT_S(3));
    AIOT_SPAWN(&self->t[2], reads_later, &self->later, .x = &self->t[0]);
    AIOT_SPAWN(&self->t[3], deep, &self->deep, .x = &self->t[1]);
    AIOT_YIELD();
    CHECK_DUMP("task 'nobody_waits', line 279: runs\n"
               "task 'sleeps', line 102: sleeps, 3.000 s left\n"
               "task 'sleeps', line 102: sleeps, 3.000 s left\n"
               "task 'reads_later', line 262: sleeps, 1.000 s left\n"
               "task 'deep', line 269: waits for a gather, 1 unfinished\n");
    AIOT_JOIN(&self->t[3]);
    CHECK_END();
}

/* ---- Blocks around a wait, from the innermost out; a timer that is due; a lock that was let go in this turn. */
#line 301
struct in_blocks { AIOT_FRAME; aiot_guard guard; aiot_timeout firm, struck; };
static AIOT_CORO(in_blocks)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->firm, AIOT_S(60)) {
        AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {
            AIOT_TIMEOUT(&self->struck, AIOT_S(1)) {
                AIOT_TRY { AIOT_SLEEP(AIOT_S(5)); } AIOT_FINALLY { AIOT_SLEEP(AIOT_S(1)); }
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        }
    }
    AIOT_END();
}
struct fails_in_a_group { AIOT_FRAME; aiot_group group; aiot_group_task t; struct stubborn stubborn; };
static AIOT_CORO(fails_in_a_group)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        AIOT_CHECK(aiot_group_spawn(&self->group, &self->t, stubborn, &self->stubborn));
        AIOT_YIELD();
        AIOT_RAISE(7);
    } AIOT_EXCEPT(AIOT_EGROUP) { }
    AIOT_END();
}
struct wants { AIOT_FRAME; aiot_lock *lock; aiot_waiter w; };
static AIOT_CORO(wants) { AIOT_BEGIN(); AIOT_LOCK(self->lock, &self->w) { } AIOT_END(); }

struct blocks_and_times { AIOT_FRAME; struct in_blocks in_blocks; struct fails_in_a_group fails; struct wants wants; aiot_task t[3]; aiot_lock lock; aiot_waiter w; aiot_handle handle; };
static int nothing(void *unused) { (void)unused; return 0; }
#line 341
static AIOT_CORO(blocks_and_times)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], in_blocks, &self->in_blocks);
    AIOT_SPAWN(&self->t[1], fails_in_a_group, &self->fails);
    AIOT_LOCK_ACQUIRE(&self->lock, &self->w);
    AIOT_SPAWN(&self->t[2], wants, &self->wants, .lock = &self->lock);
    CHECK_EQUAL(aiot_add_done_callback(&self->t[0], &self->handle, nothing, NULL), 0);
    AIOT_SLEEP(AIOT_S(1));
    AIOT_YIELD();
    AIOT_YIELD();
    stderr_text(dump, task->loop, text, sizeof text);
    CHECK(strstr(text, "\n    in a shielded block: none\n") != NULL);
    aiot_cancel(&self->t[0]);
    CHECK_EQUAL(aiot_lock_release(&self->lock), 0);
    CHECK_DUMP("task 'blocks_and_times', line 351: runs\n"
               "task 'in_blocks', line 308: sleeps, 1.000 s left\n"
               "    limit: has struck\n"
               "    in a shielded block: none, requests held: 1\n"
               "    firm limit: 59.000 s left\n"
               "    cancelled by a limit, 2 requests\n"
               "task 'fails_in_a_group', line 318: waits for the tasks of its group\n"
               "    in a group that ends early\n"
               "  task 'stubborn', line 242: sleeps for ever\n"
               "      cancelled by its group\n"
               "task 'wants', line 326: ready\n");
    aiot_clock_advance(task->loop, AIOT_S(2));
    stderr_text(dump, task->loop, text, sizeof text);
    CHECK(strstr(text, "task 'in_blocks', line 308: sleeps, due\n") != NULL);
    self->fails.stubborn.ends = true;
    CHECK_END();
}

/* ---- Locks, and cycles. */
#line 401
static aiot_lock locks[2];
struct locks_two { AIOT_FRAME; aiot_lock *first, *second; aiot_waiter v, w; };
static AIOT_CORO(locks_two)
{
    AIOT_BEGIN();
    AIOT_LOCK(self->first, &self->v) {
        AIOT_SLEEP(AIOT_S(1));
        AIOT_LOCK(self->second, &self->w) { }
    }
    AIOT_END();
}
struct leaves_locked { AIOT_FRAME; aiot_lock *lock; aiot_waiter w; };
static AIOT_CORO(leaves_locked) { AIOT_BEGIN(); AIOT_LOCK_ACQUIRE(self->lock, &self->w); AIOT_END(); }

struct a_cycle_of_locks { AIOT_FRAME; struct locks_two a, b; aiot_task t[2], u; struct joins joins; };
#line 421
static AIOT_CORO(a_cycle_of_locks)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], locks_two, &self->a, .first = &locks[0], .second = &locks[1]);
    AIOT_SPAWN(&self->t[1], locks_two, &self->b, .first = &locks[1], .second = &locks[0]);
    AIOT_SPAWN(&self->u, joins, &self->joins, .other = &self->t[0]);
    aiot_task_set_name(&self->t[0], "a");
    aiot_task_set_name(&self->t[1], "b");
    AIOT_SLEEP(AIOT_S(2));
    CHECK_DUMP("task 'a_cycle_of_locks', line 429: runs\n"
               "task 'b', line 408: waits for a lock that task 'a' holds\n"
               "task 'joins', line 122: waits for task 'a'\n"
               "  task 'a', line 408: waits for a lock that task 'b' holds\n"
               "a cycle: task 'a' waits for a lock that task 'b' holds; task 'b' waits for a lock that task 'a' holds\n");
    aiot_cancel(&self->t[0]);
    AIOT_TRY { AIOT_JOIN(&self->t[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    AIOT_JOIN(&self->t[1]);                             /* it gets the lock */
    CHECK(!locks[0].is_locked && !locks[1].is_locked);
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_END();
}

struct a_lock_that_was_left { AIOT_FRAME; struct leaves_locked one; struct locks_two two; aiot_task t, u; };
#line 451
static AIOT_CORO(a_lock_that_was_left)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, leaves_locked, &self->one, .lock = &locks[0]);
    AIOT_JOIN(&self->t);
    AIOT_SPAWN(&self->u, locks_two, &self->two, .first = &locks[0], .second = &locks[1]);
    AIOT_YIELD();
    CHECK_DUMP("task 'a_lock_that_was_left', line 457: runs\n"
               "task 'locks_two', line 406: waits for a lock that was left locked by a task that has ended\n");
    CHECK_EQUAL(aiot_lock_release(&locks[0]), 0);
    AIOT_JOIN(&self->u);
    CHECK_END();
}

/* Behind a waiter that was woken and has not run yet, another one waits for a lock that is free. */
struct a_lock_that_is_free { AIOT_FRAME; struct wants wants[2]; aiot_task t[2]; aiot_waiter w; };
#line 481
static AIOT_CORO(a_lock_that_is_free)
{
    AIOT_BEGIN();
    AIOT_LOCK_ACQUIRE(&locks[0], &self->w);
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], wants, &self->wants[i], .lock = &locks[0]);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_lock_release(&locks[0]), 0);
    CHECK_DUMP("task 'a_lock_that_is_free', line 486: runs\n"
               "task 'wants', line 326: ready\n"
               "task 'wants', line 326: waits for a lock that is free\n");
    AIOT_JOIN(&self->t[1]);
    CHECK_END();
}

struct a_cycle_of_joins { AIOT_FRAME; struct joins a, b, below; aiot_task t[3]; };
#line 501
static AIOT_CORO(a_cycle_of_joins)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], joins, &self->a, .other = &self->t[1]);
    AIOT_SPAWN(&self->t[1], joins, &self->b, .other = &self->t[0]);
    aiot_task_set_name(&self->t[0], "a");
    aiot_task_set_name(&self->t[1], "b");
    AIOT_YIELD();
    CHECK_DUMP("task 'a_cycle_of_joins', line 508: runs\n"
               "task 'a', line 122: waits for task 'b'\n"
               "  task 'b', line 122: waits for task 'a'\n"
               "a cycle: task 'a' waits for task 'b'; task 'b' waits for task 'a'\n");
    CHECK_END();
}

/* aiot_run() that can never end dumps, too. */
static void deadlocks(void *result)
{
    static aiot_loop loop;
    static struct a_cycle_of_joins frame;
    aiot_loop_init_virtual(&loop);
    *(int *)result = aiot_run(&loop, a_cycle_of_joins, &frame);
}
static void a_deadlock_is_dumped(void)
{
    static char report[1000];
    int result = 0;
    stderr_text(deadlocks, &result, report, sizeof report);
    CHECK_EQUAL(result, AIOT_EDEADLK);
    CHECK(strstr(report, "aiot_run(): nothing can ever run again, but tasks wait:\ntask 'a', line 122: waits for task 'b'\n") == report);
    CHECK(strstr(report, "a cycle: task 'a' waits for task 'b'; task 'b' waits for task 'a'\n") != NULL);
}

/* ---- What holds a loop up. */
#line 531
static void computes(aiot_time duration_ns)
{
    for (aiot_time began = aiot_i_system_time(); aiot_i_system_time() - began < duration_ns;) { }
}
static int computes_in_a_callback(void *arg) { computes(AIOT_MS(*(int *)arg)); return 0; }
struct lag { AIOT_FRAME; aiot_handle handle; int ms; aiot_lag lag; };
static AIOT_CORO(lag)
{
    AIOT_BEGIN();
    AIOT_YIELD();
    computes(AIOT_MS(20));
    AIOT_YIELD();
    self->lag = aiot_loop_lag(task->loop);
    CHECK(self->lag.slowest_ns >= AIOT_MS(20) && strcmp(self->lag.name, "lag") == 0);
    CHECK_EQUAL(self->lag.from_line, 540);
    CHECK_EQUAL(self->lag.to_line, 542);
    CHECK_EQUAL(self->lag.latest_ns, 0);
    self->ms = 30;
    aiot_call_soon(task->loop, &self->handle, computes_in_a_callback, &self->ms);
    AIOT_YIELD();
    AIOT_YIELD();
    self->lag = aiot_loop_lag(task->loop);
    CHECK(self->lag.slowest_ns >= AIOT_MS(30) && strstr(self->lag.name, "dump.c") != NULL);
    CHECK_EQUAL(self->lag.from_line, 549);
    self->ms = 0;
    aiot_call_later(task->loop, &self->handle, AIOT_S(1), computes_in_a_callback, &self->ms);
    aiot_clock_advance(task->loop, AIOT_S(3));                  /* somebody has kept the loop for 3 s */
    AIOT_YIELD();
    AIOT_YIELD();
    CHECK_EQUAL(aiot_loop_lag(task->loop).latest_ns, AIOT_S(2));
    CHECK_END();
}

int main(void)
{
    RUN(a_tree);
    RUN(ways_to_wait);
    RUN(nobody_waits);
    RUN(blocks_and_times);
    RUN(a_cycle_of_locks);
    RUN(a_lock_that_was_left);
    RUN(a_lock_that_is_free);
    a_deadlock_is_dumped();
    RUN(lag);
    return 0;
}
#else
int main(void) { return 0; }
#endif
