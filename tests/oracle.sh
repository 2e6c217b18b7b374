#!/bin/sh
# oracle.sh: reruns the Python side of the twins on CPython 3.13 or later, and says if a trace differs from the golden one.  Looks for
# an installed python3, then for node with the npm package "pyodide" in the folder that $PYODIDE names.
cd "$(dirname "$0")/conformance" || exit 2
newer='import sys; sys.exit(sys.version_info < (3, 13))'
for python in $PYTHON python3 python3.14 python3.13 "$HOME"/.pyenv/versions/3.1[3-9]*/bin/python3; do
    if "$python" -c "$newer" 2>/dev/null; then
        "$python" check.py --diff
        code=$?
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 14))' || echo "(before 3.14, shield_late_error differs: see examples/asyncio/README.md)"
        exit $code
    fi
done
if [ -n "$PYODIDE" ] && command -v node >/dev/null; then exec node run.mjs --diff; fi
cat <<TEXT
No CPython 3.13 or later was found.  Install one (Debian 13: apt-get install python3) and name it as PYTHON=..., or
install node and, in a folder of its own, the npm package "pyodide" at 314 (CPython 3.14), and say PYODIDE=that-folder make oracle.
TEXT
exit 1
