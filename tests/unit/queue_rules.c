/* queue_rules.c - the three queues: against plain models with random operations; who is served when, and what cancelled getters and
 * putters leave behind; nowait errors, join, shutdown, items of the wrong size. */
#include "check.h"
#include "job.h"

static uint32_t random_state = 1;
static unsigned random_below(unsigned n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (unsigned)(((uint64_t)random_state * n) >> 32);
}

/* ------------------------------------------------------------------------------------------------- against plain models */
struct item { int priority, serial; char filler[5]; };          /* of an odd size, and larger than an int */
enum { CAPACITY = 37 };
enum kind { FIFO, LIFO, PRIORITY, KINDS };

static bool item_less(const void *a, const void *b) { return ((const struct item *)a)->priority < ((const struct item *)b)->priority; }

static struct item model[CAPACITY];             /* in order of arrival */
static size_t model_count;

static void check_against_model(int kind, unsigned operations, int priorities)
{
    static struct item items[CAPACITY];
    static aiot_queue q;
    int serial = 0;
    unsigned bias = 50;
    if (kind == FIFO) aiot_queue_init(&q, items);
    else if (kind == LIFO) aiot_lifo_queue_init(&q, items);
    else aiot_priority_queue_init(&q, items, item_less);
    model_count = 0;
    for (unsigned i = 0; i < operations; i++) {
        if (i % 200 == 0) bias = 20 + random_below(61);         /* now fuller, now emptier */
        struct item item = { (int)random_below((unsigned)priorities), serial, "x" };
        if (random_below(100) < bias) {
            int error = aiot_queue_put_nowait(&q, &item);
            CHECK_EQUAL(error, model_count == CAPACITY ? AIOT_EFULL : 0);
            if (error == 0) { model[model_count++] = item; serial++; }
        } else {
            int error = aiot_queue_get_nowait(&q, &item);
            CHECK_EQUAL(error, model_count == 0 ? AIOT_EEMPTY : 0);
            if (error == 0) {
                size_t at = kind == LIFO ? model_count - 1 : 0;
                if (kind == PRIORITY) {         /* of equal ones any: but it is one of those that are in it, and the least */
                    while (at < model_count && model[at].serial != item.serial) at++;
                    CHECK(at < model_count);
                    for (size_t k = 0; k < model_count; k++) CHECK(model[k].priority >= item.priority);
                }
                CHECK_EQUAL(item.serial, model[at].serial);
                CHECK_EQUAL(item.priority, model[at].priority);
                CHECK_EQUAL(item.filler[0], 'x');
                memmove(&model[at], &model[at + 1], (model_count - at - 1) * sizeof model[0]);
                model_count--;
            }
        }
        CHECK_EQUAL(aiot_queue_size(&q), model_count);
        CHECK(aiot_queue_empty(&q) == (model_count == 0) && aiot_queue_full(&q) == (model_count == CAPACITY));
    }
    CHECK_EQUAL(q.unfinished, (size_t)serial);
}

static void against_models(void)
{
    for (int kind = FIFO; kind < KINDS; kind++) check_against_model(kind, 200000, 1000);
    check_against_model(PRIORITY, 200000, 4);   /* many of equal priority */
    check_against_model(PRIORITY, 20000, 1);    /* nothing else */
}

