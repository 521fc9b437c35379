"""The articles that the project started from: each program of theirs, corrected, runs.

The presets say what was wrong in which article.
"""
import re

import pytest

from conftest import ROOT, WINDOWS, on_windows
from test_run import by_type, check_trials

FOLDER = ROOT / "bench" / "presets"
ELSEWHERE = "linux|overlapped" if WINDOWS else "windows|overlapped"
PRESETS = sorted(str(p.relative_to(FOLDER))[:-len(".matrix")]
                 for p in [*FOLDER.glob("article/*.matrix"), FOLDER / "dotnet-default.matrix"])


@pytest.mark.parametrize("preset", PRESETS)
def test_every_article_runs(measure, preset):
    done, found = measure(preset, "--count", "60")
    assert done.status == 0, done
    assert all(t["messages"] == 60 for t in check_trials(found))
    for cell in by_type(found, "cell"):
        if cell["skip"]:
            # What this system cannot do belongs to the other one, and says so.
            assert re.search(ELSEWHERE, cell["skip"]["reason"], re.I), cell["skip"]


def cells_and_trials(found):
    cells = {c["n"]: c for c in by_type(found, "cell")}
    return [(cells[t["cell"]], t) for t in by_type(found, "trial")]


def test_000_reads_are_no_lines(measure):
    """Reads of 256 bytes over messages of up to 80: several came in one read."""
    done, found = measure("article/000-named", "--count", "500")
    assert done.status == 0, done
    for _, trial in cells_and_trials(found):
        assert trial["messages"] == 500
        assert sum(trial["integrity"].values()) == 0


def test_001_asks_for_the_client_after_a_message(measure):
    done, found = measure("article/001-named-duplex")
    assert done.status == 0, done
    for _, trial in cells_and_trials(found):
        assert trial["how"]["consumer"].startswith("client ")


@on_windows
def test_dotnet_default_is_a_rendezvous(measure):
    done, found = measure("dotnet-default")
    assert done.status == 0, done
    for cell, trial in cells_and_trials(found):
        assert cell["knobs"]["buffer"]["n"] == 0
        assert trial["buffers"] == {"asked": 0, "producer": 0, "consumer": 0}


def test_004_is_two_pipes(measure):
    done, found = measure("article/004-standard-handles", "--count", "100")
    assert done.status == 0, done
    for _, trial in cells_and_trials(found):
        assert trial["messages"] == 100
