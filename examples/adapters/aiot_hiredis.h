/* aiot_hiredis.h - Redis on an aiot_loop, by hiredis' asynchronous interface: commands as coroutines, with limits; many at once over one
 * connection; connects again after a loss. Made for hiredis 0.14. MIT licence.
 *
 * QUICK START
 *
 *     #define AIOT_POLL 1
 *     #include "aiot_hiredis.h"                          this file and aio_timeout.h; link with -lhiredis
 *
 *     static struct aiot_redis redis;
 *     aiot_redis_init(&redis, task->loop);               after aiot_poll_open()
 *     ...
 *     struct user { AIOT_FRAME; aiot_timeout limit; struct aiot_redis_connect connect; struct aiot_redis_command c;
 *                   struct aiot_redis_close close; };
 *     ...
 *     AIOT_WAIT_FOR(&self->limit, AIOT_S(1), aiot_redis_connect, &self->connect, .redis = &redis, .host = "127.0.0.1", .port = 6379);
 *     AIOT_TRY {
 *         AIOT_WAIT_FOR(&self->limit, AIOT_MS(50), aiot_redis_command, &self->c, .redis = &redis, .words = { "GET", "key" });
 *         printf("%s\n", self->c.reply->str ? self->c.reply->str : "no such key");
 *         free(self->c.reply);
 *     } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
 *         puts("too slow");
 *     } AIOT_EXCEPT_APP {
 *         printf("%s\n", (const char *)aiot_caught(task).info);
 *     }
 *     AIOT_AWAIT(aiot_redis_close, &self->close, .redis = &redis);
 *
 * THE ERRORS that the coroutines raise: 25000 to 25004, below, and those of the header that each names. Their pointer is a text in English,
 * in redis->reason if it tells why there is no connection. There it stands until the next aiot_redis_connect or aiot_redis_close.
 *
 * A COMMAND CANNOT BE TAKEN BACK. If a cancel or a limit ends its coroutine, the server still executes it. Its reply is dropped when it
 * comes. When the connection is lost, nobody knows which of the pending commands were executed.
 *
 * SIGPIPE. hiredis writes with write(2). Ignore the signal, signal(SIGPIPE, SIG_IGN), or a server that goes away ends the program. */
#ifndef AIOT_HIREDIS_H
#define AIOT_HIREDIS_H
#include <hiredis/hiredis.h>
#include <hiredis/async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "aio_timeout.h"
#if !AIOT_POLL
#error "aiot_hiredis.h watches the connection: define AIOT_POLL as 1 before the first include"
#endif

enum {
    AIOT_REDIS_ECLOSED = 25000,  /* there is no connection, or aiot_redis_close is at work: the command was not sent */
    AIOT_REDIS_ELOST,            /* the connection was lost or dropped: the command may have been executed */
    AIOT_REDIS_ECONNECT,         /* no connection could be made */
    AIOT_REDIS_EREPLY,           /* the server answered with an error */
    AIOT_REDIS_ENOMEM
};

/* A connection, open or not. The caller owns it. It lives, and does not move, until it is closed or dropped. */
struct aiot_redis {
    aiot_loop         *loop;
    redisAsyncContext *context;      /* NULL: no connection, and none begun */
    bool               is_up;        /* commands are taken */
    unsigned           pending;      /* commands sent whose replies have not come */
    aiot_event         down;         /* set while context is NULL: AIOT_EVENT_WAIT(&redis.down, &self->waiter) waits for a loss */
    char               reason[128];  /* why no commands are taken */
    aiot_fd            socket;       /* internal, as is all below */
    bool               reads, writes;
    aiot_handle        breaker;
    aiot_future       *connecting;
};

/* ---- aiot_redis_connect: connects, also after a loss or a close. The server then knows nothing of an earlier AUTH or SELECT.
 *     .redis         initialised, without a connection
 *     .host, .port   an IP address. A name works, but hiredis looks it up with the loop standing still
 *     .path          or a Unix domain socket; then host and port do not count
 * Raises AIOT_REDIS_ECONNECT, AIOT_REDIS_ELOST if it is lost at once, AIOT_REDIS_ENOMEM; AIOT_ERUNTIME if it is connected or connecting;
 * or what AIOT_WRITABLE() raises, if the loop cannot watch the socket. A cancel or a limit gives the attempt up. */
struct aiot_redis_connect {
    AIOT_FRAME;
    struct aiot_redis *redis;
    const char        *host;
    int                port;
    const char        *path;
    aiot_future        done;  /* internal */
};

