/* 11_recursion.c - a coroutine that calls itself: it levels a tree, with one frame for each level in an array.
 *
 *     async def walk(folder, level=0):
 *         await asyncio.sleep(0.01)               # reads the folder
 *         size = folder.size
 *         print("  " * level, folder.name)
 *         for sub in folder.subs: size += await walk(sub, level + 1)
 *         return size
 *
 * Notice: a struct cannot contain itself, so a level takes the next frame of the array for the level below: self + 1.  All folders of a
 * level use the same frame, one after the other.  The array bounds the depth, and a deeper tree gets an error instead of an overflow.
 * A limit around the outermost call cancels the innermost one, at any depth.  Build: cc -I../.. 11_recursion.c */
#include "aio_timeout.h"
#include <stdio.h>

enum { LEVELS = 3, TOO_DEEP = 1 };

struct folder { const char *name; int size; const struct folder *sub, *next; };
struct walk { AIOT_FRAME; const struct folder *folder, *sub; int level, size; };
static AIOT_CORO(walk)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(10));
    printf("%*s%s\n", 2 * self->level, "", self->folder->name);
    self->size = self->folder->size;
    for (self->sub = self->folder->sub; self->sub; self->sub = self->sub->next) {
        if (self->level + 1 == LEVELS) AIOT_RAISE(TOO_DEEP);
        AIOT_AWAIT(walk, self + 1, .folder = self->sub, .level = self->level + 1);
        self->size += self[1].size;
    }
    AIOT_END();
}

static const struct folder lib = { "lib", 3, NULL, NULL }, c_lib = { "include", 4, NULL, &lib }, bin = { "bin", 10, NULL, NULL };
static const struct folder usr = { "usr", 1, &c_lib, &bin }, top = { "top", 2, &usr, NULL }, above = { "above", 0, &top, NULL };

struct root { AIOT_FRAME; struct walk levels[LEVELS]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(walk, &self->levels[0], .folder = &top);
    printf("size %d\n", self->levels[0].size);
    AIOT_TRY {
        AIOT_AWAIT(walk, &self->levels[0], .folder = &above);
    } AIOT_EXCEPT(TOO_DEEP) { puts("too deep"); }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
