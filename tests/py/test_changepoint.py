"""Change points: few where there are none, all where there are some."""

import random

import pytest

from pipemark import changepoint


def series(rng, n, step=0.0, at=None, outliers=0.0):
    return [rng.gauss(100, 3) * (1.5 if rng.random() < outliers else 1)
            * (1 + step if at is not None and i >= at else 1)
            for i in range(n)]


@pytest.mark.parametrize("n", [12, 20, 45, 90])
def test_critical_values_hold_their_level(n):
    rng, ranks, draws = random.Random(n), list(range(2, 2 * n + 2, 2)), 4000
    steps = []
    for _ in range(draws):
        rng.shuffle(ranks)
        steps.append(changepoint.largest_step(ranks)[0])
    assert sum(z > changepoint.critical_value(n, .01)
               for z in steps) <= .016 * draws
    assert sum(z > changepoint.critical_value(n, .001)
               for z in steps) <= .0028 * draws


def test_table_is_not_needlessly_strict():
    """The best critical value at 1 % is not far below the table's."""
    rng, ranks = random.Random(7), list(range(2, 102, 2))
    steps = []
    for _ in range(4000):
        rng.shuffle(ranks)
        steps.append(changepoint.largest_step(ranks)[0])
    assert sorted(steps)[int(.975 * 4000)] < changepoint.critical_value(
        50, .01) < sorted(steps)[-4]


@pytest.mark.parametrize("outliers", [0, .03])
def test_false_series(outliers):
    rng = random.Random(1)
    false = sum(bool(changepoint.change_points(series(rng, 50,
                                                      outliers=outliers)))
                for _ in range(1000))
    assert false <= 10


def test_ten_per_cent_is_found_where_it_is():
    rng = random.Random(2)
    found = sum(any(abs(c - 40) <= 2 for c in changepoint.change_points(
        series(rng, 50, .10, 40))) for _ in range(200))
    assert found >= 180


def test_small_steps_are_real_and_not_told():
    rng = random.Random(3)
    quiet = [rng.gauss(100, .1) * (1.02 if i >= 20 else 1) for i in range(40)]
    assert changepoint.segment(quiet) == [20]
    assert changepoint.change_points(quiet) == []


def test_short_and_flat_series():
    assert changepoint.change_points([]) == []
    assert changepoint.change_points([1.0] * 7) == []
    assert changepoint.change_points([1.0] * 60) == []


def test_two_steps():
    """A rise and a fall cancel in the ranks of the whole series."""
    exact = 0
    for seed in range(100):
        rng = random.Random(seed)
        x = (series(rng, 30) + [2 * v for v in series(rng, 30)]
             + series(rng, 30))
        exact += changepoint.change_points(x) == [30, 60]
    assert exact >= 95
