"""health.py BUILD | PROGRAM: tests examples/net/health.c, as built there and once more with debug checks and sanitizers.

The servers run here, on loopback, on ports that the kernel chooses. Prints one line for each failure, and a last line with the counts.
"""
import atexit, contextlib, fcntl, functools, http.server, json, os, pty, random, re, select, shutil, signal, socket, struct, subprocess, sys
import tempfile, termios, threading, time

signal.signal(signal.SIGINT, signal.default_int_handler)          # a shell ignores it in what it starts in the background

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
built = sys.argv[1]
if os.path.isdir(built):
    built = os.path.join(built, "examples/net/health")
built = os.path.abspath(built)
program = built
passed = failed = 0
scratch = tempfile.mkdtemp()
atexit.register(shutil.rmtree, scratch, True)
os.chdir(scratch)
os.environ.update(ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="exitcode=99", TERM="xterm", LC_ALL="C")
delay = 0.0                     # of /delay
random.seed(os.environ.get("SEED", 57))


def check(good, what, *details):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("FAILED", os.path.basename(program), what, *(str(d)[:400].replace("\n", " | ") for d in details), flush=True)
    return good


# ---- Servers. Each connection has a thread of its own.

def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()


def hang(c):
    while c.recv(4096):
        pass


def flood(c, first=b""):
    c.sendall(first)
    while True:
        c.sendall(b"x" * 65536)


def drip(c):
    for _ in range(200):
        c.sendall(b"H")
        time.sleep(0.02)


def late(c):
    time.sleep(delay)
    c.sendall(b"HTTP/1.0 200 OK\r\n\r\n")


BEHAVIOURS = {
    "/flood": flood,
    "/flood-body": lambda c: flood(c, b"HTTP/1.1 200 OK\r\n\r\n"),
    "/hang": hang,
    "/half": lambda c: c.sendall(b"HTTP/1.1 2"),
    "/half-hang": lambda c: (c.sendall(b"HTTP/1.1 2"), hang(c)),
    "/reset": reset,
    "/half-reset": lambda c: (c.sendall(b"HTTP/1.1 2"), time.sleep(0.02), reset(c)),
    "/close": lambda c: None,
    "/drip": drip,
    "/delay": late,
    "/bytes": lambda c: [(c.sendall(bytes([b])), time.sleep(0.001)) for b in b"HTTP/1.0 200 OK\r\n\r\n"],
    "/lf": lambda c: c.sendall(b"HTTP/1.0 200\n"),
    "/garbage": lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.2 and more\r\n"),
    "/zeros": lambda c: c.sendall(bytes(100) + b"\n"),
    "/empty-line": lambda c: c.sendall(b"\n"),
    "/status-20": lambda c: c.sendall(b"HTTP/1.1 20\r\n\r\n"),
    "/status-2000": lambda c: c.sendall(b"HTTP/1.1 2000 OK\r\n\r\n"),
}


def serve_one(c):
    with c, contextlib.suppress(OSError):
        request = b""
        while b"\r\n\r\n" not in request:
            more = c.recv(4096)
            if not more:
                return
            request += more
        path = request.split()[1].decode().split("?")[0]
        requests[path] = request.decode()
        if path[1:].isdigit():
            c.sendall(b"HTTP/1.1 %s Text\r\n\r\n" % path[1:].encode())
        else:
            BEHAVIOURS[path](c)


def serve(listener, what):
    while True:
        c, _ = listener.accept()
        threading.Thread(target=what, args=[c], daemon=True).start()


def listen(what, address=("127.0.0.1", 0), family=socket.AF_INET):
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen(500)
    threading.Thread(target=serve, args=[listener, what], daemon=True).start()
    return listener.getsockname()[1] if family != socket.AF_UNIX else address


def full_backlog(host, port=0):         # an address that gives no answer, if the kernel does that
    listener = socket.socket()
    listener.bind((host, port))
    listener.listen(0)
    others = [listener]
    for _ in range(8):
        c = socket.socket()
        c.settimeout(0.1)
        others.append(c)
        try:
            c.connect(listener.getsockname())
        except TimeoutError:
            keep.extend(others)
            return listener.getsockname()[1]
    return None


keep, requests = [], {}
web = listen(serve_one)
tcp = listen(lambda c: c.close())
tcp_reset = listen(reset)
unix = listen(lambda c: c.close(), scratch + "/alive.sock", socket.AF_UNIX)
stale = socket.socket(socket.AF_UNIX)
stale.bind(scratch + "/stale.sock")
bound = socket.socket()
bound.bind(("127.0.0.1", 0))
refused = bound.getsockname()[1]
full = full_backlog("127.0.0.1")
files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(http.server.SimpleHTTPRequestHandler, directory=scratch))
files.RequestHandlerClass.func.log_message = lambda *a: None
threading.Thread(target=files.serve_forever, daemon=True).start()
six = None
with contextlib.suppress(OSError):
    six = listen(serve_one, ("::1", 0), socket.AF_INET6)


