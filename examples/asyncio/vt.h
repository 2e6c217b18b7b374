/* vt.h - virtual time for the twins of asyncio programs: what vt.py is on the Python side.
 *
 *   log(format, ...)          prints "[t=SECONDS.mmm] text" in virtual time
 *   busy(seconds)             moves the clock, as a computation of that length would
 *   desc(error)               an error's class name; AppError(code); CancelledError(message); Group[a, b]
 *   outcome(x, format, ...)   where a task or future stands: pending, cancelled, raised X, or result and its text
 *   S(seconds)                seconds, with a fraction, as aiot_time
 *   clock_at(seconds)         that time of the loop, for call_at() and timeout_at()
 *   now()                     the loop's time in seconds
 *   seconds(when)             any other
 *   RUN(root)                 main(): runs that coroutine as asyncio.run() does, and logs how it ended if not normally */
#ifndef VT_H
#define VT_H

#include "aio_timeout.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static aiot_loop vt_loop;                       /* loop() */
static void (*vt_on_error)(aiot_error error);   /* loop().on_error = ... */

#define log(...) vt_log(__VA_ARGS__)
#ifndef VT_START
#define VT_START 0                              /* where the clock begins: near the end of its range, to see it wrap */
#endif
#define S(seconds) ((aiot_time)((seconds) * (double)AIOT_TICKS_PER_S + ((seconds) < 0 ? -0.5 : 0.5)))

#if defined __GNUC__
#define VT_PRINTF(at, first) __attribute__((format(printf, at, first), unused))
#define VT_UNUSED __attribute__((unused))
#else
#define VT_PRINTF(at, first)
#define VT_UNUSED
#endif

static VT_UNUSED double seconds(aiot_time when) { return (double)aiot_time_after(when, -(VT_START)) / (double)AIOT_TICKS_PER_S; }
static VT_UNUSED aiot_time clock_at(double when) { return aiot_time_after(S(when), VT_START); }
static VT_UNUSED double now(void) { return seconds(aiot_now(&vt_loop)); }
static VT_UNUSED void busy(double seconds) { aiot_clock_advance(&vt_loop, S(seconds)); }

static VT_PRINTF(1, 2) void vt_log(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("[t=%.3f] ", now());
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

/* One of a few buffers in turn, so that one log line can describe several things. */
static char *vt_text(void)
{
    static char texts[8][256];
    static unsigned next;
    return texts[next++ % 8];
}

static void vt_desc_group(char *text, const aiot_group *group);

static VT_UNUSED const char *desc(aiot_error error)
{
    char *text = vt_text();
    if (error.code == AIOT_OK) return "none";
    if (error.code > 0) snprintf(text, 256, "AppError(%d)", error.code);
    else if (error.code == AIOT_ECANCELED && error.info) snprintf(text, 256, "CancelledError(%s)", (const char *)error.info);
    else if (error.code == AIOT_EGROUP) vt_desc_group(text, (const aiot_group *)error.info);
    else snprintf(text, 256, "%s", aiot_error_name(error.code));
    return text;
}

static VT_UNUSED void vt_desc_group(char *text, const aiot_group *group)
{
    int length = snprintf(text, 256, "Group[");
    for (unsigned i = 0; i < aiot_group_error_count(group); i++)
        length += snprintf(text + length, (size_t)(256 - length), "%s%.100s", i ? ", " : "", desc(aiot_group_error(group, i)));
    snprintf(text + length, (size_t)(256 - length), "]");
}

#define outcome(x, ...) vt_outcome(&(x)->awaitable, __VA_ARGS__)
static VT_PRINTF(2, 3) const char *vt_outcome(aiot_awaitable *a, const char *format, ...)
{
    char *text = vt_text();
    aiot_error error = aiot_i_error_of(a);
    if (error.code == AIOT_ESTATE && !aiot_i_done(a)) return "pending";
    if (aiot_i_cancelled(a)) return "cancelled";
    if (error.code != AIOT_OK) {
        snprintf(text, 256, "raised %s", desc(error));
    } else {
        va_list arguments;
        int length = snprintf(text, 256, "result ");
        va_start(arguments, format);
        vsnprintf(text + length, (size_t)(256 - length), format, arguments);
        va_end(arguments);
    }
    return text;
}

static void vt_report(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    bool vt_reports_it = report->reason != AIOT_REPORT_LEFT_OVER && report->reason != AIOT_REPORT_UNCOLLECTED;      /* vt.py does not */
    if (vt_on_error && vt_reports_it) vt_on_error(report->error);
}

static int vt_run_until_end(aiot_task *main_task)
{
    int code = aiot_run_until(&vt_loop, main_task);
    bool stuck = !aiot_done(main_task);
    if (!stuck && code != AIOT_OK) log("main raised %s", desc(aiot_error_of(main_task)));
    if (!stuck) stuck = aiot_cancel_all(&vt_loop) == AIOT_EDEADLK;
    if (stuck) log("deadlock: %u task(s) wait forever", (unsigned)aiot_loop_task_count(&vt_loop));
    return 0;
}

#if AIOT_SMALL && !AIOT_DEBUG                    /* this loop reports no errors */
#define VT_LISTEN() ((void)vt_report)
#else
#define VT_LISTEN() (vt_loop.on_error = vt_report)
#endif

#define RUN(root) \
    int main(void) \
    { \
        static struct root frame; \
        static aiot_task main_task; \
        aiot_loop_init_virtual(&vt_loop); \
        vt_loop.now += VT_START; \
        VT_LISTEN(); \
        if (aiot_spawn_on(&vt_loop, &main_task, root, &frame) != AIOT_OK) return 1; \
        return vt_run_until_end(&main_task); \
    }
#endif
