"""mutation.py [N=500] [SEED=1] [JOBS=2] [LAST=3] [FUNCTION=name] [--again]: do the tests notice small faults in the header?

Puts N mutants (mutants.py) one by one into a copy of aio_timeout.h, and runs the tests that run what was changed, until one fails: the
mutant is killed. One that no test kills is a survivor: a missing test, needless code, or a change that no program can tell, which
equivalent.txt then lists with the reason. Fails if fewer than 95 % of the others are killed, or if the list names what is not there.

What survived is kept in build/mutation/survivors.txt; --again tries only that. With FUNCTION, only mutants of that function or macro.
LAST=1 leaves out gcc, LAST=0 also misuse and twins.

A test is built by tcc, which is fast. What survives all of those meets gcc: epoll(7), threads, builds with sanitizers. Each test has passed
with the header as it is before it judges a mutant. A first run of each test notes which functions it enters; only these tests are tried.
A kill that may be chance, by a timeout or by a test on real clocks, is tried twice. The same SEED picks the same mutants."""
import collections
import concurrent.futures
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import mutants

Test = collections.namedtuple("Test", "name compiler flags source argument expected kind slow")

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KEEP = os.path.join(TOP, "build", "mutation")
LIST = os.path.join(TOP, "tests", "mutation", "equivalent.txt")
CACHE = os.path.join(KEEP, "tests.json")
GOAL = 95

# The tests that are tried first, by section of the header.
FIRST = {
    7: "wheel_extremes sort_overdue wheel_order ticks_that_wrap wheel_property",
    8: "loops turn_model skipped_turns skipped_turns_small real_time clock_goes_back testing",
    9: "cancel_rules callbacks started_again beyond_shielded beyond_firm beyond_reason flaws",
    10: "blocks handler_rules frames frames_in_turn started_again",
    11: "timeout_rules wait_for_rules beyond_stop beyond_ticker_backoff beyond_time_left beyond_firm beyond_shielded forever_absorbs",
    12: "wait_gather_shield beyond_race large_sets started_again",
    13: "sync_rules queue_rules beyond_callbacks cancel_rules",
    14: "group_rules as_completed_rules beyond_shielded beyond_firm",
    15: "descriptors poll_io poll_limits poll_limits_epoll poll_limits_ms poll_looks poll_clocks kqueue_descriptors kqueue_io forks signals "
        "kqueue_forks descriptors_2 poll_io_2 forks_2",
    16: "interrupts_small signals threads forks interrupts ticks_that_wrap",
}
SLOW = {"wheel_property": (7, 8), "wheel_order": (7, 8), "forever_absorbs_16": (7, 8, 11), "large_sets": (9, 12, 14),
        "sort_overdue": (7, 8), "interrupts": (8, 9, 16), "interrupts_small": (8, 9, 16)}
REAL = re.compile(r"real|thread|poll|descriptors|kqueue|fork|signals|interrupts|testing")  # on real clocks, or beside other processes
# tcc has no <stdatomic.h>, and does not see which arguments are literals.
ONLY_GCC = set("threads_and_signals deadlock_in_a_gather literal_awaited literal_spawned literal_under_a_limit local_as_argument "
               "wait_in_wide_switch".split())
EPOLL = "descriptors poll_io poll_limits poll_limits_epoll poll_looks poll_clocks forks signals threads threads_and_signals " \
        "interrupts interrupts_small".split()
SANITIZE = "-Og -w -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer".split()
FUZZ = {"": "", "_small": "-DAIOT_SMALL=1", "_ticks": "-DAIOT_DEBUG=1 -DAIOT_TIME_BITS=16 -DAIOT_TICKS_PER_S=3000 -DBEGINS=32763",
        "_skips": "-DAIOT_TIME_BITS=32 -DAIOT_TICKS_PER_S=100000 -DBEGINS=2147483642 -DOWN_CLOCK"}  # as in the Makefile
