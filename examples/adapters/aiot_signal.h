/* aiot_signal.h - signals of POSIX for aio_timeout.h: Ctrl-C as in asyncio.run(), and loop.add_signal_handler(). MIT licence.
 *
 * Not to be confused with the type aiot_signal of aio_timeout.h, which wakes one task. Copy this file beside aio_timeout.h.
 *
 * QUICK
 *
 *     #define AIOT_POLL 1
 *     #define AIOT_THREADS 1                                  // link with -pthread
 *     #include "aiot_signal.h"
 *
 *     static aiot_loop loop;
 *     static AIOT_POLL_SET(16) poller;
 *     static aiot_signal_handlers handlers;
 *     static int reload(void *from) { return read_config(from); }     // in the loop's turn: all is allowed here
 *
 *     int main(void)
 *     {
 *         static struct root root;
 *         aiot_loop_init(&loop);
 *         if (aiot_poll_open(&loop, &poller) != 0) return 1;
 *         aiot_signal_handlers_open(&handlers, &loop);
 *         if (aiot_add_signal_handler(&handlers, SIGHUP, reload, &config) != 0) return 1;
 *         int code = aiot_run_with_sigint(&loop, root, &root);                // Ctrl-C: root is cancelled, and cleans up
 *         aiot_signal_handlers_close(&handlers);
 *         return code == AIOT_KEYBOARD_INTERRUPT ? 130 : code != AIOT_OK;
 *     }
 *
 * CONTENTS
 *     aiot_run_with_sigint()        aiot_run(), but SIGINT cancels the main task; a second one ends the process
 *     aiot_signal_handlers          the handlers of one loop             aiot_signal_handlers_open(), aiot_signal_handlers_close()
 *     aiot_add_signal_handler()     calls back when a signal comes       aiot_remove_signal_handler()
 *
 * OPTIONS: AIOT_THREADS 1, or the three AIOT_CRITICAL macros; then AIOT_CRITICAL_ENTER() must block all signals that are handled here.
 * AIOT_TASK_LIST 1 (the default). AIOT_SIGNAL_HANDLERS: how many signals one aiot_signal_handlers can take. Default: 8. Needs POSIX:
 * -std=gnu11, or -std=c11 with _POSIX_C_SOURCE 200809L or _GNU_SOURCE.
 *
 * A LOOP THAT SLEEPS is woken by a signal only after aiot_poll_open(), or by an idle hook of yours that asks aiot_interrupted().
 *
 * STATE. Signals belong to the process, so this file has static variables: where each signal goes. Include it in one C file, or give no
 * signal to two of them. All functions are for the thread of the loop. No allocation. */
#ifndef AIOT_SIGNAL_H
#define AIOT_SIGNAL_H

#include "aio_timeout.h"

#if !AIOT_THREADS && !defined AIOT_CRITICAL_STATE
#error "aiot_signal.h posts from signal handlers: define AIOT_THREADS 1, or the AIOT_CRITICAL macros, before including aio_timeout.h"
#elif !AIOT_TASK_LIST
#error "aiot_signal.h runs a main task: it needs AIOT_TASK_LIST 1"
#endif

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#ifndef SIG_BLOCK
#error "aiot_signal.h needs POSIX: define _POSIX_C_SOURCE 200809L before the first include, or compile with -std=gnu11"
#endif
#ifndef AIOT_SIGNAL_HANDLERS
#define AIOT_SIGNAL_HANDLERS 8
#endif

/* ---- Ctrl-C. */

/* What aiot_run_with_sigint() returns for KeyboardInterrupt. */
enum { AIOT_KEYBOARD_INTERRUPT = 29000 };

/* asyncio.run(), with its Ctrl-C. Runs a coroutine as aiot_run(loop, fn, frame, .field = value) does. The first SIGINT cancels the main
 * task. Its FINALLY parts run, and may wait. A second SIGINT ends the process at once, the default way, also in a loop that computes
 * for ever. So does the first one when the main task has ended.
 *
 * Returns AIOT_KEYBOARD_INTERRUPT if the main task ended cancelled, by SIGINT and by nobody else; otherwise what aiot_run() returns. A main
 * task that swallows the cancel goes on. As in asyncio, SIGINT is left alone if it is ignored or the program handles it: then this is
 * aiot_run(). Afterwards SIGINT acts the default way again, unless the program has set another handler meanwhile. A call inside another
 * one returns AIOT_ERUNTIME. */
