/* harness.h - what every benchmark program here shares: workloads by name, rounds, and the bare loop beside them.
 *
 *     PROGRAM                        every workload: ns per operation, minimum and median of the rounds, ratio to the bare loop
 *     PROGRAM NAME... [-r ROUNDS]    only those
 *     PROGRAM -1 NAME COUNT          one workload, COUNT operations, once and silently: for hyperfine and callgrind
 *     PROGRAM -l                     their names; -g: of those only that have a goal or a known ratio
 *     -t                             tab-separated lines for other programs: program, workload, ns, median ns, bare ns, ratio, goal,
 *                                    known ratio
 *
 * A program includes this before anything else and ends with BENCH_MAIN("its name", workloads); the array ends with a workload
 * without a name.  A workload calls begin() when it is set up; what follows is measured, until it returns or calls end().
 * C11 and C++. */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE                             /* clock_gettime, for libraries' headers too */
#endif
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct workload {
    const char *name;
    void (*run)(unsigned n, long count);        /* `count` operations among, or beside, `n` of something */
    unsigned n;
    long count;                                 /* operations in one round */
    unsigned bare_tasks;                        /* of the bare loop beside it; 0: 100 */
    double goal;                                /* the ratio to reach; 0: none */
    double known;                               /* where there is no goal: the greatest ratio seen, by README.md; 0: none */
};

static double bench_began_ns, bench_ended_ns;

static double bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}
static inline void begin(void) { bench_began_ns = bench_now_ns(); }
static inline void end(void) { bench_ended_ns = bench_now_ns(); }
static inline uint64_t bench_random(void)       /* xorshift64*: the same numbers for everybody */
{
    static uint64_t x = 88172645463325252u;
    x ^= x >> 12; x ^= x << 25; x ^= x >> 27;
    return x * 2685821657736338717u;
}

/* The baseline: two lines of protothread, round robin over an array, called through a pointer.  Aligned as it is quickest: so short a loop
 * takes from 2.0 to 2.7 ns on one machine, by where in memory the linker happens to put it. */
#if defined __GNUC__
#define QUICKEST __attribute__((aligned(64)))
#else
#define QUICKEST
#endif
struct bare { unsigned short at; unsigned n; };

QUICKEST static int bare_step(struct bare *self)
{
    switch (self->at) {
    case 0:
        for (;;) {
            self->n++;
            self->at = 1;
            return 1;
    case 1:;
        }
    }
    return 0;
}

static int (*volatile bare_pointer)(struct bare *) = bare_step;

QUICKEST static void bare(unsigned tasks, long count)
{
    static struct bare *all;
    int (*step)(struct bare *) = bare_pointer;
    all = (struct bare *)realloc(all, tasks * sizeof *all);
    memset(all, 0, tasks * sizeof *all);
    begin();
    for (long i = 0; i < count / tasks; i++)
        for (unsigned k = 0; k < tasks; k++) step(&all[k]);
}

static double bench_measure(void (*run)(unsigned n, long count), unsigned n, long count)
{
    bench_ended_ns = 0;
    run(n, count);
    if (bench_ended_ns == 0) end();
    return (bench_ended_ns - bench_began_ns) / (double)count;
}

static int bench_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { BENCH_MOST_ROUNDS = 99 };
struct bench_figures { double ours[BENCH_MOST_ROUNDS], bares[BENCH_MOST_ROUNDS]; };

/* Whether the core is ours alone: what 48 000 operations take in six chains that do not wait for one another.  Whoever runs on the core's
 * other thread, which on a rented machine is somebody else, takes a share of its execution units, and what has many instructions loses
 * most. */
static double bench_probe(void)
{
    static volatile unsigned any = 3;
    unsigned by = any, a = 0, b = 1, c = 2, d = 3, e = 4, f = 5;
    double began_ns = bench_now_ns();
    for (unsigned i = 0; i < 4000; i++) {
        a = (a + i) ^ by; b = (b + i) ^ by; c = (c + i) ^ by;
        d = (d + i) ^ by; e = (e + i) ^ by; f = (f + i) ^ by;
    }
    any = (a ^ b ^ c ^ d ^ e ^ f) | 3;
    return bench_now_ns() - began_ns;
}

static bool bench_is_quiet(void)                /* by the least that was ever seen: at first in 20 ms */
{
    static double least_ns;
    double until_ns = bench_now_ns() + (least_ns == 0 ? 20e6 : 0), ns;
    do {
        ns = bench_probe();
        if (least_ns == 0 || ns < least_ns) least_ns = ns;
    } while (bench_now_ns() < until_ns);
    return ns < 1.06 * least_ns;
}

/* The least of several samples, each with one of the bare loop before it: short ones where setting up is short.  As many as make up the
 * workload's count; and if the core was shared all the time, some more, for 40 ms. */
static void bench_round(const struct workload *w, struct bench_figures *f, int round)
{
    unsigned tasks = w->bare_tasks ? w->bare_tasks : 100;
    long samples = w->count / 100 >= (long)w->n ? 4 : 1;
    long count = w->count / samples, bare_count = 2000000 / samples / (long)tasks * (long)tasks;
    if (bare_count == 0) bare_count = (long)tasks;
    bool was_quiet = false;
    double began_ns = bench_now_ns();
    for (long k = 0; k < samples || (!was_quiet && bench_now_ns() - began_ns < 40e6); k++) {
        bool quiet = bench_is_quiet();
        double bare_ns = bench_measure(bare, tasks, bare_count), ns = bench_measure(w->run, w->n, count);
        if (k == 0 || bare_ns < f->bares[round]) f->bares[round] = bare_ns;
        if (k == 0 || ns < f->ours[round]) f->ours[round] = ns;
        was_quiet = was_quiet || (quiet && bench_is_quiet());
    }
}

