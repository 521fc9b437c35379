"""Histograms: layout, quantiles, merging."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synth
from pipemark.hist import Hist, enough, lower, merge

values = st.lists(st.integers(0, 2**40 - 1), min_size=1, max_size=200)


@given(st.integers(0, 2**40 - 1), st.sampled_from([7, 10]))
def test_a_value_lies_in_its_bucket(value, sub):
    i = synth.index(value, sub)
    assert lower(i, sub) <= value < lower(i + 1, sub)


@given(values)
def test_quantiles_rise_and_stay_close(found):
    h = Hist.parse(synth.hist(found))
    shares = [0, 0.1, 0.5, 0.9, 1]
    got = h.quantiles(shares)
    assert got == sorted(got)
    assert min(found) <= got[0] and got[-1] <= max(found)
    ranked = sorted(found)
    for q, value in zip(shares, got):
        exact = ranked[max(math.ceil(q * len(ranked)) - 1, 0)]
        assert abs(value - exact) <= max(exact / 128, 1)


@given(values, values)
@settings(max_examples=50)
def test_merging_is_recording_together(a, b):
    both = merge([Hist.parse(synth.hist(a)), Hist.parse(synth.hist(b))])
    assert both == Hist.parse(synth.hist(a + b))


def test_layouts_do_not_mix():
    with pytest.raises(ValueError):
        merge([Hist.parse(synth.hist([1], 7)), Hist.parse(synth.hist([1], 10))])
    assert merge([]) is None


@pytest.mark.parametrize("change", [
    {"n": 4}, {"b": [5]}, {"b": [5, 3, 0, 1]}, {"b": [-1, 3]}, {"b": [5, -3]},
    {"b": [10**9, 3]}, {"sub": 0}, {"min": None}, {"over": -1},
])
def test_a_histogram_that_contradicts_itself_is_refused(change):
    good = {"sub": 7, "unit": "ns", "n": 3, "min": 5, "max": 5, "sum": 15,
            "sumsq": 75, "over": 0, "b": [5, 3]}
    Hist.parse(good)
    with pytest.raises((ValueError, TypeError)):
        Hist.parse({**good, **change})


def test_a_percentile_needs_enough_values():
    assert enough(1000, 0.99) and not enough(999, 0.99)
    assert enough(10000, 0.999) and not enough(9999, 0.999)
    assert enough(100, 0.9)
