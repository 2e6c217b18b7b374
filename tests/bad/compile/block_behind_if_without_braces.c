/* A block behind an if without braces, with an else that would become a part of it: gcc's -Wall warns, clang does not. */
/* flags gcc: -Werror */
/* flags clang: -Werror */
/* flags g++: -Werror */
/* expect gcc: suggest explicit braces to avoid ambiguous .else. */
/* expect g++: suggest explicit braces to avoid ambiguous .else. */
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
