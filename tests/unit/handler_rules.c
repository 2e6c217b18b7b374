/* handler_rules.c - loop.on_error: errors that nobody waits for, each reported once, with its reason, its task and its line; and none
 * for those that somebody asked for. */
static int panics;
#define AIOT_PANIC(file, line, name, message) ((void)(file), (void)(line), (void)(name), (void)(message), (void)panics++)
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

static aiot_loop loop;
static aiot_report last;
static int reports;
static void hear(aiot_loop *loop_, const aiot_report *report)
{
    static const char *const names[] = { "callback", "shield", "left over", "group", "uncollected", "still runs" };
    CHECK(loop_ == &loop);
    CHECK(strlen(aiot_reason_text(report->reason)) > 10);
    last = *report;
    reports++;
    say("%s:%d*%d ", names[report->reason], report->error.code, (int)report->count);
}
static void begin(void)
{
    aiot_loop_init_virtual(&loop);
    CHECK((loop.on_error == NULL) == !AIOT_DEBUG);
    loop.on_error = hear;
    reports = 0;
    CHECK_EQUAL(complaints, 0);
    CHECK_EQUAL(panics, 0);
    CHECK_SAID("");
}

/* Raises after a delay; remembers its line, or that of its await. */
struct raises { AIOT_FRAME; aiot_time delay; int error; const char *info; unsigned line; };
static AIOT_CORO(raises)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->delay);
    self->line = __LINE__; AIOT_RAISE_INFO(self->error, self->info);
    AIOT_END();
}
struct awaits { AIOT_FRAME; int error; unsigned line; struct raises inner; };
static AIOT_CORO(awaits)
{
    AIOT_BEGIN();
    self->line = __LINE__; AIOT_AWAIT(raises, &self->inner, .error = self->error);
    AIOT_END();
}

/* ---------------------------------------------------------------------------------------------------------- a callback */
static int fails(void *argument) { return (int)(intptr_t)argument; }
static void callbacks(void)
{
    static aiot_handle a, b, c;
    aiot_future future;
    begin();
    aiot_future_init(&future, &loop);
    aiot_call_soon(&loop, &a, fails, (void *)(intptr_t)17);
    aiot_call_later(&loop, &b, AIOT_S(1), fails, (void *)(intptr_t)AIOT_ERUNTIME);
    aiot_add_done_callback(&future, &c, fails, (void *)(intptr_t)18);
    aiot_future_set_result(&future, 1);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("callback:17*1 callback:18*1 callback:-6*1 ");
    CHECK(last.source == NULL && last.name == NULL && last.line == 0 && last.error.info == NULL);
    aiot_call_soon(&loop, &a, fails, NULL);     /* 0 is no error */
    aiot_run_once(&loop);
    CHECK_SAID("");
    loop.on_error = NULL;                       /* nobody listens: dropped */
    aiot_call_soon(&loop, &a, fails, (void *)(intptr_t)17);
    aiot_run_once(&loop);
    CHECK_SAID("");
}

/* -------------------------------------------------------------------------------------------------------- a late shield */
struct late_shield { AIOT_FRAME; struct raises a; aiot_task t; aiot_shield guard; aiot_timeout limit; aiot_future future; };
static AIOT_CORO(late_shield)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, raises, &self->a, .delay = AIOT_S(2), .error = 7, .info = "seven");
    aiot_shield(&self->guard, &self->t);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->guard); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_SLEEP(AIOT_S(2));
    CHECK_SAID("shield:7*1 ");
    CHECK(last.source == AIOT_AWAITABLE(&self->t) && strcmp((const char *)last.error.info, "seven") == 0);
    CHECK(strcmp(last.name, "raises") == 0 && last.line == self->a.line);

    AIOT_SPAWN(&self->t, raises, &self->a, .delay = AIOT_S(2), .error = AIOT_ECANCELED);       /* a cancellation is no error */
    aiot_shield(&self->guard, &self->t);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->guard); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_SLEEP(AIOT_S(2));
    CHECK_SAID("");

    AIOT_SPAWN(&self->t, raises, &self->a, .delay = AIOT_S(2), .error = 8);                    /* somebody was there */
    aiot_shield(&self->guard, &self->t);
    AIOT_TRY { AIOT_JOIN(&self->guard); NOT_REACHED(); } AIOT_EXCEPT(8) { }
    CHECK_SAID("");

    aiot_future_init(&self->future, task->loop);                                               /* not a task: no name, no line */
    aiot_shield(&self->guard, &self->future);
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, AIOT_S(1), &self->guard); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    aiot_future_set_error(&self->future, 9, NULL);
    AIOT_SLEEP(1);
    CHECK_SAID("shield:9*1 ");
    CHECK(last.name == NULL && last.line == 0);
    AIOT_END();
}
static void shields(void)
{
    static struct late_shield program;
    begin();
    CHECK_EQUAL(aiot_run(&loop, late_shield, &program), AIOT_OK);
    CHECK_SAID("");
    CHECK_EQUAL(reports, 2);
}

