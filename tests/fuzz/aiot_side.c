/* aiot_side.c - runs programs of the tiny language of asyncio_side.py with aio_timeout.h, and compares the traces.
 *
 *     aiot_side CORPUS [MESSAGES]          runs each program of a corpus and compares; prints the first that differs, with both traces
 *     aiot_side --print PROGRAM            prints the trace of one program
 * Its last line is "N passed, N failed, ...". Skipped, and counted, are programs on which Python runs out of recursion; those that stop
 * the loop in the very step in which main ends, which stops asyncio's clean-up, too, and not the header's; those in which a set has a task
 * and asyncio's shield of the same task when it is done; and, in a build that reports nothing to loop.on_error, those that expect a
 * report. Those that differ only in which waiter gets the message of a cancelled task are no failure, if they are MESSAGES at most:
 * asyncio gives it to the first that looks, the header to the first in the task's queue, because a task's memory may be gone when the
 * others look. */
#ifdef OWN_CLOCK                                /* of 32 bits, and known to the loop, which skips turns then */
#include <stdint.h>
static int32_t time_now;
#define AIOT_CLOCK(loop)       time_now
#define AIOT_IDLE(loop, until) (time_now = (until))
#endif
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a debug build says when a program enters a limit twice, or a task stops itself, is left out. */
static int complains(const char *file, unsigned line, const char *message)
{
    return strstr(message, "limit") || strstr(message, "stops itself") ? 0 : fprintf(stderr, "%s:%u: %s\n", file, line, message);
}
#define AIOT_PANIC(file, line, task_name, message) ((void)(task_name), complains(file, (unsigned)(line), message))
#include "aio_timeout.h"

enum { OPS = 512, TASKS = 8, MEMBERS = 4, FRAMES = 512, HANDLES = 256 };

struct block { int first, count; };             /* indices into order[] */
struct op { int name; const char *text; int a, b, c, ks[MEMBERS], n, again[3]; struct block blocks[5]; };

static struct op ops[OPS];
static int order[OPS * 2], op_count, order_count;
static struct block bodies[TASKS];
static int task_total;

/* The program's text. */
static const char *cursor;
static char *word(void)
{
    static char text[32];
    int n = 0;
    while (*cursor == ' ' || *cursor == '\n') cursor++;
    while (*cursor && *cursor != ' ' && *cursor != '\n' && n < 31) text[n++] = *cursor++;
    text[n] = 0;
    return text;
}
static int number(void) { return atoi(word()); }

static void expect(const char *what)
{
    if (strcmp(word(), what) != 0) { fprintf(stderr, "program: expected %s before %.20s\n", what, cursor); exit(2); }
}

/* The ops, and what each takes: a, b, c: a number; k: a count and as many numbers; {: a block; r: the three numbers of a try. Most are
 * named by one character. */
enum { TRY = 128, UNTIL, WHEN, AGAIN, TIMES, BREAK, CONTINUE, GRAB, DROP, HOLD, NONE, ERROR, VALUE, UNCANCEL, CALL_AT, SOON, HANDLE,
       SET, FIRE, FREE, PERMIT, FEED, FILL, DRAIN, PAST, SPAWNS, ON, TRIPS, MEET, ABORT, RESET, STATE,
       FIRM, SHIELDED, FIRMLY, LEFT, STOP, STOPS, RACE, CANCELS, CUTS };
static const struct { const char *text; int name; const char *takes; } words[] = {
    { "y!", TRY, "r{{{{{" }, { "until", UNTIL, "a{" }, { "when", WHEN, "" }, { "again", AGAIN, "a" }, { "times", TIMES, "a{" },
    { "break", BREAK, "" }, { "continue", CONTINUE, "" }, { "grab", GRAB, "a" }, { "drop", DROP, "a" }, { "hold", HOLD, "ab{" },
    { "none", NONE, "a" }, { "error", ERROR, "a" }, { "value", VALUE, "a" }, { "uncancel", UNCANCEL, "a" },
    { "call_at", CALL_AT, "abc" }, { "soon", SOON, "ab" }, { "handle", HANDLE, "a" },
    { "set", SET, "abc" }, { "fire", FIRE, "ab" }, { "free", FREE, "ab" }, { "permit", PERMIT, "ab" }, { "feed", FEED, "abc" },
    { "fill", FILL, "ab" }, { "drain", DRAIN, "a" }, { "past", PAST, "a" },
    { "spawns", SPAWNS, "ab" }, { "on", ON, "ab" }, { "trips", TRIPS, "ab" },
    { "meet", MEET, "ab" }, { "abort", ABORT, "a" }, { "reset", RESET, "a" }, { "state", STATE, "" },
    { "firm", FIRM, "a{" }, { "shielded", SHIELDED, "a{" }, { "firmly", FIRMLY, "a" }, { "left", LEFT, "a" },
    { "stop", STOP, "ab" }, { "stops", STOPS, "ak" }, { "race", RACE, "k" }, { "cancels", CANCELS, "abc" }, { "cuts", CUTS, "ab" },
};
static const struct { const char *texts, *takes; } characters[] = {
    { "yuqxo-+/&?^", "" }, { "sbprjhfCzOEVXQJMY3=ldn0*()[]:", "a" }, { "cwHFeLDaNBPUIZ25679_m;~@%<>", "ab" }, { "8k4", "abc" },
    { "i", "ak" }, { "g", "bk" }, { "$1WG", "abk" }, { "R", "{" }, { "vtASK", "a{" }, { "T", "ab{" },
};

static struct block parse_block(void);
static void parse_op(const char *name)
{
    const char *takes = NULL;
    struct op *op = &ops[op_count++];
    memset(op, 0, sizeof *op);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].text, name) == 0) { op->name = words[i].name; op->text = words[i].text; takes = words[i].takes; }
    for (size_t i = 0; i < sizeof characters / sizeof characters[0] && name[1] == 0; i++) {
        const char *at = strchr(characters[i].texts, name[0]);
        static char texts[128][2];
        if (at) { op->name = *at; texts[(int)*at][0] = *at; op->text = texts[(int)*at]; takes = characters[i].takes; }
    }
    if (!takes) { fprintf(stderr, "program: unknown op %s\n", name); exit(2); }
    for (int blocks = 0; *takes; takes++) {
        switch (*takes) {
        case 'a': op->a = number(); break;
        case 'b': op->b = number(); break;
        case 'c': op->c = number(); break;
        case 'r': for (int i = 0; i < 3; i++) op->again[i] = number(); break;
        case 'k': op->n = number(); for (int i = 0; i < op->n; i++) op->ks[i] = number(); break;
        default: op->blocks[blocks++] = parse_block();
        }
    }
}

static struct block parse_block(void)
{
    int found[64], count = 0;
    expect("{");
    for (;;) {
        char name[32];
        strcpy(name, word());
        if (strcmp(name, "}") == 0) break;
        if (op_count == OPS || count == 64) { fprintf(stderr, "program too long\n"); exit(2); }
        found[count++] = op_count;
        parse_op(name);
    }
    struct block block = { order_count, count };
    for (int i = 0; i < count; i++) order[order_count++] = found[i];
    return block;
}

