/* sync_rules.c - Event, Lock, Condition, Semaphore, BoundedSemaphore and Barrier: who is served when, what a cancelled waiter leaves
 * behind, how the blocks give back what they hold, and each wait under a limit. */
#include "check.h"
#include <limits.h>
#include "job.h"

#define EXPECT(error, ...) do { AIOT_TRY { __VA_ARGS__; NOT_REACHED(); } AIOT_EXCEPT(error) { } } while (0)

/* ----------------------------------------------------------------------------------------------------------- Event */
struct event_user { AIOT_FRAME; const char *name; aiot_event *event; aiot_waiter w; };
static AIOT_CORO(event_user)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_EVENT_WAIT(self->event, &self->w); say("%s ", self->name); }
    AIOT_EXCEPT(AIOT_ECANCELED) { say("%s! ", self->name); AIOT_RERAISE(); }
    AIOT_END();
}

struct event_wakes_all_in_order { AIOT_FRAME; aiot_event event; struct event_user a, b, c, d; aiot_task ta, tb, tc, td; aiot_waiter w; };
static AIOT_CORO(event_wakes_all_in_order)
{
    AIOT_BEGIN();
    CHECK(!aiot_event_is_set(&self->event));
    AIOT_SPAWN(&self->ta, event_user, &self->a, .name = "a", .event = &self->event);
    AIOT_SPAWN(&self->tb, event_user, &self->b, .name = "b", .event = &self->event);
    AIOT_SPAWN(&self->tc, event_user, &self->c, .name = "c", .event = &self->event);
    AIOT_YIELD();
    aiot_event_set(&self->event);
    CHECK(aiot_event_is_set(&self->event));
    say("set ");
    AIOT_EVENT_WAIT(&self->event, &self->w);                    /* set: takes no turn */
    CHECK_SAID("set ");
    aiot_event_clear(&self->event);                             /* those woken are not called back; */
    AIOT_SPAWN(&self->td, event_user, &self->d, .name = "d", .event = &self->event);       /* who comes now waits */
    AIOT_SLEEP(1);
    CHECK_SAID("a b c ");
    aiot_event_set(&self->event);
    aiot_event_set(&self->event);
    AIOT_JOIN(&self->td);
    CHECK_SAID("d ");
    CHECK_END();
}

struct event_cancelled_waiters_leave { AIOT_FRAME; aiot_event event; struct event_user a, b, c; aiot_task ta, tb, tc; };
static AIOT_CORO(event_cancelled_waiters_leave)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->ta, event_user, &self->a, .name = "a", .event = &self->event);
    AIOT_SPAWN(&self->tb, event_user, &self->b, .name = "b", .event = &self->event);
    AIOT_SPAWN(&self->tc, event_user, &self->c, .name = "c", .event = &self->event);
    AIOT_YIELD();
    aiot_cancel(&self->ta);                                     /* before it is set */
    aiot_event_set(&self->event);
    aiot_cancel(&self->tc);                                     /* after it was woken */
    AIOT_SLEEP(1);
    CHECK_SAID("a! b c! ");
    CHECK(aiot_cancelled(&self->ta) && aiot_cancelled(&self->tc) && aiot_result(&self->tb) == AIOT_OK);
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------------ Lock */
struct lock_user { AIOT_FRAME; const char *name; aiot_lock *lock; aiot_time hold; aiot_waiter w; };
static AIOT_CORO(lock_user)
{
    AIOT_BEGIN();
    AIOT_LOCK(self->lock, &self->w) {
        say("%s ", self->name);
        CHECK(aiot_lock_locked(self->lock));
        AIOT_SLEEP(self->hold);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        say("%s! ", self->name);
        AIOT_RERAISE();
    }
    AIOT_END();
}
struct lock_users { aiot_lock lock; struct lock_user a, b, c; aiot_task ta, tb, tc; };
#define SPAWN_LOCK_USERS() do { \
        AIOT_SPAWN(&self->u.ta, lock_user, &self->u.a, .name = "a", .lock = &self->u.lock); \
        AIOT_SPAWN(&self->u.tb, lock_user, &self->u.b, .name = "b", .lock = &self->u.lock); \
        AIOT_SPAWN(&self->u.tc, lock_user, &self->u.c, .name = "c", .lock = &self->u.lock); \
    } while (0)

struct lock_is_fifo { AIOT_FRAME; struct lock_users u; aiot_waiter w; };
static AIOT_CORO(lock_is_fifo)
{
    AIOT_BEGIN();
    CHECK(!aiot_lock_locked(&self->u.lock));
    CHECK_EQUAL(aiot_lock_release(&self->u.lock), AIOT_ERUNTIME);
    AIOT_LOCK_ACQUIRE(&self->u.lock, &self->w);                 /* free: no turn */
    SPAWN_LOCK_USERS();
    AIOT_SLEEP(1);
    CHECK_SAID("");
    CHECK_EQUAL(aiot_lock_release(&self->u.lock), 0);
    CHECK(!aiot_lock_locked(&self->u.lock));
    AIOT_LOCK_ACQUIRE(&self->u.lock, &self->w);                 /* a was woken for it: a newcomer does not overtake, nor b and c */
    say("main ");
    CHECK_EQUAL(aiot_lock_release(&self->u.lock), 0);
    CHECK_EQUAL(aiot_lock_release(&self->u.lock), AIOT_ERUNTIME);
    CHECK_SAID("a b c main ");
    CHECK_END();
}

struct lock_woken_and_cancelled_hands_on { AIOT_FRAME; struct lock_users u; aiot_waiter w; };
static AIOT_CORO(lock_woken_and_cancelled_hands_on)
{
    AIOT_BEGIN();
    AIOT_LOCK_ACQUIRE(&self->u.lock, &self->w);
    SPAWN_LOCK_USERS();
    AIOT_YIELD();
    aiot_lock_release(&self->u.lock);
    aiot_cancel(&self->u.ta);
    AIOT_JOIN(&self->u.tc);
    CHECK_SAID("a! b c ");
    CHECK(aiot_cancelled(&self->u.ta) && !aiot_lock_locked(&self->u.lock));
    CHECK_END();
}

