"""pipemark show: a result as a table in the terminal."""

from __future__ import annotations

import math
import os
import shutil
import sys
from dataclasses import dataclass
from typing import List, Sequence, Tuple

from . import answer, cli, stress
from .answers import interval
from .hist import Hist
from .naming import Config, configs
from .page import badges, summary
from .reader import read_all
from .result import Run
from .units import number

BARS, PLAIN_BARS = "▁▂▃▄▅▆▇█", ".:-=+*#@"
STEPS = 16  # characters of a sparkline


@dataclass
class Screen:
    """What the terminal can do; width 0: no limit."""

    width: int
    color: bool
    bars: str

    def bold(self, text: str) -> str:
        """Stressed, if there is colour."""
        return f"\033[1m{text}\033[0m" if self.color else text

    def quiet(self, text: str) -> str:
        """Less important, if there is colour."""
        return f"\033[2m{text}\033[0m" if self.color else text


def main(arguments: List[str]) -> int:
    """The command."""
    parser = cli.Parser("show", "Show results as tables in the terminal.")
    parser.add_argument("result", nargs="+", help="result file (.jsonl, .jsonl.gz)")
    options = parser.parse_args(arguments)
    runs = read_all(options.result)
    screen = _screen()
    measured = False
    for i, run in enumerate(runs):
        cli.note("show", run.notes)
        if i:
            print()
        for line in lines(run, screen):
            print(line)
        measured |= bool(run.stress) or \
            any(c.good for c in run.cells.values())
    return cli.DONE if measured else cli.CANNOT


def _screen() -> Screen:
    terminal = sys.stdout.isatty()
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    wide = shutil.get_terminal_size().columns if terminal \
        else int(os.environ.get("COLUMNS") or 0) if \
        (os.environ.get("COLUMNS") or "").isdigit() else 0
    can = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    bold = terminal and not plain and os.name != "nt"  # text to a console there
    return Screen(wide, bold, BARS if can else PLAIN_BARS)


def lines(run: Run, screen: Screen) -> List[str]:
    """Everything, line by line."""
    every = configs(run)
    found = [x for x in every if x.cell.good]
    out = [screen.bold(run.where + (f" on {run.node}" if run.node else ""))]
    if run.stress and not run.cells:
        return [clip(line, screen) for line in out + _stress(run)]
    out += wrap(" ".join(summary(run, every, found)), screen.width or 100)
    out += [f"  {b.severity}: {b.code}: {b.text}" for b in
            badges(run, run.env.get("facts") or {}) if b.severity in ("warn", "void")]
    for task in answer.tasks(run, found):
        out += ["", *_task(run, task, screen)]
    trouble = [g for g in answer.skipped(every) + answer.failed(every)]
    if trouble:
        out += ["", screen.bold("Not measured or failed")]
        out += [f"  {g.count:4d}  {g.what}: {g.why}" for g in trouble]
    return [clip(line, screen) for line in out]


def _stress(run: Run) -> List[str]:
    """What stress found, a line each, and how to see it again."""
    head = ("stressor", "verdict", "rounds", "operations", "faults", "recovered",
            "found")
    rows = [head] + [(
        str(r["name"]), str(r["verdict"]), str(r.get("rounds", "")),
        str(r.get("ops", "")), str(r.get("faults", "")), str(r.get("recovered", "")),
        stress.found(r)) for r in run.stress]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    out = []
    for i, row in enumerate(rows):
        out.append("  ".join(text.ljust(w) if j in (0, 1, 6) else text.rjust(w)
                             for j, (text, w) in enumerate(zip(row, widths))).rstrip())
        record = run.stress[i - 1] if i else {}
        if record.get("why"):
            out.append(f"    {record['why']}")
        if record.get("verdict") == "failed" and record.get("repeat"):
            out.append(f"    again: {record['repeat']}")
    return out


