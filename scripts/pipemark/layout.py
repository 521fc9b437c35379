"""Lays a Figure out in pixels and draws it on a canvas: svg.py or png.py.

All places and sizes are decided here, once, so that both show the same
picture. Texts are placed by a generous guess of their width.
"""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Protocol, Sequence, Tuple

from . import chart as c

WIDE, NARROW = 720, 350
FONT = 11
DASHES = ["", "5 3", "1.5 2.5", "8 3 2 3"]
DOTTED = "1 3"
PALETTE = ["#0072b2", "#d55e00", "#00876a", "#b0528b", "#b07400", "#2e8bc0",
           "#7a5c3e", "#5b5ea6"]
HEAT = ["#e3e8ef", "#c3cfdf", "#9cb0cb", "#7390b6", "#4d70a0", "#2f5187",
        "#1b3568", "#0c1c44"]
INK, QUIET, AXIS, GRID = "#1c2430", "#5a6472", "#8a93a0", "#e4e7ec"

UNITS = re.compile(r"(\d) (%|[KMG]?i?B\b|[nµm]?s\b)")  # stay on their number's line

Pixel = Tuple[float, float]


class Canvas(Protocol):
    """What a picture is drawn with. Kinds of text: "" plain, mut quiet, b
    bold, h heading; kinds of rule: g grid, ax axis, gd guide."""

    def text(self, x: float, y: float, text: str, kind: str = "",
             anchor: str = "start", tick: Optional[c.Tick] = None,
             at: Optional[float] = None) -> None:
        """Text with its baseline at y. tick: what it labels, which is drawn at
        this place of its axis, if the text had to move away from it."""

    def rule(self, x0: float, y0: float, x1: float, y1: float, kind: str) -> None:
        """A thin straight line."""

    def curve(self, points: Sequence[Pixel], color: int, width: float,
              dash: str = "", label: str = "") -> None:
        """A line of a series."""

    def area(self, points: Sequence[Pixel], color: int) -> None:
        """A filled, mostly transparent outline."""

    def marker(self, x: float, y: float, style: c.Style, tip: str = "",
               hollow: bool = False) -> None:
        """A point."""

    def bar(self, x0: float, y0: float, x1: float, y1: float, color: int,
            opacity: float = 1, tip: str = "") -> None:
        """A filled rectangle."""

    def heat(self, level: int, boxes: Sequence[Tuple[float, float, float, float]]
             ) -> None:
        """Rectangles (left, top, right, bottom) of one of the HEAT levels."""

    def begin(self, panel: c.Panel) -> None:
        """What follows belongs to this panel ..."""

    def finish(self) -> None:
        """... up to here."""


def text_width(text: str, points: float = FONT) -> float:
    """A generous guess of a text's width in pixels."""
    units = 0.0
    for letter in text:
        if letter in "iljt.,:;|'!()[] fr":
            units += 0.38
        elif letter in "mwMW%µ@" or letter.isupper():
            units += 0.86
        else:
            units += 0.635
    return units * points


def wrap(text: str, width: float, points: float = FONT) -> List[str]:
    """Lines no wider than `width`, broken at spaces."""
    lines: List[str] = []
    for word in UNITS.sub("\\1\u00a0\\2", text).split(" "):
        if lines and text_width(f"{lines[-1]} {word}", points) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def draw(canvas: Canvas, figure: c.Figure, width: int, alone: bool) -> float:
    """Draw the figure; alone: with its title and caption. The height."""
    y = 4.0
    if alone:
        y = 6.0
        for text in wrap(figure.title, width - 20, 15):
            y += 18
            canvas.text(10, y, text, "h")
        y += 10
    y = _legend(canvas, figure.keys, width, y)
    y = _panels(canvas, figure, width, y)
    if alone:
        for text in wrap(figure.caption, width - 20):
            y += 15
            canvas.text(10, y, text, "mut")
        y += 8
    return y


def _legend(canvas: Canvas, keys: Sequence[c.Key], width: int, y: float) -> float:
    if not keys:
        return y
    x = 10.0
    for key in keys:
        wide = 30 + text_width(key.label) + 14
        if x > 10 and x + wide > width:
            x, y = 10.0, y + 17
        _swatch(canvas, key, x, y + 8)
        canvas.text(x + 30, y + 12, key.label)
        x += wide
    return y + 24


def _swatch(canvas: Canvas, key: c.Key, x: float, y: float) -> None:
    if key.shape == "bar":
        canvas.bar(x + 8, y - 5, x + 22, y + 5, key.style.color)
        return
    if key.shape == "heat":
        for i in range(len(HEAT)):
            canvas.heat(i, [(x + i * 3, y - 5, x + i * 3 + 3, y + 5)])
        return
    if key.shape == "line":
        canvas.curve([(x, y), (x + 24, y)], key.style.color, 2, _dash(key.style))
    canvas.marker(x + 12, y, key.style)


def _dash(style: c.Style) -> str:
    return DASHES[style.dash % len(DASHES)]


