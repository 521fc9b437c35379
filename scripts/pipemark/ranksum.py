"""Two independent groups of runs, compared by exact rank sums.

The unit is a whole run: launches inside one run share its drift and are no
independent evidence.  Standard library only.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import median
from typing import Sequence, Tuple

from .paired import Estimate, doubled_midranks, tail_count


def _choices(ranks: Sequence[int], chosen: int, bits: int) -> int:
    """How many ways to choose so many ranks give each sum, as a polynomial."""
    by_count = [1] + [0] * chosen
    for seen, rank in enumerate(ranks):
        for count in range(min(seen, chosen - 1), -1, -1):
            by_count[count + 1] += by_count[count] << (rank * bits)
    return by_count[chosen]


def rank_sum_p(base: Sequence[float], new: Sequence[float],
               shift: float = 0.0) -> float:
    """Exact one-sided p for H0: new is at most `shift` above base.

    Conditional on the ranks found, ties included.
    """
    if not base or not new:
        return 1.0
    values = list(base) + [v - shift for v in new]
    ranks = doubled_midranks(values)
    ways = math.comb(len(values), len(new))
    bits = ways.bit_length() + 2
    packed = _choices(ranks, len(new), bits)
    return tail_count(packed, sum(ranks[len(base):]), bits) / ways


def least_p(base_runs: int, new_runs: int) -> float:
    """The least p that so many runs can reach at all."""
    return 1 / math.comb(base_runs + new_runs, new_runs)


def most_tests(base_runs: int, new_runs: int, alpha: float = 0.05) -> int:
    """How many comparisons Holm lets so many runs serve."""
    return int(alpha * math.comb(base_runs + new_runs, new_runs) + 1e-9)


@lru_cache(maxsize=None)
def _bound_index(n: int, m: int, alpha: float) -> int:
    """How many of the smallest differences an alpha bound leaves out."""
    ways = math.comb(n + m, m)
    bits = ways.bit_length() + 2
    packed = _choices(range(1, n + m + 1), m, bits)
    packed >>= m * (m + 1) // 2 * bits
    mask = (1 << bits) - 1
    below, index = 0, 0
    while index <= n * m:
        below += (packed >> (index * bits)) & mask
        if below / ways > alpha:
            break
        index += 1
    return index


def _differences(base: Sequence[float],
                 new: Sequence[float]) -> Tuple[float, ...]:
    return tuple(sorted(y - x for x in base for y in new))


def estimate(base: Sequence[float], new: Sequence[float],
             confidence: float = 0.95) -> Estimate:
    """Hodges-Lehmann ratio of two groups of logarithms, and its interval."""
    diffs = _differences(base, new)
    index = _bound_index(len(base), len(new), (1 - confidence) / 2)
    middle = math.exp(median(diffs))
    if index == 0:
        return Estimate(middle, 0.0, math.inf)
    return Estimate(middle, math.exp(diffs[index - 1]),
                    math.exp(diffs[-index]))


def mde(base: Sequence[float], new: Sequence[float], tau: float, tests: int,
        alpha: float = 0.05) -> float:
    """Smallest slow-down that would have been found, as a fraction."""
    if not base or not new or tests > most_tests(len(base), len(new), alpha):
        return math.inf
    diffs = _differences(base, new)
    bound = diffs[_bound_index(len(base), len(new), alpha / tests) - 1]
    return (1 + tau) * math.exp(1.26 * (median(diffs) - bound)) - 1
