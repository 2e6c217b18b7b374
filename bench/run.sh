#!/bin/sh
# run.sh BUILD: builds bench.c with -O2 and runs it: the table of ns per operation beside the bare loop, then whole programs under
# hyperfine, whose results go to BUILD/bench/*.json.
build=${1:-build}
cd "$(dirname "$0")/.." || exit 2
if ! command -v hyperfine >/dev/null; then
    echo "make bench needs hyperfine, which is not installed (Debian: apt-get install hyperfine)." >&2
    exit 1
fi
mkdir -p "$build/bench" || exit 2
${CC:-cc} -std=c11 -O2 -I. bench/bench.c -o "$build/bench/bench" || exit 1
echo "ns per operation: minimum and median of 7 interleaved rounds, ratio of the minima to the bare loop (${CC:-cc} -O2)"
"$build/bench/bench" || exit 1
echo
echo "whole programs of 10 million operations, 100 tasks (hyperfine)"
for name in yield-100 await-16 timed-wait; do
    hyperfine --shell=none --style=basic --warmup 1 --runs 5 --export-json "$build/bench/$name.json" \
        -n "bare" "$build/bench/bench bare-100 10000000" -n "$name" "$build/bench/bench $name 10000000" 2>/dev/null |
        grep -E 'Time|Benchmark|faster|times' 
done
echo "exported to $build/bench/*.json"
