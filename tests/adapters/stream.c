/* stream.c - the rules of aiot_stream.h, on real sockets: what is lost when, which is nothing; errors; fairness; descriptors. */
#ifndef WITHOUT_ACCEPT4
#define _GNU_SOURCE
#else
#define _DEFAULT_SOURCE
#endif
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include <errno.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include "check.h"

/* System calls are counted, and may be told to fail. */
static int receives, accepts, failure, failures;
static ssize_t counting_recv(int fd, void *to, size_t room, int flags) { receives++; return recv(fd, to, room, flags); }
static bool fails_now(void)
{
    accepts++;
    if (failures == 0) return false;
    failures--;
    errno = failure;
    return true;
}
#ifndef WITHOUT_ACCEPT4
static int failing_accept4(int fd, struct sockaddr *from, socklen_t *length, int flags)
{
    return fails_now() ? -1 : accept4(fd, from, length, flags);
}
#define accept4(fd, from, length, flags) failing_accept4(fd, from, length, flags)
#else
static int failing_accept(int fd, struct sockaddr *from, socklen_t *length) { return fails_now() ? -1 : accept(fd, from, length); }
#define accept(fd, from, length) failing_accept(fd, from, length)
#endif
#define recv(fd, to, room, flags) counting_recv(fd, to, room, flags)
#include "../../examples/adapters/aiot_stream.h"
#undef recv
#undef accept
#undef accept4

static aiot_loop loop;
static AIOT_POLL_SET(32) poller;
static struct aiot_address at;                  /* of the last listener */

static int open_descriptors(void)
{
    int open = 0;
    for (int fd = 0; fd < 256; fd++) open += fcntl(fd, F_GETFD) != -1;
    return open;
}

static void check_prepared(const aiot_fd *f)
{
    CHECK(fcntl(f->fd, F_GETFL) & O_NONBLOCK);
    CHECK(fcntl(f->fd, F_GETFD) & FD_CLOEXEC);
}

static void listen_on_loopback(struct aiot_listener *l, int backlog)
{
    CHECK_EQUAL(aiot_address_ip(&at, "127.0.0.1", 0), 0);
    CHECK_EQUAL(aiot_stream_listen(l, &loop, &at, backlog, 0), 0);
    CHECK_EQUAL(aiot_address_ip(&at, "127.0.0.1", aiot_stream_port(&l->fd)), 0);
}

/* A socket whose port nobody listens on, and nobody else gets: connections to `at` are refused. */
static int refuse_on_loopback(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQUAL(aiot_address_ip(&at, "127.0.0.1", 0), 0);
    CHECK(fd >= 0 && bind(fd, &at.any, at.length) == 0 && getsockname(fd, &at.any, &at.length) == 0);
    return fd;
}

/* A blocking client by hand. */
static int client(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = { .tv_sec = 5 };
    CHECK(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    CHECK_EQUAL(connect(fd, &at.any, at.length), 0);
    return fd;
}
static void write_to(int fd, const char *text) { CHECK_EQUAL(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text)); }
static void reset(int fd)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };
    CHECK_EQUAL(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close(fd);
}

/* Two sockets that are connected. One is ours, with a buffer. */
struct link { aiot_fd here; int there; struct aiot_buffer in; char room[16]; };
static void connect_both(struct link *l)
{
    int ends[2];
    CHECK_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    CHECK_EQUAL(aiot_stream_open(&l->here, &loop, ends[0]), 0);
    l->there = ends[1];
    CHECK_EQUAL(aiot_i_stream_prepare(l->there), 0);
    aiot_buffer_init(&l->in, l->room, sizeof l->room);
}
static void close_both(struct link *l)
{
    (void)aiot_fd_close(&l->here);
    (void)close(l->there);
}

/* ---- Addresses and errors. */
static void addresses_are_checked(void)
{
    struct aiot_address a;
    char path[200];
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    CHECK_EQUAL(aiot_address_ip(&a, "127.0.0.1", 65535), 0);
    CHECK_EQUAL(aiot_address_ip(&a, "::1", 1), 0);
    CHECK_EQUAL(a.v6.sin6_family, AF_INET6);
    CHECK_EQUAL(aiot_address_ip(&a, "localhost", 1), AIOT_EINVAL);
    CHECK_EQUAL(aiot_address_ip(&a, "127.0.0.1", 65536), AIOT_EINVAL);
    CHECK_EQUAL(aiot_address_ip(&a, "127.0.0.1", -1), AIOT_EINVAL);
    CHECK_EQUAL(aiot_address_unix(&a, ""), AIOT_EINVAL);
    CHECK_EQUAL(aiot_address_unix(&a, path), AIOT_EINVAL);
    path[sizeof a.local.sun_path - 1] = '\0';
    CHECK_EQUAL(aiot_address_unix(&a, path), 0);
}

static void each_error_has_a_text(void)
{
    CHECK(strcmp(aiot_stream_strerror(AIOT_STREAM_EOF), "the peer has ended the connection") == 0);
    CHECK(strstr(aiot_stream_strerror(AIOT_STREAM_CUT), "before") != NULL);
    CHECK(strcmp(aiot_stream_strerror(AIOT_ETIMEDOUT), aiot_strerror(AIOT_ETIMEDOUT)) == 0);
    CHECK(strcmp(aiot_stream_strerror(ECONNRESET), strerror(ECONNRESET)) == 0);
}

