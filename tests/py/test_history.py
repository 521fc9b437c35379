"""pipemark history, gate and noise."""

import gzip
import itertools
import json
import math
import os
from pathlib import Path
from statistics import median

import pytest

from corpus import METRIC, Corpus
from made import STILL, File, runs
from pipemark import chart, cli, gate, history, noise, normal, store
from pipemark.figures.history import history as picture
from pipemark.levels import Level, Point, point
from pipemark.reader import read
from pipemark.verdict import Rules
from test_pictures import log_scale, panels

CELLS = [f"message={m} workload={w}" for m in (64, 4096)
         for w in ("pingpong", "stream")]
DAY = 86400


def write(folder, day, factor=1.0, cell=0, seed=None, **kwargs):
    """One run of one day; runs differ by 2 % from day to day."""
    file = File(CELLS, 6, seed=seed or 1000 + day, start=day * DAY,
                drift=.02, **kwargs)
    file.factor[cell, "a"] = factor
    return file.write(folder / f"r{day}-{seed}.jsonl")


@pytest.fixture
def call(capsys):
    def run(command, *argv):
        status = command.main([str(a) for a in argv])
        return status, capsys.readouterr().out
    return run


@pytest.fixture
def past(tmp_path):
    """A history of 12 unchanged days."""
    folder = tmp_path / "history"
    for day in range(12):
        store.add(str(folder), write(tmp_path, day))
    return folder


def test_add_keeps_the_bytes_per_machine_and_environment(tmp_path, call):
    path = write(tmp_path, 3)
    status, out = call(history, "add", tmp_path / "h", path, path)
    kept = list((tmp_path / "h" / "lab7" / "c0ffee0000000000").iterdir())
    assert status == cli.DONE and len(kept) == 1
    assert gzip.open(kept[0]).read() == Path(path).read_bytes()
    assert store.add(str(tmp_path / "h2"), str(kept[0])).id
    status, out = call(history, "list", tmp_path / "h")
    assert "lab7" in out and str(kept[0]) in out


def broken(folder, day, **what):
    """A run of the history's cells in which launches end badly."""
    file = File(CELLS, 6, seed=5000 + day, start=day * DAY, drift=.02)
    vars(file).update(what)
    return file.write(folder / f"b{day}.jsonl")


def test_launches_that_failed_are_not_passed_over(past, tmp_path, call):
    one, every = {(1, "a", 0)}, {(1, "a", n) for n in range(6)}
    status, out = call(gate, "--history", past, "--no-add", "--run",
                       broken(tmp_path, 20, fail=one))
    assert status == cli.DONE and "1 launch failed" in out
    for what in ({"fail": every}, {"corrupt": one}):
        status, out = call(gate, "--history", past, "--no-add", "--run",
                           broken(tmp_path, 20, **what))
        assert status == cli.FAILED, out
        assert "failed: " in out and "4096" not in out.split("failed: ")[1]
    new = tmp_path / "new"
    status, out = call(gate, "--history", new, "--run",
                       broken(tmp_path, 20, fail=every))
    assert status == cli.FAILED and "no launch gave a number" in out


def test_the_index_only_saves_time(past):
    first = store.load(str(past))
    index = past / store.INDEX
    assert index.exists()
    for text in ("", "{", "[]", '{"version":1,"files":[]}'):
        index.write_text(text)
        assert store.load(str(past)) == first
    for odd in (lambda e: 1, lambda e: {"mark": e["mark"]},
                lambda e: {**e, "point": {"path": 1}}):
        told = json.loads(index.read_text())
        told["files"] = {k: odd(e) for k, e in told["files"].items()}
        index.write_text(json.dumps(told))
        assert store.load(str(past)) == first
    victim = next((past / "lab7" / "c0ffee0000000000").iterdir())
    os.remove(victim)
    assert len(store.load(str(past))) == len(first) - 1


