/* aiot_stream.h - sockets as coroutines for aio_timeout.h: connect, accept, receive, send, read lines. MIT licence.
 *
 * Each wait can have a limit and can be cancelled at any instant, and loses nothing: no byte, no connection, no descriptor. No allocation,
 * no threads, no global state. TCP, unix and UDP sockets. asyncio's analogues are named at each item.
 *
 * QUICK START
 *
 *     #define _GNU_SOURCE
 *     #define AIOT_POLL 1
 *     #include "aio_timeout.h"
 *     #include "aiot_stream.h"
 *
 *     struct ask {
 *         AIOT_FRAME;
 *         aiot_fd socket; struct aiot_buffer in; char room[1024]; aiot_timeout limit;
 *         struct aiot_address server;
 *         union { struct aiot_stream_connect connect; struct aiot_stream_send_all send; struct aiot_stream_recv_until recv; } call;
 *     };
 *
 *     static AIOT_CORO(ask)
 *     {
 *         AIOT_BEGIN();
 *         AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
 *             AIOT_CHECK(aiot_address_ip(&self->server, "127.0.0.1", 7000));
 *             AIOT_AWAIT(aiot_stream_connect, &self->call.connect, .fd = &self->socket,
 *                        .to = &self->server.any, .length = self->server.length);
 *             AIOT_AWAIT(aiot_stream_send_all, &self->call.send, .fd = &self->socket, .from = "hello\n", .length = 6);
 *             aiot_buffer_init(&self->in, self->room, sizeof self->room);
 *             AIOT_AWAIT(aiot_stream_recv_until, &self->call.recv, .fd = &self->socket, .buffer = &self->in, .end = "\n");
 *             printf("%.*s", (int)self->call.recv.length, self->call.recv.line);
 *         } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
 *             puts("too slow");
 *         } AIOT_EXCEPT_APP {
 *             puts(aiot_stream_strerror(aiot_caught(task).code));
 *         } AIOT_FINALLY {
 *             aiot_fd_close(&self->socket);
 *         }
 *         AIOT_END();
 *     }
 *
 * CONTENTS
 *    addresses    aiot_address_ip()  aiot_address_unix()  aiot_stream_port()
 *    errors       AIOT_STREAM_EOF  AIOT_STREAM_CUT  aiot_stream_strerror()
 *    opening      aiot_stream_open()  aiot_stream_listen()  aiot_listener_close()  aiot_datagram_open()
 *    connecting   aiot_stream_connect  aiot_stream_connect_list  aiot_stream_connect_name
 *    accepting    aiot_stream_accept  aiot_stream_accept_nowait()
 *    receiving    aiot_stream_recv  aiot_buffer_init()  aiot_buffer_data()  aiot_buffer_take()  aiot_buffer_find()  aiot_stream_fill
 *                 aiot_stream_fill_nowait()  aiot_stream_recv_exactly  aiot_stream_recv_until
 *    sending      aiot_stream_send_all  aiot_stream_send_nowait()
 *    datagrams    aiot_datagram_recv  aiot_datagram_send
 *
 * THE RULES
 *  1. A connection is an aiot_fd, section [15] of aio_timeout.h. The caller owns it, zeroes it before its first use, and closes it with
 *     aiot_fd_close(). For other calls, as shutdown(2), its descriptor is socket.fd.
 *  2. One task may receive from a socket while another one sends. A second task that waits for the same gets AIOT_ERUNTIME; let only one
 *     send, for the bytes of two would mix.
 *  3. All pointers that a coroutine is given must stay valid until it returns or raises: pass `&self->x`, statics, or string literals.
 *  4. Every coroutine raises what AIOT_READABLE() and AIOT_WRITABLE() raise: AIOT_EBADF if the socket is not open or is closed meanwhile,
 *     AIOT_ERUNTIME without aiot_poll_open(), cancels; and errnos, which are positive. What it raises beyond that is said there.
 *  5. Every descriptor that is opened here is non-blocking and close-on-exec, and never causes SIGPIPE.
 *  6. On Linux define _GNU_SOURCE before the first #include: accept4(2) then saves two system calls for each connection. With -std=c11,
 *     aiot_stream_connect_list needs _GNU_SOURCE, _DEFAULT_SOURCE or _POSIX_C_SOURCE 200112L. All else works without. */
#ifndef AIOT_STREAM_H
#define AIOT_STREAM_H

#include "aio_timeout.h"
#if !AIOT_POLL
#error "aiot_stream.h needs file descriptors: write #define AIOT_POLL 1 before the first #include of aio_timeout.h, in all files"
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- Addresses. An IPv4, IPv6 or unix address and its length, by value. Others than these two functions may fill it, too: getpeername(2)
 * with &a.any and &a.length. */
struct aiot_address {
    union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; struct sockaddr_un local; };
    socklen_t length;
};
enum { AIOT_I_ADDRESS_ROOM = offsetof(struct aiot_address, length) };

/* Makes an address from a numeric text, as "127.0.0.1" or "::1", and a port. "0.0.0.0" and "::" stand for all addresses of the machine,
 * port 0 for any free port. Returns 0, or AIOT_EINVAL: the text is no address, or the port is not from 0 to 65535. */
