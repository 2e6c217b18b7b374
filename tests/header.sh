#!/bin/sh
# header.sh: the header alone, compiled without a warning by every compiler that is installed, in every language version, in any order
# with the headers it could collide with; two files that include it link, and export nothing, or share one copy.  Ends with "N passed, N failed".
cd "$(dirname "$0")/.." || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

log=$scratch/log
check() { # name command...
    name=$1
    shift
    if "$@" >"$log" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $name: $*"; head -n 8 "$log"; fi
}
side_by_side() { # function argument...: calls it once for each argument, all at once, and adds up what they count
    each=$1
    shift
    for argument in "$@"; do
        (
            passed=0 failed=0 log=$scratch/log.$argument
            "$each" "$argument"
            echo "$passed $failed" >"$scratch/counts.$argument"
        ) &
    done
    wait
    for argument in "$@"; do
        read -r more_passed more_failed <"$scratch/counts.$argument" || more_passed=0 more_failed=1
        passed=$((passed + more_passed)) failed=$((failed + more_failed))
    done
}

cat >"$scratch/body.h" <<'C'
struct fetch { AIOT_FRAME; aiot_time delay; int length; };
static AIOT_CORO(fetch)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(self->delay); self->length = 42; } AIOT_FINALLY { AIOT_SLEEP(AIOT_MS(1)); }
    AIOT_END();
}
struct root { AIOT_FRAME; aiot_timeout limit; struct fetch one, two; aiot_task t1, t2; AIOT_WAIT_SET(2) set; AIOT_GATHER_SET(2) all; aiot_shield guard; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
        self->one.delay = AIOT_MS(2);
        AIOT_AWAIT_FRAME(fetch, &self->one);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT, AIOT_ECANCELED) {
        AIOT_RERAISE();
    }
    self->one.delay = self->two.delay = AIOT_MS(1);
    aiot_spawn_frame(&self->t1, fetch, &self->one);
    aiot_spawn_frame(&self->t2, fetch, &self->two);
    AIOT_WAIT(&self->set, AIOT_FIRST_COMPLETED, AIOT_FOREVER, &self->t1, &self->t2);
    AIOT_GATHER(&self->all, &self->t1, &self->t2);
    AIOT_SHIELD(&self->guard, &self->t1);
    AIOT_END();
}
C
printf '#include "aio_timeout.h"\nint main(void) { return 0; }\n' >"$scratch/alone.c"
{ printf '#include "aio_timeout.h"\n'; cat "$scratch/body.h"
  printf 'static struct root frame;\nint main(void) { static aiot_loop loop; aiot_loop_init_virtual(&loop); return aiot_run_frame(&loop, root, &frame) + (frame.two.length != 42); }\n'
} >"$scratch/used.c"
{ printf '#include <aio.h>\n#include <pthread.h>\n'; cat "$scratch/used.c"; } >"$scratch/after.c"
{ cat "$scratch/used.c"; printf '#include <aio.h>\n#include <pthread.h>\n#include <stdio.h>\n'; } >"$scratch/before.c"
{ printf '#include "aio_timeout.h"\n'; cat "$scratch/body.h"; printf 'int other(aiot_loop *loop);\nint other(aiot_loop *loop) { static struct root frame; return aiot_run_frame(loop, root, &frame); }\n'; } >"$scratch/second.c"
{ printf '#define AIOT_POLL 1\n#define AIOT_CRITICAL_STATE int\n'
  printf '#define AIOT_CRITICAL_ENTER(state) ((state) = 0)\n#define AIOT_CRITICAL_LEAVE(state) ((void)(state))\n'; cat "$scratch/used.c"; } >"$scratch/posts.c"
