// node run.mjs [check.py's arguments]: runs check.py on CPython 3.14 compiled to WebAssembly (npm package "pyodide").
// Once, outside the repository, npm-install "pyodide" (CPython 3.14) in a folder of its own, and give that folder as PYODIDE.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import path from "node:path";
const here = path.dirname(fileURLToPath(import.meta.url));
const from = process.env.PYODIDE || process.cwd();
const { loadPyodide } = createRequire(path.join(from, "x.js"))("pyodide");
const env = { HOME: "/" };
if (process.env.VT_TIES) env.VT_TIES = process.env.VT_TIES;
const py = await loadPyodide({ stdout: s => console.log(s), stderr: s => console.error(s), env });
py.FS.mkdirTree("/mnt/w");
py.FS.mount(py.FS.filesystems.NODEFS, { root: process.env.VT_ROOT || here }, "/mnt/w");
py.globals.set("ARGS", process.argv.slice(2).join("\n"));
process.exitCode = py.runPython(`
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/mnt/w")
import asyncio.events
asyncio.events._set_running_loop(None)   # Pyodide keeps its own browser loop "running"
import check
check.main([a for a in ARGS.split("\\n") if a])
`);
