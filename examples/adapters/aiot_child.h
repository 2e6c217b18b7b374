/* aiot_child.h - child processes for aio_timeout.h: asyncio.create_subprocess_exec(). MIT licence.
 *
 * Starts a program, feeds its standard input, collects its output, and awaits its exit. A limit or a cancel never leaves a child behind:
 * it gets SIGTERM, then a grace, then SIGKILL, and is reaped. Copy this file beside aio_timeout.h.
 *
 * QUICK
 *
 *     #define AIOT_POLL 1
 *     #include "aiot_child.h"
 *
 *     static char *const date[] = { "date", "-u", NULL };     // lives while the child is started
 *     struct show { AIOT_FRAME; aiot_timeout limit; struct aiot_child_run run; char text[256]; };
 *     static AIOT_CORO(show)
 *     {
 *         AIOT_BEGIN();
 *         AIOT_WAIT_FOR(&self->limit, AIOT_S(5), aiot_child_run, &self->run,
 *                       .argv = date, .out = self->text, .out_room = sizeof self->text, .grace_ns = AIOT_MS(500));
 *         printf("%.*sexit %d\n", (int)self->run.out_size, self->text, self->run.returncode);
 *         AIOT_END();
 *     }
 *
 *     // in main():   static AIOT_POLL_SET(64) poller;   aiot_poll_open(&loop, &poller);
 *
 * CONTENTS
 *     aiot_child              a child and our ends of its pipes            aiot_child_options     how it is started
 *     aiot_child_spawn()      starts it                                    aiot_child_kill()      sends it a signal
 *     aiot_child_write()      writes to its stdin, without SIGPIPE         aiot_child_close()     closes our ends of its pipes
 *     aiot_child_wait         awaits its exit                              aiot_child_stop        SIGTERM, a grace, SIGKILL
 *     aiot_child_communicate  feeds it and collects its output             aiot_child_run         spawn and communicate in one
 *     aiot_child_watch_open(), aiot_child_watch_close()      only for systems without pidfd_open(2): see SYSTEMS
 *
 * OPTIONS: AIOT_POLL 1 or 2; AIOT_TASK_LIST 1 (the default). AIOT_CHILD_PIDFD: 1 uses pidfd_open(2), 0 does not. Default: 1 on Linux.
 * Needs POSIX: -std=gnu11, or -std=c11 with _POSIX_C_SOURCE 200809L or _GNU_SOURCE. Older C libraries: link with -pthread.
 *
 * ERRORS are an errno above 0, or a code of aio_timeout.h.
 *
 * DESCRIPTORS. All that this file opens is closed on exec. A running child has one descriptor (its pidfd), and one for each pipe. With
 * poll(2) each takes a place in the AIOT_POLL_SET.
 *
 * SYSTEMS. Linux 5.3 and later has pidfd_open(2). Elsewhere a handler for SIGCHLD tells of exits. Call aiot_child_watch_open() before the
 * loop runs. It does nothing where pidfd_open(2) works, so a portable program always calls it. Each known child is reaped by its own
 * waitpid(2), so other children of the program are left alone. No one else may reap ours: if SIGCHLD is ignored, or somebody calls
 * wait(2), the exit status is lost, and returncode is 255. */
#ifndef AIOT_CHILD_H
#define AIOT_CHILD_H

#include "aio_timeout.h"

#if !AIOT_POLL
#error "aiot_child.h waits for pipes: define AIOT_POLL 1 before the first include of aio_timeout.h"
#elif !AIOT_TASK_LIST
#error "aiot_child.h cleans up in AIOT_SHIELDED(): it needs AIOT_TASK_LIST 1"
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#ifndef SIG_BLOCK
#error "aiot_child.h needs POSIX: define _POSIX_C_SOURCE 200809L before the first include, or compile with -std=gnu11"
#endif
#ifdef __linux__
#include <sys/syscall.h>
extern long syscall(long number, ...);  /* -std=c11 hides it */
#endif
#ifndef AIOT_CHILD_PIDFD
#if defined __linux__ && defined SYS_pidfd_open
#define AIOT_CHILD_PIDFD 1
#else
#define AIOT_CHILD_PIDFD 0
#endif
#endif

