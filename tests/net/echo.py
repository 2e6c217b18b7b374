"""echo.py PROGRAM [SECONDS]: tests examples/net/echo, as built there, against peers on loopback that are good and bad.

One line for each failure, and a last line with the counts.  SECONDS is how long the peers at random go on (10).
"""
import os, random, re, resource, select, signal, socket, struct, subprocess, sys, time

signal.signal(signal.SIGINT, signal.default_int_handler)          # a shell ignores it in what it starts in the background

program = sys.argv[1]
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
LINE = 1024
COUNTERS = "accepted, most at once, lines, idle, slow, reset, too long, cancelled, refused, left".split(", ")


class Server:
    """The program, with its counters when it has ended."""

    def __init__(self, *options, files=None):
        def limit():
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        self.process = subprocess.Popen([program, "-p", "0", *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, preexec_fn=limit)
        first = self.process.stdout.readline()
        check(re.fullmatch(r"listening on [1-9]\d*\n", first), "the first line is %r" % first)
        self.port = int(first.split()[-1])
        self.clients = []

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.clients.append(s)
        return s

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, code=0, **expected):
        """Waits for the end: the exit code, and counters that are expected.  `left` is 0 in any case."""
        out, err = self.process.communicate(timeout=20)
        for s in self.clients:
            s.close()
        counters = {name: int(value) for name, value in re.findall(r"([a-z ]+) (\d+)", out.strip().split("\n")[-1].replace(", ", ","))}
        check(list(counters) == COUNTERS, "the last line is %r" % out)
        check(self.process.returncode == code, "exit code %s, not %d: %s" % (self.process.returncode, code, err[-2000:]))
        check(err == "", "stderr says %r" % err[-2000:])
        for name, value in {"left": 0, **expected}.items():
            check(counters.get(name.replace("_", " ")) == value, "%s: %s, not %s" % (name, counters, value))
        return counters

    def stop(self, **expected):
        self.signal()
        return self.wait(**expected)

    def resident_kb(self):
        return int(re.search(r"VmRSS:\s*(\d+)", open("/proc/%d/status" % self.process.pid).read()).group(1))

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))


class Failed(Exception):
    pass


def check(condition, why):
    if not condition:
        raise Failed(why)


def receive(s, size):
    got = b""
    while len(got) < size:
        piece = s.recv(size - len(got))
        check(piece, "the connection ended after %d of %d bytes" % (len(got), size))
        got += piece
    return got


def expect_echo(s, data):
    s.sendall(data)
    got = receive(s, len(data))
    check(got == data, "%r came back as %r" % (data[:60], got[:60]))


def expect_closed(s, within, since=0.0):
    """It is closed within so many seconds, and not before `since`.  A reset will do."""
    begin = time.monotonic()
    s.settimeout(within)
    try:
        rest = s.recv(1)
    except ConnectionResetError:
        rest = b""
    except socket.timeout:
        raise Failed("not closed within %g s" % within) from None
    check(rest == b"", "more came: %r" % rest)
    check(time.monotonic() - begin >= since, "closed after %g s, before %g s" % (time.monotonic() - begin, since))


def set_reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def lines_split_and_joined():
    server = Server()
    s = server.connect()
    expect_echo(s, b"one\n")
    expect_echo(s, b"two\nthree\n\nfour\n")
    for piece in (b"fi", b"v", b"e"):
        s.sendall(piece)
        time.sleep(0.02)
    s.settimeout(0.05)
    try:
        raise Failed("a line came back before its end: %r" % s.recv(10))
    except socket.timeout:
        s.settimeout(5)
    s.sendall(b"\nsix\nsev")
    check(receive(s, 9) == b"five\nsix\n", "split")
    s.sendall(b"en\n")
    check(receive(s, 6) == b"seven\n", "split")
    s.close()
    server.stop(accepted=1, lines=8, most_at_once=1)


def line_of_1024_bytes_and_of_1025():
    server = Server()
    s = server.connect()
    longest = b"x" * (LINE - 1) + b"\n"
    for _ in range(3):
        expect_echo(s, longest)
    expect_echo(s, b"\n" + longest + longest + b"y\n")
    s.sendall(b"x" + longest)
    expect_closed(s, 2)
    server.stop(too_long=1, lines=7)


def idle_limit():
    server = Server("-i", 200)
    s = server.connect()
    expect_echo(s, b"a\n")
    expect_closed(s, 2, 0.18)
    expect_closed(server.connect(), 2, 0.18)
    server.stop(idle=2, slow=0)


def line_limit_counts_from_the_first_byte():
    server = Server("-i", 5000, "-l", 300)
    s = server.connect()
    time.sleep(0.4)
    begin = time.monotonic()
    try:
        for _ in range(100):
            s.sendall(b"x")
            time.sleep(0.05)
    except OSError:
        pass
    check(0.28 <= time.monotonic() - begin < 2, "closed after %g s" % (time.monotonic() - begin))
    server.stop(idle=0, slow=1)


