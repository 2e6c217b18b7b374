/* as_completed_rules.c - as_completed(): the order of the ends, errors at their turn, limits, duplicates, and what may be left unread. */
#include "check.h"
#include "job.h"

struct four { struct job job[4]; aiot_task t[4]; };
#define SPAWN(i, ...) AIOT_SPAWN(&self->m.t[i], job, &self->m.job[i], __VA_ARGS__)
#define ALL &self->m.t[0], &self->m.t[1], &self->m.t[2], &self->m.t[3]

struct in_order_of_their_ends { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; };
static AIOT_CORO(in_order_of_their_ends)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = 3);
    SPAWN(1, .delay = 1);
    SPAWN(2, .delay = 4);
    SPAWN(3, .delay = 1);
    aiot_as_completed(&self->set, AIOT_FOREVER, ALL);
    CHECK(aiot_as_completed_left(&self->set));
    CHECK(aiot_completed(&self->set) == NULL && aiot_completed_index(&self->set) == -1);
    while (aiot_as_completed_left(&self->set)) {
        AIOT_NEXT_COMPLETED(&self->set);
        say("%d@%d ", aiot_completed_index(&self->set), (int)aiot_now(task->loop));
        CHECK(aiot_done(AIOT_ANY(aiot_completed(&self->set))));
        for (int i = 0; i < 4; i++) CHECK((aiot_completed(&self->set) == AIOT_AWAITABLE(&self->m.t[i])) == (aiot_completed_index(&self->set) == i));
    }
    CHECK_SAID("1@1 3@1 0@3 2@4 ");
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("no more "); }
    CHECK(!aiot_as_completed_left(&self->set));
    CHECK_SAID("no more ");
    CHECK_END();
}

/* A slow reader gets all that ended meanwhile, in the order of their ends; members that were done before, in the order given. */
struct a_slow_reader { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; };
static AIOT_CORO(a_slow_reader)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = 3);
    SPAWN(1, .delay = 2);
    SPAWN(2, .delay = 1);
    SPAWN(3, .delay = 20);
    aiot_as_completed(&self->set, AIOT_FOREVER, ALL);
    AIOT_SLEEP(10);
    while (aiot_as_completed_left(&self->set)) { AIOT_NEXT_COMPLETED(&self->set); say("%d@%d ", aiot_completed_index(&self->set), (int)aiot_now(task->loop)); }
    CHECK_SAID("2@10 1@10 0@10 3@20 ");
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->m.t[3], &self->m.t[1], &self->m.t[0]);
    while (aiot_as_completed_left(&self->set)) { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
    CHECK_SAID("0 1 2 ");
    CHECK_EQUAL(aiot_now(task->loop), 20);
    CHECK_END();
}

struct errors_at_their_turn { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; };
static AIOT_CORO(errors_at_their_turn)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = 3, .error = 7);
    SPAWN(1, .delay = 1);
    SPAWN(2, .delay = 9);
    SPAWN(3, .delay = 4);
    aiot_as_completed(&self->set, AIOT_FOREVER, ALL);
    AIOT_SLEEP(2);
    aiot_cancel(&self->m.t[2]);
    while (aiot_as_completed_left(&self->set)) {
        AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
        AIOT_EXCEPT(7, AIOT_ECANCELED) { say("%d:%s ", aiot_completed_index(&self->set), aiot_error_name(aiot_caught(task).code)); }
    }
    CHECK_SAID("1 2:CancelledError 0:AppError 3 ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* `async for`: what ended, whichever way, and its error and its message still to be asked for; the limit is an error of the loop's. */
struct as_async_for { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; };
static AIOT_CORO(as_async_for)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = 3, .error = 7);
    SPAWN(1, .delay = 9);
    SPAWN(2, .delay = 1);
    SPAWN(3, .delay = 9);
    aiot_as_completed(&self->set, 5, ALL);
    AIOT_YIELD();
    aiot_cancel_msg(&self->m.t[1], "why");
    AIOT_TRY {
        while (aiot_as_completed_left(&self->set)) {
            AIOT_WAIT_COMPLETED(&self->set);
            say("%d@%d:", aiot_completed_index(&self->set), (int)aiot_now(task->loop));
            AIOT_TRY { AIOT_JOIN(AIOT_ANY(aiot_completed(&self->set))); say("ok "); }
            AIOT_EXCEPT(7) { say("AppError "); }
            AIOT_EXCEPT(AIOT_ECANCELED) { say("%s ", (const char *)aiot_caught(task).info); }
        }
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        CHECK(aiot_completed(&self->set) == NULL && aiot_completed_index(&self->set) == -1 && !aiot_as_completed_left(&self->set));
        say("limit@%d ", (int)aiot_now(task->loop));
    }
    CHECK_SAID("1@0:why 2@1:ok 0@3:AppError limit@5 ");
    AIOT_JOIN(&self->m.t[3]);
    CHECK_END();
}

