"""pipemark choose: one configuration for one purpose, on this machine.

Tries what makes sense here in a few short rounds, measures the best again in
fresh ones, and says which to take, what cannot be told apart from it, what
the others lost, and the calls to write.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import best, calls, canary, cli, drive, space
from .best import Entrant
from .paired import Estimate
from .result import Cell, Run, Trial
from .units import number, seconds

NAME = "choose"
FINALISTS = 8
SCREEN_ROUNDS, FINAL_ROUNDS = (6, 12), (20, 60)     # least and most
SCREEN_SHARE = 0.4          # of the budget
OVERHEAD_S = {"linux": 0.015, "windows": 0.07}      # of one launch
SCREEN_S, FINAL_S = (0.03, 0.25), (0.04, 0.5)       # least and most a trial
TAIL_S = 0.25               # a paced trial, for its thousand messages
FILES = ("1-screen", "2-final")


@dataclass
class Goal:
    """What is to be best: its workload and its number in a trial."""

    workload: str
    unit: str
    higher: bool
    of: Callable[[Trial], Optional[float]]

    def worse(self, trial: Optional[Trial]) -> Optional[float]:
        """As a logarithm, larger is worse; None without a number."""
        value = self.of(trial) if trial and trial.good else None
        if value is None or not (value > 0 and math.isfinite(value)):
            return None
        return -math.log(value) if self.higher else math.log(value)

    def value(self, worse: float) -> float:
        return math.exp(-worse if self.higher else worse)


def _cpu(trial: Trial) -> Optional[float]:
    parts = [trial.metrics.get(f"{end}.cpu_{kind}")
             for end in ("producer", "consumer") for kind in ("user", "sys")]
    if None in parts or not trial.messages:
        return None
    return sum(parts) / trial.messages


def goal_of(name: str, paced: bool) -> Goal:
    """The goal's number; with a rate latency is response time."""
    what = "response" if paced else "rtt"
    load = "paced" if paced else "pingpong"
    return {
        "throughput": Goal("stream", "bytes/s", True,
                           lambda t: t.metrics.get("bytes_per_s")),
        "p50": Goal(load, "ns", False,
                    lambda t: t.metrics.get(f"{what}_p50")),
        "p99": Goal(load, "ns", False,
                    lambda t: t.metrics.get(f"{what}_p99")),
        "cpu": Goal("paced" if paced else "stream", "ns", False, _cpu),
    }[name]


GOALS = ("throughput", "p50", "p99", "cpu")


def size_bytes(text: str) -> int:
    """A size in the notation of the command line."""
    match = re.fullmatch(r"(\d+)([KMG]?)", text)
    if not match:
        raise cli.Failure(cli.WRONG, f"--message {text}: write one size, as "
                          "8K")
    return int(match.group(1)) << {"": 0, "K": 10, "M": 20, "G": 30}[
        match.group(2)]


def plan(budget_s: float, cells: int, overhead_s: float,
         rounds: Tuple[int, int], trial_s: Tuple[float, float]
         ) -> Tuple[int, float]:
    """(rounds, how long a trial measures).  Launches differ more than moments
    of one launch do, so first as many as may be, and then longer ones.  A
    quarter more goes to warming up."""
    least_s, most_s = trial_s
    fit = int(budget_s / max(1, cells) / (1.25 * least_s + overhead_s))
    count = min(rounds[1], max(rounds[0], fit))
    each_s = budget_s / max(1, count * cells) - overhead_s
    return count, min(most_s, max(least_s, each_s / 1.25))


def _times(measure_s: float) -> List[str]:
    return ["--time", f"{round(measure_s * 1e6)}us",
            "--warmup", f"{round(measure_s * 0.25e6)}us"]


