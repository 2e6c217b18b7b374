/* server.h - what the servers in C of this directory share: their command line, the listener, and how they end.
 *
 *     NAME -p PORT -n CONNECTIONS -i IDLE_MS
 *
 * The service: every line of up to LINE bytes comes back.  A limit of IDLE_MS is armed for every wait on a peer: to read from it, and to
 * write to it when it does not read.  A connection that passes it, or sends a longer line, is closed.  A server that holds CONNECTIONS
 * leaves further ones in the listener's queue.  PORT 0 picks a free port; the first line printed is "listening on PORT".  SIGTERM ends
 * the server with 0. */
#ifndef SERVER_H
#define SERVER_H
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 1024, BACKLOG = 4096, OTHER_DESCRIPTORS = 16 };

static struct { int port, connections, idle_ms; } option = { 0, 1000, 60000 };

static _Noreturn void fail(const char *format, ...)
{
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, error ? ": %s\n" : "\n", strerror(error));
    exit(1);
}

static int number(const char *text, int least)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end || end == text || value < least || value > 1000000000) {
        errno = 0;
        fail("%s: not a number from %d to 1000000000", text, least);
    }
    return (int)value;
}

static void end_program(int signal)
{
    (void)signal;
    _exit(0);
}

static void allow_descriptors(int wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) fail("getrlimit");
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) fail("setrlimit");
    errno = 0;
    if (files.rlim_max != RLIM_INFINITY && files.rlim_max < (rlim_t)wanted)
        fail("%d descriptors are wanted, the limit is %llu", wanted, (unsigned long long)files.rlim_max);
}

static void set_up(int argc, char **argv)
{
    for (int o; (o = getopt(argc, argv, "p:n:i:")) != -1;) {
        switch (o) {
        case 'p': option.port = number(optarg, 0); break;
        case 'n': option.connections = number(optarg, 1); break;
        case 'i': option.idle_ms = number(optarg, 1); break;
        default: fprintf(stderr, "usage: %s -p PORT -n CONNECTIONS -i IDLE_MS\n", argv[0]); exit(2);
        }
    }
    allow_descriptors(option.connections + OTHER_DESCRIPTORS);
    struct sigaction on_term = { .sa_handler = end_program };
    if (sigaction(SIGTERM, &on_term, NULL) != 0) fail("sigaction");
    signal(SIGPIPE, SIG_IGN);
}

static int listen_on_port(int flags)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)option.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof at;
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0) fail("port %d", option.port);
    if (getsockname(fd, (struct sockaddr *)&at, &length) != 0) fail("getsockname");
    printf("listening on %d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static inline void send_at_once(int fd)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* How many of the first USED bytes are whole lines. */
static size_t whole_lines(const char *buffer, size_t used)
{
    while (used > 0 && buffer[used - 1] != '\n') used--;
    return used;
}
#endif
