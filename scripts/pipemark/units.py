"""Numbers for people: three digits, a unit, no more than that."""

from __future__ import annotations

import math
import re
from typing import Optional, Tuple

from . import cli

TIME = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns"))
DECIMAL = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))
BINARY = ((1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K"))


SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}


def seconds(option: str, text: str) -> float:
    """A time in the notation of the command line."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ns|us|ms|s|min|h)", text)
    if not match:
        raise cli.Failure(cli.WRONG, f"{option} {text}: write a number and "
                          "ns, us, ms, s, min or h, as 2min")
    return float(match.group(1)) * SECONDS[match.group(2)]


def size(n: int) -> str:
    """Bytes in the notation of the command line: 65536 is 64K."""
    for factor, letter in BINARY:
        if n and n % factor == 0:
            return f"{n // factor}{letter}"
    return str(n)


def message(n: int) -> str:
    """A message's length for people: 65536 is "64 KiB"."""
    for factor, letter in BINARY:
        if n >= factor and n % factor == 0:
            return f"{n // factor} {letter}iB"
    return f"{n} B"


def digits(value: float) -> str:
    """Three significant digits without an exponent: 1234 -> 1230, 4.1 -> 4.10."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "n/a"
    rounded = float(f"{value:.2e}")
    places = 2 - math.floor(math.log10(abs(rounded)))
    return f"{round(rounded, places):.{max(places, 0)}f}"


def scale_for(value: float, unit: str) -> Tuple[float, str]:
    """(factor, text): what to divide by and what to write behind it."""
    if unit == "ns":
        steps, suffix = TIME, ""
    elif unit in ("bytes/s", "1/s", "bytes", "count"):
        steps = DECIMAL
        suffix = {"bytes/s": "B/s", "1/s": "/s", "bytes": "B", "count": ""}[unit]
    else:
        return 1, unit if unit != "ratio" else ""
    rounded = float(f"{abs(value):.3g}")
    for factor, letter in steps:
        if rounded >= factor:
            return factor, letter + suffix
    return steps[-1][0], steps[-1][1] + suffix


def number(value: Optional[float], unit: str) -> str:
    """4100, ns -> "4.10 µs"; None -> "n/a"."""
    if value is None:
        return "n/a"
    factor, text = scale_for(value, unit)
    body = digits(value / factor)
    if factor == 1 and float(value).is_integer() and abs(value) < 1000:
        body = str(int(value))
    if unit == "ns" and abs(value) < 1:
        body = digits(value)
    return _with(body, text)


def tick(value: float, unit: str) -> str:
    """As number, without needless digits: axis labels."""
    if value == 0:
        return "0"
    factor, text = scale_for(value, unit)
    return _with(f"{value / factor:.4g}", text)


def _with(body: str, text: str) -> str:
    return body + text if text.startswith("/") else f"{body} {text}".strip()


def percent(q: float) -> str:
    """A share as a percentile's name: 0.999 -> 99.9 %."""
    return f"{round(q * 100, 6):g} %"


def span(lo: Optional[float], hi: Optional[float], unit: str) -> str:
    """An interval, the unit once where it is the same: "4.00 to 4.30 µs"."""
    first, last = number(lo, unit), number(hi, unit)
    head, _, tail = first.rpartition(" ")
    if head and last.endswith(" " + tail):
        first = head
    return f"{first} to {last}"
