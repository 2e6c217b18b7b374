/* cached.c - a caching HTTP server with three tiers in front of an origin: memory, Redis, SQLite.  cached -h lists the options.
 *
 *     cc -I../.. cached.c -pthread -o cached                                          memory and origin: nothing to install
 *     cc -I../.. -DWITH_REDIS -DWITH_SQLITE cached.c -lhiredis -lsqlite3 -pthread -o cached
 *     ./cached -p 8080 -o http://127.0.0.1:8000 -r 127.0.0.1:6379 -d pages.db
 *
 *     root          opens all, serves until a signal comes, shuts down
 *     acceptor      takes connections, never more than CONNECTIONS: further ones wait in the kernel
 *     serve         one connection: a head, its answer, the next head; owns the socket
 *     read_head     the limits on silence between requests, and on a head that drips in
 *     answer        one request, from its head to the last byte of its answer, under one limit
 *     ask           finds the page in memory, or joins the lookup of its key: however many ask, there is one
 *     lookup        one key: Redis, disk, origin, each under its own limit; answers all who ask
 *     fetch         one question to the origin
 *     filler        puts pages into a faster tier, in the background: one for Redis, one for the disk
 *     keep_redis    connects to Redis, and again after a loss;  keep_disk opens the file
 *
 * WHEN A TIER IS LATE, the lookup goes on to the next one, and what the late tier was doing
 *     Redis    goes on there; its reply is dropped.  Three late replies in a row end the connection, and the tier is left out until a PING
 *              is answered
 *     disk     is interrupted; if the kernel holds it up, that cannot be, and its clients wait until -A
 *     origin   goes on, up to its limit, if those who ask can be given a stale page meanwhile (-S); the next ones find the new page
 * When the last client of a lookup leaves before it has an answer, the lookup is cancelled.  A client that ends its half of the connection
 * while it waits for a page has left, as with nginx.
 *
 * WHAT IS KEPT: answers 200 with a Content-Length up to 64 KB. Not those with Vary, Set-Cookie, or a Cache-Control of no-store, no-cache or
 * private. They are passed on, as are answers 4xx. All others, and longer ones, count as a failure of the origin: then a stale page serves,
 * or 502, or 504. Of the origin's header, Content-Type is passed on; of the client's, nothing.
 *
 * The pages are allocated at the start, the rest is static; hiredis and SQLite allocate as they like. Names are looked up at the start. The
 * file grows to 10000 pages. Tiers, options and fillers are in cached_parts.h. */
#include "cached_parts.h"
#include "../adapters/aiot_signal.h"

/* ---- Lookups. All that ask for a key at once share one. */
struct lookup_slot;
struct lookup {
    AIOT_FRAME;
    struct lookup_slot *slot;                   /* its task and key */
    int tier;
    struct page *page, *stale;                  /* of the tier that is being asked; the best of those that are too old */
    aiot_timeout limit;
    aiot_handle late;                           /* calls lookup_is_late() */
    union { struct redis_get redis; struct disk_get disk; struct fetch origin; } get;

    unsigned askers;                            /* clients that wait for the answer, or are about to take it */
    bool is_open;                               /* further ones may join */
    aiot_event answered;
    int status;                                 /* the answer: 200 and a page, or an error */
    struct page *answer;
    const char *from;                           /* X-Cache */
};
static struct lookup_slot { aiot_task task; struct lookup lookup; char key[HTTP_TARGET_MOST + 1]; } lookups[LOOKUPS];

