/* aiot_sqlite.h - SQLite for aio_timeout.h: statements run in the threads of an aiot_pool, awaited with limits. MIT licence.
 *
 * A statement that is cancelled, or whose limit expires, is interrupted, and the connection stays usable. The loop never waits for the
 * disk. C11, SQLite 3.8.7 or later, built with threads (the default).
 *
 * QUICK START
 *
 *     #define _POSIX_C_SOURCE 200809L
 *     #define AIOT_THREADS 1
 *     #define AIOT_POLL 1
 *     #include "aio_timeout.h"
 *     #include "aiot_sqlite.h"
 *
 *     static int print_row(sqlite3_stmt *row, void *argument)                          // runs in a thread
 *     {
 *         (void)argument;
 *         printf("%s %lld\n", (const char *)sqlite3_column_text(row, 0), (long long)sqlite3_column_int64(row, 1));
 *         return 0;
 *     }
 *
 *     struct query {
 *         AIOT_FRAME; struct aiot_pool *pool; struct aiot_sqlite db; aiot_timeout limit;
 *         struct aiot_sqlite_open open; struct aiot_sqlite_exec exec; struct aiot_sqlite_close close;
 *     };
 *
 *     static AIOT_CORO(query)
 *     {
 *         AIOT_BEGIN();
 *         AIOT_AWAIT(aiot_sqlite_open, &self->open, .sqlite = &self->db, .pool = self->pool, .path = "people.db");
 *         AIOT_TRY {
 *             AIOT_WAIT_FOR(&self->limit, AIOT_S(2), aiot_sqlite_exec, &self->exec, .sqlite = &self->db,
 *                           .sql = "SELECT name, age FROM people WHERE age > ?1", .values = { aiot_sqlite_int64(42) }, .row = print_row);
 *         } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
 *             puts("the query is late and was interrupted");
 *         } AIOT_EXCEPT_APP {
 *             printf("error %d: %s\n", aiot_caught(task).code - AIOT_SQLITE_ERROR, (const char *)aiot_caught(task).info);
 *         } AIOT_FINALLY {
 *             AIOT_AWAIT(aiot_sqlite_close, &self->close, .sqlite = &self->db);
 *         }
 *         AIOT_END();
 *     }
 *
 * Open a pool first: see aiot_pool.h. Link with -lsqlite3 -pthread.
 *
 * CONTENTS
 *    struct aiot_sqlite     one connection
 *    aiot_sqlite_open       opens a database
 *    aiot_sqlite_exec       runs statements, with values, and calls a function for each row
 *    aiot_sqlite_begin      begins a transaction
 *    aiot_sqlite_commit     commits it
 *    aiot_sqlite_end        stands in AIOT_FINALLY: rolls back what was not committed
 *    aiot_sqlite_close      closes the connection
 *
 * THE RULES
 *  1. One statement runs at a time on a connection; others wait in order, and can be cancelled. For readers that run in parallel, open a
 *     connection for each: with PRAGMA journal_mode=WAL they do not wait for the writer.
 *  2. Zero a struct aiot_sqlite before its first use. It must not move while it is open. One loop uses it.
 *  3. The .sql text, and texts and blobs among the values, must live until the await has returned or raised: keep them in the frame, or
 *     static. Frames too. After a cancel nothing of the caller's is in use any more.
 *  4. Close all connections before the pool.
 *  5. A running statement takes a thread of the pool, also while it waits for another connection's lock on the file (.busy_ms). Give the
 *     pool more threads than there are connections that write. Else the commit that would free the lock may queue behind such waits.
 *
 * ERRORS of SQLite are raised with the code AIOT_SQLITE_ERROR + SQLite's primary result code, above 0:
 *
 *     AIOT_EXCEPT(AIOT_SQLITE_ERROR + SQLITE_BUSY) { ... }
 *
 * The error's pointer is SQLite's message. It lies in the struct aiot_sqlite, in `message`, and is valid until the next error of that
 * connection. `extended_code` there is SQLite's extended result code. All coroutines also raise cancels, AIOT_ESTATE if the connection is
 * not in a state that allows the call, and what aiot_to_thread raises: AIOT_ESHUTDOWN if the pool was closed. */
#ifndef AIOT_SQLITE_H
#define AIOT_SQLITE_H

