/* sqlite.c - examples/adapters/aiot_sqlite.h: one function for each rule. Real threads, the real clock, the real SQLite. At the end the
 * threads, the descriptors, and the bytes that SQLite holds are counted.
 *
 *     cc -std=c11 -I. -Itests/unit tests/adapters/sqlite.c -o sqlite -lsqlite3 -pthread && ./sqlite */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <time.h>
#define AIOT_THREADS 1
#define AIOT_POLL 1
#include "check.h"
#include "adapters.h"

/* An open waits for this gate if a rule says so. */
static atomic_bool opens_wait;
static atomic_int opens_begun;
static sem_t open_gate;
static int gated_open(const char *path, sqlite3 **db, int flags, const char *vfs)
{
    atomic_fetch_add(&opens_begun, 1);
    if (atomic_load(&opens_wait)) while (sem_wait(&open_gate) != 0) { }
    return sqlite3_open_v2(path, db, flags, vfs);
}
#define sqlite3_open_v2 gated_open
#include "../../examples/adapters/aiot_sqlite.h"
#undef sqlite3_open_v2

static aiot_loop loop;
static AIOT_POLL_SET(8) poller;
static void open_loop(void)
{
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
}

static struct aiot_pool pool;
static struct aiot_sqlite db, other;
static char directory[] = "/tmp/aiot_sqlite_XXXXXX", path[sizeof directory + 8];

/* Would run for minutes. */
#define ENDLESS "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000000000) "
#define SLOW ENDLESS "SELECT count(*) FROM c"


#define UNTIL(condition) while (!(condition)) AIOT_SLEEP(AIOT_MS(1))
#define JOIN_ANY(t) do { AIOT_TRY { AIOT_JOIN(t); } AIOT_EXCEPT_ALL { } } while (0)
#define RAISES(expected_code, ...) \
    do { \
        AIOT_TRY { __VA_ARGS__; NOT_REACHED(); } AIOT_EXCEPT_ALL { CHECK_EQUAL(aiot_caught(task).code, expected_code); } \
    } while (0)
#define EXEC(...) AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &db, .sql = __VA_ARGS__)
#define OPEN(...) AIOT_AWAIT(aiot_sqlite_open, &self->open, .sqlite = __VA_ARGS__)
#define CLOSE(connection) AIOT_AWAIT(aiot_sqlite_close, &self->close, .sqlite = connection)

/* Each rule begins with an open pool of 4 threads, and `db` open on a file with an empty table t(a, b). */
static int sums_integers(sqlite3_stmt *row, void *sum) { *(sqlite3_int64 *)sum += sqlite3_column_int64(row, 0); return 0; }
struct count { AIOT_FRAME; struct aiot_sqlite *of; sqlite3_int64 rows; struct aiot_sqlite_exec exec; };
static AIOT_CORO(count)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = self->of, .sql = "SELECT count(*) FROM t", .row = sums_integers,
               .argument = &self->rows);
    AIOT_END();
}
#define CHECK_ROWS(connection, n) \
    do { AIOT_AWAIT(count, &self->count, .of = connection); CHECK_EQUAL(self->count.rows, n); } while (0)

#define RULE(name, ...) \
    struct name { \
        AIOT_FRAME; struct aiot_sqlite_open open; struct aiot_sqlite_exec exec; struct aiot_sqlite_close close; struct count count; \
        aiot_timeout limit; aiot_task t, t2; int i, k; aiot_time began; __VA_ARGS__ \
    }; \
    static AIOT_CORO(name)

