/* http_get.c - fetches URLs over plain HTTP/1.0, several at once, with a limit on every wait.  http_get -h lists the options.
 *
 *     root          starts the workers and waits for them
 *     worker        takes the next URL until there is none: as many are fetched at once as there are workers
 *     fetch         one URL: attempts, the pauses between them, and the overall limit around it all
 *     request       one attempt: connects, asks, reads the answer; owns the socket and closes it, whatever happens
 *     connect_to    one connection: tries the addresses of the host in turn, each under the connect limit
 *     receive       one read, under the limit between bytes
 *
 * Errors are raised where they happen: an errno as it is, or a code of our own with a word of detail as its pointer.  They pass
 * through request, whose FINALLY closes the socket, up to fetch, which alone decides what deserves another attempt.  A limit
 * comes the same way, as AIOT_ETIMEDOUT, with the aiot_timeout that struck as its pointer: so fetch knows which one it was.  A pause
 * that would outlast the overall limit does not begin: the URL then ends with the error of its last attempt.
 *
 * getaddrinfo() blocks.  Called inside the loop it would stop every clock and read there, and limits would strike that had no
 * reason to; so all names are looked up before the loop runs, and the overall limit does not count that. */
#define _POSIX_C_SOURCE 200809L
#define AIOT_POLL 1
#include "aio_timeout.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AT_ONCE = 8, BUFFER = 8192, LONGEST_URL = 2048, FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 6400, A_DAY_MS = 86400000 };

enum { CONNECT, BETWEEN, OVERALL, LIMITS };
static struct limit { const char *name; int ms; } limits[] = {{"connect", 3000}, {"between-bytes", 5000}, {"overall", 30000}};
static int retries = 2;
static bool verbose;

static aiot_time limit(int which) { return limits[which].ms == 0 ? AIOT_FOREVER : AIOT_MS(limits[which].ms); }

enum { BAD_URL = 10000, UNKNOWN_HOST, BAD_RESPONSE, CLOSED_HALF_WAY };          /* our own errors, above every errno */
#define UNKNOWN_LENGTH UINT64_MAX

struct job {                                    /* a URL of the command line, and what became of it */
    const char *url, *host_and_port, *path;     /* the latter two point into the first */
    struct addrinfo *addresses;
    unsigned attempts;
    aiot_time elapsed;
    aiot_error error;                           /* info: the struct limit that struck, or text, or NULL */
    int status;
    uint64_t bytes, length;                     /* of the body: as they came, as announced */
};

struct connect_to {
    AIOT_FRAME;
    const struct addrinfo *address;             /* the first to try; each leads to the next */
    aiot_fd *socket;                            /* result; the caller closes it, also when this fails */
    aiot_timeout *timeouts;
};

/* 0, or what is wrong.  The connection is there when the socket is writable. */
static int begin_connect(aiot_fd *f, aiot_loop *loop, const struct addrinfo *address)
{
    int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd < 0) return errno;
    int error = aiot_fd_open(f, loop, fd);
    if (error == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) < 0) error = errno;
    if (error == 0 && connect(fd, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS) error = errno;
    return error;
}

static int connect_error(const aiot_fd *f)
{
    int error = 0;
    return getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error}) < 0 ? errno : error;
}

static AIOT_CORO(connect_to)
{
    AIOT_BEGIN();
    for (;; self->address = self->address->ai_next) {
        AIOT_TRY {
            AIOT_CHECK(begin_connect(self->socket, task->loop, self->address));
            AIOT_TIMEOUT(&self->timeouts[CONNECT], limit(CONNECT)) {
                AIOT_WRITABLE(self->socket);
            }
            AIOT_CHECK(connect_error(self->socket));
            AIOT_RETURN();
        } AIOT_EXCEPT_ANY {                     /* the limit among others: the next address may do */
            aiot_fd_close(self->socket);
            if (self->address->ai_next == NULL) AIOT_RERAISE();
        }
    }
    AIOT_END();
}

struct receive {
    AIOT_FRAME;
    aiot_fd *socket;
    char *to;
    size_t room, got;                           /* got: result; 0 at the end of the connection */
    aiot_timeout *timeouts;
};

static AIOT_CORO(receive)
{
    AIOT_BEGIN();
    for (;;) {
        AIOT_TIMEOUT(&self->timeouts[BETWEEN], limit(BETWEEN)) {
            AIOT_READABLE(self->socket);
        }
        ssize_t n = recv(self->socket->fd, self->to, self->room, 0);
        if (n < 0 && errno != EAGAIN) AIOT_RAISE(errno);
        self->got = (size_t)n;
        if (n >= 0) AIOT_RETURN();
    }
    AIOT_END();
}

