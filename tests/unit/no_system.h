/* no_system.h - for tests of AIOT_HOSTED 0, after aio_timeout.h; check.h needs a system. */
#include <stdio.h>
#define CHECK(condition) do { if (!(condition)) { printf("%s:%d: expected: %s\n", __FILE__, __LINE__, #condition); return 1; } } while (0)

/* A misuse that is answered with an error, and one that stops the program. */
struct joins_itself { AIOT_FRAME; };
static AIOT_CORO(joins_itself)
{
    AIOT_BEGIN();
    AIOT_JOIN(task);
    AIOT_END();
}
enum { LINE_OF_THE_JOIN = __LINE__ - 3 };

struct leaves_another_limit { AIOT_FRAME; aiot_timeout limits[2]; int i; };
static AIOT_CORO(leaves_another_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limits[self->i], AIOT_S(1)) { self->i = 1; }
    AIOT_END();
}
enum { LINE_OF_THE_BLOCK = __LINE__ - 3 };