/* ---- Values and rows */
struct seen { sqlite3_int64 a; double b; char c[8]; unsigned char d[4]; int sizes[2]; int kinds[6]; };
static int sees_all_kinds(sqlite3_stmt *row, void *argument)
{
    struct seen *seen = (struct seen *)argument;
    seen->a = sqlite3_column_int64(row, 0);
    seen->b = sqlite3_column_double(row, 1);
    seen->sizes[0] = sqlite3_column_bytes(row, 2);
    memcpy(seen->c, sqlite3_column_text(row, 2), (size_t)seen->sizes[0] + 1);
    seen->sizes[1] = sqlite3_column_bytes(row, 3);
    memcpy(seen->d, sqlite3_column_blob(row, 3), (size_t)seen->sizes[1]);
    for (int i = 0; i < 6; i++) seen->kinds[i] = sqlite3_column_type(row, i);
    return 0;
}
static const unsigned char four_bytes[4] = { 0, 255, 0, 7 };
RULE(values_come_back, struct seen seen; char text[8];)
{
    AIOT_BEGIN();
    strcpy(self->text, "h\xc3\xa9");
    EXEC("SELECT ?1, ?2, ?3, ?4, ?5, ?6", .row = sees_all_kinds, .argument = &self->seen,
         .values = { aiot_sqlite_int64(INT64_MIN), aiot_sqlite_double(0.5), aiot_sqlite_text(self->text), aiot_sqlite_blob(four_bytes, 4),
                     aiot_sqlite_null(), aiot_sqlite_text(NULL) });
    CHECK_EQUAL(self->exec.rows, 1);
    CHECK(self->seen.a == INT64_MIN && self->seen.b == 0.5);
    CHECK(strcmp(self->seen.c, self->text) == 0 && self->seen.sizes[0] == 3);
    CHECK(memcmp(self->seen.d, four_bytes, 4) == 0 && self->seen.sizes[1] == 4);
    for (int i = 0; i < 6; i++)
        CHECK_EQUAL(self->seen.kinds[i],
                    ((const int[]){ SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL, SQLITE_NULL })[i]);
    CHECK_END();
}

RULE(number_of_values_is_checked, int unused;)
{
    AIOT_BEGIN();
    RAISES(AIOT_SQLITE_ERROR + SQLITE_RANGE, EXEC("INSERT INTO t VALUES (?1, 2)", .values = { aiot_sqlite_int64(1), aiot_sqlite_null() }));
    RAISES(AIOT_SQLITE_ERROR + SQLITE_RANGE, EXEC("INSERT INTO t VALUES (?1, ?2)", .values = { aiot_sqlite_int64(1) }));
    CHECK_ROWS(&db, 0);
    EXEC("INSERT INTO t VALUES (?1, ?2)");                      /* NULLs */
    EXEC("INSERT INTO t VALUES (?1, 1); INSERT INTO t VALUES (?1, 2)", .values = { aiot_sqlite_int64(1) });
    CHECK_ROWS(&db, 3);
    CHECK_END();
}

RULE(text_may_hold_several_statements, sqlite3_int64 sum;)
{
    AIOT_BEGIN();
    EXEC("");
    EXEC(" -- nothing\n");
    EXEC("INSERT INTO t VALUES (1, 2); /* and */ ; INSERT INTO t VALUES (3, 4), (5, 6); -- end");
    CHECK_EQUAL(self->exec.changes, 2);
    CHECK_EQUAL(self->exec.last_insert_rowid, 3);
    EXEC("SELECT a FROM t; SELECT b FROM t", .row = sums_integers, .argument = &self->sum);
    CHECK_EQUAL(self->sum, 21);
    CHECK_EQUAL(self->exec.rows, 6);
    RAISES(AIOT_SQLITE_ERROR + SQLITE_ERROR, EXEC("INSERT INTO t VALUES (7, 8); nonsense; INSERT INTO t VALUES (9, 10)"));
    CHECK_ROWS(&db, 4);
    CHECK_END();
}

static int stops_at_second(sqlite3_stmt *row, void *n) { (void)row; return ++*(int *)n == 2; }
RULE(row_function_may_end_the_statement, int n;)
{
    AIOT_BEGIN();
    EXEC("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)");
    RAISES(AIOT_SQLITE_ERROR + SQLITE_ABORT, EXEC("SELECT * FROM t", .row = stops_at_second, .argument = &self->n));
    CHECK_EQUAL(self->n, 2);
    CHECK_ROWS(&db, 3);
    CHECK_END();
}

