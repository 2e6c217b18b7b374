/* aio_h_after.c - the header after <aio.h> and <pthread.h>, whose names (aio_cancel, AIO_CANCELED, pthread_...) it must not touch. */
#include <aio.h>
#include <pthread.h>
#include "aio_timeout.h"

struct root { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, 1) { AIOT_SLEEP(2); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { AIOT_RETURN(); }
    AIOT_RAISE(1);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    struct aiocb request = { .aio_fildes = 0 };
    (void)&aio_cancel;
    (void)&aio_error;
    aiot_loop_init_virtual(&loop);
    return aiot_run(&loop, root, &frame) + request.aio_fildes + (AIO_CANCELED == AIO_ALLDONE);
}
