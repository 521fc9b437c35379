"""What a result file says, as objects; reader.py reads it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from .hist import Hist


class ResultError(Exception):
    """A file that cannot be used; str() is one line for the user."""


class Decimal(float):
    """A number with a point or exponent that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> "Decimal":
        self = super().__new__(cls, text)
        if self - self != 0:
            raise ValueError(f"{text} is no finite number")
        self.text = text
        return self


def number_text(value: Any) -> str:
    """A JSON value as a CSV field: numbers as they stand in the file, None
    empty. Computed numbers: the shortest text that reads back the same."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return value.text
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


@dataclass
class Metric:
    """A row of the metric registry; better: lower, higher or neither."""

    name: str
    unit: str
    better: str
    help: str = ""


@dataclass
class Knob:
    """A row of the knob registry; `default` in the user's notation; question:
    it says what is asked for, and not how it is done."""

    name: str
    type: str
    unit: str
    default: str
    group: str = ""
    help: str = ""
    question: bool = False


@dataclass
class Value:
    """A knob's value in a cell: as the user writes it, as a number where it
    is one, and where it came from ("": default)."""

    v: str
    n: Optional[int]
    origin: str


@dataclass
class Heat:
    """A distribution over the time of a trial: for each interval pairs of
    (steps from the last bucket, count), buckets of 2**sub to an octave."""

    interval_ns: int
    sub: int
    rows: List["array[int]"]


@dataclass
class Trial:
    """One launch. Times in ns; metrics only those that are numbers; buffers in
    bytes; cpus of each end, at the start and at the end."""

    line: int
    cell: int
    arm: str
    round: int
    slot: int
    pair: int
    ok: bool
    phase: str
    error: Optional[Dict[str, Any]]
    start_ns: int
    measure_ns: int
    messages: int
    bytes: int
    metrics: Dict[str, float]
    hists: Dict[str, Hist]
    series: Optional[Dict[str, Any]]
    integrity: Dict[str, int]
    warnings: List[str]
    buffers: Dict[str, Optional[int]] = field(default_factory=dict)
    cpus: Dict[str, List[int]] = field(default_factory=dict)
    noise: Dict[str, Optional[float]] = field(default_factory=dict)
    heat: Dict[str, Heat] = field(default_factory=dict)

    @property
    def corrupt(self) -> int:
        """Messages lost, repeated, reordered or damaged."""
        return sum(n for n in self.integrity.values() if n)

    @property
    def good(self) -> bool:
        """Its numbers count: it ended well and every message was right."""
        return self.ok and not self.corrupt


@dataclass
class Cell:
    """One configuration, of one arm, with its trials in the file's order."""

    line: int
    n: int
    arm: str
    id: str
    skip: Optional[Dict[str, Any]]
    knobs: Dict[str, Value]
    transport: Optional[str]
    producer: Optional[str]
    consumer: Optional[str]
    workload_version: Optional[int] = None
    sentinel: bool = False  # arm b is a copy of arm a: a control
    trials: List[Trial] = field(default_factory=list)

    @property
    def good(self) -> List[Trial]:
        """The trials whose numbers count."""
        return [t for t in self.trials if t.good]

    def text(self, knob: str) -> str:
        """A knob's value in the user's notation, "" if the file lacks it."""
        value = self.knobs.get(knob)
        return value.v if value else ""

    def number(self, knob: str) -> Optional[int]:
        """A knob's value as a number, None where it is none."""
        value = self.knobs.get(knob)
        return value.n if value else None

    def samples(self, metric: str) -> List[float]:
        """A metric's numbers, one a good trial that has it."""
        return [t.metrics[metric] for t in self.good if metric in t.metrics]


@dataclass
class Run:
    """A whole result file."""

    path: str
    id: str
    host: str
    wine: Optional[str]
    node: str
    header: Dict[str, Any]
    metrics: Dict[str, Metric]
    knobs: Dict[str, Knob]
    arms: List[str]
    sets: Dict[str, str]
    start_ns: int = 0
    version: str = ""
    argv: List[str] = field(default_factory=list)
    planned: Optional[int] = None  # trials of each cell
    env: Dict[str, Any] = field(default_factory=dict)
    cells: Dict[Tuple[int, str], Cell] = field(default_factory=dict)
    canaries: List[Dict[str, Any]] = field(default_factory=list)
    stress: List[Dict[str, Any]] = field(default_factory=list)
    end: Optional[Dict[str, Any]] = None
    truncated: bool = False
    notes: List[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """The system, so that Wine is never taken for Windows."""
        if self.wine:
            return f"Windows under Wine ({self.wine})"
        return {"linux": "Linux", "windows": "Windows"}.get(self.host, self.host)

    @property
    def trials(self) -> List[Trial]:
        """All trials in the file's order."""
        every = [t for cell in self.cells.values() for t in cell.trials]
        return sorted(every, key=lambda t: t.line)