static void parse(const char *text)
{
    cursor = text;
    op_count = order_count = task_total = 0;
    while (strcmp(word(), "task") == 0) {
        (void)number();
        bodies[task_total++] = parse_block();
    }
}

/* The trace. */
static char trace[1 << 18];
static size_t trace_length;
static aiot_loop loop;

#if defined __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
static void print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (trace_length < sizeof trace - 1000) trace_length += (size_t)vsnprintf(trace + trace_length, 1000, format, arguments);
    va_end(arguments);
}
#ifndef BEGINS
#define BEGINS 0                                /* ticks of the clock when a program begins; a program takes some ms */
#endif
#ifdef OWN_CLOCK
static void begin(void) { time_now = BEGINS; aiot_loop_init(&loop); }
static void compute(aiot_time length) { time_now = aiot_time_after(time_now, length); aiot_clock_refresh(&loop); }
#else
static void begin(void) { aiot_loop_init_virtual(&loop); aiot_clock_advance(&loop, BEGINS); }
static void compute(aiot_time length) { aiot_clock_advance(&loop, length); }
#endif
static double since_begin(aiot_time t) { return (double)aiot_time_between(BEGINS, t) / AIOT_TICKS_PER_S; }
static void stamp(void) { print("[t=%.3f] ", since_begin(aiot_now(&loop))); }
static void print_ms(bool is_none, double seconds)
{
    if (is_none) print(" none"); else print(" %d", (int)(seconds * 1000 + (seconds < 0 ? -0.5 : 0.5)));
}

static const char *desc(aiot_error error)
{
    static char text[512];
    if (error.code == AIOT_EGROUP) {
        char list[400];
        size_t n = 0;
        const aiot_group *group = (const aiot_group *)error.info;
        for (unsigned i = 0; i < aiot_group_error_count(group) && n < 300; i++)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", desc(aiot_group_error(group, i)));
        snprintf(text, sizeof text, "Group[%s]", list);
        return text;
    }
    if (error.code > 0) snprintf(text, sizeof text, "AppError(%d)", error.code);
    else if (error.code == AIOT_ECANCELED && error.info) snprintf(text, sizeof text, "CancelledError(%s)", (const char *)error.info);
    else snprintf(text, sizeof text, "%s", aiot_error_name(error.code));
    return text;
}
static const char *outcome(aiot_awaitable *a)
{
    if (!aiot_done(AIOT_ANY(a))) return "pending";
    return aiot_cancelled(AIOT_ANY(a)) ? "cancelled" : aiot_result(AIOT_ANY(a)) != 0 ? "raised" : "result";
}

/* The coroutine that runs a block; nested blocks run in frames of a pool, none of which is used twice in a program. */
struct ex {
    AIOT_FRAME_DEPTH(2);
    int me, i;
    struct block block;
    char path[64];
    int leaves;                                 /* how it ended: 0, or one of the three below */
    int round;
    struct ex *child;
    aiot_group *group;
    aiot_timeout *around;                       /* the innermost timeout that this block is in */
    aiot_waiter w;
    int item;
    const struct op *op;
    AIOT_WAIT_SET(MEMBERS) set;
    aiot_awaitable *members[MEMBERS];
    struct {                                    /* what each op of the block has for itself; some of it is in use when the op is over */
        aiot_timeout limit;
        union {
            aiot_guard guard;
            aiot_group group;
            aiot_shield shield;
            struct { AIOT_GATHER_SET(MEMBERS) all; } gather;
            struct { AIOT_RACE_SET(MEMBERS) set; } race;
            struct { AIOT_AS_COMPLETED_SET(MEMBERS) set; } completed;
            struct aiot_lock_acquire lock;
            struct aiot_event_wait event;
            struct aiot_semaphore_acquire semaphore;
            struct aiot_condition_wait condition;
            struct aiot_queue_get get;
            struct aiot_queue_put put;
            struct aiot_queue_join join;
            struct aiot_barrier_wait barrier;
            struct aiot_barrier_abort abort;
            struct aiot_barrier_reset reset;
        } u;
    } at[16];
};

static struct ex frames[FRAMES];
static int frames_used, handles_used;
static aiot_group_task tasks[TASKS];
static bool spawned[TASKS];
static aiot_future futures[3];
static struct slot { AIOT_GATHER_SET(MEMBERS) all; aiot_shield shield; aiot_awaitable *is; } slots[3];
static aiot_lock locks[2];
static aiot_event events[2];
static aiot_condition conditions[3];
static aiot_semaphore semaphores[3];
static aiot_queue queues[4];
static int queue_items_2[2];
static aiot_group *all_groups[8];               /* the first in the order in which they were entered, */
static aiot_timeout *all_limits[8];             /*   and limits likewise */
static int group_count, limit_count;
static struct { AIOT_AS_COMPLETED_SET(MEMBERS) set; bool used; } iters[2];
static int queue_items_0[1], queue_items_1[3], queue_items_3[9];
static aiot_barrier barriers[3];
static bool less(const void *a, const void *b) { return *(const int *)a < *(const int *)b; }
static struct note {
    aiot_handle handle;
    const char *word;
    int number, value;
    bool used, is_timer;
    aiot_awaitable *of;
    aiot_timeout *limit;
} notes[HANDLES], handles[4], callbacks[2];     /* the last two: those that may be taken back */
static int counter;
static bool stopped;

/* A task, 10 + a future, 20 + a slot; NULL if there is none yet. */
static aiot_awaitable *any_even_unborn(int k)
{
    return k < 10 ? &tasks[k].awaitable : k < 20 ? &futures[k - 10].awaitable : slots[k - 20].is;
}
static aiot_awaitable *any(int k) { return k < 10 && !spawned[k] ? NULL : any_even_unborn(k); }

static struct note *new_note(int number, int value)
{
    struct note *note = &notes[handles_used++];
    if (handles_used == HANDLES) { fprintf(stderr, "too many handles\n"); exit(2); }
    note->number = number;
    note->value = value;
    return note;
}
static void later(int delay, aiot_callback callback, struct note *note)
{
    aiot_call_later(&loop, &note->handle, AIOT_MS(delay), callback, note);
}
static void when_done(aiot_awaitable *x, aiot_callback callback, struct note *note)
{
    aiot_add_done_callback(AIOT_ANY(x), &note->handle, callback, note);
}

static struct ex *new_frame(int me, struct block block, const char *path, aiot_group *group, aiot_timeout *around)
{
    struct ex *frame = &frames[frames_used++];
    if (frames_used == FRAMES) { fprintf(stderr, "too many frames\n"); exit(2); }
    memset(frame, 0, sizeof *frame);
    frame->me = me;
    frame->group = group;
    frame->around = around;
    frame->block = block;
    snprintf(frame->path, sizeof frame->path, "%.60s", path);
    return frame;
}

