"""Changes that somebody meant: levels of a history that are the new normal.

One line each in DIR/accepted.jsonl, kept with the runs and shown with them.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from typing import Dict, List, Sequence, Union

from . import cli
from .levels import Point
from .normal import Normal
from .store import ACCEPTED

ALL = "all"


@dataclass
class Accept:
    """`run` is the newest run that it speaks of, `cells` their ids and what
    they are called."""

    when: str
    why: str
    node: str
    where: str
    env: str
    run: str
    start_ns: int
    cells: Dict[str, str]

    def of(self, p: Point) -> bool:
        """Of the same machine and environment."""
        return (self.node, self.where, self.env) == (p.node, p.where, p.env)


def load(folder: str) -> List[Accept]:
    """All of a history, oldest first."""
    path = os.path.join(folder, ACCEPTED)
    if not os.path.exists(path):
        return []
    found = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                found.append(Accept(**json.loads(line)))
            except (ValueError, TypeError):
                raise cli.Failure(cli.WRONG, f"{path}:{number}: no record of "
                                  "an accepted level") from None
    return sorted(found, key=lambda a: a.start_ns)


def after(found: Sequence[Accept], last: int, p: Point, normal: Normal
          ) -> int:
    """Apply those that speak of runs before this one; how many are applied
    by now."""
    while last < len(found) and found[last].start_ns < p.start_ns:
        for cell in found[last].cells:
            normal.accept(cell)
        last += 1
    return last


def waiting(normal: Normal, p: Point) -> Dict[str, str]:
    """Cells that are out of their normal as of the last run: id, name."""
    return {cell: (p.cells[cell].label or cell) if cell in p.cells else cell
            for (cell, _, _), memory in normal.cells.items() if memory.held}


def _words(text: str) -> List[str]:
    return sorted(text.split())


def record(folder: str, newest: Point, out: Dict[str, str],
           wanted: Union[str, Sequence[str]], why: str) -> Accept:
    """Keep it: these cells, or all, that are out of their normal."""
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    chosen = {}
    for name in names:
        some = {cell: label for cell, label in out.items()
                if name == ALL or _words(name) in (_words(cell),
                                                   _words(label))}
        if not some:
            known = ("; out of its normal: " + ", ".join(out.values())
                     if out else "; nothing is out of its normal")
            raise cli.Failure(cli.WRONG, f"--accept {name}: nothing to accept"
                              + known)
        chosen.update(some)
    entry = Accept(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), why,
                   newest.node, newest.where, newest.env, newest.id,
                   newest.start_ns, chosen)
    with open(os.path.join(folder, ACCEPTED), "a", encoding="utf-8",
              newline="\n") as out_file:
        out_file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
    return entry
