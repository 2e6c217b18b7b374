/* The same under a limit. */
/* skip clang: it cannot clear padding, which may hold an old pointer to a local */
/* expect debug: literal_under_a_limit.c:[0-9]+: task .root.: an argument points to a C local or a compound literal, which die at the next wait */
/* exit debug: abort */
/* release: undefined (a release build does not note where the stack is) */  /* mistake: an argument that points to a C local or a compound literal */
#include "aio_timeout.h"
struct run { AIOT_FRAME; char **argv; };
static AIOT_CORO(run) { AIOT_BEGIN(); AIOT_SLEEP(1); if (self->argv[1]) AIOT_YIELD(); AIOT_END(); }
struct root { AIOT_FRAME; struct run run; aiot_task task; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_WAIT_FOR(&self->limit, AIOT_S(1), run, &self->run, .argv = (char *[]){ "ls", NULL });
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
