"""table.py NET.csv: the tables that net.sh prints.  Standard library only."""
import csv
import statistics
import sys

NOISY = 1.3
PEERS = ("libuv", "bare epoll")


def number(value):
    if value >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def print_rows(rows):
    widths = [max(len(row[i]) for row in rows if i == 0 or len(row) > 2) for i in range(len(rows[0]))]
    for row in rows:
        if len(row) == 2:                       # a server, and why it has no figures
            print(f"  {row[0].ljust(widths[0])}  {row[1]}")
            continue
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  " + "  ".join(cells))


def read(path):
    """{(scenario, server): rounds}, and {(scenario, server): why it was left out}."""
    rounds, left_out, table = {}, {}, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("# left out: "):
                server, scenario, why = line[12:].rstrip().split(",", 2)
                left_out[scenario, server] = why
            elif line.startswith("# "):
                print(line[2:].rstrip())
            else:
                table.append(line)
    for row in csv.DictReader(table):
        figures = {key: float(value) for key, value in row.items() if key not in ("server", "scenario")}
        rounds.setdefault((row["scenario"], row["server"]), []).append(figures)
    return rounds, left_out


def summary(rounds):
    """Of one server in one scenario: medians of its rounds, the least CPU time and the most requests."""
    figures = {key: statistics.median(row[key] for row in rounds) for key in rounds[0]}
    figures["least"] = min(row["cpu_us_per_request"] for row in rounds)
    figures["most"] = max(row["requests_per_s"] for row in rounds)
    return figures


def row_of(server, f):
    noisy = "~" if f["cpu_us_per_request"] > NOISY * f["least"] else " "
    many = f["idle"] + f["active"] >= 1000
    return [server, number(f["least"]), number(f["cpu_us_per_request"]) + noisy, number(f["most"]), number(f["requests_per_s"]),
            f"{f['server_cores']:.2f}", number(f["bytes_per_connection"]) if many else "-",
            number(f["p50_us"]), number(f["p99_us"]), number(f["p999_us"])]


HEAD = [["", "CPU us", "CPU us ", "requests/s", "requests/s", "CPUs", "bytes per", "p50", "p99", "p99.9"],
        ["", "least", "median ", "most", "median", "busy", "connection", "us", "us", "us"]]


def print_ratios(figures):
    ours = next(iter(figures))
    for peer in PEERS:
        if peer in figures and peer != ours:
            a, b = figures[ours], figures[peer]
            line = f"  {ours} to {peer}: CPU {a['least'] / b['least']:.2f}x, requests/s {a['most'] / b['most']:.2f}x"
            if a["idle"] + a["active"] >= 1000:
                line += f", bytes {a['bytes_per_connection'] / b['bytes_per_connection']:.2f}x"
            print(line)


def print_scenario(scenario, rounds, left_out):
    figures = {server: summary(rows) for (s, server), rows in rounds.items() if s == scenario and server not in left_out}
    idle, active = scenario.split("+")
    print(f"\n{scenario}: {idle} connections say nothing, {active} ask; ~ noisy, the median over {NOISY} times the least")
    missing = [[server, f"left out: {why}"] for server, why in left_out.items()]
    print_rows(HEAD + [row_of(server, f) for server, f in figures.items()] + missing)
    print_ratios(figures)


def print_loops(rounds):
    loops = [summary(rows) for (scenario, _), rows in rounds.items() if scenario.startswith("loops ")]
    print("\none loop against two: 100 connections ask, by two threads of the load")
    print_rows(HEAD + [row_of(f"-t {i + 1}", f) for i, f in enumerate(loops)])
    print(f"  two loops to one: requests/s {loops[1]['most'] / loops[0]['most']:.2f}x, CPU {loops[1]['least'] / loops[0]['least']:.2f}x")
    print("  The load runs on the same CPUs: on a machine with 2, two loops and two threads of the load share them.")


def main(path):
    rounds, left_out = read(path)
    scenarios = dict.fromkeys(scenario for scenario, _ in [*rounds, *left_out] if "+" in scenario)
    for scenario in scenarios:
        print_scenario(scenario, rounds, {server: why for (s, server), why in left_out.items() if s in (scenario, "any scenario")})
    if any(scenario.startswith("loops ") for scenario, _ in rounds):
        print_loops(rounds)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
