/* 07_wait_partial.py - wait() with a timeout reports done and pending; it cancels nothing itself. */
#include "vt.h"

struct task_with_id {                           /* async def task_with_id(task_id, duration) */
    AIOT_FRAME;
    int task_id;
    double duration;
    char text[64];                              /* result */
};

static AIOT_CORO(task_with_id)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(S(self->duration));
        snprintf(self->text, sizeof self->text, "Task %d completed", self->task_id);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        snprintf(self->text, sizeof self->text, "Task %d was cancelled", self->task_id);
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct task_with_id operations[4];
    aiot_task tasks[4];
    AIOT_WAIT_SET(4) set;
    aiot_awaitable *pending[4];
    size_t pending_count;
    AIOT_GATHER_SET(4) left;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], task_with_id, &self->operations[0], .task_id = 1, .duration = 1);
    AIOT_SPAWN(&self->tasks[1], task_with_id, &self->operations[1], .task_id = 2, .duration = 3);
    AIOT_SPAWN(&self->tasks[2], task_with_id, &self->operations[2], .task_id = 3, .duration = 5);
    AIOT_SPAWN(&self->tasks[3], task_with_id, &self->operations[3], .task_id = 4, .duration = 2);
    AIOT_WAIT(&self->set, AIOT_FIRST_EXCEPTION, S(2.5), &self->tasks[0], &self->tasks[1], &self->tasks[2], &self->tasks[3]);
    log("Completed tasks: %u", aiot_wait_done_count(&self->set));
    log("Pending tasks: %u", aiot_wait_pending_count(&self->set));
    for (self->i = 0; self->i < 4; self->i++) {
        if (aiot_wait_is_done(&self->set, self->i)) {
            AIOT_JOIN(&self->tasks[self->i]);
            log("Result: %s", self->operations[self->i].text);
        }
    }
    for (int i = 0; i < 4; i++) {
        if (!aiot_wait_is_done(&self->set, i)) {
            aiot_cancel(&self->tasks[i]);
            self->pending[self->pending_count++] = &self->tasks[i].awaitable;
            log("Cancelled task: %d", i + 1);
        }
    }
    AIOT_GATHER_ALL_ARRAY(&self->left, self->pending, self->pending_count);
    for (int i = 0; i < 4; i++) {
        if (!aiot_wait_is_done(&self->set, i)) log("Late result: %s", self->operations[i].text);
    }
    AIOT_END();
}

RUN(root)