def start_nginx():
    path = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if path is None:
        return None
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with open("nginx.conf", "w") as f:
        f.write("daemon off; master_process off; pid %s/nginx.pid; error_log /dev/null; events {} http { access_log off;"
                " client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;"
                " server { listen 127.0.0.1:%d; location / { return 200 ok; } location /sick { return 503; } } }" % (scratch, port))
    server = subprocess.Popen([path, "-p", scratch, "-c", scratch + "/nginx.conf"], stderr=subprocess.DEVNULL)
    atexit.register(lambda: (server.terminate(), server.wait()))
    for _ in range(50):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return port
        time.sleep(0.05)
    return None


nginx = start_nginx()


# ---- Running the program.

def write(text, name="services"):
    with open(name, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return name


def run(text, *options, environment=None):
    """Returns (exit status, stdout, stderr, seconds)."""
    write(text)
    begin = time.monotonic()
    try:
        done = subprocess.run([program, *options, "services"], capture_output=True, timeout=15, env={**os.environ, **(environment or {})})
    except subprocess.TimeoutExpired:
        return None, "", "hangs", 15
    return done.returncode, done.stdout.decode(), done.stderr.decode(), time.monotonic() - begin


def results(text, *options, **more):
    """Returns (exit status, {name: (state, reason)}) of the JSON; checks that there is nothing else."""
    code, out, err, _ = run(text, "-j", *options, **more)
    try:
        answer = json.loads(out)
    except ValueError:
        answer = {"state": None, "services": []}
    worst = {"healthy": 0, "degraded": 1, "unhealthy": 2}.get(answer["state"])
    check(err == "" and code == worst, "json and exit status", text, options, code, out, err)
    return code, {s["name"]: s for s in answer["services"]}


def expect(target, state, reason, limit=300):
    """One service; three times if need be, since the machine is shared."""
    for _ in range(3):
        _, all_results = results("it %s %s\n" % (target, limit))
        it = all_results.get("it", {})
        good = it.get("state") == state and re.fullmatch(reason, it.get("reason", "?"))
        if good:
            break
    check(good, target, it)
    check(it.get("ms", 1e9) < 5000, target, "takes", it.get("ms"))


def wait_until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0 if seconds < 1 else 0.01)
    return condition()


def state_is_whole(path):
    if not os.path.exists(path):
        return True
    with open(path, "rb") as f:
        lines = f.read().split(b"\n")
    head = re.fullmatch(rb"health-state 1 (\d+)", lines[0])
    return bool(head) and lines[-1] == b"" and len(lines) - 2 == int(head[1]) and \
        all(re.fullmatch(rb"\S+ \d+ \d+ \d+", line) for line in lines[1:-1])


# ---- The tests.

HEALTHY, UNHEALTHY = "healthy", "unhealthy"


def kinds():
    at = "http http://127.0.0.1:%d" % web
    expect("tcp 127.0.0.1:%d" % tcp, HEALTHY, "")
    _, it = results("it tcp 127.0.0.1:%d\n" % tcp_reset)                # the reset may come before the connection is seen
    check((it["it"]["state"], it["it"]["reason"]) in ((HEALTHY, ""), (UNHEALTHY, "reset")), "resets at once", it)
    expect("tcp 127.0.0.1:%d" % refused, UNHEALTHY, "refused")
    expect("tcp no..host:80", UNHEALTHY, r"unknown host \(.+\)")
    expect("unix " + unix, HEALTHY, "")
    expect("unix %s/stale.sock" % scratch, UNHEALTHY, "refused")
    expect("unix %s/none.sock" % scratch, UNHEALTHY, "No such file or directory")
    expect("http http://127.0.0.1:%d/" % files.server_port, HEALTHY, "")
    expect("http http://127.0.0.1:%d/none" % files.server_port, UNHEALTHY, "HTTP 404")
    expect("http http://127.0.0.1:%d" % refused, UNHEALTHY, "refused")
    if six:
        expect("tcp [::1]:%d" % six, HEALTHY, "")
        expect("http http://[::1]:%d/200" % six, HEALTHY, "")
        check("Host: [::1]:%d\r\n" % six in requests.get("/200", ""), "Host of IPv6", requests.get("/200"))
    else:
        print("skipped: IPv6, there is none here")
    if nginx:
        expect("http http://127.0.0.1:%d/x?y" % nginx, HEALTHY, "")
        expect("http http://127.0.0.1:%d/sick" % nginx, UNHEALTHY, "HTTP 503")
    else:
        print("skipped: nginx, there is none here")
    if full:
        expect("tcp 127.0.0.1:%d" % full, UNHEALTHY, "late after 120 ms", 120)
    for path in ["/200", "/204", "/301", "/399", "/bytes", "/lf", "/flood-body"]:
        expect(at + path, HEALTHY, "")
    for path in ["/100", "/400", "/500", "/503"]:
        expect(at + path, UNHEALTHY, "HTTP " + path[1:])
    for path in ["/flood", "/garbage", "/zeros", "/empty-line", "/status-20", "/status-2000"]:
        expect(at + path, UNHEALTHY, "not an HTTP answer")
    for path in ["/hang", "/half-hang", "/drip"]:
        expect(at + path, UNHEALTHY, "late after 100 ms", 100)
    expect(at + "/half", UNHEALTHY, "closed within the status line")
    expect(at + "/close", UNHEALTHY, "closed without an answer")
    expect(at + "/reset", UNHEALTHY, "reset")
    expect(at + "/half-reset", UNHEALTHY, "reset")
    expect("http http://127.0.0.1:%d/" % tcp, UNHEALTHY, "reset|closed without an answer")
    expect(at + "/401", HEALTHY, "", "300 401")
    expect(at + "/200", UNHEALTHY, "HTTP 200", "- 401")


