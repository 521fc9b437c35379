"""Exactness of the rank-sum test over whole runs."""

import itertools
import math
import random

import pytest
from scipy.stats import mannwhitneyu

from pipemark import ranksum


def enumerated_p(base, new):
    values = base + new
    size = sorted(values)
    rank = {v: sum(i + 1 for i, s in enumerate(size) if s == v)
            / size.count(v) for v in size}
    seen = sum(rank[v] for v in new)
    ways = list(itertools.combinations([rank[v] for v in values], len(new)))
    return sum(sum(w) >= seen - 1e-9 for w in ways) / len(ways)


def test_p_equals_enumeration():
    rng = random.Random(1)
    for _ in range(150):
        digits = rng.choice((0, 1, 9))
        base, new = ([round(rng.gauss(m, 1), digits)
                      for _ in range(rng.randint(1, 6))] for m in (0, .5))
        assert ranksum.rank_sum_p(base, new) == pytest.approx(
            enumerated_p(base, new), abs=1e-12)


def test_agrees_with_scipy():
    rng = random.Random(2)
    for _ in range(200):
        base, new = ([rng.gauss(m, 1) for _ in range(rng.randint(2, 9))]
                     for m in (0, .5))
        theirs = mannwhitneyu(new, base, alternative="greater",
                              method="exact").pvalue
        assert ranksum.rank_sum_p(base, new) == pytest.approx(
            theirs, abs=1e-12)


def test_the_floor_is_said_and_reached():
    for runs in range(3, 8):
        reached = ranksum.rank_sum_p(range(runs), range(100, 100 + runs))
        assert reached == ranksum.least_p(runs, runs)
    assert ranksum.least_p(3, 3) == pytest.approx(.05)
    assert [ranksum.most_tests(n, n) for n in (2, 3, 5, 6, 7)] == [
        0, 1, 12, 46, 171]


def test_nothing_on_one_side_proves_nothing():
    assert ranksum.rank_sum_p([], [1.0]) == 1.0
    assert ranksum.rank_sum_p([1.0], []) == 1.0
    assert math.isinf(ranksum.mde([], [1.0], .05, 1))


def test_interval_covers():
    rng = random.Random(3)
    covered = 0
    for _ in range(2000):
        base, new = ([rng.gauss(0, .1) for _ in range(6)] for _ in range(2))
        it = ranksum.estimate(base, new)
        covered += it.lo <= 1 <= it.hi
    assert covered >= .94 * 2000


def test_mde_is_finite_where_the_floor_allows():
    rng = random.Random(4)
    base, new = ([rng.gauss(0, .02) for _ in range(5)] for _ in range(2))
    assert 0 < ranksum.mde(base, new, .05, 12) < .3
    assert math.isinf(ranksum.mde(base, new, .05, 13))
