"""Five verdicts, and when a whole comparison proves nothing.

regressed     the exact test, adjusted by Holm, says worse by more than the
              margin
improved      the mirror test
unchanged     the 95 % interval lies inside the margin on both sides
inconclusive  none of these
invalid       too few pairs, failed trials, lost bytes, the machine moved
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Sequence, Tuple, Union

from .evidence import BETTER, WORSE, Groups, Pairs, log_ratios, logs
from .paired import Estimate, holm

REGRESSED, IMPROVED, UNCHANGED = "regressed", "improved", "unchanged"
INCONCLUSIVE, INVALID = "inconclusive", "invalid"
VERDICTS = (REGRESSED, IMPROVED, UNCHANGED, INCONCLUSIVE, INVALID)

Evidence = Union[Pairs, Groups]
Key = Tuple[str, str, str]

# Margins by kind of metric, as fractions; a metric's own name wins.
DEFAULT_MARGINS = {"p50": 0.05, "per_s": 0.05, "p99": 0.10}
OTHER_MARGIN = 0.05


@dataclass(frozen=True)
class Rules:
    """What is promised, and when the answer is "not proven"."""

    alpha: float = 0.05             # of a whole family
    screen_p: float = 0.10          # each cell, before confirming
    confidence: float = 0.95        # of the intervals shown
    least_measured: float = 0.95    # share of the expected cells
    blind_mde: float = 0.30         # a cell that cannot see this is blind
    most_blind: float = 0.25        # share of blind cells
    most_confirm: int = 20          # fresh pairs that a cell may get
    margins: Dict[str, float] = field(default_factory=dict)

    def margin(self, metric: str) -> float:
        """The margin of a metric, as a fraction."""
        for table in (self.margins, DEFAULT_MARGINS):
            if metric in table:
                return table[metric]
            for kind in sorted(table):
                if metric.endswith("_" + kind):
                    return table[kind]
        return OTHER_MARGIN


@dataclass
class Sample:
    """One gate metric of one cell on both sides.

    `paired`: base[i] and new[i] belong together.  `fault`: why it cannot be
    judged, whatever it holds.  `lost`: pairs dropped, `failed`: trials that
    ended badly.
    """

    cell: str
    metric: str
    unit: str
    better: str                 # lower or higher
    base: List[float]
    new: List[float]
    fault: str = ""
    ids: Tuple[str, str] = ("", "")     # of the cell on both sides
    label: str = ""             # its name for people
    paired: bool = True
    lost: int = 0
    failed: int = 0

    @property
    def name(self) -> str:
        return self.label or self.cell

    def key(self) -> Tuple[str, str, str]:
        """The same in another file of the same comparison."""
        a, b = self.ids if any(self.ids) else (self.cell, self.cell)
        return a, b, self.metric

    def problem(self) -> str:
        """Why this cannot be judged; "" if it can."""
        if self.fault:
            return self.fault
        if self.better not in ("lower", "higher"):
            return f"{self.metric} has no better side"
        if not self.base or not self.new:
            return "nothing measured"
        if any(not (v > 0 and math.isfinite(v)) for v in self.base + self.new):
            return f"{self.metric} is not above zero"
        return ""

    def evidence(self) -> Evidence:
        """What a test may ask; only without a problem."""
        if self.paired:
            return Pairs(tuple(log_ratios(self.base, self.new, self.better)))
        return Groups(tuple(logs(self.base, self.better)),
                      tuple(logs(self.new, self.better)))


@dataclass
class Row:
    """What is said about one cell.  `worse` is a ratio, above 1 is worse."""

    sample: Sample
    stage: str                  # "screen", "confirm" or "only"
    margin: float
    verdict: str
    reason: str = ""
    worse: Estimate = Estimate(math.nan, 0.0, math.inf)
    p: Optional[float] = None           # of the direction that was tested
    p_adjusted: Optional[float] = None
    mde: float = math.inf

    @property
    def tested(self) -> bool:
        """Its verdict is one of the four that were earned."""
        return self.verdict != INVALID

    def ratio(self) -> Estimate:
        """New over base as the metric is printed, not as it is judged."""
        if self.sample.better != "higher":
            return self.worse
        inverse = [1 / v if v else math.inf for v in self.worse]
        return Estimate(inverse[0], inverse[2], inverse[1])

    def invalidate(self, reason: str) -> None:
        """Keep the numbers, take the verdict back."""
        self.verdict, self.reason = INVALID, reason
        self.p = self.p_adjusted = None


def look(sample: Sample, rules: Rules, stage: str, tests: int) -> Row:
    """A row without a test: unchanged, inconclusive or invalid.

    `tests` is how many share the error rate, for the smallest slow-down it
    could have seen.
    """
    margin = rules.margin(sample.metric)
    problem = sample.problem()
    if problem:
        return Row(sample, stage, margin, INVALID, problem)
    evidence = sample.evidence()
    worse = evidence.estimate(rules.confidence)
    inside = worse.lo >= 1 / (1 + margin) and worse.hi <= 1 + margin
    return Row(sample, stage, margin, UNCHANGED if inside else INCONCLUSIVE,
               worse=worse, mde=evidence.mde(margin, tests, rules.alpha))


def _test(rows: Sequence[Row], direction: str, rules: Rules) -> None:
    """One family in one direction: p, Holm, verdict."""
    found = REGRESSED if direction == WORSE else IMPROVED
    ps = [r.sample.evidence().p(direction, r.margin) for r in rows]
    for row, p, adjusted in zip(rows, ps, holm(ps)):
        if row.p is None or p < row.p:
            row.p, row.p_adjusted = p, adjusted
        if adjusted <= rules.alpha:
            row.verdict = found


def judge(samples: Sequence[Sample], rules: Rules, stage: str = "only",
          directions: Optional[Dict[Key, str]] = None) -> List[Row]:
    """Judge a family.  With `directions` each sample is tested only the way
    an earlier, independent look pointed; both ways are a family of their own.
    """
    ways: Dict[str, List[Sample]] = {WORSE: [], BETTER: []}
    for sample in samples:
        if sample.problem():
            continue
        for way in ways:
            if directions is None or directions[sample.key()] == way:
                ways[way].append(sample)
    tests = max(1, *map(len, ways.values()))
    rows = {s.key(): look(s, rules, stage, tests) for s in samples}
    for row in rows.values():
        if row.verdict != INVALID:
            shortage = row.sample.evidence().shortage(tests, rules.alpha)
            if shortage:
                row.invalidate(shortage)
    for way, members in ways.items():
        family = [rows[s.key()] for s in members]
        _test([r for r in family if r.verdict != INVALID], way, rules)
    return list(rows.values())