/* ----------------------------------------------------------------------------------------------------------- left over */
static struct job left[3];
static aiot_task left_tasks[3];
struct leaves { AIOT_FRAME; };
static AIOT_CORO(leaves)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&left_tasks[0], job, &left[0], .delay = AIOT_FOREVER, .late_error = 7);
    AIOT_SPAWN(&left_tasks[1], job, &left[1], .delay = AIOT_FOREVER);
    AIOT_SPAWN(&left_tasks[2], job, &left[2], .delay = AIOT_FOREVER, .late_error = 8, .cleanup = AIOT_S(1));
    AIOT_YIELD();
    AIOT_END();
}
static void left_overs(void)
{
    static struct leaves program;
    begin();
    CHECK_EQUAL(aiot_run(&loop, leaves, &program), AIOT_OK);
    CHECK_SAID("left over:7*1 left over:8*1 "); /* and not once more as uncollected */
    CHECK(last.source == AIOT_AWAITABLE(&left_tasks[2]) && strcmp(last.name, "job") == 0 && last.line > 0);
    CHECK_EQUAL(aiot_result(&left_tasks[0]), 7);
    CHECK_EQUAL(aiot_run(&loop, leaves, &program), AIOT_OK);
    CHECK_SAID("left over:7*1 left over:8*1 ");
}

/* ------------------------------------------------------------------------------------- a group whose holder has ended */
/* Its block was left by goto, which debug builds notice. */
static struct { aiot_group group; aiot_group_task t[2]; struct raises a, b; } lost;
struct loses_a_group { AIOT_FRAME; };
static AIOT_CORO(loses_a_group)
{
    AIOT_BEGIN();
    AIOT_GROUP(&lost.group) {
        aiot_group_spawn(&lost.group, &lost.t[0], raises, &lost.a, .delay = AIOT_S(1), .error = 7, .info = "seven");
        aiot_group_spawn(&lost.group, &lost.t[1], raises, &lost.b, .delay = AIOT_S(2), .error = 8);
        goto out;
    }
out:;
    AIOT_END();
}
struct group_after_its_holder { AIOT_FRAME; struct loses_a_group l; aiot_task t; };
static AIOT_CORO(group_after_its_holder)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, loses_a_group, &self->l);
    AIOT_JOIN(&self->t);
    AIOT_SLEEP(AIOT_S(1));
    AIOT_SLEEP(1);
    CHECK_SAID("group:7*1 ");
    CHECK(last.source == AIOT_AWAITABLE(&lost.t[0]) && strcmp((const char *)last.error.info, "seven") == 0);
    CHECK(strcmp(last.name, "raises") == 0 && last.line == lost.a.line);
    AIOT_SLEEP(AIOT_S(2));
    CHECK_SAID("group:8*1 ");                   /* they are not cancelled by it */
    AIOT_END();
}
static void groups(void)
{
    static struct group_after_its_holder program;
    if (AIOT_DEBUG) return;                     /* the program stops where a block is left by goto */
    begin();
    CHECK_EQUAL(aiot_run(&loop, group_after_its_holder, &program), AIOT_OK);
    CHECK_SAID("");
}

