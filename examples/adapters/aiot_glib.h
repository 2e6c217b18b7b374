/* aiot_glib.h - an aiot_loop inside a GLib main context: its tasks run beside GLib's sources (GTK, GStreamer, D-Bus), in one thread. MIT
 * licence.
 *
 * QUICK START
 *
 *     #define AIOT_POLL 1
 *     #include "aiot_glib.h"                             this file and aio_timeout.h; pkg-config glib-2.0
 *
 *     static aiot_loop loop;
 *     static AIOT_POLL_SET(64) poller;
 *     GSource *inside;
 *     ...
 *     aiot_loop_init(&loop);
 *     aiot_poll_open(&loop, &poller);
 *     aiot_spawn_on(&loop, &task, fetch, &frame);
 *     int error = aiot_glib_attach(&inside, &loop, NULL);
 *     g_main_loop_run(main_loop);
 *     aiot_glib_detach(inside);
 *
 * Do not call aiot_run() on such a loop: GLib runs its turns. Times are GLib's: whole milliseconds, rounded up. In one iteration of GLib
 * the loop runs one turn, so a task that yields for ever does not stop sources of the same priority. Tasks may be spawned and woken in
 * GLib's callbacks. g_main_loop_run() runs until g_main_loop_quit(): call that from a task, or from its done callback. */
#ifndef AIOT_GLIB_H
#define AIOT_GLIB_H
#include <glib.h>
#include "aio_timeout.h"
#if !AIOT_POLL
#error "aiot_glib.h watches the loop's descriptors: define AIOT_POLL as 1 before the first include"
#endif

struct aiot_i_glib {
    GSource    source;
    aiot_loop *loop;
    gpointer   tag;
};

/* Milliseconds until the loop wants to run; 0 for now, -1 for never. */
static inline gint aiot_i_glib_ms(aiot_loop *loop)
{
    aiot_time next = aiot_next_deadline(loop), left = aiot_time_between(aiot_now(loop), next);
    if (next == AIOT_FOREVER) return -1;
    if (left <= 0) return 0;
    return left / AIOT_MS(1) >= G_MAXINT ? G_MAXINT : (gint)(left / AIOT_MS(1)) + (left % AIOT_MS(1) != 0);
}
static inline gboolean aiot_i_glib_prepare(GSource *source, gint *ms)
{
    *ms = aiot_i_glib_ms(((struct aiot_i_glib *)source)->loop);
    return *ms == 0;
}
static inline gboolean aiot_i_glib_check(GSource *source)
{
    struct aiot_i_glib *g = (struct aiot_i_glib *)source;
    return g_source_query_unix_fd(source, g->tag) != 0 || aiot_i_glib_ms(g->loop) == 0;
}
static inline gboolean aiot_i_glib_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback, (void)data;
    (void)aiot_run_once(((struct aiot_i_glib *)source)->loop);
    return G_SOURCE_CONTINUE;
}

/* Puts a loop into a main context; NULL: the default one. Call it after aiot_poll_open(); and again, after a detach, if
 * aiot_poll_after_fork() has opened all anew. *inside gets the source, for g_source_set_priority() and the like. Returns 0, or AIOT_EBADF
 * if aiot_poll_fd(loop) is -1, that is without aiot_poll_open(), or where the loop uses poll(2). GLib ends the program if it has no
 * memory. */
static inline int aiot_glib_attach(GSource **inside, aiot_loop *loop, GMainContext *context)
{
    static GSourceFuncs functions = { .prepare = aiot_i_glib_prepare, .check = aiot_i_glib_check, .dispatch = aiot_i_glib_dispatch };
    int fd = aiot_poll_fd(loop);
    if (fd < 0) return AIOT_EBADF;
    *inside = g_source_new(&functions, (guint)sizeof(struct aiot_i_glib));
    struct aiot_i_glib *g = (struct aiot_i_glib *)*inside;
    g->loop = loop;
    g->tag = g_source_add_unix_fd(*inside, fd, G_IO_IN);
    (void)g_source_attach(*inside, context);
    return 0;
}

/* Takes the loop out of GLib and frees the source: from now on no turn runs. The loop is as it was: it may be attached again, or run by
 * itself. Call it before aiot_poll_close(). It may be called from a task. */
static inline void aiot_glib_detach(GSource *inside)
{
    g_source_destroy(inside);
    g_source_unref(inside);
}
#endif /* AIOT_GLIB_H */
