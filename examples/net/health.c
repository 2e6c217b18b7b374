/* health.c - checks services, all at once, each within a limit that it learns.
 *
 *     cc -I../.. -pthread health.c -o health && ./health -s health.state services.txt
 *
 * The file has a service on each line: NAME KIND TARGET [LIMIT_MS] [STATUS]. Empty lines and comments are allowed.
 *
 *     db      tcp   db.example.org:5432                    # healthy if it can be connected to
 *     cache   unix  /run/cache.sock        100             # the same, within 100 ms
 *     web     http  http://[::1]:8080/up   500             # healthy if it answers a GET with a status from 200 to 399
 *     admin   http  http://localhost/admin -     401       # healthy if it answers with 401; the limit is that of -l
 *
 * A service is
 *     healthy    if it answers in time
 *     degraded   if it answers in time, but slower than usual, or past half of its LIMIT_MS
 *     unhealthy  if it does not answer in time, or not well. The reason is printed
 *
 * With -s, a state file keeps the usual time of each service: its mean and mean deviation, as TCP does it (RFC 6298). After 5 answers the
 * limit is mean + 4 deviations, at least the floor of -f, at most LIMIT_MS. An answer is slower than usual if it takes more than mean + 3
 * deviations, and more than half of the floor. A late answer counts as one at the limit, so a limit that is too short grows.
 *
 * Exit status: 0 all services are healthy; 1 some are degraded; 2 some are unhealthy; 3 bad usage or a bad file, or the program cannot
 * work; 130 ended by SIGINT; 143 ended by SIGTERM. A second SIGINT ends the program at once.
 *
 *     root          runs one round, or one every -w seconds, and saves the state after each
 *     check_all     starts a task for each service and waits for all of them
 *     check         one service: its limit, its result, its clean-up
 *     connect_host  looks the host up in a thread, and tries its addresses in turn
 *     ask_http      sends the request and reads the status line
 *
 * A lookup that hangs cannot be stopped. It makes its own service late, and no other one; the program ends without it, see main(). */
#define _GNU_SOURCE
#define AIOT_POLL 1
#define AIOT_THREADS 1
#include "aio_timeout.h"
#include "../adapters/aiot_pool.h"
#include "../adapters/aiot_signal.h"
#include "../adapters/aiot_stream.h"
#include "health_files.h"
#include <sys/ioctl.h>

enum { TRUSTED = 5 };                           /* so many answers make a limit */
enum { HEALTHY, DEGRADED, UNHEALTHY, TROUBLE }; /* states of a service; and exit statuses */
enum { NOT_HTTP = 10000 };                      /* an error of our own, above every errno */
static const char *const state_names[] = {"healthy", "degraded", "unhealthy"};

static struct { double limit_ms, floor_ms, period, rounds; bool is_json, is_quiet; char *state_path; }
    options = {.limit_ms = 1000, .floor_ms = 100};
static bool is_live;                            /* shows results as they come */
static bool is_hanging;                         /* a lookup still has its thread at the end */
static bool is_terminated;                      /* by SIGTERM */
static int save_error;                          /* errno of the last save, or 0 */
static struct aiot_pool disk;                   /* one thread, which saves the state */
static struct aiot_pool lookups[MOST_SERVICES]; /* one thread for each name: a lookup that hangs makes only its own service late */

/* ---- Limits and results. */

static void learn(struct learned *l, int64_t us)
{
    int64_t error = us - l->mean;
    if (l->answers++ == 0) *l = (struct learned){.answers = 1, .mean = us, .deviation = us / 2};
    else {
        l->deviation += ((error < 0 ? -error : error) - l->deviation) / 4;
        l->mean += error / 8;
    }
    if (l->deviation < l->mean / 8) l->deviation = l->mean / 8;        /* else the limit of a steady service would be its mean */
}

static int64_t limit_ms_of(const struct service *s)
{
    int64_t ms = (s->learned.mean + 4 * s->learned.deviation + 999) / 1000;
    if (ms < (int64_t)options.floor_ms) ms = (int64_t)options.floor_ms;
    return ms > s->limit_ms || s->learned.answers < TRUSTED ? s->limit_ms : ms;
}

static bool is_slower_than_usual(const struct service *s, int64_t us)
{
    const struct learned *l = &s->learned;
    return l->answers >= TRUSTED && us > l->mean + 3 * l->deviation && us > (int64_t)options.floor_ms * 500;
}

