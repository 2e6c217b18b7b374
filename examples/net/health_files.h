/* health_files.h - the two files of health.c: the services, and what is known of them. Plain C, without coroutines. */
#ifndef HEALTH_FILES_H
#define HEALTH_FILES_H

#include "../adapters/aiot_stream.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { MOST_SERVICES = 200, LINE = 1024, PATH = 1024 };
enum { TCP, HTTP, UNIX, KINDS };
static const int64_t a_day_ms = 86400000;
static const char *const kind_names[] = {"tcp", "http", "unix"};

struct learned { int64_t answers, mean, deviation; };   /* the times are in microseconds */
struct result { bool is_known; int state; int64_t us, limit_ms; char reason[112]; };

struct service {
    char line[LINE];                            /* of the file, cut into fields */
    const char *name, *target, *path;           /* these point into it */
    int kind;
    int64_t limit_ms, expected;                 /* expected: a status; 0 for any from 200 to 399 */
    char host[256], port[6];
    struct addrinfo *numeric;                   /* the host is an address, and needs no lookup; or NULL */
    struct aiot_address local;                  /* of a unix socket */
    struct learned learned;
    struct result result;                       /* of this round, or of the last one */
};

static struct service services[MOST_SERVICES], *services_end = services;
static const struct addrinfo stream_hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

/* ---- The file of services. The functions that return a text return what is wrong, or NULL. */

static const char blanks[] = " \t\r\n";

/* Cuts a line into fields, `most` at most, up to a comment. Returns their number. */
static int split(char *line, char **fields, int most)
{
    char *rest = NULL;
    int count = 0;
    for (char *field = strtok_r(line, blanks, &rest); field && *field != '#' && count < most; field = strtok_r(NULL, blanks, &rest))
        fields[count++] = field;
    return count;
}

static bool is_number(const char *text, int64_t least, int64_t most, int64_t *value)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 15 || text[digits] != '\0') return false;
    *value = strtoll(text, NULL, 10);
    return *value >= least && *value <= most;
}

/* "host:port", "[::1]:port"; in a URL, the port can be left out, and a path may follow. */
static const char *take_host(struct service *s, const char *text)
{
    struct addrinfo hints = stream_hints;
    int64_t port;
    int end = 0, digits = 0;
    strcpy(s->port, s->kind == HTTP ? "80" : "");
    if (sscanf(text, "[%255[0-9A-Fa-f:.]]%n", s->host, &end) < 1 || end == 0)                   /* an IPv6 address, or */
        if (sscanf(text, "%255[^][:/?#@]%n", s->host, &end) < 1) return "the target has no host";
    if (sscanf(text + end, ":%5[0-9]%n", s->port, &digits) == 1) end += digits;
    s->path = text + end;
    if (strcspn(s->path, s->kind == HTTP ? "/?" : "") > 0) return "the host or port of the target is not right";
    if (!is_number(s->port, 1, 65535, &port)) return "the target has no port from 1 to 65535";
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    if (getaddrinfo(s->host, s->port, &hints, &s->numeric) != 0) s->numeric = NULL;
    return NULL;
}

static const char *take_target(struct service *s)
{
    if (s->kind == TCP) return take_host(s, s->target);
    if (s->kind == HTTP) return strncmp(s->target, "http://", 7) ? "the target does not begin with http://" : take_host(s, s->target + 7);
    if (*s->target != '/') return "the path of a unix socket begins with /";
    return aiot_address_unix(&s->local, s->target) == 0 ? NULL : "the path of the unix socket is too long";
}

static const char *take_service(struct service *s, int64_t limit_ms)
{
    char *fields[6];
    int count = split(s->line, fields, 6);
    if (count < 3 || count > 5) return "a line is NAME KIND TARGET [LIMIT_MS] [STATUS]";
    for (int i = 0; i < count; i++)
        for (const char *c = fields[i]; *c; c++) if (*c < ' ' || *c > '~') return "there is a character that is not printable ASCII";
    s->name = fields[0];
    s->target = fields[2];
    if (strlen(s->name) > 63) return "the name has more than 63 characters";
    while (s->kind < KINDS && strcmp(fields[1], kind_names[s->kind]) != 0) s->kind++;
    if (s->kind == KINDS) return "the kind is not tcp, http or unix";
    s->limit_ms = limit_ms;
    if (count > 3 && strcmp(fields[3], "-") != 0 && !is_number(fields[3], 1, a_day_ms, &s->limit_ms))
        return "the limit is not a number of milliseconds from 1 to 86400000, and not -";
    if (count > 4 && s->kind != HTTP) return "only http has a status";
    if (count > 4 && !is_number(fields[4], 100, 999, &s->expected)) return "the status is not a number from 100 to 999";
    for (const struct service *other = services; other < s; other++)
        if (strcmp(other->name, s->name) == 0) return "the name is used twice";
    return take_target(s);
}

static const char *take_line(const char *line, bool is_last, int64_t limit_ms)
{
    if (strchr(line, '\n') == NULL && !is_last) return "the line has more than 1022 bytes, or a zero byte";
    size_t indent = strspn(line, blanks);
    if (line[indent] == '\0' || line[indent] == '#') return NULL;
    if (services_end == services + MOST_SERVICES) return "there are more than 200 services";
    strcpy(services_end->line, line);
    return take_service(services_end++, limit_ms);
}

