/* shutdown.c - a service that ends well.  Ctrl-C, or SIGTERM, cancels its workers and waits for what they have to clean up, for two
 * seconds at most; a second one does not wait.
 *
 *     stop = asyncio.Event()
 *     loop.add_signal_handler(signal.SIGINT, stop.set)
 *     t = asyncio.create_task(service())
 *     await stop.wait()
 *     t.cancel()
 *     stop.clear()
 *     await asyncio.wait({t, asyncio.create_task(stop.wait())}, timeout=2, return_when=asyncio.FIRST_COMPLETED)
 *
 *     cc -I../.. shutdown.c -o shutdown && ./shutdown [MILLISECONDS of each clean-up]
 *
 * Notice: the handler does one thing that is allowed there, aiot_signal_raise().  It comes between any two instructions of the loop, so
 * the critical section blocks it; with threads it would be a mutex as well.  aiot_poll_open() gives the loop a pipe, which wakes it. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static sigset_t handled;                        /* SIGINT and SIGTERM */
#define AIOT_CRITICAL_STATE sigset_t
#define AIOT_CRITICAL_ENTER(state) ((void)sigprocmask(SIG_BLOCK, &handled, &(state)))
#define AIOT_CRITICAL_LEAVE(state) ((void)sigprocmask(SIG_SETMASK, &(state), NULL))
#define AIOT_POLL 1
#include "aio_timeout.h"

enum { WORKERS = 3 };

static aiot_signal stop;
static void handle(int number) { (void)number; aiot_signal_raise(&stop); }

struct worker { AIOT_FRAME; int number; aiot_time cleanup; };

static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (;;) AIOT_SLEEP(AIOT_MS(100));                      /* works */
    } AIOT_FINALLY {
        AIOT_SLEEP(self->cleanup);
        printf("worker %d has cleaned up\n", self->number);
    }
    AIOT_END();
}

struct service { AIOT_FRAME; aiot_time cleanup; aiot_group group; aiot_group_task t[WORKERS]; struct worker workers[WORKERS]; };

static AIOT_CORO(service)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        for (int i = 0; i < WORKERS; i++)
            AIOT_CHECK(aiot_group_spawn(&self->group, &self->t[i], worker, &self->workers[i], .number = i, .cleanup = self->cleanup));
    }
    AIOT_END();
}

struct root {
    AIOT_FRAME;
    aiot_time cleanup;
    struct service service;
    struct aiot_signal_wait again;
    aiot_task t, second;
    AIOT_WAIT_SET(2) set;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_signal_init(&stop, task->loop);
    if (sigaction(SIGINT, &(struct sigaction){ .sa_handler = handle }, NULL) != 0) AIOT_RAISE(1);
    if (sigaction(SIGTERM, &(struct sigaction){ .sa_handler = handle }, NULL) != 0) AIOT_RAISE(1);
    AIOT_SPAWN(&self->t, service, &self->service, .cleanup = self->cleanup);
    puts("serving");
    AIOT_SIGNAL_WAIT(&stop);
    puts("stopping");
    aiot_cancel(&self->t);
    AIOT_SPAWN(&self->second, aiot_signal_wait, &self->again, .signal = &stop);
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_S(2), &self->t, &self->second);
    if (!aiot_done(&self->t)) {
        puts("not waited for");
        exit(1);                                /* AIOT_RETURN() would: aiot_run() waits for what is left */
    }
    puts("stopped");
    AIOT_END();
}

int main(int argc, char **argv)
{
    static aiot_loop loop;
    static AIOT_POLL_SET(1) poller;
    static struct root root;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    sigemptyset(&handled);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGTERM);
    aiot_loop_init(&loop);
    if (aiot_poll_open(&loop, &poller) != 0) return 1;
    return aiot_run(&loop, root, &root, .cleanup = AIOT_MS(argc > 1 ? atoi(argv[1]) : 100)) == AIOT_OK ? 0 : 1;
}
