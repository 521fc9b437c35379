"""Latency against offered load: where a pipe stops keeping up."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from .. import chart as c
from ..answer import sweeps
from ..naming import Conditions, Config, conditions_text
from ..order_stats import estimate
from ..result import Run
from ..units import message as length
from ..units import number
from .common import (MOST_PANELS, metric_table, more_text, picture_title, same_y,
                     trials_text, where)

SHOWN = (("response_p50", "50 %", 0), ("response_p99", "99 %", 1),
         ("response_p999", "99.9 %", 2))


def load(run: Run, found: Sequence[Config]) -> List[c.Figure]:
    """One figure, if paced configurations differ in their rate."""
    groups: Dict[Tuple[str, int, Conditions], List[Config]] = {}
    for x in found:
        if x.cell.number("rate") and x.workload == "paced":
            rest = tuple(k for k in x.conditions if k[0] != "rate")
            groups.setdefault((x.base, x.message, rest), []).append(x)
    sweeps = {k: sorted(v, key=lambda x: x.cell.number("rate") or 0)
              for k, v in groups.items()
              if len({x.cell.number("rate") for x in v}) > 1}
    if not sweeps:
        return []
    panels = [_panel(key, line) for key, line in sweeps.items()]
    left = len(panels) - MOST_PANELS
    panels = panels[:MOST_PANELS]
    same_y(panels)
    shown = [x for line in sweeps.values() for x in line]
    return [c.Figure(
        name="load",
        title=picture_title(run, "Latency against offered load"),
        caption=(f"{where(run)}. Response time from the planned moment of sending,"
                 " so that waiting counts. Dot: median over the trials; bar: its"
                 f" 95 % interval; {trials_text(shown)}. Hollow: in most trials the"
                 " rate was not reached (missed) or the pacer itself was late"
                 " (void), so the number is not the pipe's. Knee: the last rate that is"
                 " kept with a median of at most 3 times the least." + more_text(left)),
        panels=panels,
        keys=[c.Key(text, c.Style(i, i, i)) for _, text, i in SHOWN],
        columns=2,
        table=metric_table(run, shown, [name for name, _, _ in SHOWN]),
    )]


def _panel(key: Tuple[str, int, Conditions], line: Sequence[Config]) -> c.Panel:
    base, message, rest = key
    marks: List[c.Mark] = []
    values: List[float] = []
    for name, text, i in SHOWN:
        points = []
        for x in line:
            found = x.cell.samples(name)
            if not found:
                continue
            e, rate = estimate(found), x.cell.number("rate") or 1
            points.append((float(rate), e.median))
            tip = f"{text} at {number(rate, '1/s')}: {number(e.median, 'ns')}"
            short = x.spoilt
            marks.append(c.Dot(rate, e.median, e.lo, e.hi, c.Style(i, i, i),
                               tip + (f", {short}" if short else ""),
                               hollow=bool(short)))
            values += [v for v in (e.median, e.lo, e.hi) if v]
        marks.append(c.Line(points, c.Style(i, i, i), text))
    knees = [s.knee for s in sweeps(line) if s.knee and s.knee is not s.configs[-1]]
    for knee in knees[:1]:
        marks.append(c.Guide("x", float(knee.cell.number("rate") or 1), "knee"))
    rates = [float(x.cell.number("rate") or 1) for x in line]
    more = conditions_text(rest)
    title = f"{base}, {length(message)}" + (f", {more}" if more else "")
    return c.Panel(title, c.log_axis("messages a second offered, log scale",
                                     "1/s", rates),
                   c.log_axis("response time, log scale", "ns", values), marks)
