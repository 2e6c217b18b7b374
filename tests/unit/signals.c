/* signals.c - aiot_signal: raised before anybody waits, several times, and cleared at any moment of its way. */
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = 0)
#define AIOT_CRITICAL_LEAVE(state) ((void)(state))
#define AIOT_POLL 1
#include "check.h"

static aiot_loop loop;
static aiot_signal first, signal_, last;
static int passed;

struct waiter { AIOT_FRAME; aiot_timeout limit; };
static AIOT_CORO(waiter)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_TIMEOUT(&self->limit, AIOT_MS(10)) {
            AIOT_SIGNAL_WAIT(&signal_);
            passed++;
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }
    AIOT_END();
}

/* A raise wakes the kernel's sleep once: the second finds the first on its way. */
static void a_raise_writes_one_byte(void)
{
    static AIOT_POLL_SET(1) poller;
    char bytes[8];
    aiot_loop_init_virtual(&loop);
    aiot_signal_init(&signal_, &loop);
    CHECK_EQUAL(aiot_poll_open(&loop, &poller), 0);
    aiot_signal_raise(&signal_);
    aiot_signal_raise(&signal_);
    CHECK_EQUAL(read(poller.poll.pipe[0], bytes, sizeof bytes), 1);
    CHECK_EQUAL(aiot_poll_close(&loop), 0);
}

#if AIOT_I_TELLS
static int reports;
static void count_report(aiot_loop *of, const aiot_report *report)
{
    (void)of;
    reports += report->reason == AIOT_REPORT_CALLBACK && report->error.code == AIOT_EINVAL;
}
/* A post without a callback is reported, and runs nothing. */
static void a_post_of_nothing(void)
{
    static aiot_post post;
    aiot_loop_init_virtual(&loop);
    loop.on_error = count_report;
    aiot_post_init(&post, &loop, NULL, NULL);
    aiot_post_raise(&post);
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(reports, 1);
}
#endif

static aiot_inbox inbox;
struct as_coroutines { AIOT_FRAME; struct aiot_signal_wait signal; struct aiot_inbox_get get; aiot_task t, u; int items[2], item; };
static AIOT_CORO(as_coroutines)
{
    AIOT_BEGIN();
    aiot_signal_init(&signal_, task->loop);
    CHECK_EQUAL(aiot_inbox_init(&inbox, task->loop, self->items, sizeof self->items[0], 2), 0);
    AIOT_SPAWN(&self->t, aiot_signal_wait, &self->signal, .signal = &signal_);
    AIOT_SPAWN(&self->u, aiot_inbox_get, &self->get, .inbox = &inbox, .item = &self->item);
    AIOT_SLEEP(AIOT_MS(1));
    self->item = 7;
    CHECK_EQUAL(aiot_inbox_put(&inbox, &self->item), 0);
    self->item = 0;
    AIOT_JOIN(&self->u);
    CHECK_EQUAL(self->item, 7);
    CHECK(!aiot_task_done(&self->t));
    AIOT_TRY { AIOT_SIGNAL_WAIT(&signal_); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { }      /* one waiter at a time */
    aiot_signal_raise(&signal_);
    AIOT_JOIN(&self->t);
    CHECK_END();
}

/* A wait that begins before the signal's post has had its turn takes it all the same: it was raised before this turn. */
struct raised_in_the_turn_before { AIOT_FRAME; int i; };
static AIOT_CORO(raised_in_the_turn_before)
{
    AIOT_BEGIN();
    aiot_signal_init(&signal_, task->loop);
    for (self->i = 0; self->i < 2; self->i++) {
        aiot_signal_raise(&signal_);
        if (self->i == 1) {                     /* once more, later: it counts as one */
            AIOT_YIELD();
            AIOT_YIELD();
            aiot_signal_raise(&signal_);
        }
        AIOT_YIELD();
        CHECK(signal_.post.call.entry.link.next != NULL);       /* behind us in this turn */
        AIOT_SIGNAL_WAIT(&signal_);
        CHECK(!signal_.is_raised);
    }
    AIOT_YIELD();
    CHECK(!signal_.is_raised && !aiot_interrupted(task->loop));
    CHECK_END();
}

/* What has been put for who waits is not for who comes later. */
struct gets_later { AIOT_FRAME; struct aiot_inbox_get get; aiot_task t; int items[2], item, later; };
static AIOT_CORO(gets_later)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_inbox_init(&inbox, task->loop, self->items, sizeof self->items[0], 2), 0);
    AIOT_SPAWN(&self->t, aiot_inbox_get, &self->get, .inbox = &inbox, .item = &self->item);
    AIOT_SLEEP(AIOT_MS(1));
    self->later = 7;
    CHECK_EQUAL(aiot_inbox_put(&inbox, &self->later), 0);
    AIOT_TRY { AIOT_INBOX_GET(&inbox, &self->later); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(self->item, 7);
    CHECK_EQUAL(aiot_inbox_put(&inbox, &self->later), 0);
    AIOT_INBOX_GET(&inbox, &self->item);
    CHECK_END();
}

