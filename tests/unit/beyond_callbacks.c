/* beyond_callbacks.c - callbacks that are ready to use, the _TASKS forms of wait and gather, and wait_for() as a coroutine. */
#include "check.h"
#include "job.h"

static aiot_handle handle;

struct on_cancel_task { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(on_cancel_task)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .name = "job", .delay = AIOT_S(9));
    aiot_call_later(task->loop, &handle, AIOT_S(1), aiot_on_cancel_task, &self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("job! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_EQUAL(aiot_on_cancel_task(&self->t), 0);              /* it is done: nothing happens */
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    CHECK_END();
}

struct on_complete_future { AIOT_FRAME; aiot_future f; };
static AIOT_CORO(on_complete_future)
{
    AIOT_BEGIN();
    aiot_future_init(&self->f, task->loop);
    aiot_call_later(task->loop, &handle, AIOT_S(1), aiot_on_complete_future, &self->f);
    AIOT_JOIN(&self->f);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK(aiot_future_ptr(&self->f) == NULL);
    aiot_future_init(&self->f, task->loop);                     /* one that is done stays as it is */
    aiot_future_set_result(&self->f, 5);
    CHECK_EQUAL(aiot_on_complete_future(&self->f), 0);
    CHECK_EQUAL(aiot_future_value(&self->f), 5);
    aiot_future_init(&self->f, task->loop);
    aiot_cancel(&self->f);
    CHECK_EQUAL(aiot_on_complete_future(&self->f), 0);
    CHECK(aiot_cancelled(&self->f));
    CHECK_END();
}

struct on_set_event { AIOT_FRAME; aiot_event event; aiot_waiter w; };
static AIOT_CORO(on_set_event)
{
    AIOT_BEGIN();
    memset(&self->event, 0, sizeof self->event);
    self->w.link.next = NULL;
    aiot_call_later(task->loop, &handle, AIOT_S(1), aiot_on_set_event, &self->event);
    AIOT_EVENT_WAIT(&self->event, &self->w);
    CHECK(aiot_event_is_set(&self->event));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_EQUAL(aiot_on_set_event(&self->event), 0);
    CHECK_END();
}

static void say_error(aiot_loop *loop, const aiot_report *report) { (void)loop; say("reported %d ", report->error.code == AIOT_ERUNTIME); }
struct on_release_lock { AIOT_FRAME; aiot_lock lock; aiot_waiter w; };
static AIOT_CORO(on_release_lock)
{
    AIOT_BEGIN();
    memset(&self->lock, 0, sizeof self->lock);
    self->w.link.next = NULL;
    AIOT_LOCK_ACQUIRE(&self->lock, &self->w);
    aiot_call_later(task->loop, &handle, AIOT_S(1), aiot_on_release_lock, &self->lock);
    AIOT_LOCK_ACQUIRE(&self->lock, &self->w);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_EQUAL(aiot_on_release_lock(&self->lock), 0);
    CHECK(!aiot_lock_locked(&self->lock));
    CHECK_EQUAL(aiot_on_release_lock(&self->lock), AIOT_ERUNTIME);              /* what the call returns */
#if !AIOT_SMALL || AIOT_DEBUG
    task->loop->on_error = say_error;                           /* and loop.on_error is told of it */
    aiot_call_soon(task->loop, &handle, aiot_on_release_lock, &self->lock);
    AIOT_YIELD();
    CHECK_SAID("reported 1 ");
#else
    (void)say_error;
#endif
    CHECK_END();
}

struct on_release_semaphore { AIOT_FRAME; aiot_semaphore s; aiot_waiter w; };
static AIOT_CORO(on_release_semaphore)
{
    AIOT_BEGIN();
    memset(&self->s, 0, sizeof self->s);
    self->w.link.next = NULL;
    CHECK_EQUAL(aiot_bounded_semaphore_init(&self->s, 1), 0);
    AIOT_SEMAPHORE_ACQUIRE(&self->s, &self->w);
    aiot_call_later(task->loop, &handle, AIOT_S(1), aiot_on_release_semaphore, &self->s);
    AIOT_SEMAPHORE_ACQUIRE(&self->s, &self->w);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_EQUAL(aiot_on_release_semaphore(&self->s), 0);
    CHECK_EQUAL(aiot_on_release_semaphore(&self->s), AIOT_EINVAL);              /* beyond the bound */
    CHECK_END();
}

/* Done callbacks take them, too: one event for the end of a task. */
struct a_done_callback { AIOT_FRAME; struct job job, other; aiot_task t, u; aiot_event event; aiot_waiter w; };
static AIOT_CORO(a_done_callback)
{
    AIOT_BEGIN();
    memset(&self->event, 0, sizeof self->event);
    self->w.link.next = NULL;
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(1));
    AIOT_SPAWN(&self->u, job, &self->other, .name = "other", .delay = AIOT_S(9));
    aiot_add_done_callback(&self->t, &handle, aiot_on_cancel_task, &self->u);
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("other! ");
    AIOT_SPAWN(&self->t, job, &self->job, .delay = AIOT_S(1));
    aiot_add_done_callback(&self->t, &handle, aiot_on_set_event, &self->event);
    AIOT_EVENT_WAIT(&self->event, &self->w);
    CHECK(aiot_done(&self->t));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_END();
}

