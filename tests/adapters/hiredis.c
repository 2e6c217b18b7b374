/* hiredis.c - the rules of aiot_hiredis.h, against a real server: run.sh starts it, and starts it again 0.3 s after its end.
 *     hiredis PORT SOCKET     its port and its Unix domain socket */
#define _GNU_SOURCE
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include "check.h"
#include "aiot_hiredis.h"
#include "adapters.h"
#include <signal.h>

enum { MANY = 100 };
static aiot_loop loop;
static AIOT_POLL_SET(16) poller;
static struct aiot_redis redis;
static int port, refused, server;
static const char *path;

/* Sends words, and says what comes: the reply as text, or the code. */
static void say_reply(const redisReply *r)
{
    switch (r->type) {
    case REDIS_REPLY_NIL: say("nil "); break;
    case REDIS_REPLY_INTEGER: say("%lld ", r->integer); break;
    case REDIS_REPLY_ARRAY:
        say("[ ");
        for (size_t i = 0; i < r->elements; i++) say_reply(r->element[i]);
        say("] ");
        break;
    default: say("%s ", r->str);
    }
}
struct ask { AIOT_FRAME; const char *words[3]; struct aiot_redis_command c; };
static AIOT_CORO(ask)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_AWAIT(aiot_redis_command, &self->c, .redis = &redis, .words = { self->words[0], self->words[1], self->words[2] });
        say_reply(self->c.reply);
        free(self->c.reply);
    } AIOT_EXCEPT_ANY {
        CHECK(self->c.reply == NULL);
        say("%d ", aiot_caught(task).code);
    }
    AIOT_END();
}
#define ASK(expected, ...) do { AIOT_AWAIT(ask, &self->ask, .words = { __VA_ARGS__ }); CHECK_SAID(expected); } while (0)

/* Connects; as often as needed, while the server is starting, or has not quite gone. */
struct connect_again { AIOT_FRAME; int attempts; struct aiot_redis_connect connect; struct aiot_redis_command c; };
static AIOT_CORO(connect_again)
{
    AIOT_BEGIN();
    while (self->c.reply == NULL) {
        AIOT_TRY {
            AIOT_AWAIT(aiot_redis_connect, &self->connect, .redis = &redis, .host = "127.0.0.1", .port = port);
            AIOT_AWAIT(aiot_redis_command, &self->c, .redis = &redis, .words = { "INFO", "server" });
        } AIOT_EXCEPT(AIOT_REDIS_ECONNECT) {
            CHECK(strcmp((const char *)aiot_caught(task).info, "Connection refused") == 0);
            self->attempts++;
        } AIOT_EXCEPT(AIOT_REDIS_ELOST) {
            self->attempts++;
        }
        CHECK_EQUAL(redis.context != NULL, self->c.reply != NULL);
        if (self->c.reply == NULL) AIOT_SLEEP(AIOT_MS(20));
    }
    server = atoi(strstr(self->c.reply->str, "process_id:") + 11);
    CHECK(server > 1);
    free(self->c.reply);
    AIOT_END();
}

/* ---- Commands and replies. */
struct replies_of_all_kinds { AIOT_FRAME; int i; struct ask ask; struct aiot_redis_command c; };
static AIOT_CORO(replies_of_all_kinds)
{
    AIOT_BEGIN();
    ASK("OK ", "SET", "key", "value");
    ASK("value ", "GET", "key");
    ASK("nil ", "GET", "no such key");
    ASK("5 ", "STRLEN", "key");
    ASK("[ value nil ] ", "MGET", "key", "no such key");
    ASK("[ ] ", "KEYS", "no such key");
    ASK("[ 1 [ 2 three [ ] ] four ] ", "EVAL", "return {1,{2,'three',{}},'four'}", "0");
    ASK("PONG ", "PING");
    AIOT_AWAIT(aiot_redis_command, &self->c, .redis = &redis, .words = { "EVAL", "return {('a'):rep(99),('b'):rep(1000)}", "0" });
    CHECK_EQUAL(strspn(self->c.reply->element[0]->str, "a"), 99);
    CHECK_EQUAL(strspn(self->c.reply->element[1]->str, "b"), 1000);
    free(self->c.reply);
    AIOT_END();
}

