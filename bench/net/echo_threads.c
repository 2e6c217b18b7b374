/* echo_threads.c - the service of server.h with a thread for each connection, and blocking calls.
 *
 * link: -pthread
 *
 * As kind as threads allow: SO_RCVTIMEO is set once, and the kernel arms it for every call, which costs no system call.  The stack is
 * small; a thread's memory in the kernel is in no figure here. */
#define _GNU_SOURCE
#include "server.h"
#include <pthread.h>
#include <semaphore.h>
#include <sys/time.h>

enum { STACK = 32 * 1024 };
static sem_t places;

static bool send_all(int fd, const char *from, size_t left)
{
    while (left > 0) {
        ssize_t n = send(fd, from, left, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        from += n;
        left -= (size_t)n;
    }
    return true;
}

static void serve(int fd)
{
    char buffer[LINE];
    size_t used = 0;
    while (used < LINE) {
        ssize_t n = recv(fd, buffer + used, LINE - used, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;                     /* it is closed, or said nothing for so long: EAGAIN */
        used += (size_t)n;
        size_t lines = whole_lines(buffer, used);
        if (!send_all(fd, buffer, lines)) return;
        used -= lines;
        memmove(buffer, buffer + lines, used);
    }
}

static void *connection(void *argument)
{
    int fd = (int)(intptr_t)argument;
    serve(fd);
    close(fd);
    sem_post(&places);
    return NULL;
}

static void take_place(void)
{
    while (sem_wait(&places) != 0) {}           /* EINTR */
}

int main(int argc, char **argv)
{
    pthread_attr_t small;
    set_up(argc, argv);
    struct timeval limit = { .tv_sec = option.idle_ms / 1000, .tv_usec = option.idle_ms % 1000 * 1000 };
    if (sem_init(&places, 0, (unsigned)option.connections) != 0) fail("sem_init");
    pthread_attr_init(&small);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&small, STACK);
    int listener = listen_on_port(0);
    for (;;) {
        pthread_t thread;
        take_place();
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno != EINTR && errno != ECONNABORTED) fail("accept");
            sem_post(&places);
            continue;
        }
        send_at_once(fd);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        errno = pthread_create(&thread, &small, connection, (void *)(intptr_t)fd);
        if (errno) fail("a thread could not be created");
    }
}
