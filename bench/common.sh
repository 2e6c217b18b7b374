# common.sh - what the scripts here share: what must be installed, where they write, and how a benchmark program is built.  To be sourced,
# when $build is set.
# shellcheck shell=sh disable=SC2154

# $out keeps what is complete.  What is being written is in $scratch, which is of this run alone: a script whose make was killed goes on for
# a while, beside the next run.
out=$build/bench
mkdir -p "$out"
scratch=$(mktemp -d "$out/run.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# Ends the script if what started it is gone: it would only disturb the next run.
parent() { ps -o ppid= -p $$ 2>/dev/null || true; }
first_parent=$(parent)
still_wanted() { [ "$(parent)" = "$first_parent" ] || exit 1; }

need() { # command debian-package
    command -v "$1" >/dev/null && return
    echo "${0##*/} needs $1, which is not installed (Debian: apt-get install $2)." >&2
    exit 1
}

now() { date +%s; }

ours() { # the sources of our programs, in the order of the tables
    for name in scheduling sleepers timers; do
        if [ -e "bench/$name.c" ]; then echo "bench/$name.c"; fi
    done
}

head_line() { # key source: what a peer's head comment says after "key:"
    sed -n "1,30s/^[ *#]*$1: *//p" "$2" | head -n 1
}

# What keeps jumps off the 32-byte boundaries at which some Intel CPUs are slow (README.md), if the compiler and the CPU know it.  Each
# compiler is asked: those for C and for C++ need not be of one make.
branch_flag() { # c|c++
    case $(uname -m) in x86_64 | i?86) ;; *) return 0 ;; esac
    all=-Wa,-malign-branch-boundary=32,-malign-branch=jcc+fused+jmp+call+ret+indirect,-malign-branch-prefix-size=5
    case $1 in c) compiler=${CC:-cc} ;; *) compiler=${CXX:-c++} ;; esac
    for flag in $all -Wa,-mbranches-within-32B-boundaries -mbranches-within-32B-boundaries; do
        # shellcheck disable=SC2086 # CC may be "gcc -m32"
        if echo 'int probe;' | $compiler $flag -x "$1" -c - -o "$scratch/probe.o" 2>/dev/null; then
            echo "$flag"
            break
        fi
    done
}

# Functions are aligned so that a figure does not depend on what else is in the program (README.md).
optimised="-O2 -falign-functions=64"
build_program() { # source executable flags: as C or C++; the compiler's words go to EXECUTABLE.log
    # shellcheck disable=SC2046,SC2086 # these are lists of options
    case $1 in
    *.cpp) ${CXX:-c++} $optimised $3 -I. -Ibench $(head_line flags "$1") "$1" -o "$scratch/program" $(head_line link "$1") ;;
    *) ${CC:-cc} -std=c11 $optimised $3 -I. -Ibench $(head_line flags "$1") "$1" -o "$scratch/program" $(head_line link "$1") ;;
    esac >"$2.log" 2>&1 && mv "$scratch/program" "$2"
}

build_ours() { # source executable flags
    if build_program "$@"; then rm -f "$2.log"; return 0; fi
    cat "$2.log" >&2
    echo "${0##*/}: $1 does not compile" >&2
    exit 1
}