static struct ex *nested(const struct ex *self, int which, const char *suffix)
{
    char path[80];
    snprintf(path, sizeof path, "%s%d%s", self->path, self->i, suffix);
    const aiot_group *group = self->group;
    const aiot_timeout *around = self->around;
    switch (self->op->name) {
    case 'R': group = &self->at[self->i].u.group; break;
    case 't': case 'T': case UNTIL: case FIRM: around = &self->at[self->i].limit; break;
    case SHIELDED: around = &self->at[self->i].u.guard.limit; break;
    }
    return new_frame(self->me, self->op->blocks[which], path, (aiot_group *)group, (aiot_timeout *)around);
}

static int says(void *argument)
{
    const struct note *note = (const struct note *)argument;
    stamp(); print("%s %d\n", note->word, note->number);
    return 0;
}
static int done(void *argument)
{
    const struct note *note = (const struct note *)argument;
    stamp(); print("done %d %s\n", note->number, outcome(note->of));
    return 0;
}

static aiot_time at_ms(int d) { return d < 0 ? AIOT_FOREVER : aiot_time_after(aiot_now(&loop), AIOT_MS(d)); }
static int moves(void *argument)
{
    struct note *note = (struct note *)argument;
    int code = aiot_timeout_reschedule(note->limit, at_ms(note->number));
    stamp(); print("moved %d%s\n", note->number, code ? " too late" : "");
    return 0;
}

static int bads(void *argument)
{
    int k = ((struct note *)argument)->number;
    stamp(); print("bad %d\n", k);
    return k;
}
#define REPORTS (!AIOT_SMALL || AIOT_DEBUG)     /* the small loop reports errors in debug builds only */
#if REPORTS
static void report(aiot_loop *l, const aiot_report *r)
{
    (void)l;
    if (r->reason == AIOT_REPORT_LEFT_OVER || r->reason == AIOT_REPORT_UNCOLLECTED || r->reason == AIOT_REPORT_SHIELD) return;
    stamp();
    if (r->reason == AIOT_REPORT_STILL_RUNS) {
        for (int k = 0; k < task_total; k++)
            if (r->source == &tasks[k].awaitable) print("still runs %d\n", k);
        return;
    }
    print("handler %s\n", desc(r->error));
}
#endif

static bool cancel(int k, int m) { return m ? aiot_cancel_msg(AIOT_ANY(any(k)), m == 1 ? "m1" : "m2") : aiot_cancel(AIOT_ANY(any(k))); }
static int cancels(void *argument)
{
    const struct note *note = (const struct note *)argument;
    if (any(note->number) == NULL) return 0;
    bool taken = cancel(note->number, note->value);
    stamp(); print("cancels %d %s\n", note->number, taken ? "True" : "False");
    return 0;
}
static int cancels_firmly(void *argument)
{
    const struct note *note = (const struct note *)argument;
    if (any(note->number) == NULL) return 0;
    bool taken = aiot_cancel_firmly(AIOT_ANY(any(note->number)));
    stamp(); print("cancels firmly %d %s\n", note->number, taken ? "True" : "False");
    return 0;
}

/* Callbacks that do what a coroutine could do. */
static int tells(const struct note *note, const char *what, int code)
{
    stamp(); print("%s %d%s%s\n", what, note->number, code ? " " : "", code ? aiot_error_name(code) : "");
    return 0;
}
static int sets(void *argument)
{
    const struct note *note = (const struct note *)argument;
    return tells(note, "sets", aiot_future_set_result(&futures[note->number], note->value));
}
static int fires(void *argument)
{
    const struct note *note = (const struct note *)argument;
    return tells(note, "fires", aiot_on_set_event(&events[note->number]));
}
static int frees(void *argument)
{
    const struct note *note = (const struct note *)argument;
    return tells(note, "frees", aiot_on_release_lock(&locks[note->number]));
}
static int permits(void *argument)
{
    const struct note *note = (const struct note *)argument;
    return tells(note, "permits", aiot_on_release_semaphore(&semaphores[note->number]));
}
static int feeds(void *argument)
{
    const struct note *note = (const struct note *)argument;
    return tells(note, "feeds", aiot_queue_put_nowait(&queues[note->number], &note->value));
}
static AIOT_CORO_DECLARE(ex);
static int spawns(void *argument)
{
    const struct note *note = (const struct note *)argument;
    int k = note->number;
    if (spawned[k]) return 0;
    spawned[k] = true;
    aiot_spawn_frame_on(&loop, &tasks[k].task, ex, new_frame(k, bodies[k], "", NULL, NULL));
    return tells(note, "spawns", 0);
}

static void at(const struct ex *self)
{
    stamp();
    print("%d:%s%d%s", self->me, self->path, self->i, self->op->text);
}
#define LOG(...) (at(self), print(__VA_ARGS__))
static bool is_one_of(const char *names, const struct ex *self) { return self->op->name < TRY && strchr(names, self->op->name) != NULL; }

static aiot_time ms(int d) { return d < 0 ? AIOT_FOREVER : AIOT_MS(d); }

/* The members of a set; false if one is missing or the task itself. */
static bool fill(struct ex *self, const aiot_task *task)
{
    for (int i = 0; i < self->op->n; i++) {
        self->members[i] = any(self->op->ks[i]);
        if (self->members[i] == NULL || (task && self->members[i] == &task->awaitable)) return false;
    }
    return true;
}

static int ended_members(const struct op *op)
{
    int ended = 0;
    for (int i = 0; i < op->n; i++) ended += aiot_done(AIOT_ANY(any(op->ks[i])));
    return ended;
}

static const enum aiot_return_when return_when[] = { AIOT_ALL_COMPLETED, AIOT_FIRST_COMPLETED, AIOT_FIRST_EXCEPTION };
enum { RETURNS = 1, BREAKS, CONTINUES };
#define IF_IT_LEFT_SO_DO_I if (self->child->leaves) { self->leaves = self->child->leaves; AIOT_RETURN(); }
#define RUN_NESTED(which, suffix) \
    self->child = nested(self, which, suffix); \
    AIOT_AWAIT_FRAME(ex, self->child); \
    IF_IT_LEFT_SO_DO_I

