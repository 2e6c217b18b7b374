/* aio_timeout.h - asyncio's timeouts, waiting and cancellation for C11.  Version 0.1.0.  MIT licence (at the end).
 *
 * Stackless coroutines with try / except / finally, a timer wheel, cancellable tasks, and asyncio's sleep, timeout,
 * wait_for, wait, gather and shield, behaving turn by turn as CPython's asyncio does.  One file, no allocation, no
 * runtime, no global state (on a microcontroller, one line number).
 *
 * QUICK START: copy this file, include it, write.
 *
 *     #include "aio_timeout.h"
 *     #include <stdio.h>
 *
 *     struct fetch { AIOT_FRAME; const char *name; aiot_time delay; int length; };
 *
 *     static AIOT_CORO(fetch)                        // async def fetch(name, delay):
 *     {
 *         AIOT_BEGIN();
 *         AIOT_TRY {                                 //     try:
 *             AIOT_SLEEP(self->delay);               //         await asyncio.sleep(delay)
 *             self->length = 42;                     //         return 42
 *         } AIOT_FINALLY {                           //     finally:
 *             printf("closing %s\n", self->name);
 *             AIOT_SLEEP(AIOT_MS(1));                //         await asyncio.sleep(0.001)
 *         }
 *         AIOT_END();
 *     }
 *
 *     struct root { AIOT_FRAME; aiot_timeout limit; struct fetch one; };
 *
 *     static AIOT_CORO(root)                         // async def root():
 *     {
 *         AIOT_BEGIN();
 *         AIOT_TIMEOUT(&self->limit, AIOT_MS(50)) {  //     try:
 *             AIOT_AWAIT(fetch, &self->one, .name = "api", .delay = AIOT_S(3));
 *         } AIOT_EXCEPT(AIOT_ETIMEDOUT) {            //     except TimeoutError:
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
 *  1. UPPER CASE may suspend or transfer control: every C local that is not static dies there, and a failure is raised.
 *     lower case never suspends; what can fail there returns 0 or an error code, to be looked at, or raised by AIOT_CHECK().
 *  2. What must survive a wait lives in the frame (`self->x`), or is static; so does what an argument points to: a compound literal,
 *     `.argv = (char *[]){ "ls", NULL }`, dies like a local.  gcc with AIOT_DEBUG objects to locals carried across a wait, at every -O
 *     level: "may be used uninitialized", or "switch jumps over variable initialization".  clang and release builds let some through.
 *  3. A failed wait (cancelled, timed out, the child's error) leaves its block at once and goes to the nearest handler that
 *     names it, running every AIOT_FINALLY on the way.  If no block handles it, it goes to whoever awaits.
 *  4. Inside a block `break` and `continue` leave that block, through its FINALLY.  A loop around a block is ended by
 *     AIOT_RETURN() or by a flag in the frame.  `goto` out of a block is not allowed.  `break` in FINALLY does not swallow the error;
 *     AIOT_RETURN() does.
 *  5. What has no init function is zeroed before its first use, an aiot_timeout in any case; zeroed it is valid and idle.  The
 *     caller owns frames, tasks, timeouts and sets, and they must live until what uses them has ended.  Pointer arguments of the macros
 *     are evaluated more than once, at the end of a block too, and must then name the same object: pass `&self->x`.
 *  6. No wait inside a `switch` of your own: on hosts the compiler rejects it, or, where that is over 64 bits, the program stops there
 *     when it runs.  `if` chains and loops are fine.
 *
 * OPTIONS: macros, defined before the include; alike in all files that share a loop.
 *    AIOT_DEBUG        0   1: check frames, tasks and blocks, answer bad use with file, line and task name, and on hosts print errors that
 *                          nobody takes
 *    AIOT_PANIC(file, line, task_name, message)
 *                      -   an expression, called for each failed check.  Default: prints to stderr; without AIOT_HOSTED it stores the line
 *                          in aiot_failed_line.  A use that is answered with an error goes on behind it; where memory may be corrupt
 *                          the program stops behind it: abort(), or an endless loop without AIOT_HOSTED
 *    AIOT_HOSTED       -   0: no clock of its own, no <time.h>, no <stdio.h>.  Default: __STDC_HOSTED__, but 0 on AVR
 *    AIOT_TIME_BITS    64  64, or 32 or 16: aiot_time is then a wrapping count of ticks, section [3]
 *    AIOT_TICKS_PER_S  -   what aiot_time counts, a number that #if can read.  Default: 1000000000 with 64 bits, else 1000
 *    AIOT_SMALL        -   which of the two loops.  0, the host's: timers in a wheel of 23 KB (6 KB on 32 bits without AIOT_HOSTED),
 *                          error reports, task names and source lines.  1, the small one: timers in a sorted list, for some dozens of
 *                          them; reports, names and lines only with AIOT_DEBUG.  Default: 0 with AIOT_TIME_BITS 64, which the wheel
 *                          needs, else 1.  A large microcontroller that wants the wheel takes 0 with AIOT_HOSTED 0
 *    AIOT_TASK_LIST    1   0: the loop keeps no list of its tasks: no aiot_run(), aiot_run_frame(), aiot_cancel_all(),
 *                          aiot_loop_task_count(), aiot_next_task().  Saves two pointers a task
 *    AIOT_CLOCK(loop), AIOT_IDLE(loop, until)
 *                      -   the one clock and idle hook of all loops, both or none, instead of pointers to them in each loop
 *    AIOT_CRITICAL_STATE, AIOT_CRITICAL_ENTER(state), AIOT_CRITICAL_LEAVE(state)
 *                      -   all three: tasks can be woken from interrupts and other threads, section [16].  A type, and what saves and
 *                          masks, and restores, the interrupts; both are barriers for the compiler, too
 *    AIOT_POLL         0   1: file descriptors through poll(2), section [15]
 *    AIOT_TRACE(task)  -   done before each step of a task: sets a pin, counts, logs.  Default: nothing
 *    AIOT_DECLARE_ONLY, AIOT_IMPLEMENTATION
 *                      0   1: one copy of the code in a program of many files: AIOT_IMPLEMENTATION in one C file, AIOT_DECLARE_ONLY in
 *                          all others.  By default each file has a copy of what it uses
 *
 * CONTENTS   the API at a glance   [1] portability   [2] errors   [3] time   [4] lists   [5] what can be queued, and where each wait lies
 *            [6] objects   [7] the timer wheel   [8] loop   [9] tasks and cancellation   [10] coroutines and blocks
 *            [11] sleep, await, join, timeout, wait_for, run   [12] wait, gather, shield
 *            [13] event, lock, condition, semaphore, barrier, queue   [14] task group, as_completed   [15] file descriptors
 *            [16] interrupts and threads   [17] looking into a loop   licence
 */
#ifndef AIO_TIMEOUT_H
#define AIO_TIMEOUT_H

#define AIOT_VERSION_MAJOR 0
#define AIOT_VERSION_MINOR 1
#define AIOT_VERSION_PATCH 0

/* THE API AT A GLANCE: with asyncio's names.  c: a coroutine's name; f, t, x: pointers to its frame, a task (of a group: an
 * aiot_group_task), any awaitable.
 * (args) are named fields of the frame: .name = value, ...
 *
 *   Coroutines      AIOT_FRAME; or AIOT_FRAME_DEPTH(n);           first in a coroutine's struct
 *                   static AIOT_CORO(c) { }                       async def c; AIOT_CORO_DECLARE(c); for another file
 *                   AIOT_BEGIN(); ... AIOT_END();                 around its body
 *                   AIOT_AWAIT(c, f, args), AIOT_AWAIT_FRAME(c, f)                        await c(args)
 *                   AIOT_RETURN(), AIOT_RAISE(code), AIOT_RAISE_INFO(code, info), AIOT_RERAISE(), AIOT_CHECK(call)
 *                   AIOT_TRY { } AIOT_EXCEPT(code, ...) { }       try, except; also AIOT_EXCEPT_APP, AIOT_EXCEPT_ANY,
 *                   AIOT_FINALLY { }                              AIOT_EXCEPT_ALL, AIOT_EXCEPT_IF(condition); aiot_caught(task)
 *   Running         aiot_loop; aiot_loop_init, aiot_loop_init_virtual, aiot_loop_init_clock
 *                   aiot_run(&loop, c, f, args), aiot_run_frame(&loop, c, f)              asyncio.run
 *                   aiot_run_until(&loop, x), aiot_run_forever, aiot_loop_stop            run_until_complete, run_forever, stop
 *                   aiot_run_once, aiot_next_deadline             for a main loop of your own
 *                   aiot_cancel_all, aiot_loop_task_count
 *   Time            aiot_time; AIOT_S, AIOT_MS, AIOT_US, AIOT_NS, AIOT_FOREVER; aiot_time_after, aiot_time_between, aiot_time_before
 *                   aiot_now(loop), aiot_clock_refresh, aiot_clock_advance                loop.time
 *                   AIOT_SLEEP(delay), AIOT_SLEEP_UNTIL(when), AIOT_YIELD(), aiot_sleep   sleep; sleep(0)
 *   Tasks           aiot_task; aiot_spawn(t, c, f, args), aiot_spawn_on(loop, ...)        create_task
 *                   aiot_spawn_frame(t, c, f), aiot_spawn_frame_on(loop, ...)
 *                   AIOT_JOIN(x)                                  await x
 *                   aiot_task_cancel, aiot_task_cancel_msg, aiot_task_cancelling, aiot_task_uncancel, aiot_task_done,
 *                   aiot_task_cancelled, aiot_task_result, aiot_task_name, aiot_task_set_name, aiot_current_task, aiot_task_idle,
 *                   aiot_task_detach
 *                   aiot_done(x), aiot_cancelled(x), aiot_result(x), aiot_error_of(x), aiot_cancel(x), aiot_cancel_msg(x, text)
 *   Futures         aiot_future; aiot_future_init, aiot_future_set_result, aiot_future_set_ptr, aiot_future_set_error,
 *                   aiot_future_value, aiot_future_ptr            create_future, set_result, set_exception, result
 *   Callbacks       aiot_handle; aiot_callback; aiot_call_soon, aiot_call_later, aiot_call_at
 *                   aiot_add_done_callback(x, handle, callback, argument), aiot_remove_done_callback(handle)
 *                   aiot_handle_cancel, aiot_handle_cancelled, aiot_handle_when
 *   Limits          aiot_timeout; AIOT_TIMEOUT(&l, delay) { }, AIOT_TIMEOUT_AT(&l, when) { }   timeout, timeout_at
 *                   aiot_timeout_init, aiot_timeout_init_at, AIOT_TIMEOUT_ENTER(&l) { }
 *                   aiot_timeout_reschedule, aiot_timeout_when, aiot_timeout_expired
 *                   AIOT_WAIT_FOR(&l, delay, c, f, args), AIOT_WAIT_FOR_FRAME(&l, delay, c, f)     wait_for(c(args), delay)
 *                   AIOT_JOIN_FOR(&l, delay, x)                   wait_for(x, delay)
 *   Several         AIOT_WAIT_SET(n); AIOT_WAIT(&set, when, limit, x, ...), AIOT_WAIT_ARRAY        wait; when: AIOT_ALL_COMPLETED,
 *                   aiot_wait_done_count, aiot_wait_pending_count,                            AIOT_FIRST_COMPLETED,
 *                   aiot_wait_has, aiot_wait_is_done                                          AIOT_FIRST_EXCEPTION
 *                   AIOT_GATHER_SET(n); AIOT_GATHER(&set, x, ...), AIOT_GATHER_ARRAY          gather
 *                   AIOT_GATHER_ALL, AIOT_GATHER_ALL_ARRAY        gather(return_exceptions=True)
 *                   aiot_gather, aiot_gather_array, aiot_gather_all, aiot_gather_all_array    only make it
 *                   aiot_shield; AIOT_SHIELD(&s, x), aiot_shield(&s, x)                       shield
 *                   AIOT_AS_COMPLETED_SET(n); aiot_as_completed, aiot_as_completed_array, aiot_as_completed_left, as_completed
 *                   AIOT_NEXT_COMPLETED, AIOT_NEXT_COMPLETED_WITH; AIOT_WAIT_COMPLETED, AIOT_WAIT_COMPLETED_WITH (async for),
 *                   aiot_completed, aiot_completed_index, aiot_as_completed_close
 *                   AIOT_AWAITABLE(x), aiot_awaitable             for arrays of them; AIOT_ANY(a), aiot_any: back again
 *   Groups          aiot_group, aiot_group_task; AIOT_GROUP(&g) { }                           TaskGroup
 *                   aiot_group_spawn(&g, t, c, f, args), aiot_group_spawn_frame, aiot_group_cancel
 *                   aiot_group_error_count, aiot_group_error, aiot_group_error_task           the errors of an ExceptionGroup
 *   Synchronising   aiot_waiter w, in each
 *                   aiot_event; AIOT_EVENT_WAIT(&e, &w), aiot_event_set, aiot_event_clear, aiot_event_is_set; aiot_event_wait
 *                   aiot_lock; AIOT_LOCK(&l, &w) { }, AIOT_LOCK_ACQUIRE, aiot_lock_release, aiot_lock_locked; aiot_lock_acquire
 *                   aiot_condition; AIOT_CONDITION(&c, &w) { }, AIOT_CONDITION_ACQUIRE, aiot_condition_release,
 *                   AIOT_CONDITION_WAIT, AIOT_CONDITION_WAIT_FOR, aiot_condition_notify, aiot_condition_notify_all,
 *                   aiot_condition_init, aiot_condition_lock; aiot_condition_wait
 *                   aiot_semaphore; aiot_semaphore_init, aiot_bounded_semaphore_init, AIOT_SEMAPHORE(&s, &w) { },
 *                   AIOT_SEMAPHORE_ACQUIRE, aiot_semaphore_release, aiot_semaphore_locked; aiot_semaphore_acquire
 *                   aiot_barrier; aiot_barrier_init, aiot_barrier_broken, aiot_barrier_waiting;
 *                   aiot_barrier_wait, aiot_barrier_reset, aiot_barrier_abort                 coroutines
 *                   aiot_queue; aiot_queue_init, aiot_lifo_queue_init, aiot_priority_queue_init, for pointers aiot_queue_init_array,
 *                   aiot_lifo_queue_init_array, aiot_priority_queue_init_array; AIOT_QUEUE_PUT, AIOT_QUEUE_GET,
 *                   AIOT_QUEUE_JOIN, aiot_queue_put_nowait, aiot_queue_get_nowait, aiot_queue_task_done, aiot_queue_shutdown,
 *                   aiot_queue_size, aiot_queue_empty, aiot_queue_full; aiot_queue_put, aiot_queue_get, aiot_queue_join
 *   Errors          aiot_error: code and info; AIOT_OK, AIOT_ECANCELED, ... (AIOT_ERROR_TABLE); aiot_strerror, aiot_error_name
 *                   loop.on_error, aiot_report, aiot_reason_text  set_exception_handler
 *   Descriptors     AIOT_READABLE(&io, fd), AIOT_WRITABLE(&io, fd); aiot_readable, aiot_writable; aiot_io;
 *                   aiot_poll, aiot_poll_init, aiot_poll_set_longest_sleep; aiot_io_backend, aiot_io_ready;
 *                   with AIOT_CRITICAL_STATE: aiot_poll_open_wakeup, aiot_poll_close_wakeup       other threads
 *                   aiot_poll_after_fork                          in the child
 *   Interrupts      aiot_post, aiot_post_init, aiot_post_init_event, aiot_post_raise          call_soon_threadsafe
 *                   aiot_signal, aiot_signal_init, aiot_signal_raise, aiot_signal_clear, AIOT_SIGNAL_WAIT(&s)
 *                   aiot_inbox, aiot_inbox_init, aiot_inbox_put, aiot_inbox_get_nowait, AIOT_INBOX_GET(&box, &item);
 *                   aiot_signal_wait, aiot_inbox_get
 *                   aiot_interrupted(loop)                        for idle hooks
 *   Looking in      aiot_next_task(loop, t)                       all_tasks
 *                   aiot_task_doing(t), aiot_task_waits_for(t), aiot_task_line(t, depth)      Task.get_stack
 *                   aiot_dump(loop), with AIOT_DEBUG on hosts     all of it, on stderr
 *   Version         AIOT_VERSION_MAJOR, AIOT_VERSION_MINOR, AIOT_VERSION_PATCH */

/* ============================================================================================================== [1]
 * PORTABILITY.  C11 and later, C++11 and later. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef AIOT_DEBUG
#define AIOT_DEBUG 0
#endif
#ifndef AIOT_HOSTED
#if defined __AVR__                             /* there is a C library, but no clock */
#define AIOT_HOSTED 0
#else
#define AIOT_HOSTED __STDC_HOSTED__
#endif
#endif
#ifndef AIOT_TIME_BITS
#define AIOT_TIME_BITS 64
#endif
#ifndef AIOT_TICKS_PER_S
#if AIOT_TIME_BITS == 64
#define AIOT_TICKS_PER_S 1000000000
#else
#define AIOT_TICKS_PER_S 1000
#endif
#endif
#if AIOT_TIME_BITS != 64 && AIOT_TIME_BITS != 32 && AIOT_TIME_BITS != 16
#error "AIOT_TIME_BITS is 64, 32 or 16"
#endif
#if AIOT_TICKS_PER_S <= 0
#error "AIOT_TICKS_PER_S is a number above 0 that #if can read: no cast, no enum, no macro of a header that comes later"
#endif
#if AIOT_TICKS_PER_S > 9000000000
#error "AIOT_TICKS_PER_S is 9 000 000 000 at most: the clock's nanoseconds are converted with 64 bits"
#endif
#ifndef AIOT_SMALL
#define AIOT_SMALL (AIOT_TIME_BITS != 64)
#endif
#if !AIOT_SMALL && AIOT_TIME_BITS != 64
#error "AIOT_SMALL 0 has the timer wheel, which needs AIOT_TIME_BITS 64: leave AIOT_SMALL out, or define it as 1"
#endif
#ifndef AIOT_TASK_LIST
#define AIOT_TASK_LIST 1
#endif
#if AIOT_DEBUG && !AIOT_TASK_LIST
#error "AIOT_DEBUG needs AIOT_TASK_LIST"
#endif
#if defined AIOT_CRITICAL_STATE != defined AIOT_CRITICAL_ENTER || defined AIOT_CRITICAL_STATE != defined AIOT_CRITICAL_LEAVE
#error "AIOT_CRITICAL_STATE, AIOT_CRITICAL_ENTER(state) and AIOT_CRITICAL_LEAVE(state): all three or none"
#endif
#if defined AIOT_INTERRUPTS && !defined AIOT_CRITICAL_STATE
#error "to wake tasks from interrupts, define AIOT_CRITICAL_STATE, AIOT_CRITICAL_ENTER(state) and AIOT_CRITICAL_LEAVE(state)"
#endif
#ifndef AIOT_TRACE
#define AIOT_TRACE(task) ((void)0)
#endif
#ifndef AIOT_DECLARE_ONLY
#define AIOT_DECLARE_ONLY 0
#endif
#ifndef AIOT_IMPLEMENTATION
#define AIOT_IMPLEMENTATION 0
#endif
#if AIOT_DECLARE_ONLY && AIOT_IMPLEMENTATION
#error "AIOT_IMPLEMENTATION is for one file, AIOT_DECLARE_ONLY for all others: not both in one"
#endif
#if AIOT_IMPLEMENTATION && defined __cplusplus
#error "AIOT_IMPLEMENTATION belongs into a C file; a program in C++ alone needs none"
#endif
#if defined AIOT_CLOCK != defined AIOT_IDLE
#error "AIOT_CLOCK(loop) and AIOT_IDLE(loop, until): both or none"
#endif
#ifndef AIOT_POLL
#define AIOT_POLL 0
#endif
#if defined AIOT_WHEEL || defined AIOT_REPORTS || defined AIOT_LINES || defined AIOT_TASK_NAMES || defined AIOT_WIDE_LABELS
#error "AIOT_WHEEL, AIOT_REPORTS, AIOT_LINES, AIOT_TASK_NAMES and AIOT_WIDE_LABELS are decided by AIOT_SMALL and AIOT_DEBUG"
#endif
#if defined AIOT_TRAP || defined AIOT_COMPLAIN || defined AIOT_ASSERT
#error "AIOT_PANIC(file, line, task_name, message) has replaced AIOT_TRAP, AIOT_COMPLAIN and AIOT_ASSERT"
#endif

#define AIOT_I_TELLS (!AIOT_SMALL || AIOT_DEBUG)                /* reports of errors, names of tasks, lines of waits */
#ifdef AIOT_CRITICAL_STATE
#define AIOT_I_INTERRUPTS 1
#else
#define AIOT_I_INTERRUPTS 0
#endif
#if AIOT_SMALL && AIOT_TIME_BITS > 16 && defined AIOT_IDLE
#define AIOT_I_SKIPS_TURNS 1            /* see aiot_i_collect_sleepers(); on AVR it would cost 300 bytes */
#else
#define AIOT_I_SKIPS_TURNS 0
#endif
#if AIOT_SMALL && AIOT_I_INTERRUPTS && defined AIOT_IDLE && !AIOT_POLL
#define AIOT_I_IDLE_LOOKS 1             /* at aiot_interrupted() and at the clock, as it has to: so the loop need not */
#else
#define AIOT_I_IDLE_LOOKS 0
#endif

/* SDCC (4.2) returns no structs, so aiot_error_of() and aiot_group_error() are absent, and has no compound literals.  Its inlining
 * makes the code three times as large.  And what it has computed once it takes for known where a coroutine is resumed: `case` in a loop is
 * no way in for it.  The first is off in this header, the second for the rest of the file, your coroutines included. */
#ifdef __SDCC
#if AIOT_DECLARE_ONLY || AIOT_DEBUG
#error "SDCC does not compile AIOT_DEBUG, and has no inline functions for AIOT_DECLARE_ONLY: include the header in one file"
#endif
#define inline
#pragma nogcse
#endif

#if AIOT_HOSTED
#include <time.h>
#endif
#if AIOT_DEBUG && AIOT_HOSTED
#include <stdio.h>
#include <stdlib.h>
#endif
#if AIOT_POLL
#include <errno.h>
#include <poll.h>
#endif
#if AIOT_POLL && AIOT_I_INTERRUPTS
#include <fcntl.h>
#include <unistd.h>
#endif

/* How a function is compiled.  By itself: a copy in each file that uses it.  In a program of many files: one copy, in the file with
 * AIOT_IMPLEMENTATION; in those with AIOT_DECLARE_ONLY it is C99's inline, which may be expanded but leaves nothing else behind (and C++'s,
 * of which the linker keeps one). */
#if defined __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"               /* a global of yours may have the name of a local here */
#endif
#if AIOT_IMPLEMENTATION
#define AIOT_I_FN extern
#if defined __GNUC__
#pragma GCC diagnostic ignored "-Wmissing-prototypes"   /* the definitions are the prototypes: the others see the same ones */
#endif
#elif AIOT_DECLARE_ONLY
#define AIOT_I_FN
#else
#define AIOT_I_FN static
#endif
#if AIOT_SMALL && defined __GNUC__ && !AIOT_DECLARE_ONLY
#define AIOT_I_INLINE __attribute__((unused))           /* inlined where speed counts; where size does, if that is smaller */
#define AIOT_I_CALLED AIOT_I_COLD                       /* inlined where speed counts; never where size does */
#define AIOT_I_RARE inline                              /* the other way round: called from one place, and not often */
#else
#define AIOT_I_INLINE inline
#define AIOT_I_CALLED inline
#define AIOT_I_RARE AIOT_I_COLD
#endif
#if AIOT_SMALL && defined __AVR__
#define AIOT_I_BRIEF AIOT_I_COLD                        /* a handful of instructions, but not of 8 bits */
#define AIOT_I_ASIDE inline                             /* what such a function seldom needs */
#define AIOT_I_SLEEPS AIOT_I_INLINE                     /* what each coroutine that sleeps needs */
#else
#define AIOT_I_BRIEF inline
#define AIOT_I_ASIDE AIOT_I_COLD
#define AIOT_I_SLEEPS AIOT_I_CALLED
#endif
#if AIOT_DECLARE_ONLY
#define AIOT_I_COLD inline
#elif defined __GNUC__
#define AIOT_I_COLD __attribute__((noinline, unused))   /* rare or large: one copy a file, out of the way of the hot path */
#else
#define AIOT_I_COLD
#endif
#if defined __GNUC__
#define AIOT_I_LIKELY(x) __builtin_expect(!!(x), 1)
#define AIOT_I_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define AIOT_I_EXTENSION __extension__
#define AIOT_I_PREFETCH(p) __builtin_prefetch(p)
#define AIOT_I_HERE(name) uintptr_t name = (uintptr_t)__builtin_frame_address(0)       /* about where the stack is */
#define AIOT_I_NEVER(x) if (x) __builtin_unreachable();
#else
#define AIOT_I_LIKELY(x) (x)
#define AIOT_I_UNLIKELY(x) (x)
#define AIOT_I_EXTENSION
#define AIOT_I_PREFETCH(p) ((void)(p))
#define AIOT_I_HERE(name) char name##_; uintptr_t name = (uintptr_t)&name##_
#define AIOT_I_NEVER(x)
#endif
/* What is stored before it stays before what is stored after it.  Some CPUs, as the Zen 4, are quicker with stores that follow one another
 * into one cache line; a compiler would mix them. */
#if defined __GNUC__ && !AIOT_SMALL && !defined __OPTIMIZE_SIZE__          /* it takes some bytes */
#define AIOT_I_TO_ANOTHER_LINE() __asm__ __volatile__("" : : : "memory")
#else
#define AIOT_I_TO_ANOTHER_LINE() ((void)0)
#endif

/* What interrupts, or other threads, write while the loop looks at it.  On hosts in an order that other CPUs see, too. */
#if AIOT_I_INTERRUPTS && AIOT_HOSTED && defined __GNUC__
#define AIOT_I_PEEK(x) __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define AIOT_I_POKE(x, value) __atomic_store_n(&(x), value, __ATOMIC_RELEASE)
#else
#define AIOT_I_PEEK(x) (x)
#define AIOT_I_POKE(x, value) ((x) = (value))
#endif

/* FAILED CHECKS.  AIOT_PANIC() is told of each.  What cannot go on then stops in AIOT_I_STOP(line). */
#if !AIOT_HOSTED
/* The line of the last failed check, for a debugger or a watchdog's handler: the one piece of state outside your objects.  One for the
 * whole program, where the linker knows weak symbols. */
#if AIOT_DECLARE_ONLY || defined __GNUC__
extern volatile unsigned aiot_failed_line;
#endif
#if (!AIOT_DECLARE_ONLY || defined __cplusplus) && defined __GNUC__
__attribute__((weak)) volatile unsigned aiot_failed_line;
#elif AIOT_IMPLEMENTATION
volatile unsigned aiot_failed_line;
#elif !AIOT_DECLARE_ONLY
static volatile unsigned aiot_failed_line;
#endif
AIOT_I_FN inline void aiot_i_failed(unsigned line) { aiot_failed_line = line; }
AIOT_I_FN inline void aiot_i_stop(unsigned line)
{
    for (;;) aiot_i_failed(line);
}
#define AIOT_I_STOP(line) aiot_i_stop(line)
#elif AIOT_DEBUG
#define AIOT_I_STOP(line) abort()
#elif defined __GNUC__
#define AIOT_I_STOP(line) __builtin_trap()
#else
#define AIOT_I_STOP(line) aiot_i_stop()
AIOT_I_FN inline void aiot_i_stop(void)
{
    for (;;) { }
}
#endif

#if AIOT_DEBUG && !defined AIOT_PANIC && AIOT_HOSTED
#define AIOT_PANIC(file, line, name, message) fprintf(stderr, "%s:%u: task '%s': %s\n", (file), (unsigned)(line), (name), (message))
#elif AIOT_DEBUG && !defined AIOT_PANIC
#define AIOT_PANIC(file, line, name, message) ((void)(file), (void)(name), (void)(message), aiot_i_failed(line))
#endif

/* Release builds make one check, of a corrupted frame, and tell only a hook of yours. */
#ifdef AIOT_PANIC
#define AIOT_I_CORRUPTED(file, line, name, message) ((void)AIOT_PANIC(file, line, name, message), AIOT_I_STOP(line))
#else
#define AIOT_I_CORRUPTED(file, line, name, message) AIOT_I_STOP(line)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ============================================================================================================== [2]
 * ERRORS.  An error is a code and an optional pointer (a cancel message, the timeout that struck, the user's own).  0 is
 * success, the library's codes are negative, the user's positive.  The third column is asyncio's exception. */
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
    X(AIOT_EGROUP,    -12, "ExceptionGroup",    "tasks of a group failed")

enum {
    AIOT_OK = 0,
#define AIOT_I_X(name, value, exception, text) name = value,
    AIOT_ERROR_TABLE(AIOT_I_X)
#undef AIOT_I_X
    AIOT_I_RETURNING = INT16_MIN                /* AIOT_RETURN() on its way out through FINALLY parts; never seen outside */
};

typedef struct aiot_error {
    const void *info;                           /* static, or owned by something that outlives the error; may be NULL */
    int         code;
} aiot_error;

/* The name of asyncio's exception for a code of the library ("TimeoutError"), "AppError" for positive ones, "OK" for 0. */
AIOT_I_FN inline const char *aiot_error_name(int code)
{
    switch (code) {
#define AIOT_I_X(name, value, exception, text) case value: return exception;
    AIOT_ERROR_TABLE(AIOT_I_X)
#undef AIOT_I_X
    default: return code == 0 ? "OK" : code > 0 ? "AppError" : "unknown error";
    }
}

/* A short description of a code, in English. */
AIOT_I_FN inline const char *aiot_strerror(int code)
{
    switch (code) {
#define AIOT_I_X(name, value, exception, text) case value: return text;
    AIOT_ERROR_TABLE(AIOT_I_X)
#undef AIOT_I_X
    default: return code == 0 ? "success" : code > 0 ? "an error of the application" : "unknown error";
    }
}

/* Is it success, or an error that somebody knows? */
AIOT_I_FN inline bool aiot_i_is_known(int code)
{
#define AIOT_I_X(name, value, exception, text) || code == (value)
    return code >= 0 AIOT_ERROR_TABLE(AIOT_I_X);
#undef AIOT_I_X
}

/* ============================================================================================================== [3]
 * TIME.  Signed 64-bit nanoseconds of the loop's clock, or what AIOT_TICKS_PER_S says.  Sums saturate at AIOT_FOREVER, which
 * means "no limit" (asyncio's None) wherever a delay or a deadline is expected; so a time too far away to represent never comes early:
 * 292 years.
 *
 * Delays count from aiot_now(), the time of the turn.  It is read when a turn begins or, while no timer is armed, when it is first asked
 * for, and stands still until the next turn.  What is computed in the meantime is taken off the delays that begin behind it in the same
 * turn, other tasks' too: who computes for long calls aiot_clock_refresh() behind it.  A clock of ticks also stands still within each, so
 * that a delay of n ticks lasts between n - 1 and n of them: a pulse that must last for n is n + 1.
 *
 * With AIOT_TIME_BITS 32 or 16: signed ticks that wrap.  The greatest delay is half their range (2 147 483 646 or 32 766 ticks: 24
 * days, or 32 seconds, of milliseconds); a longer one does not compile where it is constant, and is AIOT_EINVAL otherwise, where a macro
 * takes it or AIOT_S() and the like make it (aiot_time_after() makes AIOT_FOREVER of that: no limit).  Two times are compared with
 * aiot_time_before(), added with aiot_time_after() and subtracted with aiot_time_between(), never with <, + and -.  Only a clock hook, an
 * idle hook and a handler of an interrupt subtract as unsigned numbers: they read the counter itself, which shows AIOT_FOREVER for a tick.
 * AIOT_FOREVER is no time: at that tick the clock reads as the next one, and the deadlines that would fall on it and on the next are
 * moved one tick later.  So once in 65 536 ticks of 16 bits a delay may last one more, and a period of AIOT_SLEEP_UNTIL() moves by a tick.
 * The loop must come back within half the range: what is overdue by more lies in the future again. */
#define AIOT_I_TIME_OF(bits) AIOT_I_TIME_OF_(bits)
#define AIOT_I_TIME_OF_(bits) int##bits##_t
typedef AIOT_I_TIME_OF(AIOT_TIME_BITS) aiot_time;

#if AIOT_TIME_BITS == 64
#define AIOT_FOREVER INT64_MAX
#define AIOT_I_FIT(n) (n)
#define aiot_i_ticks(n) (n)
#else
#if AIOT_TIME_BITS == 32
#define AIOT_FOREVER INT32_MAX
#define AIOT_I_TOO_LONG INT32_MIN
#define AIOT_I_UNSIGNED_TIME uint32_t
#else
#define AIOT_FOREVER INT16_MAX
#define AIOT_I_TOO_LONG INT16_MIN
#define AIOT_I_UNSIGNED_TIME uint16_t
#endif
AIOT_I_FN inline aiot_time aiot_i_ticks(int64_t n) { return n < AIOT_FOREVER && n > -AIOT_FOREVER ? (aiot_time)n : AIOT_I_TOO_LONG; }
#if defined __GNUC__
aiot_time aiot_i_delay_is_too_long(void)
#if !defined __clang__ || __clang_major__ >= 14
    __attribute__((error("this delay is longer than AIOT_TIME_BITS and AIOT_TICKS_PER_S allow")))
#endif
    ;
#define AIOT_I_FIT(n) ((n) < AIOT_FOREVER && (n) > -AIOT_FOREVER ? (aiot_time)(n) : aiot_i_delay_is_too_long())
#else
#define AIOT_I_FIT(n) aiot_i_ticks(n)
#endif
#endif

/* AIOT_S(n), AIOT_MS(n), AIOT_US(n), AIOT_NS(n): n seconds and so on.  n is whole, or has a fraction (AIOT_S(0.5)), and is evaluated once.
 * Rounded up to whole ticks; nanoseconds are not rounded.  A fraction is counted in parts of 1024, so that 0.1, which is a little more
 * than a tenth, does not become a tick more.
 * Never early.  With 64 bits, what is too long is AIOT_FOREVER; infinity, NaN and an n above INT64_MAX are, too; what is too long ago is
 * INT64_MIN.  With 32 and 16 bits all of these are a delay that is too long: see above. */
#define AIOT_S(n) AIOT_I_SCALED(n, AIOT_TICKS_PER_S)
#if AIOT_TICKS_PER_S % 1000 == 0
#define AIOT_MS(n) AIOT_I_SCALED(n, AIOT_TICKS_PER_S / 1000)
#else
#define AIOT_MS(n) AIOT_I_DIVIDED(n, INT64_C(1000))
#endif
#if AIOT_TICKS_PER_S % 1000000 == 0
#define AIOT_US(n) AIOT_I_SCALED(n, AIOT_TICKS_PER_S / 1000000)
#else
#define AIOT_US(n) AIOT_I_DIVIDED(n, INT64_C(1000000))
#endif
#if AIOT_TICKS_PER_S % 1000000000 == 0
#define AIOT_NS(n) AIOT_I_SCALED(n, AIOT_TICKS_PER_S / 1000000000)
#else
#define AIOT_NS(n) AIOT_I_DIVIDED(n, INT64_C(1000000000))
#endif
/* A unit is a whole number of ticks, or `parts` of it are a second: times / of. */
#define AIOT_I_SCALED(n, times) AIOT_I_CONVERT(n, (int64_t)(times), 1, AIOT_I_TIMES, aiot_i_times)
#define AIOT_I_DIVIDED(n, parts) AIOT_I_CONVERT(n, (parts) % AIOT_TICKS_PER_S == 0 ? 1 : (int64_t)AIOT_TICKS_PER_S, \
    (parts) % AIOT_TICKS_PER_S == 0 ? (parts) / AIOT_TICKS_PER_S : (parts), AIOT_I_RATIO, aiot_i_ratio)

/* Constants by a macro, so that they remain constants; all else by the function that it is the body of. */
#if defined __GNUC__
#define AIOT_I_AS(n, x) ((__typeof__((n) + 0))(x))
#define AIOT_I_IS_CONSTANT(n) __builtin_constant_p(n)
#else
#define AIOT_I_AS(n, x) (1 ? (x) : (n))                            /* n is not evaluated */
#if defined __cplusplus
#define AIOT_I_IS_CONSTANT(n) 0
#else                                                               /* 0 as a constant makes a null pointer */
#define AIOT_I_IS_CONSTANT(n) _Generic(1 ? (void *)((intptr_t)(n) * 0) : (int *)0, int *: 1, default: 0)
#endif
#endif
#define AIOT_I_HAS_FRACTION(n) (AIOT_I_AS(n, 1) / 2 > 0)
#ifdef __SDCC                                           /* links each function, used or not: one expression, and n is not looked at */
#define AIOT_I_CONVERT(n, times, of, MACRO, function) aiot_i_ticks(AIOT_I_HAS_FRACTION(n) \
    ? AIOT_I_DIVIDE_UP((int64_t)((n) * 1024 * (times)), 1024 * (int64_t)(of)) : AIOT_I_DIVIDE_UP((int64_t)(n) * (times), (int64_t)(of)))
#define AIOT_I_DIVIDE_UP(a, b) (((a) + INT64_MAX / 2 / (b) * (b) + (b) - 1) / (b) - INT64_MAX / 2 / (b))
#define AIOT_I_WHOLE(n) ((int64_t)(n))
#else
#define AIOT_I_IS_UNSIGNED(n) (AIOT_I_AS(n, -1) > AIOT_I_AS(n, 1) / 2)
#define AIOT_I_IS_TOO_LARGE(n) (AIOT_I_IS_UNSIGNED(n) && (uint64_t)(n) >> 63)
#define AIOT_I_CONVERT(n, times, of, MACRO, function) (AIOT_I_IS_CONSTANT(n) \
    ? AIOT_I_FIT(AIOT_I_HAS_FRACTION(n) ? AIOT_I_ROUND((double)(n) * (double)(times) / (double)(of), of) \
                 : AIOT_I_IS_TOO_LARGE(n) ? INT64_MAX : MACRO(AIOT_I_WIDENED(n), times, of)) \
    : aiot_i_ticks(AIOT_I_HAS_FRACTION(n) ? aiot_i_round((double)(n) * (double)(times) / (double)(of), of) \
                   : function((uint64_t)(n), AIOT_I_IS_UNSIGNED(n), times, of)))
#define AIOT_I_WIDENED(n) ((int64_t)(AIOT_I_HAS_FRACTION(n) ? 0 : INT64_C(0) + (n)))      /* a sum: gcc warns of comparing a cast */
#define AIOT_I_WHOLE(n) aiot_i_whole((uint64_t)(n), AIOT_I_IS_UNSIGNED(n))
AIOT_I_FN inline int64_t aiot_i_whole(uint64_t n, bool is_unsigned) { return is_unsigned && n >> 63 ? INT64_MAX : (int64_t)n; }

#define AIOT_I_TIMES(n, times, of) \
    ((n) > INT64_MAX / (times) ? INT64_MAX : (n) < -(INT64_MAX / (times)) ? INT64_MIN : (n) * (times))
AIOT_I_FN inline int64_t aiot_i_times(uint64_t number, bool is_unsigned, int64_t times, int64_t of)
{
    int64_t n = aiot_i_whole(number, is_unsigned);
    (void)of;
#if defined __SIZEOF_INT128__                           /* multiplies 64 bits at once, and so knows */
    int64_t product;
    if (!__builtin_mul_overflow(n, times, &product)) return product;
    return n > 0 ? INT64_MAX : INT64_MIN;
#else
    return AIOT_I_TIMES(n, times, of);
#endif
}

#define AIOT_I_QUOTIENT(a, b) ((a) / (b) + ((a) % (b) > 0))        /* rounded up, as `/` does to what is negative */
#define AIOT_I_REST(n, times, of) AIOT_I_QUOTIENT((n) % (of) * (times), of)
#define AIOT_I_IS_OVER(quotient, rest, times) \
    ((quotient) > INT64_MAX / (times) || ((quotient) == INT64_MAX / (times) && (rest) > INT64_MAX % (times)))
#define AIOT_I_RATIO(n, times, of) \
    (AIOT_I_IS_OVER((n) / (of), AIOT_I_REST(n, times, of), times) ? INT64_MAX \
     : AIOT_I_IS_OVER(-((n) / (of)), -AIOT_I_REST(n, times, of), times) ? INT64_MIN : (n) / (of) * (times) + AIOT_I_REST(n, times, of))
AIOT_I_FN inline int64_t aiot_i_ratio(uint64_t number, bool is_unsigned, int64_t times, int64_t of)
{
    int64_t n = (int64_t)number;
    if (is_unsigned && n < 0) return INT64_MAX;
    return AIOT_I_RATIO(n, times, of);
}

/* NaN is not less than anything. */
#define AIOT_I_ROUND(ticks, of) ((ticks) < 9223372036854775808.0 ? (ticks) >= -9223372036854775808.0 \
    ? (int64_t)(ticks) + (AIOT_TICKS_PER_S != 1000000000 && ((ticks) - (double)(int64_t)(ticks)) * 1024 * (double)(of) >= 1) \
    : INT64_MIN : INT64_MAX)
AIOT_I_FN inline int64_t aiot_i_round(double ticks, int64_t of) { return AIOT_I_ROUND(ticks, of); }
#endif

/* As numbers: what lies between two readings of the clock, and sums of them.  The loop compares with these. */
#if AIOT_TIME_BITS == 64
AIOT_I_FN inline bool aiot_i_is_before(aiot_time a, aiot_time b) { return a < b; }
AIOT_I_FN inline bool aiot_i_is_later(aiot_time until, aiot_time now) { return until > now; }
AIOT_I_FN inline bool aiot_i_is_too_long(aiot_time delay) { (void)delay; return false; }
AIOT_I_FN inline aiot_time aiot_i_sum(aiot_time now, aiot_time delay)
{
#if defined __GNUC__
    aiot_time sum;
    return __builtin_add_overflow(now, delay, &sum) ? delay > 0 ? AIOT_FOREVER : INT64_MIN : sum;
#else
    if (delay > 0 && now > AIOT_FOREVER - delay) return AIOT_FOREVER;
    return delay < 0 && now < INT64_MIN - delay ? INT64_MIN : now + delay;
#endif
}
AIOT_I_FN inline aiot_time aiot_i_difference(aiot_time from, aiot_time to)
{
    if (from < 0 && to > AIOT_FOREVER + from) return AIOT_FOREVER;
    return from > 0 && to < INT64_MIN + from ? INT64_MIN : to - from;
}
#else
AIOT_I_FN inline aiot_time aiot_i_distance(aiot_time from, aiot_time to)        /* the shorter way round */
{
    return (aiot_time)((AIOT_I_UNSIGNED_TIME)to - (AIOT_I_UNSIGNED_TIME)from);
}
AIOT_I_FN inline bool aiot_i_is_before(aiot_time a, aiot_time b) { return aiot_i_distance(b, a) < 0; }
AIOT_I_FN inline bool aiot_i_is_too_long(aiot_time delay) { return delay == AIOT_I_TOO_LONG; }
AIOT_I_FN inline bool aiot_i_is_later(aiot_time until, aiot_time now) { return aiot_i_distance(now, until) > 0 || until == AIOT_FOREVER; }
AIOT_I_FN inline aiot_time aiot_i_sum(aiot_time now, aiot_time delay)           /* a delay too long to be one: AIOT_FOREVER */
{
    if (AIOT_I_UNLIKELY(delay == AIOT_FOREVER || delay == AIOT_I_TOO_LONG)) return AIOT_FOREVER;
    aiot_time when = aiot_i_distance((aiot_time)-delay, now);
    if (AIOT_I_UNLIKELY(when == AIOT_FOREVER || when == AIOT_I_TOO_LONG))
        when = aiot_i_distance(-1, when);       /* a tick later, as the clock reads then */
    return when;
}
AIOT_I_FN inline aiot_time aiot_i_difference(aiot_time from, aiot_time to)
{
    aiot_time distance = aiot_i_distance(from, to);
    return distance == AIOT_FOREVER ? AIOT_FOREVER - 1 : distance;              /* that far only by the tick of aiot_i_sum() */
}
#endif

/* now + delay; a negative delay gives a time in the past, as in asyncio.  AIOT_FOREVER if either is, whatever the other. */
AIOT_I_FN inline aiot_time aiot_time_after(aiot_time now, aiot_time delay)
{
    aiot_time when = delay == AIOT_FOREVER ? delay : aiot_i_sum(now, delay);
    return AIOT_I_UNLIKELY(now == AIOT_FOREVER) ? now : when;
}
/* to - from: how long it is from one time to the other; negative if that is before.  To AIOT_FOREVER it is AIOT_FOREVER, from any time;
 * from AIOT_FOREVER to a time it is -AIOT_FOREVER, the longest ago. */
AIOT_I_FN inline aiot_time aiot_time_between(aiot_time from, aiot_time to)
{
    if (to == AIOT_FOREVER) return AIOT_FOREVER;
    return from == AIOT_FOREVER ? -AIOT_FOREVER : aiot_i_difference(from, to);
}
/* Is a before b?  Every time is before AIOT_FOREVER, which is before nothing. */
AIOT_I_FN inline bool aiot_time_before(aiot_time a, aiot_time b)
{
    return a != AIOT_FOREVER && (b == AIOT_FOREVER || aiot_i_is_before(a, b));
}

/* What AIOT_MS() and the others did not make, plain numbers, sums and products, can be longer than an aiot_time, too. */
#if AIOT_TIME_BITS == 64
#define AIOT_I_IN_RANGE(delay) AIOT_I_WHOLE(delay)
#define AIOT_I_ANY_TIME(when) AIOT_I_WHOLE(when)
#else
#define AIOT_I_ANY_TIME(when) (when)                                /* wraps */
AIOT_I_FN inline aiot_time aiot_i_delay(int64_t n) { return n == AIOT_FOREVER ? AIOT_FOREVER : aiot_i_ticks(n); }
#ifdef __GNUC__
#define AIOT_I_IN_RANGE(delay) (!__builtin_constant_p(delay) ? aiot_i_delay(AIOT_I_WHOLE(delay)) \
    : AIOT_I_IS_TOO_LARGE(delay) || AIOT_I_WIDENED(delay) > AIOT_FOREVER || AIOT_I_WIDENED(delay) < -AIOT_FOREVER \
    ? aiot_i_delay_is_too_long() : (aiot_time)(delay))
#else
#define AIOT_I_IN_RANGE(delay) (sizeof(delay) < sizeof(aiot_time) ? (aiot_time)(delay) : aiot_i_delay(AIOT_I_WHOLE(delay)))
#endif
#endif

/* A delay of 0.5 would be 0: AIOT_S(0.5) is meant. */
#if defined __GNUC__ && !defined __cplusplus && (!defined __clang__ || __clang_major__ >= 14)
aiot_time aiot_i_delay_is_a_fraction(void) __attribute__((error("a delay is a whole number of ticks: write AIOT_S(0.5) for 0.5")));
#define AIOT_I_DELAY(delay) _Generic((delay), float: aiot_i_delay_is_a_fraction(), double: aiot_i_delay_is_a_fraction(), \
                                     long double: aiot_i_delay_is_a_fraction(), aiot_time: (delay), default: AIOT_I_IN_RANGE(delay))
#define AIOT_I_TIME(when) _Generic((when), float: aiot_i_delay_is_a_fraction(), double: aiot_i_delay_is_a_fraction(), \
                                   long double: aiot_i_delay_is_a_fraction(), aiot_time: (when), default: AIOT_I_ANY_TIME(when))
#elif defined __cplusplus
extern "C++" {
template <typename T> struct aiot_i_is_fraction { static constexpr bool value = false; };
template <typename T> struct aiot_i_is_fraction<volatile T> : aiot_i_is_fraction<T> { };
template <> struct aiot_i_is_fraction<float> { static constexpr bool value = true; };
template <> struct aiot_i_is_fraction<double> { static constexpr bool value = true; };
template <> struct aiot_i_is_fraction<long double> { static constexpr bool value = true; };
template <typename T> struct aiot_i_whole_of
{
    static_assert(!aiot_i_is_fraction<T>::value, "a delay is a whole number of ticks: write AIOT_S(0.5) for 0.5");
    typedef char type;
};
template <typename T> typename aiot_i_whole_of<T>::type aiot_i_whole_number(const T &time);   /* in sizeof only */
}
#define AIOT_I_DELAY(delay) ((void)sizeof(aiot_i_whole_number(delay)), AIOT_I_IN_RANGE(delay))
#define AIOT_I_TIME(when) ((void)sizeof(aiot_i_whole_number(when)), AIOT_I_ANY_TIME(when))
#else
#define AIOT_I_DELAY(delay) AIOT_I_IN_RANGE(delay)
#define AIOT_I_TIME(when) AIOT_I_ANY_TIME(when)
#endif

/* ============================================================================================================== [4]
 * LISTS.  Circular and doubly linked, with a head of the same type: O(1) append, and O(1) removal without knowing the list,
 * which is what lets the memory of a wait die with the wait.  An entry outside any list has next == NULL. */
typedef struct aiot_i_link { struct aiot_i_link *next, *prev; } aiot_i_link;

AIOT_I_FN inline void aiot_i_list_init(aiot_i_link *head) { head->next = head->prev = head; }
AIOT_I_FN inline bool aiot_i_list_empty(const aiot_i_link *head) { return head->next == head; }

AIOT_I_FN AIOT_I_BRIEF void aiot_i_put_between(aiot_i_link *last, aiot_i_link *link, aiot_i_link *next)
{
    link->next = next;
    last->next = link;
    link->prev = last;                  /* not beside link->next, or gcc takes both through a vector register, in more instructions */
    next->prev = link;
}

AIOT_I_FN AIOT_I_BRIEF void aiot_i_append(aiot_i_link *head, aiot_i_link *link)           /* at the end; or before any other link */
{
    aiot_i_put_between(head->prev, link, head);
}

AIOT_I_FN AIOT_I_BRIEF void aiot_i_unlink(aiot_i_link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = NULL;
}

/* The same for a link that need not know it. */
AIOT_I_FN AIOT_I_BRIEF void aiot_i_bridge(const aiot_i_link *link)
{
    aiot_i_link *next = link->next, *prev = link->prev;
    next->prev = prev;
    prev->next = next;
}

/* Moves all of `from` to the end of `to`.  If that is nothing, these stores leave `to` as it is. */
AIOT_I_FN inline void aiot_i_splice(aiot_i_link *to, aiot_i_link *from)
{
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    aiot_i_list_init(from);
}

AIOT_I_FN inline void aiot_i_list_clear(aiot_i_link *head) { while (!aiot_i_list_empty(head)) aiot_i_unlink(head->next); }

/* ============================================================================================================== [5]
 * WHAT CAN BE QUEUED.  Everything that ever waits in a queue begins with an `aiot_i_entry`, and is in one queue at a time:
 *
 *     the ready list     FIFO of what runs in this turn and the next                          loop->ready
 *     the timer wheel    what runs at a time                                                 loop->timers
 *     a list of waiters  what runs when a task, future, gather or shield is done             awaitable->waiters
 *
 * Each wait of asyncio, and where its entries lie.  "k" is the turn of the event; what is queued in k runs in k+1.
 *
 *   wait                before                           turn k                       k+1                   k+2
 *   sleep(d)            task in wheel (TIMER)            due: task to ready (TIMER)   its turn: to ready    task runs
 *                                                                                     again (READY)
 *   sleep(0)            task in ready (READY)            -                            task runs
 *   join                task in X's waiters (WAITING)    X ends: task to ready        task runs
 *   timeout             timeout in wheel, the task       due: timeout to ready        its turn: cancels     task runs
 *                       wherever it waits                                             the task
 *   wait(), limit       task PARKED, links in the        member ends: link to ready   link runs: condition  task runs
 *                       members' waiters, limit in wheel                              met: task to ready
 *   gather, shield      task in the gather's waiters,    member ends: link to ready   link runs: gather     task runs
 *                       links in the members' waiters                                 ends, task to ready
 *   wait_for(x, <= 0)   task PARKED, link in x's         x ends: link to ready        link runs: task to    task runs
 *                       waiters                                                       ready
 *   a descriptor        task PARKED, aiot_io in the      ready: aiot_io to ready      its turn: task to     task runs
 *                       poll set                                                      ready
 *
 * Sleepers may run in k or k+1 when nobody can tell: aiot_i_collect_after_sleep(), and with AIOT_SMALL and AIOT_IDLE()
 * aiot_i_collect_sleepers().
 *
 * Who removes it when the waiter is cancelled: cancel() takes the task itself out of the wheel or puts it from PARKED to
 * ready; the entries of the wait are unlinked, O(1) each, by the waiter's first step after it, before its memory can die.
 * A task that is WAITING stays so: cancel() goes to what it waits for, as asyncio's does, and comes back as its end. */
enum aiot_i_kind {                              /* the role that an entry plays now */
    AIOT_I_IDLE = 0,                            /* zeroed */
    AIOT_I_CALL,                                /* an aiot_i_call: run its function */
    AIOT_I_FUTURE,                              /* awaitables that are never queued themselves: a plain future or shield, */
    AIOT_I_GATHER,                              /*   and a gather */
    AIOT_I_ENDED,                               /* tasks, from here on: may be used again */
    AIOT_I_UNCOLLECTED,                         /*   the same; it ended in an error, and nobody has asked how it ended */
    AIOT_I_READY,                               /*   in the ready list, to be stepped; or running */
    AIOT_I_TIMER,                               /*   in the wheel; or in the ready list with turns still to pass */
    AIOT_I_WAITING,                             /*   in the waiters of u.target */
    AIOT_I_PARKED                               /*   in no queue; somebody holds a pointer and will wake it */
};

enum {                                          /* bits of entry.flags */
    AIOT_I_DONE        = 1,                     /* awaitables: there is a result, an error or a cancellation */
    AIOT_I_CANCELLED   = 2,                     /* awaitables: and it is a cancellation; calls: it was */
    AIOT_I_MUST_CANCEL = 4,                     /* tasks: the next step begins with CancelledError */
    AIOT_I_MESSAGE     = 8,                     /* tasks: with MUST_CANCEL, u.info is its message; calls: takes the message */
    AIOT_I_LEFT_OVER   = 16,                    /* tasks: unfinished when main ended */
    AIOT_I_LOOKS_ON    = 16,                    /* calls: only learns that it is done; its error is still to be collected */
    AIOT_I_DETACHED    = 32,                    /* tasks: nobody will ask how it ends */
    AIOT_I_IN_WAITERS  = 32,                    /* calls: linked in the waiters of u.target */
    AIOT_I_ASKED       = 64,                    /* gathers: a cancel reached a member, so the end is CancelledError */
    AIOT_I_TAKEN       = 64,                    /* tasks: nobody asks for its error: a gather that is over had it, or a MAY_TAKE waits */
    AIOT_I_MAY_TAKE    = 64,                    /* calls: of a shield, which takes the error in its turn, if it is not cancelled by then */
    AIOT_I_WALKING     = 128                    /* gathers: a cancel is going through the members right now */
};

struct aiot_awaitable;
struct aiot_frame;
struct aiot_loop;
struct aiot_task;

typedef struct aiot_i_entry {
    aiot_i_link link;
    union {
        aiot_time              when;            /* in the wheel; timeouts and handles keep it afterwards */
        struct aiot_awaitable *target;          /* in its waiters */
        const void            *info;            /* the error's pointer, or the message of a cancel not yet delivered */
        intptr_t               value;           /* the result of a future */
    } u;
    int           code;                         /* awaitables: how it ended; tasks: the error in flight; TIMER: further turns to pass */
    unsigned char kind, flags;
    uint16_t      count;                        /* tasks: cancelling(); timeouts: what it was on entry */
} aiot_i_entry;

AIOT_I_FN inline void aiot_i_entry_init(aiot_i_entry *entry, unsigned kind)
{
#if AIOT_SMALL
    entry->link.next = NULL;                            /* not as a whole: that would be a call of memset() */
    entry->u.when = 0;                                  /* the wider of the two is either */
    entry->u.info = NULL;
    entry->code = 0;
    entry->kind = (unsigned char)kind;
    entry->flags = 0;
    entry->count = 0;
#else
    static const aiot_i_entry fresh[] = {               /* of each kind, up to the last that something begins as */
        { { NULL, NULL }, { 0 }, 0, AIOT_I_IDLE, 0, 0 },
        { { NULL, NULL }, { 0 }, 0, AIOT_I_CALL, 0, 0 },
        { { NULL, NULL }, { 0 }, 0, AIOT_I_FUTURE, 0, 0 },
        { { NULL, NULL }, { 0 }, 0, AIOT_I_GATHER, 0, 0 },
        { { NULL, NULL }, { 0 }, 0, AIOT_I_ENDED, 0, 0 },
        { { NULL, NULL }, { 0 }, 0, AIOT_I_UNCOLLECTED, 0, 0 },
        { { NULL, NULL }, { 0 }, 0, AIOT_I_READY, 0, 0 }
    };
    *entry = fresh[kind];
#endif
}

typedef struct aiot_i_call {                    /* an entry that calls a function when its turn comes */
    aiot_i_entry entry;
    void (*run)(struct aiot_loop *loop, struct aiot_i_call *call);
#if AIOT_DEBUG
    uintptr_t seal;                             /* a function of its address: by it a call is found in a frame that is used again */
#endif
} aiot_i_call;

/* ============================================================================================================== [6]
 * OBJECTS.  All are owned by the caller.  `aiot_awaitable` is the first member, named `awaitable`, of everything that can
 * be joined, waited for, gathered and shielded; macros that take an awaitable take a pointer to any of them. */
typedef struct aiot_awaitable {
    aiot_i_entry      entry;
    aiot_i_link      *waiters;                  /* the first of a circular list in order of registration, or NULL */
    struct aiot_loop *loop;                     /* NULL until it is started or initialised */
} aiot_awaitable;

/* How a step ends.  WAITS: it is queued where it waits.  AGAIN: its innermost frame is another now, to be stepped at once.  ENDS: that
 * frame has ended.  YIELDS: it is to be made ready again; a small loop has it there still. */
enum { AIOT_I_WAITS = 0, AIOT_I_AGAIN = 1, AIOT_I_ENDS = 2, AIOT_I_YIELDS = -1 };
#if AIOT_SMALL
typedef int_fast8_t aiot_i_how;
#else
typedef int aiot_i_how;
#endif
#ifdef __SDCC
typedef aiot_i_how aiot_ret;
#define AIOT_I_HOW(ret) (ret)
#else
typedef struct { aiot_i_how aiot_i_value; } aiot_ret;                   /* a type of its own, so that `return 0;` does not compile */
#define AIOT_I_HOW(ret) ((ret).aiot_i_value)
#endif

typedef aiot_ret (*aiot_i_step_fn)(struct aiot_task *task);

/* The header of every coroutine frame.  The task resumes its innermost frame directly, whatever the depth. */
typedef struct aiot_frame {
    aiot_i_step_fn step;
    union {
        struct aiot_frame *frame;               /* who awaits this one */
        const char        *name;                /* of the task's outermost frame: the task's name */
    } up;
#if AIOT_I_TELLS
    uint32_t      at;                           /* where to resume: the label in the low half, the source line in the high */
#else
    uint16_t      at;
#endif
    unsigned char caught;                       /* error slots in use: the innermost is the error being handled */
    unsigned char flags;                        /* AIOT_I_LIVE, ... */
#if AIOT_DEBUG
    unsigned char open;                         /* blocks entered and not left */
    size_t        size;                         /* of the whole frame */
#endif
} aiot_frame;

#if AIOT_I_TELLS
#define AIOT_I_AT(label) ((uint32_t)(label) | (uint32_t)(__LINE__ > 0xffff ? 0 : __LINE__) << 16)           /* 0: no line is known */
#define AIOT_I_LINE(frame) ((unsigned)((frame)->at >> 16))
#else
#define AIOT_I_AT(label) ((uint16_t)(label))
#define AIOT_I_LINE(frame) 0u
#endif
enum {                                          /* bits of frame.flags */
    AIOT_I_LIVE = 1, AIOT_I_ROOT = 2,           /* in use; a task's outermost */
    AIOT_I_REFUSED = 4                          /* an await in it did not begin */
};

/* A task: a coroutine that runs by itself.  Lives, with its frame, until it has ended. */
typedef struct aiot_task {
    AIOT_I_EXTENSION union {
        aiot_awaitable awaitable;
        AIOT_I_EXTENSION struct { aiot_i_entry aiot_i_entry_; aiot_i_link *aiot_i_waiters_; struct aiot_loop *loop; };  /* task->loop */
    };
    aiot_frame *frame;                          /* the innermost; the outermost after the end */
#if AIOT_TASK_LIST
    aiot_i_link all;                            /* in loop->tasks, in order of creation */
#endif
} aiot_task;

/* A future: one value or error, set once by anyone. */
typedef struct aiot_future { aiot_awaitable awaitable; } aiot_future;

/* A handle of call_soon / call_later / call_at, or of a done callback.  The callback returns 0, or an error code that goes to
 * the loop's error handler. */
typedef int (*aiot_callback)(void *argument);
typedef struct aiot_handle {
    aiot_i_call       call;
    struct aiot_loop *loop;
    aiot_callback     callback;
    void             *argument;
#if AIOT_DEBUG
    const char       *file;                     /* where it was armed last */
    unsigned          line;
#endif
} aiot_handle;

/* A limit in time: asyncio's Timeout.  Lives until its block has been left. */
typedef struct aiot_timeout {
    aiot_i_call       call;                     /* entry.u.when: the deadline; entry.count: the request count on entry */
    struct aiot_task *task;
    unsigned char     state;
} aiot_timeout;

enum {                                          /* a timeout's state */
    AIOT_I_CREATED = 0, AIOT_I_EXITED, AIOT_I_EXPIRED,
    AIOT_I_UNSTRUCK,                            /*   exited, too, and but for deadline and count ready to be entered by its task again */
    AIOT_I_ENTERED, AIOT_I_EXPIRING,            /*   from here on: in use */
    AIOT_I_UNARMED                              /*   by a wait with a limit of 0 or less */
};

/* What goes to the loop's error handler: an error that nobody is there to receive. */
enum aiot_reason { AIOT_REPORT_CALLBACK, AIOT_REPORT_SHIELD, AIOT_REPORT_LEFT_OVER, AIOT_REPORT_GROUP, AIOT_REPORT_UNCOLLECTED };

typedef struct aiot_report {
    enum aiot_reason      reason;               /* aiot_reason_text(reason) says it in English */
    aiot_error            error;
    const aiot_awaitable *source;               /* the task that failed; NULL for what is none, and where it may be gone */
    const char           *name;                 /* the task's name; NULL if it is none, and where it is being used again */
    unsigned              line;                 /* where its outermost coroutine raised it, or awaited what did; 0 if not known.  In release
                                                 * builds that of the wait before, if the one that raised it was over at once, or
                                                 * AIOT_RERAISE() did; in any, of a wait in a FINALLY part that it has passed */
    size_t                count;                /* how many such errors; this is the last of them, or code 0 if that has been asked for */
} aiot_report;

AIOT_I_FN inline const char *aiot_reason_text(enum aiot_reason reason)
{
    switch (reason) {
    case AIOT_REPORT_CALLBACK:    return "a callback returned an error";
    case AIOT_REPORT_SHIELD:      return "a shielded task failed after its waiter had gone";
    case AIOT_REPORT_LEFT_OVER:   return "a task that was left over failed when it was cancelled";
    case AIOT_REPORT_GROUP:       return "a task of a group failed after the group's holder had ended";
    case AIOT_REPORT_UNCOLLECTED: return "a task failed and nobody asked how it ended";
    default:                      return "";
    }
}

struct aiot_io;

/* Where descriptors are watched: poll(2) in section [15]; epoll, kqueue and others fit behind the same four functions (with AIOT_POLL 1,
 * for AIOT_READABLE() and aiot_io_ready() are there).  A limit is of the loop's time: ns, or ticks.  Installed as loop.io before the loop
 * runs: a task that is alone and only yields is not interrupted to look for a new one.  The loop counts `watched`, which begins at 1 if
 * wake() is there, so that wait() is called then, too.  What is ready stays added until its task runs: it may be told of again.  One
 * descriptor may be added twice, for reading and for writing, and may be closed when it is removed.  One that is not open is told of by
 * POLLNVAL. */
typedef struct aiot_io_backend {
    int  (*add)(struct aiot_io_backend *backend, struct aiot_io *io);        /* 0, or an error that the wait raises */
    void (*remove)(struct aiot_io_backend *backend, struct aiot_io *io);
    void (*wait)(struct aiot_io_backend *backend, aiot_time limit_ns);       /* calls aiot_io_ready() for each one ready */
    void (*wake)(struct aiot_io_backend *backend);      /* from any thread: wait() returns, now or the next time; may be NULL */
    unsigned watched;                                                       /* how many are being watched */
} aiot_io_backend;

#if !AIOT_SMALL
enum { AIOT_I_LEVELS = 11, AIOT_I_SLOTS = 64 };                 /* 11 levels of 6 bits cover 64-bit time */
enum { AIOT_I_CHAINS = AIOT_HOSTED ? 2 : 1 };                   /* lists in a slot: one or two */

#define AIOT_I_URGENT ((uint32_t)1 << 30)                       /* in `levels`: there may be something in `overdue` */

typedef struct aiot_i_timers {
    aiot_time   time;                           /* every entry in a slot is later than this */
    uint32_t    levels;                         /* bit l: level l holds something; 0: the wheel is empty */
    bool        unsorted;                       /* `overdue` is not in order of time */
    bool        wakes;                          /* all that has become due since it was set are sleepers, and are to be stepped */
    uint64_t    occupied[AIOT_I_LEVELS];        /* bit s of level l: that slot holds something */
    aiot_i_link overdue;                        /* entries whose time had passed when they were inserted */
    aiot_time   last_when;                      /* the time of what was inserted last, */
    aiot_i_link *last_list;                     /*   and the list it is in; since `time` has moved: one that is always empty */
    aiot_i_link slot[AIOT_I_LEVELS][AIOT_I_SLOTS][AIOT_I_CHAINS];
} aiot_i_timers;
#else
typedef struct aiot_i_timers { aiot_i_link list; } aiot_i_timers;         /* in order of time */
#endif

#if AIOT_I_INTERRUPTS
typedef struct aiot_i_post {                    /* a call that an interrupt may queue */
    aiot_i_call         call;
    struct aiot_loop   *loop;
    struct aiot_i_post *volatile next;
    volatile bool       is_posted;
} aiot_i_post;
#endif

enum aiot_i_moment { AIOT_I_AT_STEP, AIOT_I_AT_WAIT, AIOT_I_AT_END };      /* when a cancel is delivered */

/* An event loop.  Any number of them, each used by one thread at a time. */
typedef struct aiot_loop {
#if AIOT_SMALL
    aiot_i_link  ready;                         /* the ready list */
    aiot_i_link *cursor;                        /* in it: how far the turn has come; before it is what runs in the next one */
#else
    aiot_i_link  ready;                         /* the end of the ready list: .prev is what was added last */
#endif
#if AIOT_TASK_LIST
    aiot_i_link  tasks;                         /* all unfinished tasks, in order of creation; stands near `ready` for aiot_i_start() */
#endif
#if !AIOT_SMALL
    aiot_task   *current;                       /* the task being stepped, or NULL */
    aiot_i_link  gone;                          /* .next is set only when what runs next was taken out of the list */
    aiot_i_entry mark;                          /* in the list: before it is what runs in this turn, behind it in the next; IDLE */
    aiot_i_link  yielded;                       /* .next: the first that has yielded in this turn and is not yet in the list */
#endif
#if AIOT_DEBUG
    uintptr_t    stack;                         /* about where its C locals begin */
    bool         clock_went_back;               /* and the loop has said so */
    uintptr_t    seal;                          /* a function of its address: it was initialised, and is where it was then */
#endif
    bool         now_read;                      /* the clock has been read in this turn */
    bool         stopping;                      /* stands behind now_read for aiot_i_is_undisturbed() */
    bool         turning;                       /* or sleeping between turns: running, for asyncio */
#if AIOT_SMALL
    bool         calling;                       /* a callback is running, and no task */
#else
    bool         wary;                          /* in the next turn something may be taken out of the ready list before it runs */
#endif
#ifndef AIOT_CLOCK
    bool         is_virtual;
#endif
    aiot_time    now;
#ifndef AIOT_CLOCK
    aiot_time  (*clock)(struct aiot_loop *loop);                        /* monotonic, in ns or ticks */
    void       (*idle)(struct aiot_loop *loop, aiot_time until);        /* sleeps until that time, or less */
#endif
#if AIOT_I_TELLS
    /* Told of errors that nobody is there to receive.  NULL: dropped; in debug builds at first one that prints.  An error that a task ended
     * with, and that nobody asked for, is told once: when aiot_run(), aiot_run_until() or aiot_run_forever() returns; when no task is left
     * that could ask, and nothing is ready; when the task is spawned again; at once if it was detached. */
    void       (*on_error)(struct aiot_loop *loop, const aiot_report *report);
#endif
#if AIOT_I_INTERRUPTS
    aiot_i_post *volatile posted;               /* what interrupts have posted, */
    aiot_i_post *last_posted;                   /*   to this, if there is any */
#endif
#if AIOT_POLL
    aiot_io_backend *io;
#endif
#if AIOT_SMALL
    bool       (*deliver)(struct aiot_task *task, enum aiot_i_moment moment, const void *message);      /* once a task was cancelled */
    void       (*ready_waiters)(struct aiot_awaitable *a);      /* aiot_i_ready_waiters, once there was one */
#else
    void        *user;                          /* the user's; the library does not touch it.  Not with AIOT_SMALL */
#endif
#if AIOT_I_TELLS
    aiot_report  uncollected;                   /* the last error that nobody has collected, and how many there are */
    uintptr_t    runs;                          /* of aiot_run(): each tells of its own */
    const void  *told;                          /* the task whose error the last one told; only compared, for it may be gone */
#endif
#if AIOT_TASK_LIST
    size_t       left_over;                     /* how many of those that aiot_cancel_all() cancelled are unfinished */
    aiot_task    main_task;                     /* of aiot_run(): may be waiting still when that has found a deadlock */
#endif
    aiot_i_timers timers;
} aiot_loop;

#define AIOT_I_CONTAINER(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

/* ============================================================================================================== [7]
 * TIMERS.  A wheel, or with AIOT_SMALL a sorted list, below.  The wheel: insert O(1), remove O(1), expire amortised O(1) per level
 * an entry descends (at most 11, about 4 for a second's delay); exact order, FIFO among equals; the next deadline
 * exact while its slot holds at most 16 entries.
 *
 * A hierarchical timing wheel (Varghese & Lauck 1987) taken down to single nanoseconds, which makes it a radix heap (Ahuja,
 * Mehlhorn, Orlin & Tarjan 1990) with digits of 6 bits.  An entry lies at the level of the highest bit in which its time
 * differs from the wheel's, in the slot of its digit there: a function of the two times alone.  So entries of one instant
 * always share a slot, and lists keep them in the order of insertion: FIFO needs no sequence numbers, which could wrap.
 * The wheel's time moves only to the start of the first occupied slot, which is then dealt out to the levels below, and
 * never past the clock.  A comparison heap at the bottom (slots of a microsecond, a binary heap for the one that is due)
 * would cost a sequence number and a third link in every timer and task, 16 bytes; exact order does not need it.
 *
 * A slot is two lists, one for half of all instants each, and walked from their four ends at once: in a large wheel each step along a list
 * is a cache miss, which the next step waits for.  Four lists gain little more, and a loop of 23 KB would be one of 45.
 *
 * Invariants: an entry in slot s of level l agrees with wheel.time above digit l, and s is greater than digit l of wheel.time;
 * bit s of occupied[l] is set exactly if that slot is not empty; bit l of levels exactly if occupied[l] is not 0. */
AIOT_I_FN inline aiot_time aiot_i_when(const aiot_i_link *link) { return ((const aiot_i_entry *)(const void *)link)->u.when; }

#if !AIOT_SMALL
/* Where an entry belongs depends on the wheel's time: when that moves, the last place is forgotten.  Slot 0 of level 0 is never used. */
AIOT_I_FN inline void aiot_i_wheel_moves(aiot_i_timers *wheel) { wheel->last_list = wheel->slot[0][0]; }

AIOT_I_FN inline void aiot_i_timers_init(aiot_i_timers *wheel, aiot_time now)
{
    wheel->time = now;
    wheel->levels = 0;
    wheel->unsorted = wheel->wakes = false;
    aiot_i_list_init(&wheel->overdue);
    for (unsigned l = 0; l < AIOT_I_LEVELS; l++) {
        wheel->occupied[l] = 0;
        for (unsigned s = 0; s < AIOT_I_SLOTS; s++)
            for (unsigned c = 0; c < AIOT_I_CHAINS; c++) aiot_i_list_init(&wheel->slot[l][s][c]);
    }
    wheel->last_when = now;
    aiot_i_wheel_moves(wheel);
}

/* Which of a slot's lists: the same for all entries of one instant (Fibonacci hashing). */
AIOT_I_FN inline unsigned aiot_i_chain(aiot_time when)
{
    return (uint32_t)((uint32_t)when * UINT32_C(0x9E3779B1)) >> 31 & (AIOT_I_CHAINS - 1);
}

AIOT_I_FN inline bool aiot_i_chains_empty(const aiot_i_link *chain)
{
    bool empty = true;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) empty = empty && aiot_i_list_empty(&chain[c]);
    return empty;
}

AIOT_I_FN inline unsigned aiot_i_highest_bit(uint64_t x)   /* x > 0 */
{
#if defined __GNUC__
    return 63u ^ (unsigned)__builtin_clzll(x);
#else
    unsigned n = 0;
    for (unsigned step = 32; step; step >>= 1) if (x >> step) { x >>= step; n += step; }
    return n;
#endif
}

AIOT_I_FN inline unsigned aiot_i_lowest_bit(uint64_t x)    /* x > 0 */
{
#if defined __GNUC__
    return (unsigned)__builtin_ctzll(x);
#else
    return aiot_i_highest_bit(x & (~x + 1));
#endif
}

/* For a time later than the wheel's.  Returns the list. */
AIOT_I_FN inline aiot_i_link *aiot_i_wheel_place(aiot_i_timers *wheel, aiot_i_entry *entry)
{
    aiot_time when = entry->u.when;
    size_t level = aiot_i_highest_bit((uint64_t)when ^ (uint64_t)wheel->time) * 43 >> 8;        /* / 6, for 0..63 */
    size_t slot = (size_t)((uint64_t)when >> (level * 6)) & 63;
    aiot_i_link *all = (aiot_i_link *)(void *)wheel->slot;         /* as one array: five instructions less */
    aiot_i_link *list = &all[(level * AIOT_I_SLOTS + slot) * AIOT_I_CHAINS + aiot_i_chain(when)];
    if (aiot_i_list_empty(list)) {                      /* else the bits are set already */
        wheel->occupied[level] |= (uint64_t)1 << slot;
        wheel->levels |= (uint32_t)1 << level;
    }
    aiot_i_append(list, &entry->link);
    return list;
}

/* Many waits of one turn have the same deadline, for the clock is read once a turn: the last one's list is kept at hand.  Found by a
 * comparison that is predicted, its address does not have to wait for bit operations, nor what is loaded behind it for that address. */
AIOT_I_FN inline void aiot_i_timers_insert(aiot_i_timers *wheel, aiot_i_entry *entry, aiot_time now)
{
    (void)now;
    aiot_time when = entry->u.when;
    if (when == wheel->last_when && !aiot_i_list_empty(wheel->last_list)) {
        aiot_i_append(wheel->last_list, &entry->link);
    } else if (AIOT_I_LIKELY(when > wheel->time)) {
        wheel->last_when = when;
        wheel->last_list = aiot_i_wheel_place(wheel, entry);
    } else {
        const aiot_i_link *last = wheel->overdue.prev;
        if (last != &wheel->overdue && aiot_i_when(last) > when) wheel->unsorted = true;
        aiot_i_append(&wheel->overdue, &entry->link);
        wheel->levels |= AIOT_I_URGENT;
    }
}

AIOT_I_FN inline void aiot_i_wheel_vacate(aiot_i_timers *wheel, unsigned level, unsigned slot)
{
    wheel->occupied[level] &= ~((uint64_t)1 << slot);
    if (wheel->occupied[level] == 0) wheel->levels &= ~((uint32_t)1 << level);
}

/* Takes an entry out of the wheel, or out of any other list with a head of its own (ready, overdue).  Its own links need not say so. */
AIOT_I_FN inline void aiot_i_timers_remove(aiot_i_timers *wheel, aiot_i_entry *entry)
{
    aiot_i_link *rest = entry->link.next;
    bool last = rest == entry->link.prev;               /* one neighbour on both sides: the head, or one other entry */
    aiot_i_bridge(&entry->link);
    if (last) {
        aiot_i_link *all = (aiot_i_link *)(void *)wheel->slot;
        uintptr_t offset = (uintptr_t)rest - (uintptr_t)all;
        size_t index = offset / sizeof *rest, beside = index ^ (AIOT_I_CHAINS - 1);     /* the slot's other list, if it has two */
        if (offset < sizeof wheel->slot && aiot_i_list_empty(rest) && aiot_i_list_empty(&all[beside]))
            aiot_i_wheel_vacate(wheel, (unsigned)(index / AIOT_I_CHAINS / AIOT_I_SLOTS), (unsigned)(index / AIOT_I_CHAINS % AIOT_I_SLOTS));
    }
}

/* Sorts a list by time, keeping the order of equals: a bottom-up merge sort on the links, O(n log n), no memory, no recursion.
 * Needed only when times already past were inserted out of order, as after a jump of the clock. */
AIOT_I_FN AIOT_I_COLD void aiot_i_sort_by_time(aiot_i_link *head)
{
    for (size_t run = 1;; run *= 2) {
        aiot_i_link sorted, *a = head->next;
        size_t merges = 0;
        aiot_i_list_init(&sorted);
        while (a != head) {
            aiot_i_link *b = a;
            size_t left = 0, right = run;
            for (; left < run && b != head; left++) b = b->next;
            merges++;
            while (left > 0 || (right > 0 && b != head)) {
                bool from_b = left == 0 ||
                    (right > 0 && b != head && aiot_i_when(b) < aiot_i_when(a));
                aiot_i_link **source = from_b ? &b : &a, *taken = *source;
                *source = taken->next;
                if (from_b) right--; else left--;
                aiot_i_append(&sorted, taken);
            }
            a = b;
        }
        aiot_i_list_init(head);
        aiot_i_splice(head, &sorted);
        if (merges <= 1) return;
    }
}

/* The start of the first occupied slot, which no entry in a slot precedes.  Needs one. */
AIOT_I_FN inline aiot_time aiot_i_wheel_first(const aiot_i_timers *wheel, unsigned *level, unsigned *slot)
{
    unsigned l = aiot_i_lowest_bit(wheel->levels), s = aiot_i_lowest_bit(wheel->occupied[l]), above = (l + 1) * 6;
    uint64_t kept = above < 64 ? (uint64_t)wheel->time >> above << above : 0;
    *level = l;
    *slot = s;
    return (aiot_time)(kept | (uint64_t)s << (l * 6));
}

#if AIOT_HOSTED
/* The entry that a slot holds, if it is one; NULL if there are more. */
AIOT_I_FN inline aiot_i_entry *aiot_i_only_entry(const aiot_i_link *chain)
{
    unsigned lists = 0, in = 0;                         /* sums and products: which list it is in cannot be predicted */
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        unsigned has = !aiot_i_list_empty(&chain[c]);
        lists += has;
        in += has * c;
    }
    return lists == 1 && chain[in].next == chain[in].prev ? (aiot_i_entry *)(void *)chain[in].next : NULL;
}

/* Whether all of a slot is due, and each of its lists in order already, as after arming with one delay.  Looks from both ends, as below. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_are_due_in_order(const aiot_i_link *chain, aiot_time start, aiot_time now)
{
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        aiot_time from = start, to = now;
        if (aiot_i_list_empty(&chain[c])) continue;
        for (const aiot_i_link *first = chain[c].next, *last = chain[c].prev;; first = first->next, last = last->prev) {
            aiot_time early = aiot_i_when(first), late = aiot_i_when(last);
            if (early < from || early > late || late > to) return false;
            if (first == last || first->next == last) break;
            from = early;
            to = late;
        }
    }
    return true;
}

/* Moves the lists of a slot, each of them in order, to the end of `to`, in order. */
AIOT_I_FN AIOT_I_COLD void aiot_i_merge_chains(aiot_i_link *to, aiot_i_link *chain)
{
    for (;;) {
        aiot_i_link *least = NULL;
        unsigned left = 0;
        for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
            aiot_i_link *link = chain[c].next;
            if (link == &chain[c]) continue;
            left++;
            if (least == NULL || aiot_i_when(link) < aiot_i_when(least)) least = link;
        }
        if (left <= 1) break;
        AIOT_I_PREFETCH(least->next->next);
        aiot_i_unlink(least);
        aiot_i_append(to, least);
    }
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) aiot_i_splice(to, &chain[c]);
}

/* Deals out a slot of `level` to the level below; what belongs to the first slot there, whose time has come, stays.  Through all lists and
 * from both ends at once: in a large wheel each step is a cache miss, and the next one of its chain has to wait for it, so the more
 * chains there are, the less it takes.  What comes from the back goes before what came from there already, so that each list keeps its
 * order. */
AIOT_I_FN AIOT_I_COLD void aiot_i_wheel_deal(aiot_i_timers *wheel, aiot_i_link *dealing, unsigned level)
{
    struct { aiot_i_link *first, *last, stays; uint64_t has_back; aiot_i_link *back[AIOT_I_SLOTS]; } chain[AIOT_I_CHAINS];
    unsigned at_work = 0;
    uint64_t slots = 0;
    level--;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        chain[c].first = dealing[c].next;
        chain[c].last = dealing[c].prev;
        chain[c].has_back = 0;
        aiot_i_list_init(&chain[c].stays);
        if (!aiot_i_list_empty(&dealing[c])) at_work |= 1u << c;
        aiot_i_list_init(&dealing[c]);
    }
    while (at_work != 0) {
        for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
            if (!(at_work >> c & 1)) continue;
            aiot_i_link *first = chain[c].first, *last = chain[c].last, *after_first = first->next, *before_last = last->prev;
            AIOT_I_PREFETCH(after_first);
            AIOT_I_PREFETCH(before_last);
            if (first == last || after_first == last) at_work &= ~(1u << c);
            chain[c].first = after_first;
            chain[c].last = before_last;
            for (int end = 0; end < (first == last ? 1 : 2); end++) {
                aiot_i_link *link = end == 0 ? first : last;
                unsigned slot = (unsigned)((uint64_t)aiot_i_when(link) >> (level * 6)) & 63;
                aiot_i_link *to = slot == 0 ? &chain[c].stays : &wheel->slot[level][slot][c];
                aiot_i_append(chain[c].has_back >> slot & 1 ? chain[c].back[slot] : to, link);
                slots |= (uint64_t)1 << slot;
                if (end == 0) continue;
                chain[c].has_back |= (uint64_t)1 << slot;
                chain[c].back[slot] = link;
            }
        }
    }
    wheel->occupied[level] |= slots & ~(uint64_t)1;
    if (wheel->occupied[level]) wheel->levels |= (uint32_t)1 << level;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) aiot_i_splice(level == 0 ? &wheel->overdue : &dealing[c], &chain[c].stays);
}

/* Are so many being dealt out that it pays to do it together? */
AIOT_I_FN inline bool aiot_i_deals_many(const aiot_i_link *dealing)
{
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        const aiot_i_link *head = &dealing[c], *link = head->next;
        for (unsigned n = 0; link != head; link = link->next) if (++n > 2) return true;
    }
    return false;
}
#endif

/* Deals out a slot of `level` one by one, each entry to the level where it belongs. */
AIOT_I_FN inline void aiot_i_wheel_deal_singly(aiot_i_timers *wheel, aiot_i_link *dealing, unsigned level, aiot_time now)
{
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        while (!aiot_i_list_empty(&dealing[c])) {
            aiot_i_entry *entry = (aiot_i_entry *)(void *)dealing[c].next;
            aiot_i_unlink(&entry->link);
            bool alone = aiot_i_chains_empty(dealing) && !(wheel->levels & (((uint32_t)1 << level) - 1));
            if (entry->u.when <= wheel->time || (alone && entry->u.when <= now))       /* nothing left that could be earlier */
                aiot_i_append(&wheel->overdue, &entry->link);
            else
                aiot_i_wheel_place(wheel, entry);
        }
    }
}

/* While all that becomes due are sleepers, each is to be stepped as soon as it is ready: aiot_i_collect_after_sleep().  Said here, where an
 * entry has just been moved from slot to slot: later it may be in no cache any more. */
AIOT_I_FN inline void aiot_i_wake_due(aiot_i_timers *wheel, aiot_i_entry *entry)
{
    if (!wheel->wakes) return;
    if (entry->kind == AIOT_I_TIMER) entry->kind = AIOT_I_READY;
    else wheel->wakes = false;
}

AIOT_I_FN AIOT_I_COLD void aiot_i_wake_all_due(aiot_i_timers *wheel, const aiot_i_link *before, const aiot_i_link *end)
{
    for (aiot_i_link *link = before->next; wheel->wakes && link != end; link = link->next)
        aiot_i_wake_due(wheel, (aiot_i_entry *)(void *)link);
}

/* Moves everything due at `now` to the end of `ready`, in order of time, FIFO among equals; moves the wheel's time to `now`, which must
 * not be before it. */
AIOT_I_FN AIOT_I_COLD void aiot_i_wheel_expire(aiot_i_timers *wheel, aiot_time now, aiot_i_link *ready)
{
    unsigned level = 0, slot;
    aiot_i_link dealing[AIOT_I_CHAINS];
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) aiot_i_list_init(&dealing[c]);
    wheel->levels &= ~(uint32_t)AIOT_I_URGENT;
    for (bool more = true; more;) {
#if AIOT_HOSTED
        for (; aiot_i_deals_many(dealing); level--) aiot_i_wheel_deal(wheel, dealing, level);
#endif
        aiot_i_wheel_deal_singly(wheel, dealing, level, now);
        if (wheel->unsorted) aiot_i_sort_by_time(&wheel->overdue);
        wheel->unsorted = false;
        if (wheel->wakes) aiot_i_wake_all_due(wheel, &wheel->overdue, &wheel->overdue);
        aiot_i_splice(ready, &wheel->overdue);
        more = false;
        while (!more && wheel->levels != 0) {                           /* slots, until one has to be dealt out */
            aiot_time start = aiot_i_wheel_first(wheel, &level, &slot);
            if (start > now) break;
            aiot_i_link *chain = wheel->slot[level][slot];
            aiot_i_wheel_vacate(wheel, level, slot);
            wheel->time = start;
#if AIOT_HOSTED
            aiot_i_entry *only = aiot_i_only_entry(chain);
            if (AIOT_I_LIKELY(only != NULL)) {
                aiot_i_unlink(&only->link);
                if (only->u.when <= now) {
                    aiot_i_wake_due(wheel, only);
                    aiot_i_append(ready, &only->link);
                } else {
                    aiot_i_wheel_place(wheel, only);
                }
                continue;
            }
            if (level != 0 && aiot_i_are_due_in_order(chain, start, now)) {
                const aiot_i_link *before = ready->prev;
                aiot_i_merge_chains(ready, chain);
                if (wheel->wakes) aiot_i_wake_all_due(wheel, before, ready);
                continue;
            }
#endif
            more = level != 0;                                          /* 0: one nanosecond, so all are due, in order */
            if (!more && wheel->wakes) for (unsigned c = 0; c < AIOT_I_CHAINS; c++) aiot_i_wake_all_due(wheel, &chain[c], &chain[c]);
            for (unsigned c = 0; c < AIOT_I_CHAINS; c++) aiot_i_splice(more ? &dealing[c] : ready, &chain[c]);
        }
    }
    wheel->time = now;
}

/* The same; most turns find nothing due, and only look at the first slot. */
AIOT_I_FN inline void aiot_i_timers_expire(aiot_i_timers *wheel, aiot_time now, aiot_i_link *ready)
{
    unsigned level, slot;
    bool only_slots = wheel->levels - 1 < AIOT_I_URGENT - 1;           /* there are some, and nothing urgent */
    aiot_i_wheel_moves(wheel);
    if (!only_slots || aiot_i_wheel_first(wheel, &level, &slot) <= now) aiot_i_wheel_expire(wheel, now, ready);
    else wheel->time = now;
}

/* When the wheel wants to be looked at next: at its own time if something is overdue; exactly at the first deadline if its slot
 * holds at most 16 entries, else at the slot's start, which is never later; AIOT_FOREVER if the wheel is empty. */
AIOT_I_FN AIOT_I_COLD aiot_time aiot_i_timers_next(const aiot_i_timers *wheel)
{
    unsigned level, slot, n = 0;
    if (!aiot_i_list_empty(&wheel->overdue)) return wheel->time;
    if ((wheel->levels & (AIOT_I_URGENT - 1)) == 0) return AIOT_FOREVER;
    aiot_time start = aiot_i_wheel_first(wheel, &level, &slot), first = AIOT_FOREVER;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        const aiot_i_link *head = &wheel->slot[level][slot][c];
        for (const aiot_i_link *link = head->next; link != head; link = link->next) {
            aiot_time when = aiot_i_when(link);
            if (++n > 16) return start;
            if (when < first) first = when;
        }
    }
    return first;
}

/* Takes all out.  Not while a slot is dealt out. */
AIOT_I_FN AIOT_I_COLD void aiot_i_timers_clear(aiot_i_timers *wheel)
{
    aiot_i_link *all = (aiot_i_link *)(void *)wheel->slot;
    for (size_t i = 0; i < sizeof wheel->slot / sizeof *all; i++)
        while (!aiot_i_list_empty(&all[i])) {
            aiot_i_entry *entry = (aiot_i_entry *)(void *)all[i].next;
            aiot_i_timers_remove(wheel, entry);
            entry->link.next = NULL;
        }
    aiot_i_list_clear(&wheel->overdue);
}

AIOT_I_FN inline bool aiot_i_timers_empty(const aiot_i_timers *wheel) { return wheel->levels == 0; }        /* false: look closer */
#else
/* THE SORTED LIST, for few timers: two pointers in all, no bit operations, no 64-bit shifts.  Insert O(n) from the end, O(1) with equal
 * delays; remove and next O(1).  Behind the same functions as the wheel.  Times that wrap are compared as distances from now, which
 * are less than half the range for both; the distance between two of them may be more. */
#if AIOT_TIME_BITS == 64
#define AIOT_I_SORTED_BY(now, when) ((void)(now), (when))
#else
#define AIOT_I_SORTED_BY(now, when) aiot_i_distance(now, when)
#endif
AIOT_I_FN inline void aiot_i_timers_init(aiot_i_timers *timers, aiot_time now) { (void)now; aiot_i_list_init(&timers->list); }
AIOT_I_FN inline bool aiot_i_timers_empty(const aiot_i_timers *timers) { return aiot_i_list_empty(&timers->list); }

#if AIOT_I_SKIPS_TURNS
AIOT_I_FN AIOT_I_INLINE
#else
AIOT_I_FN AIOT_I_COLD
#endif
void aiot_i_timers_insert(aiot_i_timers *timers, aiot_i_entry *entry, aiot_time now)
{
    aiot_i_link *head = &timers->list, *link = head;
    aiot_time distance = AIOT_I_SORTED_BY(now, entry->u.when);
    do link = link->prev;
    while (link != head && AIOT_I_SORTED_BY(now, aiot_i_when(link)) > distance);
    aiot_i_put_between(link, &entry->link, link->next);
}

AIOT_I_FN inline void aiot_i_timers_remove(aiot_i_timers *timers, aiot_i_entry *entry) { (void)timers; aiot_i_unlink(&entry->link); }

AIOT_I_FN inline void aiot_i_timers_expire(aiot_i_timers *timers, aiot_time now, aiot_i_link *ready)
{
    aiot_i_link *link;
    while ((link = timers->list.next) != &timers->list && !aiot_i_is_before(now, aiot_i_when(link))) {
        aiot_i_bridge(link);
        aiot_i_append(ready, link);
    }
}

AIOT_I_FN inline void aiot_i_timers_clear(aiot_i_timers *timers) { aiot_i_list_clear(&timers->list); }

AIOT_I_FN inline aiot_time aiot_i_timers_next(const aiot_i_timers *timers)
{
    return aiot_i_timers_empty(timers) ? AIOT_FOREVER : aiot_i_when(timers->list.next);
}
#endif

/* ============================================================================================================== [8]
 * THE LOOP.  One turn, exactly asyncio's: if nothing is ready, sleep until the first timer; move every due timer to the end
 * of the ready list; then run what was in it at that moment.  What these add runs in the next turn.  A turn costs O(1) and
 * what it runs.  The clock is read once a turn: at its beginning if a timer is armed, else when somebody asks. */
#ifndef AIOT_CLOCK
#define AIOT_I_CLOCK(loop) ((loop)->clock(loop))
#define AIOT_I_WAIT_IDLE(loop, until) ((loop)->idle(loop, until))
#else
#define AIOT_I_CLOCK(loop) AIOT_CLOCK(loop)
#define AIOT_I_WAIT_IDLE(loop, until) AIOT_IDLE(loop, until)
#endif

/* AIOT_FOREVER is no time: when a clock of ticks shows it, the next tick begins early, so that no delay ends early.  A loop that skips
 * turns keeps what the clock shows, which is compared at each wake-up; then it is this for whoever is told the time, or counts from it. */
#if AIOT_I_SKIPS_TURNS && !AIOT_POLL
#define AIOT_I_TIME_AS_SHOWN 1
#else
#define AIOT_I_TIME_AS_SHOWN 0
#endif
AIOT_I_FN inline aiot_time aiot_i_time(aiot_time clock)
{
#if AIOT_TIME_BITS != 64
    if (clock == AIOT_FOREVER) return AIOT_I_TOO_LONG;
#endif
    return clock;
}

AIOT_I_FN inline aiot_time aiot_i_clock(aiot_loop *loop)
{
    (void)loop;
    return AIOT_I_TIME_AS_SHOWN ? AIOT_I_CLOCK(loop) : aiot_i_time(AIOT_I_CLOCK(loop));
}

AIOT_I_FN inline aiot_time aiot_i_told(aiot_time now) { return AIOT_I_TIME_AS_SHOWN ? aiot_i_time(now) : now; }

#if AIOT_DEBUG
AIOT_I_FN AIOT_I_COLD void aiot_i_check_clock(aiot_loop *loop, aiot_time now);
#else
#define aiot_i_check_clock(loop, now) ((void)0)
#endif

AIOT_I_FN inline void aiot_i_take_time(aiot_loop *loop)         /* for whoever says that now_read is true */
{
    aiot_time now = aiot_i_clock(loop);
    aiot_i_check_clock(loop, now);
#if AIOT_TIME_BITS == 64
    if (now > loop->now)                                /* a clock that goes back is a clock that stands still */
#endif
        loop->now = now;
}

AIOT_I_FN AIOT_I_ASIDE aiot_time aiot_i_read_clock(aiot_loop *loop)
{
    aiot_i_take_time(loop);
    loop->now_read = loop->turning;                     /* between turns it is read each time */
    return loop->now;
}

AIOT_I_FN AIOT_I_BRIEF aiot_time aiot_i_now(aiot_loop *loop)
{
#if AIOT_SMALL
    if (!loop->now_read) (void)aiot_i_read_clock(loop);
    return loop->now;
#else
    return AIOT_I_LIKELY(loop->now_read) ? loop->now : aiot_i_read_clock(loop);         /* the pointer need not outlive a call */
#endif
}

/* The loop's time in this turn, in ns (or ticks): loop.time().  Delays count from it.  Between turns the clock is read anew each time. */
AIOT_I_FN inline aiot_time aiot_now(aiot_loop *loop) { return aiot_i_told(aiot_i_now(loop)); }

/* now + delay.  Callers compute it first: it may call the clock, and then they have nothing to keep across that. */
AIOT_I_FN inline aiot_time aiot_i_deadline(aiot_loop *loop, aiot_time delay_ns)
{
    return delay_ns == AIOT_FOREVER ? AIOT_FOREVER : aiot_i_sum(aiot_now(loop), delay_ns);
}

/* Whether a delay is one to wait for, and its deadline known without a call, which would have to read the clock: then nothing that is in a
 * register has to outlive one. */
AIOT_I_FN inline bool aiot_i_knows_deadline(const aiot_loop *loop, aiot_time delay_ns)
{
    if (!AIOT_SMALL && AIOT_I_UNLIKELY(!loop->now_read)) return false;
    return delay_ns > 0;
}

/* Reads the clock anew, after long computing. */
AIOT_I_FN inline void aiot_clock_refresh(aiot_loop *loop)
{
    loop->now_read = false;
    (void)aiot_i_now(loop);
}

#ifndef AIOT_CLOCK
AIOT_I_FN inline aiot_time aiot_i_clock_virtual(aiot_loop *loop) { return loop->now; }
AIOT_I_FN inline void aiot_i_idle_virtual(aiot_loop *loop, aiot_time until)
{
    if (until != AIOT_FOREVER && aiot_i_is_before(loop->now, until)) loop->now = until;
}
#endif

AIOT_I_FN inline bool aiot_i_is_virtual(const aiot_loop *loop)
{
#ifndef AIOT_CLOCK
    return loop->is_virtual;
#else
    (void)loop;
    return false;
#endif
}

/* Moves a virtual clock by hand, no other, and with it the turn's time: as a computation of that length and aiot_clock_refresh() would.
 * AIOT_FOREVER is no length: it moves nothing. */
AIOT_I_FN inline void aiot_clock_advance(aiot_loop *loop, aiot_time by_ns)
{
    if (!aiot_i_is_virtual(loop) || by_ns <= 0 || by_ns == AIOT_FOREVER) return;
    aiot_time now = aiot_i_sum(loop->now, by_ns);
    loop->now = now == AIOT_FOREVER ? AIOT_FOREVER - 1 : now;           /* the last that is a time */
}

#if AIOT_HOSTED
#if !defined CLOCK_MONOTONIC && defined __linux__ && !defined __cplusplus
#if !defined __LP64__ && (!defined __GLIBC__ || defined __USE_TIME_BITS64)
#error "this C library has two sizes of time: define _POSIX_C_SOURCE 199309L before the first include, or compile with -std=gnu11"
#endif
/* -std=c11 hides POSIX from <time.h>, and it may be too late to ask for it: these are the declarations it hides. */
extern int clock_gettime(int clock, struct timespec *now);
extern int nanosleep(const struct timespec *time, struct timespec *rest);
#define AIOT_I_MONOTONIC 1
#elif defined CLOCK_MONOTONIC
#define AIOT_I_MONOTONIC CLOCK_MONOTONIC
#endif

AIOT_I_FN inline aiot_time aiot_i_clock_monotonic(aiot_loop *loop)
{
    struct timespec now;
    (void)loop;
#ifdef AIOT_I_MONOTONIC
    (void)clock_gettime(AIOT_I_MONOTONIC, &now);
#else
    (void)timespec_get(&now, TIME_UTC);
#endif
#if AIOT_TICKS_PER_S == 1000000000
    return (aiot_time)((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
#else
    return (aiot_time)((uint64_t)now.tv_sec * AIOT_TICKS_PER_S + (uint64_t)now.tv_nsec * AIOT_TICKS_PER_S / 1000000000u);
#endif
}

AIOT_I_FN AIOT_I_COLD void aiot_i_idle_sleep(aiot_loop *loop, aiot_time until)
{
    aiot_time now = aiot_i_clock(loop);
    if (!aiot_i_is_later(until, now)) return;
    uint64_t left = until == AIOT_FOREVER ? UINT64_MAX : (uint64_t)until - (uint64_t)now;
#if AIOT_TIME_BITS != 64
    left &= ((uint64_t)1 << AIOT_TIME_BITS) - 1;
#endif
    if (left > (uint64_t)3600 * AIOT_TICKS_PER_S) left = (uint64_t)3600 * AIOT_TICKS_PER_S;   /* any time_t holds that; asked again then */
    struct timespec time;
    time.tv_sec = (time_t)(left / AIOT_TICKS_PER_S);
#if AIOT_TICKS_PER_S == 1000000000
    time.tv_nsec = (long)(left % 1000000000);
#else
    time.tv_nsec = (long)((left % AIOT_TICKS_PER_S * 1000000000 + AIOT_TICKS_PER_S - 1) / AIOT_TICKS_PER_S);
    if (time.tv_nsec > 999999999) time.tv_nsec = 999999999;             /* ticks shorter than a nanosecond */
#endif
#ifdef AIOT_I_MONOTONIC
    (void)nanosleep(&time, NULL);
#else
    while (aiot_i_is_later(until, aiot_i_clock(loop))) { }
#endif
}
#endif

/* One compare for the usual: a task to be stepped, and no flag set. */
AIOT_I_FN inline bool aiot_i_is_plain_step(const aiot_i_entry *entry)
{
#if defined __GNUC__ && AIOT_HOSTED
    static const unsigned char plain[2] = { AIOT_I_READY, 0 };          /* both bytes in one load */
    return __builtin_memcmp((const char *)entry + offsetof(aiot_i_entry, kind), plain, 2) == 0;
#else
    return entry->kind == AIOT_I_READY && entry->flags == 0;
#endif
}

/* THE READY LIST, in two ways. */
#if AIOT_SMALL
/* One circle with a cursor going around in it.  What has been added since the turn began is before the cursor, what is left of the turn
 * from it on.  The entry that runs still stands at the cursor: so to yield is to say so, and to wait is to leave. */
AIOT_I_FN inline void aiot_i_ready_init(aiot_loop *loop)
{
    aiot_i_list_init(&loop->ready);
    loop->cursor = &loop->ready;
    loop->calling = false;
}

AIOT_I_FN inline void aiot_i_make_ready(aiot_loop *loop, aiot_i_entry *entry) { aiot_i_append(loop->cursor, &entry->link); }
AIOT_I_FN inline void aiot_i_make_ready_for_good(aiot_loop *loop, aiot_task *task)
{
    aiot_i_make_ready(loop, &task->awaitable.entry);
}
/* What runs stays, to run again in the next turn; or it leaves the list.  (What yields says so instead, with AIOT_I_YIELDS.) */
AIOT_I_FN inline void aiot_i_stay(aiot_loop *loop, aiot_i_entry *entry) { loop->cursor = entry->link.next; }
AIOT_I_FN AIOT_I_BRIEF void aiot_i_leave(aiot_loop *loop, aiot_i_entry *entry)
{
    loop->cursor = entry->link.next;
    aiot_i_bridge(&entry->link);
}

/* Takes an entry out of the timers or the ready list. */
AIOT_I_FN inline void aiot_i_take_out(aiot_loop *loop, aiot_i_entry *entry)
{
    if (loop->cursor == &entry->link) loop->cursor = entry->link.next;
    aiot_i_timers_remove(&loop->timers, entry);
}
AIOT_I_FN inline void aiot_i_withdraw(aiot_loop *loop, aiot_i_entry *entry) { aiot_i_take_out(loop, entry); }

/* Whether nothing is ready for the next turn; and, between turns, whether nothing is ready at all. */
AIOT_I_FN inline bool aiot_i_nothing_added(const aiot_loop *loop) { return loop->cursor->prev == &loop->ready; }
AIOT_I_FN inline bool aiot_i_nothing_to_run(const aiot_loop *loop) { return aiot_i_list_empty(&loop->ready); }

/* The task that is being stepped, or NULL. */
AIOT_I_FN inline aiot_task *aiot_i_current(const aiot_loop *loop)
{
    if (loop->calling || loop->cursor == &loop->ready) return NULL;
    return AIOT_I_CONTAINER(loop->cursor, aiot_task, awaitable.entry.link);
}
AIOT_I_FN inline void aiot_i_set_current(aiot_loop *loop, aiot_task *task) { (void)loop; (void)task; }
#else
/* A list with a mark in it, which goes behind all that is ready when a turn begins.  What runs is in no list: to wait costs nothing, and
 * who yields is appended.  The turn holds the next one in a register; who takes that one out stores its successor in `gone`. */
AIOT_I_FN inline void aiot_i_ready_init(aiot_loop *loop)
{
    aiot_i_entry_init(&loop->mark, AIOT_I_IDLE);
    loop->ready.prev = &loop->mark.link;
    loop->gone.next = NULL;
    loop->current = NULL;
    loop->yielded.next = NULL;
    loop->wary = false;
}

AIOT_I_FN inline void aiot_i_make_ready(aiot_loop *loop, aiot_i_entry *entry)
{
    loop->wary = true;
    aiot_i_append(&loop->ready, &entry->link);
}

/* The same for a task to be stepped, and for the mark, with two stores instead of four.  Nobody takes these out of the list, so
 * their `prev` may be stale, and the last one's `next`: a turn begins with the mark behind it. */
AIOT_I_FN inline void aiot_i_append_for_good(aiot_loop *loop, aiot_i_link *link)
{
    loop->ready.prev->next = link;
    loop->ready.prev = link;
}

AIOT_I_FN inline void aiot_i_make_ready_for_good(aiot_loop *loop, aiot_task *task)
{
    aiot_i_append_for_good(loop, &task->awaitable.entry.link);
}

AIOT_I_FN inline void aiot_i_stay(aiot_loop *loop, aiot_i_entry *entry)
{
    if (entry->kind == AIOT_I_READY) aiot_i_make_ready_for_good(loop, AIOT_I_CONTAINER(entry, aiot_task, awaitable.entry));
    else aiot_i_make_ready(loop, entry);
}
AIOT_I_FN inline void aiot_i_leave(aiot_loop *loop, aiot_i_entry *entry) { (void)loop; (void)entry; }

/* Takes an entry out of the wheel or the ready list; its link.next need not say so.  The one behind the running task runs next, and the
 * loop holds it already. */
AIOT_I_FN inline void aiot_i_withdraw(aiot_loop *loop, aiot_i_entry *entry)
{
    if ((const void *)entry->link.prev == (const void *)loop->current) entry->link.prev = &loop->gone;
    aiot_i_timers_remove(&loop->timers, entry);
}

AIOT_I_FN inline void aiot_i_take_out(aiot_loop *loop, aiot_i_entry *entry)
{
    aiot_i_withdraw(loop, entry);
    entry->link.next = NULL;
}

AIOT_I_FN inline bool aiot_i_nothing_added(const aiot_loop *loop)
{
    return loop->ready.prev == &loop->mark.link;
}
AIOT_I_FN inline bool aiot_i_nothing_to_run(const aiot_loop *loop) { return aiot_i_nothing_added(loop); }

AIOT_I_FN inline aiot_task *aiot_i_current(const aiot_loop *loop) { return loop->current; }
AIOT_I_FN inline void aiot_i_set_current(aiot_loop *loop, aiot_task *task) { loop->current = task; }
#endif

#if AIOT_I_TELLS && AIOT_DEBUG && AIOT_HOSTED
/* The handler of a loop that was given none, in debug builds. */
AIOT_I_FN AIOT_I_COLD void aiot_i_print_report(aiot_loop *loop, const aiot_report *report)
{
    (void)loop;
    if (report->count > 1) fprintf(stderr, "%u times, ", (unsigned)report->count);
    fputs(aiot_reason_text(report->reason), stderr);
    if (report->error.code != 0)                /* else it has been asked for since, and the others are not known any more */
        fprintf(stderr, "%s: task '%s', line %u: %s (%d)", report->count > 1 ? "; the last" : "", report->name ? report->name : "?",
                report->line, aiot_strerror(report->error.code), report->error.code);
    fputc('\n', stderr);
}
#define AIOT_I_ON_ERROR aiot_i_print_report
#else
#define AIOT_I_ON_ERROR NULL
#endif

#define AIOT_I_LOOP_SEAL ((uintptr_t)UINT64_C(0x5ea1ed100b5ea1ed))       /* not AIOT_I_SEAL: a loop in a frame is no call */
AIOT_I_FN inline void aiot_i_loop_init(aiot_loop *loop)
{
#if AIOT_DEBUG
    loop->seal = (uintptr_t)&loop->seal ^ AIOT_I_LOOP_SEAL;
#endif
    aiot_i_ready_init(loop);
#if AIOT_I_INTERRUPTS
    loop->posted = NULL;
#endif
    loop->now_read = loop->stopping = loop->turning = false;
#if AIOT_DEBUG
    loop->clock_went_back = false;
#endif
#ifndef AIOT_CLOCK
    loop->is_virtual = false;
#endif
#if AIOT_TIME_BITS == 64 || !defined AIOT_CLOCK          /* the first reading compares with it, or is it */
    loop->now = 0;
#endif
#if AIOT_POLL
    loop->io = NULL;
#endif
#if !AIOT_SMALL
    loop->user = NULL;
#endif
#if AIOT_I_TELLS
    loop->on_error = AIOT_I_ON_ERROR;
    loop->uncollected.source = NULL;
    loop->uncollected.count = 0;
    loop->runs = 0;
    loop->told = NULL;
#endif
#if AIOT_TASK_LIST
    aiot_i_list_init(&loop->tasks);
    if (!AIOT_SMALL) loop->left_over = 0;       /* for gcc's analyzer, which does not see there that nobody has the flag yet */
    loop->main_task.awaitable.entry.kind = AIOT_I_IDLE;
#endif
#if !AIOT_SMALL || AIOT_POLL                         /* a sorted list need not know the time: whoever arms a timer reads the clock */
    aiot_clock_refresh(loop);
#endif
    aiot_i_timers_init(&loop->timers, AIOT_SMALL ? 0 : loop->now);
}

#ifdef AIOT_CLOCK
/* Prepares a loop on AIOT_CLOCK() and AIOT_IDLE(). */
AIOT_I_FN inline void aiot_loop_init(aiot_loop *loop) { aiot_i_loop_init(loop); }
#else
/* Prepares a loop with a clock (monotonic, aiot_time: ns, not negative; or ticks) and a way to sleep until a time of it, or less
 * long.  idle() may be called with AIOT_FOREVER, and may return at any time; where interrupts wake tasks it masks them, looks at
 * aiot_interrupted(loop) and at the clock, and sleeps only if nothing was raised and the time has not come.  It may also be called when
 * that is so already: the loop leaves it to AIOT_IDLE() to look.  One that sleeps longer, to the end of a millisecond say, saves
 * power: what falls due until then wakes together, late, and in order.  It is not called while descriptors are waited for: see TWO CLOCKS
 * in section [15]. */
AIOT_I_FN inline void aiot_loop_init_clock(aiot_loop *loop, aiot_time (*clock)(aiot_loop *loop),
                                           void (*idle)(aiot_loop *loop, aiot_time until))
{
    loop->clock = clock;
    loop->idle = idle;
    aiot_i_loop_init(loop);
}

#if AIOT_HOSTED
/* Prepares a loop on the system's monotonic clock.  The loop owns nothing and needs no closing.  It must outlive its
 * tasks, and the last call that asks for a task's result or cancels it.  Where that clock counts the time of a suspend (macOS; Linux does
 * not), a sleep that a suspend interrupts ends late, by an hour at most. */
AIOT_I_FN inline void aiot_loop_init(aiot_loop *loop) { aiot_loop_init_clock(loop, aiot_i_clock_monotonic, aiot_i_idle_sleep); }
#endif

/* Prepares a loop whose clock starts at 0 and jumps to the first timer when nothing is ready: for tests.  No time passes
 * while code runs; aiot_clock_advance() moves it, with aiot_run_once(), which does not sleep, nothing else. */
AIOT_I_FN inline void aiot_loop_init_virtual(aiot_loop *loop)
{
    aiot_loop_init_clock(loop, aiot_i_clock_virtual, aiot_i_idle_virtual);
    loop->is_virtual = true;
}
#endif

#if AIOT_TASK_LIST
/* The number of unfinished tasks.  It counts them: O(n). */
AIOT_I_FN inline size_t aiot_loop_task_count(const aiot_loop *loop)
{
    size_t count = 0;
    for (const aiot_i_link *link = loop->tasks.next; link != &loop->tasks; link = link->next) count++;
    return count;
}
#endif

/* Ends aiot_run_forever(), and with AIOT_ERUNTIME aiot_run() and aiot_run_until(), after this turn or the next one that
 * they run: loop.stop().  aiot_run_once() leaves it to them. */
AIOT_I_FN inline void aiot_loop_stop(aiot_loop *loop) { loop->stopping = true; }

#if AIOT_I_TELLS
/* Gives an error that nobody waits for to the loop's handler. */
AIOT_I_FN AIOT_I_COLD void aiot_i_report(aiot_loop *loop, enum aiot_reason reason, int code, const void *info, const aiot_task *task)
{
    aiot_report report;
    report.reason = reason;
    report.error.info = info;
    report.error.code = code;
    report.source = task ? &task->awaitable : NULL;
    report.name = NULL;
    report.line = 0;
    report.count = 1;
    if (task && task->frame) {
        report.name = task->frame->flags & AIOT_I_ROOT ? task->frame->up.name : NULL;
        report.line = AIOT_I_LINE(task->frame);
    }
    if (loop->on_error) loop->on_error(loop, &report);
}

/* A task ended in an error, and nobody is there to take it.  The loop keeps the last such error and a count, not a list: the memory of a
 * task that has ended may be anything by now.  The task keeps the run, in a link that it has no more use for. */
AIOT_I_FN AIOT_I_COLD void aiot_i_keep_error(aiot_task *task)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    aiot_report *last = &task->loop->uncollected;
    entry->kind = AIOT_I_UNCOLLECTED;
    entry->link.prev = (aiot_i_link *)task->loop->runs;
    last->reason = AIOT_REPORT_UNCOLLECTED;
    last->source = &task->awaitable;            /* to be recognised, never followed */
    last->error.code = entry->code;
    last->error.info = entry->u.info;
    last->name = task->frame->up.name;
    last->line = AIOT_I_LINE(task->frame);
    last->count++;
}

/* Somebody asked how a task ended. */
AIOT_I_FN inline void aiot_i_collect(aiot_awaitable *a)
{
    if (a->entry.kind != AIOT_I_UNCOLLECTED) return;
    aiot_report *last = &a->loop->uncollected;
    a->entry.kind = AIOT_I_ENDED;
    if ((uintptr_t)a->entry.link.prev == a->loop->runs && last->count > 0) last->count--;       /* else told at the end of an earlier run */
    if (last->source != a) return;
    last->error.code = 0;
    last->error.info = NULL;
    last->name = NULL;
    last->line = 0;
}

/* Tells the handler of the errors that nobody has taken: once, when a run returns, or when no task is left that could ask. */
AIOT_I_FN AIOT_I_COLD void aiot_i_tell_uncollected(aiot_loop *loop)
{
    if (loop->uncollected.count == 0) return;
    aiot_report report = loop->uncollected;
    loop->told = report.source;
    report.source = NULL;                       /* it may be gone */
    loop->uncollected.source = NULL;
    loop->uncollected.count = 0;
    loop->runs++;
    if (loop->on_error) loop->on_error(loop, &report);
}
#else
#define aiot_i_report(loop, reason, code, info, task) ((void)(loop), (void)(code), (void)(info), (void)(task))
AIOT_I_FN inline void aiot_i_collect(aiot_awaitable *a) { (void)a; }
AIOT_I_FN inline void aiot_i_tell_uncollected(aiot_loop *loop) { (void)loop; }
#endif

AIOT_I_FN AIOT_I_COLD bool aiot_i_begin_cancelled(aiot_task *task);
AIOT_I_FN AIOT_I_COLD void aiot_i_cancel_wait(aiot_task *task, const void *message);
AIOT_I_FN AIOT_I_COLD void aiot_i_end_cancelled(aiot_task *task);

/* A cancel that was requested is delivered at a step, when the task begins to wait, or when it ends.  False if there is nothing to step.
 * When code is to be small, by way of a pointer that the first cancel sets: a program that cancels nothing does not carry what
 * cancels. */
AIOT_I_FN inline bool aiot_i_deliver(aiot_task *task, enum aiot_i_moment moment, const void *message)
{
    if (moment == AIOT_I_AT_STEP) return aiot_i_begin_cancelled(task);
    if (moment == AIOT_I_AT_WAIT) aiot_i_cancel_wait(task, message);
    else aiot_i_end_cancelled(task);
    return true;
}
#if AIOT_SMALL
#define AIOT_I_DELIVER(task, moment, message) ((task)->awaitable.loop->deliver(task, moment, message))
#else
#define AIOT_I_DELIVER(task, moment, message) aiot_i_deliver(task, moment, message)
#endif

AIOT_I_FN AIOT_I_CALLED void aiot_i_finish(aiot_task *task);
#if AIOT_DEBUG
AIOT_I_FN AIOT_I_COLD void aiot_i_unseal(aiot_frame *frame);
#endif

/* The innermost frame has ended: who awaited it goes on at once, or the task ends.  True if it goes on. */
AIOT_I_FN inline bool aiot_i_leave_frame(aiot_task *task)
{
    aiot_frame *frame = task->frame;
#if AIOT_DEBUG
    aiot_i_unseal(frame);
#endif
    if (AIOT_I_LIKELY(frame->flags & AIOT_I_ROOT)) {
        frame->flags = AIOT_I_ROOT;
        aiot_i_finish(task);
        return false;
    }
    frame->flags = 0;
    task->frame = frame->up.frame;
    return true;
}

/* Runs the current task until it waits or ends.  True if it yields, and is to be made ready for that. */
AIOT_I_FN inline bool aiot_i_resume(aiot_loop *loop, aiot_task *task)
{
    aiot_i_how how;
    (void)loop;
    AIOT_TRACE(task);
#if AIOT_DEBUG
    AIOT_I_HERE(here);
    loop->stack = here;
#endif
    /* A frame that awaits or ends makes another the innermost.  Seldom: so the compiler does not align this as a loop. */
    do {
        how = AIOT_I_HOW(task->frame->step(task));
        if (AIOT_I_SKIPS_TURNS && how == AIOT_I_WAITS) return false;    /* two instructions less to tell the two apart */
    } while (AIOT_I_UNLIKELY(how > 0) && AIOT_I_UNLIKELY(how != AIOT_I_ENDS || aiot_i_leave_frame(task)));
    return how < 0;
}

AIOT_I_FN inline bool aiot_i_step(aiot_loop *loop, aiot_task *task)
{
    aiot_i_set_current(loop, task);
    return aiot_i_resume(loop, task);
}

/* Runs an entry of the ready list.  True if it stays in the ready list of a small loop. */
AIOT_I_FN AIOT_I_RARE bool aiot_i_run_any(aiot_loop *loop, aiot_i_entry *entry)
{
    aiot_task *task = AIOT_I_CONTAINER(entry, aiot_task, awaitable.entry);
    if (sizeof(void *) > 2 && aiot_i_is_plain_step(entry)) {
        /* two bytes in one compare, where there are such */
    } else if (entry->kind == AIOT_I_READY) {
        if ((entry->flags & AIOT_I_MUST_CANCEL) && !AIOT_I_DELIVER(task, AIOT_I_AT_STEP, NULL)) return false;
    } else if (entry->kind == AIOT_I_TIMER) {                   /* a sleeper whose time has come runs the turn after */
        if (entry->code == 0) entry->kind = AIOT_I_READY;
        else entry->code--;
        if (!AIOT_SMALL) aiot_i_stay(loop, entry);
        return true;
    } else {
        aiot_i_call *call = AIOT_I_CONTAINER(entry, aiot_i_call, entry);
#if AIOT_SMALL
        aiot_i_leave(loop, entry);
        entry->link.next = NULL;
        loop->calling = true;
        call->run(loop, call);
        loop->calling = false;
#else
        entry->link.next = NULL;
        loop->current = NULL;
        call->run(loop, call);
#endif
        return false;
    }
    bool yields = aiot_i_step(loop, task);
    if (yields && !AIOT_SMALL) aiot_i_make_ready_for_good(loop, task);
    return yields;
}

AIOT_I_FN inline bool aiot_i_watches(const aiot_loop *loop)
{
#if AIOT_POLL
    return AIOT_I_UNLIKELY(loop->io != NULL) && loop->io->watched;
#else
    (void)loop;
    return false;
#endif
}

/* Whether an interrupt or another thread has something for the loop: section [16]. */
AIOT_I_FN inline bool aiot_interrupted(const aiot_loop *loop)
{
#if AIOT_I_INTERRUPTS
    return AIOT_I_PEEK(loop->posted) != NULL;
#else
    (void)loop;
    return false;
#endif
}

#if AIOT_I_INTERRUPTS
/* What has been posted since the last turn becomes ready, in order: where call_soon_threadsafe() puts it. */
AIOT_I_FN AIOT_I_COLD void aiot_i_collect_posted(aiot_loop *loop)
{
    AIOT_CRITICAL_STATE state;
    AIOT_CRITICAL_ENTER(state);
    aiot_i_post *post = loop->posted;
    AIOT_I_POKE(loop->posted, NULL);
    AIOT_CRITICAL_LEAVE(state);
    while (post) {
        aiot_i_post *next = post->next;
        AIOT_CRITICAL_ENTER(state);             /* what a thread wrote before it raised this again, for nothing, is seen by the callback */
        AIOT_I_POKE(post->is_posted, false);    /* from here on it may be posted anew */
        AIOT_CRITICAL_LEAVE(state);
        if (post->call.entry.link.next == NULL) aiot_i_make_ready(loop, &post->call.entry);
        post = next;
    }
}
#endif

AIOT_I_FN inline bool aiot_i_nothing_ready(const aiot_loop *loop)
{
    if (aiot_interrupted(loop)) return false;
#if !AIOT_SMALL
    if (loop->yielded.next) return false;
#endif
    return aiot_i_nothing_added(loop);
}

/* When the loop wants to run next: now if something is ready, else its first deadline (never later
 * than it, and exact unless more than 16 timers share its slot), else AIOT_FOREVER.  It knows of no descriptors: poll(2) them yourself as
 * well, or come back often.  For programs with a main loop of their own. */
AIOT_I_FN inline aiot_time aiot_next_deadline(aiot_loop *loop)
{
    return aiot_i_nothing_ready(loop) ? aiot_i_timers_next(&loop->timers) : aiot_now(loop);
}

/* Looks for events, sleeping until `until` at most. */
AIOT_I_FN inline void aiot_i_poll(aiot_loop *loop, aiot_time until)
{
#if AIOT_POLL
    if (aiot_i_watches(loop)) {
        aiot_time limit = 0;
        if (until == AIOT_FOREVER) limit = AIOT_FOREVER;
        else if (aiot_i_is_later(until, loop->now) && !aiot_i_is_virtual(loop)) {
            aiot_clock_refresh(loop);
            limit = aiot_i_is_later(until, loop->now) ? aiot_time_between(loop->now, until) : 0;
        }
        loop->io->wait(loop->io, limit);
        if (until == AIOT_FOREVER || !aiot_i_is_virtual(loop) || !aiot_i_nothing_added(loop)) return;       /* else time jumps */
    }
#endif
#if AIOT_I_INTERRUPTS
    if (!aiot_i_is_later(until, loop->now)) return;
#else
    if (!aiot_i_is_before(loop->now, until)) return;        /* for ever does not get here: aiot_i_is_dead() */
#endif
    AIOT_I_WAIT_IDLE(loop, until);
}

AIOT_I_FN inline void aiot_i_expire(aiot_loop *loop, aiot_time now)
{
#if !AIOT_SMALL
    aiot_i_link *last = loop->ready.prev;
    aiot_i_timers_expire(&loop->timers, now, &loop->ready);
    if (loop->ready.prev != last) loop->wary = true;
#else
    aiot_i_timers_expire(&loop->timers, now, &loop->ready);
#endif
}

/* What has come from outside, or is due, becomes ready: a turn begins with both. */
AIOT_I_FN inline void aiot_i_collect_raised(aiot_loop *loop)
{
    (void)loop;
#if AIOT_I_INTERRUPTS
    if (aiot_interrupted(loop)) aiot_i_collect_posted(loop);
#endif
}
AIOT_I_FN inline void aiot_i_collect_due(aiot_loop *loop)
{
    if (!aiot_i_timers_empty(&loop->timers)) aiot_i_expire(loop, aiot_i_now(loop));
}

#if AIOT_I_SKIPS_TURNS
/* The same after the loop has slept, if all that is due are sleepers: they run in this turn, and not in the next.  Nobody can tell the two
 * turns from one, and the core is back asleep the sooner.  Returns the first; NULL if nothing is due, or anything else: then nothing has
 * changed but that the clock was read.  Each instruction here is one of every wake-up. */
AIOT_I_FN inline aiot_i_link *aiot_i_collect_sleepers(aiot_loop *loop)
{
    aiot_i_link *timers = &loop->timers.list, *first = timers->next, *last, *next = first;
    if (aiot_interrupted(loop) || first == timers) return NULL;
    if (!AIOT_I_IDLE_LOOKS && !aiot_i_nothing_to_run(loop)) return NULL;        /* by AIOT_IDLE() */
    aiot_i_take_time(loop);
    loop->now_read = true;
    if (aiot_i_is_before(loop->now, aiot_i_when(first))) return NULL;
    do {
        aiot_i_entry *entry = (aiot_i_entry *)(void *)next;
        if (AIOT_I_UNLIKELY(entry->kind != AIOT_I_TIMER)) {
            while ((next = next->prev) != timers) ((aiot_i_entry *)(void *)next)->kind = AIOT_I_TIMER;
            return NULL;
        }
        entry->kind = AIOT_I_READY;
        next = next->next;
    } while (next != timers && !aiot_i_is_before(loop->now, aiot_i_when(next)));
    last = next->prev;                          /* first to last go to the end of the ready list */
    timers->next = next;
    next->prev = timers;
    aiot_i_link *before = loop->ready.prev;
    before->next = first;
    first->prev = before;
    last->next = &loop->ready;
    loop->ready.prev = last;
    return first;
}
#endif

#if !AIOT_SMALL
/* What is due when the loop has slept.  If all of it are sleepers, and nothing else is ready, they run in this turn, and not in the next:
 * this one would only have queued them, one by one, and nobody can tell the two turns from one.  A turn less for each wake-up; and
 * when thousands wake together, no pass over them all. */
AIOT_I_FN inline void aiot_i_collect_after_sleep(aiot_loop *loop)
{
    aiot_i_timers *wheel = &loop->timers;
    bool may_wake = aiot_i_nothing_added(loop);
    wheel->wakes = may_wake;
    aiot_i_collect_due(loop);
    if (may_wake && !wheel->wakes) {            /* there is something else: the sleepers before it wait for their turn */
        aiot_i_entry *entry = (aiot_i_entry *)(void *)loop->mark.link.next;
        for (; entry->kind == AIOT_I_READY; entry = (aiot_i_entry *)(void *)entry->link.next) entry->kind = AIOT_I_TIMER;
    }
    if (wheel->wakes) loop->wary = false;       /* nobody takes them out any more */
    wheel->wakes = false;
}
#endif

/* Whether a loop on which nothing is ready sleeps for ever. */
AIOT_I_FN inline bool aiot_i_is_dead(const aiot_loop *loop)
{
#if AIOT_I_INTERRUPTS
    if (!aiot_i_is_virtual(loop)) return false;     /* an interrupt may come */
#endif
    if (aiot_i_watches(loop)) return false;
    return AIOT_TIME_BITS == 64 ? aiot_i_timers_next(&loop->timers) == AIOT_FOREVER     /* a limit's end may lie so far away */
                                : aiot_i_timers_empty(&loop->timers);
}

/* No task can ask any more how another ended. */
AIOT_I_FN inline void aiot_i_tell_if_no_task_is_left(aiot_loop *loop)
{
#if AIOT_TASK_LIST
    if (AIOT_I_UNLIKELY(aiot_i_list_empty(&loop->tasks))) aiot_i_tell_uncollected(loop);
#endif
}

/* Sleeps until something comes; false if nothing can. */
AIOT_I_FN AIOT_I_RARE bool aiot_i_sleep_till_next(aiot_loop *loop)
{
    if (!AIOT_I_SKIPS_TURNS) loop->now_read = false;
#if AIOT_I_IDLE_LOOKS
    AIOT_IDLE(loop, aiot_i_timers_next(&loop->timers));
#else
    if (aiot_interrupted(loop)) return true;
    if (aiot_i_is_dead(loop)) return false;
    aiot_i_tell_if_no_task_is_left(loop);
    aiot_i_poll(loop, aiot_i_timers_next(&loop->timers));
#endif
    return true;
}

#if AIOT_SMALL
/* Runs what stands at the cursor, and returns where the cursor goes by that: who leaves has moved it, who stays has not. */
AIOT_I_FN inline aiot_i_link *aiot_i_run_at_cursor(aiot_loop *loop, aiot_i_link *link)
{
    if (aiot_i_run_any(loop, (aiot_i_entry *)(void *)link)) loop->cursor = link->next;
    return loop->cursor;
}

AIOT_I_FN inline void aiot_i_run_ready(aiot_loop *loop)
{
    aiot_i_link *link = loop->cursor = loop->ready.next;
    while (link != &loop->ready) link = aiot_i_run_at_cursor(loop, link);
}
AIOT_I_FN inline void aiot_i_run_alone(aiot_loop *loop, const unsigned char *enough) { (void)loop; (void)enough; }
#else
/* Puts the mark behind all that is in the list, and returns what runs first of it, or the mark. */
AIOT_I_FN inline aiot_i_link *aiot_i_begin_turn(aiot_loop *loop)
{
    aiot_i_link *mark = &loop->mark.link, *first = mark;
    if (loop->ready.prev != mark) {
        first = mark->next;
        aiot_i_append_for_good(loop, mark);
    }
    return first;
}

/* What runs next: `next`, or what followed it if it was taken out meanwhile. */
AIOT_I_FN inline aiot_i_link *aiot_i_runs_next(aiot_loop *loop, aiot_i_link *next)
{
    if (AIOT_I_LIKELY(loop->gone.next == NULL)) return next;
    next = loop->gone.next;
    loop->gone.next = NULL;
    return next;
}

AIOT_I_FN inline void aiot_i_run_plain(aiot_loop *loop, aiot_i_entry *entry)
{
    aiot_task *task = AIOT_I_CONTAINER(entry, aiot_task, awaitable.entry);
    if (AIOT_I_LIKELY(aiot_i_step(loop, task))) aiot_i_make_ready_for_good(loop, task);      /* in line: a jump less */
}

/* Puts a chain of tasks before all that has been added in this turn. */
AIOT_I_FN inline void aiot_i_put_before(aiot_loop *loop, aiot_i_link *last)
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

/* The usual turn: its tasks merely yield, wait or end.  Nothing in the list can be taken out of it, so nobody asks after each step whether
 * that was done; and who yields is chained to the one before, whose address is in a register, and the chain put into the list at its end:
 * a store and a load less a step.  Until a step adds something: that has its place behind those that yielded before it.  Returns where
 * the turn goes on. */
AIOT_I_FN inline aiot_i_link *aiot_i_run_yielding(aiot_loop *loop, aiot_i_link *link)
{
    aiot_i_link *mark = &loop->mark.link, *last = &loop->yielded;
    while (AIOT_I_LIKELY(aiot_i_is_plain_step((aiot_i_entry *)(void *)link))) {         /* the mark is none */
        aiot_i_link *own = link;
        link = own->next;                           /* known before `own` runs, to keep it off the critical path */
        bool yields = aiot_i_step(loop, AIOT_I_CONTAINER(own, aiot_task, awaitable.entry.link));
        if (AIOT_I_UNLIKELY(loop->ready.prev != mark)) {
            aiot_i_put_before(loop, last);
            if (yields) aiot_i_append_for_good(loop, own);
            return link;
        }
        if (yields) {
            last->next = own;
            last = own;
        }
    }
    aiot_i_put_before(loop, last);
    return link;
}

AIOT_I_FN inline void aiot_i_run_ready(aiot_loop *loop)
{
    aiot_i_link *mark = &loop->mark.link, *link = aiot_i_begin_turn(loop);
    if (!loop->wary) link = aiot_i_run_yielding(loop, link);
    else loop->wary = false;                        /* of this turn */
    while (link != mark) {
        aiot_i_entry *entry = (aiot_i_entry *)(void *)link;
        aiot_i_link *next = link->next;             /* known before `link` runs, to keep it off the critical path */
        if (AIOT_I_LIKELY(aiot_i_is_plain_step(entry))) {
            aiot_i_run_plain(loop, entry);
        } else {
            next->prev = &loop->gone;
            (void)aiot_i_run_any(loop, entry);
        }
        link = aiot_i_runs_next(loop, next);
    }
}

/* The clock was not read, and nobody wants to stop. */
AIOT_I_FN inline bool aiot_i_is_undisturbed(const aiot_loop *loop)
{
#if defined __GNUC__ && AIOT_HOSTED
    uint16_t both;                              /* in one load */
    __builtin_memcpy(&both, (const char *)loop + offsetof(aiot_loop, now_read), sizeof both);
    return both == 0;
#else
    return !loop->now_read && !loop->stopping;
#endif
}

/* A task that is alone and yields needs no queue: its address stays in a register, turn after turn, while there is nothing else to look
 * at.  Whoever arms a timer reads the clock, and a descriptor is waited for by a task that waits: so one look at these is enough. */
AIOT_I_FN inline void aiot_i_run_alone(aiot_loop *loop, const unsigned char *enough)
{
    aiot_i_link *mark = &loop->mark.link, *alone = loop->ready.prev;
    if (alone == mark || mark->next != alone) return;
    if (!aiot_i_timers_empty(&loop->timers) || aiot_i_watches(loop)) return;
    aiot_task *task = AIOT_I_CONTAINER(alone, aiot_task, awaitable.entry.link);
    if (!aiot_i_is_plain_step(&task->awaitable.entry)) return;
    bool yields = true;
    loop->ready.prev = mark;                    /* taken out, wherever it was */
    loop->now_read = false;
    loop->current = task;
    while (yields && aiot_i_is_plain_step(&task->awaitable.entry) && aiot_i_nothing_added(loop) && !(*enough & AIOT_I_DONE) &&
           aiot_i_is_undisturbed(loop) && !aiot_interrupted(loop))
        yields = aiot_i_resume(loop, task);
    if (yields) aiot_i_make_ready_for_good(loop, task);
}

#endif

AIOT_I_FN inline bool aiot_i_end_turns(aiot_loop *loop, bool result)
{
    loop->turning = loop->now_read = false;
    aiot_i_set_current(loop, NULL);
    return result;
}

/* Runs turns, and sleeps in between, until `*enough` says DONE; if that is NULL, one turn, without sleeping.  False if nothing can ever
 * run again. */
#if AIOT_DEBUG && AIOT_DECLARE_ONLY                       /* not in line: its caller's locals are not those of coroutines */
bool aiot_i_run_turns(aiot_loop *loop, const unsigned char *enough);
#elif AIOT_I_SKIPS_TURNS                                  /* the same in another order, in which a wake-up takes the fewest instructions */
AIOT_I_FN AIOT_I_COLD bool aiot_i_run_turns(aiot_loop *loop, const unsigned char *enough)
{
    aiot_i_link *link;
    loop->turning = true;
    if (enough && !loop->stopping) goto begin;  /* else the first turn is the last: one without sleeping, and with nothing skipped */
    for (;;) {
        if (aiot_i_watches(loop)) aiot_i_poll(loop, loop->now);
        aiot_i_collect_raised(loop);
        aiot_i_collect_due(loop);
        link = loop->ready.next;
        loop->cursor = link;
        while (link != &loop->ready) {
    run:
            link = aiot_i_run_at_cursor(loop, link);
        }
        if (!enough || (*enough & AIOT_I_DONE) || loop->stopping) return aiot_i_end_turns(loop, true);
        loop->now_read = false;
    begin:
        if (aiot_i_nothing_to_run(loop)) {
            if (!aiot_i_sleep_till_next(loop)) return aiot_i_end_turns(loop, false);
            link = aiot_i_collect_sleepers(loop);
            if (link) { loop->cursor = link; goto run; }        /* into the turn: it is not empty */
        }
    }
}
#else
AIOT_I_FN AIOT_I_COLD bool aiot_i_run_turns(aiot_loop *loop, const unsigned char *enough)
{
    loop->turning = true;
    do {
        aiot_i_set_current(loop, NULL);
        if (enough && aiot_i_nothing_to_run(loop) && !aiot_interrupted(loop) && !loop->stopping) {
            if (!aiot_i_sleep_till_next(loop)) return aiot_i_end_turns(loop, false);
#if !AIOT_SMALL
            loop->timers.wakes = true;          /* if what is due are sleepers only: aiot_i_collect_after_sleep() */
#endif
        } else if (aiot_i_watches(loop)) {
            aiot_i_poll(loop, loop->now);
        }
        loop->now_read = false;
        aiot_i_collect_raised(loop);
#if !AIOT_SMALL
        if (loop->timers.wakes) aiot_i_collect_after_sleep(loop);
        else
#endif
            aiot_i_collect_due(loop);
        aiot_i_run_ready(loop);
        if (enough) aiot_i_run_alone(loop, enough);
    } while (enough && !(*enough & AIOT_I_DONE) && !loop->stopping);
    return aiot_i_end_turns(loop, true);
}
#endif

AIOT_I_FN inline void aiot_i_turn_at_once(aiot_loop *loop) { (void)aiot_i_run_turns(loop, NULL); }

/* Runs one turn, without sleeping: what is ready or due.  Returns when the loop wants to run
 * next, as aiot_next_deadline(). */
AIOT_I_FN inline aiot_time aiot_run_once(aiot_loop *loop)
{
    if (loop->turning) return aiot_next_deadline(loop);         /* from a callback: asyncio's "already running"; nothing to do */
    aiot_i_turn_at_once(loop);
    if (aiot_i_nothing_ready(loop)) aiot_i_tell_if_no_task_is_left(loop);
    return aiot_next_deadline(loop);
}

/* loop.run_forever(): runs until aiot_loop_stop(): AIOT_OK; or until nothing can ever run again: AIOT_EDEADLK if tasks still wait (with
 * AIOT_TASK_LIST 0 that is not known), else AIOT_OK.  AIOT_ERUNTIME if it is running already. */
AIOT_I_FN inline int aiot_run_forever(aiot_loop *loop)
{
    static const unsigned char never = 0;
    if (loop->turning) return AIOT_ERUNTIME;            /* this event loop is already running */
    bool stopped = aiot_i_run_turns(loop, &never);
    (void)stopped;
    loop->stopping = false;
    aiot_i_tell_uncollected(loop);
#if AIOT_TASK_LIST
    if (!stopped && !aiot_i_list_empty(&loop->tasks)) return AIOT_EDEADLK;
#endif
    return AIOT_OK;
}

/* ============================================================================================================== [9]
 * TASKS AND CANCELLATION.  cancel() counts a request and goes to what the task waits for, down to something that can be
 * cancelled at once; there is no recursion, whatever the depth of tasks and gathers. */

AIOT_I_FN AIOT_I_COLD void aiot_i_wake(aiot_task *task, int code, const void *info);

AIOT_I_FN inline bool aiot_i_is_task(const aiot_awaitable *a) { return a->entry.kind >= AIOT_I_ENDED; }

/* The pointer of how `a` ended, for one who awaited it.  The message of a CancelledError that a task ended with goes to one
 * of them only, as in asyncio, and here to the first; MESSAGE says that it is that of a request which came too late to be raised, and
 * stays. */
AIOT_I_FN inline const void *aiot_i_take_info(aiot_awaitable *a)
{
    const void *info = a->entry.u.info;
    aiot_i_collect(a);
    if ((a->entry.flags & (AIOT_I_CANCELLED | AIOT_I_MESSAGE)) == AIOT_I_CANCELLED && aiot_i_is_task(a)) a->entry.u.info = NULL;
    return info;
}

/* A call that is queued because `a` has ended keeps how it ended, for `a` may be started again, and end again, before the call runs. */
AIOT_I_FN inline void aiot_i_keep_end(aiot_i_entry *call, const aiot_awaitable *a)
{
    call->code = a->entry.code;
    call->u.info = a->entry.u.info;
    call->flags = (unsigned char)(call->flags | (a->entry.flags & AIOT_I_CANCELLED));
}
AIOT_I_FN inline bool aiot_i_told_of_error(const aiot_i_call *call)
{
    return call->entry.code != 0 && !(call->entry.flags & AIOT_I_CANCELLED);
}
/* Does `a` still stand at the end of which the call was told?  The message of a cancellation may have been taken since. */
AIOT_I_FN inline bool aiot_i_is_that_end(const aiot_awaitable *a, const aiot_i_call *call)
{
    return (a->entry.flags & AIOT_I_DONE) && a->entry.code == call->entry.code &&
           (a->entry.u.info == call->entry.u.info || (a->entry.flags & AIOT_I_CANCELLED));
}
AIOT_I_FN inline const void *aiot_i_take_end_info(aiot_awaitable *a, const aiot_i_call *call)
{
    return aiot_i_is_that_end(a, call) ? aiot_i_take_info(a) : call->entry.u.info;
}
AIOT_I_FN inline void aiot_i_collect_end(aiot_awaitable *a, const aiot_i_call *call)
{
    if (aiot_i_is_that_end(a, call)) aiot_i_collect(a);
}

/* Queues all waiters of `a`, in order of registration; tasks among them get the outcome. */
AIOT_I_FN AIOT_I_COLD void aiot_i_ready_waiters(aiot_awaitable *a)
{
    aiot_i_link *link = a->waiters, *first = link;
    bool taken = false;                         /* a call before it in the queue will take the message */
    a->waiters = NULL;
    do {
        aiot_i_link *next = link->next;
        aiot_i_entry *entry = (aiot_i_entry *)(void *)link;
        if (entry->kind == AIOT_I_WAITING) {
            bool none = taken && (a->entry.flags & AIOT_I_CANCELLED);
            aiot_i_wake(AIOT_I_CONTAINER(entry, aiot_task, awaitable.entry), a->entry.code, none ? NULL : aiot_i_take_info(a));
        } else {
            entry->flags &= (unsigned char)~AIOT_I_IN_WAITERS;
            aiot_i_keep_end(entry, a);
            if ((entry->flags & AIOT_I_MESSAGE) && aiot_i_is_task(a) && !(a->entry.flags & AIOT_I_MESSAGE)) taken = true;
            aiot_i_make_ready(a->loop, entry);
        }
        link = next;
    } while (link != first);
}

#if AIOT_SMALL                                          /* by a pointer, for the same reason as aiot_i_deliver() */
#define AIOT_I_READY_WAITERS(a) ((a)->loop->ready_waiters(a))
#else
/* The same, quicker for the usual: one task, and no cancel under way to it. */
AIOT_I_FN AIOT_I_COLD void aiot_i_ready_waiter(aiot_awaitable *a)
{
    aiot_i_entry *only = (aiot_i_entry *)(void *)a->waiters;
    if (AIOT_I_UNLIKELY(only->link.next != &only->link || only->kind != AIOT_I_WAITING || only->flags != 0)) {
        aiot_i_ready_waiters(a);
        return;
    }
    a->waiters = NULL;
    only->kind = AIOT_I_READY;
    if (a->entry.code != 0) {                   /* else that of the task is 0, too, as long as it waits */
        only->code = a->entry.code;
        only->u.info = aiot_i_take_info(a);
    }
    aiot_task *task = AIOT_I_CONTAINER(only, aiot_task, awaitable.entry);
    aiot_i_make_ready_for_good(a->loop, task);
}
#define AIOT_I_READY_WAITERS(a) aiot_i_ready_waiter(a)
#endif

AIOT_I_FN inline void aiot_i_complete(aiot_awaitable *a, int code, const void *info, unsigned flags)
{
    a->entry.code = code;
    a->entry.u.info = info;
    a->entry.flags = (unsigned char)(a->entry.flags | flags);
    if (a->waiters) AIOT_I_READY_WAITERS(a);
}

AIOT_I_FN inline void aiot_i_add_waiter(aiot_awaitable *a, aiot_i_entry *entry)
{
    entry->u.target = a;
#if AIOT_SMALL
    a->loop->ready_waiters = aiot_i_ready_waiters;
#endif
    if (AIOT_I_LIKELY(a->waiters == NULL)) {
        aiot_i_list_init(&entry->link);
        a->waiters = &entry->link;
    } else {
        aiot_i_append(a->waiters, &entry->link);                /* before the first of a circle: at its end */
    }
}

/* Adds a call to be run when `a` is done; at once if it is. */
AIOT_I_FN inline void aiot_i_watch(aiot_loop *loop, aiot_awaitable *a, aiot_i_call *call)
{
    if (a->entry.flags & AIOT_I_DONE) {
        aiot_i_keep_end(&call->entry, a);
        aiot_i_make_ready(loop, &call->entry);
    } else {
        call->entry.flags |= AIOT_I_IN_WAITERS;
        aiot_i_add_waiter(a, &call->entry);
    }
}

/* Takes a call out of whatever queue holds it; nothing if none does. */
AIOT_I_FN inline void aiot_i_dequeue(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_entry *entry = &call->entry;
    if (entry->link.next == NULL) return;
    if (entry->flags & AIOT_I_IN_WAITERS) {
        aiot_awaitable *a = entry->u.target;
        entry->flags &= (unsigned char)~AIOT_I_IN_WAITERS;
        if (a->waiters == &entry->link) a->waiters = entry->link.next == &entry->link ? NULL : entry->link.next;
        aiot_i_unlink(&entry->link);
    } else {
        aiot_i_take_out(loop, entry);
    }
}

/* The next step of the task begins with CancelledError. */
AIOT_I_FN AIOT_I_COLD void aiot_i_must_cancel(aiot_task *task, const char *message)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    entry->flags |= AIOT_I_MUST_CANCEL;
#if AIOT_SMALL
    task->awaitable.loop->deliver = aiot_i_deliver;
#endif
    if (entry->kind == AIOT_I_READY && !(entry->flags & AIOT_I_MESSAGE)) {
        if (entry->code == AIOT_ECANCELED) return;              /* the CancelledError that is on its way stays as it is */
        if (entry->code != 0 && entry->u.info) return;          /* the error may yet be wanted, should the cancel be taken back */
    }
    entry->flags |= AIOT_I_MESSAGE;
    entry->u.info = message;
}

/* Ends the wait of a task that is in no queue, with an outcome: it is stepped in the next turn. */
AIOT_I_FN AIOT_I_COLD void aiot_i_wake(aiot_task *task, int code, const void *info)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    if (AIOT_I_UNLIKELY(entry->flags & AIOT_I_MESSAGE)) {       /* a cancel was asked that its target could not take */
        if (code == AIOT_ECANCELED || (code != 0 && info)) entry->flags &= (unsigned char)~AIOT_I_MESSAGE;
        else info = entry->u.info;
    }
    entry->code = code;
    entry->u.info = info;
    entry->kind = AIOT_I_READY;
    aiot_i_make_ready_for_good(task->awaitable.loop, task);
}

/* Cancels a wait that ends at once: a sleep, or that of a task that is parked. */
AIOT_I_FN AIOT_I_COLD void aiot_i_cancel_sleep(aiot_task *task, const void *message)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    if (entry->kind == AIOT_I_TIMER) aiot_i_take_out(task->loop, entry);
    aiot_i_wake(task, AIOT_ECANCELED, message);
}

typedef struct aiot_i_member {                  /* one member of a gather, or of another set of [12] */
    aiot_i_call     call;
    aiot_awaitable *target;
    void           *owner;                      /* the set; or the first member that is the same awaitable */
    bool            done;                       /* wait: it was, when the wait ended */
    bool            repeated;                   /* an earlier member is the same awaitable */
} aiot_i_member;

/* A gather, as far as cancellation needs to know it; the rest is in [12]. */
typedef struct aiot_gather {
    aiot_awaitable      awaitable;
    aiot_i_member      *members;                /* behind this struct, in the AIOT_GATHER_SET */
    unsigned            count, capacity;        /* entries, and how many fit */
    unsigned            unfinished;
    unsigned            cursor;                 /* the next member that the cancel going through reaches */
    bool                return_exceptions;
    struct aiot_gather *up;                     /* the gather whose member led here, */
    aiot_task          *via;                    /*   by way of this task, which waits for this one */
} aiot_gather;

/* Has the gather been told of this member's end, and the member been started again since?  That run is none of its. */
AIOT_I_FN inline bool aiot_i_runs_again(const aiot_i_member *member)
{
    if (member->repeated) member = (const aiot_i_member *)member->owner;
    return !(member->target->entry.flags & AIOT_I_DONE) && !(member->call.entry.flags & AIOT_I_IN_WAITERS);
}

/* A walk down the chain of waits, and through the members of each gather in order; the way back is kept in the gathers. */
AIOT_I_FN AIOT_I_RARE bool aiot_i_cancel_walk(aiot_awaitable *a, const char *message)
{
    aiot_gather *up = NULL;                     /* the gather being walked through */
    aiot_task *via = NULL;                      /* the task that waits for `a`, if that is how we came */
    const aiot_awaitable *mark = a;             /* Brent's cycle detection: tasks that wait for each other end here */
    unsigned steps = 0, limit = 1;
    for (;;) {
        bool taken = false;
        if ((a->entry.flags & AIOT_I_DONE) || a->entry.kind == AIOT_I_IDLE) {
            aiot_i_collect(a);                  /* not taken; but asyncio no longer wants to hear of its error */
        } else if (aiot_i_is_task(a)) {
            aiot_task *task = AIOT_I_CONTAINER(a, aiot_task, awaitable);
            if (a->entry.count < UINT16_MAX) a->entry.count++;
            taken = true;
            if (a->entry.kind == AIOT_I_WAITING && !(a->entry.flags & AIOT_I_MUST_CANCEL) && a->entry.u.target) {
                if (++steps == limit) { mark = a; steps = 0; limit *= 2; }
                if (steps == 0 || a != mark) {
                    via = task;
                    a = a->entry.u.target;
                    continue;
                }
            } else if (a->entry.kind == AIOT_I_TIMER || a->entry.kind == AIOT_I_PARKED) {
                aiot_i_cancel_sleep(task, message);
            } else {
                aiot_i_must_cancel(task, message);
            }
        } else if (a->entry.kind == AIOT_I_GATHER) {
            aiot_gather *gather = AIOT_I_CONTAINER(a, aiot_gather, awaitable);
            if (!(a->entry.flags & AIOT_I_WALKING)) {
                a->entry.flags |= AIOT_I_WALKING;
                gather->cursor = 0;
                gather->up = up;
                gather->via = via;
                up = gather;
                via = NULL;
            }
        } else {
            aiot_i_complete(a, AIOT_ECANCELED, message, AIOT_I_DONE | AIOT_I_CANCELLED);
            taken = true;
        }
        for (;;) {                              /* back up */
            if (via && !taken) aiot_i_must_cancel(via, message);
            if (via) taken = true;
            via = NULL;
            if (!up) return taken;
            if (taken) up->awaitable.entry.code = 1;            /* at least one member took it */
            if (up->cursor < up->count) {
                const aiot_i_member *member = &up->members[up->cursor++];
                if (aiot_i_runs_again(member)) continue;
                a = member->target;
                mark = NULL;                    /* the same task by another way is no cycle; */
                steps = 0;
                limit = 1;                      /*   and each way into one is found as soon as the first */
                break;
            }
            taken = up->awaitable.entry.code != 0;
            up->awaitable.entry.code = 0;
            if (taken) up->awaitable.entry.flags |= AIOT_I_ASKED;
            up->awaitable.entry.flags &= (unsigned char)~AIOT_I_WALKING;
            via = up->via;
            up = up->up;
        }
    }
}

/* cancel() of anything.  True if the request was taken. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_cancel(aiot_awaitable *a, const char *message)
{
    aiot_i_entry *entry = &a->entry;
    if (AIOT_SMALL || (entry->kind != AIOT_I_TIMER && entry->kind != AIOT_I_PARKED)) return aiot_i_cancel_walk(a, message);
    if (entry->count < UINT16_MAX) entry->count++;              /* the usual: it waits for nothing that is cancelled instead */
    aiot_i_cancel_sleep(AIOT_I_CONTAINER(a, aiot_task, awaitable), message);
    return true;
}

/* Called when a task has begun to wait with a cancel still undelivered: the cancel goes to what it waits for, at once. */
AIOT_I_FN AIOT_I_COLD void aiot_i_cancel_wait(aiot_task *task, const void *message)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    const char *text = entry->flags & AIOT_I_MESSAGE ? (const char *)message : NULL;
    entry->flags &= (unsigned char)~(AIOT_I_MUST_CANCEL | AIOT_I_MESSAGE);
    if (entry->kind == AIOT_I_WAITING) {
        if (!aiot_i_cancel(entry->u.target, text)) aiot_i_must_cancel(task, text);
    } else {
        aiot_i_cancel_sleep(task, text);
    }
}

/* The ways to wait.  Each is called by the running task, which then suspends. */
AIOT_I_FN AIOT_I_INLINE void aiot_i_park(aiot_task *task)                         /* for somebody who keeps a pointer to it */
{
    aiot_i_entry *entry = &task->awaitable.entry;
    entry->kind = AIOT_I_PARKED;
    aiot_i_leave(task->loop, entry);
    if (AIOT_I_UNLIKELY(entry->flags & AIOT_I_MUST_CANCEL)) (void)AIOT_I_DELIVER(task, AIOT_I_AT_WAIT, entry->u.info);
}

/* For a time, and two turns. */
AIOT_I_FN AIOT_I_INLINE int aiot_i_wait_until(aiot_loop *loop, aiot_task *task, aiot_time when, aiot_time now)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    aiot_i_leave(loop, entry);
    if (when == AIOT_FOREVER || AIOT_I_UNLIKELY(entry->flags & AIOT_I_MUST_CANCEL)) {
        entry->kind = AIOT_I_PARKED;
        if (entry->flags & AIOT_I_MUST_CANCEL) (void)AIOT_I_DELIVER(task, AIOT_I_AT_WAIT, entry->u.info);
        return AIOT_I_WAITS;
    }
    entry->u.when = when;
    entry->kind = AIOT_I_TIMER;
    aiot_i_timers_insert(&loop->timers, entry, now);
    return AIOT_I_WAITS;
}

AIOT_I_FN inline void aiot_i_wait_turns(aiot_task *task, int turns)        /* some turns; a cancel ends it at once */
{
    aiot_i_entry *entry = &task->awaitable.entry;
    entry->kind = AIOT_I_TIMER;
    entry->code = turns - 2;
    aiot_i_stay(task->loop, entry);
    if (AIOT_I_UNLIKELY(entry->flags & AIOT_I_MUST_CANCEL)) (void)AIOT_I_DELIVER(task, AIOT_I_AT_WAIT, entry->u.info);
}

/* For an awaitable that is not done. */
AIOT_I_FN AIOT_I_RARE void aiot_i_wait_done_by_any(aiot_task *task, aiot_awaitable *a)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    const void *message = entry->u.info;
    entry->kind = AIOT_I_WAITING;
    aiot_i_leave(task->loop, entry);
    aiot_i_add_waiter(a, entry);
    if (AIOT_I_UNLIKELY(entry->flags & AIOT_I_MUST_CANCEL)) (void)AIOT_I_DELIVER(task, AIOT_I_AT_WAIT, message);
}

AIOT_I_FN AIOT_I_INLINE void aiot_i_wait_done(aiot_task *task, aiot_awaitable *a)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    if (AIOT_SMALL || AIOT_I_UNLIKELY(entry->flags & AIOT_I_MUST_CANCEL)) {
        aiot_i_wait_done_by_any(task, a);
    } else {
        entry->kind = AIOT_I_WAITING;
        aiot_i_leave(task->loop, entry);
        aiot_i_add_waiter(a, entry);
    }
}

/* Puts an error in flight in the running task, or none for code 0. */
AIOT_I_FN inline void aiot_i_set_error(aiot_task *task, int code, const void *info)
{
    task->awaitable.entry.code = code;
    if (code == 0) return;
    task->awaitable.entry.flags &= (unsigned char)~AIOT_I_MESSAGE;
    task->awaitable.entry.u.info = info;
}

/* Wakes a task that is still parked; one that has been woken meanwhile (by a cancel) is left alone. */
AIOT_I_FN inline void aiot_i_unpark(aiot_task *task)
{
    if (task->awaitable.entry.kind == AIOT_I_PARKED) aiot_i_wake(task, 0, NULL);
}

#if AIOT_I_TELLS
/* Whether somebody who waits for a task is given its error: a join, a gather, a group; or was to drop it.  Notes a shield. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_error_is_taken(aiot_awaitable *a)
{
    aiot_i_link *link = a->waiters;
    if (a->entry.flags & AIOT_I_TAKEN) return true;
    if (link) do {
        const aiot_i_entry *entry = AIOT_I_CONTAINER(link, aiot_i_entry, link);
        if (entry->kind != AIOT_I_CALL || !(entry->flags & (AIOT_I_LOOKS_ON | AIOT_I_MAY_TAKE))) return true;
        /* The task's TAKEN: it may be spawned again before the shield's turn. */
        a->entry.flags = (unsigned char)(a->entry.flags | (entry->flags & AIOT_I_MAY_TAKE));
    } while ((link = link->next) != a->waiters);
    return false;
}

#endif

/* The end of a task with a cancel that was never delivered: it ends cancelled instead of well, but an error is kept. */
AIOT_I_FN AIOT_I_COLD void aiot_i_end_cancelled(aiot_task *task)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    bool told = (entry->flags & AIOT_I_MESSAGE) != 0;
    entry->flags &= (unsigned char)~(AIOT_I_MUST_CANCEL | AIOT_I_MESSAGE);
    if (entry->code != 0) return;
    entry->code = AIOT_ECANCELED;
    entry->flags |= AIOT_I_MESSAGE;
    if (!told) entry->u.info = NULL;
}

AIOT_I_FN inline void aiot_i_set_ended(aiot_task *task)
{
#if AIOT_TASK_LIST && AIOT_SMALL
    aiot_i_unlink(&task->all);
#elif AIOT_TASK_LIST
    task->all.prev->next = task->all.next;      /* unlinked; it need not know */
    task->all.next->prev = task->all.prev;
#endif
    task->awaitable.entry.kind = AIOT_I_ENDED;
}

/* The end of a task, whose outcome is the error in flight. */
AIOT_I_FN AIOT_I_RARE void aiot_i_finish_any(aiot_task *task)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    aiot_i_set_ended(task);
    if (entry->flags & AIOT_I_MUST_CANCEL) (void)AIOT_I_DELIVER(task, AIOT_I_AT_END, NULL);
#if AIOT_TASK_LIST
    if (entry->flags & AIOT_I_LEFT_OVER) task->loop->left_over--;
#endif
    unsigned done = entry->code == AIOT_ECANCELED ? AIOT_I_DONE | AIOT_I_CANCELLED : AIOT_I_DONE;
#if AIOT_I_TELLS
    bool failed = entry->code != 0 && done == AIOT_I_DONE, taken = failed && aiot_i_error_is_taken(&task->awaitable);
#endif
    entry->flags = (unsigned char)(entry->flags | done);
    if (task->awaitable.waiters) AIOT_I_READY_WAITERS(&task->awaitable);
    aiot_i_leave(task->loop, entry);
#if AIOT_I_TELLS
    if (AIOT_I_UNLIKELY(failed)) {              /* last: the handler may use the task anew */
        aiot_loop *loop = task->loop;
#if AIOT_SMALL
        loop->calling = true;                   /* no task: this one has left the list, and another stands where it was */
#endif
        if (entry->flags & AIOT_I_LEFT_OVER) aiot_i_report(loop, AIOT_REPORT_LEFT_OVER, entry->code, entry->u.info, task);
        else if (!taken && (entry->flags & AIOT_I_DETACHED)) aiot_i_report(loop, AIOT_REPORT_UNCOLLECTED, entry->code, entry->u.info, task);
        else if (!taken) aiot_i_keep_error(task);
#if AIOT_SMALL
        loop->calling = false;
#endif
    }
#endif
}

/* The same, quicker for the usual: all is well, and nobody waits for it. */
AIOT_I_FN AIOT_I_CALLED void aiot_i_finish(aiot_task *task)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    if (AIOT_SMALL || AIOT_I_UNLIKELY(entry->code != 0 || !aiot_i_is_plain_step(entry))) {
        aiot_i_finish_any(task);
        return;
    }
    aiot_i_set_ended(task);
    entry->flags = AIOT_I_DONE;
    if (AIOT_I_UNLIKELY(task->awaitable.waiters != NULL)) AIOT_I_READY_WAITERS(&task->awaitable);
}

/* A step that begins with CancelledError.  False if there is nothing to step: the task had not begun, and has ended. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_begin_cancelled(aiot_task *task)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    if (entry->code != AIOT_ECANCELED) {        /* one that is on its way already is kept, with its message */
        entry->code = AIOT_ECANCELED;
        if (!(entry->flags & AIOT_I_MESSAGE)) entry->u.info = NULL;
    }
    entry->flags &= (unsigned char)~(AIOT_I_MUST_CANCEL | AIOT_I_MESSAGE);
    if ((task->frame->at & 0xffff) == 0) {      /* the outermost: one that is awaited begins at once */
        task->frame->flags &= (unsigned char)~AIOT_I_LIVE;
        aiot_i_finish(task);
        return false;
    }
    return true;
}

#if AIOT_DEBUG
/* Is this a C local of the coroutine that runs, which dies at its next wait? */
AIOT_I_FN AIOT_I_COLD bool aiot_i_is_local(const aiot_loop *loop, const void *object)
{
    AIOT_I_HERE(here);
    uintptr_t at = (uintptr_t)object, there = loop->stack;
    return aiot_i_current(loop) != NULL && (here < there ? here < at && at < there : there < at && at < here);
}
#define AIOT_I_TELL(file, line, task, message) \
    ((void)(file), (void)(line), (void)(task), (void)AIOT_PANIC(file, line, (task) ? aiot_task_name(task) : "none", message))     /* which may ignore them */
#define AIOT_I_PANIC_UNLESS(condition, file, line, task, message) \
    ((condition) ? (void)0 : (AIOT_I_TELL(file, line, task, message), AIOT_I_STOP(line)))
#define AIOT_I_COMPLAIN_UNLESS(condition, file, line, task, message) \
    ((condition) ? (void)0 : AIOT_I_TELL(file, line, task, message))
#else
#define AIOT_I_PANIC_UNLESS(condition, file, line, task, message) ((void)0)
#define AIOT_I_COMPLAIN_UNLESS(condition, file, line, task, message) ((void)0)
#endif

/* The name of a task: that of its coroutine, or what aiot_task_set_name() gave.  Readable while its frame is. */
AIOT_I_FN inline const char *aiot_task_name(const aiot_task *task)
{
    const aiot_frame *frame = task->frame;
    while (frame && !(frame->flags & AIOT_I_ROOT)) frame = frame->up.frame;
    return frame && frame->up.name ? frame->up.name : "task";
}

#if AIOT_DEBUG
/* Says once for each loop that its clock goes backwards, and by how much: nothing that waits for a time goes on until it has caught up.
 * Ticks that wrap look the same when the loop comes back too late, with timers armed. */
AIOT_I_FN AIOT_I_COLD void aiot_i_check_clock(aiot_loop *loop, aiot_time now)
{
    if (!aiot_i_is_before(now, loop->now) || loop->clock_went_back) return;
    if (AIOT_TIME_BITS != 64 && aiot_i_timers_empty(&loop->timers)) return;
    loop->clock_went_back = true;
#if AIOT_HOSTED
    char message[120];
    snprintf(message, sizeof message, "the clock went back by %lld%s: until it has caught up, no timer strikes",
             (long long)aiot_time_between(now, loop->now), AIOT_TICKS_PER_S == 1000000000 ? " ns" : " ticks");
#else
    static const char message[] = "the clock went back: until it has caught up, no timer strikes";
#endif
    AIOT_I_COMPLAIN_UNLESS(0, __FILE__, __LINE__, aiot_i_current(loop), message);
    (void)message;
}
#endif

/* Task.set_name(): the text, which is not copied, lives until the task has ended; if in an error that nobody takes, until
 * aiot_run() has told of it, or the task is used again. */
AIOT_I_FN inline void aiot_task_set_name(aiot_task *task, const char *name)
{
    aiot_frame *frame = task->frame;
    while (frame && !(frame->flags & AIOT_I_ROOT)) frame = frame->up.frame;
    if (frame) frame->up.name = name;
}

/* May it be spawned?  It was never started (and is zeroed), or has ended: for pools of tasks. */
AIOT_I_FN inline bool aiot_task_idle(const aiot_task *task)
{
    return task->awaitable.entry.kind <= AIOT_I_ENDED || task->awaitable.entry.kind == AIOT_I_UNCOLLECTED;
}

/* Says of a task that was spawned that nobody will ask how it ends, as asyncio knows when the last reference to it is dropped: an error that
 * it ends with goes to loop.on_error at once, and not when the run returns. */
AIOT_I_FN inline void aiot_task_detach(aiot_task *task) { task->awaitable.entry.flags |= AIOT_I_DETACHED; }

/* The task that is running on this loop, or NULL in a callback: asyncio.current_task().  Not for handlers of errors. */
AIOT_I_FN inline aiot_task *aiot_current_task(const aiot_loop *loop) { return aiot_i_current(loop); }

typedef struct aiot_any { AIOT_I_EXTENSION union { aiot_awaitable awaitable, awaitable_is_a_task_future_gather_or_shield; }; } aiot_any;
#define AIOT_ANY(a) ((aiot_any *)(void *)(a))

/* 0, in an expression, or the text where the condition does not hold. */
#if defined __GNUC__ && !defined __cplusplus
#define AIOT_I_ASSERTED(condition, text) (0 * sizeof(struct { int i; _Static_assert(condition, text); }))
#endif
/* TAKES says the text if x is no pointer to that type; TAKEN is x then, or NULL, so that nothing else is said. */
#if defined __GNUC__ && !defined __cplusplus && !defined __cppcheck__          /* whose parser stops there */
#define AIOT_I_TAKES(type, x, text) ((void)AIOT_I_ASSERTED(_Generic((x), type *: 1, default: 0), text))
#define AIOT_I_TAKEN(type, x) _Generic((x), type *: (x), default: (type *)aiot_i_nothing())
AIOT_I_FN inline void *aiot_i_nothing(void) { return NULL; }
#define AIOT_I_OR_CONST(type) struct type *: (aiot_any *)0, const struct type *: (const aiot_any *)0
#define AIOT_AWAITABLE(x) \
    (AIOT_I_ASSERTED(__builtin_classify_type(x) == 5 && __builtin_types_compatible_p(__typeof__(x), __typeof__(((void)0, (x)))), \
        "an awaitable is passed by its address, &self->task; an array is no awaitable: &array[i], or an _ARRAY form") + \
     &((__typeof__(_Generic((x), AIOT_I_OR_CONST(aiot_task), AIOT_I_OR_CONST(aiot_future), AIOT_I_OR_CONST(aiot_awaitable), \
        AIOT_I_OR_CONST(aiot_gather), AIOT_I_OR_CONST(aiot_shield), AIOT_I_OR_CONST(aiot_group_task), default: (x))))(x)) \
        ->awaitable_is_a_task_future_gather_or_shield)
#elif defined __cplusplus
#define AIOT_I_TAKES(type, x, text) ((void)0)
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
#define AIOT_I_TAKES(type, x, text) ((void)0)
#define AIOT_I_TAKEN(type, x) (x)
#define AIOT_AWAITABLE(x) (&(x)->awaitable)
#endif

/* Of any awaitable (task, future, gather, shield; pass a pointer to it; for arrays, AIOT_AWAITABLE(x) is an aiot_awaitable *, and
 * such a pointer is an awaitable, too; with a compiler that is neither gcc nor clang as AIOT_ANY(a)):
 *   aiot_done(x)            it has a result, an error or was cancelled
 *   aiot_cancelled(x)       it ended cancelled; as in asyncio false of a gather whose error is a member's cancellation
 *   aiot_result(x)          how it ended: AIOT_OK, its error, AIOT_ECANCELED; AIOT_ESTATE before the end (InvalidStateError)
 *   aiot_error_of(x)        the same, with the error's pointer; leaves the text of a cancelled task to its waiter
 *   aiot_cancel(x)          asks it to end; false if it is done, or all members of a gather are, or it was never started.  A task
 *                           sees CancelledError at what it waits for, in the next turn, or when the task that it waits for has
 *                           ended of it, and may refuse; a future is cancelled at once; a gather asks its members; a shield is
 *                           cancelled and leaves what it shields alone
 *   aiot_cancel_msg(x, m)   the same with a message, static text: the pointer of the error */
#define aiot_done(x)             aiot_i_done(AIOT_AWAITABLE(x))
#define aiot_cancelled(x)        aiot_i_cancelled(AIOT_AWAITABLE(x))
#define aiot_result(x)           aiot_i_result(AIOT_AWAITABLE(x))
#define aiot_error_of(x)         aiot_i_error_of(AIOT_AWAITABLE(x))
#define aiot_cancel(x)           aiot_i_cancel(AIOT_AWAITABLE(x), NULL)
#define aiot_cancel_msg(x, text) aiot_i_cancel(AIOT_AWAITABLE(x), text)

AIOT_I_FN inline bool aiot_i_done(const aiot_awaitable *a) { return (a->entry.flags & AIOT_I_DONE) != 0; }
AIOT_I_FN inline bool aiot_i_is_made(const aiot_awaitable *a) { return a->loop != NULL || aiot_i_done(a); }      /* or started */
AIOT_I_FN inline bool aiot_i_cancelled(const aiot_awaitable *a) { return (a->entry.flags & AIOT_I_CANCELLED) != 0; }
AIOT_I_FN inline int aiot_i_result(aiot_awaitable *a)
{
    aiot_i_collect(a);
    return aiot_i_done(a) ? a->entry.code : AIOT_ESTATE;
}

#ifndef __SDCC
AIOT_I_FN inline aiot_error aiot_i_error_of(aiot_awaitable *a)
{
    aiot_error error;
    error.code = aiot_i_result(a);
    error.info = aiot_i_done(a) && error.code != 0 ? a->entry.u.info : NULL;
    return error;
}
#endif

/* The same for tasks, as functions, and what only tasks have. */
AIOT_I_FN inline bool aiot_task_done(const aiot_task *task) { return aiot_i_done(&task->awaitable); }
AIOT_I_FN inline bool aiot_task_cancelled(const aiot_task *task) { return aiot_i_cancelled(&task->awaitable); }
AIOT_I_FN inline int aiot_task_result(aiot_task *task) { return aiot_i_result(&task->awaitable); }
AIOT_I_FN inline bool aiot_task_cancel(aiot_task *task) { return aiot_i_cancel(&task->awaitable, NULL); }
AIOT_I_FN inline bool aiot_task_cancel_msg(aiot_task *task, const char *message) { return aiot_i_cancel(&task->awaitable, message); }

/* How many cancel requests have not been taken back, 65 535 at most: Task.cancelling().  With more, limits and groups mistake their own. */
AIOT_I_FN inline unsigned aiot_task_cancelling(const aiot_task *task) { return task->awaitable.entry.count; }

/* Takes one request back, and with the last one a cancel not yet delivered; returns what is left: Task.uncancel(). */
AIOT_I_FN inline unsigned aiot_task_uncancel(aiot_task *task)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    if (entry->count > 0 && --entry->count == 0 && (entry->flags & AIOT_I_MUST_CANCEL)) {
        if (entry->flags & AIOT_I_MESSAGE) entry->u.info = NULL;
        entry->flags &= (unsigned char)~(AIOT_I_MUST_CANCEL | AIOT_I_MESSAGE);
    }
    return entry->count;
}

AIOT_I_FN AIOT_I_INLINE void aiot_i_awaitable_init(aiot_awaitable *a, aiot_loop *loop, unsigned kind)
{
    aiot_i_entry_init(&a->entry, kind);
    a->waiters = NULL;
    a->loop = loop;
}

/* A future of this loop, pending.  loop.create_future(). */
AIOT_I_FN inline void aiot_future_init(aiot_future *future, aiot_loop *loop)
{
    aiot_i_awaitable_init(&future->awaitable, loop, AIOT_I_FUTURE);
}

/* Ends a future with a value, or a pointer, which must outlive it: set_result().  0, or AIOT_ESTATE if it is done already
 * (InvalidStateError).  Its waiters run in the next turn. */
AIOT_I_FN inline int aiot_future_set_ptr(aiot_future *future, const void *value)
{
    aiot_awaitable *a = &future->awaitable;
    if (aiot_i_done(a)) return AIOT_ESTATE;
    a->entry.u.info = value;                    /* the code is 0 */
    a->entry.flags |= AIOT_I_DONE;
    if (a->waiters) AIOT_I_READY_WAITERS(a);
    return 0;
}
AIOT_I_FN inline int aiot_future_set_result(aiot_future *future, intptr_t value)
{
    return aiot_future_set_ptr(future, (const void *)value);
}

/* Ends it with an error: set_exception().  0; AIOT_ESTATE if it is done; AIOT_EINVAL for what AIOT_RAISE() does not take either. */
AIOT_I_FN inline int aiot_future_set_error(aiot_future *future, int code, const void *info)
{
    if (aiot_i_done(&future->awaitable)) return AIOT_ESTATE;
    if (code == 0 || code == AIOT_I_RETURNING) return AIOT_EINVAL;
    AIOT_I_COMPLAIN_UNLESS(aiot_i_is_known(code), __FILE__, __LINE__, aiot_i_current(future->awaitable.loop),
                           "a future is given a negative code that is not the library's: yours are above 0");
    aiot_i_complete(&future->awaitable, code, info, AIOT_I_DONE);
    return 0;
}

#if AIOT_DEBUG
AIOT_I_FN AIOT_I_COLD aiot_future *aiot_i_future_checked(aiot_future *future, const char *file, unsigned line)
{
    AIOT_I_COMPLAIN_UNLESS(future->awaitable.loop != NULL, file, line, (aiot_task *)NULL, "ends a future that was not initialised");
    return future;
}
#define AIOT_I_FUTURE_OF(future) aiot_i_future_checked(future, __FILE__, __LINE__)
#define aiot_future_set_ptr(future, value) aiot_future_set_ptr(AIOT_I_FUTURE_OF(future), value)
#define aiot_future_set_result(future, value) aiot_future_set_result(AIOT_I_FUTURE_OF(future), value)
#define aiot_future_set_error(future, code, info) aiot_future_set_error(AIOT_I_FUTURE_OF(future), code, info)
#endif

/* The value of a future that ended well; NULL or 0 otherwise. */
AIOT_I_FN inline const void *aiot_future_ptr(const aiot_future *future)
{
    const aiot_i_entry *entry = &future->awaitable.entry;
    return (entry->flags & AIOT_I_DONE) && entry->code == 0 ? entry->u.info : NULL;
}
AIOT_I_FN inline intptr_t aiot_future_value(const aiot_future *future) { return (intptr_t)aiot_future_ptr(future); }

/* CALLBACKS.  A handle belongs to the caller, is zeroed before its first use, and lives until its callback has run or was cancelled.
 * Arming one that is armed moves it. */
AIOT_I_FN inline void aiot_i_handle_run(aiot_loop *loop, aiot_i_call *call)
{
    aiot_handle *handle = AIOT_I_CONTAINER(call, aiot_handle, call);
    int code = handle->callback(handle->argument);
    if (code != 0) aiot_i_report(loop, AIOT_REPORT_CALLBACK, code, NULL, NULL);
}

#define AIOT_I_SEAL ((uintptr_t)UINT64_C(0x5ea1edca11ab1e5d))
AIOT_I_FN inline void aiot_i_call_set_run(aiot_i_call *call, void (*run)(aiot_loop *loop, aiot_i_call *call))
{
    call->run = run;
#if AIOT_DEBUG
    call->seal = (uintptr_t)&call->seal ^ AIOT_I_SEAL;
#endif
}

AIOT_I_FN inline void aiot_i_call_init(aiot_i_call *call, void (*run)(aiot_loop *loop, aiot_i_call *call))
{
    aiot_i_entry_init(&call->entry, AIOT_I_CALL);
    aiot_i_call_set_run(call, run);
}

#if AIOT_DEBUG
#define AIOT_I_LOOP_IS_MADE(loop) ((loop)->seal == ((uintptr_t)&(loop)->seal ^ AIOT_I_LOOP_SEAL))
#endif
#define AIOT_I_CHECK_LOOP(loop, file, line, does) \
    AIOT_I_PANIC_UNLESS(AIOT_I_LOOP_IS_MADE(loop), file, line, (aiot_task *)NULL, \
                        does " a loop that was not initialised, or was copied or moved since")

AIOT_I_FN inline void aiot_i_handle_init(aiot_loop *loop, aiot_handle *handle, aiot_time when, aiot_callback callback, void *argument)
{
    AIOT_I_PANIC_UNLESS(!aiot_i_is_local(loop, handle), handle->file, handle->line, aiot_i_current(loop),
                        "this handle is a C local, which dies at the next wait");
    AIOT_I_PANIC_UNLESS(callback != NULL, handle->file, handle->line, aiot_i_current(loop), "this callback is NULL");
    if (handle->loop) aiot_i_dequeue(handle->loop, &handle->call);
    aiot_i_call_init(&handle->call, aiot_i_handle_run);
    handle->call.entry.u.when = when;
    handle->loop = loop;
    handle->callback = callback;
    handle->argument = argument;
}

/* Runs the callback in the next turn: loop.call_soon(). */
AIOT_I_FN inline void aiot_call_soon(aiot_loop *loop, aiot_handle *handle, aiot_callback callback, void *argument)
{
    aiot_i_handle_init(loop, handle, 0, callback, argument);
    aiot_i_make_ready(loop, &handle->call.entry);
}

/* Needs a clock that has been read: the sorted list compares with loop->now. */
AIOT_I_FN inline void aiot_i_handle_arm(aiot_loop *loop, aiot_handle *handle, aiot_time when, aiot_callback callback, void *argument)
{
    aiot_i_handle_init(loop, handle, when, callback, argument);
    if (when != AIOT_FOREVER) aiot_i_timers_insert(&loop->timers, &handle->call.entry, loop->now);
}

/* Runs it at a time of the loop's clock; at one already past, in the next turn: loop.call_at(). */
AIOT_I_FN inline void aiot_call_at(aiot_loop *loop, aiot_handle *handle, aiot_time when, aiot_callback callback, void *argument)
{
    (void)aiot_i_now(loop);
    aiot_i_handle_arm(loop, handle, when, callback, argument);
}

/* The same after a delay: 0; AIOT_EINVAL for one that is too long for AIOT_TIME_BITS: loop.call_later(). */
AIOT_I_FN inline int aiot_call_later(aiot_loop *loop, aiot_handle *handle, aiot_time delay_ns, aiot_callback callback, void *argument)
{
    if (AIOT_I_UNLIKELY(aiot_i_is_too_long(delay_ns))) return AIOT_EINVAL;
    aiot_i_handle_arm(loop, handle, aiot_i_deadline(loop, delay_ns), callback, argument);
    return AIOT_OK;
}

/* Where a handle is armed, for debug builds.  Functions would take 0.5 for 0, and wrap what aiot_time cannot hold. */
#if AIOT_DEBUG
AIOT_I_FN AIOT_I_COLD aiot_handle *aiot_i_handle_at(aiot_handle *handle, const char *file, unsigned line)
{
    AIOT_I_PANIC_UNLESS(handle != NULL, file, line, (aiot_task *)NULL, "this handle is NULL");
    handle->file = file;
    handle->line = line;
    return handle;
}
#define AIOT_I_HANDLE(handle) aiot_i_handle_at(handle, __FILE__, __LINE__)
#define aiot_call_soon(loop, handle, ...) aiot_call_soon(loop, AIOT_I_HANDLE(handle), __VA_ARGS__)
#else
#define AIOT_I_HANDLE(handle) (handle)
#endif
#define aiot_call_at(loop, handle, when_ns, ...) aiot_call_at(loop, AIOT_I_HANDLE(handle), AIOT_I_TIME(when_ns), __VA_ARGS__)
#define aiot_call_later(loop, handle, delay_ns, ...) aiot_call_later(loop, AIOT_I_HANDLE(handle), AIOT_I_DELAY(delay_ns), __VA_ARGS__)

/* Handle.cancel(): true if the callback was to run and now never will; false if it ran, runs, was cancelled before, or was armed for
 * AIOT_FOREVER. */
AIOT_I_FN inline bool aiot_handle_cancel(aiot_handle *handle)
{
    bool armed = handle->call.entry.link.next != NULL;
    if (armed) aiot_i_dequeue(handle->loop, &handle->call);
    handle->call.entry.flags |= AIOT_I_CANCELLED;
    return armed;
}
/* TimerHandle.cancelled(), and when(): the time it was set for; of call_soon() and of done callbacks it means nothing. */
AIOT_I_FN inline bool aiot_handle_cancelled(const aiot_handle *handle) { return (handle->call.entry.flags & AIOT_I_CANCELLED) != 0; }
AIOT_I_FN inline aiot_time aiot_handle_when(const aiot_handle *handle) { return handle->call.entry.u.when; }

/* Runs the callback in the turn after `x` is done: add_done_callback().  Taken back with aiot_remove_done_callback().  0, or AIOT_ERUNTIME
 * for what was never started or initialised, and for a gather of nothing that was made outside of a coroutine and knows no loop. */
#define aiot_add_done_callback(x, handle, callback, argument) \
    aiot_i_add_done_callback(AIOT_AWAITABLE(x), AIOT_I_HANDLE(handle), callback, argument)
AIOT_I_FN inline int aiot_i_add_done_callback(aiot_awaitable *a, aiot_handle *handle, aiot_callback callback, void *argument)
{
    AIOT_I_COMPLAIN_UNLESS(a->loop != NULL, handle->file, handle->line, (aiot_task *)NULL,
                           "a done callback of what was never started or initialised, or of a gather of nothing outside coroutines");
    if (a->loop == NULL) return AIOT_ERUNTIME;
    aiot_i_handle_init(a->loop, handle, 0, callback, argument);
    handle->call.entry.flags |= AIOT_I_LOOKS_ON;
    aiot_i_watch(a->loop, a, &handle->call);
    return 0;
}

/* remove_done_callback(): true if the callback was registered and its awaitable is not done.  Once that is done the callback is ready and
 * runs all the same, as in asyncio; to prevent even that, for instance before its memory goes: aiot_handle_cancel(). */
AIOT_I_FN inline bool aiot_remove_done_callback(aiot_handle *handle)
{
    return (handle->call.entry.flags & AIOT_I_IN_WAITERS) != 0 && aiot_handle_cancel(handle);
}

/* ============================================================================================================= [10]
 * COROUTINES AND BLOCKS.  A coroutine is a function that is called once for each step.  It begins with a switch over the label at which
 * its last step stopped.  A wait stores its label in the frame and returns.  The `case` of the label stands behind the `return`.
 * A block is a loop around a chain of `if`, one for each part, with a label before the chain.  A raise stores the error in the block's slot
 * in the frame, sets a phase, and jumps to that label.  With label 7, in no other block, AIOT_TRY { a } AIOT_EXCEPT(E) { b }
 * AIOT_FINALLY { c } is in essence:
 *
 *     for (; phase != OUT; phase = a part ran ? phase : phase == HANDLED ? OUT : THROW) {
 *     case 7:
 *         if (phase == THROW) { move the slot's error to the task; goto end; }         // inside a block: phase = RAISED; goto its label
 *         else if (phase == ENTER) { a; phase = HANDLED; }                             // a raise in a: phase = RAISED; goto 7
 *         else if (phase == RAISED && slot->code == E) { phase = ENTER; b; phase = HANDLED; }             // in b: phase = PENDING; goto 7
 *         else { if (phase == HANDLED) slot->code = 0; phase = ENTER; c; phase = slot->code ? THROW : OUT; }  // in c: like a raise outside
 *     }
 *
 * `phase` is a C local.  It is ENTER whenever the coroutine waits, so it needs no place in the frame.
 * A raise has to know its block, so each block and part declares names that only the code inside it sees.  Each name is a pointer to an
 * array of char, and the LENGTH of the array is the number to know: sizeof reads it at compile time.  No such pointer is ever set or used,
 * so that a resume may jump over the declarations.  A block costs nothing until something is raised:
 *
 *     AIOT_I_H  the label of the block that handles a raise here     AIOT_I_S  the slot in which the error goes; 0: it goes to the task
 *     AIOT_I_P  the phase which the raise sets                       AIOT_I_N  the slot of blocks that begin here
 *     sizeof *aiot_i_up_h, ..._s - 1, ..._p: H, S and P outside the block */

/* AIOT_FRAME; comes first in the struct of every coroutine, or AIOT_FRAME_DEPTH(n); where blocks stand inside EXCEPT or FINALLY parts: n is
 * 1 + the greatest number of such parts around a block.  n = 0, for a coroutine without blocks, saves an aiot_error of memory. */
#define AIOT_FRAME AIOT_FRAME_DEPTH(1)
#define AIOT_FRAME_DEPTH(n) struct { aiot_frame head; AIOT_I_EXTENSION aiot_error slot[n]; } AIOT_FRAME_comes_first_in_the_struct

/* async def: `static AIOT_CORO(fetch) { AIOT_BEGIN(); ... AIOT_END(); }` defines the coroutine of `struct fetch`.  In the body, `self` is
 * its frame and `task` the task that runs it.  Debuggers show the body as aiot_coro_fetch(), so a coroutine may be called link or write.
 * Without `static` other files can use it: they say AIOT_CORO_DECLARE(fetch); behind the struct.  `static AIOT_CORO_DECLARE(fetch);`
 * announces a coroutine that is used before it is written. */
#define AIOT_CORO(fn) \
    AIOT_CORO_DECLARE(fn); \
    AIOT_I_HEAD_WARNINGS \
    AIOT_I_STATIC_ASSERT(offsetof(struct fn, AIOT_FRAME_comes_first_in_the_struct) == 0, \
                         "AIOT_FRAME comes first in a coroutine's struct"); \
    AIOT_I_FOLLOW_LOCALS static aiot_ret aiot_coro_##fn(struct fn *self, struct aiot_task *task); \
    AIOT_I_WARNINGS_END \
    aiot_ret AIOT_I_STEP(fn)(struct aiot_task *task) \
    { return aiot_coro_##fn((struct fn *)(void *)task->frame, task); } \
    AIOT_I_UNINIT_WARNINGS static aiot_ret aiot_coro_##fn(struct fn *const self, struct aiot_task *const task) AIOT_I_UNINIT_WARNINGS_END
#define AIOT_CORO_DECLARE(fn) \
    aiot_ret AIOT_I_STEP(fn)(struct aiot_task *task); \
    typedef struct fn aiot_i_frame_##fn

/* AIOT_BEGIN() is the first statement of the body, AIOT_END() the last.  A declaration above AIOT_BEGIN() runs again at each resume. */
#define AIOT_BEGIN() \
    AIOT_I_BODY_WARNINGS \
    enum { aiot_i_wait_outside_AIOT_BEGIN_and_AIOT_END = __COUNTER__ - 1 }; \
    aiot_frame *const aiot_i_self = (aiot_frame *)(void *)self; \
    struct aiot_task *const aiot_i_runner = task; \
    int aiot_i_phase = AIOT_I_ENTER, aiot_i_go = 1; \
    unsigned aiot_i_at = (unsigned)(aiot_i_self->at & 0xffff); \
    AIOT_I_UNUSED char (*aiot_i_h)[1], (*aiot_i_s)[1], (*aiot_i_p)[AIOT_I_RAISED], (*aiot_i_n)[1]; \
    AIOT_I_PANIC_UNLESS(task->frame == aiot_i_self, __FILE__, __LINE__, task, "called like a function: use AIOT_AWAIT or aiot_spawn"); \
    AIOT_I_NEVER(aiot_i_at == 1)                /* a resume never finds the label of the end: 14 bytes on AVR, 8 on a Cortex-M0 */ \
    aiot_i_dispatch: switch (AIOT_I_WIDEN(aiot_i_at & 0xffff)) { \
    default: \
        AIOT_I_CORRUPTED(__FILE__, AIOT_HOSTED ? AIOT_I_LINE(aiot_i_self) : __LINE__, aiot_task_name(task), \
                         "the frame is corrupted or was never started"); \
        break; \
    AIOT_I_CASE(1): \
        break; \
    AIOT_I_CASE(0): (void)0

#define AIOT_END() \
    } \
    AIOT_I_WARNINGS_END \
    if (0) { (void)aiot_i_phase; (void)aiot_i_go; (void)task; (void)aiot_i_runner; goto aiot_i_dispatch; } \
    AIOT_I_PANIC_UNLESS(aiot_i_self->open == 0, __FILE__, __LINE__, task, \
                        "a block was left by goto: its FINALLY or its exit has not run"); \
    return aiot_i_ret(AIOT_I_ENDS)

/* raise: leaves the innermost block with an error.  code: above 0 for errors of your own, or one of the library's.  info: a pointer to
 * something that outlives the error.  0 and -32768 (reserved for AIOT_RETURN) become AIOT_EINVAL.  Debug builds complain of these two, and
 * of other negative codes that are not the library's. */
#define AIOT_RAISE(code) AIOT_RAISE_INFO(code, NULL)
#define AIOT_RAISE_INFO(code, info) \
    AIOT_I_RAISE((AIOT_I_NOTE_LINE(), aiot_i_throw(task, AIOT_I_SELF, AIOT_I_S, aiot_i_nonzero(code, __FILE__, __LINE__, task), info)))

/* Raises what a lower case call of the library returns, unless it is 0: AIOT_CHECK(aiot_queue_put_nowait(&q, &item)).
 * Not for calls that return -1 or a negative errno: here these numbers are other errors, and -1 is a cancel.  Turn the sign,
 * AIOT_CHECK(-driver_call()), or raise errno: `if (close(fd) != 0) AIOT_RAISE(errno);`.  Debug builds complain of a negative code unless
 * the argument's text contains a name that begins with aiot_.  A variable may hold any code of the library but -1. */
#define AIOT_CHECK(call) \
    do { \
        int aiot_i_error = AIOT_I_CODE_OF(call); \
        if (aiot_i_error != 0) { \
            AIOT_I_CHECK_CODE(aiot_i_error, #call); \
            AIOT_RAISE(aiot_i_error); \
        } \
    } while (0)

/* raise without arguments: raises the error of the innermost EXCEPT or FINALLY part that has one.  Without any: AIOT_ERUNTIME. */
#define AIOT_RERAISE() AIOT_I_RAISE((AIOT_I_NOTE_WAIT(), aiot_i_reraise(task, AIOT_I_SELF, AIOT_I_S)))

/* return: ends the coroutine from anywhere.  The FINALLY parts and exits of its blocks run first. */
#define AIOT_RETURN() AIOT_I_RAISE(aiot_i_throw(task, AIOT_I_SELF, AIOT_I_S, AIOT_I_RETURNING, NULL))

/* try: AIOT_TRY { } and then any of these parts, FINALLY last:
 *   AIOT_EXCEPT(code, ...) { }      these errors, at most 16
 *   AIOT_EXCEPT_APP { }             errors of the application: codes above 0
 *   AIOT_EXCEPT_IF(condition) { }   when the condition holds; it may read aiot_caught(task)
 *   AIOT_EXCEPT_ANY { }             all but a cancel: `except Exception`
 *   AIOT_EXCEPT_ALL { }             all: `except BaseException`
 *   AIOT_FINALLY { }                on every way out
 * The same parts may follow the other blocks, AIOT_TIMEOUT for instance.  There they stand outside the block, as if a try surrounded it. */
#define AIOT_TRY AIOT_I_TRY(AIOT_I_LABEL)
#define AIOT_EXCEPT(...) AIOT_I_EXCEPT(0 AIOT_I_EACH(AIOT_I_OR_EQUAL, AIOT_I_SLOT_CODE, __VA_ARGS__))
#define AIOT_EXCEPT_APP AIOT_I_EXCEPT(AIOT_I_SLOT_CODE > 0)
#define AIOT_EXCEPT_IF(condition) AIOT_I_EXCEPT(AIOT_I_SLOT_CODE != AIOT_I_RETURNING && (condition))
#define AIOT_EXCEPT_ANY AIOT_I_EXCEPT(AIOT_I_SLOT_CODE != AIOT_I_RETURNING && AIOT_I_SLOT_CODE != AIOT_ECANCELED)
#define AIOT_EXCEPT_ALL AIOT_I_EXCEPT(AIOT_I_SLOT_CODE != AIOT_I_RETURNING)
#define AIOT_FINALLY AIOT_I_FINALLY

/* The aiot_error that the innermost EXCEPT part of the running coroutine handles, or that is pending in its FINALLY part.  Its code is 0 if
 * there is none.  In FINALLY it is the error with which that block itself ends, also if the block stands in an EXCEPT part. */
#define aiot_caught(task) (*aiot_i_caught(task))

/* LANGUAGES.  FILL(fn, frame_, ...) makes the frame a new one: it is zeroed, then the named fields are set.  The values may come from the
 * frame that is replaced.  RUNNER is the task that runs the coroutine around it, or NULL outside coroutines. */
#if defined __cplusplus
#define AIOT_I_STATIC_ASSERT(condition, text) static_assert(condition, text)
#define AIOT_I_RUNNER aiot_i_runner_or_null(aiot_i_runner)
#if __cplusplus < 202002L                       /* without designated initialisers: `.name = value` behind an lvalue is an assignment */
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
        AIOT_I_PRAGMA(GCC diagnostic push) AIOT_I_PRAGMA(GCC diagnostic ignored "-Wmissing-field-initializers") \
        (void)(*AIOT_I_TAKEN(aiot_i_frame_##fn, frame_) = \
            aiot_i_frame_##fn { .AIOT_FRAME_comes_first_in_the_struct = { .head = { .AIOT_I_ONE_FIELD(fn) } }, __VA_ARGS__ }); \
        AIOT_I_WARNINGS_END \
    })
#endif
extern "C++" {
inline aiot_task *aiot_i_runner_or_null(aiot_task *task) { return task; }
inline aiot_task *aiot_i_runner_or_null(void (*)(void)) { return NULL; }
template <typename T> inline int aiot_i_code_of(T code)
{
    static_assert(T(2) != T(1), "AIOT_CHECK takes what answers 0 or an error; this answers true or false");     /* true == true: bool */
    return code;
}
}
#elif defined __SDCC                            /* no designated initialisers, no _Generic */
#define AIOT_I_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#define AIOT_I_RUNNER NULL
#define AIOT_I_FILL(fn, frame_, ...) \
    (aiot_i_zero(frame_, sizeof *(frame_)), (void)aiot_i_prepare(AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn)) \
     AIOT_I_EACH(AIOT_I_FIELD, *(frame_), __VA_ARGS__))
#define AIOT_I_FIELD(frame, field) , (void)((frame) field)
AIOT_I_FN int aiot_i_code_of(int code) { return code; }
AIOT_I_FN void aiot_i_zero(void *memory, size_t size) { for (char *byte = memory; size > 0; size--) *byte++ = 0; }
#else
#define AIOT_I_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#define AIOT_I_RUNNER _Generic(aiot_i_runner, struct aiot_task *: aiot_i_runner, default: NULL)
AIOT_I_FN inline int aiot_i_code_of(int code) { return code; }
#define AIOT_I_FILL(fn, frame_, ...) ((void)(*AIOT_I_TAKEN(aiot_i_frame_##fn, frame_) = \
    (aiot_i_frame_##fn) { .AIOT_FRAME_comes_first_in_the_struct.head.AIOT_I_ONE_FIELD(fn), __VA_ARGS__ }))
#endif
AIOT_I_FN inline void aiot_i_runner(void) { }   /* what the name is outside coroutines */

/* What compilers check besides: that no local hides `task` or `self`, and arguments.  true is no error code: aiot_cancel() returns it. */
#if defined __GNUC__ && !defined __cplusplus
#define AIOT_I_CHECK_NAMES() \
    _Static_assert(_Generic(&task, struct aiot_task *const *: 1, default: 0) && \
                   _Generic(&self, __typeof__(*self) *const *: 1, default: 0), \
                   "a local is called task or self, as a parameter of the coroutine is");
#define AIOT_I_FRAME_GIVEN(fn, frame_, form) \
    (void)AIOT_I_ASSERTED(sizeof #frame_ > 1, "too few arguments: " form), AIOT_I_TAKES_FRAME(fn, frame_),
#define AIOT_I_CODE_OF(call) \
    ((void)AIOT_I_ASSERTED(_Generic((call), bool: 0, default: 1), \
                           "AIOT_CHECK takes what answers 0 or an error; this answers true or false"), (call))
#else
#define AIOT_I_CHECK_NAMES()
#define AIOT_I_FRAME_GIVEN(fn, frame_, form)
#define AIOT_I_CODE_OF(call) aiot_i_code_of(call)
#endif

/* WARNINGS.  In a body those that the macros would cause are off, and those that find locals carried across a wait are errors. */
#ifdef __GNUC__
#define AIOT_I_PRAGMA(text) _Pragma(#text)
#define AIOT_I_UNUSED __attribute__((unused))
#else
#define AIOT_I_PRAGMA(text)
#define AIOT_I_UNUSED
#endif
#define AIOT_I_IGNORE(name) AIOT_I_PRAGMA(GCC diagnostic ignored name)
#define AIOT_I_ERROR(name) AIOT_I_PRAGMA(GCC diagnostic error name)
#define AIOT_I_WARNINGS_END AIOT_I_PRAGMA(GCC diagnostic pop)
#ifdef __cplusplus
#define AIOT_I_HEAD_WARNINGS AIOT_I_PRAGMA(GCC diagnostic push) AIOT_I_IGNORE("-Wshadow") AIOT_I_IGNORE("-Winvalid-offsetof")
#define AIOT_I_C_WARNINGS
#else
#define AIOT_I_HEAD_WARNINGS AIOT_I_PRAGMA(GCC diagnostic push) AIOT_I_IGNORE("-Wshadow")
#define AIOT_I_C_WARNINGS \
    AIOT_I_ERROR("-Wjump-misses-init") AIOT_I_ERROR("-Wimplicit-function-declaration") AIOT_I_ERROR("-Wint-conversion") \
    AIOT_I_ERROR("-Wincompatible-pointer-types")
#endif
#if defined __clang__
#define AIOT_I_BODY_WARNINGS \
    AIOT_I_PRAGMA(GCC diagnostic push) AIOT_I_IGNORE("-Wshadow") AIOT_I_IGNORE("-Wmissing-field-initializers") \
    AIOT_I_IGNORE("-Wimplicit-fallthrough") AIOT_I_IGNORE("-Wunknown-warning-option") AIOT_I_IGNORE("-Wc2y-extensions") \
    AIOT_I_IGNORE("-Wused-but-marked-unused") AIOT_I_ERROR("-Wswitch") AIOT_I_C_WARNINGS \
    AIOT_I_ERROR("-Wuninitialized") AIOT_I_ERROR("-Wconditional-uninitialized") AIOT_I_ERROR("-Wsometimes-uninitialized")
#define AIOT_I_UNINIT_WARNINGS          /* clang makes errors only of warnings that are on where the function is declared */ \
    AIOT_I_PRAGMA(GCC diagnostic push) AIOT_I_PRAGMA(GCC diagnostic warning "-Wuninitialized") \
    AIOT_I_PRAGMA(GCC diagnostic warning "-Wconditional-uninitialized")
#define AIOT_I_UNINIT_WARNINGS_END AIOT_I_WARNINGS_END
#define AIOT_I_PART_BODY for (; aiot_i_go; aiot_i_go = 0)
#define AIOT_I_OPTIMIZE(...)
#else
#define AIOT_I_BODY_WARNINGS \
    AIOT_I_PRAGMA(GCC diagnostic push) AIOT_I_IGNORE("-Wshadow") AIOT_I_IGNORE("-Wmissing-field-initializers") AIOT_I_IGNORE_ELSE \
    AIOT_I_PRAGMA(GCC diagnostic warning "-Wempty-body") AIOT_I_C_WARNINGS \
    AIOT_I_ERROR("-Wmaybe-uninitialized") AIOT_I_ERROR("-Wuninitialized") AIOT_I_ERROR("-Woverflow") AIOT_I_ERROR("-Wreturn-type")
#define AIOT_I_UNINIT_WARNINGS
#define AIOT_I_UNINIT_WARNINGS_END
#define AIOT_I_PART_BODY for (; aiot_i_go; aiot_i_go = 0) if (0) { } else      /* gcc warns of the empty body in AIOT_LOCK(&l, &w); */
#define AIOT_I_OPTIMIZE(...) __attribute__((optimize(__VA_ARGS__)))
#if __GNUC__ >= 7
#define AIOT_I_IGNORE_ELSE AIOT_I_IGNORE("-Wdangling-else")
#else
#define AIOT_I_IGNORE_ELSE AIOT_I_IGNORE("-Wparentheses")
#endif
#endif

/* DEBUG BUILDS have other frames and step names, so that files with and without AIOT_DEBUG that share a coroutine do not link. */
#if AIOT_DEBUG
#define AIOT_I_STEP(fn) aiot_i_debug_step_##fn
#define AIOT_I_FOLLOW_LOCALS AIOT_I_OPTIMIZE("Og", "no-tree-ccp", "tree-pta")   /* gcc then sees locals that only one of two paths sets */
#define AIOT_I_ONE_FIELD(fn) size = sizeof(aiot_i_frame_##fn)
#define AIOT_I_COUNT_OPEN(frame, change) ((void)((frame)->open = (unsigned char)((frame)->open + (change))))
#define AIOT_I_NOTE_WAIT() AIOT_I_NOTE_LINE()
#define AIOT_I_CHECK_CODE(code, text) aiot_i_check_code(code, text, __FILE__, __LINE__, task)
/* A negative code is the library's if the text of the argument contains "aiot_", in either case.  A variable passes, too, unless it holds
 * -1.  The text of a variable begins with a letter and calls nothing. */
AIOT_I_FN AIOT_I_COLD void aiot_i_check_code(int code, const char *text, const char *file, unsigned line, const aiot_task *task)
{
    static const char prefix[] = "aiot_";
    bool is_own = false, is_variable = text[0] >= 'A';
    for (unsigned same = 0; *text && !is_own; text++) {
        same = (*text | 32) == (prefix[same] | 32) ? same + 1 : (*text | 32) == prefix[0];
        is_own = same == sizeof prefix - 1;
        if (*text == '(') is_variable = false;
    }
    AIOT_I_COMPLAIN_UNLESS(code > 0 || is_own || (is_variable && code != AIOT_ECANCELED) || !aiot_i_is_known(code), file, line, task,
                           "checks a negative code that no call of the library gave: -1 is AIOT_ECANCELED, -2 AIOT_ETIMEDOUT, and so on");
}
#else
#define AIOT_I_STEP(fn) aiot_i_step_##fn
#define AIOT_I_FOLLOW_LOCALS
#define AIOT_I_ONE_FIELD(fn) at = 0
#define AIOT_I_COUNT_OPEN(frame, change) ((void)(frame))
#define AIOT_I_NOTE_WAIT() ((void)0)
#define AIOT_I_CHECK_CODE(code, text) ((void)0)
#endif

/* Checks an object that a wait links: it must not die before the wait ends. */
#define AIOT_I_CHECK_KEPT(object, what) \
    (AIOT_I_PANIC_UNLESS(!aiot_i_is_null(object), __FILE__, __LINE__, task, what " is NULL"), \
     AIOT_I_PANIC_UNLESS(!aiot_i_is_local(task->loop, object), __FILE__, __LINE__, task, what " is a C local, which dies at the next wait"))
AIOT_I_FN inline bool aiot_i_is_null(const void *object) { return object == NULL; }     /* a function: of &x == NULL compilers warn */

/* MACRO ARGUMENTS.  EACH(M, c, ...) is M(c, x) for each of up to 16 arguments x.  COUNT(...) is their number, or 17. */
#define AIOT_I_EACH(M, c, ...) AIOT_I_JOIN_NAMES(AIOT_I_EACH_, AIOT_I_COUNT(__VA_ARGS__))(M, c, __VA_ARGS__)
#define AIOT_I_JOIN_NAMES(a, b) AIOT_I_JOIN_NAMES_(a, b)
#define AIOT_I_JOIN_NAMES_(a, b) a##b
#define AIOT_I_COUNT(...) AIOT_I_33RD(__VA_ARGS__, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, \
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define AIOT_I_33RD(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, nth, ...) nth
#define AIOT_I_EACH_1(M, c, x) M(c, x)
#define AIOT_I_EACH_2(M, c, x, ...) M(c, x) AIOT_I_EACH_1(M, c, __VA_ARGS__)
#define AIOT_I_EACH_3(M, c, x, ...) M(c, x) AIOT_I_EACH_2(M, c, __VA_ARGS__)
#define AIOT_I_EACH_4(M, c, x, ...) M(c, x) AIOT_I_EACH_3(M, c, __VA_ARGS__)
#define AIOT_I_EACH_5(M, c, x, ...) M(c, x) AIOT_I_EACH_4(M, c, __VA_ARGS__)
#define AIOT_I_EACH_6(M, c, x, ...) M(c, x) AIOT_I_EACH_5(M, c, __VA_ARGS__)
#define AIOT_I_EACH_7(M, c, x, ...) M(c, x) AIOT_I_EACH_6(M, c, __VA_ARGS__)
#define AIOT_I_EACH_8(M, c, x, ...) M(c, x) AIOT_I_EACH_7(M, c, __VA_ARGS__)
#define AIOT_I_EACH_9(M, c, x, ...) M(c, x) AIOT_I_EACH_8(M, c, __VA_ARGS__)
#define AIOT_I_EACH_10(M, c, x, ...) M(c, x) AIOT_I_EACH_9(M, c, __VA_ARGS__)
#define AIOT_I_EACH_11(M, c, x, ...) M(c, x) AIOT_I_EACH_10(M, c, __VA_ARGS__)
#define AIOT_I_EACH_12(M, c, x, ...) M(c, x) AIOT_I_EACH_11(M, c, __VA_ARGS__)
#define AIOT_I_EACH_13(M, c, x, ...) M(c, x) AIOT_I_EACH_12(M, c, __VA_ARGS__)
#define AIOT_I_EACH_14(M, c, x, ...) M(c, x) AIOT_I_EACH_13(M, c, __VA_ARGS__)
#define AIOT_I_EACH_15(M, c, x, ...) M(c, x) AIOT_I_EACH_14(M, c, __VA_ARGS__)
#define AIOT_I_EACH_16(M, c, x, ...) M(c, x) AIOT_I_EACH_15(M, c, __VA_ARGS__)
#define AIOT_I_EACH_17(M, c, ...) (void)at_most_16_are_written_out_more_come_as_an_array;        /* which is declared nowhere */

/* FRAMES AS ARGUMENTS.  TYPED is the head of a frame of this coroutine.  For a pointer to another type, TAKES_FRAME is the one error. */
#define AIOT_I_NAME(fn) (AIOT_I_TELLS ? #fn : NULL)
#define AIOT_I_TYPED(fn, frame_) ((aiot_frame *)(void *)AIOT_I_TAKEN(aiot_i_frame_##fn, frame_))
#define AIOT_I_TAKES_FRAME(fn, frame_) \
    AIOT_I_TAKES(aiot_i_frame_##fn, frame_, "coroutine " #fn " takes a pointer to a struct " #fn ": &self->frame")
#define AIOT_I_CHECK_ARGUMENTS(loop, fn, frame_) \
    AIOT_I_PANIC_UNLESS(!aiot_i_points_to_local(loop, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn)), __FILE__, __LINE__, \
        aiot_i_current(loop), "an argument points to a C local or a compound literal, which die at the next wait: keep it in the frame")

/* WAITS.  Labels are 2, 3, ...: 0 is the start, 1 the end of a coroutine that a raise leaves.  Outside AIOT_BEGIN() and AIOT_END() the
 * compiler says the long name.  INSIDE(n) stands first in each wait, so that this is the first error. */
#define AIOT_I_LABEL (__COUNTER__ - aiot_i_wait_outside_AIOT_BEGIN_and_AIOT_END)
#define AIOT_I_INSIDE(n) (void)(n);
#define AIOT_I_SELF aiot_i_self

/* In a switch of the user's, a wait's label would be lost.  The second label is too large for any such switch up to 64 bits, so compilers
 * reject it.  It costs nothing: AIOT_BEGIN() masks the value, so no value can be so large. */
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
AIOT_I_FN inline aiot_ret aiot_i_ret(int how)
{
    aiot_ret ret;
    AIOT_I_HOW(ret) = (aiot_i_how)how;
    return ret;
}

/* RAISE stores an error and jumps to the block that handles it.  NOTE_LINE keeps the line at which it was raised; NOTE_WAIT, for waits that
 * may have ended at once and kept none, in debug builds only.  PROPAGATE raises the error with which the task was resumed, if any. */
#define AIOT_I_JUMP(h, p) do { aiot_i_phase = (int)(p); aiot_i_at = (unsigned)(h); goto aiot_i_dispatch; } while (0)
#define AIOT_I_RAISE(store) do { store; AIOT_I_JUMP(AIOT_I_H, AIOT_I_P); } while (0)
#define AIOT_I_NOTE_LINE() (AIOT_I_SELF->at = AIOT_I_AT(AIOT_I_SELF->at & 0xffff))
#define AIOT_I_PROPAGATE() \
    if (AIOT_I_UNLIKELY(task->awaitable.entry.code != 0)) { \
        AIOT_I_RAISE((AIOT_I_NOTE_WAIT(), AIOT_I_S > 0 ? aiot_i_catch(task, AIOT_I_SELF, AIOT_I_S) : (void)0)); \
    }

/* ERROR SLOTS lie behind the head of the frame.  Slot 1 is the first.  head.caught is the innermost slot in use. */
AIOT_I_FN inline aiot_error *aiot_i_slot(aiot_frame *frame, unsigned slot)
{
    return (aiot_error *)(void *)((char *)frame + sizeof *frame) + (slot - 1);
}

/* Stores an error in a slot, or, for slot 0, in the task. */
AIOT_I_FN AIOT_I_INLINE void aiot_i_throw(aiot_task *task, aiot_frame *frame, unsigned slot, int code, const void *info)
{
    if (slot == 0) {
        aiot_i_set_error(task, code == AIOT_I_RETURNING ? 0 : code, info);
    } else {
        aiot_error *error = aiot_i_slot(frame, slot);
        error->code = code;
        error->info = info;
        frame->caught = (unsigned char)slot;
    }
}

AIOT_I_FN inline int aiot_i_nonzero(int code, const char *file, unsigned line, const aiot_task *task)
{
    (void)file; (void)line; (void)task;
    AIOT_I_COMPLAIN_UNLESS(code != 0, file, line, task, "raises 0, which is no error: it becomes AIOT_EINVAL");
    AIOT_I_COMPLAIN_UNLESS(aiot_i_is_known(code), file, line, task, "raises a negative code that is not the library's: yours are above 0");
    return code != 0 && code != AIOT_I_RETURNING ? code : AIOT_EINVAL;
}

/* Moves the task's error into a slot. */
AIOT_I_FN AIOT_I_INLINE void aiot_i_catch(aiot_task *task, aiot_frame *frame, unsigned slot)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    aiot_error *error = aiot_i_slot(frame, slot);
    frame->flags &= (unsigned char)~AIOT_I_REFUSED;
    error->code = entry->code;
    error->info = entry->u.info;
    frame->caught = (unsigned char)slot;
    entry->code = 0;
}

AIOT_I_FN inline const aiot_error *aiot_i_caught(const aiot_task *task)
{
    static const aiot_error none = { NULL, 0 };
    aiot_frame *frame = task->frame;
    if (frame->caught == 0 || aiot_i_slot(frame, frame->caught)->code == AIOT_I_RETURNING) return &none;
    return aiot_i_slot(frame, frame->caught);
}

/* Skips parts without an error: a FINALLY that was entered after a normal end. */
AIOT_I_FN inline void aiot_i_reraise(aiot_task *task, aiot_frame *frame, unsigned slot)
{
    unsigned part = frame->caught;
    while (part > 0 && (aiot_i_slot(frame, part)->code == 0 || aiot_i_slot(frame, part)->code == AIOT_I_RETURNING)) part--;
    if (part > 0) aiot_i_throw(task, frame, slot, aiot_i_slot(frame, part)->code, aiot_i_slot(frame, part)->info);
    else aiot_i_throw(task, frame, slot, AIOT_ERUNTIME, NULL);
}

/* BLOCKS.  One pass over the chain runs at most one part.  A part is a loop of one trip in a loop of one trip: `break` and `continue` leave
 * only the inner one.  aiot_i_go is 0 behind a part until the pass ends. */
enum aiot_i_phase {
    AIOT_I_RAISED = 1,                          /* the body raised: an EXCEPT part that names the error, else FINALLY */
    AIOT_I_PENDING,                             /* an EXCEPT part raised: FINALLY */
    AIOT_I_LEAVING,                             /* the body raised in a block with an exit of its own (AIOT_TIMEOUT): the exit */
    AIOT_I_ENTER,                               /* the block begins; also while a part runs */
    AIOT_I_HELD,                                /* what the block holds was acquired: the body */
    AIOT_I_HANDLED,                             /* body or EXCEPT part has ended: FINALLY */
    AIOT_I_THROW,                               /* the slot's error goes to the block outside */
    AIOT_I_OUT                                  /* the block is over */
};

#define AIOT_I_H (sizeof *aiot_i_h)
#define AIOT_I_S (sizeof *aiot_i_s - 1)         /* no array has length 0 */
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

/* A raise in FINALLY goes to the block outside: AIOT_I_S is the slot of that one, AIOT_I_N - 1 the block's own. */
#define AIOT_I_FINALLY \
    else for (AIOT_I_UNUSED char (*aiot_i_n)[AIOT_I_S + 1], \
                  (*aiot_i_h)[sizeof *aiot_i_up_h], (*aiot_i_s)[sizeof *aiot_i_up_s], (*aiot_i_p)[sizeof *aiot_i_up_p]; \
              aiot_i_go && aiot_i_begin_finally(AIOT_I_SELF, AIOT_I_N - 1, &aiot_i_phase); \
              aiot_i_go = 0, aiot_i_phase = aiot_i_end_finally(AIOT_I_SELF, AIOT_I_N - 1)) \
             AIOT_I_PART_BODY

AIOT_I_FN inline bool aiot_i_begin_pass(aiot_frame *frame, int *phase)          /* false if the block is over */
{
    if (*phase == AIOT_I_ENTER) AIOT_I_COUNT_OPEN(frame, 1);
    if (*phase != AIOT_I_OUT) return true;
    AIOT_I_COUNT_OPEN(frame, -1);
    *phase = AIOT_I_ENTER;
    return false;
}

AIOT_I_FN inline int aiot_i_end_pass(int *go, int phase)                        /* the phase of the next pass */
{
    bool a_part_ran = !*go;
    *go = 1;
    return a_part_ran ? phase : phase == AIOT_I_HANDLED ? AIOT_I_OUT : AIOT_I_THROW;
}

AIOT_I_FN inline void aiot_i_move_error(aiot_task *task, aiot_frame *frame, unsigned from, unsigned to)
{
    AIOT_I_COUNT_OPEN(frame, -1);
    aiot_i_throw(task, frame, to, aiot_i_slot(frame, from)->code, aiot_i_slot(frame, from)->info);
}

AIOT_I_FN inline bool aiot_i_begin_part(int *phase)
{
    *phase = AIOT_I_ENTER;
    return true;
}

AIOT_I_FN inline int aiot_i_end_except(aiot_frame *frame, unsigned slot)
{
    frame->caught = (unsigned char)(slot - 1);
    return AIOT_I_HANDLED;
}

AIOT_I_FN inline bool aiot_i_begin_finally(aiot_frame *frame, unsigned slot, int *phase)
{
    if (*phase == AIOT_I_HANDLED) aiot_i_slot(frame, slot)->code = 0;
    frame->caught = (unsigned char)slot;
    AIOT_I_COUNT_OPEN(frame, -1);               /* a raise in the part passes no pass of this block */
    return aiot_i_begin_part(phase);
}

AIOT_I_FN inline int aiot_i_end_finally(aiot_frame *frame, unsigned slot)
{
    frame->caught = (unsigned char)(slot - 1);
    AIOT_I_COUNT_OPEN(frame, 1);
    return aiot_i_slot(frame, slot)->code != 0 ? AIOT_I_THROW : AIOT_I_OUT;
}

/* ============================================================================================================= [11]
 * SLEEP, AWAIT, JOIN, TIMEOUT, WAIT_FOR, RUN. */

/* await asyncio.sleep(delay): wakes no earlier than delay_ns after aiot_now(); 0 or less yields one turn.  Cancel-safe.
 * AIOT_EINVAL for a delay that 32 or 16 bits cannot hold. */
#define AIOT_SLEEP(delay_ns) AIOT_I_SLEEP(AIOT_I_LABEL, AIOT_I_DELAY(delay_ns))
#define AIOT_I_SLEEP(n, delay_ns) \
    do { \
        AIOT_I_INSIDE(n) \
        aiot_i_note(&aiot_i_phase, aiot_i_sleep(task, delay_ns)); \
        AIOT_I_SUSPEND_AS(n, aiot_i_phase) AIOT_I_PROPAGATE() \
    } while (0)

/* Gives all others that are ready a turn: sleep(0). */
#define AIOT_YIELD() AIOT_I_YIELD(AIOT_I_LABEL)
#define AIOT_I_YIELD(n) do { AIOT_I_INSIDE(n) AIOT_I_SUSPEND_AS(n, AIOT_I_YIELDS) AIOT_I_PROPAGATE() } while (0)

/* Sleeps until a time of the loop's clock; one already past yields one turn.  For periods that do not drift. */
#define AIOT_SLEEP_UNTIL(when_ns) AIOT_I_SLEEP_UNTIL(AIOT_I_LABEL, AIOT_I_TIME(when_ns))
#define AIOT_I_SLEEP_UNTIL(n, when_ns) \
    do { \
        AIOT_I_INSIDE(n) \
        aiot_i_note(&aiot_i_phase, aiot_i_sleep_until(task, when_ns)); \
        AIOT_I_SUSPEND_AS(n, aiot_i_phase) AIOT_I_PROPAGATE() \
    } while (0)

/* Keeps how a step will end; cppcheck cannot parse a _Generic in a return, or behind an =. */
AIOT_I_FN inline void aiot_i_note(int *phase, int how) { *phase = how; }

AIOT_I_FN AIOT_I_SLEEPS int aiot_i_sleep(aiot_task *task, aiot_time delay)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    if (delay > 0) {
        aiot_loop *loop = task->loop;
        aiot_time now = aiot_i_now(loop);
        return aiot_i_wait_until(loop, task, aiot_i_sum(aiot_i_told(now), delay), now);
    }
    if (AIOT_I_UNLIKELY(aiot_i_is_too_long(delay))) {
        entry->code = AIOT_EINVAL;
        if (!(entry->flags & AIOT_I_MESSAGE)) entry->u.info = NULL;
    }
    return AIOT_I_YIELDS;
}

AIOT_I_FN AIOT_I_SLEEPS int aiot_i_sleep_until(aiot_task *task, aiot_time when)
{
    aiot_loop *loop = task->loop;
    aiot_time now = aiot_i_now(loop);
    if (!aiot_i_is_later(when, now)) return AIOT_I_YIELDS;
    return aiot_i_wait_until(loop, task, when, now);
}

/* await fn(...): runs a coroutine inside this task, beginning at once; raises what it raises, or AIOT_ERUNTIME if the frame is in use.
 * The frame is zeroed before its first use; each use zeroes it and sets the named fields: AIOT_AWAIT(fetch, &self->one, .name = "api").
 * Results are read from the frame.  A cancel goes to its innermost wait.  O(1), at any depth; takes no turn of its own. */
#define AIOT_AWAIT(...) AIOT_I_AWAIT(AIOT_I_LABEL, __VA_ARGS__, )
#define AIOT_I_AWAIT(n, fn, frame_, ...) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_STATIC_ASSERT(sizeof #frame_ > 1, "too few arguments: AIOT_AWAIT(coroutine, &frame, .field = value)"); \
        AIOT_I_TAKES_FRAME(fn, frame_); \
        if (aiot_i_may_use(task, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), __FILE__, __LINE__) && \
            aiot_i_may_fill(task, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), __FILE__, __LINE__)) { \
            AIOT_I_FILL(fn, frame_, __VA_ARGS__); \
            AIOT_I_CHECK_ARGUMENTS(task->loop, fn, frame_); \
            aiot_i_enter_frame(task, AIOT_I_TYPED(fn, frame_), AIOT_I_STEP(fn)); \
        } \
        AIOT_I_SUSPEND_AS(n, AIOT_I_AGAIN) AIOT_I_PROPAGATE() \
    } while (0)

/* The same for a frame whose fields are already set: nothing is zeroed.  For large frames. */
#define AIOT_AWAIT_FRAME(fn, frame_) AIOT_I_AWAIT_FRAME(AIOT_I_LABEL, fn, frame_)
#define AIOT_I_AWAIT_FRAME(n, fn, frame_) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_TAKES_FRAME(fn, frame_); \
        if (aiot_i_may_use(task, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), __FILE__, __LINE__)) \
            aiot_i_enter_frame(task, aiot_i_prepare(AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn)), AIOT_I_STEP(fn)); \
        AIOT_I_SUSPEND_AS(n, AIOT_I_AGAIN) AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_FN AIOT_I_COLD bool aiot_i_refuse(aiot_task *task)                         /* always false */
{
    aiot_i_set_error(task, AIOT_ERUNTIME, NULL);
    task->frame->flags |= AIOT_I_REFUSED;
    return false;
}

#if AIOT_DEBUG
/* The next call that was initialised in this memory, from `*at` on, which it moves; or NULL.  The memory may hold anything. */
AIOT_I_FN AIOT_I_COLD aiot_i_call *aiot_i_find_call(char **at, const char *end)
{
    struct aligned { char byte; uintptr_t word; };
    while (*at + sizeof(aiot_i_call) <= end) {
        char *here = *at, *seal = here + offsetof(aiot_i_call, seal);
        uintptr_t word = 0;
        for (size_t i = 0; i < sizeof word; i++) ((char *)&word)[i] = seal[i];
        *at += offsetof(struct aligned, word);
        if (word == ((uintptr_t)seal ^ AIOT_I_SEAL)) return (aiot_i_call *)(void *)here;
    }
    return NULL;
}

/* Does a list still go through this memory: is a callback armed, a shield or a set in use in it? */
AIOT_I_FN AIOT_I_COLD bool aiot_i_is_linked(void *memory, size_t size)
{
    char *at = (char *)memory;
    for (aiot_i_call *call; (call = aiot_i_find_call(&at, (const char *)memory + size)) != NULL;)
        if (call->entry.link.next != NULL) return true;
    return false;
}

/* Forgets the calls of a frame that has ended, but those in use: a smaller frame put here would leave the rest of them to be found. */
AIOT_I_FN AIOT_I_COLD void aiot_i_unseal(aiot_frame *frame)
{
    char *at = (char *)frame;
    for (aiot_i_call *call; (call = aiot_i_find_call(&at, (const char *)frame + frame->size)) != NULL;)
        if (call->entry.link.next == NULL) call->seal = 0;
}

/* Does a new frame hold a pointer to a C local or a compound literal?  With 16-bit pointers an integer may well look like one: false. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_points_to_local(const aiot_loop *loop, const aiot_frame *frame, size_t size)
{
    const char *at = (const char *)frame;
    void *word;
    for (size_t left = sizeof word < 4 ? 0 : size; left >= sizeof word; left -= sizeof word, at += sizeof word) {
        for (size_t i = 0; i < sizeof word; i++) ((char *)&word)[i] = at[i];
        if (aiot_i_is_local(loop, word)) return true;
    }
    return false;
}

/* Does a task that still runs, or one of its frames, live in this memory? */
AIOT_I_FN AIOT_I_COLD bool aiot_i_lives_in(const aiot_loop *loop, const void *memory, size_t size)
{
    for (const aiot_i_link *link = loop->tasks.next; link != &loop->tasks; link = link->next) {
        const aiot_task *task = (const aiot_task *)(const void *)((const char *)link - offsetof(aiot_task, all));
        const aiot_frame *frame = task->frame;
        if ((uintptr_t)task - (uintptr_t)memory < size) return true;
        for (; frame; frame = frame->flags & AIOT_I_ROOT ? NULL : frame->up.frame)
            if ((uintptr_t)frame - (uintptr_t)memory < size) return true;
    }
    return false;
}
/* Does a task of this loop run this frame?  Else what looks like a frame in use is memory that was not zeroed. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_is_run(const aiot_loop *loop, const aiot_frame *frame) { return aiot_i_lives_in(loop, frame, 1); }
AIOT_I_FN AIOT_I_COLD bool aiot_i_is_listed(const aiot_loop *loop, const aiot_task *task)
{
    for (const aiot_i_link *link = loop->tasks.next; link != &loop->tasks; link = link->next) if (link == &task->all) return true;
    return false;
}
#endif

/* May this memory become a frame?  Not while it is one. */
AIOT_I_FN inline bool aiot_i_may_use(aiot_task *task, const aiot_frame *frame, size_t size, const char *file, unsigned line)
{
    (void)size; (void)file; (void)line;
    AIOT_I_PANIC_UNLESS(frame != NULL, file, line, task, "awaits a frame that is NULL");
    if (AIOT_I_UNLIKELY(frame->flags & AIOT_I_LIVE)) {
        AIOT_I_COMPLAIN_UNLESS(aiot_i_is_run(task->loop, frame), file, line, task,
                               "this frame was not zeroed before its first use, or another loop runs it");
        AIOT_I_COMPLAIN_UNLESS(!aiot_i_is_run(task->loop, frame), file, line, task,
                               "this frame is in use: the coroutine in it has not ended");
        return aiot_i_refuse(task);
    }
    AIOT_I_PANIC_UNLESS(!aiot_i_is_local(task->loop, frame), file, line, task, "this frame is a C local, which dies at the next wait");
    AIOT_I_PANIC_UNLESS(!aiot_i_lives_in(task->loop, frame, size), file, line, task, "a task that has not ended lives in this frame");
    return true;
}

/* May this memory be filled anew?  Not while lists go through it. */
AIOT_I_FN inline bool aiot_i_may_fill(const aiot_task *task, void *frame, size_t size, const char *file, unsigned line)
{
    (void)task; (void)frame; (void)size; (void)file; (void)line;
    AIOT_I_PANIC_UNLESS(!aiot_i_is_linked(frame, size), file, line, task, "a callback, a shield or a set in this frame is still in use: "
                        "aiot_handle_cancel(), aiot_as_completed_close(), or wait for its end");
    return true;
}

AIOT_I_FN inline aiot_frame *aiot_i_prepare(aiot_frame *frame, size_t size)
{
    (void)size;
    frame->at = 0;
    frame->caught = frame->flags = 0;
#if AIOT_DEBUG
    frame->open = 0;
    frame->size = size;
#endif
    return frame;
}

AIOT_I_FN AIOT_I_INLINE void aiot_i_enter_frame(aiot_task *task, aiot_frame *frame, aiot_i_step_fn step)
{
    frame->step = step;
    frame->flags = AIOT_I_LIVE;
    frame->up.frame = task->frame;
    task->frame = frame;
}

/* Starts a coroutine as a task: asyncio.create_task().  It takes its first step in the next turn.  0; or AIOT_ERUNTIME if the
 * task or the frame is in use.  Task and frame must live until it has ended, and must be zeroed before their first use.  After that they
 * may be used again, in a done callback, too (but not in the handler of errors that a spawn calls); or freed, in the last done callback if
 * nobody but AIOT_JOIN() waits for it, else when that wait is over.
 *     aiot_spawn(&self->t1, fetch, &self->one, .name = "a");               in a coroutine
 *     aiot_spawn_on(&loop, &t1, fetch, &one, .name = "a");                 anywhere
 * The _frame forms take a frame whose fields are set already. */
#define aiot_spawn(...) aiot_i_spawn(task->loop, __VA_ARGS__, )
#define aiot_spawn_on(...) aiot_i_spawn_on(__VA_ARGS__, )
#define aiot_i_spawn_on(loop, ...) aiot_i_spawn(loop, __VA_ARGS__)
#define aiot_i_spawn(loop, task_, fn, frame_, ...) \
    (AIOT_I_FRAME_GIVEN(fn, frame_, "aiot_spawn(&task, coroutine, &frame, .field = value)") \
     aiot_i_may_spawn(loop, task_, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), __FILE__, __LINE__) && \
     aiot_i_may_fill(aiot_i_current(loop), AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), __FILE__, __LINE__) \
        ? (AIOT_I_FILL(fn, frame_, __VA_ARGS__), AIOT_I_CHECK_ARGUMENTS(loop, fn, frame_), \
           aiot_i_start(loop, task_, AIOT_I_TYPED(fn, frame_), AIOT_I_STEP(fn), AIOT_I_NAME(fn))) \
        : AIOT_ERUNTIME)
#define aiot_spawn_frame(task_, fn, frame_) aiot_spawn_frame_on(task->loop, task_, fn, frame_)
#define aiot_spawn_frame_on(loop, task_, fn, frame_) \
    (AIOT_I_TAKES_FRAME(fn, frame_), \
     aiot_i_spawn_frame(loop, task_, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), AIOT_I_STEP(fn), AIOT_I_NAME(fn), \
                        __FILE__, __LINE__))

#if AIOT_I_TELLS
/* Has the task ended in an error that nobody has taken?  If it is to be used again now, nobody will: the loop's handler hears of it. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_forget(aiot_loop *loop, aiot_task *task, const aiot_frame *frame)
{
    if (task->awaitable.entry.kind != AIOT_I_UNCOLLECTED) return false;
    if (task->loop == loop && !(frame->flags & AIOT_I_LIVE)) {          /* another loop may be gone */
        bool told = loop->told == task && (uintptr_t)task->awaitable.entry.link.prev != loop->runs;
        aiot_i_collect(&task->awaitable);
        task->frame = NULL;                     /* it may be anything by now */
        if (!told && !(task->awaitable.entry.flags & AIOT_I_TAKEN))
            aiot_i_report(loop, AIOT_REPORT_UNCOLLECTED, task->awaitable.entry.code, task->awaitable.entry.u.info, task);
    }
    return true;
}
#else
AIOT_I_FN inline bool aiot_i_forget(aiot_loop *loop, aiot_task *task, const aiot_frame *frame)
{
    (void)loop; (void)task; (void)frame;
    return false;
}
#endif

AIOT_I_FN AIOT_I_INLINE bool aiot_i_may_spawn(aiot_loop *loop, aiot_task *task, const aiot_frame *frame, size_t size,
                                              const char *file, unsigned line)
{
    (void)loop; (void)size; (void)file; (void)line;
    AIOT_I_PANIC_UNLESS(loop != NULL, file, line, (aiot_task *)NULL,
                        "spawned on no loop: is a local called task, as that of the coroutine is?");
    AIOT_I_CHECK_LOOP(loop, file, line, "spawned on");
    AIOT_I_PANIC_UNLESS(task != NULL && frame != NULL, file, line, aiot_i_current(loop), "spawned a task, or into a frame, that is NULL");
    AIOT_I_PANIC_UNLESS(!aiot_i_is_local(loop, task), file, line, aiot_i_current(loop),
                        "spawned a task that is a C local, which dies at the next wait");
    AIOT_I_PANIC_UNLESS(!aiot_i_is_local(loop, frame), file, line, aiot_i_current(loop),
                        "spawned into a frame that is a C local, which dies at the next wait");
    if (AIOT_I_UNLIKELY(task->awaitable.entry.kind > AIOT_I_ENDED) &&
        (!aiot_i_forget(loop, task, frame) || !aiot_task_idle(task))) {         /* the handler of its error may have spawned it */
        AIOT_I_COMPLAIN_UNLESS(aiot_i_is_listed(loop, task), file, line, aiot_i_current(loop),
                               "spawned a task that was not zeroed before its first use, or that another loop runs");
        AIOT_I_COMPLAIN_UNLESS(!aiot_i_is_listed(loop, task), file, line, task, "spawned again, but this task has not ended");
        return false;
    }
    if (AIOT_I_UNLIKELY(frame->flags & AIOT_I_LIVE)) {
        AIOT_I_COMPLAIN_UNLESS(aiot_i_is_run(loop, frame), file, line, aiot_i_current(loop),
                               "spawned into a frame that was not zeroed before its first use, or that another loop runs");
        AIOT_I_COMPLAIN_UNLESS(!aiot_i_is_run(loop, frame), file, line, aiot_i_current(loop),
                               "spawned into a frame whose coroutine has not ended");
        return false;
    }
    AIOT_I_PANIC_UNLESS(!aiot_i_lives_in(loop, frame, size), file, line, aiot_i_current(loop),
                        "spawned into a frame in which a task that has not ended lives");
    return true;
}

#if AIOT_SMALL || !defined __GNUC__
#define aiot_i_task_init(task, loop) aiot_i_awaitable_init(&(task)->awaitable, loop, AIOT_I_READY)
#else
/* A new task is ready: nobody looks at its link before it waits (aiot_i_append_for_good), and the rest is copied as one. */
AIOT_I_FN inline void aiot_i_task_init(aiot_task *task, aiot_loop *loop)
{
    static const aiot_i_entry fresh = { { NULL, NULL }, { 0 }, 0, AIOT_I_READY, 0, 0 };
    size_t after_link = offsetof(aiot_i_entry, u);
    __builtin_memcpy((char *)&task->awaitable.entry + after_link, (const char *)&fresh + after_link, sizeof fresh - after_link);
    task->awaitable.waiters = NULL;
    task->loop = loop;
}
#endif

AIOT_I_FN AIOT_I_INLINE int aiot_i_start(aiot_loop *loop, aiot_task *task, aiot_frame *frame, aiot_i_step_fn step, const char *name)
{
    AIOT_I_TO_ANOTHER_LINE();
    frame->step = step;
    frame->up.name = name;
    frame->flags = AIOT_I_LIVE | AIOT_I_ROOT;
    AIOT_I_TO_ANOTHER_LINE();
#if AIOT_TASK_LIST && !AIOT_SMALL         /* appended to both lists at once, line by line */
    aiot_i_link *last = loop->tasks.prev, *last_ready = loop->ready.prev;      /* here: behind the task's stores, 0.1 ns more */
    aiot_i_task_init(task, loop);
    task->frame = frame;
    task->all.next = &loop->tasks;
    task->all.prev = last;
    AIOT_I_TO_ANOTHER_LINE();
    last->next = &task->all;
    last_ready->next = &task->awaitable.entry.link;
    AIOT_I_TO_ANOTHER_LINE();
    loop->tasks.prev = &task->all;
    loop->ready.prev = &task->awaitable.entry.link;
#else
    aiot_i_task_init(task, loop);
    task->frame = frame;
#if AIOT_TASK_LIST
    aiot_i_append(&loop->tasks, &task->all);
#endif
    aiot_i_make_ready_for_good(loop, task);
#endif
    return 0;
}

AIOT_I_FN AIOT_I_CALLED int aiot_i_spawn_frame(aiot_loop *loop, aiot_task *task, aiot_frame *frame, size_t size, aiot_i_step_fn step,
                                               const char *name, const char *file, unsigned line)
{
    if (!aiot_i_may_spawn(loop, task, frame, size, file, line)) return AIOT_ERUNTIME;
    return aiot_i_start(loop, task, aiot_i_prepare(frame, size), step, name);
}

/* await x, for a task, future, gather or shield: raises its error; its value is read where it lies.  No turn if it is done.
 * A cancel goes to x (asyncio's rule: who awaits a task and is cancelled, cancels it; shield it to prevent that).  AIOT_ERUNTIME, a turn
 * later, for itself, for another loop's, and for what was never started. */
#define AIOT_JOIN(x) AIOT_I_JOIN(AIOT_I_LABEL, AIOT_AWAITABLE(x))
#define AIOT_I_JOIN(n, a) \
    do { \
        AIOT_I_INSIDE(n) \
        if (aiot_i_join(task, aiot_i_joined(task, a, true, __FILE__, __LINE__))) { AIOT_I_SUSPEND(n) (void)0; } \
        AIOT_I_PROPAGATE() \
    } while (0)

/* What is joined, after the checks of a debug build. */
AIOT_I_FN inline aiot_awaitable *aiot_i_joined(const aiot_task *task, aiot_awaitable *a, bool is_made, const char *file, unsigned line)
{
    (void)task; (void)is_made; (void)file; (void)line;
    AIOT_I_PANIC_UNLESS(a != NULL, file, line, task, "joins NULL");
    AIOT_I_COMPLAIN_UNLESS(!is_made || a != &task->awaitable, file, line, task, "joins itself");
    AIOT_I_COMPLAIN_UNLESS(!is_made || aiot_i_is_made(a), file, line, task, "joins what was never started or initialised");
    AIOT_I_PANIC_UNLESS(aiot_i_done(a) || !aiot_i_is_local(task->loop, a), file, line, task,
                        "joins what is a C local, which dies at the next wait");
    return a;
}

/* True if the task now waits. */
AIOT_I_FN AIOT_I_INLINE bool aiot_i_join(aiot_task *task, aiot_awaitable *a)
{
    if (a->entry.flags & AIOT_I_DONE) {
        aiot_i_set_error(task, a->entry.code, aiot_i_take_info(a));
        return false;
    }
    if (AIOT_I_UNLIKELY(a == &task->awaitable || a->loop != task->loop)) {      /* itself, never started, or another loop's */
        aiot_i_leave(task->loop, &task->awaitable.entry);
        aiot_i_wake(task, AIOT_ERUNTIME, NULL);                                 /* asyncio takes a turn to say so */
        return true;
    }
    aiot_i_wait_done(task, a);
    return true;
}

/* TIMEOUT.  AIOT_TIMEOUT(&self->limit, delay_ns) { } ends its block with AIOT_ETIMEDOUT when the time is up: the wait inside is
 * cancelled (it sees AIOT_ECANCELED), and at the block's edge the cancellation becomes the timeout, if nobody else asked for
 * one.  The error's pointer is the aiot_timeout that struck.  AIOT_FOREVER is no limit.  Computing is not interrupted.
 *     AIOT_TIMEOUT_AT(&self->limit, when_ns) { }       until a time of the loop's clock: asyncio.timeout_at()
 *     AIOT_TIMEOUT_ENTER(&self->limit) { }             one made with aiot_timeout_init() or _init_at() before
 * Raises AIOT_ERUNTIME if the object is in use or, for _ENTER, was not made anew; AIOT_EINVAL for a delay that 32 or 16 bits
 * cannot hold. */
#define AIOT_TIMEOUT(t, delay_ns) AIOT_I_TIMEOUT(AIOT_I_LABEL, t, aiot_i_timeout_open(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(delay_ns)))
#define AIOT_TIMEOUT_AT(t, when_ns) \
    AIOT_I_TIMEOUT(AIOT_I_LABEL, t, (aiot_timeout_init_at(AIOT_I_LIMIT(t), task->loop, AIOT_I_TIME(when_ns)), \
                                     aiot_i_timeout_begin(AIOT_I_LIMIT(t), task)))
#define AIOT_TIMEOUT_ENTER(t) \
    AIOT_I_TIMEOUT(AIOT_I_LABEL, t, (AIOT_I_CHECK_MADE(AIOT_I_LIMIT(t)), aiot_i_timeout_begin(AIOT_I_LIMIT(t), task)))
#define AIOT_I_CHECK_MADE(t) \
    AIOT_I_COMPLAIN_UNLESS((t)->state >= AIOT_I_ENTERED || ((t)->state == AIOT_I_CREATED && (t)->call.entry.kind != AIOT_I_IDLE), \
        __FILE__, __LINE__, task, "enters a limit that was not made, or is over: aiot_timeout_init() makes it anew")
#define AIOT_I_TIMEOUT(n, t, begin) \
    AIOT_I_BLOCK(n, AIOT_I_LEAVING) \
    else if (aiot_i_phase == AIOT_I_LEAVING && (AIOT_I_TAKES_LIMIT(t), AIOT_I_CHECK_ENTERED(AIOT_I_LIMIT(t)), \
        aiot_i_timeout_raised(AIOT_I_LIMIT(t), AIOT_I_SELF, AIOT_I_S, &aiot_i_phase))) { } \
    else if (aiot_i_phase == AIOT_I_ENTER && (AIOT_I_CHECK_KEPT(AIOT_I_LIMIT(t), "this limit"), AIOT_I_CHECK_FREE(AIOT_I_LIMIT(t)), \
        AIOT_I_NOTE_WAIT(), aiot_i_timeout_entered(begin, AIOT_I_LIMIT(t), task, AIOT_I_SELF, AIOT_I_S, &aiot_i_phase))) \
        AIOT_I_PART((AIOT_I_CHECK_ENTERED(AIOT_I_LIMIT(t)), aiot_i_timeout_left(AIOT_I_LIMIT(t), task), AIOT_I_HANDLED))
#define AIOT_I_LIMIT(t) AIOT_I_TAKEN(aiot_timeout, t)
#define AIOT_I_TAKES_LIMIT(t) AIOT_I_TAKES(aiot_timeout, t, "a limit is taken by its address: AIOT_TIMEOUT(&self->limit, delay)")
#define AIOT_I_CHECK_FREE(t) \
    AIOT_I_COMPLAIN_UNLESS((t)->state < AIOT_I_ENTERED, __FILE__, __LINE__, task, \
                           "this limit is in use, or was not zeroed before its first use")
#define AIOT_I_CHECK_ENTERED(t) \
    AIOT_I_PANIC_UNLESS((t)->task == task && (t)->state >= AIOT_I_ENTERED, __FILE__, __LINE__, task, \
                        "leaves another limit than it entered: its argument must name the same object at the end of the block")

/* Its deadline, a time of the loop's clock; AIOT_FOREVER if it has none: Timeout.when().  Means nothing after an AIOT_JOIN_FOR() of 0 or
 * less. */
AIOT_I_FN inline aiot_time aiot_timeout_when(const aiot_timeout *t) { return t->call.entry.u.when; }

/* Has it struck?  True from that moment on; false after a wait_for with a limit of 0 or less, which arms nothing: Timeout.expired(). */
AIOT_I_FN inline bool aiot_timeout_expired(const aiot_timeout *t) { return t->state == AIOT_I_EXPIRING || t->state == AIOT_I_EXPIRED; }

AIOT_I_FN inline void aiot_i_timeout_strike(aiot_loop *loop, aiot_i_call *call)
{
    aiot_timeout *t = AIOT_I_CONTAINER(call, aiot_timeout, call);
    (void)loop;
    t->state = AIOT_I_EXPIRING;
    (void)aiot_i_cancel(&t->task->awaitable, NULL);
}

/* Makes a limit that strikes at a time of the loop's clock; AIOT_FOREVER: never.  Does nothing to one in use: asyncio.timeout_at(). */
AIOT_I_FN inline void aiot_timeout_init_at(aiot_timeout *t, aiot_loop *loop, aiot_time when_ns)
{
    (void)loop;
    if (t->state >= AIOT_I_ENTERED) return;     /* in use: entering it will fail */
    aiot_i_call_init(&t->call, aiot_i_timeout_strike);
    t->call.entry.u.when = when_ns;
    t->state = AIOT_I_CREATED;
}

/* Makes a limit that strikes delay_ns from now, whenever it is entered: asyncio.timeout().  Of an object that is zeroed or was one before;
 * does nothing to one in use. */
AIOT_I_FN inline void aiot_timeout_init(aiot_timeout *t, aiot_loop *loop, aiot_time delay_ns)
{
    aiot_timeout_init_at(t, loop, aiot_i_deadline(loop, delay_ns));
    if (AIOT_I_UNLIKELY(aiot_i_is_too_long(delay_ns)) && t->state == AIOT_I_CREATED) t->call.run = NULL;        /* entering it will fail */
}

AIOT_I_FN inline void aiot_i_timeout_arm(aiot_timeout *t)
{
    aiot_loop *loop = t->task->loop;
    aiot_time when = t->call.entry.u.when;
    if (when == AIOT_FOREVER) return;
    if (!aiot_i_is_later(when, aiot_i_now(loop))) aiot_i_make_ready(loop, &t->call.entry);      /* acts at the first suspension */
    else aiot_i_timers_insert(&loop->timers, &t->call.entry, loop->now);
}

/* Moves the deadline of a limit that is running, or takes it away (AIOT_FOREVER): Timeout.reschedule().  A time already past
 * strikes at the next suspension.  AIOT_ERUNTIME before it is entered, once it has struck, and after its end. */
AIOT_I_FN inline int aiot_timeout_reschedule(aiot_timeout *t, aiot_time when_ns)
{
    if (t->state != AIOT_I_ENTERED) return AIOT_ERUNTIME;
    aiot_i_dequeue(t->task->loop, &t->call);
    t->call.entry.u.when = when_ns;
    aiot_i_timeout_arm(t);
    return 0;
}

#define aiot_timeout_init_at(t, loop, when_ns) aiot_timeout_init_at(t, loop, AIOT_I_TIME(when_ns))
#define aiot_timeout_init(t, loop, delay_ns) aiot_timeout_init(t, loop, AIOT_I_DELAY(delay_ns))
#if AIOT_DEBUG
AIOT_I_FN AIOT_I_COLD aiot_timeout *aiot_i_timeout_checked(aiot_timeout *t, const char *file, unsigned line)
{
    AIOT_I_COMPLAIN_UNLESS(t->call.entry.kind != AIOT_I_IDLE, file, line, (aiot_task *)NULL, "reschedules a limit that was never made");
    return t;
}
#define aiot_timeout_reschedule(t, when_ns) aiot_timeout_reschedule(aiot_i_timeout_checked(t, __FILE__, __LINE__), AIOT_I_TIME(when_ns))
#else
#define aiot_timeout_reschedule(t, when_ns) aiot_timeout_reschedule(t, AIOT_I_TIME(when_ns))
#endif

/* The error for one that cannot be entered. */
AIOT_I_FN inline int aiot_i_timeout_refusal(const aiot_timeout *t)
{
    return AIOT_TIME_BITS != 64 && t->state == AIOT_I_CREATED && t->call.entry.kind != AIOT_I_IDLE ? AIOT_EINVAL : AIOT_ERUNTIME;
}

AIOT_I_FN AIOT_I_INLINE bool aiot_i_timeout_begin(aiot_timeout *t, aiot_task *task)
{
    if (AIOT_I_UNLIKELY(t->state != AIOT_I_CREATED || t->call.run == NULL)) return false;
    t->state = AIOT_I_ENTERED;
    t->task = task;
    t->call.entry.count = task->awaitable.entry.count;
    aiot_i_timeout_arm(t);
    return true;
}

/* init_at and begin at once, if the object is free: for a time to come, or for ever. */
AIOT_I_FN AIOT_I_INLINE bool aiot_i_timeout_start(aiot_timeout *t, aiot_task *task, aiot_time delay_ns)
{
    aiot_loop *loop = task->loop;
    aiot_time when = aiot_i_deadline(loop, delay_ns);
    if (AIOT_SMALL || AIOT_DEBUG || AIOT_I_UNLIKELY(t->state != AIOT_I_UNSTRUCK || t->task != task)) {
        if (AIOT_I_UNLIKELY(t->state >= AIOT_I_ENTERED)) return false;
        t->call.entry.code = 0;                 /* not by aiot_i_call_init(): its links it is given below */
        t->call.entry.kind = AIOT_I_CALL;
        t->call.entry.flags = 0;
        aiot_i_call_set_run(&t->call, aiot_i_timeout_strike);
        t->task = task;
    }
    t->call.entry.u.when = when;
    t->call.entry.count = task->awaitable.entry.count;
    t->state = AIOT_I_ENTERED;
    if (delay_ns != AIOT_FOREVER) aiot_i_timers_insert(&loop->timers, &t->call.entry, loop->now);
    else t->call.entry.link.next = NULL;
    return true;
}

AIOT_I_FN AIOT_I_COLD bool aiot_i_timeout_init_and_begin(aiot_timeout *t, aiot_task *task, aiot_time delay_ns)
{
    aiot_timeout_init(t, task->loop, delay_ns);
    return aiot_i_timeout_begin(t, task);
}

AIOT_I_FN inline bool aiot_i_timeout_open(aiot_timeout *t, aiot_task *task, aiot_time delay_ns)
{
    if (!AIOT_SMALL) {
        if (AIOT_I_LIKELY(aiot_i_knows_deadline(task->loop, delay_ns) && aiot_i_timeout_start(t, task, delay_ns))) return true;
    }
    return aiot_i_timeout_init_and_begin(t, task, delay_ns);
}

AIOT_I_FN inline bool aiot_i_timeout_entered(bool begun, aiot_timeout *t, aiot_task *task, aiot_frame *frame, unsigned slot, int *phase)
{
    if (AIOT_I_LIKELY(begun)) return true;
    aiot_i_throw(task, frame, slot, aiot_i_timeout_refusal(t), t);
    *phase = AIOT_I_RAISED;
    return false;
}

/* The end of a limit.  Returns what a block that ended with `code` ends with. */
AIOT_I_FN AIOT_I_INLINE int aiot_i_timeout_leave(aiot_timeout *t, int code)
{
    if (AIOT_I_LIKELY(t->call.entry.link.next != NULL)) aiot_i_take_out(t->task->loop, &t->call.entry);
    if (AIOT_I_LIKELY(t->state == AIOT_I_ENTERED)) {
        t->state = AIOT_I_EXITED;
        return code;
    }
    t->state = AIOT_I_EXPIRED;
    bool ours = aiot_task_uncancel(t->task) <= t->call.entry.count;     /* nobody else asked since the block was entered */
    return ours && code == AIOT_ECANCELED ? AIOT_ETIMEDOUT : code;
}

/* Leaves a limit that has not struck, the usual: what is in flight stays.  False if it has. */
AIOT_I_FN inline bool aiot_i_timeout_leave_unstruck(aiot_timeout *t, const aiot_task *task)
{
    if (AIOT_SMALL || AIOT_I_UNLIKELY(t->state != AIOT_I_ENTERED)) return false;
    if (AIOT_I_LIKELY(t->call.entry.link.next != NULL)) aiot_i_withdraw(task->loop, &t->call.entry);
    if (AIOT_DEBUG) t->call.entry.link.next = NULL;     /* only aiot_i_is_queued() looks at that of a limit that is not in use */
    t->state = AIOT_I_UNSTRUCK;
    return true;
}

AIOT_I_FN inline void aiot_i_timeout_left(aiot_timeout *t, const aiot_task *task)
{
    if (!aiot_i_timeout_leave_unstruck(t, task)) (void)aiot_i_timeout_leave(t, 0);
}

/* The end of one whose body raised.  Always false: the chain goes on to the EXCEPT parts. */
AIOT_I_FN inline bool aiot_i_timeout_raised(aiot_timeout *t, aiot_frame *frame, unsigned slot, int *phase)
{
    aiot_error *error = aiot_i_slot(frame, slot);
    int code = aiot_i_timeout_leave(t, error->code);
    if (code != error->code) { error->code = code; error->info = t; }
    *phase = AIOT_I_RAISED;
    return false;
}

/* WAIT_FOR.  asyncio.wait_for() of a coroutine, which runs inside this task, at once, under a limit: AIOT_ETIMEDOUT if it is up.
 * At the limit the coroutine is cancelled, and the wait goes on until it has really ended; a value or an error of its own
 * that it ends with comes out instead.  With a limit of 0 or less it never starts, and AIOT_ETIMEDOUT takes three turns.  A cancel goes to
 * the coroutine.  AIOT_ERUNTIME if the limit's object or the frame is in use; AIOT_EINVAL for a limit that 32 or 16 bits cannot hold. */
#define AIOT_WAIT_FOR(...) AIOT_I_WAIT_FOR(AIOT_I_LABEL, __VA_ARGS__, )
#define AIOT_I_WAIT_FOR(n, t, delay_ns, fn, frame_, ...) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_STATIC_ASSERT(sizeof #frame_ > 1, "too few arguments: AIOT_WAIT_FOR(&limit, delay, coroutine, &frame, .field = value)"); \
        AIOT_I_TAKES_LIMIT(t); \
        AIOT_I_TAKES_FRAME(fn, frame_); \
        AIOT_I_CHECK_KEPT(AIOT_I_LIMIT(t), "this limit"); \
        if (aiot_i_may_use(task, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), __FILE__, __LINE__) && \
            aiot_i_may_fill(task, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), __FILE__, __LINE__) && \
            aiot_i_wait_for_begin(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(delay_ns))) { \
            AIOT_I_FILL(fn, frame_, __VA_ARGS__); \
            AIOT_I_CHECK_ARGUMENTS(task->loop, fn, frame_); \
            aiot_i_enter_frame(task, AIOT_I_TYPED(fn, frame_), AIOT_I_STEP(fn)); \
        } \
        AIOT_I_SUSPEND_AS(n, aiot_i_wait_for_how(task, AIOT_I_SELF)) \
        aiot_i_wait_for_end(AIOT_I_LIMIT(t), task); \
        AIOT_I_PROPAGATE() \
    } while (0)
#define AIOT_WAIT_FOR_FRAME(t, delay_ns, fn, frame_) AIOT_I_WAIT_FOR_FRAME(AIOT_I_LABEL, t, delay_ns, fn, frame_)
#define AIOT_I_WAIT_FOR_FRAME(n, t, delay_ns, fn, frame_) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_TAKES_LIMIT(t); \
        AIOT_I_TAKES_FRAME(fn, frame_); \
        AIOT_I_CHECK_KEPT(AIOT_I_LIMIT(t), "this limit"); \
        if (aiot_i_may_use(task, AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn), __FILE__, __LINE__) && \
            aiot_i_wait_for_begin(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(delay_ns))) \
            aiot_i_enter_frame(task, aiot_i_prepare(AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn)), AIOT_I_STEP(fn)); \
        AIOT_I_SUSPEND_AS(n, aiot_i_wait_for_how(task, AIOT_I_SELF)) \
        aiot_i_wait_for_end(AIOT_I_LIMIT(t), task); \
        AIOT_I_PROPAGATE() \
    } while (0)

/* It never starts if the limit is 0 or less: then the task waits in its own frame (asyncio makes one more, for a turn). */
AIOT_I_FN inline int aiot_i_wait_for_how(const aiot_task *task, const aiot_frame *self)
{
    return task->frame != self || (self->flags & AIOT_I_REFUSED) ? AIOT_I_AGAIN : AIOT_I_WAITS;
}

/* True if the coroutine is to run; else the task waits, or has an error. */
AIOT_I_FN AIOT_I_RARE bool aiot_i_wait_for_begin_otherwise(aiot_timeout *t, aiot_task *task, aiot_time delay_ns)
{
    if (delay_ns > 0 && aiot_i_timeout_start(t, task, delay_ns)) return true;
    aiot_timeout_init(t, task->loop, delay_ns);
    if (t->state != AIOT_I_CREATED || aiot_i_is_too_long(delay_ns)) {
        task->frame->flags |= AIOT_I_REFUSED;
        aiot_i_set_error(task, aiot_i_timeout_refusal(t), t);
    } else {
        t->state = AIOT_I_UNARMED;
        aiot_i_wait_turns(task, 3);             /* asyncio makes a task, cancels it and waits for it: three turns */
    }
    return false;
}

AIOT_I_FN AIOT_I_INLINE bool aiot_i_wait_for_begin(aiot_timeout *t, aiot_task *task, aiot_time delay_ns)
{
    if (!AIOT_SMALL && AIOT_I_LIKELY(aiot_i_knows_deadline(task->loop, delay_ns) && aiot_i_timeout_start(t, task, delay_ns))) return true;
    return aiot_i_wait_for_begin_otherwise(t, task, delay_ns);
}

AIOT_I_FN AIOT_I_COLD void aiot_i_wait_for_end_otherwise(aiot_timeout *t, aiot_task *task)
{
    aiot_i_entry *entry = &task->awaitable.entry;
    if (AIOT_I_UNLIKELY(task->frame->flags & AIOT_I_REFUSED)) return;          /* there is an error: aiot_i_catch() forgets the flag */
    if (AIOT_I_UNLIKELY(t->state == AIOT_I_UNARMED)) {
        t->state = AIOT_I_EXITED;
        if (entry->code == 0) aiot_i_set_error(task, AIOT_ETIMEDOUT, t);
    } else {
        int code = aiot_i_timeout_leave(t, entry->code);
        if (AIOT_I_UNLIKELY(code != entry->code)) aiot_i_set_error(task, code, t);
    }
}

AIOT_I_FN inline void aiot_i_wait_for_end(aiot_timeout *t, aiot_task *task)
{
    if (AIOT_I_UNLIKELY(task->frame->flags & AIOT_I_REFUSED) || !aiot_i_timeout_leave_unstruck(t, task))
        aiot_i_wait_for_end_otherwise(t, task);
}

/* asyncio.wait_for() of a task, future, gather or shield.  At the limit it is cancelled, and waited for until it has ended.
 * 0 or less: the outcome of one that is done, else the same, at once.  A cancel goes to x.  Errors as for AIOT_WAIT_FOR and AIOT_JOIN; with
 * 0 or less those of AIOT_JOIN come at once, but for oneself: as in asyncio, that is the cancel which it asks for. */
#define AIOT_JOIN_FOR(t, delay_ns, x) AIOT_I_JOIN_FOR(AIOT_I_LABEL, t, delay_ns, AIOT_AWAITABLE(x))
#define AIOT_I_JOIN_FOR(n, t, delay_ns, a) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_TAKES_LIMIT(t); \
        AIOT_I_CHECK_KEPT(AIOT_I_LIMIT(t), "this limit"); \
        (void)aiot_i_joined(task, a, false, __FILE__, __LINE__); \
        if (aiot_i_join_for(AIOT_I_LIMIT(t), task, AIOT_I_DELAY(delay_ns), a)) { \
            AIOT_I_SUSPEND(n) \
            aiot_i_join_for_end(AIOT_I_LIMIT(t), task, a); \
        } \
        AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_FN inline void aiot_i_join_for_ended(aiot_loop *loop, aiot_i_call *call)
{
    (void)loop;
    aiot_i_unpark(AIOT_I_CONTAINER(call, aiot_timeout, call)->task);
}

/* With no time to wait, or none that can be measured; or for what is done, or cannot be waited for. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_join_for_otherwise(aiot_timeout *t, aiot_task *task, aiot_time delay_ns, aiot_awaitable *a)
{
    if (delay_ns > 0 && !aiot_i_done(a) && aiot_i_timeout_start(t, task, delay_ns))
        return aiot_i_join(task, a);            /* itself, or another loop's: AIOT_ERUNTIME a turn later */
    aiot_timeout_init(t, task->loop, delay_ns);
    if (aiot_i_is_too_long(delay_ns)) {
        aiot_i_set_error(task, AIOT_EINVAL, t);
    } else if (t->state != AIOT_I_CREATED || (!aiot_i_done(a) && a->loop != task->loop)) {
        aiot_i_set_error(task, AIOT_ERUNTIME, t);
    } else if (aiot_i_done(a)) {
        aiot_i_set_error(task, a->entry.code, aiot_i_take_info(a));
        t->state = AIOT_I_EXITED;
    } else {
        aiot_i_call_init(&t->call, aiot_i_join_for_ended);
        t->call.entry.flags |= AIOT_I_LOOKS_ON;                 /* cancelled meanwhile, the waiter does not ask how it ended */
        t->state = AIOT_I_UNARMED;
        t->task = task;
        aiot_i_watch(task->loop, a, &t->call);
        (void)aiot_i_cancel(a, NULL);
        aiot_i_park(task);
        return true;
    }
    return false;
}

AIOT_I_FN AIOT_I_INLINE bool aiot_i_join_for(aiot_timeout *t, aiot_task *task, aiot_time delay_ns, aiot_awaitable *a)
{
    bool waits = aiot_i_knows_deadline(task->loop, delay_ns) && !aiot_i_done(a) && a->loop == task->loop && a != &task->awaitable;
    if (AIOT_I_UNLIKELY(!waits || !aiot_i_timeout_start(t, task, delay_ns))) return aiot_i_join_for_otherwise(t, task, delay_ns, a);
    aiot_i_wait_done(task, a);
    return true;
}

AIOT_I_FN AIOT_I_COLD void aiot_i_join_for_end_otherwise(aiot_timeout *t, aiot_task *task, aiot_awaitable *a)
{
    if (t->state == AIOT_I_UNARMED) {
        aiot_i_dequeue(task->loop, &t->call);
        int code = t->call.entry.code;
        if (task->awaitable.entry.code == 0) {
            const void *info = aiot_i_take_end_info(a, &t->call);               /* a cancellation's message, too: wait_for() had it */
            if (code != AIOT_ECANCELED) {
                t->state = AIOT_I_EXITED;       /* it ended in its own way */
                aiot_i_set_error(task, code, info);
                return;
            }
        }
    }
    aiot_i_wait_for_end_otherwise(t, task);
}

AIOT_I_FN inline void aiot_i_join_for_end(aiot_timeout *t, aiot_task *task, aiot_awaitable *a)
{
    if (!aiot_i_timeout_leave_unstruck(t, task)) aiot_i_join_for_end_otherwise(t, task, a);
}

/* asyncio.sleep() as a coroutine of its own, to spawn and gather: struct aiot_sleep, .delay_ns. */
struct aiot_sleep { AIOT_FRAME; aiot_time delay_ns; };
static inline AIOT_CORO(aiot_sleep)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->delay_ns);
    AIOT_END();
}

/* RUNNING A PROGRAM. */

/* Runs the loop until `x` is done, and then one more turn, as run_until_complete() does.  Returns how it ended; AIOT_EDEADLK if nothing
 * can ever run again (aiot_loop_task_count() tells how many tasks wait); AIOT_ERUNTIME if aiot_loop_stop() came first, and, with nothing
 * done, if the loop is running, or `x` is another loop's or was never started. */
#define aiot_run_until(loop, x) \
    (AIOT_I_CHECK_RUN(loop), aiot_i_run_until(loop, AIOT_I_STARTED(AIOT_AWAITABLE(x)), true))
#if AIOT_DEBUG
#define AIOT_I_STARTED(a) aiot_i_started(a, __FILE__, __LINE__)         /* a function: what gives `x` is evaluated once here, too */
AIOT_I_FN inline aiot_awaitable *aiot_i_started(aiot_awaitable *a, const char *file, unsigned line)
{
    (void)file; (void)line;                             /* which AIOT_PANIC may not look at */
    AIOT_I_COMPLAIN_UNLESS(aiot_i_is_made(a), file, line, (aiot_task *)NULL, "runs until what was never started is done");
    return a;
}
#else
#define AIOT_I_STARTED(a) (a)
#endif
#define AIOT_I_CHECK_RUN(loop) \
    (AIOT_I_CHECK_LOOP(loop, __FILE__, __LINE__, "runs"), \
     AIOT_I_COMPLAIN_UNLESS(!(loop)->turning, __FILE__, __LINE__, aiot_i_current(loop), \
                            "runs a loop that is running already, or that was left by an exception or longjmp()"))
AIOT_I_FN inline int aiot_i_run_until(aiot_loop *loop, aiot_awaitable *a, bool tells)
{
    if (loop->turning) return AIOT_ERUNTIME;            /* this event loop is already running */
    if (a->loop != loop && (a->loop || !aiot_i_done(a))) return AIOT_ERUNTIME;          /* another loop's, or never started */
    bool is_dead = !aiot_i_done(a) && !aiot_i_run_turns(loop, &a->entry.flags), stopped = loop->stopping;
    aiot_i_collect(a);
    int code = is_dead ? AIOT_EDEADLK : aiot_i_done(a) ? a->entry.code : AIOT_ERUNTIME;  /* now: `a` may be gone in the turn to come */
    if (!is_dead && !stopped) aiot_i_turn_at_once(loop);
    if (!is_dead) loop->stopping = false;
    if (tells) aiot_i_tell_uncollected(loop);
    return code;
}

#if AIOT_TASK_LIST
/* Cancels every task that is left, in order of creation, and runs the loop until these have ended, clean-up included; what they
 * start meanwhile is abandoned.  Their errors go to the loop's handler.  AIOT_EDEADLK if one waits for ever; AIOT_ERUNTIME, and nothing
 * is done, if the loop is running.  What asyncio.run() does at its end. */
AIOT_I_FN AIOT_I_COLD int aiot_cancel_all(aiot_loop *loop)
{
    const unsigned char once = AIOT_I_DONE;     /* a turn at a time, sleeping before it */
    if (loop->turning) return AIOT_ERUNTIME;
    loop->left_over = 0;
    for (aiot_i_link *link = loop->tasks.next; link != &loop->tasks; link = link->next) {
        AIOT_I_CONTAINER(link, aiot_task, all)->awaitable.entry.flags |= AIOT_I_LEFT_OVER;
        loop->left_over++;
    }
    if (loop->left_over == 0) return AIOT_OK;
    for (aiot_i_link *link = loop->tasks.next; link != &loop->tasks; link = link->next)
        (void)aiot_i_cancel(&AIOT_I_CONTAINER(link, aiot_task, all)->awaitable, NULL);
    while (loop->left_over) {
        if (!aiot_i_run_turns(loop, &once)) return AIOT_EDEADLK;
        loop->stopping = false;                             /* not before they have ended */
    }
    aiot_i_turn_at_once(loop);                              /* asyncio gathers them, and stops two turns after the last has ended */
    aiot_i_turn_at_once(loop);
    return AIOT_OK;
}

/* Forgets what is armed and what is ready, as a loop that is closed does.  No task must be left. */
AIOT_I_FN AIOT_I_COLD void aiot_i_forget_calls(aiot_loop *loop)
{
    aiot_i_timers_clear(&loop->timers);
#if AIOT_SMALL
    aiot_i_list_clear(&loop->ready);
#else
    while (loop->ready.prev != &loop->mark.link) aiot_i_unlink(loop->ready.prev);
#endif
}

/* asyncio.run(): runs a coroutine as the main task, then cancels what it left behind and waits for that.  Four more turns follow, as
 * asyncio takes to shut down; callbacks that are still armed then are dropped, unless tasks were abandoned.  Returns how it ended:
 * AIOT_OK, its error, AIOT_EDEADLK; AIOT_ERUNTIME if aiot_loop_stop() came first, and, with nothing done, if the loop is running, or an
 * earlier main task never ended (AIOT_EDEADLK).  An error that a task ended with, and that nobody took until then (or until the task is
 * used again), goes to the loop's handler, once: asyncio says so when it collects the task.  The frame need not be zeroed; named fields may
 * follow.  The _frame form takes one whose fields are set, all others zero, and is for large ones: nothing of their size is put on the
 * stack.  The pointer of the error: aiot_error_of(&loop.main_task). */
#define aiot_run(...) aiot_i_run(__VA_ARGS__, )
#define aiot_run_frame(loop, fn, frame_) \
    (AIOT_I_TAKES_FRAME(fn, frame_), AIOT_I_MAY_RUN(loop) \
        ? aiot_i_run_main(loop, aiot_i_prepare(AIOT_I_TYPED(fn, frame_), sizeof(aiot_i_frame_##fn)), AIOT_I_STEP(fn), AIOT_I_NAME(fn)) \
        : AIOT_ERUNTIME)
#define aiot_i_run(loop, fn, frame_, ...) \
    (AIOT_I_FRAME_GIVEN(fn, frame_, "aiot_run(&loop, coroutine, &frame, .field = value)") AIOT_I_MAY_RUN(loop) \
        ? (AIOT_I_FILL(fn, frame_, __VA_ARGS__), aiot_i_run_main(loop, AIOT_I_TYPED(fn, frame_), AIOT_I_STEP(fn), AIOT_I_NAME(fn))) \
        : AIOT_ERUNTIME)

#define AIOT_I_MAY_RUN(loop) (AIOT_I_CHECK_RUN(loop), aiot_i_may_run(loop))
AIOT_I_FN inline bool aiot_i_may_run(const aiot_loop *loop)
{
    const aiot_i_entry *main_entry = &loop->main_task.awaitable.entry;
    return !loop->turning && (main_entry->kind == AIOT_I_IDLE || (main_entry->flags & AIOT_I_DONE));
}

#if AIOT_I_TELLS && AIOT_DEBUG && AIOT_HOSTED
AIOT_I_FN AIOT_I_COLD void aiot_dump(aiot_loop *loop);
#endif

AIOT_I_FN inline int aiot_i_run_main(aiot_loop *loop, aiot_frame *frame, aiot_i_step_fn step, const char *name)
{
    aiot_task *main_task = &loop->main_task;
    (void)aiot_i_start(loop, main_task, frame, step, name);
    int code = aiot_i_run_until(loop, &main_task->awaitable, false);
    if (code != AIOT_EDEADLK || aiot_i_done(&main_task->awaitable)) {
        bool all_ended = aiot_cancel_all(loop) == AIOT_OK;
        if (!all_ended) code = AIOT_EDEADLK;
        for (int turn = 0; all_ended && turn < 4; turn++) aiot_i_turn_at_once(loop);      /* shutdown_asyncgens(), _default_executor() */
        loop->stopping = false;
        if (aiot_i_list_empty(&loop->tasks)) aiot_i_forget_calls(loop);         /* else the callbacks may be waited for */
    }
#if AIOT_I_TELLS && AIOT_DEBUG && AIOT_HOSTED
    if (code == AIOT_EDEADLK) {
        fprintf(stderr, "aiot_run(): nothing can ever run again, but tasks wait:\n");
        aiot_dump(loop);
    } else if (code != AIOT_OK && aiot_i_done(&main_task->awaitable))      /* asyncio.run() shows where: a traceback */
        fprintf(stderr, "task '%s', line %u: aiot_run() ends with %s (%d)\n",
                name ? name : "?", AIOT_I_LINE(frame), aiot_strerror(code), code);
#endif
    aiot_i_tell_uncollected(loop);
    return code;
}
#endif

/* ============================================================================================================= [12]
 * WAIT, GATHER, SHIELD.  The links of one waiter with several awaitables lie in a set, whose type says how many fit:
 *     AIOT_WAIT_SET(4) set;        for AIOT_WAIT
 *     AIOT_GATHER_SET(4) all;      for gather
 * More members than that do not compile when written out (up to 16), and raise AIOT_EINVAL when they come from an array.  So does a member
 * of another loop, or one never started (a join or a shield of such: AIOT_ERUNTIME; so is the join of a gather all of whose members are
 * another loop's).  A set of n members costs O(n), none of which counts twice. */
enum aiot_return_when { AIOT_ALL_COMPLETED, AIOT_FIRST_COMPLETED, AIOT_FIRST_EXCEPTION };

typedef struct aiot_wait_state {
    aiot_i_call   timer;
    aiot_task    *task;
    aiot_i_member *members;
    unsigned      count, capacity, unfinished, done;
    unsigned char mode;
    bool          refused;                      /* a member, the number of them or the limit cannot be */
    bool          is_over;                      /* the members' calls are free: aiot_i_wait_index() */
    bool          is_indexed;
} aiot_wait_state;

#define AIOT_I_CAPACITY(set) (sizeof (set)->members / sizeof (set)->members[0])
#define AIOT_WAIT_SET(n) struct { aiot_wait_state state; aiot_i_member members[n]; }

/* done, pending = await asyncio.wait({...}, timeout, return_when).  Raises nothing for its members and cancels nothing; a limit
 * that is up ends it, too (AIOT_FOREVER: none).  Afterwards:
 *     aiot_wait_done_count(&set), aiot_wait_pending_count(&set)
 *     aiot_wait_has(&set, &self->t1)      is it among the done?          aiot_wait_is_done(&set, i)     the i-th given
 * A member given twice counts once.  No members, too many, none of the three ways, or a limit that 32 or 16 bits cannot hold:
 * AIOT_EINVAL.  Takes two turns at least.  The set lives as long as it is asked.  A cancel leaves the members alone.  Which are done is
 * read when the waiter resumes.  The array form takes aiot_awaitable pointers. */
#define AIOT_WAIT(set, return_when, limit_ns, ...) AIOT_I_WAIT(AIOT_I_LABEL, set, return_when, limit_ns, __VA_ARGS__)
#define AIOT_I_WAIT(n, set, return_when, limit_ns, ...) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_STATIC_ASSERT(sizeof #__VA_ARGS__ > 1, "too few arguments: AIOT_WAIT(&set, AIOT_ALL_COMPLETED, limit, &task, ...)"); \
        AIOT_I_STATIC_ASSERT(AIOT_I_COUNT(__VA_ARGS__) <= AIOT_I_CAPACITY(set), "more members than the AIOT_WAIT_SET has room for"); \
        AIOT_I_WAIT_BEGIN(set, return_when) \
        AIOT_I_EACH(AIOT_I_WAIT_ADD, set, __VA_ARGS__) \
        AIOT_I_WAIT_START(n, set, limit_ns) \
    } while (0)
#define AIOT_I_WAIT_BEGIN(set, return_when) \
    AIOT_I_STATIC_ASSERT(AIOT_TIME_BITS != 64 || sizeof(return_when) <= sizeof(int), \
        "AIOT_WAIT(&set, AIOT_ALL_COMPLETED, limit, ...): what it waits for comes before the limit"); \
    AIOT_I_PANIC_UNLESS((set)->state.task == NULL, __FILE__, __LINE__, task, \
                        "waits with an AIOT_WAIT_SET with which a task waits already"); \
    AIOT_I_CHECK_KEPT(set, "waits with an AIOT_WAIT_SET that"); \
    aiot_i_wait_begin(&(set)->state, (set)->members, AIOT_I_CAPACITY(set), task, (int)(return_when));
#define AIOT_I_WAIT_ADD(set, x) aiot_i_wait_add(&(set)->state, AIOT_AWAITABLE(x));
#define AIOT_WAIT_ARRAY(set, return_when, limit_ns, array, count) AIOT_I_WAIT_ARRAY(AIOT_I_LABEL, set, return_when, limit_ns, array, count)
#define AIOT_I_WAIT_ARRAY(n, set, return_when, limit_ns, array, count_) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_WAIT_BEGIN(set, return_when) \
        aiot_i_wait_add_array(&(set)->state, array, count_); \
        AIOT_I_WAIT_START(n, set, limit_ns) \
    } while (0)
#define AIOT_I_WAIT_START(n, set, limit_ns) \
    AIOT_I_CHECK_MEMBERS(!(set)->state.refused, task); \
    if (aiot_i_wait_start(&(set)->state, AIOT_I_DELAY(limit_ns))) { \
        AIOT_I_SUSPEND(n) \
        aiot_i_wait_end(&(set)->state); \
    } \
    if (AIOT_DEBUG) (set)->state.task = NULL;           /* it may be used again */ \
    AIOT_I_PROPAGATE()

#define AIOT_I_CHECK_MEMBERS(accepted, task) \
    AIOT_I_COMPLAIN_UNLESS(accepted, __FILE__, __LINE__, task, \
        "a set is refused: a member is NULL, never started or another loop's, or there is no room for it, or no such way to wait")

#define aiot_wait_done_count(set) ((set)->state.done)
#define aiot_wait_pending_count(set) ((set)->state.unfinished)
#define aiot_wait_is_done(set, i) ((set)->members[i].done)
#define aiot_wait_has(set, x) aiot_i_wait_has(&(set)->state, AIOT_AWAITABLE(x))
/* A hash table with chains, in the members' calls: `code` is the first index of a chain, `value` the next one; -1 ends it. */
AIOT_I_FN inline int *aiot_i_wait_chain(const aiot_wait_state *set, const aiot_awaitable *a)
{
    uint32_t hash = (uint32_t)((uintptr_t)a >> 3) * UINT32_C(0x9E3779B1);       /* Fibonacci hashing: its high bits are spread */
    return &set->members[(uint64_t)hash * set->count >> 32].call.entry.code;
}
AIOT_I_FN AIOT_I_COLD void aiot_i_wait_index(aiot_wait_state *set)
{
    for (unsigned i = 0; i < set->count; i++) set->members[i].call.entry.code = -1;
    for (unsigned i = 0; i < set->count; i++) {
        int *first = aiot_i_wait_chain(set, set->members[i].target);
        if (set->members[i].repeated) continue;
        set->members[i].call.entry.u.value = *first;
        *first = (int)i;
    }
    set->is_indexed = true;
}
AIOT_I_FN inline bool aiot_i_wait_has(aiot_wait_state *set, const aiot_awaitable *a)
{
    if (!set->is_over) return false;
    if (!set->is_indexed) aiot_i_wait_index(set);
    intptr_t i = *aiot_i_wait_chain(set, a);
    while (i >= 0 && set->members[i].target != a) i = set->members[i].call.entry.u.value;
    return i >= 0 && set->members[i].done;
}

AIOT_I_FN inline void aiot_i_wait_timer(aiot_loop *loop, aiot_i_call *call)
{
    (void)loop;
    aiot_i_unpark(AIOT_I_CONTAINER(call, aiot_wait_state, timer)->task);
}

AIOT_I_FN inline void aiot_i_wait_member(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_member *member = AIOT_I_CONTAINER(call, aiot_i_member, call);
    aiot_wait_state *set = (aiot_wait_state *)member->owner;
    bool failed = aiot_i_told_of_error(call);
    set->unfinished--;
    if (set->unfinished > 0 && set->mode == AIOT_FIRST_EXCEPTION) aiot_i_collect_end(member->target, call);  /* asyncio asks for it */
    if (set->unfinished > 0 && (set->mode == AIOT_ALL_COMPLETED || (set->mode == AIOT_FIRST_EXCEPTION && !failed))) return;
    aiot_i_dequeue(loop, &set->timer);
    aiot_i_unpark(set->task);
}

AIOT_I_FN inline void aiot_i_wait_begin(aiot_wait_state *set, aiot_i_member *members, size_t capacity, aiot_task *task,
                                        int mode)
{
    set->task = task;
    set->members = members;
    set->count = set->unfinished = set->done = 0;
    set->capacity = (unsigned)capacity;
    set->mode = (unsigned char)mode;
    set->refused = mode < AIOT_ALL_COMPLETED || mode > AIOT_FIRST_EXCEPTION;
    set->is_over = set->is_indexed = false;
    aiot_i_call_init(&set->timer, aiot_i_wait_timer);
}

AIOT_I_FN AIOT_I_COLD void aiot_i_member_init(aiot_i_member *member, aiot_awaitable *a, void *owner,
                                              void (*run)(aiot_loop *loop, aiot_i_call *call))
{
    aiot_i_call_init(&member->call, run);
    member->target = a;
    member->owner = owner;
    member->done = member->repeated = false;
}

/* Finds the members that repeat an earlier one, and makes that one their owner.  Returns how many do not.  Meanwhile the first member with
 * an awaitable stands in the place of that one's loop: all have the same loop, or none if they are gathers of nothing. */
AIOT_I_FN AIOT_I_COLD unsigned aiot_i_find_repeated(aiot_i_member *members, unsigned count, const aiot_loop *loop)
{
    unsigned different = count;
    for (unsigned i = 0; i < count; i++) {
        aiot_i_member *member = &members[i];
        aiot_loop *found = member->target->loop;
        member->repeated = found != NULL && found != loop;
        if (member->repeated) {
            member->owner = found;
            different--;
        } else {
            member->call.entry.u.target = (aiot_awaitable *)(void *)found;
            member->target->loop = (aiot_loop *)(void *)member;
        }
    }
    for (unsigned i = 0; i < count; i++)
        if (!members[i].repeated) members[i].target->loop = (aiot_loop *)(void *)members[i].call.entry.u.target;
    return different;
}

/* May a wait on this loop have it as a member?  A gather of nothing is done, and may know no loop. */
AIOT_I_FN inline bool aiot_i_may_be_member(const aiot_awaitable *a, const aiot_loop *loop)
{
    return a != NULL && (a->loop != NULL ? a->loop == loop : aiot_i_done(a));
}

AIOT_I_FN AIOT_I_COLD void aiot_i_wait_add(aiot_wait_state *set, aiot_awaitable *a)
{
    if (set->count == set->capacity || !aiot_i_may_be_member(a, set->task->loop)) { set->refused = true; return; }
    aiot_i_member *member = &set->members[set->count++];
    aiot_i_member_init(member, a, set, aiot_i_wait_member);
    member->call.entry.flags |= AIOT_I_LOOKS_ON;
}

AIOT_I_FN inline void aiot_i_wait_add_array(aiot_wait_state *set, aiot_awaitable *const *array, size_t count)
{
    if (count > set->capacity) set->refused = true;
    else for (size_t i = 0; i < count; i++) aiot_i_wait_add(set, array[i]);
}

AIOT_I_FN AIOT_I_COLD bool aiot_i_wait_start(aiot_wait_state *set, aiot_time limit_ns)
{
    aiot_loop *loop = set->task->loop;
    if (set->refused || set->count == 0 || aiot_i_is_too_long(limit_ns)) {
        aiot_i_set_error(set->task, AIOT_EINVAL, NULL);
        return false;
    }
    set->timer.entry.u.when = aiot_i_deadline(loop, limit_ns);
    if (set->timer.entry.u.when != AIOT_FOREVER) aiot_i_timers_insert(&loop->timers, &set->timer.entry, loop->now);
    set->unfinished = aiot_i_find_repeated(set->members, set->count, loop);
    for (unsigned i = 0; i < set->count; i++)
        if (!set->members[i].repeated) aiot_i_watch(loop, set->members[i].target, &set->members[i].call);
    aiot_i_park(set->task);
    return true;
}

AIOT_I_FN AIOT_I_COLD void aiot_i_wait_end(aiot_wait_state *set)
{
    aiot_loop *loop = set->task->loop;
    aiot_i_dequeue(loop, &set->timer);
    for (unsigned i = 0; i < set->count; i++) {
        aiot_i_member *member = &set->members[i];
        member->done = member->repeated ? ((aiot_i_member *)member->owner)->done : !(member->call.entry.flags & AIOT_I_IN_WAITERS);
        if (member->done && member->call.entry.link.next && --set->unfinished > 0 && set->mode == AIOT_FIRST_EXCEPTION)
            aiot_i_collect_end(member->target, &member->call);          /* in this very turn: asyncio's callback asks for it all the same */
        aiot_i_dequeue(loop, &member->call);
        if (!member->repeated) set->done += member->done;
    }
    set->is_over = true;
}

/* GATHER.  asyncio.gather(): all members, whose coroutines are spawned before it; it is itself an awaitable.
 *     AIOT_GATHER(&self->all, &self->t1, &self->t2)      waits for all; the first error comes out at once, the others run on
 *     AIOT_GATHER_ALL(&self->all, ...)                   return_exceptions=True: waits for all and raises nothing for them
 *     aiot_gather(&self->all, ...)                       only makes it, to be joined, limited, shielded or gathered later
 * Each with an _ARRAY form: (set, array, count).  Values and errors are read from the members.  Cancelling it cancels every
 * unfinished member; it then ends as the first member that ends cancelled or in error, or, if none does, and always with ALL, in
 * AIOT_ECANCELED, with the last.
 * Members abandoned by an error, or by the limit of a wait, run on: their memory must outlive the waiter.  The set lives
 * until the gather is done. */
#define AIOT_GATHER_SET(n) \
    struct { union { aiot_awaitable awaitable, awaitable_is_a_task_future_gather_or_shield; aiot_gather gather; }; aiot_i_member members[n]; }

#define AIOT_GATHER(set, ...) \
    do { aiot_i_gather_written(set, false, __VA_ARGS__) AIOT_JOIN(set); } while (0)
#define AIOT_GATHER_ALL(set, ...) \
    do { aiot_i_gather_written(set, true, __VA_ARGS__) AIOT_JOIN(set); } while (0)
#define AIOT_GATHER_ARRAY(set, array, count) \
    do { aiot_gather_array(set, array, count); AIOT_JOIN(set); } while (0)
#define AIOT_GATHER_ALL_ARRAY(set, array, count) \
    do { aiot_gather_all_array(set, array, count); AIOT_JOIN(set); } while (0)

#define aiot_gather(set, ...) do { aiot_i_gather_written(set, false, __VA_ARGS__) } while (0)
#define aiot_gather_all(set, ...) do { aiot_i_gather_written(set, true, __VA_ARGS__) } while (0)
#define aiot_gather_array(set, array, count) aiot_i_gather_array(set, false, array, count)
#define aiot_gather_all_array(set, array, count) aiot_i_gather_array(set, true, array, count)
#define aiot_i_gather_array(set, all, array, count_) \
    (AIOT_I_CHECK_NOT_JOINED(set, "gathers with an AIOT_GATHER_SET"), \
     aiot_i_gather_begin(&(set)->gather, (set)->members, AIOT_I_CAPACITY(set), all), \
     aiot_i_gather_add_array(&(set)->gather, array, count_), \
     AIOT_I_CHECK_MEMBERS((set)->awaitable.entry.code == 0, (aiot_task *)NULL), \
     aiot_i_gather_start(&(set)->gather, AIOT_I_RUNNER))

#define AIOT_I_CHECK_NOT_JOINED(set, what) \
    AIOT_I_PANIC_UNLESS(!aiot_i_is_joined(&(set)->awaitable), __FILE__, __LINE__, (aiot_task *)NULL, \
                        what " that a task waits for: it would wait for ever")
#if AIOT_DEBUG
AIOT_I_FN AIOT_I_COLD bool aiot_i_is_joined(const aiot_awaitable *a)
{
    const aiot_i_link *link = a->waiters;
    if (link) do if (((const aiot_i_entry *)(const void *)link)->kind == AIOT_I_WAITING) return true;
    while ((link = link->next) != a->waiters);
    return false;
}
#endif
#define aiot_i_gather_written(set, all, ...) \
    AIOT_I_STATIC_ASSERT(sizeof #__VA_ARGS__ > 1, "too few arguments: AIOT_GATHER(&set, &task, ...)"); \
    AIOT_I_STATIC_ASSERT(AIOT_I_COUNT(__VA_ARGS__) <= AIOT_I_CAPACITY(set), "more members than the AIOT_GATHER_SET has room for"); \
    AIOT_I_CHECK_NOT_JOINED(set, "gathers with an AIOT_GATHER_SET"); \
    aiot_i_gather_begin(&(set)->gather, (set)->members, AIOT_I_CAPACITY(set), all); \
    AIOT_I_EACH(AIOT_I_GATHER_ADD, set, __VA_ARGS__) \
    AIOT_I_CHECK_MEMBERS((set)->awaitable.entry.code == 0, (aiot_task *)NULL); \
    aiot_i_gather_start(&(set)->gather, AIOT_I_RUNNER);
#define AIOT_I_GATHER_ADD(set, x) aiot_i_gather_add(&(set)->gather, AIOT_AWAITABLE(x));

/* Takes its links away from the members that run on.  asyncio leaves them there, to drop the members' errors. */
AIOT_I_FN AIOT_I_COLD void aiot_i_gather_let_go(aiot_gather *gather)
{
    for (unsigned i = 0; i < gather->count; i++) {
        aiot_i_call *call = &gather->members[i].call;
#if AIOT_I_TELLS
        aiot_awaitable *a = gather->members[i].target;
        if ((call->entry.flags & AIOT_I_IN_WAITERS) && aiot_i_is_task(a)) a->entry.flags |= AIOT_I_TAKEN;
#endif
        aiot_i_dequeue(gather->awaitable.loop, call);
    }
}

AIOT_I_FN AIOT_I_COLD void aiot_i_gather_end(aiot_gather *gather, int code, const void *info)
{
    aiot_i_gather_let_go(gather);
    aiot_i_complete(&gather->awaitable, code, info, AIOT_I_DONE);
}

AIOT_I_FN AIOT_I_COLD void aiot_i_gather_one_ended(aiot_gather *gather, aiot_i_member *member)
{
    aiot_awaitable *ended = member->target;
    int code = member->call.entry.code;
    aiot_i_collect_end(ended, &member->call);
    if (aiot_i_done(&gather->awaitable)) return;
    gather->unfinished--;
    if (!gather->return_exceptions && code != 0)
        aiot_i_gather_end(gather, code, aiot_i_take_end_info(ended, &member->call));
    else if (gather->unfinished == 0 && (gather->awaitable.entry.flags & AIOT_I_ASKED)) {
        aiot_awaitable *last = gather->members[gather->count - 1].target;       /* asyncio: whichever was given last */
        aiot_i_gather_end(gather, AIOT_ECANCELED, aiot_i_cancelled(last) ? aiot_i_take_info(last) : NULL);
    } else if (gather->unfinished == 0)
        aiot_i_gather_end(gather, 0, NULL);
}

AIOT_I_FN inline void aiot_i_gather_run(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_member *member = AIOT_I_CONTAINER(call, aiot_i_member, call);
    (void)loop;
    aiot_i_gather_one_ended((aiot_gather *)member->owner, member);
}

AIOT_I_FN AIOT_I_COLD void aiot_i_gather_begin(aiot_gather *gather, aiot_i_member *members, size_t capacity, bool return_exceptions)
{
    if (gather->awaitable.entry.kind == AIOT_I_GATHER && !aiot_i_done(&gather->awaitable)) aiot_i_gather_let_go(gather);    /* used again */
    aiot_i_awaitable_init(&gather->awaitable, NULL, AIOT_I_GATHER);
    gather->members = members;
    gather->capacity = (unsigned)capacity;
    gather->count = gather->unfinished = gather->cursor = 0;
    gather->return_exceptions = return_exceptions;
}

AIOT_I_FN AIOT_I_COLD void aiot_i_gather_add(aiot_gather *gather, aiot_awaitable *a)
{
    aiot_loop *loop = gather->awaitable.loop ? gather->awaitable.loop : a ? a->loop : NULL;
    if (gather->count == gather->capacity || !aiot_i_may_be_member(a, loop) || a == &gather->awaitable) {
        gather->awaitable.entry.code = AIOT_EINVAL;             /* said by start */
        return;
    }
    gather->awaitable.loop = loop;
    aiot_i_member *member = &gather->members[gather->count++];
    aiot_i_member_init(member, a, gather, aiot_i_gather_run);
    if (!gather->return_exceptions) member->call.entry.flags |= AIOT_I_MESSAGE;
}

AIOT_I_FN inline void aiot_i_gather_add_array(aiot_gather *gather, aiot_awaitable *const *array, size_t count)
{
    if (count > gather->capacity) gather->awaitable.entry.code = AIOT_EINVAL;
    else for (size_t i = 0; i < count; i++) aiot_i_gather_add(gather, array[i]);
}

/* runner: the task that makes it, or NULL; one of nothing has its loop. */
AIOT_I_FN AIOT_I_COLD void aiot_i_gather_start(aiot_gather *gather, const aiot_task *runner)
{
    if (gather->awaitable.loop == NULL && runner) gather->awaitable.loop = runner->loop;
    if (gather->awaitable.entry.code != 0 || gather->count == 0) {
        aiot_i_gather_end(gather, gather->awaitable.entry.code, NULL);
        return;
    }
    gather->unfinished = aiot_i_find_repeated(gather->members, gather->count, gather->awaitable.loop);
    for (unsigned i = 0; i < gather->count; i++) {
        aiot_i_member *member = &gather->members[i];
        if (!member->repeated && !aiot_i_done(member->target)) aiot_i_watch(gather->awaitable.loop, member->target, &member->call);
    }
    for (unsigned i = 0; i < gather->count; i++) {              /* what is done already counts at once */
        aiot_i_member *member = &gather->members[i];
        if (member->repeated || !aiot_i_done(member->target)) continue;
        aiot_i_keep_end(&member->call.entry, member->target);
        aiot_i_gather_one_ended(gather, member);
    }
}

/* SHIELD.  asyncio.shield(x): an awaitable that ends as x does, but whose cancellation leaves x alone.  An error of x after that
 * goes to the loop's handler, in the turn after.
 *     AIOT_SHIELD(&self->guard, &self->t)                makes and joins it
 *     aiot_shield(&self->guard, &self->t)                only makes it, for AIOT_JOIN_FOR, AIOT_WAIT, gather
 * The object, zeroed before its first use, and x outlive the waiter: x until the turn after its end is over, the object a turn longer.
 * Once nobody waits for it, the object may be used again for the same x meanwhile. */
typedef struct aiot_shield {
    aiot_awaitable  awaitable;
    aiot_i_call     inner_done;                 /* in the waiters of x */
    aiot_i_call     outer_done;                 /* first in the waiters of the shield itself */
    aiot_i_call     late;                       /* in the waiters of x, once the shield was cancelled: reports its error */
    aiot_awaitable *inner;
} aiot_shield;

#define AIOT_SHIELD(s, x) do { aiot_shield(s, x); AIOT_JOIN(s); } while (0)
#define aiot_shield(s, x) \
    (AIOT_I_CHECK_NOT_JOINED(s, "shields with an aiot_shield"), aiot_i_shield(s, AIOT_I_SHIELDED(AIOT_AWAITABLE(x))))
#if AIOT_DEBUG
AIOT_I_FN AIOT_I_COLD aiot_awaitable *aiot_i_shielded(aiot_awaitable *inner, const char *file, unsigned line)
{
    AIOT_I_COMPLAIN_UNLESS(inner != NULL && aiot_i_is_made(inner), file, line, (aiot_task *)NULL,
                           "shields NULL, or what was never started or initialised");
    return inner;
}
#define AIOT_I_SHIELDED(inner) aiot_i_shielded(inner, __FILE__, __LINE__)
#else
#define AIOT_I_SHIELDED(inner) (inner)
#endif

AIOT_I_FN inline void aiot_i_shield_inner_done(aiot_loop *loop, aiot_i_call *call)
{
    aiot_shield *s = AIOT_I_CONTAINER(call, aiot_shield, inner_done);
    (void)loop;
    if (aiot_i_done(&s->awaitable)) {           /* cancelled in the same turn: it takes nothing */
        if (s->inner->entry.kind == AIOT_I_UNCOLLECTED) s->inner->entry.flags &= (unsigned char)~AIOT_I_TAKEN;
        return;
    }
    aiot_i_collect_end(s->inner, call);
    unsigned cancelled = call->entry.flags & AIOT_I_CANCELLED;
    aiot_i_complete(&s->awaitable, call->entry.code, cancelled ? NULL : call->entry.u.info, AIOT_I_DONE | cancelled);
}

AIOT_I_FN inline void aiot_i_shield_late(aiot_loop *loop, aiot_i_call *call)
{
    aiot_awaitable *inner = AIOT_I_CONTAINER(call, aiot_shield, late)->inner;
    if (aiot_i_told_of_error(call))
        aiot_i_report(loop, AIOT_REPORT_SHIELD, call->entry.code, call->entry.u.info,
                      aiot_i_is_task(inner) ? AIOT_I_CONTAINER(inner, aiot_task, awaitable) : NULL);
}

/* However many shields a task had: one report of its error, in the place of the shield that was given up last.  Looks from the end, where
 * the other one is if many are given up at once. */
AIOT_I_FN AIOT_I_COLD void aiot_i_shield_only_one_late(aiot_loop *loop, aiot_awaitable *inner)
{
    aiot_i_link *link = inner->waiters;
    if (link) do {
        link = link->prev;
        aiot_i_call *call = AIOT_I_CONTAINER(link, aiot_i_call, entry.link);
        if (call->entry.kind != AIOT_I_CALL || call->run != aiot_i_shield_late) continue;
        aiot_i_dequeue(loop, call);
        return;
    } while (link != inner->waiters);
}

AIOT_I_FN inline void aiot_i_shield_outer_done(aiot_loop *loop, aiot_i_call *call)
{
    aiot_shield *s = AIOT_I_CONTAINER(call, aiot_shield, outer_done);
    if (!(s->inner_done.entry.flags & AIOT_I_IN_WAITERS)) return;       /* what it shields has ended, and may have been started again */
    aiot_i_dequeue(loop, &s->inner_done);
    aiot_i_shield_only_one_late(loop, s->inner);
    aiot_i_call_init(&s->late, aiot_i_shield_late);
    aiot_i_watch(loop, s->inner, &s->late);
}

AIOT_I_FN AIOT_I_COLD void aiot_i_shield(aiot_shield *s, aiot_awaitable *inner)
{
    aiot_loop *loop = inner ? inner->loop : NULL;
    if (s->awaitable.loop) {                    /* used before: its links may still be in queues */
        bool given_up = s->inner == inner && s->outer_done.entry.link.next && !(s->outer_done.entry.flags & AIOT_I_IN_WAITERS);
        if (given_up) aiot_i_shield_outer_done(s->awaitable.loop, &s->outer_done);              /* in this very turn */
        aiot_i_dequeue(s->awaitable.loop, &s->inner_done);
        aiot_i_dequeue(s->awaitable.loop, &s->outer_done);
        if (s->inner != inner) aiot_i_dequeue(s->awaitable.loop, &s->late);
    }
    aiot_i_awaitable_init(&s->awaitable, loop, AIOT_I_FUTURE);
    if (inner == NULL || !aiot_i_is_made(inner)) {
        aiot_i_complete(&s->awaitable, AIOT_ERUNTIME, NULL, AIOT_I_DONE);
        return;
    }
    aiot_i_call_init(&s->inner_done, aiot_i_shield_inner_done);
    s->inner_done.entry.flags |= AIOT_I_MAY_TAKE;
    aiot_i_call_init(&s->outer_done, aiot_i_shield_outer_done);
    s->inner = inner;
    if (aiot_i_done(inner)) {                   /* asyncio hands out the inner one itself */
        aiot_i_complete(&s->awaitable, inner->entry.code, aiot_i_take_info(inner), inner->entry.flags & (AIOT_I_DONE | AIOT_I_CANCELLED));
        return;
    }
    aiot_i_watch(loop, inner, &s->inner_done);
    aiot_i_watch(loop, &s->awaitable, &s->outer_done);
}

/* ============================================================================================================= [13]
 * EVENT, LOCK, CONDITION, SEMAPHORE, BARRIER, QUEUE.  A zeroed one is idle, except where an init is named.  Each wait takes an
 * aiot_waiter of the caller's, which may be used again as soon as the wait is over: one in a frame serves all its waits.
 *
 * As in asyncio, a waiter stays in its primitive's list until its task runs again, woken or cancelled (of a queue: until woken), because
 * its place there decides what others may do meanwhile: nobody overtakes one that has been woken, and what a cancelled one was given goes
 * to the next.  PENDING and its task parked: it waits.  PENDING and its task not parked: its wait was cancelled.  WOKEN: it was given
 * what it waits for.  The order is FIFO.  Waking is O(1), but where asyncio, too, passes those that were woken or cancelled and have not
 * yet run: a semaphore's release and a condition's notify, and a lock's or a semaphore's acquire.  So 2 000 releases in the turn in which
 * 70 000 waiters were cancelled pass 140 million of them.
 *
 * Every wait also exists as a coroutine, to be spawned, gathered or given to AIOT_WAIT_FOR: struct aiot_event_wait and so on; but for
 * AIOT_CONDITION_WAIT_FOR, whose predicate is an expression. */
typedef struct aiot_waiter {
    aiot_i_link   link;
    aiot_task    *task;
    aiot_error    error;                        /* condition: what it ends with, once it has its lock again */
    unsigned char state, step;
    int           index;                        /* barrier: its place */
} aiot_waiter;

enum { AIOT_I_PENDING_WAITER, AIOT_I_WOKEN };

AIOT_I_FN inline aiot_waiter *aiot_i_waiter_of(aiot_i_link *link) { return (aiot_waiter *)(void *)link; }
AIOT_I_FN inline bool aiot_i_waits(const aiot_waiter *w)
{
    return w->state == AIOT_I_PENDING_WAITER && w->task->awaitable.entry.kind == AIOT_I_PARKED;
}
AIOT_I_FN inline bool aiot_i_wait_cancelled(const aiot_waiter *w) { return w->state == AIOT_I_PENDING_WAITER && !aiot_i_waits(w); }

AIOT_I_FN inline void aiot_i_enqueue(aiot_i_link *list, aiot_waiter *w, aiot_task *task)
{
    if (list->next == NULL) aiot_i_list_init(list);             /* zeroed */
    w->task = task;
    w->state = AIOT_I_PENDING_WAITER;
    aiot_i_append(list, &w->link);
    aiot_i_park(task);
}

AIOT_I_FN inline void aiot_i_give(aiot_waiter *w)
{
    w->state = AIOT_I_WOKEN;
    aiot_i_unpark(w->task);
}

/* Wakes the first n that still wait. */
AIOT_I_FN inline void aiot_i_give_to(aiot_i_link *list, size_t n)
{
    if (list->next == NULL) return;
    for (aiot_i_link *link = list->next; link != list && n > 0; link = link->next)
        if (aiot_i_waits(aiot_i_waiter_of(link))) { aiot_i_give(aiot_i_waiter_of(link)); n--; }
}

/* An empty line, or one in which nobody has waited yet. */
AIOT_I_FN inline bool aiot_i_no_waiters(const aiot_i_link *line) { return line->next == NULL || line->next == line; }

/* The first waiter that still waits, or NULL. */
AIOT_I_FN AIOT_I_COLD aiot_waiter *aiot_i_first_waiting(aiot_i_link *list)
{
    if (list->next != NULL)
        for (aiot_i_link *link = list->next; link != list; link = link->next)
            if (aiot_i_waits(aiot_i_waiter_of(link))) return aiot_i_waiter_of(link);
    return NULL;
}

/* Is there one whose wait was not cancelled: waiting, or woken and not yet run? */
AIOT_I_FN AIOT_I_COLD bool aiot_i_anyone(const aiot_i_link *list)
{
    if (list->next != NULL)
        for (const aiot_i_link *link = list->next; link != list; link = link->next)
            if (!aiot_i_wait_cancelled((const aiot_waiter *)(const void *)link)) return true;
    return false;
}

/* A wait of several steps: step_call is made at each wake, until it is false. */
#define AIOT_I_STEPS(n, w, step_call) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_FIRST_STEP(w); \
        while (step_call) { AIOT_I_SUSPEND(n) (void)0; } \
        AIOT_I_PROPAGATE() \
    } while (0)
#define AIOT_I_FIRST_STEP(w) \
    (AIOT_I_CHECK_KEPT(w, "waits with an aiot_waiter that"), \
     AIOT_I_PANIC_UNLESS((w)->link.next == NULL, __FILE__, __LINE__, task, \
                         "waits with an aiot_waiter with which a task waits already, or that was not zeroed before its first use"), \
     (void)((w)->step = 0))

/* For what coroutines of this header complain of: where they are awaited; 0 if they are tasks. */
#define AIOT_I_LINE_OF_AWAIT (AIOT_I_SELF->flags & AIOT_I_ROOT ? 0 : AIOT_I_LINE(AIOT_I_SELF->up.frame))

/* EVENT.  asyncio.Event.  set() wakes all who wait, even if clear() follows before they run; waiting for one that is set takes no
 * turn.  A cancelled waiter just leaves. */
typedef struct aiot_event { aiot_i_link waiters; bool is_set; } aiot_event;

#define AIOT_EVENT_WAIT(event, w) \
    AIOT_I_STEPS(AIOT_I_LABEL, w, (AIOT_I_CHECK_KEPT(event, "waits for an event that"), aiot_i_event_step(event, w, task)))
AIOT_I_FN inline bool aiot_event_is_set(const aiot_event *event) { return event->is_set; }
AIOT_I_FN inline void aiot_event_clear(aiot_event *event) { event->is_set = false; }

AIOT_I_FN inline void aiot_event_set(aiot_event *event)
{
    if (event->is_set) return;
    event->is_set = true;
    aiot_i_give_to(&event->waiters, SIZE_MAX);
}

AIOT_I_FN inline bool aiot_i_event_step(aiot_event *event, aiot_waiter *w, aiot_task *task)
{
    if (w->step++ == 0) {
        if (event->is_set) return false;
        aiot_i_enqueue(&event->waiters, w, task);
        return true;
    }
    aiot_i_unlink(&w->link);
    return false;
}

/* LOCK.  asyncio.Lock: FIFO, owned by nobody in particular.
 *     AIOT_LOCK(&lock, &self->w) { ... }          released on every way out
 *     AIOT_LOCK_ACQUIRE(&lock, &self->w)          and aiot_lock_release(): AIOT_ERUNTIME if it is not locked
 * A waiter cancelled after the lock was released for it passes it on. */
typedef struct aiot_lock { aiot_i_link waiters; bool is_locked; } aiot_lock;

#define AIOT_LOCK_ACQUIRE(lock, w) AIOT_I_STEPS(AIOT_I_LABEL, w, AIOT_I_LOCK_STEP(lock, w))
#define AIOT_LOCK(lock, w) AIOT_I_HOLD(AIOT_I_LABEL, AIOT_I_LABEL, w, AIOT_I_LOCK_STEP(lock, w), aiot_lock_release(lock))
#define AIOT_I_LOCK_STEP(lock, w) (AIOT_I_CHECK_KEPT(lock, "waits for a lock that"), aiot_i_lock_step(lock, w, task))
AIOT_I_FN inline bool aiot_lock_locked(const aiot_lock *lock) { return lock->is_locked; }

AIOT_I_FN inline void aiot_i_lock_wake_first(aiot_lock *lock)      /* the first in the list, if it waits: else somebody is on the way */
{
    if (aiot_i_no_waiters(&lock->waiters)) return;
    if (aiot_i_waits(aiot_i_waiter_of(lock->waiters.next))) aiot_i_give(aiot_i_waiter_of(lock->waiters.next));
}

AIOT_I_FN inline int aiot_lock_release(aiot_lock *lock)
{
    if (!lock->is_locked) return AIOT_ERUNTIME;
    lock->is_locked = false;
    aiot_i_lock_wake_first(lock);
    return 0;
}

AIOT_I_FN inline bool aiot_i_lock_step(aiot_lock *lock, aiot_waiter *w, aiot_task *task)
{
    if (w->step++ == 0) {
        if (lock->is_locked || aiot_i_anyone(&lock->waiters)) {
            aiot_i_enqueue(&lock->waiters, w, task);
            return true;
        }
    } else {
        aiot_i_unlink(&w->link);
        if (task->awaitable.entry.code != 0) {
            if (!lock->is_locked) aiot_i_lock_wake_first(lock);
            return false;
        }
    }
    lock->is_locked = true;
    return false;
}

/* A block around something that is acquired first and released on every way out.  Its acquisition may wait. */
#define AIOT_I_HOLD(n, m, w, step_call, release) \
    AIOT_I_BLOCK(n, AIOT_I_LEAVING) \
    else if (aiot_i_phase == AIOT_I_LEAVING && \
             (AIOT_I_NOTE_WAIT(), (void)aiot_i_released(release, AIOT_I_SELF, AIOT_I_S), \
              aiot_i_phase = AIOT_I_RAISED, 0)) { } /* 0: on to the EXCEPT parts */ \
    else if (aiot_i_phase == AIOT_I_ENTER) { \
        AIOT_I_FIRST_STEP(w); \
        while (step_call) { AIOT_I_SUSPEND(m) (void)0; } \
        aiot_i_phase = aiot_i_held(task, AIOT_I_SELF, AIOT_I_S); \
        aiot_i_go = 0; \
    } \
    else if (aiot_i_phase == AIOT_I_HELD && aiot_i_begin_part(&aiot_i_phase)) \
        AIOT_I_PART((AIOT_I_NOTE_WAIT(), aiot_i_released(release, AIOT_I_SELF, AIOT_I_S)))

AIOT_I_FN inline int aiot_i_held(aiot_task *task, aiot_frame *frame, unsigned slot)
{
    if (task->awaitable.entry.code == 0) return AIOT_I_HELD;
    aiot_i_catch(task, frame, slot);
    return AIOT_I_RAISED;
}

/* A release that fails (somebody else released it meanwhile) is an error of the block. */
AIOT_I_FN inline int aiot_i_released(int error, aiot_frame *frame, unsigned slot)
{
    if (error == 0) return AIOT_I_HANDLED;
    aiot_i_slot(frame, slot)->code = error;
    aiot_i_slot(frame, slot)->info = NULL;
    frame->caught = (unsigned char)slot;
    return AIOT_I_RAISED;
}

/* CONDITION.  asyncio.Condition, with a lock of its own, or one given: aiot_condition_init(&c, &lock); NULL: its own.  The lock that it
 * has is aiot_condition_lock(&c).
 *     AIOT_CONDITION(&c, &self->w) { ... }                         holds its lock
 *     AIOT_CONDITION_WAIT(&c, &self->w)                            gives the lock up, waits to be notified, has the lock again
 *     AIOT_CONDITION_WAIT_FOR(&c, &self->w, self->n > 2)           until the predicate holds, asked again at each wake-up
 *     aiot_condition_notify(&c, n), aiot_condition_notify_all(&c)
 * All but the first need the lock (WAIT_FOR only to wait), else AIOT_ERUNTIME.  A cancelled wait takes its lock back first,
 * however long that takes and whatever cancels come meanwhile, and then raises the last of them; the next waiter is notified instead,
 * even if nobody was, so a plain wait may end without cause: WAIT_FOR asks. */
typedef struct aiot_condition { aiot_i_link waiters; aiot_lock own, *lock; } aiot_condition;

AIOT_I_FN inline void aiot_condition_init(aiot_condition *c, aiot_lock *lock)
{
    c->waiters.next = c->own.waiters.next = NULL;
    c->own.is_locked = false;
    c->lock = lock;
}
AIOT_I_FN inline aiot_lock *aiot_condition_lock(aiot_condition *c) { return c->lock ? c->lock : &c->own; }

#define AIOT_CONDITION_ACQUIRE(c, w) AIOT_LOCK_ACQUIRE(aiot_condition_lock(c), w)
#define AIOT_CONDITION(c, w) AIOT_LOCK(aiot_condition_lock(c), w)
#define AIOT_CONDITION_WAIT(c, w) \
    AIOT_I_STEPS(AIOT_I_LABEL, w, (AIOT_I_CHECK_KEPT(c, "waits for a condition that"), aiot_i_condition_step(c, w, task)))
#define AIOT_CONDITION_WAIT_FOR(c, w, predicate) do { while (!(predicate)) AIOT_CONDITION_WAIT(c, w); } while (0)
AIOT_I_FN inline int aiot_condition_release(aiot_condition *c) { return aiot_lock_release(aiot_condition_lock(c)); }

AIOT_I_FN inline int aiot_condition_notify(aiot_condition *c, size_t n)
{
    if (!aiot_condition_lock(c)->is_locked) return AIOT_ERUNTIME;
    aiot_i_give_to(&c->waiters, n);
    return 0;
}
AIOT_I_FN inline int aiot_condition_notify_all(aiot_condition *c) { return aiot_condition_notify(c, SIZE_MAX); }

AIOT_I_FN AIOT_I_COLD bool aiot_i_condition_step(aiot_condition *c, aiot_waiter *w, aiot_task *task)
{
    enum { AIOT_I_BEGINS, AIOT_I_WAITS_FOR_NOTIFY, AIOT_I_WAITS_FOR_LOCK };
    aiot_lock *lock = aiot_condition_lock(c);
    aiot_i_entry *entry = &task->awaitable.entry;
    if (w->step == AIOT_I_BEGINS) {
        if (!lock->is_locked) {
            aiot_i_set_error(task, AIOT_ERUNTIME, NULL);
            return false;
        }
        w->error.code = 0;
        (void)aiot_lock_release(lock);
        w->step = AIOT_I_WAITS_FOR_NOTIFY;
        aiot_i_enqueue(&c->waiters, w, task);
        return true;
    }
    aiot_i_unlink(&w->link);
    if (entry->code != 0) {                                     /* cancelled: kept until the lock is ours again */
        w->error.code = entry->code;
        w->error.info = entry->u.info;
        entry->code = 0;
        if (w->step == AIOT_I_WAITS_FOR_LOCK && !lock->is_locked) aiot_i_lock_wake_first(lock);
    } else if (w->step == AIOT_I_WAITS_FOR_LOCK) {
        goto ours;                                              /* it was released for this one */
    }
    w->step = AIOT_I_WAITS_FOR_LOCK;
    if (lock->is_locked || aiot_i_anyone(&lock->waiters)) {
        aiot_i_enqueue(&lock->waiters, w, task);
        return true;
    }
ours:
    lock->is_locked = true;
    if (w->error.code != 0) {
        aiot_i_give_to(&c->waiters, 1);                        /* it may have been notified: the next one is, instead */
        aiot_i_set_error(task, w->error.code, w->error.info);
    }
    return false;
}

/* SEMAPHORE.  asyncio.Semaphore and BoundedSemaphore: FIFO; a newcomer does not overtake one that has been woken.
 *     aiot_semaphore_init(&s, n), aiot_bounded_semaphore_init(&s, n)     AIOT_EINVAL for n < 0
 *     AIOT_SEMAPHORE(&s, &self->w) { ... }                               holds a permit
 *     AIOT_SEMAPHORE_ACQUIRE(&s, &self->w), aiot_semaphore_release(&s)   AIOT_EINVAL for a release beyond the bound,
 *                                                                        or beyond LONG_MAX permits
 * A waiter cancelled after a permit was given to it gives it to the next. */
typedef struct aiot_semaphore {
    aiot_i_link waiters;
    long        value, bound;                           /* bound: LONG_MAX if it has no other */
#if AIOT_DEBUG
    bool        initialised;
#endif
} aiot_semaphore;

#define AIOT_SEMAPHORE_ACQUIRE(s, w) AIOT_I_STEPS(AIOT_I_LABEL, w, AIOT_I_SEMAPHORE_STEP(s, w))
#define AIOT_SEMAPHORE(s, w) AIOT_I_HOLD(AIOT_I_LABEL, AIOT_I_LABEL, w, AIOT_I_SEMAPHORE_STEP(s, w), aiot_semaphore_release(s))
#define AIOT_I_SEMAPHORE_STEP(s, w) \
    (AIOT_I_CHECK_KEPT(s, "waits for a semaphore that"), \
     AIOT_I_COMPLAIN_UNLESS((s)->initialised || (w)->step != 0, __FILE__, __LINE__, task, \
                            "waits for a semaphore that was not initialised"), \
     aiot_i_semaphore_step(s, w, task))

#define AIOT_I_LONG_MAX ((long)(~0ul >> 1))
AIOT_I_FN inline int aiot_semaphore_init(aiot_semaphore *s, long value)
{
    if (value < 0) return AIOT_EINVAL;
    s->waiters.next = NULL;
    s->value = value;
    s->bound = AIOT_I_LONG_MAX;
#if AIOT_DEBUG
    s->initialised = true;
#endif
    return 0;
}

AIOT_I_FN inline int aiot_bounded_semaphore_init(aiot_semaphore *s, long value)
{
    int error = aiot_semaphore_init(s, value);
    if (error == 0) s->bound = value;
    return error;
}

/* Would an acquire have to wait? */
AIOT_I_FN inline bool aiot_semaphore_locked(const aiot_semaphore *s) { return s->value == 0 || aiot_i_anyone(&s->waiters); }

AIOT_I_FN inline bool aiot_i_semaphore_wake_next(aiot_semaphore *s)
{
    aiot_waiter *w = aiot_i_first_waiting(&s->waiters);
    if (w == NULL) return false;
    s->value--;
    aiot_i_give(w);
    return true;
}

AIOT_I_FN inline int aiot_semaphore_release(aiot_semaphore *s)
{
    if (s->value >= s->bound) return AIOT_EINVAL;
    s->value++;
    (void)aiot_i_semaphore_wake_next(s);
    return 0;
}

AIOT_I_FN AIOT_I_COLD bool aiot_i_semaphore_step(aiot_semaphore *s, aiot_waiter *w, aiot_task *task)
{
    if (w->step++ == 0) {
        if (!aiot_semaphore_locked(s)) {
            s->value--;
            return false;
        }
        aiot_i_enqueue(&s->waiters, w, task);
        return true;
    }
    aiot_i_unlink(&w->link);
    if (task->awaitable.entry.code != 0 && w->state == AIOT_I_WOKEN && s->value < AIOT_I_LONG_MAX) s->value++;
    while (s->value > 0 && aiot_i_semaphore_wake_next(s)) { }   /* those who had to wait for this one's turn */
    return false;
}

/* BARRIER.  asyncio.Barrier: the n-th to arrive releases all; it can be used again.  Its waits are coroutines, with a frame each.
 *     aiot_barrier_init(&b, parties)              AIOT_EINVAL for parties < 1
 *     AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = &b)      then self->wait.index: the order of arrival, from 0
 *     AIOT_AWAIT(aiot_barrier_reset, ...)         those waiting fail with AIOT_EBROKEN; it can be used again
 *     AIOT_AWAIT(aiot_barrier_abort, ...)         so do all later ones, until it is reset
 *     aiot_barrier_waiting(&b), aiot_barrier_broken(&b)             n_waiting, 0 while it lets them go; broken
 * A cancelled party only lowers the count. */
typedef struct aiot_barrier {
    aiot_condition condition;
    int            parties, count;
    unsigned char  state;
} aiot_barrier;

enum { AIOT_I_FILLING, AIOT_I_DRAINING, AIOT_I_RESETTING, AIOT_I_BROKEN };

AIOT_I_FN inline int aiot_barrier_init(aiot_barrier *b, int parties)
{
    if (parties < 1) return AIOT_EINVAL;
    aiot_condition_init(&b->condition, NULL);
    b->parties = parties;
    b->count = 0;
    b->state = AIOT_I_FILLING;
    return 0;
}
AIOT_I_FN inline bool aiot_barrier_broken(const aiot_barrier *b) { return b->state == AIOT_I_BROKEN; }
AIOT_I_FN inline int aiot_barrier_waiting(const aiot_barrier *b) { return b->state == AIOT_I_FILLING ? b->count : 0; }

struct aiot_barrier_wait { AIOT_FRAME; aiot_barrier *barrier; aiot_waiter w; int index; };
static inline AIOT_CORO(aiot_barrier_wait)
{
    AIOT_BEGIN();
    AIOT_I_COMPLAIN_UNLESS(self->barrier->parties > 0, "aiot_barrier_wait(), awaited in line", AIOT_I_LINE_OF_AWAIT, task,
                           "waits at a barrier that was not initialised");
    if (self->barrier->parties < 1) AIOT_RAISE(AIOT_EINVAL);
    AIOT_CONDITION(&self->barrier->condition, &self->w) {
        AIOT_CONDITION_WAIT_FOR(&self->barrier->condition, &self->w,
            self->barrier->state != AIOT_I_DRAINING && self->barrier->state != AIOT_I_RESETTING);
        if (self->barrier->state == AIOT_I_BROKEN) AIOT_RAISE(AIOT_EBROKEN);
        AIOT_TRY {
            self->index = self->barrier->count++;
            if (self->index + 1 == self->barrier->parties) {
                self->barrier->state = AIOT_I_DRAINING;
                (void)aiot_condition_notify_all(&self->barrier->condition);
            } else {
                AIOT_CONDITION_WAIT_FOR(&self->barrier->condition, &self->w, self->barrier->state != AIOT_I_FILLING);
                if (self->barrier->state != AIOT_I_DRAINING) AIOT_RAISE(AIOT_EBROKEN);
            }
        } AIOT_FINALLY {
            if (--self->barrier->count == 0) {
                if (self->barrier->state != AIOT_I_BROKEN) self->barrier->state = AIOT_I_FILLING;
                (void)aiot_condition_notify_all(&self->barrier->condition);
            }
        }
    }
    AIOT_END();
}

struct aiot_barrier_reset { AIOT_FRAME; aiot_barrier *barrier; aiot_waiter w; };
static inline AIOT_CORO(aiot_barrier_reset)
{
    AIOT_BEGIN();
    AIOT_CONDITION(&self->barrier->condition, &self->w) {
        self->barrier->state = self->barrier->count > 0 ? AIOT_I_RESETTING : AIOT_I_FILLING;
        (void)aiot_condition_notify_all(&self->barrier->condition);
    }
    AIOT_END();
}

struct aiot_barrier_abort { AIOT_FRAME; aiot_barrier *barrier; aiot_waiter w; };
static inline AIOT_CORO(aiot_barrier_abort)
{
    AIOT_BEGIN();
    AIOT_CONDITION(&self->barrier->condition, &self->w) {
        self->barrier->state = AIOT_I_BROKEN;
        (void)aiot_condition_notify_all(&self->barrier->condition);
    }
    AIOT_END();
}

/* QUEUE.  asyncio.Queue, LifoQueue and PriorityQueue, over an array of the caller's, which bounds it.
 *     int items[16]; aiot_queue q;
 *     aiot_queue_init(&q, items); aiot_lifo_queue_init(&q, items);
 *     aiot_priority_queue_init(&q, items, less)   bool less(const void *a, const void *b): is item a to come before item b?
 *     aiot_queue_init_array(&q, pointer, count)   over memory that is no array; for the others likewise.  All return 0; or AIOT_EINVAL
 *                                                 for NULL and for a count of 0, below 0, or of more bytes than memory can have:
 *                                                 then, and before any init, puts, gets and joins answer AIOT_EINVAL, too
 *     AIOT_QUEUE_PUT(&q, &self->w, &self->item)   waits while full       aiot_queue_put_nowait(&q, &item)   AIOT_EFULL
 *     AIOT_QUEUE_GET(&q, &self->w, &self->item)   waits while empty      aiot_queue_get_nowait(&q, &item)   AIOT_EEMPTY
 *     AIOT_QUEUE_JOIN(&q, &self->w)               until task_done() was said of every item; aiot_queue_task_done(&q): AIOT_EINVAL if
 *                                                 too often
 *     aiot_queue_shutdown(&q, immediate)          puts fail with AIOT_ESHUTDOWN; gets serve the rest first, unless immediate
 * Items are copied in and out.  A put that waits copies its item only when there is room, so the item lives in the frame.  An item of
 * another size than the array's is refused with AIOT_EINVAL.  The array lives as long as the queue.  A put or get that is
 * cancelled leaves no trace: its item stays with the caller or in the queue, and a slot or an item that came for it goes to
 * the next in line. */
typedef struct aiot_queue {
    aiot_i_link    getters, putters;
    aiot_event     finished;
    unsigned char *items;
    size_t         item_size, capacity, first, count, unfinished;
    bool         (*less)(const void *a, const void *b);         /* priority queues */
    bool           is_lifo, is_shutdown;
} aiot_queue;

#ifdef __cplusplus
extern "C++" {
template <typename T> constexpr size_t aiot_i_item_size(const T &)
{
    static_assert(__is_trivially_copyable(T), "items are copied as bytes: not what has a destructor, or copies in a way of its own");
    return sizeof(T);
}
}
#define AIOT_I_ITEM_SIZE(item) aiot_i_item_size(item)
#else
#define AIOT_I_ITEM_SIZE(item) sizeof(item)
#endif
#if defined __GNUC__ && !defined __cplusplus
#define AIOT_I_LENGTH(array) (sizeof (array) / sizeof (array)[0] + \
    AIOT_I_ASSERTED(!__builtin_types_compatible_p(__typeof__(array), __typeof__(&(array)[0])), \
        "a pointer is no array: the _array form takes the number of items, too"))
#elif defined __cplusplus
extern "C++" { template <typename T, size_t n> constexpr size_t aiot_i_length_of_array(const T (&)[n]) { return n; } }
#define AIOT_I_LENGTH(array) aiot_i_length_of_array(array)
#else
#define AIOT_I_LENGTH(array) (sizeof (array) / sizeof (array)[0])
#endif

#define aiot_queue_init(q, array) aiot_queue_init_array(q, array, AIOT_I_LENGTH(array))
#define aiot_lifo_queue_init(q, array) aiot_lifo_queue_init_array(q, array, AIOT_I_LENGTH(array))
#define aiot_priority_queue_init(q, array, less) aiot_priority_queue_init_array(q, array, AIOT_I_LENGTH(array), less)
#define aiot_queue_init_array(q, items, count) \
    aiot_i_queue_init(q, items, AIOT_I_ITEM_SIZE((items)[0]), AIOT_I_ITEMS_THAT_FIT(items, count), false, NULL)
#define aiot_lifo_queue_init_array(q, items, count) \
    aiot_i_queue_init(q, items, AIOT_I_ITEM_SIZE((items)[0]), AIOT_I_ITEMS_THAT_FIT(items, count), true, NULL)
#define aiot_priority_queue_init_array(q, items, count, less) \
    aiot_i_queue_init(q, items, AIOT_I_ITEM_SIZE((items)[0]), AIOT_I_ITEMS_THAT_FIT(items, count), false, less)
#if defined __GNUC__ && defined __OPTIMIZE__ && (!defined __clang__ || __clang_major__ >= 14)    /* else gcc asks before it knows */
#ifdef __cplusplus
extern "C"
#endif
void aiot_i_more_items_than_there_are(void) __attribute__((error("more items than the array has: the count is not sizeof the array")));
#define AIOT_I_ITEMS(items, count) \
    (__builtin_constant_p(count) && (size_t)(count) > __builtin_object_size(items, 1) / sizeof (items)[0] \
        ? aiot_i_more_items_than_there_are() : (void)0, (count))
#else
#define AIOT_I_ITEMS(items, count) (count)
#endif
#define AIOT_I_ITEMS_THAT_FIT(items, count) aiot_i_at_most(AIOT_I_ITEMS(items, count), SIZE_MAX / 2 / sizeof (items)[0])
AIOT_I_FN inline size_t aiot_i_at_most(size_t count, size_t most) { return count <= most ? count : 0; }

#define AIOT_QUEUE_PUT(q, w, item) \
    AIOT_I_STEPS(AIOT_I_LABEL, w, \
        AIOT_I_OF_QUEUE(q, sizeof *(item), aiot_i_queue_put_step(q, w, task, item, sizeof *(item))) && AIOT_I_ITEM_IS_KEPT(item))
#define AIOT_I_OF_QUEUE(q, size, step) \
    (AIOT_I_CHECK_KEPT(q, "waits for a queue that"), (void)AIOT_I_QUEUE(q, size, task, __FILE__, __LINE__), \
     AIOT_I_PANIC_UNLESS(!aiot_i_is_local(task->loop, (q)->items), __FILE__, __LINE__, task, \
                         "waits for a queue whose array is a C local, which dies at the next wait"), step)
#define AIOT_I_ITEM_IS_KEPT(item) (AIOT_I_CHECK_KEPT(item, "waits until there is room in a queue for an item that"), true)
#define AIOT_QUEUE_GET(q, w, item) \
    AIOT_I_STEPS(AIOT_I_LABEL, w, AIOT_I_OF_QUEUE(q, sizeof *(item), aiot_i_queue_get_step(q, w, task, item, sizeof *(item))))
#define AIOT_QUEUE_JOIN(q, w) \
    AIOT_I_STEPS(AIOT_I_LABEL, w, AIOT_I_OF_QUEUE(q, (q)->item_size, aiot_i_queue_join_step(q, w, task)))
#define aiot_queue_put_nowait(q, ...)           /* &(struct item){ 1, 2 } has commas */ \
    aiot_i_queue_put(AIOT_I_QUEUE(q, sizeof *(__VA_ARGS__), NULL, __FILE__, __LINE__), __VA_ARGS__, sizeof *(__VA_ARGS__))
#define aiot_queue_get_nowait(q, item) \
    aiot_i_queue_get(AIOT_I_QUEUE(q, sizeof *(item), NULL, __FILE__, __LINE__), item, sizeof *(item))

#if AIOT_DEBUG
AIOT_I_FN AIOT_I_COLD aiot_queue *aiot_i_queue_checked(aiot_queue *q, size_t size, const aiot_task *task, const char *file, unsigned line)
{
    AIOT_I_PANIC_UNLESS(q != NULL, file, line, task, "uses a queue that is NULL");
    AIOT_I_COMPLAIN_UNLESS(q->capacity > 0, file, line, task, "uses a queue that was not initialised, or whose init was refused");
    AIOT_I_COMPLAIN_UNLESS(q->capacity == 0 || q->item_size == size, file, line, task,
                           "puts or gets an item of another size than the queue's items");
    return q;
}
AIOT_I_FN inline aiot_queue *aiot_i_queue_of_any_size(aiot_queue *q, const char *file, unsigned line)
{
    return aiot_i_queue_checked(q, q ? q->item_size : 0, NULL, file, line);
}
#define AIOT_I_QUEUE(q, size, task, file, line) aiot_i_queue_checked(q, size, task, file, line)
#else
#define AIOT_I_QUEUE(q, size, task, file, line) (q)
#endif
AIOT_I_FN inline size_t aiot_queue_size(const aiot_queue *q) { return q->count; }
AIOT_I_FN inline bool aiot_queue_empty(const aiot_queue *q) { return q->count == 0; }
AIOT_I_FN inline bool aiot_queue_full(const aiot_queue *q) { return q->count == q->capacity; }

AIOT_I_FN inline int aiot_i_queue_init(aiot_queue *q, void *items, size_t item_size, size_t capacity, bool is_lifo,
                                       bool (*less)(const void *, const void *))
{
    q->getters.next = q->putters.next = q->finished.waiters.next = NULL;
    q->finished.is_set = true;
    q->items = (unsigned char *)items;
    q->item_size = item_size;
    q->capacity = items ? capacity : 0;         /* 0: refused */
    q->first = q->count = q->unfinished = 0;
    q->less = less;
    q->is_lifo = is_lifo;
    q->is_shutdown = false;
    return q->capacity > 0 ? 0 : AIOT_EINVAL;
}

AIOT_I_FN inline bool aiot_i_queue_takes(const aiot_queue *q, size_t size) { return size == q->item_size && q->capacity > 0; }

AIOT_I_FN inline void aiot_i_copy(void *to, const void *from, size_t size)
{
    unsigned char *t = (unsigned char *)to;
    const unsigned char *f = (const unsigned char *)from;
    while (size--) *t++ = *f++;
}

AIOT_I_FN inline unsigned char *aiot_i_queue_item(const aiot_queue *q, size_t index)      /* from the oldest, or the heap's root */
{
    size_t at = q->first + index;
    return q->items + (at < q->capacity ? at : at - q->capacity) * q->item_size;
}

AIOT_I_FN inline void aiot_i_queue_swap(aiot_queue *q, size_t i, size_t k)
{
    unsigned char *a = aiot_i_queue_item(q, i), *b = aiot_i_queue_item(q, k);
    for (size_t n = q->item_size; n > 0; n--, a++, b++) { unsigned char kept = *a; *a = *b; *b = kept; }
}

AIOT_I_FN inline void aiot_i_queue_sift_up(aiot_queue *q, size_t at)
{
    for (size_t parent; at > 0 && q->less(aiot_i_queue_item(q, at), aiot_i_queue_item(q, parent = (at - 1) / 2)); at = parent)
        aiot_i_queue_swap(q, at, parent);
}

/* Wakes the first that still waits.  It leaves the line at once, and so do those before it whose waits were cancelled. */
AIOT_I_FN AIOT_I_COLD void aiot_i_queue_wake(aiot_i_link *waiters)
{
    while (!aiot_i_no_waiters(waiters)) {
        aiot_waiter *w = aiot_i_waiter_of(waiters->next);
        aiot_i_unlink(&w->link);
        if (!aiot_i_waits(w)) continue;
        aiot_i_give(w);
        return;
    }
}
AIOT_I_FN inline void aiot_i_queue_wake_all(aiot_i_link *waiters)
{
    while (!aiot_i_no_waiters(waiters)) aiot_i_queue_wake(waiters);
}

AIOT_I_FN AIOT_I_COLD int aiot_i_queue_put(aiot_queue *q, const void *item, size_t size)
{
    if (!aiot_i_queue_takes(q, size)) return AIOT_EINVAL;
    if (q->is_shutdown) return AIOT_ESHUTDOWN;
    if (aiot_queue_full(q)) return AIOT_EFULL;
    aiot_i_copy(aiot_i_queue_item(q, q->count), item, size);
    q->count++;
    if (q->less) aiot_i_queue_sift_up(q, q->count - 1);
    if (q->unfinished < SIZE_MAX) q->unfinished++;              /* nobody has to say task_done() */
    aiot_event_clear(&q->finished);
    aiot_i_queue_wake(&q->getters);
    return 0;
}

AIOT_I_FN inline void aiot_i_queue_take(aiot_queue *q, void *item)
{
    size_t last = q->count - 1;
    if (q->less) {                                              /* Floyd: the hole sinks to a leaf, the last item rises from there */
        size_t hole = 0, child;
        aiot_i_copy(item, aiot_i_queue_item(q, 0), q->item_size);
        for (; (child = 2 * hole + 1) < last; hole = child) {
            if (child + 1 < last && !q->less(aiot_i_queue_item(q, child), aiot_i_queue_item(q, child + 1))) child++;
            aiot_i_copy(aiot_i_queue_item(q, hole), aiot_i_queue_item(q, child), q->item_size);
        }
        if (last > 0) {
            aiot_i_copy(aiot_i_queue_item(q, hole), aiot_i_queue_item(q, last), q->item_size);
            aiot_i_queue_sift_up(q, hole);
        }
    } else if (q->is_lifo) {
        aiot_i_copy(item, aiot_i_queue_item(q, last), q->item_size);
    } else {
        aiot_i_copy(item, aiot_i_queue_item(q, 0), q->item_size);
        q->first = q->first + 1 < q->capacity ? q->first + 1 : 0;
    }
    q->count = last;
}

AIOT_I_FN AIOT_I_COLD int aiot_i_queue_get(aiot_queue *q, void *item, size_t size)
{
    if (!aiot_i_queue_takes(q, size)) return AIOT_EINVAL;
    if (q->count == 0) return q->is_shutdown ? AIOT_ESHUTDOWN : AIOT_EEMPTY;
    aiot_i_queue_take(q, item);
    aiot_i_queue_wake(&q->putters);
    return 0;
}

/* One step of put() or get(): waits in `line` as long as it is `stuck`.  True if it waits. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_queue_step(aiot_waiter *w, aiot_task *task, aiot_i_link *line, bool stuck, bool is_shutdown)
{
    if (w->step != 0) {
        if (w->link.next != NULL) aiot_i_unlink(&w->link);
        if (task->awaitable.entry.code != 0) {
            if (!stuck && w->state == AIOT_I_WOKEN) aiot_i_queue_wake(line);
            return false;
        }
    }
    if (!stuck || is_shutdown) return false;                    /* shut down: the put or get behind it says so */
    w->step = 1;
    aiot_i_enqueue(line, w, task);
    return true;
}

AIOT_I_FN inline bool aiot_i_queue_refuses(const aiot_queue *q, const aiot_waiter *w, aiot_task *task, size_t size)
{
    if (aiot_i_queue_takes(q, size) || w->step != 0) return false;
    aiot_i_set_error(task, AIOT_EINVAL, NULL);                  /* before it takes a place in the line */
    return true;
}

AIOT_I_FN inline bool aiot_i_queue_put_step(aiot_queue *q, aiot_waiter *w, aiot_task *task, const void *item, size_t size)
{
    if (aiot_i_queue_refuses(q, w, task, size)) return false;
    if (aiot_i_queue_step(w, task, &q->putters, aiot_queue_full(q), q->is_shutdown)) return true;
    if (task->awaitable.entry.code == 0) aiot_i_set_error(task, aiot_i_queue_put(q, item, size), NULL);
    return false;
}

AIOT_I_FN inline bool aiot_i_queue_get_step(aiot_queue *q, aiot_waiter *w, aiot_task *task, void *item, size_t size)
{
    if (aiot_i_queue_refuses(q, w, task, size)) return false;
    if (aiot_i_queue_step(w, task, &q->getters, aiot_queue_empty(q), q->is_shutdown)) return true;
    if (task->awaitable.entry.code == 0) aiot_i_set_error(task, aiot_i_queue_get(q, item, size), NULL);
    return false;
}

AIOT_I_FN inline bool aiot_i_queue_join_step(aiot_queue *q, aiot_waiter *w, aiot_task *task)
{
    return !aiot_i_queue_refuses(q, w, task, q->item_size) && aiot_i_event_step(&q->finished, w, task);
}

AIOT_I_FN inline int aiot_queue_task_done(aiot_queue *q)
{
    if (q->unfinished == 0) return AIOT_EINVAL;
    if (--q->unfinished == 0) aiot_event_set(&q->finished);
    return 0;
}

AIOT_I_FN AIOT_I_COLD void aiot_queue_shutdown(aiot_queue *q, bool immediate)
{
    q->is_shutdown = true;
    if (immediate) {
        q->unfinished = q->unfinished > q->count ? q->unfinished - q->count : 0;
        q->count = 0;
        if (q->unfinished == 0) aiot_event_set(&q->finished);
    }
    aiot_i_queue_wake_all(&q->getters);
    aiot_i_queue_wake_all(&q->putters);
}
#if AIOT_DEBUG
#define aiot_queue_task_done(q) aiot_queue_task_done(aiot_i_queue_of_any_size(q, __FILE__, __LINE__))
#define aiot_queue_shutdown(q, immediate) aiot_queue_shutdown(aiot_i_queue_of_any_size(q, __FILE__, __LINE__), immediate)
#endif

/* The waits as coroutines. */
struct aiot_event_wait { AIOT_FRAME; aiot_event *event; aiot_waiter w; };
static inline AIOT_CORO(aiot_event_wait) { AIOT_BEGIN(); AIOT_EVENT_WAIT(self->event, &self->w); AIOT_END(); }
struct aiot_lock_acquire { AIOT_FRAME; aiot_lock *lock; aiot_waiter w; };
static inline AIOT_CORO(aiot_lock_acquire) { AIOT_BEGIN(); AIOT_LOCK_ACQUIRE(self->lock, &self->w); AIOT_END(); }
struct aiot_condition_wait { AIOT_FRAME; aiot_condition *condition; aiot_waiter w; };
static inline AIOT_CORO(aiot_condition_wait) { AIOT_BEGIN(); AIOT_CONDITION_WAIT(self->condition, &self->w); AIOT_END(); }
struct aiot_semaphore_acquire { AIOT_FRAME; aiot_semaphore *semaphore; aiot_waiter w; };
static inline AIOT_CORO(aiot_semaphore_acquire) { AIOT_BEGIN(); AIOT_SEMAPHORE_ACQUIRE(self->semaphore, &self->w); AIOT_END(); }
struct aiot_queue_put { AIOT_FRAME; aiot_queue *queue; const void *item; aiot_waiter w; };
static inline AIOT_CORO(aiot_queue_put)
{
    AIOT_BEGIN();
    (void)AIOT_I_QUEUE(self->queue, self->queue->item_size, task, "aiot_queue_put(), awaited in line", AIOT_I_LINE_OF_AWAIT);
    AIOT_I_STEPS(AIOT_I_LABEL, &self->w, aiot_i_queue_put_step(self->queue, &self->w, task, self->item, self->queue->item_size));
    AIOT_END();
}
struct aiot_queue_get { AIOT_FRAME; aiot_queue *queue; void *item; aiot_waiter w; };
static inline AIOT_CORO(aiot_queue_get)
{
    AIOT_BEGIN();
    (void)AIOT_I_QUEUE(self->queue, self->queue->item_size, task, "aiot_queue_get(), awaited in line", AIOT_I_LINE_OF_AWAIT);
    AIOT_I_STEPS(AIOT_I_LABEL, &self->w, aiot_i_queue_get_step(self->queue, &self->w, task, self->item, self->queue->item_size));
    AIOT_END();
}
struct aiot_queue_join { AIOT_FRAME; aiot_queue *queue; aiot_waiter w; };
static inline AIOT_CORO(aiot_queue_join)
{
    AIOT_BEGIN();
    (void)AIOT_I_QUEUE(self->queue, self->queue->item_size, task, "aiot_queue_join(), awaited in line", AIOT_I_LINE_OF_AWAIT);
    AIOT_I_STEPS(AIOT_I_LABEL, &self->w, aiot_i_queue_join_step(self->queue, &self->w, task));
    AIOT_END();
}

/* ============================================================================================================= [14]
 * TASK GROUP, AS_COMPLETED.
 *
 * asyncio.TaskGroup.
 *     AIOT_GROUP(&self->group) {
 *         aiot_group_spawn(&self->group, &self->t1, fetch, &self->one, .name = "a");         t1: an aiot_group_task
 *     } AIOT_EXCEPT(AIOT_EGROUP) { ... }
 * The end of the block waits for all tasks, also those added while it waits.  The first error among them cancels the others, and
 * the holder, whose request is taken back at the end; after the last has ended, AIOT_EGROUP is raised, with the group as its pointer: the
 * errors, in order of completion, an error of the body last.  A cancel from outside cancels all tasks and goes on when they
 * have ended, unless there are errors; then these come out, and the request is made again, as is an old one that was swallowed and not
 * taken back.  A task cancelled by itself is no error.  aiot_group_cancel(&self->group) ends the group early, without an error
 * (asyncio 3.15).
 * The group and its tasks live until the block has ended, and as long as the error is looked at.  A task that ended well, or cancelled, may
 * be freed or used again before: in a done callback added after aiot_group_spawn(). */
typedef struct aiot_group_task {
    AIOT_I_EXTENSION union { aiot_awaitable awaitable; aiot_task task; };
    aiot_i_call             done;               /* runs in the turn after its end */
    aiot_i_link             link;               /* in group->tasks; of one that has failed: to earlier ones, aiot_group_error_task() */
    size_t                  place;              /* among those that have failed, from 0 */
    struct aiot_group      *group;
} aiot_group_task;

typedef struct aiot_group {
    aiot_i_link      tasks;                     /* unfinished, in order of creation */
    aiot_task       *holder;
    aiot_i_link     *last_failed;
    aiot_error       body_error, cancel;        /* the body's own; the cancel of its wait, raised if there are no errors */
    unsigned         error_count;
    bool             entered, exiting, finished;                /* the block; its body is over; all is */
    bool             aborting, asked_holder, cancelled;         /* the tasks were cancelled; the holder was; aiot_group_cancel() was said */
} aiot_group;

#define AIOT_GROUP(group) AIOT_I_GROUP(AIOT_I_LABEL, AIOT_I_LABEL, group)
#define AIOT_I_GROUP(n, m, group) \
    AIOT_I_BLOCK(n, AIOT_I_LEAVING) \
    else if (aiot_i_phase == AIOT_I_LEAVING) { \
        AIOT_I_PANIC_UNLESS((group)->entered && !(group)->finished && (group)->holder == task, __FILE__, __LINE__, task, \
                            "leaves another group than it entered: its argument must name the same object at the end of the block"); \
        aiot_i_group_leave(group, AIOT_I_SELF, AIOT_I_S); \
        while (aiot_i_group_waits(group, task)) { AIOT_I_SUSPEND(m) (void)0; } \
        aiot_i_phase = aiot_i_group_end(group, AIOT_I_SELF, AIOT_I_S); \
        aiot_i_go = 0; \
    } \
    else if (aiot_i_phase == AIOT_I_ENTER && (AIOT_I_CHECK_KEPT(group, "this group"), AIOT_I_NOTE_WAIT(), \
        aiot_i_group_enter(group, task, AIOT_I_SELF, AIOT_I_S, &aiot_i_phase))) \
        AIOT_I_PART(aiot_i_group_body_done(AIOT_I_SELF, AIOT_I_S))

/* create_task(): 0, or AIOT_ERUNTIME before the group is entered, once it is shutting down, and after its end; and for a task or
 * frame in use.  A task of the group may add others, whose memory must live as long as the group. */
#define aiot_group_spawn(...) aiot_i_group_spawn(__VA_ARGS__, )
#define aiot_i_group_spawn(group, task_, fn, frame_, ...) \
    (aiot_i_group_takes(group, task_, __FILE__, __LINE__) && \
     aiot_i_spawn((group)->holder->loop, &(task_)->task, fn, frame_, __VA_ARGS__) == 0 \
        ? aiot_i_group_add(group, task_) : AIOT_ERUNTIME)
#define aiot_group_spawn_frame(group, task_, fn, frame_) \
    (aiot_i_group_takes(group, task_, __FILE__, __LINE__) && aiot_spawn_frame_on((group)->holder->loop, &(task_)->task, fn, frame_) == 0 \
        ? aiot_i_group_add(group, task_) : AIOT_ERUNTIME)

/* The errors of a group that raised AIOT_EGROUP: how many, and the i-th, from 0, O(log n). */
AIOT_I_FN inline unsigned aiot_group_error_count(const aiot_group *group) { return group->error_count; }
AIOT_I_FN inline aiot_group_task *aiot_i_group_task_of(aiot_i_link *link) { return AIOT_I_CONTAINER(link, aiot_group_task, link); }

/* The way back from the last to the i-th in O(log n): each knows the one before it (prev), and one further back (next; Myers 1983). */
AIOT_I_FN AIOT_I_COLD aiot_group_task *aiot_i_group_failed(const aiot_group *group, unsigned i)
{
    aiot_i_link *link = group->last_failed;
    if (link == NULL || i > aiot_i_group_task_of(link)->place) return NULL;
    while (aiot_i_group_task_of(link)->place > i) link = aiot_i_group_task_of(link->next)->place >= i ? link->next : link->prev;
    return aiot_i_group_task_of(link);
}
AIOT_I_FN inline void aiot_i_group_add_failed(aiot_group *group, aiot_group_task *t)
{
    aiot_i_link *last = group->last_failed ? group->last_failed : &t->link, *far = last->next;
    group->last_failed = t->link.prev = t->link.next = &t->link;
    t->place = group->error_count++;
    if (last == &t->link) return;
    t->link.prev = last;
    size_t step = aiot_i_group_task_of(last)->place - aiot_i_group_task_of(far)->place;
    t->link.next = step == aiot_i_group_task_of(far)->place - aiot_i_group_task_of(far->next)->place ? far->next : last;
}

/* The task that ended with it; NULL for the body's own. */
AIOT_I_FN inline const aiot_group_task *aiot_group_error_task(const aiot_group *group, unsigned i) { return aiot_i_group_failed(group, i); }
#ifndef __SDCC
AIOT_I_FN inline aiot_error aiot_group_error(const aiot_group *group, unsigned i)
{
    aiot_group_task *t = aiot_i_group_failed(group, i);
    return t ? aiot_i_error_of(&t->awaitable) : group->body_error;
}
#endif

AIOT_I_FN AIOT_I_COLD void aiot_i_group_abort(aiot_group *group)
{
    group->aborting = true;
    for (aiot_i_link *link = group->tasks.next; link != &group->tasks; link = link->next)
        (void)aiot_i_cancel(&AIOT_I_CONTAINER(link, aiot_group_task, link)->awaitable, NULL);
}

AIOT_I_FN inline void aiot_i_group_ask_holder(aiot_group *group)
{
    group->asked_holder = true;
    (void)aiot_i_cancel(&group->holder->awaitable, NULL);
}

/* Ends the group early, without an error: its tasks are cancelled, and so is what the body waits for.  Asked before the first block is
 * entered, it acts on entry.  Asking again does nothing.  A holder that has another request to be cancelled, an old one that was not taken
 * back included, is cancelled by that. */
AIOT_I_FN inline void aiot_group_cancel(aiot_group *group)
{
    if (group->finished || group->cancelled) return;
    group->cancelled = true;
    if (!group->entered || group->aborting) return;
    aiot_i_group_abort(group);
    if (!group->exiting) aiot_i_group_ask_holder(group);
}

AIOT_I_FN inline bool aiot_i_group_open(const aiot_group *group)
{
    return group->entered && !group->finished && !group->aborting && !(group->exiting && aiot_i_list_empty(&group->tasks));
}

/* May the group take this task?  Not before it has heard of its earlier end, in the turn after. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_group_takes(const aiot_group *group, const aiot_group_task *t, const char *file, unsigned line)
{
    (void)file; (void)line;
    AIOT_I_COMPLAIN_UNLESS(group->entered && !group->finished, file, line, (aiot_task *)NULL,
                           "spawned into a group whose block is not entered, or is over");
    if (!aiot_i_group_open(group)) return false;
    AIOT_I_COMPLAIN_UNLESS(t->done.entry.link.next == NULL, file, line, group->holder,
                           "spawned again into a group, but this task has not ended, or the group has not heard of it");
    return t->done.entry.link.next == NULL;
}

AIOT_I_FN inline void aiot_i_group_task_done(aiot_loop *loop, aiot_i_call *call)
{
    aiot_group_task *t = AIOT_I_CONTAINER(call, aiot_group_task, done);
    aiot_group *group = t->group;
    int code = call->entry.code;                /* kept: the task may have been started again since */
    aiot_i_unlink(&t->link);
    if (group->exiting && aiot_i_list_empty(&group->tasks)) aiot_i_unpark(group->holder);
    if (code == 0 || code == AIOT_ECANCELED) return;
    aiot_i_group_add_failed(group, t);
    if (aiot_i_done(&group->holder->awaitable)) {
        aiot_i_report(loop, AIOT_REPORT_GROUP, code, call->entry.u.info, &t->task);
    } else if (!group->aborting && !group->asked_holder) {
        aiot_i_group_abort(group);
        aiot_i_group_ask_holder(group);
    }
}

AIOT_I_FN inline int aiot_i_group_add(aiot_group *group, aiot_group_task *t)
{
    t->group = group;
    aiot_i_append(&group->tasks, &t->link);
    aiot_i_call_init(&t->done, aiot_i_group_task_done);
    aiot_i_watch(t->task.loop, &t->awaitable, &t->done);
    return 0;
}

AIOT_I_FN inline bool aiot_i_group_enter(aiot_group *group, aiot_task *task, aiot_frame *frame, unsigned slot, int *phase)
{
    bool early = group->cancelled && !group->entered;
    if (group->entered && !group->finished) {                   /* entered twice */
        aiot_i_throw(task, frame, slot, AIOT_ERUNTIME, NULL);
        *phase = AIOT_I_RAISED;
        return false;
    }
    aiot_i_list_init(&group->tasks);
    group->holder = task;
    group->last_failed = NULL;
    group->body_error.code = group->cancel.code = 0;
    group->error_count = 0;
    group->entered = true;
    group->exiting = group->aborting = group->asked_holder = group->cancelled = group->finished = false;
    if (early) aiot_group_cancel(group);
    return true;
}

AIOT_I_FN inline int aiot_i_group_body_done(aiot_frame *frame, unsigned slot)
{
    aiot_i_slot(frame, slot)->code = 0;
    return AIOT_I_LEAVING;
}

AIOT_I_FN inline void aiot_i_group_leave(aiot_group *group, aiot_frame *frame, unsigned slot)
{
    const aiot_error *error = aiot_i_slot(frame, slot);
    int code = error->code;
    group->exiting = true;
    if (code != 0 && code != AIOT_I_RETURNING && !group->aborting) aiot_i_group_abort(group);
}

/* True if the holder waits for its tasks.  Called again at each wake. */
AIOT_I_FN AIOT_I_COLD bool aiot_i_group_waits(aiot_group *group, aiot_task *holder)
{
    aiot_i_entry *entry = &holder->awaitable.entry;
    if (entry->code != 0) {                                     /* cancelled while it waited */
        if (!group->aborting) {
            group->cancel.code = entry->code;
            group->cancel.info = entry->u.info;
            aiot_i_group_abort(group);
        }
        entry->code = 0;
    }
    if (aiot_i_list_empty(&group->tasks)) return false;
    aiot_i_park(holder);
    return true;
}

/* What the block ends with, all tasks having ended: in its slot.  Returns the phase that follows. */
AIOT_I_FN AIOT_I_COLD int aiot_i_group_end(aiot_group *group, aiot_frame *frame, unsigned slot)
{
    aiot_error *error = aiot_i_slot(frame, slot);
    aiot_task *holder = group->holder;
    bool ours_alone = group->asked_holder && aiot_task_uncancel(holder) == 0;        /* nobody else asked the holder */
    group->finished = true;
    frame->caught = (unsigned char)slot;
    if (group->cancel.code != 0 && group->error_count == 0) {
        *error = group->cancel;
        return AIOT_I_RAISED;
    }
    if (error->code != 0 && error->code != AIOT_ECANCELED && error->code != AIOT_I_RETURNING) {
        group->body_error = *error;
        group->error_count++;
    }
    if (group->error_count > 0) {
        if (aiot_task_cancelling(holder) > 0) {                 /* an outside cancel meanwhile: asked again, for the next wait */
            (void)aiot_task_uncancel(holder);
            (void)aiot_i_cancel(&holder->awaitable, NULL);
        }
        error->code = AIOT_EGROUP;
        error->info = group;
        return AIOT_I_RAISED;
    }
    if (error->code == AIOT_ECANCELED && ours_alone && group->cancelled) error->code = 0;
    if (error->code != 0) return AIOT_I_RAISED;
    return aiot_i_end_except(frame, slot);
}

/* AS_COMPLETED.  asyncio.as_completed(): the members one by one, as they end.
 *     AIOT_AS_COMPLETED_SET(4) set;
 *     aiot_as_completed(&self->set, limit_ns, &self->t1, &self->t2);      or the _array form: (set, limit_ns, array, count)
 *     while (aiot_as_completed_left(&self->set)) {
 *         AIOT_NEXT_COMPLETED(&self->set);        raises the member's error; after the limit AIOT_ETIMEDOUT for each one left
 *         ... aiot_completed_index(&self->set)    which member it was, in the order given; -1 for a limit.  Or aiot_completed():
 *     }                                           the member itself, as an aiot_awaitable pointer, see AIOT_ANY()
 * AIOT_WAIT_COMPLETED(&self->set) is the read of `async for`: it raises nothing of the member's, which is still to be joined or asked.
 * It cancels nothing, nor does a cancel of its reader; but a read that was cancelled counts as one (aiot_completed() is NULL then, as
 * after a limit).  A read beyond the last, or of another loop's members: AIOT_EINVAL.  The set lives until it has been read to its end,
 * with no read cancelled, or aiot_as_completed_close(&self->set) was said.
 * AIOT_NEXT_COMPLETED_WITH(&set, &self->w) and AIOT_WAIT_COMPLETED_WITH read with an aiot_waiter of the caller's, so that several tasks
 * can each wait for one, and get them in the order in which they asked; aiot_completed() is of the newest read. */
typedef struct aiot_as_completed_state {
    aiot_i_call    timer;
    aiot_loop     *loop;
    aiot_waiter    reader;
    aiot_i_link    readers;
    aiot_i_member *members;
    aiot_awaitable *last;
    int            last_index;
    aiot_i_link    ended;                       /* members to hand out, in order: their calls' links */
    unsigned       count, capacity, unfinished, to_read;
    bool           refused;                     /* a member, the number of them or the limit cannot be */
    bool           timed_out;                   /* what is not in `ended` by now will not be */
} aiot_as_completed_state;

#define AIOT_AS_COMPLETED_SET(n) struct { aiot_as_completed_state state; aiot_i_member members[n]; }
#define aiot_as_completed(set, limit_ns, ...) \
    do { \
        AIOT_I_STATIC_ASSERT(AIOT_I_COUNT(__VA_ARGS__) <= AIOT_I_CAPACITY(set), \
            "more members than the AIOT_AS_COMPLETED_SET has room for"); \
        AIOT_I_AS_COMPLETED_BEGIN(set); \
        AIOT_I_EACH(AIOT_I_AS_COMPLETED_ADD, set, __VA_ARGS__) \
        AIOT_I_CHECK_MEMBERS(!(set)->state.refused, (aiot_task *)NULL); \
        aiot_i_as_completed_start(&(set)->state, AIOT_I_DELAY(limit_ns)); \
    } while (0)
#define AIOT_I_AS_COMPLETED_ADD(set, x) aiot_i_as_completed_add(&(set)->state, AIOT_AWAITABLE(x));
#define aiot_as_completed_array(set, limit_ns, array, count_) \
    do { \
        AIOT_I_AS_COMPLETED_BEGIN(set); \
        aiot_i_as_completed_add_array(&(set)->state, array, (size_t)(count_)); \
        AIOT_I_CHECK_MEMBERS(!(set)->state.refused, (aiot_task *)NULL); \
        aiot_i_as_completed_start(&(set)->state, AIOT_I_DELAY(limit_ns)); \
    } while (0)
#define aiot_as_completed_left(set) ((set)->state.to_read > 0)
#define aiot_as_completed_close(set) \
    (AIOT_I_CHECK_UNREAD(set, "closes an AIOT_AS_COMPLETED_SET that a task is reading: it would wait for ever"), \
     aiot_i_as_completed_close(&(set)->state))
#define AIOT_I_CHECK_UNREAD(set, message) \
    AIOT_I_PANIC_UNLESS(aiot_i_no_waiters(&(set)->state.readers), __FILE__, __LINE__, (aiot_task *)NULL, message)
#define AIOT_I_AS_COMPLETED_BEGIN(set) \
    (AIOT_I_CHECK_UNREAD(set, "begins an AIOT_AS_COMPLETED_SET anew that a task is reading"), \
     aiot_i_as_completed_begin(&(set)->state, (set)->members, AIOT_I_CAPACITY(set)))
#define aiot_completed(set) ((set)->state.last)
#define aiot_completed_index(set) ((set)->state.last_index)
#define AIOT_NEXT_COMPLETED(set) AIOT_I_READ_COMPLETED(set, true)
#define AIOT_WAIT_COMPLETED(set) AIOT_I_READ_COMPLETED(set, false)
#define AIOT_NEXT_COMPLETED_WITH(set, w) AIOT_I_READ_COMPLETED_WITH(set, w, true)
#define AIOT_WAIT_COMPLETED_WITH(set, w) AIOT_I_READ_COMPLETED_WITH(set, w, false)
#define AIOT_I_READ_COMPLETED(set, raises) \
    do { \
        AIOT_I_CHECK_READS(set); \
        AIOT_I_PANIC_UNLESS((set)->state.reader.link.next == NULL, __FILE__, __LINE__, task, \
                            "reads an AIOT_AS_COMPLETED_SET that a task is reading: two need AIOT_NEXT_COMPLETED_WITH()"); \
        AIOT_I_READ_COMPLETED_WITH(set, &(set)->state.reader, raises); \
    } while (0)
#define AIOT_I_READ_COMPLETED_WITH(set, w, raises) \
    AIOT_I_STEPS(AIOT_I_LABEL, w, (AIOT_I_CHECK_READS(set), aiot_i_read_completed_step(&(set)->state, w, task, raises)))
#define AIOT_I_CHECK_READS(set) AIOT_I_CHECK_KEPT(&(set)->state, "reads an AIOT_AS_COMPLETED_SET that")

AIOT_I_FN inline void aiot_i_as_completed_ended(aiot_loop *loop, aiot_i_call *call)
{
    aiot_i_member *member = AIOT_I_CONTAINER(call, aiot_i_member, call);
    aiot_as_completed_state *set = (aiot_as_completed_state *)member->owner;
    member->done = true;
    aiot_i_append(&set->ended, &call->entry.link);
    if (--set->unfinished == 0) aiot_i_dequeue(loop, &set->timer);
    aiot_i_queue_wake(&set->readers);
}

AIOT_I_FN inline void aiot_i_as_completed_timer(aiot_loop *loop, aiot_i_call *call)
{
    aiot_as_completed_state *set = AIOT_I_CONTAINER(call, aiot_as_completed_state, timer);
    for (unsigned i = 0; i < set->count; i++) {
        aiot_i_member *member = &set->members[i];
        if (!member->done) aiot_i_dequeue(loop, &member->call);
    }
    set->timed_out = true;
    aiot_i_queue_wake_all(&set->readers);
}

AIOT_I_FN AIOT_I_COLD void aiot_i_as_completed_close(aiot_as_completed_state *set)
{
    if (set->loop == NULL) return;
    aiot_i_dequeue(set->loop, &set->timer);
    for (unsigned i = 0; i < set->count; i++) aiot_i_dequeue(set->loop, &set->members[i].call);
    set->to_read = set->unfinished = 0;
}

AIOT_I_FN AIOT_I_COLD void aiot_i_as_completed_begin(aiot_as_completed_state *set, aiot_i_member *members, size_t capacity)
{
    aiot_i_as_completed_close(set);             /* used before */
    set->loop = NULL;
    set->members = members;
    set->last = NULL;
    set->last_index = -1;
    aiot_i_list_init(&set->ended);
    set->capacity = (unsigned)capacity;
    set->count = set->unfinished = set->to_read = 0;
    set->refused = set->timed_out = false;
    aiot_i_call_init(&set->timer, aiot_i_as_completed_timer);
}

AIOT_I_FN AIOT_I_COLD void aiot_i_as_completed_add(aiot_as_completed_state *set, aiot_awaitable *a)
{
    aiot_loop *loop = set->loop ? set->loop : a ? a->loop : NULL;
    if (set->count == set->capacity || !aiot_i_may_be_member(a, loop)) {
        set->refused = true;
        return;
    }
    set->loop = loop;
    aiot_i_member *member = &set->members[set->count++];
    aiot_i_member_init(member, a, set, aiot_i_as_completed_ended);
    member->call.entry.flags |= AIOT_I_LOOKS_ON;
}

AIOT_I_FN inline void aiot_i_as_completed_add_array(aiot_as_completed_state *set, aiot_awaitable *const *array, size_t count)
{
    if (count > set->capacity) set->refused = true;
    else for (size_t i = 0; i < count; i++) aiot_i_as_completed_add(set, array[i]);
}

AIOT_I_FN AIOT_I_COLD void aiot_i_as_completed_start(aiot_as_completed_state *set, aiot_time limit_ns)
{
    if (aiot_i_is_too_long(limit_ns) || (set->count > 0 && set->loop == NULL)) set->refused = true;            /* gathers of nothing, made outside of coroutines */
    set->to_read = set->refused;                                /* the first read says so */
    if (set->refused || set->count == 0) return;
    set->to_read = set->unfinished = aiot_i_find_repeated(set->members, set->count, set->loop);
    for (unsigned i = 0; i < set->count; i++)
        if (!set->members[i].repeated) aiot_i_watch(set->loop, set->members[i].target, &set->members[i].call);
    set->timer.entry.u.when = aiot_i_deadline(set->loop, limit_ns);
    if (set->timer.entry.u.when != AIOT_FOREVER) aiot_i_timers_insert(&set->loop->timers, &set->timer.entry, set->loop->now);
}

AIOT_I_FN AIOT_I_COLD bool aiot_i_read_completed_step(aiot_as_completed_state *set, aiot_waiter *w, aiot_task *task, bool raises)
{
    bool nothing = aiot_i_list_empty(&set->ended) && !set->timed_out;
    bool is_others = set->loop && set->loop != task->loop;
    if (set->refused || is_others || (w->step == 0 && set->to_read == 0)) {
        if (is_others) aiot_i_as_completed_close(set);
        set->to_read = 0;
        aiot_i_set_error(task, AIOT_EINVAL, NULL);
        return false;
    }
    if (w->step == 0) set->to_read--;
    if (aiot_i_queue_step(w, task, &set->readers, nothing, false)) return true;
    set->last = NULL;
    set->last_index = -1;
    if (task->awaitable.entry.code != 0) return false;
    if (aiot_i_list_empty(&set->ended)) {
        aiot_i_set_error(task, AIOT_ETIMEDOUT, NULL);
        return false;
    }
    aiot_i_member *member = AIOT_I_CONTAINER(set->ended.next, aiot_i_member, call.entry.link);
    aiot_i_unlink(&member->call.entry.link);
    set->last = member->target;
    set->last_index = (int)(member - set->members);
    if (raises) aiot_i_set_error(task, member->call.entry.code, aiot_i_take_end_info(member->target, &member->call));
    return false;
}

/* ============================================================================================================= [15]
 * FILE DESCRIPTORS (AIOT_POLL).  A wait for readiness, through a backend that the loop polls once a turn.  poll(2) is here; others
 * give the loop an aiot_io_backend of their own. */
#if AIOT_POLL
enum { AIOT_READABLE_EVENT = POLLIN, AIOT_WRITABLE_EVENT = POLLOUT };        /* in io->events, for backends */
enum { AIOT_I_NO_ROOM = -1 };                   /* in revents: poll() takes no more than so many */

/* One wait for a descriptor.  Lives until the wait has ended. */
typedef struct aiot_io {
    aiot_i_call call;
    aiot_task  *task;
    int         fd;
    short       events, revents;
    unsigned    index;                          /* the backend's */
} aiot_io;

/* Wait until fd is readable / writable (or at end of file, or in error: the next read or write says so).  Raise AIOT_EINVAL for
 * a descriptor that is not open, AIOT_ENOBUFS if more wait than the backend has room for (poll: its arrays, and RLIMIT_NOFILE),
 * AIOT_ERUNTIME without backend.
 * Each wait takes a place, so a descriptor waited for in both directions takes two.  Before a descriptor is closed, cancel and join who
 * waits for it: if its number is used anew at once, the wait goes on with the new one.
 * Cancel-safe: nothing is read.  Take two turns, but for an error that is known at once. */
#define AIOT_READABLE(io, fd) AIOT_I_IO(AIOT_I_LABEL, io, fd, AIOT_READABLE_EVENT)
#define AIOT_WRITABLE(io, fd) AIOT_I_IO(AIOT_I_LABEL, io, fd, AIOT_WRITABLE_EVENT)
#define AIOT_I_IO(n, io, fd, events) \
    do { \
        AIOT_I_INSIDE(n) \
        AIOT_I_PANIC_UNLESS((io)->task == NULL, __FILE__, __LINE__, task, "waits with an aiot_io with which a task waits already"); \
        AIOT_I_CHECK_KEPT(io, "waits with an aiot_io that"); \
        if (aiot_i_io_begin(io, task, fd, events)) { \
            AIOT_I_SUSPEND(n) \
            aiot_i_io_end(io); \
        } \
        AIOT_I_PROPAGATE() \
    } while (0)

/* For backends: this descriptor is ready. */
AIOT_I_FN inline void aiot_io_ready(aiot_io *io, short revents)
{
    io->revents = revents;
    if (io->call.entry.link.next == NULL) aiot_i_make_ready(io->task->loop, &io->call.entry);
}

AIOT_I_FN inline void aiot_i_io_run(aiot_loop *loop, aiot_i_call *call)
{
    (void)loop;
    aiot_i_unpark(AIOT_I_CONTAINER(call, aiot_io, call)->task);
}

AIOT_I_FN AIOT_I_COLD bool aiot_i_io_begin(aiot_io *io, aiot_task *task, int fd, short events)
{
    aiot_io_backend *backend = task->loop->io;
    int error = AIOT_ERUNTIME;
    aiot_i_call_init(&io->call, aiot_i_io_run);
    io->task = task;
    io->fd = fd;
    io->events = events;
    io->revents = 0;
    if (backend) error = backend->add(backend, io);
    if (error != 0) {
        io->task = NULL;
        aiot_i_set_error(task, error, NULL);
        return false;
    }
    backend->watched++;
    aiot_i_park(task);
    return true;
}

AIOT_I_FN AIOT_I_COLD void aiot_i_io_end(aiot_io *io)
{
    aiot_loop *loop = io->task->loop;
    loop->io->remove(loop->io, io);
    loop->io->watched--;
    aiot_i_dequeue(loop, &io->call);
    if (io->task->awaitable.entry.code == 0 && io->revents == AIOT_I_NO_ROOM) aiot_i_set_error(io->task, AIOT_ENOBUFS, NULL);
    else if (io->task->awaitable.entry.code == 0 && (io->revents & POLLNVAL)) aiot_i_set_error(io->task, AIOT_EINVAL, NULL);
    io->task = NULL;
}

/* poll(2) over arrays of the caller's, of one size: as many waits can last at once, the pipe that wakes the loop being one, and all
 * together no more than RLIMIT_NOFILE.  While something is waited for, times are rounded up to whole milliseconds.  Each turn costs a
 * system call that looks at all of them: with 5000, 0.15 ms.
 *     struct pollfd fds[32]; aiot_io *owners[32]; aiot_poll poll;
 *     aiot_poll_init(&poll, &loop, fds, owners, 32);              all three live as long as the loop
 * TWO CLOCKS.  While something is waited for, the loop sleeps in poll(2), and the idle hook is not called.  poll(2) measures by the
 * kernel's monotonic clock.  A clock of your own may jump ahead of it, as one does that counts the time of a suspend.  Timers that the
 * jump makes due run when poll(2) returns: up to an hour late, or as late as aiot_poll_set_longest_sleep() allows. */
typedef struct aiot_poll {
    aiot_io_backend backend;
    struct pollfd  *fds;
    aiot_io       **owners;                     /* whose it is; the pipe that wakes is nobody's, and in the first place */
    unsigned        count, capacity;
    aiot_time       longest_sleep;              /* AIOT_FOREVER: no limit */
#if AIOT_I_INTERRUPTS
    int             pipe[2];                    /* -1: a new one could not be opened */
#if AIOT_DEBUG
    pid_t           process;                    /* the one that opened it */
#endif
#endif
} aiot_poll;

AIOT_I_FN inline int aiot_i_poll_add(aiot_io_backend *backend, aiot_io *io)
{
    aiot_poll *p = AIOT_I_CONTAINER(backend, aiot_poll, backend);
    if (io->fd < 0) return AIOT_EINVAL;
    if (p->count == p->capacity) return AIOT_ENOBUFS;
    io->index = p->count;
    p->owners[p->count] = io;
    p->fds[p->count].fd = io->fd;
    p->fds[p->count].events = io->events;
    p->fds[p->count++].revents = 0;
    return 0;
}

AIOT_I_FN inline void aiot_i_poll_remove(aiot_io_backend *backend, aiot_io *io)
{
    aiot_poll *p = AIOT_I_CONTAINER(backend, aiot_poll, backend);
    unsigned last = --p->count;
    p->fds[io->index] = p->fds[last];
    p->owners[io->index] = p->owners[last];
    p->owners[io->index]->index = io->index;
}

#if AIOT_I_INTERRUPTS
/* In debug builds: complains, once, that the loop runs in another process than the one that opened its pipe. */
AIOT_I_FN inline void aiot_i_poll_note_process(aiot_poll *p, bool is_new)
{
    (void)p; (void)is_new;
#if AIOT_DEBUG
    AIOT_I_COMPLAIN_UNLESS(is_new || p->process == getpid(), "aiot_poll", 0, (aiot_task *)NULL,
                           "a loop runs in a child of the process that opened its wake-up: call aiot_poll_after_fork() first");
    p->process = getpid();
#endif
}

/* Opens a pipe and watches it in the first place.  0, or errno: then no pipe is open, and a raise writes nothing. */
AIOT_I_FN AIOT_I_COLD int aiot_i_poll_open_pipe(aiot_poll *p)
{
    int error = 0;
    aiot_i_poll_note_process(p, true);
    if (pipe(p->pipe) != 0) {
        error = errno;
        p->pipe[0] = p->pipe[1] = -1;           /* which poll(2) passes over */
    }
    for (int end = 0; end < 2; end++) {
        (void)fcntl(p->pipe[end], F_SETFD, FD_CLOEXEC);
        (void)fcntl(p->pipe[end], F_SETFL, O_NONBLOCK);
    }
    p->owners[0] = NULL;
    p->fds[0].fd = p->pipe[0];
    p->fds[0].events = POLLIN;
    p->fds[0].revents = 0;
    return error;
}

/* Empties the pipe.  One that somebody else has closed is ready for ever: instead of looking at it in each turn, opens a new one. */
AIOT_I_FN AIOT_I_COLD void aiot_i_poll_empty_pipe(aiot_poll *p)
{
    char bytes[64];
    bool is_closed = (p->fds[0].revents & (POLLNVAL | POLLHUP | POLLERR)) != 0;
    AIOT_I_COMPLAIN_UNLESS(!is_closed, "aiot_poll", 0, (aiot_task *)NULL, "the loop's wake-up was closed by others: a new one is opened");
    if (is_closed) (void)aiot_i_poll_open_pipe(p);
    else while (read(p->pipe[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes) { }
}
#else
AIOT_I_FN inline void aiot_i_poll_note_process(aiot_poll *p, bool is_new) { (void)p; (void)is_new; }
AIOT_I_FN inline void aiot_i_poll_empty_pipe(aiot_poll *p) { (void)p; }
#endif

AIOT_I_FN AIOT_I_COLD void aiot_i_poll_wait(aiot_io_backend *backend, aiot_time limit_ns)
{
    aiot_poll *p = AIOT_I_CONTAINER(backend, aiot_poll, backend);
    int limit_ms = -1;                                  /* rounded up: never early; an hour at a time */
    aiot_i_poll_note_process(p, backend->wake == NULL);
    if (limit_ns > p->longest_sleep) limit_ns = p->longest_sleep;
    if (limit_ns != AIOT_FOREVER && limit_ns / AIOT_TICKS_PER_S >= 3600) limit_ms = 3600000;
    else if (limit_ns != AIOT_FOREVER) limit_ms = (int)(((int64_t)limit_ns * 1000 + AIOT_TICKS_PER_S - 1) / AIOT_TICKS_PER_S);
    int ready = poll(p->fds, (nfds_t)p->count, limit_ms);
    for (unsigned fit = p->count; ready < 0 && errno == EINVAL && fit > 0;) {          /* beyond RLIMIT_NOFILE: without the last */
        if (p->owners[--fit]) aiot_io_ready(p->owners[fit], AIOT_I_NO_ROOM);
        ready = poll(p->fds, (nfds_t)fit, 0);
    }
    for (unsigned i = 0; ready > 0 && i < p->count; i++) {
        if (p->fds[i].revents == 0) continue;
        ready--;
        if (p->owners[i]) aiot_io_ready(p->owners[i], p->fds[i].revents);
        else aiot_i_poll_empty_pipe(p);
        p->fds[i].revents = 0;
    }
}

AIOT_I_FN inline void aiot_poll_init(aiot_poll *p, aiot_loop *loop, struct pollfd *fds, aiot_io **owners, unsigned capacity)
{
    p->backend.add = aiot_i_poll_add;
    p->backend.remove = aiot_i_poll_remove;
    p->backend.wait = aiot_i_poll_wait;
    p->backend.wake = NULL;
    p->backend.watched = 0;
    p->fds = fds;
    p->owners = owners;
    p->count = 0;
    p->capacity = capacity;
    p->longest_sleep = AIOT_FOREVER;
    loop->io = &p->backend;
}

/* At most so long does poll(2) sleep at a time.  For a loop whose clock is not the system's monotonic one, see TWO CLOCKS above, and for a
 * system whose monotonic clock counts the time of a suspend (macOS).  Costs a turn of the loop each time.  AIOT_FOREVER, or 0 or less: as
 * long as nothing is due, the default. */
AIOT_I_FN inline void aiot_poll_set_longest_sleep(aiot_poll *p, aiot_time longest_ns)
{
    p->longest_sleep = longest_ns > 0 ? longest_ns : AIOT_FOREVER;
}
#define aiot_poll_set_longest_sleep(p, longest_ns) aiot_poll_set_longest_sleep(p, AIOT_I_DELAY(longest_ns))

#if AIOT_I_INTERRUPTS
AIOT_I_FN inline void aiot_i_poll_wake(aiot_io_backend *backend)
{
    int before = errno;                         /* this may be in a signal handler */
    aiot_poll *p = AIOT_I_CONTAINER(backend, aiot_poll, backend);
    ssize_t written = write(p->pipe[1], "", 1);         /* if the pipe is full, the loop is being woken already */
    (void)written;
    errno = before;
}

/* Opens a pipe through which aiot_post_raise(), aiot_signal_raise() and aiot_inbox_put() wake the loop from other threads and from
 * signal handlers (D. J. Bernstein's self-pipe).  Before the first descriptor is waited for; takes one place of the arrays.  From then on
 * the loop waits for posts when nothing else is left: end it with aiot_run(), aiot_run_until() or aiot_loop_stop().  0; AIOT_ENOBUFS
 * without a place; AIOT_ERUNTIME if it is late; or the errno of pipe(2), which is positive.  asyncio: what every loop opens for
 * call_soon_threadsafe(). */
AIOT_I_FN inline int aiot_poll_open_wakeup(aiot_poll *p)
{
    if (p->count > 0) return AIOT_ERUNTIME;
    if (p->capacity == 0) return AIOT_ENOBUFS;
    int error = aiot_i_poll_open_pipe(p);
    if (error != 0) return error;
    p->count = p->backend.watched = 1;
    p->backend.wake = aiot_i_poll_wake;
    return 0;
}

/* Closes it again, when nobody raises any more: 0, or AIOT_ERUNTIME if it is not open, or a descriptor is still waited for. */
AIOT_I_FN inline int aiot_poll_close_wakeup(aiot_poll *p)
{
    if (p->backend.wake == NULL || p->count != 1) return AIOT_ERUNTIME;
    p->backend.wake = NULL;
    p->count = p->backend.watched = 0;
    (void)close(p->pipe[0]);
    (void)close(p->pipe[1]);
    return 0;
}

/* Call it in the child of a fork(), for each loop that the child goes on with: at once, before the child closes descriptors or its threads
 * raise.  The child shares the pipe with its parent; without this call each process takes the wake-ups of the other.  Replaces the pipe;
 * tasks that wait for descriptors go on waiting.  0, also if no pipe is open; or the errno of pipe(2): then nothing wakes the loop until
 * another call succeeds.  What was raised before the fork() and has not run yet runs in both processes.  fork() while no other thread is in
 * the critical section.  libev: ev_loop_fork(). */
AIOT_I_FN inline int aiot_poll_after_fork(aiot_poll *p)
{
    if (p->backend.wake == NULL) return 0;
    int before[2] = { p->pipe[0], p->pipe[1] };
    p->pipe[0] = p->pipe[1] = -1;               /* for a signal handler that raises meanwhile */
    (void)close(before[0]);
    (void)close(before[1]);
    return aiot_i_poll_open_pipe(p);
}
#endif

/* The waits as coroutines. */
struct aiot_readable { AIOT_FRAME; int fd; aiot_io io; };
static inline AIOT_CORO(aiot_readable) { AIOT_BEGIN(); AIOT_READABLE(&self->io, self->fd); AIOT_END(); }
struct aiot_writable { AIOT_FRAME; int fd; aiot_io io; };
static inline AIOT_CORO(aiot_writable) { AIOT_BEGIN(); AIOT_WRITABLE(&self->io, self->fd); AIOT_END(); }
#endif /* AIOT_POLL */

/* ============================================================================================================= [16]
 * INTERRUPTS, and other threads: where AIOT_CRITICAL_STATE and its two are defined.  What asyncio has as loop.call_soon_threadsafe().  Everything else in this file
 * belongs to the loop's own thread; only the three functions that say so may be called from an interrupt handler.  They are O(1) and
 * mask interrupts for a dozen instructions, and an item's copying, with the critical section that you define: masking interrupts; a
 * mutex for threads; blocking the signal for a signal handler.  On a host a loop with aiot_poll_init() sleeps in poll(2) and is woken
 * through a pipe: aiot_poll_open_wakeup().  One with the system's clock only is not woken: it sees what was raised when it wakes by
 * itself.
 *
 *     aiot_post      a callback in the loop's next turn          aiot_post_raise()       raised again before its turn: runs once
 *     aiot_signal    wakes the one task that waits for it         aiot_signal_raise()     stays until somebody waits, or clears it
 *     aiot_inbox     a queue of items for one task                aiot_inbox_put()        AIOT_EFULL when it is full
 *
 * The way of a wake-up: the handler links the post into loop->posted; the idle hook sees that with interrupts masked and does
 * not sleep; the next turn takes the chain off, interrupts masked again, and puts each into the ready list.  is_posted keeps a post
 * from being in the chain twice, and is cleared only when it has left it, so a raise at any moment is either in this turn's chain
 * or in the next one's.  The owner keeps the object for as long as the interrupt is enabled, and until a post that was raised has run: it
 * cannot be taken back, but for a signal, by aiot_signal_clear().  With these a loop that nothing can wake but an interrupt
 * waits for it: no AIOT_EDEADLK, except in virtual time without aiot_poll_open_wakeup(). */
#if AIOT_I_INTERRUPTS
AIOT_I_FN inline void aiot_i_post_init(aiot_i_post *post, aiot_loop *loop, void (*run)(aiot_loop *loop, aiot_i_call *call))
{
    aiot_i_call_init(&post->call, run);
    post->loop = loop;
    post->next = NULL;
    post->is_posted = false;
}

AIOT_I_FN AIOT_I_COLD void aiot_i_post_raise(aiot_i_post *post)
{
    aiot_loop *loop = post->loop;
    AIOT_CRITICAL_STATE state;
    AIOT_I_PANIC_UNLESS(loop != NULL, __FILE__, __LINE__, (aiot_task *)NULL, "raised before its init function was called");
    AIOT_CRITICAL_ENTER(state);
    bool is_new = !AIOT_I_PEEK(post->is_posted);
    if (is_new) {
        AIOT_I_POKE(post->is_posted, true);
        post->next = NULL;
        if (loop->posted) loop->last_posted->next = post;
        else AIOT_I_POKE(loop->posted, post);
        loop->last_posted = post;
    }
    AIOT_CRITICAL_LEAVE(state);
#if AIOT_POLL                               /* the post may be gone by now; if it was there already, who put it there wakes the loop */
    if (is_new && loop->io && loop->io->wake) loop->io->wake(loop->io);
#endif
}

/* A callback to be run by the loop: loop.call_soon_threadsafe().  What it returns, if not 0, goes to the loop's error handler. */
typedef struct aiot_post {
    aiot_i_post   post;
    aiot_callback callback;
    void         *argument;
} aiot_post;

AIOT_I_FN inline void aiot_i_post_run(aiot_loop *loop, aiot_i_call *call)
{
    aiot_post *post = AIOT_I_CONTAINER(call, aiot_post, post.call);
    int code = post->callback(post->argument);
    if (code != 0) aiot_i_report(loop, AIOT_REPORT_CALLBACK, code, NULL, NULL);
}

AIOT_I_FN inline void aiot_post_init(aiot_post *post, aiot_loop *loop, aiot_callback callback, void *argument)
{
    aiot_i_post_init(&post->post, loop, aiot_i_post_run);
    post->callback = callback;
    post->argument = argument;
}

AIOT_I_FN inline int aiot_i_set_event(void *event) { aiot_event_set((aiot_event *)event); return 0; }

/* One that sets an event. */
AIOT_I_FN inline void aiot_post_init_event(aiot_post *post, aiot_loop *loop, aiot_event *event)
{
    aiot_post_init(post, loop, aiot_i_set_event, event);
}

AIOT_I_FN inline void aiot_post_raise(aiot_post *post) { aiot_i_post_raise(&post->post); }         /* from an interrupt */

/* A signal: wakes a task, the turn after the next.  Raised while nobody waits, it lets the next wait pass at once, if that
 * begins in a later turn; raised several times before that turn, it still counts as one.  A waiter that is cancelled after it was woken
 * leaves it raised. */
typedef struct aiot_signal {
    aiot_i_post post;
    aiot_task  *waiter;
    bool        is_raised;                      /* the loop's side of it: nobody was waiting */
    bool        has_woken;
} aiot_signal;

AIOT_I_FN inline void aiot_i_signal_run(aiot_loop *loop, aiot_i_call *call)
{
    aiot_signal *signal = AIOT_I_CONTAINER(call, aiot_signal, post.call);
    (void)loop;
    if (signal->waiter && signal->waiter->awaitable.entry.kind == AIOT_I_PARKED) {
        signal->has_woken = true;
        aiot_i_wake(signal->waiter, 0, NULL);
    } else {
        signal->is_raised = true;
    }
}

AIOT_I_FN inline void aiot_signal_init(aiot_signal *signal, aiot_loop *loop)
{
    aiot_i_post_init(&signal->post, loop, aiot_i_signal_run);
    signal->waiter = NULL;
    signal->is_raised = signal->has_woken = false;
}

AIOT_I_FN inline void aiot_signal_raise(aiot_signal *signal) { aiot_i_post_raise(&signal->post); }         /* from an interrupt */

/* Forgets what was raised until now: before the operation is begun whose end the signal tells.  For the loop's thread.  With interrupts
 * masked for a few instructions for each post that waits to be collected. */
AIOT_I_FN AIOT_I_COLD void aiot_signal_clear(aiot_signal *signal)
{
    aiot_i_post *own = &signal->post, *before = NULL;
    aiot_loop *loop = own->loop;
    AIOT_CRITICAL_STATE state;
    AIOT_CRITICAL_ENTER(state);
    if (AIOT_I_PEEK(own->is_posted)) {          /* raised since the turn began */
        for (aiot_i_post *post = loop->posted; post != own; post = post->next) before = post;
        if (before) before->next = own->next;
        else AIOT_I_POKE(loop->posted, own->next);
        if (loop->last_posted == own) loop->last_posted = before;
        AIOT_I_POKE(own->is_posted, false);
    }
    AIOT_CRITICAL_LEAVE(state);
    if (own->call.entry.link.next != NULL) aiot_i_take_out(loop, &own->call.entry);     /* collected, and its turn has not come */
    signal->is_raised = false;
}

/* Waits for it.  Cancel-safe.  Raises AIOT_ERUNTIME if another task waits for it.  What was raised before this turn is taken at once. */
#define AIOT_SIGNAL_WAIT(signal) AIOT_I_SIGNAL_WAIT(AIOT_I_LABEL, signal)
#define AIOT_I_SIGNAL_WAIT(n, signal) \
    do { \
        AIOT_I_INSIDE(n) \
        if (aiot_i_signal_wait(signal, task)) { AIOT_I_SUSPEND(n) aiot_i_signal_end(signal, task); } \
        AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_FN AIOT_I_COLD bool aiot_i_signal_wait(aiot_signal *signal, aiot_task *task)        /* true if the task now waits */
{
    if (signal->waiter) {
        aiot_i_set_error(task, AIOT_ERUNTIME, NULL);
        return false;
    }
    if (signal->post.call.entry.link.next != NULL) {    /* collected, and its turn has not come */
        aiot_i_take_out(task->awaitable.loop, &signal->post.call.entry);
        signal->is_raised = true;
    }
    if (signal->is_raised) {
        signal->is_raised = false;
        return false;
    }
    signal->waiter = task;
    signal->has_woken = false;
    aiot_i_park(task);
    return true;
}

AIOT_I_FN inline void aiot_i_signal_end(aiot_signal *signal, aiot_task *task)
{
    signal->waiter = NULL;
    if (signal->has_woken && task->awaitable.entry.code != 0) signal->is_raised = true;
}

/* An inbox: a ring of items of one size between interrupts (or threads) that put and one task that gets, in order.  `items`:
 * capacity * item_size bytes of the caller's, for as long as the inbox lives.  aiot_inbox_init(): AIOT_EINVAL if the capacity is no power
 * of two, or is more bytes than memory can have, for NULL, and for items of no size; then, and before it, puts and gets answer that, too. */
typedef struct aiot_inbox {
    aiot_signal       signal;
    unsigned char    *items;
    size_t            item_size;
    unsigned          mask;
    volatile unsigned head, tail;               /* counting on; head is the task's, tail the interrupt's */
} aiot_inbox;

AIOT_I_FN inline int aiot_inbox_init(aiot_inbox *inbox, aiot_loop *loop, void *items, size_t item_size, unsigned capacity)
{
    inbox->items = NULL;
    if (capacity == 0 || (capacity & (capacity - 1)) != 0 || item_size == 0 || item_size > SIZE_MAX / 2 / capacity) return AIOT_EINVAL;
    if (items == NULL) return AIOT_EINVAL;
    aiot_signal_init(&inbox->signal, loop);
    inbox->items = (unsigned char *)items;
    inbox->item_size = item_size;
    inbox->mask = capacity - 1;
    inbox->head = 0;
    inbox->tail = 0;
    return AIOT_OK;
}

/* From the interrupt: copies the item in and wakes the task that waits: 0; AIOT_EFULL: nothing is overwritten; AIOT_EINVAL for an item of
 * another size than aiot_inbox_init() was told. */
#define aiot_inbox_put(inbox, ...) aiot_i_inbox_put(inbox, __VA_ARGS__, AIOT_I_ITEM_SIZE(*(__VA_ARGS__)))
AIOT_I_FN AIOT_I_COLD int aiot_i_inbox_put(aiot_inbox *inbox, const void *item, size_t size)
{
    AIOT_CRITICAL_STATE state;
    if (size != inbox->item_size || inbox->items == NULL) return AIOT_EINVAL;
    AIOT_CRITICAL_ENTER(state);                 /* the copy, too: a more urgent interrupt may put an item of its own */
    unsigned tail = inbox->tail;
    bool full = tail - inbox->head > inbox->mask;
    if (!full) {
        aiot_i_copy(inbox->items + (tail & inbox->mask) * inbox->item_size, item, inbox->item_size);
        inbox->tail = tail + 1;
    }
    AIOT_CRITICAL_LEAVE(state);
    if (full) return AIOT_EFULL;
    aiot_i_post_raise(&inbox->signal.post);
    return AIOT_OK;
}

/* Takes the oldest item: 0, AIOT_EEMPTY, or AIOT_EINVAL as above. */
#define aiot_inbox_get_nowait(inbox, item) aiot_i_inbox_get(inbox, item, sizeof *(item))
AIOT_I_FN AIOT_I_COLD int aiot_i_inbox_get(aiot_inbox *inbox, void *item, size_t size)
{
    AIOT_CRITICAL_STATE state;
    unsigned head = inbox->head;
    if (size != inbox->item_size || inbox->items == NULL) return AIOT_EINVAL;
    AIOT_CRITICAL_ENTER(state);
    bool empty = inbox->tail == head;
    AIOT_CRITICAL_LEAVE(state);
    if (empty) return AIOT_EEMPTY;
    aiot_i_copy(item, inbox->items + (head & inbox->mask) * inbox->item_size, inbox->item_size);
    AIOT_CRITICAL_ENTER(state);
    inbox->head = head + 1;
    AIOT_CRITICAL_LEAVE(state);
    return AIOT_OK;
}

/* Waits for the next item and copies it to `item`, which lives in the frame.  Cancel-safe: no item is lost.  Raises AIOT_ERUNTIME if
 * another task waits, AIOT_EINVAL for an item of another size. */
#define AIOT_INBOX_GET(inbox, item) AIOT_I_INBOX_GET(AIOT_I_LABEL, inbox, item, sizeof *(item))
#define AIOT_I_INBOX_GET(n, inbox, item, size) \
    do { \
        AIOT_I_INSIDE(n) \
        while (aiot_i_inbox_step(inbox, item, size, task)) { AIOT_I_SUSPEND(n) (void)0; } \
        AIOT_I_PROPAGATE() \
    } while (0)

AIOT_I_FN AIOT_I_COLD bool aiot_i_inbox_step(aiot_inbox *inbox, void *item, size_t size, aiot_task *task)        /* true while it waits */
{
    if (inbox->signal.waiter == task) {
        aiot_i_signal_end(&inbox->signal, task);
        if (task->awaitable.entry.code != 0) return false;
    }
    if (inbox->signal.waiter) {                 /* what comes, or has come, is its */
        aiot_i_set_error(task, AIOT_ERUNTIME, NULL);
        return false;
    }
    for (int code; (code = aiot_i_inbox_get(inbox, item, size)) != AIOT_OK;) {
        if (code == AIOT_EINVAL) aiot_i_set_error(task, code, NULL);
        else if (aiot_i_signal_wait(&inbox->signal, task)) return true;
        if (task->awaitable.entry.code != 0) return false;
    }
    return false;
}

/* The waits as coroutines. */
struct aiot_signal_wait { AIOT_FRAME; aiot_signal *signal; };
static inline AIOT_CORO(aiot_signal_wait) { AIOT_BEGIN(); AIOT_SIGNAL_WAIT(self->signal); AIOT_END(); }
struct aiot_inbox_get { AIOT_FRAME; aiot_inbox *inbox; void *item; };
static inline AIOT_CORO(aiot_inbox_get)
{
    AIOT_BEGIN();
    AIOT_I_INBOX_GET(AIOT_I_LABEL, self->inbox, self->item, self->inbox->item_size);
    AIOT_END();
}
#endif

/* ============================================================================================================= [17]
 * LOOKING INTO A LOOP: which tasks there are, and where each of them waits.  For a watchdog that wants to say what hangs, and for a
 * debugger.  Nothing here changes anything. */
#if AIOT_TASK_LIST
/* The unfinished tasks in order of creation: the one after `task`, or the first after NULL; NULL after the last.  asyncio.all_tasks().
 *     for (aiot_task *t = NULL; (t = aiot_next_task(&loop, t)) != NULL; ) ... */
AIOT_I_FN inline aiot_task *aiot_next_task(aiot_loop *loop, aiot_task *task)
{
    aiot_i_link *link = task ? task->all.next : loop->tasks.next;
    return link == &loop->tasks ? NULL : AIOT_I_CONTAINER(link, aiot_task, all);
}
#endif

/* The task, future, gather or shield that it has joined; NULL if it does something else, as in a join with a limit of 0 or less, and where
 * a cancel has come too late for that to take it. */
AIOT_I_FN inline aiot_awaitable *aiot_task_waits_for(const aiot_task *task)
{
    const aiot_i_entry *entry = &task->awaitable.entry;
    return entry->kind == AIOT_I_WAITING && !(entry->flags & AIOT_I_MUST_CANCEL) ? entry->u.target : NULL;
}

/* What it does, in a word or two. */
AIOT_I_FN AIOT_I_COLD const char *aiot_task_doing(const aiot_task *task)
{
    switch (task->awaitable.entry.kind) {
    case AIOT_I_READY:   return "ready";                /* or running */
    case AIOT_I_TIMER:   return "sleeps";
    case AIOT_I_WAITING: return aiot_task_waits_for(task) ? "waits for" : "waits";
    case AIOT_I_PARKED:  return "waits";                /* in a queue of section [13], for one of several, an interrupt, a descriptor */
    case AIOT_I_ENDED: case AIOT_I_UNCOLLECTED: return "ended";
    default:             return "not started";
    }
}

/* The source line where it waits, `depth` awaits further out: 0 the innermost coroutine.  0 beyond the outermost one, before the first
 * wait, above line 65 535, and in release builds of a small loop.  One that has ended: where it waited last, or raised.  Task.get_stack(). */
AIOT_I_FN AIOT_I_COLD unsigned aiot_task_line(const aiot_task *task, unsigned depth)
{
    const aiot_frame *frame = task->frame;
    for (; frame && depth > 0; depth--) frame = frame->flags & AIOT_I_ROOT ? NULL : frame->up.frame;
    return frame ? AIOT_I_LINE(frame) : 0;
}

#if AIOT_DEBUG && AIOT_HOSTED
/* A line on stderr for each task. */
AIOT_I_FN AIOT_I_COLD void aiot_dump(aiot_loop *loop)
{
    for (aiot_task *task = NULL; (task = aiot_next_task(loop, task)) != NULL;) {
        const aiot_awaitable *target = aiot_task_waits_for(task);
        fprintf(stderr, "task '%s': %s", aiot_task_name(task), aiot_task_doing(task));
        if (target && aiot_i_is_task(target)) fprintf(stderr, " task '%s'", aiot_task_name((const aiot_task *)(const void *)target));
        else if (target) fprintf(stderr, target->entry.kind == AIOT_I_GATHER ? " a gather" : " a future");
        const char *where = ", line";
        for (const aiot_frame *frame = task->frame; frame; frame = frame->flags & AIOT_I_ROOT ? NULL : frame->up.frame) {
            if (AIOT_I_LINE(frame) == 0) continue;      /* not yet at its first wait */
            fprintf(stderr, "%s %u", where, AIOT_I_LINE(frame));
            where = " in";
        }
        if (aiot_task_cancelling(task)) fprintf(stderr, ", cancelling %u", aiot_task_cancelling(task));
        fputc('\n', stderr);
    }
}
#endif

#if defined __GNUC__
#pragma GCC diagnostic pop
#endif
#ifdef __SDCC
#undef inline
#endif

#ifdef __cplusplus
}
#endif

/* Copyright (c) 2026 the authors of aio_timeout.h
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
 * files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
 * modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
 * Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
 * Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
 * WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT.  IN NO EVENT SHALL THE AUTHORS OR
 * COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
 * ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
#endif /* AIO_TIMEOUT_H */
