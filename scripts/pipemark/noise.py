"""pipemark noise: how still is this machine, and what can it show?

Every cell against a copy of itself, in pairs.  The scatter of the pairs says
how many of them a comparison needs here, which margin is sound and which
slow-down could be seen.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from dataclasses import asdict, dataclass
from statistics import median
from typing import List, Optional, Sequence

from . import arms, cli, drive, judging
from .judgement import Judgement, percent
from .judgement_text import ordered
from .paired import min_pairs
from .reader import read
from .effort import CONFIRM_PAIRS
from .verdict import IMPROVED, INVALID, REGRESSED, Row, Rules
from .versus import short

NAME = "noise"
PAIRS = 20
TESTS = 10          # cells that a screen usually sends on
MOST_PAIRS = 500    # more than that is no advice


@dataclass
class Noise:
    """One cell.  Shares are fractions: 0.03 is 3 %."""

    cell: str
    name: str
    metric: str
    pairs: int
    scatter: float              # robust sd of one pair's ratio
    follow: Optional[float]     # lag-1 correlation of the pairs
    least_seen: float           # with this many pairs
    margin: float               # smallest sound one, with 20 pairs
    wanted: Optional[int]       # pairs to see twice the usual margin


def _follow(d: Sequence[float]) -> Optional[float]:
    mean = sum(d) / len(d)
    total = sum((v - mean) ** 2 for v in d)
    if len(d) < 8 or not total:
        return None
    return sum((a - mean) * (b - mean) for a, b in zip(d, d[1:])) / total


def _wanted(d: Sequence[float], row: Row) -> Optional[int]:
    """Pairs after which twice the margin would be seen.

    The reach of a rank test shrinks as the root of the pairs, as long as
    there are enough pairs for a finding at all.
    """
    reach = math.log1p(row.mde) - math.log1p(row.margin)
    room = math.log1p(2 * row.margin) - math.log1p(row.margin)
    least = min_pairs(TESTS)
    if not math.isfinite(reach):
        return None
    pairs = max(least, math.ceil(len(d) * (reach / room) ** 2))
    return pairs if pairs <= MOST_PAIRS else None


def cell_noise(row: Row) -> Noise:
    """What the pairs of one cell say."""
    d = list(row.sample.evidence().d)
    middle = median(d)
    scatter = 1.4826 * median([abs(v - middle) for v in d])
    # Twice the scatter of the estimate itself, in whole per cent.
    margin = 2 * 1.05 * scatter / math.sqrt(CONFIRM_PAIRS)
    return Noise(row.sample.cell, row.sample.name, row.sample.metric, len(d),
                 math.expm1(scatter), _follow(d), row.mde,
                 max(1, math.ceil(100 * margin)) / 100, _wanted(d, row))


def _judged(path: str, rules: Rules) -> Judgement:
    run = read(path)
    judging.check_margins(rules, [run])
    if len(run.arms) < 2 or run.sets.get("a") != run.sets.get("b"):
        raise cli.Failure(cli.WRONG, f"{path}: its arms are not the same "
                          'thing; pipemark run --a "" --b "" makes such a '
                          "file")
    j = arms.judge_arms(NAME, [run], [], rules, staged=False)
    for row in j.rows:
        if row.verdict in (REGRESSED, IMPROVED):
            j.unproven.append(f"{row.sample.name}: was judged {row.verdict} "
                              "against itself")
        # As many tests as a screen sends on, not as there are cells.
        if not row.sample.problem():
            row.mde = row.sample.evidence().mde(row.margin, TESTS,
                                                rules.alpha)
    return j


def _text(j: Judgement, rows: Sequence[Noise]) -> str:
    width = max([len(n.name) for n in rows] + [4])
    lines = [f"{j.where}: every cell against itself", "",
             f"{'cell':{width}}  {'metric':14} pairs  pair scatter  follow  "
             "least seen  margin  pairs wanted"]
    for n in rows:
        follow = "-" if n.follow is None else f"{n.follow:+.2f}"
        lines.append(
            f"{n.name:{width}}  {n.metric:14} {n.pairs:5}  "
            f"{percent(n.scatter):>12}  {follow:>6}  "
            f"{percent(n.least_seen):>10}  {percent(n.margin):>6}  "
            f"{n.wanted or 'too many':>12}")
    if rows:
        wanted = sorted(n.wanted or MOST_PAIRS for n in rows)
        lines += ["", f"Pair scatter: median "
                  f"{percent(median([n.scatter for n in rows]))}, worst "
                  f"{percent(max(n.scatter for n in rows))}.  To see twice "
                  f"the margin in nine of ten cells: --confirm "
                  f"{wanted[math.ceil(.9 * len(wanted)) - 1]}."]
    lines += [f"NOT PROVEN: {t}" for t in j.unproven]
    lines += [f"failed: {t}" for t in j.failures]
    return "\n".join(lines) + "\n"


def _parser() -> cli.Parser:
    parser = cli.Parser(
        NAME, "Measure every cell against a copy of itself and say how many "
        "pairs a comparison\nneeds on this machine. Everything else goes to "
        "pipemark run: a matrix or preset,\nand knobs.")
    parser.usage = ("pipemark noise [MATRIX] [knobs] [options]\n"
                    "       pipemark noise --run FILE")
    parser.add_argument("--run", metavar="FILE", help="judge this file; its "
                        "two arms are the same")
    parser.add_argument("--trials", type=int, default=PAIRS, metavar="N",
                        help="pairs of each cell (20)")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    judging.add_options(parser)
    return parser


def main(argv: List[str]) -> int:
    """The command."""
    args, rest = _parser().parse_known_args(argv)
    rules = judging.rules(args)
    path = args.run
    if path and rest:
        raise cli.Failure(cli.WRONG, f"--run measures nothing: {rest[0]} has "
                          "no place beside it")
    if not path:
        judging.check_margins(rules)
        folder = drive.new_folder(args.folder, NAME)
        path = os.path.join(folder, "aa.jsonl")
        drive.measure([*short(rest), *rest, "--a", "", "--b", "", "--trials",
                       str(args.trials), *(["--quiet"] if args.quiet else [])],
                      path)
        args.folder = folder
    j = _judged(path, rules)
    rows = [cell_noise(r) for r in ordered(j.rows) if r.verdict != INVALID]
    status = j.status(())
    if args.format == "json":
        cli.put(json.dumps({
            "where": j.where, "status": status, "unproven": j.unproven,
            "failures": j.failures, "cells": [
                {k: v if not isinstance(v, float) or math.isfinite(v)
                 else None for k, v in asdict(n).items()} for n in rows]},
            indent=1) + "\n")
    elif args.format == "text":
        cli.put(_text(j, rows))
    else:
        return judging.finish(j, args, ())
    judging.keep(j, args, status)
    return status
