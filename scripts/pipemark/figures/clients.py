"""Several clients of one server: what each of them gets, and how evenly."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from .. import chart as c
from ..naming import Conditions, Config, conditions_text
from ..order_stats import estimate
from ..result import Run
from ..units import message as length
from ..units import number
from .common import (MOST_PANELS, metric_table, more_text, picture_title, same_y,
                     trials_text, where)

ALL, FAIR = "messages_per_s", "fairness"
EACH = (("client_max", "fastest client", 0), ("client_median", "middle one", 1),
        ("client_min", "slowest client", 2))
MOST = MOST_PANELS // 3  # configurations; each has three panels
Key = Tuple[str, str, int, Conditions]


def clients(run: Run, found: Sequence[Config]) -> List[c.Figure]:
    """One figure, if any configuration had several clients."""
    groups: Dict[Key, List[Config]] = {}
    for x in found:
        if not x.control:
            rest = tuple(k for k in x.conditions if k[0] != "clients")
            groups.setdefault((x.base, x.workload, x.message, rest), []).append(x)
    kept = {k: sorted(v, key=_count) for k, v in groups.items()
            if any(x.cell.samples(FAIR) for x in v)}
    if not kept:
        return []
    drawn = [_panels(key, line) for key, line in list(kept.items())[:MOST]]
    for alike in ([p[0] for p in drawn], [p[1] for p in drawn]):
        same_y(alike)
    shown = [x for line in kept.values() for x in line]
    return [c.Figure(
        name="clients",
        title=picture_title(run, "What each of several clients gets"),
        caption=(f"{where(run)}. Dot: median over the trials; bar: its 95 % interval;"
                 f" {trials_text(shown)}. A client's rate counts from the first receipt"
                 " of all to its own last. Jain's index: 1 if all get the same, 1/N if"
                 " one of N gets everything. In the connect workload a message is a"
                 " connection." + more_text(len(kept) - len(drawn))),
        panels=[p for panels in drawn for p in panels],
        keys=[c.Key(text, c.Style(i, i, i)) for _, text, i in EACH],
        columns=3,
        height=150,
        table=metric_table(run, shown, [ALL, *(name for name, _, _ in EACH), FAIR]),
    )]


def _count(x: Config) -> int:
    return x.cell.number("clients") or 1


def _panels(key: Key, line: Sequence[Config]) -> List[c.Panel]:
    base, workload, message, rest = key
    more = conditions_text(rest)
    title = f"{base}, {workload} {length(message)}" + (f", {more}" if more else "")
    total, every = _series(line, ALL, "together", c.Style(3, 0, 3))
    marks, rates = [], []
    for name, text, i in EACH:
        more_marks, values = _series(line, name, text, c.Style(i, i, i))
        marks += more_marks
        rates += values
    fair, _ = _series(line, FAIR, "fairness", c.Style(3, 0, 3))
    scale = "messages a second, log scale"
    return [
        c.Panel(title, _axis(line), c.log_axis(f"all together, {scale}", "1/s", every),
                total),
        c.Panel("", _axis(line), c.log_axis(f"one client, {scale}", "1/s", rates), marks),
        c.Panel("", _axis(line), c.Axis(
            "Jain's index of their rates", "linear", 0, 1.05,
            [c.Tick(v, f"{v:g}") for v in (0, 0.25, 0.5, 0.75, 1)]), fair),
    ]


def _series(line: Sequence[Config], metric: str, text: str, style: c.Style
            ) -> Tuple[List[c.Mark], List[float]]:
    """A line over the numbers of clients with its dots, and what they span."""
    marks: List[c.Mark] = []
    points: List[c.Point] = []
    values: List[Optional[float]] = []
    unit = "ratio" if metric == FAIR else "1/s"
    for x in line:
        samples = x.cell.samples(metric)
        if not samples:
            continue
        e, n = estimate(samples), float(_count(x))
        tip = f"{text}, {n:g} clients: {number(e.median, unit)}"
        marks.append(c.Dot(n, e.median, e.lo, e.hi, style, tip))
        points.append((n, e.median))
        values += [e.median, e.lo, e.hi]
    return [c.Line(points, style, text), *marks], [v for v in values if v]


def _axis(line: Sequence[Config]) -> c.Axis:
    counts = sorted({_count(x) for x in line})
    return c.Axis("clients", "log", counts[0] / 1.4, counts[-1] * 1.4,
                  [c.Tick(n, str(n), n in (counts[0], counts[-1])) for n in counts],
                  "count")
