"""Throughput and round trips against message size."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from .. import chart as c
from ..naming import Conditions, Config, conditions_text
from ..order_stats import Estimate, estimate
from ..result import Run
from ..units import message as length
from ..units import number, span
from .common import (MOST_PANELS, Names, by_conditions, metric_table,
                     more_text, picture_title, same_y, trials_text, where)

GUIDES = ((4096, "4096"), (65536, "65536"))


def by_size(run: Run, found: Sequence[Config]) -> List[c.Figure]:
    """Throughput against message size, and round trips likewise."""
    figures = []
    for workload, metrics in (
        ("stream", (("bytes_per_s", "throughput"), ("messages_per_s", "message rate"))),
        ("pingpong", (("rtt_p50", "round trip, median"),
                      ("messages_per_s", "round trip rate"))),
    ):
        group = [x for x in found if x.workload == workload and not x.control]
        figure = _size_figure(run, Names(found), group, workload, metrics)
        if figure:
            figures.append(figure)
    return figures


def _size_figure(run: Run, names: Names, group: Sequence[Config], workload: str,
                 metrics: Sequence[Tuple[str, str]]) -> Optional[c.Figure]:
    groups = {k: v for k, v in by_conditions(group).items()
              if len({x.message for x in v}) > 1}
    if not groups:
        return None
    panels = []
    plain = groups.get((), [])
    shown: List[Config] = []
    for conditions, same in groups.items():
        for metric, text in metrics:
            if conditions and metric == "messages_per_s":
                continue
            panel = _size_panel(run, names, same, metric, text, conditions,
                                plain if conditions else [])
            if panel:
                panels.append(panel)
        shown += same
    if not panels:
        return None
    left = len(panels) - MOST_PANELS
    panels = panels[:MOST_PANELS]
    for unit in {p.y.unit for p in panels}:
        same_y([p for p in panels if p.y.unit == unit])
    what = ("Throughput" if workload == "stream" else "Round trip")
    return c.Figure(
        name=f"by-size-{workload}",
        title=picture_title(run, f"{what} against message size, {workload}"),
        caption=(
            f"{where(run)}. Dot: median over the trials; bar: its 95 % interval"
            " by order statistics (needs 6 trials);"
            f" {trials_text(shown)}. Guides: 4096 (page, PIPE_BUF) and 65536"
            " (usual capacity of a Linux pipe)."
            + (" Grey: the same without the panel's condition."
               if plain and len(groups) > 1 else "")
            + more_text(left)
        ),
        panels=panels,
        keys=names.keys([x.base for x in shown]),
        columns=2,
        height=210,
        table=metric_table(run, shown, [m for m, _ in metrics]),
    )


def _size_panel(run: Run, names: Names, same: Sequence[Config], metric: str,
                text: str, conditions: Conditions, plain: Sequence[Config]
                ) -> Optional[c.Panel]:
    marks: List[c.Mark] = []
    values: List[float] = []
    sizes: List[float] = []
    bases = list(dict.fromkeys(x.base for x in same))
    sizes_here = [x.message for x in same]

    def inside(message: int) -> bool:
        return min(sizes_here) <= message <= max(sizes_here)

    unit = run.metrics[metric].unit if metric in run.metrics else ""
    for base in bases:
        before = _size_points([x for x in plain if x.base == base
                               and inside(x.message)], metric)
        if len(before) > 1:
            marks.append(c.Line([(p[0], p[1].median) for p in before],
                                c.Style(c.MUTED, 0, 0), "", dots=False))
            values += [p[1].median for p in before]
    for base in bases:
        points = _size_points([x for x in same if x.base == base], metric)
        if not points:
            continue
        style = names.style(base)
        marks.append(c.Line([(m, e.median) for m, e in points], style, base))
        for m, e in points:
            tip = f"{base}, {length(int(m))}: {number(e.median, unit)}"
            if e.lo is not None:
                tip += f" ({span(e.lo, e.hi, unit)})"
            marks.append(c.Dot(m, e.median, e.lo, e.hi, style, tip))
            values += [v for v in (e.median, e.lo, e.hi) if v]
            sizes.append(m)
    if not sizes:
        return None
    guides: List[c.Mark] = [c.Guide("x", at, label) for at, label in GUIDES
                            if min(sizes) <= at <= max(sizes)]
    more = conditions_text(conditions)
    title = text[0].upper() + text[1:] + (f", {more}" if more else "")
    axis = {"bytes/s": "bytes a second", "1/s": "messages a second",
            "ns": "time"}.get(unit, unit) + ", log scale"
    return c.Panel(title, c.size_axis("message, bytes", sizes),
                   c.log_axis(axis, unit, values), guides + marks)


def _size_points(cells: Sequence[Config],
                 metric: str) -> List[Tuple[int, Estimate]]:
    points = []
    for x in sorted(cells, key=lambda x: x.message):
        values = x.cell.samples(metric)
        if values and x.message > 0:
            points.append((x.message, estimate(values)))
    return points