/* The heap is Python's heapq, so equal priorities come out in the same order as from asyncio.PriorityQueue (CPython 3.11 printed it). */
struct equal_priorities { AIOT_FRAME; struct item items[16], item; aiot_queue q; int i; };
static AIOT_CORO(equal_priorities)
{
    AIOT_BEGIN();
    aiot_priority_queue_init(&self->q, self->items, item_less);
    for (self->i = 0; self->i < 12; self->i++) {
        self->item.priority = self->i % 3;
        self->item.serial = self->i;
        AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item));
    }
    while (!aiot_queue_empty(&self->q)) {
        AIOT_CHECK(aiot_queue_get_nowait(&self->q, &self->item));
        say("%d:%d ", self->item.priority, self->item.serial);
    }
    CHECK_SAID("0:0 0:6 0:3 0:9 1:4 1:10 1:1 1:7 2:2 2:5 2:8 2:11 ");
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------------- waiting */
struct getter { AIOT_FRAME; const char *name; aiot_queue *q; int n, item; aiot_waiter w; };
static AIOT_CORO(getter)
{
    AIOT_BEGIN();
    do {
        AIOT_TRY { AIOT_QUEUE_GET(self->q, &self->w, &self->item); say("%s%d ", self->name, self->item); }
        AIOT_EXCEPT(AIOT_ECANCELED) { say("%s! ", self->name); AIOT_RERAISE(); }
        AIOT_EXCEPT(AIOT_ESHUTDOWN) { say("%s# ", self->name); AIOT_RETURN(); }
    } while (--self->n > 0);
    AIOT_END();
}
struct putter { AIOT_FRAME; const char *name; aiot_queue *q; int n, item; aiot_waiter w; };
static AIOT_CORO(putter)
{
    AIOT_BEGIN();
    do {
        AIOT_TRY { AIOT_QUEUE_PUT(self->q, &self->w, &self->item); say("%s%d ", self->name, self->item); }
        AIOT_EXCEPT(AIOT_ECANCELED) { say("%s! ", self->name); AIOT_RERAISE(); }
        AIOT_EXCEPT(AIOT_ESHUTDOWN) { say("%s# ", self->name); AIOT_RETURN(); }
        self->item++;
    } while (--self->n > 0);
    AIOT_END();
}
struct users { int items[2]; aiot_queue q; struct getter a, b, c; struct putter x, y, z; aiot_task ta, tb, tc, tx, ty, tz; };
#define GETTER(p) AIOT_SPAWN(&self->u.t##p, getter, &self->u.p, .name = #p, .q = &self->u.q)
#define PUTTER(p, item_) AIOT_SPAWN(&self->u.t##p, putter, &self->u.p, .name = #p, .q = &self->u.q, .item = item_)

struct getters_are_served_in_order { AIOT_FRAME; struct users u; int item; aiot_waiter w; };
static AIOT_CORO(getters_are_served_in_order)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->u.q, self->u.items);
    GETTER(a);
    GETTER(b);
    GETTER(c);
    AIOT_YIELD();
    for (self->item = 1; self->item <= 2; self->item++) AIOT_QUEUE_PUT(&self->u.q, &self->w, &self->item);    /* there is room: no turn */
    CHECK_SAID("");
    AIOT_SLEEP(1);
    CHECK_SAID("a1 b2 ");
    AIOT_QUEUE_PUT(&self->u.q, &self->w, &self->item);
    AIOT_SLEEP(1);
    CHECK_SAID("c3 ");
    self->item = 4;
    AIOT_QUEUE_PUT(&self->u.q, &self->w, &self->item);
    self->item = 0;
    AIOT_QUEUE_GET(&self->u.q, &self->w, &self->item);
    CHECK_EQUAL(self->item, 4);
    CHECK(aiot_queue_empty(&self->u.q));
    CHECK_END();
}

struct putters_are_served_in_order { AIOT_FRAME; struct users u; int item; aiot_waiter w; };
static AIOT_CORO(putters_are_served_in_order)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->u.q, self->u.items);
    AIOT_SPAWN(&self->u.tx, putter, &self->u.x, .name = "x", .q = &self->u.q, .n = 3, .item = 1);
    AIOT_YIELD();
    CHECK_SAID("x1 x2 ");
    CHECK(aiot_queue_full(&self->u.q));
    PUTTER(y, 4);
    PUTTER(z, 5);
    AIOT_SLEEP(1);
    for (self->item = 0; self->item < 5; ) {
        AIOT_QUEUE_GET(&self->u.q, &self->w, &self->item);
        say("%d ", self->item);
    }
    CHECK_SAID("1 2 x3 y4 3 4 z5 5 ");
    CHECK_END();
}

/* A newcomer may take what a woken getter was woken for: that one waits on, at the end of the line, as in asyncio. */
struct woken_and_robbed { AIOT_FRAME; struct users u; int item; aiot_waiter w; };
static AIOT_CORO(woken_and_robbed)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->u.q, self->u.items);
    GETTER(a);
    GETTER(b);
    AIOT_YIELD();
    self->item = 1;
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    AIOT_CHECK(aiot_queue_get_nowait(&self->u.q, &self->item));
    AIOT_SLEEP(1);
    CHECK_SAID("");
    self->item = 2;
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    self->item = 3;
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    AIOT_SLEEP(1);
    CHECK_SAID("b2 a3 ");
    CHECK_END();
}

