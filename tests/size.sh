#!/bin/sh
# size.sh BUILD: what the header costs: sizeof its objects, and the text that programs using more and more of it add to an empty
# one at -Os.  For the compiler in $CC, and for Cortex-M0, Cortex-M3, RV32 and AVR where their compilers are installed.
build=$1
cd "$(dirname "$0")/.." || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/sizes.c" <<'C'
#include "aio_timeout.h"
#include <stdio.h>
#define ROW(type) printf("  %-34s %6u\n", #type, (unsigned)sizeof(type))
struct empty { AIOT_FRAME; };
typedef AIOT_WAIT_SET(2) wait_set_of_2;
typedef AIOT_GATHER_SET(2) gather_set_of_2;
int main(void)
{
    ROW(aiot_task); ROW(aiot_frame); ROW(aiot_error); ROW(struct empty); ROW(aiot_timeout); ROW(aiot_future); ROW(aiot_handle);
    ROW(aiot_waiter); ROW(aiot_event); ROW(aiot_lock); ROW(aiot_condition); ROW(aiot_semaphore); ROW(aiot_barrier); ROW(aiot_queue);
    ROW(aiot_group); ROW(aiot_group_task); ROW(aiot_shield); ROW(wait_set_of_2); ROW(gather_set_of_2); ROW(aiot_loop);
    return 0;
}
C
echo "sizeof, bytes (${CC:-cc})"
${CC:-cc} -std=c11 -I. "$scratch/sizes.c" -o "$scratch/sizes" && "$scratch/sizes" || exit 1

# The header itself: what a reader has before him, and what a compiler takes for README's first program.
options=$(sed -n '/^ \* OPTIONS/,/^ \* CONTENTS/p' aio_timeout.h | grep -oE '^ \*    (AIOT_[A-Z_]+[^ ]*,? ?)+' | grep -oE 'AIOT_[A-Z_]+' | sort -u | wc -l)
longest=$(awk '/^AIOT_I_[A-Z]+ |^static|^aiot_ret|^bool|^int|^void/ { name = $0; start = 0 } /^\{/ { start = NR } /^\}/ && start {
    if (NR - start + 1 > most) { most = NR - start + 1; of = name } start = 0 } END { print most " lines: " of }' aio_timeout.h)
echo "the header: $(wc -l <aio_timeout.h) lines, $(($(wc -c <aio_timeout.h) / 1000)) KB, $(grep -cE '^ *# *(if|ifdef|ifndef)' aio_timeout.h) lines that begin with #if," \
    "$options options; the longest function has ${longest%%:*}"
awk '/^```/ { n++; next } n == 1' README.md >"$scratch/first.c"
seconds() { # flags...: the least CPU time of five compilations
    for round in 1 2 3 4 5; do
        ( ${CC:-cc} -std=c11 -I. "$@" -c "$scratch/first.c" -o "$scratch/first.o"; times ) | tail -n 1
    done | awk '{ split($1, user, /[ms]/); split($2, sys, /[ms]/); t = 60 * user[1] + user[2]; if (NR == 1 || t < least) least = t } END { printf "%.2f", least }'
}
echo "CPU seconds to compile README's first program (${CC:-cc}): $(seconds -O0) at -O0, $(seconds -O2) at -O2," \
    "$(seconds -O0 -DAIOT_DECLARE_ONLY=1) at -O0 with AIOT_DECLARE_ONLY"

