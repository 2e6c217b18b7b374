/* reports_printed.c - what debug builds print of errors that nobody takes, and of the tasks of a loop. */
#include "stderr_text.h"
#define AIOT_DEBUG 1
#include "check.h"
#include "job.h"

static aiot_loop loop;

/* What a program prints on stderr. */
static char text[2000];
static void (*program)(void);
static void run(void *unused)
{
    (void)unused;
    aiot_loop_init_virtual(&loop);
    program();
}
static void run_silently(void (*which)(void))
{
    program = which;
    stderr_text(run, NULL, text, sizeof text);
}
static void check_printed(const char *words) { if (strstr(text, words) == NULL) fprintf(stderr, "%s", text), check_failed(__FILE__, __LINE__, words); }

struct stops { AIOT_FRAME; struct job job; aiot_task t; aiot_timeout limit; };
static AIOT_CORO(stops)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 9, .cleanup = 9);
    AIOT_YIELD();
    AIOT_TRY { AIOT_STOP(&self->limit, 3, &self->t); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_END();
}
static void still_runs(void) { static struct stops frame; (void)aiot_run(&loop, stops, &frame); }

struct cancels { AIOT_FRAME; struct job job; aiot_task t; };
static AIOT_CORO(cancels)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, job, &self->job, .delay = 9, .late_error = 7);
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_SLEEP(1);
    AIOT_END();
}
static void cancelled(void) { static struct cancels frame; (void)aiot_run(&loop, cancels, &frame); }

/* Two fail; somebody asks for the error of the last one. */
static void two_errors(bool asks)
{
    static struct job frames[2];
    static aiot_task tasks[2];
    memset(tasks, 0, sizeof tasks);             /* the errors of the program before are told */
    for (int i = 0; i < 2; i++) CHECK_EQUAL(aiot_spawn_on(&loop, &tasks[i], job, &frames[i], .delay = 1 + i, .error = 5), 0);
    while (!aiot_task_idle(&tasks[1])) {
        aiot_clock_advance(&loop, 1);
        (void)aiot_i_run_turns(&loop, NULL);
    }
    if (asks) CHECK_EQUAL(aiot_result(&tasks[1]), 5);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
}
static void both_errors(void) { two_errors(false); }
static void one_error(void) { two_errors(true); }

static void what_runs(void)
{
    static struct job frame;
    static aiot_task t;
    CHECK_EQUAL(aiot_spawn_on(&loop, &t, job, &frame, .delay = 9), 0);
    aiot_dump(&loop);
    (void)aiot_run_once(&loop);
    aiot_dump(&loop);
}

int main(void)
{
    run_silently(still_runs);
    check_printed("a task still runs after the grace of a stop: task 'job' waits in line ");
    run_silently(cancelled);
    check_printed("a task failed and nobody asked how it ended: task 'job', line ");
    check_printed("(7), cancelled by a cancel\n");
    run_silently(both_errors);
    check_printed("2 times, a task failed and nobody asked how it ended; the last: task 'job', line ");
    run_silently(one_error);
    CHECK(strcmp(text, "a task failed and nobody asked how it ended\n") == 0);
    run_silently(what_runs);
    CHECK(strstr(text, "task 'job': has not begun\n") == text);        /* it has no line yet */
    check_printed("task 'job', line ");
    check_printed(": sleeps, ");
    return 0;
}