TICKS = "-DAIOT_DEBUG=1 -DAIOT_TIME_BITS=32 -DAIOT_TICKS_PER_S=1000000 -DVT_START=2147000000"
INCLUDES = ["-I.", "-Iexamples/asyncio", "-Itests/unit"]
TCC, GCC = "tcc -O1 -w".split(), "gcc -std=c11 -w".split()


def identity(mutant):
    return f"{mutant.function}|{mutant.before}|{mutant.after}"


def said(path, what):
    """What a comment `what: words` of a file says."""
    m = re.search(r"(?m)%s: (.*?[^ ]) *\*/" % what, open(path, encoding="utf-8").read())
    return m.group(1) if m else ""


def all_tests():
    """All tests, in the order in which they are tried if nothing else decides."""
    tests = []
    def add(name, compiler, flags, source, argument="", expected="", kind="ends well", slow=0):
        tests.append(Test(name, compiler, tuple(flags), source, argument, expected, kind, slow))
    def random(compiler, prefix, kinds, flags=(), slow=0):
        for kind in kinds:
            for corpus in "fuzz", "beyond":
                add(f"{prefix}{corpus} aiot_side{kind}", compiler, FUZZ[kind].split() + list(flags), "tests/fuzz/aiot_side.c",
                    f"tests/{corpus}/corpus.txt", slow=slow)
    def unit(compiler, prefix, name, flags=(), slow=0):
        more = ["-Itests/unit/kqueue"] if name.startswith("kqueue") else []
        add(prefix + name, compiler, list(flags) + more + ["-pthread"], f"tests/unit/{name}.c", slow=slow)
    units = [os.path.basename(path)[:-2] for path in sorted(glob.glob(TOP + "/tests/unit/*.c"))]
    random(TCC, "", FUZZ)
    for prefix, flags in ("", ""), ("debug ", "-DAIOT_DEBUG=1"), ("small ", "-DAIOT_SMALL=1"), ("small debug ", "-DAIOT_SMALL=1 -DAIOT_DEBUG=1"):
        for name in units:
            if name not in ONLY_GCC and not (prefix and name in SLOW):
                unit(TCC, prefix, name, flags.split(), slow=len(prefix) > 9)
    for path in sorted(glob.glob(TOP + "/tests/bad/answer/*.c")):
        name = os.path.basename(path)[:-2]
        compiler, slow = (GCC, 2) if name in ONLY_GCC else (TCC, 1)
        add_answer = lambda mode, flags, aborts: add(f"answer {name} {mode}", compiler, flags, os.path.relpath(path, TOP),
            expected=said(path, "expect " + mode), kind="aborts" if aborts else "ends well", slow=slow)
        add_answer("debug", ["-DAIOT_DEBUG=1"], said(path, "exit debug") == "abort")
        release = said(path, "^/[*] release")           # as in tests/bad/run.sh
        if not release.startswith("undefined"):
            add_answer("release", [], release == "trapped" and said(path, "exit release") != "0")
    for prefix, flags in ("twin ", ""), ("twin ticks ", TICKS):
        for path, out in [(p, "tutorials") for p in sorted(glob.glob(TOP + "/examples/asyncio/*.c"))] + \
                         [(p, "public") for p in sorted(glob.glob(TOP + "/tests/conformance/*.c"))]:
            name = os.path.basename(path)[:-2]
            add(prefix + name, TCC, flags.split(), os.path.relpath(path, TOP), expected=f"tests/conformance/{out}/{name}.out", kind="prints",
                slow=2 if flags else 1)
    for path in sorted(glob.glob(TOP + "/examples/basics/*.c") + glob.glob(TOP + "/examples/cookbook/*.c")):
        options = ["-D%s=%s" % m for m in re.findall(r"(?m)^#define (AIOT_[A-Z_]*) ([0-9]*)$", open(path, encoding="utf-8").read())]
        source = os.path.relpath(path, TOP)
        add("basics " + os.path.basename(path)[:-2], TCC, options + ["-include", "tests/virtual_time.h", "-pthread"], source,
            expected=source[:-2] + ".out", kind="prints", slow=1)
    for name in EPOLL:
        unit(GCC, "gcc ", name, ["-O1"], slow=2)
        unit(GCC, "gcc debug ", name, ["-O1", "-DAIOT_DEBUG=1"], slow=2)
    for name in "frames", "right_uses", "arguments_that_last":       # what gcc's debug builds look for
        add("gcc debug " + name, GCC, ["-O1", "-DAIOT_DEBUG=1"], f"tests/unit/{name}.c", slow=2)
    for source in "tests/unit/threads.c", "tests/unit/threads_and_signals.c", "tests/threads/merged_raise.c":
        add("races " + os.path.basename(source)[:-2], GCC, ["-O1", "-fsanitize=thread", "-pthread"], source, slow=2)
    random(GCC, "gcc ", ["", "_skips"], ["-O1"], slow=2)
    random(GCC, "sanitized ", ["", "_small"], SANITIZE, slow=3)
    for name in units:
        if name not in SLOW:
            unit(GCC, "sanitized ", name, SANITIZE, slow=3)
    return tests


