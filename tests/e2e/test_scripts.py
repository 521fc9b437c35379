"""Results of the real programs, read by the scripts."""
import csv
import json
import os
import subprocess
import sys

import jsonschema
import pytest

from conftest import ROOT, WINDOWS

sys.path.insert(0, str(ROOT / "scripts"))

from pipemark.reader import read  # noqa: E402

SCHEMA = json.loads((ROOT / "reports/result-1.schema.json").read_text())


def script(name, *arguments, cwd):
    """Run scripts/pipemark-NAME."""
    return subprocess.run(
        [sys.executable, "-B", str(ROOT / "scripts" / ("pipemark-" + name)),
         *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of several workloads, with skipped cells and its samples.csv."""
    from conftest import run_program

    folder = tmp_path_factory.mktemp("made")
    done = run_program(
        "pipemark", "run", "--kind", "anonymous,named", "--mode", "byte,message",
        "--message", "64,64K", "--workload", "pingpong,stream", "--time", "40ms",
        "--warmup", "5ms", "--trials", 2 if WINDOWS else 6, "--quiet", "-o", "r.jsonl",
        "--csv", "c.csv", cwd=folder, timeout=180)
    assert done.status == 0, done
    return folder


def test_every_record_fits_the_schema(made):
    check = jsonschema.Draft7Validator(SCHEMA)
    kinds = set()
    for line in (made / "r.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        check.validate(record)
        kinds.add(record["t"])
    assert kinds == {"run", "env", "cell", "canary", "trial", "end"}


def test_the_program_and_the_script_write_the_same_samples(made):
    done = script("csv", "r.jsonl", "-o", "tables", cwd=made)
    assert done.returncode == 0, done.stderr
    assert (made / "tables/samples.csv").read_bytes() == \
        (made / "c.csv").read_bytes()


def test_percentiles_of_the_program_are_those_of_its_histograms(made):
    compared = 0
    for trial in read(str(made / "r.jsonl")).trials:
        for name, h in trial.hists.items():
            for q, tail in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"),
                            (0.999, "p999")):
                said = trial.metrics.get(f"{name}_{tail}")
                if said is not None:
                    assert said == pytest.approx(h.quantiles([q])[0], rel=1e-9)
                    compared += 1
            assert trial.metrics[f"{name}_max"] == h.max
            assert trial.metrics[f"{name}_mean"] == \
                pytest.approx(h.sum / h.n, rel=1e-9)
    assert compared > 20


def test_all_cells_are_in_the_tables(made):
    run = read(str(made / "r.jsonl"))
    script("csv", "r.jsonl", "-o", "tables", cwd=made)
    with open(made / "tables/summary.csv", newline="", encoding="utf-8") as file:
        cells = {int(row["cell"]) for row in csv.DictReader(file)}
    assert cells == {n for n, _ in run.cells} and len(cells) == 16
    assert any(c.skip for c in run.cells.values())


def test_report_show_and_export(made):
    done = script("report", "r.jsonl", "-o", "page", cwd=made)
    assert done.returncode == 0, done.stderr
    html = (made / done.stdout.strip()).read_text(encoding="utf-8")
    for chart in ("compare-stream", "percentiles-pingpong", "by-size-stream",
                  "cost-stream", "pace"):
        assert f'id="r0-{chart}"' in html
    assert ("Wine" in html) == WINDOWS
    done = script("show", "r.jsonl", cwd=made)
    assert done.returncode == 0 and "stream, 64 KiB" in done.stdout
    for form in ("hdr-hlog", "bencher", "go-benchmark", "junit", "markdown"):
        done = script("export", "r.jsonl", "--format", form, cwd=made)
        assert done.returncode == 0 and len(done.stdout) > 500, form


def test_a_ping_pong_without_stamps_is_ranked_by_its_rate(tmp_path):
    from conftest import run_program

    done = run_program("pipemark", "run", "--workload", "pingpong", "--stamp", "none",
                       "--message", "64,4K", "--time", "20ms", "--warmup", "2ms",
                       "--trials", 2, "--quiet", "-o", "r.jsonl", cwd=tmp_path)
    assert done.status == 0, done
    done = script("report", "r.jsonl", "-o", "page", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / done.stdout.strip()).read_text(encoding="utf-8")
    assert "too few messages" not in page and "rtt_p50" not in page
    assert "about (pingpong: messages_per_s)" in page
    done = script("gate", "--history", "h", "--run", "r.jsonl", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.count("messages_per_s") == 2, done


@pytest.mark.skipif(WINDOWS, reason="starts the scripts of the checkout")
def test_the_program_finds_the_scripts(made, pipemark):
    for name in ("csv", "show"):
        done = pipemark(name, made / "r.jsonl")
        assert done.status == 0, done