static void judge_answer(struct service *s, int status)
{
    struct result *r = &s->result;
    bool is_good = s->kind != HTTP || (s->expected ? status == s->expected : status >= 200 && status <= 399);
    r->state = is_good ? DEGRADED : UNHEALTHY;
    if (!is_good) snprintf(r->reason, sizeof r->reason, "HTTP %d", status);
    else if (r->us > s->limit_ms * 500) snprintf(r->reason, sizeof r->reason, "past half of its limit of %jd ms", (intmax_t)s->limit_ms);
    else if (is_slower_than_usual(s, r->us))
        snprintf(r->reason, sizeof r->reason, "slower than usual, %.1f ms", (double)s->learned.mean / 1000);
    else r->state = HEALTHY;
    if (is_good) learn(&s->learned, r->us);
}

static const char *error_text(int code)
{
    switch (code) {
    case ECONNREFUSED: return "refused";
    case ECONNRESET: case EPIPE: return "reset";
    case AIOT_STREAM_EOF: return "closed without an answer";
    case AIOT_STREAM_CUT: return "closed within the status line";
    case AIOT_ENOBUFS: case NOT_HTTP: return "not an HTTP answer";
    default: return aiot_stream_strerror(code);
    }
}

static void judge_error(struct service *s, aiot_error error)
{
    struct result *r = &s->result;
    r->state = UNHEALTHY;
    if (error.code == AIOT_ETIMEDOUT) {
        snprintf(r->reason, sizeof r->reason, "late after %jd ms", (intmax_t)r->limit_ms);
        learn(&s->learned, r->limit_ms * 1000);
    } else if (error.code == AIOT_EAI) {
        snprintf(r->reason, sizeof r->reason, "unknown host (%s)", (const char *)error.info);
    } else {
        snprintf(r->reason, sizeof r->reason, "%s", error_text(error.code));
    }
}

static int worst_state(void)
{
    int worst = HEALTHY;
    for (const struct service *s = services; s < services_end; s++) if (s->result.state > worst) worst = s->result.state;
    return worst;
}

/* ---- Output. The live view has a line for each service, and a last line for the sum, where the cursor stays. Each change is one write,
 * and leaves the terminal in its usual mode. So there is nothing to restore, however the program ends. */

static bool fits_terminal(void)
{
    struct winsize size;
    const char *terminal = getenv("TERM");
    if (!isatty(STDOUT_FILENO) || terminal == NULL || strcmp(terminal, "dumb") == 0) return false;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > services_end - services;
}

static void print_service(const struct service *s)
{
    const struct result *r = &s->result;
    printf("%-9s  %-16s  ", r->is_known ? state_names[r->state] : "...", s->name);
    if (r->is_known && r->state != UNHEALTHY) printf("%8.1f ms", (double)r->us / 1000);
    if (*r->reason) printf(r->state == UNHEALTHY ? "%10s  %s" : "%s  %s", r->state == UNHEALTHY ? "-" : "", r->reason);
}

static void print_services(void)
{
    for (const struct service *s = services; s < services_end; s++) {
        print_service(s);
        putchar('\n');
    }
}

static void print_sum(const char *state)
{
    int counts[3] = {0};
    for (const struct service *s = services; s < services_end; s++) counts[s->result.state] += s->result.is_known;
    printf("%s: %d healthy, %d degraded, %d unhealthy", state, counts[HEALTHY], counts[DEGRADED], counts[UNHEALTHY]);
}

