/* aiot_pool.h - blocking calls in threads, awaited with limits: asyncio.to_thread() for aio_timeout.h. MIT licence.
 *
 * A pool has a fixed number of threads. A coroutine hands a C function to the pool and awaits its result, while the loop serves all other
 * tasks. Use it for calls that block: getaddrinfo(), a database, a file system, a long computation. POSIX threads, C11 or C++11.
 *
 * QUICK START
 *
 *     #define _POSIX_C_SOURCE 200809L
 *     #define AIOT_THREADS 1
 *     #define AIOT_POLL 1
 *     #include "aio_timeout.h"
 *     #include "aiot_pool.h"
 *
 *     static struct aiot_pool pool;
 *
 *     static int blocks(void *argument) { return puts((const char *)argument); }        // runs in a thread
 *
 *     struct root {
 *         AIOT_FRAME; struct aiot_to_thread call; struct aiot_getaddrinfo lookup; struct aiot_pool_close close; aiot_timeout limit;
 *     };
 *
 *     static AIOT_CORO(root)
 *     {
 *         AIOT_BEGIN();
 *         AIOT_CHECK(aiot_pool_open(&pool, task->loop, 4, 64));
 *         AIOT_AWAIT(aiot_to_thread, &self->call, .pool = &pool, .work = blocks, .argument = (void *)"hello");
 *         AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
 *             AIOT_AWAIT(aiot_getaddrinfo, &self->lookup, .pool = &pool, .host = "example.org", .service = "80");
 *             freeaddrinfo(self->lookup.found);
 *         } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
 *             puts("the lookup is late");
 *         } AIOT_EXCEPT(AIOT_EAI) {
 *             puts((const char *)aiot_caught(task).info);
 *         }
 *         AIOT_AWAIT(aiot_pool_close, &self->close, .pool = &pool);
 *         AIOT_END();
 *     }
 *
 * Call aiot_poll_open() for the loop before the pool is opened: threads wake the loop through it. Link with -pthread.
 *
 * CONTENTS
 *    aiot_pool_open()     starts the threads
 *    aiot_to_thread       runs a function in a thread and waits for its result
 *    aiot_pool_close      lets all work end, ends the threads, frees the memory
 *    aiot_getaddrinfo     looks up a host
 *
 * THE RULES
 *  1. A pool belongs to one loop. All calls are made in that loop's thread. Only work() runs in another thread. work() must not call
 *     anything of aio_timeout.h, except aiot_post_raise(), aiot_signal_raise() and aiot_inbox_put().
 *  2. What work() uses must live until work() has returned, also when nobody waits for it any more. See OWNERSHIP at aiot_to_thread.
 *  3. The threads block all signals. Your handlers run in your threads.
 *  4. Close the pool before its loop ends. The pool must not move or be copied while it is open.
 *  5. After a fork() the child has the pool's memory but not its threads. Do not use the pool there. */
#ifndef AIOT_POOL_H
#define AIOT_POOL_H

#include "aio_timeout.h"
#if !AIOT_THREADS
#error "aiot_pool.h needs threads: write #define AIOT_THREADS 1 before the first #include of aio_timeout.h, in all files"
#endif
#if !AIOT_POLL
#error "aiot_pool.h needs a loop that threads can wake: write #define AIOT_POLL 1 before the first #include of aio_timeout.h, in all files"
#endif
#if !AIOT_TASK_LIST
#error "aiot_pool.h needs AIOT_SHIELDED(): leave AIOT_TASK_LIST at 1"
#endif
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- The pool. All fields are private. */
enum aiot_i_job_state { AIOT_I_JOB_QUEUED, AIOT_I_JOB_RUNS, AIOT_I_JOB_ENDED };
enum aiot_i_pool_state {
    AIOT_I_POOL_CLOSED,   /* no threads, no memory */
    AIOT_I_POOL_OPEN,
    AIOT_I_POOL_SHUT,     /* a close was cut: it takes no new work and waits for another close */
    AIOT_I_POOL_CLOSING   /* a task is in aiot_pool_close */
};

struct aiot_i_job {
    struct aiot_i_job *next, *prev;  /* in the queue: under the mutex. In the list of free jobs: of the loop's thread */
    enum aiot_i_job_state state;     /* under the mutex */
    int result;                      /* of the thread while it runs, then of the loop's thread */
    int (*work)(void *argument);
    void (*discard)(void *argument);
    void *argument;
    struct aiot_pool *pool;
    aiot_event ended;                /* set in the loop's thread */
    aiot_post post;                  /* raised once by the thread; then the job is the loop's again */
    bool is_abandoned;               /* of the loop's thread: nobody waits any more */
};

