# server.py - an HTTP server that is no good. Prints its port.  /half: ends in the middle of the body.  /nothing: closes without an answer.
# Anything else is never answered.
import socket, threading

def serve(connection):
    path = connection.recv(4096).split(b' ')[1:2]
    if path == [b'/half']:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789')
    if path in ([b'/half'], [b'/nothing']):
        connection.close()
    else:
        while connection.recv(4096): pass

listener = socket.create_server(('127.0.0.1', 0), backlog=256)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