static inline int aiot_address_ip(struct aiot_address *a, const char *text, int port)
{
    memset(a, 0, sizeof *a);
    if (port < 0 || port > 65535) return AIOT_EINVAL;
    if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
        a->v4.sin_family = AF_INET;
        a->v4.sin_port = htons((uint16_t)port);
        a->length = sizeof a->v4;
        return 0;
    }
    memset(a, 0, sizeof *a);
    if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) != 1) return AIOT_EINVAL;
    a->v6.sin6_family = AF_INET6;
    a->v6.sin6_port = htons((uint16_t)port);
    a->length = sizeof a->v6;
    return 0;
}

/* Makes the address of a unix socket from its path. Returns 0, or AIOT_EINVAL if the path is empty or too long: 107 bytes on Linux. */
static inline int aiot_address_unix(struct aiot_address *a, const char *path)
{
    size_t length = strlen(path);
    memset(a, 0, sizeof *a);
    if (length == 0 || length >= sizeof a->local.sun_path) return AIOT_EINVAL;
    a->local.sun_family = AF_UNIX;
    memcpy(a->local.sun_path, path, length + 1);
    a->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    return 0;
}

/* socket.getsockname(): the port that a socket has, also after a listen on port 0. Returns 0 for unix sockets and closed ones. */
static inline int aiot_stream_port(const aiot_fd *f)
{
    struct aiot_address a;
    a.length = AIOT_I_ADDRESS_ROOM;
    if (f->loop == NULL || f->fd < 0 || getsockname(f->fd, &a.any, &a.length) != 0) return 0;
    return a.any.sa_family == AF_INET ? ntohs(a.v4.sin_port) : a.any.sa_family == AF_INET6 ? ntohs(a.v6.sin6_port) : 0;
}

/* ---- Errors. Codes of this file are in the range 23000 to 23999, above all errnos. Both are IncompleteReadError. */
enum {
    AIOT_STREAM_EOF = 23000,  /* the peer has ended its half, and the buffer is empty */
    AIOT_STREAM_CUT           /* the peer has ended its half too early: buffer->used bytes have come and stay in the buffer */
};

/* The text of any error code: of this file, of aio_timeout.h, or an errno. Static, or valid until the next strerror(). */
static inline const char *aiot_stream_strerror(int code)
{
    if (code == AIOT_STREAM_EOF) return "the peer has ended the connection";
    if (code == AIOT_STREAM_CUT) return "the peer has ended the connection before the data was complete";
    return code > 0 ? strerror(code) : aiot_strerror(code);
}

/* Of the last system call. AIOT_EBADF stands for EBADF, EAGAIN for EWOULDBLOCK. */
static inline int aiot_i_stream_errno(void)
{
    if (errno == EBADF) return AIOT_EBADF;
    return errno == EWOULDBLOCK ? EAGAIN : errno;
}

/* ---- Opening. Plain functions: they return 0 or an error code, and never wait. */

#ifdef MSG_NOSIGNAL
#define AIOT_I_STREAM_SEND_FLAGS MSG_NOSIGNAL
#else
#define AIOT_I_STREAM_SEND_FLAGS 0  /* macOS: SO_NOSIGPIPE instead */
#endif
#if (defined __linux__ && defined _GNU_SOURCE) || defined __FreeBSD__ || defined __OpenBSD__ || defined __DragonFly__
#define AIOT_I_STREAM_ACCEPT4 1
#else
#define AIOT_I_STREAM_ACCEPT4 0
#endif

static inline int aiot_i_stream_set(int fd, int level, int name)
{
    int one = 1;
    return setsockopt(fd, level, name, &one, (socklen_t)sizeof one) == 0 ? 0 : errno;
}

/* For descriptors that a call has not opened this way. */
static inline int aiot_i_stream_prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) return aiot_i_stream_errno();
    return 0;
}
static inline void aiot_i_stream_never_sigpipe(int fd)
{
#ifdef SO_NOSIGPIPE
    (void)aiot_i_stream_set(fd, SOL_SOCKET, SO_NOSIGPIPE);
#endif
    (void)fd;
}
/* Returns a descriptor, or -1 with errno. */
static inline int aiot_i_stream_socket(int family, int type, int protocol)
{
#if defined SOCK_NONBLOCK && defined SOCK_CLOEXEC
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
#else
    int fd = socket(family, type, protocol);
    if (fd >= 0) (void)aiot_i_stream_prepare(fd);
#endif
    if (fd >= 0) aiot_i_stream_never_sigpipe(fd);
    return fd;
}
static inline bool aiot_i_stream_is_open(const aiot_fd *f) { return f->loop != NULL && f->fd >= 0; }

/* aiot_fd_open() of a descriptor that is closed if this fails. */
static inline int aiot_i_stream_own(aiot_fd *f, aiot_loop *loop, int fd)
{
    int error = aiot_fd_open(f, loop, fd);
    if (error != 0) (void)close(fd);
    return error;
}

/* Takes a socket or pipe that was opened elsewhere: by socketpair(2), pipe(2), a parent process. Makes it non-blocking and close-on-exec.
 * On failure the descriptor stays the caller's. Sockets never cause SIGPIPE; for pipes, ignore that signal. */