struct aiot_pool {
    pthread_mutex_t mutex;
    pthread_cond_t has_work;
    struct aiot_i_job *first, *last; /* the queue, under the mutex */
    bool is_quitting;                /* under the mutex */

    aiot_loop *loop;                 /* from here on: of the loop's thread */
    enum aiot_i_pool_state state;
    int thread_count;
    pthread_t *threads;
    struct aiot_i_job *jobs, *free_job;
    aiot_semaphore free_jobs;        /* counts the list of free jobs */
    int users;                       /* calls that have not ended, and abandoned jobs */
    aiot_event idle;                 /* set while there are no users */
};

/* Threads call these with the mutex locked. */
static inline void aiot_i_queue_append(struct aiot_pool *pool, struct aiot_i_job *job)
{
    job->next = NULL;
    job->prev = pool->last;
    if (pool->last) pool->last->next = job;
    else pool->first = job;
    pool->last = job;
}

static inline void aiot_i_queue_remove(struct aiot_pool *pool, struct aiot_i_job *job)
{
    if (job->next) job->next->prev = job->prev;
    else pool->last = job->prev;
    if (job->prev) job->prev->next = job->next;
    else pool->first = job->next;
}

/* A thread ends when it is told to quit and the queue is empty. */
static inline void *aiot_i_pool_thread(void *argument)
{
    struct aiot_pool *pool = (struct aiot_pool *)argument;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        struct aiot_i_job *job = pool->first;
        if (job == NULL) {
            if (pool->is_quitting) break;
            pthread_cond_wait(&pool->has_work, &pool->mutex);
            continue;
        }
        aiot_i_queue_remove(pool, job);
        job->state = AIOT_I_JOB_RUNS;
        pthread_mutex_unlock(&pool->mutex);
        job->result = job->work(job->argument);
        pthread_mutex_lock(&pool->mutex);
        job->state = AIOT_I_JOB_ENDED;
        pthread_mutex_unlock(&pool->mutex);
        aiot_post_raise(&job->post);
        pthread_mutex_lock(&pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* Gives a call's place back: its job, if it has one, and its count among the users. */
static inline void aiot_i_pool_leave(struct aiot_pool *pool, struct aiot_i_job *job)
{
    if (job) {
        job->next = pool->free_job;
        pool->free_job = job;
        aiot_semaphore_release(&pool->free_jobs);
    }
    if (--pool->users == 0) aiot_event_set(&pool->idle);
}

/* The post of a job, in the loop's thread. */
static inline int aiot_i_job_has_ended(void *argument)
{
    struct aiot_i_job *job = (struct aiot_i_job *)argument;
    aiot_event_set(&job->ended);
    if (!job->is_abandoned) return 0;
    if (job->discard) job->discard(job->argument);
    aiot_i_pool_leave(job->pool, job);
    return 0;
}

/* Ends the threads and frees all memory. No job may be queued or run: then this takes microseconds. */
static inline void aiot_i_pool_free(struct aiot_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->is_quitting = true;
    pthread_cond_broadcast(&pool->has_work);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->thread_count; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->has_work);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->threads);
    free(pool->jobs);
    pool->threads = NULL;
    pool->jobs = NULL;
    pool->thread_count = 0;
    pool->state = AIOT_I_POOL_CLOSED;
}

