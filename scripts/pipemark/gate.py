"""pipemark gate: is the newest run worse than this machine's history?

What CI calls.  The rule is in normal.py; this measures, asks the canaries,
and keeps the run.  A change that was meant is accepted by hand, with a reason.
"""

from __future__ import annotations

import argparse
import os
from statistics import median
from types import MappingProxyType
from typing import Dict, List, Mapping, Sequence, Tuple

from . import accepts, canary, cli, drive, judging, store
from .accepts import Accept
from .judgement import Judgement, conclude
from .levels import Point, point
from .normal import WINDOW, Normal, learning
from .reader import read
from .result import Run
from .verdict import INVALID, REGRESSED, Row, Rules, Sample
from .versus import short

NAME = "gate"
TRIALS, BRIEF_TRIALS = 6, 60


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


def walk(history: Sequence[Point], rules: Rules,
         meant: Sequence[Accept] = ()) -> Tuple[Normal, int, int]:
    """(what is normal after these runs, how many of them could be judged,
    how many of those would have been red)."""
    normal, judged, red, applied = Normal(rules), 0, 0, 0
    for p in history:
        applied = accepts.after(meant, applied, p, normal)
        rows = normal.step(p)
        judged += any(not learning(r) for r in rows)
        red += any(r.verdict == REGRESSED for r in rows)
    for accept in meant[applied:]:
        for cell in accept.cells:
            normal.accept(cell)
    return normal, judged, red


def failed_launches(run: Run) -> Dict[str, int]:
    """Of each cell that has any, by its id."""
    found = {c.id: len(c.trials) - len(c.good) for c in run.cells.values()
             if c.arm == run.arms[0] and not c.sentinel}
    return {cell: count for cell, count in found.items() if count}


def judge_run(newest: Point, history: Sequence[Point], rules: Rules,
              strict: bool = False, meant: Sequence[Accept] = (),
              failed: Mapping[str, int] = MappingProxyType({})) -> Judgement:
    """The newest run after sound, comparable ones, oldest first."""
    history = [p for p in history if p.sound]
    normal, judged, red = walk(history, rules, meant)
    j = Judgement(NAME, f"{newest.start or newest.path} after "
                  f"{len(history)} runs of the same machine and environment",
                  f"{newest.where}, {newest.node}", "history", "now", rules,
                  normal.step(newest))
    new = [r.reason for r in j.rows if learning(r)]
    none = len(new) == len(j.rows)
    if history:
        j.rows += _missing(newest, history[-1], rules)
    for row in j.rows:
        row.sample.failed = failed.get(row.sample.cell, 0)
    j.failures += [f"{cell}: no launch gave a number" for cell in failed
                   if cell not in {row.sample.cell for row in j.rows}]
    moved = newest.moved + normal.together
    if none:
        moved += canary.differences(_canary_of(history[-WINDOW:]),
                                    newest.canary, "the history", "this run",
                                    but=canary.STATE)
    j.failures += newest.wrong
    conclude(j, moved, ask_blind=not new)
    j.unproven += normal.far
    if none:
        j.notes.append(f"{min(new, default='no cell')}: nothing is judged yet")
        if strict:
            j.unproven.append(j.notes[-1])
    share = [f"{name} {100 * by:+.0f} %" for name, by in normal.apart.items()
             if abs(by) > 0.01]
    if share:
        j.notes.append(f"All cells share {', '.join(share)} (+ is worse); "
                       "now/history is without it where that leaves less "
                       "doubt.")
    if judged:
        j.notes.append(f"This rule, replayed over the {judged} runs before "
                       f"that it could judge: {red} red.")
    if any(r.verdict == REGRESSED for r in j.rows):
        j.notes.append("If the change was meant: pipemark gate --history DIR "
                       "--accept CELL --why TEXT makes it the new normal.")
    return j


