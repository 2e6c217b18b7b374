/* cached_parts.h - what cached.c is made of: options, counters, the pages in memory, Redis, the disk, the origin.
 *
 * A tier is a pair of coroutines: redis_get and redis_set, disk_get and disk_set; the origin has fetch. They know no limits: lookup and
 * filler set one around each call. A get is given a page that nobody else has, and sets page->stored if it finds the key. A tier that is
 * not up, or was not compiled, finds nothing, at once. */
#ifndef CACHED_PARTS_H
#define CACHED_PARTS_H

#define _GNU_SOURCE
#define AIOT_THREADS 1
#define AIOT_POLL 1
#include "aio_timeout.h"
#include "http_request.h"
#include "../adapters/aiot_stream.h"
#ifdef WITH_REDIS
#include "../adapters/aiot_hiredis.h"
#endif
#ifdef WITH_SQLITE
#include "../adapters/aiot_sqlite.h"
#endif
#include <stdio.h>
#include <stdlib.h>

enum {
    CONNECTIONS = 256, LOOKUPS = 64, FILLS = 16, LATE_IN_A_ROW = 3, DISK_PAGES = 10000, BODY_MOST = 65536, BEFORE = 128,
    PAGES_LEAST = CONNECTIONS + 2 * LOOKUPS + 2 * (FILLS + 1) + 1       /* all that can be in use at once, and one */
};

/* ---- Limits and other options, in milliseconds. */
enum { REDIS, DISK, ORIGIN, TIERS, STALE = TIERS, FILL, IDLE, HEAD, ANSWER, GRACE, FRESH, KEEP, LIMITS };
static const char *const tier_names[TIERS] = { "redis", "disk", "origin" }, *const hits[TIERS] = { "hit-redis", "hit-disk", "miss" };
static struct { char option; int ms; const char *text; } limits[LIMITS] = {
    [REDIS] = { 'R', 50, "limit on a question to Redis" },
    [DISK] = { 'D', 200, "limit on a question to the disk" },
    [ORIGIN] = { 'O', 5000, "limit on a question to the origin" },
    [STALE] = { 'S', 500, "the origin may take so long before a stale page serves" },
    [FILL] = { 'F', 2000, "limit on writing a page to the disk" },
    [IDLE] = { 'i', 15000, "limit on silence before a request" },
    [HEAD] = { 'H', 5000, "limit on a head, from its first byte to its last" },
    [ANSWER] = { 'A', 15000, "limit from a head to the last byte of its answer" },
    [GRACE] = { 'g', 3000, "at the end, limit on requests that are being answered" },
    [FRESH] = { 'f', 60000, "a page is fresh for so long" },
    [KEEP] = { 'k', 86400000, "and may serve as a stale one for so long" },
};
static aiot_time limit(int which) { return limits[which].ms == 0 ? AIOT_FOREVER : AIOT_MS(limits[which].ms); }

/* ---- What the program counts and says. A tier that is not up is left out. */
static struct { bool is_up; unsigned long hits, late, failed, filled, not_filled; } tiers[TIERS] = { [ORIGIN] = { .is_up = true } };
static struct { unsigned long accepted, requests, hits, stale, errors, refused, late_clients, left, cancelled; } counts;

static const char *text_of(aiot_error error)
{
    if (error.code == AIOT_ETIMEDOUT) return "late";
    return error.code > 0 && error.info ? (const char *)error.info : aiot_stream_strerror(error.code);
}

/* Trouble is told when it begins, and once more when it is over. */
static struct trouble { const char *what; bool is_told; } origin_trouble = { "origin", false }, disk_trouble = { "disk", false },
    disk_write_trouble = { "writing to disk", false };

static void tell_trouble(struct trouble *t, const char *why)
{
    if (!t->is_told) fprintf(stderr, "cached: %s: %s; going on without\n", t->what, why);
    t->is_told = true;
}
static void tell_fine(struct trouble *t)
{
    if (t->is_told) fprintf(stderr, "cached: %s: works again\n", t->what);
    t->is_told = false;
}