struct cancelled_getters_hand_on { AIOT_FRAME; struct users u; int item; };
static AIOT_CORO(cancelled_getters_hand_on)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->u.q, self->u.items);
    GETTER(a);
    GETTER(b);
    GETTER(c);
    AIOT_YIELD();
    self->item = 1;
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    aiot_cancel(&self->u.ta);                                   /* woken for it, and cancelled */
    AIOT_SLEEP(1);
    CHECK_SAID("a! b1 ");
    GETTER(a);
    AIOT_YIELD();
    aiot_cancel(&self->u.tc);                                   /* the head, cancelled before */
    self->item = 2;
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    AIOT_YIELD();
    CHECK_SAID("c! a2 ");                                       /* in the same turn: a was woken for it */
    GETTER(a);
    AIOT_YIELD();
    aiot_cancel(&self->u.ta);
    self->item = 3;
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item)); /* nobody left: the item stays */
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_queue_size(&self->u.q), 1);
    GETTER(b);
    AIOT_SLEEP(1);
    CHECK_SAID("a! b3 ");
    CHECK_END();
}

/* A getter that was cancelled before anybody woke it hands on nothing: the others keep their places. */
struct nothing_to_hand_on { AIOT_FRAME; int items[2]; aiot_queue q; struct getter getters[4]; aiot_task tasks[4]; int item; };
static AIOT_CORO(nothing_to_hand_on)
{
    static const char *const names[4] = { "a", "b", "c", "d" };
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    for (int i = 0; i < 4; i++) AIOT_SPAWN(&self->tasks[i], getter, &self->getters[i], .name = names[i], .q = &self->q);
    AIOT_YIELD();
    aiot_cancel(&self->tasks[1]);
    self->item = 1;
    AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item));   /* for a; it is still there when b ends */
    AIOT_SLEEP(1);
    for (self->item = 2; self->item < 4; self->item++) AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item));
    AIOT_SLEEP(1);
    CHECK_SAID("b! a1 c2 d3 ");
    CHECK_END();
}

struct cancelled_putters_hand_on { AIOT_FRAME; struct users u; int item; };
static AIOT_CORO(cancelled_putters_hand_on)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->u.q, self->u.items);
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    PUTTER(x, 1);
    PUTTER(y, 2);
    PUTTER(z, 3);
    AIOT_YIELD();
    AIOT_CHECK(aiot_queue_get_nowait(&self->u.q, &self->item));
    aiot_cancel(&self->u.tx);                                   /* woken for the slot, and cancelled: its item is not in the queue */
    AIOT_SLEEP(1);
    CHECK_SAID("x! y2 ");
    PUTTER(x, 4);
    AIOT_YIELD();
    aiot_cancel(&self->u.tz);                                   /* the head, cancelled before */
    AIOT_CHECK(aiot_queue_get_nowait(&self->u.q, &self->item));
    AIOT_SLEEP(1);
    CHECK_SAID("z! x4 ");
    AIOT_CHECK(aiot_queue_get_nowait(&self->u.q, &self->item));
    CHECK_EQUAL(self->item, 2);
    AIOT_CHECK(aiot_queue_get_nowait(&self->u.q, &self->item));
    CHECK_EQUAL(self->item, 4);
    CHECK_EQUAL(aiot_queue_get_nowait(&self->u.q, &self->item), AIOT_EEMPTY);
    CHECK_EQUAL(self->item, 4);                                 /* untouched */
    CHECK_END();
}

