"""A run as one point of a history: one number a cell."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Optional

from . import canary
from .naming import lead_metric
from .order_stats import estimate
from .result import Run
from .samples import labels


@dataclass
class Level:
    """The median of a cell's gate metric over the trials of a run; lo..hi its
    95 % interval, None below six trials."""

    metric: str
    unit: str
    better: str
    value: float
    version: int            # of the workload's meaning
    label: str = ""         # the cell's name for people
    lo: Optional[float] = None
    hi: Optional[float] = None


@dataclass
class Point:
    """One run.  `moved`: what its canary said; `wrong`: why it is no whole
    run; such a run is shown and never a reference."""

    path: str
    id: str
    start_ns: int
    start: str
    node: str
    where: str
    env: str
    version: str            # of pipemark
    facts: Dict[str, Any]
    canary: Dict[str, float]
    moved: List[str]
    wrong: List[str]
    cells: Dict[str, Level] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """May be a reference for others."""
        return not self.moved and not self.wrong

    def as_json(self) -> Dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Dict[str, Any]) -> "Point":
        cells = {k: Level(**v) for k, v in data.pop("cells").items()}
        return Point(cells=cells, **data)


def point(run: Run) -> Point:
    """The run's levels; cells that failed or lost a message are left out."""
    header, rounds = run.header, canary.main_rounds(run.canaries)
    songs = [r for r in run.canaries if r["round"] in rounds]
    out = Point(
        path=run.path, id=run.id, start_ns=int(header.get("start_ns") or 0),
        start=str(header.get("start") or ""), node=run.node, where=run.where,
        env=str(run.env.get("id") or ""),
        version=str(header.get("version") or ""),
        facts={k: v.get("v") for k, v in run.env.get("facts", {}).items()},
        canary=canary.medians(songs),
        moved=canary.moves(songs), wrong=list(run.notes))
    if run.end and run.end.get("interrupted"):
        out.wrong.append("interrupted")
    cells = list(run.cells.values())
    named = labels(cells)
    for i, cell in enumerate(cells):
        metric = lead_metric(cell)
        values = [t.metrics[metric] for t in cell.good
                  if metric in t.metrics and (t.round in rounds or not songs)]
        row = run.metrics.get(metric)
        if (cell.arm != run.arms[0] or cell.sentinel or not values or not row
                or any(t.corrupt for t in cell.trials)):
            continue
        e = estimate([float(v) for v in values])
        if e.median > 0:
            out.cells[cell.id] = Level(metric, row.unit, row.better, e.median,
                                       cell.workload_version or 1, named[i],
                                       e.lo, e.hi)
    return out