struct arguments_may_contain_anything { AIOT_FRAME; int i; struct aiot_redis_command c; };
static AIOT_CORO(arguments_may_contain_anything)
{
    static char large[1000000];
    static const char *words[] = { "SET", "a\0 b\r\n", large };
    static const size_t lengths[] = { 3, 6, sizeof large };
    AIOT_BEGIN();
    for (size_t i = 0; i < sizeof large; i++) large[i] = (char)(i * 7);
    AIOT_AWAIT(aiot_redis_command, &self->c, .redis = &redis, .argv = words, .lengths = lengths, .argc = 3);
    free(self->c.reply);
    words[0] = "GET";
    AIOT_AWAIT(aiot_redis_command, &self->c, .redis = &redis, .argv = words, .lengths = lengths, .argc = 2);
    CHECK_EQUAL(self->c.reply->len, sizeof large);
    CHECK(memcmp(self->c.reply->str, large, sizeof large) == 0);
    free(self->c.reply);
    AIOT_END();
}

struct an_error_reply_is_raised { AIOT_FRAME; int i; struct aiot_redis_command c; };
static AIOT_CORO(an_error_reply_is_raised)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_AWAIT(aiot_redis_command, &self->c, .redis = &redis, .words = { "LPUSH", "key", "x" });
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_REDIS_EREPLY) {
        CHECK(strncmp((const char *)aiot_caught(task).info, "WRONGTYPE", 9) == 0);
        CHECK(aiot_caught(task).info == self->c.error);
    }
    AIOT_END();
}

struct what_has_more_than_one_reply_is_refused { AIOT_FRAME; int i; struct ask ask; };
static AIOT_CORO(what_has_more_than_one_reply_is_refused)
{
    AIOT_BEGIN();
    ASK("-4 ", "SUBSCRIBE", "news");            /* AIOT_EINVAL */
    ASK("-4 ", "pUnsubscribe", "*");
    ASK("-4 ", "MONITOR");
    AIOT_TRY { AIOT_AWAIT(aiot_redis_command, &self->ask.c, .redis = &redis); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { }
    ASK("PONG ", "PING");
    AIOT_END();
}

/* They are sent at once, and answered in the order in which they began. */
struct many_at_once { AIOT_FRAME; int i; struct ask ask; struct aiot_redis_command all[MANY]; aiot_task tasks[MANY]; };
static AIOT_CORO(many_at_once)
{
    AIOT_BEGIN();
    ASK("OK ", "SET", "count", "0");
    for (self->i = 0; self->i < MANY; self->i++)
        AIOT_SPAWN(&self->tasks[self->i], aiot_redis_command, &self->all[self->i], .redis = &redis, .words = { "INCR", "count" });
    AIOT_YIELD();
    CHECK_EQUAL(redis.pending, MANY);
    for (self->i = 0; self->i < MANY; self->i++) {
        AIOT_JOIN(&self->tasks[self->i]);
        CHECK_EQUAL(self->all[self->i].reply->integer, self->i + 1);
        free(self->all[self->i].reply);
    }
    CHECK_EQUAL(redis.pending, 0);
    AIOT_END();
}

/* ---- Limits and cancels. */
struct a_limit_ends_a_command { AIOT_FRAME; int i; aiot_time start; aiot_timeout limit; struct aiot_redis_command c; struct ask ask; };
static AIOT_CORO(a_limit_ends_a_command)
{
    AIOT_BEGIN();
    CHECK_EQUAL(kill(server, SIGSTOP), 0);
    for (self->i = 1; self->i <= 3; self->i++) {
        self->start = aiot_now(task->loop);
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, AIOT_MS(50), aiot_redis_command, &self->c, .redis = &redis, .words = { "GET", "key" });
            NOT_REACHED();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            CHECK(ms_since(task->loop, self->start) >= 50);
            CHECK(ms_since(task->loop, self->start) < 2000);
        }
        CHECK_EQUAL(redis.pending, self->i);    /* the replies have still to come */
    }
    memset(&self->c, 0x55, sizeof self->c);     /* the frame may go away before */
    CHECK_EQUAL(kill(server, SIGCONT), 0);
    ASK("value ", "GET", "key");                /* the next command gets its own reply */
    CHECK_EQUAL(redis.pending, 0);
    memset(&self->c, 0, sizeof self->c);
    AIOT_END();
}

