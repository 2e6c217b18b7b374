/* aiot_uv.h - an aiot_loop inside a libuv loop: its tasks run beside the program's uv handles, in one thread. MIT licence.
 *
 * QUICK START
 *
 *     #define AIOT_POLL 1
 *     #include "aiot_uv.h"                               this file and aio_timeout.h; link with -luv
 *
 *     static aiot_loop loop;
 *     static AIOT_POLL_SET(64) poller;
 *     static struct aiot_uv inside;
 *     ...
 *     aiot_loop_init(&loop);
 *     aiot_poll_open(&loop, &poller);
 *     aiot_spawn_on(&loop, &task, fetch, &frame);
 *     int error = aiot_uv_start(&inside, &loop, uv_default_loop());
 *     uv_run(uv_default_loop(), UV_RUN_DEFAULT);         returns when the tasks and uv's own handles have ended
 *     aiot_uv_close(&inside, NULL);
 *     uv_run(uv_default_loop(), UV_RUN_DEFAULT);         uv's way to close handles
 *
 * Do not call aiot_run() on such a loop: uv runs its turns. Times are libuv's: whole milliseconds, rounded up. In one iteration of uv the
 * loop runs one turn or two, so a task that yields for ever does not stop uv.
 *
 * WHAT KEEPS uv_run() GOING. A task that waits for a descriptor, a time or another thread, and a callback that waits for its time. A task
 * that waits for something else, such as a future that one of your uv callbacks completes, does not: your own handle does. When nothing of
 * all that is left, uv_run() returns.
 *
 * Tasks may be spawned and woken at any time in uv's thread. If uv may have no active handle at that moment, as before a second uv_run(),
 * call aiot_uv_update() afterwards. */
#ifndef AIOT_UV_H
#define AIOT_UV_H
#include <uv.h>
#include "aio_timeout.h"
#if !AIOT_POLL
#error "aiot_uv.h watches the loop's descriptors: define AIOT_POLL as 1 before the first include"
#elif !AIOT_TASK_LIST
#error "aiot_uv.h asks whether a task is left: it needs AIOT_TASK_LIST 1"
#endif

/* A loop in a uv loop. The caller owns it. It lives, and does not move, from aiot_uv_start() until aiot_uv_close() has called back. */
struct aiot_uv {
    aiot_loop   *loop;
    uv_poll_t    poll;
    uv_timer_t   timer;
    uv_prepare_t prepare;
    void       (*closed)(struct aiot_uv *u);
    int          open;  /* handles that are not closed */
};

static inline void aiot_i_uv_on_timer(uv_timer_t *timer) { (void)aiot_run_once(((struct aiot_uv *)timer->data)->loop); }
static inline void aiot_i_uv_on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    (void)aiot_run_once(((struct aiot_uv *)poll->data)->loop);
}

/* Tells uv when the loop wants to run next. uv calls it before each sleep. Call it yourself after you gave the loop something to do while
 * uv had no active handle. Not after aiot_uv_close(). */
static inline void aiot_uv_update(struct aiot_uv *u)
{
    aiot_time next = aiot_next_deadline(u->loop), left = aiot_time_between(aiot_now(u->loop), next);
    uint64_t ms = left <= 0 ? 0 : (uint64_t)(left / AIOT_MS(1)) + (left % AIOT_MS(1) != 0);
    if (next == AIOT_FOREVER) (void)uv_timer_stop(&u->timer);
    else (void)uv_timer_start(&u->timer, aiot_i_uv_on_timer, ms, 0);
    if (!aiot_i_watches(u->loop)) (void)uv_poll_stop(&u->poll);  /* the kernel may still watch what nobody waits for */
    else if (!uv_is_active((uv_handle_t *)&u->poll)) (void)uv_poll_start(&u->poll, UV_READABLE, aiot_i_uv_on_poll);
    if (aiot_next_task(u->loop, NULL)) uv_ref((uv_handle_t *)&u->poll);
    else uv_unref((uv_handle_t *)&u->poll);
}
static inline void aiot_i_uv_on_prepare(uv_prepare_t *prepare) { aiot_uv_update((struct aiot_uv *)prepare->data); }

/* Puts a loop into a uv loop. Call it after aiot_poll_open(); and again, after a close, if aiot_poll_after_fork() has opened all anew.
 * Returns 0; AIOT_EBADF if aiot_poll_fd(loop) is -1, that is without aiot_poll_open(), or where the loop uses poll(2); or an errno,
 * positive. If it fails, nothing is open. */
static inline int aiot_uv_start(struct aiot_uv *u, aiot_loop *loop, uv_loop_t *uv)
{
    int fd = aiot_poll_fd(loop), error = fd < 0 ? 0 : uv_poll_init(uv, &u->poll, fd);
    if (fd < 0 || error != 0) return fd < 0 ? AIOT_EBADF : -error;
    (void)uv_timer_init(uv, &u->timer);  /* these do not fail */
    (void)uv_prepare_init(uv, &u->prepare);
    (void)uv_prepare_start(&u->prepare, aiot_i_uv_on_prepare);
    uv_unref((uv_handle_t *)&u->prepare);
    u->loop = loop, u->open = 3, u->poll.data = u->timer.data = u->prepare.data = u;
    aiot_uv_update(u);
    return 0;
}

static inline void aiot_i_uv_on_close(uv_handle_t *handle)
{
    struct aiot_uv *u = (struct aiot_uv *)handle->data;
    if (--u->open == 0 && u->closed) u->closed(u);
}

/* Takes the loop out of uv: from now on no turn runs. closed(u) is called in a later iteration of uv, when u may be freed; or NULL. The
 * loop is as it was: it may be started again, or run by itself. Call it once for each start, before aiot_poll_close(). */
static inline void aiot_uv_close(struct aiot_uv *u, void (*closed)(struct aiot_uv *u))
{
    u->closed = closed;
    uv_close((uv_handle_t *)&u->poll, aiot_i_uv_on_close);
    uv_close((uv_handle_t *)&u->timer, aiot_i_uv_on_close);
    uv_close((uv_handle_t *)&u->prepare, aiot_i_uv_on_close);
}
#endif /* AIOT_UV_H */
