/* curl.c - the rules of aiot_curl.h, against real servers: run.sh starts them.
 *     curl GOOD BAD     URLs without a path: nginx; a server that never answers, or half */
#define _GNU_SOURCE
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include "check.h"
#include "aiot_curl.h"
#include "adapters.h"
#include <signal.h>

enum { SMALL = 5000, LARGE = 20000000, MANY = 100 };

static aiot_loop loop;
static AIOT_POLL_SET(256) poller;
static struct aiot_curl curl;
static const char *good, *bad;
static char refused[64];                        /* nobody listens there */
static char body[MANY + 1][SMALL + 100];

/* A URL that lives until as many others have been made. */
static const char *url(const char *server, const char *path)
{
    static char urls[2 * MANY][128];
    static unsigned next;
    char *text = urls[next++ % (2 * MANY)];
    snprintf(text, sizeof urls[0], "%s%s", server, path);
    return text;
}
static bool is_small(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) if (bytes[i] != (char)('a' + i % 26)) return false;
    return length == SMALL;
}

/* Gets a path, and says how it went. */
struct get { AIOT_FRAME; const char *server, *path; size_t room; struct aiot_curl_get get; };
static AIOT_CORO(get)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_AWAIT(aiot_curl_get, &self->get, .curl = &curl, .url = url(self->server, self->path), .buffer = body[MANY],
                   .room = self->room);
        say("%ld ", self->get.status);
    } AIOT_EXCEPT_ANY {
        say("%d ", aiot_caught(task).code);
    }
    AIOT_END();
}

/* ---- One transfer. */
struct a_body_goes_into_the_buffer { AIOT_FRAME; int i; struct get get; };
static AIOT_CORO(a_body_goes_into_the_buffer)
{
    AIOT_BEGIN();
    AIOT_AWAIT(get, &self->get, .server = good, .path = "/small", .room = sizeof body[0]);
    CHECK_SAID("200 ");
    CHECK(is_small(body[MANY], self->get.get.length));
    AIOT_AWAIT(get, &self->get, .server = good, .path = "/small", .room = SMALL);
    CHECK_SAID("200 ");
    AIOT_END();
}

struct an_answer_that_is_no_success_is_a_status { AIOT_FRAME; int i; struct get get; };
static AIOT_CORO(an_answer_that_is_no_success_is_a_status)
{
    AIOT_BEGIN();
    AIOT_AWAIT(get, &self->get, .server = good, .path = "/missing", .room = sizeof body[0]);
    CHECK_SAID("404 ");
    AIOT_END();
}

struct a_body_that_is_too_large_is_cut { AIOT_FRAME; int i; struct get get; };
static AIOT_CORO(a_body_that_is_too_large_is_cut)
{
    AIOT_BEGIN();
    body[MANY][SMALL - 1] = '!';
    AIOT_AWAIT(get, &self->get, .server = good, .path = "/small", .room = SMALL - 1);
    CHECK_SAID("-7 ");                          /* AIOT_ENOBUFS */
    CHECK_EQUAL(self->get.get.length, SMALL - 1);
    CHECK_EQUAL(self->get.get.status, 200);
    CHECK_EQUAL(body[MANY][SMALL - 2], 'a' + (SMALL - 2) % 26);
    CHECK_EQUAL(body[MANY][SMALL - 1], '!');
    AIOT_AWAIT(get, &self->get, .server = good, .path = "/small", .room = 0);
    CHECK_SAID("-7 ");
    AIOT_END();
}

static int refuses(void *argument, const char *bytes, size_t length) { (void)argument; (void)bytes; (void)length; return 77; }
static int adds(void *sum, const char *bytes, size_t length) { (void)bytes; *(size_t *)sum += length; return 0; }
struct a_function_takes_the_body { AIOT_FRAME; int i; size_t sum; struct aiot_curl_get get; };
static AIOT_CORO(a_function_takes_the_body)
{
    AIOT_BEGIN();
    AIOT_AWAIT(aiot_curl_get, &self->get, .curl = &curl, .url = url(good, "/small"), .on_data = adds, .argument = &self->sum);
    CHECK_EQUAL(self->sum, SMALL);
    CHECK_EQUAL(self->get.length, SMALL);
    AIOT_TRY {
        AIOT_AWAIT(aiot_curl_get, &self->get, .curl = &curl, .url = url(good, "/small"), .on_data = refuses);
        NOT_REACHED();
    } AIOT_EXCEPT(77) {
        say("refused ");
    }
    CHECK_SAID("refused ");
    AIOT_AWAIT(aiot_curl_get, &self->get, .curl = &curl, .url = url(good, "/large"));      /* dropped */
    CHECK_EQUAL(self->get.length, LARGE);
    AIOT_END();
}

