"""asyncio_side.py FIRST COUNT: random programs of a tiny language about waiting and cancelling, and what asyncio makes of them.

Writes a corpus to standard output, read by aiot_side.c: for each seed FIRST .. FIRST+COUNT-1 "program SEED", the program, "end", its
trace, ".".
  --print PROGRAM         the trace of one program, from a file
  --again CORPUS          the same corpus with the traces made anew
  --mix FIRST COUNT       how often each op is in these programs, and how deep
A program is `task K { ops }` for each task, task 0 first: it is main.  Ops (d: milliseconds; k: a task, where something is awaited also
10 + a future, 20 + a slot; blocks in braces):
  s d | y | b d           sleep, sleep(0), compute            p k               spawn
  c k m | u | q           cancel (m 0: no message), uncancel, log cancelling()
  r n | x                 raise AppError(n), return           j k               await task
  w d k | v d {}          wait_for a task, wait_for a block   t d {} | T d e {} timeout; rescheduled on entry to now + e
  y! {} {} {} {}          try, except CancelledError, except TimeoutError, except Exception; then finally: each {} may be empty
  W m d k..;              wait (m 0 ALL, 1 FIRST_COMPLETED, 2 FIRST_EXCEPTION; d -1: no limit)
  g f k..; | G d f k..;   gather (f 1: return_exceptions), the same in wait_for
  h k | H d k             shield, shield in wait_for
  F f v | f f | e f n | C f   set a future, await it, fail it, cancel it
  L d i | D k i           call_later that logs i, add_done_callback on a task
  R {} | z k              task group; spawn k into the innermost one
  A n {} | a d n          async with lock n; acquire it in wait_for, then release
  S n {} | K n {}         async with semaphore n, condition n
  O n | N m n             wait on condition n, notify m
  E n | B d n | V n | X n event: wait, wait in wait_for, set, clear
  P n v | Q n | U d n     queue: put, get, get in wait_for
  I n v | J n | M n | Y n queue: put_nowait, get_nowait, task_done, join
  Z n i | o               shut a queue down (i: immediate); barrier wait
  i d k..;                as_completed
  1 s f k..; | 2 s k      put a gather, a shield into slot s
  3 k | 5 d k | 6 k k     cancel anything; call_later, add_done_callback that cancel it
  7 d n | 8 d n v | 9 d n semaphore, queue put, queue join in wait_for
  = d | - | + | _ d n     barrier wait in wait_for, abort, reset; condition wait in wait_for
  l d | m d e             reschedule the innermost timeout; call_later that does
  k d n i | d n | n i     call_later with handle n, cancel that; call_soon
  4 n k i | 0 n           add_done_callback with handle n on anything; remove it
  ^                       stop the loop, once, while main runs
  ( n | ) n | [ n | ] n   semaphore n: acquire, release; lock n
  ; k n | ~ n e           spawn k into the n-th group that was entered; reschedule the n-th timeout that was
  @ n d | > f n           call_later that raises AppError(n); future f fails with CancelledError, or (n: 1) TimeoutError
  $ s d k..; | % s d      as_completed into slot s, with a limit; read it once, in a timeout
  < s d                   read it as `async for` does, log which it was, await that
  : k                     log how something ended, and cancelling()
  * v | / | & | ?         condition: wait_for a counter >= v, count and notify_all, notify_all; log the state of all objects
  until d {} | when       timeout_at; log when the innermost timeout strikes
  again n                 enter the n-th timeout that was entered once more
  times n {} | break | continue        a loop, and what leaves a round or all of it from within any block
  grab n | drop n         condition n: acquire, release         hold d n {}     lock n acquired in wait_for, held, released in finally
  none i                  no members: gather (i 0), wait (1), as_completed (2)
  error k | value n       log the error of anything; await future n, log its value
  uncancel k              of any task
  call_at n d i | soon n i | handle n  call_at, call_soon with handle n; log its when() and cancelled()
  set d f v | fire d n    call_later that sets a future, an event;
  free d n | permit d n | feed d n v | spawns d k      releases lock n, semaphore n; puts into queue n; spawns
  fill n v | drain n      put_nowait of five items; get_nowait until queue n is empty, log the items
  past i                  three call_at in the past, not in order of time
  on k n | trips k n      add_done_callback that sets event n, that raises AppError(n)
  meet n d | abort n | reset n         barrier n, for 2, 3 or 1
  state                   log the state of the other objects, and how many tasks run
Ops that asyncio has not, for ../beyond/random_side.py:
  firm d {} | shielded d {}            firm timeout, shielded block
  firmly k | cuts d k     cancel firmly; call_later that does   cancels d k m   call_later that cancels, with a message
  left k                  log the deadline of task k, and the own time left
  stop d k | stops d k..; | race k..;  stop one, stop an array, race
"""
import collections, os, random, re, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance"))
import asyncio, contextlib, io
import vt
from vt import *

