#!/bin/sh
# quick.sh BUILD: our figures that have a goal or are known, in about half a minute; needs a C compiler only.  `pass` has reached its goal,
# `MISS` has not.  Fails when a ratio is more than 1.5 times its goal, or, where there is none, what is known of README.md's CPUs, even when
# measured again three times: less may be the machine's noise.
set -eu
build=${1:-build}
cd "$(dirname "$0")/.."
# shellcheck source=bench/common.sh
. bench/common.sh
lines=$scratch/quick.tsv            # executable, then what `-t` prints: program, workload, ns, median, bare, ratio, goal, known ratio
flag=$(branch_flag c)
: >"$lines"

measure() { # executable rounds workload...
    still_wanted
    # shellcheck disable=SC2086 # a list
    "$out/$1" -t -r "$2" $3 >"$scratch/measured"
    awk -v executable="$1" '{ print executable "\t" $0 }' "$scratch/measured" >>"$lines"
}

figures() { # what: "table", or "slow EXECUTABLE"; ratios are those of the least figures of all rounds
    awk -F '\t' -v what="$1" -v wanted="${2-}" '
        {
            key = $1 "\t" $3
            if (!(key in ns)) { order[++n] = key; ns[key] = $4; bare[key] = $6 }
            if ($4 < ns[key]) ns[key] = $4
            if ($6 < bare[key]) bare[key] = $6
            spread[key] = $5
            goal[key] = $8
            known[key] = $9
            name[key] = $3
        }
        END {
            if (what == "table") printf "%-32s %9s %9s %8s %7s %8s\n", "", "ns", "bare ns", "ratio", "goal", "known"
            for (i = 1; i <= n; i++) {
                key = order[i]; ratio = ns[key] / bare[key]; split(key, part, "\t")
                gate = 1.5 * (goal[key] > 0 ? goal[key] : known[key])
                if (ratio > gate) slow = 1
                if (what == "slow" && part[1] == wanted && ratio > gate) print part[2]
                if (what != "table") continue
                words = goal[key] == 0 ? "" : ratio > goal[key] ? "  MISS" : "  pass"
                if (ratio > gate) words = words "  TOO SLOW: over " sprintf("%.1fx", gate)
                if (spread[key] > 1.3 * ns[key]) words = words "  noisy"
                printf "%-32s %9.2f %9.2f %7.2fx %7s %8s%s\n", name[key], ns[key], bare[key], ratio,
                    (goal[key] > 0 ? sprintf("%.1fx", goal[key]) : ""), (known[key] > 0 ? sprintf("%.2fx", known[key]) : ""), words
            }
            exit what == "table" && slow
        }' "$lines"
}

for source in $(ours); do
    name=$(basename "$source" .c)
    build_ours "$source" "$out/$name" "$flag"
    workloads=$("$out/$name" -g)
    if [ -n "$workloads" ]; then measure "$name" 7 "$workloads"; fi
done
for chance in 1 2 3; do                         # for what is too slow, some time later: what disturbs may be gone
    for source in $(ours); do
        name=$(basename "$source" .c)
        workloads=$(figures slow "$name")
        if [ -z "$workloads" ]; then continue; fi
        echo "measuring again in 10 s, $chance of 3: $name: $(echo "$workloads" | tr '\n' ' ')" >&2
        sleep 10
        measure "$name" 5 "$workloads"
    done
done
if figures table; then exit 0; fi
echo "a ratio is more than 1.5 times its goal, or the known one" >&2
exit 1