for f in alone used posts; do cp "$scratch/$f.c" "$scratch/$f.cc"; done
{ printf '#include "aio_timeout.h"\n'; cat <<'C'
struct fetch { AIOT_FRAME; aiot_time delay; int length; };
static AIOT_CORO(fetch) { AIOT_BEGIN(); AIOT_SLEEP(self->delay); self->length = 42; AIOT_END(); }
struct root { AIOT_FRAME; aiot_timeout limit; struct fetch one; aiot_task task; int length; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_WAIT_FOR(&self->limit, AIOT_S(2), fetch, &self->one, .delay = AIOT_MS(1));
    AIOT_AWAIT(fetch, &self->one);
    AIOT_CHECK(self->one.delay == 0 && self->length == 5 ? 0 : AIOT_EINVAL);
    aiot_spawn(&self->task, fetch, &self->one, .delay = AIOT_MS(3), .length = 6);
    AIOT_JOIN(&self->task);
    AIOT_END();
}
int main()
{
    static aiot_loop loop;
    static aiot_task task;
    static struct fetch fetched;
    struct root frame;                          /* neither zeroed nor initialised: aiot_run() does that */
    aiot_loop_init_virtual(&loop);
    aiot_spawn_on(&loop, &task, fetch, &fetched, .delay = AIOT_MS(2), .length = 4);
    int code = aiot_run(&loop, root, &frame, .length = 5);
    return code != 0 || fetched.length != 42 || fetched.delay != AIOT_MS(2) || frame.one.length != 42;
}
C
} >"$scratch/named.cc"

# Frames with members that C++ moves, and arguments that are read from the frame that is filled anew.
{ printf '#include "aio_timeout.h"\n#include <memory>\n#include <string>\n'; cat <<'C'
struct grow { AIOT_FRAME; std::string text; std::unique_ptr<int> owned; int n = 1; };
static AIOT_CORO(grow) { AIOT_BEGIN(); AIOT_YIELD(); self->text += '!'; self->n *= 2; AIOT_END(); }
struct root { AIOT_FRAME; struct grow grow; int i; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) AIOT_AWAIT(grow, &self->grow, .text = std::move(self->grow.text), .n = self->grow.n);
    AIOT_CHECK(self->grow.text == "!!!" && self->grow.n == 8 ? 0 : AIOT_EINVAL);
    AIOT_END();
}
int main() { static aiot_loop loop; static struct root frame; aiot_loop_init_virtual(&loop); return aiot_run(&loop, root, &frame); }
C
} >"$scratch/members.cc"

# Delays and times of any type that an aiot_time can be made from.
{ printf '#include "aio_timeout.h"\n#include <atomic>\n#include <functional>\n#include <type_traits>\n'; cat <<'C'
struct span { aiot_time ns; operator aiot_time() const { return ns; } };
struct part { unsigned bits : 20; };
enum plain { SHORT = 5 };
static int callback(void *) { return 0; }
struct root { AIOT_FRAME; aiot_timeout limit; aiot_handle handle; std::atomic<aiot_time> shared; span own; part field; bool flag; uint8_t small; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    self->shared = 1;
    AIOT_SLEEP(self->shared);
    AIOT_SLEEP(self->own);
    AIOT_SLEEP(self->field.bits);
    AIOT_SLEEP(self->flag);
    AIOT_SLEEP(SHORT);
    AIOT_SLEEP((std::integral_constant<aiot_time, 5>()));
    AIOT_SLEEP_UNTIL(self->shared);
    AIOT_TIMEOUT(&self->limit, self->shared) { AIOT_CHECK(aiot_timeout_reschedule(&self->limit, self->shared)); }
    AIOT_TIMEOUT_AT(&self->limit, AIOT_FOREVER) { AIOT_YIELD(); }
    AIOT_CHECK(aiot_call_later(task->loop, &self->handle, std::cref(self->small), callback, nullptr));
    aiot_call_at(task->loop, &self->handle, self->own, callback, nullptr);
    AIOT_END();
}
int main() { static aiot_loop loop; static struct root frame; aiot_loop_init_virtual(&loop); return aiot_run_frame(&loop, root, &frame); }
C
} >"$scratch/delays.cc"

# The programs that the banner and README.md begin with, and what they print.
sed -n '/^ \* QUICK START/,/^ \* THE RULES/s/^ \*     //p' aio_timeout.h >"$scratch/banner.c"
awk '/^```/ { n++; next } n == 1' README.md >"$scratch/readme.c"
printf 'closing api\ntimed out\n' >"$scratch/banner.prints"
awk '/^```/ { n++; next } n == 3' README.md >"$scratch/readme.prints"
for f in banner readme; do cp "$scratch/$f.c" "$scratch/$f.cc"; done