struct head {                                   /* of an answer, taken line by line as its bytes come in */
    size_t used, taken;                         /* bytes in the buffer, and those whose lines have been read */
    bool complete;
    int status;
    uint64_t length;
    char buffer[BUFFER];                        /* first the question, then the header, then the body piece by piece */
};

/* These three return NULL, or what is wrong. */
static const char *take_status(struct head *head, const char *line)
{
    bool right = strncmp(line, "HTTP/1.", 7) == 0 && line[7] != '\0' && line[8] == ' ' && strspn(line + 9, "0123456789") == 3;
    if (!right || (line[12] != ' ' && line[12] != '\0')) return "not an HTTP status line";
    head->status = atoi(line + 9);
    return head->status >= 200 && head->status <= 599 ? NULL : "not a status from 200 to 599";
}

static const char *take_length(struct head *head, const char *text)
{
    text += strspn(text, " \t");
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits + strspn(text + digits, " \t")] != '\0') return "Content-Length is not a number";
    if (digits > 18) return "Content-Length is too large";
    uint64_t length = strtoull(text, NULL, 10);
    if (head->length != UNKNOWN_LENGTH && head->length != length) return "two values of Content-Length";
    head->length = length;
    return NULL;
}

static const char *take_lines(struct head *head)
{
    const char *wrong = NULL;
    while (!head->complete && !wrong) {
        char *line = head->buffer + head->taken, *end = memchr(line, '\n', head->used - head->taken);
        if (end == NULL) return head->used == BUFFER ? "the header is too long" : NULL;
        head->taken = (size_t)(end + 1 - head->buffer);
        if (end > line && end[-1] == '\r') end--;
        *end = '\0';
        if (head->status == 0) wrong = take_status(head, line);
        else if (line == end) head->complete = true;
        else if (strncasecmp(line, "Content-Length:", 15) == 0) wrong = take_length(head, line + 15);
        else if (strncasecmp(line, "Transfer-Encoding:", 18) == 0) wrong = "Transfer-Encoding is not in HTTP/1.0";
    }
    return wrong;
}

struct request {
    AIOT_FRAME;
    struct job *job;
    aiot_timeout *timeouts;
    aiot_fd socket;
    const char *unsent;
    struct connect_to connect_to;
    struct receive receive;
    struct head head;
};

static AIOT_CORO(request)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_AWAIT(connect_to, &self->connect_to, .address = self->job->addresses, .socket = &self->socket, .timeouts = self->timeouts);

        snprintf(self->head.buffer, BUFFER, "GET %s%.*s HTTP/1.0\r\nHost: %.*s\r\nConnection: close\r\n\r\n",
                 *self->job->path == '/' ? "" : "/", (int)strcspn(self->job->path, "#"), self->job->path,
                 (int)(self->job->path - self->job->host_and_port), self->job->host_and_port);
        for (self->unsent = self->head.buffer; *self->unsent != '\0';) {
            AIOT_TIMEOUT(&self->timeouts[BETWEEN], limit(BETWEEN)) {
                AIOT_WRITABLE(&self->socket);
            }
            ssize_t n = send(self->socket.fd, self->unsent, strlen(self->unsent), MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN) AIOT_RAISE(errno);
            if (n > 0) self->unsent += n;
        }

        self->head.length = UNKNOWN_LENGTH;
        while (!self->head.complete) {
            AIOT_AWAIT(receive, &self->receive, .socket = &self->socket, .timeouts = self->timeouts,
                       .to = self->head.buffer + self->head.used, .room = BUFFER - self->head.used);
            if (self->receive.got == 0) AIOT_RAISE_INFO(CLOSED_HALF_WAY, self->head.used ? "in the header" : "before its first byte");
            self->head.used += self->receive.got;
            const char *wrong = take_lines(&self->head);
            if (wrong) AIOT_RAISE_INFO(BAD_RESPONSE, wrong);
        }

        if (self->head.status == 204 || self->head.status == 304) self->head.length = 0;        /* they have no body */
        self->job->length = self->head.length;
        self->job->bytes = self->head.used - self->head.taken;
        while (self->job->bytes < self->job->length) {
            AIOT_AWAIT(receive, &self->receive, .socket = &self->socket, .timeouts = self->timeouts,
                       .to = self->head.buffer, .room = BUFFER);
            if (self->receive.got == 0 && self->job->length == UNKNOWN_LENGTH) break;
            if (self->receive.got == 0) AIOT_RAISE(CLOSED_HALF_WAY);
            self->job->bytes += self->receive.got;
        }
        if (self->job->bytes > self->job->length) self->job->bytes = self->job->length;
        self->job->status = self->head.status;
    } AIOT_FINALLY {                            /* after an answer, an error or a limit, from however deep */
        aiot_fd_close(&self->socket);
    }
    AIOT_END();
}

