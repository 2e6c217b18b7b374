/* pool.c - examples/adapters/aiot_pool.h: one function for each rule. Real threads and the real clock. After each rule, the threads,
 * the descriptors and the arguments on the heap are counted.
 *
 *     cc -std=c11 -I. -Itests/unit tests/adapters/pool.c -o pool -pthread && ./pool [ROUNDS of the random rule] */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <dirent.h>
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#define AIOT_THREADS 1
#define AIOT_POLL 1
#include "check.h"
#include "adapters.h"

/* A lookup waits for this gate if a rule says so. */
static atomic_bool lookups_wait;
static sem_t lookup_gate;
static atomic_int lookups_begun;
static int gated_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    atomic_fetch_add(&lookups_begun, 1);
    if (atomic_load(&lookups_wait)) while (sem_wait(&lookup_gate) != 0) { }
    return getaddrinfo(host, service, hints, found);
}
#define getaddrinfo gated_getaddrinfo
#include "../../examples/adapters/aiot_pool.h"
#undef getaddrinfo

static aiot_loop loop;
static AIOT_POLL_SET(8) poller;
static void open_loop(void)
{
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
}

static pthread_t loop_thread;
static int random_rounds = 200;

/* What a job works on. On the heap, unless a rule says otherwise. */
struct argument {
    sem_t gate;
    atomic_int begun, ended, stops;
    int number, ignored_stops, discards;
};
static int alive, discarded;

static void argument_init(struct argument *a, int number)
{
    memset(a, 0, sizeof *a);
    a->number = number;
    CHECK_EQUAL(sem_init(&a->gate, 0, 0), 0);
}
static struct argument *argument_new(int number)
{
    struct argument *a = (struct argument *)malloc(sizeof *a);
    CHECK(a != NULL);
    argument_init(a, number);
    alive++;
    return a;
}
static void argument_free(struct argument *a)
{
    sem_destroy(&a->gate);
    free(a);
    alive--;
}

static int returns_number(void *argument) { return ((struct argument *)argument)->number; }

/* Waits until the gate is opened. */
static int waits(void *argument)
{
    struct argument *a = (struct argument *)argument;
    atomic_fetch_add(&a->begun, 1);
    while (sem_wait(&a->gate) != 0) { }
    atomic_fetch_add(&a->ended, 1);
    return a->number;
}

static void opens_gate(void *argument)
{
    struct argument *a = (struct argument *)argument;
    CHECK(pthread_equal(pthread_self(), loop_thread));
    if (atomic_fetch_add(&a->stops, 1) >= a->ignored_stops) sem_post(&a->gate);
}

static void discards(void *argument)
{
    CHECK(pthread_equal(pthread_self(), loop_thread));
    discarded++;
    argument_free((struct argument *)argument);
}
static void counts_discard(void *argument) { ((struct argument *)argument)->discards++; }

#define UNTIL(condition) while (!(condition)) AIOT_SLEEP(AIOT_MS(1))
#define JOIN_ANY(t) do { AIOT_TRY { AIOT_JOIN(t); } AIOT_EXCEPT_ALL { } } while (0)
#define RAISES(expected_code, ...) \
    do { \
        AIOT_TRY { __VA_ARGS__; NOT_REACHED(); } AIOT_EXCEPT_ALL { CHECK_EQUAL(aiot_caught(task).code, expected_code); } \
    } while (0)
#define CLOSE(pool_) AIOT_AWAIT(aiot_pool_close, &self->close, .pool = pool_)

#define HOLDS(fn) \
    do { \
        static struct fn frame; \
        int threads = running_threads(), descriptors = open_descriptors(); \
        check_end = NULL; \
        discarded = 0; \
        CHECK_EQUAL(aiot_run(&loop, fn, &frame), 0); \
        CHECK(check_end == &frame); \
        check_threads(threads); \
        CHECK_EQUAL(open_descriptors(), descriptors); \
        CHECK_EQUAL(alive, 0); \
        CHECK_EQUAL(aiot_loop_task_count(&loop), 0); \
        CHECK_EQUAL(complaints, 0); \
    } while (0)