MS = 0.001
KINDS = {kind: names.split() for kind, names in {      # with their weights
    "basic": "p p s s s s y y b c c c c c u q r x j j j w w W W g G h h H F f f e C L D",
    "sync": "z z z a a E E B B V V X N O P P P Q Q Q U U I J M Y Z o i i 7 8 9 = - +",
    "mixed": "1 1 1 2 2 3 3 5 5 6 j j w W i g h",
    "moved": "l l l m m m s s k k d d n 4 4 0 0 ? ? * * / / & ^",
    "wide": "( ( ) ) ) [ [ ] ] ; ; ; ; ; ~ ~ ~ @ $ $ % % % % < < < > : : s s y c c P Q O N N V E o",
    "told": "c c c c c c 6 j j w h H s s y y r u f f F e C g G W p p",
    "more": "when when again call_at soon handle handle d grab grab drop drop none none error error error value uncancel uncancel set set "
            "fire fire free permit feed feed fill fill drain drain past spawns on on trips meet meet meet abort reset state state "
            "s s y c j f E Q O",
    "blocks": "v v t t t t T y! y! y! y! y!", "sync blocks": "R R R A A S S K K", "more blocks": "until until times times times hold"
}.items()}


class Random(random.Random):
    """Not quite even, and twice as fast."""

    def choice(self, items): return items[int(self.random() * len(items))]
    def randrange(self, first, end=None): return int(self.random() * first) if end is None else first + int(self.random() * (end - first))
    def randint(self, first, last): return first + int(self.random() * (last + 1 - first))


