# run.sh, sourced by tests/run.sh: what must not compile, and what must be answered.
#
# compile/NAME.c   must be rejected.  A comment "expect COMPILER: words" names a regular expression that its messages must match; COMPILER is
#                  gcc, clang or g++, and one that is not named must accept the file (so what slips through is pinned down, too);
#                  "flags COMPILER: ..." adds flags, "any: words" speaks for gcc and clang.  "warn COMPILER: words": accepted, with a warning.
# answer/NAME.c    runs with -DAIOT_DEBUG=1 and must print what "expect debug: words" says, and ends as "exit debug: 0" or "abort" says; then
#                  without it, where it must exit with 0: the misuse comes back as AIOT_ERUNTIME and nothing is corrupted.  "skip clang":
#                  not tried with it.  KEEP and LEVEL, of `make coverage`: where these programs stay, and how they are optimized.
# two_files/       two files that include the header, and share a coroutine, make a program: each with its copy of the code, or with one.
BAD_FLAGS="-Wall -Wextra -Wpedantic -I. -Itests/unit"

bad_line() { sed -n "s#.*$2: \(.*[^ ]\) *\*/.*#\1#p" "$1" | head -n 1; }

rejected() {
    for compiler in gcc clang g++; do
        command -v "$compiler" >/dev/null || { echo "($compiler is not installed: what it must reject is not tried)"; continue; }
        case $compiler in g++) language="-x c++ -std=c++20" ;; *) language="-std=c11" ;; esac
        for source in tests/bad/compile/*.c; do
            words=$(bad_line "$source" "expect $compiler")
            [ -z "$words" ] && [ "$compiler" != g++ ] && words=$(bad_line "$source" "expect any")
            flags=$(bad_line "$source" "flags $compiler")
            grep -q "skip $compiler" "$source" && continue
            if $compiler $language $BAD_FLAGS $flags -c "$source" -o "$scratch/bad.o" >"$scratch/why" 2>&1; then
                warning=$(bad_line "$source" "warn $compiler")
                if [ -n "$words" ]; then fail "$source" "$compiler $flags accepts it"
                elif [ -n "$warning" ] && ! grep -qE "$warning" "$scratch/why"; then fail "$source" "$compiler does not warn: $warning"
                else pass; fi
            elif [ -z "$words" ]; then fail "$source" "$compiler $flags rejects it"
            elif grep -qE "$words" "$scratch/why"; then pass
            else fail "$source" "$compiler does not say: $words"; fi
        done
    done
}

# Locals that are carried across a wait: gcc sees each of them in a debug build, at every level.
locals_rejected_in_debug() {
    command -v gcc >/dev/null || return 0
    for source in tests/bad/compile/local_*.c; do
        for level in -O0 -O2; do
            if gcc -std=c11 -DAIOT_DEBUG=1 $level -I. -c "$source" -o "$scratch/bad.o" >"$scratch/why" 2>&1
            then fail "$source" "gcc -DAIOT_DEBUG=1 $level accepts it"; else pass; fi
        done
    done
}
[ "$suite" = bad ] && { rejected; locals_rejected_in_debug; }

for source in tests/bad/answer/*.c; do
    case ${CC:-cc} in *clang*) grep -q "skip clang" "$source" && continue ;; esac
    for mode in debug release; do
        case $mode in debug) flags="-DAIOT_DEBUG=1" ;; *) flags= ;; esac
        end=$(bad_line "$source" "exit $mode")
        words=$(bad_line "$source" "expect $mode")
        [ "$end" = skip ] && continue
        answer=${KEEP:-$scratch}/$(basename "$source" .c)_$mode
        if ! ${CC:-cc} -std=c11 ${LEVEL:--O1} $BAD_FLAGS $flags "$source" -o "$answer" 2>"$scratch/why"; then fail "$source" "does not compile"; continue; fi
        timeout 10 "$answer" >"$scratch/why" 2>&1
        code=$?
        case $end in
        abort) [ $code -ge 128 ] ; right=$? ;;
        *) [ $code -eq 0 ] ; right=$? ;;
        esac
        if [ $right -ne 0 ]; then fail "$source" "($mode) ended with $code"
        elif [ -n "$words" ] && ! grep -qE "$words" "$scratch/why"; then fail "$source" "($mode) does not say: $words"
        else pass; fi
    done
done

for flags in "" "-DAIOT_DEBUG=1" "-DONE_COPY" "-DONE_COPY -DAIOT_DEBUG=1"; do
    if ${CC:-cc} -std=c11 -O2 $BAD_FLAGS $flags -Itests/bad/two_files tests/bad/two_files/*.c -o "$scratch/two" 2>"$scratch/why" && timeout 10 "$scratch/two"
    then pass; else fail tests/bad/two_files "do not make a program $flags"; fi
done