static inline int aiot_stream_open(aiot_fd *f, aiot_loop *loop, int fd)
{
    int error = aiot_i_stream_prepare(fd);
    if (error != 0) return error;
    aiot_i_stream_never_sigpipe(fd);
    return aiot_fd_open(f, loop, fd);
}

/* A socket that listens. The caller owns it, and zeroes it before its first use. It must not move while it is open. */
struct aiot_listener {
    aiot_fd       fd;
    unsigned long refused;  /* connections that were closed at once because there were no descriptors for them */

    int           reserve;  /* from here on: private. A descriptor to give up then, or -1 */
    aiot_time     pause;    /* the next one */
};

enum { AIOT_STREAM_REUSEPORT = 1 };

#ifdef S_ISSOCK
#define AIOT_I_STREAM_ISSOCK(mode) S_ISSOCK(mode)
#else
#define AIOT_I_STREAM_ISSOCK(mode) (((mode) & 0170000) == 0140000)  /* -std=c11 hides it */
#endif

/* A unix socket's file that no process listens on: it is left over. */
static inline bool aiot_i_stream_is_left_over(const struct aiot_address *a)
{
    struct stat status;
    if (a->any.sa_family != AF_UNIX || stat(a->local.sun_path, &status) != 0 || !AIOT_I_STREAM_ISSOCK(status.st_mode)) return false;
    int fd = aiot_i_stream_socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0) return false;
    bool is_refused = connect(fd, &a->any, a->length) != 0 && errno == ECONNREFUSED;
    (void)close(fd);
    return is_refused;
}
static inline int aiot_i_stream_bind(int fd, const struct aiot_address *a)
{
    if (bind(fd, &a->any, a->length) == 0) return 0;
    if (errno == EADDRINUSE && aiot_i_stream_is_left_over(a)) {
        (void)unlink(a->local.sun_path);
        return bind(fd, &a->any, a->length) == 0 ? 0 : errno;
    }
    return aiot_i_stream_errno();
}
static inline int aiot_i_stream_begin_listen(int fd, const struct aiot_address *a, int backlog, unsigned flags)
{
    int error = 0;
    if (a->any.sa_family != AF_UNIX) {
        error = aiot_i_stream_set(fd, SOL_SOCKET, SO_REUSEADDR);
        (void)aiot_i_stream_set(fd, IPPROTO_TCP, TCP_NODELAY);  /* accepted sockets inherit it */
    }
#ifdef IPV6_V6ONLY
    if (error == 0 && a->any.sa_family == AF_INET6) error = aiot_i_stream_set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
#endif
    if (error == 0 && (flags & AIOT_STREAM_REUSEPORT)) {
#ifdef SO_REUSEPORT
        error = aiot_i_stream_set(fd, SOL_SOCKET, SO_REUSEPORT);
#else
        error = ENOPROTOOPT;
#endif
    }
    if (error == 0) error = aiot_i_stream_bind(fd, a);
    if (error == 0 && listen(fd, backlog) != 0) error = errno;
    return error;
}

/* asyncio.start_server(), start_unix_server(): listens on an address.
 *    address   copied. Port 0: aiot_stream_port(&listener.fd) tells which one it is
 *    backlog   connections that the kernel keeps until they are accepted; it has a maximum of its own
 *    flags     0, or AIOT_STREAM_REUSEPORT: several sockets, each of one thread, listen on one port, and share its connections
 * Sets SO_REUSEADDR, IPV6_V6ONLY, and TCP_NODELAY, as asyncio does. A unix socket replaces the file of one on which nobody listens. Its
 * file stays when it is closed. Holds one more descriptor in reserve. Returns 0; AIOT_ERUNTIME if the listener is open; or an errno:
 * EADDRINUSE. */
static inline int aiot_stream_listen(struct aiot_listener *l, aiot_loop *loop, const struct aiot_address *address, int backlog,
                                     unsigned flags)
{
    if (aiot_i_stream_is_open(&l->fd)) return AIOT_ERUNTIME;
    int fd = aiot_i_stream_socket(address->any.sa_family, SOCK_STREAM, 0);
    if (fd < 0) return errno;
    int error = aiot_i_stream_begin_listen(fd, address, backlog, flags);
    if (error != 0) {
        (void)close(fd);
        return error;
    }
    l->refused = 0;
    l->pause = 0;
    l->reserve = aiot_i_stream_socket(AF_UNIX, SOCK_DGRAM, 0);
    return aiot_i_stream_own(&l->fd, loop, fd);
}

/* server.close(): listens no more. The kernel resets connections that were not accepted. A task in aiot_stream_accept gets AIOT_EBADF.
 * Returns 0, or AIOT_EBADF if it is closed. */
static inline int aiot_listener_close(struct aiot_listener *l)
{
    if (!aiot_i_stream_is_open(&l->fd)) return AIOT_EBADF;
    if (l->reserve >= 0) (void)close(l->reserve);
    l->reserve = -1;
    return aiot_fd_close(&l->fd);
}

/* loop.create_datagram_endpoint(): a UDP or unix datagram socket with that local address. aiot_address_ip(&a, "0.0.0.0", 0) is any IPv4
 * address. For one peer only, call connect(2) on f->fd then. */
