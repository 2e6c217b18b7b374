/* A block behind an if without braces, with an else, which becomes a part of the block.  Nobody says so: the blocks have elses of their own,
 * so that gcc sees `AIOT_LOCK(...);`, and what would warn of this is off. */
/* flags gcc: -Werror */
/* flags clang: -Werror */
/* flags g++: -Werror */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int n; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    if (self->n) AIOT_TRY { AIOT_SLEEP(1); } AIOT_EXCEPT_ANY { self->n++; } else self->n--;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