RULE(errors_have_code_and_text, int unused;)
{
    AIOT_BEGIN();
    AIOT_TRY {
        EXEC("SELECT 1 FROM nowhere");
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_SQLITE_ERROR + SQLITE_ERROR) {
        CHECK(aiot_caught(task).info == db.message);
        CHECK(strcmp(db.message, "no such table: nowhere") == 0);
    }
    EXEC("CREATE UNIQUE INDEX one ON t(a); INSERT INTO t VALUES (1, 1)");
    RAISES(AIOT_SQLITE_ERROR + SQLITE_CONSTRAINT, EXEC("INSERT INTO t VALUES (1, 2)"));
    CHECK_EQUAL(db.extended_code, SQLITE_CONSTRAINT_UNIQUE);
    RAISES(AIOT_EINVAL, EXEC(NULL));
    AIOT_TRY {
        OPEN(&other, .pool = &pool, .path = "/nowhere/at/all");
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_SQLITE_ERROR + SQLITE_CANTOPEN) {
        CHECK(aiot_caught(task).info == other.message);
        CHECK(strcmp(other.message, "unable to open database file") == 0);
    }
    RAISES(AIOT_EINVAL, OPEN(&other, .pool = &pool));
    RAISES(AIOT_ESTATE, OPEN(&db, .pool = &pool, .path = path));                 /* open already */
    RAISES(AIOT_ESTATE, AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &other, .sql = "SELECT 1"));
    RAISES(AIOT_ESTATE, CLOSE(&other));
    CHECK_END();
}

/* ---- Limits and cancels */
RULE(slow_statement_ends_at_its_limit, int unused;)
{
    AIOT_BEGIN();
    self->began = aiot_now(task->loop);
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(100), aiot_sqlite_exec, &self->exec, .sqlite = &db, .sql = SLOW));
    CHECK(aiot_time_between(self->began, aiot_now(task->loop)) < AIOT_S(2));
    CHECK_ROWS(&db, 0);                                         /* the connection is usable */
    CHECK_END();
}

RULE(cancel_reaches_a_statement_at_any_time, struct aiot_sqlite_exec slow;)
{
    AIOT_BEGIN();
    for (self->k = 0; self->k < 40; self->k++) {                /* before the first step, in prepare, while it runs */
        AIOT_SPAWN(&self->t, aiot_sqlite_exec, &self->slow, .sqlite = &db, .sql = SLOW);
        for (self->i = 0; self->i < self->k % 8; self->i++) AIOT_YIELD();
        if (self->k >= 8) pause_ms(self->k % 3);
        if (self->k >= 16) AIOT_SLEEP(AIOT_US(50) * self->k);
        aiot_cancel(&self->t);
        if (self->k % 2) AIOT_YIELD();
        if (self->k % 2) aiot_cancel(&self->t);                 /* a second one changes nothing */
        JOIN_ANY(&self->t);
        CHECK(aiot_cancelled(&self->t));
        CHECK(!aiot_lock_locked(&db.lock));
    }
    CHECK_ROWS(&db, 0);
    CHECK_END();
}

/* A statement that ends at the moment of the cancel has taken effect or not. It never takes effect later. */
RULE(cancel_limit_and_completion_in_adjacent_turns, struct aiot_sqlite_exec quick; sqlite3_int64 rows; int returned;)
{
    AIOT_BEGIN();
    for (self->k = 0; self->k < 60; self->k++) {
        AIOT_SPAWN(&self->t, aiot_sqlite_exec, &self->quick, .sqlite = &db, .sql = "INSERT INTO t VALUES (1, 1)");
        for (self->i = 0; self->i < self->k % 6; self->i++) AIOT_YIELD();
        if (self->k >= 20) pause_ms(self->k % 4);
        for (self->i = 0; self->i < self->k / 12; self->i++) AIOT_YIELD();
        aiot_cancel(&self->t);
        JOIN_ANY(&self->t);
        if (aiot_result(&self->t) == AIOT_OK) self->returned++;
        else CHECK_EQUAL(aiot_result(&self->t), AIOT_ECANCELED);
        AIOT_AWAIT(count, &self->count, .of = &db);
        CHECK(self->count.rows == self->rows || self->count.rows == self->rows + 1);
        CHECK(aiot_result(&self->t) != AIOT_OK || self->count.rows == self->rows + 1);
        self->rows = self->count.rows;
    }
    for (self->k = 0; self->k < 40; self->k++) {
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, AIOT_US(25) * self->k, aiot_sqlite_exec, &self->quick, .sqlite = &db,
                          .sql = "INSERT INTO t VALUES (1, 1)");
            self->returned++;
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    }
    CHECK(!aiot_lock_locked(&db.lock));
    CHECK_END();
}