static void free_services(void)
{
    for (const struct service *s = services; s < services_end; s++) if (s->numeric) freeaddrinfo(s->numeric);
}

/* Reads the services. Those without a limit get limit_ms. Returns false when it has printed what is wrong. */
static bool read_services(const char *path, int64_t limit_ms)
{
    char line[LINE];
    const char *wrong = NULL;
    int number = 0;
    FILE *file = fopen(path, "r");
    while (file && !wrong && fgets(line, sizeof line, file)) {
        number++;
        wrong = take_line(line, feof(file), limit_ms);
    }
    if (wrong) fprintf(stderr, "health: %s:%d: %s\n", path, number, wrong);
    else if (file == NULL || ferror(file)) fprintf(stderr, "health: %s: %s\n", path, strerror(errno));
    else if (services_end == services) fprintf(stderr, "health: %s: has no services\n", path);
    bool is_good = file && !ferror(file) && !wrong && services_end > services;
    if (file) fclose(file);
    if (!is_good) free_services();
    return is_good;
}

/* ---- The state file: "health-state 1 LINES", and as many lines of NAME ANSWERS MEAN_US DEVIATION_US. */

static const char magic[] = "health-state 1 ";

static bool take_learned(char *line, struct learned *all)
{
    struct learned l;
    char *fields[5];
    if (split(line, fields, 5) != 4 || !is_number(fields[1], 1, INT64_MAX, &l.answers)) return false;
    if (!is_number(fields[2], 0, a_day_ms * 1000, &l.mean) || !is_number(fields[3], 0, a_day_ms * 1000, &l.deviation)) return false;
    for (const struct service *s = services; s < services_end; s++) if (strcmp(s->name, fields[0]) == 0) all[s - services] = l;
    return true;
}

/* Reads what was learned. A damaged file is as good as none, and will be replaced. Returns false if another file has this name: it must be
 * left alone. */
static bool read_state(const char *path)
{
    static struct learned all[MOST_SERVICES];
    char line[LINE];
    struct stat status;
    int64_t lines = 0;
    int error = stat(path, &status) == 0 ? 0 : errno;
    if (error == ENOENT) return true;
    FILE *file = error == 0 && S_ISREG(status.st_mode) ? fopen(path, "r") : NULL;
    bool is_empty = file && status.st_size == 0;
    bool is_ours = file && (is_empty || (fgets(line, sizeof line, file) && strncmp(line, magic, strlen(magic)) == 0));
    bool is_whole = is_ours && !is_empty && strchr(line, '\n');
    if (is_whole) line[strcspn(line, "\n")] = '\0';
    is_whole = is_whole && is_number(line + strlen(magic), 0, a_day_ms, &lines);
    for (; is_whole && lines > 0; lines--) is_whole = fgets(line, sizeof line, file) && strchr(line, '\n') && take_learned(line, all);
    is_whole = is_whole && getc(file) == EOF;
    if (file) fclose(file);
    if (!is_ours) fprintf(stderr, "health: %s: is not a state file: it is not used, and not changed\n", path);
    else if (!is_whole) fprintf(stderr, "health: %s: is damaged: begins anew\n", path);
    for (struct service *s = services; is_whole && s < services_end; s++) s->learned = all[s - services];
    return is_ours;
}

static int write_state(FILE *file)
{
    int lines = 0;
    for (const struct service *s = services; s < services_end; s++) lines += s->learned.answers > 0;
    fprintf(file, "%s%d\n", magic, lines);
    for (const struct service *s = services; s < services_end; s++) {
        if (s->learned.answers == 0) continue;
        fprintf(file, "%s %jd %jd %jd\n", s->name, (intmax_t)s->learned.answers, (intmax_t)s->learned.mean, (intmax_t)s->learned.deviation);
    }
    return fflush(file) == 0 && fsync(fileno(file)) == 0 ? 0 : errno;
}

static int sync_directory_of(char *path)        /* changes the path */
{
    char *slash = strrchr(path, '/');
    if (slash) slash[slash == path] = '\0';
    int fd = open(slash ? path : ".", O_RDONLY | O_CLOEXEC);
    int error = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL) ? 0 : errno;    /* EINVAL: the file system has no use for it */
    if (fd >= 0) close(fd);
    return error;
}

/* Runs in a thread. Writes FILE.tmp, then renames it: FILE is the old state or the new one, whenever the process is killed. While another
 * process has the lock, it saves, and we do not. Returns 0 or an errno. */
static int save_state(void *state_path)
{
    char path[PATH + 8];
    struct stat named, opened;
    snprintf(path, sizeof path, "%s.tmp", (const char *)state_path);
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) return errno;
    bool is_ours = flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino;
    FILE *file = is_ours && ftruncate(fd, 0) == 0 ? fdopen(fd, "w") : NULL;
    int error = file ? write_state(file) : is_ours ? errno : 0;
    if (file && error == 0 && rename(path, (const char *)state_path) != 0) error = errno;
    if (is_ours && error != 0) unlink(path);
    if (file) fclose(file);                     /* ends the lock */
    else close(fd);
    return file && error == 0 ? sync_directory_of(path) : error;
}

#endif
