#define WORKER
#include "worker.h"

AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->n);
    self->result = self->n * 2;
    AIOT_END();
}

/* A coroutine of the same name as one in main.c. */
struct helper { AIOT_FRAME; int ran; };
static AIOT_CORO(helper) { AIOT_BEGIN(); AIOT_YIELD(); self->ran = 1; AIOT_END(); }
int helper_runs(aiot_loop *loop) { static struct helper frame; return aiot_run(loop, helper, &frame) == AIOT_OK && frame.ran == 1; }
