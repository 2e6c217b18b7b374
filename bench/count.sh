#!/bin/sh
# count.sh BUILD: instructions per operation of the hot paths, under valgrind's callgrind: figures without noise, for every commit.
# Setting up cancels out: it is the difference between COUNT and 3 * COUNT operations.  Built without the option that pads jumps
# (README.md), whose padding would be counted.  The ceilings are for gcc 12 and x86-64; other compilers count a little differently.
set -eu
ceilings='
yield-1            scheduling  100000   32.4
yield-100          scheduling  100000   33
await-16           scheduling  100000   34
spawn              scheduling   50000  110
spawn-end          scheduling   50000   75
spawn-cancel       scheduling   50000  328
timed-wait         scheduling   50000  155
timed-block        scheduling   50000  164
timer-cancel-1000  timers      200000   66
timer-rearm-1000   timers      200000   59
timer-expire-1000  timers       50000  343
'
build=${1:-build}
cd "$(dirname "$0")/.."
# shellcheck source=bench/common.sh
. bench/common.sh
need valgrind valgrind

instructions() { # program workload count
    valgrind --tool=callgrind --callgrind-out-file="$out/callgrind.$2.out" "$out/$1-counted" -1 "$2" "$3" 2>"$scratch/callgrind.log" ||
        { cat "$scratch/callgrind.log" >&2; exit 1; }
    sed -n 's/.*Collected : //p' "$scratch/callgrind.log"
}

for program in scheduling timers; do build_ours "bench/$program.c" "$out/$program-counted" ""; done
# shellcheck disable=SC2086 # CC may be "gcc -m32"
echo "instructions per operation ($(${CC:-cc} --version | head -n 1), -O2)"
echo "$ceilings" | {
    over=0
    while read -r workload program count ceiling; do
        if [ -z "$workload" ]; then continue; fi
        still_wanted
        few=$(instructions "$program" "$workload" "$count")
        many=$(instructions "$program" "$workload" $((3 * count)))
        awk -v name="$workload" -v each="$(((many - few) * 100 / (2 * count)))" -v ceiling="$ceiling" 'BEGIN {
            over = each / 100 > ceiling
            printf "%-20s %9.2f  ceiling %7.1f  %s\n", name, each / 100, ceiling, (over ? "MISS" : "pass")
            exit over }' || over=1
    done
    exit "$over"
}