def _task(run: Run, task: answer.Task, screen: Screen) -> List[str]:
    word = ", Wine" if run.wine else ""
    title = f"{task.name}: {task.metric}, {task.better} is better{word}"
    lo, hi = extent([p.config for p in task.places + task.spoilt])
    shape = f"{number(lo, 'ns')} to {number(hi, 'ns')}" if hi else ""
    rows = [("", "configuration", "median", "95 % interval", "", shape, "notes")]
    for p in task.places + task.spoilt:
        e = p.estimate
        rows.append((
            "=" if p.equal and not p.config.spoilt else " ", _label(p.config, task),
            number(e.median, task.unit),
            interval(e, task.unit),
            f"×{p.ratio:.2f}", sparkline(p.config, screen.bars, lo, hi),
            notes(p)))
    widths = [max(len(r[i]) for r in rows) for i in range(6)]
    out = [screen.bold(title)]
    for i, row in enumerate(rows):
        cells = [row[0].ljust(widths[0]), row[1].ljust(widths[1]),
                 *(row[j].rjust(widths[j]) for j in (2, 3, 4)),
                 row[5].ljust(widths[5]), row[6]]
        text = "  ".join(cells).rstrip()
        out.append(screen.quiet(text) if i == 0 else
                   screen.bold(text) if i == 1 else text)
    return out


def _label(x: Config, task: answer.Task) -> str:
    rest = [f"{k}={v}" for k, v in x.conditions if (k, v) not in task.conditions]
    return " ".join([x.base, *rest])


def extent(configs_: Sequence[Config]) -> Tuple[float, float]:
    """Smallest value, and the largest 99.9 %, of all their distributions in
    ns; zeros without any."""
    ends = [w.quantiles([0, 0.999]) for x in configs_
            for w in [x.whole(x.hist)] if w is not None and w.n]
    if not ends:
        return 0.0, 0.0
    return max(min(e[0] for e in ends), 1.0), max(max(e[1] for e in ends), 1.0)


def sparkline(x: Config, bars: str, lo: float, hi: float) -> str:
    """The distribution of all trials between lo and hi, on a log scale of
    time, heights by log of the count; "" without one."""
    whole = x.whole(x.hist)
    if whole is None or not whole.n:
        return ""
    counts = spread(whole, lo, hi)
    top, last = max(counts), len(bars) - 1
    return "".join(
        " " if not n else bars[round(last * math.log1p(n) / math.log1p(top))]
        for n in counts)


def spread(h: Hist, lo: float, hi: float) -> List[int]:
    """Counts in STEPS log-equal parts; what lies beyond is in the last."""
    width = math.log(hi / lo) / STEPS or 1.0
    counts = [0] * STEPS
    for left, right, count in h.buckets():
        place = math.log(max((left + right) / 2, lo) / lo) / width
        counts[min(int(place), STEPS - 1)] += count
    return counts


def notes(p: answer.Place) -> str:
    """What stands out: warnings, failed trials, a long tail."""
    x, out = p.config, list(p.marks)
    bad = len(x.cell.trials) - len(x.cell.good)
    if bad:
        out.append(f"{bad} of {len(x.cell.trials)} failed")
    out += [w for t in x.cell.good for w in t.warnings]
    whole = x.whole(x.hist)
    if whole is not None and whole.n >= 1000:
        p50, p99 = whole.quantiles([0.5, 0.99])
        if p50 and p99 / p50 >= 5:
            out.append(f"p99 {p99 / p50:.0f} times p50")
    return ", ".join(dict.fromkeys(out))


def wrap(text: str, width: int) -> List[str]:
    """At spaces."""
    out: List[str] = []
    for word in text.split():
        if out and len(out[-1]) + 1 + len(word) <= width:
            out[-1] += " " + word
        else:
            out.append(word)
    return out


def clip(line: str, screen: Screen) -> str:
    """No longer than the terminal is wide; our own escapes take no room, and
    there are no others."""
    text = line
    codes = [code for code in ("\033[1m", "\033[2m") if line.startswith(code)]
    if codes:
        text = line[len(codes[0]):-len("\033[0m")]
    text = cli.plain(text)
    if screen.width and len(text) > screen.width:
        text = text[:max(screen.width - 1, 0)] + "…"
    return f"{codes[0]}{text}\033[0m" if codes else text
