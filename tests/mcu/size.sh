#!/bin/sh
# size.sh: what two tasks that sleep (size/two.c) cost on four microcontrollers beside a program without the header
# (size/empty.c), at -Os: bytes, instructions counted in an emulator, stack.  Targets and tools are those of run.sh.
#
# Each figure stands beside its budget, if it has one (`pass`, or `MISS`: not reached yet), and beside its ceiling: above that the
# script fails, so that growth is noticed.  Last, `N passed, M failed`, which counts the ceilings.  A target whose tools are missing is
# named and left out; with STRICT=1 it is a failure.  TARGETS="rv32 avr" measures these only.
# shellcheck disable=SC2086
cd "$(dirname "$0")/../.." || exit 2
build=$(mktemp -d) || exit 2                    # of this run alone: what an interrupted one has started may still be writing
trap 'rm -rf "$build"' EXIT

# Figure, and its ceiling on cortex-m0, cortex-m3, rv32, avr: what gcc 12 (avr: 5.4) gave, plus 3 %.  Then its budgets, - = none; that of
# tickless is what a program takes that only counts ticks of 1 kHz: on rv32 that is empty.c; on cortex-m0 another one, as others have
# measured it (4537 lines of QEMU's log, 26 of them twice), for empty.c counts its 200 ticks in 18 instructions each.
table="
text      850 816 980 1250    850 850 - 1250
ram       136 136 136 78   136 136 136 80
task      44 44 44 26   56 56 56 34
switch    39 37 34 112   40 - - -
switch10  33 31 29 98   40 - - -
awake     7558 7940 12674 37225   - - - -
tickless  4777 - 5818 -   4511 - 8476 -
stack     83 91 115 29   - - - -
"

flags="-std=c11 -Os -ffunction-sections -fdata-sections -Iexamples/mcu -I. -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror"
bare="-ffreestanding -fno-tree-loop-distribute-patterns"
emulated="-display none -monitor none -icount shift=0,sleep=off -singlestep -d exec,nochain"
semihosting="-serial none -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console"
arm="examples/mcu/port/cortex-m"

target() { # name: sets prefix of the tools, machine (flags), files (start-up), link, emulator, entry (what an interrupt pushes)
    files=
    link=
    entry=0                                     # avr's return address is in the handler's frame
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
        link="-nostdlib -T $arm/link.ld"
        entry=36 ;;                             # eight registers, and a word so that eight divides the address
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
    program=$1
    out=$dir/$2
    shift 2
    port=${PORT:-tests/mcu/size}
    objects=
    for file in tests/mcu/size/$program.c $port/port.c $files; do       # one by one: so each one's .su file has a name of its own
        object=$out-$(basename "${file%.*}").o
        objects="$objects $object"
        ${prefix}gcc $flags $machine -I$port -fstack-usage "$@" -c "$file" -o "$object" || break
    done >"$out.why" 2>&1
    ${prefix}gcc $machine $objects $link -lgcc -Wl,--gc-sections -o "$out" >>"$out.why" 2>&1 ||
        { echo "size.sh: $out does not link:"; head -n 12 "$out.why"; exit 1; } >&2
}

run() { # output of link(): leaves in $dir/log what the emulator has counted
    if [ "$name" = avr ]; then
        timeout 60 $emulator "$dir/$1" </dev/null 2>"$dir/log" >/dev/null
    else
        rm -f "$dir/log"
        timeout 60 $emulator -D "$dir/log" -kernel "$dir/$1" </dev/null >/dev/null 2>&1
    fi
}

awake() { # output of link(): instructions it took; on AVR, cycles.  With -icount, QEMU logs what accesses a device twice in a row
    run "$1" || { echo "$1: exit code $?" >&2; return 1; }
    if [ "$name" = avr ]; then sed -n 's/^cycles .* awake //p' "$dir/log"
    else awk -F/ '/^Trace/ && ("" $2) != last { n++; last = "" $2 } END { print n }' "$dir/log"
    fi
}

bytes() { ${prefix}size "$dir/$1" | awk 'NR == 2 { print $1 + $2, $2 + $3 }'; }     # text with the initial values, RAM

