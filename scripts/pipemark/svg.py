"""Draws a Figure as SVG: for a page, whose style sheet gives the colours, or
as a file that stands alone. The same figure gives the same bytes everywhere.
"""

from __future__ import annotations

from html import escape
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from . import chart as c
from .layout import (AXIS, GRID, HEAT, INK, PALETTE, QUIET, WIDE, Pixel, draw)

FONTS = "system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
STYLE = (
    f"text{{font:11px {FONTS};fill:{INK}}}"
    f".mut{{fill:{QUIET}}}.b{{font-weight:600}}.h{{font-size:14px;font-weight:600}}"
    f".g{{stroke:{GRID}}}.ax{{stroke:{AXIS}}}"
    f".gd{{stroke:{AXIS};stroke-dasharray:2 3}}.ln{{fill:none}}.bg{{fill:#fff}}"
    ".bar{shape-rendering:crispEdges}"
    + "".join(f".c{i}{{stroke:{v}}}.f{i}{{fill:{v}}}" for i, v in enumerate(PALETTE))
    + f".ci{{stroke:{INK}}}.fi{{fill:{INK}}}.cm{{stroke:{AXIS}}}.fm{{fill:{AXIS}}}"
    + "".join(f".h{i}{{stroke:{v}}}" for i, v in enumerate(HEAT))
)


def num(value: float) -> str:
    """A coordinate: one decimal, no needless zeros."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def color(index: int) -> str:
    """The letter or digit that class names end in."""
    return {c.INK: "i", c.MUTED: "m"}.get(index, str(index % len(PALETTE)))


def path(points: Sequence[Pixel]) -> str:
    """Path data through points."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)


MARKERS: Dict[int, Callable[[float, float], str]] = {
    1: lambda x, y: f"M{num(x - 3.4)} {num(y - 3.4)}h6.8v6.8h-6.8z",
    2: lambda x, y: f"M{num(x)} {num(y - 4.4)}l4.2 7.4h-8.4z",
    3: lambda x, y: f"M{num(x)} {num(y - 4.6)}l4.6 4.6l-4.6 4.6l-4.6 -4.6z",
    4: lambda x, y: f"M{num(x)} {num(y + 4.4)}l4.2 -7.4h-8.4z",
    5: lambda x, y: (f"M{num(x - 4)} {num(y - 1.3)}h2.7v-2.7h2.6v2.7h2.7v2.6"
                     "h-2.7v2.7h-2.6v-2.7h-2.7z"),
}


class SvgCanvas:
    """Collects SVG elements; see layout.Canvas."""

    def __init__(self) -> None:
        self.parts: List[str] = []

    def text(self, x: float, y: float, text: str, kind: str = "",
             anchor: str = "start", tick: Optional[c.Tick] = None,
             at: Optional[float] = None) -> None:
        more = f' class="{kind}"' if kind else ""
        more += "" if anchor == "start" else f' text-anchor="{anchor}"'
        more += f' data-v="{tick.at:.12g}"' if tick else ""
        more += f' data-at="{num(at)}"' if at is not None else ""
        self.parts.append(f'<text x="{num(x)}" y="{num(y)}"{more}>'
                          f"{escape(text)}</text>")

    def rule(self, x0: float, y0: float, x1: float, y1: float, kind: str) -> None:
        self.parts.append(f'<path class="{kind}" d="M{num(x0)} {num(y0)}'
                          f'L{num(x1)} {num(y1)}"/>')

    def curve(self, points: Sequence[Pixel], color_: int, width: float,
              dash: str = "", label: str = "") -> None:
        more = f' stroke-dasharray="{dash}"' if dash else ""
        more += f' data-series="{escape(label)}"' if label else ""
        self.parts.append(f'<path class="ln c{color(color_)}" stroke-width='
                          f'"{num(width)}"{more} d="{path(points)}"/>')

    def area(self, points: Sequence[Pixel], color_: int) -> None:
        self.parts.append(f'<path class="f{color(color_)}" opacity=".16"'
                          f' d="{path(points)}z"/>')

    def marker(self, x: float, y: float, style: c.Style, tip: str = "",
               hollow: bool = False) -> None:
        k = color(style.color)
        kind = f"dot c{k}" if hollow else f"dot f{k}"
        more = ' fill="none" stroke-width="1.5"' if hollow else ""
        inside = f"<title>{escape(tip)}</title>" if tip else ""
        shape = MARKERS.get(style.marker % 6)
        if shape:
            self.parts.append(f'<path class="{kind}"{more} d="{shape(x, y)}"'
                              f' data-x="{num(x)}" data-y="{num(y)}">{inside}</path>')
        else:
            self.parts.append(f'<circle class="{kind}"{more} cx="{num(x)}"'
                              f' cy="{num(y)}" r="3.6">{inside}</circle>')

    def bar(self, x0: float, y0: float, x1: float, y1: float, color_: int,
            opacity: float = 1, tip: str = "") -> None:
        more = f' opacity="{opacity:g}"' if opacity != 1 else ""
        inside = f"<title>{escape(tip)}</title>" if tip else ""
        self.parts.append(
            f'<rect class="bar f{color(color_)}" x="{num(x0)}" y="{num(y0)}"'
            f' width="{num(x1 - x0)}" height="{num(y1 - y0)}"{more}>{inside}</rect>')

    def heat(self, level: int,
             boxes: Sequence[Tuple[float, float, float, float]]) -> None:
        # A box is a thick upright line: half as long to write as an outline.
        wide: Dict[str, List[str]] = {}
        for x0, y0, x1, y1 in boxes:
            wide.setdefault(num(x1 - x0), []).append(
                f"M{num((x0 + x1) / 2)} {num(y0)}V{num(y1)}")
        for width, lines in wide.items():
            self.parts.append(f'<path class="h{level}" stroke-width="{width}"'
                              f' d="{"".join(lines)}"/>')

    def begin(self, panel: c.Panel) -> None:
        self.parts.append(f'<g class="panel" data-x="{panel.x.kind}"'
                          f' data-y="{panel.y.kind}">')

    def finish(self) -> None:
        self.parts.append("</g>")


def render(figure: c.Figure, width: int = WIDE, alone: bool = False,
           ident: str = "") -> str:
    """The figure as SVG. alone: with its own style, title and caption, to be
    kept as a file. ident: prefix of the ids, unique within the page."""
    body = SvgCanvas()
    height = num(draw(body, figure, width, alone))
    ident = ident or figure.name
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' role="img" aria-labelledby="{ident}-t {ident}-d"')
    if alone:
        head += f' width="{width}" height="{height}"><style>{STYLE}</style>'
        head += f'<rect class="bg" width="{width}" height="{height}"/>'
    else:
        head += ">"
    title = f'<title id="{ident}-t">{escape(figure.title)}</title>'
    text = escape(figure.description or figure.caption)
    return (f'{head}{title}<desc id="{ident}-d">{text}</desc>'
            + "".join(body.parts) + "</svg>\n")