RULE(statements_wait_in_order, struct aiot_sqlite_exec slow, second, third; sqlite3_int64 sum;)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, aiot_sqlite_exec, &self->slow, .sqlite = &db, .sql = SLOW);
    AIOT_SLEEP(AIOT_MS(5));
    AIOT_SPAWN(&self->t2, aiot_sqlite_exec, &self->second, .sqlite = &db, .sql = "INSERT INTO t VALUES (1, 1)");
    AIOT_SLEEP(AIOT_MS(5));
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(10), aiot_sqlite_exec, &self->third, .sqlite = &db, .sql = "DELETE FROM t"));
    CHECK(!aiot_done(&self->t) && !aiot_done(&self->t2));
    aiot_cancel(&self->t);
    AIOT_JOIN(&self->t2);
    CHECK(aiot_cancelled(&self->t));
    CHECK_ROWS(&db, 1);
    CHECK_END();
}

/* ---- Transactions */
enum { COMMITS, FAILS, SLEEPS, IS_SLOW };
struct transaction {
    AIOT_FRAME; int how; bool has_begun, has_committed, has_ended; struct aiot_sqlite_begin begin; struct aiot_sqlite_exec exec;
    struct aiot_sqlite_commit commit; struct aiot_sqlite_end end;
};
static AIOT_CORO(transaction)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_sqlite_begin, &self->begin, .sqlite = &db, .sql = self->how == COMMITS ? NULL : "BEGIN IMMEDIATE");
    AIOT_TRY {
        self->has_begun = true;
        EXEC("INSERT INTO t VALUES (1, 1)");
        if (self->how == FAILS) EXEC("nonsense");
        if (self->how == SLEEPS) AIOT_SLEEP(AIOT_FOREVER);
        if (self->how == IS_SLOW) EXEC("INSERT INTO t(a) " ENDLESS "SELECT x FROM c");
        EXEC("INSERT INTO t VALUES (2, 2)");
        AIOT_AWAIT(aiot_sqlite_commit, &self->commit, .sqlite = &db);
        self->has_committed = true;
    } AIOT_FINALLY {
        AIOT_AWAIT(aiot_sqlite_end, &self->end, .sqlite = &db);
        self->has_ended = true;
    }
    AIOT_END();
}

RULE(transaction_is_all_or_nothing, struct transaction tx; struct aiot_sqlite_end end; struct aiot_sqlite_commit commit;)
{
    AIOT_BEGIN();
    AIOT_AWAIT(transaction, &self->tx, .how = COMMITS);
    CHECK_ROWS(&db, 2);
    RAISES(AIOT_SQLITE_ERROR + SQLITE_ERROR, AIOT_AWAIT(transaction, &self->tx, .how = FAILS));
    CHECK_ROWS(&db, 2);
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(20), transaction, &self->tx, .how = SLEEPS));
    CHECK(self->tx.has_ended);
    CHECK_ROWS(&db, 2);
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(50), transaction, &self->tx, .how = IS_SLOW));
    CHECK(self->tx.has_ended);
    CHECK_ROWS(&db, 2);
    RAISES(AIOT_ESTATE, AIOT_AWAIT(aiot_sqlite_commit, &self->commit, .sqlite = &db));
    RAISES(AIOT_ESTATE, AIOT_AWAIT(aiot_sqlite_end, &self->end, .sqlite = &db));
    CHECK(!aiot_lock_locked(&db.lock) && db.owner == NULL && sqlite3_get_autocommit(db.db));
    CHECK_END();
}

/* Cancels, one or two, at any turn. Rows are there if and only if it was committed, and the connection is free. */
RULE(cancel_of_a_transaction_at_any_turn, struct transaction tx; int committed, cut;)
{
    AIOT_BEGIN();
    for (self->k = 0; self->k < 120; self->k++) {
        EXEC("DELETE FROM t");
        AIOT_SPAWN(&self->t, transaction, &self->tx, .how = COMMITS);
        for (self->i = 0; self->i < self->k / 2 && !aiot_done(&self->t); self->i++) {
            AIOT_YIELD();
            if (self->k % 5 == 0) pause_ms(1);                  /* the threads are done by the next turn */
        }
        aiot_cancel(&self->t);
        if (self->k % 2) AIOT_YIELD();
        if (self->k % 2) aiot_cancel(&self->t);
        JOIN_ANY(&self->t);
        CHECK(aiot_result(&self->t) == AIOT_OK || aiot_cancelled(&self->t));
        CHECK(aiot_result(&self->t) != AIOT_OK || self->tx.has_committed);
        CHECK_EQUAL(self->tx.has_ended, self->tx.has_begun);
        CHECK(!aiot_lock_locked(&db.lock) && db.owner == NULL && sqlite3_get_autocommit(db.db));
        CHECK_ROWS(&db, self->tx.has_committed ? 2 : 0);
        self->committed += self->tx.has_committed;
        self->cut += !self->tx.has_committed;
    }
    CHECK(self->committed > 0 && self->cut > 0);
    CHECK_END();
}

