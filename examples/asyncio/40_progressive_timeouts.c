/* 40_progressive_timeouts.py - each item's limit is (limit per item) x (items left); a second list makes one item too slow. */
#include "vt.h"

struct process_item {                           /* async def process_item(item) */
    AIOT_FRAME;
    int item;
    int processed;                              /* result */
};

static AIOT_CORO(process_item)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->item));
    self->processed = self->item;
    AIOT_END();
}

struct progressive {                            /* async def progressive(items) */
    AIOT_FRAME;
    const int *items;
    int count;                                  /* len(items) */
    int done[5], done_count;                    /* result */
    double per_item, limit;
    int left, i;
    struct process_item process_item;
    aiot_timeout timeout;
};

static AIOT_CORO(progressive)
{
    AIOT_BEGIN();
    self->done_count = 0;
    self->per_item = 2.0;
    self->left = self->count;
    for (self->i = 0; self->i < self->count; self->i++) {
        self->limit = self->per_item * self->left;
        log("Processing item %d, timeout: %gs", self->i, self->limit);
        AIOT_TIMEOUT(&self->timeout, S(self->limit)) {
            AIOT_AWAIT(process_item, &self->process_item, .item = self->items[self->i]);
            self->done[self->done_count++] = self->process_item.processed;
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("Timeout processing item %d", self->i);
            self->per_item *= 0.8;
        }
        self->left--;
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int i;
    struct progressive progressive;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const int items[2][5] = {{1, 3, 2, 4, 1}, {1, 9, 2, 4, 1}};
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_AWAIT(progressive, &self->progressive, .items = items[self->i], .count = 5);
        log("Completed processing %d of %d items", self->progressive.done_count, 5);
        char text[128] = "";
        for (int d = 0; d < self->progressive.done_count; d++) {
            size_t length = strlen(text);
            snprintf(text + length, sizeof text - length, "%s'Processed %d'", d > 0 ? ", " : "", self->progressive.done[d]);
        }
        log("Results: [%s]", text);
    }
    AIOT_END();
}

RUN(root)
