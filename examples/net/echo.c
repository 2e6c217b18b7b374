/* echo.c - a TCP server that sends every line back, with a limit on every wait, and a shutdown that ends well: with asyncio,
 * start_server(connection, host, port, reuse_port=True), and in connection() an asyncio.timeout() around each readuntil() and drain().
 *
 *     connection    receives lines and sends them back, and counts how it ended
 *     acceptor      starts a task for each connection
 *     root          runs until a signal comes, and drains: idle connections are closed at once, the others may end their line
 *
 *     cc -O2 -I../.. -pthread echo.c -o echo && ./echo -p 7000          (echo -h lists the options)
 *
 * Notice: ended() closes the socket.  As a done callback it also runs if a task was cancelled before its first step; a FINALLY part does
 * not.  Each batch of lines costs one recv, one send and one limit, and no change of what the kernel watches.  All memory is allocated at
 * the start; the pages of a connection are touched when it comes.  Where there is only poll(2), EVENTS bounds the connections. */
#define _GNU_SOURCE
#define AIOT_POLL 1
#define AIOT_THREADS 1
#include "aio_timeout.h"
#include "../adapters/aiot_stream.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { LINE = 1024, EVENTS = 256, BACKLOG = 4096, AT_ONCE = 16, A_DAY_MS = 86400000 };
enum { PORT, CONNECTIONS, IDLE_MS, LINE_MS, WRITE_MS, DRAIN_MS, THREADS, OPTIONS };
static struct { char letter; int value, least, most; const char *text; } options[OPTIONS] = {
    {'p', 7000, 0, 65535, "port to listen on, at 127.0.0.1; 0: any free one"},
    {'n', 10000, 1, 10000000, "most connections of one loop"},
    {'i', 60000, 1, A_DAY_MS, "ms: limit on waiting for a line to begin"},
    {'l', 10000, 1, A_DAY_MS, "ms: limit on one line, from its first bytes"},
    {'w', 10000, 1, A_DAY_MS, "ms: limit on a peer that does not read"},
    {'d', 3000, 0, A_DAY_MS, "ms: limit on the drain after SIGTERM or SIGINT"},
    {'t', 1, 1, 64, "loops, each with a thread and a listener"},
};
static int option(int which) { return options[which].value; }
static bool verbose;

enum { ACCEPTED, MOST, LINES, IDLE, SLOW, RESET, TOO_LONG, CANCELLED, REFUSED, LEFT, COUNTERS };
static const char *const counter_names[] =
    { "accepted", "most at once", "lines", "idle", "slow", "reset", "too long", "cancelled", "refused", "left" };

struct slot;
struct connection {
    AIOT_FRAME;
    struct slot *slot;
    bool is_idle;                               /* waits for the first byte of a line */
    size_t whole, sent; unsigned long lines;    /* bytes of whole lines; of these, those sent; the lines */
    aiot_time until; aiot_timeout limit;
    union { struct aiot_stream_fill fill; struct aiot_stream_send_all send; } call;
};

struct slot {                                   /* the place of one connection; next: if it is free */
    struct server *server; struct slot *next;
    aiot_fd socket; struct aiot_buffer in;
    aiot_task task; aiot_handle end; struct connection frame;
};
struct acceptor { AIOT_FRAME; struct server *server; struct slot *slot; int at_once; aiot_waiter w; struct aiot_stream_accept accept; };

struct root {
    AIOT_FRAME;
    struct server *server;
    struct acceptor acceptor; struct aiot_signal_wait signal; struct aiot_event_wait gone;
    aiot_task accepting, signalled, ending; aiot_timeout grace; AIOT_WAIT_SET(2) set;
};

struct server {                                 /* one loop, in a thread of its own */
    aiot_loop loop; AIOT_POLL_SET(EVENTS) poller;
    struct aiot_listener listener;
    struct slot *slots, *free; char (*buffers)[LINE];
    int live, used_slots;                       /* slots from used_slots on were never used: their memory is not touched yet */
    bool is_draining, is_hurried;
    aiot_event has_room, all_gone; aiot_signal stop;
    unsigned long count[COUNTERS];
    struct root root; pthread_t thread; int result;
};

/* Returns the bytes of the whole lines in a buffer; *lines gets their number. */
static size_t whole_lines(const struct aiot_buffer *b, unsigned long *lines)
{
    const char *data = aiot_buffer_data(b), *at = data, *end;
    for (*lines = 0; (end = memchr(at, '\n', b->used - (size_t)(at - data))) != NULL; at = end + 1) ++*lines;
    return (size_t)(at - data);
}

static aiot_time after_ms(aiot_loop *loop, int ms) { return aiot_time_after(aiot_now(loop), AIOT_MS(ms)); }