struct result_comes_back {
    AIOT_FRAME; struct aiot_pool pool; struct argument a; struct aiot_to_thread call; struct aiot_pool_close close; int i;
};
static AIOT_CORO(result_comes_back)
{
    AIOT_BEGIN();
    memset(&self->pool, 0xa5, sizeof self->pool);               /* it need not be zeroed */
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 2, 3));
    for (self->i = 0; self->i < 50; self->i++) {
        self->a.number = self->i - 10;
        AIOT_AWAIT(aiot_to_thread, &self->call, .pool = &self->pool, .work = returns_number, .argument = &self->a);
        CHECK_EQUAL(self->call.result, self->i - 10);
    }
    CLOSE(&self->pool);
    CHECK_END();
}

static int reads_signal_mask(void *argument) { return pthread_sigmask(SIG_SETMASK, NULL, (sigset_t *)argument); }
struct threads_block_all_signals {
    AIOT_FRAME; struct aiot_pool pool; sigset_t mask; struct aiot_to_thread call; struct aiot_pool_close close;
};
static AIOT_CORO(threads_block_all_signals)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));
    AIOT_AWAIT(aiot_to_thread, &self->call, .pool = &self->pool, .work = reads_signal_mask, .argument = &self->mask);
    CHECK(sigismember(&self->mask, SIGINT) && sigismember(&self->mask, SIGTERM) && sigismember(&self->mask, SIGUSR1));
    {
        sigset_t own;
        CHECK_EQUAL(reads_signal_mask(&own), 0);
        CHECK(!sigismember(&own, SIGINT) && !sigismember(&own, SIGUSR1));
    }
    CLOSE(&self->pool);
    CHECK_END();
}

struct open_tells_what_is_wrong { AIOT_FRAME; struct aiot_pool pool; aiot_loop other; struct aiot_pool_close close; };
static AIOT_CORO(open_tells_what_is_wrong)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_pool_open(&self->pool, task->loop, 0, 1), EINVAL);
    CHECK_EQUAL(aiot_pool_open(&self->pool, task->loop, 1, 0), EINVAL);
    CHECK_EQUAL(aiot_pool_open(&self->pool, task->loop, -1, -1), EINVAL);
    aiot_loop_init(&self->other);                               /* no thread can wake it */
    CHECK_EQUAL(aiot_pool_open(&self->pool, &self->other, 1, 1), EINVAL);
    RAISES(AIOT_ESTATE, CLOSE(&self->pool));
    CHECK_END();
}

/* One thread runs the jobs in order. With two jobs, the others wait for a free one, in order. */
static int order[8];
static atomic_int order_length;
static int notes_order(void *argument)
{
    int n = atomic_fetch_add(&order_length, 1);
    order[n] = ((struct argument *)argument)->number;
    return 0;
}
struct jobs_begin_in_order {
    AIOT_FRAME; struct aiot_pool pool; struct argument a[8]; struct aiot_to_thread call[8]; aiot_task t[8]; int i;
    struct aiot_pool_close close;
};
static AIOT_CORO(jobs_begin_in_order)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 2));
    for (int i = 0; i < 8; i++) {
        argument_init(&self->a[i], i);
        AIOT_SPAWN(&self->t[i], aiot_to_thread, &self->call[i], .pool = &self->pool, .argument = &self->a[i],
                   .work = i == 0 ? waits : notes_order, .stop = opens_gate);
    }
    UNTIL(atomic_load(&self->a[0].begun));
    CHECK_EQUAL(self->pool.users, 8);
    CHECK(self->pool.free_job == NULL);
    CHECK_EQUAL(atomic_load(&order_length), 0);
    CHECK(aiot_cancel(&self->t[1]));                            /* queued: its job goes to 2 */
    CHECK(aiot_cancel(&self->t[4]));                            /* waits for a job */
    JOIN_ANY(&self->t[1]);
    JOIN_ANY(&self->t[4]);
    CHECK(aiot_cancelled(&self->t[1]) && aiot_cancelled(&self->t[4]));
    sem_post(&self->a[0].gate);
    for (self->i = 0; self->i < 8; self->i++) if (self->i != 1 && self->i != 4) AIOT_JOIN(&self->t[self->i]);
    CHECK_EQUAL(atomic_load(&order_length), 5);
    for (int i = 0; i < 5; i++) CHECK_EQUAL(order[i], ((const int[]){ 2, 3, 5, 6, 7 })[i]);
    CLOSE(&self->pool);
    CHECK_END();
}

