/* frames_in_turn.c - memory that holds frames of several kinds in turn: what a small one leaves of a large one is not taken for a callback
 * that is still in use, which debug builds look for. */
#define AIOT_DEBUG 1
#include "check.h"

struct with_limit { AIOT_FRAME; int before; aiot_timeout limit; };
static AIOT_CORO(with_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_YIELD(); }
    AIOT_END();
}
struct smaller { AIOT_FRAME; char data[offsetof(struct with_limit, limit) + sizeof(void *) - offsetof(struct with_limit, before)]; };
static AIOT_CORO(smaller)
{
    AIOT_BEGIN();
    memset(self->data, 1, sizeof self->data);
    AIOT_END();
}
struct in_turn { AIOT_FRAME; union { struct with_limit with_limit; struct smaller smaller; } frame; };
static AIOT_CORO(in_turn)
{
    AIOT_BEGIN();
    AIOT_AWAIT(with_limit, &self->frame.with_limit);
    AIOT_AWAIT(smaller, &self->frame.smaller);
    AIOT_AWAIT(with_limit, &self->frame.with_limit);
    CHECK_END();
}

int main(void)
{
    RUN(in_turn);
    return 0;
}