extern char **environ;

/* ---- Starting a child. */

/* What a standard stream of the child is. */
enum aiot_child_stream {
    AIOT_CHILD_INHERIT,  /* ours */
    AIOT_CHILD_NULL,     /* /dev/null: subprocess.DEVNULL */
    AIOT_CHILD_PIPE,     /* a pipe; our end is child.in, .out or .err, non-blocking: subprocess.PIPE */
    AIOT_CHILD_STDOUT    /* for err only: where out goes: subprocess.STDOUT */
};

/* How a child is started. Only argv must be set. All of it is read by aiot_child_spawn(), and not kept. */
typedef struct aiot_child_options {
    char *const *argv;       /* the program, searched in PATH, its arguments, NULL */
    char *const *envp;       /* its environment, "NAME=value", ..., NULL. Default: ours */
    enum aiot_child_stream in, out, err;
    bool own_group;          /* a process group of its own: aiot_child_kill() then reaches what it has started, too, and Ctrl-C does not
                              * reach it. It must not read from a terminal. */
} aiot_child_options;

/* A child. The caller owns it, and zeroes it before its first use. It must live, and not move, until the child has ended and the tasks that
 * wait for that have run. The exit is noted, and the child reaped, also if nobody waits. While one runs, aiot_poll_close() returns
 * AIOT_ERUNTIME. */
typedef struct aiot_child {
    aiot_fd    in, out, err;         /* our ends of its pipes; closed if there is none */
    aiot_event ended;                /* set when has_ended is: for AIOT_EVENT_WAIT() */
    pid_t      pid;
    int        returncode;           /* valid when has_ended: the exit status, or -N after signal N; 255 if others have reaped it */
    bool       is_running, has_ended;
    bool       own_group, is_in_use; /* in use: aiot_child_communicate lasts */
    aiot_fd    end;                  /* the pidfd */
    struct aiot_child *next;         /* without pidfd_open(2): of those that run */
} aiot_child;

/* Starts a program: aiot_child_spawn(&self->child, task->loop, .argv = ls, .out = AIOT_CHILD_PIPE). In the child no signal is blocked,
 * and SIGPIPE acts the default way. Blocks until the program is loaded, by posix_spawnp(3). Returns 0, or
 *     ENOENT, EACCES, ...   the program could not be executed (a libc without that check: 0, and the child exits with 127)
 *     EMFILE, ENOMEM, ...   no descriptors, processes or memory; ENOSYS: aiot_child_watch_open() was not called
 *     AIOT_ERUNTIME         c runs, or the loop has no aiot_poll_open()       AIOT_EINVAL   no argv, or an unknown stream
 *     AIOT_ENOBUFS          with poll(2): the AIOT_POLL_SET is full
 * After an error no child runs, and nothing is open. If only watching the new child fails, it is killed at once. */
#define aiot_child_spawn(c, loop, ...) aiot_child_spawn_with(c, loop, &(aiot_child_options){ __VA_ARGS__ })
static inline int aiot_child_spawn_with(aiot_child *c, aiot_loop *loop, const aiot_child_options *how);

/* Sends a signal: Process.send_signal(), terminate(), kill(). With own_group, to the child's whole group. Returns 0; ESRCH if it does not
 * run; or the errno of kill(2). Never reaches another process that got the number. */
static inline int aiot_child_kill(aiot_child *c, int signal_number)
{
    if (!c->is_running) return ESRCH;
    return kill(c->own_group ? -c->pid : c->pid, signal_number) == 0 ? 0 : errno;
}

