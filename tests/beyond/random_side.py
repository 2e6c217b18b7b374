"""random_side.py FIRST COUNT: random programs of a tiny language about what the header adds to asyncio, and what the twin makes of them.

Writes a corpus to standard output, read by random_side.c: for each seed FIRST .. FIRST+COUNT-1 "program SEED", the program, "end", its
trace, ".".
A program is `task K { ops }` for each task, task 0 first: it is main.  Ops (d: milliseconds, -1: no limit; k: a task, where something is
awaited also 10 + a future; blocks in braces):
  s d | y | b d           sleep, sleep(0), compute            p k               spawn
  c k m | C k             cancel (m 0: no message), cancel firmly
  u | q                   uncancel, log cancelling()          ? k               log deadline of task k, own time left
  r n | x                 raise AppError(n), return           j k | w d k       await; wait_for
  v d {} | t d {}         wait_for a block, timeout           f d {} | h d {}   firm timeout, shielded block
  l d                     reschedule the innermost limit around: a timeout's, firm or not, or a shielded block's
  y! {} {} {} {}          try, except CancelledError, except TimeoutError, except Exception; then finally: each {} may be empty
  R {} | z k              task group; spawn k into the innermost one
  S d k | A d n k..       stop one, stop an array             X n k..           race
  W m d n k.. | g i n k.. wait (m 0 ALL, 1 FIRST_COMPLETED, 2 FIRST_EXCEPTION), gather (i 1: return_exceptions)
  H k                     shield
  L n {} | K n {}         async with lock n, condition n      O n | N m n       wait on condition n, notify m
  E n | B d n | V n | Z n event: wait, wait in wait_for, set, clear
  P n | Q | M | J         queue for one item: put, get, task_done, join
  ( | ) | o               semaphore of one: acquire, release; barrier of two: wait
  i d n k..               as_completed
  F k v | e k n           set future k, let it fail
  5 d k m | 6 d k         call_later that cancels, that cancels firmly
"""
import contextlib
import io
import os
import random
import sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import twin
import asyncio
import vt
from vt import AppError, desc, now, loop, busy, InvalidStateError, Event, Lock
from asyncio import CancelledError, current_task

MS = 0.001
FUTURES = 2