/* The waits as coroutines, with limits. */
struct waits_with_a_limit {
    AIOT_FRAME; int items[1], item; aiot_queue q; aiot_timeout limit; aiot_time d;
    struct aiot_queue_get get; struct aiot_queue_put put; struct aiot_queue_join join;
};
static AIOT_CORO(waits_with_a_limit)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    for (self->d = -1; self->d <= 2; self->d++) {
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_queue_get, &self->get, .queue = &self->q, .item = &self->item); NOT_REACHED(); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("get "); }
        self->item = 7;
        AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item));
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_queue_put, &self->put, .queue = &self->q, .item = &self->item); NOT_REACHED(); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("put "); }
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_queue_join, &self->join, .queue = &self->q); NOT_REACHED(); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("join "); }
        CHECK_EQUAL(aiot_queue_size(&self->q), 1);
        self->item = 0;
        AIOT_CHECK(aiot_queue_get_nowait(&self->q, &self->item));
        CHECK_EQUAL(self->item, 7);
        AIOT_CHECK(aiot_queue_task_done(&self->q));
    }
    CHECK_SAID("get put join get put join get put join get put join ");
    CHECK_EQUAL(aiot_now(task->loop), 3 * (1 + 2));
    for (self->d = 0; self->d <= 1; self->d++) {                /* no wait is needed: a limit of 0 refuses all the same */
        self->item = 8;
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_queue_put, &self->put, .queue = &self->q, .item = &self->item); say("put "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("- "); CHECK(aiot_queue_empty(&self->q)); AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item)); }
        self->item = 0;
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_queue_get, &self->get, .queue = &self->q, .item = &self->item); say("get "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("- "); CHECK(aiot_queue_full(&self->q)); AIOT_CHECK(aiot_queue_get_nowait(&self->q, &self->item)); }
        CHECK_EQUAL(self->item, 8);
        AIOT_CHECK(aiot_queue_task_done(&self->q));
        AIOT_TRY { AIOT_WAIT_FOR(&self->limit, self->d, aiot_queue_join, &self->join, .queue = &self->q); say("join "); }
        AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("- "); }
    }
    CHECK_SAID("- - - put get join ");
    CHECK_END();
}

/* -------------------------------------------------------------------------------------------------------- nowait, CHECK */
struct may_fail { AIOT_FRAME; aiot_queue *q; int item; };
static AIOT_CORO(may_fail)
{
    AIOT_BEGIN();
    AIOT_CHECK(aiot_queue_put_nowait(self->q, &self->item));
    say("put ");
    AIOT_CHECK(aiot_queue_put_nowait(self->q, &self->item));
    NOT_REACHED();
    AIOT_END();
}
struct nowait { AIOT_FRAME; int items[1], item; aiot_queue q; struct may_fail f; };
static AIOT_CORO(nowait)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    CHECK_EQUAL(aiot_queue_get_nowait(&self->q, &self->item), AIOT_EEMPTY);
    AIOT_TRY { AIOT_AWAIT(may_fail, &self->f, .q = &self->q); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_EFULL) { CHECK(aiot_caught(task).info == NULL); say("full "); }
    AIOT_CHECK(aiot_queue_get_nowait(&self->q, &self->item));
    AIOT_TRY { AIOT_CHECK(aiot_queue_get_nowait(&self->q, &self->item)); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EEMPTY) { say("empty "); }
    AIOT_CHECK(aiot_queue_task_done(&self->q));
    AIOT_TRY { AIOT_CHECK(aiot_queue_task_done(&self->q)); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("too often "); }
    CHECK_SAID("put full empty too often ");
    CHECK_END();
}

