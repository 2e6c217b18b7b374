"""table.py rounds RESULTS.tsv | whole FILE.json...: the tables that run.sh prints.  Standard library only."""
import json
import sys

OURS = "aio_timeout.h"


def group_of(workload):
    groups = {"timer": "timers", "sleepers": "sleepers"}
    return groups.get(workload.split("-")[0], "scheduling")


def number(value):
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def print_rows(rows, left=(0,)):
    """Rows of strings, right-justified but for the columns in left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) if i in left else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(cells).rstrip())


def rounds(path):
    figures, memory = {}, {}                    # {(workload, program): (ns, ratio, budget)}, {program: bytes}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if line.startswith("# program"):
                pass
            elif line.startswith("# "):
                print(line[2:].rstrip())
            elif len(fields) > 2 and fields[1] == "bytes-per-task":
                memory[fields[0]] = fields[2]
            elif len(fields) >= 7:
                figures[fields[1], fields[0]] = tuple(float(fields[i] or 0) for i in (2, 5, 6))

    for group in ("scheduling", "sleepers", "timers"):
        workloads = list(dict.fromkeys(w for w, _ in figures if group_of(w) == group))
        if not workloads:
            continue
        programs = list(dict.fromkeys(p for w, p in figures if w in workloads))
        programs.sort(key=lambda name: not name.startswith(OURS))       # stable: ours first
        budgets = any(figures.get((w, OURS), (0, 0, 0))[2] for w in workloads)
        print(f"\n{group}: ns per operation, the least of the rounds; * the best of its row")
        rows = [[""] + [program + " " for program in programs] + (["ours:bare", "budget"] if budgets else [])]
        for workload in workloads:
            here = {program: figures[workload, program] for program in programs if (workload, program) in figures}
            best = min(ns for ns, _, _ in here.values()) if len(here) > 1 else None
            row = [workload]
            for program in programs:
                ns = here[program][0] if program in here else None
                row.append("- " if ns is None else number(ns) + ("*" if ns == best else " "))
            if budgets:
                _, ratio, budget = here.get(OURS, (0, 0, 0))
                row.append(f"{ratio:.2f}x" if ratio else "")
                row.append(f"{budget:.1f}x" + (" MISS" if ratio > budget else "") if budget else "")
            rows.append(row)
        print_rows(rows, left=(0, len(rows[0]) - 1) if budgets else (0,))

    if memory:
        print("\nmemory: bytes per task")
        print_rows(sorted(map(list, memory.items()), key=lambda row: float(row[1])))


def whole(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            results = json.load(file)["results"]
        workload = path.rsplit("/", 1)[-1].removesuffix(".json")
        print(f"\n{workload}: whole programs under hyperfine, mean of {len(results[0]['times'])} runs")
        rows = [["", "operations", "wall s", "+-", "CPU s", "CPU ns each", "to ours"]]
        ours = None
        for result in results:
            program, _, operations = result["command"].partition(", ")     # as run.sh named it: "libev, 2000000 operations"
            operations = int(operations.split()[0])
            cpu = result["user"] + result["system"]                     # what a machine shared with others leaves alone
            each = cpu / operations * 1e9
            ours = ours or each
            seconds = [f"{value or 0:.3f}" for value in (result["mean"], result["stddev"], cpu)]
            rows.append([program, str(operations)] + seconds + [number(each), f"{each / ours:.1f}x"])
        print_rows(rows)


if len(sys.argv) < 3 or sys.argv[1] not in ("rounds", "whole"):
    sys.exit(__doc__)
if sys.argv[1] == "rounds":
    rounds(sys.argv[2])
else:
    whole(sys.argv[2:])