static void print_text(const char *text)        /* in JSON; all characters are printable ASCII */
{
    putchar('"');
    for (; *text; text++) printf(*text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    putchar('"');
}

static void print_json(void)
{
    printf("{\"state\": \"%s\", \"services\": [", state_names[worst_state()]);
    for (const struct service *s = services; s < services_end; s++) {
        const struct result *r = &s->result;
        printf("%s{\"name\": ", s == services ? "" : ", ");
        print_text(s->name);
        printf(", \"kind\": \"%s\", \"target\": ", kind_names[s->kind]);
        print_text(s->target);
        printf(", \"state\": \"%s\", \"ms\": %.3f, \"limit_ms\": %jd", state_names[r->state], (double)r->us / 1000, (intmax_t)r->limit_ms);
        printf(", \"mean_ms\": %.3f, \"reason\": ", (double)s->learned.mean / 1000);
        print_text(r->reason);
        putchar('}');
    }
    puts("]}");
}

static void show_begin(void)
{
    if (!is_live) return;
    print_services();
    print_sum("checking");
    fflush(stdout);
}

/* Goes up to the line of the service, writes it, and comes back. Meanwhile the terminal does not wrap long lines. */
static void show_result(const struct service *s)
{
    if (!is_live) return;
    printf("\033[?7l\r\033[%dA", (int)(services_end - s));
    print_service(s);
    printf("\033[K\r\033[%dB", (int)(services_end - s));
    print_sum("checking");
    printf("\033[K\033[?7h");
    fflush(stdout);
}

static void show_round(void)
{
    if (options.is_quiet) return;
    if (options.is_json) print_json();
    else {
        if (is_live) putchar('\r');
        else print_services();
        print_sum(state_names[worst_state()]);
        fputs(is_live ? "\033[K" : "\n", stdout);
    }
    fflush(stdout);
}

/* ---- One check. */

struct connect_host {
    AIOT_FRAME;
    const struct service *service;
    aiot_fd *socket;                            /* result: open; the caller closes it */
    struct addrinfo *found;
    const struct addrinfo *address;             /* the one that is tried */
    aiot_timeout share;
    union { struct aiot_getaddrinfo lookup; struct aiot_stream_connect connect; } call;
};

/* The time for one address: what is left, shared among those not yet tried. */
static aiot_time share_of(aiot_task *task, const struct addrinfo *address)
{
    int count = 0;
    for (; address; address = address->ai_next) count++;
    return aiot_time_left(task) / count;
}

static AIOT_CORO(connect_host)
{
    AIOT_BEGIN();
    AIOT_TRY {
        self->address = self->service->numeric;
        if (self->address == NULL) {
            AIOT_AWAIT(aiot_getaddrinfo, &self->call.lookup, .pool = &lookups[self->service - services],
                       .host = self->service->host, .service = self->service->port, .hints = &stream_hints);
            self->address = self->found = self->call.lookup.found;
        }
        for (;; self->address = self->address->ai_next) {
            AIOT_TRY {
                AIOT_TIMEOUT(&self->share, share_of(task, self->address)) {
                    AIOT_AWAIT(aiot_stream_connect, &self->call.connect, .fd = self->socket, .to = self->address->ai_addr,
                               .length = self->address->ai_addrlen);
                }
                AIOT_RETURN();
            } AIOT_EXCEPT_ANY {                 /* the next address may do */
                if (self->address->ai_next == NULL) AIOT_RERAISE();
            }
        }
    } AIOT_FINALLY {
        if (self->found) freeaddrinfo(self->found);
    }
    AIOT_END();
}

struct ask_http {
    AIOT_FRAME_DEPTH(0);
    const struct service *service;
    aiot_fd *socket;
    int status;                                 /* result */
    struct aiot_buffer in;
    union { struct aiot_stream_send_all send; struct aiot_stream_recv_until receive; } call;
    char room[2 * LINE];                        /* for the request, then for the answer */
};

/* Returns the status, or 0. */
static int status_of(const char *line, size_t length)
{
    bool is_right = length >= 13 && memcmp(line, "HTTP/1.", 7) == 0 && line[8] == ' ' && strspn(line + 9, "0123456789") == 3;
    return is_right && strchr(" \r\n", line[12]) ? atoi(line + 9) : 0;
}

static AIOT_CORO(ask_http)
{
    AIOT_BEGIN();
    snprintf(self->room, sizeof self->room, "GET %s%s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: health\r\nConnection: close\r\n\r\n",
             *self->service->path == '/' ? "" : "/", self->service->path,
             (int)(self->service->path - self->service->target - 7), self->service->target + 7);
    AIOT_AWAIT(aiot_stream_send_all, &self->call.send, .fd = self->socket, .from = self->room, .length = strlen(self->room));
    aiot_buffer_init(&self->in, self->room, sizeof self->room);
    AIOT_AWAIT(aiot_stream_recv_until, &self->call.receive, .fd = self->socket, .buffer = &self->in, .end = "\n");
    self->status = status_of(self->call.receive.line, self->call.receive.length);
    if (self->status == 0) AIOT_RAISE(NOT_HTTP);
    AIOT_END();
}

struct check {
    AIOT_FRAME;
    struct service *service;
    aiot_time started;
    aiot_timeout limit;
    aiot_fd socket;
    union { struct aiot_stream_connect connect; struct connect_host host; struct ask_http http; } call;
};

static void begin_result(struct check *self, aiot_loop *loop)
{
    self->started = aiot_now(loop);
    self->service->result.limit_ms = limit_ms_of(self->service);
}

static void end_result(struct check *self, aiot_loop *loop)
{
    self->service->result.us = (aiot_now(loop) - self->started) / AIOT_US(1);
    self->service->result.is_known = true;
    self->service->result.reason[0] = '\0';
}

static AIOT_CORO(check)                         /* raises nothing but a cancel */
{
    AIOT_BEGIN();
    begin_result(self, task->loop);
    AIOT_TIMEOUT(&self->limit, AIOT_MS(self->service->result.limit_ms)) {
        if (self->service->kind == UNIX) {
            AIOT_AWAIT(aiot_stream_connect, &self->call.connect, .fd = &self->socket, .to = &self->service->local.any,
                       .length = self->service->local.length);
        } else {
            AIOT_AWAIT(connect_host, &self->call.host, .service = self->service, .socket = &self->socket);
        }
        if (self->service->kind == HTTP) AIOT_AWAIT(ask_http, &self->call.http, .service = self->service, .socket = &self->socket);
        end_result(self, task->loop);
        judge_answer(self->service, self->service->kind == HTTP ? self->call.http.status : 0);
    } AIOT_EXCEPT_ANY {
        end_result(self, task->loop);
        judge_error(self->service, aiot_caught(task));
    } AIOT_FINALLY {
        aiot_fd_close(&self->socket);
    }
    show_result(self->service);
    AIOT_END();
}

/* ---- All checks, and rounds of them. */

struct check_all { AIOT_FRAME; aiot_group group; };

static AIOT_CORO(check_all)
{
    static struct check checks[MOST_SERVICES];
    static aiot_group_task tasks[MOST_SERVICES];
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        for (int i = 0; services + i < services_end; i++)
            AIOT_CHECK(aiot_group_spawn(&self->group, &tasks[i], check, &checks[i], .service = &services[i]));
    }
    AIOT_END();
}

