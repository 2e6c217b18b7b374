#!/usr/bin/env bash
# portability.sh [BUILD]: what tests/run.sh checks on this machine, for other machines, C libraries and compilers: other byte order,
# word size and alignment of the types, and headers that are not glibc's.
#
#   m32                   x86, 32 bits; gcc-12-multilib, libc6-dev-i386
#   s390x, powerpc        big-endian, 64 and 32 bits; gcc-s390x-linux-gnu, libc6-dev-s390x-cross, ..., qemu-user-static
#   m68k                  big-endian, and alignof(int64_t) is 2
#   musl                  another C library; musl-tools
#   tcc                   neither gcc nor clang, and no __attribute__ to lean on; tcc, libc6-dev
#   c++11                 all of it as C++, in which arguments by name are assignments; g++
#   clang-16              and its language versions, C11 to C2x, C++11 to C++23; tests/header.sh has those of gcc, g++ and clang
#   mingw                 Windows, as Wine has it; gcc-mingw-w64-x86-64, wine64, wine
#   z80                   the freestanding core alone, compiled by SDCC, on its simulator; sdcc, sdcc-ucsim
#
# Each runs the twins of asyncio programs against CPython's traces (tests/run.sh conformance), the random programs of tests/fuzz/corpus.txt,
# and tests/portability/core.c with clocks of 64, 32 and 16 bits; musl, tcc, m32 and s390x run tests/unit too, on their own clocks.
#
# One line for each program that fails, with the beginning of the difference; `ok   NAME: what (n programs)`; last,
# `N passed, M failed`.  A platform that is not installed is named and left out; with STRICT=1 that is a failure.  PLATFORMS="musl tcc"
# runs those only, JOBS=4 sets how many programs are compiled at once, TIMES=1 tells how long each took.
set -u
CC=${CC:-gcc}
cd "$(dirname "$0")/.." || exit 2
script=tests/portability.sh
all="m32 s390x powerpc m68k musl tcc c++11 clang-16 mingw z80"

warnings="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wundef -Wvla -Werror"
include="-I. -Iexamples/asyncio -Itests/unit"

platform() { # name: sets compile, run (what starts a program, if anything), needs (command=package...), suffix, what, units
    compile="" run="" suffix="" units=""
    what="twins, random programs, core"
    case $1 in
    m32)
        compile="$CC -m32 -std=c11 -Og $warnings"
        case $CC in *-m32*) compile="$CC -std=c11 -Og $warnings" ;; esac
        # <asm/errno.h> is there without gcc-multilib, which conflicts with cross compilers; it is the same for 32 bits.
        compile="$compile -idirafter /usr/include/$(${CC%% *} -print-multiarch 2>/dev/null)"
        needs="" units=all ;;
    s390x)
        compile="s390x-linux-gnu-gcc -static -std=c11 -O1 $warnings" run=qemu-s390x-static units=all
        needs="s390x-linux-gnu-gcc=gcc-s390x-linux-gnu qemu-s390x-static=qemu-user-static" ;;
    powerpc)
        compile="powerpc-linux-gnu-gcc -static -std=c11 -Og $warnings" run=qemu-ppc-static
        needs="powerpc-linux-gnu-gcc=gcc-powerpc-linux-gnu qemu-ppc-static=qemu-user-static" ;;
    m68k)
        compile="m68k-linux-gnu-gcc -static -std=c11 -O1 $warnings" run=qemu-m68k-static
        needs="m68k-linux-gnu-gcc=gcc-m68k-linux-gnu qemu-m68k-static=qemu-user-static" ;;
    musl)
        compile="musl-gcc -static -std=c11 -Og $warnings" units=all
        needs="musl-gcc=musl-tools" ;;
    tcc)
        compile="tcc -O1 -Wall -Werror" units=all            # -O1: it defines __OPTIMIZE__ then, as gcc does
        needs="tcc=tcc" ;;
    c++11)
        compile="g++ -std=c++11 -Og -Wall -Wextra -Wconversion -Wsign-conversion -Wundef -Wvla -Werror -x c++"
        needs="g++=g++" ;;
    clang-16)
        compile="clang-16 -std=c2x -O1 $warnings"
        needs="clang-16=clang-16" ;;
    mingw)
        # Its own printf has no %zu; the C library's other one has, but warnings about formats go by the first.
        compile="x86_64-w64-mingw32-gcc -static -std=c11 -Og $warnings -D__USE_MINGW_ANSI_STDIO=1 -Wno-format -Wno-format-extra-args" suffix=.exe
        needs="x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64 wine=wine" ;;
    z80)
        compile="sdcc -mz80 --std-c11 --data-loc 0xf900 --max-allocs-per-node 10 -DAIOT_HOSTED=0" run=tests/portability/z80.sh suffix=.ihx
        needs="sdcc=sdcc sz80=sdcc-ucsim" what=core ;;
    *)
        echo "$script: no platform $1"; exit 2 ;;
    esac
}

