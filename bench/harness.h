/* harness.h - what every benchmark program here shares: workloads by name, interleaved rounds, and the bare loop beside them.
 *
 *     PROGRAM                        every workload: ns per operation, minimum and median of the rounds, ratio to the bare loop
 *     PROGRAM NAME... [-r ROUNDS]    only those
 *     PROGRAM -1 NAME COUNT          one workload, COUNT operations, once and silently: for hyperfine and callgrind
 *     PROGRAM -l                     their names
 *     -t                             tab-separated lines for other programs: workload, ns, median ns, bare ns, ratio, budget
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
    double budget;                              /* the ratio to reach; 0: none */
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

static void bench_one(const char *program, const struct workload *w, int rounds, bool tabs)
{
    double ours[BENCH_MOST_ROUNDS], bares[BENCH_MOST_ROUNDS];
    unsigned tasks = w->bare_tasks ? w->bare_tasks : 100;
    long bare_count = 2000000 / tasks * tasks;
    if (bare_count == 0) bare_count = tasks;
    for (int round = 0; round < rounds; round++) {              /* interleaved: noise hits both */
        bares[round] = bench_measure(bare, tasks, bare_count);
        ours[round] = bench_measure(w->run, w->n, w->count);
    }
    qsort(ours, (size_t)rounds, sizeof ours[0], bench_ascending);
    qsort(bares, (size_t)rounds, sizeof bares[0], bench_ascending);
    double ratio = ours[0] / bares[0];
    if (tabs) printf("%s\t%s\t%.2f\t%.2f\t%.2f\t%.3f\t%.2f\n", program, w->name, ours[0], ours[rounds / 2], bares[0], ratio, w->budget);
    else if (w->budget > 0) printf("%-24s %9.2f %9.2f %9.2f %7.2fx %6.1fx%s\n", w->name, ours[0], ours[rounds / 2], bares[0], ratio, w->budget, ratio <= w->budget ? "" : "  over");
    else printf("%-24s %9.2f %9.2f %9.2f %7.2fx\n", w->name, ours[0], ours[rounds / 2], bares[0], ratio);
    fflush(stdout);
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
        long count = atol(argv[3]);
        unsigned tasks = strncmp(argv[2], "bare-", 5) == 0 ? (unsigned)atol(argv[2] + 5) : 0;
        if (count <= 0) { fprintf(stderr, "%s: how many operations?  not %s\n", program, argv[3]); return 2; }
        if (tasks) { bare(tasks, count); return 0; }
        const struct workload *w = bench_find(program, workloads, argv[2]);
        w->run(w->n, count);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-l") == 0) {
            for (const struct workload *w = workloads; w->name; w++) puts(w->name);
            return 0;
        }
        if (strcmp(argv[i], "-t") == 0) tabs = true;
        else if (strcmp(argv[i], "-r") == 0 && i + 1 < argc) rounds = atoi(argv[++i]);
        else if (argv[i][0] == '-') { fprintf(stderr, "usage: %s [-t] [-r ROUNDS] [NAME...] | -1 NAME COUNT | -l\n", program); return 2; }
        else { (void)bench_find(program, workloads, argv[i]); named++; }
    }
    if (rounds < 1 || rounds > BENCH_MOST_ROUNDS) { fprintf(stderr, "%s: 1 to %d rounds\n", program, BENCH_MOST_ROUNDS); return 2; }
    if (!tabs) printf("%-24s %9s %9s %9s %8s %7s\n", program, "min ns", "median", "bare ns", "ratio", "budget");
    for (const struct workload *w = workloads; w->name; w++) {
        bool wanted = named == 0;
        for (int i = 1; i < argc; i++) if (strcmp(argv[i], w->name) == 0) wanted = true;
        if (wanted) bench_one(program, w, rounds, tabs);
    }
    return 0;
}

#define BENCH_MAIN(program, workloads) int main(int argc, char **argv) { return bench_main(argc, argv, program, workloads); }
#endif
