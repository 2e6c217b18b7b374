#!/bin/sh
# size.sh [BUILD]: what two tasks that sleep (size/two.c) cost on four microcontrollers beside a program without the header
# (size/empty.c), at -Os: bytes, instructions counted in an emulator, stack.  Targets and tools are those of run.sh.
#
# Each figure stands beside its budget, if it has one (`pass`, or `MISS`: not reached yet), and beside its ceiling: above that the
# script fails, so that growth is noticed.  Last, `N passed, M failed`, which counts the ceilings.  A target whose tools are missing is
# named and left out; with STRICT=1 it is a failure.  TARGETS="rv32 avr" measures these only.
# shellcheck disable=SC2086
build=${1:-${BUILD:-build}}
case $build in /*) ;; *) build=$PWD/$build ;; esac
build=$build/mcu-size
cd "$(dirname "$0")/../.." || exit 2

# Figure, and its ceiling on cortex-m0, cortex-m3, rv32, avr: what gcc 12 (avr: 5.4) gave, plus 3 %.  Then its budgets, - = none.
table="
text      1133 1087 1285 2031    900 900 - 1200
ram       160 160 160 90   136 136 136 80
task      45 45 45 26   56 56 56 34
switch    82 78 90 288   40 - - -
awake     27047 26189 32126 87664   - - - -
tickless  16561 - 14989 -   - - - -
stack     119 111 148 41   - - - -
"

flags="-std=c11 -Os -ffunction-sections -fdata-sections -Iexamples/mcu -I. -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror"
bare="-ffreestanding -fno-tree-loop-distribute-patterns"
emulated="-display none -monitor none -icount shift=0,sleep=off -singlestep -d exec,nochain"
semihosting="-serial none -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console"
arm="examples/mcu/port/cortex-m"

target() { # name: sets prefix of the tools, machine (flags), files (start-up), link, emulator
    files=
    link=
    case $1 in
    cortex-m0)
        prefix=arm-none-eabi-
        machine="-mcpu=cortex-m0 -mthumb $bare -DCORE_HZ=16000000u"
        emulator="qemu-system-arm $emulated $semihosting -M microbit" ;;
    cortex-m3)
        prefix=arm-none-eabi-
        machine="-mcpu=cortex-m3 -mthumb $bare -DCORE_HZ=25000000u"
        emulator="qemu-system-arm $emulated $semihosting -M mps2-an385" ;;
    rv32)
        prefix=riscv64-unknown-elf-
        machine="-march=rv32imac_zicsr -mabi=ilp32 $bare"
        files="examples/mcu/port/rv32/startup.S examples/mcu/port/memory.c"
        link="-nostdlib -T examples/mcu/port/rv32/link.ld -Wl,--no-warn-rwx-segments"
        emulator="qemu-system-riscv32 $emulated -serial stdio -M virt -bios none" ;;
    avr)
        prefix=avr-
        machine="-mmcu=atmega328p -DF_CPU=16000000UL"
        emulator="$build/avr_runner atmega328p 16000000" ;;
    *)
        echo "size.sh: no target $1" >&2; exit 2 ;;
    esac
    case $1 in cortex-*)
        files="$arm/startup.c examples/mcu/port/memory.c"
        link="-nostdlib -T $arm/link.ld" ;;
    esac
}

missing() { # name
    command -v ${prefix}gcc >/dev/null || { echo ${prefix}gcc; return; }
    if [ "$1" = avr ]; then
        ${CC:-cc} -O2 -Wall -Wextra tests/mcu/avr_runner.c -lsimavr -lelf -o "$build/avr_runner" 2>"$build/avr_runner.why" ||
            echo "libsimavr-dev or libelf-dev"
        echo '#include <avr/io.h>' | avr-gcc -mmcu=atmega328p -E - >/dev/null 2>&1 || echo avr-libc
    else
        command -v "${emulator%% *}" >/dev/null || echo "${emulator%% *}"
    fi
}

link() { # program (under tests/mcu/size), output, flags...: with the tick, unless PORT is another port
    from=tests/mcu/size/$1.c
    out=$dir/$2
    shift 2
    port=${PORT:-tests/mcu/size}
    ${prefix}gcc $flags $machine -I$port "$@" "$from" $port/port.c $files $link -lgcc -Wl,--gc-sections -o "$out" >"$out.why" 2>&1 ||
        { echo "size.sh: $out does not link:"; head -n 12 "$out.why"; exit 1; } >&2
}

awake() { # output of link(): instructions it took; on AVR, cycles
    if [ "$name" = avr ]; then
        timeout 60 $emulator "$dir/$1" </dev/null 2>"$dir/log" >/dev/null || { echo "$1: exit code $?" >&2; return 1; }
        sed -n 's/^cycles .* awake //p' "$dir/log"
    else
        rm -f "$dir/log"
        timeout 60 $emulator -D "$dir/log" -kernel "$dir/$1" </dev/null >/dev/null 2>&1 || { echo "$1: exit code $?" >&2; return 1; }
        grep -c '^Trace' "$dir/log"
    fi
}

bytes() { ${prefix}size "$dir/$1" | awk 'NR == 2 { print $1 + $2, $2 + $3 }'; }     # text with the initial values, RAM

# The frames of those that are on the stack when a task falls asleep; what was inlined has none of its own.
on_stack="main aiot_run_forever aiot_i_run_turn aiot_i_turn aiot_i_run_other aiot_i_step aiot_i_step_every aiot_i_sleep aiot_i_wait_until
    aiot_i_timers_insert"

measure() { # prints figure, value, what else there is to say
    link empty empty
    link two two
    set -- $(bytes empty) $(bytes two)
    echo "text $(($3 - $1)) (of $3)"
    echo "ram $(($4 - $2)) (of $4)"
    ${prefix}gcc $flags $machine -Itests/mcu/size -Wno-pedantic -fstack-usage -c tests/mcu/size/two.c -o "$dir/two.o" || return 1
    echo '#include "port.h"
        extern char per_task[sizeof(aiot_task) + sizeof(aiot_frame)]; char per_task[sizeof(aiot_task) + sizeof(aiot_frame)];' |
        ${prefix}gcc $flags $machine -Itests/mcu/size -x c -c - -o "$dir/per_task.o" || return 1
    echo "task $((0x$(${prefix}nm -S "$dir/per_task.o" | awk '/per_task/ { print $2 }')))"
    for n in 200 400; do
        link two once$n -DYIELDS=$n
        link two twice$n -DYIELDS=$n -DCOUNTED_TWICE
    done
    echo "$(awake once200) $(awake once400) $(awake twice200) $(awake twice400)" |
        awk '{ once = ($2 - $1) / 200; twice = ($4 - $3) / 200; printf "switch %.0f\n", once - (twice - once) }'
    echo "awake $(awake two) (empty: $(awake empty))"
    case $name in cortex-m0 | rv32)
        PORT=examples/mcu/port/$name
        link two tickless -DTICKLESS -DAIOT_TASK_LIST=0 -DAIOT_WIDE_LABELS=0
        PORT=
        echo "tickless $(awake tickless)" ;;
    esac
    awk -v names="$on_stack" 'BEGIN { split(names, list, " "); for (i in list) known[list[i]] = 1 }
        { n = split($1, part, ":"); f = part[n]; sub(/\..*/, "", f); if (f in known) sum += $2 }
        END { print "stack", sum }' "$dir/two.su"
}

