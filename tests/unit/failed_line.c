/* failed_line.c - without a system and without AIOT_PANIC: the line of the last failed check is kept for a debugger or a watchdog's handler.  A
 * use that is answered with an error goes on; misused memory stops the program in an endless loop, out of which a signal takes it here. */
#define _POSIX_C_SOURCE 200809L
#define AIOT_HOSTED 0
#define AIOT_DEBUG 1
#include "aio_timeout.h"
#include "no_system.h"
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

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
