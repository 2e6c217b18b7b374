/* echo_epoll.c - the service of server.h by hand: one loop around epoll_wait(2).  It is what a program without a library can reach.
 *
 * All limits have one length, so a list in the order of their deadlines is enough: a limit that is armed anew goes to its end, and only
 * the head can have passed.  A connection either reads, or has an answer to send; then it does not read until the answer has gone. */
#define _GNU_SOURCE
#include "server.h"
#include <sys/epoll.h>
#include <time.h>

struct connection {
    struct connection *next, *previous;         /* in the list of deadlines */
    int64_t deadline_ms;
    int fd;
    unsigned used, to_send, sent;               /* of the buffer: read, whole lines, gone.  to_send is 0 while it reads */
    char buffer[LINE];
};

static struct connection deadlines = { .next = &deadlines, .previous = &deadlines };
static int epoll, listener, live;
static bool accepting;
static int64_t now_ms;

static void read_clock(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    now_ms = (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void watch(int operation, int fd, uint32_t events, void *owner)
{
    struct epoll_event event = { .events = events, .data.ptr = owner };
    if (epoll_ctl(epoll, operation, fd, &event) != 0) fail("epoll_ctl");
}

static void set_accepting(bool on)
{
    if (accepting == on) return;
    watch(EPOLL_CTL_MOD, listener, on ? EPOLLIN : 0, NULL);
    accepting = on;
}

static void disarm(struct connection *c)
{
    c->next->previous = c->previous;
    c->previous->next = c->next;
}

static void arm(struct connection *c)
{
    c->deadline_ms = now_ms + option.idle_ms;
    c->next = &deadlines;
    c->previous = deadlines.previous;
    c->previous->next = deadlines.previous = c;
}

static void end(struct connection *c)
{
    disarm(c);
    close(c->fd);
    free(c);
    live--;
    set_accepting(true);
}

static void accept_some(void)
{
    while (live < option.connections) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN) return;
            if (errno == EINTR || errno == ECONNABORTED) continue;
            if (live == 0) fail("accept");
            break;                              /* no descriptor or memory: until a connection ends */
        }
        struct connection *c = malloc(sizeof *c);
        if (!c) fail("malloc");
        send_at_once(fd);
        c->fd = fd;
        c->used = c->to_send = c->sent = 0;
        live++;
        arm(c);
        watch(EPOLL_CTL_ADD, fd, EPOLLIN, c);
    }
    set_accepting(false);
}

/* False when the connection has failed. */
static bool send_lines(struct connection *c)
{
    ssize_t n = send(c->fd, c->buffer + c->sent, c->to_send - c->sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (n > 0) c->sent += (unsigned)n;
    if (c->sent < c->to_send) return true;
    c->used -= c->to_send;
    memmove(c->buffer, c->buffer + c->to_send, c->used);
    c->to_send = c->sent = 0;
    return true;
}

static bool read_lines(struct connection *c)
{
    ssize_t n = recv(c->fd, c->buffer + c->used, LINE - c->used, 0);
    if (n == 0) return false;
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    c->used += (unsigned)n;
    c->to_send = (unsigned)whole_lines(c->buffer, c->used);
    if (c->to_send == 0) return c->used < LINE;
    return send_lines(c);
}

static void serve(struct connection *c)
{
    bool sent_before = c->to_send > 0;
    if (!(sent_before ? send_lines(c) : read_lines(c))) {
        end(c);
        return;
    }
    bool sends = c->to_send > 0;
    if (sends != sent_before) watch(EPOLL_CTL_MOD, c->fd, sends ? EPOLLOUT : EPOLLIN, c);
    disarm(c);
    arm(c);
}

/* Closes what has passed its deadline.  The delay until the next deadline, for epoll_wait(). */
static int end_the_late(void)
{
    while (deadlines.next != &deadlines && deadlines.next->deadline_ms <= now_ms) end(deadlines.next);
    return deadlines.next == &deadlines ? -1 : (int)(deadlines.next->deadline_ms - now_ms);
}

int main(int argc, char **argv)
{
    struct epoll_event events[256];
    set_up(argc, argv);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) fail("epoll_create1");
    listener = listen_on_port(SOCK_NONBLOCK);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
    accepting = true;
    read_clock();
    for (;;) {
        int n = epoll_wait(epoll, events, 256, end_the_late());
        if (n < 0 && errno != EINTR) fail("epoll_wait");
        read_clock();
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (c) serve(c);
            else accept_some();
        }
    }
}
