/* nest.c - a program that stops in the middle of all ways to wait: in a breakpoint at stop_here(), or, with an argument, by abort(). Its
 * clock is virtual, so that the times left are the same each time. expected/nest.txt has its lines: a new line here moves those. */
#include "aio_timeout.h"
#if AIOT_HOSTED
#include <stdlib.h>
#else
#define abort() ((void)0)
#endif

static aiot_loop loop;
static aiot_event never;
static aiot_lock bus;
static aiot_semaphore seats;
static aiot_queue jobs, results;
static int job_items[2], result_items[1];
static struct { aiot_condition changed; aiot_barrier gate; } shared;
static bool dies;

__attribute__((noinline)) void stop_here(void);
void stop_here(void)
{
    __asm__ volatile("" : : : "memory");
    if (dies) abort();
}

/* ---- Frames in frames, limits around them. */
struct reads { AIOT_FRAME_DEPTH(0); aiot_time delay; };
static AIOT_CORO(reads) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); AIOT_END(); }

struct fetches { AIOT_FRAME; aiot_timeout limit; struct reads reads; };
static AIOT_CORO(fetches)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(4)) {
        AIOT_AWAIT(reads, &self->reads, .delay = AIOT_MS(20001));
    }
    AIOT_END();
}

struct client { AIOT_FRAME; aiot_timeout limits[2]; struct fetches fetches; };
static AIOT_CORO(client)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limits[0], AIOT_FOREVER) {
        AIOT_TIMEOUT(&self->limits[1], AIOT_S(9)) {
            AIOT_AWAIT(fetches, &self->fetches);
        }
    }
    AIOT_END();
}

/* ---- Cancelled: under way, held, by a limit that has struck. */
struct cleans { AIOT_FRAME; };
static AIOT_CORO(cleans)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_FOREVER); } AIOT_FINALLY { AIOT_SLEEP(AIOT_S(7)); }
    AIOT_END();
}

struct late { AIOT_FRAME_DEPTH(2); aiot_timeout limit; };
static AIOT_CORO(late)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_TRY { AIOT_SLEEP(AIOT_S(5)); } AIOT_FINALLY { AIOT_SLEEP(AIOT_S(8)); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_END();
}

#if AIOT_TASK_LIST
struct flushes { AIOT_FRAME; aiot_guard guard; };
static AIOT_CORO(flushes)
{
    AIOT_BEGIN();
    AIOT_SHIELDED(&self->guard, AIOT_S(6)) { AIOT_SLEEP(AIOT_S(5)); }
    AIOT_END();
}

struct firm { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(firm)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT_FIRM(&self->limit, AIOT_S(5)) { AIOT_YIELD(); AIOT_SLEEP(AIOT_S(11)); }
    AIOT_END();
}
#endif

/* ---- What section [13] has. */
struct holds { AIOT_FRAME; aiot_waiter w; };
static AIOT_CORO(holds)
{
    AIOT_BEGIN();
    AIOT_LOCK(&bus, &self->w) { AIOT_SEMAPHORE(&seats, &self->w) { AIOT_SLEEP(AIOT_S(12)); } }
    AIOT_END();
}

struct locks { AIOT_FRAME; aiot_waiter w; };
static AIOT_CORO(locks) { AIOT_BEGIN(); AIOT_LOCK(&bus, &self->w) { AIOT_YIELD(); } AIOT_END(); }

struct sits { AIOT_FRAME; aiot_waiter w; };
static AIOT_CORO(sits) { AIOT_BEGIN(); AIOT_SEMAPHORE_ACQUIRE(&seats, &self->w); AIOT_END(); }

struct takes { AIOT_FRAME; aiot_waiter w; aiot_queue *from; int item; };
static AIOT_CORO(takes) { AIOT_BEGIN(); AIOT_QUEUE_GET(self->from, &self->w, &self->item); AIOT_END(); }

struct puts_two { AIOT_FRAME; aiot_waiter w; int item; };
static AIOT_CORO(puts_two)
{
    AIOT_BEGIN();
    for (;;) AIOT_QUEUE_PUT(&results, &self->w, &self->item);
    AIOT_END();
}

struct drains { AIOT_FRAME; aiot_waiter w; };
static AIOT_CORO(drains) { AIOT_BEGIN(); AIOT_QUEUE_JOIN(&results, &self->w); AIOT_END(); }

