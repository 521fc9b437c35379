"""pipemark compare: whole runs before and after."""

import json
import random
from statistics import median

import pytest

from corpus import P50, RATE, Corpus
from made import STILL, File, runs
from pipemark import cli, compare


@pytest.fixture
def call(capsys):
    def run(*argv):
        status = compare.main([str(a) for a in argv])
        return status, capsys.readouterr().out
    return run


def slower(factor):
    def change(file):
        file.factor[0, "a"] = factor
    return change


def test_five_against_five(tmp_path, call):
    base = runs(tmp_path, 5, "base", seed=10)
    new = runs(tmp_path, 5, "new", seed=20, change=slower(1.5))
    status, out = call(*base, "--", *new)
    assert status == cli.FOUND
    assert "p = 0.004" in out and "at most 12 comparisons, here are 2" in out
    assert "1 regressed" in out
    status, out = call(*base, "--", *new, "--report-only")
    assert status == cli.DONE and "1 regressed" in out
    status, out = call(*new, "--", *base, "--format", "json")
    assert status == cli.DONE and json.loads(out)["counts"]["improved"] == 1


def test_three_against_three_can_do_one_cell_only(tmp_path, call):
    one = runs(tmp_path, 3, "b", seed=1, cells=["message=64"])
    two = runs(tmp_path, 3, "n", seed=9, cells=["message=64"],
               change=slower(2))
    assert call(*one, "--", *two)[0] == cli.FOUND
    one = runs(tmp_path, 3, "B", seed=1)
    two = runs(tmp_path, 3, "N", seed=9, change=slower(2))
    status, out = call(*one, "--", *two)
    assert status == cli.CANNOT and "too few runs" in out


def test_one_against_one_is_indicative(tmp_path, call):
    base = runs(tmp_path, 1, "b", seed=1)
    new = runs(tmp_path, 1, "n", seed=2, change=slower(2))
    status, out = call(*base, "--", *new)
    assert status == cli.CANNOT and "indicative" in out
    assert "0 regressed" in out and "looks regressed" in out
    status, out = call(*base, "--", *new, "--allow-unpaired")
    assert status == cli.FOUND and "Fixed margin 50 %" in out


@pytest.mark.parametrize("column", [P50, RATE])
def test_the_fixed_margin_errs_as_often_as_it_says(column):
    """Medians of ten launches against those of the next ten."""
    corpus, k = Corpus(), 10
    alarms = cells = families = alarmed = 0
    for first in range(corpus.rounds - 2 * k + 1):
        any_here = False
        for cell in corpus.cells:
            pairs = corpus.pairs[column][cell]
            a, b = (median(p[arm] for p in pairs[s:s + k] if p)
                    for arm, s in ((0, first), (1, first + k)))
            worse = b / a if column == P50 else a / b
            slow = worse > 1 + compare.UNPAIRED_MARGIN
            alarms, any_here, cells = (alarms + slow, any_here or slow,
                                       cells + 1)
        alarmed, families = alarmed + any_here, families + 1
    assert .05 <= alarms / cells <= .065
    assert .2 <= alarmed / families <= .35


def test_unlike_machines_are_refused_unless_told(tmp_path, call):
    base = runs(tmp_path, 5, "b", seed=1)
    for what, text in (({"node": "lab8"}, "lab8"), ({"env": "beef"}, "kernel"),
                       ({"host": "windows"}, "Windows")):
        new = runs(tmp_path, 5, "n" + text, seed=9, **what)
        with pytest.raises(cli.Failure) as why:
            call(*base, "--", *new)
        assert why.value.status == cli.CANNOT and text in str(why.value)
        status, out = call(*base, "--", *new, "--allow-unlike")
        assert status == cli.DONE and "differs:" in out


