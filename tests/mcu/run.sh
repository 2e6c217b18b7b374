#!/bin/sh
# run.sh: builds the examples of examples/mcu for four microcontrollers, runs them in emulators, and compares what they print
# with expected/NAME.txt: the same on all.  And units.c: delays converted at run time; soak.c: each port for longer than its clock takes
# to wrap; and short_sleeps.c, on the Cortex-M0 at the pace of the real one.
#
#   cortex-m0    nRF51822 (micro:bit)            gcc-arm-none-eabi, qemu-system-arm
#   cortex-m3    Arm MPS2 AN385                  the same
#   rv32         QEMU's virt, rv32imac           gcc-riscv64-unknown-elf, qemu-system-misc
#   avr          ATmega328P (Arduino Uno)        gcc-avr, avr-libc, libsimavr-dev, libelf-dev
#
# One line for each example on each target; last, `N passed, M failed`.  A target whose tools are missing is named and left out; with
# STRICT=1 it is a failure.  TARGETS="rv32 avr" runs these only, JOBS=4 sets how many run at once, MCU_CFLAGS adds compiler flags.
# shellcheck disable=SC2086
script=$(cd "$(dirname "$0")" && pwd)/run.sh
cd "$(dirname "$0")/../.." || exit 2
programs="examples/mcu/blink examples/mcu/debounce examples/mcu/bus examples/mcu/shell examples/mcu/producer tests/mcu/soak tests/mcu/units"

flags="-std=c11 -Os -g -ffunction-sections -fdata-sections -Iexamples/mcu -I. -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror $MCU_CFLAGS"
# Without a C library: nor may the loop in our memset() be taken for a call of it.
bare="-ffreestanding -fno-tree-loop-distribute-patterns"
# One instruction is one nanosecond of the emulated machine, and sleeping takes no time: runs repeat exactly.
emulated="-display none -monitor none -icount shift=0,sleep=off"
semihosting="-serial none -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console"

target() { # name: sets compiler, machine (its flags), files (its own), link, libgcc, emulator
    port=examples/mcu/port/$1
    libgcc=-lgcc
    memory=examples/mcu/port/memory.c
    case $1 in
    cortex-m0 | cortex-m3)
        compiler=arm-none-eabi-gcc
        machine="-mcpu=$1 -mthumb $bare"
        files="examples/mcu/port/cortex-m/startup.c $memory"
        link="-nostdlib -T examples/mcu/port/cortex-m/link.ld"
        emulator="qemu-system-arm $emulated $semihosting -M"
        if [ "$1" = cortex-m0 ]; then emulator="$emulator microbit -kernel"; else emulator="$emulator mps2-an385 -kernel"; fi ;;
    rv32)
        compiler=riscv64-unknown-elf-gcc
        machine="-march=rv32imac_zicsr -mabi=ilp32 $bare"
        files="$port/startup.S $memory"
        link="-nostdlib -T $port/link.ld -Wl,--no-warn-rwx-segments"
        libgcc=$($compiler -march=rv32imac -mabi=ilp32 -print-libgcc-file-name 2>/dev/null)     # with _zicsr gcc takes the one for 64 bits
        emulator="qemu-system-riscv32 -M virt -bios none -serial stdio $emulated -kernel" ;;
    avr)
        compiler=avr-gcc
        machine="-mmcu=atmega328p -DF_CPU=16000000UL"
        files=
        link=
        emulator="$build/mcu/avr_runner atmega328p 16000000" ;;
    *)
        echo "$script: no target $1" >&2; exit 2 ;;
    esac
    machine="$machine -I$port"
    files="$port/port.c $files"
}

# One program on one target: `run.sh DIRECTORY --one TARGET PROGRAM`.
build=$1
if [ "$2" = --one ]; then
    target "$3"
    name=${4##*/}
    out=$build/mcu/$3/$name
    board=
    objects="$build/mcu/$3/port/*.o"
    case $name in
    soak) ;;
    short_sleeps)                               # 64 ns an instruction; all files without optimisation
        flags="$flags -O0"
        emulator=$(echo "$emulator" | sed 's/shift=0/shift=6/')
        objects="$files examples/mcu/board.c" ;;
    *) board=$build/mcu/$3/board.o ;;
    esac
    if ! $compiler $flags $machine "$4.c" $objects $board $link $libgcc -Wl,--gc-sections -o "$out.elf" >"$out.why" 2>&1
    then
        why="does not compile"
    else
        timeout 20 $emulator "$out.elf" </dev/null >"$out.raw" 2>"$out.err"
        code=$?
        tr -d '\r' <"$out.raw" >"$out.out"
        if [ $code -ne 0 ]; then
            why="exit code $code"
            cat "$out.out" "$out.err" >"$out.why"
        elif ! diff "tests/mcu/expected/$name.txt" "$out.out" >"$out.why"; then
            why="differs from tests/mcu/expected/$name.txt"
        else
            echo "ok   $3/$name"
            exit 0
        fi
    fi
    echo "FAIL $3/$name: $why
$(head -n 12 "$out.why")"
    exit 0
fi

# What a target lacks.
missing() { # name
    command -v "$compiler" >/dev/null || { echo "$compiler"; return; }
    if [ "$1" = avr ]; then
        ${CC:-cc} -O2 -Wall -Wextra tests/mcu/avr_runner.c -lsimavr -lelf -o "$build/mcu/avr_runner" 2>"$build/mcu/avr_runner.why" ||
            echo "libsimavr-dev or libelf-dev"
        echo '#include <avr/io.h>' | $compiler -mmcu=atmega328p -E - >/dev/null 2>&1 || echo avr-libc
    else
        command -v "${emulator%% *}" >/dev/null || echo "${emulator%% *}"
    fi
}

build=$(mktemp -d) || exit 2                    # of this run alone: what an interrupted one has started may still be writing
trap 'rm -rf "$build"' EXIT
mkdir -p "$build/mcu" || exit 2
result=$build/mcu/result
: >"$result"
for name in ${TARGETS:-cortex-m0 cortex-m3 rv32 avr}; do
    target "$name"
    lacks=$(missing "$name")
    if [ -n "$lacks" ]; then
        if [ -n "$STRICT" ]; then echo "FAIL $name: missing: $lacks"; else echo "skip $name: missing: $lacks"; fi >>"$result"
        continue
    fi
    mkdir -p "$build/mcu/$name/port"
    compiles=yes
    for file in $files examples/mcu/board.c; do             # once for all programs
        object=$build/mcu/$name/port/$(basename "${file%.*}").o
        [ "$file" != examples/mcu/board.c ] || object=$build/mcu/$name/board.o
        $compiler $flags $machine -c "$file" -o "$object" >"$object.why" 2>&1 && continue
        compiles=no
        { echo "FAIL $name: $file does not compile"; head -n 12 "$object.why"; } >>"$result"
    done
    [ $compiles = no ] || for program in $programs; do echo "$name $program"; done
    [ "$name" != cortex-m0 ] || [ $compiles = no ] || echo "$name tests/mcu/short_sleeps"
done | xargs -r -P "${JOBS:-$(nproc)}" -n 2 "$script" "$build" --one >>"$result"
cat "$result"
failed=$(grep -c '^FAIL ' "$result")
echo "$(grep -c '^ok ' "$result") passed, $failed failed"
[ "$failed" -eq 0 ]