mkdir -p "$build" || exit 2
: >"$build/result"
column=0
for name in cortex-m0 cortex-m3 rv32 avr; do
    column=$((column + 1))
    case " ${TARGETS:-$name} " in *" $name "*) ;; *) continue ;; esac
    target $name
    lacks=$(missing $name)
    if [ -n "$lacks" ]; then
        if [ -n "$STRICT" ]; then echo "FAIL $name: missing: $lacks"; else echo "skip $name: missing: $lacks"; fi
        continue
    fi
    dir=$build/$name
    rm -rf "$dir"
    mkdir -p "$dir"
    (measure) >"$dir/figures" || echo "FAIL $name: not measured"
    echo "$table" | awk -v name=$name -v column=$column '
        FILENAME == "-" { if (NF) { ceiling[$1] = $(1 + column); budget[$1] = $(5 + column); order[++count] = $1 } next }
        { figure = $1; value[figure] = $2; $1 = ""; $2 = ""; sub(/^ +/, ""); note[figure] = $0 }
        END {
            for (i = 1; i <= count; i++) {
                f = order[i]
                if (ceiling[f] == "-") continue
                over = value[f] !~ /^[1-9][0-9]*$/ || value[f] + 0 > ceiling[f] + 0
                met = budget[f] == "-" ? "" : value[f] + 0 <= budget[f] + 0 ? "pass" : "MISS"
                printf "%-10s %-9s %6s %7s %-5s %7s %-5s %s\n", name, f, value[f], budget[f], met, ceiling[f], over ? "FAIL" : "ok", note[f]
            }
        }' - "$dir/figures"
done >"$build/result"

echo "text, ram: bytes more than the empty program.  task: bytes of a sleeping task.  switch: instructions from a yield to the next
task.  awake: instructions in 200 ms with a tick of 1 ms; tickless: without.  On avr, cycles.  stack: bytes of the loop's and the task's frames.
"
printf '%-10s %-9s %6s %7s %-5s %7s\n' target figure value budget '' ceiling
cat "$build/result"
failed=$(grep -c 'FAIL' "$build/result")
echo "$(grep -c ' ok ' "$build/result") passed, $failed failed"
[ "$failed" -eq 0 ]