/* ---- What fails. */
struct errors_have_curls_code_and_text { AIOT_FRAME; int i; struct get get; struct aiot_curl_get failing; };
static AIOT_CORO(errors_have_curls_code_and_text)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_AWAIT(aiot_curl_get, &self->failing, .curl = &curl, .url = url(refused, "/"));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_CURL_ERROR + CURLE_COULDNT_CONNECT) {
        CHECK(strcmp((const char *)aiot_caught(task).info, curl_easy_strerror(CURLE_COULDNT_CONNECT)) == 0);
        CHECK_EQUAL(self->failing.status, 0);
    }
    AIOT_AWAIT(get, &self->get, .server = bad, .path = "/half", .room = sizeof body[0]);
    CHECK_SAID("24018 ");                       /* CURLE_PARTIAL_FILE */
    CHECK_EQUAL(self->get.get.length, 10);
    CHECK_EQUAL(self->get.get.status, 200);
    AIOT_AWAIT(get, &self->get, .server = bad, .path = "/nothing", .room = sizeof body[0]);
    CHECK_SAID("24052 ");                       /* CURLE_GOT_NOTHING */
    AIOT_AWAIT(get, &self->get, .server = "file:///etc", .path = "/passwd", .room = sizeof body[0]);
    CHECK_SAID("24001 ");                       /* CURLE_UNSUPPORTED_PROTOCOL */
    AIOT_AWAIT(get, &self->get, .server = "http://", .path = "", .room = 1);
    CHECK_SAID("24003 ");                       /* CURLE_URL_MALFORMAT */
    AIOT_END();
}

struct an_easy_handle_runs_once_at_a_time {
    AIOT_FRAME; int i;
    CURL *easy; struct aiot_curl_perform one, two; aiot_task t; long connects;
};
static AIOT_CORO(an_easy_handle_runs_once_at_a_time)
{
    AIOT_BEGIN();
    self->easy = curl_easy_init();
    curl_easy_setopt(self->easy, CURLOPT_URL, url(good, "/small"));
    curl_easy_setopt(self->easy, CURLOPT_NOBODY, 1L);
    AIOT_SPAWN(&self->t, aiot_curl_perform, &self->one, .curl = &curl, .easy = self->easy);
    AIOT_YIELD();
    AIOT_TRY {
        AIOT_AWAIT(aiot_curl_perform, &self->two, .curl = &curl, .easy = self->easy);
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_CURL_MULTI_ERROR + CURLM_ADDED_ALREADY) {
        say("in use ");
    }
    CHECK_EQUAL(aiot_curl_cleanup(&curl), AIOT_ERUNTIME);
    AIOT_JOIN(&self->t);
    CHECK_SAID("in use ");
    CHECK_EQUAL(self->one.status, 200);
    AIOT_AWAIT(aiot_curl_perform, &self->two, .curl = &curl, .easy = self->easy);          /* it may be used again, */
    CHECK_EQUAL(self->two.status, 200);
    curl_easy_getinfo(self->easy, CURLINFO_NUM_CONNECTS, &self->connects);
    CHECK_EQUAL(self->connects, 0);             /* and so may the connection */
    curl_easy_cleanup(self->easy);
    AIOT_END();
}

/* curl looks up names in a thread of its own. */
struct names_are_looked_up_beside_the_loop {
    AIOT_FRAME; int i, turns;
    char server[64]; struct get get; struct aiot_curl_get cut; aiot_task t;
};
static AIOT_CORO(names_are_looked_up_beside_the_loop)
{
    AIOT_BEGIN();
    snprintf(self->server, sizeof self->server, "http://localhost%s", strrchr(good, ':'));
    for (self->i = 0; self->i < 20; self->i++) {        /* cancelled after so many turns */
        AIOT_SPAWN(&self->t, aiot_curl_get, &self->cut, .curl = &curl, .url = url(self->server, "/small"));
        for (self->turns = 0; self->turns < self->i; self->turns++) AIOT_YIELD();
        aiot_cancel(&self->t);
        while (!aiot_done(&self->t)) AIOT_YIELD();
    }
    AIOT_AWAIT(get, &self->get, .server = self->server, .path = "/small", .room = sizeof body[0]);
    CHECK_SAID("200 ");
    AIOT_SLEEP(AIOT_MS(100));                   /* for the threads of lookups that were cut */
    AIOT_END();
}

