/* adapters.h - for the tests of the adapters: counts descriptors and threads, and runs what main() has. Include it after check.h. */
#ifndef ADAPTERS_H
#define ADAPTERS_H
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

/* How many entries a directory of /proc has; 0 where there is none. */
static CHECK_ANY int entries(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    if (directory == NULL) return 0;
    while (readdir(directory) != NULL) count++;
    closedir(directory);
    return count;
}
static CHECK_ANY int open_descriptors(void)
{
    int count = entries("/proc/self/fd");
    CHECK(count > 0);                           /* without /proc nothing would be checked */
    return count;
}

static CHECK_ANY void pause_ms(long ms) { nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL); }

/* A joined thread may stay listed for a moment. */
static CHECK_ANY int running_threads(void) { return entries("/proc/self/task"); }
static CHECK_ANY void check_threads(int expected)
{
    for (int i = 0; i < 2000 && running_threads() != expected; i++) pause_ms(1);
    CHECK_EQUAL(running_threads(), expected);
}

/* Milliseconds since a time of the loop's clock, rounded down. */
static CHECK_ANY int ms_since(aiot_loop *loop, aiot_time start) { return (int)(aiot_time_between(start, aiot_now(loop)) / AIOT_MS(1)); }

/* A port of 127.0.0.1 that is taken. With a backlog of -1 it refuses connections. Returns its socket, for close(). */
static CHECK_ANY int take_port(int backlog, struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQUAL(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
    if (backlog >= 0) CHECK_EQUAL(listen(fd, backlog), 0);
    CHECK_EQUAL(getsockname(fd, (struct sockaddr *)address, &length), 0);
    return fd;
}

/* Awaits a test: AWAIT_TEST(a_limit_ends_it). */
#define AWAIT_TEST(name) do { static struct name frame; AIOT_AWAIT(name, &frame, .i = 0); } while (0)
#endif