def together():
    """All at once: as long as the longest limit, and no longer. The order is that of the file."""
    text = "".join("s%d http http://127.0.0.1:%d/%s\n" % (i, web, ["200 4000", "hang 300", "503 4000",
                   "flood 4000"][i % 4]) for i in range(200))
    for _ in range(3):
        code, out, err, seconds = run(text)
        if seconds < 2:
            break
    lines = out.splitlines()
    check(code == 2 and err == "" and seconds < 2, "200 at once", code, err, seconds)
    check([line.split()[1] for line in lines[:-1]] == ["s%d" % i for i in range(200)], "order of lines")
    check(lines[-1:] == ["unhealthy: 50 healthy, 0 degraded, 150 unhealthy"], "sum", lines[-1:])
    code, out, err, _ = run("a tcp 127.0.0.1:%d\n" % tcp)
    check(code == 0 and re.fullmatch(r"healthy    a  +[\d.]+ ms\nhealthy: 1 healthy, 0 degraded, 0 unhealthy\n", out), "plain lines", out)
    code, out, err, _ = run("a tcp 127.0.0.1:%d\n" % refused, "-q")
    check((code, out, err) == (2, "", ""), "-q", code, out, err)
    code, out, err, _ = run("a tcp 127.0.0.1:%d\n" % tcp, "-w", "0.05", "-n", "3", "-j")
    check(code == 0 and [json.loads(line)["state"] for line in out.splitlines()] == [HEALTHY] * 3, "-w -n -j", code, out, err)
    _, it = results("a\"b\\c tcp 127.0.0.1:%d\nd%%s http http://127.0.0.1:%d/200?\"\\\n" % (tcp, web))
    check(list(it) == ["a\"b\\c", "d%s"] and it["d%s"]["target"].endswith("/200?\"\\"), "escapes in JSON", it)


