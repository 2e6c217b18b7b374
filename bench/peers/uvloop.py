"""uvloop.py - asyncio on uvloop, libuv's event loop in Python: asyncio.py --uvloop, whose head says what is measured, and how fairly.

debian: python3-uvloop

Debian's package is for Debian's interpreter, which run.sh tries first, and uses for both."""
import pathlib
import runpy
import sys

sys.argv.append("--uvloop")
runpy.run_path(str(pathlib.Path(__file__).with_name("asyncio.py")), run_name="__main__")
