/* cpp20.cpp - C++20 coroutines under a small scheduler written by hand, for there is none in the standard library: a list of those
 * that are ready, linked through their promises, a std::priority_queue of timers, no threads.  With the workloads of ../scheduling.c and
 * ../sleepers.c.
 *
 * debian: g++
 * flags: -std=c++20
 * link:
 *
 * A ring of handles in place of the list is quicker at a million tasks in order, 10.2 against 12.8 ns a yield; among
 * 100 it takes twice as many instructions.
 *
 * A timer that is cancelled stays in the queue, marked as stale, until it is due or half of the queue is stale: std::priority_queue
 * cannot remove.  asyncio does the same.  The clock is read once a turn, as ours does it, and only if there are timers.
 *
 * Kinder than ours: a cancelled sleep returns false, and the coroutine looks at it; nothing is raised, counted or propagated.  The
 * compiler sees coroutines and scheduler at once.  No error can be carried from a task to who waits for it.
 * Harsher: frames come from operator new, as they do in C++, while ours belong to the caller. */
#include "../harness.h"
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <coroutine>
#include <exception>
#include <memory>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

using time_point = std::chrono::steady_clock::time_point;
using std::chrono::nanoseconds;

struct ready { ready *next; };                  /* a promise, as the scheduler sees it: in the list of what is ready, or in none */
static void resume(ready *r);

class scheduler {
public:
    struct timer_id { uint32_t place = 0; uint64_t number = 0; };

    void post(ready *r)
    {
        r->next = nullptr;
        last->next = r;
        last = r;
    }
    void stop() { stopping = true; }
    time_point now() const { return turn_began; }

    timer_id arm(time_point when, ready *whom)
    {
        uint32_t place;
        if (free_places.empty()) {
            place = uint32_t(places.size());
            places.emplace_back();
        } else {
            place = free_places.back();
            free_places.pop_back();
        }
        places[place] = { ++last_number, whom };
        timers.push({ when, last_number, place });
        return { place, last_number };
    }

    /* False if it has fired already, or was never armed. */
    bool disarm(timer_id id)
    {
        if (id.number == 0 || places[id.place].number != id.number) return false;
        release(id.place);
        if (++stale > 64 && stale > timers.size() / 2) {
            timers.sweep([this](const timer &t) { return places[t.place].number != t.number; });
            stale = 0;
        }
        return true;
    }

    /* Until stop(), or until nothing can ever run again. */
    void run()
    {
        turn_began = std::chrono::steady_clock::now();
        while (!stopping) {
            if (!timers.empty()) {
                if (last == &first) {
                    drop_stale();
                    if (!timers.empty()) std::this_thread::sleep_until(timers.top().when);
                }
                fire();
            }
            if (last == &first) {
                if (timers.empty()) break;
                continue;
            }
            bool more = true;
            for (ready *end = last; more && !stopping;) {       /* what is posted meanwhile is the next turn's */
                ready *r = first.next;
                more = r != end;
                first.next = r->next;
                if (r == last) last = &first;
                resume(r);
            }
        }
        stopping = false;
    }

private:
    struct timer {
        time_point when;
        uint64_t number;
        uint32_t place;
        bool operator<(const timer &other) const { return when != other.when ? when > other.when : number > other.number; }
    };
    struct timer_queue : std::priority_queue<timer> {
        template <class predicate> void sweep(predicate dead)
        {
            std::erase_if(c, dead);
            std::make_heap(c.begin(), c.end(), comp);
        }
    };
    struct armed { uint64_t number = 0; ready *whom = nullptr; };

    void release(uint32_t place)
    {
        places[place].number = 0;
        free_places.push_back(place);
    }
    void drop_stale()
    {
        while (!timers.empty() && places[timers.top().place].number != timers.top().number) {
            timers.pop();
            stale--;
        }
    }
    void fire()
    {
        turn_began = std::chrono::steady_clock::now();
        while (!timers.empty() && timers.top().when <= turn_began) {
            timer t = timers.top();
            timers.pop();
            if (places[t.place].number == t.number) {
                post(places[t.place].whom);
                release(t.place);
            } else {
                stale--;
            }
        }
    }

    ready first{ nullptr }, *last = &first;     /* before the first that is ready; the last, or that when none is */
    size_t stale = 0;
    timer_queue timers;
    std::vector<armed> places;
    std::vector<uint32_t> free_places;
    uint64_t last_number = 0;
    time_point turn_began = std::chrono::steady_clock::now();
    bool stopping = false;
};