RULE(statements_of_other_tasks_wait_for_the_end, struct transaction tx; struct aiot_sqlite_exec outside;)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, transaction, &self->tx, .how = SLEEPS);
    UNTIL(self->tx.has_begun);
    AIOT_SPAWN(&self->t2, aiot_sqlite_exec, &self->outside, .sqlite = &db, .sql = "INSERT INTO t VALUES (9, 9)");
    AIOT_SLEEP(AIOT_MS(10));
    CHECK(!aiot_done(&self->t2));
    aiot_cancel(&self->t);
    JOIN_ANY(&self->t);
    AIOT_JOIN(&self->t2);
    CHECK_ROWS(&db, 1);                                         /* not rolled back */
    CHECK_END();
}

RULE(transaction_within_its_own_raises, struct aiot_sqlite_begin begin, again; struct aiot_sqlite_end end;)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_sqlite_begin, &self->begin, .sqlite = &db);
    AIOT_TRY {
        RAISES(AIOT_ESTATE, AIOT_AWAIT(aiot_sqlite_begin, &self->again, .sqlite = &db));
        RAISES(AIOT_ESTATE, CLOSE(&db));
    } AIOT_FINALLY {
        AIOT_AWAIT(aiot_sqlite_end, &self->end, .sqlite = &db);
    }
    RAISES(AIOT_SQLITE_ERROR + SQLITE_ERROR, AIOT_AWAIT(aiot_sqlite_begin, &self->begin, .sqlite = &db, .sql = "BEGIN NONSENSE"));
    RAISES(AIOT_ESTATE, AIOT_AWAIT(aiot_sqlite_begin, &self->begin, .sqlite = &other));
    CHECK(db.owner == NULL && other.owner == NULL && !aiot_lock_locked(&db.lock) && !aiot_lock_locked(&other.lock));
    CHECK_END();
}

/* ---- Several connections */
RULE(busy_connection_is_waited_for, struct aiot_sqlite_exec blocked; struct aiot_sqlite_begin begin; struct aiot_sqlite_end end;)
{
    AIOT_BEGIN();
    OPEN(&other, .pool = &pool, .path = path, .busy_ms = 20);
    AIOT_AWAIT(aiot_sqlite_begin, &self->begin, .sqlite = &db, .sql = "BEGIN IMMEDIATE");
    RAISES(AIOT_SQLITE_ERROR + SQLITE_BUSY,
           AIOT_AWAIT(aiot_sqlite_exec, &self->blocked, .sqlite = &other, .sql = "INSERT INTO t VALUES (1, 1)"));
    CLOSE(&other);
    OPEN(&other, .pool = &pool, .path = path, .busy_ms = 600000);
    self->began = aiot_now(task->loop);                         /* a limit ends the wait, too */
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(50), aiot_sqlite_exec, &self->blocked, .sqlite = &other,
                                         .sql = "INSERT INTO t VALUES (1, 1)"));
    CHECK(aiot_time_between(self->began, aiot_now(task->loop)) < AIOT_S(2));
    AIOT_SPAWN(&self->t, aiot_sqlite_exec, &self->blocked, .sqlite = &other, .sql = "INSERT INTO t VALUES (1, 1)");
    AIOT_SLEEP(AIOT_MS(10));
    AIOT_AWAIT(aiot_sqlite_end, &self->end, .sqlite = &db);
    AIOT_JOIN(&self->t);
    CHECK_ROWS(&db, 1);
    CLOSE(&other);
    CHECK_END();
}

