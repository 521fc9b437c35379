"""What a run answers: the fastest for each task, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

from .naming import Conditions, Config, conditions_text
from .order_stats import Estimate, estimate, median
from .result import Run
from .units import message as length


BEST, ALIKE, UNJUDGED, SLOWER = "best", "alike", "unjudged", "slower"


@dataclass
class Place:
    """A configuration's place among those with the same task.

    relation: what the intervals say of it and the fastest: alike, if they
    meet; unjudged, if one of them has none; slower. ratio: to the fastest
    one's median, 1 or more: how much worse. marks: why it may not be a like
    for the fastest.
    """

    config: Config
    estimate: Estimate
    ratio: float
    relation: str
    marks: List[str]

    @property
    def equal(self) -> bool:
        """Not slower beyond doubt."""
        return self.relation != SLOWER


@dataclass
class Task:
    """What is to be done, and who does it how well, best first. spoilt: those
    whose numbers are not the pipe's, so that they are not ranked. swept: its
    configurations ran at several rates; see Sweep."""

    workload: str
    message: int
    conditions: Conditions
    metric: str
    unit: str
    better: str
    places: List[Place]
    spoilt: List[Place]
    swept: bool = False

    @property
    def best(self) -> Place:
        """The fastest."""
        return self.places[0]

    def of(self, relation: str) -> List[Place]:
        """Those that stand so to the fastest."""
        return [p for p in self.places if p.relation == relation]

    @property
    def name(self) -> str:
        """For titles: "pingpong, 4 KiB, placement same"."""
        more = conditions_text(self.conditions)
        text = f"{self.workload}, {length(self.message)}"
        return f"{text}, {more}" if more else text


def lead_of(run: Run, config: Config) -> str:
    """The metric its workload is about; "" where it has too few messages."""
    there = config.lead in run.metrics and config.cell.samples(config.lead)
    return config.lead if there else ""


def tasks(run: Run, found: Sequence[Config]) -> List[Task]:
    """One for each question, with a place for each configuration that has the
    number it is about; the program's first screen follows the same rule.
    Floors and controls are left out."""
    groups: Dict[Tuple, List[Config]] = {}
    for x in found:
        if not x.control and lead_of(run, x):
            groups.setdefault((x.question, x.lead), []).append(x)
    swept = {id(x) for sweep in sweeps(found) for x in sweep.configs}
    return [_task(run, groups[key], all(id(x) in swept for x in groups[key]))
            for key in sorted(groups)]


def _task(run: Run, group: Sequence[Config], swept: bool) -> Task:
    metric = run.metrics[group[0].lead]
    higher = metric.better == "higher"
    ranked = sorted(
        ((x, estimate(x.cell.samples(metric.name))) for x in group),
        key=lambda pair: (bool(pair[0].spoilt),
                          -pair[1].median if higher else pair[1].median,
                          pair[0].cell.n, pair[0].cell.arm),
    )
    best, first = ranked[0][1], ranked[0][0]
    places = []
    for i, (x, e) in enumerate(ranked):
        ratio = best.median / e.median if higher else e.median / best.median \
            if best.median else 1
        places.append(Place(x, e, ratio if e.median else 1,
                            _relation(best, e) if i else BEST, _marks(x, first)))
    x = group[0]
    return Task(x.workload, x.message, x.task, metric.name, metric.unit,
                metric.better, [p for p in places if not p.config.spoilt],
                [p for p in places if p.config.spoilt], swept)


def _relation(a: Estimate, b: Estimate) -> str:
    if a.lo is None or a.hi is None or b.lo is None or b.hi is None:
        return UNJUDGED  # nothing can be told apart
    return ALIKE if a.lo <= b.hi and b.lo <= a.hi else SLOWER


def _marks(x: Config, best: Config) -> List[str]:
    out = [x.spoilt] if x.spoilt else []
    if x.slots != best.slots:
        out.append("another footprint")
    several = [max(t.metrics.get(f"{end}.messages_per_op", 0)
                   for end in ("producer", "consumer")) for t in x.cell.good]
    if median(several) > 1.01:
        out.append("several messages a transfer")
    return out


KNEE = 3  # times the least median response
BOUND_NS = 1e6  # unless the run had --p99-below


@dataclass
class Sweep:
    """A paced configuration at several rates, the lowest first. knee: the last
    one before the rate is missed or the median response is more than KNEE
    times the least; None: not even the first. best: the last one with a 99 %
    response below `bound` ns."""

    configs: List[Config]
    knee: Optional[Config]
    best: Optional[Config]
    bound: float

    def doubt(self, last: Optional[Config]) -> bool:
        """Was the rate after the last good one (None: the lowest) void, since
        the pacer was late? Then it does not prove the pipe's limit."""
        at = self.configs.index(last) + 1 if last else 0
        return at < len(self.configs) and "void" in self.configs[at].spoilt