/* --------------------------------------------------------------------------------------------------------- uncollected */
struct many { struct raises r[4]; struct awaits a; aiot_task t[4], u; };
static struct many m;
struct forgets { AIOT_FRAME; int n; };
static AIOT_CORO(forgets)
{
    AIOT_BEGIN();
    for (int i = 0; i < self->n; i++) AIOT_SPAWN(&m.t[i], raises, &m.r[i], .delay = i + 1, .error = 10 + i, .info = "info");
    AIOT_SPAWN(&m.u, awaits, &m.a, .error = self->n ? AIOT_ECANCELED : 5);
    AIOT_SLEEP(9);
    CHECK_SAID("");                             /* said at the end */
    AIOT_END();
}
/* However the loop is run, it is told: when the run returns, or when no task is left that could ask. */
struct sleeps { AIOT_FRAME; };
static AIOT_CORO(sleeps) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_S(1)); AIOT_END(); }
static int stops(void *argument) { aiot_loop_stop((aiot_loop *)argument); return 0; }
static int does_nothing(void *argument) { (void)argument; return 0; }
static void told_however_the_loop_is_run(void)
{
    static struct raises failing;
    static struct sleeps sleeping;
    static aiot_task fails_, sleeps_;
    static aiot_handle handle;
    enum { FOREVER, UNTIL, UNTIL_STOPPED, UNTIL_DEAD, ONCE, WAYS };
    for (int way = FOREVER; way < WAYS; way++) {
        begin();
        memset(&fails_, 0, sizeof fails_);
        memset(&sleeps_, 0, sizeof sleeps_);
        memset(&sleeping, 0, sizeof sleeping);
        memset(&handle, 0, sizeof handle);
        aiot_future never;
        aiot_future_init(&never, &loop);
        aiot_spawn_on(&loop, &fails_, raises, &failing, .delay = 5, .error = 7);
        if (way != UNTIL_DEAD) aiot_spawn_on(&loop, &sleeps_, sleeps, &sleeping);
        switch (way) {
        case FOREVER: CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK); break;
        case UNTIL: CHECK_EQUAL(aiot_run_until(&loop, &sleeps_), AIOT_OK); break;
        case UNTIL_STOPPED:
            aiot_call_later(&loop, &handle, AIOT_MS(1), stops, &loop);
            CHECK_EQUAL(aiot_run_until(&loop, &sleeps_), AIOT_ERUNTIME);
            break;
        case UNTIL_DEAD: CHECK_EQUAL(aiot_run_until(&loop, &never), AIOT_EDEADLK); break;
        default:
            while (aiot_loop_task_count(&loop) > 1) { aiot_clock_advance(&loop, 1); (void)aiot_run_once(&loop); }
            CHECK_SAID("");                     /* the other task could still ask */
            while (aiot_loop_task_count(&loop) > 0) { aiot_clock_advance(&loop, AIOT_S(1)); (void)aiot_run_once(&loop); }
            (void)aiot_run_once(&loop);
        }
        CHECK_SAID("uncollected:7*1 ");
        (void)aiot_run_once(&loop);
        if (way != UNTIL_STOPPED) CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
        CHECK_EQUAL(aiot_task_result(&fails_), 7);              /* asked after that: told all the same, and not again */
        CHECK_SAID("");
    }
}

/* A loop that goes on without tasks tells when it has nothing more to run. */
static void told_while_callbacks_wait(void)
{
    static struct raises failing;
    static aiot_task fails_;
    static aiot_handle first, second;
    begin();
    aiot_call_later(&loop, &first, AIOT_S(1), does_nothing, NULL);
    aiot_call_later(&loop, &second, AIOT_S(2), stops, &loop);
    aiot_spawn_on(&loop, &fails_, raises, &failing, .delay = 5, .error = 7);
    while (!aiot_task_done(&fails_)) { aiot_clock_advance(&loop, 5); (void)aiot_run_once(&loop); }
    CHECK_SAID("uncollected:7*1 ");
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("");
}

/* Of a task that is detached at once; not of one that somebody joins, or that ends well. */
struct detaches { AIOT_FRAME; struct raises r[3]; aiot_task t[3]; };
static AIOT_CORO(detaches)
{
    AIOT_BEGIN();
    for (int i = 0; i < 3; i++) {
        AIOT_SPAWN(&self->t[i], raises, &self->r[i], .delay = 5, .error = i == 2 ? AIOT_ECANCELED : 7 + i);
        aiot_task_detach(&self->t[i]);
    }
    AIOT_TRY { AIOT_JOIN(&self->t[1]); } AIOT_EXCEPT(8) { say("joined "); }
    CHECK_SAID("uncollected:7*1 joined ");
    CHECK(last.source == &self->t[0].awaitable && last.line == self->r[0].line);
    AIOT_END();
}
static void detached(void)
{
    static struct detaches program;
    begin();
    CHECK_EQUAL(aiot_run(&loop, detaches, &program), AIOT_OK);
    CHECK_SAID("");
}

