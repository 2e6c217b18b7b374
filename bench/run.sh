#!/bin/sh
# run.sh BUILD: all benchmarks, ours beside the peers that can be built here, in ten minutes at most.  Tables go to the screen, every
# figure to BUILD/bench/results.tsv, whole programs under hyperfine to BUILD/bench/*.json.  See README.md.
#
#     SECONDS_IN_ALL=420   for building and the programs' own rounds: as many as fit, 7 at most; hyperfine has 180 more
set -eu
build=${1:-build}
cd "$(dirname "$0")/.."
# shellcheck source=bench/common.sh
. bench/common.sh
need hyperfine hyperfine
need python3 python3
need timeout coreutils
if ! hyperfine --shell=none --style=none --runs 2 true >/dev/null 2>&1; then
    echo "${0##*/}: hyperfine does not work here, or is older than 1.13 and does not know --shell=none" >&2
    exit 1
fi
results=$out/results.tsv
rm -f "$out"/*.json
rounds_end=$(($(now) + ${SECONDS_IN_ALL:-420}))
deadline=$((rounds_end + 180))                  # of everything

within() { # seconds command...: not longer than these, nor beyond the deadline
    most=$1
    shift
    left=$((deadline - $(now)))
    if [ "$left" -lt "$most" ]; then most=$left; fi
    if [ "$most" -lt 1 ]; then return 124; fi   # for timeout, 0 is for ever
    timeout "$most" "$@"
}

# Both peers in Python need one interpreter.  Debian's modules are for Debian's, which need not be the first of the PATH; what is there
# may be a script that looks for an interpreter at each call, so it is asked where that is.
python_with() { # module: prints the interpreter that has it
    for interpreter in /usr/bin/python3 "$(command -v python3)"; do
        "$interpreter" -c "import $1, sys; print(sys.executable)" 2>/dev/null && return
    done
    return 1
}
python=$(python_with uvloop) || python=$(python_with asyncio) || python=$(command -v python3)

# Building.  $programs: ours:NAME or peer:NAME, in the order of the tables' columns.
flag=$(branch_flag c)
flag_cxx=$(branch_flag c++)
programs=
skipped=
packages=
for source in $(ours) bench/peers/*; do
    name=$(basename "${source%.*}")
    case $source in
    bench/peers/*.py)                           # a script of this name, so that everything below can call "$out/NAME"
        printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$PWD/$source" >"$scratch/program"
        chmod +x "$scratch/program"
        mv "$scratch/program" "$out/$name"
        if ! "$out/$name" -l >/dev/null 2>"$out/$name.log"; then skipped="$skipped $source"; continue; fi ;;
    bench/peers/*.c | bench/peers/*.cpp)
        case $source in *.c) its_flag=$flag ;; *) its_flag=$flag_cxx ;; esac
        if ! build_program "$source" "$out/$name" "$its_flag"; then skipped="$skipped $source"; continue; fi
        packages="$packages $(head_line debian "$source")" ;;
    bench/*.c)
        build_ours "$source" "$out/$name" "$flag" ;;
    *) continue ;;
    esac
    rm -f "$out/$name.log"
    case $source in
    bench/peers/*) programs="$programs peer:$name" ;;
    *) programs="$programs ours:$name" ;;
    esac
done
for source in $skipped; do
    log=$out/$(basename "${source%.*}").log
    wanted=$(head_line debian "$source")
    missing='No such file or directory|cannot find -l|unable to find library|file not found|ModuleNotFoundError|not found$'
    if grep -qE "$missing" "$log"; then
        echo "skipped: $source, whose library is not installed (Debian: apt-get install ${wanted:-?})"
    else
        echo "skipped: $source, which does not build here (Debian: ${wanted:-?}); see $log"
    fi
done

# (a) The programs' own rounds.
{
    processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
    echo "# machine: $processor, $(getconf _NPROCESSORS_ONLN) cores, $(uname -m)"
    echo "# kernel: $(uname -sr)"
    # shellcheck disable=SC2086 # CC may be "gcc -m32"
    echo "# compiler: $(${CC:-cc} --version | head -n 1), $optimised $flag"
    # shellcheck disable=SC2086
    echo "# C++ compiler: $(${CXX:-c++} --version 2>/dev/null | head -n 1), $optimised $flag_cxx"
    # shellcheck disable=SC2086 # a list
    versions=$(dpkg-query -W -f '${Package} ${Version}, ' $packages 2>/dev/null) || true
    echo "# libraries: ${versions%, }"
    echo "# Python: $("$python" -c 'import platform; print(platform.python_version())'), uvloop $(
        "$python" -c 'import uvloop; print(uvloop.__version__)' 2>/dev/null || echo "not installed")"
    echo "# date: $(date -u +%Y-%m-%d)"
    if commit=$(git rev-parse --short HEAD 2>/dev/null); then
        changed=
        git diff-index --quiet HEAD -- aio_timeout.h bench 2>/dev/null || changed=" and changes"
        echo "# commit: $commit$changed"
    fi
    printf '# program\tworkload\tns\tmedian ns\tbare ns\tratio\tgoal\tknown\n'
} >"$scratch/results"

leave_out() { # program why: of everything that follows, and of the tables; ours must work
    echo "${1#*:} $2: left out" >&2
    case $1 in ours:*) exit 1 ;; esac
    kept=
    for other in $programs; do
        if [ "$other" != "$1" ]; then kept="$kept $other"; fi
    done
    programs=$kept
}

# The rounds outside, the programs inside: what disturbs a machine lasts for seconds to minutes, and must not hit all rounds of one.
round=0
longest=0
while [ "$round" -lt 7 ]; do
    began=$(now)
    if [ "$round" -gt 0 ] && [ $((began + longest)) -gt "$rounds_end" ]; then break; fi
    round=$((round + 1))
    echo "round $round" >&2
    for program in $programs; do
        name=${program#*:}
        still_wanted
        within 120 "$out/$name" -t -r 1 >"$scratch/$name.$round.round" || leave_out "$program" "failed, or took more than 120 s for one round"
    done
    took=$(($(now) - began + 1))
    if [ "$took" -gt "$longest" ]; then longest=$took; fi
done
echo "# rounds: $round" >>"$scratch/results"
for program in $programs; do
    name=${program#*:}
    cat "$scratch/$name".*.round | awk -F '\t' -v OFS='\t' '        # minimum and median of the rounds, in the order of the workloads
        {
            key = $1 OFS $2
            if (!(key in n)) { order[++keys] = key; bare[key] = $5; goal[key] = $7; known[key] = $8 }
            for (i = ++n[key]; i > 1 && ns[key, i - 1] > $3 + 0; i--) ns[key, i] = ns[key, i - 1]
            ns[key, i] = $3 + 0
            if ($5 + 0 < bare[key] + 0) bare[key] = $5
        }
        END {
            for (k = 1; k <= keys; k++) {
                key = order[k]
                ratio = key ~ /\tbytes-/ ? "" : bare[key] > 0 ? sprintf("%.3f", ns[key, 1] / bare[key]) : 0
                median = ns[key, int(n[key] / 2) + 1]
                print key, sprintf("%.2f", ns[key, 1]), sprintf("%.2f", median), bare[key], ratio, goal[key], known[key]
            }
        }' >"$scratch/$name.tsv"
    cat "$scratch/$name.tsv" >>"$scratch/results"
done
mv "$scratch/results" "$results"
python3 bench/table.py rounds "$results"

# (b) Whole programs: setting up, running, tearing down.  Each does operations for about 1 s, so that starting does not count.
whole() { # workload
    for program in $programs; do
        name=${program#*:}
        operations=$(awk -F '\t' -v workload="$1" '
            $2 == workload && $3 > 0 {
                count = 1e9 / $3
                for (power = 1000; power * 10 <= count; power *= 10);
                printf "%d\n", int(count / power + 0.5) * power
                exit }' "$scratch/$name.tsv")
        if [ -z "$operations" ]; then continue; fi
        if [ "$operations" -lt 1000 ]; then operations=1000; fi
        if [ $((deadline - $(now))) -lt 15 ]; then echo "no time left for $1 of $name" >&2; continue; fi
        case $program in ours:*) title="aio_timeout.h" ;; *) title=$name ;; esac
        still_wanted
        within 30 hyperfine --shell=none --style=none --runs 3 --export-json "$scratch/json" \
            --command-name "$title, $operations operations" "'$out/$name' -1 $1 $operations" >/dev/null 2>"$scratch/hyperfine.log" || {
            cat "$scratch/hyperfine.log" >&2
            leave_out "$program" "failed under hyperfine, or took too long"
            continue
        }
        mv "$scratch/json" "$out/$1.$name.json"
    done
}
echo "running whole programs under hyperfine" >&2
for workload in yield-100 spawn timed-wait timer-cancel-1000; do
    whole "$workload"
    set -- "$out/$workload".*.json
    if [ -e "$1" ]; then python3 bench/table.py whole "$@"; fi
done
echo
echo "all figures: $results; hyperfine's: $out/*.json"
