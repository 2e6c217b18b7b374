/* uv.c - the rules of aiot_uv.h: what runs in a uv loop, what keeps it going, and that it sleeps when there is nothing to do. */
#define _GNU_SOURCE
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include "check.h"
#include "aiot_uv.h"
#include "inside.h"

static struct aiot_uv inside;
static int closes;
static void count_close(struct aiot_uv *u) { CHECK(u == &inside); closes++; }

#if AIOT_POLL == 1
#define RULES(X) X(an_empty_loop_does_not_keep_uv_going) X(a_delayed_callback_keeps_uv_going) X(it_may_be_started_again)

static void count_tick(uv_timer_t *timer) { (void)timer; ticks++; }
static void count_turn(uv_check_t *check) { (void)check; turns++; }

/* Runs uv until it ends by itself, beside a timer and a counter of its turns that do not keep it going. Returns the milliseconds. */
static int run_outer(void)
{
    static uv_check_t check;
    static uv_timer_t timer;
    aiot_time start = aiot_now(&loop);
    ticks = turns = 0;
    uv_check_init(uv_default_loop(), &check);
    uv_check_start(&check, count_turn);
    uv_timer_init(uv_default_loop(), &timer);
    uv_update_time(uv_default_loop());
    uv_timer_start(&timer, count_tick, 5, 5);
    uv_unref((uv_handle_t *)&check);
    uv_unref((uv_handle_t *)&timer);
    if (!uv_is_closing((uv_handle_t *)&inside.poll)) aiot_uv_update(&inside);      /* something was spawned, and uv may have no handle */
    CHECK_EQUAL(uv_run(uv_default_loop(), UV_RUN_DEFAULT), 0);
    int took = ms_since(&loop, start);
    uv_close((uv_handle_t *)&check, NULL);
    uv_close((uv_handle_t *)&timer, NULL);
    (void)uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return took;
}

static void (*called_later)(void);
static void call_it(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    called_later();
}
static void call_outer_later(int ms, void (*call)(void))
{
    static uv_timer_t timer;
    called_later = call;
    uv_timer_init(uv_default_loop(), &timer);
    uv_timer_start(&timer, call_it, (uint64_t)ms, 0);
}

static void an_empty_loop_does_not_keep_uv_going(void)
{
    (void)run_outer();
    CHECK(turns < 4);
}

static int count_call(void *count) { ++*(int *)count; return 0; }
static void a_delayed_callback_keeps_uv_going(void)
{
    static aiot_handle handle;
    int calls = 0;
    aiot_call_later(&loop, &handle, AIOT_MS(20), count_call, &calls);
    CHECK(run_outer() >= 20);
    CHECK_EQUAL(calls, 1);
}

static void it_may_be_started_again(void)
{
    aiot_spawn_on(&loop, &napping, naps, &nap, .times = 1, .delay = AIOT_MS(20));
    for (int i = 0; i < 2; i++) {
        aiot_uv_close(&inside, count_close);
        (void)run_outer();                         /* nothing runs meanwhile */
        CHECK(!aiot_done(&napping));
        CHECK_EQUAL(closes, i + 1);
        CHECK_EQUAL(aiot_uv_start(&inside, &loop, uv_default_loop()), 0);
    }
    (void)run_outer();
    CHECK(aiot_done(&napping));
}

static void run_rules(void)
{
    CHECK_EQUAL(aiot_uv_start(&inside, &loop, uv_default_loop()), AIOT_EBADF);      /* no aiot_poll_open() */
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_uv_start(&inside, &loop, uv_default_loop()), 0);
#define RULE(name) name();
    RULES_OF_ALL(RULE)
    RULES(RULE)
    aiot_uv_close(&inside, count_close);
    CHECK_EQUAL(uv_run(uv_default_loop(), UV_RUN_DEFAULT), 0);
    CHECK_EQUAL(closes, 3);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#else
static void run_rules(void)
{
    (void)count_close, (void)closes;
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_uv_start(&inside, &loop, uv_default_loop()), AIOT_EBADF);      /* poll(2) has no descriptor */
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
    CHECK_EQUAL(uv_run(uv_default_loop(), UV_RUN_DEFAULT), 0);
}
#endif

int main(void)
{
    (void)uv_default_loop();
    aiot_loop_init(&loop);
    int before = open_descriptors();
    run_rules();
    CHECK_EQUAL(open_descriptors(), before);
    CHECK_EQUAL(uv_loop_close(uv_default_loop()), 0);
    CHECK_EQUAL(complaints, 0);
    return 0;
}