struct lock_cancelled_head { AIOT_FRAME; struct lock_users u; aiot_waiter w; };
static AIOT_CORO(lock_cancelled_head)
{
    AIOT_BEGIN();
    AIOT_LOCK_ACQUIRE(&self->u.lock, &self->w);
    SPAWN_LOCK_USERS();
    AIOT_YIELD();
    aiot_cancel(&self->u.ta);                                   /* still the first in the line when the lock is released */
    aiot_lock_release(&self->u.lock);
    AIOT_LOCK_ACQUIRE(&self->u.lock, &self->w);                 /* behind b and c */
    say("main ");
    CHECK_SAID("a! b c main ");

    AIOT_SPAWN(&self->u.ta, lock_user, &self->u.a, .name = "a", .lock = &self->u.lock);
    AIOT_YIELD();
    aiot_cancel(&self->u.ta);
    aiot_lock_release(&self->u.lock);
    AIOT_LOCK_ACQUIRE(&self->u.lock, &self->w);                 /* all others in the line are cancelled: at once */
    CHECK_SAID("");
    AIOT_SLEEP(1);
    CHECK_SAID("a! ");
    CHECK(aiot_lock_locked(&self->u.lock));
    aiot_lock_release(&self->u.lock);

    AIOT_LOCK_ACQUIRE(&self->u.lock, &self->w);
    SPAWN_LOCK_USERS();
    AIOT_YIELD();
    aiot_cancel(&self->u.tb);                                   /* from the middle, while it is held */
    AIOT_YIELD();
    aiot_lock_release(&self->u.lock);
    AIOT_JOIN(&self->u.tc);
    CHECK_SAID("b! a c ");
    CHECK_END();
}

/* A block gives back what it holds, whatever way it is left. */
enum way { BY_END, BY_RETURN, BY_RAISE, BY_BREAK, BY_CONTINUE, BY_CANCEL, BY_RELEASE, BY_RELEASE_AND_RAISE, WAYS };
struct leave_lock { AIOT_FRAME; aiot_lock *lock; int way; aiot_waiter w; bool behind; };
static AIOT_CORO(leave_lock)
{
    AIOT_BEGIN();
    AIOT_LOCK(self->lock, &self->w) {
        CHECK(aiot_lock_locked(self->lock));
        AIOT_SLEEP(1);
        if (self->way == BY_RETURN) AIOT_RETURN();
        if (self->way == BY_RAISE) AIOT_RAISE(7);
        if (self->way == BY_BREAK) break;
        if (self->way == BY_CONTINUE) continue;
        if (self->way == BY_CANCEL) { aiot_cancel(task); AIOT_YIELD(); NOT_REACHED(); }
        if (self->way == BY_RELEASE || self->way == BY_RELEASE_AND_RAISE) aiot_lock_release(self->lock);
        if (self->way == BY_RELEASE_AND_RAISE) AIOT_RAISE_INFO(7, "seven");
    }
    self->behind = true;
    AIOT_END();
}
struct leave_condition { AIOT_FRAME; aiot_condition *c; int way; aiot_waiter w; bool behind; };
static AIOT_CORO(leave_condition)
{
    AIOT_BEGIN();
    AIOT_CONDITION(self->c, &self->w) {
        CHECK(aiot_lock_locked(aiot_condition_lock(self->c)));
        AIOT_SLEEP(1);
        if (self->way == BY_RETURN) AIOT_RETURN();
        if (self->way == BY_RAISE) AIOT_RAISE(7);
        if (self->way == BY_BREAK) break;
        if (self->way == BY_CONTINUE) continue;
        if (self->way == BY_CANCEL) { aiot_cancel(task); AIOT_YIELD(); NOT_REACHED(); }
        if (self->way == BY_RELEASE || self->way == BY_RELEASE_AND_RAISE) aiot_condition_release(self->c);
        if (self->way == BY_RELEASE_AND_RAISE) AIOT_RAISE(7);
    }
    self->behind = true;
    AIOT_END();
}
struct leave_semaphore { AIOT_FRAME; aiot_semaphore *s; int way; aiot_waiter w; bool behind; };
static AIOT_CORO(leave_semaphore)
{
    AIOT_BEGIN();
    AIOT_SEMAPHORE(self->s, &self->w) {
        CHECK_EQUAL(self->s->value, 1);
        AIOT_SLEEP(1);
        if (self->way == BY_RETURN) AIOT_RETURN();
        if (self->way == BY_RAISE) AIOT_RAISE(7);
        if (self->way == BY_BREAK) break;
        if (self->way == BY_CONTINUE) continue;
        if (self->way == BY_CANCEL) { aiot_cancel(task); AIOT_YIELD(); NOT_REACHED(); }
        if (self->way == BY_RELEASE || self->way == BY_RELEASE_AND_RAISE) aiot_semaphore_release(self->s);
        if (self->way == BY_RELEASE_AND_RAISE) AIOT_RAISE(7);
    }
    self->behind = true;
    AIOT_END();
}
static void check_way(int way, int result, int released_twice, bool behind)
{
    static const int outcome[WAYS] = { 0, 0, 7, 0, 0, AIOT_ECANCELED, AIOT_ERUNTIME, AIOT_ERUNTIME };
    CHECK_EQUAL(result, outcome[way] == AIOT_ERUNTIME ? released_twice : outcome[way]);
    CHECK_EQUAL(behind, way == BY_END || way == BY_BREAK || way == BY_CONTINUE);
}
struct blocks_are_released_on_every_way_out {
    AIOT_FRAME; aiot_lock lock; aiot_condition c; aiot_semaphore s; int way; aiot_task t;
    struct leave_lock l; struct leave_condition k; struct leave_semaphore m;
};
static AIOT_CORO(blocks_are_released_on_every_way_out)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_bounded_semaphore_init(&self->s, 2), 0);
    for (self->way = 0; self->way < WAYS; self->way++) {
        AIOT_SPAWN(&self->t, leave_lock, &self->l, .lock = &self->lock, .way = self->way);
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT_ALL { }
        check_way(self->way, aiot_result(&self->t), AIOT_ERUNTIME, self->l.behind);
        CHECK(aiot_error_of(&self->t).info == NULL);            /* not that of an error which it replaces */
        CHECK(!aiot_lock_locked(&self->lock));
        AIOT_SPAWN(&self->t, leave_condition, &self->k, .c = &self->c, .way = self->way);
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT_ALL { }
        check_way(self->way, aiot_result(&self->t), AIOT_ERUNTIME, self->k.behind);
        CHECK(!aiot_lock_locked(aiot_condition_lock(&self->c)));
        AIOT_SPAWN(&self->t, leave_semaphore, &self->m, .s = &self->s, .way = self->way);
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT_ALL { }
        check_way(self->way, aiot_result(&self->t), AIOT_EINVAL, self->m.behind);       /* released too often: ValueError */
        CHECK_EQUAL(self->s.value, 2);
    }
    CHECK_END();
}