/* ---- aiot_redis_command: sends a command and waits for its reply. Commands of one connection are sent in the order in which their
 * coroutines begin, and are not held up by each other.
 *     .redis    a connection
 *     .words    the command as up to 8 C strings: { "SET", "key", value }
 *     .argv, .lengths, .argc
 *               or, if argc is not 0, argc strings of `lengths` bytes each, which may contain anything; lengths NULL: C strings
 *     .reply    result: the reply, as hiredis describes it, all in one block of malloc(): the caller frees it with free(). NULL after an
 *               error
 * The strings are read once, when the coroutine begins: with AIOT_AWAIT() and AIOT_WAIT_FOR() at once, as a task in the next turn.
 *
 * Raises AIOT_REDIS_ECLOSED, AIOT_REDIS_ELOST, AIOT_REDIS_ENOMEM; AIOT_REDIS_EREPLY, whose pointer is the server's text in .error, in the
 * frame, cut after 127 bytes; AIOT_EINVAL without words, and for SUBSCRIBE, MONITOR and their like, which have more than one reply. A
 * cancel or a limit ends it at once: see A COMMAND CANNOT BE TAKEN BACK. */
struct aiot_redis_command {
    AIOT_FRAME;
    struct aiot_redis     *redis;
    const char            *words[8];
    const char *const     *argv;
    const size_t          *lengths;
    int                    argc;
    redisReply            *reply;
    char                   error[128];
    aiot_future            done;  /* internal, as is all below */
    redisReply            *copy;
    struct aiot_i_redis_pending *pending;
};

/* ---- aiot_redis_close: takes no more commands, waits for the replies that are pending, and closes the connection.
 *     .redis    a connection; nothing happens if there is none. One that is being made is given up: AIOT_REDIS_ECONNECT
 * A cancel or a limit drops the connection at once, as aiot_redis_drop() does. */
struct aiot_redis_close {
    AIOT_FRAME;
    struct aiot_redis *redis;
    aiot_waiter        waiter;  /* internal */
};

/* ---- hiredis' socket on the loop. */
struct aiot_i_redis_pending {  /* of hiredis, until its reply comes */
    struct aiot_redis         *redis;
    struct aiot_redis_command *command;  /* NULL: nobody waits any more */
};

/* Prepares an object without a connection. */
static inline void aiot_redis_init(struct aiot_redis *r, aiot_loop *loop)
{
    memset(r, 0, sizeof *r);
    r->loop = loop;
    aiot_event_set(&r->down);
    (void)snprintf(r->reason, sizeof r->reason, "not connected");
}

static inline void aiot_i_redis_note(struct aiot_redis *r, const redisAsyncContext *context)
{
    (void)snprintf(r->reason, sizeof r->reason, "%s", context->c.err != 0 ? context->c.errstr : "the connection was closed");
}

/* hiredis frees the context. */
static inline void aiot_i_redis_gone(struct aiot_redis *r)
{
    r->context = NULL;
    r->is_up = false;
    (void)aiot_handle_cancel(&r->breaker);
    aiot_event_set(&r->down);
}

/* Closes the connection at once. Commands that are pending raise AIOT_REDIS_ELOST; an aiot_redis_connect that waits, AIOT_REDIS_ECONNECT.
 * Nothing happens if there is no connection. Not for callbacks that hiredis makes. */
static inline void aiot_redis_drop(struct aiot_redis *r)
{
    redisAsyncContext *context = r->context;
    if (context == NULL) return;
    r->is_up = false;
    redisAsyncFree(context);  /* calls back for each pending command */
    aiot_i_redis_gone(r);
    if (r->connecting) (void)aiot_future_set_error(r->connecting, AIOT_REDIS_ECONNECT, r->reason);
}

static inline int aiot_i_redis_break(void *redis)
{
    aiot_redis_drop((struct aiot_redis *)redis);
    return 0;
}

/* The loop cannot watch the socket. hiredis must not be called from here. */
static inline void aiot_i_redis_tell(struct aiot_redis *r, int error)
{
    if (error == 0) return;
    if (r->connecting) (void)aiot_future_set_error(r->connecting, error, "the loop cannot watch the socket");
    aiot_call_soon(r->loop, &r->breaker, aiot_i_redis_break, r);
}

static inline int aiot_i_redis_is_readable(void *redis)
{
    redisAsyncHandleRead(((struct aiot_redis *)redis)->context);  /* may free the context */
    return 0;
}
static inline int aiot_i_redis_is_writable(void *redis)
{
    redisAsyncHandleWrite(((struct aiot_redis *)redis)->context);
    return 0;
}