class Gen:
    def __init__(self, seed):
        self.r = Random(seed)
        self.n = self.r.randint(2, 5)
        self.sync = self.r.choice([0, 0.3, 0.6])
        self.mixed = self.r.choice([0, 0, 0.3])      # how much is awaited that is no task
        self.moved = self.r.choice([0, 0, 0.4])      # how much is rescheduled, called later, taken back and looked at
        self.futures = 3
        self.wide = self.r.choice([0, 0.15, 0.3, 0.5])      # how much is held, spawned, moved and read by hand
        self.told = self.r.choice([0, 0, 0.4])       # how much is cancelled, and with a message
        self.more = self.r.choice([0, 0, 0.25, 0.5])        # how much is looped, called from callbacks and asked
        self.loops = 0                               # around this place
        self.favourite = self.r.randrange(4)         # the queue that is used most, lest all stay nearly empty
        self.budget = 0

    def program(self):
        self.unspawned = list(range(1, self.n))
        tasks = []
        for k in range(self.n):
            self.me = k
            self.budget = self.r.randint(3, 12 if k else 16)
            body = self.block(0)
            if k == 0:                       # main spawns whoever nobody else spawned, early
                body = [("p", c) for c in self.unspawned if self.r.random() < 0.8] + body
            tasks.append(body)
        return tasks

    def other(self):                     # mostly a later task: tasks that wait for each other only deadlock
        low = self.me + 1 if self.me + 1 < self.n and self.r.random() < 0.85 else 1
        return self.r.randrange(low, self.n)

    def any(self):
        r = self.r.random()
        if r >= self.mixed: return self.other()
        return 10 + self.r.randrange(self.futures) if r < self.mixed / 2 else 20 + self.r.randrange(3)

    def some(self):
        return [self.any() for _ in range(self.r.randint(1, 3))]

    def queue(self):
        return self.favourite if self.r.random() < 0.4 else self.r.randrange(4)

    def dur(self):
        return self.r.choice([0, 1, 1, 2, 2, 3, 4, 5])

    def lim(self):
        return self.r.choice([-1, 0, 1, 1, 2, 2, 3, 4])

    def block(self, depth):
        out = []
        for _ in range(self.r.randint(1, 4)):
            if self.budget <= 0:
                break
            self.budget -= 1
            out.append(self.op(depth))
        return out

    def op(self, depth):
        r = self.r
        kinds = KINDS["sync" if r.random() < self.sync else "basic"]
        for kind in ("mixed", "moved", "wide", "told", "more"):
            if r.random() < getattr(self, kind): kinds = KINDS[kind]
        if depth < 4:
            kinds = kinds + KINDS["blocks"] + (KINDS["sync blocks"] if self.sync else [])
            if self.more: kinds = kinds + KINDS["more blocks"]
        if self.loops and r.random() < 0.3: kinds = ["break", "continue"]
        k = r.choice(kinds)
        if k in ("when", "state", "break", "continue"): return (k,)
        if k in ("fill", "drain"): return (k, self.queue(), *([r.randint(1, 9)] if k == "fill" else []))
        if k == "past": return (k, r.randint(1, 9))
        if k in ("again", "meet", "none", "abort", "reset", "grab", "drop"):
            return (k, r.randrange(4 if k == "again" else 3), *([self.lim()] if k == "meet" else []))
        if k == "handle": return (k, r.randrange(4))
        if k == "error": return (k, self.any())
        if k == "value": return (k, r.randrange(self.futures))
        if k == "uncancel": return (k, r.randrange(self.n))
        if k == "call_at": return (k, r.randrange(4), r.randint(-5, 4), r.randint(10, 99))
        if k == "soon": return (k, r.randrange(4), r.randint(10, 99))
        if k in ("set", "feed"): return (k, self.dur(), self.queue() if k == "feed" else r.randrange(self.futures), r.randint(1, 9))
        if k in ("fire", "free"): return (k, self.dur(), r.randrange(2))
        if k == "permit": return (k, self.dur(), r.randrange(3))
        if k == "spawns": return (k, self.dur(), self.other())
        if k in ("on", "trips"): return (k, self.any(), r.randrange(2) if k == "on" else r.randint(1, 9))
        if k == "until": return (k, self.lim(), self.block(depth + 1))
        if k == "hold": return (k, self.lim(), r.randrange(2), self.block(depth + 1))
        if k == "times":
            self.loops += 1
            block = self.block(depth + 1)
            self.loops -= 1
            return (k, r.randint(1, 3 if self.loops == 0 else 2), block)
        if k in "()": return (k, r.randrange(3))
        if k in "[]": return (k, r.randrange(2))
        if k == ";": return (k, r.randrange(1, self.n), r.randrange(4))
        if k == "~": return (k, r.randrange(5), self.lim())
        if k == "@": return (k, r.randint(1, 9), self.dur())
        if k == "$": return (k, r.randrange(2), r.choice([-1, -1, 0, 1, 2, 3]), self.some())
        if k in "%<": return (k, r.randrange(2), self.lim())
        if k == ">": return (k, r.randrange(self.futures), r.randrange(2))
        if k == ":": return (k, self.any())
        if k == "p": return ("p", r.randrange(1, self.n))
        if k == "s": return ("s", self.dur() if not self.more else self.dur() - r.randrange(2))
        if k in "yuqx" and k != "y!": return (k,)
        if k == "b": return ("b", r.choice([1, 2, 3]))
        if k == "c": return ("c", r.randrange(0, self.n), r.choice([0, 1, 2] if self.told else [0, 0, 0, 1, 2]))
        if k == "r": return ("r", r.randint(1, 9))
        if k in ("j", "h"): return (k, self.any())
        if k in ("w", "H"): return (k, self.lim(), self.any())
        if k == "1": return ("1", r.randrange(3), r.randrange(2), self.some())
        if k == "2": return ("2", r.randrange(3), self.any())
        if k == "3": return ("3", self.any())
        if k == "5": return ("5", self.dur(), self.any())
        if k == "6": return ("6", self.any(), self.any())
        if k in ("7", "9"): return (k, self.lim(), r.randrange(2) if k == "7" else self.queue())
        if k == "8": return ("8", self.lim(), self.queue(), r.randint(1, 9))
        if k == "=": return ("=", self.lim())
        if k in "-+": return (k,)
        if k == "v": return ("v", self.lim(), self.block(depth + 1))
        if k in "tT":
            block = self.block(depth + 1)
            if r.random() < 2 * self.moved:
                moves = [("l", self.lim())] if r.random() < 0.5 else [("m", self.dur(), self.lim()), ("s", self.dur())]
                at = r.randrange(len(block) + 1)
                block[at:at] = moves
            return ("t", self.lim(), block) if k == "t" else ("T", self.lim(), self.lim(), block)
        if k == "y!": return ("y!", self.block(depth + 1), *[self.block(depth + 1) if r.random() < 0.45 else [] for _ in range(3)],
                              self.block(depth + 1) if r.random() < 0.4 else [], [r.random() < 0.5 for _ in range(3)])
        if k == "W": return ("W", r.randrange(3), r.choice([-1, -1, 0, 1, 2, 3]), self.some())
        if k == "g": return ("g", r.randrange(2), self.some())
        if k == "G": return ("G", self.lim(), r.randrange(2), self.some())
        if k in ("F", "e"): return (k, r.randrange(self.futures), r.randint(1, 9))
        if k in ("f", "C"): return (k, r.randrange(self.futures))
        if k in ("L",): return ("L", self.dur() - 1, r.randint(10, 99))
        if k in "RASK" and k in ("R", "A", "S", "K"):
            block = self.block(depth + 1)
            if k == "R": return ("R", [("z", c) for c in range(1, self.n) if r.random() < 0.5] + block)
            if k == "K" and r.random() < self.moved: block = [("/",)] + block + [("*", r.randint(1, 2))]
            c = r.choice([0, 0, 1, 2])
            if k == "K":
                block = block + [r.choice([("O", c), ("O", c), ("N", 1, c), ("N", 2, c), ("_", self.lim(), c), ("*", r.randint(1, 2))])]
            return (k, c if k == "K" else r.randrange(3) if k == "S" else r.randrange(2), block)
        if k == "z": return ("z", self.other())
        if k == "a": return ("a", self.lim(), r.randrange(2))
        if k == "B": return ("B", self.lim(), r.randrange(2))
        if k in ("E", "V", "X"): return (k, r.randrange(2))
        if k in ("Q", "J", "M", "Y"): return (k, self.queue())
        if k == "O": return ("O", r.randrange(3))
        if k == "N": return ("N", r.randint(1, 3), r.randrange(3))
        if k in ("P", "I"): return (k, self.queue(), r.randint(1, 9))
        if k == "U": return ("U", self.lim(), self.queue())
        if k == "Z": return ("Z", self.queue(), r.randrange(2))
        if k in "o/&?^": return (k,)
        if k == "l": return ("l", self.lim())
        if k == "m": return ("m", self.dur(), self.lim())
        if k == "k": return ("k", self.dur(), r.randrange(2), r.randint(10, 99))
        if k in "d0": return (k, r.randrange(2))
        if k == "n": return ("n", r.randint(10, 99))
        if k == "4": return ("4", r.randrange(2), self.any(), r.randint(10, 99))
        if k == "*": return ("*", r.randint(1, 3))
        if k == "i": return ("i", r.choice([-1, -1, 0, 1, 2, 3]), self.some())
        if k == "D": return ("D", self.other(), r.randint(10, 99))
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