/* An item of another size: refused before it takes a place in the line, and nobody's wake-up is lost by it. */
struct wrong_getter { AIOT_FRAME; aiot_queue *q; char item; aiot_waiter w; };
static AIOT_CORO(wrong_getter) { AIOT_BEGIN(); AIOT_QUEUE_GET(self->q, &self->w, &self->item); AIOT_END(); }
struct wrong_putter { AIOT_FRAME; aiot_queue *q; int64_t item[3]; aiot_waiter w; };
static AIOT_CORO(wrong_putter) { AIOT_BEGIN(); AIOT_QUEUE_PUT(self->q, &self->w, &self->item); AIOT_END(); }
struct wrong_size { AIOT_FRAME; struct users u; struct wrong_getter g; struct wrong_putter p; aiot_task tg, tp; int item; char small; };
static AIOT_CORO(wrong_size)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->u.q, self->u.items);
    CHECK_EQUAL(aiot_queue_put_nowait(&self->u.q, &self->small), AIOT_EINVAL);
    CHECK_EQUAL(aiot_queue_get_nowait(&self->u.q, &self->small), AIOT_EINVAL);
    AIOT_SPAWN(&self->tg, wrong_getter, &self->g, .q = &self->u.q);    /* empty: at once */
    GETTER(a);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_result(&self->tg), AIOT_EINVAL);
    AIOT_SPAWN(&self->tg, wrong_getter, &self->g, .q = &self->u.q);    /* behind a, who is woken, runs before it */
    self->item = 1;
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_result(&self->tg), AIOT_EINVAL);
    CHECK_SAID("a1 ");
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    AIOT_SPAWN(&self->tg, wrong_getter, &self->g, .q = &self->u.q);    /* the item stays for the next */
    GETTER(b);
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_result(&self->tg), AIOT_EINVAL);
    CHECK_SAID("b1 ");
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
    AIOT_SPAWN(&self->tp, wrong_putter, &self->p, .q = &self->u.q);    /* full: at once */
    PUTTER(x, 2);
    AIOT_YIELD();
    CHECK_EQUAL(aiot_result(&self->tp), AIOT_EINVAL);
    AIOT_SPAWN(&self->tp, wrong_putter, &self->p, .q = &self->u.q);
    AIOT_CHECK(aiot_queue_get_nowait(&self->u.q, &self->item));
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_result(&self->tp), AIOT_EINVAL);
    CHECK_SAID("x2 ");
    CHECK_EQUAL(self->u.q.unfinished, 5);
    CHECK(!AIOT_DEBUG || complaints == 7);      /* debug builds said so, each time */
    complaints = 0;
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------ join, task_done */
struct joiner { AIOT_FRAME; const char *name; aiot_queue *q; aiot_waiter w; };
static AIOT_CORO(joiner)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_QUEUE_JOIN(self->q, &self->w); say("%s ", self->name); } AIOT_EXCEPT(AIOT_ECANCELED) { say("%s! ", self->name); AIOT_RERAISE(); }
    AIOT_END();
}
struct join { AIOT_FRAME; int items[4], item; aiot_queue q; aiot_waiter w; struct joiner a, b; aiot_task ta, tb; };
static AIOT_CORO(join)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    AIOT_QUEUE_JOIN(&self->q, &self->w);                        /* nothing to do: at once */
    CHECK_EQUAL(aiot_queue_task_done(&self->q), AIOT_EINVAL);
    for (self->item = 0; self->item < 3; self->item++) AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item));
    AIOT_SPAWN(&self->ta, joiner, &self->a, .name = "a", .q = &self->q);
    AIOT_SPAWN(&self->tb, joiner, &self->b, .name = "b", .q = &self->q);
    while (!aiot_queue_empty(&self->q)) {
        AIOT_CHECK(aiot_queue_get_nowait(&self->q, &self->item));
        AIOT_SLEEP(1);
        CHECK_SAID("");
        if (self->item < 2) CHECK_EQUAL(aiot_queue_task_done(&self->q), 0);
    }
    AIOT_SLEEP(1);
    CHECK_SAID("");                                             /* empty, but one is not done */
    CHECK_EQUAL(aiot_queue_task_done(&self->q), 0);
    AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item));   /* a new one: those who waited go on */
    AIOT_SLEEP(1);
    CHECK_SAID("a b ");
    AIOT_SPAWN(&self->ta, joiner, &self->a, .name = "a", .q = &self->q);
    AIOT_YIELD();
    aiot_cancel(&self->ta);
    AIOT_SLEEP(1);
    CHECK_SAID("a! ");
    CHECK_EQUAL(aiot_queue_task_done(&self->q), 0);             /* may be said before get() */
    CHECK_EQUAL(aiot_queue_task_done(&self->q), AIOT_EINVAL);
    AIOT_QUEUE_JOIN(&self->q, &self->w);
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------------------- shutdown */
struct shutdown_with_getters { AIOT_FRAME; struct users u; int item, immediate; aiot_waiter w; };
static AIOT_CORO(shutdown_with_getters)
{
    AIOT_BEGIN();
    for (self->immediate = 0; self->immediate < 2; self->immediate++) {
        aiot_queue_init(&self->u.q, self->u.items);
        GETTER(a);
        GETTER(b);
        GETTER(c);
        AIOT_YIELD();
        self->item = 1;
        AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));    /* for a, who has not run yet */
        aiot_queue_shutdown(&self->u.q, self->immediate != 0);
        AIOT_SLEEP(1);
        CHECK_SAID(self->immediate ? "a# b# c# " : "a1 b# c# ");
        CHECK_EQUAL(aiot_queue_put_nowait(&self->u.q, &self->item), AIOT_ESHUTDOWN);
        CHECK_EQUAL(aiot_queue_get_nowait(&self->u.q, &self->item), AIOT_ESHUTDOWN);
        AIOT_TRY { AIOT_QUEUE_PUT(&self->u.q, &self->w, &self->item); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ESHUTDOWN) { say("put "); }
        AIOT_TRY { AIOT_QUEUE_GET(&self->u.q, &self->w, &self->item); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ESHUTDOWN) { say("get "); }
        CHECK_SAID("put get ");
        CHECK_EQUAL(self->u.q.unfinished, self->immediate ? 0 : 1);
        aiot_queue_shutdown(&self->u.q, false);                 /* again: nothing */
    }
    CHECK_END();
}

