"""What is normal for a cell of one machine, learned run by run.

No p value: runs of a history drift together and are few.  What all cells of a
run share is taken out of each first, and judged by itself: it is the machine.
A run is compared with those in which the machine itself was alike, as its
canaries tell: a guest whose two CPUs share one core today is another machine.

A cell is out of its normal when it left the reference by more than the margin,
by more than three times the scatter from run to run, further than the
reference itself ever strayed, and by more than three times what the other
cells of this run are scattered.  Out twice in a row is a finding; once is a
question, and measuring again at once would only confirm a drift.
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
STATE_LEARNING = 4  # of them in the state in which the machine is now
WINDOW = 20         # newest runs of the reference in that state
KEPT = 3 * WINDOW   # and in all states
SCATTERS = 3.0      # robust standard deviations
MANY = 2, 0.1       # more cells and a larger share than this: the machine
FEW = 3             # other cells, or nothing is said of what they share
SHARED = 0.05       # what all cells may move together and be the same machine
UNKNOWN = 0.20      # the same as long as too few runs tell

LEARNS = "learning"

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


def limits(values: Sequence[float], margin: float,
           elsewhere: Sequence[float] = ()) -> Tuple[float, float]:
    """(the middle, how far from it is normal).  As long as the values are few,
    they may scatter as those of other states do around theirs."""
    middle = median(values)
    strayed = sorted((abs(v - middle) for v in values), reverse=True)
    # One run of many may have been anything.
    furthest = strayed[1 if len(strayed) > LEARNING else 0]
    wide = scatter(values)
    if len(values) < LEARNING and elsewhere:
        wide = max(wide, scatter(elsewhere))
    return middle, max(math.log1p(margin), SCATTERS * wide, furthest)


def here(reference: Sequence[Seen], state: State) -> List[float]:
    """The newest values of runs in which the machine was as it is now."""
    return [s.value for s in reference
            if canary.alike(s.state, state)][-WINDOW:]


def away(reference: Sequence[Seen], state: State) -> List[float]:
    """How far runs in each other state were from the middle of theirs."""
    rest = [s for s in reference if not canary.alike(s.state, state)]
    found: List[float] = []
    while rest:
        values = [s.value for s in rest if canary.alike(s.state,
                                                        rest[0].state)]
        rest = [s for s in rest[1:] if not canary.alike(s.state,
                                                        rest[0].state)]
        if len(values) >= STATE_LEARNING:
            found += [v - median(values) for v in values]
    return found


@dataclass
class Memory:
    """One cell: the reference, and runs out of it that nothing has decided,
    each with the side on which it was out (1 worse, -1 better)."""

    better: str
    reference: List[Seen] = field(default_factory=list)
    held: List[Tuple[Seen, int]] = field(default_factory=list)

    def keep(self, *runs: Seen) -> None:
        self.reference = [*self.reference, *runs][-KEPT:]

    def number(self, level: Level) -> float:
        return (-1.0 if self.better == "higher" else 1.0) * math.log(
            level.value)

    def forgive(self) -> None:
        """What was held was the machine, or nothing."""
        self.keep(*[seen for seen, _ in self.held])
        self.held = []

    def settle(self) -> None:
        """The level that is held is the new normal; how much runs scatter is
        still known."""
        steps = [seen.value - median(here(self.reference, seen.state)
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
            self.keep(seen)
            return
        self.held.append((seen, out))
        if out < 0 and len(self.held) > 1:
            self.settle()


def learning(row: Row) -> bool:
    """Not judged, for the runs before are too few."""
    return row.reason.startswith(LEARNS)


@dataclass
class Look:
    """One cell of one run beside its reference."""

    cell: str
    level: Level
    seen: Seen
    memory: Memory
    values: List[float]     # of the reference, in this state of the machine
    elsewhere: Sequence[float] = ()     # if few: how they scatter in others
    middle: float = 0.0
    limit: float = math.inf

    @property
    def known(self) -> bool:
        count = len(self.values)
        return (count >= STATE_LEARNING
                and count + len(self.elsewhere) >= LEARNING)

    @property
    def out(self) -> int:
        """On which side of its normal: 1 worse, -1 better, 0 in it."""
        by = self.seen.value - self.middle
        return 0 if abs(by) <= self.limit else 1 if by > 0 else -1


class Normal:
    """Every cell of one machine in one environment."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.cells: Dict[Key, Memory] = {}
        self.shared: List[Seen] = []    # by all cells, run by run
        self.together: List[str] = []   # why the last run was the machine
        self.apart = 0.0                # what the last run's cells shared
        self.far = ""                   # that it was more than is normal

    def _memory(self, cell: str, level: Level) -> Memory:
        return self.cells.setdefault((cell, level.metric, level.version),
                                     Memory(level.better))

    def _shifts(self, p: Point) -> Dict[str, float]:
        """How far each cell that was measured often enough is from its
        middle."""
        found = {}
        for cell, level in p.cells.items():
            memory = self._memory(cell, level)
            values = here(memory.reference, p.canary)
            if len(values) >= STATE_LEARNING:
                found[cell] = memory.number(level) - median(values)
        return found

    def _look(self, p: Point, cell: str, shifts: Dict[str, float]) -> Look:
        """What the other cells share is taken out; as far as they are from
        each other in this run, a cell may be from its middle."""
        level = p.cells[cell]
        memory = self._memory(cell, level)
        others = [v for c, v in shifts.items() if c != cell]
        if len(others) < FEW:
            others = [0.0]
        look = Look(cell, level, Seen(memory.number(level) - median(others),
                                      p.canary),
                    memory, here(memory.reference, p.canary))
        if STATE_LEARNING <= len(look.values) < LEARNING:
            look.elsewhere = away(memory.reference, p.canary)
        if look.known:
            look.middle, limit = limits(look.values,
                                        self.rules.margin(level.metric),
                                        look.elsewhere)
            look.limit = max(limit, SCATTERS * scatter(others))
        return look

    def _row(self, look: Look) -> Row:
        level, memory = look.level, look.memory
        sign = -1.0 if level.better == "higher" else 1.0
        sample = Sample(look.cell, level.metric, level.unit, level.better,
                        [math.exp(sign * v) for v in look.values],
                        [level.value], paired=False, label=level.label)
        row = Row(sample, "history", self.rules.margin(level.metric),
                  INCONCLUSIVE)
        if not look.known:
            row.reason = (
                f"{LEARNS} {len(memory.reference)}/{LEARNING}"
                if len(memory.reference) < LEARNING else
                f"{LEARNS} {len(look.values)}/{STATE_LEARNING} in this state "
                "of the machine")
            return row
        row.worse = Estimate(math.exp(look.seen.value - look.middle), 0.0,
                             math.inf)
        row.mde = math.expm1(look.limit)
        if not look.out:
            row.verdict = UNCHANGED
        elif memory.held and look.out == memory.held[-1][1]:
            row.verdict = REGRESSED if look.out > 0 else IMPROVED
        else:
            row.reason = ("out of its normal for the first time; the next "
                          "run decides")
        return row

    def _ask_all(self, looks: Sequence[Look]) -> None:
        """Was it the machine?"""
        out, (count, share) = sum(bool(k.out) for k in looks), MANY
        self.together = []
        if out > max(count, share * len(looks)):
            self.together.append(
                f"{out} of {len(looks)} cells left their normal together: the "
                "machine moved, or something that all of them share")

    def _share(self, p: Point, shifts: Dict[str, float]) -> None:
        """What all cells share.  It drifts for minutes, so that some runs in
        a row tell little of how far it may go."""
        self.apart, self.far = 0.0, ""
        if len(shifts) <= FEW:
            return
        values = here(self.shared, p.canary)
        self.apart = median(shifts.values())
        middle, limit = (limits(values, SHARED) if len(values) >= WINDOW
                         else (0.0, math.log1p(UNKNOWN)))
        if abs(self.apart - middle) > limit:
            self.far = (
                "all cells together are "
                f"{100 * math.expm1(abs(self.apart)):.0f} % "
                f"{'slower' if self.apart > 0 else 'faster'} than normal: the "
                "machine moved, or something that all of them share")
        self.shared = [*self.shared, Seen(self.apart, p.canary)][-KEPT:]

    def _learn(self, look: Look) -> None:
        if self.together:
            look.memory.forgive()
        if self.together or not look.known:
            look.memory.keep(look.seen)
        else:
            look.memory.learn(look.seen, look.out)

    def accept(self, cell: str) -> None:
        """From here on what is out of a cell's normal is its normal."""
        for (name, _, _), memory in self.cells.items():
            if cell == name and memory.held:
                memory.settle()

    def step(self, p: Point) -> List[Row]:
        """Judge a run, then learn from it."""
        shifts = self._shifts(p)
        looks = [self._look(p, cell, shifts) for cell in p.cells]
        rows = [self._row(look) for look in looks]
        self._ask_all(looks)
        self._share(p, shifts)
        for row in rows:
            if self.together and row.verdict in (REGRESSED, IMPROVED):
                row.verdict = INCONCLUSIVE
        for look in looks:
            self._learn(look)
        return rows