static void bench_print(const char *program, const struct workload *w, struct bench_figures *f, int rounds, bool tabs)
{
    char ratio_text[32] = "", goal_text[32] = "", known_text[32] = "";
    qsort(f->ours, (size_t)rounds, sizeof f->ours[0], bench_ascending);
    qsort(f->bares, (size_t)rounds, sizeof f->bares[0], bench_ascending);
    double least = f->ours[0], median = f->ours[rounds / 2], ratio = least / f->bares[0];
    bool is_time = strncmp(w->name, "bytes-", 6) != 0;          /* bytes have no ratio to a loop's ns */
    if (tabs) {
        if (is_time) snprintf(ratio_text, sizeof ratio_text, "%.3f", ratio);
        printf("%s\t%s\t%.2f\t%.2f\t%.2f\t%s\t%.2f\t%.2f\n", program, w->name, least, median, f->bares[0], ratio_text, w->goal,
               w->known);
    } else {
        if (is_time) snprintf(ratio_text, sizeof ratio_text, "%.2fx", ratio);
        if (w->goal > 0) snprintf(goal_text, sizeof goal_text, "%.1fx", w->goal);
        if (w->known > 0) snprintf(known_text, sizeof known_text, "%.2fx", w->known);
        printf("%-24s %9.2f %9.2f %9.2f %8s %7s %7s%s%s\n", w->name, least, median, f->bares[0], ratio_text, goal_text, known_text,
               w->goal > 0 && ratio > w->goal ? "  over" : "", median > 1.3 * least ? "  noisy" : "");
    }
}

static const struct workload *bench_find(const char *program, const struct workload *w, const char *name)
{
    while (w->name && strcmp(w->name, name) != 0) w++;
    if (w->name) return w;
    fprintf(stderr, "%s: no workload is called %s; -l lists them\n", program, name);
    exit(2);
}

static int bench_main(int argc, char **argv, const char *program, const struct workload *workloads)
{
    int rounds = 7, named = 0;
    bool tabs = false;
    if (argc == 4 && strcmp(argv[1], "-1") == 0) {
        char *rest;
        long count = strtol(argv[3], &rest, 10);
        unsigned tasks = strncmp(argv[2], "bare-", 5) == 0 ? (unsigned)atol(argv[2] + 5) : 0;
        const struct workload *w = tasks ? NULL : bench_find(program, workloads, argv[2]);
        unsigned least = w && w->bare_tasks ? w->bare_tasks : 100;
        if (*rest != '\0' || count < (long)least) {
            fprintf(stderr, "%s: how many operations?  a number from %u on, one for each task; not %s\n", program, least, argv[3]);
            return 2;
        }
        if (tasks) { bare(tasks, count); return 0; }
        w->run(w->n, count);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-l") == 0) {
            for (const struct workload *w = workloads; w->name; w++) puts(w->name);
            return 0;
        }
        if (strcmp(argv[i], "-g") == 0) {
            for (const struct workload *w = workloads; w->name; w++) if (w->goal > 0 || w->known > 0) puts(w->name);
            return 0;
        }
        if (strcmp(argv[i], "-t") == 0) tabs = true;
        else if (strcmp(argv[i], "-r") == 0 && i + 1 < argc) rounds = atoi(argv[++i]);
        else if (argv[i][0] == '-') {
            fprintf(stderr, "usage: %s [-t] [-r ROUNDS] [NAME...] | -1 NAME COUNT | -l | -g\n", program);
            return 2;
        } else {
            (void)bench_find(program, workloads, argv[i]);
            named++;
        }
    }
    if (rounds < 1 || rounds > BENCH_MOST_ROUNDS) { fprintf(stderr, "%s: 1 to %d rounds\n", program, BENCH_MOST_ROUNDS); return 2; }
    int count = 0;
    while (workloads[count].name) count++;
    struct bench_figures *figures = (struct bench_figures *)calloc((size_t)count, sizeof *figures);
    bool *wanted = (bool *)calloc((size_t)count, sizeof *wanted);
    for (int k = 0; k < count; k++) {
        wanted[k] = named == 0;
        for (int i = 1; i < argc; i++) if (strcmp(argv[i], workloads[k].name) == 0) wanted[k] = true;
    }
    if (!tabs) printf("%-24s %9s %9s %9s %8s %7s %7s\n", program, "min ns", "median", "bare ns", "ratio", "goal", "known");
    /* Rounds outside, workloads inside: what disturbs a machine lasts longer than all rounds of one workload in a row. */
    for (int round = 0; round < rounds; round++)
        for (int k = 0; k < count; k++) {
            if (wanted[k]) bench_round(&workloads[k], &figures[k], round);
            if (wanted[k] && round == rounds - 1) {
                bench_print(program, &workloads[k], &figures[k], rounds, tabs);
                fflush(stdout);
            }
        }
    free(figures);
    free(wanted);
    return 0;
}

#define BENCH_MAIN(program, workloads) int main(int argc, char **argv) { return bench_main(argc, argv, program, workloads); }
#endif
