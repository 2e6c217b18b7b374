/* merged_raise.c - a post that is raised while the loop takes it: the second raise finds it posted and adds nothing, but what its thread
 * wrote before is seen by the callback.  That is an order between threads, which ThreadSanitizer checks: `make test-threads`. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
static pthread_mutex_t critical = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool is_loop;
static atomic_bool taken, raised;               /* relaxed: they say when, and order nothing else */

/* The loop has just taken the chain, the post in it: now the other thread raises it again. */
static void leave(void)
{
    (void)pthread_mutex_unlock(&critical);
    if (!is_loop || atomic_exchange_explicit(&taken, true, memory_order_relaxed)) return;
    while (!atomic_load_explicit(&raised, memory_order_relaxed)) (void)sched_yield();
}
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = pthread_mutex_lock(&critical))
#define AIOT_CRITICAL_LEAVE(state) ((void)(state), leave())
#include "check.h"

static aiot_loop loop;
static aiot_post post;
static int data, seen, calls;
static int look(void *unused) { (void)unused; seen = data; calls++; return 0; }

static void *raise_again(void *unused)
{
    (void)unused;
    while (!atomic_load_explicit(&taken, memory_order_relaxed)) (void)sched_yield();
    data = 42;
    aiot_post_raise(&post);
    atomic_store_explicit(&raised, true, memory_order_relaxed);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    aiot_loop_init(&loop);
    aiot_post_init(&post, &loop, look, NULL);
    CHECK_EQUAL(pthread_create(&thread, NULL, raise_again, NULL), 0);
    aiot_post_raise(&post);
    is_loop = true;
    aiot_run_once(&loop);
    CHECK_EQUAL(calls, 1);
    CHECK_EQUAL(seen, 42);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    aiot_run_once(&loop);
    CHECK_EQUAL(calls, 1);
    return 0;
}