static inline int aiot_datagram_open(aiot_fd *f, aiot_loop *loop, const struct aiot_address *local)
{
    if (aiot_i_stream_is_open(f)) return AIOT_ERUNTIME;
    int fd = aiot_i_stream_socket(local->any.sa_family, SOCK_DGRAM, 0);
    if (fd < 0) return errno;
    int error = aiot_i_stream_bind(fd, local);
    if (error == 0) return aiot_i_stream_own(f, loop, fd);
    (void)close(fd);
    return error;
}

/* ---- aiot_stream_connect: asyncio.open_connection(), loop.sock_connect().
 *
 *     AIOT_AWAIT(aiot_stream_connect, &self->connect, .fd = &self->socket, .to = &self->server.any, .length = self->server.length);
 *
 *    .fd            closed. Open when the call returns. The call uses it until then
 *    .to, .length   the address of a TCP or unix socket
 *
 * Raises AIOT_ERUNTIME if .fd is open, and leaves it; and errnos: ECONNREFUSED, ENETUNREACH, ENOENT. If it raises, or is cancelled, .fd is
 * closed. The kernel tries for some minutes: use a limit. While a unix socket's backlog is full it tries again, in 1 to 100 ms. */
struct aiot_stream_connect {
    AIOT_FRAME;
    aiot_fd *fd;
    const struct sockaddr *to;
    socklen_t length;

    int error;  /* from here on: private */
    aiot_time pause;
};

static inline int aiot_i_connect_open(aiot_fd *f, aiot_loop *loop, int family)
{
    int fd = aiot_i_stream_socket(family, SOCK_STREAM, 0);
    if (fd < 0) return errno;
    if (family != AF_UNIX) (void)aiot_i_stream_set(fd, IPPROTO_TCP, TCP_NODELAY);
    return aiot_i_stream_own(f, loop, fd);
}
/* Returns 0: connected; EINPROGRESS; EAGAIN: try again; or another errno. */
static inline int aiot_i_connect_begin(const aiot_fd *f, const struct sockaddr *to, socklen_t length)
{
    if (connect(f->fd, to, length) == 0) return 0;
    return errno == EINTR ? EINPROGRESS : errno;
}
static inline int aiot_i_connect_result(const aiot_fd *f)
{
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? aiot_i_stream_errno() : error;
}
static inline aiot_time aiot_i_stream_pause(aiot_time *pause, aiot_time longest)
{
    aiot_time now = *pause;
    if (now <= 0) now = AIOT_MS(1) > 0 ? AIOT_MS(1) : 1;
    *pause = now < longest / 2 ? 2 * now : longest;
    return now;
}

static inline AIOT_CORO(aiot_stream_connect)
{
    AIOT_BEGIN();
    if (aiot_i_stream_is_open(self->fd)) AIOT_RAISE(AIOT_ERUNTIME);
    AIOT_CHECK(aiot_i_connect_open(self->fd, task->loop, self->to->sa_family));
    AIOT_TRY {
        while ((self->error = aiot_i_connect_begin(self->fd, self->to, self->length)) == EAGAIN && self->to->sa_family == AF_UNIX)
            AIOT_SLEEP(aiot_i_stream_pause(&self->pause, AIOT_MS(100)));
        if (self->error == EINPROGRESS) {
            AIOT_WRITABLE(self->fd);
            self->error = aiot_i_connect_result(self->fd);
        }
        AIOT_CHECK(self->error);
    } AIOT_EXCEPT_ALL {
        (void)aiot_fd_close(self->fd);
        AIOT_RERAISE();
    }
    AIOT_END();
}

#ifdef AI_NUMERICHOST  /* <netdb.h> has struct addrinfo */
/* ---- aiot_stream_connect_list: tries the addresses of getaddrinfo(3) in turn, as asyncio.open_connection() does.
 *
 *    .fd     as above
 *    .list   a list of addresses. Stays the caller's, who frees it after the call. Those of other types than SOCK_STREAM are passed over
 *    .each   the limit of one attempt, in ns or ticks; 0: none, but then one address that does not answer takes minutes
 *
 * Raises the error of the last attempt, AIOT_ETIMEDOUT among them; AIOT_EINVAL if there is no address to try. */
struct aiot_stream_connect_list {
    AIOT_FRAME;
    aiot_fd *fd;
    const struct addrinfo *list;
    aiot_time each;

    aiot_timeout limit;  /* from here on: private */
    struct aiot_stream_connect connect;
};

static inline const struct addrinfo *aiot_i_connect_first(const struct addrinfo *list)
{
    while (list && list->ai_socktype != SOCK_STREAM && list->ai_socktype != 0) list = list->ai_next;
    return list;
}

static inline AIOT_CORO(aiot_stream_connect_list)
{
    AIOT_BEGIN();
    if (aiot_i_connect_first(self->list) == NULL) AIOT_RAISE(AIOT_EINVAL);
    if (aiot_i_stream_is_open(self->fd)) AIOT_RAISE(AIOT_ERUNTIME);
    for (self->list = aiot_i_connect_first(self->list);; self->list = aiot_i_connect_first(self->list->ai_next)) {
        AIOT_TRY {
            AIOT_TIMEOUT(&self->limit, self->each > 0 ? self->each : AIOT_FOREVER) {
                AIOT_AWAIT(aiot_stream_connect, &self->connect, .fd = self->fd,
                           .to = self->list->ai_addr, .length = self->list->ai_addrlen);
            }
            AIOT_RETURN();
        } AIOT_EXCEPT_ANY {
            if (aiot_i_connect_first(self->list->ai_next) == NULL) AIOT_RERAISE();
        }
    }
    AIOT_END();
}