static void uncollected_at_the_end(void)
{
    static struct forgets program;
    begin();
    memset(&m, 0, sizeof m);
    CHECK_EQUAL(aiot_run(&loop, forgets, &program, .n = 4), AIOT_OK);
    CHECK_SAID("uncollected:13*4 ");            /* four, and the last of them; a cancellation is none */
    CHECK(last.source == NULL && strcmp(last.name, "raises") == 0 && last.line == m.r[3].line && m.r[3].line > 0);
    CHECK(strcmp((const char *)last.error.info, "info") == 0);
    begin();
    memset(&m, 0, sizeof m);
    CHECK_EQUAL(aiot_run(&loop, forgets, &program, .n = 1), AIOT_OK);
    CHECK_SAID("uncollected:10*1 ");
    begin();
    memset(&m, 0, sizeof m);
    CHECK_EQUAL(aiot_run(&loop, forgets, &program), AIOT_OK);
    CHECK_SAID("uncollected:5*1 ");             /* raised further in: the outermost coroutine's line */
    CHECK(strcmp(last.name, "awaits") == 0 && last.line == m.a.line);
    begin();
    loop.on_error = NULL;
    memset(&m, 0, sizeof m);
    CHECK_EQUAL(aiot_run(&loop, forgets, &program, .n = 2), AIOT_OK);
    CHECK_SAID("");
    loop.on_error = hear;
    CHECK_EQUAL(aiot_run(&loop, job, &left[0]), AIOT_OK);
    CHECK_SAID("");                             /* those of the run before are forgotten */
}

struct main_raises { AIOT_FRAME; };
static AIOT_CORO(main_raises) { AIOT_BEGIN(); AIOT_RAISE(7); AIOT_END(); }
static void main_is_collected(void)             /* by aiot_run()'s answer */
{
    static struct main_raises program;
    static struct raises r;
    static aiot_task t;
    begin();
    CHECK_EQUAL(aiot_run(&loop, main_raises, &program), 7);
    CHECK_EQUAL(reports, 0);
    aiot_spawn_on(&loop, &t, raises, &r, .error = 8);
    CHECK_EQUAL(aiot_run_until(&loop, &t), 8);
    CHECK_EQUAL(aiot_run(&loop, main_raises, &program), 7);
    CHECK_EQUAL(reports, 0);
}

/* A task that is used again: its error is said at once. */
struct uses_again { AIOT_FRAME; struct raises r; aiot_task t; };
static AIOT_CORO(uses_again)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, raises, &self->r, .error = 7, .info = "seven");
    AIOT_SLEEP(1);
    AIOT_SPAWN(&self->t, raises, &self->r, .error = 8);
    CHECK_SAID("uncollected:7*1 ");
    CHECK(strcmp((const char *)last.error.info, "seven") == 0);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(8) { }
    AIOT_SPAWN(&self->t, raises, &self->r, .error = 9);
    CHECK_SAID("");
    AIOT_SLEEP(1);
    self->r.error = 10;
    AIOT_SPAWN_FRAME(&self->t, raises, &self->r);
    CHECK_SAID("uncollected:9*1 ");
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_result(&self->t), 10);
    AIOT_SPAWN(&self->t, raises, &self->r, .error = AIOT_ECANCELED);
    AIOT_SLEEP(1);
    AIOT_SPAWN(&self->t, raises, &self->r, .error = 11);
    AIOT_SLEEP(1);
    CHECK_SAID("");
    AIOT_END();
}
static void used_again(void)
{
    static struct uses_again program;
    begin();
    CHECK_EQUAL(aiot_run(&loop, uses_again, &program), AIOT_OK);
    CHECK_SAID("uncollected:11*1 ");
    CHECK_EQUAL(reports, 3);
}

