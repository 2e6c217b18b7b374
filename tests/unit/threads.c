/* threads.c - waking the loop from other threads: loop.call_soon_threadsafe().  The loop sleeps in the kernel and a pipe wakes it. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sched.h>
#define AIOT_THREADS 1
#define AIOT_POLL 1
#define NEEDS_REPORTS
#include "check.h"

static aiot_loop loop;
static AIOT_POLL_SET(2) poller;
static struct timespec const a_moment = {0, 20000000};

static void start(void)
{
    memset(&poller, 0xa5, sizeof poller);       /* nothing of it need be zeroed */
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
}
static void stop(void)
{
    int pipe_in = poller.poll.pipe[0], pipe_out = poller.poll.pipe[1];
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    CHECK(fcntl(pipe_in, F_GETFD) == -1 && fcntl(pipe_out, F_GETFD) == -1);
}

/* A loop that sleeps without a deadline is woken by each of the three. */
static aiot_signal signal_of_thread;
static void *raise_signal(void *unused) { (void)unused; (void)nanosleep(&a_moment, NULL); aiot_signal_raise(&signal_of_thread); return NULL; }

struct sleeps_until_signal { AIOT_FRAME; pthread_t thread; aiot_time began; };
static AIOT_CORO(sleeps_until_signal)
{
    AIOT_BEGIN();
    self->began = aiot_now(task->loop);
    aiot_signal_init(&signal_of_thread, task->loop);
    CHECK_EQUAL(pthread_create(&self->thread, NULL, raise_signal, NULL), 0);
    AIOT_SIGNAL_WAIT(&signal_of_thread);
    CHECK(aiot_now(task->loop) - self->began >= AIOT_MS(19));
    (void)pthread_join(self->thread, NULL);
    CHECK_END();
}

static aiot_post post_of_thread;
static int posted;
static int count_post(void *unused) { (void)unused; posted++; aiot_loop_stop(&loop); return 0; }
static void *raise_post(void *unused) { (void)unused; (void)nanosleep(&a_moment, NULL); aiot_post_raise(&post_of_thread); return NULL; }

static void posts_end_run_forever(void)
{
    pthread_t thread;
    start();
    aiot_post_init(&post_of_thread, &loop, count_post, NULL);
    CHECK_EQUAL(pthread_create(&thread, NULL, raise_post, NULL), 0);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_EQUAL(posted, 1);
    (void)pthread_join(thread, NULL);
    stop();
}

/* A raise leaves errno alone, for it may come in a signal handler; also when the pipe is full, which wakes the loop all the same.  What a
 * callback returns goes to the loop's handler. */
static int reported;
static void count_report(aiot_loop *of, const aiot_report *report)
{
    (void)of;
    CHECK(report->reason == AIOT_REPORT_CALLBACK && report->error.code == 7);
    reported++;
}
static int fails_and_stops(void *unused) { (void)unused; aiot_loop_stop(&loop); return 7; }
static void a_raise_into_a_full_pipe(void)
{
    start();
    loop.on_error = count_report;
    aiot_post_init(&post_of_thread, &loop, fails_and_stops, NULL);
    while (write(poller.poll.pipe[1], "x", 1) == 1) { }
    CHECK(errno == EAGAIN || errno == EWOULDBLOCK);
    errno = 77;
    aiot_post_raise(&post_of_thread);
    CHECK_EQUAL(errno, 77);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_EQUAL(reported, 1);
    stop();
}

/* No item of two threads is lost or out of order, also when the inbox is full and the loop sleeps in between. */
enum { ITEMS = 10000 };
static aiot_inbox inbox;
static int items[16];
static int odd_or_even[2] = { 0, 1 };
static void *produce(void *first)
{
    for (int i = *(int *)first; i < 2 * ITEMS; i += 2)
        while (aiot_inbox_put(&inbox, &i) != AIOT_OK) (void)sched_yield();
    return NULL;
}

