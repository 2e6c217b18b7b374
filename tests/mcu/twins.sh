#!/bin/sh
# twins.sh: compiles the twins of asyncio programs for two 32-bit microcontrollers, runs each in an emulator, and compares what
# it prints with CPython's trace: the same files as on the host (tests/run.sh conformance).
#
#   cortex-m3    Arm, Thumb-2; gcc-arm-none-eabi, picolibc-arm-none-eabi, qemu-system-arm
#   rv32         RISC-V, rv32imac; gcc-riscv64-unknown-elf, picolibc-riscv64-unknown-elf, qemu-system-misc
#
# One line for each program that fails, with the beginning of the difference; `ok   TARGET: N programs`; last, `N passed, M failed`.
# A tool-chain that is missing is named and left out; with STRICT=1 it is a failure.  TARGETS="rv32" runs that one only, JOBS=4 sets
# how many run at once.
cd "$(dirname "$0")/../.." || exit 2
script=tests/mcu/twins.sh

# Freestanding as on the device (no clock of its own), and with the warnings of the Makefile.
flags="-std=c11 -ffunction-sections -DAIOT_HOSTED=0 -I. -Iexamples/asyncio -Itests/unit -Wall -Wextra -Wpedantic -Wshadow
    -Wconversion -Wsign-conversion -Wstrict-prototypes -Wundef -Wvla -Werror"
# The C library talks to the emulator through semihosting.  Its default printf is the one with double and 64 bits, which traces need.
# Its default stack is 4 KB, and growing out of it would go unnoticed.
link="--specs=picolibc.specs --oslib=semihost --crt0=hosted -Wl,--defsym=__stack_size=0x10000"
console="-display none -monitor none -serial none -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console"
# One instruction is one nanosecond of the emulated machine: runs repeat exactly.
console="$console -icount shift=0,sleep=off"

target() { # name: sets compiler, machine (its flags), memory, emulator
    case $1 in
    cortex-m3)
        compiler=arm-none-eabi-gcc
        machine="-mcpu=cortex-m3 -mthumb -Os"             # as firmware is built
        memory="-Wl,--defsym=__flash=0,--defsym=__flash_size=0x400000,--defsym=__ram=0x20000000,--defsym=__ram_size=0x400000"
        emulator="qemu-system-arm -M mps2-an385" ;;
    rv32)
        compiler=riscv64-unknown-elf-gcc
        machine="-march=rv32imac -mabi=ilp32 -Og"       # not rv32imac_zicsr: gcc then finds no 32-bit library; -Og: compiles faster
        memory="-Wl,--defsym=__flash=0x80000000,--defsym=__flash_size=0x400000,--defsym=__ram=0x80400000,--defsym=__ram_size=0x400000"
        emulator="qemu-system-riscv32 -M virt -bios none" ;;
    *)
        echo "$script: no target $1"; exit 2 ;;
    esac
}

# Called through xargs below: twins.sh --some TARGET DIR SOURCE...: DIR/NAME.ok for each one that passes, else DIR/NAME.why
if [ "$1" = --some ]; then
    target "$2"
    dir=$3
    shift 3
    for source in "$@"; do
        name=$(basename "$source" .c)
        case $source in
        examples/*) trace=tests/conformance/tutorials/$name.out ;;
        *)          trace=tests/conformance/public/$name.out ;;
        esac
        at=$dir/$name
        # shellcheck disable=SC2086
        if ! $compiler $machine $flags $memory $link -include "$dir/vt.h" "$source" -o "$at.elf" 2>"$at.why"; then continue; fi
        # shellcheck disable=SC2086
        timeout 60 $emulator $console -kernel "$at.elf" </dev/null >"$at.out" 2>"$at.why"
        code=$?
        if [ $code -ne 0 ]; then echo "exit code $code" >>"$at.why"
        elif diff "$trace" "$at.out" >"$at.why"; then mv "$at.why" "$at.ok"
        else echo "(< is $trace)" >>"$at.why"; fi
    done
    exit 0
fi

build=$(mktemp -d) || exit 2                    # of this run alone: what an interrupted one has started may still be writing
trap 'rm -rf "$build"' EXIT
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
passed=0
failed=0

missing() { # tool-chain, what it lacks
    if [ "${STRICT:-0}" = 1 ]; then failed=$((failed + 1)); echo "FAILED $1: $2 is not installed"
    else echo "skipped $1: $2 is not installed"; fi
}

for target in ${TARGETS:-cortex-m3 rv32}; do
    target "$target"
    dir=$build/$target
    if ! command -v $compiler >/dev/null; then missing "$target" $compiler; continue; fi
    if ! command -v "${emulator%% *}" >/dev/null; then missing "$target" "${emulator%% *}"; continue; fi
    # shellcheck disable=SC2086
    if ! echo '#include <stdio.h>' | $compiler $machine --specs=picolibc.specs -E - >/dev/null 2>&1; then missing "$target" "picolibc for $compiler"; continue; fi

    mkdir -p "$dir" || exit 2
    # The header precompiled, which saves a fifth of the time; gcc falls back on the copy of vt.h if it cannot use it.
    cp examples/asyncio/vt.h "$dir/vt.h" || exit 2
    # shellcheck disable=SC2086
    $compiler $machine $flags --specs=picolibc.specs -x c-header "$dir/vt.h" -o "$dir/vt.h.gch" || rm -f "$dir/vt.h.gch"
    printf '%s\n' examples/asyncio/*.c tests/conformance/*.c | xargs -n 4 -P "$jobs" "$script" --some "$target" "$dir"
    count=0
    bad=0
    for source in examples/asyncio/*.c tests/conformance/*.c; do
        name=$(basename "$source" .c)
        if [ -e "$dir/$name.ok" ]; then count=$((count + 1)); continue; fi
        bad=$((bad + 1))
        echo "FAILED $target: $source"
        head -n 12 "$dir/$name.why"
    done
    if [ $count -gt 0 ]; then echo "ok   $target: $count programs"; fi
    passed=$((passed + count))
    failed=$((failed + bad))
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && { [ "$passed" -gt 0 ] || [ "${STRICT:-0}" != 1 ]; }
