/* A wait inside a switch of one's own: the label would be that switch's, and the resume lost. */
/* expect gcc: overflow in conversion from .long int. to .int. */
/* expect clang: overflow converting case value to switch condition type */
/* expect g++: narrowing conversion|duplicate case value */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int kind; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    switch (self->kind) {
    case 1:
        AIOT_SLEEP(1);
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