struct consumes { AIOT_FRAME; pthread_t thread[2]; int taken, item, next[2], in_order; char too_small; bool refused; };
static AIOT_CORO(consumes)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_inbox_init(&inbox, task->loop, items, sizeof items[0], 16), AIOT_OK);
    CHECK_EQUAL(aiot_inbox_put(&inbox, &self->too_small), AIOT_EINVAL);
    CHECK_EQUAL(aiot_inbox_get_nowait(&inbox, &self->too_small), AIOT_EINVAL);
    AIOT_TRY { AIOT_INBOX_GET(&inbox, &self->too_small); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { self->refused = true; }
    CHECK(self->refused);
    for (int i = 0; i < 2; i++) {
        self->next[i] = i;
        CHECK_EQUAL(pthread_create(&self->thread[i], NULL, produce, &odd_or_even[i]), 0);
    }
    for (; self->taken < 2 * ITEMS; self->taken++) {
        AIOT_INBOX_GET(&inbox, &self->item);
        self->in_order += self->item == self->next[self->item & 1];
        self->next[self->item & 1] = self->item + 2;
    }
    CHECK_EQUAL(self->in_order, 2 * ITEMS);
    for (int i = 0; i < 2; i++) (void)pthread_join(self->thread[i], NULL);
    CHECK_END();
}

/* A limit on a wait for a thread strikes in time though nobody wakes the loop. */
struct limited { AIOT_FRAME; aiot_timeout limit; aiot_signal never; bool struck; };
static AIOT_CORO(limited)
{
    AIOT_BEGIN();
    aiot_signal_init(&self->never, task->loop);
    AIOT_TIMEOUT(&self->limit, AIOT_MS(5)) {
        AIOT_SIGNAL_WAIT(&self->never);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        self->struck = true;
    }
    CHECK(self->struck);
    CHECK_END();
}

/* What a thread may have raised is forgotten. */
static void a_signal_is_cleared(void)
{
    static aiot_signal raised;
    aiot_loop_init(&loop);
    aiot_signal_init(&raised, &loop);
    aiot_signal_raise(&raised);
    CHECK(aiot_interrupted(&loop));
    aiot_signal_clear(&raised);
    CHECK(!aiot_interrupted(&loop) && !raised.is_raised);
}

static void opening_it_wrongly_is_an_error(void)
{
    int ends[2];
    start();
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), AIOT_ERUNTIME);
    stop();
    CHECK_EQUAL(aiot_poll_close(&loop), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);             /* once closed it can be opened anew; a raise does not write before that */
    stop();
    aiot_post_init(&post_of_thread, &loop, count_post, NULL);
    CHECK_EQUAL(dup(0) < 0 ? dup(2) : 3, 3);                    /* epoll's number was before the pipe's */
    CHECK_EQUAL(pipe(ends), 0);                                 /* the numbers of the one that was closed */
    CHECK_EQUAL(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    aiot_post_raise(&post_of_thread);
    char byte;
    CHECK_EQUAL(read(ends[0], &byte, 1), -1);
    for (int end = 0; end < 2; end++) (void)close(ends[end]);
    (void)close(3);
}

/* Descriptors are waited for beside it. */
struct reads_beside { AIOT_FRAME; int ends[2]; aiot_fd in; struct aiot_readable wait; aiot_timeout limit; };
static AIOT_CORO(reads_beside)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pipe(self->ends), 0);
    CHECK_EQUAL(write(self->ends[1], "x", 1), 1);
    CHECK_EQUAL(aiot_fd_open(&self->in, task->loop, self->ends[0]), 0);
    AIOT_WAIT_FOR(&self->limit, AIOT_S(60), aiot_readable, &self->wait, .fd = &self->in);
    CHECK_EQUAL(aiot_fd_close(&self->in), 0);
    (void)close(self->ends[1]);
    CHECK_END();
}

/* It stays open while a descriptor is waited for. */
struct closes_too_early { AIOT_FRAME; int ends[2]; aiot_fd out; struct aiot_readable wait; aiot_task t; };
static AIOT_CORO(closes_too_early)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pipe(self->ends), 0);
    CHECK_EQUAL(aiot_fd_open(&self->out, task->loop, self->ends[1]), 0);            /* one that is never readable */
    AIOT_SPAWN(&self->t, aiot_readable, &self->wait, .fd = &self->out);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_poll_close(&loop), AIOT_ERUNTIME);
    aiot_cancel(&self->t);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_fd_close(&self->out), 0);
    (void)close(self->ends[0]);
    CHECK_END();
}

#define RUN_REAL(test) \
    do { \
        static struct test frame; \
        start(); \
        CHECK_EQUAL(aiot_run_frame(&loop, test, &frame), AIOT_OK); \
        CHECK(check_end == &frame); \
        stop(); \
    } while (0)
int main(void)
{
    RUN_REAL(sleeps_until_signal);
    posts_end_run_forever();
    a_raise_into_a_full_pipe();
    RUN_REAL(consumes);
    RUN_REAL(limited);
    RUN_REAL(reads_beside);
    RUN_REAL(closes_too_early);
    a_signal_is_cleared();
    opening_it_wrongly_is_an_error();
    return 0;
}
