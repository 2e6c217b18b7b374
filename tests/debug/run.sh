#!/bin/sh
# run.sh [CASE...]: what examples/debug/aiot-gdb.py shows of programs that gdb has stopped, compared with expected/*.txt.
#
#   nest-*     nest.c, which waits in every way there is: alive and as a core file; release, debug, all three sizes of time, without a list
#              of tasks, with clang and as C++. All show the same tree
#   m3-*       the same on a Cortex-M3 in QEMU, with both loops; and examples/mcu/bus.c, stopped in the middle
#   loops      several loops in one program; descriptors, signals, inboxes
#   damage     nest.c with overwritten memory: damage.gdb overwrites, expected/damage.txt says what changes in the tree
#   messages   stripped, not running, not initialised, no loop
#   page       the output that examples/README.md shows
#
# Needs gdb with Python; clang and g++; gdb-multiarch, gcc-arm-none-eabi and qemu-system-arm for m3-*. What is missing is named and left
# out; with STRICT=1 it is a failure. Ends with `N passed, M failed`. JOBS=4: so many at once.
# shellcheck disable=SC2086
script=$(cd "$(dirname "$0")" && pwd)/run.sh
cd "$(dirname "$0")/../.." || exit 2
CC=${CC:-gcc}
unset DEBUGINFOD_URLS                           # gdb must not ask the network for the sources of libraries
here=tests/debug
warnings='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wundef -Wvla -Werror'
cases='nest-O2 nest-core nest-debug nest-small nest-32 nest-16 nest-no-list nest-clang nest-c++ loops damage messages page
    m3-bus m3-nest m3-nest-small'

# Into $dir/out: what gdb prints from a line `== look` to a line `== on`. Addresses, descriptors and the header's lines have no digits.
gdb_says() { # debugger program commands...
    debugger=$1 program=$2
    shift 2
    timeout 300 $debugger -nx -q -batch -ex 'set pagination off' -ex 'set width 0' -ex 'set confirm off' \
        -ex 'source examples/debug/aiot-gdb.py' "$@" -ex "$on" $program >"$dir/raw" 2>&1 </dev/null
    awk '/^== on$/ || /^\[(Inferior|Thread) / { on = 0 } on; /^== look$/ { on = 1 }' "$dir/raw" |
        sed -e 's/aio_timeout\.h:[0-9]*/aio_timeout.h:N/g' -e 's/0x[0-9a-f]\{6,\}/ADDRESS/g' -e 's/descriptor [0-9]*/descriptor N/' >"$dir/out"
}
look='echo == look\n'
on='echo == on\n'

build() { # compiler options... source: into $dir/program
    $1 -g -I. ${2:-} $3 -o "$dir/program" >"$dir/why" 2>&1 || { echo "does not compile"; return 1; }
}

compare() { # expected
    diff "$here/expected/$1.txt" "$dir/out" >"$dir/why" && return
    cat "$dir/raw" >>"$dir/why"
    echo "differs from $here/expected/$1.txt"
}

nest() { # expected compiler options
    build "$2" "$3" $here/nest.c || return
    gdb_says gdb "$dir/program" -ex 'break stop_here' -ex run -ex "$look" -ex 'aiot tasks'
    compare "$1"
}

# A core file of the kernel's, if it leaves one here, else of gdb's. The program is dead when it is read.
nest_core() {
    build $CC "-std=c11 -O2 $warnings" $here/nest.c || return
    core=$( (cd "$dir" && ulimit -c unlimited && ./program dies; ls core* 2>/dev/null) 2>/dev/null | head -n 1)
    if [ -z "$core" ]; then
        core=core
        gdb_says gdb "$dir/program" -ex 'break stop_here' -ex run -ex "generate-core-file $dir/core" -ex kill
    fi
    gdb_says gdb "$dir/program $dir/$core" -ex "$look" -ex 'aiot tasks'
    compare nest
}

# The lines of the tree that each change of damage.gdb takes away (<) and brings (>).
damage() {
    build $CC "-std=c11 -O2 $warnings" $here/nest.c || return
    gdb_says gdb "$dir/program" -ex 'break stop_here' -ex run -ex "$look" -x $here/damage.gdb
    : >"$dir/changes"
    csplit -s -z -f "$dir/part" -n 3 "$dir/out" '/^== /' '{*}'
    for part in "$dir"/part*; do
        head -n 1 "$part"
        tail -n +2 "$part" | diff $here/expected/nest.txt - | grep '^[<>]'
    done >"$dir/changes"
    mv "$dir/changes" "$dir/out"
    compare damage
}

messages() {
    build $CC "-std=c11 -O2 $warnings" $here/nest.c || return
    strip -o "$dir/stripped" "$dir/program"
    say() {
        gdb_says gdb "$@"
        cat "$dir/out" >>"$dir/all"
    }
    : >"$dir/all"
    say "" -ex "$look" -ex 'aiot tasks'
    say "$dir/program" -ex "$look" -ex 'aiot tasks'
    say "$dir/stripped" -ex starti -ex "$look" -ex 'aiot tasks'
    say "$dir/program" -ex 'break main' -ex run -ex "$look" -ex 'aiot tasks' -ex 'aiot tasks &nothing' -ex 'aiot tasks dies' \
        -ex 'aiot tasks (aiot_loop *)16' -ex 'aiot tasks (aiot_loop *)main'
    cp "$dir/all" "$dir/out"
    compare messages
}