static bool needs_lookup(int i) { return services[i].kind != UNIX && services[i].numeric == NULL; }

static int open_pools(aiot_loop *loop)
{
    int error = aiot_pool_open(&disk, loop, 1, 1);
    for (int i = 0; error == 0 && services + i < services_end; i++)
        if (needs_lookup(i)) error = aiot_pool_open(&lookups[i], loop, 1, 1);
    return error;
}

static int terminate(void *task)
{
    is_terminated = true;
    aiot_cancel((aiot_task *)task);
    return 0;
}

struct root {
    AIOT_FRAME_DEPTH(2);
    aiot_signal_handlers *handlers;
    double round;
    int i;
    aiot_ticker ticker;
    aiot_guard guard;
    union { struct check_all check_all; struct aiot_to_thread save; struct aiot_pool_close close; } call;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_add_signal_handler(self->handlers, SIGTERM, terminate, task));
    AIOT_TRY {
        AIOT_CHECK(open_pools(task->loop));
        if (options.period > 0)
            AIOT_CHECK(aiot_ticker_init(&self->ticker, task->loop, AIOT_US((int64_t)(options.period * 1e6)), AIOT_TICK_SKIP));
        show_begin();
        for (;;) {
            AIOT_AWAIT(check_all, &self->call.check_all);
            show_round();
            if (options.state_path) {
                AIOT_SHIELDED(&self->guard, AIOT_FOREVER) {     /* the thread reads what the next checks write: it ends first */
                    AIOT_AWAIT(aiot_to_thread, &self->call.save, .pool = &disk, .work = save_state, .argument = options.state_path);
                    save_error = self->call.save.result;
                }
            }
            if (options.period == 0 || ++self->round == options.rounds) break;
            AIOT_TICK(&self->ticker);
        }
    } AIOT_FINALLY {
        AIOT_SHIELDED(&self->guard, AIOT_MS(100)) {
            AIOT_AWAIT(aiot_pool_close, &self->call.close, .pool = &disk);
            for (self->i = 0; services + self->i < services_end; self->i++)
                if (needs_lookup(self->i)) AIOT_AWAIT(aiot_pool_close, &self->call.close, .pool = &lookups[self->i]);
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            is_hanging = true;
        } AIOT_EXCEPT(AIOT_ESTATE) { }          /* this pool was not opened, and none behind it: open_pools() has failed */
    }
    AIOT_END();
}