/* Whatever way somebody learns of an error, it is not reported: before its end, or (`late`) after it. */
static int ask(void *argument) { CHECK_EQUAL(aiot_task_result((aiot_task *)argument), 7); say("done "); return 0; }
struct waits_for_it { AIOT_FRAME; aiot_task *t; };
static AIOT_CORO(waits_for_it) { AIOT_BEGIN(); AIOT_TRY { AIOT_JOIN(self->t); } AIOT_EXCEPT_APP { say("%d ", aiot_caught(task).code); } AIOT_END(); }
enum how {
    JOIN, JOIN_IN_ANOTHER, JOIN_FOR, JOIN_FOR_0, WAIT, GATHER, GATHER_ALL, SHIELD, AS_COMPLETED, CALLBACK, RESULT, TASK_RESULT, ERROR_OF, GROUP, HOWS
};
struct asks {
    AIOT_FRAME; int how; bool late; struct raises r, in_group; aiot_task t, u; struct waits_for_it w; aiot_timeout limit; aiot_handle handle; aiot_shield guard;
    AIOT_WAIT_SET(2) wait; AIOT_GATHER_SET(2) all; AIOT_AS_COMPLETED_SET(2) set; aiot_group group; aiot_group_task g;
};
static AIOT_CORO(asks)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, raises, &self->r, .error = 7, .delay = self->how == GROUP ? AIOT_FOREVER : AIOT_S(1));
    if (self->late) AIOT_SLEEP(AIOT_S(2));
    AIOT_TRY {
        if (self->how == JOIN) AIOT_JOIN(&self->t);
        if (self->how == JOIN_IN_ANOTHER) { AIOT_SPAWN(&self->u, waits_for_it, &self->w, .t = &self->t); AIOT_JOIN(&self->u); CHECK_SAID("7 "); }
        if (self->how == JOIN_FOR) AIOT_JOIN_FOR(&self->limit, AIOT_S(5), &self->t);
        if (self->how == JOIN_FOR_0 && self->late) AIOT_JOIN_FOR(&self->limit, 0, &self->t);
        if (self->how == WAIT) { AIOT_WAIT(&self->wait, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t); CHECK_EQUAL(aiot_result(&self->t), 7); }
        if (self->how == GATHER) AIOT_GATHER(&self->all, &self->t);
        if (self->how == GATHER_ALL) AIOT_GATHER_ALL(&self->all, &self->t);
        if (self->how == SHIELD) AIOT_SHIELD(&self->guard, &self->t);
        if (self->how == AS_COMPLETED) { aiot_as_completed(&self->set, AIOT_FOREVER, &self->t); AIOT_NEXT_COMPLETED(&self->set); }
        if (self->how == CALLBACK) aiot_add_done_callback(&self->t, &self->handle, ask, &self->t);
        if (self->how == GROUP) { AIOT_GROUP(&self->group) { aiot_group_spawn(&self->group, &self->g, raises, &self->in_group, .error = 7); } }
        AIOT_SLEEP(AIOT_S(2));
        if (self->how == RESULT) { CHECK_EQUAL(aiot_result(&self->t), 7); CHECK_EQUAL(aiot_result(&self->t), 7); }
        if (self->how == TASK_RESULT) CHECK_EQUAL(aiot_task_result(&self->t), 7);
        if (self->how == ERROR_OF) CHECK_EQUAL(aiot_error_of(&self->t).code, 7);
        if (self->how == JOIN_FOR_0 && !self->late) AIOT_JOIN_FOR(&self->limit, 0, &self->t);
    } AIOT_EXCEPT(7) { say("7 "); } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    AIOT_END();
}
static void asked_for(void)
{
    static struct asks program;
    static const char *const said[HOWS] = { "7 ", "", "7 ", "7 ", "", "7 ", "", "7 ", "7 ", "done ", "", "", "", "group " };
    for (int how = 0; how < HOWS; how++) for (int late = 0; late < 2; late++) {
        begin();
        CHECK_EQUAL(aiot_run(&loop, asks, &program, .how = how, .late = late != 0), AIOT_OK);
        CHECK_SAID(said[how]);
        CHECK_EQUAL(reports, 0);
    }
}

