/* started_again.c - a task that is spawned again at its end, in its own done callback or by one who joined it: those who waited for its
 * first run are told of that one, though they run a turn later. */
#include "check.h"

static aiot_loop loop;

/* Fails in its first run, cancelled or not; the second goes on. */
struct job { AIOT_FRAME; bool goes_on; };
static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(self->goes_on ? 100 : 5); } AIOT_FINALLY { if (!self->goes_on) AIOT_RAISE_INFO(7, "why"); }
    AIOT_END();
}
static struct job frame;
static aiot_task task_;
static int again(void *unused)
{
    (void)unused;
    CHECK(aiot_task_idle(&task_));
    CHECK_EQUAL(aiot_result(&task_), 7);
    CHECK_EQUAL(aiot_spawn_on(&loop, &task_, job, &frame, .goes_on = true), 0);
    CHECK(!aiot_task_idle(&task_));
    return 0;
}

enum how { JOIN, JOIN_FOR_0, GATHER, GATHER_ALL, SHIELD, WAIT, WAIT_TWICE, FIRST, AS_COMPLETED, HOWS };
struct root {
    AIOT_FRAME; int how; aiot_handle handle; aiot_timeout limit; aiot_shield guard;
    AIOT_GATHER_SET(1) all; AIOT_WAIT_SET(2) wait; AIOT_AS_COMPLETED_SET(1) set;
};
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&task_, job, &frame);
    aiot_add_done_callback(&task_, &self->handle, again, NULL);
    AIOT_SLEEP(4);
    AIOT_TRY {
        if (self->how == JOIN) AIOT_JOIN(&task_);
        if (self->how == JOIN_FOR_0) AIOT_JOIN_FOR(&self->limit, 0, &task_);
        if (self->how == GATHER) AIOT_GATHER(&self->all, &task_);
        if (self->how == GATHER_ALL) { AIOT_GATHER_ALL(&self->all, &task_); say("gathered "); }
        if (self->how == SHIELD) AIOT_SHIELD(&self->guard, &task_);
        if (self->how == WAIT) AIOT_WAIT(&self->wait, AIOT_ALL_COMPLETED, AIOT_FOREVER, &task_);
        if (self->how == WAIT_TWICE) AIOT_WAIT(&self->wait, AIOT_ALL_COMPLETED, AIOT_FOREVER, &task_, &task_);
        if (self->how == FIRST) AIOT_WAIT(&self->wait, AIOT_FIRST_EXCEPTION, AIOT_FOREVER, &task_);
        if (self->how >= WAIT && self->how <= FIRST)
            say("done %u pending %u ", aiot_wait_done_count(&self->wait), aiot_wait_pending_count(&self->wait));
        if (self->how == AS_COMPLETED) { aiot_as_completed(&self->set, AIOT_FOREVER, &task_); AIOT_NEXT_COMPLETED(&self->set); }
    } AIOT_EXCEPT(7) {
        say("7 %s ", (const char *)aiot_caught(task).info);
    }
    CHECK(!aiot_done(&task_));
    aiot_cancel(&task_);
    AIOT_END();
}

int main(void)
{
    static struct root program;
    static const char *const said[HOWS] = {
        "7 why ", "7 why ", "7 why ", "gathered ", "7 why ", "done 1 pending 0 ", "done 1 pending 0 ", "done 1 pending 0 ", "7 why "
    };
    for (int how = 0; how < HOWS; how++) {
        aiot_loop_init_virtual(&loop);
        CHECK_EQUAL(aiot_run(&loop, root, &program, .how = how), AIOT_OK);
        CHECK_SAID(said[how]);
    }
    return 0;
}
