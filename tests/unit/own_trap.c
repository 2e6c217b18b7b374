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

struct joins_nothing { AIOT_FRAME; aiot_task *nobody; };
static AIOT_CORO(joins_nothing) { AIOT_BEGIN(); AIOT_JOIN(self->nobody); AIOT_END(); }
enum { LINE_OF_THE_JOIN = __LINE__ - 1 };

int main(void)
{
    static aiot_loop loop;
    static struct joins_nothing frame;
    aiot_loop_init_virtual(&loop);
    if (setjmp(reset) == 0) {
        (void)aiot_run(&loop, joins_nothing, &frame);
        printf("the trap was passed\n");
        return 1;
    }
    CHECK(aiot_failed_line == LINE_OF_THE_JOIN);
    return 0;
}