struct limits { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; aiot_time d; };
static AIOT_CORO(limits)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = AIOT_S(9));
    SPAWN(1, .delay = AIOT_S(1));
    SPAWN(2, .delay = AIOT_S(9));
    aiot_as_completed(&self->set, AIOT_S(2), &self->m.t[0], &self->m.t[1], &self->m.t[2]);
    while (aiot_as_completed_left(&self->set)) {
        AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout@%d ", (int)(aiot_now(task->loop) / AIOT_S(1))); CHECK(aiot_completed_index(&self->set) == -1 && aiot_completed(&self->set) == NULL); }
    }
    CHECK_SAID("1 timeout@2 timeout@2 ");                       /* one for each that is left */
    CHECK(!aiot_done(&self->m.t[0]) && !aiot_done(&self->m.t[2]));             /* it cancels nothing */
    CHECK_EQUAL(aiot_task_cancelling(task), 0);

    for (self->d = 0; self->d >= -1; self->d--) {               /* 0 or less: those that are done, and no other */
        aiot_as_completed(&self->set, self->d, &self->m.t[0], &self->m.t[1]);
        while (aiot_as_completed_left(&self->set)) {
            AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
            AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
        }
        CHECK_SAID("1 timeout ");
    }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));

    SPAWN(1, .delay = AIOT_S(1));                               /* read after the limit: those that ended before it come first */
    aiot_as_completed(&self->set, AIOT_S(2), &self->m.t[0], &self->m.t[1]);
    AIOT_SLEEP(AIOT_S(3));
    while (aiot_as_completed_left(&self->set)) {
        AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    }
    CHECK_SAID("1 timeout ");

    SPAWN(1, .delay = AIOT_S(1));                               /* all done before: the timer goes away */
    aiot_as_completed(&self->set, AIOT_S(100), &self->m.t[1]);
    AIOT_NEXT_COMPLETED(&self->set);
    AIOT_JOIN(&self->m.t[0]);
    AIOT_JOIN(&self->m.t[2]);
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    CHECK_END();
}

struct duplicates { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; aiot_awaitable *array[5]; int n; };
static AIOT_CORO(duplicates)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = 2);
    SPAWN(1, .delay = 1);
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->m.t[0], &self->m.t[1], &self->m.t[0], &self->m.t[1]);
    while (aiot_as_completed_left(&self->set)) { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
    CHECK_SAID("1 0 ");                                         /* once, by its first place */
    AIOT_TRY { SPAWN(0, .delay = 9); aiot_as_completed(&self->set, 1, &self->m.t[0], &self->m.t[0]); AIOT_NEXT_COMPLETED(&self->set); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(!aiot_as_completed_left(&self->set)); say("timeout "); }

    for (self->n = 0; self->n < 5; self->n++) self->array[self->n] = AIOT_AWAITABLE(&self->m.t[1]);
    self->array[2] = AIOT_AWAITABLE(&self->m.t[0]);
    for (self->n = 0; self->n <= 5; self->n++) {
        aiot_as_completed_array(&self->set, AIOT_FOREVER, self->array, self->n);
        while (aiot_as_completed_left(&self->set)) {
            AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
            AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
        }
        say("/ ");
    }
    CHECK_SAID("timeout / 0 / 0 / 0 2 / 0 2 / too many / ");    /* none: nothing to read */
    complaints = 0;                             /* debug builds say why */
    CHECK_END();
}

/* Too many members, or one that was never started: said by the first read. */
struct not_valid { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(2) set; aiot_awaitable *array[3]; };
static AIOT_CORO(not_valid)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = 5);
    SPAWN(1, .delay = 5);
    SPAWN(2, .delay = 5);
    self->array[0] = AIOT_AWAITABLE(&self->m.t[0]);
    self->array[1] = AIOT_AWAITABLE(&self->m.t[1]);
    self->array[2] = AIOT_AWAITABLE(&self->m.t[2]);
    aiot_as_completed_array(&self->set, 1, self->array, 3);
    CHECK(aiot_as_completed_left(&self->set));
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too many "); }
    CHECK(!aiot_as_completed_left(&self->set));
    aiot_as_completed(&self->set, 1, &self->m.t[0], &self->m.t[3]);
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("never started "); }
    CHECK(!aiot_as_completed_left(&self->set));
    CHECK_EQUAL(aiot_now(task->loop), 0);
    CHECK_SAID("too many never started ");
    aiot_as_completed_array(&self->set, AIOT_FOREVER, self->array, 2);         /* and may be used again */
    while (aiot_as_completed_left(&self->set)) { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
    CHECK_SAID("0 1 ");
    complaints = 0;                             /* debug builds say why */
    CHECK_END();
}