static AIOT_CORO(ex)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < self->block.count; self->i++) {
        self->op = &ops[order[self->block.first + self->i]];
        if (self->op->name == 's') {
            AIOT_SLEEP(AIOT_MS(self->op->a));
        } else if (self->op->name == 'y') {
            AIOT_YIELD();
        } else if (self->op->name == 'b') {
            compute(AIOT_MS(self->op->a));
        } else if (self->op->name == 'p') {
            int k = self->op->a;
            if (spawned[k]) { LOG(" again\n"); continue; }
            spawned[k] = true;
            AIOT_SPAWN_FRAME(&tasks[k].task, ex, new_frame(k, bodies[k], "", NULL, NULL));
        } else if (is_one_of("cjhD36", self) && any(self->op->a) == NULL) {
            LOG(" nobody\n"); continue;
        } else if (is_one_of("wH2", self) && any(self->op->b) == NULL) {
            LOG(" nobody\n"); continue;
        } else if (self->op->name == 'c' || self->op->name == '3') {
            bool taken = cancel(self->op->a, self->op->b);
            LOG(" %s\n", taken ? "True" : "False"); continue;
        } else if (self->op->name == 'u') {
            unsigned left = aiot_task_uncancel(task);
            LOG(" %u\n", left); continue;
        } else if (self->op->name == 'q') {
            LOG(" %u\n", aiot_task_cancelling(task)); continue;
        } else if (self->op->name == 'r') {
            AIOT_RAISE(self->op->a);
        } else if (self->op->name == 'x') {
            self->leaves = RETURNS;
            AIOT_RETURN();
        } else if (is_one_of("jh", self) && &task->awaitable == any(self->op->a)) {
            LOG(" self\n"); continue;
        } else if (is_one_of("wH", self) && &task->awaitable == any(self->op->b)) {
            LOG(" self\n"); continue;
        } else if (self->op->name == 'j') {
            AIOT_JOIN(AIOT_ANY(any(self->op->a)));
        } else if (self->op->name == 'w') {
            AIOT_JOIN_FOR(&self->at[self->i].limit, ms(self->op->a), AIOT_ANY(any(self->op->b)));
        } else if (self->op->name == 'v') {
            self->child = nested(self, 0, ".");
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), ex, self->child);
            IF_IT_LEFT_SO_DO_I
        } else if (self->op->name == 't' || self->op->name == 'T') {
            aiot_timeout_init(&self->at[self->i].limit, &loop, ms(self->op->a));
            AIOT_TRY {
                if (limit_count < 8) all_limits[limit_count++] = &self->at[self->i].limit;
                AIOT_TIMEOUT_ENTER(&self->at[self->i].limit) {
                    if (self->op->name == 'T')
                        aiot_timeout_reschedule(&self->at[self->i].limit, at_ms(self->op->b));
                    RUN_NESTED(0, ".")
                }
            } AIOT_FINALLY {
                LOG(" expired %s %u\n", aiot_timeout_expired(&self->at[self->i].limit) ? "True" : "False", aiot_task_cancelling(task));
            }
        } else if (self->op->name == TRY) {
            AIOT_TRY {
                RUN_NESTED(0, "a")
            } AIOT_EXCEPT_IF(aiot_caught(task).code == AIOT_ECANCELED && self->op->blocks[1].count) {
                LOG(" %s\n", desc(aiot_caught(task)));
                RUN_NESTED(1, "c")
                if (self->op->again[0]) AIOT_RERAISE();
            } AIOT_EXCEPT_IF(aiot_caught(task).code == AIOT_ETIMEDOUT && self->op->blocks[2].count) {
                LOG(" %s\n", desc(aiot_caught(task)));
                RUN_NESTED(2, "t")
                if (self->op->again[1]) AIOT_RERAISE();
            } AIOT_EXCEPT_IF(aiot_caught(task).code != AIOT_ECANCELED && aiot_caught(task).code != AIOT_ETIMEDOUT &&
                             self->op->blocks[3].count) {
                LOG(" %s\n", desc(aiot_caught(task)));
                RUN_NESTED(3, "e")
                if (self->op->again[2]) AIOT_RERAISE();
            } AIOT_FINALLY {
                if (self->op->blocks[4].count) {
                    LOG(" finally\n");
                    RUN_NESTED(4, "f")
                }
            }
        } else if (self->op->name == 'W') {
            if (!fill(self, task)) { LOG(" nobody\n"); continue; }
            AIOT_WAIT_ARRAY(&self->set, return_when[self->op->a], ms(self->op->b), self->members, (size_t)self->op->n);
            LOG(" %u %u ", aiot_wait_done_count(&self->set), aiot_wait_pending_count(&self->set));
            for (int i = 0; i < self->op->n; i++) print("%s%d", i ? " " : "", aiot_wait_is_done(&self->set, i));
            print("\n");
            continue;
        } else if (self->op->name == 'g' || self->op->name == 'G') {
            if (!fill(self, task)) { LOG(" nobody\n"); continue; }
            if (self->op->b) aiot_gather_all_array(&self->at[self->i].u.gather.all, self->members, (size_t)self->op->n);
            else aiot_gather_array(&self->at[self->i].u.gather.all, self->members, (size_t)self->op->n);
            if (self->op->name == 'g') AIOT_JOIN(&self->at[self->i].u.gather.all);
            else AIOT_JOIN_FOR(&self->at[self->i].limit, ms(self->op->a), &self->at[self->i].u.gather.all);
        } else if (self->op->name == 'h') {
            AIOT_SHIELD(&self->at[self->i].u.shield, AIOT_ANY(any(self->op->a)));
        } else if (self->op->name == 'H') {
            aiot_shield(&self->at[self->i].u.shield, AIOT_ANY(any(self->op->b)));
            AIOT_JOIN_FOR(&self->at[self->i].limit, ms(self->op->a), &self->at[self->i].u.shield);
        } else if (self->op->name == 'F') {
            if (aiot_future_set_result(&futures[self->op->a], self->op->b) == AIOT_ESTATE) { LOG(" invalid\n"); continue; }
        } else if (self->op->name == 'e') {
            if (aiot_future_set_error(&futures[self->op->a], self->op->b, NULL) == AIOT_ESTATE) { LOG(" invalid\n"); continue; }
        } else if (self->op->name == 'C') {
            bool taken = aiot_cancel(&futures[self->op->a]);
            LOG(" %s\n", taken ? "True" : "False"); continue;
        } else if (self->op->name == 'f') {
            AIOT_JOIN(&futures[self->op->a]);
        } else if (self->op->name == 'L') {
            struct note *note = new_note(self->op->b, 0);
            note->word = "later";
            later(self->op->a, says, note);
        } else if (self->op->name == 'D') {
            struct note *note = new_note(self->op->b, 0);
            note->of = any(self->op->a);
            when_done(note->of, done, note);
        }
        else if (self->op->name == 'R') {
            AIOT_GROUP(&self->at[self->i].u.group) {
                if (group_count < 8) all_groups[group_count++] = &self->at[self->i].u.group;
                RUN_NESTED(0, ".")
            }
        } else if (self->op->name == 'z') {
            int k = self->op->a;
            if (self->group == NULL || spawned[k]) { LOG(" again\n"); continue; }
            spawned[k] = aiot_group_spawn_frame(self->group, &tasks[k], ex, new_frame(k, bodies[k], "", NULL, NULL)) == 0;
            if (!spawned[k]) { LOG(" closed\n"); continue; }
        } else if (self->op->name == 'A') {
            AIOT_LOCK(&locks[self->op->a], &self->w) {
                LOG(" in\n");
                RUN_NESTED(0, ".")
            }
        } else if (self->op->name == 'S') {
            AIOT_SEMAPHORE(&semaphores[self->op->a], &self->w) {
                LOG(" in\n");
                RUN_NESTED(0, ".")
            }
        } else if (self->op->name == 'K') {
            AIOT_CONDITION(&conditions[self->op->a], &self->w) {
                LOG(" in\n");
                RUN_NESTED(0, ".")
            }
        } else if (self->op->name == 'a') {
            self->at[self->i].u.lock.lock = &locks[self->op->b];
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_lock_acquire, &self->at[self->i].u.lock);
            LOG(" in\n");
            AIOT_CHECK(aiot_lock_release(&locks[self->op->b]));
        } else if (self->op->name == 'O') {
            AIOT_CONDITION_WAIT(&conditions[self->op->a], &self->w);
        } else if (self->op->name == 'N') {
            AIOT_CHECK(aiot_condition_notify(&conditions[self->op->b], (size_t)self->op->a));
        } else if (self->op->name == 'E') {
            AIOT_EVENT_WAIT(&events[self->op->a], &self->w);
        } else if (self->op->name == 'B') {
            self->at[self->i].u.event.event = &events[self->op->b];
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_event_wait, &self->at[self->i].u.event);
        } else if (self->op->name == 'V') {
            aiot_event_set(&events[self->op->a]);
        } else if (self->op->name == 'X') {
            aiot_event_clear(&events[self->op->a]);
        } else if (self->op->name == 'P') {
            self->item = self->op->b;
            AIOT_QUEUE_PUT(&queues[self->op->a], &self->w, &self->item);
        } else if (self->op->name == 'Q') {
            AIOT_QUEUE_GET(&queues[self->op->a], &self->w, &self->item);
            LOG(" %d\n", self->item); continue;
        } else if (self->op->name == 'U') {
            self->at[self->i].u.get.queue = &queues[self->op->b];
            self->at[self->i].u.get.item = &self->item;
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_queue_get, &self->at[self->i].u.get);
            LOG(" %d\n", self->item); continue;
        } else if (self->op->name == 'I') {
            AIOT_CHECK(aiot_queue_put_nowait(&queues[self->op->a], &self->op->b));
        } else if (self->op->name == 'J') {
            AIOT_CHECK(aiot_queue_get_nowait(&queues[self->op->a], &self->item));
            LOG(" %d\n", self->item); continue;
        } else if (self->op->name == 'M') {
            AIOT_CHECK(aiot_queue_task_done(&queues[self->op->a]));
        } else if (self->op->name == 'Y') {
            AIOT_QUEUE_JOIN(&queues[self->op->a], &self->w);
        } else if (self->op->name == 'Z') {
            aiot_queue_shutdown(&queues[self->op->a], self->op->b);
        } else if (self->op->name == 'o') {
            AIOT_AWAIT(aiot_barrier_wait, &self->at[self->i].u.barrier, .barrier = &barriers[0]);
            LOG(" %d\n", self->at[self->i].u.barrier.index); continue;
        } else if (self->op->name == 'i') {
            if (!fill(self, task)) { LOG(" nobody\n"); continue; }
            if (ended_members(self->op) > 1) { LOG(" order\n"); continue; }
            aiot_as_completed_array(&self->at[self->i].u.completed.set, ms(self->op->a), self->members, self->op->n);
            while (aiot_as_completed_left(&self->at[self->i].u.completed.set)) {
                AIOT_TRY {
                    AIOT_NEXT_COMPLETED(&self->at[self->i].u.completed.set);
                    LOG(" value\n");
                } AIOT_EXCEPT_IF(aiot_caught(task).code == AIOT_ETIMEDOUT || aiot_caught(task).code > 0) {
                    LOG(" %s\n", desc(aiot_caught(task)));
                }
            }
        }
        else if (self->op->name == '1') {
            struct slot *slot = &slots[self->op->a];
            if (!fill(self, NULL) || slot->is != NULL) { LOG(" nobody\n"); continue; }
            if (self->op->b) aiot_gather_all_array(&slot->all, self->members, (size_t)self->op->n);
            else aiot_gather_array(&slot->all, self->members, (size_t)self->op->n);
            slot->is = &slot->all.awaitable;
        } else if (self->op->name == '2') {
            struct slot *slot = &slots[self->op->a];
            if (slot->is != NULL) { LOG(" again\n"); continue; }
            aiot_shield(&slot->shield, AIOT_ANY(any(self->op->b)));
            slot->is = &slot->shield.awaitable;
        } else if (self->op->name == '5') {
            later(self->op->a, cancels, new_note(self->op->b, 0));
        } else if (self->op->name == '6') {
            when_done(any(self->op->a), cancels, new_note(self->op->b, 0));
        } else if (self->op->name == '7') {
            self->at[self->i].u.semaphore.semaphore = &semaphores[self->op->b];
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_semaphore_acquire, &self->at[self->i].u.semaphore);
            LOG(" in\n");
            AIOT_CHECK(aiot_semaphore_release(&semaphores[self->op->b]));
        } else if (self->op->name == '8') {
            self->at[self->i].u.put.queue = &queues[self->op->b];
            self->at[self->i].u.put.item = &self->op->c;
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_queue_put, &self->at[self->i].u.put);
        } else if (self->op->name == '9') {
            self->at[self->i].u.join.queue = &queues[self->op->b];
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_queue_join, &self->at[self->i].u.join);
        } else if (self->op->name == '=') {
            self->at[self->i].u.barrier.barrier = &barriers[0];
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_barrier_wait, &self->at[self->i].u.barrier);
            LOG(" %d\n", self->at[self->i].u.barrier.index); continue;
        } else if (self->op->name == '-') {
            self->at[self->i].u.abort.barrier = &barriers[0];
            AIOT_AWAIT_FRAME(aiot_barrier_abort, &self->at[self->i].u.abort);
        } else if (self->op->name == '+') {
            self->at[self->i].u.reset.barrier = &barriers[0];
            AIOT_AWAIT_FRAME(aiot_barrier_reset, &self->at[self->i].u.reset);
        } else if (is_one_of("lm", self) && self->around == NULL) {
            LOG(" nobody\n"); continue;
        } else if (self->op->name == 'l') {
            AIOT_CHECK(aiot_timeout_reschedule(self->around, at_ms(self->op->a)));
        } else if (self->op->name == 'm') {
            struct note *note = new_note(self->op->b, 0);
            note->limit = self->around;
            later(self->op->a, moves, note);
        } else if (self->op->name == 'k') {
            struct note *note = &handles[self->op->b];
            if (note->used) { LOG(" again\n"); continue; }
            note->used = true;
            note->number = self->op->c;
            note->is_timer = true;
            note->word = "later";
            later(self->op->a, says, note);
        } else if (self->op->name == 'd') {
            struct note *note = &handles[self->op->a];
            if (!note->used) { LOG(" nobody\n"); continue; }
            aiot_handle_cancel(&note->handle);
            LOG(" %s\n", aiot_handle_cancelled(&note->handle) ? "True" : "False"); continue;
        } else if (self->op->name == 'n') {
            struct note *note = new_note(self->op->a, 0);
            note->word = "soon";
            aiot_call_soon(&loop, &note->handle, says, note);
        } else if (self->op->name == '4') {
            struct note *note = &callbacks[self->op->a];
            if (note->used || any(self->op->b) == NULL) { LOG(" nobody\n"); continue; }
            note->used = true;
            note->of = any(self->op->b);
            note->number = self->op->c;
            when_done(note->of, done, note);
        } else if (self->op->name == '0') {
            struct note *note = &callbacks[self->op->a];
            if (!note->used) { LOG(" nobody\n"); continue; }
            bool was_there = aiot_remove_done_callback(&note->handle);
            LOG(" %d\n", was_there); continue;
        } else if (self->op->name == '^') {
            if (stopped || aiot_done(&tasks[0])) { LOG(" again\n"); continue; }
            stopped = true;
            aiot_loop_stop(&loop);
        } else if (self->op->name == '*') {
            AIOT_CONDITION_WAIT_FOR(&conditions[0], &self->w, counter >= self->op->a);
        } else if (self->op->name == '/' || self->op->name == '&') {
            if (self->op->name == '/') counter++;
            AIOT_CHECK(aiot_condition_notify_all(&conditions[0]));
        } else if (self->op->name == '?') {
            LOG(" %d %d %d %d %d %d %d", aiot_lock_locked(&locks[0]), aiot_lock_locked(&locks[1]), aiot_semaphore_locked(&semaphores[0]),
                aiot_semaphore_locked(&semaphores[1]), aiot_lock_locked(aiot_condition_lock(&conditions[0])),
                aiot_event_is_set(&events[0]), aiot_event_is_set(&events[1]));
            for (int i = 0; i < 2; i++)
                print(" %d,%d,%d", (int)aiot_queue_size(&queues[i]), aiot_queue_empty(&queues[i]), aiot_queue_full(&queues[i]));
            print(" %d,%d %d\n", aiot_barrier_waiting(&barriers[0]), aiot_barrier_broken(&barriers[0]), counter);
            continue;
        } else if (self->op->name == '_') {
            self->at[self->i].u.condition.condition = &conditions[self->op->b];
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_condition_wait, &self->at[self->i].u.condition);
        }
        else if (self->op->name == '(') { AIOT_SEMAPHORE_ACQUIRE(&semaphores[self->op->a], &self->w); }
        else if (self->op->name == ')') { AIOT_CHECK(aiot_semaphore_release(&semaphores[self->op->a])); }
        else if (self->op->name == '[') { AIOT_LOCK_ACQUIRE(&locks[self->op->a], &self->w); }
        else if (self->op->name == ']') { AIOT_CHECK(aiot_lock_release(&locks[self->op->a])); }
        else if (self->op->name == ';') {
            int k = self->op->a;
            if (self->op->b >= group_count || spawned[k]) { LOG(" again\n"); continue; }
            spawned[k] = aiot_group_spawn_frame(all_groups[self->op->b], &tasks[k], ex, new_frame(k, bodies[k], "", NULL, NULL)) == 0;
            if (!spawned[k]) { LOG(" closed\n"); continue; }
        } else if (self->op->name == '~') {
            if (self->op->a >= limit_count) { LOG(" nobody\n"); continue; }
            AIOT_CHECK(aiot_timeout_reschedule(all_limits[self->op->a], at_ms(self->op->b)));
        } else if (self->op->name == '@') {
            later(self->op->b, bads, new_note(self->op->a, 0));
        } else if (self->op->name == '$') {
            if (!fill(self, NULL) || iters[self->op->a].used) { LOG(" nobody\n"); continue; }
            if (ended_members(self->op) > 1) { LOG(" order\n"); continue; }
            iters[self->op->a].used = true;
            aiot_as_completed_array(&iters[self->op->a].set, ms(self->op->b), self->members, self->op->n);
        } else if (self->op->name == '%') {
            if (!iters[self->op->a].used) { LOG(" nobody\n"); continue; }
            if (!aiot_as_completed_left(&iters[self->op->a].set)) { LOG(" end\n"); continue; }
            AIOT_TIMEOUT(&self->at[self->i].limit, ms(self->op->b)) { AIOT_NEXT_COMPLETED_WITH(&iters[self->op->a].set, &self->w); }
        } else if (self->op->name == '<') {
            if (!iters[self->op->a].used) { LOG(" nobody\n"); continue; }
            if (!aiot_as_completed_left(&iters[self->op->a].set)) { LOG(" end\n"); continue; }
            AIOT_TIMEOUT(&self->at[self->i].limit, ms(self->op->b)) { AIOT_WAIT_COMPLETED_WITH(&iters[self->op->a].set, &self->w); }
            LOG(" %d\n", aiot_completed_index(&iters[self->op->a].set));
            AIOT_JOIN(AIOT_ANY(aiot_completed(&iters[self->op->a].set)));
        } else if (self->op->name == '>') {
            int code = self->op->b ? AIOT_ETIMEDOUT : AIOT_ECANCELED;
            if (aiot_future_set_error(&futures[self->op->a], code, NULL)) { LOG(" invalid\n"); continue; }
        } else if (self->op->name == ':') {
            aiot_awaitable *x = any(self->op->a);
            if (!x) { LOG(" nobody\n"); continue; }
            LOG(" %s", outcome(x));
            if (self->op->a < 10) print(" %u\n", aiot_task_cancelling(&tasks[self->op->a].task)); else print(" -\n");
            continue;
        } else if (self->op->name == UNTIL) {
            AIOT_TRY {
                if (limit_count < 8) all_limits[limit_count++] = &self->at[self->i].limit;
                AIOT_TIMEOUT_AT(&self->at[self->i].limit, at_ms(self->op->a)) { RUN_NESTED(0, ".") }
            } AIOT_FINALLY {
                LOG(" expired %s %u\n", aiot_timeout_expired(&self->at[self->i].limit) ? "True" : "False", aiot_task_cancelling(task));
            }
        } else if (self->op->name == WHEN) {
            if (self->around == NULL) { LOG(" nobody\n"); continue; }
            at(self);
            print_ms(aiot_timeout_when(self->around) == AIOT_FOREVER, since_begin(aiot_timeout_when(self->around)));
            print("\n");
            continue;
        } else if (self->op->name == AGAIN) {
            if (self->op->a >= limit_count) { LOG(" nobody\n"); continue; }
            AIOT_TIMEOUT_ENTER(all_limits[self->op->a]) { LOG(" entered\n"); }
        } else if (self->op->name == TIMES) {
            for (self->round = 0; self->round < self->op->a; self->round++) {
                self->child = nested(self, 0, ".");
                AIOT_AWAIT_FRAME(ex, self->child);
                if (self->child->leaves == RETURNS) { self->leaves = RETURNS; AIOT_RETURN(); }
                if (self->child->leaves == BREAKS) break;
            }
            LOG(" %d\n", self->round); continue;
        } else if (self->op->name == BREAK || self->op->name == CONTINUE) {
            self->leaves = self->op->name == BREAK ? BREAKS : CONTINUES;
            AIOT_RETURN();
        } else if (self->op->name == GRAB) {
            AIOT_CONDITION_ACQUIRE(&conditions[self->op->a], &self->w);
        } else if (self->op->name == DROP) {
            AIOT_CHECK(aiot_condition_release(&conditions[self->op->a]));
        } else if (self->op->name == HOLD) {
            self->at[self->i].u.lock.lock = &locks[self->op->b];
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->a), aiot_lock_acquire, &self->at[self->i].u.lock);
            AIOT_TRY {
                RUN_NESTED(0, ".")
            } AIOT_FINALLY {
                LOG(" out\n");
                AIOT_CHECK(aiot_lock_release(&locks[self->op->b]));
            }
        } else if (self->op->name == NONE && self->op->a == 0) {
            aiot_gather_array(&self->at[self->i].u.gather.all, self->members, (size_t)0);
            AIOT_JOIN(&self->at[self->i].u.gather.all);
        } else if (self->op->name == NONE && self->op->a == 1) {
            AIOT_WAIT_ARRAY(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, self->members, (size_t)0);
        } else if (self->op->name == NONE) {
            aiot_as_completed_array(&self->at[self->i].u.completed.set, AIOT_FOREVER, self->members, (size_t)0);
            while (aiot_as_completed_left(&self->at[self->i].u.completed.set)) { AIOT_NEXT_COMPLETED(&self->at[self->i].u.completed.set); }
        } else if ((self->op->name == ERROR || self->op->name == ON || self->op->name == TRIPS || self->op->name == UNCANCEL ||
                    self->op->name == FIRMLY || self->op->name == LEFT) && any(self->op->a) == NULL) {
            LOG(" nobody\n"); continue;
        } else if (self->op->name == ERROR) {
            aiot_awaitable *x = any(self->op->a);
            int code = aiot_result(AIOT_ANY(x));
            bool is_bare = code == AIOT_ESTATE || code == AIOT_ECANCELED;
            LOG(" %s\n", code == 0 ? "none" : is_bare ? aiot_error_name(code) : desc(aiot_error_of(AIOT_ANY(x))));
            continue;
        } else if (self->op->name == VALUE) {
            AIOT_JOIN(&futures[self->op->a]);
            LOG(" %d\n", (int)aiot_future_value(&futures[self->op->a])); continue;
        } else if (self->op->name == UNCANCEL) {
            unsigned left = aiot_task_uncancel(&tasks[self->op->a].task);
            LOG(" %u\n", left); continue;
        } else if (self->op->name == CALL_AT || self->op->name == SOON) {
            struct note *note = &handles[self->op->a];
            if (note->used) { LOG(" again\n"); continue; }
            note->used = true;
            note->is_timer = self->op->name == CALL_AT;
            note->word = note->is_timer ? "at" : "soon";
            note->number = note->is_timer ? self->op->c : self->op->b;
            if (note->is_timer) aiot_call_at(&loop, &note->handle, aiot_time_after(aiot_now(&loop), AIOT_MS(self->op->b)), says, note);
            else aiot_call_soon(&loop, &note->handle, says, note);
        } else if (self->op->name == HANDLE) {
            const aiot_handle *handle = &handles[self->op->a].handle;
            if (!handles[self->op->a].is_timer) { LOG(" nobody\n"); continue; }
            at(self);
            print_ms(false, since_begin(aiot_handle_when(handle)));
            print(" %d\n", aiot_handle_cancelled(handle));
            continue;
        }
        else if (self->op->name == SET) { later(self->op->a, sets, new_note(self->op->b, self->op->c)); }
        else if (self->op->name == FIRE) { later(self->op->a, fires, new_note(self->op->b, 0)); }
        else if (self->op->name == FREE) { later(self->op->a, frees, new_note(self->op->b, 0)); }
        else if (self->op->name == PERMIT) { later(self->op->a, permits, new_note(self->op->b, 0)); }
        else if (self->op->name == FEED) { later(self->op->a, feeds, new_note(self->op->b, self->op->c)); }
        else if (self->op->name == FILL) {
            for (int i = 1; i < 6; i++) {
                self->item = self->op->b * i % 11;
                AIOT_CHECK(aiot_queue_put_nowait(&queues[self->op->a], &self->item));
            }
        } else if (self->op->name == DRAIN) {
            aiot_queue *queue = &queues[self->op->a];
            at(self);
            while (!aiot_queue_empty(queue) && aiot_queue_get_nowait(queue, &self->item) == 0) print(" %d", self->item);
            print("\n");
            continue;
        } else if (self->op->name == PAST) {
            for (int i = 0; i < 3; i++) {
                struct note *note = new_note(10 * self->op->a + i, 0);
                note->word = "past";
                aiot_call_at(&loop, &note->handle, aiot_time_after(aiot_now(&loop), AIOT_MS(i == 0 ? -1 : i - 4)), says, note);
            }
        }
        else if (self->op->name == SPAWNS) { later(self->op->a, spawns, new_note(self->op->b, 0)); }
        else if (self->op->name == CANCELS) { later(self->op->a, cancels, new_note(self->op->b, self->op->c)); }
        else if (self->op->name == CUTS) { later(self->op->a, cancels_firmly, new_note(self->op->b, 0)); }
        else if (self->op->name == ON) { when_done(any(self->op->a), fires, new_note(self->op->b, 0)); }
        else if (self->op->name == TRIPS) { when_done(any(self->op->a), bads, new_note(self->op->b, 0)); }
        else if (self->op->name == MEET) {
            self->at[self->i].u.barrier.barrier = &barriers[self->op->a];
            AIOT_WAIT_FOR_FRAME(&self->at[self->i].limit, ms(self->op->b), aiot_barrier_wait, &self->at[self->i].u.barrier);
            LOG(" %d\n", self->at[self->i].u.barrier.index); continue;
        } else if (self->op->name == ABORT) {
            self->at[self->i].u.abort.barrier = &barriers[self->op->a];
            AIOT_AWAIT_FRAME(aiot_barrier_abort, &self->at[self->i].u.abort);
        } else if (self->op->name == RESET) {
            self->at[self->i].u.reset.barrier = &barriers[self->op->a];
            AIOT_AWAIT_FRAME(aiot_barrier_reset, &self->at[self->i].u.reset);
        } else if (self->op->name == STATE) {
            const aiot_queue *queue = &queues[2];
            LOG(" %d", aiot_semaphore_locked(&semaphores[2]));
            print(" %d,%d,%d", (int)aiot_queue_size(queue), aiot_queue_empty(queue), aiot_queue_full(queue));
            for (int i = 1; i < 3; i++) print(" %d,%d", aiot_barrier_waiting(&barriers[i]), aiot_barrier_broken(&barriers[i]));
            print(" %u\n", (unsigned)aiot_loop_task_count(&loop));
            continue;
        } else if (self->op->name == FIRM) {
            AIOT_TRY {
                AIOT_TIMEOUT_FIRM(&self->at[self->i].limit, ms(self->op->a)) { RUN_NESTED(0, ".") }
            } AIOT_FINALLY {
                LOG(" expired %s %u\n", aiot_timeout_expired(&self->at[self->i].limit) ? "True" : "False", aiot_task_cancelling(task));
            }
        } else if (self->op->name == SHIELDED) {
            AIOT_TRY {
                AIOT_SHIELDED(&self->at[self->i].u.guard, ms(self->op->a)) { RUN_NESTED(0, ".") }
            } AIOT_FINALLY {
                LOG(" left %u\n", aiot_task_cancelling(task));
            }
        } else if (self->op->name == FIRMLY) {
            bool taken = aiot_cancel_firmly(AIOT_ANY(any(self->op->a)));
            LOG(" %s\n", taken ? "True" : "False"); continue;
        } else if (self->op->name == LEFT) {
            aiot_time deadline = aiot_deadline(&tasks[self->op->a].task), left = aiot_time_left(task);
            at(self);
            print_ms(deadline == AIOT_FOREVER, since_begin(deadline));
            print_ms(left == AIOT_FOREVER, (double)left / AIOT_TICKS_PER_S);
            print("\n");
            continue;
        } else if (self->op->name == STOP) {
            AIOT_STOP(&self->at[self->i].limit, ms(self->op->a), AIOT_ANY(any_even_unborn(self->op->b)));
        } else if (self->op->name == STOPS) {
            for (int i = 0; i < self->op->n; i++) self->members[i] = any_even_unborn(self->op->ks[i]);
            AIOT_STOP_ARRAY(&self->at[self->i].limit, ms(self->op->a), self->members, (size_t)self->op->n);
        } else if (self->op->name == RACE) {
            if (!fill(self, task)) { LOG(" nobody\n"); continue; }
            AIOT_TRY {
                AIOT_RACE_ARRAY(&self->at[self->i].u.race.set, self->members, (size_t)self->op->n);
            } AIOT_FINALLY {
                LOG(" winner %d\n", aiot_race_winner(&self->at[self->i].u.race.set));
            }
            continue;
        }
        LOG("\n");
    }
    AIOT_END();
}

