"""Pictures as data: figures of panels of marks, in the units of the numbers.

svg.py draws them for the page and as files, png.py through matplotlib.
Nothing here knows about pixels or colours; a colour is a number (see Style).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import List, Optional, Sequence, Tuple, Union

from .units import percent, size, tick

INK, MUTED = -1, -2  # colours beside the numbered ones


@dataclass(frozen=True)
class Style:
    """How a series looks: all three differ, so that colour is never needed
    to tell two apart."""

    color: int = 0
    dash: int = 0
    marker: int = 0


@dataclass
class Tick:
    """A labelled place on an axis. Where there is no room for all labels, the
    major ones are kept."""

    at: float
    label: str
    major: bool = False


@dataclass
class Axis:
    """kind: linear, log, nines (a share q, drawn as -log10(1 - q)) or rows
    (0, 1, 2 ... from the top)."""

    label: str
    kind: str
    lo: float
    hi: float
    ticks: List[Tick] = field(default_factory=list)
    unit: str = ""

    def place(self, value: float) -> float:
        """Where a value lies: 0 at lo, 1 at hi."""
        lo, hi = _map(self.kind, self.lo), _map(self.kind, self.hi)
        return (_map(self.kind, value) - lo) / (hi - lo) if hi > lo else 0.5


def _map(kind: str, value: float) -> float:
    if kind == "log":
        return math.log10(max(value, 1e-300))
    if kind == "nines":
        return -math.log10(max(1 - value, 1e-12))
    return value


Point = Tuple[float, float]


@dataclass
class Line:
    """A line through points; `dotted`: its continuation where the numbers are
    too few to be trusted."""

    points: Sequence[Point]
    style: Style
    label: str = ""
    dotted: Sequence[Point] = ()
    dots: bool = False
    width: float = 1.6


@dataclass
class Band:
    """The area between lo and hi: (x, lo, hi)."""

    points: Sequence[Tuple[float, float, float]]
    style: Style


@dataclass
class Dot:
    """A value with its interval along the value's axis; lo and hi are None
    where there is no interval."""

    x: float
    y: float
    lo: Optional[float]
    hi: Optional[float]
    style: Style
    tip: str = ""
    across: bool = False  # the value's axis is x
    hollow: bool = False


@dataclass
class Bar:
    """From (x0, y0) to (x1, y1); `pattern` tells bars of one row apart."""

    x0: float
    x1: float
    y0: float
    y1: float
    style: Style
    tip: str = ""
    opacity: float = 1.0


@dataclass
class Heat:
    """Rectangles (x0, x1, y0, y1, level), level from 0 to 1."""

    cells: Sequence[Tuple[float, float, float, float, float]]


@dataclass
class Guide:
    """A line at a value of one axis, with a name."""

    axis: str  # "x" or "y"
    at: float
    label: str


@dataclass
class RowText:
    """Text beside row y, right of the plot."""

    y: float
    text: str


Mark = Union[Line, Band, Dot, Bar, Heat, Guide, RowText]


@dataclass
class Panel:
    """One pair of axes."""

    title: str
    x: Axis
    y: Axis
    marks: List[Mark] = field(default_factory=list)
    height: Optional[int] = None  # of the plot area, else the figure's


@dataclass
class Key:
    """An entry of the legend. shape: line, dot, bar or heat."""

    label: str
    style: Style
    shape: str = "line"


@dataclass
class Figure:
    """A picture. name: stem of its files; caption: what was measured, n,
    trials, transport, parameters, Wine; table: its numbers."""

    name: str
    title: str
    caption: str
    panels: List[Panel]
    keys: List[Key] = field(default_factory=list)
    columns: int = 1
    height: int = 190
    table: Tuple[Sequence[str], Sequence[Sequence[str]]] = ((), ())
    description: str = ""


def log_axis(label: str, unit: str, values: Sequence[float],
             room: float = 0.06) -> Axis:
    """A log axis around positive values, ticks at 1-2-5 or decades."""
    good = [v for v in values if v and v > 0] or [1, 10]
    lo, hi = math.log10(min(good)), math.log10(max(good))
    pad = max((hi - lo) * room, 0.04)
    lo, hi = lo - pad, hi + pad
    return Axis(label, "log", 10**lo, 10**hi, _log_ticks(lo, hi, unit), unit)


def _log_ticks(lo: float, hi: float, unit: str) -> List[Tick]:
    span = hi - lo
    if span < 0.5:
        return _linear_ticks(10**lo, 10**hi, unit, 4)
    decades = 1 if span < 7 else 2
    rough = _in_decades(lo, hi, unit, (1,), decades)
    if span >= 2.6 and len(rough) > 2:
        return rough
    fine = _in_decades(lo, hi, unit, (1, 2, 5), decades)
    return fine if len(fine) > 2 else _linear_ticks(10**lo, 10**hi, unit, 4)


def _in_decades(lo: float, hi: float, unit: str, steps: Sequence[int],
                every: int) -> List[Tick]:
    ticks = []
    for decade in range(math.floor(lo), math.ceil(hi) + 1):
        for step in steps:
            at = step * 10.0**decade
            if 10**lo <= at <= 10**hi and decade % every == 0:
                ticks.append(Tick(at, tick(at, unit), step == 1))
    return ticks


def linear_axis(label: str, unit: str, values: Sequence[float],
                zero: bool = True) -> Axis:
    """A linear axis around values; from zero unless told otherwise."""
    good = list(values) or [0, 1]
    lo, hi = (0.0 if zero else min(good)), max(good)
    if hi <= lo:
        hi = lo + 1
    hi += (hi - lo) * 0.05
    return Axis(label, "linear", lo, hi, _linear_ticks(lo, hi, unit, 5), unit)


def _linear_ticks(lo: float, hi: float, unit: str, about: int) -> List[Tick]:
    raw = (hi - lo) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(lo / step - 1e-9)
    last = math.floor(hi / step + 1e-9)
    return [Tick(i * step, tick(i * step, unit)) for i in range(first, last + 1)]


def size_axis(label: str, sizes: Sequence[float]) -> Axis:
    """A log2 axis of byte sizes, labelled as the command line writes them."""
    lo, hi = max(min(sizes), 1), max(sizes)
    lo, hi = lo / 2**0.5, hi * 2**0.5
    ticks = []
    power = math.ceil(math.log2(lo))
    while 2**power <= hi:
        ticks.append(Tick(2**power, size(2**power)))
        power += 2 if math.log2(hi / lo) > 5 else 1
    return Axis(label, "log", lo, hi, ticks, "bytes")


def nines_axis(most: float) -> Axis:
    """Shares from 0 to `most` on the scale of nines."""
    shares = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999]
    ticks = [Tick(q, percent(q), q in (0.9, 0.99, 0.999))
             for q in shares if q <= most + 1e-12]
    return Axis("share of messages that took no longer", "nines", 0.0, most, ticks)


def rows_axis(labels: Sequence[str]) -> Axis:
    """A row for each label, from the top."""
    ticks = [Tick(i, text) for i, text in enumerate(labels)]
    return Axis("", "rows", -0.5, len(labels) - 0.5, ticks)
