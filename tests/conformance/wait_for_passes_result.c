/* wait_for_passes_result.py - wait_for returns the result, or raises the error, of what it waits for; None means no limit. */
#include "vt.h"

struct give {                                   /* async def give(delay, code) */
    AIOT_FRAME;
    int delay, code;
    const char *result;
};

static AIOT_CORO(give)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    if (self->code) AIOT_RAISE(self->code);
    self->result = "value";
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct give give;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_WAIT_FOR(&self->limit, S(2), give, &self->give, .delay = 1, .code = 0);
    log("%s", self->give.result);
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, S(2), give, &self->give, .delay = 1, .code = 7);
    } AIOT_EXCEPT_APP {
        log("%s", desc(aiot_caught(task)));
    }
    AIOT_WAIT_FOR(&self->limit, AIOT_FOREVER, give, &self->give, .delay = 50, .code = 0);
    log("%s", self->give.result);
    AIOT_END();
}

RUN(root)