/* Closes our ends of the pipes, those that are open. Tasks that wait for one get AIOT_EBADF. A running child goes on, and sees an end of
 * file or SIGPIPE. For one pipe: aiot_fd_close(&child.in), which ends its input. */
static inline void aiot_child_close(aiot_child *c)
{
    (void)aiot_fd_close(&c->in);
    (void)aiot_fd_close(&c->out);
    (void)aiot_fd_close(&c->err);
}

/* write(2) to the child's stdin, after AIOT_WRITABLE(&child.in). Returns what write(2) does; -1 with EPIPE if the child does not read any
 * more. SIGPIPE is not sent. To read output: AIOT_READABLE(&child.out), then read(child.out.fd, ...). */
static inline ssize_t aiot_child_write(const aiot_child *c, const void *bytes, size_t size)
{
    sigset_t of_pipe, before, pending;
    ssize_t written;
    int error, taken;
    sigemptyset(&of_pipe);
    sigaddset(&of_pipe, SIGPIPE);
    sigemptyset(&pending);
    sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &of_pipe, &before);
    written = write(c->in.fd, bytes, size);
    error = errno;
    sigemptyset(&pending);
    if (written < 0 && error == EPIPE && !was_pending) sigpending(&pending);
    if (sigismember(&pending, SIGPIPE) == 1) (void)sigwait(&of_pipe, &taken);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return written;
}

/* ---- Exits without pidfd_open(2). */

/* Belongs to the caller, zeroed, and lives until aiot_child_watch_close(). */
typedef struct aiot_child_watch {
    aiot_fd           bell;      /* a pipe: the handler for SIGCHLD writes to its other end */
    int               ringer;
    aiot_loop        *loop;
    aiot_child       *children;  /* those that run */
    struct sigaction  before;
} aiot_child_watch;

static aiot_child_watch *aiot_i_child_watch;  /* one in a program: there is one handler */

/* A pidfd of the process, or -1 with errno. */
static inline int aiot_i_child_pidfd(pid_t pid)
{
#if AIOT_CHILD_PIDFD
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    errno = ENOSYS;
    return -1;
#endif
}

/* Closes *fd, and makes it -1. */
static inline void aiot_i_child_shut(int *fd)
{
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

/* A pipe, closed on exec, with numbers above 2: 0 to 2 are replaced in the child. Returns 0 or errno. Where there is no pipe2(2), a fork in
 * another thread may get in between. */
static inline int aiot_i_child_pipe(int ends[2])
{
#ifdef __linux__
    int failed = (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
#else
    int failed = pipe(ends);
#endif
    int error = failed != 0 ? errno : 0;
    if (error != 0) ends[0] = ends[1] = -1;
    for (int i = 0; i < 2 && error == 0; i++) {
        if (ends[i] > 2) {
            if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) < 0) error = errno;
        } else {
            int number = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
            if (number < 0) error = errno;
            (void)close(ends[i]);
            ends[i] = number;
        }
    }
    for (int i = 0; i < 2 && error != 0; i++) aiot_i_child_shut(&ends[i]);
    return error;
}

static inline void aiot_i_child_note_end(aiot_child *c, int status, bool is_known)
{
    c->returncode = !is_known ? 255 : WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    c->is_running = false;
    c->has_ended = true;
    (void)aiot_fd_close(&c->end);
    aiot_event_set(&c->ended);
}

/* Has it ended? Then reaps it. A callback. */
static inline int aiot_i_child_look(void *child)
{
    aiot_child *c = (aiot_child *)child;
    int status = 0;
    pid_t got;
    do got = waitpid(c->pid, &status, WNOHANG); while (got < 0 && errno == EINTR);
    if (got != 0) aiot_i_child_note_end(c, status, got == c->pid);
    return 0;
}