def test_show_marks_steps_and_environments(tmp_path, call):
    folder = tmp_path / "h"
    for day in range(30):
        store.add(str(folder), write(
            tmp_path, day, 1.4 if day >= 18 else 1,
            env="c0ffee" if day < 18 else "beef"))
    status, out = call(history, "show", folder)
    assert status == cli.DONE and "kernel: Linux c0ffee → Linux beef" in out
    lines = [x for x in out.splitlines() if "worse" in x]
    assert len(lines) == 1 and "+4" in lines[0] and "2026-12-09" in lines[0]
    told = json.loads(call(history, "show", folder, "--json")[1])
    assert [s["run"] for t in told[0]["tracks"] for s in t["steps"]]
    assert len(told[0]["changes"]) == 1
    assert "4096" not in call(history, "show", folder, "--cell",
                              "message=64")[1]
    only = json.loads(call(history, "show", folder, "--cell", CELLS[0],
                           "--json")[1])        # it told all of them
    assert [t["cell"] for t in only[0]["tracks"]] == [CELLS[0]]
    with pytest.raises(cli.Failure) as why:     # it was an empty table
        call(history, "show", folder, "--cell", "mesage")
    assert why.value.status == cli.WRONG


def test_the_page_draws_ratios_steps_and_environments(tmp_path, call):
    folder, out = tmp_path / "h", tmp_path / "out"
    for day in range(14):
        store.add(str(folder), write(
            tmp_path, day, 2 if day >= 7 else 1,
            env="c0ffee" if day < 6 else "beef"))
    status, said = call(history, "page", folder, "-o", out)
    assert status == cli.DONE and said.strip() == str(out / "history.html")
    html = (out / "history.html").read_text(encoding="utf-8")
    assert "kernel: Linux c0ffee → Linux beef" in html and "1 level changed" in html
    (machine,) = history.machines(store.load(str(folder)))
    figure = picture(machine, machine.tracks, "h")
    drawn, tracks = panels(figure), {t.label: t for t in machine.tracks}
    assert len(drawn) == len(CELLS) and "(worse) from 2026-11-28" in drawn[0].title \
        + figure.panels[0].title
    for panel, planned in zip(drawn, figure.panels):
        track = tracks[planned.title.partition(", ")[0]]
        first = median(track.values[:7] if track.steps else track.values)
        ratio = log_scale(panel.y_ticks)
        got = [ratio(y) for x, y, _ in sorted(panel.dots())]
        assert got == pytest.approx([v / first for v in track.values], rel=.01)
        bars = sorted(panel.intervals())
        levels = [p.cells[track.cell] for p in track.points]
        ends = [sorted(map(ratio, (a[1], b[1]))) for a, b in bars if a[0] == b[0]]
        assert [e for pair in ends for e in pair] == pytest.approx(
            [v / first for k in levels for v in (k.lo, k.hi)], rel=.01)
        (guide,) = [m for m in planned.marks if isinstance(m, chart.Guide)]
        assert (guide.at, guide.label) == (5.5, "kernel")


def test_machines_are_kept_apart(tmp_path, call):
    for i, node in enumerate(("lab7", "lab8")):
        store.add(str(tmp_path / "h"), write(tmp_path, i, node=node))
    assert "lab8" in call(history, "show", tmp_path / "h")[1]
    points = store.load(str(tmp_path / "h"))
    assert store.comparable(points, points[1]) == []


def test_what_stress_found_is_no_history(tmp_path, call):
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in [
        File(cells=()).header(), {"t": "stress", "name": "killed",
                                  "verdict": "passed"},
        {"t": "end", "trials": 0, "failed": 0}]))
    with pytest.raises(cli.Failure) as why:
        call(history, "add", tmp_path / "h", path)
    assert why.value.status == cli.WRONG and "stress" in str(why.value)


def test_names_stay_inside_the_folder(tmp_path):
    p = store.add(str(tmp_path / "h"), write(tmp_path, 1, node="../../x"))
    assert Path(p.path).resolve().is_relative_to(tmp_path / "h")


@pytest.mark.parametrize("argv", [["add", "x"], ["list", "x"], ["show"],
                                  ["list", ".", "more"]])
def test_wrong_requests(call, argv):
    with pytest.raises(cli.Failure) as why:
        call(history, *argv)
    assert why.value.status == cli.WRONG


# ---- gate -------------------------------------------------------------------