def slow_reader():
    server = Server("-w", 300, "-i", 5000)
    s = server.connect()
    s.setblocking(False)
    sent, begin = 0, time.monotonic()
    while time.monotonic() - begin < 5:
        try:
            sent += s.send((b"z" * 99 + b"\n") * 100)
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:
            break
    check(0.28 < time.monotonic() - begin < 5, "closed after %g s, %d bytes" % (time.monotonic() - begin, sent))
    server.stop(slow=1, idle=0)


def slow_reader_that_reads_again_gets_all():
    server = Server("-w", 5000)
    s = server.connect()
    data = b"".join(b"%09d\n" % i for i in range(600000))
    s.setblocking(False)
    sent, got = 0, bytearray()
    stalled = False
    while len(got) < len(data):
        ready = select.select([s] if stalled else [], [s] if sent < len(data) else [], [], 0.2)
        if ready[1]:
            sent += s.send(data[sent:sent + 65536])
        elif not ready[0]:
            stalled = True                      # neither side moves: now read
        if ready[0]:
            piece = s.recv(65536)
            check(piece, "closed")
            got += piece
    check(got == data, "not what was sent")
    server.stop(lines=600000, slow=0)


def half_close():
    server = Server()
    s = server.connect()
    s.sendall(b"first\nsecond\nhalf a li")
    s.shutdown(socket.SHUT_WR)
    check(receive(s, 13) == b"first\nsecond\n", "half-close")
    expect_closed(s, 2)
    server.stop(lines=2, reset=0)


def resets():
    server = Server()
    for data in (b"", b"half", b"line\n"):
        s = server.connect()
        s.sendall(data)
        time.sleep(0.05)
        set_reset(s)
        s.close()
    time.sleep(0.05)
    check(server.descriptors() < 12, "%d descriptors" % server.descriptors())
    server.stop(accepted=3, reset=3)


def flood_beside_a_polite_client():
    server = Server()
    flood, polite = server.connect(), server.connect()
    pid = os.fork()
    if pid == 0:
        flood.setblocking(False)
        while True:
            try:
                flood.send(b"\n" * 65536)
            except BlockingIOError:
                pass
            try:
                flood.recv(1 << 20)
            except BlockingIOError:
                pass
    slowest = 0
    try:
        for i in range(300):
            begin = time.monotonic()
            expect_echo(polite, b"please %d\n" % i)
            slowest = max(slowest, time.monotonic() - begin)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    check(slowest < 0.5, "the polite client waited for %g s" % slowest)
    set_reset(flood)
    server.stop(accepted=2)


def sigterm_lets_lines_end():
    server = Server("-d", 3000)
    idle, half, other = server.connect(), server.connect(), server.connect()
    for s in (idle, half, other):
        expect_echo(s, b"before\n")
    half.sendall(b"half a ")
    other.sendall(b"x")
    time.sleep(0.1)
    server.signal()
    expect_closed(idle, 1)
    check(server.process.poll() is None, "it did not wait")
    refused = socket.socket()
    check(refused.connect_ex(("127.0.0.1", server.port)) != 0, "it still accepts")
    refused.close()
    half.sendall(b"line\n")
    check(receive(half, 12) == b"half a line\n", "half a line")
    expect_closed(half, 1)
    other.sendall(b"y\nz\n")
    check(receive(other, 5) == b"xy\nz\n", "lines")
    expect_closed(other, 1)
    server.wait(lines=6, cancelled=0)


def drain_limit():
    for number in (signal.SIGTERM, signal.SIGINT):
        server = Server("-d", 300)
        s = server.connect()
        s.sendall(b"never ends")
        time.sleep(0.1)
        begin = time.monotonic()
        server.signal(number)
        server.wait(cancelled=1)
        check(0.28 < time.monotonic() - begin < 2, "ended after %g s" % (time.monotonic() - begin))


def sigterm_with_5000_half_lines():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    many = min(5000, hard - 100)
    server = Server("-n", 6000, "-d", 500, "-l", 60000)
    for i in range(many):
        server.connect().sendall(b"half a line")
    expect_echo(server.connect(), b"all are in\n")
    begin = time.monotonic()
    server.signal()
    server.wait(accepted=many + 1, cancelled=many)
    check(time.monotonic() - begin < 5, "ended after %g s" % (time.monotonic() - begin))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def second_sigterm_does_not_wait():
    for options in (), ("-t", 3):
        server = Server("-d", 60000, *options)
        s = server.connect()
        s.sendall(b"never ends")
        time.sleep(0.1)
        server.signal()
        time.sleep(0.2)
        check(server.process.poll() is None, "it did not wait")
        begin = time.monotonic()
        server.signal()
        server.wait(code=1, cancelled=1)
        check(time.monotonic() - begin < 1, "it waited for %g s" % (time.monotonic() - begin))


def sigterm_with_nobody_there():
    Server().stop(accepted=0)
    Server("-t", 4).stop(accepted=0)


