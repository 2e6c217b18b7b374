/* timeout_zero.py - timeout(0) and a negative one fire at the first suspension, even sleep(0); without a suspension not at all. */
#include "vt.h"

struct try_one {                                /* async def try_one(delay, what) */
    AIOT_FRAME;
    int delay;
    const char *what;
    aiot_timeout t;
};

static AIOT_CORO(try_one)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_TIMEOUT(&self->t, S(self->delay)) {
            if (strcmp(self->what, "sleep0") == 0) AIOT_SLEEP(0);
            if (strcmp(self->what, "sleep") == 0) AIOT_SLEEP(S(10));
            log("%s: reached the end", self->what);
        }
        log("%s: no timeout, expired %d", self->what, aiot_timeout_expired(&self->t));
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("%s: timed out", self->what);
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    int delay, i;
    struct try_one try_one;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const char *const what[] = { "nothing", "sleep0", "sleep" };
    for (self->delay = 0; self->delay >= -1; self->delay--)
        for (self->i = 0; self->i < 3; self->i++)
            AIOT_AWAIT(try_one, &self->try_one, .delay = self->delay, .what = what[self->i]);
    AIOT_END();
}

RUN(root)
