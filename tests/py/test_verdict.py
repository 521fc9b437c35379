"""Verdicts: both directions of every metric, and everything that must never
look like an answer."""

import csv
import io
import json
import math
import random
import time
from xml.etree import ElementTree

import pytest

from pipemark import arms, cli
from pipemark.judgement import Judgement, conclude, headline, sight
from pipemark.judgement_files import as_csv, as_json, as_junit
from pipemark.judgement_text import markdown, people
from pipemark.reader import read
from pipemark.stages import judge_stages, screen
from pipemark.verdict import (IMPROVED, INCONCLUSIVE, INVALID, REGRESSED,
                              UNCHANGED, Rules, Sample, judge)

from made import STILL, File

METRICS = [("rtt_p50", "lower"), ("response_p99", "lower"),
           ("connect_p50", "lower"), ("bytes_per_s", "higher"),
           ("messages_per_s", "higher")]


def sample(better, factor, noise=.02, pairs=20, metric="rtt_p50", seed=1):
    rng = random.Random(seed)
    base = [1000 * math.exp(rng.gauss(0, noise)) for _ in range(pairs)]
    new = [1000 * factor * math.exp(rng.gauss(0, noise)) for _ in range(pairs)]
    return Sample("cell", metric, "ns", better, base, new)


def judgement(*samples, **kwargs):
    rules = Rules()
    j = Judgement("compare", "design", "Linux", "a", "b", rules,
                  judge(list(samples), rules), **kwargs)
    return conclude(j)


@pytest.mark.parametrize("metric, better", METRICS)
@pytest.mark.parametrize("grows, by", [(True, 1.3), (False, 1 / 1.3)])
def test_direction(metric, better, grows, by):
    """A number that grew by 30 % is good news or bad, in all that we write."""
    j = judgement(sample(better, by, metric=metric))
    worse = grows == (better == "lower")
    row = j.rows[0]
    assert row.verdict == (REGRESSED if worse else IMPROVED)
    assert (row.worse.lo > 1) == worse
    assert (row.ratio().ratio > 1.2) == grows
    assert row.ratio().lo < row.ratio().ratio < row.ratio().hi
    status = j.status()
    assert status == (cli.FOUND if worse else cli.DONE)
    told = json.loads(as_json(j, status))
    assert told["rows"][0]["verdict"] == row.verdict
    assert (told["rows"][0]["lo"] > 1) == grows and told["status"] == status
    line = list(csv.DictReader(io.StringIO(as_csv(j))))[0]
    assert line["verdict"] == row.verdict and (float(line["lo"]) > 1) == grows
    assert line["better"] == better
    junit = ElementTree.fromstring(as_junit(j))
    assert junit.get("failures") == str(int(worse))
    for text in people(j), markdown(j):
        assert row.verdict in text
        assert ("1 regressed" in text) == worse


@pytest.mark.parametrize("metric, better", METRICS)
def test_unchanged_and_inconclusive(metric, better):
    quiet = judgement(sample(better, 1.0, .005, metric=metric))
    assert quiet.rows[0].verdict == UNCHANGED and quiet.status() == cli.DONE
    wide = judgement(sample(better, 1.0, .5, metric=metric))
    assert wide.rows[0].verdict == INCONCLUSIVE
    assert wide.status() == cli.CANNOT      # it could have seen nothing


def test_half_of_the_evidence_is_not_unchanged():
    """Inside the margin on one side only."""
    row = judge([sample("lower", 1.045, .02)], Rules())[0]
    assert row.verdict == INCONCLUSIVE


def test_too_few_pairs_cannot_decide():
    row = judge([sample("lower", 2.0, pairs=4)], Rules())[0]
    assert row.verdict == INVALID and "4, needs 5" in row.reason
    many = [sample("lower", 2.0, pairs=8) for _ in range(20)]
    for i, s in enumerate(many):
        s.cell = str(i)
    assert all(r.verdict == INVALID for r in judge(many, Rules()))


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_number_that_is_none(bad):
    s = sample("lower", 2.0)
    s.new[3] = bad
    assert judge([s], Rules())[0].verdict == INVALID


def test_a_metric_without_a_better_side():
    assert judge([sample("neither", 2.0)], Rules())[0].verdict == INVALID


def test_margins():
    rules = Rules(margins={"p50": .2, "rtt_p50": .5})
    assert rules.margin("rtt_p50") == .5
    assert rules.margin("connect_p50") == .2
    assert rules.margin("response_p99") == .1
    assert rules.margin("bytes_per_s") == .05
    assert judge([sample("lower", 1.3)],
                 rules)[0].verdict == UNCHANGED


