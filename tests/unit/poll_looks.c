/* poll_looks.c - how often the loop looks for descriptors: once for each wake-up, and once a turn while tasks are ready. */
#define AIOT_POLL 1
#include "check.h"

static aiot_io *waiting;
static int looks;
static int add(aiot_io_backend *backend, aiot_io *io) { (void)backend; waiting = io; return 0; }
static void removes(aiot_io_backend *backend, aiot_io *io) { (void)backend; (void)io; waiting = NULL; }
static void wait_for_them(aiot_io_backend *backend, aiot_time limit_ns)
{
    (void)backend;
    looks++;
    if (limit_ns != 0 && waiting) aiot_io_ready(waiting, AIOT_READABLE_EVENT);      /* it is ready when the loop has slept */
}

struct root { AIOT_FRAME; aiot_io io; struct aiot_readable other; aiot_task t; int i; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 10; self->i++) AIOT_READABLE(&self->io, 1);
    CHECK_EQUAL(looks, 10);                     /* the turn in which the task runs does not look again */
    AIOT_SPAWN(&self->t, aiot_readable, &self->other, .fd = 1);
    AIOT_YIELD();
    looks = 0;
    for (self->i = 0; self->i < 10; self->i++) AIOT_YIELD();
    CHECK_EQUAL(looks, 10);                     /* a busy loop looks in each turn, as asyncio's does */
    AIOT_JOIN(&self->t);
    CHECK_END();
}

int main(void)
{
    static aiot_io_backend backend = { add, removes, wait_for_them, NULL, 0 };
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init(&loop);
    loop.io = &backend;
    CHECK_EQUAL(aiot_run(&loop, root, &frame), AIOT_OK);
    CHECK(check_end == &frame);
    return 0;
}
