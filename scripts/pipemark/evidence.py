"""What can be asked of two sets of numbers, whichever way they were made.

`Pairs` are launches back to back; `Groups` are whole runs on both sides.
Differences are logarithms, d > 0 is worse, whatever the metric.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import List, Sequence, Tuple

from . import paired, ranksum
from .paired import Estimate

WORSE, BETTER = "worse", "better"


def log_ratios(base: Sequence[float], new: Sequence[float],
               better: str) -> List[float]:
    """ln(new / base) of each pair, positive where new is worse."""
    sign = -1.0 if better == "higher" else 1.0
    return [sign * math.log(y / x) for x, y in zip(base, new)]


def logs(values: Sequence[float], better: str) -> List[float]:
    """Logarithms, larger is worse."""
    sign = -1.0 if better == "higher" else 1.0
    return [sign * math.log(v) for v in values]


@dataclass(frozen=True)
class Pairs:
    """Evidence of pairs: exact signed-rank test."""

    d: Tuple[float, ...]

    def __len__(self) -> int:
        return len(self.d)

    def p(self, direction: str, tau: float) -> float:
        """Of H0: not worse (not better) by more than the margin."""
        d = self.d if direction == WORSE else [-v for v in self.d]
        return paired.signed_rank_p(d, tau)

    def estimate(self, confidence: float) -> Estimate:
        return paired.estimate(self.d, confidence)

    def mde(self, tau: float, tests: int, alpha: float) -> float:
        return paired.mde(self.d, tau, tests, alpha)

    def shortage(self, tests: int, alpha: float) -> str:
        """Why nothing could be found at all, or ""."""
        needed = paired.min_pairs(tests, alpha)
        if len(self.d) >= needed:
            return ""
        return f"too few pairs: {len(self.d)}, needs {needed}"


@dataclass(frozen=True)
class Groups:
    """Evidence of whole runs, unpaired: exact rank-sum test."""

    base: Tuple[float, ...]
    new: Tuple[float, ...]

    def __len__(self) -> int:
        return min(len(self.base), len(self.new))

    def p(self, direction: str, tau: float) -> float:
        """Of H0: not worse (not better) by more than the margin."""
        shift = math.log1p(tau)
        if direction == WORSE:
            return ranksum.rank_sum_p(self.base, self.new, shift)
        return ranksum.rank_sum_p([-v for v in self.base],
                                  [-v for v in self.new], shift)

    def estimate(self, confidence: float) -> Estimate:
        return ranksum.estimate(self.base, self.new, confidence)

    def mde(self, tau: float, tests: int, alpha: float) -> float:
        return ranksum.mde(self.base, self.new, tau, tests, alpha)

    def shortage(self, tests: int, alpha: float) -> str:
        """Why nothing could be found at all, or ""."""
        n, m = len(self.base), len(self.new)
        if n and m and tests <= ranksum.most_tests(n, m, alpha):
            return ""
        return (f"too few runs: {n} against {m}, "
                f"for {tests} comparison{'s' if tests != 1 else ''}")
