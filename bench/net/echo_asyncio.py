"""echo_asyncio.py [-u] -p PORT -n CONNECTIONS -i IDLE_MS: the service of server.h with asyncio, or with uvloop for -u.

As kind as asyncio allows: a protocol, without a task and a stream for each connection.  The limit is a loop.call_later(), cancelled and
armed anew for every piece that is read.

debian: python3-uvloop
"""
import argparse
import asyncio
import resource
import signal
import socket

LINE = 1024
BACKLOG = 4096


class Connection(asyncio.Protocol):
    def __init__(self, loop, idle_s, places):
        self.loop, self.idle_s, self.places = loop, idle_s, places
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=0)       # an answer that is not taken at once calls pause_writing()
        self.arm()

    def connection_lost(self, error):
        self.limit.cancel()
        self.places.release()

    def arm(self):
        self.limit = self.loop.call_later(self.idle_s, self.transport.abort)

    def data_received(self, data):
        self.limit.cancel()
        self.arm()
        if self.buffer:
            data = self.buffer + data
        if data[-1] == 10:                              # what it is nearly always
            self.buffer, lines = b"", data
        else:
            end = data.rfind(b"\n") + 1
            self.buffer, lines = data[end:], data[:end]
            if len(self.buffer) >= LINE:
                self.transport.abort()
                return
        if lines:
            self.transport.write(lines)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.limit.cancel()
        self.arm()
        self.transport.resume_reading()


async def serve(listener, connections, idle_s):
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    places = asyncio.Semaphore(connections)
    print("listening on", listener.getsockname()[1], flush=True)
    while True:
        await places.acquire()
        peer, _ = await loop.sock_accept(listener)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.connect_accepted_socket(lambda: Connection(loop, idle_s, places), peer)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-u", action="store_true")
    parser.add_argument("-p", type=int, default=0)
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("-i", type=int, default=60000)
    option = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if option.u:
        import uvloop
        uvloop.install()
    with socket.create_server(("127.0.0.1", option.p), backlog=BACKLOG) as listener:
        listener.setblocking(False)
        try:
            asyncio.run(serve(listener, option.n, option.i / 1000))
        except asyncio.CancelledError:
            pass


main()
