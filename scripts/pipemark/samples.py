"""From result files to what is judged: one gate metric a cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from .naming import lead_metric
from .result import Cell, Run, Trial
from .verdict import Key, Sample

MOST_LOST = 0.1     # share of the pairs that may fail


@dataclass
class Skip:
    """A cell that no one can measure here, and why."""

    cell: str
    reason: str


@dataclass
class Family:
    """What a set of files holds: cells to judge, copies to check, skips."""

    samples: List[Sample]
    sentinels: List[Sample]
    skipped: List[Skip]


def _blank(run: Run, cell: Cell, name: str, ids: Tuple[str, str],
           label: str) -> Sample:
    metric = lead_metric(cell)
    row = run.metrics.get(metric)
    return Sample(name, metric, row.unit if row else "",
                  row.better if row else "neither", [], [], ids=ids,
                  label=label)


def labels(cells: Sequence[Cell]) -> Dict[int, str]:
    """Names for people, by the cell's place in the list: the knobs that
    someone set, beneath the arms, and that differ from cell to cell."""
    names: Dict[str, None] = {}
    for cell in cells:
        for knob, value in cell.knobs.items():
            if value.origin not in ("", "--a", "--b"):
                names.setdefault(knob)
    varying = [n for n in names if len({c.text(n) for c in cells}) > 1]
    found = {}
    for i, cell in enumerate(cells):
        words = [f"{n}={cell.text(n)}" for n in varying]
        plain = f"{cell.text('workload')} {cell.text('message')}".strip()
        found[i] = " ".join(words) or plain or cell.id
    return found


def shared_id(one: str, other: str) -> str:
    """What two ids say alike, in the first one's order."""
    words = other.split()
    return " ".join(w for w in one.split() if w in words) or "default"


def _by_round(cell: Cell) -> Dict[int, Trial]:
    """The last trial of each round: a repeated one replaces a failed one."""
    return {t.round: t for t in cell.trials}


def _lost_text(trials: Iterable[Trial]) -> str:
    for trial in trials:
        error = trial.error or {}
        if not trial.ok:
            return str(error.get("text") or error.get("class")
                       or f"failed in {trial.phase}")
    return "no number for it"


def pair_sample(run: Run, a: Cell, b: Cell, label: str) -> Sample:
    """The pairs of one cell of a run with two arms."""
    sample = _blank(run, a, shared_id(a.id, b.id), (a.id, b.id), label)
    if lead_metric(b) != sample.metric:
        sample.fault = "the two arms do different work"
        return sample
    firsts, seconds = _by_round(a), _by_round(b)
    rounds = sorted(set(firsts) | set(seconds))
    both = [(firsts.get(r), seconds.get(r)) for r in rounds]
    every = [t for pair in both for t in pair if t]
    corrupt = sum(t.corrupt for t in every)
    for pair in both:
        x, y = (t.metrics.get(sample.metric) if t and t.good else None
                for t in pair)
        if x is not None and y is not None:
            sample.base.append(float(x))
            sample.new.append(float(y))
    sample.lost = len(both) - len(sample.base)
    sample.failed = sum(not t.ok for t in every)
    if corrupt:
        sample.fault = f"{corrupt} messages lost, repeated or damaged"
    elif sample.lost > MOST_LOST * len(both):
        sample.fault = (f"{sample.lost} of {len(both)} pairs without "
                        f"{sample.metric}: {_lost_text(every)}")
    return sample


def pair_families(runs: Sequence[Run]) -> Family:
    """All cells of runs with two arms (one run, or its parts)."""
    family = Family([], [], [])
    for run in runs:
        firsts = [c for (_, arm), c in run.cells.items() if arm == "a"]
        named = labels(firsts)
        for i, a in enumerate(firsts):
            b = run.cells.get((a.n, "b"))
            if b is None:
                continue
            skip = a.skip or b.skip
            if skip:
                family.skipped.append(Skip(named[i],
                                           str(skip.get("reason", ""))))
                continue
            into = family.sentinels if a.sentinel else family.samples
            into.append(pair_sample(run, a, b, named[i]))
    return family


def merged(samples: Sequence[Sample]) -> List[Sample]:
    """Samples of the same cell from several files as one; given ones stay as
    they are."""
    found: Dict[Key, Sample] = {}
    for s in samples:
        one = found.get(s.key())
        found[s.key()] = s if one is None else replace(
            one, base=one.base + s.base, new=one.new + s.new,
            fault=one.fault or s.fault, lost=one.lost + s.lost,
            failed=one.failed + s.failed)
    return list(found.values())


def _level(cell: Optional[Cell], metric: str) -> Optional[float]:
    """A run's one number for a cell: the median over its trials."""
    values = cell.samples(metric) if cell else []
    return float(median(values)) if values else None


def _cells(run: Run) -> Dict[str, Cell]:
    return {c.id: c for c in run.cells.values()
            if c.arm == run.arms[0] and not c.sentinel}


def _run_fault(cells: Sequence[Optional[Cell]]) -> str:
    there = [c for c in cells if c]
    corrupt = sum(t.corrupt for c in there for t in c.trials)
    if corrupt:
        return f"{corrupt} messages lost, repeated or damaged"
    if len({c.workload_version for c in there}) > 1:
        return "the workload changed its meaning between the files"
    return ""


def run_families(base: Sequence[Run], new: Sequence[Run]) -> Family:
    """One number per cell and run; runs are paired in the order given."""
    family = Family([], [], [])
    sides = [[_cells(run) for run in side] for side in (base, new)]
    ids: Dict[str, Cell] = {}
    for cells in sides[0] + sides[1]:
        for name, cell in cells.items():
            ids.setdefault(name, cell)
    named = dict(zip(ids, labels(list(ids.values())).values()))
    for name, first in ids.items():
        here = [[cells.get(name) for cells in side] for side in sides]
        skips = [c.skip for side in here for c in side if c and c.skip]
        if skips:
            family.skipped.append(Skip(named[name],
                                       str(skips[0].get("reason", ""))))
            continue
        sample = _blank(base[0], first, name, (name, name), named[name])
        found = [[_level(c, sample.metric) for c in side] for side in here]
        sample.fault = _run_fault(here[0] + here[1])
        sample.failed = sum(not t.ok for side in here for c in side if c
                            for t in c.trials)
        for side, text in zip(found, ("base", "new")):
            if not sample.fault and None in side:
                sample.fault = (f"{side.count(None)} of {len(side)} {text} "
                                f"files have no {sample.metric} of it")
        if not sample.fault:
            sample.base, sample.new = found
        family.samples.append(sample)
    return family


def trial_family(base: Run, new: Run) -> Family:
    """One file against one: every launch by itself, indicative only."""
    family = run_families([base], [new])
    left, right = _cells(base), _cells(new)
    for sample in family.samples:
        if not sample.fault:
            sample.base = [float(v) for v in
                           left[sample.cell].samples(sample.metric)]
            sample.new = [float(v) for v in
                          right[sample.cell].samples(sample.metric)]
    return family
