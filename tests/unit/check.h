/* check.h - for the unit tests: include it instead of aio_timeout.h.  A check that fails says where, and what was expected, and ends
 * the program with 1.
 *
 *   CHECK(condition)
 *   CHECK_EQUAL(actual, expected)      integers; both are shown
 *   NOT_REACHED()
 *   say("a%d ", 1)                     notes that something happened;
 *   CHECK_SAID("a1 ")                  compares all that was noted since the last time
 *   RUN(fn, ...)                       runs a coroutine as a program, on a loop of its own in virtual time, and expects AIOT_OK, and that
 *                                      it came to its CHECK_END(), which it has instead of AIOT_END(): no check was passed over
 *   RUN_TO(result, fn, ...)            the same, and expects that result
 *
 *   CHECK_COMPLAINED(n)                debug builds have complained so often (AIOT_PANIC) since the last time; RUN expects nothing else */
#ifndef CHECK_H
#define CHECK_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a test needs that AIOT_SMALL 1 on the command line would take away.  The small loop has reports, names and lines in debug builds only. */
#if defined NEEDS_WHEEL && defined AIOT_SMALL
#undef AIOT_SMALL
#endif
#if defined NEEDS_REPORTS && defined AIOT_SMALL && !defined AIOT_DEBUG
#define AIOT_DEBUG 1
#endif

static int complaints;
#ifndef AIOT_PANIC
#define AIOT_PANIC(file, line, name, message) (complaints++, check_note((file), (unsigned)(line), (name), (message)))
#endif

#if defined __GNUC__
#define CHECK_ANY __attribute__((unused))
#define CHECK_PRINTF __attribute__((format(printf, 1, 2), unused))
#else
#define CHECK_ANY
#define CHECK_PRINTF
#endif

static char check_complaint[256];               /* the last one */
static CHECK_ANY void check_note(const char *file, unsigned line, const char *name, const char *message)
{
    snprintf(check_complaint, sizeof check_complaint, "%s:%u: task '%s': %s", file, line, name, message);
    fprintf(stderr, "%s\n", check_complaint);          /* the program may stop here */
}

#include "aio_timeout.h"

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, "expected: " #condition))
static CHECK_ANY void check_failed(const char *file, int line, const char *text)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, text);
    if (complaints) fprintf(stderr, "last complaint: %s\n", check_complaint);
    exit(1);
}

#define CHECK_COMPLAINED(n) (CHECK_EQUAL(complaints, AIOT_DEBUG ? (n) : 0), (void)(complaints = 0))
#define NOT_REACHED() check_failed(__FILE__, __LINE__, "this must not be reached")

#define CHECK_EQUAL(actual, expected) check_equal(__FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))
static CHECK_ANY void check_equal(const char *file, int line, const char *text, int64_t actual, int64_t expected)
{
    char message[400];
    if (actual == expected) return;
    snprintf(message, sizeof message, "%s is %lld, expected: %lld", text, (long long)actual, (long long)expected);
    check_failed(file, line, message);
}

static char check_notes[8192];
static CHECK_PRINTF void say(const char *format, ...)
{
    size_t used = strlen(check_notes);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check_notes + used, sizeof check_notes - used, format, arguments);
    va_end(arguments);
}

#define CHECK_SAID(expected) check_said(__FILE__, __LINE__, expected)
static CHECK_ANY void check_said(const char *file, int line, const char *expected)
{
    char message[2 * sizeof check_notes + 100];
    if (strcmp(check_notes, expected) != 0) {
        snprintf(message, sizeof message, "noted \"%s\", expected: \"%s\"", check_notes, expected);
        check_failed(file, line, message);
    }
    check_notes[0] = '\0';
}

static CHECK_ANY void *check_end;
#define CHECK_END() check_end = self; AIOT_END()

#define RUN(...) RUN_TO(AIOT_OK, __VA_ARGS__)
#define RUN_TO(result, ...) CHECK_RUN(result, __VA_ARGS__, )
#define CHECK_RUN(result, fn, ...) \
    do { \
        static aiot_loop check_loop; \
        static struct fn check_frame; \
        memset(&check_frame, 0xa5, sizeof check_frame);         /* they need not be zeroed */ \
        memset(&check_loop, 0xa5, sizeof check_loop); \
        aiot_loop_init_virtual(&check_loop); \
        check_end = NULL; \
        int check_result = aiot_i_run(&check_loop, fn, &check_frame, __VA_ARGS__);       /* aiot_run() */ \
        if (check_result != (result)) fprintf(stderr, "%s ended with %s: ", #fn, aiot_error_name(check_result)); \
        CHECK_EQUAL(check_result, result); \
        if (check_result == AIOT_OK && check_end != &check_frame) check_failed(__FILE__, __LINE__, #fn " ended before its end"); \
        CHECK_EQUAL(aiot_loop_task_count(&check_loop), 0); \
        CHECK_EQUAL(complaints, 0); \
        check_notes[0] = '\0'; \
    } while (0)

#endif
