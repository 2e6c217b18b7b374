/* wheel_property.c - the timer wheel against a sorted array of (deadline, number of insertion): what expires is exactly what is due
 * there, in its order; after each step the wheel's written invariants hold, and the next deadline is as documented.
 *
 *   wheel_property          (1) every sequence of operations on five timers, (2) 200 000 random operations; some seconds
 *   wheel_property long     (1) over more instants, (2) 100 000 000 operations, verified at each thousandth; minutes at -O2
 *   wheel_property SEED N   (2) N operations of that seed alone, verified after each
 *
 * (1) An arena is four or five instants (long: six), which are deadlines and times of the clock alike.  From the empty wheel, each
 * state that can be reached is left by each operation: arm one more timer for any instant; take any out; move the clock to any
 * instant still to come, or leave it, and expire.  (To move a timer is to take it out and arm it; the wheel has nothing else for it.)
 * A state is all memory of the wheel and of its timers, the clock, and the array.
 * Timers that are not armed are alike, and armed ones are named by their rank in the array, so states that differ only in names are
 * one.  It ends when no new state is found: that covers the sequences of eight operations, and those of any length.  States are told
 * apart by a hash of 64 bits; that two in an arena share one has a chance of 1 in 10^7.
 *
 * The clock is not negative and does not go back: the loop sees to that.  Only verify() knows how the wheel is made. */
#define NEEDS_WHEEL
#include "check.h"

static bool slot_is_empty(const aiot_i_link *chain)
{
    bool empty = true;
    for (unsigned c = 0; c < AIOT_I_CHAINS; c++) empty = empty && aiot_i_list_empty(&chain[c]);
    return empty;
}
#include <signal.h>

enum { TIMERS = 300, FEW = 5, WORDS = sizeof(aiot_i_timers) / sizeof(uintptr_t), PART = 64 };

static union {
    aiot_i_timers it;
    uintptr_t    words[WORDS];
} wheel, blank;
static aiot_i_entry timers[TIMERS];
static aiot_time now;

/* The model. */
struct item { aiot_time when; uint64_t sequence; int timer; };
static struct item model[TIMERS];
static int armed;                               /* how many are in it */
static uint64_t sequence;                       /* the last one's */
static struct note { aiot_time when; uint64_t sequence; const aiot_i_link *place; bool armed; } notes[TIMERS];

static bool precedes(aiot_time when, uint64_t number, const struct item *item)
{
    return when < item->when || (when == item->when && number < item->sequence);
}

