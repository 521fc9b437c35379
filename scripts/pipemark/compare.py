"""pipemark compare BASE... -- NEW...: whole runs, before and after a change.

The unit is the run: one number a cell, the median over its trials.  Launches
of one run share its drift and are no independent evidence, however many.
"""

from __future__ import annotations

import copy
import argparse
from typing import List, Sequence, Tuple

from . import canary, cli, judging
from .judgement import Judgement, conclude
from .ranksum import least_p, most_tests
from .reader import read_all
from .result import Run
from .samples import Family, run_families, trial_family
from .verdict import (IMPROVED, INCONCLUSIVE, INVALID, REGRESSED, Row, Rules,
                      judge, look)

NAME = "compare"
# One file against one: medians of ten launches moved by more than this, one
# way, in 6 % of the cells of a noisy machine on which nothing had changed,
# and in a third of the comparisons of 18 cells (tests/py/test_compare.py).
UNPAIRED_MARGIN = 0.50
UNPAIRED_RATE = "6 % of unchanged cells, 1 in 3 comparisons of 18 cells"


def _parser() -> cli.Parser:
    parser = cli.Parser(NAME, "Compare result files of two states of a "
                        "machine: BASE... before -- and NEW... behind it.\n"
                        "Each file is one number a cell; say more than one "
                        "on each side.")
    parser.usage = "pipemark compare [options] BASE... -- NEW..."
    parser.add_argument("files", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--paired", action="store_true",
                        help="the runs were made in alternation: a pair is "
                        "one of each side")
    parser.add_argument("--allow-unlike", action="store_true",
                        help="compare although machine or environment differ")
    parser.add_argument("--allow-unpaired", action="store_true",
                        help="judge one file against one by a fixed, wide "
                        "margin")
    judging.add_options(parser)
    return parser


def _parse(argv: List[str]) -> Tuple[argparse.Namespace, List[str], List[str]]:
    if "--" not in argv:
        if "-h" not in argv and "--help" not in argv:
            raise cli.Failure(cli.WRONG, "say BASE... -- NEW...: a -- between "
                              "the files of the two sides; try --help")
        _parser().parse_args(argv)
    at = argv.index("--")
    args = _parser().parse_args(argv[:at])
    base, args.files = args.files, []
    args = _parser().parse_args(argv[at + 1:], copy.copy(args))
    if not base or not args.files:
        raise cli.Failure(cli.WRONG, "both sides of -- need a file")
    return args, base, args.files


def _facts(run: Run) -> dict:
    facts = run.env.get("facts", {})
    return {name: fact.get("v") for name, fact in facts.items()}


def unlike(runs: Sequence[Run]) -> List[str]:
    """How the machines and environments of these files differ."""
    first, found = runs[0], []
    for run in runs[1:]:
        for what, a, b in (("machine", first.node, run.node),
                           ("system", first.where, run.where)):
            if a != b:
                found.append(f"{what}: {a} and {b}")
        if first.env.get("id") != run.env.get("id"):
            one, two = _facts(first), _facts(run)
            names = [n for n in {**one, **two} if one.get(n) != two.get(n)]
            found += [f"{n}: {one.get(n)} and {two.get(n)}" for n in names]
            if not names:
                found.append("environment: its digests differ")
    return list(dict.fromkeys(found))


def _check_files(runs: Sequence[Run]) -> None:
    for run in runs:
        if len(run.arms) > 1:
            raise cli.Failure(cli.WRONG, f"{run.path}: holds two arms; judge "
                              f"it with versus --judge")


def in_alternation(base: Sequence[Run], new: Sequence[Run]
                   ) -> Tuple[List[Run], List[Run]]:
    """Both sides by their start; a pair is one of each, next to each other."""
    if len(base) != len(new):
        raise cli.Failure(cli.WRONG, f"--paired needs as many files on both "
                          f"sides, not {len(base)} and {len(new)}")

    def start(item: Tuple[Run, int]) -> int:
        return int(item[0].header.get("start_ns") or 0)

    every = sorted([(r, 0) for r in base] + [(r, 1) for r in new], key=start)
    for i in range(0, len(every), 2):
        if every[i][1] == every[i + 1][1]:
            raise cli.Failure(cli.CANNOT, "--paired: the runs were not made "
                              f"in alternation: {every[i][0].path} and "
                              f"{every[i + 1][0].path} follow each other")
    return ([r for r, side in every if side == 0],
            [r for r, side in every if side == 1])


