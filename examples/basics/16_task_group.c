/* 16_task_group.c - tasks that end together: nobody is left behind, and one error ends the others.
 *
 *     async def cook(dish, time, burns=False):
 *         try:
 *             await asyncio.sleep(time)
 *             if burns: raise Burnt
 *             print(dish, "is ready")
 *         except asyncio.CancelledError:
 *             print(dish, "is taken off the fire")
 *             raise
 *
 *     try:
 *         async with asyncio.TaskGroup() as kitchen:
 *             kitchen.create_task(cook("soup", 0.02))             # and two more
 *     except* Burnt as group: print("errors:", len(group.exceptions))
 *
 * Notice: the end of the block waits for all its tasks, so nothing has to be joined.  The first error cancels the others; when
 * these have ended, too, AIOT_EGROUP comes out, and the group is asked what went wrong: more than one may have failed. */
#include "aio_timeout.h"
#include <stdio.h>

enum { BURNT = 1 };

struct cook { AIOT_FRAME; const char *dish; aiot_time time; bool burns; };

static AIOT_CORO(cook)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(self->time);
        if (self->burns) AIOT_RAISE(BURNT);
        printf("%s is ready\n", self->dish);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        printf("%s is taken off the fire\n", self->dish);
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root { AIOT_FRAME; aiot_group kitchen; struct cook soup, toast, roast; aiot_group_task t1, t2, t3; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->kitchen) {
        aiot_group_spawn(&self->kitchen, &self->t1, cook, &self->soup, .dish = "soup", .time = AIOT_MS(20));
        aiot_group_spawn(&self->kitchen, &self->t2, cook, &self->toast, .dish = "toast", .time = AIOT_MS(80), .burns = true);
        aiot_group_spawn(&self->kitchen, &self->t3, cook, &self->roast, .dish = "roast", .time = AIOT_S(3600));
        puts("all are on the fire");
    } AIOT_EXCEPT(AIOT_EGROUP) {
        printf("errors: %u\n", aiot_group_error_count(&self->kitchen));
        if (aiot_group_error(&self->kitchen, 0).code == BURNT && aiot_group_error_task(&self->kitchen, 0) == &self->t2)
            puts("the toast has burnt");
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