/* Looks at all, after SIGCHLD: several may be told as one. */
static inline int aiot_i_child_look_at_all(void *watch)
{
    aiot_child_watch *w = (aiot_child_watch *)watch;
    char bytes[64];
    while (read(w->bell.fd, bytes, sizeof bytes) > 0) { }
    for (aiot_child **link = &w->children; *link != NULL; ) {
        aiot_child *c = *link;
        (void)aiot_i_child_look(c);
        if (c->has_ended) *link = c->next;
        else link = &c->next;
    }
    return 0;
}

static inline void aiot_i_child_on_sigchld(int number, siginfo_t *info, void *context)
{
    const aiot_child_watch *w = aiot_i_child_watch;
    int error = errno;
    if (write(w->ringer, "", 1) < 0) { }  /* full: rung already */
    if (w->before.sa_flags & SA_SIGINFO) w->before.sa_sigaction(number, info, context);
    else if (w->before.sa_handler != SIG_DFL && w->before.sa_handler != SIG_IGN) w->before.sa_handler(number);
    errno = error;
}

/* Watches for the exits of a loop's children, where the kernel has no pidfd_open(2); where it has, does nothing. Call it before the first
 * spawn, for one loop in a program. A handler for SIGCHLD that was there before is called, too. Takes two descriptors. Returns 0;
 * AIOT_ERUNTIME if there is a watch, or the loop has no aiot_poll_open(); AIOT_ENOBUFS if the AIOT_POLL_SET is full; or an errno. */
static inline int aiot_child_watch_open(aiot_child_watch *w, aiot_loop *loop)
{
    int ends[2], error, probe = aiot_i_child_pidfd(getpid());
    struct sigaction action;
    if (probe >= 0) return close(probe) == 0 ? 0 : errno;
    if (aiot_i_child_watch != NULL) return AIOT_ERUNTIME;
    error = aiot_i_child_pipe(ends);
    if (error != 0) return error;
    for (int i = 0; i < 2; i++)
        if (fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0) error = errno;
    w->children = NULL;
    w->loop = loop;
    w->ringer = ends[1];
    if (error == 0) error = aiot_fd_open(&w->bell, loop, ends[0]);
    if (error == 0) error = aiot_add_reader(&w->bell, aiot_i_child_look_at_all, w);
    aiot_i_child_watch = w;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_sigaction = aiot_i_child_on_sigchld;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP;
    if (error == 0 && (sigaction(SIGCHLD, NULL, &w->before) != 0 || sigaction(SIGCHLD, &action, NULL) != 0)) error = errno;
    if (error == 0) return 0;
    aiot_i_child_watch = NULL;
    if (aiot_fd_detach(&w->bell) < 0) { }
    aiot_i_child_shut(&ends[0]);
    aiot_i_child_shut(&ends[1]);
    return error;
}

/* Puts the old handler back, and closes what was opened. Call it before aiot_poll_close(). Returns 0; AIOT_ERUNTIME, and does nothing, if a
 * child runs. */
static inline int aiot_child_watch_close(aiot_child_watch *w)
{
    if (aiot_i_child_watch != w) return 0;
    if (w->children != NULL) return AIOT_ERUNTIME;
    (void)sigaction(SIGCHLD, &w->before, NULL);
    aiot_i_child_watch = NULL;
    (void)aiot_fd_close(&w->bell);
    aiot_i_child_shut(&w->ringer);
    return 0;
}

/* ---- The spawn. */

