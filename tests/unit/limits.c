/* limits.c - aiot_loop_set_limit(): no turn runs, or moves, more than that; and what is run, in which order, at what time, is the same.
 * Built again by limits_ring.c, with a part of the ready queue in an array. */
#define AIOT_LIMIT 1
#define AIOT_INTERRUPTS 1
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = 0)
#define AIOT_CRITICAL_LEAVE(state) ((void)(state))
#include "check.h"

enum { JOBS = 60, LINES = 4096 };
static uint64_t state;
static unsigned pick(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

/* What happened: who, and when. */
static struct line { int who; aiot_time when; } lines[LINES];
static int count, ended;                        /* lines; and how many when main ended */
static aiot_loop loop;
static void note(int who)
{
    if (count < LINES) { lines[count].who = who; lines[count].when = loop.now; }
    count++;
}

/* Jobs that sleep, yield, wait under limits, cancel each other, and arm callbacks and take them back. */
struct job { AIOT_FRAME; int me, left; unsigned what; aiot_timeout limit; aiot_future never; };
static struct world { struct job jobs[JOBS]; aiot_task tasks[JOBS]; aiot_handle handles[JOBS]; int called[JOBS]; } world;
static int called(void *argument) { note(1000 + *(int *)argument); return 0; }

static AIOT_CORO(job)
{
    AIOT_BEGIN();
    while (self->left-- > 0) {
        AIOT_TRY {
            self->what = pick(8);
            note(self->me);
            if (self->what == 0) AIOT_YIELD();
            if (self->what == 1) AIOT_SLEEP((aiot_time)pick(5));
            if (self->what == 2) AIOT_SLEEP((aiot_time)pick(5000));
            if (self->what == 3) { aiot_future_init(&self->never, task->loop); AIOT_JOIN_FOR(&self->limit, (aiot_time)pick(4), &self->never); }
            if (self->what == 4) aiot_task_cancel(&world.tasks[pick(JOBS)]);
            if (self->what == 5) { int i = (int)pick(JOBS); world.called[i] = i; aiot_call_soon(&loop, &world.handles[i], called, &world.called[i]); }
            if (self->what == 6) { int i = (int)pick(JOBS); world.called[i] = i; aiot_call_later(&loop, &world.handles[i], (aiot_time)pick(9), called, &world.called[i]); }
            if (self->what == 7) for (int i = 0; i < 8; i++) aiot_handle_cancel(&world.handles[pick(JOBS)]);
        } AIOT_EXCEPT_ALL { note(-self->me); }
    }
    AIOT_END();
}

struct all { AIOT_FRAME; int i; };
static AIOT_CORO(all)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < JOBS; self->i++) aiot_spawn(&world.tasks[self->i], job, &world.jobs[self->i], .me = self->i + 1, .left = 12);
    for (self->i = 0; self->i < JOBS; self->i++) AIOT_TRY { AIOT_JOIN(&world.tasks[self->i]); } AIOT_EXCEPT_ALL { note(-1000 - self->i); }
    ended = count;
    AIOT_END();
}

/* To the end: by aiot_run(), or in parts by a main loop, which lets the clock go on by `coarse` at a time: then much is overdue at once. */
static int run(uint64_t seed, unsigned limit, aiot_time coarse)
{
    static struct all frame;
    static aiot_task main_task;
    memset(&world, 0, sizeof world);
    memset(lines, 0, sizeof lines);
    count = 0;
    state = seed;
    aiot_loop_init_virtual(&loop);
#if AIOT_RING
    static aiot_ready_place ring[16];
    CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 16), AIOT_OK);
#endif
    aiot_loop_set_limit(&loop, limit);
    if (limit == 0 && coarse == 1) return aiot_run(&loop, all, &frame);
    memset(&frame, 0, sizeof frame);
    aiot_spawn_on(&loop, &main_task, all, &frame);
    while (!aiot_done(&main_task)) {
        aiot_time until = aiot_run_once(&loop);
        if (until > loop.now && until != AIOT_FOREVER) aiot_clock_advance(&loop, (until + coarse - 1) / coarse * coarse - loop.now);
    }
    return AIOT_OK;
}

static void the_order_is_the_same(void)
{
    static struct line whole[LINES];
    for (uint64_t seed = 1; seed <= 200; seed++) {
        aiot_time coarse = seed % 2 ? 1 : 1000;
        CHECK_EQUAL(run(seed, 0, coarse), AIOT_OK);
        int whole_count = ended;
        CHECK(ended > JOBS && ended <= LINES);
        memcpy(whole, lines, sizeof lines);
        for (unsigned limit = 1; limit <= 64; limit = limit * 2 + limit % 3) {
            CHECK_EQUAL(run(seed, limit, coarse), AIOT_OK);
            CHECK_EQUAL(ended, whole_count);
            CHECK(memcmp(whole, lines, (size_t)ended * sizeof lines[0]) == 0);
        }
    }
}

