"""server.py DIRECTORY FILE [NGINX]: servers on loopback for the tests of http_get, most of them badly behaved.

Every port is chosen by the kernel.  FILE gets one line `name=port` for each server, when all of them answer:

    files     http.server over DIRECTORY            resets    accepts and resets
    bad       what BEHAVIOURS below says            refused   bound, but not listening
    six       the same on [::1], if there is IPv6   full      its backlog is full: a SYN gets no answer, if the kernel does that
    nginx     over DIRECTORY, if NGINX is its path  localhost the port of files, if localhost is also [::1], where it refuses

Ends with SIGTERM, and by itself after two minutes.
"""
import functools, http.server, os, re, select, signal, socket, struct, subprocess, sys, threading, time

directory, ports_file = sys.argv[1:3]
nginx_path = sys.argv[3] if len(sys.argv) > 3 else ""
lock = threading.Lock()
flaky = {}                      # path -> requests so far
delayed = [0, 0]                # requests to /delay being served, and the most at once


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def wait_for_client(connection):
    while connection.recv(4096):
        pass


def answer(connection, body=b"", status="200 OK", *fields):
    head = ["HTTP/1.0 " + status, "Content-Length: %d" % len(body), *fields]
    connection.sendall("\r\n".join(head + ["", ""]).encode() + body)


def drip(connection):
    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(100):
        time.sleep(1)
        connection.sendall(b"x")


def stall_in_header(connection):
    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-")
    wait_for_client(connection)


def reset_in_body(connection):
    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")
    time.sleep(0.05)
    reset(connection)


def fail_three_times(connection, path):
    with lock:
        flaky[path] = flaky.get(path, 0) + 1
        count = flaky[path]
    answer(connection, b"x" * count, "500 Sorry" if count <= 3 else "200 OK")


def delay(connection):
    with lock:
        delayed[0] += 1
        delayed[1] = max(delayed)
    time.sleep(0.2)
    with lock:
        delayed[0] -= 1
    answer(connection, b"ok")


def most_delayed(connection):
    """As many bytes as requests were delayed at once."""
    with lock:
        most, delayed[1] = delayed[1], 0
    answer(connection, b"x" * most)


def byte_by_byte(connection):
    for byte in b"HTTP/1.1 200 OK\r\nX-Some: thing\r\nCONTENT-LENGTH:\t 5 \r\n\r\n12345":
        connection.sendall(bytes([byte]))
        time.sleep(0.002)


def header_of(size):
    head = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\nX: %s\r\n\r\n"
    return head % (b"x" * (size - len(head) + 2)) + b"abc"


def raw(data):
    return lambda connection: connection.sendall(data)


def with_length(value):
    return raw(b"HTTP/1.0 200 OK\r\nContent-Length: %s\r\n\r\n12345" % value)