/* Plans a standard stream of the child. *theirs becomes its end of the pipe. Returns 0 or an error. */
static inline int aiot_i_child_plan(posix_spawn_file_actions_t *plan, int number, enum aiot_child_stream stream, aiot_fd *ours,
                                    aiot_loop *loop, int *theirs)
{
    int ends[2], error;
    switch (stream) {
    case AIOT_CHILD_INHERIT: return 0;
    case AIOT_CHILD_NULL:    return posix_spawn_file_actions_addopen(plan, number, "/dev/null", O_RDWR, 0);
    case AIOT_CHILD_STDOUT:  return number == 2 ? posix_spawn_file_actions_adddup2(plan, 1, 2) : AIOT_EINVAL;
    case AIOT_CHILD_PIPE:    break;
    default:                 return AIOT_EINVAL;
    }
    error = aiot_i_child_pipe(ends);
    if (error != 0) return error;
    *theirs = number == 0 ? ends[0] : ends[1];
    int own = number == 0 ? ends[1] : ends[0];
    if (fcntl(own, F_SETFL, O_NONBLOCK) < 0) error = errno;
    if (error == 0) error = aiot_fd_open(ours, loop, own);
    if (error != 0) aiot_i_child_shut(&own);
    return error != 0 ? error : posix_spawn_file_actions_adddup2(plan, *theirs, number);
}

/* Executes the program. Returns 0 or an error. */
static inline int aiot_i_child_execute(aiot_child *c, const aiot_child_options *how, const posix_spawn_file_actions_t *plan)
{
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    int error = posix_spawnattr_init(&attributes);
    if (error != 0) return error;
    if (how->own_group) flags = (short)(flags | POSIX_SPAWN_SETPGROUP);
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    error = posix_spawnattr_setflags(&attributes, flags);
    if (error == 0) error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &usual);
    if (error == 0) error = posix_spawnattr_setpgroup(&attributes, 0);
    if (error == 0) error = posix_spawnp(&c->pid, how->argv[0], plan, &attributes, how->argv, how->envp ? how->envp : environ);
    (void)posix_spawnattr_destroy(&attributes);
    return error;
}

/* Asks to be told when it ends. `reserved` is a pidfd that keeps a number free, or -1: then by SIGCHLD. */
static inline int aiot_i_child_watch_end(aiot_child *c, aiot_loop *loop, int *reserved)
{
    if (*reserved < 0) {
        c->next = aiot_i_child_watch->children;
        aiot_i_child_watch->children = c;
        return 0;
    }
    aiot_i_child_shut(reserved);
    int fd = aiot_i_child_pidfd(c->pid);
    if (fd < 0) return errno;
    int error = aiot_fd_open(&c->end, loop, fd);
    if (error == 0) error = aiot_add_reader(&c->end, aiot_i_child_look, c);
    if (error == 0) return 0;
    (void)aiot_fd_detach(&c->end);
    aiot_i_child_shut(&fd);
    return error;
}

static inline int aiot_child_spawn_with(aiot_child *c, aiot_loop *loop, const aiot_child_options *how)
{
    posix_spawn_file_actions_t plan;
    int theirs[3] = { -1, -1, -1 }, error, reserved;
    if (c->is_running) return AIOT_ERUNTIME;
    if (how->argv == NULL || how->argv[0] == NULL) return AIOT_EINVAL;
    reserved = aiot_i_child_pidfd(getpid());
    if (reserved < 0 && (aiot_i_child_watch == NULL || aiot_i_child_watch->loop != loop)) return errno;
    aiot_child_close(c);
    aiot_event_clear(&c->ended);
    c->has_ended = c->is_in_use = false;
    c->own_group = how->own_group;
    error = posix_spawn_file_actions_init(&plan);
    if (error == 0) {
        error = aiot_i_child_plan(&plan, 0, how->in, &c->in, loop, &theirs[0]);
        if (error == 0) error = aiot_i_child_plan(&plan, 1, how->out, &c->out, loop, &theirs[1]);
        if (error == 0) error = aiot_i_child_plan(&plan, 2, how->err, &c->err, loop, &theirs[2]);
        if (error == 0) error = aiot_i_child_execute(c, how, &plan);
        c->is_running = error == 0;
        (void)posix_spawn_file_actions_destroy(&plan);
    }
    for (int i = 0; i < 3; i++) aiot_i_child_shut(&theirs[i]);
    if (c->is_running) error = aiot_i_child_watch_end(c, loop, &reserved);
    aiot_i_child_shut(&reserved);
    if (error == 0) return 0;
    if (c->is_running) {
        (void)aiot_child_kill(c, SIGKILL);
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) { }
        c->is_running = false;
    }
    aiot_child_close(c);
    return error;
}

