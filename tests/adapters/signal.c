/* signal.c - the rules of aiot_signal.h: Ctrl-C as in asyncio.run(), callbacks and events for other signals, what is put back. */
#define _POSIX_C_SOURCE 200809L
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#define AIOT_THREADS 1
#include <signal.h>
#include <errno.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define AIOT_SIGNAL_HANDLERS 3
#include "check.h"
#include "aiot_signal.h"

static aiot_loop loop;
static AIOT_POLL_SET(1) poller;
static aiot_signal_handlers handlers;

static void open_loop(void)
{
    aiot_loop_init(&loop);
#if AIOT_I_TELLS
    loop.on_error = NULL;
#endif
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
}
static void close_loop(void) { CHECK_EQUAL(aiot_poll_close(&loop), 0); }
static void (*handler_of(int number))(int)
{
    struct sigaction now;
    CHECK_EQUAL(sigaction(number, NULL, &now), 0);
    return now.sa_handler;
}
static void a_moment(void) { const struct timespec time = { 0, 50000000 }; (void)nanosleep(&time, NULL); }

/* Runs fn in a process of its own, and returns its exit status, or -N. */
static int in_a_process(void (*fn)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        fn();
        _exit(0);
    }
    CHECK_EQUAL(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
/* Another process sends a signal to this one, a little later. On a busy machine two become one: UNTIL_IT_ENDS sends more. */
enum { UNTIL_IT_ENDS = 200 };
static pid_t send_later(int number, int times)
{
    pid_t target = getpid(), pid = fork();
    if (pid != 0) return pid;
    do a_moment(); while (kill(target, number) == 0 && --times > 0);
    _exit(0);
}

/* ---- Ctrl-C. */
struct sleeps { AIOT_FRAME; int sends; aiot_time cleanup; bool swallows, cancels_itself, computes; };
static AIOT_CORO(sleeps)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (int i = 0; i < self->sends; i++) CHECK_EQUAL(raise(SIGINT), 0);
        if (self->cancels_itself) aiot_cancel(task);
        while (self->computes) { }
        AIOT_SLEEP(AIOT_S(3600));
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        say("cancelled ");
        AIOT_SLEEP(self->cleanup);
        say("cleaned up ");
        if (!self->swallows) AIOT_RERAISE();
    }
    AIOT_END();
}
static void the_first_cancels_the_main_task(void)
{
    static struct sleeps frame;
    open_loop();
    CHECK_EQUAL(aiot_run_with_sigint(&loop, sleeps, &frame, .sends = 1, .cleanup = AIOT_MS(20)), AIOT_KEYBOARD_INTERRUPT);
    CHECK_SAID("cancelled cleaned up ");
    CHECK(handler_of(SIGINT) == SIG_DFL);
    CHECK_EQUAL(aiot_run_with_sigint(&loop, sleeps, &frame, .sends = 1, .swallows = true), AIOT_OK);      /* again, on the same loop */
    CHECK_SAID("cancelled cleaned up ");
    CHECK_EQUAL(aiot_run_with_sigint(&loop, sleeps, &frame, .cancels_itself = true), AIOT_ECANCELED);     /* no SIGINT */
    CHECK_EQUAL(aiot_run_with_sigint(&loop, sleeps, &frame, .sends = 1, .cancels_itself = true), AIOT_ECANCELED);        /* not it alone */
    CHECK_SAID("cancelled cleaned up cancelled ");      /* the second cancel cuts the clean-up */
    close_loop();
}
/* The loop sleeps in the kernel. */
static void it_wakes_a_loop_that_sleeps(void)
{
    static struct sleeps frame;
    open_loop();
    pid_t sender = send_later(SIGINT, 1);
    CHECK_EQUAL(aiot_run_with_sigint(&loop, sleeps, &frame), AIOT_KEYBOARD_INTERRUPT);
    CHECK_EQUAL(waitpid(sender, NULL, 0), sender);
    CHECK_SAID("cancelled cleaned up ");
    close_loop();
}
static void two_in_one_turn(void)
{
    static struct sleeps frame;
    open_loop();
    (void)aiot_run_with_sigint(&loop, sleeps, &frame, .sends = 2);
}
static void two_in_the_clean_up(void)
{
    static struct sleeps frame;
    open_loop();
    (void)send_later(SIGINT, UNTIL_IT_ENDS);
    (void)aiot_run_with_sigint(&loop, sleeps, &frame, .cleanup = AIOT_S(20));
}
static void two_in_a_computation(void)
{
    static struct sleeps frame;
    open_loop();
    (void)send_later(SIGINT, UNTIL_IT_ENDS);
    (void)aiot_run_with_sigint(&loop, sleeps, &frame, .computes = true);
}
static void the_second_ends_the_process(void)
{
    CHECK_EQUAL(in_a_process(two_in_one_turn), -SIGINT);
    CHECK_EQUAL(in_a_process(two_in_the_clean_up), -SIGINT);
    CHECK_EQUAL(in_a_process(two_in_a_computation), -SIGINT);
}

