/* aiot_curl.h - libcurl's transfers as coroutines on an aiot_loop: many at once, with limits. Connections are kept and used again. It uses
 * curl's multi-socket interface: sockets that are not ready cost nothing. Tested with libcurl 7.88. MIT licence.
 *
 * QUICK START
 *
 *     #define AIOT_POLL 1
 *     #include "aiot_curl.h"                             this file and aio_timeout.h; link with -lcurl
 *
 *     static struct aiot_curl curl;
 *     AIOT_CHECK(aiot_curl_init(&curl, task->loop));     after aiot_poll_open()
 *     ...
 *     struct page { AIOT_FRAME; aiot_timeout limit; struct aiot_curl_get get; char body[4096]; };
 *     ...
 *     AIOT_TRY {
 *         AIOT_WAIT_FOR(&self->limit, AIOT_S(3), aiot_curl_get, &self->get, .curl = &curl, .url = "http://127.0.0.1/",
 *                       .buffer = self->body, .room = sizeof self->body);
 *         printf("%ld, %zu bytes\n", self->get.status, self->get.length);
 *     } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
 *         puts("too slow");
 *     } AIOT_EXCEPT_APP {
 *         printf("%s\n", (const char *)aiot_caught(task).info);
 *     }
 *
 * THE ERRORS that the coroutines raise. The pointer of the first two is curl's text, which lives as long as the program.
 *     AIOT_CURL_ERROR + a CURLcode: 24001 to 24199. The transfer failed: AIOT_EXCEPT(AIOT_CURL_ERROR + CURLE_COULDNT_CONNECT).
 *     AIOT_CURL_MULTI_ERROR + a CURLMcode: 24201 to 24299. It could not begin: the easy handle is in use, or there is no memory.
 *     What AIOT_READABLE() raises, if the loop cannot watch the transfer's socket: AIOT_ENOBUFS where the loop uses poll(2) and its
 *     AIOT_POLL_SET is full; AIOT_ERUNTIME without aiot_poll_open().
 * An answer such as 404 is no error: it is the status. With CURLOPT_FAILONERROR curl makes it one.
 *
 * A CANCEL OR A LIMIT removes the transfer from curl in the coroutine's next step, and closes its connection, unless other transfers of
 * HTTP/2 share it. One case blocks the loop: most builds of curl look up names in a thread, and wait for that thread when a transfer is
 * removed during the lookup. CURLOPT_QUICK_EXIT, in curl 7.87 and later, prevents that. aiot_curl_get sets it.
 *
 * CALLBACKS that curl makes, such as CURLOPT_WRITEFUNCTION, run in the loop's turns. They must not call curl_multi_ functions and must not
 * run the loop. They may wake tasks: complete futures, set events, put into queues with aiot_queue_put_nowait(). */
#ifndef AIOT_CURL_H
#define AIOT_CURL_H
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include "aio_timeout.h"
#if !AIOT_POLL
#error "aiot_curl.h watches curl's sockets: define AIOT_POLL as 1 before the first include"
#endif

enum { AIOT_CURL_ERROR = 24000, AIOT_CURL_MULTI_ERROR = 24200 };

/* The transfers of one loop, and their connections. The caller owns it. It lives, and does not move, until aiot_curl_cleanup(). `multi` is
 * for curl_multi_setopt(), as with CURLMOPT_MAX_HOST_CONNECTIONS; the socket and timer options are in use. */
struct aiot_curl {
    CURLM                    *multi;
    aiot_loop                *loop;
    aiot_handle               timer;
    struct aiot_curl_perform *transfers;  /* those that curl has */
};

/* ---- aiot_curl_perform: runs an easy handle to its end. The caller makes it, sets its options, and frees it afterwards. Nobody else may
 * use it meanwhile. It may be used again.
 *     .curl    an aiot_curl of this loop
 *     .easy    the handle
 *     .status  result, also after an error: the last HTTP status; 0 if there was none. curl_easy_getinfo() tells more
 * When the coroutine has ended, by whatever error, curl does not use the handle any more. The end of a transfer costs O(n), n transfers
 * that run. */
struct aiot_curl_perform {
    AIOT_FRAME;
    struct aiot_curl         *curl;
    CURL                     *easy;
    long                      status;
    aiot_future               done;  /* internal, as is all below */
    struct aiot_curl_perform *next;
    bool                      is_added;
};

/* ---- aiot_curl_get: fetches a URL, by http or https.
 *     .curl            an aiot_curl of this loop
 *     .url             copied by curl when the coroutine begins
 *     .buffer, .room   where the body goes, and how many bytes that takes. It is not terminated. It lives until the coroutine has ended
 *     .on_data         or a function that takes the body piece by piece, with .argument. It returns 0; or an error code, which ends the
 *                      transfer and is raised. Without either the body is dropped
 *     .status          result: the HTTP status
 *     .length          result: bytes of the body; after an error, what has come until then
 * Raises also AIOT_ENOBUFS if the body is larger than .room: the first .room bytes are in the buffer. curl follows no redirects. */