# What each op takes: n: a number, k: a count and as many numbers, {: a block, r: a try's three numbers and five blocks.
TAKES = {name: takes for takes, names in {
    "": "y u q x o - + / & ? ^ when break continue state",
    "n": "s b p r j h f C z O E V X Q J M Y 3 = l d n 0 * ( ) [ ] : again grab drop none error value uncancel handle abort reset drain "
         "past firmly left",
    "nn": "c w H F e L D a N B P U I Z 2 5 6 7 9 _ m ; ~ @ % < > soon fire free permit spawns on trips meet stop cuts fill",
    "nnn": "8 k 4 call_at set feed cancels", "nk": "i g stops", "nnk": "$ 1 W G", "k": "race", "{": "R",
    "n{": "v t A S K until times firm shielded", "nn{": "T hold", "r": "y!"}.items() for name in names.split()}


def parse(source):
    """The program of a text."""
    words = iter(source.split())

    def number():
        return int(next(words))

    def block():
        assert next(words) == "{"
        out = []
        while (name := next(words)) != "}":
            op = [name]
            for take in TAKES[name]:
                if take == "n": op.append(number())
                elif take == "k": op.append([number() for _ in range(number())])
                elif take == "{": op.append(block())
                else:
                    again = [number() for _ in range(3)]
                    op += [block() for _ in range(5)] + [again]
            out.append(tuple(op))
        return out

    tasks = []
    while next(words) == "task":
        number()
        tasks.append(block())
    return tasks


class World:
    """The objects of one program.  These are asyncio's; the twin's are in ../beyond/random_side.py."""
    timeout, timeout_at, wait_for, TaskGroup = map(staticmethod, (timeout, timeout_at, wait_for, TaskGroup))
    Condition, Barrier = Condition, Barrier

    def __init__(self, program):
        self.program = program
        self.tasks = [None] * len(program)
        self.closed = False
        self.alias = False
        self.groups, self.timeouts, self.iters, self.members = [], [], [None, None], [None, None]
        self.slots, self.handles, self.callbacks, self.counter, self.stopped = [None] * 3, [None] * 4, [None] * 2, 0, False

    def begin(self):
        """In main: objects that belong to a loop."""
        self.tasks[0] = current_task()
        loop().set_exception_handler(self.report)
        self.locks, self.events = [Lock(), Lock()], [Event(), Event()]
        self.conditions = [self.Condition(), self.Condition(self.locks[0]), self.Condition(self.locks[0])]
        self.semaphores = [Semaphore(1), BoundedSemaphore(2), Semaphore(0)]
        self.queues = [Queue(1), PriorityQueue(3), LifoQueue(2), PriorityQueue(9)]
        self.barriers = [self.Barrier(n) for n in (2, 3, 1)]
        self.futures = [loop().create_future() for _ in range(3)]
        for f in self.futures: f.add_done_callback(lambda f: f.cancelled() or f.exception())

    def report(self, lp, context):
        m = context["message"]
        if not any(words in m for words in ("never retrieved", "destroyed", "was never", "shield")):        # when, or only from 3.14 on
            self.log("handler", desc(context.get("exception")))

    def any(self, k):                        # None if there is none yet
        return self.tasks[k] if k < 10 else self.futures[k - 10] if k < 20 else self.slots[k - 20]

    def some(self, ks):
        """The members of a set, or None."""
        members = [self.any(k) for k in ks]
        self.alias |= None not in members and len(set(map(id, members))) < len(set(ks))
        return None if None in members else members

    def spawn(self, k):
        self.tasks[k] = spawn(ex(self, k, self.program[k], ""))

    # What callbacks do.

    def cancel(self, k, m=0):
        if self.any(k) is not None: self.log("cancels", k, self.any(k).cancel(message(m)))

    def bad(self, code):
        self.log("bad", code)
        raise AppError(code)

    def tell(self, what, n, f, *args):
        try: f(*args)
        except Exception as e: self.log(what, n, desc(e))
        else: self.log(what, n)

    def spawns(self, k):
        if self.tasks[k] is None: self.tell("spawns", k, self.spawn, k)

    def log(self, *parts):
        if not self.closed:                  # what a coroutine says while it is thrown away is not asyncio's
            vt.log(*parts)


def move(w, timer, e, how):
    try: timer.reschedule(at_ms(e))
    except RuntimeError: w.log(how, "too late")
    else: w.log(how)