/* The main task has ended, and another one cleans up. */
struct leaves_a_task { AIOT_FRAME; struct sleeps other; aiot_task t; };
static AIOT_CORO(leaves_a_task)
{
    AIOT_BEGIN();
    aiot_task_detach(&self->t);
    AIOT_SPAWN(&self->t, sleeps, &self->other, .cleanup = AIOT_S(20));
    AIOT_YIELD();
    AIOT_END();
}
static void one_after_the_main_task(void)
{
    static struct leaves_a_task frame;
    open_loop();
    (void)send_later(SIGINT, 1);
    (void)aiot_run_with_sigint(&loop, leaves_a_task, &frame);
}
static void the_first_ends_the_process_when_the_main_task_has_ended(void) { CHECK_EQUAL(in_a_process(one_after_the_main_task), -SIGINT); }

/* nohup, or a handler of the program's. */
static volatile sig_atomic_t seen;
static void sees(int number) { seen = number; }
static void what_the_program_has_set_is_left_alone(void)
{
    static struct sleeps frame;
    struct sigaction own;
    open_loop();
    memset(&own, 0, sizeof own);
    own.sa_handler = SIG_IGN;
    CHECK_EQUAL(sigaction(SIGINT, &own, NULL), 0);
    CHECK_EQUAL(aiot_run_with_sigint(&loop, sleeps, &frame, .sends = 1, .cancels_itself = true), AIOT_ECANCELED);
    CHECK(handler_of(SIGINT) == SIG_IGN);
    own.sa_handler = sees;
    CHECK_EQUAL(sigaction(SIGINT, &own, NULL), 0);
    CHECK_EQUAL(aiot_run_with_sigint(&loop, sleeps, &frame, .sends = 1, .cancels_itself = true), AIOT_ECANCELED);
    CHECK(handler_of(SIGINT) == sees && seen == SIGINT);
    own.sa_handler = SIG_DFL;
    CHECK_EQUAL(sigaction(SIGINT, &own, NULL), 0);
    close_loop();
    check_notes[0] = '\0';
}

struct runs_inside { AIOT_FRAME; struct sleeps inner; };
static AIOT_CORO(runs_inside)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_run_with_sigint(task->loop, sleeps, &self->inner), AIOT_ERUNTIME);
    complaints = 0;
    CHECK_EQUAL(raise(SIGINT), 0);
    AIOT_SLEEP(AIOT_S(3600));
    AIOT_END();
}
static void a_run_inside_a_run_is_refused(void)
{
    static struct runs_inside frame;
    open_loop();
    CHECK_EQUAL(aiot_run_with_sigint(&loop, runs_inside, &frame), AIOT_KEYBOARD_INTERRUPT);
    close_loop();
}

/* ---- Handlers. */
static int calls;
static int is_called(void *name) { calls++; say("%s ", (const char *)name); return 0; }
static char a[] = "a", b[] = "b";

struct a_callback_comes_in_a_turn { AIOT_FRAME; aiot_event event; aiot_waiter w; pid_t sender; };
static AIOT_CORO(a_callback_comes_in_a_turn)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_add_signal_handler(&handlers, SIGUSR1, is_called, a));
    CHECK_EQUAL(raise(SIGUSR1), 0);
    CHECK_SAID("");                             /* not in the handler */
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("a ");
    for (int i = 0; i < 1000; i++) CHECK_EQUAL(raise(SIGUSR1), 0);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("a ");                           /* merged */
    AIOT_CHECK(aiot_add_signal_handler(&handlers, SIGUSR1, is_called, b));      /* in place of the other */
    CHECK_EQUAL(raise(SIGUSR1), 0);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("b ");
    AIOT_CHECK(aiot_add_signal_handler(&handlers, SIGTERM, aiot_on_set_event, &self->event));
    self->sender = send_later(SIGTERM, 1);
    AIOT_EVENT_WAIT(&self->event, &self->w);    /* the loop sleeps */
    CHECK_EQUAL(waitpid(self->sender, NULL, 0), self->sender);

    CHECK_EQUAL(raise(SIGUSR1), 0);
    CHECK(aiot_remove_signal_handler(&handlers, SIGUSR1));
    AIOT_CHECK(aiot_add_signal_handler(&handlers, SIGUSR2, is_called, a));      /* takes its place */
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("");                             /* removed in time */
    CHECK(handler_of(SIGUSR1) == sees);
    CHECK(!aiot_remove_signal_handler(&handlers, SIGUSR1));
    CHECK_END();
}

