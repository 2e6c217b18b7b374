"""twin.py - the rules of README.md in Python, on CPython's own loop and on its pure-Python task.

The numbers in brackets are those of the rules.  The loop is that of vt.py, with its virtual time.  What asyncio has already is asyncio's
own code: locks, events, gather, wait, shield.  Timeout, TaskGroup and wait_for are written again after those of CPython 3.13,
because here they have a place in the task's chain.

  Task                    a task: holds requests for shielded blocks, cancels waits under firmness
  Limit, timeout(d), firm_timeout(d), shielded(d), Group, wait_for(x, d), Condition
  stop(grace, x...), Race(x...).run(), cancel_firmly(x), deadline(task), time_left(task)
"""
import os
import sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance"))
import asyncio
from asyncio import CancelledError, InvalidStateError, futures, tasks
import vt

_PyTask, _PyFuture = tasks._PyTask, futures._PyFuture
current_task = asyncio.current_task


class Task(_PyTask):
    """A task with a chain.  The chain lists the blocks that the task is in, the outermost first: limits, guards and groups.

    Each request is in one of two states.  It is held by a guard, or it is visible.  _num_cancels_requested counts all of them.
    """

    def __init__(self, coro, **kw):
        self.chain = []
        self.firm = False           # cancelled firmly [17]
        self.uncut = 0              # above 0: firmness does not cut the waits [20]
        self.pending = 0            # how many visible requests are not delivered yet
        super().__init__(coro, **kw)

    # Requests.

    def held(self):
        return sum(g.held for g in self.chain if isinstance(g, shielded))

    def visible(self):
        return self._num_cancels_requested - self.held()

    def cancel(self, msg=None):
        return self.request(None, msg)

    def request(self, origin, msg=None):
        """Asks the task to end.  origin: the limit or group in the chain that asks, or None."""
        self._log_traceback = False
        if self.done():
            return False
        self._num_cancels_requested += 1
        inside = self.chain[self.chain.index(origin) + 1:] if origin is not None else self.chain
        for guard in inside:
            if isinstance(guard, shielded):         # the outermost guard that it comes from outside of [11]
                guard.held += 1
                guard.message = msg
                return True
        self._deliver(msg, 1)
        return True

    def _deliver(self, msg, count):
        if self._fut_waiter is not None and self._fut_waiter.cancel(msg=msg):
            return
        self._must_cancel = True
        self._cancel_message = msg
        self.pending += count

    def _withdraw(self):
        """A visible request was taken back."""
        visible = self.visible()
        if visible == 0:
            self._must_cancel = False
        self.pending = min(self.pending, visible)

    def uncancel(self):
        if self.visible() > 0:                      # [13]
            self._num_cancels_requested -= 1
            self._withdraw()
        else:
            for guard in reversed(self.chain):
                if isinstance(guard, shielded) and guard.held > 0:
                    guard.held -= 1
                    self._num_cancels_requested -= 1
                    break
        return self._num_cancels_requested

    def take_back(self):
        """A limit or a group takes its own request back.  Held requests do not count [8]."""
        if self.visible() > 0:
            self._num_cancels_requested -= 1
            self._withdraw()
        return self.visible()

    def deliver_again(self):
        """A group raises errors instead of a cancel, so the cancel is due again.  It comes from where the requests came from:
        if they were all there when a guard was entered, that guard holds one of them."""
        holder = None
        for guard in reversed(self.chain):
            if isinstance(guard, shielded):
                if self.visible() > guard.on_entry:
                    break
                holder = guard
        if holder is not None:
            holder.held += 1
            holder.message = None
            self._withdraw()
        else:
            self._must_cancel = True
            self._cancel_message = None
            self.pending = min(self.pending + 1, self.visible())

    # Firmness.

    def is_firm(self):
        """Is every wait at this point to be cancelled?"""
        for entry in reversed(self.chain):
            if isinstance(entry, shielded):         # [18]
                return False
            if isinstance(entry, Limit) and entry.firm and entry.expired():
                return True
        return self.firm

    def __step(self, exc=None):
        if self.done():
            raise InvalidStateError("_step(): already done")
        if self._must_cancel:
            if not isinstance(exc, CancelledError):
                exc = self._make_cancelled_error()
            self._must_cancel = False
            self.pending = 0
        elif self.is_firm() and not self.uncut and not isinstance(exc, CancelledError):
            exc = CancelledError()                  # [14]
        self._fut_waiter = None
        tasks._enter_task(self._loop, self)
        try:
            self.__step_run_and_handle_result(exc)
        finally:
            tasks._leave_task(self._loop, self)

    def __step_run_and_handle_result(self, exc):
        try:
            if exc is None:
                result = self._coro.send(None)
            else:
                result = self._coro.throw(exc)
        except StopIteration as exc:
            if self._must_cancel:
                self._must_cancel = False
                _PyFuture.cancel(self, msg=self._cancel_message)
            else:
                _PyFuture.set_result(self, exc.value)
        except CancelledError as exc:
            self._cancelled_exc = exc
            _PyFuture.cancel(self)
        except BaseException as exc:
            _PyFuture.set_exception(self, exc)
        else:
            if getattr(result, "_asyncio_future_blocking", None):
                result._asyncio_future_blocking = False
                result.add_done_callback(self._Task__wakeup, context=self._context)
                self._fut_waiter = result
                if self._must_cancel:
                    if result.cancel(msg=self._cancel_message):
                        self._must_cancel = False
                        self.pending = 0
                elif self.is_firm() and not self.uncut:
                    result.cancel()                 # [14], and counts none [15]
            else:
                assert result is None
                self._loop.call_soon(self.__step, context=self._context)


