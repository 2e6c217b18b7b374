/* 10_future.c - a value that a callback delivers, and a coroutine that waits for it.
 *
 *     reply = loop.create_future()
 *     reply.add_done_callback(seen)
 *     loop.call_later(0.02, deliver, reply)       # deliver: reply.set_result(42)
 *     print("reply:", await reply)
 *
 *     late = loop.create_future()
 *     try: await asyncio.wait_for(late, 0.02)     # nobody delivers
 *     except TimeoutError: print("no reply")
 *     deliver(late)                               # InvalidStateError
 *
 * Notice: a callback is a plain function that never waits.  Drivers and libraries that report by callback become awaitable
 * like this.  A limit cancels the future it waits for, so a value that comes too late is refused. */
#include "aio_timeout.h"
#include <stdio.h>

static int deliver(void *future)
{
    int refused = aiot_future_set_result(future, 42);
    printf("deliver: %s\n", refused ? aiot_error_name(refused) : "done");
    return 0;
}

static int seen(void *future)
{
    printf("seen: %d\n", (int)aiot_future_value(future));
    return 0;
}

struct root { AIOT_FRAME; aiot_future reply, late; aiot_handle timer, watcher; aiot_timeout limit; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_future_init(&self->reply, task->loop);
    aiot_add_done_callback(&self->reply, &self->watcher, seen, &self->reply);
    aiot_call_later(task->loop, &self->timer, AIOT_MS(20), deliver, &self->reply);
    AIOT_JOIN(&self->reply);
    printf("reply: %d\n", (int)aiot_future_value(&self->reply));

    aiot_future_init(&self->late, task->loop);
    AIOT_TRY {
        AIOT_JOIN_FOR(&self->limit, AIOT_MS(20), &self->late);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        puts("no reply");
    }
    deliver(&self->late);
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
