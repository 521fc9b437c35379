"""What the kernel's buffer does: cells that differ in nothing else."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from .. import chart as c
from ..answer import lead_of
from ..answers import interval
from ..naming import Conditions, Config, conditions_text
from ..order_stats import estimate
from ..result import Run
from ..units import message as length
from ..units import number, size
from .common import (MOST_PANELS, Names, Table, more_text, picture_title, same_y,
                     trials_text, where)

BUFFERS = ("buffer", "in-buffer", "out-buffer")


def buffers(run: Run, found: Sequence[Config]) -> List[c.Figure]:
    """One figure, if any configuration was measured with several buffers."""
    groups = _sweeps(found)
    if not groups:
        return []
    names = Names(found)
    panels = [_panel(run, names, title, lines) for title, lines in groups.items()]
    left = len(panels) - MOST_PANELS
    panels = panels[:MOST_PANELS]
    for unit in {p.y.unit for p in panels}:
        same_y([p for p in panels if p.y.unit == unit])
    shown = [x for lines in groups.values() for line in lines for x in line]
    return [c.Figure(
        name="buffers",
        title=picture_title(run, "Buffer asked for"),
        caption=(f"{where(run)}. Dot: median over the trials; bar: its 95 %"
                 f" interval by order statistics; {trials_text(shown)}."
                 " The table has what the kernel really gave."
                 + more_text(left)),
        panels=panels,
        keys=names.keys([x.base for x in shown]),
        columns=2,
        table=_table(run, shown),
    )]


def _sweeps(found: Sequence[Config]) -> Dict[str, List[List[Config]]]:
    """Panel title -> lines of configurations that differ in their buffer."""
    lines: Dict[Tuple[str, int, Conditions, str], List[Config]] = {}
    for x in found:
        rest = tuple(k for k in x.conditions if k[0] not in BUFFERS)
        if not x.control:
            lines.setdefault((x.workload, x.message, rest, x.base), []).append(x)
    panels: Dict[str, List[List[Config]]] = {}
    for (workload, message, rest, _), line in lines.items():
        if len({_order(x) for x in line}) > 1:
            more = conditions_text(rest)
            title = f"{workload}, {length(message)} messages"
            title += f", {more}" if more else ""
            panels.setdefault(title, []).append(sorted(line, key=_order))
    return panels


def _order(x: Config) -> Tuple[int, int, str]:
    """Numbers rising, then words."""
    n = x.cell.number("buffer")
    return (1, 0, x.cell.text("buffer")) if n is None else (0, n, "")


def _panel(run: Run, names: Names, title: str, lines: Sequence[Sequence[Config]]
           ) -> c.Panel:
    places = sorted({_order(x) for line in lines for x in line})
    marks: List[c.Mark] = []
    values: List[float] = []
    unit = ""
    for line in lines:
        style = names.style(line[0].base)
        points = []
        for x in line:
            metric = lead_of(run, x)
            if not metric:
                continue
            unit = run.metrics[metric].unit
            e = estimate(x.cell.samples(metric))
            at = places.index(_order(x))
            points.append((at, e.median))
            tip = f"{x.base}, buffer {x.cell.text('buffer')}: {number(e.median, unit)}"
            marks.append(c.Dot(at, e.median, e.lo, e.hi, style, tip))
            values += [v for v in (e.median, e.lo, e.hi) if v is not None]
        marks.append(c.Line(points, style, line[0].base))
    ticks = [c.Tick(i, _label(p)) for i, p in enumerate(places)]
    x_axis = c.Axis("buffer asked for, bytes", "linear", -0.3,
                    len(places) - 0.7, ticks)
    label = {"bytes/s": "bytes a second", "ns": "time"}.get(unit, unit)
    return c.Panel(title, x_axis, c.log_axis(f"{label}, log scale", unit, values),
                   marks)


def _label(place: Tuple[int, int, str]) -> str:
    return place[2] if place[0] else size(place[1])


def effective(x: Config) -> Optional[str]:
    """What the kernel gave, at both ends if they differ. 0 is unknown unless
    it was asked for: a rendezvous pipe."""
    least = 0 if x.cell.number("buffer") == 0 else 1
    given = set()
    for t in x.cell.good:
        ends = [t.buffers.get(e) for e in ("producer", "consumer")]
        given.add(" / ".join(dict.fromkeys(
            size(n) for n in ends if n is not None and n >= least)))
    return " or ".join(sorted(given - {""})) or None


def _table(run: Run, shown: Sequence[Config]) -> Table:
    head = ["configuration", "message", "asked", "effective", "metric", "median",
            "95 % interval", "trials"]
    rows = []
    for x in shown:
        metric = lead_of(run, x)
        if not metric:
            continue
        e, unit = estimate(x.cell.samples(metric)), run.metrics[metric].unit
        rows.append([x.base, length(x.message), x.cell.text("buffer"),
                     effective(x) or "unknown", metric, number(e.median, unit),
                     interval(e, unit), str(e.k)])
    return head, rows
