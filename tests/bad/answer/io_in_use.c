/* Two tasks wait with one aiot_io.  The answer has the line of the second wait. */
/* expect debug: io_in_use.c:12: task .reads.: waits with an aiot_io with which a task waits already */
/* exit debug: abort */
/* exit release: skip */
#define _POSIX_C_SOURCE 200809L
#define AIOT_POLL 1
#include "aio_timeout.h"
#include <unistd.h>
static aiot_io io;
static int ends[2];
struct reads { AIOT_FRAME; };
static AIOT_CORO(reads) { AIOT_BEGIN(); AIOT_READABLE(&io, ends[0]); AIOT_END(); }
struct root { AIOT_FRAME; struct reads frames[2]; aiot_task tasks[2]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_spawn(&self->tasks[0], reads, &self->frames[0]);
    aiot_spawn(&self->tasks[1], reads, &self->frames[1]);
    AIOT_SLEEP(AIOT_MS(1));
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static aiot_poll backend;
    static struct pollfd fds[4];
    static aiot_io *owners[4];
    static struct root frame;
    if (pipe(ends) != 0) return 1;
    aiot_loop_init(&loop);
    aiot_poll_init(&backend, &loop, fds, owners, 4);
    return aiot_run_frame(&loop, root, &frame);
}
