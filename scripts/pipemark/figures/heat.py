"""Latency over the run's time: every trial a column, so that modes, drift and
disturbed trials are seen, which no percentile shows."""

from __future__ import annotations

import math
from typing import List, Sequence

from .. import chart as c
from ..answer import Task
from ..hist import lower
from ..naming import Config
from ..result import Run, Trial
from ..units import message as length
from ..units import number
from .common import MOST_PANELS, WHAT, more_text, picture_title, trials_text, where

BITS = 3  # 8 steps an octave
DECADES = 4  # a share of 10^-4 or less is the palest


def heat(run: Run, found: Sequence[Config], tasks: Sequence[Task]
         ) -> List[c.Figure]:
    """The fastest configuration of each task, up to twelve."""
    shown = [t.best.config for t in tasks
             if t.places and t.best.config.whole(t.best.config.hist)
             and len(t.best.config.hists(t.best.config.hist)) > 1]
    if not shown:
        return []
    left = len(shown) - MOST_PANELS
    shown = shown[:MOST_PANELS]
    return [c.Figure(
        name="heat",
        title=picture_title(run, "Latency over the time of the run"),
        caption=(
            f"{where(run)}. The fastest configuration of each task. A column is a"
            " trial, in the order they ran; a box is an eighth of an octave of"
            " latency, its shade the number of messages (log scale, four decades)."
            f" {trials_text(shown)}. A triangle marks a trial that lost CPU time"
            " to other machines (steal) or was not steady." + more_text(left)),
        panels=[_panel(x) for x in shown],
        keys=[c.Key("few to many messages", c.Style(c.INK), "heat")],
        columns=3 if len(shown) > 2 else len(shown),
        height=150,
        table=_table(shown),
    )]


def _panel(x: Config) -> c.Panel:
    trials = [t for t in x.cell.good if x.hist in t.hists and t.hists[x.hist].n]
    cells, lows, highs = [], [], []
    for i, trial in enumerate(trials):
        h = trial.hists[x.hist]
        for key, count in h.octave_counts(min(BITS, h.sub)).items():
            lo, hi = lower(key, BITS), lower(key + 1, BITS)
            level = 1 + math.log10(count / h.n) / DECADES
            cells.append((i - 0.5, i + 0.5, max(lo, 0.5), hi,
                          min(max(level, 0.0), 1.0)))
            lows.append(max(lo, 0.5))
            highs.append(hi)
    axis = c.log_axis(f"{WHAT.get(x.hist, x.hist)}, log scale", "ns", lows + highs,
                      0.08)
    marks: List[c.Mark] = [c.Heat(cells)]
    top = axis.hi / (axis.hi / axis.lo) ** 0.03
    for i, trial in enumerate(trials):
        why = _disturbed(trial)
        if why:
            marks.append(c.Dot(i, top, None, None, c.Style(c.INK, 0, 4), why))
    return c.Panel(f"{x.how}, {x.workload} {length(x.message)}",
                   _order_axis(len(trials)), axis, marks)


def _order_axis(count: int) -> c.Axis:
    step = max(1, math.ceil(count / 6))
    ticks = [c.Tick(i, str(i + 1)) for i in range(0, count, step)]
    return c.Axis("trial, in the order they ran", "linear", -0.5, count - 0.5, ticks)


def _disturbed(t: Trial) -> str:
    words = [w for w in t.warnings if w in ("not-steady", "steal")]
    stolen = t.noise.get("steal_ticks")
    if stolen:
        words.append(f"{stolen:g} ticks stolen")
    return ", ".join(words)


def _table(shown: Sequence[Config]):
    head = ["configuration", "trial", "median", "90 %", "largest", "values", "marks"]
    rows = []
    for x in shown:
        trials = [t for t in x.cell.good if x.hist in t.hists and t.hists[x.hist].n]
        for i, t in enumerate(trials):
            h = t.hists[x.hist]
            p50, p90 = h.quantiles([0.5, 0.9])
            rows.append([x.name, str(i + 1), number(p50, "ns"), number(p90, "ns"),
                         number(h.max, "ns"), str(h.n),
                         _disturbed(t)])
    return head, rows
