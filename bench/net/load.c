/* load.c - asks a line server of this directory, and prints what that cost.
 *
 *     load -p PORT -P PID [-i IDLE] [-a ACTIVE] [-s SECONDS] [-t THREADS] [-b BYTES] [-w WARM_UP_MS] [-g GIVE_UP_S] [-r RSS]
 *
 * link: -pthread
 *
 * IDLE connections are opened and say nothing.  Each of ACTIVE sends a line of BYTES, waits until it has come back, compares it, and
 * sends the next one: as many requests are on the way as there are active connections.  THREADS share them.
 *
 * One line is printed, of key=value.  The CPU time is that of all threads of process PID, in the program and in the kernel; the memory is
 * its resident pages, beyond RSS bytes if that is given, and otherwise beyond what it had before the first connection.  Errors are answers
 * that differ, and connections that the server closed, idle ones too.  The program ends with 1 if it has no figures: when nothing
 * comes back for GIVE_UP_S, it says where the server is stuck. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LEAST_BYTES = 10, MOST_BYTES = 1024, EVENTS = 256, OTHER_DESCRIPTORS = 64 };
enum { S = 1000000000, MS = 1000000 };          /* in ns */
static struct { int port, pid, idle, active, threads, bytes, warm_up_ms, give_up_s; double seconds, rss; } option = {
    .threads = 1, .bytes = 64, .warm_up_ms = 200, .give_up_s = 10, .seconds = 1, .rss = -1 };

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * S + time.tv_nsec;
}

static void sleep_ns(int64_t ns)
{
    struct timespec left = { .tv_sec = (time_t)(ns / S), .tv_nsec = (long)(ns % S) };
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {}
}

/* ---- Latencies: a bucket for each ns up to 255, and then 128 buckets for each doubling.  Its middle is at most 0.4 % off. */

enum { HALF = 128, BUCKETS = 57 * HALF + HALF };
typedef struct { uint64_t count[BUCKETS], all; } histogram;

static int doublings(uint64_t value)
{
    int shift = 0;
    for (; value >= 2 * HALF; value >>= 1) shift++;
    return shift;
}

static void add_value(histogram *h, int64_t ns)
{
    uint64_t value = ns > 0 ? (uint64_t)ns : 0;
    int shift = doublings(value);
    h->count[shift * HALF + (int)(value >> shift)]++;
    h->all++;
}

static void add_histogram(histogram *to, const histogram *from)
{
    for (int i = 0; i < BUCKETS; i++) to->count[i] += from->count[i];
    to->all += from->all;
}

static double bucket_us(int i)
{
    int shift = i < 2 * HALF ? 0 : i / HALF - 1;
    return (double)((uint64_t)(i - shift * HALF) << shift) / 1e3 + (double)((UINT64_C(1) << shift) / 2) / 1e3;
}

static double percentile_us(const histogram *h, double part)
{
    double seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += (double)h->count[i];
        if (h->count[i] && seen >= part * (double)h->all) return bucket_us(i);
    }
    return 0;
}

/* ---- What /proc says of the server. */

static FILE *open_proc(const char *format, ...)
{
    char path[96];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    return fopen(path, "r");
}

static int64_t server_cpu_ns(void)
{
    char path[48];
    int64_t sum = 0;
    snprintf(path, sizeof path, "/proc/%d/task", option.pid);
    DIR *tasks = opendir(path);
    if (!tasks) fail("the server, process %d, is gone", option.pid);
    for (struct dirent *entry; (entry = readdir(tasks));) {
        long long ns;
        FILE *file = entry->d_name[0] == '.' ? NULL : open_proc("/proc/%d/task/%.20s/schedstat", option.pid, entry->d_name);
        if (!file) continue;                    /* the thread has ended */
        if (fscanf(file, "%lld", &ns) == 1) sum += ns;
        fclose(file);
    }
    closedir(tasks);
    if (sum == 0) fail("/proc/%d/task/*/schedstat has no times: a kernel without CONFIG_SCHED_INFO?", option.pid);
    return sum;
}

