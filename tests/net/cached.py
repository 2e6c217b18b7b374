#!/usr/bin/env python3
"""cached.py [CC] [-v]: tests examples/net/cached.c against a real origin, a real redis-server and SQLite files, all on loopback.

It is built four times: without libraries; with hiredis and SQLite; with these and sanitizers; with these and AIOT_DEBUG. Without the
libraries or the server, what needs them is skipped. One line for each failure, and a last line with the counts."""
import collections, concurrent.futures, json, os, random, re, resource, shutil, signal, socket, sqlite3, struct, subprocess, sys, tempfile
import threading, time

signal.signal(signal.SIGINT, signal.default_int_handler)          # a shell ignores it in what it starts in the background

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CC = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] != "-v" else os.environ.get("CC", "cc")
REDIS = shutil.which("redis-server")
scratch = tempfile.mkdtemp()
started = []                                    # processes: none is left behind, whatever happens
passed = failed = 0
variant = ""
lock = threading.Lock()


def check(what, is_good, why=""):
    global passed, failed
    with lock:
        passed += bool(is_good)
        failed += not is_good
    if not is_good:
        print(f"FAILED {variant}: {what}: {str(why)[:400]}", flush=True)
    return is_good


def until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


# ---- The origin. The first part of a path says what happens: /slow/300/x is late by 300 ms. `turned` changes what a path does.
class Origin:
    def __init__(self):
        self.count, self.gone, self.turned = collections.Counter(), collections.Counter(), {}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, c):
        with c:
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    more = c.recv(4096)
                    if not more:
                        return
                    head += more
                path = head.split(b" ")[1].decode()
                with lock:
                    self.count[path] += 1
                self.answer(c, path, self.turned.get(path, path).split("/"))
            except OSError:
                with lock:
                    self.gone[path] += 1

    def answer(self, c, path, words):
        what = words[1]
        body = f"body of {path} {self.count[path]}".encode()
        extra = ""
        status = "200 OK"
        if what == "slow":
            time.sleep(int(words[2]) / 1000)
        elif what == "hang":
            c.settimeout(20)
            if c.recv(1) == b"":
                with lock:
                    self.gone[path] += 1
            return
        elif what == "reset":
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        elif what == "half":
            c.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return
        elif what == "garbage":
            c.sendall(b"what?\r\n\r\n")
            return
        elif what == "nolength":
            c.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + body)
            return
        elif what == "bytes":
            body = bytes(range(256)) * (int(words[2]) // 256 + 1)
            body = body[:int(words[2])]
        elif what == "error":
            status = "500 Oops"
        elif what == "none":
            status = "404 Not Found"
        elif what == "moved":
            status = "302 Found"
        elif what == "private":
            extra = "Cache-Control: no-store\r\n"
        c.sendall(f"HTTP/1.0 {status}\r\nContent-Type: text/x-test\r\n{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body)


class Redis:
    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.port = s.getsockname()[1]
        self.process = None

    def start(self):
        self.process = subprocess.Popen([REDIS, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                                         "--dir", scratch], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started.append(self.process)
        return until(lambda: b"PONG" in (self.command("PING") or b""))

    def command(self, *words):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                s.sendall(f"*{len(words)}\r\n".encode() + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words))
                return s.recv(65536)
        except OSError:
            return None

    def signal(self, number):
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()


# ---- cached itself.
class Server:
    def __init__(self, program, origin, *args, file_limit=None):
        self.err = tempfile.TemporaryFile("w+", dir=scratch)
        before = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))) if file_limit else None
        self.process = subprocess.Popen([program, "-p", "0", "-o", f"http://127.0.0.1:{origin.port}", *map(str, args)],
                                        stdout=subprocess.PIPE, stderr=self.err, preexec_fn=before)
        started.append(self.process)
        line = self.process.stdout.readline().decode()
        match = re.fullmatch(r"listening on (\d+)\n", line)
        self.port = int(match.group(1)) if match else 0
        check("says where it listens", match, line + self.said())

    def said(self):
        self.err.seek(0)
        return self.err.read()

    def connect(self, timeout=10):
        s = socket.create_connection(("127.0.0.1", self.port), timeout)
        return s

    def get(self, path, method="GET", more=""):
        with self.connect() as s:
            s.sendall(f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{more}\r\n".encode())
            return read_answer(s, method == "HEAD")

    def stats(self):
        return json.loads(self.get("/-/stats").body)

    def is_up(self, *names):
        return until(lambda: all(self.stats()[name]["up"] for name in names))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def is_told(self, text, times=1, seconds=5):
        until(lambda: self.said().count(text) >= times, seconds)
        return self.said().count(text) == times

    def end(self, number=signal.SIGTERM, code=0, seconds=5):
        begin = time.monotonic()
        if number and self.process.poll() is None:
            self.process.send_signal(number)
        try:
            got = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            got = "hangs"
        self.process.stdout.close()
        said = self.said()
        check("ends well", got == code and "Sanitizer" not in said and "runtime error" not in said and "task '" not in said, f"{got} {said}")
        return time.monotonic() - begin


Answer = collections.namedtuple("Answer", "status head body cache")


def read_answer(s, is_head=False, kept=None):
    """`kept`: a list with the bytes behind the last answer."""
    data = kept[0] if kept else b""
    while b"\r\n\r\n" not in data:
        more = s.recv(65536)
        if not more:
            return Answer(0, {}, data, None)
        data += more
    top, data = data.split(b"\r\n\r\n", 1)
    lines = top.decode("latin1").split("\r\n")
    head = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
    length = 0 if is_head else int(head["content-length"])
    while len(data) < length:
        more = s.recv(65536)
        if not more:
            break
        data += more
    if kept is not None:
        kept[:] = [data[length:]]
    return Answer(int(lines[0].split()[1]), head, data[:length], head.get("x-cache"))


def is_closed(s, seconds):
    """Is it closed by the server within that time?"""
    s.settimeout(seconds)
    try:
        while s.recv(65536):
            pass
        return True
    except socket.timeout:
        return False
    except OSError:
        return True


# ---- The cases. Each starts a server of its own.
def tiers_of_memory(program, origin):
    s = Server(program, origin, "-f", 400)
    a = s.get("/ok/a")
    check("miss", a.status == 200 and a.cache == "miss" and a.body == b"body of /ok/a 1" and a.head["content-type"] == "text/x-test", a)
    a = s.get("/ok/a")
    check("hit-memory", a.status == 200 and a.cache == "hit-memory" and a.body == b"body of /ok/a 1" and a.head["age"] == "0", a)
    time.sleep(0.45)
    a = s.get("/ok/a")
    check("too old", a.cache == "miss" and a.body == b"body of /ok/a 2", a)
    a = s.get("/ok/a", "HEAD")
    check("HEAD", a.status == 200 and a.cache == "hit-memory" and a.head["content-length"] == "15" and a.body == b"", a)
    for path, status in (("/error/e", 502), ("/reset/r", 502), ("/half/h", 502), ("/garbage/g", 502), ("/moved/m", 502), ("/none/n", 404),
                         ("/bytes/65537", 502), ("/private/p", 200), ("/nolength/n", 200)):
        for n in 1, 2:
            a = s.get(path)
            check(path, a.status == status and origin.count[path] == n and a.cache != "hit-memory", a)
    for n in 0, 1, 8192, 65536:
        for cache in "miss", "hit-memory":
            a = s.get(f"/bytes/{n}")
            check(f"{n} bytes", a.cache == cache and a.body == (bytes(range(256)) * 257)[:n], (a.status, a.cache, len(a.body)))
    s.end()


def stale(program, origin):
    s = Server(program, origin, "-f", 100, "-S", 200, "-O", 700)
    for path in "/ok/s1", "/ok/s2", "/ok/s3", "/ok/s4":
        s.get(path)
    time.sleep(0.15)
    origin.turned.update({"/ok/s1": "/error", "/ok/s2": "/slow/500", "/ok/s3": "/hang", "/ok/s4": "/reset"})
    for path, least, most in ("/ok/s1", 0, 0.3), ("/ok/s2", 0.2, 0.45), ("/ok/s3", 0.2, 0.45), ("/ok/s4", 0, 0.3):
        begin = time.monotonic()
        a = s.get(path)
        took = time.monotonic() - begin
        check(f"stale {path}", a.status == 200 and a.cache == "stale" and least <= took <= most + slack, (a, took))
    check("the late fetch goes on", until(lambda: s.stats()["origin"]["hits"] == 5, 1), s.stats())
    check("and is stopped by its limit", until(lambda: s.stats()["origin"]["late"] == 1, 2), s.stats())
    begin = time.monotonic()
    a = s.get("/hang/new")
    took = time.monotonic() - begin
    check("nothing stale", a.status == 504 and 0.7 <= took < 0.9 + slack, (a, took))
    check("trouble of the origin is told once", s.said().count("cached: origin: ") <= 3, s.said())
    origin.turned.clear()
    s.end()


def coalescing(program, origin):
    s = Server(program, origin, "-O", 20000)
    path = "/slow/300/a"
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: s.get(path), range(50)))
    check("one request for 50", origin.count[path] == 1 and all(a.status == 200 and a.body == answers[0].body for a in answers), origin.count[path])
    path = "/slow/400/b"
    clients = [s.connect() for _ in range(10)]
    for c in clients:
        c.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    time.sleep(0.1)
    for c in clients[:9]:
        c.close()
    a = read_answer(clients[9])
    check("nine leave, one is answered", a.status == 200 and origin.count[path] == 1, a)
    check("and the nine were noticed", s.stats()["left"] >= 9, s.stats())
    clients[9].close()
    path = "/hang/c"
    clients = [s.connect() for _ in range(10)]
    for c in clients:
        c.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    check("the origin is asked", until(lambda: origin.count[path] == 1))
    for c in clients:
        c.close()
    check("all leave: the fetch is cancelled", until(lambda: origin.gone[path] == 1) and s.stats()["cancelled"] == 1, s.stats())
    a = s.get("/ok/after")
    check("it works on", a.status == 200, a)
    s.end()


