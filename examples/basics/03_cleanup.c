/* 03_cleanup.c - try, except, finally.
 *
 *     async def load(path):
 *         try:
 *             await asyncio.sleep(0.01)
 *             if path == "empty": return 0
 *             if path == "broken": raise ParseError
 *             return 3
 *         except ParseError: return -1
 *         finally: await asyncio.sleep(0.01); print("closed", path)
 *
 * Notice: AIOT_RAISE() leaves the block and AIOT_RETURN() the coroutine, and both pass through AIOT_FINALLY, which may wait.
 * Errors of your own are numbers above 0.  An error that no part names goes on to the caller. */
#include "aio_timeout.h"
#include <stdio.h>
#include <string.h>

enum { PARSE_ERROR = 1 };

struct load { AIOT_FRAME; const char *path; int entries; };

static AIOT_CORO(load)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(AIOT_MS(10));
        if (strcmp(self->path, "empty") == 0) AIOT_RETURN();
        if (strcmp(self->path, "broken") == 0) AIOT_RAISE(PARSE_ERROR);
        self->entries = 3;
    } AIOT_EXCEPT(PARSE_ERROR) {
        self->entries = -1;
    } AIOT_FINALLY {
        AIOT_SLEEP(AIOT_MS(10));
        printf("closed %s\n", self->path);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct load full, empty, broken; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(load, &self->full, .path = "full");
    AIOT_AWAIT(load, &self->empty, .path = "empty");
    AIOT_AWAIT(load, &self->broken, .path = "broken");
    printf("entries: %d, %d, %d\n", self->full.entries, self->empty.entries, self->broken.entries);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