static double server_rss(void)
{
    char line[256];
    long kb = -1;
    FILE *file = open_proc("/proc/%d/smaps_rollup", option.pid);        /* exact, where VmRSS may be many pages behind */
    if (!file) file = open_proc("/proc/%d/status", option.pid);
    if (!file) fail("the server, process %d, is gone", option.pid);
    while (kb < 0 && fgets(line, sizeof line, file))
        if (sscanf(line, "Rss: %ld", &kb) != 1) sscanf(line, "VmRSS: %ld", &kb);
    fclose(file);
    return (double)kb * 1024;
}

/* All that was accepted is set up when the server does nothing more. */
static void wait_until_at_rest(void)
{
    int64_t give_up = now_ns() + (int64_t)option.give_up_s * S, before, cpu = server_cpu_ns();
    do {
        before = cpu;
        sleep_ns(50 * MS);
        cpu = server_cpu_ns();
    } while (cpu - before > MS / 2 && now_ns() < give_up);
}

/* ---- Connections. */

typedef struct { int fd, have; unsigned serial; int64_t sent_ns; char line[MOST_BYTES]; } connection;

static void set_time_limit(int fd)              /* of a call that blocks: connect(), too */
{
    struct timeval limit = { .tv_sec = option.give_up_s };
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

static int try_to_connect(unsigned source)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)option.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + source) };
    struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket: %s", strerror(errno));
    set_time_limit(fd);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);        /* leaves no port in TIME_WAIT */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (source > 0 && bind(fd, (struct sockaddr *)&from, sizeof from) != 0) fail("bind: %s", strerror(errno));
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int open_connection(int number)
{
    static unsigned source;                     /* 127.0.0.1 + this: the next one when the ports of one have run out */
    for (;;) {
        int fd = try_to_connect(source);
        if (fd >= 0) return fd;
        if (errno == EADDRNOTAVAIL && source < 200) source++;
        else if (errno == EINPROGRESS || errno == EAGAIN) fail("connection %d: the server took none for %d s", number, option.give_up_s);
        else if (errno != EINTR) fail("connection %d: %s", number, strerror(errno));
    }
}

static void mark_line(connection *c)            /* as no other connection's is, nor this one's soon */
{
    unsigned mark = ++c->serial;
    for (int i = 0; i < 4; i++, mark >>= 4) c->line[4 + i] = (char)('a' + (mark & 15));
}

static void make_line(connection *c, int number)
{
    memset(c->line, '.', sizeof c->line);
    for (int i = 0; i < 4; i++, number >>= 4) c->line[i] = (char)('A' + (number & 15));
    c->line[option.bytes - 1] = '\n';
}

static bool send_line(connection *c)
{
    mark_line(c);
    c->have = 0;
    return send(c->fd, c->line, (size_t)option.bytes, MSG_NOSIGNAL) == option.bytes;
}

/* Reads what there is.  False if it is not what was sent, or if the server has closed the connection. */
static bool read_answer(connection *c, int flags)
{
    char buffer[MOST_BYTES + 1];
    ssize_t n = recv(c->fd, buffer, sizeof buffer, flags);
    if (n < 0 && (errno == EINTR || (errno == EAGAIN && flags))) return true;
    if (n <= 0 || n > option.bytes - c->have || memcmp(buffer, c->line + c->have, (size_t)n) != 0) return false;
    c->have += (int)n;
    return true;
}

static bool is_answered(const connection *c) { return c->have == option.bytes; }

/* One line there and back.  Connections are accepted in their order, so after the last one's answer the server has them all. */
static void try_connection(connection *c, int number)
{
    if (!send_line(c)) fail("active connection %d: the line could not be sent", number);
    while (!is_answered(c)) {
        errno = 0;
        if (read_answer(c, 0)) continue;
        if (errno == EAGAIN) fail("active connection %d: no answer to its first line for %d s", number, option.give_up_s);
        fail("active connection %d: %s", number, errno ? strerror(errno) : "closed at its first line, or a wrong answer");
    }
}