struct a_cancel_meets_the_reply { AIOT_FRAME; int i, turns; struct aiot_redis_command c; aiot_task t; struct ask ask; };
static AIOT_CORO(a_cancel_meets_the_reply)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, aiot_redis_command, &self->c, .redis = &redis, .words = { "GET", "key" });
    do AIOT_YIELD(); while (!aiot_done(&self->c.done));
    CHECK(self->c.copy != NULL);
    aiot_cancel(&self->t);                      /* the reply is there, the task has not run */
    AIOT_YIELD();
    CHECK_EQUAL(aiot_result(&self->t), AIOT_ECANCELED);
    CHECK(self->c.reply == NULL);
    for (self->i = 0; self->i < 300; self->i++) {       /* after so many turns */
        AIOT_SPAWN(&self->t, aiot_redis_command, &self->c, .redis = &redis, .words = { "GET", "key" });
        for (self->turns = 0; self->turns < self->i; self->turns++) AIOT_YIELD();
        aiot_cancel(&self->t);
        while (!aiot_done(&self->t)) AIOT_YIELD();
        CHECK(aiot_result(&self->t) == AIOT_ECANCELED || aiot_result(&self->t) == AIOT_OK);
        CHECK_EQUAL(self->c.reply != NULL, aiot_result(&self->t) == AIOT_OK);
        free(self->c.reply);
    }
    ASK("value ", "GET", "key");
    CHECK_EQUAL(redis.pending, 0);
    AIOT_END();
}

/* ---- Connecting. */
struct connecting {
    AIOT_FRAME; int i;
    struct aiot_redis other; struct aiot_redis_connect connect; struct aiot_redis_close close; struct aiot_redis_command c;
};
static AIOT_CORO(connecting)
{
    AIOT_BEGIN();
    aiot_redis_init(&self->other, task->loop);
    AIOT_TRY {                                  /* not yet */
        AIOT_AWAIT(aiot_redis_command, &self->c, .redis = &self->other, .words = { "PING" });
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_REDIS_ECLOSED) {
        CHECK(strcmp((const char *)aiot_caught(task).info, "not connected") == 0);
    }
    AIOT_TRY {
        AIOT_AWAIT(aiot_redis_connect, &self->connect, .redis = &self->other, .host = "127.0.0.1", .port = refused);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_REDIS_ECONNECT) {
        CHECK(strcmp((const char *)aiot_caught(task).info, "Connection refused") == 0);
        CHECK(self->other.context == NULL && aiot_event_is_set(&self->other.down));
    }
    AIOT_TRY {
        AIOT_AWAIT(aiot_redis_connect, &self->connect, .redis = &self->other, .path = "/no/such/socket");
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_REDIS_ECONNECT) {
        CHECK(strcmp((const char *)aiot_caught(task).info, "No such file or directory") == 0);
    }
    AIOT_AWAIT(aiot_redis_connect, &self->connect, .redis = &self->other, .path = path);
    AIOT_TRY {
        AIOT_AWAIT(aiot_redis_connect, &self->connect, .redis = &self->other, .path = path);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ERUNTIME) {
        CHECK(self->other.is_up);               /* the connection is not touched */
    }
    AIOT_AWAIT(aiot_redis_command, &self->c, .redis = &self->other, .words = { "PING" });
    free(self->c.reply);
    AIOT_AWAIT(aiot_redis_close, &self->close, .redis = &self->other);
    AIOT_AWAIT(aiot_redis_close, &self->close, .redis = &self->other);     /* nothing to do */
    CHECK(self->other.context == NULL);
    aiot_redis_drop(&self->other);
    AIOT_END();
}

/* A listener whose queue is full answers no SYN. */
static int fill_listener(int sockets[4], int *full_port)
{
    struct sockaddr_in address;
    int listener = take_port(0, &address);
    *full_port = ntohs(address.sin_port);
    for (int i = 0; i < 4; i++) {
        sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(sockets[i], (struct sockaddr *)&address, sizeof address);
    }
    return listener;
}
struct attempts_are_given_up {
    AIOT_FRAME; int i, listener, sockets[4], full, before;
    aiot_timeout limit; struct aiot_redis other; struct aiot_redis_connect connect; struct aiot_redis_close close; aiot_task t;
};
static AIOT_CORO(attempts_are_given_up)
{
    AIOT_BEGIN();
    self->listener = fill_listener(self->sockets, &self->full);
    self->before = open_descriptors();
    aiot_redis_init(&self->other, task->loop);
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, AIOT_MS(50), aiot_redis_connect, &self->connect, .redis = &self->other, .host = "127.0.0.1",
                      .port = self->full);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(self->other.context == NULL);
    }
    for (self->i = 0; self->i < 2; self->i++) {         /* by others: closed, dropped */
        AIOT_SPAWN(&self->t, aiot_redis_connect, &self->connect, .redis = &self->other, .host = "127.0.0.1", .port = self->full);
        AIOT_YIELD();
        if (self->i == 0) AIOT_AWAIT(aiot_redis_close, &self->close, .redis = &self->other);
        else aiot_redis_drop(&self->other);
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_REDIS_ECONNECT) { }
    }
    AIOT_SPAWN(&self->t, aiot_redis_connect, &self->connect, .redis = &self->other, .host = "127.0.0.1", .port = port);
    do AIOT_YIELD(); while (!aiot_done(&self->connect.done));
    aiot_redis_drop(&self->other);              /* it is there, and the task has not run */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_REDIS_ELOST) { }
    for (self->i = 0; self->i < 12; self->i++) {        /* cancelled after so many us */
        AIOT_SPAWN(&self->t, aiot_redis_connect, &self->connect, .redis = &self->other, .host = "127.0.0.1", .port = port);
        AIOT_SLEEP(AIOT_US(20) * self->i);
        aiot_cancel(&self->t);
        while (!aiot_done(&self->t)) AIOT_YIELD();
        CHECK_EQUAL(self->other.is_up, aiot_result(&self->t) == AIOT_OK);
        aiot_redis_drop(&self->other);
        CHECK(self->other.context == NULL);
    }
    CHECK_EQUAL(open_descriptors(), self->before);
    for (int i = 0; i < 4; i++) close(self->sockets[i]);
    close(self->listener);
    AIOT_END();
}