# The page's block of the tree, with the program that the page builds, on the virtual clock.
page() {
    build $CC "-std=c11 -O2 -include tests/virtual_time.h" examples/cookbook/04_graceful_shutdown.c || return
    gdb_says gdb "$dir/program" -ex 'break 25' -ex run -ex "$look" -ex 'aiot tasks'
    awk '/^```/ { inside = 0 } inside; /^```$/ { getline; if (/^loop /) { inside = 1; print } }' examples/README.md >"$dir/page"
    diff "$dir/page" "$dir/out" >"$dir/why" || echo "examples/README.md shows another output"
}

# On a Cortex-M3, in QEMU, which waits for gdb at a socket.
m3() { # expected options source commands...
    expected=$1 options=$2 source=$3
    shift 3
    port=examples/mcu/port
    arm-none-eabi-gcc -std=c11 -g -mcpu=cortex-m3 -mthumb -ffreestanding -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections \
        -Iexamples/mcu -I. -I$port/cortex-m3 $options $source $port/cortex-m/startup.c $port/memory.c -nostdlib \
        -T $port/cortex-m/link.ld -lgcc -Wl,--gc-sections -o "$dir/program" >"$dir/why" 2>&1 || { echo "does not compile"; return; }
    qemu-system-arm -M mps2-an385 -display none -monitor none -serial none -icount shift=0,sleep=off -S \
        -gdb unix:"$dir/gdb",server=on,wait=off -chardev null,id=console -semihosting-config enable=on,target=native,chardev=console \
        -kernel "$dir/program" >"$dir/why" 2>&1 </dev/null & emulator=$!
    trap 'kill $emulator 2>/dev/null' EXIT
    tries=0
    until [ -S "$dir/gdb" ] || [ $tries -ge 200 ]; do tries=$((tries + 1)); sleep 0.05; done
    gdb_says gdb-multiarch "$dir/program" -ex "target remote $dir/gdb" "$@"
    kill $emulator 2>/dev/null
    wait $emulator 2>/dev/null
    compare "$expected"
}
m3_nest() { # options
    m3 nest "$1 -DAIOT_HOSTED=0 -Os" $here/nest.c -ex 'break stop_here' -ex continue -ex "$look" -ex 'aiot tasks'
}

run() { # case: prints what is wrong
    case $1 in
    nest-O2) nest nest $CC "-std=c11 -O2 $warnings" ;;
    nest-core) nest_core ;;
    nest-debug) nest nest $CC "-std=c11 -O0 -DAIOT_DEBUG=1 $warnings" ;;
    nest-small) nest nest $CC "-std=c11 -Os -DAIOT_SMALL=1 $warnings" ;;
    nest-32) nest nest $CC "-std=c11 -O2 -DAIOT_TIME_BITS=32 $warnings" ;;
    nest-16) nest nest $CC "-std=c11 -O0 -DAIOT_TIME_BITS=16 $warnings" ;;
    nest-no-list) nest nest_no_list $CC "-std=c11 -Os -DAIOT_TIME_BITS=32 -DAIOT_TASK_LIST=0 $warnings" ;;
    nest-clang) nest nest clang "-std=c11 -O2 $warnings" ;;
    nest-c++) nest nest g++ "-xc++ -std=c++20 -O2" ;;
    loops)
        build $CC "-std=gnu11 -O2 $warnings -pthread" $here/loops.c || return
        gdb_says gdb "$dir/program" -ex 'break stop_here' -ex run -ex "$look" -ex 'aiot tasks' -ex 'echo ==\n' -ex 'aiot tasks server->loop'
        compare loops ;;
    damage) damage ;;
    messages) messages ;;
    page) page ;;
    m3-bus)
        m3 m3_bus -Os "examples/mcu/bus.c examples/mcu/board.c examples/mcu/port/cortex-m3/port.c" -ex 'tbreak aiot_i_step_transfer' -ex continue \
            -ex "$look" -ex 'aiot tasks' -ex "$on" -ex 'tbreak idle if ticks >= 300' -ex continue \
            -ex "$look" -ex 'aiot tasks' -ex "$on" -ex 'tbreak idle if ticks >= 310' -ex continue -ex "$look" -ex 'aiot tasks' ;;
    m3-nest) m3_nest -DAIOT_TIME_BITS=64 ;;
    m3-nest-small) m3_nest -DAIOT_TIME_BITS=32 ;;
    *) echo "there is no such case" ;;
    esac
}

lacks() { # case
    case $1 in
    m3-*) needs='arm-none-eabi-gcc qemu-system-arm gdb-multiarch' ;;
    nest-clang) needs='clang gdb' ;;
    nest-c++) needs='g++ gdb' ;;
    *) needs=gdb ;;
    esac
    for tool in $needs; do
        command -v $tool >/dev/null || { echo $tool; return; }
        case $tool in gdb*) $tool -nx -batch -ex 'python pass' 2>&1 | grep -q . && { echo "$tool with Python"; return; } ;; esac
    done
}

# One case: `run.sh --one DIRECTORY CASE`.
if [ "$1" = --one ]; then
    dir=$2/$3
    mkdir "$dir" || exit 2
    lacks=$(lacks "$3")
    if [ -n "$lacks" ]; then
        if [ "${STRICT:-0}" = 1 ]; then echo "FAIL $3: missing: $lacks"; else echo "skip $3: missing: $lacks"; fi
    else
        why=$(run "$3")
        if [ -z "$why" ]; then echo "ok   $3"; else printf 'FAIL %s: %s\n%s\n' "$3" "$why" "$(head -n 40 "$dir/why")"; fi
    fi
    exit 0
fi

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
printf '%s\n' ${*:-$cases} | xargs -P "${JOBS:-$(nproc)}" -n 1 "$script" --one "$scratch" >"$scratch/result"
cat "$scratch/result"
failed=$(grep -c '^FAIL ' "$scratch/result")
echo "$(grep -c '^ok ' "$scratch/result") passed, $failed failed"
[ "$failed" -eq 0 ]
