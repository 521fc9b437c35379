"""pipemark versus: two configurations, measured in pairs and judged.

Every cell is screened with a few pairs; those that look different are
measured again, on fresh trials, and only that is judged.  Copies of some
cells run against themselves all the while: they must not differ.
"""

from __future__ import annotations

import argparse
import os
from typing import Dict, List, Optional, Sequence, Tuple

from . import arms, cli, drive, judging
from .judgement import Judgement
from .reader import read
from .result import Cell, Run
from .samples import pair_families
from .stages import CONFIRM_PAIRS, SCREEN_PAIRS, screen
from .verdict import Key, Rules

NAME = "versus"
SCREEN_FILE, CONFIRM_FILE = "1-screen.jsonl", "2-confirm.jsonl"
CONFIRM_MATRIX = "2-confirm.matrix"
SENTINELS = 2
# Many short trials tell more than a few long ones.
SHORT = ["--time", "250ms", "--warmup", "50ms"]


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
    parser.add_argument("--screen", type=int, default=SCREEN_PAIRS,
                        metavar="N", help="pairs of each cell at first (10)")
    parser.add_argument("--confirm", type=int, default=CONFIRM_PAIRS,
                        metavar="N", help="fresh pairs of each cell that "
                        "looks different (20)")
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


class Campaign:
    """One versus: what to hand to each `pipemark run`, and its files."""

    def __init__(self, args: argparse.Namespace, rest: List[str],
                 rules: Rules) -> None:
        self.args, self.rest, self.rules = args, rest, rules
        self.folder = drive.new_folder(args.folder, NAME)
        if _plain_knobs(rest) and not _takes(rest, "--time", "--count"):
            self.rest = [*SHORT, *rest]

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
        self._say(f"screening every cell with {self.args.screen} pairs")
        delay = self.args.inject_delay
        return drive.measure(
            [*self.rest, *self._common(self.args.screen),
             *(["--inject-delay", delay] if delay else [])],
            self.path(SCREEN_FILE))

    def _delay(self, cells: Sequence[Cell]) -> Optional[List[str]]:
        """The injected delay, its cell by its number in the new matrix."""
        if not self.args.inject_delay:
            return []
        time, at, cell = self.args.inject_delay.partition("@")
        if not at:
            return ["--inject-delay", time]
        for i, c in enumerate(cells):
            if c.n == int(cell):
                return ["--inject-delay", f"{time}@{i}"]
        return []

    def confirmed(self, run: Run, chosen: Dict[Key, str]) -> Run:
        pairs = chosen_cells(run, chosen)
        self._say(f"{len(pairs)} of {len(pair_families([run]).samples)} cells "
                  f"look different: {self.args.confirm} fresh pairs of each")
        with open(self.path(CONFIRM_MATRIX), "w", encoding="utf-8") as out:
            out.write(drive.matrix_text(
                [drive.base_values(a, b) for a, b in pairs]))
        return drive.measure(
            [self.path(CONFIRM_MATRIX), *self._common(self.args.confirm),
             *(self._delay([a for a, _ in pairs]) or [])],
            self.path(CONFIRM_FILE))

    def run(self) -> Judgement:
        """Both stages."""
        first = self.screened()
        chosen = screen(pair_families([first]).samples, self.rules)
        second = [self.confirmed(first, chosen)] if chosen else []
        return arms.judge_arms(NAME, [first], second, self.rules)


def chosen_cells(run: Run, chosen: Dict[Key, str]) -> List[Tuple[Cell, Cell]]:
    """Both arms of the cells that the screen sent on."""
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
        if len(run.arms) < 2:
            raise cli.Failure(cli.WRONG, f"{path}: has one arm; pipemark run "
                              "--a SET --b SET makes two")
        return arms.judge_arms(NAME, [run], [], rules, staged=False)
    first = read(os.path.join(path, SCREEN_FILE))
    second = os.path.join(path, CONFIRM_FILE)
    return arms.judge_arms(NAME, [first],
                           [read(second)] if os.path.exists(second) else [],
                           rules)


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
    campaign = Campaign(args, rest, rules)
    j = campaign.run()
    args.folder = campaign.folder
    return judging.finish(j, args, failing)