#ifdef AIOT_POOL_H  /* aiot_pool.h is included before this file */
/* ---- aiot_stream_connect_name: asyncio.open_connection(host, port). Looks the host up in a thread of a pool, and tries its addresses.
 *
 *    .fd, .each        as above
 *    .pool             an open pool of aiot_pool.h
 *    .host, .service   "example.org" and "80"
 *
 * Raises what aiot_getaddrinfo and aiot_stream_connect_list raise. */
struct aiot_stream_connect_name {
    AIOT_FRAME;
    aiot_fd *fd;
    struct aiot_pool *pool;
    const char *host, *service;
    aiot_time each;

    struct aiot_getaddrinfo lookup;  /* from here on: private */
    struct aiot_stream_connect_list connect;
};

static inline const struct addrinfo *aiot_i_stream_hints(void)
{
    static const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    return &hints;
}

static inline AIOT_CORO(aiot_stream_connect_name)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_getaddrinfo, &self->lookup, .pool = self->pool, .host = self->host, .service = self->service,
               .hints = aiot_i_stream_hints());
    AIOT_TRY {
        AIOT_AWAIT(aiot_stream_connect_list, &self->connect, .fd = self->fd, .list = self->lookup.found, .each = self->each);
    } AIOT_FINALLY {
        freeaddrinfo(self->lookup.found);
    }
    AIOT_END();
}
#endif
#endif

/* ---- Accepting. */

static inline bool aiot_i_accept_has_no_room(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* The peer has gone, or the network has failed while it waited: accept(2) tells that of the connection, not of the listener. */
static inline bool aiot_i_accept_has_gone(int error)
{
    switch (error) {
    case EAGAIN: case EINTR: case ECONNABORTED: case EPROTO: case EPERM:
    case ENETDOWN: case ENETUNREACH: case EHOSTUNREACH: case ENOPROTOOPT:
#ifdef EHOSTDOWN
    case EHOSTDOWN:
#endif
#ifdef ENONET
    case ENONET:
#endif
        return true;
    default:
        return false;
    }
}

/* Returns a descriptor, or -1 with errno. */
static inline int aiot_i_accept_once(int listener, struct aiot_address *peer)
{
    struct aiot_address unused;
    if (peer == NULL) peer = &unused;
    peer->length = AIOT_I_ADDRESS_ROOM;
#if AIOT_I_STREAM_ACCEPT4
    int fd = accept4(listener, &peer->any, &peer->length, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    int fd = accept(listener, &peer->any, &peer->length);
    if (fd >= 0) (void)aiot_i_stream_prepare(fd);
#endif
    if (fd >= 0) aiot_i_stream_never_sigpipe(fd);
    return fd;
}

/* There are no descriptors. Gives the reserve up to accept a connection and close it, so that its peer is told. Returns false if it could
 * not: then the listener stays readable, and the caller has to pause. */
static inline bool aiot_i_accept_and_close(struct aiot_listener *l)
{
    if (l->reserve < 0) l->reserve = aiot_i_stream_socket(AF_UNIX, SOCK_DGRAM, 0);
    if (l->reserve < 0) return false;
    (void)close(l->reserve);
    int fd = aiot_i_accept_once(l->fd.fd, NULL), error = errno;
    if (fd >= 0) {
        l->refused++;
        (void)close(fd);
    }
    l->reserve = aiot_i_stream_socket(AF_UNIX, SOCK_DGRAM, 0);
    return fd >= 0 || aiot_i_accept_has_gone(error);
}

/* Accepts a connection if one waits. For the further ones after an aiot_stream_accept, some at a time. `peer`, or NULL, gets its address.
 * Returns 0, and f is open; EAGAIN: none waits, or it has gone, or it was refused; EMFILE, ENFILE, ENOBUFS, ENOMEM: nothing could be done,
 * pause before the next call; AIOT_ERUNTIME if f is open; AIOT_EBADF if the listener is closed. */
static inline int aiot_stream_accept_nowait(struct aiot_listener *l, aiot_fd *f, struct aiot_address *peer)
{
    if (aiot_i_stream_is_open(f)) return AIOT_ERUNTIME;
    if (!aiot_i_stream_is_open(&l->fd)) return AIOT_EBADF;
    int fd = aiot_i_accept_once(l->fd.fd, peer);
    if (fd >= 0) {
        l->pause = 0;
        return aiot_i_stream_own(f, l->fd.loop, fd);
    }
    int error = errno;
    if (aiot_i_accept_has_no_room(error)) return aiot_i_accept_and_close(l) ? EAGAIN : error;
    return aiot_i_accept_has_gone(error) ? EAGAIN : aiot_i_stream_errno();
}

/* aiot_stream_accept: loop.sock_accept(). Waits for a connection.
 *
 *    .listener   after aiot_stream_listen()
 *    .fd         closed. Open when the call returns; the caller closes it
 *    .peer       NULL, or gets the address of the peer
 *
 * Out of descriptors, it accepts and closes the connections that wait, and counts them in listener->refused. If even that fails, it pauses
 * for 1 ms to 1 s, longer each time. It does not spin, and does not raise EMFILE. A cancel loses no connection: those that were not
 * accepted wait in the kernel. Raises AIOT_ERUNTIME if .fd is open. */
struct aiot_stream_accept {
    AIOT_FRAME_DEPTH(0);
    struct aiot_listener *listener;
    aiot_fd *fd;
    struct aiot_address *peer;

    int error;  /* private */
};

static inline AIOT_CORO(aiot_stream_accept)
{
    AIOT_BEGIN();
    do {
        AIOT_READABLE(&self->listener->fd);
        self->error = aiot_stream_accept_nowait(self->listener, self->fd, self->peer);
        if (aiot_i_accept_has_no_room(self->error)) {
            AIOT_SLEEP(aiot_i_stream_pause(&self->listener->pause, AIOT_S(1)));
            self->error = EAGAIN;
        }
    } while (self->error == EAGAIN);
    AIOT_CHECK(self->error);
    AIOT_END();
}

/* ---- Receiving. All wait first, and call recv(2) in the step after the wait. So a cancel, or a limit, loses no byte. */

/* Returns the bytes received, 0 at the end; or -1, and the error code in *error. */
static inline ptrdiff_t aiot_i_stream_receive(const aiot_fd *f, void *to, size_t room, int *error)
{
    ptrdiff_t n;
    do n = recv(f->fd, to, room, 0); while (n < 0 && errno == EINTR);
    *error = n < 0 ? aiot_i_stream_errno() : 0;
    return n;
}

/* aiot_stream_recv: loop.sock_recv_into(). Waits until there is something, and receives it.
 *
 *    .fd          the socket
 *    .to, .room   where to, and how many bytes at most; at least 1
 *    .got         set when it returns: the bytes received; 0: the peer has ended its half
 *
 * Raises errnos: ECONNRESET. */
struct aiot_stream_recv { AIOT_FRAME_DEPTH(0); aiot_fd *fd; void *to; size_t room, got; };

static inline AIOT_CORO(aiot_stream_recv)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_READABLE(self->fd);
        int error;
        ptrdiff_t n = aiot_i_stream_receive(self->fd, self->to, self->room, &error);
        if (n >= 0) self->got = (size_t)n;
        if (n >= 0) AIOT_RETURN();
        if (error != EAGAIN) AIOT_RAISE(error);
    }
    AIOT_END();
}

