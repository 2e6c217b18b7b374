#!/bin/sh
# run.sh: the tests with threads under ThreadSanitizer, by each compiler that has it.  A line for each failure, and the counts.
cd "$(dirname "$0")/../.." || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0
echo 'int main(void) { return 0; }' >"$scratch/empty.c"
fixed="setarch $(uname -m) -R"                  # where the kernel scatters memory widely, older ThreadSanitizers do not start every time
$fixed true 2>/dev/null || fixed=
for compiler in gcc clang; do
    if ! $compiler -fsanitize=thread "$scratch/empty.c" -o "$scratch/program" 2>/dev/null || ! $fixed "$scratch/program" 2>/dev/null; then
        echo "skipped: $compiler has no ThreadSanitizer here"
        continue
    fi
    for source in tests/unit/threads.c tests/unit/threads_and_signals.c tests/threads/*.c; do
        if $compiler -std=c11 -O1 -g -fsanitize=thread -I. -Itests/unit "$source" -o "$scratch/program" -pthread >"$scratch/why" 2>&1 &&
            $fixed timeout 120 "$scratch/program" >"$scratch/why" 2>&1
        then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $compiler $source"; head -n 30 "$scratch/why"; fi
    done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