static const char *reason(int status)
{
    static const struct { int status; const char *text; } reasons[] = {
        { 200, "OK" }, { 400, "Bad Request" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
        { 408, "Request Timeout" }, { 410, "Gone" }, { 413, "Content Too Large" }, { 414, "URI Too Long" },
        { 431, "Request Header Fields Too Large" }, { 501, "Not Implemented" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" } };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) if (reasons[i].status == status) return reasons[i].text;
    return "Unknown";
}

/* Writes the head of an answer. age: in ms, -1: none. from: X-Cache, or NULL. */
static size_t head_print(char *text, size_t room, int status, const char *type, size_t length, long long age, const char *from,
                         bool keeps_alive)
{
    char date[40], aged[40] = "";
    time_t now = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));
    if (age >= 0) snprintf(aged, sizeof aged, "Age: %lld\r\n", age / 1000);
    return (size_t)snprintf(text, room,
        "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s%s%s%s%sConnection: %s\r\n\r\n",
        status, reason(status), date, type, length, status == 405 ? "Allow: GET, HEAD\r\n" : "", aged,
        from ? "X-Cache: " : "", from ? from : "", from ? "\r\n" : "", keeps_alive ? "keep-alive" : "close");
}

static size_t stats_print(char *text, size_t room, unsigned connections)
{
    size_t n = (size_t)snprintf(text, room,
        "{\"connections\": %u, \"accepted\": %lu, \"requests\": %lu, \"hits\": %lu, \"stale\": %lu, \"errors\": %lu, "
        "\"refused\": %lu, \"late_clients\": %lu, \"left\": %lu, \"cancelled\": %lu",
        connections, counts.accepted, counts.requests, counts.hits, counts.stale, counts.errors,
        counts.refused, counts.late_clients, counts.left, counts.cancelled);
    for (int tier = 0; tier < TIERS; tier++)
        n += (size_t)snprintf(text + n, room - n,
            ", \"%s\": {\"up\": %s, \"hits\": %lu, \"late\": %lu, \"failed\": %lu, \"filled\": %lu, \"not_filled\": %lu}",
            tier_names[tier], tiers[tier].is_up ? "true" : "false", tiers[tier].hits, tiers[tier].late, tiers[tier].failed,
            tiers[tier].filled, tiers[tier].not_filled);
    return n + (size_t)snprintf(text + n, room - n, "}\n");
}

/* ---- Pages. Those in memory are the first tier. A page does not change once others can find it. */
struct page {
    char name[7 + HTTP_TARGET_MOST + 1], *key;  /* "cached:/index.html" is its name in Redis; the key is the target in it */
    char type[HTTP_TYPE_MOST + 1];
    int status;
    long long stored;                           /* ms since 1970 of the origin's answer; 0: nothing was found */
    size_t length;
    bool may_be_kept, is_in_memory;
    unsigned users;                             /* 0: it may be used for another key */
    unsigned long used_at;
    char *body, bytes[BEFORE + BODY_MOST + 1];  /* the body begins BEFORE bytes behind the start: Redis has a line before it */
};
static struct page *pages;
static size_t page_count = 512;
static unsigned long page_clock;

static long long wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
static long long page_age(const struct page *p) { return wall_ms() - p->stored; }
/* Is it younger than that? A page of the future is of a clock that was wrong. */
static bool page_is_within(const struct page *p, int which)
{
    return p->stored > 0 && page_age(p) >= 0 && (limits[which].ms == 0 || page_age(p) < limits[which].ms);
}

static struct page *page_hold(struct page *p)
{
    p->users++;
    return p;
}
static void page_drop(struct page **p)
{
    if (*p && --(*p)->users == 0 && !(*p)->is_in_memory) (*p)->used_at = 0;     /* the next to be taken */
    *p = NULL;
}
/* A page for that key, with one user, and out of the memory tier: a free one, or the least recently used. */
static struct page *page_new(const char *key)
{
    struct page *best = NULL;
    for (struct page *p = pages; p < pages + page_count; p++)
        if (p->users == 0 && (best == NULL || p->used_at < best->used_at)) best = p;
    best->is_in_memory = best->may_be_kept = false;
    best->stored = 0;
    best->length = 0;
    best->status = 200;
    best->used_at = ++page_clock;
    snprintf(best->name, sizeof best->name, "cached:%s", key);
    best->key = best->name + 7;
    best->body = best->bytes + BEFORE;
    return page_hold(best);
}
static struct page *memory_find(const char *key)
{
    for (struct page *p = pages; p < pages + page_count; p++)
        if (p->is_in_memory && strcmp(p->key, key) == 0) return p->used_at = ++page_clock, p;
    return NULL;
}
static void memory_put(struct page *p)
{
    struct page *old = memory_find(p->key);
    if (old) old->is_in_memory = false, old->used_at = 0;
    p->is_in_memory = true;
}
/* Sets what a tier has found. What cannot be sent on is not found. */
static inline void page_set(struct page *p, long long stored, const char *type, size_t type_length, const char *body, size_t length)
{
    if (stored <= 0 || type_length > HTTP_TYPE_MOST || length > BODY_MOST || !http_is_value(type, type_length)) return;
    p->stored = stored;
    p->may_be_kept = true;
    memcpy(p->type, type, type_length);
    p->type[type_length] = '\0';
    memcpy(p->body, body, length);
    p->length = length;
}

/* ---- Redis. A page is "1 STORED TYPE" LF BODY, and expires. */
static char redis_host[64];
static int redis_port;
#ifdef WITH_REDIS
static struct aiot_redis redis;
static struct trouble redis_trouble = { "redis", false };
static unsigned redis_late;                     /* replies in a row */

static void redis_unpack(struct page *p, const char *text, size_t length)
{
    struct http_text rest = { text, length }, line = http_cut(&rest, '\n'), version = http_cut(&line, ' '), digits = http_cut(&line, ' ');
    uint64_t stored;
    if (http_is(version, "1") && http_number(digits, &stored)) page_set(p, (long long)stored, line.at, line.length, rest.at, rest.length);
}
static void redis_is_late(void)
{
    if (!tiers[REDIS].is_up || ++redis_late < LATE_IN_A_ROW) return;
    tell_trouble(&redis_trouble, "late again and again");
    tiers[REDIS].is_up = false;
    aiot_redis_drop(&redis);                    /* wakes keep_redis */
}

struct redis_get { AIOT_FRAME; struct page *page; struct aiot_redis_command command; };

static AIOT_CORO(redis_get)
{
    AIOT_BEGIN();
    if (!tiers[REDIS].is_up) AIOT_RETURN();
    AIOT_AWAIT(aiot_redis_command, &self->command, .redis = &redis, .words = { "GET", self->page->name });
    redis_late = 0;
    if (self->command.reply->type == REDIS_REPLY_STRING) redis_unpack(self->page, self->command.reply->str, self->command.reply->len);
    free(self->command.reply);
    AIOT_END();
}

struct redis_set {
    AIOT_FRAME;
    struct page *page;
    const char *argv[5];
    size_t lengths[5];
    char expires[24];
    struct aiot_redis_command command;
};

static void redis_pack(struct redis_set *set)
{
    char head[BEFORE];
    size_t n = (size_t)snprintf(head, sizeof head, "1 %lld %s\n", set->page->stored, set->page->type);
    char *begin = set->page->body - n;
    memcpy(begin, head, n);
    snprintf(set->expires, sizeof set->expires, "%d", limits[KEEP].ms);
    const char *argv[] = { "SET", set->page->name, begin, "PX", set->expires };
    for (int i = 0; i < 5; i++) set->argv[i] = argv[i], set->lengths[i] = i == 2 ? n + set->page->length : strlen(argv[i]);
}

static AIOT_CORO(redis_set)
{
    AIOT_BEGIN();
    redis_pack(self);
    AIOT_AWAIT(aiot_redis_command, &self->command, .redis = &redis, .argv = self->argv, .lengths = self->lengths, .argc = 5);
    free(self->command.reply);
    AIOT_END();
}

struct keep_redis {
    AIOT_FRAME;
    aiot_timeout limit;
    aiot_backoff pause;
    aiot_waiter w;
    union { struct aiot_redis_connect connect; struct aiot_redis_command ping; } call;
};

static AIOT_CORO(keep_redis)
{
    AIOT_BEGIN();
    aiot_redis_init(&redis, task->loop);
    for (;;) {
        aiot_backoff_init(&self->pause, AIOT_MS(100), AIOT_S(2), (uint32_t)aiot_now(task->loop));
        while (!tiers[REDIS].is_up) {
            AIOT_TRY {
                AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
                    AIOT_AWAIT(aiot_redis_connect, &self->call.connect, .redis = &redis, .host = redis_host, .port = redis_port);
                    AIOT_AWAIT(aiot_redis_command, &self->call.ping, .redis = &redis, .words = { "PING" });
                    free(self->call.ping.reply);
                }
                tiers[REDIS].is_up = true;
            } AIOT_EXCEPT_ANY {
                tell_trouble(&redis_trouble, text_of(aiot_caught(task)));
                aiot_redis_drop(&redis);
                aiot_backoff_next(&self->pause, task);
                AIOT_SLEEP(self->pause.bound_ns / 4 + self->pause.delay_ns / 2);
            }
        }
        tell_fine(&redis_trouble);
        redis_late = 0;
        AIOT_EVENT_WAIT(&redis.down, &self->w);
        tiers[REDIS].is_up = false;
        tell_trouble(&redis_trouble, redis.reason);
    }
    AIOT_END();
}

