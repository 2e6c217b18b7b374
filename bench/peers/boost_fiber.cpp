/* boost_fiber.cpp - Boost.Fiber: coroutines with stacks of their own, round robin (its default), in one thread.  With the workloads of
 * ../scheduling.c and ../sleepers.c.
 *
 * debian: libboost-fiber-dev libboost-context-dev
 * flags: -std=c++17 -DNDEBUG
 * link: -lboost_fiber -lboost_context -pthread
 *
 * Stacks have 16 KiB (its default is 128) and come from a pool (spawn, which makes many one after the other) or from malloc (the rest),
 * both without guard pages.  8 KiB do not suffice: the dynamic linker, which looks up a function when it is first called, does it on
 * whatever stack is the current one.  What waits in time lies in a red-black tree.
 * Harsher: Boost.Fiber can work with several threads at once, and its objects lock for that, as Debian ships it.
 * Left out: spawn-cancel, for fibers cannot be cancelled; yield-1000000 and sleepers-1000000, whose stacks would take 5 GB of memory. */
#include "../harness.h"
#include <unistd.h>
#include <boost/fiber/all.hpp>
#include <boost/fiber/pooled_fixedsize_stack.hpp>
#include <chrono>
#include <memory>
#include <vector>

namespace fibers = boost::fibers;
using clock_type = std::chrono::steady_clock;
using std::chrono::nanoseconds;

enum { STACK = 16384 };

static long executed, woken;

static void check(bool right, const char *what)
{
    if (right) return;
    fprintf(stderr, "boost_fiber: wrong: %s\n", what);
    exit(1);
}

template <class body> static fibers::fiber spawn(body b)
{
    return fibers::fiber(std::allocator_arg, fibers::fixedsize_stack(STACK), std::move(b));
}

static void join_all(std::vector<fibers::fiber> &all)
{
    for (fibers::fiber &f : all) f.join();
}

static void yields(unsigned tasks, long count)
{
    std::vector<fibers::fiber> all;
    long each = count / tasks;
    executed = 0;
    all.reserve(tasks);
    for (unsigned k = 0; k < tasks; k++)
        all.push_back(spawn([each] {
            for (long left = each; left > 0; left--) boost::this_fiber::yield();
            executed += each;
        }));
    boost::this_fiber::yield();                 /* all have begun */
    check(executed == 0, "the first turn");
    begin();
    join_all(all);
    end();
    check(executed == each * tasks, "yields");
}

static void spawns(unsigned, long count)
{
    enum { BATCH = 100 };
    static fibers::pooled_fixedsize_stack pool(STACK);
    std::vector<fibers::fiber> batch(BATCH);
    executed = 0;
    begin();
    for (long left = count; left > 0; left -= BATCH) {
        for (fibers::fiber &f : batch) f = fibers::fiber(std::allocator_arg, pool, [] { executed++; });
        join_all(batch);
    }
    end();
    check(executed >= count && executed < count + BATCH, "spawned");
}

/* What a waiter waits for, as the standard library's condition variables are used. */
struct event {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    bool happened = false;
};

/* Sleepers cannot be ended early, so those of timed-wait-100k are of one process: they stay until it ends. */
static void others_asleep(unsigned n)
{
    static unsigned asleep;
    for (; asleep < n; asleep++) {
        clock_type::time_point when = clock_type::now() + std::chrono::seconds(1000) + std::chrono::microseconds(asleep);
        spawn([when] { boost::this_fiber::sleep_until(when); }).detach();
    }
    boost::this_fiber::yield();
}

static void timed_waits(unsigned sleepers, long count)
{
    enum { TASKS = 100 };
    std::vector<event> events(TASKS);
    std::vector<fibers::fiber> all;
    long each = count / TASKS;
    executed = 0;
    others_asleep(sleepers);
    for (event &e : events)
        all.push_back(spawn([each, &e] {
            for (long left = each; left > 0; left--) {
                std::unique_lock<fibers::mutex> lock(e.mutex);
                if (e.changed.wait_for(lock, std::chrono::seconds(1), [&e] { return e.happened; })) executed++;
                e.happened = false;
            }
        }));
    all.push_back(spawn([each, &events] {
        for (long left = each; left > 0; left--) {
            for (event &e : events) {
                std::unique_lock<fibers::mutex> lock(e.mutex);
                e.happened = true;
                lock.unlock();
                e.changed.notify_one();
            }
            boost::this_fiber::yield();
        }
    }));
    boost::this_fiber::yield();
    begin();
    join_all(all);
    end();
    check(executed == each * TASKS, "timed waits");
}

static double cpu_ns()
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e9 + double(now.tv_nsec);
}

static double resident_bytes()
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == nullptr || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return double(pages) * double(sysconf(_SC_PAGESIZE));
}

/* Until random moments of one second; the last is asleep before the first wakes. */
static std::vector<fibers::fiber> put_to_sleep(unsigned n)
{
    std::vector<fibers::fiber> all;
    clock_type::time_point lead = clock_type::now() + std::chrono::milliseconds(1) + nanoseconds(4000) * n;
    woken = 0;
    all.reserve(n);
    for (unsigned k = 0; k < n; k++)
        all.push_back(spawn([when = lead + nanoseconds(bench_random() % 1000000000)] {
            boost::this_fiber::sleep_until(when);
            woken++;
        }));
    boost::this_fiber::yield();
    return all;
}

static void sleepers(unsigned n, long count)
{
    double cpu = 0;
    long measured = 0;
    while (measured < count) {
        std::vector<fibers::fiber> all = put_to_sleep(n);
        long early = woken;
        double before = cpu_ns();
        join_all(all);
        cpu += cpu_ns() - before;
        measured += woken - early;
        check(woken == n, "not all have woken");
    }
    bench_began_ns = 0;
    bench_ended_ns = cpu / double(measured) * double(count);
}

static void bytes_per_task(unsigned n, long count)
{
    static double bytes;                        /* of the first time: later the memory is the process's already */
    if (bytes == 0) {
        double before = resident_bytes();
        std::vector<fibers::fiber> all = put_to_sleep(n);
        bytes = (resident_bytes() - before) / n;
        join_all(all);
        check(woken == n, "not all have woken");
    }
    bench_began_ns = 0;
    bench_ended_ns = bytes * double(count);
}

static const struct workload workloads[] = {
    { "bytes-per-task",   bytes_per_task, 10000,   10000,   100,     0 },      /* first: of a process that has no free memory yet */
    { "yield-1",          yields,         1,       500000,  1,       0 },
    { "yield-100",        yields,         100,     500000,  100,     0 },
    { "yield-10000",      yields,         10000,   200000,  10000,   0 },
    { "spawn",            spawns,         0,       100000,  100,     0 },
    { "timed-wait",       timed_waits,    0,       100000,  100,     0 },
    { "sleepers-1000",    sleepers,       1000,    1000,    100,     0 },
    { "sleepers-100000",  sleepers,       100000,  100000,  100,     0 },
    { "timed-wait-100k",  timed_waits,    100000,  100000,  100,     0 },      /* last: those that sleep stay */
    { NULL, NULL, 0, 0, 0, 0 }
};

int main(int argc, char **argv)
{
    int result = bench_main(argc, argv, "boost_fiber", workloads);
    fflush(stdout);
    _Exit(result);                              /* its scheduler would wait for those that sleep */
}