def connections(program, origin):
    s = Server(program, origin, "-i", 400, "-H", 400, "-A", 600)
    s.get("/ok/c")
    with s.connect() as c:
        kept = [b""]
        c.sendall(b"GET /ok/c HTTP/1.1\r\nHost: a\r\n\r\n" * 20 + b"GET /ok/d HTTP/1.1\r\nHost: a\r\n\r\nHEAD /ok/c HTTP/1.1\r\nHost: a\r\n\r\n" +
                  b"GET /slow/50/e HTTP/1.1\r\nHost: a\r\n\r\nGET /ok/c HTTP/1.0\r\n\r\n")
        answers = [read_answer(c, i == 21, kept) for i in range(24)]
        check("pipelining", [a.status for a in answers] == [200] * 24 and answers[20].body.startswith(b"body of /ok/d") and
              answers[22].body.startswith(b"body of /slow/50/e"), answers)
        check("HTTP/1.0 closes", is_closed(c, 0.3) and answers[23].head["connection"] == "close", answers[23])
    with s.connect() as c:
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /ok/c HTTP/1.1\r\nHost: a\r\n\r\n":
            c.sendall(bytes([byte]))
            time.sleep(0.004)
        check("byte by byte", read_answer(c).status == 200)
    with s.connect() as c:
        check("idle from the start", not is_closed(c, 0.2) and is_closed(c, 0.3 + slack))
    with s.connect() as c:
        c.sendall(b"GET /ok/c HTTP/1.1\r\nHost: a\r\n\r\n")
        check("kept alive", read_answer(c).head["connection"] == "keep-alive" and not is_closed(c, 0.2))
        c.sendall(b"GET /ok/c HTTP/1.1\r\nHost: a\r\n\r\n")
        c.settimeout(5)
        check("idle between", read_answer(c).status == 200 and not is_closed(c, 0.2) and is_closed(c, 0.3 + slack))
    with s.connect() as c:                      # slowloris
        begin = time.monotonic()
        try:
            for byte in b"GET /ok/c HTTP/1.1\r\nX: " + b"y" * 100:
                c.sendall(bytes([byte]))
                time.sleep(0.02)
                c.settimeout(0.001)
                try:
                    if c.recv(1, socket.MSG_PEEK):
                        break
                except socket.timeout:
                    pass
        except OSError:
            pass
        c.settimeout(5)
        took = time.monotonic() - begin
        a = read_answer(c)
        check("slowloris", a.status == 408 and 0.4 <= took < 0.7 + slack, (a, took))
    with s.connect() as c:                      # a reader that does not read
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.sendall(b"GET /bytes/65536 HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
        check("a reader that does not read", until(lambda: s.stats()["late_clients"] >= 4, 8), s.stats())
    with s.connect() as c:
        c.sendall(b"GET /ok/c HTTP/1.1\r\nHost: a\r\n\r\n")
        c.shutdown(socket.SHUT_WR)
        check("half-closed, of what is in memory", read_answer(c).status == 200 and is_closed(c, 1))
    with s.connect() as c:
        c.sendall(b"GET /ok/c HTTP/1.1\r\nHo")
        c.shutdown(socket.SHUT_WR)
        check("half a head", is_closed(c, 1))
    with s.connect() as c:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.sendall(b"GET /slow/100/z HTTP/1.1\r\nHost: a\r\n\r\n")
    for text, status in ((b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 405), (b"BREW / HTTP/1.1\r\n\r\n", 501),
                         (b"GET / HTTP/1.1\r\n\r\n", 400), (b"GET /\0 HTTP/1.1\r\n\r\n", 400), (b"\x16\x03\x01\x02\r\n", 400),
                         (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 413), (b"GET / HTTP/2.0\r\n\r\n", 505),
                         (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
                         (b"GET /" + b"x" * 1100 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414), (b"GET / HTTP/1.1\r\nX: " + b"y" * 9000, 431),
                         (b"GET / HTTP/1.1\nHost: a\n\n", 400), (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 65, 431)):
        with s.connect() as c:
            c.sendall(text)
            a = read_answer(c)
            check(f"bad request {text[:40]}", a.status == status and a.head["connection"] == "close" and is_closed(c, 1.5), a)
    check("no connection is left", until(lambda: s.stats()["connections"] == 1, 3), s.stats())
    s.end()


def bounds(program, origin):
    s = Server(program, origin, "-m", 420, "-g", 200)
    for i in range(430):
        s.get(f"/ok/{i}")
    check("the newest are in memory", s.get("/ok/429").cache == "hit-memory" and s.get("/ok/15").cache == "hit-memory")
    check("the oldest is not", s.get("/ok/0").cache == "miss")
    clients = [s.connect() for _ in range(70)]
    for i, c in enumerate(clients):
        c.sendall(f"GET /hang/{i} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    check("64 lookups at once", until(lambda: sum(origin.count[f"/hang/{i}"] for i in range(70)) == 64))
    refused = 0
    for c in clients:
        c.settimeout(0.02)
        try:
            refused += read_answer(c).status == 503
        except socket.timeout:
            pass
    check("further ones are refused", refused == 6, refused)
    check("memory still answers", s.get("/ok/429").cache == "hit-memory")
    for c in clients:
        c.close()
    check("all are cancelled", until(lambda: s.stats()["cancelled"] == 64), s.stats())
    clients = [s.connect() for _ in range(256)]
    check("256 connections", until(lambda: len(os.listdir(f"/proc/{s.process.pid}/fd")) >= 256))
    with s.connect(0.2) as c:
        c.sendall(b"GET /ok/429 HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            check("one more waits", not c.recv(1))
        except socket.timeout:
            check("one more waits", True)
        clients.pop().close()
        c.settimeout(2)
        check("until one leaves", read_answer(c).status == 200)
    for c in clients:
        c.close()
    s.end()


def ending(program, origin):
    s = Server(program, origin, "-g", 1500)
    idle, half, open_ = s.connect(), s.connect(), s.connect()
    idle.sendall(b"GET /ok/idle HTTP/1.1\r\nHost: a\r\n\r\n")
    read_answer(idle)
    half.sendall(b"GET /ok/half HTTP/1.1\r\nHost: a\r\n")
    path = "/slow/400/end"
    open_.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    until(lambda: origin.count[path] == 1)
    s.process.send_signal(signal.SIGTERM)
    check("an idle connection is closed", is_closed(idle, 0.3 + slack))
    def refuses():
        try:
            s.connect(1).close()
        except OSError:
            return True
    check("nothing more is accepted", until(refuses, 1))
    half.sendall(b"\r\n")
    a, b = read_answer(half), read_answer(open_)
    check("what was begun is answered", a.status == b.status == 200 and a.head["connection"] == b.head["connection"] == "close", (a, b))
    for c in idle, half, open_:
        c.close()
    took = s.end(None)
    check("it ends when all is answered", took < 0.5 + slack, took)

    s = Server(program, origin, "-g", 400)
    c = s.connect()
    c.sendall(b"GET /hang/end HTTP/1.1\r\nHost: a\r\n\r\n")
    half = s.connect()
    half.sendall(b"GET /hang/end HTTP/1.1\r\nHost:")
    time.sleep(0.1)
    took = s.end(signal.SIGINT)
    check("the rest is cancelled", 0.4 <= took < 0.7 + slack and is_closed(c, 1) and is_closed(half, 1), took)

    s = Server(program, origin, "-g", 10000)
    c = s.connect()
    c.sendall(b"GET /hang/end2 HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(0.1)
    s.process.send_signal(signal.SIGTERM)
    until(refuses, 1)
    took = s.end(signal.SIGTERM, code=1)
    check("a second signal does not wait", took < 0.5 + slack, took)


def redis_and_disk(program, origin):
    redis, db = Redis(), os.path.join(scratch, f"tiers{variant}.db")
    check("redis-server starts", redis.start())
    s = Server(program, origin, "-r", f"127.0.0.1:{redis.port}", "-d", db)
    check("up", s.is_up("redis", "disk"))
    check("miss", until(lambda: s.get("/ok/x").cache == "hit-memory"))
    check("both are filled", until(lambda: s.stats()["redis"]["filled"] >= 1 and s.stats()["disk"]["filled"] >= 1), s.stats())
    body = s.get("/ok/x").body
    big = s.get("/bytes/65536").body
    until(lambda: s.stats()["disk"]["filled"] >= 2)
    s.end()
    s = Server(program, origin, "-r", f"127.0.0.1:{redis.port}", "-d", db, "-R", 1000, "-D", 2000)
    check("up again", s.is_up("redis", "disk"))
    a = s.get("/ok/x")
    check("hit-redis", a.cache == "hit-redis" and a.body == body and a.head["content-type"] == "text/x-test", a)
    check("now in memory", s.get("/ok/x").cache == "hit-memory")
    check("64 KB through Redis", s.get("/bytes/65536").body == big)
    s.end()
    redis.command("FLUSHALL")
    s = Server(program, origin, "-r", f"127.0.0.1:{redis.port}", "-d", db, "-D", 2000)
    check("up after a flush", s.is_up("redis", "disk"))
    a = s.get("/ok/x")
    check("hit-disk", a.cache == "hit-disk" and a.body == body and a.head["content-type"] == "text/x-test", a)
    check("Redis is filled", until(lambda: b":1" in (redis.command("EXISTS", "cached:/ok/x") or b"")), s.stats())
    check("64 KB through the disk", s.get("/bytes/65536").body == big)
    redis.command("SET", "cached:/ok/evil", "1 9999999999 a\r\nX: evil\nbody")
    redis.command("SET", "cached:/ok/evil2", "gibberish")
    check("what Redis cannot have", s.get("/ok/evil").cache == s.get("/ok/evil2").cache == "miss")
    s.end()

    # Stale pages of the disk; Redis lost, stopped, back.
    s = Server(program, origin, "-r", f"127.0.0.1:{redis.port}", "-d", db, "-f", 100, "-D", 2000)
    check("up with stale pages", s.is_up("redis", "disk"))
    origin.turned["/ok/x"] = "/error"
    time.sleep(0.15)
    a = s.get("/ok/x")
    check("stale from below", a.cache == "stale" and a.body == body, a)
    origin.turned.clear()
    redis.signal(signal.SIGKILL)
    check("a loss is told once", s.is_told("cached: redis: "), s.said())
    check("and it works without", s.get("/ok/y").cache == "miss" and s.get("/ok/x").status == 200)
    time.sleep(0.5)
    check("still once", s.is_told("cached: redis: "), s.said())
    redis.start()
    check("back is told once", s.is_told("cached: redis: works again", seconds=8), s.said())
    redis.signal(signal.SIGSTOP)
    begin = time.monotonic()
    for i in range(6):
        s.get(f"/ok/stopped{i}")
    took = time.monotonic() - begin
    check("a Redis that hangs costs three limits", took < 0.6 + 2 * slack, took)
    check("and is told once", s.is_told("cached: redis: late again and again"), s.said())
    redis.signal(signal.SIGCONT)
    check("back again", s.is_told("cached: redis: works again", 2, seconds=8), s.said())
    s.end()
    redis.signal(signal.SIGSTOP)
    s = Server(program, origin, "-r", f"127.0.0.1:{redis.port}")
    check("a Redis that hangs at the start", s.get("/ok/z").status == 200 and s.is_told("cached: redis: late"), s.said())
    s.end(seconds=3)
    redis.signal(signal.SIGCONT)
    redis.signal(signal.SIGKILL)
    s = Server(program, origin, "-r", f"127.0.0.1:{redis.port}")
    check("no Redis at all", s.get("/ok/z").status == 200 and s.is_told("cached: redis: "), s.said())
    s.end()


def disk(program, origin):
    db = os.path.join(scratch, f"disk{variant}.db")
    s = Server(program, origin, "-d", db, "-D", 150, "-f", 50, "-F", 300)
    check("up", s.is_up("disk"))
    s.get("/ok/disk")
    check("filled", until(lambda: s.stats()["disk"]["filled"] == 1))
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("BEGIN EXCLUSIVE")
    s.get("/ok/locked1")
    s.get("/ok/locked2")
    check("a lock is told once", s.is_told("cached: writing to disk: "), s.said())
    check("works with a lock", s.get("/ok/locked1").status == 200)
    check("both were given up", until(lambda: s.stats()["disk"]["not_filled"] >= 2), s.stats())
    other.execute("ROLLBACK")
    s.get("/ok/unlocked")
    check("and its end", s.is_told("cached: writing to disk: works again"), s.said())
    other.close()
    s.end()

    s = Server(program, origin, "-d", "/nowhere/at/all.db")
    check("no such directory", s.get("/ok/z").status == 200 and s.is_told("cached: disk: "), s.said())
    s.end()
    text = os.path.join(scratch, "text.db")
    with open(text, "w") as f:
        f.write("this is no database" * 100)
    s = Server(program, origin, "-d", text)
    check("no database", s.get("/ok/z").status == 200 and s.is_told("cached: disk: "), s.said())
    s.end()

    full = os.path.join(scratch, f"full{variant}.db")
    s = Server(program, origin, "-d", full, file_limit=400000)
    check("up with a limit on files", s.is_up("disk"))
    for i in range(12):
        check("works with a full disk", s.get(f"/bytes/60000/{i}").status == 200)
    check("a full disk is told once", s.is_told("cached: writing to disk: "), s.said())
    check("it can be read", s.get("/bytes/60000/0").status == 200)
    s.end()


def tiny_disk(program, origin):
    place = os.path.join(scratch, f"tiny{variant}")
    os.makedirs(place, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", place], capture_output=True).returncode != 0:
        print("skipped: a tiny tmpfs: mount is not allowed here")
        return
    try:
        s = Server(program, origin, "-d", os.path.join(place, "x.db"))
        check("up on a tiny tmpfs", s.is_up("disk"))
        for i in range(12):
            check("works with a full tmpfs", s.get(f"/bytes/60000/t{i}").status == 200)
        check("a full tmpfs is told once", s.is_told("cached: writing to disk: "), s.said())
        s.end()
    finally:
        subprocess.run(["umount", place])


def crowd(program, origin, seconds, *args):
    """200 clients that do anything; then as many descriptors as before."""
    s = Server(program, origin, "-H", 500, "-S", 100, "-O", 300, "-f", 300, "-g", 500, *args)
    check("all are up", s.is_up("redis", "disk") if "-r" in args else s.is_up("disk"))
    for i in range(3):
        s.get(f"/ok/before{i}")
        time.sleep(0.2)
    before = s.descriptors()
    end = time.monotonic() + seconds
    bad = []
    served = collections.Counter()

    def client(seed):
        dice = random.Random(seed)
        while time.monotonic() < end:
            try:
                with s.connect(5) as c:
                    kept = [b""]
                    for _ in range(dice.randrange(1, 6)):
                        kind = dice.choice(["ok"] * 6 + [f"slow/{dice.randrange(150)}", "error", "half", "reset", "hang", "bytes/60000", "private"])
                        c.sendall(f"GET /{kind}/{dice.randrange(40)} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                        if dice.random() < 0.15:
                            break               # leaves in the midst
                        a = read_answer(c, False, kept)
                        served[a.status] += 1
                        if a.status not in (200, 404, 502, 503, 504) or (a.status == 200 and kind == "ok" and not a.body.startswith(b"body of /ok/")):
                            bad.append(a)
                        if a.status == 0:
                            break
                    if dice.random() < 0.1:
                        c.sendall(b"GET /ok/1 HT")
                        time.sleep(dice.random() * 0.3)
                    if dice.random() < 0.2:
                        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError as e:
                if not isinstance(e, (ConnectionError, BrokenPipeError)):
                    bad.append(e)
            time.sleep(dice.random() * 0.1)
    threads = [threading.Thread(target=client, args=(i,)) for i in range(200)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    check("200 clients", not bad and served[200] > 100, (bad[:3], served))
    check("as many descriptors as before", until(lambda: s.descriptors() <= before, 5), (before, s.descriptors()))
    check("no connection is left", until(lambda: s.stats()["connections"] == 1, 3), s.stats())
    end = time.monotonic() + 0.5                # once more, and it ends in the midst
    threads = [threading.Thread(target=client, args=(i,)) for i in range(50)]
    for t in threads:
        t.start()
    time.sleep(0.3)
    took = s.end()
    check("it ends under load", took < 1 + slack, took)
    for t in threads:
        t.join()


# ---- Builds and runs.
def build(name, *flags):
    program = os.path.join(scratch, name)
    command = [CC, "-std=c11", "-I" + ROOT, os.path.join(ROOT, "examples/net/cached.c"), *flags, "-pthread", "-o", program]
    done = subprocess.run(command, capture_output=True, text=True)
    return program if done.returncode == 0 else done.stderr


LIBRARIES = ["-DWITH_REDIS", "-DWITH_SQLITE", "-lhiredis", "-lsqlite3"]
BUILDS = {
    "plain": ["-O1", "-Wall", "-Wextra", "-Werror"],
    "with both": ["-O1", "-Wall", "-Wextra", "-Werror", *LIBRARIES],
    "sanitized": ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", *LIBRARIES],
    "debug": ["-O1", "-DAIOT_DEBUG=1", *LIBRARIES],
}


def has_libraries():
    test = os.path.join(scratch, "test.c")
    with open(test, "w") as f:
        f.write("#include <stddef.h>\n#include <hiredis/hiredis.h>\n#include <sqlite3.h>\nint main(void) { return redisCommand == NULL; }\n")
    return subprocess.run([CC, test, "-lhiredis", "-lsqlite3", "-o", test[:-2]], capture_output=True).returncode == 0


def run(case, program):
    begin = time.monotonic()
    try:
        case(program, Origin())
    except Exception as e:
        check(case.__name__, False, repr(e))
    if "-v" in sys.argv:
        print(f"{variant}: {case.__name__}: {time.monotonic() - begin:.1f} s")


def main():
    global variant, slack
    begin = time.monotonic()
    has_both = has_libraries()
    if not has_both or not REDIS:
        print("skipped: Redis and SQLite: hiredis, SQLite or redis-server is not there")
    names = [name for name in BUILDS if has_both or name == "plain"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        programs = dict(zip(names, pool.map(lambda name: build(name.replace(" ", "_"), *BUILDS[name]), names)))
    for name in names:
        variant = name
        slack = 1.5 if name in ("sanitized", "debug") else 0.6
        if not check("compiles", os.path.exists(programs[name]), programs[name]):
            continue
        cases = [tiers_of_memory, stale, coalescing, connections, bounds, ending]
        if name != "plain":
            cases += [disk, tiny_disk] + [redis_and_disk] * bool(REDIS)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda case: run(case, programs[name]), cases))
        if name != "plain":
            args = ["-D", 2000, "-d", os.path.join(scratch, f"crowd{variant}.db")]
            redis = Redis() if REDIS else None
            if redis:
                redis.start()
                args += ["-r", f"127.0.0.1:{redis.port}"]
            run(lambda program, origin: crowd(program, origin, 10 if name == "with both" else 2, *args), programs[name])
            if redis:
                redis.signal(signal.SIGKILL)
        print(f"{name}: done after {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


try:
    code = main()
finally:
    for process in started:
        if process.poll() is None:
            process.kill()
    shutil.rmtree(scratch, ignore_errors=True)
sys.exit(code)