static sem_t met[2];
static int meets(sqlite3_stmt *row, void *argument)
{
    int which = *(int *)argument;
    (void)row;
    sem_post(&met[which]);
    while (sem_wait(&met[!which]) != 0) { }
    return 0;
}
RULE(connections_run_in_parallel, struct aiot_sqlite_exec a, b; int which[2];)
{
    AIOT_BEGIN();
    OPEN(&other, .pool = &pool, .path = path, .flags = SQLITE_OPEN_READONLY);
    EXEC("INSERT INTO t VALUES (1, 1)");
    self->which[1] = 1;
    AIOT_SPAWN(&self->t, aiot_sqlite_exec, &self->a, .sqlite = &db, .sql = "SELECT * FROM t", .row = meets, .argument = &self->which[0]);
    AIOT_SPAWN(&self->t2, aiot_sqlite_exec, &self->b, .sqlite = &other, .sql = "SELECT * FROM t", .row = meets,
               .argument = &self->which[1]);
    AIOT_JOIN(&self->t);
    AIOT_JOIN(&self->t2);
    RAISES(AIOT_SQLITE_ERROR + SQLITE_READONLY, AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &other, .sql = "DELETE FROM t"));
    CLOSE(&other);
    CHECK_END();
}

/* ---- Open and close */
RULE(late_open_is_closed, struct aiot_sqlite_open slow;)
{
    AIOT_BEGIN();
    atomic_store(&opens_wait, true);
    atomic_store(&opens_begun, 0);
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(20), aiot_sqlite_open, &self->slow, .sqlite = &other, .pool = &pool,
                                         .path = path));
    CHECK(other.db == NULL);
    AIOT_SPAWN(&self->t, aiot_sqlite_open, &self->slow, .sqlite = &other, .pool = &pool, .path = path);
    UNTIL(atomic_load(&opens_begun) == 2);
    RAISES(AIOT_ESTATE, OPEN(&other, .pool = &pool, .path = path));              /* it is being opened */
    atomic_store(&opens_wait, false);
    sem_post(&open_gate);
    sem_post(&open_gate);
    AIOT_JOIN(&self->t);
    UNTIL(pool.users == 0);                                     /* the late one was closed: the descriptors are counted at the end */
    CLOSE(&other);
    for (self->k = 0; self->k < 24; self->k++) {                /* cancel and completion in adjacent turns */
        AIOT_SPAWN(&self->t, aiot_sqlite_open, &self->slow, .sqlite = &other, .pool = &pool, .path = path);
        for (self->i = 0; self->i < self->k % 6; self->i++) AIOT_YIELD();
        pause_ms(self->k / 6);
        for (self->i = 0; self->i < self->k % 4; self->i++) AIOT_YIELD();
        aiot_cancel(&self->t);
        JOIN_ANY(&self->t);
        CHECK_EQUAL(aiot_result(&self->t), other.db ? AIOT_OK : AIOT_ECANCELED);
        if (other.db) CLOSE(&other);
    }
    UNTIL(pool.users == 0);
    CHECK_END();
}

RULE(close_waits_for_statements, struct aiot_sqlite_exec slow, behind; struct aiot_sqlite_close closing; aiot_task t3;)
{
    AIOT_BEGIN();
    OPEN(&other, .pool = &pool, .path = path);
    AIOT_SPAWN(&self->t, aiot_sqlite_exec, &self->slow, .sqlite = &other, .sql = SLOW);
    AIOT_SLEEP(AIOT_MS(5));
    RAISES(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, AIOT_MS(10), aiot_sqlite_close, &self->close, .sqlite = &other));
    CHECK(other.db != NULL);
    AIOT_SPAWN(&self->t2, aiot_sqlite_close, &self->closing, .sqlite = &other);
    AIOT_YIELD();
    AIOT_SPAWN(&self->t3, aiot_sqlite_exec, &self->behind, .sqlite = &other, .sql = "SELECT 1");
    AIOT_SLEEP(AIOT_MS(5));
    CHECK(!aiot_done(&self->t2) && !aiot_done(&self->t3));
    aiot_cancel(&self->t);
    AIOT_JOIN(&self->t2);
    RAISES(AIOT_ESTATE, AIOT_JOIN(&self->t3));
    RAISES(AIOT_ESTATE, CLOSE(&other));
    CHECK_END();
}

RULE(close_says_that_statements_are_left, sqlite3_stmt *left;)
{
    AIOT_BEGIN();
    OPEN(&other, .pool = &pool, .path = ":memory:");
    CHECK_EQUAL(sqlite3_prepare_v2(other.db, "SELECT 1", -1, &self->left, NULL), SQLITE_OK);
    RAISES(AIOT_SQLITE_ERROR + SQLITE_BUSY, CLOSE(&other));
    AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &other, .sql = "SELECT 1");
    sqlite3_finalize(self->left);
    CLOSE(&other);
    CHECK_END();
}

