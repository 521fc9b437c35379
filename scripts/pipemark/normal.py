"""What is normal for a cell of one machine, learned run by run.

No p value: runs of a history drift together and are few.  A run is compared
with those in which the machine itself was alike, as its canaries tell: a guest
whose two CPUs share one core today is another machine.  What cells share in a
run is judged by itself, for it is the machine as a rule, and taken out of each
of them if that leaves less doubt.

A cell is out of its normal when it left the reference by more than the margin,
by more than three times the scatter from run to run, and further than the
reference itself ever strayed; all of it times so much more, in a run whose
other cells are near their limits too.  Out twice in a row is a finding; once
is a question, and measuring again at once would only confirm a drift.
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
MANY = 2, 0.05      # more cells and a larger share than this: the machine
FEW = 3             # cells, or nothing is said of what they share
CALM = 0.4          # of their limits is where half of a run's cells may be
SHARED = 0.05       # what all cells may move together and be the same machine
UNKNOWN = 0.20      # the same as long as too few runs tell

LEARNS = "learning"
ALL = "every metric"

Key = Tuple[str, str, int]      # cell, metric, version of its workload
State = Dict[str, float]        # levels of the canaries


class Seen(NamedTuple):
    """One run's value, a logarithm, the more the worse."""

    value: float
    state: State
    run: int = 0


def scatter(values: Sequence[float]) -> float:
    """Robust standard deviation."""
    middle = median(values)
    return 1.4826 * median([abs(v - middle) for v in values])


def limits(values: Sequence[float], margin: float, typical: float = 0.0,
           elsewhere: Sequence[float] = ()) -> Tuple[float, float]:
    """(the middle, how far from it is normal).  The scatter of few values is
    small by chance at times: it is no less than what is typical of such cells,
    and as long as the values are very few, than that of other states."""
    middle = median(values)
    strayed = sorted((abs(v - middle) for v in values), reverse=True)
    # One run of many may have been anything.
    furthest = strayed[1 if len(strayed) > LEARNING else 0]
    wide = max(scatter(values), typical)
    if len(values) < LEARNING and elsewhere:
        wide = max(wide, scatter(elsewhere))
    return middle, max(math.log1p(margin), SCATTERS * wide, furthest)


