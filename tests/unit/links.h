/* links.h - for tests of descriptors, after check.h and the system's headers: a loop, its poller, and pairs of connected sockets. */
#ifndef LINKS_H
#define LINKS_H
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static aiot_loop loop;
static AIOT_POLL_SET(8) poller;

/* Two sockets that are connected. One is an aiot_fd. */
struct link { aiot_fd here; int there; };
static inline void connect_both(struct link *l)
{
    int ends[2];
    CHECK_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (int i = 0; i < 2; i++) CHECK(fcntl(ends[i], F_SETFL, O_NONBLOCK) == 0);
    CHECK_EQUAL(aiot_fd_open(&l->here, &loop, ends[0]), 0);
    l->there = ends[1];
}
static inline void close_both(struct link *l)
{
    (void)aiot_fd_close(&l->here);
    (void)close(l->there);
}
static inline void send_here(const struct link *l) { CHECK_EQUAL(write(l->there, "x", 1), 1); }
static inline char take(const aiot_fd *f) { char c = 0; return read(f->fd, &c, 1) == 1 ? c : '-'; }
#endif