static inline int aiot_i_pool_start_threads(struct aiot_pool *pool, int threads)
{
    int error = 0;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (error == 0 && pool->thread_count < threads) {
        error = pthread_create(&pool->threads[pool->thread_count], NULL, aiot_i_pool_thread, pool);
        if (error == 0) pool->thread_count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* ---- aiot_pool_open(): ThreadPoolExecutor(max_workers=threads). Starts `threads` threads, and allocates all memory that the pool will
 * ever use: `jobs` jobs, queued or running, of 168 bytes each on 64 bits. Call it in the loop's thread. The pool need not be zeroed. It
 * must live until aiot_pool_close has returned.
 *
 * Returns 0, or a positive errno, and then the pool is closed and holds nothing: AIOT_CHECK(aiot_pool_open(...)) raises it.
 *     EINVAL   threads or jobs is below 1, or the loop cannot be woken: call aiot_poll_open() first
 *     ENOMEM   no memory
 *     EAGAIN   the system gives no more threads */
static inline int aiot_pool_open(struct aiot_pool *pool, aiot_loop *loop, int threads, int jobs)
{
    memset(pool, 0, sizeof *pool);
    pool->loop = loop;
    if (threads < 1 || jobs < 1 || loop->poll == NULL) return EINVAL;
    if (aiot_semaphore_init(&pool->free_jobs, jobs) != 0) return EINVAL;
    int error = pthread_mutex_init(&pool->mutex, NULL);
    if (error != 0) return error;
    error = pthread_cond_init(&pool->has_work, NULL);
    if (error != 0) {
        pthread_mutex_destroy(&pool->mutex);
        return error;
    }
    pool->threads = (pthread_t *)calloc((size_t)threads, sizeof *pool->threads);
    pool->jobs = (struct aiot_i_job *)calloc((size_t)jobs, sizeof *pool->jobs);
    error = pool->threads && pool->jobs ? aiot_i_pool_start_threads(pool, threads) : ENOMEM;
    if (error != 0) {
        aiot_i_pool_free(pool);
        return error;
    }
    for (int i = jobs; i-- > 0;) {
        struct aiot_i_job *job = &pool->jobs[i];
        job->pool = pool;
        job->next = pool->free_job;
        pool->free_job = job;
        aiot_post_init(&job->post, loop, aiot_i_job_has_ended, job);
    }
    aiot_event_set(&pool->idle);
    pool->state = AIOT_I_POOL_OPEN;
    return 0;
}

/* ---- aiot_to_thread: asyncio.to_thread(work, argument). Runs work(argument) in a thread of the pool. Jobs begin in order. While all jobs
 * are taken, it waits for one, in order: so a pool of 4 threads and 64 jobs holds 60 queued jobs, and every further caller waits.
 *
 *     AIOT_AWAIT(aiot_to_thread, &self->call, .pool = &pool, .work = fn, .argument = arg);       then self->call.result
 *
 *    .pool       the pool
 *    .work       int work(void *argument), called once in a thread, or never
 *    .argument   for the three functions
 *    .stop       void stop(void *argument), or NULL. Asks a running work() to return soon. It is called in the loop's thread, once in 5 ms
 *                until work() has returned: so a call that came too early to have an effect is repaired by the next one. It must not block,
 *                and must do no harm just before work() begins and just after it has returned
 *    .discard    void discard(void *argument), or NULL. Gives the argument up if the call raises, in the loop's thread. It must not block
 *    .result     set when the await returns: what work() has returned
 *
 * A CANCEL, or a limit, of the waiter:
 *    work() has not begun              it never runs
 *    work() runs, and there is stop()  it is told to stop. The call waits until it has returned, however often it is cancelled
 *    work() runs, without stop()       it is abandoned: the call raises at once; the thread is free again when work() has returned
 * In all three cases the call raises the cancel. It also raises the cancel if work() has just returned: then the result is lost, but what
 * work() did is done. To wait for work() that cannot be stopped, await the call in AIOT_SHIELDED().
 *
 * OWNERSHIP. The frame lives until the call has returned or raised. With stop(), or in AIOT_SHIELDED(), `argument` may lie in the
 * caller's frame. Else it must outlive work(): it lies on the heap, or is static. If the call returns, the argument is the caller's.
 * If the call raises anything, it calls discard(argument) exactly once: when work() has returned, or at once if work() never runs. A call
 * that does not begin owns nothing: a task that is cancelled before its first step, AIOT_WAIT_FOR() with a limit of 0. So allocate the
 * argument in a coroutine of yours and await the call there, as aiot_getaddrinfo does.
 *
 * Raises AIOT_ESHUTDOWN if the pool is closed or a close has begun, AIOT_ERUNTIME in another loop, AIOT_EINVAL if work is NULL, and
 * cancels. Cost: one wake-up of a thread and one of the loop, no allocation. */
struct aiot_to_thread {
    AIOT_FRAME_DEPTH(2);
    struct aiot_pool *pool;
    int (*work)(void *argument);
    void *argument;
    void (*stop)(void *argument);
    void (*discard)(void *argument);
    int result;

    struct aiot_i_job *job;  /* from here on: private */
    bool has_entered, is_abandoned;
    aiot_waiter w;
    aiot_guard guard;
    aiot_timeout again;
};

/* Counts the call among the pool's users. Returns 0, or what the call raises. */
static inline int aiot_i_pool_enter(struct aiot_to_thread *call, aiot_loop *loop)
{
    struct aiot_pool *pool = call->pool;
    if (call->work == NULL) return AIOT_EINVAL;
    if (pool->state != AIOT_I_POOL_OPEN) return AIOT_ESHUTDOWN;
    if (pool->loop != loop) return AIOT_ERUNTIME;
    call->has_entered = true;
    if (pool->users++ == 0) aiot_event_clear(&pool->idle);
    return 0;
}

/* Puts the call's work into a free job and queues it. */
static inline void aiot_i_pool_submit(struct aiot_to_thread *call)
{
    struct aiot_pool *pool = call->pool;
    struct aiot_i_job *job = call->job = pool->free_job;
    pool->free_job = job->next;
    job->work = call->work;
    job->argument = call->argument;
    job->discard = call->discard;
    job->is_abandoned = false;
    aiot_event_clear(&job->ended);
    pthread_mutex_lock(&pool->mutex);
    job->state = AIOT_I_JOB_QUEUED;
    aiot_i_queue_append(pool, job);
    pthread_cond_signal(&pool->has_work);
    pthread_mutex_unlock(&pool->mutex);
}

/* Takes a job out of the queue. Returns false if a thread has it already. */
static inline bool aiot_i_pool_take_back(struct aiot_i_job *job)
{
    pthread_mutex_lock(&job->pool->mutex);
    bool is_queued = job->state == AIOT_I_JOB_QUEUED;
    if (is_queued) aiot_i_queue_remove(job->pool, job);
    pthread_mutex_unlock(&job->pool->mutex);
    return is_queued;
}

/* Is a thread in the call's work(), or about to tell its end? */
static inline bool aiot_i_pool_is_running(struct aiot_to_thread *call)
{
    return call->job && !aiot_event_is_set(&call->job->ended) && !aiot_i_pool_take_back(call->job);
}

static inline AIOT_CORO(aiot_to_thread)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_CHECK(aiot_i_pool_enter(self, task->loop));
        AIOT_SEMAPHORE_ACQUIRE(&self->pool->free_jobs, &self->w);
        aiot_i_pool_submit(self);
        AIOT_EVENT_WAIT(&self->job->ended, &self->w);
        self->result = self->job->result;
    } AIOT_EXCEPT_ALL {
        if (aiot_i_pool_is_running(self)) {
            if (self->stop == NULL) self->is_abandoned = self->job->is_abandoned = true;
            else AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {
                while (!aiot_event_is_set(&self->job->ended)) {
                    self->stop(self->argument);
                    AIOT_TIMEOUT(&self->again, AIOT_MS(5)) {
                        AIOT_EVENT_WAIT(&self->job->ended, &self->w);
                    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
                }
            }
        }
        if (self->discard && !self->is_abandoned) self->discard(self->argument);
        AIOT_RERAISE();
    } AIOT_FINALLY {
        if (self->has_entered && !self->is_abandoned) aiot_i_pool_leave(self->pool, self->job);
    }
    AIOT_END();
}

/* ---- aiot_pool_close: ThreadPoolExecutor.shutdown(wait=True), awaited. New calls raise AIOT_ESHUTDOWN from the first step on. Calls that
 * began before are served to their ends, also those that wait for a free job. Abandoned work runs to its end, and is discarded. Then the
 * threads end and the memory is freed. The loop serves other tasks meanwhile. To end sooner, cancel the tasks that use the pool first.
 *
 *     AIOT_AWAIT(aiot_pool_close, &self->close, .pool = &pool);
 *
 * Raises AIOT_ESTATE if the pool is closed, if another task closes it, or if it was never opened but zeroed; AIOT_ERUNTIME in another
 * loop; cancels. If a cancel or a limit cuts it, the pool takes no new work but is not closed: call it again later. In clean-up, await it
 * in AIOT_SHIELDED(). Work that never returns keeps it waiting. Do not await it in a task that work() of this pool waits for. */
struct aiot_pool_close { AIOT_FRAME; struct aiot_pool *pool; aiot_waiter w; };

static inline int aiot_i_pool_begin_close(struct aiot_pool *pool, aiot_loop *loop)
{
    if (pool->state != AIOT_I_POOL_OPEN && pool->state != AIOT_I_POOL_SHUT) return AIOT_ESTATE;
    if (pool->loop != loop) return AIOT_ERUNTIME;
    pool->state = AIOT_I_POOL_CLOSING;
    return 0;
}

static inline AIOT_CORO(aiot_pool_close)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_i_pool_begin_close(self->pool, task->loop));
    AIOT_TRY {
        AIOT_EVENT_WAIT(&self->pool->idle, &self->w);
        aiot_i_pool_free(self->pool);
    } AIOT_EXCEPT_ALL {
        self->pool->state = AIOT_I_POOL_SHUT;
        AIOT_RERAISE();
    }
    AIOT_END();
}

