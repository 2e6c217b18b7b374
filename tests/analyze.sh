#!/bin/sh
# analyze.sh [TOOL...]: analyzers over the basics and the unit tests, without those that only include another one. Each TOOL ends with
# "N passed, N failed", and so does the script. Without a TOOL, all of them. One that is not installed is named and left out; STRICT=1
# makes that a failure. FEW=1: of the unit tests only some, for each build of the header one; cppcheck always does so.
#   gcc          gcc -fanalyzer
#   clang-tidy   the checks of .clang-tidy, clang's analyzer among them; and those of a user, with the header as a user has it
#   cppcheck     warnings, portability, performance
#   msan         clang's MemorySanitizer, over a run of the basics, the unit tests and the random programs
#   valgrind     memcheck, over a run of what `make test` builds of the basics and the unit tests
cd "$(dirname "$0")/.." || exit 2
self=tests/analyze.sh

# A finding that is wrong stands here; any other fails. With STRICT=1 a line that no finding matches fails, too: it is to be deleted.
# The third column is the function, or the file.
known='
clang-tidy core.NullDereference           aiot_i_collect           a task that ended in an error has a loop
clang-tidy core.NonNullParamChecker       tests/.*                 the test has checked that text by its length before
clang-tidy insecureAPI.strcpy             tests/.*                 strcat() of a few letters into a buffer made for them
clang-tidy bugprone-signal-handler        stopped                  after a crash of the test: it says what it can, and ends by _Exit()
clang-tidy cert-flp30-c                   conversions_saturate.c   a loop over three values, not a count
clang-tidy implicit-widening              ticks_that_wrap.c        the product of ints is what is tested
clang-tidy bugprone-integer-division      ticks_that_wrap.c        whole ticks are meant; the macro only compares them as a double
gcc null-dereference aiot_i_(run_yielding|run_ready|step|finish_any|begin_cancelled) the ready list ends with its mark: no link in it is NULL
'

# What valgrind cannot run, or not in time. MemorySanitizer runs all of these.
not_in_valgrind='
interrupts interrupts_small                      step through themselves by the trap flag
forks forks_2 kqueue_forks                       set the limit of descriptors anew, which valgrind has changed
conversions_saturate conversions_saturate_16     try a long double of 80 bits, where it has 64
conversions_saturate_32 conversions_saturate_3000 conversions_saturate_32768  the same
descriptors descriptors_2 kqueue_descriptors     wait 2 ms of real time for what is ready
wheel_property                                   2 s by itself, minutes in valgrind
'

# In each file an analyzer looks at the whole header again, for some seconds.
a_few="frames|handler_rules|poll_io|queue_rules|right_uses|threads|ticks_skipped|ticks_that_wrap"

INCLUDE="-I. -Itests/unit -Itests/unit/kqueue"
USERS_CHECKS="-*,bugprone-*,cert-*,clang-analyzer-*,concurrency-*,misc-*,performance-*,portability-*"
USERS_CHECKS="$USERS_CHECKS,-cert-err33-c,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"     # of printf(), memset()

# What one tool says of one file: lines of `file:line:column: warning: text [check]`. Others are notes.
findings() { # tool, source
    case $1 in
    gcc)        # as told what clang knows; looks at fewer paths than by itself: half the time
        gcc -std=c11 -O1 -fanalyzer -D__clang_analyzer__ --param analyzer-bb-explosion-factor=2 -fdiagnostics-plain-output $INCLUDE -c "$2" -o "$scratch/$name.o" 2>&1 ;;
    clang-tidy) # likewise; it would take minutes for some
        clang-tidy --quiet "$2" -- -std=c11 $INCLUDE -Xclang -analyzer-config -Xclang max-nodes=5000 2>/dev/null
        case $2 in *basics/16_* | *basics/17_* | *basics/23_*)
            clang-tidy --quiet --config='{}' --checks="$USERS_CHECKS" "$2" -- -std=c11 -I. 2>/dev/null ;;
        esac ;;
    cppcheck)
        case $2 in *basics/17_*) configurations=--max-configs=12 ;; *) configurations= ;; esac
        cppcheck --enable=warning,portability,performance --inconclusive --std=c11 -q -D__cppcheck__ $configurations $INCLUDE \
            --template='{file}:{line}:{column}: {severity}: {message} [{id}]' "$2" 2>&1 ;;
    esac
}

