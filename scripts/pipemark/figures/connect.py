"""What a connection takes, part by part."""

from __future__ import annotations

from typing import List, Sequence, Tuple

from .. import chart as c
from ..answer import Task
from ..naming import Config
from ..order_stats import Estimate, estimate
from ..result import Run
from ..units import number
from .common import Names, metric_table, more_text, picture_title, trials_text, where

PARTS = (
    ("connect_p50", "client: from its first try until it has its link"),
    ("first_message_p50", "from sending the first message until the server has it"),
    ("accept_p50", "server: the call that takes a client, waiting included"),
    ("create_p50", "server: making what a client connects to"),
    ("close_p50", "server: getting rid of a client"),
    ("messages_per_s", "connections a second"),
)
MOST_ROWS = 20  # of one part


def connect(run: Run, found: Sequence[Config], tasks: Sequence[Task]
            ) -> List[c.Figure]:
    """One figure: a panel for each part, a row for each configuration."""
    every = [p.config for t in tasks if t.workload == "connect"
             for p in t.places + t.spoilt]
    shown = every[:MOST_ROWS]
    panels = [_panel(run, Names(found), rows, text) for metric, text in PARTS
              for rows in [_rows(shown, metric)] if rows and metric in run.metrics]
    if not panels:
        return []
    return [c.Figure(
        name="connections",
        title=picture_title(run, "A connection, part by part"),
        caption=(f"{where(run)}. Dot: median over the trials of the median connection;"
                 f" bar: its 95 % interval; log scale; {trials_text(shown)}. The parts"
                 " overlap and do not add up. What lasts (a listening socket) is made"
                 " once, before measuring." + more_text(len(every) - len(shown))),
        panels=panels,
        columns=1,
        table=metric_table(run, shown, [name for name, _ in PARTS]),
    )]


Rows = List[Tuple[Config, Estimate, str]]


def _rows(shown: Sequence[Config], metric: str) -> Rows:
    return [(x, estimate(x.cell.samples(metric)), metric) for x in shown
            if x.cell.samples(metric)]


def _panel(run: Run, names: Names, rows: Rows, text: str) -> c.Panel:
    marks: List[c.Mark] = []
    values: List[float] = []
    unit = run.metrics[rows[0][2]].unit
    for i, (x, e, _) in enumerate(rows):
        style = names.style(x.base)
        said = number(e.median, unit)
        marks.append(c.Dot(e.median, i, e.lo, e.hi, c.Style(style.color, 0, style.marker),
                           f"{x.how}: {said}", across=True))
        marks.append(c.RowText(i, said))
        values += [v for v in (e.median, e.lo, e.hi) if v]
    return c.Panel(text[0].upper() + text[1:], c.log_axis("", unit, values),
                   c.rows_axis([x.how for x, _, _ in rows]), marks)