COMMON="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wundef -Werror -I."
C_ONLY="-Wstrict-prototypes -Wmissing-prototypes -Wvla"
prints() { # "compiler -std=...", program, executable
    check "$1 $2" $1 -O1 $COMMON "$scratch/$2" -o "$3"
    check "$1 $2 prints" sh -c "'$3' | cmp - '$scratch/${2%.*}.prints'"
}
in_c() { # compiler
    cc=$1
    command -v $cc >/dev/null || { echo "($cc is not installed)"; return; }
    for std in c11 c17 c2x gnu11; do
        for options in "" "-DAIOT_DEBUG=1" "-DAIOT_POLL=1" "-DAIOT_SMALL=1" "-DAIOT_HOSTED=0"; do
            for file in alone used before after; do
                case "$options $file" in *HOSTED=0*before | *HOSTED=0*after) continue ;; esac
                check "$cc $std $options $file" $cc -std=$std -O1 $COMMON $C_ONLY $options "$scratch/$file.c" -o "$scratch/$cc.out"
                case $file in used) check "$cc $std $options run" "$scratch/$cc.out" ;; esac
            done
        done
    done
    for file in banner readme; do prints "$cc -std=c11" $file.c "$scratch/$cc.out"; done
    check "$cc interrupts" $cc -std=c11 -O1 $COMMON $C_ONLY "$scratch/posts.c" -o "$scratch/$cc.out"
    check "$cc two files" $cc -std=c11 -O1 $COMMON -o "$scratch/two.$cc" "$scratch/used.c" "$scratch/second.c"
    check "$cc object" $cc -std=c11 -O1 $COMMON -c "$scratch/alone.c" -o "$scratch/alone.$cc.o"
    check "$cc exports nothing" sh -c "! nm '$scratch/alone.$cc.o' | grep -v ' T main' | grep ' [A-TV-Z] '"
}
side_by_side in_c gcc clang

in_cxx() { # compiler
    cxx=$1
    command -v $cxx >/dev/null || { echo "($cxx is not installed)"; return; }
    for std in c++11 c++14 c++17 c++20 c++2b; do
        for file in alone used posts; do
            check "$cxx $std $file" $cxx -std=$std -O1 $COMMON "$scratch/$file.cc" -o "$scratch/$cxx.out"
        done
        check "$cxx $std run" "$scratch/$cxx.out"
        check "$cxx $std arguments by name" $cxx -std=$std -O1 $COMMON "$scratch/named.cc" -o "$scratch/$cxx.out"
        check "$cxx $std arguments by name run" "$scratch/$cxx.out"
        check "$cxx $std members" $cxx -std=$std -O1 $COMMON "$scratch/members.cc" -o "$scratch/$cxx.out"
        check "$cxx $std members run" "$scratch/$cxx.out"
        check "$cxx $std delays" $cxx -std=$std -O1 $COMMON "$scratch/delays.cc" -o "$scratch/$cxx.out"
        check "$cxx $std delays run" "$scratch/$cxx.out"
        for file in banner readme; do prints "$cxx -std=$std" $file.cc "$scratch/$cxx.out"; done
    done
}
side_by_side in_cxx g++ clang++

# Processors for which there may be no other compiler here: clang compiles for them without their C library.
in_clang_for() { # target, bits of the time, ticks per second
    check "clang for $1, $2 bits" clang --target=$1 $4 -ffreestanding -std=c11 -Os $COMMON $C_ONLY -DAIOT_HOSTED=0 -DAIOT_TIME_BITS=$2 \
        -DAIOT_TICKS_PER_S=$3 -c "$scratch/used.c" -o "$scratch/target.o"
}
if command -v clang >/dev/null; then
    in_clang_for msp430 16 1000
    in_clang_for msp430 32 32768
    in_clang_for avr 16 1000 -mmcu=atmega328p
    in_clang_for thumbv6m-none-eabi 32 1000000
    in_clang_for thumbv7m-none-eabi 64 1000000000
    in_clang_for riscv32-unknown-elf 64 10000000
fi