struct aiot_curl_get {
    AIOT_FRAME;
    struct aiot_curl        *curl;
    const char              *url;
    char                    *buffer;
    size_t                   room;
    int                    (*on_data)(void *argument, const char *bytes, size_t length);
    void                    *argument;
    long                     status;
    size_t                   length;
    int                      refusal;  /* internal, as is all below: why the body is not taken */
    CURL                    *easy;
    struct aiot_curl_perform perform;
};

/* ---- curl's sockets and timer on the loop. */
struct aiot_i_curl_socket {
    aiot_fd           fd;
    struct aiot_curl *curl;
};

static inline void aiot_i_curl_end(struct aiot_curl *curl, const CURL *easy, int code, const char *text)
{
    struct aiot_curl_perform *p = curl->transfers;
    while (p && p->easy != easy) p = p->next;
    if (p == NULL) return;
    if (code != 0) (void)aiot_future_set_error(&p->done, code, text);  /* nothing if it is done, or was cancelled */
    else (void)aiot_future_set_result(&p->done, 0);
}

/* Lets curl act, and ends the coroutines whose transfers are over. */
static inline void aiot_i_curl_act(struct aiot_curl *curl, curl_socket_t socket, int ready)
{
    int running, left;
    (void)curl_multi_socket_action(curl->multi, socket, ready, &running);
    for (CURLMsg *m; (m = curl_multi_info_read(curl->multi, &left)) != NULL;) {
        CURLcode result = m->data.result;
        if (m->msg != CURLMSG_DONE) continue;
        aiot_i_curl_end(curl, m->easy_handle, result == CURLE_OK ? 0 : AIOT_CURL_ERROR + (int)result, curl_easy_strerror(result));
    }
}

static inline int aiot_i_curl_is_readable(void *argument)
{
    struct aiot_i_curl_socket *s = (struct aiot_i_curl_socket *)argument;
    aiot_i_curl_act(s->curl, s->fd.fd, CURL_CSELECT_IN);  /* may free s */
    return 0;
}
static inline int aiot_i_curl_is_writable(void *argument)
{
    struct aiot_i_curl_socket *s = (struct aiot_i_curl_socket *)argument;
    aiot_i_curl_act(s->curl, s->fd.fd, CURL_CSELECT_OUT);  /* may free s */
    return 0;
}
static inline int aiot_i_curl_is_time(void *curl)
{
    aiot_i_curl_act((struct aiot_curl *)curl, CURL_SOCKET_TIMEOUT, 0);
    return 0;
}

static inline int aiot_i_curl_watch(struct aiot_i_curl_socket *s, int what)
{
    int error = 0;
    if (!(what & CURL_POLL_IN)) (void)aiot_remove_reader(&s->fd);
    else error = aiot_add_reader(&s->fd, aiot_i_curl_is_readable, s);
    if (!(what & CURL_POLL_OUT)) (void)aiot_remove_writer(&s->fd);
    else if (error == 0) error = aiot_add_writer(&s->fd, aiot_i_curl_is_writable, s);
    return error;
}

/* curl tells here what a socket is to be watched for. It may do so in each of its functions. Only curl_multi_assign() may be called. */
static inline int aiot_i_curl_on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *assigned)
{
    struct aiot_curl *curl = (struct aiot_curl *)user;
    struct aiot_i_curl_socket *s = (struct aiot_i_curl_socket *)assigned;
    if (what == CURL_POLL_REMOVE) {
        if (s == NULL) return 0;
        (void)aiot_fd_detach(&s->fd);  /* curl closes it */
        (void)curl_multi_assign(curl->multi, socket, NULL);
        free(s);
        return 0;
    }
    if (s == NULL) {
        s = (struct aiot_i_curl_socket *)calloc(1, sizeof *s);
        if (s == NULL) return -1;  /* curl gives up all transfers */
        s->curl = curl;
        (void)aiot_fd_open(&s->fd, curl->loop, socket);
        (void)curl_multi_assign(curl->multi, socket, s);
    }
    int error = aiot_i_curl_watch(s, what);
    if (error != 0) aiot_i_curl_end(curl, easy, error, "the loop cannot watch the socket");
    return 0;
}

static inline int aiot_i_curl_on_timer(CURLM *multi, long ms, void *user)
{
    struct aiot_curl *curl = (struct aiot_curl *)user;
    (void)multi;
    if (ms < 0) (void)aiot_handle_cancel(&curl->timer);
    else if (aiot_call_later(curl->loop, &curl->timer, AIOT_MS(ms), aiot_i_curl_is_time, curl) != 0) return -1;
    return 0;
}