/* ---- Many at once. */
struct many_at_once { AIOT_FRAME; int i; struct aiot_curl_get gets[MANY]; aiot_task tasks[MANY]; };
static AIOT_CORO(many_at_once)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < MANY; self->i++)
        AIOT_SPAWN(&self->tasks[self->i], aiot_curl_get, &self->gets[self->i], .curl = &curl, .url = url(good, "/small"),
                   .buffer = body[self->i], .room = sizeof body[0]);
    for (self->i = 0; self->i < MANY; self->i++) {
        AIOT_JOIN(&self->tasks[self->i]);
        CHECK_EQUAL(self->gets[self->i].status, 200);
        CHECK(is_small(body[self->i], self->gets[self->i].length));
    }
    AIOT_END();
}

struct many_that_fail { AIOT_FRAME; int i; struct aiot_curl_get gets[MANY]; aiot_task tasks[MANY]; };
static AIOT_CORO(many_that_fail)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < MANY; self->i++) {
        AIOT_SPAWN(&self->tasks[self->i], aiot_curl_get, &self->gets[self->i], .curl = &curl,
                   .url = url(self->i % 2 ? bad : good, "/slow"));
    }
    AIOT_SLEEP(AIOT_MS(50));
    CHECK(curl.transfers != NULL);
    for (self->i = 0; self->i < MANY; self->i++) aiot_cancel(&self->tasks[self->i]);
    AIOT_YIELD();
    CHECK(curl.transfers == NULL);              /* all are removed in the next turn */
    for (self->i = 0; self->i < MANY; self->i++) CHECK_EQUAL(aiot_result(&self->tasks[self->i]), AIOT_ECANCELED);
    AIOT_END();
}

/* ---- Limits and cancels. */
struct a_limit_ends_a_transfer { AIOT_FRAME; int i, before; aiot_time start; aiot_timeout limit; struct aiot_curl_get get; };
static AIOT_CORO(a_limit_ends_a_transfer)
{
    AIOT_BEGIN();
    self->before = open_descriptors();
    for (self->i = 0; self->i < 2; self->i++) {
        self->start = aiot_now(task->loop);
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, AIOT_MS(150), aiot_curl_get, &self->get, .curl = &curl,
                          .url = self->i ? url(good, "/slow") : url(bad, "/never"));
            NOT_REACHED();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            CHECK(ms_since(task->loop, self->start) >= 150);
            CHECK(ms_since(task->loop, self->start) < 2000);
            CHECK_EQUAL(self->get.status, self->i ? 200 : 0);
            CHECK(self->i ? self->get.length > 0 && self->get.length < LARGE : self->get.length == 0);
            say("limit ");
        }
        CHECK(curl.transfers == NULL);
        CHECK(open_descriptors() <= self->before);      /* its connection is closed; one that was kept may have been taken */
    }
    CHECK_SAID("limit limit ");
    AIOT_END();
}