static void a_delimiter_is_found_where_it_ends(void)
{
    struct aiot_buffer b;
    char room[8];
    aiot_buffer_init(&b, room, sizeof room);
    CHECK_EQUAL(aiot_buffer_find(&b, "\n"), 0);
    memcpy(room, "ab\r\r\ncd\r", 8);
    b.used = 8;
    CHECK_EQUAL(aiot_buffer_find(&b, "\r\n"), 5);
    CHECK_EQUAL(aiot_buffer_find(&b, "\r"), 3);
    CHECK_EQUAL(aiot_buffer_find(&b, "d\r"), 8);
    CHECK_EQUAL(aiot_buffer_find(&b, "\r\n\r\n"), 0);
    CHECK_EQUAL(aiot_buffer_find(&b, "longer than it is"), 0);
    CHECK_EQUAL(aiot_buffer_find(&b, ""), 0);
    aiot_buffer_take(&b, 5);
    CHECK_EQUAL(aiot_buffer_find(&b, "\r"), 3);
    CHECK(memcmp(aiot_buffer_data(&b), "cd\r", 3) == 0);
}

/* ---- Connecting and accepting. */
union calls {
    struct aiot_stream_connect connect; struct aiot_stream_connect_list connect_list; struct aiot_stream_accept accept;
    struct aiot_stream_recv recv; struct aiot_stream_recv_exactly exactly; struct aiot_stream_recv_until until;
    struct aiot_stream_fill fill; struct aiot_stream_send_all send; struct aiot_datagram_recv recvfrom; struct aiot_datagram_send sendto;
};

/* One task accepts while another one connects. */
struct pair_up {
    AIOT_FRAME;
    struct aiot_listener listener; struct aiot_address peer; aiot_fd a, b; char got[8];
    union calls x, y; aiot_task t;
};
#define PAIR_UP() \
    do { \
        AIOT_SPAWN(&self->t, aiot_stream_accept, &self->x.accept, .listener = &self->listener, .fd = &self->a, .peer = &self->peer); \
        AIOT_AWAIT(aiot_stream_connect, &self->y.connect, .fd = &self->b, .to = &at.any, .length = at.length); \
        AIOT_JOIN(&self->t); \
    } while (0)

static AIOT_CORO(pair_up)
{
    AIOT_BEGIN();
    AIOT_CHECK(at.any.sa_family == AF_UNIX ? aiot_stream_listen(&self->listener, &loop, &at, 5, 0) : 0);
    if (at.any.sa_family != AF_UNIX) listen_on_loopback(&self->listener, 5);
    CHECK_EQUAL(aiot_stream_listen(&self->listener, &loop, &at, 5, 0), AIOT_ERUNTIME);
    PAIR_UP();
    check_prepared(&self->a);
    check_prepared(&self->b);
    check_prepared(&self->listener.fd);
    if (at.any.sa_family == AF_INET) {
        CHECK_EQUAL(ntohs(self->peer.v4.sin_port), aiot_stream_port(&self->b));
        for (int i = 0; i < 2; i++) {
            int on = 0;
            socklen_t size = sizeof on;
            CHECK_EQUAL(getsockopt(i ? self->a.fd : self->b.fd, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
            CHECK(on);
        }
    }
    AIOT_AWAIT(aiot_stream_send_all, &self->x.send, .fd = &self->a, .from = "hello", .length = 5);
    CHECK_EQUAL(self->x.send.sent, 5);
    AIOT_AWAIT(aiot_stream_recv, &self->y.recv, .fd = &self->b, .to = self->got, .room = sizeof self->got);
    CHECK_EQUAL(self->y.recv.got, 5);
    CHECK(memcmp(self->got, "hello", 5) == 0);
    CHECK_EQUAL(aiot_fd_close(&self->a), 0);
    AIOT_AWAIT(aiot_stream_recv, &self->y.recv, .fd = &self->b, .to = self->got, .room = sizeof self->got);
    CHECK_EQUAL(self->y.recv.got, 0);
    CHECK_EQUAL(aiot_fd_close(&self->b), 0);
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    CHECK_EQUAL(aiot_listener_close(&self->listener), AIOT_EBADF);
    CHECK_EQUAL(aiot_stream_port(&self->listener.fd), 0);
    CHECK_END();
}

/* A unix socket replaces a file that is left over, not one that is in use, nor one that is no socket. */
struct unix_files { AIOT_FRAME; struct aiot_listener first, second; };
static AIOT_CORO(unix_files)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_stream_listen(&self->first, &loop, &at, 5, 0), 0);         /* pair_up left it */
    CHECK_EQUAL(aiot_stream_listen(&self->second, &loop, &at, 5, 0), EADDRINUSE);
    CHECK_EQUAL(aiot_listener_close(&self->first), 0);
    CHECK_EQUAL(unlink(at.local.sun_path), 0);
    close(open(at.local.sun_path, O_CREAT | O_WRONLY, 0600));
    CHECK_EQUAL(aiot_stream_listen(&self->second, &loop, &at, 5, 0), EADDRINUSE);
    CHECK_EQUAL(unlink(at.local.sun_path), 0);
    CHECK_END();
}

static int accepts_one(struct aiot_listener *l)
{
    aiot_fd accepted = { 0 };
    if (aiot_stream_accept_nowait(l, &accepted, NULL) != 0) return 0;
    CHECK_EQUAL(aiot_fd_close(&accepted), 0);
    return 1;
}

