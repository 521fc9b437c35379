"""Judge runs whose trials came in pairs of two arms."""

from __future__ import annotations

from typing import Dict, List, Sequence

from . import canary, judging
from .judgement import Judgement, conclude, judge_sentinels
from .result import Run
from .samples import Family, pair_families
from .stages import judge_stages
from .verdict import Key, Rules, Sample, judge


def _merged(samples: Sequence[Sample]) -> List[Sample]:
    """Samples of the same cell from several files as one."""
    found: Dict[Key, Sample] = {}
    for s in samples:
        first = found.setdefault(s.key(), s)
        if first is not s:
            first.base += s.base
            first.new += s.new
            first.fault = first.fault or s.fault
    return list(found.values())


def _sides(run: Run) -> str:
    sets = [run.sets.get(arm, "") or "as it is" for arm in ("a", "b")]
    same = " (a against itself)" if sets[0] == sets[1] else ""
    return f"a: {sets[0]}, b: {sets[1]}{same}"


def _design(screen: Sequence[Run], confirm: Sequence[Run],
            family: Family) -> str:
    pairs = max((len(s.base) for s in family.samples), default=0)
    text = f"{_sides(screen[0])}; interleaved pairs, exact signed-rank test"
    if not confirm:
        return f"{text}, {pairs} pairs"
    return f"{text}, {pairs} pairs to screen, fresh ones to confirm"


def judge_arms(command: str, screen: Sequence[Run], confirm: Sequence[Run],
               rules: Rules, staged: bool = True) -> Judgement:
    """The judgement over the files of both stages.

    `staged` False: there was one stage only, and every cell is tested.
    """
    runs = [*screen, *confirm]
    first, second = pair_families(screen), pair_families(confirm)
    named = {s.ids[0]: s.label for s in first.samples}
    for s in second.samples + second.sentinels:
        s.label = named.get(s.ids[0], s.label)
    j = Judgement(command, _design(screen, confirm, first),
                  judging.where(runs), "a", "b", rules, [])
    samples = _merged(first.samples)
    if staged:
        j.rows = judge_stages(samples, _merged(second.samples), rules)
    else:
        j.rows = judge(samples, rules)
    j.sentinels = judge_sentinels(
        _merged(first.sentinels + second.sentinels), rules)
    j.skipped = first.skipped
    for run in runs:
        j.failures += run.notes
        if run.end and run.end.get("interrupted"):
            j.failures.append(f"{run.path}: interrupted")
    records = [r for run in runs for r in run.canaries]
    return conclude(j, canary.moves(records))