bound() { # output of link(): leaves in NAME.stack what stack.awk says of it; or tells why there is no bound
    ${prefix}objdump -d "$dir/$1" | awk -v entry=$entry -f tests/mcu/stack.awk "$dir/$1"-*.su - >"$dir/$1.stack" 2>"$dir/$1.why" ||
        { echo "stack none ($1: $(cat "$dir/$1.why"))"; return 1; }
}

told() { sed -n "s/^$2 *//p" "$dir/$1.stack"; }        # output of link(), word: what stack.awk has said

painted() { # output, flags...: sets used, the bytes that two.c built so has used of its painted stack, from the call of main() down
    used=0
    for n in 1 32; do                           # an exit code tells five bits of it, beside those of a time-out, a signal or a fault
        link two "$@" -DPAINT=$n
        run "$1"
        code=$?
        if [ $code -lt 200 ] || [ $code -gt 231 ]; then echo "stack none ($1 ends with exit code $code)"; return 1; fi
        used=$((used + n * (code - 200)))
    done
    bound "$1" || return 1                      # that of the program as it is must be the painted one's too
    if [ "$(told "$1" loop)" != "$(told two loop)" ]; then
        echo "stack none (bound $(told two loop), but that of $1 $(told "$1" loop))"
        return 1
    fi
    used=$((used - $(told "$1" before)))
}

# The bound, unless it is none: emulated without interrupts it must hold as it is, and with them when the handler's share comes on top.
stack() {
    bound two || return 0
    loop=$(told two loop)
    handler=$(told two handler)
    painted quiet -DQUIET || return 0
    quiet=$used
    painted loud || return 0
    if [ $quiet -gt $loop ] || [ $used -gt $((loop + handler)) ]; then
        echo "stack none (bound $loop, handler $handler, but measured $quiet, with interrupts $used)"
    else
        echo "stack $loop (measured $quiet, with interrupts $used; handler: $handler; pointers: $(told two unfollowed))"
    fi
}

per_switch() { # tasks, figure: prints instructions from a yield to the next of so many tasks
    for n in 200 400; do
        link two once$n -DYIELDS=$n -DTASKS=$1
        link two twice$n -DYIELDS=$n -DTASKS=$1 -DCOUNTED_TWICE
    done
    echo "$(awake once200) $(awake once400) $(awake twice200) $(awake twice400)" |
        awk -v figure=$2 '{ once = ($2 - $1) / 200; twice = ($4 - $3) / 200; printf "%s %.0f\n", figure, once - (twice - once) }'
}

measure() { # prints figure, value, what else there is to say
    link empty empty
    link two two
    set -- $(bytes empty) $(bytes two)
    echo "text $(($3 - $1)) (of $3)"
    echo "ram $(($4 - $2)) (of $4)"
    echo '#include "port.h"
        extern char per_task[sizeof(aiot_task) + sizeof(aiot_frame)]; char per_task[sizeof(aiot_task) + sizeof(aiot_frame)];' |
        ${prefix}gcc $flags $machine -Itests/mcu/size -x c -c - -o "$dir/per_task.o" || return 1
    echo "task $((0x$(${prefix}nm -S "$dir/per_task.o" | awk '/per_task/ { print $2 }')))"
    per_switch 2 switch
    per_switch 10 switch10
    echo "awake $(awake two) (empty: $(awake empty))"
    case $name in cortex-m0 | rv32)
        PORT=examples/mcu/port/$name
        link tickless tickless -DAIOT_TASK_LIST=0
        PORT=
        echo "tickless $(awake tickless) (empty, with a tick: $(awake empty))" ;;
    esac
    stack
}

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
task, of two or ten.  awake: instructions in 200 ms with a tick of 1 ms; tickless: without.  On avr, cycles.  stack: bytes from the call of main() to
the deepest that its calls can get; beside it what runs used, what the interrupt handler can add, and which functions call through
pointers that were not followed (stack.awk says why not).
"
printf '%-10s %-9s %6s %7s %-5s %7s\n' target figure value budget '' ceiling
cat "$build/result"
failed=$(grep -c 'FAIL' "$build/result")
echo "$(grep -c ' ok ' "$build/result") passed, $failed failed"
[ "$failed" -eq 0 ]