struct a_full_unix_backlog_is_tried_again {
    AIOT_FRAME;
    struct aiot_listener listener; aiot_fd fds[3]; struct aiot_stream_connect c[3]; aiot_task t[3]; int n;
};
static AIOT_CORO(a_full_unix_backlog_is_tried_again)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_stream_listen(&self->listener, &loop, &at, 0, 0), 0);
    for (int i = 0; i < 3; i++)
        AIOT_SPAWN(&self->t[i], aiot_stream_connect, &self->c[i], .fd = &self->fds[i], .to = &at.any, .length = at.length);
    AIOT_SLEEP(AIOT_MS(5));
    for (int i = 0; i < 3; i++) self->n += aiot_done(&self->t[i]);
    CHECK(self->n < 3);
    for (self->n = 0; self->n < 3;) {
        self->n += accepts_one(&self->listener);
        AIOT_SLEEP(AIOT_MS(1));
    }
    for (self->n = 0; self->n < 3; self->n++) AIOT_JOIN(&self->t[self->n]);
    for (int i = 0; i < 3; i++) CHECK_EQUAL(aiot_fd_close(&self->fds[i]), 0);
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    unlink(at.local.sun_path);
    CHECK_END();
}

struct a_failed_connect_leaves_nothing_open {
    AIOT_FRAME;
    struct aiot_listener listener; aiot_fd fd; union calls x; aiot_task t; int refuses, before;
};
static AIOT_CORO(a_failed_connect_leaves_nothing_open)
{
    AIOT_BEGIN();
    self->refuses = refuse_on_loopback();
    self->before = open_descriptors();
    AIOT_TRY {
        AIOT_AWAIT(aiot_stream_connect, &self->x.connect, .fd = &self->fd, .to = &at.any, .length = at.length);
        NOT_REACHED();
    } AIOT_EXCEPT(ECONNREFUSED) { }
    CHECK_EQUAL(self->fd.fd, -1);
    AIOT_SPAWN(&self->t, aiot_stream_connect, &self->x.connect, .fd = &self->fd, .to = &at.any, .length = at.length);
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(open_descriptors(), self->before);
    close(self->refuses);

    listen_on_loopback(&self->listener, 1);     /* one that is open is left alone */
    AIOT_TRY {
        AIOT_AWAIT(aiot_stream_connect, &self->x.connect, .fd = &self->listener.fd, .to = &at.any, .length = at.length);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    CHECK_END();
}

/* Three addresses: a port that refuses, one that does not answer, one that does. */
struct a_list_is_tried_in_turn {
    AIOT_FRAME;
    struct aiot_listener listener, full; int refuses, fillers[3]; struct aiot_address addresses[3]; struct addrinfo list[4];
    aiot_fd fd; union calls x;
};
static void make_list(struct a_list_is_tried_in_turn *self)
{
    self->refuses = refuse_on_loopback();
    self->addresses[0] = at;
    listen_on_loopback(&self->full, 0);
    self->addresses[1] = at;
    for (int i = 0; i < 3; i++) {               /* when the first is in the backlog, the kernel answers no more */
        self->fillers[i] = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_EQUAL(aiot_i_stream_prepare(self->fillers[i]), 0);
        (void)connect(self->fillers[i], &at.any, at.length);
        (void)usleep(2000);
    }
    listen_on_loopback(&self->listener, 1);
    self->addresses[2] = at;
    for (int i = 0; i < 4; i++) {
        int to = i == 3 ? 2 : i;
        self->list[i] = (struct addrinfo){ .ai_family = AF_INET, .ai_socktype = i == 1 ? SOCK_DGRAM : SOCK_STREAM,
            .ai_addr = &self->addresses[to].any, .ai_addrlen = self->addresses[to].length, .ai_next = i < 3 ? &self->list[i + 1] : NULL };
    }
    self->list[2].ai_addr = &self->addresses[1].any;
}
static AIOT_CORO(a_list_is_tried_in_turn)
{
    AIOT_BEGIN();
    make_list(self);
    AIOT_AWAIT(aiot_stream_connect_list, &self->x.connect_list, .fd = &self->fd, .list = self->list, .each = AIOT_MS(20));
    CHECK_EQUAL(aiot_fd_close(&self->fd), 0);
    AIOT_TRY {                                  /* the error of the last */
        self->list[2].ai_next = NULL;
        AIOT_AWAIT(aiot_stream_connect_list, &self->x.connect_list, .fd = &self->fd, .list = self->list, .each = AIOT_MS(20));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_TRY {
        self->list[0].ai_next = NULL;
        AIOT_AWAIT(aiot_stream_connect_list, &self->x.connect_list, .fd = &self->fd, .list = self->list);
        NOT_REACHED();
    } AIOT_EXCEPT(ECONNREFUSED) { }
    AIOT_TRY {
        AIOT_AWAIT(aiot_stream_connect_list, &self->x.connect_list, .fd = &self->fd, .list = NULL);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_EINVAL) { }
    for (int i = 0; i < 3; i++) close(self->fillers[i]);
    close(self->refuses);
    CHECK_EQUAL(aiot_listener_close(&self->full), 0);
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    CHECK_END();
}

struct two_listeners_share_a_port { AIOT_FRAME; struct aiot_listener a, b, c; };
static AIOT_CORO(two_listeners_share_a_port)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_address_ip(&at, "127.0.0.1", 0), 0);
    CHECK_EQUAL(aiot_stream_listen(&self->a, &loop, &at, 5, AIOT_STREAM_REUSEPORT), 0);
    CHECK_EQUAL(aiot_address_ip(&at, "127.0.0.1", aiot_stream_port(&self->a.fd)), 0);
    CHECK_EQUAL(aiot_stream_listen(&self->b, &loop, &at, 5, AIOT_STREAM_REUSEPORT), 0);
    CHECK_EQUAL(aiot_stream_listen(&self->c, &loop, &at, 5, 0), EADDRINUSE);
    CHECK_EQUAL(aiot_listener_close(&self->a), 0);
    CHECK_EQUAL(aiot_listener_close(&self->b), 0);
    CHECK_END();
}

