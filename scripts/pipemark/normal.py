"""What is normal for a cell of one machine, learned run by run.

No p value: runs of a history drift together and are few.  A run is out of the
normal for a cell when it left the reference by more than the margin, by more
than three times the scatter from run to run, and further than any run of the
reference did.  Out twice in a row is a finding; once is a question, and
measuring again at once would only confirm a drift.  Many cells out together
are the machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median
from typing import Dict, List, Sequence, Tuple

from .levels import Level, Point
from .paired import Estimate
from .verdict import (IMPROVED, INCONCLUSIVE, REGRESSED, UNCHANGED, Row, Rules,
                      Sample)

LEARNING = 8        # runs before anything is judged
WINDOW = 20         # newest runs of the reference
SCATTERS = 3.0      # robust standard deviations
MANY = 2, 0.1       # more cells and a larger share than this: the machine

Key = Tuple[str, str, int]      # cell, metric, version of its workload


def scatter(values: Sequence[float]) -> float:
    """Robust standard deviation."""
    middle = median(values)
    return 1.4826 * median([abs(v - middle) for v in values])


@dataclass
class Memory:
    """One cell: the reference, and runs out of it that nothing has decided.
    Logarithms, the more the worse."""

    better: str
    reference: List[float] = field(default_factory=list)
    held: List[float] = field(default_factory=list)

    def number(self, level: Level) -> float:
        return (-1.0 if self.better == "higher" else 1.0) * math.log(
            level.value)

    def limits(self, margin: float) -> Tuple[float, float]:
        """(the middle, how far from it is normal)."""
        recent = self.reference[-WINDOW:]
        middle = median(recent)
        furthest = max(abs(v - middle) for v in recent)
        return middle, max(math.log1p(margin), SCATTERS * scatter(recent),
                           furthest)

    def out(self, value: float, margin: float) -> int:
        """1 worse than normal, -1 better, 0 normal."""
        middle, limit = self.limits(margin)
        if abs(value - middle) <= limit:
            return 0
        return 1 if value > middle else -1

    def learn(self, value: float, out: int, margin: float) -> None:
        """What is worse twice stays out of the reference: it is red until it
        is mended.  What is better twice is the new normal, learned anew."""
        if self.held and out != self.out(self.held[-1], margin):
            if len(self.held) == 1:
                self.reference += self.held
            self.held = []
        if not out:
            self.reference.append(value)
            return
        self.held.append(value)
        if out < 0 and len(self.held) > 1:
            self.reference, self.held = self.held, []


class Normal:
    """Every cell of one machine in one environment."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.cells: Dict[Key, Memory] = {}
        self.together: List[str] = []   # why the last run was the machine

    def _memory(self, cell: str, level: Level) -> Memory:
        return self.cells.setdefault((cell, level.metric, level.version),
                                     Memory(level.better))

    def _row(self, cell: str, level: Level) -> Row:
        memory = self._memory(cell, level)
        margin = self.rules.margin(level.metric)
        sign = -1.0 if level.better == "higher" else 1.0
        sample = Sample(cell, level.metric, level.unit, level.better,
                        [math.exp(sign * v)
                         for v in memory.reference[-WINDOW:]],
                        [level.value], paired=False, label=level.label)
        row = Row(sample, "history", margin, INCONCLUSIVE)
        known = len(memory.reference)
        if known < LEARNING:
            row.reason = f"learning {known}/{LEARNING}"
            return row
        value = memory.number(level)
        middle, limit = memory.limits(margin)
        row.worse = Estimate(math.exp(value - middle), 0.0, math.inf)
        row.mde = math.expm1(limit)
        out = memory.out(value, margin)
        before = memory.out(memory.held[-1], margin) if memory.held else 0
        if not out:
            row.verdict = UNCHANGED
        elif out == before:
            row.verdict = REGRESSED if out > 0 else IMPROVED
        else:
            row.reason = ("out of its normal for the first time; the next "
                          "run decides")
        return row

    def _learn(self, p: Point) -> None:
        for cell, level in p.cells.items():
            memory = self._memory(cell, level)
            value, margin = memory.number(level), self.rules.margin(
                level.metric)
            if self.together or len(memory.reference) < LEARNING:
                memory.reference += memory.held + [value]
                memory.held = []
            else:
                memory.learn(value, memory.out(value, margin), margin)

    def step(self, p: Point) -> List[Row]:
        """Judge a run, then learn from it."""
        rows = [self._row(cell, level) for cell, level in p.cells.items()]
        out = sum(r.verdict in (REGRESSED, IMPROVED)
                  or r.reason.startswith("out of") for r in rows)
        count, share = MANY
        self.together = []
        if out > max(count, share * len(rows)):
            self.together = [f"{out} of {len(rows)} cells left their normal "
                             "together: the machine moved, or something that "
                             "all of them share"]
            for row in rows:
                if row.verdict in (REGRESSED, IMPROVED):
                    row.verdict = INCONCLUSIVE
        self._learn(p)
        return rows