def out_of_descriptors():
    server = Server("-i", 5000, files=64)
    peers = []
    for _ in range(100):
        peers.append(server.connect())
    time.sleep(0.3)
    served = []
    for s in peers:
        s.settimeout(0.02)
        try:
            if s.recv(1) == b"":
                continue
        except ConnectionResetError:
            continue
        except socket.timeout:
            served.append(s)
            s.settimeout(5)
    check(40 < len(served) < 64, "%d are served" % len(served))
    before = cpu(server)
    time.sleep(0.5)
    check(cpu(server) - before < 0.1, "it spins")
    for s in served:
        expect_echo(s, b"served\n")
    served.pop().close()
    time.sleep(0.1)
    expect_echo(server.connect(), b"again\n")
    server.stop(refused=100 - len(served) - 1, lines=len(served) + 2)


def cpu(server):
    with open("/proc/%d/schedstat" % server.process.pid) as file:
        return int(file.read().split()[0]) / 1e9


def number_of_connections():
    server = Server("-n", 3)
    peers = [server.connect() for _ in range(5)]
    for s in peers[:3]:
        expect_echo(s, b"in\n")
    peers[3].sendall(b"waits\n")
    peers[3].settimeout(0.2)
    try:
        raise Failed("served: %r" % peers[3].recv(10))
    except socket.timeout:
        peers[3].settimeout(5)
    peers[0].close()
    check(receive(peers[3], 6) == b"waits\n", "the fourth")
    server.stop(accepted=4, most_at_once=3)


def several_loops():
    server = Server("-t", 2)
    peers = [server.connect() for _ in range(60)]
    for round in range(3):
        for i, s in enumerate(peers):
            expect_echo(s, b"%d %d\n" % (round, i))
    server.stop(accepted=60, lines=180)


def random_peers():
    server = Server("-n", 200, "-i", 150, "-l", 200, "-w", 150, "-d", 500)
    time.sleep(0.1)
    before = server.descriptors()
    children = []
    for seed in range(3):
        pid = os.fork()
        if pid == 0:
            try:
                act_at_random(server.port, random.Random(seed))
            finally:
                os._exit(0)
        children.append(pid)
    time.sleep(seconds / 3)
    resident = server.resident_kb()
    for pid in children:
        os.waitpid(pid, 0)
    check(server.resident_kb() < resident + 512, "%d kB resident after a third of the time, %d at the end" % (resident, server.resident_kb()))
    time.sleep(0.5)
    check(server.descriptors() == before, "%d descriptors before, %d after" % (before, server.descriptors()))
    counters = server.stop(refused=0)
    check(counters["accepted"] > 50 * seconds and counters["reset"] and counters["too long"] and counters["idle"], "%s" % counters)


def act_at_random(port, r):
    end, peers = time.time() + seconds, []
    while time.time() < end:
        act, s = r.random(), r.choice(peers) if peers else None
        time.sleep(0.001 * r.random())
        try:
            if (act < 0.3 and len(peers) < 60) or s is None:
                s = socket.create_connection(("127.0.0.1", port))
                s.setblocking(False)
                peers.append(s)
            elif act < 0.6:
                s.send(b"a" * r.randrange(1, 300) + (b"\n" if r.random() < 0.7 else b""))
            elif act < 0.75:
                s.recv(4096)
            elif act < 0.9:
                peers.remove(s)
                if act < 0.82:
                    set_reset(s)
                s.close()
            elif act < 0.95:
                s.shutdown(socket.SHUT_WR)
            else:
                s.send(b"b" * 2000)
        except BlockingIOError:
            pass
        except OSError:
            if s in peers:
                peers.remove(s)
                s.close()


def bad_command_lines():
    for options, wanted in ((["-p", "70000"], "-p needs a number from 0 to 65535, not '70000'"),
                            (["-i", "0"], "-i needs a number from 1 to"), (["-l", "x"], "not 'x'"),
                            (["-n"], "usage: echo"), (["-x"], "usage: echo")):
        done = subprocess.run([program, *options], capture_output=True, text=True, timeout=5)
        check(done.returncode == 2 and wanted in done.stderr, "%s: %d %r" % (options, done.returncode, done.stderr))
    done = subprocess.run([program, "-h"], capture_output=True, text=True, timeout=5)
    check(done.returncode == 0 and done.stdout.startswith("usage: echo"), "-h: %r" % done.stdout)
    server = Server()
    done = subprocess.run([program, "-p", str(server.port)], capture_output=True, text=True, timeout=5)
    check(done.returncode == 1 and "listening" in done.stderr, "a port in use: %d %r" % (done.returncode, done.stderr))
    server.stop()


passed = failed = 0
for test in (bad_command_lines, lines_split_and_joined, line_of_1024_bytes_and_of_1025, idle_limit, line_limit_counts_from_the_first_byte,
             slow_reader, slow_reader_that_reads_again_gets_all, half_close, resets, flood_beside_a_polite_client, sigterm_lets_lines_end,
             sigterm_with_5000_half_lines,
             drain_limit, second_sigterm_does_not_wait, sigterm_with_nobody_there, out_of_descriptors, number_of_connections,
             several_loops, random_peers):
    try:
        test()
        passed += 1
    except (Failed, OSError, subprocess.TimeoutExpired) as why:
        failed += 1
        print("FAILED %s %s: %s" % (program, test.__name__, why or type(why).__name__))
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0 or passed == 0)
