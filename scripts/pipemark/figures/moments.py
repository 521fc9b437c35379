"""Latency over the time of one trial: hiccups, modes, warm-up, what comes
back at even times. Percentiles have no time, and show none of these."""

from __future__ import annotations

import math
from typing import Dict, List, Optional, Sequence, Tuple

from .. import chart as c
from ..answer import Task, lead_of
from ..hist import lower
from ..naming import Config
from ..order_stats import median
from ..result import Heat, Run, Trial
from ..told import count as counted
from ..units import message as length
from ..units import number
from .common import MOST_PANELS, WHAT, Table, picture_title, where
from .heat import DECADES

COLUMNS = 40  # about so many are drawn: a page of them stays small
ROOM = MOST_PANELS // 2


def moments(run: Run, found: Sequence[Config], tasks: Sequence[Task]
            ) -> List[c.Figure]:
    """The fastest configuration of each task, up to six."""
    shown = []
    for t in tasks:
        trial = _typical(run, t.best.config) if t.places else None
        if trial is not None:
            shown.append((t.best.config, trial))
    if not shown:
        return []
    left = len(shown) - ROOM
    shown = shown[:ROOM]
    return [c.Figure(
        name="moments",
        title=picture_title(run, "Latency over the time of one trial"),
        caption=(
            f"{where(run)}. Of the fastest configuration of each task one trial,"
            " that of the median result (1 of"
            f" {max(len(x.cell.good) for x, _ in shown)} trials each). A box is an"
            " eighth of an octave of latency in one interval, its shade the number of"
            f" messages (log scale, {DECADES} decades)." + (
                f" {counted(left, 'more task')} left out." if left > 0 else "")),
        panels=[_panel(x, t) for x, t in shown],
        keys=[c.Key("few to many messages", c.Style(c.INK), "heat")],
        columns=3 if len(shown) > 2 else len(shown),
        height=150,
        table=_table(shown),
    )]


def _typical(run: Run, x: Config) -> Optional[Trial]:
    """The trial whose result is the (lower) median one, if its time is there."""
    metric = lead_of(run, x)
    there = [t for t in x.cell.good if len(_steps(t, x)) > 1 and metric in t.metrics]
    ranked = sorted(there, key=lambda t: (t.metrics[metric], t.line))
    return ranked[(len(ranked) - 1) // 2] if ranked else None


def _steps(t: Trial, x: Config) -> List[Tuple[float, float, Dict[int, int]]]:
    """(from, to, counts by bucket): ns since the trial began, a few intervals
    in one where there are many."""
    heat = t.heat.get(x.hist)
    if heat is None:
        return []
    several = math.ceil(len(heat.rows) / COLUMNS)
    out = []
    for at in range(0, len(heat.rows), several):
        counts: Dict[int, int] = {}
        rows = heat.rows[at:at + several]
        for row in rows:
            index = 0
            for step, count in zip(row[::2], row[1::2]):
                index += step
                counts[index] = counts.get(index, 0) + count
        out.append((at * heat.interval_ns, (at + len(rows)) * heat.interval_ns,
                    counts))
    return out


def _panel(x: Config, trial: Trial) -> c.Panel:
    heat, steps = trial.heat[x.hist], _steps(trial, x)
    most = max((max(counts.values(), default=0) for *_, counts in steps), default=1)
    boxes, ends = [], []
    for start, end, counts in steps:
        for bucket, count in counts.items():
            lo, hi = _edges(bucket, heat)
            level = 1 + math.log10(count / most) / DECADES if count else 0
            if count:
                boxes.append((start, end, lo, hi, min(max(level, 0.0), 1.0)))
                ends += [lo, hi]
    axis = c.log_axis(f"{WHAT.get(x.hist, x.hist)}, log scale", "ns", ends)
    time = c.linear_axis("time in the trial", "ns", [steps[-1][1] / 1.05])
    return c.Panel(f"{x.how}, {x.workload} {length(x.message)}", time, axis,
                   [c.Heat(boxes)])


def _edges(bucket: int, heat: Heat) -> Tuple[float, float]:
    return max(lower(bucket, heat.sub), 0.5), lower(bucket + 1, heat.sub)


def _table(shown: Sequence[Tuple[Config, Trial]]) -> Table:
    """How far the intervals are from each other."""
    head = ["configuration", "round", "intervals", "of", "least median",
            "largest median", "slowest message below"]
    rows = []
    for x, t in shown:
        heat, steps = t.heat[x.hist], _steps(t, x)
        middles = [_middle(counts, heat) for *_, counts in steps if counts]
        top = max(max(counts) for *_, counts in steps if counts)
        rows.append([x.name, str(t.round), str(len(steps)),
                     number(steps[0][1] - steps[0][0], "ns"),
                     number(min(middles), "ns"), number(max(middles), "ns"),
                     number(_edges(top, heat)[1], "ns")])
    return head, rows


def _middle(counts: Dict[int, int], heat: Heat) -> float:
    """The middle of the bucket that holds the median."""
    half, seen = sum(counts.values()) / 2, 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= half:
            return median(_edges(bucket, heat))
    return 0.0