static void lookup_answer(struct lookup *l, int status, struct page *page, const char *from)
{
    page_drop(&l->answer);
    l->answer = page ? page_hold(page) : NULL;
    l->status = status;
    l->from = from;
    aiot_event_set(&l->answered);
}
/* The origin is late: those who ask get a stale page, if there is one. The fetch goes on. */
static int lookup_is_late(void *lookup)
{
    struct lookup *l = (struct lookup *)lookup;
    if (l->stale) lookup_answer(l, 200, l->stale, "stale");
    return 0;
}
static void lookup_keep_stale(struct lookup *l, struct page *p)
{
    if (p == NULL || !page_is_within(p, KEEP) || (l->stale && l->stale->stored >= p->stored)) return;
    page_drop(&l->stale);
    l->stale = page_hold(p);
}
/* Is what the tier has found an answer? Then the tiers above it get it, too. */
static bool lookup_takes(struct lookup *l)
{
    struct page *p = l->page;
    bool is_answer = p->stored > 0 && (l->tier == ORIGIN || page_is_within(p, FRESH));
    if (is_answer) {
        tiers[l->tier].hits++;
        if (p->may_be_kept) memory_put(p);
        for (int tier = REDIS; p->may_be_kept && tier < l->tier && tier <= DISK; tier++) fill_later(tier, p);
        lookup_answer(l, 200, p, hits[l->tier]);
    } else {
        lookup_keep_stale(l, p);
    }
    page_drop(&l->page);
    return is_answer;
}
static void lookup_failed(struct lookup *l, aiot_error error)
{
    bool is_late = error.code == AIOT_ETIMEDOUT;
    l->page->stored = 0;
    l->status = is_late ? 504 : 502;
    if (is_late) tiers[l->tier].late++;
    else tiers[l->tier].failed++;
    if (l->tier == REDIS && is_late) redis_is_late();           /* a loss is told by keep_redis */
    if (l->tier == DISK) tell_trouble(&disk_trouble, text_of(error));
    if (l->tier == ORIGIN) tell_trouble(&origin_trouble, text_of(error));
}
static void lookup_close(struct lookup *l)
{
    aiot_handle_cancel(&l->late);
    if (!aiot_event_is_set(&l->answered)) lookup_answer(l, 503, NULL, "error");         /* it was cancelled */
    l->is_open = false;
    page_drop(&l->page);
    page_drop(&l->stale);
    if (l->askers == 0) page_drop(&l->answer);
}

static AIOT_CORO(lookup)
{
    AIOT_BEGIN();
    AIOT_TRY {
        lookup_keep_stale(self, memory_find(self->slot->key));
        for (self->tier = REDIS; self->tier <= ORIGIN; self->tier++) {
            self->page = page_new(self->slot->key);
            AIOT_TRY {
                if (self->tier == REDIS) {
                    AIOT_WAIT_FOR(&self->limit, limit(REDIS), redis_get, &self->get.redis, .page = self->page);
                } else if (self->tier == DISK) {
                    AIOT_WAIT_FOR(&self->limit, limit(DISK), disk_get, &self->get.disk, .page = self->page);
                } else {
                    AIOT_CHECK(aiot_call_later(task->loop, &self->late, limit(STALE), lookup_is_late, self));
                    AIOT_WAIT_FOR(&self->limit, limit(ORIGIN), fetch, &self->get.origin, .page = self->page);
                    tell_fine(&origin_trouble);
                }
            } AIOT_EXCEPT_ANY {
                lookup_failed(self, aiot_caught(task));
            }
            if (lookup_takes(self)) AIOT_RETURN();
        }
        lookup_answer(self, self->stale ? 200 : self->status, self->stale, self->stale ? "stale" : "error");
    } AIOT_FINALLY {
        lookup_close(self);
    }
    AIOT_END();
}

/* Joins the open lookup of that key, or begins one. Returns NULL if there are too many. */
static struct lookup *lookup_join(aiot_loop *loop, const char *key)
{
    struct lookup_slot *unused = NULL;
    for (struct lookup_slot *s = lookups; s < lookups + LOOKUPS; s++) {
        if (s->lookup.is_open && strcmp(s->key, key) == 0) return s->lookup.askers++, &s->lookup;
        if (!s->lookup.is_open && s->lookup.askers == 0 && aiot_task_idle(&s->task)) unused = s;
    }
    if (unused == NULL) return NULL;
    snprintf(unused->key, sizeof unused->key, "%s", key);
    if (aiot_spawn_on(loop, &unused->task, lookup, &unused->lookup, .slot = unused, .askers = 1, .is_open = true) != 0) return NULL;
    return &unused->lookup;
}
static void lookup_leave(struct lookup *l)
{
    if (--l->askers > 0) return;
    if (!l->is_open) {
        page_drop(&l->answer);
    } else if (!aiot_event_is_set(&l->answered)) {              /* all have left without an answer */
        l->is_open = false;
        counts.cancelled++;
        aiot_cancel(&l->slot->task);
    }
}

/* ---- Connections. */
struct watch { AIOT_FRAME; aiot_fd *socket; struct aiot_buffer *in; struct aiot_stream_fill fill; };
static AIOT_CORO(watch)                         /* raises when the client leaves; keeps what it sends */
{
    AIOT_BEGIN();
    while (self->in->used < self->in->capacity) AIOT_AWAIT(aiot_stream_fill, &self->fill, .fd = self->socket, .buffer = self->in);
    AIOT_SLEEP(AIOT_FOREVER);
    AIOT_END();
}

struct ask {
    AIOT_FRAME;
    aiot_fd *socket;
    struct aiot_buffer *in;
    const char *key;
    int status;                                 /* result */
    struct page *page;                          /* result, or NULL; the caller drops it */
    const char *from;                           /* result */
    struct lookup *lookup;
    struct aiot_event_wait wait;
    struct watch watch;
    aiot_task waits, watches;
    AIOT_RACE_SET(2) race;
};