class Gen:
    """The kinds of ops and their weights differ from program to program."""

    def __init__(self, seed):
        self.r = r = random.Random(seed)
        self.n = r.randint(2, 5)
        self.sync = r.choice([0, 0, 0.3, 0.5])              # locks, conditions, events
        self.cuts = r.choice([0.1, 0.2, 0.4])               # cancels, of all kinds
        self.sets = r.choice([0.1, 0.2, 0.4])               # stops and races
        self.nests = r.choice([0.3, 0.45, 0.6])             # blocks
        self.told = r.choice([0, 0, 0.5])                   # messages
        self.calm = r.choice([0, 0.3, 0.6])                 # errors that are caught
        self.stubborn = r.choice([0, 0.3, 0.7])             # tasks that refuse a cancel
        self.firm = r.choice([0.2, 0.5])                    # limits that are firm

    def program(self):
        tasks = []
        for k in range(self.n):
            self.me = k
            self.budget = self.r.randint(4, 20)
            body = []
            while self.budget > 0 and len(body) < 6:
                body += self.block(0)
            body = body[:7]
            if k == 0:
                body = [("p", c) for c in range(1, self.n) if self.r.random() < 0.85] + body
                if self.r.random() < 0.7:                   # or the others are cancelled soon
                    body = [self.caught(body, [[("q",)]] * 3), ("s", self.r.randint(2, 6)), ("q",)]
            elif self.r.random() < self.stubborn:
                body = [self.caught(body, [[("s", self.dur()), ("q",)], [("y",)], [("s", self.dur())]]), ("s", self.dur())]
            tasks.append(body)
        return tasks

    def caught(self, body, handlers):
        return ("y!", body, *handlers, [], [self.r.random() < 0.2 for _ in range(3)])

    def other(self):                    # mostly a later task: tasks that wait for each other only deadlock
        low = self.me + 1 if self.me + 1 < self.n and self.r.random() < 0.9 else 1
        k = self.r.randrange(low, self.n)
        return k if k != self.me or self.r.random() < 0.1 else self.r.randrange(1, self.n)

    def target(self):                   # of a cancel: mostly not main
        return self.r.randrange(0 if self.r.random() < 0.3 else 1, self.n)

    def any(self):
        return 10 + self.r.randrange(FUTURES) if self.r.random() < 0.12 else self.other()

    def some(self):
        return [self.any() for _ in range(self.r.randint(1, 3))]

    def dur(self):
        return self.r.choice([0, 1, 1, 2, 2, 3, 4, 5])

    def lim(self):
        return self.r.choice([-1, 0, 1, 1, 1, 2, 2, 3, 4])

    def message(self):
        return self.r.choice([1, 2]) if self.r.random() < self.told else 0

    def block(self, depth):
        out = []
        for _ in range(self.r.randint(1, 4)):
            if self.budget <= 0:
                break
            self.budget -= 1
            op = self.op(depth)
            if depth < 4 and op[0] in "jwSAXrtfhvRWgEBOLKPQMJ()oi" and self.r.random() < self.calm:
                op = self.caught([op], [self.handler(depth) for _ in range(3)])
            out.append(op)
        return out

    def handler(self, depth):
        if self.r.random() < 0.2: return self.block(depth + 2)
        return self.r.choice([[("q",)], [("q",)], [("y",)], [("s", self.dur())], [("u",)]])

    def op(self, depth):
        r = self.r
        if depth < 4 and r.random() < self.nests:
            k = r.choice("t t t t h h h h y! y! y! y! v R R".split() + (["L", "K", "K"] if self.sync else []))
            if k == "t" and r.random() < self.firm: k = "f"
        elif r.random() < self.cuts:
            k = r.choice("c c c c C C u u q 5 5 6".split())
        elif r.random() < self.sets:
            k = r.choice("S S S A A X X X".split())
        elif r.random() < self.sync:
            k = r.choice("E E B V V V Z N N O P P Q Q M J ( ( ) ) o o o".split())
        else:
            k = r.choice("p s s s s s s s s y y y b j j w w ? ? ? q l l l r x z z z W g i H F e".split())
        if k in ("t", "f", "h", "v"): return (k, self.lim(), self.block(depth + 1))
        if k == "R": return (k, [("z", c) for c in range(1, self.n) if r.random() < 0.5] + self.block(depth + 1))
        if k == "L": return (k, r.randrange(2), self.block(depth + 1))
        if k == "K":
            c = r.randrange(2)
            return (k, c, self.block(depth + 1) + [r.choice([("O", c), ("O", c), ("O", c), ("N", 1, c), ("N", 2, c)])])
        if k == "y!":
            return (k, self.block(depth + 1), *[self.block(depth + 1) if r.random() < 0.45 else [] for _ in range(3)],
                    self.block(depth + 1) if r.random() < 0.4 else [], [r.random() < 0.5 for _ in range(3)])
        if k in ("s", "l"): return (k, self.dur() if k == "s" else self.lim())
        if k == "b": return (k, r.choice([1, 2]))
        if k in tuple("yuqxQMJ()o"): return (k,)
        if k == "P": return (k, r.randint(1, 9))
        if k == "i": return (k, self.lim(), self.some())
        if k == "c": return (k, self.target(), self.message())
        if k == "C": return (k, 10 + r.randrange(FUTURES) if r.random() < 0.1 else self.target())
        if k == "?": return (k, r.randrange(self.n))
        if k == "5": return (k, self.dur(), self.target(), self.message())
        if k == "6": return (k, self.dur(), self.target())
        if k == "r": return (k, r.randint(1, 9))
        if k in ("p", "z"): return (k, self.other())
        if k in ("j", "H"): return (k, self.any())
        if k in ("w", "S"): return (k, self.lim(), self.any())
        if k == "A": return (k, self.lim(), list(dict.fromkeys(self.some())))
        if k == "X": return (k, self.some())
        if k == "W": return (k, r.randrange(3), self.lim(), self.some())
        if k == "g": return (k, r.randrange(2), self.some())
        if k in ("O", "E", "V", "Z"): return (k, r.randrange(2))
        if k == "N": return (k, r.randint(1, 2), r.randrange(2))
        if k == "B": return (k, self.lim(), r.randrange(2))
        if k in ("F", "e"): return (k, r.randrange(FUTURES), r.randint(1, 9))
        raise AssertionError(k)


