/* own_assert.c - AIOT_ASSERT: a program's own way to fail, in the place of the header's.  Without check.h, which has one, too. */
#include <stdio.h>
#include <string.h>

static int failures;
static const char *last_failure = "";
static int fail(const char *what) { failures++; last_failure = what; return 0; }
#define AIOT_ASSERT(c) ((void)((c) || fail(#c)))
#define AIOT_DEBUG 1
#include "aio_timeout.h"

#define CHECK(condition) do { if (!(condition)) { printf("%s:%d: expected: %s\n", __FILE__, __LINE__, #condition); return 1; } } while (0)

struct job { AIOT_FRAME; };
static AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(1));
    AIOT_END();
}

/* The text is in what is asserted, also where the check is in a function. */
struct awaits_what_runs { AIOT_FRAME; struct job *busy; };
static AIOT_CORO(awaits_what_runs)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_AWAIT(job, self->busy); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct awaits_what_runs other;
    static aiot_task second;
    static struct job one;
    static aiot_task task;
    aiot_loop_init_virtual(&loop);
    CHECK(aiot_spawn_on(&loop, &task, job, &one) == 0);
    CHECK(failures == 0);
    CHECK(aiot_spawn_on(&loop, &task, job, &one) == AIOT_ERUNTIME);             /* still answered with an error */
    CHECK(failures == 1);
    CHECK(strstr(last_failure, "this task has not ended") != NULL);
    CHECK(aiot_spawn_on(&loop, &second, awaits_what_runs, &other, .busy = &one) == 0);
    (void)aiot_run_once(&loop);
    CHECK(failures == 2);
    CHECK(strstr(last_failure, "this frame is in use") != NULL);
    one.AIOT_FRAME_comes_first_in_the_struct.head.at = 99;                                              /* overwritten while it waits */
    CHECK(aiot_run_until(&loop, &task) == AIOT_OK);
    CHECK(failures > 2);
    CHECK(strstr(last_failure, "a frame is corrupted") != NULL);
    return 0;
}