/* ---- Out of descriptors. */
struct accepting { AIOT_FRAME; struct aiot_listener *listener; aiot_fd *fds; int n; struct aiot_stream_accept accept; };
static AIOT_CORO(accepting)
{
    AIOT_BEGIN();
    for (;; self->n++) AIOT_AWAIT(aiot_stream_accept, &self->accept, .listener = self->listener, .fd = &self->fds[self->n]);
    AIOT_END();
}

/* The machine may be busy. */
static int tries;
#define WAIT_UNTIL(condition) \
    do { for (tries = 0; !(condition) && tries < 2000; tries++) AIOT_SLEEP(AIOT_MS(1)); CHECK(condition); } while (0)

static bool was_closed(int fd) { char byte; return recv(fd, &byte, 1, 0) == 0; }

struct without_descriptors_peers_are_told {
    AIOT_FRAME;
    struct aiot_listener listener; int clients[4]; struct rlimit before; struct accepting accepting; aiot_task t; aiot_fd fds[4];
};
static AIOT_CORO(without_descriptors_peers_are_told)
{
    AIOT_BEGIN();
    listen_on_loopback(&self->listener, 5);
    for (int i = 0; i < 4; i++) self->clients[i] = client();
    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &self->before), 0);
    {
        int next = dup(0);
        struct rlimit low = { .rlim_cur = (rlim_t)next + 1, .rlim_max = self->before.rlim_max };
        close(next);
        CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &low), 0);         /* room for one more */
    }
    AIOT_SPAWN(&self->t, accepting, &self->accepting, .listener = &self->listener, .fds = self->fds);
    WAIT_UNTIL(self->listener.refused == 3);
    CHECK_EQUAL(self->accepting.n, 1);
    for (int i = 1; i < 4; i++) CHECK(was_closed(self->clients[i]));
    CHECK(self->listener.reserve >= 0);
    CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &self->before), 0);
    close(self->clients[1]);
    self->clients[1] = client();
    WAIT_UNTIL(self->accepting.n == 2);
    AIOT_TRY { aiot_cancel(&self->t); AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    for (int i = 0; i < 4; i++) close(self->clients[i]);
    for (int i = 0; i < 2; i++) CHECK_EQUAL(aiot_fd_close(&self->fds[i]), 0);
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    CHECK_END();
}

/* The reserve does not help: the pause grows. Then it goes on. */
struct without_a_reserve_it_does_not_spin {
    AIOT_FRAME;
    struct aiot_listener listener; int client; aiot_fd fd; struct aiot_stream_accept accept; aiot_task t;
};
static AIOT_CORO(without_a_reserve_it_does_not_spin)
{
    AIOT_BEGIN();
    listen_on_loopback(&self->listener, 5);
    self->client = client();
    failure = EMFILE;
    failures = 1000;
    accepts = 0;
    AIOT_SPAWN(&self->t, aiot_stream_accept, &self->accept, .listener = &self->listener, .fd = &self->fd);
    AIOT_SLEEP(AIOT_MS(40));
    CHECK(accepts >= 2 && accepts <= 14);       /* after 0, 1, 3, 7, 15, 31 ms; each also with the reserve's place */
    CHECK(!aiot_done(&self->t));
    failures = 0;
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->listener.refused, 0);
    CHECK_EQUAL(self->listener.pause, 0);
    close(self->client);
    CHECK_EQUAL(aiot_fd_close(&self->fd), 0);
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    CHECK_END();
}

struct a_connection_that_has_gone_is_passed_over {
    AIOT_FRAME;
    struct aiot_listener listener; int client; aiot_fd fd; struct aiot_stream_accept accept;
};
static AIOT_CORO(a_connection_that_has_gone_is_passed_over)
{
    AIOT_BEGIN();
    listen_on_loopback(&self->listener, 5);
    for (self->client = -1; failures == 0;) {
        static const int errors[] = { ECONNABORTED, EINTR, EAGAIN, EPROTO };
        static unsigned i;
        if (i == 4) break;
        failure = errors[i++];
        failures = 2;
        self->client = client();
        AIOT_AWAIT(aiot_stream_accept, &self->accept, .listener = &self->listener, .fd = &self->fd);
        close(self->client);
        CHECK_EQUAL(aiot_fd_close(&self->fd), 0);
    }
    self->client = client();
    failure = EINVAL;                           /* this one is told */
    failures = 1;
    AIOT_TRY {
        AIOT_AWAIT(aiot_stream_accept, &self->accept, .listener = &self->listener, .fd = &self->fd);
        NOT_REACHED();
    } AIOT_EXCEPT(EINVAL) { }
    close(self->client);
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    CHECK_END();
}

