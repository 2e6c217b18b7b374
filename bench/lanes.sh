#!/bin/sh
# lanes.sh: draws the run of README.md's first program, as SVG on stdout (needs a C compiler and python3).
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
awk '/^```/ { n++; next } n == 1' README.md >"$scratch/first.c"
${CC:-cc} -std=c11 -I. "-DPROGRAM=\"$scratch/first.c\"" bench/lanes.c -o "$scratch/first"
"$scratch/first" >"$scratch/trace"
python3 bench/lanes.py "$scratch/trace" "$scratch/first.c"
