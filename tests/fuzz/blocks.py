"""blocks.py SEED COUNT OUT.c OUT.txt: COUNT random coroutines of nested blocks, once in C with the header's macros and once in Python.

OUT.c prints, when run, what Python printed into OUT.txt: every way into and out of try, except, finally and timeout, nested in
every part, with and without a wait before: raise, re-raise, return, leaving a block, cancelling oneself, limits that strike."""
import os, random, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance"))
import asyncio, contextlib, io
import vt
from vt import *


class Both:
    """Writes a statement in both languages, each with its own indentation."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.c, self.py, self.logs, self.timeouts, self.budget, self.counters = [], [], 0, 0, 22, 0

    def put(self, c, py, depth, cdepth=None):
        if c is not None: self.c.append("    " * (depth if cdepth is None else cdepth) + c)
        if py is not None: self.py.append("    " * depth + py)

    def log(self, d, pd):
        self.logs += 1
        self.put('log("%d %%u", aiot_task_cancelling(task));' % self.logs, None, d)
        self.put(None, 'log(%d, me.cancelling())' % self.logs, pd)

    def statements(self, d, pd, slots, part):
        """part: body, except or finally of the nearest block; slots: handler parts open around."""
        for _ in range(self.r.randint(1, 3)):
            self.log(d, pd)
            if self.budget <= 0:
                return
            self.budget -= 1
            kind = self.r.choice("yield sleep busy raise raise return leave cancel reraise try try try timeout timeout loop uncancel".split())
            if kind == "yield":
                self.put("AIOT_YIELD();", None, d); self.put(None, "await sleep(0)", pd)
            elif kind == "sleep":
                n = self.r.randint(1, 3)
                self.put("AIOT_SLEEP(AIOT_MS(%d));" % n, None, d); self.put(None, "await sleep(%d / 1000)" % n, pd)
            elif kind == "busy":
                n = self.r.randint(1, 2)
                self.put("busy(%d / 1e3);" % n, None, d); self.put(None, "busy(%d / 1000)" % n, pd)
            elif kind == "raise":
                n = self.r.choice([1, 2, 3, "T", "C"])
                self.put("if (busy(0), 1) AIOT_RAISE(%s);" % {"T": "AIOT_ETIMEDOUT", "C": "AIOT_ECANCELED"}.get(n, n), None, d)
                self.put(None, "raise %s" % {"T": "TimeoutError", "C": "CancelledError"}.get(n, "AppError(%s)" % n), pd)
                return
            elif kind == "return" and part != "finally":
                self.put("if (busy(0), 1) AIOT_RETURN();", None, d); self.put(None, "return", pd)
                return
            elif kind == "leave" and part in ("body", "except"):
                self.put(self.r.choice(["break;", "continue;"]), None, d); self.put(None, "break", pd)
                return
            elif kind == "cancel":
                self.put("aiot_task_cancel(task);", None, d); self.put(None, "me.cancel()", pd)
            elif kind == "uncancel":
                self.put("aiot_task_uncancel(task);", None, d); self.put(None, "me.uncancel()", pd)
            elif kind == "reraise" and part == "except":
                self.put("if (busy(0), 1) AIOT_RERAISE();", None, d); self.put(None, "raise", pd)
                return
            elif kind in ("try", "timeout") and d < 6:
                self.block(kind, d, pd, slots)
            elif kind == "loop" and d < 6:
                i = self.counters
                self.counters += 1
                self.put("for (self->i[%d] = 0; self->i[%d] < 2; self->i[%d]++) {" % (i, i, i), None, d)
                self.put(None, "for i%d in range(2):" % i, pd)
                self.block(self.r.choice(["try", "timeout"]), d + 1, pd + 1, slots)
                self.put("}", None, d)
        self.log(d, pd)

    def block(self, kind, d, pd, slots):
        self.put(None, "for _ in (0,):", pd)            # so that `break` leaves the block
        self.put(None, "try:", pd + 1)
        if kind == "try":
            self.put("AIOT_TRY {", None, d)
            self.statements(d + 1, pd + 2, slots, "body")
        else:
            t = self.timeouts
            self.timeouts += 1
            n = self.r.choice([0, 1, 2, 4])
            self.put("AIOT_TIMEOUT(&self->t[%d], AIOT_MS(%d)) {" % (t, n), None, d)
            self.put(None, "async with timeout(%d / 1000) as t%d:" % (n, t), pd + 2)
            self.statements(d + 1, pd + 3, slots, "body")
        handlers = 0
        if slots < 3:
            for _ in range(self.r.choice([0, 0, 1, 1, 2])):
                c, py = self.r.choice([("AIOT_EXCEPT(1, 2)", "AppError"), ("AIOT_EXCEPT(AIOT_ECANCELED)", "CancelledError"), ("AIOT_EXCEPT(AIOT_ETIMEDOUT)", "TimeoutError"),
                                       ("AIOT_EXCEPT_APP", "AppError"), ("AIOT_EXCEPT_ANY", "Exception"), ("AIOT_EXCEPT_ALL", "BaseException"),
                                       ("AIOT_EXCEPT(AIOT_ETIMEDOUT, AIOT_ECANCELED)", "(TimeoutError, CancelledError)"),
                                       ("AIOT_EXCEPT_IF(aiot_caught(task).code == 1)", "AppError")])
                c, py = (c, py) if "1" not in c else ("AIOT_EXCEPT(1, 2, 3)", "AppError")
                handlers += 1
                self.put("} %s {" % c, None, d); self.put('log("caught %s", desc(aiot_caught(task)));' , None, d + 1)
                self.put(None, "except %s as e:" % py, pd + 1); self.put(None, "log('caught', desc(e))", pd + 2)
                self.statements(d + 1, pd + 2, slots + 1, "except")
            if not handlers or self.r.random() < 0.5:
                handlers += 1
                self.put("} AIOT_FINALLY {", None, d); self.put(None, "finally:", pd + 1)
                self.statements(d + 1, pd + 2, slots + 1, "finally")
        if not handlers:
            self.put(None, "finally: pass", pd + 1)
        self.put("}", None, d)


def main(seed, count, c_name, out_name):
    c = ['/* made by blocks.py */', '#include "vt.h"', '']
    out = io.StringIO()
    calls = []
    for k in range(seed, seed + count):
        b = Both(k)
        b.statements(1, 1, 0, "top")
        source = "async def f():\n    me = current_task()\n" + "\n".join(b.py) + "\n"
        space = {}
        try:
            exec(compile(source, "f%d" % k, "exec"), globals(), space)
        except SyntaxError:                  # Python nests no more than 20 blocks
            continue
        programs.append((k, space["f"]))
        c += ["struct f%d { AIOT_FRAME_DEPTH(4); int i[%d]; aiot_timeout t[%d]; };" % (k, max(b.counters, 1), max(b.timeouts, 1)),
              "static AIOT_CORO(f%d)" % k, "{", "    AIOT_BEGIN();"] + b.c + ["    AIOT_END();", "}", ""]
        calls.append("    aiot_spawn(&self->task, f%d, &self->frame.f%d); AIOT_WAIT(&self->set, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->task); "
                     "log(\"%d: %%s %%u\", outcome(&self->task, \"None\"), aiot_task_cancelling(&self->task));" % (k, k, k))
    c += ["union frames {"] + ["    struct f%d f%d;" % (k, k) for k, _ in programs] + ["};", "",
          "struct root { AIOT_FRAME; aiot_task task; AIOT_WAIT_SET(1) set; union frames frame; };", "static AIOT_CORO(root)", "{", "    AIOT_BEGIN();"] + calls + \
         ["    AIOT_END();", "}", "", "RUN(root)"]
    open(c_name, "w").write("\n".join(c) + "\n")

    async def root():
        for k, f in programs:
            t = spawn(f())
            await wait([t])
            log("%d: %s %d" % (k, outcome(t), t.cancelling()))
    with contextlib.redirect_stdout(out):
        run(root())
    open(out_name, "w").write(out.getvalue())


programs = []
if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