def seconds(d):
    return None if d < 0 else d * MS


def at_ms(d):
    return None if d < 0 else now() + d * MS


def in_ms(seconds):
    return "none" if seconds is None else "%d" % round(seconds * 1000)


def message(m):
    return "m%d" % m if m else None


RETURNS, BREAKS, CONTINUES = 1, 2, 3


async def ex(w, me, block, path, tg=None, timer=None):
    """Runs a block.  Says how it ended: 0 or one of these."""
    log = w.log
    for i, op in enumerate(block):
        if w.closed:                         # being thrown away
            return 0
        at = "%d:%s%d%s" % (me, path, i, op[0])
        o, a = op[0], op[1:]
        if o == "s": await sleep(a[0] * MS)
        elif o == "y": await sleep(0)
        elif o == "b": busy(a[0] * MS)
        elif o == "p":
            if w.tasks[a[0]] is not None: log(at, "again"); continue
            w.spawn(a[0])
        elif o in ("c", "j", "w", "h", "H", "D", "2", "3", "6") and w.any(a[1] if o in ("w", "H", "2") else a[0]) is None:
            log(at, "nobody"); continue
        elif o in ("c", "3"): log(at, w.any(a[0]).cancel(message(a[1] if o == "c" else 0))); continue
        elif o == "u": log(at, current_task().uncancel()); continue
        elif o == "q": log(at, current_task().cancelling()); continue
        elif o == "r": raise AppError(a[0])
        elif o == "x": return RETURNS
        elif o == "j":
            if w.any(a[0]) is current_task(): log(at, "self"); continue
            await w.any(a[0])
        elif o == "w":
            if w.any(a[1]) is current_task(): log(at, "self"); continue
            await w.wait_for(w.any(a[1]), seconds(a[0]))
        elif o == "v":
            if how := await w.wait_for(ex(w, me, a[1], path + "%d." % i, tg, timer), seconds(a[0])): return how
        elif o in ("t", "T", "until", "firm"):
            t = w.timeout(seconds(a[0])) if o in "tT" else w.timeout_at(at_ms(a[0])) if o == "until" else w.firm_timeout(seconds(a[0]))
            try:
                w.timeouts.append(t)
                async with t:
                    if o == "T": t.reschedule(at_ms(a[1]))
                    if how := await ex(w, me, a[-1], path + "%d." % i, tg, t): return how
            finally:
                log(at, "expired", t.expired(), current_task().cancelling())
        elif o == "y!":
            body, c, t, any_, fin, again = a
            try:
                try:
                    if how := await ex(w, me, body, path + "%da" % i, tg, timer): return how
                except CancelledError as e:
                    if not c: raise
                    log(at, desc(e))
                    if how := await ex(w, me, c, path + "%dc" % i, tg, timer): return how
                    if again[0]: raise
                except TimeoutError as e:
                    if not t: raise
                    log(at, desc(e))
                    if how := await ex(w, me, t, path + "%dt" % i, tg, timer): return how
                    if again[1]: raise
                except Exception as e:
                    if not any_: raise
                    log(at, desc(e))
                    if how := await ex(w, me, any_, path + "%de" % i, tg, timer): return how
                    if again[2]: raise
            finally:
                if fin:
                    log(at, "finally")
                    if how := await ex(w, me, fin, path + "%df" % i, tg, timer): return how
        elif o == "W":
            ks = w.some(a[2])
            if ks is None or current_task() in ks: log(at, "nobody"); continue
            done, pending = await wait(ks, timeout=seconds(a[1]),
                                       return_when=[ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION][a[0]])
            log(at, len(done), len(pending), " ".join("%d" % (t in done) for t in ks)); continue
        elif o in ("g", "G"):
            ks = [w.any(k) for k in a[-1]]
            if None in ks or current_task() in ks: log(at, "nobody"); continue
            g = gather(*ks, return_exceptions=bool(a[-2]))
            if o == "g": await g
            else: await w.wait_for(g, seconds(a[0]))
        elif o == "h":
            if w.any(a[0]) is current_task(): log(at, "self"); continue
            await shield(w.any(a[0]))
        elif o == "H":
            if w.any(a[1]) is current_task(): log(at, "self"); continue
            await w.wait_for(shield(w.any(a[1])), seconds(a[0]))
        elif o == "F":
            try: w.futures[a[0]].set_result(a[1])
            except InvalidStateError: log(at, "invalid"); continue
        elif o == "e":
            try: w.futures[a[0]].set_exception(AppError(a[1]))
            except InvalidStateError: log(at, "invalid"); continue
        elif o == "C": log(at, w.futures[a[0]].cancel()); continue
        elif o == "f": await w.futures[a[0]]
        elif o == "L": loop().call_later(a[0] * MS, log, "later", a[1])
        elif o == "D": w.tasks[a[0]].add_done_callback(lambda t, i=a[1]: log("done", i, ended(t)))
        elif o == "R":
            async with w.TaskGroup() as group:
                w.groups.append(group)
                if how := await ex(w, me, a[0], path + "%d." % i, group, timer): return how
        elif o == "z":
            if tg is None or w.tasks[a[0]] is not None: log(at, "again"); continue
            coro = ex(w, a[0], w.program[a[0]], "")
            try: w.tasks[a[0]] = tg.create_task(coro)
            except RuntimeError: coro.close(); log(at, "closed"); continue
        elif o in ("A", "S", "K"):
            async with {"A": w.locks, "S": w.semaphores, "K": w.conditions}[o][a[0]]:
                log(at, "in")
                if how := await ex(w, me, a[1], path + "%d." % i, tg, timer): return how
        elif o == "a":
            await w.wait_for(w.locks[a[1]].acquire(), seconds(a[0]))
            log(at, "in")
            w.locks[a[1]].release()
        elif o == "O": await w.conditions[a[0]].wait()
        elif o == "N": w.conditions[a[1]].notify(a[0])
        elif o == "E": await w.events[a[0]].wait()
        elif o == "B": await w.wait_for(w.events[a[1]].wait(), seconds(a[0]))
        elif o == "V": w.events[a[0]].set()
        elif o == "X": w.events[a[0]].clear()
        elif o == "P": await w.queues[a[0]].put(a[1])
        elif o == "Q": log(at, await w.queues[a[0]].get()); continue
        elif o == "U": log(at, await w.wait_for(w.queues[a[1]].get(), seconds(a[0]))); continue
        elif o == "I": w.queues[a[0]].put_nowait(a[1])
        elif o == "J": log(at, w.queues[a[0]].get_nowait()); continue
        elif o == "M": w.queues[a[0]].task_done()
        elif o == "Y": await w.queues[a[0]].join()
        elif o == "Z": w.queues[a[0]].shutdown(bool(a[1]))
        elif o == "o": log(at, await w.barriers[0].wait()); continue
        elif o == "i":
            ks = w.some(a[1])
            if ks is None or current_task() in ks: log(at, "nobody"); continue
            if sum(t.done() for t in ks) > 1: log(at, "order"); continue     # asyncio takes those that are done in no defined order
            for nxt in as_completed(ks, timeout=seconds(a[0])):
                try:
                    await nxt
                    log(at, "value")
                except TimeoutError as e: log(at, desc(e))
                except AppError as e: log(at, desc(e))
        elif o == "1":
            ks = [w.any(k) for k in a[2]]
            if None in ks or w.slots[a[0]] is not None: log(at, "nobody"); continue
            w.slots[a[0]] = gather(*ks, return_exceptions=bool(a[1]))
        elif o == "2":
            if w.slots[a[0]] is not None: log(at, "again"); continue
            w.slots[a[0]] = shield(w.any(a[1]))
        elif o == "5": loop().call_later(a[0] * MS, w.cancel, a[1])
        elif o == "6": w.any(a[0]).add_done_callback(lambda t, k=a[1]: w.cancel(k))
        elif o == "7":
            await w.wait_for(w.semaphores[a[1]].acquire(), seconds(a[0]))
            log(at, "in")
            w.semaphores[a[1]].release()
        elif o == "8": await w.wait_for(w.queues[a[1]].put(a[2]), seconds(a[0]))
        elif o == "9": await w.wait_for(w.queues[a[1]].join(), seconds(a[0]))
        elif o == "=": log(at, await w.wait_for(w.barriers[0].wait(), seconds(a[0]))); continue
        elif o == "-": await w.barriers[0].abort()
        elif o == "+": await w.barriers[0].reset()
        elif o in ("l", "m") and timer is None: log(at, "nobody"); continue
        elif o == "l": timer.reschedule(at_ms(a[0]))
        elif o == "m": loop().call_later(a[0] * MS, move, w, timer, a[1], "moved %d" % a[1])
        elif o == "k":
            if w.handles[a[1]] is not None: log(at, "again"); continue
            w.handles[a[1]] = loop().call_later(a[0] * MS, log, "later", a[2])
        elif o == "d":
            if w.handles[a[0]] is None: log(at, "nobody"); continue
            w.handles[a[0]].cancel()
            log(at, w.handles[a[0]].cancelled()); continue
        elif o == "n": loop().call_soon(log, "soon", a[0])
        elif o == "4":
            if w.callbacks[a[0]] is not None or w.any(a[1]) is None: log(at, "nobody"); continue
            w.callbacks[a[0]] = w.any(a[1]), lambda t, i=a[2]: log("done", i, ended(t))
            w.any(a[1]).add_done_callback(w.callbacks[a[0]][1])
        elif o == "0":
            if w.callbacks[a[0]] is None: log(at, "nobody"); continue
            log(at, w.callbacks[a[0]][0].remove_done_callback(w.callbacks[a[0]][1])); continue
        elif o == "^":
            if w.stopped or w.tasks[0].done(): log(at, "again"); continue
            w.stopped = True
            loop().stop()
        elif o == "*": await w.conditions[0].wait_for(lambda: w.counter >= a[0])
        elif o == "/":
            w.counter += 1
            w.conditions[0].notify_all()
        elif o == "&": w.conditions[0].notify_all()
        elif o == "?":
            log(at, *["%d" % l.locked() for l in w.locks + w.semaphores[:2] + w.conditions[:1]], *["%d" % e.is_set() for e in w.events],
                *["%d,%d,%d" % (q.qsize(), q.empty(), q.full()) for q in w.queues[:2]],
                "%d,%d" % (w.barriers[0].n_waiting, w.barriers[0].broken), w.counter)
            continue
        elif o == "_": await w.wait_for(w.conditions[a[1]].wait(), seconds(a[0]))
        elif o == "(": await w.semaphores[a[0]].acquire()
        elif o == ")": w.semaphores[a[0]].release()
        elif o == "[": await w.locks[a[0]].acquire()
        elif o == "]": w.locks[a[0]].release()
        elif o == ";":
            if a[1] >= len(w.groups) or w.tasks[a[0]] is not None: log(at, "again"); continue
            coro = ex(w, a[0], w.program[a[0]], "")
            try: w.tasks[a[0]] = w.groups[a[1]].create_task(coro)
            except RuntimeError: coro.close(); log(at, "closed"); continue
        elif o == "~":
            if a[0] >= len(w.timeouts): log(at, "nobody"); continue
            w.timeouts[a[0]].reschedule(at_ms(a[1]))
        elif o == "@": loop().call_later(a[1] * MS, w.bad, a[0])
        elif o == "$":
            ks = w.some(a[2])
            if ks is None or w.iters[a[0]] is not None: log(at, "nobody"); continue
            if sum(t.done() for t in ks) > 1: log(at, "order"); continue
            w.members[a[0]] = ks
            w.iters[a[0]] = as_completed(ks, timeout=seconds(a[1]))
        elif o == "%":
            it = w.iters[a[0]]
            if it is None: log(at, "nobody"); continue
            if it._todo_left == 0: log(at, "end"); continue
            async with w.timeout(seconds(a[1])): await next(it)
        elif o == "<":
            it = w.iters[a[0]]
            if it is None: log(at, "nobody"); continue
            if it._todo_left == 0: log(at, "end"); continue
            async with w.timeout(seconds(a[1])): x = await anext(it)
            log(at, w.members[a[0]].index(x))
            await x
        elif o == ">":
            try: w.futures[a[0]].set_exception([CancelledError, TimeoutError][a[1]]())
            except InvalidStateError: log(at, "invalid"); continue
        elif o == ":":
            x = w.any(a[0])
            if x is None: log(at, "nobody"); continue
            log(at, ended(x), x.cancelling() if isinstance(x, asyncio.Task) else "-"); continue
        elif o == "when":
            if timer is None: log(at, "nobody"); continue
            log(at, in_ms(timer.when())); continue
        elif o == "again":
            if a[0] >= len(w.timeouts): log(at, "nobody"); continue
            async with w.timeouts[a[0]]: log(at, "entered")
        elif o == "times":
            rounds = 0
            while rounds < a[0]:
                how = await ex(w, me, a[1], path + "%d." % i, tg, timer)
                if how == RETURNS: return how
                if how == BREAKS: break
                rounds += 1
            log(at, rounds); continue
        elif o == "break": return BREAKS
        elif o == "continue": return CONTINUES
        elif o == "grab": await w.conditions[a[0]].acquire()
        elif o == "drop": w.conditions[a[0]].release()
        elif o == "hold":
            await w.wait_for(w.locks[a[1]].acquire(), seconds(a[0]))
            try:
                if how := await ex(w, me, a[2], path + "%d." % i, tg, timer): return how
            finally:
                log(at, "out")
                w.locks[a[1]].release()
        elif o == "none":
            if a[0] == 0: await gather()
            elif a[0] == 1: await wait([])
            else:
                for x in as_completed([]): await x
        elif o in ("error", "on", "trips", "uncancel", "firmly", "left") and w.any(a[0]) is None: log(at, "nobody"); continue
        elif o == "error":
            try: e = w.any(a[0]).exception()
            except (InvalidStateError, CancelledError) as x: e = type(x)()
            log(at, desc(e)); continue
        elif o == "value": log(at, await w.futures[a[0]]); continue
        elif o == "uncancel": log(at, w.tasks[a[0]].uncancel()); continue
        elif o in ("call_at", "soon"):
            if w.handles[a[0]] is not None: log(at, "again"); continue
            w.handles[a[0]] = loop().call_at(now() + a[1] * MS, log, "at", a[2]) if o == "call_at" else loop().call_soon(log, "soon", a[1])
        elif o == "handle":
            if not isinstance(w.handles[a[0]], asyncio.TimerHandle): log(at, "nobody"); continue
            log(at, in_ms(w.handles[a[0]].when()), "%d" % w.handles[a[0]].cancelled()); continue
        elif o == "set": loop().call_later(a[0] * MS, w.tell, "sets", a[1], w.futures[a[1]].set_result, a[2])
        elif o == "fire": loop().call_later(a[0] * MS, w.tell, "fires", a[1], w.events[a[1]].set)
        elif o == "free": loop().call_later(a[0] * MS, w.tell, "frees", a[1], w.locks[a[1]].release)
        elif o == "permit": loop().call_later(a[0] * MS, w.tell, "permits", a[1], w.semaphores[a[1]].release)
        elif o == "feed": loop().call_later(a[0] * MS, w.tell, "feeds", a[1], w.queues[a[1]].put_nowait, a[2])
        elif o == "fill":
            for n in range(1, 6): w.queues[a[0]].put_nowait(a[1] * n % 11)
        elif o == "drain":
            items = []
            while not w.queues[a[0]].empty(): items.append(w.queues[a[0]].get_nowait())
            log(at, *items); continue
        elif o == "past":
            for n, d in enumerate((1, 3, 2)): loop().call_at(now() - d * MS, log, "past", 10 * a[0] + n)
        elif o == "spawns": loop().call_later(a[0] * MS, w.spawns, a[1])
        elif o == "cancels": loop().call_later(a[0] * MS, w.cancel, a[1], a[2])
        elif o == "cuts": loop().call_later(a[0] * MS, w.cut, a[1])
        elif o == "on": w.any(a[0]).add_done_callback(lambda t, n=a[1]: w.tell("fires", n, w.events[n].set))
        elif o == "trips": w.any(a[0]).add_done_callback(lambda t, n=a[1]: w.bad(n))
        elif o == "meet": log(at, await w.wait_for(w.barriers[a[0]].wait(), seconds(a[1]))); continue
        elif o == "abort": await w.barriers[a[0]].abort()
        elif o == "reset": await w.barriers[a[0]].reset()
        elif o == "state":
            q = w.queues[2]
            log(at, "%d %d,%d,%d" % (w.semaphores[2].locked(), q.qsize(), q.empty(), q.full()),
                *["%d,%d" % (b.n_waiting, b.broken) for b in w.barriers[1:]], sum(t is not None and not t.done() for t in w.tasks))
            continue
        else:
            how = await w.beyond(at, op, me, path + "%d." % i, tg)
            if how is None: continue
            if how: return how
        log(at)
    return 0


