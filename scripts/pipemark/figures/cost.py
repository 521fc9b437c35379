"""What a message costs: CPU time of both ends, in user and system."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence

from .. import chart as c
from ..answer import Task
from ..naming import Config
from ..order_stats import median
from ..result import Run, Trial
from ..units import message as length
from ..units import number
from .common import more_text, picture_title, trials_text, where

PARTS = (("producer.cpu_user", "producer, user", 5),
         ("producer.cpu_sys", "producer, system", 0),
         ("consumer.cpu_user", "consumer, user", 4),
         ("consumer.cpu_sys", "consumer, system", 1))
CALLS = ("producer.syscalls", "consumer.syscalls")
SWITCHES = ("producer.vol_switches", "producer.invol_switches",
            "consumer.vol_switches", "consumer.invol_switches")
MOST_ROWS = 120


def cost(run: Run, found: Sequence[Config], tasks: Sequence[Task]
         ) -> List[c.Figure]:
    """A figure for each workload: a panel for each task."""
    figures = []
    for workload in dict.fromkeys(t.workload for t in tasks):
        panels: List[c.Panel] = []
        shown: List[Config] = []
        left = 0
        for task in (t for t in tasks if t.workload == workload):
            configs = [p.config for p in task.places + task.spoilt
                       if cpu(p.config)]
            if not configs:
                continue
            if panels and len(shown) + len(configs) > MOST_ROWS:
                left += 1
                continue
            panels.append(_panel(task, configs))
            shown += configs
        if panels:
            figures.append(_figure(run, workload, panels, shown, left))
    return figures


def _figure(run: Run, workload: str, panels: List[c.Panel],
            shown: Sequence[Config], left: int) -> c.Figure:
    unit = "round trip" if workload == "pingpong" else "message"
    return c.Figure(
        name=f"cost-{workload}",
        title=picture_title(run, f"CPU time a {unit}, {workload}"),
        caption=(f"{where(run)}. Each part is the median over the trials of that"
                 f" end's CPU time divided by its {unit}s; {trials_text(shown)}."
                 " Best task result first, as above." + more_text(left)),
        panels=panels,
        keys=[c.Key(text, c.Style(shade), "bar") for _, text, shade in PARTS],
        columns=1,
        table=_table(shown),
    )


def each(x: Config, names: Sequence[str]) -> Optional[float]:
    """Sum of metrics for one message, median over the trials."""
    found: List[float] = []
    for t in x.cell.good:
        if t.messages and any(n in t.metrics for n in names):
            found.append(sum(t.metrics.get(n, 0) for n in names) / t.messages)
    return median(found) if found else None


def cpu(x: Config) -> Dict[str, float]:
    """CPU ns for one message by part; empty if there are none."""
    parts = {name: each(x, [name]) for name, _, _ in PARTS}
    return {n: v for n, v in parts.items() if v is not None}


def _panel(task: Task, configs: Sequence[Config]) -> c.Panel:
    marks: List[c.Mark] = []
    totals = []
    for i, x in enumerate(configs):
        parts, at = cpu(x), 0.0
        for name, text, shade in PARTS:
            part = parts.get(name, 0)
            if part:
                marks.append(c.Bar(at, at + part, i - 0.32, i + 0.32,
                                   c.Style(shade),
                                   f"{text}: {number(part, 'ns')}"))
            at += part
        totals.append(at)
        marks.append(c.RowText(i, number(at, "ns")))
    labels = [" ".join([x.base, *(f"{k}={v}" for k, v in x.conditions
                                  if (k, v) not in task.conditions)])
              for x in configs]
    return c.Panel(task.name, c.linear_axis("", "ns", totals),
                   c.rows_axis(labels), marks)


def _table(shown: Sequence[Config]):
    head = ["configuration", "message", *(text for _, text, _ in PARTS),
            "system calls", "context switches"]
    rows = []
    for x in shown:
        parts = cpu(x)
        calls, switches = each(x, CALLS), each(x, SWITCHES)
        rows.append([x.how, length(x.message),
                     *(number(parts.get(name), "ns") for name, _, _ in PARTS),
                     "n/a" if calls is None else f"{calls:.3f}",
                     "n/a" if switches is None else f"{switches:.4f}"])
    return head, rows