static AIOT_CORO(connection)
{
    struct slot *const slot = self->slot;       /* above AIOT_BEGIN(): set again at each resume */
    struct server *const server = slot->server;
    AIOT_BEGIN();
    AIOT_TRY {
        while (!server->is_draining || slot->in.used > 0) {
            self->until = after_ms(task->loop, slot->in.used ? option(LINE_MS) : option(IDLE_MS));
            while ((self->whole = whole_lines(&slot->in, &self->lines)) == 0) {
                self->is_idle = slot->in.used == 0;
                AIOT_TIMEOUT_AT(&self->limit, self->until) {
                    AIOT_AWAIT(aiot_stream_fill, &self->call.fill, .fd = &slot->socket, .buffer = &slot->in);
                }
                if (self->is_idle) self->until = after_ms(task->loop, option(LINE_MS));
                self->is_idle = false;
            }
            AIOT_CHECK(aiot_stream_send_nowait(&slot->socket, aiot_buffer_data(&slot->in), self->whole, &self->sent));
            if (self->sent < self->whole) {
                AIOT_TIMEOUT(&self->limit, AIOT_MS(option(WRITE_MS))) {
                    AIOT_AWAIT(aiot_stream_send_all, &self->call.send, .fd = &slot->socket,
                               .from = aiot_buffer_data(&slot->in) + self->sent, .length = self->whole - self->sent);
                }
            }
            server->count[LINES] += self->lines;
            aiot_buffer_take(&slot->in, self->whole);
        }
    } AIOT_EXCEPT(AIOT_STREAM_EOF, AIOT_STREAM_CUT) {
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        server->count[self->is_idle ? IDLE : SLOW]++;
    } AIOT_EXCEPT(AIOT_ENOBUFS) {
        server->count[TOO_LONG]++;
    } AIOT_EXCEPT_APP {                         /* an errno */
        server->count[RESET]++;
        if (verbose) fprintf(stderr, "connection: %s\n", aiot_stream_strerror(aiot_caught(task).code));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        if (!self->is_idle) server->count[CANCELLED]++;
    }
    AIOT_END();
}

/* Takes a free slot.  NULL if all connections are in use. */
static struct slot *take_slot(struct server *server)
{
    if (server->live == option(CONNECTIONS)) return NULL;
    struct slot *slot = server->free ? server->free : &server->slots[server->used_slots++];
    if (server->free) server->free = slot->next;
    slot->server = server;
    return slot;
}

static int ended(void *argument)
{
    struct slot *slot = argument;
    struct server *server = slot->server;
    (void)aiot_fd_close(&slot->socket);
    slot->next = server->free;
    server->free = slot;
    aiot_event_set(&server->has_room);
    if (--server->live == 0) aiot_event_set(&server->all_gone);
    return 0;
}

static int start_connection(struct slot *slot, aiot_task *task)
{
    struct server *server = slot->server;
    aiot_buffer_init(&slot->in, server->buffers[slot - server->slots], LINE);
    server->count[ACCEPTED]++;
    if (++server->live > (int)server->count[MOST]) server->count[MOST]++;
    if (server->live == option(CONNECTIONS)) aiot_event_clear(&server->has_room);
    aiot_event_clear(&server->all_gone);
    int error = aiot_spawn(&slot->task, connection, &slot->frame, .slot = slot, .is_idle = true);
    return error ? error : aiot_add_done_callback(&slot->task, &slot->end, ended, slot);
}

static AIOT_CORO(acceptor)
{
    struct server *const server = self->server;
    AIOT_BEGIN();
    for (;;) {
        AIOT_EVENT_WAIT(&server->has_room, &self->w);
        if (self->slot == NULL) self->slot = take_slot(server);
        AIOT_AWAIT(aiot_stream_accept, &self->accept, .listener = &server->listener, .fd = &self->slot->socket);
        self->at_once = 0;
        do {
            AIOT_CHECK(start_connection(self->slot, task));
            self->slot = take_slot(server);
        } while (self->slot && ++self->at_once < AT_ONCE && aiot_stream_accept_nowait(&server->listener, &self->slot->socket, NULL) == 0);
    }
    AIOT_END();
}

static void cancel_connections(struct server *server, bool only_idle)
{
    for (struct slot *slot = server->slots; slot < server->slots + server->used_slots; slot++)
        if (!aiot_task_idle(&slot->task) && !aiot_done(&slot->task) && (slot->frame.is_idle || !only_idle)) aiot_cancel(&slot->task);
}

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->accepting, acceptor, &self->acceptor, .server = self->server);
    AIOT_SPAWN(&self->signalled, aiot_signal_wait, &self->signal, .signal = &self->server->stop);
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->accepting, &self->signalled);
    if (aiot_done(&self->accepting)) AIOT_JOIN(&self->accepting);       /* raises why it ended */

    AIOT_STOP(&self->grace, AIOT_FOREVER, &self->accepting);
    aiot_listener_close(&self->server->listener);
    self->server->is_draining = true;
    cancel_connections(self->server, true);
    AIOT_SPAWN(&self->ending, aiot_event_wait, &self->gone, .event = &self->server->all_gone);
    AIOT_SPAWN(&self->signalled, aiot_signal_wait, &self->signal, .signal = &self->server->stop);
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_MS(option(DRAIN_MS)), &self->ending, &self->signalled);
    self->server->is_hurried = aiot_done(&self->signalled);             /* a second signal */
    cancel_connections(self->server, false);
    AIOT_JOIN(&self->ending);
    AIOT_STOP(&self->grace, AIOT_FOREVER, &self->signalled);
    AIOT_END();
}

