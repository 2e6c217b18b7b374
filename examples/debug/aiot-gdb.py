"""aiot-gdb.py: shows in gdb what every task of a stopped program waits for. It reads memory only: core files and halted microcontrollers
will do, and release builds, if they were compiled with -g. Copy it beside your program.

    (gdb) source aiot-gdb.py
    (gdb) aiot tasks              all loops that are found: variables, and what the functions on the stack have
    (gdb) aiot tasks server.loop  this one: an expression, an aiot_loop or a pointer to one

A task stands under the task that waits for it. Lines lead from the outermost coroutine to the innermost. Times are those of the loop's
last look at the clock: the time that has passed since then is in no memory.

What it cannot know: who holds an aiot_lock, for no task owns it; what a task waits for if neither a coroutine's frame nor a variable of a
file with coroutines leads there. A sleep for ever looks the same. Arrays are searched up to their 256th element.
If the debug information does not say how many ticks a second has (an older header): (gdb) set $aiot_ticks_per_s = 1000

gdb 9 or later, with Python 3. tests/debug/run.sh tests it."""
import collections
import re
import gdb

MOST_TASKS = 20000      # memory may be overwritten: nothing is followed for ever
MOST_FRAMES = 1000
MOST_LINKS = 100000
MOST_OBJECTS = 50000
MOST_ELEMENTS = 256
MOST_CODE = 65536


class Trouble(Exception):
    """What is told in one line."""


# ---- Memory and types. Offsets come from the debug information.

class Layout:
    """The members of a type, by dotted path; anonymous structs and unions are transparent."""

    def __init__(self, kind):
        self.size = kind.sizeof
        self.members = {}
        self.add(kind, 0, "")

    def add(self, kind, base, prefix):
        for member in kind.fields():
            if not hasattr(member, "bitpos"):
                continue
            of, at = member.type.strip_typedefs(), base + member.bitpos // 8
            is_struct = of.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION)
            if member.name:
                signed = of.code == gdb.TYPE_CODE_INT and int(gdb.Value(-1).cast(of)) < 0
                self.members[prefix + member.name] = (at, of.sizeof, signed)
            if is_struct:
                self.add(of, at, prefix + member.name + "." if member.name else prefix)

    def __contains__(self, path):
        return path in self.members

    def offset(self, path):
        return self.members[path][0]


class Record:
    """A copy of one object."""

    def __init__(self, program, layout, address):
        self.program, self.layout, self.address = program, layout, address
        self.bytes = program.read(address, layout.size)

    def __getitem__(self, path):
        at, size, signed = self.layout.members[path]
        return int.from_bytes(self.bytes[at:at + size], self.program.order, signed=signed)


def strip(kind):
    """The type without typedefs, const and volatile."""
    return kind.strip_typedefs().unqualified().strip_typedefs()


def tag(kind):
    return (kind.name or kind.tag or "").split("::")[-1]


