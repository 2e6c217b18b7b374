#!/bin/sh
# run.sh BUILD: `make coverage`.  Builds the suites with gcc's counters and without optimisation, for both loops, with and without
# AIOT_DEBUG; runs them; then report.py says which lines and branches of the header none of them has run.  Ends with "N passed, N failed" and
# fails if a test fails, or if report.py does.  Needs gcc and its gcov, and python3.
#
# The twins of the two other builds run elsewhere in CI, and cover nothing that these do not.
build=$1/coverage
cd "$(dirname "$0")/../.." || exit 2
for tool in gcc gcov python3; do command -v $tool >/dev/null || { echo "make coverage needs $tool"; exit 2; }; done
rm -rf "$build"
mkdir -p "$build/all" "$build/answers" || exit 2
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
passed=0
failed=0

gcc -std=c11 -O0 -c tests/coverage/dump.c -o "$build/dump.o" || exit 2
counting="gcc -Wl,--wrap=_exit $PWD/$build/dump.o -lgcov"

suites() { # name options suite...: the counts of run.sh are summed up
    name=$1 options=$2
    shift 2
    since=$(date +%s)
    make --no-print-directory CC="$counting $options" CFLAGS="-O0 --coverage" BUILD="$build/$name" test SUITES="$*" >"$log" 2>&1
    count $? "$name: $*" "$since"
}

count() { # code what since
    grep -v ' passed, ' "$log"
    last=$(grep ' passed, ' "$log" | tail -n 1)
    if [ -n "$last" ]; then
        passed=$((passed + ${last%% passed*}))
        last=${last#*, }
        failed=$((failed + ${last%% failed*}))
    else
        failed=$((failed + 1))
    fi
    [ "$1" -eq 0 ] || echo "FAILED $2"
    echo "$2: $(($(date +%s) - $3)) s"
}

# The lines of all functions, so that one that no test calls is missed.
for loop in "" -DAIOT_SMALL=1; do
    for debug in "" -DAIOT_DEBUG=1; do
        for options in "-DAIOT_POLL=1 -DAIOT_THREADS=1" "-DAIOT_POLL=1 -DAIOT_I_POLLER=AIOT_I_KQUEUE -Itests/unit/kqueue" -DAIOT_POLL=2; do
            gcc --coverage -O0 -xc -c -D_POSIX_C_SOURCE=200809L -DAIOT_IMPLEMENTATION=1 $loop $debug $options aio_timeout.h \
                -o "$build/all/$(echo "$loop$debug$options" | tr -dc A-Z0-9).o" || exit 2
        done
    done
done

suites host "" unit random
suites host_debug -DAIOT_DEBUG=1 unit random
suites small -DAIOT_SMALL=1 unit random
suites small_debug "-DAIOT_SMALL=1 -DAIOT_DEBUG=1" unit random
since=$(date +%s)
CC=$counting LEVEL="-O0 --coverage" KEEP=$build/answers tests/run.sh "$build" answers >"$log" 2>&1
count $? answers "$since"
suites host_debug -DAIOT_DEBUG=1 conformance
suites small -DAIOT_SMALL=1 conformance

python3 tests/coverage/report.py "$build" $RAISE
code=$?
echo "$passed passed, $failed failed"
[ $code -eq 0 ] && [ $failed -eq 0 ] && [ $passed -gt 0 ]
