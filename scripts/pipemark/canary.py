"""Did the machine itself change while it measured?

Once a round every run times things that are no pipe: a read of the clock, a
copy of 64 KiB, a wake-up between two threads, and how much of two CPUs others
take away.  Pairs cancel a drift that both launches share, so only a lasting
step counts: found by the rank CUSUM of the history view, and large.

Short bursts tell whether the machine became another one (clock, memory,
scheduler).  They do not feel a busy neighbour, which leaves most bursts
alone; the share of lost time does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import Any, Dict, List, Sequence, Set

from . import changepoint
from .units import number

LEVEL = 0.01


@dataclass(frozen=True)
class Series:
    """One number of the canary.  `least`: the smallest step that counts, as a
    ratio less 1 of a time and as it is of a share.  `near`: how far two runs
    may be apart and the machine still be in the same state."""

    what: str
    share: bool
    least: float
    near: float

    def text(self, value: float) -> str:
        return f"{100 * value:.0f} %" if self.share else number(value, "ns")

    def apart(self, one: float, other: float) -> bool:
        """Far enough from each other to count."""
        if self.share:
            return abs(one - other) >= self.least
        return max(one, other) / min(one, other) > 1 + self.least


SERIES = {
    "clock_read_ns": Series("a clock read took", False, 0.25, 0.25),
    "memcpy64k_ns": Series("a copy of 64 KiB took", False, 0.25, 0.25),
    "wake_ns": Series("a wake-up of a thread took", False, 0.50, 0.20),
    "bounce_ns": Series("a cache line took between CPUs", False, 0.50, 0.50),
    "lost_share": Series("others had of the CPUs", True, 0.10, 0.10),
}
# Two threads of one core or two cores.  The CPUs of a guest change it every
# minute or so, 70 and 370 ns on ours, and streams of small messages go four
# times faster on one core.  Both launches of a pair share it, so it is a state
# and no reason to doubt.
STATE = "bounce_ns"


def values(records: Sequence[Dict[str, Any]], name: str) -> List[float]:
    """One series in round order; rounds without it are left out."""
    least = 0.0 if SERIES[name].share else 1e-12
    return [float(r[name]) for r in records
            if isinstance(r.get(name), (int, float)) and r[name] >= least
            and math.isfinite(r[name])]


def medians(records: Sequence[Dict[str, Any]]) -> Dict[str, float]:
    """The level of a whole run, of each series that it has."""
    levels = {name: values(records, name) for name in SERIES}
    return {name: median(v) for name, v in levels.items() if v}


def main_rounds(records: Sequence[Dict[str, Any]]) -> Set[int]:
    """The rounds of one run in which the machine was in the state in which it
    mostly was; all of them, as far as nothing tells."""
    kind = SERIES[STATE]
    told = [(r["round"], v) for r in records for v in values([r], STATE)]
    states = [{n for n, v in told if not kind.apart(v, one)}
              for one in {v for _, v in told}]
    known = {n for n, _ in told}
    return (max(states, key=len, default=set())
            | {r["round"] for r in records if r["round"] not in known})


def moves(records: Sequence[Dict[str, Any]]) -> List[str]:
    """Each lasting step in one run, as a sentence; none is good."""
    found = []
    for name, kind in SERIES.items():
        series = values(records, name) if name != STATE else []
        for at in changepoint.segment(series, LEVEL):
            before, after = median(series[:at]), median(series[at:])
            if kind.apart(before, after):
                found.append(
                    f"the machine moved: {kind.what} {kind.text(before)} "
                    f"before round {at} of {len(series)} and "
                    f"{kind.text(after)} from there on")
    return found


def alike(one: Dict[str, float], other: Dict[str, float]) -> bool:
    """Levels of two runs in which the machine was in one state, as far as
    both can tell."""
    for name, kind in SERIES.items():
        if name in one and name in other:
            a, b = one[name], other[name]
            if (abs(a - b) > kind.near if kind.share
                    else max(a, b) > min(a, b) * (1 + kind.near)):
                return False
    return True


def differences(one: Dict[str, float], other: Dict[str, float],
                one_name: str, other_name: str, but: str = "") -> List[str]:
    """Levels of two runs that are not those of the same machine, in all
    series but one."""
    found = []
    for name, kind in SERIES.items():
        if (name in one and name in other and name != but
                and kind.apart(one[name], other[name])):
            found.append(
                f"the machine moved: {kind.what} {kind.text(one[name])} in "
                f"{one_name} and {kind.text(other[name])} in {other_name}")
    return found
