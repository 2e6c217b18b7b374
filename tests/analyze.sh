#!/bin/sh
# analyze.sh: gcc's and clang's analyzers over the basics and the unit tests, without those that only include another one. Ends with
# "N passed, N failed". A finding that is wrong stands in the list below, with the reason; any other fails.
cd "$(dirname "$0")/.." || exit 2
self=tests/analyze.sh
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

# What clang 14 says of      and why it is wrong
known='
NullDereference.*aiot_i_step:            a task that is ready has a frame: aiot_i_start() gave it one
NullDereference.*aiot_i_collect:         a task that ended in an error has a loop
NullDereference.*aiot_i_make_ready:      what waits for an awaitable has the loop of that
NullDereference.*aiot_i_append_for_good: the same; and the ready list always ends with a link
NullDereference.*aiot_i_has_many:        the lists of a slot are circles: an entry in one has a next
UndefinedBinaryOperatorResult.*aiot_i_   aiot_i_entry_init() has set each field; the analyzer forgets those beside a union
NonNullParamChecker.*tests/              the test has checked that text by its length before
'
echo "$known" | sed -n 's/  .*//p' | grep . >"$scratch/known"

one() { # source
    name=$(basename "$1" .c)
    gcc -std=c11 -O1 -fanalyzer -w -Wanalyzer-null-dereference -I. -Itests/unit -Itests/unit/kqueue -c "$1" -o /dev/null 2>&1 |
        grep -E 'warning:.*\[-Wanalyzer' >"$scratch/$name.gcc"
    clang --analyze -std=c11 -Xclang -analyzer-config -Xclang max-nodes=40000 -Xclang -analyzer-disable-checker -Xclang deadcode \
        -I. -Itests/unit -Itests/unit/kqueue "$1" -o /dev/null 2>&1 | grep -E 'warning:.*\[[a-z]+\.' |
        while IFS= read -r finding; do          # with the function it is in
            line=$(echo "$finding" | sed -n 's/^\.\/aio_timeout\.h:\([0-9]*\):.*/\1/p')
            [ -n "$line" ] && function=$(head -n "$line" aio_timeout.h | grep -oE '^[A-Za-z_].* \**aiot_[a-z_]+\(' | tail -n 1 | grep -oE 'aiot_[a-z_]+') || function=
            echo "$(echo "$finding" | grep -oE '[A-Za-z]+\]$' | tr -d ']') $function: $finding"
        done | grep -vEf "$scratch/known" >"$scratch/$name.clang"
    [ ! -s "$scratch/$name.gcc" ] && [ ! -s "$scratch/$name.clang" ]
}

if [ "$1" = one ]; then rm -rf "$scratch"; scratch=$3; trap - EXIT; one "$2"; exit; fi
passed=0 failed=0
find examples/basics tests/unit -name '*.c' | sort | xargs grep -L '^#include "[a-z_/]*\(\.c\|on_linux\.h\)"' >"$scratch/sources"    # not the variants
xargs -P "$(nproc)" -I{} sh "$self" one {} "$scratch" <"$scratch/sources" 2>/dev/null
while read -r source; do
    name=$(basename "$source" .c)
    if [ -e "$scratch/$name.gcc" ] && [ -e "$scratch/$name.clang" ] && [ ! -s "$scratch/$name.gcc" ] && [ ! -s "$scratch/$name.clang" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $source:"
        cat "$scratch/$name.gcc" "$scratch/$name.clang"
    fi
done <"$scratch/sources"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