static bool ask_memory(struct ask *ask)
{
    struct page *p = memory_find(ask->key);
    if (p == NULL || !page_is_within(p, FRESH)) return false;
    counts.hits++;
    ask->status = 200;
    ask->page = page_hold(p);
    ask->from = "hit-memory";
    return true;
}

static AIOT_CORO(ask)
{
    AIOT_BEGIN();
    if (ask_memory(self)) AIOT_RETURN();
    self->status = 503;
    self->from = "error";
    self->lookup = lookup_join(task->loop, self->key);
    if (self->lookup == NULL) AIOT_RETURN();
    AIOT_TRY {
        if (!aiot_event_is_set(&self->lookup->answered)) {
            AIOT_SPAWN(&self->waits, aiot_event_wait, &self->wait, .event = &self->lookup->answered);
            AIOT_SPAWN(&self->watches, watch, &self->watch, .socket = self->socket, .in = self->in);
            AIOT_RACE(&self->race, &self->waits, &self->watches);
        }
        self->status = self->lookup->status;
        self->from = self->lookup->from;
        if (self->lookup->answer) self->page = page_hold(self->lookup->answer);
    } AIOT_FINALLY {
        lookup_leave(self->lookup);
    }
    AIOT_END();
}

struct connection;
struct answer {
    AIOT_FRAME;
    struct connection *c;
    struct ask ask;
    struct aiot_stream_send_all send;
    const char *body;
    size_t head_length, body_length;
    char head[640], text[1024];                 /* of all that is no page */
};
struct read_head { AIOT_FRAME; struct connection *c; aiot_timeout limit; struct aiot_stream_fill fill; };
struct drain { AIOT_FRAME; aiot_fd *socket; struct aiot_stream_recv recv; char rest[512]; };
struct serve {
    AIOT_FRAME;
    struct connection *c;
    aiot_timeout limit;
    union { struct read_head head; struct answer answer; struct drain drain; } call;
};

static struct connection {
    aiot_task task;
    struct serve serve;
    aiot_fd socket;
    struct aiot_buffer in;
    struct http_request request;
    int status;                                 /* of the head: 200, or what to refuse it with */
    bool keeps_alive, is_idle;                  /* idle: nothing of a request has come */
    char target[HTTP_TARGET_MOST + 1], room[HTTP_HEAD_MOST];
} connections[CONNECTIONS];
static aiot_semaphore free_connections;
static unsigned open_connections;
static aiot_event nobody_is_connected;
static bool is_stopping;

/* Reads one head into c->status, c->target and c->keeps_alive, and takes it out of the buffer: what follows may be the next one. */
static void take_head(struct connection *c)
{
    c->keeps_alive = c->status == 200 && c->request.keeps_alive;
    if (c->status != 200) return;
    memcpy(c->target, aiot_buffer_data(&c->in) + c->request.target, c->request.target_length);
    c->target[c->request.target_length] = '\0';
    aiot_buffer_take(&c->in, c->request.length);
}

static AIOT_CORO(read_head)
{
    AIOT_BEGIN();
    self->c->is_idle = self->c->in.used == 0;
    if (self->c->is_idle && is_stopping) AIOT_RAISE(AIOT_ESHUTDOWN);
    if (self->c->is_idle)
        AIOT_WAIT_FOR(&self->limit, limit(IDLE), aiot_stream_fill, &self->fill, .fd = &self->c->socket, .buffer = &self->c->in);
    self->c->is_idle = false;
    memset(&self->c->request, 0, sizeof self->c->request);
    AIOT_TIMEOUT(&self->limit, limit(HEAD)) {   /* not one for each byte: a client that drips cannot hold on */
        while ((self->c->status = http_request_parse(&self->c->request, aiot_buffer_data(&self->c->in), self->c->in.used)) == 0)
            AIOT_AWAIT(aiot_stream_fill, &self->fill, .fd = &self->c->socket, .buffer = &self->c->in);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        self->c->status = 408;
        counts.late_clients++;
    }
    take_head(self->c);
    AIOT_END();
}

