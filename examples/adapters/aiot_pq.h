/* aiot_pq.h - PostgreSQL for aio_timeout.h: libpq, without blocking. MIT licence.
 *
 * Coroutines connect, run statements with parameters, and wait for notifications. Limits and cancels work at each wait. Copy this file
 * beside aio_timeout.h; compile with -I$(pg_config --includedir), link with -lpq -pthread.
 *
 * QUICK
 *
 *     #define AIOT_POLL 1
 *     #include "aiot_pq.h"
 *
 *     struct ask {
 *         AIOT_FRAME; aiot_pq pq; struct aiot_pq_connect connect; struct aiot_pq_query query; const char *values[1]; aiot_timeout limit;
 *     };
 *     static AIOT_CORO(ask)
 *     {
 *         AIOT_BEGIN();
 *         AIOT_TRY {
 *             AIOT_WAIT_FOR(&self->limit, AIOT_S(5), aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = "dbname=shop");
 *             self->values[0] = "42";
 *             AIOT_WAIT_FOR(&self->limit, AIOT_S(2), aiot_pq_query, &self->query, .pq = &self->pq,
 *                           .sql = "select name from item where id = $1", .count = 1, .values = self->values);
 *             for (int i = 0; i < PQntuples(self->query.result); i++) puts(PQgetvalue(self->query.result, i, 0));
 *             PQclear(self->query.result);
 *         } AIOT_EXCEPT(AIOT_PQ_EQUERY, AIOT_PQ_ECONNECT, AIOT_PQ_ELOST) {
 *             fprintf(stderr, "%s\n", (const char *)aiot_caught(task).info);
 *         } AIOT_FINALLY {
 *             aiot_pq_close(&self->pq);
 *         }
 *         AIOT_END();
 *     }
 *
 *     // in main():   static AIOT_POLL_SET(16) poller;   aiot_poll_open(&loop, &poller);
 *
 * CONTENTS
 *     aiot_pq                a connection              aiot_pq_connect         connects, and connects again
 *     aiot_pq_query          runs one statement        aiot_pq_notification    waits for a NOTIFY
 *     aiot_pq_close()        closes a connection
 *
 * OPTIONS: AIOT_POLL 1 or 2. AIOT_PQ_CANCELS: how many cancel requests may be on their way at once; 0: none are sent, and no threads are
 * needed. Default: 4. AIOT_PQ_TEXT: room for the text of an error, in bytes. Default: 512. Needs POSIX, and libpq 9.2 or later.
 *
 * ONE AT A TIME. A connection does one thing at a time: a second task gets AIOT_PQ_EBUSY. Use an aiot_lock, or one connection for each
 * task. A task that waits for a notification occupies its connection: LISTEN on one of its own.
 *
 * A LIMIT OR A CANCEL in the middle of a statement closes the connection, so that no half-read result is left. The next statement raises
 * AIOT_PQ_ELOST until aiot_pq_connect is awaited again. Nothing blocks: PQcancel(3) runs in a detached thread of its own, with all signals
 * blocked, and asks the server to stop the statement. That is a request: the statement may end first, and then its effects stay. A thread
 * needs one descriptor, and lasts until the server has answered.
 *
 * WHAT BLOCKS: libpq looks up names with getaddrinfo(3), and reads the files of passwords and services. Give hostaddr=, or an address as
 * host=, where that matters. connect_timeout= has no effect here: use AIOT_WAIT_FOR().
 *
 * MEMORY: libpq allocates connections and results. Otherwise no allocation. */
#ifndef AIOT_PQ_H
#define AIOT_PQ_H

#include "aio_timeout.h"

#if !AIOT_POLL
#error "aiot_pq.h waits for sockets: define AIOT_POLL 1 before the first include of aio_timeout.h"
#endif
#ifndef AIOT_PQ_CANCELS
#define AIOT_PQ_CANCELS 4
#endif
#ifndef AIOT_PQ_TEXT
#define AIOT_PQ_TEXT 512
#endif