static void print_outcome(FILE *to, const struct job *job)
{
    static const char *const ours[] = {"bad URL", "unknown host", "bad response", "closed half-way"};
    int code = job->error.code;
    const char *text = code >= BAD_URL ? ours[code - BAD_URL] : code > 0 ? strerror(code) : aiot_strerror(code);
    const struct limit *struck = job->error.info;
    fprintf(to, "%s: ", job->url);
    if (code == 0) fprintf(to, "%d, %ju bytes", job->status, (uintmax_t)job->bytes);
    else if (code == AIOT_ETIMEDOUT) fprintf(to, "%s (%s limit of %d ms)", text, struck->name, struck->ms);
    else if (job->error.info) fprintf(to, "%s (%s)", text, (const char *)job->error.info);
    else if (code == CLOSED_HALF_WAY) fprintf(to, "%s (%ju of %ju bytes)", text, (uintmax_t)job->bytes, (uintmax_t)job->length);
    else fputs(text, to);
}

struct fetch {
    AIOT_FRAME;
    struct job *job;
    aiot_time started;
    aiot_backoff backoff;
    aiot_time pause;
    aiot_timeout timeouts[LIMITS];
    struct request request;
};

/* Keeps what was caught.  The aiot_timeout that struck dies with this frame: its place says which limit it was. */
static void keep_error(struct fetch *self, aiot_error caught)
{
    for (int i = 0; i < LIMITS; i++) if (caught.info == &self->timeouts[i]) caught.info = &limits[i];
    self->job->error = caught;
}

static AIOT_CORO(fetch)
{
    AIOT_BEGIN();
    if (self->job->addresses == NULL) AIOT_RETURN();            /* look_up() has said why */
    self->started = aiot_now(task->loop);
    aiot_backoff_init(&self->backoff, AIOT_MS(FIRST_PAUSE_MS) / 2, AIOT_MS(LONGEST_PAUSE_MS) / 2, (uint32_t)rand());
    AIOT_TIMEOUT(&self->timeouts[OVERALL], limit(OVERALL)) {
        for (;;) {
            self->job->attempts++;
            self->job->error = (aiot_error){0};
            AIOT_TRY {
                AIOT_AWAIT(request, &self->request, .job = self->job, .timeouts = self->timeouts);
            } AIOT_EXCEPT_ANY {
                keep_error(self, aiot_caught(task));
            }
            if (self->job->error.code == 0 && self->job->status < 500) break;
            if (self->job->error.code == BAD_RESPONSE || self->job->attempts > (unsigned)retries) break;
            self->pause = self->backoff.bound_ns;  /* one half is fixed, for the server's sake; one is random, lest all come back together */
            if (!aiot_backoff_next(&self->backoff, task)) break;
            self->pause += self->backoff.delay_ns;
            if (self->pause >= aiot_time_left(task)) break;     /* the overall limit would strike in the pause */
            if (verbose) {
                print_outcome(stderr, self->job);
                fprintf(stderr, ", attempt %u; the next in %jd ms\n", self->job->attempts, (intmax_t)(self->pause / AIOT_MS(1)));
            }
            AIOT_SLEEP(self->pause);
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {             /* the overall limit: the others were caught above */
        keep_error(self, aiot_caught(task));
    }
    self->job->elapsed = aiot_now(task->loop) - self->started;
    AIOT_END();
}

struct queue { struct job *next, *end; };
struct worker { AIOT_FRAME; struct queue *queue; struct fetch fetch; };

static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    while (self->queue->next < self->queue->end) AIOT_AWAIT(fetch, &self->fetch, .job = self->queue->next++);
    AIOT_END();
}

struct root { AIOT_FRAME; struct queue queue; int i; struct worker workers[AT_ONCE]; aiot_task tasks[AT_ONCE]; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (int i = 0; i < AT_ONCE; i++) AIOT_SPAWN(&self->tasks[i], worker, &self->workers[i], .queue = &self->queue);
    for (; self->i < AT_ONCE; self->i++) AIOT_JOIN(&self->tasks[self->i]);
    AIOT_END();
}

/* Takes a URL apart and looks its host up.  Leaves a code in job->error, and returns what to say with it. */
static const char *look_up(struct job *job)
{
    static const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char host[256], port[6] = "80";
    int end = 0, digits = 0;
    job->error.code = BAD_URL;
    if (strncmp(job->url, "http://", 7) != 0) return "it does not begin with http://";
    if (strlen(job->url) > LONGEST_URL) return "it is too long";
    for (const char *c = job->url; *c; c++) if (*c <= ' ' || *c > '~') return "there is a character in it to be written as %XX";
    job->host_and_port = job->url + 7;
    if (sscanf(job->host_and_port, "[%255[0-9A-Fa-f:.]]%n", host, &end) < 1 || end == 0)           /* an IPv6 address, or */
        if (sscanf(job->host_and_port, "%255[^][:/?#@]%n", host, &end) < 1) return "there is no host in it";
    job->path = job->host_and_port + end;
    if (sscanf(job->path, ":%5[0-9]%n", port, &digits) == 1) job->path += digits;
    if (strcspn(job->path, "/?#") > 0 || atoi(port) < 1 || atoi(port) > 65535) return "its host or port is not right";
    int failure = getaddrinfo(host, port, &wanted, &job->addresses);
    job->error.code = failure ? UNKNOWN_HOST : 0;
    return failure ? gai_strerror(failure) : NULL;
}

static int number(int option, const char *text, int highest)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > highest) {
        fprintf(stderr, "http_get: -%c needs a number from 0 to %d, not '%s'\n", option, highest, text);
        exit(2);
    }
    return (int)value;
}