struct close_redis { AIOT_FRAME; aiot_timeout limit; struct aiot_redis_close close; };

static AIOT_CORO(close_redis)
{
    AIOT_BEGIN();
    if (redis.loop == NULL) AIOT_RETURN();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, AIOT_MS(500), aiot_redis_close, &self->close, .redis = &redis);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }           /* the connection is dropped, with the replies that have not come */
    AIOT_END();
}
#else
static void redis_is_late(void) { }
struct redis_get { AIOT_FRAME; struct page *page; };
struct redis_set { AIOT_FRAME; struct page *page; };
struct keep_redis { AIOT_FRAME; };
struct close_redis { AIOT_FRAME; };
static AIOT_CORO(redis_get) { AIOT_BEGIN(); AIOT_END(); }
static AIOT_CORO(redis_set) { AIOT_BEGIN(); AIOT_END(); }
static AIOT_CORO(keep_redis) { AIOT_BEGIN(); AIOT_END(); }
static AIOT_CORO(close_redis) { AIOT_BEGIN(); AIOT_END(); }
#endif

/* ---- The disk. Two connections: with WAL, a read does not wait for a write. */
static const char *disk_path;
#ifdef WITH_SQLITE
static struct aiot_pool pool;
static struct aiot_sqlite disk_reader, disk_writer;

