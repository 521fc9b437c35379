"""Throughput within the trials: over time, and as a distribution."""

from __future__ import annotations

from typing import List, Sequence, Tuple

from .. import chart as c
from ..answer import Task
from ..naming import Config
from ..order_stats import median
from ..result import Run
from ..units import message as length
from ..units import number, percent
from .common import more_text, picture_title, trials_text, where

MOST = 6  # configurations
BINS = 24


def pace(run: Run, found: Sequence[Config], tasks: Sequence[Task]
         ) -> List[c.Figure]:
    """The fastest stream configuration of each task, up to six."""
    shown = [t.best.config for t in tasks
             if t.workload == "stream" and t.places and rates(t.best.config)]
    if not shown:
        return []
    left = len(shown) - MOST
    shown = shown[:MOST]
    panels = []
    for x in shown:
        panels += list(pace_panels(x, c.Style(0)))
    step = next(t.series["interval_ns"] for t in shown[0].cell.good if t.series)
    return [c.Figure(
        name="pace",
        title=picture_title(run, "Throughput within the trials"),
        caption=(f"{where(run)}. The fastest configuration of each stream task."
                 " Line: the median of the trials at that time, as long as half of"
                 " them last; band: the slowest and the fastest. Bars: how often"
                 " an interval had that throughput, all trials together. Intervals of"
                 f" {number(step, 'ns')}; {trials_text(shown)}." + more_text(left)),
        panels=panels,
        columns=2,
        height=120,
        table=_table(shown),
    )]


def rates(x: Config) -> List[Tuple[int, List[float]]]:
    """(interval in ns, bytes a second in each interval) of each good trial;
    the last interval, seldom a whole one, is left out."""
    found = []
    for t in x.cell.good:
        if t.series and len(t.series["bytes"]) > 2:
            step = t.series["interval_ns"]
            found.append((step, [n * 1e9 / step for n in t.series["bytes"][:-1]]))
    return found


def pace_panels(x: Config, style: c.Style, title: str = ""
                ) -> Tuple[c.Panel, c.Panel]:
    """Throughput over time, and its histogram."""
    found = rates(x)
    step = found[0][0]
    lengths = sorted(len(r) for _, r in found)
    longest = lengths[len(lengths) // 2]  # beyond, most trials have ended
    band, line = [], []
    for i in range(longest):
        now = [r[i] for _, r in found if i < len(r)]
        at = (i + 0.5) * step
        band.append((at, min(now), max(now)))
        line.append((at, median(now)))
    every = [v for _, r in found for v in r]
    y = c.linear_axis("bytes a second", "bytes/s", every)
    over = c.Panel(title or f"{x.how}, {length(x.message)}",
                   c.linear_axis("time in the trial", "ns", [longest * step]),
                   y, [c.Band(band, style), c.Line(line, style, x.how)])
    return over, _histogram(every, style)


def _histogram(every: Sequence[float], style: c.Style) -> c.Panel:
    high = max(every) * 1.0001 or 1
    width = high / BINS
    counts = [0] * BINS
    for v in every:
        counts[min(int(v / width), BINS - 1)] += 1
    top = max(counts) / len(every)
    bars: List[c.Mark] = [
        c.Bar(i * width, (i + 1) * width, 0, n / len(every), style,
              f"{number(i * width, 'bytes/s')} to"
              f" {number((i + 1) * width, 'bytes/s')}: {n} intervals", 0.75)
        for i, n in enumerate(counts) if n]
    share = c.Axis("share of intervals", "linear", 0, top * 1.05,
                   [c.Tick(v, percent(v)) for v in _steps(top)])
    return c.Panel("", c.linear_axis("bytes a second", "bytes/s", [high]),
                   share, bars)


def _steps(top: float) -> List[float]:
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if top / s <= 5 or s == 0.5)
    return [i * step for i in range(int(top * 1.05 / step) + 1)]


def _table(shown: Sequence[Config]):
    head = ["configuration", "message", "trial", "slowest interval", "median",
            "fastest interval", "intervals"]
    rows = []
    for x in shown:
        for i, (_, r) in enumerate(rates(x)):
            rows.append([x.how, length(x.message), str(i + 1),
                         number(min(r), "bytes/s"), number(median(r), "bytes/s"),
                         number(max(r), "bytes/s"), str(len(r))])
    return head, rows
