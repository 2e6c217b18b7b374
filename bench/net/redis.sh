#!/bin/sh
# redis.sh [BUILD]: GETs a second over one connection, 50 at once, with aiot_hiredis.h and with hiredis' own adapter for libuv, in turn. The
# server is started on loopback and stopped. GETS=200000 ROUNDS=5
set -eu
cd "$(dirname "$0")/../.."
out=${1:-build}/bench/net
gets=${GETS:-200000}
for program in redis-server pkg-config python3; do
    command -v $program >/dev/null || { echo "skipped: Redis: $program is not installed"; exit 0; }
done
pkg-config --exists hiredis libuv || { echo "skipped: Redis: libhiredis-dev or libuv1-dev is not installed"; exit 0; }
mkdir -p "$out"
# shellcheck disable=SC2046
for name in ours uv; do
    ${CC:-cc} -O2 -std=gnu11 -I. bench/net/redis_$name.c -o "$out/redis_$name" $(pkg-config --cflags --libs hiredis libuv)
done
scratch=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$scratch" >"$scratch/log" 2>&1 &
server=$!
trap 'kill "$server"; rm -rf "$scratch"' EXIT
until grep -q 'Ready to accept' "$scratch/log"; do sleep 0.05; done
for _ in $(seq "${ROUNDS:-5}"); do
    for name in ours uv; do "$out/redis_$name" "$port" "$gets" >>"$scratch/$name"; done
done
echo "GETs a second, 50 at once over one connection: most and median of ${ROUNDS:-5} rounds of $gets"
for name in ours uv; do
    sort -n "$scratch/$name" | awk -v name=$name '{ v[NR] = $1 } END { printf "  %-20s %8d %8d\n", name == "ours" ? "aiot_hiredis.h" : "hiredis with libuv", v[NR], v[int((NR + 1) / 2)] }'
done
