/* any_memory.c - what has an init function may lie in memory of any content.  Built again by any_memory_small.c, with the small loop. */
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = 0)
#define AIOT_CRITICAL_LEAVE(state) ((void)(state))
#include "check.h"

static aiot_loop loop;
static struct objects {
    aiot_future future;
    aiot_condition condition;
    aiot_semaphore semaphore, bounded;
    aiot_barrier barrier;
    aiot_queue queue, lifo, priority;
    int items[3][2];
    aiot_post post, event_post;
    aiot_event event;                           /* has none: zeroed */
    aiot_signal signal;
    aiot_inbox inbox;
    int letters[2];
} o;

static bool less(const void *a, const void *b) { return *(const int *)a < *(const int *)b; }
static int says_post(void *unused) { (void)unused; say("post "); return 0; }

static void check_order(aiot_queue *queue, int first, int second)
{
    int item;
    for (item = 1; item <= 2; item++) CHECK_EQUAL(aiot_queue_put_nowait(queue, &item), AIOT_OK);
    CHECK_EQUAL(aiot_queue_put_nowait(queue, &item), AIOT_EFULL);
    CHECK(aiot_queue_get_nowait(queue, &item) == AIOT_OK && item == first);
    CHECK(aiot_queue_get_nowait(queue, &item) == AIOT_OK && item == second);
    CHECK_EQUAL(aiot_queue_get_nowait(queue, &item), AIOT_EEMPTY);
    for (int n = 0; n < 3; n++) CHECK_EQUAL(aiot_queue_task_done(queue), n < 2 ? AIOT_OK : AIOT_EINVAL);
}

struct uses_all { AIOT_FRAME; aiot_waiter w; aiot_timeout limit; struct aiot_barrier_wait at_barrier; int item; };
static AIOT_CORO(uses_all)
{
    AIOT_BEGIN();
    aiot_future_init(&o.future, task->loop);
    CHECK(!aiot_done(&o.future) && !aiot_cancelled(&o.future) && aiot_future_value(&o.future) == 0);
    CHECK_EQUAL(aiot_future_set_result(&o.future, 42), AIOT_OK);
    AIOT_JOIN(&o.future);
    CHECK_EQUAL(aiot_future_value(&o.future), 42);

    aiot_condition_init(&o.condition, NULL);
    AIOT_CONDITION(&o.condition, &self->w) {
        CHECK_EQUAL(aiot_condition_notify_all(&o.condition), AIOT_OK);
        AIOT_TRY { AIOT_TIMEOUT(&self->limit, AIOT_MS(1)) { AIOT_CONDITION_WAIT(&o.condition, &self->w); NOT_REACHED(); } }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("condition "); }
    }
    CHECK_EQUAL(aiot_semaphore_init(&o.semaphore, 1), AIOT_OK);
    AIOT_SEMAPHORE(&o.semaphore, &self->w) { CHECK(aiot_semaphore_locked(&o.semaphore)); }
    CHECK_EQUAL(aiot_semaphore_release(&o.semaphore), AIOT_OK);
    CHECK_EQUAL(aiot_bounded_semaphore_init(&o.bounded, 1), AIOT_OK);
    CHECK_EQUAL(aiot_semaphore_release(&o.bounded), AIOT_EINVAL);
    CHECK_EQUAL(aiot_barrier_init(&o.barrier, 1), AIOT_OK);
    AIOT_AWAIT(aiot_barrier_wait, &self->at_barrier, .barrier = &o.barrier);
    CHECK(self->at_barrier.index == 0 && aiot_barrier_waiting(&o.barrier) == 0 && !aiot_barrier_broken(&o.barrier));

    aiot_queue_init(&o.queue, o.items[0]);
    check_order(&o.queue, 1, 2);
    AIOT_QUEUE_JOIN(&o.queue, &self->w);
    aiot_lifo_queue_init(&o.lifo, o.items[1]);
    check_order(&o.lifo, 2, 1);
    aiot_priority_queue_init(&o.priority, o.items[2], less);
    check_order(&o.priority, 1, 2);
    AIOT_TRY { AIOT_TIMEOUT(&self->limit, AIOT_MS(1)) { AIOT_QUEUE_GET(&o.queue, &self->w, &self->item); NOT_REACHED(); } }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("queue "); }

    memset(&o.event, 0, sizeof o.event);
    aiot_post_init(&o.post, task->loop, says_post, NULL);
    aiot_post_init_event(&o.event_post, task->loop, &o.event);
    aiot_signal_init(&o.signal, task->loop);
    CHECK_EQUAL(aiot_inbox_init(&o.inbox, task->loop, o.letters, sizeof o.letters[0], 2), AIOT_OK);
    AIOT_TRY { AIOT_TIMEOUT(&self->limit, AIOT_MS(1)) { AIOT_SIGNAL_WAIT(&o.signal); NOT_REACHED(); } }         /* nobody has raised it */
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("signal "); }
    CHECK_EQUAL(aiot_inbox_get_nowait(&o.inbox, &self->item), AIOT_EEMPTY);
    self->item = 7;
    for (int n = 0; n < 3; n++) CHECK_EQUAL(aiot_inbox_put(&o.inbox, &self->item), n < 2 ? AIOT_OK : AIOT_EFULL);
    aiot_post_raise(&o.post);
    aiot_post_raise(&o.event_post);
    aiot_signal_raise(&o.signal);
    AIOT_EVENT_WAIT(&o.event, &self->w);
    AIOT_SIGNAL_WAIT(&o.signal);
    AIOT_INBOX_GET(&o.inbox, &self->item);
    CHECK_EQUAL(self->item, 7);
    CHECK_SAID("condition queue signal post ");
    CHECK_END();
}

int main(void)
{
    static const int BYTES[] = { 0x00, 0x5a, 0xa5, 0xff };
    static struct uses_all frame;
    for (int i = 0; i < 4; i++) {
        memset(&loop, BYTES[i], sizeof loop);
        memset(&o, BYTES[i], sizeof o);
        memset(&frame, BYTES[i], sizeof frame);                 /* aiot_run() zeroes it */
        aiot_loop_init_virtual(&loop);
        CHECK_EQUAL(aiot_now(&loop), 0);
        CHECK_EQUAL(aiot_loop_task_count(&loop), 0);
        CHECK(aiot_current_task(&loop) == NULL && !aiot_interrupted(&loop));
        CHECK_EQUAL(aiot_next_deadline(&loop), AIOT_FOREVER);
#if !AIOT_SMALL
        CHECK(loop.user == NULL);
#endif
        check_end = NULL;
        CHECK_EQUAL(aiot_run(&loop, uses_all, &frame), AIOT_OK);
        CHECK(check_end == &frame);
    }
    return 0;
}
