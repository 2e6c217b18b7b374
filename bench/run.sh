#!/bin/sh
# run.sh BUILD: all benchmarks, ours beside the peers that can be built here, in ten minutes at most.  Tables go to the screen, every
# figure to BUILD/bench/results.tsv, whole programs under hyperfine to BUILD/bench/*.json.  See README.md.
#
#     SECONDS_IN_ALL=420   for the programs' own rounds: as many as fit, 7 at most
set -eu
build=${1:-build}
cd "$(dirname "$0")/.."
# shellcheck source=bench/common.sh
. bench/common.sh
need hyperfine hyperfine
need python3 python3
need timeout coreutils
out=$build/bench
results=$out/results.tsv
mkdir -p "$out"

# Building.  $programs: ours:NAME or peer:NAME, in the order of the tables' columns.
flag=$(branch_flag "$out")
programs=
skipped=
for source in $(ours) bench/peers/*; do
    name=$(basename "${source%.*}")
    case $source in
    bench/peers/*.py)
        # What is run under the name is a script as well, so that everything below can call "$out/NAME".  Debian's modules are for
        # Debian's interpreter, which need not be the first of the PATH.
        usable=
        for interpreter in "$(command -v python3)" /usr/bin/python3; do
            printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$interpreter" "$PWD/$source" >"$out/$name"
            chmod +x "$out/$name"
            if "$out/$name" -l >/dev/null 2>"$out/$name.log"; then usable=yes; break; fi
        done
        if [ -z "$usable" ]; then skipped="$skipped $source"; continue; fi ;;
    bench/peers/*.c | bench/peers/*.cpp)
        if ! build_program "$source" "$out/$name" "$flag"; then skipped="$skipped $source"; continue; fi ;;
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
    packages=$(head_line debian "$source")
    if grep -qE 'No such file or directory|cannot find -l|unable to find library|file not found|ModuleNotFoundError|not found$' "$log"; then
        echo "skipped: $source, whose library is not installed (Debian: apt-get install ${packages:-?})"
    else
        echo "skipped: $source, which does not build here (Debian: ${packages:-?}); see $log"
    fi
done

# (a) The programs' own rounds.
{
    echo "# machine: $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1), $(getconf _NPROCESSORS_ONLN) cores, $(uname -m)"
    echo "# kernel: $(uname -sr)"
    # shellcheck disable=SC2086 # CC may be "gcc -m32"
    echo "# compiler: $(${CC:-cc} --version | head -n 1), -O2 $flag"
    echo "# date: $(date -u +%Y-%m-%d)"
    if commit=$(git rev-parse --short HEAD 2>/dev/null); then
        changed=
        git diff-index --quiet HEAD -- aio_timeout.h bench 2>/dev/null || changed=" and changes"
        echo "# commit: $commit$changed"
    fi
    printf '# program\tworkload\tns\tmedian ns\tbare ns\tratio\tbudget\n'
} >"$results"

# One round of each program tells how many more fit; all get the same number.
began=$(now)
candidates=$programs
programs=
for program in $candidates; do
    name=${program#*:}
    echo "running $name, one round" >&2
    if timeout 120 "$out/$name" -t -r 1 >"$out/$name.tsv"; then programs="$programs $program"; continue; fi
    echo "$name failed, or took more than 120 s for one round: left out" >&2
    case $program in ours:*) exit 1 ;; esac
done
took=$(($(now) - began + 1))
more=$(((${SECONDS_IN_ALL:-420} - took) / took))
if [ "$more" -gt 6 ]; then more=6; fi
if [ "$more" -lt 0 ]; then more=0; fi
echo "# rounds: $((more + 1))" >>"$results"
for program in $programs; do
    name=${program#*:}
    if [ "$more" -gt 0 ]; then
        echo "running $name, $more more" >&2
        "$out/$name" -t -r "$more" >"$out/$name.more" || { echo "$name failed" >&2; exit 1; }
        mv "$out/$name.tsv" "$out/$name.first"
        # The least of both; the medians are those of the second run.
        awk -F '\t' -v OFS='\t' '
            NR == FNR { ns[$2] = $3; bare[$2] = $5; next }
            { if (ns[$2] < $3) $3 = ns[$2]; if (bare[$2] < $5) $5 = bare[$2]; if ($5 > 0) $6 = sprintf("%.3f", $3 / $5); print }
            ' "$out/$name.first" "$out/$name.more" >"$out/$name.tsv"
        rm -f "$out/$name.first" "$out/$name.more"
    fi
    cat "$out/$name.tsv" >>"$results"
done
python3 bench/table.py rounds "$results"

# (b) Whole programs: setting up, running, tearing down.  Those that would take more than 2 s do fewer operations.
whole() { # workload count
    workload=$1
    count=$2
    set -- --shell=none --style=none --warmup 1 --runs 5 --export-json "$out/$workload.json"
    for program in $programs; do
        name=${program#*:}
        operations=$(awk -F '\t' -v workload="$workload" -v count="$count" '
            $2 == workload { while (count > 1000 && $3 * count > 2e9) count /= 10; print int(count); exit }' "$out/$name.tsv")
        if [ -z "$operations" ]; then continue; fi
        case $program in ours:ring) title="aio_timeout.h (ring)" ;; ours:*) title="aio_timeout.h" ;; *) title=$name ;; esac
        set -- "$@" --command-name "$title, $operations operations" "'$out/$name' -1 $workload $operations"
    done
    timeout 200 hyperfine "$@" 2>"$out/hyperfine.log" || { cat "$out/hyperfine.log" >&2; exit 1; }
    rm -f "$out/hyperfine.log"
}
echo "running whole programs under hyperfine" >&2
whole yield-100 10000000
whole spawn 2000000
whole timed-wait 2000000
whole timer-cancel-1000 2000000
python3 bench/table.py whole "$out/yield-100.json" "$out/spawn.json" "$out/timed-wait.json" "$out/timer-cancel-1000.json"
echo
echo "all figures: $results; hyperfine's: $out/*.json"
