#!/bin/sh
# adapters.sh: examples/mcu/freertos.c and examples/mcu/arduino, which need an RTOS and a core that are not here.  Both are compiled
# against the declarations in stubs/, for their targets and for the host, warnings being errors; and on the host they are linked with
# small simulations of the two (stubs/*_sim.*) and run: with clocks that wrap, and with the interrupt in every place of a turn.
# One line for each failure; last, `N passed, M failed`.  A compiler that is missing is named and left out; with STRICT=1 it is a failure.
cd "$(dirname "$0")/../.." || exit 2
stubs=tests/mcu/stubs
build=$(mktemp -d) || exit 2                    # of this run alone: what an interrupted one has started may still be writing
trap 'rm -rf "$build"' EXIT
passed=0
failed=0

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED $1"; head -n 12 "$build/why"; }

builds() { # name compiler arguments...: compiles, or links
    name=$1
    shift
    if ! command -v "$1" >/dev/null; then
        if [ "${STRICT:-0}" = 1 ]; then echo "$1 is not installed" >"$build/why"; fail "$name"
        else echo "skipped $name: $1 is not installed"; fi
    elif "$@" -Wall -Wextra -Werror -I. -I$stubs >"$build/why" 2>&1; then pass
    else fail "$name"; fi
}

prints() { # expected-file program arguments...
    expected=$1
    shift
    timeout 60 "$@" >"$build/out" 2>&1
    if diff "$expected" "$build/out" >"$build/why"; then pass; else fail "$*"; fi
}

# The sanitizers of the FreeRTOS simulation do not include that of addresses: it does not know tasks that have stacks of their own.
ubsan="-fsanitize=undefined -fno-sanitize-recover=all"
strict="-Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla"
cc=${CC:-cc}
cxx=${CXX:-c++}
arm="-mthumb --specs=picolibc.specs -std=c11"
# shellcheck disable=SC2086
{
for cpu in cortex-m0 cortex-m3; do
    builds "freertos.c for $cpu" arm-none-eabi-gcc -mcpu=$cpu $arm -Os $strict -c examples/mcu/freertos.c -o "$build/freertos-$cpu.o"
done
builds "freertos.c for the host" $cc -std=c11 -O1 -g $ubsan $strict -Dmain=firmware_main -Wno-missing-prototypes -c examples/mcu/freertos.c -o "$build/freertos.o"
builds "freertos_sim" $cc -std=c11 -O1 -g $ubsan "$build/freertos.o" $stubs/freertos_sim.c -o "$build/freertos_sim"
for standard in 11 14; do
    builds "arduino.ino for AVR, C++$standard" avr-g++ -mmcu=atmega328p -std=gnu++$standard -Os -fno-exceptions -x c++ -c examples/mcu/arduino/arduino.ino -o "$build/arduino-avr.o"
done
builds "arduino_sim" $cxx -std=c++11 -O1 -g $ubsan -fsanitize=address -x c++ examples/mcu/arduino/arduino.ino $stubs/arduino_sim.cc -o "$build/arduino_sim"
}

# The count of ticks begins at 0; before it becomes negative; before it becomes 0 again; and such that the button is pressed in the tick
# that reads like AIOT_FOREVER.
for first in 0 0x7ffffc00 0xfffffc00 0x7fffe19e; do
    if [ -x "$build/freertos_sim" ]; then
        for place in 0 1 2 3 4 5 6 7 8 9 10 11 12; do prints $stubs/freertos.out "$build/freertos_sim" $first $place; done
    fi
    if [ -x "$build/arduino_sim" ]; then prints $stubs/arduino.out "$build/arduino_sim" $first; fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