struct closed_half_way { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set, unused; };
static AIOT_CORO(closed_half_way)
{
    AIOT_BEGIN();
    aiot_as_completed_close(&self->unused);                     /* never begun: nothing */
    SPAWN(0, .delay = AIOT_S(1));
    SPAWN(1, .delay = AIOT_S(2));
    SPAWN(2, .delay = AIOT_S(2));
    SPAWN(3, .delay = AIOT_S(3));
    aiot_as_completed(&self->set, AIOT_S(100), ALL);
    AIOT_NEXT_COMPLETED(&self->set);
    AIOT_SLEEP(AIOT_S(1));                                      /* two have ended, one has not */
    aiot_as_completed_close(&self->set);
    CHECK(!aiot_as_completed_left(&self->set));
    memset(&self->set, 0xa5, sizeof self->set);                 /* its memory is free */
    AIOT_JOIN(&self->m.t[3]);
    CHECK_EQUAL(self->m.job[1].value + self->m.job[3].value, 2 * 42);
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);
    memset(&self->set, 0, sizeof self->set);

    SPAWN(0, .delay = AIOT_S(1));                               /* begun anew while the old one is unread */
    SPAWN(1, .delay = AIOT_S(2));
    aiot_as_completed(&self->set, AIOT_S(1), &self->m.t[0], &self->m.t[1]);
    aiot_as_completed(&self->set, AIOT_S(5), &self->m.t[1], &self->m.t[0]);
    while (aiot_as_completed_left(&self->set)) { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
    CHECK_SAID("1 0 ");
    aiot_as_completed_close(&self->set);                        /* read to its end: nothing */
    aiot_as_completed_close(&self->set);
    CHECK_END();
}

/* Its reader is cancelled: the members run on, and nothing of theirs is lost, for the reader may read on. */
struct reader { AIOT_FRAME; struct four *m; bool goes_on; AIOT_AS_COMPLETED_SET(4) set; };
static AIOT_CORO(reader)
{
    AIOT_BEGIN();
    AIOT_TRY {
        aiot_as_completed(&self->set, AIOT_S(100), &self->m->t[0], &self->m->t[1]);
        while (aiot_as_completed_left(&self->set)) { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        say("! ");
        while (self->goes_on && aiot_as_completed_left(&self->set)) { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); }
        AIOT_RERAISE();
    } AIOT_FINALLY {
        aiot_as_completed_close(&self->set);
    }
    AIOT_END();
}
struct reader_cancelled { AIOT_FRAME; struct four m; struct reader r; aiot_task u; };
static AIOT_CORO(reader_cancelled)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = AIOT_S(1));
    SPAWN(1, .delay = AIOT_S(3));
    AIOT_SPAWN(&self->u, reader, &self->r, .m = &self->m);
    AIOT_SLEEP(AIOT_S(2));
    aiot_cancel(&self->u);
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK(!aiot_done(&self->m.t[1]));
    CHECK_SAID("0 ! ");
    AIOT_JOIN(&self->m.t[1]);
    CHECK_EQUAL(aiot_next_deadline(task->loop), AIOT_FOREVER);

    SPAWN(0, .delay = AIOT_S(1));                               /* cancelled before the first; as in asyncio that read is spent */
    SPAWN(1, .delay = AIOT_S(3));
    AIOT_SPAWN(&self->u, reader, &self->r, .m = &self->m, .goes_on = true);
    AIOT_YIELD();
    aiot_cancel(&self->u);
    AIOT_TRY { AIOT_JOIN(&self->u); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("! 0 ");
    AIOT_JOIN(&self->m.t[1]);
    CHECK_END();
}