struct loop_goes_on_while_work_blocks {
    AIOT_FRAME; struct aiot_pool pool; struct argument a; struct aiot_to_thread call; aiot_task t; int i; struct aiot_pool_close close;
};
static AIOT_CORO(loop_goes_on_while_work_blocks)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));
    argument_init(&self->a, 5);
    AIOT_SPAWN(&self->t, aiot_to_thread, &self->call, .pool = &self->pool, .work = waits, .argument = &self->a);
    for (self->i = 0; self->i < 20; self->i++) AIOT_SLEEP(AIOT_MS(1));
    CHECK(!aiot_done(&self->t));
    sem_post(&self->a.gate);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->call.result, 5);
    CLOSE(&self->pool);
    CHECK_END();
}

struct queued_job_never_runs_after_a_cancel {
    AIOT_FRAME; struct aiot_pool pool; struct argument a; struct aiot_to_thread first, second; aiot_task t[2]; aiot_timeout limit;
    struct argument *queued; struct aiot_pool_close close;
};
static AIOT_CORO(queued_job_never_runs_after_a_cancel)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 2));
    argument_init(&self->a, 0);
    AIOT_SPAWN(&self->t[0], aiot_to_thread, &self->first, .pool = &self->pool, .work = waits, .argument = &self->a);
    UNTIL(atomic_load(&self->a.begun));
    self->queued = argument_new(1);
    AIOT_SPAWN(&self->t[1], aiot_to_thread, &self->second, .pool = &self->pool, .work = waits, .argument = self->queued,
               .discard = discards);
    AIOT_SLEEP(AIOT_MS(5));
    aiot_cancel(&self->t[1]);
    RAISES(AIOT_ECANCELED, AIOT_JOIN(&self->t[1]));
    CHECK_EQUAL(discarded, 1);                                  /* at once: the thread is still taken */
    self->queued = argument_new(2);
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(5), aiot_to_thread, &self->second, .pool = &self->pool, .work = waits,
                                         .argument = self->queued, .stop = opens_gate, .discard = discards));
    CHECK_EQUAL(discarded, 2);
    self->queued = argument_new(3);                             /* a call that does not begin owns nothing */
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, 0, aiot_to_thread, &self->second, .pool = &self->pool, .work = waits,
                                         .argument = self->queued, .discard = discards));
    CHECK_EQUAL(discarded, 2);
    argument_free(self->queued);
    sem_post(&self->a.gate);
    AIOT_JOIN(&self->t[0]);
    CLOSE(&self->pool);
    CHECK_END();
}