/* The error of a release too many is handled as any: its parts see it as the one being handled. */
struct release_too_many { AIOT_FRAME; aiot_lock lock; aiot_waiter w; };
static AIOT_CORO(release_too_many)
{
    AIOT_BEGIN();
    AIOT_LOCK(&self->lock, &self->w) {
        CHECK_EQUAL(aiot_lock_release(&self->lock), 0);
    } AIOT_EXCEPT_IF(aiot_caught(task).code == AIOT_ERUNTIME) { say("too many "); }
    CHECK_SAID("too many ");
    CHECK_END();
}

/* One cancelled while it waits at the head of its block has nothing to give back. */
struct block_not_entered { AIOT_FRAME; struct lock_users u; aiot_waiter w; };
static AIOT_CORO(block_not_entered)
{
    AIOT_BEGIN();
    AIOT_LOCK(&self->u.lock, &self->w) {
        SPAWN_LOCK_USERS();
        AIOT_YIELD();
        aiot_cancel(&self->u.ta);
        aiot_cancel(&self->u.tb);
        aiot_cancel(&self->u.tc);
        AIOT_SLEEP(1);
        CHECK(aiot_lock_locked(&self->u.lock));
        CHECK_SAID("a! b! c! ");
    }
    CHECK(!aiot_lock_locked(&self->u.lock));
    AIOT_SPAWN(&self->u.ta, lock_user, &self->u.a, .name = "a", .lock = &self->u.lock, .hold = 5);
    AIOT_YIELD();
    aiot_cancel(&self->u.ta);                                   /* in it: released */
    AIOT_LOCK(&self->u.lock, &self->w) { CHECK_SAID("a a! "); }
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------- Condition */
struct condition_user { AIOT_FRAME; const char *name; aiot_condition *c; aiot_waiter w; const char *message; };
static AIOT_CORO(condition_user)
{
    AIOT_BEGIN();
    AIOT_CONDITION(self->c, &self->w) {
        AIOT_TRY {
            AIOT_CONDITION_WAIT(self->c, &self->w);
            say("%s ", self->name);
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            self->message = (const char *)aiot_caught(task).info;
            say("%s! ", self->name);
            CHECK(aiot_lock_locked(aiot_condition_lock(self->c)));
            AIOT_RERAISE();
        }
    }
    AIOT_END();
}
struct condition_users { aiot_condition condition; struct condition_user a, b, c; aiot_task ta, tb, tc; };
#define SPAWN_CONDITION_USERS() do { \
        AIOT_SPAWN(&self->u.ta, condition_user, &self->u.a, .name = "a", .c = &self->u.condition); \
        AIOT_SPAWN(&self->u.tb, condition_user, &self->u.b, .name = "b", .c = &self->u.condition); \
        AIOT_SPAWN(&self->u.tc, condition_user, &self->u.c, .name = "c", .c = &self->u.condition); \
    } while (0)

struct condition_needs_its_lock { AIOT_FRAME; aiot_condition c; aiot_waiter w; };
static AIOT_CORO(condition_needs_its_lock)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_CONDITION_WAIT(&self->c, &self->w); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("wait "); }
    CHECK_EQUAL(aiot_condition_notify(&self->c, 1), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_condition_notify_all(&self->c), AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_condition_release(&self->c), AIOT_ERUNTIME);
    AIOT_CONDITION_ACQUIRE(&self->c, &self->w);
    CHECK_EQUAL(aiot_condition_notify(&self->c, 1), 0);         /* nobody: nothing happens, and is not kept */
    CHECK_EQUAL(aiot_condition_notify_all(&self->c), 0);
    CHECK_EQUAL(aiot_condition_release(&self->c), 0);
    CHECK_SAID("wait ");
    CHECK_END();
}

struct condition_notifies_n { AIOT_FRAME; struct condition_users u; aiot_waiter w; };
static AIOT_CORO(condition_notifies_n)
{
    AIOT_BEGIN();
    SPAWN_CONDITION_USERS();
    AIOT_SLEEP(1);
    AIOT_CONDITION(&self->u.condition, &self->w) {
        CHECK_EQUAL(aiot_condition_notify(&self->u.condition, 0), 0);
        CHECK_EQUAL(aiot_condition_notify(&self->u.condition, 2), 0);
        AIOT_SLEEP(1);
        CHECK_SAID("");                                         /* they need the lock */
    }
    AIOT_SLEEP(1);
    CHECK_SAID("a b ");
    AIOT_CONDITION(&self->u.condition, &self->w) { CHECK_EQUAL(aiot_condition_notify_all(&self->u.condition), 0); }
    AIOT_SLEEP(1);
    CHECK_SAID("c ");
    SPAWN_CONDITION_USERS();
    AIOT_SLEEP(1);
    AIOT_CONDITION(&self->u.condition, &self->w) {              /* twice 1 is 2; more than there are is all */
        aiot_condition_notify(&self->u.condition, 1);
        aiot_condition_notify(&self->u.condition, 1);
    }
    AIOT_SLEEP(1);
    CHECK_SAID("a b ");
    AIOT_CONDITION(&self->u.condition, &self->w) { aiot_condition_notify(&self->u.condition, 100); }
    AIOT_SLEEP(1);
    CHECK_SAID("c ");
    CHECK_END();
}

struct condition_skips_the_cancelled { AIOT_FRAME; struct condition_users u; aiot_waiter w; };
static AIOT_CORO(condition_skips_the_cancelled)
{
    AIOT_BEGIN();
    SPAWN_CONDITION_USERS();
    AIOT_SLEEP(1);
    AIOT_CONDITION(&self->u.condition, &self->w) {
        aiot_cancel(&self->u.ta);
        aiot_condition_notify(&self->u.condition, 1);           /* b: a is no longer one of those that wait */
    }
    AIOT_SLEEP(1);
    CHECK_SAID("a! b c ");                                      /* and a, cancelled, notifies one in its place, as asyncio's does */
    CHECK(aiot_done(&self->u.tc));
    CHECK_END();
}

struct condition_passes_the_notification_on { AIOT_FRAME; struct condition_users u; aiot_waiter w; };
static AIOT_CORO(condition_passes_the_notification_on)
{
    AIOT_BEGIN();
    SPAWN_CONDITION_USERS();
    AIOT_SLEEP(1);
    AIOT_CONDITION(&self->u.condition, &self->w) {
        aiot_condition_notify(&self->u.condition, 1);
        aiot_cancel(&self->u.ta);                               /* notified, and cancelled before it runs */
    }
    AIOT_SLEEP(1);
    CHECK_SAID("a! b ");
    CHECK(!aiot_done(&self->u.tc));
    AIOT_CONDITION(&self->u.condition, &self->w) {
        aiot_condition_notify(&self->u.condition, 1);
        AIOT_SLEEP(1);                                          /* c has run, and waits for the lock */
        AIOT_SPAWN(&self->u.tb, condition_user, &self->u.b, .name = "b", .c = &self->u.condition);
        AIOT_SLEEP(1);
        aiot_cancel(&self->u.tc);
        AIOT_SLEEP(1);
        CHECK_SAID("");
    }
    AIOT_SLEEP(1);                                              /* b got the lock first, and so waits when c passes it on */
    CHECK_SAID("c! b ");
    CHECK(!aiot_lock_locked(aiot_condition_lock(&self->u.condition)));
    CHECK_END();
}

