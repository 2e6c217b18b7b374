/* An EXCEPT part behind the FINALLY part. */
/* expect any: expected expression|.else. without a previous .if. */
/* expect g++: .else. without a previous .if. */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int n; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(1); } AIOT_FINALLY { self->n++; } AIOT_EXCEPT_ANY { self->n++; }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