/* Prepares curl for a loop. Programs with threads call curl_global_init() first. Returns 0, or AIOT_CURL_ERROR + CURLE_OUT_OF_MEMORY. */
static inline int aiot_curl_init(struct aiot_curl *curl, aiot_loop *loop)
{
    memset(curl, 0, sizeof *curl);
    curl->loop = loop;
    curl->multi = curl_multi_init();
    if (curl->multi == NULL) return AIOT_CURL_ERROR + CURLE_OUT_OF_MEMORY;
    (void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, aiot_i_curl_on_socket);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, aiot_i_curl_on_timer);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
    return 0;
}

/* Closes the connections and frees what curl holds. Call it before aiot_poll_close(). Returns 0, also if it is not open; or AIOT_ERUNTIME
 * while a transfer runs. */
static inline int aiot_curl_cleanup(struct aiot_curl *curl)
{
    if (curl->multi == NULL) return 0;
    if (curl->transfers) return AIOT_ERUNTIME;
    (void)curl_multi_cleanup(curl->multi);
    (void)aiot_handle_cancel(&curl->timer);
    curl->multi = NULL;
    return 0;
}

/* ---- Transfers. */
static inline CURLMcode aiot_i_curl_begin(struct aiot_curl_perform *p, aiot_loop *loop)
{
    aiot_future_init(&p->done, loop);
    CURLMcode refused = curl_multi_add_handle(p->curl->multi, p->easy);
    if (refused != CURLM_OK) return refused;
    p->next = p->curl->transfers;
    p->curl->transfers = p;
    p->is_added = true;
    return CURLM_OK;
}
static inline void aiot_i_curl_leave(struct aiot_curl_perform *p)
{
    struct aiot_curl_perform **link = &p->curl->transfers;
    if (!p->is_added) return;
    (void)curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &p->status);
    (void)curl_multi_remove_handle(p->curl->multi, p->easy);
    while (*link != p) link = &(*link)->next;
    *link = p->next;
}

static inline AIOT_CORO(aiot_curl_perform)
{
    AIOT_BEGIN();
    AIOT_TRY {
        {
            CURLMcode refused = aiot_i_curl_begin(self, task->loop);
            if (refused != CURLM_OK) AIOT_RAISE_INFO(AIOT_CURL_MULTI_ERROR + (int)refused, curl_multi_strerror(refused));
        }
        AIOT_JOIN(&self->done);
    } AIOT_FINALLY {
        aiot_i_curl_leave(self);
    }
    AIOT_END();
}

static inline size_t aiot_i_curl_take(char *bytes, size_t size, size_t count, void *user)
{
    struct aiot_curl_get *g = (struct aiot_curl_get *)user;
    size_t given = size * count, taken = given;
    if (g->on_data) {
        g->refusal = g->on_data(g->argument, bytes, given);
    } else if (g->buffer) {
        if (taken > g->room - g->length) taken = g->room - g->length;
        memcpy(g->buffer + g->length, bytes, taken);
        if (taken < given) g->refusal = AIOT_ENOBUFS;
    }
    g->length += taken;
    return g->refusal == 0 ? given : given + 1;  /* anything but the number given ends the transfer, also if that is 0 */
}

static inline CURL *aiot_i_curl_easy_for(struct aiot_curl_get *g)
{
    CURL *easy = curl_easy_init();
    if (easy == NULL) return NULL;
    bool is_set = curl_easy_setopt(easy, CURLOPT_URL, g->url) == CURLE_OK;  /* copies it */
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, aiot_i_curl_take);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, g);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    if (is_set) return easy;
    curl_easy_cleanup(easy);
    return NULL;
}

static inline AIOT_CORO(aiot_curl_get)
{
    AIOT_BEGIN();
    self->easy = aiot_i_curl_easy_for(self);
    if (self->easy == NULL) AIOT_RAISE_INFO(AIOT_CURL_ERROR + CURLE_OUT_OF_MEMORY, curl_easy_strerror(CURLE_OUT_OF_MEMORY));
    AIOT_TRY {
        AIOT_AWAIT(aiot_curl_perform, &self->perform, .curl = self->curl, .easy = self->easy);
    } AIOT_EXCEPT_IF(self->refusal != 0 && aiot_caught(task).code == AIOT_CURL_ERROR + CURLE_WRITE_ERROR) {
        AIOT_RAISE(self->refusal);
    } AIOT_FINALLY {
        self->status = self->perform.status;
        curl_easy_cleanup(self->easy);
    }
    AIOT_END();
}
#endif /* AIOT_CURL_H */