def test_pairs_of_runs(tmp_path, call):
    base, new = [], []
    for i in range(7):
        for side, paths, factor in ((0, base, 1), (1, new, 1.5)):
            file = File(seed=50 + 2 * i + side, start=2 * i + side,
                        level=10000 * (1 + .3 * (i % 3)))
            file.factor[0, "a"] = factor
            paths.append(file.write(tmp_path / f"{i}{side}.jsonl"))
    status, out = call("--paired", *base, "--", *new)
    assert status == cli.FOUND and "7 pairs of runs" in out


def test_paired_needs_alternation(tmp_path, call):
    base = runs(tmp_path, 5, "b", seed=1)
    new = runs(tmp_path, 5, "n", seed=20)
    with pytest.raises(cli.Failure) as why:
        call("--paired", *base, "--", *new)
    assert "alternation" in str(why.value)
    with pytest.raises(cli.Failure) as why:
        call("--paired", *base, "--", *new[:3])
    assert why.value.status == cli.WRONG


def test_a_cell_that_is_missing_is_not_fine(tmp_path, call):
    base = runs(tmp_path, 5, "b", seed=1)
    new = runs(tmp_path, 5, "n", seed=20, cells=["message=64"])
    status, out = call(*base, "--", *new)
    assert status == cli.CANNOT and "5 of 5 new files have no rtt_p50" in out


def test_a_file_cut_short_is_a_failure(tmp_path, call):
    base = runs(tmp_path, 5, "b", seed=1)
    new = runs(tmp_path, 5, "n", seed=20,
               change=lambda f: setattr(f, "end", f.id[-1] != "6"))
    status, out = call(*base, "--", *new)
    assert status == cli.FAILED and "no end record" in out


def test_a_moved_machine_is_unproven(tmp_path, call):
    def moved(file):
        slower(1.5)(file)
        file.canary = lambda r: dict(STILL, clock_read_ns=40)
    base = runs(tmp_path, 5, "b", seed=1)
    new = runs(tmp_path, 5, "n", seed=20, change=moved)
    status, out = call(*base, "--", *new)
    assert status == cli.CANNOT and "0 regressed" in out
    status, out = call(*base, "--", *new, "--allow-unlike")
    assert status == cli.FOUND and "machine moved" in out


def test_workloads_that_changed_their_meaning(tmp_path, call):
    base = runs(tmp_path, 5, "b", seed=1)
    new = runs(tmp_path, 5, "n", seed=20,
               change=lambda f: f.versions.update({0: 2, 1: 2}))
    status, out = call(*base, "--", *new)
    assert status == cli.CANNOT and "changed its meaning" in out


@pytest.mark.parametrize("argv", [
    [], ["x.jsonl"], ["--", "x.jsonl"], ["x.jsonl", "--"],
    ["--margin", "p50", "x", "--", "y"], ["--nonsense", "x", "--", "y"]])
def test_wrong_requests(call, argv):
    with pytest.raises(cli.Failure) as why:
        call(*argv)
    assert why.value.status == cli.WRONG


def test_margins_are_for_metrics_that_exist(tmp_path, call):
    base = runs(tmp_path, 5, "b", seed=1)
    new = runs(tmp_path, 5, "n", seed=20, change=slower(1.3))
    assert call("--margin", "p50=40", *base, "--", *new)[0] == cli.DONE
    with pytest.raises(cli.Failure) as why:
        call("--margin", "p51=40", *base, "--", *new)
    assert "p51" in str(why.value)


def test_files_are_written(tmp_path, call):
    base = runs(tmp_path, 5, "b", seed=1)
    new = runs(tmp_path, 5, "n", seed=20)
    call(*base, "--", *new, "-o", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "compare.csv", "compare.json", "compare.md", "compare.xml"]


def test_two_arms_are_for_versus(tmp_path, call):
    one = runs(tmp_path, 1, "b", seed=1, arms=("a", "b"))
    two = runs(tmp_path, 1, "n", seed=2, arms=("a", "b"))
    with pytest.raises(cli.Failure) as why:
        call(*one, "--", *two)
    assert "versus" in str(why.value)
