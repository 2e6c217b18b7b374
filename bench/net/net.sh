#!/bin/sh
# net.sh BUILD: a line server with aio_timeout.h beside the same server by hand, with libuv, threads, asyncio and uvloop; four minutes.
# Tables go to the screen, every figure to BUILD/bench/net.csv.  See README.md here.
#
#     SECONDS=2 ROUNDS=3          for each server and scenario
#     SCENARIOS="0+10 5000+10"    connections that say nothing + connections that ask
set -eu
seconds=$(printenv SECONDS || echo 2)           # $SECONDS is some shells' own
rounds=${ROUNDS:-3}
scenarios=${SCENARIOS:-0+100 0+10 5000+10 9900+10}
build=${1:-build}
cd "$(dirname "$0")/../.."
# shellcheck source=bench/common.sh
. bench/common.sh
need python3 python3
need timeout coreutils
if [ ! -r /proc/self/schedstat ]; then
    echo "${0##*/}: this needs Linux: /proc/PID/schedstat has the CPU time of a server" >&2
    exit 1
fi
idle_ms=60000                                   # longer than a run: what closes a connection before is an error
results=$out/net.csv
programs=$out/net
mkdir -p "$programs"
server=                                         # its process, while one runs
trap 'kill_server; rm -rf "$scratch"' EXIT

kill_server() {
    if [ -n "$server" ]; then kill -KILL "$server" 2>/dev/null || true; fi
}

title() { # server
    case $1 in ours) echo "$ours" ;; epoll) echo "bare epoll" ;; uv) echo libuv ;; *) echo "$1" ;; esac
}

skip() { # server why: it stays in the tables, without figures
    echo "skipped: $(title "$1"): $2"
    echo "# left out: $(title "$1"),any scenario,$2" >>"$scratch/left_out"
}

# Building.  All with the same flags, ours too.
flags="${WARNINGS:-} -pthread $(branch_flag c)"
build_peer() { # name source
    if build_program "$2" "$programs/$1" "$flags"; then
        servers="$servers $1"
        rm -f "$programs/$1.log"
    else
        wanted=$(head_line debian "$2")
        skip "$1" "it does not build here${wanted:+ (Debian: apt-get install $wanted)}; see $programs/$1.log"
    fi
}

python_peer() { # name module source option
    for interpreter in /usr/bin/python3 "$(command -v python3)"; do     # Debian's modules are for Debian's, which need not be the first
        interpreter=$("$interpreter" -c "import $2, sys; print(sys.executable)" 2>/dev/null) || continue
        printf '#!/bin/sh\nexec "%s" "%s" %s "$@"\n' "$interpreter" "$PWD/$3" "$4" >"$scratch/program"
        chmod +x "$scratch/program"
        mv "$scratch/program" "$programs/$1"
        servers="$servers $1"
        return
    done
    skip "$1" "it is not installed (Debian: apt-get install $(head_line debian "$3"))"
}

servers=
: >"$scratch/left_out"
build_ours bench/net/load.c "$programs/load" "$flags"
if [ -e examples/net/echo.c ]; then
    ours=aio_timeout.h
    build_ours examples/net/echo.c "$programs/ours" "$flags"
else
    ours="stand-in for ours"
    echo "examples/net/echo.c is not there: echo_epoll.c stands in for it"
    build_ours bench/net/echo_epoll.c "$programs/ours" "$flags"
fi
servers=ours
build_peer epoll bench/net/echo_epoll.c
build_peer uv bench/net/echo_uv.c
build_peer threads bench/net/echo_threads.c
python_peer asyncio asyncio bench/net/echo_asyncio.py ""
python_peer uvloop uvloop bench/net/echo_asyncio.py -u

# A server, and the load on it.
start_server() { # server connections [options]
    started=$1
    shift
    : >"$scratch/said"
    "$programs/$started" -p 0 -i "$idle_ms" -n "$@" >"$scratch/said" 2>"$scratch/error" &
    server=$!
    for _ in $(seq 400); do
        port=$(sed -n '1s/^listening on //p' "$scratch/said")
        if [ -n "$port" ]; then return 0; fi
        if has_ended; then break; fi
        sleep 0.025
    done
    kill_server
    wait "$server" || true
    server=
    why="it does not say that it listens: $(tail -n 1 "$scratch/error")"
    return 1
}

has_ended() {
    case $(cat "/proc/$server/stat" 2>/dev/null) in "" | *") Z "*) return 0 ;; *) return 1 ;; esac
}

stop_server() {
    kill -TERM "$server" 2>/dev/null || true
    for _ in $(seq 400); do
        if has_ended; then break; fi
        sleep 0.025
    done
    if ! has_ended; then echo "$started: did not end within 10 s of SIGTERM" >&2; fi
    kill_server
    code=0
    wait "$server" || code=$?
    server=
    if [ "$code" -ne 0 ]; then echo "$started: ended with $code, not with 0: $(tail -n 1 "$scratch/error")" >&2; fi
}

