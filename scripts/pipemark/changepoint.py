"""Change points of a series of runs: weighted rank CUSUM.

Ranks make the null distribution depend on the length alone, so critical
values come as one small table.  It is for annotation of a history: it never
finds a step that fewer than five points follow.  Standard library only.
"""

from __future__ import annotations

import math
from statistics import median
from typing import Dict, Iterator, List, Sequence, Tuple

from .paired import doubled_midranks

MIN_SEGMENT = 4     # points on each side of a step
SHORTEST_WINDOW = 20    # looked at by itself
MIN_STEP = 0.03     # smaller steps are real perhaps, and of no interest


def largest_step(doubled_ranks: Sequence[int]) -> Tuple[float, int]:
    """The largest standardised CUSUM and where the new level starts."""
    n = len(doubled_ranks)
    total, best, at = 0, -1.0, 0
    for t in range(1, n - MIN_SEGMENT + 1):
        total += doubled_ranks[t - 1]
        if t < MIN_SEGMENT:
            continue
        spread = math.sqrt(t * (n - t) * (n + 1) / 12)
        z = abs(total / 2 - t * (n + 1) / 2) / spread
        if z > best:
            best, at = z, t
    return best, at


# Length of the series: critical values at 1 % and at 0.1 %, rounded up.  From
# 400,000 permutations of each length (100,000 above 100, 40,000 above 500).
# The test simulates some of them again.
_CRITICAL: Dict[int, Tuple[float, float]] = {
    8: (2.310, 2.310), 9: (2.450, 2.450), 10: (2.559, 2.612),
    11: (2.646, 2.739), 12: (2.718, 2.883), 13: (2.778, 3.001),
    14: (2.829, 3.099), 15: (2.829, 3.182), 16: (2.889, 3.254),
    17: (2.915, 3.272), 18: (2.908, 3.306), 19: (2.963, 3.348),
    20: (2.972, 3.382), 21: (2.985, 3.412), 22: (3.004, 3.419),
    23: (3.024, 3.465), 24: (3.045, 3.491), 25: (3.058, 3.504),
    26: (3.087, 3.530), 27: (3.087, 3.543), 28: (3.103, 3.567),
    29: (3.112, 3.579), 30: (3.118, 3.604), 32: (3.139, 3.619),
    36: (3.179, 3.658), 40: (3.208, 3.711), 50: (3.268, 3.783),
    60: (3.310, 3.861), 80: (3.374, 3.913), 100: (3.409, 3.969),
    150: (3.481, 4.046), 200: (3.499, 4.083), 300: (3.567, 4.140),
    500: (3.623, 4.211), 1000: (3.708, 4.328), 2000: (3.718, 4.204),
}
_LEVELS = (0.01, 0.001)


def critical_value(n: int, alpha: float = 0.001) -> float:
    """What the largest step of n points must exceed.

    A length that is not in the table takes the next longer one.
    """
    column = _LEVELS.index(alpha)
    for length, values in _CRITICAL.items():
        if length >= n:
            return values[column]
    return max(values[column] for values in _CRITICAL.values())


def _windows(n: int) -> Iterator[Tuple[int, int]]:
    """The whole series, then overlapping windows of half the length, and so
    on: a rise and a fall cancel in the ranks of the whole."""
    yield 0, n
    length = n // 2
    while length >= SHORTEST_WINDOW:
        for first in range(0, n - length + 1, max(1, length // 2)):
            yield first, first + length
        length //= 2


def _significant_step(series: Sequence[float], alpha: float) -> int:
    """Where the largest step of a series is; 0 if it is not significant."""
    if len(series) < 2 * MIN_SEGMENT:
        return 0
    z, at = largest_step(doubled_midranks(series))
    return at if z > critical_value(len(series), alpha) else 0


def _split(series: Sequence[float], alpha: float, offset: int) -> List[int]:
    """Places near which levels change; recurses on both sides of the first."""
    for first, end in _windows(len(series)):
        step = _significant_step(series[first:end], alpha)
        if step:
            at = first + step
            return (_split(series[:at], alpha, offset) + [offset + at]
                    + _split(series[at:], alpha, offset + at))
    return []


def segment(series: Sequence[float], alpha: float = 0.001) -> List[int]:
    """Where new levels start, of any size.

    A first split is pulled aside by the other steps of the series, so each
    place is looked for again between its neighbours, until none moves.
    """
    starts = _split(series, alpha, 0)
    for _ in range(len(starts) + 4):
        bounds = [0] + starts + [len(series)]
        moved = []
        for i in range(len(starts)):
            first = moved[-1] if moved else 0
            step = _significant_step(series[first:bounds[i + 2]], alpha)
            if step:
                moved.append(first + step)
        if moved == starts:
            break
        starts = moved
    return starts


def change_points(series: Sequence[float], alpha: float = 0.001,
                  min_step: float = MIN_STEP) -> List[int]:
    """Index of the first point of each new level; small steps are dropped."""
    starts = segment(series, alpha)
    bounds = [0] + starts + [len(series)]
    kept = []
    for i, start in enumerate(starts):
        before = median(series[bounds[i]:start])
        after = median(series[start:bounds[i + 2]])
        if abs(after - before) >= min_step * abs(before):
            kept.append(start)
    return kept
