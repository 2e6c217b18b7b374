/* 17_as_completed_and_barrier.c - wait for everybody, then take them as they come.
 *
 *     async def hiker(name, to_hut, to_top):
 *         await asyncio.sleep(to_hut)
 *         print(name, "is at the hut")
 *         place = await hut.wait()                                # asyncio.Barrier(3)
 *         if place == 2: print("the last one is here, all go on")
 *         await asyncio.sleep(to_top)
 *
 *     async for task in asyncio.as_completed(tasks):              # in root; Python 3.13
 *         await task
 *         print(name_of[task], "is on the top")
 *
 * Notice: the barrier lets nobody pass until three are there, and tells each in which place it came; then it can be used
 * again.  Its wait is a coroutine, so it needs a frame, and its result is read there.  as_completed() gives the members in the
 * order in which they end: aiot_completed() is the member, to be joined, and aiot_completed_index() its place in the call. */
#include "aio_timeout.h"
#include <stdio.h>

struct hiker { AIOT_FRAME; aiot_barrier *hut; const char *name; aiot_time to_hut, to_top; struct aiot_barrier_wait wait; };

static AIOT_CORO(hiker)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->to_hut);
    printf("%s is at the hut\n", self->name);
    AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = self->hut);
    if (self->wait.index == 2) puts("the last one is here, all go on");
    AIOT_SLEEP(self->to_top);
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_barrier hut; struct hiker hikers[3]; aiot_task tasks[3]; AIOT_AS_COMPLETED_SET(3) top; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_barrier_init(&self->hut, 3);
    AIOT_SPAWN(&self->tasks[0], hiker, &self->hikers[0], .hut = &self->hut, .name = "ann", .to_hut = AIOT_MS(20), .to_top = AIOT_MS(80));
    AIOT_SPAWN(&self->tasks[1], hiker, &self->hikers[1], .hut = &self->hut, .name = "bob", .to_hut = AIOT_MS(50), .to_top = AIOT_MS(20));
    AIOT_SPAWN(&self->tasks[2], hiker, &self->hikers[2], .hut = &self->hut, .name = "cat", .to_hut = AIOT_MS(80), .to_top = AIOT_MS(50));
    aiot_as_completed(&self->top, AIOT_FOREVER, &self->tasks[0], &self->tasks[1], &self->tasks[2]);
    while (aiot_as_completed_left(&self->top)) {
        AIOT_WAIT_COMPLETED(&self->top);
        AIOT_JOIN(AIOT_ANY(aiot_completed(&self->top)));
        printf("%s is on the top\n", self->hikers[aiot_completed_index(&self->top)].name);
    }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
