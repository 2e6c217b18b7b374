/* own_panic.c - AIOT_PANIC on a machine without a system: told of a use that is answered with an error, which goes on, and of misused memory,
 * where nothing goes on behind it. */
#include <setjmp.h>
#include <string.h>

static jmp_buf reset;
static unsigned told, last_line;
static int panic(unsigned line, const char *message)
{
    told++;
    last_line = line;
    if (strstr(message, "leaves another limit")) longjmp(reset, 1);
    return 0;
}
#define AIOT_PANIC(file, line, task_name, message) panic(line, message)
#define AIOT_HOSTED 0
#define AIOT_DEBUG 1
#include "aio_timeout.h"
#include "no_system.h"

int main(void)
{
    static aiot_loop loop;
    static struct joins_itself answered;
    static struct leaves_another_limit frame;
    aiot_loop_init_virtual(&loop);
    CHECK(aiot_run(&loop, joins_itself, &answered) == AIOT_ERUNTIME);
    CHECK(told == 1 && last_line == LINE_OF_THE_JOIN);
    if (setjmp(reset) == 0) {
        (void)aiot_run(&loop, leaves_another_limit, &frame);
        printf("it went on behind AIOT_PANIC()\n");
        return 1;
    }
    CHECK(told == 2 && last_line == LINE_OF_THE_BLOCK);
    return 0;
}
