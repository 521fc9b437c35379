"""The median's interval by order statistics, against SciPy and by drawing."""

import random

from scipy.stats import binom

from pipemark.order_stats import estimate, interval_rank, median


def test_ranks_are_those_of_the_binomial():
    for k in range(1, 200):
        r = interval_rank(k)
        if r:
            assert 1 - 2 * binom.cdf(r - 1, k, 0.5) >= 0.95 - 1e-12
        if r < k // 2:
            assert 1 - 2 * binom.cdf(r, k, 0.5) < 0.95 + 1e-12


def test_the_least_is_six_trials():
    assert [interval_rank(k) for k in (1, 5, 6, 8, 9, 10, 20)] == \
        [0, 0, 1, 1, 2, 2, 6]
    assert estimate([3.0] * 5).lo is None
    six = estimate([4, 1, 3, 6, 5, 2])
    assert (six.lo, six.hi, six.median) == (1, 6, 3.5)


def test_the_interval_covers_the_median():
    draw = random.Random(5)
    hits = 0
    for _ in range(4000):
        e = estimate([draw.lognormvariate(0, 1) for _ in range(9)])
        hits += e.lo <= 1 <= e.hi
    assert hits / 4000 >= 0.94


def test_a_middle_number_keeps_its_notation():
    class Written(float):
        pass

    three = [Written(1), Written(2), Written(3)]
    assert median(three) is three[1]
