/* A coroutine may have the name of a function that libc declares: its body is called aiot_coro_link(), not link(). */
#include <string.h>
#include <time.h>
#include <unistd.h>
#define NEEDS_REPORTS
#include "check.h"

struct link { AIOT_FRAME; int up; };
static AIOT_CORO(link)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(1));
    self->up = 1;
    AIOT_END();
}

struct write { AIOT_FRAME; const char *text; size_t length; };
static AIOT_CORO_DECLARE(write);

struct time { AIOT_FRAME; struct link link; struct write write; aiot_task task; };
static AIOT_CORO(time)
{
    AIOT_BEGIN();
    AIOT_AWAIT(link, &self->link);
    CHECK(self->link.up == 1);
    CHECK(aiot_spawn(&self->task, write, &self->write, .text = "abc") == 0);
    CHECK(strcmp(aiot_task_name(&self->task), "write") == 0);
    AIOT_JOIN(&self->task);
    CHECK(self->write.length == 3);
    CHECK(write(-1, "", 0) == -1);              /* libc's, still */
    CHECK_END();
}

static AIOT_CORO(write)
{
    AIOT_BEGIN();
    AIOT_YIELD();
    self->length = strlen(self->text);
    AIOT_END();
}

int main(void)
{
    RUN(time);
    return 0;
}