static std::unique_ptr<scheduler> sched;

/* A coroutine that runs by itself; calling it puts it at the end of the queue.  `co_await t` waits for its end. */
class [[nodiscard]] task {
public:
    struct promise_type;
    using handle = std::coroutine_handle<promise_type>;
    struct promise_type : ready {
        ready *waiter = nullptr;
        scheduler::timer_id sleep;
        bool cancelled = false;

        task get_return_object() { return task(handle::from_promise(*this)); }
        auto initial_suspend() noexcept
        {
            struct awaiter : std::suspend_always {
                void await_suspend(handle h) noexcept { sched->post(&h.promise()); }
            };
            return awaiter{};
        }
        auto final_suspend() noexcept
        {
            struct awaiter : std::suspend_always {
                void await_suspend(handle h) noexcept
                {
                    if (h.promise().waiter) sched->post(h.promise().waiter);
                }
            };
            return awaiter{};
        }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };

    task() = default;
    task(task &&other) noexcept : coroutine(std::exchange(other.coroutine, nullptr)) {}
    task &operator=(task &&other) noexcept { std::swap(coroutine, other.coroutine); return *this; }
    ~task() { if (coroutine) coroutine.destroy(); }

    bool done() const { return coroutine.done(); }
    /* Ends its sleep, if it is in one. */
    void cancel()
    {
        promise_type &p = coroutine.promise();
        p.cancelled = true;
        if (sched->disarm(p.sleep)) sched->post(&p);
    }

    bool await_ready() const { return coroutine.done(); }
    void await_suspend(handle h) { coroutine.promise().waiter = &h.promise(); }
    void await_resume() {}

private:
    explicit task(handle h) : coroutine(h) {}
    handle coroutine;
};

static inline void resume(ready *r) { task::handle::from_promise(static_cast<task::promise_type &>(*r)).resume(); }

struct yield : std::suspend_always {
    void await_suspend(task::handle h) { sched->post(&h.promise()); }
};

struct sleep_until {                            /* co_await: false if it was cancelled */
    time_point when;
    task::promise_type *promise = nullptr;
    bool await_ready() { return false; }
    void await_suspend(task::handle h)
    {
        promise = &h.promise();
        promise->sleep = sched->arm(when, promise);
    }
    bool await_resume() { return !std::exchange(promise->cancelled, false); }
};

class event {
public:
    void set()
    {
        happened = true;
        if (waiter && sched->disarm(limit)) sched->post(waiter);
        waiter = nullptr;
    }
    void clear() { happened = false; }
    auto wait_for(nanoseconds most)             /* co_await: false if it did not happen in time */
    {
        struct awaiter {
            event &e;
            nanoseconds most;
            bool await_ready() { return e.happened; }
            void await_suspend(task::handle h)
            {
                e.waiter = &h.promise();
                e.limit = sched->arm(sched->now() + most, e.waiter);
            }
            bool await_resume() { e.waiter = nullptr; return e.happened; }
        };
        return awaiter{ *this, most };
    }

private:
    ready *waiter = nullptr;
    scheduler::timer_id limit;
    bool happened = false;
};

/* The workloads. */
static long executed, woken;

static void prepare() { sched = std::make_unique<scheduler>(); executed = woken = 0; }
static void check(bool right, const char *what)
{
    if (right) return;
    fprintf(stderr, "cpp20: wrong: %s\n", what);
    exit(1);
}

static task yielder(long left, bool is_first)
{
    for (long k = 0; k < left; k++) co_await yield{};
    if (is_first) end();                        /* all the others have yielded as often */
    executed += left;
}

static task stopper()                           /* spawned last: ends run() when all have run once */
{
    sched->stop();
    co_return;
}

static void yields(unsigned tasks, long count)
{
    prepare();
    std::vector<task> all;
    all.reserve(tasks);
    for (unsigned k = 0; k < tasks; k++) all.push_back(yielder(count / tasks + 1, k == 0));
    task first_turn = stopper();
    sched->run();
    check(executed == 0, "the first turn");
    begin();
    sched->run();
    check(executed == (count / tasks + 1) * long(tasks), "yields");
}

static task nothing()
{
    executed++;
    co_return;
}

static task spawner(long left)
{
    enum { BATCH = 100 };
    std::vector<task> batch(BATCH);
    for (; left > 0; left -= BATCH) {
        for (task &t : batch) t = nothing();
        for (task &t : batch) co_await t;
    }
}

