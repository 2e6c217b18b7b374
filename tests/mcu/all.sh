#!/bin/sh
# all.sh: everything for microcontrollers: the examples and the twins in emulators, the loop inside FreeRTOS and Arduino, and the
# figures against their ceilings.  Ends with `N passed, M failed` over all of it.  STRICT=1: a missing tool-chain is a failure.
cd "$(dirname "$0")/../.." || exit 2
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
broken=0
for part in run twins adapters size; do
    echo "== tests/mcu/$part.sh"
    { tests/mcu/$part.sh || echo "BROKEN"; } 2>&1 | tee -a "$log"
done
grep -q '^BROKEN' "$log" && broken=1
sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' "$log" |
    { passed=0 failed=0
      while read -r p f; do passed=$((passed + p)) failed=$((failed + f)); done
      [ $broken -eq 1 ] && [ $failed -eq 0 ] && failed=1
      echo "$passed passed, $failed failed"
      [ $failed -eq 0 ]; }