struct limited_reader { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; aiot_timeout limit; aiot_future future; aiot_shield guard; };
static AIOT_CORO(limited_reader)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = AIOT_S(5));
    aiot_future_init(&self->future, task->loop);
    aiot_shield(&self->guard, &self->m.t[0]);
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->future, &self->guard, &self->m.t[0]);       /* any awaitable */
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) { AIOT_NEXT_COMPLETED(&self->set); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); say("timeout "); }
    aiot_future_set_error(&self->future, 7, "seven");
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); NOT_REACHED(); }
    AIOT_EXCEPT(7) { CHECK(strcmp((const char *)aiot_caught(task).info, "seven") == 0); say("%d ", aiot_completed_index(&self->set)); }
    AIOT_NEXT_COMPLETED(&self->set);
    say("%d ", aiot_completed_index(&self->set));
    CHECK_SAID("timeout 0 2 ");
    CHECK(!aiot_as_completed_left(&self->set));
    CHECK_END();
}

/* Several tasks read one: each wait in the line gets the next end, the limit is for them all, and who is cancelled after it was woken
 * hands on what it was woken for. */
struct next_one { AIOT_FRAME; struct several_readers *of; int id; aiot_waiter w; };
struct several_readers { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; struct next_one frame[4]; aiot_task reader[4]; int i; };
static AIOT_CORO(next_one)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_NEXT_COMPLETED_WITH(&self->of->set, &self->w);
        say("%d:%d@%d ", self->id, aiot_completed_index(&self->of->set), (int)aiot_now(task->loop));
    } AIOT_EXCEPT_ALL {
        say("%d:%s@%d ", self->id, aiot_error_name(aiot_caught(task).code), (int)aiot_now(task->loop));
    }
    AIOT_END();
}
#define READERS(n) \
    for (self->i = 0; self->i < n; self->i++) AIOT_SPAWN(&self->reader[self->i], next_one, &self->frame[self->i], .of = self, .id = self->i)
static AIOT_CORO(several_readers)
{
    AIOT_BEGIN();
    SPAWN(0, .delay = 3);
    SPAWN(1, .delay = 1);
    SPAWN(2, .delay = 1, .error = 7);
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->m.t[0], &self->m.t[1], &self->m.t[2]);
    READERS(4);                                                 /* one too many */
    for (self->i = 0; self->i < 4; self->i++) AIOT_JOIN(&self->reader[self->i]);
    CHECK_SAID("3:ValueError@0 0:1@1 1:AppError@1 2:0@3 ");

    for (self->i = 0; self->i < 3; self->i++) SPAWN(self->i, .delay = 6);
    aiot_as_completed(&self->set, 2, &self->m.t[0], &self->m.t[1], &self->m.t[2]);
    READERS(3);
    for (self->i = 0; self->i < 3; self->i++) AIOT_JOIN(&self->reader[self->i]);
    CHECK_SAID("0:TimeoutError@5 1:TimeoutError@5 2:TimeoutError@5 ");
    AIOT_JOIN(&self->m.t[2]);

    SPAWN(0, .delay = 1);
    SPAWN(1, .delay = 4);
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->m.t[0], &self->m.t[1]);
    READERS(2);
    AIOT_JOIN(&self->m.t[0]);                                   /* by now the first reader is woken, but has not run */
    aiot_cancel(&self->reader[0]);
    for (self->i = 0; self->i < 2; self->i++) AIOT_JOIN(&self->reader[self->i]);
    CHECK_SAID("0:CancelledError@10 1:0@10 ");
    CHECK(!aiot_as_completed_left(&self->set));                 /* a cancelled read is spent */
    aiot_as_completed_close(&self->set);
    AIOT_JOIN(&self->m.t[1]);

    SPAWN(0, .delay = 1);
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->m.t[0]);
    READERS(1);
    AIOT_YIELD();
    aiot_as_completed_close(&self->set);
    CHECK_COMPLAINED(1);
    aiot_cancel(&self->reader[0]);                              /* and cancelled, in one turn */
    AIOT_JOIN(&self->reader[0]);
    CHECK_SAID("0:CancelledError@13 ");
    AIOT_JOIN(&self->m.t[0]);
    CHECK_END();
}

struct reused { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; int i; };
static AIOT_CORO(reused)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 50; self->i++) {
        SPAWN(self->i % 3, .delay = 1);
        SPAWN(3, .delay = 2, .error = self->i % 2 ? 7 : 0);
        aiot_as_completed(&self->set, self->i % 5 ? AIOT_FOREVER : 100, &self->m.t[3], &self->m.t[self->i % 3]);
        CHECK(aiot_completed(&self->set) == NULL && aiot_completed_index(&self->set) == -1);
        AIOT_NEXT_COMPLETED(&self->set);
        CHECK_EQUAL(aiot_completed_index(&self->set), 1);
        AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); CHECK_EQUAL(self->i % 2, 0); } AIOT_EXCEPT(7) { CHECK_EQUAL(self->i % 2, 1); }
        CHECK_EQUAL(aiot_completed_index(&self->set), 0);
        CHECK(!aiot_as_completed_left(&self->set));
    }
    CHECK_EQUAL(aiot_now(task->loop), 100);
    CHECK_END();
}