@pytest.mark.parametrize("here, elsewhere, said", [(3, 0, "3/4"), (4, 2, "4/6"),
                                                   (5, 0, "5/8")])
def test_learning_tells_what_it_waits_for(here, elsewhere, said):
    """4/4 was told of a state that was not known yet."""
    level = Level("rtt_p50", "ns", "lower", 4000.0, 1)
    memory = normal.Memory("lower")
    memory.keep(*[normal.Seen(8.0, {})] * 9)
    look = normal.Look("c", level, memory.reference[0], memory, [8.0] * here, {},
                       [.01] * elsewhere)
    assert not look.known
    row = normal.Normal(Rules())._row(look)
    assert row.reason == f"learning {said} in this state of the machine"


def test_learning(tmp_path, call):
    for day in range(9):
        status, out = call(gate, "--history", tmp_path / "h", "--run",
                           write(tmp_path, day))
        assert status == cli.DONE
        assert (f"learning {day}/8" in out) == (day < 8)
    status, _ = call(gate, "--history", tmp_path / "h2", "--strict", "--run",
                     write(tmp_path, 99))
    assert status == cli.CANNOT


def test_unchanged_runs_stay_green(past, tmp_path, call):
    for day in range(12, 20):
        status, out = call(gate, "--history", past, "--run",
                           write(tmp_path, day))
        assert status == cli.DONE, out
    assert "replayed over the 11 runs" in out and ": 0 red" in out


@pytest.mark.parametrize("cell", range(4))
def test_a_slow_cell_is_red_in_its_second_run(past, tmp_path, call, cell):
    first = write(tmp_path, 12, 1.3, cell)
    status, out = call(gate, "--history", past, "--run", first)
    assert status == cli.DONE and "first time" in out
    status, out = call(gate, "--history", past, "--run",
                       write(tmp_path, 13, 1.3, cell))
    assert status == cli.FOUND and "1 regressed" in out
    told = json.loads(call(gate, "--history", past, "--no-add", "--run",
                           write(tmp_path, 14, 1.3, cell), "--format",
                           "json")[1])
    assert [r["cell"] for r in told["rows"]
            if r["verdict"] == "regressed"] == [CELLS[cell]]


def test_one_bad_run_is_not_red(past, tmp_path, call):
    for day, factor in ((12, 2), (13, 1), (14, 2), (15, 1)):
        assert call(gate, "--history", past, "--run",
                    write(tmp_path, day, factor))[0] == cli.DONE


def test_faster_is_news_and_no_failure(past, tmp_path, call):
    for day in (12, 13):
        status, out = call(gate, "--history", past, "--run",
                           write(tmp_path, day, 1 / 1.5, 1))
    assert status == cli.DONE and "1 improved" in out


def test_a_moved_canary_is_unproven(past, tmp_path, call):
    for day in (12, 13):
        file = File(CELLS, 6, seed=day, start=day * DAY)
        file.factor[0, "a"] = 1.5
        file.canary = lambda r: dict(STILL, wake_ns=12000)
        status, out = call(gate, "--history", past, "--run",
                           file.write(tmp_path / f"m{day}.jsonl"))
    assert status == cli.CANNOT and "machine moved" in out
    assert "0 regressed" in out


def test_another_environment_learns_anew(past, tmp_path, call):
    status, out = call(gate, "--history", past, "--run",
                       write(tmp_path, 12, 2, env="beef"))
    assert status == cli.DONE and "learning 0/8" in out


def recorded_runs(corpus, rounds, arm, first):
    """The recorded study as runs of so many rounds each: worse than a real
    history, since its runs follow each other at once."""
    found = []
    for i, at in enumerate(range(first, corpus.rounds - rounds + 1, rounds)):
        cells = {}
        for column, (metric, unit, better) in METRIC.items():
            for cell in corpus.cells:
                values = [p[arm] for p in corpus.pairs[column][cell][
                    at:at + rounds] if p]
                cells[f"{cell} {metric}"] = Level(
                    metric, unit, better, median(values), 1)
        found.append(Point(str(i), str(i), i, "", "n", "Linux", "e", "", {},
                           {}, [], [], cells))
    return found


