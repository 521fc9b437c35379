"""Paired comparison, exact and distribution-free.  Standard library only.

A pair is one launch of the baseline and one of the candidate, back to back.
Its difference is d = ln(candidate / baseline), with the sign flipped where
higher is better, so d > 0 always means worse and ln(1 + tau) is a margin of
tau.  Nothing here knows files, metrics or verdicts.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import median
from typing import List, NamedTuple, Sequence

# (z(1-a) + z(.8)) / z(1-a) at a = 5e-4: from a bound to a detectable effect.
_POWER_STRETCH = 1.26
_SCREEN_STRETCH = 1.66      # the same at a = .10


class Estimate(NamedTuple):
    """A ratio, candidate over baseline, with its interval."""

    ratio: float
    lo: float
    hi: float


def doubled_midranks(values: Sequence[float]) -> List[int]:
    """Twice the mid-rank of each value: ties stay exact integers."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while (last + 1 < len(order)
               and values[order[last + 1]] == values[order[first]]):
            last += 1
        for place in range(first, last + 1):
            ranks[order[place]] = first + last + 2
        first = last + 1
    return ranks


def tail_count(packed: int, at_least: int, bits: int) -> int:
    """Sum of the coefficients of x^at_least and above.

    `packed` is a polynomial written as one integer, `bits` bits for each
    coefficient.  The sum of the digits of a number in base B equals the
    number modulo B - 1 as long as the sum is below B - 1, which the spare
    bits guarantee.
    """
    return (packed >> (at_least * bits)) % ((1 << bits) - 1)


def _sum_polynomial(ranks: Sequence[int], bits: int) -> int:
    """Product of (1 + x^r): how many sign patterns give each rank sum."""
    packed = 1
    for rank in ranks:
        packed += packed << (rank * bits)
    return packed


def signed_rank_p(d: Sequence[float], tau: float = 0.0) -> float:
    """Exact one-sided p for H0: the shift of d is at most ln(1 + tau).

    Conditional on the ranks found: every sign pattern is equally likely
    under H0 at its edge.  Zeros keep their rank and lose their vote (Pratt).
    """
    margin = math.log1p(tau)
    shifted = [v - margin for v in d]
    ranks = doubled_midranks([abs(v) for v in shifted])
    voting = [r for r, v in zip(ranks, shifted) if v != 0]
    if not voting:
        return 1.0
    positive = sum(r for r, v in zip(ranks, shifted) if v > 0)
    bits = len(voting) + 2
    packed = _sum_polynomial(voting, bits)
    return tail_count(packed, positive, bits) / (1 << len(voting))


@lru_cache(maxsize=None)
def _bound_index(n: int, alpha: float) -> int:
    """How many of the smallest Walsh averages an alpha bound leaves out."""
    bits = n + 2
    packed = _sum_polynomial(range(1, n + 1), bits)
    mask = (1 << bits) - 1
    below, index = 0, 0
    while index <= n * (n + 1) // 2:
        below += (packed >> (index * bits)) & mask
        if below / (1 << n) > alpha:
            break
        index += 1
    return index


def walsh_averages(d: Sequence[float]) -> List[float]:
    """The means of all pairs of values, each value with itself too, sorted."""
    return sorted((d[i] + d[j]) / 2
                  for i in range(len(d)) for j in range(i, len(d)))


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def estimate(d: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Hodges-Lehmann ratio and its exact interval.

    Too few pairs for the confidence asked: the interval is (0, infinity).
    """
    walsh = walsh_averages(d)
    index = _bound_index(len(d), (1 - confidence) / 2)
    middle = _exp(median(walsh))
    if index == 0:
        return Estimate(middle, 0.0, math.inf)
    return Estimate(middle, _exp(walsh[index - 1]), _exp(walsh[-index]))


def holm(ps: Sequence[float]) -> List[float]:
    """Holm's adjusted p values, in the order given."""
    adjusted = [0.0] * len(ps)
    running = 0.0
    for step, i in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        running = max(running, min(1.0, (len(ps) - step) * ps[i]))
        adjusted[i] = running
    return adjusted


def min_pairs(tests: int, alpha: float = 0.05) -> int:
    """Fewest pairs with which anything can be found among so many tests."""
    pairs = 0
    while tests > alpha * 2 ** pairs:
        pairs += 1
    return pairs


def distance(d: Sequence[float], level: float) -> float:
    """From the estimate down to its one-sided bound at this level; infinite
    if so few pairs have none."""
    index = _bound_index(len(d), level)
    if not index:
        return math.inf
    walsh = walsh_averages(d)
    return median(walsh) - walsh[index - 1]


def stretched(reach: float) -> float:
    """From the distance of a bound to an effect that is mostly found."""
    return _POWER_STRETCH * reach


def mde(d: Sequence[float], tau: float, tests: int,
        alpha: float = 0.05) -> float:
    """Smallest slow-down that would have been found, as a fraction.

    About 70 to 80 % power: the distance from the estimate to its one-sided
    bound at alpha / tests, stretched, on top of the margin.  Infinite below
    min_pairs.
    """
    return (1 + tau) * _exp(stretched(distance(d, alpha / tests))) - 1


def mde_screened(d: Sequence[float], tau: float, tests: int, confirm: int,
                 screen_p: float, alpha: float = 0.05) -> float:
    """The same for pairs of a screen, had it sent the cell on.

    A slow-down must be seen by the screen, and then by so many confirming
    pairs, whose bound is closer by the root of their number.
    """
    seen = _SCREEN_STRETCH * distance(d, screen_p)
    closer = math.sqrt(len(d) / confirm) if d else 1.0
    confirmed = math.log1p(tau) + closer * stretched(
        distance(d, alpha / tests))
    return _exp(max(seen, confirmed)) - 1


def binomial_bound(hits: int, draws: int, confidence: float = 0.95) -> float:
    """Exact upper bound of a rate (Clopper and Pearson, one-sided)."""
    if hits >= draws:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        tail = sum(math.comb(draws, k) * rate ** k * (1 - rate) ** (draws - k)
                   for k in range(hits + 1))
        low, high = (rate, high) if tail > 1 - confidence else (low, rate)
    return high