/* Arrays of tasks, of group tasks, of futures, of structs with a task. */
struct worker { int id; struct job job; aiot_task task; const char *name; };
struct wait_for_arrays {
    AIOT_FRAME; struct job job[3]; aiot_task tasks[3]; aiot_future futures[3]; aiot_group g; aiot_group_task members[3]; struct worker workers[3];
    AIOT_WAIT_SET(3) set; int i;
};
static AIOT_CORO(wait_for_arrays)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_SPAWN(&self->tasks[self->i], job, &self->job[self->i], .delay = AIOT_S(3 - self->i));
        aiot_future_init(&self->futures[self->i], task->loop);
        AIOT_SPAWN(&self->workers[self->i].task, job, &self->workers[self->i].job, .delay = AIOT_S(1 + self->i));
    }
    AIOT_WAIT_TASKS(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, self->tasks, 3);
    CHECK_EQUAL(aiot_wait_done_count(&self->set), 1);
    CHECK(aiot_wait_is_done(&self->set, 2) && aiot_wait_has(&self->set, &self->tasks[2]) && !aiot_wait_has(&self->set, &self->tasks[0]));
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_MS(500), self->workers, 3, .task);
    CHECK_EQUAL(aiot_wait_done_count(&self->set), 1);
    CHECK_EQUAL(aiot_wait_pending_count(&self->set), 2);
    CHECK(aiot_wait_is_done(&self->set, 0) && aiot_wait_has(&self->set, &self->workers[0].task));
    AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->workers, 2, .task);         /* a part of the array */
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->workers[1], 2, .task);     /* another part */
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    CHECK(aiot_wait_is_done(&self->set, 1) && aiot_wait_has(&self->set, &self->workers[2].task));
    aiot_future_set_result(&self->futures[1], 1);
    AIOT_WAIT_TASKS(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, self->futures, 3);
    CHECK(!aiot_wait_is_done(&self->set, 0) && aiot_wait_is_done(&self->set, 1) && !aiot_wait_is_done(&self->set, 2));
    AIOT_GROUP(&self->g) {
        for (self->i = 0; self->i < 3; self->i++)
            aiot_group_spawn(&self->g, &self->members[self->i], job, &self->job[self->i], .delay = AIOT_S(1 + self->i));
        AIOT_WAIT_TASKS(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, self->members, 3);
        CHECK(aiot_wait_is_done(&self->set, 0) && !aiot_wait_is_done(&self->set, 1));
        AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->members, 3, .task);     /* the same, named */
        CHECK_EQUAL(aiot_wait_done_count(&self->set), 3);
    }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(6));
    CHECK_END();
}

struct gather_arrays {
    AIOT_FRAME; struct job job[3]; aiot_task tasks[3]; aiot_future futures[3]; aiot_group g; aiot_group_task members[3]; struct worker workers[3];
    AIOT_GATHER_SET(3) all; aiot_timeout limit; int i;
};
static AIOT_CORO(gather_arrays)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_SPAWN(&self->tasks[self->i], job, &self->job[self->i], .delay = AIOT_S(3 - self->i));
        aiot_future_init(&self->futures[self->i], task->loop);
        AIOT_SPAWN(&self->workers[self->i].task, job, &self->workers[self->i].job, .delay = AIOT_S(1 + self->i), .error = self->i);
    }
    AIOT_GATHER_TASKS(&self->all, self->tasks, 3);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    CHECK_EQUAL(self->job[0].value + self->job[1].value + self->job[2].value, 3 * 42);
    AIOT_GATHER_ALL_TASKS(&self->all, self->workers, 3, .task);
    CHECK(aiot_result(&self->workers[0].task) == 0 && aiot_result(&self->workers[1].task) == 1 && aiot_result(&self->workers[2].task) == 2);
    AIOT_TRY { AIOT_GATHER_TASKS(&self->all, self->workers, 3, .task); NOT_REACHED(); } AIOT_EXCEPT(1) { say("1 "); }       /* the first error */
    CHECK_SAID("1 ");
    for (self->i = 0; self->i < 3; self->i++) aiot_future_set_result(&self->futures[self->i], self->i);
    AIOT_GATHER_TASKS(&self->all, self->futures, 3);
    AIOT_GATHER_TASKS(&self->all, self->futures, 0);
    AIOT_GROUP(&self->g) {
        for (self->i = 0; self->i < 3; self->i++)
            aiot_group_spawn(&self->g, &self->members[self->i], job, &self->job[self->i], .delay = AIOT_S(1 + self->i));
        AIOT_GATHER_TASKS(&self->all, self->members, 3);
        CHECK_EQUAL(aiot_now(task->loop), AIOT_S(6));
    }
    for (self->i = 0; self->i < 3; self->i++) AIOT_SPAWN(&self->workers[self->i].task, job, &self->workers[self->i].job, .name = "w", .delay = AIOT_S(9));
    aiot_gather_tasks(&self->all, self->workers, 3, .task);     /* only made: to be limited */
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->all); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("w! w! w! timeout ");
    for (self->i = 0; self->i < 3; self->i++) AIOT_SPAWN(&self->tasks[self->i], job, &self->job[self->i], .delay = AIOT_S(1), .error = 7);
    aiot_gather_all_tasks(&self->all, self->tasks, 3);
    AIOT_JOIN(&self->all);
    CHECK_EQUAL(aiot_result(&self->tasks[2]), 7);
    CHECK_EQUAL(aiot_result(&self->tasks[0]) + aiot_result(&self->tasks[1]), 14);
    CHECK_END();
}