static int count_closed(const int *fds, int n)
{
    int closed = 0;
    for (int i = 0; i < n; i++) {
        char byte;
        if (recv(fds[i], &byte, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN) closed++;
    }
    return closed;
}

/* ---- Threads that ask. */

/* COUNTING: what comes back is counted.  AFTER: still asks, while the main thread reads the CPU time.  ENDING: asks no more. */
enum { WARMING_UP, COUNTING, AFTER, ENDING };
static atomic_int phase;
static _Atomic int64_t counting_since = INT64_MAX;

typedef struct { pthread_t thread; connection *connections; int n; uint64_t requests, errors; histogram latencies; } asker;

static void take_answer(asker *a, connection *c, int64_t now, int *waiting)
{
    int current = atomic_load(&phase);
    if (current == COUNTING) a->requests++;
    if (c->sent_ns >= atomic_load(&counting_since)) add_value(&a->latencies, now - c->sent_ns);
    if (current == ENDING) {
        --*waiting;
        return;
    }
    c->sent_ns = now;
    if (send_line(c)) return;
    a->errors++;
    --*waiting;
}

static void *ask(void *argument)
{
    asker *a = argument;
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(EPOLL_CLOEXEC), waiting = a->n;
    if (epoll < 0) fail("epoll_create1: %s", strerror(errno));
    for (int i = 0; i < a->n; i++) {
        connection *c = &a->connections[i];
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
        c->sent_ns = now_ns();
        if (!send_line(c)) fail("a line could not be sent");
    }
    int64_t heard = now_ns();
    while (waiting > 0) {
        int n = epoll_wait(epoll, events, EVENTS, 100);
        int64_t now = now_ns();
        if (n > 0) heard = now;
        if (now - heard > (int64_t)option.give_up_s * S)
            fail("no answer for %d s, %d lines are waited for", option.give_up_s, waiting);
        for (int i = 0; i < n; i++) {
            connection *c = events[i].data.ptr;
            if (!read_answer(c, MSG_DONTWAIT)) {
                epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
                a->errors++;
                waiting--;
            } else if (is_answered(c)) {
                take_answer(a, c, now_ns(), &waiting);
            }
        }
    }
    close(epoll);
    return NULL;
}

/* ---- */

typedef struct { int64_t ns, cpu_ns; uint64_t requests, errors; histogram latencies; } outcome;

static void measure(asker *askers, outcome *o)
{
    for (int i = 0; i < option.threads; i++) {
        errno = pthread_create(&askers[i].thread, NULL, ask, &askers[i]);
        if (errno) fail("pthread_create: %s", strerror(errno));
    }
    sleep_ns((int64_t)option.warm_up_ms * MS);
    /* Reading the CPU time of thousands of threads takes a while: as long at both ends, and on the same side of each. */
    int64_t begin = now_ns();
    atomic_store(&counting_since, begin);
    atomic_store(&phase, COUNTING);
    int64_t cpu_ns = server_cpu_ns();
    sleep_ns(begin + (int64_t)(option.seconds * S) - now_ns());
    o->ns = now_ns() - begin;
    atomic_store(&phase, AFTER);
    o->cpu_ns = server_cpu_ns() - cpu_ns;
    atomic_store(&phase, ENDING);
    for (int i = 0; i < option.threads; i++) {
        pthread_join(askers[i].thread, NULL);
        o->requests += askers[i].requests;
        o->errors += askers[i].errors;
        add_histogram(&o->latencies, &askers[i].latencies);
    }
}

static double value(const char *text, double least)
{
    char *end;
    double result = strtod(text, &end);
    if (*end || end == text || !(result >= least) || result > 1e15) fail("%s: not a number of %g or more", text, least);
    return result;
}

static int count(const char *text, int least)
{
    double result = value(text, least);
    if (result > 1e9) fail("%s: too much", text);
    return (int)result;
}

static void read_options(int argc, char **argv)
{
    for (int o; (o = getopt(argc, argv, "p:P:i:a:s:t:b:w:g:r:")) != -1;) {
        switch (o) {
        case 'p': option.port = count(optarg, 1); break;
        case 'P': option.pid = count(optarg, 1); break;
        case 'i': option.idle = count(optarg, 0); break;
        case 'a': option.active = count(optarg, 0); break;
        case 's': option.seconds = value(optarg, 0); break;
        case 't': option.threads = count(optarg, 1); break;
        case 'b': option.bytes = count(optarg, LEAST_BYTES); break;
        case 'w': option.warm_up_ms = count(optarg, 0); break;
        case 'g': option.give_up_s = count(optarg, 1); break;
        case 'r': option.rss = value(optarg, 0); break;
        default: exit(2);
        }
    }
    if (!option.port || !option.pid || option.idle + option.active == 0 || option.bytes > MOST_BYTES) fail("see the head of load.c");
    if (option.threads > option.active) option.threads = option.active ? option.active : 1;
}

static void allow_descriptors(int wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) fail("getrlimit: %s", strerror(errno));
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max != RLIM_INFINITY && files.rlim_max < (rlim_t)wanted)
        fail("%d descriptors are wanted, the limit is %llu", wanted, (unsigned long long)files.rlim_max);
}

