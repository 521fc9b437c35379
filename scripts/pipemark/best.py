"""Which of several configurations are best, and which cannot be told apart.

All of them ran in every round, in random order, so a round is a block that
shares its moment.  A configuration leaves the set when some other one beats
it in the exact signed-rank test over the rounds at alpha / (others).  Only
the tests of the truly best one can put it out wrongly, so it is in the set
with 1 - alpha, whoever leads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import Dict, List, Optional, Sequence

from .paired import Estimate, estimate, signed_rank_p

ALPHA = 0.05


@dataclass
class Entrant:
    """One configuration.  `worse[r]` is a logarithm, larger is worse, None
    where round r has no number."""

    name: str
    worse: List[Optional[float]]

    def level(self) -> float:
        """Median over the rounds; infinite without any."""
        values = [v for v in self.worse if v is not None]
        return median(values) if values else math.inf


def differences(one: Entrant, other: Entrant) -> List[float]:
    """How much worse `one` was, in the rounds that both have."""
    return [a - b for a, b in zip(one.worse, other.worse)
            if a is not None and b is not None]


def loss(one: Entrant, other: Entrant) -> Optional[Estimate]:
    """How many times worse `one` is, with its interval."""
    d = differences(one, other)
    return estimate(d) if d else None


def centred(entrants: Sequence[Entrant]) -> Dict[str, float]:
    """Each one's median after every round's own median is taken out."""
    rounds = range(max((len(e.worse) for e in entrants), default=0))
    middles = []
    for r in rounds:
        there = [e.worse[r] for e in entrants if e.worse[r] is not None]
        middles.append(median(there) if there else 0.0)
    found = {}
    for e in entrants:
        values = [v - m for v, m in zip(e.worse, middles) if v is not None]
        found[e.name] = median(values) if values else math.inf
    return found


def best_set(entrants: Sequence[Entrant], alpha: float = ALPHA
             ) -> List[Entrant]:
    """Those that nothing beats, best first."""
    limit = alpha / max(1, len(entrants) - 1)
    kept = []
    for one in entrants:
        if not any(v is not None for v in one.worse):
            continue
        beaten = any(signed_rank_p(differences(one, other)) <= limit
                     for other in entrants if other is not one)
        if not beaten:
            kept.append(one)
    levels = centred(entrants)
    return sorted(kept, key=lambda e: levels[e.name])
