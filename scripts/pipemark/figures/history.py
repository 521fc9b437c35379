"""Results over many runs: each cell as a ratio to where it began."""

from __future__ import annotations

from statistics import median
from typing import List, Sequence, Tuple

from .. import chart as c
from ..changepoint import MIN_SEGMENT, MIN_STEP
from ..tracks import Change, Machine, Track
from ..units import number
from .common import Table

MOST = 60  # panels; cells whose level changed come first
SAME, WORSE, BETTER = c.Style(0, 0, 0), c.Style(1, 0, 4), c.Style(2, 0, 2)
UNSURE = c.Style(c.MUTED, 0, 3)


def history(machine: Machine, tracks: Sequence[Track], name: str) -> c.Figure:
    """A panel for each cell."""
    ranked = sorted(tracks, key=lambda t: -max(
        (abs(s.ratio - 1) for s in t.steps), default=0))
    shown = ranked[:MOST]
    left = len(ranked) - len(shown)
    wine = " (Wine)" if "Wine" in machine.where else ""
    return c.Figure(
        name=name,
        title=f"{machine.node} through its runs{wine}",
        caption=(
            f"{machine.where} on {machine.node}, {len(machine.points)} runs. Each dot is"
            " a run: the median over its trials divided by the median of the first"
            " level, log scale; bar: its 95 % interval, from six trials on. Line: the"
            " level; a new one begins where the rank CUSUM finds a step (0.1 %, at"
            f" least {MIN_SEGMENT} runs on each side, {100 * MIN_STEP:.0f} % or more)."
            " Dotted upright: the environment changed there. Hollow: the canary"
            " moved, or the run was not whole."
            + (f" {left} more cells, all of one level or changed less, are not drawn."
               if left > 0 else "")),
        panels=[_panel(machine, t) for t in shown],
        keys=[c.Key("as at first", SAME, "dot"), c.Key("worse", WORSE, "dot"),
              c.Key("better", BETTER, "dot"), c.Key("not judged", UNSURE, "dot")],
        columns=2 if len(shown) > 1 else 1,
        height=110,
        table=_table(ranked),
    )


def segments(t: Track) -> List[Tuple[int, int, float]]:
    """(from, to, level) between the steps; `to` is not in it."""
    bounds = [0] + [s.at for s in t.steps] + [len(t.values)]
    return [(a, b, median(t.values[a:b])) for a, b in zip(bounds, bounds[1:])]


def _look(t: Track, ratio: float) -> c.Style:
    if abs(ratio - 1) < MIN_STEP:
        return SAME
    return WORSE if t.worse(ratio) else BETTER


def _panel(machine: Machine, t: Track) -> c.Panel:
    at = {p.id: i for i, p in enumerate(machine.points)}
    marks: List[c.Mark] = [
        c.Guide("x", change.at - 0.5, _short(change)) for change in machine.changes]
    parts = segments(t)
    first, ratios = parts[0][2], [0.9, 1.1]
    for start, end, level in parts:
        style = _look(t, level / first)
        places = [at[p.id] for p in t.points[start:end]]
        marks.append(c.Line([(places[0] - 0.4, level / first),
                             (places[-1] + 0.4, level / first)], style, "", width=2))
        for p, x in zip(t.points[start:end], places):
            known = p.cells[t.cell]
            value, lo, hi = (None if v is None else v / first
                             for v in (known.value, known.lo, known.hi))
            assert value is not None
            marks.append(c.Dot(x, value, lo, hi, style if p.sound else UNSURE,
                               f"{p.start[:10]}: {number(known.value, t.unit)},"
                               f" ×{value:.3f}" + "".join(
                                   f"; {why}" for why in p.moved + p.wrong),
                               hollow=not p.sound))
            ratios += [v for v in (value, lo, hi) if v]
    return c.Panel(_title(t), _runs_axis(machine),
                   c.log_axis(f"× {number(first, t.unit)}, {t.better} is better", "ratio",
                              ratios), marks)


def _title(t: Track) -> str:
    said = ", ".join(
        f"{100 * (s.ratio - 1):+.0f} % ({'worse' if t.worse(s.ratio) else 'better'})"
        f" from {t.points[s.at].start[:10]}" for s in t.steps)
    return f"{t.label}, {t.metric}" + (f": {said}" if said else "")


def _short(change: Change) -> str:
    """The names of the facts, two at most."""
    names = [fact.split(":")[0] for fact in change.facts]
    return ", ".join(names[:2]) + (" ..." if len(names) > 2 else "")


def _runs_axis(machine: Machine) -> c.Axis:
    count = len(machine.points)
    days = {p.start[:10] for p in machine.points}
    part = slice(0, 10) if len(days) > 1 else slice(11, 16)     # of one: hours
    ticks = [c.Tick(i, p.start[part], i in (0, count - 1))
             for i, p in enumerate(machine.points)]
    return c.Axis("", "linear", -0.6, count - 0.4, ticks)


def _table(tracks: Sequence[Track]) -> Table:
    head = ["configuration", "metric", "runs", "first level", "last level", "ratio",
            "newest run", "steps"]
    rows = []
    for t in tracks:
        parts = segments(t)
        first, last = parts[0][2], parts[-1][2]
        rows.append([t.label, t.metric, str(len(t.values)), number(first, t.unit),
                     number(last, t.unit), f"{last / first:.3f}",
                     number(t.values[-1], t.unit),
                     _title(t).partition(": ")[2] or "none"])
    return head, rows
