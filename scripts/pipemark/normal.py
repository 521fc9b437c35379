"""What is normal for a cell of one machine, learned run by run.

No p value: runs of a history drift together and are few.  What all cells of a
run share is taken out of each first, and judged by itself: it is the machine.
A run is compared with those in which the machine itself was alike, as its
canaries tell: a guest whose two CPUs share one core today is another machine.

A cell is out of its normal when it left the reference by more than the margin,
by more than three times the scatter from run to run, and further than the
reference itself ever strayed.  Out twice in a row is a finding; once is a
question, and measuring again at once would only confirm a drift.  Many cells
out together are the machine again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median
from typing import Dict, List, NamedTuple, Sequence, Tuple

from . import canary
from .levels import Level, Point
from .paired import Estimate
from .verdict import (IMPROVED, INCONCLUSIVE, REGRESSED, UNCHANGED, Row, Rules,
                      Sample)

LEARNING = 8        # runs before anything is judged
WINDOW = 20         # newest runs of the reference
SCATTERS = 3.0      # robust standard deviations
MANY = 2, 0.1       # more cells and a larger share than this: the machine
FEW = 3             # other cells, or nothing is said of what they share
SHARED = 0.05       # what all cells may move together and be the same machine
UNKNOWN = 0.20      # the same as long as too few runs tell

Key = Tuple[str, str, int]      # cell, metric, version of its workload
State = Dict[str, float]        # levels of the canaries


class Seen(NamedTuple):
    """One run's value, a logarithm, the more the worse."""

    value: float
    state: State


def scatter(values: Sequence[float]) -> float:
    """Robust standard deviation."""
    middle = median(values)
    return 1.4826 * median([abs(v - middle) for v in values])


def limits(values: Sequence[float], margin: float) -> Tuple[float, float]:
    """(the middle, how far from it is normal)."""
    middle = median(values)
    strayed = sorted((abs(v - middle) for v in values), reverse=True)
    # One run of many may have been anything.
    furthest = strayed[1 if len(strayed) > LEARNING else 0]
    return middle, max(math.log1p(margin), SCATTERS * scatter(values),
                       furthest)


def recent(reference: Sequence[Seen], state: State) -> List[float]:
    """The newest values of runs in which the machine was as it is now."""
    return [s.value for s in reference
            if canary.alike(s.state, state)][-WINDOW:]


@dataclass
class Memory:
    """One cell: the reference, and runs out of it that nothing has decided,
    each with the side on which it was out (1 worse, -1 better)."""

    better: str
    reference: List[Seen] = field(default_factory=list)
    held: List[Tuple[Seen, int]] = field(default_factory=list)

    def number(self, level: Level) -> float:
        return (-1.0 if self.better == "higher" else 1.0) * math.log(
            level.value)

    def forgive(self) -> None:
        """What was held was the machine, or nothing."""
        self.reference += [seen for seen, _ in self.held]
        self.held = []

    def settle(self) -> None:
        """The level that is held is the new normal; how much runs scatter is
        still known."""
        steps = [seen.value - median(recent(self.reference, seen.state)
                                     or [s.value for s in self.reference])
                 for seen, _ in self.held]
        by = median(steps)
        self.reference = [Seen(s.value + by, s.state)
                          for s in self.reference]
        self.forgive()

    def learn(self, seen: Seen, out: int) -> None:
        """What is worse twice stays out of the reference: it is red until it
        is mended or accepted.  What is better twice is the new normal."""
        if self.held and out != self.held[-1][1]:
            if len(self.held) == 1:
                self.forgive()
            self.held = []
        if not out:
            self.reference.append(seen)
            return
        self.held.append((seen, out))
        if out < 0 and len(self.held) > 1:
            self.settle()


