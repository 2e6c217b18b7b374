#!/bin/sh
# run.sh BUILD: random programs made now, run by CPython 3.13 or later and by the header, and compared. By environment:
#   N=2000      programs of what asyncio has, on the host's loop, and on the small one with times of 64, 16 and 32 bits, of which the last
#               skips turns; clocks wrap
#   BEYOND=$N   programs of what asyncio has not, against its twin (tests/beyond), on the same loops
#   BLOCKS=N/40 nests of blocks as C and Python source, on both loops: compiled by tcc, and 25 of each 5000 by $CC with $SANITIZE; without
#               tcc, all by $CC
#   SEED=...    the first program's; the others' follow. Default: the time
#   JOBS=...    so many pieces of a few thousand programs at a time. Default: a job for each core
#   MINUTES=... no piece begins after that time; what is done by then counts
# A difference is printed with the command that repeats it alone. Ends with "N passed, N failed".
# run.sh --can: is there such a CPython?
cd "$(dirname "$0")/../.." || exit 2
here=tests/fuzz

# Called through xargs below: run.sh --piece KIND FIRST COUNT. Appends "KIND passed failed skipped message-only" to $scratch/results.
failed() { # first what
    sed 's/^/    /' "$own/why"
    case $kind in
    programs) repeat="SEED=$1 N=1 BEYOND=0 BLOCKS=0" ;;
    beyond)   repeat="SEED=$1 N=0 BEYOND=1 BLOCKS=0" ;;
    blocks)   repeat="SEED=$1 N=0 BEYOND=0 BLOCKS=1" ;;
    esac
    echo "FAILED $2; make fuzz $repeat${SANITIZE:+ SAN=1} repeats it alone"
    echo "$kind 0 1 0 0" >>"$scratch/results"
}

run_programs() { # first count
    case $kind in
    programs) makes=tests/fuzz/asyncio_side.py may_differ=$((3 + $2 / 1000)) ;;     # in a message only: one of 4000 does
    beyond)   makes=tests/beyond/random_side.py may_differ=$((8 + $2 / 400)) ;;
    esac
    "$python" "$makes" "$1" "$2" >"$own/corpus" 2>"$own/why" || { failed "$1" "$makes"; return; }
    for side in aiot_side aiot_side_small aiot_side_ticks aiot_side_skips; do
        if timeout 600 "$build/tests/fuzz/$side" "$own/corpus" "$may_differ" >"$own/why" 2>&1; then
            tail -n 1 "$own/why" | tr -d , | { read -r p _ f _ s _ m _; echo "$kind $p $f $s $m"; } >>"$scratch/results"
        elif grep -q "^DIFFERS" "$own/why" || [ "$2" -eq 1 ]; then
            differs=$(sed -n 's/^DIFFERS program //p' "$own/why" | head -n 1)
            failed "${differs:-$1}" "$side"
        elif grep -q "differ in a message only$" "$own/why"; then
            failed "$1" "$side: too many of $2 programs"
        else                                    # a crash says not which program: half of them, then
            run_programs "$1" $(($2 / 2))
            run_programs $(($1 + $2 / 2)) $(($2 - $2 / 2))
            return
        fi
    done
}

run_blocks() { # first count compiler...
    first=$1 count=$2
    shift 2
    "$python" $here/blocks.py "$first" "$count" "$own/blocks.c" "$own/blocks.txt" >"$own/count" 2>"$own/why" ||
        { failed "$first" blocks.py; return; }
    for small in 0 1; do
        if ! "$@" -std=c11 -w -DAIOT_DEBUG=1 -DAIOT_SMALL=$small -I. -Iexamples/asyncio "$own/blocks.c" -o "$own/blocks" 2>"$own/why"; then
            failed "$first" "$1 on one of $count nests"
        elif timeout 600 "$own/blocks" >"$own/out" 2>"$own/why" && cmp "$own/blocks.txt" "$own/out" >"$own/why" 2>&1; then
            echo "blocks $(cat "$own/count") 0 0 0" >>"$scratch/results"
        else
            line=$(sed -n 's/.* line //p' "$own/why")
            diff "$own/blocks.txt" "$own/out" | head -n 30 >>"$own/why"
            differs=$(tail -n "+${line:-1}" "$own/blocks.txt" | sed -n 's/^\[t=[0-9.]*\] \([0-9]*\): .*/\1/p' | head -n 1)
            failed "$differs" "$1, AIOT_SMALL $small"
        fi
    done
}

if [ "$1" = --piece ]; then
    if [ "$(date +%s)" -ge "$until" ]; then exit 0; fi
    kind=$2
    own=$(mktemp -d "$scratch/piece.XXXXXX") || exit 2
    if [ "$kind" != blocks ]; then
        run_programs "$3" "$4"
    else
        few=$(($4 < 25 ? $4 : 25))
        if [ $((($3 - seed) % 5000)) -ne 0 ]; then few=0; fi
        if command -v tcc >/dev/null; then run_blocks "$3" "$4" tcc; else few=$4; fi
        # shellcheck disable=SC2086
        if [ "$few" -gt 0 ]; then run_blocks "$3" "$few" ${CC:-cc} -O0 $SANITIZE; fi
    fi
    rm -rf "$own"
    echo "$kind $3 to $(($3 + $4 - 1)) done"
    exit 0
fi

newer='import sys; sys.exit(sys.version_info < (3, 13))'
python=
for p in $PYTHON python3 python3.14 python3.13 "$HOME"/.pyenv/versions/3.1[3-9]*/bin/python3; do
    if "$p" -c "$newer" 2>/dev/null; then python=$p; break; fi
done
if [ "$1" = --can ]; then [ -n "$python" ]; exit; fi
if [ -z "$python" ]; then echo "make fuzz needs CPython 3.13 or later: name it as PYTHON=..." >&2; exit 1; fi
build=$1 seed=${SEED:-$(date +%s)} N=${N:-2000}
echo "seed $seed (SEED=$seed repeats this run), $("$python" -V)"
scratch=$(mktemp -d) || exit 2                  # of this run alone: what an interrupted one has started may still be writing
trap 'rm -rf "$scratch"' EXIT
until=$(($(date +%s) + ${MINUTES:-100000} * 60))
export build python scratch seed until CC SANITIZE
: >"$scratch/results"

pieces() { # kind count size: each with its place among all of its kind, so that the kinds take turns
    at=0
    while [ $at -lt "$2" ]; do
        echo "$((at * 1000 / $2)) $1 $((seed + at)) $(($2 - at < $3 ? $2 - at : $3))"
        at=$((at + $3))
    done
}
{
    pieces blocks "${BLOCKS:-$((N / 40))}" 500
    pieces programs "$N" 4000
    pieces beyond "${BEYOND:-$N}" 4000
} | sort -s -n -k 1,1 | cut -d' ' -f 2- | xargs -L 1 -P "${JOBS:-$(nproc 2>/dev/null || echo 2)}" "$here/run.sh" --piece || exit 1

awk '{ passed[$1] += $2; failed += $3; skipped[$1] += $4; messages[$1] += $5; all += $2 }
     END { for (kind in passed)
               printf "%s: %d runs the same, %d skipped, %d differ in a message only\n", kind, passed[kind], skipped[kind], messages[kind]
           printf "%d passed, %d failed\n", all, failed
           exit failed > 0 || all == 0 }' "$scratch/results"