static inline void aiot_i_redis_add_read(void *redis)
{
    struct aiot_redis *r = (struct aiot_redis *)redis;
    if (!r->reads) aiot_i_redis_tell(r, aiot_add_reader(&r->socket, aiot_i_redis_is_readable, r));
    r->reads = true;
}
static inline void aiot_i_redis_add_write(void *redis)
{
    struct aiot_redis *r = (struct aiot_redis *)redis;
    if (!r->writes) aiot_i_redis_tell(r, aiot_add_writer(&r->socket, aiot_i_redis_is_writable, r));
    r->writes = true;
}
static inline void aiot_i_redis_del_read(void *redis)
{
    struct aiot_redis *r = (struct aiot_redis *)redis;
    (void)aiot_remove_reader(&r->socket);
    r->reads = false;
}
static inline void aiot_i_redis_del_write(void *redis)
{
    struct aiot_redis *r = (struct aiot_redis *)redis;
    (void)aiot_remove_writer(&r->socket);
    r->writes = false;
}
static inline void aiot_i_redis_cleanup(void *redis) { (void)aiot_fd_detach(&((struct aiot_redis *)redis)->socket); }

/* ---- Connecting and closing. */
static inline void aiot_i_redis_on_connect(const redisAsyncContext *context, int status)
{
    struct aiot_redis *r = (struct aiot_redis *)context->data;
    if (status != REDIS_OK) {
        aiot_i_redis_note(r, context);
        aiot_i_redis_gone(r);
    }
    if (r->connecting == NULL || aiot_done(r->connecting)) return;
    if (status == REDIS_OK) (void)aiot_future_set_result(r->connecting, 0);
    else (void)aiot_future_set_error(r->connecting, AIOT_REDIS_ECONNECT, r->reason);
}
static inline void aiot_i_redis_on_disconnect(const redisAsyncContext *context, int status)
{
    struct aiot_redis *r = (struct aiot_redis *)context->data;
    (void)status;
    aiot_i_redis_note(r, context);
    aiot_i_redis_gone(r);
}

/* Returns 0 or an error code. */
static inline int aiot_i_redis_begin(struct aiot_redis_connect *c)
{
    struct aiot_redis *r = c->redis;
    redisAsyncContext *context = c->path ? redisAsyncConnectUnix(c->path) : redisAsyncConnect(c->host, c->port);
    if (context == NULL) return AIOT_REDIS_ENOMEM;
    if (context->err != 0) {
        aiot_i_redis_note(r, context);
        redisAsyncFree(context);
        return AIOT_REDIS_ECONNECT;
    }
    r->context = context;
    r->connecting = &c->done;
    r->reads = r->writes = false;
    (void)snprintf(r->reason, sizeof r->reason, "connecting");
    (void)aiot_fd_open(&r->socket, r->loop, context->c.fd);
    context->data = context->ev.data = r;
    context->ev.addRead = aiot_i_redis_add_read;
    context->ev.delRead = aiot_i_redis_del_read;
    context->ev.addWrite = aiot_i_redis_add_write;
    context->ev.delWrite = aiot_i_redis_del_write;
    context->ev.cleanup = aiot_i_redis_cleanup;
    aiot_event_clear(&r->down);
    (void)redisAsyncSetDisconnectCallback(context, aiot_i_redis_on_disconnect);
    (void)redisAsyncSetConnectCallback(context, aiot_i_redis_on_connect);  /* begins to watch */
    return 0;
}

static inline AIOT_CORO(aiot_redis_connect)
{
    AIOT_BEGIN();
    if (self->redis->context) AIOT_RAISE_INFO(AIOT_ERUNTIME, "connected already, or connecting");
    AIOT_TRY {
        aiot_future_init(&self->done, task->loop);
        {
            int error = aiot_i_redis_begin(self);
            if (error != 0) AIOT_RAISE_INFO(error, error == AIOT_REDIS_ENOMEM ? "out of memory" : self->redis->reason);
        }
        AIOT_JOIN(&self->done);
        if (self->redis->context == NULL) AIOT_RAISE_INFO(AIOT_REDIS_ELOST, self->redis->reason);
        self->redis->is_up = true;
    } AIOT_FINALLY {
        self->redis->connecting = NULL;
        if (!self->redis->is_up) aiot_redis_drop(self->redis);
    }
    AIOT_END();
}

static inline AIOT_CORO(aiot_redis_close)
{
    AIOT_BEGIN();
    if (!self->redis->is_up && self->redis->connecting) aiot_redis_drop(self->redis);
    if (self->redis->context == NULL) AIOT_RETURN();
    AIOT_TRY {
        self->redis->is_up = false;
        (void)snprintf(self->redis->reason, sizeof self->redis->reason, "closing");
        redisAsyncDisconnect(self->redis->context);
        AIOT_EVENT_WAIT(&self->redis->down, &self->waiter);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        aiot_redis_drop(self->redis);
        AIOT_RERAISE();
    }
    AIOT_END();
}