static int disk_row(sqlite3_stmt *row, void *page)      /* in a thread; `page` is the lookup's alone */
{
    const char *type = (const char *)sqlite3_column_text(row, 1), *body = (const char *)sqlite3_column_blob(row, 2);
    size_t type_length = (size_t)sqlite3_column_bytes(row, 1), length = (size_t)sqlite3_column_bytes(row, 2);
    page_set((struct page *)page, sqlite3_column_int64(row, 0), type ? type : "", type_length, body ? body : "", length);
    return 0;
}

struct disk_get { AIOT_FRAME; struct page *page; struct aiot_sqlite_exec exec; };

static AIOT_CORO(disk_get)
{
    AIOT_BEGIN();
    if (!tiers[DISK].is_up) AIOT_RETURN();
    AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &disk_reader, .sql = "SELECT stored, type, body FROM pages WHERE key = ?1",
               .values = { aiot_sqlite_text(self->page->key) }, .row = disk_row, .argument = self->page);
    tell_fine(&disk_trouble);
    AIOT_END();
}

struct disk_set { AIOT_FRAME; struct page *page; struct aiot_sqlite_exec exec; };

static AIOT_CORO(disk_set)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &disk_writer, .sql = "INSERT OR REPLACE INTO pages VALUES (?1, ?2, ?3, ?4)",
               .values = { aiot_sqlite_text(self->page->key), aiot_sqlite_int64(self->page->stored), aiot_sqlite_text(self->page->type),
                           aiot_sqlite_blob(self->page->body, self->page->length) });
    if (tiers[DISK].filled % 64 == 0)       /* so the file does not grow for ever */
        AIOT_AWAIT(aiot_sqlite_exec, &self->exec, .sqlite = &disk_writer, .values = { aiot_sqlite_int64(DISK_PAGES) },
                   .sql = "DELETE FROM pages WHERE key IN (SELECT key FROM pages ORDER BY stored DESC LIMIT -1 OFFSET ?1)");
    AIOT_END();
}