def test_false_reds_are_counted():
    """36 cells on a machine that others load: the count that we publish."""
    corpus, judged, red = Corpus(), 0, 0
    for arm, first in itertools.product((0, 1), range(3)):
        _, some, bad = gate.walk(recorded_runs(corpus, 3, arm, first),
                                 Rules())
        judged, red = judged + some, red + bad
    print(f"gate, recorded runs: {red} red of {judged}")
    assert judged > 190 and red <= .05 * judged


def test_many_cells_together_are_the_machine(past, tmp_path, call):
    file = File(CELLS, 6, seed=12, start=12 * DAY)
    for n in range(4):
        file.factor[n, "a"] = 1.5
    status, out = call(gate, "--history", past, "--run",
                       file.write(tmp_path / "together.jsonl"))
    assert status == cli.CANNOT
    assert "all cells together are 5" in out and "% worse" in out
    assert "0 regressed" in out


def test_red_until_it_is_mended(past, tmp_path, call):
    for day in range(12, 24):
        status, _ = call(gate, "--history", past, "--run",
                         write(tmp_path, day, 1.3))
        assert status == (cli.DONE if day == 12 else cli.FOUND)
    for day in (24, 25):
        status, _ = call(gate, "--history", past, "--run",
                         write(tmp_path, day))
        assert status == cli.DONE


def test_a_change_that_was_meant_is_accepted(past, tmp_path, call):
    accept = ("--history", past, "--accept", "message=64", "--why", "new image")
    with pytest.raises(cli.Failure) as why:
        call(gate, *accept)
    assert why.value.status == cli.WRONG and "nothing is out" in str(why.value)
    for day in (12, 13):
        status, out = call(gate, "--history", past, "--run",
                           write(tmp_path, day, 1.3, 1))
    assert status == cli.FOUND and "--accept CELL" in out
    with pytest.raises(cli.Failure) as why:
        call(gate, *accept)
    assert "its normal: workload=stream message=64" in str(why.value)
    with pytest.raises(cli.Failure):
        call(gate, "--history", past, "--accept", "all")
    assert "accepted as the new normal" in call(
        gate, "--history", past, "--accept", "message=64 workload=stream",
        "--why", "new image")[1]
    for day in range(14, 20):
        assert call(gate, "--history", past, "--run",
                    write(tmp_path, day, 1.3, 1))[0] == cli.DONE
    for day, status in ((20, cli.DONE), (21, cli.FOUND)):
        assert call(gate, "--history", past, "--run",
                    write(tmp_path, day, 1.7, 1))[0] == status
    assert "(new image)" in call(history, "show", past)[1]
    told = json.loads(call(history, "show", past, "--json")[1])
    assert told[0]["accepted"][0]["cells"] == {
        CELLS[1]: "workload=stream message=64"}


def two_states(tmp_path, day, slow, cell=0, factor=1.0):
    """A guest whose CPUs the host moves about: two threads of one core, or
    two cores and streams four times slower.  slow: by round."""
    file = File(CELLS, 6, seed=day, start=day * DAY, drift=.02)
    file.factor[cell, "a"] = factor
    file.factor.update({(n, "a", r): 4.0 for n in (1, 3) for r in range(6)
                        if slow(r)})
    file.canary = lambda r: dict(STILL, bounce_ns=370 if slow(r) else 70)
    return file.write(tmp_path / f"s{day}.jsonl")


