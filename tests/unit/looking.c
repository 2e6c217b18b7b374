/* looking.c - which tasks a loop has, and where each of them waits; and the hook at each of its events. */
static int steps, cancels;
#define AIOT_TRACE(event, task) ((void)(task), steps += (event) == AIOT_TRACE_RESUME, cancels += (event) == AIOT_TRACE_CANCEL)
#define NEEDS_REPORTS
#include "check.h"
#include "job.h"

enum { INNER_LINE = __LINE__ + 5 };
struct inner { AIOT_FRAME; };
static AIOT_CORO(inner)
{
    AIOT_BEGIN();
    AIOT_SLEEP(5);
    AIOT_END();
}
enum { OUTER_LINE = __LINE__ + 5 };
struct outer { AIOT_FRAME; struct inner inner; };
static AIOT_CORO(outer)
{
    AIOT_BEGIN();
    AIOT_AWAIT(inner, &self->inner);
    AIOT_END();
}
struct joins { AIOT_FRAME; aiot_task *other; };
static AIOT_CORO(joins) { AIOT_BEGIN(); AIOT_JOIN(self->other); AIOT_END(); }
struct parks { AIOT_FRAME; aiot_event event; aiot_waiter w; };
static AIOT_CORO(parks) { AIOT_BEGIN(); AIOT_EVENT_WAIT(&self->event, &self->w); AIOT_END(); }

struct looks { AIOT_FRAME; struct outer outer; struct joins joins; struct parks parks; struct job job; aiot_task t, u, v, w; };
static AIOT_CORO(looks)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, outer, &self->outer);
    AIOT_SPAWN(&self->u, joins, &self->joins, .other = &self->t);
    AIOT_SPAWN(&self->v, parks, &self->parks);
    CHECK_EQUAL(aiot_task_line(&self->t, 0), 0);        /* not begun */
    CHECK(strcmp(aiot_task_doing(&self->t), "ready") == 0);
    CHECK(strcmp(aiot_task_doing(&self->w), "not started") == 0);
    CHECK_EQUAL(steps, 1);
    AIOT_YIELD();
    CHECK_EQUAL(steps, 5);
    for (aiot_task *t = NULL; (t = aiot_next_task(task->loop, t)) != NULL; )
        say("%s %s %s. ", aiot_task_name(t), aiot_task_doing(t), aiot_task_waits_for(t) == AIOT_AWAITABLE(&self->t) ? "it" : "");
    CHECK_SAID("looks ready . outer sleeps . joins waits for it. parks waits . ");
    CHECK(aiot_task_waits_for(&self->t) == NULL && aiot_task_waits_for(&self->v) == NULL && aiot_task_waits_for(task) == NULL);
    CHECK_EQUAL(aiot_task_line(&self->t, 0), INNER_LINE);
    CHECK_EQUAL(aiot_task_line(&self->t, 1), OUTER_LINE);
    CHECK_EQUAL(aiot_task_line(&self->t, 2), 0);
    aiot_task_set_name(&self->t, "renamed");            /* however deep it waits */
    CHECK(strcmp(aiot_task_name(&self->t), "renamed") == 0);
    aiot_event_set(&self->parks.event);
    AIOT_JOIN(&self->u);
    CHECK(strcmp(aiot_task_name(&self->t), "renamed") == 0);
    CHECK(strcmp(aiot_task_doing(&self->u), "ended") == 0);
    CHECK(aiot_next_task(task->loop, NULL) == task && aiot_next_task(task->loop, task) == NULL);
    CHECK_END();
}

/* A cancel that a shielded block holds back is an event at once. */
struct is_shielded { AIOT_FRAME; aiot_guard guard; };
static AIOT_CORO(is_shielded) { AIOT_BEGIN(); AIOT_SHIELDED(&self->guard, AIOT_FOREVER) { AIOT_SLEEP(5); } AIOT_END(); }
struct cancels_it { AIOT_FRAME; struct is_shielded one; aiot_task t; };
static AIOT_CORO(cancels_it)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, is_shielded, &self->one);
    AIOT_YIELD();
    CHECK_EQUAL(cancels, 0);
    aiot_cancel(&self->t);
    CHECK_EQUAL(cancels, 1);
    AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    CHECK_EQUAL(cancels, 1);
    CHECK_SAID("cancelled ");
    CHECK_END();
}

int main(void)
{
    RUN(looks);
    RUN(cancels_it);
    return 0;
}
