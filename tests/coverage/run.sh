#!/bin/sh
# run.sh BUILD: `make coverage`.  Builds the suites with gcc's counters and without optimization, for both loops, with and without
# AIOT_DEBUG; runs them; then report.py says which lines and branches of the header none of them has run.  Ends with "N passed, N failed" and
# fails if a test fails, or if report.py does.  Needs gcc and its gcov, and python3.
build=$1/coverage
cd "$(dirname "$0")/../.." || exit 2
for tool in gcc gcov python3; do command -v $tool >/dev/null || { echo "make coverage needs $tool"; exit 2; }; done
rm -rf "$build"
mkdir -p "$build/all_host" "$build/all_small" "$build/answers" || exit 2
gcc -std=c11 -O0 -c tests/coverage/dump.c -o "$build/dump.o" || exit 2
counted="-O0 --coverage"
linked="gcc -Wl,--wrap=_exit $build/dump.o -lgcov"

# The lines of all functions, so that one that no test calls is missed.
for loop in host small; do
    for debug in "" -DAIOT_DEBUG=1; do
        for options in "-DAIOT_POLL=1 -DAIOT_THREADS=1" "-DAIOT_POLL=1 -DAIOT_I_POLLER=AIOT_I_KQUEUE -Itests/unit/kqueue" -DAIOT_POLL=2; do
            gcc $counted -xc -c -D_POSIX_C_SOURCE=200809L -DAIOT_IMPLEMENTATION=1 -DAIOT_SMALL=$([ $loop = host ]; echo $?) $debug $options \
                aio_timeout.h -o "$build/all_$loop/$(echo "$debug$options" | tr -dc A-Z0-9).o" || exit 2
        done
    done
done

noted() { # name command...: its output and its code are kept
    name=$1
    shift
    since=$(date +%s)
    "$@" >"$build/$name.log" 2>&1
    echo $? >"$build/$name.code"
    echo "$name: $(($(date +%s) - since)) s"
}
suites() { # name options level suite...
    name=$1 options=$2 level=$3
    shift 3
    noted "$name" make --no-print-directory SLOW=0 CC="$options" CFLAGS="$level" BUILD="$build/$name" test SUITES="$*"
}
answers() { CC=$linked LEVEL=$counted KEEP=$build/answers tests/run.sh "$build" answers; }

# Programs run one after the other, so two builds go on at a time.
(
    suites host "$linked" "$counted" unit random
    suites host_debug "$linked -DAIOT_DEBUG=1" "$counted" unit random
) &
suites small "$linked -DAIOT_SMALL=1" "$counted" unit random
suites small_debug "$linked -DAIOT_SMALL=1 -DAIOT_DEBUG=1" "$counted" unit random
noted answers answers
wait

passed=0
failed=0
for log in "$build"/*.log; do
    grep -v ' passed, ' "$log"
    last=$(grep ' passed, ' "$log" | tail -n 1)
    last=${last:-0 passed, 1 failed}            # it was not built
    passed=$((passed + ${last%% passed*}))
    last=${last#*, }
    failed=$((failed + ${last%% failed*}))
    [ "$(cat "${log%.log}.code")" -eq 0 ] || echo "FAILED $(basename "$log" .log)"
done
python3 tests/coverage/report.py "$build" $RAISE
code=$?
echo "$passed passed, $failed failed"
[ $code -eq 0 ] && [ $failed -eq 0 ] && [ $passed -gt 0 ]