/* ---- Its end. */

/* Process.wait(): awaits the exit. Any number of tasks may. The result is child->returncode. Raises AIOT_ERUNTIME if the child was never
 * started. A cancel or a limit ends the wait and leaves the child alone. A child that fills a pipe which nobody reads never ends: see
 * aiot_child_communicate. */
struct aiot_child_wait { AIOT_FRAME; aiot_child *child; aiot_waiter w; };
static inline AIOT_CORO(aiot_child_wait)
{
    AIOT_BEGIN();
    if (!self->child->is_running && !self->child->has_ended) AIOT_RAISE(AIOT_ERUNTIME);
    AIOT_EVENT_WAIT(&self->child->ended, &self->w);
    AIOT_END();
}

/* Ends the child: sends SIGTERM, waits for grace_ns at most, sends SIGKILL, and awaits the exit. grace_ns 0: SIGKILL at once. Does nothing
 * if the child does not run. Raises nothing. Cancels and limits around it are held until the child is reaped, so a FINALLY part may await
 * it. Only a process that SIGKILL does not end, because it hangs in a broken disk, holds it up. Does not close the pipes. With own_group,
 * both signals reach the group; a process of the group that ignores SIGTERM lives on if the child itself obeys. */
struct aiot_child_stop { AIOT_FRAME; aiot_child *child; aiot_time grace_ns; aiot_guard guard; aiot_timeout limit; aiot_waiter w; };
static inline AIOT_CORO(aiot_child_stop)
{
    AIOT_BEGIN();
    if (!self->child->is_running) AIOT_RETURN();
    (void)aiot_child_kill(self->child, self->grace_ns > 0 ? SIGTERM : SIGKILL);
    AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limit, self->grace_ns > 0 ? self->grace_ns : AIOT_FOREVER) {
            AIOT_EVENT_WAIT(&self->child->ended, &self->w);
        } AIOT_EXCEPT_ANY {
            (void)aiot_child_kill(self->child, SIGKILL);
        }
        AIOT_EVENT_WAIT(&self->child->ended, &self->w);
    }
    AIOT_END();
}

/* Process.communicate(): feeds `input` to the child's stdin, collects stdout and stderr, all at the same time, awaits the exit, and closes
 * the pipes. Streams that are no pipes are left out.
 *
 *     child                     a child that was started
 *     input, input_size         bytes that live until the end; stdin is closed after them
 *     out, out_room             a buffer of the caller for stdout; it is not terminated. err, err_room: for stderr
 *     grace_ns, linger_ns       see below; 0 if not set
 *   results, also after an error:
 *     out_size, err_size        bytes stored
 *     out_lost, err_lost        bytes that did not fit. They are read and dropped, so that the child does not stand still
 *
 * A cancel or a limit ends the child, as aiot_child_stop with grace_ns, and then comes out: no child is left, and no zombie. If the child
 * does not read all of its input, that is no error.
 *
 * A process that the child has left behind may keep a pipe open for ever, and asyncio then waits for ever. Here, the pipes are read for
 * linger_ns at most after the exit, or to the end of file. Then what is still in them is taken, and they are closed. So the output of the
 * child itself is always complete; what others write later is lost.
 *
 * Raises AIOT_ERUNTIME if the child was never started, or another communicate lasts; AIOT_ENOBUFS if the AIOT_POLL_SET is full. Then, too,
 * the child is stopped. */
