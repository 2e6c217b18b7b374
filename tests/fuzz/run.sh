#!/bin/sh
# run.sh BUILD COUNT: COUNT random programs and COUNT/40 random nests of blocks, made now, run by CPython 3.13 or later and by the header,
# and compared; the programs on the host's loop, and on the small one with times of 64, 16 and 32
# bits, of which the last skips turns; clocks wrap. Then COUNT programs of what asyncio has not, against its twin: tests/beyond.
# Ends with "N passed, N failed".
# run.sh --can: is there such a CPython?
build=$1 count=${2:-2000}
cd "$(dirname "$0")/../.." || exit 2
newer='import sys; sys.exit(sys.version_info < (3, 13))'
python=
for p in $PYTHON python3 python3.14 python3.13 "$HOME"/.pyenv/versions/3.1[3-9]*/bin/python3; do
    if "$p" -c "$newer" 2>/dev/null; then python=$p; break; fi
done
if [ "$1" = --can ]; then [ -n "$python" ]; exit; fi
if [ -z "$python" ]; then echo "make fuzz needs CPython 3.13 or later: name it as PYTHON=..." >&2; exit 1; fi
seed=${SEED:-$(date +%s)}
echo "seed $seed (SEED=$seed repeats this run)"
scratch=$(mktemp -d) || exit 2                  # of this run alone: what an interrupted one has started may still be writing
trap 'rm -rf "$scratch"' EXIT
"$python" tests/fuzz/asyncio_side.py "$seed" "$count" >"$scratch/corpus.txt" 2>"$scratch/why" ||
    { tail -n 3 "$scratch/why"; echo "asyncio_side.py failed: 0 passed, 1 failed"; exit 1; }
passed=0
# One program in 2000 differs in a message only.
for side in aiot_side aiot_side_small aiot_side_ticks aiot_side_skips; do
    programs=$("$build/tests/fuzz/$side" "$scratch/corpus.txt" $((5 + count / 500))) || { echo "$side: $programs"; echo "0 passed, 1 failed"; exit 1; }
    echo "$side: $programs"
    passed=$((passed + ${programs%% *}))
done
"$python" tests/beyond/random_side.py "$seed" "$count" >"$scratch/beyond.txt" 2>"$scratch/why" ||
    { tail -n 3 "$scratch/why"; echo "random_side.py failed: 0 passed, 1 failed"; exit 1; }
for side in random_side random_side_small random_side_ticks; do
    programs=$("$build/tests/beyond/$side" "$scratch/beyond.txt" $((10 + count / 200))) || { echo "$side: $programs"; echo "0 passed, 1 failed"; exit 1; }
    echo "$side: $programs"
    passed=$((passed + ${programs%% *}))
done
blocks=$((count / 40))
"$python" tests/fuzz/blocks.py "$seed" "$blocks" "$scratch/blocks.c" "$scratch/blocks.txt" || exit 1
${CC:-cc} -std=c11 -O0 -w -DAIOT_DEBUG=1 -I. -Iexamples/asyncio "$scratch/blocks.c" -o "$scratch/blocks" || exit 1
"$scratch/blocks" | diff "$scratch/blocks.txt" - >"$scratch/diff" || { head "$scratch/diff"; echo "0 passed, 1 failed"; exit 1; }
echo "nests of blocks: $blocks the same"
echo "$((passed + blocks)) passed, 0 failed"