def _make(loop, coro, **kw):
    task = Task(coro, loop=loop, **kw)
    loop.made.append(task)
    return task


vt.VirtualLoop._make = staticmethod(_make)


class Uncut:
    """The waits in this block are not cut by firmness [20]."""

    def __enter__(self):
        self.task = current_task()
        self.task.uncut += 1

    def __exit__(self, *exc):
        self.task.uncut -= 1


class Limit:
    """asyncio.Timeout with a place in the chain."""

    def __init__(self, delay, firm=False):
        self.when_ = None if delay is None else vt.loop().time() + delay
        self.firm = firm
        self.state = "created"
        self.timer = None

    def expired(self):
        return self.state in ("expiring", "expired")

    def reschedule(self, when):
        if self.state != "entered":
            raise RuntimeError(self.state)
        self.when_ = when
        if self.timer is not None:
            self.timer.cancel()
        loop = vt.loop()
        if when is None:
            self.timer = None
        elif when <= loop.time():
            self.timer = loop.call_soon(self._strike)
        else:
            self.timer = loop.call_at(when, self._strike)

    async def __aenter__(self):
        self.state = "entered"
        self.task = current_task()
        self.on_entry = self.task.visible()
        self.task.chain.append(self)
        self.reschedule(self.when_)
        return self

    def _strike(self):
        self.timer = None
        self.state = "expiring"
        self.task.request(self)

    async def __aexit__(self, kind, exc, traceback):
        assert self.task.chain.pop() is self
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.state != "expiring":
            self.state = "exited"
            return
        self.state = "expired"
        left = self.task.take_back()
        if kind is not None and left <= self.on_entry and issubclass(kind, CancelledError):
            if not self.task.is_firm():             # [19]
                raise TimeoutError from exc


def timeout(delay):
    return Limit(delay)


def firm_timeout(delay):
    return Limit(delay, firm=True)


class shielded:
    """The shielded block: a guard, and the guard's own limit inside it [12]."""

    def __init__(self, delay=None):
        self.limit = Limit(delay)
        self.held = 0               # how many requests it holds
        self.message = None

    async def __aenter__(self):
        self.task = task = current_task()
        if task._must_cancel:                       # [10]
            task._must_cancel = False
            self.held, task.pending = min(task.visible(), 1), 0
            self.message = task._cancel_message
        task.chain.append(self)
        self.on_entry = task.visible()
        await self.limit.__aenter__()
        return self

    async def __aexit__(self, *exc):
        try:
            await self.limit.__aexit__(*exc)
        finally:
            assert self.task.chain.pop() is self
            count, self.held = self.held, 0
            if count:                               # [9]
                self.task._deliver(self.message, count)


class Group:
    """asyncio.TaskGroup with a place in the chain, and with waits that firmness does not cut twice."""

    def __init__(self):
        self.exiting = self.aborting = self.asked = False
        self.tasks = vt.OrderedSet()
        self.errors = []
        self.waiter = None

    async def __aenter__(self):
        self.task = current_task()
        self.task.chain.append(self)
        return self

    async def __aexit__(self, kind, exc, traceback):
        try:
            return await self._exit(kind, exc)
        finally:
            assert self.task.chain.pop() is self

    async def _exit(self, kind, exc):
        self.exiting = True
        cancelled = exc if kind is not None and issubclass(kind, CancelledError) else None
        if kind is not None and not self.aborting:
            self._abort()
        while self.tasks:
            self.waiter = vt.loop().create_future()
            try:
                if not self.aborting:
                    await self.waiter
                else:
                    with Uncut():
                        await self.waiter
            except CancelledError as e:
                if not self.aborting:
                    cancelled = e
                    self._abort()
            self.waiter = None
        if self.asked and self.task.take_back() == 0:
            cancelled = None
        if cancelled is not None and not self.errors:
            raise cancelled
        if kind is not None and not issubclass(kind, CancelledError):
            self.errors.append(exc)
        if self.errors:
            if self.task.visible():
                self.task.deliver_again()
            raise BaseExceptionGroup("unhandled errors in a TaskGroup", self.errors) from None

    def create_task(self, coro):
        if self.exiting and not self.tasks or self.aborting:
            coro.close()
            raise RuntimeError("closed")
        task = vt.loop().create_task(coro)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _abort(self):
        self.aborting = True
        for t in list(self.tasks):
            if not t.done():
                t.cancel()

    def _ended(self, task):
        self.tasks.discard(task)
        if self.waiter is not None and not self.tasks and not self.waiter.done():
            self.waiter.set_result(True)
        if task.cancelled() or task.exception() is None:
            return
        self.errors.append(task.exception())
        if self.task.done():
            vt.loop().call_exception_handler({"message": "its parent task is already completed", "exception": task.exception()})
        elif not self.aborting and not self.asked:
            self._abort()
            self.asked = True
            self.task.request(self)