#include <libpq-fe.h>
#include <string.h>
#if AIOT_PQ_CANCELS > 0
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#ifndef SIG_BLOCK
#error "aiot_pq.h needs POSIX: define _POSIX_C_SOURCE 200809L before the first include, or compile with -std=gnu11"
#endif
#endif

/* The errors. The pointer of each is a text without a newline at its end: pq->text, which is valid until the next use of the connection. */
enum {
    AIOT_PQ_ECONNECT = 26000,  /* the connection could not be made: refused, no such database, ... */
    AIOT_PQ_ELOST,             /* there is no connection, or it broke: await aiot_pq_connect */
    AIOT_PQ_EQUERY,            /* the server refused the statement, and the connection is good; pq->sqlstate tells why */
    AIOT_PQ_EBUSY              /* another task uses the connection */
};

/* A connection. The caller owns it, zeroes it before its first use, and closes it. It must not move while it is open. */
typedef struct aiot_pq {
    PGconn *conn;                /* for other functions of libpq that do not wait, such as PQescapeLiteral(3). NULL: not connected */
    aiot_fd socket;
    char    text[AIOT_PQ_TEXT];  /* of the last error */
    char    sqlstate[6];         /* of the last AIOT_PQ_EQUERY, such as "23505"; "" if the server gave none */
    bool    is_busy;             /* a coroutine below lasts */
} aiot_pq;

/* Notes an error, and returns its code. */
static inline int aiot_i_pq_error(aiot_pq *pq, int code, const char *text)
{
    size_t length = strlen(text);
    if (length > sizeof pq->text - 1) length = sizeof pq->text - 1;
    memmove(pq->text, text, length);
    while (length > 0 && pq->text[length - 1] == '\n') length--;
    pq->text[length] = '\0';
    return code;
}
static inline int aiot_i_pq_failed(aiot_pq *pq, int code) { return aiot_i_pq_error(pq, code, PQerrorMessage(pq->conn)); }

/* PQfinish(3) closes the descriptor, so the loop has to let go of it before. */
static inline void aiot_i_pq_drop(aiot_pq *pq)
{
    (void)aiot_fd_detach(&pq->socket);
    PQfinish(pq->conn);
    pq->conn = NULL;
}

/* Begins to use the connection. Returns 0 or an error. */
static inline int aiot_i_pq_take(aiot_pq *pq)
{
    if (pq->is_busy) return AIOT_PQ_EBUSY;
    if (pq->conn == NULL) return aiot_i_pq_error(pq, AIOT_PQ_ELOST, "not connected: await aiot_pq_connect");
    pq->is_busy = true;
    return 0;
}
static inline const char *aiot_i_pq_text(const aiot_pq *pq, int code)
{
    return code == AIOT_PQ_EBUSY ? "another task uses the connection" : pq->text;
}

/* Closes the connection, if it is open. Does not block. Returns 0; AIOT_ERUNTIME, and does nothing, while one of the coroutines below
 * lasts: cancel it first. */
static inline int aiot_pq_close(aiot_pq *pq)
{
    if (pq->is_busy) return AIOT_ERUNTIME;
    aiot_i_pq_drop(pq);
    return 0;
}

/* ---- Connecting. */

/* Connects: asyncpg.connect(), PQconnectdb(3). Closes the connection that pq has, if any, so it also connects again.
 *     pq          the connection
 *     conninfo    "host=127.0.0.1 dbname=shop" or a URI, as for libpq; it lives until the connection has begun
 * Tries all hosts and addresses in turn. Raises AIOT_PQ_ECONNECT, or AIOT_PQ_EBUSY; AIOT_ENOBUFS if with poll(2) the AIOT_POLL_SET is full;
 * AIOT_ERUNTIME if the loop has no aiot_poll_open(). After an error, a cancel or a limit nothing is open. */