#include "aiot_pool.h"
#include <limits.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* Added to SQLite's primary result code. */
enum { AIOT_SQLITE_ERROR = 22000 };

/* The most values of one statement. An option: define it before the include, the same in all files. */
#ifndef AIOT_SQLITE_VALUES
#define AIOT_SQLITE_VALUES 8
#endif

/* ---- struct aiot_sqlite: one connection. You may read `message`, `extended_code` and, while no statement runs, use `db`. */
struct aiot_sqlite {
    sqlite3 *db;         /* NULL: not open */
    int extended_code;   /* of the last error */
    char message[200];   /* of the last error, cut to fit */

    struct aiot_pool *pool;  /* from here on: private */
    aiot_lock lock;          /* held by a statement or a transaction */
    const aiot_task *owner;  /* the task whose transaction holds the lock */
    bool is_opening;
    atomic_bool is_stopped;  /* the statement is to end */
    int busy_ms, waited_ms;  /* the second is of the thread while a statement runs */
};

/* Stores the message of an error of SQLite. Returns the code to raise. Call it while no statement runs. */
static inline int aiot_i_sqlite_error(struct aiot_sqlite *sqlite, sqlite3 *db, int code)
{
    bool is_last = db && (sqlite3_extended_errcode(db) & 0xff) == (code & 0xff);
    sqlite->extended_code = is_last ? sqlite3_extended_errcode(db) : code;
    snprintf(sqlite->message, sizeof sqlite->message, "%s", is_last ? sqlite3_errmsg(db) : sqlite3_errstr(code));
    return AIOT_SQLITE_ERROR + (code & 0xff);
}

/* SQLite calls this in the thread while another connection holds a lock on the file. Returns 0 to give up. SQLite's own handler would not
 * look at interrupts. */
static inline int aiot_i_sqlite_is_busy(void *argument, int count)
{
    struct aiot_sqlite *sqlite = (struct aiot_sqlite *)argument;
    int ms = count < 5 ? 1 << count : 25;
    if (count == 0) sqlite->waited_ms = 0;
    if (atomic_load(&sqlite->is_stopped) || sqlite->waited_ms >= sqlite->busy_ms) return 0;
    sqlite->waited_ms += ms;
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
    return 1;
}

/* ---- aiot_sqlite_open: sqlite3_open_v2() in a thread.
 *
 *     AIOT_AWAIT(aiot_sqlite_open, &self->open, .sqlite = &db, .pool = &pool, .path = "people.db", .busy_ms = 1000);
 *
 *    .sqlite    the connection, zeroed or closed
 *    .pool      its pool. It must stay open until the connection is closed
 *    .path      the file, ":memory:", or a URI with SQLITE_OPEN_URI. Copied in the first step
 *    .flags     SQLITE_OPEN_...; 0: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE. SQLITE_OPEN_FULLMUTEX is added, unless NOMUTEX is there
 *    .busy_ms   how long a statement waits, in ms, while another connection locks the file; then it raises SQLITE_BUSY. 0: not at all
 *
 * A cancel or a limit abandons the call. A connection that is opened later is closed again. Raises SQLite's errors, mostly SQLITE_CANTOPEN;
 * AIOT_ESTATE if the connection is open, or is being opened; AIOT_EINVAL if path is NULL; AIOT_ERUNTIME if SQLite was built without
 * threads; ENOMEM. After an error the connection is not open. */
struct aiot_i_sqlite_file { sqlite3 *db; int flags; char path[]; };  /* on the heap: it may outlive the waiter */

struct aiot_sqlite_open {
    AIOT_FRAME;
    struct aiot_sqlite *sqlite;
    struct aiot_pool *pool;
    const char *path;
    int flags, busy_ms;

    struct aiot_i_sqlite_file *file;  /* from here on: private */
    struct aiot_to_thread call;
};

static inline struct aiot_i_sqlite_file *aiot_i_sqlite_file_new(const char *path, int flags)
{
    size_t size = strlen(path) + 1;
    struct aiot_i_sqlite_file *file = (struct aiot_i_sqlite_file *)malloc(sizeof *file + size);
    if (file == NULL) return NULL;
    memcpy(file->path, path, size);
    file->db = NULL;
    file->flags = flags != 0 ? flags : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (!(file->flags & SQLITE_OPEN_NOMUTEX)) file->flags |= SQLITE_OPEN_FULLMUTEX;
    return file;
}