static void run_program(const char *text)
{
    parse(text);
    memset(tasks, 0, sizeof tasks);
    memset(spawned, 0, sizeof spawned);
    memset(notes, 0, sizeof notes);
    memset(handles, 0, sizeof handles);
    memset(callbacks, 0, sizeof callbacks);
    counter = 0;
    stopped = false;
    frames_used = handles_used = 0;
    trace_length = 0;
    memset(&loop, 0xa5, sizeof loop);
    begin();
    for (int i = 0; i < 3; i++) aiot_future_init(&futures[i], &loop);
    memset(slots, 0, sizeof slots);
    memset(locks, 0, sizeof locks);
    memset(events, 0, sizeof events);
    memset(conditions, 0, sizeof conditions);
    aiot_condition_init(&conditions[1], &locks[0]); aiot_condition_init(&conditions[2], &locks[0]);
    aiot_semaphore_init(&semaphores[2], 0); aiot_lifo_queue_init(&queues[2], queue_items_2);
    aiot_priority_queue_init(&queues[3], queue_items_3, less);
#if REPORTS
    loop.on_error = report;
#endif
    group_count = limit_count = 0;
    memset(iters, 0, sizeof iters);
    aiot_semaphore_init(&semaphores[0], 1);
    aiot_bounded_semaphore_init(&semaphores[1], 2);
    aiot_queue_init(&queues[0], queue_items_0);
    aiot_priority_queue_init(&queues[1], queue_items_1, less);
    aiot_barrier_init(&barriers[0], 2); aiot_barrier_init(&barriers[1], 3); aiot_barrier_init(&barriers[2], 1);
    spawned[0] = true;
    struct ex *root = new_frame(0, bodies[0], "", NULL, NULL);
    aiot_spawn_frame_on(&loop, &tasks[0].task, ex, root);
    int code = aiot_run_until(&loop, &tasks[0]);
    bool stuck = !aiot_done(&tasks[0]) && code != AIOT_ERUNTIME;
    if (!stuck && code != AIOT_OK) {
        stamp();
        print("main raised %s\n", aiot_done(&tasks[0]) ? desc(aiot_error_of(&tasks[0])) : aiot_error_name(code));
    }
    if (!stuck) stuck = aiot_cancel_all(&loop) == AIOT_EDEADLK;
    if (stuck) { stamp(); print("deadlock: %u task(s) wait forever\n", (unsigned)aiot_loop_task_count(&loop)); }
    for (int k = 0; k < task_total; k++) {
        if (!spawned[k]) print("%d never\n", k);
        else print("%d %s %u\n", k, outcome(&tasks[k].awaitable), aiot_task_cancelling(&tasks[k].task));
    }
    for (int k = 10; k < 23; k = k == 12 ? 20 : k + 1)
        print("%d %s\n", k, any(k) == NULL ? "never" : outcome(any(k)));
    trace[trace_length] = 0;
}

