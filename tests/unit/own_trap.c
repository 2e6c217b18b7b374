/* own_trap.c - AIOT_TRAP alone, on a machine without a system, in a debug build: what finds memory misused ends with it, too, and the line
 * is where a watchdog's handler looks for it.  Without check.h, which needs a system. */
#include <setjmp.h>
#include <stdio.h>

static jmp_buf reset;
#define AIOT_TRAP() longjmp(reset, 1)
#define AIOT_HOSTED 0
#define AIOT_DEBUG 1
#include "aio_timeout.h"

#define CHECK(condition) do { if (!(condition)) { printf("%s:%d: expected: %s\n", __FILE__, __LINE__, #condition); return 1; } } while (0)

struct leaves_another_limit { AIOT_FRAME; aiot_timeout limits[2]; int i; };
static AIOT_CORO(leaves_another_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limits[self->i], AIOT_S(1)) { self->i = 1; }
    AIOT_END();
}
enum { LINE_OF_THE_BLOCK = __LINE__ - 3 };

int main(void)
{
    static aiot_loop loop;
    static struct leaves_another_limit frame;
    aiot_loop_init_virtual(&loop);
    if (setjmp(reset) == 0) {
        (void)aiot_run(&loop, leaves_another_limit, &frame);
        printf("the trap was passed\n");
        return 1;
    }
    CHECK(aiot_failed_line == LINE_OF_THE_BLOCK);
    return 0;
}