static inline int aiot_i_sqlite_file_open(void *argument)
{
    struct aiot_i_sqlite_file *file = (struct aiot_i_sqlite_file *)argument;
    return sqlite3_open_v2(file->path, &file->db, file->flags, NULL);
}

static inline void aiot_i_sqlite_file_free(void *argument)
{
    struct aiot_i_sqlite_file *file = (struct aiot_i_sqlite_file *)argument;
    sqlite3_close(file->db);
    free(file);
}

/* Takes the connection out of the file, and frees the file. `result` is that of sqlite3_open_v2(), which makes a connection also when it
 * fails, for the message. Returns 0, or the code to raise. */
static inline int aiot_i_sqlite_file_take(struct aiot_sqlite_open *open, int result)
{
    struct aiot_sqlite *sqlite = open->sqlite;
    struct aiot_i_sqlite_file *file = open->file;
    int code = 0;
    if (result == SQLITE_OK) {
        sqlite->db = file->db;
        sqlite->pool = open->pool;
        sqlite->busy_ms = open->busy_ms;
        sqlite3_busy_handler(sqlite->db, aiot_i_sqlite_is_busy, sqlite);
        file->db = NULL;
    } else {
        code = aiot_i_sqlite_error(sqlite, file->db, result);
    }
    aiot_i_sqlite_file_free(file);
    return code;
}

static inline AIOT_CORO(aiot_sqlite_open)
{
    AIOT_BEGIN();
    if (self->path == NULL) AIOT_RAISE(AIOT_EINVAL);
    if (!sqlite3_threadsafe()) AIOT_RAISE(AIOT_ERUNTIME);
    if (self->sqlite->db || self->sqlite->is_opening) AIOT_RAISE(AIOT_ESTATE);
    self->file = aiot_i_sqlite_file_new(self->path, self->flags);
    if (self->file == NULL) AIOT_RAISE(ENOMEM);
    self->sqlite->is_opening = true;
    AIOT_TRY {
        AIOT_AWAIT(aiot_to_thread, &self->call, .pool = self->pool, .work = aiot_i_sqlite_file_open, .argument = self->file,
                   .discard = aiot_i_sqlite_file_free);
    } AIOT_FINALLY {
        self->sqlite->is_opening = false;
    }
    {
        int code = aiot_i_sqlite_file_take(self, self->call.result);
        if (code != 0) AIOT_RAISE_INFO(code, self->sqlite->message);
    }
    AIOT_END();
}

/* ---- VALUES for the parameters ?1, ?2, ... of a statement. A value holds a pointer to its text or blob, no copy.
 *    aiot_sqlite_int64(n)          an integer
 *    aiot_sqlite_double(x)         a float
 *    aiot_sqlite_text(s)           a string that ends in 0, UTF-8; NULL for NULL
 *    aiot_sqlite_blob(bytes, n)    n bytes; NULL for NULL
 *    aiot_sqlite_null()            NULL
 * A text or blob above SQLite's limit, by default 1 000 000 000 bytes, raises SQLITE_TOOBIG. */
enum aiot_sqlite_kind {
    AIOT_SQLITE_UNSET, AIOT_SQLITE_INT64, AIOT_SQLITE_DOUBLE, AIOT_SQLITE_TEXT, AIOT_SQLITE_BLOB, AIOT_SQLITE_NULL
};
struct aiot_sqlite_value {
    enum aiot_sqlite_kind kind;
    uint32_t size;  /* of a text or blob, in bytes */
    union { sqlite3_int64 integer; double real; const void *bytes; } as;
};

static inline struct aiot_sqlite_value aiot_i_sqlite_bytes(enum aiot_sqlite_kind kind, const void *bytes, size_t n)
{
    return (struct aiot_sqlite_value){ .kind = kind, .size = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX, .as.bytes = bytes };
}
static inline struct aiot_sqlite_value aiot_sqlite_int64(sqlite3_int64 n)
{
    return (struct aiot_sqlite_value){ .kind = AIOT_SQLITE_INT64, .as.integer = n };
}
static inline struct aiot_sqlite_value aiot_sqlite_double(double x)
{
    return (struct aiot_sqlite_value){ .kind = AIOT_SQLITE_DOUBLE, .as.real = x };
}
static inline struct aiot_sqlite_value aiot_sqlite_text(const char *s)
{
    return aiot_i_sqlite_bytes(AIOT_SQLITE_TEXT, s, s ? strlen(s) : 0);
}
static inline struct aiot_sqlite_value aiot_sqlite_blob(const void *bytes, size_t n)
{
    return aiot_i_sqlite_bytes(AIOT_SQLITE_BLOB, bytes, n);
}
static inline struct aiot_sqlite_value aiot_sqlite_null(void)
{
    return (struct aiot_sqlite_value){ .kind = AIOT_SQLITE_NULL };
}