struct aiot_pq_connect { AIOT_FRAME; aiot_pq *pq; const char *conninfo; PostgresPollingStatusType step; bool is_connected; };

static inline int aiot_i_pq_start(aiot_pq *pq, const char *conninfo)
{
    pq->conn = PQconnectStart(conninfo);
    if (pq->conn == NULL) return aiot_i_pq_error(pq, AIOT_PQ_ECONNECT, "out of memory");
    return PQstatus(pq->conn) == CONNECTION_BAD ? aiot_i_pq_failed(pq, AIOT_PQ_ECONNECT) : 0;
}

static inline AIOT_CORO(aiot_pq_connect)
{
    AIOT_BEGIN();
    if (self->pq->is_busy) AIOT_RAISE_INFO(AIOT_PQ_EBUSY, aiot_i_pq_text(self->pq, AIOT_PQ_EBUSY));
    aiot_i_pq_drop(self->pq);
    self->pq->is_busy = true;
    AIOT_TRY {
        if (aiot_i_pq_start(self->pq, self->conninfo) != 0) AIOT_RAISE_INFO(AIOT_PQ_ECONNECT, self->pq->text);
        for (self->step = PGRES_POLLING_WRITING; self->step != PGRES_POLLING_OK; ) {
            AIOT_CHECK(aiot_fd_open(&self->pq->socket, task->loop, PQsocket(self->pq->conn)));
            if (self->step == PGRES_POLLING_READING) AIOT_READABLE(&self->pq->socket);
            else AIOT_WRITABLE(&self->pq->socket);
            (void)aiot_fd_detach(&self->pq->socket);  /* it may be another socket with the same number after this step */
            self->step = PQconnectPoll(self->pq->conn);
            if (self->step == PGRES_POLLING_FAILED)
                AIOT_RAISE_INFO(aiot_i_pq_failed(self->pq, AIOT_PQ_ECONNECT), self->pq->text);
        }
        if (PQsetnonblocking(self->pq->conn, 1) != 0) AIOT_RAISE_INFO(aiot_i_pq_failed(self->pq, AIOT_PQ_ECONNECT), self->pq->text);
        AIOT_CHECK(aiot_fd_open(&self->pq->socket, task->loop, PQsocket(self->pq->conn)));
        self->is_connected = true;
    } AIOT_FINALLY {
        self->pq->is_busy = false;
        if (!self->is_connected) aiot_i_pq_drop(self->pq);
    }
    AIOT_END();
}

/* ---- Cancel requests. */
#if AIOT_PQ_CANCELS > 0
static atomic_int aiot_i_pq_cancels;

static inline void *aiot_i_pq_cancel_thread(void *cancel)
{
    char text[256];
    (void)PQcancel((PGcancel *)cancel, text, (int)sizeof text);
    PQfreeCancel((PGcancel *)cancel);
    atomic_fetch_sub(&aiot_i_pq_cancels, 1);
    return NULL;
}

/* Asks the server to stop the statement. If that is not possible, the server notices the end of the connection later. */
static inline void aiot_i_pq_ask_to_stop(PGconn *conn)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    bool has_begun = false;
    PGcancel *cancel = PQgetCancel(conn);
    if (cancel == NULL) return;
    if (atomic_fetch_add(&aiot_i_pq_cancels, 1) < AIOT_PQ_CANCELS && pthread_attr_init(&attributes) == 0) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        has_begun = pthread_create(&thread, &attributes, aiot_i_pq_cancel_thread, cancel) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        pthread_attr_destroy(&attributes);
    }
    if (has_begun) return;
    atomic_fetch_sub(&aiot_i_pq_cancels, 1);
    PQfreeCancel(cancel);
}
#else
static inline void aiot_i_pq_ask_to_stop(PGconn *conn) { (void)conn; }
#endif

/* ---- Statements. */

