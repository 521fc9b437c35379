"""A history's parts: machines, their cells through time, what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List

from .levels import Point


@dataclass
class Step:
    """A level that changed: at which point, and by how much (ratio)."""

    at: int
    ratio: float


@dataclass
class Track:
    """One cell of one machine through time."""

    cell: str
    label: str
    metric: str
    unit: str
    better: str
    points: List[Point]         # those that have it, oldest first
    values: List[float]
    steps: List[Step]

    def worse(self, ratio: float) -> bool:
        """Is this times the old value a loss?"""
        return (ratio > 1) != (self.better == "higher")


@dataclass
class Change:
    """The environment changed before a point; `facts`: "name: old → new"."""

    at: int
    facts: List[str]


@dataclass
class Machine:
    """All that is known of one machine."""

    node: str
    where: str
    points: List[Point]
    tracks: List[Track]
    changes: List[Change]
