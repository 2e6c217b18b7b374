#!/bin/sh
# plot.sh BUILD [RESULTS.tsv [DIRECTORY]]: plots of the figures of BUILD/bench/results.tsv, or of the newest bench/results/*.tsv where that
# is missing, as SVG and PNG in bench/results.
set -eu
build=${1:-build}
cd "$(dirname "$0")/.."
# shellcheck source=bench/common.sh
. bench/common.sh
need gnuplot gnuplot-nox
results=${2:-$build/bench/results.tsv}
if [ ! -e "$results" ]; then
    for file in bench/results/*.tsv; do                                 # named by date: the last is the newest
        if [ -e "$file" ]; then results=$file; fi
    done
fi
if [ ! -e "$results" ]; then
    echo "there are no results to plot: run make bench first" >&2
    exit 1
fi
if ! grep -q '^[^#]' "$results"; then
    echo "$results has no figures to plot: run make bench to its end" >&2
    exit 1
fi
plots=${3:-bench/results}
mkdir -p "$plots"

programs() { # awk-condition: the programs it is true for, ours first
    awk -F '\t' '!/^#/ && ('"$1"') && !seen[$1]++ { print ($1 ~ /^aio_timeout.h/ ? 0 : 1) "\t" NR "\t" $1 }' "$results" |
        sort -n -k 1,1 -k 2,2 | cut -f 3
}

# The colour of a program is the same in all plots: its place among all programs.  Of medium lightness, so that they can be told from
# a white and from a dark page, as can the grey of axes and text; the background is transparent.
colour() { # program
    programs 1 | awk -v program="$1" '
        BEGIN { n = split("#2f81f7 #79b8ff #e8833a #3fb950 #a371f7 #e3507a #c99a1f #1fb5ad #9a7b5f #8b949e #d16ad1 #7fa650", colours, " ") }
        $0 == program { print colours[(NR - 1) % n + 1] }'
}

# Instead of gnuplot's own tics, which have no spaces in 100 000, and small ones in between.
POWERS="('1' 1, '10' 10, '100' 100, '1 000' 1e3, '10 000' 1e4, '100 000' 1e5, '1 000 000' 1e6, '10 000 000' 1e7)"

decade_below() { # column: the power of ten below the least figure of standard input
    awk -v column="$1" '
        NR == 1 || $column < least { least = $column }
        END { power = 1; while (power * 10 <= least) power *= 10; while (power > least) power /= 10; print power }'
}

width() { case $1 in aio_timeout.h) echo 3.5 ;; *) echo 1.8 ;; esac; }

draw() { # name height: script from standard input
    cat >"$scratch/body"
    for kind in svg png; do
        case $kind in
        svg) terminal="svg size 800,$2 font 'sans-serif,14' noenhanced" ;;
        png) terminal="pngcairo size 1600,$(($2 * 2)) fontscale 2 linewidth 2 pointscale 2 font 'sans,10.5' noenhanced transparent" ;;
        esac
        {
            echo "set terminal $terminal"
            echo "set output '$scratch/plot'"
            cat <<'GNUPLOT'
set border 3 linecolor rgb '#7d8590'
set tics nomirror textcolor rgb '#7d8590'
set title textcolor rgb '#7d8590'
set xlabel textcolor rgb '#7d8590'
set ylabel textcolor rgb '#7d8590'
set key textcolor rgb '#7d8590'
set grid ytics linecolor rgb '#7d8590' linewidth 0.3 dashtype 3
GNUPLOT
            cat "$scratch/body"
        } >"$scratch/script"
        gnuplot "$scratch/script"
        mv "$scratch/plot" "$plots/$name.$kind"
        echo "$plots/$name.$kind"
    done
}

lines() { # name workload-prefix title x-label: ns against N
    name=$1
    prefix=$2
    least=$(awk -F '\t' -v prefix="$prefix" '$2 ~ "^" prefix "-[0-9]+$" { print substr($2, length(prefix) + 2) }' "$results" |
        sort -n | head -n 1)
    rm -f "$scratch"/*.data
    : >"$scratch/list"
    programs "\$2 ~ /^$prefix-[0-9]+\$/" >"$scratch/programs"
    if [ ! -s "$scratch/programs" ]; then return 0; fi
    while read -r program; do
        data=$scratch/$(wc -l <"$scratch/list" | tr -d ' ').data
        awk -F '\t' -v program="$program" -v prefix="$prefix" '
            $1 == program && $2 ~ "^" prefix "-[0-9]+$" { print substr($2, length(prefix) + 2), $3 }' "$results" | sort -n >"$data"
        style="linecolor rgb '$(colour "$program")' linewidth $(width "$program") pointtype 7 pointsize 0.7"
        echo "'$data' using 1:2 with linespoints $style title '$program'" >>"$scratch/list"
    done <"$scratch/programs"
    draw "$name" 480 <<GNUPLOT
set title '$3'
set xlabel '$4'
set ylabel 'ns, log scale'
set logscale xy
set xrange [$least * 0.7:*]
set yrange [$(cat "$scratch"/*.data | decade_below 2) * 0.98:*]
set xtics $POWERS
set ytics $POWERS
set key outside right top vertical reverse Left samplen 1.5
plot $(sed '$!s/$/, \\/' "$scratch/list")
GNUPLOT
}

bars() { # name workload title unit: a bar for each program, the shortest on top
    name=$1
    awk -F '\t' -v workload="$2" '!/^#/ && $2 == workload && $3 > 0 { print $3 "\t" $1 }' "$results" | sort -n >"$scratch/sorted"
    if [ ! -s "$scratch/sorted" ]; then return 0; fi
    count=$(wc -l <"$scratch/sorted")
    least=$(decade_below 1 <"$scratch/sorted")
    most=$(tail -n 1 "$scratch/sorted" | cut -f 1)
    : >"$scratch/bars"
    place=0
    while read -r value program; do
        place=$((place + 1))
        printf '%s\t%s\t%s\t%s\n' "$value" "$place" "$(printf '%d' "0x$(colour "$program" | tr -d '#')")" "$program" >>"$scratch/bars"
    done <"$scratch/sorted"
    draw "$name" $((110 + 34 * count)) <<GNUPLOT
set title '$3'
set datafile separator '\t'
set border 1
unset key
set grid noytics xtics
set logscale x
set xrange [$least * 0.98:$most * 3]
set yrange [$count + 0.6:0.4]
set xlabel '$4, log scale'
set xtics $POWERS
set style fill solid 1 noborder
plot '$scratch/bars' using 1:2:($least):1:(\$2 - 0.32):(\$2 + 0.32):3:ytic(4) title '$4' with boxxyerror linecolor rgb variable, \\
     '' using 1:2:(sprintf(\$1 < 99.95 ? '%.1f' : '%.0f', \$1)) with labels left offset 0.6,0 textcolor rgb '#7d8590'
GNUPLOT
}

lines yield yield 'Cost of a yield' 'tasks'
lines timer-cancel timer-cancel 'Cost of cancelling a timer and arming it anew' 'timers pending'
lines timer-expire timer-expire 'Cost of an expiry whose callback arms the timer anew' 'timers pending'
bars timed-wait timed-wait 'A wait under a limit, for something that comes in time' 'ns'
bars spawn spawn 'A task spawned and waited for' 'ns'
bars memory bytes-per-task 'Memory of a task that sleeps' 'bytes'
