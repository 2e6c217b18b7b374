#!/usr/bin/env python3
"""report.py DIRECTORY [1]: what the programs built there with gcc's --coverage have run of aio_timeout.h. With 1, writes floor.txt.

Lines: one counts if a build has code for it, and is covered if any build has run it. "host" and "small" count the programs with that loop only.
Branches: each way out of a condition, of all builds. Builds differ in what a line's macros become, so a branch is known by its line, by how
many branches the line has in that build, and by its place among them; it is covered if any build in which the line has so many has taken it.
gcc counts the code of macros at the line that uses them: those in programs are not measured here, and of the header's own coroutines only
the lines are, and the conditions that begin with `if`.

excluded.txt holds what no test can reach, with the reasons. floor.txt holds the percentages below which this fails."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = "aio_timeout.h"
LOOPS = ("host", "small")
GCC = "12"                              # whose counts the floor and the excluded branches are


class Counts:
    """lines[loop][number] and branches[number, how many, place] say whether it has been run; function[number] where it is."""

    def __init__(self, texts):
        self.texts = texts
        self.lines = {loop: {} for loop in LOOPS}
        self.known = {loop: set() for loop in LOOPS}    # its functions: names and lines
        self.branches = {}
        self.function = {}

    def loops_of(self, functions):
        """Which loop has all of these functions. A program without a loop may have both."""
        return [loop for loop in LOOPS if functions <= self.known[loop]] or LOOPS

    def add(self, header, is_of_all):
        """The header in one program; is_of_all: the loop of which this is all, or None."""
        functions = {(function["name"], function["start_line"]) for function in header["functions"]}
        if is_of_all:
            self.known[is_of_all] |= functions
        loops = [is_of_all] if is_of_all else self.loops_of(functions & (self.known["host"] | self.known["small"]))
        for line in header["lines"]:
            number = line["line_number"]
            function = self.function.setdefault(number, line.get("function_name", "?"))
            for loop in loops:
                self.lines[loop][number] = self.lines[loop].get(number, False) or line["count"] > 0
            if is_of_all or (function.startswith("aiot_coro_") and not self.texts[number - 1].lstrip().startswith("if ")):
                continue
            ways = [branch for branch in line["branches"] if not branch["throw"]]
            for place, branch in enumerate(ways):
                key = number, len(ways), place
                self.branches[key] = self.branches.get(key, False) or branch["count"] > 0

    def all_lines(self):
        numbers = set(self.lines["host"]) | set(self.lines["small"])
        return {n: any(lines.get(n) for lines in self.lines.values()) for n in numbers}

    def untaken(self, number):
        """The places of the branches of a line that were not taken: "2 of 4"."""
        return [f"{place + 1} of {of}" for (n, of, place), taken in sorted(self.branches.items()) if n == number and not taken]


def read(directory, counts):
    """all_host and all_small were only compiled: the lines and functions that there are. Then the counts of each program that ran."""
    files = [os.path.join(path, name) for path, _, names in sorted(os.walk(directory)) for name in sorted(names)
             if name.endswith(".gcda") or (name.endswith(".gcno") and os.path.basename(path).startswith("all_"))]
    for at in range(0, len(files), 50):
        some = files[at:at + 50]
        objects = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities"] + some, check=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().splitlines()
        if len(objects) != len(some):
            sys.exit("gcov says nothing of one of: " + " ".join(some))
        for name, one in zip(some, objects):
            for file in json.loads(one)["files"]:
                if os.path.basename(file["file"]) == HEADER:
                    of = os.path.basename(os.path.dirname(name))
                    counts.add(file, of[len("all_"):] if of.startswith("all_") else None)
    if not counts.branches:
        sys.exit("nothing was counted in " + directory)


def read_excluded(counts):
    """Of excluded.txt: the lines of each loop, the lines of branches with their number, and what is wrong with it."""
    with open(os.path.join(HERE, "excluded.txt"), encoding="utf-8") as file:
        entries = [entry.splitlines() for entry in re.split(r"\n\s*\n", file.read().strip())]
    lines, branches, errors = {loop: set() for loop in LOOPS}, {}, []
    for entry in entries:
        if entry[0].startswith("#"):
            continue
        head = re.match(r"(\w+)(?:, (\d+) branch(?:es)?|, (host|small))?$", entry[0])
        if not head or len(entry) < 3:
            errors.append(f"'{entry[0]}': expected the function, which 'N branches' or 'host' or 'small' may follow; the line; the reason")
            continue
        code = entry[1].strip()
        found = [n for n, function in counts.function.items() if function == head[1] and counts.texts[n - 1].strip() == code]
        if len(found) != 1:
            errors.append(f"{head[1]}(): {len(found)} lines are: {code}")
        elif head[2] is None:
            for loop in [head[3]] if head[3] else LOOPS:
                lines[loop].add(found[0])
            if any(counts.lines[loop].get(found[0]) for loop in ([head[3]] if head[3] else LOOPS)):
                errors.append(f"{head[1]}(): is covered: {code}")
        else:
            branches[found[0]] = int(head[2])
            if len(counts.untaken(found[0])) != int(head[2]):
                errors.append(f"{head[1]}(): branches that are not taken: {len(counts.untaken(found[0]))}, not {head[2]}: {code}")
    return lines, branches, errors


def percent(flags):
    """As text, never rounded up."""
    flags = list(flags)
    return f"{10000 * sum(flags) // len(flags) / 100:.2f}"


def missing(counts, lines, branches):
    """What has not been run, in order: line numbers, and what of the line."""
    for number in sorted(lines):
        not_in = [loop for loop, own in sorted(counts.lines.items()) if not own.get(number, True)]
        if not lines[number]:
            yield number, "line"
        elif not_in:
            yield number, f"line, with the {not_in[0]} loop"
        if lines[number] and any(key[0] == number and not taken for key, taken in branches.items()):
            yield number, "branch " + ", ".join(counts.untaken(number))


def compare(shown):
    """With the floor. Returns whether all is well."""
    path = os.path.join(HERE, "floor.txt")
    if len(sys.argv) > 2:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{name} {value}\n" for name, value in shown.items())
    with open(path, encoding="utf-8") as file:
        floor = dict(line.rsplit(" ", 1) for line in file.read().splitlines())
    good = True
    for name, value in shown.items():
        if float(value) < float(floor[name]):
            print(f"FAILED {name}: {value} %, below {floor[name]} %: test what is new, or say in tests/coverage/excluded.txt why not")
            good = False
        elif float(value) > float(floor[name]) + 0.05:
            print(f"{name}: {value} %, above {floor[name]} %: make coverage RAISE=1 raises the floor")
    return good


def main():
    with open(HEADER, encoding="utf-8") as file:
        counts = Counts(file.read().splitlines())
    read(sys.argv[1], counts)
    out_lines, out_branches, errors = read_excluded(counts)
    for loop in LOOPS:
        counts.lines[loop] = {n: run for n, run in counts.lines[loop].items() if n not in out_lines[loop]}
    lines = counts.all_lines()
    branches = {key: taken for key, taken in counts.branches.items() if key[0] in lines and (taken or key[0] not in out_branches)}
    for number, what in missing(counts, lines, branches):
        print(f"{HEADER}:{number}: {counts.function[number]}(): {what}: {counts.texts[number - 1].strip()}")
    shown = {"lines " + loop: percent(own.values()) for loop, own in counts.lines.items()}
    shown["lines all"] = percent(lines.values())
    shown["branches"] = percent(branches.values())
    print("covered: " + ", ".join(f"{name} {value} %" for name, value in shown.items()) +
          f"; of {len(lines)} lines and {len(branches)} branches; excluded with a reason: {len(out_lines['host'] | out_lines['small'])} and {sum(out_branches.values())}")
    version = subprocess.run(["gcc", "-dumpversion"], stdout=subprocess.PIPE, check=True).stdout.decode().split(".")[0].strip()
    if version != GCC:
        print(f"(the floor and the excluded branches are those of gcc {GCC}, and are not compared)")
        sys.exit(0)
    for error in errors:
        print("FAILED tests/coverage/excluded.txt: " + error)
    sys.exit(0 if compare(shown) and not errors else 1)


if __name__ == "__main__":
    main()
