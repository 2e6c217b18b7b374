/* testing.c - the tools with which users test their own code: each finds the bug that is planted for it, and says nothing of correct code. */
#define _POSIX_C_SOURCE 200809L
#define AIOT_DEBUG 1
#define AIOT_THREADS 1
#define AIOT_POLL 1
#include <pthread.h>
#include "check.h"

static aiot_loop loop;
static aiot_task tested;
static int open_files;
static aiot_lock lock;
enum { E_DISK = 7 };

/* ---- A cancel, a limit, an error at each await. */
struct waits { AIOT_FRAME; };
static AIOT_CORO(waits) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_S(3)); AIOT_YIELD(); AIOT_END(); }

enum bug { NONE, LEAKS, LEAVES_A_TASK, HANGS, SWALLOWS, ENDS_OTHERWISE };
struct uses_files { AIOT_FRAME; enum bug bug; aiot_waiter w; struct waits awaited, spawned; aiot_task t; aiot_event never; };
static AIOT_CORO(uses_files)
{
    AIOT_BEGIN();
    AIOT_LOCK_ACQUIRE(&lock, &self->w);
    open_files++;
    if (self->bug == LEAKS) AIOT_SLEEP(1);
    AIOT_TRY {
        AIOT_SLEEP(AIOT_S(1));
        AIOT_YIELD();
        AIOT_SPAWN(&self->t, waits, &self->spawned);
        AIOT_TRY {
            AIOT_JOIN(&self->t);
        } AIOT_EXCEPT_ALL {
            if (self->bug != LEAVES_A_TASK) aiot_cancel(&self->t);
            AIOT_RERAISE();
        }
        AIOT_AWAIT(waits, &self->awaited);
    } AIOT_EXCEPT_ALL {
        if (self->bug == HANGS) AIOT_EVENT_WAIT(&self->never, &self->w);
        if (self->bug == ENDS_OTHERWISE) AIOT_RAISE(99);
        if (self->bug != SWALLOWS) AIOT_RERAISE();
    } AIOT_FINALLY {
        open_files--;
        aiot_lock_release(&lock);
    }
    AIOT_YIELD();                               /* the task it may have cancelled ends here */
    AIOT_END();
}
static struct uses_files frame;
static int begin(aiot_test *t)
{
    open_files = 0;
    memset(&lock, 0, sizeof lock);
    memset(&frame, 0, sizeof frame);
    return aiot_spawn_on(t->loop, t->task, uses_files, &frame, .bug = *(enum bug *)t->user);
}
static aiot_test prepared(enum bug *bug)
{
    aiot_test t = { .loop = &loop, .task = &tested, .begin = begin, .counter = &open_files, .user = bug };
    return t;
}

static void correct_code_is_clean(void)
{
    enum bug bug = NONE;
    aiot_test t = prepared(&bug);
    CHECK_EQUAL(aiot_test_time_out_everywhere(&t), 0);
    CHECK_EQUAL(t.awaits, 6);                   /* sleep, yield, join, sleep, yield, yield; the lock is free */
    CHECK_EQUAL(aiot_test_cancel_everywhere(&t), 0);
}
static void each_bug_is_found(void)
{
    static const struct { enum bug bug; int cancels, fails; } CASES[] = {
        { LEAKS, 1, 1 }, { LEAVES_A_TASK, 0, 1 }, { HANGS, 5, 5 }, { SWALLOWS, 5, 5 }, { ENDS_OTHERWISE, 5, 5 },
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        enum bug bug = CASES[i].bug;
        aiot_test t = prepared(&bug);
        CHECK_EQUAL(aiot_test_cancel_everywhere(&t), CASES[i].cancels);
        CHECK_EQUAL(aiot_test_time_out_everywhere(&t), CASES[i].cancels);
        t.may_refuse = bug != ENDS_OTHERWISE;
        CHECK_EQUAL(aiot_test_cancel_everywhere(&t), bug == SWALLOWS ? 0 : CASES[i].cancels);
    }
}
static void a_wait_that_fails_is_taken_out_of_what_it_waits_for(void)
{
    enum bug bug = LEAVES_A_TASK;
    aiot_test t = prepared(&bug);
    CHECK_EQUAL(aiot_test_fail_everywhere(&t, E_DISK), 1);      /* at the join: the task that it leaves is found */
    bug = NONE;
    CHECK_EQUAL(aiot_test_fail_everywhere(&t, E_DISK), 1);      /* a cancelled task needs a turn more than an error does to end */
}
static int says_no(aiot_test *t) { return t->strikes_at == 2 ? 5 : 0; }
static int cannot_begin(aiot_test *t) { (void)t; return AIOT_EINVAL; }
static void a_check_of_ones_own_counts(void)
{
    enum bug bug = NONE;
    aiot_test t = prepared(&bug);
    t.check = says_no;
    CHECK_EQUAL(aiot_test_cancel_everywhere(&t), 1);
    t.begin = cannot_begin;
    CHECK_EQUAL(aiot_test_cancel_everywhere(&t), AIOT_EINVAL);
    CHECK_EQUAL(aiot_test_orders(&t, 3), AIOT_EINVAL);
}

