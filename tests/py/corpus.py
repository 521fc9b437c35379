"""A recorded A/A study: 130 rounds of 18 pipe configurations, two identical
arms, on a noisy machine with two virtual CPUs.  Every difference between the
arms is noise.
"""

import csv
import gzip
import random
from pathlib import Path

from pipemark.verdict import Sample

FILE = Path(__file__).resolve().parent / "data" / "aa_noisy_2core_vm.csv.gz"
P50, RATE = "p50_ns", "messages_per_s"
METRIC = {P50: ("rtt_p50", "ns", "lower"),
          RATE: ("messages_per_s", "1/s", "higher")}


class Corpus:
    """pairs[column][cell] is a list over rounds of (A, B), None if one of
    the two launches gave no data."""

    def __init__(self):
        values = {P50: {}, RATE: {}}
        with gzip.open(FILE, "rt") as stream:
            for row in csv.DictReader(stream):
                if not row["cell"]:
                    continue
                for column, cells in values.items():
                    cells.setdefault(row["cell"], {})[
                        int(row["round"]), row["arm"]] = float(row[column])
        self.rounds = 1 + max(r for r, _ in next(iter(values[P50].values())))
        self.cells = sorted(values[P50])
        self.pairs = {
            column: {cell: [self._pair(v, r) for r in range(self.rounds)]
                     for cell, v in cells.items()}
            for column, cells in values.items()}

    @staticmethod
    def _pair(values, number):
        pair = values.get((number, "A")), values.get((number, "B"))
        return None if None in pair else pair

    def samples(self, column, rounds, rng, slower=None, factor=1.0):
        """One family with real noise: labels swapped at random inside each
        pair, one cell's candidate made slower by the factor."""
        metric, unit, better = METRIC[column]
        family = []
        for cell in self.cells:
            kept = [self.pairs[column][cell][r] for r in rounds]
            kept = [p if rng.random() < .5 else p[::-1] for p in kept if p]
            by = factor if cell == slower else 1.0
            by = by if better == "lower" else 1 / by
            family.append(Sample(cell, metric, unit, better,
                                 [a for a, _ in kept],
                                 [b * by for _, b in kept]))
        return family

    def window(self, length, rng):
        """Consecutive rounds from a random start."""
        first = rng.randrange(self.rounds - length + 1)
        return range(first, first + length)


def seeded(name):
    return random.Random(f"pipemark {name}")