# The programs: each feature in one coroutine, on the virtual clock, so that no libc is involved.
feature() { # name body members
    cat >"$scratch/$1.c" <<C
#define AIOT_HOSTED 0
#include "aio_timeout.h"
struct child { AIOT_FRAME; };
static AIOT_CORO(child) { AIOT_BEGIN(); AIOT_SLEEP(AIOT_MS(1)); AIOT_END(); }
struct root { AIOT_FRAME; struct child a, b; aiot_task ta, tb; $3 };
static AIOT_CORO(root) { AIOT_BEGIN(); $2 AIOT_END(); }
static aiot_loop loop;
static struct root frame;
int program(void);
int program(void) { aiot_loop_init_virtual(&loop); return aiot_run_frame(&loop, root, &frame); }
C
}
printf 'int program(void);\nint program(void) { return 0; }\n' >"$scratch/empty.c"
SPAWN='aiot_spawn(&self->ta, child, &self->a); aiot_spawn(&self->tb, child, &self->b);'
feature sleep 'AIOT_SLEEP(AIOT_MS(1));' ''
feature await 'AIOT_AWAIT(child, &self->a);' ''
feature tasks "$SPAWN aiot_cancel(&self->ta); AIOT_JOIN(&self->tb);" ''
feature timeout 'AIOT_TIMEOUT(&self->t, AIOT_MS(5)) { AIOT_AWAIT(child, &self->a); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { }' 'aiot_timeout t;'
feature core "$SPAWN aiot_cancel(&self->ta); AIOT_TRY { AIOT_JOIN(&self->tb); } AIOT_FINALLY { AIOT_SLEEP(AIOT_MS(1)); } AIOT_TIMEOUT(&self->t, AIOT_MS(5)) { AIOT_SLEEP(AIOT_MS(9)); } AIOT_EXCEPT(AIOT_ETIMEDOUT) { } AIOT_WAIT_FOR(&self->t, AIOT_MS(5), child, &self->a);" 'aiot_timeout t;'
feature wait "$SPAWN AIOT_WAIT(&self->s, AIOT_ALL_COMPLETED, AIOT_FOREVER, &self->ta, &self->tb);" 'AIOT_WAIT_SET(2) s;'
feature gather "$SPAWN AIOT_GATHER(&self->s, &self->ta, &self->tb);" 'AIOT_GATHER_SET(2) s;'
W='aiot_waiter w;'
feature event "AIOT_EVENT_WAIT(&self->x, &self->w);" "$W aiot_event x;"
feature lock "AIOT_LOCK(&self->x, &self->w) { AIOT_YIELD(); }" "$W aiot_lock x;"
feature condition "AIOT_CONDITION(&self->x, &self->w) { AIOT_CONDITION_WAIT(&self->x, &self->w); aiot_condition_notify(&self->x, 1); }" "$W aiot_condition x;"
feature semaphore "aiot_semaphore_init(&self->x, 1); AIOT_SEMAPHORE(&self->x, &self->w) { AIOT_YIELD(); }" "$W aiot_semaphore x;"
feature barrier "aiot_barrier_init(&self->x, 2); AIOT_AWAIT(aiot_barrier_wait, &self->b2, .barrier = &self->x);" "aiot_barrier x; struct aiot_barrier_wait b2;"
feature queue "aiot_queue_init(&self->x, self->items); AIOT_QUEUE_PUT(&self->x, &self->w, &self->i); AIOT_QUEUE_GET(&self->x, &self->w, &self->i);" "$W aiot_queue x; int items[4], i;"
feature group "AIOT_GROUP(&self->x) { aiot_group_spawn(&self->x, &self->t, child, &self->a); }" "aiot_group x; aiot_group_task t;"
feature as_completed "$SPAWN aiot_as_completed(&self->s, AIOT_S(1), &self->ta, &self->tb); while (aiot_as_completed_left(&self->s)) AIOT_NEXT_COMPLETED(&self->s);" 'AIOT_AS_COMPLETED_SET(2) s;'
feature shield "$SPAWN AIOT_SHIELD(&self->s, &self->ta);" 'aiot_shield s;'

# One column per target: as on a host (64-bit time, the wheel), and as on microcontrollers (ticks of 32 or 16 bits, the sorted list).
column() { # name nm command...
    column=$1 nm=$2
    shift 2
    command -v "$1" >/dev/null || { echo "(no $1: no column $column)"; return; }
    for name in empty sleep await tasks timeout core wait gather shield event lock condition semaphore barrier queue group as_completed; do
        "$@" -Os -std=c11 -I. -c "$scratch/$name.c" -o "$scratch/$name.o" || exit 1
        text=$(size "$scratch/$name.o" | awk 'NR == 2 { print $1 + $2 }')
        [ $name = empty ] && base=$text
        echo "$((text - base))" >>"$scratch/column.$name"
        if [ $name = core ]; then       # without the functions that are the program's own, which some of the header's are inlined into
            "$nm" -P -t d "$scratch/core.o" | awk '$2 ~ /^[tT]$/ && $1 !~ /^(program|aiot_i_step_(root|child))/ { sum += $4 }
                END { print sum }' >>"$scratch/column.header"
        fi
    done
    echo "$column" >>"$scratch/columns"
}
column x86-64 nm ${CC:-cc} -fno-asynchronous-unwind-tables
column small nm ${CC:-cc} -fno-asynchronous-unwind-tables -DAIOT_TIME_BITS=32
column M0 arm-none-eabi-nm arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -ffreestanding -DAIOT_TIME_BITS=32
column M3 arm-none-eabi-nm arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -ffreestanding -DAIOT_TIME_BITS=32
column RV32 riscv64-unknown-elf-nm riscv64-unknown-elf-gcc -march=rv32imac_zicsr -mabi=ilp32 -ffreestanding -DAIOT_TIME_BITS=32
column AVR avr-nm avr-gcc -mmcu=atmega328p -DAIOT_TIME_BITS=16
echo "text and constants at -Os, bytes over an empty program, the program's own code included; small: x86-64 as a microcontroller"
printf '  %-52s' ''
while read -r column; do printf '%8s' "$column"; done <"$scratch/columns"
echo
for name in sleep await tasks timeout core header wait gather shield event lock condition semaphore barrier queue group as_completed; do
    case $name in
    header) what="of that, functions of the header" ;;
    core) what="tasks + timers + try + timeout + cancel + wait_for" ;;
    sleep | await | tasks | timeout) what=$name ;;
    *) what="sleep and $name" ;;
    esac
    printf '  %-52s' "$what"
    while read -r text; do printf '%8d' "$text"; done <"$scratch/column.$name"
    echo
done