struct shutdown_with_putters { AIOT_FRAME; struct users u; int item, immediate; aiot_waiter w; struct joiner j; aiot_task tj; };
static AIOT_CORO(shutdown_with_putters)
{
    AIOT_BEGIN();
    for (self->immediate = 0; self->immediate < 2; self->immediate++) {
        aiot_queue_init(&self->u.q, self->u.items);
        for (self->item = 1; self->item <= 2; self->item++) AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item));
        PUTTER(x, 3);
        PUTTER(y, 4);
        AIOT_SPAWN(&self->tj, joiner, &self->j, .name = "j", .q = &self->u.q);
        AIOT_YIELD();
        aiot_queue_shutdown(&self->u.q, self->immediate != 0);
        AIOT_SLEEP(1);
        if (self->immediate) {
            CHECK_SAID("j x# y# ");                             /* all that was in it is gone, and counts as done */
            CHECK(aiot_queue_empty(&self->u.q));
            CHECK_EQUAL(aiot_queue_get_nowait(&self->u.q, &self->item), AIOT_ESHUTDOWN);
            CHECK_EQUAL(aiot_queue_task_done(&self->u.q), AIOT_EINVAL);
        } else {
            CHECK_SAID("x# y# ");
            CHECK_EQUAL(aiot_queue_put_nowait(&self->u.q, &self->item), AIOT_ESHUTDOWN);
            AIOT_QUEUE_GET(&self->u.q, &self->w, &self->item);  /* the rest is served first */
            CHECK_EQUAL(self->item, 1);
            AIOT_CHECK(aiot_queue_put_nowait(&self->u.q, &self->item) == AIOT_ESHUTDOWN ? 0 : 7);
            AIOT_CHECK(aiot_queue_get_nowait(&self->u.q, &self->item));
            CHECK_EQUAL(self->item, 2);
            CHECK_EQUAL(aiot_queue_get_nowait(&self->u.q, &self->item), AIOT_ESHUTDOWN);
            CHECK_EQUAL(aiot_queue_task_done(&self->u.q), 0);
            CHECK_EQUAL(aiot_queue_task_done(&self->u.q), 0);
            AIOT_JOIN(&self->tj);
            CHECK_SAID("j ");
        }
    }
    CHECK_END();
}

/* Items taken but not done keep join() waiting, even after an immediate shutdown. */
struct shutdown_and_unfinished { AIOT_FRAME; int items[2], item; aiot_queue q; struct joiner j; aiot_task tj; };
static AIOT_CORO(shutdown_and_unfinished)
{
    AIOT_BEGIN();
    aiot_lifo_queue_init(&self->q, self->items);
    AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item));
    AIOT_CHECK(aiot_queue_put_nowait(&self->q, &self->item));
    AIOT_CHECK(aiot_queue_get_nowait(&self->q, &self->item));
    AIOT_SPAWN(&self->tj, joiner, &self->j, .name = "j", .q = &self->q);
    AIOT_YIELD();
    aiot_queue_shutdown(&self->q, true);
    AIOT_SLEEP(1);
    CHECK_SAID("");
    CHECK_EQUAL(aiot_queue_task_done(&self->q), 0);
    AIOT_JOIN(&self->tj);
    CHECK_SAID("j ");
    CHECK_END();
}

