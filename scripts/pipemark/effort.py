"""How many pairs a comparison takes: as many as it needs to see something.

Only the screen decides, and nothing of the screen is used again, so looking
longer where launches scatter costs no false alarms.  The number of confirming
pairs is fixed before the first of them is measured.
"""

from __future__ import annotations

import math
from typing import Container, Iterable, List, Sequence

from .paired import distance, mde_screened, stretched
from .verdict import Key, Rules, Sample

SCREEN_PAIRS = 10
CONFIRM_PAIRS = 20
MOST_SCREEN = 40
MOST_CONFIRM = 60
SEE = 0.15          # a slow-down that every cell shall show, if it can be had


def aim(margin: float) -> float:
    """The slow-down to be able to see: no use below twice the margin."""
    return max(SEE, 2 * margin)


def confirm_pairs(d: Sequence[float], margin: float, tests: int,
                  rules: Rules) -> int:
    """Fresh pairs that would show the aim, going by the pairs of a screen:
    a bound comes closer with the root of their number."""
    reach = stretched(distance(d, rules.alpha / tests))
    room = math.log1p(aim(margin)) - math.log1p(margin)
    if not math.isfinite(reach):
        return rules.most_confirm
    wanted = math.ceil(len(d) * (reach / room) ** 2)
    return max(min(CONFIRM_PAIRS, rules.most_confirm),
               min(rules.most_confirm, wanted))


def could_see(sample: Sample, tests: int, rules: Rules,
              confirm: int = 0) -> float:
    """The smallest slow-down that the screen would have sent on and that
    `confirm` fresh pairs would have shown; 0: as many as it would take."""
    d, margin = sample.evidence().d, rules.margin(sample.metric)
    return mde_screened(d, margin, tests, confirm or confirm_pairs(
        d, margin, tests, rules), rules.screen_p, rules.alpha)


def unseen(samples: Iterable[Sample], chosen: Container[Key],
           rules: Rules, tests: int) -> List[Key]:
    """Cells that look the same, and would have if they were not."""
    found = []
    for s in samples:
        if (s.key() not in chosen and not s.problem()
                and len(s.base) < MOST_SCREEN and could_see(s, tests, rules)
                > aim(rules.margin(s.metric))):
            found.append(s.key())
    return found


def pairs_for(samples: Iterable[Sample], chosen: Container[Key],
              rules: Rules, tests: int) -> int:
    """Confirming pairs for all that was chosen: those of the worst of them."""
    return max([confirm_pairs(s.evidence().d, rules.margin(s.metric), tests,
                              rules)
                for s in samples if s.key() in chosen],
               default=CONFIRM_PAIRS)