/* What fails, undisturbed, is found once; without a counter nothing is counted. One that never ends is given up. */
struct fails { AIOT_FRAME; bool for_ever; };
static AIOT_CORO(fails)
{
    AIOT_BEGIN();
    while (self->for_ever) AIOT_YIELD();
    AIOT_RAISE(E_DISK);
    AIOT_END();
}
static struct fails fails_frame;
static int begin_failing(aiot_test *t) { return aiot_spawn_on(t->loop, t->task, fails, &fails_frame, .for_ever = t->user != NULL); }
static void what_fails_undisturbed(void)
{
    aiot_test t = { .loop = &loop, .task = &tested, .begin = begin_failing };
    CHECK_EQUAL(aiot_test_cancel_everywhere(&t), 1);
    CHECK_EQUAL(t.awaits, 0);
    t.user = &t;
    CHECK_EQUAL(aiot_test_orders(&t, 1), 1);
}

/* An error at a wait that others share, and at one for an event. */
struct joins_too { AIOT_FRAME; aiot_task *t; };
static AIOT_CORO(joins_too) { AIOT_BEGIN(); AIOT_JOIN(self->t); AIOT_END(); }
struct shares_waits { AIOT_FRAME; struct waits w; struct joins_too j; aiot_task t, u; aiot_event event; aiot_waiter waiter; };
static AIOT_CORO(shares_waits)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, waits, &self->w);
    AIOT_SPAWN(&self->u, joins_too, &self->j, .t = &self->t);
    AIOT_TRY {
        AIOT_YIELD();
        AIOT_JOIN(&self->t);                    /* behind the other one */
        aiot_event_set(&self->event);
        aiot_event_clear(&self->event);
        AIOT_EVENT_WAIT(&self->event, &self->waiter);
    } AIOT_FINALLY {
        CHECK(self->waiter.link.next == NULL);
        if (!aiot_done(&self->u)) AIOT_JOIN(&self->u);          /* which was not lost */
    }
    AIOT_END();
}
static struct shares_waits shares_frame;
static int begin_sharing(aiot_test *t) { return aiot_spawn_on(t->loop, t->task, shares_waits, &shares_frame); }
static void an_error_at_a_wait_that_others_share(void)
{
    aiot_test t = { .loop = &loop, .task = &tested, .begin = begin_sharing, .counter = &open_files };
    open_files = 0;
    CHECK_EQUAL(aiot_test_fail_everywhere(&t, E_DISK), 1);      /* undisturbed it waits for an event that nobody sets */
    CHECK_EQUAL(t.awaits, 3);
}