/* ---- Losing the connection. */
struct spawned { AIOT_FRAME; int i; struct aiot_redis_command all[MANY]; aiot_task tasks[MANY]; };
static void spawn_many(struct spawned *s)
{
    for (int i = 0; i < MANY; i++)
        CHECK_EQUAL(aiot_spawn_on(&loop, &s->tasks[i], aiot_redis_command, &s->all[i], .redis = &redis, .words = { "GET", "key" }), 0);
}
/* Joins them, and says how many ended well, and how many with this code. */
struct join_many { AIOT_FRAME; struct spawned *s; int code, i, well, badly; };
static AIOT_CORO(join_many)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < MANY; self->i++) {
        AIOT_TRY {
            AIOT_JOIN(&self->s->tasks[self->i]);
            free(self->s->all[self->i].reply);
            self->well++;
        } AIOT_EXCEPT_IF(aiot_caught(task).code == self->code) {
            CHECK(aiot_caught(task).info == redis.reason);
            self->badly++;
        }
    }
    say("%d well, %d badly ", self->well, self->badly);
    AIOT_END();
}

struct a_lost_connection_is_told_to_all {
    AIOT_FRAME; int i;
    struct spawned s; struct ask ask; aiot_waiter waiter; struct connect_again again;
};
static AIOT_CORO(a_lost_connection_is_told_to_all)
{
    AIOT_BEGIN();
    CHECK_EQUAL(kill(server, SIGSTOP), 0);
    spawn_many(&self->s);
    AIOT_SLEEP(AIOT_MS(10));
    CHECK_EQUAL(redis.pending, MANY);
    aiot_cancel(&self->s.tasks[0]);             /* its reply will never come */
    CHECK_EQUAL(kill(server, SIGKILL), 0);
    AIOT_EVENT_WAIT(&redis.down, &self->waiter);
    aiot_task_detach(&self->s.tasks[0]);
    CHECK_EQUAL(aiot_result(&self->s.tasks[0]), AIOT_ECANCELED);
    CHECK(redis.context == NULL && !redis.is_up);
    CHECK_EQUAL(redis.pending, 0);
    for (self->i = 1; self->i < MANY; self->i++) {
        AIOT_TRY {
            AIOT_JOIN(&self->s.tasks[self->i]);
            NOT_REACHED();
        } AIOT_EXCEPT(AIOT_REDIS_ELOST) {
            CHECK(strcmp((const char *)aiot_caught(task).info, "Server closed the connection") == 0 ||
                  strcmp((const char *)aiot_caught(task).info, "Connection reset by peer") == 0);
        }
    }
    ASK("25000 ", "GET", "key");                /* AIOT_REDIS_ECLOSED */
    AIOT_AWAIT(connect_again, &self->again, .attempts = 0);
    CHECK(self->again.attempts > 0);            /* it takes the server 0.3 s */
    CHECK_EQUAL(redis.pending, 0);
    ASK("OK ", "SET", "key", "value");
    ASK("value ", "GET", "key");
    AIOT_END();
}

