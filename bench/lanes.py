"""lanes.py TRACE PROGRAM: draws the run of a program as SVG on stdout.  TRACE is what lanes.c printed, PROGRAM the source it names lines of.
A lane for each coroutine that was run, a bar for each wait, the limit above, the cancel as an arrow, the program's output below."""
import html
import re
import sys

source = [""] + open(sys.argv[2], encoding="utf-8").read().split("\n")
steps, prints, limits = [], [], []
for line in open(sys.argv[1], encoding="utf-8"):
    kind, time, *rest = line.rstrip("\n").split(" ", 2)
    ms = int(time) / 1e6
    if kind == "step":
        error, *lines = [int(word) for word in rest[0].split()] if len(rest) == 1 else [int(w) for w in (rest[0] + " " + rest[1]).split()]
        steps.append((ms, error, lines))
    elif kind == "print":
        prints.append((ms, " ".join(rest)))
    elif kind == "limit":
        limits.append(ms)
limit = next((when for when in limits if 0 < when < 1e6), None)

# A step says where its task has waited since the step before: lines[-1] in root, lines[0] in the innermost coroutine.
waits = []                                      # (lane, begin, end, line, was cancelled)
for (begin, _, _), (end, error, lines) in zip(steps, steps[1:]):
    name = re.search(r'\.name = "(\w+)"', source[lines[-1]]) if lines else None
    if len(lines) > 1:
        waits.append((f'fetch("{name.group(1)}")' if name else "fetch", begin, end, lines[0], error != 0))
    if lines:
        waits.append(("root", begin, end, lines[-1], error != 0))
lanes = ["root"] + list(dict.fromkeys(wait[0] for wait in waits if wait[0] != "root"))
began = next(begin for lane, begin, *_ in waits if lane == lanes[-1])
end = max(wait[2] for wait in waits)

LEFT, SCALE, TOP, HIGH = 118, 9.3, 74, 46
def x(ms): return LEFT + ms * SCALE
def y(lane): return TOP + lanes.index(lane) * HIGH


def text(at, line, words, kind="", anchor="start"):
    return f'<text x="{at:.1f}" y="{line:.1f}" class="{kind}" text-anchor="{anchor}">{html.escape(words)}</text>'


def bar(kind, lane, begin, end, high=26):
    return f'<rect class="{kind}" x="{x(begin):.1f}" y="{y(lane):.1f}" width="{(end - begin) * SCALE:.1f}" height="{high}" rx="3"/>'


WIDE, DEEP = 760, TOP + len(lanes) * HIGH + 78
out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {DEEP}" font-family="system-ui,sans-serif" font-size="13">',
       """<style>.back{fill:#fff}text{fill:#222}.dim{fill:#666}.code{font-family:ui-monospace,monospace;font-size:12px}.wait{fill:#dbe4f0}.sleep{fill:#7fa8d9}
.final{fill:#e0a63a}.limit{fill:none;stroke:#c0392b;stroke-width:2}.red{fill:#c0392b}.tick{stroke:#8886}
@media(prefers-color-scheme:dark){.back{fill:#0d1117}text{fill:#e6e6e6}.dim{fill:#9aa4af}.wait{fill:#2a3646}.sleep{fill:#3f6ea5}.final{fill:#9a6f1c}.limit{stroke:#ff7b6b}.red{fill:#ff7b6b}}
</style>""", f'<rect class="back" width="{WIDE}" height="{DEEP}"/>']
floor = y(lanes[-1]) + HIGH
for ms in sorted({0.0, end} | {ms for ms, _ in prints}):
    out.append(f'<path class="tick" d="M{x(ms):.1f} {TOP - 8}V{floor}"/>')
for lane in lanes:
    out.append(text(LEFT - 10, y(lane) + 18, lane, "code", "end"))
for lane, begin, until, line, cancelled in waits:
    code = source[line].split("//")[0].strip().rstrip("{} ;")
    kind = "wait" if lane == "root" else "final" if "MS(1)" in code else "sleep"
    out.append(bar(kind, lane, begin, until))
merged = {}
for lane, begin, until, line, _ in waits:
    merged.setdefault((lane, line), [begin, until])[1] = until
for (lane, line), (begin, until) in merged.items():
    if (until - begin) * SCALE > 60:
        words = "AIOT_AWAIT(fetch, ...)" if lane == "root" else re.match(r"\s*(\w+)", source[line]).group(1) + "(self->delay)"
        out.append(text(x(begin) + 6, y(lane) + 18, words if (until - begin) * SCALE > 170 else words[:10], "code"))
for lane in lanes[1:]:
    last = max(until for name, _, until, _, _ in waits if name == lane)
    out.append(text(x(last) + 5 if last < end else x(last) - 14, y(lane) + (18 if last < end else 41), "FINALLY", "dim", "start" if last < end else "end"))
if limit is not None:
    out += [f'<path class="limit" d="M{x(began):.1f} {TOP - 16}v-10H{x(limit):.1f}V{y(lanes[-1]) - 8}"/>',
            f'<path class="red" d="M{x(limit) - 6:.1f} {y(lanes[-1]) - 10}h12l-6 10z"/>',
            text(x(began) + 8, TOP - 34, f"AIOT_TIMEOUT(&self->limit, AIOT_MS({limit - began:.0f}))", "code red"),
            text(x(limit) - 8, y(lanes[-1]) - 12, "strikes: cancels the wait", "red", "end")]
for row, (ms, words) in enumerate(prints):
    late = ms > end / 2
    line = floor + 16 + 18 * (row % 2)
    out.append(text(x(ms) + (-6 if late else 6), line, f'{ms:.0f} ms  {words}', "code", "end" if late else "start"))
out.append(text(LEFT, floor + 62, "Drawn from the program's own trace, in virtual time.  Blue: a sleep.  Amber: a clean-up that waits.", "dim"))
print("\n".join(out) + "\n</svg>")
