"""pages.py: what the Markdown pages promise.  Every link and anchor resolves; every block of C compiles, alone and with the header;
a block with a main() runs and prints the block behind it; README.md keeps its size; the picture is the program's; what debug and release builds do with a mistake is
what its programs in tests/bad/answer say, which tests/bad/run.sh runs.  Prints what fails, and a last line with the counts."""
import os
import re
import subprocess
import sys
import tempfile

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
pages = sorted(f for f in subprocess.check_output(["git", "ls-files", "*.md"], text=True).split())
passed, failed = 0, 0


def check(holds, what):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAILED", what)


def without_code(text):
    return re.sub(r"`[^`\n]*`", lambda m: "`" + "x" * (len(m.group(0)) - 2) + "`", re.sub(r"(?ms)^ *```.*?^ *```$", "", text))


def anchors(page):
    """GitHub's: lower case, spaces become hyphens, punctuation goes."""
    found = {}
    for title in re.findall(r"(?m)^#+ +(.*)$", re.sub(r"(?ms)^ *```.*?^ *```$", "", open(page, encoding="utf-8").read())):
        title = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
        if found[slug]:
            found[f"{slug}-{found[slug]}"] = 0
    return found


def check_links(page, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        check(os.path.exists(file), f"{page}: no file {target}")
        if anchor and file.endswith(".md") and os.path.exists(file):
            check(anchor in anchors(file), f"{page}: no anchor {target}")


def check_programs(page, text, scratch):
    blocks = re.findall(r"(?ms)^( *)```(\w*)\n(.*?)^ *```$", text)
    for i, (indent, language, block) in enumerate(blocks):
        if language != "c":
            continue
        code = re.sub(rf"(?m)^{indent}", "", block)
        source, program = os.path.join(scratch, "block.c"), os.path.join(scratch, "block")
        with open(source, "w", encoding="utf-8") as file:
            file.write(code if "aio_timeout.h" in code else '#include "aio_timeout.h"\n' + code)
        whole = "int main(" in code
        command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-I.", source, "-o", program]
        built = subprocess.run(command if whole else command[:-2] + ["-c", "-o", os.devnull], capture_output=True, text=True)
        check(built.returncode == 0, f"{page}, block {i + 1} does not compile: {built.stderr[:600]}")
        if whole and built.returncode == 0:
            ran = subprocess.run([program], capture_output=True, text=True, timeout=20)
            prints = re.sub(rf"(?m)^{indent}", "", blocks[i + 1][2]) if i + 1 < len(blocks) else None
            check(ran.returncode == 0 and ran.stdout == prints, f"{page}, block {i + 1} prints {ran.stdout!r}")


def check_mistakes(page):
    """A row for each "mistake:" of a program, with its "release:" and "exit debug:"; the words in a debug build's cell are the header's."""
    section = open(page, encoding="utf-8").read().partition("\n## What a release build does with a mistake\n")[2].partition("\n#")[0]
    rows = {mistake.replace("`", ""): (debug, release) for mistake, debug, release in
            re.findall(r"(?m)^\| (.+) \| (.+) \| (.+) \|$", section)[2:]}
    header, used = open("aio_timeout.h", encoding="utf-8").read(), set()
    for name in sorted(os.listdir("tests/bad/answer")):
        program = open(f"tests/bad/answer/{name}", encoding="utf-8").read()
        said = dict(re.findall(r"/\* (release|release small|mistake|exit debug): ([^*]*[^* ]) *\*/", program))
        mistake, release = said.get("mistake", ""), said.get("release", "")
        check(mistake in rows or mistake.startswith("none, "), f"{page}: no row for {name}: {mistake}")
        if mistake not in rows:
            continue
        used.add(mistake)
        debug_cell, cell = rows[mistake]
        what, _, code = release.partition(" ")
        same = cell.startswith(what) and (what != "refused" or f"`{code}`" in cell) and (
            "release small" not in said or "small loop undefined" in cell)
        check(same, f"{page}: {name} says {release}, its row {cell}")
        ends = "stops" if said.get("exit debug") == "abort" else "goes on"
        check([w for w in ("stops", "goes on") if w in debug_cell] == [ends],
              f"{page}: {name} ends a debug build with {said.get('exit debug')}, its row says {debug_cell}")
    check(rows and used == set(rows), f"{page}: rows without a program: {set(rows) - used}")
    for words in (words for debug_cell, _ in rows.values() for words in re.findall(r"`([^`]*)`", debug_cell)):
        check(words in header, f"{page}: a debug build does not say: {words}")


with tempfile.TemporaryDirectory() as scratch:
    for page in pages:
        text = open(page, encoding="utf-8").read()
        check_links(page, text)
        check_programs(page, text, scratch)
check_mistakes("examples/README.md")
readme = open("README.md", encoding="utf-8").read()
check(readme.count("\n") <= 240 and len(readme.encode()) <= 14000, f"README.md: {readme.count(chr(10))} lines, {len(readme.encode())} bytes")
drawn = subprocess.run(["bench/lanes.sh"], capture_output=True, text=True).stdout
check(drawn and drawn == open("bench/results/first-program.svg", encoding="utf-8").read(), "bench/results/first-program.svg is old: make plots")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
