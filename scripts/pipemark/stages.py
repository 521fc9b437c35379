"""Screen every cell, confirm a few on fresh trials.

The screen's data are not used again, so the error rate of the whole is that
of the second stage alone; Holm then divides by the few cells that got there
and not by all.
"""

from __future__ import annotations

from typing import Dict, List, Sequence

from .effort import could_see
from .evidence import BETTER, WORSE
from .verdict import Key, Row, Rules, Sample, judge, look


def screen(samples: Sequence[Sample], rules: Rules) -> Dict[Key, str]:
    """Which cells to confirm, and in which direction each pointed."""
    chosen = {}
    for sample in samples:
        if sample.problem():
            continue
        evidence = sample.evidence()
        ps = {way: evidence.p(way, 0.0) for way in (WORSE, BETTER)}
        way = min(ps, key=lambda w: ps[w])
        if ps[way] <= rules.screen_p:
            chosen[sample.key()] = way
    return chosen


def judge_stages(screened: Sequence[Sample], confirmed: Sequence[Sample],
                 rules: Rules) -> List[Row]:
    """Rows in the screen's order, each from the last stage it reached."""
    chosen = screen(screened, rules)
    fresh = [s for s in confirmed if s.key() in chosen]
    rows = {r.sample.key(): r
            for r in judge(fresh, rules, "confirm", chosen)}
    one_more = len(chosen) + 1
    result = []
    for sample in screened:
        row = rows.get(sample.key())
        if row is None:
            row = look(sample, rules, "screen", one_more)
            if row.tested:
                row.mde = could_see(sample, one_more, rules)
            if sample.key() in chosen:
                row.invalidate("not measured a second time")
        result.append(row)
    return result