/* ---- The order of a turn. */
static int written;
struct one { AIOT_FRAME; const char *name; int *fails; };
static AIOT_CORO(one) { AIOT_BEGIN(); say("%s", self->name); AIOT_YIELD(); say("%s", self->name); AIOT_END(); }
struct five { AIOT_FRAME; struct one frames[5]; aiot_task tasks[5]; AIOT_GATHER_SET(5) all; };
static AIOT_CORO(five)
{
    static const char *const NAMES[5] = { "a", "b", "c", "d", "e" };
    AIOT_BEGIN();
    for (int i = 0; i < 5; i++) AIOT_SPAWN(&self->tasks[i], one, &self->frames[i], .name = NAMES[i]);
    AIOT_YIELD();
    (void)aiot_cancel(&self->tasks[2]);         /* taken out of the list, wherever it stands */
    AIOT_GATHER_ALL_TASKS(&self->all, self->tasks, 5);
    AIOT_END();
}
static uint64_t order_of(uint64_t seed)
{
    static struct five frame_;
    check_notes[0] = '\0';
    aiot_loop_init_virtual(&loop);
    aiot_loop_shuffle(&loop, seed);
    CHECK_EQUAL(aiot_run(&loop, five, &frame_), AIOT_OK);
    return aiot_trace_hash(&loop);
}
static void a_seed_is_an_order(void)
{
    static char first[64], other[64];
    int different = 0;
    uint64_t hash = order_of(0);
    CHECK(strncmp(check_notes, "abcde", 5) == 0);               /* asyncio's */
    CHECK_EQUAL(order_of(0), hash);
    for (uint64_t seed = 1; seed <= 100; seed++) {
        hash = order_of(seed);
        memcpy(first, check_notes, sizeof first);
        CHECK_EQUAL(order_of(seed), hash);                      /* the same seed, the same run */
        CHECK(strcmp(first, check_notes) == 0);
        for (const char *c = "abde"; *c; c++) CHECK(strchr(first, *c) != NULL);     /* all run, but for one cancelled before its first step */
        if (strcmp(first, other) != 0) different++;
        memcpy(other, first, sizeof other);
    }
    CHECK(different > 80);
    check_notes[0] = '\0';
}

struct writer { AIOT_FRAME; };
static AIOT_CORO(writer) { AIOT_BEGIN(); written = 42; AIOT_YIELD(); AIOT_END(); }
struct reads_early { AIOT_FRAME; struct writer w; aiot_task t; };
static AIOT_CORO(reads_early)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, writer, &self->w);
    AIOT_YIELD();
    open_files = written == 42 ? 0 : 1;         /* in asyncio's order it always is */
    AIOT_JOIN(&self->t);
    AIOT_END();
}
static struct reads_early early;
static int begin_early(aiot_test *t)
{
    written = open_files = 0;
    memset(&early, 0, sizeof early);
    return aiot_spawn_on(t->loop, t->task, reads_early, &early);
}
static void a_hidden_order_is_found(void)
{
    aiot_test t = { .loop = &loop, .task = &tested, .begin = begin_early, .counter = &open_files };
    CHECK(aiot_test_orders(&t, 20) > 5);
}

/* In such an order a task may have begun anew, and wait in an inner coroutine, when the error of its run before is told: without its name. */
static struct { int named, unnamed; } told;
static void note_name(aiot_loop *l, const aiot_report *report)
{
    (void)l;
    CHECK_EQUAL(report->error.code, E_DISK);
    if (report->name == NULL) told.unnamed++;
    else told.named++;
    CHECK(report->name == NULL || strcmp(report->name, "fails_once") == 0);
}
struct fails_once { AIOT_FRAME; bool again; struct waits inner; };
static AIOT_CORO(fails_once)
{
    AIOT_BEGIN();
    if (self->again) AIOT_AWAIT(waits, &self->inner);
    AIOT_YIELD();
    AIOT_YIELD();
    if (!self->again) AIOT_RAISE(E_DISK);
    AIOT_END();
}
struct yields { AIOT_FRAME; int i; };
static AIOT_CORO(yields) { AIOT_BEGIN(); for (; self->i < 9; self->i++) AIOT_YIELD(); AIOT_END(); }
struct starts_it_again { AIOT_FRAME; struct fails_once f; struct yields y; aiot_task t, u; aiot_shield guard; int i; };
static AIOT_CORO(starts_it_again)
{
    AIOT_BEGIN();
    task->loop->on_error = note_name;
    AIOT_SPAWN(&self->u, yields, &self->y);
    AIOT_SPAWN(&self->t, fails_once, &self->f);
    aiot_shield(&self->guard, &self->t);
    aiot_cancel(&self->guard);                  /* the error is the loop's */
    while (!aiot_task_idle(&self->t)) AIOT_YIELD();
    AIOT_SPAWN(&self->t, fails_once, &self->f, .again = true);
    AIOT_JOIN(&self->t);
    AIOT_JOIN(&self->u);
    AIOT_END();
}
static void the_name_of_what_has_begun_anew(void)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        static struct starts_it_again program;
        aiot_loop_init_virtual(&loop);
        aiot_loop_shuffle(&loop, seed);
        CHECK_EQUAL(aiot_run(&loop, starts_it_again, &program), AIOT_OK);
    }
    CHECK(told.named > 0 && told.unnamed > 0);
}

