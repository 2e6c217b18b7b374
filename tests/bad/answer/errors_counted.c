/* Of several errors that nobody asks for the last one is told, and how many there were. */
/* expect debug: ^2 times, a task failed and nobody asked how it ended; the last: task .job., line 7: an error of the application .4.$ */
/* exit debug: 0 */
/* release: harmless */  /* mistake: a task that fails, and nobody asks how it ended */
#include "aio_timeout.h"
struct job { AIOT_FRAME; int error; };
static AIOT_CORO(job) { AIOT_BEGIN(); AIOT_RAISE(self->error); AIOT_END(); }
struct root { AIOT_FRAME; struct job jobs[2]; aiot_task t[2]; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < 2; i++) aiot_spawn(&self->t[i], job, &self->jobs[i], .error = 3 + i);
    AIOT_YIELD();
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