def test_two_states_of_a_machine_are_learned_apart(tmp_path, call):
    """Nothing is red, and a slow cell still is."""
    def gated(day, slow, *change):
        return call(gate, "--history", tmp_path / "h", "--run",
                    two_states(tmp_path, day, lambda r: slow, *change))
    for day in range(40):
        status, out = gated(day, day // 5 % 2)
        assert status == cli.DONE, out
        assert (": nothing is judged yet" in out) == (day < 9), out
    status, out = gated(40, False, 1, 1.3)
    assert status == cli.DONE and "first time" in out
    assert gated(41, True, 1, 1.3)[0] == cli.FOUND


@pytest.mark.parametrize("slow, mostly", [(2, False), (4, True)])
def test_a_level_is_of_the_state_in_which_a_run_mostly_was(tmp_path, slow,
                                                           mostly):
    run = read(two_states(tmp_path, 1, lambda r: r < slow))
    p = point(run)
    assert p.canary["bounce_ns"] == (370 if mostly else 70) and not p.moved
    for cell in run.cells.values():
        level = p.cells[cell.id]
        assert level.value == median(
            t.metrics[level.metric] for t in cell.trials
            if (t.round < slow) == mostly)


@pytest.mark.parametrize("level, first, said", [
    (10400, cli.DONE, "All cells share every metric +4 %"),
    (13500, cli.CANNOT, "all cells together are")])
def test_what_all_cells_share_hides_nothing(past, tmp_path, call, level,
                                            first, said):
    """The whole machine slower, as guests are at times, and one cell slower
    by itself."""
    for day, status in ((12, first), (13, cli.FOUND)):
        file = File(CELLS, 6, seed=day, start=day * DAY, drift=.01,
                    level=level)
        file.factor[2, "a"] = 1.3
        exit_status, out = call(gate, "--history", past, "--run",
                                file.write(tmp_path / f"all{day}.jsonl"))
        assert exit_status == status and said in out, out


def test_better_becomes_normal(past, tmp_path, call):
    for day in range(12, 30):
        call(gate, "--history", past, "--run", write(tmp_path, day, 1 / 1.5))
    for day, expected in ((30, cli.DONE), (31, cli.FOUND)):
        assert call(gate, "--history", past, "--run",
                    write(tmp_path, day))[0] == expected


def test_measured_nothing(past, tmp_path, call):
    file = File(CELLS, 6, seed=5, start=12 * DAY)
    file.without = {0, 1, 2, 3}
    status, out = call(gate, "--history", past, "--run",
                       file.write(tmp_path / "e.jsonl"))
    assert status == cli.CANNOT and "not in this run" in out
    cut = File(CELLS, 6, seed=6, start=13 * DAY)
    cut.end = False
    before = len(store.load(str(past)))
    status, out = call(gate, "--history", past, "--run",
                       cut.write(tmp_path / "c.jsonl"))
    assert status == cli.FAILED and len(store.load(str(past))) == before


# ---- noise ------------------------------------------------------------------

def aa(tmp_path, **kwargs):
    file = File(CELLS, 20, ("a", "b"), seed=7, **kwargs)
    return file.write(tmp_path / "aa.jsonl")


def test_noise_finds_the_scatter(tmp_path, call):
    status, out = call(noise, "--run", aa(tmp_path, noise=.03), "--format",
                       "json")
    cells = json.loads(out)["cells"]
    assert status == cli.DONE and len(cells) == 4
    for cell in cells:
        # Two launches of 3 % each: one ratio scatters by 4.2 %.
        assert .025 < cell["scatter"] < .07
        assert .05 < cell["least_seen"] < .2 and 0 < cell["margin"] <= .04
    status, out = call(noise, "--run", aa(tmp_path, noise=.03))
    assert "Pair scatter: median" in out and "--confirm" in out


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_noise_writes_its_files(tmp_path, call, form):
    """Only where its own table was not asked for."""
    call(noise, "--run", aa(tmp_path), "--format", form, "-o", tmp_path / "out")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "compare.csv", "compare.json", "compare.xml", "compare.md"}


def test_more_noise_wants_more_pairs(tmp_path):
    wanted = []
    for level in (.005, .03, .09):
        j = noise._judged(aa(tmp_path, noise=level), Rules())
        wanted.append([noise.cell_noise(r).wanted or math.inf
                       for r in j.rows])
    for a, b, c in zip(*wanted):
        assert a <= b < c


def test_noise_wants_one_thing_twice(tmp_path, call):
    for kwargs in (dict(arms=("a",)), dict(arms=("a", "b"),
                                           sets={"a": "", "b": "io=nowait"})):
        path = File(CELLS, 6, **kwargs).write(tmp_path / "x.jsonl")
        with pytest.raises(cli.Failure) as why:
            call(noise, "--run", path)
        assert why.value.status == cli.WRONG