class Program:
    """What is the same for all loops of a program."""

    def __init__(self):
        self.inferior = gdb.selected_inferior()
        if not gdb.objfiles():
            raise Trouble("no program is loaded: start gdb with the program, or use `file`")
        if not self.inferior.threads():
            raise Trouble("no program is stopped here: run it and stop it, or load a core file with `core`")
        self.order = "big" if "big endian" in gdb.execute("show endian", to_string=True) else "little"
        self.layouts, self.enums, self.functions, self.labels, self.plans, self.texts = {}, {}, {}, {}, {}, {}
        if self.find_type("aiot_loop") is None or self.find_type("aiot_task") is None:
            raise Trouble("no debug information about aiot_loop: compile with -g, do not strip the program, or load its symbols with "
                          "`file`")
        self.pointer = self.find_type("aiot_i_link").sizeof // 2
        self.is_small = "cursor" in self.layout("aiot_loop")
        self.has_list = "tasks" in self.layout("aiot_loop")
        self.has_lines = self.layout("aiot_frame").members["at"][1] == 4
        self.bits = 8 * self.layout("aiot_loop").members["now"][1]
        self.ticks = self.find_ticks()

    def find_type(self, name, block=None):
        for spelled in ("struct " + name, name):
            try:
                return strip(gdb.lookup_type(spelled, block) if block else gdb.lookup_type(spelled))
            except gdb.error:
                pass
        return None

    def layout(self, name):
        if name not in self.layouts:
            kind = self.find_type(name)
            self.layouts[name] = Layout(kind) if kind is not None and kind.fields() else None
        if self.layouts[name] is None:
            raise Trouble(f"no debug information about {name}")
        return self.layouts[name]

    def read(self, address, size):
        try:
            return bytes(self.inferior.read_memory(address, size))
        except (gdb.MemoryError, OverflowError, ValueError):
            raise Trouble(f"memory at {address:#x} cannot be read") from None

    def record(self, name, address):
        return Record(self, self.layout(name), address)

    def word(self, address):
        return int.from_bytes(self.read(address, self.pointer), self.order)

    def text(self, address):
        """A C string, or None."""
        if address not in self.texts:
            self.texts[address] = self.read_text(address) if address else None
        return self.texts[address]

    def read_text(self, address):
        text = b""
        try:
            while len(text) < 200:
                byte = self.read(address + len(text), 1)
                if byte == b"\0":
                    return text.decode("utf-8", "backslashreplace")
                text += byte
        except Trouble:
            return f"? at {address:#x}"
        return text.decode("utf-8", "backslashreplace") + "..."

    def enum(self, name):
        """An enumerator's value. None: the compiler has left it out, because the program does not use what it belongs to."""
        if name not in self.enums:
            try:
                self.enums[name] = int(gdb.parse_and_eval(f"(long){name}"))
            except gdb.error:
                self.enums[name] = None
        return self.enums[name]

    def has(self, flags, name):
        return bool(flags & (self.enum(name) or 0))

    def find_ticks(self):
        """Ticks of aiot_time a second, or None."""
        given = gdb.convenience_variable("aiot_ticks_per_s")
        if given is not None:
            return int(given)
        high, low = self.enum("AIOT_I_TICKS_PER_S_HIGH"), self.enum("AIOT_I_TICKS_PER_S_LOW")
        return high * 32768 + low if high is not None and low is not None else None

    # -- functions and coroutines

    def function(self, address):
        """The name, source file, line and block of the function that begins here; the name is "" if there is none."""
        if address not in self.functions:
            name, file, line, block = "", None, 0, outermost_block(address)
            if block:
                name, file, line = block.function.name, block.function.symtab, block.function.line
                if file and file.filename.startswith("<"):      # with -flto
                    file = gdb.find_pc_line(address).symtab
            elif address:
                found = re.match(r"(\S+)(?: \+ 1)? in section", gdb.execute(f"info symbol {address}", to_string=True))
                name = found.group(1) if found else ""
            self.functions[address] = (re.sub(r"[.(].*", "", name), file, line, block)
        return self.functions[address]

    def coroutine(self, step):
        """The name of the coroutine of a step function, with its namespace, or None."""
        found = re.match(r"(.*::)?aiot_i_(?:debug_)?step_(\w+)$", self.function(step)[0])
        return (found.group(1) or "") + found.group(2) if found else None

    def line_of_label(self, step, label):
        """Release builds of the small loop keep no line in a frame. The debug information has an enumerator for each wait, with line and
        label, in the block of the wait."""
        if step not in self.labels:
            name, block = self.coroutine(step), self.function(step)[3]
            body = gdb.lookup_symbol(re.sub(r"(\w+)$", r"aiot_coro_\1", name), block)[0] if block and name else None
            entries = [step] + ([int(body.value().address)] if body else [])        # without optimisation the body is a function
            self.labels[step] = {label: line for entry in entries if outermost_block(entry)
                                 for label, line in waits_in(outermost_block(entry), entry)}
        return self.labels[step].get(label, 0)

    # -- time

    def distance(self, before, to):
        """to - before, of a clock that may wrap."""
        if self.bits == 64:
            return to - before
        span = 1 << self.bits
        return (to - before + span // 2) % span - span // 2

    def is_forever(self, time):
        return time == (1 << (self.bits - 1)) - 1

    def duration(self, ticks):
        if self.ticks is None:
            return f"{ticks} ticks"
        seconds = ticks / self.ticks
        if abs(seconds) >= 0.001 or ticks == 0:
            return f"{seconds:.3f} s"
        return f"{seconds:.9f}".rstrip("0") + " s"

    def left(self, now, until):
        if self.is_forever(until):
            return "for ever"
        rest = self.distance(now, until)
        return f"{self.duration(rest)} left" if rest >= 0 else f"overdue by {self.duration(-rest)}"

    def files(self):
        """The source files with code of the library, and that of main(). Other variables are not looked for: it would take long."""
        text = gdb.execute("info functions -q -n ^aiot_", to_string=True)
        symbols = [gdb.lookup_global_symbol("main")]
        for part in re.split(r"(?m)^File ", text)[1:]:
            for name in re.findall(r"\b(aiot_\w+)\(", part)[:1]:
                symbols += [gdb.lookup_global_symbol(name)] + list(gdb.lookup_static_symbols(name))
        found = {symbol.symtab.fullname(): symbol.symtab for symbol in symbols if symbol and symbol.symtab}
        return [found[name] for name in sorted(found)]

    # -- where objects lie

    def plan(self, kind, depth=0):
        """What of a type is worth a name: objects of the library, and pointers that may lead to some. [(offset, path, name)], [...]"""
        kind = strip(kind)
        key = (str(kind), kind.sizeof)
        if key in self.plans and tag(kind):
            return self.plans[key]
        objects, pointers = [], []
        if tag(kind):
            self.plans[key] = (objects, pointers)
        if kind.code == gdb.TYPE_CODE_ARRAY:
            low, high = kind.range()
            element = kind.target()
            inner = self.plan(element, depth + 1)
            if inner[0] or inner[1]:
                for i in range(low, min(high + 1, low + MOST_ELEMENTS)):
                    add_plan((objects, pointers), inner, (i - low) * strip(element).sizeof, f"[{i}]")
        elif kind.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION) and depth < 20:
            if tag(kind) in OBJECTS:
                objects.append((0, "", tag(kind)))
            for member in kind.fields():
                if hasattr(member, "bitpos") and not tag(kind) in OPAQUE:
                    path = "." + member.name if member.name and not member.name.startswith("AIOT_FRAME_comes") else ""
                    add_plan((objects, pointers), self.plan(member.type, depth + 1), member.bitpos // 8, path)
        elif kind.code == gdb.TYPE_CODE_PTR:
            target = strip(kind.target())
            if target.code == gdb.TYPE_CODE_STRUCT and tag(target) not in NOT_FOLLOWED:
                pointers.append((0, "", target))
        return objects, pointers


def add_plan(plan, inner, offset, path):
    for whole, part in zip(plan, inner):
        whole += [(offset + at, path + rest, what) for at, rest, what in part][:MOST_OBJECTS - len(whole)]


def waits_in(function, entry):
    """(label, line) of each wait in a function's code: in what follows its entry, and in the seldom part, which may lie elsewhere."""
    seen = set()
    for begin in (entry, function.start):
        for pc in range(begin, begin + MOST_CODE):
            blocks, block = [], gdb.block_for_pc(pc)
            while block and not block.is_static and not block.is_global:
                blocks.append(block)
                block = block.superblock
            if not blocks or not blocks[-1].function or blocks[-1].function.name != function.function.name:
                break
            for depth, block in enumerate(reversed(blocks)):
                if (depth, block.start, block.end) not in seen:
                    seen.add((depth, block.start, block.end))
                    waits = [int(s.value()) for s in block if s.name == "aiot_i_wait" and s.addr_class == gdb.SYMBOL_LOC_CONST]
                    yield from ((wait & 0xffff, wait >> 16) for wait in waits)


def outermost_block(address):
    """The block of the function at this address, not of one that is inlined there; or None."""
    found, block = None, gdb.block_for_pc(address) if address else None
    while block and not block.is_static and not block.is_global:
        found, block = block if block.function else found, block.superblock
    return found


OBJECTS = {"aiot_event", "aiot_lock", "aiot_condition", "aiot_semaphore", "aiot_barrier", "aiot_queue", "aiot_waiter", "aiot_signal",
           "aiot_inbox", "aiot_fd", "aiot_timeout", "aiot_guard", "aiot_group", "aiot_task", "aiot_group_task", "aiot_future",
           "aiot_shield", "aiot_gather", "aiot_wait_state", "aiot_race_state", "aiot_as_completed_state", "aiot_loop"}
OPAQUE = {"aiot_loop", "aiot_task", "aiot_group_task", "aiot_frame", "aiot_future", "aiot_gather", "aiot_shield", "aiot_poll", "aiot_waiter",
          "aiot_timeout"}
NOT_FOLLOWED = (OPAQUE | {"aiot_i_link", "aiot_i_entry", "aiot_i_call", "aiot_i_scope", "aiot_awaitable", "aiot_i_member"}) - {"aiot_loop"}

# The heads of lists of waiters, and what a waiter in them waits for. Of objects in others the largest comes first.
HEADS = [("aiot_barrier", "condition.waiters", "for barrier {}"), ("aiot_barrier", "condition.own.waiters", "for the lock of barrier {}"),
         ("aiot_queue", "getters", "for an item of queue {}"), ("aiot_queue", "putters", "for room in queue {}"),
         ("aiot_queue", "finished.waiters", "until all items of queue {} are done"),
         ("aiot_condition", "waiters", "for condition {}"), ("aiot_condition", "own.waiters", "for the lock of condition {}"),
         ("aiot_event", "waiters", "for event {}"), ("aiot_lock", "waiters", "for lock {}"), ("aiot_semaphore", "waiters", "for semaphore {}"),
         ("aiot_as_completed_state", "readers", "for the next end in set {}")]


class Index:
    """The library's objects in variables, in the frames of tasks, and behind pointers in those, with the names by which C knows them."""

    def __init__(self, program):
        self.program = program
        self.names = {}         # (address, type name): path
        self.by_type = {}       # type name: addresses
        self.files, self.scanned = set(), set()
        self.pointers = []      # still to be followed
        self.is_following = False
        self.heads = {}         # address of a list's head: what a waiter there waits for

    def add(self, address, kind, path):
        """Notes all objects in an object of this type."""
        if (address, str(kind)) in self.scanned:
            return
        self.scanned.add((address, str(kind)))
        objects, pointers = self.program.plan(kind)
        for at, rest, name in objects:
            key = (address + at, name)
            if key not in self.names and len(self.names) < MOST_OBJECTS:
                self.by_type.setdefault(name, []).append(address + at)
                self.names[key] = path + rest
            elif key in self.names and not self.is_following and len(path + rest) < len(self.names[key]):
                self.names[key] = path + rest       # of frames in frames the inner one
        self.pointers += [(address + at, path + rest, target) for at, rest, target in pointers]

    def add_file(self, file):
        """Notes the variables of a source file, and the static ones in its functions."""
        if file is None or file.fullname() in self.files:
            return
        self.files.add(file.fullname())
        for block in (file.global_block(), file.static_block()):
            for symbol in block or ():
                self.add_variable(symbol)
                if symbol.is_function:
                    for local in outermost_block(int(symbol.value().address)) or ():
                        self.add_variable(local)

    def add_variable(self, symbol):
        if symbol.is_variable and not symbol.needs_frame and symbol.type is not None and any(self.program.plan(symbol.type)):
            try:
                self.add_value(symbol.value(), symbol.name)
            except gdb.error:
                pass

    def add_value(self, value, path):
        if value.address is not None:
            self.add(int(value.address), value.type, path)
        elif strip(value.type).code == gdb.TYPE_CODE_PTR and int(value):     # in a register
            target = strip(strip(value.type).target())
            if target.code == gdb.TYPE_CODE_STRUCT and any(self.program.plan(target)):
                self.add(int(value), target, f"*{path}" if tag(target) in OBJECTS else f"{path}->")

    def follow(self):
        """Follows the pointers, three deep."""
        self.is_following = True
        for _ in range(3):
            now, self.pointers = self.pointers[:MOST_OBJECTS], []
            for at, path, target in now:
                try:
                    address = self.program.word(at)
                    if address != 0 and any(self.program.plan(target)):
                        self.program.read(address, max(1, target.sizeof))
                        self.add(address, target, f"*{path}" if tag(target) in OBJECTS else f"{path}->")
                except Trouble:
                    pass
        self.is_following = False

    def find_heads(self):
        for kind, path, text in HEADS:
            for address in self.by_type.get(kind, ()):
                head = address + self.program.layout(kind).offset(path)
                self.heads.setdefault(head, text.format(f"'{self.name(address, kind)}'"))

    def name(self, address, *kinds):
        for kind in kinds:
            if (address, kind) in self.names:
                return re.sub(r"\.state$", "", self.names[(address, kind)].replace("->.", "->"))
        return None

    def said(self, address, *kinds):
        """The name in quotes, or the address."""
        name = self.name(address, *kinds)
        return f"'{name}'" if name else f"at {address:#x}"


# ---- A loop.

class Task:
    """An unfinished task. `flaw`: what is wrong with its memory, or None. `notes`: the same, where the rest can be shown."""

    def __init__(self, loop, address):
        self.loop, self.program, self.address = loop, loop.program, address
        self.record = self.program.record("aiot_task", address)
        self.kind, self.flags = self["awaitable.entry.kind"], self["awaitable.entry.flags"]
        self.entry = address + self.record.layout.offset("awaitable.entry")
        self.frames, self.scopes, self.parents, self.children, self.owners = [], [], [], [], []
        self.name, self.flaw, self.notes = None, None, []
        unfinished = [self.program.enum("AIOT_I_" + k) for k in ("READY", "TIMER", "WAITING", "PARKED")]
        if self.kind not in unfinished or self["awaitable.loop"] != loop.address:
            self.flaw = "its memory is overwritten, or was freed"
            return
        try:
            self.read_frames()
        except Trouble as trouble:
            self.flaw = f"its frames are overwritten: {trouble}"
        try:
            self.read_scopes()
        except Trouble as trouble:
            self.notes.append(f"its limits are overwritten: {trouble}")

    def __getitem__(self, path):
        return self.record[path]

    def read_frames(self):
        address, seen, root = self["frame"], set(), self.program.enum("AIOT_I_ROOT")
        while True:
            if address in seen or len(seen) > MOST_FRAMES or address == 0:
                raise Trouble("they do not end")
            seen.add(address)
            frame = self.program.record("aiot_frame", address)
            name = self.program.coroutine(frame["step"])
            if name is None and not self.program.function(frame["step"])[0].startswith("aiot_i_"):
                raise Trouble(f"the one at {address:#x} has no coroutine")
            self.frames.append(Frame(self.program, address, frame, name))
            if frame["flags"] & root:
                break
            address = frame["up.frame"]
        self.name = self.program.text(frame["up.name"]) or self.frames[-1].coroutine

    def read_scopes(self):
        address = self["scope"] if self.program.has_list else 0
        while address != 0:
            if len(self.scopes) > MOST_FRAMES or address in [s.address for s in self.scopes]:
                raise Trouble("they do not end")
            self.scopes.append(Scope(self.program, address))
            address = self.scopes[-1].record["around"]

    def is_waiting(self):
        return self.kind == self.program.enum("AIOT_I_WAITING")

    def is_parked(self):
        return self.kind == self.program.enum("AIOT_I_PARKED")

    def is_sleeping(self):
        return self.kind == self.program.enum("AIOT_I_TIMER")

    def target(self):
        """What it has joined, or 0. A cancel that this could not take leaves a message in its place."""
        if not self.is_waiting():
            return 0
        if self.program.has(self.flags, "AIOT_I_MUST_CANCEL"):
            return self.loop.rings.get(self.entry, 0)
        return self["awaitable.entry.u.target"]

    def requests(self):
        return self["awaitable.entry.count"] + sum(s.guard["held"] for s in self.scopes if s.guard)


class Frame:
    def __init__(self, program, address, record, coroutine):
        self.program, self.address, self.record, self.coroutine = program, address, record, coroutine
        self.label = record["at"] & 0xffff
        _, self.file, self.begins, self.block = program.function(record["step"])
        self.line = record["at"] >> 16 if program.has_lines else program.line_of_label(record["step"], self.label)

    def type(self):
        name = (self.coroutine or "?").split("::")[-1]
        return self.program.find_type(self.coroutine or "?", self.block) or self.program.find_type(name, self.block)

    def where(self):
        """file:line (coroutine)"""
        file = re.sub(r".*[/\\]", "", self.file.filename) if self.file else None
        line = self.line or (self.begins if self.label == 0 else 0)
        place = f"{file}:{line}" if file and line else f"line {line}" if line else f"label {self.label}"
        return f"{place} ({self.coroutine})" if self.coroutine else place


class Scope:
    """A limit, a shielded block or a group that a task has entered."""

    def __init__(self, program, address):
        self.program, self.address = program, address
        self.record = program.record("aiot_i_scope", address)
        kind = self.record["kind"]
        self.guard = self.limit = self.group = None
        if program.has(kind, "AIOT_I_GROUP_BLOCK"):
            self.group = program.record("aiot_group", address - program.layout("aiot_group").offset("scope"))
            return
        self.limit = program.record("aiot_timeout", address - program.layout("aiot_timeout").offset("scope"))
        if program.has(kind, "AIOT_I_GUARD"):
            self.guard = program.record("aiot_guard", address - program.layout("aiot_guard").offset("limit.scope"))

    def has_struck(self):
        """Has it cancelled its task?"""
        if self.group:
            return bool(self.group["asked_holder"])
        return self.record["state"] == self.program.enum("AIOT_I_EXPIRING")


class Loop:
    def __init__(self, program, address, name):
        self.program, self.address, self.name = program, address, name
        self.record = program.record("aiot_loop", address)
        self.flaws, self.tasks, self.rings, self.timers = [], {}, {}, set()
        self.index = Index(program)
        self.check(program, address, self.record, name)
        self.now = self.record["now"]
        self.read_timers()
        if program.has_list:
            self.walk_tasks()
        else:
            self.reach_tasks()
        self.find_names()
        self.link_tasks()
        self.lists = self.find_lists()
        self.waits = self.find_waits()
        self.namesakes = collections.Counter(t.name for t in self.tasks.values())

    @staticmethod
    def check(program, address, record, name):
        """Is it a loop at all? Of a list with an overwritten task one end may still be whole."""
        path = "tasks" if program.has_list else "ready" if program.is_small else "timers.overdue"
        head, whole = address + record.layout.offset(path), 0
        first, last = record[path + ".next"], record[path + ".prev"]
        if first == 0 and last == 0:
            raise Trouble(f"{name} is not initialised")
        for neighbour in (first + program.pointer, last):
            try:
                whole += program.word(neighbour) == head
            except Trouble:
                pass
        if whole == 0:
            raise Trouble(f"{name} is not initialised, was copied or moved, or its memory is overwritten")

    # -- finding the tasks

    def walk_tasks(self):
        """The list, forward to its end or to where it is broken, then back from its end to there."""
        pointer, offset = self.program.pointer, self.program.layout("aiot_task").offset("all")
        head = self.address + self.record.layout.offset("tasks")

        def walk(forward):
            there, back = (0, pointer) if forward else (pointer, 0)
            link, at = head, self.program.word(head + there)
            while at != head:
                if len(self.tasks) >= MOST_TASKS:
                    self.flaws.append(f"these are the first {MOST_TASKS} tasks, or the list of tasks is a circle")
                    return None
                try:
                    if self.program.word(at + back) != link:
                        return at
                    link, at, address = at, self.program.word(at + there), at - offset
                    if address in self.tasks:
                        return at
                    self.tasks[address] = Task(self, address)
                except Trouble:
                    return at
            return None
        broken = walk(True)
        if broken is None:
            return
        before = list(self.tasks.values())
        self.tasks = {}
        walk(False)
        known = {t.address for t in before}
        behind = [t for t in reversed(list(self.tasks.values())) if t.address not in known]
        self.tasks = {t.address: t for t in before + behind}
        last = f"behind task {before[-1].name!r}" if before else "at its begin"
        self.flaws.append(f"the list of tasks is broken {last}: tasks may be missing")

    def reach_tasks(self):
        """Without a list: the tasks in variables, in frames, in queues, and what is reached from those."""
        self.flaws.append("AIOT_TASK_LIST is 0: a task that neither a variable, a frame, a timer nor a waiter leads to is missing")
        todo = [e - self.program.layout("aiot_task").offset("awaitable.entry") for e in sorted(self.timers or ()) if self.is_task_entry(e)]
        for file in self.program.files():
            self.index.add_file(file)
        for link in self.walk(self.address + self.record.layout.offset("ready")) if self.program.is_small else self.walk_ready():
            todo += [link] if self.is_task_entry(link) else []
        done = set()
        while True:
            found = self.index.by_type.get("aiot_task", []) + self.index.by_type.get("aiot_group_task", [])
            todo = [address for address in todo + found if address not in done][:MOST_TASKS]
            if not todo:
                return
            done.update(todo)
            todo = [waiter for address in todo for waiter in self.reach_task(address)]

    def reach_task(self, address):
        """Notes it, if it is an unfinished task of this loop. Returns the tasks that have joined it."""
        try:
            task = Task(self, address)
            if task.flaw:
                return []
            self.tasks[address] = task
            self.add_frames(task)
            self.index.follow()
            entry = address - task.entry
            return [waiter + entry for waiter in self.ring(task["awaitable.waiters"]) if self.is_task_entry(waiter)]
        except Trouble:
            return []

    def is_task_entry(self, entry):
        kind = self.program.record("aiot_i_entry", entry)["kind"]
        return kind in [self.program.enum("AIOT_I_" + k) for k in ("READY", "TIMER", "WAITING", "PARKED")]

    def walk_ready(self):
        """The host's loop: from the mark to the entry that was added last."""
        link = self.address + self.record.layout.offset("mark.link")
        for _ in range(MOST_LINKS):
            if link == self.record["ready.prev"]:
                return
            link = self.program.word(link)
            yield link

    def walk(self, head):
        """The links of a list, without its head."""
        link, seen = self.program.word(head), set()
        while link not in seen and len(seen) < MOST_LINKS:
            if link == head or link == 0:
                return
            seen.add(link)
            yield link
            link = self.program.word(link)
        raise Trouble("a list does not end")

    def ring(self, first):
        """A circle without a head."""
        return ([first] + list(self.walk(first))) if first else []

    def read_timers(self):
        """The entries that lie in the timers: a sleeper that is not among them is ready."""
        heads, layout = [], self.record.layout
        try:
            if self.program.is_small:
                heads = [self.address + layout.offset("timers.list")]
            else:
                at, size, _ = layout.members["timers.slot"]
                words = self.program.read(self.address + at, size)
                step = 2 * self.program.pointer
                for i in range(0, size, step):
                    first = int.from_bytes(words[i:i + self.program.pointer], self.program.order)
                    if first != self.address + at + i:
                        heads.append(self.address + at + i)
                heads.append(self.address + layout.offset("timers.overdue"))
            for head in heads:
                self.timers.update(self.walk(head))
        except Trouble:
            self.timers = None
            self.flaws.append("the timers are overwritten")

    # -- names, and who waits for whom

    def add_frames(self, task):
        for frame in task.frames:
            self.index.add_file(frame.file)
            kind = frame.type()
            if kind is not None and kind.code == gdb.TYPE_CODE_STRUCT:
                self.index.add(frame.address, kind, frame.coroutine)

    def find_names(self):
        for file in self.program.files():
            self.index.add_file(file)
        for task in self.tasks.values():
            self.add_frames(task)
        self.index.follow()
        self.index.find_heads()

    def link_tasks(self):
        for task in self.tasks.values():
            if not task.flaw:
                try:
                    self.find_parents(task, task.address, set())
                except Trouble as trouble:
                    task.notes.append(f"its waiters are overwritten: {trouble}")
        for task in self.tasks.values():
            for parent in task.parents:
                if task not in parent.children:
                    parent.children.append(task)
        if not self.program.has_list:
            self.find_scopes()
        for kind, what in (("aiot_wait_state", "task"), ("aiot_race_state", "task"), ("aiot_group", "holder")):
            for address in self.index.by_type.get(kind, ()):
                try:
                    record = self.program.record(kind, address)
                except Trouble:
                    continue
                if record[what] in self.tasks and self.is_going_on(kind, record):
                    self.add_owner(self.tasks[record[what]], kind, address)

    def find_scopes(self):
        """Without a list a task has no chain of limits and groups: those that lie in its frames, of the innermost first."""
        in_use = (self.program.enum("AIOT_I_ENTERED"), self.program.enum("AIOT_I_EXPIRING"))
        for kind, what in (("aiot_timeout", "task"), ("aiot_group", "holder")):
            for address in sorted(self.index.by_type.get(kind, ()), reverse=True):
                try:
                    record = self.program.record(kind, address)
                    is_entered = record["scope.state"] in in_use if kind == "aiot_timeout" else record["entered"] and not record["finished"]
                    if is_entered and record[what] in self.tasks:
                        scope = Scope(self.program, address + record.layout.offset("scope"))
                        self.tasks[record[what]].scopes.append(scope)
                except Trouble:
                    continue
        for task in self.tasks.values():
            order = [frame.coroutine for frame in task.frames]
            task.scopes.sort(key=lambda s: (order + [self.coroutine_of(s)]).index(self.coroutine_of(s)))

    def coroutine_of(self, scope):
        kind = "aiot_group" if scope.group else "aiot_timeout"
        return (self.index.name((scope.group or scope.limit).address, kind) or "?").split(".")[0]

    def is_going_on(self, kind, record):
        if kind == "aiot_wait_state":
            return not record["is_over"] and record["unfinished"] > 0
        return kind == "aiot_race_state" or (record["entered"] and not record["finished"])

    def find_parents(self, task, awaitable, seen):
        """Who waits for this task: its own waiters, and those of gathers, shields and sets that it is a member of."""
        if awaitable in seen:
            return
        seen.add(awaitable)
        waiting = self.program.enum("AIOT_I_WAITING")
        for entry in self.ring(self.program.record("aiot_awaitable", awaitable)["waiters"]):
            self.rings[entry] = awaitable
            if self.program.record("aiot_i_entry", entry)["kind"] == waiting:
                self.add_parent(task, entry - self.program.layout("aiot_task").offset("awaitable.entry"))
                continue
            kind, owner = self.owner_of(entry)
            if kind in ("aiot_gather", "aiot_shield"):
                self.find_parents(task, owner, seen)
            elif kind == "aiot_as_completed_state":
                for reader in self.readers_of(owner):
                    self.add_parent(task, reader, kind, owner)
            elif kind:
                self.add_parent(task, self.waiter_of(kind, owner), kind, owner)

    def add_parent(self, task, address, kind=None, owner=0):
        parent = self.tasks.get(address)
        if parent is None or parent is task:
            return
        if parent not in task.parents:
            task.parents.append(parent)
        if kind:
            self.add_owner(parent, kind, owner)

    def add_owner(self, task, kind, owner):
        if (kind, owner) not in task.owners:
            task.owners.append((kind, owner))

    def owner_of(self, entry):
        """Whom a call in the waiters of something belongs to: its type and its address. Its function tells."""
        call = self.program.record("aiot_i_call", entry)
        name = self.program.function(call["run"])[0].split("::")[-1]
        if name in ("aiot_i_gathered", "aiot_i_waited", "aiot_i_raced", "aiot_i_completed"):
            kind = {"aiot_i_gathered": "aiot_gather", "aiot_i_waited": "aiot_wait_state", "aiot_i_raced": "aiot_race_state",
                    "aiot_i_completed": "aiot_as_completed_state"}[name]
            return kind, self.program.record("aiot_i_member", entry)["owner"]
        if name == "aiot_i_group_task_done":
            done = self.program.layout("aiot_group_task").offset("done")
            return "aiot_group", self.program.record("aiot_group_task", entry - done)["group"]
        if name == "aiot_i_inner_done":
            return "aiot_shield", entry - self.program.layout("aiot_shield").offset("inner_done")
        if name in ("aiot_i_join_for_ended", "aiot_i_stop_ended"):
            return "stop" if name == "aiot_i_stop_ended" else "join", entry - self.program.layout("aiot_timeout").offset("call")
        return None, 0

    def waiter_of(self, kind, owner):
        if kind == "aiot_group":
            return self.program.record(kind, owner)["holder"]
        return self.program.record("aiot_timeout" if kind in ("stop", "join") else kind, owner)["task"]

    def readers_of(self, owner):
        head = owner + self.program.layout("aiot_as_completed_state").offset("readers")
        return [self.program.record("aiot_waiter", w)["task"] for w in self.walk(head)]

    # -- what a task does

    def task_name(self, task):
        """'name', and where it lies if another task has the same name."""
        if task.name is None:
            return self.index.said(task.address, "aiot_task", "aiot_group_task")
        if self.namesakes[task.name] == 1:
            return f"'{task.name}'"
        at = self.index.name(task.address, "aiot_task", "aiot_group_task")
        return f"'{task.name}' ({at or hex(task.address)})"

    def task_at(self, address):
        return f"task {self.task_name(self.tasks[address])}" if address in self.tasks else f"a task at {address:#x}"

    def current(self):
        if self.program.is_small:
            cursor = self.record["cursor"]
            is_none = not self.record["turning"] or self.record["calling"] or cursor == self.address + self.record.layout.offset("ready")
            return 0 if is_none else cursor
        return self.record["current"]

    def is_in_timers(self, task):
        if self.timers is None:
            return self.program.distance(self.now, task["awaitable.entry.u.when"]) > 0
        return task.entry in self.timers

    def doing(self, task):
        if task.address == self.current():
            return "runs, last wait:" if task.frames[0].label else "runs, has not waited yet"
        if task.is_sleeping():
            stop = [owner for kind, owner in task.owners if kind == "stop"]
            if not self.is_in_timers(task):
                return f"ready in {task['awaitable.entry.code'] + 2} turns"
            return self.stopping(task, stop[0]) if stop else \
                f"sleeps, {self.program.left(self.now, task['awaitable.entry.u.when'])}"
        if task.is_waiting():
            target = task.target()
            return f"waits for {self.awaitable(target)}" if target else "waits"
        if task.is_parked():
            return self.parked(task)
        return "ready, not begun" if task.frames[-1].label == 0 else "ready"

    def awaitable(self, address):
        record = self.program.record("aiot_awaitable", address)
        kind = record["entry.kind"]
        if kind == self.program.enum("AIOT_I_GATHER"):
            gather = self.program.record("aiot_gather", address)
            return f"a gather of {gather['count']}, {gather['unfinished']} not done"
        if kind != self.program.enum("AIOT_I_FUTURE"):
            return self.task_at(address)
        for entry in self.ring(record["waiters"]):
            if self.program.record("aiot_i_entry", entry)["kind"] == self.program.enum("AIOT_I_CALL") and \
                    self.program.function(self.program.record("aiot_i_call", entry)["run"])[0].endswith("aiot_i_outer_done"):
                shield = self.program.record("aiot_shield", entry - self.program.layout("aiot_shield").offset("outer_done"))
                return f"the shield of {self.awaitable(shield['inner'])}"
        return f"future {self.index.said(address, 'aiot_future', 'aiot_shield')}"

    def parked(self, task):
        for kind, owner in task.owners:
            text = self.owned(task, kind, owner)
            if text:
                return text
        return f"waits {self.waits.get(task.address) or 'for ever, or for what is not found'}"

    def owned(self, task, kind, owner):
        """What a task waits for with this object, or None if it does not wait with it now."""
        if kind == "aiot_as_completed_state":
            return None                 # its waiter tells
        if kind == "stop":
            return self.stopping(task, owner)
        if kind == "join":
            return f"waits for the end of {self.children_of(task)}, which its limit has cancelled"
        record = self.program.record(kind, owner)
        if kind == "aiot_group":
            count = sum(1 for _ in self.walk(owner))
            return f"waits for its group, {plural(count, 'task')}" if record["exiting"] else None
        if kind == "aiot_race_state":
            losers = f"{plural(record['unfinished'], 'loser')} of a race"
            return f"waits for {losers}" if record["asked"] else f"waits for a race of {record['count']}"
        modes = {self.program.enum("AIOT_FIRST_COMPLETED"): "the first", self.program.enum("AIOT_FIRST_EXCEPTION"): "all, or the first error,"}
        which = modes.get(record["mode"], "all")
        until = record["timer.entry.u.when"]
        limit = "" if self.program.is_forever(until) else f", {self.program.left(self.now, until)}"
        return f"waits for {which} of {record['count']}, {record['unfinished']} not done{limit}"

    def stopping(self, task, owner):
        until = self.program.record("aiot_timeout", owner)["scope.until"]
        grace = "no end of its grace" if self.program.is_forever(until) else self.program.left(self.now, until)
        return f"stops {self.children_of(task)}, {grace}"

    def children_of(self, task):
        return " and ".join(f"task {self.task_name(t)}" for t in task.children) or "a future"

    # -- what parked tasks wait for: who points to them

    def find_waits(self):
        """Task address: what it waits for."""
        waits = {}
        for kind, find in (("aiot_waiter", self.wait_of_waiter), ("aiot_inbox", self.wait_of_inbox), ("aiot_signal", self.wait_of_signal),
                           ("aiot_fd", self.wait_of_descriptor)):
            for address in self.index.by_type.get(kind, ()):
                try:
                    for task, text in find(address, self.program.record(kind, address)):
                        waits.setdefault(task, text)
                except Trouble:
                    pass
        for task in self.tasks.values():
            for kind, owner in task.owners:
                if kind == "aiot_as_completed_state":       # its own waiter has no name, if its set has none
                    waits.setdefault(task.address, f"for the next end in set {self.index.said(owner, kind)}")
        return waits

    def find_lists(self):
        """Link in a list of waiters: what a waiter there waits for."""
        lists = {}
        for head, text in self.index.heads.items():
            try:
                lists.update((link, text) for link in self.walk(head))
            except Trouble:
                pass
        return lists

    def wait_of_waiter(self, address, waiter):
        if waiter["link.next"] != 0 and self.program.word(waiter["link.next"] + self.program.pointer) == address:
            yield waiter["task"], self.lists.get(address) or f"in the list with waiter {self.index.said(address, 'aiot_waiter')}"

    def wait_of_inbox(self, address, inbox):
        yield inbox["signal.waiter"], f"for an item of inbox {self.index.said(address, 'aiot_inbox')}"

    def wait_of_signal(self, address, signal):
        yield signal["waiter"], f"for signal {self.index.said(address, 'aiot_signal')}"

    def wait_of_descriptor(self, address, descriptor):
        at, size, _ = descriptor.layout.members["ways"]
        for i, what in enumerate(("readable", "writable")):
            way = self.program.record("aiot_i_way", address + at + i * size // 2)
            if way["call.run"] != 0:
                yield way["call.entry.u.who"], f"until descriptor {descriptor['fd']} is {what} {self.where(address, 'aiot_fd')}"

    # -- limits and cancels

    def limits(self, task):
        for scope in task.scopes:
            if scope.group:
                if not scope.group["exiting"]:
                    count = sum(1 for _ in self.walk(scope.group.address))
                    yield f"group: {plural(count, 'task')}, still open {self.where(scope.group.address, 'aiot_group')}"
                continue
            until = scope.limit["call.entry.u.when"]
            text = "has struck" if scope.has_struck() else "none" if self.program.is_forever(until) else self.program.left(self.now, until)
            kind = "limit"
            if scope.guard:
                kind = "shielded, limit"
                if scope.guard["has_cancel"]:
                    text += ", holds a cancel"
            elif self.program.has(scope.record["kind"], "AIOT_I_FIRM_LIMIT"):
                kind = "firm limit"
            yield f"{kind}: {text} {self.where(scope.limit.address, 'aiot_timeout', 'aiot_guard')}"

    def where(self, address, *kinds):
        """The name of a variable, in brackets."""
        name = self.index.name(address, *reversed(kinds))
        return f"({name})" if name else f"({address:#x})"

    def message(self, address):
        text = self.program.text(address)
        return f": {text}" if text else ""

    def cancelled(self, task):
        """Who has asked it to end: aiot_cancel_reason()."""
        requests = task.requests()
        if requests == 0:
            return None
        struck = [s for s in task.scopes if s.has_struck()]
        if struck and struck[0].group:
            by = "its group " + self.where(struck[0].group.address, "aiot_group")
        elif struck:
            by = "a limit " + self.where(struck[0].limit.address, "aiot_timeout", "aiot_guard")
        else:
            by = self.asking(task) or "a cancel"
        more = f", {requests} requests" if requests > 1 else ""
        firmly = " firmly" if self.program.has(task.flags, "AIOT_I_FIRM") else ""
        return f"cancelled{firmly} by {by}{self.message(self.cancel_message(task))}{more}"

    def asking(self, task):
        """Of those that wait for it, who has asked it to end: in the order of enum aiot_canceller_kind."""
        found = []
        for entry in self.ring(task["awaitable.waiters"]):
            record = self.program.record("aiot_i_entry", entry)
            if record["kind"] == self.program.enum("AIOT_I_WAITING"):
                if record["count"] > 0:
                    found.append((5, f"its waiter, {self.task_at(entry)}"))
                continue
            kind, owner = self.owner_of(entry)
            if kind == "stop":
                found.append((4, f"a stop of {self.task_at(self.waiter_of(kind, owner))}"))
            elif kind == "join":
                found.append((5, f"its waiter, {self.task_at(self.waiter_of(kind, owner))}"))
            elif kind == "aiot_group" and self.program.record(kind, owner)["aborting"]:
                found.append((2, "its group " + self.where(owner, kind)))
            elif kind == "aiot_race_state" and self.program.record(kind, owner)["asked"]:
                found.append((3, "its race"))
            elif kind == "aiot_gather" and self.program.has(self.program.record(kind, owner)["awaitable.entry.flags"], "AIOT_I_ASKED"):
                found.append((6, "its gather"))
        return min(found, key=lambda f: f[0])[1] if found else None

    def cancel_message(self, task):
        """The message of a cancel that is held, on its way, or handled by one of the task's coroutines. An address or 0."""
        for scope in task.scopes:
            if scope.guard and scope.guard["has_cancel"]:
                return scope.guard["message"]
        canceled, is_ready = self.program.enum("AIOT_ECANCELED"), task.kind == self.program.enum("AIOT_I_READY")
        if self.program.has(task.flags, "AIOT_I_MESSAGE") or (is_ready and task["awaitable.entry.code"] == canceled):
            return task["awaitable.entry.u.info"]
        size = self.program.layout("aiot_error").size
        for frame in task.frames:
            slots = frame.address + self.program.layout("aiot_frame").size
            for slot in range(frame.record["caught"], 0, -1):
                error = self.program.record("aiot_error", slots + (slot - 1) * size)
                if error["code"] == canceled:
                    return error["info"]
        return 0

    # -- the tree

    def show(self):
        count = plural(len(self.tasks), "task") + ("" if self.program.has_list else " found")
        yield f"{self.name}: {count}, at {self.program.duration(self.now)}, the loop's last look at the clock"
        if self.program.ticks is None:
            yield "(ticks: how many a second has is not in the debug information; set $aiot_ticks_per_s)"
        for flaw in self.flaws:
            yield f"({flaw})"
        printed, stack, circling = set(), [], self.circling()
        roots = [t for t in self.tasks.values() if not t.parents]
        for task in roots + list(self.tasks.values()):          # the others, in cycles
            if task.address in printed:
                continue
            stack = [(task, 0)]
            while stack:                                        # no recursion: a chain of waits may be long
                task, depth = stack.pop()
                indent = "  " * depth
                if task.address in printed:
                    yield f"{indent}task {self.task_name(task)}: above"
                    continue
                printed.add(task.address)
                cycle = self.cycle(task) if task.address in circling else []
                yield from (indent + line for line in self.lines(task))
                if cycle and not any(t.address in printed for t in cycle[1:]):
                    yield f"{indent}  a cycle: " + " waits for ".join(f"task {self.task_name(t)}" for t in cycle + [task])
                closing = [t for t in task.children if t.address in printed and t in cycle]
                stack += [(t, depth + 1) for t in reversed(task.children) if t not in closing]

    def lines(self, task):
        name = self.task_name(task)
        if task.flaw:
            yield f"task {name}: {task.flaw}"
            return
        where = " > ".join(f.where() for f in reversed(task.frames))
        try:
            yield f"task {name}: {self.doing(task)}, {where}".replace(":, ", ": ")
        except Trouble as trouble:
            yield f"task {name}: what it waits for is overwritten: {trouble}, {where}"
        try:
            yield from ("  " + line for line in self.limits(task))
            cancelled = self.cancelled(task)
            if cancelled:
                yield f"  {cancelled}"
        except Trouble as trouble:
            task.notes.append(str(trouble))
        yield from (f"  ({note})" for note in task.notes)

    def circling(self):
        """The tasks in cycles of waits, and between two cycles: what is left when those without children, then those without parents,
        are gone."""
        left = dict(self.tasks)
        for onto, off in (("children", "parents"), ("parents", "children")):
            count = {a: sum(t.address in left for t in getattr(task, onto)) for a, task in left.items()}
            gone = [a for a in left if count[a] == 0]
            for address in gone:
                for other in getattr(left.pop(address), off):
                    if other.address in left:
                        count[other.address] -= 1
                        if count[other.address] == 0:
                            gone.append(other.address)
        return left

    def cycle(self, task):
        """The tasks of a cycle of waits through this one, from it on; [] without. The shortest, by a search in breadth."""
        before, todo = {task.address: None}, [task]
        for at in todo:
            for child in at.children:
                if child is task:
                    path = []
                    while at:
                        path.append(at)
                        at = before[at.address]
                    return path[::-1]
                if child.address not in before:
                    before[child.address] = at
                    todo.append(child)
        return []


def plural(count, what):
    return f"{count} {what}" + ("" if count == 1 else "es" if what.endswith("s") else "s")


# ---- Finding loops.

def add_stacks(index):
    """Notes the locals and arguments of all functions on the stacks."""
    before = gdb.selected_thread()
    try:
        for thread in gdb.selected_inferior().threads()[:64]:
            thread.switch()
            frame = gdb.newest_frame()
            for _ in range(64):
                if frame is None or not frame.is_valid():
                    break
                add_frame(index, frame)
                frame = frame.older()
    except gdb.error:
        pass                            # a stack that cannot be unwound
    finally:
        if before and before.is_valid():
            before.switch()


def add_frame(index, frame):
    try:
        block = frame.block()
    except RuntimeError:
        return                          # a function without debug information
    while block and not block.is_static and not block.is_global:
        for symbol in block:
            try:
                if (symbol.is_variable or symbol.is_argument) and symbol.type is not None and any(index.program.plan(symbol.type)):
                    index.add_value(frame.read_var(symbol, block), symbol.name)
            except (gdb.error, RuntimeError, ValueError):
                pass                    # optimized out
        block = block.superblock


def find_loops(program):
    """[(address, name)]: of variables, then of what the functions on the stacks know, then behind pointers."""
    index = Index(program)
    for file in program.files():
        index.add_file(file)
    add_stacks(index)
    certain = len(index.by_type.get("aiot_loop", ()))
    index.follow()
    found = index.by_type.get("aiot_loop", [])
    return [(a, index.name(a, "aiot_loop")) for i, a in enumerate(found) if i < certain or is_loop(program, a)]


def is_loop(program, address):
    """Pointers may point anywhere."""
    try:
        Loop.check(program, address, program.record("aiot_loop", address), "")
        return True
    except Trouble:
        return False


def loop_of(expression, program):
    try:
        value = gdb.parse_and_eval(expression)
    except gdb.error as error:
        raise Trouble(f"{expression}: {error}") from None
    kind = strip(value.type)
    if kind.code == gdb.TYPE_CODE_PTR and tag(strip(kind.target())) == "aiot_loop":
        return int(value)
    if tag(kind) != "aiot_loop" or value.address is None:
        raise Trouble(f"{expression} is no aiot_loop and no pointer to one")
    return int(value.address)


# ---- The commands.

class Aiot(gdb.Command):
    """Looks into loops of aio_timeout.h."""

    def __init__(self):
        super().__init__("aiot", gdb.COMMAND_STATUS, prefix=True)


class AiotTasks(gdb.Command):
    """aiot tasks [LOOP]: shows each unfinished task under the task that waits for it: what it waits for, where, its limits, who has cancelled
it. LOOP is an expression, an aiot_loop or a pointer to one. Without it: all loops that are found. It reads memory, and calls nothing."""

    def __init__(self):
        super().__init__("aiot tasks", gdb.COMMAND_STATUS, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        try:
            self.show(argument)
        except Trouble as trouble:
            self.complain(trouble)
        except KeyboardInterrupt:
            self.complain("interrupted")
        except Exception as error:      # gdb's own, where memory or symbols are broken in a way that was not thought of
            self.complain(f"{type(error).__name__}: {' '.join(str(error).split())}")

    def complain(self, text):
        gdb.flush(gdb.STDOUT)
        gdb.write(f"aiot tasks: {text}\n", gdb.STDERR)
        gdb.flush(gdb.STDERR)

    def show(self, argument):
        program = Program()
        if argument.strip():
            loops = [(loop_of(argument, program), argument.strip())]
        else:
            loops = find_loops(program)
        if not loops:
            raise Trouble("no loop is found: give it, as in `aiot tasks server.loop`")
        for address, name in loops:
            try:
                for line in Loop(program, address, f"loop '{name}'").show():
                    gdb.write(line + "\n")
            except Trouble as trouble:
                self.complain(trouble)


Aiot()
AiotTasks()
