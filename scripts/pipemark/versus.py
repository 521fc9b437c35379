"""pipemark versus: two configurations, measured in pairs and judged.

Every cell is screened with a few pairs, and with more where launches scatter;
those that look different are measured again, on fresh trials, and only that is
judged.  Copies of some cells run against themselves all the while: they must
not differ.
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import time
from dataclasses import replace
from typing import Container, Dict, List, Optional, Sequence, Tuple

from . import arms, cli, drive, effort, judging
from .judgement import Judgement
from .reader import read
from .result import Cell, Run
from .samples import merged, pair_families
from .stages import screen
from .units import seconds
from .verdict import Key, Rules, Sample

NAME = "versus"
SCREEN_FILE, CONFIRM_FILE = "1-screen.jsonl", "2-confirm.jsonl"
PLAN_FILE = "plan.json"
SENTINELS = 2
# Many short trials tell more than a few long ones: launches differ from each
# other by far more than the middles of 40 ms and of 250 ms do.  Only a tail
# needs its thousand samples.
SHORT = ["--time", "40ms", "--warmup", "10ms"]
SHORT_TAIL = ["--time", "250ms", "--warmup", "50ms"]
SCREEN_SHARE = 0.5          # of the budget


def _parser() -> cli.Parser:
    parser = cli.Parser(
        NAME, "Measure two configurations in pairs, back to back in random "
        "order, and judge\nwhether b is slower or faster than a. Everything "
        "else goes to pipemark run: a\nmatrix or preset, and knobs, as "
        "--message 64,4K,64K.")
    parser.usage = ("pipemark versus --a SET --b SET [MATRIX] [knobs] "
                    "[options]\n       pipemark versus --judge FOLDER|FILE")
    parser.add_argument("--a", metavar="SET", help='"kind=anonymous"')
    parser.add_argument("--b", metavar="SET", help='"kind=named"; "" is as '
                        "it is")
    parser.add_argument("--a-exec", metavar="PREFIX",
                        help='command in front of both programs of a')
    parser.add_argument("--b-exec", metavar="PREFIX", help="the same of b")
    parser.add_argument("--screen", type=int, default=effort.SCREEN_PAIRS,
                        metavar="N", help="pairs of each cell at first (10); "
                        "where launches scatter, up to four times as many")
    parser.add_argument("--confirm", type=int, default=effort.MOST_CONFIRM,
                        metavar="N", help="most fresh pairs of each cell that "
                        "looks different (60; 20 are enough where launches "
                        "agree)")
    parser.add_argument("--budget", default="2min", metavar="TIME",
                        help="take no more pairs than needed when about so "
                        "much is over (2min)")
    parser.add_argument("--sentinels", type=int, default=SENTINELS,
                        metavar="N", help="copies that must not differ (2)")
    parser.add_argument("--fail-on", default="", metavar="VERDICTS",
                        help="exit 1 on these, as regressed,improved")
    parser.add_argument("--judge", metavar="PATH",
                        help="judge files that are there: a folder of versus, "
                        "or one result with two arms")
    parser.add_argument("--inject-delay", metavar="TIME[@CELL]",
                        help=argparse.SUPPRESS)
    parser.add_argument("--quiet", action="store_true", help="no progress")
    judging.add_options(parser)
    return parser


def _takes(words: Sequence[str], *names: str) -> bool:
    return any(w.split("=")[0] in names for w in words)


def _plain_knobs(rest: Sequence[str]) -> bool:
    """No matrix or preset among the words: each is an option or its value."""
    value = False
    for word in rest:
        if word.startswith("--"):
            value = "=" not in word
        elif not value:
            return False
        else:
            value = False
    return True


def short(rest: Sequence[str]) -> List[str]:
    """How long a trial is if nobody said."""
    if not _plain_knobs(rest) or _takes(rest, "--time", "--count"):
        return []
    return SHORT_TAIL if any("paced" in w for w in rest) else SHORT


class Campaign:
    """One versus: what to hand to each `pipemark run`, and its files."""

    def __init__(self, args: argparse.Namespace, rest: List[str],
                 rules: Rules) -> None:
        self.args, self.rules = args, rules
        self.rest = [*short(rest), *rest]
        self.budget_s = seconds("--budget", args.budget)
        self.folder = drive.new_folder(args.folder, NAME)
        self.began = time.monotonic()
        self.pair_s = 0.0           # one pair of one cell, once known

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _common(self, pairs: int) -> List[str]:
        a = self.args
        words = ["--a", a.a or "", "--b", a.b or "", "--trials", str(pairs),
                 "--sentinels", str(a.sentinels)]
        for flag, value in (("--a-exec", a.a_exec), ("--b-exec", a.b_exec)):
            words += [flag, value] if value else []
        return words + (["--quiet"] if a.quiet else [])

    def _say(self, text: str) -> None:
        if not self.args.quiet:
            cli.note(NAME, [text])

    def screened(self) -> Run:
        """The first look at every cell."""
        self._say(f"screening every cell with {self.args.screen} pairs")
        delay = self.args.inject_delay
        run = drive.measure(
            [*self.rest, *self._common(self.args.screen),
             *(["--inject-delay", delay] if delay else [])],
            self.path(SCREEN_FILE))
        self.pair_s = ((time.monotonic() - self.began)
                       / max(1, len(run.trials) // 2))
        return run

    def _delay(self, cells: Sequence[Cell]) -> List[str]:
        """The injected delay, its cell by its number in the new matrix."""
        if not self.args.inject_delay:
            return []
        delay, at, cell = self.args.inject_delay.partition("@")
        if not at:
            return ["--inject-delay", delay]
        for i, c in enumerate(cells):
            if c.n == int(cell):
                return ["--inject-delay", f"{delay}@{i}"]
        return []

    def _again(self, run: Run, wanted: Container[Key], pairs: int,
               name: str) -> Run:
        """Some cells of a run, on fresh trials, with a matrix beside it."""
        cells = chosen_cells(run, wanted)
        matrix = self.path(name.replace(".jsonl", ".matrix"))
        with open(matrix, "w", encoding="utf-8") as out:
            out.write(drive.matrix_text(
                [drive.base_values(a, b) for a, b in cells]))
        return drive.measure(
            [matrix, *self._common(pairs), *self._delay([a for a, _ in cells])],
            self.path(name))

    def _affords(self, cells: int, share: float = 1.0) -> int:
        """How many more pairs of so many cells fit into the budget."""
        left_s = share * self.budget_s - (time.monotonic() - self.began)
        each_s = self.pair_s * (cells + min(cells, self.args.sentinels))
        return int(left_s / each_s) if each_s else 0

    def _look_longer(self, runs: List[Run]) -> List[Sample]:
        """More pairs for the cells in which nothing could be seen yet."""
        while True:
            samples = merged(pair_families(runs).samples)
            chosen = screen(samples, self.rules)
            blind = effort.unseen(samples, chosen, self.rules,
                                  len(chosen) + 1)
            if (not blind or len(runs) * self.args.screen >= effort.MOST_SCREEN
                    or self._affords(len(blind), SCREEN_SHARE)
                    < self.args.screen):
                return samples
            self._say(f"{len(blind)} of {len(samples)} cells scatter: "
                      f"{self.args.screen} more pairs of each")
            runs.append(self._again(
                runs[0], blind, self.args.screen,
                SCREEN_FILE.replace("1-screen", f"1-screen-{len(runs) + 1}")))

    def _plan(self) -> None:
        """Settle how many fresh pairs a cell may get at most."""
        most = self.args.confirm
        self.rules = replace(self.rules, most_confirm=min(
            most, max(effort.CONFIRM_PAIRS, self._affords(1))))
        with open(self.path(PLAN_FILE), "w", encoding="utf-8") as out:
            json.dump({"most_confirm": self.rules.most_confirm}, out)

    def _confirmed(self, run: Run, samples: Sequence[Sample],
                   chosen: Dict[Key, str]) -> Run:
        pairs = effort.pairs_for(samples, chosen, self.rules,
                                 len(chosen) + 1)
        least = min(pairs, effort.CONFIRM_PAIRS)
        pairs = min(pairs, max(least, self._affords(len(chosen))))
        self._say(f"{len(chosen)} of {len(samples)} cells look different: "
                  f"{pairs} fresh pairs of each")
        return self._again(run, chosen, pairs, CONFIRM_FILE)

    def run(self) -> Judgement:
        """Both stages."""
        first = [self.screened()]
        self._plan()
        samples = self._look_longer(first)
        chosen = screen(samples, self.rules)
        second = ([self._confirmed(first[0], samples, chosen)] if chosen
                  else [])
        return arms.judge_arms(NAME, first, second, self.rules)


def chosen_cells(run: Run, chosen: Container[Key]
                 ) -> List[Tuple[Cell, Cell]]:
    """Both arms of the cells that are to be measured again."""
    wanted = {key[:2] for key in chosen}
    found = []
    for (n, arm), a in run.cells.items():
        b = run.cells.get((n, "b"))
        if arm == "a" and b and not a.sentinel and (a.id, b.id) in wanted:
            found.append((a, b))
    return found


def judge_path(path: str, rules: Rules) -> Judgement:
    """Files that are there: a folder of both stages, or one file."""
    if not os.path.isdir(path):
        run = read(path)
        judging.check_margins(rules, [run])
        if len(run.arms) < 2:
            raise cli.Failure(cli.WRONG, f"{path}: has one arm; pipemark run "
                              "--a SET --b SET makes two")
        return arms.judge_arms(NAME, [run], [], rules, staged=False)
    second = os.path.join(path, CONFIRM_FILE)
    more = sorted(glob.glob(os.path.join(glob.escape(path),
                                         "1-screen-*.jsonl")))
    first = [read(p) for p in [os.path.join(path, SCREEN_FILE), *more]]
    judging.check_margins(rules, first)
    return arms.judge_arms(NAME, first,
                           [read(second)] if os.path.exists(second) else [],
                           _planned(path, rules))


def _planned(path: str, rules: Rules) -> Rules:
    """With the pairs that the measurement allowed itself."""
    try:
        with open(os.path.join(path, PLAN_FILE), encoding="utf-8") as file:
            return replace(rules, most_confirm=int(
                json.load(file)["most_confirm"]))
    except (OSError, ValueError, KeyError, TypeError):
        return rules


def main(argv: List[str]) -> int:
    """The command."""
    args, rest = _parser().parse_known_args(argv)
    rules = judging.rules(args)
    failing = judging.fail_on(args.fail_on)
    if args.judge:
        if rest:
            raise cli.Failure(cli.WRONG, f"--judge measures nothing: "
                              f"{rest[0]} has no place beside it")
        return judging.finish(judge_path(args.judge, rules), args, failing)
    if args.a is None and args.b is None and not (args.a_exec or args.b_exec):
        raise cli.Failure(cli.WRONG, "say what to compare: --a SET --b SET, "
                          "or --a-exec and --b-exec; try --help")
    if args.screen < 6 or args.confirm < 6:
        raise cli.Failure(cli.WRONG, "--screen and --confirm: fewer than 6 "
                          "pairs have no interval")
    judging.check_margins(rules)
    campaign = Campaign(args, rest, rules)
    j = campaign.run()
    args.folder = campaign.folder
    return judging.finish(j, args, failing)
