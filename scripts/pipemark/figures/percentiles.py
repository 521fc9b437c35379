"""Latency by percentile: the tail as far as the numbers reach."""

from __future__ import annotations

import math
from typing import Dict, List, Sequence, Tuple

from .. import chart as c
from ..hist import Hist, enough
from ..naming import Config, conditions_text
from ..result import Run
from ..units import message as length
from ..units import number, percent, size
from .common import (MOST_PANELS, WHAT, Names, Table, by_conditions, more_text,
                     picture_title, same_y, trials_text, where)

NINES = [1 - 10 ** -(i / 10) for i in range(0, 61)]
NOTED = (0.5, 0.9, 0.99, 0.999)


def percentiles(run: Run, found: Sequence[Config]) -> List[c.Figure]:
    """A figure for each workload with a distribution: a panel for each
    message size and set of conditions."""
    names = Names(found)
    figures = []
    for workload in dict.fromkeys(x.workload for x in found):
        group = [x for x in found
                 if x.workload == workload and x.whole(x.hist) and not x.control]
        if group:
            figures.append(_percentile_figure(run, names, group, workload))
    return figures


def _percentile_figure(run: Run, names: Names, group: Sequence[Config],
                       workload: str) -> c.Figure:
    name = group[0].hist
    what = WHAT.get(name, name).capitalize()
    panels = []
    groups = by_conditions(group)
    for conditions, same in groups.items():
        for message in sorted({x.message for x in same}):
            here = [x for x in same if x.message == message]
            plain = [x for x in groups.get((), []) if conditions
                     and x.message == message and x.base in {y.base for y in here}]
            more = conditions_text(conditions)
            title = f"{length(message)} messages" + (f", {more}" if more else "")
            panels.append(_percentile_panel(names, here, plain, title))
    left = len(panels) - MOST_PANELS
    panels = panels[:MOST_PANELS]
    _same_range(panels)
    n = [whole_of(x).n for x in group]
    values = f"{min(n)}" if min(n) == max(n) else f"{min(n)} to {max(n)}"
    return c.Figure(
        name=f"percentiles-{workload}",
        title=picture_title(run, f"{what} by percentile, {workload}"),
        caption=(
            f"{where(run)}. Line: all trials together; band: smallest to largest"
            " trial, as far as half of them reach; dotted: fewer than 10 values beyond."
            f" {trials_text(group)}, n = {values} a line."
            + (" Closed loop: service time, not response time under a load."
               if name == "rtt" else "")
            + (" Saturated: mostly the length of the queue."
               if name == "time_in_pipe" else "")
            + (" Grey: the same without the panel's condition."
               if () in groups and len(groups) > 1 else "")
            + more_text(left)
        ),
        panels=panels,
        keys=names.keys([x.base for x in group]),
        columns=3 if len(panels) > 2 else len(panels),
        height=180,
        table=_percentile_table(group),
    )


def whole_of(x: Config) -> Hist:
    """All trials together; the config must have some."""
    whole = x.whole(x.hist)
    assert whole is not None
    return whole


def curve(h: Hist) -> Tuple[List[c.Point], List[c.Point]]:
    """(solid, dotted) points of a histogram: dotted where fewer than ten
    values lie beyond, up to the last one."""
    shares = [q for q in NINES if h.n * (1 - q) >= 1]
    values = h.quantiles(shares)
    points = list(zip(shares, values))
    solid = [p for p in points if p[0] == 0 or enough(h.n, p[0])]
    return solid, points[len(solid) - 1:]


def trial_band(hists: Sequence[Hist]) -> List[Tuple[float, float, float]]:
    """Smallest and largest trial at each share that at least half of the
    trials, and two, can speak of."""
    needed = max(2, (len(hists) + 1) // 2)
    found: Dict[float, List[float]] = {}
    for h in hists:
        shares = [q for q in NINES if q == 0 or enough(h.n, q)]
        for q, value in zip(shares, h.quantiles(shares)):
            found.setdefault(q, []).append(value)
    return [(q, min(v), max(v)) for q, v in sorted(found.items())
            if len(v) >= needed]


def _percentile_panel(names: Names, here: Sequence[Config],
                      plain: Sequence[Config], title: str) -> c.Panel:
    marks: List[c.Mark] = []
    values: List[float] = []
    most = 0.9
    for x in plain:
        solid, _ = curve(whole_of(x))
        marks.append(c.Line(solid, c.Style(c.MUTED), width=1.2))
        values += [v for _, v in solid]
    for x in here:
        hists, whole = x.hists(x.hist), whole_of(x)
        style = names.style(x.base)
        if len(hists) > 1:
            marks.append(c.Band(trial_band(hists), style))
        solid, dotted = curve(whole)
        marks.append(c.Line(solid, style, x.how, dotted))
        values += [v for _, v in solid + dotted]
        most = max(most, (dotted or solid)[-1][0])
    return c.Panel(title, c.nines_axis(most),
                   c.log_axis("latency, log scale", "ns", values), marks)


def _same_range(panels: Sequence[c.Panel]) -> None:
    same_y(panels)
    most = max(p.x.hi for p in panels)
    for p in panels:
        p.x = c.nines_axis(most)


def _percentile_table(group: Sequence[Config]) -> Table:
    head = ["configuration", "message", *(percent(q) for q in NOTED), "max",
            "values", "trials"]
    rows = []
    for x in group:
        whole = whole_of(x)
        row = [x.how, size(x.message)]
        for q, value in zip(NOTED, whole.quantiles(NOTED)):
            row.append(number(value, "ns") if enough(whole.n, q)
                       else f"n/a (needs {math.ceil(10 / (1 - q) - 1e-6)})")
        row += [number(whole.max, "ns"), str(whole.n), str(len(x.cell.good))]
        rows.append(row)
    return head, rows