/* ------------------------------------------------------------------------- many producers and consumers, some of them cancelled */
enum { EACH = 8, PER_PRODUCER = 400 };
struct storm_producer { AIOT_FRAME; aiot_queue *q; int i, item; aiot_waiter w; };
static struct storm_producer producers[EACH];
static unsigned char seen[EACH * PER_PRODUCER];
struct storm_consumer { AIOT_FRAME; aiot_queue *q; int item; aiot_waiter w; };
static struct storm_consumer consumers[EACH];
static AIOT_CORO(storm_producer)
{
    AIOT_BEGIN();
    while (self->i < PER_PRODUCER) {
        self->item = (int)(self - producers) * PER_PRODUCER + self->i;
        AIOT_TRY { AIOT_QUEUE_PUT(self->q, &self->w, &self->item); self->i++; }
        AIOT_EXCEPT(AIOT_ECANCELED) { }                         /* not put: again */
        if (random_below(8) == 0) { AIOT_TRY { AIOT_SLEEP(random_below(3)); } AIOT_EXCEPT(AIOT_ECANCELED) { } }
    }
    AIOT_END();
}
static AIOT_CORO(storm_consumer)
{
    AIOT_BEGIN();
    for (;;) {
        self->item = -1;
        AIOT_TRY {
            AIOT_QUEUE_GET(self->q, &self->w, &self->item);
            CHECK(self->item >= 0 && !seen[self->item]);
            seen[self->item] = 1;
            CHECK_EQUAL(aiot_queue_task_done(self->q), 0);
            if (random_below(8) == 0) AIOT_SLEEP(random_below(3));
        } AIOT_EXCEPT(AIOT_ECANCELED) { } AIOT_EXCEPT(AIOT_ESHUTDOWN) { AIOT_RETURN(); }
    }
    AIOT_END();
}
struct storm { AIOT_FRAME; int items[3]; aiot_queue q; aiot_task tc[EACH], tp[EACH]; int i; };
static AIOT_CORO(storm)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    for (self->i = 0; self->i < EACH; self->i++) {
        AIOT_SPAWN(&self->tp[self->i], storm_producer, &producers[self->i], .q = &self->q);
        AIOT_SPAWN(&self->tc[self->i], storm_consumer, &consumers[self->i], .q = &self->q);
    }
    AIOT_YIELD();                                               /* all have begun */
    for (self->i = 0; self->i < 20000; self->i++) {
        aiot_cancel(random_below(2) ? &self->tp[random_below(EACH)] : &self->tc[random_below(EACH)]);
        if (random_below(3) == 0) { AIOT_SLEEP(random_below(2)); }
    }
    for (self->i = 0; self->i < EACH; self->i++) AIOT_JOIN(&self->tp[self->i]);
    aiot_queue_shutdown(&self->q, false);
    for (self->i = 0; self->i < EACH; self->i++) AIOT_JOIN(&self->tc[self->i]);
    for (self->i = 0; self->i < EACH * PER_PRODUCER; self->i++) CHECK(seen[self->i]);     /* each once: none lost, none twice */
    CHECK_EQUAL(self->q.unfinished, 0);
    CHECK_END();
}

/* Over memory that is no array, whose length the program knows. */
struct over_a_pointer { AIOT_FRAME; int items[5]; aiot_queue q; int item; };
static AIOT_CORO(over_a_pointer)
{
    AIOT_BEGIN();
    int *pointer = &self->items[1];
    aiot_lifo_queue_init_array(&self->q, pointer, 3);
    for (int i = 1; i <= 4; i++) CHECK_EQUAL(aiot_queue_put_nowait(&self->q, &i), i <= 3 ? 0 : AIOT_EFULL);
    CHECK_EQUAL(aiot_queue_get_nowait(&self->q, &self->item), 0);
    CHECK_EQUAL(self->item, 3);
    CHECK(self->items[0] == 0 && self->items[4] == 0);
    aiot_queue_init_array(&self->q, pointer, 2);
    CHECK_EQUAL(self->q.capacity, 2);
    CHECK_END();
}