struct condition_cancelled_wait_has_its_lock_again { AIOT_FRAME; struct condition_users u; aiot_waiter w; };
static AIOT_CORO(condition_cancelled_wait_has_its_lock_again)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->u.ta, condition_user, &self->u.a, .name = "a", .c = &self->u.condition);
    AIOT_SLEEP(1);
    AIOT_CONDITION(&self->u.condition, &self->w) {
        aiot_cancel_msg(&self->u.ta, "first");
        AIOT_SLEEP(1);
        aiot_cancel_msg(&self->u.ta, "second");
        AIOT_SLEEP(1);
        aiot_cancel_msg(&self->u.ta, "third");
        AIOT_SLEEP(1);
        CHECK_SAID("");
        CHECK(!aiot_done(&self->u.ta));
    }
    EXPECT(AIOT_ECANCELED, AIOT_JOIN(&self->u.ta));
    CHECK_SAID("a! ");
    CHECK(strcmp(self->u.a.message, "third") == 0);             /* the last one is raised */
    CHECK_EQUAL(aiot_task_cancelling(&self->u.ta), 3);
    CHECK(!aiot_lock_locked(aiot_condition_lock(&self->u.condition)));

    AIOT_SPAWN(&self->u.ta, condition_user, &self->u.a, .name = "a", .c = &self->u.condition);
    AIOT_SLEEP(1);
    AIOT_CONDITION(&self->u.condition, &self->w) { aiot_cancel_msg(&self->u.ta, "first"); AIOT_SLEEP(1); }
    aiot_cancel_msg(&self->u.ta, "late");                       /* woken for the lock, and cancelled: it takes it all the same */
    AIOT_SPAWN(&self->u.tb, condition_user, &self->u.b, .name = "b", .c = &self->u.condition);
    AIOT_SLEEP(1);
    CHECK_SAID("a! ");
    CHECK(strcmp(self->u.a.message, "late") == 0);
    AIOT_CONDITION(&self->u.condition, &self->w) { aiot_condition_notify_all(&self->u.condition); }
    AIOT_JOIN(&self->u.tb);
    CHECK_SAID("b ");
    CHECK_END();
}

/* Notified, given the lock, and cancelled before it runs: the next in line has the lock first, for it queues again. */
struct condition_woken_for_its_lock_and_cancelled { AIOT_FRAME; struct condition_users u; struct lock_user d; aiot_task td; aiot_waiter w; };
static AIOT_CORO(condition_woken_for_its_lock_and_cancelled)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->u.ta, condition_user, &self->u.a, .name = "a", .c = &self->u.condition);
    AIOT_YIELD();
    AIOT_CONDITION(&self->u.condition, &self->w) {
        aiot_condition_notify(&self->u.condition, 1);
        AIOT_YIELD();
        AIOT_SPAWN(&self->td, lock_user, &self->d, .name = "d", .lock = aiot_condition_lock(&self->u.condition));
        AIOT_YIELD();
    }
    aiot_cancel(&self->u.ta);
    EXPECT(AIOT_ECANCELED, AIOT_JOIN(&self->u.ta));
    CHECK_SAID("d a! ");
    CHECK(aiot_done(&self->td) && !aiot_lock_locked(aiot_condition_lock(&self->u.condition)));
    CHECK_END();
}

struct consumer { AIOT_FRAME; const char *name; aiot_condition *c; const int *n; int least; aiot_waiter w; };
static AIOT_CORO(consumer)
{
    AIOT_BEGIN();
    AIOT_CONDITION(self->c, &self->w) {
        AIOT_CONDITION_WAIT_FOR(self->c, &self->w, *self->n >= self->least);
        say("%s%d ", self->name, *self->n);
    }
    AIOT_END();
}
struct condition_wait_for { AIOT_FRAME; aiot_lock lock; aiot_condition c, d; int n; struct consumer a, b; aiot_task ta, tb; aiot_waiter w; };
static AIOT_CORO(condition_wait_for)
{
    AIOT_BEGIN();
    aiot_condition_init(&self->c, &self->lock);                 /* two conditions with one lock */
    aiot_condition_init(&self->d, &self->lock);
    CHECK(aiot_condition_lock(&self->c) == &self->lock && aiot_condition_lock(&self->d) == &self->lock);
    AIOT_SPAWN(&self->ta, consumer, &self->a, .name = "a", .c = &self->c, .n = &self->n, .least = 3);
    AIOT_SPAWN(&self->tb, consumer, &self->b, .name = "b", .c = &self->d, .n = &self->n, .least = 2);
    AIOT_YIELD();
    while (self->n < 4) {
        AIOT_CONDITION(&self->c, &self->w) {
            self->n++;
            aiot_condition_notify_all(&self->c);
            aiot_condition_notify_all(&self->d);
        }
        AIOT_SLEEP(1);
    }
    CHECK_SAID("b2 a3 ");
    AIOT_CONDITION(&self->c, &self->w) { AIOT_CONDITION_WAIT_FOR(&self->c, &self->w, self->n == 4); }      /* holds: no wait */
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------- Semaphore */
struct semaphore_user { AIOT_FRAME; const char *name; aiot_semaphore *s; aiot_time hold; aiot_waiter w; };
static AIOT_CORO(semaphore_user)
{
    AIOT_BEGIN();
    AIOT_SEMAPHORE(self->s, &self->w) {
        say("%s ", self->name);
        AIOT_SLEEP(self->hold);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        say("%s! ", self->name);
        AIOT_RERAISE();
    }
    AIOT_END();
}
struct semaphore_users { aiot_semaphore semaphore; struct semaphore_user a, b, c; aiot_task ta, tb, tc; };
#define SPAWN_SEMAPHORE_USERS(hold_ns) do { \
        AIOT_SPAWN(&self->u.ta, semaphore_user, &self->u.a, .name = "a", .s = &self->u.semaphore, .hold = hold_ns); \
        AIOT_SPAWN(&self->u.tb, semaphore_user, &self->u.b, .name = "b", .s = &self->u.semaphore, .hold = hold_ns); \
        AIOT_SPAWN(&self->u.tc, semaphore_user, &self->u.c, .name = "c", .s = &self->u.semaphore, .hold = hold_ns); \
    } while (0)