/* A gather of nothing is done; it is a member as any other.  One that was made outside of a coroutine belongs to no loop. */
static AIOT_GATHER_SET(1) without_loop;
static void gather_nothing(void) { aiot_gather_array(&without_loop, NULL, 0); }
struct nothing { AIOT_FRAME; AIOT_GATHER_SET(1) none; aiot_future later; aiot_handle handle; AIOT_AS_COMPLETED_SET(2) set; };
static int set_it(void *future) { return aiot_future_set_result((aiot_future *)future, 1); }
static AIOT_CORO(nothing)
{
    AIOT_BEGIN();
    aiot_gather_array(&self->none, NULL, 0);
    aiot_future_init(&self->later, task->loop);
    aiot_call_later(task->loop, &self->handle, 5, set_it, &self->later);
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->none, &self->later);
    AIOT_NEXT_COMPLETED(&self->set);
    CHECK_EQUAL(aiot_completed_index(&self->set), 0);
    AIOT_NEXT_COMPLETED(&self->set);
    CHECK_EQUAL(aiot_completed_index(&self->set), 1);
    CHECK_EQUAL(aiot_now(task->loop), 5);
    aiot_as_completed(&self->set, AIOT_FOREVER, &self->none);
    AIOT_NEXT_COMPLETED(&self->set);
    CHECK(!aiot_as_completed_left(&self->set));
    gather_nothing();
    aiot_as_completed(&self->set, AIOT_FOREVER, &without_loop, &self->later);
    AIOT_NEXT_COMPLETED(&self->set);
    AIOT_NEXT_COMPLETED(&self->set);
    aiot_as_completed(&self->set, AIOT_FOREVER, &without_loop); /* alone it has nobody to say which loop's clock and turns these are */
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { }
    CHECK(!aiot_as_completed_left(&self->set));
    CHECK_END();
}

/* What another loop runs is not waited for. */
static aiot_loop other_loop;
struct of_another_loop { AIOT_FRAME; struct job job; aiot_task t; AIOT_AS_COMPLETED_SET(1) set; };
static AIOT_CORO(of_another_loop)
{
    AIOT_BEGIN();
    aiot_loop_init_virtual(&other_loop);
    aiot_spawn_on(&other_loop, &self->t, job, &self->job, .delay = 1);
    aiot_as_completed(&self->set, 5, &self->t);
    AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("refused "); }
    CHECK_SAID("refused ");
    CHECK(!aiot_as_completed_left(&self->set));
    memset(&self->set, 0xa5, sizeof self->set);         /* nobody knows it any more, not its timer either */
    CHECK_EQUAL(aiot_run_until(&other_loop, &self->t), AIOT_OK);
    AIOT_SLEEP(10);
    CHECK_END();
}

/* Once the limit has struck, every read that is left raises it, also when all members have ended by then. */
struct what_ends_after_the_limit_is_not_read { AIOT_FRAME; struct four m; AIOT_AS_COMPLETED_SET(4) set; };
static AIOT_CORO(what_ends_after_the_limit_is_not_read)
{
    AIOT_BEGIN();
    for (int i = 0; i < 4; i++) SPAWN(i, .delay = 7);
    aiot_as_completed(&self->set, 5, ALL);
    while (aiot_as_completed_left(&self->set)) {
        AIOT_TRY { AIOT_NEXT_COMPLETED(&self->set); say("%d ", aiot_completed_index(&self->set)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
        AIOT_SLEEP(5);
    }
    CHECK_SAID("timeout timeout timeout timeout ");
    for (int i = 0; i < 4; i++) CHECK(aiot_done(&self->m.t[i]));
    CHECK_END();
}

int main(void)
{
    RUN(in_order_of_their_ends);
    RUN(a_slow_reader);
    RUN(errors_at_their_turn);
    RUN(as_async_for);
    RUN(limits);
    RUN(duplicates);
    RUN(not_valid);
    RUN(closed_half_way);
    RUN(reader_cancelled);
    RUN(limited_reader);
    RUN(several_readers);
    RUN(reused);
    RUN(nothing);
    RUN(of_another_loop);
    RUN(what_ends_after_the_limit_is_not_read);
    return 0;
}