value_of() { # key: in the line that load printed
    tr ' ' '\n' <"$scratch/figures" | sed -n "s/^$1=//p"
}

# Leaves the figures in $scratch/figures.  False, and why, if there are none.
measure() { # server connections server-options load-options
    # shellcheck disable=SC2086 # a list of options
    start_server "$1" "$2" $3 || return 1
    code=0
    # shellcheck disable=SC2086
    timeout 120 "$programs/load" -p "$port" -P "$server" $4 >"$scratch/figures" 2>"$scratch/why" || code=$?
    stop_server
    if [ "$code" -eq 0 ] && [ "$(value_of errors)" -eq 0 ]; then return 0; fi
    why=$(tail -n 1 "$scratch/why" | sed 's/^load: //')
    if [ "$code" -eq 0 ]; then why="$(value_of errors) connections were closed or had a wrong answer"; fi
    if [ "$code" -eq 124 ]; then why="it took more than 120 s"; fi
    if [ -s "$scratch/error" ]; then why="$why; $(tail -n 1 "$scratch/error")"; fi
    return 1
}

keep() { # server scenario round
    if ! grep -q '^server,' "$scratch/results"; then
        echo "server,scenario,round,$(sed 's/=[^ ]*//g; s/ /,/g' "$scratch/figures")" >>"$scratch/results"
    fi
    echo "$(title "$1"),$2,$3,$(sed 's/[a-z0-9_]*=//g; s/ /,/g' "$scratch/figures")" >>"$scratch/results"
}

left_out=
leave_out() { # server scenario: of this and the later rounds; ours must work
    echo "$(title "$1"), $2: left out: $why" >&2
    if [ "$1" = ours ]; then exit 1; fi
    echo "# left out: $(title "$1"),$2,$(echo "$why" | tr ',' ';')" >>"$scratch/results"
    left_out="$left_out $1:$2"
}

{
    processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
    echo "# machine: $processor, $(getconf _NPROCESSORS_ONLN) CPUs, $(uname -m)"
    echo "# kernel: $(uname -sr)"
    # shellcheck disable=SC2086 # CC may be "gcc -m32"
    echo "# compiler: $(${CC:-cc} --version | head -n 1), $optimised"
    libraries=$(dpkg-query -W -f '${Package} ${Version}, ' libuv1-dev python3-uvloop 2>/dev/null) || true
    echo "# libraries: ${libraries%, }"
    echo "# date: $(date -u +%Y-%m-%d)"
    if commit=$(git rev-parse --short HEAD 2>/dev/null); then echo "# commit: $commit"; fi
    echo "# rounds: $rounds of $seconds s"
    cat "$scratch/left_out"
} >"$scratch/results"

# What a server has before its connections: one that is made for few, after its first request.
for name in $servers; do
    if ! measure "$name" 16 "" "-a 1 -s 0 -w 0"; then leave_out "$name" "any scenario"; continue; fi
    value_of rss >"$scratch/$name.rss"
done

fits() { # idle active: a descriptor for each connection, on both sides
    limit=$(awk '/^Max open files/ { print $5 }' /proc/self/limits)
    [ "$limit" = unlimited ] || [ "$limit" -ge $(($1 + $2 + 96)) ]
}

possible=
for scenario in $scenarios; do
    if fits "${scenario%+*}" "${scenario#*+}"; then possible="$possible $scenario"; continue; fi
    echo "# skipped: $scenario, which needs ulimit -Hn $((${scenario%+*} + ${scenario#*+} + 96)); it is $limit" >>"$scratch/results"
done

# The rounds outside: what disturbs a machine lasts for seconds to minutes, and must not hit all rounds of one.
for round in $(seq "$rounds"); do
    for scenario in $possible; do
        idle=${scenario%+*}
        active=${scenario#*+}
        echo "round $round: $scenario" >&2
        for name in $servers; do
            case " $left_out " in *" $name:any scenario"* | *" $name:$scenario "*) continue ;; esac
            still_wanted
            if measure "$name" $((idle + active + 16)) "" "-i $idle -a $active -s $seconds -r $(cat "$scratch/$name.rss")"; then
                keep "$name" "$scenario" "$round"
            else
                leave_out "$name" "$scenario"
            fi
        done
    done
done

# Ours with one loop and with two, asked by two threads.
if measure ours 116 "-t 2" "-a 4 -s 0"; then
    for round in $(seq "$rounds"); do
        echo "round $round: one loop, two loops" >&2
        for loops in 1 2; do
            still_wanted
            measure ours 116 "-t $loops" "-a 100 -s $seconds -t 2" || leave_out ours "$loops loops"
            keep ours "loops $loops" "$round"
        done
    done
else
    echo "# skipped: one loop against two, because $(title ours) does not run with -t 2: $why" >>"$scratch/results"
fi

mv "$scratch/results" "$results"
python3 bench/net/table.py "$results"
echo
echo "all figures: $results"
bench/net/redis.sh "$build"