struct aiot_child_communicate {
    AIOT_FRAME;
    aiot_child *child;
    const void *input;
    size_t      input_size;
    char       *out, *err;
    size_t      out_room, err_room;
    aiot_time   grace_ns, linger_ns;
    size_t      out_size, err_size, out_lost, err_lost;  /* results */
    size_t      fed;
    aiot_event  read_all;  /* both pipes are at their end */
    aiot_timeout limit;
    aiot_waiter w;
    struct aiot_child_stop stop;
};

/* One read. Returns how much it was; 0 if there is nothing now; -1 at the end. */
static inline ssize_t aiot_i_child_read(const aiot_fd *f, char *to, size_t room, size_t *size, size_t *lost)
{
    char dropped[4096];
    bool fits = *size < room;
    ssize_t got = fits ? read(f->fd, to + *size, room - *size) : read(f->fd, dropped, sizeof dropped);
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
    *(fits ? size : lost) += (size_t)got;
    return got > 0 ? got : -1;
}
static inline ssize_t aiot_i_child_read_out(struct aiot_child_communicate *c)
{
    return aiot_i_child_read(&c->child->out, c->out, c->out_room, &c->out_size, &c->out_lost);
}
static inline ssize_t aiot_i_child_read_err(struct aiot_child_communicate *c)
{
    return aiot_i_child_read(&c->child->err, c->err, c->err_room, &c->err_size, &c->err_lost);
}
static inline bool aiot_i_child_is_open(const aiot_fd *f) { return f->loop != NULL && f->fd >= 0; }

static inline void aiot_i_child_at_end(struct aiot_child_communicate *c)
{
    if (!aiot_i_child_is_open(&c->child->out) && !aiot_i_child_is_open(&c->child->err)) aiot_event_set(&c->read_all);
}

/* Callbacks: a pipe is ready. */
static inline int aiot_i_child_on_out(void *communicate)
{
    struct aiot_child_communicate *c = (struct aiot_child_communicate *)communicate;
    if (aiot_i_child_read_out(c) < 0) (void)aiot_fd_close(&c->child->out);
    aiot_i_child_at_end(c);
    return 0;
}
static inline int aiot_i_child_on_err(void *communicate)
{
    struct aiot_child_communicate *c = (struct aiot_child_communicate *)communicate;
    if (aiot_i_child_read_err(c) < 0) (void)aiot_fd_close(&c->child->err);
    aiot_i_child_at_end(c);
    return 0;
}
static inline int aiot_i_child_on_in(void *communicate)
{
    struct aiot_child_communicate *c = (struct aiot_child_communicate *)communicate;
    ssize_t n = c->fed < c->input_size ? aiot_child_write(c->child, (const char *)c->input + c->fed, c->input_size - c->fed) : 0;
    bool is_over = n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
    if (n > 0) c->fed += (size_t)n;
    if (is_over || c->fed == c->input_size) (void)aiot_fd_close(&c->child->in);
    return 0;
}

/* Begins to feed and to collect. Returns 0 or an error. */
static inline int aiot_i_child_begin(struct aiot_child_communicate *c)
{
    int error = 0;
    if (aiot_i_child_is_open(&c->child->in)) error = aiot_add_writer(&c->child->in, aiot_i_child_on_in, c);
    if (aiot_i_child_is_open(&c->child->out) && error == 0) error = aiot_add_reader(&c->child->out, aiot_i_child_on_out, c);
    if (aiot_i_child_is_open(&c->child->err) && error == 0) error = aiot_add_reader(&c->child->err, aiot_i_child_on_err, c);
    aiot_i_child_at_end(c);
    return error;
}

/* After the exit: what is in the pipes now, and not what others go on to write. */
static inline void aiot_i_child_read_rest(struct aiot_child_communicate *c, const aiot_fd *f,
                                          ssize_t (*read_one)(struct aiot_child_communicate *))
{
    int left = 0;
    if (!aiot_i_child_is_open(f) || ioctl(f->fd, FIONREAD, &left) != 0) return;
    while (left > 0) {
        ssize_t got = read_one(c);
        if (got <= 0) return;
        left -= (int)got;
    }
}

