"""pipemark plot: the pictures of a result as PNG and SVG files."""

from __future__ import annotations

import os
import re
from typing import List, Sequence

from . import chart, cli, svg
from .figures import plots
from .reader import read_all
from .result import Run


def main(arguments: List[str]) -> int:
    """The command."""
    parser = cli.Parser("plot", "Draw a result: latency by percentile, and"
                        " throughput against message size.")
    parser.add_argument("result", nargs="+", help="result file (.jsonl, .jsonl.gz)")
    parser.add_argument("-o", metavar="DIR", help="folder for the pictures")
    options = parser.parse_args(arguments)
    cli.need(["numpy", "matplotlib"])
    runs = read_all(options.result)
    for run in runs:
        cli.note("plot", run.notes)
    folder = cli.folder_for(options.result, options.o)
    paths = []
    for run in runs:
        prefix = "" if len(runs) == 1 else run.id + "-"
        figures = plots(run)
        if not figures:
            cli.note("plot", [f"{run.path}: it holds no latency and no throughput to draw"])
        paths += save(figures, folder, prefix)
    for path in paths:
        print(path)
    return cli.DONE if paths else cli.CANNOT


def save(figures: Sequence[chart.Figure], folder: str, prefix: str = "",
         png: bool = True) -> List[str]:
    """Write figures as PNG and SVG; the paths."""
    cli.make_folder(folder)
    paths = []
    for figure in figures:
        # A run's id is what its file says, and no path.
        stem = os.path.join(folder, re.sub(r"[^\w.-]", "_",
                                           prefix + figure.name))
        with open(stem + ".svg", "w", encoding="utf-8", newline="") as file:
            file.write(svg.render(figure, alone=True))
        paths.append(stem + ".svg")
        if png:
            from . import png as raster

            raster.save(figure, stem + ".png")
            paths.append(stem + ".png")
    return paths
