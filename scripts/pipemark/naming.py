"""Names for configurations: short, and different where they differ.

A cell is known by its transport and engines (what the request became), then
by the knobs that vary within the run and are not at their default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Optional, Set, Tuple

from .hist import Hist, merge
from .result import Cell, Run
from .units import message

# The number that a workload is about.
LEAD = {
    "pingpong": "rtt_p50",
    "stream": "bytes_per_s",
    "paced": "response_p99",
    "connect": "connect_p50",
}
UNSTAMPED = "messages_per_s"    # the same of a ping-pong that stamps nothing
# The distribution that a workload is about.
HIST = {"pingpong": "rtt", "stream": "time_in_pipe",
        "paced": "response", "connect": "connect"}

# Said by the transport and the engines, or by the axes of every picture.
SAID = {"kind", "transport", "io", "producer-io", "consumer-io", "name",
        "message", "workload"}
# Part of the name where one transport comes in several of them.
FORMS = ("mode", "read-mode", "direction")
Conditions = Tuple[Tuple[str, str], ...]


@dataclass
class Config:
    """A measured or skipped cell with its names.

    base: transport, form and engine ("pipe", "named message", "pipe nowait"),
    and of a run with two arms the arm and what its set says ("b: pipe
    buffer=1M"); conditions: the other knobs that set it apart; bare: base
    without arm and set; question: equal for those that do the same task, and
    in the order of tasks; task: the conditions that say what was asked for.
    """

    cell: Cell
    base: str
    conditions: Conditions
    question: Tuple = ()
    task: Conditions = ()
    bare: str = ""
    merged: Dict[str, Optional[Hist]] = field(default_factory=dict, repr=False)

    def hists(self, name: str) -> List[Hist]:
        """A distribution of each good trial that has values of it."""
        return [t.hists[name] for t in self.cell.good
                if name in t.hists and t.hists[name].n]

    def whole(self, name: str) -> Optional[Hist]:
        """The trials' distributions merged; None if there are none."""
        if name not in self.merged:
            self.merged[name] = merge(self.hists(name))
        return self.merged[name]

    @property
    def hist(self) -> str:
        """Name of the distribution that this workload is about."""
        return HIST.get(self.workload, "")

    @property
    def message(self) -> int:
        """Bytes of one message."""
        return self.cell.number("message") or 0

    @property
    def workload(self) -> str:
        """What is done with the pipe."""
        return self.cell.text("workload")

    @property
    def how(self) -> str:
        """base and conditions."""
        return " ".join([self.base, *(f"{k}={v}" for k, v in self.conditions)])

    @property
    def name(self) -> str:
        """All of it."""
        return f"{self.how}, {self.workload} {message(self.message)}"

    @property
    def slots(self) -> int:
        """Buffers in rotation."""
        depth = self.cell.number("depth") or 1
        return max(self.cell.number("slots") or depth, depth)

    @property
    def control(self) -> bool:
        """No result: moves nothing (the harness's own time), or is a copy of
        another configuration that must not differ from it."""
        return "null" in (self.cell.producer, self.cell.consumer) or \
            self.cell.sentinel

    @property
    def spoilt(self) -> str:
        """Why paced numbers of at least half of its good trials are not the
        pipe's: warnings of FORMAT.md; "" if they are."""
        good = self.cell.good
        most = [w for w in ("missed", "void") if good
                and 2 * sum(w in t.warnings for t in good) >= len(good)]
        return ", ".join(most)

    @property
    def lead(self) -> str:
        """Name of the metric that this workload is about."""
        return lead_metric(self.cell)


def lead_metric(cell: Cell) -> str:
    """The one number of a cell, which ranks and is judged."""
    workload = cell.text("workload")
    if workload == "pingpong" and cell.text("stamp") == "none":
        return UNSTAMPED
    return LEAD.get(workload, "bytes_per_s")


def conditions_text(conditions: Conditions) -> str:
    """For titles; "" where there are none."""
    return ", ".join(f"{k} {v}" for k, v in conditions)


def configs(run: Run) -> List[Config]:
    """Every cell of a run, named, in the file's order."""
    cells = list(run.cells.values())
    vary = _varying(cells)
    groups: Dict[str, List[Cell]] = {}
    for cell in cells:
        groups.setdefault(_moves(cell), []).append(cell)
    forms = {moves: [f for f in FORMS if f in _varying(group)]
             for moves, group in groups.items()}
    named = [
        Config(cell, base, _conditions(run, cell, vary), _question(run, cell),
               bare=base)
        for cell in cells for base in [_base(cell, forms[_moves(cell)])]
    ]
    if len(run.arms) > 1:
        for c in named:
            _name_arm(run, c)
    _tell_apart(named)
    for c in named:
        c.task = tuple(k for k in c.conditions
                       if k[0] in run.knobs and run.knobs[k[0]].question)
    return named


def measured(run: Run) -> List[Config]:
    """Those with at least one good trial."""
    return [c for c in configs(run) if c.cell.good]


def _moves(cell: Cell) -> str:
    """Transport and engines, of a skipped cell those asked for."""
    transport = cell.transport or _asked(cell)
    ends = [cell.producer or cell.text("producer-io"),
            cell.consumer or cell.text("consumer-io")]
    if ends == ["null", "null"]:
        return "null"
    if ends[0] == ends[1]:
        return transport if ends[0] == "blocking" else f"{transport} {ends[0]}"
    return f"{transport} {ends[0]}→{ends[1]}"


def _asked(cell: Cell) -> str:
    transport = cell.text("transport")
    if transport not in ("", "auto"):
        return transport
    return f"{cell.text('kind')} {cell.text('mode')}".strip() or "?"


def _base(cell: Cell, forms: Iterable[str]) -> str:
    words = [_moves(cell)]
    for knob in forms:
        value = cell.text(knob)
        if value and value not in words[0].split() and value not in words:
            words.append(value)
    return " ".join(words)


def _varying(cells: Iterable[Cell]) -> Set[str]:
    values: Dict[str, Set[str]] = {}
    for cell in cells:
        for name, value in cell.knobs.items():
            values.setdefault(name, set()).add(value.v)
    return {name for name, found in values.items() if len(found) > 1}


def _is_default(run: Run, cell: Cell, name: str) -> bool:
    default = run.knobs[name].default if name in run.knobs else ""
    if default.startswith("="):
        default = cell.text(default[1:])
    return cell.text(name) == default


def _question(run: Run, cell: Cell) -> Tuple:
    """Workload, the knobs that say what is asked for (the default first, then
    by value), the message's length: as bench/summary_rows.c has it."""
    work = cell.text("workload")
    known = list(LEAD)
    key: List[Tuple] = [(known.index(work) if work in known else len(known), work)]
    for name, knob in run.knobs.items():
        if knob.question and name not in ("workload", "message"):
            key.append((0, 0, "") if name not in cell.knobs
                       or _is_default(run, cell, name) else
                       (1, cell.number(name) or 0, cell.text(name)))
    return (*key, cell.number("message") or 0)


def _conditions(run: Run, cell: Cell, vary: Set[str]) -> Conditions:
    out = []
    for name, value in cell.knobs.items():
        if name not in vary or name in SAID or name in FORMS:
            continue
        if not _is_default(run, cell, name):
            out.append((name, value.v))
    if cell.sentinel:
        out.append(("sentinel", "yes"))
    return tuple(out)


def _name_arm(run: Run, c: Config) -> None:
    """Lines of the two arms lie in one picture: what their sets say belongs
    to their name, and is no condition of that picture."""
    said = {word.partition("=")[0]
            for text in run.sets.values() for word in text.split()}
    own = [f"{k}={v}" for k, v in c.conditions if k in said]
    c.base = f"{c.cell.arm}: " + " ".join([c.bare, *own])
    c.conditions = tuple(k for k in c.conditions if k[0] not in said)


def _tell_apart(named: List[Config]) -> None:
    """Cells that still have the same name get their number."""
    seen: Dict[Tuple[str, str, int], List[Config]] = {}
    for c in named:
        seen.setdefault((c.how, c.workload, c.message), []).append(c)
    for same in seen.values():
        for c in same[1:]:
            c.conditions += (("cell", str(c.cell.n)),)