/* ---- aiot_sqlite_exec: runs all statements of a text in order, in a thread.
 *
 *     AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &db, .sql = "INSERT INTO people VALUES (?1, ?2)",
 *                .values = { aiot_sqlite_text("Ann"), aiot_sqlite_int64(42) });
 *
 *    .sqlite              an open connection
 *    .sql                 the text, UTF-8
 *    .values              for ?1, ?2, ..., at most AIOT_SQLITE_VALUES. Every statement of the text must have as many parameters as there
 *                         are values: else it does not run, and SQLITE_RANGE is raised. Parameters of a text without values are NULL
 *    .row                 int row(sqlite3_stmt *row, void *argument), or NULL. Called in the thread for each row. It reads the row with
 *                         sqlite3_column_...(), and must not call anything of aio_timeout.h. It returns 0; anything else ends the
 *                         statement, and SQLITE_ABORT is raised
 *    .argument            for row(). It may point into the caller's frame
 *    .rows                set when the await returns: how many rows came
 *    .changes             how many rows the last INSERT, UPDATE or DELETE has changed: sqlite3_changes()
 *    .last_insert_rowid   sqlite3_last_insert_rowid()
 *
 * A CANCEL, or a limit, interrupts the statement with sqlite3_interrupt(), again and again, and raises when it has ended: mostly within
 * milliseconds. Rows may have been delivered. Changes of the interrupted statement are undone, those of earlier statements of the text are
 * not. A statement that ended in the same moment has taken effect. Use a transaction for all or nothing. */
struct aiot_sqlite_exec {
    AIOT_FRAME;
    struct aiot_sqlite *sqlite;
    const char *sql;
    int (*row)(sqlite3_stmt *row, void *argument);
    void *argument;
    sqlite3_int64 rows, last_insert_rowid;
    int changes;

    bool has_lock;  /* private */
    aiot_waiter w;
    struct aiot_to_thread call;

    /* The last field: gcc's __builtin_clear_padding(), in debug builds, clears wrong bytes if padding follows an array of structs. */
    struct aiot_sqlite_value values[AIOT_SQLITE_VALUES];
};

static inline int aiot_i_sqlite_bind_one(sqlite3_stmt *statement, int i, const struct aiot_sqlite_value *value)
{
    switch (value->kind) {
    case AIOT_SQLITE_INT64: return sqlite3_bind_int64(statement, i, value->as.integer);
    case AIOT_SQLITE_DOUBLE: return sqlite3_bind_double(statement, i, value->as.real);
    case AIOT_SQLITE_TEXT:
        return sqlite3_bind_text64(statement, i, (const char *)value->as.bytes, value->size, SQLITE_STATIC, SQLITE_UTF8);
    case AIOT_SQLITE_BLOB: return sqlite3_bind_blob64(statement, i, value->as.bytes, value->size, SQLITE_STATIC);
    default: return sqlite3_bind_null(statement, i);
    }
}

static inline int aiot_i_sqlite_bind(sqlite3_stmt *statement, const struct aiot_sqlite_value *values)
{
    int count = AIOT_SQLITE_VALUES, code = SQLITE_OK;
    while (count > 0 && values[count - 1].kind == AIOT_SQLITE_UNSET) count--;
    if (count > 0 && count != sqlite3_bind_parameter_count(statement)) return SQLITE_RANGE;
    for (int i = 0; i < count && code == SQLITE_OK; i++) code = aiot_i_sqlite_bind_one(statement, i + 1, &values[i]);
    return code;
}

