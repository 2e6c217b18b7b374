/* pq.c CONNINFO SOCKETS - the rules of aiot_pq.h, against a server that pq.sh starts. CONNINFO leads to it over TCP, SOCKETS over its local
 * socket. It runs as a user who may kill the server's processes. */
#define _POSIX_C_SOURCE 200809L
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "check.h"
#include "adapters.h"
#include "aiot_pq.h"

static aiot_loop loop;
static AIOT_POLL_SET(16) poller;
static const char *server, *sockets;
static char conninfo[512];

static const char *with(const char *more)
{
    snprintf(conninfo, sizeof conninfo, "%s %s", server, more);
    return conninfo;
}
static const char *text_of(const PGresult *result, int row) { return PQgetvalue(result, row, 0); }

/* One statement, one value. */
struct one { AIOT_FRAME; aiot_pq *pq; const char *sql; char value[64]; struct aiot_pq_query query; };
static AIOT_CORO(one)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_query, &self->query, .pq = self->pq, .sql = self->sql);
    if (PQntuples(self->query.result) > 0) snprintf(self->value, sizeof self->value, "%s", text_of(self->query.result, 0));
    PQclear(self->query.result);
    AIOT_END();
}

/* ---- Connecting. */
struct a_connection { AIOT_FRAME; aiot_pq pq; struct aiot_pq_connect connect; struct one one; };
static AIOT_CORO(a_connection)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server);
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 42");
    CHECK_EQUAL(atoi(self->one.value), 42);
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = sockets);       /* in place of the first */
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select coalesce(host(inet_client_addr()), 'local')");
    CHECK(strcmp(self->one.value, "local") == 0);
    CHECK_EQUAL(aiot_pq_close(&self->pq), 0);
    CHECK_EQUAL(aiot_pq_close(&self->pq), 0);
    AIOT_TRY { AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 42"); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_PQ_ELOST) { CHECK(strstr((const char *)aiot_caught(task).info, "not connected") != NULL); }
    CHECK_END();
}

/* The first host refuses: the socket changes while it connects. */
struct the_socket_changes { AIOT_FRAME; aiot_pq pq; struct aiot_pq_connect connect; struct one one; };
static AIOT_CORO(the_socket_changes)
{
    AIOT_BEGIN();
    snprintf(conninfo, sizeof conninfo, "%s host=127.0.0.1,127.0.0.1,127.0.0.1 port=1,2,%s", server, strstr(server, "port=") + 5);
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = conninfo);
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 42");
    CHECK_EQUAL(atoi(self->one.value), 42);
    CHECK_EQUAL(aiot_pq_close(&self->pq), 0);
    CHECK_END();
}

struct no_connection { AIOT_FRAME; aiot_pq pq; struct aiot_pq_connect connect; };
#define FAILS_TO_CONNECT(info_, says) \
    AIOT_TRY { AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = info_); NOT_REACHED(); } \
    AIOT_EXCEPT(AIOT_PQ_ECONNECT) { CHECK(strstr((const char *)aiot_caught(task).info, says) != NULL); } \
    CHECK(self->pq.conn == NULL && !self->pq.is_busy)
static AIOT_CORO(no_connection)
{
    AIOT_BEGIN();
    FAILS_TO_CONNECT("host=127.0.0.1 port=1", "refused");
    FAILS_TO_CONNECT(with("dbname=nowhere"), "\"nowhere\" does not exist");
    FAILS_TO_CONNECT(with("user=nobody_at_all"), "nobody_at_all");
    FAILS_TO_CONNECT("host=/there/is/no/such/directory", "No such file");
    FAILS_TO_CONNECT("this is no conninfo", "missing \"=\"");
    CHECK(self->pq.text[strlen(self->pq.text) - 1] != '\n');
    CHECK_END();
}

