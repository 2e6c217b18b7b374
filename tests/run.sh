#!/bin/sh
# run.sh BUILD SUITE...: runs the named suites of what is built there; one line for each failure, and a last line with the counts.
#   basics        each NAME of examples/basics and examples/cookbook prints in virtual time what NAME.out beside it says, and ends well in real time
#   unit          each tests/unit/NAME exits with 0; SLOW=0 leaves out those that stop after each instruction
#   bad           each tests/bad/NAME.c is rejected by the compiler, or answered at run time, with the words it asks for
#   answers       the second half of that only, which depends on $CC
#   random        random programs, whose traces by CPython are kept in tests/fuzz/corpus.txt, and those by the twin in
#                 tests/beyond/corpus.txt, do the same
#   conformance   each twin of an asyncio program prints CPython's trace
build=$1
shift
cd "$(dirname "$0")/.." || exit 2
passed=0
failed=0
scratch=$(mktemp -d) || exit 2
command -v timeout >/dev/null || timeout() { shift; "$@"; }            # macOS has none
trap 'rm -rf "$scratch"' EXIT

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED $1: $2"; [ -s "$scratch/why" ] && head -n 12 "$scratch/why"; : >"$scratch/why"; }

prints() { # program expected-file
    if [ ! -x "$1" ]; then fail "$1" "was not built"; return; fi
    timeout 60 "$1" >"$scratch/out" 2>"$scratch/why"
    code=$?
    if [ $code -ne 0 ]; then fail "$1" "exit code $code"
    elif tr -d '\r' <"$scratch/out" | diff "$2" - >"$scratch/why"; then pass             # Windows ends lines with two
    else fail "$1" "differs from $2"; fi
}

ends_well() { # program
    timeout 300 "$1" >"$scratch/why" 2>&1
    code=$?
    if [ $code -eq 0 ]; then pass; else fail "$1" "exit code $code"; fi
}

for suite in "$@"; do
    case $suite in
    basics)
        for source in examples/basics/*.c examples/cookbook/*.c; do
            name=${source%.c}
            prints "$build/tests/${name#examples/}" "$name.out"
            ends_well "$build/$name"
        done ;;
    conformance)
        for source in examples/asyncio/*.c; do
            name=$(basename "$source" .c)
            prints "$build/examples/asyncio/$name" "tests/conformance/tutorials/$name.out"
        done
        for source in tests/conformance/*.c; do
            name=$(basename "$source" .c)
            prints "$build/tests/conformance/$name" "tests/conformance/public/$name.out"
        done ;;
    unit)
        # Those that stop after each instruction take longest: they run beside the others, and are judged last.
        slow="interrupts interrupts_small"
        [ "${SLOW:-1}" = 0 ] && judged= || judged=$slow
        for name in $judged; do
            { timeout 300 "$build/tests/unit/$name" >"$scratch/$name.why" 2>&1; echo $? >"$scratch/$name.code"; } &
        done
        for source in tests/unit/*.c; do
            name=$(basename "$source" .c)
            case " $slow " in *" $name "*) continue ;; esac
            ends_well "$build/${source%.c}"
        done
        wait
        for name in $judged; do
            code=$(cat "$scratch/$name.code")
            cp "$scratch/$name.why" "$scratch/why"
            if [ "$code" -eq 0 ]; then pass; else fail "$build/tests/unit/$name" "exit code $code"; fi
        done ;;
    random)
        for program in aiot_side aiot_side_small aiot_side_ticks aiot_side_skips; do
            for corpus in tests/fuzz/corpus.txt tests/beyond/corpus.txt; do
                if "$build/tests/fuzz/$program" $corpus >"$scratch/why" 2>&1; then pass; else fail "$build/tests/fuzz/$program $corpus" "differs"; fi
            done
        done ;;
    bad | answers)
        . tests/bad/run.sh ;;
    esac
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