def ended(t):
    return "pending" if not t.done() else "cancelled" if t.cancelled() else "raised" if t.exception() else "result"


def run_one(w):
    async def main():
        w.begin()
        await ex(w, 0, w.program[0], "")
    sys.setrecursionlimit(2000)
    try:
        run(main())
    finally:
        w.closed = True
    if any(t and t.cancelling() > 60 for t in w.tasks):
        print("RECURSION")
    if w.alias:                              # asyncio's shield of what is done is what is shielded: a member given twice
        print("ALIAS")
    for k, t in enumerate(w.tasks):
        print(k, "never" if t is None else "%s %d" % (ended(t), t.cancelling()))
    for k, f in enumerate(w.futures + w.slots):
        print(k + (10 if k < 3 else 17), "never" if f is None else ended(f))
    for t in loop().made:                    # here, lest the collector does it in the midst of a later program
        with contextlib.suppress(BaseException):
            t.get_coro().close()


def trace_of(w):
    trace = io.StringIO()
    with contextlib.redirect_stdout(trace), contextlib.redirect_stderr(io.StringIO()):
        try:
            run_one(w)
        except RecursionError:
            print("RECURSION")
        except RuntimeError as e:            # the loop was stopped in the step in which main ended: that stops run()'s clean-up, too
            if "stopped before" not in str(e): raise
            print("STOPPED")
    return trace.getvalue()