/* ---- Statements. */
struct a_query_with_parameters {
    AIOT_FRAME; aiot_pq pq; struct aiot_pq_connect connect; struct aiot_pq_query query;
    const char *values[3]; int lengths[3], formats[3]; char *big;
};
static AIOT_CORO(a_query_with_parameters)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server);
    self->values[0] = "O'Neill; drop table x";
    self->values[1] = NULL;
    self->values[2] = "7";
    AIOT_AWAIT(aiot_pq_query, &self->query, .pq = &self->pq, .sql = "select $1::text, $2::int is null, $3::int + 1", .count = 3,
               .values = self->values);
    CHECK(strcmp(PQgetvalue(self->query.result, 0, 0), "O'Neill; drop table x") == 0);
    CHECK(strcmp(PQgetvalue(self->query.result, 0, 1), "t") == 0 && strcmp(PQgetvalue(self->query.result, 0, 2), "8") == 0);
    PQclear(self->query.result);

    self->big = (char *)malloc(8000001);        /* more than the sockets hold: it is sent in pieces, */
    CHECK(self->big != NULL);
    memset(self->big, 'x', 8000000);
    self->big[8000000] = '\0';
    self->values[0] = self->big;
    AIOT_AWAIT(aiot_pq_query, &self->query, .pq = &self->pq, .sql = "select $1::text", .count = 1, .values = self->values);
    CHECK_EQUAL(PQgetlength(self->query.result, 0, 0), 8000000);                /* and comes back */
    PQclear(self->query.result);
    free(self->big);

    self->values[0] = "\1\0\2";
    self->lengths[0] = 3;
    self->formats[0] = 1;
    AIOT_AWAIT(aiot_pq_query, &self->query, .pq = &self->pq, .sql = "select $1::bytea", .count = 1, .values = self->values,
               .lengths = self->lengths, .formats = self->formats, .result_format = 1);
    CHECK(PQgetlength(self->query.result, 0, 0) == 3 && memcmp(text_of(self->query.result, 0), "\1\0\2", 3) == 0);
    PQclear(self->query.result);
    CHECK_EQUAL(aiot_pq_close(&self->pq), 0);
    CHECK_END();
}

struct an_error_leaves_the_connection_good { AIOT_FRAME; aiot_pq pq; struct aiot_pq_connect connect; struct one one; int backend; };
static AIOT_CORO(an_error_leaves_the_connection_good)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server);
    self->backend = PQbackendPID(self->pq.conn);
    AIOT_TRY { AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "selekt 1"); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_PQ_EQUERY) {
        CHECK(strstr((const char *)aiot_caught(task).info, "syntax error") != NULL);
        CHECK(strcmp(self->pq.sqlstate, "42601") == 0);
        CHECK(self->one.query.result == NULL);
    }
    AIOT_TRY { AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 1 / (3 - g) from generate_series(1, 5) g"); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_PQ_EQUERY) { CHECK(strcmp(self->pq.sqlstate, "22012") == 0); }
    AIOT_TRY { AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 1; select 2"); NOT_REACHED(); }       /* one statement */
    AIOT_EXCEPT(AIOT_PQ_EQUERY) { }
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 42");
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "");
    CHECK_EQUAL(PQbackendPID(self->pq.conn), self->backend);
    AIOT_TRY { AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "copy pg_class to stdout"); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_PQ_EQUERY) { CHECK(strstr((const char *)aiot_caught(task).info, "COPY") != NULL); }
    CHECK(self->pq.conn == NULL);
    CHECK_END();
}

/* Other tasks run meanwhile. */
struct ticks { AIOT_FRAME; int count; };
static AIOT_CORO(ticks) { AIOT_BEGIN(); for (;; self->count++) AIOT_SLEEP(AIOT_MS(1)); AIOT_END(); }
struct ten_thousand_rows {
    AIOT_FRAME; aiot_pq pq; struct aiot_pq_connect connect; struct aiot_pq_query query; struct ticks ticks; aiot_task t;
};
static AIOT_CORO(ten_thousand_rows)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server);
    AIOT_SPAWN(&self->t, ticks, &self->ticks);
    AIOT_AWAIT(aiot_pq_query, &self->query, .pq = &self->pq,
               .sql = "select g, repeat('x', 200) from generate_series(1, 10000) g, pg_sleep(0.05)");
    CHECK(self->ticks.count > 10);
    aiot_cancel(&self->t);
    CHECK_EQUAL(PQntuples(self->query.result), 10000);
    for (int i = 0; i < 10000; i++) CHECK(atoi(text_of(self->query.result, i)) == i + 1 && PQgetlength(self->query.result, i, 1) == 200);
    PQclear(self->query.result);
    CHECK_EQUAL(aiot_pq_close(&self->pq), 0);
    CHECK_END();
}

struct sleeper { AIOT_FRAME; const char *sql; aiot_pq pq; struct aiot_pq_connect connect; struct one one; };
static AIOT_CORO(sleeper)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server);
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = self->sql);
    AIOT_END();
}
struct two_connections_at_once { AIOT_FRAME; struct sleeper sleepers[2]; struct one one; aiot_task t[2]; aiot_time start; };
static AIOT_CORO(two_connections_at_once)
{
    AIOT_BEGIN();
    self->start = aiot_now(task->loop);
    for (int i = 0; i < 2; i++) AIOT_SPAWN(&self->t[i], sleeper, &self->sleepers[i], .sql = "select 42 from pg_sleep(0.4)");
    while (!self->sleepers[0].one.query.pq) AIOT_SLEEP(AIOT_MS(1));
    AIOT_TRY { AIOT_AWAIT(one, &self->one, .pq = &self->sleepers[0].pq, .sql = "select 42"); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_PQ_EBUSY) { CHECK(aiot_caught(task).info != NULL); }
    CHECK_EQUAL(aiot_pq_close(&self->sleepers[0].pq), AIOT_ERUNTIME);
    AIOT_JOIN(&self->t[0]);
    AIOT_JOIN(&self->t[1]);
    CHECK(ms_since(&loop, self->start) < 780);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(atoi(self->sleepers[i].one.value), 42);
        CHECK_EQUAL(aiot_pq_close(&self->sleepers[i].pq), 0);
    }
    CHECK_END();
}