# Puts the function before each finding, drops what is known, and notes the lines of the list that were of use.
judge() { # tool
    sed "s,$PWD/,,g; s,^\./,," | awk -v tool="$1" -v known="$known" -v used="$scratch/used" '
        function function_at(file, number,    line, i, name) {
            for (i = 0; i < number && (getline line <file) > 0; i++)
                if (line ~ /^[A-Za-z_][^;]*\(/) {
                    name = line
                    if (name ~ /^[^(]*AIOT_CORO\(/) { sub(/.*AIOT_CORO\(/, "", name); sub(/\).*/, "", name) }
                    else { sub(/ *\(.*/, "", name); sub(/.*[ *]/, "", name) }
                }
            close(file)
            return name
        }
        BEGIN { count = split(known, lines, "\n") }
        /^[^ ]*:[0-9]+:[0-9]+: [a-z ]+: .*\[[^ ]*\]$/ && !/: note: / {
            split($0, at, ":")
            name = function_at(at[1], at[2])
            check = $0
            sub(/.*\[/, "", check)
            for (i = 1; i <= count; i++) {
                split(lines[i], word, " ")
                if (word[1] == tool && check ~ word[2] && (name ~ "^" word[3] "$" || at[1] ~ "(^|/)" word[3] "$")) break
            }
            if (i <= count) print i >>used
            else print name ": " $0
        }'
}

# In a process of its own for each file: leaves what is found, or that the tool itself failed.
if [ "$1" = one ]; then
    scratch=$4
    name=$(basename "$3" .c)
    case $2 in
    valgrind)
        timeout 300 valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$3" >/dev/null 2>"$scratch/valgrind.$name.said"
        code=$?
        if [ $code -ne 0 ]; then head -n 20 "$scratch/valgrind.$name.said"; echo "exit code $code"; fi >"$scratch/valgrind.$name.found" ;;
    *)
        findings "$2" "$3" >"$scratch/$2.$name.said"
        code=$?
        judge "$2" <"$scratch/$2.$name.said" >"$scratch/$2.$name.found"
        if [ $code -ne 0 ] && [ ! -s "$scratch/$2.$name.found" ] && ! grep -q 'warning:' "$scratch/$2.$name.said"; then
            head -n 8 "$scratch/$2.$name.said"
            echo "$2 ended with $code"
        fi >>"$scratch/$2.$name.found" ;;
    esac
    exit 0
fi

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/used"
all_passed=0
all_failed=0
find examples/basics tests/unit -name '*.c' | sort >"$scratch/programs"
xargs grep -L '^#include "[a-z_/]*\(\.c\|on_linux\.h\)"' <"$scratch/programs" >"$scratch/sources"       # not the variants
grep -E "basics/|/($a_few)\.c$" "$scratch/sources" >"$scratch/few"
which=sources
[ "${FEW:-0}" = 1 ] && which=few

side_by_side() { # tool, list of files
    xargs -P "$(nproc)" -I{} sh "$self" one "$1" {} "$scratch" <"$2"
    while read -r file; do
        found=$scratch/$1.$(basename "$file" .c).found
        if [ -e "$found" ] && [ ! -s "$found" ]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAILED $1 $file:"
            cat "$found"
        fi
    done <"$2"
}

built_with_memory_sanitizer() {
    make -s CC=clang SAN=memory test SUITES="basics unit random" >"$scratch/msan" 2>&1
    grep -v ' passed, ' "$scratch/msan"
    counts=$(tail -n 1 "$scratch/msan" | grep ' passed, ') || counts="0 passed, 1 failed"
    passed=${counts%% *} failed=${counts#*, }
    failed=${failed% *}
}

run_by_valgrind() {
    echo "$not_in_valgrind" | sed 's/  .*//' | tr ' ' '\n' | sed -n 's/..*/\/&\.c$/p' >"$scratch/not"
    grep -vf "$scratch/not" "$scratch/programs" | sed 's,^examples/,tests/,; s,\.c$,,; s,^,build/,' >"$scratch/executables"
    make -s $(cat "$scratch/executables") || failed=1
    side_by_side valgrind "$scratch/executables"
}

unused() { # tool: the lines of the list that match nothing
    echo "$known" | awk -v tool="$1" -v used="$scratch/used" '
        BEGIN { while ((getline line <used) > 0) is_used[line] = 1 }
        $1 == tool && !is_used[NR] { print "FAILED " tool ": nothing is found any more of:  " $0 }'
}

for tool in ${*:-gcc clang-tidy cppcheck msan valgrind}; do
    passed=0
    failed=0
    case $tool in msan) command=clang ;; *) command=$tool ;; esac
    if ! command -v "$command" >/dev/null; then
        echo "($command is not installed)"
        [ "${STRICT:-0}" = 1 ] && failed=1
    else
        case $tool in
        cppcheck) side_by_side cppcheck "$scratch/few" ;;
        gcc | clang-tidy) side_by_side "$tool" "$scratch/$which" ;;
        msan) built_with_memory_sanitizer ;;
        valgrind) run_by_valgrind ;;
        *) echo "analyze.sh: there is no tool $tool"; exit 2 ;;
        esac
        if [ "${STRICT:-0}" = 1 ]; then
            unused "$tool" >"$scratch/unused"
            cat "$scratch/unused"
            failed=$((failed + $(grep -c . "$scratch/unused")))
        fi
    fi
    echo "$tool: $passed passed, $failed failed"
    all_passed=$((all_passed + passed))
    all_failed=$((all_failed + failed))
done
echo "$all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ] && [ "$all_passed" -gt 0 ]