/* To look whether it is done, to wait for that or to be called then is not to take its error. */
static int look(void *argument) { (void)argument; say("done "); return 0; }
static int look_at(void *argument) { CHECK_EQUAL(aiot_task_result((aiot_task *)argument), 10); return 0; }
enum how_to_look { LOOK, LOOK_WAIT, LOOK_AS_COMPLETED, LOOK_READ, LOOK_CALLBACK, LOOKS };
struct only_looks {
    AIOT_FRAME; int how; bool late; struct raises r; aiot_task t; aiot_handle handle; AIOT_WAIT_SET(1) wait; AIOT_AS_COMPLETED_SET(1) set;
};
static AIOT_CORO(only_looks)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, raises, &self->r, .error = 7, .delay = 1);
    if (self->late) AIOT_SLEEP(2);
    if (self->how == LOOK_WAIT) AIOT_WAIT(&self->wait, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->t);
    if (self->how == LOOK_AS_COMPLETED) { aiot_as_completed(&self->set, AIOT_FOREVER, &self->t); AIOT_SLEEP(1); aiot_as_completed_close(&self->set); }
    if (self->how == LOOK_READ) { aiot_as_completed(&self->set, AIOT_FOREVER, &self->t); AIOT_WAIT_COMPLETED(&self->set); }
    if (self->how == LOOK_CALLBACK) aiot_add_done_callback(&self->t, &self->handle, look, NULL);
    AIOT_SLEEP(2);
    CHECK(aiot_done(&self->t) && !aiot_cancelled(&self->t));
    AIOT_END();
}
static void looked_at(void)
{
    static struct only_looks program;
    for (int how = 0; how < LOOKS; how++) for (int late = 0; late < 2; late++) {
        begin();
        CHECK_EQUAL(aiot_run(&loop, only_looks, &program, .how = how, .late = late != 0), AIOT_OK);
        CHECK_SAID(how == LOOK_CALLBACK ? "done uncollected:7*1 " : "uncollected:7*1 ");
    }
}

/* What asyncio takes for asked: the error of a member that fails after its gather has failed; that of a task that is cancelled when it
 * has failed; those that wait(FIRST_EXCEPTION) looks at. */
enum how_to_drop { DROP_GATHER, DROP_GATHER_ANEW, DROP_CANCEL, DROP_WAIT, DROPS };
struct drops {
    AIOT_FRAME; int how; struct raises r, r2; aiot_task t, t2; AIOT_GATHER_SET(2) all; AIOT_WAIT_SET(2) wait;
};
static AIOT_CORO(drops)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, raises, &self->r, .error = 7, .delay = 1);
    AIOT_SPAWN(&self->t2, raises, &self->r2, .error = 8, .delay = 2);
    AIOT_TRY {
        if (self->how == DROP_GATHER) AIOT_GATHER(&self->all, &self->t, &self->t2);
        if (self->how == DROP_GATHER_ANEW) { aiot_gather(&self->all, &self->t, &self->t2); AIOT_GATHER_ALL(&self->all, &self->t); }
        if (self->how == DROP_WAIT) {
            AIOT_WAIT(&self->wait, AIOT_FIRST_EXCEPTION, AIOT_FOREVER, &self->t, &self->t2);
            CHECK(aiot_wait_is_done(&self->wait, 0) && !aiot_wait_is_done(&self->wait, 1));
        }
        AIOT_SLEEP(3);
    } AIOT_EXCEPT(7) { AIOT_SLEEP(3); }
    if (self->how == DROP_CANCEL) CHECK(!aiot_cancel(&self->t));
    if (self->how == DROP_CANCEL || self->how == DROP_WAIT) CHECK(!aiot_cancel(&self->t2));
    AIOT_END();
}
static void dropped(void)
{
    static struct drops program;
    for (int how = 0; how < DROPS; how++) {
        begin();
        CHECK_EQUAL(aiot_run(&loop, drops, &program, .how = how), AIOT_OK);
        CHECK_SAID("");
    }
}

/* A shield takes the error in its turn.  Cancelled before that, even in the very turn in which its task fails, it does not; but wait()
 * asks for it all the same.  A task that is spawned again before that turn: the shield will have told. */
