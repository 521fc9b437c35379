"""Draws a Figure as PNG through matplotlib; the same bytes every time."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

import matplotlib

matplotlib.use("Agg")
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure as Sheet  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.patches import PathPatch, Polygon, Rectangle  # noqa: E402
from matplotlib.path import Path  # noqa: E402
from matplotlib.text import Text  # noqa: E402

from . import chart as c  # noqa: E402
from .layout import (AXIS, FONT, GRID, HEAT, INK, PALETTE, QUIET, WIDE,  # noqa: E402
                     Pixel, draw)

SCALE = 2  # pixels of the file for one of the layout
MARKERS = ["o", "s", "^", "D", "v", "P"]
BOX = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
ALIGN = {"start": "left", "middle": "center", "end": "right"}


def color(index: int) -> str:
    """Of a Style's number."""
    named = {c.INK: INK, c.MUTED: AXIS}
    return named.get(index) or PALETTE[index % len(PALETTE)]


class PngCanvas:
    """Collects matplotlib artists; see layout.Canvas. One unit is a pixel of
    the layout, y points down."""

    def __init__(self) -> None:
        self.artists: List[Any] = []

    def _add(self, artist: Any) -> None:
        self.artists.append(artist)
        artist.set_zorder(len(self.artists))

    def _line(self, xs: Sequence[float], ys: Sequence[float], **how: Any) -> None:
        self._add(Line2D(xs, ys, **how))

    def text(self, x: float, y: float, text: str, kind: str = "",
             anchor: str = "start", tick: Optional[c.Tick] = None,
             at: Optional[float] = None) -> None:
        points = {"h": 14}.get(kind, FONT) * 0.93
        self._add(Text(x, y, text, fontsize=points, va="baseline",
                       ha=ALIGN[anchor], color=QUIET if kind == "mut" else INK,
                       weight="bold" if kind in ("b", "h") else "normal",
                       family="DejaVu Sans", parse_math=False))

    def rule(self, x0: float, y0: float, x1: float, y1: float, kind: str) -> None:
        self._line([x0, x1], [y0, y1], color=GRID if kind == "g" else AXIS,
                   linewidth=1, linestyle=(0, (2, 3)) if kind == "gd" else "-")

    def curve(self, points: Sequence[Pixel], color_: int, width: float,
              dash: str = "", label: str = "") -> None:
        steps = tuple(float(part) / width for part in dash.split())
        self._line([p[0] for p in points], [p[1] for p in points],
                   color=color(color_), linewidth=width, solid_capstyle="butt",
                   dash_capstyle="butt", linestyle=(0, steps) if steps else "-")

    def area(self, points: Sequence[Pixel], color_: int) -> None:
        self._add(Polygon(points, color=color(color_), alpha=0.16, linewidth=0))

    def marker(self, x: float, y: float, style: c.Style, tip: str = "",
               hollow: bool = False) -> None:
        shade = color(style.color)
        self._line([x], [y], linestyle="none", marker=MARKERS[style.marker % 6],
                   markersize=7, markeredgecolor=shade, markeredgewidth=0.8,
                   markerfacecolor="none" if hollow else shade)

    def bar(self, x0: float, y0: float, x1: float, y1: float, color_: int,
            opacity: float = 1, tip: str = "") -> None:
        self._add(Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=color(color_),
                            alpha=opacity, linewidth=0, antialiased=False))

    def heat(self, level: int,
             boxes: Sequence[Tuple[float, float, float, float]]) -> None:
        # One artist for all of them: thousands would take seconds.
        points = [p for x0, y0, x1, y1 in boxes
                  for p in ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))]
        self._add(PathPatch(Path(points, BOX * len(boxes)), facecolor=HEAT[level],
                            linewidth=0, antialiased=False))

    def begin(self, panel: c.Panel) -> None:
        pass

    def finish(self) -> None:
        pass


def save(figure: c.Figure, path: str) -> None:
    """Write the figure to `path`."""
    body = PngCanvas()
    height = draw(body, figure, WIDE, True)
    # A point is a pixel of the layout: 72 to the inch, SCALE for the file.
    sheet = Sheet(figsize=(WIDE / 72, height / 72), dpi=72 * SCALE)
    FigureCanvasAgg(sheet)
    axes = sheet.add_axes((0, 0, 1, 1), xlim=(0, WIDE), ylim=(height, 0))
    axes.set_axis_off()
    for artist in body.artists:
        axes.add_artist(artist)
    sheet.savefig(path, format="png", metadata={"Software": None})