/* More than fit, a task that was never started, one of another loop. */
struct refused { AIOT_FRAME; struct job job[3]; aiot_task tasks[3]; struct worker workers[2]; AIOT_WAIT_SET(2) set; AIOT_GATHER_SET(2) all; };
static AIOT_CORO(refused)
{
    AIOT_BEGIN();
    memset(self->workers, 0, sizeof self->workers);
    AIOT_SPAWN(&self->tasks[0], job, &self->job[0], .name = "a", .delay = AIOT_S(1));
    AIOT_SPAWN(&self->tasks[1], job, &self->job[1], .delay = AIOT_S(1));
    AIOT_SPAWN(&self->tasks[2], job, &self->job[2], .delay = AIOT_S(1));
    AIOT_TRY { AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->tasks, 3); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    AIOT_TRY { AIOT_GATHER_TASKS(&self->all, self->tasks, 3); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    AIOT_TRY { AIOT_GATHER_ALL_TASKS(&self->all, self->tasks, 3); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    AIOT_TRY { AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->workers, 2, .task); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("never started "); }
    AIOT_TRY { AIOT_GATHER_TASKS(&self->all, self->workers, 2, .task); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("never started "); }
    AIOT_TRY { AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->tasks, 0); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("empty "); }
    CHECK_COMPLAINED(5);                                        /* not of the empty set */
    CHECK_SAID("too many too many too many never started never started empty ");
    AIOT_WAIT_TASKS(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->tasks[1], 2);              /* set and gather are free still */
    AIOT_GATHER_TASKS(&self->all, self->tasks, 2);
    CHECK_EQUAL(self->job[0].value, 42);
    CHECK_END();
}

/* asyncio.wait_for() as a task. */
struct wait_for_as_a_task { AIOT_FRAME; struct aiot_wait_for w[2]; struct job job[2]; aiot_task t[2], u[2]; AIOT_GATHER_SET(2) all; AIOT_WAIT_SET(2) set; };
static AIOT_CORO(wait_for_as_a_task)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(2));
    AIOT_SPAWN(&self->t[1], job, &self->job[1], .name = "b", .delay = AIOT_S(9));
    AIOT_SPAWN(&self->u[0], aiot_wait_for, &self->w[0], .x = AIOT_AWAITABLE(&self->t[0]), .delay_ns = AIOT_S(3));
    AIOT_SPAWN(&self->u[1], aiot_wait_for, &self->w[1], .x = AIOT_AWAITABLE(&self->t[1]), .delay_ns = AIOT_S(3));
    AIOT_GATHER_ALL_TASKS(&self->all, self->u, 2);
    CHECK_EQUAL(aiot_result(&self->u[0]), AIOT_OK);
    CHECK_EQUAL(aiot_result(&self->u[1]), AIOT_ETIMEDOUT);
    CHECK_EQUAL(self->job[0].value, 42);
    CHECK(aiot_cancelled(&self->t[1]));
    CHECK_SAID("b! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(3));
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .delay = AIOT_S(1), .error = 7);                    /* its error, by AIOT_AWAIT, too */
    AIOT_TRY { AIOT_AWAIT(aiot_wait_for, &self->w[0], .x = AIOT_AWAITABLE(&self->t[0]), .delay_ns = AIOT_S(3)); NOT_REACHED(); } AIOT_EXCEPT(7) { say("7 "); }
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9));                   /* a cancel goes to x */
    AIOT_SPAWN(&self->u[0], aiot_wait_for, &self->w[0], .x = AIOT_AWAITABLE(&self->t[0]), .delay_ns = AIOT_FOREVER);
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel(&self->u[0]);
    AIOT_TRY { AIOT_JOIN(&self->u[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(aiot_cancelled(&self->t[0]));
    AIOT_SPAWN(&self->t[0], job, &self->job[0], .name = "a", .delay = AIOT_S(9));                   /* a limit of 0 */
    AIOT_YIELD();
    AIOT_SPAWN(&self->u[0], aiot_wait_for, &self->w[0], .x = AIOT_AWAITABLE(&self->t[0]));
    AIOT_TRY { AIOT_JOIN(&self->u[0]); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->w[0].limit); }
    CHECK_SAID("7 a! a! ");
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}

int main(void)
{
    RUN(on_cancel_task);
    RUN(on_complete_future);
    RUN(on_set_event);
    RUN(on_release_lock);
    RUN(on_release_semaphore);
    RUN(a_done_callback);
    RUN(wait_for_arrays);
    RUN(gather_arrays);
    RUN(refused);
    RUN(wait_for_as_a_task);
    return 0;
}
