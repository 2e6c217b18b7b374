"""faults.py BUILD: the k-th system call of a program fails, for every k, in each of the programs in examples/net.  A program must end or go
on, say what is wrong in one line, lose no descriptor, and never hang or crash.  fail_nth.c makes the calls fail.  Programs are built with
debug checks and sanitizers, which also tell of memory that is lost.  STEP=3 tries every third call only.

A line for each failure; the last one has the counts."""
import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

build = sys.argv[1] if len(sys.argv) > 1 else "build"
step = int(os.environ.get("STEP", "1"))
scratch = tempfile.mkdtemp()
passed = failed = 0
CC = os.environ.get("CC", "gcc").split()
FLAGS = ["-std=c11", "-g", "-O1", "-I.", "-DAIOT_DEBUG=1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def compile_all():
    shim = f"{scratch}/fail_nth.so"
    subprocess.run([*CC, "-O1", "-shared", "-fPIC", "tests/net/fail_nth.c", "-o", shim, "-ldl"], check=True)
    return shim


def program(name, *more):
    path = f"{scratch}/{name}"
    subprocess.run([*CC, *FLAGS, f"examples/net/{name}.c", "-o", path, "-pthread", *more], check=True)
    return path


def fail(what, k, text):
    global failed
    failed += 1
    print(f"FAILED {what}, call {k}: {text}"[:1500])


def environment(k, count):
    return {**os.environ, "LD_PRELOAD": shim, "FAIL_NTH": str(k), "FAIL_COUNT": count,
            "ASAN_OPTIONS": "verify_asan_link_order=0:exitcode=99", "UBSAN_OPTIONS": "exitcode=99"}


def calls_of(count):
    try:
        return int(open(count).read())
    except (OSError, ValueError):
        return 0


def each_call(name, command, drive, judge):
    """Runs the command with no call failing, which counts them; then once for each.  drive(process) uses the program and returns what it
    saw; judge(k, code, out, err, seen) returns what is wrong, or None."""
    global passed
    count = f"{scratch}/count"
    total = 0
    k = 0
    while k <= total:
        if os.path.exists(count):
            os.unlink(count)
        process = subprocess.Popen(command, env=environment(k, count), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        seen = drive(process)
        try:
            out, err = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            fail(name, k, f"it hangs: {out[-300:]} {err[-300:]}")
            k += step
            continue
        wrong = None
        if process.returncode == -signal.SIGTERM and f"{name}: " in err:
            pass                                # it had said what is wrong, and was ending: its handler was gone
        elif process.returncode < 0 or process.returncode == 99 or "Sanitizer" in err or "aio_timeout.h" in err:
            wrong = "it crashes, or loses memory"
        elif k > 0 and "fail_nth: call" not in err:
            pass                                # a run makes some calls less than another
        else:
            wrong = judge(k, process.returncode, out, err, seen)
        if wrong:
            fail(name, k, f"{wrong}; exit code {process.returncode}\n{out[-400:]}{err[-900:]}")
        else:
            passed += 1
        if k == 0:
            total = calls_of(count)
            if total < 10:
                fail(name, 0, f"only {total} calls were counted")
        k += step if k else 1
    return total


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args):
        pass


def http_server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    server.handle_error = lambda request, address: None         # its peers break off
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def judge_http_get(k, code, out, err, seen):
    if code not in (0, 1):
        return "an exit code that help does not name"
    if code == 1 and not out and "http_get:" not in err:
        return "it does not say what is wrong"
    if re.search(r"(\d+) descriptors open at the start, (?!\1 )", err):
        return "a descriptor is lost"
    return "it fails without a fault" if k == 0 and code != 0 else None


def test_http_get():
    port = http_server()
    each_call("http_get", [program("http_get"), "-v", "-r", "1", "-c", "2000", "-b", "2000", "-t", "5000", f"http://127.0.0.1:{port}/",
                           f"http://127.0.0.1:{port}/two"], lambda process: None, judge_http_get)


def exchange(sock, text):
    sock.settimeout(3)
    sock.sendall(text)
    got = b""
    while len(got) < len(text):
        more = sock.recv(4096)
        if not more:
            break
        got += more
    return got


def connect(port):
    try:
        return socket.create_connection(("127.0.0.1", port), 3)
    except OSError:
        return None


def serving(says, use):
    """The drive of a server whose first line is `says`: use(port) gives what it saw, and the connections that are open at SIGTERM."""
    def drive(process):
        watchdog = threading.Timer(15, process.kill)
        watchdog.start()
        first = re.fullmatch(says, process.stdout.readline())
        seen = 0
        if first:
            seen, clients = use(int(first.group(1) if first.groups() else 0))
            if clients or not first.groups():   # if nobody could connect, it is ending
                process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
            for client in clients:
                client.close()
        watchdog.cancel()
        return seen
    return drive


def use_echo(port):
    """Three clients and four lines each, two of them in one piece. At the end a half line has come."""
    served = 0
    clients = [client for client in (connect(port) for _ in range(3)) if client]
    for client in clients:
        try:
            for line in (b"one\n", b"two\nthree\n", b"x" * 1000 + b"\n"):
                served += exchange(client, line) == line
            client.sendall(b"half")
        except OSError:
            pass
    time.sleep(0.02)
    return served, clients


def judge_echo(k, code, out, err, seen):
    if code not in (0, 1):
        return "an exit code that help does not name"
    if code == 1 and "echo:" not in err:
        return "it does not say what is wrong"
    if k == 0 and (code != 0 or seen != 9):
        return f"without a fault it answers {seen} of 9 times"
    if code == 0 and not re.search(r"left 0$", out.strip()):
        return "a connection is left"
    # One call that fails costs one connection at most.
    return f"it answers only {seen} of 9 times" if code == 0 and seen < 6 else None


def test_echo():
    each_call("echo", [program("echo"), "-p", "0", "-n", "10", "-d", "500"], serving(r"listening on (\d+)\n", use_echo), judge_echo)


def judge_health(k, code, out, err, seen):
    if code not in (0, 1, 2, 3):
        return "an exit code that help does not name"
    if code == 3 and "health:" not in err:
        return "it does not say what is wrong"
    return f"without a fault it says {out!r}" if k == 0 and code != 0 else None


def test_health():
    port = http_server()
    services = f"{scratch}/services"
    with open(services, "w") as file:
        file.write(f"web http http://localhost:{port}/ 2000\ntcp tcp 127.0.0.1:{port} 2000\n")
    each_call("health", [program("health"), "-s", f"{scratch}/state", services], lambda process: None, judge_health)


def use_cached(port):
    """Four requests over two connections. At the end half a request has come."""
    served = 0
    for path in ("/a", "/b"):
        try:
            with socket.create_connection(("127.0.0.1", port), 3) as client:
                client.settimeout(3)
                for _ in range(2):
                    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    got = b""
                    while not got.endswith(b"hello"):
                        more = client.recv(4096)
                        if not more:
                            raise OSError
                        got += more
                    served += 1
        except OSError:
            pass
    last = connect(port)
    if last:
        try:
            last.sendall(b"GET /c HT")
        except OSError:
            pass
    time.sleep(0.02)
    return served, [last] if last else []


def judge_cached(k, code, out, err, seen):
    if code not in (0, 1, 2):
        return "an exit code that its head does not name"
    if code != 0 and "cached:" not in err:
        return "it does not say what is wrong"
    if k == 0 and (code != 0 or seen != 4):
        return f"without a fault it answers {seen} of 4 times"
    return f"it answers only {seen} of 4 times" if code == 0 and seen < 2 else None


def test_cached():
    each_call("cached", [program("cached"), "-p", "0", "-o", f"http://127.0.0.1:{http_server()}", "-g", "500"],
              serving(r"listening on (\d+)\n", use_cached), judge_cached)


def judge_shutdown(k, code, out, err, seen):
    if code == 0 and not out.endswith("stopped\n"):
        return "it ends without its clean-up"
    return f"without a fault it says {out!r}" if k == 0 and code != 0 else None


def test_shutdown():
    each_call("shutdown", [program("shutdown"), "10"], serving("serving\n", lambda port: (0, [])), judge_shutdown)


shim = compile_all()
for test in [test_http_get, test_shutdown, test_echo, test_health, test_cached]:
    test()
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