class Bench:
    """A directory with copies of the tests and of a header, in which one test at a time is built and run."""
    def __init__(self, scratch, name):
        self.dir = os.path.join(scratch, name)
        for part in ("tests/unit", "tests/fuzz", "tests/beyond", "tests/threads", "tests/bad/answer", "tests/conformance", "examples/asyncio", "examples/basics",
                     "examples/cookbook"):
            shutil.copytree(os.path.join(TOP, part), os.path.join(self.dir, part))
        shutil.copy(os.path.join(TOP, "tests/virtual_time.h"), os.path.join(self.dir, "tests"))

    def put(self, text):
        with open(os.path.join(self.dir, "aio_timeout.h"), "w", encoding="utf-8") as file:
            file.write(text)

    def call(self, command, wall, limits="", environment=None):
        """Runs a command; returns its exit code, None if it took too long, and what it said on stdout and on stderr."""
        command = ["sh", "-c", f'ulimit -c 0; {limits} exec "$@"', "sh", *command]
        with open(os.path.join(self.dir, "said"), "w+b") as out, open(os.path.join(self.dir, "errors"), "w+b") as errors:
            process = subprocess.Popen(command, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, start_new_session=True,
                                       env=environment)
            try:
                code = process.wait(wall)
            except subprocess.TimeoutExpired:
                code = None
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            out.seek(0)
            errors.seek(0)
            return code, out.read(1 << 24).decode("utf-8", "replace"), errors.read(1 << 20).decode("utf-8", "replace")

    def build(self, test, *more):
        """Builds a test; True if that went well."""
        return self.call([*test.compiler, *test.flags, *INCLUDES, test.source, *more, "-o", "program"], 120)[0] == 0

    def run(self, test, seconds, environment=None):
        """Runs what was built. None if it passes, else why not."""
        limits = f"ulimit -t {int(4 * seconds) + 3}; ulimit -f 100000; "
        if not any(flag.startswith("-fsanitize") for flag in test.flags):
            limits += "ulimit -v 2000000; "     # the sanitizers map terabytes
        fixed = ["setarch", os.uname().machine, "-R"] if "-fsanitize=thread" in test.flags else []     # as tests/threads/run.sh
        code, text, errors = self.call([*fixed, "./program", *test.argument.split()], 10 + 8 * seconds, limits, environment)
        if code is None:
            return "timeout"
        if code in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
            return "no end"
        if test.kind == "aborts":
            right = code < 0 or code >= 128
        else:
            right = code == 0
        if not right:
            return f"exit {code}"
        if test.kind == "prints":
            return None if text == open(os.path.join(TOP, test.expected), encoding="utf-8").read() else "another trace"
        return None if not test.expected or re.search(test.expected, text + errors, re.M) else "other words"


