/* inside.h - for tests of a loop inside another one, after check.h and the adapter: the rules that hold in every outer loop. */
#include "adapters.h"
#include <fcntl.h>

static aiot_loop loop;
static AIOT_POLL_SET(8) poller;
#if AIOT_POLL == 1
#define RULES_OF_ALL(X) X(sleeps_and_outer_timers_run_side_by_side) X(sockets_wake_it) X(what_nobody_waits_for_does_not_spin) \
    X(a_task_that_yields_does_not_stop_the_outer_loop) X(an_outer_callback_may_spawn_and_wake) THREADED(X)
#if AIOT_THREADS
#define THREADED(X) X(posts_from_a_thread_wake_it)
#else
#define THREADED(X)
#endif

static aiot_task napping, other;
static int ticks, turns;                        /* of a timer of the outer loop, each 5 ms; of that loop; both since the last run */
static int run_outer(void);                     /* of the test: runs that loop until both tasks have ended. Returns the milliseconds */
static void call_outer_later(int ms, void (*call)(void));               /* of the test: a timer of that loop */

struct naps { AIOT_FRAME; int times; aiot_time delay; };
static AIOT_CORO(naps)
{
    AIOT_BEGIN();
    for (; self->times > 0; self->times--) AIOT_SLEEP(self->delay);
    AIOT_END();
}
static struct naps nap, other_nap;

static void sleeps_and_outer_timers_run_side_by_side(void)
{
    aiot_spawn_on(&loop, &napping, naps, &nap, .times = 10, .delay = AIOT_MS(10));
    aiot_spawn_on(&loop, &other, naps, &other_nap, .times = 3, .delay = AIOT_MS(30));
    int took = run_outer();
    CHECK(aiot_done(&napping) && aiot_done(&other));
    CHECK(took >= 100);
    CHECK(ticks >= 5 && ticks <= took / 5 + 1); /* the outer loop's own timer ran, */
    CHECK(turns < 120);                         /* and nothing span */
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
    (void)run_outer();
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
    CHECK(run_outer() >= 50);
    CHECK(turns < 40);
    close(ends[1]);
}

struct yields { AIOT_FRAME; };
static AIOT_CORO(yields)
{
    AIOT_BEGIN();
    do AIOT_YIELD(); while (ticks < 5);
    AIOT_END();
}
static void a_task_that_yields_does_not_stop_the_outer_loop(void)
{
    static struct yields one;
    aiot_spawn_on(&loop, &napping, yields, &one);
    (void)run_outer();
    CHECK_EQUAL(aiot_result(&napping), AIOT_OK);
}

/* A task that waits for a future, and a callback of the outer loop that ends it and spawns another. */
struct awaits { AIOT_FRAME; aiot_future *future; };
static AIOT_CORO(awaits)
{
    AIOT_BEGIN();
    AIOT_JOIN(self->future);
    AIOT_END();
}
static aiot_future future;
static void spawn_and_wake(void)
{
    aiot_spawn_on(&loop, &other, naps, &nap, .times = 1, .delay = AIOT_MS(20));
    aiot_future_set_result(&future, 1);
}
static void an_outer_callback_may_spawn_and_wake(void)
{
    static struct awaits one;
    aiot_future_init(&future, &loop);
    aiot_spawn_on(&loop, &napping, awaits, &one, .future = &future);
    call_outer_later(20, spawn_and_wake);
    CHECK(run_outer() >= 20);
    CHECK_EQUAL(aiot_result(&napping), AIOT_OK);
    CHECK_EQUAL(aiot_result(&other), AIOT_OK);
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
    CHECK(run_outer() >= RAISES);
    CHECK_EQUAL(taken, RAISES);
    CHECK(ticks >= 5);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
}
#endif
#endif