enum how_to_miss { CANCEL_THEN_FAIL, FAIL_THEN_CANCEL, WAIT_CANCELLED, AGAIN_BEFORE_THE_SHIELD, MISSES };
struct shields_or_waits { AIOT_FRAME; bool waits; aiot_task *t, *t2; aiot_shield *guard; AIOT_WAIT_SET(2) wait; };
static AIOT_CORO(shields_or_waits)
{
    AIOT_BEGIN();
    if (self->waits) AIOT_WAIT(&self->wait, AIOT_FIRST_EXCEPTION, AIOT_FOREVER, self->t, self->t2);
    else AIOT_SHIELD(self->guard, self->t);
    AIOT_END();
}
struct misses {
    AIOT_FRAME; int how; struct raises r, r2; struct shields_or_waits w; aiot_task t, t2, u; aiot_shield guard; aiot_handle handle;
};
static int again(void *argument)
{
    struct misses *self = (struct misses *)argument;
    aiot_spawn_on(&loop, &self->t, raises, &self->r, .error = AIOT_ECANCELED);
    return 0;
}
static AIOT_CORO(misses)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, raises, &self->r, .error = 7, .delay = 1);
    AIOT_SPAWN(&self->t2, raises, &self->r2, .error = AIOT_ECANCELED, .delay = 2);
    if (self->how == AGAIN_BEFORE_THE_SHIELD) aiot_add_done_callback(&self->t, &self->handle, again, self);
    AIOT_SPAWN(&self->u, shields_or_waits, &self->w, .waits = self->how == WAIT_CANCELLED,
               .t = &self->t, .t2 = &self->t2, .guard = &self->guard);
    if (self->how == FAIL_THEN_CANCEL) AIOT_YIELD();            /* else this sleeps first, and wakes first */
    AIOT_SLEEP(1);
    CHECK(aiot_done(&self->t) == (self->how == FAIL_THEN_CANCEL));
    if (self->how != AGAIN_BEFORE_THE_SHIELD) aiot_cancel(&self->u);
    AIOT_SLEEP(3);
    CHECK_EQUAL(aiot_task_result(&self->u), self->how == AGAIN_BEFORE_THE_SHIELD ? 7 : AIOT_ECANCELED);
    AIOT_END();
}
static void missed(void)
{
    static struct misses program;
    static const char *const said[MISSES] = { "uncollected:7*1 ", "uncollected:7*1 ", "", "" };
    for (int how = 0; how < MISSES; how++) {
        begin();
        memset(&program, 0, sizeof program);
        CHECK_EQUAL(aiot_run(&loop, misses, &program, .how = how), AIOT_OK);
        CHECK_SAID(said[how]);
    }
}

/* A wait_for with no time to wait is cancelled so many turns after it began: until it has resumed, it does not ask how the task that it
 * cancelled has ended. */
struct raises_late { AIOT_FRAME; };
static AIOT_CORO(raises_late)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) { AIOT_RAISE(7); }
    AIOT_END();
}
struct has_no_time { AIOT_FRAME; aiot_task *t; aiot_timeout limit; };
static AIOT_CORO(has_no_time)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN_FOR(&self->limit, 0, self->t); } AIOT_EXCEPT(7) { say("asked "); }
    AIOT_END();
}
struct no_time { AIOT_FRAME; int turns; struct raises_late r; struct has_no_time w; aiot_task t, u; };
static AIOT_CORO(no_time)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, raises_late, &self->r);
    AIOT_YIELD();
    AIOT_SPAWN(&self->u, has_no_time, &self->w, .t = &self->t);
    for (; self->turns > 0; self->turns--) AIOT_YIELD();
    aiot_cancel(&self->u);
    AIOT_SLEEP(1);
    CHECK(aiot_done(&self->u));
    if (!aiot_done(&self->t)) aiot_cancel(&self->t);            /* it had not begun to wait */
    AIOT_SLEEP(1);
    CHECK(aiot_done(&self->t) && !aiot_cancelled(&self->t));
    AIOT_END();
}
static void cancelled_with_no_time(void)
{
    static struct no_time program;
    for (int turns = 0; turns < 6; turns++) {
        begin();
        CHECK_EQUAL(aiot_run(&loop, no_time, &program, .turns = turns), AIOT_OK);
        CHECK_SAID(turns < 4 ? "uncollected:7*1 " : "asked ");
    }
}

struct uses_both_again { AIOT_FRAME; };
static AIOT_CORO(uses_both_again)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&m.t[i], raises, &m.r[i], .error = AIOT_ECANCELED);
    AIOT_SLEEP(1);
    AIOT_END();
}
/* Each run tells of its own: one that is asked for late does not count for another. */
static void told_once(void)
{
    static struct forgets program;
    begin();
    memset(&m, 0, sizeof m);
    CHECK_EQUAL(aiot_run(&loop, forgets, &program, .n = 1), AIOT_OK);
    CHECK_SAID("uncollected:10*1 ");
    static struct many first;
    memcpy(&first, &m, sizeof m);               /* ended tasks are plain memory */
    memset(&m, 0, sizeof m);
    aiot_task *late = &first.t[0];
    static aiot_handle handle;
    aiot_call_later(&loop, &handle, 5, look_at, late);
    CHECK_EQUAL(aiot_run(&loop, forgets, &program, .n = 1), AIOT_OK);
    CHECK_SAID("uncollected:10*1 ");
    CHECK_EQUAL(aiot_run(&loop, forgets, &program, .n = 2), AIOT_OK);
    CHECK_SAID("uncollected:11*2 ");            /* the tasks are used again: what the end of the run before has told is told */
    static struct uses_both_again other;
    CHECK_EQUAL(aiot_run(&loop, uses_both_again, &other), AIOT_OK);
    CHECK_SAID("uncollected:10*1 ");            /* that run told one of two with its code */
}

