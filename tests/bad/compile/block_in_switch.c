/* So does a block without a wait in it: it has a label, too. */
/* expect gcc: overflow in conversion from .long int. to .int. */
/* expect clang: overflow converting case value to switch condition type */
/* expect g++: narrowing conversion|duplicate case value */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int kind; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    switch (self->kind) {
    case 9:
        AIOT_TRY { self->kind = 2; } AIOT_EXCEPT_ANY { }
        break;
    default:
        break;
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