static int open_descriptors(void)               /* to show that none is lost */
{
    int open = 0;
    for (int fd = 0; fd < 1024; fd++) open += fcntl(fd, F_GETFD) != -1;
    return open;
}

static const char help[] =
    "usage: http_get [options] http://host[:port]/path ...\n"
    "  -c ms       limit on connecting to one address of a host   (3000; 0 is no limit, here and below)\n"
    "  -b ms       limit between two bytes of the answer          (5000)\n"
    "  -t ms       limit on one URL, with all its attempts        (30000)\n"
    "  -r retries  further attempts after a failure or a 5xx      (2)\n"
    "  -v          tells on stderr of every attempt that is repeated, and at the end of the open descriptors\n"
    "Exit code: 0 if every URL came with a 2xx status, 1 if not, 2 for a bad command line.\n";

int main(int argc, char **argv)
{
    for (int option; (option = getopt(argc, argv, "c:b:t:r:vh")) != -1;) {
        switch (option) {
        case 'c': limits[CONNECT].ms = number(option, optarg, A_DAY_MS); break;
        case 'b': limits[BETWEEN].ms = number(option, optarg, A_DAY_MS); break;
        case 't': limits[OVERALL].ms = number(option, optarg, A_DAY_MS); break;
        case 'r': retries = number(option, optarg, 1000); break;
        case 'v': verbose = true; break;
        case 'h': fputs(help, stdout); return 0;
        default: fputs("http_get: -h lists the options\n", stderr); return 2;
        }
    }
    if (optind == argc) {
        fputs("http_get: no URL given; -h lists the options\n", stderr);
        return 2;
    }

    int descriptors = open_descriptors();
    static AIOT_POLL_SET(AT_ONCE) poller;
    aiot_loop loop;
    aiot_loop_init(&loop);
    int error = aiot_poll_open(&loop, &poller);
    if (error != 0) {
        fprintf(stderr, "http_get: %s\n", error > 0 ? strerror(error) : aiot_strerror(error));
        return 1;
    }
    size_t count = (size_t)(argc - optind);
    struct job *jobs = calloc(count, sizeof *jobs);             /* what comes out; all that runs lies in `root` */
    if (jobs == NULL) return perror("http_get"), 1;
    for (size_t i = 0; i < count; i++) {
        jobs[i].url = argv[(size_t)optind + i];
        jobs[i].error.info = look_up(&jobs[i]);
    }

    static struct root root;
    srand((unsigned)aiot_now(&loop));
    bool all_well = aiot_run(&loop, root, &root, .queue = {jobs, jobs + count}) == AIOT_OK;
    aiot_poll_close(&loop);

    for (const struct job *job = jobs; job < jobs + count; job++) {
        bool well = job->error.code == 0 && job->status < 300;
        all_well = all_well && well;
        print_outcome(stdout, job);
        printf(", %jd ms, %u attempt%s\n", (intmax_t)(job->elapsed / AIOT_MS(1)), job->attempts, job->attempts == 1 ? "" : "s");
        if (job->addresses) freeaddrinfo(job->addresses);
    }
    free(jobs);
    if (verbose) fprintf(stderr, "http_get: %d descriptors open at the start, %d at the end\n", descriptors, open_descriptors());
    return all_well ? 0 : 1;
}
