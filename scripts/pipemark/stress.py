"""What `pipemark stress` found, for the page and the terminal."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from .result import Run
from .table import Table
from .told import count, machine, when
from .units import number

BAD = ("lost", "repeated", "reordered", "corrupt", "hangs", "leaks", "broken")


def found(record: Dict[str, Any]) -> str:
    """"3 lost, 1 hangs", "" for nothing."""
    return ", ".join(f"{record[b]} {b}" for b in BAD if record.get(b))


def by_verdict(run: Run, verdict: str) -> List[Dict[str, Any]]:
    """The records of one verdict."""
    return [r for r in run.stress if r["verdict"] == verdict]


def summary(run: Run) -> List[str]:
    """Sentences: the verdict first, then what was done."""
    tried = [r for r in run.stress if r["verdict"] != "skipped"]
    passed = by_verdict(run, "passed")
    bad = by_verdict(run, "failed")
    few, skipped = by_verdict(run, "too-few"), by_verdict(run, "skipped")
    out = [f"{len(passed)} of {count(len(tried), 'stressor')} passed"
           f" on {run.where}{machine(run)}{when(run)}."]
    if bad:
        out.append(f"Failed: {_names(bad)}.")
    elif tried:
        out.append("Nothing was lost, repeated, reordered or damaged; nothing hung,"
                   " leaked or broke.")
    if few:
        out.append(f"Proven nothing, too few operations or faults: {_names(few)}.")
    if skipped:
        out.append(f"Skipped: {_names(skipped)}.")
    faults = sum(int(r.get("faults") or 0) for r in tried)
    healed = sum(int(r.get("recovered") or 0) for r in tried)
    after = "all" if healed == faults else _digits(healed)
    if faults:
        out.append(f"{_digits(faults)} faults were planted; after {after} of them"
                   " everything went on, or ended as it should.")
    if run.truncated:
        out.append("The file has no end: the run was broken off.")
    elif run.end and run.end.get("interrupted"):
        out.append("The run was interrupted; what it did is here.")
    return out


def _names(records: Sequence[Dict[str, Any]]) -> str:
    return ", ".join(str(r["name"]) for r in records)


def _digits(n: int) -> str:
    return f"{n:,}".replace(",", "\u202f")


def table(run: Run) -> Table:
    """A row for each stressor; what failed first."""
    order = ["failed", "too-few", "passed", "skipped"]
    rows = []
    for r in sorted(run.stress, key=lambda r: order.index(r["verdict"])
                    if r["verdict"] in order else len(order)):
        least = (f"{_digits(int(r.get(did) or 0))} {r.get(what) or ''}"
                 for did, what in (("ops", "op"), ("faults", "fault")))
        rows.append([
            str(r["name"]), str(r["verdict"]), *least,
            _digits(int(r.get("recovered") or 0)), finding(r),
            str(r.get("rounds") or 0),
            number(float(r.get("took_ns") or 0), "ns"), str(r.get("repeat") or "")])
    wine = " (Wine)" if run.wine else ""
    return Table(
        "Each stressor: what it did, what it broke on purpose, and what it found"
        f"{wine}. Seed {run.header.get('seed')}.",
        ["stressor", "verdict", "operations", "faults", "recovered", "found",
         "rounds", "took", "again"], rows)


def finding(record: Dict[str, Any]) -> str:
    """What went wrong, and the first of it."""
    said = [w for w in (found(record), str(record.get("why") or "")) if w]
    return ": ".join(said) or "nothing"
