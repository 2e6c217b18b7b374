#!/bin/sh
# plot.sh BUILD [NET.csv [DIRECTORY]]: plots of the figures of BUILD/bench/net.csv, as SVG in bench/results.
set -eu
build=${1:-build}
cd "$(dirname "$0")/../.."
# shellcheck source=bench/common.sh
. bench/common.sh
need gnuplot gnuplot-nox
results=${2:-$build/bench/net.csv}
if ! grep -q '^server,' "$results" 2>/dev/null; then
    echo "$results has no figures to plot: run make bench-net first" >&2
    exit 1
fi
plots=${3:-bench/results}
mkdir -p "$plots"

# The figures by the names of the columns: server, scenario, idle, then the column that is asked for.
column() { # name
    awk -F , -v OFS=, -v wanted="$1" '
        /^#/ { next }
        /^server,/ { for (i = 1; i <= NF; i++) place[$i] = i; next }
        { print $1, $2, $place["idle"], $place[wanted] }' "$results"
}

servers() { column idle | awk -F , '!seen[$1]++ { print $1 }'; }

colour() { # server: ours blue, as in the other plots
    servers | awk -v server="$1" '
        BEGIN { n = split("#2f81f7 #8b949e #3fb950 #e3507a #e8833a #a371f7", colours, " ") }
        $0 == server { print colours[(NR - 1) % n + 1] }'
}

draw() { # name title data-of-a-server plot-style: the rest of the script from standard input
    : >"$scratch/list"
    servers >"$scratch/servers"
    while read -r server; do
        data=$scratch/$(wc -l <"$scratch/list" | tr -d ' ').data
        "$3" "$server" >"$data"
        if [ ! -s "$data" ]; then continue; fi
        width=1.8
        if [ ! -s "$scratch/list" ]; then width=3.5; fi                 # ours, the first
        echo "'$data' $4 linecolor rgb '$(colour "$server")' linewidth $width pointtype 7 pointsize 0.7 title '$server'" >>"$scratch/list"
    done <"$scratch/servers"
    if [ ! -s "$scratch/list" ]; then return 0; fi
    {
        cat <<GNUPLOT
set terminal svg size 800,480 font 'sans-serif,14' noenhanced
set output '$scratch/plot'
set border 3 linecolor rgb '#7d8590'
set tics nomirror textcolor rgb '#7d8590'
set title '$2' textcolor rgb '#7d8590'
set xlabel textcolor rgb '#7d8590'
set ylabel textcolor rgb '#7d8590'
set key textcolor rgb '#7d8590' outside right top vertical reverse Left samplen 1.5
set grid ytics linecolor rgb '#7d8590' linewidth 0.3 dashtype 3
GNUPLOT
        cat
        echo "plot $(sed '$!s/$/, \\/' "$scratch/list")"
    } >"$scratch/script"
    gnuplot "$scratch/script"
    mv "$scratch/plot" "$plots/$1.svg"
    echo "$plots/$1.svg"
}

cpu_by_idle() { # server: idle connections and the least CPU time, with 10 that ask
    column cpu_us_per_request | awk -F , -v server="$1" '
        $1 == server && $2 ~ /\+10$/ && (!($3 in least) || $4 < least[$3]) { least[$3] = $4 }
        END { for (idle in least) print idle, least[idle] }' | sort -n
}

percentiles() { # server: three medians of its rounds in the scenario of the plot
    place=0
    for name in p50_us p99_us p999_us; do
        place=$((place + 1))
        column "$name" | awk -F , -v server="$1" -v scenario="$scenario" '$1 == server && $2 == scenario { print $4 }' | sort -n |
            awk -v place="$place" '{ value[NR] = $1 } END { if (NR) print place, value[int((NR + 1) / 2)] }'
    done
}

draw net-cpu 'CPU time of the server for a request, 10 connections ask' cpu_by_idle 'using 1:2 with linespoints' <<'GNUPLOT'
set xlabel 'connections that say nothing'
set ylabel 'us, log scale'
set logscale y
set xrange [-200:*]
set yrange [1:*]
set xtics ('0' 0, '5 000' 5000, '9 900' 9900)
set ytics (1, 2, 5, 10, 20, 50, 100)
GNUPLOT

for scenario in 5000+10 0+100; do                                       # the first that has figures
    if column idle | grep -qF ",$scenario,"; then break; fi
done
draw net-latency "Latency, ${scenario%+*} connections say nothing, ${scenario#*+} ask" percentiles 'using 1:2 with linespoints' <<'GNUPLOT'
set ylabel 'us, log scale'
set logscale y
set xrange [0.8:3.2]
set yrange [9.9:*]
set xtics ('p50' 1, 'p99' 2, 'p99.9' 3)
set ytics ('10' 10, '100' 100, '1 000' 1e3, '10 000' 1e4, '100 000' 1e5)
GNUPLOT
