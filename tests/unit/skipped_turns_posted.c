/* skipped_turns_posted.c - skipped_turns_small.c where interrupts may end a sleep: the loop looks for them behind each one, and for timers only
 * as far as the clock has come. */
#define AIOT_SMALL 1
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = 0)
#define AIOT_CRITICAL_LEAVE(state) ((void)(state))
#include <stdint.h>
struct aiot_loop;
static int64_t time_now;
static void idle(struct aiot_loop *loop, int64_t until);
#define AIOT_CLOCK(loop)       time_now
#define AIOT_IDLE(loop, until) idle(loop, until)
#include "check.h"

static aiot_loop loop;
static aiot_post post;
static aiot_event event;

/* When a sleep ends before its time, and whether by an interrupt. */
static const struct { int64_t at; bool raises; } WAKE_UPS[] = { { 4, true }, { 7, false }, { 20, false }, { 30, true }, { 40, true }, { AIOT_FOREVER, false } };
static int wake_up;
static void idle(struct aiot_loop *of, int64_t until)
{
    if (aiot_interrupted(of)) return;           /* as a port does that has masked them */
    if (until < WAKE_UPS[wake_up].at) {
        time_now = until;
        return;
    }
    time_now = WAKE_UPS[wake_up].at;
    if (WAKE_UPS[wake_up++].raises) aiot_post_raise(&post);
}

struct sleeper { AIOT_FRAME; };
static AIOT_CORO(sleeper)
{
    AIOT_BEGIN();
    AIOT_SLEEP(10);
    say("slept@%d ", (int)time_now);
    AIOT_END();
}
struct root { AIOT_FRAME; struct sleeper sleeper; aiot_task t; aiot_waiter w; aiot_timeout limit; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, sleeper, &self->sleeper);
    AIOT_EVENT_WAIT(&event, &self->w);
    say("posted@%d ", (int)time_now);
    AIOT_JOIN(&self->t);
    aiot_event_clear(&event);
    AIOT_EVENT_WAIT(&event, &self->w);          /* no timer is armed */
    say("posted@%d ", (int)time_now);
    aiot_event_clear(&event);
    AIOT_TIMEOUT(&self->limit, 10) {            /* which comes in the same turn */
        AIOT_EVENT_WAIT(&event, &self->w);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("limit@%d ", (int)time_now); }
    CHECK(aiot_event_is_set(&event));
    CHECK_END();
}

int main(void)
{
    static struct root frame;
    aiot_loop_init(&loop);
    aiot_post_init_event(&post, &loop, &event);
    CHECK_EQUAL(aiot_run(&loop, root, &frame), AIOT_OK);
    CHECK(check_end == &frame);
    CHECK_SAID("posted@4 slept@10 posted@30 limit@40 ");
    CHECK_EQUAL(wake_up, 5);
    return 0;
}