def addresses():
    """Names with several addresses, and lookups that hang: with a getaddrinfo() of our own. Not with ASan, which must come first."""
    write(r"""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <netdb.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        typedef int function(const char *, const char *, const struct addrinfo *, struct addrinfo **);
        int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **found)
        {
            function *real = (function *)dlsym(RTLD_NEXT, "getaddrinfo");
            if (hints && (hints->ai_flags & AI_NUMERICHOST)) return real(host, port, hints, found);
            if (strncmp(host, "slow", 4) == 0) sleep(20);
            if (strcmp(host, "two.test") != 0) return real("127.0.0.1", port, hints, found);
            if (real("127.0.0.2", port, hints, found) != 0) return EAI_FAIL;
            return real("127.0.0.1", port, hints, &(*found)->ai_next);
        }
        static int is_wanted(const char *call)          /* dies there, or returns 1 if the call is to fail */
        {
            const char *dies = getenv("DIES_AT"), *fails = getenv("FAILS_AT");
            if (dies && strcmp(dies, call) == 0) kill(getpid(), SIGKILL);
            errno = EIO;
            return fails && strcmp(fails, call) == 0;
        }
        typedef int creates(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
        int pthread_create(pthread_t *t, const pthread_attr_t *with, void *(*run)(void *), void *argument)
        {
            static int count;
            if (is_wanted("third thread") && ++count == 3) return EAGAIN;
            return ((creates *)dlsym(RTLD_NEXT, "pthread_create"))(t, with, run, argument);
        }
        int ftruncate(int fd, off_t n) { return is_wanted("ftruncate") ? -1 : ((int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate"))(fd, n); }
        int fsync(int fd) { return is_wanted("fsync") ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
        int rename(const char *from, const char *to)
        {
            if (is_wanted("rename")) return -1;
            int result = ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
            return is_wanted("renamed") ? -1 : result;
        }""", "shim.c")
    if subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "shim.c", "-o", "shim.so", "-ldl"], capture_output=True).returncode:
        return print("skipped: several addresses, the shim does not compile")
    shim = {"LD_PRELOAD": scratch + "/shim.so"}
    _, it = results("two http http://two.test:%d/200\n" % web, environment=shim)          # refused by the first
    check(it["two"]["state"] == HEALTHY, "second address after a refusal", it)
    if full:
        silent = full_backlog("127.0.0.2", web)
        _, it = results("two http http://two.test:%d/200 800\n" % web, environment=shim)  # half of the time for the first
        check(silent and it["two"]["state"] == "degraded" and 400 <= it["two"]["ms"] < 700, "second address after silence", it)
    text = "".join("n%d tcp slow%d.test:80 150\n" % (i, i) for i in range(20)) + "good tcp 127.0.0.1:%d\nname tcp good.test:%d\n" % (tcp,
                   tcp)
    for options in [(), ("-s", "slow.state"), ("-w", "0.2", "-n", "3")]:
        code, out, err, seconds = run(text, *options, environment=shim)
        lines = out.splitlines()[-23:]
        check(code == 2 and err == "" and seconds < 3, "slow lookups", options, code, err, seconds)
        check(sum("late after 150 ms" in line for line in lines) == 20 and sum(line.startswith("healthy") for line in lines) == 2,
              "slow lookups: results", options, out)
    check(state_is_whole("slow.state") and os.path.exists("slow.state"), "state beside slow lookups")
    code, out, err, _ = run(text, "-s", "slow.state", environment={**shim, "FAILS_AT": "third thread"})
    check((code, out, err) == (3, "", "health: Resource temporarily unavailable\n"), "no more threads", code, out, err)
    crash_points(shim)


def crash_points(shim):
    """Killed at each step of a save, or the step fails: the state is the old one until the rename, and the new one after it."""
    text = "a tcp 127.0.0.1:%d\n" % tcp
    old, new = b"health-state 1 1\na 8 1000 200\n", b"health-state 1 1\na 9 "
    for how in ["DIES_AT", "FAILS_AT"]:
        for step in ["ftruncate", "fsync", "rename"] + ["renamed"] * (how == "DIES_AT"):
            write(old, "steps")
            write(b"left over " * 1000, "steps.tmp")
            code, out, err, _ = run(text, "-q", "-s", "steps", environment={**shim, how: step})
            with open("steps", "rb") as f:
                after = f.read()
            check(after.startswith(new) and state_is_whole("steps") if step == "renamed" else after == old, "the state after", how, step,
                  after)
            if how == "DIES_AT":
                check(code == -signal.SIGKILL, "dies at", step, code)
            else:
                check(code == 0 and err == "health: steps: cannot be saved: Input/output error\n", "fails at", step, code, err)
                check(not os.path.exists("steps.tmp"), "no steps.tmp is left", step)
            code, _, err, _ = run(text, "-q", "-s", "steps")
            check(code == 0 and err == "" and state_is_whole("steps") and not os.path.exists("steps.tmp"), "the next run", how, step,
                  code, err)


def learned_limits():
    global delay
    text = "it http http://127.0.0.1:%d/delay 1000\n" % web
    for _ in range(3):                  # the machine is shared
        with contextlib.suppress(FileNotFoundError):
            os.unlink("learned")
        delay, seen = 0.005, []
        for _ in range(8):
            seen.append(results(text, "-s", "learned")[1]["it"])
        limits = [s["limit_ms"] for s in seen]
        delay = 0.15                    # a learned limit of 200 ms, and mean + 3 deviations far below
        slower = results(text, "-s", "learned", "-f", "200")[1]["it"]
        delay = 0.4
        first = results(text, "-s", "learned")[1]["it"]
        states = [first]
        while len(states) < 12 and states[-1]["state"] == UNHEALTHY:
            states.append(results(text, "-s", "learned")[1]["it"])
        good = limits[:5] == [1000] * 5 and limits[5:] == [100] * 3 and slower["state"] == "degraded" and \
            "slower than usual" in slower["reason"] and re.fullmatch(r"late after \d+ ms",
                first["reason"]) and 2 < len(states) < 12 and states[-1]["limit_ms"] > 400
        if good:
            break
    check(good, "learned limits", limits, slower, [(s["state"], s["limit_ms"]) for s in states])
    delay = 0.2
    expect("http http://127.0.0.1:%d/delay" % web, "degraded", "past half of its limit of 300 ms", 300)
    with open("learned") as f:
        before = f.read()
    run("it tcp 127.0.0.1:%d\n" % refused, "-s", "learned")
    with open("learned") as f:
        check(f.read() == before and not os.path.exists("learned.tmp"), "nothing is learned of a refusal")
    run("other tcp 127.0.0.1:%d\n" % tcp, "-s", "learned")
    with open("learned") as f:
        check(re.fullmatch(r"health-state 1 1\nother 1 \d+ \d+\n", f.read()), "services that are gone are forgotten")


