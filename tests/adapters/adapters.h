/* adapters.h - for the tests of the adapters: counts descriptors, and runs what main() has. Include it after check.h and the adapter. */
#ifndef ADAPTERS_H
#define ADAPTERS_H
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>

static CHECK_ANY int open_descriptors(void)
{
    int count = 0;
    DIR *all = opendir("/proc/self/fd");
    CHECK(all != NULL);
    while (readdir(all)) count++;
    closedir(all);
    return count;
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