def entrants(run: Run, goal: Goal) -> List[Tuple[Cell, Entrant]]:
    """Every measured cell with its number of each round; one that loses
    messages has no speed."""
    rounds = 1 + max((t.round for t in run.trials), default=-1)
    found = []
    for cell in run.cells.values():
        if cell.skip or any(t.corrupt for t in cell.trials):
            continue
        by_round = {t.round: t for t in cell.trials}
        found.append((cell, Entrant(str(cell.n), [
            goal.worse(by_round.get(r)) for r in range(rounds)])))
    return found


def finalists(run: Run, goal: Goal, count: int = FINALISTS) -> List[Cell]:
    """The best of the screen."""
    field = entrants(run, goal)
    levels = best.centred([e for _, e in field])
    known = [(levels[e.name], cell.n, cell) for cell, e in field
             if math.isfinite(levels[e.name])]
    return [cell for _, _, cell in sorted(known, key=lambda x: x[:2])[:count]]


@dataclass
class Choice:
    """The answer.  `lost`: family, its best cell, how many times worse."""

    goal: str
    unit: str
    tried: int
    again: int                  # of them in the second file
    skipped: int
    taken: Cell
    value: float
    alike: List[Cell]
    lost: List[Tuple[str, str, Estimate]]
    unproven: List[str]
    where: str
    host: str


VARIED = ("transport", "mode", "io", "depth", "buffer")


def title(cell: Cell) -> str:
    """A configuration by the knobs that are tried here."""
    words = []
    for name in VARIED:
        value = cell.knobs.get(name)
        if value and value.origin:
            words.append(f"{name}={value.v}")
    return " ".join(words) or cell.id


def _family(cell: Cell) -> List[str]:
    return [f"{name}={cell.text(name)}" for name in ("transport", "io",
                                                     "depth", "buffer")
            if cell.text(name)]


def _losses(taken: Cell, final: Sequence[Tuple[Cell, Entrant]],
            screened: Sequence[Tuple[Cell, Entrant]]
            ) -> List[Tuple[str, str, Estimate]]:
    """Every family that the choice is not of: its best, and what it lost.
    From the final where it got there, else from the screen."""
    found: Dict[str, Tuple[str, Estimate]] = {}
    for field in (final, screened):
        winner = next((e for c, e in field if c.id == taken.id or
                       title(c) == title(taken)), None)
        if winner is None:
            continue
        levels = best.centred([e for _, e in field])
        for cell, e in sorted(field, key=lambda x: levels[x[1].name]):
            lost = best.loss(e, winner)
            if lost is None:
                continue
            for family in _family(cell):
                if family not in _family(taken):
                    found.setdefault(family, (title(cell), lost))
    rows = [(family, name, lost) for family, (name, lost) in found.items()]
    return sorted(rows, key=lambda r: (VARIED.index(r[0].split("=")[0]),
                                       r[2].ratio))


def decide(goal_name: str, goal: Goal, screen: Run, final: Run) -> Choice:
    """The answer from both files."""
    field = entrants(final, goal)
    by_name = {e.name: cell for cell, e in field}
    alike = best.best_set([e for _, e in field])
    if not alike:
        raise cli.Failure(cli.CANNOT, f"{final.path}: nothing was measured "
                          f"that has a {goal_name}")
    taken = by_name[alike[0].name]
    moved = canary.moves([*screen.canaries, *final.canaries])
    notes = [x for run in (screen, final) for x in run.notes]
    return Choice(
        goal_name, goal.unit, len([c for c in screen.cells.values()
                                   if not c.skip]), len(final.cells),
        len([c for c in screen.cells.values() if c.skip]), taken,
        goal.value(alike[0].level()), [by_name[e.name] for e in alike[1:]],
        _losses(taken, field, entrants(screen, goal)), moved + notes,
        f"{final.where}, {final.node}", final.host)


def _interval(e: Estimate) -> str:
    known = e.lo > 0 and math.isfinite(e.hi)
    bounds = f" [{e.lo:.2f} .. {e.hi:.2f}]" if known else ""
    return f"{e.ratio:.2f} times worse{bounds}"