/* Runs one statement: asyncpg's fetch(), PQexecParams(3).
 *     pq              a connection
 *     sql             the statement, with $1, $2, ... for parameters
 *     count           how many parameters; 0 if not set
 *     values          their texts; NULL among them is SQL's NULL. types, lengths, formats: as for PQsendQueryParams(3), may be NULL
 *     result_format   0: text; 1: binary
 *   results:
 *     result          a PGresult that the caller owns: PQclear(3). NULL after an error
 * sql and the arrays live until the coroutine has begun: all is copied then. Raises
 *     AIOT_PQ_EQUERY  the server refused it. Also COPY, which this cannot do; after that the connection is closed
 *     AIOT_PQ_ELOST   no connection, or it broke meanwhile. Whether the statement had an effect is not known then
 *     AIOT_PQ_EBUSY   another task uses the connection
 * A cancel or a limit closes the connection and asks the server to stop: see the head of this file. */
struct aiot_pq_query {
    AIOT_FRAME;
    aiot_pq *pq;
    const char *sql;
    int count, result_format;
    const char *const *values;
    const Oid *types;
    const int *lengths, *formats;
    PGresult *result;
    bool is_over;        /* all of its result has come */
    int code;
    aiot_event ready;
    aiot_waiter w;
};

static inline int aiot_i_pq_send(struct aiot_pq_query *q)
{
    PGconn *conn = q->pq->conn;
    if (PQsendQueryParams(conn, q->sql, q->count, q->types, q->values, q->lengths, q->formats, q->result_format)) return 0;
    q->is_over = PQstatus(conn) == CONNECTION_OK;  /* nothing was sent */
    q->pq->sqlstate[0] = '\0';
    return aiot_i_pq_failed(q->pq, q->is_over ? AIOT_PQ_EQUERY : AIOT_PQ_ELOST);
}

/* Reads what has come, without waiting. */
static inline int aiot_i_pq_consume(aiot_pq *pq) { return PQconsumeInput(pq->conn) ? 0 : aiot_i_pq_failed(pq, AIOT_PQ_ELOST); }

/* While a statement is sent, the server may send, too, and wait until that is read. So both ways are waited for. */
static inline int aiot_i_pq_is_ready(void *query)
{
    struct aiot_pq_query *q = (struct aiot_pq_query *)query;
    (void)aiot_remove_reader(&q->pq->socket);
    (void)aiot_remove_writer(&q->pq->socket);
    aiot_event_set(&q->ready);
    return 0;
}
static inline int aiot_i_pq_watch(struct aiot_pq_query *q)
{
    aiot_event_clear(&q->ready);
    int code = aiot_add_reader(&q->pq->socket, aiot_i_pq_is_ready, q);
    return code != 0 ? code : aiot_add_writer(&q->pq->socket, aiot_i_pq_is_ready, q);
}

/* Takes one result; none: the statement is over. The last one stays, or the first that is an error. */
static inline int aiot_i_pq_next_result(struct aiot_pq_query *q)
{
    PGresult *next = PQgetResult(q->pq->conn);
    ExecStatusType status = PQresultStatus(next);
    if (next == NULL) {
        if (PQstatus(q->pq->conn) != CONNECTION_OK) return aiot_i_pq_failed(q->pq, AIOT_PQ_ELOST);
        q->is_over = true;
    } else if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
        PQclear(next);
        return aiot_i_pq_error(q->pq, AIOT_PQ_EQUERY, "COPY is not supported: the connection is closed");
    } else if (PQresultStatus(q->result) == PGRES_FATAL_ERROR && q->result != NULL) {
        PQclear(next);
    } else {
        PQclear(q->result);
        q->result = next;
    }
    return 0;
}

