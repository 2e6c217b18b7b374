/* wheel_order.c - the timer wheel against a sorted array: never early, in exact order of time, FIFO among equals; and after each step
 * its invariants hold.  All short sequences of operations on four timers; then two million random ones. */
#define NEEDS_WHEEL
#include "check.h"

static bool slot_is_empty(const aiot_i_link *chain)
{
    bool empty = true;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) empty = empty && aiot_i_list_empty(&chain[c]);
    return empty;
}

enum { TIMERS = 200 };

static aiot_i_timers wheel;
static aiot_i_entry timers[TIMERS];
static aiot_time now;

/* The oracle: what is in the wheel, sorted by time, and FIFO among equals, because a newcomer goes behind its equals. */
static int order[TIMERS], armed;
static bool is_armed[TIMERS];

static void oracle_insert(int timer)
{
    int at = armed++;
    for (; at > 0 && timers[order[at - 1]].u.when > timers[timer].u.when; at--) order[at] = order[at - 1];
    order[at] = timer;
}

static void oracle_remove(int timer)
{
    int at = 0;
    while (order[at] != timer) at++;
    memmove(&order[at], &order[at + 1], (size_t)(--armed - at) * sizeof order[0]);
}

/* Each entry lies where the two times alone say; each list is in the order of the oracle, or of insertion; the bitmaps say exactly
 * which lists are not empty. */
static void verify(void)
{
    int found = 0;
    const aiot_i_link *link;
    for (link = wheel.overdue.next; link != &wheel.overdue; link = link->next) {
        CHECK(link->next->prev == link);
        CHECK(((const aiot_i_entry *)(const void *)link)->u.when <= wheel.time);
        found++;
    }
    for (unsigned l = 0; l < AIOT_I_LEVELS; l++) {
        CHECK((wheel.levels >> l & 1) == (wheel.occupied[l] != 0));
        for (uint64_t left = wheel.occupied[l]; left; left &= left - 1) {
            unsigned s = aiot_i_lowest_bit(left);
            CHECK(!slot_is_empty(wheel.slot[l][s]));
            for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
                const aiot_i_link *head = &wheel.slot[l][s][c];
                for (link = head->next; link != head; link = link->next) {
                    aiot_time when = ((const aiot_i_entry *)(const void *)link)->u.when;
                    uint64_t differ = (uint64_t)when ^ (uint64_t)wheel.time;
                    CHECK(when > wheel.time);
                    CHECK(link->next->prev == link);
                    CHECK(differ >> (6 * l) != 0 && (l == 10 || differ >> (6 * l + 6) == 0));
                    CHECK(((uint64_t)when >> (6 * l) & 63) == s);
                    CHECK(((uint64_t)wheel.time >> (6 * l) & 63) < s);
                    CHECK(aiot_i_chain(when) == c);
                    found++;
                }
            }
        }
    }
    CHECK_EQUAL(found, armed);                  /* so no list that its bit calls empty holds one */
    CHECK(wheel.time <= now);
}

static void verify_empty(void)
{
    CHECK_EQUAL(wheel.levels & (AIOT_I_OVERDUE - 1), 0);
    CHECK(aiot_i_list_empty(&wheel.overdue));
    for (unsigned l = 0; l < AIOT_I_LEVELS; l++) {
        CHECK(wheel.occupied[l] == 0);
        for (unsigned s = 0; s < AIOT_I_SLOTS; s++) CHECK(slot_is_empty(wheel.slot[l][s]));
    }
}

/* When the wheel wants to be looked at: never too late, and exact if few share the slot. */
static void verify_next(void)
{
    aiot_time next = aiot_i_timers_next(&wheel), first = armed ? timers[order[0]].u.when : AIOT_FOREVER;
    unsigned level, slot, n = 0;
    if (first <= wheel.time) { CHECK(next <= now); return; }
    CHECK(next <= first);
    if (armed == 0) { CHECK_EQUAL(next, AIOT_FOREVER); return; }
    (void)aiot_i_wheel_first(&wheel, &level, &slot);
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) {
        const aiot_i_link *head = &wheel.slot[level][slot][c];
        for (const aiot_i_link *link = head->next; link != head; link = link->next) n++;
    }
    if (n <= 16) CHECK_EQUAL(next, first);
    else CHECK(next > wheel.time);              /* so a loop that sleeps until then gets on */
}

static void arm(int timer, aiot_time delay)
{
    if (is_armed[timer]) {                      /* moves it */
        aiot_i_timers_remove(&wheel, &timers[timer]);
        oracle_remove(timer);
    }
    timers[timer].u.when = aiot_time_after(now, delay);
    aiot_i_timers_insert(&wheel, &timers[timer], 0);
    oracle_insert(timer);
    is_armed[timer] = true;
}

static void disarm(int timer)
{
    aiot_i_timers_remove(&wheel, &timers[timer]);
    oracle_remove(timer);
    is_armed[timer] = false;
}