COUNTER = """
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
static unsigned char none[8192];
unsigned char *mutation_entered = none;
__attribute__((constructor)) static void begin(void)
{
    int fd = open(getenv("MUTATION_ENTERED"), O_RDWR);
    void *at = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED) mutation_entered = at;
}
"""


class Tests:
    """What is known of each test: whether it passes, how long it takes, which functions it enters, which parts of the header it compiles."""
    def __init__(self, header, scratch):
        self.header, self.scratch = header, scratch
        self.all = all_tests()
        self.lock = threading.Lock()
        self.locks = collections.defaultdict(threading.Lock)
        self.known, self.kills, self.killers = collections.defaultdict(dict), collections.Counter(), {}
        code = mutants.strip(header)
        places = sorted((begin, name) for name, begin, end in mutants.bodies(code) if code[begin] == "{" and header[header.rfind("\n", 0, begin) + 1] != "#")
        self.numbers = {}
        pieces, at = [], 0
        for number, (begin, name) in enumerate(places):
            self.numbers.setdefault(name, []).append(number)
            pieces += [header[at:begin + 1], f" mutation_entered[{number}] = 1;"]
            at = begin + 1
        text = "".join(pieces) + header[at:]
        self.counting = text.replace("#define AIO_TIMEOUT_H\n", "#define AIO_TIMEOUT_H\nextern unsigned char *mutation_entered;\n", 1)
        number = iter(range(1, 100000))
        self.marked = mutants.CONDITION.sub(lambda m: f"{m.group()}mutation_part_{next(number)}\n", mutants.uncomment(header))
        self.load()
        with open(os.path.join(scratch, "counter.c"), "w", encoding="utf-8") as file:
            file.write(COUNTER)
        subprocess.run(["gcc", "-O1", "-c", "counter.c", "-o", "counter.o"], cwd=scratch, check=True)

    def expand(self, test, text, bench):
        """What the preprocessor makes of a test with this header."""
        bench.put(text)
        return bench.call([*test.compiler, *test.flags, *INCLUDES, "-E", test.source], 60)[1]

    def once(self, what, test, find):
        """What find() returns for a test; it is asked once, also over several runs of this program."""
        with self.lock:
            lock, known = self.locks[what, test.name], self.known[test.name]
        with lock:
            if what not in known:
                known[what] = find()
            return known[what]

    def load(self):
        """Reads what the last run of this program knew of the tests that have not changed since, with the same header."""
        shared = self.header + "".join(open(path, encoding="utf-8").read() for path in sorted(glob.glob(TOP + "/tests/unit/*.h")))
        for test in self.all:
            source = open(os.path.join(TOP, test.source), encoding="utf-8").read()
            source += "".join(open(os.path.join(TOP, "tests/unit", name), encoding="utf-8").read() for name in re.findall(r'#include "(\w+\.c)"', source))
            self.known[test.name]["key"] = hashlib.sha256(f"{shared}{source}{test}".encode()).hexdigest()
        try:
            with open(CACHE, encoding="utf-8") as file:
                all_known, self.killers = json.load(file)
                for name, known in all_known.items():
                    if name in self.known and known["key"] == self.known[name]["key"] and None not in known.values():
                        self.known[name] = known
        except (OSError, ValueError):
            pass

    def save(self):
        with open(CACHE + ".new", "w", encoding="utf-8") as file:
            json.dump([{name: dict(known) for name, known in self.known.items()}, dict(self.killers)], file)
        os.replace(CACHE + ".new", CACHE)

    def compiles(self, test, part, bench):
        """Does the test compile this part of the header, which begins at the part-th condition of the preprocessor?"""
        parts = self.once("parts", test, lambda: re.findall(r"\bmutation_part_(\d+)", self.expand(test, self.marked, bench)))
        return part == 0 or str(part) in parts

    def may_notice(self, mutant, text, test, bench):
        """Does the test enter the function that was changed, or use the macro?"""
        if mutant.function in self.numbers:
            return mutant.function in self.know(test, bench)[1]
        def hash_of(header):
            return hashlib.sha256(self.expand(test, header, bench).encode()).hexdigest()
        return hash_of(text) != self.once("expanded", test, lambda: hash_of(self.header))

    def know(self, test, bench):
        """Runs a test with the header as it is, once: (seconds, the functions that it enters)."""
        return self.once("run", test, lambda: self.first_run(test, bench))

    def first_run(self, test, bench):
        entered = os.path.join(bench.dir, "entered")
        for header, more in (self.counting, ["../counter.o"]), (self.header, []):
            with open(entered, "wb") as file:
                file.write(bytes(8192))
            bench.put(header)
            if not bench.build(test, *more):
                continue
            began = time.monotonic()
            why = bench.run(test, 30 if os.path.basename(test.source)[:-2] in SLOW else 3, {**os.environ, "MUTATION_ENTERED": entered})
            seconds = time.monotonic() - began
            if why is None:
                hits = open(entered, "rb").read()
                return seconds, [name for name, numbers in self.numbers.items() if not more or any(hits[n] for n in numbers)]
        return None

    def passes(self, test, bench):
        """Does the test pass with the header as it is, without anything that counts?"""
        bench.put(self.header)
        return bench.build(test) and bench.run(test, 30) is None

    def order(self, mutant):
        """The tests for a mutant: the one that killed it last time, those that killed its neighbours, those of its section, the others."""
        first, last_time = FIRST[mutant.section].split(), self.killers.get(identity(mutant))
        def key(test):
            name = os.path.basename(test.source)[:-2]
            answers = test.name.startswith("answer") and re.search("AIOT_I_(EXPECT|REQUIRE)", mutant.before)
            return test.name != last_time, not answers, test.slow, -self.kills[mutant.section, test.name], name in SLOW, name not in first
        def fits(test):
            name = os.path.basename(test.source)[:-2]
            if name in SLOW and mutant.section not in SLOW[name]:
                return False
            if test.slow == 3 or test.name.startswith("small debug"):
                return name in first[:3] or not test.source.startswith("tests/unit")
            return test.slow < 2 or name not in EPOLL or mutant.section in (15, 16)
        return sorted(filter(fits, self.all), key=key)