struct running_job_is_told_until_it_ends {
    AIOT_FRAME; struct aiot_pool pool; struct argument a; struct aiot_to_thread call; aiot_task t; aiot_timeout limit;
    struct aiot_pool_close close;
};
static AIOT_CORO(running_job_is_told_until_it_ends)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));
    argument_init(&self->a, 0);
    self->a.ignored_stops = 4;                                  /* the first four have no effect */
    AIOT_SPAWN(&self->t, aiot_to_thread, &self->call, .pool = &self->pool, .work = waits, .argument = &self->a, .stop = opens_gate,
               .discard = counts_discard);
    UNTIL(atomic_load(&self->a.begun));
    aiot_cancel(&self->t);
    UNTIL(atomic_load(&self->a.stops) > 0);
    aiot_cancel(&self->t);                                      /* does not hurry it */
    AIOT_YIELD();
    AIOT_YIELD();
    aiot_cancel(&self->t);
    CHECK(!aiot_done(&self->t));
    RAISES(AIOT_ECANCELED, AIOT_JOIN(&self->t));
    CHECK_EQUAL(atomic_load(&self->a.ended), 1);
    CHECK(atomic_load(&self->a.stops) >= 5);
    CHECK_EQUAL(self->a.discards, 1);

    argument_init(&self->a, 0);                                 /* a limit does the same */
    self->a.ignored_stops = 2;
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(5), aiot_to_thread, &self->call, .pool = &self->pool, .work = waits,
                                         .argument = &self->a, .stop = opens_gate));
    CHECK_EQUAL(atomic_load(&self->a.ended), atomic_load(&self->a.begun));
    argument_init(&self->a, 0);
    self->a.ignored_stops = 2;
    RAISES(AIOT_ETIMEDOUT, AIOT_TIMEOUT_FIRM(&self->limit, AIOT_MS(50)) {
        AIOT_AWAIT(aiot_to_thread, &self->call, .pool = &self->pool, .work = waits, .argument = &self->a, .stop = opens_gate);
    });
    CHECK_EQUAL(atomic_load(&self->a.ended), 1);
    CLOSE(&self->pool);
    CHECK_END();
}

struct running_job_without_stop_is_abandoned {
    AIOT_FRAME; struct aiot_pool pool; struct argument *a[2]; struct aiot_to_thread call; aiot_task t; aiot_timeout limit;
    struct aiot_pool_close close;
};
static AIOT_CORO(running_job_without_stop_is_abandoned)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 2, 2));
    self->a[0] = argument_new(0);
    AIOT_SPAWN(&self->t, aiot_to_thread, &self->call, .pool = &self->pool, .work = waits, .argument = self->a[0], .discard = discards);
    UNTIL(atomic_load(&self->a[0]->begun));
    aiot_cancel(&self->t);
    RAISES(AIOT_ECANCELED, AIOT_JOIN(&self->t));
    CHECK_EQUAL(discarded, 0);
    CHECK_EQUAL(self->pool.users, 1);
    self->a[1] = argument_new(1);                               /* the same frame, while the first job runs */
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(20), aiot_to_thread, &self->call, .pool = &self->pool, .work = waits,
                                         .argument = self->a[1], .discard = discards));
    CHECK_EQUAL(discarded, 0);
    CHECK_EQUAL(alive, 2);
    sem_post(&self->a[0]->gate);
    UNTIL(discarded == 1);
    sem_post(&self->a[1]->gate);
    UNTIL(discarded == 2);
    CHECK_EQUAL(self->pool.users, 0);
    CLOSE(&self->pool);
    CHECK_EQUAL(discarded, 2);
    CHECK_END();
}

/* The work ends, and k turns later a cancel, a limit, or both arrive. The result is delivered or the argument is discarded, never both and
 * never neither. k -1: they arrive while the thread ends the work. */