/* Steps through one statement. Returns SQLITE_DONE or an error. Asks the flag, too: between two statements an interrupt is lost. */
static inline int aiot_i_sqlite_step(struct aiot_sqlite_exec *exec, sqlite3_stmt *statement)
{
    for (;;) {
        if (atomic_load(&exec->sqlite->is_stopped)) return SQLITE_INTERRUPT;
        int code = sqlite3_step(statement);
        if (code != SQLITE_ROW) return code;
        exec->rows++;
        if (exec->row && exec->row(statement, exec->argument) != 0) return SQLITE_ABORT;
    }
}

static inline int aiot_i_sqlite_work(void *argument)
{
    struct aiot_sqlite_exec *exec = (struct aiot_sqlite_exec *)argument;
    sqlite3 *db = exec->sqlite->db;
    const char *sql = exec->sql;
    int code = SQLITE_DONE;
    while (*sql && code == SQLITE_DONE) {
        sqlite3_stmt *statement = NULL;
        code = sqlite3_prepare_v2(db, sql, -1, &statement, &sql);
        if (code == SQLITE_OK) code = statement ? aiot_i_sqlite_bind(statement, exec->values) : SQLITE_DONE;  /* NULL: a comment */
        if (code == SQLITE_OK) code = aiot_i_sqlite_step(exec, statement);
        sqlite3_finalize(statement);
    }
    exec->changes = sqlite3_changes(db);
    exec->last_insert_rowid = sqlite3_last_insert_rowid(db);
    return code;
}

/* Called again and again, for sqlite3_interrupt() has no effect before a statement's first step. */
static inline void aiot_i_sqlite_stop(void *argument)
{
    struct aiot_sqlite *sqlite = ((struct aiot_sqlite_exec *)argument)->sqlite;
    atomic_store(&sqlite->is_stopped, true);
    sqlite3_interrupt(sqlite->db);
}

static inline AIOT_CORO(aiot_sqlite_exec)
{
    AIOT_BEGIN();
    if (self->sql == NULL) AIOT_RAISE(AIOT_EINVAL);
    self->has_lock = self->sqlite->owner != task;
    if (self->has_lock) AIOT_LOCK_ACQUIRE(&self->sqlite->lock, &self->w);
    AIOT_TRY {
        if (self->sqlite->db == NULL) AIOT_RAISE(AIOT_ESTATE);
        atomic_store(&self->sqlite->is_stopped, false);
        AIOT_AWAIT(aiot_to_thread, &self->call, .pool = self->sqlite->pool, .work = aiot_i_sqlite_work, .argument = self,
                   .stop = aiot_i_sqlite_stop);
        if (self->call.result != SQLITE_DONE)
            AIOT_RAISE_INFO(aiot_i_sqlite_error(self->sqlite, self->sqlite->db, self->call.result), self->sqlite->message);
    } AIOT_FINALLY {
        if (self->has_lock) AIOT_CHECK(aiot_lock_release(&self->sqlite->lock));
    }
    AIOT_END();
}

/* ---- A TRANSACTION: begin, then a try whose last wait is commit and whose FINALLY part is end.
 *
 *     AIOT_AWAIT(aiot_sqlite_begin, &self->begin, .sqlite = &db);
 *     AIOT_TRY {
 *         AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &db, .sql = "UPDATE ...");
 *         AIOT_AWAIT(aiot_sqlite_commit, &self->commit, .sqlite = &db);
 *     } AIOT_FINALLY {
 *         AIOT_AWAIT(aiot_sqlite_end, &self->end, .sqlite = &db);
 *     }
 *
 * The connection belongs to this task from begin to end. Statements of other tasks wait until then, and their changes are not part of the
 * transaction. So do not wait, before the end, for a task that uses the connection. A task that ends without aiot_sqlite_end keeps the
 * connection for ever.
 *
 *    aiot_sqlite_begin    waits for the connection and begins. `.sql`: NULL for "BEGIN", or "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE". If it
 *                         raises, also a cancel, there is no transaction, and the connection is free. AIOT_ESTATE within a transaction of
 *                         the same task
 *    aiot_sqlite_commit   commits. No cancel cuts it: a cancel or limit that comes meanwhile is raised by the next wait. So if it
 *                         returns, the transaction is committed. If it raises, it is not: SQLITE_BUSY, after .busy_ms of the connection
 *    aiot_sqlite_end      rolls back, unless it is committed, and gives the connection to the next task. No cancel cuts it
 *
 * commit and end raise AIOT_ESTATE if the task has no transaction, and SQLite's errors. */
