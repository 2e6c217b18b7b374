#!/bin/sh
# install.sh: `make install` puts everything in place and `make uninstall` takes it away; programs find the header by pkg-config, and in
# the CMake and Meson projects of examples/ship.  Ends with "N passed, N failed".  A tool that is missing is named; with STRICT=1 it fails.
cd "$(dirname "$0")/.." || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0
check() { # name command...
    name=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $name"; tail -n 8 "$scratch/log"; fi
}
has() { # command, package
    command -v "$1" >/dev/null && return 0
    echo "($1 is not installed: package $2)"
    [ -z "$STRICT" ] || failed=$((failed + 1))
    return 1
}
says_hello() { "$1" | cmp - examples/basics/01_hello.out; }

root=$scratch/root
check "install" make DESTDIR="$root" PREFIX=/usr install
check "the header" cmp aio_timeout.h "$root/usr/include/aio_timeout.h"
check "the licence" cmp LICENSE "$root/usr/share/doc/aio_timeout/LICENSE"
check "a manual page" grep -q AIOT_TIMEOUT "$root/usr/share/man/man3/AIOT_TIMEOUT.3"
has man man-db && check "man reads it" sh -c "man -l '$root/usr/share/man/man3/AIOT_TIMEOUT.3' | grep -q AIOT_ETIMEDOUT"
if has pkg-config pkg-config; then
    export PKG_CONFIG_PATH="$root/usr/share/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
    version=$(sed -n 's/^#define AIOT_VERSION_[A-Z]* //p' aio_timeout.h | paste -sd.)
    check "the version" [ "$(pkg-config --modversion aio_timeout)" = "$version" ]
    check "cc by pkg-config" sh -c "cd '$scratch' && ${CC:-cc} \$(pkg-config --cflags aio_timeout) '$PWD/examples/basics/01_hello.c' -o by_pkg"
    check "it runs" says_hello "$scratch/by_pkg"
fi
check "uninstall" make DESTDIR="$root" PREFIX=/usr uninstall
check "nothing is left" sh -c "! find '$root' -type f | grep ."

if has cmake cmake && has ninja ninja-build; then
    check "cmake" cmake -S examples/ship -B "$scratch/cmake" -G Ninja
    check "cmake builds" cmake --build "$scratch/cmake"
    check "it runs" says_hello "$scratch/cmake/hello"
fi
if has meson meson && has ninja ninja-build; then
    mkdir -p "$scratch/ship/include"
    cp examples/ship/meson.build "$scratch/ship"
    cp aio_timeout.h "$scratch/ship/include"
    cp examples/basics/01_hello.c "$scratch/ship/hello.c"
    check "meson" meson setup "$scratch/meson" "$scratch/ship"
    check "meson builds" ninja -C "$scratch/meson"
    check "it runs" says_hello "$scratch/meson/hello"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
