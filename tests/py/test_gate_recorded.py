"""The gate over real runs in which nothing was changed.

data/gate_guest.csv: `make prove-gate` on two CPUs of a shared machine, which
are two threads of one core in some runs and two cores in others (bounce_ns),
with builds beside them; thirty runs of 11 s.
data/gate_drift.csv: the same with nothing beside it, in one state all the time,
but a tenth faster or slower for minutes; 29 runs of 22 s.
"""

import csv
from copy import deepcopy
from pathlib import Path

import pytest

from pipemark import gate
from pipemark.levels import Level, Point
from pipemark.normal import Normal
from pipemark.verdict import REGRESSED, Rules

DATA = Path(__file__).resolve().parent / "data"
KNOWN = 16      # runs, after which both states are


def recorded(name="guest"):
    """As points, oldest first."""
    found = []
    with open(DATA / f"gate_{name}.csv", encoding="utf-8", newline="") as file:
        for i, row in enumerate(csv.DictReader(file)):
            songs = {k: float(v) for k, v in row.items()
                     if k.endswith(("_ns", "_share"))}
            cells = {}
            for name, value in row.items():
                label, bar, metric = name.partition("|")
                if bar:
                    cells[label] = Level(
                        metric, "", "lower" if metric == "rtt_p50"
                        else "higher", float(value), 1, label)
            found.append(Point(str(i), str(i), int(row["start_s"]), "", "n",
                               "Linux", "e", "", {}, songs, [], [], cells))
    return found


def slower(point, cell, factor):
    point = deepcopy(point)
    level = point.cells[cell]
    level.value *= factor if level.better == "lower" else 1 / factor
    return point


def red_within_two(runs, at, cell, factor):
    """(was it found, was another) by two runs with one cell slower."""
    normal, found = Normal(Rules()), set()
    for p in runs[:at]:
        normal.step(p)
    for p in runs[at:at + 2]:
        found |= {r.sample.cell for r in normal.step(slower(p, cell, factor))
                  if r.verdict == REGRESSED}
    return cell in found, bool(found - {cell})


def test_both_states_occur_and_nothing_is_red():
    runs = recorded()
    assert len(runs) == 30
    assert 10 < sum(p.canary["bounce_ns"] > 200 for p in runs) < 20
    _, judged, red = gate.walk(runs, Rules())
    print(f"gate, two states: {red} red of {judged}")
    assert judged >= 20 and red == 0


def test_drift_is_not_red():
    runs = recorded("drift")
    _, judged, red = gate.walk(runs, Rules())
    assert len(runs) == 29 and judged >= 20 and red == 0


@pytest.mark.parametrize("name, factor, least", [
    ("guest", 1.3, .8), ("guest", 1.5, .85), ("drift", 1.3, .85),
    ("drift", 1.5, .95)])
def test_a_slower_cell_is_red_within_two_runs(name, factor, least):
    runs, hits, others, count = recorded(name), 0, 0, 0
    for at in range(KNOWN, len(runs) - 1):
        for cell in runs[at].cells:
            hit, other = red_within_two(runs, at, cell, factor)
            hits, others, count = hits + hit, others + other, count + 1
    print(f"gate, {name}, {factor}: {hits} of {count}, others {others}")
    assert hits >= least * count and not others


def test_without_the_bounce_the_states_are_scatter():
    """What tells them is what finds the change: this fixture can fail."""
    runs = recorded()
    for p in runs:
        del p.canary["bounce_ns"], p.canary["wake_ns"]
    hits = [red_within_two(runs, at, cell, 1.3)[0]
            for at in range(KNOWN, len(runs) - 1) for cell in runs[at].cells]
    print(f"gate, states unknown: {sum(hits)} of {len(hits)}")
    assert sum(hits) < .5 * len(hits)