def accept(args: argparse.Namespace, rules: Rules) -> int:
    """--accept: what is out of its normal is the new normal from here on."""
    if not args.why:
        raise cli.Failure(cli.WRONG, "--accept wants --why TEXT: it is kept "
                          "with the history")
    past = store.load(args.history)
    if args.run:
        newest = point(read(args.run))
    elif past:
        newest = past[-1]
    else:
        raise cli.Failure(cli.CANNOT, f"{args.history} holds no run whose "
                          "level could be accepted")
    history = [p for p in [*store.comparable(past, newest), newest]
               if p.sound]
    meant = [a for a in accepts.load(args.history) if a.of(newest)]
    normal, _, _ = walk(history, rules, meant)
    entry = accepts.record(args.history, newest,
                           accepts.waiting(normal, newest), args.accept,
                           args.why)
    for label in entry.cells.values():
        print(f"accepted as the new normal since {newest.start}: {label} "
              f"({args.why})")
    return cli.DONE


def _parser() -> cli.Parser:
    parser = cli.Parser(
        NAME, "Measure once more and compare with the history of this machine "
        "and environment.\nFails when a cell got worse in this run and in the "
        "run before. Everything else goes\nto pipemark run: a matrix or "
        "preset (default), and knobs.")
    parser.usage = ("pipemark gate --history DIR [MATRIX] [knobs] [options]\n"
                    "       pipemark gate --history DIR --accept CELL|all "
                    "--why TEXT")
    parser.add_argument("--history", metavar="DIR", required=True,
                        help="result files of earlier runs; this run is added")
    parser.add_argument("--run", metavar="FILE",
                        help="judge this result file, measure nothing")
    parser.add_argument("--no-add", action="store_true",
                        help="leave the history as it is")
    parser.add_argument("--accept", action="append", metavar="CELL|all",
                        help="measure nothing: the level that this cell has "
                        "reached is meant; may be repeated")
    parser.add_argument("--why", metavar="TEXT", help="with --accept: the "
                        "reason, kept in the history")
    parser.add_argument("--trials", type=int, metavar="N",
                        help="launches of each cell (60 short ones where only "
                        "knobs are given, else 6)")
    parser.add_argument("--strict", action="store_true",
                        help="exit 3 while learning")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    judging.add_options(parser)
    return parser


def _measured(args: argparse.Namespace, rest: List[str], rules: Rules) -> str:
    judging.check_margins(rules)
    folder = drive.new_folder(args.folder, NAME)
    path = os.path.join(folder, "run.jsonl")
    brief = short(rest) if rest else []
    trials = args.trials or (BRIEF_TRIALS if brief else TRIALS)
    drive.measure([*brief, *(rest or ["default"]), "--trials", str(trials),
                   *(["--quiet"] if args.quiet else [])], path)
    args.folder = folder
    return path


def main(argv: List[str]) -> int:
    """The command."""
    args, rest = _parser().parse_known_args(argv)
    rules = judging.rules(args)
    if args.trials is not None and args.trials < 1:
        raise cli.Failure(cli.WRONG, f"--trials {args.trials} measures nothing")
    if args.run and rest:
        raise cli.Failure(cli.WRONG, f"--run measures nothing: {rest[0]} has "
                          "no place beside it")
    cli.make_folder(args.history)
    if args.accept:
        if rest:
            raise cli.Failure(cli.WRONG, f"--accept measures nothing: "
                              f"{rest[0]} has no place beside it")
        return accept(args, rules)
    past = store.load(args.history)
    path = args.run or _measured(args, rest, rules)
    run = read(path)
    judging.check_margins(rules, [run])
    newest = point(run)
    meant = [a for a in accepts.load(args.history) if a.of(newest)]
    j = judge_run(newest, store.comparable(past, newest), rules, args.strict,
                  meant, failed_launches(run))
    if not args.no_add and not newest.wrong:
        store.add(args.history, path)
    return judging.finish(j, args)