static struct server *servers;
static void handle(int number)
{
    (void)number;
    for (int i = 0; i < option(THREADS); i++) aiot_signal_raise(&servers[i].stop);
}

static int fail(const char *what, int code) { return fprintf(stderr, "echo: %s: %s\n", what, aiot_stream_strerror(code)), 1; }

static void *run(void *argument)
{
    struct server *server = argument;
    server->result = aiot_run(&server->loop, root, &server->root, .server = server);
    if (server->result != AIOT_OK) handle(fail("ended", server->result));       /* the others end, too */
    return NULL;
}

/* Returns 0 or an error code.  Port 0 becomes the port that the kernel picks. */
static int open_server(struct server *server)
{
    struct aiot_address address;
    size_t n = (size_t)option(CONNECTIONS);
    server->slots = calloc(n, sizeof *server->slots);                   /* from the kernel, as untouched pages */
    server->buffers = calloc(n, sizeof *server->buffers);
    if (server->slots == NULL || server->buffers == NULL) return ENOMEM;
    aiot_loop_init(&server->loop);
    aiot_signal_init(&server->stop, &server->loop);
    aiot_event_set(&server->has_room);
    aiot_event_set(&server->all_gone);
    int error = aiot_poll_open(&server->loop, &server->poller);
    if (error == 0) error = aiot_address_ip(&address, "127.0.0.1", option(PORT));
    unsigned flags = option(THREADS) > 1 ? AIOT_STREAM_REUSEPORT : 0;
    if (error == 0) error = aiot_stream_listen(&server->listener, &server->loop, &address, BACKLOG, flags);
    options[PORT].value = aiot_stream_port(&server->listener.fd);
    return error == 0 && option(PORT) == 0 ? EADDRNOTAVAIL : error;
}

static int print_counters(void)                 /* returns the exit code */
{
    unsigned long sum[COUNTERS] = { 0 };
    int code = 0;
    for (struct server *s = servers; s < servers + option(THREADS); s++) {
        s->count[REFUSED] = s->listener.refused;
        s->count[LEFT] = (unsigned long)s->live;
        for (int i = 0; i < COUNTERS; i++) sum[i] += s->count[i];
        if (s->result != AIOT_OK || s->is_hurried) code = 1;
    }
    for (int i = 0; i < COUNTERS; i++) printf("%s %lu%s", counter_names[i], sum[i], i < LEFT ? ", " : "\n");
    return code;
}

static int usage(FILE *to, int code)
{
    fputs("usage: echo [-v] [-LETTER NUMBER ...]\n  -v  tells on stderr why connections failed\n", to);
    for (int i = 0; i < OPTIONS; i++) fprintf(to, "  -%c  %s (%d)\n", options[i].letter, options[i].text, options[i].value);
    fputs("Exit code: 0 after a drain, 1 after a failure or a second signal, 2 for a bad command line.\n", to);
    return code;
}

static void set_option(int letter, const char *text)
{
    int i = 0;
    while (options[i].letter != letter) i++;
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < options[i].least || value > options[i].most) {
        fprintf(stderr, "echo: -%c needs a number from %d to %d, not '%s'\n", letter, options[i].least, options[i].most, text);
        exit(2);
    }
    options[i].value = (int)value;
}

int main(int argc, char **argv)
{
    for (int letter; (letter = getopt(argc, argv, "p:n:i:l:w:d:t:vh")) != -1;) {
        if (letter == 'h' || letter == '?') return letter == 'h' ? usage(stdout, 0) : usage(stderr, 2);
        if (letter == 'v') verbose = true;
        else set_option(letter, optarg);
    }
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && (files.rlim_cur = files.rlim_max, setrlimit(RLIMIT_NOFILE, &files)) != 0) perror("echo");
    int threads = option(THREADS), error = (servers = calloc((size_t)threads, sizeof *servers)) ? 0 : ENOMEM;
    for (int i = 0; i < threads && error == 0; i++) error = open_server(&servers[i]);
    if (error != 0) return fail("listening", error);
    if (signal(SIGTERM, handle) == SIG_ERR || signal(SIGINT, handle) == SIG_ERR) return fail("signals", errno);
    printf("listening on %d\n", option(PORT));
    fflush(stdout);

    for (int i = 1; i < threads && error == 0; i++) error = pthread_create(&servers[i].thread, NULL, run, &servers[i]);
    if (error != 0) return fail("threads", error);
    (void)run(&servers[0]);
    for (int i = 1; i < threads; i++) pthread_join(servers[i].thread, NULL);
    return print_counters();
}