struct semaphore_is_fifo { AIOT_FRAME; struct semaphore_users u; aiot_waiter w; };
static AIOT_CORO(semaphore_is_fifo)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_semaphore_init(&self->u.semaphore, -1), AIOT_EINVAL);
    CHECK_EQUAL(aiot_bounded_semaphore_init(&self->u.semaphore, -1), AIOT_EINVAL);
    CHECK_EQUAL(aiot_semaphore_init(&self->u.semaphore, 2), 0);
    CHECK(!aiot_semaphore_locked(&self->u.semaphore));
    SPAWN_SEMAPHORE_USERS(AIOT_S(1));
    AIOT_YIELD();
    CHECK_SAID("a b ");
    CHECK(aiot_semaphore_locked(&self->u.semaphore));
    AIOT_SEMAPHORE_ACQUIRE(&self->u.semaphore, &self->w);       /* behind c */
    say("main ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_SAID("c main ");
    CHECK_EQUAL(aiot_semaphore_release(&self->u.semaphore), 0);
    AIOT_JOIN(&self->u.tc);
    CHECK_EQUAL(self->u.semaphore.value, 2);
    CHECK_EQUAL(aiot_semaphore_release(&self->u.semaphore), 0); /* without a bound: one more permit */
    CHECK_EQUAL(self->u.semaphore.value, 3);
    CHECK_END();
}

struct semaphore_newcomers_do_not_overtake { AIOT_FRAME; struct semaphore_users u; aiot_waiter w; };
static AIOT_CORO(semaphore_newcomers_do_not_overtake)
{
    AIOT_BEGIN();
    aiot_semaphore_init(&self->u.semaphore, 0);
    SPAWN_SEMAPHORE_USERS(0);
    AIOT_YIELD();
    aiot_semaphore_release(&self->u.semaphore);
    CHECK(aiot_semaphore_locked(&self->u.semaphore));           /* given away */
    AIOT_SEMAPHORE_ACQUIRE(&self->u.semaphore, &self->w);
    say("main ");
    CHECK_SAID("a b c main ");
    CHECK_EQUAL(self->u.semaphore.value, 0);

    SPAWN_SEMAPHORE_USERS(0);
    AIOT_YIELD();
    aiot_semaphore_release(&self->u.semaphore);
    aiot_semaphore_release(&self->u.semaphore);
    aiot_semaphore_release(&self->u.semaphore);
    aiot_semaphore_release(&self->u.semaphore);                 /* one is left over, and yet */
    CHECK_EQUAL(self->u.semaphore.value, 1);
    CHECK(aiot_semaphore_locked(&self->u.semaphore));
    AIOT_SEMAPHORE_ACQUIRE(&self->u.semaphore, &self->w);
    say("main ");
    CHECK_SAID("a b c main ");
    AIOT_SLEEP(1);
    CHECK_EQUAL(self->u.semaphore.value, 3);

    aiot_semaphore_init(&self->u.semaphore, 0);
    AIOT_SPAWN(&self->u.ta, semaphore_user, &self->u.a, .name = "a", .s = &self->u.semaphore, .hold = 1);
    AIOT_YIELD();
    AIOT_SPAWN(&self->u.tb, semaphore_user, &self->u.b, .name = "b", .s = &self->u.semaphore, .hold = 1);
    AIOT_SPAWN(&self->u.tc, semaphore_user, &self->u.c, .name = "c", .s = &self->u.semaphore, .hold = 1);
    for (int i = 0; i < 3; i++) aiot_semaphore_release(&self->u.semaphore);    /* one for a; for the two, who come before it has run, too */
    AIOT_YIELD();
    CHECK_SAID("a ");
    AIOT_YIELD();                               /* both in the turn after a's */
    CHECK_SAID("b c ");
    CHECK_EQUAL(self->u.semaphore.value, 0);
    CHECK_END();
}

struct semaphore_cancelled_waiters { AIOT_FRAME; struct semaphore_users u; aiot_waiter w; };
static AIOT_CORO(semaphore_cancelled_waiters)
{
    AIOT_BEGIN();
    aiot_semaphore_init(&self->u.semaphore, 0);
    SPAWN_SEMAPHORE_USERS(0);
    AIOT_YIELD();
    aiot_semaphore_release(&self->u.semaphore);
    aiot_cancel(&self->u.ta);                                   /* given a permit, and cancelled: handed on */
    AIOT_SLEEP(1);
    CHECK_SAID("a! b c ");
    CHECK_EQUAL(self->u.semaphore.value, 1);

    AIOT_SEMAPHORE_ACQUIRE(&self->u.semaphore, &self->w);
    SPAWN_SEMAPHORE_USERS(0);
    AIOT_YIELD();
    aiot_cancel(&self->u.ta);                                   /* a cancelled head: b is given it at once */
    aiot_semaphore_release(&self->u.semaphore);
    CHECK_EQUAL(self->u.semaphore.value, 0);
    AIOT_SLEEP(1);
    CHECK_SAID("a! b c ");

    AIOT_SEMAPHORE_ACQUIRE(&self->u.semaphore, &self->w);
    SPAWN_SEMAPHORE_USERS(0);
    AIOT_YIELD();
    aiot_cancel(&self->u.ta);
    aiot_cancel(&self->u.tb);
    aiot_cancel(&self->u.tc);
    aiot_semaphore_release(&self->u.semaphore);                 /* nobody left: it stays, and is there for a newcomer */
    CHECK(!aiot_semaphore_locked(&self->u.semaphore));
    AIOT_SEMAPHORE_ACQUIRE(&self->u.semaphore, &self->w);
    CHECK_SAID("");
    AIOT_SLEEP(1);
    CHECK_SAID("a! b! c! ");
    CHECK_EQUAL(self->u.semaphore.value, 0);
    CHECK_END();
}

struct semaphore_bounds { AIOT_FRAME; aiot_semaphore s; aiot_waiter w; };
static AIOT_CORO(semaphore_bounds)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_bounded_semaphore_init(&self->s, 2), 0);
    CHECK_EQUAL(aiot_semaphore_release(&self->s), AIOT_EINVAL);
    AIOT_SEMAPHORE_ACQUIRE(&self->s, &self->w);
    AIOT_SEMAPHORE_ACQUIRE(&self->s, &self->w);
    CHECK(aiot_semaphore_locked(&self->s));
    CHECK_EQUAL(aiot_semaphore_release(&self->s), 0);
    CHECK_EQUAL(aiot_semaphore_release(&self->s), 0);
    CHECK_EQUAL(aiot_semaphore_release(&self->s), AIOT_EINVAL);
    CHECK_EQUAL(self->s.value, 2);
    CHECK_EQUAL(aiot_bounded_semaphore_init(&self->s, 0), 0);
    CHECK(aiot_semaphore_locked(&self->s));
    CHECK_EQUAL(aiot_semaphore_release(&self->s), AIOT_EINVAL);
    CHECK_END();
}

