/* aiot_trace.h - writes what the tasks of a program do into a file that ui.perfetto.dev and chrome://tracing draw. MIT licence.
 *
 * Copy this file beside aio_timeout.h, and include it in its place, in all files that share a loop.
 *
 * QUICK
 *
 *     #include "aiot_trace.h"
 *
 *     int main(void)
 *     {
 *         aiot_loop_init(&loop);
 *         if (aiot_trace_open("trace.json") != 0) perror("trace.json");
 *         int code = aiot_run(&loop, root, &frame);
 *         aiot_trace_close();
 *     }
 *
 * WHAT IT DRAWS. Each task object has a lane. A task is a bar from its spawn to its end, with its name; inside it, bars for each time that it
 * runs, and for each wait, with the line of its innermost coroutine. Marks show where it is asked to end, and by whom, and where one of its
 * limits ends.
 *
 * CONTENTS
 *     aiot_trace_open(path)     begins; 0, or errno. Call it before the first task is spawned: ends without a begin are not drawn
 *     aiot_trace_close()        ends; 0, or errno if something could not be written. A file that was not closed can be drawn, too
 *
 * TIME is the system's monotonic clock; on a virtual loop, and with AIOT_CLOCK(), the loop's, on which a step takes no time.
 *
 * COST. About half a microsecond an event, and about 100 bytes; a compare an event while no file is open. No allocation but that of stdio.
 * OPTIONS. AIOT_TRACE is defined here. Lines and names need the host's loop, or AIOT_DEBUG. Needs POSIX's clock_gettime().
 * STATE. One file for the process, in a static variable: with many C files, use AIOT_IMPLEMENTATION and AIOT_DECLARE_ONLY. Loops in several
 * threads may write into it at once. */
#ifndef AIOT_TRACE_H
#define AIOT_TRACE_H

#ifdef AIO_TIMEOUT_H
#error "include aiot_trace.h in place of aio_timeout.h, or before it"
#endif
struct aiot_task;
static inline void aiot_trace_event(int event, const struct aiot_task *task);
#define AIOT_TRACE(event, task) aiot_trace_event(event, task)
#include "aio_timeout.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#ifndef CLOCK_MONOTONIC
#error "aiot_trace.h needs POSIX: define _POSIX_C_SOURCE 200809L before the first include, or compile with -std=gnu11"
#endif

#if AIOT_DECLARE_ONLY
extern FILE *aiot_trace_file;
#elif AIOT_IMPLEMENTATION
FILE *aiot_trace_file;
#else
static FILE *aiot_trace_file;
#endif

static inline int aiot_trace_open(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) return errno;
    fputs("[\n", file);
    aiot_trace_file = file;
    return 0;
}

static inline int aiot_trace_close(void)
{
    FILE *file = aiot_trace_file;
    if (file == NULL) return 0;
    aiot_trace_file = NULL;
    fputs("{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":1,\"args\":{\"name\":\"aio_timeout.h\"}}\n]\n", file);
    int had_failed = ferror(file);
    return fclose(file) != 0 ? errno : had_failed ? EIO : 0;
}

/* Text as it stands between quotes in JSON, cut to what fits. */
static inline const char *aiot_trace_text(const char *from, char *to, size_t size)
{
    size_t used = 0;
    for (; *from && used + 3 < size; from++) {
        if (*from == '"' || *from == '\\') to[used++] = '\\';
        to[used++] = (unsigned char)*from < ' ' ? '?' : *from;
    }
    to[used] = '\0';
    return to;
}

static inline double aiot_trace_time_us(const aiot_task *task)
{
    struct timespec now;
#ifdef AIOT_CLOCK
    bool by_loop = true;
#else
    bool by_loop = task->loop->is_virtual;
#endif
    if (by_loop) return (double)aiot_now(task->loop) * 1e6 / (double)AIOT_TICKS_PER_S;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* One record. name: NULL for the end of a bar. more: further fields, or "". */
static inline void aiot_trace_record(char phase, const aiot_task *task, double at_us, const char *name, const char *more)
{
    unsigned lane = (unsigned)((uintptr_t)task / sizeof *task) & 0x7fffffff;  /* tasks do not overlap */
    fprintf(aiot_trace_file, "{\"ph\":\"%c\",\"pid\":1,\"tid\":%u,\"ts\":%.3f%s%s%s%s},\n",
            phase, lane, at_us, name ? ",\"name\":\"" : "", name ? name : "", name ? "\"" : "", more);
}
/* What the task has done ends, and what it does now begins. */
static inline void aiot_trace_turn(const aiot_task *task, double at_us, const char *does)
{
    aiot_trace_record('E', task, at_us, NULL, "");
    aiot_trace_record('B', task, at_us, does, "");
}
static inline void aiot_trace_cancel(const aiot_task *task, double at_us)
{
    char message[100], more[200];
    aiot_canceller by = aiot_cancel_reason(task);
    aiot_trace_text(by.message ? by.message : "", message, sizeof message);
    snprintf(more, sizeof more, ",\"s\":\"t\",\"args\":{\"by\":\"%s\",\"message\":\"%s\"}", aiot_canceller_text(by.kind), message);
    aiot_trace_record('i', task, at_us, "cancel", more);
}

/* From a task's spawn to its end two bars are open: the task's, and what it does. */
static inline void aiot_trace_event(int event, const struct aiot_task *task)
{
    char name[100], text[200];
    if (aiot_trace_file == NULL) return;
    double now_us = aiot_trace_time_us(task);
    int code = task->awaitable.entry.code;
    switch (event) {
    case AIOT_TRACE_SPAWN:
        aiot_trace_text(aiot_task_name(task), name, sizeof name);
        snprintf(text, sizeof text, ",\"args\":{\"name\":\"%s\"}", name);
        aiot_trace_record('M', task, now_us, "thread_name", text);
        aiot_trace_record('B', task, now_us, name, "");
        aiot_trace_record('B', task, now_us, "has not begun", "");
        break;
    case AIOT_TRACE_RESUME: aiot_trace_turn(task, now_us, "runs"); break;
    case AIOT_TRACE_SUSPEND:
        snprintf(text, sizeof text, "%s, line %u", aiot_task_doing(task), aiot_task_line(task, 0));
        aiot_trace_turn(task, now_us, text);
        break;
    case AIOT_TRACE_CANCEL: aiot_trace_cancel(task, now_us); break;
    case AIOT_TRACE_STRIKE: aiot_trace_record('i', task, now_us, "a limit ends", ",\"s\":\"t\""); break;
    default:  /* AIOT_TRACE_END */
        snprintf(text, sizeof text, ",\"args\":{\"result\":\"%s (%d)\"}", aiot_strerror(code), code);
        aiot_trace_record('E', task, now_us, NULL, "");
        aiot_trace_record('E', task, now_us, NULL, text);
    }
}
#endif