struct keep_disk {
    AIOT_FRAME;
    aiot_timeout limit;
    aiot_backoff pause;
    union { struct aiot_sqlite_open open; struct aiot_sqlite_exec exec; } call;
};

static AIOT_CORO(keep_disk)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_pool_open(&pool, task->loop, 3, 2 * LOOKUPS));
    aiot_backoff_init(&self->pause, AIOT_MS(100), AIOT_S(10), (uint32_t)aiot_now(task->loop));
    while (!tiers[DISK].is_up) {
        AIOT_TRY {
            AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
                if (disk_writer.db == NULL)
                    AIOT_AWAIT(aiot_sqlite_open, &self->call.open, .sqlite = &disk_writer, .pool = &pool,
                               .path = disk_path, .busy_ms = 1000);
                AIOT_AWAIT(aiot_sqlite_exec, &self->call.exec, .sqlite = &disk_writer,
                           .sql = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                                  "CREATE TABLE IF NOT EXISTS pages (key TEXT PRIMARY KEY, stored INTEGER, type TEXT, body BLOB);"
                                  "CREATE INDEX IF NOT EXISTS by_age ON pages (stored);");
                if (disk_reader.db == NULL)
                    AIOT_AWAIT(aiot_sqlite_open, &self->call.open, .sqlite = &disk_reader, .pool = &pool,
                               .path = disk_path, .busy_ms = 1000);
            }
            tiers[DISK].is_up = true;
            tell_fine(&disk_trouble);
        } AIOT_EXCEPT_ANY {
            tell_trouble(&disk_trouble, text_of(aiot_caught(task)));
            aiot_backoff_next(&self->pause, task);
            AIOT_SLEEP(self->pause.bound_ns / 4 + self->pause.delay_ns / 2);
        }
    }
    AIOT_END();
}

struct close_disk { AIOT_FRAME; union { struct aiot_sqlite_close disk; struct aiot_pool_close pool; } close; };

static AIOT_CORO(close_disk)
{
    AIOT_BEGIN();
    if (disk_reader.db) AIOT_AWAIT(aiot_sqlite_close, &self->close.disk, .sqlite = &disk_reader);
    if (disk_writer.db) AIOT_AWAIT(aiot_sqlite_close, &self->close.disk, .sqlite = &disk_writer);
    if (pool.loop) AIOT_AWAIT(aiot_pool_close, &self->close.pool, .pool = &pool);
    AIOT_END();
}
#else
struct disk_get { AIOT_FRAME; struct page *page; };
struct disk_set { AIOT_FRAME; struct page *page; };
struct keep_disk { AIOT_FRAME; };
struct close_disk { AIOT_FRAME; };
static AIOT_CORO(disk_get) { AIOT_BEGIN(); AIOT_END(); }
static AIOT_CORO(disk_set) { AIOT_BEGIN(); AIOT_END(); }
static AIOT_CORO(keep_disk) { AIOT_BEGIN(); AIOT_END(); }
static AIOT_CORO(close_disk) { AIOT_BEGIN(); AIOT_END(); }
#endif

/* ---- Filling faster tiers in the background. A queue that is full drops the page: the next miss brings it again. */
static struct page *fill_items[2][FILLS];
static aiot_queue fill_queues[2];               /* of REDIS and DISK */

static void fill_later(int tier, struct page *page)
{
    if (tiers[tier].is_up && aiot_queue_put_nowait(&fill_queues[tier], &page) == 0) page_hold(page);
    else tiers[tier].not_filled++;
}

struct filler {
    AIOT_FRAME;
    int tier;
    struct page *page;
    aiot_waiter w;
    aiot_timeout limit;
    union { struct redis_set redis; struct disk_set disk; } set;
};

static AIOT_CORO(filler)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_QUEUE_GET(&fill_queues[self->tier], &self->w, &self->page);
        AIOT_TRY {
            if (self->tier == REDIS) AIOT_WAIT_FOR(&self->limit, limit(REDIS), redis_set, &self->set.redis, .page = self->page);
            else AIOT_WAIT_FOR(&self->limit, limit(FILL), disk_set, &self->set.disk, .page = self->page);
            tiers[self->tier].filled++;
            if (self->tier == DISK) tell_fine(&disk_write_trouble);
        } AIOT_EXCEPT_ANY {                     /* keep_redis tells what is wrong with Redis */
            tiers[self->tier].not_filled++;
            if (self->tier == DISK) tell_trouble(&disk_write_trouble, text_of(aiot_caught(task)));
        } AIOT_FINALLY {
            page_drop(&self->page);
        }
    }
    AIOT_END();
}