static struct aiot_pool brief;
RULE(connection_outlives_its_pool, struct aiot_pool_close end; struct aiot_sqlite_begin begin;)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&brief, task->loop, 1, 1));
    OPEN(&other, .pool = &brief, .path = path);
    AIOT_AWAIT(aiot_pool_close, &self->end, .pool = &brief);
    RAISES(AIOT_ESHUTDOWN, AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &other, .sql = "SELECT 1"));
    RAISES(AIOT_ESHUTDOWN, AIOT_AWAIT(aiot_sqlite_begin, &self->begin, .sqlite = &other));
    CLOSE(&other);
    CHECK(other.db == NULL);
    CHECK_END();
}

/* ---- Before and after each rule */
struct before { AIOT_FRAME; struct aiot_sqlite_open open; struct aiot_sqlite_exec exec; };
static AIOT_CORO(before)
{
    AIOT_BEGIN();
    memset(&db, 0, sizeof db);
    memset(&other, 0, sizeof other);
    AIOT_CHECK(aiot_pool_open(&pool, task->loop, 4, 8));
    OPEN(&db, .pool = &pool, .path = path);
    EXEC("PRAGMA synchronous=OFF; DROP TABLE IF EXISTS t; CREATE TABLE t(a, b)");
    AIOT_END();
}
struct after { AIOT_FRAME; struct aiot_sqlite_close close; struct aiot_pool_close end; };
static AIOT_CORO(after)
{
    AIOT_BEGIN();
    CHECK(other.db == NULL);
    CLOSE(&db);
    CHECK_EQUAL(pool.users, 0);
    AIOT_AWAIT(aiot_pool_close, &self->end, .pool = &pool);
    AIOT_END();
}

#define HOLDS(fn) \
    do { \
        static struct before frame_before; \
        static struct fn frame; \
        static struct after frame_after; \
        CHECK_EQUAL(aiot_run(&loop, before, &frame_before), 0); \
        CHECK_EQUAL(aiot_run(&loop, fn, &frame), 0); \
        CHECK(check_end == &frame); \
        CHECK_EQUAL(aiot_run(&loop, after, &frame_after), 0); \
        CHECK_EQUAL(aiot_loop_task_count(&loop), 0); \
        CHECK_EQUAL(complaints, 0); \
    } while (0)

static void *ends_at_once(void *unused) { return unused; }

int main(void)
{
    pthread_t first;                            /* sanitizers start a thread of their own with it */
    CHECK_EQUAL(pthread_create(&first, NULL, ends_at_once, NULL), 0);
    CHECK_EQUAL(pthread_join(first, NULL), 0);
    pause_ms(20);
    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/db", directory);
    CHECK_EQUAL(sem_init(&open_gate, 0, 0), 0);
    CHECK_EQUAL(sem_init(&met[0], 0, 0), 0);
    CHECK_EQUAL(sem_init(&met[1], 0, 0), 0);
    CHECK_EQUAL(sqlite3_initialize(), SQLITE_OK);
    open_loop();
    int threads = running_threads(), descriptors = open_descriptors();
    HOLDS(values_come_back);
    HOLDS(number_of_values_is_checked);
    HOLDS(text_may_hold_several_statements);
    HOLDS(row_function_may_end_the_statement);
    HOLDS(errors_have_code_and_text);
    HOLDS(slow_statement_ends_at_its_limit);
    HOLDS(cancel_reaches_a_statement_at_any_time);
    HOLDS(cancel_limit_and_completion_in_adjacent_turns);
    HOLDS(statements_wait_in_order);
    HOLDS(transaction_is_all_or_nothing);
    HOLDS(cancel_of_a_transaction_at_any_turn);
    HOLDS(statements_of_other_tasks_wait_for_the_end);
    HOLDS(transaction_within_its_own_raises);
    HOLDS(busy_connection_is_waited_for);
    HOLDS(connections_run_in_parallel);
    HOLDS(late_open_is_closed);
    HOLDS(close_waits_for_statements);
    HOLDS(close_says_that_statements_are_left);
    HOLDS(connection_outlives_its_pool);
    check_threads(threads);
    CHECK_EQUAL(open_descriptors(), descriptors);
    CHECK_EQUAL(sqlite3_shutdown(), SQLITE_OK);
    CHECK_EQUAL(sqlite3_memory_used(), 0);
    (void)unlink(path);
    CHECK_EQUAL(rmdir(directory), 0);           /* no journal is left */
    return 0;
}
