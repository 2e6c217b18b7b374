#!/usr/bin/env python3
"""report.py DIRECTORY [1]: what the programs built there with gcc's --coverage have run of aio_timeout.h. With 1, writes floor.txt.

Lines: one counts if a build has code for it, and is covered if any build has run it. "host" and "small" count the builds with that loop only.
Branches: each way out of a condition, per line, of all builds. Builds differ in what a line's macros become, so a branch is known by its
line, by how many branches the line has in that build, and by its place among them; it is covered if any such build has taken it. gcc
counts code of macros at the line that uses them: those in programs are not measured here, and in the header's own coroutines only the
lines are, and conditions that begin with `if`.

excluded.txt holds what no test can reach, with the reason; an entry that matches nothing, or too much, is an error. floor.txt holds the
percentages below which this fails."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = "aio_timeout.h"
KINDS = ("host", "small")
MARK = {"host": "aiot_i_wheel_place"}   # the function that only the host's loop has


class Counts:
    """What has been run: lines[kind][number] and branches[number, how many, place] are true or false."""

    def __init__(self):
        self.lines = {kind: {} for kind in KINDS}
        self.branches = {}
        self.function = {}

    def add(self, of_file, has_run, texts):
        is_host = any(function["name"] == MARK["host"] for function in of_file["functions"])
        lines = self.lines["host" if is_host else "small"]
        for line in of_file["lines"]:
            number = line["line_number"]
            lines[number] = lines.get(number, False) or line["count"] > 0
            self.function.setdefault(number, line.get("function_name", "?"))
            is_of_macro = line.get("function_name", "").startswith("aiot_coro_") and not texts[number - 1].lstrip().startswith("if ")
            ways = [branch for branch in line["branches"] if not branch["throw"]] if has_run and not is_of_macro else []
            for place, branch in enumerate(ways):
                key = number, len(ways), place
                self.branches[key] = self.branches.get(key, False) or branch["count"] > 0

    def all_lines(self):
        return {n: any(lines.get(n) for lines in self.lines.values()) for lines in self.lines.values() for n in lines}


def data_files(directory):
    """The counts of each object; of one that was only compiled, the notes."""
    for path, _, names in sorted(os.walk(directory)):
        for name in sorted(names):
            if name.endswith(".gcda") or (name.endswith(".gcno") and os.path.basename(path) == "all"):
                yield os.path.join(path, name)


def read(directory, texts):
    counts = Counts()
    files = list(data_files(directory))
    for at in range(0, len(files), 50):
        some = files[at:at + 50]
        text = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities"] + some, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.decode()
        objects = text.splitlines()
        if len(objects) != len(some):
            sys.exit("gcov says nothing of one of: " + " ".join(some))
        for name, one in zip(some, objects):
            for of_file in json.loads(one)["files"]:
                if os.path.basename(of_file["file"]) == HEADER:
                    counts.add(of_file, name.endswith(".gcda"), texts)
    if not counts.branches:
        sys.exit("nothing was counted in " + directory)
    return counts


def percent(flags):
    flags = list(flags)
    return 100.0 * sum(flags) / len(flags)


def read_excluded(counts, texts):
    """The entries of excluded.txt: {line number: number of branches, or None for the line}. An error for each that is not right."""
    lines, branches, errors = {}, {}, []
    with open(os.path.join(HERE, "excluded.txt"), encoding="utf-8") as file:
        entries = [part.strip("\n").splitlines() for part in re.split(r"\n\s*\n", file.read())]
    covered = counts.all_lines()
    for entry in entries:
        if not entry or entry[0].startswith("#"):
            continue
        head = re.match(r"(\w+)(?:, (\d+) branch(?:es)?)?$", entry[0])
        if not head or len(entry) < 3:
            errors.append(f"'{entry[0]}' is not: function, or function, N branches; then the line, and the reason")
            continue
        code = entry[1].strip()
        found = [n for n, function in counts.function.items() if function == head[1] and texts[n - 1].strip() == code]
        what = f"{head[1]}: {code}"
        if len(found) != 1:
            errors.append(f"{what}\n    is {len(found)} lines")
        elif head[2] is None:
            lines[found[0]] = what
            if covered[found[0]]:
                errors.append(f"{what}\n    is covered")
        else:
            branches[found[0]] = int(head[2]), what
    return lines, branches, errors


def main():
    with open(HEADER, encoding="utf-8") as file:
        texts = file.read().splitlines()
    counts = read(sys.argv[1], texts)
    out_lines, out_branches, errors = read_excluded(counts, texts)

    missed, ways, left = {}, {}, []
    for (number, of, place), taken in counts.branches.items():
        if not taken:
            missed.setdefault(number, []).append(f"{place + 1} of {of}")
    for number, (allowed, what) in out_branches.items():
        if len(missed.get(number, [])) != allowed:
            errors.append(f"{what}\n    {len(missed.get(number, []))} branches are not taken, not {allowed}")
    for (number, of, place), taken in counts.branches.items():
        if number not in out_lines and (taken or number not in out_branches):
            ways[number, of, place] = taken
    all_lines = {n: run for n, run in counts.all_lines().items() if n not in out_lines}
    for number, run in sorted(all_lines.items()):
        if not run:
            left.append((number, "line"))
    for number in sorted({n for (n, _, _), taken in ways.items() if not taken}):
        if all_lines[number]:
            left.append((number, "branch " + ", ".join(missed[number])))
    for number, what in sorted(left):
        print(f"{HEADER}:{number}: {counts.function[number]}(): {what}: {texts[number - 1].strip()}")

    figures = {"lines " + kind: percent(run for n, run in counts.lines[kind].items() if n not in out_lines) for kind in KINDS}
    figures["lines all"] = percent(all_lines.values())
    figures["branches"] = percent(ways.values())
    shown = {name: f"{int(value * 100) / 100:.2f}" for name, value in figures.items()}      # never rounded up
    print("of aio_timeout.h: " + ", ".join(f"{value} % of {name}" for name, value in shown.items()) +
          f"; of {len(all_lines)} lines and {len(ways)} branches; excluded with a reason: {len(out_lines)} and "
          f"{sum(allowed for allowed, _ in out_branches.values())}")
    sys.exit(compare(shown, errors))


def compare(shown, errors):
    for error in errors:
        print("FAILED tests/coverage/excluded.txt: " + error)
    path = os.path.join(HERE, "floor.txt")
    version = subprocess.run(["gcc", "-dumpversion"], stdout=subprocess.PIPE, check=True).stdout.decode().split(".")[0].strip()
    if version != "12":
        print("(the floor is gcc 12's, and is not compared)")
        return 1 if errors else 0
    if len(sys.argv) > 2:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{name} {value}\n" for name, value in shown.items())
    with open(path, encoding="utf-8") as file:
        floor = dict(line.rsplit(" ", 1) for line in file.read().splitlines())
    failed = bool(errors)
    for name, value in shown.items():
        if float(value) < float(floor[name]):
            print(f"FAILED {name}: {value} %, below {floor[name]} %: test what is new, or say in tests/coverage/excluded.txt why not")
            failed = True
        elif float(value) > float(floor[name]) + 0.05:
            print(f"{name}: {value} %, above {floor[name]} %: make coverage RAISE=1 raises the floor")
    return 1 if failed else 0


if __name__ == "__main__":
    main()