# Called through xargs below: portability.sh --some PLATFORM DIR SOURCE...: DIR/NAME.ok for each one that passes, else DIR/NAME.why
# A source may be core:OPTION..., with the options separated by commas.  On mingw it only compiles: one Wine runs all.
name_of() { case $1 in core:*) echo "core${1//[^A-Za-z0-9]/_}" ;; *) basename "$1" .c ;; esac; }

judge() { # source at code: compares what it printed
    local trace=""
    case $1 in
    examples/*)          trace=tests/conformance/tutorials/$(basename "$1" .c).out ;;
    tests/conformance/*) trace=tests/conformance/public/$(basename "$1" .c).out ;;
    esac
    if [ "$3" -ne 0 ]; then { head -n 10 "$2.err"; tail -n 3 "$2.out"; echo "exit code $3"; } >"$2.why" 2>/dev/null
    elif [ -z "$trace" ]; then touch "$2.ok"
    elif diff "$trace" "$2.out" >"$2.why"; then mv "$2.why" "$2.ok"
    else echo "(< is $trace)" >>"$2.why"; fi
}

if [ "${1:-}" = --some ]; then
    name=$2 dir=$3
    platform "$name"
    shift 3
    for source in "$@"; do
        at=$dir/$(name_of "$source")
        file=$source options="" arguments=""
        case $source in
        core:*)               file=tests/portability/core.c options=${source#core:} options=${options//,/ }
                              if [ "$name" = z80 ]; then file=tests/portability/z80.c; fi ;;
        tests/fuzz/*)         arguments=tests/fuzz/corpus.txt ;;
        tests/unit/kqueue_*)  options=-Itests/unit/kqueue ;;
        tests/unit/aio_h_*)   options=-D_POSIX_C_SOURCE=200809L ;;    # musl's <aio.h> needs what -std=c11 hides
        examples/*|tests/c*)  [ ! -e "$dir/vt.h" ] || options="-include $dir/vt.h" ;;
        esac
        # shellcheck disable=SC2086
        $compile $include $options "$file" -o "$at.bin$suffix" >"$at.why" 2>&1 || continue
        rm "$at.why"
        if [ "$name" = mingw ]; then continue; fi
        # shellcheck disable=SC2086
        timeout 120 $run "$at.bin" $arguments </dev/null >"$at.out" 2>"$at.err"
        judge "$source" "$at" $?
    done
    exit 0
fi

build=${1:-${BUILD:-build}}/portability
mkdir -p "$build" || exit 2
wine=$(cd "$build" && pwd)/wine                 # is kept, for it takes a while to make
own=$(mktemp -d "$build/run.XXXXXX") || exit 2  # of this run alone: what an interrupted one has started may still be writing
trap 'rm -rf "$own"' EXIT
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
passed=0
failed=0
skipped=0

# One cmd.exe of one Wine runs them all: starting Wine takes longer than they do.
run_in_wine() { # dir source...
    local dir=$1 source name
    shift
    export WINEPREFIX WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
    WINEPREFIX=$wine
    [ -e "$wine/complete" ] || rm -rf "$wine"   # it was interrupted when it was made
    {
        printf '@echo off\r\n'
        for source in "$@"; do
            name=$(name_of "$source")
            if [ ! -e "$dir/$name.bin.exe" ]; then continue; fi
            arguments=""
            case $source in tests/fuzz/*) arguments=corpus.txt; cp tests/fuzz/corpus.txt "$dir" ;; esac
            printf '%s\r\n' ".\\$name.bin.exe $arguments >$name.raw 2>$name.err <nul" "call echo %%errorlevel%% >$name.code"
        done
    } >"$dir/all.bat"
    (cd "$dir" && timeout 200 wine cmd /c all.bat) >"$dir/wine.log" 2>&1 </dev/null
    [ $? -ge 124 ] || touch "$wine/complete"
    for source in "$@"; do
        name=$(name_of "$source")
        if [ ! -e "$dir/$name.bin.exe" ]; then continue; fi
        if [ ! -s "$dir/$name.code" ]; then { echo "did not end"; tail -n 3 "$dir/wine.log"; } >"$dir/$name.why"; continue; fi
        tr -d '\r' <"$dir/$name.raw" >"$dir/$name.out"
        judge "$source" "$dir/$name" "$(tr -dc 0-9 <"$dir/$name.code")"
    done
}

skip() { # platform, the package it lacks
    if [ "${STRICT:-0}" = 1 ]; then failed=$((failed + 1)); echo "FAIL $1: $2 is not installed"
    else skipped=$((skipped + 1)); echo "skip $1: $2 is not installed"; fi
}

for name in ${PLATFORMS:-$all}; do
    started=$SECONDS
    platform "$name"
    lacks=""
    for need in $needs; do
        command -v "${need%%=*}" >/dev/null || { lacks=${need##*=}; break; }
    done
    if [ -n "$lacks" ]; then skip "$name" "$lacks"; continue; fi
    dir=$own/$name
    mkdir -p "$dir" || exit 2
    # A compiler without the C library of its platform.
    printf '#include <stdio.h>\n#include <time.h>\nint main(void) { return printf("hello") != 5; }\n' >"$dir/hello.c"
    if [ "$name" = z80 ]; then echo 'int main(void) { return 0; }' >"$dir/hello.c"; fi
    # shellcheck disable=SC2086
    if ! $compile "$dir/hello.c" -o "$dir/hello$suffix" >/dev/null 2>&1; then
        case $name in
        m32)                lacks=gcc-multilib ;;
        s390x|powerpc|m68k) lacks=libc6-dev-$name-cross ;;
        *)                  lacks="the C library of ${compile%% *}" ;;
        esac
        skip "$name" "$lacks"
        continue
    fi
    # The header precompiled, which saves a fifth of the time.
    case $name in
    tcc|z80) ;;
    *)
        cp examples/asyncio/vt.h "$dir/vt.h" || exit 2
        # shellcheck disable=SC2086
        case $name in
        c++11 | clang-16) rm -f "$dir/vt.h" ;;
        *) $compile $include -x c-header "$dir/vt.h" -o "$dir/vt.h.gch" 2>/dev/null || rm -f "$dir/vt.h" "$dir/vt.h.gch" ;;
        esac ;;
    esac

    sources=(tests/conformance/*.c tests/fuzz/aiot_side.c)
    case $name in
    s390x|powerpc|clang-16) ;;                  # m68k and tcc have what is left out here: four minutes for it all
    *) sources+=(examples/asyncio/*.c) ;;
    esac
    for bits in 64 32 16; do
        sources+=("core:-DAIOT_TIME_BITS=$bits" "core:-DAIOT_TIME_BITS=$bits,-DAIOT_HOSTED=0")
    done
    # SDCC calls functions that return 64 bits wrongly through a pointer, as the clock is called.
    if [ "$name" = z80 ]; then sources=(core:-DAIOT_TIME_BITS=32,-DAIOT_TICKS_PER_S=1000 core:-DAIOT_TIME_BITS=16); fi
    if [ -n "$units" ]; then
        what="$what, unit tests"
        for source in tests/unit/*.c; do
            case $source in */wheel_property.c) continue ;; esac
            case $name:$source in tcc:*/threads_and_signals.c) continue ;; esac     # tcc has no <stdatomic.h>
            sources+=("$source")
        done
        # Half a minute, so it begins first, and only where the word size differs.
        if [ "$name" = m32 ]; then sources=(tests/unit/wheel_property.c "${sources[@]}"); fi
    fi
    if [ "$name" = clang-16 ]; then
        for std in c11 c17; do sources+=("core:-std=$std"); done
        for std in c++11 c++14 c++17 c++20 c++2b; do sources+=("core:-Wno-strict-prototypes,-std=$std,-x,c++"); done
    fi
    printf '%s\n' "${sources[@]}" | xargs -n 2 -P "$jobs" "$script" --some "$name" "$dir"
    if [ "$name" = mingw ]; then run_in_wine "$dir" "${sources[@]}"; fi

    good=0
    bad=0
    for source in "${sources[@]}"; do
        at=$dir/$(name_of "$source")
        if [ -e "$at.ok" ]; then good=$((good + 1)); continue; fi
        bad=$((bad + 1))
        echo "FAIL $name: $source"
        head -n 12 "$at.why" 2>/dev/null
    done
    time=""
    if [ "${TIMES:-0}" = 1 ]; then time=", $((SECONDS - started)) s"; fi
    if [ $bad -eq 0 ]; then echo "ok   $name: $what ($good programs$time)"; else echo "     $name: $good programs passed, $bad failed$time"; fi
    passed=$((passed + good))
    failed=$((failed + bad))
done

[ $skipped -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
