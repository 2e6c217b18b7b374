#!/bin/sh
# pq.sh PROGRAM...: starts a PostgreSQL server of its own on loopback and runs each PROGRAM CONNINFO SOCKETS against it. One line for each
# failure, and a last line with the counts. Needs the server's programs: PG_BIN, or the newest of Debian's packages. The server does not run
# as root: as root, it runs as the user postgres, or as nobody.
PG_BIN=${PG_BIN:-$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)}
PG_BIN=${PG_BIN%/initdb}
[ -x "$PG_BIN/postgres" ] || { echo "pq.sh: no PostgreSQL server: skipped"; exit 0; }

server=
dir=$(mktemp -d) || exit 2
trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server"; } 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# A function would be a shell between us and the server: $! has to be the server's.
as=
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    as="setpriv --reuid=$(id -u "$user") --regid=$(id -g "$user") --clear-groups"
    chown "$user" "$dir" || exit 2
fi
# shellcheck disable=SC2086
(cd "$dir" && $as "$PG_BIN/initdb" -A trust -U tester -N --locale=C -E UTF8 -D "$dir/data" >"$dir/log" 2>&1) || { cat "$dir/log"; exit 2; }

# Another program may have the port: then the server ends, and the next one is tried.
up() { "$PG_BIN/pg_isready" -q -h "$dir" -p "$port" && "$PG_BIN/pg_isready" -q -h 127.0.0.1 -p "$port"; }
start() {
    cd "$dir" || exit 2
    # shellcheck disable=SC2086
    exec $as "$PG_BIN/postgres" -D "$dir/data" -k "$dir" -h 127.0.0.1 -p "$port" -c fsync=off >>"$dir/log" 2>&1
}
port=$((20000 + $$ % 20000))
for try in 1 2 3 4 5 6 7 8 9 10; do
    start &
    server=$!
    waits=0
    until up || ! kill -0 "$server" 2>/dev/null || [ "$waits" = 300 ]; do sleep 0.1; waits=$((waits + 1)); done
    if kill -0 "$server" 2>/dev/null && up; then break; fi
    { kill -INT "$server"; wait "$server"; } 2>/dev/null
    server=
    port=$((port + 7 * try))
done
[ -n "$server" ] || { cat "$dir/log"; echo "pq.sh: the server does not start"; exit 2; }

passed=0
failed=0
for program in "$@"; do
    if timeout 60 "$program" "host=127.0.0.1 user=tester dbname=postgres port=$port" "host=$dir user=tester dbname=postgres port=$port" \
        >"$dir/why" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $program"
        head -n 12 "$dir/why"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
