/* glib.c - the rules of aiot_glib.h: what runs in a GLib main context, and that it sleeps when there is nothing to do. */
#define _GNU_SOURCE
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include "check.h"
#include "aiot_glib.h"
#include "adapters.h"
#include <fcntl.h>

static aiot_loop loop;
static AIOT_POLL_SET(8) poller;
static GSource *inside;

#if AIOT_POLL == 1
#define RULES(X) X(sleeps_and_glibs_timers_run_side_by_side) X(sockets_wake_it) X(what_nobody_waits_for_does_not_spin) \
    X(a_task_that_yields_does_not_stop_glib) X(a_glib_callback_may_spawn_and_wake) X(a_task_may_quit_the_main_loop) \
    X(it_may_be_attached_again) \
    THREADED(X)
#if AIOT_THREADS
#define THREADED(X) X(posts_from_a_thread_wake_it)
#else
#define THREADED(X)
#endif

static int ticks, iterations;
static gboolean count_tick(gpointer unused) { (void)unused; ticks++; return G_SOURCE_CONTINUE; }

/* Runs GLib until a task has ended, beside a timer of GLib's. Returns the milliseconds. */
static int run_until(const aiot_task *t)
{
    aiot_time start = aiot_now(&loop);
    guint timer = g_timeout_add(5, count_tick, NULL);
    for (ticks = iterations = 0; !aiot_done(t); iterations++) (void)g_main_context_iteration(NULL, TRUE);
    CHECK(g_source_remove(timer));
    return ms_since(&loop, start);
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

static void sleeps_and_glibs_timers_run_side_by_side(void)
{
    aiot_spawn_on(&loop, &other, naps, &other_nap, .times = 3, .delay = AIOT_MS(30));
    aiot_spawn_on(&loop, &napping, naps, &nap, .times = 10, .delay = AIOT_MS(10));
    int took = run_until(&napping);
    CHECK(aiot_done(&other));
    CHECK(took >= 100);
    CHECK(ticks >= 5 && ticks <= took / 5 + 1); /* GLib's own timer ran, */
    CHECK(iterations < 120);                    /* and nothing span */
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
    aiot_spawn_on(&loop, &other, plays, &two, .number = ends[1], .times = 1000);
    aiot_spawn_on(&loop, &napping, plays, &one, .number = ends[0], .times = 1000, .begins = true);
    (void)run_until(&napping);
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
    CHECK(run_until(&napping) >= 50);
    CHECK(iterations < 40);
    close(ends[1]);
}

struct yields { AIOT_FRAME; };
static AIOT_CORO(yields)
{
    AIOT_BEGIN();
    do AIOT_YIELD(); while (ticks < 5);
    AIOT_END();
}
static void a_task_that_yields_does_not_stop_glib(void)
{
    static struct yields one;
    aiot_spawn_on(&loop, &napping, yields, &one);
    (void)run_until(&napping);
}

/* A task that waits for a future, and a callback of GLib's that ends it and spawns another. */
struct awaits { AIOT_FRAME; aiot_future *future; };
static AIOT_CORO(awaits)
{
    AIOT_BEGIN();
    AIOT_JOIN(self->future);
    AIOT_END();
}
static aiot_future future;
static gboolean spawn_and_wake(gpointer unused)
{
    (void)unused;
    aiot_spawn_on(&loop, &other, naps, &nap, .times = 1, .delay = AIOT_MS(20));
    aiot_future_set_result(&future, 1);
    return G_SOURCE_REMOVE;
}
static void a_glib_callback_may_spawn_and_wake(void)
{
    static struct awaits one;
    aiot_future_init(&future, &loop);
    aiot_spawn_on(&loop, &napping, awaits, &one, .future = &future);
    (void)g_timeout_add(20, spawn_and_wake, NULL);
    CHECK(run_until(&napping) >= 20);
    CHECK(run_until(&other) >= 15);
}

struct quits { AIOT_FRAME; GMainLoop *main_loop; };
static AIOT_CORO(quits)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(10));
    g_main_loop_quit(self->main_loop);
    AIOT_END();
}
static void a_task_may_quit_the_main_loop(void)
{
    static struct quits one;
    GMainLoop *main_loop = g_main_loop_new(NULL, FALSE);
    aiot_spawn_on(&loop, &napping, quits, &one, .main_loop = main_loop);
    g_main_loop_run(main_loop);
    g_main_loop_unref(main_loop);
    CHECK(aiot_done(&napping));
}

/* A task detaches its own loop. */
struct detaches { AIOT_FRAME; bool is_detached; };
static AIOT_CORO(detaches)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(1));
    aiot_glib_detach(inside);
    self->is_detached = true;
    AIOT_SLEEP(AIOT_MS(1));
    AIOT_END();
}
static void it_may_be_attached_again(void)
{
    static struct detaches one;
    aiot_spawn_on(&loop, &napping, detaches, &one);
    while (!one.is_detached) (void)g_main_context_iteration(NULL, TRUE);
    g_usleep(5000);
    while (g_main_context_iteration(NULL, FALSE)) { }
    CHECK(!aiot_done(&napping));                /* nothing runs meanwhile */
    CHECK_EQUAL(aiot_glib_attach(&inside, &loop, NULL), 0);
    (void)run_until(&napping);
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
    CHECK(run_until(&napping) >= RAISES);
    CHECK_EQUAL(taken, RAISES);
    CHECK(ticks >= 5);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}
#endif

static void run_rules(void)
{
    CHECK_EQUAL(aiot_glib_attach(&inside, &loop, NULL), AIOT_EBADF);        /* no aiot_poll_open() */
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_glib_attach(&inside, &loop, NULL), 0);
#define RULE(name) name();
    RULES(RULE)
    aiot_glib_detach(inside);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#else
static void run_rules(void)
{
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_glib_attach(&inside, &loop, NULL), AIOT_EBADF);        /* poll(2) has no descriptor */
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#endif

int main(void)
{
    (void)g_main_context_iteration(NULL, FALSE);        /* GLib opens what it needs */
    aiot_loop_init(&loop);
    int before = open_descriptors();
    run_rules();
    CHECK_EQUAL(open_descriptors(), before);
    CHECK_EQUAL(complaints, 0);
    return 0;
}
