"""asyncio.py - Python's asyncio, whose semantics ours are.  With the workloads of ../scheduling.c and ../sleepers.c.

debian: python3

    asyncio.py [...]           as the programs in C: -t, -r ROUNDS, NAME..., -1 NAME COUNT, -l; there is no bare loop: its figures are 0
    asyncio.py --uvloop ...    the same on uvloop, libuv's event loop in Python (see uvloop.py)

Everything is as its documentation shows it; the garbage collector is on.  Kinder than ours: waiting for descriptors, and so sleeping,
lasts whole milliseconds, rounded up, so that many sleepers wake at once; ours wakes for each.  Harsher: it looks for descriptors in every
turn, a system call; and it is Python, all tasks' own code included.
Left out: yield-1000000 and sleepers-1000000: making a million tasks alone takes seconds, and a gigabyte.  timed-wait-100k comes last, for
the others stay asleep until the process ends."""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]       # or else `import asyncio` would find this file
import asyncio
import random
import resource
import time

now, cpu = time.perf_counter_ns, time.process_time_ns
BATCH = TASKS = 100


def check(right, what):
    if not right:
        sys.exit(f"{program}: wrong: {what}")


async def join(tasks):
    for task in tasks:
        await task


# Each workload returns the ns that its `count` operations took.
async def yields(n, count):
    executed = 0

    async def yielder():
        nonlocal executed
        for _ in range(count // n):
            await asyncio.sleep(0)
        executed += count // n

    tasks = [asyncio.create_task(yielder()) for _ in range(n)]
    await asyncio.sleep(0)
    began = now()
    await join(tasks)
    ended = now()
    check(executed == count // n * n, "yields")
    return ended - began


async def spawns(_, count):
    executed = 0

    async def nothing():
        nonlocal executed
        executed += 1

    began = now()
    for _ in range(0, count, BATCH):
        await join([asyncio.create_task(nothing()) for _ in range(BATCH)])
    ended = now()
    check(count <= executed < count + BATCH, "spawned")
    return ended - began


async def cancels(together, count):
    executed = 0

    async def parked():
        nonlocal executed
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(0)
            executed += 1

    began = now()
    for _ in range(0, count, together):
        tasks = [asyncio.create_task(parked()) for _ in range(together)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        for task in tasks:
            try:
                await task
            except asyncio.CancelledError:
                pass
    ended = now()
    check(count <= executed < count + together, "cancelled")
    return ended - began


asleep = []                                     # kept: nobody else refers to them


async def timed_waits(sleepers, count):
    executed = 0
    futures = [None] * TASKS
    loop = asyncio.get_running_loop()
    while len(asleep) < sleepers:
        asleep.append(asyncio.create_task(asyncio.sleep(1000 + len(asleep) / 1e6)))

    async def waiter(i):
        nonlocal executed
        for _ in range(count // TASKS):
            futures[i] = loop.create_future()
            await asyncio.wait_for(futures[i], 1)
            executed += 1

    tasks = [asyncio.create_task(waiter(i)) for i in range(TASKS)]
    await asyncio.sleep(0)
    began = now()
    while executed < count // TASKS * TASKS:
        for future in futures:
            if not future.done():
                future.set_result(None)
        await asyncio.sleep(0)
    ended = now()
    await join(tasks)
    check(executed == count // TASKS * TASKS, "timed waits")
    return ended - began


woken = 0


async def put_to_sleep(n):
    """Tasks that sleep until random moments of one second; the last is asleep before the first wakes."""
    global woken
    woken = 0
    loop = asyncio.get_running_loop()

    async def sleeper(after):
        global woken
        await asyncio.sleep(start + after - loop.time())
        woken += 1

    tasks = [asyncio.create_task(sleeper(random.random())) for _ in range(n)]
    start = loop.time() + 0.005 + 6e-6 * n
    await asyncio.sleep(0)
    return tasks


async def sleepers(n, count):
    total = measured = 0
    while measured < count:
        tasks = await put_to_sleep(n)
        early = woken
        before = cpu()
        await join(tasks)
        total += cpu() - before
        measured += woken - early
        check(woken == n, "not all have woken")
    return total / measured * count


bytes_each = 0                                  # of the first time: later the memory is the process's already


async def bytes_per_task(n, count):
    global bytes_each

    def resident():
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    if not bytes_each:
        before = resident()
        tasks = await put_to_sleep(n)
        bytes_each = (resident() - before) / n
        await join(tasks)
        check(woken == n, "not all have woken")
    return bytes_each * count


WORKLOADS = {
    "bytes-per-task": (bytes_per_task, 10000, 10000),                   # first: of a process that has no free memory yet
    "yield-1": (yields, 1, 10000),
    "yield-100": (yields, 100, 20000),
    "yield-10000": (yields, 10000, 30000),
    "spawn": (spawns, 0, 5000),
    "spawn-cancel": (cancels, BATCH, 2000),
    "spawn-cancel-1": (cancels, 1, 2000),
    "timed-wait": (timed_waits, 0, 5000),
    "sleepers-1000": (sleepers, 1000, 1000),
    "sleepers-100000": (sleepers, 100000, 100000),
    "timed-wait-100k": (timed_waits, 100000, 5000),
}


def usage():
    print(f"usage: {program} [-t] [-r ROUNDS] [NAME...] | -1 NAME COUNT | -l", file=sys.stderr)
    sys.exit(2)


def main(arguments):
    if arguments == ["-l"]:
        print(*WORKLOADS, sep="\n")
        return
    if len(arguments) == 3 and arguments[0] == "-1" and arguments[1] in WORKLOADS and arguments[2].isdigit() and int(arguments[2]) > 0:
        run, n, _ = WORKLOADS[arguments[1]]
        loop.run_until_complete(run(n, int(arguments[2])))
        return
    rounds, tabs, names = 7, False, []
    while arguments:
        argument = arguments.pop(0)
        if argument == "-t":
            tabs = True
        elif argument == "-r" and arguments and arguments[0].isdigit() and int(arguments[0]) > 0:
            rounds = int(arguments.pop(0))
        elif argument in WORKLOADS:
            names.append(argument)
        else:
            usage()
    if not tabs:
        print(f"{program:24} {'min ns':>9} {'median':>9}")
    figures = {name: [] for name in WORKLOADS if not names or name in names}
    for _ in range(rounds):                     # outside, as in harness.h
        for name in figures:
            run, n, count = WORKLOADS[name]
            figures[name].append(loop.run_until_complete(run(n, count)) / count)
    for name in figures:
        each = sorted(figures[name])
        if tabs:
            print(f"{program}\t{name}\t{each[0]:.2f}\t{each[rounds // 2]:.2f}\t0\t0\t0\t0", flush=True)
        else:
            print(f"{name:24} {each[0]:9.2f} {each[rounds // 2]:9.2f}", flush=True)


program = "asyncio"
if "--uvloop" in sys.argv:
    sys.argv.remove("--uvloop")
    import uvloop
    program = "uvloop"
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
loop = asyncio.new_event_loop()
loop.set_exception_handler(lambda *_: None)     # those that still sleep at the end
main(sys.argv[1:])
sys.stdout.flush()