/* ---- A cut and a completion, in adjacent turns. The cut is a cancel, or a limit. */
enum { CANCEL, LIMIT, CUTS, TURNS = 7 };
enum { TO_RECEIVE, TO_FILL, TO_ACCEPT, TO_SEND, WAYS };
static char plenty[8192];

struct limited {
    AIOT_FRAME;
    int way; struct link *link; struct aiot_listener *listener; aiot_fd *accepted; char *got; aiot_timeout limit; union calls x;
};
static AIOT_CORO(limited)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_FOREVER) {
        if (self->way == TO_RECEIVE) AIOT_AWAIT(aiot_stream_recv, &self->x.recv, .fd = &self->link->here, .to = self->got, .room = 1);
        if (self->way == TO_FILL) AIOT_AWAIT(aiot_stream_fill, &self->x.fill, .fd = &self->link->here, .buffer = &self->link->in);
        if (self->way == TO_ACCEPT) AIOT_AWAIT(aiot_stream_accept, &self->x.accept, .listener = self->listener, .fd = self->accepted);
        if (self->way == TO_SEND)
            AIOT_AWAIT(aiot_stream_send_all, &self->x.send, .fd = &self->link->here, .from = plenty, .length = sizeof plenty);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timed out "); }
    AIOT_END();
}

static void cut(struct limited *l, aiot_task *t, int how)
{
    if (how == CANCEL) (void)aiot_cancel(t);
    else (void)aiot_timeout_reschedule(&l->limit, aiot_now(&loop));     /* AIOT_ERUNTIME if it has ended */
}

static size_t fill(int fd, const char *from, size_t most)
{
    size_t all = 0;
    for (ssize_t n; most > 0 && (n = send(fd, from, most < 4096 ? most : 4096, MSG_NOSIGNAL)) > 0; most -= (size_t)n) all += (size_t)n;
    return all;
}
static size_t empty(int fd)
{
    char bytes[4096];
    size_t all = 0;
    for (ssize_t n; (n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;) all += (size_t)n;
    return all;
}

struct a_cut_at_any_instant_loses_nothing {
    AIOT_FRAME;
    int way, how, cut_at, done_at, turn, client, completed, was_cut; size_t before, read;
    struct link link; struct aiot_listener listener; aiot_fd accepted; char got; struct limited limited; aiot_task t;
};
static void begin_case(struct a_cut_at_any_instant_loses_nothing *self)
{
    self->got = '-';
    self->client = -1;
    self->read = 0;
    connect_both(&self->link);
    self->before = self->way == TO_SEND ? fill(self->link.here.fd, plenty, SIZE_MAX / 2) : 0;
    if (self->way == TO_ACCEPT) listen_on_loopback(&self->listener, 5);
}
static void complete(struct a_cut_at_any_instant_loses_nothing *self)
{
    if (self->way == TO_ACCEPT) self->client = client();
    else if (self->way == TO_SEND) self->read = empty(self->link.there);
    else write_to(self->link.there, "x");
}
/* What was not handed out is still there. */
static void end_case(struct a_cut_at_any_instant_loses_nothing *self)
{
    size_t sent;
    bool is_done = false;
    char byte = '-';
    switch (self->way) {
    case TO_RECEIVE:
        is_done = self->got == 'x';
        CHECK_EQUAL(recv(self->link.there, &byte, 1, MSG_DONTWAIT), -1);
        CHECK_EQUAL(recv(self->link.here.fd, &byte, 1, 0), is_done ? -1 : 1);
        break;
    case TO_FILL:
        is_done = self->link.in.used == 1;
        CHECK_EQUAL(aiot_stream_fill_nowait(&self->link.here, &self->link.in), is_done ? EAGAIN : 0);
        CHECK_EQUAL(self->link.in.used, 1);
        break;
    case TO_ACCEPT:
        is_done = self->accepted.loop != NULL && self->accepted.fd >= 0;
        if (is_done) CHECK_EQUAL(aiot_fd_close(&self->accepted), 0);
        else CHECK_EQUAL(poll(&(struct pollfd){ .fd = self->listener.fd.fd, .events = POLLIN }, 1, 5000), 1);
        CHECK_EQUAL(aiot_stream_accept_nowait(&self->listener, &self->accepted, NULL), is_done ? EAGAIN : 0);
        if (!is_done) CHECK_EQUAL(aiot_fd_close(&self->accepted), 0);
        CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
        close(self->client);
        break;
    case TO_SEND:
        sent = self->limited.x.send.sent;
        is_done = sent == sizeof plenty;
        self->read += empty(self->link.there);
        CHECK_EQUAL(self->read, self->before + sent);
        break;
    default: break;
    }
    self->completed += is_done;
    CHECK_EQUAL(is_done, check_notes[0] == '\0');
    check_notes[0] = '\0';
    close_both(&self->link);
}
static AIOT_CORO(a_cut_at_any_instant_loses_nothing)
{
    AIOT_BEGIN();
    for (self->way = 0; self->way < WAYS; self->way++)
    for (self->how = 0; self->how < CUTS; self->how++) {
        self->completed = self->was_cut = 0;
        for (self->cut_at = 0; self->cut_at < TURNS; self->cut_at++)
        for (self->done_at = 0; self->done_at < TURNS; self->done_at++) {
            begin_case(self);
            AIOT_SPAWN(&self->t, limited, &self->limited, .way = self->way, .link = &self->link, .listener = &self->listener,
                       .accepted = &self->accepted, .got = &self->got);
            for (self->turn = 0; self->turn < TURNS; self->turn++) {
                if (self->turn == self->cut_at && self->turn > 0) cut(&self->limited, &self->t, self->how);
                if (self->turn == self->done_at) complete(self);
                AIOT_YIELD();
            }
            cut(&self->limited, &self->t, self->how);
            AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
            self->was_cut += check_notes[0] != '\0';
            end_case(self);
        }
        CHECK(self->completed > TURNS && self->was_cut > TURNS);        /* both did happen */
    }
    CHECK_END();
}

/* ---- Lines and counts. */
#define EXPECT_LINE(text) \
    do { \
        AIOT_AWAIT(aiot_stream_recv_until, &self->x.until, .fd = &self->link.here, .buffer = &self->link.in, .end = self->end); \
        CHECK_EQUAL(self->x.until.length, strlen(text)); \
        CHECK(memcmp(self->x.until.line, text, strlen(text)) == 0); \
    } while (0)

struct lines { AIOT_FRAME; struct link link; const char *end; union calls x; aiot_timeout limit; aiot_task t; };
static AIOT_CORO(lines)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    self->end = "\n";
    write_to(self->link.there, "one\ntwo\n\nfo");              /* joined: one system call */
    receives = 0;
    EXPECT_LINE("one\n");
    EXPECT_LINE("two\n");
    EXPECT_LINE("\n");
    CHECK_EQUAL(receives, 1);
    AIOT_TRY {                                                  /* split, and a limit in the middle */
        AIOT_TIMEOUT(&self->limit, AIOT_MS(2)) { EXPECT_LINE("never"); }
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    CHECK_EQUAL(self->link.in.used, 2);
    write_to(self->link.there, "ur\nlast");
    EXPECT_LINE("four\n");

    write_to(self->link.there, " 12345678901");                 /* as much as the buffer holds */
    AIOT_TRY { EXPECT_LINE("never"); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ENOBUFS) { }
    CHECK_EQUAL(self->link.in.used, 16);
    aiot_buffer_take(&self->link.in, 14);
    write_to(self->link.there, "23456789012\n45678");           /* 14 with what was left, and more than fits */
    EXPECT_LINE("0123456789012\n");
    write_to(self->link.there, "789012345\n");                  /* 15: one less than it holds */
    EXPECT_LINE("45678789012345\n");

    self->end = "\r\n";                                         /* its two bytes come one by one */
    AIOT_SPAWN(&self->t, aiot_stream_recv_until, &self->x.until, .fd = &self->link.here, .buffer = &self->link.in, .end = "\r\n");
    write_to(self->link.there, "a\rb\r");
    AIOT_SLEEP(AIOT_MS(2));
    CHECK(!aiot_done(&self->t));
    write_to(self->link.there, "\nrest");
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->x.until.length, 5);

    CHECK_EQUAL(shutdown(self->link.there, SHUT_WR), 0);
    AIOT_TRY { EXPECT_LINE("never"); NOT_REACHED(); } AIOT_EXCEPT(AIOT_STREAM_CUT) { }
    CHECK_EQUAL(self->link.in.used, 4);
    CHECK(memcmp(aiot_buffer_data(&self->link.in), "rest", 4) == 0);
    aiot_buffer_take(&self->link.in, 4);
    AIOT_TRY { EXPECT_LINE("never"); NOT_REACHED(); } AIOT_EXCEPT(AIOT_STREAM_EOF) { }
    close_both(&self->link);
    CHECK_END();
}

