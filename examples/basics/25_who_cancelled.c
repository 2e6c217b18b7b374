/* 25_who_cancelled.c - who has asked this task to end?
 *
 *     try:
 *         await asyncio.sleep(3600)
 *     except asyncio.CancelledError as error:
 *         print(error)                            # the message of cancel(), if there was one; asyncio knows no more
 *         raise
 *
 * Notice: aiot_cancel_reason() names a limit, a group, a race, a stop, a waiter or a gather; by.object is that object.  Every other
 * cancel is "a cancel", also that of a callback.  Its message is a static text.  If several have asked, the innermost block is named,
 * else the first in this order.  The question changes nothing: AIOT_RERAISE() as ever.  A task may ask about any other that has not
 * ended.  In debug builds aiot_dump() prints the same; loop.on_error finds it in report->canceller, for a task that fails in its
 * clean-up. */
#include "aio_timeout.h"
#include <stdio.h>

enum { BROKEN = 1 };
struct worker { AIOT_FRAME; };

static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(AIOT_S(3600));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        aiot_canceller by = aiot_cancel_reason(task);
        printf("  ended by %s%s%s\n", aiot_canceller_text(by.kind), by.message ? ": " : "", by.message ? by.message : "");
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct breaks { AIOT_FRAME; };
static AIOT_CORO(breaks) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_MS(10)); AIOT_RAISE(BROKEN); AIOT_END(); }

struct root {
    AIOT_FRAME; struct worker worker; struct breaks breaks; aiot_task t; aiot_group_task t1, t2;
    aiot_timeout limit; aiot_group group; aiot_handle later; AIOT_WAIT_SET(1) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    puts("a limit around it");
    AIOT_TIMEOUT(&self->limit, AIOT_MS(10)) {
        AIOT_AWAIT(worker, &self->worker);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    puts("another task of its group fails");
    AIOT_GROUP(&self->group) {
        aiot_group_spawn(&self->group, &self->t1, worker, &self->worker);
        aiot_group_spawn(&self->group, &self->t2, breaks, &self->breaks);
    } AIOT_EXCEPT(AIOT_EGROUP) { }
    puts("it is stopped");
    AIOT_SPAWN(&self->t, worker, &self->worker);
    AIOT_YIELD();                               /* it begins: one that has not begun ends without a word */
    AIOT_STOP(&self->limit, AIOT_MS(10), &self->t);
    puts("a callback cancels it");
    AIOT_SPAWN(&self->t, worker, &self->worker);
    aiot_call_later(task->loop, &self->later, AIOT_MS(10), aiot_on_cancel_task, &self->t);
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t);
    puts("a cancel with a message");
    AIOT_SPAWN(&self->t, worker, &self->worker);
    AIOT_YIELD();
    aiot_cancel_msg(&self->t, "the lid is open");
    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