/* A buffer for what has been received and not yet taken: StreamReader. Its memory is the caller's, and must live as long as it is used. It
 * belongs to one connection: what one call has received, the next one goes on with, also after a limit or a cancel. */
struct aiot_buffer {
    char    *bytes;
    size_t   capacity, used;  /* in bytes */

    size_t   begin;           /* from here on: private */
    unsigned in_a_row;        /* lines handed out without a wait */
};

static inline void aiot_buffer_init(struct aiot_buffer *b, void *memory, size_t capacity)
{
    memset(b, 0, sizeof *b);
    b->bytes = (char *)memory;
    b->capacity = capacity;
}
/* The first of b->used bytes. Valid until the next call that receives into the buffer. */
static inline char *aiot_buffer_data(const struct aiot_buffer *b) { return b->bytes + b->begin; }

/* Removes the first n bytes; n is b->used at most. Their memory stays valid until the next call that receives into the buffer. */
static inline void aiot_buffer_take(struct aiot_buffer *b, size_t n)
{
    b->used -= n;
    b->begin = b->used ? b->begin + n : 0;
}

/* Where does the first `end` end? Returns the number of bytes up to there and with it, or 0. The first `skip` bytes are known to have none.
 * An empty `end` is never found. */
static inline size_t aiot_i_buffer_find(const struct aiot_buffer *b, const char *end, size_t skip)
{
    const char *data = aiot_buffer_data(b), *stop = data + b->used;
    size_t length = strlen(end);
    if (length == 0 || b->used < length) return 0;
    for (const char *at = data + skip; at < stop && (at = (const char *)memchr(at, end[0], (size_t)(stop - at))) != NULL; at++)
        if ((size_t)(stop - at) >= length && memcmp(at, end, length) == 0) return (size_t)(at - data) + length;
    return 0;
}
static inline size_t aiot_buffer_find(const struct aiot_buffer *b, const char *end) { return aiot_i_buffer_find(b, end, 0); }

/* Receives what there is, up to the buffer's capacity, without a wait. Returns 0; EAGAIN: there is nothing; AIOT_ENOBUFS: the buffer is
 * full; AIOT_STREAM_EOF or AIOT_STREAM_CUT at the end; or an errno. */