struct hears { AIOT_FRAME; aiot_waiter w; };
static AIOT_CORO(hears)
{
    AIOT_BEGIN();
    AIOT_CONDITION(&shared.changed, &self->w) { AIOT_CONDITION_WAIT(&shared.changed, &self->w); }
    AIOT_END();
}

struct meets { AIOT_FRAME; struct aiot_barrier_wait wait; };
static AIOT_CORO(meets) { AIOT_BEGIN(); AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = &shared.gate); AIOT_END(); }

/* ---- Tasks that wait for tasks. */
struct sleeper { AIOT_FRAME_DEPTH(0); };
static AIOT_CORO(sleeper) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_S(20)); AIOT_END(); }

struct gathers { AIOT_FRAME; AIOT_GATHER_SET(2) all; aiot_task tasks[2]; struct sleeper frames[2]; };
static AIOT_CORO(gathers)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->tasks[0], sleeper, &self->frames[0]);
    AIOT_SPAWN(&self->tasks[1], sleeper, &self->frames[1]);
    AIOT_GATHER_TASKS(&self->all, self->tasks, 2);
    AIOT_END();
}

struct group { AIOT_FRAME; aiot_group group; aiot_group_task task; struct cleans frame; };
static AIOT_CORO(group)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        (void)aiot_group_spawn(&self->group, &self->task, cleans, &self->frame);
        AIOT_SLEEP(AIOT_S(2));
        aiot_group_cancel(&self->group);
    }
    AIOT_END();
}

struct in_body { AIOT_FRAME; aiot_group group; aiot_group_task task; struct sleeper frame; };
static AIOT_CORO(in_body)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        (void)aiot_group_spawn(&self->group, &self->task, sleeper, &self->frame);
        AIOT_SLEEP(AIOT_S(3));
    }
    AIOT_END();
}

struct waits { AIOT_FRAME; AIOT_WAIT_SET(2) set; aiot_task one; struct sleeper frame; aiot_future answer; };
static AIOT_CORO(waits)
{
    AIOT_BEGIN();
    aiot_future_init(&self->answer, task->loop);
    AIOT_SPAWN(&self->one, sleeper, &self->frame);
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_S(13), &self->one, &self->answer);
    AIOT_END();
}

struct races { AIOT_FRAME; AIOT_RACE_SET(2) set; aiot_task slow, fast; struct cleans slow_frame; struct reads fast_frame; };
static AIOT_CORO(races)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->slow, cleans, &self->slow_frame);
    AIOT_SPAWN(&self->fast, reads, &self->fast_frame, .delay = AIOT_S(1));
    AIOT_RACE(&self->set, &self->slow, &self->fast);
    AIOT_END();
}

struct stops { AIOT_FRAME; aiot_timeout grace; aiot_task stubborn; struct cleans frame; };
static AIOT_CORO(stops)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->stubborn, cleans, &self->frame);
    AIOT_SLEEP(AIOT_S(1));
    AIOT_STOP(&self->grace, AIOT_S(3), &self->stubborn);
    AIOT_END();
}

struct shields { AIOT_FRAME; aiot_shield shield; aiot_task inner; struct sleeper frame; };
static AIOT_CORO(shields)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->inner, sleeper, &self->frame);
    AIOT_SHIELD(&self->shield, &self->inner);
    AIOT_END();
}

struct reads_all { AIOT_FRAME; AIOT_AS_COMPLETED_SET(1) set; aiot_task one; struct sleeper frame; };
static AIOT_CORO(reads_all)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->one, sleeper, &self->frame);
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->one);
    AIOT_NEXT_COMPLETED(&self->set);
    AIOT_END();
}

struct asks { AIOT_FRAME; aiot_future answer; };
static AIOT_CORO(asks)
{
    AIOT_BEGIN();
    aiot_future_init(&self->answer, task->loop);
    AIOT_JOIN(&self->answer);
    AIOT_END();
}

struct joins { AIOT_FRAME; aiot_timeout limit; aiot_task *other; };
static AIOT_CORO(joins) { AIOT_BEGIN(); AIOT_JOIN(self->other); AIOT_END(); }

