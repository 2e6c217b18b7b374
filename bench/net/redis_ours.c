/* redis_ours.c - GETs a second with aiot_hiredis.h: AT_ONCE tasks, each sends the next one when it has its reply.  redis_ours PORT GETS */
#define AIOT_POLL 1
#include "../../examples/adapters/aiot_hiredis.h"
#include <signal.h>

enum { AT_ONCE = 50 };
static struct aiot_redis redis;
static long left;

struct asks { AIOT_FRAME; struct aiot_redis_command get; };
static AIOT_CORO(asks)
{
    AIOT_BEGIN();
    while (left-- > 0) {
        AIOT_AWAIT(aiot_redis_command, &self->get, .redis = &redis, .words = { "GET", "key" });
        free(self->get.reply);
    }
    AIOT_END();
}

struct root {
    AIOT_FRAME;
    int port; long gets; aiot_time began;
    struct aiot_redis_connect connect; struct aiot_redis_command set; struct aiot_redis_close close;
    struct asks frames[AT_ONCE]; aiot_task tasks[AT_ONCE]; AIOT_GATHER_SET(AT_ONCE) all;
};
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_redis_init(&redis, task->loop);
    AIOT_AWAIT(aiot_redis_connect, &self->connect, .redis = &redis, .host = "127.0.0.1", .port = self->port);
    AIOT_AWAIT(aiot_redis_command, &self->set, .redis = &redis, .words = { "SET", "key", "a value of some bytes" });
    free(self->set.reply);
    left = self->gets;
    self->began = aiot_now(task->loop);
    for (int i = 0; i < AT_ONCE; i++) AIOT_SPAWN(&self->tasks[i], asks, &self->frames[i]);
    AIOT_GATHER_TASKS(&self->all, self->tasks, AT_ONCE);
    printf("%.0f\n", (double)self->gets * 1e9 / (double)aiot_time_between(self->began, aiot_now(task->loop)));
    AIOT_AWAIT(aiot_redis_close, &self->close, .redis = &redis);
    AIOT_END();
}

int main(int argc, char **argv)
{
    static aiot_loop loop;
    static AIOT_POLL_SET(8) poller;
    static struct root frame;
    if (argc < 3) return 2;
    signal(SIGPIPE, SIG_IGN);
    aiot_loop_init(&loop);
    if (aiot_poll_open(&loop, &poller) != 0) return 1;
    return aiot_run(&loop, root, &frame, .port = atoi(argv[1]), .gets = atol(argv[2])) == AIOT_OK ? 0 : 1;
}
