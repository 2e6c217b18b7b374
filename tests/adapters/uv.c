/* uv.c - the rules of aiot_uv.h: what runs in a uv loop, what keeps it going, and that it sleeps when there is nothing to do. */
#define _GNU_SOURCE
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include "check.h"
#include "aiot_uv.h"
#include "adapters.h"
#include <fcntl.h>

static aiot_loop loop;
static struct aiot_uv inside;
static int ticks, turns_of_uv, closes;

static void count_tick(uv_timer_t *timer) { (void)timer; ticks++; }
static void count_turn(uv_check_t *check) { (void)check; turns_of_uv++; }
static void count_close(struct aiot_uv *u) { CHECK(u == &inside); closes++; }

#if AIOT_POLL == 1
#define RULES(X) X(sleeps_and_uv_timers_run_side_by_side) X(sockets_wake_it) X(what_nobody_waits_for_does_not_spin) \
    X(a_task_that_yields_does_not_stop_uv) X(a_uv_callback_may_spawn_and_wake) X(an_empty_loop_does_not_keep_uv_going) \
    X(a_delayed_callback_keeps_uv_going) X(it_may_be_started_again) \
    THREADED(X)
#if AIOT_THREADS
#define THREADED(X) X(posts_from_a_thread_wake_it)
#else
#define THREADED(X)
#endif
static AIOT_POLL_SET(8) poller;

/* Runs uv until it ends by itself, beside a timer and a counter of its turns that do not keep it going. Returns the milliseconds. */
static int run_uv(void)
{
    static uv_check_t check;
    static uv_timer_t timer;
    aiot_time start = aiot_now(&loop);
    ticks = turns_of_uv = 0;
    uv_check_init(uv_default_loop(), &check);
    uv_check_start(&check, count_turn);
    uv_timer_init(uv_default_loop(), &timer);
    uv_update_time(uv_default_loop());
    uv_timer_start(&timer, count_tick, 5, 5);
    uv_unref((uv_handle_t *)&check);
    uv_unref((uv_handle_t *)&timer);
    if (!uv_is_closing((uv_handle_t *)&inside.poll)) aiot_uv_update(&inside);      /* something was spawned, and uv may have no handle */
    CHECK_EQUAL(uv_run(uv_default_loop(), UV_RUN_DEFAULT), 0);
    int took = ms_since(&loop, start);
    uv_close((uv_handle_t *)&check, NULL);
    uv_close((uv_handle_t *)&timer, NULL);
    (void)uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return took;
}

struct naps { AIOT_FRAME; int times; aiot_time delay; };
static AIOT_CORO(naps)
{
    AIOT_BEGIN();
    for (; self->times > 0; self->times--) AIOT_SLEEP(self->delay);
    AIOT_END();
}
static struct naps nap, other_nap;
static aiot_task napping, other;

static void sleeps_and_uv_timers_run_side_by_side(void)
{
    aiot_spawn_on(&loop, &napping, naps, &nap, .times = 10, .delay = AIOT_MS(10));
    aiot_spawn_on(&loop, &other, naps, &other_nap, .times = 3, .delay = AIOT_MS(30));
    int took = run_uv();
    CHECK(aiot_done(&napping) && aiot_done(&other));
    CHECK(took >= 100);
    CHECK(ticks >= 5 && ticks <= took / 5 + 1); /* uv's own timer ran, */
    CHECK(turns_of_uv < 120);                   /* and nothing span */
}

/* Two tasks that send a byte to and fro. */
struct plays { AIOT_FRAME; int number, times; bool begins; char byte; aiot_fd fd; };
static AIOT_CORO(plays)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_fd_open(&self->fd, task->loop, self->number), 0);
    for (; self->times > 0; self->times--) {
        if (self->begins) CHECK_EQUAL(write(self->fd.fd, "x", 1), 1);
        AIOT_READABLE(&self->fd);
        CHECK_EQUAL(read(self->fd.fd, &self->byte, 1), 1);
        if (!self->begins) CHECK_EQUAL(write(self->fd.fd, "x", 1), 1);
    }
    CHECK_EQUAL(aiot_fd_close(&self->fd), 0);
    AIOT_END();
}
static void make_pair(int ends[2])
{
    CHECK_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (int i = 0; i < 2; i++) CHECK(fcntl(ends[i], F_SETFL, O_NONBLOCK) == 0);
}
static void sockets_wake_it(void)
{
    static struct plays one, two;
    int ends[2];
    make_pair(ends);
    aiot_spawn_on(&loop, &napping, plays, &one, .number = ends[0], .times = 1000, .begins = true);
    aiot_spawn_on(&loop, &other, plays, &two, .number = ends[1], .times = 1000);
    (void)run_uv();
    CHECK_EQUAL(aiot_result(&napping), AIOT_OK);
    CHECK_EQUAL(aiot_result(&other), AIOT_OK);
}

/* The kernel still watches a socket that is readable, and nobody reads it. */
struct neglects { AIOT_FRAME; int number; aiot_fd fd; };
static AIOT_CORO(neglects)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_fd_open(&self->fd, task->loop, self->number), 0);
    AIOT_READABLE(&self->fd);
    AIOT_SLEEP(AIOT_MS(50));
    AIOT_READABLE(&self->fd);
    CHECK_EQUAL(aiot_fd_close(&self->fd), 0);
    AIOT_END();
}
static void what_nobody_waits_for_does_not_spin(void)
{
    static struct neglects one;
    int ends[2];
    make_pair(ends);
    CHECK_EQUAL(write(ends[1], "x", 1), 1);
    aiot_spawn_on(&loop, &napping, neglects, &one, .number = ends[0]);
    CHECK(run_uv() >= 50);
    CHECK(turns_of_uv < 40);
    close(ends[1]);
}