struct limited {
    AIOT_FRAME; struct aiot_pool *pool; struct argument *a; bool has_stop, is_delivered; aiot_timeout limit; struct aiot_to_thread call;
};
static AIOT_CORO(limited)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_FOREVER) {
        AIOT_AWAIT(aiot_to_thread, &self->call, .pool = self->pool, .work = waits, .argument = self->a,
                   .stop = self->has_stop ? opens_gate : NULL, .discard = discards);
        self->is_delivered = true;
        CHECK_EQUAL(self->call.result, 7);
        argument_free(self->a);
    }
    AIOT_END();
}
enum { CANCELS = 1, EXPIRES = 2, HAS_STOP = 4, WAYS = 8 };
struct cancel_limit_and_completion_in_adjacent_turns {
    AIOT_FRAME; struct aiot_pool pool; struct limited job; aiot_task t; int k, i, how, delivered; struct aiot_pool_close close;
};
static AIOT_CORO(cancel_limit_and_completion_in_adjacent_turns)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 2, 2));
    for (self->how = 0; self->how < WAYS; self->how++) for (self->k = -1; self->k < 7; self->k++) {
        if ((self->how & (CANCELS | EXPIRES)) == 0) continue;
        AIOT_SPAWN(&self->t, limited, &self->job, .pool = &self->pool, .a = argument_new(7), .has_stop = (self->how & HAS_STOP) != 0);
        UNTIL(atomic_load(&self->job.a->begun));
        discarded = 0;
        {
            struct argument *a = self->job.a;
            sem_post(&a->gate);
            while (self->k >= 0 && !atomic_load(&a->ended)) pause_ms(1);
            if (self->k >= 0) pause_ms(2);                      /* the thread has raised its post by now */
        }
        for (self->i = 0; self->i < self->k; self->i++) AIOT_YIELD();
        if (self->how & EXPIRES) (void)aiot_timeout_reschedule(&self->job.limit, aiot_now(task->loop) - 1);
        if (self->how & CANCELS) aiot_cancel(&self->t);
        JOIN_ANY(&self->t);
        UNTIL(self->pool.users == 0);
        CHECK_EQUAL(self->job.is_delivered + discarded, 1);
        CHECK_EQUAL(alive, 0);
        CHECK_EQUAL(self->job.is_delivered, aiot_result(&self->t) == AIOT_OK);
        if (!self->job.is_delivered)
            CHECK_EQUAL(aiot_result(&self->t), self->how & CANCELS ? AIOT_ECANCELED : AIOT_ETIMEDOUT);
        if (self->k >= 6) CHECK(self->job.is_delivered);
        if (self->k == 0) CHECK(!self->job.is_delivered);
        self->delivered += self->job.is_delivered;
    }
    CHECK(self->delivered > 0);
    CLOSE(&self->pool);
    CHECK_END();
}

struct shielded_call_waits_for_work_that_cannot_stop {
    AIOT_FRAME; struct aiot_pool pool; struct argument a; struct aiot_to_thread call; aiot_guard guard; struct aiot_pool_close close;
};
static AIOT_CORO(shielded_call_waits_for_work_that_cannot_stop)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));
    argument_init(&self->a, 3);
    sem_post(&self->a.gate);
    RAISES(AIOT_ECANCELED, AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {
        aiot_cancel(task);
        AIOT_AWAIT(aiot_to_thread, &self->call, .pool = &self->pool, .work = waits, .argument = &self->a);
    } AIOT_YIELD());
    CHECK_EQUAL(self->call.result, 3);
    CLOSE(&self->pool);
    CHECK_END();
}

struct close_waits_for_abandoned_work {
    AIOT_FRAME; struct aiot_pool pool; struct argument *a; struct aiot_to_thread call; aiot_task t, closer; int i;
    struct aiot_pool_close closing, close;
};
static AIOT_CORO(close_waits_for_abandoned_work)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));
    self->a = argument_new(0);
    AIOT_SPAWN(&self->t, aiot_to_thread, &self->call, .pool = &self->pool, .work = waits, .argument = self->a, .discard = discards);
    UNTIL(atomic_load(&self->a->begun));
    aiot_cancel(&self->t);
    JOIN_ANY(&self->t);
    AIOT_SPAWN(&self->closer, aiot_pool_close, &self->closing, .pool = &self->pool);
    for (self->i = 0; self->i < 20; self->i++) AIOT_SLEEP(AIOT_MS(1));          /* the loop goes on */
    CHECK(!aiot_done(&self->closer));
    RAISES(AIOT_ESTATE, CLOSE(&self->pool));                    /* a second close while one waits */
    sem_post(&self->a->gate);
    AIOT_JOIN(&self->closer);
    CHECK_EQUAL(discarded, 1);
    CHECK_END();
}