def text(c: Choice, message: str, fixed: Sequence[str]) -> str:
    """The answer for people."""
    lines = [f"For messages of {message}, goal {c.goal}, on {c.where}: "
             f"{c.tried} configurations tried"
             + (f" ({c.skipped} more cannot be had here)" if c.skipped
                else "")
             + f", the best {c.again} measured again.", "",
             f"Take  {title(c.taken)}: {number(c.value, c.unit)}"]
    if c.alike:
        lines += ["", "Cannot be told apart from it"]
        lines += [f"      {title(cell)}" for cell in c.alike]
    if c.lost:
        lines += ["", "The best of each other family"]
        width = max(len(family) for family, _, _ in c.lost)
        lines += [f"      {family:{width}}  {_interval(lost)}  ({name})"
                  for family, name, lost in c.lost]
    code = calls.calls(c.taken, c.host)
    if code:
        lines += ["", "Write"] + [f"      {line}" for line in code]
    said = {word.split("=")[0] for word in fixed}
    again = " ".join(["pipemark run --message", message, *fixed,
                      *(f"--{w.replace('=', ' ', 1)}"
                        for w in title(c.taken).split()
                        if "--" + w.split("=")[0] not in said)])
    lines += ["", f"To measure it again: {again}"]
    lines += [f"NOT PROVEN: {reason}" for reason in c.unproven]
    return "\n".join(lines) + "\n"


def as_json(c: Choice, message: str) -> str:
    """The answer for programs."""
    def values(cell: Cell) -> Dict[str, Any]:
        return {n: cell.text(n) for n in VARIED if cell.text(n)}
    return json.dumps({
        "schema": "pipemark-choice/1.0", "goal": c.goal, "message": message,
        "where": c.where, "tried": c.tried, "skipped": c.skipped,
        "taken": values(c.taken), "title": title(c.taken), "id": c.taken.id,
        "value": c.value, "unit": c.unit, "alike": [values(cell) for cell in c.alike],
        "lost": [{"family": f, "best": n, "ratio": e.ratio,
                  "lo": e.lo if e.lo > 0 else None,
                  "hi": e.hi if math.isfinite(e.hi) else None}
                 for f, n, e in c.lost],
        "calls": calls.calls(c.taken, c.host), "unproven": c.unproven},
        indent=1, ensure_ascii=False) + "\n"