class Normal:
    """Every cell of one machine in one environment."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.cells: Dict[Key, Memory] = {}
        self.shared: List[Seen] = []    # by all cells, run by run
        self.together: List[str] = []   # why the last run was the machine
        self.apart = 0.0                # what the last run's cells shared

    def _memory(self, cell: str, level: Level) -> Memory:
        return self.cells.setdefault((cell, level.metric, level.version),
                                     Memory(level.better))

    def _shifts(self, p: Point) -> Dict[str, float]:
        """How far each cell that is known is from its middle."""
        found = {}
        for cell, level in p.cells.items():
            memory = self._memory(cell, level)
            values = recent(memory.reference, p.canary)
            if len(values) >= LEARNING:
                found[cell] = memory.number(level) - median(values)
        return found

    def _out(self, memory: Memory, seen: Seen, margin: float) -> int:
        values = recent(memory.reference, seen.state)
        if len(values) < LEARNING:
            return 0
        middle, limit = limits(values, margin)
        if abs(seen.value - middle) <= limit:
            return 0
        return 1 if seen.value > middle else -1

    def _row(self, cell: str, level: Level, seen: Seen) -> Row:
        memory = self._memory(cell, level)
        margin = self.rules.margin(level.metric)
        sign = -1.0 if level.better == "higher" else 1.0
        values = recent(memory.reference, seen.state)
        sample = Sample(cell, level.metric, level.unit, level.better,
                        [math.exp(sign * v) for v in values],
                        [level.value], paired=False, label=level.label)
        row = Row(sample, "history", margin, INCONCLUSIVE)
        if len(values) < LEARNING:
            row.reason = f"learning {len(values)}/{LEARNING}"
            if len(memory.reference) >= LEARNING:
                row.reason += " in this state of the machine"
            return row
        middle, limit = limits(values, margin)
        row.worse = Estimate(math.exp(seen.value - middle), 0.0, math.inf)
        row.mde = math.expm1(limit)
        out = self._out(memory, seen, margin)
        if not out:
            row.verdict = UNCHANGED
        elif memory.held and out == memory.held[-1][1]:
            row.verdict = REGRESSED if out > 0 else IMPROVED
        else:
            row.reason = ("out of its normal for the first time; the next "
                          "run decides")
        return row

    def _ask_all(self, p: Point, shifts: Dict[str, float],
                 rows: Sequence[Row]) -> None:
        """Was it the machine?"""
        self.together = []
        out = sum(r.verdict in (REGRESSED, IMPROVED)
                  or r.reason.startswith("out of") for r in rows)
        count, share = MANY
        if out > max(count, share * len(rows)):
            self.together.append(
                f"{out} of {len(rows)} cells left their normal together: the "
                "machine moved, or something that all of them share")
        if len(shifts) <= FEW:
            return
        values = recent(self.shared, p.canary)
        self.apart = median(shifts.values())
        middle, limit = (limits(values, SHARED) if len(values) >= LEARNING
                         else (0.0, math.log1p(UNKNOWN)))
        if abs(self.apart - middle) > limit:
            self.together.append(
                "all cells together are "
                f"{100 * math.expm1(abs(self.apart)):.0f} % "
                f"{'slower' if self.apart > 0 else 'faster'} than normal: the "
                "machine moved, or something that all of them share")
        self.shared.append(Seen(self.apart, p.canary))

    def _learn(self, p: Point, seen: Dict[str, Seen]) -> None:
        for cell, level in p.cells.items():
            memory = self._memory(cell, level)
            known = len(recent(memory.reference, p.canary)) >= LEARNING
            if self.together:
                memory.forgive()
            if self.together or not known:
                memory.reference.append(seen[cell])
                continue
            memory.learn(seen[cell], self._out(
                memory, seen[cell], self.rules.margin(level.metric)))

    def accept(self, cell: str) -> None:
        """From here on what is out of a cell's normal is its normal."""
        for (name, _, _), memory in self.cells.items():
            if cell == name and memory.held:
                memory.settle()

    def step(self, p: Point) -> List[Row]:
        """Judge a run, then learn from it."""
        shifts, seen = self._shifts(p), {}
        self.apart = 0.0
        for cell, level in p.cells.items():
            others = [v for c, v in shifts.items() if c != cell]
            by = median(others) if len(others) >= FEW else 0.0
            seen[cell] = Seen(self._memory(cell, level).number(level) - by,
                              p.canary)
        rows = [self._row(cell, level, seen[cell])
                for cell, level in p.cells.items()]
        self._ask_all(p, shifts, rows)
        if self.together:
            for row in rows:
                if row.verdict in (REGRESSED, IMPROVED):
                    row.verdict = INCONCLUSIVE
        self._learn(p, seen)
        return rows
