"""What a whole comparison says, and when it must say "not proven"."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median
from typing import Dict, List, Sequence

from . import cli
from .samples import Skip
from .verdict import (IMPROVED, INVALID, REGRESSED, VERDICTS, Row, Rules,
                      Sample, judge)

CONTROL_ALPHA = 0.01        # of all controls of a comparison together


@dataclass
class Judgement:
    """Rows and reasons.  Written to files by judgement_files.py."""

    command: str                # versus, compare, ...
    design: str                 # one sentence: what was compared with what
    where: str                  # the machine, with Wine if it was Wine
    base: str                   # what the first side is called
    new: str                    # what the second side is called
    rules: Rules
    rows: List[Row]
    sentinels: List[Row] = field(default_factory=list)
    skipped: List[Skip] = field(default_factory=list)
    unproven: List[str] = field(default_factory=list)   # exit 3
    failures: List[str] = field(default_factory=list)   # exit 4
    notes: List[str] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        return sum(r.verdict == verdict for r in self.rows)

    def counts(self) -> Dict[str, int]:
        return {v: self.count(v) for v in VERDICTS}

    def smallest_seen(self) -> List[float]:
        """Minimum detectable effects of what was judged, sorted."""
        return sorted(r.mde for r in self.rows if r.verdict != INVALID)

    def status(self, fail_on: Sequence[str] = (REGRESSED,)) -> int:
        """Exit status: what was found, before what failed, before what could
        not be proven."""
        if any(self.count(v) for v in fail_on):
            return cli.FOUND
        if self.failures:
            return cli.FAILED
        return cli.CANNOT if self.unproven else cli.DONE


def judge_sentinels(samples: Sequence[Sample], rules: Rules) -> List[Row]:
    """Controls: the same configuration on both sides."""
    return judge(samples, rules, "sentinel")


def _control_alarm(row: Row, controls: int) -> str:
    """Why a control says that the comparison is not sound; "" if it does not.

    Its estimate may leave half the margin by noise alone where launches
    scatter much, so its own interval must exclude "the same" too.
    """
    what = f"the sentinel {row.sample.name}, a copy of itself,"
    if row.verdict in (REGRESSED, IMPROVED):
        return f"{what} was judged {row.verdict}"
    if row.verdict == INVALID:
        return ""
    sure = row.sample.evidence().estimate(1 - CONTROL_ALPHA / controls)
    moved = abs(math.log(row.worse.ratio)) > math.log1p(row.margin / 2)
    if moved and not sure.lo <= 1 <= sure.hi:
        return f"{what} differs by {100 * (row.worse.ratio - 1):+.1f} %"
    return ""


def blind(rows: Sequence[Row], rules: Rules) -> str:
    """Too many cells in which nothing could have been seen; "" if not."""
    judged = [r for r in rows if r.verdict != INVALID]
    unseen = [r for r in judged
              if r.mde > max(rules.blind_mde, 2 * r.margin)]
    if len(unseen) <= rules.most_blind * len(judged):
        return ""
    return (f"{len(unseen)} of {len(judged)} cells could not have shown a "
            f"slow-down of {100 * rules.blind_mde:.0f} %: more pairs, longer "
            f"trials or a quieter machine")


def conclude(j: Judgement, moved: Sequence[str] = (),
             ask_blind: bool = True) -> Judgement:
    """Apply the rules that close when in doubt.

    `moved`: what the canaries say.  If the machine moved, or a control did,
    nothing in the table is a finding.  `ask_blind` False: do not ask what could
    have been seen.
    """
    alarms = list(moved) + [
        a for a in (_control_alarm(r, len(j.sentinels)) for r in j.sentinels)
        if a]
    if alarms:
        for row in j.rows:
            if row.verdict != INVALID:
                row.invalidate("the machine moved")
    j.unproven += alarms
    if not j.rows:
        j.unproven.append("nothing was measured"
                          + (": every cell was skipped" if j.skipped else ""))
    elif not alarms:
        judged = sum(r.verdict != INVALID for r in j.rows)
        if judged < j.rules.least_measured * len(j.rows):
            j.unproven.append(f"only {judged} of {len(j.rows)} cells could be "
                              f"judged")
        unseen = blind(j.rows, j.rules) if ask_blind else ""
        if unseen:
            j.unproven.append(unseen)
    failed = sum(r.sample.failed for r in j.rows)
    if failed:
        j.notes.append(f"{failed} launch{'es' if failed > 1 else ''} failed; "
                       "what belonged to them is left out.")
    for row in j.rows:
        if row.verdict == INVALID and row.sample.failed:
            j.failures.append(f"{row.sample.name}: {row.reason}")
    return j


def headline(j: Judgement) -> str:
    """The one line that answers."""
    counts = j.counts()
    judged = len(j.rows) - counts[INVALID]
    said = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if v != INVALID)
    text = f"{judged} of {len(j.rows)} cells judged: {said}"
    if counts[INVALID]:
        text += f"; {counts[INVALID]} invalid"
    if j.skipped:
        text += f"; {len(j.skipped)} skipped"
    return text + "."


def percent(fraction: float) -> str:
    """A slow-down for people."""
    if not math.isfinite(fraction):
        return "any"
    return f"{100 * fraction:.2g} %" if fraction < 1 else f"{fraction + 1:.3g}x"


def sight(j: Judgement) -> str:
    """The smallest slow-down that would have been found."""
    seen = j.smallest_seen()
    if not seen:
        return ""
    worst = (percent(seen[-1]) if math.isfinite(seen[-1])
             else "nothing at all")
    return ("Smallest slow-down we would have seen: median "
            f"{percent(median(seen))}, worst {worst}.")