/* ---- aiot_getaddrinfo: loop.getaddrinfo(). Calls getaddrinfo() in a thread.
 *
 *     AIOT_AWAIT(aiot_getaddrinfo, &self->lookup, .pool = &pool, .host = "example.org", .service = "80");
 *     ... self->lookup.found ...
 *     freeaddrinfo(self->lookup.found);
 *
 *    .pool            the pool
 *    .host, .service  as for getaddrinfo(); one of them may be NULL. Copied in the first step
 *    .hints           NULL, or a struct addrinfo, as for getaddrinfo(). Copied in the first step
 *    .found           set when the await returns: the list of addresses. The caller frees it with freeaddrinfo()
 *    .error           the code of getaddrinfo(): 0, EAI_NONAME, EAI_AGAIN, ...
 *
 * Raises AIOT_EAI if the lookup fails: self->lookup.error tells why, and the error's pointer is its text, of gai_strerror(), which is
 * static. Raises ENOMEM, what aiot_to_thread raises, and cancels. getaddrinfo() cannot be stopped: on a cancel or a limit it is abandoned.
 * Its thread is taken until it returns, with common settings after 5 to 30 s, and its list is freed then. So lookups deserve a pool of
 * their own if others must not wait for them. */
enum { AIOT_EAI = 21000 };