def text(block):
    parts = []
    for op in block:
        name, args = op[0], op[1:]
        if name == "y!":
            *blocks, again = args
            parts.append("y! %s %s" % (" ".join("%d" % x for x in again), " ".join(map(braces, blocks))))
            continue
        words = [name]
        for a in args:
            if isinstance(a, list) and (not a or isinstance(a[0], tuple)):
                words.append(braces(a))
            elif isinstance(a, list):
                words.append("%d %s" % (len(a), " ".join(map(str, a))))
            else:
                words.append(str(a))
        parts.append(" ".join(words))
    return " ".join(parts)


def braces(block):
    return "{ %s }" % text(block)


def parse(source):
    """The program of a text."""
    words = iter(source.split())
    counts = dict(s=1, y=0, b=1, p=1, c=2, C=1, u=0, q=0, r=1, x=0, j=1, w=2, l=1, z=1, S=2, H=1, O=1, N=2, E=1, B=2, V=1, Z=1, F=2, e=2)
    counts.update({"?": 1, "5": 3, "6": 2, "A": 1, "X": 0, "W": 2, "g": 1, "v": 1, "t": 1, "f": 1, "h": 1, "R": 0, "L": 1, "K": 1})
    counts.update(dict(P=1, Q=0, M=0, J=0, o=0, i=1), **{"(": 0, ")": 0})

    def number():
        return int(next(words))

    def block():
        assert next(words) == "{"
        out = []
        while (name := next(words)) != "}":
            if name == "y!":
                again = [number() for _ in range(3)]
                out.append((name, *[block() for _ in range(5)], again))
                continue
            op = [name, *[number() for _ in range(counts[name])]]
            if name in "AXWgi": op.append([number() for _ in range(number())])
            if name in "vtfhRLK": op.append(block())
            out.append(tuple(op))
        return out

    tasks = []
    while next(words) == "task":
        number()
        tasks.append(block())
    return tasks


class World:
    closed = False

    def any(self, k):                   # None if there is none yet
        return self.tasks[k] if k < 10 else self.futures[k - 10]

    def cancel(self, k, m):
        if self.tasks[k] is not None: self.log("cancels", k, self.tasks[k].cancel("m%d" % m if m else None))

    def cancel_firmly(self, k):
        if self.tasks[k] is not None: self.log("cancels firmly", k, twin.cancel_firmly(self.tasks[k]))

    def still_runs(self, x):
        self.log("still runs", self.tasks.index(x))

    def log(self, *parts):
        if not self.closed:             # what a coroutine says while it is thrown away is not the program's
            vt.log(*parts)


def seconds(d):
    return None if d < 0 else d * MS


def in_ms(seconds):
    return "none" if seconds is None else "%d" % round(seconds * 1000)


