"""Histograms of a result file: log-linear, index for index HdrHistogram's."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

TOP_BITS = 40  # values from 2^40 ns (18 minutes) are counted in `over`
MIN_SAMPLES = 10  # a quantile q needs MIN_SAMPLES / (1 - q) values


def lower(index: int, sub: int) -> int:
    """Lower edge of bucket `index`, in ns; that of index + 1 is its upper."""
    s = 1 << sub
    if index < 2 * s:
        return index
    octave = index // s - 1
    return (index - octave * s) << octave


def enough(n: int, q: float) -> bool:
    """Are n values enough to speak of their quantile q?"""
    return n * (1 - q) >= MIN_SAMPLES * (1 - 1e-9)


@dataclass
class Hist:
    """One distribution: exact n, min, max, sum (ns), and the non-empty
    buckets as rising `indexes` with their `counts`.

    `n` includes `over`, the values beyond the last bucket.
    """

    sub: int
    n: int
    over: int
    min: Optional[int]
    max: Optional[int]
    sum: float
    indexes: Sequence[int]
    counts: Sequence[int]

    @classmethod
    def parse(cls, record: Dict[str, Any]) -> "Hist":
        """From the `hist` member of a trial; ValueError if it contradicts
        itself."""
        pairs = record["b"]
        steps, counts = pairs[::2], pairs[1::2]
        h = cls(
            sub=int(record["sub"]),
            n=int(record["n"]),
            over=int(record.get("over") or 0),
            min=record.get("min"),
            max=record.get("max"),
            sum=record.get("sum") or 0,
            indexes=array("q", accumulate(steps)),
            counts=array("q", counts),
        )
        if not 1 <= h.sub <= 20:
            raise ValueError(f"histogram with sub {h.sub}")
        if len(pairs) % 2 or sum(counts) != h.n - h.over or h.over < 0:
            raise ValueError("histogram counts do not add up to n")
        if pairs and (min(counts) < 0 or min(steps[1:], default=1) < 1):
            raise ValueError("histogram with a negative count or step")
        if pairs and not 0 <= steps[0] <= h.indexes[-1] < 65 << h.sub:
            raise ValueError("histogram with a bucket that does not exist")
        if isinstance(h.sum, bool) or not isinstance(h.sum, (int, float)):
            raise ValueError("histogram with a sum that is no number")
        if h.n and not (_whole(h.min) and _whole(h.max) and h.min <= h.max):
            raise ValueError("histogram without min and max")
        return h

    def buckets(self) -> List[Tuple[int, int, int]]:
        """(lower edge, upper edge, count) of the non-empty buckets, rising."""
        sub = self.sub
        return [
            (lower(i, sub), lower(i + 1, sub), c)
            for i, c in zip(self.indexes, self.counts)
            if c
        ]

    def mean(self) -> Optional[float]:
        """Exact mean in ns; None when empty."""
        return self.sum / self.n if self.n else None

    def quantiles(self, qs: Sequence[float]) -> List[float]:
        """Values at the shares qs, in ns: linear inside a bucket, held between
        min and max. The histogram must not be empty. Says nothing about
        whether n is large enough: see `enough`."""
        assert self.n and self.min is not None and self.max is not None
        ends = list(accumulate(self.counts))
        return [self._at(q * self.n, ends) for q in qs]

    def _at(self, rank: float, ends: List[int]) -> float:
        assert self.min is not None and self.max is not None
        i = bisect_left(ends, rank)
        while i < len(ends) and not self.counts[i]:
            i += 1
        if i == len(ends):
            return float(self.max)
        lo = lower(self.indexes[i], self.sub)
        hi = lower(self.indexes[i] + 1, self.sub)
        count = self.counts[i]
        value = lo + (hi - lo) * (rank - (ends[i] - count)) / count
        return float(min(max(value, self.min), self.max))

    def octave_counts(self, per_octave_bits: int) -> Dict[int, int]:
        """Counts by coarser buckets, 2^per_octave_bits to an octave: key k
        starts at lower(k, per_octave_bits)."""
        shift = self.sub - per_octave_bits
        coarse: Dict[int, int] = {}
        for i, count in zip(self.indexes, self.counts):
            key = _coarser(i, self.sub, shift)
            coarse[key] = coarse.get(key, 0) + count
        return coarse


def merge(parts: Iterable[Hist]) -> Optional[Hist]:
    """All parts as one new histogram; None if there are none, ValueError if
    their layouts differ."""
    every = list(parts)
    if not every:
        return None
    if len({h.sub for h in every}) > 1:
        raise ValueError("histograms of different precision cannot be merged")
    counts: Dict[int, int] = {}
    for h in every:
        for i, count in zip(h.indexes, h.counts):
            counts[i] = counts.get(i, 0) + count
    indexes = sorted(counts)
    return Hist(
        sub=every[0].sub,
        n=sum(h.n for h in every),
        over=sum(h.over for h in every),
        min=min((h.min for h in every if h.min is not None), default=None),
        max=max((h.max for h in every if h.max is not None), default=None),
        sum=sum(h.sum for h in every),
        indexes=array("q", indexes),
        counts=array("q", (counts[i] for i in indexes)),
    )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _coarser(index: int, sub: int, shift: int) -> int:
    """The index, in a layout with sub - shift bits, of the bucket that holds
    this one."""
    value, bits = lower(index, sub), sub - shift
    octave = max(value.bit_length() - 1 - bits, 0)
    return (value >> octave) + (octave << bits)
