/* on_linux.h - the header's half for kqueue(2), on Linux: a queue is an epoll descriptor, and a table holds its filters.  It does what
 * kqueue(2)'s manual says of sockets and pipes: each filter is an event of its own, a hang-up sets EV_EOF, a change that fails is errno.
 * #define TEST "poll_io.c", a unit test, before the include.  Elsewhere the program does nothing. */
#ifndef __linux__
int main(void) { return 0; }
#else
#define _POSIX_C_SOURCE 200809L
#define AIOT_POLL 1
#define AIOT_I_POLLER AIOT_I_KQUEUE
#include TEST

#include <sys/epoll.h>

static struct { int queue; unsigned filters; void *udata[2]; } filters[1024];       /* of a descriptor: bit 0 reads, bit 1 writes */

int kqueue(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int change(int queue, const struct kevent *c)
{
    int fd = (int)c->ident, way = c->filter == EVFILT_READ ? 0 : 1;
    if (fd < 0 || fd >= 1024 || fcntl(fd, F_GETFD) == -1) return EBADF;
    if (filters[fd].queue != queue) filters[fd].queue = queue, filters[fd].filters = 0;
    unsigned before = filters[fd].filters, now = c->flags & EV_ADD ? before | 1u << way : before & ~(1u << way);
    if (!(c->flags & EV_ADD) && now == before) return ENOENT;
    struct epoll_event event = { .events = (now & 1 ? (unsigned)EPOLLIN : 0) | (now & 2 ? (unsigned)EPOLLOUT : 0), .data.fd = fd };
    int result = epoll_ctl(queue, now == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, fd, &event);
    if (result != 0 && errno == ENOENT && now != 0) result = epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
    if (result != 0) return errno;
    filters[fd].filters = now;
    filters[fd].udata[way] = c->udata;
    return 0;
}

int kevent(int queue, const struct kevent *list, int change_count, struct kevent *events, int capacity, const struct timespec *limit)
{
    struct epoll_event got[8];
    int count = 0;
    for (int i = 0; i < change_count; i++) {
        int error = change(queue, &list[i]);
        if (error != 0) return errno = error, -1;
    }
    if (capacity == 0) return 0;
    struct pollfd one = { .fd = queue, .events = POLLIN };
    int ms = limit ? (int)(limit->tv_sec * 1000 + (limit->tv_nsec + 999999) / 1000000) : -1;
    if (fcntl(queue, F_GETFD) == -1) return errno = EBADF, -1;
    if (poll(&one, 1, ms) < 0) return -1;
    int ready = epoll_wait(queue, got, capacity < 16 ? (capacity + 1) / 2 : 8, 0);
    for (int i = 0; i < ready; i++) {
        int fd = got[i].data.fd;
        unsigned failed = got[i].events & (EPOLLHUP | EPOLLERR);
        for (int way = 0; way < 2 && count < capacity; way++) {
            bool is_ready = (got[i].events & (way ? EPOLLOUT : EPOLLIN)) || failed;
            if (!is_ready || !(filters[fd].filters & 1u << way)) continue;
            EV_SET(&events[count], (uintptr_t)fd, way ? EVFILT_WRITE : EVFILT_READ, failed ? EV_EOF : 0, 0, 0, filters[fd].udata[way]);
            count++;
        }
    }
    return count;
}
#endif