def _parser() -> cli.Parser:
    parser = cli.Parser(
        NAME, "Find the configuration that is best for one purpose on this "
        "machine. Further knobs\nare kept fixed, as --placement same.")
    parser.usage = ("pipemark choose --message SIZE --goal GOAL [--rate R] "
                    "[--need WORDS] [knobs] [options]")
    parser.add_argument("--message", default="4K", metavar="SIZE",
                        help="4K unless told otherwise")
    parser.add_argument("--goal", choices=GOALS, default="throughput",
                        help="throughput unless told otherwise")
    parser.add_argument("--rate", metavar="R", help="messages per second; "
                        "latency is then response time at this load")
    parser.add_argument("--need", default="", metavar="WORDS",
                        help=", ".join([*space.NEEDS, space.NO_SPIN]))
    parser.add_argument("--budget", default="2min", metavar="TIME",
                        help="about so long (2min)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("-o", dest="folder", metavar="DIR")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser


def fixed_knobs(rest: Sequence[str]) -> Dict[str, str]:
    """--placement same --verify as {"placement": "same", "verify": "yes"}."""
    found, words = {}, list(rest)
    while words:
        word = words.pop(0)
        if not word.startswith("--") or word == "--":
            raise cli.Failure(cli.WRONG, f"{word}: choose takes no matrix, "
                              "only knobs")
        name, equals, value = word[2:].partition("=")
        if not equals:
            value = (words.pop(0) if words and not words[0].startswith("--")
                     else "yes")
        if "," in value:
            raise cli.Failure(cli.WRONG, f"--{name} {value}: one value only")
        found[name] = value
    return found


def _run(args: argparse.Namespace, common: List[str], stage: str,
         cells: Sequence[Dict[str, str]], rounds: int,
         measure_s: float) -> Run:
    path = os.path.join(args.folder, stage)
    with open(path + ".matrix", "w", encoding="utf-8") as out:
        out.write(drive.matrix_text(cells))
    return drive.measure(
        [path + ".matrix", *common, *_times(measure_s), "--trials",
         str(rounds), *(["--quiet"] if args.quiet else [])], path + ".jsonl")


def _common(args: argparse.Namespace, goal: Goal,
            fixed: Dict[str, str]) -> List[str]:
    words = ["--message", args.message, "--workload", goal.workload]
    words += ["--rate", args.rate] if args.rate else []
    for name, value in fixed.items():
        words += [f"--{name}={value}"]
    return words


def _how_long(budget: str, budget_s: float, cells: int, overhead_s: float,
              times: Sequence[Tuple[float, float]]) -> str:
    """The budget, or what the least that can tell takes beyond it."""
    takes_s = 0.0
    for share, number_of, rounds, trial_s in (
            (SCREEN_SHARE, cells, SCREEN_ROUNDS, times[0]),
            (1 - SCREEN_SHARE, min(cells, FINALISTS), FINAL_ROUNDS, times[1])):
        count, each_s = plan(share * budget_s, number_of, overhead_s, rounds,
                             trial_s)
        takes_s += count * number_of * (1.25 * each_s + overhead_s)
    if takes_s <= 1.2 * budget_s:
        return f"about {budget}"
    return f"about {takes_s:.0f}s: {budget} is too short for so many"


def main(argv: List[str]) -> int:
    """The command."""
    args, rest = _parser().parse_known_args(argv)
    fixed, goal = fixed_knobs(rest), goal_of(args.goal, bool(args.rate))
    if args.rate and goal.workload != "paced":
        raise cli.Failure(cli.WRONG, f"--rate: {args.goal} is measured flat "
                          "out; a rate is for p50, p99 and cpu")
    budget_s = seconds("--budget", args.budget)
    wish = space.Wish(fixed, space.check_needs(args.need),
                      goal.workload != "pingpong", size_bytes(args.message))
    cells = space.ask(wish)
    args.folder = drive.new_folder(args.folder, NAME)
    common = _common(args, goal, fixed)
    overhead_s = OVERHEAD_S["windows" if drive.program()[-1].endswith(".exe")
                            else "linux"]
    times = [(max(low, TAIL_S), max(high, TAIL_S)) if args.rate
             else (low, high) for low, high in (SCREEN_S, FINAL_S)]
    if not args.quiet:
        cli.note(NAME, [f"{len(cells)} configurations, " + _how_long(
            args.budget, budget_s, len(cells), overhead_s, times)])
    screen = _run(args, common, FILES[0], cells, *plan(
        SCREEN_SHARE * budget_s, len(cells), overhead_s, SCREEN_ROUNDS,
        times[0]))
    chosen = finalists(screen, goal)
    if not chosen:
        raise cli.Failure(cli.CANNOT, "no configuration gave a number for "
                          f"{args.goal}: {os.path.join(args.folder, FILES[0])}"
                          ".jsonl says why")
    final = _run(args, common, FILES[1],
                 [{n: cell.text(n) for n in VARIED if cell.text(n)
                   and n not in fixed and cell.knobs[n].origin}
                  for cell in chosen], *plan(
                      (1 - SCREEN_SHARE) * budget_s, len(chosen), overhead_s,
                      FINAL_ROUNDS, times[1]))
    choice = decide(args.goal, goal, screen, final)
    cli.put(as_json(choice, args.message) if args.format == "json"
            else text(choice, args.message, common[2:]))
    return cli.CANNOT if choice.unproven else cli.DONE
