#!/bin/sh
# run.sh [NAME...]: tests the adapters of examples/adapters against the real thing, on loopback. NAME: stream, pool, child, signal, sqlite, curl,
# hiredis, pq, uv, glib; all without one. Each is built with sanitizers and debug checks, plainly, and for another way to watch descriptors
# or with ThreadSanitizer. One line for each failure, and a last line with the counts.
# Needs pkg-config and the libraries; nginx and python3 for curl, redis-server for hiredis, PostgreSQL for pq. What is not installed is
# skipped; STRICT=1: a failure.
# shellcheck disable=SC2086,SC2317
cd "$(dirname "$0")/../.." || exit 2
CC=${CC:-gcc}
warnings='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wundef -Wvla -Werror'
sanitize='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DAIOT_DEBUG=1'
passed=0
failed=0
pids=
scratch=$(mktemp -d) || exit 2
stop() {
    for pid in $pids; do kill "$pid" && wait "$pid"; done 2>/dev/null
    pids=
}
trap 'stop; rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# All of them: in two halves, side by side.
if [ $# -eq 0 ]; then
    tests/adapters/run.sh stream pool signal curl uv >"$scratch/half" 2>&1 &
    tests/adapters/run.sh child sqlite hiredis pq glib >"$scratch/other_half" 2>&1
    wait
    cat "$scratch/half" "$scratch/other_half" | grep -v ' passed, '
    for half in half other_half; do
        last=$(tail -n 1 "$scratch/$half" | grep ' passed, ') || last="0 passed, 1 failed"
        last_failed=${last#*, }
        passed=$((passed + ${last%% *})) failed=$((failed + ${last_failed%% *}))
    done
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
    exit
fi

# until_true COMMAND...: waits for it, 10 seconds at most.
until_true() {
    tries=0
    until "$@" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { echo "run.sh: no answer: $*" >&2; return 1; }
        sleep 0.05
    done
}
has_bytes() { [ -s "$1" ]; }
accepts() { python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

serve_curl() {
    mkdir -p "$scratch/www"
    python3 -c 'import sys; sys.stdout.write("".join(chr(97 + i % 26) for i in range(5000)))' >"$scratch/www/small"
    head -c 20000000 /dev/zero >"$scratch/www/large"
    good=$(free_port)
    cat >"$scratch/nginx.conf" <<END
daemon off; master_process off; pid $scratch/nginx.pid; error_log $scratch/error.log;
events { worker_connections 1024; }
http {
    access_log off; client_body_temp_path $scratch/t1; proxy_temp_path $scratch/t2; fastcgi_temp_path $scratch/t3;
    uwsgi_temp_path $scratch/t4; scgi_temp_path $scratch/t5;
    server {
        listen 127.0.0.1:$good backlog=512; root $scratch/www;
        location /slow { alias $scratch/www/large; limit_rate 1m; }
    }
}
END
    nginx -p "$scratch" -c "$scratch/nginx.conf" 2>"$scratch/nginx.err" & pids="$pids $!"
    python3 tests/adapters/server.py >"$scratch/bad" & pids="$pids $!"
    until_true accepts "$good" && until_true has_bytes "$scratch/bad" || return 1
    arguments="http://127.0.0.1:$good http://127.0.0.1:$(cat "$scratch/bad")"
}

# A server that comes back 0.3 s after it was killed.
serve_hiredis() {
    port=$(free_port)
    (
        trap 'kill -9 "$server"; exit 0' TERM
        while :; do
            redis-server --port "$port" --bind 127.0.0.1 --unixsocket "$scratch/socket" --save '' --appendonly no --dir "$scratch" \
                >"$scratch/redis.log" 2>&1 & server=$!
            wait "$server"
            sleep 0.3
        done
    ) 2>/dev/null & pids="$pids $!"
    until_true test -S "$scratch/socket" || return 1    # then it has the port, too
    arguments="$port $scratch/socket"
}

skip() { # name what
    if [ "${STRICT:-0}" = 1 ]; then failed=$((failed + 1)); echo "FAILED $1: $2 is not installed"; else echo "skipped $1: $2 is not installed"; fi
}

# build_and_run NAME OPTIONS...: it must compile in silence, and hold.
build_and_run() {
    name=$1
    shift
    if $CC $warnings "$@" -I. -Itests/unit -Iexamples/adapters $cflags tests/adapters/$name.c -o "$scratch/$name" $libs -pthread 2>"$scratch/why" &&
        timeout 120 $with "$scratch/$name" $arguments >"$scratch/why" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name $*"
        head -n 30 "$scratch/why"
    fi
}

fixed="setarch $(uname -m) -R"                  # where the kernel scatters memory widely, older ThreadSanitizers do not start every time
$fixed true 2>/dev/null || fixed=
for name in "$@"; do
    package= needs= with= arguments=
    case $name in
    stream | child | signal) third=-DAIOT_POLL=2 ;;
    pool) third=-fsanitize=thread ;;
    sqlite) third=-fsanitize=thread package=sqlite3 ;;
    curl) third=-DAIOT_POLL=2 package=libcurl needs='nginx python3' ;;
    hiredis) third=-DAIOT_POLL=2 package=hiredis needs='redis-server python3' ;;
    pq) third=-DAIOT_POLL=2 package=libpq with=tests/adapters/pq.sh ;;
    uv) third=-DAIOT_THREADS=1 package=libuv ;;
    glib) third=-DAIOT_THREADS=1 package=glib-2.0 ;;
    *) echo "run.sh: there is no adapter $name" >&2; exit 2 ;;
    esac
    for program in $needs; do
        command -v $program >/dev/null || { skip $name $program; continue 2; }
    done
    cflags='' libs=''
    if [ -n "$package" ]; then
        pkg-config --exists $package || { skip $name $package; continue; }
        cflags=$(pkg-config --cflags $package) libs=$(pkg-config --libs $package)
    fi
    case $name in
    curl | hiredis) serve_$name || { failed=$((failed + 1)); continue; } ;;
    pq) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || [ -n "${PG_BIN:-}" ] || { skip pq postgresql; continue; } ;;
    esac
    build_and_run $name -std=gnu11 $sanitize
    build_and_run $name -std=c11 -D_POSIX_C_SOURCE=200809L -O2
    case $third in
    *thread) with=$fixed; build_and_run $name -std=gnu11 -g -O1 $third ;;
    *) build_and_run $name -std=gnu11 $sanitize $third ;;
    esac
    stop
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