/* aiot_run_once() comes back after as many as that. */
static int ran;
static int step(void *argument)
{
    (void)argument;
    ran++;
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_ERUNTIME);        /* it is running already */
    return 0;
}
static void no_turn_runs_more(void)
{
    static aiot_handle handles[10];
    aiot_loop_init_virtual(&loop);
    aiot_loop_set_limit(&loop, 4);
    aiot_loop_init_virtual(&loop);                              /* made anew, without that */
    ran = 0;
    for (int i = 0; i < 10; i++) aiot_call_soon(&loop, &handles[i], step, NULL);
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(ran, 10);
    aiot_loop_set_limit(&loop, 4);
    ran = 0;
    for (int i = 0; i < 10; i++) aiot_call_soon(&loop, &handles[i], step, NULL);
    CHECK_EQUAL(aiot_run_once(&loop), loop.now);
    CHECK_EQUAL(ran, 4);
    CHECK(aiot_handle_cancel(&handles[4]) && aiot_handle_cancel(&handles[5]));         /* the next two, while it is interrupted */
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(ran, 8);
    CHECK(aiot_handle_cancel(&handles[9]) == false);
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    CHECK_EQUAL(ran, 8);
    for (int i = 0; i < 6; i++) aiot_call_soon(&loop, &handles[i], step, NULL);
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(ran, 12);
    CHECK(aiot_handle_cancel(&handles[4]) && aiot_handle_cancel(&handles[5]));         /* all that was left of the turn */
    aiot_call_soon(&loop, &handles[6], step, NULL);
    aiot_loop_set_limit(&loop, 0);
    while (aiot_run_once(&loop) != AIOT_FOREVER) { }
    CHECK_EQUAL(ran, 13);
    aiot_loop_set_limit(&loop, 4);
    for (int i = 0; i < 6; i++) aiot_call_soon(&loop, &handles[i], step, NULL);
    (void)aiot_run_once(&loop);
    aiot_call_soon(&loop, &handles[6], step, NULL);
    aiot_loop_set_limit(&loop, 0);
    (void)aiot_run_once(&loop);                                 /* the rest of that turn, and not the next one as well */
    CHECK_EQUAL(ran, 19);
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    CHECK_EQUAL(ran, 20);
}

/* A callback that takes out what comes next, also when that is what the next part begins with; and the end of what is waited for may lie
 * in what is left of a turn. */
static int takes_out(void *handle) { ran++; CHECK(aiot_handle_cancel((aiot_handle *)handle)); return 0; }
static int sets(void *future) { return aiot_future_set_result((aiot_future *)future, 1); }
static void what_comes_next_is_taken_out(void)
{
    static aiot_handle handles[6];
    static aiot_future future;
    for (unsigned limit = 1; limit <= 6; limit++) {
        aiot_loop_init_virtual(&loop);
        aiot_loop_set_limit(&loop, limit);
        ran = 0;
        for (int i = 0; i < 6; i += 2) {
            aiot_call_soon(&loop, &handles[i], takes_out, &handles[i + 1]);
            aiot_call_soon(&loop, &handles[i + 1], step, NULL);
        }
        while (aiot_run_once(&loop) != AIOT_FOREVER) { }
        CHECK_EQUAL(ran, 3);
    }
    aiot_loop_init_virtual(&loop);
    aiot_loop_set_limit(&loop, 1);
    aiot_future_init(&future, &loop);
    aiot_call_soon(&loop, &handles[0], step, NULL);
    aiot_call_soon(&loop, &handles[1], sets, &future);
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(aiot_run_until(&loop, &future), AIOT_OK);
}

#if AIOT_RING
/* Nor does one that goes through the ring.  None is given in the middle of a turn. */
static void no_turn_of_a_ring_runs_more(void)
{
    static aiot_handle handles[10];
    static aiot_ready_place ring[8];
    for (int in_ring = 0; in_ring < 2; in_ring++) {
        aiot_loop_init_virtual(&loop);
        aiot_loop_set_limit(&loop, 4);
        if (in_ring) CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 8), AIOT_OK);
        for (int i = 0; i < 10; i++) aiot_call_soon(&loop, &handles[i], step, NULL);
        for (ran = 0; ran < 10;) {
            int before = ran;
            (void)aiot_run_once(&loop);
            CHECK_EQUAL(ran, before + 4 < 10 ? before + 4 : 10);
            CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 8), ran < 10 ? AIOT_ERUNTIME : AIOT_OK);
        }
    }
}
#endif

