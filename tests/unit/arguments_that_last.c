/* What an argument points to lives as long as its coroutine: static, or in the frame of the one who starts it.  Debug builds look for
 * pointers to C locals, and find none here. */
#define AIOT_DEBUG 1
#include "check.h"

struct run { AIOT_FRAME; const char *const *argv; const int *most; int count; };
static AIOT_CORO(run)
{
    AIOT_BEGIN();
    for (; self->argv[self->count] && self->count < *self->most; self->count++) AIOT_YIELD();
    AIOT_END();
}

struct root { AIOT_FRAME; const char *argv[3]; int most; struct run one, two, three; aiot_task task; aiot_timeout limit; };
static AIOT_CORO(root)
{
    static const char *const all[] = { "ls", "-l", NULL };
    AIOT_BEGIN();
    self->most = 9;
    AIOT_AWAIT(run, &self->one, .argv = all, .most = &self->most);
    CHECK(self->one.count == 2);
    self->argv[0] = "ls";
    AIOT_SPAWN(&self->task, run, &self->two, .argv = self->argv, .most = &self->most);
    AIOT_JOIN(&self->task);
    CHECK(self->two.count == 1);
    AIOT_WAIT_FOR(&self->limit, AIOT_S(1), run, &self->three, .argv = (self->argv[1] = "-a", self->argv), .most = &self->most);
    CHECK(self->three.count == 2);
    CHECK_END();
}

int main(void)
{
    RUN(root);
    return 0;
}
