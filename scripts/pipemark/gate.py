"""pipemark gate: is the newest run worse than this machine's history?

What CI calls.  The rule is in normal.py; this measures, asks the canaries,
and keeps the run.
"""

from __future__ import annotations

import argparse
import os
from statistics import median
from typing import Dict, List, Sequence, Tuple

from . import canary, cli, drive, judging, store
from .judgement import Judgement, conclude
from .levels import Point, point
from .normal import LEARNING, WINDOW, Normal
from .reader import read
from .verdict import INVALID, REGRESSED, Row, Rules, Sample

NAME = "gate"


def _canary_of(history: Sequence[Point]) -> Dict[str, float]:
    names = {name for p in history for name in p.canary}
    return {name: median([p.canary[name] for p in history
                          if name in p.canary]) for name in names}


def _missing(newest: Point, last: Point, rules: Rules) -> List[Row]:
    """Cells of the run before that this one does not have."""
    why = "measured before and not in this run"
    return [Row(Sample(cell, level.metric, level.unit, level.better,
                       [level.value], [], why, label=level.label), "history",
                rules.margin(level.metric), INVALID, why)
            for cell, level in last.cells.items() if cell not in newest.cells]


def walk(history: Sequence[Point], rules: Rules) -> Tuple[Normal, int, int]:
    """(what is normal after these runs, how many of them could be judged,
    how many of those would have been red)."""
    normal, judged, red = Normal(rules), 0, 0
    for p in history:
        rows = normal.step(p)
        judged += any(r.reason[:8] != "learning" for r in rows)
        red += any(r.verdict == REGRESSED for r in rows)
    return normal, judged, red


def judge_run(newest: Point, history: Sequence[Point], rules: Rules,
              strict: bool = False) -> Judgement:
    """The newest run after sound, comparable ones, oldest first."""
    history = [p for p in history if p.sound]
    normal, judged, red = walk(history, rules)
    j = Judgement(NAME, f"{newest.start or newest.path} after "
                  f"{len(history)} runs of the same machine and environment",
                  f"{newest.where}, {newest.node}", "history", "now", rules,
                  normal.step(newest))
    if history:
        j.rows += _missing(newest, history[-1], rules)
    moved = newest.moved + canary.differences(
        _canary_of(history[-WINDOW:]), newest.canary, "the history",
        "this run") + normal.together
    j.failures += newest.wrong
    learning = len(history) < LEARNING
    conclude(j, moved, blind=not learning)
    if learning:
        j.notes.append(f"learning {len(history)}/{LEARNING}: nothing is "
                       "judged yet")
        if strict:
            j.unproven.append(j.notes[-1])
    if judged:
        j.notes.append(f"This rule, replayed over the {judged} runs before "
                       f"that it could judge: {red} red.")
    return j


def _parser() -> cli.Parser:
    parser = cli.Parser(
        NAME, "Measure once more and compare with the history of this machine "
        "and environment.\nFails when a cell got worse in this run and in the "
        "run before. Everything else goes\nto pipemark run: a matrix or "
        "preset (default), and knobs.")
    parser.usage = "pipemark gate --history DIR [MATRIX] [knobs] [options]"
    parser.add_argument("--history", metavar="DIR", required=True,
                        help="result files of earlier runs; this run is added")
    parser.add_argument("--run", metavar="FILE",
                        help="judge this result file, measure nothing")
    parser.add_argument("--no-add", action="store_true",
                        help="leave the history as it is")
    parser.add_argument("--trials", type=int, default=6, metavar="N",
                        help="launches of each cell (6)")
    parser.add_argument("--strict", action="store_true",
                        help="exit 3 while learning")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    judging.add_options(parser)
    return parser


def _measured(args: argparse.Namespace, rest: List[str]) -> str:
    folder = drive.new_folder(args.folder, NAME)
    path = os.path.join(folder, "run.jsonl")
    words = rest or ["default"]
    drive.measure([*words, "--trials", str(args.trials),
                   *(["--quiet"] if args.quiet else [])], path)
    args.folder = folder
    return path


def main(argv: List[str]) -> int:
    """The command."""
    args, rest = _parser().parse_known_args(argv)
    rules = judging.rules(args)
    if args.run and rest:
        raise cli.Failure(cli.WRONG, f"--run measures nothing: {rest[0]} has "
                          "no place beside it")
    cli.make_folder(args.history)
    past = store.load(args.history)
    path = args.run or _measured(args, rest)
    newest = point(read(path))
    j = judge_run(newest, store.comparable(past, newest), rules, args.strict)
    if not args.no_add and not newest.wrong:
        store.add(args.history, path)
    return judging.finish(j, args)