/* The error of a result, or 0. */
static inline int aiot_i_pq_result_error(struct aiot_pq_query *q)
{
    ExecStatusType status = PQresultStatus(q->result);
    if (status != PGRES_FATAL_ERROR && status != PGRES_BAD_RESPONSE) return 0;
    const char *state = q->result ? PQresultErrorField(q->result, PG_DIAG_SQLSTATE) : NULL;
    q->pq->sqlstate[0] = '\0';
    if (state && strlen(state) < sizeof q->pq->sqlstate) memcpy(q->pq->sqlstate, state, strlen(state) + 1);
    return aiot_i_pq_error(q->pq, AIOT_PQ_EQUERY, q->result ? PQresultErrorMessage(q->result) : "no result");
}

/* After a statement, or in the middle of it. */
static inline void aiot_i_pq_leave(struct aiot_pq_query *q)
{
    aiot_pq *pq = q->pq;
    (void)aiot_remove_reader(&pq->socket);
    (void)aiot_remove_writer(&pq->socket);
    pq->is_busy = false;
    if (!q->is_over && PQstatus(pq->conn) == CONNECTION_OK) aiot_i_pq_ask_to_stop(pq->conn);
    if (!q->is_over) aiot_i_pq_drop(pq);
    if (q->is_over && q->code == 0) return;
    PQclear(q->result);
    q->result = NULL;
}

static inline AIOT_CORO(aiot_pq_query)
{
    AIOT_BEGIN();
    self->code = aiot_i_pq_take(self->pq);
    if (self->code != 0) AIOT_RAISE_INFO(self->code, aiot_i_pq_text(self->pq, self->code));
    AIOT_TRY {
        self->code = aiot_i_pq_send(self);
        while (self->code == 0 && PQflush(self->pq->conn) != 0) {
            if (PQstatus(self->pq->conn) != CONNECTION_OK) AIOT_RAISE_INFO(aiot_i_pq_failed(self->pq, AIOT_PQ_ELOST), self->pq->text);
            AIOT_CHECK(aiot_i_pq_watch(self));
            AIOT_EVENT_WAIT(&self->ready, &self->w);
            self->code = aiot_i_pq_consume(self->pq);
        }
        while (self->code == 0 && !self->is_over) {
            if (PQisBusy(self->pq->conn)) {
                AIOT_READABLE(&self->pq->socket);
                self->code = aiot_i_pq_consume(self->pq);
            } else {
                self->code = aiot_i_pq_next_result(self);
            }
        }
        if (self->code == 0) self->code = aiot_i_pq_result_error(self);
        if (self->code != 0) AIOT_RAISE_INFO(self->code, self->pq->text);
    } AIOT_FINALLY {
        aiot_i_pq_leave(self);
    }
    AIOT_END();
}

/* ---- LISTEN and NOTIFY. */

/* Waits for the next notification, after a query "LISTEN channel". The result, notify, belongs to the caller: read its fields relname,
 * extra and be_pid, and free it with PQfreemem(3). One that has come before is taken at once. A cancel or a limit loses nothing, and
 * leaves the connection open. Raises AIOT_PQ_ELOST if there is no connection or it broke: connect, and LISTEN again. AIOT_PQ_EBUSY. */
struct aiot_pq_notification { AIOT_FRAME; aiot_pq *pq; PGnotify *notify; int code; };

static inline AIOT_CORO(aiot_pq_notification)
{
    AIOT_BEGIN();
    self->code = aiot_i_pq_take(self->pq);
    if (self->code != 0) AIOT_RAISE_INFO(self->code, aiot_i_pq_text(self->pq, self->code));
    AIOT_TRY {
        while ((self->notify = PQnotifies(self->pq->conn)) == NULL) {
            AIOT_READABLE(&self->pq->socket);
            self->code = aiot_i_pq_consume(self->pq);
            if (self->code != 0) AIOT_RAISE_INFO(self->code, self->pq->text);
        }
    } AIOT_FINALLY {
        self->pq->is_busy = false;
        if (self->code != 0) aiot_i_pq_drop(self->pq);
    }
    AIOT_END();
}

/* MIT License. Copyright (c) 2026, the authors of aio_timeout.h: see its end for the text. */
#endif
