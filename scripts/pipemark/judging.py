"""What the judging commands share: options, margins, output, exit status."""

from __future__ import annotations

import argparse
from typing import Dict, List, Sequence

from . import cli, drive
from .judgement import Judgement
from .judgement_files import as_csv, as_json, as_junit, write_all
from .judgement_text import markdown, people
from .result import Run
from .verdict import REGRESSED, VERDICTS, Rules

FORMATS = ("text", "json", "csv", "junit", "markdown")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of everything that ends with a table of verdicts."""
    group = parser.add_argument_group("judging")
    group.add_argument("--margin", action="append", default=[],
                       metavar="METRIC=PERCENT",
                       help="a change up to this is none; METRIC is a "
                       "metric's name, or p50, p99, per_s for all of a kind "
                       "(p50=5 per_s=5 p99=10); may be repeated")
    group.add_argument("--report-only", action="store_true",
                       help="exit 0 where a regression would exit 1")
    group.add_argument("--format", choices=FORMATS, default="text",
                       help="what standard output gets (text)")
    group.add_argument("-o", dest="folder", metavar="DIR",
                       help="write compare.csv, .json, .xml (JUnit) and .md "
                       "there as well")


def margins(given: Sequence[str]) -> Dict[str, float]:
    """--margin p50=3 as {"p50": 0.03}."""
    out = {}
    for text in given:
        name, equals, value = text.partition("=")
        try:
            share = float(value.rstrip("% ")) / 100
        except ValueError:
            share = -1
        if not name or not equals or not 0 <= share <= 10:
            raise cli.Failure(cli.WRONG, f"--margin {text}: it wants a metric,"
                              f" = and per cent, as p50=5")
        out[name] = share
    return out


def rules(args: argparse.Namespace) -> Rules:
    """The promise, with this command line's margins."""
    return Rules(margins=margins(args.margin))


def check_margins(rules: Rules, runs: Sequence[Run] = ()) -> None:
    """A margin for a metric that no file knows is a mistake.  Without files
    nothing is measured yet, and the program says what it can measure."""
    if not rules.margins:
        return
    known = {name for run in runs for name in run.metrics}
    if not runs:
        told = drive.ask(["list", "metrics", "--json"])
        known = {m["name"] for m in told["metrics"]}
    for name in rules.margins:
        if name not in known and not any(k.endswith("_" + name)
                                         for k in known):
            raise cli.Failure(cli.WRONG, f"--margin {name}: no such metric; "
                              "pipemark list metrics has them all")


def fail_on(text: str) -> List[str]:
    """--fail-on regressed,improved as a list."""
    words = [w for w in text.split(",") if w]
    for word in words:
        if word not in VERDICTS:
            raise cli.Failure(cli.WRONG, f"--fail-on {word}: it is none of "
                              + " ".join(VERDICTS))
    return words


def where(runs: Sequence[Run]) -> str:
    """System and machine of all files, each once."""
    return " and ".join(dict.fromkeys(
        f"{run.where}, {run.node}" if run.node else run.where
        for run in runs))


def finish(j: Judgement, args: argparse.Namespace,
           failing: Sequence[str] = (REGRESSED,)) -> int:
    """Print and write what was asked for; the exit status."""
    status = j.status(failing)
    if status == cli.FOUND and args.report_only:
        status = j.status(())
    text = {"text": people, "markdown": markdown, "csv": as_csv,
            "junit": as_junit, "json": lambda x: as_json(x, status)}
    cli.put(text[args.format](j))
    keep(j, args, status)
    return status


def keep(j: Judgement, args: argparse.Namespace, status: int) -> None:
    """The files of -o."""
    if args.folder:
        cli.make_folder(args.folder)
        cli.note(j.command, ["wrote " + ", ".join(
            write_all(j, args.folder, status))])
