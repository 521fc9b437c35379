"""A table of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence


@dataclass
class Table:
    """caption, head and rows."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
