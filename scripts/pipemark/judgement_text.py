"""A judgement for people: terminal and Markdown."""

from __future__ import annotations

import math
from statistics import median
from typing import List, Sequence

from .cli import plain
from .judgement import Judgement, headline, percent, sight
from .units import number
from .verdict import (IMPROVED, INVALID, REGRESSED, UNCHANGED, VERDICTS,
                      Row)

COLUMNS = ("cell", "metric", "n", "base", "new", "ratio", "95 % interval",
           "least seen", "verdict")
MOST_NAMED = 6      # findings in one sentence


def _level(values: Sequence[float], unit: str) -> str:
    return number(median(values), unit) if values else "-"


def interval(row: Row) -> str:
    """The 95 % interval of the ratio as printed."""
    ratio = row.ratio()
    if not (ratio.lo > 0 and math.isfinite(ratio.hi)):
        return "-"
    return f"{ratio.lo:.3f} .. {ratio.hi:.3f}"


def _cells(row: Row) -> List[str]:
    s = row.sample
    measured = bool(s.base) and bool(s.new) and math.isfinite(row.worse.ratio)
    verdict = row.verdict + (f" ({row.reason})" if row.reason else "")
    count = (str(len(s.base)) if s.paired
             else f"{len(s.base)}:{len(s.new)}")
    return [s.name, s.metric, count,
            _level(s.base, s.unit), _level(s.new, s.unit),
            f"{row.ratio().ratio:.3f}" if measured else "-",
            interval(row) if measured else "-",
            ("none" if math.isinf(row.mde) else percent(row.mde))
            if measured else "-", verdict]


def ordered(rows: Sequence[Row]) -> List[Row]:
    """Findings first, then what could not be told, then the rest."""
    place = {v: i for i, v in enumerate(VERDICTS)}
    place[UNCHANGED] = len(place)
    return sorted(rows, key=lambda r: place[r.verdict])


def table(rows: Sequence[Row], header: Sequence[str]) -> List[List[str]]:
    """The cells of a table, header first."""
    return [list(header)] + [_cells(r) for r in rows]


def _header(j: Judgement) -> List[str]:
    return [{"base": j.base, "new": j.new,
             "ratio": f"{j.new}/{j.base}"}.get(c, c) for c in COLUMNS]


def _aligned(lines: Sequence[Sequence[str]]) -> List[str]:
    widths = [max(len(line[i]) for line in lines)
              for i in range(len(lines[0]))]
    out = []
    for line in lines:
        parts = [text.rjust(w) if 2 <= i <= 7 else text.ljust(w)
                 for i, (text, w) in enumerate(zip(line, widths))]
        out.append("  ".join(parts).rstrip())
    return out


def _reasons(j: Judgement) -> List[str]:
    out = [f"NOT PROVEN: {text}" for text in j.unproven]
    out += [f"failed: {text}" for text in j.failures]
    kinds = {}
    for skip in j.skipped:
        kinds.setdefault(skip.reason, []).append(skip.cell)
    out += [f"skipped {len(cells)}: {reason}"
            for reason, cells in kinds.items()]
    return out + list(j.notes)


def _controls(j: Judgement) -> List[str]:
    """The sentinels in one line."""
    said = [f"{r.sample.name} "
            + (r.reason if r.verdict == INVALID
               else f"{r.ratio().ratio:.3f}") for r in j.sentinels]
    return [f"Copies against themselves: {', '.join(said)}."] if said else []


def findings(j: Judgement) -> str:
    """What was found, in words: "b is slower than a in ..."."""
    parts = []
    for verdict, word in ((REGRESSED, "slower"), (IMPROVED, "faster")):
        said = [f"{r.sample.name} ({r.ratio().ratio:.3g}x)"
                for r in j.rows if r.verdict == verdict]
        if len(said) > MOST_NAMED:
            said = said[:MOST_NAMED] + [f"{len(said) - MOST_NAMED} more"]
        if said:
            parts.append(f"{word} than {j.base} in {', '.join(said)}")
    return f"{j.new} is {' and '.join(parts)}." if parts else ""


def people(j: Judgement) -> str:
    """What a terminal shows."""
    lines = [f"{j.design}; {j.where}", ""]
    if j.rows:
        lines += _aligned(table(ordered(j.rows), _header(j))) + [""]
    lines += [headline(j), *filter(None, [findings(j), sight(j)])]
    return "\n".join(map(plain, lines + _controls(j) + _reasons(j))) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def markdown(j: Judgement) -> str:
    """A summary for a pull request or a job's page."""
    lines = [f"### pipemark {j.command}: {headline(j)}", "",
             f"{j.design}; {j.where}.", ""]
    lines += [f"> **Not proven:** {text}" for text in j.unproven]
    lines += [f"> **Failed:** {text}" for text in j.failures]
    if j.unproven or j.failures:
        lines.append("")
    shown = [r for r in ordered(j.rows) if r.verdict != UNCHANGED]
    if shown:
        cells = table(shown, _header(j))
        lines.append("| " + " | ".join(map(_escaped, cells[0])) + " |")
        lines.append("|" + " --- |" * len(cells[0]))
        lines += ["| " + " | ".join(map(_escaped, line)) + " |"
                  for line in cells[1:]]
        lines.append("")
    lines += [text for text in [sight(j)] if text]
    return "\n".join(lines) + "\n"
