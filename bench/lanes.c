/* lanes.c - the first program of README.md, in virtual time, that prints its own trace for lanes.py.  PROGRAM names its source.
 *     step TIME ERROR LINE ...     a task is stepped: the error its wait ended with, where it waited, from the innermost coroutine out
 *     print TIME TEXT              the program has printed a line
 *     limit TIME                   the deadline of the limit in the outermost frame
 *     end TIME */
struct aiot_task;
static void lane_step(const struct aiot_task *task);
#define AIOT_TRACE(event, task) ((event) == AIOT_TRACE_RESUME ? lane_step(task) : (void)0)
#include "aio_timeout.h"
#include <stdarg.h>
#include <stdio.h>

static aiot_loop *lane_loop;
static int lane_print(const char *format, ...)
{
    va_list arguments;
    printf("print %lld ", (long long)aiot_now(lane_loop));
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    return 0;
}

#define printf lane_print
#define puts(text) lane_print("%s\n", text)
#define aiot_loop_init(loop) (lane_loop = (loop), aiot_loop_init_virtual(loop))
#include PROGRAM
#undef printf

static void lane_step(const struct aiot_task *task)
{
    const struct root *root = (const struct root *)(const void *)aiot_i_root(task);
    printf("step %lld %d", (long long)aiot_now(task->loop), task->entry.code);
    for (unsigned depth = 0; aiot_task_line(task, depth) > 0; depth++) printf(" %u", aiot_task_line(task, depth));
    printf("\nlimit %lld\n", (long long)aiot_timeout_when(&root->limit));
}
