"""pipemark history add|list|show|page: result files over time, per machine."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from statistics import median
from typing import Any, Dict, List, Optional, Sequence

from . import accepts, changepoint, cli, store
from .accepts import Accept
from .levels import Point
from .told import count
from .tracks import Change, Machine, Step, Track
from .units import number

NAME = "history"
BARS = "▁▂▃▄▅▆▇█"


def _steps(values: Sequence[float]) -> List[Step]:
    starts = changepoint.change_points(values)
    bounds = [0] + starts + [len(values)]
    return [Step(at, median(values[at:bounds[i + 2]])
                 / median(values[bounds[i]:at]))
            for i, at in enumerate(starts)]


def _tracks(points: Sequence[Point]) -> List[Track]:
    names: Dict[Any, None] = {}
    for p in points:
        for cell, level in p.cells.items():
            names.setdefault((cell, level.metric, level.version))
    found = []
    for cell, metric, version in names:
        have = [p for p in points if cell in p.cells
                and (p.cells[cell].metric, p.cells[cell].version)
                == (metric, version)]
        level, values = have[-1].cells[cell], [p.cells[cell].value
                                               for p in have]
        found.append(Track(cell, level.label or cell, metric, level.unit,
                           level.better, have, values, _steps(values)))
    return found


def _fact(value: Any) -> str:
    return "unknown" if value is None else str(value)


def _changes(points: Sequence[Point]) -> List[Change]:
    found = []
    for i in range(1, len(points)):
        old, new = points[i - 1], points[i]
        if old.env == new.env:
            continue
        names = [n for n in {**old.facts, **new.facts}
                 if old.facts.get(n) != new.facts.get(n)]
        found.append(Change(i, [
            f"{n}: {_fact(old.facts.get(n))} → {_fact(new.facts.get(n))}"
            for n in names] or ["environment"]))
    return found


def machines(points: Sequence[Point]) -> List[Machine]:
    """Everything in a history, machine by machine."""
    groups: Dict[Any, List[Point]] = {}
    for p in points:
        groups.setdefault((p.node, p.where), []).append(p)
    return [Machine(node, where, members, _tracks(members),
                    _changes(members))
            for (node, where), members in groups.items()]


def spark(values: Sequence[float], width: int = 32) -> str:
    """A line of bars, the newest values if there are too many."""
    shown = list(values)[-width:]
    low, high = min(shown), max(shown)
    if high <= low * 1.001:
        return BARS[3] * len(shown)
    top = len(BARS) - 1
    return "".join(BARS[round((v - low) / (high - low) * top)] for v in shown)


def _steps_text(track: Track) -> str:
    said = []
    for step in track.steps:
        day = track.points[step.at].start[:10]
        said.append(f"{100 * (step.ratio - 1):+.0f} % "
                    f"({'worse' if track.worse(step.ratio) else 'better'})"
                    f" from {day}")
    return ", ".join(said)


def _accepted(meant: Sequence[Accept], machine: Machine) -> List[str]:
    return [f"  {a.when[:16]}  accepted: {', '.join(a.cells.values())} "
            f"({a.why})" for a in meant
            if (a.node, a.where) == (machine.node, machine.where)]


def _only(found: Sequence[Machine], text: Optional[str]) -> List[Machine]:
    """The same with those tracks only that have this in their name or id."""
    if not text:
        return list(found)
    left = [replace(m, tracks=[t for t in m.tracks
                               if text in t.label or text in t.cell])
            for m in found]
    if not any(m.tracks for m in left):
        raise cli.Failure(cli.WRONG, f"--cell {text}: no cell of this history "
                          "has that in its name or id")
    return left


def _show(machine: Machine,
          meant: Sequence[Accept] = ()) -> List[str]:
    first, last = machine.points[0], machine.points[-1]
    lines = [f"{machine.node}, {machine.where}: "
             f"{count(len(machine.points), 'run')}, "
             f"{first.start[:10]} to {last.start[:10]}"]
    for change in machine.changes:
        lines.append(f"  {machine.points[change.at].start[:16]}  "
                     + "; ".join(change.facts))
    lines += _accepted(meant, machine)
    width = max((len(t.label) for t in machine.tracks), default=0)
    for t in machine.tracks:
        lines.append(f"  {t.label:{width}}  {t.metric:14} "
                     f"{spark(t.values):32} {number(t.values[-1], t.unit):>10}"
                     f"  {_steps_text(t)}".rstrip())
    return lines


def _as_json(found: Sequence[Machine], meant: Sequence[Accept]) -> str:
    return json.dumps([{
        "node": m.node, "where": m.where,
        "runs": [{"id": p.id, "start": p.start, "env": p.env,
                  "path": p.path, "moved": p.moved, "wrong": p.wrong}
                 for p in m.points],
        "changes": [{"run": m.points[c.at].id, "facts": c.facts}
                    for c in m.changes],
        "accepted": [asdict(a) for a in meant
                     if (a.node, a.where) == (m.node, m.where)],
        "tracks": [{"cell": t.cell, "metric": t.metric, "unit": t.unit,
                    "better": t.better, "runs": [p.id for p in t.points],
                    "values": t.values,
                    "steps": [{"run": t.points[s.at].id, "ratio": s.ratio}
                              for s in t.steps]} for t in m.tracks]}
        for m in found], indent=1, ensure_ascii=False) + "\n"


def _parser() -> cli.Parser:
    parser = cli.Parser(NAME, "Keep result files of many runs and look at "
                        "them over time.")
    parser.usage = ("pipemark history add DIR FILE...\n"
                    "       pipemark history list DIR\n"
                    "       pipemark history show DIR [--cell TEXT] [--json]\n"
                    "       pipemark history page DIR [--cell TEXT] [-o DIR]")
    parser.add_argument("action", choices=("add", "list", "show", "page"))
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--cell", metavar="TEXT", help="only cells with this "
                        "in their name or id")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-o", metavar="DIR", help="folder for history.html; "
                        "the history's own unless told otherwise")
    return parser


def _add(args: argparse.Namespace) -> int:
    if not args.files:
        raise cli.Failure(cli.WRONG, "add what? say the result files")
    for path in args.files:
        p = store.add(args.folder, path)
        print(f"{path} -> {p.path}")
        cli.note(NAME, p.moved + p.wrong)
    return cli.DONE


def _list(points: Sequence[Point]) -> str:
    lines = []
    for p in points:
        remarks = p.wrong + p.moved
        lines.append(f"{p.start}  {p.node}  {p.where}  env {p.env}  "
                     f"{count(len(p.cells), 'cell')}  {p.path}"
                     + (f"  ({remarks[0]})" if remarks else ""))
    return "\n".join(map(cli.plain, lines)) + "\n"


def main(argv: List[str]) -> int:
    """The command."""
    args = _parser().parse_args(argv)
    if args.action == "add":
        return _add(args)
    if args.files:
        raise cli.Failure(cli.WRONG, f"{args.action} takes a folder only")
    points = store.load(args.folder)
    if not points:
        raise cli.Failure(cli.CANNOT, f"{args.folder} holds no result file; "
                          "pipemark history add puts one there")
    meant = accepts.load(args.folder)
    if args.action == "list":
        sys.stdout.write(_list(points))
    elif args.action == "page":
        cli.need(["jinja2"])
        from . import history_page

        print(history_page.write(_only(machines(points), args.cell),
                                 args.o or args.folder))
    elif args.json:
        sys.stdout.write(_as_json(_only(machines(points), args.cell), meant))
    else:
        for machine in _only(machines(points), args.cell):
            sys.stdout.write("\n".join(map(cli.plain, _show(machine, meant)))
                             + "\n")
    return cli.DONE
