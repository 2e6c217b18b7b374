"""table.py rounds RESULTS.tsv | whole FILE.json...: the tables that run.sh prints.  Standard library only."""
import json
import sys

OURS = "aio_timeout.h"
NOISY = 1.3


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
    figures, memory = {}, {}                    # {(workload, program): (ns, median, ratio, goal, known)}, {program: bytes}
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
                fields.append("0")              # what is known: not in older files
                figures[fields[1], fields[0]] = tuple(float(fields[i] or 0) for i in (2, 3, 5, 6, 7))

    for group in ("scheduling", "sleepers", "timers"):
        workloads = list(dict.fromkeys(w for w, _ in figures if group_of(w) == group))
        if not workloads:
            continue
        programs = list(dict.fromkeys(p for w, p in figures if w in workloads))
        programs.sort(key=lambda name: not name.startswith(OURS))       # stable: ours first
        goals = any(max(figure[3:]) for (w, _), figure in figures.items() if w in workloads)
        print(f"\n{group}: ns per operation, the least of the rounds; * the best of its row; ~ noisy, the median over {NOISY} times that")
        rows = [[""] + [program + "  " for program in programs] + (["ours:bare", "goal", "known"] if goals else [])]
        for workload in workloads:
            here = {program: figures[workload, program] for program in programs if (workload, program) in figures}
            best = min(figure[0] for figure in here.values()) if len(here) > 1 else None
            row = [workload]
            for program in programs:
                if program not in here:
                    row.append("-  ")
                    continue
                ns, median = here[program][:2]
                row.append(number(ns) + ("*" if ns == best else " ") + ("~" if median > NOISY * ns else " "))
            if goals:
                _, _, ratio, goal, known = here.get(OURS, (0,) * 5)
                row.append(f"{ratio:.2f}x" if ratio else "")
                row.append(f"{goal:.1f}x" + (" MISS" if ratio > goal else "") if goal else "")
                row.append(f"{known:.2f}x" if known else "")
            rows.append(row)
        print_rows(rows, left=(0, len(rows[0]) - 2) if goals else (0,))

    if memory:
        print("\nmemory: bytes per task")
        print_rows(sorted(map(list, memory.items()), key=lambda row: float(row[1])))


def whole(paths):
    """Of one workload: a file for each program."""
    results = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            results += json.load(file)["results"]
    results.sort(key=lambda result: [not result["command"].startswith(ours) for ours in (OURS + ",", OURS)])     # stable: ours first
    workload = paths[0].rsplit("/", 1)[-1].split(".")[0]
    print(f"\n{workload}: whole programs under hyperfine, the least and the mean of {len(results[0]['times'])} runs")
    rows = [["", "operations", "least s", "mean s", "CPU s", "ns each", "to ours", "by the mean"]]
    ours = None
    for result in results:
        program, _, operations = result["command"].partition(", ")         # as run.sh named it: "libev, 2000000 operations"
        operations = int(operations.split()[0])
        least, mean = min(result["times"]), result["mean"]
        ours = ours or (least / operations, mean / operations)
        seconds = [f"{value:.3f}" for value in (least, mean, result["user"] + result["system"])]
        ratios = [f"{least / operations / ours[0]:.1f}x", f"{mean / operations / ours[1]:.1f}x"]
        rows.append([program, str(operations)] + seconds + [number(least / operations * 1e9)] + ratios)
    print_rows(rows)


if len(sys.argv) < 3 or sys.argv[1] not in ("rounds", "whole"):
    sys.exit(__doc__)
if sys.argv[1] == "rounds":
    rounds(sys.argv[2])
else:
    whole(sys.argv[2:])