#define EXPECT_BYTES(text) \
    do { \
        AIOT_AWAIT(aiot_stream_recv_exactly, &self->x.exactly, .fd = &self->link.here, .buffer = &self->link.in, .count = strlen(text)); \
        CHECK(memcmp(self->x.exactly.data, text, strlen(text)) == 0); \
    } while (0)
struct exact_counts { AIOT_FRAME; struct link link; union calls x; aiot_timeout limit; };
static AIOT_CORO(exact_counts)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    write_to(self->link.there, "abcdefg");
    EXPECT_BYTES("abc");
    EXPECT_BYTES("");
    EXPECT_BYTES("de");
    AIOT_TRY { AIOT_TIMEOUT(&self->limit, AIOT_MS(2)) { EXPECT_BYTES("fgh"); } NOT_REACHED(); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    write_to(self->link.there, "hijklmnopqrstu");
    EXPECT_BYTES("fghijklmnopqrstu");                           /* the whole buffer */
    AIOT_TRY { EXPECT_BYTES("12345678901234567"); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ENOBUFS) { }
    write_to(self->link.there, "xy");
    close(self->link.there);
    self->link.there = -1;
    AIOT_TRY { EXPECT_BYTES("xyz"); NOT_REACHED(); } AIOT_EXCEPT(AIOT_STREAM_CUT) { }
    EXPECT_BYTES("xy");
    AIOT_TRY { EXPECT_BYTES("z"); NOT_REACHED(); } AIOT_EXCEPT(AIOT_STREAM_EOF) { }
    close_both(&self->link);
    CHECK_END();
}