def judge(mutant, tests, bench, last):
    """Returns ("killed by ...", "does not compile" or "lives") for a mutant."""
    text = tests.header[:mutant.begin] + mutant.text + tests.header[mutant.end:]
    tried = 0
    for test in tests.order(mutant):
        if test.slow > last or not tests.compiles(test, mutant.part, bench):
            continue
        if tests.know(test, bench) is None:
            tests.broken.add(test.name)
            continue
        if not tests.may_notice(mutant, text, test, bench):
            continue
        tried += 1
        bench.put(text)
        if not bench.build(test):
            if test.compiler is GCC or not bench.build(test._replace(compiler=GCC)):
                return "does not compile"
            continue
        seconds = tests.know(test, bench)[0]
        why = bench.run(test, seconds)
        if why and (why == "timeout" or REAL.search(test.name)):
            why = bench.run(test, seconds)      # once more: it may have been chance
        if why:
            if not tests.once("passes", test, lambda: tests.passes(test, bench)):
                tests.broken.add(test.name)
                continue
            with tests.lock:
                tests.kills[mutant.section, test.name] += 1
                tests.killers[identity(mutant)] = test.name
            return f"killed by {test.name}: {why}"
    return f"lives ({tried} tests)"


def explained(everything):
    """Reads the list: {(function, before, after): reason}. Exits if an entry is no mutant of this header."""
    there = {(m.function, m.before, m.after) for m in everything}
    reasons, pending, function, before, wrong = {}, [], "", "", 0
    for number, line in enumerate(open(LIST, encoding="utf-8"), 1):
        mark, rest = line[:1], " ".join(line[1:].split())
        if mark == "@":
            function = rest
        elif mark == "-":
            before = rest
        elif mark == "+":
            pending.append((function, before, rest))
            if pending[-1] not in there:
                print(f"{os.path.relpath(LIST, TOP)}:{number}: no mutant of the header: in {function}\n    - {before}\n    + {rest}")
                wrong += 1
        elif mark == "=":
            reasons.update((entry, rest) for entry in pending)
            pending = []
    if pending or wrong:
        sys.exit(f"mutation.py: {wrong} entries match nothing, {len(pending)} have no reason")
    return reasons


