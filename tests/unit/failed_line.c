/* failed_line.c - without a system and without AIOT_PANIC: the line of the last failed check is kept for a debugger or a watchdog's handler.  A
 * use that is answered with an error goes on; misused memory stops the program in an endless loop, out of which a signal takes it here. */
#define _POSIX_C_SOURCE 200809L
#define AIOT_HOSTED 0
#define AIOT_DEBUG 1
#include "aio_timeout.h"
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define CHECK(condition) do { if (!(condition)) { printf("%s:%d: expected: %s\n", __FILE__, __LINE__, #condition); return 1; } } while (0)

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

static sigjmp_buf reset;
static void on_watchdog(int number) { (void)number; siglongjmp(reset, 1); }

int main(void)
{
    static aiot_loop loop;
    static struct joins_itself answered;
    static struct leaves_another_limit frame;
    aiot_loop_init_virtual(&loop);
    CHECK(aiot_failed_line == 0);
    CHECK(aiot_run(&loop, joins_itself, &answered) == AIOT_ERUNTIME);
    CHECK(aiot_failed_line == LINE_OF_THE_JOIN);
    CHECK(signal(SIGALRM, on_watchdog) != SIG_ERR);
    if (sigsetjmp(reset, 1) == 0) {
        (void)alarm(1);
        (void)aiot_run(&loop, leaves_another_limit, &frame);
        printf("it went on\n");
        return 1;
    }
    CHECK(aiot_failed_line == LINE_OF_THE_BLOCK);
    return 0;
}
