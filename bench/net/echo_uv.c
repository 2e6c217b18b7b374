/* echo_uv.c - the service of server.h with libuv: a stream and a timer for each connection.
 *
 * debian: libuv1-dev
 * link: -luv
 *
 * As kind as the library allows: uv_try_write() answers without a request, and the request for what it did not take lies in the
 * connection.  A timer is armed anew by uv_timer_start() for every piece that is read. */
#define _GNU_SOURCE
#include "server.h"
#include <uv.h>

struct connection {
    uv_tcp_t stream;
    uv_timer_t timer;
    uv_write_t request;
    int open_handles;
    unsigned used, to_send;
    char buffer[LINE];
};

static uv_loop_t *loop;
static uv_stream_t *full;                       /* the listener, when a peer waits because CONNECTIONS are open */
static int live;

static void connected(uv_stream_t *from, int status);
static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer);

static void closed(uv_handle_t *handle)
{
    struct connection *c = handle->data;
    if (--c->open_handles > 0) return;
    free(c);
    live--;
    if (!full) return;
    uv_stream_t *listener = full;
    full = NULL;
    connected(listener, 0);
}

static void end(struct connection *c)
{
    if (uv_is_closing((uv_handle_t *)&c->stream)) return;
    uv_close((uv_handle_t *)&c->stream, closed);
    uv_close((uv_handle_t *)&c->timer, closed);
}

static void passed(uv_timer_t *timer) { end(timer->data); }

static void arm(struct connection *c) { uv_timer_start(&c->timer, passed, (uint64_t)option.idle_ms, 0); }

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *c = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(c->buffer + c->used, LINE - c->used);
}

static void keep_rest(struct connection *c)
{
    c->used -= c->to_send;
    memmove(c->buffer, c->buffer + c->to_send, c->used);
}

static void written(uv_write_t *request, int status)
{
    struct connection *c = request->data;
    if (status < 0 || uv_is_closing((uv_handle_t *)&c->stream)) {
        end(c);
        return;
    }
    keep_rest(c);
    arm(c);
    uv_read_start((uv_stream_t *)&c->stream, room, got);
}

static void send_lines(struct connection *c)
{
    uv_stream_t *stream = (uv_stream_t *)&c->stream;
    uv_buf_t lines = uv_buf_init(c->buffer, c->to_send);
    int n = uv_try_write(stream, &lines, 1);
    if (n == (int)c->to_send) {
        keep_rest(c);
        return;
    }
    if (n < 0 && n != UV_EAGAIN) {
        end(c);
        return;
    }
    unsigned sent = n > 0 ? (unsigned)n : 0;
    uv_buf_t others = uv_buf_init(c->buffer + sent, c->to_send - sent);
    uv_read_stop(stream);                       /* until written() */
    c->request.data = c;
    if (uv_write(&c->request, stream, &others, 1, written) != 0) end(c);
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct connection *c = stream->data;
    (void)buffer;
    if (n < 0) end(c);
    if (n <= 0) return;
    c->used += (unsigned)n;
    c->to_send = (unsigned)whole_lines(c->buffer, c->used);
    if (c->to_send == 0 && c->used == LINE) {
        end(c);
        return;
    }
    arm(c);
    if (c->to_send > 0) send_lines(c);
}

/* A peer that is not accepted here stays in the listener, which libuv does not watch until uv_accept(). */
static void connected(uv_stream_t *listener, int status)
{
    if (status < 0) return;
    if (live == option.connections) {
        full = listener;
        return;
    }
    struct connection *c = malloc(sizeof *c);
    if (!c) fail("malloc");
    c->used = c->to_send = 0;
    c->open_handles = 2;
    live++;
    uv_tcp_init(loop, &c->stream);
    uv_timer_init(loop, &c->timer);
    c->stream.data = c->timer.data = c;
    if (uv_accept(listener, (uv_stream_t *)&c->stream) != 0) {
        end(c);
        return;
    }
    uv_tcp_nodelay(&c->stream, 1);
    arm(c);
    uv_read_start((uv_stream_t *)&c->stream, room, got);
}

int main(int argc, char **argv)
{
    uv_tcp_t listener;
    int error;
    set_up(argc, argv);
    loop = uv_default_loop();
    if ((error = uv_tcp_init(loop, &listener)) != 0 || (error = uv_tcp_open(&listener, listen_on_port(SOCK_NONBLOCK))) != 0 ||
        (error = uv_listen((uv_stream_t *)&listener, BACKLOG, connected)) != 0 || (error = uv_run(loop, UV_RUN_DEFAULT)) != 0) {
        errno = 0;
        fail("libuv: %s", uv_strerror(error));
    }
    return 0;
}