def state_files():
    text = "a tcp 127.0.0.1:%d\nb unix %s\nc unix %s/none.sock\n" % (tcp, unix, scratch)
    good = b"health-state 1 2\na 9 1000 200\nb 7 3000 400\n"
    damaged = r"health: st: is damaged: begins anew\n"
    foreign = r"health: st: is not a state file: it is not used, and not changed\n"
    for content, message, is_kept in [
            (good, "", False), (b"", damaged, False), (good[:-1], damaged, False), (good[:-5], damaged, False), (good + b"x", damaged,
                False),
            (good.replace(b" 2\n", b" 3\n"), damaged, False), (good.replace(b" 2\n", b" 1\n"), damaged, False), (good[:17], damaged, False),
            (good.replace(b"1000", b"-5"), damaged, False), (good.replace(b"1000", b"9" * 30), damaged, False),
            (good.replace(b"1000", b"1\0000"), damaged, False), (b"health-state 1 0\n", "", False), (b"health-state 1 ", damaged, False),
            (b"health-state 1 2\n" + b"x" * 5000, damaged, False), (b"health-state 2 0\n", foreign, True),
            (b"root:x:0:0\n", foreign, True), (b"\n", foreign, True), (bytes(range(256)) * 300, foreign, True)]:
        write(content, "st")
        code, _, err, _ = run(text, "-q", "-s", "st")
        with open("st", "rb") as f:
            after = f.read()
        check(code == 2 and re.fullmatch(message, err), "state file", content[:40], code, err)
        check(after == content if is_kept else after.startswith(b"health-state 1 2\na ") and state_is_whole("st"), "after", content[:40],
              after[:80])
    os.unlink("st")
    os.mkdir("st")
    code, _, err, _ = run(text, "-q", "-s", "st")
    check(code == 2 and re.fullmatch(foreign, err) and os.path.isdir("st"), "a directory as state", code, err)
    os.rmdir("st")
    os.mkfifo("st")
    code, _, err, _ = run(text, "-q", "-s", "st")
    check(code == 2 and re.fullmatch(foreign, err), "a pipe as state", code, err)
    os.unlink("st")
    code, _, err, _ = run(text, "-q", "-s", "none/st")
    check(code == 2 and err == "health: none/st: cannot be saved: No such file or directory\n", "no directory for the state", code, err)
    code, _, err, _ = run(text, "-q", "-s", scratch + "/st")
    check(code == 2 and err == "" and state_is_whole("st") and not os.path.exists("st.tmp"), "an absolute path", code, err)
    os.symlink("elsewhere", "st.tmp")
    code, _, err, _ = run(text, "-q", "-s", "st")
    check(code == 2 and "cannot be saved" in err and not os.path.exists("elsewhere"), "st.tmp is a link", code, err)
    os.unlink("st.tmp")
    with open("st.tmp", "w") as other:          # another process saves
        fcntl.flock(other, fcntl.LOCK_EX)
        with open("st", "rb") as f:
            before = f.read()
        code, _, err, _ = run(text, "-q", "-s", "st")
        with open("st", "rb") as f:
            check(code == 2 and err == "" and f.read() == before and os.path.exists("st.tmp"), "another one saves", code, err)
    for _ in range(40):                         # damage by chance
        content = bytearray(good)
        for _ in range(random.randint(1, 4)):
            content[random.randrange(15, len(content))] = random.choice([0, 10, 32, 45, 48, 57, 255, random.randrange(256)])
        del content[random.randrange(15, 3 * len(content)):]
        write(bytes(content), "st")
        code, _, err, _ = run(text, "-q", "-s", "st")
        check(code == 2 and err in ("", "health: st: is damaged: begins anew\n") and state_is_whole("st"), "damaged state",
              bytes(content), code, err)