/* ---- The origin. */
static struct addrinfo *origin;                 /* its addresses, in the order in which they are tried */
static const char *origin_host;                 /* for its Host line */
enum { BAD_ANSWER = 10000 };                    /* our own error, above every errno; its pointer says more */

struct fetch {
    AIOT_FRAME;
    struct page *page;                          /* result */
    aiot_fd socket;
    struct aiot_buffer in;
    struct http_response head;
    int is_complete;                            /* what http_response_parse() says */
    union {
        struct aiot_stream_connect_list connect;
        struct aiot_stream_send_all send;
        struct aiot_stream_fill fill;
        struct aiot_stream_recv recv;
    } call;
    char room[HTTP_HEAD_MOST];                  /* the question, then the head of the answer */
};

static size_t fetch_question(struct fetch *f)
{
    return (size_t)snprintf(f->room, sizeof f->room, "GET %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: cached\r\nConnection: close\r\n\r\n",
                            f->page->key, origin_host);
}
/* Takes the head, and the part of the body that came with it. Returns NULL, or what is wrong. */
static const char *fetch_begin_body(struct fetch *f)
{
    struct page *p = f->page;
    size_t there = f->in.used - f->head.length;
    if (f->is_complete < 0) return "its answer is not HTTP as we know it";
    if (f->head.status != 200 && f->head.status / 100 != 4) return f->head.status >= 500 ? "5xx" : "a status that cannot be passed on";
    if (f->head.body_length != HTTP_UNKNOWN_LENGTH && f->head.body_length > BODY_MOST) return "its answer is too long";
    p->status = f->head.status;
    p->may_be_kept = f->head.may_be_kept;
    memcpy(p->type, f->head.type, sizeof p->type);
    p->length = there < f->head.body_length ? there : (size_t)f->head.body_length;
    memcpy(p->body, aiot_buffer_data(&f->in) + f->head.length, p->length);
    return NULL;
}
/* How much of the body is still to come, at most. One byte more than fits: it tells that the body is too long. */
static size_t fetch_missing(const struct fetch *f)
{
    return (f->head.body_length < BODY_MOST + 1 ? (size_t)f->head.body_length : BODY_MOST + 1) - f->page->length;
}

static AIOT_CORO(fetch)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_AWAIT(aiot_stream_connect_list, &self->call.connect, .fd = &self->socket, .list = origin, .each = AIOT_S(1));
        AIOT_AWAIT(aiot_stream_send_all, &self->call.send, .fd = &self->socket, .from = self->room, .length = fetch_question(self));
        aiot_buffer_init(&self->in, self->room, sizeof self->room);
        while ((self->is_complete = http_response_parse(&self->head, aiot_buffer_data(&self->in), self->in.used)) == 0)
            AIOT_AWAIT(aiot_stream_fill, &self->call.fill, .fd = &self->socket, .buffer = &self->in);
        {
            const char *wrong = fetch_begin_body(self);
            if (wrong) AIOT_RAISE_INFO(BAD_ANSWER, wrong);
        }
        while (fetch_missing(self) > 0) {
            AIOT_AWAIT(aiot_stream_recv, &self->call.recv, .fd = &self->socket,
                       .to = self->page->body + self->page->length, .room = fetch_missing(self));
            self->page->length += self->call.recv.got;
            if (self->call.recv.got == 0) {
                if (self->head.body_length != HTTP_UNKNOWN_LENGTH) AIOT_RAISE_INFO(BAD_ANSWER, "it has closed half-way");
                break;
            }
        }
        if (self->page->length > BODY_MOST) AIOT_RAISE_INFO(BAD_ANSWER, "its answer is too long");
        self->page->stored = wall_ms();
    } AIOT_FINALLY {
        aiot_fd_close(&self->socket);
    }
    AIOT_END();
}

