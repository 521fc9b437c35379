"""Did the machine itself change while it measured?

Once a round every run times three things that are no pipe: a read of the
clock, a copy of 64 KiB and a wake-up between two threads.  Pairs cancel a
drift that both launches share, so only a lasting step counts: found by the
rank CUSUM of the history view, and large.
"""

from __future__ import annotations

from statistics import median
from typing import Any, Dict, List, Sequence

from . import changepoint

# Name in the record: what it is called, and the least step that counts.
SERIES = {
    "clock_read_ns": ("a clock read", 0.25),
    "memcpy64k_ns": ("a copy of 64 KiB", 0.25),
    "wake_ns": ("a wake-up of a thread", 0.50),
}
LEVEL = 0.01


def values(records: Sequence[Dict[str, Any]], name: str) -> List[float]:
    """One series in round order; rounds without it are left out."""
    return [float(r[name]) for r in records
            if isinstance(r.get(name), (int, float)) and r[name] > 0]


def medians(records: Sequence[Dict[str, Any]]) -> Dict[str, float]:
    """The level of a whole run, of each series that it has."""
    levels = {name: values(records, name) for name in SERIES}
    return {name: median(v) for name, v in levels.items() if v}


def moves(records: Sequence[Dict[str, Any]]) -> List[str]:
    """Each lasting step in one run, as a sentence; none is good."""
    found = []
    for name, (text, least) in SERIES.items():
        series = values(records, name)
        for at in changepoint.change_points(series, LEVEL, least):
            before, after = median(series[:at]), median(series[at:])
            found.append(
                f"the machine moved: {text} took {before:.4g} ns before round "
                f"{at} of {len(series)} and {after:.4g} ns after it")
    return found


def differences(one: Dict[str, float], other: Dict[str, float],
                one_name: str, other_name: str) -> List[str]:
    """Levels of two runs that are not those of the same machine."""
    found = []
    for name, (text, least) in SERIES.items():
        a, b = one.get(name), other.get(name)
        if a and b and max(a, b) / min(a, b) > 1 + least:
            found.append(f"the machine moved: {text} took {a:.4g} ns in "
                         f"{one_name} and {b:.4g} ns in {other_name}")
    return found