static inline AIOT_CORO(aiot_child_communicate)
{
    AIOT_BEGIN();
    if ((!self->child->is_running && !self->child->has_ended) || self->child->is_in_use) AIOT_RAISE(AIOT_ERUNTIME);
    self->child->is_in_use = true;
    AIOT_TRY {
        AIOT_CHECK(aiot_i_child_begin(self));
        AIOT_EVENT_WAIT(&self->child->ended, &self->w);
        if (self->linger_ns > 0) {
            AIOT_TIMEOUT(&self->limit, self->linger_ns) {
                AIOT_EVENT_WAIT(&self->read_all, &self->w);
            } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
        }
    } AIOT_FINALLY {
        AIOT_AWAIT(aiot_child_stop, &self->stop, .child = self->child, .grace_ns = self->grace_ns);
        aiot_i_child_read_rest(self, &self->child->out, aiot_i_child_read_out);
        aiot_i_child_read_rest(self, &self->child->err, aiot_i_child_read_err);
        aiot_child_close(self->child);
        self->child->is_in_use = false;
    }
    AIOT_END();
}

/* subprocess.run(), awaited: starts a program, communicates, and awaits its exit.
 *
 *     argv, envp                as in aiot_child_options; they live until it has begun
 *     input, input_size         NULL: stdin is inherited; else a pipe, fed with these bytes
 *     out, out_room             NULL: stdout is inherited; else a pipe, collected here
 *     err, err_room             the same for stderr
 *     err_to_out                stderr goes where stdout goes
 *     own_group, grace_ns, linger_ns     as above
 *   results: returncode, out_size, err_size, out_lost, err_lost; also after a cancel or a limit
 *
 * Raises what aiot_child_spawn() returns. An exit status that is not 0 raises nothing. A cancel or a limit ends the child: SIGTERM,
 * grace_ns, SIGKILL; then it comes out. The frame and the buffers must live until the end. Then nothing is left to close. */
struct aiot_child_run {
    AIOT_FRAME;
    char *const *argv, *const *envp;
    const void *input;
    size_t      input_size;
    char       *out, *err;
    size_t      out_room, err_room;
    bool        err_to_out, own_group;
    aiot_time   grace_ns, linger_ns;
    int         returncode;  /* results */
    size_t      out_size, err_size, out_lost, err_lost;
    aiot_child  child;
    struct aiot_child_communicate io;
};

static inline int aiot_i_child_run_begin(struct aiot_child_run *r, aiot_loop *loop)
{
    return aiot_child_spawn(&r->child, loop, .argv = r->argv, .envp = r->envp, .own_group = r->own_group,
        .in = r->input ? AIOT_CHILD_PIPE : AIOT_CHILD_INHERIT, .out = r->out ? AIOT_CHILD_PIPE : AIOT_CHILD_INHERIT,
        .err = r->err_to_out ? AIOT_CHILD_STDOUT : r->err ? AIOT_CHILD_PIPE : AIOT_CHILD_INHERIT);
}
static inline AIOT_CORO(aiot_child_run)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_i_child_run_begin(self, task->loop));
    AIOT_TRY {
        AIOT_AWAIT(aiot_child_communicate, &self->io, .child = &self->child, .input = self->input, .input_size = self->input_size,
                   .out = self->out, .out_room = self->out_room, .err = self->err, .err_room = self->err_room,
                   .grace_ns = self->grace_ns, .linger_ns = self->linger_ns);
    } AIOT_FINALLY {
        self->returncode = self->child.returncode;
        self->out_size = self->io.out_size;
        self->out_lost = self->io.out_lost;
        self->err_size = self->io.err_size;
        self->err_lost = self->io.err_lost;
    }
    AIOT_END();
}

/* MIT License. Copyright (c) 2026, the authors of aio_timeout.h: see its end for the text. */
#endif
