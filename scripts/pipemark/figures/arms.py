"""Two arms measured in pairs: how much slower b is, and how sure that is."""

from __future__ import annotations

import math
from typing import Dict, List, Optional, Sequence

from .. import chart as c
from ..arms import judge_arms
from ..judgement import Judgement
from ..naming import Config, configs
from ..result import Run
from ..units import message as length
from ..units import number
from ..verdict import (IMPROVED, INCONCLUSIVE, INVALID, REGRESSED, UNCHANGED,
                       Row, Rules)
from .common import Table, more_text, picture_title, where

LOOKS = {REGRESSED: c.Style(1, 0, 4), IMPROVED: c.Style(2, 0, 2),
         UNCHANGED: c.Style(0, 0, 0), INCONCLUSIVE: c.Style(c.MUTED, 0, 3),
         INVALID: c.Style(c.MUTED, 0, 5)}
MOST_ROWS = 120
FARTHEST = 16.0  # intervals are drawn up to this ratio


def judged(run: Run) -> Optional[Judgement]:
    """The verdicts of a run with two arms; None for any other."""
    if run.arms != ["a", "b"] or not any(c.good for c in run.cells.values()):
        return None
    return judge_arms("report", [run], [], Rules(), staged=False)


def arms(run: Run) -> List[c.Figure]:
    """A dot for each cell, the slowest of b first; copies of one arm last."""
    j = judged(run)
    if j is None:
        return []
    _rename(run, j)
    rows = sorted((r for r in j.rows if math.isfinite(r.worse.ratio)),
                  key=lambda r: (-r.worse.lo, r.sample.name))
    rows += [r for r in j.sentinels if math.isfinite(r.worse.ratio)]
    if not rows:
        return []
    left = len(rows) - MOST_ROWS
    shown = rows[:MOST_ROWS]
    pairs = sorted({len(r.sample.base) for r in shown})
    count = "to ".join(f"{n} " for n in dict.fromkeys((pairs[0], pairs[-1])))
    seen = [v for v in LOOKS if any(r.verdict == v for r in shown)]
    return [c.Figure(
        name="arms",
        title=picture_title(run, "Arm b against arm a"),
        caption=(f"{where(run)}. {j.design}. Right of 1: b is slower. Dot:"
                 f" Hodges-Lehmann estimate of {count}trials' pairs; bar: its 95 %"
                 " interval; shaded: the margin within which nothing counts."
                 f" Verdicts by the exact signed-rank test, Holm over"
                 f" {len(j.rows)} cells, 5 %."
                 + (" Not proven: " + "; ".join(j.unproven) + "."
                    if j.unproven else "") + more_text(left)),
        panels=[_panel(shown)],
        keys=[c.Key(v, LOOKS[v], "dot") for v in seen],
        table=_table(rows),
    )]


def _rename(run: Run, j: Judgement) -> None:
    """Call cells as all pictures do, without what tells the arms apart."""
    names = {}
    pairs: Dict[int, List[Config]] = {}
    for x in configs(run):
        pairs.setdefault(x.cell.n, []).append(x)
    for pair in pairs.values():
        x = pair[0]
        words = [f"{k}={v}" for k, v in x.conditions if k != "sentinel"]
        if len({y.bare for y in pair}) == 1:
            words.insert(0, x.bare)
        task = f"{x.workload} {length(x.message)}"
        names[x.cell.id] = ", ".join(w for w in (" ".join(words), task) if w)
    for row in [*j.rows, *j.sentinels]:
        row.sample.label = names.get(row.sample.ids[0], row.sample.name)


def _panel(rows: Sequence[Row]) -> c.Panel:
    marks: List[c.Mark] = []
    values = [1 / 1.1, 1.1]
    for i, row in enumerate(rows):
        e = row.worse
        tau = 1 + row.margin
        marks.append(c.Bar(1 / tau, tau, i - 0.5, i + 0.5, c.Style(c.MUTED),
                           "", 0.14))
        lo, hi = max(e.lo, 1 / FARTHEST), min(e.hi, FARTHEST)
        marks.append(c.Dot(min(max(e.ratio, 1 / FARTHEST), FARTHEST), i, lo, hi,
                           LOOKS[row.verdict],
                           f"{row.sample.name}: ×{e.ratio:.3f}, {row.verdict}",
                           across=True))
        marks.append(c.RowText(i, f"×{e.ratio:.3f}"))
        values += [lo, hi, tau, 1 / tau]
    axis = c.log_axis("time or cost of b as a multiple of a's, log scale", "", values)
    marks.insert(0, c.Guide("x", 1.0, ""))
    return c.Panel("", axis, c.rows_axis([r.sample.name for r in rows]), marks)


def _table(rows: Sequence[Row]) -> Table:
    head = ["cell", "metric", "a", "b", "b / a", "95 % interval", "verdict",
            "p adjusted", "smallest slow-down it would have shown", "pairs"]
    out = []
    for r in rows:
        s, e = r.sample, r.ratio()
        middle = [sorted(v)[len(v) // 2] if v else None for v in (s.base, s.new)]
        out.append([
            s.name + (" (a against itself)" if r.stage == "sentinel" else ""),
            s.metric, number(middle[0], s.unit), number(middle[1], s.unit),
            f"{e.ratio:.3f}", f"{e.lo:.3f} to {e.hi:.3f}",
            r.verdict + (f": {r.reason}" if r.reason else ""),
            "" if r.p_adjusted is None else f"{r.p_adjusted:.2g}",
            f"{100 * r.mde:.0f} %" if math.isfinite(r.mde) else "none: too few pairs",
            str(len(s.base))])
    return head, out
