/* aio_timeout.h - asyncio's timeouts, waiting and cancellation for C11. Version 0.4.0. MIT licence.
 *
 * Stackless coroutines with try / except / finally, timers, cancellable tasks, and asyncio's ways to wait, turn by turn as in CPython. One
 * file, no allocation, no runtime, no global state (one line number on microcontrollers).
 *
 * QUICK START
 *
 *     #include "aio_timeout.h"
 *     #include <stdio.h>
 *
 *     struct fetch { AIOT_FRAME; const char *name; aiot_time delay; int length; };
 *
 *     static AIOT_CORO(fetch)
 *     {
 *         AIOT_BEGIN();
 *         AIOT_TRY {
 *             AIOT_SLEEP(self->delay);
 *             self->length = 42;
 *         } AIOT_FINALLY {
 *             printf("closing %s\n", self->name);
 *             AIOT_SLEEP(AIOT_MS(1));
 *         }
 *         AIOT_END();
 *     }
 *
 *     struct root { AIOT_FRAME; aiot_timeout limit; struct fetch one; };
 *
 *     static AIOT_CORO(root)
 *     {
 *         AIOT_BEGIN();
 *         AIOT_TIMEOUT(&self->limit, AIOT_MS(50)) {
 *             AIOT_AWAIT(fetch, &self->one, .name = "api", .delay = AIOT_S(3));
 *         } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
 *             puts("timed out");
 *         }
 *         AIOT_END();
 *     }
 *
 *     int main(void)
 *     {
 *         aiot_loop loop;
 *         struct root root;
 *         aiot_loop_init(&loop);
 *         return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
 *     }
 *
 * THE RULES
 *  1. UPPER CASE may suspend or transfer control. C locals that are not static lose their values there, and a failure is raised.
 *     lower case never suspends. If it can fail, it returns 0 or an error code: test the code, or raise it with AIOT_CHECK().
 *  2. Keep what must survive a wait in the frame (`self->x`) or in a static, also what an argument points to: a compound literal,
 *     `.argv = (char *[]){ "ls", NULL }`, dies like a local. gcc with AIOT_DEBUG rejects locals carried across a wait: "may be used
 *     uninitialized" or "switch jumps over variable initialization". clang and release builds miss some.
 *  3. A wait that fails (cancelled, timed out, the child's error) leaves its block at once. The nearest handler that names the error
 *     runs, after every AIOT_FINALLY on the way. An error that no block handles ends the coroutine, and its awaiter gets it.
 *  4. Inside a block, `break` and `continue` leave it, through its FINALLY. To end a loop around a block, use AIOT_RETURN() or a flag.
 *     Do not `goto` out of a block. In FINALLY, AIOT_RETURN() swallows the error; `break` does not.
 *  5. Zero an object that has no init function before its first use, and an aiot_timeout always. The caller owns frames, tasks, timeouts
 *     and sets; they must live until nothing uses them. Macros evaluate pointer arguments more than once, also at the end of a block, and
 *     must find the same object each time: pass `&self->x`.
 *  6. Do not wait inside a `switch` of your own. On hosts the compiler rejects it; if it is over 64 bits, the program stops there.
 *
 * OPTIONS: macros, defined before the include, the same in all files that share a loop.
 *    AIOT_DEBUG        0   1: check frames, tasks and blocks; report bad use with file, line and task; on hosts, print errors nobody takes
 *    AIOT_PANIC(file, line, task_name, message): an expression, called for each failed check. Default: prints to stderr; without
 *        AIOT_HOSTED, stores the line in aiot_failed_line. Then the program goes on if the bad use gets an error. If memory may be
 *        corrupt, it stops: abort(), or an endless loop without AIOT_HOSTED
 *    AIOT_HOSTED       -   0: no own clock, no <time.h>, no <stdio.h>. Default: __STDC_HOSTED__, but 0 on AVR
 *    AIOT_TIME_BITS    64  32 or 16: aiot_time is a wrapping count of ticks, section [3]
 *    AIOT_TICKS_PER_S  -   ticks of aiot_time per second, a number that #if can read. Default: 1000000000 with 64 bits, else 1000
 *    AIOT_SMALL        -   0: the host's loop: timers in a wheel of 23 KB (6 KB on 32 bits without AIOT_HOSTED), error reports, task
 *        names, source lines; needs AIOT_TIME_BITS 64. 1: the small loop: timers in a sorted list, for some dozens of them; the rest
 *        only with AIOT_DEBUG. Default: 0 with AIOT_TIME_BITS 64, else 1. For the wheel on a large microcontroller: 0 with AIOT_HOSTED 0
 *    AIOT_TASK_LIST    1   0: no list of tasks, and no chain of a task's limits, three pointers a task less: no aiot_run(),
 *        aiot_run_frame(), aiot_cancel_all(), aiot_loop_task_count(), aiot_next_task(); no aiot_deadline(), aiot_time_left(),
 *        AIOT_SHIELDED(), AIOT_TIMEOUT_FIRM(), aiot_cancel_firmly()
 *    AIOT_CLOCK(loop), AIOT_IDLE(loop, until): both or none: the clock and idle hook of all loops, instead of pointers in each loop
 *    AIOT_CRITICAL_STATE, AIOT_CRITICAL_ENTER(state), AIOT_CRITICAL_LEAVE(state): all three: interrupts and other threads can wake tasks,
 *        section [16]. A type; saves and masks interrupts; restores them. The last two must be compiler barriers
 *    AIOT_THREADS      0   1: provides these three for threads and signal handlers of POSIX: a mutex in the loop, with signals blocked.
 *        Link with -pthread
 *    AIOT_POLL         0   1: file descriptors, section [15], by epoll(7), kqueue(2) or poll(2), whichever the system has. 2: by poll(2)
 *    AIOT_TRACE(event, task)  -   an expression, run at each event of a task: sets a pin, counts, logs. Default: nothing. The events:
 *        AIOT_TRACE_SPAWN, _RESUME, _SUSPEND, _CANCEL (it is asked to end), _STRIKE (one of its limits ends), _END
 *    AIOT_IMPLEMENTATION, AIOT_DECLARE_ONLY: one copy of the code for many files: the first is 1 in one C file, the second in all others.
 *        Default: each file has a copy of what it uses
 *
 * CONTENTS   [1] portability   [2] errors   [3] time   [4] lists   [5] what can be queued, and the table of turns   [6] objects: tasks,
 *            futures, handles, limits, the loop   [7] the timer wheel   [8] the loop   [9] tasks and cancellation, futures, callbacks
 *            [10] coroutines and blocks   [11] sleep, await, spawn, join, timeout, shielded, wait_for, stop, ticker, backoff, run
 *            [12] wait, gather, race, shield   [13] event, lock, condition, semaphore, barrier, queue   [14] task group, as_completed
 *            [15] file descriptors   [16] interrupts and threads   [17] looking into a loop   [18] testing your own code
 *            revisions, licence */
#ifndef AIO_TIMEOUT_H
#define AIO_TIMEOUT_H

#define AIOT_VERSION_MAJOR 0
#define AIOT_VERSION_MINOR 4
#define AIOT_VERSION_PATCH 0

/* ============================================================================================================== [1]
 * PORTABILITY. C11 and C++11, and later. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- The options' defaults. */
#ifndef AIOT_DEBUG
#define AIOT_DEBUG 0
#endif
#if !defined AIOT_HOSTED && defined __AVR__  /* it has a C library, but no clock */
#define AIOT_HOSTED 0
#elif !defined AIOT_HOSTED
#define AIOT_HOSTED __STDC_HOSTED__
#endif
#ifndef AIOT_TIME_BITS
#define AIOT_TIME_BITS 64
#endif
#if !defined AIOT_TICKS_PER_S && AIOT_TIME_BITS == 64
#define AIOT_TICKS_PER_S 1000000000
#elif !defined AIOT_TICKS_PER_S
#define AIOT_TICKS_PER_S 1000
#endif
#ifndef AIOT_SMALL
#define AIOT_SMALL (AIOT_TIME_BITS != 64)
#endif
#ifndef AIOT_TASK_LIST
#define AIOT_TASK_LIST 1
#endif
#ifndef AIOT_POLL
#define AIOT_POLL 0
#endif
#ifndef AIOT_THREADS
#define AIOT_THREADS 0
#endif
#ifndef AIOT_TRACE
#define AIOT_TRACE(event, task) ((void)0)
#endif
#ifndef AIOT_DECLARE_ONLY
#define AIOT_DECLARE_ONLY 0
#endif
#ifndef AIOT_IMPLEMENTATION
#define AIOT_IMPLEMENTATION 0
#endif

/* ---- What they decide. */
#if defined AIOT_CRITICAL_STATE || AIOT_THREADS
#define AIOT_I_INTERRUPTS 1
#else
#define AIOT_I_INTERRUPTS 0
#endif
#ifdef AIOT_IDLE
#define AIOT_I_FIXED_IDLE 1
#else
#define AIOT_I_FIXED_IDLE 0
#endif
#define AIOT_I_TELLS (!AIOT_SMALL || AIOT_DEBUG)  /* reports of errors, names of tasks, lines of waits */
#define AIOT_I_DUMPS (AIOT_DEBUG && AIOT_HOSTED)  /* aiot_dump(), aiot_loop_lag() */
#if AIOT_I_DUMPS && !defined AIOT_CLOCK  /* section [18] */
#define AIOT_I_TESTS 1
#else
#define AIOT_I_TESTS 0
#endif
#define AIOT_I_SKIPS_TURNS (AIOT_SMALL && AIOT_TIME_BITS > 16 && AIOT_I_FIXED_IDLE)
#if AIOT_POLL && !defined AIOT_I_POLLER  /* what watches descriptors */
#if AIOT_POLL == 1 && defined __linux__ && defined __GNUC__  /* glibc packs epoll's events for gcc and clang only */
#define AIOT_I_POLLER AIOT_I_EPOLL
#elif AIOT_POLL == 1 && (defined __APPLE__ || defined __FreeBSD__ || defined __NetBSD__ || defined __OpenBSD__ || defined __DragonFly__)
#define AIOT_I_POLLER AIOT_I_KQUEUE
#else
#define AIOT_I_POLLER AIOT_I_POLL
#endif
#endif
#define AIOT_I_POLL 1
#define AIOT_I_EPOLL 2
#define AIOT_I_KQUEUE 3
#define AIOT_I_IDLE_LOOKS (AIOT_SMALL && AIOT_I_INTERRUPTS && AIOT_I_FIXED_IDLE && !AIOT_POLL)

/* ---- What does not go together. */
#if AIOT_TIME_BITS != 64 && AIOT_TIME_BITS != 32 && AIOT_TIME_BITS != 16
#error "AIOT_TIME_BITS is 64, 32 or 16"
#elif AIOT_TICKS_PER_S <= 0
#error "AIOT_TICKS_PER_S is a number above 0 that #if can read: no cast, no enum, no macro of a header that comes later"
#elif AIOT_TICKS_PER_S > 9000000000
#error "AIOT_TICKS_PER_S is 9 000 000 000 at most"
#elif !AIOT_SMALL && AIOT_TIME_BITS != 64
#error "AIOT_SMALL 0 needs AIOT_TIME_BITS 64: leave AIOT_SMALL out, or define it as 1"
#elif AIOT_DEBUG && !AIOT_TASK_LIST
#error "AIOT_DEBUG needs AIOT_TASK_LIST"
#elif defined AIOT_CLOCK != defined AIOT_IDLE
#error "AIOT_CLOCK(loop) and AIOT_IDLE(loop, until): both or none"
#elif defined AIOT_CRITICAL_STATE != defined AIOT_CRITICAL_ENTER || defined AIOT_CRITICAL_STATE != defined AIOT_CRITICAL_LEAVE
#error "AIOT_CRITICAL_STATE, AIOT_CRITICAL_ENTER(state) and AIOT_CRITICAL_LEAVE(state): all three or none"
#elif AIOT_DECLARE_ONLY && AIOT_IMPLEMENTATION
#error "AIOT_IMPLEMENTATION is for one file, AIOT_DECLARE_ONLY for all others: not both in one"
#elif AIOT_IMPLEMENTATION && defined __cplusplus
#error "AIOT_IMPLEMENTATION belongs into a C file; a program in C++ alone needs none"
#elif AIOT_THREADS && defined AIOT_CRITICAL_STATE
#error "AIOT_THREADS provides the AIOT_CRITICAL macros: define either it or them"
#elif defined AIOT_INTERRUPTS && !defined AIOT_CRITICAL_STATE
#error "AIOT_INTERRUPTS is gone: define the three AIOT_CRITICAL macros"
#elif defined AIOT_WHEEL || defined AIOT_REPORTS || defined AIOT_LINES || defined AIOT_TASK_NAMES || defined AIOT_WIDE_LABELS
#error "AIOT_WHEEL, AIOT_REPORTS, AIOT_LINES, AIOT_TASK_NAMES, AIOT_WIDE_LABELS are gone: AIOT_SMALL and AIOT_DEBUG decide"
#elif defined AIOT_TRAP || defined AIOT_COMPLAIN || defined AIOT_ASSERT
#error "AIOT_TRAP, AIOT_COMPLAIN and AIOT_ASSERT are gone: define AIOT_PANIC(file, line, task_name, message)"
#elif defined __SDCC && (AIOT_DECLARE_ONLY || AIOT_DEBUG)
#error "SDCC does not compile AIOT_DEBUG, and has no inline functions for AIOT_DECLARE_ONLY: include the header in one file"
#endif

#if AIOT_HOSTED
#include <time.h>
#endif
#if AIOT_DEBUG && AIOT_HOSTED
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#endif
#if AIOT_THREADS
#include <pthread.h>
#include <signal.h>
#if !defined SIG_BLOCK && !defined __cppcheck__  /* which may know no header of the system */
#error "AIOT_THREADS needs POSIX: define _POSIX_C_SOURCE 200809L before the first include, or compile with -std=gnu11"
#endif
#endif
#if AIOT_POLL
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#if AIOT_I_POLLER == AIOT_I_EPOLL
#include <sys/epoll.h>
typedef struct epoll_event aiot_i_event;
#elif AIOT_I_POLLER == AIOT_I_KQUEUE
#include <sys/types.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <sys/time.h>
typedef struct kevent aiot_i_event;
#endif
#endif

/* ---- Compilers. SDCC 4.2 returns no structs, so aiot_error_of() and aiot_group_error() are absent, and has no compound literals. It links
 * functions that are not used: AIOT_STOP(), AIOT_RACE(), AIOT_TICK(), aiot_backoff, aiot_wait_for and aiot_cancel_reason() are absent. Its
 * inlining triples the code: it is off in this header. Its common subexpressions do not survive a resume: they are off for the rest of the
 * file, your coroutines included. */
#ifdef __SDCC
#define inline
#pragma nogcse
#endif

#if defined __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wshadow"  /* a global of yours may have the name of a local here */
#define AIOT_I_LIKELY(x) __builtin_expect(!!(x), 1)
#define AIOT_I_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define AIOT_I_EXTENSION __extension__
#define AIOT_I_UNUSED __attribute__((unused))
#define AIOT_I_PREFETCH(p) __builtin_prefetch(p)
#define AIOT_I_HERE(name) uintptr_t name = (uintptr_t)__builtin_frame_address(0)  /* about where the stack is */
#define AIOT_I_NEVER(x) if (x) __builtin_unreachable();
#else
#define AIOT_I_LIKELY(x) (x)
#define AIOT_I_UNLIKELY(x) (x)
#define AIOT_I_EXTENSION
#define AIOT_I_UNUSED
#define AIOT_I_PREFETCH(p) ((void)(p))
#define AIOT_I_HERE(name) char name##_; uintptr_t name = (uintptr_t)&name##_
#define AIOT_I_NEVER(x)
#endif

/* What clang's analyzer cannot see, and other compilers do without. */
#ifdef __clang_analyzer__
#define AIOT_I_KNOWN(x) if (!(x)) __builtin_unreachable();
#else
#define AIOT_I_KNOWN(x)
#endif

/* How a function is linked and compiled. With AIOT_DECLARE_ONLY it is C99's inline, which leaves no copy.
 *     AIOT_I_FN       small: inline
 *     AIOT_I_COLD     rare or large: one copy a file, away from the hot path; without optimisation, none if it is not used
 *     AIOT_I_INLINE   inlined on hosts; in the small loop where that is smaller
 *     AIOT_I_CALLED   inlined on hosts; never in the small loop
 *     AIOT_I_RARE     the other way round: called from one place, and not often
 *     AIOT_I_BRIEF, AIOT_I_ASIDE, AIOT_I_SLEEPS    the same three, but for AVR, where a handful of instructions is many */
#if AIOT_IMPLEMENTATION
#pragma GCC diagnostic ignored "-Wmissing-prototypes"  /* the definitions are the prototypes */
#define AIOT_I_LINKAGE extern
#elif AIOT_DECLARE_ONLY
#define AIOT_I_LINKAGE
#else
#define AIOT_I_LINKAGE static
#endif
#define AIOT_I_FN AIOT_I_LINKAGE inline
#if AIOT_DECLARE_ONLY || (defined __GNUC__ && !defined __OPTIMIZE__ && !AIOT_IMPLEMENTATION)
#define AIOT_I_COLD AIOT_I_FN
#elif defined __GNUC__
#define AIOT_I_COLD AIOT_I_LINKAGE __attribute__((noinline, unused))
#else
#define AIOT_I_COLD AIOT_I_LINKAGE
#endif
#if AIOT_SMALL && defined __GNUC__ && !AIOT_DECLARE_ONLY
#define AIOT_I_INLINE AIOT_I_LINKAGE AIOT_I_UNUSED
#define AIOT_I_CALLED AIOT_I_COLD
#define AIOT_I_RARE AIOT_I_FN
#else
#define AIOT_I_INLINE AIOT_I_FN
#define AIOT_I_CALLED AIOT_I_FN
#define AIOT_I_RARE AIOT_I_COLD
#endif
#if AIOT_SMALL && defined __AVR__
#define AIOT_I_BRIEF AIOT_I_COLD
#define AIOT_I_ASIDE AIOT_I_FN
#define AIOT_I_SLEEPS AIOT_I_INLINE
#else
#define AIOT_I_BRIEF AIOT_I_FN
#define AIOT_I_ASIDE AIOT_I_COLD
#define AIOT_I_SLEEPS AIOT_I_CALLED
#endif

/* Access to what interrupts or other threads write. On hosts, other CPUs see it in order. */
#if AIOT_HOSTED && defined __GNUC__
#define AIOT_I_PEEK(x) __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define AIOT_I_POKE(x, value) __atomic_store_n(&(x), value, __ATOMIC_RELEASE)
#else
#define AIOT_I_PEEK(x) (x)
#define AIOT_I_POKE(x, value) ((x) = (value))
#endif

/* ---- Failed checks. Each calls AIOT_PANIC(). Where memory may be corrupt, AIOT_I_STOP(line) then stops the program. Without
 * AIOT_HOSTED, the line of the last failed check is kept for a debugger or a watchdog's handler. It is the one piece of state outside your
 * objects, one for the whole program where the linker knows weak symbols. */
#if !AIOT_HOSTED
#if defined __GNUC__ && (!AIOT_DECLARE_ONLY || defined __cplusplus)
extern volatile unsigned aiot_failed_line;
__attribute__((weak)) volatile unsigned aiot_failed_line;
#elif AIOT_DECLARE_ONLY
extern volatile unsigned aiot_failed_line;
#elif AIOT_IMPLEMENTATION
volatile unsigned aiot_failed_line;
#else
static volatile unsigned aiot_failed_line;
#endif
AIOT_I_FN void aiot_i_failed(unsigned line) { aiot_failed_line = line; }
#define AIOT_I_STOP(line) aiot_i_stop(line)
AIOT_I_FN void aiot_i_stop(unsigned line) { for (;;) aiot_i_failed(line); }
#elif AIOT_DEBUG
#define AIOT_I_STOP(line) abort()
#elif defined __GNUC__
#define AIOT_I_STOP(line) __builtin_trap()
#else
#define AIOT_I_STOP(line) aiot_i_stop()
AIOT_I_FN void aiot_i_stop(void) { for (;;) { } }
#endif

#if AIOT_DEBUG && !defined AIOT_PANIC
#if AIOT_HOSTED
#define AIOT_PANIC(file, line, name, message) fprintf(stderr, "%s:%u: task '%s': %s\n", (file), (unsigned)(line), (name), (message))
#else
#define AIOT_PANIC(file, line, name, message) ((void)(file), (void)(name), (void)(message), aiot_i_failed(line))
#endif
#endif

/* Release builds stop at a corrupted frame, and at a block that leaves another limit or group than it entered. They call AIOT_PANIC() only
 * if you define it. */
#ifdef AIOT_PANIC
#define AIOT_I_CORRUPTED(file, line, name, message) ((void)AIOT_PANIC(file, line, name, message), AIOT_I_STOP(line))
#else
#define AIOT_I_CORRUPTED(file, line, name, message) AIOT_I_STOP(line)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ============================================================================================================== [2]
 * ERRORS. An error is a code and an optional pointer: a cancel message, the timeout that expired, or the user's. 0 is success. The
 * library's codes are negative, the user's are positive.
 *
 * The table: name, code, asyncio's exception, description. */
#define AIOT_ERROR_TABLE(X) \
    X(AIOT_ECANCELED, -1, "CancelledError",     "cancelled") \
    X(AIOT_ETIMEDOUT, -2, "TimeoutError",       "timed out") \
    X(AIOT_EDEADLK,   -3, "Deadlock",           "nothing can ever run again, but tasks are waiting") \
    X(AIOT_EINVAL,    -4, "ValueError",         "invalid argument") \
    X(AIOT_ESTATE,    -5, "InvalidStateError",  "not in a state that allows this") \
    X(AIOT_ERUNTIME,  -6, "RuntimeError",       "used in a way that is not allowed") \
    X(AIOT_ENOBUFS,   -7, "BufferError",        "the storage the caller gave is full") \
    X(AIOT_EFULL,     -8, "QueueFull",          "the queue is full") \
    X(AIOT_EEMPTY,    -9, "QueueEmpty",         "the queue is empty") \
    X(AIOT_ESHUTDOWN, -10, "QueueShutDown",     "the queue has been shut down") \
    X(AIOT_EBROKEN,   -11, "BrokenBarrierError", "the barrier is broken, or was reset") \
    X(AIOT_EGROUP,    -12, "ExceptionGroup",    "tasks of a group failed") \
    X(AIOT_EBADF,     -13, "OSError",           "the descriptor is not open, or was closed")

#define AIOT_I_CODE(name, value, exception, text) name = value,
enum {
    AIOT_OK = 0,
    AIOT_ERROR_TABLE(AIOT_I_CODE)
    AIOT_I_RETURNING = INT16_MIN  /* AIOT_RETURN() while it runs the FINALLY parts; never seen outside */
};

typedef struct aiot_error {
    const void *info;  /* NULL, or an object that outlives the error */
    int         code;
} aiot_error;

/* The name of asyncio's exception for a code: "TimeoutError". "AppError" for the user's codes, "OK" for 0. */
#define AIOT_I_EXCEPTION(name, value, exception, text) case value: return exception;
AIOT_I_FN const char *aiot_error_name(int code)
{
    switch (code) {
    AIOT_ERROR_TABLE(AIOT_I_EXCEPTION)
    default: return code == 0 ? "OK" : code > 0 ? "AppError" : "unknown error";
    }
}

/* A short description of a code, in English. */
#define AIOT_I_TEXT(name, value, exception, text) case value: return text;
AIOT_I_FN const char *aiot_strerror(int code)
{
    switch (code) {
    AIOT_ERROR_TABLE(AIOT_I_TEXT)
    default: return code == 0 ? "success" : code > 0 ? "an error of the application" : "unknown error";
    }
}

/* Success, a code of the user's, or one of the table. */
#define AIOT_I_OR_CODE(name, value, exception, text) || code == (value)
AIOT_I_FN bool aiot_i_is_known(int code) { return code >= 0 AIOT_ERROR_TABLE(AIOT_I_OR_CODE); }

/* ============================================================================================================== [3]
 * TIME. An aiot_time is a time of the loop's clock, or a delay: signed ticks, AIOT_TICKS_PER_S to a second, by default nanoseconds in 64
 * bits. AIOT_FOREVER means "no limit" (asyncio's None). With 64 bits, a time too far away to represent (292 years) becomes AIOT_FOREVER.
 *
 * Delays count from aiot_now(). The clock is read once per turn, so time spent computing shortens the delays that begin later in that turn:
 * call aiot_clock_refresh(task->loop) after a long computation. A delay of n ticks lasts n - 1 to n of them: ask for n + 1 to get at least
 * n.
 *
 * With AIOT_TIME_BITS 32 or 16, ticks wrap:
 *  - The longest delay is half the range: 2 147 483 646 or 32 766 ticks; in milliseconds 24 days or 32 seconds. A longer constant does
 *    not compile. Another is AIOT_EINVAL where it is used; aiot_time_after() makes it AIOT_FOREVER.
 *  - Use aiot_time_before(), aiot_time_after() and aiot_time_between(), not <, + and -. Only clock hooks, idle hooks and interrupt
 *    handlers, which read the counter itself, subtract as unsigned numbers.
 *  - AIOT_FOREVER is no time. At that tick aiot_now() shows the next one, and a deadline on either of the two moves one tick later. A
 *    delay may last a tick longer, and a period of AIOT_SLEEP_UNTIL() may shift by a tick.
 *  - The loop must run at least once in half the range. A deadline that passed longer ago counts as one in the future. */
#define AIOT_I_OF_BITS(before, bits, behind) AIOT_I_OF_BITS_(before, bits, behind)
#define AIOT_I_OF_BITS_(before, bits, behind) before##bits##behind
typedef AIOT_I_OF_BITS(int, AIOT_TIME_BITS, _t) aiot_time;
#define AIOT_FOREVER AIOT_I_OF_BITS(INT, AIOT_TIME_BITS, _MAX)

/* Without a body: gcc and clang reject a call; with other compilers the linker does. */
#if defined __GNUC__ && (!defined __clang__ || __clang_major__ >= 14)
#define AIOT_I_REJECT(text) __attribute__((error(text)))
#else
#define AIOT_I_REJECT(text)
#endif
aiot_time aiot_i_delay_is_too_long(void) AIOT_I_REJECT("this delay is longer than AIOT_TIME_BITS and AIOT_TICKS_PER_S allow");
aiot_time aiot_i_delay_is_a_fraction(double) AIOT_I_REJECT("a delay is a whole number of ticks: write AIOT_S(0.5) for 0.5");

/* ARITHMETIC of times that are not AIOT_FOREVER: with 64 bits it saturates, with 32 and 16 it wraps. AIOT_I_LONGEST is the longest delay,
 * as a double. AIOT_I_BEYOND(end) is what a constant beyond it becomes, or beyond its negative. With 32 and 16 bits, any other delay that
 * does not fit becomes AIOT_I_TOO_LONG, which is AIOT_EINVAL where it is used. */
#if AIOT_TIME_BITS == 64
#define AIOT_I_LONGEST 9223372036854774784.0  /* the last double below 2^63 */
#define AIOT_I_BEYOND(end) end
#define AIOT_I_IS_CONSTANT_TOO_LONG(delay) 0
AIOT_I_FN aiot_time aiot_i_ticks(int64_t n) { return n; }
AIOT_I_FN bool aiot_i_is_too_long(aiot_time delay) { return false; }
AIOT_I_FN bool aiot_i_is_before(aiot_time a, aiot_time b) { return a < b; }
AIOT_I_FN bool aiot_i_is_later(aiot_time until, aiot_time now) { return until > now; }
AIOT_I_FN aiot_time aiot_i_sum(aiot_time now, aiot_time delay)
{
    if (delay > 0) return now > AIOT_FOREVER - delay ? AIOT_FOREVER : now + delay;
    return now < INT64_MIN - delay ? INT64_MIN : now + delay;
}
AIOT_I_FN aiot_time aiot_i_difference(aiot_time from, aiot_time to)
{
    if (from < 0) return to > AIOT_FOREVER + from ? AIOT_FOREVER : to - from;
    return to < INT64_MIN + from ? INT64_MIN : to - from;
}
#else
#define AIOT_I_LONGEST ((double)(AIOT_FOREVER - 1 - (sizeof(double) < 8 ? AIOT_FOREVER / 16777216 : 0)))  /* AVR's has 24 bits */
#define AIOT_I_TOO_LONG AIOT_I_OF_BITS(INT, AIOT_TIME_BITS, _MIN)
#define AIOT_I_BEYOND(end) AIOT_I_REJECTED_DELAY
#define AIOT_I_IS_CONSTANT_TOO_LONG(delay) AIOT_I_IS_REJECTED_DELAY(delay)
AIOT_I_FN aiot_time aiot_i_ticks(int64_t n) { return n < AIOT_FOREVER && n > -AIOT_FOREVER ? (aiot_time)n : AIOT_I_TOO_LONG; }
AIOT_I_FN bool aiot_i_is_too_long(aiot_time delay) { return delay == AIOT_I_TOO_LONG; }
typedef AIOT_I_OF_BITS(uint, AIOT_TIME_BITS, _t) aiot_i_counter;
AIOT_I_FN aiot_time aiot_i_distance(aiot_time from, aiot_time to) { return (aiot_time)((aiot_i_counter)to - (aiot_i_counter)from); }
AIOT_I_FN bool aiot_i_is_before(aiot_time a, aiot_time b) { return aiot_i_distance(b, a) < 0; }
AIOT_I_FN bool aiot_i_is_later(aiot_time until, aiot_time now) { return aiot_i_distance(now, until) > 0 || until == AIOT_FOREVER; }
AIOT_I_FN aiot_time aiot_i_sum(aiot_time now, aiot_time delay)  /* AIOT_FOREVER if the delay is too long */
{
    if (AIOT_I_UNLIKELY(delay == AIOT_FOREVER || delay == AIOT_I_TOO_LONG)) return AIOT_FOREVER;
    aiot_time when = aiot_i_distance((aiot_time)-delay, now);
    return AIOT_I_UNLIKELY(when == AIOT_FOREVER || when == AIOT_I_TOO_LONG) ? aiot_i_distance(-1, when) : when;  /* a tick later */
}
AIOT_I_FN aiot_time aiot_i_difference(aiot_time from, aiot_time to)
{
    aiot_time distance = aiot_i_distance(from, to);
    return distance == AIOT_FOREVER ? AIOT_FOREVER - 1 : distance;  /* less the tick of aiot_i_sum() */
}
#endif

/* now + delay. A negative delay gives a time in the past, as in asyncio. AIOT_FOREVER if either is. */
AIOT_I_FN aiot_time aiot_time_after(aiot_time now, aiot_time delay)
{
    aiot_time when = delay == AIOT_FOREVER ? delay : aiot_i_sum(now, delay);
    return AIOT_I_UNLIKELY(now == AIOT_FOREVER) ? now : when;
}
/* Returns to - from. AIOT_FOREVER if `to` is; else -AIOT_FOREVER if `from` is AIOT_FOREVER. */
AIOT_I_FN aiot_time aiot_time_between(aiot_time from, aiot_time to)
{
    if (to == AIOT_FOREVER) return AIOT_FOREVER;
    return from == AIOT_FOREVER ? -AIOT_FOREVER : aiot_i_difference(from, to);
}
/* Is a before b? Every other time is before AIOT_FOREVER. */
AIOT_I_FN bool aiot_time_before(aiot_time a, aiot_time b)
{
    return a != AIOT_FOREVER && (b == AIOT_FOREVER || aiot_i_is_before(a, b));
}

/* n seconds, milliseconds, microseconds or nanoseconds. Rounded up to whole ticks. n is evaluated once, and may have a fraction:
 * AIOT_S(0.5); the error of a double adds no tick. A constant n gives a constant. What is too long, infinity and NaN are AIOT_FOREVER, what
 * is too long ago INT64_MIN. With 32 and 16 bits all these are too long. */
#define AIOT_S(n) AIOT_I_CONVERT(n, (AIOT_TICKS_PER_S), 1, AIOT_I_PRODUCT)
#if AIOT_TICKS_PER_S % 1000 == 0
#define AIOT_MS(n) AIOT_I_CONVERT(n, (int64_t)(AIOT_TICKS_PER_S / 1000), 1, AIOT_I_PRODUCT)
#else
#define AIOT_MS(n) AIOT_I_PARTS(n, 1000)
#endif
#if AIOT_TICKS_PER_S % 1000000 == 0
#define AIOT_US(n) AIOT_I_CONVERT(n, (int64_t)(AIOT_TICKS_PER_S / 1000000), 1, AIOT_I_PRODUCT)
#else
#define AIOT_US(n) AIOT_I_PARTS(n, 1000000)
#endif
#define AIOT_NS(n) AIOT_I_PARTS(n, 1000000000)

/* CONVERSIONS. `parts` units are a second, and a unit is times / of ticks. Macros convert a constant, because a static initialiser cannot
 * call a function. Functions convert all else. AIOT_I_AS(n, x) is x in the type of n: it tells whether n has a fraction or is unsigned. */
#define AIOT_I_PARTS(n, parts) AIOT_I_CONVERT(n, (parts % AIOT_TICKS_PER_S == 0 ? 1 : (int64_t)AIOT_TICKS_PER_S), \
    (parts % AIOT_TICKS_PER_S == 0 ? parts / AIOT_TICKS_PER_S : (int64_t)parts), AIOT_I_RATIO)
#define AIOT_I_HAS_FRACTION(n) (AIOT_I_AS(n, 1) / 2 > 0)
#define AIOT_I_IS_UNSIGNED(n) (AIOT_I_AS(n, -1) > 0)
#ifdef __GNUC__
#define AIOT_I_AS(n, x) ((__typeof__((n) + 0))x)
#define AIOT_I_IS_CONSTANT(n) __builtin_constant_p(n)
#define AIOT_I_FITS(n, number, times, of) (number <= AIOT_I_LONGEST * of / times)
#define AIOT_I_REJECTED_DELAY aiot_i_delay_is_too_long()
#define AIOT_I_IS_REJECTED_DELAY(delay) (__builtin_constant_p(delay) && __builtin_fabs((double)(delay)) > AIOT_FOREVER)
#else  /* A constant 0 makes an int *. To tcc a cast of doubles is constant, a comparison is not. */
#define AIOT_I_AS(n, x) (1 ? (x) : (n))
#ifdef __TINYC__  /* it folds (n) * 0 of what is no constant */
#define AIOT_I_IS_CONSTANT(n) __builtin_constant_p(n)
#else
#define AIOT_I_IS_CONSTANT(n) _Generic(1 ? (void *)((intptr_t)(n) * 0) : (int *)0, int *: 1, default: 0)
#endif
#define AIOT_I_FITS(n, number, times, of) (AIOT_I_HAS_FRACTION(n) ? number <= AIOT_I_LONGEST * of / times \
    : (int64_t)(number / ((AIOT_I_LONGEST + 1) * of / times)) < 1)
#define AIOT_I_REJECTED_DELAY AIOT_I_TOO_LONG
#define AIOT_I_IS_REJECTED_DELAY(delay) 0
#endif
AIOT_I_FN int64_t aiot_i_unsigned(uint64_t n) { return n >> 63 ? INT64_MAX : (int64_t)n; }
#ifdef __SDCC  /* it links unused functions: one expression instead */
#define AIOT_I_ARGUMENT(n, of_signed, of_unsigned) of_signed(n)
#define AIOT_I_CONVERT(n, times, of, MACRO) aiot_i_ticks(AIOT_I_HAS_FRACTION(n) \
    ? AIOT_I_DIVIDE_UP((int64_t)((n) * 1024 * times), 1024 * (int64_t)of) : AIOT_I_DIVIDE_UP((int64_t)(n) * times, (int64_t)of))
#define AIOT_I_DIVIDE_UP(a, b) (((a) + INT64_MAX / 2 / (b) * (b) + (b) - 1) / (b) - INT64_MAX / 2 / (b))
#else
#define AIOT_I_CONVERT(n, times, of, MACRO) (AIOT_I_IS_CONSTANT(n) \
    ? !AIOT_I_FITS(n, (double)(n), times, of) ? AIOT_I_BEYOND(INT64_MAX) \
    : !AIOT_I_FITS(n, -(double)(n), times, of) ? AIOT_I_BEYOND(INT64_MIN) \
    : (aiot_time)(AIOT_I_HAS_FRACTION(n) ? AIOT_I_ROUND((double)(n) * times / of, of) : MACRO(n, times, of)) \
    : AIOT_I_HAS_FRACTION(n) ? aiot_i_round((double)(n) * times / of, of) : aiot_i_ratio((uint64_t)(n), AIOT_I_IS_UNSIGNED(n), times, of))
/* Multiplied without a sign: gcc warns of overflows in a dead branch, too. PRODUCT: sanitizers instrument divisions. */
#define AIOT_I_PRODUCT(n, times, of) (int64_t)((uint64_t)(n) * times)
#define AIOT_I_RATIO(n, times, of) (AIOT_I_IS_UNSIGNED(n) && (uint64_t)(n) >> 63 ? INT64_MAX \
    : (int64_t)((uint64_t)((int64_t)(n) / of) * times) + AIOT_I_DIVIDE_UP((int64_t)(n) % of * times, of))
#define AIOT_I_DIVIDE_UP(a, b) ((a) / (b) + ((a) % (b) > 0))
#define AIOT_I_ROUND(ticks, of) (int64_t)(ticks) \
    + (AIOT_TICKS_PER_S != 1000000000 && ((ticks) - (double)(int64_t)(ticks)) * 1024 * (double)of >= 1)
AIOT_I_FN aiot_time aiot_i_ratio(uint64_t number, bool is_unsigned, int64_t times, int64_t of)
{
    if (is_unsigned && number >> 63) return aiot_i_ticks(INT64_MAX);
    int64_t n = (int64_t)number, rest = AIOT_I_DIVIDE_UP(n % of * times, of);
    if (n > 0 && n / of > (INT64_MAX - rest) / times) return aiot_i_ticks(INT64_MAX);
    return aiot_i_ticks(n < 0 && n / of < (INT64_MIN - rest) / times ? INT64_MIN : n / of * times + rest);
}
AIOT_I_FN aiot_time aiot_i_round(double ticks, int64_t of)
{
    if (!(ticks < 9223372036854775808.0)) return aiot_i_ticks(INT64_MAX);  /* NaN, too */
    return aiot_i_ticks(ticks < -9223372036854775808.0 ? INT64_MIN : AIOT_I_ROUND(ticks, of));
}
#endif

/* ARGUMENTS of macros, as an aiot_time. A plain number can be longer: a delay is then too long, a time wraps. A fraction does not compile:
 * 0.5 would be 0, where AIOT_S(0.5) is meant. */
#define AIOT_I_DELAY(delay) \
    (AIOT_I_IS_CONSTANT_TOO_LONG(delay) ? aiot_i_delay_is_too_long() : AIOT_I_ARGUMENT(delay, aiot_i_delay, aiot_i_delay_unsigned))
#define AIOT_I_TIME(when) AIOT_I_ARGUMENT(when, aiot_i_wrap, aiot_i_wrap_unsigned)
AIOT_I_FN aiot_time aiot_i_same(aiot_time time) { return time; }
AIOT_I_FN aiot_time aiot_i_delay(int64_t n) { return n == AIOT_FOREVER ? AIOT_FOREVER : aiot_i_ticks(n); }
AIOT_I_FN aiot_time aiot_i_delay_unsigned(uint64_t n) { return aiot_i_delay(aiot_i_unsigned(n)); }
AIOT_I_FN aiot_time aiot_i_wrap(int64_t n) { return (aiot_time)n; }
AIOT_I_FN aiot_time aiot_i_wrap_unsigned(uint64_t n) { return (aiot_time)(AIOT_TIME_BITS == 64 ? aiot_i_unsigned(n) : (int64_t)n); }
#ifdef __cplusplus
#define AIOT_I_ARGUMENT(n, of_signed, of_unsigned) aiot_i_argument(n, of_signed, of_unsigned)
extern "C++" template <typename T>
inline aiot_time aiot_i_argument(const T &n, aiot_time (*of_signed)(int64_t), aiot_time (*of_unsigned)(uint64_t))
{
    static_assert(!AIOT_I_HAS_FRACTION(n), "a delay is a whole number of ticks: write AIOT_S(0.5) for 0.5");
    return AIOT_I_IS_UNSIGNED(n) ? of_unsigned((uint64_t)n) : of_signed((int64_t)n);
}
#elif !defined AIOT_I_ARGUMENT
#define AIOT_I_ARGUMENT(n, of_signed, of_unsigned) _Generic((n), float: aiot_i_delay_is_a_fraction, double: aiot_i_delay_is_a_fraction, \
    long double: aiot_i_delay_is_a_fraction, aiot_time: aiot_i_same, unsigned long: of_unsigned, unsigned long long: of_unsigned, \
    default: of_signed)(n)
#endif

/* ---- The system's clock. */
#if AIOT_HOSTED
#if !defined CLOCK_MONOTONIC && defined __linux__ && !defined __cplusplus
#if !defined __LP64__ && (!defined __GLIBC__ || defined __USE_TIME_BITS64)
#error "this C library has two sizes of time: define _POSIX_C_SOURCE 199309L before the first include, or compile with -std=gnu11"
#endif
/* -std=c11 hides these in <time.h>, which may have been included already. */
extern int clock_gettime(int clock, struct timespec *now);
extern int nanosleep(const struct timespec *time, struct timespec *rest);
#define AIOT_I_MONOTONIC 1
#elif defined CLOCK_MONOTONIC
#define AIOT_I_MONOTONIC CLOCK_MONOTONIC
#endif

AIOT_I_FN aiot_time aiot_i_system_time(void)
{
    struct timespec now;
#ifdef AIOT_I_MONOTONIC
    (void)clock_gettime(AIOT_I_MONOTONIC, &now);
#else
    (void)timespec_get(&now, TIME_UTC);
#endif
    if (AIOT_TICKS_PER_S == 1000000000) return (aiot_time)((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
    return (aiot_time)((uint64_t)now.tv_sec * AIOT_TICKS_PER_S + (uint64_t)now.tv_nsec * AIOT_TICKS_PER_S / 1000000000u);
}

/* Sleeps, an hour at most. */
AIOT_I_COLD void aiot_i_system_sleep(uint64_t ticks)
{
    struct timespec time;
    if (ticks > (uint64_t)3600 * AIOT_TICKS_PER_S) ticks = (uint64_t)3600 * AIOT_TICKS_PER_S;
    time.tv_sec = (time_t)(ticks / AIOT_TICKS_PER_S);
    time.tv_nsec = (long)((ticks % AIOT_TICKS_PER_S * 1000000000 + AIOT_TICKS_PER_S - 1) / AIOT_TICKS_PER_S);
    if (time.tv_nsec > 999999999) time.tv_nsec = 999999999;  /* ticks shorter than a nanosecond */
#ifdef AIOT_I_MONOTONIC
    (void)nanosleep(&time, NULL);
#else
    for (aiot_time began = aiot_i_system_time(); (uint64_t)aiot_i_system_time() - (uint64_t)began < ticks;) { }
#endif
}
#endif

/* ============================================================================================================== [4]
 * LISTS. Circular and doubly linked, with a head of the same type. Appending and removing are O(1), and removing needs no list, so the
 * memory of a wait may go when the wait is over. An entry outside any list has next == NULL. */
typedef struct aiot_i_link { struct aiot_i_link *next, *prev; } aiot_i_link;

AIOT_I_FN void aiot_i_list_init(aiot_i_link *head) { head->next = head->prev = head; }
AIOT_I_FN bool aiot_i_list_empty(const aiot_i_link *head) { return head->next == head; }

AIOT_I_BRIEF void aiot_i_put_between(aiot_i_link *last, aiot_i_link *link, aiot_i_link *next)
{
    AIOT_I_KNOWN(last != NULL && next != NULL)
    link->next = next;
    last->next = link;
    link->prev = last;
    next->prev = link;
}

/* At the end of a list, or before any other link. */
AIOT_I_BRIEF void aiot_i_append(aiot_i_link *head, aiot_i_link *link) { aiot_i_put_between(head->prev, link, head); }

/* Takes a link out of its list. The link keeps its old values. */
AIOT_I_BRIEF void aiot_i_bridge(const aiot_i_link *link)
{
    aiot_i_link *next = link->next, *prev = link->prev;
    AIOT_I_KNOWN(next != NULL && prev != NULL)
    next->prev = prev;
    prev->next = next;
}

/* The same, and the link is outside any list. */
AIOT_I_BRIEF void aiot_i_unlink(aiot_i_link *link)
{
    aiot_i_bridge(link);
    link->next = NULL;
}

/* Moves all of `from` to the end of `to`. */
AIOT_I_FN void aiot_i_splice(aiot_i_link *to, aiot_i_link *from)
{
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    aiot_i_list_init(from);
}

AIOT_I_FN void aiot_i_list_clear(aiot_i_link *head) { while (!aiot_i_list_empty(head)) aiot_i_unlink(head->next); }

/* ============================================================================================================== [5]
 * WHAT CAN BE QUEUED. Everything that waits in a queue begins with an `aiot_i_entry`, and is in one queue at a time:
 *
 *     the ready list     FIFO of what runs in this turn and the next               loop->ready
 *     the timer wheel    what runs at a time                                       loop->timers
 *     a list of waiters  what runs when a task, future, gather or shield is done   awaitable->waiters
 *
 * Each wait of asyncio, and where its entries lie. "k" is the turn of the event; what is queued in k runs in k+1.
 *
 *   wait              before                                  turn k                     k+1                    k+2
 *   sleep(d)          task in wheel (TIMER)                   due: task to ready (TIMER) to ready again (READY) task runs
 *   sleep(0)          task in ready (READY)                   -                          task runs
 *   join              task in X's waiters (WAITING)           X ends: task to ready      task runs
 *   timeout           timeout in wheel, task anywhere         due: timeout to ready      cancels the task       task runs
 *   wait(), limit     task PARKED, links in members' waiters, member ends: link to ready condition met:         task runs
 *                     limit in wheel                                                     task to ready
 *   gather, shield    task in the gather's waiters,           member ends: link to ready gather ends:           task runs
 *                     links in members' waiters                                          task to ready
 *   wait_for(x, <=0)  task PARKED, link in x's waiters        x ends: link to ready      task to ready          task runs
 *   a descriptor      task PARKED, the kernel watches it      ready: its call to ready   task to ready          task runs
 *
 * A small loop with AIOT_IDLE() runs sleepers in k when nobody can tell: aiot_i_collect_sleepers().
 *
 * When a waiter is cancelled, cancel() removes the task from the timers, or makes a parked task ready. The waiter's next step then unlinks
 * the entries of its wait, O(1) each, before their memory can go away. A WAITING task stays so: cancel() goes to what it waits for, and the
 * task wakes when that ends. */
enum aiot_i_kind {      /* the role that an entry plays now */
    AIOT_I_IDLE = 0,    /* zeroed */
    AIOT_I_CALL,        /* an aiot_i_call: run its function */
    AIOT_I_FUTURE,      /* awaitables, never queued themselves: a plain future or shield, */
    AIOT_I_GATHER,      /*   and a gather */
    AIOT_I_ENDED,       /* tasks, from here on: ended, may be used again */
    AIOT_I_UNCOLLECTED, /*   the same, in an error that nobody has asked for */
    AIOT_I_READY,       /*   in the ready list, to be stepped; or running */
    AIOT_I_TIMER,       /*   in the wheel; or in the ready list with turns still to pass */
    AIOT_I_WAITING,     /*   in the waiters of u.target */
    AIOT_I_PARKED       /*   in no queue: woken through a pointer to it */
};

enum {                       /* bits of entry.flags */
    AIOT_I_DONE        = 1,  /* awaitables: ended, with a result, an error or a cancellation */
    AIOT_I_CANCELLED   = 2,  /* awaitables: ended by a cancel; calls: cancelled */
    AIOT_I_MUST_CANCEL = 4,  /* tasks: the next step begins with CancelledError */
    AIOT_I_MESSAGE     = 8,  /* tasks: with MUST_CANCEL, u.info is its message; calls: takes it */
    AIOT_I_LEFT_OVER   = 16, /* tasks: unfinished when main ended */
    AIOT_I_LOOKS_ON    = 16, /* calls: learn that it is done, without asking for its error */
    AIOT_I_DETACHED    = 32, /* tasks: nobody will ask how it ends */
    AIOT_I_IN_WAITERS  = 32, /* calls: linked in the waiters of u.target */
    AIOT_I_ASKED       = 64, /* gathers: a cancel reached a member, so the end is CancelledError */
    AIOT_I_TAKEN       = 64, /* tasks: a gather that is over, or a shield, takes the error */
    AIOT_I_MAY_TAKE    = 64, /* calls of a shield: it takes the error, unless cancelled by then */
    AIOT_I_STOPS       = 128, /* calls of a stop */
    AIOT_I_FIRM        = AIOT_TASK_LIST ? 128 : 0, /* tasks: every wait is cancelled */
    AIOT_I_WALKING     = 128, /* gathers: a cancel goes through the members now */
    AIOT_I_ANY_CANCEL  = AIOT_I_MUST_CANCEL | AIOT_I_FIRM
};

struct aiot_awaitable;
struct aiot_frame;
struct aiot_gather;
struct aiot_group_task;
struct aiot_loop;
struct aiot_poll;
struct aiot_shield;
struct aiot_task;
struct aiot_test;

typedef struct aiot_i_entry {
    aiot_i_link link;
    union {
        aiot_time              when;  /* in the wheel; timeouts and handles keep it afterwards */
        struct aiot_awaitable *target; /* in its waiters */
        const void            *info;   /* the error's pointer, or the message of a cancel not yet delivered */
        intptr_t               value;  /* the result of a future */
        void                  *who;    /* a descriptor's call: the task that waits, or the callback's argument */
    } u;
    int           code;  /* awaitables: how it ended; tasks: the error in flight; TIMER: further turns to pass */
    uint8_t       kind, flags;
    uint16_t      count;  /* tasks: cancelling(); timeouts: what it was on entry; calls in waiters: aiot_canceller_kind, or OF_WAIT, ... */
} aiot_i_entry;

AIOT_I_FN void aiot_i_entry_clear(aiot_i_entry *entry, unsigned kind)  /* all but its link */
{
    entry->u.when = 0;  /* u.when or u.info is the wider */
    entry->u.info = NULL;
    entry->code = 0;
    entry->kind = (uint8_t)kind;
    entry->flags = 0;
    entry->count = 0;
}
AIOT_I_FN void aiot_i_entry_init(aiot_i_entry *entry, unsigned kind)
{
    entry->link.next = NULL;
    aiot_i_entry_clear(entry, kind);
}

typedef struct aiot_i_call { /* an entry that calls a function when its turn comes */
    aiot_i_entry entry;
    void (*run)(struct aiot_loop *loop, struct aiot_i_call *call);
#if AIOT_DEBUG
    uintptr_t seal;  /* a function of its address: finds calls in a frame */
#endif
} aiot_i_call;

/* ============================================================================================================== [6]
 * OBJECTS. The caller owns all. What can be joined, waited for, gathered and shielded has an `aiot_awaitable` as its first member,
 * `awaitable`. Macros that take an awaitable take a pointer to any of them. */
typedef struct aiot_awaitable {
    aiot_i_entry      entry;
    aiot_i_link      *waiters; /* the first of a circle in order of registration, or NULL */
    struct aiot_loop *loop;  /* NULL until it is started or initialised */
} aiot_awaitable;

/* How a step ends. */
enum {
    AIOT_I_WAITS = 0,  /* the task is queued where it waits */
    AIOT_I_AGAIN = 1,  /* another frame is the innermost now: step it at once */
    AIOT_I_ENDS = 2,   /* its innermost frame has ended */
    AIOT_I_YIELDS = -1 /* it is to be made ready again */
};
#if AIOT_SMALL
typedef int_fast8_t aiot_i_how;
#else
typedef int aiot_i_how;
#endif
#ifdef __SDCC
typedef aiot_i_how aiot_ret;
#define AIOT_I_HOW(ret) (ret)
#else
typedef struct { aiot_i_how aiot_i_value; } aiot_ret;  /* a type of its own: `return 0;` does not compile */
#define AIOT_I_HOW(ret) ((ret).aiot_i_value)
#endif

typedef aiot_ret (*aiot_i_step_fn)(struct aiot_task *task);

/* The header of every coroutine frame. A task resumes its innermost frame directly, so a resume costs the same at any depth. */
typedef struct aiot_frame {
    aiot_i_step_fn step;
    union {
        struct aiot_frame *frame; /* the frame that awaits this one */
        const char        *name;  /* of the task's outermost frame: the task's name */
    } up;
#if AIOT_I_TELLS
    uint32_t      at;  /* where to resume: label, and the line in the high half */
#else
    uint16_t      at;
#endif
    uint8_t       caught;   /* error slots in use: the innermost is the error being handled */
    uint8_t       flags;    /* AIOT_I_LIVE, ... */
#if AIOT_DEBUG
    uint16_t      open;     /* blocks entered and not left; stays at the end once it is there */
    size_t        size;     /* of the whole frame */
#endif
} aiot_frame;

#if AIOT_I_TELLS
#define AIOT_I_AT(label) ((uint32_t)(label) | (uint32_t)(__LINE__ > 0xffff ? 0 : __LINE__) << 16)  /* 0: no line is known */
#define AIOT_I_LINE(frame) ((unsigned)((frame)->at >> 16))
#else
#define AIOT_I_AT(label) ((uint16_t)(label))
#define AIOT_I_LINE(frame) 0u
#endif
enum { AIOT_I_LIVE = 1, AIOT_I_ROOT = 2, AIOT_I_REFUSED = 4 };  /* frame.flags: in use; a task's outermost; an await did not begin */

/* SCOPES: limits, shielded blocks and groups. A task has a chain of those that it has entered, also in awaited coroutines. */
typedef struct aiot_i_scope {
    AIOT_I_EXTENSION union {
        struct aiot_i_scope *around; /* the next one of the chain */
        aiot_time            until;  /* of a stop, which is in no chain: the end of the grace */
    };
    uint8_t state, kind;
} aiot_i_scope;

enum {  /* the state of a limit */
    AIOT_I_NOT_MADE = 0, AIOT_I_EXITED, AIOT_I_EXPIRED,
    AIOT_I_BAD_DELAY,  /*   made with a delay that AIOT_TIME_BITS cannot hold */
    AIOT_I_CREATED,
    AIOT_I_ENTERED, AIOT_I_EXPIRING, /*   from here on: in use */
    AIOT_I_UNARMED  /*   by a wait with a limit of 0 or less, or by a stop */
};
enum {  /* bits of its kind */
    AIOT_I_GUARD = 1, AIOT_I_GROUP_BLOCK = 2,
    AIOT_I_FIRM_LIMIT = 4,
    AIOT_I_FIRM_OUTSIDE = 8  /* the task is cancelled firmly outside of it */
};

/* A task: a coroutine that runs by itself. Lives, with its frame, until it has ended. */
typedef struct aiot_task {
    AIOT_I_EXTENSION union {
        aiot_awaitable awaitable;
        AIOT_I_EXTENSION struct { aiot_i_entry entry; aiot_i_link *aiot_i_waiters; struct aiot_loop *loop; };
    };
    aiot_frame *frame; /* the innermost; the outermost after the end */
#if AIOT_TASK_LIST
    aiot_i_link all;  /* in loop->tasks, in order of creation */
    struct aiot_i_scope *scope; /* the innermost one that is entered */
#endif
#if AIOT_I_DUMPS
    const char *waits_for;    /* parked: what it waits for, and the object */
    const void *waits_at;
    struct aiot_task *up, *first, *next;  /* aiot_dump(): above it; the first below it; the next below the same one */
    unsigned    mark;
#endif
} aiot_task;

/* A future: one value or error, set once by anyone. */
typedef struct aiot_future { aiot_awaitable awaitable; } aiot_future;

/* A handle of call_soon / call_later / call_at, or of a done callback. The callback returns 0, or an error code for loop.on_error. */
typedef int (*aiot_callback)(void *argument);
typedef struct aiot_handle {
    aiot_i_call       call;
    struct aiot_loop *loop;
    aiot_callback     callback;
    void             *argument;
#if AIOT_DEBUG
    const char       *file; /* where it was armed last */
    unsigned          line;
#endif
} aiot_handle;

/* A limit: asyncio's Timeout. Lives until its block has been left. */
typedef struct aiot_timeout {
    aiot_i_call       call; /* entry.u.when: deadline; entry.count: the request count on entry */
    struct aiot_task *task;
    aiot_i_scope      scope;
} aiot_timeout;

/* Who has asked a task to end: of blocks around this point the innermost, else the first in this order of those that wait for it now. */
enum aiot_canceller_kind {
    AIOT_BY_NOBODY,
    AIOT_BY_LIMIT,   /* an aiot_timeout or aiot_guard around this point has struck */
    AIOT_BY_GROUP,   /* an aiot_group aborts: one around this point, or that of the task */
    AIOT_BY_RACE,    /* its AIOT_RACE_SET has a winner, or was cancelled */
    AIOT_BY_STOP,    /* AIOT_STOP(), with this aiot_timeout; of several, the one that is waited for */
    AIOT_BY_WAITER,  /* an aiot_task that joins it was cancelled, now or earlier, or its limit has struck */
    AIOT_BY_GATHER,  /* the gather that it is a member of was cancelled */
    AIOT_BY_CALL     /* aiot_cancel(), or somebody who does not wait for it any more */
};
enum { AIOT_I_OF_WAIT = AIOT_BY_CALL + 1, AIOT_I_OF_AS_COMPLETED, AIOT_I_OF_SHIELD };  /* waiters that do not cancel */
typedef struct aiot_canceller {
    enum aiot_canceller_kind kind;  /* in English: aiot_canceller_text(kind) */
    const void *object;  /* as above; NULL for the others */
    const char *message;  /* of aiot_cancel_msg(), while it is held, on its way or handled */
} aiot_canceller;

/* What held a loop up: debug builds on hosts measure it, section [17]. */
#define AIOT_LAG_NAME 40
typedef struct aiot_lag {
    aiot_time latest_ns;  /* how late a timer was at most, by the loop's clock */
    aiot_time slowest_ns;  /* how long a step or a callback took at most, by the system's clock, also on a virtual loop */
    char      name[AIOT_LAG_NAME];  /* that task's name; for a callback the end of the path of the file where it was armed */
    unsigned  from_line, to_line;  /* where it was resumed, 0: it began; where it waited next or ended. A callback: where it was armed, 0 */
} aiot_lag;

#define AIOT_I_NO_CANCELLER { AIOT_BY_NOBODY, NULL, NULL }

/* Returns a kind of canceller in English. */
AIOT_I_FN const char *aiot_canceller_text(enum aiot_canceller_kind kind)
{
    static const char *const text[] = { "nobody", "a limit", "its group", "its race", "a stop", "its waiter", "its gather", "a cancel" };
    return text[kind];
}

/* What loop.on_error is told: an error that nobody is there to receive. */
enum aiot_reason {
    AIOT_REPORT_CALLBACK, AIOT_REPORT_SHIELD, AIOT_REPORT_LEFT_OVER, AIOT_REPORT_GROUP, AIOT_REPORT_UNCOLLECTED, AIOT_REPORT_STILL_RUNS
};

typedef struct aiot_report {
    enum aiot_reason      reason; /* in English: aiot_reason_text(reason) */
    aiot_error            error;
    const aiot_awaitable *source; /* the task that failed; NULL for a callback, or if it may be gone */
    const char           *name;   /* the task's name, or NULL */
    unsigned              line;   /* where its outermost coroutine raised the error or awaited what did; 0: unknown.
                                   * STILL_RUNS: where its innermost coroutine waits.
                                   * In release builds the line of the last wait, if the error came from a wait that was
                                   * over at once or from AIOT_RERAISE() */
    size_t                count;  /* how many; this is the last, code 0 if somebody has asked for it since */
    aiot_time             asked_at;  /* STILL_RUNS: when it was asked to end */
    aiot_canceller        canceller; /* who had asked it to end, of those that still waited for it then */
} aiot_report;

/* Returns a reason in English. */
AIOT_I_FN const char *aiot_reason_text(enum aiot_reason reason)
{
    switch (reason) {
    case AIOT_REPORT_CALLBACK:    return "a callback returned an error";
    case AIOT_REPORT_SHIELD:      return "a shielded task failed after its waiter had gone";
    case AIOT_REPORT_LEFT_OVER:   return "a task that was left over failed when it was cancelled";
    case AIOT_REPORT_GROUP:       return "a task of a group failed after the group's holder had ended";
    case AIOT_REPORT_UNCOLLECTED: return "a task failed and nobody asked how it ended";
    case AIOT_REPORT_STILL_RUNS:  return "a task still runs after the grace of a stop";
    default:                      return "";
    }
}

#if !AIOT_SMALL
enum { AIOT_I_LEVELS = 11, AIOT_I_SLOTS = 64 };  /* 11 levels of 6 bits cover 64-bit time */
enum { AIOT_I_CHAINS = AIOT_HOSTED ? 2 : 1 };  /* lists in a slot */
#define AIOT_I_OVERDUE ((uint32_t)1 << 30)  /* in `levels`: there may be something in `overdue` */

typedef struct aiot_i_timers {
    aiot_time    time;                    /* every entry in a slot is later than this */
    uint32_t     levels;                  /* bit l: level l holds something; 0: the wheel is empty */
    bool         unsorted;                /* `overdue` is not in order of time */
    uint64_t     occupied[AIOT_I_LEVELS]; /* bit s of level l: that slot holds something */
    aiot_i_link  overdue;                 /* entries whose time had passed when they were inserted */
    aiot_time    last_when;               /* the time that was inserted last, */
    aiot_i_link *last_list;               /*   and its list, or an empty one */
    aiot_i_link  slot[AIOT_I_LEVELS][AIOT_I_SLOTS][AIOT_I_CHAINS];
} aiot_i_timers;
#else
typedef struct aiot_i_timers { aiot_i_link list; } aiot_i_timers;  /* in order of time */
#endif

/* THE CRITICAL SECTION, in which interrupts and other threads add to the loop's chain of posts. AIOT_THREADS blocks signals before it
 * locks: so a handler finds the mutex free, or held by another thread that no handler interrupts. */
#if AIOT_THREADS
typedef sigset_t aiot_i_critical;
#define AIOT_I_MUTEX pthread_mutex_t mutex;
#define AIOT_I_MUTEX_INIT(loop) ((void)pthread_mutex_init(&(loop)->mutex, NULL))
#define AIOT_I_ENTER(loop, state) aiot_i_lock(&(loop)->mutex, &(state))
#define AIOT_I_LEAVE(loop, state) aiot_i_unlock(&(loop)->mutex, &(state))
AIOT_I_FN void aiot_i_lock(pthread_mutex_t *mutex, sigset_t *before)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, before);
    (void)pthread_mutex_lock(mutex);
}
AIOT_I_FN void aiot_i_unlock(pthread_mutex_t *mutex, const sigset_t *before)
{
    (void)pthread_mutex_unlock(mutex);
    (void)pthread_sigmask(SIG_SETMASK, before, NULL);
}
#elif AIOT_I_INTERRUPTS
typedef AIOT_CRITICAL_STATE aiot_i_critical;
#define AIOT_I_MUTEX
#define AIOT_I_MUTEX_INIT(loop) ((void)0)
#define AIOT_I_ENTER(loop, state) AIOT_CRITICAL_ENTER(state)
#define AIOT_I_LEAVE(loop, state) AIOT_CRITICAL_LEAVE(state)
#endif

#if AIOT_I_INTERRUPTS
typedef struct aiot_i_post { /* a call that an interrupt may queue */
    aiot_i_call         call;
    struct aiot_loop   *loop;
    struct aiot_i_post *volatile next;
    volatile bool       is_posted;
} aiot_i_post;
#endif

/* Events of a task, for AIOT_TRACE(). */
enum { AIOT_TRACE_SPAWN, AIOT_TRACE_RESUME, AIOT_TRACE_SUSPEND, AIOT_TRACE_CANCEL, AIOT_TRACE_STRIKE, AIOT_TRACE_END };

enum aiot_i_moment { AIOT_I_AT_STEP, AIOT_I_AT_WAIT, AIOT_I_AT_END };  /* when a cancel is delivered */

/* An event loop. Any number of them, each used by one thread at a time. */
typedef struct aiot_loop {
    aiot_i_link  ready;  /* the ready list; in the host's loop only .prev, the entry added last */
#if AIOT_SMALL
    aiot_i_link *cursor;  /* entries before it run in the next turn */
    bool       (*deliver)(struct aiot_task *task, enum aiot_i_moment moment, const void *message);  /* set by the first cancel */
    void       (*ready_waiters)(struct aiot_awaitable *a);  /* set by the first waiter */
    bool         calling;  /* a callback runs, and no task */
#else
    aiot_task   *current;         /* the task that is stepped, or NULL */
    aiot_i_link  gone;            /* .next: the successor of the next entry, if that was taken out */
    aiot_i_entry mark;            /* in the ready list: entries behind it run in the next turn */
    aiot_i_link  yielded;         /* .next: the first that yielded and is not yet in the list */
    bool         wary;            /* in the next turn an entry may be taken out before it runs */
    void        *user;            /* yours: the library does not touch it */
#endif
    bool         now_read;        /* the clock has been read in this turn */
    bool         stopping;        /* aiot_loop_stop() was called */
    bool         turning;         /* the loop runs, or sleeps between turns */
    aiot_time    now;             /* the time of the turn */
#if AIOT_TASK_LIST
    aiot_i_link  tasks;           /* all unfinished tasks, in order of creation */
    size_t       left_over;       /* unfinished ones that aiot_cancel_all() cancelled */
    aiot_task    main_task;       /* of aiot_run(); may still wait after a deadlock */
#endif
#ifndef AIOT_CLOCK
    bool         is_virtual;
    aiot_time  (*clock)(struct aiot_loop *loop);
    void       (*idle)(struct aiot_loop *loop, aiot_time until);
#endif
#if AIOT_I_INTERRUPTS
    aiot_i_post *volatile posted; /* what interrupts have posted, */
    aiot_i_post *last_posted;  /*   to this, if there is any */
    AIOT_I_MUTEX
#endif
#if AIOT_POLL
    struct aiot_poll *poll;  /* section [15]; NULL: not open */
    unsigned     watched;    /* waits and callbacks for descriptors, and the wake-up */
#endif
#if AIOT_I_TELLS
    /* Told of errors that nobody is there to receive. NULL: dropped. Debug builds begin with a handler that prints. An error that ended
     * a task, and that nobody asked for, is told once: when aiot_run(), aiot_run_until() or aiot_run_forever() returns; when nothing is
     * ready and no task is left that could ask; when the task is spawned again; at once if it was detached. */
    void       (*on_error)(struct aiot_loop *loop, const aiot_report *report);
    aiot_report  uncollected;     /* the last such error, and their count */
    uintptr_t    runs;            /* how often they were told */
    const void  *told;            /* the task whose error was told last: compared, never followed */
    uintptr_t    seal;            /* a function of its address: it was initialised, and is where it was then */
    uintptr_t    stack;           /* debug builds: about where the coroutine's C locals begin, */
    bool         clock_went_back; /*   and the loop has said so */
#endif
#if AIOT_I_TESTS
    struct aiot_test *test;       /* section [18]: the test that runs on this loop, or NULL */
    uint64_t     order;           /* not 0: the random state that shuffles the ready tasks */
    uint64_t     trace;           /* a hash of the steps */
    unsigned     held;            /* the virtual clock waits */
#endif
#if AIOT_I_DUMPS
    aiot_lag     lag;
#endif
    aiot_i_timers timers;
} aiot_loop;

#define AIOT_I_CONTAINER(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

/* ERRORS THAT NOBODY IS THERE TO RECEIVE go to loop.on_error. */
#if AIOT_I_TELLS
#if AIOT_DEBUG && AIOT_HOSTED
AIOT_I_COLD void aiot_i_print_report(aiot_loop *loop, const aiot_report *report)
{
    if (report->count > 1) fprintf(stderr, "%u times, ", (unsigned)report->count);
    fputs(aiot_reason_text(report->reason), stderr);
    const char *name = report->name ? report->name : "?";
    if (report->reason == AIOT_REPORT_STILL_RUNS)
        fprintf(stderr, ": task '%s' waits in line %u", name, report->line);
    else if (report->error.code != 0)
        fprintf(stderr, "%s: task '%s', line %u: %s (%d)", report->count > 1 ? "; the last" : "", name, report->line,
                aiot_strerror(report->error.code), report->error.code);
    if (report->reason != AIOT_REPORT_STILL_RUNS && report->canceller.kind != AIOT_BY_NOBODY)
        fprintf(stderr, ", cancelled by %s", aiot_canceller_text(report->canceller.kind));
    fputc('\n', stderr);
}
#define AIOT_I_ON_ERROR aiot_i_print_report
#else
#define AIOT_I_ON_ERROR NULL
#endif

AIOT_I_COLD void aiot_i_report(aiot_loop *loop, enum aiot_reason reason, int code, const void *info, const aiot_task *task,
                               const aiot_canceller *by)
{
    aiot_report report = { reason, { info, code }, task ? &task->awaitable : NULL, NULL, 0, 1, 0, AIOT_I_NO_CANCELLER };
    if (by) report.canceller = *by;
    if (task && task->frame) {
        if (task->frame->flags & AIOT_I_ROOT) report.name = task->frame->up.name;
        report.line = AIOT_I_LINE(task->frame);
    }
    if (loop->on_error) loop->on_error(loop, &report);
}

/* A task ended in an error that nobody takes. The loop keeps the last such error and a count, not a list, because the task may be freed.
 * The task keeps loop->runs in a link that it no longer needs. */
AIOT_I_COLD void aiot_i_keep_error(aiot_task *task, const aiot_canceller *by)
{
    aiot_i_entry *entry = &task->entry;
    aiot_report *last = &task->loop->uncollected;
    aiot_report report = { AIOT_REPORT_UNCOLLECTED, { entry->u.info, entry->code }, &task->awaitable, task->frame->up.name,
                           AIOT_I_LINE(task->frame), last->count + (last->count < SIZE_MAX), 0, *by };
    *last = report;
    entry->kind = AIOT_I_UNCOLLECTED;
    entry->link.prev = (aiot_i_link *)task->loop->runs;
}

/* Somebody asked how `a` ended. Its error is not told, unless it was told already. */
AIOT_I_FN void aiot_i_collect(aiot_awaitable *a)
{
    if (a->entry.kind != AIOT_I_UNCOLLECTED) return;
    aiot_report *last = &a->loop->uncollected;
    a->entry.kind = AIOT_I_ENDED;
    if ((uintptr_t)a->entry.link.prev == a->loop->runs && last->count > 0) last->count--;
    if (last->source != a) return;
    aiot_report no_details = { AIOT_REPORT_UNCOLLECTED, { NULL, 0 }, a, NULL, 0, last->count, 0, AIOT_I_NO_CANCELLER };
    *last = no_details;
}

/* Tells the handler once of the errors that nobody took. */
AIOT_I_COLD void aiot_i_tell_uncollected(aiot_loop *loop)
{
    if (loop->uncollected.count == 0) return;
    aiot_report report = loop->uncollected;
    loop->told = report.source;
    report.source = NULL;  /* it may be gone */
    loop->uncollected.source = NULL;
    loop->uncollected.count = 0;
    loop->runs++;
    if (loop->on_error) loop->on_error(loop, &report);
}
#else
#define aiot_i_report(loop, reason, code, info, task, by) ((void)(loop), (void)(code), (void)(info), (void)(task))
AIOT_I_FN void aiot_i_collect(aiot_awaitable *a) { }
AIOT_I_FN void aiot_i_tell_uncollected(aiot_loop *loop) { }
#endif

/* ============================================================================================================== [7]
 * TIMERS. The host's loop has a timer wheel, the small loop a sorted list. Both have the same functions:
 *     aiot_i_timers_insert(timers, entry, now)   arms an entry for entry->u.when; FIFO among entries of one instant
 *     aiot_i_timers_remove(timers, entry)        O(1)
 *     aiot_i_timers_expire(timers, now, ready)   appends every entry whose time has come to `ready`, in order of time
 *     aiot_i_timers_next(timers)                 the time to look again: the first deadline, or earlier; AIOT_FOREVER if it is empty */
#define AIOT_I_ENTRY(of_link) ((aiot_i_entry *)(void *)(of_link))
AIOT_I_FN aiot_time aiot_i_when(const aiot_i_link *link) { return ((const aiot_i_entry *)(const void *)link)->u.when; }

#if !AIOT_SMALL
/* THE WHEEL is a heap: a radix heap (Ahuja, Mehlhorn, Orlin & Tarjan 1990), a monotone heap of buckets, ordered by the binary digits of its
 * keys. A textbook binary heap inserts in O(log n) comparisons, and needs sequence numbers for FIFO among equals. A radix heap compares
 * nothing, inserts and removes in O(1), and keeps equals in one list, because time only goes forward. It is also the hierarchical timing
 * wheel of Varghese & Lauck (1987), down to one nanosecond. Hashed wheels round times, or look at entries that are not due.
 *
 * A time is 11 digits of 6 bits. An entry lies at the level of the highest digit in which its time differs from the wheel's time, in the
 * slot of its own digit there. Expiring deals the first slot out to lower levels:
 *
 *     wheel's time     ... 00 00 05        an entry for ... 00 02 17 differs first in the middle digit:
 *     level 1    slot  01 [02] 03 ...      it waits in slot 02 of level 1 until the wheel's time is 00 02 00,
 *     level 0    slot  ... [17] ...        then in slot 17 of level 0,
 *     ready      <- 00 02 17               and becomes ready when the wheel's time is 00 02 17.
 *
 * An entry descends at most 11 times, about 4 times for a delay of a second. A slot is two lists, each for half of all instants, walked
 * from both ends: four cache misses are under way at once, which is up to three times as fast.
 *
 * Invariants. Every entry in a slot is later than wheel.time. An entry in slot s of level l has the digits of wheel.time above l, and s is
 * greater than digit l of wheel.time. Bit s of occupied[l] is set exactly if that slot holds an entry, bit l of levels exactly if
 * occupied[l] is not 0. */

AIOT_I_FN void aiot_i_timers_init(aiot_i_timers *wheel, aiot_time now)
{
    aiot_i_link *all = &wheel->slot[0][0][0];
    wheel->time = wheel->last_when = now;
    wheel->levels = 0;
    wheel->unsorted = false;
    aiot_i_list_init(&wheel->overdue);
    for (unsigned l = 0; l < AIOT_I_LEVELS; l++) wheel->occupied[l] = 0;
    for (size_t i = 0; i < sizeof wheel->slot / sizeof *all; i++) aiot_i_list_init(&all[i]);
    wheel->last_list = wheel->slot[0][0];  /* always empty */
}

/* Which of a slot's lists an instant belongs to: Fibonacci hashing. */
AIOT_I_FN unsigned aiot_i_chain(aiot_time when) { return (uint32_t)((uint32_t)when * UINT32_C(0x9E3779B1)) >> 31 & (AIOT_I_CHAINS - 1); }

/* The number of the highest and lowest bit that is set. x > 0. */
#if defined __GNUC__
AIOT_I_FN unsigned aiot_i_highest_bit(uint64_t x) { return 63u ^ (unsigned)__builtin_clzll(x); }
AIOT_I_FN unsigned aiot_i_lowest_bit(uint64_t x) { return (unsigned)__builtin_ctzll(x); }
#else
AIOT_I_FN unsigned aiot_i_highest_bit(uint64_t x)
{
    unsigned n = 0;
    for (unsigned step = 32; step; step >>= 1) if (x >> step) { x >>= step; n += step; }
    return n;
}
AIOT_I_FN unsigned aiot_i_lowest_bit(uint64_t x) { return aiot_i_highest_bit(x & (~x + 1)); }
#endif

AIOT_I_FN unsigned aiot_i_digit(aiot_time when, size_t level) { return (unsigned)((uint64_t)when >> (level * 6)) & 63; }

/* Puts an entry later than the wheel's time into its slot. Returns the list. */
AIOT_I_FN aiot_i_link *aiot_i_wheel_place(aiot_i_timers *wheel, aiot_i_entry *e)
{
    aiot_time when = e->u.when;
    size_t level = aiot_i_highest_bit((uint64_t)when ^ (uint64_t)wheel->time) * 43 >> 8;  /* / 6, for 0..63 */
    size_t slot = aiot_i_digit(when, level);
    aiot_i_link *list = &wheel->slot[0][0][0] + (level * AIOT_I_SLOTS + slot) * AIOT_I_CHAINS + aiot_i_chain(when);
    if (aiot_i_list_empty(list)) {
        wheel->occupied[level] |= (uint64_t)1 << slot;
        wheel->levels |= (uint32_t)1 << level;
    }
    aiot_i_append(list, &e->link);
    return list;
}

/* Waits that begin in one turn often have the same deadline. Keeping the last list at hand saves 15 % of a timed wait. */
AIOT_I_FN void aiot_i_timers_insert(aiot_i_timers *wheel, aiot_i_entry *e, aiot_time now)
{
    aiot_time when = e->u.when;
    if (when == wheel->last_when && !aiot_i_list_empty(wheel->last_list)) {
        aiot_i_append(wheel->last_list, &e->link);
    } else if (AIOT_I_LIKELY(when > wheel->time)) {
        wheel->last_when = when;
        wheel->last_list = aiot_i_wheel_place(wheel, e);
    } else {  /* overdue */
        const aiot_i_link *last = wheel->overdue.prev;
        if (last != &wheel->overdue && aiot_i_when(last) > when) wheel->unsorted = true;
        aiot_i_append(&wheel->overdue, &e->link);
        wheel->levels |= AIOT_I_OVERDUE;
    }
}

AIOT_I_FN void aiot_i_wheel_vacate(aiot_i_timers *wheel, unsigned level, unsigned slot)
{
    wheel->occupied[level] &= ~((uint64_t)1 << slot);
    if (wheel->occupied[level] == 0) wheel->levels &= ~((uint32_t)1 << level);
}

/* Takes an entry out of the wheel, or of another list with a head (ready, overdue). Its link keeps its values. */
AIOT_I_FN void aiot_i_timers_remove(aiot_i_timers *wheel, aiot_i_entry *e)
{
    aiot_i_link *rest = e->link.next, *all = &wheel->slot[0][0][0];
    bool last = rest == e->link.prev;  /* one neighbour on both sides: the head, or one other e */
    aiot_i_bridge(&e->link);
    if (!last) return;
    uintptr_t offset = (uintptr_t)rest - (uintptr_t)all;
    size_t index = offset / sizeof *rest, other = index ^ (AIOT_I_CHAINS - 1);  /* the slot's other list */
    if (offset < sizeof wheel->slot && aiot_i_list_empty(&all[other]))
        aiot_i_wheel_vacate(wheel, (unsigned)(index / AIOT_I_CHAINS / AIOT_I_SLOTS), (unsigned)(index / AIOT_I_CHAINS % AIOT_I_SLOTS));
}

/* Sorts a list by time, keeping the order of equals: a bottom-up merge sort, O(n log n). Needed after a jump of the clock. */
AIOT_I_COLD void aiot_i_sort_by_time(aiot_i_link *head)
{
    for (size_t run = 1, merges = 2; merges > 1; run *= 2) {
        aiot_i_link sorted, *a = head->next;
        aiot_i_list_init(&sorted);
        for (merges = 0; a != head; merges++) {
            aiot_i_link *b = a;
            size_t left = 0, right = run;
            for (; left < run && b != head; left++) b = b->next;
            while (left > 0 || (right > 0 && b != head)) {
                bool from_b = left == 0 || (right > 0 && b != head && aiot_i_when(b) < aiot_i_when(a));
                aiot_i_link **source = from_b ? &b : &a, *taken = *source;
                *source = taken->next;
                if (from_b) right--; else left--;
                aiot_i_append(&sorted, taken);
            }
            a = b;
        }
        aiot_i_list_init(head);
        aiot_i_splice(head, &sorted);
    }
}

/* The start of the first occupied slot. There must be one. */
AIOT_I_FN aiot_time aiot_i_wheel_first(const aiot_i_timers *wheel, unsigned *level, unsigned *slot)
{
    unsigned l = aiot_i_lowest_bit(wheel->levels), s = aiot_i_lowest_bit(wheel->occupied[l]), above = (l + 1) * 6;
    uint64_t kept = above < 64 ? (uint64_t)wheel->time >> above << above : 0;
    *level = l;
    *slot = s;
    return (aiot_time)(kept | (uint64_t)s << (l * 6));
}

/* The only entry of a slot, or NULL. Saves 20 % when timers expire one at a time. */
AIOT_I_FN aiot_i_entry *aiot_i_only_entry(const aiot_i_link *chain)
{
    unsigned lists = 0, in = 0;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {  /* sums: no CPU predicts which list it is in */
        unsigned has = !aiot_i_list_empty(&chain[c]);
        lists += has;
        in += has * c;
    }
    return lists == 1 && chain[in].next == chain[in].prev ? AIOT_I_ENTRY(chain[in].next) : NULL;
}

/* What is left of a list that is dealt out, and for each slot below the entry that came from its back last. */
typedef struct aiot_i_dealing { aiot_i_link *first, *last, *back[AIOT_I_SLOTS]; uint64_t has_back; bool ends; } aiot_i_dealing;

/* Moves an entry to the list `to`, of `slot`, before those that came from the back already: each list keeps its order. */
AIOT_I_FN void aiot_i_deal_one(aiot_i_dealing *d, aiot_i_link *link, bool from_back, aiot_i_link *to, unsigned slot)
{
    aiot_i_append(d->has_back >> slot & 1 ? d->back[slot] : to, link);
    if (!from_back) return;
    d->has_back |= (uint64_t)1 << slot;
    d->back[slot] = link;
}

/* Deals out the lists of a slot that begins at the wheel's time to `level`, the one below. Entries of the first slot there stay in them.
 * Walks all lists at once, from both ends. */
AIOT_I_COLD void aiot_i_wheel_deal(aiot_i_timers *wheel, aiot_i_link *chain, unsigned level)
{
    aiot_i_dealing dealing[AIOT_I_CHAINS];
    unsigned at_work = 0;
    uint64_t slots = 0;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        aiot_i_dealing *d = &dealing[c];
        d->first = chain[c].next;
        d->last = chain[c].prev;
        d->has_back = 0;
        d->ends = aiot_i_list_empty(&chain[c]);
        at_work += !d->ends;
        aiot_i_list_init(&chain[c]);
    }
    while (at_work > 0) {
        for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
            aiot_i_dealing *d = &dealing[c];
            if (d->ends) continue;
            aiot_i_link *first = d->first, *last = d->last;
            unsigned front = aiot_i_digit(aiot_i_when(first), level), back = aiot_i_digit(aiot_i_when(last), level);
            d->first = first->next;
            d->last = last->prev;
            d->ends = first == last || first->next == last;
            at_work -= d->ends;
            AIOT_I_PREFETCH(d->first);
            AIOT_I_PREFETCH(d->last);
            aiot_i_deal_one(d, first, false, front ? &wheel->slot[level][front][c] : &chain[c], front);
            if (first != last) aiot_i_deal_one(d, last, true, back ? &wheel->slot[level][back][c] : &chain[c], back);
            slots |= (uint64_t)1 << front | (uint64_t)1 << back;
        }
    }
    wheel->occupied[level] |= slots & ~(uint64_t)1;
    if (wheel->occupied[level]) wheel->levels |= (uint32_t)1 << level;
}

/* Has one of a slot's lists more than two entries? */
AIOT_I_FN bool aiot_i_has_many(const aiot_i_link *chain)
{
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        const aiot_i_link *second = chain[c].next->next;
        if (second != &chain[c] && second != chain[c].prev) return true;
    }
    return false;
}

/* Moves an entry from its slot to the ready list, or to a lower level if its time is after `now`. */
AIOT_I_FN void aiot_i_wheel_lower(aiot_i_timers *wheel, aiot_i_entry *e, aiot_time now, aiot_i_link *ready)
{
    aiot_i_unlink(&e->link);
    if (e->u.when <= now) aiot_i_append(ready, &e->link);
    else aiot_i_wheel_place(wheel, e);
}

/* Empties a slot of `level` that begins at the wheel's time. */
AIOT_I_FN void aiot_i_wheel_open(aiot_i_timers *wheel, aiot_i_link *chain, unsigned level, aiot_i_link *ready)
{
    for (; level > 0 && aiot_i_has_many(chain); level--) aiot_i_wheel_deal(wheel, chain, level - 1);
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        if (level == 0) aiot_i_splice(ready, &chain[c]);  /* one nanosecond: all are of that instant */
        while (!aiot_i_list_empty(&chain[c])) aiot_i_wheel_lower(wheel, AIOT_I_ENTRY(chain[c].next), wheel->time, ready);
    }
}

AIOT_I_COLD void aiot_i_wheel_expire(aiot_i_timers *wheel, aiot_time now, aiot_i_link *ready)
{
    if (wheel->unsorted) aiot_i_sort_by_time(&wheel->overdue);
    wheel->unsorted = false;
    wheel->levels &= ~AIOT_I_OVERDUE;
    aiot_i_splice(ready, &wheel->overdue);
    while (wheel->levels != 0) {
        unsigned level, slot;
        aiot_time start = aiot_i_wheel_first(wheel, &level, &slot);
        if (start > now) break;
        aiot_i_link *chain = wheel->slot[level][slot];
        aiot_i_entry *only = aiot_i_only_entry(chain);
        aiot_i_wheel_vacate(wheel, level, slot);
        wheel->time = start;
        if (AIOT_I_UNLIKELY(only == NULL)) aiot_i_wheel_open(wheel, chain, level, ready);
        else aiot_i_wheel_lower(wheel, only, now, ready);
    }
    wheel->time = now;
}

/* Most turns find nothing due: this looks at the first slot only. */
AIOT_I_FN void aiot_i_timers_expire(aiot_i_timers *wheel, aiot_time now, aiot_i_link *ready)
{
    unsigned level, slot;
    bool only_slots = wheel->levels - 1 < AIOT_I_OVERDUE - 1;  /* there are some, and nothing is overdue */
    wheel->last_list = wheel->slot[0][0];  /* the old one goes with wheel->time */
    if (!only_slots || aiot_i_wheel_first(wheel, &level, &slot) <= now) aiot_i_wheel_expire(wheel, now, ready);
    else wheel->time = now;
}

/* Exact while the first slot holds at most 16 entries, else the start of that slot. */
AIOT_I_COLD aiot_time aiot_i_timers_next(const aiot_i_timers *wheel)
{
    unsigned level, slot, n = 0;
    if (!aiot_i_list_empty(&wheel->overdue)) return wheel->time;
    if ((wheel->levels & (AIOT_I_OVERDUE - 1)) == 0) return AIOT_FOREVER;
    aiot_time start = aiot_i_wheel_first(wheel, &level, &slot), first = AIOT_FOREVER;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        const aiot_i_link *head = &wheel->slot[level][slot][c];
        for (const aiot_i_link *link = head->next; link != head; link = link->next) {
            if (++n > 16) return start;
            if (aiot_i_when(link) < first) first = aiot_i_when(link);
        }
    }
    return first;
}

AIOT_I_COLD void aiot_i_timers_clear(aiot_i_timers *wheel)
{
    aiot_i_link *all = &wheel->slot[0][0][0];
    for (size_t i = 0; i < sizeof wheel->slot / sizeof *all; i++) aiot_i_list_clear(&all[i]);
    aiot_i_list_clear(&wheel->overdue);
    aiot_i_timers_init(wheel, wheel->time);
}

AIOT_I_FN bool aiot_i_timers_empty(const aiot_i_timers *wheel) { return wheel->levels == 0; }  /* false: it may be */
#else
/* THE SORTED LIST is for few timers: it takes two pointers. Insertion searches from the end, O(n), or O(1) when delays are equal. The rest
 * is O(1). Ticks that wrap are compared by their distance from now, as the distance between two timers may be more than half the range. */
#if AIOT_TIME_BITS == 64
#define AIOT_I_SORTED_BY(now, when) ((void)(now), (when))
#else
#define AIOT_I_SORTED_BY(now, when) aiot_i_distance(now, when)
#endif
AIOT_I_FN void aiot_i_timers_init(aiot_i_timers *timers, aiot_time now) { aiot_i_list_init(&timers->list); }
AIOT_I_FN bool aiot_i_timers_empty(const aiot_i_timers *timers) { return aiot_i_list_empty(&timers->list); }

AIOT_I_INLINE void aiot_i_timers_insert(aiot_i_timers *timers, aiot_i_entry *e, aiot_time now)
{
    aiot_i_link *head = &timers->list, *link = head;
    aiot_time distance = AIOT_I_SORTED_BY(now, e->u.when);
    do link = link->prev;
    while (link != head && AIOT_I_SORTED_BY(now, aiot_i_when(link)) > distance);
    aiot_i_put_between(link, &e->link, link->next);
}

AIOT_I_FN void aiot_i_timers_remove(aiot_i_timers *timers, aiot_i_entry *e) { aiot_i_unlink(&e->link); }

AIOT_I_FN void aiot_i_timers_expire(aiot_i_timers *timers, aiot_time now, aiot_i_link *ready)
{
    aiot_i_link *link;
    while ((link = timers->list.next) != &timers->list && !aiot_i_is_before(now, aiot_i_when(link))) {
        aiot_i_bridge(link);
        aiot_i_append(ready, link);
    }
}

AIOT_I_FN void aiot_i_timers_clear(aiot_i_timers *timers) { aiot_i_list_clear(&timers->list); }

AIOT_I_FN aiot_time aiot_i_timers_next(const aiot_i_timers *timers)
{
    return aiot_i_timers_empty(timers) ? AIOT_FOREVER : aiot_i_when(timers->list.next);
}
#endif

/* ============================================================================================================== [8]
 * THE LOOP. A turn is exactly asyncio's:
 *     1. If nothing is ready, sleep until the first deadline.
 *     2. Append every entry whose time has come to the ready list.
 *     3. Run the entries that are in the ready list now. What they add runs in the next turn.
 * A turn costs O(1) and what it runs. It reads the clock once: when it begins, if a timer is armed, else when it is asked for. */

/* ---- What sections [9] to [15] define. */
AIOT_I_COLD bool aiot_i_begin_cancelled(aiot_task *task);
AIOT_I_COLD void aiot_i_cancel_wait(aiot_task *task, const void *message);
AIOT_I_COLD void aiot_i_end_cancelled(aiot_task *task);
AIOT_I_CALLED void aiot_i_finish(aiot_task *task);
#if AIOT_POLL
AIOT_I_COLD void aiot_i_poll_look(aiot_loop *loop, aiot_time limit);
AIOT_I_COLD void aiot_i_poll_settle(aiot_loop *loop);
#else
#define aiot_i_poll_settle(loop) ((void)0)
#endif
#if AIOT_DEBUG
AIOT_I_COLD void aiot_i_check_clock(aiot_loop *loop, aiot_time now);
AIOT_I_COLD void aiot_i_unseal(aiot_frame *frame);
#else
#define aiot_i_check_clock(loop, now) ((void)0)
#define aiot_i_unseal(frame) ((void)0)
#endif
#if AIOT_I_TESTS
AIOT_I_COLD void aiot_i_test_step(aiot_loop *loop, aiot_task *task);
AIOT_I_COLD aiot_i_link *aiot_i_shuffle(aiot_loop *loop, aiot_i_link *first);
#else
#define aiot_i_test_step(loop, task) ((void)0)
#define aiot_i_shuffle(loop, first) (first)
#endif
#if AIOT_I_DUMPS
AIOT_I_COLD void aiot_i_note_step(aiot_loop *loop, const aiot_task *task, aiot_time began, unsigned from_line);
AIOT_I_COLD void aiot_i_run_call(aiot_loop *loop, aiot_i_call *call);
AIOT_I_FN void aiot_i_note_lateness(aiot_loop *loop, aiot_time now);
#else
#define aiot_i_run_call(loop, call) ((call)->run(loop, call))
#define aiot_i_note_lateness(loop, now) ((void)0)
#endif

/* ---- The clock. */
#ifdef AIOT_CLOCK
#define AIOT_I_CLOCK(loop) AIOT_CLOCK(loop)
#define AIOT_I_WAIT_IDLE(loop, until) AIOT_IDLE(loop, until)
AIOT_I_FN bool aiot_i_is_virtual(const aiot_loop *loop) { return false; }
#else
#define AIOT_I_CLOCK(loop) ((loop)->clock(loop))
#define AIOT_I_WAIT_IDLE(loop, until) ((loop)->idle(loop, until))
AIOT_I_FN bool aiot_i_is_virtual(const aiot_loop *loop) { return loop->is_virtual; }
#endif

/* AIOT_FOREVER is no time. When a clock of ticks shows it, the loop takes the next tick, so that no delay ends early. A loop that skips
 * turns keeps it, and aiot_i_told() converts it. */
#define AIOT_I_TIME_AS_SHOWN (AIOT_I_SKIPS_TURNS && !AIOT_POLL)
AIOT_I_FN aiot_time aiot_i_time(aiot_time clock)
{
    return AIOT_TIME_BITS != 64 && clock == AIOT_FOREVER ? (aiot_time)(-AIOT_FOREVER - 1) : clock;
}
AIOT_I_FN aiot_time aiot_i_told(aiot_time now) { return AIOT_I_TIME_AS_SHOWN ? aiot_i_time(now) : now; }
AIOT_I_FN aiot_time aiot_i_clock(aiot_loop *loop)
{
    return AIOT_I_TIME_AS_SHOWN ? AIOT_I_CLOCK(loop) : aiot_i_time(AIOT_I_CLOCK(loop));
}

/* Reads the clock. The caller sets now_read. */
AIOT_I_FN void aiot_i_take_time(aiot_loop *loop)
{
    aiot_time now = aiot_i_clock(loop);
    aiot_i_check_clock(loop, now);
    if (AIOT_TIME_BITS != 64 || now > loop->now) loop->now = now;  /* a clock that goes back stands still */
}

AIOT_I_ASIDE aiot_time aiot_i_read_clock(aiot_loop *loop)
{
    aiot_i_take_time(loop);
    loop->now_read = loop->turning;
    return loop->now;
}

AIOT_I_BRIEF aiot_time aiot_i_now(aiot_loop *loop) { return AIOT_I_LIKELY(loop->now_read) ? loop->now : aiot_i_read_clock(loop); }

/* The loop's time in this turn, in ns (or ticks): loop.time(). Delays count from it. Between turns each call reads the clock anew. */
AIOT_I_FN aiot_time aiot_now(aiot_loop *loop) { return aiot_i_told(aiot_i_now(loop)); }

/* Reads the clock anew. Call it after a long computation, before a delay begins. */
AIOT_I_FN void aiot_clock_refresh(aiot_loop *loop) { aiot_i_read_clock(loop); }

AIOT_I_FN aiot_time aiot_i_deadline(aiot_loop *loop, aiot_time delay_ns)
{
    return delay_ns == AIOT_FOREVER ? AIOT_FOREVER : aiot_i_sum(aiot_now(loop), delay_ns);
}

/* Is the delay above 0, and in the host's loop the time known? */
AIOT_I_FN bool aiot_i_knows_deadline(const aiot_loop *loop, aiot_time delay_ns)
{
    return (AIOT_SMALL || AIOT_I_LIKELY(loop->now_read)) && delay_ns > 0;
}

/* Moves a virtual clock, and the turn's time with it, by so many ns (or ticks). Ignores other clocks, AIOT_FOREVER, and 0 or less. */
AIOT_I_FN void aiot_clock_advance(aiot_loop *loop, aiot_time by_ns)
{
    if (!aiot_i_is_virtual(loop) || by_ns <= 0 || by_ns == AIOT_FOREVER) return;
    aiot_time now = aiot_i_sum(loop->now, by_ns);
    loop->now = now == AIOT_FOREVER ? AIOT_FOREVER - 1 : now;
}

/* ---- Is anything watched, raised, or left? */
#if AIOT_POLL
AIOT_I_FN bool aiot_i_watches(const aiot_loop *loop) { return AIOT_I_UNLIKELY(loop->watched != 0); }
#else
AIOT_I_FN bool aiot_i_watches(const aiot_loop *loop) { return false; }
#endif

/* Has an interrupt or another thread posted something for the loop? For idle hooks: section [16]. */
#if AIOT_I_INTERRUPTS
AIOT_I_FN bool aiot_interrupted(const aiot_loop *loop) { return AIOT_I_PEEK(loop->posted) != NULL; }
#else
AIOT_I_FN bool aiot_interrupted(const aiot_loop *loop) { return false; }
#endif

#if AIOT_TASK_LIST
AIOT_I_FN bool aiot_i_has_tasks(const aiot_loop *loop) { return !aiot_i_list_empty(&loop->tasks); }

/* The number of unfinished tasks. O(n). */
AIOT_I_FN size_t aiot_loop_task_count(const aiot_loop *loop)
{
    size_t count = 0;
    for (const aiot_i_link *link = loop->tasks.next; link != &loop->tasks; link = link->next) count++;
    return count;
}
#else
AIOT_I_FN bool aiot_i_has_tasks(const aiot_loop *loop) { return false; }
#endif

AIOT_I_FN void aiot_i_tell_if_no_task_is_left(aiot_loop *loop)
{
    if (AIOT_TASK_LIST && !aiot_i_has_tasks(loop)) aiot_i_tell_uncollected(loop);
}

/* ---- The ready list. Both loops have the same functions:
 *     aiot_i_make_ready(loop, entry)           appends an entry that may be taken out again
 *     aiot_i_make_ready_for_good(loop, task)   appends a READY task, which is not taken out before it runs
 *     aiot_i_take_out(loop, entry)             takes an entry out of the timers or of the ready list
 *     aiot_i_stay(loop, entry), _leave         the entry that runs: runs again in the next turn, or not
 *     aiot_i_run_ready(loop, first)            runs the turn that aiot_i_begin_turn(loop) found */
AIOT_I_FN bool aiot_i_run_entry(aiot_loop *loop, aiot_i_entry *entry);
AIOT_I_FN bool aiot_i_step(aiot_loop *loop, aiot_task *task);

AIOT_I_FN bool aiot_i_is_plain_step(const aiot_i_entry *e) { return e->kind == AIOT_I_READY && e->flags == 0; }

#if AIOT_SMALL
/* A circle with a cursor. Before the cursor lies what runs in the next turn, from it on the rest of this turn. The entry that runs is at
 * the cursor: it yields by staying there, and waits by leaving. */
AIOT_I_FN void aiot_i_ready_init(aiot_loop *loop)
{
    aiot_i_list_init(&loop->ready);
    loop->cursor = &loop->ready;
    loop->calling = false;
}

AIOT_I_FN void aiot_i_make_ready(aiot_loop *loop, aiot_i_entry *e) { aiot_i_append(loop->cursor, &e->link); }
AIOT_I_FN void aiot_i_make_ready_for_good(aiot_loop *loop, aiot_task *task) { aiot_i_make_ready(loop, &task->entry); }
AIOT_I_FN void aiot_i_stay(aiot_loop *loop, aiot_i_entry *e) { loop->cursor = e->link.next; }
AIOT_I_BRIEF void aiot_i_leave(aiot_loop *loop, aiot_i_entry *e)
{
    loop->cursor = e->link.next;
    aiot_i_bridge(&e->link);
}

AIOT_I_FN void aiot_i_take_out(aiot_loop *loop, aiot_i_entry *e)
{
    if (loop->cursor == &e->link) loop->cursor = e->link.next;
    aiot_i_timers_remove(&loop->timers, e);
}

AIOT_I_FN bool aiot_i_nothing_added(const aiot_loop *loop) { return loop->cursor->prev == &loop->ready; }  /* for the next turn */
AIOT_I_FN bool aiot_i_nothing_to_run(const aiot_loop *loop) { return aiot_i_list_empty(&loop->ready); }  /* between turns */

/* The task that is being stepped, or NULL. */
AIOT_I_FN aiot_task *aiot_i_current(const aiot_loop *loop)
{
    if (loop->calling || loop->cursor == &loop->ready) return NULL;
    return AIOT_I_CONTAINER(loop->cursor, aiot_task, entry.link);
}
AIOT_I_FN void aiot_i_set_current(aiot_loop *loop, aiot_task *task) { }
AIOT_I_FN void aiot_i_set_calling(aiot_loop *loop, bool calling) { loop->calling = calling; }
AIOT_I_FN void aiot_i_be_wary(aiot_loop *loop) { }
AIOT_I_FN aiot_i_link *aiot_i_mark_turn(aiot_loop *loop) { return loop->ready.next; }
AIOT_I_FN void aiot_i_run_ready(aiot_loop *loop, aiot_i_link *first)
{
    aiot_i_link *link = loop->cursor = first;
    while (link != &loop->ready) {
        if (aiot_i_run_entry(loop, AIOT_I_ENTRY(link))) loop->cursor = link->next;
        link = loop->cursor;
    }
}
AIOT_I_FN void aiot_i_run_alone(aiot_loop *loop, const uint8_t *enough) { }
#else
/* A list with a mark: what is before the mark runs in this turn, what is behind it in the next. The entry that runs is in no list. The turn
 * holds the next entry, whose link.prev points to `gone`: taking it out stores its successor there. */
AIOT_I_FN void aiot_i_ready_init(aiot_loop *loop)
{
    aiot_i_entry_init(&loop->mark, AIOT_I_IDLE);
    loop->ready.prev = &loop->mark.link;
    loop->gone.next = NULL;
    loop->current = NULL;
    loop->yielded.next = NULL;
    loop->wary = false;
    loop->user = NULL;
}

AIOT_I_FN void aiot_i_make_ready(aiot_loop *loop, aiot_i_entry *e)
{
    loop->wary = true;
    aiot_i_append(&loop->ready, &e->link);
}

/* For links that are not taken out. Their `prev` is not valid, nor is the `next` of the last one. */
AIOT_I_FN void aiot_i_append_for_good(aiot_loop *loop, aiot_i_link *link)
{
    loop->ready.prev->next = link;
    loop->ready.prev = link;
}
AIOT_I_FN void aiot_i_make_ready_for_good(aiot_loop *loop, aiot_task *task) { aiot_i_append_for_good(loop, &task->entry.link); }

AIOT_I_FN void aiot_i_stay(aiot_loop *loop, aiot_i_entry *e)
{
    if (e->kind == AIOT_I_READY) aiot_i_append_for_good(loop, &e->link);
    else aiot_i_make_ready(loop, e);
}
AIOT_I_FN void aiot_i_leave(aiot_loop *loop, aiot_i_entry *e) { }

AIOT_I_FN void aiot_i_take_out(aiot_loop *loop, aiot_i_entry *e)
{
    aiot_i_timers_remove(&loop->timers, e);
    e->link.next = NULL;
}

AIOT_I_FN bool aiot_i_nothing_to_run(const aiot_loop *loop) { return loop->ready.prev == &loop->mark.link; }
AIOT_I_FN bool aiot_i_nothing_added(const aiot_loop *loop) { return aiot_i_nothing_to_run(loop) && !loop->yielded.next; }
AIOT_I_FN aiot_task *aiot_i_current(const aiot_loop *loop) { return loop->current; }
AIOT_I_FN void aiot_i_set_current(aiot_loop *loop, aiot_task *task) { loop->current = task; }
AIOT_I_FN void aiot_i_set_calling(aiot_loop *loop, bool calling) { if (calling) loop->current = NULL; }
AIOT_I_FN void aiot_i_be_wary(aiot_loop *loop) { loop->wary = true; }

AIOT_I_FN aiot_i_link *aiot_i_mark_turn(aiot_loop *loop)
{
    aiot_i_link *mark = &loop->mark.link, *first = mark;
    if (loop->ready.prev != mark) {
        first = mark->next;
        aiot_i_append_for_good(loop, mark);
    }
    return first;
}

/* Puts the tasks that yielded, up to `last`, before all that was added in this turn. */
AIOT_I_FN void aiot_i_put_yielded(aiot_loop *loop, aiot_i_link *last)
{
    aiot_i_link *mark = &loop->mark.link;
    if (last == &loop->yielded) return;
    if (loop->ready.prev == mark) {
        loop->ready.prev = last;
    } else {
        last->next = mark->next;
        mark->next->prev = last;
    }
    mark->next = loop->yielded.next;
    loop->yielded.next = NULL;
}

/* The usual turn: nothing in the list can be taken out. Tasks that yield go into the list together: 9 % of a yield among many. Returns
 * where the general turn goes on: at an entry that is no plain step, or behind a step that added something. */
AIOT_I_FN aiot_i_link *aiot_i_run_yielding(aiot_loop *loop, aiot_i_link *link)
{
    aiot_i_link *mark = &loop->mark.link, *last = &loop->yielded;
    while (AIOT_I_LIKELY(aiot_i_is_plain_step(AIOT_I_ENTRY(link)))) {  /* the mark is none */
        aiot_i_link *own = link;
        link = own->next;
        bool yields = aiot_i_step(loop, AIOT_I_CONTAINER(own, aiot_task, entry.link));
        if (AIOT_I_UNLIKELY(loop->ready.prev != mark)) {
            aiot_i_put_yielded(loop, last);
            if (yields) aiot_i_append_for_good(loop, own);
            return link;
        }
        if (yields) {
            last->next = own;
            last = own;
        }
    }
    aiot_i_put_yielded(loop, last);
    return link;
}

AIOT_I_FN void aiot_i_run_ready(aiot_loop *loop, aiot_i_link *first)
{
    aiot_i_link *mark = &loop->mark.link, *link = first;
    bool wary = loop->wary;
    loop->wary = false;
    if (!wary) link = aiot_i_run_yielding(loop, link);
    while (link != mark) {
        aiot_i_link *next = link->next;
        next->prev = &loop->gone;
        aiot_i_run_entry(loop, AIOT_I_ENTRY(link));
        link = AIOT_I_LIKELY(loop->gone.next == NULL) ? next : loop->gone.next;
        loop->gone.next = NULL;
    }
}

/* A task that is alone and yields needs no queue: 29 instructions a turn, not 79. It looks for timers once: arming one reads the clock. */
AIOT_I_FN void aiot_i_run_alone(aiot_loop *loop, const uint8_t *enough)
{
    aiot_i_link *mark = &loop->mark.link, *alone = loop->ready.prev;
    if (alone == mark || mark->next != alone || !aiot_i_timers_empty(&loop->timers) || aiot_i_watches(loop)) return;
    aiot_task *task = AIOT_I_CONTAINER(alone, aiot_task, entry.link);
    bool yields = true;
    loop->ready.prev = mark;
    loop->now_read = false;
    while (yields && aiot_i_is_plain_step(&task->entry) && aiot_i_nothing_to_run(loop) && !(*enough & AIOT_I_DONE) &&
           !loop->now_read && !loop->stopping && !aiot_i_watches(loop) && !aiot_interrupted(loop))
        yields = aiot_i_step(loop, task);
    if (yields) aiot_i_make_ready_for_good(loop, task);
}
#endif

/* ---- Running an entry. */

/* Delivers a pending cancel: at a step, when a wait begins, or when the task ends. Returns false if no step is left to run. */
AIOT_I_FN bool aiot_i_deliver(aiot_task *task, enum aiot_i_moment moment, const void *message)
{
    if (moment == AIOT_I_AT_STEP) return aiot_i_begin_cancelled(task);
    if (moment == AIOT_I_AT_WAIT) aiot_i_cancel_wait(task, message);
    else aiot_i_end_cancelled(task);
    return true;
}
#if AIOT_SMALL  /* the first cancel sets the pointer: programs without cancels do not link this code */
#define AIOT_I_DELIVER(task, moment, message) ((task)->loop->deliver(task, moment, message))
#else
#define AIOT_I_DELIVER(task, moment, message) aiot_i_deliver(task, moment, message)
#endif

/* The innermost frame has ended. Returns true if it has an awaiter, which goes on at once. Otherwise the task ends. */
AIOT_I_FN bool aiot_i_leave_frame(aiot_task *task)
{
    aiot_frame *frame = task->frame;
    aiot_i_unseal(frame);
    if (AIOT_I_LIKELY(frame->flags & AIOT_I_ROOT)) {
        frame->flags = AIOT_I_ROOT;
        aiot_i_finish(task);
        return false;
    }
    frame->flags = 0;
    task->frame = frame->up.frame;
    return true;
}

/* Steps a task until it waits, yields or ends. Returns true if it yields. */
AIOT_I_FN bool aiot_i_step(aiot_loop *loop, aiot_task *task)
{
    aiot_i_how how;
    aiot_i_set_current(loop, task);
    AIOT_TRACE(AIOT_TRACE_RESUME, task);
#if AIOT_DEBUG
    AIOT_I_HERE(here);
    loop->stack = here;
#endif
#if AIOT_I_DUMPS
    aiot_time began = aiot_i_system_time();
    unsigned from_line = AIOT_I_LINE(task->frame);
#endif
    do how = AIOT_I_HOW(task->frame->step(task));
    while (AIOT_I_UNLIKELY(how > 0) && AIOT_I_UNLIKELY(how != AIOT_I_ENDS || aiot_i_leave_frame(task)));
    if (how != AIOT_I_ENDS) AIOT_TRACE(AIOT_TRACE_SUSPEND, task);
#if AIOT_I_DUMPS
    aiot_i_note_step(loop, task, began, from_line);
#endif
    aiot_i_test_step(loop, task);
    return how < 0;
}

/* Runs an entry of the ready list. In a small loop, returns true if it stays there. */
AIOT_I_FN bool aiot_i_run_entry(aiot_loop *loop, aiot_i_entry *e)
{
    aiot_task *task = AIOT_I_CONTAINER(e, aiot_task, entry);
    bool is_plain = sizeof(void *) > 2 && aiot_i_is_plain_step(e);  /* kind and flags in one compare */
    if (is_plain || e->kind == AIOT_I_READY) {
        if (!is_plain && (e->flags & AIOT_I_ANY_CANCEL) && !AIOT_I_DELIVER(task, AIOT_I_AT_STEP, NULL)) return false;
        bool yields = aiot_i_step(loop, task);
        if (yields && !AIOT_SMALL) aiot_i_make_ready_for_good(loop, task);
        return yields;
    }
    if (e->kind == AIOT_I_TIMER) {  /* a sleeper whose time has come runs a turn later */
        if (e->code == 0) e->kind = AIOT_I_READY;
        else e->code--;
        if (!AIOT_SMALL) aiot_i_stay(loop, e);
        return true;
    }
    aiot_i_call *call = AIOT_I_CONTAINER(e, aiot_i_call, entry);
    aiot_i_leave(loop, e);
    e->link.next = NULL;
    aiot_i_set_calling(loop, true);
    aiot_i_run_call(loop, call);
    aiot_i_set_calling(loop, false);
    return false;
}

/* ---- What a turn begins with. */
#if AIOT_I_INTERRUPTS
/* Makes ready what was posted since the last turn, in order, as call_soon_threadsafe() does. */
AIOT_I_COLD void aiot_i_collect_posted(aiot_loop *loop)
{
    aiot_i_critical state;
    AIOT_I_ENTER(loop, state);
    aiot_i_post *post = loop->posted;
    AIOT_I_POKE(loop->posted, NULL);
    AIOT_I_LEAVE(loop, state);
    while (post) {
        aiot_i_post *next = post->next;
        AIOT_I_ENTER(loop, state);  /* the callback sees what a thread wrote before it posted this again */
        AIOT_I_POKE(post->is_posted, false);
        AIOT_I_LEAVE(loop, state);
        aiot_i_make_ready(loop, &post->call.entry);  /* it has run: it is in no list */
        post = next;
    }
}
#else
AIOT_I_FN void aiot_i_collect_posted(aiot_loop *loop) { }
#endif

/* Makes ready what was posted and what is due, and begins the turn. Returns its first entry. */
AIOT_I_FN aiot_i_link *aiot_i_begin_turn(aiot_loop *loop)
{
    if (aiot_interrupted(loop)) aiot_i_collect_posted(loop);
    if (!aiot_i_timers_empty(&loop->timers)) {
        aiot_time now = aiot_i_now(loop);
        const aiot_i_link *last = loop->ready.prev;
        aiot_i_note_lateness(loop, now);
        aiot_i_timers_expire(&loop->timers, now, &loop->ready);
        if (loop->ready.prev != last) aiot_i_be_wary(loop);
    }
    return aiot_i_shuffle(loop, aiot_i_mark_turn(loop));
}

AIOT_I_FN bool aiot_i_nothing_ready(const aiot_loop *loop) { return !aiot_interrupted(loop) && aiot_i_nothing_added(loop); }

/* For a main loop of your own: returns when the loop wants to run next: now, its first deadline, or AIOT_FOREVER. Never later than the
 * deadline, and exact unless more than 16 timers share its slot. Descriptors do not count. */
AIOT_I_FN aiot_time aiot_next_deadline(aiot_loop *loop)
{
    return aiot_i_nothing_ready(loop) ? aiot_i_timers_next(&loop->timers) : aiot_now(loop);
}

#if AIOT_I_TESTS
AIOT_I_FN bool aiot_i_is_held(const aiot_loop *loop) { return loop->held > 0 && loop->is_virtual; }
#else
AIOT_I_FN bool aiot_i_is_held(const aiot_loop *loop) { return false; }
#endif

/* Looks for events, and sleeps until `until` at most. */
AIOT_I_FN void aiot_i_poll(aiot_loop *loop, aiot_time until)
{
    if (aiot_i_is_held(loop) && until != loop->now) until = AIOT_FOREVER;
#if AIOT_POLL
    if (aiot_i_watches(loop)) {
        aiot_time limit = until == AIOT_FOREVER ? until : 0;
        if (limit == 0 && aiot_i_is_later(until, loop->now) && !aiot_i_is_virtual(loop)) {
            aiot_time now = aiot_i_read_clock(loop);
            if (aiot_i_is_later(until, now)) limit = aiot_time_between(now, until);
        }
        aiot_i_poll_look(loop, limit);
        if (until == AIOT_FOREVER || !aiot_i_is_virtual(loop) || !aiot_i_nothing_added(loop)) return;  /* else time jumps */
    }
#endif
    /* AIOT_FOREVER only where interrupts may end it. */
    if (AIOT_I_INTERRUPTS ? aiot_i_is_later(until, loop->now) : aiot_i_is_before(loop->now, until)) AIOT_I_WAIT_IDLE(loop, until);
}

/* Would a loop with nothing ready sleep for ever? */
AIOT_I_FN bool aiot_i_is_dead(const aiot_loop *loop)
{
    if ((AIOT_I_INTERRUPTS && !aiot_i_is_virtual(loop)) || aiot_i_watches(loop) || aiot_i_is_held(loop)) return false;
    return AIOT_TIME_BITS == 64 ? aiot_i_timers_next(&loop->timers) == AIOT_FOREVER : aiot_i_timers_empty(&loop->timers);
}

/* Sleeps until something comes. Returns false if nothing can. With AIOT_I_IDLE_LOOKS it is AIOT_IDLE() that looks for interrupts. */
AIOT_I_RARE bool aiot_i_sleep_till_next(aiot_loop *loop)
{
    if (AIOT_I_IDLE_LOOKS) {
        AIOT_I_WAIT_IDLE(loop, aiot_i_timers_next(&loop->timers));
        return true;
    }
    if (aiot_interrupted(loop)) return true;
    if (aiot_i_is_dead(loop)) return false;
    aiot_i_tell_if_no_task_is_left(loop);
    aiot_i_poll(loop, aiot_i_timers_next(&loop->timers));
    if (!AIOT_I_SKIPS_TURNS) loop->now_read = false;
    return true;
}

/* Begins a turn after a sleep, if all timers that are due are sleepers. They run in this turn, not in the next: no task can tell, and it
 * saves a third of a wake-up. Returns the first sleeper, or NULL with nothing changed but the clock read. */
#if AIOT_I_SKIPS_TURNS
AIOT_I_FN aiot_i_link *aiot_i_collect_sleepers(aiot_loop *loop)
{
    aiot_i_link *timers = &loop->timers.list, *first = timers->next, *next = first;
    if (aiot_interrupted(loop) || first == timers) return NULL;
    if (!AIOT_I_IDLE_LOOKS && !aiot_i_nothing_to_run(loop)) return NULL;  /* AIOT_IDLE() made something ready */
    aiot_i_take_time(loop);
    loop->now_read = true;
    if (aiot_i_is_before(loop->now, aiot_i_when(first))) return NULL;
    do {
        if (AIOT_I_UNLIKELY(AIOT_I_ENTRY(next)->kind != AIOT_I_TIMER)) {
            while ((next = next->prev) != timers) AIOT_I_ENTRY(next)->kind = AIOT_I_TIMER;
            return NULL;
        }
        AIOT_I_ENTRY(next)->kind = AIOT_I_READY;
        next = next->next;
    } while (next != timers && !aiot_i_is_before(loop->now, aiot_i_when(next)));
    aiot_i_link *last = next->prev, *before = loop->ready.prev;  /* moves first to last to the ready list */
    timers->next = next;
    next->prev = timers;
    before->next = first;
    first->prev = before;
    last->next = &loop->ready;
    loop->ready.prev = last;
    return first;
}
#else
AIOT_I_FN aiot_i_link *aiot_i_collect_sleepers(aiot_loop *loop) { return NULL; }
#endif

/* ---- Turns. */
AIOT_I_FN bool aiot_i_end_turns(aiot_loop *loop, bool result)
{
    loop->turning = loop->now_read = false;
    aiot_i_set_current(loop, NULL);
    return result;
}

/* Runs turns and sleeps, until *enough says DONE. Runs one turn, without sleeping, if `enough` is NULL or the loop is to stop. Returns
 * false if nothing can ever run again. */
#if AIOT_DEBUG && AIOT_DECLARE_ONLY
bool aiot_i_run_turns(aiot_loop *loop, const uint8_t *enough);
#else
AIOT_I_COLD bool aiot_i_run_turns(aiot_loop *loop, const uint8_t *enough)
{
    bool may_sleep = enough && !loop->stopping, has_looked = false;  /* for descriptors, in the sleep before the last turn */
    for (loop->turning = true;; may_sleep = true) {
        aiot_i_link *first = NULL;
        aiot_i_set_current(loop, NULL);
        if (may_sleep && aiot_i_nothing_to_run(loop)) {
            if (!aiot_i_sleep_till_next(loop)) return aiot_i_end_turns(loop, false);
            first = aiot_i_collect_sleepers(loop);
            has_looked = aiot_i_watches(loop);
        } else {
            if (!has_looked && aiot_i_watches(loop)) aiot_i_poll(loop, loop->now);
            has_looked = false;
        }
        if (first == NULL) first = aiot_i_begin_turn(loop);
        aiot_i_run_ready(loop, first);
        if (enough) aiot_i_run_alone(loop, enough);
        if (!enough || (*enough & AIOT_I_DONE) || loop->stopping) return aiot_i_end_turns(loop, true);
        loop->now_read = false;
    }
}
#endif
AIOT_I_FN void aiot_i_turn_at_once(aiot_loop *loop) { aiot_i_run_turns(loop, NULL); }

/* ---- Making a loop, and running it. */
#define AIOT_I_LOOP_SEAL ((uintptr_t)UINT64_C(0x5ea1ed100b5ea1ed))  /* not AIOT_I_SEAL: a loop in a frame is no call */
/* Was the loop initialised, where it is now? For a loop that is not running: false if it is zeroed, or another one's copy. */
#if AIOT_I_TELLS
AIOT_I_FN bool aiot_i_is_prepared(const aiot_loop *loop) { return loop->seal == ((uintptr_t)&loop->seal ^ AIOT_I_LOOP_SEAL); }
#else
AIOT_I_FN bool aiot_i_is_prepared(const aiot_loop *loop) { return loop->cursor == &loop->ready; }
#endif
/* The same, also for a loop that is running. The small loop does not detect a copy. */
AIOT_I_FN bool aiot_i_is_initialised(const aiot_loop *loop)
{
    return AIOT_I_TELLS ? aiot_i_is_prepared(loop) : loop->ready.prev != NULL;
}

/* For debuggers, which know no macros: AIOT_TICKS_PER_S, in parts that fit into 16 bits. */
enum { AIOT_I_TICKS_PER_S_HIGH = (AIOT_TICKS_PER_S) / 32768, AIOT_I_TICKS_PER_S_LOW = (AIOT_TICKS_PER_S) % 32768 };

AIOT_I_FN void aiot_i_loop_init(aiot_loop *loop)
{
    (void)AIOT_I_TICKS_PER_S_HIGH;  /* unused, it would not be in the debug information */
    aiot_i_ready_init(loop);
    loop->now_read = loop->stopping = loop->turning = false;
    loop->now = 0;
#if AIOT_I_INTERRUPTS
    loop->posted = NULL;
    AIOT_I_MUTEX_INIT(loop);
#endif
#if AIOT_POLL
    loop->poll = NULL;
    loop->watched = 0;
#endif
#if AIOT_TASK_LIST
    aiot_i_list_init(&loop->tasks);
    loop->left_over = 0;
    loop->main_task.entry.kind = AIOT_I_IDLE;
#endif
#if AIOT_I_TELLS
    loop->on_error = AIOT_I_ON_ERROR;
    loop->uncollected.source = NULL;
    loop->uncollected.count = 0;
    loop->runs = 0;
    loop->told = NULL;
    loop->seal = (uintptr_t)&loop->seal ^ AIOT_I_LOOP_SEAL;
    loop->clock_went_back = false;
#endif
#if AIOT_I_TESTS
    loop->test = NULL;
    loop->order = 0;
    loop->trace = UINT64_C(0xcbf29ce484222325);
    loop->held = 0;
#endif
#if AIOT_I_DUMPS
    aiot_lag no_lag = { 0, 0, "", 0, 0 };
    loop->lag = no_lag;
#endif
    if (!AIOT_SMALL || AIOT_POLL != 0) aiot_clock_refresh(loop);  /* the wheel and the backend count from it */
    aiot_i_timers_init(&loop->timers, AIOT_SMALL ? 0 : loop->now);
}

#ifdef AIOT_CLOCK
/* Prepares a loop on AIOT_CLOCK() and AIOT_IDLE(). */
AIOT_I_FN void aiot_loop_init(aiot_loop *loop) { aiot_i_loop_init(loop); }
#else
/* Prepares a loop with a clock of yours.
 *     clock(loop)         its time, monotonic, an aiot_time: ns, not negative; or ticks
 *     idle(loop, until)   sleeps until that time, which may be AIOT_FOREVER. It may return at any time. To save power it may sleep
 *                         longer, say to the end of a millisecond: timers due meanwhile wake together, late, and in order.
 * Where interrupts wake tasks, idle() masks them, and sleeps only if aiot_interrupted(loop) is false and the time has not come. It is not
 * called while descriptors are waited for: see TWO CLOCKS in section [15]. */
AIOT_I_FN void aiot_loop_init_clock(aiot_loop *loop, aiot_time (*clock)(aiot_loop *loop), void (*idle)(aiot_loop *loop, aiot_time until))
{
    loop->clock = clock;
    loop->idle = idle;
    loop->is_virtual = false;
    aiot_i_loop_init(loop);
}

#if AIOT_HOSTED
AIOT_I_FN aiot_time aiot_i_clock_monotonic(aiot_loop *loop) { return aiot_i_system_time(); }
AIOT_I_COLD void aiot_i_idle_sleep(aiot_loop *loop, aiot_time until)
{
    aiot_time now = aiot_i_clock(loop);
    uint64_t left = ((uint64_t)until - (uint64_t)now) & UINT64_MAX >> (64 - AIOT_TIME_BITS);
    if (aiot_i_is_later(until, now)) aiot_i_system_sleep(until == AIOT_FOREVER ? UINT64_MAX : left);
}

/* Prepares a loop on the system's monotonic clock. It needs no closing. It must outlive its tasks, and the last call that asks for a task's
 * result or cancels it. Where that clock counts a suspend (macOS), a sleep may end an hour late after one. */
AIOT_I_FN void aiot_loop_init(aiot_loop *loop) { aiot_loop_init_clock(loop, aiot_i_clock_monotonic, aiot_i_idle_sleep); }
#endif

/* The virtual clock is loop->now itself. Sleeping moves it. */
AIOT_I_FN aiot_time aiot_i_clock_virtual(aiot_loop *loop) { return loop->now; }
AIOT_I_FN void aiot_i_idle_virtual(aiot_loop *loop, aiot_time until)
{
    if (until != AIOT_FOREVER && aiot_i_is_before(loop->now, until)) loop->now = until;
}

/* For tests: prepares a loop whose clock starts at 0, jumps to the first deadline when nothing is ready, and stands while code runs. With
 * aiot_run_once() only aiot_clock_advance() moves it. */
AIOT_I_FN void aiot_loop_init_virtual(aiot_loop *loop)
{
    aiot_loop_init_clock(loop, aiot_i_clock_virtual, aiot_i_idle_virtual);
    loop->is_virtual = true;
}
#endif

/* loop.stop(): ends aiot_run_forever(), and with AIOT_ERUNTIME aiot_run() and aiot_run_until(), after this turn or their next one.
 * aiot_run_once() leaves it to them. */
AIOT_I_FN void aiot_loop_stop(aiot_loop *loop) { loop->stopping = true; }

/* Runs one turn without sleeping: what is ready, or due by now. Returns aiot_next_deadline(). Does nothing else while the loop runs. A loop
 * that was not initialised: does nothing, and returns AIOT_FOREVER. */
AIOT_I_FN aiot_time aiot_run_once(aiot_loop *loop)
{
    if (!aiot_i_is_initialised(loop)) return AIOT_FOREVER;
    if (loop->turning) return aiot_next_deadline(loop);
    aiot_i_poll_settle(loop);
    aiot_i_turn_at_once(loop);
    if (aiot_i_nothing_ready(loop)) aiot_i_tell_if_no_task_is_left(loop);
    return aiot_next_deadline(loop);
}

/* loop.run_forever(): runs until aiot_loop_stop(), or until nothing can ever run again. Returns AIOT_OK; AIOT_EDEADLK if tasks still wait
 * when nothing can run (not known with AIOT_TASK_LIST 0); AIOT_ERUNTIME if the loop runs already, or was not initialised. */
AIOT_I_FN int aiot_run_forever(aiot_loop *loop)
{
    static const uint8_t never = 0;
    if (loop->turning || (AIOT_I_TELLS && !aiot_i_is_prepared(loop))) return AIOT_ERUNTIME;
    bool is_dead = !aiot_i_run_turns(loop, &never);
    loop->stopping = false;
    aiot_i_tell_uncollected(loop);
    return is_dead && aiot_i_has_tasks(loop) ? AIOT_EDEADLK : AIOT_OK;
}

/* ============================================================================================================== [9]
 * TASKS AND CANCELLATION. When an awaitable ends, its waiters, tasks and calls, become ready in order of registration.
 *   A cancel counts a request at the task, and goes on to what the task waits for, in a gather to every member. It stops where it can
 * end a wait at once: at a sleep, a parked task, a future, a shield. CancelledError comes back as the end of each wait.
 *   A task that waits for nothing gets MUST_CANCEL: aiot_i_deliver() delivers it at the next step, the next wait or the end.
 *
 * INVARIANTS. A WAITING task stays in the waiters of its target until the target ends. Its u.target is valid until MUST_CANCEL is set:
 * u.info then holds the message of the cancel. A call with IN_WAITERS is in waiters; else in the timers, the ready list, or no queue. */

AIOT_I_FN bool aiot_i_is_task(const aiot_awaitable *a) { return a->entry.kind >= AIOT_I_ENDED; }

/* The first waiter takes the message of a CancelledError, as in asyncio. With MESSAGE the cancel came too late to be raised. */
AIOT_I_FN bool aiot_i_has_message(const aiot_awaitable *a)
{
    return (a->entry.flags & (AIOT_I_CANCELLED | AIOT_I_MESSAGE)) == AIOT_I_CANCELLED && aiot_i_is_task(a);
}
AIOT_I_FN const void *aiot_i_take_info(aiot_awaitable *a)
{
    const void *info = a->entry.u.info;
    aiot_i_collect(a);
    if (aiot_i_has_message(a)) a->entry.u.info = NULL;
    return info;
}

/* A call keeps the end that queued it: the awaitable may start and end again before the call runs. */
AIOT_I_FN void aiot_i_keep_end(aiot_i_entry *c, const aiot_awaitable *a)
{
    c->code = a->entry.code;
    c->u.info = a->entry.u.info;
    if (a->entry.flags & AIOT_I_CANCELLED) c->flags |= AIOT_I_CANCELLED;
}
AIOT_I_FN bool aiot_i_told_of_error(const aiot_i_call *c) { return c->entry.code != 0 && !(c->entry.flags & AIOT_I_CANCELLED); }

/* A waiter may have taken the message of a cancel since. */
AIOT_I_FN bool aiot_i_is_at_kept_end(const aiot_awaitable *a, const aiot_i_call *c)
{
    return (a->entry.flags & AIOT_I_DONE) && a->entry.code == c->entry.code &&
           (a->entry.u.info == c->entry.u.info || (a->entry.flags & AIOT_I_CANCELLED));
}
AIOT_I_FN const void *aiot_i_take_end_info(aiot_awaitable *a, const aiot_i_call *c)
{
    return aiot_i_is_at_kept_end(a, c) ? aiot_i_take_info(a) : c->entry.u.info;
}
AIOT_I_FN void aiot_i_collect_end(aiot_awaitable *a, const aiot_i_call *c) { if (aiot_i_is_at_kept_end(a, c)) aiot_i_collect(a); }

/* Ends the wait of a task that is in no queue. */
AIOT_I_COLD void aiot_i_wake(aiot_task *t, int code, const void *info)
{
    aiot_i_entry *e = &t->entry;
    if (AIOT_I_UNLIKELY(e->flags & AIOT_I_MESSAGE)) {  /* the target has refused a cancel */
        if (code == AIOT_ECANCELED || (code != 0 && info)) e->flags ^= AIOT_I_MESSAGE;
        else info = e->u.info;
    }
    e->code = code;
    e->u.info = info;
    e->kind = AIOT_I_READY;
    aiot_i_make_ready_for_good(t->loop, t);
}
AIOT_I_COLD void aiot_i_ready_waiters(aiot_awaitable *a)
{
    aiot_i_link *link = a->waiters, *first = link;
    bool taken = false;  /* a call will take the message */
    a->waiters = NULL;
    do {
        aiot_i_entry *e = (aiot_i_entry *)(void *)link;
        link = link->next;
        if (e->kind == AIOT_I_WAITING) {
            aiot_i_wake(AIOT_I_CONTAINER(e, aiot_task, entry), a->entry.code, taken ? NULL : aiot_i_take_info(a));
        } else {
            e->flags ^= AIOT_I_IN_WAITERS;
            aiot_i_keep_end(e, a);
            if ((e->flags & AIOT_I_MESSAGE) && aiot_i_has_message(a)) taken = true;
            aiot_i_make_ready(a->loop, e);
        }
    } while (link != first);
}

#if AIOT_SMALL
/* The first waiter and the first cancel set the loop's pointers. A program without them saves 184 and 648 bytes on a Cortex-M0. */
#define AIOT_I_IF_SMALL(statement) statement
#define AIOT_I_READY_WAITERS(a) ((a)->loop->ready_waiters(a))
#else
/* For one task with no cancel pending: 16 % of a timed wait. */
AIOT_I_COLD void aiot_i_ready_waiter(aiot_awaitable *a)
{
    aiot_i_entry *only = (aiot_i_entry *)(void *)a->waiters;
    if (AIOT_I_UNLIKELY(only->link.next != &only->link || only->kind != AIOT_I_WAITING || only->flags != 0)) {
        aiot_i_ready_waiters(a);
        return;
    }
    a->waiters = NULL;
    only->kind = AIOT_I_READY;
    if (a->entry.code != 0) {  /* else its code is 0 already */
        only->code = a->entry.code;
        only->u.info = aiot_i_take_info(a);
    }
    aiot_i_make_ready_for_good(a->loop, AIOT_I_CONTAINER(only, aiot_task, entry));
}
#define AIOT_I_READY_WAITERS(a) aiot_i_ready_waiter(a)
#define AIOT_I_IF_SMALL(statement)
#endif

/* flags: DONE, or DONE and CANCELLED. */
AIOT_I_FN void aiot_i_complete(aiot_awaitable *a, int code, const void *info, unsigned flags)
{
    a->entry.code = code;
    a->entry.u.info = info;
    a->entry.flags = (uint8_t)(a->entry.flags | flags);
    if (a->waiters) AIOT_I_READY_WAITERS(a);
}
AIOT_I_FN void aiot_i_add_waiter(aiot_awaitable *a, aiot_i_entry *e)
{
    e->u.target = a;
    AIOT_I_IF_SMALL(a->loop->ready_waiters = aiot_i_ready_waiters;)
    if (AIOT_I_LIKELY(a->waiters == NULL)) {
        aiot_i_list_init(&e->link);
        a->waiters = &e->link;
    } else {
        aiot_i_append(a->waiters, &e->link);
    }
}

/* Runs a call when `a` is done; in the next turn if it is done already. */
AIOT_I_FN void aiot_i_watch(aiot_loop *loop, aiot_awaitable *a, aiot_i_call *c)
{
    if (a->entry.flags & AIOT_I_DONE) {
        aiot_i_keep_end(&c->entry, a);
        aiot_i_make_ready(loop, &c->entry);
    } else {
        c->entry.flags |= AIOT_I_IN_WAITERS;
        aiot_i_add_waiter(a, &c->entry);
    }
}

/* The call may be in no queue. */
AIOT_I_FN void aiot_i_dequeue(aiot_loop *loop, aiot_i_call *c)
{
    aiot_i_entry *e = &c->entry;
    aiot_i_link *next = e->link.next;
    if (next == NULL) return;
    if (e->flags & AIOT_I_IN_WAITERS) {
        aiot_awaitable *a = e->u.target;
        e->flags ^= AIOT_I_IN_WAITERS;
        if (a->waiters == &e->link) a->waiters = next == &e->link ? NULL : next;
        aiot_i_unlink(&e->link);
    } else {
        aiot_i_take_out(loop, e);
    }
}

/* SHIELDED BLOCKS. A guard is the limit of one. It holds the cancels that come from outside of the block, counted in `held`, not in the
 * task's count. */
typedef struct aiot_guard {
    aiot_timeout limit;  /* may be rescheduled */
    const char  *message;
    unsigned     held;
    bool         has_cancel;  /* to be delivered at the end of the block */
} aiot_guard;

#if AIOT_TASK_LIST
AIOT_I_FN aiot_i_scope *aiot_i_innermost(const aiot_task *t) { return t->scope; }
AIOT_I_FN void aiot_i_enter_scope(aiot_task *t, aiot_i_scope *scope)
{
    scope->around = t->scope;
    t->scope = scope;
}
AIOT_I_FN void aiot_i_leave_scope(aiot_task *t, const aiot_i_scope *scope) { t->scope = scope->around; }
#else
AIOT_I_FN aiot_i_scope *aiot_i_innermost(const aiot_task *t) { return NULL; }
AIOT_I_FN void aiot_i_enter_scope(aiot_task *t, aiot_i_scope *scope) { }
AIOT_I_FN void aiot_i_leave_scope(aiot_task *t, const aiot_i_scope *scope) { }
#endif

AIOT_I_FN aiot_guard *aiot_i_guard_of(aiot_i_scope *scope) { return AIOT_I_CONTAINER(scope, aiot_guard, limit.scope); }

/* The outermost guard inside a scope, or NULL. NULL stands for the whole task. */
AIOT_I_FN aiot_guard *aiot_i_guard_inside(const aiot_task *t, const aiot_i_scope *scope)
{
    aiot_i_scope *guard = NULL;
    for (aiot_i_scope *s = aiot_i_innermost(t); s && s != scope; s = s->around)
        if (s->kind & AIOT_I_GUARD) guard = s;
    return guard ? aiot_i_guard_of(guard) : NULL;
}
AIOT_I_FN void aiot_i_hold(aiot_guard *g, const char *message)
{
    if (g->held < UINT16_MAX) g->held++;
    g->has_cancel = true;
    g->message = message;
}

/* CANCELLING. Makes the next step of the task begin with CancelledError. */
AIOT_I_COLD void aiot_i_must_cancel(aiot_task *t, const char *message)
{
    aiot_i_entry *e = &t->entry;
    e->flags |= AIOT_I_MUST_CANCEL;
    AIOT_I_IF_SMALL(t->loop->deliver = aiot_i_deliver;)
    /* An error on its way stays, as aiot_task_uncancel() may take the cancel back. */
    if (e->kind == AIOT_I_READY && !(e->flags & AIOT_I_MESSAGE) && e->code != 0 &&
        (e->code == AIOT_ECANCELED || e->u.info)) return;
    e->flags |= AIOT_I_MESSAGE;
    e->u.info = message;
}
AIOT_I_COLD void aiot_i_cancel_sleep(aiot_task *t, const void *message)
{
    aiot_i_entry *e = &t->entry;
    if (e->kind == AIOT_I_TIMER) aiot_i_take_out(t->loop, e);
    aiot_i_wake(t, AIOT_ECANCELED, message);
}

typedef struct aiot_i_member {  /* of a gather, or of another set of [12] */
    aiot_i_call call;
    aiot_awaitable *target;
    void *owner;    /* the set; for a repeated member, the first one with this target */
    bool done;      /* wait: the target was done when the wait ended */
    bool repeated;  /* an earlier member has the same target */
} aiot_i_member;

/* A gather; the rest is in [12]. A cancel that walks through the members uses cursor, up and via. */
typedef struct aiot_gather {
    aiot_awaitable awaitable;  /* entry.code during the walk: 1 if a member has taken the cancel */
    aiot_i_member *members;    /* behind this struct, in the AIOT_GATHER_SET */
    unsigned count, unfinished, cursor;  /* members; those not done; the next one to cancel */
    bool return_exceptions;
    struct aiot_gather *up;    /* the gather through which the cancel came here, or NULL */
    aiot_task *via;            /* the waiter from which the cancel came */
} aiot_gather;

/* Was the member started again after the gather learned of its end? The gather does not own that run. */
AIOT_I_FN bool aiot_i_is_running_again(const aiot_i_member *m)
{
    if (m->repeated) m = (const aiot_i_member *)m->owner;
    return !(m->target->entry.flags & AIOT_I_DONE) && !(m->call.entry.flags & AIOT_I_IN_WAITERS);
}
/* What a task has joined, or NULL; with MUST_CANCEL a message is in its place. */
AIOT_I_FN aiot_awaitable *aiot_i_target(const aiot_task *t)
{
    const aiot_i_entry *e = &t->entry;
    return e->kind == AIOT_I_WAITING && !(e->flags & AIOT_I_MUST_CANCEL) ? e->u.target : NULL;
}

/* A cancel walks down the chain of waits, through the members of each gather, and back up. No recursion: the gathers keep the way back. */
typedef struct aiot_i_walk {
    const char *message;
    const aiot_i_scope *from;  /* the scope in which the first task is cancelled; NULL: it is cancelled as a whole */
    aiot_gather *gather;    /* the gather whose members are being cancelled, or NULL */
    aiot_task *waiter;      /* the task from which the walk came, or NULL */
    const aiot_task *mark;  /* Brent's cycle detection: a cycle meets this task again */
    unsigned steps, limit;  /* since the mark was set; when it is set anew */
    bool taken;             /* the present awaitable has taken the cancel */
} aiot_i_walk;

/* Returns what the walk goes on to, or NULL. */
AIOT_I_FN aiot_awaitable *aiot_i_cancel_task(aiot_i_walk *w, aiot_task *t)
{
    aiot_i_entry *e = &t->entry;
    aiot_awaitable *target = aiot_i_target(t);
    aiot_guard *guard = aiot_i_guard_inside(t, w->from);
    w->from = NULL;
    w->taken = true;
    if (AIOT_I_UNLIKELY(guard != NULL)) {
        aiot_i_hold(guard, w->message);
        AIOT_TRACE(AIOT_TRACE_CANCEL, t);
        return NULL;
    }
    if (e->count < UINT16_MAX) e->count++;
    if (target) {
        if (++w->steps >= w->limit) {
            w->mark = t;
            w->steps = 0;
            w->limit *= 2;
        } else if (w->mark == t) {
            return NULL;
        }
        w->waiter = t;
    } else if (e->kind == AIOT_I_TIMER || e->kind == AIOT_I_PARKED) {
        aiot_i_cancel_sleep(t, w->message);
    } else {
        aiot_i_must_cancel(t, w->message);
    }
    AIOT_TRACE(AIOT_TRACE_CANCEL, t);
    return target;
}
AIOT_I_FN aiot_awaitable *aiot_i_cancel_down(aiot_i_walk *w, aiot_awaitable *a)
{
    w->taken = false;
    if ((a->entry.flags & AIOT_I_DONE) || a->entry.kind == AIOT_I_IDLE) {
        aiot_i_collect(a);  /* asyncio does not report the error then */
    } else if (aiot_i_is_task(a)) {
        return aiot_i_cancel_task(w, AIOT_I_CONTAINER(a, aiot_task, awaitable));
    } else if (a->entry.kind == AIOT_I_GATHER) {
        aiot_gather *g = AIOT_I_CONTAINER(a, aiot_gather, awaitable);
        if (a->entry.flags & AIOT_I_WALKING) return NULL;  /* it contains itself */
        a->entry.flags |= AIOT_I_WALKING;
        g->cursor = 0;
        g->up = w->gather;
        g->via = w->waiter;
        w->gather = g;
        w->waiter = NULL;
    } else {
        aiot_i_complete(a, AIOT_ECANCELED, w->message, AIOT_I_DONE | AIOT_I_CANCELLED);
        w->taken = true;
    }
    return NULL;
}

/* Returns the next target in the innermost gather that has one left, or NULL at the end of the walk. */
AIOT_I_FN aiot_awaitable *aiot_i_cancel_up(aiot_i_walk *w)
{
    for (;;) {
        aiot_gather *g = w->gather;
        if (w->waiter) {
            if (!w->taken) aiot_i_must_cancel(w->waiter, w->message);
            w->taken = true;
            w->waiter = NULL;
        }
        if (!g) return NULL;
        aiot_i_entry *e = &g->awaitable.entry;
        if (w->taken) e->code = 1;
        while (g->cursor < g->count) {
            const aiot_i_member *m = &g->members[g->cursor++];
            if (aiot_i_is_running_again(m)) continue;
            w->steps = 0;  /* two members that wait for one task are no cycle */
            w->limit = 1;
            return m->target;
        }
        w->taken = e->code != 0;
        e->code = 0;
        e->flags ^= AIOT_I_WALKING;
        if (w->taken) e->flags |= AIOT_I_ASKED;
        w->waiter = g->via;
        w->gather = g->up;
    }
}
AIOT_I_RARE bool aiot_i_walk_cancel(aiot_awaitable *a, const char *message, const aiot_i_scope *from)
{
    aiot_i_walk w = { message, from, NULL, NULL, NULL, 0, 1, false };
    do {
        aiot_awaitable *next = aiot_i_cancel_down(&w, a);
        a = next ? next : aiot_i_cancel_up(&w);
    } while (a);
    return w.taken;
}

/* Returns true if the cancel was taken. from: NULL, or the scope of the task in which it is cancelled. */
AIOT_I_COLD bool aiot_i_cancel_in(aiot_awaitable *a, const char *message, const aiot_i_scope *from)
{
    aiot_i_entry *e = &a->entry;
    aiot_task *t = AIOT_I_CONTAINER(a, aiot_task, awaitable);
    if (AIOT_SMALL || (e->kind != AIOT_I_TIMER && e->kind != AIOT_I_PARKED) || aiot_i_innermost(t) != from)
        return aiot_i_walk_cancel(a, message, from);
    if (e->count < UINT16_MAX) e->count++;  /* no walk: 9 % of a spawn with its cancel */
    aiot_i_cancel_sleep(t, message);
    AIOT_TRACE(AIOT_TRACE_CANCEL, t);
    return true;
}
AIOT_I_FN bool aiot_i_cancel(aiot_awaitable *a, const char *message) { return aiot_i_cancel_in(a, message, NULL); }

#if AIOT_TASK_LIST
/* From now on every wait of the task in this scope is cancelled, up to a guard; NULL: in the whole task. The scopes inside note it. */
AIOT_I_COLD void aiot_i_make_firm(aiot_task *t, const aiot_i_scope *scope)
{
    aiot_guard *guard = aiot_i_guard_inside(t, scope);
    for (aiot_i_scope *s = guard ? &guard->limit.scope : t->scope; s && s != scope; s = s->around) s->kind |= AIOT_I_FIRM_OUTSIDE;
    if (!guard) t->entry.flags |= AIOT_I_FIRM;
    AIOT_I_IF_SMALL(t->loop->deliver = aiot_i_deliver;)
}
#endif
AIOT_I_FN void aiot_i_set_firm(aiot_task *t, const aiot_i_scope *left)  /* as it is outside of the scope that was left */
{
    t->entry.flags &= (uint8_t)~AIOT_I_FIRM;
    if (left->kind & AIOT_I_FIRM_OUTSIDE) t->entry.flags |= AIOT_I_FIRM;
}

/* Removes a pending cancel. Returns true if it has a message. */
AIOT_I_FN bool aiot_i_take_cancel(aiot_i_entry *e)
{
    bool has_message = e->flags & AIOT_I_MESSAGE;
    e->flags &= (uint8_t)~(AIOT_I_MUST_CANCEL | AIOT_I_MESSAGE);
    return has_message;
}
AIOT_I_COLD void aiot_i_cancel_wait(aiot_task *t, const void *message)
{
    aiot_i_entry *e = &t->entry;
    const char *text = aiot_i_take_cancel(e) ? (const char *)message : NULL;
    if (e->kind != AIOT_I_WAITING) aiot_i_cancel_sleep(t, text);
    else if (!aiot_i_cancel(e->u.target, text)) aiot_i_must_cancel(t, text);
}

/* THE WAYS TO WAIT, for the running task. A cancel that it has not seen ends the wait at once. */
AIOT_I_INLINE void aiot_i_deliver_at_wait(aiot_task *t, const void *message)
{
    if (AIOT_I_UNLIKELY(t->entry.flags & AIOT_I_ANY_CANCEL)) (void)AIOT_I_DELIVER(t, AIOT_I_AT_WAIT, message);
}

/* AIOT_I_FOR() is the task. Debug builds note what it waits for: a text, and the object. */
#if AIOT_I_DUMPS
AIOT_I_FN aiot_task *aiot_i_for(aiot_task *t, const char *text, const void *object)
{
    t->waits_for = text;
    t->waits_at = object;
    return t;
}
#define AIOT_I_FOR(t, text, object) aiot_i_for(t, text, object)
#else
#define AIOT_I_FOR(t, text, object) (t)
#endif

/* Another object keeps a pointer to a parked task, and wakes it. */
AIOT_I_INLINE void aiot_i_park(aiot_task *t)
{
    t->entry.kind = AIOT_I_PARKED;
    aiot_i_leave(t->loop, &t->entry);
    aiot_i_deliver_at_wait(t, t->entry.u.info);
}
/* What a task must do to leave a wait is not cut by a firm cancel: lift that, begin to wait, and put it back in the step after the wait. */
AIOT_I_FN uint8_t aiot_i_lift_firm(aiot_task *t)
{
    uint8_t firm = t->entry.flags & AIOT_I_FIRM;
    t->entry.flags ^= firm;
    return firm;
}
AIOT_I_FN void aiot_i_put_back_firm(aiot_task *t, uint8_t *firm)
{
    t->entry.flags |= *firm;
    *firm = 0;
}

/* The task runs two turns after the timer: see the table in [5]. Returns WAITS. */
AIOT_I_INLINE int aiot_i_wait_until(aiot_loop *loop, aiot_task *t, aiot_time when, aiot_time now)
{
    aiot_i_entry *e = &t->entry;
    if (when == AIOT_FOREVER || AIOT_I_UNLIKELY(e->flags & AIOT_I_ANY_CANCEL)) {
        aiot_i_park(AIOT_I_FOR(t, NULL, NULL));
    } else {
        (void)AIOT_I_FOR(t, NULL, NULL);
        aiot_i_leave(loop, e);
        e->u.when = when;
        e->kind = AIOT_I_TIMER;
        aiot_i_timers_insert(&loop->timers, e, now);
    }
    return AIOT_I_WAITS;
}
/* Two turns or more. */
AIOT_I_FN void aiot_i_wait_turns(aiot_task *t, int turns)
{
    const void *message = AIOT_I_FOR(t, NULL, NULL)->entry.u.info;
    t->entry.kind = AIOT_I_TIMER;
    t->entry.code = turns - 2;
    t->entry.u.when = t->loop->now;
    aiot_i_stay(t->loop, &t->entry);
    aiot_i_deliver_at_wait(t, message);
}
AIOT_I_INLINE void aiot_i_wait_done(aiot_task *t, aiot_awaitable *a)
{
    const void *message = t->entry.u.info;
    t->entry.kind = AIOT_I_WAITING;
    aiot_i_leave(t->loop, &t->entry);
    aiot_i_add_waiter(a, &t->entry);
    aiot_i_deliver_at_wait(t, message);
}

/* Puts an error in flight in the running task; code 0 takes one away. */
AIOT_I_FN void aiot_i_set_error(aiot_task *t, int code, const void *info)
{
    aiot_i_entry *e = &t->entry;
    e->code = code;
    if (code == 0) return;
    e->flags &= (uint8_t)~AIOT_I_MESSAGE;
    e->u.info = info;
}
/* Ends a wait, with an error if code is not 0. Returns false: the task does not wait. */
AIOT_I_FN bool aiot_i_end_wait(aiot_task *task, int code)
{
    aiot_i_set_error(task, code, NULL);
    return false;
}
/* May a wait begin with its waiter or set? If not, because it is in use, AIOT_ERUNTIME is in flight. */
AIOT_I_FN bool aiot_i_may_begin(bool is_unused, aiot_task *task)
{
    if (AIOT_I_UNLIKELY(!is_unused)) aiot_i_set_error(task, AIOT_ERUNTIME, NULL);
    return is_unused;
}
/* Wakes a task if it is still parked: a cancel may have woken it before. */
AIOT_I_FN void aiot_i_unpark(aiot_task *t) { if (t->entry.kind == AIOT_I_PARKED) aiot_i_wake(t, 0, NULL); }

/* THE END OF A TASK. */
#if AIOT_TASK_LIST
#define aiot_i_leave_task_list(task) aiot_i_bridge(&(task)->all)
#define aiot_i_count_left_over(task) ((task)->entry.flags & AIOT_I_LEFT_OVER ? (void)(task)->loop->left_over-- : (void)0)
#else
#define aiot_i_leave_task_list(task) ((void)0)
#define aiot_i_count_left_over(task) ((void)0)
#endif

#if AIOT_I_TELLS
/* Does a join, a gather, a group or a note take the error of `a`? Notes a shield, as the task may be spawned again before its turn. */
AIOT_I_COLD bool aiot_i_find_taker(aiot_awaitable *a)
{
    aiot_i_link *link = a->waiters;
    if (a->entry.flags & AIOT_I_TAKEN) return true;
    if (link) do {
        const aiot_i_entry *e = AIOT_I_CONTAINER(link, aiot_i_entry, link);
        if (e->kind != AIOT_I_CALL || !(e->flags & (AIOT_I_LOOKS_ON | AIOT_I_MAY_TAKE))) return true;
        a->entry.flags |= e->flags & AIOT_I_MAY_TAKE;  /* MAY_TAKE is TAKEN */
    } while ((link = link->next) != a->waiters);
    return false;
}

/* Reports an error, or keeps it until the program asks or the run ends. */
AIOT_I_COLD void aiot_i_tell_error(aiot_task *t, const aiot_canceller *by)
{
    const aiot_i_entry *e = &t->entry;
    if (!(e->flags & (AIOT_I_LEFT_OVER | AIOT_I_DETACHED))) {
        aiot_i_keep_error(t, by);
        return;
    }
    AIOT_I_IF_SMALL(t->loop->calling = true;)  /* the task has left the list: none is current */
    aiot_i_report(t->loop, e->flags & AIOT_I_LEFT_OVER ? AIOT_REPORT_LEFT_OVER : AIOT_REPORT_UNCOLLECTED, e->code, e->u.info, t, by);
    AIOT_I_IF_SMALL(t->loop->calling = false;)
}
AIOT_I_COLD void aiot_i_find_canceller(const aiot_task *t, aiot_canceller *by);
#define aiot_i_note_canceller(task, by) aiot_i_find_canceller(task, by)
#else
#define aiot_i_find_taker(a) true
#define aiot_i_tell_error(task, by) ((void)0)
#define aiot_i_note_canceller(task, by) ((void)0)
#endif

/* The task ends with a cancel that was never delivered: cancelled, unless it has an error. */
AIOT_I_COLD void aiot_i_end_cancelled(aiot_task *t)
{
    aiot_i_entry *e = &t->entry;
    bool has_message = aiot_i_take_cancel(e);
    if (e->code != 0) return;
    e->code = AIOT_ECANCELED;
    e->flags |= AIOT_I_MESSAGE;
    if (!has_message) e->u.info = NULL;
}

AIOT_I_RARE void aiot_i_finish_any(aiot_task *t)
{
    aiot_i_entry *e = &t->entry;
    aiot_i_leave_task_list(t);
    e->kind = AIOT_I_ENDED;
    if (e->flags & AIOT_I_MUST_CANCEL) (void)AIOT_I_DELIVER(t, AIOT_I_AT_END, NULL);
    aiot_i_count_left_over(t);
    AIOT_TRACE(AIOT_TRACE_END, t);
    bool cancelled = e->code == AIOT_ECANCELED, untold = e->code != 0 && !cancelled &&
        (!aiot_i_find_taker(&t->awaitable) || (e->flags & AIOT_I_LEFT_OVER));
    aiot_canceller by = AIOT_I_NO_CANCELLER;
    (void)by;
    if (AIOT_I_UNLIKELY(untold)) aiot_i_note_canceller(t, &by);
    e->flags |= AIOT_I_DONE;
    if (cancelled) e->flags |= AIOT_I_CANCELLED;
    if (t->awaitable.waiters) AIOT_I_READY_WAITERS(&t->awaitable);
    aiot_i_leave(t->loop, e);
    if (AIOT_I_UNLIKELY(untold)) aiot_i_tell_error(t, &by);  /* last: the handler may use the task again */
}

/* For a task without error and flags: 19 % of a spawn with its end. */
AIOT_I_CALLED void aiot_i_finish(aiot_task *t)
{
    aiot_i_entry *e = &t->entry;
    if (AIOT_SMALL || AIOT_I_UNLIKELY(e->code != 0 || !aiot_i_is_plain_step(e))) {
        aiot_i_finish_any(t);
        return;
    }
    AIOT_TRACE(AIOT_TRACE_END, t);
    aiot_i_leave_task_list(t);
    e->kind = AIOT_I_ENDED;
    e->flags = AIOT_I_DONE;
    if (AIOT_I_UNLIKELY(t->awaitable.waiters)) AIOT_I_READY_WAITERS(&t->awaitable);
}

/* Begins a step with CancelledError. A task that had not begun ends; returns false then. */
AIOT_I_COLD bool aiot_i_begin_cancelled(aiot_task *t)
{
    aiot_i_entry *e = &t->entry;
    if (!aiot_i_take_cancel(e) && e->code != AIOT_ECANCELED) e->u.info = NULL;
    e->code = AIOT_ECANCELED;
    if ((t->frame->at & 0xffff) != 0) return true;
    t->frame->flags &= (uint8_t)~AIOT_I_LIVE;
    aiot_i_finish(t);
    return false;
}

/* THE TASK'S FUNCTIONS. */
AIOT_I_FN aiot_frame *aiot_i_root(const aiot_task *t)
{
    aiot_frame *frame = t->frame;
    while (frame && !(frame->flags & AIOT_I_ROOT)) frame = frame->up.frame;
    return frame;
}

/* The name of a task's coroutine, or what aiot_task_set_name() gave. The frame must still exist. */
AIOT_I_FN const char *aiot_task_name(const aiot_task *t)
{
    const aiot_frame *frame = aiot_i_root(t);
    return frame && frame->up.name ? frame->up.name : "task";
}

/* Task.set_name(). The text is not copied. It lives until the task has ended, and its error was asked for or told. */
AIOT_I_FN void aiot_task_set_name(aiot_task *t, const char *name)
{
    aiot_frame *frame = aiot_i_root(t);
    if (frame) frame->up.name = name;
}

/* True if the task may be spawned: it is zeroed, or has ended. */
AIOT_I_FN bool aiot_task_idle(const aiot_task *t)
{
    return t->entry.kind <= AIOT_I_ENDED || t->entry.kind == AIOT_I_UNCOLLECTED;
}

/* For a spawned task whose result nobody reads: if it fails, loop.on_error is told at once, not when the run returns. */
AIOT_I_FN void aiot_task_detach(aiot_task *t) { t->entry.flags |= AIOT_I_DETACHED; }

/* asyncio.current_task(): the task that runs on this loop, or NULL in a callback. Do not call it in error handlers. */
AIOT_I_FN aiot_task *aiot_current_task(const aiot_loop *loop) { return aiot_i_current(loop); }

/* THE CHECKS OF DEBUG BUILDS. */
#if AIOT_DEBUG
AIOT_I_FN const char *aiot_i_name_or_none(const aiot_task *t) { return t ? aiot_task_name(t) : "none"; }
#define AIOT_I_TELL(file, line, task, message) \
    ((void)(file), (void)(line), (void)(task), (void)(message),  /* a hook of yours may ignore them */ \
     (void)AIOT_PANIC(file, line, aiot_i_name_or_none(task), message))
#define AIOT_I_REQUIRE(condition, file, line, task, message) \
    ((condition) ? (void)0 : (AIOT_I_TELL(file, line, task, message), AIOT_I_STOP(line)))
#define AIOT_I_EXPECT(condition, file, line, task, message) ((condition) ? (void)0 : AIOT_I_TELL(file, line, task, message))
#define AIOT_I_CHECK_LOOP(loop, file, line, does) \
    AIOT_I_EXPECT(aiot_i_is_prepared(loop), file, line, NULL, does " a loop that was not initialised, or was copied or moved since")

#define AIOT_I_SEAL ((uintptr_t)UINT64_C(0x5ea1edca11ab1e5d))
AIOT_I_FN void aiot_i_seal_call(aiot_i_call *c) { c->seal = (uintptr_t)&c->seal ^ AIOT_I_SEAL; }

AIOT_I_COLD bool aiot_i_is_local(const aiot_loop *loop, const void *object)
{
    AIOT_I_HERE(here);
    uintptr_t at = (uintptr_t)object, there = loop->stack;
    return aiot_i_current(loop) != NULL && (here < there ? here < at && at < there : there < at && at < here);
}

/* Complains once for each loop. A wrapping clock also seems to go back if the loop comes too late while timers are armed. */
AIOT_I_COLD void aiot_i_check_clock(aiot_loop *loop, aiot_time now)
{
    if (!aiot_i_is_before(now, loop->now) || loop->clock_went_back) return;
    if (AIOT_TIME_BITS != 64 && aiot_i_timers_empty(&loop->timers)) return;
    loop->clock_went_back = true;
#if AIOT_HOSTED
    char message[120];
    snprintf(message, sizeof message, "the clock went back by %lld%s: no timer ends until it has caught up",
             (long long)aiot_time_between(now, loop->now), AIOT_TICKS_PER_S == 1000000000 ? " ns" : " ticks");
#else
    static const char message[] = "the clock went back: no timer ends until it has caught up";
#endif
    AIOT_I_TELL(__FILE__, __LINE__, aiot_i_current(loop), message);
}
#else
#define AIOT_I_REQUIRE(...) ((void)0)
#define AIOT_I_EXPECT(...) ((void)0)
#define AIOT_I_CHECK_LOOP(...) ((void)0)
#define aiot_i_seal_call(call) ((void)0)
#endif

#define AIOT_I_REQUIRE_HERE(condition, message) AIOT_I_REQUIRE(condition, __FILE__, __LINE__, task, message)
#define AIOT_I_EXPECT_HERE(condition, message) AIOT_I_EXPECT(condition, __FILE__, __LINE__, task, message)

/* AWAITABLES: tasks, futures, gathers and shields. Each x is a pointer to one. AIOT_AWAITABLE(x) is an aiot_awaitable *, for arrays. It may
 * be an x, too; other compilers than gcc and clang need AIOT_ANY(a).
 *   A cancelled task gets CancelledError at its wait, in the next turn; if it joined another task, when that one has ended. It may refuse.
 * A future or a shield ends at once, but not what is shielded. A gather asks its members. aiot_cancel() returns false if there was nothing
 * left to cancel. */
#define aiot_done(x) aiot_i_done(AIOT_AWAITABLE(x))  /* has it a result, an error or a cancellation? */
#define aiot_cancelled(x) aiot_i_cancelled(AIOT_AWAITABLE(x))  /* did it end cancelled? */
#define aiot_result(x) aiot_i_result(AIOT_AWAITABLE(x))  /* AIOT_OK, its error or AIOT_ECANCELED; AIOT_ESTATE before */
#define aiot_error_of(x) aiot_i_error_of(AIOT_AWAITABLE(x))  /* with the error's pointer; a message stays for the waiter */
#define aiot_cancel(x) aiot_i_cancel(AIOT_AWAITABLE(x), NULL)
#define aiot_cancel_msg(x, text) aiot_i_cancel(AIOT_AWAITABLE(x), text)  /* with a static text: the pointer of the error */
#if AIOT_TASK_LIST
#define aiot_cancel_firmly(x) aiot_i_cancel_firmly(AIOT_AWAITABLE(x))  /* and every later wait of the task, until it ends */
#endif

typedef struct aiot_any { AIOT_I_EXTENSION union { aiot_awaitable awaitable, awaitable_is_a_task_future_gather_or_shield; }; } aiot_any;
#define AIOT_ANY(a) ((aiot_any *)(void *)(a))

/* AIOT_I_ASSERTED() is 0, or an error with that text. So is AIOT_I_TAKES() if x is no pointer to that type; AIOT_I_TAKEN() is then NULL, to
 * avoid a second error. */
#define AIOT_I_ASSERTED(condition, text) (0 * sizeof(struct { int i; _Static_assert(condition, text); }))
#if defined __GNUC__ && !defined __cplusplus && !defined __cppcheck__  /* cppcheck's parser stops there */
#define AIOT_I_TAKES(type, x, text) ((void)AIOT_I_ASSERTED(_Generic((x), type *: 1, default: 0), text))
#define AIOT_I_TAKEN(type, x) _Generic((x), type *: (x), default: (type *)aiot_i_nothing())
AIOT_I_FN void *aiot_i_nothing(void) { return NULL; }
#define AIOT_I_OR_CONST(type) struct type *: (aiot_any *)0, const struct type *: (const aiot_any *)0
#define AIOT_AWAITABLE(x) \
    (AIOT_I_ASSERTED(__builtin_classify_type(x) == 5 && __builtin_types_compatible_p(__typeof__(x), __typeof__(((void)0, (x)))), \
        "an awaitable is passed by its address, &self->task; an array is no awaitable: &array[i], or an _ARRAY form") + \
     (__typeof__(&((__typeof__(_Generic((x), AIOT_I_OR_CONST(aiot_task), AIOT_I_OR_CONST(aiot_future), AIOT_I_OR_CONST(aiot_awaitable), \
        AIOT_I_OR_CONST(aiot_gather), AIOT_I_OR_CONST(aiot_shield), AIOT_I_OR_CONST(aiot_group_task), default: (x))))(x)) \
        ->awaitable_is_a_task_future_gather_or_shield))(x))  /* not the address of a member: x may be NULL */
#elif defined __cplusplus
#define AIOT_I_TAKES(...) ((void)0)
#define AIOT_I_TAKEN(type, x) aiot_i_taken<type>(x)
#define AIOT_AWAITABLE(x) aiot_i_awaitable_of(x, 0)
extern "C++" {
template <typename T> constexpr T *aiot_i_taken(T *x) { return x; }
template <typename T, typename X> constexpr T *aiot_i_taken(const X &)
{
    static_assert(sizeof(X) == 0, "a pointer to an object of type T is taken: &self->x");
    return nullptr;
}
constexpr aiot_awaitable *aiot_i_awaitable_of(aiot_awaitable *x, int) { return x; }
template <typename T> constexpr auto aiot_i_awaitable_of(T *const &x, int) -> decltype(&x->awaitable) { return &x->awaitable; }
template <typename X> constexpr aiot_awaitable *aiot_i_awaitable_of(const X &, long)
{
    static_assert(sizeof(X) == 0, "an awaitable is the address of a task, future, gather or shield; "
        "an array is no awaitable: &array[i], or an _ARRAY form");
    return nullptr;
}
}
#else
#define AIOT_I_TAKES(...) ((void)0)
#define AIOT_I_TAKEN(type, x) (x)
#define AIOT_AWAITABLE(x) (&(x)->awaitable)
#endif

#if AIOT_TASK_LIST
AIOT_I_FN bool aiot_i_cancel_firmly(aiot_awaitable *a)
{
    bool taken = aiot_i_cancel(a, NULL);
    if (aiot_i_is_task(a) && a->entry.kind > AIOT_I_UNCOLLECTED) aiot_i_make_firm(AIOT_I_CONTAINER(a, aiot_task, awaitable), NULL);
    return taken;
}
#endif
AIOT_I_FN bool aiot_i_done(const aiot_awaitable *a) { return a->entry.flags & AIOT_I_DONE; }
AIOT_I_FN bool aiot_i_is_made(const aiot_awaitable *a) { return a->loop || aiot_i_done(a); }  /* started or initialised */
AIOT_I_FN bool aiot_i_cancelled(const aiot_awaitable *a) { return a->entry.flags & AIOT_I_CANCELLED; }
AIOT_I_FN int aiot_i_result(aiot_awaitable *a)
{
    aiot_i_collect(a);
    return aiot_i_done(a) ? a->entry.code : AIOT_ESTATE;
}
#ifndef __SDCC
AIOT_I_FN aiot_error aiot_i_error_of(aiot_awaitable *a)
{
    aiot_error error;
    error.code = aiot_i_result(a);
    error.info = aiot_i_done(a) && error.code != 0 ? a->entry.u.info : NULL;
    return error;
}
#endif

/* For tasks: return what aiot_done(), aiot_cancelled(), aiot_result(), aiot_cancel() and aiot_cancel_msg() return. */
AIOT_I_FN bool aiot_task_done(const aiot_task *t) { return aiot_i_done(&t->awaitable); }
AIOT_I_FN bool aiot_task_cancelled(const aiot_task *t) { return aiot_i_cancelled(&t->awaitable); }
AIOT_I_FN int aiot_task_result(aiot_task *t) { return aiot_i_result(&t->awaitable); }
AIOT_I_FN bool aiot_task_cancel(aiot_task *t) { return aiot_i_cancel(&t->awaitable, NULL); }
AIOT_I_FN bool aiot_task_cancel_msg(aiot_task *t, const char *message) { return aiot_i_cancel(&t->awaitable, message); }

/* Takes back a request that was delivered, or is to be. */
AIOT_I_FN unsigned aiot_i_uncancel(aiot_task *t)
{
    aiot_i_entry *e = &t->entry;
    if (e->count > 0 && --e->count == 0 && (e->flags & AIOT_I_MUST_CANCEL) && aiot_i_take_cancel(e)) e->u.info = NULL;
    return e->count;
}

/* Task.cancelling(): returns how many cancel requests were not taken back, a shielded block's held ones, too; 65 535 at most. */
AIOT_I_FN unsigned aiot_task_cancelling(const aiot_task *t)
{
    uint32_t count = t->entry.count;
    for (aiot_i_scope *s = aiot_i_innermost(t); s && count < UINT16_MAX; s = s->around)
        if (s->kind & AIOT_I_GUARD) count += aiot_i_guard_of(s)->held;
    return count < UINT16_MAX ? (unsigned)count : UINT16_MAX;
}

/* Task.uncancel(): takes a request back, and with the last one a cancel not yet delivered. Returns how many are left. In a shielded block a
 * held request comes last. */
AIOT_I_COLD unsigned aiot_task_uncancel(aiot_task *t)
{
    bool has_one = t->entry.count > 0;
    if (has_one) aiot_i_uncancel(t);
    for (aiot_i_scope *s = aiot_i_innermost(t); s; s = s->around) {
        aiot_guard *g = aiot_i_guard_of(s);
        if (!(s->kind & AIOT_I_GUARD)) continue;
        if (!has_one && g->held > 0) {
            g->held--;
            has_one = true;
        }
        if (t->entry.count == 0 && g->held == 0) g->has_cancel = false;
    }
    return aiot_task_cancelling(t);
}

AIOT_I_INLINE void aiot_i_awaitable_init(aiot_awaitable *a, aiot_loop *loop, unsigned kind)
{
    aiot_i_entry_init(&a->entry, kind);
    a->waiters = NULL;
    a->loop = loop;
}

/* FUTURES. loop.create_future(): prepares a pending future of this loop. It must live until its waiters have run. */
AIOT_I_FN void aiot_future_init(aiot_future *f, aiot_loop *loop) { aiot_i_awaitable_init(&f->awaitable, loop, AIOT_I_FUTURE); }

/* set_result(): ends a future with a number, or a pointer to what outlives it. Its waiters run in the next turn. Returns 0, or AIOT_ESTATE
 * (InvalidStateError) if it is done. */
AIOT_I_FN int aiot_future_set_ptr(aiot_future *f, const void *value)
{
    if (aiot_i_done(&f->awaitable)) return AIOT_ESTATE;
    aiot_i_complete(&f->awaitable, 0, value, AIOT_I_DONE);
    return 0;
}
AIOT_I_FN int aiot_future_set_result(aiot_future *f, intptr_t i) { return aiot_future_set_ptr(f, (const void *)i); }

/* set_exception(): ends a future with an error. Returns 0; AIOT_ESTATE if it is done; AIOT_EINVAL for a code that AIOT_RAISE() refuses. */
AIOT_I_FN int aiot_future_set_error(aiot_future *f, int code, const void *info)
{
    if (aiot_i_done(&f->awaitable)) return AIOT_ESTATE;
    if (code == 0 || code == AIOT_I_RETURNING) return AIOT_EINVAL;
    AIOT_I_EXPECT(aiot_i_is_known(code), __FILE__, __LINE__, aiot_i_current(f->awaitable.loop),
        "a future is given a negative code that is not the library's: yours are above 0");
    aiot_i_complete(&f->awaitable, code, info, AIOT_I_DONE);
    return 0;
}

/* The value of a future that ended well; otherwise NULL, or 0. */
AIOT_I_FN const void *aiot_future_ptr(const aiot_future *f)
{
    return aiot_i_done(&f->awaitable) && f->awaitable.entry.code == 0 ? f->awaitable.entry.u.info : NULL;
}
AIOT_I_FN intptr_t aiot_future_value(const aiot_future *f) { return (intptr_t)aiot_future_ptr(f); }

/* CALLBACKS. The caller owns the handle. It is zeroed before its first use, and lives until its callback has run or was cancelled. Arming
 * it again moves it. */
AIOT_I_FN void aiot_i_handle_run(aiot_loop *loop, aiot_i_call *c)
{
    aiot_handle *h = AIOT_I_CONTAINER(c, aiot_handle, call);
    int code = h->callback(h->argument);
    if (code != 0) aiot_i_report(loop, AIOT_REPORT_CALLBACK, code, NULL, NULL, NULL);
}
AIOT_I_FN void aiot_i_call_init(aiot_i_call *c, void (*run)(aiot_loop *loop, aiot_i_call *c))
{
    aiot_i_entry_init(&c->entry, AIOT_I_CALL);
    c->run = run;
    aiot_i_seal_call(c);
}
/* Returns false if the handle or the callback is NULL. */
AIOT_I_FN bool aiot_i_handle_init(aiot_loop *loop, aiot_handle *h, aiot_time when, aiot_callback callback, void *arg)
{
    if (h == NULL) return false;
    AIOT_I_REQUIRE(!aiot_i_is_local(loop, h), h->file, h->line, aiot_i_current(loop),
        "this handle is a C local, which dies at the next wait");
    AIOT_I_EXPECT(callback != NULL, h->file, h->line, aiot_i_current(loop), "this callback is NULL");
    if (callback == NULL) return false;
    aiot_i_dequeue(h->loop, &h->call);
    aiot_i_call_init(&h->call, aiot_i_handle_run);
    h->call.entry.u.when = when;
    h->loop = loop;
    h->callback = callback;
    h->argument = arg;
    return true;
}

/* loop.call_soon(): runs the callback in the next turn. These three return 0, or AIOT_EINVAL if the handle or the callback is NULL. */
AIOT_I_FN int aiot_call_soon(aiot_loop *loop, aiot_handle *h, aiot_callback callback, void *arg)
{
    if (!aiot_i_handle_init(loop, h, 0, callback, arg)) return AIOT_EINVAL;
    aiot_i_make_ready(loop, &h->call.entry);
    return AIOT_OK;
}

/* loop.call_at(): runs the callback at a time of the loop's clock; in the next turn if that time is past. */
AIOT_I_FN int aiot_call_at(aiot_loop *loop, aiot_handle *h, aiot_time when, aiot_callback callback, void *arg)
{
    if (!aiot_i_handle_init(loop, h, when, callback, arg)) return AIOT_EINVAL;
    if (when != AIOT_FOREVER) aiot_i_timers_insert(&loop->timers, &h->call.entry, aiot_i_now(loop));
    return AIOT_OK;
}

/* loop.call_later(): the same after a delay, in ns or ticks. AIOT_EINVAL also if the delay is too long for AIOT_TIME_BITS. */
AIOT_I_FN int aiot_call_later(aiot_loop *loop, aiot_handle *h, aiot_time delay_ns, aiot_callback callback, void *arg)
{
    if (AIOT_I_UNLIKELY(aiot_i_is_too_long(delay_ns))) return AIOT_EINVAL;
    return aiot_call_at(loop, h, aiot_i_deadline(loop, delay_ns), callback, arg);
}

/* Handle.cancel(): true if the callback would have run. False after it began or was cancelled, and for AIOT_FOREVER. */
AIOT_I_FN bool aiot_handle_cancel(aiot_handle *h)
{
    if (h == NULL) return false;
    bool armed = h->call.entry.link.next != NULL;
    aiot_i_dequeue(h->loop, &h->call);
    h->call.entry.flags |= AIOT_I_CANCELLED;
    return armed;
}

/* TimerHandle.cancelled(): returns true after a cancel. TimerHandle.when(): returns the time of call_at() or call_later(). */
AIOT_I_FN bool aiot_handle_cancelled(const aiot_handle *h) { return h->call.entry.flags & AIOT_I_CANCELLED; }
AIOT_I_FN aiot_time aiot_handle_when(const aiot_handle *h) { return h->call.entry.u.when; }

/* add_done_callback(): runs the callback in the turn after x is done. Returns 0; AIOT_ERUNTIME if x was never started or initialised, or is
 * an empty gather without a loop; AIOT_EINVAL if the handle or the callback is NULL. */
#define aiot_add_done_callback(x, h, callback, arg) aiot_i_add_done_callback(AIOT_AWAITABLE(x), AIOT_I_HANDLE(h), callback, arg)
AIOT_I_FN int aiot_i_add_done_callback(aiot_awaitable *a, aiot_handle *h, aiot_callback callback, void *arg)
{
    AIOT_I_EXPECT(a != NULL && a->loop != NULL, h->file, h->line, NULL,
        "adds a done callback to what is NULL, was never started or initialised, or knows no loop");
    if (a == NULL || a->loop == NULL) return AIOT_ERUNTIME;
    if (!aiot_i_handle_init(a->loop, h, 0, callback, arg)) return AIOT_EINVAL;
    h->call.entry.flags |= AIOT_I_LOOKS_ON;
    aiot_i_watch(a->loop, a, &h->call);
    return 0;
}

/* remove_done_callback(): true if the callback was registered and its awaitable is not done. After the end the callback still runs: call
 * aiot_handle_cancel() before the handle's memory goes away. */
AIOT_I_FN bool aiot_remove_done_callback(aiot_handle *h)
{
    return h != NULL && (h->call.entry.flags & AIOT_I_IN_WAITERS) && aiot_handle_cancel(h);
}

/* CALLBACKS READY TO USE, for handles and posts. The argument is a pointer to the object. These two return 0; a future that is done stays
 * as it is. Section [13] has those for events, locks and semaphores. */
AIOT_I_FN int aiot_on_cancel_task(void *task) { (void)aiot_task_cancel((aiot_task *)task); return 0; }
AIOT_I_FN int aiot_on_complete_future(void *future) { (void)aiot_future_set_ptr((aiot_future *)future, NULL); return 0; }

/* Debug builds note where a handle is armed. Macros check times: a function takes 0.5 as 0, and wraps what aiot_time cannot hold. */
#if AIOT_DEBUG
AIOT_I_COLD aiot_handle *aiot_i_note_arming(aiot_handle *h, const char *file, unsigned line)
{
    AIOT_I_REQUIRE(h != NULL, file, line, NULL, "this handle is NULL");
    h->file = file;
    h->line = line;
    return h;
}
AIOT_I_COLD aiot_future *aiot_i_check_future(aiot_future *f, const char *file, unsigned line)
{
    AIOT_I_EXPECT(f->awaitable.loop != NULL, file, line, NULL, "ends a future that was not initialised");
    return f;
}
#define AIOT_I_HANDLE(h) aiot_i_note_arming(h, __FILE__, __LINE__)
#define AIOT_I_FUTURE_OF(f) aiot_i_check_future(f, __FILE__, __LINE__)
#define aiot_call_soon(loop, h, ...) aiot_call_soon(loop, AIOT_I_HANDLE(h), __VA_ARGS__)
#define aiot_future_set_ptr(f, value) aiot_future_set_ptr(AIOT_I_FUTURE_OF(f), value)
#define aiot_future_set_result(f, value) aiot_future_set_result(AIOT_I_FUTURE_OF(f), value)
#define aiot_future_set_error(f, code, info) aiot_future_set_error(AIOT_I_FUTURE_OF(f), code, info)
#else
#define AIOT_I_HANDLE(h) (h)
#endif
#define aiot_call_at(loop, h, when_ns, ...) aiot_call_at(loop, AIOT_I_HANDLE(h), AIOT_I_TIME(when_ns), __VA_ARGS__)
#define aiot_call_later(loop, h, delay_ns, ...) aiot_call_later(loop, AIOT_I_HANDLE(h), AIOT_I_DELAY(delay_ns), __VA_ARGS__)

/* ============================================================================================================= [10]
 * COROUTINES AND BLOCKS. A coroutine is a function, called once a step. It begins with a switch over the label at which its last step
 * stopped. A wait stores its label in the frame and returns. The `case` of the label stands behind the `return`. A block is a loop around a
 * chain of `if`, one for each part, with a label before the chain. A raise stores the error in the block's slot in the frame, sets a phase,
 * and jumps to that label. With label 7, AIOT_TRY { a } AIOT_EXCEPT(E) { b } AIOT_FINALLY { c } is in essence:
 *
 *     for (; phase != OUT; phase = a part ran ? phase : phase == HANDLED ? OUT : THROW) {
 *     case 7:
 *         if (phase == THROW) { move the slot's error to the task; goto end; }  // inside a block: phase = RAISED; goto its label
 *         else if (phase == ENTER) { a; phase = HANDLED; }  // a raise in a: phase = RAISED; goto 7
 *         else if (phase == RAISED && slot->code == E) { phase = ENTER; b; phase = HANDLED; }  // in b: phase = PENDING; goto 7
 *         else { if (phase == HANDLED) slot->code = 0; phase = ENTER; c; phase = slot->code ? THROW : OUT; }  // in c: like a raise outside
 *     }
 *
 * `phase` is a C local: it is ENTER whenever the coroutine waits. A raise has to know its block, so each block and part declares names that
 * only the code inside it sees: pointers to arrays of char, whose LENGTH is the number to know. sizeof reads it at compile time. They are
 * never set, so a resume may jump over them, and a block costs nothing until something is raised:
 *
 *     AIOT_I_H  the label of the block that handles a raise here     AIOT_I_S  the slot for the error; 0: it goes to the task
 *     AIOT_I_P  the phase which the raise sets                       AIOT_I_N  the slot of blocks that begin here
 *     sizeof *aiot_i_up_h, ..._s - 1, ..._p: H, S and P outside the block */

/* AIOT_FRAME; comes first in the struct of every coroutine. If blocks stand inside EXCEPT or FINALLY parts, write AIOT_FRAME_DEPTH(n): n is
 * 1 + the greatest number of such parts around a block. n = 0, for a coroutine without blocks, saves an aiot_error. */
#define AIOT_FRAME AIOT_FRAME_DEPTH(1)
#define AIOT_FRAME_DEPTH(n) struct { aiot_frame head; AIOT_I_EXTENSION aiot_error slot[n]; } AIOT_FRAME_comes_first_in_the_struct

/* async def: `static AIOT_CORO(fetch) { AIOT_BEGIN(); ... AIOT_END(); }` defines the coroutine of `struct fetch`. In the body, `self` is
 * its frame and `task` the task that runs it. The C function is aiot_coro_fetch(), so a coroutine may be called link or write. Without
 * `static`, other files can use it behind the struct and `AIOT_CORO_DECLARE(fetch);`. `static AIOT_CORO_DECLARE(fetch);` announces a
 * coroutine that is used before it is written. */
#define AIOT_CORO(fn) \
    AIOT_CORO_DECLARE(fn); \
    AIOT_I_BODY_WARNINGS \
    AIOT_I_STATIC_ASSERT(offsetof(struct fn, AIOT_FRAME_comes_first_in_the_struct) == 0, \
        "AIOT_FRAME comes first in a coroutine's struct"); \
    AIOT_I_FOLLOW_LOCALS static inline aiot_ret aiot_coro_##fn(struct fn *self, aiot_task *task); \
    AIOT_I_WARNINGS_END \
    aiot_ret AIOT_I_STEP(fn)(aiot_task *task) \
    { return aiot_coro_##fn((struct fn *)(void *)task->frame, task); } \
    AIOT_I_UNINIT_WARNINGS static aiot_ret aiot_coro_##fn(struct fn *const self, aiot_task *const task) AIOT_I_UNINIT_WARNINGS_END
#define AIOT_CORO_DECLARE(fn) \
    aiot_ret AIOT_I_STEP(fn)(aiot_task *task); \
    typedef struct fn aiot_i_frame_##fn

/* Reached once: 12 % of a yield inside an await. */
#if defined __GNUC__ && !defined __clang__ && !defined __cppcheck__ && !AIOT_SMALL
#define AIOT_I_SELDOM(label) label: __attribute__((cold, unused));
#else
#define AIOT_I_SELDOM(label)
#endif

/* AIOT_BEGIN() is the first statement of the body, AIOT_END() the last. What stands above AIOT_BEGIN() runs at each resume. */
#define AIOT_BEGIN() \
    AIOT_I_BODY_WARNINGS \
    enum { aiot_i_wait_outside_AIOT_BEGIN_and_AIOT_END = __COUNTER__ - 1 }; \
    aiot_frame *const aiot_i_self = (aiot_frame *)(void *)self; \
    aiot_task *const aiot_i_runner = task; \
    int aiot_i_phase = AIOT_I_ENTER, aiot_i_go = 1; \
    unsigned aiot_i_at = AIOT_I_IS_STEPPED(task->frame == aiot_i_self) ? (unsigned)(aiot_i_self->at & 0xffff) : 0xffffu;  /* no label */ \
    AIOT_I_UNUSED char (*aiot_i_h)[1], (*aiot_i_s)[1], (*aiot_i_p)[AIOT_I_RAISED], (*aiot_i_n)[1]; \
    AIOT_I_REQUIRE_HERE(task->frame == aiot_i_self, "called like a function: use AIOT_AWAIT or aiot_spawn"); \
    AIOT_I_NEVER(aiot_i_at == 1)  /* 5 % of a yield on a Cortex-M0 */ \
    AIOT_I_KNOWN(aiot_i_runner != NULL) \
    aiot_i_dispatch: switch (AIOT_I_WIDEN(aiot_i_at & 0xffff)) { \
    default: \
        AIOT_I_CORRUPTED(__FILE__, AIOT_HOSTED ? AIOT_I_LINE(aiot_i_self) : __LINE__, aiot_task_name(task), \
        "the frame is corrupted or was never started"); \
        break; \
    AIOT_I_CASE(1): AIOT_I_SELDOM(aiot_i_ends) \
        break; \
    AIOT_I_CASE(0): AIOT_I_SELDOM(aiot_i_begins)

#define AIOT_END() \
    } \
    AIOT_I_WARNINGS_END \
    AIOT_I_STATIC_ASSERT(AIOT_I_LABEL < 0xffff, "a coroutine has at most 65 532 waits and blocks"); \
    if (0) { (void)aiot_i_phase; (void)aiot_i_go; (void)task; (void)aiot_i_runner; goto aiot_i_dispatch; } \
    AIOT_I_REQUIRE_HERE(aiot_i_self->open == 0, \
        "a block was left by goto: its FINALLY or its exit has not run"); \
    return aiot_i_ret(AIOT_I_ENDS)

/* raise: leaves the innermost block with an error. code: above 0 for your own errors, or one of the library's. info: a pointer to what
 * outlives the error. 0 and -32768 become AIOT_EINVAL; debug builds complain, also of negative codes that are not the library's. */
#define AIOT_RAISE(code) AIOT_RAISE_INFO(code, NULL)
#define AIOT_RAISE_INFO(code, info) \
    AIOT_I_RAISE((AIOT_I_NOTE_LINE(), aiot_i_throw(task, AIOT_I_SELF, AIOT_I_S, aiot_i_nonzero(code, __FILE__, __LINE__, task), info)))

/* Raises what a lower case call of the library returns, unless it is 0: AIOT_CHECK(aiot_queue_put_nowait(&q, &item)). Not for calls that
 * return -1 or a negative errno: -1 would be a cancel. Turn the sign, AIOT_CHECK(-driver_call()), or raise errno: `if (close(fd) != 0)
 * AIOT_RAISE(errno);`. Debug builds complain of a negative code that did not come from the library. */
#define AIOT_CHECK(call) \
    do { \
        AIOT_I_CHECK_RETURNS_CODE(call); \
        int aiot_i_error = aiot_i_code_of(call); \
        if (aiot_i_error != 0) { \
            AIOT_I_CHECK_CODE(aiot_i_error, #call); \
            AIOT_RAISE(aiot_i_error); \
        } \
    } while (0)

/* raise without arguments: raises the error of the innermost EXCEPT or FINALLY part that has one. Without any: AIOT_ERUNTIME. */
#define AIOT_RERAISE() AIOT_I_RAISE((AIOT_I_NOTE_WAIT(), aiot_i_reraise(task, AIOT_I_SELF, AIOT_I_S)))

/* return: ends the coroutine from anywhere. The FINALLY parts and exits of its blocks run first. */
#define AIOT_RETURN() AIOT_I_RAISE(aiot_i_throw(task, AIOT_I_SELF, AIOT_I_S, AIOT_I_RETURNING, NULL))

/* try: AIOT_TRY { } and then any of these parts, FINALLY last:
 *   AIOT_EXCEPT(code, ...) { }      these errors, at most 16
 *   AIOT_EXCEPT_APP { }             errors of the application: codes above 0
 *   AIOT_EXCEPT_IF(condition) { }   when the condition holds; it may read aiot_caught(task)
 *   AIOT_EXCEPT_ANY { }             all but a cancel: `except Exception`
 *   AIOT_EXCEPT_ALL { }             all: `except BaseException`
 *   AIOT_FINALLY { }                on every way out
 * They may follow other blocks, such as AIOT_TIMEOUT. There they stand outside the block, as if a try surrounded it. */
#define AIOT_TRY AIOT_I_TRY(AIOT_I_LABEL)
#define AIOT_EXCEPT(...) AIOT_I_EXCEPT(0 AIOT_I_EACH(AIOT_I_OR_EQUAL, AIOT_I_SLOT_CODE, __VA_ARGS__))
#define AIOT_EXCEPT_APP AIOT_I_EXCEPT(AIOT_I_SLOT_CODE > 0)
#define AIOT_EXCEPT_IF(condition) AIOT_I_EXCEPT(AIOT_I_SLOT_CODE != AIOT_I_RETURNING && (condition))
#define AIOT_EXCEPT_ANY AIOT_I_EXCEPT(AIOT_I_SLOT_CODE != AIOT_I_RETURNING && AIOT_I_SLOT_CODE != AIOT_ECANCELED)
#define AIOT_EXCEPT_ALL AIOT_I_EXCEPT(AIOT_I_SLOT_CODE != AIOT_I_RETURNING)
#define AIOT_FINALLY AIOT_I_FINALLY

/* The aiot_error that the innermost EXCEPT part of the running coroutine handles, or that is pending in its FINALLY part; its code is 0 if
 * there is none. */
#define aiot_caught(task) (*aiot_i_caught(task))

/* LANGUAGES. FILL(fn, frame_, ...) zeroes the frame, then sets the named fields. Their values may come from the old frame. RUNNER is the
 * task that runs the coroutine around it, also where a local is called task; NULL outside coroutines, where THIS_TASK is `task`. */
#ifdef __cplusplus
#define AIOT_I_STATIC_ASSERT static_assert
#define AIOT_I_RUNNER aiot_i_runner_or(aiot_i_runner, NULL)
#define AIOT_I_THIS_TASK aiot_i_runner_or(aiot_i_runner, task)
#if __cplusplus < 202002L  /* `.name = value` behind an lvalue is an assignment */
#define AIOT_I_FILL(fn, frame_, ...) \
    __extension__ ({ \
        aiot_i_frame_##fn aiot_i_new = aiot_i_frame_##fn(); \
        (void)aiot_i_prepare(AIOT_I_TYPED(fn, &aiot_i_new), sizeof aiot_i_new); \
        AIOT_I_EACH(AIOT_I_FIELD, aiot_i_new, __VA_ARGS__) \
        (void)(*AIOT_I_TAKEN(aiot_i_frame_##fn, frame_) = static_cast<aiot_i_frame_##fn &&>(aiot_i_new)); \
    })
#define AIOT_I_FIELD(frame, field) (void)((frame) field);
#else
#define AIOT_I_FILL(fn, frame_, ...) \
    __extension__ ({ \
        AIOT_I_WARNINGS_BEGIN \
        (void)(*AIOT_I_TAKEN(aiot_i_frame_##fn, frame_) = \
            aiot_i_frame_##fn { .AIOT_FRAME_comes_first_in_the_struct = { .head = { .AIOT_I_ONE_FIELD(fn) } }, __VA_ARGS__ }); \
        AIOT_I_WARNINGS_END \
    })
#endif
extern "C++" {
inline aiot_task *aiot_i_runner_or(aiot_task *runner, aiot_task *) { return runner; }
inline aiot_task *aiot_i_runner_or(void (*)(void), aiot_task *task) { return task; }
template <typename T> inline int aiot_i_code_of(T code)
{
    static_assert(T(2) != T(1), "AIOT_CHECK takes what answers 0 or an error; this answers true or false");  /* true == true: bool */
    return code;
}
}
#else
#define AIOT_I_STATIC_ASSERT _Static_assert
AIOT_I_FN int aiot_i_code_of(int code) { return code; }
#ifdef __SDCC  /* no designated initialisers, no _Generic */
#define AIOT_I_RUNNER NULL
#define AIOT_I_THIS_TASK task
#define AIOT_I_FILL(fn, frame_, ...) \
    (aiot_i_zero(frame_, sizeof *(frame_)), (void)aiot_i_prepare(AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn)) \
     AIOT_I_EACH(AIOT_I_FIELD, *(frame_), __VA_ARGS__))
#define AIOT_I_FIELD(frame, field) , (void)((frame) field)
AIOT_I_FN void aiot_i_zero(void *memory, size_t size) { for (char *byte = memory; size > 0; size--) *byte++ = 0; }
#else
#define AIOT_I_RUNNER _Generic(aiot_i_runner, aiot_task *: aiot_i_runner, default: NULL)
#define AIOT_I_THIS_TASK _Generic(aiot_i_runner, aiot_task *: aiot_i_runner, default: task)
#define AIOT_I_FILL(fn, frame_, ...) ((void)(*AIOT_I_TAKEN(aiot_i_frame_##fn, frame_) = \
    (aiot_i_frame_##fn) { .AIOT_FRAME_comes_first_in_the_struct.head.AIOT_I_ONE_FIELD(fn), __VA_ARGS__ }))
#endif
#endif
AIOT_I_FN void aiot_i_runner(void) { }  /* what the name is outside coroutines */

/* Checks by the compiler: no local hides `task` or `self`; arguments; bool is no error code, aiot_cancel() returns it. */
#if defined __GNUC__ && !defined __cplusplus
#define AIOT_I_CHECK_NAMES() \
    _Static_assert(_Generic(&task, aiot_task *const *: 1, default: 0) && \
                   _Generic(&self, __typeof__(*self) *const *: 1, default: 0), \
                   "a local is called task or self, as a parameter of the coroutine is");
#define AIOT_I_FRAME_GIVEN(fn, frame_, form) \
    (void)AIOT_I_ASSERTED(sizeof #frame_ > 1, "too few arguments: " form), AIOT_I_TAKES_FRAME(fn, frame_),
#define AIOT_I_CHECK_RETURNS_CODE(call) \
    _Static_assert(_Generic((call), bool: 0, default: 1), "AIOT_CHECK takes what answers 0 or an error; this answers true or false")
#else
#define AIOT_I_CHECK_NAMES()
#define AIOT_I_FRAME_GIVEN(...)
#define AIOT_I_CHECK_RETURNS_CODE(call) (void)0
#endif

/* WARNINGS. In a body, those that the macros would cause are off. Those that find locals carried across a wait are errors. */
#ifdef __GNUC__
#define AIOT_I_PRAGMA(text) _Pragma(#text)
#else
#define AIOT_I_PRAGMA(text)
#endif
#define AIOT_I_IGNORE(name) AIOT_I_PRAGMA(GCC diagnostic ignored #name)
#define AIOT_I_WARN(name) AIOT_I_PRAGMA(GCC diagnostic warning #name)
#define AIOT_I_ERROR(name) AIOT_I_PRAGMA(GCC diagnostic error #name)
#define AIOT_I_WARNINGS_BEGIN AIOT_I_PRAGMA(GCC diagnostic push) AIOT_I_IGNORE(-Wshadow) AIOT_I_IGNORE(-Wmissing-field-initializers)
#define AIOT_I_WARNINGS_END AIOT_I_PRAGMA(GCC diagnostic pop)
#define AIOT_I_BODY_WARNINGS \
    AIOT_I_WARNINGS_BEGIN AIOT_I_COMPILER_WARNINGS AIOT_I_LANGUAGE_WARNINGS AIOT_I_ERROR(-Wuninitialized) AIOT_I_WARN(-Wunused-result)
#ifdef __cplusplus
#define AIOT_I_LANGUAGE_WARNINGS AIOT_I_IGNORE(-Winvalid-offsetof)
#else
#define AIOT_I_LANGUAGE_WARNINGS \
    AIOT_I_ERROR(-Wjump-misses-init) AIOT_I_ERROR(-Wimplicit-function-declaration) \
    AIOT_I_ERROR(-Wint-conversion) AIOT_I_ERROR(-Wincompatible-pointer-types)
#endif
#ifdef __clang__
#define AIOT_I_COMPILER_WARNINGS \
    AIOT_I_IGNORE(-Wunknown-warning-option) AIOT_I_IGNORE(-Wimplicit-fallthrough) AIOT_I_IGNORE(-Wc2y-extensions) \
    AIOT_I_IGNORE(-Wused-but-marked-unused) AIOT_I_ERROR(-Wswitch) \
    AIOT_I_ERROR(-Wconditional-uninitialized) AIOT_I_ERROR(-Wsometimes-uninitialized)
#define AIOT_I_UNINIT_WARNINGS  /* clang needs them on where the function is declared */ \
    AIOT_I_PRAGMA(GCC diagnostic push) AIOT_I_WARN(-Wuninitialized) AIOT_I_WARN(-Wconditional-uninitialized)
#define AIOT_I_UNINIT_WARNINGS_END AIOT_I_WARNINGS_END
#define AIOT_I_PART_BODY for (; aiot_i_go; aiot_i_go = 0)
#else
#define AIOT_I_COMPILER_WARNINGS \
    AIOT_I_IGNORE_ELSE AIOT_I_WARN(-Wempty-body) AIOT_I_ERROR(-Wmaybe-uninitialized) AIOT_I_ERROR(-Woverflow) AIOT_I_ERROR(-Wreturn-type)
#define AIOT_I_UNINIT_WARNINGS
#define AIOT_I_UNINIT_WARNINGS_END
#define AIOT_I_PART_BODY for (; aiot_i_go; aiot_i_go = 0) if (0) { } else  /* gcc warns of the empty body in AIOT_LOCK(&l, &w); */
#if __GNUC__ >= 7
#define AIOT_I_IGNORE_ELSE AIOT_I_IGNORE(-Wdangling-else)
#else
#define AIOT_I_IGNORE_ELSE AIOT_I_IGNORE(-Wparentheses)
#endif
#endif

/* DEBUG BUILDS have other frames and step names, so that files with and without AIOT_DEBUG that share a coroutine do not link. */
#if AIOT_DEBUG
#define AIOT_I_STEP(fn) aiot_i_debug_step_##fn
#define AIOT_I_ONE_FIELD(fn) size = sizeof(aiot_i_frame_##fn)
#define AIOT_I_COUNT_OPEN(frame, change) ((void)((frame)->open = (uint16_t)((frame)->open + ((frame)->open < UINT16_MAX ? (change) : 0))))
#define AIOT_I_NOTE_WAIT() AIOT_I_NOTE_LINE()
#define AIOT_I_CHECK_CODE(code, text) aiot_i_check_code(code, text, __FILE__, __LINE__, task)
AIOT_I_COLD bool aiot_i_points_to_local(const aiot_loop *loop, const aiot_frame *frame, size_t size);
/* A negative code is the library's if the argument's text contains "aiot_", in either case. A variable, whose text begins with a letter and
 * calls nothing, passes unless it holds -1. */
AIOT_I_COLD void aiot_i_check_code(int code, const char *text, const char *file, unsigned line, const aiot_task *task)
{
    static const char prefix[] = "aiot_";
    bool is_own = false, is_variable = text[0] >= 'A';
    for (unsigned same = 0; *text && !is_own; text++) {
        same = (*text | 32) == (prefix[same] | 32) ? same + 1 : (*text | 32) == prefix[0];
        is_own = same == sizeof prefix - 1;
        if (*text == '(') is_variable = false;
    }
    AIOT_I_EXPECT(code > 0 || is_own || (is_variable && code != AIOT_ECANCELED) || !aiot_i_is_known(code), file, line, task,
        "checks a negative code that no call of the library gave: -1 is AIOT_ECANCELED, -2 AIOT_ETIMEDOUT, and so on");
}
#else
#define AIOT_I_STEP(fn) aiot_i_step_##fn
#define AIOT_I_ONE_FIELD(fn) at = 0
#define AIOT_I_COUNT_OPEN(frame, change) ((void)(frame))
#define AIOT_I_NOTE_WAIT() ((void)0)
#define AIOT_I_CHECK_CODE(...) ((void)0)
#endif
#if AIOT_DEBUG && !defined __clang__  /* gcc then sees locals that only one of two paths sets */
#define AIOT_I_FOLLOW_LOCALS __attribute__((optimize("Og", "no-tree-ccp", "tree-pta")))
#else
#define AIOT_I_FOLLOW_LOCALS
#endif

/* For an object that a wait links: it must not die before the wait ends. */
#define AIOT_I_CHECK_KEPT(object, what) \
    (AIOT_I_REQUIRE_HERE(!aiot_i_is_null(object), what " is NULL"), \
     AIOT_I_REQUIRE_HERE(!aiot_i_is_local(task->loop, object), what " is a C local, which dies at the next wait"))
AIOT_I_FN bool aiot_i_is_null(const void *object) { return object == NULL; }  /* a function: of &x == NULL compilers warn */

/* MACRO ARGUMENTS. EACH(M, c, ...) is M(c, x) for each of up to 16 arguments x. COUNT(...) is their number, or 17. */
#define AIOT_I_EACH(M, c, ...) AIOT_I_JOIN_NAMES(AIOT_I_E_, AIOT_I_COUNT(__VA_ARGS__))(M, c, __VA_ARGS__)
#define AIOT_I_JOIN_NAMES(a, b) AIOT_I_JOIN_NAMES_(a, b)
#define AIOT_I_JOIN_NAMES_(a, b) a##b
#define AIOT_I_COUNT(...) AIOT_I_33RD(__VA_ARGS__, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, \
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define AIOT_I_33RD(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, nth, ...) nth
#define AIOT_I_E_1(M, c, x) M(c, x)
#define AIOT_I_E_2(M, c, x, ...) M(c, x) AIOT_I_E_1(M, c, __VA_ARGS__)
#define AIOT_I_E_3(M, c, x, ...) M(c, x) AIOT_I_E_2(M, c, __VA_ARGS__)
#define AIOT_I_E_4(M, c, x, ...) M(c, x) AIOT_I_E_3(M, c, __VA_ARGS__)
#define AIOT_I_E_5(M, c, x, ...) M(c, x) AIOT_I_E_4(M, c, __VA_ARGS__)
#define AIOT_I_E_6(M, c, x, ...) M(c, x) AIOT_I_E_5(M, c, __VA_ARGS__)
#define AIOT_I_E_7(M, c, x, ...) M(c, x) AIOT_I_E_6(M, c, __VA_ARGS__)
#define AIOT_I_E_8(M, c, x, ...) M(c, x) AIOT_I_E_7(M, c, __VA_ARGS__)
#define AIOT_I_E_9(M, c, x, ...) M(c, x) AIOT_I_E_8(M, c, __VA_ARGS__)
#define AIOT_I_E_10(M, c, x, ...) M(c, x) AIOT_I_E_9(M, c, __VA_ARGS__)
#define AIOT_I_E_11(M, c, x, ...) M(c, x) AIOT_I_E_10(M, c, __VA_ARGS__)
#define AIOT_I_E_12(M, c, x, ...) M(c, x) AIOT_I_E_11(M, c, __VA_ARGS__)
#define AIOT_I_E_13(M, c, x, ...) M(c, x) AIOT_I_E_12(M, c, __VA_ARGS__)
#define AIOT_I_E_14(M, c, x, ...) M(c, x) AIOT_I_E_13(M, c, __VA_ARGS__)
#define AIOT_I_E_15(M, c, x, ...) M(c, x) AIOT_I_E_14(M, c, __VA_ARGS__)
#define AIOT_I_E_16(M, c, x, ...) M(c, x) AIOT_I_E_15(M, c, __VA_ARGS__)
#define AIOT_I_E_17(M, c, ...) (void)at_most_16_are_written_out_more_come_as_an_array;  /* which is declared nowhere */

AIOT_I_FN aiot_frame *aiot_i_prepare(aiot_frame *frame, size_t size)
{
    frame->at = 0;
    frame->caught = frame->flags = 0;
#if AIOT_DEBUG
    frame->open = 0;
    frame->size = size;
#endif
    return frame;
}

/* FRAMES AS ARGUMENTS. TYPED is the head of a frame of this coroutine. TAKES_FRAME rejects a pointer to another type. */
#define AIOT_I_NAME(fn) (AIOT_I_TELLS ? #fn : NULL)
#define AIOT_I_TYPED(fn, frame_) ((aiot_frame *)(void *)AIOT_I_TAKEN(aiot_i_frame_##fn, frame_))
#define AIOT_I_TAKES_FRAME(fn, frame_) \
    AIOT_I_TAKES(aiot_i_frame_##fn, frame_, "coroutine " #fn " takes a pointer to a struct " #fn ": &self->frame")
/* Padding may hold an old pointer: where compilers cannot clear it, arguments are not looked at. It is cleared in a copy, because gcc 12
 * clears fields, too, behind an array of structs with padding. Frames above 4 KB are not looked at. */
#if AIOT_DEBUG && !defined __cplusplus && !defined __clang__ && defined __GNUC__ && __GNUC__ >= 11
#define AIOT_I_LOOK_AT_COPY(loop, type, frame_) \
    AIOT_I_EXTENSION ({ \
        enum { aiot_i_is_small = sizeof(type) <= 4096 }; \
        _Alignas(type) char aiot_i_copy_[aiot_i_is_small ? sizeof(type) : 1]; \
        type *aiot_i_frame_ = (type *)(void *)aiot_i_copy_; \
        if (aiot_i_is_small) *aiot_i_frame_ = *AIOT_I_TAKEN(type, frame_); \
        if (aiot_i_is_small) __builtin_clear_padding(aiot_i_frame_); \
        aiot_i_is_small && aiot_i_points_to_local(loop, (aiot_frame *)aiot_i_frame_, sizeof(type)); \
    })
#define AIOT_I_CHECK_ARGUMENTS(loop, fn, frame_) \
    AIOT_I_REQUIRE(!AIOT_I_LOOK_AT_COPY(loop, aiot_i_frame_##fn, frame_), __FILE__, __LINE__, aiot_i_current(loop), \
        "an argument points to a C local or a compound literal, which die at the next wait: keep it in the frame")
#else
#define AIOT_I_CHECK_ARGUMENTS(loop, fn, frame_) ((void)0)
#endif

/* WAITS. Labels are 2, 3, ...: 0 is the start, 1 the end of a coroutine that a raise leaves. Outside AIOT_BEGIN() and AIOT_END() the
 * compiler prints the long name. INSIDE(n) stands first in each wait to make this the first error. */
#define AIOT_I_LABEL (__COUNTER__ - aiot_i_wait_outside_AIOT_BEGIN_and_AIOT_END)
#if AIOT_I_TELLS || !defined __GNUC__
#define AIOT_I_INSIDE(n) (void)(n);
#else  /* the frame keeps no line: debuggers find it in an enumerator, beside the label. No code */
#define AIOT_I_INSIDE(n) \
    enum { aiot_i_wait = (n) | (sizeof(int) > 2 && __LINE__ < 32768 ? __LINE__ : 0) * 65536 }; \
    (void)aiot_i_wait;
#endif
#define AIOT_I_SELF aiot_i_self
#ifdef __SDCC  /* it inlines nothing: two kilobytes of code */
#define AIOT_I_IS_STEPPED(is_stepped) true
#define aiot_i_may_begin(is_unused, task) true
#else
#define AIOT_I_IS_STEPPED(is_stepped) (is_stepped)
#endif

/* In a switch of yours, a wait's label would be lost. The second label is too large for one, so compilers reject it. It costs nothing, as
 * AIOT_BEGIN() masks the value. */
#if !AIOT_SMALL
#define AIOT_I_CASE(n) case (n): case 0x100000000 + (n)
#define AIOT_I_WIDEN(n) ((long long)(n))
#else
#define AIOT_I_CASE(n) case (n)
#define AIOT_I_WIDEN(n) (n)
#endif

/* Suspends: the step ends and returns `how`; the next one begins behind the label. */
#define AIOT_I_SUSPEND(n) AIOT_I_SUSPEND_AS(n, AIOT_I_WAITS)
#define AIOT_I_SUSPEND_AS(n, how) \
    AIOT_I_CHECK_NAMES() \
    AIOT_I_SELF->at = AIOT_I_AT(n); \
    return aiot_i_ret(how); \
    AIOT_I_CASE(n):
AIOT_I_FN aiot_ret aiot_i_ret(int how)
{
    aiot_ret ret;
    AIOT_I_HOW(ret) = (aiot_i_how)how;
    return ret;
}

/* RAISE stores an error and jumps to the block that handles it. NOTE_LINE keeps its line. So does NOTE_WAIT in debug builds, for waits that
 * may have ended at once. PROPAGATE raises the error with which the task was resumed, if any. */
#define AIOT_I_JUMP(h, p) do { aiot_i_phase = (int)(p); aiot_i_at = (unsigned)(h); goto aiot_i_dispatch; } while (0)
#define AIOT_I_RAISE(store) do { store; AIOT_I_JUMP(AIOT_I_H, AIOT_I_P); } while (0)
#define AIOT_I_NOTE_LINE() (AIOT_I_SELF->at = AIOT_I_AT(AIOT_I_SELF->at & 0xffff))
#define AIOT_I_PROPAGATE() \
    if (AIOT_I_UNLIKELY(task->entry.code != 0)) { \
        AIOT_I_RAISE((AIOT_I_NOTE_WAIT(), AIOT_I_S > 0 ? aiot_i_catch(task, AIOT_I_SELF, AIOT_I_S) : (void)0)); \
    }

/* ERROR SLOTS lie behind the head of the frame. Slot 1 is the first. head.caught is the innermost slot in use. */
AIOT_I_FN aiot_error *aiot_i_slot(aiot_frame *frame, unsigned slot)
{
    return (aiot_error *)(void *)((char *)frame + sizeof *frame) + (slot - 1);
}

/* Stores an error in a slot, or, for slot 0, in the task. */
AIOT_I_INLINE void aiot_i_throw(aiot_task *task, aiot_frame *frame, unsigned slot, int code, const void *info)
{
    if (slot == 0) {
        aiot_i_set_error(task, code == AIOT_I_RETURNING ? 0 : code, info);
    } else {
        aiot_error *error = aiot_i_slot(frame, slot);
        error->code = code;
        error->info = info;
        frame->caught = (uint8_t)slot;
    }
}

AIOT_I_FN int aiot_i_nonzero(int code, const char *file, unsigned line, const aiot_task *task)
{
    AIOT_I_EXPECT(code != 0, file, line, task, "raises 0, which is no error: it becomes AIOT_EINVAL");
    AIOT_I_EXPECT(aiot_i_is_known(code), file, line, task, "raises a negative code that is not the library's: yours are above 0");
    return code != 0 && code != AIOT_I_RETURNING ? code : AIOT_EINVAL;
}

/* Moves the task's error into a slot. */
AIOT_I_INLINE void aiot_i_catch(aiot_task *task, aiot_frame *frame, unsigned slot)
{
    aiot_i_entry *e = &task->entry;
    frame->flags &= (uint8_t)~AIOT_I_REFUSED;
    aiot_i_throw(task, frame, slot, e->code, e->u.info);
    e->code = 0;
}

AIOT_I_FN const aiot_error *aiot_i_caught(const aiot_task *task)
{
    static const aiot_error none = { NULL, 0 };
    aiot_frame *frame = task->frame;
    const aiot_error *error = frame->caught > 0 ? aiot_i_slot(frame, frame->caught) : &none;
    return error->code != AIOT_I_RETURNING ? error : &none;
}

AIOT_I_FN void aiot_i_move_error(aiot_task *task, aiot_frame *frame, unsigned from, unsigned to)
{
    aiot_i_throw(task, frame, to, aiot_i_slot(frame, from)->code, aiot_i_slot(frame, from)->info);
}

/* Skips parts without an error: a FINALLY that was entered after a normal end. */
AIOT_I_FN void aiot_i_reraise(aiot_task *task, aiot_frame *frame, unsigned slot)
{
    unsigned part = frame->caught;
    while (part > 0 && (aiot_i_slot(frame, part)->code == 0 || aiot_i_slot(frame, part)->code == AIOT_I_RETURNING)) part--;
    if (part > 0) aiot_i_move_error(task, frame, part, slot);
    else aiot_i_throw(task, frame, slot, AIOT_ERUNTIME, NULL);
}

/* BLOCKS. One pass over the chain runs at most one part. A part is two nested loops of one trip: `break` and `continue` leave only the
 * inner one. aiot_i_go is 0 behind a part until the pass ends. */
enum aiot_i_phase {
    AIOT_I_RAISED = 1,  /* the body raised: an EXCEPT part that names the error, else FINALLY */
    AIOT_I_PENDING,     /* an EXCEPT part raised: FINALLY */
    AIOT_I_LEAVING,     /* the body raised in a block with an exit (AIOT_TIMEOUT): the exit */
    AIOT_I_ENTER,       /* the block begins; also while a part runs */
    AIOT_I_HELD,        /* what the block holds was acquired: the body */
    AIOT_I_HANDLED,     /* body or EXCEPT part has ended: FINALLY */
    AIOT_I_THROW,       /* the slot's error goes to the block outside */
    AIOT_I_OUT          /* the block is over */
};

#define AIOT_I_H (sizeof *aiot_i_h)
#define AIOT_I_S (sizeof *aiot_i_s - 1)  /* no array has length 0 */
#define AIOT_I_P (sizeof *aiot_i_p)
#define AIOT_I_N (sizeof *aiot_i_n)

#define AIOT_I_BLOCK(n, p) \
    for (AIOT_I_UNUSED char (*aiot_i_up_h)[AIOT_I_H], (*aiot_i_up_s)[sizeof *aiot_i_s], (*aiot_i_up_p)[AIOT_I_P], \
             (*aiot_i_h)[n], (*aiot_i_s)[AIOT_I_N + 1], (*aiot_i_p)[p]; \
         aiot_i_begin_pass(AIOT_I_SELF, &aiot_i_phase); aiot_i_phase = aiot_i_end_pass(&aiot_i_go, aiot_i_phase)) \
        AIOT_I_CASE(n): \
        if (aiot_i_phase == AIOT_I_THROW) { \
            AIOT_I_STATIC_ASSERT(AIOT_I_S <= sizeof self->AIOT_FRAME_comes_first_in_the_struct.slot / sizeof(aiot_error), \
                "this block stands inside more EXCEPT or FINALLY parts than its frame has room for: use AIOT_FRAME_DEPTH(n)"); \
            AIOT_I_STATIC_ASSERT(AIOT_I_S < 256, "this block stands inside more than 254 EXCEPT or FINALLY parts"); \
            AIOT_I_COUNT_OPEN(AIOT_I_SELF, -1); \
            aiot_i_move_error(task, AIOT_I_SELF, AIOT_I_S, sizeof *aiot_i_up_s - 1); \
            AIOT_I_JUMP(sizeof *aiot_i_up_h, sizeof *aiot_i_up_p); \
        }
#define AIOT_I_PART(after) for (; aiot_i_go; aiot_i_go = 0, aiot_i_phase = (after)) AIOT_I_PART_BODY
#define AIOT_I_TRY(n) AIOT_I_BLOCK(n, AIOT_I_RAISED) else if (aiot_i_phase == AIOT_I_ENTER) AIOT_I_PART(AIOT_I_HANDLED)

#define AIOT_I_SLOT_CODE (aiot_i_slot(AIOT_I_SELF, AIOT_I_S)->code)
#define AIOT_I_OR_EQUAL(a, b) || (a) == (b)
#define AIOT_I_EXCEPT(condition) \
    else if (aiot_i_phase == AIOT_I_RAISED && (condition)) \
        for (AIOT_I_UNUSED char (*aiot_i_p)[AIOT_I_PENDING], (*aiot_i_n)[AIOT_I_S + 1]; aiot_i_go && aiot_i_begin_part(&aiot_i_phase); \
             aiot_i_go = 0, aiot_i_phase = aiot_i_end_except(AIOT_I_SELF, AIOT_I_S)) \
            AIOT_I_PART_BODY

/* A raise in FINALLY goes to the block outside: AIOT_I_S is that block's slot, AIOT_I_N - 1 this block's. */
#define AIOT_I_FINALLY \
    else for (AIOT_I_UNUSED char (*aiot_i_n)[AIOT_I_S + 1], \
                  (*aiot_i_h)[sizeof *aiot_i_up_h], (*aiot_i_s)[sizeof *aiot_i_up_s], (*aiot_i_p)[sizeof *aiot_i_up_p]; \
              aiot_i_go && aiot_i_begin_finally(AIOT_I_SELF, AIOT_I_N - 1, &aiot_i_phase); \
              aiot_i_go = 0, aiot_i_phase = aiot_i_end_finally(AIOT_I_SELF, AIOT_I_N - 1)) \
             AIOT_I_PART_BODY

AIOT_I_FN bool aiot_i_begin_pass(aiot_frame *frame, int *phase)  /* false if the block is over */
{
    if (*phase == AIOT_I_ENTER) AIOT_I_COUNT_OPEN(frame, 1);
    if (*phase != AIOT_I_OUT) return true;
    AIOT_I_COUNT_OPEN(frame, -1);
    *phase = AIOT_I_ENTER;
    return false;
}
AIOT_I_FN int aiot_i_end_pass(int *go, int phase)  /* the phase of the next pass */
{
    bool a_part_ran = !*go;
    *go = 1;
    return a_part_ran ? phase : phase == AIOT_I_HANDLED ? AIOT_I_OUT : AIOT_I_THROW;
}
AIOT_I_FN bool aiot_i_begin_part(int *phase)
{
    *phase = AIOT_I_ENTER;
    return true;
}
AIOT_I_FN int aiot_i_end_except(aiot_frame *frame, unsigned slot)
{
    frame->caught = (uint8_t)(slot - 1);
    return AIOT_I_HANDLED;
}
AIOT_I_FN bool aiot_i_begin_finally(aiot_frame *frame, unsigned slot, int *phase)
{
    if (*phase == AIOT_I_HANDLED) aiot_i_slot(frame, slot)->code = 0;
    frame->caught = (uint8_t)slot;
    AIOT_I_COUNT_OPEN(frame, -1);  /* a raise in the part leaves the block */
    return aiot_i_begin_part(phase);
}
AIOT_I_FN int aiot_i_end_finally(aiot_frame *frame, unsigned slot)
{
    frame->caught = (uint8_t)(slot - 1);
    AIOT_I_COUNT_OPEN(frame, 1);
    return aiot_i_slot(frame, slot)->code != 0 ? AIOT_I_THROW : AIOT_I_OUT;
}

/* ============================================================================================================= [11]
 * SLEEP, AWAIT, SPAWN, JOIN, TIMEOUT, SHIELDED, WAIT_FOR, STOP, TICKER, BACKOFF, RUN.
 *
 * A wait queues the task, returns from the coroutine (AIOT_I_SUSPEND), and then raises the error that woke the task (AIOT_I_PROPAGATE). A
 * task that awaits a coroutine is in no queue: it goes on at once, in another frame. A limit is a timer that cancels its task. Its end
 * turns AIOT_ECANCELED into AIOT_ETIMEDOUT, unless the task's count of requests shows another cancel.
 *
 * Invariants: a limit is queued only in the states AIOT_I_ENTERED and AIOT_I_UNARMED. A frame is AIOT_I_LIVE from the call to the end of
 * its coroutine. */

/* asyncio.sleep(): sleeps at least delay_ns from aiot_now() on, or until a time of the loop's clock, for periods that do not drift. 0 or
 * less, a time already past, and AIOT_YIELD() give every other ready task one turn. Raises AIOT_EINVAL if the delay is too long. */
#define AIOT_SLEEP(delay_ns) AIOT_I_SLEEP(AIOT_I_LABEL, aiot_i_sleep(task, AIOT_I_DELAY(delay_ns)))
#define AIOT_SLEEP_UNTIL(when_ns) AIOT_I_SLEEP(AIOT_I_LABEL, aiot_i_sleep_until(task, AIOT_I_TIME(when_ns)))
#define AIOT_YIELD() AIOT_I_SLEEP(AIOT_I_LABEL, AIOT_I_YIELDS)
#define AIOT_I_SLEEP(n, how) \
    do { \
        AIOT_I_INSIDE(n) aiot_i_note(&aiot_i_phase, how); \
        AIOT_I_SUSPEND_AS(n, aiot_i_phase) AIOT_I_PROPAGATE() \
    } while (0)

/* A step function is called when its wait begins and at each wake-up. It returns true if the task waits. */
#define AIOT_I_WAIT_WHILE(n, begins, step_call) \
    do { \
        AIOT_I_INSIDE(n) \
        if (begins) while (step_call) { AIOT_I_SUSPEND(n) (void)0; } \
        AIOT_I_PROPAGATE() \
    } while (0)

/* A function: cppcheck cannot parse a _Generic behind `=`. */
AIOT_I_FN void aiot_i_note(int *phase, int how) { *phase = how; }

AIOT_I_SLEEPS int aiot_i_sleep(aiot_task *task, aiot_time delay)
{
    aiot_i_entry *e = &task->entry;
    if (delay > 0) {
        aiot_time now = aiot_i_now(task->loop);
        return aiot_i_wait_until(task->loop, task, aiot_i_sum(aiot_i_told(now), delay), now);
    }
    if (AIOT_I_UNLIKELY(aiot_i_is_too_long(delay))) {
        e->code = AIOT_EINVAL;
        if (!(e->flags & AIOT_I_MESSAGE)) e->u.info = NULL;
    }
    return AIOT_I_YIELDS;
}

AIOT_I_SLEEPS int aiot_i_sleep_until(aiot_task *task, aiot_time when)
{
    aiot_time now = aiot_i_now(task->loop);
    return aiot_i_is_later(when, now) ? aiot_i_wait_until(task->loop, task, when, now) : AIOT_I_YIELDS;
}

/* await fn(...): runs a coroutine inside this task, at once. AIOT_AWAIT(fetch, &self->one, .name = "api") zeroes the frame and sets the
 * named fields; the _FRAME forms, for large frames, take one whose fields are set. Raises the coroutine's error; AIOT_ERUNTIME if the frame
 * is in use or NULL. Results are read from the frame, which lives until the coroutine has ended. A cancel goes to the innermost wait. O(1)
 * at any depth, and no turn. */
#define AIOT_AWAIT(...) AIOT_I_AWAIT(AIOT_I_LABEL, FILL, __VA_ARGS__, )
#define AIOT_AWAIT_FRAME(fn, frame_) AIOT_I_AWAIT(AIOT_I_LABEL, USE, fn, frame_, )
/* Parameters end in _: cppcheck would put them in place of a field of the same name, `.delay = 1`. */
#define AIOT_I_AWAIT(n_, how_, fn_, frame_, ...) \
    do { \
        AIOT_I_INSIDE(n_) AIOT_I_STATIC_ASSERT(sizeof #frame_ > 1, "too few arguments: AIOT_AWAIT(coroutine, &frame, .field = value)"); \
        AIOT_I_TAKES_FRAME(fn_, frame_); \
        if (AIOT_I_MAY_##how_(fn_, frame_)) AIOT_I_CALL_##how_(fn_, frame_, __VA_ARGS__); \
        AIOT_I_SUSPEND_AS(n_, AIOT_I_AGAIN) AIOT_I_PROPAGATE() \
    } while (0)

#define AIOT_I_SIZED(fn, frame_) AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn)
#define AIOT_I_MAY_FILL(fn, frame_) aiot_i_may_use(task, AIOT_I_SIZED(fn, frame_), true, __FILE__, __LINE__)
#define AIOT_I_MAY_USE(fn, frame_) aiot_i_may_use(task, AIOT_I_SIZED(fn, frame_), false, __FILE__, __LINE__)
#define AIOT_I_CALL_FILL(fn, frame_, ...) aiot_i_enter_frame(task, AIOT_I_FILLED(task->loop, fn, frame_, __VA_ARGS__), AIOT_I_STEP(fn))
#define AIOT_I_CALL_USE(fn, frame_, ...) aiot_i_enter_frame(task, aiot_i_prepare(AIOT_I_SIZED(fn, frame_)), AIOT_I_STEP(fn))
#define AIOT_I_FILLED(loop, fn, frame_, ...) \
    (AIOT_I_FILL(fn, frame_, __VA_ARGS__), AIOT_I_CHECK_ARGUMENTS(loop, fn, frame_), AIOT_I_TYPED(fn, frame_))

#if AIOT_DEBUG
AIOT_I_COLD uintptr_t aiot_i_word_at(const char *memory)
{
    uintptr_t word = 0;
    for (size_t i = 0; i < sizeof word; i++) ((char *)&word)[i] = memory[i];
    return word;
}

/* Does this memory hold an armed callback, or a shield or set in use? `unseals` hides the others. */
AIOT_I_COLD bool aiot_i_has_linked(void *memory, size_t size, bool unseals)
{
    struct aligned { char byte; uintptr_t word; };
    bool has_linked = false;
    for (char *at = (char *)memory, *end = at + size; at + sizeof(aiot_i_call) <= end; at += offsetof(struct aligned, word)) {
        aiot_i_call *call = (aiot_i_call *)(void *)at;
        char *seal = at + offsetof(aiot_i_call, seal);
        if (aiot_i_word_at(seal) != ((uintptr_t)seal ^ AIOT_I_SEAL)) continue;
        if (call->entry.link.next != NULL) has_linked = true;
        else if (unseals) call->seal = 0;
    }
    return has_linked;
}

/* For a frame that has ended: a smaller one put there would leave calls. */
AIOT_I_COLD void aiot_i_unseal(aiot_frame *frame) { aiot_i_has_linked(frame, frame->size, true); }

/* Always false with 16-bit pointers: integers look like them. */
AIOT_I_COLD bool aiot_i_points_to_local(const aiot_loop *loop, const aiot_frame *frame, size_t size)
{
    for (size_t at = 0; sizeof(void *) >= 4 && at + sizeof(uintptr_t) <= size; at += sizeof(uintptr_t))
        if (aiot_i_is_local(loop, (void *)aiot_i_word_at((const char *)frame + at))) return true;
    return false;
}

/* Does an unfinished task, or one of its frames, begin in this memory? Size 1: is this one? */
AIOT_I_COLD bool aiot_i_lives_in(const aiot_loop *loop, const void *memory, size_t size)
{
    for (const aiot_i_link *link = loop->tasks.next; link != &loop->tasks; link = link->next) {
        const aiot_task *task = AIOT_I_CONTAINER(link, aiot_task, all);
        if ((uintptr_t)task - (uintptr_t)memory < size) return true;
        for (const aiot_frame *frame = task->frame; frame; frame = frame->flags & AIOT_I_ROOT ? NULL : frame->up.frame)
            if ((uintptr_t)frame - (uintptr_t)memory < size) return true;
    }
    return false;
}
#endif

AIOT_I_COLD void aiot_i_refuse(aiot_task *task, int code, const void *info)
{
    aiot_i_set_error(task, code, info);
    task->frame->flags |= AIOT_I_REFUSED;
}

/* May a coroutine begin in this frame? is_filled: the frame is zeroed first. */
AIOT_I_FN bool aiot_i_is_free(const aiot_loop *loop, aiot_frame *frame, size_t size, bool is_filled, const char *file, unsigned line)
{
    const aiot_task *by = AIOT_DEBUG ? aiot_i_current(loop) : NULL;
    (void)by; (void)size; (void)is_filled; (void)file; (void)line;
    AIOT_I_REQUIRE(!aiot_i_is_local(loop, frame), file, line, by, "this frame is a C local, which dies at the next wait");
    if (AIOT_I_UNLIKELY(frame->flags & AIOT_I_LIVE)) {
        AIOT_I_EXPECT(false, file, line, by, (aiot_i_lives_in(loop, frame, 1)
            ? "this frame is in use: the coroutine in it has not ended"
            : "this frame was not zeroed before its first use, or another loop runs it"));
        return false;
    }
    AIOT_I_REQUIRE(!aiot_i_lives_in(loop, frame, size), file, line, by, "this frame contains a task that has not ended");
    AIOT_I_REQUIRE(!is_filled || !aiot_i_has_linked(frame, size, false), file, line, by,
        "a callback, a shield or a set in this frame is still in use: aiot_handle_cancel(), aiot_as_completed_close(), or await its end");
    return true;
}

/* If not, AIOT_ERUNTIME is in flight. */
AIOT_I_FN bool aiot_i_may_use(aiot_task *task, aiot_frame *frame, size_t size, bool is_filled, const char *file, unsigned line)
{
    AIOT_I_EXPECT(frame != NULL, file, line, task, "awaits a frame that is NULL");
    if (frame != NULL && aiot_i_is_free(task->loop, frame, size, is_filled, file, line)) return true;
    aiot_i_refuse(task, AIOT_ERUNTIME, NULL);
    return false;
}

AIOT_I_INLINE void aiot_i_enter_frame(aiot_task *task, aiot_frame *frame, aiot_i_step_fn step)
{
    frame->step = step;
    frame->flags = AIOT_I_LIVE;
    frame->up.frame = task->frame;
    task->frame = frame;
}

/* Starts a coroutine as a task: asyncio.create_task(). Its first step comes in the next turn.
 *     AIOT_SPAWN(&self->t1, fetch, &self->one, .name = "a");            in a coroutine
 *     aiot_spawn(&self->t1, fetch, &self->one, .name = "a")             the same, as a call that returns an error
 *     aiot_spawn_on(&loop, &t1, fetch, &one, .name = "a")               anywhere
 * Raises or returns AIOT_ERUNTIME if the task or the frame is in use or NULL. The _FRAME and _frame forms take a frame whose fields are
 * set. Zero task and frame before their first use. They live until the task has ended. Then they may be used again, also in a done
 * callback, but not in the error handler that a spawn calls. The last done callback may free them if only AIOT_JOIN() waits for the
 * task. */
#define AIOT_SPAWN(...) AIOT_CHECK(aiot_spawn(__VA_ARGS__))
#define AIOT_SPAWN_FRAME(task_, fn, frame_) AIOT_CHECK(aiot_spawn_frame(task_, fn, frame_))
#define aiot_spawn(...) aiot_i_test_it_or_use_AIOT_SPAWN(aiot_i_spawn(AIOT_I_THIS_TASK->loop, __VA_ARGS__, ))
#define aiot_spawn_on(...) aiot_i_spawn_on(__VA_ARGS__, )
#define aiot_spawn_frame(task_, fn, frame_) aiot_i_test_it_or_use_AIOT_SPAWN(aiot_spawn_frame_on(AIOT_I_THIS_TASK->loop, task_, fn, frame_))
#define aiot_spawn_frame_on(loop, task_, fn, frame_) \
    (AIOT_I_TAKES_FRAME(fn, frame_), \
     aiot_i_takes_tasks(loop, __FILE__, __LINE__) && aiot_i_are_given(loop, task_, AIOT_I_TYPED(fn, frame_), __FILE__, __LINE__) \
        ? aiot_i_spawn_frame(loop, task_, AIOT_I_SIZED(fn, frame_), AIOT_I_STEP(fn), AIOT_I_NAME(fn), __FILE__, __LINE__) : AIOT_ERUNTIME)
#define aiot_i_spawn_on(loop, ...) (aiot_i_takes_tasks(loop, __FILE__, __LINE__) ? aiot_i_spawn(loop, __VA_ARGS__) : AIOT_ERUNTIME)
#define aiot_i_spawn(loop, task_, fn, frame_, ...) \
    (AIOT_I_FRAME_GIVEN(fn, frame_, "aiot_spawn(&task, coroutine, &frame, .field = value)") \
     aiot_i_are_given(loop, task_, AIOT_I_TYPED(fn, frame_), __FILE__, __LINE__) && \
     aiot_i_may_spawn(loop, task_, AIOT_I_SIZED(fn, frame_), true, __FILE__, __LINE__) \
        ? aiot_i_start(loop, task_, AIOT_I_FILLED(loop, fn, frame_, __VA_ARGS__), AIOT_I_STEP(fn), AIOT_I_NAME(fn)) \
        : AIOT_ERUNTIME)

#ifdef __GNUC__
__attribute__((warn_unused_result))
#endif
AIOT_I_FN int aiot_i_test_it_or_use_AIOT_SPAWN(int code) { return code; }

#if AIOT_I_TELLS
/* Reports the error of a task that is spawned again. False if it holds none. */
AIOT_I_COLD bool aiot_i_forget(aiot_loop *loop, aiot_task *task, const aiot_frame *frame)
{
    const aiot_i_entry *e = &task->entry;
    if (e->kind != AIOT_I_UNCOLLECTED) return false;
    if (task->loop == loop && !(frame->flags & AIOT_I_LIVE)) {  /* another loop may be gone */
        bool was_reported = loop->told == task && (uintptr_t)e->link.prev != loop->runs;
        aiot_i_collect(&task->awaitable);
        task->frame = NULL;  /* it may hold anything by now */
        if (!was_reported && !(e->flags & AIOT_I_TAKEN))
            aiot_i_report(loop, AIOT_REPORT_UNCOLLECTED, e->code, e->u.info, task, NULL);
    }
    return true;
}
#else
#define aiot_i_forget(loop, task, frame) ((void)(loop), false)
#endif

#ifdef __SDCC  /* it inlines nothing: a kilobyte of code */
#define aiot_i_takes_tasks(...) true
#define aiot_i_are_given(...) true
#else
/* In line, where the compiler knows most addresses. */
AIOT_I_FN bool aiot_i_takes_tasks(const aiot_loop *loop, const char *file, unsigned line)
{
    AIOT_I_EXPECT(loop != NULL, file, line, NULL, "spawned on a loop that is NULL");
    if (loop == NULL) return false;
    AIOT_I_CHECK_LOOP(loop, file, line, "spawned on");
    return aiot_i_is_initialised(loop);
}
AIOT_I_FN bool aiot_i_are_given(const aiot_loop *loop, const aiot_task *task, const aiot_frame *frame, const char *file, unsigned line)
{
    AIOT_I_EXPECT(task != NULL && frame != NULL, file, line, aiot_i_current(loop), "spawned with a task or a frame that is NULL");
    return task != NULL && frame != NULL;
}
#endif

AIOT_I_INLINE bool aiot_i_may_spawn(aiot_loop *loop, aiot_task *task, aiot_frame *frame, size_t size, bool is_filled,
                                    const char *file, unsigned line)
{
    const aiot_task *by = AIOT_DEBUG ? aiot_i_current(loop) : NULL;
    (void)by;
    AIOT_I_REQUIRE(!aiot_i_is_local(loop, task), file, line, by, "spawned a task that is a C local, which dies at the next wait");
    if (AIOT_I_UNLIKELY(task->entry.kind > AIOT_I_ENDED) &&
        (!aiot_i_forget(loop, task, frame) || !aiot_task_idle(task))) {  /* the error handler may have spawned it */
        AIOT_I_EXPECT(aiot_i_lives_in(loop, task, 1), file, line, by,
            "spawned a task that was not zeroed before its first use, or that another loop runs");
        AIOT_I_EXPECT(!aiot_i_lives_in(loop, task, 1), file, line, task, "spawned again, but this task has not ended");
        return false;
    }
    return aiot_i_is_free(loop, frame, size, is_filled, file, line);
}

/* The host's: 14 % of a spawn. */
#if AIOT_SMALL || !AIOT_TASK_LIST || !defined __GNUC__
AIOT_I_INLINE void aiot_i_add_task(aiot_loop *loop, aiot_task *task)
{
    aiot_i_awaitable_init(&task->awaitable, loop, AIOT_I_READY);
#if AIOT_TASK_LIST
    aiot_i_append(&loop->tasks, &task->all);
    task->scope = NULL;
#endif
    aiot_i_make_ready_for_good(loop, task);
}
#else
AIOT_I_INLINE void aiot_i_add_task(aiot_loop *loop, aiot_task *task)
{
    static const aiot_i_entry ready = { { NULL, NULL }, { 0 }, 0, AIOT_I_READY, 0, 0 };
    aiot_i_link *last = loop->tasks.prev, *last_ready = loop->ready.prev;
    size_t after_link = offsetof(aiot_i_entry, u);
    __builtin_memcpy((char *)&task->entry + after_link, (const char *)&ready + after_link, sizeof ready - after_link);
    task->awaitable.waiters = NULL;
    task->loop = loop;
    task->scope = NULL;
    task->all.next = &loop->tasks;
    task->all.prev = last;
    last->next = loop->tasks.prev = &task->all;
    last_ready->next = loop->ready.prev = &task->entry.link;
}
#endif

AIOT_I_INLINE int aiot_i_start(aiot_loop *loop, aiot_task *task, aiot_frame *frame, aiot_i_step_fn step, const char *name)
{
    frame->step = step;
    frame->up.name = name;
    frame->flags = AIOT_I_LIVE | AIOT_I_ROOT;
    task->frame = frame;
    aiot_i_add_task(loop, task);
    AIOT_TRACE(AIOT_TRACE_SPAWN, task);
    return 0;
}

AIOT_I_CALLED int aiot_i_spawn_frame(aiot_loop *loop, aiot_task *task, aiot_frame *frame, size_t size, aiot_i_step_fn step,
                                     const char *name, const char *file, unsigned line)
{
    return aiot_i_may_spawn(loop, task, frame, size, false, file, line)
        ? aiot_i_start(loop, task, aiot_i_prepare(frame, size), step, name) : AIOT_ERUNTIME;
}

/* Waits until x, a task, future, gather or shield, is done: await x. Raises its error; its value is read from x. AIOT_ERUNTIME, a turn
 * later, if x is NULL, the task itself, another loop's, or was never started. A cancel goes on to x, unless x is a shield. x lives until
 * the wait is over. No turn if x is done. */
#define AIOT_JOIN(x) AIOT_I_JOIN(AIOT_I_LABEL, AIOT_AWAITABLE(x))
#define AIOT_I_JOIN(n, a) \
    do { \
        AIOT_I_INSIDE(n) if (aiot_i_join(task, aiot_i_joined(task, a, true, __FILE__, __LINE__))) { AIOT_I_SUSPEND(n) (void)0; } \
        AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_FN aiot_awaitable *aiot_i_joined(const aiot_task *task, aiot_awaitable *a, bool is_made, const char *file, unsigned line)
{
    static const aiot_awaitable never_started = { { { NULL, NULL }, { 0 }, 0, 0, 0, 0 }, NULL, NULL };
    AIOT_I_EXPECT(a != NULL, file, line, task, "joins NULL");
    if (a == NULL) return (aiot_awaitable *)(uintptr_t)&never_started;  /* it is not written to */
    AIOT_I_EXPECT(!is_made || a != &task->awaitable, file, line, task, "joins itself");
    AIOT_I_EXPECT(!is_made || aiot_i_is_made(a), file, line, task, "joins an awaitable that was never started or initialised");
    AIOT_I_REQUIRE(aiot_i_done(a) || !aiot_i_is_local(task->loop, a), file, line, task, "joins a C local, which dies at this wait");
    return a;
}

/* Does the task now wait? If not, the outcome of `a` is in flight. */
AIOT_I_INLINE bool aiot_i_join(aiot_task *task, aiot_awaitable *a)
{
    if (a->entry.flags & AIOT_I_DONE) {
        aiot_i_set_error(task, a->entry.code, aiot_i_take_info(a));
        return false;
    }
    if (AIOT_I_LIKELY(a != &task->awaitable && a->loop == task->loop)) {
        aiot_i_wait_done(task, a);
    } else {
        aiot_i_leave(task->loop, &task->entry);
        aiot_i_wake(task, AIOT_ERUNTIME, NULL);
    }
    return true;
}

/* AIOT_TIMEOUT(&self->limit, delay_ns) { } ends its block with AIOT_ETIMEDOUT after delay_ns: asyncio.timeout(). The wait inside is
 * cancelled and sees AIOT_ECANCELED. The end of the block makes that AIOT_ETIMEDOUT, unless somebody else has cancelled the task, too. The
 * error's pointer is the limit. AIOT_FOREVER never strikes. A limit does not interrupt computing. AIOT_TIMEOUT_AT takes a time of the
 * loop's clock: asyncio.timeout_at(); AIOT_TIMEOUT_ENTER a limit that aiot_timeout_init() has made. Raises AIOT_ERUNTIME if the limit is in
 * use, or, with _ENTER, not made anew; AIOT_EINVAL if the delay is too long. The limit lives until the end of the block. */
#define AIOT_TIMEOUT(t, delay_ns) AIOT_I_TIMEOUT(t, aiot_i_limit_open(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(delay_ns)))
#define AIOT_TIMEOUT_AT(t, when_ns) AIOT_I_TIMEOUT(t, \
    (aiot_timeout_init_at(AIOT_I_LIMIT(t), task->loop, when_ns), AIOT_I_ENTER_LIMIT(t)))
#define AIOT_TIMEOUT_ENTER(t) AIOT_I_TIMEOUT(t, \
    (AIOT_I_EXPECT_HERE(AIOT_I_LIMIT(t)->scope.state >= AIOT_I_BAD_DELAY, \
        "enters a limit that was not made, or is over: aiot_timeout_init() makes it anew"), AIOT_I_ENTER_LIMIT(t)))
#if AIOT_TASK_LIST
/* The same, but once it has struck, every wait in the block is cancelled when it begins, until the block is left: code that swallows one
 * cancel cannot live on. It acts on waits of this task. A task that is joined gets one cancel for each join: await its coroutine instead,
 * or call aiot_cancel_firmly(). As under every limit, a body that ends without another wait raises nothing. A loop that swallows every
 * cancel and waits again spins. Clean-up that must wait stands in AIOT_SHIELDED(). (trio's cancel scopes.) */
#define AIOT_TIMEOUT_FIRM(t, delay_ns) AIOT_I_TIMEOUT(t, aiot_i_limit_open_firm(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(delay_ns)))

/* AIOT_SHIELDED(&self->guard, delay_ns) { } is for clean-up that no cancel may cut, and that may not hang. Cancels from outside of the
 * block are counted at once, held until it is left, and raised by the next wait behind it. Limits and groups that are entered inside act as
 * ever. Its own limit, or AIOT_FOREVER, ends it with AIOT_ETIMEDOUT, whose pointer is the guard. Raises AIOT_ERUNTIME if the guard is in
 * use, AIOT_EINVAL if the delay is too long. Zero the guard before its first use; it lives until the end of the block. In a FINALLY part
 * the frame needs AIOT_FRAME_DEPTH(2). O(1). (trio's shield, Kotlin's NonCancellable.) */
#define AIOT_SHIELDED(g, delay_ns) \
    AIOT_I_LIMIT_BLOCK(AIOT_I_LABEL, AIOT_I_KEEPS_GUARD(g), &AIOT_I_TAKEN(aiot_guard, g)->limit, \
        aiot_i_guard_open(AIOT_I_TAKEN(aiot_guard, g), task, AIOT_I_DELAY(delay_ns)), \
        aiot_i_guard_left(AIOT_I_TAKEN(aiot_guard, g), task))
#define AIOT_I_KEEPS_GUARD(g) \
    AIOT_I_CHECK_KEPT(AIOT_I_TAKEN(aiot_guard, g), "this guard"), \
    AIOT_I_EXPECT_HERE(AIOT_I_TAKEN(aiot_guard, g)->limit.scope.state < AIOT_I_ENTERED, \
        "this guard is in use, or was not zeroed before its first use"), \
    AIOT_I_TAKES(aiot_guard, g, "an aiot_guard is taken here, by its address: &self->guard")
#endif

#define AIOT_I_ENTER_LIMIT(t) ((void)aiot_i_now(task->loop), aiot_i_limit_enter(AIOT_I_LIMIT(t), task))
#define AIOT_I_TIMEOUT(t, enter) AIOT_I_LIMIT_BLOCK(AIOT_I_LABEL, AIOT_I_KEEPS_LIMIT(t), AIOT_I_LIMIT(t), enter, (void)0)
#define AIOT_I_LIMIT_BLOCK(n, keeps, limit, enter, left) \
    AIOT_I_BLOCK(n, AIOT_I_LEAVING) \
    else if (aiot_i_phase == AIOT_I_LEAVING && (AIOT_I_CHECK_ENTERED(limit), \
        aiot_i_limit_raised(limit, task, AIOT_I_SELF, AIOT_I_S), left, aiot_i_phase = AIOT_I_RAISED, false)) { } \
    else if (aiot_i_phase == AIOT_I_ENTER && (keeps, AIOT_I_NOTE_WAIT(), \
        aiot_i_limit_entered(enter, limit, task, AIOT_I_SELF, AIOT_I_S) || (aiot_i_phase = AIOT_I_RAISED, false))) \
        AIOT_I_PART((AIOT_I_CHECK_ENTERED(limit), \
            (void)(aiot_i_limit_leave(limit, task) || aiot_i_limit_expire(limit, 0)), left, AIOT_I_HANDLED))
#define AIOT_I_LIMIT(t) AIOT_I_TAKEN(aiot_timeout, t)
#define AIOT_I_KEEPS_LIMIT(t) \
    AIOT_I_CHECK_KEPT(AIOT_I_LIMIT(t), "this limit"), \
    AIOT_I_EXPECT_HERE(AIOT_I_LIMIT(t)->scope.state < AIOT_I_ENTERED, "this limit is in use, or was not zeroed before its first use"), \
    AIOT_I_TAKES(aiot_timeout, t, "an aiot_timeout is taken here, by its address: &self->limit")
#define AIOT_I_CHECK_ENTERED(t) \
    AIOT_I_REQUIRE_HERE((t)->task == task && (t)->scope.state >= AIOT_I_ENTERED, \
        "leaves another limit than it entered: the argument must name the same object at the end")

/* Timeout.when(): the deadline, or AIOT_FOREVER. Undefined after an AIOT_JOIN_FOR() of 0 or less. */
AIOT_I_FN aiot_time aiot_timeout_when(const aiot_timeout *t) { return t->call.entry.u.when; }

/* Timeout.expired(): has the limit struck? Stays true. False after a limit of 0 or less. */
AIOT_I_FN bool aiot_timeout_expired(const aiot_timeout *t) { return t->scope.state == AIOT_I_EXPIRING || t->scope.state == AIOT_I_EXPIRED; }

AIOT_I_FN void aiot_i_limit_strike(aiot_loop *loop, aiot_i_call *call)
{
    aiot_timeout *t = AIOT_I_CONTAINER(call, aiot_timeout, call);
    t->scope.state = AIOT_I_EXPIRING;
    AIOT_TRACE(AIOT_TRACE_STRIKE, t->task);
    aiot_i_cancel_in(&t->task->awaitable, NULL, &t->scope);
}

/* asyncio.timeout_at(), timeout(): makes a limit that strikes at a time of the loop's clock, or after a delay. Zero it before its first
 * use. A limit in use stays as it is. */
AIOT_I_FN void aiot_timeout_init_at(aiot_timeout *t, aiot_loop *loop, aiot_time when)
{
    if (t->scope.state >= AIOT_I_ENTERED) return;
    aiot_i_entry_clear(&t->call.entry, AIOT_I_CALL);
    t->call.run = aiot_i_limit_strike;
    aiot_i_seal_call(&t->call);
    t->call.entry.u.when = when;
    t->scope.state = AIOT_I_CREATED;
}

AIOT_I_FN void aiot_timeout_init(aiot_timeout *t, aiot_loop *loop, aiot_time delay)
{
    aiot_timeout_init_at(t, loop, aiot_i_deadline(loop, delay));
    if (AIOT_I_UNLIKELY(aiot_i_is_too_long(delay)) && t->scope.state == AIOT_I_CREATED) t->scope.state = AIOT_I_BAD_DELAY;
}

AIOT_I_FN void aiot_i_limit_arm(aiot_timeout *t, aiot_loop *loop)
{
    aiot_i_entry *e = &t->call.entry;
    if (e->u.when == AIOT_FOREVER) e->link.next = NULL;
    else if (AIOT_I_LIKELY(aiot_i_is_later(e->u.when, loop->now))) aiot_i_timers_insert(&loop->timers, e, loop->now);
    else aiot_i_make_ready(loop, e);
}

/* Timeout.reschedule(): moves a running limit's deadline; AIOT_FOREVER removes it. A time already past strikes at the next wait. Returns 0;
 * AIOT_ERUNTIME before the limit is entered, once it has struck, and after its end. */
AIOT_I_FN int aiot_timeout_reschedule(aiot_timeout *t, aiot_time when)
{
    if (t->scope.state != AIOT_I_ENTERED) return AIOT_ERUNTIME;
    aiot_i_dequeue(t->task->loop, &t->call);
    t->call.entry.u.when = when;
    aiot_i_now(t->task->loop);
    aiot_i_limit_arm(t, t->task->loop);
    return 0;
}

AIOT_I_FN aiot_timeout *aiot_i_limit_made(aiot_timeout *t, const char *file, unsigned line)
{
    AIOT_I_EXPECT(t->scope.state != AIOT_I_NOT_MADE, file, line, NULL, "reschedules a limit that was never made");
    return t;
}
#define aiot_timeout_init_at(t, loop, when_ns) aiot_timeout_init_at(t, loop, AIOT_I_TIME(when_ns))
#define aiot_timeout_init(t, loop, delay_ns) aiot_timeout_init(t, loop, AIOT_I_DELAY(delay_ns))
#define aiot_timeout_reschedule(t, when_ns) aiot_timeout_reschedule(aiot_i_limit_made(t, __FILE__, __LINE__), AIOT_I_TIME(when_ns))

/* The clock was read before, unless the limit is AIOT_FOREVER. */
AIOT_I_INLINE int aiot_i_limit_enter(aiot_timeout *t, aiot_task *task)
{
    if (AIOT_I_UNLIKELY(t->scope.state != AIOT_I_CREATED)) return t->scope.state == AIOT_I_BAD_DELAY ? AIOT_EINVAL : AIOT_ERUNTIME;
    t->scope.state = AIOT_I_ENTERED;
    t->scope.kind = 0;
    t->task = task;
    t->call.entry.count = task->entry.count;
    aiot_i_enter_scope(task, &t->scope);
    aiot_i_limit_arm(t, task->loop);
    return 0;
}

AIOT_I_INLINE int aiot_i_limit_open(aiot_timeout *t, aiot_task *task, aiot_time delay)
{
    aiot_timeout_init(t, task->loop, delay);
    return aiot_i_limit_enter(t, task);
}

#if AIOT_TASK_LIST
AIOT_I_FN void aiot_i_limit_strike_firmly(aiot_loop *loop, aiot_i_call *call)
{
    aiot_timeout *t = AIOT_I_CONTAINER(call, aiot_timeout, call);
    aiot_i_limit_strike(loop, call);
    aiot_i_make_firm(t->task, &t->scope);
}
AIOT_I_COLD int aiot_i_limit_open_firm(aiot_timeout *t, aiot_task *task, aiot_time delay)
{
    int code = aiot_i_limit_open(t, task, delay);
    if (code != 0) return code;
    t->call.run = aiot_i_limit_strike_firmly;
    t->scope.kind = task->entry.flags & AIOT_I_FIRM ? AIOT_I_FIRM_LIMIT | AIOT_I_FIRM_OUTSIDE : AIOT_I_FIRM_LIMIT;
    return 0;
}

/* A cancel that is to be delivered is held, too. */
AIOT_I_COLD int aiot_i_guard_open(aiot_guard *g, aiot_task *task, aiot_time delay)
{
    aiot_i_entry *e = &task->entry;
    int code = aiot_i_limit_open(&g->limit, task, delay);
    if (code != 0) return code;
    g->limit.scope.kind = aiot_i_lift_firm(task) ? AIOT_I_GUARD | AIOT_I_FIRM_OUTSIDE : AIOT_I_GUARD;
    g->has_cancel = e->flags & AIOT_I_MUST_CANCEL;
    g->message = e->flags & AIOT_I_MESSAGE ? (const char *)e->u.info : NULL;
    g->held = g->has_cancel && e->count > 0;
    e->count = (uint16_t)(e->count - g->held);
    g->limit.call.entry.count = e->count;
    if (g->has_cancel) aiot_i_take_cancel(e);
    return 0;
}
AIOT_I_COLD void aiot_i_guard_left(aiot_guard *g, aiot_task *task)
{
    uint32_t count = (uint32_t)task->entry.count + g->held;
    aiot_i_set_firm(task, &g->limit.scope);
    task->entry.count = (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
    if (g->has_cancel) aiot_i_must_cancel(task, g->message);
}

/* Returns the earliest deadline of the limits that are entered around this point, also in coroutines that await this one, up to the
 * innermost shielded block; AIOT_FOREVER if there is none. A callee can plan by it, or hand it on: a header, a query's timeout. O(depth).
 * (trio's current_effective_deadline().) */
AIOT_I_COLD aiot_time aiot_deadline(const aiot_task *t)
{
    aiot_time now = t->loop->now, deadline = AIOT_FOREVER;
    for (const aiot_i_scope *s = t->scope; s; s = s->around) {
        if (s->kind & AIOT_I_GROUP_BLOCK) continue;
        aiot_time when = AIOT_I_CONTAINER(s, const aiot_timeout, scope)->call.entry.u.when;
        if (aiot_time_between(now, when) < aiot_time_between(now, deadline)) deadline = when;
        if (s->kind & AIOT_I_GUARD) break;
    }
    return deadline;
}

/* Returns the time left until then, in ns or ticks: never negative, 0 once a limit has struck, AIOT_FOREVER without a deadline. Test for
 * AIOT_FOREVER before you divide it: with 32 and 16 bits a third of it is a limit. O(depth). */
AIOT_I_COLD aiot_time aiot_time_left(aiot_task *t)
{
    aiot_time now = aiot_now(t->loop), left = aiot_time_between(now, aiot_deadline(t));
    return left > 0 ? left : 0;
}
#endif

/* Does the block run? If not, it raises `code`. */
AIOT_I_FN bool aiot_i_limit_entered(int code, aiot_timeout *t, aiot_task *task, aiot_frame *frame, unsigned slot)
{
    if (AIOT_I_UNLIKELY(code != 0)) aiot_i_throw(task, frame, slot, code, t);
    return code == 0;
}

/* False if the limit has struck: then aiot_i_limit_expire() leaves it. */
AIOT_I_FN bool aiot_i_limit_leave(aiot_timeout *t, aiot_task *task)
{
    if (AIOT_I_UNLIKELY(t->scope.state != AIOT_I_ENTERED)) return false;
    aiot_i_leave_scope(task, &t->scope);
    if (AIOT_I_LIKELY(t->call.entry.link.next != NULL)) aiot_i_take_out(task->loop, &t->call.entry);
    t->scope.state = AIOT_I_EXITED;
    return true;
}

/* The limit or group that was entered stays in use, in memory that may go away: no error could help. */
AIOT_I_COLD void aiot_i_leaves_another(void)
{
    AIOT_I_CORRUPTED(__FILE__, __LINE__, "?", "a block leaves another limit or group than it entered");
}

/* Leaves a limit that has struck, or was 0 or less. Returns what is raised after an end with `code`. */
AIOT_I_COLD int aiot_i_limit_expire(aiot_timeout *t, int code)
{
    if (t->scope.state == AIOT_I_UNARMED) {
        t->scope.state = AIOT_I_EXITED;
        return code == 0 ? AIOT_ETIMEDOUT : code;
    }
    if (AIOT_I_UNLIKELY(t->scope.state != AIOT_I_EXPIRING)) aiot_i_leaves_another();
    aiot_task *task = t->task;
    t->scope.state = AIOT_I_EXPIRED;
    aiot_i_leave_scope(task, &t->scope);
    if (t->scope.kind & AIOT_I_FIRM_LIMIT) aiot_i_set_firm(task, &t->scope);
    bool is_ours = aiot_i_uncancel(task) <= t->call.entry.count && !(task->entry.flags & AIOT_I_FIRM);  /* the only cancel */
    return is_ours && code == AIOT_ECANCELED ? AIOT_ETIMEDOUT : code;
}

AIOT_I_FN void aiot_i_limit_raised(aiot_timeout *t, aiot_task *task, aiot_frame *frame, unsigned slot)
{
    aiot_error *error = aiot_i_slot(frame, slot);
    int code = aiot_i_limit_leave(t, task) ? error->code : aiot_i_limit_expire(t, error->code);
    if (code != error->code) error->info = t;
    error->code = code;
}

/* asyncio.wait_for(fn(...), delay): runs a coroutine inside this task, at once, under a limit of delay_ns. The limit cancels the coroutine,
 * and the wait goes on until it has ended. Then AIOT_ETIMEDOUT is raised, unless the coroutine ended with a value or another error. With 0
 * or less the coroutine never starts, and AIOT_ETIMEDOUT takes three turns. AIOT_ERUNTIME if limit or frame are in use; AIOT_EINVAL if the
 * delay is too long. A cancel goes to the coroutine. Limit and frame live until the wait is over. */
#define AIOT_WAIT_FOR(...) AIOT_I_WAIT_FOR(AIOT_I_LABEL, FILL, __VA_ARGS__, )
#define AIOT_WAIT_FOR_FRAME(t, delay_ns, fn, frame_) AIOT_I_WAIT_FOR(AIOT_I_LABEL, USE, t, delay_ns, fn, frame_, )
#define AIOT_I_WAIT_FOR(n_, how_, t_, delay_, fn_, frame_, ...) \
    do { \
        AIOT_I_INSIDE(n_) \
        AIOT_I_STATIC_ASSERT(sizeof #frame_ > 1, "too few arguments: AIOT_WAIT_FOR(&limit, delay, coroutine, &frame, .field = value)"); \
        AIOT_I_TAKES_FRAME(fn_, frame_); AIOT_I_KEEPS_LIMIT(t_); \
        if (AIOT_I_MAY_##how_(fn_, frame_) && aiot_i_wait_for_begin(AIOT_I_LIMIT(t_), task, AIOT_I_DELAY(delay_))) \
            AIOT_I_CALL_##how_(fn_, frame_, __VA_ARGS__); \
        AIOT_I_SUSPEND_AS(n_, task->frame == AIOT_I_SELF && !(AIOT_I_SELF->flags & AIOT_I_REFUSED) ? AIOT_I_WAITS : AIOT_I_AGAIN) \
        if (!(AIOT_I_SELF->flags & AIOT_I_REFUSED) && !aiot_i_limit_leave(AIOT_I_LIMIT(t_), task)) \
            aiot_i_wait_for_expire(AIOT_I_LIMIT(t_), task); \
        AIOT_I_PROPAGATE() \
    } while (0)

/* Does the coroutine run? If not, the task waits, or an error is in flight. */
AIOT_I_INLINE bool aiot_i_wait_for_begin(aiot_timeout *t, aiot_task *task, aiot_time delay)
{
    if (delay <= 0 && !aiot_i_is_too_long(delay) && t->scope.state < AIOT_I_ENTERED) {
        aiot_timeout_init(t, task->loop, delay);
        t->scope.state = AIOT_I_UNARMED;
        aiot_i_wait_turns(task, 3);  /* asyncio makes and cancels a task */
        return false;
    }
    int code = aiot_i_limit_open(t, task, delay);
    if (AIOT_I_LIKELY(code == 0)) return true;
    aiot_i_refuse(task, code, t);
    return false;
}

AIOT_I_COLD void aiot_i_wait_for_expire(aiot_timeout *t, aiot_task *task)
{
    int ended = task->entry.code, code = aiot_i_limit_expire(t, ended);
    if (code != ended) aiot_i_set_error(task, code, t);
}

/* asyncio.wait_for(x, delay): waits for x as AIOT_JOIN does, under a limit of delay_ns. The limit cancels x, and the wait goes on until x
 * has ended. Raises as AIOT_WAIT_FOR and AIOT_JOIN do. With 0 or less, x is cancelled at once unless it is done; the errors of AIOT_JOIN
 * take no turn, and a task that joins itself is cancelled. A cancel goes to x. Limit and x live until the wait is over. */
#define AIOT_JOIN_FOR(t, delay_ns, x) AIOT_I_JOIN_FOR(AIOT_I_LABEL, t, delay_ns, AIOT_AWAITABLE(x))
#define AIOT_I_JOIN_FOR(n, t, delay, a) \
    do { \
        AIOT_I_INSIDE(n) AIOT_I_KEEPS_LIMIT(t); \
        if (aiot_i_join_for(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(delay), aiot_i_joined(task, a, false, __FILE__, __LINE__))) { \
            AIOT_I_SUSPEND(n) \
            if (!aiot_i_limit_leave(AIOT_I_LIMIT(t), task)) aiot_i_join_for_expire(AIOT_I_LIMIT(t), task, a); \
        } \
        AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_FN void aiot_i_join_for_ended(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_unpark(AIOT_I_CONTAINER(call, aiot_timeout, call)->task);
}

AIOT_I_COLD bool aiot_i_join_for_any(aiot_timeout *t, aiot_task *task, aiot_time delay, aiot_awaitable *a)
{
    bool is_done = aiot_i_done(a);
    if (delay > 0 && !is_done && aiot_i_limit_open(t, task, delay) == 0) return aiot_i_join(task, a);
    aiot_timeout_init(t, task->loop, delay);
    if (t->scope.state != AIOT_I_CREATED || (!is_done && a->loop != task->loop)) {
        aiot_i_set_error(task, aiot_i_is_too_long(delay) ? AIOT_EINVAL : AIOT_ERUNTIME, t);
        return false;
    }
    if (is_done) {
        aiot_i_set_error(task, a->entry.code, aiot_i_take_info(a));
        t->scope.state = AIOT_I_EXITED;
        return false;
    }
    aiot_i_call_init(&t->call, aiot_i_join_for_ended);  /* 0 or less: cancels `a`, and parks until its end */
    t->call.entry.flags |= AIOT_I_LOOKS_ON;  /* a cancelled waiter does not take the outcome */
    t->call.entry.count = AIOT_BY_WAITER;
    t->scope.state = AIOT_I_UNARMED;
    t->task = task;
    aiot_i_watch(task->loop, a, &t->call);
    aiot_i_cancel(a, NULL);
    aiot_i_park(AIOT_I_FOR(task, "what it has cancelled", a));
    return true;
}

/* The usual case in line: 15 % of a timed wait. */
AIOT_I_INLINE bool aiot_i_join_for(aiot_timeout *t, aiot_task *task, aiot_time delay, aiot_awaitable *a)
{
    bool is_usual = aiot_i_knows_deadline(task->loop, delay) && !aiot_i_done(a) && a->loop == task->loop && a != &task->awaitable;
    if (AIOT_SMALL || !is_usual || aiot_i_limit_open(t, task, delay) != 0) return aiot_i_join_for_any(t, task, delay, a);
    aiot_i_wait_done(task, a);
    return true;
}

AIOT_I_COLD void aiot_i_join_for_expire(aiot_timeout *t, aiot_task *task, aiot_awaitable *a)
{
    if (t->scope.state == AIOT_I_UNARMED) {
        aiot_i_dequeue(task->loop, &t->call);
        if (task->entry.code == 0) {  /* the task itself was not cancelled */
            int code = t->call.entry.code;
            const void *info = aiot_i_take_end_info(a, &t->call);  /* asyncio always takes the message */
            if (code != AIOT_ECANCELED) {
                t->scope.state = AIOT_I_EXITED;
                aiot_i_set_error(task, code, info);
                return;
            }
        }
    }
    aiot_i_wait_for_expire(t, task);
}

/* The i-th of an array of pointers (stride 0), or of objects that are `stride` bytes apart. aiot_i_pointers() checks the type of the
 * former. */
AIOT_I_FN aiot_awaitable *aiot_i_nth(const void *array, size_t stride, size_t i)
{
    return stride > 0 ? (aiot_awaitable *)(uintptr_t)((uintptr_t)array + i * stride) : ((aiot_awaitable *const *)array)[i];
}
AIOT_I_FN const void *aiot_i_pointers(aiot_awaitable *const *array) { return array; }

#ifndef __SDCC
/* Asks x to end, as aiot_cancel(x) does, and waits until it has ended, however it ends; that raises nothing. aiot_result(x) tells. A task
 * that has not begun ends before its first step. A second stop asks again: to wait without asking, use AIOT_WAIT(). A cancel of the caller
 * is raised, and does not go on to x. After grace_ns, AIOT_ETIMEDOUT is raised with the limit as pointer; x runs on, and loop.on_error is
 * told: AIOT_REPORT_STILL_RUNS. If x ends in that instant, its end wins. AIOT_ERUNTIME if x is the task itself or another loop's, or the
 * limit is in use; AIOT_EINVAL if the grace is too long, or there are over 65 535. No turn if x is done or was never started. The other
 * forms ask all of an array at once, and wait until the last has ended: aiot_awaitable pointers, or tasks, or structs with a task (...,
 * .task). x, array and limit live until the wait is over; all arguments are evaluated at each step. */
#define AIOT_STOP(t, grace_ns, x) \
    AIOT_I_STOP_ALL(AIOT_I_LABEL, t, aiot_i_stop_step(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(grace_ns), \
        aiot_i_stopped(task, AIOT_AWAITABLE(x), __FILE__, __LINE__), 1, 1))
#define AIOT_STOP_ARRAY(t, grace_ns, array, count) \
    AIOT_I_STOP_ALL(AIOT_I_LABEL, t, aiot_i_stop_step(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(grace_ns), \
        aiot_i_pointers(array), 0, (size_t)(count)))
#define AIOT_STOP_TASKS(t, grace_ns, ...) AIOT_I_STOP_TASKS(t, grace_ns, __VA_ARGS__, , )
#define AIOT_I_STOP_TASKS(t, grace_ns, array, count, member, ...) \
    AIOT_I_STOP_ALL(AIOT_I_LABEL, t, aiot_i_stop_step(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(grace_ns), \
        AIOT_AWAITABLE(&(array)[0]member), sizeof (array)[0], (size_t)(count)))
#define AIOT_I_STOP_ALL(n, t, step_call) AIOT_I_WAIT_WHILE(n, (AIOT_I_KEEPS_LIMIT(t), true), step_call)

AIOT_I_FN aiot_awaitable *aiot_i_stopped(const aiot_task *task, aiot_awaitable *a, const char *file, unsigned line)
{
    AIOT_I_EXPECT(a != &task->awaitable, file, line, task, "stops itself");
    return aiot_i_joined(task, a, false, file, line);
}

AIOT_I_FN bool aiot_i_is_unended(const aiot_awaitable *a) { return a->loop && !aiot_i_done(a); }

/* The task sleeps until the end of the grace. The limit's call waits for the end of one x after the other, and wakes it early. */
AIOT_I_FN void aiot_i_stop_ended(aiot_loop *loop, aiot_i_call *call)
{
    aiot_task *task = AIOT_I_CONTAINER(call, aiot_timeout, call)->task;
    if (task->entry.kind == AIOT_I_TIMER) aiot_i_take_out(loop, &task->entry);
    if (task->entry.kind == AIOT_I_TIMER || task->entry.kind == AIOT_I_PARKED) aiot_i_wake(task, 0, NULL);
}

/* Returns 0 and asks all, or returns an error. */
AIOT_I_COLD int aiot_i_stop_begin(aiot_timeout *t, aiot_task *task, aiot_time grace, const void *array, size_t stride, size_t count)
{
    if (t->scope.state >= AIOT_I_ENTERED) return AIOT_ERUNTIME;
    if (aiot_i_is_too_long(grace) || count > UINT16_MAX) return AIOT_EINVAL;
    for (size_t i = 0; i < count; i++) {
        const aiot_awaitable *a = aiot_i_nth(array, stride, i);
        if (a == &task->awaitable || (a->loop != task->loop && aiot_i_is_unended(a))) return AIOT_ERUNTIME;
    }
    aiot_i_call_init(&t->call, aiot_i_stop_ended);
    t->scope.state = AIOT_I_UNARMED;
    t->task = task;
    t->scope.until = aiot_i_deadline(task->loop, grace);
    for (size_t i = 0; i < count; i++)
        if (aiot_i_is_unended(aiot_i_nth(array, stride, i))) aiot_i_cancel(aiot_i_nth(array, stride, i), NULL);
    return 0;
}

#if AIOT_I_TELLS
AIOT_I_COLD void aiot_i_report_still_runs(const aiot_timeout *t, aiot_time grace, const aiot_awaitable *a)
{
    const aiot_task *x = aiot_i_is_task(a) ? AIOT_I_CONTAINER(a, const aiot_task, awaitable) : NULL;
    aiot_loop *loop = t->task->loop;
    aiot_report report = { AIOT_REPORT_STILL_RUNS, { t, AIOT_ETIMEDOUT }, a, x ? aiot_task_name(x) : NULL, x ? AIOT_I_LINE(x->frame) : 0, 1,
                           aiot_time_after(t->scope.until, (aiot_time)-grace), { AIOT_BY_STOP, t, NULL } };
    if (loop->on_error) loop->on_error(loop, &report);
}
#else
#define aiot_i_report_still_runs(t, grace, a) ((void)0)
#endif

/* Goes through the array from its end. The call's entry.count is the place of the one it waits for. */
AIOT_I_COLD bool aiot_i_stop_step(aiot_timeout *t, aiot_task *task, aiot_time grace, const void *array, size_t stride, size_t count)
{
    aiot_loop *loop = task->loop;
    bool begins = t->scope.state != AIOT_I_UNARMED || t->task != task;
    int code = begins ? aiot_i_stop_begin(t, task, grace, array, stride, count) : 0;
    if (code != 0) {
        aiot_i_set_error(task, code, t);
        return false;
    }
    size_t left = begins ? count : t->call.entry.count;
    if (t->call.entry.flags & AIOT_I_IN_WAITERS) left++;  /* it has not ended */
    aiot_i_dequeue(loop, &t->call);
    while (left > 0 && !aiot_i_is_unended(aiot_i_nth(array, stride, left - 1))) left--;
    if (left > 0 && task->entry.code == 0 && (begins || aiot_i_is_later(t->scope.until, aiot_now(loop)))) {
        aiot_i_call_init(&t->call, aiot_i_stop_ended);
        t->call.entry.flags |= AIOT_I_LOOKS_ON | AIOT_I_STOPS;
        t->call.entry.count = (uint16_t)(left - 1);
        aiot_i_watch(loop, aiot_i_nth(array, stride, left - 1), &t->call);
        aiot_i_wait_until(loop, task, t->scope.until, aiot_i_now(loop));
        (void)AIOT_I_FOR(task, "what it stops", t);
        return true;
    }
    t->scope.state = AIOT_I_EXITED;
    if (left == 0 || task->entry.code != 0) return false;
    t->scope.state = AIOT_I_EXPIRED;
    aiot_i_set_error(task, AIOT_ETIMEDOUT, t);
    for (size_t i = 0; i < left; i++)
        if (aiot_i_is_unended(aiot_i_nth(array, stride, i))) aiot_i_report_still_runs(t, grace, aiot_i_nth(array, stride, i));
    return false;
}
/* TICKER: ticks at start + n * period, without drift, for one task. aiot_ticker_init() starts it at aiot_now(); it returns 0, or
 * AIOT_EINVAL for a period that is not above 0, or too long. AIOT_TICK(&self->ticker) sleeps until the next tick; a cancelled one is not
 * used up. It raises AIOT_EINVAL without a valid init. If that time is past, by the policy:
 *     AIOT_TICK_SKIP      it waits for the first tick that is not past
 *     AIOT_TICK_BURST     one tick after the other comes at once, until none is past
 *     AIOT_TICK_RESTART   one comes at once, and periods count from then on
 * aiot_ticker_missed(&ticker) returns how many ticks were past then, without the one that came: with BURST they are still to come, with the
 * others they are lost. (tokio's Interval, embassy's Ticker.) */
enum aiot_tick_policy { AIOT_TICK_SKIP, AIOT_TICK_BURST, AIOT_TICK_RESTART };
typedef struct aiot_ticker {
    aiot_time             next, period;
    enum aiot_tick_policy policy;
    uint32_t              missed;
} aiot_ticker;

AIOT_I_COLD int aiot_ticker_init(aiot_ticker *k, aiot_loop *loop, aiot_time period_ns, enum aiot_tick_policy policy)
{
    k->period = period_ns < AIOT_FOREVER ? period_ns : 0;
    if (k->period <= 0) return AIOT_EINVAL;
    k->next = aiot_i_deadline(loop, period_ns);
    k->policy = policy;
    k->missed = 0;
    return 0;
}
#define aiot_ticker_init(k, loop, period_ns, policy) aiot_ticker_init(k, loop, AIOT_I_DELAY(period_ns), policy)
AIOT_I_FN uint32_t aiot_ticker_missed(const aiot_ticker *k) { return k->missed; }

#define AIOT_TICK(k) AIOT_I_TICK(AIOT_I_LABEL, k)
#define AIOT_I_TICK(n, k) \
    do { \
        AIOT_I_INSIDE(n) AIOT_I_CHECK_KEPT(k, "waits for a ticker that"); \
        AIOT_I_EXPECT_HERE((k)->period > 0, "waits for a ticker that was not initialised, or whose init was refused"); \
        aiot_i_phase = aiot_i_tick_begin(k, task); \
        AIOT_I_SUSPEND_AS(n, aiot_i_phase) aiot_i_tick_end(k, task); \
        AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_COLD int aiot_i_tick_begin(aiot_ticker *k, aiot_task *task)
{
    if (k->period <= 0) {
        aiot_i_set_error(task, AIOT_EINVAL, NULL);
        return AIOT_I_YIELDS;
    }
    aiot_time now = aiot_now(task->loop), late = aiot_time_between(k->next, now);
    uint64_t past = late > 0 ? (uint64_t)((late - 1) / k->period) + 1 : 0;  /* ticks before now */
    if (k->policy != AIOT_TICK_SKIP) past -= past > 0;  /* one of them comes */
    else if (past > 0) k->next = aiot_time_after(now, (aiot_time)(past * (uint64_t)k->period - (uint64_t)late));
    if (late > 0 && k->policy == AIOT_TICK_RESTART) k->next = now;
    k->missed = past < UINT32_MAX ? (uint32_t)past : UINT32_MAX;
    return aiot_i_sleep_until(task, k->next);
}
AIOT_I_FN void aiot_i_tick_end(aiot_ticker *k, const aiot_task *task)  /* a cancelled tick is not used up */
{
    if (task->entry.code == 0) k->next = aiot_time_after(k->next, k->period);
}

/* BACKOFF: delays between attempts; a value, without floating point. aiot_backoff_init() takes the bound of the first delay, the longest
 * bound, and a seed: the same seed gives the same delays. aiot_backoff_next(&b, task) sets b.delay_ns, evenly from 0 to b.bound_ns ("full
 * jitter"), and doubles the bound. It returns false and sets nothing if a wait of that delay would reach aiot_deadline(task): give up. */
typedef struct aiot_backoff { aiot_time delay_ns, bound_ns, longest_ns; uint32_t state; } aiot_backoff;

/* From 0 to the longest delay: AIOT_FOREVER is none. */
AIOT_I_FN aiot_time aiot_i_as_bound(aiot_time delay)
{
    if (delay == AIOT_FOREVER || aiot_i_is_too_long(delay)) return AIOT_FOREVER - 1;
    return delay > 0 ? delay : 0;
}
AIOT_I_COLD void aiot_backoff_init(aiot_backoff *b, aiot_time first_ns, aiot_time longest_ns, uint32_t seed)
{
    b->delay_ns = 0;
    b->longest_ns = aiot_i_as_bound(longest_ns);
    b->bound_ns = aiot_i_as_bound(first_ns);
    if (b->bound_ns > b->longest_ns) b->bound_ns = b->longest_ns;
    b->state = seed;
}
AIOT_I_COLD bool aiot_backoff_next(aiot_backoff *b, const aiot_task *task)
{
    b->state = b->state * UINT32_C(1664525) + UINT32_C(1013904223);
    uint32_t random = (b->state ^ b->state >> 15) * UINT32_C(0x9E3779B1);
    uint64_t span = (uint64_t)b->bound_ns + 1;
    aiot_time delay = (aiot_time)((span >> 32) * random + ((span & UINT32_MAX) * random >> 32));
#if AIOT_TASK_LIST
    aiot_time deadline = aiot_deadline(task);
    if (deadline != AIOT_FOREVER && delay >= aiot_time_between(aiot_now(task->loop), deadline)) return false;
#endif
    b->delay_ns = delay;
    b->bound_ns = b->bound_ns > b->longest_ns / 2 ? b->longest_ns : (aiot_time)(b->bound_ns * 2);
    return true;
}
#define aiot_backoff_init(b, first_ns, longest_ns, seed) aiot_backoff_init(b, AIOT_I_DELAY(first_ns), AIOT_I_DELAY(longest_ns), seed)

/* asyncio.wait_for(x, delay) as a coroutine, to spawn and gather. x: AIOT_AWAITABLE(&self->t). */
struct aiot_wait_for { AIOT_FRAME; aiot_awaitable *x; aiot_time delay_ns; aiot_timeout limit; };
static inline AIOT_CORO(aiot_wait_for) { AIOT_BEGIN(); AIOT_JOIN_FOR(&self->limit, self->delay_ns, AIOT_ANY(self->x)); AIOT_END(); }
#endif

/* asyncio.sleep() as a coroutine, to spawn and gather. */
struct aiot_sleep { AIOT_FRAME; aiot_time delay_ns; };
static inline AIOT_CORO(aiot_sleep) { AIOT_BEGIN(); AIOT_SLEEP(self->delay_ns); AIOT_END(); }

/* Runs the loop until x is done, and one turn more: run_until_complete(). Returns how x ended; AIOT_EDEADLK if nothing can ever run again;
 * AIOT_ERUNTIME if aiot_loop_stop() came first. Also, and nothing runs, if the loop is running or was not initialised, or x is another
 * loop's or was never started. */
#define aiot_run_until(loop, x) \
    (AIOT_I_CHECK_RUN(loop), aiot_i_run_until(loop, aiot_i_started(AIOT_AWAITABLE(x), __FILE__, __LINE__), true))
#define AIOT_I_CHECK_RUN(loop) \
    (AIOT_I_CHECK_LOOP(loop, __FILE__, __LINE__, "runs"), \
     AIOT_I_EXPECT(!(loop)->turning, __FILE__, __LINE__, aiot_i_current(loop), \
        "runs a loop that is running already, or that was left by an exception or longjmp()"))

AIOT_I_FN aiot_awaitable *aiot_i_started(aiot_awaitable *a, const char *file, unsigned line)
{
    AIOT_I_EXPECT(aiot_i_is_made(a), file, line, NULL, "runs until an awaitable is done that was never started");
    return a;
}

AIOT_I_FN int aiot_i_run_until(aiot_loop *loop, aiot_awaitable *a, bool tells)
{
    if (loop->turning || !aiot_i_is_prepared(loop) || (a->loop != loop && (a->loop || !aiot_i_done(a)))) return AIOT_ERUNTIME;
    bool is_dead = !aiot_i_done(a) && !aiot_i_run_turns(loop, &a->entry.flags), stopped = loop->stopping;
    aiot_i_collect(a);
    int code = is_dead ? AIOT_EDEADLK : aiot_i_done(a) ? a->entry.code : AIOT_ERUNTIME;  /* the last turn may free `a` */
    if (!is_dead && !stopped) aiot_i_turn_at_once(loop);
    if (!is_dead) loop->stopping = false;
    if (tells) aiot_i_tell_uncollected(loop);
    return code;
}

#if AIOT_TASK_LIST
/* Cancels all unfinished tasks, in order of creation, and runs the loop until they have ended, as asyncio.run() does. Their errors go to
 * the loop's handler. Tasks that they start are abandoned. Returns 0; AIOT_EDEADLK if a task waits for ever; AIOT_ERUNTIME, and does
 * nothing, if the loop is running. */
AIOT_I_COLD int aiot_cancel_all(aiot_loop *loop)
{
    const uint8_t once = AIOT_I_DONE;  /* makes aiot_i_run_turns() sleep and run one turn */
    if (loop->turning) return AIOT_ERUNTIME;
    loop->left_over = 0;
    for (aiot_i_link *link = loop->tasks.next; link != &loop->tasks; link = link->next) {
        aiot_task *task = AIOT_I_CONTAINER(link, aiot_task, all);
        task->entry.flags |= AIOT_I_LEFT_OVER;
        loop->left_over++;
        aiot_i_cancel(&task->awaitable, NULL);
    }
    if (loop->left_over == 0) return AIOT_OK;
    while (loop->left_over) {
        if (!aiot_i_run_turns(loop, &once)) return AIOT_EDEADLK;
        loop->stopping = false;
    }
    aiot_i_turn_at_once(loop);  /* asyncio stops two turns after the last end */
    aiot_i_turn_at_once(loop);
    return AIOT_OK;
}

/* Runs a coroutine as the main task, then cancels the tasks that it left behind and waits for them: asyncio.run(). Four more turns follow,
 * as in asyncio. Then armed callbacks are dropped, unless tasks were abandoned. Returns how the main task ended, or AIOT_EDEADLK or
 * AIOT_ERUNTIME as aiot_run_until() does; AIOT_ERUNTIME also if an earlier main task has not ended. aiot_error_of(&loop.main_task) has its
 * error's pointer. The frame need not be zeroed. The _frame form takes one whose fields are set, and no stack. */
#define aiot_run(...) aiot_i_run(__VA_ARGS__, )
#define aiot_run_frame(loop, fn, frame_) \
    (AIOT_I_TAKES_FRAME(fn, frame_), AIOT_I_MAY_RUN(loop) \
        ? aiot_i_run_main(loop, aiot_i_prepare(AIOT_I_SIZED(fn, frame_)), AIOT_I_STEP(fn), AIOT_I_NAME(fn)) : AIOT_ERUNTIME)
#define aiot_i_run(loop, fn, frame_, ...) \
    (AIOT_I_FRAME_GIVEN(fn, frame_, "aiot_run(&loop, coroutine, &frame, .field = value)") AIOT_I_MAY_RUN(loop) \
        ? aiot_i_run_main(loop, AIOT_I_FILLED(loop, fn, frame_, __VA_ARGS__), AIOT_I_STEP(fn), AIOT_I_NAME(fn)) : AIOT_ERUNTIME)
#define AIOT_I_MAY_RUN(loop) \
    (AIOT_I_CHECK_RUN(loop), !(loop)->turning && aiot_i_is_prepared(loop) && aiot_task_idle(&(loop)->main_task))

#if AIOT_I_DUMPS
AIOT_I_COLD void aiot_dump(aiot_loop *loop);

AIOT_I_COLD void aiot_i_print_failure(aiot_loop *loop, int code, const char *name, unsigned line)
{
    if (code == AIOT_EDEADLK) {
        fprintf(stderr, "aiot_run(): nothing can ever run again, but tasks wait:\n");
        aiot_dump(loop);
    } else if (code != AIOT_OK) {
        fprintf(stderr, "task '%s', line %u: aiot_run() ends with %s (%d)\n", name, line, aiot_strerror(code), code);
    }
}
#else
#define aiot_i_print_failure(loop, code, name, line) ((void)0)
#endif

AIOT_I_FN int aiot_i_run_main(aiot_loop *loop, aiot_frame *frame, aiot_i_step_fn step, const char *name)
{
    aiot_awaitable *main_task = &loop->main_task.awaitable;
    aiot_i_start(loop, &loop->main_task, frame, step, name);
    int code = aiot_i_run_until(loop, main_task, false);
    if (code != AIOT_EDEADLK || aiot_i_done(main_task)) {
        if (aiot_cancel_all(loop) != AIOT_OK) code = AIOT_EDEADLK;
        else for (int turn = 0; turn < 4; turn++) aiot_i_turn_at_once(loop);  /* asyncio shuts down generators and executor */
        loop->stopping = false;
        if (aiot_i_list_empty(&loop->tasks)) {  /* abandoned tasks may wait for callbacks */
            aiot_i_timers_clear(&loop->timers);
            while (!aiot_i_nothing_to_run(loop)) aiot_i_unlink(loop->ready.prev);
        }
    }
    aiot_i_print_failure(loop, code, name, AIOT_I_LINE(frame));
    aiot_i_tell_uncollected(loop);
    return code;
}
#endif

/* ============================================================================================================= [12]
 * WAIT, GATHER, RACE, SHIELD. Waits, gathers and races wait for several awaitables, their members. The type of their set says how many fit:
 *     AIOT_WAIT_SET(4) set;  for AIOT_WAIT         AIOT_GATHER_SET(4) all;  for gather
 * Up to 16 members may be written out; too many do not compile. The _ARRAY forms take an array of aiot_awaitable pointers. The _TASKS forms
 * take an array of tasks, or of structs with a task: (&set, self->jobs, count, .task). An array that does not fit raises AIOT_EINVAL, as
 * does a member that is NULL, was never started, or is another loop's. A join or a shield of such an awaitable raises AIOT_ERUNTIME.
 *
 * Inside, wait, gather and as_completed, [14], put a call for each member into its waiters. The call runs in the turn after the member's
 * end. A set that is over dequeues the other calls. All is O(n). */
#define AIOT_I_CAPACITY(set) (sizeof (set)->members / sizeof (set)->members[0])
#define AIOT_I_STORE(set, type, usage, ...) \
    AIOT_I_STATIC_ASSERT(sizeof #__VA_ARGS__ > 1, "too few arguments: " usage); \
    AIOT_I_STATIC_ASSERT(AIOT_I_COUNT(__VA_ARGS__) <= AIOT_I_CAPACITY(set), "more members than the " type " has room for"); \
    AIOT_I_EACH(AIOT_I_STORE_ONE, set, __VA_ARGS__)
#define AIOT_I_STORE_ONE(set, x) (set)->members[aiot_i_count++].target = AIOT_AWAITABLE(x);
#define AIOT_I_COPY(set, array, n) aiot_i_copy_all((set)->members, AIOT_I_CAPACITY(set), aiot_i_pointers(array), 0, (size_t)(n))
#define AIOT_I_TASKS(set, ...) AIOT_I_COPY_TASKS(set, __VA_ARGS__, , )
#define AIOT_I_COPY_TASKS(set, array, n, member, ...) aiot_i_copy_all((set)->members, AIOT_I_CAPACITY(set), \
    AIOT_AWAITABLE(&(array)[0]member), sizeof (array)[0], (size_t)(n))
#define AIOT_I_TELL_SET(task) AIOT_I_EXPECT(false, __FILE__, __LINE__, task, \
    "a set is refused: a member is NULL, never started, another loop's or one too many, or there is no such way to wait")

AIOT_I_FN unsigned aiot_i_copy_all(aiot_i_member *m, size_t capacity, const void *array, size_t stride, size_t count)
{
    if (count > capacity || count > ~0u >> 1) return ~0u;  /* places are ints */
    for (size_t i = 0; i < count; i++) m[i].target = aiot_i_nth(array, stride, i);
    return (unsigned)count;
}

/* Finds a target's member, or -1, in a hash table. Calls in no queue store it: `code` is the first member of a chain, `value` the next, -1
 * the end. *first: where the chain begins. */
AIOT_I_FN intptr_t aiot_i_find(aiot_i_member *m, unsigned count, const aiot_awaitable *a, int **first)
{
    uint32_t hash = (uint32_t)((uintptr_t)a >> 3) * UINT32_C(0x9E3779B1);  /* Fibonacci: the high bits spread */
    uint32_t chains = count < 0xFFFF ? count : 0xFFFF;  /* the product fits into 32 bits */
    *first = &m[(hash >> 16) * chains >> 16].call.entry.code;
    intptr_t i = **first;
    while (i >= 0 && m[i].target != a) i = m[i].call.entry.u.value;
    return i;
}
/* Builds the table. A repeated member's owner is the earlier one. Returns how many differ. */
AIOT_I_COLD unsigned aiot_i_index(aiot_i_member *m, unsigned count)
{
    unsigned different = 0;
    for (unsigned i = 0; i < count; i++) m[i].call.entry.code = -1;
    for (unsigned i = 0; i < count; i++) {
        int *first;
        intptr_t earlier = aiot_i_find(m, count, m[i].target, &first);
        m[i].repeated = earlier >= 0;
        if (m[i].repeated) { m[i].owner = &m[earlier]; continue; }
        m[i].call.entry.u.value = *first;
        *first = (int)i;
        different++;
    }
    return different;
}

/* Returns how many members differ, or 0 if one is refused. *loop, if NULL, becomes the first loop of a member. A member that is done may
 * have no loop. */
AIOT_I_COLD unsigned aiot_i_prepare_all(aiot_i_member *m, unsigned count, aiot_loop **loop, void *owner,
                                        void (*run)(aiot_loop *, aiot_i_call *), unsigned flags, unsigned kind)
{
    if (count == ~0u) return 0;  /* more than fit */
    for (unsigned i = 0; i < count; i++) {
        const aiot_awaitable *a = m[i].target;
        aiot_i_call_init(&m[i].call, run);
        m[i].call.entry.flags = (uint8_t)flags;
        m[i].call.entry.count = (uint16_t)kind;
        m[i].owner = owner;
        m[i].done = false;
        if (*loop == NULL && a) *loop = a->loop;
        if (a == NULL || (a->loop ? a->loop != *loop : !aiot_i_done(a))) return 0;
    }
    return aiot_i_index(m, count);
}
AIOT_I_COLD void aiot_i_watch_all(aiot_i_member *m, unsigned count, aiot_loop *loop, aiot_i_call *timer, aiot_time at)
{
    timer->entry.u.when = aiot_i_deadline(loop, at);
    if (timer->entry.u.when != AIOT_FOREVER) aiot_i_timers_insert(&loop->timers, &timer->entry, loop->now);
    for (unsigned i = 0; i < count; i++)
        if (!m[i].repeated) aiot_i_watch(loop, m[i].target, &m[i].call);
}

/* WAIT. done, pending = await asyncio.wait({...}, timeout, return_when): waits until all members are done, one is, or one has failed.
 *     AIOT_WAIT(&set, return_when, limit, &self->t1, &self->t2)      or AIOT_WAIT_ARRAY(&set, return_when, limit, array, count),
 *                                                                    AIOT_WAIT_TASKS(&set, return_when, limit, self->tasks, count)
 *     aiot_wait_done_count(&set), aiot_wait_pending_count(&set)
 *     aiot_wait_has(&set, &self->t1)      is it among the done?          aiot_wait_is_done(&set, i)     is the i-th member done?
 * The limit, an aiot_time, ends the wait, too; AIOT_FOREVER is none. A wait takes two turns or more. What is done is read when the waiter
 * resumes. A member given twice counts once. No member's error is raised. Neither limit nor cancel cancels members. AIOT_EINVAL: no
 * members, an unknown return_when, a limit too long. AIOT_ERUNTIME: a task waits with the set already. Zero the set before its first use.
 * It must live while it is asked. */
enum aiot_return_when { AIOT_ALL_COMPLETED, AIOT_FIRST_COMPLETED, AIOT_FIRST_EXCEPTION };

typedef struct aiot_wait_state {
    aiot_i_call    timer;
    aiot_task     *task;  /* NULL: no wait */
    aiot_i_member *members;
    unsigned       count, unfinished, done;  /* members; different ones: not done, done */
    uint8_t        mode;
    bool           is_over, is_indexed;  /* the wait has ended; the hash table is built */
} aiot_wait_state;

#define AIOT_WAIT_SET(n) struct { aiot_wait_state state; aiot_i_member members[n]; }
#define AIOT_WAIT(set, mode, limit, ...) AIOT_I_WAIT(AIOT_I_LABEL, set, mode, limit, \
    AIOT_I_STORE(set, "AIOT_WAIT_SET", "AIOT_WAIT(&set, AIOT_ALL_COMPLETED, limit, &task, ...)", __VA_ARGS__))
#define AIOT_WAIT_ARRAY(set, mode, limit, array, count) \
    AIOT_I_WAIT(AIOT_I_LABEL, set, mode, limit, aiot_i_count = AIOT_I_COPY(set, array, count);)
#define AIOT_WAIT_TASKS(set, mode, limit, ...) AIOT_I_WAIT(AIOT_I_LABEL, set, mode, limit, aiot_i_count = AIOT_I_TASKS(set, __VA_ARGS__);)
#define aiot_wait_done_count(set) ((set)->state.done)
#define aiot_wait_pending_count(set) ((set)->state.unfinished)
#define aiot_wait_is_done(set, i) ((set)->members[i].done)
#define aiot_wait_has(set, x) aiot_i_wait_has(&(set)->state, AIOT_AWAITABLE(x))

#define AIOT_I_WAIT(n, s, mode, limit, ...) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_STATIC_ASSERT(AIOT_TIME_BITS != 64 || sizeof(mode) <= sizeof(int), \
            "AIOT_WAIT(&set, AIOT_ALL_COMPLETED, limit, ...): what it waits for comes before the limit"); \
        AIOT_I_EXPECT_HERE((s)->state.task == NULL, \
            "waits with an AIOT_WAIT_SET with which a task waits already, or that was not zeroed before its first use"); \
        AIOT_I_CHECK_KEPT(s, "waits with an AIOT_WAIT_SET that"); \
        if (aiot_i_may_begin((s)->state.task == NULL, task)) { \
            { \
                unsigned aiot_i_count = 0; \
                __VA_ARGS__ \
                if (!aiot_i_wait_start(&(s)->state, (s)->members, aiot_i_count, task, (int)(mode), AIOT_I_DELAY(limit))) \
                    AIOT_I_TELL_SET(task); \
            } \
            if ((s)->state.unfinished > 0) { AIOT_I_SUSPEND(n) aiot_i_wait_end(&(s)->state); } \
        } \
        AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_FN void aiot_i_wait_timer(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_unpark(AIOT_I_CONTAINER(call, aiot_wait_state, timer)->task);
}
AIOT_I_FN void aiot_i_waited(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_member *m = AIOT_I_CONTAINER(call, aiot_i_member, call);
    aiot_wait_state *s = (aiot_wait_state *)m->owner;
    bool ends_wait = s->mode == AIOT_FIRST_COMPLETED || (s->mode == AIOT_FIRST_EXCEPTION && aiot_i_told_of_error(call));
    if (--s->unfinished > 0 && s->mode == AIOT_FIRST_EXCEPTION) aiot_i_collect_end(m->target, call);
    if (s->unfinished == 0 || ends_wait) aiot_i_unpark(s->task);
}

/* Begins the wait, or sets AIOT_EINVAL with none unfinished. False if members or mode are refused. */
AIOT_I_COLD bool aiot_i_wait_start(aiot_wait_state *s, aiot_i_member *m, unsigned n, aiot_task *task, int mode, aiot_time limit)
{
    aiot_loop *loop = task->loop;
    unsigned different = aiot_i_prepare_all(m, n, &loop, s, aiot_i_waited, AIOT_I_LOOKS_ON, AIOT_I_OF_WAIT);
    bool known = mode >= AIOT_ALL_COMPLETED && mode <= AIOT_FIRST_EXCEPTION;
    s->task = task;
    s->members = m;
    s->count = n;
    s->unfinished = known && !aiot_i_is_too_long(limit) ? different : 0;
    s->done = 0;
    s->mode = (uint8_t)mode;
    s->is_over = s->is_indexed = false;
    if (s->unfinished > 0) {
        aiot_i_call_init(&s->timer, aiot_i_wait_timer);
        aiot_i_watch_all(m, n, loop, &s->timer, limit);
        aiot_i_park(AIOT_I_FOR(task, "the members of a wait", s));
    } else {
        s->task = NULL;
        aiot_i_set_error(task, AIOT_EINVAL, NULL);
    }
    return known && (different > 0 || n == 0);
}

/* A member that is done, but whose call is still queued, ended in this turn. asyncio's callback still asks for its error. */
AIOT_I_COLD void aiot_i_wait_end(aiot_wait_state *s)
{
    aiot_loop *loop = s->task->loop;
    aiot_i_dequeue(loop, &s->timer);
    for (aiot_i_member *m = s->members, *end = m + s->count; m < end; m++) {
        m->done = m->repeated ? ((aiot_i_member *)m->owner)->done : !(m->call.entry.flags & AIOT_I_IN_WAITERS);
        if (m->done && m->call.entry.link.next && --s->unfinished > 0 && s->mode == AIOT_FIRST_EXCEPTION)
            aiot_i_collect_end(m->target, &m->call);
        aiot_i_dequeue(loop, &m->call);
        if (!m->repeated) s->done += m->done;
    }
    s->task = NULL;
    s->is_over = true;
}

/* The first question builds the table: 7 % of a wait for two tasks that yield once. */
AIOT_I_FN bool aiot_i_wait_has(aiot_wait_state *s, const aiot_awaitable *a)
{
    if (!s->is_over) return false;
    if (!s->is_indexed) aiot_i_index(s->members, s->count);
    s->is_indexed = true;
    int *first;
    intptr_t i = aiot_i_find(s->members, s->count, a, &first);
    return i >= 0 && s->members[i].done;
}

/* GATHER. asyncio.gather(): waits for all members, which were spawned before. A gather is an awaitable itself.
 *     AIOT_GATHER(&self->all, &self->t1, &self->t2)      raises the first error at once; the other members run on
 *     AIOT_GATHER_ALL(&self->all, ...)                   return_exceptions=True: waits for all and raises none of their errors
 *     aiot_gather(&self->all, ...), aiot_gather_all      only make it, to be joined, limited, shielded or gathered later
 * Each has an _ARRAY form, (set, array, count), and a _TASKS form. Values and errors are read from the members. A cancel goes to every
 * unfinished member. The gather then ends as the first member that fails or is cancelled; if none is, and always with ALL, with
 * AIOT_ECANCELED after the last end. The set must live until it is done, and so are members that run on after an error or a limit. If it is
 * made anew before, who waits for it gets AIOT_ERUNTIME. */
#define AIOT_GATHER_SET(n) \
    struct { union { aiot_awaitable awaitable, awaitable_is_a_task_future_gather_or_shield; aiot_gather gather; }; \
             aiot_i_member members[n]; }
#define AIOT_GATHER(set, ...) do { aiot_gather(set, __VA_ARGS__); AIOT_JOIN(set); } while (0)
#define AIOT_GATHER_ALL(set, ...) do { aiot_gather_all(set, __VA_ARGS__); AIOT_JOIN(set); } while (0)
#define AIOT_GATHER_ARRAY(set, array, count) do { aiot_gather_array(set, array, count); AIOT_JOIN(set); } while (0)
#define AIOT_GATHER_ALL_ARRAY(set, array, count) do { aiot_gather_all_array(set, array, count); AIOT_JOIN(set); } while (0)
#define AIOT_GATHER_TASKS(set, ...) do { aiot_gather_tasks(set, __VA_ARGS__); AIOT_JOIN(set); } while (0)
#define AIOT_GATHER_ALL_TASKS(set, ...) do { aiot_gather_all_tasks(set, __VA_ARGS__); AIOT_JOIN(set); } while (0)
#define aiot_gather(set, ...) AIOT_I_GATHER(set, false, __VA_ARGS__)
#define aiot_gather_all(set, ...) AIOT_I_GATHER(set, true, __VA_ARGS__)
#define aiot_gather_array(set, array, count) AIOT_I_GATHER_ARRAY(set, false, array, count)
#define aiot_gather_all_array(set, array, count) AIOT_I_GATHER_ARRAY(set, true, array, count)
#define aiot_gather_tasks(set, ...) (AIOT_I_GATHER_INIT(set, false), AIOT_I_GATHER_START(set, AIOT_I_TASKS(set, __VA_ARGS__)))
#define aiot_gather_all_tasks(set, ...) (AIOT_I_GATHER_INIT(set, true), AIOT_I_GATHER_START(set, AIOT_I_TASKS(set, __VA_ARGS__)))
#define AIOT_I_GATHER_ARRAY(set, all, array, n) (AIOT_I_GATHER_INIT(set, all), AIOT_I_GATHER_START(set, AIOT_I_COPY(set, array, n)))
#define AIOT_I_GATHER(set, all, ...) \
    do { \
        unsigned aiot_i_count = 0; \
        AIOT_I_GATHER_INIT(set, all); \
        AIOT_I_STORE(set, "AIOT_GATHER_SET", "AIOT_GATHER(&set, &task, ...)", __VA_ARGS__) \
        AIOT_I_GATHER_START(set, aiot_i_count); \
    } while (0)
#define AIOT_I_GATHER_INIT(set, all) \
    (AIOT_I_CHECK_NOT_JOINED(set, "gathers with an AIOT_GATHER_SET"), aiot_i_gather_init(&(set)->gather, (set)->members, all))
#define AIOT_I_GATHER_START(set, n) \
    (aiot_i_gather_start(&(set)->gather, n, AIOT_I_RUNNER) ? (void)0 : AIOT_I_TELL_SET(NULL))

#define AIOT_I_CHECK_NOT_JOINED(set, what) \
    AIOT_I_EXPECT(!aiot_i_is_joined(&(set)->awaitable), __FILE__, __LINE__, NULL, \
        what " that a task waits for: that wait ends with AIOT_ERUNTIME")
AIOT_I_FN bool aiot_i_is_joined(const aiot_awaitable *a)
{
    for (const aiot_i_link *link = a->waiters; link; link = link->next == a->waiters ? NULL : link->next)
        if (((const aiot_i_entry *)(const void *)link)->kind == AIOT_I_WAITING) return true;
    return false;
}

/* Dequeues the calls of members that run on. asyncio's stay and drop the errors: TAKEN. */
AIOT_I_COLD void aiot_i_release(aiot_gather *g)
{
    for (aiot_i_member *m = g->members, *end = m + g->count; m < end; m++) {
        if (AIOT_I_TELLS && (m->call.entry.flags & AIOT_I_IN_WAITERS) && aiot_i_is_task(m->target)) m->target->entry.flags |= AIOT_I_TAKEN;
        aiot_i_dequeue(g->awaitable.loop, &m->call);
    }
}
AIOT_I_COLD void aiot_i_gathered(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_member *m = AIOT_I_CONTAINER(call, aiot_i_member, call);
    aiot_gather *g = (aiot_gather *)m->owner;
    int code = g->return_exceptions ? 0 : call->entry.code;
    const void *info = NULL;
    aiot_i_collect_end(m->target, call);
    if (aiot_i_done(&g->awaitable) || (--g->unfinished > 0 && code == 0)) return;
    if (code != 0) {
        info = aiot_i_take_end_info(m->target, call);
    } else if (g->awaitable.entry.flags & AIOT_I_ASKED) {
        aiot_awaitable *last = g->members[g->count - 1].target;  /* its message, as in asyncio */
        if (aiot_i_cancelled(last)) info = aiot_i_take_info(last);
        code = AIOT_ECANCELED;
    }
    aiot_i_release(g);
    aiot_i_complete(&g->awaitable, code, info, AIOT_I_DONE);
}
AIOT_I_COLD void aiot_i_gather_init(aiot_gather *g, aiot_i_member *m, bool all)
{
    aiot_awaitable *a = &g->awaitable;
    if (a->entry.kind == AIOT_I_GATHER && !aiot_i_done(a)) {
        aiot_i_release(g);
        aiot_i_complete(a, AIOT_ERUNTIME, NULL, AIOT_I_DONE);  /* its waiters would wait for ever */
    }
    aiot_i_awaitable_init(a, NULL, AIOT_I_GATHER);
    g->members = m;
    g->count = g->cursor = 0;
    g->return_exceptions = all;
}

/* runner: the task that makes it, or NULL; a gather of nothing gets its loop. False if the members are refused. */
AIOT_I_COLD bool aiot_i_gather_start(aiot_gather *g, unsigned count, const aiot_task *runner)
{
    aiot_i_member *m = g->members, *end;
    aiot_loop *loop = NULL;
    g->unfinished = aiot_i_prepare_all(m, count, &loop, g, aiot_i_gathered, g->return_exceptions ? 0 : AIOT_I_MESSAGE, AIOT_BY_GATHER);
    g->awaitable.loop = loop == NULL && runner ? runner->loop : loop;
    if (g->unfinished == 0) {
        aiot_i_complete(&g->awaitable, count == 0 ? 0 : AIOT_EINVAL, NULL, AIOT_I_DONE);
        return count == 0;
    }
    g->count = count;
    for (end = m + count; m < end; m++)
        if (!m->repeated && !aiot_i_done(m->target)) aiot_i_watch(loop, m->target, &m->call);
    for (m = g->members; m < end; m++) {  /* what is done counts at once */
        if (m->repeated || !aiot_i_done(m->target)) continue;
        aiot_i_keep_end(&m->call.entry, m->target);
        aiot_i_gathered(loop, &m->call);
    }
    return true;
}

#ifndef __SDCC
/* RACE. Waits until one member has ended, cancels the others, and waits until they have ended, too: nothing runs on.
 *     AIOT_RACE_SET(2) set;
 *     AIOT_RACE(&set, &self->a, &self->b)      or AIOT_RACE_ARRAY(&set, array, count), AIOT_RACE_TASKS(&set, self->tasks, count)
 *     aiot_race_winner(&set)                   the place in the call of the member that ended first; -1: the waiter was cancelled before
 * An error and a cancel are ends, too: they may win. Raises the winner's error. Errors of the others stay with them, to be asked for. A
 * cancel of the waiter cancels all members, and is raised when they have ended. AIOT_EINVAL and AIOT_ERUNTIME as for AIOT_WAIT. O(n). Zero
 * the set before its first use. Set and members live until the race is over. (JavaScript's Promise.race(), but with an end for the
 * losers.) */
typedef struct aiot_race_state {
    aiot_task     *task;  /* NULL: no race */
    aiot_i_member *members;
    unsigned       count, unfinished;  /* members; different ones that have not ended */
    int            winner;
    bool           asked;  /* the others were cancelled */
    uint8_t        firm;  /* aiot_i_lift_firm() */
    aiot_error     cancel;  /* of the waiter */
} aiot_race_state;

#define AIOT_RACE_SET(n) struct { aiot_race_state state; aiot_i_member members[n]; }
#define AIOT_RACE(set, ...) AIOT_I_RACE(AIOT_I_LABEL, set, AIOT_I_STORE(set, "AIOT_RACE_SET", "AIOT_RACE(&set, &task, ...)", __VA_ARGS__))
#define AIOT_RACE_ARRAY(set, array, count) AIOT_I_RACE(AIOT_I_LABEL, set, aiot_i_count = AIOT_I_COPY(set, array, count);)
#define AIOT_RACE_TASKS(set, ...) AIOT_I_RACE(AIOT_I_LABEL, set, aiot_i_count = AIOT_I_TASKS(set, __VA_ARGS__);)
#define aiot_race_winner(set) ((set)->state.winner)
#define AIOT_I_RACE(n, s, ...) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_EXPECT_HERE((s)->state.task == NULL, \
            "waits with an AIOT_RACE_SET with which a task waits already, or that was not zeroed before its first use"); \
        AIOT_I_CHECK_KEPT(s, "waits with an AIOT_RACE_SET that"); \
        if (aiot_i_may_begin((s)->state.task == NULL, task)) { \
            { \
                unsigned aiot_i_count = 0; \
                __VA_ARGS__ \
                if (!aiot_i_race_start(&(s)->state, (s)->members, aiot_i_count, task)) AIOT_I_TELL_SET(task); \
            } \
            while (aiot_i_race_step(&(s)->state, task)) { AIOT_I_SUSPEND(n) (void)0; } \
        } \
        AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_COLD void aiot_i_race_ask(aiot_race_state *s)
{
    if (s->asked) return;
    s->asked = true;
    for (aiot_i_member *m = s->members, *end = m + s->count; m < end; m++)
        if (!m->repeated && !aiot_i_done(m->target)) aiot_i_cancel(m->target, NULL);
}
AIOT_I_FN void aiot_i_raced(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_member *m = AIOT_I_CONTAINER(call, aiot_i_member, call);
    aiot_race_state *s = (aiot_race_state *)m->owner;
    s->unfinished--;
    if (!s->asked) s->winner = (int)(m - s->members);
    aiot_i_race_ask(s);
    if (s->unfinished == 0) aiot_i_unpark(s->task);
}

/* False if the members are refused. */
AIOT_I_COLD bool aiot_i_race_start(aiot_race_state *s, aiot_i_member *m, unsigned count, aiot_task *task)
{
    aiot_loop *loop = task->loop;
    s->unfinished = aiot_i_prepare_all(m, count, &loop, s, aiot_i_raced, AIOT_I_LOOKS_ON, AIOT_BY_RACE);
    s->task = task;
    s->members = m;
    s->count = s->unfinished > 0 ? count : 0;
    s->winner = -1;
    s->asked = false;
    s->firm = 0;
    s->cancel.code = 0;
    for (unsigned i = 0; i < s->count; i++)
        if (!m[i].repeated) aiot_i_watch(loop, m[i].target, &m[i].call);
    return s->count > 0 || count == 0;
}

/* The winner's call keeps its end: the member may have begun again. */
AIOT_I_COLD bool aiot_i_race_step(aiot_race_state *s, aiot_task *task)
{
    aiot_i_entry *e = &task->entry;
    aiot_i_put_back_firm(task, &s->firm);
    if (e->code != 0) {
        if (s->cancel.code == 0) s->cancel.info = e->u.info;
        s->cancel.code = e->code;
        e->code = 0;
        aiot_i_race_ask(s);
    }
    if (s->unfinished > 0) {
        if (s->asked) s->firm = aiot_i_lift_firm(task);
        aiot_i_park(AIOT_I_FOR(task, "the members of a race", s));
        return true;
    }
    s->task = NULL;
    if (s->count == 0) return aiot_i_end_wait(task, AIOT_EINVAL);
    aiot_i_member *winner = &s->members[s->winner < 0 ? 0 : s->winner];
    if (s->cancel.code != 0) aiot_i_set_error(task, s->cancel.code, s->cancel.info);
    else aiot_i_set_error(task, winner->call.entry.code, aiot_i_take_end_info(winner->target, &winner->call));
    return false;
}

#endif

/* SHIELD. asyncio.shield(x): an awaitable that ends as x does. A cancel ends the shield and leaves x alone.
 *     AIOT_SHIELD(&self->guard, &self->t)      makes and joins it
 *     aiot_shield(&self->guard, &self->t)      only makes it, for AIOT_JOIN_FOR, AIOT_WAIT, gather
 * If x fails after a cancel, the loop's handler is told. Zero the shield before its first use. x must live until the turn after its end is
 * over, the shield a turn longer. It may be used again; who still waits for it gets AIOT_ERUNTIME. */
typedef struct aiot_shield {
    aiot_awaitable  awaitable;
    aiot_i_call     inner_done, outer_done;  /* in the waiters of x; in the shield's own */
    aiot_i_call     late;  /* after a cancel, in the waiters of x: reports its error */
    aiot_awaitable *inner;
} aiot_shield;

#define AIOT_SHIELD(s, x) do { aiot_shield(s, x); AIOT_JOIN(s); } while (0)
#define aiot_shield(s, x) \
    (AIOT_I_CHECK_NOT_JOINED(s, "shields with an aiot_shield"), aiot_i_shield(s, AIOT_AWAITABLE(x)) ? (void)0 : \
     AIOT_I_EXPECT(false, __FILE__, __LINE__, NULL, "shields NULL, or what was never started or initialised"))

AIOT_I_FN void aiot_i_inner_done(aiot_loop *loop, aiot_i_call *call)
{
    aiot_shield *s = AIOT_I_CONTAINER(call, aiot_shield, inner_done);
    unsigned cancelled = call->entry.flags & AIOT_I_CANCELLED;
    if (aiot_i_done(&s->awaitable)) {  /* cancelled in this turn: does not take the error */
        if (s->inner->entry.kind == AIOT_I_UNCOLLECTED) s->inner->entry.flags &= (uint8_t)~AIOT_I_TAKEN;
        return;
    }
    aiot_i_collect_end(s->inner, call);
    aiot_i_complete(&s->awaitable, call->entry.code, cancelled ? NULL : call->entry.u.info, AIOT_I_DONE | cancelled);
}
AIOT_I_FN void aiot_i_shield_late(aiot_loop *loop, aiot_i_call *call)
{
    aiot_awaitable *x = AIOT_I_CONTAINER(call, aiot_shield, late)->inner;
    aiot_task *task = aiot_i_is_task(x) ? AIOT_I_CONTAINER(x, aiot_task, awaitable) : NULL;
    if (aiot_i_told_of_error(call)) aiot_i_report(loop, AIOT_REPORT_SHIELD, call->entry.code, call->entry.u.info, task, NULL);
}

/* The shield was cancelled. Of all shields of x, the one cancelled last reports an error of x. The search begins at the end: cancelling
 * many is O(1) each. */
AIOT_I_COLD void aiot_i_outer_done(aiot_loop *loop, aiot_i_call *call)
{
    aiot_shield *s = AIOT_I_CONTAINER(call, aiot_shield, outer_done);
    if (!(s->inner_done.entry.flags & AIOT_I_IN_WAITERS)) return;  /* x has ended */
    aiot_i_dequeue(loop, &s->inner_done);
    aiot_i_link *first = s->inner->waiters;
    for (aiot_i_link *link = first ? first->prev : NULL; link; link = link == first ? NULL : link->prev) {
        aiot_i_call *other = AIOT_I_CONTAINER(link, aiot_i_call, entry.link);
        if (other->entry.kind != AIOT_I_CALL || other->run != aiot_i_shield_late) continue;
        aiot_i_dequeue(loop, other);
        break;
    }
    aiot_i_call_init(&s->late, aiot_i_shield_late);
    aiot_i_watch(loop, s->inner, &s->late);
}

/* False if x cannot be shielded: AIOT_ERUNTIME. */
AIOT_I_COLD bool aiot_i_shield(aiot_shield *s, aiot_awaitable *x)
{
    aiot_awaitable *a = &s->awaitable;
    aiot_loop *loop = x ? x->loop : NULL, *old = a->loop;
    aiot_i_entry *outer = &s->outer_done.entry;
    if (old) {  /* its calls may be queued */
        if (s->inner == x && outer->link.next && !(outer->flags & AIOT_I_IN_WAITERS)) aiot_i_outer_done(old, &s->outer_done);
        aiot_i_dequeue(old, &s->inner_done);
        aiot_i_dequeue(old, &s->outer_done);
        if (s->inner != x) aiot_i_dequeue(old, &s->late);
        aiot_i_complete(a, AIOT_ERUNTIME, NULL, AIOT_I_DONE);  /* its waiters would wait for ever */
    }
    aiot_i_awaitable_init(a, loop, AIOT_I_FUTURE);
    if (x == NULL || !aiot_i_is_made(x)) {
        aiot_i_complete(a, AIOT_ERUNTIME, NULL, AIOT_I_DONE);
        return false;
    }
    aiot_i_call_init(&s->inner_done, aiot_i_inner_done);
    s->inner_done.entry.flags |= AIOT_I_MAY_TAKE;
    s->inner_done.entry.count = AIOT_I_OF_SHIELD;
    aiot_i_call_init(&s->outer_done, aiot_i_outer_done);
    s->inner = x;
    if (aiot_i_done(x)) {  /* asyncio returns x */
        aiot_i_complete(a, x->entry.code, aiot_i_take_info(x), x->entry.flags & (AIOT_I_DONE | AIOT_I_CANCELLED));
    } else {
        aiot_i_watch(loop, x, &s->inner_done);
        aiot_i_watch(loop, a, &s->outer_done);
    }
    return true;
}

/* ============================================================================================================= [13]
 * EVENT, LOCK, CONDITION, SEMAPHORE, BARRIER, QUEUE. A zeroed object is ready for use, unless it has an init function. Each wait takes an
 * aiot_waiter, which must live until the wait ends: one in the frame serves all its waits. With one that another wait uses, it raises
 * AIOT_ERUNTIME. Each wait but AIOT_CONDITION_WAIT_FOR is also a coroutine: at the section's end.
 *
 * Waiters are served in order. A woken or cancelled waiter stays in the list until its task runs: so no newcomer overtakes it, and a
 * cancelled one can pass on what it was given. Only a queue removes the waiter it wakes. A wake-up is O(1), but acquire, notify and a
 * semaphore's release also pass woken and cancelled waiters at the head. */
typedef struct aiot_waiter {
    aiot_i_link link;
    aiot_task *task;
    aiot_error error;  /* condition: raised when the task has its lock again */
    uint8_t is_woken, step;  /* it was given what it waits for; 0 when the wait begins */
    uint8_t firm;  /* condition: aiot_i_lift_firm() */
} aiot_waiter;
AIOT_I_FN bool aiot_i_has_waiters(const aiot_i_link *list) { return list->next != NULL && list->next != list; }
AIOT_I_FN bool aiot_i_is_parked(const aiot_waiter *w) { return w->task->entry.kind == AIOT_I_PARKED; }

/* Parks the task at the end of a list, which may be zeroed. Returns true: it waits. */
AIOT_I_FN bool aiot_i_enqueue(aiot_i_link *list, aiot_waiter *w, aiot_task *task)
{
    if (list->next == NULL) aiot_i_list_init(list);
    w->task = task;
    w->is_woken = false;
    aiot_i_append(list, &w->link);
    aiot_i_park(task);
    return true;
}

/* Returns false if the waiter was woken or cancelled before. */
AIOT_I_FN bool aiot_i_wake_waiter(aiot_i_link *link)
{
    aiot_waiter *w = (aiot_waiter *)(void *)link;
    if (w->is_woken || !aiot_i_is_parked(w)) return false;
    w->is_woken = true;
    aiot_i_unpark(w->task);
    return true;
}

/* Wakes the first n waiters that still wait. Returns how many it woke. */
AIOT_I_COLD size_t aiot_i_wake_waiters(aiot_i_link *list, size_t n)
{
    size_t woken = 0;
    for (aiot_i_link *link = list->next; link != NULL && link != list && woken < n; link = link->next) woken += aiot_i_wake_waiter(link);
    return woken;
}

/* A waiter that was not cancelled. */
AIOT_I_COLD bool aiot_i_has_live_waiter(const aiot_i_link *list)
{
    for (aiot_i_link *link = list->next; link != NULL && link != list; link = link->next) {
        const aiot_waiter *w = (aiot_waiter *)(void *)link;
        if (w->is_woken || aiot_i_is_parked(w)) return true;
    }
    return false;
}

#define AIOT_I_STEPS(object, w, step_call) AIOT_I_WAIT_WHILE(AIOT_I_LABEL, AIOT_I_FIRST_STEP(object, w), step_call)
#define AIOT_I_FIRST_STEP(object, w) \
    (AIOT_I_CHECK_KEPT(w, "waits with an aiot_waiter that"), \
     AIOT_I_EXPECT_HERE((w)->link.next == NULL, \
         "waits with an aiot_waiter, or reads a set, with which a task waits already, or that was not zeroed before its first use"), \
     aiot_i_begin_steps(object, w, task))
#ifdef __SDCC  /* it inlines nothing */
#define aiot_i_begin_steps(object, w, task) ((w)->step = 0, true)
#else
AIOT_I_FN bool aiot_i_begin_steps(const void *object, aiot_waiter *w, aiot_task *task)
{
    if (!AIOT_DEBUG && (object == NULL || w == NULL)) return aiot_i_end_wait(task, AIOT_EINVAL);  /* debug builds stop */
    if (!aiot_i_may_begin(w->link.next == NULL, task)) return false;
    w->step = 0;
    return true;
}
#endif

/* The line that awaits this coroutine; 0 if it runs as a task. */
#define AIOT_I_LINE_OF_AWAIT (AIOT_I_SELF->flags & AIOT_I_ROOT ? 0 : AIOT_I_LINE(AIOT_I_SELF->up.frame))
#define AIOT_I_CORO(name, WAIT, ...) static inline AIOT_CORO(name) { AIOT_BEGIN(); WAIT(__VA_ARGS__); AIOT_END(); }

/* EVENT. asyncio.Event. AIOT_EVENT_WAIT(&event, &self->w) waits until the event is set; if it is, it takes no turn. aiot_event_set() wakes
 * all waiters, O(n), even if aiot_event_clear() follows before they run. */
typedef struct aiot_event { aiot_i_link waiters; bool is_set; } aiot_event;
#define AIOT_EVENT_WAIT(event, w) \
    AIOT_I_STEPS(event, w, (AIOT_I_CHECK_KEPT(event, "waits for an event that"), aiot_i_event_step(event, w, task)))
AIOT_I_FN bool aiot_event_is_set(const aiot_event *event) { return event->is_set; }
AIOT_I_FN void aiot_event_clear(aiot_event *event)
{
    AIOT_I_EXPECT(event != NULL, __FILE__, __LINE__, NULL, "clears an event that is NULL: nothing happens");
    if (event != NULL) event->is_set = false;
}
AIOT_I_FN void aiot_event_set(aiot_event *event)
{
    AIOT_I_EXPECT(event != NULL, __FILE__, __LINE__, NULL, "sets an event that is NULL: nothing happens");
    if (event == NULL) return;
    if (!event->is_set) aiot_i_wake_waiters(&event->waiters, SIZE_MAX);
    event->is_set = true;
}

AIOT_I_FN bool aiot_i_event_step(aiot_event *event, aiot_waiter *w, aiot_task *task)
{
    if (w->step++ == 0) return !event->is_set && aiot_i_enqueue(&event->waiters, w, AIOT_I_FOR(task, "an event", event));
    aiot_i_unlink(&w->link);
    return false;
}

/* LOCK. asyncio.Lock. No task owns it: any may release it.
 *    AIOT_LOCK(&lock, &self->w) { ... }  a block that holds the lock; released on every way out
 *    AIOT_LOCK_ACQUIRE(&lock, &self->w)  waits until the lock is free, and takes it
 *    aiot_lock_release(&lock)            0, or AIOT_ERUNTIME if it is not locked
 * A waiter that is woken by a release and then cancelled wakes the next waiter. */
typedef struct aiot_lock {
    aiot_i_link waiters;
    bool is_locked;
#if AIOT_I_DUMPS
    const aiot_task *by;  /* who has acquired it; compared before it is followed */
#endif
} aiot_lock;
#define AIOT_I_A_LOCK "a lock"
#define AIOT_LOCK_ACQUIRE(lock, w) AIOT_I_STEPS(lock, w, AIOT_I_LOCK_STEP(lock, w))
#define AIOT_LOCK(lock, w) AIOT_I_HOLD(AIOT_I_LABEL, AIOT_I_LABEL, lock, w, AIOT_I_LOCK_STEP(lock, w), aiot_lock_release(lock))
#define AIOT_I_LOCK_STEP(lock, w) (AIOT_I_CHECK_KEPT(lock, "waits for a lock that"), aiot_i_lock_step(lock, w, task))
AIOT_I_FN bool aiot_lock_locked(const aiot_lock *lock) { return lock->is_locked; }

/* Wakes the first waiter if the lock is free. A waiter woken or cancelled before takes or passes on the lock when it runs. */
AIOT_I_FN void aiot_i_lock_pass_on(aiot_lock *lock)
{
    if (!lock->is_locked && aiot_i_has_waiters(&lock->waiters)) aiot_i_wake_waiter(lock->waiters.next);
}

AIOT_I_FN int aiot_lock_release(aiot_lock *lock)
{
    if (lock == NULL || !lock->is_locked) return AIOT_ERUNTIME;
    lock->is_locked = false;
    aiot_i_lock_pass_on(lock);
    return 0;
}

AIOT_I_FN void aiot_i_lock_hold(aiot_lock *lock, const aiot_task *task)
{
    lock->is_locked = true;
#if AIOT_I_DUMPS
    lock->by = task;
#endif
}
AIOT_I_FN bool aiot_i_lock_take(aiot_lock *lock, aiot_waiter *w, aiot_task *task)
{
    if (lock->is_locked || aiot_i_has_live_waiter(&lock->waiters))
        return aiot_i_enqueue(&lock->waiters, w, AIOT_I_FOR(task, AIOT_I_A_LOCK, lock));
    aiot_i_lock_hold(lock, task);
    return false;
}

AIOT_I_FN bool aiot_i_lock_step(aiot_lock *lock, aiot_waiter *w, aiot_task *task)
{
    if (w->step++ == 0) return aiot_i_lock_take(lock, w, task);
    aiot_i_unlink(&w->link);
    if (task->entry.code == 0) aiot_i_lock_hold(lock, task);
    else aiot_i_lock_pass_on(lock);
    return false;
}

/* A block that acquires, and releases on every way out. If another task has released meanwhile, the release fails, and the block raises its
 * error. The comma expression ends in 0, so that the EXCEPT parts follow. */
#define AIOT_I_HOLD(n, m, object, w, step_call, release) \
    AIOT_I_BLOCK(n, AIOT_I_LEAVING) \
    else if (aiot_i_phase == AIOT_I_LEAVING && \
             (AIOT_I_NOTE_WAIT(), aiot_i_after_release(release, task, AIOT_I_SELF, AIOT_I_S), aiot_i_phase = AIOT_I_RAISED, 0)) { } \
    else if (aiot_i_phase == AIOT_I_ENTER) { \
        AIOT_I_INSIDE(m) \
        if (AIOT_I_FIRST_STEP(object, w)) while (step_call) { AIOT_I_SUSPEND(m) (void)0; } \
        aiot_i_phase = task->entry.code == 0 ? AIOT_I_HELD : AIOT_I_RAISED; \
        if (aiot_i_phase == AIOT_I_RAISED) aiot_i_catch(task, AIOT_I_SELF, AIOT_I_S); \
        aiot_i_go = 0; \
    } \
    else if (aiot_i_phase == AIOT_I_HELD && aiot_i_begin_part(&aiot_i_phase)) \
        AIOT_I_PART((AIOT_I_NOTE_WAIT(), aiot_i_after_release(release, task, AIOT_I_SELF, AIOT_I_S)))

AIOT_I_FN int aiot_i_after_release(int error, aiot_task *task, aiot_frame *frame, unsigned slot)
{
    if (error == 0) return AIOT_I_HANDLED;
    aiot_i_throw(task, frame, slot, error, NULL);
    return AIOT_I_RAISED;
}

/* CONDITION. asyncio.Condition.
 *    aiot_condition_init(&c, &lock)        shares a lock; NULL, and a zeroed one: its own.  aiot_condition_lock(&c): that lock
 *    AIOT_CONDITION(&c, &self->w) { ... }  a block that holds the lock; also AIOT_CONDITION_ACQUIRE, aiot_condition_release
 *    AIOT_CONDITION_WAIT(&c, &self->w)     releases the lock, waits for a notify, acquires the lock again
 *    AIOT_CONDITION_WAIT_FOR(&c, &self->w, self->n > 2)  does so until the predicate is true
 *    aiot_condition_notify(&c, n)          wakes the first n waiters, aiot_condition_notify_all all: 0, or AIOT_ERUNTIME
 * Waits and notifies need the lock, else AIOT_ERUNTIME. WAIT_FOR needs it only if it has to wait. A cancelled wait acquires the lock,
 * always notifies the next waiter, then raises the last cancel. So a WAIT may end without a notify: prefer WAIT_FOR. */
typedef struct aiot_condition { aiot_i_link waiters; aiot_lock own, *lock; } aiot_condition;
AIOT_I_FN void aiot_condition_init(aiot_condition *c, aiot_lock *lock)
{
    c->waiters.next = c->own.waiters.next = NULL;
    c->own.is_locked = false;
    c->lock = lock;
}
AIOT_I_FN aiot_lock *aiot_i_lock_of(aiot_condition *c) { return c->lock ? c->lock : &c->own; }
AIOT_I_FN aiot_lock *aiot_condition_lock(aiot_condition *c) { return c == NULL ? NULL : aiot_i_lock_of(c); }

#define AIOT_CONDITION_ACQUIRE(c, w) AIOT_I_STEPS(c, w, AIOT_I_ACQUIRE_STEP(c, w))
#define AIOT_CONDITION(c, w) AIOT_I_HOLD(AIOT_I_LABEL, AIOT_I_LABEL, c, w, AIOT_I_ACQUIRE_STEP(c, w), aiot_condition_release(c))
#define AIOT_I_ACQUIRE_STEP(c, w) (AIOT_I_CHECK_KEPT(c, "waits for a condition that"), aiot_i_lock_step(aiot_i_lock_of(c), w, task))
#define AIOT_CONDITION_WAIT(c, w) \
    AIOT_I_STEPS(c, w, (AIOT_I_CHECK_KEPT(c, "waits for a condition that"), aiot_i_condition_step(c, w, task)))
#define AIOT_CONDITION_WAIT_FOR(c, w, predicate) do { while (!(predicate)) AIOT_CONDITION_WAIT(c, w); } while (0)
AIOT_I_FN int aiot_condition_release(aiot_condition *c) { return aiot_lock_release(aiot_condition_lock(c)); }
AIOT_I_FN int aiot_condition_notify(aiot_condition *c, size_t n)
{
    if (c == NULL || !aiot_i_lock_of(c)->is_locked) return AIOT_ERUNTIME;
    aiot_i_wake_waiters(&c->waiters, n);
    return 0;
}
AIOT_I_FN int aiot_condition_notify_all(aiot_condition *c) { return aiot_condition_notify(c, SIZE_MAX); }

AIOT_I_COLD bool aiot_i_condition_step(aiot_condition *c, aiot_waiter *w, aiot_task *task)
{
    enum { AIOT_I_BEGINS, AIOT_I_IN_CONDITION, AIOT_I_IN_LOCK };
    aiot_lock *lock = aiot_i_lock_of(c);
    aiot_i_entry *e = &task->entry;
    if (w->step == AIOT_I_BEGINS) {
        if (aiot_lock_release(lock) != 0) return aiot_i_end_wait(task, AIOT_ERUNTIME);
        w->error.code = w->firm = 0;
        w->step = AIOT_I_IN_CONDITION;
        return aiot_i_enqueue(&c->waiters, w, AIOT_I_FOR(task, "a condition", c));
    }
    aiot_i_unlink(&w->link);
    aiot_i_put_back_firm(task, &w->firm);
    if (e->code == 0 && w->step == AIOT_I_IN_LOCK) aiot_i_lock_hold(lock, task);
    else {
        if (e->code != 0) {  /* cancelled: raised when the task has the lock */
            w->error.code = e->code;
            w->error.info = e->u.info;
            e->code = 0;
            aiot_i_lock_pass_on(lock);  /* wakes nobody if the task was not in the lock's list */
        }
        w->step = AIOT_I_IN_LOCK;
        w->firm = aiot_i_lift_firm(task);
        if (aiot_i_lock_take(lock, w, task)) return true;
        aiot_i_put_back_firm(task, &w->firm);
    }
    if (w->error.code != 0) {
        aiot_i_wake_waiters(&c->waiters, 1);
        aiot_i_set_error(task, w->error.code, w->error.info);
    }
    return false;
}

/* SEMAPHORE. asyncio.Semaphore and BoundedSemaphore.
 *    aiot_semaphore_init(&s, n)            n permits: 0, or AIOT_EINVAL for n < 0; aiot_bounded_semaphore_init: never more
 *    AIOT_SEMAPHORE(&s, &self->w) { ... }  a block that holds a permit
 *    AIOT_SEMAPHORE_ACQUIRE(&s, &self->w)  waits until a permit is free, and takes it; AIOT_EINVAL without a valid init
 *    aiot_semaphore_release(&s)            gives one back: 0, or AIOT_EINVAL beyond the bound or LONG_MAX
 *    aiot_semaphore_locked(&s)             true if an acquire would wait
 * A cancelled waiter that was given a permit passes it to the next waiter. */
typedef struct aiot_semaphore {
    aiot_i_link waiters;
    long value;  /* free permits */
    unsigned long limit;  /* the value stays below it; 0: not initialised */
} aiot_semaphore;
#define AIOT_SEMAPHORE_ACQUIRE(s, w) AIOT_I_STEPS(s, w, AIOT_I_SEMAPHORE_STEP(s, w))
#define AIOT_SEMAPHORE(s, w) AIOT_I_HOLD(AIOT_I_LABEL, AIOT_I_LABEL, s, w, AIOT_I_SEMAPHORE_STEP(s, w), aiot_semaphore_release(s))
#define AIOT_I_SEMAPHORE_STEP(s, w) \
    (AIOT_I_CHECK_KEPT(s, "waits for a semaphore that"), \
     AIOT_I_EXPECT_HERE((s)->limit > 0 || (w)->step != 0, "waits for a semaphore that was not initialised"), \
     aiot_i_semaphore_step(s, w, task))

#define AIOT_I_LONG_MAX ((long)(~0ul >> 1))
AIOT_I_FN int aiot_semaphore_init(aiot_semaphore *s, long n)
{
    if (n < 0) return AIOT_EINVAL;
    s->waiters.next = NULL;
    s->value = n;
    s->limit = AIOT_I_LONG_MAX + 1ul;
    return 0;
}
AIOT_I_FN int aiot_bounded_semaphore_init(aiot_semaphore *s, long n)
{
    int error = aiot_semaphore_init(s, n);
    if (error == 0) s->limit = (unsigned long)n + 1;
    return error;
}
AIOT_I_FN bool aiot_semaphore_locked(const aiot_semaphore *s) { return s->value == 0 || aiot_i_has_live_waiter(&s->waiters); }
AIOT_I_FN int aiot_semaphore_release(aiot_semaphore *s)
{
    if (s == NULL || (unsigned long)s->value + 1 >= s->limit) return AIOT_EINVAL;
    if (aiot_i_wake_waiters(&s->waiters, 1) == 0) s->value++;
    return 0;
}

AIOT_I_COLD bool aiot_i_semaphore_step(aiot_semaphore *s, aiot_waiter *w, aiot_task *task)
{
    if (w->step++ == 0) {
        if (s->limit == 0) return aiot_i_end_wait(task, AIOT_EINVAL);
        if (aiot_semaphore_locked(s)) return aiot_i_enqueue(&s->waiters, w, AIOT_I_FOR(task, "a semaphore", s));
        s->value--;
        return false;
    }
    aiot_i_unlink(&w->link);
    if (task->entry.code != 0 && w->is_woken && s->value < AIOT_I_LONG_MAX) s->value++;
    while (s->value > 0 && aiot_i_wake_waiters(&s->waiters, 1) > 0) s->value--;  /* waiters that could not overtake this one */
    return false;
}

/* BARRIER. asyncio.Barrier. Its waits are coroutines.
 *    aiot_barrier_init(&b, parties)       0, or AIOT_EINVAL for parties < 1
 *    AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = &b)  waits for all parties; self->wait.index: order of arrival, from 0
 *    AIOT_AWAIT(aiot_barrier_reset, ...) the waits that have begun raise AIOT_EBROKEN
 *    AIOT_AWAIT(aiot_barrier_abort, ...) so do all waits until a reset
 *    aiot_barrier_waiting(&b)             how many wait: n_waiting; aiot_barrier_broken(&b): true after an abort
 * A cancelled wait is no longer counted. */
typedef struct aiot_barrier {
    aiot_condition condition;
    int parties, count, state;  /* count: tasks between arrival and departure */
} aiot_barrier;
enum { AIOT_I_FILLING, AIOT_I_DRAINING, AIOT_I_RESETTING, AIOT_I_BROKEN };

AIOT_I_FN int aiot_barrier_init(aiot_barrier *b, int parties)
{
    if (parties < 1) return AIOT_EINVAL;
    aiot_condition_init(&b->condition, NULL);
    b->parties = parties;
    b->count = 0;
    b->state = AIOT_I_FILLING;
    return 0;
}
AIOT_I_FN bool aiot_barrier_broken(const aiot_barrier *b) { return b->state == AIOT_I_BROKEN; }
AIOT_I_FN int aiot_barrier_waiting(const aiot_barrier *b) { return b->state == AIOT_I_FILLING ? b->count : 0; }

AIOT_I_FN void aiot_i_barrier_enter(aiot_barrier *b, int state)
{
    b->state = state;
    aiot_condition_notify_all(&b->condition);
}

struct aiot_barrier_wait { AIOT_FRAME; aiot_barrier *barrier; aiot_waiter w; int index; };
static inline AIOT_CORO(aiot_barrier_wait)
{
    AIOT_BEGIN();
    AIOT_I_EXPECT(self->barrier != NULL && self->barrier->parties > 0, "aiot_barrier_wait(), awaited in line", AIOT_I_LINE_OF_AWAIT, task,
                           "waits at a barrier that was not initialised");
    if (self->barrier == NULL || self->barrier->parties < 1) AIOT_RAISE(AIOT_EINVAL);
    AIOT_CONDITION(&self->barrier->condition, &self->w) {
        AIOT_CONDITION_WAIT_FOR(&self->barrier->condition, &self->w,
            self->barrier->state != AIOT_I_DRAINING && self->barrier->state != AIOT_I_RESETTING);
        if (self->barrier->state == AIOT_I_BROKEN) AIOT_RAISE(AIOT_EBROKEN);
        AIOT_TRY {
            self->index = self->barrier->count++;
            if (self->index + 1 == self->barrier->parties) {
                aiot_i_barrier_enter(self->barrier, AIOT_I_DRAINING);
            } else {
                AIOT_CONDITION_WAIT_FOR(&self->barrier->condition, &self->w, self->barrier->state != AIOT_I_FILLING);
                if (self->barrier->state != AIOT_I_DRAINING) AIOT_RAISE(AIOT_EBROKEN);
            }
        } AIOT_FINALLY {
            if (--self->barrier->count == 0)
                aiot_i_barrier_enter(self->barrier, aiot_barrier_broken(self->barrier) ? AIOT_I_BROKEN : AIOT_I_FILLING);
        }
    }
    AIOT_END();
}

#define AIOT_I_BARRIER_CORO(name, state) \
    struct name { AIOT_FRAME; aiot_barrier *barrier; aiot_waiter w; }; \
    static inline AIOT_CORO(name) \
    { \
        AIOT_BEGIN(); \
        if (self->barrier == NULL) AIOT_RAISE(AIOT_EINVAL); \
        AIOT_CONDITION(&self->barrier->condition, &self->w) { aiot_i_barrier_enter(self->barrier, state); } \
        AIOT_END(); \
    }
AIOT_I_BARRIER_CORO(aiot_barrier_reset, self->barrier->count > 0 ? AIOT_I_RESETTING : AIOT_I_FILLING)
AIOT_I_BARRIER_CORO(aiot_barrier_abort, AIOT_I_BROKEN)

/* QUEUE. asyncio.Queue, LifoQueue and PriorityQueue, over an array of the caller. The array bounds the queue, and lives as long.
 *    aiot_queue_init(&q, items)                 likewise aiot_lifo_queue_init
 *    aiot_priority_queue_init(&q, items, less)  bool less(const void *a, const void *b): true if item a comes before item b
 *    aiot_queue_init_array(&q, pointer, count)  for memory that is not an array; likewise the other two
 *    AIOT_QUEUE_PUT(&q, &self->w, &self->item)  waits while the queue is full; aiot_queue_put_nowait(&q, &item): or AIOT_EFULL
 *    AIOT_QUEUE_GET(&q, &self->w, &self->item)  waits while it is empty; aiot_queue_get_nowait(&q, &item): or AIOT_EEMPTY
 *    AIOT_QUEUE_JOIN(&q, &self->w)              waits until aiot_queue_task_done() was called for every item
 *    aiot_queue_task_done(&q)                   0, or AIOT_EINVAL if called more often than items were put
 *    aiot_queue_shutdown(&q, immediate)         puts then fail with AIOT_ESHUTDOWN; gets after the last item, or at once if immediate
 * An init returns 0, or AIOT_EINVAL for NULL and for a count that is 0, negative, or too large for memory. Puts, gets and joins fail with
 * AIOT_EINVAL without a valid init; puts and gets also for an item of another size than the array's. Items are copied, by a put when there
 * is room: so its item must live in the frame. A cancelled put or get leaves no trace: a slot or an item that came for it goes to the next
 * waiter. */
typedef struct aiot_queue {
    aiot_i_link getters, putters;
    aiot_event finished;  /* set while no item is unfinished */
    uint8_t *items;
    size_t item_size, capacity, first, count, unfinished;  /* capacity 0: no valid init */
    bool (*less)(const void *a, const void *b);  /* priority queues */
    bool is_lifo, is_shutdown;
} aiot_queue;
#if defined __cplusplus
extern "C++" {
template <typename T> constexpr size_t aiot_i_item_size(const T &)
{
    static_assert(__is_trivially_copyable(T), "items are copied as bytes: not what has a destructor, or copies in a way of its own");
    return sizeof(T);
}
template <typename T, size_t n> constexpr size_t aiot_i_length_of_array(const T (&)[n]) { return n; }
}
#define AIOT_I_ITEM_SIZE(item) aiot_i_item_size(item)
#define AIOT_I_LENGTH(array) aiot_i_length_of_array(array)
#else
#define AIOT_I_ITEM_SIZE(item) sizeof(item)
#if defined __GNUC__
#define AIOT_I_LENGTH(array) (sizeof (array) / sizeof (array)[0] + \
    AIOT_I_ASSERTED(!__builtin_types_compatible_p(__typeof__(array), __typeof__(&(array)[0])), \
        "a pointer is no array: the _array form takes the number of items, too"))
#else
#define AIOT_I_LENGTH(array) (sizeof (array) / sizeof (array)[0])
#endif
#endif

#define aiot_queue_init(q, array) aiot_queue_init_array(q, array, AIOT_I_LENGTH(array))
#define aiot_lifo_queue_init(q, array) aiot_lifo_queue_init_array(q, array, AIOT_I_LENGTH(array))
#define aiot_priority_queue_init(q, array, less) aiot_priority_queue_init_array(q, array, AIOT_I_LENGTH(array), less)
#define aiot_queue_init_array(q, items, count) AIOT_I_QUEUE_INIT(q, items, count, false, NULL)
#define aiot_lifo_queue_init_array(q, items, count) AIOT_I_QUEUE_INIT(q, items, count, true, NULL)
#define aiot_priority_queue_init_array(q, items, count, less) AIOT_I_QUEUE_INIT(q, items, count, false, less)
#define AIOT_I_QUEUE_INIT(q, items, count, is_lifo, less) \
    aiot_i_queue_init(q, items, AIOT_I_ITEM_SIZE((items)[0]), AIOT_I_ITEMS(items, count), is_lifo, less)

/* The count. An optimising compiler rejects a constant that is greater than the array. */
#if defined __GNUC__ && defined __OPTIMIZE__ && (!defined __clang__ || __clang_major__ >= 14)
void aiot_i_more_items_than_there_are(void) __attribute__((error("more items than the array has: the count is not sizeof the array")));
#define AIOT_I_ITEMS(items, count) \
    (__builtin_constant_p(count) && (size_t)(count) > __builtin_object_size(items, 1) / sizeof (items)[0] \
        ? aiot_i_more_items_than_there_are() : (void)0, (count))
#else
#define AIOT_I_ITEMS(items, count) (count)
#endif

#define AIOT_QUEUE_PUT(q, w, item) \
    AIOT_I_QUEUE_WAIT(q, w, sizeof *(item), aiot_i_queue_put_step(q, w, task, item, sizeof *(item)) && \
        (AIOT_I_CHECK_KEPT(item, "waits until there is room in a queue for an item that"), true))
#define AIOT_QUEUE_GET(q, w, item) AIOT_I_QUEUE_WAIT(q, w, sizeof *(item), aiot_i_queue_get_step(q, w, task, item, sizeof *(item)))
#define AIOT_QUEUE_JOIN(q, w) AIOT_I_QUEUE_WAIT(q, w, SIZE_MAX, aiot_i_queue_join_step(q, w, task))
#define AIOT_I_QUEUE_WAIT(q, w, size, step_call) \
    AIOT_I_STEPS(q, w, \
        (AIOT_I_CHECK_KEPT(q, "waits for a queue that"), (void)AIOT_I_QUEUE(q, size, task, __FILE__, __LINE__), \
         AIOT_I_REQUIRE_HERE(!aiot_i_is_local(task->loop, (q)->items), \
             "waits for a queue whose array is a C local, which dies at the next wait"), step_call))
#define aiot_queue_put_nowait(q, ...)  /* &(struct item){ 1, 2 } has commas */ \
    aiot_i_queue_put(AIOT_I_QUEUE_HERE(q, sizeof *(__VA_ARGS__)), __VA_ARGS__, sizeof *(__VA_ARGS__))
#define aiot_queue_get_nowait(q, item) aiot_i_queue_get(AIOT_I_QUEUE_HERE(q, sizeof *(item)), item, sizeof *(item))

/* The queue, checked in debug builds. SIZE_MAX: for items of any size. */
#define AIOT_I_QUEUE_HERE(q, size) AIOT_I_QUEUE(q, size, NULL, __FILE__, __LINE__)
#if AIOT_DEBUG
#define AIOT_I_QUEUE(...) aiot_i_queue_checked(__VA_ARGS__)
AIOT_I_COLD aiot_queue *aiot_i_queue_checked(aiot_queue *q, size_t size, const aiot_task *task, const char *file, unsigned line)
{
    AIOT_I_REQUIRE(q != NULL, file, line, task, "uses a queue that is NULL");
    AIOT_I_EXPECT(q->capacity > 0, file, line, task, "uses a queue that was not initialised, or whose init was refused");
    AIOT_I_EXPECT(q->capacity == 0 || size == SIZE_MAX || q->item_size == size, file, line, task,
        "puts or gets an item of another size than the queue's items");
    return q;
}
#else
#define AIOT_I_QUEUE(q, ...) (q)
#endif

AIOT_I_FN size_t aiot_queue_size(const aiot_queue *q) { return q->count; }
AIOT_I_FN bool aiot_queue_empty(const aiot_queue *q) { return q->count == 0; }
AIOT_I_FN bool aiot_queue_full(const aiot_queue *q) { return q->count == q->capacity; }

AIOT_I_FN int aiot_i_queue_init(aiot_queue *q, void *items, size_t item_size, size_t count, bool is_lifo,
                                bool (*less)(const void *, const void *))
{
    q->getters.next = q->putters.next = q->finished.waiters.next = NULL;
    q->finished.is_set = true;
    q->items = (uint8_t *)items;
    q->item_size = item_size;
    q->capacity = items && count <= SIZE_MAX / 2 / item_size ? count : 0;
    q->first = q->count = q->unfinished = 0;
    q->less = less;
    q->is_lifo = is_lifo;
    q->is_shutdown = false;
    return q->capacity > 0 ? 0 : AIOT_EINVAL;
}

AIOT_I_FN bool aiot_i_queue_takes(const aiot_queue *q, size_t size) { return q != NULL && size == q->item_size && q->capacity > 0; }

AIOT_I_FN void aiot_i_copy(void *to, const void *from, size_t size)
{
    for (size_t i = 0; i < size; i++) ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

/* Item 0: the oldest, or the root of a heap. */
AIOT_I_FN uint8_t *aiot_i_item(const aiot_queue *q, size_t index)
{
    size_t at = q->first + index;
    return q->items + (at < q->capacity ? at : at - q->capacity) * q->item_size;
}

/* Puts an item into a gap. In a heap, parents that come after it move down first, as in heapq. */
AIOT_I_FN void aiot_i_queue_insert(aiot_queue *q, size_t gap, const void *item)
{
    for (size_t parent; q->less && gap > 0 && q->less(item, aiot_i_item(q, parent = (gap - 1) / 2)); gap = parent)
        aiot_i_copy(aiot_i_item(q, gap), aiot_i_item(q, parent), q->item_size);
    aiot_i_copy(aiot_i_item(q, gap), item, q->item_size);
}

/* As in heapq, for the order of equal items: the gap at the root sinks to a leaf, and the last item goes there. */
AIOT_I_FN void aiot_i_queue_fill_root(aiot_queue *q)
{
    size_t gap = 0, child, last = q->count - 1;
    for (; (child = 2 * gap + 1) < last; gap = child) {
        if (child + 1 < last && !q->less(aiot_i_item(q, child), aiot_i_item(q, child + 1))) child++;
        aiot_i_copy(aiot_i_item(q, gap), aiot_i_item(q, child), q->item_size);
    }
    aiot_i_queue_insert(q, gap, aiot_i_item(q, last));
}

/* Wakes the first waiter that still waits. Removes it and the cancelled waiters before it. */
AIOT_I_COLD void aiot_i_wake_and_remove(aiot_i_link *list)
{
    while (aiot_i_has_waiters(list)) {
        aiot_i_link *link = list->next;
        aiot_i_unlink(link);
        if (aiot_i_wake_waiter(link)) return;
    }
}
AIOT_I_FN void aiot_i_wake_and_remove_all(aiot_i_link *list) { while (aiot_i_has_waiters(list)) aiot_i_wake_and_remove(list); }

AIOT_I_COLD int aiot_i_queue_put(aiot_queue *q, const void *item, size_t size)
{
    if (!aiot_i_queue_takes(q, size)) return AIOT_EINVAL;
    if (q->is_shutdown) return AIOT_ESHUTDOWN;
    if (aiot_queue_full(q)) return AIOT_EFULL;
    aiot_i_queue_insert(q, q->count++, item);
    if (q->unfinished < SIZE_MAX) q->unfinished++;  /* aiot_queue_task_done() may never be called */
    aiot_event_clear(&q->finished);
    aiot_i_wake_and_remove(&q->getters);
    return 0;
}

AIOT_I_COLD int aiot_i_queue_get(aiot_queue *q, void *item, size_t size)
{
    if (!aiot_i_queue_takes(q, size)) return AIOT_EINVAL;
    if (aiot_queue_empty(q)) return q->is_shutdown ? AIOT_ESHUTDOWN : AIOT_EEMPTY;
    aiot_i_copy(item, aiot_i_item(q, q->is_lifo ? q->count - 1 : 0), size);
    if (q->less) aiot_i_queue_fill_root(q);
    else if (!q->is_lifo && ++q->first == q->capacity) q->first = 0;
    q->count--;
    aiot_i_wake_and_remove(&q->putters);
    return 0;
}

/* A waiter woken, then cancelled, wakes the next one. */
AIOT_I_COLD bool aiot_i_wait_while_blocked(aiot_i_link *list, aiot_waiter *w, aiot_task *task, bool blocked)
{
    w->step = 1;
    if (w->link.next != NULL) aiot_i_unlink(&w->link);
    if (task->entry.code == 0) return blocked && aiot_i_enqueue(list, w, task);
    if (!blocked && w->is_woken) aiot_i_wake_and_remove(list);
    return false;
}

/* A put or get that must fail does not wait. */
AIOT_I_FN bool aiot_i_queue_put_step(aiot_queue *q, aiot_waiter *w, aiot_task *task, const void *item, size_t size)
{
    bool blocked = aiot_queue_full(q) && !q->is_shutdown && aiot_i_queue_takes(q, size);
    if (aiot_i_wait_while_blocked(&q->putters, w, AIOT_I_FOR(task, "room in a queue", q), blocked)) return true;
    if (task->entry.code != 0) return false;
    return aiot_i_end_wait(task, aiot_i_queue_put(q, item, size));
}

AIOT_I_FN bool aiot_i_queue_get_step(aiot_queue *q, aiot_waiter *w, aiot_task *task, void *item, size_t size)
{
    bool blocked = aiot_queue_empty(q) && !q->is_shutdown && aiot_i_queue_takes(q, size);
    if (aiot_i_wait_while_blocked(&q->getters, w, AIOT_I_FOR(task, "an item of a queue", q), blocked)) return true;
    if (task->entry.code != 0) return false;
    return aiot_i_end_wait(task, aiot_i_queue_get(q, item, size));
}

AIOT_I_FN bool aiot_i_queue_join_step(aiot_queue *q, aiot_waiter *w, aiot_task *task)
{
    return q->capacity > 0 ? aiot_i_event_step(&q->finished, w, task) : aiot_i_end_wait(task, AIOT_EINVAL);
}

AIOT_I_FN int aiot_queue_task_done(aiot_queue *q)
{
    if (q == NULL || q->unfinished == 0) return AIOT_EINVAL;
    if (--q->unfinished == 0) aiot_event_set(&q->finished);
    return 0;
}

AIOT_I_COLD void aiot_queue_shutdown(aiot_queue *q, bool immediate)
{
    if (q == NULL) return;
    q->is_shutdown = true;
    if (immediate) {
        q->unfinished -= q->unfinished < q->count ? q->unfinished : q->count;
        q->count = 0;
        if (q->unfinished == 0) aiot_event_set(&q->finished);
    }
    aiot_i_wake_and_remove_all(&q->getters);
    aiot_i_wake_and_remove_all(&q->putters);
}
#define aiot_queue_task_done(q) aiot_queue_task_done(AIOT_I_QUEUE_HERE(q, SIZE_MAX))
#define aiot_queue_shutdown(q, immediate) aiot_queue_shutdown(AIOT_I_QUEUE_HERE(q, SIZE_MAX), immediate)

/* CALLBACKS READY TO USE, as aiot_on_cancel_task() of section [9]. They return 0, or what the release returns. */
AIOT_I_FN int aiot_on_set_event(void *event) { aiot_event_set((aiot_event *)event); return 0; }
AIOT_I_FN int aiot_on_release_lock(void *lock) { return aiot_lock_release((aiot_lock *)lock); }
AIOT_I_FN int aiot_on_release_semaphore(void *s) { return aiot_semaphore_release((aiot_semaphore *)s); }

/* THE WAITS AS COROUTINES, as in AIOT_AWAIT(aiot_lock_acquire, &self->acquire, .lock = &lock). */
#define AIOT_I_WAIT_CORO(name, object, WAIT) \
    struct name { AIOT_FRAME; aiot_##object *object; aiot_waiter w; }; \
    AIOT_I_CORO(name, WAIT, self->object, &self->w)
AIOT_I_WAIT_CORO(aiot_event_wait, event, AIOT_EVENT_WAIT)
AIOT_I_WAIT_CORO(aiot_lock_acquire, lock, AIOT_LOCK_ACQUIRE)
AIOT_I_WAIT_CORO(aiot_condition_wait, condition, AIOT_CONDITION_WAIT)
AIOT_I_WAIT_CORO(aiot_semaphore_acquire, semaphore, AIOT_SEMAPHORE_ACQUIRE)

struct aiot_queue_put { AIOT_FRAME; aiot_queue *queue; const void *item; aiot_waiter w; };
struct aiot_queue_get { AIOT_FRAME; aiot_queue *queue; void *item; aiot_waiter w; };
struct aiot_queue_join { AIOT_FRAME; aiot_queue *queue; aiot_waiter w; };
#define AIOT_I_QUEUE_CORO(name, step_call)  /* only the queue knows the size of an item */ \
    static inline AIOT_CORO(name) \
    { \
        AIOT_BEGIN(); \
        (void)AIOT_I_QUEUE(self->queue, SIZE_MAX, task, #name "(), awaited in line", AIOT_I_LINE_OF_AWAIT); \
        AIOT_I_STEPS(self->queue, &self->w, step_call); \
        AIOT_END(); \
    }
AIOT_I_QUEUE_CORO(aiot_queue_put, aiot_i_queue_put_step(self->queue, &self->w, task, self->item, self->queue->item_size))
AIOT_I_QUEUE_CORO(aiot_queue_get, aiot_i_queue_get_step(self->queue, &self->w, task, self->item, self->queue->item_size))
AIOT_I_QUEUE_CORO(aiot_queue_join, aiot_i_queue_join_step(self->queue, &self->w, task))

/* ============================================================================================================= [14]
 * TASK GROUP, AS_COMPLETED. asyncio.TaskGroup is a block that starts tasks:
 *    AIOT_GROUP(&self->group) {
 *        aiot_group_spawn(&self->group, &self->t1, fetch, &self->one, .name = "a");  t1: an aiot_group_task
 *    } AIOT_EXCEPT(AIOT_EGROUP) { ... }
 * At the end of the block its task, the holder, waits for all tasks, also those added meanwhile. The first error of a task cancels the
 * other tasks and the holder, whose cancel is taken back at the end. The block then raises AIOT_EGROUP. Its pointer is the group, which
 * lists the errors in order, the body's last. A task that ends cancelled is no error. A cancel of the holder cancels all tasks and is
 * raised when they have ended. With errors, the block raises AIOT_EGROUP instead, and requests the cancel again. Group and tasks live until
 * the block has ended, and while its errors are read. A task that ended well may be freed or used again in a done callback added after
 * aiot_group_spawn(). */
typedef struct aiot_group_task {
    AIOT_I_EXTENSION union { aiot_awaitable awaitable; aiot_task task; };
    aiot_i_call        done;
    aiot_i_link        link;   /* in group->tasks; once failed: to earlier failed tasks */
    size_t             place;  /* among the failed tasks */
    struct aiot_group *group;
} aiot_group_task;

typedef struct aiot_group {
    aiot_i_link  tasks;  /* unfinished */
    aiot_task   *holder;
    aiot_i_scope scope;
    aiot_i_link *last_failed;
    aiot_error   body_error, cancel;  /* cancel: of the holder's wait */
    unsigned     error_count;
    bool         entered, exiting, finished;  /* the block; its body; all tasks */
    bool         aborting, asked_holder, cancelled;  /* the tasks; the holder; by the user */
    uint8_t      firm;  /* aiot_i_lift_firm() */
} aiot_group;

#define AIOT_GROUP(g) AIOT_I_GROUP(AIOT_I_LABEL, AIOT_I_LABEL, g)
#define AIOT_I_GROUP(n, m, g) \
    AIOT_I_BLOCK(n, AIOT_I_LEAVING) \
    else if (aiot_i_phase == AIOT_I_LEAVING) { \
        AIOT_I_INSIDE(m) AIOT_I_REQUIRE_HERE((g)->entered && !(g)->finished && (g)->holder == task, \
            "leaves another group than it entered: the argument must name the same object at the end"); \
        while (aiot_i_group_wait(g, task, AIOT_I_SELF, AIOT_I_S)) { AIOT_I_SUSPEND(m) (void)0; } \
        aiot_i_phase = aiot_i_group_end(g, AIOT_I_SELF, AIOT_I_S); \
        aiot_i_go = 0; \
    } \
    else if (aiot_i_phase == AIOT_I_ENTER && (AIOT_I_CHECK_KEPT(g, "this group"), AIOT_I_NOTE_WAIT(), \
        aiot_i_group_enter(g, task, AIOT_I_SELF, AIOT_I_S, &aiot_i_phase))) \
        AIOT_I_PART((AIOT_I_SLOT_CODE = 0, AIOT_I_LEAVING))

/* TaskGroup.create_task(): spawns into the group, also from its tasks. Returns 0, or AIOT_ERUNTIME for a task or a frame in use, before the
 * block, while the group shuts down, and after its end. */
#define aiot_group_spawn(...) aiot_i_group_spawn(__VA_ARGS__, )
#define aiot_i_group_spawn(g, t, fn, frame_, ...) \
    AIOT_I_GROUP_SPAWN(g, t, aiot_i_spawn((g)->holder->loop, &(t)->task, fn, frame_, __VA_ARGS__))
#define aiot_group_spawn_frame(g, t, fn, frame) AIOT_I_GROUP_SPAWN(g, t, aiot_spawn_frame_on((g)->holder->loop, &(t)->task, fn, frame))
#define AIOT_I_GROUP_SPAWN(g, t, spawn) \
    (aiot_i_group_may_take(g, t, __FILE__, __LINE__) && spawn == 0 ? (aiot_i_group_add(g, t), 0) : AIOT_ERUNTIME)

AIOT_I_FN aiot_group_task *aiot_i_grouped(aiot_i_link *link) { return AIOT_I_CONTAINER(link, aiot_group_task, link); }
/* The i-th failed task, or NULL, O(log n). Each has a link to the one before it, prev, and one further back, next: Myers, An applicative
 * random-access stack (1983). */
AIOT_I_COLD aiot_group_task *aiot_i_group_failed(const aiot_group *g, unsigned i)
{
    aiot_group_task *t = g->last_failed ? aiot_i_grouped(g->last_failed) : NULL;
    if (t == NULL || i > t->place) return NULL;
    while (t->place > i) t = aiot_i_grouped(aiot_i_grouped(t->link.next)->place >= i ? t->link.next : t->link.prev);
    return t;
}
AIOT_I_FN void aiot_i_group_add_failed(aiot_group *g, aiot_group_task *t)
{
    aiot_i_link *last = g->last_failed;
    g->last_failed = t->link.prev = t->link.next = &t->link;
    t->place = g->error_count++;
    if (last == NULL) return;
    const aiot_group_task *far = aiot_i_grouped(last->next), *farther = aiot_i_grouped(far->link.next);
    bool are_equal = aiot_i_grouped(last)->place - far->place == far->place - farther->place;
    t->link.prev = last;
    t->link.next = are_equal ? far->link.next : last;
}

/* The errors behind AIOT_EGROUP: their number; the task of the i-th, from 0, or NULL for the body's; the i-th. O(log n). */
AIOT_I_FN unsigned aiot_group_error_count(const aiot_group *g) { return g->error_count; }
AIOT_I_FN const aiot_group_task *aiot_group_error_task(const aiot_group *g, unsigned i) { return aiot_i_group_failed(g, i); }
#ifndef __SDCC
AIOT_I_FN aiot_error aiot_group_error(const aiot_group *g, unsigned i)
{
    aiot_group_task *t = aiot_i_group_failed(g, i);
    return t ? aiot_i_error_of(&t->awaitable) : g->body_error;
}
#endif

AIOT_I_COLD void aiot_i_group_abort(aiot_group *g, bool with_holder)
{
    g->aborting = true;
    for (aiot_i_link *l = g->tasks.next; l != &g->tasks; l = l->next) aiot_i_cancel(&aiot_i_grouped(l)->awaitable, NULL);
    if (!with_holder) return;
    g->asked_holder = true;
    aiot_i_cancel_in(&g->holder->awaitable, NULL, &g->scope);
}

/* TaskGroup.cancel() (asyncio 3.15): ends the group early, without an error: cancels its tasks and the body's wait. Before the first block
 * it acts on entry. Another cancel request to the holder still ends the block cancelled. */
AIOT_I_FN void aiot_group_cancel(aiot_group *g)
{
    if (g->finished || g->cancelled) return;
    g->cancelled = true;
    if (g->entered && !g->aborting) aiot_i_group_abort(g, !g->exiting);
}
AIOT_I_COLD bool aiot_i_group_may_take(const aiot_group *g, const aiot_group_task *t, const char *file, unsigned line)
{
    bool is_active = g->entered && !g->finished;
    AIOT_I_EXPECT(is_active, file, line, NULL, "spawned into a group whose block is not entered, or is over");
    if (!is_active || g->aborting || (g->exiting && aiot_i_list_empty(&g->tasks))) return false;
    bool is_idle = t->done.entry.link.next == NULL;
    AIOT_I_EXPECT(is_idle, file, line, g->holder,
                           "spawned again into a group, but this task has not ended, or the group has not heard of it");
    return is_idle;
}
AIOT_I_FN void aiot_i_group_task_done(aiot_loop *loop, aiot_i_call *call)
{
    aiot_group_task *t = AIOT_I_CONTAINER(call, aiot_group_task, done);
    aiot_group *g = t->group;
    int code = call->entry.code;  /* not the task's, which may run again */
    aiot_i_unlink(&t->link);
    if (g->exiting && aiot_i_list_empty(&g->tasks)) aiot_i_unpark(g->holder);
    if (code == 0 || code == AIOT_ECANCELED) return;
    aiot_i_group_add_failed(g, t);
    if (aiot_i_done(&g->holder->awaitable)) aiot_i_report(loop, AIOT_REPORT_GROUP, code, call->entry.u.info, &t->task, NULL);
    else if (!g->aborting) aiot_i_group_abort(g, true);
}
AIOT_I_FN void aiot_i_group_add(aiot_group *g, aiot_group_task *t)
{
    t->group = g;
    aiot_i_append(&g->tasks, &t->link);
    aiot_i_call_init(&t->done, aiot_i_group_task_done);
    t->done.entry.count = AIOT_BY_GROUP;
    aiot_i_watch(t->task.loop, &t->awaitable, &t->done);
}

/* Raises AIOT_ERUNTIME and returns false if the block is entered twice. */
AIOT_I_FN bool aiot_i_group_enter(aiot_group *g, aiot_task *task, aiot_frame *frame, unsigned slot, int *phase)
{
    bool was_cancelled = g->cancelled && !g->entered;
    if (g->entered && !g->finished) {
        aiot_i_throw(task, frame, slot, AIOT_ERUNTIME, NULL);
        *phase = AIOT_I_RAISED;
        return false;
    }
    aiot_i_list_init(&g->tasks);
    g->holder = task;
    g->scope.kind = AIOT_I_GROUP_BLOCK;
    aiot_i_enter_scope(task, &g->scope);
    g->last_failed = NULL;
    g->body_error.code = g->cancel.code = 0;
    g->error_count = 0;
    g->entered = true;
    g->exiting = g->aborting = g->asked_holder = g->cancelled = g->finished = false;
    g->firm = 0;
    if (was_cancelled) aiot_group_cancel(g);
    return true;
}

/* The holder's step function, from the end of the body on. */
AIOT_I_COLD bool aiot_i_group_wait(aiot_group *g, aiot_task *holder, aiot_frame *frame, unsigned slot)
{
    aiot_i_entry *e = &holder->entry;
    int code = aiot_i_slot(frame, slot)->code;
    if (AIOT_I_UNLIKELY(g->holder != holder || g->finished)) aiot_i_leaves_another();
    aiot_i_put_back_firm(holder, &g->firm);
    if (!g->exiting && !g->aborting && code != 0 && code != AIOT_I_RETURNING) aiot_i_group_abort(g, false);
    g->exiting = true;
    if (e->code != 0 && !g->aborting) {
        g->cancel.code = e->code;
        g->cancel.info = e->u.info;
        aiot_i_group_abort(g, false);
    }
    e->code = 0;
    if (aiot_i_list_empty(&g->tasks)) return false;
    if (g->aborting) g->firm = aiot_i_lift_firm(holder);
    aiot_i_park(AIOT_I_FOR(holder, "the tasks of its group", g));
    return true;
}

/* Requests again what was requested from outside of a group, for the next wait; for that behind a shielded block, if all of it is older
 * than the block. */
AIOT_I_COLD void aiot_i_ask_again(aiot_task *holder)
{
    const aiot_i_scope *asked = aiot_i_innermost(holder);
    for (aiot_i_scope *s = aiot_i_innermost(holder); s; s = s->around)
        if ((s->kind & AIOT_I_GUARD) && aiot_i_guard_of(s)->limit.call.entry.count >= holder->entry.count) asked = s->around;
    aiot_i_uncancel(holder);
    aiot_i_cancel_in(&holder->awaitable, NULL, asked);
}

/* Puts the block's error into the slot. Returns the next phase. */
AIOT_I_COLD int aiot_i_group_end(aiot_group *g, aiot_frame *frame, unsigned slot)
{
    aiot_error *error = aiot_i_slot(frame, slot);
    aiot_task *holder = g->holder;
    bool is_ours = g->asked_holder && aiot_i_uncancel(holder) == 0;  /* no other request */
    g->finished = true;
    aiot_i_leave_scope(holder, &g->scope);
    frame->caught = (uint8_t)slot;
    if (g->cancel.code != 0 && g->error_count == 0) {
        *error = g->cancel;
        return AIOT_I_RAISED;
    }
    if (error->code != 0 && error->code != AIOT_ECANCELED && error->code != AIOT_I_RETURNING) {
        g->body_error = *error;
        g->error_count++;
    }
    if (g->error_count > 0) {
        if (holder->entry.count > 0) aiot_i_ask_again(holder);
        error->code = AIOT_EGROUP;
        error->info = g;
        return AIOT_I_RAISED;
    }
    if (error->code == AIOT_ECANCELED && is_ours) error->code = 0;
    return error->code != 0 ? AIOT_I_RAISED : aiot_i_end_except(frame, slot);
}

/* AS_COMPLETED. asyncio.as_completed(): hands out the members one by one, in the order in which they end.
 *    AIOT_AS_COMPLETED_SET(4) set;
 *    aiot_as_completed(&self->set, limit, &self->t1, &self->t2);  or aiot_as_completed_array(&self->set, limit, array, count)
 *    while (aiot_as_completed_left(&self->set)) {
 *        AIOT_NEXT_COMPLETED(&self->set);      raises the member's error; after the limit AIOT_ETIMEDOUT for each one left
 *        ... aiot_completed_index(&self->set)  its index in the order given, -1 for a limit; or aiot_completed(), the member itself,
 *    }                                         an aiot_awaitable pointer, see AIOT_ANY()
 * AIOT_WAIT_COMPLETED(&self->set) reads as `async for` does: the member's error is not raised, and still to be collected. Neither the limit
 * nor a cancel of the reader cancels members. A cancelled read counts; aiot_completed() is then NULL, as after a limit. AIOT_EINVAL: a read
 * beyond the last member, a refused set. The set must live until it was read to its end with no read cancelled, or until
 * aiot_as_completed_close(&self->set). Several tasks may read, each with its aiot_waiter: AIOT_NEXT_COMPLETED_WITH(&set, &self->w),
 * AIOT_WAIT_COMPLETED_WITH; without one, only one may read at a time. A read during which the set is closed or made anew raises
 * AIOT_ERUNTIME. aiot_completed() tells of the newest read. */
typedef struct aiot_as_completed_state {
    aiot_i_call     timer;
    aiot_loop      *loop;
    aiot_waiter     reader;  /* if the caller gives none */
    aiot_i_link     readers, ended;  /* ended: the calls of members to hand out */
    aiot_i_member  *members;
    aiot_awaitable *last;
    int             last_index;
    unsigned        count, unfinished, to_read;  /* members, or 0; different ones that run; reads left */
    bool            timed_out;
} aiot_as_completed_state;

enum { AIOT_I_READER_LEFT = 2 };  /* the step of a reader whose set was closed or begun anew */
#define AIOT_AS_COMPLETED_SET(n) struct { aiot_as_completed_state state; aiot_i_member members[n]; }
#define aiot_as_completed(set, limit, ...) AIOT_I_AS_COMPLETED(set, limit, \
    AIOT_I_STORE(set, "AIOT_AS_COMPLETED_SET", "aiot_as_completed(&set, limit, &task, ...)", __VA_ARGS__))
#define aiot_as_completed_array(set, limit, array, count) \
    AIOT_I_AS_COMPLETED(set, limit, aiot_i_count = AIOT_I_COPY(set, array, count);)
#define aiot_as_completed_left(set) ((set)->state.to_read > 0)
#define aiot_as_completed_close(set) \
    (AIOT_I_CHECK_UNREAD(set, "closes an AIOT_AS_COMPLETED_SET that a task is reading: that wait ends with AIOT_ERUNTIME"), \
     aiot_i_completed_close(&(set)->state))
#define aiot_completed(set) ((set)->state.last)
#define aiot_completed_index(set) ((set)->state.last_index)
#define AIOT_NEXT_COMPLETED(set) AIOT_I_READ(set, true)
#define AIOT_WAIT_COMPLETED(set) AIOT_I_READ(set, false)
#define AIOT_NEXT_COMPLETED_WITH(set, w) AIOT_I_READ_WITH(set, w, true)
#define AIOT_WAIT_COMPLETED_WITH(set, w) AIOT_I_READ_WITH(set, w, false)

#define AIOT_I_AS_COMPLETED(s, limit, ...) \
    do { \
        unsigned aiot_i_count = 0; \
        AIOT_I_CHECK_UNREAD(s, "begins an AIOT_AS_COMPLETED_SET anew that a task is reading: that wait ends with AIOT_ERUNTIME"); \
        aiot_i_completed_close(&(s)->state); \
        __VA_ARGS__ \
        if (!aiot_i_completed_start(&(s)->state, (s)->members, aiot_i_count, AIOT_I_DELAY(limit))) AIOT_I_TELL_SET(NULL); \
    } while (0)
#define AIOT_I_CHECK_UNREAD(s, message) \
    AIOT_I_EXPECT(!aiot_i_has_waiters(&(s)->state.readers), __FILE__, __LINE__, NULL, message)
#define AIOT_I_READ(s, raises) \
    do { \
        AIOT_I_CHECK_READS(s); \
        AIOT_I_READ_WITH(s, &(s)->state.reader, raises); \
    } while (0)
#define AIOT_I_READ_WITH(s, w, raises) \
    AIOT_I_STEPS(s, w, (AIOT_I_CHECK_READS(s), aiot_i_read_step(&(s)->state, w, task, raises)))
#define AIOT_I_CHECK_READS(s) AIOT_I_CHECK_KEPT(&(s)->state, "reads an AIOT_AS_COMPLETED_SET that")

AIOT_I_FN void aiot_i_completed(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_member *m = AIOT_I_CONTAINER(call, aiot_i_member, call);
    aiot_as_completed_state *s = (aiot_as_completed_state *)m->owner;
    m->done = true;
    aiot_i_append(&s->ended, &call->entry.link);
    if (--s->unfinished == 0) aiot_i_dequeue(loop, &s->timer);
    aiot_i_wake_and_remove(&s->readers);
}
AIOT_I_FN void aiot_i_completed_timer(aiot_loop *loop, aiot_i_call *call)
{
    aiot_as_completed_state *s = AIOT_I_CONTAINER(call, aiot_as_completed_state, timer);
    for (unsigned i = 0; i < s->count; i++)
        if (!s->members[i].done) aiot_i_dequeue(loop, &s->members[i].call);
    s->timed_out = true;
    aiot_i_wake_and_remove_all(&s->readers);
}
AIOT_I_COLD void aiot_i_completed_close(aiot_as_completed_state *s)
{
    if (s->loop == NULL) return;
    aiot_i_dequeue(s->loop, &s->timer);
    for (unsigned i = 0; i < s->count; i++) aiot_i_dequeue(s->loop, &s->members[i].call);
    s->to_read = s->unfinished = 0;
    for (aiot_i_link *link; aiot_i_has_waiters(&s->readers); aiot_i_wake_waiter(link)) {  /* they would wait for ever */
        link = s->readers.next;
        aiot_i_unlink(link);
        ((aiot_waiter *)(void *)link)->step = AIOT_I_READER_LEFT;
    }
}

/* Returns false if the members are refused: the first read raises AIOT_EINVAL. */
AIOT_I_COLD bool aiot_i_completed_start(aiot_as_completed_state *s, aiot_i_member *m, unsigned count, aiot_time limit)
{
    s->loop = NULL;
    unsigned different = aiot_i_prepare_all(m, count, &s->loop, s, aiot_i_completed, AIOT_I_LOOKS_ON, AIOT_I_OF_AS_COMPLETED);
    bool accepted = count == 0 || different > 0, refused = !accepted || (count > 0 && s->loop == NULL) || aiot_i_is_too_long(limit);
    if (refused) count = different = 0;
    aiot_i_call_init(&s->timer, aiot_i_completed_timer);
    aiot_i_list_init(&s->ended);
    s->members = m;
    s->last = NULL;
    s->last_index = -1;
    s->timed_out = false;
    s->count = count;
    s->unfinished = different;
    s->to_read = refused ? 1 : different;
    if (count > 0) aiot_i_watch_all(m, count, s->loop, &s->timer, limit);
    return accepted;
}
AIOT_I_COLD bool aiot_i_read_step(aiot_as_completed_state *s, aiot_waiter *w, aiot_task *task, bool raises)
{
    bool stuck = aiot_i_list_empty(&s->ended) && !s->timed_out, others = s->loop && s->loop != task->loop;
    if (w->step == AIOT_I_READER_LEFT) {
        if (task->entry.code == 0) aiot_i_set_error(task, AIOT_ERUNTIME, NULL);
        return false;
    }
    if (others || (w->step == 0 && (s->count == 0 || s->to_read == 0))) {
        if (others) aiot_i_completed_close(s);
        s->to_read = 0;
        return aiot_i_end_wait(task, AIOT_EINVAL);
    }
    if (w->step == 0) s->to_read--;
    if (aiot_i_wait_while_blocked(&s->readers, w, AIOT_I_FOR(task, "the next that is completed", s), stuck)) return true;
    s->last = NULL;
    s->last_index = -1;
    if (task->entry.code != 0) return false;
    if (aiot_i_list_empty(&s->ended)) return aiot_i_end_wait(task, AIOT_ETIMEDOUT);
    aiot_i_member *m = AIOT_I_CONTAINER(s->ended.next, aiot_i_member, call.entry.link);
    aiot_i_unlink(&m->call.entry.link);
    s->last = m->target;
    s->last_index = (int)(m - s->members);
    if (raises) aiot_i_set_error(task, m->call.entry.code, aiot_i_take_end_info(m->target, &m->call));
    return false;
}

/* ============================================================================================================= [15]
 * FILE DESCRIPTORS (AIOT_POLL): epoll(7) on Linux, kqueue(2) on BSD and macOS, else poll(2).
 *    static AIOT_POLL_SET(64) poller;
 *    aiot_poll_open(&loop, &poller);                    before the loop runs; 0, or an error code
 *    ...
 *    struct client { AIOT_FRAME; aiot_fd socket; };
 *    AIOT_CHECK(aiot_fd_open(&self->socket, task->loop, fd));  fd: non-blocking
 *    AIOT_READABLE(&self->socket);                      then read it
 *    aiot_fd_close(&self->socket);                      in the FINALLY part
 *
 * An aiot_fd is one descriptor. The kernel keeps watching it between waits, so a wait for what was waited for before costs no system call.
 * One task can wait until it is readable, and another until it is writable. An AIOT_POLL_SET(n) takes n events a turn; with poll(2), n
 * descriptors can be waited for at once, and the wake-up counts as one.
 *
 * Once a turn the loop looks which descriptors are ready; not in the turn after one that began with a sleep, for the sleep has looked. */
#if AIOT_POLL
enum { AIOT_I_READER, AIOT_I_WRITER };  /* the ways of a descriptor, */
#define AIOT_I_READS 1u                 /*   and their bits */
#define AIOT_I_WRITES 2u

typedef struct aiot_i_way {
    aiot_i_call   call;      /* queued when the way is ready. run: NULL if nobody waits. u.who: the task, or the callback's argument */
    aiot_callback callback;  /* count: which of the two ways this is */
} aiot_i_way;

/* One open descriptor. The caller owns it. It is zeroed before its first use. From aiot_fd_open() to aiot_fd_close() or aiot_fd_detach()
 * it must not move, and it must live until the tasks that waited have run. */
typedef struct aiot_fd {
    aiot_i_way  ways[2];
    aiot_loop  *loop;
    int         fd;        /* -1: closed */
    uint8_t     armed;     /* what the kernel watches */
    bool        is_file;   /* epoll(7) and kqueue(2) do not watch it: it is always ready */
#if AIOT_I_POLLER == AIOT_I_POLL
    unsigned    place;
#else
    aiot_i_link link;      /* armed: in poll->armed */
#endif
} aiot_fd;

typedef struct aiot_poll {
#if AIOT_I_POLLER == AIOT_I_POLL
    struct pollfd *fds;
    aiot_fd      **owners;  /* NULL: the pipe, which has the first place */
    unsigned       count;
#else
    aiot_i_event  *events;
    aiot_i_link    armed;   /* aiot_fds that the kernel watches */
    int            kernel;  /* the descriptor of epoll or kqueue */
    bool           has_no_pwait2;
#endif
    unsigned       capacity;
    aiot_time      longest_sleep;
    int            pipe[2];  /* -1: could not be opened */
    long           process;  /* that opened it all */
} aiot_poll;

/* ---- Opening and closing descriptors. */

/* Prepares f for a descriptor that is open and non-blocking. The caller keeps the descriptor until aiot_fd_close(). Two aiot_fds of one
 * loop must not have the same descriptor: use dup(2). Returns 0; AIOT_EBADF if fd is negative; AIOT_ERUNTIME if f is open. */
#define aiot_fd_open(f, loop, fd) aiot_i_fd_open(f, loop, fd, __FILE__, __LINE__)
AIOT_I_FN int aiot_i_fd_open(aiot_fd *f, aiot_loop *loop, int fd, const char *file, unsigned line)
{
    bool is_open = f->loop != NULL && f->fd >= 0;
    AIOT_I_EXPECT(!is_open, file, line, aiot_i_current(loop), "opens an aiot_fd that is open: close or detach it first");
    if (is_open || fd < 0) return is_open ? AIOT_ERUNTIME : AIOT_EBADF;
    f->loop = loop;
    f->fd = fd;
    f->armed = 0;
    f->is_file = false;
    for (unsigned i = AIOT_I_READER; i <= AIOT_I_WRITER; i++) aiot_i_call_init(&f->ways[i].call, NULL);
    return 0;
}

AIOT_I_COLD int aiot_fd_detach(aiot_fd *f);

/* Wakes the tasks that wait for f with AIOT_EBADF, removes its callbacks, and closes the descriptor. Its number may be used again at once.
 * Returns 0; AIOT_EBADF if f is closed; or the errno of close(2), after which it is closed, too. */
AIOT_I_FN int aiot_fd_close(aiot_fd *f)
{
    int fd = aiot_fd_detach(f);
    if (fd < 0) return AIOT_EBADF;
    return close(fd) == 0 || errno == EINTR ? 0 : errno;
}

/* ---- Waiting. */

/* Wait until f is readable or writable, at end of file, or in error: the next read or write tells. A cancel loses nothing. Raise
 * AIOT_EBADF if f is not open, or closed during the wait; AIOT_ERUNTIME if another task or a callback waits for the same, or the loop has
 * no aiot_poll_open(); AIOT_ENOBUFS if there is no room. Take two turns, or none if they fail at once. */
#define AIOT_READABLE(f) AIOT_I_FD_WAIT(AIOT_I_LABEL, f, AIOT_I_READER)
#define AIOT_WRITABLE(f) AIOT_I_FD_WAIT(AIOT_I_LABEL, f, AIOT_I_WRITER)
#define AIOT_I_FD_WAIT(n, f, way) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_CHECK_KEPT(f, "waits for an aiot_fd that"); \
        if (aiot_i_fd_begin(f, way, task)) { AIOT_I_SUSPEND(n) aiot_i_fd_end(f, way, task); } \
        AIOT_I_PROPAGATE() \
    } while (0)

/* loop.add_reader(), add_writer(): calls callback(argument) in each turn in which f is readable or writable, until it is removed. In place
 * of the callback before. For libraries with a state machine of their own. loop.on_error is told if it does not return 0. Return 0,
 * AIOT_EINVAL if the callback is NULL, or what AIOT_READABLE() raises. */
#define aiot_add_reader(f, callback, argument) aiot_i_fd_add(f, AIOT_I_READER, callback, argument)
#define aiot_add_writer(f, callback, argument) aiot_i_fd_add(f, AIOT_I_WRITER, callback, argument)

/* loop.remove_reader(), remove_writer(): the callback is not called any more, also if it is due in this turn. May be called from it. The
 * kernel still watches f until aiot_fd_detach() or aiot_fd_close(): a callback may call these, too, and free f. Return false if there is
 * no callback. */
#define aiot_remove_reader(f) aiot_i_fd_remove(f, AIOT_I_READER)
#define aiot_remove_writer(f) aiot_i_fd_remove(f, AIOT_I_WRITER)

/* ---- What the kernel watches. Each of the three has these functions:
 *     aiot_i_poll_init(p, ...)      with the room of an AIOT_POLL_SET
 *     aiot_i_kernel_open(p)         opens what watches; 0 or errno. aiot_i_kernel_close(p); aiot_i_poll_fd(p)
 *     aiot_i_watch_pipe(p)          the kernel watches the pipe; 0 or errno
 *     aiot_i_arm(p, f, bits)        the kernel watches these ways of f; 0, or an error code
 *     aiot_i_look(p, limit)         sleeps until something is ready, and tells the aiot_fds; 0 or errno */

/* The way is ready, or has failed. */
AIOT_I_FN void aiot_i_way_tell(aiot_loop *loop, aiot_i_way *way, int error)
{
    if (way->call.run == NULL || way->call.entry.link.next != NULL) return;
    way->call.entry.code = error;
    aiot_i_make_ready(loop, &way->call.entry);
}
AIOT_I_FN unsigned aiot_i_fd_wanted(const aiot_fd *f)
{
    return (f->ways[AIOT_I_READER].call.run ? AIOT_I_READS : 0u) | (f->ways[AIOT_I_WRITER].call.run ? AIOT_I_WRITES : 0u);
}
AIOT_I_FN void aiot_i_fd_tell(aiot_fd *f, bool readable, bool writable, int error)
{
    if (readable) aiot_i_way_tell(f->loop, &f->ways[AIOT_I_READER], error);
    if (writable) aiot_i_way_tell(f->loop, &f->ways[AIOT_I_WRITER], error);
}
AIOT_I_COLD void aiot_i_poll_empty_pipe(aiot_poll *p);
AIOT_I_COLD void aiot_i_poll_replace_pipe(aiot_poll *p, int left);

/* ppoll(2) sleeps to the nanosecond, poll(2) to the end of a millisecond. -std=c11 hides ppoll(). */
#ifndef AIOT_I_PPOLL
#if defined __linux__ && (defined _GNU_SOURCE || defined _BSD_SOURCE || (defined __LP64__ && !defined __cplusplus))
#define AIOT_I_PPOLL 1
#elif defined __FreeBSD__ || defined __OpenBSD__ || defined __DragonFly__
#define AIOT_I_PPOLL 1
#else
#define AIOT_I_PPOLL 0
#endif
#endif
#if AIOT_I_PPOLL && defined __linux__ && !defined _GNU_SOURCE && !defined _BSD_SOURCE
extern int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit, const void *mask);
#endif

/* The limit of one sleep: an hour at most. */
AIOT_I_FN aiot_time aiot_i_an_hour_at_most(aiot_time limit)
{
    const int64_t hour = AIOT_TICKS_PER_S * INT64_C(3600);  /* may be more than an aiot_time holds */
    return (int64_t)limit < hour ? limit : (aiot_time)hour;
}
AIOT_I_FN struct timespec aiot_i_timespec(aiot_time limit)
{
    aiot_time ticks = aiot_i_an_hour_at_most(limit);
    struct timespec time;
    time.tv_sec = (time_t)(ticks / AIOT_TICKS_PER_S);
    time.tv_nsec = (long)AIOT_I_DIVIDE_UP((int64_t)(ticks % AIOT_TICKS_PER_S) * 1000000000, AIOT_TICKS_PER_S);
    if (time.tv_nsec > 999999999) time.tv_nsec = 999999999;
    return time;
}
AIOT_I_FN int aiot_i_poll_once(struct pollfd *fds, unsigned count, aiot_time limit)
{
#if AIOT_I_PPOLL
    struct timespec time = aiot_i_timespec(limit);
    return ppoll(fds, count, limit == AIOT_FOREVER ? NULL : &time, NULL);
#else
    aiot_time ticks = aiot_i_an_hour_at_most(limit);
    int64_t ms = AIOT_I_DIVIDE_UP((int64_t)(ticks % AIOT_TICKS_PER_S) * 1000, AIOT_TICKS_PER_S);
    return poll(fds, count, limit == AIOT_FOREVER ? -1 : (int)(ticks / AIOT_TICKS_PER_S) * 1000 + (int)ms);
#endif
}

#if AIOT_I_POLLER != AIOT_I_POLL
#define AIOT_POLL_SET(n) struct { aiot_poll poll; aiot_i_event events[n]; }
#define AIOT_I_POLL_ROOM(set) &(set)->poll, (set)->events, (unsigned)(sizeof (set)->events / sizeof (set)->events[0])
AIOT_I_FN aiot_poll *aiot_i_poll_init(aiot_poll *p, aiot_i_event *events, unsigned capacity)
{
    p->events = events;
    p->capacity = capacity < 1u << 24 ? capacity : 1u << 24;  /* the kernel refuses too many */
    p->has_no_pwait2 = false;
    aiot_i_list_init(&p->armed);
    return p;
}
AIOT_I_FN int aiot_i_poll_fd(const aiot_poll *p) { return p->kernel; }
AIOT_I_FN void aiot_i_kernel_close(aiot_poll *p)
{
    close(p->kernel);
    p->kernel = -1;
}

/* Notes what the kernel watches. */
AIOT_I_FN void aiot_i_set_armed(aiot_poll *p, aiot_fd *f, unsigned bits)
{
    if (!f->armed && bits) aiot_i_append(&p->armed, &f->link);
    if (f->armed && !bits) aiot_i_unlink(&f->link);
    f->armed = (uint8_t)bits;
}
AIOT_I_FN int aiot_i_arm_error(int error)
{
    switch (error) {
    case EBADF: return AIOT_EBADF;
    case EEXIST: return AIOT_ERUNTIME;  /* another aiot_fd has this descriptor */
    case ENOMEM: case ENOSPC: return AIOT_ENOBUFS;
    default: return AIOT_EINVAL;
    }
}
AIOT_I_COLD int aiot_i_arm(aiot_poll *p, aiot_fd *f, unsigned bits);

/* An event for which nobody waits would come in every turn: the kernel is told to watch less. */
AIOT_I_FN void aiot_i_fd_event(aiot_poll *p, aiot_fd *f, bool readable, bool writable)
{
    unsigned told = (readable ? AIOT_I_READS : 0u) | (writable ? AIOT_I_WRITES : 0u), wanted = aiot_i_fd_wanted(f);
    aiot_i_fd_tell(f, readable, writable, 0);
    if ((told & ~wanted & f->armed) || !wanted) (void)aiot_i_arm(p, f, wanted);
}
#endif

#if AIOT_I_POLLER == AIOT_I_EPOLL
AIOT_I_FN int aiot_i_kernel_open(aiot_poll *p)
{
    p->kernel = epoll_create1(EPOLL_CLOEXEC);
    return p->kernel < 0 ? errno : 0;
}
AIOT_I_FN int aiot_i_epoll_ctl(const aiot_poll *p, int operation, int fd, aiot_fd *f, unsigned bits)
{
    aiot_i_event event;
    event.events = (bits & AIOT_I_READS ? (unsigned)EPOLLIN : 0u) | (bits & AIOT_I_WRITES ? (unsigned)EPOLLOUT : 0u);
    event.data.u64 = 0;
    event.data.ptr = f;
    return epoll_ctl(p->kernel, operation, fd, &event) == 0 ? 0 : errno;
}
/* Each end tells when the other one is closed. */
AIOT_I_FN int aiot_i_watch_pipe(aiot_poll *p)
{
    int error = aiot_i_epoll_ctl(p, EPOLL_CTL_ADD, p->pipe[0], NULL, AIOT_I_READS);
    return error != 0 ? error : aiot_i_epoll_ctl(p, EPOLL_CTL_ADD, p->pipe[1], NULL, 0);
}

AIOT_I_COLD int aiot_i_arm(aiot_poll *p, aiot_fd *f, unsigned bits)
{
    int operation = !f->armed ? EPOLL_CTL_ADD : bits ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
    int error = aiot_i_epoll_ctl(p, operation, f->fd, f, bits);
    if (error == ENOENT || error == EBADF) aiot_i_set_armed(p, f, 0);  /* closed behind our back */
    if (error == ENOENT && bits) error = aiot_i_epoll_ctl(p, EPOLL_CTL_ADD, f->fd, f, bits);
    if (error == 0 || !bits) aiot_i_set_armed(p, f, bits);
    if (error == EPERM) f->is_file = true;
    return error == 0 || error == EPERM || !bits ? 0 : aiot_i_arm_error(error);
}

#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 35)
#define AIOT_I_PWAIT2 1
#else
#define AIOT_I_PWAIT2 0
#endif
AIOT_I_FN int aiot_i_epoll_once(aiot_poll *p, aiot_time limit)
{
    if (limit == AIOT_FOREVER || limit == 0) return epoll_wait(p->kernel, p->events, (int)p->capacity, limit == 0 ? 0 : -1);
#if AIOT_I_PWAIT2
    if (!p->has_no_pwait2) {
        struct timespec time = aiot_i_timespec(limit);
        int count = epoll_pwait2(p->kernel, p->events, (int)p->capacity, &time, NULL);
        if (count >= 0 || errno != ENOSYS) return count;
        p->has_no_pwait2 = true;  /* before Linux 5.11 */
    }
#endif
    struct pollfd kernel;
    kernel.fd = p->kernel;
    kernel.events = POLLIN;
    kernel.revents = 0;
    if (p->kernel >= 0) (void)aiot_i_poll_once(&kernel, 1, limit);  /* poll(2) ignores -1, and would sleep */
    return epoll_wait(p->kernel, p->events, (int)p->capacity, 0);
}
AIOT_I_COLD int aiot_i_look(aiot_poll *p, aiot_time limit)
{
    int count = aiot_i_epoll_once(p, limit);
    if (count < 0) return errno;
    for (int i = 0; i < count; i++) {
        aiot_fd *f = (aiot_fd *)p->events[i].data.ptr;
        unsigned got = p->events[i].events, failed = got & (EPOLLHUP | EPOLLERR);
        if (f) aiot_i_fd_event(p, f, (got & EPOLLIN) || failed, (got & EPOLLOUT) || failed);
        else if (failed) aiot_i_poll_replace_pipe(p, p->pipe[got & EPOLLHUP ? 0 : 1]);
        else aiot_i_poll_empty_pipe(p);
    }
    return 0;
}

#elif AIOT_I_POLLER == AIOT_I_KQUEUE
AIOT_I_FN int aiot_i_kernel_open(aiot_poll *p)
{
    p->kernel = kqueue();
    return p->kernel < 0 ? errno : 0;
}
AIOT_I_FN int aiot_i_kevent(const aiot_poll *p, int fd, int filter, int operation, aiot_fd *f)
{
    aiot_i_event change;
    EV_SET(&change, (uintptr_t)fd, (short)filter, (unsigned short)operation, 0, 0, f);
    return kevent(p->kernel, &change, 1, NULL, 0, NULL) == 0 ? 0 : errno;
}
AIOT_I_FN int aiot_i_watch_pipe(aiot_poll *p) { return aiot_i_kevent(p, p->pipe[0], EVFILT_READ, EV_ADD, NULL); }

/* A file, or a device such as /dev/null that kqueue(2) refuses. */
AIOT_I_FN bool aiot_i_is_always_ready(int fd, int error)
{
    struct stat status;
    struct pollfd device;
    if (fstat(fd, &status) != 0) return false;
    if (error == 0) return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
    device.fd = fd;
    device.events = POLLIN | POLLOUT;
    device.revents = 0;
    return S_ISCHR(status.st_mode) && poll(&device, 1, 0) > 0;
}
AIOT_I_COLD int aiot_i_arm(aiot_poll *p, aiot_fd *f, unsigned bits)
{
    f->is_file = bits && !f->armed && aiot_i_is_always_ready(f->fd, 0);
    if (f->is_file) return 0;
    unsigned armed = f->armed;
    int error = 0;
    for (unsigned bit = AIOT_I_READS; bit <= AIOT_I_WRITES && error == 0; bit++) {
        int filter = bit == AIOT_I_READS ? EVFILT_READ : EVFILT_WRITE;
        if (bits & bit) error = aiot_i_kevent(p, f->fd, filter, EV_ADD, f);  /* also if armed: it may have been closed behind our back */
        else if (armed & bit) (void)aiot_i_kevent(p, f->fd, filter, EV_DELETE, f);
        if (error == 0) armed = (armed & ~bit) | (bits & bit);
    }
    aiot_i_set_armed(p, f, error == EBADF ? 0 : armed);
    if (error != 0 && error != EBADF) f->is_file = aiot_i_is_always_ready(f->fd, error);
    return error == 0 || f->is_file ? 0 : aiot_i_arm_error(error);
}
AIOT_I_COLD int aiot_i_look(aiot_poll *p, aiot_time limit)
{
    struct timespec time = aiot_i_timespec(limit);
    int count = kevent(p->kernel, NULL, 0, p->events, (int)p->capacity, limit == AIOT_FOREVER ? NULL : &time);
    if (count < 0) return errno;
    for (int i = 0; i < count; i++) {
        aiot_fd *f = (aiot_fd *)p->events[i].udata;
        bool is_read = p->events[i].filter == EVFILT_READ;
        if (f) aiot_i_fd_event(p, f, is_read, !is_read);
        else if (p->events[i].flags & EV_EOF) aiot_i_poll_replace_pipe(p, p->pipe[0]);
        else aiot_i_poll_empty_pipe(p);
    }
    return 0;
}

#else
#define AIOT_POLL_SET(n) struct { aiot_poll poll; struct pollfd fds[n]; aiot_fd *owners[n]; }
#define AIOT_I_POLL_ROOM(set) &(set)->poll, (set)->fds, (set)->owners, (unsigned)(sizeof (set)->fds / sizeof (set)->fds[0])
AIOT_I_FN aiot_poll *aiot_i_poll_init(aiot_poll *p, struct pollfd *fds, aiot_fd **owners, unsigned capacity)
{
    p->fds = fds;
    p->owners = owners;
    p->count = 0;
    p->capacity = capacity;
    return p;
}
AIOT_I_FN int aiot_i_poll_fd(const aiot_poll *p) { return -1; }
AIOT_I_FN int aiot_i_kernel_open(aiot_poll *p) { return 0; }
AIOT_I_FN void aiot_i_kernel_close(aiot_poll *p) { }
AIOT_I_FN void aiot_i_poll_fill(aiot_poll *p, unsigned i, aiot_fd *owner, int fd)
{
    p->owners[i] = owner;
    p->fds[i].fd = fd;
    p->fds[i].events = POLLIN;
    p->fds[i].revents = 0;
}
AIOT_I_FN int aiot_i_watch_pipe(aiot_poll *p)
{
    if (p->count == 0) p->count = 1;
    aiot_i_poll_fill(p, 0, NULL, p->pipe[0]);
    return 0;
}

AIOT_I_COLD int aiot_i_arm(aiot_poll *p, aiot_fd *f, unsigned bits)
{
    if (!f->armed && bits) {
        if (p->count == p->capacity) return AIOT_ENOBUFS;
        f->place = p->count++;
        aiot_i_poll_fill(p, f->place, f, f->fd);
    }
    if (bits) {
        p->fds[f->place].events = (short)((bits & AIOT_I_READS ? POLLIN : 0) | (bits & AIOT_I_WRITES ? POLLOUT : 0));
    } else if (f->armed) {
        unsigned last = --p->count;
        p->fds[f->place] = p->fds[last];
        p->owners[f->place] = p->owners[last];
        p->owners[f->place]->place = f->place;
    }
    f->armed = (uint8_t)bits;
    return 0;
}

/* While the kernel refuses so many descriptors (RLIMIT_NOFILE), the waits for the last one fail. */
AIOT_I_FN int aiot_i_poll_fitting(aiot_poll *p, aiot_time limit)
{
    int ready;
    unsigned fit = p->count;
    while ((ready = aiot_i_poll_once(p->fds, fit, limit)) < 0 && errno == EINVAL && fit > 0) {
        if (p->owners[--fit]) aiot_i_fd_tell(p->owners[fit], true, true, AIOT_ENOBUFS);
        limit = 0;
    }
    return ready;
}
AIOT_I_COLD int aiot_i_look(aiot_poll *p, aiot_time limit)
{
    int ready = aiot_i_poll_fitting(p, limit);
    for (unsigned i = 0; ready > 0 && i < p->count; i++) {
        int got = p->fds[i].revents, failed = got & (POLLHUP | POLLERR | POLLNVAL);
        p->fds[i].revents = 0;
        if (got == 0) continue;
        ready--;
        int error = got & POLLNVAL ? AIOT_EBADF : 0;
        if (p->owners[i]) aiot_i_fd_tell(p->owners[i], (got & POLLIN) || failed, (got & POLLOUT) || failed, error);
        else if (failed) aiot_i_poll_replace_pipe(p, got & POLLNVAL ? -1 : p->pipe[0]);
        else aiot_i_poll_empty_pipe(p);
    }
    return 0;
}
#endif

/* ---- Waits and callbacks, on top of these. */
AIOT_I_FN aiot_fd *aiot_i_fd_of(aiot_i_way *way) { return AIOT_I_CONTAINER(way - way->call.entry.count, aiot_fd, ways); }

/* Nobody waits for the way any more. epoll(7) and kqueue(2) still watch it. */
AIOT_I_COLD void aiot_i_way_leave(aiot_i_way *way)
{
    aiot_fd *f = aiot_i_fd_of(way);
    aiot_i_dequeue(f->loop, &way->call);
    way->call.run = NULL;
    f->loop->watched--;
    if (AIOT_I_POLLER == AIOT_I_POLL) (void)aiot_i_arm(f->loop->poll, f, aiot_i_fd_wanted(f));
}

AIOT_I_COLD int aiot_i_way_enter(aiot_fd *f, unsigned i, void (*run)(aiot_loop *, aiot_i_call *), void *who)
{
    aiot_i_way *way = &f->ways[i];
    aiot_loop *loop = f->loop;
    if (loop == NULL || f->fd < 0) return AIOT_EBADF;
    if (loop->poll == NULL || way->call.run != NULL) return AIOT_ERUNTIME;
    aiot_i_call_init(&way->call, run);
    way->call.entry.count = (uint16_t)i;
    way->call.entry.u.who = who;
    loop->watched++;
    unsigned wanted = aiot_i_fd_wanted(f);
    int error = f->is_file || (f->armed & wanted) == wanted ? 0 : aiot_i_arm(loop->poll, f, wanted);
    if (error != 0) aiot_i_way_leave(way);
    else if (f->is_file) aiot_i_way_tell(loop, way, 0);
    return error;
}

AIOT_I_FN void aiot_i_fd_wake(aiot_loop *loop, aiot_i_call *call)
{
    aiot_task *task = (aiot_task *)call->entry.u.who;
    if (task->entry.kind == AIOT_I_PARKED) aiot_i_wake(task, call->entry.code, NULL);
}
AIOT_I_COLD bool aiot_i_fd_begin(aiot_fd *f, unsigned i, aiot_task *task)
{
    int error = f->loop != NULL && f->loop != task->loop ? AIOT_EINVAL : aiot_i_way_enter(f, i, aiot_i_fd_wake, task);
    if (error != 0) return aiot_i_end_wait(task, error);
    aiot_i_park(AIOT_I_FOR(task, i == AIOT_I_READER ? "a descriptor to be readable" : "a descriptor to be writable", f));
    return true;
}
AIOT_I_COLD void aiot_i_fd_end(aiot_fd *f, unsigned i, aiot_task *task)
{
    aiot_i_way *way = &f->ways[i];
    if (way->call.run == aiot_i_fd_wake && way->call.entry.u.who == task) aiot_i_way_leave(way);  /* else it was closed */
}

AIOT_I_COLD void aiot_i_fd_call(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_way *way = AIOT_I_CONTAINER(call, aiot_i_way, call);
    int code = call->entry.code;
    if (code != 0) aiot_i_way_leave(way);
    else {
        if (aiot_i_fd_of(way)->is_file) aiot_i_make_ready(loop, &call->entry);
        code = way->callback(call->entry.u.who);
    }
    if (code != 0) aiot_i_report(loop, AIOT_REPORT_CALLBACK, code, NULL, NULL, NULL);
}
AIOT_I_COLD bool aiot_i_fd_remove(aiot_fd *f, unsigned i)
{
    bool is_ours = f->loop != NULL && f->ways[i].call.run == aiot_i_fd_call;
    if (is_ours) aiot_i_way_leave(&f->ways[i]);
    return is_ours;
}
AIOT_I_COLD int aiot_i_fd_add(aiot_fd *f, unsigned i, aiot_callback callback, void *argument)
{
    if (callback == NULL) return AIOT_EINVAL;
    (void)aiot_i_fd_remove(f, i);
    f->ways[i].callback = callback;
    return aiot_i_way_enter(f, i, aiot_i_fd_call, argument);
}

/* Closes f and leaves the descriptor open: socket.detach(). For descriptors that others close: call it before they do. Returns the
 * descriptor, -1 if f is closed. */
AIOT_I_COLD int aiot_fd_detach(aiot_fd *f)
{
    if (f->loop == NULL || f->fd < 0) return -1;
    for (unsigned i = AIOT_I_READER; i <= AIOT_I_WRITER; i++) {
        aiot_i_way *way = &f->ways[i];
        if (way->call.run == NULL) continue;
        aiot_task *task = (aiot_task *)way->call.entry.u.who;
        bool is_wait = way->call.run == aiot_i_fd_wake;
        aiot_i_way_leave(way);
        if (!is_wait) continue;
        bool is_ready = task->entry.code == 0 && !(task->entry.flags & AIOT_I_ANY_CANCEL);  /* its step has still to come */
        if (task->entry.kind == AIOT_I_PARKED) aiot_i_wake(task, AIOT_EBADF, NULL);
        else if (is_ready) aiot_i_set_error(task, AIOT_EBADF, NULL);
    }
    int fd = f->fd;
    if (f->armed) (void)aiot_i_arm(f->loop->poll, f, 0);
    f->fd = -1;
    return fd;
}

/* ---- Opening and closing the poller. With interrupts or threads, a pipe wakes the loop that sleeps in the kernel. */
#if AIOT_I_INTERRUPTS
/* Opens the pipe. Returns 0 or errno: then a raise writes nothing. */
AIOT_I_COLD int aiot_i_poll_open_pipe(aiot_poll *p)
{
    int error = pipe(p->pipe) == 0 ? 0 : errno;
    if (error != 0) p->pipe[0] = p->pipe[1] = -1;
    for (int end = 0; end < 2; end++) {
        fcntl(p->pipe[end], F_SETFD, FD_CLOEXEC);
        fcntl(p->pipe[end], F_SETFL, O_NONBLOCK);
    }
    int unwatched = aiot_i_watch_pipe(p);
    return error != 0 ? error : unwatched;
}
AIOT_I_FN void aiot_i_poll_close_pipe(aiot_poll *p)
{
    int in = p->pipe[0], out = p->pipe[1];
    p->pipe[0] = p->pipe[1] = -1;  /* a signal handler may raise meanwhile */
    if (in >= 0) close(in);
    if (out >= 0) close(out);
}
AIOT_I_COLD void aiot_i_poll_empty_pipe(aiot_poll *p)
{
    char bytes[64];
    while (read(p->pipe[0], bytes, 64) == 64) { }
}
/* The program has closed an end: the kernel would return at once for ever. `left`: the other end, or -1 if it may be closed, too. */
AIOT_I_COLD void aiot_i_poll_replace_pipe(aiot_poll *p, int left)
{
    AIOT_I_EXPECT(false, "aiot_poll", 0, NULL, "the loop's wake-up was closed by others: a new one is opened");
    if (left >= 0) close(left);
    aiot_i_poll_open_pipe(p);
}
/* For a raise, from any thread or signal handler: keeps errno. A full pipe wakes the loop, too. */
AIOT_I_FN void aiot_i_poll_wake(const aiot_poll *p)
{
    int before = errno;
    for (int tries = 0; tries < 3 && write(p->pipe[1], "", 1) < 0 && errno != EAGAIN; tries++) { }
    errno = before;
}
#else
AIOT_I_FN int aiot_i_poll_open_pipe(aiot_poll *p) { return 0; }
AIOT_I_FN void aiot_i_poll_close_pipe(aiot_poll *p) { }
AIOT_I_COLD void aiot_i_poll_empty_pipe(aiot_poll *p) { (void)p; }
AIOT_I_COLD void aiot_i_poll_replace_pipe(aiot_poll *p, int left) { (void)p; (void)left; }
#endif

AIOT_I_COLD int aiot_i_poll_open(aiot_poll *p)
{
    p->process = getpid();
    int error = aiot_i_kernel_open(p);
    return error != 0 ? error : aiot_i_poll_open_pipe(p);
}
AIOT_I_COLD void aiot_i_poll_close(aiot_poll *p)
{
    aiot_i_poll_close_pipe(p);
    aiot_i_kernel_close(p);
}
/* Opens it all anew, and watches what was watched before. */
AIOT_I_COLD int aiot_i_poll_reopen(aiot_poll *p)
{
    int error = aiot_i_poll_open(p);
#if AIOT_I_POLLER != AIOT_I_POLL
    if (p->kernel < 0) return error;
    aiot_i_link armed;
    aiot_i_list_init(&armed);
    aiot_i_splice(&armed, &p->armed);
    while (!aiot_i_list_empty(&armed)) {
        aiot_fd *f = AIOT_I_CONTAINER(armed.next, aiot_fd, link);
        unsigned bits = f->armed;
        aiot_i_unlink(&f->link);
        f->armed = 0;
        int refused = aiot_i_arm(p, f, bits);
        if (refused != 0) aiot_i_fd_tell(f, true, true, refused);
    }
#endif
    return error;
}

/* Opens an AIOT_POLL_SET for a loop. It must live as long as the loop, or until aiot_poll_close(). Needs two descriptors more where
 * interrupts or threads raise. From then on such a loop ends only with aiot_run(), aiot_run_until() and aiot_loop_stop(). Returns 0;
 * AIOT_ERUNTIME if the loop has one; AIOT_ENOBUFS if it has no place; or an errno, positive.
 *
 * TWO CLOCKS. While a task waits for a descriptor, the loop sleeps in the kernel instead of the idle hook, by the kernel's monotonic
 * clock, to the nanosecond; where there is only poll(2), in whole milliseconds, rounded up. If your own clock jumps ahead, as by a suspend,
 * timers run only when that sleep ends: up to an hour late, or as late as aiot_poll_set_longest_sleep() allows. */
#define aiot_poll_open(loop, set) \
    ((loop)->poll != NULL ? AIOT_ERUNTIME : aiot_i_poll_begin(loop, aiot_i_poll_init(AIOT_I_POLL_ROOM(set))))
AIOT_I_COLD int aiot_i_poll_begin(aiot_loop *loop, aiot_poll *p)
{
    if (p->capacity == 0) return AIOT_ENOBUFS;
    p->longest_sleep = AIOT_FOREVER;
    p->pipe[0] = p->pipe[1] = -1;
    int error = aiot_i_poll_open(p);
    if (error != 0) {
        aiot_i_poll_close(p);
        return error;
    }
    loop->poll = p;
    loop->watched = AIOT_I_INTERRUPTS;
    return 0;
}

/* Closes what aiot_poll_open() opened. No thread or handler may raise any more. aiot_fds stay open. Returns 0, or AIOT_ERUNTIME if it is
 * not open, or a wait or a callback lasts. */
AIOT_I_COLD int aiot_poll_close(aiot_loop *loop)
{
    if (loop->poll == NULL || loop->watched > AIOT_I_INTERRUPTS) return AIOT_ERUNTIME;
#if AIOT_I_POLLER != AIOT_I_POLL
    while (!aiot_i_list_empty(&loop->poll->armed))
        aiot_i_set_armed(loop->poll, AIOT_I_CONTAINER(loop->poll->armed.next, aiot_fd, link), 0);
#endif
    aiot_i_poll_close(loop->poll);
    loop->poll = NULL;
    loop->watched = 0;
    return 0;
}

/* For the child of a fork(): opens all anew, else parent and child take each other's events. Call it for each loop that the child runs,
 * before the child closes descriptors or raises. Returns 0, also if nothing is open, or an errno: then call again. Waits go on; a pending
 * raise runs in both processes. */
AIOT_I_COLD int aiot_poll_after_fork(aiot_loop *loop)
{
    if (loop->poll == NULL) return 0;
    aiot_i_poll_close(loop->poll);
    return aiot_i_poll_reopen(loop->poll);
}

/* For a loop inside another one. Returns a descriptor that is readable when one of the loop's is ready, or something was raised; -1 with
 * poll(2), or if nothing is open. */
AIOT_I_FN int aiot_poll_fd(const aiot_loop *loop) { return loop->poll ? aiot_i_poll_fd(loop->poll) : -1; }

/* Limits one sleep in the kernel, in ns or ticks; AIOT_FOREVER (the default), 0 and less: no limit. For TWO CLOCKS above, and where the
 * kernel's clock runs during a suspend (macOS). */
AIOT_I_FN void aiot_poll_set_longest_sleep(aiot_loop *loop, aiot_time ns)
{
    if (loop->poll) loop->poll->longest_sleep = ns > 0 ? ns : AIOT_FOREVER;
}
#define aiot_poll_set_longest_sleep(loop, ns) aiot_poll_set_longest_sleep(loop, AIOT_I_DELAY(ns))

/* The loop's look at its descriptors. If others closed the kernel's descriptor, it is opened anew. */
AIOT_I_COLD void aiot_i_poll_look(aiot_loop *loop, aiot_time limit)
{
    aiot_poll *p = loop->poll;
    AIOT_I_EXPECT(p->process == getpid(), "aiot_poll", 0, NULL,
                           "a loop runs in a child of the process that opened its descriptors: call aiot_poll_after_fork() first");
    if (AIOT_DEBUG) p->process = getpid();  /* complain once */
    int error = aiot_i_look(p, limit < p->longest_sleep ? limit : p->longest_sleep);
    if (error != EBADF && error != EINVAL) return;
    AIOT_I_EXPECT(false, "aiot_poll", 0, NULL, "the loop's descriptors were closed by others: new ones are opened");
    if (aiot_i_poll_reopen(p) != 0) (void)aiot_i_poll_once(NULL, 0, limit < AIOT_MS(10) ? limit : AIOT_MS(10));  /* tries again then */
}

/* For a loop inside another one. A descriptor that is ready while nobody waits for any would keep aiot_poll_fd() readable for ever: the
 * kernel is told to watch less. */
AIOT_I_COLD void aiot_i_poll_settle(aiot_loop *loop)
{
#if AIOT_I_POLLER != AIOT_I_POLL
    if (loop->poll && loop->watched == 0 && !aiot_i_list_empty(&loop->poll->armed)) aiot_i_poll_look(loop, 0);
#endif
}

/* THE WAITS AS COROUTINES. */
struct aiot_readable { AIOT_FRAME; aiot_fd *fd; };
struct aiot_writable { AIOT_FRAME; aiot_fd *fd; };
AIOT_I_CORO(aiot_readable, AIOT_READABLE, self->fd)
AIOT_I_CORO(aiot_writable, AIOT_WRITABLE, self->fd)
#endif

/* ============================================================================================================= [16]
 * INTERRUPTS and other threads (AIOT_CRITICAL_STATE or AIOT_THREADS): loop.call_soon_threadsafe().
 *    aiot_post    runs a callback in the loop's next turn  aiot_post_raise()    raised again before its turn: runs once
 *    aiot_signal  wakes the one task that waits for it     aiot_signal_raise()  stays raised until a wait or a clear takes it
 *    aiot_inbox   a queue of items for one task            aiot_inbox_put()     AIOT_EFULL if the inbox is full
 *
 * Only these three functions may be called from interrupt handlers, signal handlers and other threads. They are O(1) and hold the critical
 * section, which masks interrupts, locks a mutex or blocks signals, for a dozen instructions and the copy of an item. It wakes a host's
 * sleeping loop only after aiot_poll_open().
 *
 * A raise appends the post to the chain loop->posted and sets is_posted. The idle hook masks interrupts, and sleeps only if the chain is
 * empty. The next turn clears each is_posted and moves the posts to the ready list.
 *
 * The object must live while its interrupt is enabled, and until a raised post has run. A loop that only an interrupt can wake waits, with
 * no AIOT_EDEADLK. */
#if AIOT_I_INTERRUPTS
AIOT_I_FN void aiot_i_post_init(aiot_i_post *p, aiot_loop *loop, void (*run)(aiot_loop *, aiot_i_call *))
{
    aiot_i_call_init(&p->call, run);
    p->loop = loop;
    p->is_posted = false;
}

AIOT_I_COLD void aiot_i_post_raise(aiot_i_post *p)
{
    aiot_loop *loop = p->loop;
    aiot_i_critical state;
    AIOT_I_EXPECT(loop != NULL, __FILE__, __LINE__, NULL, "raised before its init function was called: nothing happens");
    if (loop == NULL) return;
    AIOT_I_ENTER(loop, state);
    bool is_new = !AIOT_I_PEEK(p->is_posted);
    if (is_new) {
        AIOT_I_POKE(p->is_posted, true);
        p->next = NULL;
        if (loop->posted) loop->last_posted->next = p;
        else AIOT_I_POKE(loop->posted, p);
        loop->last_posted = p;
    }
    AIOT_I_LEAVE(loop, state);
#if AIOT_POLL
    if (is_new && loop->poll) aiot_i_poll_wake(loop->poll);  /* the post may be gone by now */
#endif
}

typedef struct aiot_post {  /* loop.on_error is told if the callback does not return 0, or is NULL: AIOT_EINVAL */
    aiot_i_post   post;
    aiot_callback callback;
    void         *argument;
} aiot_post;

AIOT_I_FN void aiot_i_post_run(aiot_loop *loop, aiot_i_call *call)
{
    aiot_post *p = AIOT_I_CONTAINER(call, aiot_post, post.call);
    int code = p->callback == NULL ? AIOT_EINVAL : p->callback(p->argument);
    if (code != 0) aiot_i_report(loop, AIOT_REPORT_CALLBACK, code, NULL, NULL, NULL);
}

AIOT_I_FN void aiot_post_init(aiot_post *p, aiot_loop *loop, aiot_callback callback, void *argument)
{
    aiot_i_post_init(&p->post, loop, aiot_i_post_run);
    p->callback = callback;
    p->argument = argument;
}

AIOT_I_FN void aiot_post_init_event(aiot_post *p, aiot_loop *loop, aiot_event *e) { aiot_post_init(p, loop, aiot_on_set_event, e); }
AIOT_I_FN void aiot_post_raise(aiot_post *p) { aiot_i_post_raise(&p->post); }

/* Wakes its task in the turn after the next; several raises before that count as one. Without a waiter, or if the woken waiter is
 * cancelled, it stays raised: a later wait ends at once. */
typedef struct aiot_signal {
    aiot_i_post post;
    aiot_task  *waiter;
    bool        is_raised, has_woken;  /* its post ran without a waiter; with one */
} aiot_signal;

AIOT_I_FN void aiot_i_signal_run(aiot_loop *loop, aiot_i_call *call)
{
    aiot_signal *s = AIOT_I_CONTAINER(call, aiot_signal, post.call);
    if (s->waiter && s->waiter->entry.kind == AIOT_I_PARKED) {
        s->has_woken = true;
        aiot_i_wake(s->waiter, 0, NULL);
    } else {
        s->is_raised = true;
    }
}

AIOT_I_FN void aiot_signal_init(aiot_signal *s, aiot_loop *loop)
{
    aiot_i_post_init(&s->post, loop, aiot_i_signal_run);
    s->waiter = NULL;
    s->is_raised = s->has_woken = false;
}

AIOT_I_FN void aiot_signal_raise(aiot_signal *s) { aiot_i_post_raise(&s->post); }

/* Takes a raise out of the ready list. Returns false if there is none. */
AIOT_I_FN bool aiot_i_signal_take_ready(aiot_signal *s)
{
    aiot_i_entry *e = &s->post.call.entry;
    if (e->link.next == NULL) return false;
    aiot_i_take_out(s->post.loop, e);
    return true;
}

/* Forgets all raises. Call it in the loop's thread, before the operation whose end the signal tells. */
AIOT_I_COLD void aiot_signal_clear(aiot_signal *s)
{
    aiot_i_post *own = &s->post, *before = NULL;
    aiot_loop *loop = own->loop;
    aiot_i_critical state;
    AIOT_I_ENTER(loop, state);
    if (AIOT_I_PEEK(own->is_posted)) {
        aiot_i_post *volatile *link = &loop->posted;
        for (; *link != own; link = &before->next) before = *link;
        AIOT_I_POKE(*link, own->next);
        if (loop->last_posted == own) loop->last_posted = before;
        AIOT_I_POKE(own->is_posted, false);
    }
    AIOT_I_LEAVE(loop, state);
    aiot_i_signal_take_ready(s);
    s->is_raised = false;
}

/* Ends at once if the signal was raised before this turn. Raises AIOT_ERUNTIME if another task waits for it. */
#define AIOT_SIGNAL_WAIT(signal) AIOT_I_WAIT_WHILE(AIOT_I_LABEL, true, aiot_i_signal_step(signal, task))

AIOT_I_FN void aiot_i_signal_end(aiot_signal *s, aiot_task *task)
{
    s->waiter = NULL;
    if (s->has_woken && task->entry.code != 0) s->is_raised = true;
}

AIOT_I_COLD bool aiot_i_signal_begin(aiot_signal *s, aiot_task *task)
{
    if (aiot_i_signal_take_ready(s) || s->is_raised) {
        s->is_raised = false;
        return false;
    }
    s->waiter = task;
    s->has_woken = false;
    aiot_i_park(AIOT_I_FOR(task, "an aiot_signal", s));
    return true;
}

AIOT_I_COLD bool aiot_i_signal_step(aiot_signal *s, aiot_task *task)
{
    if (s->waiter == NULL) return aiot_i_signal_begin(s, task);
    if (s->waiter != task) return aiot_i_end_wait(task, AIOT_ERUNTIME);
    aiot_i_signal_end(s, task);
    return false;
}

/* Interrupts or threads put, one task gets. `items`: capacity * item_size bytes of the caller, which live as long as the inbox. Init
 * returns 0, or AIOT_EINVAL for NULL, an item_size of 0, or a capacity that is no power of two or too large. Puts and gets fail with
 * AIOT_EINVAL for an item of another size, and without a valid init. */
typedef struct aiot_inbox {
    aiot_signal       signal;
    uint8_t          *items;
    size_t            item_size;
    unsigned          mask;
    volatile unsigned head, tail;  /* written by the task, by the interrupt; not wrapped to the capacity */
} aiot_inbox;

AIOT_I_FN int aiot_inbox_init(aiot_inbox *b, aiot_loop *loop, void *items, size_t item_size, unsigned capacity)
{
    b->items = NULL;
    if (!items || !item_size || !capacity || (capacity & (capacity - 1)) || item_size > SIZE_MAX / 2 / capacity) return AIOT_EINVAL;
    aiot_signal_init(&b->signal, loop);
    b->items = (uint8_t *)items;
    b->item_size = item_size;
    b->mask = capacity - 1;
    b->head = 0;
    b->tail = 0;
    return 0;
}

AIOT_I_FN void *aiot_i_inbox_item(const aiot_inbox *b, unsigned count) { return b->items + (count & b->mask) * b->item_size; }

/* Copies the item in and wakes the waiter. Returns 0, AIOT_EFULL (nothing is overwritten) or AIOT_EINVAL. */
#define aiot_inbox_put(inbox, ...) aiot_i_inbox_put(inbox, __VA_ARGS__, AIOT_I_ITEM_SIZE(*(__VA_ARGS__)))
AIOT_I_COLD int aiot_i_inbox_put(aiot_inbox *b, const void *item, size_t size)
{
    aiot_i_critical state;
    if (size != b->item_size || !b->items) return AIOT_EINVAL;
    AIOT_I_ENTER(b->signal.post.loop, state);  /* a more urgent interrupt may put */
    unsigned tail = b->tail;
    bool is_full = tail - b->head > b->mask;
    if (!is_full) {
        aiot_i_copy(aiot_i_inbox_item(b, tail), item, size);
        b->tail = tail + 1;
    }
    AIOT_I_LEAVE(b->signal.post.loop, state);
    if (is_full) return AIOT_EFULL;
    aiot_i_post_raise(&b->signal.post);
    return 0;
}

/* Takes the oldest item. Returns 0, AIOT_EEMPTY or AIOT_EINVAL. For the loop's thread. */
#define aiot_inbox_get_nowait(inbox, item) aiot_i_inbox_get(inbox, item, sizeof *(item))
AIOT_I_COLD int aiot_i_inbox_get(aiot_inbox *b, void *item, size_t size)
{
    aiot_i_critical state;
    unsigned head = b->head;
    if (size != b->item_size || !b->items) return AIOT_EINVAL;
    AIOT_I_ENTER(b->signal.post.loop, state);
    bool is_empty = b->tail == head;
    AIOT_I_LEAVE(b->signal.post.loop, state);
    if (is_empty) return AIOT_EEMPTY;
    aiot_i_copy(item, aiot_i_inbox_item(b, head), size);
    AIOT_I_ENTER(b->signal.post.loop, state);
    b->head = head + 1;
    AIOT_I_LEAVE(b->signal.post.loop, state);
    return 0;
}

/* Waits for the next item and copies it to `item`, which must live in the frame. Raises AIOT_ERUNTIME if another task waits, or
 * AIOT_EINVAL. A cancel loses no item. */
#define AIOT_INBOX_GET(inbox, item) AIOT_I_INBOX_GET(inbox, item, sizeof *(item))
#define AIOT_I_INBOX_GET(inbox, item, size) AIOT_I_WAIT_WHILE(AIOT_I_LABEL, true, aiot_i_inbox_step(inbox, item, size, task))
AIOT_I_COLD bool aiot_i_inbox_step(aiot_inbox *b, void *item, size_t size, aiot_task *task)
{
    aiot_signal *s = &b->signal;
    int code = AIOT_ERUNTIME;
    if (s->waiter == task) {
        aiot_i_signal_end(s, task);
        if (task->entry.code != 0) return false;
    }
    if (s->waiter == NULL)  /* the item of a raise may be gone: look again */
        while ((code = aiot_i_inbox_get(b, item, size)) == AIOT_EEMPTY)
            if (aiot_i_signal_begin(s, task)) return true;
    return aiot_i_end_wait(task, code);
}

/* THE WAITS AS COROUTINES. */
struct aiot_signal_wait { AIOT_FRAME; aiot_signal *signal; };
struct aiot_inbox_get { AIOT_FRAME; aiot_inbox *inbox; void *item; };
AIOT_I_CORO(aiot_signal_wait, AIOT_SIGNAL_WAIT, self->signal)
AIOT_I_CORO(aiot_inbox_get, AIOT_I_INBOX_GET, self->inbox, self->item, self->inbox->item_size)
#endif

/* ============================================================================================================= [17]
 * LOOKING INTO A LOOP, for a watchdog that says what hangs. Changes nothing. examples/debug/aiot-gdb.py shows in gdb what aiot_dump()
 * prints, also of release builds, core files and halted microcontrollers. */

/* What the task has joined. NULL if nothing, in a join with a limit of 0 or less, and after a cancel that this could not take. */
AIOT_I_FN aiot_awaitable *aiot_task_waits_for(const aiot_task *t) { return aiot_i_target(t); }

AIOT_I_COLD const char *aiot_task_doing(const aiot_task *t)
{
    switch (t->entry.kind) {
    case AIOT_I_READY: return "ready";  /* or running */
    case AIOT_I_TIMER: return "sleeps";
    case AIOT_I_WAITING: case AIOT_I_PARKED: return aiot_i_target(t) ? "waits for" : "waits";
    case AIOT_I_ENDED: case AIOT_I_UNCOLLECTED: return "ended";
    default: return "not started";
    }
}

/* The frame that awaits this one, or NULL. */
AIOT_I_FN const aiot_frame *aiot_i_outer(const aiot_frame *frame) { return frame->flags & AIOT_I_ROOT ? NULL : frame->up.frame; }

/* Task.get_stack(): the line where the task waits, `depth` awaits out of the innermost coroutine; after its end, where it last waited or
 * raised. 0 beyond the outermost coroutine, before the first wait, above line 65 535, and in release builds of a small loop. */
AIOT_I_COLD unsigned aiot_task_line(const aiot_task *t, unsigned depth)
{
    const aiot_frame *frame = t->frame;
    for (; frame && depth > 0; depth--) frame = aiot_i_outer(frame);
    return frame ? AIOT_I_LINE(frame) : 0;
}

#if AIOT_TASK_LIST
/* asyncio.all_tasks(): the unfinished tasks in order of creation. Returns the task after `t`, the first for NULL, NULL at the end: O(1).
 *     for (aiot_task *t = NULL; (t = aiot_next_task(&loop, t)) != NULL;) ... */
AIOT_I_FN aiot_task *aiot_next_task(aiot_loop *loop, aiot_task *t)
{
    aiot_i_link *link = t ? t->all.next : loop->tasks.next;
    return link == &loop->tasks ? NULL : AIOT_I_CONTAINER(link, aiot_task, all);
}
#endif

#ifndef __SDCC
AIOT_I_COLD enum aiot_canceller_kind aiot_i_waiter_kind(const aiot_i_entry *waiter)
{
    if (waiter->kind == AIOT_I_WAITING) return AIOT_BY_WAITER;
    return waiter->flags & AIOT_I_STOPS ? AIOT_BY_STOP : (enum aiot_canceller_kind)waiter->count;
}

/* Has the owner of this waiter asked what it waits for to end? Returns it, or NULL. */
AIOT_I_COLD const void *aiot_i_asking(const aiot_i_entry *waiter, enum aiot_canceller_kind kind)
{
    const aiot_i_call *call = AIOT_I_CONTAINER(waiter, const aiot_i_call, entry);
    const aiot_i_member *m = AIOT_I_CONTAINER(call, const aiot_i_member, call);
    switch (kind) {
    case AIOT_BY_WAITER:
        if (waiter->kind == AIOT_I_CALL) return AIOT_I_CONTAINER(call, const aiot_timeout, call)->task;
        return waiter->count > 0 ? waiter : NULL;
    case AIOT_BY_STOP: return AIOT_I_CONTAINER(call, const aiot_timeout, call);
    case AIOT_BY_GROUP: {
        const aiot_group *g = AIOT_I_CONTAINER(call, const aiot_group_task, done)->group;
        return g->aborting ? g : NULL;
    }
    case AIOT_BY_RACE: return ((const aiot_race_state *)m->owner)->asked ? m->owner : NULL;
    case AIOT_BY_GATHER: return ((const aiot_gather *)m->owner)->awaitable.entry.flags & AIOT_I_ASKED ? m->owner : NULL;
    default: return NULL;
    }
}

/* Is it a struck limit, or a group that has asked its holder? */
AIOT_I_COLD bool aiot_i_is_asking(const aiot_i_scope *s)
{
    return s->kind & AIOT_I_GROUP_BLOCK ? AIOT_I_CONTAINER(s, const aiot_group, scope)->asked_holder : s->state == AIOT_I_EXPIRING;
}

/* The message of a cancel that is held, on its way, or handled by one of the task's coroutines. */
AIOT_I_COLD const char *aiot_i_cancel_message(const aiot_task *t)
{
    const aiot_i_entry *e = &t->entry;
    for (aiot_i_scope *s = aiot_i_innermost(t); s; s = s->around)
        if ((s->kind & AIOT_I_GUARD) && aiot_i_guard_of(s)->has_cancel) return aiot_i_guard_of(s)->message;
    if ((e->flags & AIOT_I_MESSAGE) || (e->kind == AIOT_I_READY && e->code == AIOT_ECANCELED)) return (const char *)e->u.info;
    for (aiot_frame *frame = t->frame; frame; frame = frame->flags & AIOT_I_ROOT ? NULL : frame->up.frame)
        for (unsigned slot = frame->caught; slot > 0; slot--)
            if (aiot_i_slot(frame, slot)->code == AIOT_ECANCELED) return (const char *)aiot_i_slot(frame, slot)->info;
    return NULL;
}

AIOT_I_COLD void aiot_i_find_canceller(const aiot_task *t, aiot_canceller *by)
{
    const aiot_i_link *link = t->awaitable.waiters;
    const aiot_i_scope *s = aiot_i_innermost(t);
    by->kind = aiot_task_cancelling(t) > 0 ? AIOT_BY_CALL : AIOT_BY_NOBODY;
    by->object = NULL;
    by->message = NULL;
    if (by->kind == AIOT_BY_NOBODY) return;
    by->message = aiot_i_cancel_message(t);
    while (s && !aiot_i_is_asking(s)) s = s->around;
    if (s && s->kind & AIOT_I_GROUP_BLOCK) {
        by->kind = AIOT_BY_GROUP;
        by->object = AIOT_I_CONTAINER(s, const aiot_group, scope);
    } else if (s) {
        by->kind = AIOT_BY_LIMIT;
        by->object = AIOT_I_CONTAINER(s, const aiot_timeout, scope);
    } else if (link) do {
        const aiot_i_entry *e = AIOT_I_CONTAINER(link, const aiot_i_entry, link);
        enum aiot_canceller_kind kind = aiot_i_waiter_kind(e);
        const void *asking = aiot_i_asking(e, kind);
        if (asking && kind < by->kind) {
            by->kind = kind;
            by->object = asking;
        }
    } while ((link = link->next) != t->awaitable.waiters);
}

/* Returns who has asked an unfinished task to end, at the point where it is now. O(depth of blocks + waiters). */
AIOT_I_FN aiot_canceller aiot_cancel_reason(const aiot_task *t)
{
    aiot_canceller by;
    aiot_i_find_canceller(t, &by);
    return by;
}
#endif

#if AIOT_I_DUMPS
/* THE TREE OF TASKS. A task stands below the one that waits for it, or in whose group it is. Nothing here recurses or allocates: the links
 * lie in the tasks. */

/* Whose wait this waiter belongs to: a task, or a gather or shield that others wait for; NULL for a callback. */
AIOT_I_COLD const aiot_awaitable *aiot_i_owner_of(const aiot_i_entry *waiter)
{
    const aiot_i_call *call = AIOT_I_CONTAINER(waiter, const aiot_i_call, entry);
    const void *set = AIOT_I_CONTAINER(call, const aiot_i_member, call)->owner;
    const aiot_i_link *readers;
    if (waiter->kind == AIOT_I_WAITING) return &AIOT_I_CONTAINER(waiter, const aiot_task, entry)->awaitable;
    switch ((unsigned)aiot_i_waiter_kind(waiter)) {
    case AIOT_BY_WAITER: case AIOT_BY_STOP: return &AIOT_I_CONTAINER(call, const aiot_timeout, call)->task->awaitable;
    case AIOT_BY_GROUP: return &AIOT_I_CONTAINER(call, const aiot_group_task, done)->group->holder->awaitable;
    case AIOT_BY_RACE: return &((const aiot_race_state *)set)->task->awaitable;
    case AIOT_BY_GATHER: return &((const aiot_gather *)set)->awaitable;
    case AIOT_I_OF_WAIT: return &((const aiot_wait_state *)set)->task->awaitable;
    case AIOT_I_OF_SHIELD: return &AIOT_I_CONTAINER(call, const aiot_shield, inner_done)->awaitable;
    case AIOT_I_OF_AS_COMPLETED:
        readers = &((const aiot_as_completed_state *)set)->readers;
        return aiot_i_has_waiters(readers) ? &((const aiot_waiter *)(const void *)readers->next)->task->awaitable : NULL;
    default: return NULL;
    }
}

/* The task above this one in the tree, or NULL. Gathers and shields may contain each other: it gives up after 99. */
AIOT_I_COLD aiot_task *aiot_i_task_above(const aiot_task *t)
{
    const aiot_awaitable *a = &t->awaitable;
    for (int depth = 0; depth < 99; depth++) {
        const aiot_i_link *link = a->waiters;
        const aiot_awaitable *owner = NULL;
        if (link) do owner = aiot_i_owner_of(AIOT_I_CONTAINER(link, const aiot_i_entry, link));
        while (!owner && (link = link->next) != a->waiters);
        if (owner == NULL) return NULL;
        if (aiot_i_is_task(owner)) return (aiot_task *)(void *)(uintptr_t)owner;
        a = owner;
    }
    return NULL;
}

AIOT_I_COLD void aiot_i_build_tree(aiot_loop *loop)
{
    for (aiot_task *t = NULL; (t = aiot_next_task(loop, t)) != NULL;) {
        t->first = t->next = NULL;
        t->mark = 0;
        t->up = aiot_i_task_above(t);
    }
    for (aiot_i_link *link = loop->tasks.prev; link != &loop->tasks; link = link->prev) {  /* backwards: each becomes the first */
        aiot_task *t = AIOT_I_CONTAINER(link, aiot_task, all);
        if (t->up == NULL) continue;
        t->next = t->up->first;
        t->up->first = t;
    }
}

/* The task that holds a lock, if it still runs. Its pointer is only compared: that task may be gone. */
AIOT_I_COLD const aiot_task *aiot_i_lock_holder(aiot_loop *loop, const aiot_lock *lock)
{
    const aiot_task *t = NULL;
    while (lock->is_locked && (t = aiot_next_task(loop, (aiot_task *)(uintptr_t)t)) != NULL && t != lock->by) { }
    return t;
}
/* The lock that it waits for, or NULL. */
AIOT_I_COLD const aiot_lock *aiot_i_wanted_lock(const aiot_task *t)
{
    static const char a_lock[] = AIOT_I_A_LOCK;
    bool is_lock = t->entry.kind == AIOT_I_PARKED && t->waits_for && strcmp(t->waits_for, a_lock) == 0;
    return is_lock ? (const aiot_lock *)t->waits_at : NULL;
}

/* The one task without which this one cannot go on: which it joins, or which holds the lock that it wants. */
AIOT_I_COLD const aiot_task *aiot_i_needs(const aiot_task *t)
{
    const aiot_awaitable *target = aiot_i_target(t);
    const aiot_lock *lock = aiot_i_wanted_lock(t);
    if (lock) return aiot_i_lock_holder(t->loop, lock);
    return target && aiot_i_is_task(target) ? AIOT_I_CONTAINER(target, const aiot_task, awaitable) : NULL;
}

AIOT_I_FN void aiot_i_print_left(const aiot_loop *loop, aiot_time when)
{
    double left = (double)aiot_time_between(loop->now, when) / (double)AIOT_TICKS_PER_S;
    if (left > 0) fprintf(stderr, "%.3f s left", left);
    else fputs("due", stderr);
}

AIOT_I_COLD void aiot_i_print_wait(const aiot_task *t)
{
    const aiot_awaitable *target = aiot_i_target(t);
    const aiot_lock *lock = aiot_i_wanted_lock(t);
    const aiot_task *holder = lock ? aiot_i_lock_holder(t->loop, lock) : NULL;
    bool is_timer = t->entry.kind == AIOT_I_TIMER, is_parked = t->entry.kind == AIOT_I_PARKED;
    if (target && aiot_i_is_task(target)) fprintf(stderr, "waits for task '%s'", aiot_task_name((const aiot_task *)(const void *)target));
    else if (target && target->entry.kind == AIOT_I_GATHER)
        fprintf(stderr, "waits for a gather, %u unfinished", AIOT_I_CONTAINER(target, const aiot_gather, awaitable)->unfinished);
    else if (target) fputs("waits for a future or shield", stderr);
    else if (is_parked && !t->waits_for) fputs("sleeps for ever", stderr);
    else if ((is_parked || is_timer) && t->waits_for) fprintf(stderr, "waits for %s", t->waits_for);
    else if (t == aiot_i_current(t->loop)) fputs("runs", stderr);
    else fputs((t->frame->at & 0xffff) == 0 ? "has not begun" : aiot_task_doing(t), stderr);
    if (is_timer) {
        fputs(", ", stderr);
        aiot_i_print_left(t->loop, t->entry.u.when);
    }
    if (holder) fprintf(stderr, " that task '%s' holds", aiot_task_name(holder));
    else if (lock) fputs(lock->is_locked ? " that was left locked by a task that has ended" : " that is free", stderr);
}

/* The limits, shielded blocks and groups that it is in, from the innermost out. */
AIOT_I_COLD void aiot_i_print_scopes(const aiot_task *t, int indent)
{
    for (aiot_i_scope *s = aiot_i_innermost(t); s; s = s->around) {
        const aiot_timeout *limit = AIOT_I_CONTAINER(s, const aiot_timeout, scope);
        fprintf(stderr, "%*s", indent, "");
        if (s->kind & AIOT_I_GROUP_BLOCK) {
            fputs(AIOT_I_CONTAINER(s, const aiot_group, scope)->aborting ? "in a group that ends early\n" : "in a group\n", stderr);
            continue;
        }
        fputs(s->kind & AIOT_I_GUARD ? "in a shielded block: " : s->kind & AIOT_I_FIRM_LIMIT ? "firm limit: " : "limit: ", stderr);
        if (s->state == AIOT_I_EXPIRING) fputs("has struck", stderr);
        else if (limit->call.entry.u.when == AIOT_FOREVER) fputs("none", stderr);
        else aiot_i_print_left(t->loop, limit->call.entry.u.when);
        if ((s->kind & AIOT_I_GUARD) && aiot_i_guard_of(s)->held > 0) fprintf(stderr, ", requests held: %u", aiot_i_guard_of(s)->held);
        fputc('\n', stderr);
    }
}

AIOT_I_COLD void aiot_i_print_task(const aiot_task *t, int indent)
{
    aiot_canceller by = aiot_cancel_reason(t);
    const char *before = ", line";
    unsigned depth = 0;
    fprintf(stderr, "%*stask '%s'", indent, "", aiot_task_name(t));
    for (const aiot_frame *frame = t->frame; frame; frame = aiot_i_outer(frame)) depth++;
    while (depth-- > 0) {
        if (aiot_task_line(t, depth) == 0) continue;  /* it has not waited yet */
        fprintf(stderr, "%s %u", before, aiot_task_line(t, depth));
        before = " >";
    }
    fputs(": ", stderr);
    aiot_i_print_wait(t);
    fputc('\n', stderr);
    aiot_i_print_scopes(t, indent + 4);
    if (by.kind == AIOT_BY_NOBODY) return;
    fprintf(stderr, "%*scancelled by %s", indent + 4, "", aiot_canceller_text(by.kind));
    if (by.message) fprintf(stderr, ": %s", by.message);
    if (aiot_task_cancelling(t) > 1) fprintf(stderr, ", %u requests", aiot_task_cancelling(t));
    fputc('\n', stderr);
}

/* Skips those that are printed: a cycle leads back to its first task. */
AIOT_I_FN aiot_task *aiot_i_unprinted(aiot_task *t)
{
    while (t && t->mark != 0) t = t->next;
    return t;
}
AIOT_I_COLD void aiot_i_print_tree(aiot_task *top)
{
    int indent = 0;
    for (aiot_task *t = top;;) {
        aiot_task *next;
        aiot_i_print_task(t, indent);
        t->mark = 1;
        if ((next = aiot_i_unprinted(t->first)) != NULL) indent += 2;
        else while (t != top && (next = aiot_i_unprinted(t->next)) == NULL) {
            t = t->up;
            indent -= 2;
        }
        if (next == NULL) return;
        t = next;
    }
}

/* Names the tasks of each cycle: they wait for each other. */
AIOT_I_COLD void aiot_i_print_cycles(aiot_loop *loop)
{
    unsigned walk = 1;  /* each walk has its own mark */
    for (aiot_task *t = NULL; (t = aiot_next_task(loop, t)) != NULL;) t->mark = 0;
    for (aiot_task *from = NULL; (from = aiot_next_task(loop, from)) != NULL; walk++) {
        const aiot_task *t = from;
        while (t && t->mark == 0) {
            ((aiot_task *)(uintptr_t)t)->mark = walk;
            t = aiot_i_needs(t);
        }
        if (t == NULL || t->mark != walk) continue;
        const aiot_task *first = t;
        fputs("a cycle:", stderr);
        do {
            fprintf(stderr, " task '%s' ", aiot_task_name(t));
            aiot_i_print_wait(t);
            t = aiot_i_needs(t);
            fputs(t == first ? "\n" : ";", stderr);
        } while (t != first);
    }
}

/* Prints all unfinished tasks on stderr, as a tree; then cycles of joins and locks, which never end. The time left counts from the loop's
 * last look at the clock. O(n) for n tasks, and O(n) more for each wait for a lock. */
AIOT_I_COLD void aiot_dump(aiot_loop *loop)
{
    aiot_i_build_tree(loop);
    for (aiot_task *t = NULL; (t = aiot_next_task(loop, t)) != NULL;)
        if (t->up == NULL) aiot_i_print_tree(t);
    for (aiot_task *t = NULL; (t = aiot_next_task(loop, t)) != NULL;)  /* they stand below each other */
        if (t->mark == 0) aiot_i_print_tree(t);
    aiot_i_print_cycles(loop);
}

/* WHAT HOLDS A LOOP UP. asyncio's debug mode has slow_callback_duration. Returns the figures since the last call. */
AIOT_I_FN aiot_lag aiot_loop_lag(aiot_loop *loop)
{
    aiot_lag no_lag = { 0, 0, "", 0, 0 }, lag = loop->lag;
    loop->lag = no_lag;
    return lag;
}

AIOT_I_FN void aiot_i_note_lateness(aiot_loop *loop, aiot_time now)
{
    aiot_time due = aiot_i_timers_next(&loop->timers);
    if (due == AIOT_FOREVER || !aiot_i_is_before(due, now)) return;
    if (aiot_time_between(due, now) > loop->lag.latest_ns) loop->lag.latest_ns = aiot_time_between(due, now);
}
AIOT_I_COLD void aiot_i_note_slowest(aiot_loop *loop, aiot_time began, const char *name, unsigned from_line, unsigned to_line)
{
    aiot_lag *lag = &loop->lag;
    aiot_time took = aiot_time_between(began, aiot_i_system_time());
    size_t length = strlen(name), skipped = length < AIOT_LAG_NAME ? 0 : length - AIOT_LAG_NAME + 1;
    if (took <= lag->slowest_ns) return;
    lag->slowest_ns = took;
    memcpy(lag->name, name + skipped, length - skipped + 1);
    lag->from_line = from_line;
    lag->to_line = to_line;
}
AIOT_I_COLD void aiot_i_note_step(aiot_loop *loop, const aiot_task *task, aiot_time began, unsigned from_line)
{
    aiot_i_note_slowest(loop, began, aiot_task_name(task), from_line, AIOT_I_LINE(task->frame));
}
AIOT_I_COLD void aiot_i_run_call(aiot_loop *loop, aiot_i_call *call)
{
    const aiot_handle *h = call->run == aiot_i_handle_run ? AIOT_I_CONTAINER(call, const aiot_handle, call) : NULL;
    const char *file = h ? h->file : NULL;  /* the callback may free its handle */
    unsigned line = h ? h->line : 0;
    aiot_time began = aiot_i_system_time();
    call->run(loop, call);
    if (file) aiot_i_note_slowest(loop, began, file, line, 0);
}
#endif

/* ============================================================================================================= [18]
 * TESTING YOUR OWN CODE, in debug builds on hosts, on the virtual clock. A cancel, a limit or an error at every await of a task; the ready
 * tasks in another order; a hash that tells whether two runs were the same.
 *    static int begin(aiot_test *t)                      makes all as it is at the start, and spawns the task
 *    {
 *        open_files = 0;
 *        return aiot_spawn_on(t->loop, t->task, transfer, &frame, .to = "a");
 *    }
 *    aiot_test test = { .loop = &loop, .task = &task, .begin = begin, .counter = &open_files };
 *    if (aiot_test_cancel_everywhere(&test) != 0) return 1;  it has printed what is wrong
 *
 * A run is clean if the task ends, ends in the cancel, limit or error that it got, leaves no task running, *counter is 0 then, and check()
 * returns 0. Each run has a loop of its own: t->loop is prepared anew. */
#if AIOT_I_TESTS
typedef struct aiot_test {
    aiot_loop  *loop;
    aiot_task  *task;                    /* the one that is tested */
    int       (*begin)(struct aiot_test *t);  /* returns 0, or a code: the test then ends */
    int       (*check)(struct aiot_test *t);  /* after each run; NULL: none. Returns 0 if all is well */
    const int  *counter;                 /* of what is open; NULL: none */
    bool        may_refuse;              /* the task may end in another way, as one does that tries again */
    void       *user;                    /* yours */
    unsigned    awaits;                  /* result: how often the task waits or yields if nothing comes between */
    unsigned    findings;                /* result: runs that were not clean */
    const char *does;                    /* internal, from here on */
    unsigned    at, strikes_at, line;    /* the await where it is; where it is struck, and the line of that */
    int         kind, code;
    uint64_t    seed;
    aiot_timeout limit;
} aiot_test;
enum { AIOT_I_UNDISTURBED, AIOT_I_CANCELS, AIOT_I_TIMES_OUT, AIOT_I_FAILS };

/* A hash of the steps of all tasks so far: their names, the lines where they wait, the times. Two runs with the same hash were the same.
 * Compare it within one build: lines are part of it. */
AIOT_I_FN uint64_t aiot_trace_hash(const aiot_loop *loop) { return loop->trace; }

/* From the next turn on the loop runs the ready tasks of each turn in a random order of this seed; 0: in asyncio's order. Code that only
 * works in asyncio's order fails with one seed or another. */
AIOT_I_FN void aiot_loop_shuffle(aiot_loop *loop, uint64_t seed) { loop->order = seed * UINT64_C(0x9e3779b97f4a7c15); }

/* xorshift64: Marsaglia, Xorshift RNGs (2003). */
AIOT_I_FN unsigned aiot_i_order_below(aiot_loop *loop, unsigned bound)
{
    AIOT_I_KNOWN(bound != 0)
    loop->order ^= loop->order << 13;
    loop->order ^= loop->order >> 7;
    loop->order ^= loop->order << 17;
    return (unsigned)((loop->order >> 32) % bound);
}

AIOT_I_FN bool aiot_i_is_end_of_turn(const aiot_loop *loop, const aiot_i_link *link)
{
#if AIOT_SMALL
    return link == &loop->ready;
#else
    return link == &loop->mark.link;
#endif
}
AIOT_I_FN bool aiot_i_is_ready_task(const aiot_i_link *link)
{
    return AIOT_I_CONTAINER(link, const aiot_i_entry, link)->kind == AIOT_I_READY;
}

/* The link before the next ready task behind `at`, passing over `n` of them. */
AIOT_I_FN aiot_i_link *aiot_i_before_ready_task(aiot_i_link *at, unsigned n)
{
    while (!aiot_i_is_ready_task(at->next) || n-- > 0) at = at->next;
    return at;
}
/* Exchanges the links that follow `a` and `b`, which stands behind `a`. Links back are not kept. */
AIOT_I_FN void aiot_i_exchange_next(aiot_i_link *a, aiot_i_link *b)
{
    aiot_i_link *first = a->next, *second = b->next, *behind_first = first->next;
    a->next = second;
    first->next = second->next;
    second->next = behind_first == second ? first : behind_first;
    if (b != first) b->next = first;
}

/* Deals the ready tasks of a turn, that begins with `first`, to their places anew. Other entries stay where they are. Returns the first. */
AIOT_I_COLD aiot_i_link *aiot_i_shuffle(aiot_loop *loop, aiot_i_link *first)
{
    if (loop->order == 0) return first;
    aiot_i_link head, *before = first->prev, *at;
    unsigned left = 0;  /* ready tasks behind `at` */
    head.next = first;
    for (at = first; !aiot_i_is_end_of_turn(loop, at); at = at->next) left += aiot_i_is_ready_task(at);
    for (at = &head; left > 0; at = at->next) {
        at = aiot_i_before_ready_task(at, 0);
        aiot_i_exchange_next(at, aiot_i_before_ready_task(at, aiot_i_order_below(loop, left--)));
    }
    head.next->prev = before;
    for (at = head.next; !aiot_i_is_end_of_turn(loop, at); at = at->next) at->next->prev = at;
#if AIOT_SMALL
    before->next = head.next;
#endif
    return head.next;
}

AIOT_I_FN uint64_t aiot_i_hash(uint64_t hash, uint64_t value) { return (hash ^ value) * UINT64_C(0x100000001b3); }  /* FNV-1a's step */

/* Ends the wait of a task with an error of the test's. */
AIOT_I_COLD void aiot_i_fail_wait(aiot_task *t, int code)
{
    aiot_i_entry *e = &t->entry;
    if (e->kind == AIOT_I_TIMER) {
        aiot_i_take_out(t->loop, e);
    } else if (e->kind == AIOT_I_WAITING) {
        aiot_awaitable *a = e->u.target;
        if (a->waiters == &e->link) a->waiters = NULL;  /* it has just begun: if it is the first, it is alone */
        aiot_i_unlink(&e->link);
    } else if (e->kind == AIOT_I_READY) {  /* it yields */
        aiot_i_set_error(t, code, NULL);
        return;
    }
    aiot_i_wake(t, code, NULL);
}

/* After each step of a task. */
AIOT_I_COLD void aiot_i_test_step(aiot_loop *loop, aiot_task *task)
{
    aiot_test *t = loop->test;
    bool is_over = aiot_i_done(&task->awaitable);
    uint64_t hash = aiot_i_hash(loop->trace, (uint64_t)loop->now);
    for (const char *c = is_over ? "." : aiot_task_name(task); *c; c++) hash = aiot_i_hash(hash, (uint8_t)*c);
    loop->trace = aiot_i_hash(hash, is_over ? 0 : aiot_task_line(task, 0));
    if (t == NULL || task != t->task) return;
    if (is_over) aiot_i_collect(&task->awaitable);  /* the test asks how it ended */
    if (is_over || ++t->at != t->strikes_at) return;
    t->line = aiot_task_line(task, 0);
    if (t->kind == AIOT_I_CANCELS) (void)aiot_task_cancel(task);
    else if (t->kind == AIOT_I_FAILS) aiot_i_fail_wait(task, t->code);
    else aiot_i_limit_strike(loop, &t->limit.call);
}

AIOT_I_COLD void aiot_i_test_finding(aiot_test *t, const char *what, int number)
{
    fprintf(stderr, "task '%s', ", aiot_task_name(t->task));
    if (t->strikes_at > 0) fprintf(stderr, "%s at await %u of %u, line %u: ", t->does, t->strikes_at, t->awaits, t->line);
    else if (t->seed) fprintf(stderr, "with the order of seed %lu: ", (unsigned long)t->seed);
    else fputs("undisturbed: ", stderr);
    fprintf(stderr, what, number);
    fputc('\n', stderr);
    t->findings++;
}

/* What of the run was not clean? */
AIOT_I_COLD void aiot_i_test_judge(aiot_test *t)
{
    unsigned before = t->findings;
    size_t left = aiot_loop_task_count(t->loop);
    int code = aiot_done(t->task) ? aiot_error_of(t->task).code : 0;
    int expected = t->strikes_at == 0 ? 0 : t->kind == AIOT_I_FAILS ? t->code : AIOT_ECANCELED;
    if (!aiot_done(t->task)) aiot_i_test_finding(t, "it does not end; it waits in line %d", (int)aiot_task_line(t->task, 0));
    else if (code != expected && !t->may_refuse) aiot_i_test_finding(t, "it ends with the code %d", code);
    if (aiot_done(t->task) && left > 0) aiot_i_test_finding(t, "tasks that it leaves running: %d", (int)left);
    if (aiot_done(t->task) && t->counter && *t->counter != 0) aiot_i_test_finding(t, "the counter is %d at the end", *t->counter);
    if (aiot_done(t->task) && t->check && (code = t->check(t)) != 0) aiot_i_test_finding(t, "check() returns %d", code);
    if (t->findings > before) t->findings = before + 1;
}

/* One run. Returns 0, or what begin() returned. */
AIOT_I_COLD int aiot_i_test_run(aiot_test *t, unsigned strikes_at)
{
    aiot_loop *loop = t->loop;
    aiot_loop_init_virtual(loop);
    loop->test = t;
    aiot_loop_shuffle(loop, t->seed);
    t->at = 0;
    t->strikes_at = strikes_at;
    int code = t->begin(t);
    if (code != 0) return code;
    t->limit.call.entry.link.next = NULL;
    t->limit.scope.state = 0;
    if (t->kind == AIOT_I_TIMES_OUT) (void)aiot_i_limit_open(&t->limit, t->task, AIOT_FOREVER);
    for (unsigned turns = 0; !aiot_done(t->task) && turns < 1000000; turns++) {
        aiot_time next = aiot_run_once(loop);
        if (next == AIOT_FOREVER) break;
        aiot_clock_advance(loop, aiot_time_between(loop->now, next));
    }
    if (strikes_at == 0 && t->seed == 0) t->awaits = t->at;
    aiot_i_test_judge(t);
    (void)aiot_cancel_all(loop);
    return 0;
}
AIOT_I_COLD int aiot_i_test_everywhere(aiot_test *t, int kind, const char *does, int code)
{
    t->findings = 0;
    t->seed = 0;
    t->kind = AIOT_I_UNDISTURBED;
    int error = aiot_i_test_run(t, 0);
    t->kind = kind;
    t->does = does;
    t->code = code;
    for (unsigned at = 1; error == 0 && at <= t->awaits; at++) error = aiot_i_test_run(t, at);
    return error != 0 ? error : (int)t->findings;
}

/* Run the task once to count its awaits, and then once for each, in which it is cancelled there; in which a limit around it expires there;
 * in which that await fails with `code`. Print each finding on stderr. Return the number of findings, or the code of begin(). */
AIOT_I_FN int aiot_test_cancel_everywhere(aiot_test *t) { return aiot_i_test_everywhere(t, AIOT_I_CANCELS, "cancelled", 0); }
AIOT_I_FN int aiot_test_time_out_everywhere(aiot_test *t) { return aiot_i_test_everywhere(t, AIOT_I_TIMES_OUT, "timed out", 0); }
AIOT_I_FN int aiot_test_fail_everywhere(aiot_test *t, int code) { return aiot_i_test_everywhere(t, AIOT_I_FAILS, "failed", code); }

/* Runs it with the ready tasks in the orders of the seeds 1 to `count`. Prints the seed of each run that was not clean. Returns their
 * number, or the code of begin(). To repeat one: aiot_loop_shuffle(loop, seed). */
AIOT_I_FN int aiot_test_orders(aiot_test *t, unsigned count)
{
    int error = 0;
    t->findings = 0;
    t->kind = AIOT_I_UNDISTURBED;
    for (t->seed = 1; t->seed <= count && error == 0; t->seed++) error = aiot_i_test_run(t, 0);
    t->seed = 0;
    return error != 0 ? error : (int)t->findings;
}

/* The virtual clock of the loop stands, and the loop waits for other threads and for descriptors, until it is released as often as it was
 * held. Hold it when you hand work to a thread, and release it in the post that brings the result. */
AIOT_I_FN void aiot_clock_hold(aiot_loop *loop) { if (loop->held < ~0u) loop->held++; }
AIOT_I_FN void aiot_clock_release(aiot_loop *loop) { if (loop->held > 0) loop->held--; }
#endif

#if defined __GNUC__
#pragma GCC diagnostic pop
#elif defined __SDCC
#undef inline
#endif

#ifdef __cplusplus
}
#endif

/* REVISIONS
 *   0.4.0  2026-11  aiot_fd: epoll(7), kqueue(2), poll(2), in place of aiot_io; aiot_poll_open(), AIOT_EBADF, callbacks for descriptors.
 *                   Adapters. Tools to test your own code. aiot_dump() prints a tree and cycles; aiot_loop_lag(). AIOT_TRACE(task) is now
 *                   AIOT_TRACE(event, task). Release builds refuse more mistakes; aiot_call_soon() and aiot_call_at() return 0 or a code.
 *   0.3.0  2026-11  Beyond asyncio: the time left, shielded blocks, firm limits, stops, races, tickers, backoff, who has cancelled;
 *                   AIOT_SPAWN(), arrays of tasks, ready callbacks. AIOT_THREADS; ppoll(2).
 *   0.2.0  2026-11  One loop for hosts and a small one; aiot_task_detach(), aiot_poll_after_fork(). The ring is gone.
 *   0.1.0  2026-11  asyncio's waits, turn by turn; microcontrollers; poll(2); interrupts.
 *
 * Copyright (c) 2026 the authors of aio_timeout.h
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
 * "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
 * distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
 * the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
 * MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
 * ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
 * THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
#endif /* AIO_TIMEOUT_H */
