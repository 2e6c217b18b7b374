"""random_side.py FIRST COUNT: random programs about what the header adds to asyncio, and what the twin makes of them.

The language is that of ../fuzz/asyncio_side.py, and so are the arguments; ../fuzz/aiot_side.c runs the programs.  Limits, groups,
conditions and barriers are the twin's here."""
import os
import random
import sys
sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), d) for d in (".", "../fuzz")]
import twin
import asyncio_side
from asyncio_side import ex, in_ms, seconds
from asyncio import current_task

FUTURES = 2


WAITS = "j w stop stops race r t firm shielded v R W g E B O A K P Q M Y ( ) o i".split()


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
            if depth < 4 and op[0] in WAITS and self.r.random() < self.calm:
                op = self.caught([op], [self.handler(depth) for _ in range(3)])
            out.append(op)
        return out

    def handler(self, depth):
        if self.r.random() < 0.2: return self.block(depth + 2)
        return self.r.choice([[("q",)], [("q",)], [("y",)], [("s", self.dur())], [("u",)]])

    def op(self, depth):
        r = self.r
        if depth < 4 and r.random() < self.nests:
            k = r.choice("t t t t shielded shielded shielded shielded y! y! y! y! v R R".split() + (["A", "K", "K"] if self.sync else []))
            if k == "t" and r.random() < self.firm: k = "firm"
        elif r.random() < self.cuts:
            k = r.choice("c c c c firmly firmly u u q cancels cancels cuts".split())
        elif r.random() < self.sets:
            k = r.choice("stop stop stop stops stops race race race".split())
        elif r.random() < self.sync:
            k = r.choice("E E B V V V X N N O P P Q Q M Y ( ( ) ) o o o".split())
        else:
            k = r.choice("p s s s s s s s s y y y b j j w w left left left q l l l r x z z z W g i h F e".split())
        if k in ("t", "firm", "shielded", "v"): return (k, self.lim(), self.block(depth + 1))
        if k == "R": return (k, [("z", c) for c in range(1, self.n) if r.random() < 0.5] + self.block(depth + 1))
        if k == "A": return (k, r.randrange(2), self.block(depth + 1))
        if k == "K":
            c = r.randrange(2)
            return (k, c, self.block(depth + 1) + [r.choice([("O", c), ("O", c), ("O", c), ("N", 1, c), ("N", 2, c)])])
        if k == "y!":
            return (k, self.block(depth + 1), *[self.block(depth + 1) if r.random() < 0.45 else [] for _ in range(3)],
                    self.block(depth + 1) if r.random() < 0.4 else [], [r.random() < 0.5 for _ in range(3)])
        if k in ("s", "l"): return (k, self.dur() if k == "s" else self.lim())
        if k == "b": return (k, r.choice([1, 2]))
        if k in tuple("yuqxo"): return (k,)
        if k in tuple("QMY()"): return (k, 0)
        if k == "P": return (k, 0, r.randint(1, 9))
        if k == "i": return (k, self.lim(), self.some())
        if k == "c": return (k, self.target(), self.message())
        if k == "firmly": return (k, 10 + r.randrange(FUTURES) if r.random() < 0.1 else self.target())
        if k == "left": return (k, r.randrange(self.n))
        if k == "cancels": return (k, self.dur(), self.target(), self.message())
        if k == "cuts": return (k, self.dur(), self.target())
        if k == "r": return (k, r.randint(1, 9))
        if k in ("p", "z"): return (k, self.other())
        if k in ("j", "h"): return (k, self.any())
        if k in ("w", "stop"): return (k, self.lim(), self.any())
        if k == "stops": return (k, self.lim(), list(dict.fromkeys(self.some())))
        if k == "race": return (k, self.some())
        if k == "W": return (k, r.randrange(3), self.lim(), self.some())
        if k == "g": return (k, r.randrange(2), self.some())
        if k in ("O", "E", "V", "X"): return (k, r.randrange(2))
        if k == "N": return (k, r.randint(1, 2), r.randrange(2))
        if k == "B": return (k, self.lim(), r.randrange(2))
        if k in ("F", "e"): return (k, r.randrange(FUTURES), r.randint(1, 9))
        raise AssertionError(k)


class World(asyncio_side.World):
    timeout, wait_for, TaskGroup = map(staticmethod, (twin.timeout, twin.wait_for, twin.Group))
    firm_timeout = staticmethod(twin.firm_timeout)
    Condition, Barrier = twin.Condition, twin.Barrier

    def cut(self, k):
        if self.tasks[k] is not None: self.log("cancels firmly", k, twin.cancel_firmly(self.tasks[k]))

    def still_runs(self, x):
        self.log("still runs", self.tasks.index(x))

    async def beyond(self, at, op, me, path, group):
        """The ops that asyncio has not.  What ex() returns; None when all is logged."""
        log, o, a = self.log, op[0], op[1:]
        if o == "shielded":
            g = twin.shielded(seconds(a[0]))
            try:
                async with g:
                    if how := await ex(self, me, a[1], path, group, g.limit): return how
            finally:
                if not self.closed: log(at, "left", current_task().cancelling())
        elif o == "firmly": return log(at, twin.cancel_firmly(self.any(a[0])))
        elif o == "left": return log(at, in_ms(twin.deadline(self.tasks[a[0]])), in_ms(twin.time_left(current_task())))
        elif o == "stop": await twin.stop(seconds(a[0]), lambda: self.any(a[1]), still_runs=self.still_runs)
        elif o == "stops": await twin.stop(seconds(a[0]), *[lambda k=k: self.any(k) for k in a[1]], still_runs=self.still_runs)
        elif o == "race":
            xs = [self.any(k) for k in a[0]]
            if None in xs or current_task() in xs: return log(at, "nobody")
            race = twin.Race(*xs)
            try: await race.run()
            finally: log(at, "winner", race.winner)
            return None
        else: raise AssertionError(o)
        return 0


if __name__ == "__main__":
    asyncio_side.main(sys.argv[1:], Gen, World)
