/* 58_tiered_cache.py - three cache tiers and a database, each with its own limit; hits fill the faster tiers in
 * background tasks. Latencies and dice are a script, per request:
 *   l1 s, l2 s, l3 s, db s, hits allowed (1) or missed (0) when the key is present. */
#include "vt.h"

static const char *const NAMES[] = { "L1-Memory", "L2-Redis", "L3-Disk" };
static const double LIMITS[] = { 0.01, 0.1, 0.5 };
static const double WRITE[] = { 0.001, 0.03, 0.2 };

struct value { char text[64]; };                /* a string that is copied by =; empty: None */

static struct item { const char *key; struct value value; } cache[3][4];        /* cache = [{}, {}, {}]: three keys, one item left free */

static struct item *find(int n, const char *key)        /* the item of that key, or a free one: its key is NULL */
{
    struct item *item = cache[n];
    while (item->key && strcmp(item->key, key) != 0) item++;
    return item;
}

struct tier_get {                               /* async def tier_get(n, key, latency, allowed) */
    AIOT_FRAME;
    int n;
    const char *key;
    double latency;
    int allowed;
    struct value value;                         /* result */
};

static AIOT_CORO(tier_get)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->latency));
    if (find(self->n, self->key)->key && self->allowed) {
        log("Cache HIT in %s for %s", NAMES[self->n], self->key);
        self->value = find(self->n, self->key)->value;
        AIOT_RETURN();
    }
    log("Cache MISS in %s for %s", NAMES[self->n], self->key);
    AIOT_END();
}

struct tier_set {                               /* async def tier_set(n, key, value) */
    AIOT_FRAME;
    int n;
    const char *key;
    struct value value;
};

static AIOT_CORO(tier_set)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(WRITE[self->n]));
    *find(self->n, self->key) = (struct item){ self->key, self->value };
    log("Cached in %s: %s", NAMES[self->n], self->key);
    AIOT_END();
}

struct database {                               /* async def database(key, latency) */
    AIOT_FRAME;
    const char *key;
    double latency;
    struct value value;                         /* result */
};

static AIOT_CORO(database)
{
    AIOT_BEGIN();
    log("Querying database for %s", self->key);
    AIOT_SLEEP(S(self->latency));
    snprintf(self->value.text, sizeof self->value.text, "Item %s", self->key);
    AIOT_END();
}

/* The background tasks outlive the request that starts them: they belong to the root, one for each tier.  A tier's write has
 * ended before the next request can start another. */
struct background { struct tier_set set[3]; aiot_task task[3]; };

struct get_data {                               /* async def get_data(key, lat, db, allowed) */
    AIOT_FRAME;
    const char *key;
    const double *lat;
    double db;
    int allowed;
    struct background *background;
    int n;
    struct tier_get get;
    struct database database;
    aiot_timeout limit;
    char result[80];
};

static AIOT_CORO(get_data)
{
    AIOT_BEGIN();
    for (self->n = 0; self->n < 3; self->n++) {
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, S(LIMITS[self->n]), tier_get, &self->get,
                          .n = self->n, .key = self->key, .latency = self->lat[self->n], .allowed = self->allowed);
            if (self->get.value.text[0]) {
                for (int faster = 0; faster < self->n; faster++)
                    AIOT_SPAWN(&self->background->task[faster], tier_set, &self->background->set[faster],
                               .n = faster, .key = self->key, .value = self->get.value);
                snprintf(self->result, sizeof self->result, "%s", self->get.value.text);
                AIOT_RETURN();
            }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("L%d cache timed out for %s", self->n + 1, self->key);
        }
    }
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(2.0), database, &self->database, .key = self->key, .latency = self->db);
        for (int n = 0; n < 3; n++)
            AIOT_SPAWN(&self->background->task[n], tier_set, &self->background->set[n],
                       .n = n, .key = self->key, .value = self->database.value);
        snprintf(self->result, sizeof self->result, "%s", self->database.value.text);
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Database timed out for %s", self->key);
    }
    log("Looking for any stale data for %s", self->key);
    for (self->n = 0; self->n < 3; self->n++) {
        AIOT_AWAIT(tier_get, &self->get, .n = self->n, .key = self->key, .latency = self->lat[self->n], .allowed = 1);
        if (self->get.value.text[0]) {
            log("Found stale data in %s", NAMES[self->n]);
            snprintf(self->result, sizeof self->result, "%s (stale)", self->get.value.text);
            AIOT_RETURN();
        }
    }
    snprintf(self->result, sizeof self->result, "Service temporarily unavailable");
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct get_data get;
    struct background background;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct { const char *key; double lat[3]; double db; int allowed; } script[] = {
        { "product-123", { 0.001, 0.03, 0.2 }, 0.7, 1 }, { "product-123", { 0.001, 0.03, 0.2 }, 0.7, 1 },
        { "product-456", { 0.02, 0.2, 0.2 }, 1.0, 1 }, { "product-456", { 0.02, 0.2, 0.2 }, 1.0, 1 },
        { "product-789", { 0.001, 0.03, 0.2 }, 2.4, 1 }, { "product-123", { 0.02, 0.05, 0.2 }, 2.5, 0 },
    };
    for (self->i = 0; self->i < 6; self->i++) {
        log("Fetching %s...", script[self->i].key);
        AIOT_AWAIT(get_data, &self->get, .key = script[self->i].key, .lat = script[self->i].lat, .db = script[self->i].db,
                   .allowed = script[self->i].allowed, .background = &self->background);
        log("Result for %s: %s", script[self->i].key, self->get.result);
        AIOT_SLEEP(S(0.5));
    }
    AIOT_END();
}

RUN(root)
