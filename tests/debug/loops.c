/* loops.c - several loops in one program: in a variable, on the stack, on the heap, in another thread, one that is not initialised; with
 * waits for descriptors, signals and inboxes. It stops in stop_here(). expected/loops.txt has its lines. */
#define AIOT_THREADS 1
#define AIOT_POLL 1
#include "aio_timeout.h"
#include <stdlib.h>

extern aiot_loop not_initialised;
aiot_loop not_initialised;
static struct server { int kind; aiot_loop loop; aiot_task tick; struct aiot_sleep frame; } *server;
static struct { aiot_task task; struct aiot_sleep frame; } others[2];
static aiot_signal ring;
static aiot_inbox inbox;
static int inbox_items[4];
static aiot_fd in;

__attribute__((noinline)) void stop_here(void);
void stop_here(void) { __asm__ volatile("" : : : "memory"); }

struct reader { AIOT_FRAME; char byte; };
static AIOT_CORO(reader)
{
    AIOT_BEGIN();
    AIOT_READABLE(&in);
    if (read(in.fd, &self->byte, 1) != 1) AIOT_RAISE(1);
    AIOT_END();
}

struct rings { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(rings)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_US(3)) { AIOT_SIGNAL_WAIT(&ring); }
    AIOT_END();
}

struct gets { AIOT_FRAME; int item; };
static AIOT_CORO(gets) { AIOT_BEGIN(); AIOT_INBOX_GET(&inbox, &self->item); AIOT_END(); }

struct root { AIOT_FRAME; aiot_task reader, rings, gets; struct reader reader_frame; struct rings rings_frame; struct gets gets_frame; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->reader, reader, &self->reader_frame);
    AIOT_SPAWN(&self->rings, rings, &self->rings_frame);
    AIOT_SPAWN(&self->gets, gets, &self->gets_frame);
    AIOT_YIELD();
    AIOT_YIELD();
    stop_here();
    AIOT_END();
}

static pthread_barrier_t is_ready;
static void *other_thread(void *nothing)
{
    aiot_loop own;
    aiot_loop_init_virtual(&own);
    if (aiot_spawn_on(&own, &others[0].task, aiot_sleep, &others[0].frame, .delay_ns = AIOT_MS(30)) != 0) return NULL;
    if (aiot_spawn_on(&own, &others[1].task, aiot_sleep, &others[1].frame, .delay_ns = AIOT_FOREVER) != 0) return NULL;
    aiot_run_once(&own);
    pthread_barrier_wait(&is_ready);
    pthread_barrier_wait(&is_ready);            /* here it is when the program stops */
    (void)aiot_run_forever(&own);
    return nothing;
}

int main(void)
{
    static AIOT_POLL_SET(4) poller;
    static struct root root;
    aiot_loop loop;
    int ends[2];
    pthread_t other;
    server = (struct server *)calloc(1, sizeof *server);
    if (server == NULL || pipe(ends) != 0) return 1;
    aiot_loop_init_virtual(&server->loop);
    if (aiot_spawn_on(&server->loop, &server->tick, aiot_sleep, &server->frame, .delay_ns = AIOT_S(2)) != 0) return 1;
    pthread_barrier_init(&is_ready, NULL, 2);
    pthread_create(&other, NULL, other_thread, NULL);
    pthread_barrier_wait(&is_ready);
    aiot_loop_init_virtual(&loop);
    aiot_signal_init(&ring, &loop);
    if (aiot_poll_open(&loop, &poller) || aiot_fd_open(&in, &loop, ends[0]) ||
        aiot_inbox_init(&inbox, &loop, inbox_items, sizeof *inbox_items, 4)) return 1;
    return aiot_run_frame(&loop, root, &root) + not_initialised.turning;
}