struct aiot_sqlite_end { AIOT_FRAME; struct aiot_sqlite *sqlite; aiot_guard guard; struct aiot_sqlite_exec exec; };
struct aiot_sqlite_commit { AIOT_FRAME; struct aiot_sqlite *sqlite; aiot_guard guard; struct aiot_sqlite_exec exec; };
struct aiot_sqlite_begin {
    AIOT_FRAME;
    struct aiot_sqlite *sqlite;
    const char *sql;

    aiot_waiter w;  /* from here on: private */
    struct aiot_sqlite_exec exec;
    struct aiot_sqlite_end end;
};

static inline AIOT_CORO(aiot_sqlite_end)
{
    AIOT_BEGIN();
    if (self->sqlite->owner != task) AIOT_RAISE(AIOT_ESTATE);
    AIOT_TRY {
        AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {
            if (self->sqlite->db && !sqlite3_get_autocommit(self->sqlite->db))
                AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = self->sqlite, .sql = "ROLLBACK");
        }
    } AIOT_FINALLY {
        self->sqlite->owner = NULL;
        AIOT_CHECK(aiot_lock_release(&self->sqlite->lock));
    }
    AIOT_END();
}

static inline AIOT_CORO(aiot_sqlite_commit)
{
    AIOT_BEGIN();
    if (self->sqlite->owner != task) AIOT_RAISE(AIOT_ESTATE);
    AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {
        AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = self->sqlite, .sql = "COMMIT");
    }
    AIOT_END();
}

static inline AIOT_CORO(aiot_sqlite_begin)
{
    AIOT_BEGIN();
    if (self->sqlite->owner == task) AIOT_RAISE(AIOT_ESTATE);
    AIOT_LOCK_ACQUIRE(&self->sqlite->lock, &self->w);
    self->sqlite->owner = task;
    AIOT_TRY {
        AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = self->sqlite, .sql = self->sql ? self->sql : "BEGIN");
    } AIOT_EXCEPT_ALL {
        AIOT_AWAIT(aiot_sqlite_end, &self->end, .sqlite = self->sqlite);
        AIOT_RERAISE();
    }
    AIOT_END();
}

/* ---- aiot_sqlite_close: waits until no statement and no transaction uses the connection, then closes it in a thread. Statements that wait
 * behind it raise AIOT_ESTATE. The struct may be opened again.
 *
 *     AIOT_AWAIT(aiot_sqlite_close, &self->close, .sqlite = &db);
 *
 * A cancel ends its wait for the connection, which stays open then; closing itself is not cut. In clean-up, await it in AIOT_SHIELDED().
 * Raises AIOT_ESTATE if the connection is not open, or if a transaction of this task holds it; SQLITE_BUSY, and it stays open, if you have
 * prepared statements of your own. If the pool is closed already, it closes in the loop's thread. */
struct aiot_sqlite_close {
    AIOT_FRAME;
    struct aiot_sqlite *sqlite;

    aiot_waiter w;  /* from here on: private */
    aiot_guard guard;
    struct aiot_to_thread call;
};

static inline int aiot_i_sqlite_close_work(void *argument) { return sqlite3_close(((struct aiot_sqlite *)argument)->db); }

static inline AIOT_CORO(aiot_sqlite_close)
{
    AIOT_BEGIN();
    if (self->sqlite->owner == task) AIOT_RAISE(AIOT_ESTATE);
    AIOT_LOCK(&self->sqlite->lock, &self->w) {
        if (self->sqlite->db == NULL) AIOT_RAISE(AIOT_ESTATE);
        AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {
            AIOT_AWAIT(aiot_to_thread, &self->call, .pool = self->sqlite->pool, .work = aiot_i_sqlite_close_work, .argument = self->sqlite);
        } AIOT_EXCEPT(AIOT_ESHUTDOWN) {
            self->call.result = aiot_i_sqlite_close_work(self->sqlite);
        }
        if (self->call.result != SQLITE_OK)
            AIOT_RAISE_INFO(aiot_i_sqlite_error(self->sqlite, self->sqlite->db, self->call.result), self->sqlite->message);
        self->sqlite->db = NULL;
    }
    AIOT_END();
}

#endif /* AIOT_SQLITE_H */