/* ---- The command line. */

static const char help[] =
    "usage: health [options] FILE, with lines of NAME KIND TARGET [LIMIT_MS] [STATUS]; KIND is tcp, http or unix\n"
    "  -s FILE     keeps the usual times of the services there, and learns their limits\n"
    "  -l MS       limit of services that have none in the file  (1000)\n"
    "  -f MS       the least learned limit                       (100)\n"
    "  -w SECONDS  checks again and again, in this period\n"
    "  -n ROUNDS   ends -w after so many\n"
    "  -j          prints JSON, a line for each round\n"
    "  -q          prints nothing\n"
    "Exit status: 0 healthy, 1 degraded, 2 unhealthy, 3 bad usage or file, 130 SIGINT, 143 SIGTERM.\n";

static double number(int option, double least, double most)
{
    char *end;
    double value = strtod(optarg, &end);
    if (end != optarg && *end == '\0' && value >= least && value <= most) return value;
    fprintf(stderr, "health: -%c needs a number from %g to %.0f, not '%s'\n", option, least, most, optarg);
    exit(TROUBLE);
}

static void read_options(int argc, char **argv)
{
    for (int option; (option = getopt(argc, argv, "s:l:f:w:n:jqh")) != -1;) {
        switch (option) {
        case 's': options.state_path = optarg; break;
        case 'l': options.limit_ms = number('l', 1, (double)a_day_ms); break;
        case 'f': options.floor_ms = number('f', 1, (double)a_day_ms); break;
        case 'w': options.period = number('w', 0.01, (double)a_day_ms / 1000); break;
        case 'n': options.rounds = number('n', 1, 1e9); break;
        case 'j': options.is_json = true; break;
        case 'q': options.is_quiet = true; break;
        case 'h': fputs(help, stdout); exit(0);
        default: fputs("health: -h lists the options\n", stderr); exit(TROUBLE);
        }
    }
    if (optind + 1 == argc && (options.state_path == NULL || strlen(options.state_path) < PATH)) return;
    fputs("health: needs one FILE, and no path longer than 1023 bytes; -h lists the options\n", stderr);
    exit(TROUBLE);
}

static int finish(int code)                     /* returns the exit status */
{
    if (is_live) putchar('\n');
    if (save_error != 0) fprintf(stderr, "health: %s: cannot be saved: %s\n", options.state_path, strerror(save_error));
    bool is_printed = fflush(stdout) == 0 && !ferror(stdout);
    if (!is_printed) perror("health: stdout");
    if (code != AIOT_OK && code != AIOT_KEYBOARD_INTERRUPT && !is_terminated) fprintf(stderr, "health: %s\n", aiot_stream_strerror(code));
    if (is_terminated) return 128 + SIGTERM;
    if (code == AIOT_KEYBOARD_INTERRUPT) return 128 + SIGINT;
    return code == AIOT_OK && is_printed ? worst_state() : TROUBLE;
}

int main(int argc, char **argv)
{
    static aiot_loop loop;
    static AIOT_POLL_SET(MOST_SERVICES + 1) poller;
    static aiot_signal_handlers handlers;
    static struct root root;
    int fd;
    read_options(argc, argv);
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO) { }    /* if stdout is closed, no socket becomes it */
    if (fd >= 0) close(fd);
    if (!read_services(argv[optind], (int64_t)options.limit_ms)) return TROUBLE;
    if (options.state_path && !read_state(options.state_path)) options.state_path = NULL;
    setvbuf(stdout, NULL, _IOFBF, 65536);
    is_live = !options.is_json && !options.is_quiet && fits_terminal();
    aiot_loop_init(&loop);
    int code = aiot_poll_open(&loop, &poller);
    if (code == 0) {
        aiot_signal_handlers_open(&handlers, &loop);
        code = aiot_run_with_sigint(&loop, root, &root, .handlers = &handlers);
        aiot_signal_handlers_close(&handlers);
    }
    int status = finish(code);
    if (is_hanging) _exit(status);              /* its thread will still wake the loop, so it must stay */
    aiot_poll_close(&loop);
    free_services();
    return status;
}