/* Writes the head of the answer, and chooses its body. */
static void compose(struct answer *a, int status, bool is_stats)
{
    const struct page *p = a->ask.page;
    const char *type = p ? (*p->type ? p->type : "application/octet-stream") : is_stats ? "application/json" : "text/plain";
    if (p) status = p->status;
    if (is_stopping) a->c->keeps_alive = false;
    if (p && strcmp(a->ask.from, "stale") == 0) counts.stale++;
    if (status >= 500) counts.errors++;
    a->body = p ? p->body : a->text;
    a->body_length = p ? p->length : is_stats ? stats_print(a->text, sizeof a->text, open_connections)
                                              : (size_t)snprintf(a->text, sizeof a->text, "%d %s\n", status, reason(status));
    a->head_length = head_print(a->head, sizeof a->head, status, type, a->body_length, p ? page_age(p) : -1, a->ask.from, a->c->keeps_alive);
    if (a->c->request.is_head) a->body_length = 0;
}

static AIOT_CORO(answer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        if (self->c->status != 200) {
            counts.refused++;
            compose(self, self->c->status, false);
        } else if (counts.requests++, strcmp(self->c->target, "/-/stats") == 0) {
            compose(self, 200, true);
        } else {
            AIOT_AWAIT(ask, &self->ask, .socket = &self->c->socket, .in = &self->c->in, .key = self->c->target);
            compose(self, self->ask.status, false);
        }
        AIOT_AWAIT(aiot_stream_send_all, &self->send, .fd = &self->c->socket, .from = self->head, .length = self->head_length);
        AIOT_AWAIT(aiot_stream_send_all, &self->send, .fd = &self->c->socket, .from = self->body, .length = self->body_length);
    } AIOT_FINALLY {
        page_drop(&self->ask.page);
    }
    AIOT_END();
}

/* Ends our half, and reads until the client ends its own: a close with unread bytes would take the answer from it. */
static AIOT_CORO(drain)
{
    AIOT_BEGIN();
    shutdown(self->socket->fd, SHUT_WR);
    do AIOT_AWAIT(aiot_stream_recv, &self->recv, .fd = self->socket, .to = self->rest, .room = sizeof self->rest);
    while (self->recv.got > 0);
    AIOT_END();
}

static void connection_closed(struct connection *c)
{
    c->is_idle = false;
    aiot_fd_close(&c->socket);
    aiot_semaphore_release(&free_connections);
    if (--open_connections == 0) aiot_event_set(&nobody_is_connected);
}

static AIOT_CORO(serve)
{
    AIOT_BEGIN();
    AIOT_TRY {
        aiot_buffer_init(&self->c->in, self->c->room, sizeof self->c->room);
        do {
            AIOT_AWAIT(read_head, &self->call.head, .c = self->c);
            AIOT_WAIT_FOR(&self->limit, limit(ANSWER), answer, &self->call.answer, .c = self->c);
        } while (self->c->keeps_alive);
        AIOT_WAIT_FOR(&self->limit, AIOT_S(1), drain, &self->call.drain, .socket = &self->c->socket);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        counts.late_clients++;
    } AIOT_EXCEPT_ANY {                         /* the client has gone */
        if (!self->c->is_idle) counts.left++;
    } AIOT_FINALLY {
        connection_closed(self->c);
    }
    AIOT_END();
}

static struct connection *connection_free(void)         /* there is one: the semaphore counts them */
{
    struct connection *c = connections;
    while (!aiot_task_idle(&c->task)) c++;
    return c;
}

struct acceptor { AIOT_FRAME; struct aiot_listener *listener; struct connection *next; aiot_waiter w; struct aiot_stream_accept accept; };
static AIOT_CORO(acceptor)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_SEMAPHORE_ACQUIRE(&free_connections, &self->w);
        self->next = connection_free();
        AIOT_AWAIT(aiot_stream_accept, &self->accept, .listener = self->listener, .fd = &self->next->socket);
        AIOT_SPAWN(&self->next->task, serve, &self->next->serve, .c = self->next);
        counts.accepted++;
        if (open_connections++ == 0) aiot_event_clear(&nobody_is_connected);
    }
    AIOT_END();
}

/* ---- Start and end. */
static aiot_event stop;
static int on_signal(void *unused)
{
    (void)unused;
    if (aiot_event_is_set(&stop)) {
        fputs("cached: not waited for\n", stderr);
        _exit(1);
    }
    aiot_event_set(&stop);
    return 0;
}

static struct background {
    aiot_task tasks[4];                         /* two fillers, keep_redis, keep_disk */
    struct filler fillers[2];
    struct keep_redis keep_redis;
    struct keep_disk keep_disk;
} background;

struct shut_down {
    AIOT_FRAME;
    aiot_timeout limit;
    int step;
    union { struct aiot_event_wait nobody; struct close_redis redis; struct close_disk disk; } call;
};