async def ex(w, me, block, path, group=None, limit=None):
    """Runs a block; True if it returned."""
    log = w.log
    for i, op in enumerate(block):
        if w.closed:                    # being thrown away
            return False
        at = "%d:%s%d%s" % (me, path, i, op[0])
        o, a = op[0], op[1:]
        if o == "s": await asyncio.sleep(a[0] * MS)
        elif o == "y": await asyncio.sleep(0)
        elif o == "b": busy(a[0] * MS)
        elif o == "p":
            if w.tasks[a[0]] is not None: log(at, "again"); continue
            w.tasks[a[0]] = asyncio.create_task(ex(w, a[0], w.program[a[0]], ""))
        elif o in "cCj?H" and w.any(a[0]) is None or o == "w" and w.any(a[1]) is None:
            log(at, "nobody"); continue
        elif o == "c": log(at, w.tasks[a[0]].cancel("m%d" % a[1] if a[1] else None)); continue
        elif o == "C": log(at, twin.cancel_firmly(w.any(a[0]))); continue
        elif o == "u": log(at, current_task().uncancel()); continue
        elif o == "q": log(at, current_task().cancelling()); continue
        elif o == "?": log(at, in_ms(twin.deadline(w.tasks[a[0]])), in_ms(twin.time_left(current_task()))); continue
        elif o == "r": raise AppError(a[0])
        elif o == "x": return True
        elif o in "jwH":
            x = w.any(a[-1])
            if x is current_task(): log(at, "self"); continue
            if o == "j": await x
            elif o == "w": await twin.wait_for(x, seconds(a[0]))
            else: await asyncio.shield(x)
        elif o == "v":
            if await twin.wait_for(ex(w, me, a[1], path + "%d." % i, group, limit), seconds(a[0])): return True
        elif o in ("t", "f"):
            t = twin.Limit(seconds(a[0]), firm=o == "f")
            try:
                async with t:
                    if await ex(w, me, a[1], path + "%d." % i, group, t): return True
            finally:
                if not w.closed: log(at, "expired", t.expired(), current_task().cancelling())
        elif o == "h":
            g = twin.shielded(seconds(a[0]))
            try:
                async with g:
                    if await ex(w, me, a[1], path + "%d." % i, group, g.limit): return True
            finally:
                if not w.closed: log(at, "left", current_task().cancelling())
        elif o == "l":
            if limit is None: log(at, "nobody"); continue
            limit.reschedule(None if a[0] < 0 else now() + a[0] * MS)
        elif o == "y!":
            body, c, t, any_, fin, again = a
            try:
                try:
                    if await ex(w, me, body, path + "%da" % i, group, limit): return True
                except CancelledError as e:
                    if not c: raise
                    log(at, desc(e))
                    if await ex(w, me, c, path + "%dc" % i, group, limit): return True
                    if again[0]: raise
                except TimeoutError as e:
                    if not t: raise
                    log(at, desc(e))
                    if await ex(w, me, t, path + "%dt" % i, group, limit): return True
                    if again[1]: raise
                except Exception as e:
                    if not any_: raise
                    log(at, desc(e))
                    if await ex(w, me, any_, path + "%de" % i, group, limit): return True
                    if again[2]: raise
            finally:
                if fin:
                    log(at, "finally")
                    if await ex(w, me, fin, path + "%df" % i, group, limit): return True
        elif o == "R":
            async with twin.Group() as inner:
                if await ex(w, me, a[0], path + "%d." % i, inner, limit): return True
        elif o == "z":
            if group is None or w.tasks[a[0]] is not None: log(at, "again"); continue
            try: w.tasks[a[0]] = group.create_task(ex(w, a[0], w.program[a[0]], ""))
            except RuntimeError: log(at, "closed"); continue
        elif o in "SA":
            xs = [lambda k=k: w.any(k) for k in (a[1] if o == "A" else [a[1]])]
            await twin.stop(seconds(a[0]), *xs, still_runs=w.still_runs)
        elif o == "X":
            xs = [w.any(k) for k in a[0]]
            if None in xs or current_task() in xs: log(at, "nobody"); continue
            race = twin.Race(*xs)
            try: await race.run()
            finally: log(at, "winner", race.winner)
            continue
        elif o == "W":
            xs = [w.any(k) for k in a[2]]
            if None in xs or current_task() in xs: log(at, "nobody"); continue
            done, pending = await asyncio.wait(xs, timeout=seconds(a[1]), return_when=[
                asyncio.ALL_COMPLETED, asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION][a[0]])
            log(at, len(done), len(pending), " ".join("%d" % (t in done) for t in xs)); continue
        elif o == "g":
            xs = [w.any(k) for k in a[1]]
            if None in xs or current_task() in xs: log(at, "nobody"); continue
            await asyncio.gather(*xs, return_exceptions=bool(a[0]))
        elif o in "LK":
            async with (w.locks if o == "L" else w.conditions)[a[0]]:
                log(at, "in")
                if await ex(w, me, a[1], path + "%d." % i, group, limit): return True
        elif o == "O": await w.conditions[a[0]].wait()
        elif o == "N": w.conditions[a[1]].notify(a[0])
        elif o == "E": await w.events[a[0]].wait()
        elif o == "B": await twin.wait_for(w.events[a[1]].wait(), seconds(a[0]))
        elif o == "V": w.events[a[0]].set()
        elif o == "Z": w.events[a[0]].clear()
        elif o == "P": await w.queue.put(a[0])
        elif o == "Q": log(at, await w.queue.get()); continue
        elif o == "M": w.queue.task_done()
        elif o == "J": await w.queue.join()
        elif o == "(": await w.semaphore.acquire()
        elif o == ")": w.semaphore.release()
        elif o == "o": log(at, await w.barrier.wait()); continue
        elif o == "i":
            xs = [w.any(k) for k in a[1]]
            if None in xs or current_task() in xs: log(at, "nobody"); continue
            if sum(x.done() for x in xs) > 1: log(at, "order"); continue     # asyncio takes those that are done in no defined order
            for x in asyncio.as_completed(xs, timeout=seconds(a[0])):
                try:
                    await x
                    log(at, "value")
                except (TimeoutError, AppError) as e: log(at, desc(e))
        elif o == "F":
            try: w.futures[a[0]].set_result(a[1])
            except InvalidStateError: log(at, "invalid"); continue
        elif o == "e":
            try: w.futures[a[0]].set_exception(AppError(a[1]))
            except InvalidStateError: log(at, "invalid"); continue
        elif o == "5": loop().call_later(a[0] * MS, w.cancel, a[1], a[2])
        elif o == "6": loop().call_later(a[0] * MS, w.cancel_firmly, a[1])
        else: raise AssertionError(o)
        log(at)
    return False