# One copy for many files: the file with AIOT_IMPLEMENTATION defines each function, one with AIOT_DECLARE_ONLY none, whether in C or, where
# the linker keeps one, in C++.
printf 'int other(aiot_loop *loop);\n' >"$scratch/other.h"
printf 'int main(void) { static aiot_loop loop; aiot_loop_init_virtual(&loop); return other(&loop); }\n' >"$scratch/main.h"
{ printf '#include "aio_timeout.h"\n'; cat "$scratch/other.h" "$scratch/main.h"; } >"$scratch/main.c"
{ printf '#include "aio_timeout.h"\nextern "C" '; cat "$scratch/other.h" "$scratch/main.h"; } >"$scratch/main.cc"
one_copy() { # compiler
    cc=$1
    command -v $cc >/dev/null || return
    case $cc in gcc) cxx=g++ ;; clang) cxx=clang++ ;; esac
    for options in "-O0" "-O2 -DAIOT_DEBUG=1 -DAIOT_POLL=1" "-Os -DAIOT_HOSTED=0 -DAIOT_TIME_BITS=32"; do
        check "$cc $options implementation" $cc -std=c11 $options $COMMON $C_ONLY -DAIOT_IMPLEMENTATION=1 -c "$scratch/main.c" -o "$scratch/main.$cc.o"
        check "$cc $options declarations" $cc -std=c11 $options $COMMON $C_ONLY -DAIOT_DECLARE_ONLY=1 -c "$scratch/second.c" -o "$scratch/second.$cc.o"
        check "$cc $options one copy" sh -c "! nm '$scratch/second.$cc.o' | grep -E ' [A-TV-Z] ' | grep -vE ' (other|aiot_i_step_(fetch|root))\$'"
        check "$cc $options link" $cc -o "$scratch/shared.$cc" "$scratch/main.$cc.o" "$scratch/second.$cc.o"
        check "$cc $options run" "$scratch/shared.$cc"
        command -v $cxx >/dev/null || continue
        check "$cxx $options declarations" $cxx -std=c++20 $options $COMMON -DAIOT_DECLARE_ONLY=1 -c "$scratch/main.cc" -o "$scratch/mainxx.$cc.o"
        check "$cc $options used" $cc -std=c11 $options $COMMON $C_ONLY -DAIOT_IMPLEMENTATION=1 -c "$scratch/second.c" -o "$scratch/second.$cc.o"
        check "$cxx $options link" $cxx -o "$scratch/shared.$cc" "$scratch/mainxx.$cc.o" "$scratch/second.$cc.o"
        check "$cxx $options run" "$scratch/shared.$cc"
    done
}
side_by_side one_copy gcc clang

for cc in gcc clang; do
    command -v $cc >/dev/null || continue
    for shared in 0 1; do
        check "$cc object" $cc -std=c11 -Os -I. -DAIOT_DECLARE_ONLY=$shared -c "$scratch/second.c" -o "$scratch/shared$shared.o"
    done
    check "$cc half as large" sh -c "size '$scratch/shared0.o' '$scratch/shared1.o' | awk '{ text[NR] = \$1 } END { exit !(2 * text[3] < text[2]) }'"
done

# What a program does not use costs it nothing: one that only sleeps holds no code of the rest.
cat >"$scratch/sleeps.c" <<'C'
#include "aio_timeout.h"
struct root { AIOT_FRAME; };
static AIOT_CORO(root) { AIOT_BEGIN(); AIOT_SLEEP(1); AIOT_END(); }
int main(void) { static aiot_loop loop; static struct root frame; aiot_loop_init_virtual(&loop); return aiot_run_frame(&loop, root, &frame); }
C
for cc in gcc clang; do
    command -v $cc >/dev/null || continue
    check "$cc sleeps" $cc -std=c11 -Os -I. -c "$scratch/sleeps.c" -o "$scratch/sleeps.o"
    check "$cc pays for nothing else" sh -c "! nm '$scratch/sleeps.o' | grep -E 'gather|shield|wait_(add|start|end|member)|event|[^c]lock_|condition|semaphore|barrier|queue_(put|get|take|line)|group|completed|timeout|_io_'"
done

# A section uses only the sections before it.
command -v python3 >/dev/null && check "the order of sections" python3 tests/sections.py aio_timeout.h

# Every name is aiot_ or AIOT_: POSIX keeps aio_ and AIO_ for itself.
check "names" sh -c "! gcc -dM -E -DAIOT_HOSTED=0 aio_timeout.h | awk '{ print \$2 }' | grep -vE '^(AIOT_|aiot_|AIO_TIMEOUT_H|_)' | grep -E '^(aio|AIO)'"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
