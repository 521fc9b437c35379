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

from .evidence import BETTER, WORSE, Groups, Pairs, log_ratios
from .paired import Estimate, holm

REGRESSED, IMPROVED, UNCHANGED = "regressed", "improved", "unchanged"
INCONCLUSIVE, INVALID = "inconclusive", "invalid"
VERDICTS = (REGRESSED, IMPROVED, UNCHANGED, INCONCLUSIVE, INVALID)

Evidence = Union[Pairs, Groups]

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
    """One gate metric of one cell on both sides."""

    cell: str                   # id
    metric: str
    unit: str
    better: str                 # lower or higher
    base: List[float]
    new: List[float]
    fault: str = ""             # why it cannot be judged, whatever it holds
    evidence: Optional[Evidence] = None

    def __post_init__(self) -> None:
        if self.better not in ("lower", "higher"):
            self.fault = self.fault or f"{self.metric} has no better side"
        if any(not (v > 0 and math.isfinite(v)) for v in self.base + self.new):
            self.fault = self.fault or f"{self.metric} is not above zero"
        if self.evidence is None and not self.fault:
            self.evidence = Pairs(
                tuple(log_ratios(self.base, self.new, self.better)))

    def key(self) -> Tuple[str, str]:
        return self.cell, self.metric


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

    `tests` is how many would have shared the error rate: for the smallest
    slow-down it could have seen.
    """
    row = Row(sample, stage, rules.margin(sample.metric), INVALID)
    if sample.fault or sample.evidence is None or not len(sample.evidence):
        row.reason = sample.fault or "nothing measured"
        return row
    row.worse = sample.evidence.estimate(rules.confidence)
    row.mde = sample.evidence.mde(row.margin, max(1, tests), rules.alpha)
    inside = (row.worse.lo >= 1 / (1 + row.margin)
              and row.worse.hi <= 1 + row.margin)
    row.verdict = UNCHANGED if inside else INCONCLUSIVE
    return row


def _test(rows: Sequence[Row], direction: str, rules: Rules) -> None:
    """One family in one direction: p, Holm, verdict."""
    found = REGRESSED if direction == WORSE else IMPROVED
    ps = [r.sample.evidence.p(direction, r.margin) for r in rows]
    for row, p, adjusted in zip(rows, ps, holm(ps)):
        if row.p is None or p < row.p:
            row.p, row.p_adjusted = p, adjusted
        if adjusted <= rules.alpha:
            row.verdict = found


def judge(samples: Sequence[Sample], rules: Rules, stage: str = "only",
          directions: Optional[Dict[Tuple[str, str], str]] = None
          ) -> List[Row]:
    """Judge a family.  With `directions` each sample is tested only the way
    an earlier, independent look pointed; both ways are a family of their own.
    """
    wanted = {WORSE: [], BETTER: []}    # type: Dict[str, List[Sample]]
    for sample in samples:
        if not sample.fault:
            for way in ([directions[sample.key()]] if directions is not None
                        else (WORSE, BETTER)):
                wanted[way].append(sample)
    tests = max(len(wanted[WORSE]), len(wanted[BETTER]))
    rows = {}
    for sample in samples:
        row = look(sample, rules, stage, tests)
        if row.verdict != INVALID:
            shortage = sample.evidence.shortage(tests, rules.alpha)
            if shortage:
                row.invalidate(shortage)
        rows[sample.key()] = row
    for way, members in wanted.items():
        family = [rows[s.key()] for s in members]
        _test([r for r in family if r.verdict != INVALID], way, rules)
    return list(rows.values())
