/* timer_ties_heap.py - six timers of one instant come out in CPython's heap order; this library promises FIFO, in order of
 * registration (see ties.txt). */
#include "vt.h"

static int log_name(void *name)
{
    log("%c", *(const char *)name);
    return 0;
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    char names[7];
    aiot_handle timers[6];
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    strcpy(self->names, "abcdef");
    for (int i = 0; i < 6; i++) aiot_call_later(task->loop, &self->timers[i], S(1), log_name, &self->names[i]);
    AIOT_SLEEP(S(2));
    AIOT_END();
}

RUN(root)