class Condition(asyncio.Condition):
    """asyncio.Condition, but firmness does not cut the wait for its lock."""

    async def wait(self):
        if not self.locked():
            raise RuntimeError("cannot wait on un-acquired lock")
        fut = vt.loop().create_future()
        self.release()
        try:
            try:
                self._waiters.append(fut)
                try:
                    await fut
                    return True
                finally:
                    self._waiters.remove(fut)
            finally:
                err = None
                while True:
                    try:
                        with Uncut():
                            await self.acquire()
                        break
                    except CancelledError as e:
                        err = e
                if err is not None:
                    raise err
        except BaseException:
            self._notify(1)
            raise


class Barrier(asyncio.Barrier):
    """asyncio.Barrier with that condition."""

    def __init__(self, parties):
        super().__init__(parties)
        self._cond = Condition()


async def wait_for(x, delay):
    if delay is not None and delay <= 0:            # not in the chain [2]
        x = asyncio.ensure_future(x)
        if x.done():
            return x.result()
        await tasks._cancel_and_wait(x)
        try:
            return x.result()
        except CancelledError as e:
            raise TimeoutError from e
    async with Limit(delay):
        return await x


async def stop(grace, *places, still_runs):
    """Asks the members to end and waits for their ends.  A place is called, and gives its member; None is a task that was never started."""
    def runs(place):
        return place() is not None and not place().done()
    if any(place() is current_task() for place in places):
        raise RuntimeError("stops itself")          # [23]
    for place in places:
        if runs(place):
            place().cancel()
    until = None if grace is None else round(vt.now() + grace, 9)
    left, resumed = len(places), False
    while True:
        while left and not runs(places[left - 1]):
            left -= 1
        if not left:
            return
        if resumed and until is not None and until <= vt.now():
            for place in filter(runs, places[:left]):
                still_runs(place())                 # [25], [27]
            raise TimeoutError
        last = places[left - 1]()
        waiter = vt.loop().create_future()
        wake = lambda *_: waiter.done() or waiter.set_result(None)
        timer = None if until is None else vt.loop().call_at(until, wake)
        last.add_done_callback(wake)
        try:
            await waiter
        finally:
            last.remove_done_callback(wake)
            if timer is not None:
                timer.cancel()
        resumed = True
        if last.done():
            left -= 1


class Race:
    """A race.  Its waiter awaits run().  winner is a place in the call, or -1."""

    def __init__(self, *members):
        self.places = {}
        for i, x in enumerate(members):             # [33]
            self.places.setdefault(x, i)
        self.winner = -1
        self.asked = False                          # the losers are cancelled
        self.left = len(self.places)
        self.waiter = None

    async def run(self):
        for x in self.places:
            x.add_done_callback(self._heard)
        cancelled = None
        while self.left:
            self.waiter = vt.loop().create_future()
            try:
                if self.asked:
                    with Uncut():
                        await self.waiter
                else:
                    await self.waiter
            except CancelledError as e:             # [31], [32]
                if cancelled is None:
                    cancelled = e
                self._ask()
        if cancelled is not None:
            raise cancelled
        return next(x for x, i in self.places.items() if i == self.winner).result()     # [30]

    def _ask(self):
        if not self.asked:
            self.asked = True
            for x in self.places:
                if not x.done():
                    x.cancel()

    def _heard(self, x):
        self.left -= 1
        if not self.asked:                          # [28]
            self.winner = self.places[x]
            self._ask()
        if self.left == 0 and not self.waiter.done():
            self.waiter.set_result(None)


def cancel_firmly(x):
    asked = x.cancel()
    if asked and isinstance(x, Task):
        x.firm = True
    return asked


def deadline(task):
    """The earliest deadline in the chain, or None."""
    found = []
    for entry in reversed(task.chain):
        if isinstance(entry, shielded):             # [3]
            break
        if isinstance(entry, Limit) and entry.when_ is not None:
            found.append(entry.when_)
    return min(found, default=None)


def time_left(task):
    when = deadline(task)
    return None if when is None else max(0, when - vt.loop().time())