/* ---- Copying a reply into one block: first the replies, then the arrays of pointers and the strings, each at a place for a redisReply. */
static inline size_t aiot_i_redis_places(size_t bytes) { return (bytes + sizeof(redisReply) - 1) / sizeof(redisReply); }
static inline size_t aiot_i_redis_size(const redisReply *reply)  /* in places */
{
    size_t size = 1 + (reply->str ? aiot_i_redis_places(reply->len + 1) : 0) + aiot_i_redis_places(reply->elements * sizeof reply);
    for (size_t i = 0; i < reply->elements; i++) size += aiot_i_redis_size(reply->element[i]);
    return size;
}
/* Returns the next free place. */
static inline redisReply *aiot_i_redis_put(redisReply *to, const redisReply *reply)
{
    redisReply *next = to + 1;
    *to = *reply;
    if (reply->str) {
        to->str = (char *)next;
        memcpy(to->str, reply->str, reply->len + 1);  /* hiredis ends it with a 0 */
        next += aiot_i_redis_places(reply->len + 1);
    }
    if (reply->elements > 0) {
        to->element = (redisReply **)next;
        next += aiot_i_redis_places(reply->elements * sizeof reply);
    }
    for (size_t i = 0; i < reply->elements; i++) {
        to->element[i] = next;
        next = aiot_i_redis_put(next, reply->element[i]);
    }
    return next;
}

/* ---- Commands. */
static inline void aiot_i_redis_take(struct aiot_redis_command *c, const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR) {
        (void)snprintf(c->error, sizeof c->error, "%s", reply->str);
        (void)aiot_future_set_error(&c->done, AIOT_REDIS_EREPLY, c->error);
        return;
    }
    c->copy = (redisReply *)malloc(aiot_i_redis_size(reply) * sizeof *reply);
    if (c->copy) (void)aiot_i_redis_put(c->copy, reply);
    if (c->copy) (void)aiot_future_set_result(&c->done, 0);
    else (void)aiot_future_set_error(&c->done, AIOT_REDIS_ENOMEM, "out of memory");
}

/* hiredis calls it once for each command, with NULL if the connection is lost, and frees the reply behind it. */
static inline void aiot_i_redis_on_reply(redisAsyncContext *context, void *reply, void *data)
{
    struct aiot_i_redis_pending *p = (struct aiot_i_redis_pending *)data;
    struct aiot_redis_command *c = p->command;
    p->redis->pending--;
    if (reply == NULL) aiot_i_redis_note(p->redis, context);
    if (c) c->pending = NULL;
    if (c && !aiot_done(&c->done)) {
        if (reply) aiot_i_redis_take(c, (const redisReply *)reply);
        else (void)aiot_future_set_error(&c->done, AIOT_REDIS_ELOST, p->redis->reason);
    }
    free(p);
}

static inline bool aiot_i_redis_has_one_reply(const struct aiot_redis_command *c)
{
    static const char *const others[] = {
        "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe", "monitor"
    };
    size_t length = c->lengths ? c->lengths[0] : strlen(c->argv[0]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strlen(others[i]) == length && strncasecmp(others[i], c->argv[0], length) == 0) return false;
    return true;
}

/* Returns 0 or an error code. */
static inline int aiot_i_redis_send(struct aiot_redis_command *c)
{
    struct aiot_redis *r = c->redis;
    if (c->argc == 0) {
        c->argv = c->words;
        c->lengths = NULL;
        while (c->argc < 8 && c->words[c->argc]) c->argc++;
    }
    if (c->argc <= 0 || !aiot_i_redis_has_one_reply(c)) return AIOT_EINVAL;
    if (!r->is_up) return AIOT_REDIS_ECLOSED;
    struct aiot_i_redis_pending *p = c->pending = (struct aiot_i_redis_pending *)malloc(sizeof *p);
    if (p == NULL) return AIOT_REDIS_ENOMEM;
    p->redis = r;
    p->command = c;
    const char **argv = (const char **)(uintptr_t)c->argv;  /* hiredis changes nothing there */
    if (redisAsyncCommandArgv(r->context, aiot_i_redis_on_reply, p, c->argc, argv, c->lengths) != REDIS_OK) {
        free(p);
        c->pending = NULL;
        return AIOT_REDIS_ECLOSED;
    }
    r->pending++;
    return 0;
}

static inline AIOT_CORO(aiot_redis_command)
{
    AIOT_BEGIN();
    AIOT_TRY {
        aiot_future_init(&self->done, task->loop);
        {
            int error = aiot_i_redis_send(self);
            if (error != 0) AIOT_RAISE_INFO(error, error == AIOT_REDIS_ECLOSED ? self->redis->reason : aiot_strerror(error));
        }
        AIOT_JOIN(&self->done);
        self->reply = self->copy;
        self->copy = NULL;
    } AIOT_FINALLY {
        if (self->pending) self->pending->command = NULL;  /* its reply has still to come */
        free(self->copy);                                  /* it came, and the task was cancelled */
    }
    AIOT_END();
}
#endif /* AIOT_HIREDIS_H */