/* ---- Limits and cancels. The server is told, too. */
#define SLEEPING "select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep(10%'"
struct a_limit_closes_the_connection {
    AIOT_FRAME; aiot_pq pq, other; struct aiot_pq_connect connect; struct one one; aiot_timeout limit; aiot_time start; int i;
};
static AIOT_CORO(a_limit_closes_the_connection)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->other, .conninfo = server);
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server);
        self->start = aiot_now(task->loop);
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, AIOT_MS(100), one, &self->one, .pq = &self->pq, .sql = "select pg_sleep(10)");
            NOT_REACHED();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        CHECK(ms_since(&loop, self->start) < 300);     /* the clean-up does not block */
        CHECK(self->pq.conn == NULL && !self->pq.is_busy);
        AIOT_TRY { AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 42"); NOT_REACHED(); } AIOT_EXCEPT(AIOT_PQ_ELOST) { }
    }
    do {
        AIOT_SLEEP(AIOT_MS(20));
        AIOT_AWAIT(one, &self->one, .pq = &self->other, .sql = SLEEPING);
    } while (AIOT_PQ_CANCELS > 0 && atoi(self->one.value) > 0);
    CHECK(ms_since(&loop, self->start) < 3000);
    CHECK_EQUAL(aiot_pq_close(&self->other), 0);
    CHECK_END();
}

struct a_cancel_at_every_wait { AIOT_FRAME; struct sleeper sleeper; aiot_task t; AIOT_WAIT_SET(1) set; int turns, i; };
static AIOT_CORO(a_cancel_at_every_wait)
{
    AIOT_BEGIN();
    for (self->turns = 0; self->turns < 40; self->turns++) {
        AIOT_SPAWN(&self->t, sleeper, &self->sleeper, .sql = "select 42");
        for (self->i = 0; self->i < self->turns && !aiot_done(&self->t); self->i++) AIOT_SLEEP(AIOT_MS(1) / 10);
        aiot_cancel(&self->t);
        AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_S(5), &self->t);
        CHECK(aiot_done(&self->t) && (aiot_cancelled(&self->t) || aiot_result(&self->t) == 0));
        CHECK(self->sleeper.pq.conn == NULL || self->sleeper.connect.is_connected);
        CHECK_EQUAL(aiot_pq_close(&self->sleeper.pq), 0);
    }
    CHECK_END();
}

/* ---- The server goes away. */
struct killed {
    AIOT_FRAME; struct sleeper sleeper; aiot_pq pq; struct aiot_pq_connect connect; struct one one; aiot_task t;
    char sql[100]; int i; aiot_backoff backoff;
};
static AIOT_CORO(killed)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server);
    for (self->i = 0; self->i < 2; self->i++) {         /* politely; then the whole server starts anew */
        AIOT_SPAWN(&self->t, sleeper, &self->sleeper, .sql = "select pg_sleep(10), 1");
        while (!self->sleeper.one.query.pq) AIOT_SLEEP(AIOT_MS(1));
        AIOT_SLEEP(AIOT_MS(20));
        snprintf(self->sql, sizeof self->sql, "select pg_terminate_backend(%d)", PQbackendPID(self->sleeper.pq.conn));
        if (self->i == 0) AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = self->sql);
        else CHECK_EQUAL(kill(PQbackendPID(self->sleeper.pq.conn), SIGKILL), 0);
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); }
        AIOT_EXCEPT(AIOT_PQ_ELOST) { CHECK(strlen((const char *)aiot_caught(task).info) > 10); }
        CHECK(self->sleeper.pq.conn == NULL);
    }
    AIOT_SLEEP(AIOT_MS(100));
    AIOT_TRY { AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 42"); NOT_REACHED(); }        /* an idle one, too */
    AIOT_EXCEPT(AIOT_PQ_ELOST) { }
    aiot_backoff_init(&self->backoff, AIOT_MS(20), AIOT_MS(200), 1);
    while (self->pq.conn == NULL) {
        AIOT_TRY { AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server); }
        AIOT_EXCEPT(AIOT_PQ_ECONNECT) { aiot_backoff_next(&self->backoff, task); AIOT_SLEEP(self->backoff.delay_ns); }
    }
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 42");
    CHECK_EQUAL(atoi(self->one.value), 42);
    CHECK_EQUAL(aiot_pq_close(&self->pq), 0);
    CHECK_END();
}