/* A cancel in the turn in which the transfer ends: before curl tells, while it tells, and after. */
static aiot_task *victim;
static int cancels(void *argument, const char *bytes, size_t length)
{
    (void)bytes, (void)length;
    ++*(int *)argument;
    aiot_cancel(victim);
    return 0;
}
struct a_cancel_meets_the_end { AIOT_FRAME; int i, turns, called; struct aiot_curl_get get; aiot_task t; struct get after; };
static AIOT_CORO(a_cancel_meets_the_end)
{
    AIOT_BEGIN();
    victim = &self->t;
    AIOT_SPAWN(&self->t, aiot_curl_get, &self->get, .curl = &curl, .url = url(good, "/small"), .on_data = cancels,
               .argument = &self->called);
    while (!aiot_done(&self->t)) AIOT_YIELD();
    CHECK(self->called > 0);
    CHECK_EQUAL(aiot_result(&self->t), AIOT_ECANCELED);

    AIOT_SPAWN(&self->t, aiot_curl_get, &self->get, .curl = &curl, .url = url(good, "/small"));
    do AIOT_YIELD(); while (!aiot_done(&self->get.perform.done));
    aiot_cancel(&self->t);                      /* curl has told, the task has not run */
    while (!aiot_done(&self->t)) AIOT_YIELD();
    CHECK_EQUAL(aiot_result(&self->t), AIOT_ECANCELED);

    for (self->i = 0; self->i < 40; self->i++) {        /* after so many turns */
        AIOT_SPAWN(&self->t, aiot_curl_get, &self->get, .curl = &curl, .url = url(good, "/small"));
        for (self->turns = 0; self->turns < self->i; self->turns++) AIOT_YIELD();
        aiot_cancel(&self->t);
        while (!aiot_done(&self->t)) AIOT_YIELD();
        CHECK(aiot_result(&self->t) == AIOT_ECANCELED || aiot_result(&self->t) == AIOT_OK);
        CHECK(curl.transfers == NULL);
    }
    AIOT_AWAIT(get, &self->after, .server = good, .path = "/small", .room = sizeof body[0]);
    CHECK_SAID("200 ");
    AIOT_END();
}

#if AIOT_POLL == 2
/* poll(2) has room for two. Only those that find none fail. */
struct no_room_fails_one_transfer { AIOT_FRAME; int i, well, badly; struct aiot_curl_get gets[8]; aiot_task tasks[8]; };
static AIOT_CORO(no_room_fails_one_transfer)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 8; self->i++)
        AIOT_SPAWN(&self->tasks[self->i], aiot_curl_get, &self->gets[self->i], .curl = &curl, .url = url(good, "/small"));
    for (self->i = 0; self->i < 8; self->i++) {
        AIOT_TRY { AIOT_JOIN(&self->tasks[self->i]); self->well++; } AIOT_EXCEPT(AIOT_ENOBUFS) { self->badly++; }
    }
    CHECK(self->well > 0);
    CHECK(self->badly > 0);
    CHECK_EQUAL(self->well + self->badly, 8);
    AIOT_END();
}
struct crowded { AIOT_FRAME; };
static AIOT_CORO(crowded)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_curl_init(&curl, task->loop), 0);
    AWAIT_TEST(no_room_fails_one_transfer);
    CHECK_EQUAL(aiot_curl_cleanup(&curl), 0);
    AIOT_END();
}
static void run_crowded(void)
{
    static struct crowded frame;
    static AIOT_POLL_SET(2) small;
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &small), 0);
    CHECK_EQUAL(aiot_run(&loop, crowded, &frame), AIOT_OK);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#else
static void run_crowded(void) { }
#endif

struct root { AIOT_FRAME; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_curl_init(&curl, task->loop), 0);
    AWAIT_TEST(a_body_goes_into_the_buffer);
    AWAIT_TEST(an_answer_that_is_no_success_is_a_status);
    AWAIT_TEST(a_body_that_is_too_large_is_cut);
    AWAIT_TEST(a_function_takes_the_body);
    AWAIT_TEST(errors_have_curls_code_and_text);
    AWAIT_TEST(an_easy_handle_runs_once_at_a_time);
    AWAIT_TEST(names_are_looked_up_beside_the_loop);
    AWAIT_TEST(many_at_once);
    AWAIT_TEST(many_that_fail);
    AWAIT_TEST(a_limit_ends_a_transfer);
    AWAIT_TEST(a_cancel_meets_the_end);
    CHECK_EQUAL(aiot_curl_cleanup(&curl), 0);
    CHECK_EQUAL(aiot_curl_cleanup(&curl), 0);
    say("end");
    AIOT_END();
}

int main(int argc, char **argv)
{
    static struct root frame;
    struct sockaddr_in address;
    if (argc != 3) return 2;
    good = argv[1], bad = argv[2];
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_ALL);
    int before = open_descriptors(), taken = take_port(-1, &address);
    snprintf(refused, sizeof refused, "http://127.0.0.1:%d", ntohs(address.sin_port));
    aiot_loop_init(&loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_run(&loop, root, &frame), AIOT_OK);
    CHECK_SAID("end");
    CHECK_EQUAL(aiot_poll_close(&loop), 0);     /* nothing waits any more */
    run_crowded();
    close(taken);
    CHECK_EQUAL(open_descriptors(), before);
    CHECK_EQUAL(complaints, 0);
    curl_global_cleanup();
    return 0;
}
