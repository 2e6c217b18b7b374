# run.sh, sourced by tests/run.sh: what must not compile, and what must be answered.
#
# compile/NAME.c   must be rejected.  A comment "expect COMPILER: words" names a regular expression that its messages must match; COMPILER is
#                  gcc, clang or g++, and one that is not named must accept the file (so what slips through is pinned down, too);
#                  "flags COMPILER: ..." adds flags, "any: words" speaks for gcc and clang.  "warn COMPILER: words": accepted, with a warning.
# answer/NAME.c    runs with -DAIOT_DEBUG=1 and must print what "expect debug: words" says, and ends as "exit debug: 0" or "abort" says; then
#                  without it, with the host's loop and with the small one, where "release: words" says what happens; "release small: words"
#                  speaks for the small loop, if that differs.  "mistake: words" names the row of the table in examples/README.md that says
#                  the same; pages.py compares them.
#                    refused CODE      the program checks for that error, and that all else goes on, and exits with 0
#                    harmless          it exits with 0, also with sanitizers
#                    trapped           it ends by a signal; "exit release: 0": by an AIOT_PANIC of its own
#                    undefined (why)   is not tried
#                  "skip clang": not tried with it.
#                  KEEP and LEVEL, of `make coverage`: where these programs stay, and how they are optimized.
# two_files/       two files that include the header, and share a coroutine, make a program: each with its copy of the code, or with one.
BAD_FLAGS="-Wall -Wextra -Wpedantic -I. -Itests/unit"

bad_line() { sed -n "s#.*$2: \(.*[^ ]\) *\*/.*#\1#p" "$1" | head -n 1; }

rejected_by() { # compiler
    command -v "$1" >/dev/null || { echo "($1 is not installed: what it must reject is not tried)"; return; }
    case $1 in g++) language="-x c++ -std=c++20" ;; *) language="-std=c11" ;; esac
    for source in tests/bad/compile/*.c; do
        words=$(bad_line "$source" "expect $1")
        [ -z "$words" ] && [ "$1" != g++ ] && words=$(bad_line "$source" "expect any")
        flags=$(bad_line "$source" "flags $1")
        grep -q "skip $1" "$source" && continue
        if $1 $language $BAD_FLAGS $flags -c "$source" -o "$scratch/bad.o" >"$scratch/why" 2>&1; then
            warning=$(bad_line "$source" "warn $1")
            if [ -n "$words" ]; then fail "$source" "$1 $flags accepts it"
            elif [ -n "$warning" ] && ! grep -qE "$warning" "$scratch/why"; then fail "$source" "$1 does not warn: $warning"
            else pass; fi
        elif [ -z "$words" ]; then fail "$source" "$1 $flags rejects it"
        elif grep -qE "$words" "$scratch/why"; then pass
        else fail "$source" "$1 does not say: $words"; fi
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

# Side by side, each in a process of its own, whose counts are added up.
if [ "$suite" = bad ]; then
    for part in "rejected_by gcc" "rejected_by clang" "rejected_by g++" locals_rejected_in_debug; do
        (
            scratch="$scratch/$part" passed=0 failed=0
            mkdir "$scratch"
            $part
            echo "$passed $failed" >"$scratch.counts"
        ) >"$scratch/$part.log" &
    done
    wait
    for part in "rejected_by gcc" "rejected_by clang" "rejected_by g++" locals_rejected_in_debug; do
        cat "$scratch/$part.log"
        read -r more_passed more_failed <"$scratch/$part.counts" || more_passed=0 more_failed=1
        passed=$((passed + more_passed)) failed=$((failed + more_failed))
    done
fi

said() { sed -n "s#^/[*] $2: \([^*]*[^* ]\) *[*]/.*#\1#p" "$1"; }

answer() { # source mode words: compiles it; what it must do is in MODE.end, what it prints in MODE.why
    case $2 in debug) end=$(bad_line "$1" "exit debug") ;; *) end=$(bad_line "$1" "exit release") ;; esac
    case $2 in
    debug) flags="-DAIOT_DEBUG=1" ;;
    small) flags="-DAIOT_SMALL=1" ;;
    sanitized) flags="-fsanitize=address,undefined -fno-sanitize-recover=all" ;;
    *) flags= ;;
    esac
    case ${end:-$3} in
    undefined*) return ;;
    trapped) end=abort ;;
    esac
    program=${KEEP:-$scratch}/$(basename "$1" .c)_$2
    if ${CC:-cc} -std=c11 ${LEVEL:--O1} $BAD_FLAGS $flags "$1" -o "$program" 2>"$scratch/$2.why"; then
        timeout 10 "$program" >"$scratch/$2.why" 2>&1
        echo "$? ${end:-0}" >"$scratch/$2.end"
    else
        echo "does not compile" >"$scratch/$2.end"
    fi
}

judge() { # source mode
    words=$(bad_line "$1" "expect $2")
    read -r code end <"$scratch/$2.end"
    cp "$scratch/$2.why" "$scratch/why"
    case $code$end in
    0abort) fail "$1" "($2) goes on" ;;
    [1-9]*abort | 00)
        if [ "$code" -ne 0 ] && [ "$code" -lt 128 ]; then fail "$1" "($2) ended with $code"
        elif [ -n "$words" ] && ! grep -qE "$words" "$scratch/why"; then fail "$1" "($2) does not say: $words"
        else pass; fi ;;
    *) fail "$1" "($2) $code $end" ;;
    esac
}

echo 'int main(void) { return 0; }' >"$scratch/empty.c"
can_sanitize=
[ -z "$KEEP" ] && ${CC:-cc} -fsanitize=address,undefined "$scratch/empty.c" -o "$scratch/empty" 2>"$scratch/why" && "$scratch/empty" && can_sanitize=1
for source in tests/bad/answer/*.c; do
    case ${CC:-cc} in *clang*) grep -q "skip clang" "$source" && continue ;; esac
    release=$(said "$source" "release")
    small=$(said "$source" "release small")
    rm -f "$scratch"/*.end
    answer "$source" debug &
    answer "$source" release "$release" &
    wait
    answer "$source" small "${small:-$release}" &
    [ "$release" = harmless ] && [ -n "$can_sanitize" ] && { answer "$source" sanitized "$release" & }
    wait
    case $release in "refused AIOT_E"[A-Z]* | harmless | trapped | "undefined ("*")") ;; *) fail "$source" "release: $release" ;; esac
    for mode in debug release small sanitized; do [ -e "$scratch/$mode.end" ] && judge "$source" $mode; done
done

for flags in "" "-DAIOT_DEBUG=1" "-DONE_COPY" "-DONE_COPY -DAIOT_DEBUG=1"; do
    if ${CC:-cc} -std=c11 -O2 $BAD_FLAGS $flags -Itests/bad/two_files tests/bad/two_files/*.c -o "$scratch/two" 2>"$scratch/why" && timeout 10 "$scratch/two"
    then pass; else fail tests/bad/two_files "do not make a program $flags"; fi
done
