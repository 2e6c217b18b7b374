/* skipped_turns_posts.c - the small loop that skips turns, with interrupts: what was posted during a sleep runs before sleepers whose time has
 * come meanwhile, as in the host's loop; and a sleep may end for nothing. */
#define AIOT_SMALL 1
#include <stdint.h>
static int64_t time_now;
static void idle(int64_t until);
#define AIOT_CLOCK(loop)       time_now
#define AIOT_IDLE(loop, until) idle(until)
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = 0)
#define AIOT_CRITICAL_LEAVE(state) ((void)(state))
#include "check.h"

static aiot_loop loop;
static aiot_post post;
static int naps;
static int note(void *unused) { (void)unused; say("post "); return 0; }

/* Ends for nothing twice, then with an interrupt. */
static void idle(int64_t until)
{
    if (naps++ < 2) return;
    if (until != AIOT_FOREVER) time_now = until;
    aiot_post_raise(&post);
}

struct sleeper { AIOT_FRAME; aiot_time delay; };
static AIOT_CORO(sleeper)
{
    AIOT_BEGIN();
    AIOT_SLEEP(self->delay);
    say("sleeper ");
    AIOT_END();
}
static int complete(void *future) { say("woken "); return aiot_on_complete_future(future); }
struct waiter { AIOT_FRAME; aiot_future future; };
static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    AIOT_JOIN(&self->future);
    AIOT_END();
}

int main(void)
{
    static struct sleeper sleeps;
    static struct waiter waits;
    aiot_loop_init(&loop);
    aiot_post_init(&post, &loop, note, NULL);
    CHECK_EQUAL(aiot_run(&loop, sleeper, &sleeps, .delay = 5), AIOT_OK);
    CHECK_SAID("post sleeper ");

    naps = 0;                                   /* no timer at all */
    aiot_post_init(&post, &loop, complete, &waits.future);
    aiot_future_init(&waits.future, &loop);
    CHECK_EQUAL(aiot_run_frame(&loop, waiter, &waits), AIOT_OK);
    CHECK_SAID("woken ");
    CHECK_EQUAL(naps, 3);
    return 0;
}