static int rank_of(aiot_time when, uint64_t number)             /* how many come before or are it */
{
    int low = 0, high = armed;
    while (low < high) {
        int middle = (low + high) / 2;
        if (precedes(when, number, &model[middle])) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* ---- What was done last, for whoever has to repeat it. */
enum { LOG = 32 };
static struct { char what; int timer; aiot_time time; } done[LOG];
static uint64_t steps, verified;                /* done since the start; and when verify() was called last */
static uint64_t world, length;                  /* the seed, and how many operations it is given; 0: (1) */
static bool passed;

static void log_step(char what, int timer, aiot_time time)
{
    done[steps % LOG].what = what;
    done[steps % LOG].timer = timer;
    done[steps++ % LOG].time = time;
}

static void tell(void)
{
    if (passed) return;
    if (world) fprintf(stderr, "wheel_property %llu %llu repeats it: ", (unsigned long long)world, (unsigned long long)length);
    fprintf(stderr, "clock %lld, %d armed; the last of %llu operations:\n", (long long)now, armed, (unsigned long long)steps);
    for (uint64_t i = steps > LOG ? steps - LOG : 0; i < steps; i++) {
        long long time = (long long)done[i % LOG].time;
        switch (done[i % LOG].what) {
        case 'a': fprintf(stderr, "    start at %lld\n", time); break;
        case 'i': fprintf(stderr, "    insert %d for %lld\n", done[i % LOG].timer, time); break;
        case 'r': fprintf(stderr, "    remove %d\n", done[i % LOG].timer); break;
        default: fprintf(stderr, "    expire at %lld\n", time); break;
        }
    }
}
static void stopped(int number)                 /* by a crash; or by a limit of time, when the wheel does not come back */
{
    fprintf(stderr, "signal %d\n", number);
    tell();
    _Exit(1);
}

/* ---- The invariants. */
static unsigned level_of(aiot_time when, aiot_time time)        /* of the highest digit in which they differ */
{
    unsigned level = 0;
    uint64_t a = (uint64_t)when, b = (uint64_t)time;
    while ((a >>= 6) != (b >>= 6)) level++;
    return level;
}
static unsigned digit(aiot_time time, unsigned level) { return (unsigned)((uint64_t)time >> (6 * level)) & 63; }

static bool is_timer(const void *link)
{
    uintptr_t offset = (uintptr_t)link - (uintptr_t)timers;
    return offset < sizeof timers && offset % sizeof timers[0] == 0;
}
static int timer_of(const aiot_i_link *link) { return (int)((const aiot_i_entry *)(const void *)link - timers); }

static const struct note *last;                 /* the one before in the same list */
static int found;
static long slots_of_16, slots_of_17, unsorted;

/* A list of the wheel holds timers that are armed, and is well linked.  Calls check for each. */
static unsigned chain;                          /* which of its slot's lists it is */
typedef void check_function(const struct note *note, unsigned level, unsigned slot);
static void verify_list(const aiot_i_link *head, check_function *check, unsigned level, unsigned slot)
{
    last = NULL;
    CHECK(head->next->prev == head);
    for (const aiot_i_link *link = head->next; link != head; link = link->next) {
        CHECK(is_timer(link));
        struct note *note = &notes[timer_of(link)];
        CHECK(note->armed);
        CHECK(link->next->prev == link);
        CHECK_EQUAL(timers[timer_of(link)].u.when, note->when);
        check(note, level, slot);
        last = note;
        CHECK(++found <= armed);
    }
}
static void check_in_slot(const struct note *note, unsigned level, unsigned slot)
{
    CHECK(note->when > wheel.it.time);
    CHECK_EQUAL(level, level_of(note->when, wheel.it.time));
    CHECK_EQUAL(slot, digit(note->when, level));
    CHECK(slot > digit(wheel.it.time, level));
    CHECK_EQUAL(chain, aiot_i_chain(note->when));
    CHECK(last == NULL || last->sequence < note->sequence);
}
static bool overdue_sorted;
static void check_overdue(const struct note *note, unsigned level, unsigned slot)
{
    (void)level, (void)slot;
    CHECK(note->when <= wheel.it.time);
    if (last != NULL && note->when < last->when) overdue_sorted = false;
    CHECK(last == NULL || last->when != note->when || last->sequence < note->sequence);
}

/* The first deadline, exactly, if its slot holds at most 16, else the start of that; now, if there is something to do at once. */
static void verify_next(bool at_once)
{
    aiot_time next = aiot_i_timers_next(&wheel.it);
    if (at_once) {
        CHECK(next <= now);
    } else if (armed == 0) {
        CHECK_EQUAL(next, AIOT_FOREVER);
    } else {
        aiot_time first = model[0].when;
        unsigned level = level_of(first, wheel.it.time), slot = digit(first, level);
        int n = 1;
        while (n < armed && level_of(model[n].when, wheel.it.time) == level && digit(model[n].when, level) == slot) n++;
        if (n <= 16) CHECK_EQUAL(next, first);
        else CHECK_EQUAL(next, (uint64_t)first >> (6 * level) << (6 * level));
        CHECK(next <= first);
        slots_of_16 += n == 16 && next != (aiot_time)((uint64_t)first >> (6 * level) << (6 * level));
        slots_of_17 += n == 17 && next != first;
    }
}

/* What the wheel would append to without another look: the list that the time of its last insertion still belongs to. */
static bool remembers_list(void) { return !aiot_i_list_empty(wheel.it.last_list); }

static void verify_last(void)
{
    const aiot_i_timers *w = &wheel.it;
    if (!remembers_list()) return;
    CHECK(w->last_when > w->time);
    unsigned level = level_of(w->last_when, w->time), at = aiot_i_chain(w->last_when);
    CHECK(w->last_list == &w->slot[level][digit(w->last_when, level)][at]);
}

static void verify(void)
{
    const aiot_i_timers *w = &wheel.it;
    found = 0;
    for (unsigned l = 0; l < AIOT_I_LEVELS; l++) {
        CHECK((w->levels >> l & 1) == (w->occupied[l] != 0));
        for (unsigned s = 0; s < AIOT_I_SLOTS; s++) {
            CHECK((w->occupied[l] >> s & 1) == !slot_is_empty(w->slot[l][s]));
            for (chain = 0; chain < AIOT_I_CHAINS; chain++) verify_list(&w->slot[l][s][chain], check_in_slot, l, s);
        }
    }
    overdue_sorted = true;
    verify_list(&w->overdue, check_overdue, 0, 0);
    CHECK(overdue_sorted || w->unsorted);
    CHECK_EQUAL(found, armed);
    CHECK((w->levels & ~(uint32_t)AIOT_I_OVERDUE) >> AIOT_I_LEVELS == 0);
    bool at_once = !aiot_i_list_empty(&w->overdue);
    if (at_once) CHECK(w->levels & AIOT_I_OVERDUE);
    CHECK_EQUAL(w->time, now);
    verified = steps;
    unsorted += !overdue_sorted;
    verify_next(at_once);
    verify_last();
}

/* ---- The operations, on both. */
static void start(aiot_time time)
{
    CHECK_EQUAL(armed, 0);
    now = time;
    log_step('a', 0, time);
    aiot_i_timers_init(&wheel.it, time);
}

static void insert(int timer, aiot_time when)
{
    log_step('i', timer, when);
    timers[timer].u.when = when;
    aiot_i_timers_insert(&wheel.it, &timers[timer], 0);
    int at = rank_of(when, ++sequence);
    memmove(&model[at + 1], &model[at], (size_t)(armed++ - at) * sizeof model[0]);
    model[at].when = notes[timer].when = when;
    model[at].sequence = notes[timer].sequence = sequence;
    model[at].timer = timer;
    notes[timer].place = NULL;
    notes[timer].armed = true;
}

static void disarmed(int timer)                 /* the wheel must not read that again */
{
    notes[timer].armed = false;
    memset(&timers[timer], 0xa5, sizeof timers[timer]);
}

static void remove_timer(int timer)
{
    log_step('r', timer, 0);
    aiot_i_timers_remove(&wheel.it, &timers[timer]);
    int at = rank_of(notes[timer].when, notes[timer].sequence) - 1;
    CHECK_EQUAL(model[at].timer, timer);
    memmove(&model[at], &model[at + 1], (size_t)(--armed - at) * sizeof model[0]);
    disarmed(timer);
}

static void move(int timer, aiot_time when)
{
    remove_timer(timer);
    insert(timer, when);
    verified += verified + 2 == steps;          /* in one step */
}

static bool nothing_due(void) { return armed == 0 || model[0].when > now; }

/* What comes is all that is due in the model, in its order.  It is added to the end of a list. */
static void expire(aiot_time until)
{
    aiot_i_link ready, before, *link, *next;
    int n = 0;
    log_step('e', 0, until);
    now = until;
    aiot_i_list_init(&ready);
    aiot_i_append(&ready, &before);
    aiot_i_timers_expire(&wheel.it, now, &ready);
    CHECK(ready.next == &before && before.prev == &ready && before.next->prev == &before);
    for (link = before.next; link != &ready; link = next, n++) {
        next = link->next;
        CHECK(next->prev == link);
        CHECK(n < armed && model[n].when <= now);
        CHECK(link == &timers[model[n].timer].link);
        disarmed(model[n].timer);
    }
    memmove(&model[0], &model[n], (size_t)(armed - n) * sizeof model[0]);
    armed -= n;
    CHECK(nothing_due());
}

/* ---- (1) */
#define BIT60 ((aiot_time)1 << 60)
static const struct arena { aiot_time start; unsigned instants; aiot_time instant[6]; } ARENAS[] = {
    { 62, 5, { 62, 63, 64, 65, 128, 4096 } },                                   /* the lowest digit and the next */
    { 0, 5, { -1, 0, 1, 4095, 4096, INT64_MIN } },                              /* already past */
    { 4094, 5, { 4095, 4096, 4160, 4161, 8192, 4097 } },                        /* two digits carry at once; two levels to descend */
    { AIOT_S(86399), 4, { AIOT_S(86400), AIOT_S(86400) + 1, AIOT_S(86400) + 64, AIOT_S(2 * 86400), AIOT_S(86399), AIOT_S(3 * 86400) } },
    { BIT60 - 1, 4, { BIT60, BIT60 + 1, INT64_MAX - 1, INT64_MAX, BIT60 - 1, 7 * BIT60 } },
};

enum { INSERT, REMOVE, EXPIRE };            /* an operation is one of these * 8 + the number of an instant, or a rank */

static const struct arena *arena;

static void do_operation(int operation)
{
    int what = operation / 8, which = operation % 8, timer = 0;
    while (notes[timer].armed) timer++;
    if (what == INSERT) insert(timer, arena->instant[which]);
    else if (what == REMOVE) remove_timer(model[which].timer);
    else expire(arena->instant[which]);
}

static int operations_here(unsigned char *operations, unsigned instants)
{
    int n = 0;
    for (int i = 0; i < (int)instants; i++) {
        if (armed < FEW) operations[n++] = (unsigned char)(INSERT * 8 + i);
        if (arena->instant[i] >= now) operations[n++] = (unsigned char)(EXPIRE * 8 + i);
    }
    for (int rank = 0; rank < armed; rank++) operations[n++] = (unsigned char)(REMOVE * 8 + rank);
    return n;
}

/* All memory that a later step depends on.  An address of a timer stands for its rank, one in the wheel for the place there.  The last list
 * is no part of it while it is empty: whatever comes into it is the last then. */
enum { LAST_WHEN = offsetof(aiot_i_timers, last_when) / sizeof(uintptr_t), LAST_LIST = offsetof(aiot_i_timers, last_list) / sizeof(uintptr_t) };
static uint64_t hash_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 29;
}
static uint64_t named(uintptr_t word, const int *rank)
{
    uintptr_t offset = word - (uintptr_t)timers;
    if (offset < FEW * sizeof timers[0])
        return (uint64_t)1 << 62 | (uint64_t)rank[offset / sizeof timers[0]] << 8 | offset % sizeof timers[0];
    offset = word - (uintptr_t)&wheel;
    return offset < sizeof wheel ? (uint64_t)3 << 61 | offset : word;
}
static uint64_t state(void)
{
    int rank[FEW] = { FEW, FEW, FEW, FEW, FEW };
    uint64_t hash = hash_word((uint64_t)now, (uint64_t)armed);
    for (int i = 0; i < armed; i++) rank[model[i].timer] = i;
    for (int i = 0; i < armed; i++) {
        const aiot_i_entry *timer = &timers[model[i].timer];
        hash = hash_word(hash, (uint64_t)timer->u.when);
        hash = hash_word(hash, named((uintptr_t)timer->link.next, rank));
        hash = hash_word(hash, named((uintptr_t)timer->link.prev, rank));
    }
    for (size_t i = 0; i < WORDS; i += PART) {
        if (memcmp(&wheel.words[i], &blank.words[i], (WORDS - i < PART ? WORDS - i : PART) * sizeof wheel.words[0]) == 0) continue;
        for (size_t k = i; k < i + PART && k < WORDS; k++)
            if (wheel.words[k] != blank.words[k] && ((k != LAST_WHEN && k != LAST_LIST) || remembers_list()))
                hash = hash_word(hash_word(hash, k), named(wheel.words[k], rank));
    }
    return hash | 1;
}

/* The states found: from which, by what, after how many operations each was reached first. */
struct reached { uint32_t from; unsigned char operation, after; };
static struct reached *reached;
static uint64_t *seen;                          /* a hash table */
static size_t seen_size, states;

static bool reach(size_t from, int operation, int after)
{
    uint64_t hash = state();
    size_t at = (size_t)(hash >> 20) & (seen_size - 1);
    while (seen[at] != 0 && seen[at] != hash) at = (at + 1) & (seen_size - 1);
    if (seen[at] == hash) return false;
    seen[at] = hash;
    CHECK(states < seen_size / 2 && after < 256);
    reached[states].from = (uint32_t)from;
    reached[states].operation = (unsigned char)operation;
    reached[states++].after = (unsigned char)after;
    return true;
}

static void begin(void)
{
    while (armed > 0) remove_timer(model[armed - 1].timer);
    steps = verified = sequence = 0;
    start(arena->start);
}

static void go_to(size_t to)
{
    unsigned char path[256];
    int n = 0;
    for (; to != 0; to = reached[to].from) path[n++] = reached[to].operation;
    begin();
    while (n > 0) do_operation(path[--n]);
}

static void all_sequences(unsigned instants, bool tell_more)
{
    static struct { aiot_i_timers wheel; aiot_i_entry timers[FEW]; struct note notes[FEW]; struct item model[FEW]; } here;
    unsigned char operations[128];
    uint64_t followed = 0;
    begin();
    blank = wheel;
    memset(seen, 0, seen_size * sizeof seen[0]);
    states = 0;
    (void)reach(0, 0, 0);
    for (size_t from = 0; from < states; from++) {
        go_to(from);
        int n = operations_here(operations, instants), here_armed = armed;
        aiot_time here_now = now;
        uint64_t here_steps = steps, here_sequence = sequence;
        here.wheel = wheel.it;
        memcpy(here.timers, timers, sizeof here.timers);
        memcpy(here.notes, notes, sizeof here.notes);
        memcpy(here.model, model, sizeof here.model);
        for (int i = 0; i < n; i++) {
            if (i > 0) {
                wheel.it = here.wheel;
                memcpy(timers, here.timers, sizeof here.timers);
                memcpy(notes, here.notes, sizeof here.notes);
                memcpy(model, here.model, sizeof here.model);
                armed = here_armed;
                now = here_now;
                steps = here_steps;
                sequence = here_sequence;
            }
            do_operation(operations[i]);
            verified = 0;                       /* of what was moved since, nothing is known */
            if (reach(from, operations[i], reached[from].after + 1)) verify();  /* else it was then */
        }
        followed += (uint64_t)n;
    }
    while (armed > 0) remove_timer(model[armed - 1].timer);
    CHECK(states > 1000 && reached[states - 1].after >= 8);
    if (tell_more)
        printf("start %lld, %u instants: %lu states, %llu operations, the last state after %d\n",
               (long long)arena->start, instants, (unsigned long)states, (unsigned long long)followed, reached[states - 1].after);
}

static void exhaustive(bool is_long)
{
    seen_size = (size_t)1 << (is_long ? 21 : 19);
    seen = malloc(seen_size * sizeof seen[0]);
    reached = malloc(seen_size / 2 * sizeof reached[0]);
    CHECK(seen && reached);
    for (arena = ARENAS; arena < ARENAS + sizeof ARENAS / sizeof ARENAS[0]; arena++) all_sequences(is_long ? 6 : arena->instants, is_long);
    free(seen);
    free(reached);
}

/* ---- (2) */
static uint64_t seed;
static uint64_t random64(void)                  /* splitmix64 */
{
    uint64_t z = seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
static unsigned below(unsigned n) { return (unsigned)(random64() % n); }
static unsigned one_of(const unsigned *choices, unsigned n) { return choices[below(n)]; }
#define ONE_OF(...) one_of((const unsigned[]){ __VA_ARGS__ }, sizeof((const unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned))

enum { NS, US, S, DAYS, MAGNITUDES, ENDS, MIXED };
enum { FINE, OF_UNIT, OF_SLOT };
static struct {
    unsigned used, unit, grain, equal, past;                    /* timers; of delays; in 16ths: equal to another's, past */
    unsigned arm, disarm, sleep, advance, jump;                 /* how often, of 256; the rest: looks again at the same time */
} habits;

static aiot_time delay_of(unsigned unit)
{
    static const aiot_time UNITS[] = { 1, 1000, 1000000000, AIOT_S(86400) };
    if (unit == MIXED) unit = below(MIXED);
    if (unit >= MAGNITUDES) return (aiot_time)(random64() >> (1 + below(63)));
    aiot_time spread = UNITS[unit] * 100, grain = habits.grain == OF_UNIT ? UNITS[unit] : 1;
    return (aiot_time)(random64() % (uint64_t)spread) / grain * grain;
}

static aiot_time deadline(void)
{
    if (armed > 0 && below(16) < habits.equal) return model[below((unsigned)armed)].when;
    if (habits.unit == ENDS || (habits.unit == MIXED && below(8) == 0)) {
        aiot_time near_end = (aiot_time)(random64() >> (1 + below(63)));
        return below(16) < habits.past ? INT64_MIN + near_end : INT64_MAX - near_end;
    }
    aiot_time delay = delay_of(habits.unit), when = aiot_time_after(now, below(16) < habits.past ? -delay : delay);
    return habits.grain == OF_SLOT ? when & -((aiot_time)1 << below(5) * 6) : when;
}

static aiot_time random_start(void)
{
    switch (below(5)) {
    case 0: return 0;
    case 1: return ((aiot_time)1 << below(63)) - 1;
    case 2: return AIOT_S(below(1000000));
    case 3: return INT64_MAX - (aiot_time)(random64() >> (1 + below(63)));
    default: return (aiot_time)(random64() >> (1 + below(63)));
    }
}

static void random_step(void)
{
    int timer = (int)below(habits.used);
    unsigned what = below(256);
    if (what < habits.arm) {
        if (notes[timer].armed) move(timer, deadline());
        else insert(timer, deadline());
    } else if ((what -= habits.arm) < habits.disarm) {
        if (notes[timer].armed) remove_timer(timer);
    } else if ((what -= habits.disarm) < habits.sleep) {        /* as the loop does */
        aiot_time next = aiot_i_timers_next(&wheel.it);
        expire(next > now && armed > 0 ? next : now);
    } else if ((what -= habits.sleep) < habits.advance) {
        expire(aiot_time_after(now, delay_of(habits.unit)));
    } else if ((what -= habits.advance) < habits.jump) {
        expire(aiot_time_after(now, AIOT_S(86400)));
    } else {
        expire(now);
    }
}

static void finish(bool look)
{
    if (below(2)) expire(INT64_MAX);
    while (armed > 0) {
        remove_timer(model[below((unsigned)armed)].timer);
        if (look) verify();
    }
    verify();
}

static void random_operations(uint64_t seed_, uint64_t count, unsigned each)
{
    seed = world = seed_;
    length = count;
    steps = verified = sequence = 0;
    habits.used = ONE_OF(1, 2, 5, 20, 60, TIMERS);
    habits.unit = ONE_OF(NS, US, S, DAYS, MAGNITUDES, ENDS, MIXED, MIXED);
    habits.grain = ONE_OF(FINE, OF_UNIT, OF_SLOT);
    habits.equal = ONE_OF(0, 0, 4, 15);
    habits.past = ONE_OF(0, 1, 8);
    habits.arm = ONE_OF(64, 128, 200);
    habits.disarm = ONE_OF(0, 16, 30);
    habits.sleep = ONE_OF(1, 8, 20);
    habits.advance = ONE_OF(0, 0, 3);
    habits.jump = ONE_OF(0, 0, 1);
    start(random_start());
    for (uint64_t i = 1; i <= count; i++) {
        random_step();
        if (i % each == 0) verify();
        if (now > INT64_MAX / 4 * 3 && below(256) == 0) {       /* the clock is near its end: begin again */
            finish(each == 1);
            start(random_start());
        }
    }
    finish(each == 1);
    world = 0;
}

enum { WORLDS = 200, WORLDS_IF_LONG = 2000, STEPS = 1000, STEPS_IF_LONG = 50000 };

int main(int argc, char **argv)
{
    bool is_long = argc > 1 && strcmp(argv[1], "long") == 0;
    uint64_t only = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
    atexit(tell);
    signal(SIGSEGV, stopped);
    signal(SIGTERM, stopped);
    if (only) {
        random_operations(only, strtoull(argv[2], NULL, 10), 1);
    } else {
        exhaustive(is_long);
        for (uint64_t i = 1; i <= (is_long ? WORLDS_IF_LONG : WORLDS); i++)
            random_operations(i, is_long ? STEPS_IF_LONG : STEPS, is_long ? 1000 : 1);
        CHECK(unsorted > 1000 && slots_of_16 > 100 && slots_of_17 > 100);
    }
    passed = true;
    return 0;
}