BEHAVIOURS = {
    "/never": wait_for_client,
    "/stall-in-header": stall_in_header,
    "/drip": drip,
    "/reset": reset_in_body,
    "/close": lambda connection: None,
    "/close-in-header": raw(b"HTTP/1.0 200 OK\r\nContent-Le"),
    "/half": raw(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"),
    "/500": lambda connection: answer(connection, b"sorry", "500 Sorry"),
    "/404": lambda connection: answer(connection, b"nothing", "404 Not here"),
    "/302": lambda connection: answer(connection, b"", "302 There", "Location: /never"),
    "/204": raw(b"HTTP/1.0 204 Nothing\r\nContent-Length: 5\r\n\r\n"),
    "/delay": delay,
    "/most": most_delayed,
    "/no-length": raw(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 54321),
    "/no-reason": raw(b"HTTP/1.0 200\r\nContent-Length: 2\r\n\r\nok"),
    "/bare-lf": raw(b"HTTP/1.0 200 OK\nContent-Length: 2\n\nok"),
    "/byte-by-byte": byte_by_byte,
    "/more-than-length": with_length(b"2"),
    "/same-length-twice": with_length(b"5\r\nContent-Length: 5"),
    "/garbage": raw(b"220 mail.example.org ESMTP\r\n"),
    "/status-2x0": raw(b"HTTP/1.0 2x0 OK\r\n\r\n"),
    "/status-2000": raw(b"HTTP/1.0 2000 OK\r\n\r\n"),
    "/status-100": raw(b"HTTP/1.0 100 Continue\r\n\r\n"),
    "/length-garbage": with_length(b"12abc"),
    "/length-empty": with_length(b""),
    "/length-negative": with_length(b"-5"),
    "/length-overflow": with_length(b"18446744073709551621"),
    "/length-twice": with_length(b"5\r\nContent-Length: 6"),
    "/chunked": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
    "/header-8192": raw(header_of(8192)),
    "/header-8193": raw(header_of(8193)),
    "/header-endless": raw(b"HTTP/1.0 200 OK\r\nX: " + b"x" * 100000),
}


def serve_badly(connection):
    """Reads one request, which must be as it should, and does what its path says."""
    with connection:
        try:
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(4096) or b"\r\n\r\n"
            name = connection.getsockname()
            host = "%s:%d" % ("[%s]" % name[0] if ":" in name[0] else name[0], name[1])
            match = re.fullmatch(r"GET (/\S*) HTTP/1\.0\r\nHost: %s\r\nConnection: close\r\n\r\n" % re.escape(host), request.decode())
            path = match.group(1) if match else ""
            if path.startswith("/bytes/"):
                answer(connection, b"x" * int(path[7:]))
            elif path.startswith("/flaky/"):
                fail_three_times(connection, path)
            elif path.startswith("/long-path/"):
                answer(connection, path.encode())
            elif path == "/?query":
                answer(connection, b"query")
            elif path in BEHAVIOURS:
                BEHAVIOURS[path](connection)
            else:
                answer(connection, b"", "400 What?")
        except OSError:
            pass                # the client has had enough


def accept_with(serve, family=socket.AF_INET, host="127.0.0.1"):
    """A thread that serves each connection in a thread of its own.  Returns the port."""
    listener = socket.socket(family)
    listener.bind((host, 0))
    listener.listen(512)

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        pass                    # the client has had enough


def end(*_):
    if nginx:
        nginx.terminate()
        nginx.wait(5)
    os._exit(0)


nginx = None
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGALRM, end)
signal.alarm(1200)                              # run.sh stops it; if that was killed, it ends by itself

kept = []                       # sockets that stay open
ports = {}

files = Server(("127.0.0.1", 0), functools.partial(Files, directory=directory))
threading.Thread(target=files.serve_forever, daemon=True).start()
ports["files"] = files.server_port
ports["bad"] = accept_with(serve_badly)
ports["resets"] = accept_with(reset)

refused = socket.socket()
refused.bind(("127.0.0.1", 0))
kept.append(refused)
ports["refused"] = refused.getsockname()[1]

full = socket.socket()
full.bind(("127.0.0.1", 0))
full.listen(0)
for _ in range(16):
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(full.getsockname())
    kept.append(filler)
    if not select.select([], [filler], [], 0.2)[1]:
        ports["full"] = full.getsockname()[1]
        break

try:
    ports["six"] = accept_with(serve_badly, socket.AF_INET6, "::1")
    refusing = socket.socket(socket.AF_INET6)
    refusing.bind(("::1", ports["files"]))
    kept.append(refusing)
    found = {address[4][0] for address in socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)}
    if {"127.0.0.1", "::1"} <= found:
        ports["localhost"] = ports["files"]
except OSError:
    pass                        # no IPv6 here

if nginx_path:
    listener = socket.socket()  # nginx takes over a socket that is listening already: the port cannot be lost between us
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    ports["nginx"] = listener.getsockname()[1]
    home = os.path.join(os.path.dirname(os.path.abspath(ports_file)), "nginx")
    os.mkdir(home)
    temporary = "".join("%s_temp_path %s; " % (kind, home) for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(os.path.join(home, "conf"), "w") as conf:
        conf.write("daemon off; worker_processes 1; pid %s/pid; error_log %s/log; events { }\n" % (home, home))
        conf.write("user root;\n" if os.geteuid() == 0 else "")
        conf.write("http { access_log off; %s server { listen 127.0.0.1:%d; root %s; } }\n"
                   % (temporary, ports["nginx"], os.path.abspath(directory)))
    nginx = subprocess.Popen([nginx_path, "-p", home, "-c", os.path.join(home, "conf")], pass_fds=[listener.fileno()],
                             env=dict(os.environ, NGINX="%d;" % listener.fileno()), stderr=subprocess.DEVNULL)
    listener.close()

with open(ports_file + ".new", "w") as new:
    new.write("".join("%s=%d\n" % item for item in ports.items()))
os.rename(ports_file + ".new", ports_file)
while True:
    signal.pause()
