"""Which pictures a run gives, and what stands in them."""

from __future__ import annotations

import math
from typing import Dict, List, Optional, Sequence, Tuple

from . import chart as c
from .hist import Hist, enough, merge
from .naming import HIST, Conditions, Config, conditions_text, measured
from .order_stats import estimate
from .result import Run
from .units import message as length
from .units import number, percent, size

GUIDES = ((4096, "4096"), (65536, "65536"))
NINES = [1 - 10 ** -(i / 10) for i in range(0, 61)]
NOTED = (0.5, 0.9, 0.99, 0.999)


class Names:
    """The same look for the same configuration in every picture of a run."""

    def __init__(self, found: Sequence[Config]) -> None:
        self.bases = list(dict.fromkeys(x.base for x in found if not x.floor))

    def style(self, base: str) -> c.Style:
        """Colour, marker and dash of a base name."""
        if base not in self.bases:
            return c.Style(c.MUTED)
        i = self.bases.index(base)
        return c.Style(i % 8, i // 8, i % 6)

    def keys(self, bases: Sequence[str], shape: str = "line") -> List[c.Key]:
        """Legend of these, in the run's order."""
        return [c.Key(b, self.style(b), shape) for b in self.bases if b in bases]


def trials_text(found: Sequence[Config]) -> str:
    """"6 trials each", from what the cells really have."""
    counts = sorted({len(x.cell.good) for x in found})
    if not counts:
        return "no trials"
    span = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"{span} trial{'s' if span != '1' else ''} each"


def where(run: Run) -> str:
    """Machine and system, for captions: Wine is always named."""
    node = f" on {run.node}" if run.node else ""
    return f"{run.where}{node}, run {run.id}"


def _title(run: Run, text: str) -> str:
    return f"{text} (Wine)" if run.wine else text


def by_conditions(found: Sequence[Config]) -> Dict[Conditions, List[Config]]:
    """Groups with equal conditions; those without any come first."""
    groups: Dict[Conditions, List[Config]] = {}
    for x in sorted(found, key=lambda x: bool(x.conditions)):
        groups.setdefault(x.conditions, []).append(x)
    return groups


# Percentile curves ---------------------------------------------------------


def percentiles(run: Run, found: Sequence[Config]) -> List[c.Figure]:
    """A figure for each workload with a distribution: a panel for each
    message size and set of conditions."""
    names = Names(found)
    figures = []
    for workload in dict.fromkeys(x.workload for x in found):
        name = HIST.get(workload, "")
        group = [x for x in found
                 if x.workload == workload and _hists(x, name) and not x.floor]
        if group:
            figures.append(_percentile_figure(run, names, group, workload, name))
    return figures


def _hists(x: Config, name: str) -> List[Hist]:
    return [t.hists[name] for t in x.cell.good
            if name in t.hists and t.hists[name].n]


def _percentile_figure(run: Run, names: Names, group: Sequence[Config],
                       workload: str, name: str) -> c.Figure:
    what = {"rtt": "Round trip", "time_in_pipe": "Time in the pipe",
            "response": "Response time"}.get(name, name)
    panels = []
    for conditions, same in by_conditions(group).items():
        for message in sorted({x.message for x in same}):
            here = [x for x in same if x.message == message]
            more = conditions_text(conditions)
            title = f"{length(message)} messages" + (f", {more}" if more else "")
            panels.append(_percentile_panel(names, here, title, name))
    _same_range(panels)
    n = [sum(h.n for h in _hists(x, name)) for x in group]
    return c.Figure(
        name=f"percentiles-{workload}",
        title=_title(run, f"{what} by percentile, {workload}"),
        caption=(
            f"{where(run)}. Line: all trials together; band: smallest to largest"
            f" trial; dotted: fewer than 10 values beyond. {trials_text(group)},"
            f" n {min(n)} to {max(n)} values. Closed loop: service time, not"
            " response time under a load."
            if name == "rtt" else
            f"{where(run)}. Line: all trials together; band: smallest to largest"
            f" trial; dotted: fewer than 10 values beyond. {trials_text(group)},"
            f" n {min(n)} to {max(n)} values."
        ),
        panels=panels,
        keys=names.keys([x.base for x in group]),
        columns=3 if len(panels) > 2 else len(panels),
        height=180,
        table=_percentile_table(group, name),
    )


def curve(h: Hist) -> Tuple[List[c.Point], List[c.Point]]:
    """(solid, dotted) points of a histogram: dotted where fewer than ten
    values lie beyond, up to the last one."""
    shares = [q for q in NINES if h.n * (1 - q) >= 1]
    values = h.quantiles(shares)
    points = list(zip(shares, values))
    solid = [p for p in points if p[0] == 0 or enough(h.n, p[0])]
    return solid, points[len(solid) - 1:]


def trial_band(hists: Sequence[Hist]) -> List[Tuple[float, float, float]]:
    """Smallest and largest trial at each share that all trials can speak of."""
    fewest = min(h.n for h in hists)
    shares = [q for q in NINES if q == 0 or enough(fewest, q)]
    columns = zip(*(h.quantiles(shares) for h in hists))
    return [(q, min(v), max(v)) for q, v in zip(shares, columns)]


def _percentile_panel(names: Names, here: Sequence[Config], title: str,
                      name: str) -> c.Panel:
    marks: List[c.Mark] = []
    values: List[float] = []
    most = 0.9
    for x in here:
        hists = _hists(x, name)
        whole = merge(hists)
        assert whole is not None
        style = names.style(x.base)
        if len(hists) > 1:
            marks.append(c.Band(trial_band(hists), style))
        solid, dotted = curve(whole)
        marks.append(c.Line(solid, style, x.how, dotted))
        values += [v for _, v in solid + dotted]
        most = max(most, (dotted or solid)[-1][0])
    return c.Panel(title, c.nines_axis(most),
                   c.log_axis("latency, log scale", "ns", values), marks)


def same_y(panels: Sequence[c.Panel]) -> None:
    """Give panels one log axis, so that eyes may compare them."""
    lo = min(p.y.lo for p in panels)
    hi = max(p.y.hi for p in panels)
    for p in panels:
        p.y = c.log_axis(p.y.label, p.y.unit, [lo, hi], 0)


def _same_range(panels: Sequence[c.Panel]) -> None:
    same_y(panels)
    most = max(p.x.hi for p in panels)
    for p in panels:
        p.x = c.nines_axis(most)


def _percentile_table(group: Sequence[Config], name: str
                      ) -> Tuple[List[str], List[List[str]]]:
    head = ["configuration", "message", *(percent(q) for q in NOTED), "max",
            "values", "trials"]
    rows = []
    for x in group:
        whole = merge(_hists(x, name))
        assert whole is not None
        row = [x.how, size(x.message)]
        for q, value in zip(NOTED, whole.quantiles(NOTED)):
            row.append(number(value, "ns") if enough(whole.n, q)
                       else f"n/a (needs {math.ceil(10 / (1 - q) - 1e-6)})")
        row += [number(whole.max, "ns"), str(whole.n), str(len(x.cell.good))]
        rows.append(row)
    return head, rows


# Against message size ------------------------------------------------------


def by_size(run: Run, found: Sequence[Config]) -> List[c.Figure]:
    """Throughput against message size, and round trips likewise."""
    figures = []
    for workload, metrics in (
        ("stream", (("bytes_per_s", "throughput"), ("messages_per_s", "message rate"))),
        ("pingpong", (("rtt_p50", "round trip, median"),
                      ("messages_per_s", "round trip rate"))),
    ):
        group = [x for x in found if x.workload == workload and not x.floor]
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
    for unit in {p.y.unit for p in panels}:
        same_y([p for p in panels if p.y.unit == unit])
    what = ("Throughput" if workload == "stream" else "Round trip")
    return c.Figure(
        name=f"by-size-{workload}",
        title=_title(run, f"{what} against message size, {workload}"),
        caption=(
            f"{where(run)}. Dot: median over the trials; bar: its 95 % interval"
            " by order statistics (needs 6 trials);"
            f" {trials_text(shown)}. Guides: 4096 (page, PIPE_BUF) and 65536"
            " (usual capacity of a Linux pipe)."
            + (" Grey: the same without the panel's condition."
               if plain and len(groups) > 1 else "")
        ),
        panels=panels,
        keys=names.keys([x.base for x in shown]),
        columns=2,
        height=210,
        table=_metric_table(run, shown, [m for m, _ in metrics]),
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
                tip += f" ({number(e.lo, unit)} to {number(e.hi, unit)})"
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


def _size_points(cells: Sequence[Config], metric: str):
    points = []
    for x in sorted(cells, key=lambda x: x.message):
        values = x.cell.samples(metric)
        if values and x.message > 0:
            points.append((x.message, estimate(values)))
    return points


def _metric_table(run: Run, group: Sequence[Config], metrics: Sequence[str]
                  ) -> Tuple[List[str], List[List[str]]]:
    head = ["configuration", "message", "metric", "median",
            "95 % interval", "trials"]
    rows = []
    for x in group:
        for metric in metrics:
            values = x.cell.samples(metric)
            if not values or metric not in run.metrics:
                continue
            e = estimate(values)
            unit = run.metrics[metric].unit
            interval = ("needs 6 trials" if e.lo is None else
                        f"{number(e.lo, unit)} to {number(e.hi, unit)}")
            rows.append([x.how, size(x.message), metric, number(e.median, unit),
                         interval, str(e.k)])
    return head, rows


def plots(run: Run) -> List[c.Figure]:
    """What `pipemark plot` draws."""
    found = measured(run)
    return percentiles(run, found) + by_size(run, found)