struct close_serves_calls_that_began {
    AIOT_FRAME; struct aiot_pool pool; struct argument a[4]; struct aiot_to_thread call[4], late; aiot_task t[4], closer; int i;
    struct aiot_pool_close close;
};
static AIOT_CORO(close_serves_calls_that_began)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 2));
    for (int i = 0; i < 4; i++) {                               /* one runs, one is queued, two wait for a job */
        argument_init(&self->a[i], i);
        AIOT_SPAWN(&self->t[i], aiot_to_thread, &self->call[i], .pool = &self->pool, .work = waits, .argument = &self->a[i]);
    }
    UNTIL(atomic_load(&self->a[0].begun));
    AIOT_SPAWN(&self->closer, aiot_pool_close, &self->close, .pool = &self->pool);
    AIOT_SLEEP(AIOT_MS(1));
    RAISES(AIOT_ESHUTDOWN, AIOT_AWAIT(aiot_to_thread, &self->late, .pool = &self->pool, .work = waits, .argument = &self->a[0]));
    for (int i = 0; i < 4; i++) sem_post(&self->a[i].gate);
    for (self->i = 0; self->i < 4; self->i++) {
        AIOT_JOIN(&self->t[self->i]);
        CHECK_EQUAL(self->call[self->i].result, self->i);
    }
    AIOT_JOIN(&self->closer);
    CHECK_END();
}

struct close_that_was_cut_can_be_repeated {
    AIOT_FRAME; struct aiot_pool pool; struct argument a, *late; struct aiot_to_thread call, second; aiot_task t; aiot_timeout limit;
    struct aiot_pool_close close; int i;
};
static AIOT_CORO(close_that_was_cut_can_be_repeated)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));
    argument_init(&self->a, 1);
    AIOT_SPAWN(&self->t, aiot_to_thread, &self->call, .pool = &self->pool, .work = waits, .argument = &self->a);
    UNTIL(atomic_load(&self->a.begun));
    for (self->i = 0; self->i < 2; self->i++)
        RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(5), aiot_pool_close, &self->close, .pool = &self->pool));
    self->late = argument_new(2);
    RAISES(AIOT_ESHUTDOWN, AIOT_AWAIT(aiot_to_thread, &self->second, .pool = &self->pool, .work = waits, .argument = self->late,
                                      .discard = discards));
    CHECK_EQUAL(discarded, 1);
    sem_post(&self->a.gate);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->call.result, 1);                          /* nothing is lost */
    CLOSE(&self->pool);
    CHECK_END();
}

struct closed_pool_raises {
    AIOT_FRAME; struct aiot_pool pool, zeroed; struct argument *a; struct aiot_to_thread call; struct aiot_getaddrinfo lookup;
    struct aiot_pool_close close; int i;
};
static AIOT_CORO(closed_pool_raises)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));
    CLOSE(&self->pool);
    RAISES(AIOT_ESTATE, CLOSE(&self->pool));
    RAISES(AIOT_ESTATE, CLOSE(&self->zeroed));
    for (self->i = 0; self->i < 2; self->i++) {
        self->a = argument_new(0);
        RAISES(AIOT_ESHUTDOWN, AIOT_AWAIT(aiot_to_thread, &self->call, .pool = self->i ? &self->zeroed : &self->pool, .work = waits,
                                          .argument = self->a, .discard = discards));
        CHECK_EQUAL(discarded, self->i + 1);
    }
    RAISES(AIOT_ESHUTDOWN, AIOT_AWAIT(aiot_getaddrinfo, &self->lookup, .pool = &self->pool, .host = "127.0.0.1"));
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));  /* it may be opened again */
    RAISES(AIOT_EINVAL, AIOT_AWAIT(aiot_to_thread, &self->call, .pool = &self->pool));
    CLOSE(&self->pool);
    CHECK_END();
}