class Frame:
    """Where a panel's plot area is, and what lies in it."""

    def __init__(self, panel: c.Panel, left: float, top: float, wide: float,
                 high: float, edges: Tuple[float, float]) -> None:
        self.panel, self.edges = panel, edges  # of the panel, labels included
        self.left, self.top, self.wide, self.high = left, top, wide, high

    def x(self, value: float) -> float:
        return self.left + self.panel.x.place(value) * self.wide

    def y(self, value: float) -> float:
        share = self.panel.y.place(value)
        if self.panel.y.kind != "rows":
            share = 1 - share
        return self.top + share * self.high

    @property
    def right(self) -> float:
        return self.left + self.wide

    @property
    def bottom(self) -> float:
        return self.top + self.high


def _panels(canvas: Canvas, figure: c.Figure, width: int, y: float) -> float:
    columns = figure.columns if width >= 600 else 1
    gap = 22.0
    each = (width - 10 - gap * (columns - 1)) / columns
    sides = [_sides([p for p in figure.panels[i::columns]], each)
             for i in range(columns)]
    for start in range(0, len(figure.panels), columns):
        row = figure.panels[start:start + columns]
        titles = [wrap(p.title, each, FONT + 1) if p.title else [] for p in row]
        most = max((len(t) for t in titles), default=0)
        bottoms = []
        for i, panel in enumerate(row):
            x = 5 + i * (each + gap)
            box = (x, y, each, panel.height or figure.height)
            bottoms.append(_panel(canvas, panel, titles[i], most, box, sides[i]))
        y = max(bottoms) + 14
    return y


def _stacked(panel: c.Panel, width: float) -> bool:
    """Labels of rows above their rows: there is no room beside them."""
    if panel.y.kind != "rows":
        return False
    longest = max((text_width(t.label) for t in panel.y.ticks), default=0)
    return width < 450 or longest > 0.45 * width


def _sides(panels: Sequence[c.Panel], width: float) -> Tuple[float, float]:
    """Room left and right of the plots of one column of panels."""
    left = right = 0.0
    for p in panels:
        if not _stacked(p, width):
            left = max([left, *(text_width(t.label) for t in p.y.ticks)])
        right = max([right, *(text_width(m.text) for m in p.marks
                              if isinstance(m, c.RowText))])
    return left + 8, right + 10 if right else 4


def _panel(canvas: Canvas, panel: c.Panel, title: List[str], lines: int,
           box: Tuple[float, float, float, float], sides: Tuple[float, float]
           ) -> float:
    x, y, width, high = box
    stacked = _stacked(panel, width)
    top = y + 15 * lines + (22 if panel.y.label else 6)
    if panel.y.kind == "rows":
        high = len(panel.y.ticks) * (31 if stacked else 19)
    frame = Frame(panel, x + sides[0], top, width - sides[0] - sides[1], high,
                  (x, x + width))
    canvas.begin(panel)
    for i, text in enumerate(title):
        canvas.text(x, y + 12 + 15 * i, text, "b")
    if panel.y.label:
        canvas.text(x, top - 11, panel.y.label, "mut")
    _axes(canvas, frame, stacked)
    for mark in panel.marks:
        _mark(canvas, frame, mark, stacked)
    canvas.finish()
    end = frame.bottom + 16
    if panel.x.label:
        end += 14
        _x_label(canvas, frame, panel.x.label, x, width, end)
    return end


def _x_label(canvas: Canvas, frame: Frame, label: str, x: float, width: float,
             y: float) -> None:
    half = text_width(label) / 2
    middle = frame.left + frame.wide / 2
    middle = min(max(middle, x + half), max(x + width - half, x + half))
    canvas.text(middle, y, label, "mut", "middle")


def _y_labels(frame: Frame) -> List[c.Tick]:
    """The ticks of the y axis whose labels do not lie on each other."""
    ticks = frame.panel.y.ticks
    if frame.panel.y.kind == "rows":
        return list(ticks)
    taken: List[c.Tick] = []
    for t in sorted(ticks, key=lambda t: not t.major):
        y = frame.y(t.at)
        if all(abs(y - frame.y(other.at)) >= FONT + 2 for other in taken):
            taken.append(t)
    return [t for t in ticks if t in taken]


def _labels(frame: Frame) -> List[Tuple[c.Tick, float]]:
    """The labels of the x axis that there is room for, and their middles."""
    taken: List[Tuple[float, float, c.Tick]] = []
    for t in sorted(frame.panel.x.ticks, key=lambda t: not t.major):
        half = text_width(t.label) / 2
        at = min(max(frame.x(t.at), frame.edges[0] + half), frame.edges[1] - half)
        if all(at + half + 7 < lo or at - half - 7 > hi for lo, hi, _ in taken):
            taken.append((at - half, at + half, t))
    return sorted(((t, (lo + hi) / 2) for lo, hi, t in taken),
                  key=lambda pair: pair[0].at)