struct refusals { AIOT_FRAME; aiot_signal_handlers others; };
static AIOT_CORO(refusals)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_add_signal_handler(&handlers, 0, is_called, a), AIOT_EINVAL);
    CHECK_EQUAL(aiot_add_signal_handler(&handlers, 5000, is_called, a), AIOT_EINVAL);
    CHECK_EQUAL(aiot_add_signal_handler(&handlers, SIGKILL, is_called, a), AIOT_EINVAL);
    AIOT_CHECK(aiot_add_signal_handler(&handlers, SIGUSR1, is_called, a));
    aiot_signal_handlers_open(&self->others, task->loop);
    CHECK_EQUAL(aiot_add_signal_handler(&self->others, SIGUSR1, is_called, a), AIOT_ERUNTIME);
    aiot_signal_handlers_close(&self->others);
    CHECK_EQUAL(aiot_add_signal_handler(&handlers, SIGUSR2, is_called, a), 0);
    CHECK_EQUAL(aiot_add_signal_handler(&handlers, SIGTERM, is_called, a), 0);
    CHECK_EQUAL(aiot_add_signal_handler(&handlers, SIGHUP, is_called, a), AIOT_ENOBUFS);
    CHECK_END();
}

struct a_handler_that_outlives_the_run { AIOT_FRAME; };
static AIOT_CORO(a_handler_that_outlives_the_run)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_add_signal_handler(&handlers, SIGINT, is_called, a));
    CHECK_END();
}
static void it_may_be_removed_after_the_run(void)
{
    static struct a_handler_that_outlives_the_run frame;
    static struct sleeps next;
    open_loop();
    aiot_signal_handlers_open(&handlers, &loop);
    CHECK_EQUAL(aiot_run_with_sigint(&loop, a_handler_that_outlives_the_run, &frame), AIOT_OK);
    aiot_signal_handlers_close(&handlers);
    CHECK_EQUAL(aiot_run_with_sigint(&loop, sleeps, &next, .sends = 1), AIOT_KEYBOARD_INTERRUPT);
    CHECK(handler_of(SIGINT) == SIG_DFL);
    CHECK_SAID("cancelled cleaned up ");
    close_loop();
}

/* In asyncio, too, a handler of one's own for SIGINT replaces Ctrl-C's. */
struct a_handler_for_sigint { AIOT_FRAME; };
static AIOT_CORO(a_handler_for_sigint)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_add_signal_handler(&handlers, SIGINT, is_called, a));
    for (int i = 0; i < 3; i++) CHECK_EQUAL(raise(SIGINT), 0);
    AIOT_SLEEP(AIOT_MS(1));
    CHECK_SAID("a ");
    CHECK(aiot_remove_signal_handler(&handlers, SIGINT));
    CHECK_EQUAL(raise(SIGINT), 0);              /* Ctrl-C again */
    AIOT_TRY { AIOT_SLEEP(AIOT_S(3600)); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK_SAID("cancelled ");
    CHECK_END();
}

#define RUN_REAL(fn) \
    do { \
        static struct fn frame; \
        struct sigaction own; \
        memset(&own, 0, sizeof own); \
        own.sa_handler = sees; \
        CHECK_EQUAL(sigaction(SIGUSR1, &own, NULL), 0); \
        open_loop(); \
        aiot_signal_handlers_open(&handlers, &loop); \
        CHECK_EQUAL(aiot_run_with_sigint(&loop, fn, &frame), AIOT_OK); \
        CHECK(check_end == &frame); \
        aiot_signal_handlers_close(&handlers); \
        CHECK(handler_of(SIGUSR1) == sees); \
        CHECK(handler_of(SIGUSR2) == SIG_DFL && handler_of(SIGTERM) == SIG_DFL && handler_of(SIGINT) == SIG_DFL); \
        close_loop(); \
        CHECK_EQUAL(complaints, 0); \
    } while (0)

int main(void)
{
    (void)signal(SIGINT, SIG_DFL);              /* a shell ignores it in what it starts in the background */
    int first = dup(0);
    close(first);
    the_first_cancels_the_main_task();
    it_wakes_a_loop_that_sleeps();
    the_second_ends_the_process();
    the_first_ends_the_process_when_the_main_task_has_ended();
    what_the_program_has_set_is_left_alone();
    a_run_inside_a_run_is_refused();
    RUN_REAL(a_callback_comes_in_a_turn);
    RUN_REAL(refusals);
    RUN_REAL(a_handler_for_sigint);
    it_may_be_removed_after_the_run();
    int last = dup(0);
    CHECK_EQUAL(last, first);                   /* no descriptor is left open, */
    close(last);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);         /* and no process */
    return 0;
}