/* ---- A virtual clock that waits for a thread. */
static AIOT_POLL_SET(2) poller;
static aiot_post post;
static aiot_event answered;
static int bring(void *unused) { (void)unused; aiot_event_set(&answered); aiot_clock_release(&loop); return 0; }
static void *think(void *unused)
{
    (void)unused;
    (void)nanosleep(&(struct timespec){ 0, 30000000 }, NULL);
    aiot_post_raise(&post);
    return NULL;
}
struct asks_a_thread { AIOT_FRAME; bool holds; pthread_t thread; aiot_waiter w; aiot_timeout limit; };
static AIOT_CORO(asks_a_thread)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pthread_create(&self->thread, NULL, think, NULL), 0);
    if (self->holds) aiot_clock_hold(task->loop);
    AIOT_YIELD();                               /* turns go on */
    AIOT_YIELD();
    AIOT_TRY {
        AIOT_TIMEOUT(&self->limit, AIOT_S(5)) { AIOT_EVENT_WAIT(&answered, &self->w); }
        say("answered at %d ", (int)(aiot_now(task->loop) / AIOT_S(1)));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        say("late ");
    }
    (void)pthread_join(self->thread, NULL);
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) { AIOT_SLEEP(AIOT_FOREVER); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }     /* time goes on */
    CHECK_END();
}
static void the_clock_waits_while_it_is_held(void)
{
    for (int holds = 0; holds < 2; holds++) {
        static struct asks_a_thread asks;
        aiot_event_clear(&answered);
        aiot_loop_init_virtual(&loop);
        CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
        aiot_post_init(&post, &loop, bring, NULL);
        CHECK_EQUAL(aiot_run(&loop, asks_a_thread, &asks, .holds = holds == 1), AIOT_OK);
        CHECK(check_end == &asks);
        CHECK_EQUAL(aiot_poll_close(&loop), 0);
        if (holds) CHECK_SAID("answered at 0 ");
        else CHECK_SAID("late ");               /* virtual seconds pass in a microsecond */
    }
}

/* Nothing is watched: the loop asks the idle hook until the clock is released. */
struct sleeps { AIOT_FRAME; };
static AIOT_CORO(sleeps) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_MS(1)); CHECK_END(); }
static void release(aiot_loop *of, aiot_time until)
{
    CHECK_EQUAL(until, AIOT_FOREVER);
    aiot_clock_release(of);
    of->idle = aiot_i_idle_virtual;
}
static void a_clock_that_is_held_without_descriptors(void)
{
    static struct sleeps sleeps_frame;
    aiot_loop_init_virtual(&loop);
    loop.idle = release;
    aiot_clock_hold(&loop);
    CHECK_EQUAL(aiot_run(&loop, sleeps, &sleeps_frame), AIOT_OK);
    CHECK_EQUAL(aiot_now(&loop), AIOT_MS(1));
}

/* A real clock cannot be held; and none is released more often than it was held. */
static void a_real_clock_goes_on(void)
{
    static struct sleeps sleeps_frame;
    aiot_loop_init(&loop);
    aiot_clock_hold(&loop);
    CHECK_EQUAL(aiot_run(&loop, sleeps, &sleeps_frame), AIOT_OK);
    CHECK(check_end == &sleeps_frame);
    aiot_loop_init_virtual(&loop);
    aiot_clock_release(&loop);
    CHECK_EQUAL(aiot_run(&loop, sleeps, &sleeps_frame), AIOT_OK);
}

int main(void)
{
    correct_code_is_clean();
    each_bug_is_found();
    a_wait_that_fails_is_taken_out_of_what_it_waits_for();
    a_check_of_ones_own_counts();
    what_fails_undisturbed();
    an_error_at_a_wait_that_others_share();
    a_seed_is_an_order();
    a_hidden_order_is_found();
    the_name_of_what_has_begun_anew();
    the_clock_waits_while_it_is_held();
    a_clock_that_is_held_without_descriptors();
    a_real_clock_goes_on();
    return 0;
}
