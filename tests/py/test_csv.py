"""The tables: the right rows, the file's own digits, the same bytes."""

import csv
import json

import numpy
import pytest

import synth
from pipemark.reader import read


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def tables(linux, tmp_path_factory):
    from pipemark.csv_files import write_tables

    folder = tmp_path_factory.mktemp("tables")
    write_tables([read(str(linux))], str(folder))
    return folder


def test_no_two_columns_share_a_name(tables):
    for path in tables.glob("*.csv"):
        head = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert len(set(head)) == len(head), path


def test_samples_hold_every_number_as_written(linux, tables):
    found = rows(tables / "samples.csv")
    want = []
    for text in linux.read_text().splitlines():
        record = json.loads(text, parse_float=str, parse_int=str)
        if record["t"] == "run":
            names = [m["name"] for m in record["metrics"]]
        if record["t"] != "trial":
            continue
        numbers = {k: v for k, v in record["metrics"].items() if v is not None}
        ok = "true" if record["ok"] else "false"
        if not numbers:
            want.append((record["cell"], record["slot"], ok, "", ""))
        for name in names:
            if name in numbers:
                want.append((record["cell"], record["slot"], ok, name, numbers[name]))
    assert [(r["cell"], r["slot"], r["ok"], r["metric"], r["value"])
            for r in found] == want


def test_summary_says_what_numpy_says(linux, tables):
    run = read(str(linux))
    checked = 0
    for row in rows(tables / "summary.csv"):
        if not row["metric"]:
            assert row["k"] == "0"
            continue
        values = run.cells[int(row["cell"]), row["arm"]].samples(row["metric"])
        assert int(row["k"]) == len(values)
        assert float(row["median"]) == pytest.approx(numpy.median(values), rel=1e-12)
        assert float(row["min"]) == min(values) and float(row["max"]) == max(values)
        if len(values) == 6:
            assert (float(row["lo"]), float(row["hi"])) == (min(values), max(values))
        checked += 1
    assert checked > 500
    assert {r["cell"] for r in rows(tables / "summary.csv")} == \
        {str(n) for n, _ in run.cells}, "no cell vanishes"


def test_histogram_rows_are_the_trials_together(linux, tables):
    run = read(str(linux))
    total = {}
    for row in rows(tables / "hist.csv"):
        key = row["cell"], row["hist"]
        total[key] = total.get(key, 0) + int(row["count"])
        assert int(row["lo_ns"]) < int(row["hi_ns"])
        n = sum(t.hists[row["hist"]].n for t in run.cells[int(row["cell"]), "a"].good)
        assert float(row["cum_q"]) == pytest.approx(total[key] / n)
    for (cell, name), count in total.items():
        assert count == sum(t.hists[name].n
                            for t in run.cells[int(cell), "a"].good)


def test_knob_columns_are_numbers_where_they_are(tables):
    row = next(r for r in rows(tables / "samples.csv") if r["message"] == "65536")
    assert row["time"] == "200000000" and row["slots"] == "auto"


def test_every_column_is_in_the_dictionary(tables):
    known = {(r["file"], r["column"]) for r in rows(tables / "dictionary.csv")}
    for path in tables.glob("*.csv"):
        if path.name != "dictionary.csv":
            head = path.read_text(encoding="utf-8").splitlines()[0].split(",")
            assert {(path.name, name) for name in head} <= known


def test_other_surroundings_same_bytes(linux, tmp_path, command):
    outs = []
    for i, env in enumerate(({"TZ": "UTC", "LANG": "C", "PYTHONHASHSEED": "1"},
                             {"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8",
                              "LC_ALL": "POSIX", "PYTHONHASHSEED": "2"})):
        cwd = tmp_path / f"folder {i}"
        cwd.mkdir()
        done = command("csv", linux, "-o", "out", env=env, cwd=cwd)
        assert done.returncode == 0, done.stderr
        outs.append({p.name: p.read_bytes() for p in (cwd / "out").iterdir()})
    assert outs[0] == outs[1] and len(outs[0]) == 5


def test_one_table_for_a_pipe(linux, command):
    done = command("csv", linux, "--only", "summary")
    assert done.returncode == 0
    assert done.stdout.startswith("run,system,wine,cell,id,")


def test_fields_are_quoted_when_they_must(tmp_path, command):
    text = synth.make(plan=[("pipe", "64", "pingpong", {"name": 'a,"b'})],
                      trials=1, values=20)
    path = tmp_path / "q.jsonl"
    path.write_text(text)
    done = command("csv", path, "--only", "samples")
    row = next(csv.DictReader(done.stdout.splitlines()))
    assert row["name"] == 'a,"b'