/* A pool belongs to its loop. */
static struct aiot_pool of_another;
struct asks_of_another { AIOT_FRAME; struct argument a; struct aiot_to_thread call; struct aiot_pool_close close; };
static AIOT_CORO(asks_of_another)
{
    AIOT_BEGIN();
    RAISES(AIOT_ERUNTIME, AIOT_AWAIT(aiot_to_thread, &self->call, .pool = &of_another, .work = waits, .argument = &self->a));
    RAISES(AIOT_ERUNTIME, CLOSE(&of_another));
    AIOT_END();
}
struct pool_of_another_loop_raises { AIOT_FRAME; aiot_loop other; struct asks_of_another asks; struct aiot_pool_close close; };
static AIOT_CORO(pool_of_another_loop_raises)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&of_another, task->loop, 1, 1));
    aiot_loop_init(&self->other);
    CHECK_EQUAL(aiot_run(&self->other, asks_of_another, &self->asks), 0);
    CLOSE(&of_another);
    CHECK_END();
}

struct lookup_gives_a_list_or_raises {
    AIOT_FRAME; struct aiot_pool pool; struct aiot_getaddrinfo lookup; struct addrinfo hints; char host[16]; struct aiot_pool_close close;
};
static AIOT_CORO(lookup_gives_a_list_or_raises)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 1));
    self->hints.ai_flags = AI_NUMERICHOST;
    self->hints.ai_socktype = SOCK_STREAM;
    strcpy(self->host, "127.0.0.1");
    AIOT_AWAIT(aiot_getaddrinfo, &self->lookup, .pool = &self->pool, .host = self->host, .service = "80", .hints = &self->hints);
    CHECK_EQUAL(self->lookup.error, 0);
    CHECK_EQUAL(self->lookup.found->ai_family, AF_INET);
    CHECK_EQUAL(self->lookup.found->ai_socktype, SOCK_STREAM);
    freeaddrinfo(self->lookup.found);
    AIOT_AWAIT(aiot_getaddrinfo, &self->lookup, .pool = &self->pool, .service = "80");        /* no host, no hints */
    freeaddrinfo(self->lookup.found);
    AIOT_TRY {
        AIOT_AWAIT(aiot_getaddrinfo, &self->lookup, .pool = &self->pool, .host = "no number", .hints = &self->hints);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_EAI) {
        CHECK_EQUAL(self->lookup.error, EAI_NONAME);
        CHECK(self->lookup.found == NULL);
        CHECK(strcmp((const char *)aiot_caught(task).info, gai_strerror(EAI_NONAME)) == 0);
    }
    CLOSE(&self->pool);
    CHECK_END();
}

struct late_lookup_is_freed {
    AIOT_FRAME; struct aiot_pool pool; struct aiot_getaddrinfo lookup; aiot_timeout limit; int i; char host[16];
    struct aiot_pool_close close;
};
static AIOT_CORO(late_lookup_is_freed)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 1, 2));
    atomic_store(&lookups_wait, true);
    atomic_store(&lookups_begun, 0);
    for (self->i = 0; self->i < 2; self->i++) {                 /* the first is abandoned, the second never begins */
        strcpy(self->host, "127.0.0.1");
        RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(50), aiot_getaddrinfo, &self->lookup, .pool = &self->pool,
                                             .host = self->host, .service = "80"));
        strcpy(self->host, "gone");                             /* the lookup has its own copy */
    }
    CHECK_EQUAL(self->pool.users, 1);
    atomic_store(&lookups_wait, false);
    sem_post(&lookup_gate);
    CLOSE(&self->pool);
    CHECK_EQUAL(atomic_load(&lookups_begun), 1);
    CHECK_END();
}

/* Many callers, short and long jobs, cancels and limits at random. */
enum { CALLERS = 24 };
static unsigned seed = 1;
static unsigned any(unsigned n) { return (seed = seed * 1103515245u + 12345u) / 65536u % n; }
static atomic_int runs;
static int works_a_little(void *argument)
{
    struct argument *a = (struct argument *)argument;
    atomic_fetch_add(&runs, 1);
    for (int i = 0; i < a->number && atomic_load(&a->stops) == 0; i++)
        nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
    return a->number;
}
static void sets_stop(void *argument) { atomic_store(&((struct argument *)argument)->stops, 1); }