def test_screen_points_and_confirm_only_follows():
    worse, better, same = (sample("lower", f, pairs=10)
                           for f in (1.3, 1 / 1.3, 1.0))
    worse.cell, better.cell, same.cell = "worse", "better", "same"
    same.base = [1000.0 + i for i in range(10)]
    same.new = [1000.0 + (i ^ 1) for i in range(10)]
    chosen = screen([worse, better, same], Rules())
    assert {k[0]: v for k, v in chosen.items()} == {
        "worse": "worse", "better": "better"}
    # On fresh trials each turned round: neither is a finding.
    turned = [sample("lower", f, seed=9) for f in (1 / 1.3, 1.3)]
    turned[0].cell, turned[1].cell = "worse", "better"
    rows = judge_stages([worse, better, same], turned, Rules())
    assert [r.verdict for r in rows] == [INCONCLUSIVE, INCONCLUSIVE, UNCHANGED]
    assert [r.stage for r in rows] == ["confirm", "confirm", "screen"]


def test_screened_in_and_not_confirmed_is_invalid():
    rows = judge_stages([sample("lower", 1.3, pairs=10)], [], Rules())
    assert rows[0].verdict == INVALID
    assert math.isfinite(rows[0].mde)


def test_every_row_tells_what_it_could_have_seen():
    rows = judge_stages([sample("lower", 1.0, pairs=10, seed=4)], [], Rules())
    assert .05 < rows[0].mde < .3


def test_junit_holds_what_xml_cannot():
    j = judgement()
    j.failures.append("read: \x00\x1b[31m and \udcff of a file")
    junit = ElementTree.fromstring(as_junit(j).encode())
    assert "read: [31m and  of a file" in [
        e.get("message") for e in junit.iter("error")]


def test_nothing_is_never_an_answer():
    for kwargs in ({}, {"skipped": []}):
        j = judgement(**kwargs)
        assert j.status() == cli.CANNOT and j.unproven
        assert as_json(j, 3) and as_csv(j) and people(j) and markdown(j)
        assert ElementTree.fromstring(as_junit(j)).get("errors") == "1"


def test_a_hundred_cells_of_thirty_pairs_in_time():
    samples = []
    for i in range(100):
        s = sample("lower", 1.0, .1, pairs=30, seed=i)
        s.cell = str(i)
        samples.append(s)
    began = time.process_time()
    text = people(judgement(*samples))
    assert time.process_time() - began < 5
    assert text.count("\n") > 100


# ---- runs of two arms -------------------------------------------------------

QUIET = dict(arms=("a", "b"), noise=.01)


def arms_of(folder, *files, **kwargs):
    runs = [read(f.write(folder / f"{i}.jsonl")) for i, f in enumerate(files)]
    return arms.judge_arms("versus", runs[:1], runs[1:], Rules(), **kwargs)


def screen_and_confirm(**kwargs):
    first = File(seed=1, rounds=10, **QUIET, **kwargs)
    second = File(seed=2, rounds=20, **QUIET, **kwargs)
    for file in (first, second):
        file.cells.append("message=1")
        file.sentinels.add(2)
    return first, second


def test_arms_in_two_stages(tmp_path):
    first, second = screen_and_confirm()
    for file in (first, second):
        file.factor[1, "b"] = 1.3
    j = arms_of(tmp_path, first, second)
    assert [(r.sample.cell, r.verdict) for r in j.rows] == [
        ("message=64", UNCHANGED), ("message=4K", REGRESSED)]
    assert [r.sample.cell for r in j.sentinels] == ["message=1"]
    assert len(j.sentinels[0].sample.base) == 30
    assert not j.unproven and not j.failures
    assert j.status() == cli.FOUND and j.status(()) == cli.DONE
    assert "1 regressed" in headline(j) and "median" in sight(j)


def test_confirm_may_number_its_cells_anew(tmp_path):
    first, second = screen_and_confirm()
    second.cells = ["message=4K", "message=1"]
    second.sentinels = {1}
    first.factor[1, "b"] = second.factor[0, "b"] = 1.3
    j = arms_of(tmp_path, first, second)
    assert {r.sample.cell: r.verdict for r in j.rows}[
        "message=4K"] == REGRESSED