def until_interrupted(futures, pool):
    """Yields the futures as they end; what has not begun is dropped at an interrupt."""
    try:
        yield from concurrent.futures.as_completed(futures)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def main():
    options = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
    count, seed, jobs = int(options.get("N") or 500), options.get("SEED") or "1", int(options.get("JOBS") or 2)
    last = int(options.get("LAST") or 3)
    header = open(os.path.join(TOP, "aio_timeout.h"), encoding="utf-8").read()
    everything = mutants.find(header, seed)
    reasons = explained(everything)
    if count == 0:
        print(f"{len(reasons)} passed, 0 failed")       # of the list
        return 0
    if options.get("FUNCTION"):
        everything = [mutant for mutant in everything if mutant.function == options["FUNCTION"]]
    os.makedirs(KEEP, exist_ok=True)
    kept = os.path.join(KEEP, "survivors.txt")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        tests = Tests(header, scratch)
        tests.broken = set()
        benches = [Bench(scratch, f"bench{n}") for n in range(jobs)]
        free = list(benches)
        def with_bench(ask, *arguments):
            bench = free.pop()
            try:
                return ask(*arguments, bench)
            finally:
                free.append(bench)
        def is_compiled(mutant, bench):
            return any(tests.compiles(test, mutant.part, bench) for test in tests.all if test.slow < 3 and test.kind == "ends well")
        if "--again" in sys.argv:
            keys = open(kept, encoding="utf-8").read().split("\n")
            chosen = [mutant for mutant in everything if identity(mutant) in keys]
        else:
            some = everything[:count * 3 // 2 + 5]
            compiled = pool.map(lambda mutant: with_bench(is_compiled, mutant), some)
            chosen = [mutant for mutant, is_in in zip(some, compiled) if is_in][:count]
            tests.save()
        def one(mutant):
            if (mutant.function, mutant.before, mutant.after) in reasons:
                return mutant, "equivalent"
            return mutant, with_bench(lambda bench: judge(mutant, tests, bench, last))
        results = collections.Counter()
        lives = []
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        jobs_left = [pool.submit(one, mutant) for mutant in chosen]
        for number, done in enumerate(until_interrupted(jobs_left, pool), 1):
            mutant, result = done.result()
            results[result.split()[0]] += 1
            if number % 20 == 0 or number == len(chosen):
                tests.save()
            print(f"{number} [{time.monotonic() - began:.0f} s] {mutant.line} {mutant.function}: {result}", flush=True)
            if result.startswith("lives"):
                lives.append(mutant)
            if not result.startswith("killed"):
                print(f"    - {mutant.before}\n    + {mutant.after}", flush=True)
    with open(kept, "w", encoding="utf-8") as file:
        file.writelines(identity(mutant) + "\n" for mutant in lives)
    killed, lived = results["killed"], results["lives"]
    score = 100 * killed / max(1, killed + lived)
    for name in sorted(tests.broken):
        print(f"the header as it is does not pass: {name}")
    print(f"seed {seed}: {len(chosen)} mutants of {len(everything)}, {killed} killed, {lived} survive, {results['equivalent']} equivalent, "
          f"{results['does']} do not compile: {score:.1f} %, in {time.monotonic() - began:.0f} s")
    return 0 if score >= GOAL and not tests.broken else 1


if __name__ == "__main__":
    sys.exit(main())
