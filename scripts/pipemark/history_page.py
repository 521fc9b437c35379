"""pipemark history page: a history as one HTML page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import List, Sequence

from . import cli
from .figures.history import history
from .page import Picture, drawn
from .report import render
from .table import Table
from .told import count
from .tracks import Machine


@dataclass
class Part:
    """One machine's part of the page."""

    ident: str
    title: str
    tag: str
    wine: bool
    summary: str
    pictures: List[Picture]
    changes: Table
    runs: Table


def write(machines: Sequence[Machine], folder: str) -> str:
    """history.html in this folder; its path."""
    parts = [part(m, i) for i, m in enumerate(machines)]
    cli.make_folder(folder)
    path = os.path.join(folder, "history.html")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(render("history.html", parts=parts))
    return path


def part(m: Machine, index: int) -> Part:
    """What stands there of machine number `index`."""
    ident, wine = f"m{index}", "Wine" in m.where
    word = " (Wine)" if wine else ""
    figures = [history(m, m.tracks, "history")] if m.tracks else []
    return Part(
        ident=ident, title=f"{m.node}, {m.where}", tag="Wine" if wine else m.where,
        wine=wine, summary=_summary(m),
        pictures=[drawn(f, ident) for f in figures],
        changes=Table(
            f"What changed in the environment{word}", ["before the run of", "facts"],
            [[m.points[c.at].start[:16].replace("T", " "), "; ".join(c.facts)]
             for c in m.changes]),
        runs=Table(
            f"The runs{word}", ["start", "environment", "pipemark", "cells", "remarks",
                                "file"],
            [[p.start[:16].replace("T", " "), p.env[:8], p.version, str(len(p.cells)),
              "; ".join(p.wrong + p.moved) or "none", os.path.basename(p.path)]
             for p in reversed(m.points)]))


def _summary(m: Machine) -> str:
    tracks = m.tracks
    first, last = m.points[0].start[:10], m.points[-1].start[:10]
    text = (f"{count(len(m.points), 'run')}, {first} to {last},"
            f" {count(len(tracks), 'configuration')}. ")
    stepped = sum(bool(t.steps) for t in tracks)
    worse = [t.label for t in tracks if t.steps and t.worse(t.steps[-1].ratio)]
    text += (f"{count(stepped, 'level')} changed." if stepped
             else "No level changed.")
    if worse:
        text += f" The last step was for the worse: {'; '.join(worse)}."
    if m.changes:
        text += f" The environment changed {count(len(m.changes), 'time')}."
    unsure = sum(not p.sound for p in m.points)
    if unsure:
        text += (f" {count(unsure, 'run')} cannot be compared with: the canary"
                 " moved, or it is not whole.")
    return text
