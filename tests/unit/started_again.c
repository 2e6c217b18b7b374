/* started_again.c - a task that is spawned again at its end, in its own done callback or by one who joined it: those who waited for its
 * first run are told of that one, though they run a turn later or much later, when the second has ended, too. */
#define NEEDS_REPORTS
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
    AIOT_SPAWN(&task_, job, &frame);
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

/* ------------------------------------------------------------------------------------------------- and has ended again */
struct run { AIOT_FRAME; aiot_time delay; int yields, error; };
static AIOT_CORO(run)
{
    AIOT_BEGIN();
    if (self->delay > 0) { AIOT_TRY { AIOT_SLEEP(self->delay); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); AIOT_RERAISE(); } }
    for (; self->yields > 0; self->yields--) AIOT_YIELD();
    if (self->error) AIOT_RAISE(self->error);
    say("ended ");
    AIOT_END();
}
static struct run frames[2];
static aiot_task runs[2];

/* as_completed() is read when the member's second run is over. */
struct read_late { AIOT_FRAME; AIOT_AS_COMPLETED_SET(1) set; };
static AIOT_CORO(read_late)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&runs[0], run, &frames[0], .delay = 1, .error = 7);
    aiot_as_completed(&self->set, AIOT_FOREVER, &runs[0]);
    AIOT_SLEEP(2);
    AIOT_SPAWN(&runs[0], run, &frames[0]);
    AIOT_SLEEP(2);
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); } AIOT_EXCEPT(7) { say("7 "); }
    AIOT_END();
}

/* wait_for(0) cancels the first run; the second, begun before the waiter hears of it, fails. */
struct polls { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(polls)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &runs[0]); } AIOT_EXCEPT_ANY { say("%s ", aiot_error_name(aiot_caught(task).code)); }
    AIOT_END();
}
struct fails_meanwhile { AIOT_FRAME; struct polls p; aiot_task t; };
static AIOT_CORO(fails_meanwhile)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&runs[0], run, &frames[0], .delay = 9);
    AIOT_SPAWN(&self->t, polls, &self->p);
    while (!aiot_done(&runs[0])) AIOT_YIELD();
    AIOT_SPAWN(&runs[0], run, &frames[0], .error = 7);
    AIOT_JOIN(&self->t);
    AIOT_END();
}

/* A future that is made anew, and ends anew, before a gather and a shield hear of its first end. */
struct future_anew { AIOT_FRAME; aiot_future f; AIOT_GATHER_SET(1) all; aiot_shield guard; };
static AIOT_CORO(future_anew)
{
    AIOT_BEGIN();
    aiot_future_init(&self->f, task->loop);
    aiot_gather(&self->all, &self->f);
    aiot_shield(&self->guard, &self->f);
    aiot_future_set_result(&self->f, 1);
    aiot_future_init(&self->f, task->loop);
    aiot_future_set_error(&self->f, 7, NULL);
    AIOT_SLEEP(1);
    say("%d %d ", aiot_result(&self->all), aiot_result(&self->guard));
    AIOT_END();
}

/* A gather that is cancelled leaves alone the new run of a member whose end it has had; given twice, too. */
struct gathers { AIOT_FRAME; AIOT_GATHER_SET(3) all; };
static AIOT_CORO(gathers) { AIOT_BEGIN(); AIOT_GATHER(&self->all, &runs[0], &runs[1], &runs[0]); AIOT_END(); }
struct gather_cancelled { AIOT_FRAME; struct gathers g; aiot_task t; };
static AIOT_CORO(gather_cancelled)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&runs[0], run, &frames[0], .delay = 1);
    AIOT_SPAWN(&runs[1], run, &frames[1], .delay = 9);
    AIOT_SPAWN(&self->t, gathers, &self->g);
    AIOT_SLEEP(2);
    AIOT_SPAWN(&runs[0], run, &frames[0], .delay = 3);
    AIOT_SLEEP(1);
    aiot_cancel(&self->t);
    AIOT_SLEEP(9);
    AIOT_END();
}