/* --------------------------------------------------------------------------------------------------------- Barrier */
struct party { AIOT_FRAME; const char *name; aiot_barrier *b; int rounds; struct aiot_barrier_wait wait; };
static AIOT_CORO(party)
{
    AIOT_BEGIN();
    while (self->rounds-- > 0) {
        AIOT_TRY {
            AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = self->b);
            say("%s%d ", self->name, self->wait.index);
        } AIOT_EXCEPT(AIOT_EBROKEN) {
            say("%s- ", self->name);
        } AIOT_EXCEPT(AIOT_ECANCELED) {
            say("%s! ", self->name);
            AIOT_RERAISE();
        }
    }
    AIOT_END();
}
struct parties { aiot_barrier barrier; struct party a, b, c; aiot_task ta, tb, tc; };
#define SPAWN_PARTY(p, rounds_) AIOT_SPAWN(&self->u.t##p, party, &self->u.p, .name = #p, .b = &self->u.barrier, .rounds = rounds_)

struct barrier_rounds { AIOT_FRAME; struct parties u; struct aiot_barrier_wait wait; };
static AIOT_CORO(barrier_rounds)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = &self->u.barrier); } AIOT_EXCEPT(AIOT_EINVAL) { say("not made "); }
    CHECK_SAID("not made ");
    CHECK(!AIOT_DEBUG || complaints == 1);
    complaints = 0;
    CHECK_EQUAL(aiot_barrier_init(&self->u.barrier, 0), AIOT_EINVAL);
    CHECK_EQUAL(aiot_barrier_init(&self->u.barrier, 3), 0);
    SPAWN_PARTY(a, 2);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 1);
    SPAWN_PARTY(b, 2);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 2);
    CHECK_SAID("");
    SPAWN_PARTY(c, 2);
    AIOT_SLEEP(1);
    CHECK_SAID("c2 a0 b1 a2 b0 c1 ");                           /* b, the last to leave, is the first in the next round */
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 0);
    CHECK(!aiot_barrier_broken(&self->u.barrier));
    CHECK_EQUAL(aiot_barrier_init(&self->u.barrier, 1), 0);     /* of one: never waits */
    AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = &self->u.barrier);
    AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = &self->u.barrier);
    CHECK_EQUAL(self->wait.index, 0);
    CHECK_END();
}

struct barrier_reset { AIOT_FRAME; struct parties u; struct aiot_barrier_reset reset; };
static AIOT_CORO(barrier_reset)
{
    AIOT_BEGIN();
    aiot_barrier_init(&self->u.barrier, 3);
    AIOT_AWAIT(aiot_barrier_reset, &self->reset, .barrier = &self->u.barrier);     /* nobody there: nothing happens */
    SPAWN_PARTY(a, 1);
    SPAWN_PARTY(b, 1);
    AIOT_YIELD();
    AIOT_AWAIT(aiot_barrier_reset, &self->reset, .barrier = &self->u.barrier);
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 0);
    SPAWN_PARTY(c, 1);                                          /* comes while the others leave: belongs to the next round */
    AIOT_SLEEP(1);
    CHECK_SAID("a- b- ");
    CHECK(!aiot_barrier_broken(&self->u.barrier));
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 1);
    SPAWN_PARTY(a, 1);
    SPAWN_PARTY(b, 1);
    AIOT_SLEEP(1);
    CHECK_SAID("b2 c0 a1 ");
    CHECK_END();
}

struct barrier_abort { AIOT_FRAME; struct parties u; struct aiot_barrier_abort abort; struct aiot_barrier_reset reset; struct aiot_barrier_wait wait; };
static AIOT_CORO(barrier_abort)
{
    AIOT_BEGIN();
    aiot_barrier_init(&self->u.barrier, 3);
    SPAWN_PARTY(a, 2);
    SPAWN_PARTY(b, 1);
    AIOT_YIELD();
    AIOT_AWAIT(aiot_barrier_abort, &self->abort, .barrier = &self->u.barrier);
    CHECK(aiot_barrier_broken(&self->u.barrier));
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 0);
    EXPECT(AIOT_EBROKEN, AIOT_AWAIT(aiot_barrier_wait, &self->wait, .barrier = &self->u.barrier));
    AIOT_SLEEP(1);
    CHECK_SAID("a- a- b- ");                                    /* later ones too */
    CHECK(aiot_barrier_broken(&self->u.barrier));
    AIOT_AWAIT(aiot_barrier_reset, &self->reset, .barrier = &self->u.barrier);
    CHECK(!aiot_barrier_broken(&self->u.barrier));
    SPAWN_PARTY(a, 1);
    SPAWN_PARTY(b, 1);
    SPAWN_PARTY(c, 1);
    AIOT_SLEEP(1);
    CHECK_SAID("c2 a0 b1 ");
    CHECK_END();
}

struct barrier_cancelled_party { AIOT_FRAME; struct parties u; };
static AIOT_CORO(barrier_cancelled_party)
{
    AIOT_BEGIN();
    aiot_barrier_init(&self->u.barrier, 2);
    SPAWN_PARTY(a, 1);
    AIOT_YIELD();
    aiot_cancel(&self->u.ta);
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 0);
    CHECK(!aiot_barrier_broken(&self->u.barrier));
    SPAWN_PARTY(b, 1);
    AIOT_SLEEP(1);
    CHECK_SAID("a! ");
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 1);
    SPAWN_PARTY(c, 1);
    AIOT_SLEEP(1);
    CHECK_SAID("c1 b0 ");
    SPAWN_PARTY(a, 1);
    SPAWN_PARTY(b, 1);
    SPAWN_PARTY(c, 1);                                          /* alone in the next round */
    AIOT_YIELD();
    aiot_cancel(&self->u.ta);                                   /* released already, and cancelled: the barrier goes on */
    AIOT_SLEEP(1);
    CHECK_SAID("b1 a! ");
    CHECK_EQUAL(aiot_barrier_waiting(&self->u.barrier), 1);
    aiot_cancel(&self->u.tc);
    AIOT_SLEEP(1);
    CHECK_SAID("c! ");
    CHECK_END();
}

