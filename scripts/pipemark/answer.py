"""What a run answers: the fastest for each task, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

from .naming import Conditions, Config, conditions_text
from .order_stats import Estimate, estimate, median
from .result import Run
from .units import message as length


@dataclass
class Place:
    """A configuration's place among those with the same task."""

    config: Config
    estimate: Estimate
    ratio: float  # to the fastest one's median, 1 or more: how much worse
    equal: bool  # its interval meets that of the fastest, or there is none


@dataclass
class Task:
    """What is to be done, and who does it how well, best first."""

    workload: str
    message: int
    conditions: Conditions
    metric: str
    unit: str
    better: str
    places: List[Place]

    @property
    def best(self) -> Place:
        """The fastest."""
        return self.places[0]

    @property
    def equals(self) -> List[Place]:
        """What cannot be told apart from the fastest, itself left out."""
        return [p for p in self.places[1:] if p.equal]

    @property
    def others(self) -> List[Place]:
        """What is slower beyond doubt."""
        return [p for p in self.places if not p.equal]

    @property
    def name(self) -> str:
        """For titles: "pingpong, 4 KiB, placement same"."""
        more = conditions_text(self.conditions)
        text = f"{self.workload}, {length(self.message)}"
        return f"{text}, {more}" if more else text


def lead_of(run: Run, config: Config) -> str:
    """The metric its workload is about, or what comes nearest in this file."""
    latency = [f"{config.hist}_{q}" for q in ("p90", "p50")] \
        if config.lead.startswith(config.hist + "_") else []
    for name in (config.lead, *latency, "bytes_per_s", "messages_per_s"):
        if name in run.metrics and config.cell.samples(name):
            return name
    return ""


def tasks(run: Run, found: Sequence[Config]) -> List[Task]:
    """One for each workload, message size and task; floors are left out."""
    groups: Dict[Tuple[str, Conditions, int], List[Config]] = {}
    for x in found:
        if not x.control and lead_of(run, x):
            groups.setdefault((x.workload, x.task, x.message), []).append(x)
    workloads = list(dict.fromkeys(key[0] for key in groups))

    def place(key: Tuple[str, Conditions, int]) -> Tuple:
        cell = groups[key][0].cell
        values = [(k, cell.number(k) or 0, v) for k, v in key[1]]
        return workloads.index(key[0]), bool(values), values, key[2]

    order = sorted(groups, key=place)
    return [_task(run, key, groups[key]) for key in order]


def _task(run: Run, key: Tuple[str, Conditions, int],
          group: Sequence[Config]) -> Task:
    metric = run.metrics[lead_of(run, group[0])]
    higher = metric.better == "higher"
    ranked = sorted(
        ((x, estimate(x.cell.samples(metric.name))) for x in group
         if x.cell.samples(metric.name)),
        key=lambda pair: (-pair[1].median if higher else pair[1].median,
                          pair[0].cell.n),
    )
    best = ranked[0][1]
    places = []
    for x, e in ranked:
        ratio = best.median / e.median if higher else e.median / best.median \
            if best.median else 1
        places.append(Place(x, e, ratio if e.median else 1, _meets(best, e)))
    return Task(key[0], key[2], key[1], metric.name, metric.unit, metric.better,
                places)


def _meets(a: Estimate, b: Estimate) -> bool:
    if a.lo is None or a.hi is None or b.lo is None or b.hi is None:
        return True  # no interval: nothing can be told apart
    return a.lo <= b.hi and b.lo <= a.hi


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


def remarks(found: Sequence[Config]) -> List[Group]:
    """Warnings of good trials, by code."""
    groups: Dict[str, Group] = {}
    for x in found:
        for t in x.cell.good:
            for code in t.warnings:
                group = groups.setdefault(code, Group(code, "", [], 0))
                if x not in group.configs:
                    group.configs.append(x)
                group.count += 1
    return sorted(groups.values(), key=lambda g: -g.count)