def outcome(x):
    return "pending" if not x.done() else "cancelled" if x.cancelled() else "raised" if x.exception() else "result"


def run_one(program):
    w = World()
    w.program = program
    w.tasks = [None] * len(program)

    async def main():
        w.tasks[0] = current_task()

        def report(lp, c):
            m = c["message"]
            if any(words in m for words in ("never retrieved", "destroyed", "was never", "shield")): return
            w.log("handler", desc(c.get("exception")))
        loop().set_exception_handler(report)
        w.locks, w.events = [Lock(), Lock()], [Event(), Event()]
        w.conditions = [twin.Condition(), twin.Condition(w.locks[0])]
        w.queue, w.semaphore, w.barrier = asyncio.Queue(1), asyncio.Semaphore(1), twin.Barrier(2)
        w.futures = [loop().create_future() for _ in range(FUTURES)]
        for f in w.futures: f.add_done_callback(lambda f: f.cancelled() or f.exception())
        await ex(w, 0, program[0], "")

    sys.setrecursionlimit(2000)
    try:
        vt.run(main())
    finally:
        w.closed = True
    if any(t and t.cancelling() > 60 for t in w.tasks):
        print("RECURSION")
    for k, t in enumerate(w.tasks):
        print(k, "never" if t is None else "%s %d" % (outcome(t), t.cancelling()))
    for k, f in enumerate(w.futures):
        print(10 + k, outcome(f))
    for t in loop().made:                       # here, lest the collector does it in the midst of a later program
        with contextlib.suppress(BaseException):
            t.get_coro().close()


def trace_of(program):
    trace = io.StringIO()
    with contextlib.redirect_stdout(trace), contextlib.redirect_stderr(io.StringIO()):
        try:
            run_one(program)
        except RecursionError:
            print("RECURSION")
    return trace.getvalue()


def main(argv):
    if argv[0] == "--print":            # the trace of one program, from a file
        sys.stdout.write(trace_of(parse(open(argv[1]).read())))
        return
    sys.unraisablehook = lambda unraisable: None        # of coroutines that are thrown away
    first, count = int(argv[0]), int(argv[1])
    for seed in range(first, first + count):
        program = Gen(seed).program()
        source = "\n".join("task %d %s" % (k, braces(b)) for k, b in enumerate(program))
        print("program %d\n%s\nend\n%s." % (seed, source, trace_of(program)))


if __name__ == "__main__":
    main(sys.argv[1:])