/* ---- NOTIFY. */
struct a_notification {
    AIOT_FRAME; aiot_pq pq, other; struct aiot_pq_connect connect; struct one one; struct aiot_pq_notification next;
    aiot_task t; aiot_timeout limit;
};
static AIOT_CORO(a_notification)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->pq, .conninfo = server);
    AIOT_AWAIT(aiot_pq_connect, &self->connect, .pq = &self->other, .conninfo = server);
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "listen news");
    AIOT_TRY { AIOT_WAIT_FOR(&self->limit, AIOT_MS(30), aiot_pq_notification, &self->next, .pq = &self->pq); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { }             /* the connection stays */
    AIOT_SPAWN(&self->t, aiot_pq_notification, &self->next, .pq = &self->pq);
    AIOT_SLEEP(AIOT_MS(10));
    AIOT_AWAIT(one, &self->one, .pq = &self->other, .sql = "select pg_notify('news', 'first'), pg_notify('news', 'second')");
    AIOT_JOIN(&self->t);
    CHECK(strcmp(self->next.notify->relname, "news") == 0 && strcmp(self->next.notify->extra, "first") == 0);
    CHECK_EQUAL(self->next.notify->be_pid, PQbackendPID(self->other.conn));
    PQfreemem(self->next.notify);
    AIOT_AWAIT(aiot_pq_notification, &self->next, .pq = &self->pq);
    CHECK(strcmp(self->next.notify->extra, "second") == 0);
    PQfreemem(self->next.notify);
    AIOT_AWAIT(one, &self->one, .pq = &self->other, .sql = "notify news, 'third'");
    AIOT_AWAIT(one, &self->one, .pq = &self->pq, .sql = "select 42");           /* it comes during a query, and is not lost */
    AIOT_AWAIT(aiot_pq_notification, &self->next, .pq = &self->pq);
    CHECK(strcmp(self->next.notify->extra, "third") == 0);
    PQfreemem(self->next.notify);
    AIOT_SPAWN(&self->t, aiot_pq_notification, &self->next, .pq = &self->pq);
    AIOT_SLEEP(AIOT_MS(10));
    AIOT_AWAIT(one, &self->one, .pq = &self->other,
               .sql = "select pg_terminate_backend(pid) from pg_stat_activity where query = 'select 42'");
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_PQ_ELOST) { }
    CHECK(self->pq.conn == NULL);
    CHECK_EQUAL(aiot_pq_close(&self->other), 0);
    CHECK_END();
}

static void wait_for_cancel_requests(void)
{
#if AIOT_PQ_CANCELS > 0
    const struct timespec time = { 0, 5000000 };
    for (int i = 0; i < 1000 && atomic_load(&aiot_i_pq_cancels) > 0; i++) (void)nanosleep(&time, NULL);
    CHECK_EQUAL(atomic_load(&aiot_i_pq_cancels), 0);
#endif
}

#define RUN_REAL(fn) \
    do { \
        static struct fn frame; \
        int descriptors = open_descriptors(); \
        aiot_loop_init(&loop); \
        CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0); \
        int code = aiot_run(&loop, fn, &frame); \
        if (code != AIOT_OK) fprintf(stderr, "%s ended with %d\n", #fn, code); \
        CHECK_EQUAL(code, AIOT_OK); \
        CHECK(check_end == &frame); \
        CHECK_EQUAL(loop.watched, 0); \
        CHECK_EQUAL(aiot_poll_close(&loop), 0); \
        CHECK_EQUAL(complaints, 0); \
        wait_for_cancel_requests(); \
        CHECK_EQUAL(open_descriptors(), descriptors); \
    } while (0)

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    server = argv[1];
    sockets = argv[2];
    RUN_REAL(a_connection);
    RUN_REAL(the_socket_changes);
    RUN_REAL(no_connection);
    RUN_REAL(a_query_with_parameters);
    RUN_REAL(an_error_leaves_the_connection_good);
    RUN_REAL(ten_thousand_rows);
    RUN_REAL(two_connections_at_once);
    RUN_REAL(a_limit_closes_the_connection);
    RUN_REAL(a_cancel_at_every_wait);
    RUN_REAL(killed);
    RUN_REAL(a_notification);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1);
    return 0;
}
