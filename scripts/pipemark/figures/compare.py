"""Configurations side by side: dots with intervals, best first."""

from __future__ import annotations

from typing import List, Sequence

from .. import chart as c
from ..answer import SLOWER, UNJUDGED, Place, Task
from ..answers import interval
from ..naming import Config
from ..result import Run
from ..units import message as length
from ..units import number
from .common import Names, more_text, picture_title, trials_text, where

MOST_ROWS = 120
TOLD = {SLOWER: "yes", UNJUDGED: "not judged"}


def compare(run: Run, found: Sequence[Config], tasks: Sequence[Task]
            ) -> List[c.Figure]:
    """A figure for each workload: a panel for each task with a choice."""
    names = Names(found)
    figures = []
    for workload in dict.fromkeys(t.workload for t in tasks):
        shown = [t for t in tasks if t.workload == workload and not t.swept
                 and len(t.places + t.spoilt) > 1]
        if shown:
            figures.append(_figure(run, names, workload, shown))
    return figures


def _figure(run: Run, names: Names, workload: str, tasks: Sequence[Task]
            ) -> c.Figure:
    panels: List[c.Panel] = []
    rows = 0
    for task in tasks:
        rows += len(task.places + task.spoilt)
        if rows <= MOST_ROWS or not panels:
            panels.append(_panel(names, task))
    metric = run.metrics[tasks[0].metric]
    places = [p for t in tasks for p in t.places + t.spoilt]
    return c.Figure(
        name=f"compare-{workload}",
        title=picture_title(run, f"Configurations compared, {workload}"),
        caption=(
            f"{where(run)}. {metric.name}, {metric.better} is better, log scale."
            " Dot: median over the trials; bar: its 95 % interval by order"
            f" statistics; {trials_text([p.config for p in places])}."
            " Filled: its interval meets"
            " that of the fastest, so the two cannot be told apart; hollow:"
            " slower. ×: how much slower than the fastest."
            + (" Without a bar: too few trials have the number, nothing is said."
               if any(p.estimate.lo is None for p in places) else "")
            + (" *: not quite the same work as the fastest, see its remark in the"
               " table." if any(p.marks for p in places) else "") + more_text(len(tasks) - len(panels))
        ),
        panels=panels,
        columns=1,
        table=_table(tasks),
    )


def _panel(names: Names, task: Task) -> c.Panel:
    marks: List[c.Mark] = []
    values: List[float] = []
    for i, p in enumerate(task.places + task.spoilt):
        e = p.estimate
        style = names.style(p.config.base)
        marks.append(c.Dot(e.median, i, e.lo, e.hi,
                           c.Style(style.color, 0, style.marker),
                           f"{_label(task, p)}: {number(e.median, task.unit)}",
                           across=True, hollow=not _filled(p)))
        marks.append(c.RowText(i, f"{number(e.median, task.unit)}  ×{p.ratio:.2f}"))
        values += [v for v in (e.median, e.lo, e.hi) if v is not None]
    labels = [_label(task, p) + (" *" if p.marks else "")
              for p in task.places + task.spoilt]
    return c.Panel(task.name, c.log_axis("", task.unit, values),
                   c.rows_axis(labels), marks)


def _filled(p: Place) -> bool:
    return p.equal and not p.config.spoilt


def _label(task: Task, place: Place) -> str:
    """Without what the panel's title says."""
    x = place.config
    rest = [f"{k}={v}" for k, v in x.conditions if (k, v) not in task.conditions]
    return " ".join([x.base, *rest])


def _table(tasks: Sequence[Task]):
    head = ["configuration", "message", "median", "95 % interval",
            "times the fastest", "told apart from the fastest", "trials",
            "remark"]
    rows = []
    for task in tasks:
        for p in task.places + task.spoilt:
            e = p.estimate
            rows.append([p.config.how, length(task.message),
                         number(e.median, task.unit), interval(e, task.unit), f"{p.ratio:.3f}",
                         "not ranked" if p.config.spoilt else
                         TOLD.get(p.relation, "no"), str(e.k),
                         ", ".join(p.marks)])
    return head, rows