/* A waiter that is cancelled in the turn in which it was woken leaves the signal raised, and one that was not woken does not, whoever was
 * woken before; an item for one that is cancelled stays. */
struct cancelled_waits { AIOT_FRAME; struct aiot_signal_wait wait; struct aiot_inbox_get get; aiot_task t; int items[2], item, i; };
static AIOT_CORO(cancelled_waits)
{
    AIOT_BEGIN();
    aiot_signal_init(&signal_, task->loop);
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_SPAWN(&self->t, aiot_signal_wait, &self->wait, .signal = &signal_);
        AIOT_SLEEP(AIOT_MS(1));
        if (self->i < 2) aiot_signal_raise(&signal_);
        AIOT_YIELD();
        AIOT_YIELD();                           /* woken now, if it was raised: it runs in this turn, behind us */
        if (self->i != 0) aiot_cancel(&self->t);
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { say("! "); }
        CHECK_EQUAL(signal_.is_raised, self->i == 1);
        if (self->i == 1) AIOT_SIGNAL_WAIT(&signal_);           /* which this one takes */
    }
    CHECK_SAID("! ! ");
    AIOT_SPAWN(&self->t, aiot_signal_wait, &self->wait, .signal = &signal_);
    AIOT_SLEEP(AIOT_MS(1));
    aiot_signal_raise(&signal_);
    AIOT_YIELD();
    aiot_cancel(&self->t);                      /* in this turn, before the raise finds it: it stays raised */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    AIOT_YIELD();
    CHECK(signal_.is_raised);
    CHECK_EQUAL(aiot_inbox_init(&inbox, task->loop, self->items, sizeof self->items[0], 2), 0);
    AIOT_SPAWN(&self->t, aiot_inbox_get, &self->get, .inbox = &inbox, .item = &self->item);
    AIOT_SLEEP(AIOT_MS(1));
    for (self->i = 7; self->i < 10; self->i++) CHECK_EQUAL(aiot_inbox_put(&inbox, &self->i), self->i < 9 ? AIOT_OK : AIOT_EFULL);
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_EQUAL(self->item, 0);
    for (self->i = 7; self->i < 9; self->i++) {
        AIOT_INBOX_GET(&inbox, &self->item);
        CHECK_EQUAL(self->item, self->i);
    }
    CHECK_EQUAL(aiot_inbox_get_nowait(&inbox, &self->item), AIOT_EEMPTY);
    CHECK_END();
}

/* Posts that were raised together know nothing of each other when they are raised again; and a main loop of one's own is to come back at
 * once for them. */
static int counts[2];
static int count(void *at) { ++*(int *)at; return 0; }
static void raised_again_alone(void)
{
    static aiot_post posts[2];
    aiot_loop_init_virtual(&loop);
    for (int i = 0; i < 2; i++) aiot_post_init(&posts[i], &loop, count, &counts[i]);
    for (int i = 0; i < 2; i++) aiot_post_raise(&posts[i]);
    CHECK_EQUAL(aiot_next_deadline(&loop), aiot_now(&loop));
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    aiot_post_raise(&posts[0]);
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    CHECK(counts[0] == 2 && counts[1] == 1);
}

/* How many of two waits, one after the other, pass. */
static int waits_that_pass(void)
{
    static struct waiter frame;
    passed = 0;
    for (int i = 0; i < 2; i++) CHECK_EQUAL(aiot_run(&loop, waiter, &frame), AIOT_OK);
    return passed;
}

static void raise_all(void) { aiot_signal_raise(&first); aiot_signal_raise(&signal_); aiot_signal_raise(&last); }
static int clear(void *unused) { (void)unused; aiot_signal_clear(&signal_); return 0; }

/* What is refused; and an inbox that was good before takes nothing then. */
static void an_inbox_that_is_refused(void)
{
    static int items[4], item;
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_inbox_init(&inbox, &loop, items, sizeof items[0], 4), 0);
    CHECK_EQUAL(aiot_inbox_put(&inbox, &item), 0);
    CHECK_EQUAL(aiot_inbox_init(&inbox, &loop, NULL, sizeof items[0], 4), AIOT_EINVAL);
    CHECK_EQUAL(aiot_inbox_put(&inbox, &item), AIOT_EINVAL);
    CHECK_EQUAL(aiot_inbox_get_nowait(&inbox, &item), AIOT_EINVAL);
    CHECK_EQUAL(aiot_inbox_init(&inbox, &loop, items, 0, 4), AIOT_EINVAL);
    CHECK_EQUAL(aiot_inbox_init(&inbox, &loop, items, sizeof items[0], 0), AIOT_EINVAL);
    CHECK_EQUAL(aiot_inbox_init(&inbox, &loop, items, sizeof items[0], 3), AIOT_EINVAL);
    CHECK_EQUAL(aiot_inbox_init(&inbox, &loop, items, SIZE_MAX / 4, 4), AIOT_EINVAL);
    CHECK_EQUAL(aiot_inbox_init(&inbox, &loop, items, sizeof items[0], 4), 0);
    CHECK_EQUAL(aiot_inbox_get_nowait(&inbox, &item), AIOT_EEMPTY);
}