/* ----------------------------------------------------------------------------------- the waits as coroutines, with limits */
struct waits_with_a_limit {
    AIOT_FRAME; aiot_timeout limit; aiot_waiter w; aiot_time d;
    aiot_event event; struct aiot_event_wait event_wait;
    aiot_lock lock; struct aiot_lock_acquire lock_acquire;
    aiot_condition condition; struct aiot_condition_wait condition_wait;
    aiot_semaphore semaphore; struct aiot_semaphore_acquire semaphore_acquire;
    aiot_barrier barrier; struct aiot_barrier_wait barrier_wait; struct aiot_barrier_reset reset; struct aiot_barrier_abort abort;
};
static AIOT_CORO(waits_with_a_limit)
{
    AIOT_BEGIN();
    aiot_semaphore_init(&self->semaphore, 0);
    aiot_barrier_init(&self->barrier, 2);
    AIOT_LOCK_ACQUIRE(&self->lock, &self->w);
    AIOT_CONDITION_ACQUIRE(&self->condition, &self->w);
    for (self->d = -1; self->d <= 2; self->d++) {               /* in vain; a limit of 0 or less does not even begin */
        EXPECT(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, self->d, aiot_event_wait, &self->event_wait, .event = &self->event));
        EXPECT(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, self->d, aiot_lock_acquire, &self->lock_acquire, .lock = &self->lock));
        CHECK(aiot_lock_locked(aiot_condition_lock(&self->condition)));
        EXPECT(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, self->d, aiot_condition_wait, &self->condition_wait, .condition = &self->condition));
        CHECK(aiot_lock_locked(aiot_condition_lock(&self->condition)));        /* has it again */
        EXPECT(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, self->d, aiot_semaphore_acquire, &self->semaphore_acquire, .semaphore = &self->semaphore));
        EXPECT(AIOT_ETIMEDOUT, AIOT_WAIT_FOR(&self->limit, self->d, aiot_barrier_wait, &self->barrier_wait, .barrier = &self->barrier));
        CHECK_EQUAL(aiot_barrier_waiting(&self->barrier), 0);
    }
    CHECK_EQUAL(aiot_now(task->loop), 5 * (1 + 2));
    aiot_event_set(&self->event);                               /* at once */
    aiot_lock_release(&self->lock);
    aiot_semaphore_init(&self->semaphore, 4);
    aiot_barrier_init(&self->barrier, 1);
    for (self->d = -1; self->d <= 1; self->d++) {
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_event_wait, &self->event_wait, .event = &self->event); say("e "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("- "); }
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_lock_acquire, &self->lock_acquire, .lock = &self->lock); say("l "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(!aiot_lock_locked(&self->lock)); say("- "); }
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_semaphore_acquire, &self->semaphore_acquire, .semaphore = &self->semaphore); say("s "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK_EQUAL(self->semaphore.value, 4); say("- "); }
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_barrier_wait, &self->barrier_wait, .barrier = &self->barrier); say("b "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("- "); }
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_barrier_abort, &self->abort, .barrier = &self->barrier); say("a "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(!aiot_barrier_broken(&self->barrier)); say("- "); }
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_barrier_reset, &self->reset, .barrier = &self->barrier); say("r "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("- "); }
    }
    CHECK_SAID("- - - - - - - - - - - - e l s b a r ");
    CHECK_EQUAL(self->semaphore.value, 3);
    CHECK(aiot_lock_locked(&self->lock));
    CHECK_EQUAL(aiot_now(task->loop), 15);
    aiot_condition_release(&self->condition);                   /* an error of its own passes through */
    EXPECT(AIOT_ERUNTIME, AIOT_WAIT_FOR(&self->limit, 1, aiot_condition_wait, &self->condition_wait, .condition = &self->condition));
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);  /* no timer is left behind */
    CHECK_END();
}

/* In the instant of the limit the limit wins, and what was given goes back. */
struct lock_limited { AIOT_FRAME; aiot_lock *lock; aiot_timeout limit; struct aiot_lock_acquire acquire; };
static AIOT_CORO(lock_limited)
{
    AIOT_BEGIN();
    AIOT_WAIT_FOR(&self->limit, AIOT_S(1), aiot_lock_acquire, &self->acquire, .lock = self->lock);
    AIOT_END();
}
static int release_it(void *lock) { return aiot_lock_release((aiot_lock *)lock); }
struct limit_and_release_in_one_instant { AIOT_FRAME; aiot_lock lock; aiot_waiter w; struct lock_limited l; aiot_task t; aiot_handle later; };
static AIOT_CORO(limit_and_release_in_one_instant)
{
    AIOT_BEGIN();
    AIOT_LOCK_ACQUIRE(&self->lock, &self->w);
    aiot_call_later(task->loop, &self->later, AIOT_S(1), release_it, &self->lock);
    AIOT_SPAWN(&self->t, lock_limited, &self->l, .lock = &self->lock);
    EXPECT(AIOT_ETIMEDOUT, AIOT_JOIN(&self->t));
    CHECK(!aiot_lock_locked(&self->lock));
    AIOT_LOCK_ACQUIRE(&self->lock, &self->w);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_END();
}

/* -------------------------------------------------------------------------------------- one waiter object for everything */
struct all { aiot_event event; aiot_lock lock; aiot_condition condition; aiot_semaphore semaphore; };
struct one_waiter { AIOT_FRAME; struct all *all; int round; aiot_waiter w; };
static AIOT_CORO(one_waiter)
{
    AIOT_BEGIN();
    for (self->round = 0; self->round < 3; self->round++) {
        AIOT_EVENT_WAIT(&self->all->event, &self->w);
        say("e ");
        AIOT_LOCK(&self->all->lock, &self->w) {
            say("l ");
            AIOT_SEMAPHORE(&self->all->semaphore, &self->w) { say("s "); AIOT_YIELD(); }
            AIOT_CONDITION(&self->all->condition, &self->w) { AIOT_CONDITION_WAIT(&self->all->condition, &self->w); say("c "); }
        }
    }
    AIOT_END();
}
struct one_waiter_serves_all { AIOT_FRAME; struct all all; struct one_waiter user; aiot_task t; aiot_waiter w; int round; };
static AIOT_CORO(one_waiter_serves_all)
{
    AIOT_BEGIN();
    aiot_semaphore_init(&self->all.semaphore, 0);
    AIOT_SPAWN(&self->t, one_waiter, &self->user, .all = &self->all);
    for (self->round = 0; self->round < 3; self->round++) {
        AIOT_LOCK_ACQUIRE(&self->all.lock, &self->w);
        AIOT_SLEEP(1);
        aiot_event_set(&self->all.event);
        aiot_event_clear(&self->all.event);
        AIOT_SLEEP(1);
        CHECK_SAID("e ");
        aiot_lock_release(&self->all.lock);
        AIOT_SLEEP(1);
        CHECK_SAID("l ");
        if (self->round == 0) aiot_semaphore_release(&self->all.semaphore);
        else AIOT_SLEEP(1);
        AIOT_SLEEP(1);
        CHECK_SAID(self->round == 0 ? "s " : "");
        if (self->round > 0) {
            aiot_semaphore_release(&self->all.semaphore);
            AIOT_SLEEP(1);
            CHECK_SAID("s ");
        }
        AIOT_CONDITION(&self->all.condition, &self->w) { aiot_condition_notify(&self->all.condition, 1); }
        AIOT_SLEEP(1);
        CHECK_SAID("c ");
        AIOT_SEMAPHORE_ACQUIRE(&self->all.semaphore, &self->w); /* what the block gave back */
    }
    AIOT_JOIN(&self->t);
    CHECK_END();
}

