/* redis_uv.c - the same with hiredis' own adapter for libuv, by callbacks.  redis_uv PORT GETS */
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>
#include <hiredis/adapters/libuv.h>

enum { AT_ONCE = 50 };
static long left, gets;
static int under_way;
static uint64_t began;

static void send_next(redisAsyncContext *redis);
static void on_reply(redisAsyncContext *redis, void *reply, void *unused)
{
    (void)unused;
    under_way--;
    if (reply) send_next(redis);
    if (under_way == 0) {
        printf("%.0f\n", (double)gets * 1e9 / (double)(uv_hrtime() - began));
        redisAsyncDisconnect(redis);
    }
}
static void send_next(redisAsyncContext *redis)
{
    if (left-- <= 0) return;
    under_way++;
    redisAsyncCommand(redis, on_reply, NULL, "GET key");
}

int main(int argc, char **argv)
{
    if (argc < 3) return 2;
    signal(SIGPIPE, SIG_IGN);
    left = gets = atol(argv[2]);
    redisAsyncContext *redis = redisAsyncConnect("127.0.0.1", atoi(argv[1]));
    if (redis == NULL || redis->err) return 1;
    redisLibuvAttach(redis, uv_default_loop());
    redisAsyncCommand(redis, NULL, NULL, "SET key %s", "a value of some bytes");
    began = uv_hrtime();
    for (int i = 0; i < AT_ONCE; i++) send_next(redis);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return 0;
}
