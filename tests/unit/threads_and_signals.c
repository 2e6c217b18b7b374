/* threads_and_signals.c - AIOT_THREADS 1: threads and signal handlers raise at the same time, in every thread of the program.  A handler
 * that interrupts its own thread in the critical section would wait for ever: signals are blocked there. */
#define _XOPEN_SOURCE 700
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <time.h>
#define AIOT_THREADS 1
#define AIOT_POLL 1
#include "check.h"

enum { THREADS = 2, RAISES = 5000, ITEMS = 4 };
static aiot_loop loop;
static AIOT_POLL_SET(1) poller;
static aiot_post of_handler, of_thread[THREADS];
static aiot_inbox inbox;
static int items[ITEMS], sum, received;
static int handled, posted, running = THREADS;
static atomic_int handlers, puts_refused;

static int count_handled(void *unused) { (void)unused; handled++; return 0; }
static int count_posted(void *unused) { (void)unused; posted++; return 0; }

static void handler(int number)
{
    int one = 1;
    (void)number;
    atomic_fetch_add(&handlers, 1);
    aiot_post_raise(&of_handler);
    if (aiot_inbox_put(&inbox, &one) != 0) atomic_fetch_add(&puts_refused, 1);
}

static void *raise_all(void *post)
{
    for (int i = 0; i < RAISES; i++) {
        aiot_post_raise((aiot_post *)post);
        if (i % 50 == 0) (void)pthread_kill(pthread_self(), SIGUSR1);       /* between two raises; the timer's may come in one */
    }
    int end = -1;
    while (aiot_inbox_put(&inbox, &end) != 0) { struct timespec a_moment = { 0, 1000 }; (void)nanosleep(&a_moment, NULL); }
    return NULL;
}

struct receives { AIOT_FRAME; int item; };
static AIOT_CORO(receives)
{
    AIOT_BEGIN();
    while (running > 0) {
        AIOT_INBOX_GET(&inbox, &self->item);
        if (self->item < 0) running--;
        else sum += self->item;
        received++;
    }
    CHECK_END();
}

int main(void)
{
    struct sigaction action;
    struct receives frame;
    pthread_t thread[THREADS];
    const struct itimerval often = { { 0, 50 }, { 0, 50 } }, never = { { 0, 0 }, { 0, 0 } };
    int item;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    aiot_post_init(&of_handler, &loop, count_handled, NULL);
    CHECK_EQUAL(aiot_inbox_init(&inbox, &loop, items, sizeof items[0], ITEMS), 0);
    CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    CHECK_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        aiot_post_init(&of_thread[i], &loop, count_posted, NULL);
        CHECK_EQUAL(pthread_create(&thread[i], NULL, raise_all, &of_thread[i]), 0);
    }
    memset(&frame, 0, sizeof frame);
    CHECK_EQUAL(aiot_run(&loop, receives, &frame), 0);
    for (int i = 0; i < THREADS; i++) (void)pthread_join(thread[i], NULL);
    CHECK_EQUAL(setitimer(ITIMER_REAL, &never, NULL), 0);
    (void)aiot_run_once(&loop);
    for (; aiot_inbox_get_nowait(&inbox, &item) == 0; received++) sum += item;
    CHECK(handled > 0 && posted > 0);
    CHECK(atomic_load(&handlers) >= THREADS * RAISES / 50);
    CHECK_EQUAL(sum + atomic_load(&puts_refused), atomic_load(&handlers));
    CHECK_EQUAL(received, sum + THREADS);
    return 0;
}