/* The last error has been asked for, one before it not: there was one, and which is no longer known. */
struct asks_last { AIOT_FRAME; };
static AIOT_CORO(asks_last)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&m.t[i], raises, &m.r[i], .delay = i + 1, .error = 10 + i, .info = "info");
    AIOT_SLEEP(9);
    CHECK_EQUAL(aiot_result(&m.t[1]), 11);
    AIOT_END();
}
static void last_one_asked_for(void)
{
    static struct asks_last program;
    static struct forgets other;
    begin();
    memset(&m, 0, sizeof m);
    CHECK_EQUAL(aiot_run(&loop, asks_last, &program), AIOT_OK);
    CHECK_SAID("uncollected:0*1 ");
    CHECK(last.name == NULL && last.line == 0 && last.error.info == NULL && last.source == NULL);
    CHECK_EQUAL(aiot_result(&m.t[0]), 10);      /* said already: counts no more */
    CHECK_EQUAL(aiot_run(&loop, forgets, &other, .n = 1), AIOT_OK);
    CHECK_SAID("uncollected:10*1 ");
    memset(&m, 0, sizeof m);
}

/* A handler that starts the failed task again: who is about to do that, too, is refused. */
static struct raises second;
static aiot_task again_task;
static void starts_it_again(aiot_loop *loop_, const aiot_report *report)
{
    hear(loop_, report);
    if (report->source == &again_task.awaitable) say("%d ", aiot_spawn_on(loop_, &again_task, raises, &second, .delay = 5, .error = 6));
}
struct supervised { AIOT_FRAME; struct raises first; };
static AIOT_CORO(supervised)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&again_task, raises, &self->first, .error = 5);
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_spawn(&again_task, raises, &self->first, .error = 7), AIOT_ERUNTIME);
    CHECK_SAID("uncollected:5*1 0 ");
    AIOT_TRY { AIOT_JOIN(&again_task); NOT_REACHED(); } AIOT_EXCEPT(6) { }
    CHECK_EQUAL(aiot_now(&loop), 6);
    AIOT_END();
}
static void handler_starts_it_again(void)
{
    static struct supervised program;
    begin();
    loop.on_error = starts_it_again;
    CHECK_EQUAL(aiot_run(&loop, supervised, &program), AIOT_OK);
    complaints = 0;                             /* debug builds say that it was refused */
}

/* A handler names 1 to 16 codes: each number of them is counted right, for the last one is found. */
struct the_last_of_1_to_16_codes { AIOT_FRAME; };
#define LAST_OF(n, ...) AIOT_TRY { AIOT_RAISE(n); } AIOT_EXCEPT(__VA_ARGS__) { say("%d ", n); }
static AIOT_CORO(the_last_of_1_to_16_codes)
{
    AIOT_BEGIN();
    LAST_OF(1, 1)
    LAST_OF(2, 1, 2)
    LAST_OF(3, 1, 2, 3)
    LAST_OF(4, 1, 2, 3, 4)
    LAST_OF(5, 1, 2, 3, 4, 5)
    LAST_OF(6, 1, 2, 3, 4, 5, 6)
    LAST_OF(7, 1, 2, 3, 4, 5, 6, 7)
    LAST_OF(8, 1, 2, 3, 4, 5, 6, 7, 8)
    LAST_OF(9, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    LAST_OF(10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    LAST_OF(11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    LAST_OF(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
    LAST_OF(13, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
    LAST_OF(14, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
    LAST_OF(15, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    LAST_OF(16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    CHECK_SAID("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 ");
    CHECK_END();
}

int main(void)
{
    callbacks();
    shields();
    left_overs();
    groups();
    told_however_the_loop_is_run();
    told_while_callbacks_wait();
    detached();
    uncollected_at_the_end();
    dropped();
    missed();
    cancelled_with_no_time();
    told_once();
    main_is_collected();
    used_again();
    asked_for();
    looked_at();
    last_one_asked_for();
    handler_starts_it_again();
    RUN(the_last_of_1_to_16_codes);
    return 0;
}