/* Each step has its own limit, so the end cannot hang: if a thread is stuck in a disk, the program exits without it. */
static AIOT_CORO(shut_down)
{
    AIOT_BEGIN();
    is_stopping = true;
    for (struct connection *c = connections; c < connections + CONNECTIONS; c++) if (c->is_idle) aiot_cancel(&c->task);
    for (self->step = 0; self->step < 6; self->step++) {
        AIOT_TRY {
            if (self->step == 0)
                AIOT_WAIT_FOR(&self->limit, limit(GRACE), aiot_event_wait, &self->call.nobody, .event = &nobody_is_connected);
            if (self->step == 1) AIOT_STOP_TASKS(&self->limit, AIOT_S(1), connections, CONNECTIONS, .task);
            if (self->step == 2) AIOT_STOP_TASKS(&self->limit, AIOT_S(1), lookups, LOOKUPS, .task);
            if (self->step == 3) AIOT_STOP_TASKS(&self->limit, AIOT_S(1), background.tasks, 4);
            if (self->step == 4) AIOT_WAIT_FOR(&self->limit, AIOT_S(1), close_redis, &self->call.redis);
            if (self->step == 5) AIOT_WAIT_FOR(&self->limit, AIOT_S(1), close_disk, &self->call.disk);
        } AIOT_EXCEPT_ANY {
            if (self->step > 0) {               /* step 0: the grace is over */
                fprintf(stderr, "cached: step %d of the end: %s\n", self->step, text_of(aiot_caught(task)));
                _exit(1);                       /* AIOT_RETURN() would wait: aiot_run() waits for what is left */
            }
        }
    }
    AIOT_END();
}

struct root {
    AIOT_FRAME_DEPTH(2);
    struct aiot_address address;
    struct aiot_listener listener;
    aiot_task accepting, stopping;
    struct acceptor acceptor;
    struct aiot_event_wait stop;
    struct shut_down shut_down;
    AIOT_RACE_SET(2) race;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_event_set(&nobody_is_connected);
    AIOT_CHECK(aiot_semaphore_init(&free_connections, CONNECTIONS));
    for (int tier = REDIS; tier <= DISK; tier++) AIOT_CHECK(aiot_queue_init(&fill_queues[tier], fill_items[tier]));
    AIOT_CHECK(aiot_stream_listen(&self->listener, task->loop, &self->address, 512, 0));
    AIOT_CHECK(announce(aiot_stream_port(&self->listener.fd)));
    if (redis_port > 0) AIOT_SPAWN(&background.tasks[2], keep_redis, &background.keep_redis);
    if (disk_path) AIOT_SPAWN(&background.tasks[3], keep_disk, &background.keep_disk);
    for (int tier = REDIS; tier <= DISK; tier++) AIOT_SPAWN(&background.tasks[tier], filler, &background.fillers[tier], .tier = tier);
    AIOT_SPAWN(&self->accepting, acceptor, &self->acceptor, .listener = &self->listener);
    AIOT_SPAWN(&self->stopping, aiot_event_wait, &self->stop, .event = &stop);
    AIOT_TRY {
        AIOT_RACE(&self->race, &self->stopping, &self->accepting);      /* the loser is cancelled: nothing more is accepted */
    } AIOT_FINALLY {
        aiot_listener_close(&self->listener);
        AIOT_AWAIT(shut_down, &self->shut_down);
    }
    AIOT_END();
}

int main(int argc, char **argv)
{
    static aiot_loop loop;
    static AIOT_POLL_SET(64) poller;
    static aiot_signal_handlers handlers;
    static struct root root;
    int code = read_options(argc, argv);
    if (code >= 0) return code;
    if (aiot_address_ip(&root.address, listen_on, listen_port) != 0) return fprintf(stderr, "cached: -a needs an IP address\n"), 2;
    pages = calloc(page_count, sizeof *pages);
    if (pages == NULL) return perror("cached"), 1;
    signal(SIGPIPE, SIG_IGN);                   /* hiredis would cause it */
    signal(SIGXFSZ, SIG_IGN);                   /* a file at its ulimit -f is a full disk */

    aiot_loop_init(&loop);
    aiot_signal_handlers_open(&handlers, &loop);
    int error = aiot_poll_open(&loop, &poller);
    if (error == 0) error = aiot_add_signal_handler(&handlers, SIGTERM, on_signal, NULL);
    if (error == 0) error = aiot_add_signal_handler(&handlers, SIGINT, on_signal, NULL);
    if (error == 0) error = aiot_run_frame(&loop, root, &root);
    if (error != 0) fprintf(stderr, "cached: %s\n", aiot_stream_strerror(error));
    aiot_signal_handlers_close(&handlers);
    aiot_poll_close(&loop);
    freeaddrinfo(origin);
    free(pages);
    return error == 0 ? 0 : 1;
}