def _axes(canvas: Canvas, frame: Frame, stacked: bool) -> None:
    panel = frame.panel
    for t in _y_labels(frame):
        y = frame.y(t.at)
        if panel.y.kind == "rows" and stacked:
            canvas.text(frame.left, y - 4, t.label, "", "start", t)
            canvas.rule(frame.left, y + 6, frame.right, y + 6, "g")
            continue
        canvas.rule(frame.left, y, frame.right, y, "g")
        canvas.text(frame.left - 6, y + 4, t.label, "", "end", t)
    for t in panel.x.ticks:
        x = frame.x(t.at)
        canvas.rule(x, frame.bottom, x, frame.bottom + 4, "ax")
        if panel.y.kind == "rows":
            canvas.rule(x, frame.top, x, frame.bottom, "g")
    for t, at in _labels(frame):
        canvas.text(at, frame.bottom + 16, t.label, "", "middle", t, frame.x(t.at))
    canvas.rule(frame.left, frame.bottom, frame.right, frame.bottom, "ax")


def _mark(canvas: Canvas, frame: Frame, mark: c.Mark, stacked: bool) -> None:
    if isinstance(mark, c.Line):
        _line(canvas, frame, mark)
    elif isinstance(mark, c.Band):
        _band(canvas, frame, mark)
    elif isinstance(mark, c.Dot):
        _dot(canvas, frame, mark, 6 if stacked else 0)
    elif isinstance(mark, c.Bar):
        _bar(canvas, frame, mark, stacked)
    elif isinstance(mark, c.Heat):
        _heat(canvas, frame, mark)
    elif isinstance(mark, c.Guide):
        _guide(canvas, frame, mark)
    else:
        y = frame.y(mark.y) + (10 if stacked else 4)
        canvas.text(frame.right + 8, y, mark.text)


def _line(canvas: Canvas, frame: Frame, mark: c.Line) -> None:
    at = [(frame.x(x), frame.y(y)) for x, y in mark.points]
    shade = mark.style.color
    if len(at) > 1:
        canvas.curve(at, shade, mark.width, _dash(mark.style), mark.label)
    if len(mark.dotted) > 1:
        canvas.curve([(frame.x(x), frame.y(y)) for x, y in mark.dotted], shade,
                     1.2, DOTTED)
    if mark.dots:
        for x, y in at:
            canvas.marker(x, y, mark.style)


def _band(canvas: Canvas, frame: Frame, mark: c.Band) -> None:
    if len(mark.points) < 2:
        return
    there = [(frame.x(x), frame.y(hi)) for x, _, hi in mark.points]
    back = [(frame.x(x), frame.y(lo)) for x, lo, _ in reversed(mark.points)]
    canvas.area(there + back, mark.style.color)


def _dot(canvas: Canvas, frame: Frame, mark: c.Dot, down: float) -> None:
    x, y = frame.x(mark.x), frame.y(mark.y) + down
    if mark.lo is not None and mark.hi is not None:
        ends = [(frame.x(mark.lo), y), (frame.x(mark.hi), y)] if mark.across \
            else [(x, frame.y(mark.lo)), (x, frame.y(mark.hi))]
        canvas.curve(ends, mark.style.color, 2)
    canvas.marker(x, y, mark.style, mark.tip, mark.hollow)


def _bar(canvas: Canvas, frame: Frame, mark: c.Bar, stacked: bool) -> None:
    x0, x1 = sorted((frame.x(mark.x0), frame.x(mark.x1)))
    y0, y1 = sorted((frame.y(mark.y0), frame.y(mark.y1)))
    if stacked:
        middle = (y0 + y1) / 2 + 6
        y0, y1 = middle - 5, middle + 5
    canvas.bar(x0, y0, x1, y1, mark.style.color, mark.opacity, mark.tip)


def _heat(canvas: Canvas, frame: Frame, mark: c.Heat) -> None:
    levels: Dict[int, List[Tuple[float, float, float, float]]] = {}
    for x0, x1, y0, y1, level in mark.cells:
        left, right = sorted((frame.x(x0), frame.x(x1)))
        top, bottom = sorted((frame.y(y0), frame.y(y1)))
        step = min(int(level * len(HEAT)), len(HEAT) - 1)
        levels.setdefault(step, []).append((left, top, right, bottom))
    for step in sorted(levels):
        canvas.heat(step, _joined(levels[step]))


Box = Tuple[float, float, float, float]


def _joined(boxes: Sequence[Box]) -> List[Box]:
    """Boxes that stand on each other become one, which takes less to write."""
    out: List[Box] = []
    for box in sorted(boxes):
        if out and out[-1][0] == box[0] and out[-1][2] == box[2] \
                and abs(out[-1][3] - box[1]) < 1e-6:
            out[-1] = (*out[-1][:3], box[3])
        else:
            out.append(box)
    return out


def _guide(canvas: Canvas, frame: Frame, mark: c.Guide) -> None:
    if mark.axis == "y":
        y = frame.y(mark.at)
        canvas.rule(frame.left, y, frame.right, y, "gd")
        if mark.label:
            canvas.text(frame.right - 3, y - 4, mark.label, "mut", "end")
        return
    x = frame.x(mark.at)
    canvas.rule(x, frame.top, x, frame.bottom, "gd")
    if mark.label:
        fits = x + 3 + text_width(mark.label) <= frame.right + 4
        canvas.text(x + 3 if fits else x - 3, frame.top + 9, mark.label, "mut",
                    "start" if fits else "end")