def here(reference: Sequence[Seen], state: State) -> List[Seen]:
    """The newest runs in which the machine was as it is now."""
    return [s for s in reference if canary.alike(s.state, state)][-WINDOW:]


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
        by = median([seen.value - median(
            [s.value for s in here(self.reference, seen.state)
             or self.reference]) for seen, _ in self.held])
        self.reference = [s._replace(value=s.value + by)
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
class Way:
    """One way to see a cell: its reference, and how far from the middle this
    run is and others may be."""

    values: List[float]
    now: float
    scatter: float
    by: float = 0.0
    limit: float = math.inf

    @property
    def stray(self) -> float:
        return abs(self.by) / self.limit


@dataclass
class Look:
    """One cell of one run beside its reference."""

    cell: str
    level: Level
    seen: Seen
    memory: Memory
    values: List[float]     # of the reference, in this state of the machine
    shifts: Dict[int, float]    # run by run, this one too, from their middle
    elsewhere: Sequence[float] = ()     # if few: how they scatter in others
    ways: List[Way] = field(default_factory=list)   # if known

    @property
    def known(self) -> bool:
        count = len(self.values)
        return (count >= STATE_LEARNING
                and count + len(self.elsewhere) >= LEARNING)

    @property
    def wanted(self) -> int:
        """How many runs in this state would do, as far as is known."""
        if len(self.values) < STATE_LEARNING:
            return STATE_LEARNING
        return LEARNING - len(self.elsewhere)

    @property
    def way(self) -> Way:
        """The one that leaves the least doubt."""
        return min(self.ways, key=lambda way: way.limit)

    @property
    def out(self) -> int:
        """On which side of its normal: 1 worse, -1 better, 0 in it."""
        if not self.known or self.way.stray <= 1:
            return 0
        return 1 if self.way.by > 0 else -1

    def see(self, like: Sequence["Look"], every: Sequence["Look"]) -> None:
        """As it is, without what the others moved by, and without what those
        like it did.  These may be two: one voice says that nothing moved, so
        that no single one decides."""
        now = self.seen.run
        for others, still in (([], [0.0]), (like, [0.0]), (every, [])):
            apart = {run: by - median([k.shifts[run] for k in others
                                       if run in k.shifts] + still or [0.0])
                     for run, by in self.shifts.items()}
            values = [v for run, v in apart.items() if run != now]
            self.ways.append(Way(values, apart[now], scatter(values)))


def groups(looks: Sequence[Look]) -> Dict[str, List[Look]]:
    """Cells that a state of the machine moves alike: those of one metric, and
    all of them where a metric has few."""
    found: Dict[str, List[Look]] = {}
    for look in looks:
        if look.shifts:
            found.setdefault(look.level.metric, []).append(look)
    every = [look for some in found.values() for look in some]
    few = {name for name, some in found.items() if len(some) < FEW}
    for name in few:
        del found[name]
    if few and len(every) > FEW:
        found[ALL] = every
    return found


def bound(looks: Sequence[Look], margins: Sequence[float]) -> None:
    """Set how far each cell may be from its middle; further where the others
    of this run are far from theirs, too."""
    for ways in zip(*[look.ways for look in looks]):
        scatters: Dict[str, List[float]] = {}
        for look, way in zip(looks, ways):
            scatters.setdefault(look.level.metric, []).append(way.scatter)
        typical = {metric: median(some) if len(some) >= FEW else 0.0
                   for metric, some in scatters.items()}
        for look, way, margin in zip(looks, ways, margins):
            middle, way.limit = limits(way.values, margin,
                                       typical[look.level.metric],
                                       look.elsewhere)
            way.by = way.now - middle
        strays = [way.stray for way in ways]
        for i, way in enumerate(ways):
            others = strays[:i] + strays[i + 1:]
            if len(others) >= FEW:
                way.limit *= max(1.0, median(others) / CALM)


class Normal:
    """Every cell of one machine in one environment."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.runs = 0
        self.cells: Dict[Key, Memory] = {}
        self.shared: Dict[str, List[Seen]] = {}     # by cells of one metric
        self.together: List[str] = []   # why the last run was the machine
        self.apart: Dict[str, float] = {}   # what its cells shared
        self.far: List[str] = []        # that it was more than is normal

    def _look(self, p: Point, cell: str) -> Look:
        level = p.cells[cell]
        memory = self.cells.setdefault((cell, level.metric, level.version),
                                       Memory(level.better))
        seen = Seen(memory.number(level), p.canary, self.runs)
        runs = here(memory.reference, p.canary)
        values = [s.value for s in runs]
        look = Look(cell, level, seen, memory, values, {})
        if len(runs) >= STATE_LEARNING:
            middle = median(values)
            look.shifts = {s.run: s.value - middle for s in [*runs, seen]}
            if len(runs) < LEARNING:
                look.elsewhere = away(memory.reference, p.canary)
        return look

    def _see(self, looks: Sequence[Look],
             like: Dict[str, List[Look]]) -> None:
        """Each cell that is known, beside the others."""
        known = [look for look in looks if look.known]
        for look in known:
            every = [k for k in looks if k.shifts and k is not look]
            look.see([k for k in like.get(look.level.metric, like.get(ALL, []))
                      if k is not look], every if len(every) >= FEW else [])
        bound(known, [self.rules.margin(k.level.metric) for k in known])

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
                f"{LEARNS} {len(look.values)}/{look.wanted} in this state "
                "of the machine")
            return row
        row.worse = Estimate(math.exp(look.way.by), 0.0, math.inf)
        row.mde = math.expm1(look.way.limit)
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

    def _share(self, p: Point, alike: Dict[str, List[Look]]) -> None:
        """What the cells of one metric share.  It drifts for minutes, so that
        some runs in a row tell little of how far it may go."""
        self.apart, self.far = {}, []
        for name, like in alike.items():
            past = self.shared.setdefault(name, [])
            values = [s.value for s in here(past, p.canary)]
            by = self.apart[name] = median([k.shifts[self.runs]
                                            for k in like])
            middle, limit = (limits(values, SHARED) if len(values) >= WINDOW
                             else (0.0, math.log1p(UNKNOWN)))
            if abs(by - middle) > limit:
                self.far.append(
                    f"{name}: all cells together are "
                    f"{100 * math.expm1(abs(by)):.0f} % "
                    f"{'worse' if by > 0 else 'better'} than normal: the "
                    "machine moved, or something that all of them share")
            self.shared[name] = [*past, Seen(by, p.canary)][-KEPT:]

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
        self.runs += 1
        looks = [self._look(p, cell) for cell in p.cells]
        like = groups(looks)
        self._see(looks, like)
        rows = [self._row(look) for look in looks]
        self._ask_all(looks)
        self._share(p, like)
        for row in rows:
            if self.together and row.verdict in (REGRESSED, IMPROVED):
                row.verdict = INCONCLUSIVE
        for look in looks:
            self._learn(look)
        return rows
