"""Exactness of the paired test, its interval and its sizes."""

import itertools
import math
import random

import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import wilcoxon

from pipemark import paired


def enumerated_p(d, tau=0.0):
    """The same p from all sign patterns, one by one."""
    x = [v - math.log1p(tau) for v in d]
    size = sorted(abs(v) for v in x)
    rank = {v: sum(i + 1 for i, s in enumerate(size) if s == v)
            / size.count(v) for v in size}
    ranks = [rank[abs(v)] for v in x if v]
    seen = sum(rank[abs(v)] for v in x if v > 0)
    patterns = list(itertools.product((0, 1), repeat=len(ranks)))
    hits = sum(sum(r for r, s in zip(ranks, signs) if s) >= seen - 1e-9
               for signs in patterns)
    return hits / len(patterns)


@pytest.mark.parametrize("k", range(1, 13))
def test_p_equals_enumeration(k):
    rng = random.Random(k)
    for kind in range(4):
        # Coarse values make ties and zeros, fine ones make neither.
        d = [round(rng.gauss(0.1, 1), (0, 1, 9, 9)[kind]) for _ in range(k)]
        tau = 0.0 if kind < 3 else 0.05
        assert paired.signed_rank_p(d, tau) == pytest.approx(
            enumerated_p(d, tau), abs=1e-12)


def test_size_is_exact():
    """Over all sign patterns of untied ranks p <= a happens at most a of the
    time, and p takes every value it claims."""
    k = 10
    ps = sorted(paired.signed_rank_p([s * (i + 1) for i, s in enumerate(signs)])
                for signs in itertools.product((-1, 1), repeat=k))
    for i, p in enumerate(ps):
        if i + 1 == len(ps) or ps[i + 1] != p:
            assert p == (i + 1) / len(ps)


def test_agrees_with_scipy():
    rng = random.Random(1)
    for _ in range(300):
        d = [rng.gauss(0.02, 0.1) for _ in range(rng.randint(5, 30))]
        ours = paired.signed_rank_p(d)
        theirs = wilcoxon(d, alternative="greater", method="exact").pvalue
        assert ours == pytest.approx(theirs, abs=1e-12)


def test_all_zero_proves_nothing():
    assert paired.signed_rank_p([0.0] * 20) == 1.0
    assert paired.signed_rank_p([]) == 1.0


VALUES = st.lists(st.floats(-2, 2).map(lambda v: round(v, 2)),
                  min_size=1, max_size=25)


@settings(max_examples=200)
@given(VALUES, st.randoms())
def test_order_does_not_matter(d, rng):
    other = list(d)
    rng.shuffle(other)
    assert paired.signed_rank_p(d, .05) == paired.signed_rank_p(other, .05)
    assert paired.estimate(d) == paired.estimate(other)


@settings(max_examples=200)
@given(VALUES)
def test_both_directions_cannot_both_be_true(d):
    worse, better = (paired.signed_rank_p(d),
                     paired.signed_rank_p([-v for v in d]))
    assert 0 < worse <= 1 and worse + better >= 1


@settings(max_examples=200)
@given(VALUES, st.floats(0, 1), st.floats(0, 1))
def test_a_wider_margin_never_helps(d, a, b):
    low, high = sorted((a, b))
    assert (paired.signed_rank_p(d, low)
            <= paired.signed_rank_p(d, high) + 1e-12)


@settings(max_examples=200)
@given(VALUES)
def test_estimate_is_inside_its_interval_and_mirrors(d):
    it = paired.estimate(d)
    assert it.lo <= it.ratio <= it.hi
    mirror = paired.estimate([-v for v in d])
    assert mirror.ratio == pytest.approx(1 / it.ratio)
    if it.lo:
        assert mirror.lo == pytest.approx(1 / it.hi)


def test_interval_covers():
    """At least 95 % by construction; 94 % leaves room for 4,000 draws."""
    rng = random.Random(2)
    for k in (6, 12, 20):
        covered = 0
        for _ in range(4000):
            it = paired.estimate([rng.gauss(0, .1) for _ in range(k)])
            covered += it.lo <= 1 <= it.hi
        assert covered >= 0.94 * 4000


def test_interval_needs_six_pairs():
    assert paired.estimate([0.1] * 5)[1:] == (0.0, math.inf)
    assert paired.estimate([0.1] * 6).lo > 1


def test_holm():
    assert paired.holm([.01, .04, .03]) == pytest.approx([.03, .06, .06])
    assert paired.holm([.6, .9]) == pytest.approx([1, 1])
    assert paired.holm([]) == []


def test_min_pairs():
    assert [paired.min_pairs(m) for m in (1, 20, 50, 100, 200, 500)] == [
        5, 9, 10, 11, 12, 14]
    for tests in (1, 7, 100):
        k = paired.min_pairs(tests)
        assert paired.signed_rank_p([1.0] * k) * tests <= .05
        assert paired.signed_rank_p([1.0] * (k - 1)) * tests > .05


def test_mde_is_infinite_below_min_pairs():
    rng = random.Random(3)
    d = [rng.gauss(0, .03) for _ in range(11)]
    assert math.isfinite(paired.mde(d, .05, 100))
    assert math.isinf(paired.mde(d[:10], .05, 100))
    assert math.isinf(paired.mde([], .05, 1))
    assert paired.mde([0.0] * 20, .05, 10) == pytest.approx(.05)


def test_mde_is_honest():
    """A slow-down of the stated size is found in at least 60 % of fresh
    samples of the same noise."""
    rng = random.Random(4)
    found = draws = 0
    for _ in range(150):
        sd = rng.choice([.02, .05, .1])
        size = paired.mde([rng.gauss(0, sd) for _ in range(20)], .05, 10)
        fresh = [rng.gauss(math.log1p(size), sd) for _ in range(20)]
        found += paired.signed_rank_p(fresh, .05) * 10 <= .05
        draws += 1
    assert found >= .6 * draws


def test_binomial_bound():
    assert paired.binomial_bound(0, 59) < .05 < paired.binomial_bound(0, 58)
    assert paired.binomial_bound(1, 93) < .05 < paired.binomial_bound(1, 92)
    assert 1 - paired.binomial_bound(5, 50) > .79
    assert paired.binomial_bound(0, 0) == 1 == paired.binomial_bound(3, 3)