static void *allocate(int n, size_t size)
{
    void *memory = calloc((size_t)n + 1, size);
    if (!memory) fail("no memory");
    return memory;
}

static void print(const outcome *o, double rss_before, double rss)
{
    double seconds = (double)o->ns / S, requests = o->requests ? (double)o->requests : 1;
    printf("idle=%d active=%d threads=%d bytes=%d seconds=%.3f requests=%llu requests_per_s=%.0f cpu_us_per_request=%.3f "
           "server_cores=%.3f rss=%.0f bytes_per_connection=%.0f p50_us=%.1f p99_us=%.1f p999_us=%.1f errors=%llu\n",
           option.idle, option.active, option.threads, option.bytes, seconds, (unsigned long long)o->requests,
           (double)o->requests / seconds, (double)o->cpu_ns / 1e3 / requests, (double)o->cpu_ns / S / seconds, rss,
           (rss - rss_before) / (option.idle + option.active), percentile_us(&o->latencies, 0.5), percentile_us(&o->latencies, 0.99),
           percentile_us(&o->latencies, 0.999), (unsigned long long)o->errors);
}

int main(int argc, char **argv)
{
    static outcome o;
    read_options(argc, argv);
    allow_descriptors(option.idle + option.active + OTHER_DESCRIPTORS);
    int *idle = allocate(option.idle, sizeof *idle);
    connection *active = allocate(option.active, sizeof *active);
    asker *askers = allocate(option.threads, sizeof *askers);
    double rss_before = option.rss >= 0 ? option.rss : server_rss();

    for (int i = 0; i < option.idle; i++) idle[i] = open_connection(i);
    for (int i = 0; i < option.active; i++) {
        active[i].fd = open_connection(option.idle + i);
        make_line(&active[i], i);
        try_connection(&active[i], i);
    }
    wait_until_at_rest();
    double rss = server_rss();

    for (int i = 0, first = 0; i < option.threads; first += askers[i++].n) {
        askers[i].n = option.active / option.threads + (i < option.active % option.threads);
        askers[i].connections = active + first;
    }
    measure(askers, &o);
    if (option.active && option.seconds > 0 && o.requests == 0) fail("no answer came in %g s", option.seconds);
    o.errors += (uint64_t)count_closed(idle, option.idle);
    print(&o, rss_before, rss);
    free(idle);
    free(active);
    free(askers);
    return 0;
}