def sweeps(found: Sequence[Config], bound: float = BOUND_NS) -> List[Sweep]:
    """In the order of the file."""
    groups: Dict[Tuple, List[Config]] = {}
    for x in found:
        if x.workload == "paced" and not x.control:
            rest = tuple(w for w in x.cell.id.split() if not w.startswith("rate="))
            groups.setdefault((rest, x.cell.arm), []).append(x)
    out = []
    for group in groups.values():
        if len(group) > 1:
            group.sort(key=rate_of)
            out.append(Sweep(group, _last(group, "response_p50", None),
                             _last(group, "response_p99", bound), bound))
    return out


def rate_of(x: Config) -> int:
    """Messages a second that were planned."""
    return x.cell.number("rate") or 0


def _last(group: Sequence[Config], metric: str, bound: Optional[float]
          ) -> Optional[Config]:
    last, least = None, math.inf
    for x in group:
        values = x.cell.samples(metric)
        middle = median(values) if values else None
        limit = KNEE * least if bound is None else bound
        if "missed" in x.spoilt:
            break
        if middle is not None:
            if middle > limit or middle == bound:
                break
            least, last = min(least, middle), x
    return last


NOISY = 0.1  # typical noise above which the page warns


@dataclass
class Noise:
    """How far launches of one configuration differ: (q75 - q25) / median of
    the lead metric over the trials; typical and worst configuration."""

    typical: float
    worst: float
    where: Config


def noise(run: Run, found: Sequence[Config]) -> Optional[Noise]:
    """None with fewer than four trials everywhere."""
    spreads = []
    for x in found:
        values = sorted(x.cell.samples(lead_of(run, x) or "-"))
        if len(values) >= 4 and median(values) > 0 and not x.control:
            k = len(values)
            half = (k + 1) // 2
            low, high = median(values[:half]), median(values[k - half:])
            spreads.append(((high - low) / median(values), x))
    if not spreads:
        return None
    worst = max(spreads, key=lambda s: (s[0], -s[1].cell.n))
    return Noise(median([s for s, _ in spreads]), worst[0], worst[1])


@dataclass
class Group:
    """The same thing that happened to several configurations or trials."""

    what: str
    why: str
    configs: List[Config]
    count: int


def skipped(found: Sequence[Config]) -> List[Group]:
    """Cells that could not be measured here, by reason."""
    groups: Dict[Tuple[str, str], Group] = {}
    for x in found:
        if x.cell.skip:
            key = str(x.cell.skip.get("class", "")), x.cell.skip["reason"]
            group = groups.setdefault(key, Group(key[0], key[1], [], 0))
            group.configs.append(x)
            group.count += 1
    return sorted(groups.values(), key=lambda g: -g.count)


def failed(found: Sequence[Config]) -> List[Group]:
    """Trials that failed or lost data, by phase and cause."""
    groups: Dict[Tuple[str, str], Group] = {}
    for x in found:
        for t in x.cell.trials:
            if t.good:
                continue
            if t.ok:
                key = "integrity", "messages lost, repeated, reordered or damaged"
            else:
                key = t.phase, (t.error or {}).get("text", "no reason recorded")
            group = groups.setdefault(key, Group(key[0], key[1], [], 0))
            if x not in group.configs:
                group.configs.append(x)
            group.count += 1
    return sorted(groups.values(), key=lambda g: -g.count)


REMARKS = {
    "not-steady": "first and last quarter of a trial differ by more than 10 %",
    "clamped": "the system gave another buffer than was asked for",
    "stopped": "ended early, slower than its deadline",
    "moved": "on another CPU in the end, though pinned",
    "steal": "the hypervisor took the CPU away",
    "few": "too few messages for a rate",
    "missed": "the target rate was not reached",
    "late": "the pacer makes more than 10 % of the 99 % response time",
    "void": "the pacer, not the pipe, makes most of the response time",
    "floor": "the harness's own time is more than 2 % of a message's",
}


def remarks(found: Sequence[Config]) -> List[Group]:
    """Warnings of good trials, by code."""
    groups: Dict[str, Group] = {}
    for x in found:
        for t in x.cell.good:
            for code in t.warnings:
                group = groups.setdefault(
                    code, Group(code, REMARKS.get(code, ""), [], 0))
                if x not in group.configs:
                    group.configs.append(x)
                group.count += 1
    return sorted(groups.values(), key=lambda g: -g.count)
