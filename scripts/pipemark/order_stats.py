"""Median and its interval by order statistics: no assumption on the shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb
from typing import Optional, Sequence

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """k samples; lo..hi is the 95 % interval of the median, None below 6."""

    k: int
    median: float
    lo: Optional[float]
    hi: Optional[float]
    min: float
    max: float


@lru_cache(maxsize=None)
def interval_rank(k: int) -> int:
    """The r for which the r-th smallest and r-th largest of k samples hold
    the median with at least 95 %; 0 if no r does (k below 6)."""
    tail, r = 0, 0
    while r < k // 2:
        tail += comb(k, r)
        if 1 - 2 * tail / 2**k < CONFIDENCE:
            break
        r += 1
    return r


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two in the middle."""
    ranked = sorted(values)
    half, odd = divmod(len(ranked), 2)
    if odd:
        return ranked[half]
    low, high = ranked[half - 1], ranked[half]
    return low if low == high else (low + high) / 2


def estimate(values: Sequence[float]) -> Estimate:
    """Of at least one value. Values are returned as the objects they are, so
    numbers that remember their notation keep it."""
    ranked = sorted(values)
    k = len(ranked)
    r = interval_rank(k)
    return Estimate(
        k=k,
        median=median(ranked),
        lo=ranked[r - 1] if r else None,
        hi=ranked[k - r] if r else None,
        min=ranked[0],
        max=ranked[-1],
    )