def write(number, program, world):
    source = "\n".join("task %d %s" % (k, braces(b)) for k, b in enumerate(program))
    print("program %s\n%s\nend\n%s." % (number, source, trace_of(world(program))))


def kept(corpus):
    """The programs of a corpus: number, program."""
    for part in re.findall(r"^program (.*)\n((?:.*\n)*?end\n)", open(corpus).read(), re.M):
        yield part[0], parse(part[1])


def print_mix(programs):
    counts, depths, total = collections.Counter(), collections.Counter(), 0

    def walk(block, depth):
        for op in block:
            counts[op[0]] += 1
            depths[depth] += 1
            for part in op[1:]:
                if isinstance(part, list) and part and isinstance(part[0], tuple): walk(part, depth + 1)
    for program in programs:
        total += 1
        for block in program: walk(block, 0)
    print("%d ops in %d programs: %s" % (sum(counts.values()), total, ", ".join("%s %d" % c for c in counts.most_common())))
    print("inside so many blocks: %s" % ", ".join("%d: %d" % d for d in sorted(depths.items())))


def main(argv, Gen, world):
    sys.unraisablehook = lambda unraisable: None        # of coroutines that are thrown away
    if argv[0] == "--print":
        sys.stdout.write(trace_of(world(parse(open(argv[1]).read()))))
    elif argv[0] == "--again":
        for number, program in kept(argv[1]): write(number, program, world)
    elif argv[0] == "--mix":
        print_mix(Gen(seed).program() for seed in range(int(argv[1]), int(argv[1]) + int(argv[2])))
    else:
        for seed in range(int(argv[0]), int(argv[0]) + int(argv[1])): write(seed, Gen(seed).program(), world)


if __name__ == "__main__":
    main(sys.argv[1:], Gen, World)