def bad_files():
    good = "good tcp 127.0.0.1:%d\n" % tcp
    usage = "a line is NAME KIND TARGET [LIMIT_MS] [STATUS]"
    for line, message in [
            ("x", usage), ("x tcp", usage), ("x http http://h/ 1 200 more", usage), ("x tcp # h:1", usage),
            ("x udp h:1", "the kind is not tcp, http or unix"), ("n" * 64 + " tcp h:1", "the name has more than 63 characters"),
            ("good tcp h:1", "the name is used twice"), ("x tcp h", "the target has no port from 1 to 65535"),
            ("x tcp h:0", "the target has no port from 1 to 65535"), ("x tcp h:65536", "the target has no port from 1 to 65535"),
            ("x tcp h:123456", "the host or port of the target is not right"), ("x tcp h:1/",
                "the host or port of the target is not right"),
            ("x tcp :1", "the target has no host"), ("x tcp [::1:1", "the target has no host"),
            ("x tcp ::1:1", "the target has no host"), ("x tcp [::1]1", "the host or port of the target is not right"),
            ("x tcp h:", "the host or port of the target is not right"), ("x http https://h/", "the target does not begin with http://"),
            ("x http h:80", "the target does not begin with http://"), ("x http http://", "the target has no host"),
            ("x http http://me@h/", "the host or port of the target is not right"), ("x unix a.sock",
                "the path of a unix socket begins with /"),
            ("x unix /" + "p" * 200, "the path of the unix socket is too long"), ("x tcp h:1 0", "the limit is not a number"),
            ("x tcp h:1 -5", "the limit is not a number"), ("x tcp h:1 5s", "the limit is not a number"),
            ("x tcp h:1 86400001", "the limit is not a number"), ("x tcp h:1 " + "9" * 40, "the limit is not a number"),
            ("x tcp h:1 5 200", "only http has a status"), ("x http http://h/ - 20", "the status is not a number from 100 to 999"),
            ("x http http://h/ - 2xx", "the status is not a number from 100 to 999"), ("x\x1b[31m tcp h:1", "not printable ASCII"),
            ("x tcp h\x7f:1", "not printable ASCII"), ("x\u00e9 tcp h:1", "not printable ASCII"), ("x tcp h:1\0", "a zero byte"),
            ("x tcp h:1 " + " " * 1100, "more than 1022 bytes")]:
        code, out, err, _ = run(good + "\n# comment\n" + line + "\n" + good.replace("good", "next"))
        check((code, out) == (3, "") and \
            re.fullmatch(r"health: services:4: .*%s.*\n" % re.escape(message), err), "bad line", line[:40], code, err)
    code, out, err, _ = run("".join("s%d unix /x\n" % i for i in range(201)))
    check(code == 3 and err == "health: services:201: there are more than 200 services\n", "201 services", code, err)
    for text in ["", "# only\n\n  \t\r\n"]:
        code, out, err, _ = run(text)
        check((code, out, err) == (3, "", "health: services: has no services\n"), "no services", code, out, err)
    code, out, err, _ = run("\t good\ttcp 127.0.0.1:%d \t 500  # \u00e9\r\n  # \xff\n" % tcp)
    check(code == 0 and err == "", "blanks, comments, CR", code, err)
    code, out, err, _ = run("good tcp 127.0.0.1:%d" % tcp)
    check(code == 0 and err == "", "no end of line", code, err)
    for _ in range(60):
        junk = bytes(random.choice(b" \t\n#:/[]@?ax19-.%\\\"\0\xff" + b"tcp http unix http://") for _ in range(random.randint(1, 80)))
        code, out, err, _ = run(good.encode() + b"x " + random.choice([b"tcp ", b"http ", b"http http://", b"unix /"]) + junk, "-l", "50",
                                "-q")
        check(code in (0, 1, 2, 3) and (code != 3 or re.match("health: services:[23456789]\\d*: ", err)), "junk", junk, code, err)
    for arguments in [[], ["a", "b"], ["-x", "services"], ["-l", "0", "services"], ["-l", "x", "services"], ["-l", "nan", "services"],
                      ["-f", "1e300", "services"], ["-w", "0", "services"], ["-w", "", "services"], ["-n", "0", "services"], ["none"],
                          ["."],
                      ["-s", "p" * 2000, "services"]]:
        done = subprocess.run([program, *arguments], capture_output=True, timeout=10)
        check(done.returncode == 3 and done.stdout == b"" and re.fullmatch(rb"(.*\n)?health: .*\n", done.stderr), "usage", arguments, done)
    done = subprocess.run([program, "-h"], capture_output=True, timeout=10)
    check(done.returncode == 0 and done.stdout.startswith(b"usage: health"), "-h", done)
    write("a tcp 127.0.0.1:%d\nb unix /none\n" % tcp)
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as to:
            done = subprocess.run([program, "services"], stdout=to, stderr=subprocess.PIPE, timeout=10)
        check(done.returncode == 3 and b"stdout" in done.stderr, "a full disk behind stdout", done)
    done = subprocess.run(["sh", "-c", '"$1" -s closed.state services <&- >&- 2>&-', "sh", program], timeout=10)
    check(done.returncode == 2 and state_is_whole("closed.state"), "closed descriptors", done)