def _moves(base: Sequence[Run], new: Sequence[Run]
           ) -> Tuple[List[str], List[str]]:
    """(inside a run, between the sides) what the canaries say."""
    inside = [f"{run.path}: {text}" for run in [*base, *new]
              for text in canary.moves(run.canaries)]
    sides = [[r for run in side for r in run.canaries] for side in (base, new)]
    return inside, canary.differences(canary.medians(sides[0]),
                                      canary.medians(sides[1]),
                                      "the base runs", "the new runs")


def fixed_margin(family: Family, rules: Rules) -> List[Row]:
    """One file against one, without a test."""
    rows = []
    for sample in family.samples:
        sample.paired = False
        row = look(sample, rules, "only", 1)
        row.margin = UNPAIRED_MARGIN
        if row.verdict != INVALID:
            row.verdict = INCONCLUSIVE
            if row.worse.ratio > 1 + UNPAIRED_MARGIN:
                row.verdict = REGRESSED
            elif row.worse.ratio < 1 / (1 + UNPAIRED_MARGIN):
                row.verdict = IMPROVED
        rows.append(row)
    return rows


def _one_against_one(j: Judgement, base: Run, new: Run,
                     allowed: bool) -> Judgement:
    family = trial_family(base, new)
    j.rows, j.skipped = fixed_margin(family, j.rules), family.skipped
    j.design = (f"{base.path} against {new.path}: one run each, launches "
                f"unpaired")
    if allowed:
        j.notes.append(f"Fixed margin {100 * UNPAIRED_MARGIN:.0f} %; on a "
                       f"noisy machine it called {UNPAIRED_RATE} slower.")
        return j
    for row in j.rows:
        if row.verdict in (REGRESSED, IMPROVED):
            row.reason = f"looks {row.verdict}"
            row.verdict = INCONCLUSIVE
    j.unproven.append("indicative only: the launches of one run share its "
                      "drift; give more files on both sides, or "
                      "--allow-unpaired")
    return j


def _runs_against_runs(j: Judgement, base: Sequence[Run],
                       new: Sequence[Run], paired: bool) -> Judgement:
    family = run_families(base, new)
    for sample in family.samples:
        sample.paired = paired
    j.rows, j.skipped = judge(family.samples, j.rules), family.skipped
    n, m = len(base), len(new)
    cells = sum(not s.problem() for s in family.samples)
    if paired:
        least, most = 2.0 ** -n, int(j.rules.alpha * 2 ** n)
        j.design = f"{n} pairs of runs in alternation, exact signed-rank test"
    else:
        least, most = least_p(n, m), most_tests(n, m, j.rules.alpha)
        j.design = f"{n} runs against {m}, exact rank-sum test over runs"
    j.design += (f"; so many can reach p = {least:.2g} and serve at most "
                 f"{most} comparison{'s' if most != 1 else ''}, "
                 f"here are {cells}")
    return j


def compare_runs(base: Sequence[Run], new: Sequence[Run], rules: Rules,
                 paired: bool = False, allow_unlike: bool = False,
                 allow_unpaired: bool = False) -> Judgement:
    """The judgement over files that were read."""
    runs = [*base, *new]
    _check_files(runs)
    j = Judgement(NAME, "", judging.where(runs), "base", "new", rules, [])
    differing = unlike(runs)
    if differing and not allow_unlike:
        raise cli.Failure(cli.CANNOT, "these files are not from one machine "
                          "in one environment (" + "; ".join(differing)
                          + "); if that is what you compare, say "
                          "--allow-unlike")
    j.notes += [f"differs: {text}" for text in differing]
    if paired:
        base, new = in_alternation(base, new)
    if len(base) == len(new) == 1:
        _one_against_one(j, base[0], new[0], allow_unpaired)
    else:
        _runs_against_runs(j, base, new, paired)
    j.failures += [note for run in runs for note in run.notes]
    inside, between = _moves(base, new)
    if allow_unlike:
        j.notes += between
        between = []
    return conclude(j, inside + between)


def main(argv: List[str]) -> int:
    """The command."""
    args, base, new = _parse(argv)
    rules = judging.rules(args)
    runs = read_all([*base, *new])
    judging.check_margins(rules, runs)
    j = compare_runs(runs[:len(base)], runs[len(base):], rules, args.paired,
                     args.allow_unlike, args.allow_unpaired)
    return judging.finish(j, args)