/* A peer who floods, and a polite one. While the first has lines in the buffer, the second is served after 16 of them. */
struct reads_lines { AIOT_FRAME; aiot_fd *fd; struct aiot_buffer *in; int lines; struct aiot_stream_recv_until until; };
static AIOT_CORO(reads_lines)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (;; self->lines++) AIOT_AWAIT(aiot_stream_recv_until, &self->until, .fd = self->fd, .buffer = self->in, .end = "\n");
    } AIOT_EXCEPT(AIOT_STREAM_EOF) { }
    AIOT_END();
}
struct a_flood_starves_nobody {
    AIOT_FRAME;
    struct link flood, polite; char room[4096]; struct reads_lines a, b; aiot_task t, u; int turns;
};
static AIOT_CORO(a_flood_starves_nobody)
{
    AIOT_BEGIN();
    connect_both(&self->flood);
    connect_both(&self->polite);
    aiot_buffer_init(&self->flood.in, self->room, sizeof self->room);
    memset(plenty, '\n', 2000);
    CHECK_EQUAL(fill(self->flood.there, plenty, 2000), 2000);
    AIOT_SPAWN(&self->t, reads_lines, &self->a, .fd = &self->flood.here, .in = &self->flood.in);
    AIOT_SPAWN(&self->u, reads_lines, &self->b, .fd = &self->polite.here, .in = &self->polite.in);
    while (self->a.lines == 0) AIOT_YIELD();
    CHECK(self->a.lines <= 2 * AIOT_STREAM_IN_A_ROW);
    write_to(self->polite.there, "please\n");
    for (self->turns = 0; self->b.lines == 0; self->turns++) AIOT_YIELD();
    CHECK(self->turns <= 4);
    CHECK(self->a.lines <= 10 * AIOT_STREAM_IN_A_ROW);          /* of 2000 */
    close_both(&self->polite);
    CHECK_EQUAL(shutdown(self->flood.there, SHUT_WR), 0);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->a.lines, 2000);
    AIOT_TRY { AIOT_JOIN(&self->u); } AIOT_EXCEPT(AIOT_EBADF) { }
    close_both(&self->flood);
    CHECK_END();
}

/* ---- Sending, and failures. */
struct sends_of_any_size {
    AIOT_FRAME;
    struct link link; char big[300000], got[300000]; size_t all; struct aiot_stream_send_all send; struct aiot_stream_recv recv;
    aiot_fd there; aiot_task t;
};
static AIOT_CORO(sends_of_any_size)
{
    AIOT_BEGIN();
    connect_both(&self->link);
    CHECK_EQUAL(aiot_fd_open(&self->there, &loop, self->link.there), 0);
    for (size_t i = 0; i < sizeof self->big; i++) self->big[i] = (char)(i * 7919 >> 5);
    AIOT_AWAIT(aiot_stream_send_all, &self->send, .fd = &self->link.here, .from = self->big, .length = 0);
    AIOT_SPAWN(&self->t, aiot_stream_send_all, &self->send, .fd = &self->link.here, .from = self->big, .length = sizeof self->big);
    AIOT_YIELD();
    CHECK(self->send.sent > 0 && self->send.sent < sizeof self->big);
    while (self->all < sizeof self->got) {
        AIOT_AWAIT(aiot_stream_recv, &self->recv, .fd = &self->there, .to = self->got + self->all, .room = 10000);
        self->all += self->recv.got;
    }
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->send.sent, sizeof self->big);
    CHECK(memcmp(self->big, self->got, sizeof self->big) == 0);
    CHECK_EQUAL(aiot_fd_close(&self->there), 0);
    self->link.there = -1;
    AIOT_TRY {                                  /* SIGPIPE would end this program */
        AIOT_AWAIT(aiot_stream_send_all, &self->send, .fd = &self->link.here, .from = "x", .length = 1);
        NOT_REACHED();
    } AIOT_EXCEPT(EPIPE) { }
    close_both(&self->link);
    CHECK_END();
}

struct a_reset_is_told { AIOT_FRAME; struct aiot_listener listener; aiot_fd fd; int client; char got[4]; union calls x; };
static AIOT_CORO(a_reset_is_told)
{
    AIOT_BEGIN();
    listen_on_loopback(&self->listener, 5);
    self->client = client();
    AIOT_AWAIT(aiot_stream_accept, &self->x.accept, .listener = &self->listener, .fd = &self->fd);
    reset(self->client);
    AIOT_TRY {
        AIOT_AWAIT(aiot_stream_recv, &self->x.recv, .fd = &self->fd, .to = self->got, .room = 4);
        NOT_REACHED();
    } AIOT_EXCEPT(ECONNRESET) { }
    CHECK_EQUAL(aiot_fd_close(&self->fd), 0);
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    CHECK_END();
}

struct closing_ends_the_waits {
    AIOT_FRAME;
    struct aiot_listener listener; struct link link; aiot_fd fd; char got; union calls x, y, z; aiot_task t, u, v;
};
static AIOT_CORO(closing_ends_the_waits)
{
    AIOT_BEGIN();
    listen_on_loopback(&self->listener, 5);
    connect_both(&self->link);
    fill(self->link.here.fd, plenty, SIZE_MAX / 2);
    AIOT_SPAWN(&self->t, aiot_stream_accept, &self->x.accept, .listener = &self->listener, .fd = &self->fd);
    AIOT_SPAWN(&self->u, aiot_stream_recv, &self->y.recv, .fd = &self->link.here, .to = &self->got, .room = 1);
    AIOT_SPAWN(&self->v, aiot_stream_send_all, &self->z.send, .fd = &self->link.here, .from = "x", .length = 1);
    AIOT_YIELD();
    AIOT_TRY {                                  /* one receives already */
        static struct aiot_stream_recv second;
        AIOT_AWAIT(aiot_stream_recv, &second, .fd = &self->link.here, .to = &self->got, .room = 1);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    CHECK_EQUAL(aiot_listener_close(&self->listener), 0);
    close_both(&self->link);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EBADF) { }
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EBADF) { }
    AIOT_TRY { AIOT_JOIN(&self->v); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EBADF) { }
    CHECK_EQUAL(aiot_stream_fill_nowait(&self->link.here, &self->link.in), AIOT_EBADF);
    CHECK_END();
}

