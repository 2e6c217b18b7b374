/* A child of fork() goes on with its copy of the loop, and with the descriptors of its parent.  Once a process. */
/* expect debug: aiot_poll:0: task .none.: a loop runs in a child of the process that opened its descriptors: call aiot_poll_after_fork\(\) first */
/* exit debug: 0 */
/* release: harmless */  /* mistake: a loop with descriptors that goes on in a child of fork() without aiot_poll_after_fork() */
#define _POSIX_C_SOURCE 200809L
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = 0)
#define AIOT_CRITICAL_LEAVE(state) ((void)(state))
#define AIOT_POLL 1
#include <stdio.h>
static int complaints;
#define AIOT_PANIC(file, line, name, message) \
    (complaints++, fprintf(stderr, "%s:%u: task '%s': %s\n", (file), (unsigned)(line), (name), (message)))
#include "aio_timeout.h"
#include <sys/wait.h>
#include <unistd.h>
struct root { AIOT_FRAME; };
static AIOT_CORO(root) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_MS(1)); AIOT_SLEEP(AIOT_MS(1)); AIOT_END(); }

int main(void)
{
    static aiot_loop loop;
    static AIOT_POLL_SET(4) poller;
    static struct root frame;
    int status;
    aiot_loop_init(&loop);
    if (aiot_poll_open(&loop, &poller) != 0) return 1;
    for (int calls = 0; calls < 2; calls++) {
        pid_t child = fork();
        if (child == 0) {
            if (calls && aiot_poll_after_fork(&loop) != 0) _exit(1);
            if (aiot_run_frame(&loop, root, &frame) != AIOT_OK) _exit(1);
            _exit(complaints != (AIOT_DEBUG && !calls));
        }
        if (waitpid(child, &status, 0) != child || status != 0) return 1;
    }
    if (aiot_run_frame(&loop, root, &frame) != AIOT_OK) return 1;
    return complaints;
}