struct caller {
    AIOT_FRAME; struct aiot_pool *pool; int rounds, delivered, raised; struct argument *a; bool has_stop; aiot_time delay;
    aiot_timeout limit; struct aiot_to_thread call;
};
static AIOT_CORO(caller)
{
    AIOT_BEGIN();
    for (; self->rounds > 0; self->rounds--) {
        self->a = argument_new((int)any(12));
        self->has_stop = any(2) == 0;
        self->delay = any(3) == 0 ? AIOT_FOREVER : (aiot_time)any(3000) * 1000;
        AIOT_TRY {
            AIOT_TIMEOUT(&self->limit, self->delay) {
                AIOT_AWAIT(aiot_to_thread, &self->call, .pool = self->pool, .work = works_a_little, .argument = self->a,
                           .stop = self->has_stop ? sets_stop : NULL, .discard = discards);
                CHECK(self->has_stop || self->call.result == self->a->number);
                argument_free(self->a);
                self->delivered++;
            }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT, AIOT_ECANCELED) {         /* goes on after a cancel */
            self->raised++;
        }
    }
    AIOT_END();
}
struct random_calls_lose_nothing {
    AIOT_FRAME; struct aiot_pool pool; struct caller c[CALLERS]; aiot_task t[CALLERS]; int i, delivered, raised;
    struct aiot_pool_close close;
};
static AIOT_CORO(random_calls_lose_nothing)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&self->pool, task->loop, 3, 10));
    for (int i = 0; i < CALLERS; i++)
        AIOT_SPAWN(&self->t[i], caller, &self->c[i], .pool = &self->pool, .rounds = random_rounds / CALLERS + 1);
    for (self->i = 0; self->i < random_rounds / 4; self->i++) {
        AIOT_SLEEP((aiot_time)any(500) * 1000);
        aiot_cancel(&self->t[any(CALLERS)]);
    }
    for (self->i = 0; self->i < CALLERS; self->i++) JOIN_ANY(&self->t[self->i]);
    for (int i = 0; i < CALLERS; i++) {                         /* a cancel between two calls ends a caller */
        self->delivered += self->c[i].delivered;
        self->raised += self->c[i].raised;
    }
    CLOSE(&self->pool);
    CHECK(discarded >= self->raised);
    CHECK(atomic_load(&runs) >= self->delivered);
    CHECK_EQUAL(alive, 0);
    CHECK_END();
}

static void *ends_at_once(void *unused) { return unused; }

int main(int argc, char **argv)
{
    pthread_t first;                            /* sanitizers start a thread of their own with it */
    if (argc > 1) random_rounds = atoi(argv[1]);
    loop_thread = pthread_self();
    CHECK_EQUAL(pthread_create(&first, NULL, ends_at_once, NULL), 0);
    CHECK_EQUAL(pthread_join(first, NULL), 0);
    pause_ms(20);
    CHECK_EQUAL(sem_init(&lookup_gate, 0, 0), 0);
    open_loop();
    HOLDS(result_comes_back);
    HOLDS(threads_block_all_signals);
    HOLDS(open_tells_what_is_wrong);
    HOLDS(jobs_begin_in_order);
    HOLDS(loop_goes_on_while_work_blocks);
    HOLDS(queued_job_never_runs_after_a_cancel);
    HOLDS(running_job_is_told_until_it_ends);
    HOLDS(running_job_without_stop_is_abandoned);
    HOLDS(cancel_limit_and_completion_in_adjacent_turns);
    HOLDS(shielded_call_waits_for_work_that_cannot_stop);
    HOLDS(close_waits_for_abandoned_work);
    HOLDS(close_serves_calls_that_began);
    HOLDS(close_that_was_cut_can_be_repeated);
    HOLDS(closed_pool_raises);
    HOLDS(pool_of_another_loop_raises);
    HOLDS(lookup_gives_a_list_or_raises);
    HOLDS(late_lookup_is_freed);
    HOLDS(random_calls_lose_nothing);
    return 0;
}