#define aiot_run_with_sigint(loop, ...) \
    (aiot_i_sigint_begin(loop), aiot_i_sigint_end(loop, aiot_run(loop, __VA_ARGS__)))

static struct aiot_i_sigint {
    aiot_post post;
    unsigned  depth;      /* calls inside each other */
    bool      is_ours;    /* the handler was set */
    bool      has_cancelled;
    volatile sig_atomic_t is_active, count;
} aiot_i_sigint;

/* Ends the process as if there were no handler. In the handler, that is when it returns. */
static inline void aiot_i_sigint_default(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = SIG_DFL;
    (void)sigaction(SIGINT, &action, NULL);
    (void)kill(getpid(), SIGINT);
}
static inline void aiot_i_sigint_handler(int number)
{
    int error = errno;
    (void)number;
    if (!aiot_i_sigint.is_active || aiot_i_sigint.count > 0) aiot_i_sigint_default();
    else aiot_post_raise(&aiot_i_sigint.post);
    aiot_i_sigint.count = 1;
    errno = error;
}

/* In the loop's turn. */
static inline int aiot_i_sigint_deliver(void *loop)
{
    aiot_i_sigint.has_cancelled = aiot_cancel(&((aiot_loop *)loop)->main_task);
    if (!aiot_i_sigint.has_cancelled) aiot_i_sigint_default();
    return 0;
}