struct datagrams { AIOT_FRAME; aiot_fd a, b; struct aiot_address to, from; char got[8]; union calls x; aiot_timeout limit; };
static AIOT_CORO(datagrams)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_address_ip(&self->to, "127.0.0.1", 0), 0);
    CHECK_EQUAL(aiot_datagram_open(&self->a, &loop, &self->to), 0);
    CHECK_EQUAL(aiot_datagram_open(&self->b, &loop, &self->to), 0);
    CHECK_EQUAL(aiot_datagram_open(&self->b, &loop, &self->to), AIOT_ERUNTIME);
    check_prepared(&self->a);
    CHECK_EQUAL(aiot_address_ip(&self->to, "127.0.0.1", aiot_stream_port(&self->b)), 0);
    AIOT_TRY {
        AIOT_TIMEOUT(&self->limit, AIOT_MS(2)) {
            AIOT_AWAIT(aiot_datagram_recv, &self->x.recvfrom, .fd = &self->b, .to = self->got, .room = 8);
        }
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_AWAIT(aiot_datagram_send, &self->x.sendto, .fd = &self->a, .from = "ping", .length = 4, .peer = &self->to);
    AIOT_AWAIT(aiot_datagram_send, &self->x.sendto, .fd = &self->a, .from = "", .length = 0, .peer = &self->to);
    AIOT_AWAIT(aiot_datagram_recv, &self->x.recvfrom, .fd = &self->b, .to = self->got, .room = 8, .peer = &self->from);
    CHECK_EQUAL(self->x.recvfrom.got, 4);
    CHECK_EQUAL(ntohs(self->from.v4.sin_port), aiot_stream_port(&self->a));
    AIOT_AWAIT(aiot_datagram_recv, &self->x.recvfrom, .fd = &self->b, .to = self->got, .room = 8);
    CHECK_EQUAL(self->x.recvfrom.got, 0);
    CHECK_EQUAL(connect(self->a.fd, &self->to.any, self->to.length), 0);
    AIOT_AWAIT(aiot_datagram_send, &self->x.sendto, .fd = &self->a, .from = "pong", .length = 4);
    AIOT_AWAIT(aiot_datagram_recv, &self->x.recvfrom, .fd = &self->b, .to = self->got, .room = 8);
    CHECK(memcmp(self->got, "pong", 4) == 0);
    AIOT_TRY {
        AIOT_AWAIT(aiot_datagram_send, &self->x.sendto, .fd = &self->a, .from = plenty, .length = 70000);
        NOT_REACHED();
    } AIOT_EXCEPT(EMSGSIZE) { }
    CHECK_EQUAL(aiot_fd_close(&self->a), 0);
    CHECK_EQUAL(aiot_fd_close(&self->b), 0);
    CHECK_END();
}

#define RUN_REAL(fn) \
    do { \
        static struct fn frame; \
        int before = open_descriptors(); \
        memset(&frame, 0, sizeof frame); \
        aiot_loop_init(&loop); \
        CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0); \
        CHECK_EQUAL(aiot_run(&loop, fn, &frame), AIOT_OK); \
        CHECK(check_end == &frame); \
        CHECK_EQUAL(loop.watched, AIOT_I_INTERRUPTS); \
        CHECK_EQUAL(aiot_poll_close(&loop), 0); \
        CHECK_EQUAL(open_descriptors(), before); \
        CHECK_EQUAL(complaints, 0); \
        check_notes[0] = '\0'; \
    } while (0)

int main(void)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/aiot_stream_%ld", (long)getpid());
    addresses_are_checked();
    each_error_has_a_text();
    a_delimiter_is_found_where_it_ends();
    RUN_REAL(pair_up);                          /* TCP */
    CHECK_EQUAL(aiot_address_unix(&at, path), 0);
    RUN_REAL(pair_up);                          /* unix */
    RUN_REAL(unix_files);
    RUN_REAL(a_full_unix_backlog_is_tried_again);
    RUN_REAL(a_failed_connect_leaves_nothing_open);
    RUN_REAL(a_list_is_tried_in_turn);
    RUN_REAL(two_listeners_share_a_port);
    RUN_REAL(without_descriptors_peers_are_told);
    RUN_REAL(without_a_reserve_it_does_not_spin);
    RUN_REAL(a_connection_that_has_gone_is_passed_over);
    RUN_REAL(a_cut_at_any_instant_loses_nothing);
    RUN_REAL(lines);
    RUN_REAL(exact_counts);
    RUN_REAL(a_flood_starves_nobody);
    RUN_REAL(sends_of_any_size);
    RUN_REAL(a_reset_is_told);
    RUN_REAL(closing_ends_the_waits);
    RUN_REAL(datagrams);
    return 0;
}