def start(text, *options, **more):
    write(text)
    return subprocess.Popen([program, *options, "services"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def without_debug(err):                 # AIOT_DEBUG tells of a run that ends cancelled
    return re.sub(rb"task 'root', line \d+: aiot_run\(\) ends with cancelled \(-1\)\n", b"", err)


def signals():
    hanging = "a http http://127.0.0.1:%d/hang 20000\nb tcp 127.0.0.1:%d\n" % (web, tcp)
    for options in [(), ("-w", "0.05", "-s", "signals"), ("-j",)]:
        for number, wanted in [(signal.SIGINT, 130), (signal.SIGTERM, 143)]:
            requests.clear()
            p = start(hanging, *options)
            check(wait_until(lambda: "/hang" in requests), "hangs", options)
            begin = time.monotonic()
            p.send_signal(number)
            out, err = p.communicate(timeout=15)
            check(p.returncode == wanted and (out, without_debug(err)) == (b"", b"") and time.monotonic() - begin < 3, "signal", number,
                  options, p.returncode, out, err)
    requests.clear()
    p = start("a http http://127.0.0.1:%d/200\n" % web, "-w", "0.02", "-s", "signals")
    check(wait_until(lambda: os.path.exists("signals")), "a state in watch mode")
    time.sleep(0.1)
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=15)
    check(p.returncode == 143 and without_debug(err) == b"" and state_is_whole("signals") and not os.path.exists("signals.tmp"),
          "SIGTERM in watch mode", p.returncode, err)
    requests.clear()
    p = start("a http http://127.0.0.1:%d/hang 400\n" % web, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    check(wait_until(lambda: "/hang" in requests), "hangs, SIGINT ignored")
    p.send_signal(signal.SIGINT)
    p.communicate(timeout=15)
    check(p.returncode == 2, "SIGINT is ignored if it was", p.returncode)


def descriptors():
    """In watch mode, none is lost over the rounds."""
    if not os.path.isdir("/proc/self/fd"):
        return
    text = "".join("s%d http http://127.0.0.1:%d/%s 30\n" % (i, web, ["200", "hang", "503", "flood", "reset",
                   "half"][i % 6]) for i in range(24))
    with contextlib.suppress(FileNotFoundError):
        os.unlink("descriptors")
    p = start(text + "r tcp 127.0.0.1:%d\nn tcp no..host:1\nu unix /none\n" % refused, "-q", "-w", "0.06", "-s", "descriptors")

    def fewest():
        least = 1000
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            least = min(least, len(os.listdir("/proc/%d/fd" % p.pid)))
            time.sleep(0.002)
        return least
    wait_until(lambda: os.path.exists("descriptors"))
    first = fewest()
    time.sleep(1)
    second = fewest()
    p.send_signal(signal.SIGTERM)
    _, err = p.communicate(timeout=15)
    check(first == second < 15 and without_debug(err) == b"", "descriptors", first, second, err)


def kills():
    """kill -9 at any instant, also of two that share the state: it is always whole."""
    text = "".join("service-%d unix %s\n" % (i, unix) for i in range(150))
    run(text, "-q", "-s", "killed")
    whole = state_is_whole("killed") and os.path.exists("killed")
    left = 0
    for i in range(100):
        both = [start(text, "-q", "-w", "0.01", "-s", "killed") for _ in range(1 + i % 2)]
        time.sleep(0.01 + random.random() * 0.06)
        if i % 4 > 1:
            wait_until(lambda: os.path.exists("killed.tmp"), 0.1)
        for p in both:
            p.kill()
        for p in both:
            p.communicate()
        left += os.path.exists("killed.tmp")
        whole = whole and state_is_whole("killed")
    code, _, err, _ = run(text, "-q", "-s", "killed")
    check(whole and code in (0, 1, 2) and err == "", "kill -9", left, code, err)      # 2: connections wait in the backlog
    check(not os.path.exists("killed.tmp"), "what was left is used up")
    print("%s: killed 100 times, %d times while FILE.tmp existed" % (os.path.basename(program), left))


def on_terminal(text, *options, rows=24, columns=60, keys=None, environment=None):
    """Returns (exit status, the screen at the end, all bytes). keys: (what to wait for, what to type)."""
    write(text)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    p = subprocess.Popen([program, *options, "services"], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                         env={**os.environ, **(environment or {})}, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(slave)
    out = b""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        ready, _, _ = select.select([master], [], [], 0.1)
        if ready:
            try:
                more = os.read(master, 65536)
            except OSError:
                break
            if not more:
                break
            out += more
        if keys and keys[0] in out:
            os.write(master, keys[1])
            keys = None
    os.close(master)
    if p.poll() is None and time.monotonic() >= end:
        p.kill()
    return p.wait(), screen_of(out, columns), out


def screen_of(out, columns):
    lines, row, column, wraps = [""], 0, 0, True
    for piece in re.findall(r"\x1b\[\??\d*[A-Za-z]|.|\n", out.decode(), re.S):
        up = re.fullmatch(r"\x1b\[(\d+)A", piece)
        down = re.fullmatch(r"\x1b\[(\d+)B", piece)
        if up:
            row = max(0, row - int(up[1]))
        elif down:
            row = min(len(lines) - 1, row + int(down[1]))
        elif piece == "\x1b[K":
            lines[row] = lines[row][:column]
        elif piece in ("\x1b[?7l", "\x1b[?7h"):
            wraps = piece[-1] == "h"
        elif piece == "\r":
            column = 0
        elif piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif len(piece) > 1:
            lines.append("UNKNOWN " + repr(piece))
        else:
            if column == columns:
                if not wraps:
                    column -= 1
                else:
                    row, column = row + 1, 0
                    lines += [""] * (row + 1 - len(lines))
            lines[row] = lines[row][:column].ljust(column) + piece + lines[row][column + 1:]
            column += 1
    return lines if wraps else lines + ["DOES NOT WRAP"]


def live_view():
    text = "first tcp 127.0.0.1:%d\nslow http http://127.0.0.1:%d/hang 200\nlong unix /%s\nlast tcp 127.0.0.1:%d\n" % (tcp, web, "x" * 60,
        refused)
    wanted = [r"healthy    first  +[\d.]+ ms", r"unhealthy  slow  +-  late after 200 ms",
              r"unhealthy  long  +-  No such file or d?y", r"unhealthy  last  +-  refused",
              r"unhealthy: 1 healthy, 0 degraded, 3 unhealthy", ""]
    for options in [(), ("-w", "0.05", "-n", "3")]:
        code, screen, out = on_terminal(text, *options, columns=58)
        good = code == 2 and len(screen) == len(wanted) and all(re.fullmatch(w, s) for w, s in zip(wanted, screen))
        check(good, "live view", options, code, screen)
        check(b"...        slow" in out and b"checking: 1 healthy, 0 degraded, 2 unhealthy" in out, "results as they come", options, out)
    code, screen, out = on_terminal(text, rows=4, columns=80)
    check(code == 2 and b"\x1b" not in out and len(screen) == 6, "a small terminal", code, screen)
    code, screen, out = on_terminal(text, environment={"TERM": "dumb"})
    check(code == 2 and b"\x1b" not in out, "a dumb terminal", code, screen)
    code, screen, out = on_terminal(text, "-j")
    check(code == 2 and json.loads(out)["state"] == UNHEALTHY, "JSON on a terminal", code, out)
    code, screen, out = on_terminal(text.replace(" 200", " 20000"), keys=(b"2 unhealthy", b"\x03"))
    check(code == 130 and screen[-1] == "" and "checking: 1 healthy, 0 degraded, 2 unhealthy" in screen[4], "Ctrl-C", code, screen)


def all_but_kills():
    kinds()
    together()
    learned_limits()
    state_files()
    bad_files()
    signals()
    descriptors()
    live_view()


all_but_kills()
addresses()
kills()

program = scratch + "/health_checked"
compiler = os.environ.get("CC", "cc").split()
compiled = subprocess.run([*compiler, "-std=c11", "-O1", "-g", "-DAIOT_DEBUG=1", "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
                           "-I", ROOT, ROOT + "/examples/net/health.c", "-o", program, "-pthread"], capture_output=True)
if compiled.returncode == 0:
    all_but_kills()
elif b"sanitize" in compiled.stderr or b"asan" in compiled.stderr:
    print("skipped: sanitizers, there are none here")
else:
    check(False, "does not compile", compiled.stderr.decode())

print("%d passed, %d failed" % (passed, failed), flush=True)
sys.exit(failed > 0 or passed == 0)