/* Shields given up at once, again and again, while what they shield ends and is started again. */
struct starts_again { AIOT_FRAME; int i; };
static AIOT_CORO(starts_again)
{
    AIOT_BEGIN();
    for (; self->i < 60; self->i++) {
        if (aiot_task_idle(&runs[0])) AIOT_SPAWN(&runs[0], run, &frames[0], .yields = 3, .error = AIOT_ECANCELED);
        AIOT_YIELD();
    }
    AIOT_END();
}
struct gives_up { AIOT_FRAME; aiot_shield guard; aiot_timeout limit; int i; };
static AIOT_CORO(gives_up)
{
    AIOT_BEGIN();
    for (; self->i < 20; self->i++) {
        AIOT_YIELD();
        aiot_shield(&self->guard, &runs[0]);
        AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, &self->guard); } AIOT_EXCEPT_ANY { }
    }
    AIOT_END();
}
struct given_up { AIOT_FRAME; struct starts_again s; struct gives_up g; aiot_task t, u; };
static AIOT_CORO(given_up)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, starts_again, &self->s);
    AIOT_SPAWN(&self->u, gives_up, &self->g);
    AIOT_JOIN(&self->t);
    AIOT_JOIN(&self->u);
    say("alive ");
    AIOT_END();
}

/* A shield that was given up and made again in one turn counts as two: its first reports the error, its second raises it. */
static void hear(aiot_loop *loop_, const aiot_report *report) { (void)loop_; say("late:%d ", report->error.code); }
struct shielded_twice { AIOT_FRAME; aiot_shield guard; };
static AIOT_CORO(shielded_twice)
{
    AIOT_BEGIN();
    task->loop->on_error = hear;
    AIOT_SPAWN(&runs[0], run, &frames[0], .delay = 1, .error = 7);
    aiot_shield(&self->guard, &runs[0]);
    aiot_cancel(&self->guard);
    aiot_shield(&self->guard, &runs[0]);
    AIOT_TRY { AIOT_JOIN(&self->guard); } AIOT_EXCEPT(7) { say("7 "); }
    AIOT_END();
}

#define SAYS(text, coroutine) \
    do { \
        static struct coroutine program_; \
        aiot_loop_init_virtual(&loop); \
        CHECK_EQUAL(aiot_run(&loop, coroutine, &program_), AIOT_OK); \
        CHECK_SAID(text); \
    } while (0)

/* A future that fails twice in one turn, with one code and two texts: those who wait are told of the first. */
struct fails_twice { AIOT_FRAME; aiot_future f; AIOT_GATHER_SET(1) all; };
static AIOT_CORO(fails_twice)
{
    AIOT_BEGIN();
    aiot_future_init(&self->f, task->loop);
    aiot_gather(&self->all, &self->f);
    aiot_future_set_error(&self->f, 7, "first");
    aiot_future_init(&self->f, task->loop);
    aiot_future_set_error(&self->f, 7, "second");
    AIOT_TRY { AIOT_JOIN(&self->all); } AIOT_EXCEPT(7) { say("%s ", (const char *)aiot_caught(task).info); }
    AIOT_END();
}

/* A task whose error was told fails anew: that error is told, too, when it is started a third time. */
static void told_once_for_each_run(void)
{
    static struct run waits;
    static aiot_task waiter;
    aiot_loop_init_virtual(&loop);
    loop.on_error = hear;
    CHECK_EQUAL(aiot_spawn_on(&loop, &runs[0], run, &frames[0], .error = 5), 0);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("late:5 ");
    CHECK_EQUAL(aiot_spawn_on(&loop, &waiter, run, &waits, .delay = 9), 0);     /* it could ask: nothing is told before its end */
    for (int error = 6; error <= 7; error++) {
        CHECK_EQUAL(aiot_spawn_on(&loop, &runs[0], run, &frames[0], .error = error), 0);
        for (int turn = 0; turn < 3; turn++) (void)aiot_run_once(&loop);
    }
    CHECK_SAID("late:6 ");
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("ended late:7 ");
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
    SAYS("ended 7 ", read_late);
    SAYS("cancelled TimeoutError ", fails_meanwhile);
    SAYS("0 0 ", future_anew);
    SAYS("ended cancelled ended ", gather_cancelled);
    SAYS("alive ", given_up);
    SAYS("late:7 7 ", shielded_twice);
    SAYS("first ", fails_twice);
    told_once_for_each_run();
    return 0;
}