static inline int aiot_stream_fill_nowait(const aiot_fd *f, struct aiot_buffer *b)
{
    int error;
    if (b->used == b->capacity) return AIOT_ENOBUFS;
    if (b->begin > 0) memmove(b->bytes, b->bytes + b->begin, b->used);
    b->begin = 0;
    ptrdiff_t n = aiot_i_stream_receive(f, b->bytes + b->used, b->capacity - b->used, &error);
    if (n > 0) b->used += (size_t)n;
    if (n > 0) b->in_a_row = 0;
    return n == 0 ? (b->used ? AIOT_STREAM_CUT : AIOT_STREAM_EOF) : error;
}

/* aiot_stream_fill: waits until there is something, and appends it to the buffer. For protocols of your own, with aiot_buffer_find().
 *
 *    .fd, .buffer   the socket and its buffer
 *
 * Raises AIOT_ENOBUFS if the buffer is full, AIOT_STREAM_EOF or AIOT_STREAM_CUT at the end, and errnos. The buffer keeps all. */
struct aiot_stream_fill { AIOT_FRAME_DEPTH(0); aiot_fd *fd; struct aiot_buffer *buffer; };

static inline AIOT_CORO(aiot_stream_fill)
{
    AIOT_BEGIN();
    if (self->buffer->used == self->buffer->capacity) AIOT_RAISE(AIOT_ENOBUFS);
    for (;;) {
        AIOT_READABLE(self->fd);
        int error = aiot_stream_fill_nowait(self->fd, self->buffer);
        if (error == 0) AIOT_RETURN();
        if (error != EAGAIN) AIOT_RAISE(error);
    }
    AIOT_END();
}

/* Lines, or exact counts, that one task takes out of a buffer without a wait. Then it lets the others have a turn. */
enum { AIOT_STREAM_IN_A_ROW = 16 };
static inline bool aiot_i_buffer_is_long_turn(const struct aiot_buffer *b) { return b->in_a_row >= AIOT_STREAM_IN_A_ROW; }
static inline char *aiot_i_buffer_hand_out(struct aiot_buffer *b, size_t n)
{
    char *data = aiot_buffer_data(b);
    b->in_a_row = aiot_i_buffer_is_long_turn(b) ? 1 : b->in_a_row + 1;
    aiot_buffer_take(b, n);
    return data;
}

/* aiot_stream_recv_exactly: StreamReader.readexactly().
 *
 *    .fd, .buffer   the socket and its buffer
 *    .count         how many bytes
 *    .data          set when it returns: they are there, in the buffer, and removed from it. Valid until the next call with this buffer
 *
 * A cancel or a limit loses nothing: the buffer keeps what has come, and the next call goes on with it. If the buffer has enough, there is
 * no system call; every 16th such call in a row takes a turn, so that a peer who floods starves nobody. Raises AIOT_ENOBUFS if .count is
 * more than the capacity; AIOT_STREAM_EOF if the peer ends before the first byte, AIOT_STREAM_CUT after it: buffer->used tells how much
 * has come, aiot_buffer_data() where; and errnos: ECONNRESET. */
struct aiot_stream_recv_exactly { AIOT_FRAME_DEPTH(0); aiot_fd *fd; struct aiot_buffer *buffer; size_t count; char *data; };

static inline AIOT_CORO(aiot_stream_recv_exactly)
{
    AIOT_BEGIN();
    if (self->count > self->buffer->capacity) AIOT_RAISE(AIOT_ENOBUFS);
    if (self->buffer->used >= self->count && aiot_i_buffer_is_long_turn(self->buffer)) AIOT_YIELD();
    while (self->buffer->used < self->count) {
        AIOT_READABLE(self->fd);
        int error = aiot_stream_fill_nowait(self->fd, self->buffer);
        if (error != 0 && error != EAGAIN) AIOT_RAISE(error);
    }
    self->data = aiot_i_buffer_hand_out(self->buffer, self->count);
    AIOT_END();
}

/* aiot_stream_recv_until: StreamReader.readuntil().
 *
 *    .fd, .buffer    the socket and its buffer
 *    .end            the text that ends a line: "\n", "\r\n"
 *    .line, .length  set when it returns: the line with its end is there, in the buffer, and removed from it. Not ended by a 0. Valid
 *                    until the next call with this buffer
 *
 * Lines that have come together are handed out one by one without a system call. Cancels, limits, turns, and the errors at the end are as
 * with aiot_stream_recv_exactly. Raises AIOT_ENOBUFS if the buffer is full and has no end: LimitOverrunError. */
struct aiot_stream_recv_until {
    AIOT_FRAME_DEPTH(0);
    aiot_fd *fd;
    struct aiot_buffer *buffer;
    const char *end;
    char *line;
    size_t length;

    size_t searched;  /* private: so many bytes have no end */
};

static inline bool aiot_i_stream_finds_end(struct aiot_stream_recv_until *self)
{
    size_t may_begin = strlen(self->end);  /* the last bytes may be the first ones of the end */
    self->length = aiot_i_buffer_find(self->buffer, self->end, self->searched);
    self->searched = self->buffer->used < may_begin ? 0 : self->buffer->used - may_begin + 1;
    return self->length > 0;
}

