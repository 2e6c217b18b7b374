/* fail_nth.c - makes one system call of a program fail: a library to preload.
 *
 *     cc -shared -fPIC tests/net/fail_nth.c -o fail_nth.so -ldl
 *     FAIL_NTH=12 LD_PRELOAD=./fail_nth.so ./program        the 12th of its calls fails
 *     FAIL_COUNT=file LD_PRELOAD=...                        writes the number of calls into that file when the program ends
 *
 * It counts the calls below, in the order in which all threads make them. Each fails in the way that is likeliest for it: no memory or no
 * descriptors left, a reset connection. close() is done and then reports EIO, as its manual allows: the descriptor is gone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_int calls;
static int chosen = -1;

static __attribute__((constructor)) void begin(void)
{
    const char *nth = getenv("FAIL_NTH");
    if (nth) chosen = atoi(nth);
}
static __attribute__((destructor)) void end(void)
{
    const char *path = getenv("FAIL_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file == NULL) return;
    fprintf(file, "%d\n", atomic_load(&calls));
    fclose(file);
}

/* Is it this one? Says which, for the tests' report. */
static int fails(const char *name, int error)
{
    char text[96];
    if (atomic_fetch_add(&calls, 1) + 1 != chosen) return 0;
    int length = snprintf(text, sizeof text, "fail_nth: call %d, %s, fails\n", chosen, name);
    (void)!write(STDERR_FILENO, text, (size_t)length);
    errno = error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAILING(type, name, error, parameters, arguments) \
    type name parameters; \
    type name parameters \
    { \
        static __typeof__(&name) real; \
        if (real == NULL) real = REAL(name); \
        return fails(#name, error) ? -1 : real arguments; \
    }

FAILING(int, socket, EMFILE, (int domain, int type, int protocol), (domain, type, protocol))
FAILING(int, bind, EADDRINUSE, (int fd, const struct sockaddr *to, socklen_t length), (fd, to, length))
FAILING(int, listen, EADDRINUSE, (int fd, int backlog), (fd, backlog))
FAILING(int, accept4, EMFILE, (int fd, struct sockaddr *from, socklen_t *length, int flags), (fd, from, length, flags))
FAILING(int, accept, EMFILE, (int fd, struct sockaddr *from, socklen_t *length), (fd, from, length))
FAILING(int, connect, ECONNREFUSED, (int fd, const struct sockaddr *to, socklen_t length), (fd, to, length))
FAILING(ssize_t, recv, ECONNRESET, (int fd, void *to, size_t size, int flags), (fd, to, size, flags))
FAILING(ssize_t, send, EPIPE, (int fd, const void *from, size_t size, int flags), (fd, from, size, flags))
FAILING(ssize_t, sendmsg, EPIPE, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
FAILING(int, setsockopt, ENOBUFS, (int fd, int level, int name, const void *value, socklen_t length), (fd, level, name, value, length))
FAILING(int, getsockopt, ENOBUFS, (int fd, int level, int name, void *value, socklen_t *length), (fd, level, name, value, length))
FAILING(int, getsockname, ENOBUFS, (int fd, struct sockaddr *to, socklen_t *length), (fd, to, length))
FAILING(int, shutdown, ENOTCONN, (int fd, int how), (fd, how))
FAILING(int, pipe, EMFILE, (int ends[2]), (ends))
FAILING(int, epoll_create1, EMFILE, (int flags), (flags))
FAILING(int, epoll_ctl, ENOMEM, (int poller, int operation, int fd, struct epoll_event *event), (poller, operation, fd, event))
FAILING(int, epoll_wait, EINTR, (int poller, struct epoll_event *events, int room, int ms), (poller, events, room, ms))
FAILING(int, epoll_pwait2, EINTR,
        (int poller, struct epoll_event *events, int room, const struct timespec *limit, const sigset_t *mask), (poller, events, room, limit, mask))
FAILING(int, fsync, EIO, (int fd), (fd))
FAILING(int, rename, EIO, (const char *from, const char *to), (from, to))
FAILING(ssize_t, read, EIO, (int fd, void *to, size_t size), (fd, to, size))

/* What it says itself goes to stderr, and passes. */
ssize_t write(int fd, const void *from, size_t size)
{
    static __typeof__(&write) real;
    if (real == NULL) real = REAL(write);
    return fd != STDERR_FILENO && fails("write", ENOSPC) ? -1 : real(fd, from, size);
}

int close(int fd)
{
    static __typeof__(&close) real;
    if (real == NULL) real = REAL(close);
    int result = real(fd);
    return result == 0 && fails("close", EIO) ? -1 : result;
}

int open(const char *path, int flags, ...)
{
    static __typeof__(&open) real;
    va_list more;
    va_start(more, flags);
    int mode = flags & O_CREAT ? va_arg(more, int) : 0;
    va_end(more);
    if (real == NULL) real = REAL(open);
    return fails("open", EMFILE) ? -1 : real(path, flags, mode);
}

int fcntl(int fd, int command, ...)
{
    static __typeof__(&fcntl) real;
    va_list more;
    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (real == NULL) real = REAL(fcntl);
    return command != F_GETFD && fails("fcntl", EINVAL) ? -1 : real(fd, command, argument);        /* tests count descriptors by it */
}

FAILING(int, sigaction, EINVAL, (int number, const struct sigaction *action, struct sigaction *before), (number, action, before))

/* These return what is wrong. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    static __typeof__(&pthread_create) real;
    if (real == NULL) real = REAL(pthread_create);
    return fails("pthread_create", EAGAIN) ? EAGAIN : real(thread, attributes, run, argument);
}
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    static __typeof__(&getaddrinfo) real;
    if (real == NULL) real = REAL(getaddrinfo);
    return fails("getaddrinfo", EAGAIN) ? EAI_AGAIN : real(host, service, hints, found);
}