def test_arms_with_different_ids_pair_up(tmp_path):
    first, second = (File(seed=i, rounds=r, sets={"a": "", "b": "kind=named"},
                          **QUIET) for i, r in ((1, 10), (2, 20)))
    first.factor[0, "b"] = second.factor[0, "b"] = 2
    j = arms_of(tmp_path, first, second)
    assert [r.sample.cell for r in j.rows] == ["message=64", "message=4K"]
    assert j.rows[0].verdict == REGRESSED


def test_a_sentinel_that_moved_takes_every_verdict_back(tmp_path):
    first, second = screen_and_confirm()
    for file in (first, second):
        file.factor[1, "b"] = 1.3
        file.factor[2, "b"] = 1.04
    j = arms_of(tmp_path, first, second)
    assert {r.verdict for r in j.rows} == {INVALID}
    assert j.status() == cli.CANNOT and "sentinel" in j.unproven[0]


def test_a_canary_that_moved_takes_every_verdict_back(tmp_path):
    first, second = screen_and_confirm()
    for file in (first, second):
        file.factor[1, "b"] = 1.3
    second.canary = lambda r: dict(STILL, memcpy64k_ns=3000 if r < 10
                                   else 4500)
    j = arms_of(tmp_path, first, second)
    assert {r.verdict for r in j.rows} == {INVALID}
    assert j.status() == cli.CANNOT and "machine moved" in j.unproven[0]


def test_a_busy_neighbour_is_noticed(tmp_path):
    """It leaves medians of short bursts alone and takes the CPU away."""
    rng = random.Random(2)
    first, second = screen_and_confirm()
    first.canary = lambda r: dict(STILL, lost_share=rng.uniform(0, .05))
    second.canary = lambda r: dict(STILL, lost_share=rng.uniform(
        0, .05) if r < 8 else rng.uniform(.1, .5))
    j = arms_of(tmp_path, first, second)
    assert j.status() == cli.CANNOT and "of the CPUs" in j.unproven[0]
    second.canary = first.canary
    assert not arms_of(tmp_path, first, second).unproven


def test_a_canary_that_only_shivers_is_still(tmp_path):
    rng = random.Random(1)
    first, second = screen_and_confirm()
    first.canary = second.canary = lambda r: {
        k: v * math.exp(rng.gauss(0, .3)) for k, v in STILL.items()}
    assert not arms_of(tmp_path, first, second).unproven


def test_failed_pairs_are_left_out_and_too_many_void(tmp_path):
    one = File(rounds=20, **QUIET)
    one.fail = {(0, "b", 3)}
    j = arms_of(tmp_path, one, staged=False)
    assert len(j.rows[0].sample.base) == 19 and j.rows[0].verdict == UNCHANGED
    assert j.status() == cli.DONE and any("1 launch" in n for n in j.notes)
    one.fail = {(0, "b", r) for r in range(4)}
    j = arms_of(tmp_path, one, staged=False)
    assert j.rows[0].verdict == INVALID and "EPIPE" in j.rows[0].reason
    assert j.status() == cli.FAILED


def test_one_lost_message_voids_the_cell(tmp_path):
    one = File(rounds=20, **QUIET)
    one.corrupt = {(0, "b", 3)}
    j = arms_of(tmp_path, one, staged=False)
    assert j.rows[0].verdict == INVALID and "lost" in j.rows[0].reason
    assert j.status() in (cli.CANNOT, cli.FAILED)


@pytest.mark.parametrize("spoil, status", [
    (lambda f: f.without.update({0, 1}), cli.CANNOT),
    (lambda f: f.skip.update({0: "no", 1: "no"}), cli.CANNOT),
    (lambda f: setattr(f, "end", False), cli.FAILED),
    (lambda f: setattr(f, "interrupted", True), cli.FAILED),
    (lambda f: setattr(f, "rounds", 0), cli.CANNOT),
    (lambda f: setattr(f, "rounds", 3), cli.CANNOT),
    (lambda f: setattr(f, "fail", {(n, "a", r) for n in range(2)
                                   for r in range(20)}), cli.FAILED),
])
def test_measured_nothing(tmp_path, spoil, status):
    one = File(rounds=20, **QUIET)
    spoil(one)
    j = arms_of(tmp_path, one, staged=False)
    assert j.status() == status
    assert as_json(j, status) and as_csv(j) and as_junit(j) and people(j)


def test_skips_are_told_and_allowed(tmp_path):
    one = File(rounds=20, **QUIET)
    one.skip[1] = "packet pipes keep messages up to 4096 bytes"
    j = arms_of(tmp_path, one, staged=False)
    assert j.status() == cli.DONE and "packet pipes" in people(j)
    assert "1 skipped" in headline(j)