static inline AIOT_CORO(aiot_stream_recv_until)
{
    AIOT_BEGIN();
    if (aiot_i_stream_finds_end(self)) {
        if (aiot_i_buffer_is_long_turn(self->buffer)) AIOT_YIELD();
    } else do {
        if (self->buffer->used == self->buffer->capacity) AIOT_RAISE(AIOT_ENOBUFS);
        AIOT_READABLE(self->fd);
        int error = aiot_stream_fill_nowait(self->fd, self->buffer);
        if (error != 0 && error != EAGAIN) AIOT_RAISE(error);
    } while (!aiot_i_stream_finds_end(self));
    self->line = aiot_i_buffer_hand_out(self->buffer, self->length);
    AIOT_END();
}

/* ---- Sending. */

/* Sends what the kernel takes, without a wait. *sent gets the number of bytes, 0 to length. Returns 0, or an error: EPIPE, ECONNRESET. */
static inline int aiot_stream_send_nowait(const aiot_fd *f, const void *from, size_t length, size_t *sent)
{
    ptrdiff_t n;
    do n = send(f->fd, from, length, AIOT_I_STREAM_SEND_FLAGS); while (n < 0 && errno == EINTR);
    int error = n < 0 ? aiot_i_stream_errno() : 0;
    *sent = n > 0 ? (size_t)n : 0;
    return error == EAGAIN ? 0 : error;
}

/* aiot_stream_send_all: loop.sock_sendall(). Sends all, and waits whenever the peer does not read. Without a wait it takes no turn.
 *
 *    .fd              the socket
 *    .from, .length   the bytes. They must not change until the call ends
 *    .sent            how many the kernel has taken, also after a limit, a cancel or an error: a later call goes on behind them
 *
 * Raises errnos: EPIPE, ECONNRESET. There is no SIGPIPE. */
struct aiot_stream_send_all { AIOT_FRAME_DEPTH(0); aiot_fd *fd; const void *from; size_t length, sent; };

static inline int aiot_i_stream_send_more(struct aiot_stream_send_all *self)
{
    size_t sent;
    int error = aiot_stream_send_nowait(self->fd, (const char *)self->from + self->sent, self->length - self->sent, &sent);
    self->sent += sent;
    return error;
}

static inline AIOT_CORO(aiot_stream_send_all)
{
    AIOT_BEGIN();
    if (self->length > 0) AIOT_CHECK(aiot_i_stream_send_more(self));
    while (self->sent < self->length) {
        AIOT_WRITABLE(self->fd);
        AIOT_CHECK(aiot_i_stream_send_more(self));
    }
    AIOT_END();
}

/* ---- Datagrams. */

/* aiot_datagram_recv: loop.sock_recvfrom_into(). Waits for a datagram. A cancel loses none.
 *
 *    .fd          after aiot_datagram_open()
 *    .to, .room   where to, and how many bytes at most: the rest of a longer datagram is lost
 *    .peer        NULL, or gets the sender's address
 *    .got         set when it returns: the bytes received; 0 is an empty datagram
 *
 * Raises errnos. ECONNREFUSED: an earlier datagram was refused; the socket can be used on. */
struct aiot_datagram_recv { AIOT_FRAME_DEPTH(0); aiot_fd *fd; void *to; size_t room; struct aiot_address *peer; size_t got; };

static inline int aiot_i_datagram_receive(struct aiot_datagram_recv *self)
{
    struct aiot_address unused, *peer = self->peer ? self->peer : &unused;
    peer->length = AIOT_I_ADDRESS_ROOM;
    ptrdiff_t n = recvfrom(self->fd->fd, self->to, self->room, 0, &peer->any, &peer->length);
    if (n < 0) return errno == EINTR ? EAGAIN : aiot_i_stream_errno();
    self->got = (size_t)n;
    return 0;
}

static inline AIOT_CORO(aiot_datagram_recv)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_READABLE(self->fd);
        int error = aiot_i_datagram_receive(self);
        if (error == 0) AIOT_RETURN();
        if (error != EAGAIN) AIOT_RAISE(error);
    }
    AIOT_END();
}

/* aiot_datagram_send: loop.sock_sendto(). Sends a datagram; waits while the kernel has no room for it.
 *
 *    .fd              after aiot_datagram_open()
 *    .from, .length   the bytes, possibly none
 *    .peer            where to; NULL if the socket is connected
 *
 * After a cancel or a limit, nothing was sent. Raises errnos: EMSGSIZE, ECONNREFUSED. */
struct aiot_datagram_send {
    AIOT_FRAME_DEPTH(0);
    aiot_fd *fd;
    const void *from;
    size_t length;
    const struct aiot_address *peer;

    int error;  /* private */
};

static inline int aiot_i_datagram_transmit(const struct aiot_datagram_send *self)
{
    const struct sockaddr *to = self->peer ? &self->peer->any : NULL;
    if (sendto(self->fd->fd, self->from, self->length, AIOT_I_STREAM_SEND_FLAGS, to, self->peer ? self->peer->length : 0) >= 0) return 0;
    return errno == EINTR ? EAGAIN : aiot_i_stream_errno();
}

static inline AIOT_CORO(aiot_datagram_send)
{
    AIOT_BEGIN();
    while ((self->error = aiot_i_datagram_transmit(self)) == EAGAIN) AIOT_WRITABLE(self->fd);
    AIOT_CHECK(self->error);
    AIOT_END();
}

/* MIT licence: see aio_timeout.h. */
#endif