struct joins_for { AIOT_FRAME; aiot_timeout limit; aiot_task inner; struct cleans frame; };
static AIOT_CORO(joins_for)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->inner, cleans, &self->frame);
    AIOT_SLEEP(AIOT_S(1));
    AIOT_JOIN_FOR(&self->limit, AIOT_MS(500), &self->inner);
    AIOT_END();
}

struct left { AIOT_FRAME; };
struct right { AIOT_FRAME; };
static struct { aiot_task left, right; struct left left_frame; struct right right_frame; } deadlock;
static AIOT_CORO(left) { AIOT_BEGIN(); AIOT_JOIN(&deadlock.right); AIOT_END(); }
static AIOT_CORO(right) { AIOT_BEGIN(); AIOT_JOIN(&deadlock.left); AIOT_END(); }

/* ---- The one that stops the program. */
struct newcomer { AIOT_FRAME; };
static AIOT_CORO(newcomer) { AIOT_BEGIN(); AIOT_YIELD(); AIOT_END(); }

struct stopper { AIOT_FRAME; aiot_task *wakes, newcomer; struct newcomer frame; };
static AIOT_CORO(stopper)
{
    AIOT_BEGIN();
    AIOT_SLEEP(AIOT_MS(2500));
    AIOT_SPAWN(&self->newcomer, newcomer, &self->frame);
    (void)aiot_cancel_msg(self->wakes, "wake up");
    stop_here();
    AIOT_END();
}

#define TASKS(X) X(client) X(cleans) X(late) X(holds) X(locks) X(sits) X(puts_two) X(drains) X(hears) X(meets) X(gathers) X(group) \
    X(in_body) X(waits) X(races) X(stops) X(shields) X(reads_all) X(asks) X(joins_for)
#define FIELDS(name) aiot_task name; struct name name##_frame;
struct root {
    AIOT_FRAME;
    TASKS(FIELDS)
    struct takes takes_frames[2];
    aiot_task takes[2], joins, woken, stopper;
    struct joins joins_frame;
    struct sleeper woken_frame;
    struct stopper stopper_frame;
    aiot_waiter w;
#if AIOT_TASK_LIST
    aiot_task flushes, firm;
    struct flushes flushes_frame;
    struct firm firm_frame;
#endif
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
#define SPAWN(name) AIOT_SPAWN(&self->name, name, &self->name##_frame);
    TASKS(SPAWN)
    AIOT_SPAWN(&self->takes[0], takes, &self->takes_frames[0], .from = &jobs);
    AIOT_SPAWN(&self->takes[1], takes, &self->takes_frames[1], .from = &jobs);
    AIOT_SPAWN(&self->joins, joins, &self->joins_frame, .other = &self->stops);
    AIOT_SPAWN(&deadlock.left, left, &deadlock.left_frame);
    AIOT_SPAWN(&deadlock.right, right, &deadlock.right_frame);
    AIOT_SPAWN(&self->woken, sleeper, &self->woken_frame);
    AIOT_SPAWN(&self->stopper, stopper, &self->stopper_frame, .wakes = &self->woken);
#if AIOT_TASK_LIST
    SPAWN(flushes)
    SPAWN(firm)
#endif
    AIOT_SLEEP(AIOT_S(1));
    (void)aiot_cancel_msg(&self->cleans, "the settings have changed");
#if AIOT_TASK_LIST
    (void)aiot_cancel_msg(&self->flushes, "a shutdown");
#endif
    AIOT_EVENT_WAIT(&never, &self->w);
    AIOT_END();
}

#if AIOT_HOSTED
int main(int argc, char **argv)
#else
int main(void)
#endif
{
    static struct root root;
#if AIOT_HOSTED
    dies = argc > 1 && argv[1];
#endif
    aiot_loop_init_virtual(&loop);
    aiot_condition_init(&shared.changed, NULL);
    if (aiot_semaphore_init(&seats, 1) || aiot_queue_init(&jobs, job_items) || aiot_queue_init(&results, result_items) ||
        aiot_barrier_init(&shared.gate, 2)) return 1;
#if AIOT_TASK_LIST
    return aiot_run_frame(&loop, root, &root);
#else
    static aiot_task first;
    if (aiot_spawn_frame_on(&loop, &first, root, &root) != 0) return 1;
    return aiot_run_until(&loop, &first);
#endif
}