struct aiot_i_lookup {  /* on the heap, with the texts behind it: it may outlive the waiter */
    char *host, *service;
    struct addrinfo hints, *found;
    bool has_hints;
};

struct aiot_getaddrinfo {
    AIOT_FRAME;
    struct aiot_pool *pool;
    const char *host, *service;
    const struct addrinfo *hints;
    struct addrinfo *found;
    int error;

    struct aiot_i_lookup *lookup;  /* from here on: private */
    struct aiot_to_thread call;
};

static inline struct aiot_i_lookup *aiot_i_lookup_new(const char *host, const char *service, const struct addrinfo *hints)
{
    size_t host_size = host ? strlen(host) + 1 : 0, service_size = service ? strlen(service) + 1 : 0;
    struct aiot_i_lookup *lookup = (struct aiot_i_lookup *)calloc(1, sizeof *lookup + host_size + service_size);
    if (lookup == NULL) return NULL;
    char *texts = (char *)(lookup + 1);
    if (host) lookup->host = (char *)memcpy(texts, host, host_size);
    if (service) lookup->service = (char *)memcpy(texts + host_size, service, service_size);
    if (hints) {
        lookup->has_hints = true;
        lookup->hints.ai_flags = hints->ai_flags;
        lookup->hints.ai_family = hints->ai_family;
        lookup->hints.ai_socktype = hints->ai_socktype;
        lookup->hints.ai_protocol = hints->ai_protocol;
    }
    return lookup;
}

static inline int aiot_i_lookup_work(void *argument)
{
    struct aiot_i_lookup *lookup = (struct aiot_i_lookup *)argument;
    int error = getaddrinfo(lookup->host, lookup->service, lookup->has_hints ? &lookup->hints : NULL, &lookup->found);
    if (error != 0) lookup->found = NULL;
    return error;
}

static inline void aiot_i_lookup_free(void *argument)
{
    struct aiot_i_lookup *lookup = (struct aiot_i_lookup *)argument;
    if (lookup->found) freeaddrinfo(lookup->found);
    free(lookup);
}

/* Moves the list of addresses out of the lookup, and frees the lookup. */
static inline struct addrinfo *aiot_i_lookup_take(struct aiot_i_lookup *lookup)
{
    struct addrinfo *found = lookup->found;
    free(lookup);
    return found;
}

static inline AIOT_CORO(aiot_getaddrinfo)
{
    AIOT_BEGIN();
    self->lookup = aiot_i_lookup_new(self->host, self->service, self->hints);
    if (self->lookup == NULL) AIOT_RAISE(ENOMEM);
    AIOT_AWAIT(aiot_to_thread, &self->call, .pool = self->pool, .work = aiot_i_lookup_work, .argument = self->lookup,
               .discard = aiot_i_lookup_free);
    self->found = aiot_i_lookup_take(self->lookup);
    self->error = self->call.result;
    if (self->error != 0) AIOT_RAISE_INFO(AIOT_EAI, gai_strerror(self->error));
    AIOT_END();
}

#endif /* AIOT_POOL_H */