/* ---- The command line. */
static const char *listen_on = "127.0.0.1";
static int listen_port = 8080;

static void usage(FILE *to)
{
    fprintf(to, "usage: cached -o http://host[:port] [options]\n"
                "  -a address  to listen on (127.0.0.1)        -p port    0: a free one (8080)\n"
                "  -r host:port  a Redis                       -d file    an SQLite database\n"
                "  -m pages    in memory, of 66 KB each, at least %d (%zu)\n", PAGES_LEAST, page_count);
    for (int i = 0; i < LIMITS; i++) fprintf(to, "  -%c ms       %s (%d)\n", limits[i].option, limits[i].text, limits[i].ms);
    fputs("0 ms is no limit; -k needs one.  /-/stats counts as JSON.  SIGTERM and SIGINT end it; a second one does not wait.\n", to);
}
static int number(int option, const char *text, int least, int most)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end != text && *end == '\0' && value >= least && value <= most) return (int)value;
    fprintf(stderr, "cached: -%c needs a number from %d to %d, not '%s'\n", option, least, most, text);
    exit(2);
}
/* Looks up "host:port". Returns its addresses, or NULL after a message. */
static struct addrinfo *look_up(const char *text, const char *port)
{
    static const struct addrinfo wanted = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    char host[256], given[6];
    struct addrinfo *found = NULL;
    int parts = sscanf(text, *text == '[' ? "[%255[^]]]:%5[0-9]" : "%255[^:/]:%5[0-9]", host, given);
    int error = parts < 1 ? EAI_NONAME : getaddrinfo(host, parts > 1 ? given : port, &wanted, &found);
    if (error != 0) fprintf(stderr, "cached: %s: %s\n", text, gai_strerror(error));
    return error == 0 ? found : NULL;
}
/* hiredis would look the name up while all tasks stand still: it gets an address. */
static bool look_up_redis(const char *text)
{
    char port[6];
    struct addrinfo *found = look_up(text, "6379");
    if (found == NULL) return false;
    int error = getnameinfo(found->ai_addr, found->ai_addrlen, redis_host, sizeof redis_host, port, sizeof port,
                            NI_NUMERICHOST | NI_NUMERICSERV);
    redis_port = error == 0 ? atoi(port) : 0;
    freeaddrinfo(found);
    return redis_port > 0;
}

/* Tells the port. Returns 0, or an error if there is none. */
static int announce(int port) { return port == 0 ? EADDRNOTAVAIL : (printf("listening on %d\n", port), fflush(stdout)); }

/* Reads the command line. Returns -1, or the code to exit with. */
static int read_options(int argc, char **argv)
{
    static const char host_characters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._:[]";
    for (int option; (option = getopt(argc, argv, "a:p:o:r:d:m:R:D:O:S:F:i:H:A:g:f:k:h")) != -1;) {
        switch (option) {
        case 'a': listen_on = optarg; break;
        case 'p': listen_port = number(option, optarg, 0, 65535); break;
        case 'o': origin_host = optarg + (strncmp(optarg, "http://", 7) == 0 ? 7 : 0); break;
        case 'r': if (!look_up_redis(optarg)) return 2; break;
        case 'd': disk_path = optarg; break;
        case 'm': page_count = (size_t)number(option, optarg, PAGES_LEAST, 1000000); break;
        case 'h': return usage(stdout), 0;
        case '?': return usage(stderr), 2;
        default:
            for (int i = 0; i < LIMITS; i++)
                if (limits[i].option == option) limits[i].ms = number(option, optarg, i == KEEP, INT32_MAX);
        }
    }
    if (origin_host == NULL || optind < argc) return usage(stderr), 2;
    if (strlen(origin_host) > 300 || strspn(origin_host, host_characters) != strlen(origin_host))
        return fprintf(stderr, "cached: -o needs http://host:port, without a path\n"), 2;
#ifndef WITH_REDIS
    if (redis_port > 0) return fputs("cached: -r needs a build with -DWITH_REDIS\n", stderr), 2;
#endif
#ifndef WITH_SQLITE
    if (disk_path) return fputs("cached: -d needs a build with -DWITH_SQLITE\n", stderr), 2;
#endif
    origin = look_up(origin_host, "80");
    return origin ? -1 : 2;
}

#endif
