"""The gate over thirty real runs of a guest with two states.

data/gate_guest.csv: `make prove-gate` on two CPUs of a shared machine, which
are two threads of one core in some runs and two cores in others (bounce_ns);
a run took 11 s, nothing was changed between them.
"""

import csv
from copy import deepcopy
from pathlib import Path

from pipemark import gate
from pipemark.levels import Level, Point
from pipemark.normal import Normal
from pipemark.verdict import REGRESSED, Rules

FILE = Path(__file__).resolve().parent / "data" / "gate_guest.csv"
KNOWN = 16      # runs, after which both states are


def recorded():
    """As points, oldest first."""
    found = []
    with open(FILE, encoding="utf-8", newline="") as file:
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


def test_a_slower_cell_is_red_within_two_runs():
    runs = recorded()
    for factor, least in ((1.3, .8), (1.5, .85)):
        hits = others = count = 0
        for at in range(KNOWN, len(runs) - 1):
            for cell in runs[at].cells:
                hit, other = red_within_two(runs, at, cell, factor)
                hits, others, count = hits + hit, others + other, count + 1
        print(f"gate, {factor}: {hits} of {count}, others {others}")
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
