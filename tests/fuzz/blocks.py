"""blocks.py SEED COUNT OUT.c OUT.txt: COUNT random coroutines of nested blocks, once in C with the header's macros and once in Python.

OUT.c prints, when run, what Python printed into OUT.txt: every way into and out of try, except, finally, timeout, task group, lock,
semaphore, condition and loop, nested in every part, with and without a wait before: raise, re-raise, return, leaving a block, leaving
loops and rounds of loops from inside blocks, cancelling oneself, cancels from outside, limits that strike, tasks of the group that fail.
Prints how many it made: Python nests no more than 20 blocks, and those that are deeper are left out.
  --show SEED             the coroutine of one seed in both languages"""
import os, random, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance"))
import asyncio, contextlib, io
import vt
from vt import *

HELD = {"lock0": ("AIOT_LOCK(&locks[0], ", Lock), "lock1": ("AIOT_LOCK(&locks[1], ", Lock),
        "semaphore": ("AIOT_SEMAPHORE(&semaphore, ", lambda: Semaphore(1)), "condition": ("AIOT_CONDITION(&condition, ", Condition)}
C_BEGIN = """/* made by blocks.py */
#include "vt.h"

static aiot_lock locks[2];
static aiot_semaphore semaphore;
static aiot_condition condition;

struct child { AIOT_FRAME; int d, code, lock; aiot_waiter w; };     /* lock: -1, or which one it holds meanwhile */
static AIOT_CORO(child)
{
    AIOT_BEGIN();
    AIOT_TRY {
        if (self->lock >= 0) {
            AIOT_LOCK(&locks[self->lock], &self->w) { AIOT_SLEEP(AIOT_MS(self->d)); }
        } else {
            AIOT_SLEEP(AIOT_MS(self->d));
        }
        if (self->code > 0) AIOT_RAISE(self->code);
    } AIOT_FINALLY {
        log("child %d %d %u", self->d, self->code, aiot_task_cancelling(task));
    }
    AIOT_END();
}
"""
HANDLERS = [("AIOT_EXCEPT(1, 2, 3)", "AppError"), ("AIOT_EXCEPT(AIOT_ECANCELED)", "CancelledError"),
            ("AIOT_EXCEPT(AIOT_ETIMEDOUT)", "TimeoutError"), ("AIOT_EXCEPT_APP", "AppError"), ("AIOT_EXCEPT_ANY", "Exception"),
            ("AIOT_EXCEPT_ALL", "BaseException"), ("AIOT_EXCEPT(AIOT_ETIMEDOUT, AIOT_ECANCELED)", "(TimeoutError, CancelledError)"),
            ("AIOT_EXCEPT(AIOT_EGROUP)", "ExceptionGroup"), ("AIOT_EXCEPT_IF(aiot_caught(task).code > 0)", "AppError")]


async def child(d, code, lock):
    try:
        if lock >= 0:
            async with held["lock%d" % lock]: await sleep(d / 1000)
        else:
            await sleep(d / 1000)
        if code > 0: raise AppError(code)
    finally:
        log("child", d, code, current_task().cancelling())


