# common.sh - what the scripts here share: what must be installed, and how a benchmark program is built.  To be sourced.
# shellcheck shell=sh

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
branch_flag() { # scratch-directory c|c++
    case $(uname -m) in x86_64 | i?86) ;; *) return 0 ;; esac
    all=-Wa,-malign-branch-boundary=32,-malign-branch=jcc+fused+jmp+call+ret+indirect,-malign-branch-prefix-size=5
    case $2 in c) compiler=${CC:-cc} ;; *) compiler=${CXX:-c++} ;; esac
    for flag in $all -Wa,-mbranches-within-32B-boundaries -mbranches-within-32B-boundaries; do
        # shellcheck disable=SC2086 # CC may be "gcc -m32"
        if echo 'int probe;' | $compiler $flag -x "$2" -c - -o "$1/probe.o" 2>/dev/null; then
            echo "$flag"
            break
        fi
    done
    rm -f "$1/probe.o"
}

# Functions are aligned so that a figure does not depend on what else is in the program (README.md).
optimised="-O2 -falign-functions=64"
build_program() { # source executable flags: as C or C++; the compiler's words go to EXECUTABLE.log
    # shellcheck disable=SC2046,SC2086 # these are lists of options
    case $1 in
    *.cpp) ${CXX:-c++} $optimised $3 -I. -Ibench $(head_line flags "$1") "$1" -o "$2" $(head_line link "$1") >"$2.log" 2>&1 ;;
    *) ${CC:-cc} -std=c11 $optimised $3 -I. -Ibench $(head_line flags "$1") "$1" -o "$2" $(head_line link "$1") >"$2.log" 2>&1 ;;
    esac
}

build_ours() { # source executable flags
    if build_program "$@"; then rm -f "$2.log"; return 0; fi
    cat "$2.log" >&2
    echo "${0##*/}: $1 does not compile" >&2
    exit 1
}
