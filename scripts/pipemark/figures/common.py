"""What all pictures share: names, looks, captions, tables."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from .. import chart as c
from ..answers import interval
from ..naming import Conditions, Config
from ..order_stats import estimate
from ..result import Run
from ..units import number, size

WHAT = {"rtt": "round trip", "time_in_pipe": "time in the pipe",
        "response": "response time", "connect": "time to connect"}
MOST_PANELS = 12  # of one figure; the rest is in the details of each cell

Table = Tuple[List[str], List[List[str]]]


class Names:
    """The same look for the same configuration in every picture of a run."""

    def __init__(self, found: Sequence[Config]) -> None:
        self.bases = list(dict.fromkeys(x.base for x in found if not x.control))

    def style(self, base: str) -> c.Style:
        """Colour, marker and dash of a base name."""
        if base not in self.bases:
            return c.Style(c.MUTED)
        i = self.bases.index(base)
        return c.Style(i % 8, (i + 3) // 8, i % 6)

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


def picture_title(run: Run, text: str) -> str:
    """A title that says so when the numbers are Wine's."""
    return f"{text} (Wine)" if run.wine else text


def more_text(left: int) -> str:
    """Says that panels were left out, and where they are."""
    return f" {left} more in the details of the cells." if left > 0 else ""


def by_conditions(found: Sequence[Config]) -> Dict[Conditions, List[Config]]:
    """Groups with equal conditions; those without any come first."""
    groups: Dict[Conditions, List[Config]] = {}
    for x in sorted(found, key=lambda x: bool(x.conditions)):
        groups.setdefault(x.conditions, []).append(x)
    return groups


def same_y(panels: Sequence[c.Panel]) -> None:
    """Give panels one log axis, so that eyes may compare them."""
    lo = min(p.y.lo for p in panels)
    hi = max(p.y.hi for p in panels)
    for p in panels:
        p.y = c.log_axis(p.y.label, p.y.unit, [lo, hi], 0)


def metric_table(run: Run, group: Sequence[Config], metrics: Sequence[str]
                 ) -> Table:
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
            rows.append([x.how, size(x.message), metric, number(e.median, unit),
                         interval(e, unit), str(e.k)])
    return head, rows