/* A count that no array has: the queue is refused, and then says so to all who use it; nothing is written.  The same where none was made. */
struct refused { AIOT_FRAME; int items[5]; aiot_queue q; int item; aiot_waiter w; struct aiot_queue_put put; struct aiot_queue_get get;
                 struct aiot_queue_join join; };
#define REFUSED(wait) AIOT_TRY { wait; NOT_REACHED(); } AIOT_EXCEPT(AIOT_EINVAL) { say("refused "); }
static AIOT_CORO(refused)
{
    AIOT_BEGIN();
    static volatile size_t none = 0, below = (size_t)-1, large = SIZE_MAX / 2 / sizeof(int) + 1;       /* not known to the compiler */
    static int *volatile no_array;
    CHECK_EQUAL(aiot_queue_init(&self->q, self->items), 0);
    CHECK_EQUAL(aiot_queue_init_array(&self->q, self->items, large - 1), 0);       /* half of all memory, and not an item more */
    CHECK_EQUAL(aiot_queue_init_array(&self->q, self->items, none), AIOT_EINVAL);
    CHECK_EQUAL(aiot_lifo_queue_init_array(&self->q, self->items, large), AIOT_EINVAL);
    CHECK_EQUAL(aiot_priority_queue_init_array(&self->q, self->items, below, item_less), AIOT_EINVAL);
    CHECK_EQUAL(aiot_queue_init_array(&self->q, no_array, 5), AIOT_EINVAL);
    CHECK_EQUAL(aiot_queue_put_nowait(&self->q, &self->item), AIOT_EINVAL);
    CHECK_EQUAL(aiot_queue_get_nowait(&self->q, &self->item), AIOT_EINVAL);
    memset(&self->q, 0, sizeof self->q);
    CHECK_EQUAL(aiot_queue_put_nowait(&self->q, &self->item), AIOT_EINVAL);
    CHECK_EQUAL(aiot_queue_get_nowait(&self->q, &self->item), AIOT_EINVAL);
    CHECK_EQUAL(aiot_queue_task_done(&self->q), AIOT_EINVAL);
    REFUSED(AIOT_QUEUE_PUT(&self->q, &self->w, &self->item))
    REFUSED(AIOT_QUEUE_GET(&self->q, &self->w, &self->item))
    REFUSED(AIOT_QUEUE_JOIN(&self->q, &self->w))
    REFUSED(AIOT_AWAIT(aiot_queue_put, &self->put, .queue = &self->q, .item = &self->item))
    REFUSED(AIOT_AWAIT(aiot_queue_get, &self->get, .queue = &self->q, .item = &self->item))
    REFUSED(AIOT_AWAIT(aiot_queue_join, &self->join, .queue = &self->q))
    CHECK_SAID("refused refused refused refused refused refused ");
    CHECK(!AIOT_DEBUG || complaints == 11);
    complaints = 0;
    CHECK_EQUAL(aiot_queue_init(&self->q, self->items), 0);
    AIOT_QUEUE_JOIN(&self->q, &self->w);
    self->q.unfinished = SIZE_MAX;                              /* one who never says task_done(): the count stays there */
    CHECK_EQUAL(aiot_queue_put_nowait(&self->q, &self->item), 0);
    CHECK_EQUAL(self->q.unfinished, SIZE_MAX);
    CHECK_END();
}

int main(void)
{
    against_models();
    RUN(equal_priorities);
    RUN(getters_are_served_in_order);
    RUN(putters_are_served_in_order);
    RUN(woken_and_robbed);
    RUN(cancelled_getters_hand_on);
    RUN(nothing_to_hand_on);
    RUN(cancelled_putters_hand_on);
    RUN(waits_with_a_limit);
    RUN(nowait);
    RUN(wrong_size);
    RUN(join);
    RUN(shutdown_with_getters);
    RUN(shutdown_with_putters);
    RUN(shutdown_and_unfinished);
    RUN(storm);
    RUN(over_a_pointer);
    RUN(refused);
    return 0;
}