static void expire(aiot_time until)
{
    aiot_i_link ready;
    int n = 0;
    now = until;
    aiot_i_list_init(&ready);
    aiot_i_timers_expire(&wheel, now, &ready);
    for (const aiot_i_link *link = ready.next; link != &ready; link = link->next, n++) {
        int timer = (int)((const aiot_i_entry *)(const void *)link - timers);
        CHECK(timers[timer].u.when <= now);                     /* never early */
        CHECK_EQUAL(timer, order[n]);                           /* in order */
        is_armed[timer] = false;
    }
    CHECK(n == armed || timers[order[n]].u.when > now);         /* none left behind */
    for (const aiot_i_link *link = ready.next; link != &ready;) {
        const aiot_i_link *next = link->next;
        timers[(const aiot_i_entry *)(const void *)link - timers].link.next = NULL;
        link = next;
    }
    memmove(&order[0], &order[n], (size_t)(armed - n) * sizeof order[0]);
    armed -= n;
    CHECK_EQUAL(wheel.time, now);
}

static void start(aiot_time time)
{
    now = time;
    armed = 0;
    memset(is_armed, 0, sizeof is_armed);
    aiot_i_timers_init(&wheel, now);
}

/* (a) Operations on four timers, as numbers: timer * 8 + what to do with it, or, from 32 on, the clock moves.  The times lie around
 * the edges of the lowest levels.  Timers are alike, so an unarmed one is only armed in order of its number. */
static const struct edge { aiot_time start, delays[3], steps[2]; } EDGES[2] = {
    { 62, { 0, 1, 66 }, { 1, 130 } },
    { 4094, { -1, 2, 4096 }, { 3, 4096 } },
}, *edge;
enum { LENGTH = 6, MOVE_CLOCK = 32, DISARM = 3 };
static int sequence[LENGTH];
static long sequences;

static void do_operation(int operation)
{
    if (operation >= MOVE_CLOCK) expire(now + edge->steps[operation - MOVE_CLOCK]);
    else if (operation % 8 == DISARM) disarm(operation / 8);
    else arm(operation / 8, edge->delays[operation % 8]);
}

/* Runs sequence[0..length), from an empty wheel; each step was verified when it was the last of a shorter one. */
static void run_sequence(int length)
{
    for (int timer = 0; timer < 4; timer++) if (is_armed[timer]) disarm(timer);
    CHECK_EQUAL(wheel.levels & (AIOT_I_OVERDUE - 1), 0);
    wheel.time = now = edge->start;
    wheel.unsorted = false;
    for (int i = 0; i < length; i++) do_operation(sequence[i]);
    verify();
    verify_next();
    sequences++;
}

static void all_sequences(int length)
{
    bool was_armed[4], unarmed_seen = false;
    run_sequence(length);
    if (length == LENGTH) return;
    memcpy(was_armed, is_armed, sizeof was_armed);
    for (int timer = 0; timer < 4; timer++) {
        if (!was_armed[timer] && unarmed_seen) continue;
        for (int what = 0; what < (was_armed[timer] ? 4 : 3); what++) {
            sequence[length] = timer * 8 + what;
            all_sequences(length + 1);
        }
        if (!was_armed[timer]) unarmed_seen = true;
    }
    for (int step = 0; step < 2; step++) {
        sequence[length] = MOVE_CLOCK + step;
        all_sequences(length + 1);
    }
}

static uint64_t seed;
static uint64_t random64(void)                  /* splitmix64 */
{
    uint64_t z = seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
static unsigned below(unsigned n) { return (unsigned)(random64() % n); }

/* All magnitudes are equally likely; some deadlines are equal to another's, some are past already. */
static aiot_time random_delay(void)
{
    aiot_time delay = (aiot_time)(random64() >> (1 + below(63)));
    if (armed && below(4) == 0) return timers[order[below((unsigned)armed)]].u.when - now;
    return below(8) == 0 ? -(delay % (now + 1)) : delay;
}

static void random_operations(uint64_t seed_, int count)
{
    seed = seed_;
    start((aiot_time)(random64() >> (2 + below(62))));
    unsigned used = 1 + below(TIMERS);
    for (int i = 0; i < count; i++) {
        int timer = (int)below(used);
        unsigned what = below(100);
        if (what < 60) arm(timer, random_delay());
        else if (what < 75) { if (is_armed[timer]) disarm(timer); }
        else if (what < 90) {                   /* as the loop does: until it wants to be looked at */
            aiot_time next = aiot_i_timers_next(&wheel);
            if (next != AIOT_FOREVER) expire(next > now ? next : now);
        } else if (what < 98) expire(aiot_time_after(now, (aiot_time)(random64() >> (16 + below(48)))));
        else expire(aiot_time_after(now, AIOT_S(86400)));
        if (i % 8 == 0) { verify(); verify_next(); }
        if (now > AIOT_FOREVER / 2) {           /* the clock comes to its end: begin again */
            while (armed) disarm(order[0]);
            verify_empty();
            start((aiot_time)(random64() >> (2 + below(62))));
        }
    }
    while (armed) disarm(order[0]);
    verify_empty();
}

int main(void)
{
    for (int i = 0; i < 2; i++) {
        edge = &EDGES[i];
        start(edge->start);
        all_sequences(0);
    }
    CHECK_EQUAL(sequences, 2 * 472001);
    for (uint64_t s = 1; s <= 40; s++) random_operations(s, 50000);
    return 0;
}