/* ---- Closing. */
struct a_close_waits_for_the_replies {
    AIOT_FRAME; int i;
    struct spawned s; struct join_many join; struct aiot_redis_close close; struct ask ask; struct connect_again again; aiot_task t;
};
static AIOT_CORO(a_close_waits_for_the_replies)
{
    AIOT_BEGIN();
    spawn_many(&self->s);
    AIOT_SPAWN(&self->t, aiot_redis_close, &self->close, .redis = &redis);
    AIOT_YIELD();
    CHECK_EQUAL(redis.pending, MANY);
    ASK("25000 ", "GET", "key");                /* no more commands */
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(redis.pending, 0);
    CHECK(redis.context == NULL);
    AIOT_AWAIT(join_many, &self->join, .s = &self->s);
    CHECK_SAID("100 well, 0 badly ");
    AIOT_AWAIT(connect_again, &self->again, .attempts = 0);
    CHECK_EQUAL(self->again.attempts, 0);
    AIOT_END();
}

struct a_close_that_takes_too_long_drops {
    AIOT_FRAME; int i;
    struct spawned s; struct join_many join; struct aiot_redis_close close; struct connect_again again; aiot_timeout limit;
};
static AIOT_CORO(a_close_that_takes_too_long_drops)
{
    AIOT_BEGIN();
    CHECK_EQUAL(kill(server, SIGSTOP), 0);
    spawn_many(&self->s);
    AIOT_YIELD();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->limit, AIOT_MS(50), aiot_redis_close, &self->close, .redis = &redis);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(redis.context == NULL);
    }
    CHECK_EQUAL(kill(server, SIGCONT), 0);
    AIOT_AWAIT(join_many, &self->join, .s = &self->s, .code = AIOT_REDIS_ELOST);
    CHECK_SAID("0 well, 100 badly ");
    AIOT_AWAIT(connect_again, &self->again, .attempts = 0);
    AIOT_END();
}

#if AIOT_POLL == 2
/* poll(2) has no room: nothing hangs. */
struct no_room_is_an_error {
    AIOT_FRAME; int ends[2];
    aiot_fd taken; struct aiot_readable reading; aiot_task t; struct aiot_redis other; struct aiot_redis_connect connect;
};
static AIOT_CORO(no_room_is_an_error)
{
    AIOT_BEGIN();
    CHECK_EQUAL(pipe(self->ends), 0);
    CHECK_EQUAL(aiot_fd_open(&self->taken, task->loop, self->ends[0]), 0);
    AIOT_SPAWN(&self->t, aiot_readable, &self->reading, .fd = &self->taken);
    AIOT_YIELD();
    aiot_redis_init(&self->other, task->loop);
    AIOT_TRY {
        AIOT_AWAIT(aiot_redis_connect, &self->connect, .redis = &self->other, .path = path);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ENOBUFS) {
        CHECK(self->other.context == NULL);
    }
    aiot_cancel(&self->t);
    AIOT_YIELD();
    aiot_fd_close(&self->taken);
    close(self->ends[1]);
    AIOT_END();
}
static void run_crowded(void)
{
    static struct no_room_is_an_error frame;
    static AIOT_POLL_SET(1 + AIOT_THREADS) small;
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &small), 0);
    CHECK_EQUAL(aiot_run(&loop, no_room_is_an_error, &frame), AIOT_OK);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#else
static void run_crowded(void) { }
#endif

struct root { AIOT_FRAME; struct connect_again again; struct aiot_redis_close close; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_redis_init(&redis, task->loop);
    AIOT_AWAIT(connect_again, &self->again, .attempts = 0);
    AWAIT_TEST(replies_of_all_kinds);
    AWAIT_TEST(arguments_may_contain_anything);
    AWAIT_TEST(an_error_reply_is_raised);
    AWAIT_TEST(what_has_more_than_one_reply_is_refused);
    AWAIT_TEST(many_at_once);
    AWAIT_TEST(a_limit_ends_a_command);
    AWAIT_TEST(a_cancel_meets_the_reply);
    AWAIT_TEST(connecting);
    AWAIT_TEST(attempts_are_given_up);
    AWAIT_TEST(a_lost_connection_is_told_to_all);
    AWAIT_TEST(a_close_waits_for_the_replies);
    AWAIT_TEST(a_close_that_takes_too_long_drops);
    AIOT_AWAIT(aiot_redis_close, &self->close, .redis = &redis);
    say("end");
    AIOT_END();
}

int main(int argc, char **argv)
{
    static struct root frame;
    struct sockaddr_in address;
    if (argc != 3) return 2;
    port = atoi(argv[1]), path = argv[2];
    signal(SIGPIPE, SIG_IGN);
    int before = open_descriptors(), taken = take_port(-1, &address);
    refused = ntohs(address.sin_port);
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_run(&loop, root, &frame), AIOT_OK);
    CHECK_SAID("end");
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    run_crowded();
    close(taken);
    CHECK_EQUAL(open_descriptors(), before);
    CHECK_EQUAL(complaints, 0);
    return 0;
}