static void spawns(unsigned, long count)
{
    prepare();
    task t = spawner(count);
    begin();
    sched->run();
    end();
    check(t.done() && executed >= count && executed < count + 100, "spawned");
}

static task parked()
{
    bool in_peace = co_await sleep_until{ sched->now() + std::chrono::seconds(100) };
    if (in_peace) co_return;
    co_await yield{};
    executed++;
}

static task canceller(long left, unsigned together)
{
    std::vector<task> batch(together);
    for (; left > 0; left -= together) {
        for (task &t : batch) t = parked();
        co_await yield{};
        for (task &t : batch) t.cancel();
        for (task &t : batch) co_await t;
    }
}

static void cancels(unsigned together, long count)
{
    prepare();
    task t = canceller(count, together);
    begin();
    sched->run();
    end();
    check(t.done() && executed == count, "cancelled");
}

static task sleeper(time_point when)
{
    bool in_peace = co_await sleep_until{ when };               /* not inside the if: g++ 12 makes a bad frame of that */
    if (in_peace) woken++;
}

static task waiter(event &e, long left)
{
    while (left-- > 0) {
        e.clear();
        bool in_time = co_await e.wait_for(std::chrono::seconds(1));
        if (in_time) executed++;
    }
}

static task waker(std::vector<event> &events, long left)
{
    while (left-- > 0) {
        co_await yield{};
        for (event &e : events) e.set();
    }
    sched->stop();                              /* others sleep for long */
}

static void timed_waits(unsigned sleepers, long count)
{
    enum { TASKS = 100 };
    prepare();
    std::vector<event> events(TASKS);
    std::vector<task> all;
    all.reserve(sleepers + TASKS + 2);
    for (unsigned k = 0; k < sleepers; k++)
        all.push_back(sleeper(sched->now() + std::chrono::seconds(1000) + std::chrono::microseconds(k)));
    all.push_back(stopper());
    sched->run();
    for (event &e : events) all.push_back(waiter(e, count / TASKS));
    all.push_back(waker(events, count / TASKS));
    begin();
    sched->run();
    end();
    check(executed >= count / TASKS * TASKS - TASKS && executed <= count, "timed waits");       /* the last may not have run again */
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
static std::vector<task> put_to_sleep(unsigned n)
{
    prepare();
    std::vector<task> all;
    all.reserve(n + 1);
    time_point lead = sched->now() + std::chrono::milliseconds(1) + nanoseconds(400) * n;
    for (unsigned k = 0; k < n; k++) all.push_back(sleeper(lead + nanoseconds(bench_random() % 1000000000)));
    all.push_back(stopper());
    sched->run();
    return all;
}

static void sleepers(unsigned n, long count)
{
    double cpu = 0;
    long measured = 0;
    while (measured < count) {
        std::vector<task> all = put_to_sleep(n);
        long early = woken;
        double before = cpu_ns();
        sched->run();
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
        std::vector<task> all = put_to_sleep(n);
        bytes = (resident_bytes() - before) / n;
        sched->run();
        check(woken == n, "not all have woken");
    }
    bench_began_ns = 0;
    bench_ended_ns = bytes * double(count);
}

static const struct workload workloads[] = {
    { "bytes-per-task",   bytes_per_task, 100000,  100000,  100,     0 },      /* first: of a process that has no free memory yet */
    { "yield-1",          yields,         1,       1000000, 1,       0 },
    { "yield-100",        yields,         100,     1000000, 100,     0 },
    { "yield-10000",      yields,         10000,   1000000, 10000,   0 },
    { "yield-1000000",    yields,         1000000, 16000000, 1000000, 0 },
    { "spawn",            spawns,         0,       300000,  100,     0 },
    { "spawn-cancel",     cancels,        100,     200000,  100,     0 },
    { "spawn-cancel-1",   cancels,        1,       200000,  100,     0 },
    { "timed-wait",       timed_waits,    0,       300000,  100,     0 },
    { "timed-wait-100k",  timed_waits,    100000,  300000,  100,     0 },
    { "sleepers-1000",    sleepers,       1000,    1000,    100,     0 },
    { "sleepers-100000",  sleepers,       100000,  100000,  100,     0 },
    { "sleepers-1000000", sleepers,       1000000, 1000000, 100,     0 },
    { NULL, NULL, 0, 0, 0, 0 }
};
BENCH_MAIN("cpp20", workloads)
