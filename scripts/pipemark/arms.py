"""Judge runs whose trials came in pairs of two arms."""

from __future__ import annotations

from typing import List, Sequence

from . import canary, judging
from .judgement import Judgement, conclude, judge_sentinels
from .result import Run
from .samples import Family, merged, pair_families
from .stages import judge_stages
from .verdict import Rules, judge


def _exec(run: Run, arm: str) -> str:
    """The command in front of this arm's programs; it is in no cell."""
    words = [str(w) for w in run.header.get("argv") or []]
    for word, after in zip(words, [*words[1:], ""]):
        name, equals, value = word.partition("=")
        if name == f"--{arm}-exec":
            return value if equals else after
    return ""


def _sides(run: Run) -> str:
    sets = [(run.sets.get(arm, "") or "as it is")
            + (f" under {_exec(run, arm)}" if _exec(run, arm) else "")
            for arm in ("a", "b")]
    same = " (a against itself)" if sets[0] == sets[1] else ""
    return f"a: {sets[0]}, b: {sets[1]}{same}"


def _design(screen: Sequence[Run], confirm: Sequence[Run],
            family: Family) -> str:
    counts = sorted({len(s.base) for s in merged(family.samples)}) or [0]
    pairs = (f"{counts[0]} to {counts[-1]}" if len(counts) > 1
             else str(counts[0]))
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
    named = {s.ids[0]: s.label for s in reversed(first.samples)}
    for s in second.samples + second.sentinels:
        s.label = named.get(s.ids[0], s.label)
    j = Judgement(command, _design(screen, confirm, first),
                  judging.where(runs), "a", "b", rules, [])
    samples = merged(first.samples)
    if staged:
        j.rows = judge_stages(samples, merged(second.samples), rules)
    else:
        j.rows = judge(samples, rules)
    j.sentinels = judge_sentinels(
        merged(first.sentinels + second.sentinels), rules)
    j.skipped = first.skipped
    for run in runs:
        j.failures += run.notes
        if run.end and run.end.get("interrupted"):
            j.failures.append(f"{run.path}: interrupted")
    records = [r for run in runs for r in run.canaries]
    return conclude(j, canary.moves(records))