/* Descriptors are looked at once a turn, when it begins, without waiting. */
static int looked;
static void look(aiot_io_backend *backend, aiot_time limit_ns) { (void)backend; CHECK_EQUAL(limit_ns, 0); looked++; }
static void a_turn_looks_at_descriptors_once(void)
{
    static aiot_handle handles[6];
    static aiot_io_backend backend = { NULL, NULL, look, NULL, 1 };
    aiot_loop_init_virtual(&loop);
    aiot_loop_set_limit(&loop, 4);
    loop.io = &backend;
    for (int i = 0; i < 6; i++) aiot_call_soon(&loop, &handles[i], step, NULL);
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(looked, 1);
    (void)aiot_run_once(&loop);                                 /* the rest of it */
    CHECK_EQUAL(looked, 1);
    (void)aiot_run_once(&loop);
    CHECK_EQUAL(looked, 2);
}

/* When all that was left of a turn is taken out, the next one begins as any: with what is due. */
static char said[16];
static int say_it(void *text) { strcat(said, (const char *)text); return 0; }
static aiot_handle second;
static int say_a(void *unused) { (void)unused; strcat(said, "A"); aiot_call_soon(&loop, &second, say_it, "B"); return 0; }
static void nothing_is_left_of_a_turn(void)
{
    static aiot_handle first, never, a, timer;
    aiot_loop_init_virtual(&loop);
    aiot_loop_set_limit(&loop, 1);
    aiot_call_later(&loop, &timer, 5, say_it, "T");
    aiot_call_soon(&loop, &first, say_it, "X");
    aiot_call_soon(&loop, &never, say_it, "never");
    (void)aiot_run_once(&loop);
    aiot_handle_cancel(&never);
    aiot_call_soon(&loop, &a, say_a, NULL);
    aiot_clock_advance(&loop, 10);
    while (aiot_run_once(&loop) != AIOT_FOREVER) { }
    CHECK(strcmp(said, "XATB") == 0);
}

/* A slot of the wheel that holds more than the limit is dealt out over several turns, in which other things run. */
enum { MANY = 5000 };
static aiot_handle timers[MANY];
static aiot_time last_when;
static int expired;
static int expire(void *argument)
{
    const aiot_handle *timer = (const aiot_handle *)argument;
    CHECK(aiot_handle_when(timer) >= last_when && aiot_handle_when(timer) <= aiot_now(&loop));
    last_when = aiot_handle_when(timer);
    expired++;
    return 0;
}
static void a_slot_is_dealt_out_in_parts(void)
{
    aiot_loop_init_virtual(&loop);
    aiot_loop_set_limit(&loop, 100);
    state = 1;
    for (int i = 0; i < MANY; i++) aiot_call_at(&loop, &timers[i], AIOT_S(100) + (aiot_time)pick(1000000000), expire, &timers[i]);
    last_when = expired = 0;
    aiot_clock_advance(&loop, AIOT_S(105));
    int turns = 0, before = 0;
    while (aiot_run_once(&loop) != AIOT_FOREVER) {
        turns++;
        CHECK(expired - before <= 100);
        before = expired;
        if (turns == 3) {                       /* while it is being dealt out: one more at its end, one before all, one gone */
            static aiot_handle late, early;
            CHECK(aiot_handle_cancel(&timers[0]));
            aiot_call_at(&loop, &late, AIOT_S(101), expire, &late);
            aiot_call_at(&loop, &early, AIOT_S(100) - 1, expire, &early);
            CHECK_EQUAL(expired, 0);
        }
    }
    CHECK_EQUAL(expired, MANY + 1);
    CHECK(turns > MANY / 100);
}

/* A post that is raised again before its turn runs once, in its place, also when it was taken over and due timers still are. */
static void a_post_runs_once_a_turn(void)
{
    static aiot_handle due[10];
    static aiot_post a, b;
    aiot_loop_init_virtual(&loop);
    aiot_loop_set_limit(&loop, 4);
    aiot_post_init(&a, &loop, say_it, "a");
    aiot_post_init(&b, &loop, say_it, "b");
    for (int i = 0; i < 10; i++) aiot_call_later(&loop, &due[i], AIOT_S(1) + i, say_it, "t");
    aiot_clock_advance(&loop, AIOT_S(2));
    said[0] = '\0';
    aiot_post_raise(&a);
    aiot_post_raise(&b);
    CHECK_EQUAL(aiot_run_once(&loop), loop.now);
    CHECK(strcmp(said, "") == 0);
    aiot_post_raise(&a);
    aiot_loop_set_limit(&loop, 0);
    CHECK_EQUAL(aiot_run_once(&loop), AIOT_FOREVER);
    CHECK(strcmp(said, "abtttttttttt") == 0);
}

int main(void)
{
    the_order_is_the_same();
    no_turn_runs_more();
    what_comes_next_is_taken_out();
#if AIOT_RING
    no_turn_of_a_ring_runs_more();
#endif
    a_turn_looks_at_descriptors_once();
    nothing_is_left_of_a_turn();
    a_post_runs_once_a_turn();
    a_slot_is_dealt_out_in_parts();
    return 0;
}