/* Its count stops at LONG_MAX: a release beyond that is refused, as one beyond a bound is; a permit that comes back is not counted. */
struct semaphore_at_its_end { AIOT_FRAME; aiot_semaphore s; aiot_waiter w; struct aiot_semaphore_acquire acquire; aiot_task t; };
static AIOT_CORO(semaphore_at_its_end)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_semaphore_init(&self->s, LONG_MAX), 0);
    CHECK_EQUAL(aiot_semaphore_release(&self->s), AIOT_EINVAL);
    AIOT_SEMAPHORE_ACQUIRE(&self->s, &self->w);
    CHECK_EQUAL(aiot_semaphore_release(&self->s), 0);
    CHECK_EQUAL(aiot_semaphore_release(&self->s), AIOT_EINVAL);
    CHECK_EQUAL(aiot_bounded_semaphore_init(&self->s, LONG_MAX), 0);
    CHECK_EQUAL(aiot_semaphore_release(&self->s), AIOT_EINVAL);
    CHECK_EQUAL(aiot_semaphore_init(&self->s, 0), 0);
    AIOT_SPAWN(&self->t, aiot_semaphore_acquire, &self->acquire, .semaphore = &self->s);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_semaphore_release(&self->s), 0);           /* given to the task, */
    self->s.value = LONG_MAX;
    CHECK(aiot_cancel(&self->t));                               /*   which does not take it */
    AIOT_SLEEP(1);
    CHECK(aiot_cancelled(&self->t));
    CHECK_EQUAL(self->s.value, LONG_MAX);
    CHECK_END();
}

/* One that waits alone is broken by a reset, too. */
struct barrier_reset_of_one { AIOT_FRAME; struct parties u; struct aiot_barrier_reset reset; };
static AIOT_CORO(barrier_reset_of_one)
{
    AIOT_BEGIN();
    aiot_barrier_init(&self->u.barrier, 2);
    SPAWN_PARTY(a, 1);
    AIOT_YIELD();
    AIOT_AWAIT(aiot_barrier_reset, &self->reset, .barrier = &self->u.barrier);
    AIOT_SLEEP(1);
    CHECK_SAID("a- ");
    CHECK(aiot_done(&self->u.ta));
    CHECK_END();
}

/* A waiter whose wait was cancelled waits again, and is notified: the old cancel is not raised once more. */
struct waits_twice { AIOT_FRAME; aiot_condition *c; aiot_waiter w; };
static AIOT_CORO(waits_twice)
{
    AIOT_BEGIN();
    AIOT_CONDITION(self->c, &self->w) {
        EXPECT(AIOT_ECANCELED, AIOT_CONDITION_WAIT(self->c, &self->w));
        say("cancelled ");
        AIOT_CONDITION_WAIT(self->c, &self->w);
        say("notified ");
    }
    AIOT_END();
}
struct condition_waiter_forgets_its_cancel { AIOT_FRAME; aiot_condition c; struct waits_twice waits; aiot_task t; aiot_waiter w; };
static AIOT_CORO(condition_waiter_forgets_its_cancel)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, waits_twice, &self->waits, .c = &self->c);
    AIOT_SLEEP(1);
    aiot_cancel(&self->t);
    AIOT_SLEEP(1);
    AIOT_CONDITION(&self->c, &self->w) { CHECK_EQUAL(aiot_condition_notify(&self->c, 1), 0); }
    AIOT_JOIN(&self->t);
    CHECK_SAID("cancelled notified ");
    CHECK_END();
}

/* A semaphore that was not initialised: the wait raises AIOT_EINVAL, and debug builds complain once. */
struct semaphore_not_made { AIOT_FRAME; aiot_semaphore s; struct aiot_semaphore_acquire acquire; aiot_task t; };
static AIOT_CORO(semaphore_not_made)
{
    AIOT_BEGIN();
    memset(&self->s, 0, sizeof self->s);
    AIOT_SPAWN(&self->t, aiot_semaphore_acquire, &self->acquire, .semaphore = &self->s);
    AIOT_YIELD();
    CHECK_COMPLAINED(1);
    EXPECT(AIOT_EINVAL, AIOT_JOIN(&self->t));
    CHECK_COMPLAINED(0);
    CHECK_END();
}

int main(void)
{
    RUN(semaphore_at_its_end);
    RUN(event_wakes_all_in_order);
    RUN(event_cancelled_waiters_leave);
    RUN(lock_is_fifo);
    RUN(lock_woken_and_cancelled_hands_on);
    RUN(lock_cancelled_head);
    RUN(blocks_are_released_on_every_way_out);
    RUN(release_too_many);
    RUN(block_not_entered);
    RUN(condition_needs_its_lock);
    RUN(condition_notifies_n);
    RUN(condition_skips_the_cancelled);
    RUN(condition_passes_the_notification_on);
    RUN(condition_cancelled_wait_has_its_lock_again);
    RUN(condition_woken_for_its_lock_and_cancelled);
    RUN(condition_wait_for);
    RUN(semaphore_is_fifo);
    RUN(semaphore_newcomers_do_not_overtake);
    RUN(semaphore_cancelled_waiters);
    RUN(semaphore_bounds);
    RUN(barrier_rounds);
    RUN(barrier_reset);
    RUN(barrier_abort);
    RUN(barrier_cancelled_party);
    RUN(waits_with_a_limit);
    RUN(limit_and_release_in_one_instant);
    RUN(one_waiter_serves_all);
    RUN(barrier_reset_of_one);
    RUN(condition_waiter_forgets_its_cancel);
    RUN(semaphore_not_made);
    return 0;
}