static char *slurp(const char *name)
{
    static char text[1 << 18];
    FILE *file = fopen(name, "rb");
    if (!file) { perror(name); exit(2); }
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = 0;
    fclose(file);
    return text;
}

enum { LONGEST = 1 << 16 };
static void read_until(FILE *corpus, const char *last, char *text)
{
    static char line[1 << 14];
    size_t n = 0;
    text[0] = 0;
    while (fgets(line, sizeof line, corpus) && strcmp(line, last) != 0) n += (size_t)snprintf(text + n, LONGEST - n, "%s", line);
}

static bool same_but_for_messages(const char *a, const char *b)
{
    for (;;) {
        if (strncmp(a, "(m", 2) == 0) a += 4;
        if (strncmp(b, "(m", 2) == 0) b += 4;
        if (*a != *b) return false;
        if (*a == 0) return true;
        a++, b++;
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--print") == 0) {
        run_program(slurp(argv[2]));
        fputs(trace, stdout);
        return 0;
    }
    if (argc != 2 && argc != 3) { fprintf(stderr, "usage: aiot_side CORPUS [MESSAGES] | --print PROGRAM\n"); return 2; }
    int may_differ = argc == 3 ? atoi(argv[2]) : 0;

    /* A corpus is, for each program: "program N", its text up to "end", the trace that Python printed, ".". */
    static char line[64], source[LONGEST], wanted[LONGEST];
    int passed = 0, failed = 0, skipped = 0, messages = 0;
    FILE *corpus = fopen(argv[1], "r");
    if (!corpus) { perror(argv[1]); return 2; }
    while (fgets(line, sizeof line, corpus)) {
        int number = atoi(line + 8);
        read_until(corpus, "end\n", source);
        read_until(corpus, ".\n", wanted);
        bool is_unheard = !REPORTS && (strstr(wanted, "] handler ") != NULL || strstr(wanted, "] still runs ") != NULL);
        if (strstr(wanted, "RECURSION") || strstr(wanted, "STOPPED") || strstr(wanted, "ALIAS") || is_unheard) { skipped++; continue; }
        run_program(source);
        if (strcmp(trace, wanted) == 0) { passed++; continue; }
        if (same_but_for_messages(trace, wanted)) { messages++; continue; }
        if (failed++ == 0) printf("DIFFERS program %d\n%sPython:\n%sthe header:\n%s", number, source, wanted, trace);
        else if (failed < 20) printf("DIFFERS program %d\n", number);
    }
    fclose(corpus);
    printf("%d passed, %d failed, %d skipped, %d differ in a message only\n", passed, failed, skipped, messages);
    return failed != 0 || passed + skipped == 0 || messages > may_differ;
}
