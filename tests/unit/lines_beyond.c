/* lines_beyond.c - source lines that a frame cannot keep: aiot_task_line() says 0, and so does a report; never another line. */
#define NEEDS_REPORTS
#include "check.h"

struct waits { AIOT_FRAME; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
#line 65535
    AIOT_YIELD();
#line 65536
    AIOT_YIELD();
#line 100003
    AIOT_SLEEP(1);
    AIOT_RAISE(1);
    AIOT_END();
}

static unsigned reported = 1;
static void on_error(aiot_loop *loop, const aiot_report *report) { (void)loop; reported = report->line; }

struct root { AIOT_FRAME; struct waits frame; aiot_task task; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    task->loop->on_error = on_error;
    AIOT_SPAWN(&self->task, waits, &self->frame);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_task_line(&self->task, 0), 65535);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_task_line(&self->task, 0), 0);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_task_line(&self->task, 0), 0);
    AIOT_SLEEP(2);
    CHECK_EQUAL(aiot_task_line(&self->task, 0), 0);
    CHECK_END();
}

int main(void)
{
    RUN(root);
    CHECK_EQUAL(reported, 0);
    return 0;
}