struct yields { AIOT_FRAME; };
static AIOT_CORO(yields)
{
    AIOT_BEGIN();
    while (ticks < 5) AIOT_YIELD();
    AIOT_END();
}
static void a_task_that_yields_does_not_stop_uv(void)
{
    static struct yields one;
    ticks = 0;
    aiot_spawn_on(&loop, &napping, yields, &one);
    (void)run_uv();
    CHECK_EQUAL(aiot_result(&napping), AIOT_OK);
}

/* A task that waits for a future, and a uv callback that ends it and spawns another. */
struct awaits { AIOT_FRAME; aiot_future *future; };
static AIOT_CORO(awaits)
{
    AIOT_BEGIN();
    AIOT_JOIN(self->future);
    AIOT_END();
}
static aiot_future future;
static void spawn_and_wake(uv_timer_t *timer)
{
    aiot_spawn_on(&loop, &other, naps, &nap, .times = 1, .delay = AIOT_MS(20));
    aiot_future_set_result(&future, 1);
    uv_close((uv_handle_t *)timer, NULL);
}
static void a_uv_callback_may_spawn_and_wake(void)
{
    static uv_timer_t timer;
    static struct awaits one;
    aiot_future_init(&future, &loop);
    aiot_spawn_on(&loop, &napping, awaits, &one, .future = &future);
    uv_timer_init(uv_default_loop(), &timer);
    uv_timer_start(&timer, spawn_and_wake, 20, 0);
    CHECK(run_uv() >= 40);
    CHECK_EQUAL(aiot_result(&napping), AIOT_OK);
    CHECK_EQUAL(aiot_result(&other), AIOT_OK);
}

static void an_empty_loop_does_not_keep_uv_going(void)
{
    (void)run_uv();
    CHECK(turns_of_uv < 4);
}

static int count_call(void *count) { ++*(int *)count; return 0; }
static void a_delayed_callback_keeps_uv_going(void)
{
    static aiot_handle handle;
    int calls = 0;
    aiot_call_later(&loop, &handle, AIOT_MS(20), count_call, &calls);
    CHECK(run_uv() >= 20);
    CHECK_EQUAL(calls, 1);
}

static void it_may_be_started_again(void)
{
    aiot_spawn_on(&loop, &napping, naps, &nap, .times = 1, .delay = AIOT_MS(20));
    for (int i = 0; i < 2; i++) {
        aiot_uv_close(&inside, count_close);
        (void)run_uv();                         /* nothing runs meanwhile */
        CHECK(!aiot_done(&napping));
        CHECK_EQUAL(closes, i + 1);
        CHECK_EQUAL(aiot_uv_start(&inside, &loop, uv_default_loop()), 0);
    }
    (void)run_uv();
    CHECK(aiot_done(&napping));
}

#if AIOT_THREADS
/* Another thread raises a signal; a task waits for it. */
enum { RAISES = 50 };
static aiot_signal raised;
static int given, taken;
struct takes { AIOT_FRAME; };
static AIOT_CORO(takes)
{
    AIOT_BEGIN();
    while (taken < RAISES) {
        AIOT_SIGNAL_WAIT(&raised);
        taken = __atomic_load_n(&given, __ATOMIC_SEQ_CST);
    }
    AIOT_END();
}
static void *raise_often(void *unused)
{
    (void)unused;
    for (int i = 0; i < RAISES; i++) {
        usleep(1000);
        __atomic_add_fetch(&given, 1, __ATOMIC_SEQ_CST);
        aiot_signal_raise(&raised);
    }
    return NULL;
}
static void posts_from_a_thread_wake_it(void)
{
    static struct takes one;
    pthread_t thread;
    aiot_signal_init(&raised, &loop);
    aiot_spawn_on(&loop, &napping, takes, &one);
    CHECK_EQUAL(pthread_create(&thread, NULL, raise_often, NULL), 0);
    CHECK(run_uv() >= RAISES);
    CHECK_EQUAL(taken, RAISES);
    CHECK(ticks >= 5);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}
#endif

static void run_rules(void)
{
    CHECK_EQUAL(aiot_uv_start(&inside, &loop, uv_default_loop()), AIOT_EBADF);      /* no aiot_poll_open() */
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_uv_start(&inside, &loop, uv_default_loop()), 0);
#define RULE(name) name();
    RULES(RULE)
    aiot_uv_close(&inside, count_close);
    CHECK_EQUAL(uv_run(uv_default_loop(), UV_RUN_DEFAULT), 0);
    CHECK_EQUAL(closes, 3);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#else
static AIOT_POLL_SET(8) poller;
static void run_rules(void)
{
    (void)count_tick, (void)count_turn, (void)count_close, (void)ticks, (void)turns_of_uv, (void)closes;
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_uv_start(&inside, &loop, uv_default_loop()), AIOT_EBADF);      /* poll(2) has no descriptor */
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    CHECK_EQUAL(uv_run(uv_default_loop(), UV_RUN_DEFAULT), 0);
}
#endif

int main(void)
{
    (void)uv_default_loop();
    aiot_loop_init(&loop);
    int before = open_descriptors();
    run_rules();
    CHECK_EQUAL(open_descriptors(), before);
    CHECK_EQUAL(uv_loop_close(uv_default_loop()), 0);
    CHECK_EQUAL(complaints, 0);
    return 0;
}