class Both:
    """Writes a statement in both languages, each with its own indentation."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.c, self.py, self.logs, self.budget = [], [], 0, 24
        self.counts = dict.fromkeys("ticwg", 1)         # timeouts, counters of loops, children, waiters, groups: the next free one
        self.held = set()
        self.groups = []                                # those around: number, what was held on entry, loops around it
        self.loop = None                                # the loop that `end` may leave from here
        self.loops = 0

    def next(self, kind):
        self.counts[kind] += 1
        return self.counts[kind] - 1

    def put(self, c, py, d, pd=None):
        if c is not None: self.c.append("    " * d + c)
        if py is not None: self.py.append("    " * (d if pd is None else pd) + py)

    def log(self, d, pd):
        self.logs += 1
        self.put('log("%d %%u", aiot_task_cancelling(task));' % self.logs, 'log(%d, me.cancelling())' % self.logs, d, pd)

    def child(self, held, at):
        """Arguments of a child in both languages.  It may hold a lock that is not in `held`."""
        d, code = self.r.randrange(4), self.r.choice([0, 0, 0, 0, 1, 2])
        lock = self.r.choice([-1, -1] + [n for n in (0, 1) if "lock%d" % n not in held])
        return "child, &self->c[%d], .d = %d, .code = %d, .lock = %d" % (at, d, code, lock), "child(%d, %d, %d)" % (d, code, lock)

    def kind(self, d, part):
        """One of the statements that may stand here."""
        kinds = "yield yield sleep sleep busy raise return cancel uncancel await wait_for"
        if part == "finally" or self.loop is None and part in ("body", "except"): kinds += " leave"
        if self.loop is not None and part in ("body", "except", "loop"): kinds += 5 * " end"
        if part == "except" or self.r.random() < 0.2: kinds += " reraise"       # elsewhere: of a handler around, or of none
        if any(loops == self.loops for _, _, loops in self.groups): kinds += " spawn spawn spawn"
        if part == "top" and self.r.random() < 0.8: kinds = ""
        if d < 6: kinds += " try try try timeout timeout group group held held loop loop"
        return self.r.choice(kinds.split())

    def statements(self, d, pd, slots, part):
        """part: body, except or finally of the nearest block, loop, top; slots: handler parts open around."""
        for _ in range(self.r.randint(1, 3) if part != "top" else 9):
            self.log(d, pd)
            if self.budget <= 0:
                return
            self.budget -= 1
            kind = self.kind(d, part)
            if kind == "yield":
                self.put("AIOT_YIELD();", "await sleep(0)", d, pd)
            elif kind == "sleep":
                n = self.r.randint(1, 3)
                self.put("AIOT_SLEEP(AIOT_MS(%d));" % n, "await sleep(%d / 1000)" % n, d, pd)
            elif kind == "busy":
                n = self.r.randint(1, 2)
                self.put("busy(%d / 1e3);" % n, "busy(%d / 1000)" % n, d, pd)
            elif kind == "raise":
                n = self.r.choice([1, 2, 3, "T", "C"])
                self.put("if (busy(0), 1) AIOT_RAISE(%s);" % {"T": "AIOT_ETIMEDOUT", "C": "AIOT_ECANCELED"}.get(n, n),
                         "raise %s" % {"T": "TimeoutError", "C": "CancelledError"}.get(n, "AppError(%s)" % n), d, pd)
                return
            elif kind == "return":
                self.put("if (busy(0), 1) AIOT_RETURN();", "return", d, pd)
                return
            elif kind == "leave":
                self.put(self.r.choice(["break;", "continue;"]), "break", d, pd)
                return
            elif kind == "end":
                flag, word = self.r.choice([("ended", "break"), ("next", "continue")])
                if part == "loop": self.put("%s;" % word, word, d, pd)
                else: self.put("self->%s[%d] = 1; %s;" % (flag, self.loop, self.r.choice(["break", "continue"])), word, d, pd)
                return
            elif kind == "cancel":
                self.put("aiot_task_cancel(task);", "me.cancel()", d, pd)
            elif kind == "uncancel":
                self.put("aiot_task_uncancel(task);", "me.uncancel()", d, pd)
            elif kind == "reraise":
                self.put("if (busy(0), 1) AIOT_RERAISE();", "raise", d, pd)
                return
            elif kind == "spawn":
                g, held, _ = self.r.choice([group for group in self.groups if group[2] == self.loops])
                n = self.next("c")
                c, py = self.child(held, n)
                self.put("AIOT_CHECK(aiot_group_spawn(&self->g[%d], &self->m[%d], %s));" % (g, n, c), "make(g%d, %s)" % (g, py), d, pd)
            elif kind == "await":
                c, py = self.child(self.held, self.next("c"))
                self.put("AIOT_AWAIT(%s);" % c, "await %s" % py, d, pd)
            elif kind == "wait_for":
                n = self.r.randrange(4)
                c, py = self.child(self.held, self.next("c"))
                self.put("AIOT_WAIT_FOR(&self->t[%d], AIOT_MS(%d), %s);" % (self.next("t"), n, c),
                         "await wait_for(%s, %d / 1000)" % (py, n), d, pd)
            elif kind == "loop":
                self.for_loop(d, pd, slots)
            else:
                self.block(kind, d, pd, slots, part)
        self.log(d, pd)

    def for_loop(self, d, pd, slots):
        i = self.next("i")
        around = self.loop
        self.loop, self.loops = i, self.loops + 1
        self.put("self->ended[%d] = self->next[%d] = 0;" % (i, i), None, d)
        self.put("for (self->i[%d] = 0; self->i[%d] < 2; self->i[%d]++) {" % (i, i, i), "for i%d in range(2):" % i, d, pd)
        self.statements(d + 1, pd + 1, slots, "loop")
        self.put("}", None, d)
        self.loop, self.loops = around, self.loops - 1

    def block(self, kind, d, pd, slots, part):
        loop, wrapped = self.loop, self.loop is None or self.r.random() < 0.3
        if wrapped:
            self.put(None, "for _ in (0,):", pd)        # so that `break` leaves the block
            self.loop = None
            pd += 1
        self.put(None, "try:", pd)
        groups, held = list(self.groups), set(self.held)
        if kind == "try":
            self.put("AIOT_TRY {", None, d)
        elif kind == "timeout":
            t, n = self.next("t"), self.r.choice([0, 1, 2, 4])
            self.put("AIOT_TIMEOUT(&self->t[%d], AIOT_MS(%d)) {" % (t, n), "async with timeout(%d / 1000) as t%d:" % (n, t), d, pd + 1)
        elif kind == "group":
            g = self.next("g")
            self.put("AIOT_GROUP(&self->g[%d]) {" % g, "async with TaskGroup() as g%d:" % g, d, pd + 1)
            self.groups.append((g, set(self.held), self.loops))
        else:
            name = self.r.choice(sorted(set(HELD) - self.held) or ["none"])
            if name == "none": self.put("AIOT_TRY {", "if True:", d, pd + 1)
            else: self.put("%s&self->w[%d]) {" % (HELD[name][0], self.next("w")), "async with held['%s']:" % name, d, pd + 1)
            self.held.add(name)
        self.statements(d + 1, pd + (1 if kind == "try" else 2), slots, "body")
        self.groups, self.held = groups, held
        handlers = 0
        if slots < 3:
            catches = [self.r.choice(HANDLERS) for _ in range(self.r.choice([0, 0, 1, 1, 2]))]
            if part == "top" and self.r.random() < 0.8: catches.append(("AIOT_EXCEPT_ALL", "BaseException"))        # and goes on
            for c, py in catches:
                handlers += 1
                self.put("} %s {" % c, "except %s as e:" % py, d, pd)
                self.put('log("caught %s", desc(aiot_caught(task)));', "log('caught', desc(e))", d + 1, pd + 1)
                if self.loop is not None: self.put("self->ended[%d] = self->next[%d] = 0;" % (self.loop, self.loop), None, d + 1)
                self.statements(d + 1, pd + 1, slots + 1, "except")
            if not handlers or self.r.random() < 0.5:
                handlers += 1
                self.put("} AIOT_FINALLY {", "finally:", d, pd)
                self.put(None, "for _ in (0,):", pd + 1)
                self.loop, inner = None, self.loop
                self.statements(d + 1, pd + 2, slots + 1, "finally")
                self.loop = inner
        if not handlers:
            self.put(None, "finally: pass", pd)
        self.put("}", None, d)
        self.loop = loop
        if not wrapped and part == "loop":
            self.put("if (self->ended[%d]) break;" % loop, None, d)
            self.put("if (self->next[%d]) { self->next[%d] = 0; continue; }" % (loop, loop), None, d)
        elif not wrapped:
            self.put("if (self->ended[%d] || self->next[%d]) break;" % (loop, loop), None, d)


def make(group, coro):
    try: group.create_task(coro)
    except RuntimeError: coro.close(); raise


def made(k):
    b = Both(k)
    b.statements(1, 1, 0, "top")
    n = b.counts
    c = ["struct f%d {" % k, "    AIOT_FRAME_DEPTH(4); int i[%d], ended[%d], next[%d];" % (n["i"], n["i"], n["i"]),
         "    aiot_timeout t[%d]; aiot_waiter w[%d];" % (n["t"], n["w"]),
         "    aiot_group g[%d]; aiot_group_task m[%d]; struct child c[%d];" % (n["g"], n["c"], n["c"]), "};",
         "static AIOT_CORO(f%d)" % k, "{", "    AIOT_BEGIN();"] + b.c + ["    AIOT_END();", "}", ""]
    cancels = [b.r.randrange(5) for _ in range(b.r.choice([0, 0, 1, 1, 2]))]        # from outside, after so many ms
    return c, "async def f():\n    me = current_task()\n" + "\n".join(b.py) + "\n", cancels


def main(seed, count, c_name, out_name):
    c = [C_BEGIN]
    out = io.StringIO()
    calls, programs = [], []
    for k in range(seed, seed + count):
        in_c, source, cancels = made(k)
        space = {}
        try:
            exec(compile(source, "f%d" % k, "exec"), globals(), space)
        except SyntaxError as e:
            if "too many statically nested blocks" not in str(e): raise
            continue
        programs.append((k, space["f"], cancels))
        c += in_c
        calls += ["    aiot_spawn(&self->task, f%d, &self->frame.f%d);" % (k, k)]
        calls += ["    aiot_call_later(&vt_loop, &self->cancels[%d], AIOT_MS(%d), aiot_on_cancel_task, &self->task);" % cancel
                  for cancel in enumerate(cancels)]
        calls += ["    AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task);"]
        calls += ["    aiot_handle_cancel(&self->cancels[%d]);" % i for i in range(len(cancels))]
        calls += ["    log(\"%d: %%s %%u\", outcome(&self->task, \"None\"), aiot_task_cancelling(&self->task));" % k]
    c += ["union frames {"] + ["    struct f%d f%d;" % (k, k) for k, _, _ in programs] + ["};", "",
          "struct root { AIOT_FRAME; aiot_task task; aiot_handle cancels[2]; AIOT_WAIT_SET(1) set; union frames frame; };",
          "static AIOT_CORO(root)", "{", "    AIOT_BEGIN();",
          "    aiot_semaphore_init(&semaphore, 1);"] + calls + ["    AIOT_END();", "}", "", "RUN(root)"]
    open(c_name, "w").write("\n".join(c) + "\n")

    async def root():
        held.update((name, make()) for name, (_, make) in HELD.items())
        for k, f, cancels in programs:
            t = spawn(f())
            timers = [vt.loop().call_later(d / 1000, t.cancel) for d in cancels]
            await wait([t])
            for timer in timers: timer.cancel()
            log("%d: %s %d" % (k, outcome(t), t.cancelling()))
    with contextlib.redirect_stdout(out):
        run(root())
    open(out_name, "w").write(out.getvalue())
    print(len(programs))


held = {}
if __name__ == "__main__":
    if sys.argv[1] == "--show":
        in_c, source, cancels = made(int(sys.argv[2]))
        print("\n".join(in_c) + source + "\ncancelled from outside after so many ms: %s" % cancels)
    else:
        main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