/* A loop that interrupts may wake does not sleep for a deadline that has come. */
static int asleep;
static aiot_time clock_at_9(aiot_loop *l) { (void)l; return 9; }
static void no_sleep(aiot_loop *l, aiot_time until) { (void)l; (void)until; asleep++; }
static int count_and_stop(void *at) { aiot_loop_stop(&loop); return count(at); }
static void a_deadline_that_has_come(void)
{
    static aiot_handle handle;
    counts[0] = 0;
    aiot_loop_init_clock(&loop, clock_at_9, no_sleep);
    aiot_call_at(&loop, &handle, 5, count_and_stop, &counts[0]);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_EQUAL(counts[0], 1);
    CHECK_EQUAL(asleep, 0);
}

/* A task that is alone and yields hears of a raise, and of a poller that it opens, in the next turn. */
static AIOT_POLL_SET(1) own_poller;
static aiot_post raised;
struct alone { AIOT_FRAME; int i; };
static AIOT_CORO(alone)
{
    AIOT_BEGIN();
    counts[0] = 0;
    aiot_post_init(&raised, task->loop, count, &counts[0]);
    for (self->i = 0; self->i < 5; self->i++) AIOT_YIELD();
    aiot_post_raise(&raised);
    AIOT_YIELD();
    AIOT_YIELD();
    CHECK_EQUAL(counts[0], 1);
    for (self->i = 0; self->i < 5; self->i++) AIOT_YIELD();
    CHECK_EQUAL(aiot_poll_open(task->loop, &own_poller), 0);
    AIOT_YIELD();
    aiot_post_raise(&raised);
    AIOT_YIELD();
    AIOT_YIELD();
    CHECK_EQUAL(counts[0], 2);
    CHECK_EQUAL(aiot_poll_close(task->loop), 0);
    CHECK_END();
}

int main(void)
{
    static aiot_handle handle;
    aiot_loop_init_virtual(&loop);
    aiot_signal_init(&first, &loop);
    aiot_signal_init(&signal_, &loop);
    aiot_signal_init(&last, &loop);

    aiot_signal_raise(&signal_);
    aiot_signal_raise(&signal_);
    CHECK_EQUAL(waits_that_pass(), 1);                          /* what was raised twice before counts once */

    aiot_signal_raise(&signal_);
    aiot_signal_clear(&signal_);
    CHECK(!aiot_interrupted(&loop));
    CHECK_EQUAL(waits_that_pass(), 0);                          /* not collected yet */

    raise_all();
    aiot_signal_clear(&signal_);
    aiot_signal_clear(&last);
    aiot_signal_raise(&last);
    CHECK_EQUAL(waits_that_pass(), 0);                          /* out of the middle; the others stay */
    CHECK(first.is_raised && last.is_raised);

    aiot_signal_clear(&first);
    aiot_signal_clear(&last);
    raise_all();
    aiot_signal_clear(&signal_);
    aiot_signal_raise(&signal_);                                /* behind the last one, which is not this any more */
    (void)aiot_run_once(&loop);
    CHECK(first.is_raised && last.is_raised && signal_.is_raised);
    aiot_signal_clear(&signal_);

    aiot_call_soon(&loop, &handle, clear, NULL);
    aiot_signal_raise(&signal_);
    CHECK_EQUAL(waits_that_pass(), 0);                          /* collected, in the ready list behind who clears it */

    aiot_signal_raise(&signal_);
    (void)aiot_run_once(&loop);
    CHECK(signal_.is_raised);
    aiot_signal_clear(&signal_);
    CHECK_EQUAL(waits_that_pass(), 0);                          /* raised, and nobody was waiting */

    aiot_signal_clear(&signal_);
    aiot_signal_raise(&signal_);
    CHECK_EQUAL(waits_that_pass(), 1);                          /* what comes after it counts */
    a_raise_writes_one_byte();
#if AIOT_I_TELLS
    a_post_of_nothing();
#endif
    RUN(as_coroutines);
    RUN(raised_in_the_turn_before);
    RUN(gets_later);
    RUN(cancelled_waits);
    raised_again_alone();
    an_inbox_that_is_refused();
    a_deadline_that_has_come();
    RUN(alone);
    return 0;
}
