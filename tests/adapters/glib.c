/* glib.c - the rules of aiot_glib.h: what runs in a GLib main context, and that it sleeps when there is nothing to do. */
#define _GNU_SOURCE
#ifndef AIOT_POLL
#define AIOT_POLL 1
#endif
#include "check.h"
#include "aiot_glib.h"
#include "inside.h"

static GSource *inside;

#if AIOT_POLL == 1
#define RULES(X) X(a_task_may_quit_the_main_loop) X(it_may_be_attached_again)

static gboolean count_tick(gpointer unused) { (void)unused; ticks++; return G_SOURCE_CONTINUE; }
static int run_outer(void)
{
    aiot_time start = aiot_now(&loop);
    guint timer = g_timeout_add(5, count_tick, NULL);
    for (ticks = turns = 0; !aiot_task_idle(&napping) || !aiot_task_idle(&other); turns++) (void)g_main_context_iteration(NULL, TRUE);
    CHECK(g_source_remove(timer));
    return ms_since(&loop, start);
}
static void (*called_later)(void);
static gboolean call_it(gpointer unused) { (void)unused; called_later(); return G_SOURCE_REMOVE; }
static void call_outer_later(int ms, void (*call)(void))
{
    called_later = call;
    (void)g_timeout_add((guint)ms, call_it, NULL);
}

struct quits { AIOT_FRAME; GMainLoop *main_loop; };
static AIOT_CORO(quits)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(10));
    g_main_loop_quit(self->main_loop);
    AIOT_END();
}
static void a_task_may_quit_the_main_loop(void)
{
    static struct quits one;
    GMainLoop *main_loop = g_main_loop_new(NULL, FALSE);
    aiot_spawn_on(&loop, &napping, quits, &one, .main_loop = main_loop);
    g_main_loop_run(main_loop);
    g_main_loop_unref(main_loop);
    CHECK(aiot_done(&napping));
}

/* A task detaches its own loop. */
struct detaches { AIOT_FRAME; bool is_detached; };
static AIOT_CORO(detaches)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(1));
    aiot_glib_detach(inside);
    self->is_detached = true;
    AIOT_SLEEP(AIOT_MS(1));
    AIOT_END();
}
static void it_may_be_attached_again(void)
{
    static struct detaches one;
    aiot_spawn_on(&loop, &napping, detaches, &one);
    while (!one.is_detached) (void)g_main_context_iteration(NULL, TRUE);
    g_usleep(5000);
    while (g_main_context_iteration(NULL, FALSE)) { }
    CHECK(!aiot_done(&napping));                /* nothing runs meanwhile */
    CHECK_EQUAL(aiot_glib_attach(&inside, &loop, NULL), 0);
    (void)run_outer();
}

static void run_rules(void)
{
    CHECK_EQUAL(aiot_glib_attach(&inside, &loop, NULL), AIOT_EBADF);        /* no aiot_poll_open() */
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_glib_attach(&inside, &loop, NULL), 0);
#define RULE(name) name();
    RULES_OF_ALL(RULE)
    RULES(RULE)
    aiot_glib_detach(inside);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#else
static void run_rules(void)
{
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    CHECK_EQUAL(aiot_glib_attach(&inside, &loop, NULL), AIOT_EBADF);        /* poll(2) has no descriptor */
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}
#endif

int main(void)
{
    (void)g_main_context_iteration(NULL, FALSE);        /* GLib opens what it needs */
    aiot_loop_init(&loop);
    int before = open_descriptors();
    run_rules();
    CHECK_EQUAL(open_descriptors(), before);
    CHECK_EQUAL(complaints, 0);
    return 0;
}
