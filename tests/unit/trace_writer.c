/* trace_writer.c - examples/debug/aiot_trace.h writes JSON whose bars begin and end in pairs; on a virtual clock always the same. */
#if defined __unix__ || defined __APPLE__
#define _POSIX_C_SOURCE 200809L
#if defined AIOT_SMALL && !defined AIOT_DEBUG
#define AIOT_DEBUG 1
#endif
#include "examples/debug/aiot_trace.h"
#include "check.h"

#line 101
struct fetch { AIOT_FRAME; aiot_time delay; };
static AIOT_CORO(fetch)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(self->delay); } AIOT_FINALLY { AIOT_SLEEP(AIOT_MS(2)); }
    AIOT_END();
}
struct program { AIOT_FRAME; struct fetch a, b, c; aiot_task t, u; aiot_timeout limit; };
static AIOT_CORO(program)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, fetch, &self->b, .delay = AIOT_S(1));
    AIOT_TIMEOUT(&self->limit, AIOT_MS(20)) { AIOT_AWAIT(fetch, &self->a, .delay = AIOT_S(3)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    aiot_cancel_msg(&self->t, "say \"no\"");
    AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    AIOT_SPAWN(&self->u, fetch, &self->c);
    aiot_cancel(&self->u);                              /* before its first step */
    CHECK_END();
}

static char path[] = "/tmp/aiot_trace_XXXXXX";

/* Each record of the file as "lane time phase name-and-arguments", lanes as A, B, ... in order of appearance. */
static void read_back(char *text, size_t size)
{
    char line[400];
    unsigned lanes[26], known = 0, lane, i;
    size_t used = 0;
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    CHECK(fgets(line, sizeof line, file) != NULL && strcmp(line, "[\n") == 0);
    text[0] = '\0';
    while (fgets(line, sizeof line, file) != NULL && strstr(line, "process_name") == NULL) {
        char *at = line + strlen("{\"ph\":\"");
        char phase = *at;
        at += strlen("E\",\"pid\":1,\"tid\":");
        lane = (unsigned)strtoul(at, &at, 10);
        double at_us = strtod(at + strlen(",\"ts\":"), &at);
        CHECK(*at == ',' || *at == '}');
        at[strcspn(at, "\n")] = '\0';
        for (i = 0; i < known && lanes[i] != lane; i++) { }
        if (i == known) lanes[known++] = lane;
        used += (size_t)snprintf(text + used, size - used, "%c %g %c%s\n", 'A' + i, at_us / 1000, phase, at);
    }
    CHECK(fgets(line, sizeof line, file) != NULL && strcmp(line, "]\n") == 0);
    fclose(file);
}

static const char expected[] =
    "A 0 M,\"name\":\"thread_name\",\"args\":{\"name\":\"program\"}},\n"
    "A 0 B,\"name\":\"program\"},\n"
    "A 0 B,\"name\":\"has not begun\"},\n"
    "A 0 E},\n"
    "A 0 B,\"name\":\"runs\"},\n"
    "B 0 M,\"name\":\"thread_name\",\"args\":{\"name\":\"fetch\"}},\n"
    "B 0 B,\"name\":\"fetch\"},\n"
    "B 0 B,\"name\":\"has not begun\"},\n"
    "A 0 E},\n"
    "A 0 B,\"name\":\"sleeps, line 105\"},\n"
    "B 0 E},\n"
    "B 0 B,\"name\":\"runs\"},\n"
    "B 0 E},\n"
    "B 0 B,\"name\":\"sleeps, line 105\"},\n"
    "A 20 i,\"name\":\"a limit ends\",\"s\":\"t\"},\n"
    "A 20 i,\"name\":\"cancel\",\"s\":\"t\",\"args\":{\"by\":\"a limit\",\"message\":\"\"}},\n"
    "A 20 E},\n"
    "A 20 B,\"name\":\"runs\"},\n"
    "A 20 E},\n"
    "A 20 B,\"name\":\"sleeps, line 105\"},\n"
    "A 22 E},\n"
    "A 22 B,\"name\":\"runs\"},\n"
    "B 22 i,\"name\":\"cancel\",\"s\":\"t\",\"args\":{\"by\":\"a cancel\",\"message\":\"say \\\"no\\\"\"}},\n"
    "A 22 E},\n"
    "A 22 B,\"name\":\"waits for, line 115\"},\n"
    "B 22 E},\n"
    "B 22 B,\"name\":\"runs\"},\n"
    "B 22 E},\n"
    "B 22 B,\"name\":\"sleeps, line 105\"},\n"
    "B 24 E},\n"
    "B 24 B,\"name\":\"runs\"},\n"
    "B 24 E},\n"
    "B 24 E,\"args\":{\"result\":\"cancelled (-1)\"}},\n"
    "A 24 E},\n"
    "A 24 B,\"name\":\"runs\"},\n"
    "C 24 M,\"name\":\"thread_name\",\"args\":{\"name\":\"fetch\"}},\n"
    "C 24 B,\"name\":\"fetch\"},\n"
    "C 24 B,\"name\":\"has not begun\"},\n"
    "C 24 i,\"name\":\"cancel\",\"s\":\"t\",\"args\":{\"by\":\"a cancel\",\"message\":\"\"}},\n"
    "A 24 E},\n"
    "A 24 E,\"args\":{\"result\":\"success (0)\"}},\n"
    "C 24 E},\n"
    "C 24 E,\"args\":{\"result\":\"cancelled (-1)\"}},\n";

int main(void)
{
    static char text[8000];
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_EQUAL(aiot_trace_open("/no/such/directory/x"), ENOENT);
    CHECK_EQUAL(aiot_trace_open(path), 0);
    RUN(program);
    CHECK_EQUAL(aiot_trace_close(), 0);
    RUN(program);                                       /* nothing is written any more */
    CHECK_EQUAL(aiot_trace_close(), 0);
    read_back(text, sizeof text);
    if (strcmp(text, expected) != 0) {
        fputs(text, stderr);
        check_failed(__FILE__, __LINE__, "expected another trace");
    }
    remove(path);
    if (aiot_trace_open("/dev/full") == 0) {            /* Linux has it: no room is left */
        RUN(program);
        CHECK_EQUAL(aiot_trace_close(), ENOSPC);
    }
    return 0;
}
#else
int main(void) { return 0; }
#endif