static inline void aiot_i_sigint_begin(aiot_loop *loop)
{
    struct sigaction action;
    if (aiot_i_sigint.depth++ > 0) return;
    aiot_post_init(&aiot_i_sigint.post, loop, aiot_i_sigint_deliver, loop);
    aiot_i_sigint.has_cancelled = false;
    aiot_i_sigint.count = 0;
    bool is_default = sigaction(SIGINT, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
                      (action.sa_handler == SIG_DFL || action.sa_handler == aiot_i_sigint_handler);
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = aiot_i_sigint_handler;
    action.sa_flags = SA_RESTART;
    aiot_i_sigint.is_active = is_default;
    aiot_i_sigint.is_ours = is_default && sigaction(SIGINT, &action, NULL) == 0;
}

static inline int aiot_i_sigint_end(aiot_loop *loop, int code)
{
    struct sigaction action;
    if (--aiot_i_sigint.depth > 0) return code;
    bool is_last = aiot_task_cancelling(&loop->main_task) == 1;
    if (aiot_i_sigint.is_ours && sigaction(SIGINT, NULL, &action) == 0 && action.sa_handler == aiot_i_sigint_handler) {
        action.sa_handler = SIG_DFL;
        (void)sigaction(SIGINT, &action, NULL);
    }
    aiot_i_sigint.is_active = 0;
    if (aiot_i_sigint.count > 0 && !aiot_i_sigint.has_cancelled) (void)aiot_run_once(loop);  /* it came behind the last turn: delivers it */
    return code == AIOT_ECANCELED && aiot_i_sigint.has_cancelled && is_last ? AIOT_KEYBOARD_INTERRUPT : code;
}

/* ---- Handlers in the loop's turn. */

typedef struct aiot_i_handled {
    aiot_post        post;
    aiot_callback    callback;
    void            *argument;
    struct sigaction before;
    int              number;     /* 0: free */
    volatile sig_atomic_t is_raised;
} aiot_i_handled;

/* The handlers of one loop. The caller owns it. It must live as long as the loop: a signal that came before the close may still be
 * posted. */
typedef struct aiot_signal_handlers {
    aiot_loop     *loop;
    aiot_i_handled of[AIOT_SIGNAL_HANDLERS];
} aiot_signal_handlers;

enum { AIOT_I_SIGNALS = 129 };  /* 1 + the highest number there is, on MIPS */
static aiot_i_handled *volatile aiot_i_handled_by[AIOT_I_SIGNALS];

static inline void aiot_i_signal_handler(int number)
{
    aiot_i_handled *h = aiot_i_handled_by[number];
    int error = errno;
    if (h != NULL) {
        h->is_raised = 1;
        aiot_post_raise(&h->post);
    }
    errno = error;
}
static inline int aiot_i_signal_call(void *handled)
{
    aiot_i_handled *h = (aiot_i_handled *)handled;
    if (!h->is_raised) return 0;  /* removed meanwhile */
    h->is_raised = 0;
    return h->callback(h->argument);
}

/* Prepares `handlers` for a loop. Once for a loop; after a close, again. */
static inline void aiot_signal_handlers_open(aiot_signal_handlers *handlers, aiot_loop *loop)
{
    handlers->loop = loop;
    for (int i = 0; i < AIOT_SIGNAL_HANDLERS; i++) {
        aiot_i_handled *h = &handlers->of[i];
        h->number = 0;
        h->is_raised = 0;
        aiot_post_init(&h->post, loop, aiot_i_signal_call, h);
    }
}

static inline aiot_i_handled *aiot_i_handled_find(aiot_signal_handlers *handlers, int number)
{
    for (int i = 0; i < AIOT_SIGNAL_HANDLERS; i++)
        if (handlers->of[i].number == number) return &handlers->of[i];
    return NULL;
}

/* loop.add_signal_handler(): calls callback(argument) in the loop's turn after the signal, until it is removed. Replaces the callback that
 * this signal had. Signals that come before that turn count as one, as POSIX itself may do. To set an event: aiot_on_set_event, &event.
 * loop.on_error is told if the callback does not return 0. `argument` must live until the handler is removed. System calls are restarted.
 * Returns 0; AIOT_EINVAL for a number that is no signal, or cannot be caught; AIOT_ENOBUFS if AIOT_SIGNAL_HANDLERS are in use;
 * AIOT_ERUNTIME if another aiot_signal_handlers has this signal. */
static inline int aiot_add_signal_handler(aiot_signal_handlers *handlers, int number, aiot_callback callback, void *argument)
{
    struct sigaction action;
    if (number <= 0 || number >= AIOT_I_SIGNALS) return AIOT_EINVAL;
    aiot_i_handled *h = aiot_i_handled_find(handlers, number), *now = aiot_i_handled_by[number];
    if (now != NULL && now != h) return AIOT_ERUNTIME;
    if (h == NULL) h = aiot_i_handled_find(handlers, 0);
    if (h == NULL) return AIOT_ENOBUFS;
    h->callback = callback;
    h->argument = argument;
    if (h->number == number) return 0;
    h->is_raised = 0;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = aiot_i_signal_handler;
    action.sa_flags = SA_RESTART;
    aiot_i_handled_by[number] = h;
    if (sigaction(number, NULL, &h->before) == 0 && sigaction(number, &action, NULL) == 0) {
        h->number = number;
        return 0;
    }
    aiot_i_handled_by[number] = NULL;
    return AIOT_EINVAL;
}

/* loop.remove_signal_handler(): the callback is not called any more, also if it is due. The handler that was there before is put back,
 * unless the program has set another one meanwhile. (asyncio puts back the default.) Returns false if there is none. */
static inline bool aiot_remove_signal_handler(aiot_signal_handlers *handlers, int number)
{
    struct sigaction now;
    aiot_i_handled *h = number > 0 ? aiot_i_handled_find(handlers, number) : NULL;
    if (h == NULL) return false;
    bool is_ours = sigaction(number, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == aiot_i_signal_handler;
    if (is_ours) (void)sigaction(number, &h->before, NULL);
    aiot_i_handled_by[number] = NULL;
    h->number = 0;
    h->is_raised = 0;
    return true;
}

/* Removes all handlers, as aiot_remove_signal_handler() does. Call it before aiot_poll_close(). */
static inline void aiot_signal_handlers_close(aiot_signal_handlers *handlers)
{
    for (int i = 0; i < AIOT_SIGNAL_HANDLERS; i++) (void)aiot_remove_signal_handler(handlers, handlers->of[i].number);
}

/* MIT License. Copyright (c) 2026, the authors of aio_timeout.h: see its end for the text. */
#endif
